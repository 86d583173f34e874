/* SPDX-License-Identifier: ISC */
/* Generations of paths, and the timers of those that are kept. */
#include "rde/stale.h"

#include "common/config.h"
#include "common/env.h"
#include "common/nlri/nlri.h"
#include "rde/engine.h"
#include "rde/rib.h"

#define DEPTH_MAX	200	/* generations, of which there are 256 */

bool
stale_is_kept(const struct rpeer *p, unsigned family, uint8_t generation)
{
	uint8_t age = (uint8_t)(p->generation[family] - generation);

	return age == 0 || ((p->keep_mask >> family & 1) != 0 &&
	    age <= p->keep_depth[family]);
}

bool
stale_is_long_lived(const struct rpeer *p, unsigned family,
    const struct path *path)
{
	return (p->long_mask >> family & 1) != 0 &&
	    (path->flags & PATH_GENERATION) != p->generation[family];
}

/* The families' older paths go. */
static void
stale_forget(struct rde *rde, struct rpeer *p, uint32_t mask)
{
	p->keep_mask &= ~mask;
	p->long_mask &= ~mask;
	rib_sweep(rde, mask);
}

static void
stale_wake(struct rde *rde, struct mono when)
{
	struct loop_timer *t = &rde->rib->stale_timer;

	if (!t->is_set || mono_diff_usec(when, t->deadline) < 0)
		loop_timer_set(t, when);
}

static uint32_t
stale_sec(const struct rde *rde, const struct rpeer *p)
{
	return p->conf != NULL && p->conf->stale_time_sec != 0 ?
	    p->conf->stale_time_sec : rde->conf->stale_time_sec;
}

/* RFC 4724 4.2; no longer than we are ready to trust its routes. */
static uint32_t
restart_sec(const struct rde *rde, const struct rpeer *p)
{
	uint32_t sec = stale_sec(rde, p);

	return p->session.gr_time_sec < sec ? p->session.gr_time_sec : sec;
}

/* Wait so long for the end of what the peer has to tell of a family. */
static void
stale_wait(struct rde *rde, struct rpeer *p, unsigned family, uint32_t sec)
{
	p->keep_until[family] = mono_add_usec(loop_now(rde->env->loop),
	    sec * MONO_USEC_PER_SEC);
	stale_wake(rde, p->keep_until[family]);
}

/* As the session engine would tell it. */
static void
stale_restart_is_over(struct rde *rde, struct rpeer *p)
{
	bool has_llgr = p->session.has_llgr && p->conf != NULL &&
	    p->conf->llgr_sec != 0;
	char label[128];

	p->is_restart_ours = false;
	log_info(&rde->env->log, "%s: restart time is over, its routes are %s",
	    rpeer_label(p, label, sizeof(label)), has_llgr ?
	    "used as a last resort" : "forgotten");
	if (has_llgr)
		stale_long_lived(rde, p);
	else
		stale_forget(rde, p, p->keep_mask);
}

/* Do what is due of a peer; the earliest of what is not, in *next. */
static void
stale_check(struct rde *rde, struct rpeer *p, struct mono *next)
{
	struct mono now = loop_now(rde->env->loop);
	uint32_t due = 0;
	unsigned i;

	if (p->is_restart_ours && mono_diff_usec(p->restart_until, now) <= 0)
		stale_restart_is_over(rde, p);
	else if (p->is_restart_ours && (!mono_is_set(*next) ||
	    mono_diff_usec(p->restart_until, *next) < 0))
		*next = p->restart_until;
	for (i = 0; i < NLRI_N_FAMILIES; i++) {
		if ((p->keep_mask >> i & 1) == 0 ||
		    !mono_is_set(p->keep_until[i]))
			continue;
		if (mono_diff_usec(p->keep_until[i], now) <= 0)
			due |= 1u << i;
		else if (!mono_is_set(*next) ||
		    mono_diff_usec(p->keep_until[i], *next) < 0)
			*next = p->keep_until[i];
	}
	if (due != 0)
		stale_forget(rde, p, due);
}

static void
stale_on_timer(void *arg)
{
	struct rde *rde = arg;
	struct mono next = { 0 };
	uint32_t i;

	for (i = 1; i < rde->n_peers; i++) {
		if (rde->peers[i] != NULL)
			stale_check(rde, rde->peers[i], &next);
	}
	if (mono_is_set(next))
		loop_timer_set(&rde->rib->stale_timer, next);
}

void
stale_init(struct rde *rde)
{
	loop_timer_init(&rde->rib->stale_timer, rde->env->loop,
	    stale_on_timer, rde);
}

void
stale_fini(struct rde *rde)
{
	loop_timer_fini(&rde->rib->stale_timer);
}

void
stale_session_down(struct rde *rde, struct rpeer *p, enum imsg_down kind)
{
	unsigned i;

	for (i = 0; i < NLRI_N_FAMILIES; i++) {
		p->generation[i]++;
		/* What was stale already is not kept once more. */
		p->keep_depth[i] = 1;
		p->keep_until[i] = (struct mono){ 0 };
	}
	p->keep_mask = kind == DOWN_STALE ? p->session.gr_family_mask &
	    p->session.negotiated.family_mask : 0;
	p->restart_until = mono_add_usec(loop_now(rde->env->loop),
	    restart_sec(rde, p) * MONO_USEC_PER_SEC);
	p->is_restart_ours = false;
	p->long_mask = 0;
	p->counted_mask = 0;
	rib_sweep(rde, RDE_ALL_FAMILIES);
}

/* RFC 4724 4.2: without the forwarding flag nothing was preserved. */
void
stale_session_up(struct rde *rde, struct rpeer *p)
{
	const struct imsg_session_up *up = &p->session;
	uint32_t forwarding = (up->gr_forwarding_mask & ~p->long_mask) |
	    (up->llgr_forwarding_mask & p->long_mask);
	unsigned i;

	p->is_restart_ours = false;
	p->keep_mask &= up->negotiated.family_mask & forwarding;
	p->long_mask &= p->keep_mask;
	p->counted_mask = 0;
	for (i = 0; i < NLRI_N_FAMILIES; i++) {
		if (p->keep_mask >> i & 1)
			stale_wait(rde, p, i, stale_sec(rde, p));
	}
	rib_sweep(rde, RDE_ALL_FAMILIES);
}

void
stale_long_lived(struct rde *rde, struct rpeer *p)
{
	uint32_t sec, mask = p->keep_mask & p->session.llgr_family_mask;
	unsigned i;

	p->is_restart_ours = false;
	if (p->is_up || p->conf == NULL)
		return;
	for (i = 0; i < NLRI_N_FAMILIES; i++) {
		sec = p->session.llgr_sec[i];
		if (sec > p->conf->llgr_sec)
			sec = p->conf->llgr_sec;
		if ((mask >> i & 1) == 0)
			continue;
		if (sec == 0)
			mask &= ~(1u << i);
		else
			stale_wait(rde, p, i, sec);
	}
	stale_forget(rde, p, p->keep_mask & ~mask);
	p->long_mask = mask;
	rib_refilter(rde, mask);
}

/* Neighbors of a range come as others; the rest has lost its connection. */
static void
stale_lose_session(struct rde *rde, struct rpeer *p)
{
	bool is_kept = p->session.negotiated.has_graceful_restart &&
	    p->session.gr_family_mask != 0;

	if (p->is_clone)
		rpeer_retire(rde, p);
	else if (p->is_up)
		rpeer_session_down(rde, p, is_kept ? DOWN_STALE : DOWN_FLUSH);
	if (p->is_retired || (p->keep_mask & ~p->long_mask) == 0)
		return;
	p->is_restart_ours = true;
	stale_wake(rde, p->restart_until);
}

void
stale_new_session_engine(struct rde *rde)
{
	uint32_t i;

	for (i = 1; i < rde->n_peers; i++) {
		if (rde->peers[i] != NULL && !rde->peers[i]->is_retired)
			stale_lose_session(rde, rde->peers[i]);
	}
}

void
stale_take(struct rde *rde, struct rpeer *p, const struct stale_times *t)
{
	unsigned i;

	for (i = 0; i < NLRI_N_FAMILIES; i++) {
		p->generation[i]++;
		p->keep_depth[i] = 1;
		p->keep_until[i] = t->keep_until[i];
		if ((t->keep_mask >> i & 1) && mono_is_set(t->keep_until[i]))
			stale_wake(rde, t->keep_until[i]);
	}
	p->keep_mask = t->keep_mask;
	p->long_mask = t->long_mask;
	p->restart_until = t->restart_until;
	p->is_restart_ours = (t->keep_mask & ~t->long_mask) != 0;
	if (p->is_restart_ours)
		stale_wake(rde, p->restart_until);
}

void
stale_taking(struct rpeer *p, bool is_begin)
{
	unsigned i;

	for (i = 0; i < NLRI_N_FAMILIES; i++)
		p->generation[i] = (uint8_t)(p->generation[i] +
		    (is_begin ? -1 : 1));
}

void
stale_begin(struct rde *rde, struct rpeer *p,
    const struct nlri_family *family)
{
	uint32_t mask = 1u << family->id;
	uint8_t *depth = &p->keep_depth[family->id];

	if ((p->keep_mask & mask) == 0)
		*depth = 0;
	if (*depth >= DEPTH_MAX)
		return;		/* it begins, and never ends */
	(*depth)++;
	p->generation[family->id]++;
	p->keep_mask |= mask;
	p->counted_mask |= mask;
	stale_wait(rde, p, family->id, stale_sec(rde, p));
}

void
stale_end(struct rde *rde, struct rpeer *p, const struct nlri_family *family)
{
	uint32_t mask = 1u << family->id;

	if (p->keep_mask & mask)
		stale_forget(rde, p, mask);
}
