/* SPDX-License-Identifier: ISC */
/*
 * The table of address families, how a row is found, and what all families
 * have in common: the path identifier of RFC 7911 and the walk over a run.
 */
#include "common/nlri/nlri.h"

#include "common/addr.h"
#include "common/bgp.h"
#include "common/emit.h"
#include "common/err.h"
#include "common/nlri/families.h"

#include <stdio.h>
#include <string.h>

struct word {
	uint16_t	 number;
	const char	*name;
};

static const struct word afi_words[] = {
	{ AFI_IPV4, "ipv4" },
	{ AFI_IPV6, "ipv6" },
	{ AFI_L2VPN, "l2vpn" },
	{ AFI_BGP_LS, "bgp-ls" },
};

/* The first word of a number is its name, the others are aliases. */
static const struct word safi_words[] = {
	{ SAFI_UNICAST, "unicast" },
	{ SAFI_MULTICAST, "multicast" },
	{ SAFI_NLRI_MPLS, "nlri-mpls" },
	{ SAFI_NLRI_MPLS, "labeled-unicast" },
	{ SAFI_MCAST_VPN, "mcast-vpn" },
	{ SAFI_VPLS, "vpls" },
	{ SAFI_EVPN, "evpn" },
	{ SAFI_BGP_LS, "bgp-ls" },
	{ SAFI_BGP_LS_VPN, "bgp-ls-vpn" },
	{ SAFI_SR_POLICY, "sr-policy" },
	{ SAFI_MUP, "mup" },
	{ SAFI_MPLS_VPN, "mpls-vpn" },
	{ SAFI_MPLS_VPN, "vpn" },
	{ SAFI_RTC, "rtc" },
	{ SAFI_FLOW, "flow" },
	{ SAFI_FLOW, "flowspec" },
	{ SAFI_FLOW_VPN, "flow-vpn" },
};

#define ROW_INET(afi_, safi_, id_, name_, bgpd_)			\
	[id_] = { .afi = afi_, .safi = safi_, .id = id_, .name = name_,	\
	    .bgpd_name = bgpd_, .is_prefix = true,			\
	    .cut = nlri_inet_cut, .key = nlri_inet_key,			\
	    .emit = nlri_inet_emit, .text = nlri_inet_text }
#define ROW_LABEL(afi_, safi_, id_, name_, bgpd_)			\
	[id_] = { .afi = afi_, .safi = safi_, .id = id_, .name = name_,	\
	    .bgpd_name = bgpd_,						\
	    .cut = nlri_label_cut, .key = nlri_label_key,		\
	    .emit = nlri_label_emit, .text = nlri_label_text,		\
	    .withdraw = nlri_label_withdraw }
/* what_: the file; cut_: the framing. */
#define ROW(afi_, safi_, id_, name_, bgpd_, what_, cut_)		\
	[id_] = { .afi = afi_, .safi = safi_, .id = id_, .name = name_,	\
	    .bgpd_name = bgpd_, .cut = nlri_opaque_cut_##cut_,		\
	    .emit = nlri_##what_##_emit, .text = nlri_##what_##_text }
/* Besides: part of the bytes is not part of the destination. */
#define ROW_KEY(afi_, safi_, id_, name_, bgpd_, what_, cut_)		\
	[id_] = { .afi = afi_, .safi = safi_, .id = id_, .name = name_,	\
	    .bgpd_name = bgpd_, .cut = nlri_opaque_cut_##cut_,		\
	    .key = nlri_##what_##_key,					\
	    .emit = nlri_##what_##_emit, .text = nlri_##what_##_text }

static const struct nlri_family families[NLRI_N_FAMILIES] = {
	ROW_INET(AFI_IPV4, SAFI_UNICAST, NLRI_IPV4_UNICAST,
	    "ipv4 unicast", "IPv4 unicast"),
	ROW_INET(AFI_IPV4, SAFI_MULTICAST, NLRI_IPV4_MULTICAST,
	    "ipv4 multicast", "IPv4 multicast"),
	ROW_LABEL(AFI_IPV4, SAFI_NLRI_MPLS, NLRI_IPV4_MPLS,
	    "ipv4 nlri-mpls", "IPv4 labeled-unicast"),
	ROW_LABEL(AFI_IPV4, SAFI_MPLS_VPN, NLRI_IPV4_VPN,
	    "ipv4 mpls-vpn", "IPv4 vpn"),
	ROW(AFI_IPV4, SAFI_MCAST_VPN, NLRI_IPV4_MCAST_VPN,
	    "ipv4 mcast-vpn", "IPv4 mcast-vpn", mvpn, type_len),
	ROW(AFI_IPV4, SAFI_FLOW, NLRI_IPV4_FLOW,
	    "ipv4 flow", "IPv4 flowspec", flow, flow),
	ROW(AFI_IPV4, SAFI_FLOW_VPN, NLRI_IPV4_FLOW_VPN,
	    "ipv4 flow-vpn", "IPv4 flowspec vpn", flow, flow),
	ROW(AFI_IPV4, SAFI_MUP, NLRI_IPV4_MUP,
	    "ipv4 mup", "IPv4 mup", mup, mup),
	ROW(AFI_IPV4, SAFI_SR_POLICY, NLRI_IPV4_SR_POLICY,
	    "ipv4 sr-policy", "IPv4 sr-policy", srpolicy, bits),
	ROW(AFI_IPV4, SAFI_RTC, NLRI_IPV4_RTC,
	    "ipv4 rtc", "IPv4 rtc", rtc, bits),
	ROW_INET(AFI_IPV6, SAFI_UNICAST, NLRI_IPV6_UNICAST,
	    "ipv6 unicast", "IPv6 unicast"),
	ROW_INET(AFI_IPV6, SAFI_MULTICAST, NLRI_IPV6_MULTICAST,
	    "ipv6 multicast", "IPv6 multicast"),
	ROW_LABEL(AFI_IPV6, SAFI_NLRI_MPLS, NLRI_IPV6_MPLS,
	    "ipv6 nlri-mpls", "IPv6 labeled-unicast"),
	ROW_LABEL(AFI_IPV6, SAFI_MPLS_VPN, NLRI_IPV6_VPN,
	    "ipv6 mpls-vpn", "IPv6 vpn"),
	ROW(AFI_IPV6, SAFI_MCAST_VPN, NLRI_IPV6_MCAST_VPN,
	    "ipv6 mcast-vpn", "IPv6 mcast-vpn", mvpn, type_len),
	ROW(AFI_IPV6, SAFI_FLOW, NLRI_IPV6_FLOW,
	    "ipv6 flow", "IPv6 flowspec", flow, flow),
	ROW(AFI_IPV6, SAFI_FLOW_VPN, NLRI_IPV6_FLOW_VPN,
	    "ipv6 flow-vpn", "IPv6 flowspec vpn", flow, flow),
	ROW(AFI_IPV6, SAFI_MUP, NLRI_IPV6_MUP,
	    "ipv6 mup", "IPv6 mup", mup, mup),
	ROW(AFI_IPV6, SAFI_SR_POLICY, NLRI_IPV6_SR_POLICY,
	    "ipv6 sr-policy", "IPv6 sr-policy", srpolicy, bits),
	ROW_KEY(AFI_L2VPN, SAFI_VPLS, NLRI_L2VPN_VPLS,
	    "l2vpn vpls", "VPLS", vpls, len16),
	ROW_KEY(AFI_L2VPN, SAFI_EVPN, NLRI_L2VPN_EVPN,
	    "l2vpn evpn", "EVPN", evpn, type_len),
	ROW(AFI_BGP_LS, SAFI_BGP_LS, NLRI_BGP_LS,
	    "bgp-ls bgp-ls", "BGP-LS", bgpls, type16_len16),
	ROW(AFI_BGP_LS, SAFI_BGP_LS_VPN, NLRI_BGP_LS_VPN,
	    "bgp-ls bgp-ls-vpn", "BGP-LS vpn", bgpls, type16_len16),
};

const struct nlri_family *
nlri_find(uint16_t afi, uint8_t safi)
{
	unsigned i;

	for (i = 0; i < NLRI_N_FAMILIES; i++) {
		if (families[i].afi == afi && families[i].safi == safi)
			return &families[i];
	}
	return NULL;
}

const struct nlri_family *
nlri_by_id(unsigned id)
{
	return &families[id];
}

/* The number of a word, or 0. */
static uint16_t
word_number(const struct word *words, size_t n, const char *name)
{
	size_t i;

	for (i = 0; i < n; i++) {
		if (strcmp(words[i].name, name) == 0)
			return words[i].number;
	}
	return 0;
}

static const char *
word_name(const struct word *words, size_t n, unsigned number)
{
	size_t i;

	for (i = 0; i < n; i++) {
		if (words[i].number == number)
			return words[i].name;
	}
	return NULL;
}

#define N_ITEMS(a)	(sizeof(a) / sizeof((a)[0]))

const struct nlri_family *
nlri_by_words(const char *afi, const char *safi)
{
	uint16_t a = word_number(afi_words, N_ITEMS(afi_words), afi);
	uint16_t s = word_number(safi_words, N_ITEMS(safi_words), safi);

	if (a == 0 || s == 0)
		return NULL;
	return nlri_find(a, (uint8_t)s);
}

const char *
nlri_afi_name(uint16_t afi, char *buf, size_t buf_len)
{
	const char *name = word_name(afi_words, N_ITEMS(afi_words), afi);

	if (name != NULL)
		return name;
	snprintf(buf, buf_len, "afi %u", afi);
	return buf;
}

const char *
nlri_safi_name(uint8_t safi, char *buf, size_t buf_len)
{
	const char *name = word_name(safi_words, N_ITEMS(safi_words), safi);

	if (name != NULL)
		return name;
	snprintf(buf, buf_len, "safi %u", safi);
	return buf;
}

int
nlri_next(const struct nlri_family *family, bool has_path_id, struct rd *run,
    struct nlri *out)
{
	*out = (struct nlri){ .family = family, .has_path_id = has_path_id };
	if (has_path_id)
		out->path_id = buf_get_u32(run);
	return family->cut(run, out);
}

void
nlri_key(const struct nlri *n, struct wr *key)
{
	if (n->family->key != NULL)
		n->family->key(n, key);
	else
		buf_put_bytes(key, n->bytes, n->len);
}

void
nlri_put(const struct nlri *n, bool with_path_id, bool is_withdraw,
    struct wr *out)
{
	if (with_path_id)
		buf_put_u32(out, n->path_id);
	if (is_withdraw && n->family->withdraw != NULL)
		n->family->withdraw(n, out);
	else
		buf_put_bytes(out, n->bytes, n->len);
}

void
nlri_text(const struct nlri *n, struct wr *out)
{
	n->family->text(n, out);
}

void
nlri_emit(const struct nlri *n, enum nlri_json shape, struct emit *e)
{
	char text[PREFIX_TEXT_MAX];
	struct prefix p;

	if ((shape & NLRI_JSON_COMPACT) && n->family->is_prefix &&
	    !n->has_path_id && nlri_to_prefix(n, &p) == 0) {
		prefix_mask(&p);
		emit_string(e, prefix_print(&p, text, sizeof(text)));
		return;
	}
	emit_begin_object(e);
	n->family->emit(n, shape, e);
	emit_end_object(e);
}
