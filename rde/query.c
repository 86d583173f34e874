/* SPDX-License-Identifier: ISC */
/*
 * The walks of queries. A walk remembers the key at which it stands, so that
 * the table may change between two slices.
 */
#include "rde/query.h"

#include "common/bgp.h"
#include "common/env.h"
#include "common/value.h"
#include "rde/group.h"
#include "rde/impact.h"
#include "rde/rib.h"

#include <err.h>
#include <stdlib.h>
#include <string.h>

#define QUERIES_MAX	64
#define ENTRIES_MAX	(256 * 1024)	/* room for entries not sent yet */
#define BATCH_BYTES	(32 * 1024)	/* sent above this */
#define TURN_BYTES	(64 * 1024)	/* of a query: XOFF comes between turns */
#define PATHS_SPEND	4
#define INDEX_SLICE	256

static struct query *
query_find(struct rde *rde, uint32_t client)
{
	struct query *q;

	for (q = rde->queries; q != NULL && q->client != client; q = q->next)
		;
	return q;
}

static size_t
query_count(const struct rde *rde)
{
	const struct query *q;
	size_t n = 0;

	for (q = rde->queries; q != NULL; q = q->next)
		n++;
	return n;
}

static void
query_free(struct rde *rde, struct query *q)
{
	struct query **link = &rde->queries;
	struct rpeer *p = q->peer < rde->n_peers ? rde->peers[q->peer] : NULL;

	while (*link != q)
		link = &(*link)->next;
	*link = q->next;
	if (p != NULL && p->orig != NULL && p->orig->walker == q)
		p->orig->walker = NULL;
	buf_free(&q->key_bytes);
	buf_free(&q->out);
	free(q->f.peers);
	free(q);
}

static void
query_flush(struct rde *rde, struct query *q)
{
	if (q->out.len == 0)
		return;
	q->turn_bytes += q->out.len;
	if (q->out.err == 0)
		chan_send(rde->api, IMSG_RIB_ENTRY, q->client, q->out.base,
		    q->out.len);
	buf_reset(&q->out);
}

/* Its share of this turn is used up, or there is no room. */
static bool
query_must_wait(const struct rde *rde, const struct query *q)
{
	return q->turn_bytes >= TURN_BYTES || chan_is_full(rde->api);
}

static void
query_end(struct rde *rde, uint32_t client, const char *why)
{
	if (rde->api != NULL)
		chan_send(rde->api, IMSG_RIB_END, client, why, strlen(why));
}

/* Requests that are answered at once. */
static bool
query_answer(struct rde *rde, const struct query *q)
{
	struct wr w;

	if (q->f.request <= QUERY_NETWORKS)
		return false;
	buf_writer_growing(&w, ENTRIES_MAX);
	if (q->f.request == QUERY_MEMORY)
		query_emit_memory(rde, &w);
	else if (q->f.request == QUERY_SETS)
		query_emit_sets(rde, &w);
	else if (q->f.request == QUERY_NEXTHOPS)
		query_emit_nexthops(rde, &w);
	if (w.len != 0 && w.err == 0)
		chan_send(rde->api, IMSG_RIB_ENTRY, q->client, w.base, w.len);
	buf_free(&w);
	return true;
}

static void	query_run_now(struct rde *, struct query *);

static struct query *
query_new(struct rde *rde, uint32_t client)
{
	struct query **link, *q = calloc(1, sizeof(*q));

	if (q == NULL)
		err(1, "query");
	q->client = client;
	buf_writer_growing(&q->key_bytes, 65536);
	buf_writer_growing(&q->out, ENTRIES_MAX);
	for (link = &rde->queries; *link != NULL; link = &(*link)->next)
		;
	*link = q;
	return q;
}

/* Which table; what a neighbor is told is of its own. */
static const char *
query_find_rib(struct rde *rde, struct query *q)
{
	q->rib = rib_extra_find(rde, q->f.rib);
	if (q->rib == 0 && q->f.rib[0] != '\0' &&
	    strcmp(q->f.rib, "Loc-RIB") != 0 &&
	    strcmp(q->f.rib, "Adj-RIB-In") != 0)
		return "no such RIB";
	if (strcmp(q->f.rib, "Adj-RIB-In") == 0 &&
	    q->f.direction == QUERY_LOC)
		q->f.direction = QUERY_IN;
	return NULL;
}

void
query_begin(struct rde *rde, const struct imsg *m)
{
	struct query *q = query_find(rde, m->id);
	const char *why;

	if (q != NULL)
		query_free(rde, q);
	q = query_new(rde, m->id);
	why = query_filter_read(&q->f, m->data, m->len);
	if (why == NULL && query_count(rde) > QUERIES_MAX)
		why = "too many requests";
	if (why == NULL && rde->conf == NULL)
		why = "no configuration yet";
	if (why == NULL)
		why = query_find_rib(rde, q);
	if (why == NULL && !query_answer(rde, q)) {
		query_run_now(rde, q);
		return;
	}
	query_end(rde, q->client, why == NULL ? "" : why);
	query_free(rde, q);
}

void
query_cancel(struct rde *rde, const struct imsg *m)
{
	struct query *q = query_find(rde, m->id);

	if (q != NULL)
		query_free(rde, q);
	else
		impact_cancel(rde, m->id);
}

void
query_xoff(struct rde *rde, const struct imsg *m)
{
	struct query *q = query_find(rde, m->id);

	if (q != NULL)
		q->is_xoff = true;
}

void
query_xon(struct rde *rde, const struct imsg *m)
{
	struct query *q = query_find(rde, m->id);

	if (q != NULL)
		q->is_xoff = false;
}

void
query_drop_all(struct rde *rde)
{
	while (rde->queries != NULL)
		query_free(rde, rde->queries);
}

void
query_counters(struct rde *rde, const struct imsg *m)
{
	struct wr w;
	uint32_t i;

	buf_writer_growing(&w, ENTRIES_MAX);
	for (i = 1; i < rde->n_peers; i++) {
		if (rde->peers[i] == NULL || rde->peers[i]->is_retired)
			continue;
		query_emit_counters(rde, rde->peers[i], &w);
		chan_send_wr(rde->api, IMSG_PEER_COUNTERS, m->id, &w);
	}
	buf_free(&w);
	chan_send(rde->api, IMSG_PEER_COUNTERS_END, m->id, NULL, 0);
}

static void
query_show(struct rde *rde, struct query *q, const struct query_entry *e)
{
	if (q->n_entries >= q->f.limit ||
	    !query_filter_passes(rde, &q->f, e))
		return;
	q->n_entries++;
	if (q->f.is_count)
		return;
	query_emit_entry(rde, &q->f, e, &q->out);
	if (q->out.len > BATCH_BYTES)
		query_flush(rde, q);
}

/* Paths of a record as they came in, or as they are in Loc-RIB. */
static void
show_paths(struct rde *rde, struct query *q, struct table *t, uint32_t id)
{
	const struct record *r = table_at(t, id);
	struct query_entry e = { 0 };
	uint8_t bytes[17];
	struct nlri nlri;
	uint32_t attr;
	size_t n_ranks;
	unsigned i;

	rib_rank(rde, t, id, &n_ranks);
	for (i = 0; i < r->n_paths; i++) {
		e.path = table_path(t, r, i);
		e.peer = rde->peers[e.path->peer];
		if (!rib_path_is_alive(rde, t, e.path) ||
		    (e.path->flags & PATH_PRIVATE) ||
		    !query_filter_has_peer(&q->f, e.peer) ||
		    (q->f.request == QUERY_NETWORKS && e.path->peer != RDE_PEER_LOCAL))
			continue;
		attr = q->f.direction == QUERY_IN ? e.path->attr_in :
		    e.path->attr;
		if (attr == ATTRSET_NONE && !q->f.is_bare && (q->f.filtered ||
		    rde->conf->include_filtered))
			attr = e.path->attr_in;
		/* What stations are told is what was accepted. */
		if (q->f.is_bare && q->f.direction == QUERY_LOC &&
		    (e.path->flags & (PATH_LOOP | PATH_LEAK)))
			continue;
		if (attr == ATTRSET_NONE)
			continue;
		e.attr = attrset_at(&rde->attrsets, attr);
		e.is_eligible = rib_path_is_eligible(rde, t, e.path);
		e.is_best = i == 0 && (r->flags & RECORD_HAS_BEST);
		e.class = rde->rib->classes[i];
		e.is_stale = (e.path->flags & PATH_GENERATION) !=
		    e.peer->generation[t->family->id];
		e.path_id = e.path->peer == RDE_PEER_LOCAL ? 0 :
		    table_path_id(t, r, i);
		e.age = rde_age(rde) - e.path->age;
		table_nlri(t, id, (int)i, bytes, &nlri);
		e.nlri = &nlri;
		query_show(rde, q, &e);
	}
}

/* The best as it was last told: the decision may be about to change it. */
static void
show_decided(struct rde *rde, struct query *q, struct table *t, uint32_t id)
{
	const struct record *r = table_at(t, id);
	struct query_entry e = {
		.peer = &rde->local, .is_best = true, .is_eligible = true,
	};
	uint8_t bytes[17];
	struct nlri nlri;

	if (r->sent_attr == ATTRSET_NONE)
		return;
	e.attr = attrset_at(&rde->attrsets, r->sent_attr);
	if (r->n_paths != 0)
		e.age = rde_age(rde) - table_path(t, r, 0)->age;
	table_nlri(t, id, r->n_paths != 0 ? 0 : -1, bytes, &nlri);
	e.nlri = &nlri;
	query_show(rde, q, &e);
}

/* One path of those that a peer was told. */
static void
show_item(struct rde *rde, struct query *q, struct table *t, uint32_t id,
    const struct rpeer *p, const struct export_item *item)
{
	const struct record *r = table_at(t, id);
	struct query_entry e = { .peer = p, .is_best = true,
	    .is_eligible = true, .path_id = item->path_id };
	uint8_t bytes[17];
	struct nlri nlri;

	e.attr = attrset_at(&rde->attrsets, item->attr);
	e.path = item->path != 0 ? table_path(t, r, item->path - 1u) : NULL;
	e.age = e.path == NULL ? 0 : rde_age(rde) - e.path->age;
	table_nlri(t, id, item->path - 1, bytes, &nlri);
	e.nlri = &nlri;
	query_show(rde, q, &e);
}

static void
show_told_paths(struct rde *rde, struct query *q, struct table *t,
    uint32_t id, const struct rpeer *p)
{
	bool has_ids = p->group->key.add_path_mask >> t->family->id & 1;
	size_t n = export_paths(rde, p->stream, t, id), i;
	struct export_item item;

	for (i = 0; i < n; i++) {
		item = rde->rib->items[i];
		if (item.source == p->index)
			continue;
		if (!has_ids)
			item.path_id = 0;
		show_item(rde, q, t, id, p, &item);
		if (!has_ids)
			break;
	}
	export_drop(rde, n);
}

/* What one peer of bgpd.conf was told of a record. */
static void
show_told(struct rde *rde, struct query *q, struct table *t, uint32_t id,
    const struct rpeer *p)
{
	struct export_item item = { 0 };

	if (p->stream == NULL || p->group->key.rib != t->rib ||
	    !stream_has_sent(p->stream, t->family->id, id))
		return;
	if (stream_is_rich(p->stream, t->family->id)) {
		show_told_paths(rde, q, t, id, p);
		return;
	}
	item.attr = export_route(rde, p->group, t, id, &item.source);
	item.path = table_at(t, id)->flags & RECORD_HAS_BEST ? 1 : 0;
	if (item.attr != ATTRSET_NONE && item.source != p->index)
		show_item(rde, q, t, id, p, &item);
	attrset_unref(&rde->attrsets, item.attr);
}

static void
show_record(struct rde *rde, struct query *q, struct table *t, uint32_t id)
{
	struct rpeer *p;
	uint32_t i;

	if (q->f.is_bare && q->f.best) {
		show_decided(rde, q, t, id);
		return;
	}
	if (q->f.direction != QUERY_OUT) {
		show_paths(rde, q, t, id);
		return;
	}
	for (i = 1; i < rde->n_peers; i++) {
		p = rde->peers[i];
		if (p != NULL && query_filter_has_peer(&q->f, p))
			show_told(rde, q, t, id, p);
	}
}

/* The asked-for prefix as a key of a table. */
static bool
prefix_key(struct rde *rde, const struct query *q, const struct table *t,
    struct table_key *out)
{
	struct nlri nlri = { .family = t->family };
	uint8_t bytes[17];
	struct wr w;

	buf_writer(&w, bytes, sizeof(bytes));
	nlri_put_prefix(&q->f.prefix, &w);
	nlri.bytes = bytes;
	nlri.len = w.len;
	return table_key(t, &nlri, &rde->key, out);
}

/* Few records, found by looking up: no walk. */
static void
look_up(struct rde *rde, struct query *q, struct table *t)
{
	struct table_key k;
	unsigned bits = 128;
	uint32_t id;

	if (!prefix_key(rde, q, t, &k))
		return;
	if (q->f.match == QUERY_EXACT) {
		id = table_find(t, &k);
		if (id != TABLE_ID_NONE)
			show_record(rde, q, t, id);
		return;
	}
	while ((id = table_covering(t, &k, bits)) != TABLE_ID_NONE) {
		show_record(rde, q, t, id);
		bits = table_at(t, id)->len_bits;
		if (q->f.match == QUERY_LONGEST || bits-- == 0)
			break;
	}
}

/* Where the walk of a table goes on. */
static uint32_t
walk_seek(struct rde *rde, struct query *q, struct table *t,
    struct index_pos *pos)
{
	struct table_key k;
	uint32_t id;

	if (q->has_key) {
		id = table_seek(t, &q->key, pos);
		if (id != TABLE_ID_NONE &&
		    table_compare(t, id, &q->key) == 0)
			id = table_next(t, pos);
		return id;
	}
	if (q->f.match == QUERY_LONGER && prefix_key(rde, q, t, &k))
		return table_seek(t, &k, pos);
	return table_seek(t, NULL, pos);
}

static void
walk_remember(struct query *q, const struct table *t, uint32_t id)
{
	table_key_of(t, id, &q->key);
	q->has_key = true;
	if (q->key.bytes == NULL)
		return;
	buf_reset(&q->key_bytes);
	buf_put_bytes(&q->key_bytes, q->key.bytes, q->key.len);
	q->key.bytes = q->key_bytes.base;
}

/* A slice of a table's walk; true at its end. */
static bool
walk_table(struct rde *rde, struct query *q, struct table *t,
    struct budget *b)
{
	struct index_pos pos;
	struct table_key k;
	uint32_t id, last = TABLE_ID_NONE;
	bool has_budget = true;

	if (q->f.match != QUERY_ALL && q->f.match != QUERY_LONGER) {
		look_up(rde, q, t);
		return true;
	}
	while (!table_index(t, INDEX_SLICE)) {
		if (!budget_spend(b, INDEX_SLICE))
			return false;
	}
	if (q->f.match == QUERY_LONGER && !prefix_key(rde, q, t, &k))
		return true;
	for (id = walk_seek(rde, q, t, &pos); id != TABLE_ID_NONE;
	    id = table_next(t, &pos)) {
		if (q->f.match == QUERY_LONGER && !table_is_inside(t, id, &k))
			return true;
		if (!has_budget || q->n_entries >= q->f.limit ||
		    query_must_wait(rde, q))
			break;
		show_record(rde, q, t, id);
		last = id;
		has_budget = budget_spend(b, PATHS_SPEND);
	}
	if (last != TABLE_ID_NONE)
		walk_remember(q, t, last);
	return id == TABLE_ID_NONE || q->n_entries >= q->f.limit;
}

static void
show_orig(struct rde *rde, struct query *q, struct rpeer *p, uint32_t entry)
{
	const struct orig_entry *oe = orig_at(p->orig, entry);
	struct query_entry e = { .peer = p, .is_best = true,
	    .is_eligible = true, .path_id = oe->path_id };
	struct nlri nlri;
	struct prefix prefix;

	if ((oe->flags & (ORIG_CONF | ORIG_API)) == 0 ||
	    (oe->flags & ORIG_NO_NLRI) ||
	    (q->f.family_mask >> oe->family & 1) == 0)
		return;
	orig_nlri(p->orig, entry, &nlri);
	if (q->f.match != QUERY_ALL && (nlri_to_prefix(&nlri, &prefix) != 0 ||
	    (q->f.match == QUERY_LONGER ?
	    !prefix_covers(&q->f.prefix, &prefix) :
	    q->f.match == QUERY_EXACT ?
	    prefix_compare(&q->f.prefix, &prefix) != 0 :
	    !prefix_covers(&prefix, &q->f.prefix))))
		return;
	e.nlri = &nlri;
	e.attr = attrset_at(&rde->attrsets, oe->attr);
	query_show(rde, q, &e);
}

/* A slice of what isolated peers are told; true at its end. */
static bool
walk_origs(struct rde *rde, struct query *q, struct budget *b)
{
	struct rpeer *p;
	struct orig *o;
	uint32_t entry;

	for (; q->peer < rde->n_peers; q->peer++, q->is_walking = false) {
		p = rde->peers[q->peer];
		if (p == NULL || p->orig == NULL || p->is_retired ||
		    !query_filter_has_peer(&q->f, p))
			continue;
		o = p->orig;
		if (o->walker != NULL && o->walker != q)
			return false;	/* one at a time */
		if (!q->is_walking)
			o->walk = o->first;
		q->is_walking = true;
		o->walker = q;
		while ((entry = o->walk) != HEAP_NONE) {
			o->walk = orig_at(o, entry)->next;
			show_orig(rde, q, p, entry);
			if (!budget_spend(b, PATHS_SPEND) ||
			    query_must_wait(rde, q))
				return false;
		}
		o->walker = NULL;
	}
	return true;
}

/* One query's turn; true when it is through. */
static bool
query_step(struct rde *rde, struct query *q, struct budget *b)
{
	struct table *t;

	for (; q->family < NLRI_N_FAMILIES; q->family++, q->has_key = false) {
		t = rib_table(rde, q->rib, q->family);
		if (t == NULL || (q->f.family_mask >> q->family & 1) == 0)
			continue;
		if (!walk_table(rde, q, t, b))
			return false;
	}
	return q->f.direction != QUERY_OUT || walk_origs(rde, q, b);
}

/* The same, told to who asked; a query that is through is gone. */
static bool
query_turn(struct rde *rde, struct query *q, struct budget *b)
{
	bool is_done;

	q->turn_bytes = 0;
	is_done = query_step(rde, q, b);
	if (is_done && q->f.is_count)
		query_emit_count(q->n_entries, &q->out);
	query_flush(rde, q);
	if (is_done) {
		query_end(rde, q->client, "");
		query_free(rde, q);
	}
	return is_done;
}

/* A prefix that is looked up does not wait for routes to be worked off. */
static void
query_run_now(struct rde *rde, struct query *q)
{
	struct budget b;

	if (q->f.match == QUERY_ALL || q->f.match == QUERY_LONGER ||
	    q->f.direction == QUERY_OUT || chan_is_full(rde->api))
		return;
	budget_start(&b, rde->env->loop);
	query_turn(rde, q, &b);
	chan_flush(rde->api);	/* else after the next turn's work */
}

bool
query_run(struct rde *rde, struct budget *b)
{
	struct query *q, *next;
	bool is_done = true;

	for (q = rde->queries; q != NULL; q = next) {
		next = q->next;
		if (q->is_xoff)
			continue;
		if (chan_is_full(rde->api))
			return true;	/* on_drained goes on */
		if (!query_turn(rde, q, b))
			is_done = false;
	}
	return is_done || (rde->api != NULL && chan_is_full(rde->api));
}
