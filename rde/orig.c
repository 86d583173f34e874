/* SPDX-License-Identifier: ISC */
/* The originated routes of a peer, and the order in which it hears of them. */
#include "rde/orig.h"

#include "common/buf.h"
#include "common/nlri/nlri.h"
#include "rde/attrset.h"
#include "rde/hash.h"

#include <err.h>
#include <stdlib.h>
#include <string.h>

#define ORIG_QUEUED	(ORIG_IN_ANNOUNCES | ORIG_IN_WITHDRAWS)
#define ORIG_PENDING	(ORIG_ANNOUNCE | ORIG_WITHDRAW | ORIG_HELD)
#define ORIG_SOURCES	(ORIG_CONF | ORIG_API)

void
orig_init(struct orig *o, struct attrsets *attrsets, uint64_t seed)
{
	memset(o, 0, sizeof(*o));
	o->attrsets = attrsets;
	o->seed = seed;
	heap_init(&o->heap);
	map_init(&o->map);
	map_init(&o->told);
}

void
orig_fini(struct orig *o)
{
	uint32_t e;

	for (e = o->first; e != HEAP_NONE; e = orig_at(o, e)->next)
		attrset_unref(o->attrsets, orig_at(o, e)->attr);
	heap_fini(&o->heap);
	map_fini(&o->map);
	map_fini(&o->told);
	free(o->announces.entries);
	free(o->withdraws.entries);
	memset(o, 0, sizeof(*o));
}

static void
queue_push(struct orig_queue *q, uint32_t entry)
{
	if (q->n == q->cap && q->head > q->cap / 2) {
		memmove(q->entries, q->entries + q->head,
		    (q->n - q->head) * sizeof(*q->entries));
		q->n -= q->head;
		q->head = 0;
	}
	if (q->n == q->cap) {
		q->cap = q->cap == 0 ? 16 : q->cap * 2;
		q->entries = reallocarray(q->entries, q->cap,
		    sizeof(*q->entries));
		if (q->entries == NULL)
			err(1, "orig");
	}
	q->entries[q->n++] = entry;
}

static uint32_t
queue_pop(struct orig_queue *q)
{
	uint32_t entry;

	if (q->head == q->n)
		return HEAP_NONE;
	entry = q->entries[q->head++];
	if (q->head == q->n)
		q->head = q->n = 0;
	return entry;
}

static size_t
entry_bytes(const struct orig_entry *e)
{
	return sizeof(*e) + e->nlri_len + e->key_len;
}

static struct rd
entry_key(const struct orig_entry *e)
{
	if (e->key_len == 0)
		return buf_reader(e->bytes, e->nlri_len);
	return buf_reader(e->bytes + e->nlri_len, e->key_len);
}

static uint32_t
key_hash(uint64_t seed, const struct nlri *n, struct rd key)
{
	return (uint32_t)hash_bytes(key.pos, buf_left(&key),
	    seed ^ ((uint64_t)n->path_id << 8 | n->family->id));
}

/* Set key to what identifies the NLRI: in scratch, or its own bytes. */
static void
orig_key(const struct nlri *n, struct wr *scratch, struct rd *key)
{
	buf_reset(scratch);
	nlri_key(n, scratch);
	*key = buf_written(scratch);
}

void
orig_prepare(struct orig_route *r, uint64_t seed, struct wr *scratch)
{
	orig_key(r->nlri, scratch, &r->key);
	r->hash = key_hash(seed, r->nlri, r->key);
}

void
orig_prefetch(const struct orig *o, const struct orig_route *r)
{
	map_prefetch(&o->map, r->hash);
}

static uint32_t
find_key(const struct orig *o, const struct orig_route *r,
    struct map_pos *pos)
{
	const struct nlri *n = r->nlri;
	struct rd key = r->key, k;
	const struct orig_entry *e;
	uint32_t h;

	for (h = map_first(&o->map, r->hash, pos); h != MAP_NONE;
	    h = map_next(&o->map, pos)) {
		e = orig_at(o, h);
		k = entry_key(e);
		if (e->family == n->family->id && e->path_id == n->path_id &&
		    buf_left(&k) == buf_left(&key) &&
		    (buf_left(&k) == 0 ||
		    memcmp(k.pos, key.pos, buf_left(&k)) == 0))
			return h;
	}
	return HEAP_NONE;
}

uint32_t
orig_find(const struct orig *o, const struct nlri *n, struct wr *scratch)
{
	struct orig_route r = { .nlri = n };
	struct map_pos pos;

	orig_prepare(&r, o->seed, scratch);
	return find_key(o, &r, &pos);
}

static void	entry_unpend(struct orig *, struct orig_entry *);
static void	pend_announce(struct orig *, uint32_t);

static void
entry_link(struct orig *o, uint32_t entry)
{
	struct orig_entry *e = orig_at(o, entry);

	e->prev = o->last;
	e->next = HEAP_NONE;
	if (o->last == HEAP_NONE)
		o->first = entry;
	else
		orig_at(o, o->last)->next = entry;
	o->last = entry;
	o->n_entries++;
}

static uint32_t
entry_new(struct orig *o, const struct orig_route *r)
{
	const struct nlri *n = r->nlri;
	struct rd key = r->key;
	struct orig_entry head = {
		.path_id = n->path_id, .nlri_len = (uint16_t)n->len,
		.family = n->family->id,
	}, *e;
	size_t key_len = buf_left(&key);
	uint32_t entry;

	if (n->has_path_id)
		head.flags |= ORIG_HAS_PATH_ID;
	if (key_len != n->len ||
	    (key_len != 0 && memcmp(key.pos, n->bytes, key_len) != 0))
		head.key_len = (uint16_t)key_len;
	entry = heap_alloc(&o->heap, entry_bytes(&head));
	e = orig_at(o, entry);
	*e = head;
	if (n->len != 0)
		memcpy(e->bytes, n->bytes, n->len);
	if (head.key_len != 0)
		memcpy(e->bytes + n->len, key.pos, key_len);
	entry_link(o, entry);
	map_add(&o->map, r->hash, entry);
	return entry;
}

/* The hash of what identifies an entry but for its path identifier. */
static uint32_t
prefix_hash(const struct orig *o, const struct orig_entry *e)
{
	struct rd key = entry_key(e);

	return (uint32_t)hash_bytes(key.pos, buf_left(&key),
	    o->seed ^ e->family);
}

static bool
is_same_prefix(const struct orig_entry *a, const struct orig_entry *b)
{
	struct rd ka = entry_key(a), kb = entry_key(b);

	return a->family == b->family && buf_left(&ka) == buf_left(&kb) &&
	    (buf_left(&ka) == 0 ||
	    memcmp(ka.pos, kb.pos, buf_left(&ka)) == 0);
}

static void
told_del(struct orig *o, uint32_t entry)
{
	struct map_pos pos;
	uint32_t h;

	if (o->told.n_used == 0)	/* no family has a limit */
		return;
	for (h = map_first(&o->told, prefix_hash(o, orig_at(o, entry)), &pos);
	    h != MAP_NONE; h = map_next(&o->told, &pos)) {
		if (h != entry)
			continue;
		map_del(&o->told, &pos);
		o->has_places = true;
		return;
	}
}

static void
told_clear(struct orig *o)
{
	map_fini(&o->told);
	map_init(&o->told);
	o->has_places = false;
}

bool
orig_take_place(struct orig *o, uint32_t entry, unsigned limit)
{
	struct orig_entry *e = orig_at(o, entry);
	uint32_t hash = prefix_hash(o, e), h;
	struct map_pos pos;
	unsigned n = 0;

	for (h = map_first(&o->told, hash, &pos); h != MAP_NONE;
	    h = map_next(&o->told, &pos)) {
		if (h == entry)
			return true;
		n += is_same_prefix(orig_at(o, h), e);
	}
	if (n < limit) {
		map_add(&o->told, hash, entry);
		return true;
	}
	entry_unpend(o, e);
	e->flags |= ORIG_LIMITED;
	return false;
}

void
orig_retry(struct orig *o)
{
	uint32_t entry;

	if (!o->has_places)
		return;
	o->has_places = false;
	for (entry = o->first; entry != HEAP_NONE;
	    entry = orig_at(o, entry)->next) {
		if (orig_at(o, entry)->flags & ORIG_LIMITED)
			pend_announce(o, entry);
	}
}

static void
entry_unlink(struct orig *o, uint32_t entry)
{
	struct orig_entry *e = orig_at(o, entry);
	struct orig_route r;
	struct nlri n;
	struct map_pos pos;

	orig_nlri(o, entry, &n);
	r = (struct orig_route){ .nlri = &n, .key = entry_key(e) };
	r.hash = key_hash(o->seed, &n, r.key);
	if (find_key(o, &r, &pos) == entry)
		map_del(&o->map, &pos);
	if (e->prev == HEAP_NONE)
		o->first = e->next;
	else
		orig_at(o, e->prev)->next = e->next;
	if (e->next == HEAP_NONE)
		o->last = e->prev;
	else
		orig_at(o, e->next)->prev = e->prev;
	told_del(o, entry);
	if (o->cursor == entry)
		o->cursor = e->next;
	if (o->walk == entry)
		o->walk = e->next;
	o->n_entries--;
}

/* Forget an entry, unless a queue still names it. */
static void
entry_release(struct orig *o, uint32_t entry)
{
	struct orig_entry *e = orig_at(o, entry);

	if (e->flags & (ORIG_QUEUED | ORIG_PENDING | ORIG_SOURCES))
		return;
	entry_unlink(o, entry);
	attrset_unref(o->attrsets, e->attr);
	heap_free(&o->heap, entry, entry_bytes(e));
}

/* Take back what is pending of an entry; its place in a queue stays. */
static void
entry_unpend(struct orig *o, struct orig_entry *e)
{
	if (e->flags & ORIG_ANNOUNCE)
		o->n_announces--;
	if (e->flags & ORIG_WITHDRAW)
		o->n_withdraws--;
	e->flags &= (uint16_t)~(ORIG_PENDING | ORIG_LIMITED);
}

static void
pend_announce(struct orig *o, uint32_t entry)
{
	struct orig_entry *e = orig_at(o, entry);

	entry_unpend(o, e);
	e->flags |= ORIG_ANNOUNCE;
	o->n_announces++;
	if (e->flags & ORIG_IN_ANNOUNCES)
		return;
	e->flags |= ORIG_IN_ANNOUNCES;
	queue_push(&o->announces, entry);
}

static void
pend_withdraw(struct orig *o, uint32_t entry)
{
	struct orig_entry *e = orig_at(o, entry);

	entry_unpend(o, e);
	e->flags &= (uint16_t)~ORIG_SOURCES;
	e->flags |= ORIG_WITHDRAW;
	o->n_withdraws++;
	if (e->flags & ORIG_IN_WITHDRAWS)
		return;
	e->flags |= ORIG_IN_WITHDRAWS;
	queue_push(&o->withdraws, entry);
}

/* Whether the entry says the same already, told or about to be. */
static bool
entry_stands(const struct orig_entry *e, const struct orig_route *r)
{
	return (e->flags & ORIG_SOURCES) != 0 &&
	    (e->flags & ORIG_NO_NLRI) == 0 && e->attr == r->attr &&
	    e->nlri_len == r->nlri->len &&
	    (e->nlri_len == 0 ||
	    memcmp(e->bytes, r->nlri->bytes, e->nlri_len) == 0);
}

static void
entry_set_attr(struct orig *o, struct orig_entry *e, uint32_t attr)
{
	attrset_ref(o->attrsets, attr);
	attrset_unref(o->attrsets, e->attr);
	e->attr = attr;
}

/*
 * The entry of a key, made if absent. One whose NLRI has other bytes (a new
 * label) but the same length is changed in place; else it is replaced.
 */
static uint32_t
entry_take(struct orig *o, const struct orig_route *r, uint32_t entry,
    const struct map_pos *pos)
{
	const struct nlri *n = r->nlri;
	struct orig_entry *e;
	uint32_t fresh;

	if (entry == HEAP_NONE)
		return entry_new(o, r);
	e = orig_at(o, entry);
	if (e->nlri_len == n->len) {
		if (n->len != 0)
			memcpy(e->bytes, n->bytes, n->len);
		return entry;
	}
	map_del(&o->map, pos);
	fresh = entry_new(o, r);
	orig_at(o, fresh)->flags |= e->flags & (ORIG_SENT | ORIG_SOURCES);
	entry_unpend(o, e);
	e->flags &= (uint16_t)~ORIG_SOURCES;
	entry_release(o, entry);
	return fresh;
}

bool
orig_announce(struct orig *o, const struct orig_route *r)
{
	struct orig_entry *e;
	struct map_pos pos;
	uint32_t entry = find_key(o, r, &pos);

	if (entry != HEAP_NONE && entry_stands(orig_at(o, entry), r)) {
		orig_at(o, entry)->flags |=
		    (r->flags & ORIG_SOURCES) | ORIG_IS_SEEN;
		return false;
	}
	entry = entry_take(o, r, entry, &pos);
	e = orig_at(o, entry);
	entry_set_attr(o, e, r->attr);
	e->flags |= (r->flags & (ORIG_SOURCES | ORIG_NO_NLRI)) | ORIG_IS_SEEN;
	if (r->flags & ORIG_HELD) {
		entry_unpend(o, e);
		e->flags |= ORIG_HELD;
		return false;
	}
	pend_announce(o, entry);
	return true;
}

bool
orig_withdraw(struct orig *o, const struct orig_route *r)
{
	struct map_pos pos;
	uint32_t entry = find_key(o, r, &pos);
	bool has_stood = entry != HEAP_NONE &&
	    (orig_at(o, entry)->flags & ORIG_WITHDRAW) == 0;

	entry = entry_take(o, r, entry, &pos);
	entry_set_attr(o, orig_at(o, entry), r->attr);
	pend_withdraw(o, entry);
	return has_stood;
}

bool
orig_would_replace(const struct orig *o, const struct orig_route *r)
{
	struct map_pos pos;
	uint32_t entry = find_key(o, r, &pos);
	const struct orig_entry *e;

	if (entry == HEAP_NONE)
		return false;
	e = orig_at(o, entry);
	return (e->flags & ORIG_WITHDRAW) != 0 ||
	    ((e->flags & ORIG_ANNOUNCE) != 0 && !entry_stands(e, r));
}

bool
orig_would_take_back(const struct orig *o, const struct orig_route *r)
{
	struct map_pos pos;
	uint32_t entry = find_key(o, r, &pos);

	return entry != HEAP_NONE &&
	    (orig_at(o, entry)->flags & ORIG_ANNOUNCE) != 0;
}

bool
orig_is_unsent(const struct orig *o, const struct orig_route *r)
{
	struct map_pos pos;
	uint32_t entry = find_key(o, r, &pos);

	return entry != HEAP_NONE && (orig_at(o, entry)->flags &
	    (ORIG_SOURCES | ORIG_SENT | ORIG_WITHDRAW)) != 0 &&
	    (orig_at(o, entry)->flags & (ORIG_SENT | ORIG_WITHDRAW)) == 0;
}

void
orig_withdraw_entry(struct orig *o, uint32_t entry, bool is_up)
{
	struct orig_entry *e = orig_at(o, entry);

	if (is_up && (e->flags & ORIG_SENT)) {
		pend_withdraw(o, entry);
		return;
	}
	entry_unpend(o, e);
	e->flags &= (uint16_t)~ORIG_SOURCES;
	entry_release(o, entry);
}

void
orig_release(struct orig *o)
{
	uint32_t entry;

	for (entry = o->first; entry != HEAP_NONE;
	    entry = orig_at(o, entry)->next) {
		if (orig_at(o, entry)->flags & ORIG_HELD)
			pend_announce(o, entry);
	}
}

void
orig_session_down(struct orig *o, bool is_kept)
{
	struct orig_entry *e;
	uint32_t entry, next;
	bool was_sent;

	told_clear(o);
	o->cursor = HEAP_NONE;
	o->announces.head = o->announces.n = 0;
	o->withdraws.head = o->withdraws.n = 0;
	for (entry = o->first; entry != HEAP_NONE; entry = next) {
		e = orig_at(o, entry);
		next = e->next;
		was_sent = (e->flags & (ORIG_SENT | ORIG_PENDING)) == ORIG_SENT;
		if ((e->flags & ORIG_HELD) == 0)
			entry_unpend(o, e);
		e->flags &= (uint16_t)~(ORIG_QUEUED | ORIG_SENT);
		if (!is_kept && was_sent && (e->flags & ORIG_CONF) == 0)
			e->flags &= (uint16_t)~ORIG_SOURCES;
		entry_release(o, entry);
	}
}

void
orig_session_up(struct orig *o, uint32_t family_mask)
{
	struct orig_entry *e;
	uint32_t entry;

	o->announces.head = o->announces.n = 0;
	for (entry = o->first; entry != HEAP_NONE; entry = e->next) {
		e = orig_at(o, entry);
		if (e->flags & ORIG_ANNOUNCE)
			entry_unpend(o, e);
		e->flags &= (uint16_t)~ORIG_IN_ANNOUNCES;
	}
	o->cursor = HEAP_NONE;
	orig_restart(o, family_mask);
}

void
orig_restart(struct orig *o, uint32_t family_mask)
{
	o->cursor_families = o->cursor == HEAP_NONE ? family_mask :
	    o->cursor_families | family_mask;
	o->cursor = o->first;
}

bool
orig_continue(struct orig *o, unsigned n)
{
	struct orig_entry *e;
	uint32_t entry;

	for (; n > 0 && o->cursor != HEAP_NONE; n--) {
		entry = o->cursor;
		e = orig_at(o, entry);
		o->cursor = e->next;
		if ((e->flags & ORIG_SOURCES) == 0 ||
		    (e->flags & ORIG_HELD) != 0 ||
		    (o->cursor_families >> e->family & 1) == 0)
			continue;
		pend_announce(o, entry);
	}
	return o->cursor == HEAP_NONE;
}

uint32_t
orig_next_withdraw(struct orig *o)
{
	return queue_pop(&o->withdraws);
}

uint32_t
orig_next_announce(struct orig *o)
{
	return queue_pop(&o->announces);
}

bool
orig_claim(struct orig *o, uint32_t entry, bool is_withdraw)
{
	struct orig_entry *e = orig_at(o, entry);

	e->flags &= (uint16_t)~(is_withdraw ? ORIG_IN_WITHDRAWS :
	    ORIG_IN_ANNOUNCES);
	if (e->flags & (is_withdraw ? ORIG_WITHDRAW : ORIG_ANNOUNCE))
		return true;
	entry_release(o, entry);
	return false;
}

void
orig_sent(struct orig *o, uint32_t entry)
{
	struct orig_entry *e = orig_at(o, entry);

	if (e->flags & ORIG_ANNOUNCE) {
		e->flags |= ORIG_SENT;
	} else {
		e->flags &= (uint16_t)~ORIG_SENT;
		told_del(o, entry);
	}
	entry_unpend(o, e);
	if (e->flags & ORIG_NO_NLRI)
		e->flags &= (uint16_t)~ORIG_SOURCES;
	entry_release(o, entry);
}

void
orig_skip(struct orig *o, uint32_t entry)
{
	struct orig_entry *e = orig_at(o, entry);

	entry_unpend(o, e);
	if (e->flags & ORIG_NO_NLRI)
		e->flags &= (uint16_t)~ORIG_SOURCES;
	entry_release(o, entry);
}

bool
orig_is_pending(const struct orig *o)
{
	return o->cursor != HEAP_NONE || o->n_announces != 0 ||
	    o->n_withdraws != 0;
}

void
orig_nlri(const struct orig *o, uint32_t entry, struct nlri *out)
{
	const struct orig_entry *e = orig_at(o, entry);

	*out = (struct nlri){
		.family = nlri_by_id(e->family), .bytes = e->bytes,
		.len = e->nlri_len, .path_id = e->path_id,
		.has_path_id = (e->flags & ORIG_HAS_PATH_ID) != 0,
	};
}
