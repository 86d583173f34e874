/* SPDX-License-Identifier: ISC */
/* The engine's surroundings, for its tests. */
#include "regress/unit/rde_world.h"

#include "common/env.h"
#include "common/loop.h"
#include "common/route.h"
#include "rde/rde.h"

#include <criterion/criterion.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define WORLD_SECONDS	20

struct world_run_state {
	struct world	*world;
	bool		(*done)(struct world *, uint32_t);
	uint32_t	 arg;
	struct loop_task task;
};

size_t
world_unhex(const char *hex, uint8_t *out, size_t max)
{
	size_t n = 0;
	unsigned v;

	for (; *hex != '\0'; hex++) {
		if (*hex == ' ')
			continue;
		cr_assert_eq(sscanf(hex, "%2x", &v), 1);
		cr_assert_lt(n, max);
		out[n++] = (uint8_t)v;
		hex++;
	}
	return n;
}

static void
world_take_output(struct world *w, struct imsg *m)
{
	struct rd r = buf_reader(m->data, m->len), ids, peek;
	struct world_output *o, head = { 0 };
	size_t len;

	cr_assert_eq(imsg_get_peers(&r, &ids), 0);
	while (buf_left(&ids) > 0) {
		cr_assert_lt(head.n_peers, 8u);
		head.peers[head.n_peers++] = buf_get_u32(&ids);
	}
	while (buf_left(&r) > 0) {
		peek = r;
		buf_get_bytes(&peek, 16);
		len = buf_get_u16(&peek);
		cr_assert_geq(len, 19u);
		cr_assert_leq(len, buf_left(&r));
		cr_assert_lt(w->n_outputs, (size_t)WORLD_OUTPUTS_MAX);
		o = &w->outputs[w->n_outputs++];
		*o = head;
		o->len = len;
		o->bytes = malloc(len);
		buf_get_copy(&r, o->bytes, len);
	}
}

static void
world_on_message(struct chan *c, struct imsg *m, void *arg)
{
	struct world *w = arg;

	(void)c;
	switch (m->type) {
	case IMSG_OUTPUT:
		world_take_output(w, m);
		break;
	case IMSG_SESSION_RESET:
		memcpy(w->reset, m->data, 2);
		w->n_resets++;
		break;
	case IMSG_STATE:
		buf_put_u32(&w->states, m->id);
		buf_put_u32(&w->states, (uint32_t)m->len);
		buf_put_bytes(&w->states, m->data, m->len);
		break;
	case IMSG_STOPPED:
		w->is_stopped = true;
		break;
	case IMSG_ROUTE_DONE:
		w->n_done++;
		break;
	case IMSG_OUTPUT_SYNC:	/* as session engine: it is written */
	case IMSG_ROUTE_SYNC_DONE:
		w->n_syncs++;
		break;
	case IMSG_RIB_ENTRY:
	case IMSG_PEER_COUNTERS:
		buf_put_bytes(&w->answers, m->data, m->len);
		break;
	case IMSG_RIB_END:
	case IMSG_PEER_COUNTERS_END:
		w->n_ends++;
		break;
	default:
		break;
	}
}

static void
world_on_closed(struct chan *c, const char *why, void *arg)
{
	(void)c;
	(void)arg;
	cr_assert_fail("channel closed: %s", why);
}

static void
world_on_drained(struct chan *c, void *arg)
{
	(void)c;
	(void)arg;
}

/* Our end of a channel; the engine's end is *handle. */
static struct chan *
world_chan(struct world *w, enum imsg_proc self, int *handle)
{
	struct chan_handler h = {
		.on_message = world_on_message, .on_closed = world_on_closed,
		.on_drained = world_on_drained, .arg = w,
	};
	int pair[2];

	cr_assert_eq(chan_sock_pair(pair), 0);
	*handle = pair[1];
	return chan_new(w->env, pair[0], self, PROC_RDE, &h);
}

void
world_start(struct world *w)
{
	int handle;

	memset(w, 0, sizeof(*w));
	w->env = env_new();
	w->env->log.max_level = LOG_LEVEL_WARN;
	buf_writer_growing(&w->answers, 1u << 28);
	buf_writer_growing(&w->states, 1u << 28);
	w->parent = world_chan(w, PROC_PARENT, &handle);
	w->rde = rde_new(w->env, handle);
	w->sess = world_chan(w, PROC_SESSION, &handle);
	chan_send_fd(w->parent, IMSG_CHAN, PROC_SESSION, NULL, 0, handle);
	w->api = world_chan(w, PROC_API, &handle);
	chan_send_fd(w->parent, IMSG_CHAN, PROC_API, NULL, 0, handle);
}

void
world_replace_session(struct world *w)
{
	int handle;

	chan_free(w->sess);
	w->sess = world_chan(w, PROC_SESSION, &handle);
	chan_send_fd(w->parent, IMSG_CHAN, PROC_SESSION, NULL, 0, handle);
	world_settle(w);
}

void
world_stop(struct world *w)
{
	size_t i;

	rde_free(w->rde);
	chan_free(w->parent);
	chan_free(w->sess);
	chan_free(w->api);
	for (i = 0; i < w->n_outputs; i++)
		free(w->outputs[i].bytes);
	buf_free(&w->answers);
	buf_free(&w->states);
	env_free(w->env);
}

void
world_config(struct world *w, const struct config *c)
{
	struct wr bytes, head;
	size_t at, n;

	buf_writer_growing(&bytes, 1u << 28);
	buf_writer_growing(&head, 64);
	config_encode(c, &bytes, CONFIG_FOR_RDE);
	cr_assert_eq(bytes.err, 0);
	buf_put_u32(&head, (uint32_t)bytes.len);
	chan_send_wr(w->parent, IMSG_CONF_BEGIN, 0, &head);
	for (at = 0; at < bytes.len; at += n) {
		n = bytes.len - at < 65536 ? bytes.len - at : 65536;
		chan_send(w->parent, IMSG_CONF_DATA, 0, bytes.base + at, n);
	}
	chan_send(w->parent, IMSG_CONF_END, 0, NULL, 0);
	buf_free(&bytes);
	buf_free(&head);
	world_settle(w);
}

static void
world_on_deadline(void *arg)
{
	struct world *w = arg;

	w->is_late = true;
	loop_stop(w->env->loop);
}

static void
world_on_task(void *arg)
{
	struct world_run_state *s = arg;

	if (s->done(s->world, s->arg))
		loop_stop(s->world->env->loop);
	else
		loop_task_schedule(&s->task);
}

void
world_run(struct world *w, bool (*done)(struct world *, uint32_t),
    uint32_t arg)
{
	struct world_run_state s = { .world = w, .done = done, .arg = arg };
	struct loop_timer deadline;

	loop_timer_init(&deadline, w->env->loop, world_on_deadline, w);
	loop_timer_set_after_usec(&deadline,
	    WORLD_SECONDS * MONO_USEC_PER_SEC);
	loop_task_init(&s.task, w->env->loop, world_on_task, &s);
	loop_task_schedule(&s.task);
	loop_event_run(w->env->loop);
	loop_task_fini(&s.task);
	loop_timer_fini(&deadline);
	cr_assert(!w->is_late, "the engine did not answer in time");
}

static bool
world_has_outputs(struct world *w, uint32_t n)
{
	return w->n_outputs >= n;
}

void
world_run_outputs(struct world *w, uint32_t n)
{
	world_run(w, world_has_outputs, (uint32_t)w->n_taken + n);
}

/* The loop has gone round often enough for several hops of messages. */
static bool
world_has_turned(struct world *w, uint32_t arg)
{
	(void)arg;
	return w->n_syncs > 0;
}

static bool
world_counts_down(struct world *w, uint32_t arg)
{
	(void)arg;
	return --w->n_syncs == 0;
}

void
world_settle(struct world *w)
{
	uint8_t none[2] = { 0 };

	/* Parent and session first, whose channels are not the broker's. */
	w->n_syncs = 50;
	world_run(w, world_counts_down, 0);
	chan_send(w->api, IMSG_ROUTE_SYNC, 1, none, 2);
	world_run(w, world_has_turned, 0);
	w->n_syncs = 50;
	world_run(w, world_counts_down, 0);
}

void
world_up(struct world *w, const struct conf_peer *p, uint32_t family_mask)
{
	struct imsg_session_up up = {
		.local = addr_from_ipv4(0x7f000001), .remote = p->remote.addr,
		.local_as = p->local_as, .remote_as = p->remote_as,
		.local_id = 0x01020304, .remote_id = 0x0a000000 + p->id,
		.gr_family_mask = w->gr_family_mask,
		.gr_forwarding_mask = w->gr_forwarding_mask,
		.has_llgr = w->llgr_sec != 0, .gr_time_sec = w->gr_time_sec,
	};
	const struct nlri_family *f;
	struct wr out;
	unsigned i;

	if (up.has_llgr) {
		up.llgr_family_mask = 1u << NLRI_IPV4_UNICAST;
		up.llgr_forwarding_mask = up.llgr_family_mask;
		up.llgr_sec[NLRI_IPV4_UNICAST] = w->llgr_sec;
	}
	up.negotiated.family_mask = family_mask;
	for (i = 0; i < NLRI_N_FAMILIES; i++) {
		if (family_mask >> i & 1)
			up.negotiated.family_order[
			    up.negotiated.n_families++] = (uint8_t)i;
	}
	up.negotiated.has_as4 = true;
	up.negotiated.has_graceful_restart = w->gr_family_mask != 0;
	up.negotiated.has_refresh = true;
	up.negotiated.has_enhanced_refresh = true;
	up.negotiated.has_link_local_nexthop = p->link_local_nexthop;
	for (i = 0; i < p->n_families; i++) {
		f = nlri_find(p->families[i].afi, p->families[i].safi);
		if (p->families[i].add_path != 0)
			up.negotiated.add_path_send_mask |= 1u << f->id;
		if (!p->is_isolated &&
		    (p->families[i].add_path & ADD_PATH_RECEIVE))
			up.negotiated.add_path_receive_mask |= 1u << f->id;
		if (p->families[i].extended_nexthop)
			up.negotiated.extended_nexthop_mask |= 1u << f->id;
		up.negotiated.paths_limit[f->id] =
		    p->families[i].paths_limit;
	}
	buf_writer_growing(&out, 4096);
	imsg_put_session_up(&out, &up);
	chan_send_wr(w->sess, IMSG_SESSION_UP, p->id, &out);
	buf_free(&out);
}

static bool
world_has_stopped(struct world *w, uint32_t arg)
{
	(void)arg;
	return w->is_stopped;
}

void
world_hand_over(struct world *w)
{
	chan_send(w->parent, IMSG_HANDOVER, 0, NULL, 0);
	chan_send(w->sess, IMSG_QUIESCE, 0, NULL, 0);
	chan_send(w->api, IMSG_QUIESCE, 0, NULL, 0);
	world_run(w, world_has_stopped, 0);
}

void
world_take_over(struct world *w, const struct world *from)
{
	struct rd r = buf_reader(from->states.base, from->states.len), bytes;
	uint32_t id;

	while (buf_left(&r) > 0) {
		id = buf_get_u32(&r);
		bytes = buf_get_sub(&r, buf_get_u32(&r));
		chan_send(w->parent, IMSG_RESTORE, id, bytes.pos,
		    buf_left(&bytes));
	}
	world_settle(w);
}

void
world_down(struct world *w, uint32_t peer)
{
	world_down_as(w, peer, DOWN_FLUSH);
}

void
world_down_as(struct world *w, uint32_t peer, uint8_t kind)
{
	chan_send(w->sess, IMSG_SESSION_DOWN, peer, &kind, 1);
}

void
world_send_hex(struct world *w, uint32_t peer, const char *hex)
{
	uint8_t bytes[8192];
	size_t n;

	memset(bytes, 0xff, 16);
	n = 18 + world_unhex(hex, bytes + 18, sizeof(bytes) - 18);
	bytes[16] = (uint8_t)(n >> 8);
	bytes[17] = (uint8_t)n;
	chan_send(w->sess, IMSG_UPDATES, peer, bytes, n);
}

void
world_expect(struct world *w, uint32_t peer, const char *hex)
{
	uint8_t want[8192];
	char got[3 * 400] = "";
	struct world_output *o;
	size_t n = world_unhex(hex, want, sizeof(want)), i;

	world_run_outputs(w, 1);
	o = &w->outputs[w->n_taken++];
	for (i = 18; i < o->len && i < 400; i++)
		snprintf(got + 2 * (i - 18), 3, "%02x", o->bytes[i]);
	cr_assert(o->len == n + 18 && memcmp(o->bytes + 18, want, n) == 0,
	    "got %s, want %s", got, hex);
	for (i = 0; i < o->n_peers && o->peers[i] != peer; i++)
		;
	cr_assert_lt(i, o->n_peers, "%s is not for peer %u", got, peer);
}

void
world_expect_for(struct world *w, uint32_t peer, const char *hex)
{
	const struct world_output *o;
	uint8_t want[8192];
	size_t n = world_unhex(hex, want, sizeof(want)), i, k;

	for (i = w->n_outputs; i > 0; i--) {
		o = &w->outputs[i - 1];
		for (k = 0; k < o->n_peers && o->peers[k] != peer; k++)
			;
		if (k == o->n_peers)
			continue;
		cr_assert(o->len == n + 18 &&
		    memcmp(o->bytes + 18, want, n) == 0,
		    "peer %u was not told %s last", peer, hex);
		return;
	}
	cr_assert_fail("peer %u was told nothing", peer);
}

void
world_expect_none(struct world *w)
{
	char got[3 * 400] = "";
	size_t i;

	world_settle(w);
	if (w->n_outputs > w->n_taken) {
		struct world_output *o = &w->outputs[w->n_taken];

		for (i = 18; i < o->len && i < 400; i++)
			snprintf(got + 2 * (i - 18), 3, "%02x", o->bytes[i]);
	}
	cr_assert_eq(w->n_outputs, w->n_taken, "unexpected %s", got);
}

void
world_route(struct world *w, uint32_t audience, unsigned flags,
    const char *prefix, const char *nexthop, const char *attrs_hex)
{
	struct route route = {
		.family = nlri_by_id(NLRI_IPV4_UNICAST),
		.flags = (uint16_t)flags,
	};
	uint8_t attrs[1024];
	struct prefix p;
	struct addr a;
	struct wr nlri, out;

	cr_assert_eq(prefix_parse(prefix, &p), 0);
	if (p.addr.family == ADDR_IPV6)
		route.family = nlri_by_id(NLRI_IPV6_UNICAST);
	buf_writer_growing(&nlri, 64);
	buf_writer_growing(&out, 4096);
	nlri_put_prefix(&p, &nlri);
	route.path_id = flags >> 16;
	route.nlri = buf_written(&nlri);
	route.attrs = buf_reader(attrs, world_unhex(attrs_hex, attrs,
	    sizeof(attrs)));
	if (nexthop != NULL) {
		cr_assert_eq(addr_parse(nexthop, &a), 0);
		route.nexthop.len = (uint8_t)addr_len(a.family);
		memcpy(route.nexthop.bytes, a.bytes, route.nexthop.len);
	}
	route_put(&out, &route);
	chan_send_wr(w->api, IMSG_ROUTE, audience, &out);
	buf_free(&nlri);
	buf_free(&out);
}

void
world_audience(struct world *w, uint32_t id, uint32_t peer1, uint32_t peer2)
{
	uint32_t ids[2] = { peer1, peer2 };
	struct wr out;

	buf_writer_growing(&out, 64);
	imsg_put_peers(&out, ids, peer2 == 0 ? 1 : 2);
	chan_send_wr(w->api, IMSG_AUDIENCE, id, &out);
	buf_free(&out);
}
