/* SPDX-License-Identifier: ISC */
/* The RDE's tables against plain models: heap, map, ordered index, records. */
#include "common/buf.h"
#include "common/nlri/nlri.h"
#include "rde/table.h"

#include <criterion/criterion.h>

#include <stdlib.h>
#include <string.h>

#define N_KEYS	3000
#define N_BUILD	20000
#define N_OPS	200000

/* A small generator, so that a run can be repeated. */
struct rng {
	uint64_t state;
};

static uint32_t
rng_below(struct rng *r, uint32_t bound)
{
	r->state = r->state * 6364136223846793005u + 1442695040888963407u;
	return (uint32_t)(r->state >> 33) % bound;
}

Test(rde_heap, freed_cells_are_given_again)
{
	struct heap h;
	uint32_t a, b;
	size_t len;

	heap_init(&h);
	for (len = 1; len < 100000; len = len * 3 / 2 + 1) {
		a = heap_alloc(&h, len);
		memset(heap_at(&h, a), 0xaa, len);
		b = heap_alloc(&h, len);
		cr_assert_neq(a, b);
		heap_free(&h, a, len);
		cr_assert_eq(heap_alloc(&h, len), a);
	}
	heap_fini(&h);
}

/* A record of the model: present or not, with a set of peers. */
struct model {
	uint8_t		bytes[17];
	size_t		len;
	bool		is_present;
	uint32_t	id;
	bool		peers[8];
};

static int
model_compare(const void *a, const void *b)
{
	const struct model *x = a, *y = b;
	int order = memcmp(x->bytes + 1, y->bytes + 1, 16);

	return order != 0 ? order : x->bytes[0] - y->bytes[0];
}

static void
model_fill(struct model *m, struct rng *rng, unsigned addr_len)
{
	size_t i, j;

	for (i = 0; i < N_KEYS; i++) {
		memset(&m[i], 0, sizeof(m[i]));
		m[i].bytes[0] = (uint8_t)rng_below(rng, addr_len * 8 + 1);
		m[i].len = 1 + (m[i].bytes[0] + 7u) / 8;
		for (j = 1; j < m[i].len; j++)
			m[i].bytes[j] = (uint8_t)rng_below(rng, 4);
		if (m[i].bytes[0] % 8 != 0)
			m[i].bytes[m[i].len - 1] &=
			    (uint8_t)(0xff00 >> (m[i].bytes[0] % 8));
	}
	qsort(m, N_KEYS, sizeof(*m), model_compare);
}

/* Fold equal keys into one, so that each is a destination of its own. */
static size_t
model_unique(struct model *m)
{
	size_t n = 0, i;

	for (i = 0; i < N_KEYS; i++) {
		if (n == 0 || model_compare(&m[n - 1], &m[i]) != 0)
			m[n++] = m[i];
	}
	return n;
}

static void
check_order(struct table *t, const struct model *m, size_t n)
{
	struct index_pos pos;
	uint32_t id;
	size_t i, n_found = 0;

	while (!table_index(t, 100))
		;
	id = table_seek(t, NULL, &pos);

	for (i = 0; i < n; i++) {
		if (!m[i].is_present)
			continue;
		cr_assert_eq(id, m[i].id);
		id = table_next(t, &pos);
		n_found++;
	}
	cr_assert_eq(id, TABLE_ID_NONE);
	cr_assert_eq(n_found, t->n_records);
}

static void
toggle(struct table *t, struct model *m, uint16_t peer)
{
	struct nlri nlri = {
		.family = t->family, .bytes = m->bytes, .len = m->len,
	};
	struct table_key key;
	uint32_t id;
	int i;

	cr_assert(table_key(t, &nlri, NULL, &key));
	id = table_find(t, &key);
	cr_assert_eq(id, m->is_present ? m->id : TABLE_ID_NONE);
	if (!m->peers[peer]) {
		id = table_add(t, &key);
		m->is_present = true;
		m->id = id;
		cr_assert_eq(table_find_path(t, id, peer, 7, false), -1);
		nlri.path_id = peer % 2 ? 7 : 0;
		cr_assert_geq(table_add_path(t, id, peer, &nlri), 0);
		m->peers[peer] = true;
		return;
	}
	i = table_find_path(t, id, peer, peer % 2 ? 7 : 0, false);
	cr_assert_geq(i, 0);
	table_del_path(t, id, (unsigned)i);
	m->peers[peer] = false;
	if (table_at(t, id)->n_paths == 0) {
		table_del(t, id);
		m->is_present = false;
	}
}

static void
run_model(unsigned family)
{
	struct rng rng = { .state = family + 1 };
	struct model *m = calloc(N_KEYS, sizeof(*m));
	struct table t;
	size_t n, i;

	table_init(&t, nlri_by_id(family), NULL, 42);
	model_fill(m, &rng, t.addr_len);
	n = model_unique(m);
	for (i = 0; i < N_OPS; i++) {
		toggle(&t, &m[rng_below(&rng, (uint32_t)n)],
		    (uint16_t)rng_below(&rng, 8));
		if (i % (N_OPS / 10) == 0)
			check_order(&t, m, n);
	}
	check_order(&t, m, n);
	for (i = 0; i < n * 8; i++) {
		if (m[i / 8].peers[i % 8])
			toggle(&t, &m[i / 8], (uint16_t)(i % 8));
	}
	cr_assert_eq(t.n_records, 0);
	cr_assert_eq(t.n_paths, 0);
	cr_assert_eq(t.index.n_entries, 0);
	cr_assert_eq(t.heap.used_bytes, 0);
	table_fini(&t);
	free(m);
}

/* The table changes between the slices in which its order is made. */
static void
run_build(unsigned family)
{
	struct rng rng = { .state = family + 77 };
	struct model *m = calloc(N_BUILD, sizeof(*m));
	struct table t;
	size_t i, n_slices = 0;

	table_init(&t, nlri_by_id(family), NULL, 42);
	for (i = 0; i < N_BUILD; i++) {
		m[i].len = 4;
		m[i].bytes[0] = 24;
		m[i].bytes[1] = (uint8_t)(i >> 16);
		m[i].bytes[2] = (uint8_t)(i >> 8);
		m[i].bytes[3] = (uint8_t)i;
	}
	for (i = 0; i < N_BUILD; i += 1 + rng_below(&rng, 2))
		toggle(&t, &m[i], 0);
	while (!table_index(&t, 97)) {
		for (i = 0; i < 5; i++)
			toggle(&t, &m[rng_below(&rng, N_BUILD)], 0);
		n_slices++;
	}
	cr_assert_gt(n_slices, N_BUILD / 97);
	check_order(&t, m, N_BUILD);
	cr_assert_eq(t.index.n_entries, t.n_records);
	table_fini(&t);
	free(m);
}

Test(rde_table, an_index_is_built_while_the_table_changes)
{
	run_build(NLRI_IPV4_UNICAST);
	run_build(NLRI_IPV6_UNICAST);
}

Test(rde_table, random_changes_agree_with_a_model_ipv4)
{
	run_model(NLRI_IPV4_UNICAST);
}

Test(rde_table, random_changes_agree_with_a_model_ipv6)
{
	run_model(NLRI_IPV6_UNICAST);
}

static uint32_t
add_prefix(struct table *t, const char *wire, size_t len)
{
	struct nlri nlri = {
		.family = t->family, .bytes = (const uint8_t *)wire,
		.len = len,
	};
	struct table_key key;

	cr_assert(table_key(t, &nlri, NULL, &key));
	return table_add(t, &key);
}

Test(rde_table, covering_finds_the_longest_match)
{
	struct table t;
	struct nlri nlri = { .bytes = (const uint8_t *)"\x20\x0a\x01\x02\x03",
	    .len = 5 };
	struct table_key key;
	uint32_t wide, narrow;

	table_init(&t, nlri_by_id(NLRI_IPV4_UNICAST), NULL, 1);
	cr_assert(table_key(&t, &nlri, NULL, &key));
	cr_assert_eq(table_covering(&t, &key, 32), TABLE_ID_NONE);
	wide = add_prefix(&t, "\x08\x0a", 2);
	narrow = add_prefix(&t, "\x10\x0a\x01", 3);
	add_prefix(&t, "\x10\x0a\x02", 3);
	cr_assert_eq(table_covering(&t, &key, 32), narrow);
	cr_assert_eq(table_covering(&t, &key, 15), wide);
	cr_assert_eq(table_covering(&t, &key, 7), TABLE_ID_NONE);
	table_key_of(&t, wide, &key);
	cr_assert(table_is_inside(&t, narrow, &key));
	table_key_of(&t, narrow, &key);
	cr_assert(!table_is_inside(&t, wide, &key));
	table_fini(&t);
}
