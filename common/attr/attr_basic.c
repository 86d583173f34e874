/* SPDX-License-Identifier: ISC */
/*
 * The plain attributes: numbers, addresses and the paths. RFC 4271 5.1, RFC
 * 4456, RFC 7311, RFC 9234, RFC 6368.
 */
#include "common/attr/rows.h"

#include "common/addr.h"
#include "common/attr/aspath.h"
#include "common/emit.h"
#include "common/err.h"

#include <inttypes.h>

#define AIGP_TLV	1
#define AIGP_TLV_LEN	11	/* type 1, length 2, metric 8 */

static const char *const origin_names[] = { "igp", "egp", "incomplete" };

static int
check_len(struct rd value, size_t len)
{
	return buf_left(&value) == len ? 0 : ERR_RANGE;
}

int
attr_basic_check_origin(struct rd value, const struct attr_context *ctx)
{
	(void)ctx;
	if (check_len(value, 1) != 0 || buf_get_u8(&value) > ORIGIN_INCOMPLETE)
		return ERR_RANGE;
	return 0;
}

/*
 * From outside a confederation its segments are malformed (RFC 5065 4). An
 * empty path can come only from inside one's own AS.
 */
int
attr_basic_check_as_path(struct rd value, const struct attr_context *ctx)
{
	struct rd types = value;
	unsigned asn_len = ctx->has_as4 ? 4 : 2;
	int err;

	err = aspath_check(value, asn_len);
	if (err != 0)
		return err;
	if ((ctx->is_ebgp || ctx->is_confed) && buf_left(&value) == 0)
		return ERR_RANGE;
	while (ctx->is_ebgp && buf_left(&types) > 0) {
		if (buf_get_u8(&types) >= AS_CONFED_SEQUENCE)
			return ERR_RANGE;
		buf_get_bytes(&types, (size_t)buf_get_u8(&types) * asn_len);
	}
	return 0;
}

/* From a 4-octet peer AS4_PATH means nothing (RFC 6793 4.1). */
int
attr_basic_check_as4_path(struct rd value, const struct attr_context *ctx)
{
	if (ctx->has_as4)
		return ERR_RANGE;
	return aspath_check(value, 4);
}

int
attr_basic_check_u32(struct rd value, const struct attr_context *ctx)
{
	(void)ctx;
	return check_len(value, 4);
}

int
attr_basic_check_empty(struct rd value, const struct attr_context *ctx)
{
	(void)ctx;
	return check_len(value, 0);
}

int
attr_basic_check_aggregator(struct rd value, const struct attr_context *ctx)
{
	if (check_len(value, ctx->has_as4 ? 8 : 6) != 0)
		return ERR_RANGE;
	if ((ctx->has_as4 ? buf_get_u32(&value) : buf_get_u16(&value)) == 0)
		return ERR_RANGE;
	return 0;
}

int
attr_basic_check_as4_aggregator(struct rd value,
    const struct attr_context *ctx)
{
	if (ctx->has_as4 || check_len(value, 8) != 0 ||
	    buf_get_u32(&value) == 0)
		return ERR_RANGE;
	return 0;
}

/* Find the AIGP TLV; lengths count the 3 bytes of the TLV's head. */
static int
find_aigp(struct rd value, uint64_t *metric)
{
	struct rd tlv;
	unsigned type, len;
	int err = ERR_ABSENT;

	while (buf_left(&value) > 0) {
		type = buf_get_u8(&value);
		len = buf_get_u16(&value);
		if (value.is_short || len < 3)
			return ERR_RANGE;
		tlv = buf_get_sub(&value, len - 3u);
		if (tlv.is_short ||
		    (type == AIGP_TLV && len != AIGP_TLV_LEN))
			return ERR_RANGE;
		if (type == AIGP_TLV && err != 0) {
			*metric = buf_get_u64(&tlv);
			err = 0;
		}
	}
	return err;
}

int
attr_basic_check_aigp(struct rd value, const struct attr_context *ctx)
{
	uint64_t metric;

	(void)ctx;
	return find_aigp(value, &metric);
}

int
attr_basic_check_otc(struct rd value, const struct attr_context *ctx)
{
	(void)ctx;
	if (check_len(value, 4) != 0 || buf_get_u32(&value) == 0)
		return ERR_RANGE;
	return 0;
}

/* origin AS 4, then attributes: framing alone. RFC 6368 5. */
int
attr_basic_check_attr_set(struct rd value, const struct attr_context *ctx)
{
	struct attr inner;
	int err;

	(void)ctx;
	buf_get_u32(&value);
	if (value.is_short)
		return ERR_SHORT;
	while (buf_left(&value) > 0) {
		err = attr_next(&value, &inner);
		if (err != 0)
			return err;
	}
	return 0;
}

static const char *
origin_name(struct rd value)
{
	unsigned origin = buf_get_u8(&value);

	return origin_names[origin > ORIGIN_INCOMPLETE ?
	    ORIGIN_INCOMPLETE : origin];
}

void
attr_basic_emit_origin(struct rd value, enum attr_json shape, struct emit *e)
{
	(void)shape;
	emit_string(e, origin_name(value));
}

void
attr_basic_emit_as_path(struct rd value, enum attr_json shape,
    struct emit *e)
{
	static const char *const elements[] = {
		"as-unknown", "as-set", "as-sequence", "as-confed-sequence",
		"as-confed-set",
	};
	struct rd asns;
	unsigned type, i;
	char key[16];
	struct wr text;

	(void)shape;
	emit_begin_object(e);
	for (i = 0; buf_left(&value) > 0; i++) {
		type = buf_get_u8(&value);
		asns = buf_get_sub(&value, (size_t)buf_get_u8(&value) * 4);
		buf_writer(&text, key, sizeof(key) - 1);
		buf_put_format(&text, "%u", i);
		key[text.len] = '\0';
		emit_key_object(e, key);
		emit_key_string(e, "element",
		    elements[type > AS_CONFED_SET ? 0 : type]);
		emit_key_array(e, "value");
		while (buf_left(&asns) > 0)
			emit_number(e, buf_get_u32(&asns));
		emit_end_array(e);
		emit_end_object(e);
	}
	emit_end_object(e);
}

void
attr_basic_emit_u32(struct rd value, enum attr_json shape, struct emit *e)
{
	(void)shape;
	emit_number(e, buf_get_u32(&value));
}

static void
emit_ipv4(struct rd *value, struct emit *e)
{
	char text[ADDR_TEXT_MAX];
	struct addr a = addr_from_ipv4(buf_get_u32(value));

	emit_string(e, addr_print(&a, text, sizeof(text)));
}

void
attr_basic_emit_ipv4(struct rd value, enum attr_json shape, struct emit *e)
{
	(void)shape;
	emit_ipv4(&value, e);
}

void
attr_basic_emit_true(struct rd value, enum attr_json shape, struct emit *e)
{
	(void)value;
	(void)shape;
	emit_boolean(e, true);
}

void
attr_basic_emit_aggregator(struct rd value, enum attr_json shape,
    struct emit *e)
{
	uint32_t asn = buf_get_u32(&value);
	char text[ADDR_TEXT_MAX];
	struct addr a = addr_from_ipv4(buf_get_u32(&value));

	(void)shape;
	emit_format(e, "%u:%s", asn, addr_print(&a, text, sizeof(text)));
}

void
attr_basic_emit_cluster_list(struct rd value, enum attr_json shape,
    struct emit *e)
{
	(void)shape;
	emit_begin_array(e);
	while (buf_left(&value) > 0)
		emit_ipv4(&value, e);
	emit_end_array(e);
}

void
attr_basic_emit_aigp(struct rd value, enum attr_json shape, struct emit *e)
{
	uint64_t metric = 0;

	(void)shape;
	(void)find_aigp(value, &metric);
	emit_format(e, "0x%016" PRIx64, metric);
}

void
attr_basic_text_origin(struct rd value, struct wr *out)
{
	buf_put_text(out, origin_name(value));
}

void
attr_basic_text_u32(struct rd value, struct wr *out)
{
	buf_put_format(out, "%u", buf_get_u32(&value));
}

static void
text_ipv4(struct rd *value, struct wr *out)
{
	char text[ADDR_TEXT_MAX];
	struct addr a = addr_from_ipv4(buf_get_u32(value));

	buf_put_text(out, addr_print(&a, text, sizeof(text)));
}

void
attr_basic_text_ipv4(struct rd value, struct wr *out)
{
	text_ipv4(&value, out);
}

void
attr_basic_text_none(struct rd value, struct wr *out)
{
	(void)value;
	(void)out;
}

void
attr_basic_text_aggregator(struct rd value, struct wr *out)
{
	buf_put_format(out, "( %u:", buf_get_u32(&value));
	text_ipv4(&value, out);
	buf_put_text(out, " )");
}

void
attr_basic_text_cluster_list(struct rd value, struct wr *out)
{
	bool is_many = buf_left(&value) > 4;

	if (is_many)
		buf_put_text(out, "[ ");
	while (buf_left(&value) > 0) {
		text_ipv4(&value, out);
		if (is_many)
			buf_put_text(out, " ");
	}
	if (is_many)
		buf_put_text(out, "]");
}

void
attr_basic_text_aigp(struct rd value, struct wr *out)
{
	uint64_t metric = 0;

	(void)find_aigp(value, &metric);
	buf_put_format(out, "0x%016" PRIx64, metric);
}
