/* SPDX-License-Identifier: ISC */
/*
 * The table of path attributes, the walk over a block of them, and the
 * judgement of RFC 7606: flags first, then the row's check, then the row's
 * verdict. Descriptions go by the same table.
 */
#include "common/attr/attr.h"

#include "common/attr/aspath.h"
#include "common/attr/rows.h"
#include "common/emit.h"
#include "common/err.h"

#include <stdio.h>

#define WELL_KNOWN	ATTR_FLAG_TRANSITIVE
#define OPTIONAL	ATTR_FLAG_OPTIONAL
#define OPTIONAL_TRANS	(ATTR_FLAG_OPTIONAL | ATTR_FLAG_TRANSITIVE)
#define FLAGS_OF_KIND	(ATTR_FLAG_OPTIONAL | ATTR_FLAG_TRANSITIVE)

#define ATTR_HEAD_LEN	4	/* flags, code, 2-byte length */

#define W		ATTR_WITHDRAW
#define D		ATTR_DISCARD

/* By code; a row without a name is no row. */
static const struct attr_row rows[UINT8_MAX + 1] = {
	[ATTR_ORIGIN] = { ATTR_ORIGIN, WELL_KNOWN,
	    "origin", W, W, false,
	    attr_basic_check_origin, attr_basic_emit_origin,
	    attr_basic_text_origin },
	[ATTR_AS_PATH] = { ATTR_AS_PATH, WELL_KNOWN,
	    "as-path", W, W, false,
	    attr_basic_check_as_path, attr_basic_emit_as_path,
	    aspath_text },
	[ATTR_NEXT_HOP] = { ATTR_NEXT_HOP, WELL_KNOWN,
	    "next-hop", W, W, false,
	    attr_basic_check_u32, attr_basic_emit_ipv4,
	    attr_basic_text_ipv4 },
	[ATTR_MED] = { ATTR_MED, OPTIONAL,
	    "med", W, W, false,
	    attr_basic_check_u32, attr_basic_emit_u32,
	    attr_basic_text_u32 },
	[ATTR_LOCAL_PREF] = { ATTR_LOCAL_PREF, WELL_KNOWN,
	    "local-preference", D, W, true,
	    attr_basic_check_u32, attr_basic_emit_u32,
	    attr_basic_text_u32 },
	[ATTR_ATOMIC_AGGREGATE] = { ATTR_ATOMIC_AGGREGATE, WELL_KNOWN,
	    "atomic-aggregate", D, D, false,
	    attr_basic_check_empty, attr_basic_emit_true,
	    attr_basic_text_none },
	[ATTR_AGGREGATOR] = { ATTR_AGGREGATOR, OPTIONAL_TRANS,
	    "aggregator", D, D, false,
	    attr_basic_check_aggregator, attr_basic_emit_aggregator,
	    attr_basic_text_aggregator },
	[ATTR_COMMUNITY] = { ATTR_COMMUNITY, OPTIONAL_TRANS,
	    "community", W, W, false,
	    community_check, community_emit, community_text },
	[ATTR_ORIGINATOR_ID] = { ATTR_ORIGINATOR_ID, OPTIONAL,
	    "originator-id", D, W, true,
	    attr_basic_check_u32, attr_basic_emit_ipv4,
	    attr_basic_text_ipv4 },
	[ATTR_CLUSTER_LIST] = { ATTR_CLUSTER_LIST, OPTIONAL,
	    "cluster-list", D, W, true,
	    community_check_cluster_list, attr_basic_emit_cluster_list,
	    attr_basic_text_cluster_list },
	[ATTR_MP_REACH] = { ATTR_MP_REACH, OPTIONAL,
	    "mp-reach-nlri", W, W, false,
	    NULL, NULL, NULL },
	[ATTR_MP_UNREACH] = { ATTR_MP_UNREACH, OPTIONAL,
	    "mp-unreach-nlri", W, W, false,
	    NULL, NULL, NULL },
	[ATTR_EXT_COMMUNITY] = { ATTR_EXT_COMMUNITY, OPTIONAL_TRANS,
	    "extended-community", W, W, false,
	    extcomm_check, extcomm_emit, extcomm_text },
	[ATTR_AS4_PATH] = { ATTR_AS4_PATH, OPTIONAL_TRANS,
	    "as4-path", D, D, false,
	    attr_basic_check_as4_path, attr_basic_emit_as_path,
	    aspath_text },
	[ATTR_AS4_AGGREGATOR] = { ATTR_AS4_AGGREGATOR, OPTIONAL_TRANS,
	    "as4-aggregator", D, D, false,
	    attr_basic_check_as4_aggregator, attr_basic_emit_aggregator,
	    attr_basic_text_aggregator },
	[ATTR_PMSI_TUNNEL] = { ATTR_PMSI_TUNNEL, OPTIONAL_TRANS,
	    "pmsi", W, W, false,
	    pmsi_check, pmsi_emit, pmsi_text },
	[ATTR_TUNNEL_ENCAP] = { ATTR_TUNNEL_ENCAP, OPTIONAL_TRANS,
	    "tunnel-encap", W, W, false,
	    tunnel_check, tunnel_emit, NULL },
	[ATTR_IPV6_EXT_COMMUNITY] = { ATTR_IPV6_EXT_COMMUNITY, OPTIONAL_TRANS,
	    "extended-community-ipv6", W, W, false,
	    extcomm_check_ipv6, extcomm_emit_ipv6, extcomm_text_ipv6 },
	/* RFC 7311 3.3: off by default towards external peers. */
	[ATTR_AIGP] = { ATTR_AIGP, OPTIONAL,
	    "aigp", D, D, true,
	    attr_basic_check_aigp, attr_basic_emit_aigp,
	    attr_basic_text_aigp },
	[ATTR_BGP_LS] = { ATTR_BGP_LS, OPTIONAL,
	    "bgp-ls", D, D, false,
	    bgpls_check, bgpls_emit, NULL },
	[ATTR_LARGE_COMMUNITY] = { ATTR_LARGE_COMMUNITY, OPTIONAL_TRANS,
	    "large-community", W, W, false,
	    community_check_large, community_emit_large,
	    community_text_large },
	[ATTR_ONLY_TO_CUSTOMER] = { ATTR_ONLY_TO_CUSTOMER, OPTIONAL_TRANS,
	    "otc", W, W, false,
	    attr_basic_check_otc, attr_basic_emit_u32,
	    attr_basic_text_u32 },
	/* RFC 8669 4: from outside the SR domain it is discarded. */
	[ATTR_PREFIX_SID] = { ATTR_PREFIX_SID, OPTIONAL_TRANS,
	    "bgp-prefix-sid", D, D, true,
	    prefixsid_check, prefixsid_emit, NULL },
	[ATTR_ATTR_SET] = { ATTR_ATTR_SET, OPTIONAL_TRANS,
	    "attribute-set", D, D, false,
	    attr_basic_check_attr_set, NULL, NULL },
};

const struct attr_row *
attr_find(uint8_t code)
{
	return rows[code].name == NULL ? NULL : &rows[code];
}

int
attr_next(struct rd *block, struct attr *out)
{
	size_t len;

	out->flags = buf_get_u8(block);
	out->code = buf_get_u8(block);
	len = (out->flags & ATTR_FLAG_EXTENDED) != 0 ? buf_get_u16(block) :
	    buf_get_u8(block);
	if (block->is_short)
		return ERR_SHORT;
	out->value = buf_get_sub(block, len);
	return block->is_short ? ERR_SHORT : 0;
}

bool
attr_get(struct rd block, uint8_t code, struct attr *out)
{
	struct attr a;

	while (buf_left(&block) > 0 && attr_next(&block, &a) == 0) {
		if (a.code == code) {
			*out = a;
			return true;
		}
	}
	return false;
}

void
attr_put(struct wr *out, uint8_t flags, uint8_t code, const void *value,
    size_t len)
{
	uint8_t head[ATTR_HEAD_LEN] = { flags, code };
	size_t head_len = ATTR_HEAD_LEN - 1;

	if (len > UINT16_MAX) {
		if (out->err == 0)
			out->err = ERR_RANGE;
		return;
	}
	head[2] = (uint8_t)len;
	if (len > UINT8_MAX || (flags & ATTR_FLAG_EXTENDED) != 0) {
		head[0] |= ATTR_FLAG_EXTENDED;
		head[2] = (uint8_t)(len >> 8);
		head[3] = (uint8_t)len;
		head_len = ATTR_HEAD_LEN;
	}
	buf_put_bytes(out, head, head_len);
	buf_put_bytes(out, value, len);
}

size_t
attr_begin(struct wr *out, uint8_t flags, uint8_t code)
{
	size_t mark = out->len;

	buf_put_u8(out, flags | ATTR_FLAG_EXTENDED);
	buf_put_u8(out, code);
	buf_put_u16(out, 0);
	return mark;
}

void
attr_end(struct wr *out, size_t mark)
{
	size_t len;

	if (out->err != 0)
		return;
	len = out->len - mark - ATTR_HEAD_LEN;
	if (len > UINT8_MAX) {
		buf_patch_u16(out, mark + 2);
		return;
	}
	buf_set_u8(out, mark,
	    out->base[mark] & ~(unsigned)ATTR_FLAG_EXTENDED);
	buf_remove(out, mark + 2, 1);
	buf_set_u8(out, mark + 2, (uint32_t)len);
}

void
attr_put_known(struct wr *out, uint8_t code, const void *value, size_t len)
{
	attr_put(out, attr_find(code)->flags, code, value, len);
}

static enum attr_verdict
judge_unknown(const struct attr *a)
{
	if ((a->flags & ATTR_FLAG_OPTIONAL) == 0)
		return ATTR_RESET;
	if ((a->flags & ATTR_FLAG_TRANSITIVE) == 0)
		return ATTR_DISCARD;
	return ATTR_ACCEPT;
}

/*
 * RFC 7606 3 c: wrong flags are treat-as-withdraw, but for attributes whose
 * own RFC discards whatever is malformed (7311 3.2, 8669 6, 9552 8.2.2).
 */
static enum attr_verdict
flags_verdict(uint8_t code)
{
	if (code == ATTR_AIGP || code == ATTR_BGP_LS ||
	    code == ATTR_PREFIX_SID)
		return ATTR_DISCARD;
	return ATTR_WITHDRAW;
}

enum attr_verdict
attr_judge(const struct attr *a, const struct attr_context *ctx)
{
	const struct attr_row *row = attr_find(a->code);

	if (row == NULL)
		return judge_unknown(a);
	if (row->ibgp_only && ctx->is_ebgp)
		return ATTR_DISCARD;
	if ((a->flags & FLAGS_OF_KIND) != row->flags)
		return flags_verdict(a->code);
	if (row->check == NULL || row->check(a->value, ctx) == 0)
		return ATTR_ACCEPT;
	return ctx->is_ebgp ? row->verdict_ebgp : row->verdict_ibgp;
}

/* An attribute of which nothing, or nothing worth saying, is known. */
static void
emit_unknown(const struct attr *a, const struct attr_row *row, struct emit *e)
{
	char key[32];

	if (row == NULL) {
		snprintf(key, sizeof(key), "attribute-0x%02X-0x%02X", a->code,
		    a->flags);
		emit_key(e, key);
	} else {
		emit_key(e, row->name);
	}
	emit_hex(e, "0x", a->value.pos, buf_left(&a->value));
}

void
attr_emit_block(struct rd block, enum attr_json shape, struct emit *e)
{
	const struct attr_row *row;
	struct attr a;

	while (buf_left(&block) > 0 && attr_next(&block, &a) == 0) {
		if (a.code == ATTR_AS_PATH && buf_left(&a.value) == 0)
			continue;
		row = attr_find(a.code);
		if (row == NULL || row->emit == NULL) {
			emit_unknown(&a, row, e);
			continue;
		}
		emit_key(e, row->name);
		row->emit(a.value, shape, e);
	}
}

/* Attributes of many members have the text of their description. */
static void
text_description(const struct attr *a, const struct attr_row *row,
    struct wr *out)
{
	struct emit e;

	buf_put_format(out, " %s [ ", row->name);
	emit_text_init(&e, out);
	row->emit(a->value, ATTR_JSON_V6, &e);
	buf_put_text(out, " ]");
}

static void
text_unknown(const struct attr *a, const struct attr_row *row,
    struct wr *out)
{
	struct rd value = a->value;

	if (row == NULL)
		buf_put_format(out, " attribute [ 0x%02X 0x%02X 0x", a->code,
		    a->flags);
	else
		buf_put_format(out, " %s 0x", row->name);
	while (buf_left(&value) > 0)
		buf_put_format(out, "%02X", buf_get_u8(&value));
	if (row == NULL)
		buf_put_text(out, " ]");
}

void
attr_text_block(struct rd block, struct wr *out)
{
	const struct attr_row *row;
	struct attr a;

	while (buf_left(&block) > 0 && attr_next(&block, &a) == 0) {
		if (a.code == ATTR_AS_PATH && buf_left(&a.value) == 0)
			continue;
		row = attr_find(a.code);
		if (row != NULL && row->text == NULL && row->emit != NULL) {
			text_description(&a, row, out);
			continue;
		}
		if (row == NULL || row->text == NULL) {
			text_unknown(&a, row, out);
			continue;
		}
		buf_put_format(out, " %s", row->name);
		if (row->text == attr_basic_text_none)
			continue;
		buf_put_text(out, " ");
		row->text(a.value, out);
	}
}
