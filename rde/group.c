/* SPDX-License-Identifier: ISC */
/* Groups and their streams: who is where, and who catches up with whom. */
#include "rde/group.h"

#include "common/bgp.h"
#include "common/config.h"
#include "common/wire/message.h"
#include "rde/engine.h"
#include "rde/rib.h"

#include <err.h>
#include <stdlib.h>
#include <string.h>

static void
group_key_of(const struct rde *rde, const struct rpeer *p,
    struct group_key *k)
{
	const struct open_negotiated *n = &p->session.negotiated;

	memset(k, 0, sizeof(*k));
	k->out = p->out;
	k->local_addr.family = p->session.local.family;
	memcpy(k->local_addr.bytes, p->session.local.bytes, 16);
	if (p->out->uses_neighbor) {
		k->peer_addr.family = p->remote.family;
		memcpy(k->peer_addr.bytes, p->remote.bytes, 16);
		k->remote_as = p->remote_as;
	}
	k->local_as = p->local_as;
	k->local_id = p->session.local_id;
	k->family_mask = n->family_mask;
	k->add_path_mask = n->add_path_send_mask;
	k->rib = (uint8_t)rib_extra_find(rde, p->conf->rib);
	k->rich_mask = p->conf->evaluate_all ? n->family_mask :
	    n->add_path_send_mask;
	if (k->add_path_mask != 0) {
		k->add_path_mode = p->conf->add_path_send;
		k->add_path_plus = p->conf->add_path_plus;
		k->add_path_max = p->conf->add_path_max;
	}
	k->extended_nexthop_mask = n->extended_nexthop_mask;
	k->private_peer = p->has_private ? p->index + 1u : 0;
	/* A limit is a peer's own: it counts alone. */
	k->max_prefix_out = p->conf->max_prefix_out;
	/* Of how many paths some may be its own. */
	if (k->max_prefix_out != 0 || (k->add_path_mask != 0 &&
	    k->add_path_mode != ADD_PATH_SEND_ALL))
		k->private_peer = p->index + 1u;
	k->max_len = p->format.max_len;
	k->role = p->is_ebgp ? p->conf->role : ROLE_NONE;
	k->export = p->conf->export;
	k->is_ebgp = p->is_ebgp;
	k->is_confed = p->is_confed;
	k->is_client = p->conf->is_reflector_client;
	k->is_transparent = p->conf->transparent_as;
	k->is_nexthop_self = p->conf->is_nexthop_self;
	/* Who does not speak of it passes such routes on like others. */
	k->has_llgr = p->session.has_llgr || !rde->rib->knows_llgr;
	k->has_as4 = p->format.has_as4;
	k->is_exabgp_packing = p->format.is_exabgp_packing;
}

static struct group *
group_find(struct rde *rde, const struct rpeer *p,
    const struct group_key *k)
{
	struct group *g;

	for (g = rde->rib->groups; g != NULL; g = g->next) {
		if (memcmp(&g->key, k, sizeof(*k)) == 0)
			return g;
	}
	g = calloc(1, sizeof(*g));
	if (g == NULL)
		err(1, "group");
	g->key = *k;
	g->format = p->format;
	g->id = ++rde->rib->group_serial;
	g->next = rde->rib->groups;
	rde->rib->groups = g;
	if (k->rich_mask != 0)
		rde->rib->n_rich++;
	return g;
}

static void
group_free(struct rde *rde, struct group *g)
{
	struct group **link = &rde->rib->groups;

	while (*link != g)
		link = &(*link)->next;
	*link = g->next;
	if (g->key.rich_mask != 0)
		rde->rib->n_rich--;
	while (g->streams != NULL)
		stream_free(rde, g->streams);
	free(g->memo);
	free(g);
}

/* The peer leaves its stream; what is empty goes. */
static void
group_drop(struct rde *rde, struct rpeer *p)
{
	struct stream *s = p->stream;
	struct group *g = p->group;

	if (s == NULL)
		return;
	/* What it has still to hear as a member is written first. */
	stream_flush(rde, s);
	stream_remove(s, p);
	p->group = NULL;
	if (s->n_members == 0)
		stream_free(rde, s);
	if (g->streams == NULL)
		group_free(rde, g);
}

static void
restart_all(struct rde *rde, struct stream *s)
{
	unsigned i;

	for (i = 0; i < NLRI_N_FAMILIES; i++) {
		if (s->group->key.family_mask >> i & 1)
			stream_restart(rde, s, i);
	}
}

/* A stream of the group that has not begun, or a new one. */
static struct stream *
fresh_stream(struct rde *rde, struct group *g)
{
	struct stream *s;

	for (s = g->streams; s != NULL; s = s->next) {
		if (s->is_lagging && !s->is_started && s->n_sent == 0)
			return s;
	}
	s = stream_new(rde, g, true);
	restart_all(rde, s);
	return s;
}

void
group_join(struct rde *rde, struct rpeer *p)
{
	struct group_key k;
	struct stream *s, *old = p->stream;
	struct group *g;

	if (p->out == NULL || p->is_refilling)
		return;
	group_key_of(rde, p, &k);
	if (old != NULL && memcmp(&p->group->key, &k, sizeof(k)) == 0)
		return;
	/* Other ids: nothing of what was told can be named any more. */
	if (old != NULL && p->group->key.rib != k.rib) {
		group_drop(rde, p);
		old = NULL;
	}
	g = group_find(rde, p, &k);
	if (old == NULL) {
		s = fresh_stream(rde, g);
	} else {
		stream_flush(rde, old);
		s = stream_new(rde, g, true);
		s->is_started = true;
		stream_copy_sent(rde, s, old);
		restart_all(rde, s);
		group_drop(rde, p);
	}
	p->group = g;
	stream_add(s, p);
	rde_schedule(rde);
}

void
group_leave(struct rde *rde, struct rpeer *p)
{
	group_drop(rde, p);
}

/* A stream of its own for a member, with what it has been told. */
static struct stream *
group_split(struct rde *rde, struct rpeer *p)
{
	struct stream *s = p->stream, *alone;

	if (s->n_members == 1) {
		if (!s->is_lagging)
			rde->rib->n_lagging++;
		s->is_lagging = s->is_started = true;
		return s;
	}
	stream_flush(rde, s);
	alone = stream_new(rde, p->group, true);
	alone->is_started = true;
	stream_copy_sent(rde, alone, s);
	if (s->is_lagging) {
		for (unsigned i = 0; i < NLRI_N_FAMILIES; i++) {
			if (s->families[i].is_lagging)
				stream_restart(rde, alone, i);
		}
	}
	stream_remove(s, p);
	stream_add(alone, p);
	return alone;
}

void
group_restart(struct rde *rde, struct rpeer *p,
    const struct nlri_family *family)
{
	if (p->stream == NULL)
		return;
	stream_restart(rde, group_split(rde, p), family->id);
	rde_schedule(rde);
}

void
group_refresh(struct rde *rde, struct rpeer *p,
    const struct nlri_family *family)
{
	uint32_t mask = 1u << family->id;

	if (p->stream == NULL)
		return;
	group_restart(rde, p, family);
	if (p->stream != NULL && stream_is_rich(p->stream, family->id))
		stream_forget_told(rde, p->stream, family->id);
	if (p->session.negotiated.has_enhanced_refresh) {
		p->borr_mask |= mask;
		p->eorr_mask |= mask;
	}
}

void
group_xoff(struct rde *rde, struct rpeer *p)
{
	if (p->stream != NULL)
		group_split(rde, p);
}

void
group_xon(struct rde *rde, struct rpeer *p)
{
	if (p->stream != NULL)
		rde_schedule(rde);
}

/*
 * The members have new policies. The group goes on with one that says the
 * same as before, if some member has it; who has another finds its place by
 * group_join. Returns whether the group's own now says something else.
 */
static bool
group_rekey(struct group *g)
{
	struct rpeer *p = g->streams->members[0];
	const struct stream *s;
	size_t i;

	for (s = g->streams; s != NULL; s = s->next) {
		for (i = 0; i < s->n_members; i++) {
			if (!s->members[i]->is_out_changed)
				p = s->members[i];
		}
	}
	g->key.out = p->out;
	return p->is_out_changed;
}

void
group_reconfigure(struct rde *rde, bool is_all)
{
	struct group *g;
	struct stream *s;

	for (g = rde->rib->groups; g != NULL; g = g->next) {
		bool is_changed = group_rekey(g) || is_all;

		free(g->memo);
		g->memo = NULL;
		for (s = g->streams; is_changed && s != NULL; s = s->next) {
			if (!s->is_lagging)
				rde->rib->n_lagging++;
			s->is_lagging = true;
			restart_all(rde, s);
		}
	}
}

void
group_changed(struct rde *rde, struct table *t, uint32_t id,
    bool is_best_changed)
{
	struct group *g;
	struct stream *s;

	for (g = rde->rib->groups; g != NULL; g = g->next) {
		if (g->key.rib != t->rib)
			continue;
		if (!is_best_changed &&
		    (g->key.rich_mask >> t->family->id & 1) == 0)
			continue;
		for (s = g->streams; s != NULL; s = s->next)
			stream_changed(rde, s, t, id);
	}
}

void
group_flush(struct rde *rde)
{
	struct group *g;
	struct stream *s;

	for (g = rde->rib->groups; g != NULL; g = g->next) {
		for (s = g->streams; s != NULL; s = s->next)
			stream_flush(rde, s);
	}
}

static bool
stream_is_blocked(const struct stream *s)
{
	size_t i;

	for (i = 0; i < s->n_members; i++) {
		if (s->members[i]->is_xoff)
			return true;
	}
	return false;
}

static void
put_marks(struct rde *rde, struct rpeer *p, uint32_t *mask, uint8_t subtype)
{
	const struct nlri_family *f;

	while (*mask != 0) {
		f = nlri_by_id((unsigned)__builtin_ctz(*mask));
		*mask &= *mask - 1;
		outbox_to(&rde->outbox, &p->id, 1);
		message_put_refresh(outbox_room(&rde->outbox), f->afi,
		    subtype, f->safi);
	}
}

/* Members have heard all: marks and End-of-RIB follow. */
static void
stream_tell_end(struct rde *rde, struct stream *s)
{
	const struct open_negotiated *n;
	struct rpeer *p;
	size_t i, k;

	for (i = 0; i < s->n_members; i++) {
		p = s->members[i];
		n = &p->session.negotiated;
		put_marks(rde, p, &p->eorr_mask, REFRESH_END);
		for (k = 0; k < n->n_families && p->eor_mask != 0; k++) {
			if ((p->eor_mask >> n->family_order[k] & 1) == 0)
				continue;
			outbox_to(&rde->outbox, &p->id, 1);
			update_put_eor(outbox_room(&rde->outbox),
			    nlri_by_id(n->family_order[k]));
			p->counters.eor_out++;
			p->eor_mask &= ~(1u << n->family_order[k]);
		}
		p->eor_mask = 0;
	}
}

/*
 * A stream has caught up: join the one that follows, or become it. False when
 * that takes another turn.
 */
static bool
stream_caught_up(struct rde *rde, struct stream *s, struct budget *b)
{
	struct stream *main;
	struct rpeer *p;

	for (main = s->group->streams; main != NULL; main = main->next) {
		if (main != s && !main->is_lagging)
			break;
	}
	if (main != NULL) {
		stream_flush(rde, main);
		if (!stream_merge_sent(rde, main, s, b))
			return false;
	}
	s->is_lagging = false;
	rde->rib->n_lagging--;
	if (main == NULL)
		return true;
	while (s->n_members != 0) {
		p = s->members[0];
		stream_remove(s, p);
		stream_add(main, p);
	}
	stream_free(rde, s);
	return true;
}

/* One lagging stream's turn; true when it is through or has to wait. */
static bool
group_run_stream(struct rde *rde, struct stream *s, struct budget *b)
{
	size_t i;

	if (stream_is_blocked(s) || outbox_is_full(&rde->outbox))
		return true;
	for (i = 0; i < s->n_members; i++)
		put_marks(rde, s->members[i], &s->members[i]->borr_mask,
		    REFRESH_BEGIN);
	if (!stream_run(rde, s, b))
		return outbox_is_full(&rde->outbox);
	stream_tell_end(rde, s);
	return stream_caught_up(rde, s, b);
}

/* End-of-RIB that a program asked for, where nothing is lagging. */
static void
tell_eors(struct rde *rde, struct stream *s)
{
	size_t i;

	for (i = 0; i < s->n_members; i++) {
		if (s->members[i]->eor_mask != 0) {
			stream_flush(rde, s);
			stream_tell_end(rde, s);
		}
	}
}

bool
group_run(struct rde *rde, struct budget *b)
{
	struct group *g;
	struct stream *s, *next;
	bool is_done = true;

	for (g = rde->rib->groups; g != NULL; g = g->next) {
		for (s = g->streams; s != NULL; s = next) {
			next = s->next;
			if (!s->is_lagging)
				tell_eors(rde, s);
			else if (!group_run_stream(rde, s, b))
				is_done = false;
		}
	}
	return is_done;
}

bool
group_is_done(const struct rpeer *p)
{
	return p->stream == NULL || (!p->stream->is_lagging &&
	    p->stream->n_entries == 0);
}

void
group_fini(struct rde *rde)
{
	while (rde->rib->groups != NULL)
		group_free(rde, rde->rib->groups);
}
