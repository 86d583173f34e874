/* SPDX-License-Identifier: ISC */
/*
 * Policies: which rules a peer has, shared between peers with equal lists,
 * and their evaluation with a memo for attribute sets seen before.
 */
#include "rde/filter.h"

#include "common/config.h"
#include "rde/attrset.h"

#include <err.h>
#include <stdlib.h>
#include <string.h>

void
filter_sets_init(struct filter_sets *s, const struct config *c)
{
	size_t i, k;

	memset(s, 0, sizeof(*s));
	s->conf = c;
	s->prefix_sets = calloc(c->n_prefix_sets + 1, sizeof(struct pset));
	s->origin_sets = calloc(c->n_origin_sets + 1, sizeof(struct pset));
	if (s->prefix_sets == NULL || s->origin_sets == NULL)
		err(1, "filter");
	for (i = 0; i < c->n_prefix_sets; i++) {
		pset_init(&s->prefix_sets[i]);
		for (k = 0; k < c->prefix_sets[i].n_prefixes; k++)
			pset_add(&s->prefix_sets[i],
			    &c->prefix_sets[i].prefixes[k].prefix,
			    (uint32_t)k);
	}
	for (i = 0; i < c->n_origin_sets; i++) {
		pset_init(&s->origin_sets[i]);
		for (k = 0; k < c->origin_sets[i].n_roas; k++)
			pset_add(&s->origin_sets[i],
			    &c->origin_sets[i].roas[k].prefix, (uint32_t)k);
	}
}

void
filter_sets_fini(struct filter_sets *s)
{
	size_t i;

	for (i = 0; s->conf != NULL && i < s->conf->n_prefix_sets; i++)
		pset_fini(&s->prefix_sets[i]);
	for (i = 0; s->conf != NULL && i < s->conf->n_origin_sets; i++)
		pset_fini(&s->origin_sets[i]);
	free(s->prefix_sets);
	free(s->origin_sets);
	memset(s, 0, sizeof(*s));
}

static bool
rule_is_about(const struct conf_rule *r, const struct conf_peer *p,
    uint32_t remote_as)
{
	switch (r->peer_kind) {
	case RULE_PEER_IBGP:
		return remote_as == p->local_as || p->is_confed;
	case RULE_PEER_EBGP:
		return remote_as != p->local_as && !p->is_confed;
	case RULE_PEER_ADDRESS:
		return addr_is_equal(&r->peer_addr, &p->remote.addr);
	case RULE_PEER_AS:
		return r->peer_as == remote_as;
	case RULE_PEER_GROUP:
		return p->group != NULL && r->peer_group != NULL &&
		    strcmp(p->group, r->peer_group) == 0;
	default:
		return true;
	}
}

static bool
rule_is_for_rib(const struct conf_rule *r, const char *rib)
{
	return r->rib == NULL || strcmp(r->rib, rib) == 0;
}

static bool
communities_use_neighbor(const struct conf_community *c)
{
	unsigned i;

	for (i = 0; i < 3; i++) {
		if (c->field[i] == COMMUNITY_NEIGHBOR_AS ||
		    c->field[i] == COMMUNITY_LOCAL_AS)
			return true;
	}
	return false;
}

static bool
rule_uses_neighbor(const struct conf_rule *r)
{
	size_t i;

	if (r->as_is_neighbor || r->nexthop_kind == 2)
		return true;
	for (i = 0; i < r->n_communities; i++) {
		if (communities_use_neighbor(&r->communities[i]))
			return true;
	}
	for (i = 0; i < r->n_sets; i++) {
		if (r->sets[i].kind == SET_PREPEND_NEIGHBOR ||
		    r->sets[i].kind == SET_AS_OVERRIDE ||
		    r->sets[i].kind == SET_PREPEND_SELF ||
		    communities_use_neighbor(&r->sets[i].community))
			return true;
	}
	return false;
}

static bool
rule_uses_prefix(const struct conf_rule *r)
{
	return r->has_prefix || r->prefix_set != NULL || r->family != 0 ||
	    r->origin_set != NULL || r->ovs != 0 || r->avs != 0;
}

void
filter_rule_init(struct filter_rule *f, const struct conf_rule *r,
    const struct filter_sets *sets)
{
	const struct config *c = sets->conf;
	size_t i;

	*f = (struct filter_rule){ .rule = r };
	for (i = 0; r->as_set != NULL && i < c->n_as_sets; i++) {
		if (strcmp(c->as_sets[i].name, r->as_set) == 0)
			f->as_set = &c->as_sets[i];
	}
	for (i = 0; r->prefix_set != NULL && i < c->n_prefix_sets; i++) {
		if (strcmp(c->prefix_sets[i].name, r->prefix_set) != 0)
			continue;
		f->prefix_set = &c->prefix_sets[i];
		f->prefixes = &sets->prefix_sets[i];
	}
	for (i = 0; r->origin_set != NULL && i < c->n_origin_sets; i++) {
		if (strcmp(c->origin_sets[i].name, r->origin_set) != 0)
			continue;
		f->origin_set = &c->origin_sets[i];
		f->origins = &sets->origin_sets[i];
	}
}

static bool
policy_has_rules(const struct policy *p, const struct filter_rule *rules,
    size_t n)
{
	size_t i;

	for (i = 0; i < n && i < p->n_rules; i++) {
		if (p->rules[i].rule != rules[i].rule)
			return false;
	}
	return p->n_rules == n;
}

struct policy *
filter_policy(struct policy **list, const struct filter_sets *sets,
    const struct conf_peer *peer, uint32_t remote_as, unsigned direction,
    const char *rib)
{
	const struct config *c = sets->conf;
	struct filter_rule *rules = calloc(c->n_rules + 1, sizeof(*rules));
	struct policy *p;
	size_t i, n = 0;

	if (rules == NULL)
		err(1, "filter");
	for (i = 0; i < c->n_rules; i++) {
		if (c->rules[i].direction == direction &&
		    rule_is_for_rib(&c->rules[i], rib) &&
		    rule_is_about(&c->rules[i], peer, remote_as))
			filter_rule_init(&rules[n++], &c->rules[i], sets);
	}
	for (p = *list; p != NULL; p = p->next) {
		if (policy_has_rules(p, rules, n))
			break;
	}
	if (p != NULL) {
		free(rules);
		p->refcnt++;
		return p;
	}
	p = calloc(1, sizeof(*p));
	if (p == NULL)
		err(1, "filter");
	p->rules = rules;
	p->n_rules = n;
	p->refcnt = 1;
	for (i = 0; i < n; i++) {
		p->uses_prefix |= rule_uses_prefix(rules[i].rule);
		p->uses_neighbor |= rule_uses_neighbor(rules[i].rule);
	}
	p->next = *list;
	*list = p;
	return p;
}

void
filter_unref(struct policy **list, struct policy *p)
{
	struct policy **link = list;

	if (p == NULL || --p->refcnt != 0)
		return;
	while (*link != p)
		link = &(*link)->next;
	*link = p->next;
	free(p->memo);
	free(p->rules);
	free(p);
}

/* Evaluate without a memo. */
static bool
policy_evaluate(const struct policy *p, struct attrsets *as,
    const struct filter_peer *peer, struct filter_route *r,
    struct wr *scratch)
{
	const struct conf_rule *rule;
	bool is_allowed = false;
	uint32_t changed;
	size_t i;

	for (i = 0; i < p->n_rules; i++) {
		rule = p->rules[i].rule;
		if (!filter_matches(&p->rules[i], as, peer, r))
			continue;
		if (rule->n_sets != 0) {
			changed = filter_apply(as, r->attr, rule->sets,
			    rule->n_sets, peer, scratch);
			attrset_unref(as, r->attr);
			r->attr = changed;
		}
		if (rule->action != RULE_MATCH)
			is_allowed = rule->action == RULE_ALLOW;
		if (rule->is_quick)
			break;
	}
	return is_allowed;
}

static struct filter_memo *
policy_memo(struct policy *p, const struct filter_peer *peer, uint32_t serial)
{
	if (p->uses_prefix)
		return NULL;
	if (p->memo == NULL) {
		p->memo = calloc(FILTER_MEMO, sizeof(*p->memo));
		if (p->memo == NULL)
			err(1, "filter");
		p->memo_peer = peer->id;
	}
	if (p->uses_neighbor && p->memo_peer != peer->id) {
		memset(p->memo, 0, FILTER_MEMO * sizeof(*p->memo));
		p->memo_peer = peer->id;
	}
	return &p->memo[serial & (FILTER_MEMO - 1)];
}

bool
filter_run(struct policy *p, struct attrsets *as,
    const struct filter_peer *peer, const struct filter_route *route,
    struct wr *scratch, uint32_t *out)
{
	struct filter_route r = *route;
	uint32_t serial = attrset_at(as, r.attr)->serial;
	struct filter_memo *m = policy_memo(p, peer, serial);
	bool is_allowed;

	if (m != NULL && m->in_serial == serial) {
		if (m->out_serial == 0)
			return false;
		if (attrset_at(as, m->out)->serial == m->out_serial) {
			attrset_ref(as, m->out);
			*out = m->out;
			return true;
		}
	}
	attrset_ref(as, r.attr);
	is_allowed = policy_evaluate(p, as, peer, &r, scratch);
	if (m != NULL)
		*m = (struct filter_memo){ .in_serial = serial, .out = r.attr,
		    .out_serial = is_allowed ?
		    attrset_at(as, r.attr)->serial : 0 };
	if (is_allowed)
		*out = r.attr;
	else
		attrset_unref(as, r.attr);
	return is_allowed;
}
