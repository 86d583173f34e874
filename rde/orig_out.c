/* SPDX-License-Identifier: ISC */
/*
 * Sending of originated routes, with ExaBGP's order of work
 * (reference/exabgp-wire.md 4): refresh marks, withdrawals one by one, then
 * announcements grouped by their attributes in the order of insertion, then
 * End-of-RIB. Peers take turns.
 */
#include "rde/engine.h"
#include "rde/log_route.h"

#include "common/bgp.h"
#include "common/config.h"
#include "common/env.h"
#include "common/err.h"
#include "common/wire/message.h"
#include "rde/orig_attr.h"

#include <err.h>
#include <stdlib.h>
#include <string.h>

#define BATCH_MAX	16384	/* entries that are grouped together */
#define ORIG_WAIT_USEC		5000	/* for more input, at the most */
#define TURN_ENTRIES	2048	/* of one peer before the next one's turn */
#define SECOND_USEC	1000000

/* How the sending to one peer stands. */
struct sender {
	struct rde	*rde;
	struct rpeer	*peer;
	struct orig	*orig;
	unsigned	 n_left;	/* entries of this turn */
	uint32_t	 attr;		/* what block and nexthop are of */
	uint8_t		 family;
	struct rd	 block;
	struct update_nexthop nexthop;
	bool		 is_usable;	/* the routes can be sent so */
};

bool
orig_out_is_done(const struct rpeer *p)
{
	if (p->orig == NULL)
		return true;
	return p->batch.pos == p->batch.n && p->eor_mask == 0 &&
	    p->eorr_mask == 0 && !orig_is_pending(p->orig);
}

void
orig_out_session_up(struct rde *rde, struct rpeer *p)
{
	const struct open_negotiated *n = &p->session.negotiated;

	(void)rde;
	p->batch.n = p->batch.pos = 0;
	p->is_first_batch = true;
	p->has_batch = false;
	p->rate_allowed = 0;
	p->rate_time = (struct mono){ 0 };
	orig_session_up(p->orig, n->family_mask);
	p->eor_mask = p->conf->manual_eor ? 0 : n->family_mask;
	p->borr_mask = p->eorr_mask = 0;
}

void
orig_out_refresh(struct rde *rde, struct rpeer *p,
    const struct nlri_family *family)
{
	uint32_t mask = 1u << family->id;

	(void)rde;
	if (!p->conf->adj_rib_out)
		return;
	orig_restart(p->orig, mask);
	if (p->session.negotiated.has_enhanced_refresh) {
		p->borr_mask |= mask;
		p->eorr_mask |= mask;
	}
}

/* Whether one more message may go now; sets the timer if not. */
static bool
rate_take(struct rde *rde, struct rpeer *p)
{
	uint32_t rate = p->conf->rate_limit;
	struct mono now;
	int64_t usec, more;

	if (rate == 0)
		return true;
	now = loop_now(rde->env->loop);
	if (!mono_is_set(p->rate_time)) {
		p->rate_time = now;
		p->rate_allowed = 1;
	}
	usec = mono_diff_usec(now, p->rate_time);
	more = usec * rate / SECOND_USEC;
	if (more > 0) {
		p->rate_allowed = p->rate_allowed + more > rate ? rate :
		    p->rate_allowed + (uint32_t)more;
		p->rate_time = now;
	}
	if (p->rate_allowed > 0) {
		p->rate_allowed--;
		return true;
	}
	if (!rde->timer.is_set)
		loop_timer_set_after_usec(&rde->timer, SECOND_USEC / rate + 1);
	return false;
}

static void
send_refresh_marks(struct sender *s, uint32_t *mask, uint8_t subtype)
{
	const struct nlri_family *f;
	unsigned i;

	for (i = 0; *mask != 0; i++) {
		if ((*mask >> i & 1) == 0)
			continue;
		f = nlri_by_id(i);
		message_put_refresh(outbox_room(&s->rde->outbox), f->afi,
		    subtype, f->safi);
		*mask &= ~(1u << i);
	}
}

/* Make block and next hop those of an entry. */
static void
sender_load(struct sender *s, const struct orig_entry *e)
{
	struct orig_attr_out out;

	if (s->attr == e->attr && s->family == e->family)
		return;
	s->attr = e->attr;
	s->family = e->family;
	buf_reset(&s->rde->block);
	s->is_usable = rpeer_has_family(s->peer, nlri_by_id(e->family)) &&
	    orig_attr_build(s->rde, s->peer,
	    attrset_at(&s->rde->attrsets, e->attr), nlri_by_id(e->family),
	    &out);
	if (!s->is_usable)
		return;
	s->block = out.block;
	s->nexthop = out.nexthop;
}

/* Forget what is loaded: an entry's attributes may be freed. */
static void
sender_unload(struct sender *s)
{
	s->attr = ATTRSET_NONE;
}

/* Withdrawals of families other than unicast carry attributes (ExaBGP). */
static struct rd
withdraw_block(struct sender *s, const struct nlri_family *family)
{
	if (!s->is_usable || !s->peer->format.is_exabgp_packing ||
	    family->safi == SAFI_UNICAST || family->safi == SAFI_MULTICAST)
		return buf_reader(NULL, 0);
	if (!update_has_exabgp_nexthop(family))
		return s->block;
	return orig_attr_with_nexthop(s->rde, s->block, &s->nexthop);
}

/* An UPDATE of attributes and nothing else. */
static void
send_block(struct sender *s, struct rd block)
{
	struct wr *w = outbox_room(&s->rde->outbox);
	size_t start = message_begin(w, BGP_UPDATE), mark;

	buf_put_u16(w, 0);
	mark = buf_mark_u16(w);
	buf_put_bytes(w, block.pos, buf_left(&block));
	buf_patch_u16(w, mark);
	message_end(w, start);
}

/* ExaBGP's log.rib: what goes from Adj-RIB-Out to the peer. */
static void
sender_log(const struct sender *s, uint32_t entry, const char *verb)
{
	struct nlri nlri;

	if (!log_shows(&s->rde->env->log, LOG_TOPIC_RIB) ||
	    (orig_at(s->orig, entry)->flags & ORIG_NO_NLRI))
		return;
	orig_nlri(s->orig, entry, &nlri);
	log_route(s->rde, s->peer, LOG_LEVEL_DEBUG, "rib", verb, &nlri, NULL);
}

static void
send_withdraw(struct sender *s, uint32_t entry)
{
	struct update_builder b;
	struct nlri nlri;
	struct rd block;

	sender_load(s, orig_at(s->orig, entry));
	orig_nlri(s->orig, entry, &nlri);
	if (!rpeer_has_family(s->peer, nlri.family)) {
		orig_skip(s->orig, entry);
		sender_unload(s);
		return;
	}
	block = withdraw_block(s, nlri.family);
	/*
	 * Compat: ExaBGP leaves the withdrawals out of a session's first
	 * batch of UPDATEs; of one with attributes these remain.
	 */
	if (!s->peer->has_batch && buf_left(&block) > 0)
		send_block(s, block);
	if (update_begin_withdraw(&b, outbox_room(&s->rde->outbox),
	    &s->peer->format, nlri.family, block) == 0) {
		update_add(&b, &nlri);
		update_end(&b);
	}
	sender_log(s, entry, "withdraw");
	s->peer->counters.withdraws_out++;
	orig_sent(s->orig, entry);
	sender_unload(s);
}

/* All withdrawals, or as many as may go; true when none is left. */
static bool
send_withdraws(struct sender *s)
{
	uint32_t entry;

	while (s->orig->n_withdraws != 0) {
		if (s->n_left == 0 || !rate_take(s->rde, s->peer))
			return false;
		entry = orig_next_withdraw(s->orig);
		if (entry == HEAP_NONE)
			return true;
		if (!orig_claim(s->orig, entry, true))
			continue;
		s->n_left--;
		send_withdraw(s, entry);
	}
	return true;
}

/* Sort a batch so that equal attributes come together, stably. */
static void
batch_group(struct rpeer *p, uint32_t *entries, size_t n)
{
	uint32_t *group = calloc(n, sizeof(*group)), *start, attr;
	struct map map;
	struct map_pos pos;
	uint32_t *firsts = calloc(n, sizeof(*firsts));
	uint32_t n_groups = 0, g;
	size_t i;

	if (group == NULL || firsts == NULL)
		err(1, "rde");
	map_init(&map);
	for (i = 0; i < n; i++) {
		attr = orig_at(p->orig, entries[i])->attr;
		g = map_first(&map, attr * 0x9e3779b1u, &pos);
		while (g != MAP_NONE && firsts[g] != attr)
			g = map_next(&map, &pos);
		if (g == MAP_NONE) {
			g = n_groups++;
			firsts[g] = attr;
			map_add(&map, attr * 0x9e3779b1u, g);
		}
		group[i] = g;
	}
	map_fini(&map);
	start = calloc(n_groups + 1u, sizeof(*start));
	if (start == NULL)
		err(1, "rde");
	for (i = 0; i < n; i++)
		start[group[i] + 1]++;
	for (g = 0; g < n_groups; g++)
		start[g + 1] += start[g];
	for (i = 0; i < n; i++)
		p->batch.entries[start[group[i]]++] = entries[i];
	free(start);
	free(group);
	free(firsts);
}

/* Take what is queued to be announced as the next batch. */
static void
batch_fill(struct rpeer *p)
{
	struct orig_queue *q = &p->orig->announces;
	size_t n = q->n - q->head, i;
	uint32_t *entries;

	if (n > BATCH_MAX)
		n = BATCH_MAX;
	p->batch.pos = p->batch.n = 0;
	if (n == 0)
		return;
	p->batch.entries = reallocarray(p->batch.entries, n,
	    sizeof(*p->batch.entries));
	entries = calloc(n, sizeof(*entries));
	if (p->batch.entries == NULL || entries == NULL)
		err(1, "rde");
	for (i = 0; i < n; i++)
		entries[i] = orig_next_announce(p->orig);
	batch_group(p, entries, n);
	free(entries);
	p->batch.n = n;
}

/* What an UPDATE with several NLRI sorts. */
struct sort_item {
	uint32_t	path_id;
	uint8_t		bytes[5];
	uint32_t	entry;
};

static int
sort_compare(const void *va, const void *vb)
{
	const struct sort_item *a = va, *b = vb;

	if (a->path_id != b->path_id)
		return a->path_id < b->path_id ? -1 : 1;
	return memcmp(a->bytes, b->bytes, sizeof(a->bytes));
}

/* Whether NLRI of the entry's family share an UPDATE. */
static bool
is_packed(const struct rpeer *p, const struct orig_entry *e)
{
	if (e->flags & ORIG_NO_NLRI)
		return false;
	if (!p->format.is_exabgp_packing)
		return true;
	return p->conf->group_updates && (e->family == NLRI_IPV4_UNICAST ||
	    e->family == NLRI_IPV4_MCAST_VPN ||
	    e->family == NLRI_IPV6_MCAST_VPN);
}

/* An UPDATE of attributes alone (ExaBGP's `announce attributes`). */
static void
send_attributes(struct sender *s)
{
	send_block(s, orig_attr_with_nexthop(s->rde, s->block, &s->nexthop));
}

/* Write n entries of the loaded attributes; true unless one was too long. */
static void
send_announces(struct sender *s, const uint32_t *entries, size_t n)
{
	struct update_builder b = { 0 };
	struct nlri nlri;
	size_t i;
	int e;

	for (i = 0; i < n; i++) {
		orig_nlri(s->orig, entries[i], &nlri);
		e = b.is_open ? update_add(&b, &nlri) : ERR_AGAIN;
		if (e != 0) {
			update_end(&b);
			e = update_begin(&b, outbox_room(&s->rde->outbox),
			    &s->peer->format, nlri.family, s->block,
			    &s->nexthop);
			if (e == 0)
				e = update_add(&b, &nlri);
			if (e != 0)
				s->is_usable = false;
			s->peer->counters.updates_out++;
		}
	}
	update_end(&b);
}

/* Whether the peer takes this path beside those that it has. */
static bool
has_place(struct sender *s, uint32_t entry)
{
	uint8_t family = orig_at(s->orig, entry)->family;
	uint16_t limit = s->peer->session.negotiated.paths_limit[family];

	return limit == 0 || orig_take_place(s->orig, entry, limit);
}

/* The entries from the batch's position on that go into one run. */
static size_t
batch_run(struct sender *s, uint32_t *run, size_t max)
{
	struct rpeer_batch *batch = &s->peer->batch;
	struct orig_entry *e;
	size_t n = 0;

	while (n < max && batch->pos < batch->n) {
		e = orig_at(s->orig, batch->entries[batch->pos]);
		if (n > 0 && (e->attr != s->attr || e->family != s->family ||
		    !is_packed(s->peer, e)))
			break;
		if (!orig_claim(s->orig, batch->entries[batch->pos++],
		    false) || !has_place(s, batch->entries[batch->pos - 1]))
			continue;
		sender_load(s, e);
		run[n++] = batch->entries[batch->pos - 1];
		if (!is_packed(s->peer, e))
			break;
	}
	return n;
}

static void
run_sort(struct sender *s, uint32_t *run, size_t n)
{
	struct sort_item *items;
	struct orig_entry *e;
	size_t i;

	if (n < 2 || s->family != NLRI_IPV4_UNICAST ||
	    !s->peer->format.is_exabgp_packing)
		return;
	items = calloc(n, sizeof(*items));
	if (items == NULL)
		err(1, "rde");
	for (i = 0; i < n; i++) {
		e = orig_at(s->orig, run[i]);
		items[i].path_id = e->path_id;
		items[i].entry = run[i];
		memcpy(items[i].bytes, e->bytes,
		    e->nlri_len < 5 ? e->nlri_len : 5);
	}
	qsort(items, n, sizeof(*items), sort_compare);
	for (i = 0; i < n; i++)
		run[i] = items[i].entry;
	free(items);
}

static void
run_send(struct sender *s, uint32_t *run, size_t n)
{
	size_t i;

	if (s->is_usable) {
		run_sort(s, run, n);
		if (orig_at(s->orig, run[0])->flags & ORIG_NO_NLRI)
			send_attributes(s);
		else
			send_announces(s, run, n);
	}
	for (i = 0; i < n; i++) {
		if (s->is_usable)
			sender_log(s, run[i], "update");
		if (s->is_usable)
			orig_sent(s->orig, run[i]);
		else
			orig_skip(s->orig, run[i]);
	}
	s->n_left = n < s->n_left ? s->n_left - (unsigned)n : 0;
}

/* Announcements, as many as may go; true when none is left. */
static bool
send_batches(struct sender *s)
{
	uint32_t run[TURN_ENTRIES];
	size_t n;

	for (;;) {
		if (s->peer->batch.pos == s->peer->batch.n)
			batch_fill(s->peer);
		if (s->peer->batch.n == 0)
			return true;
		if (s->n_left == 0 || outbox_is_full(&s->rde->outbox) ||
		    !rate_take(s->rde, s->peer))
			return false;
		n = batch_run(s, run, TURN_ENTRIES);
		if (n != 0)
			run_send(s, run, n);
		sender_unload(s);
	}
}

static void
send_eors(struct sender *s)
{
	const struct open_negotiated *n = &s->peer->session.negotiated;
	unsigned i, id;

	if (s->peer->is_first_batch && n->family_mask == 0 &&
	    !s->peer->conf->manual_eor)
		message_put_keepalive(outbox_room(&s->rde->outbox));
	for (i = 0; i < n->n_families && s->peer->eor_mask != 0; i++) {
		id = n->family_order[i];
		if ((s->peer->eor_mask >> id & 1) == 0)
			continue;
		update_put_eor(outbox_room(&s->rde->outbox), nlri_by_id(id));
		s->peer->counters.eor_out++;
		s->peer->eor_mask &= ~(1u << id);
	}
	s->peer->eor_mask = 0;
}

/* One peer's turn; true when it has nothing left. */
static bool
sender_run(struct sender *s)
{
	struct rpeer *p = s->peer;
	bool had_routes;

	outbox_to(&s->rde->outbox, &p->id, 1);
	send_refresh_marks(s, &p->borr_mask, REFRESH_BEGIN);
	if (!orig_continue(s->orig, BATCH_MAX))
		return false;
	had_routes = s->orig->n_announces + s->orig->n_withdraws != 0;
	if (!p->is_first_batch && !send_withdraws(s))
		return false;
	orig_retry(s->orig);
	if (!send_batches(s))
		return false;
	send_eors(s);
	send_refresh_marks(s, &p->eorr_mask, REFRESH_END);
	if (p->is_first_batch) {
		p->is_first_batch = false;
		if (!send_withdraws(s))
			return false;
	}
	if (had_routes)
		p->has_batch = true;
	return true;
}

/* Peers whose turns are worth taking. */
static bool
peer_is_ready(const struct rpeer *p)
{
	return p != NULL && p->is_up && !p->is_xoff && p->orig != NULL &&
	    (!orig_out_is_done(p) || p->is_first_batch);
}

void
orig_out_now(struct rde *rde, struct rpeer *p)
{
	struct sender s = { .rde = rde, .peer = p, .orig = p->orig,
	    .n_left = TURN_ENTRIES };

	if (!peer_is_ready(p) || outbox_is_full(&rde->outbox))
		return;
	sender_unload(&s);
	sender_run(&s);
}

/* Whether a peer that is not done waits for nothing but its turn. */
static bool
peer_is_runnable(const struct rpeer *p)
{
	return peer_is_ready(p) &&
	    (p->conf->rate_limit == 0 || p->rate_allowed > 0);
}

/*
 * Whether more lines of the same breath may be coming: a later word on a
 * destination then replaces an earlier one before it is sent. Never for long.
 */
static bool
out_can_wait(struct rde *rde)
{
	struct mono now = loop_now(rde->env->loop);
	/* Two turns: a channel that was paused delivers in the next one. */
	bool had_input = rde->had_input || rde->had_input_before;

	rde->had_input_before = rde->had_input;
	if (had_input && !mono_is_set(rde->orig_since))
		rde->orig_since = now;
	if (had_input && mono_diff_usec(now, rde->orig_since) <
	    ORIG_WAIT_USEC)
		return true;
	rde->orig_since = (struct mono){ 0 };
	return false;
}

bool
orig_out_run(struct rde *rde, struct budget *b)
{
	struct sender s = { .rde = rde };
	bool is_done = true;
	struct rpeer *p;
	uint32_t i;

	if (out_can_wait(rde))
		return false;
	for (i = 0; i < rde->n_peers; i++) {
		if (outbox_is_full(&rde->outbox))
			return true;	/* on_drained goes on */
		p = rde->peers[rde->orig_next % rde->n_peers];
		rde->orig_next++;
		if (!peer_is_ready(p))
			continue;
		s.peer = p;
		s.orig = p->orig;
		s.n_left = TURN_ENTRIES;
		sender_unload(&s);
		if (!sender_run(&s) && peer_is_runnable(p))
			is_done = false;
		if (!budget_spend(b, TURN_ENTRIES - s.n_left + 1))
			return false;
	}
	return is_done;
}
