/* SPDX-License-Identifier: ISC */
/*
 * Stale routes, RDE to RDE by way of the parent: a neighbor that is down
 * cannot be asked to send them again. id: the peer; data: kind 1, then
 *   STALE_PEER: session length 2, struct imsg_session_up | restart until 8 |
 *       families, each afi 2, safi 1, is long-lived 1, kept until 8 (0: not
 *       before the restart time is over)
 *   STALE_ROUTES: path flags 2, route record (route.h); several
 * Times are those of the clock that goes on when the binary is another one.
 */
#include "rde/stale.h"

#include "common/env.h"
#include "common/route.h"
#include "rde/engine.h"
#include "rde/rib.h"

#include <string.h>

#define KEEP_MAX_SEC	0xffffff	/* RFC 9494 3.1 */
#define FLAGS_GIVEN	(PATH_LOOP | PATH_LEAK)

/*
 * Giving.
 */
static void
put_mono(struct wr *w, struct mono m)
{
	buf_put_u64(w, (uint64_t)m.usec);
}

static void
give_peer(struct rde *rde, const struct rpeer *p)
{
	uint8_t bytes[1024];
	struct wr session, w;
	unsigned i;

	buf_writer(&session, bytes, sizeof(bytes));
	imsg_put_session_up(&session, &p->session);
	buf_writer_growing(&w, 4096);
	buf_put_u8(&w, STALE_PEER);
	buf_put_u16(&w, (uint32_t)session.len);
	buf_put_bytes(&w, session.base, session.len);
	put_mono(&w, p->restart_until);
	for (i = 0; i < NLRI_N_FAMILIES; i++) {
		if ((p->keep_mask >> i & 1) == 0)
			continue;
		buf_put_u16(&w, nlri_by_id((uint8_t)i)->afi);
		buf_put_u8(&w, nlri_by_id((uint8_t)i)->safi);
		buf_put_u8(&w, p->long_mask >> i & 1);
		put_mono(&w, p->keep_until[i]);
	}
	chan_send_wr(rde->parent, IMSG_STATE, p->id, &w);
	buf_free(&w);
}

static void
give_flush(struct rde *rde, const struct rpeer *p, struct wr *w)
{
	if (w->len > 1)
		chan_send_wr(rde->parent, IMSG_STATE, p->id, w);
	buf_reset(w);
	buf_put_u8(w, STALE_ROUTES);
}

static void
give_path(struct rde *rde, const struct rpeer *p, const struct table *t,
    uint32_t id, unsigned i, struct wr *w)
{
	const struct path *path = table_path(t, table_at(t, id), i);
	const struct attrset *a = attrset_at(&rde->attrsets, path->attr_in);
	struct route r = { .family = t->family, .attrs = attrset_block(a) };
	uint8_t bytes[17];
	struct nlri n;

	table_nlri(t, id, (int)i, bytes, &n);
	if (p->session.negotiated.add_path_receive_mask >> t->family->id & 1)
		r.flags |= ROUTE_HAS_PATH_ID;
	r.path_id = n.path_id;
	r.nlri = buf_reader(n.bytes, n.len);
	attrset_nexthop(a, &r.nexthop);
	buf_put_u16(w, path->flags & FLAGS_GIVEN);
	route_put(w, &r);
	if (w->len > IMSG_BATCH_BYTES)
		give_flush(rde, p, w);
}

static void
give_table(struct rde *rde, const struct rpeer *p, const struct table *t,
    struct wr *w)
{
	const struct record *r;
	const struct path *path;
	uint32_t id;
	unsigned i;

	for (id = 0; id < t->n_ids; id++) {
		if (!table_is_used(t, id))
			continue;
		r = table_at(t, id);
		for (i = 0; i < r->n_paths; i++) {
			path = table_path(t, r, i);
			if (path->peer == p->index &&
			    (path->flags & PATH_PRIVATE) == 0 &&
			    rib_path_is_alive(rde, t, path))
				give_path(rde, p, t, id, i, w);
		}
	}
}

void
stale_give(struct rde *rde, struct rpeer *p)
{
	struct wr w;
	unsigned i;

	/* Neighbors of a range come as others. */
	if (p->is_up || p->keep_mask == 0 || p->is_clone)
		return;
	give_peer(rde, p);
	buf_writer_growing(&w, IMSG_DATA_MAX);
	give_flush(rde, p, &w);
	for (i = 0; i < NLRI_N_FAMILIES; i++)
		if ((p->keep_mask >> i & 1) && rde->tables[i] != NULL)
			give_table(rde, p, rde->tables[i], &w);
	give_flush(rde, p, &w);
	buf_free(&w);
}

/*
 * Taking.
 */
static struct mono
get_mono(const struct rde *rde, struct rd *r)
{
	struct mono now = loop_now(rde->env->loop);
	struct mono m = { .usec = (int64_t)buf_get_u64(r) };
	struct mono max = mono_add_usec(now, KEEP_MAX_SEC * MONO_USEC_PER_SEC);

	if (m.usec < 0 || mono_diff_usec(m, max) > 0)
		m = now;
	return m;
}

static void
take_peer(struct rde *rde, struct rpeer *p, struct rd r)
{
	struct rd session = buf_get_sub(&r, buf_get_u16(&r));
	struct stale_times t = { .restart_until = get_mono(rde, &r) };
	const struct nlri_family *f;
	struct imsg_session_up up;
	struct mono until;
	bool is_long;
	uint16_t afi;

	if (imsg_get_session_up(session, &up) != 0)
		return;
	while (buf_left(&r) > 0) {
		afi = buf_get_u16(&r);
		f = nlri_find(afi, buf_get_u8(&r));
		is_long = buf_get_u8(&r) != 0;
		until = get_mono(rde, &r);
		if (r.is_short || f == NULL)
			continue;
		t.keep_mask |= 1u << f->id;
		t.long_mask |= is_long ? 1u << f->id : 0;
		t.keep_until[f->id] = until;
	}
	rpeer_take_facts(p, &up);
	rpeer_update_policy(rde, p);
	stale_take(rde, p, &t);
}

static void
take_route(struct rde *rde, struct rpeer *p, const struct route *r,
    uint16_t flags)
{
	struct attrset_key attr_key = {
		.block = r->attrs, .nexthop = r->nexthop.bytes,
		.nexthop_len = r->nexthop.len,
	};
	struct rib_route route = { .peer = p, .flags = flags & FLAGS_GIVEN };
	struct table *t = rde_table(rde, r->family);
	struct table_key key;
	struct nlri nlri;

	route_nlri(r, &nlri);
	if ((p->keep_mask >> r->family->id & 1) == 0 ||
	    !table_key(t, &nlri, &rde->key, &key))
		return;
	route.attr = attrset_intern(&rde->attrsets, &attr_key);
	if (route.attr == ATTRSET_NONE)
		return;
	rib_announce(rde, t, &key, &nlri, &route);
	attrset_unref(&rde->attrsets, route.attr);
}

static void
take_routes(struct rde *rde, struct rpeer *p, struct rd r)
{
	struct route route;
	uint16_t flags;
	int e;

	stale_taking(p, true);
	while (buf_left(&r) > 0) {
		flags = buf_get_u16(&r);
		e = route_get(&r, &route);
		if (e == 0)
			take_route(rde, p, &route, flags);
		else if (rde->n_bad_messages++ == 0)
			log_warn(&rde->env->log, "state: malformed route");
	}
	stale_taking(p, false);
	/* Long-lived ones are to be marked as what they are. */
	if (p->long_mask != 0)
		rib_refilter(rde, p->long_mask);
}

void
stale_restore(struct rde *rde, struct rpeer *p, enum stale_record kind,
    struct rd r)
{
	if (p->is_up || p->is_clone || p->conf == NULL || rde->conf == NULL)
		return;
	if (kind == STALE_PEER && p->keep_mask == 0)
		take_peer(rde, p, r);
	else if (kind == STALE_ROUTES && p->keep_mask != 0)
		take_routes(rde, p, r);
}
