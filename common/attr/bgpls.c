/* SPDX-License-Identifier: ISC */
/*
 * The BGP-LS attribute: TLVs of type 2, length 2 about a node, link or
 * prefix. RFC 9552 5.3, RFC 9085, RFC 8571, RFC 9514. One table row a TLV
 * says under which key and how it is shown; TLVs that may come several times
 * share one array.
 */
#include "common/attr/rows.h"

#include "common/attr/bgpls_tlv.h"
#include "common/emit.h"
#include "common/err.h"

#include <stdio.h>
#include <string.h>

int
bgpls_check(struct rd value, const struct attr_context *ctx)
{
	(void)ctx;
	while (buf_left(&value) > 0) {
		buf_get_u16(&value);
		buf_get_bytes(&value, buf_get_u16(&value));
	}
	return value.is_short ? ERR_SHORT : 0;
}

#define TLVS_MAX	512	/* more are not shown: the search is quadratic */

#define FLAGS_SR_ADJ	"F,B,V,L,S,P,RSV,RSV"

static const struct bgpls_tlv rows[] = {
	{ 258, 8, "link-local-remote-identifiers", bgpls_tlv_link_ids, NULL,
	    false },
	{ 1024, 1, "node-flags", bgpls_tlv_flags, "O,T,E,B,R,V,RSV,RSV",
	    false },
	{ 1025, 0, "opaque", bgpls_tlv_hex, NULL, false },
	{ 1026, 0, "node-name", bgpls_tlv_string, NULL, false },
	{ 1027, 1, "area-ids", bgpls_tlv_digits, NULL, true },
	{ 1028, 4, "local-router-ids", bgpls_tlv_ip, NULL, true },
	{ 1029, 16, "local-router-ids", bgpls_tlv_ip, NULL, true },
	{ 1030, 4, "remote-router-ids", bgpls_tlv_ip, NULL, true },
	{ 1031, 16, "remote-router-ids", bgpls_tlv_ip, NULL, true },
	{ 1034, 2, "sr-capability-flags", bgpls_tlv_sr_capability,
	    "I,V,RSV,RSV,RSV,RSV,RSV,RSV", false },
	{ 1035, 1, "sr-algorithms", bgpls_tlv_u8s, NULL, false },
	{ 1038, 4, "srv6-capabilities", bgpls_tlv_srv6_capabilities,
	    NULL, false },
	{ 1088, 4, "admin-group-mask", bgpls_tlv_number, NULL, false },
	{ 1089, 4, "maximum-link-bandwidth", bgpls_tlv_float, NULL, false },
	{ 1090, 4, "maximum-reservable-link-bandwidth", bgpls_tlv_float,
	    NULL, false },
	{ 1091, 32, "unreserved-bandwidth", bgpls_tlv_floats, NULL, false },
	{ 1092, 1, "te-metric", bgpls_tlv_number, NULL, false },
	{ 1093, 2, "link-protection-flags", bgpls_tlv_flags, "Extra Traffic,"
	    "Unprotected,Shared,Dedicated 1:1,Dedicated 1+1,Enhanced,RSV,RSV",
	    false },
	{ 1094, 1, "mpls-mask", bgpls_tlv_flags,
	    "LDP,RSVP-TE,RSV,RSV,RSV,RSV,RSV,RSV", false },
	{ 1095, 1, "igp-metric", bgpls_tlv_igp_metric, NULL, false },
	{ 1096, 4, "shared-risk-link-groups", bgpls_tlv_u32s, NULL, false },
	{ 1097, 0, "opaque-link", bgpls_tlv_hex, NULL, false },
	{ 1098, 0, "link-name", bgpls_tlv_string, NULL, false },
	{ 1099, 4, "sr-adjs", bgpls_tlv_sr_adj, FLAGS_SR_ADJ, true },
	{ 1100, 10, "sr-adj-lan-sids", bgpls_tlv_sr_adj_lan, FLAGS_SR_ADJ,
	    true },
	{ 1106, 22, "srv6-endx", bgpls_tlv_srv6_endx,
	    "B,S,P,RSV,RSV,RSV,RSV,RSV", true },
	{ 1107, 28, "srv6-lan-endx-isis", bgpls_tlv_srv6_endx_isis,
	    "B,S,P,RSV,RSV,RSV,RSV,RSV", true },
	{ 1108, 26, "srv6-lan-endx-ospf", bgpls_tlv_srv6_endx_ospf,
	    "B,S,P,RSV,RSV,RSV,RSV,RSV", true },
	{ 1114, 4, "unidirectional-link-delay", bgpls_tlv_delay, NULL,
	    false },
	{ 1115, 8, "minmax-unidirectional-link-delay", bgpls_tlv_minmax,
	    NULL, false },
	{ 1116, 4, "unidirectional-delay-variation", bgpls_tlv_variation,
	    NULL, false },
	{ 1117, 4, "unidirectional-link-loss", bgpls_tlv_loss, NULL, false },
	{ 1118, 4, "unidirectional-residual-bandwidth", bgpls_tlv_float,
	    NULL, false },
	{ 1119, 4, "unidirectional-available-bandwidth", bgpls_tlv_float,
	    NULL, false },
	{ 1120, 4, "unidirectional-utilized-bandwidth", bgpls_tlv_float,
	    NULL, false },
	{ 1152, 1, "igp-flags", bgpls_tlv_flags,
	    "D,N,L,P,RSV,RSV,RSV,RSV", false },
	{ 1153, 4, "igp-route-tags", bgpls_tlv_u32s, NULL, false },
	{ 1154, 8, "igp-extended-route-tags", bgpls_tlv_u64s, NULL, false },
	{ 1155, 4, "prefix-metric", bgpls_tlv_number, NULL, false },
	{ 1156, 4, "ospf-forwarding-address", bgpls_tlv_ip, NULL, false },
	{ 1157, 0, "opaque-prefix", bgpls_tlv_hex, NULL, false },
	{ 1158, 4, "sr-prefix-sids", bgpls_tlv_sr_prefix,
	    "R,N,P,E,V,L,RSV,RSV", true },
	{ 1162, 8, "srv6-locators", bgpls_tlv_srv6_locator,
	    "D,RSV,RSV,RSV,RSV,RSV,RSV,RSV", true },
	{ 1170, 1, "sr-prefix-attribute-flags", bgpls_tlv_flags,
	    "X,R,N,RSV,RSV,RSV,RSV,RSV", false },
	{ 1171, 4, "sr-source-router-id", bgpls_tlv_ip, NULL, false },
	{ 1250, 4, "srv6-endpoint-behavior", bgpls_tlv_srv6_behavior, NULL,
	    false },
	{ 1252, 4, "srv6-sid-structure", bgpls_tlv_srv6_structure, NULL,
	    false },
};

static const struct bgpls_tlv *
find_row(uint16_t type, size_t len)
{
	size_t i;

	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		if (rows[i].type == type)
			return len >= rows[i].min_len ? &rows[i] : NULL;
	}
	return NULL;
}

struct tlv {
	uint16_t	 type;
	struct rd	 value;
	const struct bgpls_tlv *row;	/* NULL: shown as bytes */
};

static bool
next_tlv(struct rd *r, struct tlv *out)
{
	if (buf_left(r) == 0)
		return false;
	out->type = buf_get_u16(r);
	out->value = buf_get_sub(r, buf_get_u16(r));
	out->row = find_row(out->type, buf_left(&out->value));
	return !r->is_short;
}

/* Whether two TLVs are shown under the same key. */
static bool
is_same_key(const struct tlv *a, const struct tlv *b)
{
	if (a->row == NULL || b->row == NULL)
		return a->row == b->row && a->type == b->type;
	return strcmp(a->row->key, b->row->key) == 0;
}

static bool
is_first(struct rd all, const struct tlv *t)
{
	struct tlv before;

	while (next_tlv(&all, &before) && before.value.pos != t->value.pos) {
		if (is_same_key(&before, t))
			return false;
	}
	return true;
}

static void
emit_list(struct rd from, const struct tlv *first, struct emit *e)
{
	struct tlv t = *first;
	unsigned n = 0;

	emit_begin_array(e);
	do {
		if (!is_same_key(&t, first))
			continue;
		if (t.row == NULL)
			emit_hex(e, "0x", t.value.pos, buf_left(&t.value));
		else
			t.row->emit(t.value, t.row->flags, e);
	} while (n++ < TLVS_MAX && next_tlv(&from, &t));
	emit_end_array(e);
}

void
bgpls_emit(struct rd value, enum attr_json shape, struct emit *e)
{
	struct rd all = value;
	unsigned n = 0;
	char key[32];
	struct tlv t;

	(void)shape;
	emit_begin_object(e);
	while (n++ < TLVS_MAX && next_tlv(&value, &t)) {
		if (!is_first(all, &t))
			continue;
		if (t.row == NULL) {
			snprintf(key, sizeof(key), "generic-lsid-%u", t.type);
			emit_key(e, key);
			emit_list(value, &t, e);
			continue;
		}
		emit_key(e, t.row->key);
		if (t.row->is_list)
			emit_list(value, &t, e);
		else
			t.row->emit(t.value, t.row->flags, e);
	}
	emit_end_object(e);
}
