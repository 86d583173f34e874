/* SPDX-License-Identifier: ISC */
/*
 * The model: pieces of it arrive, then it is applied as the difference to
 * the one in force. Peers are the same if their ids are.
 */
#include "rde/engine.h"

#include "common/config.h"
#include "common/env.h"
#include "common/nlri/nlri.h"
#include "common/route.h"
#include "rde/group.h"
#include "rde/impact.h"
#include "rde/monitor.h"
#include "rde/rib.h"

#include <string.h>

/* One peer of the new model. */
static void
conf_peer_apply(struct rde *rde, const struct conf_peer *c)
{
	struct rpeer *p = rpeer_find(rde, c->id);

	if (p != NULL && rpeer_is_isolated(p) != c->is_isolated) {
		rpeer_retire(rde, p);
		p = NULL;
	}
	if (p == NULL)
		p = rpeer_new(rde, c->id, c);
	p->conf = c;
	p->is_seen = true;
	if (p->is_up)
		return;
	p->remote_as = c->remote_as;
	p->local_as = c->local_as;
	p->is_confed = c->is_confed;
	p->is_ebgp = config_peer_is_ebgp(c) && !c->is_confed;
}

/* Clones go on under the new model's template; others that it lacks go. */
static void
conf_peer_missing(struct rde *rde, struct rpeer *p,
    const struct config *conf)
{
	const struct conf_peer *c = NULL;

	if (p->is_clone)
		c = rpeer_template(conf, &p->remote);
	if (c != NULL && c->is_isolated == rpeer_is_isolated(p))
		p->conf = c;
	else
		rpeer_retire(rde, p);
}

static void
conf_peers(struct rde *rde, const struct config *conf)
{
	struct rpeer *p;
	uint32_t i;
	size_t k;

	for (k = 0; k < conf->n_peers; k++)
		conf_peer_apply(rde, &conf->peers[k]);
	for (i = 1; i < rde->n_peers; i++) {
		p = rde->peers[i];
		if (p == NULL || p->is_retired)
			continue;
		if (!p->is_seen)
			conf_peer_missing(rde, p, conf);
		p->is_seen = false;
	}
}

static bool
roas_are_equal(const struct config *a, const struct config *b)
{
	size_t i;

	if (a->n_roas != b->n_roas)
		return false;
	for (i = 0; i < a->n_roas; i++) {
		if (prefix_compare(&a->roas[i].prefix, &b->roas[i].prefix) ||
		    a->roas[i].max_len != b->roas[i].max_len ||
		    a->roas[i].asn != b->roas[i].asn ||
		    a->roas[i].expires != b->roas[i].expires)
			return false;
	}
	return true;
}

/* What all that is told depends on. */
static bool
conf_concerns_all(const struct config *a, const struct config *b)
{
	return a == NULL || a->as != b->as || a->confed_as != b->confed_as ||
	    a->cluster_id != b->cluster_id || !roas_are_equal(a, b);
}

static bool
conf_decides_alike(const struct config *a, const struct config *b)
{
	return a == NULL || (a->med_always == b->med_always &&
	    a->route_age_evaluate == b->route_age_evaluate);
}

/*
 * New policies for all. Paths of those whose in rules differ are filtered
 * anew, groups whose out rules do look again at what they told.
 */
static void
conf_policies(struct rde *rde, const struct config *old)
{
	bool is_all = conf_concerns_all(old, rde->conf), has_changed = false;
	struct rpeer *p;
	uint32_t i;

	rib_configure(rde);
	for (i = 1; i < rde->n_peers; i++) {
		p = rde->peers[i];
		if (p == NULL || p->is_retired)
			continue;
		rpeer_update_policy(rde, p);
		has_changed |= p->is_in_changed;
	}
	if (is_all || !conf_decides_alike(old, rde->conf))
		rib_refilter_all(rde, !conf_decides_alike(old, rde->conf));
	else if (has_changed)
		rib_refilter(rde, RDE_ALL_FAMILIES);
	group_reconfigure(rde, is_all);
	for (i = 1; i < rde->n_peers; i++) {
		p = rde->peers[i];
		if (p != NULL && p->is_up && !rpeer_is_isolated(p))
			group_join(rde, p);
	}
}

static void
conf_originate(struct rde *rde, struct rpeer *p, const struct conf_route *c,
    bool is_withdraw)
{
	struct route r = {
		.family = nlri_find(c->afi, c->safi),
		.flags = (uint16_t)(c->flags |
		    (is_withdraw ? ROUTE_WITHDRAW : 0)),
		.path_id = c->path_id,
		.nlri = buf_reader(c->nlri.bytes, c->nlri.len),
		.attrs = buf_reader(c->attrs.bytes, c->attrs.len),
	};

	if (r.family == NULL || c->nexthop.len > sizeof(r.nexthop.bytes))
		return;
	if (c->nexthop.len != 0)
		memcpy(r.nexthop.bytes, c->nexthop.bytes, c->nexthop.len);
	r.nexthop.len = (uint8_t)c->nexthop.len;
	rde_api_originate(rde, p, &r);
}

static bool
conf_has_nlri(const struct conf_peer *c, const struct conf_route *r)
{
	const struct conf_route *o;
	size_t i;

	for (i = 0; i < c->n_routes; i++) {
		o = &c->routes[i];
		if (o->afi == r->afi && o->safi == r->safi &&
		    o->nlri.len == r->nlri.len &&
		    memcmp(o->nlri.bytes, r->nlri.bytes, r->nlri.len) == 0)
			return true;
	}
	return false;
}

/* `originate` in a neighbor of bgpd.conf: take back, then say. */
static void
conf_originates(struct rde *rde, const struct config *old, struct rpeer *p)
{
	const struct conf_peer *was = old == NULL ? NULL :
	    config_peer(old, p->id);
	size_t i;

	for (i = 0; was != NULL && i < was->n_routes; i++)
		if (!conf_has_nlri(p->conf, &was->routes[i]))
			conf_originate(rde, p, &was->routes[i], true);
	for (i = 0; i < p->conf->n_routes; i++)
		conf_originate(rde, p, &p->conf->routes[i], false);
}

static void
conf_apply(struct rde *rde, struct config *conf)
{
	struct rpeer *p;
	struct config *old = rde->conf;
	uint32_t i;

	impact_drop(rde, "the configuration changed meanwhile: ask again");
	rde->conf = conf;
	rde->env->log.topics = conf->environment.log_topics;
	monitor_configure(rde);
	conf_peers(rde, conf);
	conf_policies(rde, old);
	for (i = 1; i < rde->n_peers; i++) {
		p = rde->peers[i];
		if (p == NULL || p->is_retired)
			continue;
		if (rpeer_is_isolated(p))
			orig_conf_apply(rde, p);
		else if (p->conf != NULL)
			conf_originates(rde, old, p);
	}
	local_configure(rde);
	if (old != NULL)
		config_free(old);
	log_debug(&rde->env->log, "configuration applied: %zu peers",
	    conf->n_peers);
}

static void
conf_end(struct rde *rde, uint32_t serial)
{
	const char *why = "too long";
	struct config *conf = NULL;

	if (rde->conf_bytes.err == 0)
		conf = config_decode(rde->conf_bytes.base, rde->conf_bytes.len,
		    &why);
	buf_free(&rde->conf_bytes);
	buf_writer_growing(&rde->conf_bytes, 1u << 30);
	if (conf == NULL)
		log_err(&rde->env->log, "configuration: %s", why);
	else
		conf_apply(rde, conf);
	/* The broker names peers of this model from now on. */
	rde->conf_serial = serial;
	if (rde->is_api_waiting && (int32_t)(rde->conf_wanted - serial) <= 0) {
		rde->is_api_waiting = false;
		if (rde->api != NULL)
			chan_pause(rde->api, false);
	}
}

void
rde_conf_message(struct rde *rde, const struct imsg *m)
{
	switch (m->type) {
	case IMSG_CONF_BEGIN:
		buf_reset(&rde->conf_bytes);
		break;
	case IMSG_CONF_DATA:
		buf_put_bytes(&rde->conf_bytes, m->data, m->len);
		break;
	default:
		conf_end(rde, m->id);
		break;
	}
}
