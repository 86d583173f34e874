/* SPDX-License-Identifier: ISC */
/* Which flows are feasible. */
#include "rde/flow.h"

#include "common/bgp.h"
#include "common/config.h"
#include "common/env.h"
#include "rde/engine.h"
#include "rde/rib.h"

#define FLOW_WAIT_USEC	MONO_USEC_PER_SEC
#define MORE_SPECIFIC_MAX 4096	/* routes looked at below one destination */
#define COMPONENT_DESTINATION 1	/* RFC 8955 4.2.2.1 */

static void
flow_on_timer(void *arg)
{
	struct rde *rde = arg;

	rib_walk_ask(&rde->rib->flows, rde->rib->flow_mask);
	rde->rib->flow_mask = 0;
	rde_schedule(rde);
}

void
flow_init(struct rde *rde)
{
	loop_timer_init(&rde->rib->flow_timer, rde->env->loop, flow_on_timer,
	    rde);
}

void
flow_fini(struct rde *rde)
{
	loop_timer_fini(&rde->rib->flow_timer);
}

/*
 * The destination as an NLRI of the unicast table:
 *   length 1 or 2 (from 0xf0 on) | type 1, prefix length 1, [IPv6: offset 1,]
 *   prefix | ...
 */
static bool
flow_destination(const struct nlri *flow, struct wr *out)
{
	struct rd r = buf_reader(flow->bytes, flow->len);
	unsigned len_bits, offset = 0, n;

	if (buf_get_u8(&r) >= 0xf0)
		buf_get_u8(&r);
	if (buf_get_u8(&r) != COMPONENT_DESTINATION)
		return false;
	len_bits = buf_get_u8(&r);
	if (flow->family->afi == AFI_IPV6)
		offset = buf_get_u8(&r);
	n = (len_bits + 7) / 8;
	if (r.is_short || offset != 0 || buf_left(&r) < n)
		return false;
	buf_put_u8(out, len_bits);
	buf_put_bytes(out, r.pos, n);
	return out->err == 0;
}

/* The best path of the longest unicast route that covers a destination. */
static const struct path *
best_match(const struct table *t, const struct table_key *k)
{
	const struct record *r;
	unsigned bits = 128;
	uint32_t id;

	while ((id = table_covering(t, k, bits)) != TABLE_ID_NONE) {
		r = table_at(t, id);
		if (r->flags & RECORD_HAS_BEST)
			return table_path(t, r, 0);
		if (r->len_bits == 0)
			break;
		bits = r->len_bits - 1u;
	}
	return NULL;
}

static uint32_t
neighbor_as(const struct rde *rde, const struct path *p)
{
	return attrset_at(&rde->attrsets, p->attr_in)->neighbor_as;
}

/* RFC 8955 6 c: no more specific route is of another neighbor AS. */
static bool
others_have_a_part(struct rde *rde, struct table *t,
    const struct table_key *k, uint32_t asn)
{
	const struct record *r;
	struct index_pos pos;
	unsigned n = 0;
	uint32_t id;

	if (!table_index(t, MORE_SPECIFIC_MAX)) {
		/* Not all are in order yet: look again. */
		flow_unicast_changed(rde, t);
		return true;
	}
	for (id = table_seek(t, k, &pos); id != TABLE_ID_NONE &&
	    table_is_inside(t, id, k); id = table_next(t, &pos)) {
		r = table_at(t, id);
		if (++n > MORE_SPECIFIC_MAX || ((r->flags & RECORD_HAS_BEST) &&
		    neighbor_as(rde, table_path(t, r, 0)) != asn))
			return true;
	}
	return false;
}

static uint32_t
originator(const struct rde *rde, const struct path *p)
{
	const struct attrset *a = attrset_at(&rde->attrsets, p->attr_in);

	return a->flags & ATTRSET_HAS_ORIGINATOR ? attrset_originator(a) :
	    rde->peers[p->peer]->remote_id;
}

static bool
is_feasible(struct rde *rde, const struct table *flows, uint32_t id,
    const struct path *p)
{
	const struct rpeer *peer = rde->peers[p->peer];
	const struct path *best;
	uint8_t bytes[17], prefix[17];
	struct nlri flow, destination = { .bytes = prefix };
	struct table_key k;
	struct table *t;
	struct wr w;

	if (peer->conf == NULL || !peer->conf->enforce_flow)
		return true;
	/* RFC 9117 4.1 b 2: made inside of our own AS. */
	if (!peer->is_ebgp &&
	    attrset_at(&rde->attrsets, p->attr_in)->path_len == 0)
		return true;
	destination.family = nlri_find(flows->family->afi, SAFI_UNICAST);
	t = destination.family == NULL ? NULL :
	    rde->tables[destination.family->id];
	table_nlri(flows, id, -1, bytes, &flow);
	buf_writer(&w, prefix, sizeof(prefix));
	if (t == NULL || !flow_destination(&flow, &w))
		return false;
	destination.len = w.len;
	if (!table_key(t, &destination, &rde->reply, &k))
		return false;
	best = best_match(t, &k);
	if (best == NULL || neighbor_as(rde, best) != neighbor_as(rde, p))
		return false;
	if (best->peer != p->peer &&
	    originator(rde, best) != originator(rde, p))
		return false;
	return !others_have_a_part(rde, t, &k, neighbor_as(rde, best));
}

bool
flow_check(struct rde *rde, struct table *t, uint32_t id, struct path *p)
{
	bool was_feasible = (p->flags & PATH_INFEASIBLE) == 0;
	bool is = p->peer == RDE_PEER_LOCAL || (p->flags & PATH_PRIVATE) ||
	    is_feasible(rde, t, id, p);

	if (is == was_feasible)
		return false;
	p->flags ^= PATH_INFEASIBLE;
	return true;
}

void
flow_unicast_changed(struct rde *rde, const struct table *t)
{
	struct rib *rib = rde->rib;
	unsigned flow;

	if (t->rib != 0 || t->addr_len == 0 ||
	    t->family->safi != SAFI_UNICAST)
		return;
	flow = t->family->afi == AFI_IPV4 ? NLRI_IPV4_FLOW : NLRI_IPV6_FLOW;
	if (rde->tables[flow] == NULL || rde->tables[flow]->n_records == 0)
		return;
	rib->flow_mask |= 1u << flow;
	if (!rib->flow_timer.is_set)
		loop_timer_set_after_usec(&rib->flow_timer, FLOW_WAIT_USEC);
}

bool
flow_run(struct rde *rde, struct budget *b)
{
	struct rib_walk *w = &rde->rib->flows;
	struct table *t;
	struct record *r;
	uint32_t id;
	unsigned i;

	while ((id = rib_walk_next(rde, w)) != TABLE_ID_NONE) {
		t = rde->tables[w->family];
		if (table_is_used(t, id)) {
			r = table_at(t, id);
			for (i = 0; i < r->n_paths; i++) {
				if (!flow_check(rde, t, id,
				    table_path(t, r, i)))
					continue;
				rib_mark(rde, t, id);
				if (rde->rib->n_extras != 0)
					rib_extra_sync(rde, t, id, i);
			}
		}
		if (!budget_spend(b, 64))
			return false;
	}
	return true;
}
