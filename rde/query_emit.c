/* SPDX-License-Identifier: ISC */
/* Answers of queries: the keys of OpenBGPD's bgpctl -j, and bytes. */
#include "rde/query.h"

#include "common/bgp.h"
#include "common/emit.h"
#include "common/env.h"
#include "common/wire/route_emit.h"
#include "rde/group.h"
#include "rde/monitor.h"
#include "rde/rib.h"

#include <stdio.h>
#include <string.h>

static const char *const ovs_words[] = { "not-found", "invalid", "valid" };
static const char *const avs_words[] = { "unknown", "invalid", "valid" };

static void
emit_neighbor(struct emit *e, const struct rpeer *p)
{
	struct addr none = addr_from_ipv4(0), id = addr_from_ipv4(p->remote_id);

	emit_key_object(e, "neighbor");
	if (p->conf != NULL && p->conf->descr != NULL)
		emit_key_string(e, "description", p->conf->descr);
	route_emit_addr(e, "remote_addr", p->remote.family == ADDR_NONE ?
	    &none : &p->remote);
	route_emit_addr(e, "bgp_id", &id);
	emit_end_object(e);
}

static void
emit_flags(struct emit *e, const struct query_entry *q)
{
	uint16_t flags = q->path == NULL ? 0 : q->path->flags;
	bool is_local = q->path != NULL && q->path->peer == RDE_PEER_LOCAL;

	emit_key_boolean(e, "valid", q->is_eligible);
	if (flags & PATH_FILTERED)
		emit_key_boolean(e, "filtered", true);
	if (flags & PATH_LOOP)
		emit_key_boolean(e, "error", true);
	if (flags & PATH_LEAK)
		emit_key_boolean(e, "leaked", true);
	if (q->is_best)
		emit_key_boolean(e, "best", true);
	if (q->class == DECIDE_ECMP)
		emit_key_boolean(e, "ecmp", true);
	if (q->class == DECIDE_AS_WIDE)
		emit_key_boolean(e, "as-wide", true);
	emit_key_string(e, "source", q->peer->is_ebgp ? "external" :
	    "internal");
	if (q->is_stale)
		emit_key_boolean(e, "stale", true);
	if (is_local)
		emit_key_boolean(e, "announced", true);
	emit_key_string(e, "ovs",
	    ovs_words[(flags >> PATH_OVS_SHIFT & 3) % 3]);
	emit_key_string(e, "avs",
	    avs_words[(flags >> PATH_AVS_SHIFT & 3) % 3]);
}

/* The next hop; what is told with our own address has that. */
static void
emit_nexthop(struct rde *rde, struct emit *e, const struct query_entry *q,
    bool is_told)
{
	struct update_nexthop nh;

	emit_key(e, "nexthop");
	if (is_told) {
		monitor_nexthop(rde, q->attr, q->peer, q->nlri->family, &nh);
		emit_string_len(e, (const char *)nh.bytes, nh.len);
		return;
	}
	emit_string_len(e, (const char *)q->attr->bytes,
	    q->attr->nexthop_len);
}

static void
emit_raw(struct rde *rde, struct emit *e, const struct query_filter *f,
    const struct query_entry *q)
{
	struct rd block = attrset_block(q->attr);

	emit_key(e, "nlri");
	emit_string_len(e, (const char *)q->nlri->bytes, q->nlri->len);
	emit_key(e, "attrs");
	emit_string_len(e, buf_left(&block) == 0 ? "" :
	    (const char *)block.pos, buf_left(&block));
	emit_nexthop(rde, e, q, f->is_bare);
	if (q->attr->flags & ATTRSET_NEXTHOP_SELF)
		emit_key_boolean(e, "self", true);
}

void
query_emit_count(uint64_t n, struct wr *out)
{
	struct emit e;

	emit_msgpack_init(&e, out);
	emit_begin_object(&e);
	emit_key_number(&e, "count", n);
	emit_end_object(&e);
}

/* For machines only. */
static void
emit_bare(struct rde *rde, const struct query_filter *f,
    const struct query_entry *q, struct wr *out)
{
	struct emit e;

	emit_msgpack_init(&e, out);
	emit_begin_object(&e);
	emit_key_number(&e, "peer", q->peer->id);
	emit_key_number(&e, "family", q->nlri->family->id);
	if (q->path_id != 0)
		emit_key_number(&e, "path_id", q->path_id);
	emit_key_number(&e, "last_update_sec", q->age);
	emit_raw(rde, &e, f, q);
	emit_end_object(&e);
}

void
query_emit_entry(struct rde *rde, const struct query_filter *f,
    const struct query_entry *q, struct wr *out)
{
	struct addr nexthop = addr_from_ipv4(0);
	const struct nexthop *told;
	struct emit e;

	if (f->is_raw && f->is_bare) {
		emit_bare(rde, f, q, out);
		return;
	}
	emit_msgpack_init(&e, out);
	emit_begin_object(&e);
	route_emit_prefix(&e, q->nlri);
	emit_key_string(&e, "family", q->nlri->family->name);
	route_emit_aspath(&e, attrset_block(q->attr));
	attrset_nexthop_addr(q->attr, &nexthop);
	route_emit_addr(&e, "exit_nexthop", &nexthop);
	told = nexthop_find(rde, q->attr);
	if (told != NULL && told->told.gateway.family != ADDR_NONE)
		nexthop = told->told.gateway;
	route_emit_addr(&e, "true_nexthop", &nexthop);
	emit_neighbor(&e, q->peer);
	if (q->path_id != 0)
		emit_key_number(&e, "path_id", q->path_id);
	emit_flags(&e, q);
	emit_key_string(&e, "origin",
	    route_emit_origin_word(q->attr->origin));
	emit_key_number(&e, "metric", q->attr->med);
	emit_key_number(&e, "localpref", q->attr->local_pref);
	emit_key_number(&e, "weight", q->attr->weight);
	emit_key_number(&e, "dmetric", q->class != 0 ? q->class :
	    q->path != NULL && !q->is_eligible ? 1 : 0);
	route_emit_age(&e, "last_update", q->age);
	emit_key_number(&e, "last_update_sec", q->age);
	if (f->is_detail)
		route_emit_detail(&e, attrset_block(q->attr));
	if (f->is_raw)
		emit_raw(rde, &e, f, q);
	emit_end_object(&e);
}

/* What a set is made of; a count of UINT64_MAX is none of it. */
struct set_counts {
	uint64_t	v4, v6, asns;
};

static void
emit_set(struct rde *rde, struct wr *out, const char *type, const char *name,
    const struct set_counts *n, struct mono changed)
{
	struct mono now = loop_now(rde->env->loop);
	uint32_t age = (uint32_t)mono_diff_sec(now, mono_is_set(changed) ?
	    changed : rde->start);
	struct emit e;

	emit_msgpack_init(&e, out);
	emit_begin_object(&e);
	emit_key_string(&e, "name", name);
	emit_key_string(&e, "type", type);
	route_emit_age(&e, "last_change", age);
	emit_key_number(&e, "last_change_sec", age);
	if (n->asns != UINT64_MAX)
		emit_key_number(&e, "num_ASnum", n->asns);
	if (n->v4 != UINT64_MAX)
		emit_key_number(&e, "num_IPv4", n->v4);
	if (n->v6 != UINT64_MAX)
		emit_key_number(&e, "num_IPv6", n->v6);
	emit_end_object(&e);
}

static struct set_counts
count_prefixes(const struct conf_prefix_set *s)
{
	struct set_counts n = { 0, 0, UINT64_MAX };
	size_t i;

	for (i = 0; i < s->n_prefixes; i++)
		*(s->prefixes[i].prefix.addr.family == ADDR_IPV6 ? &n.v6 :
		    &n.v4) += 1;
	return n;
}

static struct set_counts
count_roas(const struct conf_roa_set *s)
{
	struct set_counts n = { 0, 0, UINT64_MAX };
	size_t i;

	for (i = 0; i < s->n_roas; i++)
		*(s->roas[i].prefix.addr.family == ADDR_IPV6 ? &n.v6 :
		    &n.v4) += 1;
	return n;
}

void
query_emit_sets(struct rde *rde, struct wr *out)
{
	const struct validate *v = &rde->rib->validate;
	const struct config *c = rde->conf;
	const struct mono never = { 0 };
	struct set_counts n;
	size_t i;

	if (c == NULL)
		return;
	n = (struct set_counts){ v->rov.n_true[0], v->rov.n_true[1],
	    UINT64_MAX };
	emit_set(rde, out, "ROA", "RPKI ROA", &n, v->rov_changed);
	n = (struct set_counts){ UINT64_MAX, UINT64_MAX, v->aspa.n_true };
	emit_set(rde, out, "ASPA", "RPKI ASPA", &n, v->aspa_changed);
	for (i = 0; i < c->n_as_sets; i++) {
		n.asns = c->as_sets[i].n_asns;
		emit_set(rde, out, "ASNUM", c->as_sets[i].name, &n, never);
	}
	for (i = 0; i < c->n_prefix_sets; i++) {
		n = count_prefixes(&c->prefix_sets[i]);
		emit_set(rde, out, "PREFIX", c->prefix_sets[i].name, &n,
		    never);
	}
	for (i = 0; i < c->n_origin_sets; i++) {
		n = count_roas(&c->origin_sets[i]);
		emit_set(rde, out, "ORIGIN", c->origin_sets[i].name, &n,
		    never);
	}
}

void
query_emit_counters(struct rde *rde, const struct rpeer *p, struct wr *out)
{
	const struct rpeer_counters *c = &p->counters;
	uint64_t sent = p->stream == NULL ? 0 : p->stream->n_sent;
	uint64_t pending = p->stream == NULL ? 0 : p->stream->n_entries;
	struct emit e;

	(void)rde;
	if (p->orig != NULL) {
		sent = p->orig->n_entries - p->orig->n_announces;
		pending = p->orig->n_announces;
	}
	emit_msgpack_init(&e, out);
	emit_begin_object(&e);
	emit_key_number(&e, "id", p->id);
	emit_key_number(&e, "prefixes_received", c->prefixes_in);
	emit_key_number(&e, "prefixes_accepted", c->prefixes_accepted);
	emit_key_number(&e, "prefixes_rejected", c->rejected);
	emit_key_number(&e, "prefixes_sent", p->is_up ? sent : 0);
	emit_key_number(&e, "updates_received", c->updates_in);
	emit_key_number(&e, "updates_sent", c->updates_out);
	emit_key_number(&e, "withdraws_received", c->withdraws_in);
	emit_key_number(&e, "withdraws_sent", c->withdraws_out);
	emit_key_number(&e, "eor_received", c->eor_in);
	emit_key_number(&e, "eor_sent", c->eor_out);
	emit_key_number(&e, "pending_updates", pending);
	emit_key_number(&e, "pending_withdraws",
	    p->orig == NULL ? 0 : p->orig->n_withdraws);
	emit_key_boolean(&e, "is_lagging",
	    p->stream != NULL && p->stream->is_lagging);
	emit_end_object(&e);
}
