/* SPDX-License-Identifier: ISC */
/* Records of a family: making, finding, ordering and deleting them. */
#include "rde/table.h"

#include "common/bgp.h"
#include "common/nlri/nlri.h"
#include "rde/hash.h"

#include <assert.h>
#include <err.h>
#include <stdlib.h>
#include <string.h>

#define CHUNK_RECORDS	(1u << TABLE_CHUNK_SHIFT)

/* How a deleted record's space links to the next free one. */
#define RECORD_LINK(r)	((r)->paths)

static int
table_compare_void(const void *owner, uint32_t id, const void *key)
{
	return table_compare(owner, id, key);
}

void
table_init(struct table *t, const struct nlri_family *family,
    struct attrsets *attrsets, uint64_t seed)
{
	memset(t, 0, sizeof(*t));
	t->family = family;
	t->attrsets = attrsets;
	t->seed = seed;
	t->free_id = TABLE_ID_NONE;
	t->blocked = PATH_BLOCKED | (family->safi == SAFI_FLOW ?
	    PATH_INFEASIBLE : 0);
	if (family->is_prefix)
		t->addr_len = family->afi == AFI_IPV4 ? 4 : 16;
	t->stride = (uint16_t)(sizeof(struct record) +
	    (t->addr_len == 0 ? 4 : t->addr_len));
	map_init(&t->map);
	heap_init(&t->heap);
	index_init(&t->index, table_compare_void, t);
}

void
table_fini(struct table *t)
{
	uint32_t i;

	for (i = 0; i < t->n_chunks; i++)
		free(t->chunks[i]);
	free(t->chunks);
	t->chunks = NULL;
	t->n_chunks = t->n_ids = 0;
	map_fini(&t->map);
	heap_fini(&t->heap);
	free(t->dirty.ids);
	free(t->dead.ids);
	index_fini(&t->index);
	index_build_free(t->build);
}

static void
table_mask(uint8_t *addr, unsigned len_bits, unsigned addr_len)
{
	unsigned i = len_bits / 8;

	if (i < addr_len && len_bits % 8 != 0) {
		addr[i] &= (uint8_t)(0xff00u >> (len_bits % 8));
		i++;
	}
	if (i < addr_len)
		memset(addr + i, 0, addr_len - i);
}

static uint64_t
table_load64(const uint8_t *p, size_t n)
{
	uint64_t v = 0;
	size_t i;

	for (i = 0; i < 8; i++)
		v = v << 8 | (i < n ? p[i] : 0);
	return v;
}

uint64_t
table_head(const struct table *t, const struct table_key *k)
{
	if (t->addr_len == 4)
		return table_load64(k->prefix, 4) | k->len_bits;
	if (t->addr_len == 16)
		return table_load64(k->prefix, 8);
	return table_load64(k->bytes, k->len);
}

static void
table_hash(const struct table *t, struct table_key *k)
{
	if (t->addr_len == 4)
		k->hash = hash_u64(table_head(t, k), t->seed);
	else if (t->addr_len == 16)
		k->hash = (uint32_t)hash_bytes(k->prefix, 16,
		    t->seed + k->len_bits);
	else
		k->hash = (uint32_t)hash_bytes(k->bytes, k->len, t->seed);
}

bool
table_key(const struct table *t, const struct nlri *n, struct wr *scratch,
    struct table_key *out)
{
	unsigned bits, len;

	if (t->addr_len != 0) {
		if (n->len == 0)
			return false;
		bits = n->bytes[0];
		len = (bits + 7) / 8;
		if (len > t->addr_len || n->len != len + 1)
			return false;
		memset(out->prefix, 0, sizeof(out->prefix));
		memcpy(out->prefix, n->bytes + 1, len);
		table_mask(out->prefix, bits, t->addr_len);
		out->len_bits = (uint8_t)bits;
		out->bytes = NULL;
		out->len = 0;
	} else {
		buf_reset(scratch);
		nlri_key(n, scratch);
		if (scratch->err != 0 || scratch->len > UINT16_MAX ||
		    scratch->len == 0)
			return false;
		out->bytes = scratch->base;
		out->len = (uint16_t)scratch->len;
		out->len_bits = 0;
	}
	table_hash(t, out);
	return true;
}

static const uint8_t *
record_bytes(const struct table *t, const struct record *r)
{
	uint32_t handle;

	if (t->addr_len != 0)
		return r->key;
	memcpy(&handle, r->key, sizeof(handle));
	return heap_at(&t->heap, handle);
}

static bool
table_equals(const struct table *t, const struct record *r,
    const struct table_key *k)
{
	if (t->addr_len == 4)
		return r->len_bits == k->len_bits &&
		    memcmp(r->key, k->prefix, 4) == 0;
	if (t->addr_len == 16)
		return r->len_bits == k->len_bits &&
		    memcmp(r->key, k->prefix, 16) == 0;
	return r->key_len == k->len &&
	    memcmp(record_bytes(t, r), k->bytes, k->len) == 0;
}

int
table_compare(const struct table *t, uint32_t id, const struct table_key *k)
{
	const struct record *r = table_at(t, id);
	size_t len;
	int order;

	if (t->addr_len != 0) {
		order = memcmp(r->key, k->prefix, t->addr_len);
		return order != 0 ? order :
		    (int)r->len_bits - (int)k->len_bits;
	}
	len = r->key_len < k->len ? r->key_len : k->len;
	order = memcmp(record_bytes(t, r), k->bytes, len);
	return order != 0 ? order : (int)r->key_len - (int)k->len;
}

uint32_t
table_find(const struct table *t, const struct table_key *k)
{
	struct map_pos pos;
	uint32_t id = map_first(&t->map, k->hash, &pos);

	while (id != MAP_NONE && !table_equals(t, table_at(t, id), k))
		id = map_next(&t->map, &pos);
	return id == MAP_NONE ? TABLE_ID_NONE : id;
}

static void
table_grow(struct table *t)
{
	uint8_t **chunks;

	if ((t->n_chunks & (t->n_chunks - 1)) == 0) {
		chunks = reallocarray(t->chunks,
		    t->n_chunks == 0 ? 1 : (size_t)t->n_chunks * 2,
		    sizeof(*chunks));
		if (chunks == NULL)
			err(1, "table");
		t->chunks = chunks;
	}
	if (t->n_ids > UINT32_MAX - 2 * CHUNK_RECORDS)
		errx(1, "table: too many records");
	t->chunks[t->n_chunks] = calloc(CHUNK_RECORDS, t->stride);
	if (t->chunks[t->n_chunks] == NULL)
		err(1, "table");
	t->n_chunks++;
}

static uint32_t
table_new_id(struct table *t)
{
	uint32_t id = t->free_id;

	if (id != TABLE_ID_NONE) {
		t->free_id = RECORD_LINK(table_at(t, id));
		return id;
	}
	if (t->n_ids == t->n_chunks << TABLE_CHUNK_SHIFT)
		table_grow(t);
	return t->n_ids++;
}

static bool
table_is_indexed(const struct table *t, uint32_t id)
{
	return id < t->n_indexed ||
	    (t->build != NULL && index_build_has(t->build, id));
}

uint32_t
table_add(struct table *t, const struct table_key *k)
{
	uint32_t id = table_find(t, k), handle;
	struct record *r;

	if (id != TABLE_ID_NONE)
		return id;
	id = table_new_id(t);
	r = table_at(t, id);
	memset(r, 0, t->stride);
	r->flags = RECORD_USED;
	if (t->addr_len != 0) {
		memcpy(r->key, k->prefix, t->addr_len);
		r->len_bits = k->len_bits;
		t->n_by_len[k->len_bits]++;
	} else {
		handle = heap_alloc(&t->heap, k->len);
		memcpy(heap_at(&t->heap, handle), k->bytes, k->len);
		memcpy(r->key, &handle, sizeof(handle));
		r->key_len = k->len;
	}
	map_add(&t->map, k->hash, id);
	/* Others are taken in when table_index comes to them. */
	if (table_is_indexed(t, id))
		index_add(&t->index, table_head(t, k), id, k);
	t->n_records++;
	return id;
}

void
table_key_of(const struct table *t, uint32_t id, struct table_key *out)
{
	const struct record *r = table_at(t, id);

	memset(out, 0, sizeof(*out));
	out->len_bits = r->len_bits;
	if (t->addr_len != 0) {
		memcpy(out->prefix, r->key, t->addr_len);
	} else {
		out->bytes = record_bytes(t, r);
		out->len = r->key_len;
	}
	table_hash(t, out);
}

void
table_del(struct table *t, uint32_t id)
{
	struct record *r = table_at(t, id);
	struct table_key k;
	struct map_pos pos;
	uint32_t found, handle;

	assert(r->n_paths == 0);
	table_key_of(t, id, &k);
	if (table_is_indexed(t, id))
		index_del(&t->index, table_head(t, &k), &k);
	found = map_first(&t->map, k.hash, &pos);
	while (found != id && found != MAP_NONE)
		found = map_next(&t->map, &pos);
	if (found == id)
		map_del(&t->map, &pos);
	if (t->addr_len != 0) {
		t->n_by_len[r->len_bits]--;
	} else {
		memcpy(&handle, r->key, sizeof(handle));
		heap_free(&t->heap, handle, r->key_len);
	}
	r->flags = 0;
	RECORD_LINK(r) = t->free_id;
	t->free_id = id;
	t->n_records--;
}

bool
table_is_used(const struct table *t, uint32_t id)
{
	return id < t->n_ids && (table_at(t, id)->flags & RECORD_USED) != 0;
}

void
table_nlri(const struct table *t, uint32_t id, int i, uint8_t bytes[17],
    struct nlri *out)
{
	const struct record *r = table_at(t, id);
	const struct path_wide *w;

	memset(out, 0, sizeof(*out));
	out->family = t->family;
	if (t->addr_len != 0) {
		bytes[0] = r->len_bits;
		memcpy(bytes + 1, r->key, t->addr_len);
		out->bytes = bytes;
		out->len = 1u + (r->len_bits + 7u) / 8u;
	} else {
		out->bytes = record_bytes(t, r);
		out->len = r->key_len;
	}
	if (i < 0 || (r->flags & RECORD_WIDE) == 0)
		return;
	w = (const struct path_wide *)(const void *)
	    table_path(t, r, (unsigned)i);
	out->path_id = w->path_id;
	if (w->nlri != HEAP_NONE) {
		out->bytes = heap_at(&t->heap, w->nlri);
		out->len = w->nlri_len;
	}
}

void
table_index_add(struct table *t, uint32_t id)
{
	struct table_key k;

	table_key_of(t, id, &k);
	index_add(&t->index, table_head(t, &k), id, &k);
}

/*
 * The index has not half as many as are to come: begin anew, for nodes that
 * others come between are left half empty.
 */
static void
table_reset_index(struct table *t)
{
	index_fini(&t->index);
	index_init(&t->index, table_compare_void, t);
	t->n_indexed = 0;
}

/* Many at once are sorted before. True when all of them are in. */
static bool
table_build(struct table *t, uint32_t *n)
{
	uint32_t left = t->n_ids - t->n_indexed;

	if (t->build == NULL && left < INDEX_BUILD_MIN)
		return true;
	if (t->build == NULL) {
		if (left >= t->n_indexed / 2)
			table_reset_index(t);
		t->n_build = t->n_ids - t->n_indexed;
		t->build = index_build_new(t->n_indexed, t->n_build);
	}
	if (!index_build_run(t->build, t, n))
		return false;
	index_build_free(t->build);
	t->build = NULL;
	t->n_indexed += t->n_build;
	return t->n_ids - t->n_indexed < INDEX_BUILD_MIN;
}

bool
table_index(struct table *t, uint32_t n)
{
	uint32_t id;

	if (!table_build(t, &n))
		return false;
	for (; n > 0 && t->n_indexed < t->n_ids; n--) {
		id = t->n_indexed++;
		if (table_is_used(t, id))
			table_index_add(t, id);
	}
	return t->n_indexed == t->n_ids;
}

uint32_t
table_seek(const struct table *t, const struct table_key *k,
    struct index_pos *p)
{
	if (k == NULL)
		return index_first(&t->index, p);
	return index_seek(&t->index, table_head(t, k), k, p);
}

uint32_t
table_next(const struct table *t, struct index_pos *p)
{
	return index_next(&t->index, p);
}

uint32_t
table_covering(const struct table *t, const struct table_key *k,
    unsigned len_max)
{
	struct table_key shorter = *k;
	unsigned bits = len_max < k->len_bits ? len_max : k->len_bits;
	uint32_t id;

	if (t->addr_len == 0)
		return TABLE_ID_NONE;
	for (;; bits--) {
		if (t->n_by_len[bits] != 0) {
			shorter.len_bits = (uint8_t)bits;
			table_mask(shorter.prefix, bits, t->addr_len);
			table_hash(t, &shorter);
			id = table_find(t, &shorter);
			if (id != TABLE_ID_NONE)
				return id;
		}
		if (bits == 0)
			return TABLE_ID_NONE;
	}
}

bool
table_is_inside(const struct table *t, uint32_t id, const struct table_key *k)
{
	const struct record *r = table_at(t, id);
	uint8_t addr[16];

	if (t->addr_len == 0 || r->len_bits < k->len_bits)
		return false;
	memcpy(addr, r->key, t->addr_len);
	table_mask(addr, k->len_bits, t->addr_len);
	return memcmp(addr, k->prefix, t->addr_len) == 0;
}

size_t
table_bytes(const struct table *t)
{
	return (size_t)t->n_chunks * CHUNK_RECORDS * t->stride +
	    map_bytes(&t->map) + heap_bytes(&t->heap) +
	    heap_bytes(&t->index.heap);
}

void
id_queue_push(struct id_queue *q, uint32_t id)
{
	if (q->n == q->cap && q->head > q->cap / 2) {
		memmove(q->ids, q->ids + q->head,
		    (q->n - q->head) * sizeof(*q->ids));
		q->n -= q->head;
		q->head = 0;
	}
	if (q->n == q->cap) {
		q->cap = q->cap == 0 ? 64 : q->cap * 2;
		q->ids = reallocarray(q->ids, q->cap, sizeof(*q->ids));
		if (q->ids == NULL)
			err(1, "table");
	}
	q->ids[q->n++] = id;
}
