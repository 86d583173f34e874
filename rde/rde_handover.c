/* SPDX-License-Identifier: ISC */
/*
 * Records of state, RDE to RDE by way of the parent. id: the peer, 0 for
 * `network`; data: kind 1, then
 *   ROUTES: route records (route.h)
 *   WATCHDOG: the name of one that is withdrawn
 *   STALE_PEER, STALE_ROUTES: of a neighbor that is down: stale_handover.c
 */
#include "rde/rde_handover.h"

#include "common/config.h"
#include "common/env.h"
#include "common/err.h"
#include "common/route.h"
#include "rde/engine.h"
#include "rde/group.h"
#include "rde/rib.h"
#include "rde/stale.h"

#include <string.h>

#define HANDOVER_ROUTES		1
#define HANDOVER_WATCHDOG	2
#define HANDOVER_TICK_USEC	(MONO_USEC_PER_SEC / 100)
#define HANDOVER_MAX_USEC	(2 * MONO_USEC_PER_SEC)	/* to come to rest */

struct handing {
	struct rde	*rde;
	uint32_t	 id;		/* of the peer */
	struct wr	 w;
};

static void
handing_flush(struct handing *h)
{
	if (h->w.len > 1 && h->w.err == 0)
		chan_send_wr(h->rde->parent, IMSG_STATE, h->id, &h->w);
	buf_reset(&h->w);
	buf_put_u8(&h->w, HANDOVER_ROUTES);
}

static void
handing_route(struct handing *h, const struct nlri *n, uint32_t attr,
    uint16_t flags)
{
	const struct attrset *a = attrset_at(&h->rde->attrsets, attr);
	struct route r = {
		.family = n->family, .flags = flags, .path_id = n->path_id,
		.nlri = buf_reader(n->bytes, n->len),
		.attrs = attrset_block(a),
	};

	if (n->has_path_id)
		r.flags |= ROUTE_HAS_PATH_ID;
	if (a->flags & ATTRSET_NEXTHOP_SELF)
		r.flags |= ROUTE_NEXTHOP_SELF;
	attrset_nexthop(a, &r.nexthop);
	if (h->w.len > IMSG_BATCH_BYTES)
		handing_flush(h);
	route_put(&h->w, &r);
}

static void
hand_isolated(struct handing *h, const struct rpeer *p)
{
	const struct orig_entry *e;
	struct nlri n;
	uint32_t i;

	for (i = p->orig->first; i != HEAP_NONE; i = e->next) {
		e = orig_at(p->orig, i);
		if ((e->flags & ORIG_API) == 0 || (e->flags & ORIG_NO_NLRI))
			continue;
		orig_nlri(p->orig, i, &n);
		handing_route(h, &n, e->attr, 0);
	}
}

/* Private paths of peer, or of `network` (its paths have identifier 1). */
static void
hand_table(struct handing *h, struct table *t, uint16_t peer, uint32_t path_id)
{
	bool is_private = peer != RDE_PEER_LOCAL;
	const struct path *path;
	uint8_t bytes[17];
	struct nlri n;
	uint32_t id;
	int i;

	for (id = 0; id < t->n_ids; id++) {
		if (!table_is_used(t, id))
			continue;
		i = table_find_path(t, id, peer, path_id, is_private);
		if (i < 0)
			continue;
		path = table_path(t, table_at(t, id), (unsigned)i);
		if (!rib_path_is_alive(h->rde, t, path))
			continue;
		table_nlri(t, id, i, bytes, &n);
		n.path_id = 0;
		n.has_path_id = false;
		handing_route(h, &n, path->attr_in,
		    is_private ? 0 : ROUTE_FROM_NETWORK);
	}
}

static void
hand_tables(struct handing *h, uint16_t peer, uint32_t path_id)
{
	unsigned i;

	for (i = 0; i < NLRI_N_FAMILIES; i++)
		if (h->rde->tables[i] != NULL)
			hand_table(h, h->rde->tables[i], peer, path_id);
}

static void
hand_watchdogs(struct handing *h, const struct rpeer *p)
{
	size_t i;

	for (i = 0; i < p->n_watchdogs; i++) {
		if (!p->watchdogs[i].is_withdrawn)
			continue;
		buf_reset(&h->w);
		buf_put_u8(&h->w, HANDOVER_WATCHDOG);
		buf_put_text(&h->w, p->watchdogs[i].name);
		chan_send_wr(h->rde->parent, IMSG_STATE, h->id, &h->w);
	}
}

static void
hand_all(struct rde *rde)
{
	struct handing h = { .rde = rde };
	const struct rpeer *p;
	uint32_t i;

	buf_writer_growing(&h.w, IMSG_DATA_MAX);
	handing_flush(&h);
	hand_tables(&h, RDE_PEER_LOCAL, 1);
	handing_flush(&h);
	for (i = 1; i < rde->n_peers; i++) {
		p = rde->peers[i];
		if (p == NULL || p->is_retired)
			continue;
		h.id = p->id;
		if (p->orig != NULL)
			hand_isolated(&h, p);
		else if (p->has_private)
			hand_tables(&h, p->index, 0);
		handing_flush(&h);
		hand_watchdogs(&h, p);
		handing_flush(&h);
		stale_give(rde, rde->peers[i]);
	}
	buf_free(&h.w);
}

static bool
handover_is_at_rest(const struct rde *rde)
{
	const struct rpeer *p;
	uint32_t i;

	if (rde->rib->n_dirty != 0 || rde->api_job.is_active ||
	    rde->sess_job.is_active || outbox_is_full(&rde->outbox))
		return rde->sess == NULL;
	for (i = 1; i < rde->n_peers; i++) {
		p = rde->peers[i];
		if (p != NULL && p->is_up && !p->is_xoff && !p->is_refilling &&
		    (!orig_out_is_done(p) || !group_is_done(p)))
			return false;
	}
	return true;
}

static void
handover_on_timer(void *arg)
{
	struct rde *rde = arg;

	rde_schedule(rde);
	rde_handover_check(rde);
}

void
rde_handover_begin(struct rde *rde)
{
	struct rde_handover *h = &rde->handover;

	h->is_wanted = true;
	h->since = loop_now(rde->env->loop);
	if (h->timer.loop == NULL)
		loop_timer_init(&h->timer, rde->env->loop, handover_on_timer,
		    rde);
	rde_handover_check(rde);
}

void
rde_handover_quiesce(struct rde *rde, const struct imsg *m, bool is_session)
{
	(void)m;
	if (is_session)
		rde->handover.is_session_quiet = true;
	else
		rde->handover.is_api_quiet = true;
	rde_handover_check(rde);
}

void
rde_handover_check(struct rde *rde)
{
	struct rde_handover *h = &rde->handover;
	bool is_late;

	if (!h->is_wanted || h->is_done)
		return;
	is_late = mono_diff_usec(loop_now(rde->env->loop), h->since) >
	    HANDOVER_MAX_USEC;
	if (!is_late && ((rde->sess != NULL && !h->is_session_quiet) ||
	    (rde->api != NULL && !h->is_api_quiet) ||
	    !handover_is_at_rest(rde))) {
		loop_timer_set_after_usec(&h->timer, HANDOVER_TICK_USEC);
		return;
	}
	h->is_done = true;
	outbox_flush(&rde->outbox);
	if (rde->sess != NULL)
		chan_send(rde->sess, IMSG_QUIET, 0, NULL, 0);
	hand_all(rde);
	chan_send(rde->parent, IMSG_STOPPED, 0, NULL, 0);
}

/*
 * Restoring.
 */
static void
restore_routes(struct rde *rde, uint32_t id, struct rd r)
{
	struct rpeer *p = rpeer_find(rde, id);
	struct route route;
	int e;

	while (buf_left(&r) > 0) {
		e = route_get(&r, &route);
		if (e == 0 && (p != NULL || id == 0))
			rde_api_restore(rde, p, &route);
		else if (e != 0 && rde->n_bad_messages++ == 0)
			log_warn(&rde->env->log, "state: malformed route");
	}
}

void
rde_handover_restore(struct rde *rde, const struct imsg *m)
{
	struct rd r = buf_reader(m->data, m->len);
	struct rpeer *p = rpeer_find(rde, m->id);
	uint8_t kind = buf_get_u8(&r);
	char name[256] = "";

	if (kind == HANDOVER_ROUTES) {
		restore_routes(rde, m->id, r);
	} else if ((kind == STALE_PEER || kind == STALE_ROUTES) && p != NULL) {
		stale_restore(rde, p, kind, r);
	} else if (kind == HANDOVER_WATCHDOG && p != NULL && p->orig != NULL &&
	    buf_left(&r) < sizeof(name)) {
		memcpy(name, r.pos, buf_left(&r));
		orig_conf_watchdog(rde, p, name, true);
	}
}

void
rde_handover_fini(struct rde *rde)
{
	loop_timer_fini(&rde->handover.timer);
}
