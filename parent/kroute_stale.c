/* SPDX-License-Identifier: ISC */
/*
 * When the daemon changes its binary, forwarding goes on: the routes in the
 * kernel stay, the new RDE tells its own, and what it has not told after a
 * while goes.
 */
#include "parent/kroute.h"

#include "parent/parent.h"

#include <stdlib.h>

#define STALE_SEC	120	/* for the RDE to be filled again */
#define STALE_SETTLED_SEC 3	/* for what it has then to be told */

static int
stale_compare(const void *va, const void *vb)
{
	const struct netlink_route *a = va, *b = vb;

	if (a->table != b->table)
		return a->table < b->table ? -1 : 1;
	return prefix_compare(&a->prefix, &b->prefix);
}

static void
stale_on_timer(void *arg)
{
	struct kroute *k = arg;
	struct netlink_route batch[NETLINK_BATCH_MAX];
	size_t i, n = 0, n_gone = 0;

	for (i = 0; i < k->n_stale; i++) {
		if (k->stale[i].is_delete) {
			batch[n++] = k->stale[i];
			n_gone++;
		}
		if (n == NETLINK_BATCH_MAX || (n > 0 && i + 1 == k->n_stale)) {
			kroute_apply(k, batch, n);
			n = 0;
		}
	}
	free(k->stale);
	k->stale = NULL;
	k->n_stale = 0;
	if (n_gone != 0)
		log_info(&k->parent->env->log, "kernel routes: %zu stale "
		    "ones removed", n_gone);
}

void
kroute_stale_init(struct kroute *k)
{
	loop_timer_init(&k->stale_timer, k->parent->env->loop,
	    stale_on_timer, k);
}

void
kroute_stale_fini(struct kroute *k)
{
	loop_timer_fini(&k->stale_timer);
	free(k->stale);
}

void
kroute_stale_begin(struct kroute *k)
{
	free(k->stale);
	k->stale = kroute_list(k, NULL, &k->n_stale);
	if (k->n_stale > 1)
		qsort(k->stale, k->n_stale, sizeof(*k->stale), stale_compare);
	loop_timer_set_after_usec(&k->stale_timer,
	    STALE_SEC * MONO_USEC_PER_SEC);
}

void
kroute_stale_settled(struct parent *p)
{
	if (p->kroute != NULL && p->kroute->n_stale != 0)
		loop_timer_set_after_usec(&p->kroute->stale_timer,
		    STALE_SETTLED_SEC * MONO_USEC_PER_SEC);
}

void
kroute_stale_told(struct kroute *k, uint32_t table, const struct prefix *p)
{
	const struct netlink_route key = { .table = table, .prefix = *p };
	struct netlink_route *r;

	if (k->n_stale == 0)
		return;
	r = bsearch(&key, k->stale, k->n_stale, sizeof(key), stale_compare);
	if (r != NULL)
		r->is_delete = false;
}
