/* SPDX-License-Identifier: ISC */
/* Interning of attribute sets, and what the decision wants to know of them. */
#include "rde/attrset.h"

#include "common/addr.h"
#include "common/attr/aspath.h"
#include "common/attr/attr.h"
#include "common/bgp.h"
#include "common/wire/update.h"
#include "rde/hash.h"

#include <string.h>

#define BLOCK_MAX		65535
#define DEFAULT_LOCAL_PREF	100


/* Reads one attribute's value into the decision key. */
struct attrset_row {
	uint8_t	code;
	void	(*derive)(struct attrset *, struct rd value);
};

static uint16_t
attrset_clamp(unsigned n)
{
	return n > UINT16_MAX ? UINT16_MAX : (uint16_t)n;
}

static void
derive_origin(struct attrset *a, struct rd value)
{
	a->origin = buf_get_u8(&value);
}

static void
derive_as_path(struct attrset *a, struct rd value)
{
	a->path_len = attrset_clamp(aspath_length(value));
	a->n_asns = attrset_clamp(aspath_n_asns(value));
	a->neighbor_as = aspath_neighbor(value);
	a->source_as = aspath_origin(value);
	if (aspath_has_set(value))
		a->flags |= ATTRSET_HAS_AS_SET;
}

static void
derive_med(struct attrset *a, struct rd value)
{
	a->med = buf_get_u32(&value);
	a->flags |= ATTRSET_HAS_MED;
}

static void
derive_local_pref(struct attrset *a, struct rd value)
{
	a->local_pref = buf_get_u32(&value);
	a->flags |= ATTRSET_HAS_LOCAL_PREF;
}

static void
derive_community(struct attrset *a, struct rd value)
{
	while (buf_left(&value) >= 4) {
		switch (buf_get_u32(&value)) {
		case COMMUNITY_NO_EXPORT:
			a->flags |= ATTRSET_NO_EXPORT;
			break;
		case COMMUNITY_NO_ADVERTISE:
			a->flags |= ATTRSET_NO_ADVERTISE;
			break;
		case COMMUNITY_NO_EXPORT_SUBCONFED:
			a->flags |= ATTRSET_NO_EXPORT_SUBCONFED;
			break;
		case COMMUNITY_LLGR_STALE:
			a->flags |= ATTRSET_LLGR_STALE;
			break;
		case COMMUNITY_NO_LLGR:
			a->flags |= ATTRSET_NO_LLGR;
			break;
		}
	}
}

static void
derive_originator(struct attrset *a, struct rd value)
{
	(void)value;
	a->flags |= ATTRSET_HAS_ORIGINATOR;
}

static void
derive_cluster_list(struct attrset *a, struct rd value)
{
	a->cluster_len = attrset_clamp((unsigned)(buf_left(&value) / 4));
}

static void
derive_otc(struct attrset *a, struct rd value)
{
	(void)value;
	a->flags |= ATTRSET_HAS_OTC;
}

static const struct attrset_row attrset_rows[] = {
	{ ATTR_ORIGIN,			derive_origin },
	{ ATTR_AS_PATH,			derive_as_path },
	{ ATTR_MED,			derive_med },
	{ ATTR_LOCAL_PREF,		derive_local_pref },
	{ ATTR_COMMUNITY,		derive_community },
	{ ATTR_ORIGINATOR_ID,		derive_originator },
	{ ATTR_CLUSTER_LIST,		derive_cluster_list },
	{ ATTR_ONLY_TO_CUSTOMER,	derive_otc },
};

#define N_ROWS	(sizeof(attrset_rows) / sizeof(attrset_rows[0]))

void
attrset_init(struct attrsets *s, uint64_t seed)
{
	memset(s, 0, sizeof(*s));
	heap_init(&s->heap);
	map_init(&s->map);
	s->seed = seed;
}

void
attrset_fini(struct attrsets *s)
{
	heap_fini(&s->heap);
	map_fini(&s->map);
}

static uint32_t
attrset_hash(const struct attrsets *s, const struct attrset_key *k)
{
	uint64_t h = s->seed ^ ((uint64_t)k->weight << 16 | k->flags);

	h = hash_bytes(k->nexthop, k->nexthop_len, h);
	return (uint32_t)hash_bytes(k->block.pos, buf_left(&k->block), h);
}

static bool
attrset_equals(const struct attrset *a, const struct attrset_key *k)
{
	size_t block_len = buf_left(&k->block);

	return a->weight == k->weight &&
	    (a->flags & ATTRSET_IDENTITY) == k->flags &&
	    a->nexthop_len == k->nexthop_len && a->block_len == block_len &&
	    (k->nexthop_len == 0 ||
	    memcmp(a->bytes, k->nexthop, k->nexthop_len) == 0) &&
	    (block_len == 0 ||
	    memcmp(a->bytes + a->nexthop_len, k->block.pos, block_len) == 0);
}

static int
attrset_derive(struct attrset *a)
{
	struct rd block = attrset_block(a);
	struct attr attr;
	size_t i;

	a->local_pref = DEFAULT_LOCAL_PREF;
	while (buf_left(&block) > 0) {
		if (attr_next(&block, &attr) != 0)
			return -1;
		for (i = 0; i < N_ROWS; i++) {
			if (attrset_rows[i].code == attr.code)
				break;
		}
		if (i < N_ROWS)
			attrset_rows[i].derive(a, attr.value);
		else if (attr_find(attr.code) == NULL)
			a->flags |= ATTRSET_HAS_UNKNOWN;
	}
	return 0;
}

/* Bytes of its cell. */
static size_t
attrset_size(const struct attrset *a)
{
	return sizeof(*a) + a->nexthop_len + a->block_len;
}

static uint32_t
attrset_new(struct attrsets *s, const struct attrset_key *k, uint32_t hash)
{
	size_t block_len = buf_left(&k->block);
	size_t total = sizeof(struct attrset) + k->nexthop_len + block_len;
	uint32_t handle = heap_alloc(&s->heap, total);
	struct attrset *a = heap_at(&s->heap, handle);

	memset(a, 0, sizeof(*a));
	a->hash = hash;
	a->weight = k->weight;
	a->flags = k->flags;
	a->nexthop_len = k->nexthop_len;
	a->block_len = (uint16_t)block_len;
	if (k->nexthop_len != 0)
		memcpy(a->bytes, k->nexthop, k->nexthop_len);
	if (block_len != 0)
		memcpy(a->bytes + k->nexthop_len, k->block.pos, block_len);
	if (attrset_derive(a) != 0) {
		heap_free(&s->heap, handle, total);
		return ATTRSET_NONE;
	}
	a->serial = ++s->serial;
	s->n_sets++;
	s->n_bytes += total;
	map_add(&s->map, hash, handle);
	return handle;
}

uint32_t
attrset_intern(struct attrsets *s, const struct attrset_key *k)
{
	struct map_pos pos;
	struct attrset *a;
	uint32_t hash, handle;

	if (buf_left(&k->block) > BLOCK_MAX)
		return ATTRSET_NONE;
	hash = attrset_hash(s, k);
	handle = map_first(&s->map, hash, &pos);
	while (handle != MAP_NONE && !attrset_equals(attrset_at(s, handle), k))
		handle = map_next(&s->map, &pos);
	if (handle == MAP_NONE)
		handle = attrset_new(s, k, hash);
	if (handle == ATTRSET_NONE)
		return ATTRSET_NONE;
	a = heap_at(&s->heap, handle);
	a->refcnt++;
	return handle;
}

void
attrset_ref(struct attrsets *s, uint32_t handle)
{
	struct attrset *a;

	if (handle == ATTRSET_NONE)
		return;
	a = heap_at(&s->heap, handle);
	a->refcnt++;
}

void
attrset_unref(struct attrsets *s, uint32_t handle)
{
	struct attrset *a;
	struct map_pos pos;
	uint32_t found;

	if (handle == ATTRSET_NONE)
		return;
	a = heap_at(&s->heap, handle);
	if (--a->refcnt != 0)
		return;
	found = map_first(&s->map, a->hash, &pos);
	while (found != handle)
		found = map_next(&s->map, &pos);
	map_del(&s->map, &pos);
	s->n_sets--;
	s->n_bytes -= attrset_size(a);
	/* Memos that still name it see that it has gone. */
	a->serial = 0;
	heap_free(&s->heap, handle, attrset_size(a));
}

uint32_t
attrset_originator(const struct attrset *a)
{
	struct rd block = attrset_block(a);
	struct attr attr;

	while (buf_left(&block) > 0 && attr_next(&block, &attr) == 0) {
		if (attr.code == ATTR_ORIGINATOR_ID)
			return buf_get_u32(&attr.value);
	}
	return 0;
}

struct attrset_key
attrset_key_of(const struct attrset *a)
{
	return (struct attrset_key){
		.block = attrset_block(a), .nexthop = a->bytes,
		.nexthop_len = a->nexthop_len,
		.flags = a->flags & ATTRSET_IDENTITY, .weight = a->weight,
	};
}

void
attrset_nexthop(const struct attrset *a, struct update_nexthop *out)
{
	memset(out, 0, sizeof(*out));
	out->len = a->nexthop_len <= UPDATE_NEXTHOP_MAX ? a->nexthop_len : 0;
	memcpy(out->bytes, a->bytes, out->len);
}

bool
attrset_nexthop_addr(const struct attrset *a, struct addr *out)
{
	struct rd r = buf_reader(a->bytes, a->nexthop_len);

	switch (a->nexthop_len) {
	case 12:	/* route distinguisher in front */
	case 24:
	case 48:
		buf_get_bytes(&r, 8);
		break;
	}
	if (buf_left(&r) >= 16)
		return addr_from_bytes(r.pos, 16, out) == 0;
	if (buf_left(&r) >= 4)
		return addr_from_bytes(r.pos, 4, out) == 0;
	return false;
}
