/* SPDX-License-Identifier: ISC */
/*
 * The next hops of all routes: what the kernel says of them, if it is asked.
 * If not, each that could be one is called valid: martians never get as far
 * as here.
 */
#include "common/emit.h"
#include "rde/query.h"
#include "rde/rib.h"

#include <err.h>
#include <stdlib.h>

#define NEXTHOPS_SHOWN	1500	/* what fits one answer */

struct nexthop_list {
	struct addr	*addrs;
	size_t		 n, cap;
};

static int
nexthop_compare(const void *a, const void *b)
{
	return addr_compare(a, b);
}

static void
nexthop_sort_unique(struct nexthop_list *h)
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
nexthop_add(struct nexthop_list *h, const struct addr *a)
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

static void
told_emit(const struct kroute_nexthop *n, struct wr *out)
{
	char text[PREFIX_TEXT_MAX];
	struct emit e;

	emit_msgpack_init(&e, out);
	emit_begin_object(&e);
	emit_key_string(&e, "address", addr_print(&n->addr, text,
	    sizeof(text)));
	emit_key_boolean(&e, "valid", n->is_valid);
	if (n->prefix.addr.family != ADDR_NONE) {
		emit_key_string(&e, "prefix", prefix_print(&n->prefix, text,
		    sizeof(text)));
		emit_key_number(&e, "priority", n->metric);
		emit_key_boolean(&e, "connected", n->is_connected);
		emit_key_string(&e, "nexthop", n->is_connected ? "connected" :
		    addr_print(&n->gateway, text, sizeof(text)));
	}
	if (n->ifname[0] != '\0') {
		emit_key_object(&e, "interface");
		emit_key_string(&e, "name", n->ifname);
		emit_key_number(&e, "rdomain", 0);
		emit_key_boolean(&e, "is_up", n->is_up);
		emit_key_boolean(&e, "nh_reachable", n->is_up);
		emit_end_object(&e);
	}
	emit_end_object(&e);
}

static int
told_compare(const void *va, const void *vb)
{
	const struct kroute_nexthop *const *a = va, *const *b = vb;

	return addr_compare(&(*a)->addr, &(*b)->addr);
}

static void
emit_told(const struct nexthops *h, struct wr *out)
{
	const struct kroute_nexthop **sorted;
	uint32_t i, n = 0;

	sorted = calloc(h->n_used + 1, sizeof(struct kroute_nexthop *));
	if (sorted == NULL)
		err(1, "query");
	for (i = 0; i < h->n_all && n < h->n_used; i++)
		if (h->all[i].is_used)
			sorted[n++] = &h->all[i].told;
	qsort(sorted, n, sizeof(sorted[0]), told_compare);
	for (i = 0; i < n && i < NEXTHOPS_SHOWN; i++)
		told_emit(sorted[i], out);
	free(sorted);
}

void
query_emit_nexthops(struct rde *rde, struct wr *out)
{
	struct nexthop_list h = { 0 };
	uint32_t slot, n = map_n_slots(&rde->attrsets.map), value;
	struct addr a;
	size_t i;

	if (rde->rib->nexthops.is_on) {
		emit_told(&rde->rib->nexthops, out);
		return;
	}
	for (slot = 0; slot < n; slot++) {
		value = map_in_slot(&rde->attrsets.map, slot);
		if (value != MAP_NONE && attrset_nexthop_addr(
		    attrset_at(&rde->attrsets, value), &a) &&
		    !addr_is_unspecified(&a))
			nexthop_add(&h, &a);
	}
	nexthop_sort_unique(&h);
	for (i = 0; i < h.n && i < NEXTHOPS_SHOWN; i++)
		nexthop_emit(&h.addrs[i], out);
	free(h.addrs);
}
