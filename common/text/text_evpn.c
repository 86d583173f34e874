/* SPDX-License-Identifier: ISC */
/*
 * EVPN routes, a grammar of ours in the manner of mcast-vpn and mup. RFC
 * 7432 7, RFC 9136 3.
 *
 *   evpn ethernet-ad rd RD [esi ESI] [ethernet-tag N] label N words
 *   evpn mac-ip rd RD [esi ESI] [ethernet-tag N] mac MAC [ip IP]
 *       label N | label [ N N ] words
 *   evpn multicast rd RD [ethernet-tag N] ip IP words
 *   evpn ethernet-segment rd RD esi ESI ip IP words
 *   evpn ip-prefix PREFIX rd RD [esi ESI] [ethernet-tag N] [gateway IP]
 *       label N words
 *
 * ESI is ten bytes in hexadecimal, "00:11:..:99", or "-" for zero; MAC is six.
 * A label is 20 bits, its value in the high ones of 3 bytes, bottom bit set.
 *
 *   type 1 | length 1 | rd 8 | by type:
 *     1  esi 10, tag 4, label 3
 *     2  esi 10, tag 4, 48, mac 6, address bits 1, address, label 3 (label 3)
 *     3  tag 4, address bits 1, address
 *     4  esi 10, address bits 1, address
 *     5  esi 10, tag 4, prefix length 1, address 4|16, gateway 4|16, label 3
 */
#include "common/text/parts.h"

#include "common/addr.h"
#include "common/nlri/nlri.h"

#define ESI_LEN		10
#define MAC_LEN		6
#define MAC_BITS	48
#define LABEL_BOTTOM	1

enum evpn_type {
	EVPN_ETHERNET_AD = 1,
	EVPN_MAC_IP,
	EVPN_MULTICAST,
	EVPN_ETHERNET_SEGMENT,
	EVPN_IP_PREFIX,
};

enum evpn_number {		/* p->number, and bits of number_mask */
	EVPN_TAG,
	EVPN_ESI,		/* high 2 bytes */
	EVPN_ESI_LOW,
	EVPN_MAC,
};

enum evpn_addr {
	EVPN_IP,
	EVPN_GATEWAY,
};

struct evpn_row {
	const char	*word;
	uint8_t		 type;
};

static text_part_fn evpn_esi, evpn_gateway, evpn_ip, evpn_mac, evpn_tag;

static const struct text_part evpn_word_rows[] = {
	{ "esi", evpn_esi },
	{ "ethernet-tag", evpn_tag },
	{ "gateway", evpn_gateway },
	{ "ip", evpn_ip },
	{ "mac", evpn_mac },
};

static const struct evpn_row evpn_rows[] = {
	{ "ethernet-ad", EVPN_ETHERNET_AD },
	{ "ethernet-segment", EVPN_ETHERNET_SEGMENT },
	{ "ip-prefix", EVPN_IP_PREFIX },
	{ "mac-ip", EVPN_MAC_IP },
	{ "multicast", EVPN_MULTICAST },
};

/* n pairs of hex digits with a colon between them. */
static bool
colon_bytes(const struct word *w, uint8_t *out, size_t n)
{
	char digits[2 + 2 * ESI_LEN] = "0x";
	struct word hex = { .at = digits, .len = (uint32_t)(2 + 2 * n) };
	size_t i, len;

	if (w->len != 3 * n - 1)
		return false;
	for (i = 0; i < n; i++) {
		digits[2 + 2 * i] = w->at[3 * i];
		digits[3 + 2 * i] = w->at[3 * i + 1];
		if (i > 0 && w->at[3 * i - 1] != ':')
			return false;
	}
	return scalars_hex(&hex, out, n, &len);
}

static int
evpn_esi(struct text_parser *p, struct words *w)
{
	uint8_t esi[ESI_LEN] = { 0 };
	struct rd r;

	if (!words_is(w, "-") && (!words_is_value(w) ||
	    !colon_bytes(&w->word, esi, sizeof(esi))))
		return parts_expected(p, w, "ten bytes, 00:11:...:99, or -");
	r = buf_reader(esi, sizeof(esi));
	p->number[EVPN_ESI] = buf_get_u16(&r);
	p->number[EVPN_ESI_LOW] = buf_get_u64(&r);
	p->number_mask |= 1u << EVPN_ESI;
	words_next(w);
	return 0;
}

static int
evpn_mac(struct text_parser *p, struct words *w)
{
	uint8_t mac[8] = { 0 };
	struct rd r = buf_reader(mac, sizeof(mac));

	if (!words_is_value(w) || !colon_bytes(&w->word, mac + 2, MAC_LEN))
		return parts_expected(p, w, "a MAC address, 00:11:22:33:44:55");
	p->number[EVPN_MAC] = buf_get_u64(&r);
	p->number_mask |= 1u << EVPN_MAC;
	words_next(w);
	return 0;
}

static int
evpn_tag(struct text_parser *p, struct words *w)
{
	int e = parts_number(p, w, UINT32_MAX, &p->number[EVPN_TAG]);

	if (e == 0)
		p->number_mask |= 1u << EVPN_TAG;
	return e;
}

static int
evpn_ip(struct text_parser *p, struct words *w)
{
	return parts_addr(p, w, &p->addrs[EVPN_IP]);
}

static int
evpn_gateway(struct text_parser *p, struct words *w)
{
	return parts_addr(p, w, &p->addrs[EVPN_GATEWAY]);
}

static const char *
evpn_missing(const struct text_parser *p, unsigned type)
{
	bool has_ip = p->addrs[EVPN_IP].family != ADDR_NONE;
	bool needs_label = type == EVPN_ETHERNET_AD || type == EVPN_MAC_IP ||
	    type == EVPN_IP_PREFIX;

	if (!p->has_rd)
		return "rd";
	if (type == EVPN_MAC_IP && (p->number_mask >> EVPN_MAC & 1) == 0)
		return "mac";
	if ((type == EVPN_MULTICAST || type == EVPN_ETHERNET_SEGMENT) &&
	    !has_ip)
		return "ip";
	if (type == EVPN_ETHERNET_SEGMENT &&
	    (p->number_mask >> EVPN_ESI & 1) == 0)
		return "esi";
	if (needs_label && p->n_labels == 0 && !p->is_withdraw)
		return "label";
	return NULL;
}

static void
put_labels(struct text_parser *p, size_t max)
{
	size_t i;

	if (p->n_labels == 0)
		buf_put_u24(&p->nlri, 0);
	for (i = 0; i < p->n_labels && i < max; i++)
		buf_put_u24(&p->nlri, p->labels[i] << 4 | LABEL_BOTTOM);
}

static void
put_ip(struct text_parser *p)
{
	const struct addr *a = &p->addrs[EVPN_IP];

	buf_put_u8(&p->nlri, addr_bits(a->family));
	buf_put_bytes(&p->nlri, a->bytes, addr_len(a->family));
}

static void
put_esi(struct text_parser *p)
{
	buf_put_u16(&p->nlri, (uint32_t)p->number[EVPN_ESI]);
	buf_put_u64(&p->nlri, p->number[EVPN_ESI_LOW]);
}

static void
put_tag(struct text_parser *p)
{
	buf_put_u32(&p->nlri, (uint32_t)p->number[EVPN_TAG]);
}

static void
put_mac_ip(struct text_parser *p)
{
	put_esi(p);
	put_tag(p);
	buf_put_u8(&p->nlri, MAC_BITS);
	buf_put_u16(&p->nlri, (uint32_t)(p->number[EVPN_MAC] >> 32));
	buf_put_u32(&p->nlri, (uint32_t)p->number[EVPN_MAC]);
	put_ip(p);
	put_labels(p, 2);
}

static void
put_ip_prefix(struct text_parser *p, const struct prefix *prefix)
{
	size_t len = addr_len(prefix->addr.family);

	put_esi(p);
	put_tag(p);
	buf_put_u8(&p->nlri, prefix->len_bits);
	buf_put_bytes(&p->nlri, prefix->addr.bytes, len);
	buf_put_bytes(&p->nlri, p->addrs[EVPN_GATEWAY].bytes, len);
	put_labels(p, 1);
}

static void
evpn_put(struct text_parser *p, unsigned type, const struct prefix *prefix)
{
	switch (type) {
	case EVPN_ETHERNET_AD:
		put_esi(p);
		put_tag(p);
		put_labels(p, 1);
		break;
	case EVPN_MAC_IP:
		put_mac_ip(p);
		break;
	case EVPN_MULTICAST:
		put_tag(p);
		put_ip(p);
		break;
	case EVPN_ETHERNET_SEGMENT:
		put_esi(p);
		put_ip(p);
		break;
	default:
		put_ip_prefix(p, prefix);
		break;
	}
}

int
text_evpn_parse(struct text_parser *p, struct words *w)
{
	const struct evpn_row *row;
	struct prefix prefix = { 0 };
	const char *missing;
	size_t mark;
	int e;

	row = words_find(&w->word, PARTS(evpn_rows), sizeof(*row));
	if (row == NULL)
		return parts_expected(p, w, "ethernet-ad, ethernet-segment, "
		    "ip-prefix, mac-ip or multicast");
	words_next(w);
	p->keyword = row->word;
	memset(p->number, 0, sizeof(p->number));
	if (row->type == EVPN_IP_PREFIX &&
	    (e = parts_prefix(p, w, &prefix)) != 0)
		return e;
	if ((e = parts_words(p, w, PARTS(evpn_word_rows))) != 0)
		return e;
	missing = evpn_missing(p, row->type);
	if (missing != NULL)
		return parts_fail(p, w, "%s: %s is missing", row->word,
		    missing);
	if (row->type == EVPN_IP_PREFIX &&
	    p->addrs[EVPN_GATEWAY].family != ADDR_NONE &&
	    p->addrs[EVPN_GATEWAY].family != prefix.addr.family)
		return parts_fail(p, w, "gateway: the address is of the "
		    "other address family");
	buf_put_u8(&p->nlri, row->type);
	mark = buf_mark_u8(&p->nlri);
	buf_put_bytes(&p->nlri, p->rd, sizeof(p->rd));
	evpn_put(p, row->type, &prefix);
	buf_patch_u8(&p->nlri, mark);
	return block_finish(p, w, AFI_L2VPN, SAFI_EVPN);
}
