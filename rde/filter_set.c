/* SPDX-License-Identifier: ISC */
/* What rules do to routes: one function a kind of set. */
#include "rde/filter.h"

#include "common/attr/aspath.h"
#include "common/attr/attr.h"
#include "common/bgp.h"
#include "common/config.h"
#include "rde/attr_edit.h"
#include "rde/attrset.h"

#include <string.h>

/* A route being changed. */
struct change {
	struct attr_edit	 edit;
	const struct attrset	*attr;
	const struct filter_peer *peer;
	uint32_t		 weight;
	uint16_t		 flags;
	uint8_t			 nexthop[16];
	uint8_t			 nexthop_len;
	bool			 has_nexthop;	/* it was changed */
};

static uint32_t
saturate(int64_t n)
{
	return n < 0 ? 0 : n > UINT32_MAX ? UINT32_MAX : (uint32_t)n;
}

static uint32_t
change_number(const struct change *c, uint8_t code, uint32_t fallback)
{
	struct rd value;

	return attr_edit_get(&c->edit, code, &value) ? buf_get_u32(&value) :
	    fallback;
}

static void
set_localpref(struct change *c, const struct conf_set *s)
{
	int64_t n = s->number;

	if (s->kind == SET_LOCALPREF_RELATIVE)
		n += change_number(c, ATTR_LOCAL_PREF, 100);
	attr_edit_u32(&c->edit, ATTR_LOCAL_PREF, saturate(n));
}

static void
set_med(struct change *c, const struct conf_set *s)
{
	int64_t n = s->number;

	if (s->kind == SET_MED_RELATIVE)
		n += change_number(c, ATTR_MED, 0);
	attr_edit_u32(&c->edit, ATTR_MED, saturate(n));
	c->flags |= ATTRSET_MED_SET;
}

static void
set_weight(struct change *c, const struct conf_set *s)
{
	int64_t n = s->number;

	if (s->kind == SET_WEIGHT_RELATIVE)
		n += c->weight;
	c->weight = saturate(n);
}

static void
set_nexthop(struct change *c, const struct conf_set *s)
{
	const uint16_t kinds = ATTRSET_NEXTHOP_SELF | ATTRSET_NEXTHOP_KEEP |
	    ATTRSET_NEXTHOP_REJECT | ATTRSET_NEXTHOP_BLACKHOLE;
	size_t len = addr_len(s->addr.family);

	/* An address of the other family says nothing about this route. */
	if (s->kind == SET_NEXTHOP && c->attr->nexthop_len != 0 &&
	    (c->attr->nexthop_len == 4) != (len == 4))
		return;
	c->flags &= (uint16_t)~kinds;
	switch (s->kind) {
	case SET_NEXTHOP:
		memcpy(c->nexthop, s->addr.bytes, len);
		c->nexthop_len = (uint8_t)len;
		c->has_nexthop = true;
		c->flags |= ATTRSET_NEXTHOP_KEEP;
		break;
	case SET_NEXTHOP_SELF:
		c->flags |= ATTRSET_NEXTHOP_SELF;
		break;
	case SET_NEXTHOP_NOMODIFY:
		c->flags |= ATTRSET_NEXTHOP_KEEP;
		break;
	case SET_NEXTHOP_REJECT:
		c->flags |= ATTRSET_NEXTHOP_REJECT;
		break;
	case SET_NEXTHOP_BLACKHOLE:
		c->flags |= ATTRSET_NEXTHOP_BLACKHOLE;
		break;
	}
}

static void
set_prepend(struct change *c, const struct conf_set *s)
{
	uint32_t asn = s->kind == SET_PREPEND_SELF ? c->peer->local_as :
	    c->peer->remote_as;
	struct rd path = buf_reader(NULL, 0);
	uint8_t copy[4096];
	size_t len;
	struct wr *w;

	attr_edit_get(&c->edit, ATTR_AS_PATH, &path);
	len = buf_left(&path);
	if (s->number <= 0 || len > sizeof(copy))
		return;
	/* The value may lie in the writer that now grows. */
	memcpy(copy, len == 0 ? copy : path.pos, len);
	w = attr_edit_begin(&c->edit, ATTR_AS_PATH);
	aspath_prepend(buf_reader(copy, len), AS_SEQUENCE, asn,
	    (unsigned)s->number, w);
	attr_edit_end(&c->edit);
}

/* Each occurrence of the neighbor's AS becomes ours. */
static void
set_as_override(struct change *c, const struct conf_set *s)
{
	struct rd path = buf_reader(NULL, 0);
	uint8_t copy[4096];
	size_t len;
	struct wr *w;
	uint32_t asn;
	unsigned n;

	(void)s;
	if (!attr_edit_get(&c->edit, ATTR_AS_PATH, &path) ||
	    buf_left(&path) > sizeof(copy))
		return;
	len = buf_left(&path);
	memcpy(copy, len == 0 ? copy : path.pos, len);
	path = buf_reader(copy, len);
	w = attr_edit_begin(&c->edit, ATTR_AS_PATH);
	while (buf_left(&path) > 0) {
		buf_put_u8(w, buf_get_u8(&path));
		n = buf_get_u8(&path);
		buf_put_u8(w, n);
		for (; n > 0; n--) {
			asn = buf_get_u32(&path);
			buf_put_u32(w, asn == c->peer->remote_as ?
			    c->peer->local_as : asn);
		}
	}
	attr_edit_end(&c->edit);
}

static void
set_origin(struct change *c, const struct conf_set *s)
{
	buf_put_u8(attr_edit_begin(&c->edit, ATTR_ORIGIN),
	    (uint32_t)s->number);
	attr_edit_end(&c->edit);
}

/* A kind of community: its attribute, and how long one is. */
struct community_row {
	uint8_t	code;
	uint8_t	len;
};

static const struct community_row community_rows[] = {
	[COMMUNITY_STANDARD] =	{ ATTR_COMMUNITY, 4 },
	[COMMUNITY_LARGE] =	{ ATTR_LARGE_COMMUNITY, 12 },
	[COMMUNITY_EXTENDED] =	{ ATTR_EXT_COMMUNITY, 8 },
};

static uint32_t
set_part(const struct change *c, const struct conf_community *m, unsigned i)
{
	if (m->field[i] == COMMUNITY_NEIGHBOR_AS)
		return c->peer->remote_as;
	if (m->field[i] == COMMUNITY_LOCAL_AS)
		return c->peer->local_as;
	return m->part[i];
}

static size_t
community_bytes(const struct change *c, const struct conf_community *m,
    uint8_t out[12])
{
	uint64_t value = filter_ext_value(m, c->peer);
	struct wr w;

	buf_writer(&w, out, 12);
	if (m->kind == COMMUNITY_STANDARD) {
		buf_put_u16(&w, set_part(c, m, 0) & 0xffff);
		buf_put_u16(&w, set_part(c, m, 1) & 0xffff);
	} else if (m->kind == COMMUNITY_LARGE) {
		buf_put_u32(&w, set_part(c, m, 0));
		buf_put_u32(&w, set_part(c, m, 1));
		buf_put_u32(&w, set_part(c, m, 2));
	} else {
		buf_put_u16(&w, m->ext_type);
		buf_put_u16(&w, (uint32_t)(value >> 32) & 0xffff);
		buf_put_u32(&w, (uint32_t)value);
	}
	return w.len;
}

/* Whether one community (bytes) is what the set speaks of. */
static bool
community_is(const struct change *c, const struct conf_community *m,
    const uint8_t *bytes, size_t len)
{
	uint8_t block[4 + 12];
	struct wr w;

	buf_writer(&w, block, sizeof(block));
	attr_put_known(&w, community_rows[m->kind].code, bytes, len);
	return filter_has_community(buf_written(&w), m, c->peer);
}

/* Write the communities anew without, then perhaps with, the set's one. */
static void
set_community(struct change *c, const struct conf_set *s)
{
	const struct conf_community *m = &s->community;
	const struct community_row *row;
	uint8_t one[12], old[8192];
	struct rd value = buf_reader(NULL, 0);
	bool is_put = s->kind == SET_COMMUNITY_DELETE;
	size_t len, new_len;
	struct wr *w;

	if (m->kind > COMMUNITY_EXTENDED)
		return;
	row = &community_rows[m->kind];
	attr_edit_get(&c->edit, row->code, &value);
	len = buf_left(&value);
	if (len > sizeof(old))
		return;
	memcpy(old, len == 0 ? old : value.pos, len);
	value = buf_reader(old, len);
	community_bytes(c, m, one);
	w = attr_edit_begin(&c->edit, row->code);
	len = w->len;
	while (buf_left(&value) >= row->len) {
		const uint8_t *b = buf_get_bytes(&value, row->len);

		if (community_is(c, m, b, row->len))
			continue;
		/* They are kept in order. */
		if (!is_put && memcmp(b, one, row->len) > 0) {
			buf_put_bytes(w, one, row->len);
			is_put = true;
		}
		buf_put_bytes(w, b, row->len);
	}
	if (!is_put)
		buf_put_bytes(w, one, row->len);
	new_len = w->len - len;
	attr_edit_end(&c->edit);
	if (new_len == 0)
		attr_edit_delete(&c->edit, row->code);
}

static void
set_nothing(struct change *c, const struct conf_set *s)
{
	(void)c;
	(void)s;
}

static void (*const set_rows[])(struct change *, const struct conf_set *) = {
	[SET_LOCALPREF] =		set_localpref,
	[SET_LOCALPREF_RELATIVE] =	set_localpref,
	[SET_MED] =			set_med,
	[SET_MED_RELATIVE] =		set_med,
	[SET_WEIGHT] =			set_weight,
	[SET_WEIGHT_RELATIVE] =		set_weight,
	[SET_NEXTHOP] =			set_nexthop,
	[SET_NEXTHOP_BLACKHOLE] =	set_nexthop,
	[SET_NEXTHOP_REJECT] =		set_nexthop,
	[SET_NEXTHOP_SELF] =		set_nexthop,
	[SET_NEXTHOP_NOMODIFY] =	set_nexthop,
	[SET_PREPEND_SELF] =		set_prepend,
	[SET_PREPEND_NEIGHBOR] =	set_prepend,
	[SET_COMMUNITY] =		set_community,
	[SET_COMMUNITY_DELETE] =	set_community,
	[SET_ORIGIN] =			set_origin,
	[SET_AS_OVERRIDE] =		set_as_override,
	[SET_PFTABLE] =			set_nothing,
	[SET_RTLABEL] =			set_nothing,
};

#define N_SETS	(sizeof(set_rows) / sizeof(set_rows[0]))

uint32_t
filter_apply(struct attrsets *as, uint32_t attr, const struct conf_set *sets,
    size_t n_sets, const struct filter_peer *peer, struct wr *scratch)
{
	struct change c = { .attr = attrset_at(as, attr), .peer = peer };
	struct attrset_key key = attrset_key_of(c.attr);
	uint32_t out;
	size_t i;

	attr_edit_init(&c.edit, key.block);
	c.weight = key.weight;
	c.flags = key.flags;
	for (i = 0; i < n_sets; i++) {
		if (sets[i].kind < N_SETS)
			set_rows[sets[i].kind](&c, &sets[i]);
	}
	buf_reset(scratch);
	attr_edit_finish(&c.edit, scratch);
	key.block = buf_written(scratch);
	key.weight = c.weight;
	key.flags = c.flags;
	if (c.has_nexthop) {
		key.nexthop = c.nexthop;
		key.nexthop_len = c.nexthop_len;
	}
	out = scratch->err != 0 || c.edit.values.err != 0 ? ATTRSET_NONE :
	    attrset_intern(as, &key);
	attr_edit_fini(&c.edit);
	if (out != ATTRSET_NONE)
		return out;
	/* It became too long: the route stays as it was. */
	attrset_ref(as, attr);
	return attr;
}
