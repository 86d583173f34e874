/* SPDX-License-Identifier: ISC */
/*
 * Mobile user plane routes (draft-ietf-bess-mup-safi 3.1): architecture 1,
 * type 2, length 1, route distinguisher 8, then
 *
 *   1 interwork segment: bits 1, prefix
 *   2 direct segment: address
 *   3 session 1: bits 1, prefix, TEID 4, QFI 1, bits 1, endpoint,
 *     (bits 1, source)
 *   4 session 2: bits 1 of endpoint and TEID together, endpoint, TEID
 */
#include "common/nlri/families.h"

#include "common/addr.h"
#include "common/bgp.h"
#include "common/emit.h"
#include "common/err.h"
#include "common/nlri/rdist.h"

enum {
	MUP_ISD = 1, MUP_DSD = 2, MUP_T1ST = 3, MUP_T2ST = 4,
};

struct mup {
	uint8_t		arch;
	uint16_t	type;
	char		rdist[RDIST_TEXT_MAX];
	struct prefix	prefix;		/* 1, 3 */
	struct addr	endpoint;	/* 2, 3, 4 */
	unsigned	endpoint_bits;
	struct addr	source;		/* 3; family 0 when absent */
	uint32_t	teid;
	uint8_t		qfi;
};

static const char *const names[] = {
	[MUP_ISD] = "InterworkSegmentDiscoveryRoute",
	[MUP_DSD] = "DirectSegmentDiscoveryRoute",
	[MUP_T1ST] = "Type1SessionTransformedRoute",
	[MUP_T2ST] = "Type2SessionTransformedRoute",
};

static int
get_ip(struct rd *r, size_t len, struct addr *out)
{
	const uint8_t *bytes = buf_get_bytes(r, len);

	return bytes == NULL ? ERR_SHORT : addr_from_bytes(bytes, len, out);
}

static int
get_prefix(struct rd *r, const struct nlri *n, struct mup *out)
{
	unsigned bits = buf_get_u8(r);

	return nlri_inet_get_prefix(r, n->family->afi, bits, &out->prefix);
}

static int
get_session1(struct rd *r, const struct nlri *n, struct mup *out)
{
	int err;

	err = get_prefix(r, n, out);
	if (err != 0)
		return err;
	out->teid = buf_get_u32(r);
	out->qfi = buf_get_u8(r);
	out->endpoint_bits = buf_get_u8(r);
	err = get_ip(r, out->endpoint_bits / 8, &out->endpoint);
	if (err != 0 || buf_left(r) == 0)
		return err;
	return get_ip(r, buf_get_u8(r) / 8u, &out->source);
}

static int
get_session2(struct rd *r, const struct nlri *n, struct mup *out)
{
	unsigned ip_bits = n->family->afi == AFI_IPV6 ? 128 : 32, left;
	int err;

	out->endpoint_bits = buf_get_u8(r);
	if (out->endpoint_bits < ip_bits || out->endpoint_bits > ip_bits + 32)
		return ERR_RANGE;
	err = get_ip(r, ip_bits / 8, &out->endpoint);
	for (left = out->endpoint_bits - ip_bits; left > 0;
	    left -= left < 8 ? left : 8)
		out->teid = out->teid << 8 | buf_get_u8(r);
	return err;
}

static int
parse(const struct nlri *n, struct mup *out)
{
	struct rd r = buf_reader(n->bytes, n->len);
	int err;

	*out = (struct mup){ .arch = buf_get_u8(&r) };
	out->type = buf_get_u16(&r);
	buf_get_u8(&r);
	if (out->type < MUP_ISD || out->type > MUP_T2ST)
		return ERR_UNKNOWN;
	rdist_print(&r, out->rdist, sizeof(out->rdist));
	if (out->type == MUP_ISD)
		err = get_prefix(&r, n, out);
	else if (out->type == MUP_DSD)
		err = get_ip(&r, buf_left(&r), &out->endpoint);
	else if (out->type == MUP_T1ST)
		err = get_session1(&r, n, out);
	else
		err = get_session2(&r, n, out);
	if (err != 0)
		return err;
	return r.is_short || buf_left(&r) > 0 ? ERR_RANGE : 0;
}

static void
emit_ip(struct emit *e, const char *key, const struct addr *a)
{
	char text[ADDR_TEXT_MAX];

	emit_key_string(e, key, addr_print(a, text, sizeof(text)));
}

static void
emit_prefix(struct emit *e, const struct mup *m)
{
	emit_key_number(e, "prefix_ip_len", m->prefix.len_bits);
	emit_ip(e, "prefix_ip", &m->prefix.addr);
}

static void
emit_teid(struct emit *e, const struct mup *m)
{
	emit_key(e, "teid");
	emit_format(e, "%u", m->teid);
}

static void
emit_isd(const struct mup *m, struct emit *e)
{
	emit_prefix(e, m);
}

static void
emit_dsd(const struct mup *m, struct emit *e)
{
	emit_ip(e, "ip", &m->endpoint);
}

/* Compat: ExaBGP shows an absent source as Python's empty bytes. */
static void
emit_t1st(const struct mup *m, struct emit *e)
{
	emit_prefix(e, m);
	emit_teid(e, m);
	emit_key(e, "qfi");
	emit_format(e, "%u", m->qfi);
	emit_key_number(e, "endpoint_ip_len", m->endpoint_bits);
	emit_ip(e, "endpoint_ip", &m->endpoint);
	emit_key_number(e, "source_ip_len", addr_bits(m->source.family));
	if (m->source.family == ADDR_NONE)
		emit_key_string(e, "source_ip", "b''");
	else
		emit_ip(e, "source_ip", &m->source);
}

static void
emit_t2st(const struct mup *m, struct emit *e)
{
	emit_key_number(e, "endpoint_len", m->endpoint_bits);
	emit_ip(e, "endpoint_ip", &m->endpoint);
	emit_teid(e, m);
}

static void (*const emitters[])(const struct mup *, struct emit *) = {
	[MUP_ISD] = emit_isd,
	[MUP_DSD] = emit_dsd,
	[MUP_T1ST] = emit_t1st,
	[MUP_T2ST] = emit_t2st,
};

void
nlri_mup_emit(const struct nlri *n, enum nlri_json shape, struct emit *e)
{
	struct mup m;
	bool is_parsed = parse(n, &m) == 0;

	(void)shape;
	if (is_parsed)
		emit_key_string(e, "name", names[m.type]);
	else
		emit_key_boolean(e, "parsed", false);
	emit_key_number(e, "arch", m.arch);
	emit_key_number(e, "code", m.type);
	if (is_parsed) {
		emitters[m.type](&m, e);
		emit_key_string(e, "rd", m.rdist);
	}
	emit_key(e, "raw");
	emit_hex(e, NULL, n->bytes, n->len);
	nlri_inet_emit_path(n, e);
}

static void
text_ip(const char *word, const struct addr *a, struct wr *out)
{
	char text[ADDR_TEXT_MAX];

	if (a->family != ADDR_NONE)
		buf_put_format(out, "%s%s", word,
		    addr_print(a, text, sizeof(text)));
}

void
nlri_mup_text(const struct nlri *n, struct wr *out)
{
	static const char *const words[] = {
		[MUP_ISD] = "mup-isd", [MUP_DSD] = "mup-dsd",
		[MUP_T1ST] = "mup-t1st", [MUP_T2ST] = "mup-t2st",
	};
	char text[PREFIX_TEXT_MAX];
	struct mup m;

	if (parse(n, &m) != 0) {
		nlri_opaque_text(n, out);
		return;
	}
	buf_put_text(out, words[m.type]);
	if (m.type == MUP_ISD || m.type == MUP_T1ST)
		buf_put_format(out, " %s",
		    prefix_print(&m.prefix, text, sizeof(text)));
	else
		text_ip(" ", &m.endpoint, out);
	buf_put_format(out, " rd %s", m.rdist);
	if (m.type == MUP_T1ST || m.type == MUP_T2ST)
		buf_put_format(out, " teid %u", m.teid);
	if (m.type == MUP_T1ST) {
		buf_put_format(out, " qfi %u", m.qfi);
		text_ip(" endpoint ", &m.endpoint, out);
		text_ip(" source ", &m.source, out);
	}
	nlri_inet_text_path(n, out);
}
