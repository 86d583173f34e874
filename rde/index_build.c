/* SPDX-License-Identifier: ISC */
/*
 * Sorting for an index: the heads of all keys are collected, sorted by
 * their bytes from the last to the first (those that are the same everywhere
 * are passed over), and the records added in that order. A record that got
 * another key meanwhile is merely out of order.
 */
#include "rde/index_build.h"

#include "rde/table.h"

#include <err.h>
#include <stdlib.h>
#include <sys/mman.h>

enum build_phase {
	BUILD_COLLECT,
	BUILD_SORT,
	BUILD_ADD,
	BUILD_SWEEP,		/* ids that were not used at first */
	BUILD_DONE,
};

struct build_list {
	uint64_t	*heads;
	uint32_t	*ids;
};

struct index_build {
	uint32_t		 first, n_ids;
	enum build_phase	 phase;
	uint32_t		 pos;	/* of this phase */
	uint32_t		 n;	/* collected */
	unsigned		 byte;	/* by which is sorted now */
	struct build_list	 from, to;
	uint32_t		 counts[8][256];
	uint8_t			*has;	/* a bit for each id */
};

static size_t
list_bytes(uint32_t n)
{
	return n * (sizeof(uint64_t) + sizeof(uint32_t));
}

/* From the system, to which it goes back whole. */
static struct build_list
list_new(uint32_t n)
{
	void *p = mmap(NULL, list_bytes(n), PROT_READ | PROT_WRITE,
	    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (p == MAP_FAILED)
		err(1, "index");
	return (struct build_list){
		.heads = p, .ids = (uint32_t *)p + 2 * (size_t)n,
	};
}

static void
list_free(struct build_list *l, uint32_t n)
{
	munmap(l->heads, list_bytes(n));
}

struct index_build *
index_build_new(uint32_t first, uint32_t n)
{
	struct index_build *b = calloc(1, sizeof(*b));

	if (b == NULL || (b->has = calloc(1, n / 8 + 1)) == NULL)
		err(1, "index");
	b->first = first;
	b->n_ids = n;
	b->from = list_new(n);
	b->to = list_new(n);
	return b;
}

void
index_build_free(struct index_build *b)
{
	if (b == NULL)
		return;
	list_free(&b->from, b->n_ids);
	list_free(&b->to, b->n_ids);
	free(b->has);
	free(b);
}

bool
index_build_has(const struct index_build *b, uint32_t id)
{
	uint32_t i = id - b->first;

	return i < b->n_ids && (b->has[i / 8] >> (i % 8) & 1) != 0;
}

static void
build_add(struct index_build *b, struct table *t, uint32_t id)
{
	uint32_t i = id - b->first;

	if (index_build_has(b, id))
		return;
	b->has[i / 8] |= (uint8_t)(1u << (i % 8));
	if (table_is_used(t, id))
		table_index_add(t, id);
}

static void
build_collect(struct index_build *b, struct table *t)
{
	uint32_t id = b->first + b->pos++;
	struct table_key k;
	uint64_t head;
	unsigned i;

	if (!table_is_used(t, id))
		return;
	table_key_of(t, id, &k);
	head = table_head(t, &k);
	b->from.heads[b->n] = head;
	b->from.ids[b->n++] = id;
	for (i = 0; i < 8; i++)
		b->counts[i][head >> (8 * i) & 0xff]++;
}

/* Counts become places; false when all keys have the same byte there. */
static bool
sort_begin(struct index_build *b)
{
	uint32_t *counts = b->counts[b->byte], sum = 0, n;
	unsigned i;

	for (i = 0; i < 256; i++) {
		n = counts[i];
		if (n == b->n)
			return false;
		counts[i] = sum;
		sum += n;
	}
	return true;
}

/* The next byte that tells keys apart; false when there is none. */
static bool
sort_next(struct index_build *b)
{
	b->pos = 0;
	while (b->byte < 8 && !sort_begin(b))
		b->byte++;
	return b->byte < 8;
}

static void
build_sort(struct index_build *b)
{
	struct build_list sorted;
	uint64_t head = b->from.heads[b->pos];
	uint32_t to = b->counts[b->byte][head >> (8 * b->byte) & 0xff]++;

	b->to.heads[to] = head;
	b->to.ids[to] = b->from.ids[b->pos++];
	if (b->pos < b->n)
		return;
	sorted = b->to;
	b->to = b->from;
	b->from = sorted;
	b->byte++;
	if (!sort_next(b))
		b->phase = BUILD_ADD;
}

static void
build_step(struct index_build *b, struct table *t)
{
	switch (b->phase) {
	case BUILD_COLLECT:
		if (b->pos < b->n_ids)
			build_collect(b, t);
		else
			b->phase = sort_next(b) ? BUILD_SORT : BUILD_ADD;
		break;
	case BUILD_SORT:
		build_sort(b);
		if (b->phase == BUILD_ADD)
			b->pos = 0;
		break;
	case BUILD_ADD:
		if (b->pos < b->n) {
			build_add(b, t, b->from.ids[b->pos++]);
			break;
		}
		b->phase = BUILD_SWEEP;
		b->pos = 0;
		break;
	case BUILD_SWEEP:
		if (b->pos < b->n_ids)
			build_add(b, t, b->first + b->pos++);
		else
			b->phase = BUILD_DONE;
		break;
	case BUILD_DONE:
		break;
	}
}

bool
index_build_run(struct index_build *b, struct table *t, uint32_t *n)
{
	for (; *n > 0 && b->phase != BUILD_DONE; --*n)
		build_step(b, t);
	return b->phase == BUILD_DONE;
}
