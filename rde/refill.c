/* SPDX-License-Identifier: ISC */
/*
 * The end of a refill is known where RFC 7313 marks it; for other peers it
 * is assumed when tables grow no more than by the usual coming and going. To
 * end too early does no harm but for choices that are made twice. What was withdrawn in the
 * meantime may be known to peers from the RDE before us: its records are
 * kept (rib.c) and count as told, so that withdrawals go out.
 */
#include "rde/refill.h"

#include "common/bgp.h"
#include "common/config.h"
#include "common/env.h"
#include "rde/engine.h"
#include "rde/group.h"
#include "rde/rib.h"

#define REFILL_TICK_USEC	(MONO_USEC_PER_SEC / 2)
#define REFILL_MIN_SEC		2	/* programs may have to start again */
#define REFILL_UNMARKED_SEC	10	/* at most, where the end is assumed */
#define REFILL_MAX_SEC		30	/* whoever has not sent by now */
#define REFILL_GROWTH		64	/* a 64th of the paths in a tick is much */

/* What records without paths stood for may have been told by another. */
static void
refill_mark_gone(struct rde *rde)
{
	const struct table *t;
	struct group *g;
	struct stream *s;
	unsigned at = 0;
	size_t k;

	while ((t = rib_next_table(rde, &at)) != NULL) {
		for (g = rde->rib->groups; g != NULL; g = g->next) {
			for (s = g->streams; g->key.rib == t->rib &&
			    s != NULL; s = s->next)
				for (k = t->dead.head; k < t->dead.n; k++)
					stream_mark_told(rde, s,
					    t->family->id, t->dead.ids[k]);
		}
	}
}

/* Marks around all that it is told say what is no more. */
static void
refill_tell_peer(struct rde *rde, struct rpeer *p)
{
	const struct open_negotiated *n = &p->session.negotiated;
	unsigned i;

	p->is_refilling = false;
	if (!rpeer_is_isolated(p)) {
		group_join(rde, p);
		if (n->has_enhanced_refresh)
			p->borr_mask = p->eorr_mask = n->family_mask;
		return;
	}
	for (i = 0; n->has_enhanced_refresh && i < n->n_families; i++)
		orig_out_refresh(rde, p, nlri_by_id(n->family_order[i]));
}

static void
refill_end(struct rde *rde)
{
	struct rpeer *p;
	uint32_t i;

	for (i = 1; i < rde->n_peers; i++) {
		p = rde->peers[i];
		if (p != NULL && p->is_refilling)
			refill_tell_peer(rde, p);
	}
	refill_mark_gone(rde);
	rde->refill.is_active = false;
	log_info(&rde->env->log, "tables are filled again");
	if (rde->parent != NULL)
		chan_send(rde->parent, IMSG_SETTLED, 0, NULL, 0);
	rde_schedule(rde);
}

/* Whether tables have grown much since the last look. */
static void
refill_measure(struct rde *rde)
{
	struct refill *r = &rde->refill;
	size_t n = 0;
	unsigned i;

	for (i = 0; i < NLRI_N_FAMILIES; i++)
		if (rde->tables[i] != NULL)
			n += rde->tables[i]->n_paths;
	r->is_growing = n > r->n_paths + r->n_paths / REFILL_GROWTH +
	    REFILL_GROWTH;
	r->n_paths = n;
}

static bool
refill_is_complete(const struct rde *rde, int64_t age)
{
	const struct rpeer *p;
	uint32_t i;

	for (i = 1; i < rde->n_peers; i++) {
		p = rde->peers[i];
		if (p == NULL || !p->is_refilling)
			continue;
		if (p->refill_mask != 0)
			return false;
		if (!p->session.negotiated.has_enhanced_refresh &&
		    rde->refill.is_growing && age < REFILL_UNMARKED_SEC)
			return false;
	}
	return true;
}

static void
refill_on_timer(void *arg)
{
	struct rde *rde = arg;
	int64_t age = mono_diff_sec(loop_now(rde->env->loop),
	    rde->refill.since);

	refill_measure(rde);
	if ((age >= REFILL_MIN_SEC && refill_is_complete(rde, age)) ||
	    age >= REFILL_MAX_SEC) {
		refill_end(rde);
		return;
	}
	loop_timer_set_after_usec(&rde->refill.timer, REFILL_TICK_USEC);
}

void
refill_begin_peer(struct rde *rde, struct rpeer *p)
{
	struct refill *r = &rde->refill;

	p->is_refilling = p->is_resumed = p->is_unheard = true;
	/* What is originated for it is known, and need not wait. */
	if (rpeer_is_isolated(p))
		orig_out_session_up(rde, p);
	/* It has had its End-of-RIB. */
	p->eor_mask = 0;
	p->refill_mask = p->session.negotiated.has_enhanced_refresh ?
	    p->session.negotiated.family_mask : 0;
	if (r->is_active)
		return;
	r->is_active = true;
	r->n_paths = 0;
	r->since = loop_now(rde->env->loop);
	if (r->timer.loop == NULL)
		loop_timer_init(&r->timer, rde->env->loop, refill_on_timer,
		    rde);
	loop_timer_set_after_usec(&r->timer, REFILL_TICK_USEC);
}

void
refill_end_family(struct rde *rde, struct rpeer *p,
    const struct nlri_family *family)
{
	(void)rde;
	p->refill_mask &= ~(1u << family->id);
}

void
refill_lose_peer(struct rde *rde, struct rpeer *lost)
{
	bool was_unheard = lost->is_unheard;
	char label[128];
	struct rpeer *p;
	uint32_t i;

	lost->is_resumed = lost->is_unheard = false;
	if (!was_unheard)
		return;
	for (i = 1; i < rde->n_peers; i++) {
		p = rde->peers[i];
		if (p == NULL || p == lost || !p->is_up || !p->is_resumed ||
		    rpeer_is_isolated(p) ||
		    p->session.negotiated.has_enhanced_refresh)
			continue;
		log_info(&rde->env->log, "%s: reset, as it may know routes "
		    "that nobody else does", rpeer_label(p, label,
		    sizeof(label)));
		rpeer_reset(rde, p, ERROR_CEASE, CEASE_OUT_OF_RESOURCES,
		    NULL, 0);
	}
}

void
refill_fini(struct rde *rde)
{
	loop_timer_fini(&rde->refill.timer);
}
