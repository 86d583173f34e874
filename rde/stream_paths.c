/* SPDX-License-Identifier: ISC */
/*
 * Adj-RIB-Out of streams to which more than the best path matters: a list of
 * what was told for each destination (told.c).
 *
 *   add-path       an item a path: its identifier, its attributes
 *   evaluate all   [0] id: index of the route's source; told to all others
 *                  [1] id: OWN; what that source hears instead, if anything
 *
 * A new choice is compared with the list, and what differs is sent.
 */
#include "rde/engine.h"
#include "rde/group.h"
#include "rde/rib.h"
#include "rde/told.h"

#include <err.h>
#include <stdlib.h>
#include <string.h>

#define TOLD_OWN	UINT32_MAX

static const struct stream_told *
told_find(const struct told_list *list, uint32_t id)
{
	uint32_t i;

	for (i = 0; i < list->n; i++) {
		if (list->items[i].id == id)
			return &list->items[i];
	}
	return NULL;
}

/* An item on its way; NULL: a withdrawal. */
static void
send_item(struct rde *rde, struct stream *s, const struct stream_entry *like,
    const struct export_item *item)
{
	struct stream_entry e = *like;

	e.attr = ATTRSET_NONE;
	if (item != NULL) {
		e.attr = item->attr;
		e.path = item->path;
		attrset_ref(&rde->attrsets, e.attr);
	}
	stream_push(s, &e);
}

/* Lists with identifiers: each path stands for itself. */
static void
send_add_path(struct rde *rde, struct stream *s, struct stream_entry like,
    const struct told_list *old, const struct told_list *new)
{
	const struct export_item *items = rde->rib->items;
	const struct stream_told *was;
	uint32_t i;

	for (i = 0; i < old->n; i++) {
		like.path_id = old->items[i].id;
		if (told_find(new, like.path_id) == NULL)
			send_item(rde, s, &like, NULL);
	}
	for (i = 0; i < new->n; i++) {
		was = told_find(old, new->items[i].id);
		if (was != NULL && was->attr == new->items[i].attr)
			continue;
		like.path_id = new->items[i].id;
		like.peer = items[i].source;
		send_item(rde, s, &like, &items[i]);
	}
}

/* One route for all but its source, and another for that. */
static void
send_one(struct rde *rde, struct stream *s, struct stream_entry like,
    const struct told_list *old, const struct told_list *new)
{
	const struct export_item *items = rde->rib->items;
	const struct stream_told *was = old->items, *is = new->items;
	bool is_same_source, has_own;

	if (new->n == 0) {
		if (old->n != 0)
			send_item(rde, s, &like, NULL);
		return;
	}
	is_same_source = old->n != 0 && was[0].id == is[0].id;
	like.peer = (uint16_t)is[0].id;
	if (old->n == 0 || was[0].attr != is[0].attr) {
		send_item(rde, s, &like, &items[0]);
	} else if (!is_same_source) {
		like.peer = (uint16_t)was[0].id;
		like.is_for_one = true;
		send_item(rde, s, &like, &items[0]);
	}
	/* What the source has heard: its own, or as one of all. */
	like.peer = (uint16_t)is[0].id;
	like.is_for_one = true;
	has_own = is_same_source && old->n > 1;
	if (new->n == 1) {
		if (has_own || (old->n != 0 && !is_same_source))
			send_item(rde, s, &like, NULL);
	} else if (!has_own || was[1].attr != is[1].attr) {
		send_item(rde, s, &like, &items[1]);
	}
}

static void
list_items(const struct rde *rde, bool with_ids, struct stream_told *out,
    size_t n)
{
	const struct export_item *items = rde->rib->items;
	size_t i;

	for (i = 0; i < n; i++) {
		out[i].attr = items[i].attr;
		out[i].id = with_ids ? items[i].path_id :
		    i == 0 ? items[i].source : TOLD_OWN;
	}
}

void
stream_export_paths(struct rde *rde, struct stream *s, struct table *t,
    uint32_t id)
{
	unsigned family = t->family->id;
	struct stream_entry like = { .id = id, .family = (uint8_t)family };
	size_t n = export_paths(rde, s, t, id);
	struct stream_told few[16], *list = few;
	struct told_list old, new;

	old = told_get(rde, s, family, id);
	if (old.n == 0 && n != 0 && stream_is_over_limit(rde, s)) {
		export_drop(rde, n);
		return;
	}
	if (n > sizeof(few) / sizeof(few[0])) {
		list = calloc(n, sizeof(*list));
		if (list == NULL)
			err(1, "stream");
	}
	list_items(rde, told_has_ids(s, family), list, n);
	new = (struct told_list){ list, (uint32_t)n };
	/* Told by an RDE before us, and gone: see refill.c. */
	if (old.n + n == 0 && stream_has_sent(s, family, id)) {
		if (!told_has_ids(s, family))
			send_item(rde, s, &like, NULL);
		stream_set_sent(s, family, id, false);
	}
	if (!told_is_equal(&old, &new)) {
		if (told_has_ids(s, family))
			send_add_path(rde, s, like, &old, &new);
		else
			send_one(rde, s, like, &old, &new);
		told_set(rde, s, family, id, &new);
	}
	if (list != few)
		free(list);
	export_drop(rde, n);
}
