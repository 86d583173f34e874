/* SPDX-License-Identifier: ISC */
/*
 * Tables of routes: made up, or read from UPDATEs as they were on the wire.
 */
#include "regress/bench/table.h"

#include "common/bgp.h"

#include <err.h>
#include <stdio.h>
#include <stdlib.h>

#define OTHERS_MAX	(64u << 20)
#define SYNTHETIC_PATH	4

static void *
grow(void *base, uint32_t n, size_t size)
{
	/* Doubling: called before each element is added. */
	if (n >= 64 && (n & (n - 1)) != 0)
		return base;
	base = reallocarray(base, n < 64 ? 64 : (size_t)n * 2, size);
	if (base == NULL)
		err(1, "table");
	return base;
}

static uint32_t
slot_of(const struct table *t, bool is_v6, const uint8_t *addr, uint8_t len)
{
	uint32_t h = len + (is_v6 ? 977u : 0), i, word;

	for (i = 0; i < (is_v6 ? 16u : 4u); i += 4) {
		memcpy(&word, addr + i, 4);
		h = (h ^ word) * 2654435761u;
		h ^= h >> 15;
	}
	return h & t->mask;
}

uint32_t
table_find(const struct table *t, bool is_v6, const uint8_t *addr,
    uint8_t len)
{
	uint32_t at = slot_of(t, is_v6, addr, len), i;
	const struct table_route *r;

	for (; (i = t->slots[at]) != TABLE_NONE; at = (at + 1) & t->mask) {
		r = &t->routes[i];
		if (r->len_bits == len && r->is_v6 == is_v6 &&
		    memcmp(r->addr, addr, is_v6 ? 16 : 4) == 0)
			return i;
	}
	return TABLE_NONE;
}

static void
index_build(struct table *t)
{
	const struct table_route *r;
	uint32_t at, i, size = 64;

	while (size < t->n * 2)
		size *= 2;
	free(t->slots);
	t->slots = malloc(size * sizeof(*t->slots));
	if (t->slots == NULL)
		err(1, "table");
	memset(t->slots, 0xff, size * sizeof(*t->slots));
	t->mask = size - 1;
	for (i = 0; i < t->n; i++) {
		r = &t->routes[i];
		at = slot_of(t, r->is_v6, r->addr, r->len_bits);
		while (t->slots[at] != TABLE_NONE)
			at = (at + 1) & t->mask;
		t->slots[at] = i;
	}
}

static void
path_add(struct table *t, struct table_set *s, uint32_t as)
{
	t->paths = grow(t->paths, t->paths_len, sizeof(*t->paths));
	t->paths[t->paths_len++] = as;
	s->path_len++;
}

static struct table_set *
set_add(struct table *t)
{
	struct table_set *s;

	t->sets = grow(t->sets, t->n_sets, sizeof(*t->sets));
	s = &t->sets[t->n_sets++];
	*s = (struct table_set){
		.path = t->paths_len, .others = (uint32_t)t->others.len,
	};
	return s;
}

void
table_make(struct table *t, uint32_t n, uint32_t per_set)
{
	struct table_route *r;
	struct table_set *s;
	uint32_t i, k, addr;

	if (n > TABLE_MADE_MAX)
		errx(1, "table: at most %u routes", TABLE_MADE_MAX);
	*t = (struct table){ .n = n };
	buf_writer_growing(&t->others, OTHERS_MAX);
	t->routes = calloc(n, sizeof(*t->routes));
	if (t->routes == NULL)
		err(1, "table");
	for (i = 0; i < n; i++) {
		if (i % per_set == 0) {
			s = set_add(t);
			for (k = 0; k < SYNTHETIC_PATH; k++)
				path_add(t, s, 100000 + k * 7919 +
				    (i / per_set) % (50021 >> k));
			/* ORIGIN, and one community */
			buf_put_u32(&t->others, 0x40010100);
			buf_put_u24(&t->others, 0xc00804);
			buf_put_u32(&t->others, 65000u << 16 | (i & 0xff));
			s->communities_sum = 65000u << 16 | (i & 0xff);
			s->others_len = (uint16_t)(t->others.len - s->others);
		}
		r = &t->routes[i];
		/* 16.0.0.0 to 79.255.255.0, in no order: an odd factor is
		 * one to one */
		addr = (i * 2654435u & (TABLE_MADE_MAX - 1)) + 0x100000;
		r->addr[0] = (uint8_t)(addr >> 16);
		r->addr[1] = (uint8_t)(addr >> 8);
		r->addr[2] = (uint8_t)addr;
		r->len_bits = 24;
		r->set = t->n_sets - 1;
	}
	if (t->others.err != 0)
		errx(1, "table: too large");
	index_build(t);
}

uint32_t
table_communities(struct rd value)
{
	uint32_t sum = 0;

	while (buf_left(&value) >= 4)
		sum += buf_get_u32(&value);
	return sum;
}

/* False when the path has a set or AS 0, or is not what it seems. */
static bool
read_path(struct table *t, struct table_set *s, struct rd value)
{
	uint32_t as;
	uint8_t type, n;

	while (buf_left(&value) > 0) {
		type = buf_get_u8(&value);
		n = buf_get_u8(&value);
		if (type != AS_SEQUENCE || n == 0)
			return false;
		for (; n > 0; n--) {
			as = buf_get_u32(&value);
			if (as == 0)
				return false;
			path_add(t, s, as);
		}
	}
	return !value.is_short && s->path_len > 0;
}

struct update_read {
	struct table	*table;
	struct table_set *set;
	struct rd	 nlri6;
	bool		 is_good;
};

static void
read_mp_reach(struct update_read *u, struct rd value)
{
	if (buf_get_u16(&value) != AFI_IPV6 || buf_get_u8(&value) != 1)
		return;
	buf_get_sub(&value, buf_get_u8(&value));
	buf_get_u8(&value);
	u->nlri6 = value;
}

/* NO_EXPORT and its like (RFC 1997, RFC 8326, RFC 7999). */
static bool
has_well_known(struct rd value)
{
	while (buf_left(&value) >= 4)
		if (buf_get_u32(&value) >= 0xffff0000)
			return true;
	return false;
}

static void
read_attribute(struct update_read *u, struct rd whole, uint8_t type,
    struct rd value)
{
	struct table *t = u->table;

	switch (type) {
	case ATTR_AS_PATH:
		u->is_good &= read_path(t, u->set, value);
		return;
	case ATTR_MP_REACH:
		read_mp_reach(u, value);
		return;
	case ATTR_COMMUNITY:
		u->set->communities_sum = table_communities(value);
		u->is_good &= !has_well_known(value);
		break;
	case ATTR_ORIGIN:
	case ATTR_ATOMIC_AGGREGATE:
	case ATTR_AGGREGATOR:
	case ATTR_LARGE_COMMUNITY:
		break;
	default:	/* next hop, and what is only for iBGP */
		return;
	}
	buf_put_bytes(&t->others, whole.pos, buf_left(&whole));
}

static void
read_attributes(struct update_read *u, struct rd r)
{
	struct rd whole, value;
	const uint8_t *start;
	uint8_t flags, type;

	while (buf_left(&r) > 0) {
		start = r.pos;
		flags = buf_get_u8(&r);
		type = buf_get_u8(&r);
		value = buf_get_sub(&r, flags & ATTR_FLAG_EXTENDED ?
		    buf_get_u16(&r) : buf_get_u8(&r));
		if (r.is_short) {
			u->is_good = false;
			return;
		}
		whole = buf_reader(start, (size_t)(r.pos - start));
		read_attribute(u, whole, type, value);
	}
	u->set->others_len = (uint16_t)(u->table->others.len -
	    u->set->others);
}

static void
read_nlri(struct table *t, struct rd nlri, bool is_v6)
{
	struct table_route *r;
	uint8_t len;

	while (buf_left(&nlri) > 0) {
		len = buf_get_u8(&nlri);
		if (len > (is_v6 ? 128 : 32))
			return;
		t->routes = grow(t->routes, t->n, sizeof(*t->routes));
		r = &t->routes[t->n];
		*r = (struct table_route){
			.len_bits = len, .is_v6 = is_v6, .set = t->n_sets - 1,
		};
		buf_get_copy(&nlri, r->addr, (len + 7u) / 8);
		if (nlri.is_short)
			return;
		t->n++;
	}
}

static void
read_update(struct table *t, struct rd body)
{
	struct update_read u = { .table = t, .is_good = true };
	uint32_t paths_len = t->paths_len;
	size_t others_len = t->others.len;
	struct rd attributes;

	buf_get_sub(&body, buf_get_u16(&body));
	attributes = buf_get_sub(&body, buf_get_u16(&body));
	if (body.is_short || buf_left(&attributes) == 0)
		return;
	u.set = set_add(t);
	read_attributes(&u, attributes);
	if (u.is_good) {
		read_nlri(t, body, false);
		read_nlri(t, u.nlri6, true);
		return;
	}
	t->n_sets--;
	t->paths_len = paths_len;
	buf_truncate(&t->others, others_len);
}

/* Keep the last word on each prefix. The order of sets stays. */
static void
drop_repeated(struct table *t)
{
	uint32_t i, at, n = 0;
	bool *is_old;

	is_old = calloc(t->n + 1, sizeof(*is_old));
	if (is_old == NULL)
		err(1, "table");
	index_build(t);		/* finds the first of equal ones */
	for (i = 0; i < t->n; i++) {
		at = table_find(t, t->routes[i].is_v6, t->routes[i].addr,
		    t->routes[i].len_bits);
		if (at == i)
			continue;
		/* The later word's set, where the first one stands. */
		t->routes[at].set = t->routes[i].set;
		is_old[i] = true;
	}
	for (i = 0; i < t->n; i++)
		if (!is_old[i])
			t->routes[n++] = t->routes[i];
	t->n = n;
	free(is_old);
}

static int
by_set(const void *a, const void *b)
{
	const struct table_route *x = a, *y = b;
	int c;

	if (x->set != y->set)
		return x->set < y->set ? -1 : 1;
	if (x->is_v6 != y->is_v6)
		return x->is_v6 ? 1 : -1;
	c = memcmp(x->addr, y->addr, sizeof(x->addr));
	return c != 0 ? c : (int)x->len_bits - (int)y->len_bits;
}

int
table_read(struct table *t, const char *path)
{
	FILE *f = fopen(path, "rb");
	uint8_t header[BGP_HEADER_LEN], body[BGP_MESSAGE_MAX];
	struct rd r;
	size_t len;

	*t = (struct table){ 0 };
	buf_writer_growing(&t->others, OTHERS_MAX);
	if (f == NULL)
		return -1;
	while (fread(header, sizeof(header), 1, f) == 1) {
		r = buf_reader(header + BGP_MARKER_LEN, 3);
		len = buf_get_u16(&r);
		if (len < BGP_HEADER_LEN || len > BGP_MESSAGE_MAX)
			break;
		len -= BGP_HEADER_LEN;
		if (len > 0 && fread(body, len, 1, f) != 1)
			break;
		if (buf_get_u8(&r) == BGP_UPDATE)
			read_update(t, buf_reader(body, len));
	}
	fclose(f);
	if (t->n == 0 || t->others.err != 0)
		return -1;
	drop_repeated(t);
	qsort(t->routes, t->n, sizeof(*t->routes), by_set);
	index_build(t);
	return 0;
}

void
table_free(struct table *t)
{
	free(t->routes);
	free(t->sets);
	free(t->paths);
	free(t->slots);
	buf_free(&t->others);
}
