/* SPDX-License-Identifier: ISC */
/*
 * Messages of the API broker: who an audience is, routes for it, and what
 * programs ask of tables.
 */
#include "rde/engine.h"

#include "common/bgp.h"
#include "common/config.h"
#include "common/env.h"
#include "common/route.h"
#include "rde/group.h"
#include "rde/query.h"
#include "rde/rib.h"

#include <err.h>
#include <stdlib.h>
#include <string.h>

#define PREFETCH	6	/* peers ahead */
#define PEER_SPEND	16	/* a table may have to grow for each */

static struct audience *
audience_find(const struct rde *rde, uint32_t id)
{
	size_t i;

	for (i = 0; i < rde->n_audiences; i++) {
		if (rde->audiences[i].id == id)
			return &rde->audiences[i];
	}
	return NULL;
}

static struct audience *
audience_add(struct rde *rde, uint32_t id)
{
	struct audience *a;

	rde->audiences = reallocarray(rde->audiences, rde->n_audiences + 1,
	    sizeof(*a));
	if (rde->audiences == NULL)
		err(1, "rde");
	a = &rde->audiences[rde->n_audiences++];
	*a = (struct audience){ .id = id };
	return a;
}

static void
api_audience(struct rde *rde, const struct imsg *m)
{
	struct rd r = buf_reader(m->data, m->len), ids;
	struct audience *a = audience_find(rde, m->id);
	size_t i;

	if (imsg_get_peers(&r, &ids) != 0)
		return;
	if (a == NULL)
		a = audience_add(rde, m->id);
	free(a->peers);
	a->n_peers = buf_left(&ids) / 4;
	a->peers = calloc(a->n_peers + 1, sizeof(*a->peers));
	if (a->peers == NULL)
		err(1, "rde");
	for (i = 0; i < a->n_peers; i++)
		a->peers[i] = buf_get_u32(&ids);
}

static uint32_t
route_attr(struct rde *rde, const struct route *r)
{
	struct attrset_key key = {
		.block = r->attrs, .nexthop = r->nexthop.bytes,
		.nexthop_len = r->nexthop.len,
		.flags = r->flags & ROUTE_NEXTHOP_SELF ?
		    ATTRSET_NEXTHOP_SELF : 0,
	};

	return attrset_intern(&rde->attrsets, &key);
}

/*
 * Compat: with `group-updates false` ExaBGP sends each word on a destination,
 * although a later one is there already; but it does not announce what is
 * withdrawn in the same breath, except flow specifications: reading one takes
 * so long that the one before is on its way.
 */
static bool
is_sent_before(const struct rpeer *p, const struct orig_route *o,
    bool is_withdraw)
{
	if (p->conf->group_updates)
		return false;
	if (!is_withdraw)
		return orig_would_replace(p->orig, o);
	return (o->nlri->family->safi == SAFI_FLOW ||
	    o->nlri->family->safi == SAFI_FLOW_VPN) &&
	    orig_would_take_back(p->orig, o);
}

static void
route_forget(struct rde *rde, struct rpeer *p, const struct orig_route *r)
{
	orig_withdraw_entry(p->orig, orig_find(p->orig, r->nlri,
	    &rde->reply), p->is_up);
	rde->api_job.n_hit++;
}

/*
 * Compat: in a session's first batch of routes one that is announced and
 * withdrawn again is not spoken of.
 */
static void
route_to_isolated(struct rde *rde, struct rpeer *p, const struct route *r,
    const struct orig_route *o)
{
	bool is_withdraw = (r->flags & ROUTE_WITHDRAW) != 0;
	struct orig_route route = *o;

	if (!p->conf->auto_flush)
		route.flags |= ORIG_HELD;
	else if (is_sent_before(p, &route, is_withdraw))
		orig_out_now(rde, p);
	if (!is_withdraw)
		orig_announce(p->orig, &route);
	else if (!p->has_batch && orig_is_unsent(p->orig, &route))
		route_forget(rde, p, &route);
	else
		rde->api_job.n_hit += orig_withdraw(p->orig, &route);
}

/* A route for one peer of bgpd.conf: a path of its own, past its out rules. */
static void
route_to_normal(struct rde *rde, struct rpeer *p, const struct route *r,
    const struct orig_route *o)
{
	struct rib_route route = {
		.peer = p, .attr = o->attr, .flags = PATH_PRIVATE,
	};
	struct table *t = rde_table(rde, r->family);
	struct nlri nlri = *o->nlri;
	struct table_key key;

	nlri.path_id = 0;
	/* rde->key holds the route's own key meanwhile. */
	if ((r->flags & ROUTE_NO_NLRI) ||
	    !table_key(t, &nlri, &rde->reply, &key))
		return;
	if (r->flags & ROUTE_WITHDRAW) {
		rde->api_job.n_hit += rib_withdraw(rde, t, &key, &nlri, p,
		    true);
		return;
	}
	rib_announce(rde, t, &key, &nlri, &route);
	if (p->has_private)
		return;
	p->has_private = true;
	if (p->is_up)
		group_join(rde, p);
}

static void
route_to_peer(struct rde *rde, uint32_t id, const struct route *r,
    const struct orig_route *o)
{
	struct rpeer *p = rpeer_find(rde, id);

	if (p != NULL && rpeer_is_isolated(p))
		route_to_isolated(rde, p, r, o);
	else if (p != NULL)
		route_to_normal(rde, p, r, o);
}

static void
route_prefetch(const struct rde *rde, uint32_t id, const struct orig_route *o)
{
	const struct rpeer *p = rpeer_find(rde, id);

	if (p != NULL && rpeer_is_isolated(p))
		orig_prefetch(p->orig, o);
}

/*
 * One route record for all peers of an audience, from the one on at which
 * the last turn ended. False when this one ends before it is done.
 */
static bool
api_route(struct rde *rde, const struct audience *a, const struct route *r,
    struct budget *b)
{
	struct orig_route route = { .flags = ORIG_API };
	size_t *i = &rde->api_job.n_peers;
	bool has_budget = true;
	struct nlri nlri;

	route_nlri(r, &nlri);
	if (r->flags & ROUTE_NO_NLRI)
		route.flags |= ORIG_NO_NLRI;
	route.nlri = &nlri;
	route.attr = route_attr(rde, r);
	if (route.attr == ATTRSET_NONE)
		return true;
	if (r->flags & ROUTE_FROM_NETWORK) {
		if (rde->conf != NULL)
			local_network(rde, &nlri, route.attr,
			    (r->flags & ROUTE_WITHDRAW) != 0);
		*i = a->n_peers;
	}
	orig_prepare(&route, rde->seed, &rde->key);
	for (; *i < a->n_peers && has_budget; (*i)++) {
		if (*i + PREFETCH < a->n_peers)
			route_prefetch(rde, a->peers[*i + PREFETCH], &route);
		route_to_peer(rde, a->peers[*i], r, &route);
		has_budget = budget_spend(b, PEER_SPEND);
	}
	attrset_unref(&rde->attrsets, route.attr);
	return *i >= a->n_peers;
}

void
rde_api_originate(struct rde *rde, struct rpeer *p, const struct route *r)
{
	struct orig_route route = { .flags = ORIG_CONF };
	struct nlri nlri;

	route_nlri(r, &nlri);
	route.nlri = &nlri;
	route.attr = route_attr(rde, r);
	if (route.attr == ATTRSET_NONE)
		return;
	route_to_normal(rde, p, r, &route);
	attrset_unref(&rde->attrsets, route.attr);
}

void
rde_api_restore(struct rde *rde, struct rpeer *p, const struct route *r)
{
	struct orig_route route = { .flags = ORIG_API };
	struct nlri nlri;

	route_nlri(r, &nlri);
	route.nlri = &nlri;
	route.attr = route_attr(rde, r);
	if (route.attr == ATTRSET_NONE)
		return;
	orig_prepare(&route, rde->seed, &rde->key);
	if (p == NULL && rde->conf != NULL && (r->flags & ROUTE_FROM_NETWORK))
		local_network(rde, &nlri, route.attr, false);
	else if (p != NULL)
		route_to_peer(rde, p->id, r, &route);
	attrset_unref(&rde->attrsets, route.attr);
}

static void
api_quiesce(struct rde *rde, const struct imsg *m)
{
	rde_handover_quiesce(rde, m, false);
}

static void
api_routes(struct rde *rde, const struct imsg *m)
{
	job_begin(&rde->api_job, rde->api, m);
}

static void
api_routes_done(struct rde *rde)
{
	struct job *j = &rde->api_job;

	buf_reset(&rde->reply);
	buf_put_u32(&rde->reply, j->n_done);
	buf_put_u32(&rde->reply, j->n_hit);
	chan_send_wr(rde->api, IMSG_ROUTE_DONE, j->id, &rde->reply);
	job_end(j, rde->api);
}

bool
rde_api_continue(struct rde *rde, struct budget *b)
{
	struct job *j = &rde->api_job;
	const struct audience none = { 0 }, *a;
	struct route route;
	struct rd r;
	int e;

	if (!j->is_active)
		return true;
	a = audience_find(rde, j->id);
	if (a == NULL)
		a = &none;
	r = buf_reader(j->data + j->pos, j->len - j->pos);
	while (buf_left(&r) > 0) {
		e = route_get(&r, &route);
		if (e == 0 && !api_route(rde, a, &route, b))
			return false;
		if (e != 0 && rde->n_bad_messages++ == 0)
			log_warn(&rde->env->log, "broker: malformed route");
		j->pos = j->len - buf_left(&r);
		j->n_peers = 0;
		j->n_done++;
		if (!budget_spend(b, 1))
			return false;
	}
	api_routes_done(rde);
	return true;
}

static void
api_sync(struct rde *rde, const struct imsg *m)
{
	struct rd r = buf_reader(m->data, m->len), ids;
	struct sync_request *s;
	size_t i, n;

	if (imsg_get_peers(&r, &ids) != 0)
		return;
	n = buf_left(&ids) / 4;
	s = calloc(1, sizeof(*s) + n * sizeof(s->peers[0]));
	if (s == NULL)
		err(1, "rde");
	s->request = m->id;
	s->n_peers = n;
	for (i = 0; i < n; i++)
		s->peers[i] = buf_get_u32(&ids);
	s->next = rde->syncs;
	rde->syncs = s;
}

static bool
sync_is_done(const struct rde *rde, const struct sync_request *s)
{
	const struct rpeer *p;
	size_t i;

	if (rde->rib->n_dirty != 0)
		return false;

	for (i = 0; i < s->n_peers; i++) {
		p = rpeer_find(rde, s->peers[i]);
		if (p != NULL && p->is_up &&
		    (!orig_out_is_done(p) || !group_is_done(p)))
			return false;
	}
	return true;
}

/* All is with the session engine, which knows when it has been written. */
static void
sync_pass_on(struct rde *rde, const struct sync_request *s)
{
	if (rde->api == NULL)
		return;
	if (rde->sess == NULL) {
		chan_send(rde->api, IMSG_ROUTE_SYNC_DONE, s->request, NULL, 0);
		return;
	}
	buf_reset(&rde->reply);
	imsg_put_peers(&rde->reply, s->peers, s->n_peers);
	chan_send_wr(rde->sess, IMSG_OUTPUT_SYNC, s->request, &rde->reply);
}

void
rde_api_answer_syncs(struct rde *rde)
{
	struct sync_request **link = &rde->syncs, *s;

	while ((s = *link) != NULL) {
		if (rde->api != NULL && !sync_is_done(rde, s)) {
			link = &s->next;
			continue;
		}
		sync_pass_on(rde, s);
		*link = s->next;
		free(s);
	}
}

/* Call f for each isolated peer of the message's audience. */
static void
api_each_peer(struct rde *rde, const struct imsg *m,
    void (*f)(struct rde *, struct rpeer *, const struct imsg *))
{
	const struct audience *a = audience_find(rde, m->id);
	struct rpeer *p;
	size_t i;

	for (i = 0; a != NULL && i < a->n_peers; i++) {
		p = rpeer_find(rde, a->peers[i]);
		if (p != NULL)
			f(rde, p, m);
	}
}

static void
peer_eor(struct rde *rde, struct rpeer *p, const struct imsg *m)
{
	struct rd r = buf_reader(m->data, m->len);
	uint16_t afi = buf_get_u16(&r);
	const struct nlri_family *family = nlri_find(afi, buf_get_u8(&r));

	if (family == NULL || !rpeer_has_family(p, family))
		return;
	/* One that waits is sent: a program gets as many as it asks for. */
	if (p->orig != NULL && (p->eor_mask >> family->id & 1) != 0)
		orig_out_now(rde, p);
	p->eor_mask |= 1u << family->id;
}

static void
peer_flush(struct rde *rde, struct rpeer *p, const struct imsg *m)
{
	unsigned i;

	(void)m;
	for (i = 0; p->orig == NULL && i < NLRI_N_FAMILIES; i++) {
		if (rpeer_has_family(p, nlri_by_id(i)))
			group_restart(rde, p, nlri_by_id(i));
	}
	if (p->orig == NULL)
		return;
	orig_release(p->orig);
	if (!p->is_up)
		return;
	orig_restart(p->orig, p->session.negotiated.family_mask);
	/* Compat: the answer to a request that was not made (RFC 7313). */
	if (p->session.negotiated.has_enhanced_refresh)
		p->borr_mask = p->eorr_mask =
		    p->session.negotiated.family_mask;
}

static void
peer_clear(struct rde *rde, struct rpeer *p, const struct imsg *m)
{
	uint32_t entry, next;
	unsigned i;

	if (p->orig == NULL)
		return;
	if (m->data[0] == 0) {
		for (i = 0; i < NLRI_N_FAMILIES; i++)
			p->generation[i]++;
		p->counters.prefixes_in = 0;
		rib_sweep(rde, RDE_ALL_FAMILIES);
		return;
	}
	for (entry = p->orig->first; entry != HEAP_NONE; entry = next) {
		next = orig_at(p->orig, entry)->next;
		orig_withdraw_entry(p->orig, entry, p->is_up);
	}
}

static void
peer_watchdog(struct rde *rde, struct rpeer *p, const struct imsg *m)
{
	char name[256];
	size_t len = m->len - 1 < sizeof(name) - 1 ? m->len - 1 :
	    sizeof(name) - 1;

	memcpy(name, m->data + 1, len);
	name[len] = '\0';
	orig_conf_watchdog(rde, p, name, m->data[0] != 0);
}

static void
api_eor(struct rde *rde, const struct imsg *m)
{
	api_each_peer(rde, m, peer_eor);
}

static void
api_flush(struct rde *rde, const struct imsg *m)
{
	api_each_peer(rde, m, peer_flush);
}

static void
api_clear(struct rde *rde, const struct imsg *m)
{
	if (m->data[0] == CLEAR_NETWORKS || m->data[0] == CLEAR_FLOWS) {
		local_flush(rde, m->data[0] == CLEAR_FLOWS);
		return;
	}
	api_each_peer(rde, m, peer_clear);
}

static void
api_watchdog(struct rde *rde, const struct imsg *m)
{
	api_each_peer(rde, m, peer_watchdog);
}

/* The broker has a newer model than we: what it says now is for that. */
static void
api_conf_wait(struct rde *rde, const struct imsg *m)
{
	if ((int32_t)(m->id - rde->conf_serial) <= 0)
		return;
	rde->conf_wanted = m->id;
	rde->is_api_waiting = true;
	chan_pause(rde->api, true);
}

struct api_message_row {
	enum imsg_type	type;
	void		(*handle)(struct rde *, const struct imsg *);
};

static const struct api_message_row api_rows[] = {
	{ IMSG_ROUTE,		api_routes },
	{ IMSG_QUIESCE,		api_quiesce },
	{ IMSG_AUDIENCE,	api_audience },
	{ IMSG_CONF_WAIT,	api_conf_wait },
	{ IMSG_ROUTE_SYNC,	api_sync },
	{ IMSG_EOR,		api_eor },
	{ IMSG_RIB_FLUSH,	api_flush },
	{ IMSG_RIB_CLEAR,	api_clear },
	{ IMSG_WATCHDOG,	api_watchdog },
	{ IMSG_RIB_REQUEST,	query_begin },
	{ IMSG_RIB_CANCEL,	query_cancel },
	{ IMSG_RIB_XOFF,	query_xoff },
	{ IMSG_RIB_XON,		query_xon },
	{ IMSG_PEER_COUNTERS_REQUEST, query_counters },
};

#define N_ROWS	(sizeof(api_rows) / sizeof(api_rows[0]))

void
rde_api_message(struct rde *rde, const struct imsg *m)
{
	size_t i;

	for (i = 0; i < N_ROWS; i++) {
		if (api_rows[i].type == m->type) {
			api_rows[i].handle(rde, m);
			return;
		}
	}
}
