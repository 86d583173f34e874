/* SPDX-License-Identifier: ISC */
/*
 * What the configuration originates for a peer (static routes, originate,
 * watchdogs), and the difference that a reload makes. Routes of programs are
 * not touched.
 */
#include "rde/engine.h"

#include "common/config.h"
#include "common/route.h"

#include <err.h>
#include <stdlib.h>
#include <string.h>

static struct rpeer_watchdog *
watchdog_find(const struct rpeer *p, const char *name)
{
	size_t i;

	for (i = 0; i < p->n_watchdogs; i++) {
		if (strcmp(p->watchdogs[i].name, name) == 0)
			return &p->watchdogs[i];
	}
	return NULL;
}

static struct rpeer_watchdog *
watchdog_add(struct rpeer *p, const char *name)
{
	struct rpeer_watchdog *w;

	p->watchdogs = reallocarray(p->watchdogs, p->n_watchdogs + 1,
	    sizeof(*p->watchdogs));
	if (p->watchdogs == NULL)
		err(1, "rde");
	w = &p->watchdogs[p->n_watchdogs++];
	w->name = strdup(name);
	if (w->name == NULL)
		err(1, "rde");
	return w;
}

/* Whether a route shall be announced as its watchdog stands. */
static bool
route_is_wanted(const struct rpeer *p, const struct conf_route *r)
{
	const struct rpeer_watchdog *w;

	if (r->watchdog == NULL)
		return true;
	w = watchdog_find(p, r->watchdog);
	if (w == NULL)
		return (r->flags & ROUTE_WITHDRAWN_AT_START) == 0;
	return !w->is_withdrawn;
}

/* The route's NLRI, checked; false if the model holds nonsense. */
static bool
route_nlri_of(const struct conf_route *r, struct nlri *out)
{
	const struct nlri_family *family = nlri_find(r->afi, r->safi);
	struct rd run = buf_reader(r->nlri.bytes, r->nlri.len);

	if (family == NULL)
		return false;
	if (r->flags & ROUTE_NO_NLRI) {
		*out = (struct nlri){ .family = family };
	} else if (nlri_next(family, false, &run, out) != 0 ||
	    buf_left(&run) != 0) {
		return false;
	}
	out->path_id = r->path_id;
	out->has_path_id = (r->flags & ROUTE_HAS_PATH_ID) != 0;
	return true;
}

static bool
has_add_path(const struct rpeer *p, const struct nlri_family *f)
{
	size_t i;

	for (i = 0; i < p->conf->n_families; i++) {
		if (p->conf->families[i].afi == f->afi &&
		    p->conf->families[i].safi == f->safi)
			return p->conf->families[i].add_path != 0;
	}
	return false;
}

/*
 * Compat: ExaBGP announces each route of the configuration, those of one
 * destination too, for VPLS always and else with `group-updates false`. They
 * are told apart by a path identifier that is never sent: the family does
 * not have them.
 */
static bool
route_is_beside(struct rde *rde, struct rpeer *p, const struct nlri *n,
    uint32_t attr)
{
	const struct orig_entry *e;
	uint32_t entry;

	if (n->has_path_id || has_add_path(p, n->family))
		return false;
	if (n->family->id == NLRI_L2VPN_VPLS)
		return true;
	if (p->conf->group_updates)
		return false;
	entry = orig_find(p->orig, n, &rde->key);
	if (entry == HEAP_NONE)
		return false;
	e = orig_at(p->orig, entry);
	return e->attr != attr && (e->flags & (ORIG_CONF | ORIG_IS_SEEN)) ==
	    (ORIG_CONF | ORIG_IS_SEEN);
}

static void
route_announce(struct rde *rde, struct rpeer *p, const struct conf_route *r)
{
	struct attrset_key key = {
		.block = buf_reader(r->attrs.bytes, r->attrs.len),
		.nexthop = r->nexthop.bytes,
		.nexthop_len = (uint8_t)r->nexthop.len,
		.flags = r->flags & ROUTE_NEXTHOP_SELF ?
		    ATTRSET_NEXTHOP_SELF : 0,
	};
	struct orig_route route = { .flags = ORIG_CONF };
	struct nlri nlri;

	if (r->nexthop.len > UPDATE_NEXTHOP_MAX || !route_nlri_of(r, &nlri))
		return;
	if (r->flags & ROUTE_NO_NLRI)
		route.flags |= ORIG_NO_NLRI;
	route.attr = attrset_intern(&rde->attrsets, &key);
	if (route.attr == ATTRSET_NONE)
		return;
	if (route_is_beside(rde, p, &nlri, route.attr))
		nlri.path_id = attrset_at(&rde->attrsets, route.attr)->serial;
	route.nlri = &nlri;
	orig_prepare(&route, rde->seed, &rde->key);
	orig_announce(p->orig, &route);
	attrset_unref(&rde->attrsets, route.attr);
}

void
orig_conf_apply(struct rde *rde, struct rpeer *p)
{
	struct orig *o = p->orig;
	struct orig_entry *e;
	uint32_t entry, next;
	size_t i;

	for (entry = o->first; entry != HEAP_NONE;
	    entry = orig_at(o, entry)->next)
		orig_at(o, entry)->flags &= (uint16_t)~ORIG_IS_SEEN;
	for (i = 0; i < p->conf->n_routes; i++) {
		if (route_is_wanted(p, &p->conf->routes[i]))
			route_announce(rde, p, &p->conf->routes[i]);
	}
	for (entry = o->first; entry != HEAP_NONE; entry = next) {
		e = orig_at(o, entry);
		next = e->next;
		if ((e->flags & (ORIG_IS_SEEN | ORIG_CONF)) != ORIG_CONF)
			continue;
		if (e->flags & ORIG_API)
			e->flags &= (uint16_t)~ORIG_CONF;
		else
			orig_withdraw_entry(o, entry, p->is_up);
	}
}

void
orig_conf_watchdog(struct rde *rde, struct rpeer *p, const char *name,
    bool is_withdraw)
{
	struct rpeer_watchdog *w = watchdog_find(p, name);
	const struct conf_route *r;
	struct nlri nlri;
	uint32_t entry;
	size_t i;

	if (p->orig == NULL)
		return;
	if (w == NULL)
		w = watchdog_add(p, name);
	w->is_withdrawn = is_withdraw;
	for (i = 0; i < p->conf->n_routes; i++) {
		r = &p->conf->routes[i];
		if (r->watchdog == NULL || strcmp(r->watchdog, name) != 0)
			continue;
		if (!is_withdraw) {
			route_announce(rde, p, r);
			continue;
		}
		if (!route_nlri_of(r, &nlri))
			continue;
		entry = orig_find(p->orig, &nlri, &rde->key);
		if (entry != HEAP_NONE)
			orig_withdraw_entry(p->orig, entry, p->is_up);
	}
}
