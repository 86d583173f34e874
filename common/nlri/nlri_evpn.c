/* SPDX-License-Identifier: ISC */
/*
 * EVPN routes: type 1, length 1, route distinguisher 8, then by type
 * (RFC 7432 7, RFC 9136 3.1):
 *
 *   1 Ethernet A-D: ESI 10, tag 4, label 3
 *   2 MAC/IP: ESI 10, tag 4, bits 1, MAC 6, bits 1, IP 0/4/16, labels 3 or 6
 *   3 multicast: tag 4, bits 1, IP
 *   4 segment: ESI 10, bits 1, IP
 *   5 prefix: ESI 10, tag 4, bits 1, IP 4/16, gateway 4/16, label 3
 *
 * What does not fit its type is shown, and kept, as bytes.
 */
#include "common/nlri/families.h"

#include "common/addr.h"
#include "common/emit.h"
#include "common/err.h"
#include "common/nlri/rdist.h"

#define ESI_LEN		10
#define MAC_LEN		6
#define LABEL_LEN	3

struct evpn {
	uint8_t		type;
	char		rdist[RDIST_TEXT_MAX];
	struct rd	esi;		/* empty when the type has none */
	uint32_t	tag;
	struct rd	mac;
	struct rd	labels;
	struct addr	ip;		/* family 0 when absent */
	unsigned	ip_bits;
	struct addr	gateway;
};

/* Members of a type, in the order in which they are shown. */
enum {
	HAS_ESI = 1, HAS_TAG = 2, HAS_MAC = 4, HAS_LABEL = 8, HAS_IP = 16,
	HAS_PREFIX = 32,
};

struct evpn_type {
	const char	*name;
	const char	*word;
	unsigned	 members;
};

static const struct evpn_type types[] = {
	[1] = { "Ethernet Auto-Discovery", "ethernetad",
	    HAS_ESI | HAS_TAG | HAS_LABEL },
	[2] = { "MAC/IP advertisement", "macadv",
	    HAS_ESI | HAS_TAG | HAS_MAC | HAS_LABEL | HAS_IP },
	[3] = { "Inclusive Multicast Ethernet Tag", "multicast",
	    HAS_TAG | HAS_IP },
	[4] = { "Ethernet Segment", "ethernetsegment", HAS_ESI | HAS_IP },
	[5] = { "IP Prefix Advertisement", "prefixadv",
	    HAS_ESI | HAS_TAG | HAS_LABEL | HAS_PREFIX },
};

static const struct evpn_type *
find_type(uint8_t type)
{
	if (type == 0 || type >= sizeof(types) / sizeof(types[0]))
		return NULL;
	return &types[type];
}

/* Bits 1, then an address of so many bits; 0 bits where it may be absent. */
static int
get_ip(struct rd *r, bool may_be_absent, struct evpn *out)
{
	const uint8_t *bytes;

	out->ip_bits = buf_get_u8(r);
	if (out->ip_bits == 0 && may_be_absent)
		return 0;
	if (out->ip_bits != 32 && out->ip_bits != 128)
		return ERR_RANGE;
	bytes = buf_get_bytes(r, out->ip_bits / 8);
	return bytes == NULL ? ERR_SHORT :
	    addr_from_bytes(bytes, out->ip_bits / 8, &out->ip);
}

/* Prefix and gateway: their size follows from what is left (RFC 9136). */
static int
get_prefix(struct rd *r, struct evpn *out)
{
	size_t len;

	out->ip_bits = buf_get_u8(r);
	len = buf_left(r) == 4 + 4 + 3 ? 4 : 16;
	if (buf_left(r) != 2 * len + 3 || out->ip_bits > len * 8)
		return ERR_RANGE;
	addr_from_bytes(buf_get_bytes(r, len), len, &out->ip);
	return addr_from_bytes(buf_get_bytes(r, len), len, &out->gateway);
}

static int
get_members(struct rd *r, const struct evpn_type *t, struct evpn *out)
{
	int err = 0;

	if ((t->members & HAS_ESI) != 0)
		out->esi = buf_get_sub(r, ESI_LEN);
	if ((t->members & HAS_TAG) != 0)
		out->tag = buf_get_u32(r);
	if ((t->members & HAS_MAC) != 0) {
		if (buf_get_u8(r) != MAC_LEN * 8)
			return ERR_RANGE;
		out->mac = buf_get_sub(r, MAC_LEN);
	}
	if ((t->members & HAS_IP) != 0)
		err = get_ip(r, (t->members & HAS_MAC) != 0, out);
	else if ((t->members & HAS_PREFIX) != 0)
		err = get_prefix(r, out);
	if (err != 0)
		return err;
	if ((t->members & HAS_LABEL) != 0)
		out->labels = buf_get_sub(r, buf_left(r) >= 6 ? 6 : 3);
	return r->is_short || buf_left(r) > 0 ? ERR_RANGE : 0;
}

static int
parse(const struct nlri *n, struct evpn *out)
{
	struct rd r = buf_reader(n->bytes, n->len);
	const struct evpn_type *t;

	*out = (struct evpn){ .esi = buf_reader(NULL, 0) };
	out->type = buf_get_u8(&r);
	buf_get_u8(&r);
	t = find_type(out->type);
	if (t == NULL)
		return ERR_UNKNOWN;
	rdist_print(&r, out->rdist, sizeof(out->rdist));
	return get_members(&r, t, out);
}

static void
put_colons(struct rd r, const char *format, struct wr *out)
{
	bool is_first = true;

	while (buf_left(&r) > 0) {
		if (!is_first)
			buf_put_text(out, ":");
		is_first = false;
		buf_put_format(out, format[0] == 'X' ? "%02X" : "%02x",
		    buf_get_u8(&r));
	}
}

/* "-" when it is zero: a single-homed site. */
static void
put_esi(struct rd esi, struct wr *out)
{
	static const uint8_t zero[ESI_LEN];

	if (buf_left(&esi) == ESI_LEN && memcmp(esi.pos, zero, ESI_LEN) == 0)
		buf_put_text(out, "-");
	else
		put_colons(esi, "x", out);
}

static void
emit_written(struct emit *e, const char *key, struct wr *text)
{
	emit_key(e, key);
	emit_string_len(e, (const char *)text->base, text->len);
	buf_reset(text);
}

static void
emit_ip(struct emit *e, const char *key, const struct addr *a)
{
	char text[ADDR_TEXT_MAX];

	emit_key_string(e, key, addr_print(a, text, sizeof(text)));
}

static void
emit_labels(struct emit *e, struct rd labels)
{
	uint32_t label;

	emit_key_array(e, "label");
	while (buf_left(&labels) > 0) {
		label = buf_get_u24(&labels);
		emit_begin_array(e);
		emit_number(e, label >> 4);
		if (label != 0)
			emit_number(e, label);
		emit_end_array(e);
	}
	emit_end_array(e);
}

static void
emit_members(const struct evpn *v, unsigned members, struct emit *e)
{
	char bytes[64];
	struct wr text;

	buf_writer(&text, bytes, sizeof(bytes));
	if ((members & HAS_ESI) != 0) {
		put_esi(v->esi, &text);
		emit_written(e, "esi", &text);
	}
	if ((members & HAS_TAG) != 0)
		emit_key_number(e, "ethernet-tag", v->tag);
	if ((members & HAS_MAC) != 0) {
		put_colons(v->mac, "X", &text);
		emit_written(e, "mac", &text);
	}
	if ((members & HAS_LABEL) != 0)
		emit_labels(e, v->labels);
	if (v->ip.family != ADDR_NONE)
		emit_ip(e, "ip", &v->ip);
	if ((members & HAS_PREFIX) != 0) {
		emit_key_number(e, "iplen", v->ip_bits);
		emit_ip(e, "gateway", &v->gateway);
	}
}

void
nlri_evpn_emit(const struct nlri *n, enum nlri_json shape, struct emit *e)
{
	struct evpn v;
	bool is_parsed = parse(n, &v) == 0;

	(void)shape;
	emit_key_number(e, "code", v.type);
	emit_key_boolean(e, "parsed", is_parsed);
	emit_key(e, "raw");
	emit_hex(e, NULL, n->bytes, n->len);
	if (is_parsed) {
		emit_key_string(e, "name", types[v.type].name);
		emit_key_string(e, "rd", v.rdist);
		emit_members(&v, types[v.type].members, e);
	}
	nlri_inet_emit_path(n, e);
}

static void
text_ip(const struct addr *a, struct wr *out)
{
	char text[ADDR_TEXT_MAX];

	buf_put_text(out, ":");
	if (a->family != ADDR_NONE)
		buf_put_text(out, addr_print(a, text, sizeof(text)));
}

void
nlri_evpn_text(const struct nlri *n, struct wr *out)
{
	struct evpn v;
	unsigned members;

	if (parse(n, &v) != 0) {
		buf_put_format(out, "evpn:generic-%u:", v.type);
		nlri_opaque_text(n, out);
		return;
	}
	members = types[v.type].members;
	buf_put_format(out, "evpn:%s:%s", types[v.type].word, v.rdist);
	if ((members & HAS_ESI) != 0) {
		buf_put_text(out, ":");
		put_esi(v.esi, out);
	}
	if ((members & HAS_TAG) != 0)
		buf_put_format(out, ":%u", v.tag);
	if ((members & HAS_MAC) != 0) {
		buf_put_text(out, ":");
		put_colons(v.mac, "X", out);
	}
	if ((members & (HAS_IP | HAS_PREFIX)) != 0)
		text_ip(&v.ip, out);
	if ((members & HAS_PREFIX) != 0) {
		buf_put_format(out, "/%u", v.ip_bits);
		text_ip(&v.gateway, out);
	}
	while (buf_left(&v.labels) > 0)
		buf_put_format(out, ":%u", buf_get_u24(&v.labels) >> 4);
	nlri_inet_text_path(n, out);
}

/*
 * RFC 7432 7: of a MAC/IP route neither ESI nor labels are part of the key,
 * nor are ESI, gateway and label of a prefix route (RFC 9136 3.1), nor the
 * label of an Ethernet A-D route. They are 0, and labels one: a withdrawal is
 * made of the key alone.
 */
void
nlri_evpn_key(const struct nlri *n, struct wr *key)
{
	struct evpn v;
	size_t mark;

	if (parse(n, &v) != 0 || (types[v.type].members & HAS_LABEL) == 0) {
		buf_put_bytes(key, n->bytes, n->len);
		return;
	}
	buf_put_u8(key, v.type);
	mark = buf_mark_u8(key);
	buf_put_bytes(key, n->bytes + 2, RDIST_LEN);
	if (v.type == 1)
		buf_put_bytes(key, v.esi.pos, ESI_LEN);
	else
		buf_put_zero(key, ESI_LEN);
	buf_put_u32(key, v.tag);
	if (v.type == 2) {
		buf_put_u8(key, MAC_LEN * 8);
		buf_put_bytes(key, v.mac.pos, MAC_LEN);
	}
	if (v.type != 1) {
		buf_put_u8(key, v.ip_bits);
		buf_put_bytes(key, v.ip.bytes, addr_len(v.ip.family));
	}
	if (v.type == 5)
		buf_put_zero(key, addr_len(v.ip.family));
	buf_put_zero(key, LABEL_LEN);
	buf_patch_u8(key, mark);
}
