/* SPDX-License-Identifier: ISC */
/* Changes of the tables, told to the broker for BMP stations. */
#include "rde/monitor.h"

#include "common/bgp.h"
#include "common/chan.h"
#include "common/config.h"
#include "common/monitor.h"
#include "common/route.h"
#include "rde/table.h"

#include <string.h>

#define NOT_ACCEPTED	(PATH_LOOP | PATH_LEAK | PATH_PRIVATE)

void
monitor_configure(struct rde *rde)
{
	const struct config *c = rde->conf;
	size_t i;

	rde->monitor.mask = 0;
	for (i = 0; i < c->n_bmps; i++)
		rde->monitor.mask |= c->bmps[i].monitor;
	if (rde->monitor.batch.base == NULL)
		buf_writer_growing(&rde->monitor.batch, IMSG_DATA_MAX);
}

void
monitor_fini(struct rde *rde)
{
	buf_free(&rde->monitor.batch);
}

void
monitor_flush(struct rde *rde)
{
	struct wr *w = &rde->monitor.batch;

	if (w->len == 0 && w->err == 0)
		return;
	if (rde->api == NULL || w->err != 0)
		buf_reset(w);
	else
		chan_send_wr(rde->api, IMSG_MONITOR, 0, w);
}

bool
monitor_is_full(const struct rde *rde)
{
	return rde->monitor.mask != 0 && rde->api != NULL &&
	    chan_is_full(rde->api);
}

void
monitor_nexthop(const struct rde *rde, const struct attrset *as,
    const struct rpeer *p, const struct nlri_family *family,
    struct update_nexthop *out)
{
	memset(out, 0, sizeof(*out));
	if (as->nexthop_len != 0 || family->safi == SAFI_FLOW ||
	    family->safi == SAFI_FLOW_VPN) {
		out->len = as->nexthop_len;
		memcpy(out->bytes, as->bytes, out->len);
		return;
	}
	if ((as->flags & ATTRSET_NEXTHOP_SELF) && p != NULL && p->index != RDE_PEER_LOCAL &&
	    rpeer_nexthop_self(rde, p, family, out))
		return;
	out->len = family->afi == AFI_IPV6 ? 16 : 4;
}

static void
monitor_put(struct rde *rde, const struct monitor_head *head,
    const struct nlri *nlri, uint32_t attr)
{
	const struct rpeer *p = head->what == MONITOR_BEST ? NULL :
	    rpeer_find(rde, head->peer);
	struct route r = {
		.family = nlri->family, .path_id = nlri->path_id,
		.flags = nlri->has_path_id ? ROUTE_HAS_PATH_ID : 0,
		.nlri = buf_reader(nlri->bytes, nlri->len),
	};
	const struct attrset *as;

	if (rde->api == NULL)
		return;
	if (attr == ATTRSET_NONE) {
		r.flags |= ROUTE_WITHDRAW;
	} else {
		as = attrset_at(&rde->attrsets, attr);
		r.attrs = attrset_block(as);
		monitor_nexthop(rde, as, p, nlri->family, &r.nexthop);
	}
	monitor_put_head(&rde->monitor.batch, head);
	route_put(&rde->monitor.batch, &r);
	if (rde->monitor.batch.len >= IMSG_BATCH_BYTES)
		monitor_flush(rde);
	rde_schedule(rde);
}

bool
monitor_has_path(const struct rde *rde, const struct path *p)
{
	return (rde->monitor.mask & CONF_BMP_POST_POLICY) != 0 &&
	    p->attr != ATTRSET_NONE && p->peer != RDE_PEER_LOCAL &&
	    (p->flags & NOT_ACCEPTED) == 0;
}

static void
monitor_say_path(struct rde *rde, struct table *t, uint32_t id, unsigned i,
    bool is_there)
{
	const struct path *p = table_path(t, table_at(t, id), i);
	const struct rpeer *peer = rde->peers[p->peer];
	struct monitor_head head = {
		.what = MONITOR_POST_POLICY, .peer = peer->id,
		.serial = peer->session.serial,
	};
	uint8_t bytes[17];
	struct nlri nlri;

	if (!peer->is_up)
		return;
	table_nlri(t, id, (int)i, bytes, &nlri);
	nlri.path_id = table_path_id(t, table_at(t, id), i);
	nlri.has_path_id = (peer->context.add_path_mask >> t->family->id &
	    1) != 0;
	monitor_put(rde, &head, &nlri, is_there ? p->attr : ATTRSET_NONE);
}

void
monitor_path(struct rde *rde, struct table *t, uint32_t id, unsigned i,
    bool was_told)
{
	bool is_there = monitor_has_path(rde, table_path(t, table_at(t, id),
	    i));

	if (is_there || was_told)
		monitor_say_path(rde, t, id, i, is_there);
}

void
monitor_path_gone(struct rde *rde, struct table *t, uint32_t id, unsigned i)
{
	if (monitor_has_path(rde, table_path(t, table_at(t, id), i)))
		monitor_say_path(rde, t, id, i, false);
}

void
monitor_best(struct rde *rde, struct table *t, uint32_t id, uint32_t attr)
{
	const struct monitor_head head = { .what = MONITOR_BEST };
	const struct record *r = table_at(t, id);
	uint8_t bytes[17];
	struct nlri nlri;

	if ((rde->monitor.mask & CONF_BMP_LOC_RIB) == 0 || t->rib != 0 ||
	    (attr == ATTRSET_NONE && r->sent_attr == ATTRSET_NONE))
		return;
	table_nlri(t, id, attr == ATTRSET_NONE ? -1 : 0, bytes, &nlri);
	nlri.path_id = 0;
	nlri.has_path_id = false;
	monitor_put(rde, &head, &nlri, attr);
}
