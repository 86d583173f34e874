/* SPDX-License-Identifier: ISC */
/* Messages of the session engine: sessions, what they bring, their pace. */
#include "rde/engine.h"

#include "common/bgp.h"
#include "common/config.h"
#include "common/env.h"
#include "rde/group.h"
#include "rde/monitor.h"
#include "rde/stale.h"
#include "rde/update_in.h"
#include "rde/validate.h"

/* What programs announced to a range, a neighbor of it hears, too. */
static void
session_copy_range(struct rde *rde, struct rpeer *p,
    const struct rpeer *range)
{
	const struct orig_entry *e;
	struct orig_route r;
	struct nlri nlri;
	uint32_t entry;

	if (range == NULL || range->orig == NULL || p->orig == NULL)
		return;
	for (entry = range->orig->first; entry != HEAP_NONE;
	    entry = e->next) {
		e = orig_at(range->orig, entry);
		if ((e->flags & ORIG_API) == 0 || (e->flags & ORIG_WITHDRAW))
			continue;
		orig_nlri(range->orig, entry, &nlri);
		r = (struct orig_route){
			.nlri = &nlri, .attr = e->attr,
			.flags = e->flags & (ORIG_API | ORIG_NO_NLRI |
			    ORIG_HELD),
		};
		orig_prepare(&r, rde->seed, &rde->key);
		orig_announce(p->orig, &r);
	}
}

/*
 * The peer of a session that came up. A template's clone has an id that the
 * model does not know: it takes the template's configuration.
 */
static struct rpeer *
session_peer(struct rde *rde, uint32_t id, const struct addr *remote)
{
	struct rpeer *p = rpeer_find(rde, id);
	const struct conf_peer *best;

	if (p != NULL || rde->conf == NULL)
		return p;
	best = rpeer_template(rde->conf, remote);
	if (best == NULL)
		return NULL;
	p = rpeer_new(rde, id, best);
	p->is_clone = true;
	p->remote = *remote;
	if (rpeer_is_isolated(p)) {
		orig_conf_apply(rde, p);
		session_copy_range(rde, p, rpeer_find(rde, best->id));
	}
	return p;
}

static void
session_clone(struct rde *rde, struct rpeer *p, const struct imsg *m)
{
	struct imsg_clone clone;

	(void)p;
	if (imsg_get_clone(buf_reader(m->data, m->len), &clone) != 0)
		log_warn(&rde->env->log, "peer clone: malformed");
	else
		session_peer(rde, m->id, &clone.addr);
}

static void
session_gone(struct rde *rde, struct rpeer *p, const struct imsg *m)
{
	(void)m;
	if (p->is_clone && !p->is_retired)
		rpeer_retire(rde, p);
}

static void
session_up(struct rde *rde, struct rpeer *p, const struct imsg *m)
{
	struct imsg_session_up up;

	(void)p;
	if (imsg_get_session_up(buf_reader(m->data, m->len), &up) != 0) {
		log_warn(&rde->env->log, "session up: malformed");
		return;
	}
	p = session_peer(rde, m->id, &up.remote);
	if (p == NULL) {
		log_warn(&rde->env->log, "session up: unknown peer %u", m->id);
		return;
	}
	if (p->is_up)
		rpeer_session_down(rde, p, DOWN_FLUSH);
	rpeer_session_up(rde, p, &up);
	if (up.is_resumed)
		refill_begin_peer(rde, p);
	else if (rpeer_is_isolated(p))
		orig_out_session_up(rde, p);
}

static void
session_down(struct rde *rde, struct rpeer *p, const struct imsg *m)
{
	if (m->data[0] == DOWN_LONG_STALE) {
		stale_long_lived(rde, p);
		return;
	}
	/* A new session engine cannot know that there is nothing of it. */
	if (!p->is_up && p->keep_mask == 0 && !p->is_clone)
		return;
	refill_lose_peer(rde, p);
	/* Stale routes are given up by a second message. */
	rpeer_session_down(rde, p,
	    m->data[0] == DOWN_STALE && p->is_up ? DOWN_STALE : DOWN_FLUSH);
	if (p->is_clone && m->data[0] != DOWN_STALE)
		rpeer_retire(rde, p);
}

static void
session_refresh(struct rde *rde, struct rpeer *p, const struct imsg *m)
{
	struct rd r = buf_reader(m->data, m->len);
	uint16_t afi = buf_get_u16(&r);
	uint8_t subtype = buf_get_u8(&r);
	const struct nlri_family *family = nlri_find(afi, buf_get_u8(&r));

	if (family == NULL || !rpeer_has_family(p, family))
		return;
	switch (subtype) {
	case REFRESH_REQUEST:
		if (rpeer_is_isolated(p))
			orig_out_refresh(rde, p, family);
		else
			group_refresh(rde, p, family);
		break;
	case REFRESH_BEGIN:
		stale_begin(rde, p, family);
		break;
	case REFRESH_END:
		stale_end(rde, p, family);
		refill_end_family(rde, p, family);
		break;
	}
}

static void
session_xoff(struct rde *rde, struct rpeer *p, const struct imsg *m)
{
	(void)m;
	p->is_xoff = true;
	group_xoff(rde, p);
}

static void
session_xon(struct rde *rde, struct rpeer *p, const struct imsg *m)
{
	(void)m;
	p->is_xoff = false;
	group_xon(rde, p);
}

static void
session_updates(struct rde *rde, struct rpeer *p, const struct imsg *m)
{
	if (p->is_up)
		job_begin(&rde->sess_job, rde->sess, m);
}

static void
session_validate(struct rde *rde, struct rpeer *p, const struct imsg *m)
{
	(void)p;
	validate_message(rde, m);
}

static void
session_quiesce(struct rde *rde, struct rpeer *p, const struct imsg *m)
{
	(void)p;
	rde_handover_quiesce(rde, m, true);
}

/* All that came before this is in the tables. */
static void
session_barrier(struct rde *rde, struct rpeer *p, const struct imsg *m)
{
	(void)p;
	if (rde->api != NULL)
		chan_send(rde->api, IMSG_BARRIER, m->id, NULL, 0);
}

struct session_row {
	enum imsg_type	type;
	bool		needs_peer;
	void		(*handle)(struct rde *, struct rpeer *,
			    const struct imsg *);
};

static const struct session_row session_rows[] = {
	{ IMSG_UPDATES,		true,	session_updates },
	{ IMSG_SESSION_UP,	false,	session_up },
	{ IMSG_SESSION_DOWN,	true,	session_down },
	{ IMSG_PEER_CLONE,	false,	session_clone },
	{ IMSG_PEER_GONE,	true,	session_gone },
	{ IMSG_REFRESH,		true,	session_refresh },
	{ IMSG_BARRIER,		false,	session_barrier },
	{ IMSG_QUIESCE,		false,	session_quiesce },
	{ IMSG_PEER_XOFF,	true,	session_xoff },
	{ IMSG_PEER_XON,	true,	session_xon },
	{ IMSG_VRP_DELTA,	false,	session_validate },
	{ IMSG_ASPA_DELTA,	false,	session_validate },
};

#define N_ROWS	(sizeof(session_rows) / sizeof(session_rows[0]))

void
rde_session_message(struct rde *rde, const struct imsg *m)
{
	struct rpeer *p = rpeer_find(rde, m->id);
	size_t i;

	for (i = 0; i < N_ROWS; i++) {
		if (session_rows[i].type != m->type)
			continue;
		if (p != NULL || !session_rows[i].needs_peer)
			session_rows[i].handle(rde, p, m);
		return;
	}
}

/* One message off the batch; false at its end or when it is malformed. */
static bool
next_message(struct rde *rde, struct job *j, struct rd *out)
{
	struct rd r = buf_reader(j->data + j->pos, j->len - j->pos);
	struct rd peek = r;
	uint16_t len;

	if (buf_left(&r) == 0)
		return false;
	buf_get_bytes(&peek, BGP_MARKER_LEN);
	len = buf_get_u16(&peek);
	if (peek.is_short || len < BGP_HEADER_LEN || len > buf_left(&r)) {
		if (rde->n_bad_messages++ == 0)
			log_warn(&rde->env->log, "session engine: malformed "
			    "batch of updates");
		return false;
	}
	*out = buf_get_sub(&r, len);
	j->pos += len;
	return true;
}

bool
rde_session_continue(struct rde *rde, struct budget *b)
{
	struct job *j = &rde->sess_job;
	struct rd message;
	struct rpeer *p;

	if (!j->is_active)
		return true;
	if (monitor_is_full(rde))
		return true;	/* on_drained goes on */
	while ((p = rpeer_find(rde, j->id)) != NULL && p->is_up &&
	    !p->is_max_prefix_hit && next_message(rde, j, &message)) {
		update_in(rde, p, message);
		if (!budget_spend(b, 1 + (unsigned)buf_left(&message) / 32))
			return false;
	}
	job_end(j, rde->sess);
	return true;
}
