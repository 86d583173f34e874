/* SPDX-License-Identifier: ISC */
/*
 * A simulated daemon: the session engine and the RDE as they are, with the
 * test in the place of the parent and of the broker.
 */
#include "regress/sim/sim.h"

#include "common/arena.h"
#include "common/bgp.h"
#include "common/emit.h"
#include "common/imsg.h"
#include "common/value.h"
#include "rde/rde.h"
#include "session/session.h"

#include <err.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void
host_log(enum log_level level, const char *line, void *arg)
{
	struct sim_host *h = arg;

	(void)level;
	sim_trace(h->sim, h->name, line);
}

static uint32_t
host_random(struct env *env)
{
	return sim_random((struct sim *)env->loop);
}

static int64_t
host_wall_usec(struct env *env)
{
	const struct sim *s = (const struct sim *)env->loop;

	return s->now.usec + s->wall_ahead_usec;
}

static void
host_on_message(struct chan *c, struct imsg *m, void *arg)
{
	struct sim_host *h = arg;
	const uint8_t *bytes = m->data;
	size_t left = m->len, used;
	const struct value *v;
	struct arena *arena;

	(void)c;
	if (m->type == IMSG_RIB_END)
		h->is_query_done = true;
	if (m->type != IMSG_RIB_ENTRY)
		return;
	arena = arena_new(4096);
	while (left > 0 &&
	    (v = value_parse_front(arena, bytes, left, &used)) != NULL) {
		h->n_entries++;
		if (h->on_entry != NULL)
			h->on_entry(v, h->on_entry_arg);
		bytes += used;
		left -= used;
	}
	arena_free(arena);
}

static void
host_on_closed(struct chan *c, const char *why, void *arg)
{
	struct sim_host *h = arg;

	sim_trace(h->sim, h->name, why);
	if (c == h->to_session)
		h->to_session = NULL;
	if (c == h->to_rde)
		h->to_rde = NULL;
	if (c == h->to_rde_as_api)
		h->to_rde_as_api = NULL;
	chan_free(c);
}

static struct chan *
host_chan(struct sim_host *h, int handle, enum imsg_proc self,
    enum imsg_proc other)
{
	struct chan_handler handler = {
		.on_message = host_on_message, .on_closed = host_on_closed,
		.arg = h,
	};

	return chan_new(&h->env, handle, self, other, &handler);
}

static void
host_listen(struct sim_host *h)
{
	struct imsg_listener at = { .addr = h->addr, .port = BGP_PORT };
	uint8_t bytes[32];
	struct wr w;

	buf_writer(&w, bytes, sizeof(bytes));
	imsg_put_listener(&w, &at);
	chan_send_fd(h->to_session, IMSG_LISTENER, 0, w.base, w.len,
	    sim_listen(h, &h->addr, BGP_PORT));
}

static void
host_send_model(struct chan *c, const struct config *config)
{
	uint8_t head[4] = { 0 };
	struct wr w;

	buf_writer_growing(&w, IMSG_DATA_MAX);
	config_encode(config, &w, CONFIG_FOR_ALL);
	if (w.err != 0)
		errx(1, "sim: the model is too large");
	chan_send(c, IMSG_CONF_BEGIN, 0, head, sizeof(head));
	chan_send(c, IMSG_CONF_DATA, 0, w.base, w.len);
	chan_send(c, IMSG_CONF_END, 0, NULL, 0);
	buf_free(&w);
}

void
sim_host_configure(struct sim_host *h, struct config *config)
{
	config_keep_ids(h->config, config);
	host_send_model(h->to_rde, config);
	host_send_model(h->to_session, config);
	config_free(h->config);
	h->config = config;
}

static void
host_join_workers(struct sim_host *h)
{
	int between[2];

	sim_pair(h->sim, between);
	chan_send_fd(h->to_session, IMSG_CHAN, PROC_RDE, NULL, 0, between[0]);
	chan_send_fd(h->to_rde, IMSG_CHAN, PROC_SESSION, NULL, 0, between[1]);
}

static void
host_start_session(struct sim_host *h)
{
	int session[2];

	sim_pair(h->sim, session);
	h->to_session = host_chan(h, session[0], PROC_PARENT, PROC_SESSION);
	h->session = session_new(&h->env, session[1]);
}

static void
host_start_rde(struct sim_host *h)
{
	int rde[2];

	sim_pair(h->sim, rde);
	h->to_rde = host_chan(h, rde[0], PROC_PARENT, PROC_RDE);
	h->rde = rde_new(&h->env, rde[1]);
}

static void
host_join_api(struct sim_host *h)
{
	int api[2];

	sim_pair(h->sim, api);
	h->to_rde_as_api = host_chan(h, api[0], PROC_API, PROC_RDE);
	chan_send_fd(h->to_rde, IMSG_CHAN, PROC_API, NULL, 0, api[1]);
}

static void
host_free_session(struct sim_host *h)
{
	session_free(h->session);
	chan_free(h->to_session);
	h->session = NULL;
	h->to_session = NULL;
}

static void
host_free_rde(struct sim_host *h)
{
	if (h->rde != NULL)
		rde_free(h->rde);
	chan_free(h->to_rde);
	chan_free(h->to_rde_as_api);
	h->rde = NULL;
	h->to_rde = h->to_rde_as_api = NULL;
}

void
sim_host_kill(struct sim_host *h)
{
	host_free_session(h);
	host_free_rde(h);
	config_free(h->config);
	h->config = NULL;
}

void
sim_host_start(struct sim_host *h, struct config *config)
{
	host_start_session(h);
	host_start_rde(h);
	host_join_workers(h);
	host_join_api(h);
	host_listen(h);
	sim_host_configure(h, config);
}

void
sim_host_replace_rde(struct sim_host *h)
{
	host_free_rde(h);
	host_start_rde(h);
	host_send_model(h->to_rde, h->config);
	host_join_workers(h);
	host_join_api(h);
}

void
sim_host_replace_session(struct sim_host *h)
{
	host_free_session(h);
	host_start_session(h);
	host_join_workers(h);
	host_listen(h);
	host_send_model(h->to_session, h->config);
}

struct sim_host *
sim_host_new(struct sim *s, const char *name, const char *addr,
    struct config *config)
{
	struct sim_host *h = calloc(1, sizeof(*h));

	if (h == NULL || addr_parse(addr, &h->addr) != 0)
		errx(1, "sim: host %s", name);
	h->sim = s;
	h->name = name;
	h->next = s->hosts;
	s->hosts = h;
	h->net.ops = &sim_net_ops;
	h->env = (struct env){
		.loop = &s->loop, .net = &h->net, .chan_ops = &sim_chan_ops,
		.random = host_random, .wall_usec = host_wall_usec,
	};
	log_init(&h->env.log, host_log, h);
	sim_host_start(h, config);
	return h;
}

bool
sim_host_query(struct sim_host *h, const struct sim_query *q)
{
	int64_t limit = h->sim->now.usec + 10 * MONO_USEC_PER_SEC;
	struct emit e;
	struct wr w;

	buf_writer_growing(&w, 4096);
	emit_msgpack_init(&e, &w);
	emit_begin_object(&e);
	emit_key_string(&e, "request", q->request != NULL ? q->request :
	    "rib");
	if (q->direction != NULL)
		emit_key_string(&e, "direction", q->direction);
	if (q->is_best)
		emit_key_boolean(&e, "best", true);
	emit_end_object(&e);
	h->n_entries = 0;
	h->is_query_done = false;
	h->on_entry = q->on_entry;
	h->on_entry_arg = q->arg;
	chan_send_wr(h->to_rde_as_api, IMSG_RIB_REQUEST, 1, &w);
	buf_free(&w);
	sim_run_until(h->sim, h->sim->now.usec);
	while (!h->is_query_done && h->sim->now.usec < limit)
		sim_run_until(h->sim, h->sim->now.usec + 1000);
	h->on_entry = NULL;
	return h->is_query_done;
}

uint64_t
sim_host_count(struct sim_host *h, const char *direction)
{
	sim_host_query(h, &(struct sim_query){ .direction = direction,
	    .on_entry = h->on_entry, .arg = h->on_entry_arg });
	return h->n_entries;
}

void
sim_free(struct sim *s)
{
	struct sim_packet *p;
	struct sim_host *h;
	int i;

	while ((h = s->hosts) != NULL) {
		s->hosts = h->next;
		sim_host_kill(h);
		free(h);
	}
	for (i = 0; i < s->n_ends; i++) {
		while ((p = s->ends[i].first) != NULL) {
			s->ends[i].first = p->next;
			free(p);
		}
		buf_free(&s->ends[i].rx);
	}
	buf_free(&s->trace);
	free(s);
}
