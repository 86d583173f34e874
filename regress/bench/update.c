/* SPDX-License-Identifier: ISC */
/*
 * UPDATEs of a benchmark: made beforehand from a table, and read as they
 * come, without the daemon's own codec.
 */
#include "regress/bench/speaker.h"

#include "common/bgp.h"
#include "common/wire/message.h"

#include <err.h>

#define NLRI_ROOM	18	/* the longest prefix and its length */

static void
put_prefix(struct wr *out, const struct table_route *r)
{
	buf_put_u8(out, r->len_bits);
	buf_put_bytes(out, r->addr, (r->len_bits + 7u) / 8);
}

static void
put_path(struct wr *out, const struct bench *b, const struct speaker *s,
    const struct table_set *set, unsigned n_prepend)
{
	unsigned n = set->path_len + n_prepend, i = 0, segment;
	size_t mark;

	buf_put_u16(out, (ATTR_FLAG_TRANSITIVE | ATTR_FLAG_EXTENDED) << 8 |
	    ATTR_AS_PATH);
	mark = buf_mark_u16(out);
	while (i < n) {
		segment = n - i < 255 ? n - i : 255;
		buf_put_u8(out, AS_SEQUENCE);
		buf_put_u8(out, segment);
		for (; segment > 0; segment--, i++)
			buf_put_u32(out, i < n_prepend ? s->as :
			    b->table.paths[set->path + i - n_prepend]);
	}
	buf_patch_u16(out, mark);
}

/* The speaker's IPv6 next hop: fd00:99::index. */
static void
put_nexthop6(struct wr *out, const struct speaker *s)
{
	buf_put_u32(out, 0xfd000099);
	buf_put_zero(out, 10);
	buf_put_u16(out, s->index + 2u);
}

/* All attributes but MP_REACH. */
static void
put_attributes(struct wr *out, const struct bench *b,
    const struct speaker *s, const struct table_route *r, unsigned n_prepend)
{
	const struct table_set *set = &b->table.sets[r->set];

	put_path(out, b, s, set, n_prepend);
	buf_put_bytes(out, b->table.others.base + set->others,
	    set->others_len);
	if (!r->is_v6) {
		buf_put_u24(out, ATTR_FLAG_TRANSITIVE << 16 |
		    ATTR_NEXT_HOP << 8 | 4);
		buf_put_bytes(out, &s->local, 4);
	}
}

static bool
is_same(const struct table_route *a, const struct table_route *b)
{
	return a->set == b->set && a->is_v6 == b->is_v6;
}

/* One UPDATE of routes from i on that share attributes; the next i. */
static uint32_t
put_update(const struct bench *b, struct speaker *s, uint32_t i,
    uint32_t end, unsigned n_prepend)
{
	const struct table_route *first = &b->table.routes[i], *r = first;
	struct wr *out = &s->out;
	size_t start = message_begin(out, BGP_UPDATE), mark, mp = 0;

	buf_put_u16(out, 0);
	mark = buf_mark_u16(out);
	put_attributes(out, b, s, first, n_prepend);
	if (!first->is_v6) {
		buf_patch_u16(out, mark);
	} else {
		buf_put_u16(out, (ATTR_FLAG_OPTIONAL | ATTR_FLAG_EXTENDED)
		    << 8 | ATTR_MP_REACH);
		mp = buf_mark_u16(out);
		buf_put_u32(out, AFI_IPV6 << 16 | SAFI_UNICAST << 8 | 16);
		put_nexthop6(out, s);
		buf_put_u8(out, 0);
	}
	while (i < end && is_same(r, first) &&
	    out->len - start + NLRI_ROOM <= BGP_MESSAGE_MAX) {
		put_prefix(out, r);
		r = &b->table.routes[++i];
	}
	if (first->is_v6) {
		buf_patch_u16(out, mp);
		buf_patch_u16(out, mark);
	}
	message_end(out, start);
	return i;
}

void
update_announce(const struct bench *b, struct speaker *s, uint32_t first,
    uint32_t n, unsigned n_prepend)
{
	uint32_t i = first;

	while (i < first + n)
		i = put_update(b, s, i, first + n, n_prepend);
	if (s->out.err != 0)
		errx(1, "%s: too many updates", s->name);
}

static uint32_t
put_withdrawal(const struct bench *b, struct speaker *s, uint32_t i,
    uint32_t end)
{
	const struct table_route *r = &b->table.routes[i];
	struct wr *out = &s->out;
	size_t start = message_begin(out, BGP_UPDATE), mark, mp = 0;
	bool is_v6 = r->is_v6;

	mark = buf_mark_u16(out);
	if (is_v6) {
		buf_patch_u16(out, mark);
		mark = buf_mark_u16(out);
		buf_put_u16(out, (ATTR_FLAG_OPTIONAL | ATTR_FLAG_EXTENDED)
		    << 8 | ATTR_MP_UNREACH);
		mp = buf_mark_u16(out);
		buf_put_u24(out, AFI_IPV6 << 8 | SAFI_UNICAST);
	}
	while (i < end && r->is_v6 == is_v6 &&
	    out->len - start + NLRI_ROOM + 2 <= BGP_MESSAGE_MAX) {
		put_prefix(out, r);
		r = &b->table.routes[++i];
	}
	if (is_v6)
		buf_patch_u16(out, mp);
	buf_patch_u16(out, mark);
	if (!is_v6)
		buf_put_u16(out, 0);
	message_end(out, start);
	return i;
}

void
update_withdraw(const struct bench *b, struct speaker *s, uint32_t first,
    uint32_t n)
{
	uint32_t i = first;

	while (i < first + n)
		i = put_withdrawal(b, s, i, first + n);
	if (s->out.err != 0)
		errx(1, "%s: too many updates", s->name);
}

uint32_t
update_seen(const struct table *t, uint32_t route, uint32_t as,
    unsigned n_prepend)
{
	const struct table_set *set = &t->sets[t->routes[route].set];
	uint32_t hash = 0, i;

	for (; n_prepend > 0; n_prepend--)
		hash = table_mix(hash, as);
	for (i = 0; i < set->path_len; i++)
		hash = table_mix(hash, t->paths[set->path + i]);
	hash += set->communities_sum;
	return hash == 0 ? 1 : hash;
}

/* Of a path as it came: without the daemon's own AS. */
static uint32_t
path_hash(const struct bench *b, struct rd path)
{
	bool is_first = !b->is_transparent;
	uint32_t hash = 0, as;
	uint8_t n;

	while (buf_left(&path) > 0) {
		buf_get_u8(&path);
		for (n = buf_get_u8(&path); n > 0 && !path.is_short; n--) {
			as = buf_get_u32(&path);
			if (!is_first)
				hash = table_mix(hash, as);
			else if (as != b->daemon_as)
				return 2;	/* not what was asked for */
			is_first = false;
		}
	}
	return hash;
}

/* A route was heard; seen 0: withdrawn. */
static void
route_heard(const struct bench *b, struct speaker *s,
    const struct table_route *r, uint32_t seen)
{
	uint32_t i = table_find(&b->table, r->is_v6, r->addr, r->len_bits);
	bool was_right;

	if (i == TABLE_NONE) {
		s->counters.unknown++;
		return;
	}
	was_right = s->have[i] == b->wanted[i];
	s->have[i] = seen;
	if (was_right && seen != b->wanted[i])
		s->n_wrong++;
	else if (!was_right && seen == b->wanted[i])
		s->n_wrong--;
}

static void
nlri_receive(const struct bench *b, struct speaker *s, struct rd nlri,
    bool is_v6, uint32_t seen)
{
	struct table_route r = { .is_v6 = is_v6 };
	uint64_t n = 0;
	const uint8_t *p;
	uint8_t bytes;

	while (buf_left(&nlri) > 0) {
		r.len_bits = buf_get_u8(&nlri);
		bytes = (uint8_t)((r.len_bits + 7) / 8);
		p = buf_get_bytes(&nlri, bytes);
		if (p == NULL || bytes > 16)
			break;
		n++;
		if (s->have == NULL)
			continue;
		memset(r.addr, 0, sizeof(r.addr));
		memcpy(r.addr, p, bytes);
		route_heard(b, s, &r, seen);
	}
	if (seen == 0)
		s->counters.withdrawn += n;
	else
		s->counters.announced += n;
}

struct update_seen_parts {
	struct rd	reach6, unreach6;
	uint32_t	hash, communities;
};

static void
attribute_receive(const struct bench *b, uint8_t type, struct rd value,
    bool is_checked, struct update_seen_parts *u)
{
	if (type == ATTR_AS_PATH && is_checked) {
		u->hash = path_hash(b, value);
	} else if (type == ATTR_COMMUNITY && is_checked) {
		u->communities = table_communities(value);
	} else if (type == ATTR_MP_REACH && buf_get_u24(&value) ==
	    (AFI_IPV6 << 8 | SAFI_UNICAST)) {
		buf_get_sub(&value, buf_get_u8(&value));
		buf_get_u8(&value);
		u->reach6 = value;
	} else if (type == ATTR_MP_UNREACH && buf_get_u24(&value) ==
	    (AFI_IPV6 << 8 | SAFI_UNICAST)) {
		u->unreach6 = value;
	}
}

void
update_receive(const struct bench *b, struct speaker *s, struct rd body)
{
	struct update_seen_parts u = { .hash = 0 };
	struct rd withdrawn, attributes, value;
	uint8_t flags, type;
	uint32_t seen;

	withdrawn = buf_get_sub(&body, buf_get_u16(&body));
	attributes = buf_get_sub(&body, buf_get_u16(&body));
	while (buf_left(&attributes) > 0) {
		flags = buf_get_u8(&attributes);
		type = buf_get_u8(&attributes);
		value = buf_get_sub(&attributes, flags & ATTR_FLAG_EXTENDED ?
		    buf_get_u16(&attributes) : buf_get_u8(&attributes));
		attribute_receive(b, type, value, s->have != NULL, &u);
	}
	seen = u.hash + u.communities;
	if (seen == 0)
		seen = 1;
	nlri_receive(b, s, withdrawn, false, 0);
	nlri_receive(b, s, u.unreach6, true, 0);
	nlri_receive(b, s, body, false, seen);
	nlri_receive(b, s, u.reach6, true, seen);
}
