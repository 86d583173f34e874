/* SPDX-License-Identifier: ISC */
/* Messages from a worker that is not what it seems. */
#include "parent/hostile.h"

#include "common/bgp.h"
#include "common/emit.h"
#include "common/env.h"
#include "common/loop.h"
#include "common/route.h"

#include <err.h>
#include <stdlib.h>
#include <string.h>

#define HOSTILE_MESSAGES	100000	/* on each channel */
#define HOSTILE_BURST		64
#define HOSTILE_CHANNELS	4

uint32_t
hostile_random(struct hostile *h)
{
	/* splitmix64: the seed says it all. */
	uint64_t z = h->state += UINT64_C(0x9e3779b97f4a7c15);

	z = (z ^ z >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
	z = (z ^ z >> 27) * UINT64_C(0x94d049bb133111eb);
	return (uint32_t)(z ^ z >> 31);
}

/*
 * Samples of what is right.
 */
static void
sample_update(struct hostile *h, struct wr *w)
{
	static const uint8_t attrs[] = {
		0x40, 1, 1, 0, 0x40, 2, 6, 2, 1, 0, 0, 0xfd, 0xea,
		0x40, 3, 4, 127, 0, 0, 2,
	};
	size_t start = w->len;

	while (w->len < start + BGP_MARKER_LEN)
		buf_put_u8(w, 0xff);
	buf_put_u16(w, BGP_HEADER_LEN + 4 + sizeof(attrs) + 4);
	buf_put_u8(w, BGP_UPDATE);
	buf_put_u16(w, 0);
	buf_put_u16(w, sizeof(attrs));
	buf_put_bytes(w, attrs, sizeof(attrs));
	buf_put_u8(w, 24);
	buf_put_u8(w, 20);
	buf_put_u8(w, hostile_random(h) & 3);
	buf_put_u8(w, hostile_random(h) & 0xff);
}

static void
sample_updates(struct hostile *h, struct wr *w)
{
	unsigned n = 1 + hostile_random(h) % 4;

	while (n-- > 0)
		sample_update(h, w);
}

static void
sample_peers(struct hostile *h, struct wr *w)
{
	uint32_t ids[4];
	unsigned i, n = hostile_random(h) % 4;

	for (i = 0; i < n; i++)
		ids[i] = hostile_random(h) % (h->n_ids + 1);
	imsg_put_peers(w, ids, n);
}

static void
sample_output(struct hostile *h, struct wr *w)
{
	sample_peers(h, w);
	sample_updates(h, w);
}

static void
sample_event(struct hostile *h, struct wr *w)
{
	buf_put_u8(w, hostile_random(h) & 1);
	sample_update(h, w);
}

static void
sample_session(struct hostile *h, struct wr *w)
{
	const struct imsg_session_up up = {
		.local = { .family = ADDR_IPV4, .bytes = { 127, 0, 0, 1 } },
		.remote = { .family = ADDR_IPV4, .bytes = { 127, 0, 0, 2 } },
		.local_port = 179, .remote_port = 40000,
		.local_as = 65001, .remote_as = 65002, .local_id = 1,
		.remote_id = 2, .remote_role = ROLE_NONE, .conf_id = 1,
		.negotiated = {
			.family_mask = 3, .n_families = 2,
			.family_order = { 0, 1 }, .has_as4 = true,
			.has_refresh = true, .hold_time_sec = 90,
			.has_enhanced_refresh = hostile_random(h) & 1,
		},
		.is_resumed = hostile_random(h) & 1,
	};

	imsg_put_session_up(w, &up);
}

static void
sample_route(struct hostile *h, struct wr *w)
{
	const uint8_t nlri[] = { 24, 30, 0, hostile_random(h) & 0xff };
	static const uint8_t attrs[] = { 0x40, 1, 1, 0, 0x40, 2, 0 };
	struct route r = {
		.family = nlri_find(AFI_IPV4, SAFI_UNICAST),
		.flags = hostile_random(h) & 3,
		.nexthop = { .len = 4, .bytes = { 127, 0, 0, 1 } },
		.nlri = buf_reader(nlri, sizeof(nlri)),
		.attrs = buf_reader(attrs, sizeof(attrs)),
	};

	route_put(w, &r);
}

static void
sample_map(struct hostile *h, struct wr *w)
{
	static const char *const words[] = {
		"rib", "memory", "networks", "nexthops", "sets", "Established",
		"10.0.0.0/8", "in", "out",
	};
	struct emit e;

	emit_msgpack_init(&e, w);
	emit_begin_object(&e);
	emit_key_string(&e, "request", words[hostile_random(h) % 5]);
	emit_key_string(&e, "prefix", words[hostile_random(h) % 9]);
	emit_key_number(&e, "id", hostile_random(h) % (h->n_ids + 1));
	emit_key_string(&e, "state", words[hostile_random(h) % 9]);
	emit_key_boolean(&e, "detail", hostile_random(h) & 1);
	emit_key_array(&e, "peers");
	emit_number(&e, hostile_random(h) % (h->n_ids + 1));
	emit_end_array(&e);
	emit_end_object(&e);
}

static void
sample_open(struct emit *e, const char *key, uint32_t id)
{
	const struct open o = {
		.version = BGP_VERSION, .as = 65002, .hold_time_sec = 90,
		.router_id = id,
		.capabilities = {
			.has_multiprotocol = true, .family_mask = 1,
			.n_families = 1, .has_refresh = true, .has_as4 = true,
			.as4 = 65002, .role = ROLE_NONE,
		},
	};
	uint8_t bytes[BGP_MESSAGE_MAX];
	struct wr w;

	buf_writer(&w, bytes, sizeof(bytes));
	open_encode(&o, &w);
	emit_key(e, key);
	emit_string_len(e, (const char *)w.base, w.len);
}

void
hostile_put_session(struct wr *w, uint32_t conf)
{
	struct emit e;

	buf_put_u8(w, 1);	/* session_handover.c: a peer */
	emit_msgpack_init(&e, w);
	emit_begin_object(&e);
	emit_key_number(&e, "conf", conf);
	emit_key_boolean(&e, "incoming", false);
	sample_open(&e, "open", 1);
	sample_open(&e, "remote_open", 2);
	emit_end_object(&e);
}

/* State of each kind of worker: the receiver takes it for its own. */
static void
sample_restore(struct hostile *h, struct wr *w)
{
	switch (hostile_random(h) % 3) {
	case 0:
		hostile_put_session(w, hostile_random(h) % (h->n_ids + 1));
		break;
	case 1:
		buf_put_u8(w, 1);	/* rde_handover.c: routes */
		sample_route(h, w);
		break;
	default:
		buf_put_u8(w, 1 + hostile_random(h) % 4);
		sample_map(h, w);
	}
}

static const struct {
	enum imsg_type	type;
	void		(*make)(struct hostile *, struct wr *);
} hostile_samples[] = {
	{ IMSG_SESSION_UP, sample_session },
	{ IMSG_EVENT_SESSION, sample_session },
	{ IMSG_UPDATES, sample_updates },
	{ IMSG_OUTPUT, sample_output },
	{ IMSG_SEND, sample_update },
	{ IMSG_EVENT_MESSAGE, sample_event },
	{ IMSG_ROUTE, sample_route },
	{ IMSG_AUDIENCE, sample_peers },
	{ IMSG_ROUTE_SYNC, sample_peers },
	{ IMSG_PEER_STATUS_REQUEST, sample_peers },
	{ IMSG_RIB_REQUEST, sample_map },
	{ IMSG_PEER_STATUS, sample_map },
	{ IMSG_RIB_ENTRY, sample_map },
	{ IMSG_PEER_COUNTERS, sample_map },
	{ IMSG_RESTORE, sample_restore },
};

static void
hostile_mutate(struct hostile *h, struct hostile_message *m)
{
	unsigned n = hostile_random(h) % 8;

	while (n-- > 0 && m->len > 0)
		m->data[hostile_random(h) % m->len] =
		    (uint8_t)hostile_random(h);
	if (hostile_random(h) % 8 == 0)
		m->len = hostile_random(h) % (m->len + 1);
}

static void
hostile_fill(struct hostile *h, struct hostile_message *m)
{
	size_t i;
	struct wr w;

	for (i = 0; i < sizeof(hostile_samples) /
	    sizeof(hostile_samples[0]); i++) {
		if (hostile_samples[i].type != m->type ||
		    hostile_random(h) % 4 == 0)
			continue;
		buf_writer(&w, m->data, sizeof(m->data));
		hostile_samples[i].make(h, &w);
		m->len = w.len;
		if (hostile_random(h) % 4 != 0)
			hostile_mutate(h, m);
		return;
	}
	m->len = hostile_random(h) % 16 == 0 ? hostile_random(h) %
	    HOSTILE_MAX : hostile_random(h) % 64;
	for (i = 0; i < m->len; i++)
		m->data[i] = hostile_random(h) & 1 ?
		    (uint8_t)hostile_random(h) : hostile_random(h) & 3;
}

static bool
hostile_may(const struct hostile *h, unsigned type, enum imsg_proc from,
    enum imsg_proc to)
{
	const struct imsg_row *row = imsg_row(type);

	return row != NULL && !row->has_fd && (row->from & IMSG_FROM(from)) &&
	    (row->to & IMSG_FROM(to)) &&
	    (h->is_spared == NULL || !h->is_spared(type));
}

bool
hostile_message(struct hostile *h, enum imsg_proc from, enum imsg_proc to,
    struct hostile_message *m)
{
	const struct imsg_row *row;
	unsigned tries = 0;

	do {
		if (tries++ == 10000)
			return false;
		m->type = hostile_random(h) % IMSG_N;
	} while (!hostile_may(h, m->type, from, to));
	row = imsg_row(m->type);
	m->id = hostile_random(h) % 16 == 0 ? hostile_random(h) :
	    hostile_random(h) % (h->n_ids + 1);
	hostile_fill(h, m);
	if (m->len > row->max_len)
		m->len = row->max_len;
	while (m->len < row->min_len)
		m->data[m->len++] = (uint8_t)hostile_random(h);
	return true;
}

void
hostile_illegal(struct hostile *h, enum imsg_proc from, enum imsg_proc to,
    struct hostile_message *m)
{
	const struct imsg_row *row;

	m->id = hostile_random(h);
	hostile_fill(h, m);
	do {
		m->type = 1 + hostile_random(h) % (IMSG_N - 1);
		row = imsg_row(m->type);
	} while ((row->from & IMSG_FROM(from)) && (row->to & IMSG_FROM(to)) &&
	    !row->has_fd && m->len >= row->min_len && m->len <= row->max_len);
}

/*
 * In the place of a worker.
 */
struct hostile_engine {
	struct env	*env;
	struct hostile	 hostile;
	enum imsg_proc	 role;
	struct chan	*chans[HOSTILE_CHANNELS];	/* by the other */
	uint32_t	 n_sent[HOSTILE_CHANNELS];
	struct loop_timer timer;
};

/* What its role lets it do to the daemon as a whole. */
static bool
hostile_is_power(enum imsg_type type)
{
	return type == IMSG_SHUTDOWN || type == IMSG_RESTART ||
	    type == IMSG_CONF_WAIT ||
	    type == IMSG_UPGRADE || type == IMSG_STOPPED;
}

static void
hostile_on_timer(void *arg)
{
	struct hostile_engine *e = arg;
	struct hostile_message m;
	unsigned i, n;

	for (i = 0; i < HOSTILE_CHANNELS; i++) {
		for (n = 0; e->chans[i] != NULL && n < HOSTILE_BURST &&
		    e->n_sent[i] < HOSTILE_MESSAGES &&
		    !chan_is_full(e->chans[i]); n++) {
			if (!hostile_message(&e->hostile, e->role, i, &m))
				break;
			chan_send(e->chans[i], m.type, m.id, m.data, m.len);
			if (++e->n_sent[i] == HOSTILE_MESSAGES)
				log_info(&e->env->log, "hostile: all said to "
				    "%s", imsg_proc_name(i));
		}
	}
	loop_timer_set_after_usec(&e->timer, 100);
}

static void	hostile_on_message(struct chan *, struct imsg *, void *);

static void
hostile_on_closed(struct chan *c, const char *why, void *arg)
{
	struct hostile_engine *e = arg;
	unsigned i;

	(void)why;
	if (c == e->chans[PROC_PARENT])
		loop_stop(e->env->loop);
	for (i = 0; i < HOSTILE_CHANNELS; i++)
		if (e->chans[i] == c)
			e->chans[i] = NULL;
	chan_free(c);
}

static void
hostile_add(struct hostile_engine *e, int handle, enum imsg_proc other)
{
	struct chan_handler handler = {
		.on_message = hostile_on_message,
		.on_closed = hostile_on_closed, .arg = e,
	};

	chan_free(e->chans[other]);
	e->chans[other] = chan_new(e->env, handle, e->role, other, &handler);
}

static void
hostile_on_message(struct chan *c, struct imsg *m, void *arg)
{
	struct hostile_engine *e = arg;

	if (m->type == IMSG_STOP)
		chan_send(c, IMSG_STOPPED, 0, NULL, 0);
	if (m->type != IMSG_CHAN || m->id >= HOSTILE_CHANNELS)
		return;
	hostile_add(e, m->fd, m->id);
	m->fd = -1;
}

void *
hostile_start(struct env *env, int parent_handle, enum imsg_proc role,
    const char *seed)
{
	struct hostile_engine *e = calloc(1, sizeof(*e));

	if (e == NULL)
		err(1, "hostile");
	e->env = env;
	e->role = role;
	e->hostile = (struct hostile){
		.state = strtoull(seed, NULL, 10), .n_ids = 4,
		.is_spared = hostile_is_power,
	};
	hostile_add(e, parent_handle, PROC_PARENT);
	loop_timer_init(&e->timer, env->loop, hostile_on_timer, e);
	loop_timer_set_after_usec(&e->timer, MONO_USEC_PER_SEC);
	return e;
}

void
hostile_stop(void *engine)
{
	free(engine);
}
