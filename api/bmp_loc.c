/* SPDX-License-Identifier: ISC */
/*
 * Loc-RIB as a peer of its own (RFC 9069), and what the RDE says that changed
 * in it and behind the in rules, made UPDATEs.
 *
 * A record behind the in rules says which of its peer's sessions it is of.
 * Of one that is over it is passed over. One that we have not heard of yet,
 * as the session engine's channel is another, waits, and the RDE's channel
 * with it; word of it has been sent already.
 */
#include "api/bmp_engine.h"

#include "api/bmp_update.h"
#include "common/bgp.h"
#include "common/chan.h"
#include "common/env.h"
#include "common/monitor.h"
#include "common/route.h"
#include "common/wire/open.h"

#include <err.h>
#include <stdlib.h>

#define HELD_USEC	(5 * MONO_USEC_PER_SEC)	/* at most, before it goes */
#define TABLE_NAME	"global"	/* RFC 9069 5.3: the default table */

struct bmp_peer
bmp_loc_header(const struct bmp *bmp, uint64_t time_usec)
{
	return (struct bmp_peer){
		.type = BMP_PEER_LOC_RIB, .addr = { .family = ADDR_NONE },
		.as = bmp->loc_as, .id = bmp->loc_id, .time_usec = time_usec,
	};
}

struct update_format
bmp_loc_format(void)
{
	return (struct update_format){
		.max_len = BGP_MESSAGE_MAX_EXTENDED, .has_as4 = true,
	};
}

uint32_t
bmp_loc_families(const struct bmp *bmp)
{
	return bmp->loc_families;
}

/* Families of neighbors, and those that networks may be of. */
static uint32_t
loc_families(const struct config *c)
{
	uint32_t mask = 1u << NLRI_IPV4_UNICAST | 1u << NLRI_IPV6_UNICAST;
	const struct nlri_family *f;
	size_t i, k;

	for (i = 0; i < c->n_peers; i++) {
		for (k = 0; k < c->peers[i].n_families; k++) {
			f = nlri_find(c->peers[i].families[k].afi,
			    c->peers[i].families[k].safi);
			if (f != NULL)
				mask |= 1u << f->id;
		}
	}
	return mask;
}

bool
bmp_loc_configure(struct bmp *bmp)
{
	const struct config *c = bmp->api->config;
	uint32_t families = loc_families(c);

	if (bmp->loc_as == c->as && bmp->loc_id == c->router_id &&
	    bmp->loc_families == families)
		return false;
	bmp->loc_as = c->as;
	bmp->loc_id = c->router_id;
	bmp->loc_families = families;
	return true;
}

/* RFC 9069 5.2: an OPEN that says how the UPDATEs are to be read. */
static void
loc_open(const struct bmp *bmp, struct wr *w)
{
	struct open o = {
		.version = BGP_VERSION, .router_id = bmp->loc_id,
		.as = bmp->loc_as > UINT16_MAX ? BGP_AS_TRANS :
		    (uint16_t)bmp->loc_as,
		.capabilities = {
			.has_multiprotocol = true,
			.family_mask = bmp->loc_families,
			.has_as4 = true, .as4 = bmp->loc_as,
			.has_extended_message = true, .role = ROLE_NONE,
		},
	};
	struct open_capabilities *c = &o.capabilities;
	unsigned id;

	for (id = 0; id < NLRI_N_FAMILIES; id++)
		if (bmp->loc_families >> id & 1)
			c->family_order[c->n_families++] = (uint8_t)id;
	open_encode(&o, w);
}

void
bmp_loc_greet(struct bmp_station *st)
{
	struct bmp_peer peer = bmp_loc_header(st->bmp, bmp_now(st->bmp));
	struct wr *w = &st->out.bytes, open;
	uint8_t bytes[BGP_MESSAGE_MAX];
	struct bmp_up up = { .local = { .family = ADDR_NONE } };
	size_t start;

	if (st->state != BMP_UP ||
	    (st->conf->monitor & CONF_BMP_LOC_RIB) == 0)
		return;
	buf_writer(&open, bytes, sizeof(bytes));
	loc_open(st->bmp, &open);
	up.sent = up.received = buf_written(&open);
	start = bmp_begin(w, BMP_PEER_UP, &peer);
	bmp_put_up(w, &up);
	bmp_put_tlv(w, BMP_INFO_TABLE, TABLE_NAME, sizeof(TABLE_NAME) - 1);
	bmp_station_put(st, w, start);
}

/*
 * Records of the RDE.
 */
static void
monitor_on_timer(void *arg)
{
	struct bmp *bmp = arg;

	log_warn(&bmp->api->env->log, "bmp: routes of a session that is not "
	    "known are not told");
	bmp_monitor_forget(bmp);
}

void
bmp_monitor_init(struct bmp *bmp)
{
	bmp->changes = calloc(1, sizeof(*bmp->changes));
	if (bmp->changes == NULL)
		err(1, "bmp");
	bmp_update_init(bmp->changes);
	buf_writer_growing(&bmp->held, IMSG_DATA_MAX);
	loop_timer_init(&bmp->held_timer, bmp->api->env->loop,
	    monitor_on_timer, bmp);
}

void
bmp_monitor_fini(struct bmp *bmp)
{
	bmp_update_fini(bmp->changes);
	free(bmp->changes);
	loop_timer_fini(&bmp->held_timer);
	buf_free(&bmp->held);
}

static void
changes_flush(struct bmp *bmp, const struct bmp_session *s)
{
	struct rd message = bmp_update_end(bmp->changes);
	uint8_t what = s == NULL ? CONF_BMP_LOC_RIB : CONF_BMP_POST_POLICY;
	struct bmp_peer peer;

	if (buf_left(&message) == 0)
		return;
	peer = s == NULL ? bmp_loc_header(bmp, bmp_now(bmp)) :
	    bmp_header(s, bmp_update_flags(s, what), bmp_now(bmp));
	bmp_tell_update(bmp, &peer, what, message);
}

static void
changes_add(struct bmp *bmp, const struct bmp_session *s,
    const struct route *route)
{
	struct bmp_route r = {
		.attrs = route->attrs,
		.nexthop = buf_reader(route->nexthop.bytes,
		    route->nexthop.len),
		.is_withdraw = (route->flags & ROUTE_WITHDRAW) != 0,
	};

	route_nlri(route, &r.nlri);
	if (bmp_update_add(bmp->changes, &r))
		return;
	changes_flush(bmp, s);
	bmp_update_add(bmp->changes, &r);
}

/* Whose record it is; false when nobody is to be told. */
static bool
record_session(struct bmp *bmp, const struct monitor_head *head,
    struct bmp_session **out, bool *waits)
{
	const struct api_peer *p;

	*out = NULL;
	*waits = false;
	if (head->what == MONITOR_BEST)
		return true;
	p = api_peer(bmp->api, head->peer);
	*out = p == NULL ? NULL : p->monitored;
	*waits = p != NULL && bmp->api->session != NULL &&
	    (*out == NULL || (*out)->facts.serial < head->serial);
	return *out != NULL && bmp_session_is_told(*out) &&
	    (*out)->facts.serial == head->serial;
}

/* Work records off; those from the first one on that has to wait are left. */
static void
monitor_run(struct bmp *bmp, struct rd *r)
{
	struct bmp_session *s, *last = NULL;
	struct monitor_head head;
	struct route route;
	struct rd peek;
	bool is_told, waits = false;

	while (buf_left(r) > 0) {
		peek = *r;
		if (monitor_get_head(&peek, &head) != 0 ||
		    route_get(&peek, &route) != 0)
			break;
		is_told = record_session(bmp, &head, &s, &waits);
		if (waits)
			break;
		*r = peek;
		if (!is_told)
			continue;
		if (s != last)
			changes_flush(bmp, last);
		if (!bmp->changes->is_open)
			bmp->changes->format = s == NULL ? bmp_loc_format() :
			    bmp_format(s, false);
		last = s;
		changes_add(bmp, s, &route);
	}
	changes_flush(bmp, last);
	if (!waits)
		*r = buf_reader(NULL, 0);
}

static void
monitor_take(struct bmp *bmp, struct rd r)
{
	bool was_held = bmp->held.len != 0;
	struct wr rest;

	monitor_run(bmp, &r);
	buf_writer_growing(&rest, IMSG_DATA_MAX);
	buf_put_bytes(&rest, r.pos, buf_left(&r));
	buf_free(&bmp->held);
	bmp->held = rest;
	if (was_held == (rest.len != 0))
		return;
	if (was_held)
		loop_timer_clear(&bmp->held_timer);
	else
		loop_timer_set_after_usec(&bmp->held_timer, HELD_USEC);
	if (bmp->api->rde != NULL)
		chan_pause(bmp->api->rde, !was_held);
}

void
bmp_monitor(struct api *api, struct imsg *m)
{
	monitor_take(api->bmp, buf_reader(m->data, m->len));
}

void
bmp_monitor_resume(struct bmp *bmp)
{
	if (bmp->held.len != 0)
		monitor_take(bmp, buf_written(&bmp->held));
}

void
bmp_monitor_forget(struct bmp *bmp)
{
	if (bmp->held.len == 0)
		return;
	buf_reset(&bmp->held);
	loop_timer_clear(&bmp->held_timer);
	if (bmp->api->rde != NULL)
		chan_pause(bmp->api->rde, false);
}
