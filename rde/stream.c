/* SPDX-License-Identifier: ISC */
/*
 * A stream's Adj-RIB-Out and its way to the wire: destinations are exported
 * into entries, entries are bucketed by attributes and written as full
 * UPDATEs once for all members.
 */
#include "common/bgp.h"
#include "common/env.h"
#include "rde/engine.h"
#include "rde/group.h"
#include "rde/rib.h"

#include <err.h>
#include <stdlib.h>
#include <string.h>

#define SLICE_ENTRIES	4096	/* exported before they are written */
#define ENTRY_NONE	UINT32_MAX

struct stream *
stream_new(struct rde *rde, struct group *g, bool is_lagging)
{
	struct stream *s = calloc(1, sizeof(*s));

	if (s == NULL)
		err(1, "stream");
	s->group = g;
	s->is_lagging = is_lagging;
	s->next = g->streams;
	g->streams = s;
	rde->rib->n_streams++;
	if (is_lagging)
		rde->rib->n_lagging++;
	return s;
}

void
stream_free(struct rde *rde, struct stream *s)
{
	struct stream **link = &s->group->streams;
	size_t i;

	while (*link != s)
		link = &(*link)->next;
	*link = s->next;
	for (i = 0; i < s->n_entries; i++)
		attrset_unref(&rde->attrsets, s->entries[i].attr);
	for (i = 0; i < NLRI_N_FAMILIES; i++) {
		free(s->families[i].sent);
		free(s->families[i].dirty);
	}
	rde->rib->n_streams--;
	if (s->is_lagging)
		rde->rib->n_lagging--;
	stream_free_told(rde, s);
	free(s->entries);
	free(s->members);
	free(s);
}

void
stream_add(struct stream *s, struct rpeer *p)
{
	s->members = reallocarray(s->members, s->n_members + 1,
	    sizeof(struct rpeer *));
	if (s->members == NULL)
		err(1, "stream");
	s->members[s->n_members++] = p;
	p->stream = s;
}

void
stream_remove(struct stream *s, struct rpeer *p)
{
	size_t i;

	for (i = 0; i < s->n_members; i++) {
		if (s->members[i] == p)
			s->members[i] = s->members[--s->n_members];
	}
	p->stream = NULL;
}

static void
family_resize(struct stream_family *f, size_t words)
{
	size_t old = f->n_words;

	if (words <= old)
		return;
	f->sent = reallocarray(f->sent, words, sizeof(*f->sent));
	f->dirty = reallocarray(f->dirty, words, sizeof(*f->dirty));
	if (f->sent == NULL || f->dirty == NULL)
		err(1, "stream");
	memset(f->sent + old, 0, (words - old) * sizeof(*f->sent));
	memset(f->dirty + old, 0, (words - old) * sizeof(*f->dirty));
	f->n_words = words;
}

/* Make the bitmaps large enough for all ids of a table, and some more. */
static void
family_grow(struct stream_family *f, size_t n_ids)
{
	size_t words = (n_ids + 63) / 64;

	if (words > f->n_words)
		family_resize(f, words + words / 4 + 16);
}

void
stream_copy_sent(struct rde *rde, struct stream *to,
    const struct stream *from)
{
	const struct stream_family *f;
	unsigned i;

	for (i = 0; i < NLRI_N_FAMILIES; i++) {
		f = &from->families[i];
		if (f->n_words == 0)
			continue;
		family_resize(&to->families[i], f->n_words);
		memcpy(to->families[i].sent, f->sent,
		    f->n_words * sizeof(*f->sent));
	}
	to->n_sent = from->n_sent;
	if (from->group->key.rich_mask != 0 &&
	    to->group->key.rich_mask != 0)
		stream_copy_told(rde, to, from);
}

bool
stream_merge_sent(struct rde *rde, struct stream *to, struct stream *from,
    struct budget *b)
{
	const struct stream_family *f;
	uint64_t more;
	unsigned i;
	size_t k;

	if (from->group->key.rich_mask != 0 &&
	    !stream_merge_told(rde, to, from, b))
		return false;
	for (i = 0; i < NLRI_N_FAMILIES; i++) {
		f = &from->families[i];
		if (f->n_words == 0)
			continue;
		family_resize(&to->families[i], f->n_words);
		for (k = 0; k < f->n_words; k++) {
			more = f->sent[k] & ~to->families[i].sent[k];
			to->families[i].sent[k] |= more;
			to->n_sent += (unsigned)__builtin_popcountll(more);
		}
	}
	return true;
}

void
stream_restart(struct rde *rde, struct stream *s, unsigned family)
{
	struct stream_family *f = &s->families[family];
	const struct table *t = rib_table(rde, s->group->key.rib, family);

	f->is_lagging = true;
	f->cursor = 0;
	if (t == NULL)
		return;
	family_grow(f, t->n_ids);
	if (f->n_words != 0)
		memset(f->dirty, 0xff, f->n_words * sizeof(*f->dirty));
}

bool
stream_has_sent(const struct stream *s, unsigned family, uint32_t id)
{
	const struct stream_family *f = &s->families[family];

	return id / 64 < f->n_words && (f->sent[id / 64] >> id % 64 & 1) != 0;
}

static void
family_set_sent(struct stream *s, struct stream_family *f, uint32_t id,
    bool is_sent)
{
	uint64_t bit = UINT64_C(1) << id % 64;

	if (((f->sent[id / 64] & bit) != 0) == is_sent)
		return;
	f->sent[id / 64] ^= bit;
	s->n_sent += is_sent ? 1 : UINT64_MAX;
}

void
stream_set_sent(struct stream *s, unsigned family, uint32_t id, bool is_sent)
{
	family_grow(&s->families[family], (size_t)id + 1);
	family_set_sent(s, &s->families[family], id, is_sent);
}

void
stream_mark_told(struct rde *rde, struct stream *s, unsigned family,
    const uint64_t *ids, size_t n_words)
{
	const struct table *t = rib_table(rde, s->group->key.rib, family);
	struct stream_family *f = &s->families[family];
	size_t i;

	if (t == NULL || !s->is_lagging ||
	    (s->group->key.family_mask >> family & 1) == 0)
		return;
	family_grow(f, n_words * 64);
	for (i = 0; i < n_words; i++) {
		s->n_sent += (unsigned)__builtin_popcountll(ids[i] &
		    ~f->sent[i]);
		f->sent[i] |= ids[i];
		f->dirty[i] |= ids[i];
	}
	f->cursor = 0;
	f->is_lagging = true;
}

void
stream_push(struct stream *s, const struct stream_entry *e)
{
	if (s->n_entries == s->cap_entries) {
		s->cap_entries = s->cap_entries == 0 ? 256 :
		    s->cap_entries * 2;
		s->entries = reallocarray(s->entries, s->cap_entries,
		    sizeof(*s->entries));
		if (s->entries == NULL)
			err(1, "stream");
	}
	s->entries[s->n_entries++] = *e;
}

static bool
stream_has_member(const struct stream *s, const struct rpeer *p)
{
	return p->stream == s;
}

/*
 * Whether one route more would be over the limit of what is told: it stays
 * back, and the session ends (max-prefix N out). Such a group has one member.
 */
bool
stream_is_over_limit(struct rde *rde, const struct stream *s)
{
	struct rpeer *p = s->members[0];

	if (s->group->key.max_prefix_out == 0 ||
	    s->n_sent < s->group->key.max_prefix_out)
		return false;
	if (!p->is_max_prefix_hit)
		rpeer_reset(rde, p, ERROR_CEASE, CEASE_MAX_PREFIXES, NULL, 0);
	p->is_max_prefix_hit = true;
	return true;
}

/*
 * From whom the route is that the stream told last, if that is known: that
 * peer was not told of it.
 */
static uint16_t
told_source(const struct stream *s, const struct table *t, uint32_t id)
{
	return s->is_lagging ? RDE_PEER_LOCAL : table_at(t, id)->sent_peer;
}

/*
 * Put a destination's route, or its withdrawal, on the way out. A member
 * from whom the best route came is not told of it; it hears a withdrawal
 * where it heard of another before.
 */
static void
stream_export(struct rde *rde, struct stream *s, struct table *t, uint32_t id)
{
	struct stream_entry e = { .id = id, .family = t->family->id };
	uint16_t source = RDE_PEER_LOCAL, told;
	bool was_sent;

	if (stream_is_rich(s, e.family)) {
		stream_export_paths(rde, s, t, id);
		return;
	}
	family_grow(&s->families[e.family], t->n_ids);
	was_sent = stream_has_sent(s, e.family, id);
	told = was_sent ? told_source(s, t, id) : RDE_PEER_LOCAL;
	e.attr = export_route(rde, s->group, t, id, &source);
	if (e.attr != ATTRSET_NONE && !was_sent &&
	    s->group->key.max_prefix_out != 0 &&
	    stream_is_over_limit(rde, s)) {
		attrset_unref(&rde->attrsets, e.attr);
		e.attr = ATTRSET_NONE;
	}
	family_set_sent(s, &s->families[e.family], id,
	    e.attr != ATTRSET_NONE);
	if (e.attr == ATTRSET_NONE) {
		e.peer = told;
		if (was_sent)
			stream_push(s, &e);
		return;
	}
	e.peer = source;
	stream_push(s, &e);
	if (!was_sent || source == told || source == RDE_PEER_LOCAL ||
	    !stream_has_member(s, rde->peers[source]))
		return;
	e.is_for_one = true;
	e.attr = ATTRSET_NONE;
	stream_push(s, &e);
}

void
stream_changed(struct rde *rde, struct stream *s, struct table *t,
    uint32_t id)
{
	struct stream_family *f = &s->families[t->family->id];

	if ((s->group->key.family_mask >> t->family->id & 1) == 0)
		return;
	if (!s->is_lagging) {
		stream_export(rde, s, t, id);
		return;
	}
	family_grow(f, t->n_ids);
	f->dirty[id / 64] |= UINT64_C(1) << id % 64;
	if (!f->is_lagging || id / 64 < f->cursor)
		f->cursor = id / 64;
	f->is_lagging = true;
}

/* Who hears an entry: all members, or all but the source, or it alone. */
static size_t
entry_audience(const struct rde *rde, const struct stream *s,
    const struct stream_entry *e, uint32_t *ids)
{
	size_t i, n = 0;

	(void)rde;
	for (i = 0; i < s->n_members; i++) {
		if ((s->members[i]->index == e->peer) == e->is_for_one)
			ids[n++] = s->members[i]->id;
	}
	return n;
}

static void
count_out(const struct rde *rde, const uint32_t *ids, size_t n,
    size_t updates, size_t withdraws)
{
	struct rpeer *p;
	size_t i;

	for (i = 0; i < n; i++) {
		p = rpeer_find(rde, ids[i]);
		if (p == NULL)
			continue;
		p->counters.updates_out += updates;
		p->counters.withdraws_out += withdraws;
	}
}

/* The path whose bytes (labels) are told; -1: those of the key. */
static int
entry_path(const struct rde *rde, const struct stream *s,
    const struct table *t, const struct stream_entry *e)
{
	if (e->path != 0)
		return e->path - 1;
	/* A prefix's key is all there is to it. */
	if (e->attr == ATTRSET_NONE || t->addr_len != 0)
		return -1;
	return export_choice(rde, s->group, t, table_at(t, e->id));
}

/* Compat with labels: a withdrawal is rebuilt from the key (RFC 8277 2.4). */
static void
entry_nlri(const struct table *t, const struct stream_entry *e, int path,
    uint8_t bytes[64], struct nlri *out)
{
	uint8_t safi = t->family->safi;
	size_t rd_len = safi == SAFI_MPLS_VPN ? 8 : 0;
	struct wr w;

	table_nlri(t, e->id, path, bytes, out);
	out->path_id = e->path_id;
	if ((safi != SAFI_MPLS_VPN && safi != SAFI_NLRI_MPLS) ||
	    e->attr != ATTRSET_NONE || out->len < rd_len + 1 || out->len > 60)
		return;
	buf_writer(&w, bytes, 64);
	buf_put_u8(&w, out->bytes[rd_len] + 24u + (unsigned)rd_len * 8);
	buf_put_u24(&w, 0x800000);
	buf_put_bytes(&w, out->bytes, rd_len);
	buf_put_bytes(&w, out->bytes + rd_len + 1, out->len - rd_len - 1);
	out->bytes = bytes;
	out->len = w.len;
}

/* An UPDATE being written, and what it is of. */
struct writer {
	struct rde		*rde;
	struct stream		*stream;
	struct update_builder	 builder;
	struct update_nexthop	 nexthop;
	struct rd		 block;
};

static int
writer_begin(struct writer *w, const struct stream_entry *e)
{
	const struct nlri_family *family = nlri_by_id(e->family);
	struct wr *out = outbox_room(&w->rde->outbox);

	if (e->attr == ATTRSET_NONE)
		return update_begin_withdraw(&w->builder, out,
		    &w->stream->group->format, family, buf_reader(NULL, 0));
	return update_begin(&w->builder, out, &w->stream->group->format,
	    family, w->block, &w->nexthop);
}

static bool
writer_add(struct writer *w, const struct stream_entry *e)
{
	const struct table *t = rib_table(w->rde, w->stream->group->key.rib,
	    e->family);
	uint8_t bytes[64];
	struct nlri nlri;

	entry_nlri(t, e, entry_path(w->rde, w->stream, t, e), bytes, &nlri);
	if (w->builder.is_open && update_add(&w->builder, &nlri) == 0)
		return true;
	update_end(&w->builder);
	if (writer_begin(w, e) != 0)
		return false;
	return update_add(&w->builder, &nlri) == 0;
}

/* Write a bucket: entries with the same attributes and audience. */
static void
bucket_write(struct rde *rde, struct stream *s, uint32_t first,
    uint32_t *ids)
{
	struct writer w = { .rde = rde, .stream = s };
	const struct stream_entry *e = &s->entries[first];
	const struct attrset *a;
	size_t n = entry_audience(rde, s, e, ids), n_entries = 0;
	bool is_withdraw = e->attr == ATTRSET_NONE;
	uint32_t i;

	if (n == 0)
		return;
	outbox_to(&rde->outbox, ids, n);
	if (!is_withdraw) {
		a = attrset_at(&rde->attrsets, e->attr);
		w.block = attrset_block(a);
		attrset_nexthop(a, &w.nexthop);
	}
	for (i = first; i != ENTRY_NONE; i = s->entries[i].next) {
		if (writer_add(&w, &s->entries[i]))
			n_entries++;
	}
	update_end(&w.builder);
	count_out(rde, ids, n, is_withdraw ? 0 : n_entries,
	    is_withdraw ? n_entries : 0);
}

static uint32_t
entry_hash(const struct stream_entry *e, bool has_source)
{
	return (e->attr * 0x9e3779b1u) ^ (e->family * 0x85ebca6bu) ^
	    (has_source ? e->peer * 0xc2b2ae35u : 0) ^ e->is_for_one;
}

/* Chain entries that are written together; withdrawals come first. */
static void
buckets_build(struct rde *rde, struct stream *s, struct map *map,
    uint32_t *firsts, uint32_t *lasts, uint32_t *n_buckets)
{
	struct stream_entry *e, *f;
	struct map_pos pos;
	uint32_t i, b, hash;
	bool has_source;

	for (i = 0; i < s->n_entries; i++) {
		e = &s->entries[i];
		e->next = ENTRY_NONE;
		has_source = e->peer != RDE_PEER_LOCAL &&
		    rde->peers[e->peer] != NULL &&
		    stream_has_member(s, rde->peers[e->peer]);
		if (!has_source)
			e->peer = RDE_PEER_LOCAL;
		hash = entry_hash(e, has_source);
		for (b = map_first(map, hash, &pos); b != MAP_NONE;
		    b = map_next(map, &pos)) {
			f = &s->entries[firsts[b]];
			if (f->attr == e->attr && f->family == e->family &&
			    f->peer == e->peer &&
			    f->is_for_one == e->is_for_one)
				break;
		}
		if (b == MAP_NONE) {
			b = (*n_buckets)++;
			map_add(map, hash, b);
			firsts[b] = i;
		} else {
			s->entries[lasts[b]].next = i;
		}
		lasts[b] = i;
	}
}

void
stream_flush(struct rde *rde, struct stream *s)
{
	uint32_t *firsts, *lasts, *ids, n_buckets = 0, i;
	struct map map;

	if (s->n_entries == 0)
		return;
	firsts = calloc(s->n_entries * 2, sizeof(*firsts));
	ids = calloc(s->n_members + 1, sizeof(*ids));
	if (firsts == NULL || ids == NULL)
		err(1, "stream");
	lasts = firsts + s->n_entries;
	map_init(&map);
	buckets_build(rde, s, &map, firsts, lasts, &n_buckets);
	map_fini(&map);
	for (i = 0; i < n_buckets; i++) {
		if (s->entries[firsts[i]].attr == ATTRSET_NONE)
			bucket_write(rde, s, firsts[i], ids);
	}
	for (i = 0; i < n_buckets; i++) {
		if (s->entries[firsts[i]].attr != ATTRSET_NONE)
			bucket_write(rde, s, firsts[i], ids);
	}
	for (i = 0; i < s->n_entries; i++)
		attrset_unref(&rde->attrsets, s->entries[i].attr);
	s->n_entries = 0;
	free(firsts);
	free(ids);
}

/* Export what is dirty of a family, up to a slice; true when none is left. */
static bool
family_run(struct rde *rde, struct stream *s, unsigned family)
{
	struct stream_family *f = &s->families[family];
	struct table *t = rib_table(rde, s->group->key.rib, family);
	unsigned bit;
	uint32_t id;

	for (; t != NULL && f->cursor < f->n_words; f->cursor++) {
		while (f->dirty[f->cursor] != 0) {
			if (s->n_entries >= SLICE_ENTRIES)
				return false;
			bit = (unsigned)__builtin_ctzll(f->dirty[f->cursor]);
			f->dirty[f->cursor] &= f->dirty[f->cursor] - 1;
			id = (uint32_t)(f->cursor * 64 + bit);
			if (id < t->n_ids && table_is_used(t, id))
				stream_export(rde, s, t, id);
		}
	}
	f->is_lagging = false;
	return true;
}

bool
stream_run(struct rde *rde, struct stream *s, struct budget *b)
{
	const struct rpeer *p = s->members[0];
	const struct open_negotiated *n = &p->session.negotiated;
	bool is_done, has_budget;
	unsigned i, family;
	size_t n_entries;

	s->is_started = true;
	for (i = 0; i < n->n_families; i++) {
		family = n->family_order[i];
		while (s->families[family].is_lagging) {
			if (outbox_is_full(&rde->outbox))
				return false;
			is_done = family_run(rde, s, family);
			n_entries = s->n_entries;
			stream_flush(rde, s);
			has_budget = budget_spend(b, (unsigned)n_entries + 1);
			if (!is_done && !has_budget)
				return false;
		}
	}
	return true;
}
