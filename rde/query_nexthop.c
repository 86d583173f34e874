/* SPDX-License-Identifier: ISC */
/*
 * The next hops of all routes. Without a look at the kernel's routes each
 * that could be one is called valid: martians never get as far as here.
 */
#include "common/emit.h"
#include "rde/query.h"

#include <err.h>
#include <stdlib.h>

#define NEXTHOPS_MAX	2000	/* shown: what fits one answer */

struct nexthops {
	struct addr	*addrs;
	size_t		 n, cap;
};

static int
nexthop_compare(const void *a, const void *b)
{
	return addr_compare(a, b);
}

static void
nexthop_sort_unique(struct nexthops *h)
{
	size_t i, k = 0;

	if (h->n == 0)
		return;
	qsort(h->addrs, h->n, sizeof(*h->addrs), nexthop_compare);
	for (i = 1; i < h->n; i++)
		if (!addr_is_equal(&h->addrs[i], &h->addrs[k]))
			h->addrs[++k] = h->addrs[i];
	h->n = k + 1;
}

static void
nexthop_add(struct nexthops *h, const struct addr *a)
{
	if (h->n > 0 && addr_is_equal(&h->addrs[h->n - 1], a))
		return;
	if (h->n == h->cap) {
		nexthop_sort_unique(h);
		if (h->n >= h->cap / 2) {
			h->cap = h->cap == 0 ? 1024 : h->cap * 2;
			h->addrs = reallocarray(h->addrs, h->cap,
			    sizeof(*h->addrs));
			if (h->addrs == NULL)
				err(1, "query");
		}
	}
	h->addrs[h->n++] = *a;
}

static void
nexthop_emit(const struct addr *a, struct wr *out)
{
	char text[ADDR_TEXT_MAX];
	struct emit e;

	emit_msgpack_init(&e, out);
	emit_begin_object(&e);
	emit_key_string(&e, "address", addr_print(a, text, sizeof(text)));
	emit_key_boolean(&e, "valid", true);
	emit_end_object(&e);
}

void
query_emit_nexthops(struct rde *rde, struct wr *out)
{
	struct nexthops h = { 0 };
	uint32_t slot, n = map_n_slots(&rde->attrsets.map), value;
	struct addr a;
	size_t i;

	for (slot = 0; slot < n; slot++) {
		value = map_in_slot(&rde->attrsets.map, slot);
		if (value != MAP_NONE && attrset_nexthop_addr(
		    attrset_at(&rde->attrsets, value), &a) &&
		    !addr_is_unspecified(&a))
			nexthop_add(&h, &a);
	}
	nexthop_sort_unique(&h);
	for (i = 0; i < h.n && i < NEXTHOPS_MAX; i++)
		nexthop_emit(&h.addrs[i], out);
	free(h.addrs);
}
