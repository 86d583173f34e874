/* SPDX-License-Identifier: ISC */
/*
 * What a peer says: the message is judged once, its attributes are interned
 * once, then its NLRI are put into the table in small batches whose places
 * in memory are asked for beforehand.
 */
#include "rde/update_in.h"

#include "common/attr/aspath.h"
#include "common/attr/attr.h"
#include "common/bgp.h"
#include "common/config.h"
#include "common/env.h"
#include "rde/attr_edit.h"
#include "rde/engine.h"
#include "rde/log_route.h"
#include "rde/rib.h"
#include "rde/stale.h"

#define BATCH	32	/* NLRI whose memory is fetched together */

/* An UPDATE being taken in. */
struct taking {
	struct rde	*rde;
	struct rpeer	*peer;
	const struct update *update;
	bool		 is_withdraw;	/* of the run at hand */
	uint32_t	 attr;
	uint16_t	 path_flags;
};

struct batch {
	struct nlri	nlri[BATCH];
	struct table_key key[BATCH];
	size_t		n;
};

/* `log updates` and ExaBGP's log.routes: what the peer said. */
static void
log_taken(const struct taking *t, const struct batch *b)
{
	const struct rde *rde = t->rde;
	const char *verb = t->is_withdraw ? "withdraw" : "update";
	struct addr nexthop;
	const struct addr *via = !t->is_withdraw && attrset_nexthop_addr(
	    attrset_at(&rde->attrsets, t->attr), &nexthop) ? &nexthop : NULL;
	size_t i;

	for (i = 0; i < b->n; i++) {
		if (rde->conf->log_updates || t->peer->conf->log_updates)
			log_route(rde, t->peer, LOG_LEVEL_INFO, NULL, verb,
			    &b->nlri[i], via);
		if (log_shows(&rde->env->log, LOG_TOPIC_ROUTES))
			log_route(rde, t->peer, LOG_LEVEL_DEBUG, "routes",
			    verb, &b->nlri[i], via);
	}
}

static void
batch_apply(struct taking *t, struct table *table, struct batch *b)
{
	struct rib_route route = {
		.peer = t->peer, .attr = t->attr, .flags = t->path_flags,
	};
	size_t i;

	if (t->rde->conf->log_updates || t->peer->conf->log_updates ||
	    log_shows(&t->rde->env->log, LOG_TOPIC_ROUTES))
		log_taken(t, b);
	for (i = 0; i < b->n; i++) {
		if (t->is_withdraw)
			rib_withdraw(t->rde, table, &b->key[i], &b->nlri[i],
			    t->peer, false);
		else
			rib_announce(t->rde, table, &b->key[i], &b->nlri[i],
			    &route);
	}
	b->n = 0;
}

static void
take_run(struct taking *t, const struct update_run *run, bool is_withdraw)
{
	const struct nlri_family *family = run->family;
	struct rd r = run->run;
	struct table *table;
	struct batch b;
	bool has_id;

	if (!run->is_present || family == NULL || buf_left(&r) == 0)
		return;
	t->is_withdraw = is_withdraw;
	table = rde_table(t->rde, family);
	has_id = (t->peer->context.add_path_mask >> family->id & 1) != 0;
	b.n = 0;
	while (buf_left(&r) > 0 &&
	    nlri_next(family, has_id, &r, &b.nlri[b.n]) == 0) {
		if (!table_key(table, &b.nlri[b.n], &t->rde->key,
		    &b.key[b.n]))
			continue;
		map_prefetch(&table->map, b.key[b.n].hash);
		b.n++;
		if (is_withdraw)
			t->peer->counters.withdraws_in++;
		else
			t->peer->counters.updates_in++;
		/* Keys of other families share one scratch. */
		if (b.n == BATCH || table->addr_len == 0)
			batch_apply(t, table, &b);
	}
	batch_apply(t, table, &b);
}

/* Our role towards the peer, when it bears on this route (RFC 9234 5). */
static uint8_t
otc_role(const struct rpeer *p, const struct nlri_family *family)
{
	if (family == NULL || family->safi != SAFI_UNICAST || !p->is_ebgp)
		return ROLE_NONE;
	return p->conf->role;
}

/* Whether the route is a leak; adds ONLY_TO_CUSTOMER where we must. */
static bool
otc_in(struct taking *t, const struct nlri_family *family,
    struct attr_edit *edit)
{
	struct rd value;
	bool has_otc = attr_edit_get(edit, ATTR_ONLY_TO_CUSTOMER, &value);
	uint32_t otc = has_otc ? buf_get_u32(&value) : 0;

	switch (otc_role(t->peer, family)) {
	case ROLE_PROVIDER:
	case ROLE_RS:
		return has_otc;
	case ROLE_PEER:
		if (has_otc)
			return otc != t->peer->remote_as;
		break;
	case ROLE_CUSTOMER:
	case ROLE_RS_CLIENT:
		break;
	default:
		return false;
	}
	if (!has_otc)
		attr_edit_u32(edit, ATTR_ONLY_TO_CUSTOMER,
		    t->peer->remote_as);
	return false;
}

static bool
cluster_list_contains(struct rd value, uint32_t id)
{
	while (buf_left(&value) >= 4) {
		if (buf_get_u32(&value) == id)
			return true;
	}
	return false;
}

static uint32_t
cluster_id(const struct taking *t)
{
	return t->rde->conf->cluster_id != 0 ? t->rde->conf->cluster_id :
	    t->peer->session.local_id;
}

/* Whether the route has come through us before. */
static bool
is_loop(struct taking *t, struct rd block)
{
	uint32_t confed = t->rde->conf->confed_as;
	struct attr a;

	if (t->peer->conf->enforce_local_as &&
	    attr_get(block, ATTR_AS_PATH, &a) &&
	    (aspath_contains(a.value, t->peer->local_as) ||
	    (confed != 0 && (aspath_contains(a.value, confed) ||
	    aspath_contains(a.value, t->rde->conf->as)))))
		return true;
	if (t->peer->is_ebgp || t->peer->is_confed)
		return false;
	if (attr_get(block, ATTR_ORIGINATOR_ID, &a) &&
	    buf_get_u32(&a.value) == t->peer->session.local_id)
		return true;
	return attr_get(block, ATTR_CLUSTER_LIST, &a) &&
	    cluster_list_contains(a.value, cluster_id(t));
}

/* First AS of a leading AS_CONFED_SEQUENCE, or 0. RFC 5065 4. */
static uint32_t
confed_neighbor(struct rd path)
{
	uint8_t type = buf_get_u8(&path), n = buf_get_u8(&path);

	return type == AS_CONFED_SEQUENCE && n != 0 ? buf_get_u32(&path) : 0;
}

/* Faults that only the configuration makes one: the routes are withdrawn. */
static const char *
refused(const struct taking *t, struct rd block)
{
	const struct conf_peer *c = t->peer->conf;
	struct attr a;

	if (!attr_get(block, ATTR_AS_PATH, &a))
		return NULL;
	if (c->enforce_neighbor_as && t->peer->is_ebgp &&
	    aspath_neighbor(a.value) != t->peer->remote_as)
		return "AS path does not begin with the neighbor's AS";
	if (c->enforce_neighbor_as && t->peer->is_confed &&
	    confed_neighbor(a.value) != t->peer->remote_as)
		return "AS path does not begin with the member's AS";
	if (c->reject_as_set && aspath_has_set(a.value))
		return "AS_SET in the AS path";
	return NULL;
}

/* Intern what the routes of a run carry. */
static bool
intern_run(struct taking *t, const struct nlri_family *family,
    const struct update_nexthop *nexthop)
{
	struct attrset_key key = {
		.nexthop = nexthop->bytes, .nexthop_len = nexthop->len,
	};
	struct attr_edit edit;
	bool is_isolated = rpeer_is_isolated(t->peer);

	t->path_flags = 0;
	attr_edit_init(&edit, t->update->attrs);
	if (!is_isolated && otc_in(t, family, &edit))
		t->path_flags |= PATH_LEAK;
	if (!is_isolated && is_loop(t, t->update->attrs))
		t->path_flags |= PATH_LOOP;
	key.block = t->update->attrs;
	if (edit.n_slots != 0) {
		buf_reset(&t->rde->block);
		attr_edit_finish(&edit, &t->rde->block);
		key.block = buf_written(&t->rde->block);
	}
	t->attr = attrset_intern(&t->rde->attrsets, &key);
	attr_edit_fini(&edit);
	return t->attr != ATTRSET_NONE;
}

static void
take_routes(struct taking *t, const struct update_run *run,
    const struct update_nexthop *nexthop, bool is_withdraw)
{
	if (!run->is_present || run->family == NULL ||
	    buf_left(&run->run) == 0)
		return;
	if (is_withdraw || !intern_run(t, run->family, nexthop)) {
		take_run(t, run, true);
		return;
	}
	take_run(t, run, false);
	attrset_unref(&t->rde->attrsets, t->attr);
}

/* RFC 4486 4: the family and the limit are told. */
static void
check_max_prefix(struct rde *rde, struct rpeer *p,
    const struct nlri_family *family)
{
	uint8_t data[7];
	struct wr w;

	if (p->conf->max_prefix == 0 || p->is_max_prefix_hit ||
	    p->counters.prefixes_in <= p->conf->max_prefix)
		return;
	p->is_max_prefix_hit = true;
	buf_writer(&w, data, sizeof(data));
	buf_put_u16(&w, family == NULL ? AFI_IPV4 : family->afi);
	buf_put_u8(&w, family == NULL ? SAFI_UNICAST : family->safi);
	buf_put_u32(&w, p->conf->max_prefix);
	rpeer_reset(rde, p, ERROR_CEASE, CEASE_MAX_PREFIXES, data, w.len);
}

static void
take_update(struct taking *t, const struct update *u)
{
	bool is_withdraw = u->verdict == ATTR_WITHDRAW;
	const char *why = NULL;
	char label[128];

	t->update = u;
	if (log_shows(&t->rde->env->log, LOG_TOPIC_PARSER))
		log_parsed(t->rde, t->peer, u);
	if (!is_withdraw && !rpeer_is_isolated(t->peer))
		why = refused(t, u->attrs);
	if (why != NULL)
		log_debug(&t->rde->env->log, "%s: update withdrawn: %s",
		    rpeer_label(t->peer, label, sizeof(label)), why);
	is_withdraw |= why != NULL;
	take_run(t, &u->withdrawn, true);
	take_run(t, &u->mp_unreach, true);
	take_routes(t, &u->nlri, &u->nexthop, is_withdraw);
	take_routes(t, &u->mp_reach, &u->mp_nexthop, is_withdraw);
	check_max_prefix(t->rde, t->peer, u->mp_reach.family);
}

void
update_in(struct rde *rde, struct rpeer *p, struct rd message)
{
	struct taking t = { .rde = rde, .peer = p };
	struct update u;

	buf_get_bytes(&message, BGP_HEADER_LEN);
	if (update_decode(message, &p->context, &rde->decoded, &u) != 0)
		return;
	if (u.verdict == ATTR_RESET) {
		rpeer_reset(rde, p, u.error_code, u.error_subcode,
		    u.error_data, u.error_len);
		return;
	}
	p->is_unheard = false;
	if (u.eor != NULL) {
		p->counters.eor_in++;
		stale_end(rde, p, u.eor);
		return;
	}
	if (rpeer_is_isolated(p) && !p->conf->adj_rib_in)
		return;
	take_update(&t, &u);
}
