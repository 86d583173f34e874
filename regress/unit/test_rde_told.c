/* SPDX-License-Identifier: ISC */
/* Lists of what was told: shared by streams, and joined in slices. */
#include "common/env.h"
#include "common/loop.h"
#include "rde/engine.h"
#include "rde/group.h"
#include "rde/rib.h"
#include "rde/told.h"

#include <criterion/criterion.h>

#include <stdlib.h>

#define FAMILY	NLRI_IPV4_UNICAST
#define N_IDS	1000u
#define N_ATTRS	7u

struct bench {
	struct env	*env;
	struct rde	 rde;
	struct group	 group;
	uint32_t	 attrs[N_ATTRS];
};

/* A set with an AS path of this AS. */
static uint32_t
intern(struct bench *b, uint8_t as)
{
	const uint8_t block[] = { 0x40, 1, 1, 0, 0x40, 2, 6, 2, 1, 0, 0, 0, as };
	const uint8_t nexthop[4] = { 192, 0, 2, 1 };
	const struct attrset_key key = {
		.block = buf_reader(block, sizeof(block)),
		.nexthop = nexthop, .nexthop_len = 4,
	};

	return attrset_intern(&b->rde.attrsets, &key);
}

static struct bench *
bench_new(void)
{
	struct bench *b = calloc(1, sizeof(*b));
	unsigned i;

	b->env = env_new();
	b->rde.env = b->env;
	b->rde.rib = calloc(1, sizeof(*b->rde.rib));
	attrset_init(&b->rde.attrsets, 1);
	told_init(&b->rde.rib->told);
	b->group.key.rich_mask = b->group.key.add_path_mask = 1u << FAMILY;
	for (i = 0; i < N_ATTRS; i++)
		b->attrs[i] = intern(b, (uint8_t)(i + 1));
	return b;
}

/* Nothing is left behind, neither cells nor references to attributes. */
static void
bench_free(struct bench *b)
{
	struct budget budget = { .loop = b->env->loop, .ops = 1000000 };
	unsigned i;

	while (b->group.streams != NULL)
		stream_free(&b->rde, b->group.streams);
	cr_assert(told_run(&b->rde, &budget));
	cr_assert_eq(b->rde.rib->told.heap.used_bytes, 0);
	told_fini(&b->rde);
	for (i = 0; i < N_ATTRS; i++)
		attrset_unref(&b->rde.attrsets, b->attrs[i]);
	cr_assert_eq(b->rde.attrsets.n_sets, 0);
	attrset_fini(&b->rde.attrsets);
	env_free(b->env);
	free(b->rde.rib);
	free(b);
}

/* Paths 1..n with attributes by turns. */
static void
set(struct bench *b, struct stream *s, uint32_t id, unsigned n, unsigned turn)
{
	struct stream_told items[4];
	struct told_list list = { items, n };
	unsigned i;

	for (i = 0; i < n; i++)
		items[i] = (struct stream_told){ .id = i + 1,
		    .attr = b->attrs[(id + i + turn) % N_ATTRS] };
	told_set(&b->rde, s, FAMILY, id, &list);
}

static struct told_list
get(struct bench *b, const struct stream *s, uint32_t id)
{
	return told_get(&b->rde, s, FAMILY, id);
}

Test(rde_told, a_copy_is_shared_until_one_writes)
{
	struct bench *b = bench_new();
	struct stream *a = stream_new(&b->rde, &b->group, false), *c;
	struct told_list one, two;
	size_t used;
	uint32_t id;

	for (id = 0; id < N_IDS; id++)
		set(b, a, id, 1 + id % 3, 0);
	used = b->rde.rib->told.heap.used_bytes;
	c = stream_new(&b->rde, &b->group, true);
	stream_copy_sent(&b->rde, c, a);
	cr_assert_eq(b->rde.rib->told.heap.used_bytes, used);
	cr_assert_eq(c->n_sent, N_IDS);
	set(b, c, 500, 2, 3);
	set(b, a, 700, 0, 0);
	cr_assert_lt(b->rde.rib->told.heap.used_bytes, used + 2000);
	for (id = 0; id < N_IDS; id++) {
		one = get(b, a, id);
		two = get(b, c, id);
		cr_assert_eq(told_is_equal(&one, &two), id != 500 && id != 700,
		    "%u", id);
		cr_assert_eq(one.n, id == 700 ? 0 : 1 + id % 3, "%u", id);
	}
	bench_free(b);
}

Test(rde_told, streams_are_joined_in_slices)
{
	struct bench *b = bench_new();
	struct stream *main = stream_new(&b->rde, &b->group, false), *s;
	struct budget budget;
	unsigned n_turns = 0;
	struct told_list list;
	uint32_t id;

	for (id = 0; id < N_IDS; id++)
		set(b, main, id, 2, 0);
	s = stream_new(&b->rde, &b->group, true);
	stream_copy_sent(&b->rde, s, main);
	for (id = 0; id < N_IDS; id++) {
		if (id % 5 != 4)	/* both: the same again, or others */
			set(b, main, id, id % 5 == 3 ? 0 : 2, 1);
		set(b, s, id, id % 5 == 2 ? 3 : 2, id % 5 == 1 ? 2 : 1);
	}
	do {
		cr_assert_lt(n_turns++, 2 * N_IDS);
		budget = (struct budget){ .loop = b->env->loop, .ops = 8,
		    .deadline = mono_add_usec(loop_now(b->env->loop),
		    MONO_USEC_PER_SEC) };
	} while (!stream_merge_sent(&b->rde, main, s, &budget));
	cr_assert_gt(n_turns, 10);
	for (id = 0; id < N_IDS; id++) {
		list = get(b, main, id);
		cr_assert_eq(list.n, id % 5 == 2 ? 3 : 2, "%u", id);
		/* Known where both were told the same. */
		cr_assert_eq(list.items[0].attr != ATTRSET_NONE,
		    id % 5 != 1 && id % 5 != 4, "%u", id);
		cr_assert(stream_has_sent(main, FAMILY, id));
	}
	cr_assert_eq(main->n_sent, N_IDS);
	/* Once more costs nothing: they are one. */
	budget = (struct budget){ .loop = b->env->loop, .ops = 8 };
	cr_assert(stream_merge_sent(&b->rde, main, s, &budget));
	cr_assert_eq(budget.ops, 8);
	bench_free(b);
}
