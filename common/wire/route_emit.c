/* SPDX-License-Identifier: ISC */
/* Routes under the keys of OpenBGPD's bgpctl -j. */
#include "common/wire/route_emit.h"

#include "common/addr.h"
#include "common/attr/aspath.h"
#include "common/attr/attr.h"
#include "common/bgp.h"
#include "common/emit.h"
#include "common/nlri/nlri.h"

void
route_emit_age(struct emit *e, const char *key, uint32_t sec)
{
	uint32_t min = sec / 60, hours = min / 60, days = hours / 24;

	emit_key(e, key);
	if (days >= 7)
		emit_format(e, "%02uw%ud%02uh", days / 7, days % 7,
		    hours % 24);
	else if (days > 0)
		emit_format(e, "%ud%02uh%02um", days, hours % 24, min % 60);
	else
		emit_format(e, "%02u:%02u:%02u", hours, min % 60, sec % 60);
}

void
route_emit_addr(struct emit *e, const char *key, const struct addr *a)
{
	char text[ADDR_TEXT_MAX];

	emit_key_string(e, key, addr_print(a, text, sizeof(text)));
}

void
route_emit_prefix(struct emit *e, const struct nlri *n)
{
	char text[PREFIX_TEXT_MAX];
	struct prefix p;
	struct wr w;

	if (nlri_to_prefix(n, &p) == 0) {
		emit_key_string(e, "prefix", prefix_print(&p, text,
		    sizeof(text)));
		return;
	}
	buf_writer_growing(&w, 65536);
	nlri_text(n, &w);
	emit_key(e, "prefix");
	emit_string_len(e, (const char *)w.base, w.len);
	buf_free(&w);
}

void
route_emit_aspath(struct emit *e, struct rd block)
{
	struct attr attr;
	struct wr w;

	buf_writer_growing(&w, 65536);
	if (attr_get(block, ATTR_AS_PATH, &attr))
		aspath_text_plain(attr.value, &w);
	emit_key(e, "aspath");
	emit_string_len(e, w.len == 0 ? "" : (const char *)w.base, w.len);
	buf_free(&w);
}

/* Communities as strings; parts of them are size bytes wide. */
static void
emit_communities(struct emit *e, const char *key, struct rd value,
    unsigned n_parts)
{
	uint32_t v[3];

	emit_key_array(e, key);
	while (buf_left(&value) >= (n_parts == 3 ? 12u : 4u)) {
		if (n_parts == 3) {
			v[0] = buf_get_u32(&value);
			v[1] = buf_get_u32(&value);
			v[2] = buf_get_u32(&value);
			emit_format(e, "%u:%u:%u", v[0], v[1], v[2]);
		} else {
			v[0] = buf_get_u16(&value);
			v[1] = buf_get_u16(&value);
			emit_format(e, "%u:%u", v[0], v[1]);
		}
	}
	emit_end_array(e);
}

static void
emit_one_extended(struct emit *e, struct rd *value)
{
	uint16_t type = buf_get_u16(value);
	uint64_t v = (uint64_t)buf_get_u16(value) << 32;
	const char *word = (type & 0xff) == 2 ? "rt" :
	    (type & 0xff) == 3 ? "soo" : NULL;
	char text[ADDR_TEXT_MAX];
	struct addr a;

	v |= buf_get_u32(value);
	a = addr_from_ipv4((uint32_t)(v >> 16));
	if (word != NULL && type >> 8 == 0)
		emit_format(e, "%s %u:%u", word, (unsigned)(v >> 32),
		    (unsigned)v);
	else if (word != NULL && type >> 8 == 1)
		emit_format(e, "%s %s:%u", word,
		    addr_print(&a, text, sizeof(text)), (unsigned)v & 0xffff);
	else if (word != NULL && type >> 8 == 2)
		emit_format(e, "%s %u:%u", word, (unsigned)(v >> 16),
		    (unsigned)v & 0xffff);
	else
		emit_format(e, "0x%04x 0x%012llx", type,
		    (unsigned long long)v);
}

static void
emit_other(struct emit *e, const struct attr *a)
{
	const struct attr_row *row = attr_find(a->code);

	emit_begin_object(e);
	if (row != NULL)
		emit_key_string(e, "type", row->name);
	emit_key_number(e, "code", a->code);
	emit_key_number(e, "flags", a->flags);
	emit_key(e, "data");
	emit_hex(e, "", a->value.pos, buf_left(&a->value));
	emit_end_object(e);
}

static bool
is_shown_elsewhere(uint8_t code)
{
	switch (code) {
	case ATTR_ORIGIN:
	case ATTR_AS_PATH:
	case ATTR_MED:
	case ATTR_LOCAL_PREF:
	case ATTR_COMMUNITY:
	case ATTR_EXT_COMMUNITY:
	case ATTR_LARGE_COMMUNITY:
		return true;
	default:
		return false;
	}
}

const char *
route_emit_origin_word(unsigned origin)
{
	static const char *const words[] = { "IGP", "EGP", "incomplete" };

	return words[origin % 3];
}

void
route_emit_detail(struct emit *e, struct rd block)
{
	struct attr a;

	if (attr_get(block, ATTR_COMMUNITY, &a))
		emit_communities(e, "communities", a.value, 2);
	if (attr_get(block, ATTR_LARGE_COMMUNITY, &a))
		emit_communities(e, "large_communities", a.value, 3);
	if (attr_get(block, ATTR_EXT_COMMUNITY, &a)) {
		emit_key_array(e, "extended_communities");
		while (buf_left(&a.value) >= 8)
			emit_one_extended(e, &a.value);
		emit_end_array(e);
	}
	emit_key_array(e, "attributes");
	while (buf_left(&block) > 0 && attr_next(&block, &a) == 0) {
		if (!is_shown_elsewhere(a.code))
			emit_other(e, &a);
	}
	emit_end_array(e);
}
