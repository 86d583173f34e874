/* SPDX-License-Identifier: ISC */
/*
 * The API broker: messages from the parent, RDE and session engine, and
 * routes on their way to the RDE.
 */
#include "api/api.h"

#include "api/bmp.h"
#include "api/engine.h"
#include "api/message.h"
#include "api/mrt.h"
#include "api/opevent.h"
#include "common/bgp.h"
#include "common/chan.h"
#include "common/err.h"
#include "common/route.h"

#include <err.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define API_REASON_MAX	255	/* of a reload */

struct api_message_row {
	enum imsg_type	type;
	void		(*handle)(struct api *, struct imsg *);
};

struct api_peer *
api_peer(struct api *api, uint32_t id)
{
	size_t i;

	for (i = 0; i < api->n_peers; i++)
		if (api->peers[i].id == id)
			return &api->peers[i];
	return NULL;
}

bool
api_program_sees(const struct program *g, const struct api_peer *p)
{
	size_t i;

	if (g->conf == NULL)
		return g->is_cli;
	for (i = 0; i < p->conf->n_apis; i++)
		if (strcmp(p->conf->apis[i].process, g->conf->name) == 0)
			return true;
	return false;
}

bool
api_may_send(const struct api *api)
{
	return api->rde == NULL || !chan_is_full(api->rde);
}

/*
 * Routes to the RDE, and acks for them.
 */
void
api_flush_routes(struct api *api)
{
	if (api->batch.len == 0)
		return;
	if (api->rde == NULL)
		buf_reset(&api->batch);
	else
		chan_send_wr(api->rde, IMSG_ROUTE, api->batch_audience,
		    &api->batch);
}

void
api_add_route(struct api *api, const struct audience *a,
    const struct route *r)
{
	if (api->batch_audience != a->id ||
	    api->batch.len >= IMSG_BATCH_BYTES)
		api_flush_routes(api);
	api->batch_audience = a->id;
	route_put(&api->batch, r);
	api->n_routes_sent++;
}

static void
api_on_route_done(struct api *api, struct imsg *m)
{
	struct rd r = buf_reader(m->data, m->len);
	struct program *g;
	uint32_t n_hit;

	api->n_routes_done += buf_get_u32(&r);
	n_hit = buf_get_u32(&r);
	if (api->n_routes_done > api->n_routes_sent)
		api->n_routes_done = api->n_routes_sent;
	for (g = api->programs; g != NULL; g = g->next)
		if (g->routes_audience != 0 && g->routes_audience == m->id)
			g->n_routes_hit += n_hit;
	ack_routes_done(api);
	api_handover_check(api);
}

static void
api_on_sync_done(struct api *api, struct imsg *m)
{
	if (m->id != 0)
		ack_sync_done(api, m->id);
	api_handover_check(api);
}

/*
 * From the parent.
 */
static void
api_on_control(struct api *api, struct imsg *m)
{
	control_add(api, m->fd, m->id == 1);
	m->fd = -1;
}

static void
api_on_cli(struct api *api, struct imsg *m)
{
	if (m->id > CLI_FIFO_OUT)
		return;
	cli_add(api, (enum imsg_cli)m->id, m->fd);
	m->fd = -1;
}

static void
api_on_program_stdin(struct api *api, struct imsg *m)
{
	struct rd r = buf_reader(m->data, m->len);
	struct program *g = program_get(api, m->id, true);

	if (g == NULL)
		return;
	program_set_stdin(g, m->fd, (pid_t)buf_get_u32(&r));
	m->fd = -1;
	opevent_program(api, g, NULL);
}

static void
api_on_program_stdout(struct api *api, struct imsg *m)
{
	struct rd r = buf_reader(m->data, m->len);
	struct program *g = program_get(api, m->id, true);

	if (g == NULL)
		return;
	program_set_stdout(g, m->fd, (pid_t)buf_get_u32(&r));
	m->fd = -1;
}

static void
api_on_program_exit(struct api *api, struct imsg *m)
{
	struct rd r = buf_reader(m->data, m->len);
	struct program *g = program_get(api, m->id, false);
	uint32_t status = buf_get_u32(&r);

	if (g == NULL)
		return;
	opevent_program(api, g, &status);
	program_on_exit(g);
}

static void
api_on_signal(struct api *api, struct imsg *m)
{
	notify_signal(api, (int)m->id);
}

static void
api_on_log_level(struct api *api, struct imsg *m)
{
	api->env->log.max_level = m->data[0] ? LOG_LEVEL_DEBUG :
	    LOG_LEVEL_INFO;
}

static void
api_on_handover(struct api *api, struct imsg *m)
{
	(void)m;
	api_handover_begin(api);
}

static void
api_on_quiesce(struct api *api, struct imsg *m)
{
	(void)m;
	api->is_session_quiet = true;
	api_handover_check(api);
}

static void
api_on_restore(struct api *api, struct imsg *m)
{
	api_handover_restore(api, m);
}

static void
api_on_stop(struct api *api, struct imsg *m)
{
	(void)m;
	api->is_stopping = true;
	notify_shutdown(api);
	bmp_stop(api);
	chan_send(api->parent, IMSG_STOPPED, 0, NULL, 0);
}

/* A peer was made or deleted, or not. */
static void
api_on_change(struct api *api, uint32_t id, const char *why)
{
	struct program *g = program_get(api, id, false);

	if (g != NULL && g->reply_kind == REPLY_CHANGE)
		reply_end(g, why);
}

void
api_ask_reload(struct api *api, uint32_t id, enum imsg_reload what,
    uint32_t seconds, const char *reason)
{
	uint8_t bytes[1 + 4 + API_REASON_MAX];
	struct wr w;

	buf_writer(&w, bytes, sizeof(bytes));
	buf_put_u8(&w, what);
	buf_put_u32(&w, seconds);
	buf_put_bytes(&w, reason, strnlen(reason, API_REASON_MAX));
	chan_send(api->parent, IMSG_RELOAD, id, w.base, w.len);
}

/* What became of one, and whether it is to be confirmed. */
static void
api_on_event_reload(struct api *api, struct imsg *m)
{
	struct rd r = buf_reader(m->data, m->len);
	uint8_t what = buf_get_u8(&r);		/* enum imsg_reload_event */
	uint32_t seconds = buf_get_u32(&r);
	char text[256];

	log_escape(r.pos, buf_left(&r), text, sizeof(text));
	opevent_reload(api, what, seconds, text);
	api->confirm_by = seconds == 0 ? (struct mono){ 0 } :
	    mono_add_usec(loop_now(api->env->loop),
	    seconds * MONO_USEC_PER_SEC);
}

/* Of a reload or change that was asked for. */
static void
api_on_result(struct api *api, struct imsg *m)
{
	char text[256];

	log_escape(m->data, m->len, text, sizeof(text));
	if ((m->id & API_CHANGE_REQUEST) == API_CHANGE_REQUEST)
		api_on_change(api, m->id & ~API_CHANGE_REQUEST, text);
	else if ((m->id & API_PROGRAM_REQUEST) == 0)
		control_end(api, m->id, text);
	else if (text[0] != '\0')
		log_warn(&api->env->log, "reload asked for by a program: %s",
		    text);
}

/*
 * From the session engine.
 */
static void
api_on_event_fsm(struct api *api, struct imsg *m)
{
	struct api_peer *p = api_peer(api, m->id);
	char reason[512];

	if (p == NULL)
		return;
	log_escape(m->data + 2, m->len - 2, reason, sizeof(reason));
	if (m->data[0] != p->state)
		mrt_state(api, p, p->state, m->data[0]);
	if (m->data[0] != STATE_ESTABLISHED)
		bmp_session_down(api, p, m->data[1]);
	notify_state(api, p, m->data[0], reason);
}

static void
api_on_event_opens(struct api *api, struct imsg *m)
{
	struct api_peer *p = api_peer(api, m->id);

	if (p != NULL)
		bmp_opens(api, p, m->data, m->len);
}

static void
api_on_event_session(struct api *api, struct imsg *m)
{
	struct api_peer *p = api_peer(api, m->id);
	struct imsg_session_up up;

	if (p == NULL ||
	    imsg_get_session_up(buf_reader(m->data, m->len), &up) != 0)
		return;
	p->session = up;
	bmp_session_up(api, p);
	if (!up.is_resumed) {
		notify_session(api, p);
		return;
	}
	/* Programs know; nothing happened. */
	p->is_up = p->was_connected = true;
	p->state = STATE_ESTABLISHED;
}

static void
api_on_event_rtr(struct api *api, struct imsg *m)
{
	struct rd r = buf_reader(m->data, m->len);
	bool is_up = buf_get_u8(&r) != 0;
	char text[ADDR_TEXT_MAX], cache[ADDR_TEXT_MAX + 16], reason[256];
	struct addr addr;

	if (imsg_get_addr(&r, &addr) != 0 || addr.family == ADDR_NONE)
		return;
	snprintf(cache, sizeof(cache), "%s port %u", addr_print(&addr, text,
	    sizeof(text)), buf_get_u16(&r));
	log_escape(r.pos, buf_left(&r), reason, sizeof(reason));
	opevent_rtr(api, is_up, cache, reason);
}

static void
api_on_event_message(struct api *api, struct imsg *m)
{
	struct api_peer *p = api_peer(api, m->id);

	if (p == NULL)
		return;
	mrt_message(api, p, m->data, m->len);
	bmp_message(api, p, m->data, m->len);
	notify_message(api, p, m->data, m->len);
}

/*
 * Channels.
 */
static void	api_on_message(struct chan *, struct imsg *, void *);

static void
api_on_drained(struct chan *c, void *arg)
{
	(void)c;
	program_resume_all(arg);
}

/* Lines that the RDE will never confirm: it starts again with what it has. */
static void
api_lose_rde(struct api *api)
{
	api->rde = NULL;
	bmp_lose_engine(api, PROC_RDE);
	control_lose(api, PROC_RDE);
	reply_lose(api, REPLY_RIB);
	buf_reset(&api->batch);
	api->n_routes_done = api->n_routes_sent;
	ack_sync_done(api, 0);
	api_handover_check(api);
}

static void
api_lose_session(struct api *api)
{
	api->session = NULL;
	bmp_lose_engine(api, PROC_SESSION);
	ack_sync_done(api, 0);
	api_handover_check(api);
	control_lose(api, PROC_SESSION);
	reply_lose(api, REPLY_NEIGHBOR);
}

static void
api_on_closed(struct chan *c, const char *why, void *arg)
{
	struct api *api = arg;

	if (c == api->parent) {
		loop_stop(api->env->loop);
		return;
	}
	log_warn(&api->env->log, "channel to %s: %s",
	    imsg_proc_name(chan_other(c)), why);
	if (c == api->rde)
		api_lose_rde(api);
	if (c == api->session)
		api_lose_session(api);
	chan_free(c);
}

static struct chan *
api_chan(struct api *api, int handle, enum imsg_proc other)
{
	struct chan_handler handler = {
		.on_message = api_on_message, .on_closed = api_on_closed,
		.on_drained = api_on_drained, .arg = api,
	};

	return chan_new(api->env, handle, PROC_API, other, &handler);
}

static void
api_on_chan(struct api *api, struct imsg *m)
{
	size_t i;

	if (m->id == PROC_RDE) {
		if (api->rde != NULL) {
			chan_free(api->rde);
			api_lose_rde(api);
		}
		api->rde = api_chan(api, m->fd, PROC_RDE);
		api_tell_serial(api);
		bmp_take_engine(api);
		select_forget_all(api);
		program_resume_all(api);
	} else if (m->id == PROC_SESSION) {
		if (api->session != NULL) {
			chan_free(api->session);
			api_lose_session(api);
		}
		api->session = api_chan(api, m->fd, PROC_SESSION);
		bmp_take_engine(api);
		for (i = 0; i < api->n_peers; i++)
			api->peers[i].is_throttled = false;
		/* It tells of those that it has. */
		api->n_clones = 0;
		api_change_clones(api);
		ack_sync_done(api, 0);
	} else {
		return;
	}
	m->fd = -1;
}

static void
api_on_show(struct api *api, struct imsg *m)
{
	char why[256];
	size_t len = m->len < sizeof(why) ? m->len : sizeof(why) - 1;

	if (m->type == IMSG_SHOW_ENTRY) {
		control_entries(api, m->id, m->data, m->len);
	} else if (m->type == IMSG_SHOW_PAUSE) {
		control_parent_pause(api, m->id);
	} else {
		memcpy(why, m->data, len);
		why[len] = '\0';
		control_end(api, m->id, why);
	}
}

static const struct api_message_row api_messages[] = {
	{ IMSG_BARRIER, api_on_barrier },
	{ IMSG_BMP_FAILED, bmp_connect_failed },
	{ IMSG_BMP_SOCKET, bmp_take_socket },
	{ IMSG_CHAN, api_on_chan },
	{ IMSG_CLI, api_on_cli },
	{ IMSG_CONF_BEGIN, api_on_conf_begin },
	{ IMSG_CONF_DATA, api_on_conf_data },
	{ IMSG_MONITOR, api_on_monitor },
	{ IMSG_MRT_FILE, mrt_take_file },
	{ IMSG_CONF_END, api_on_conf_end },
	{ IMSG_CONTROL, api_on_control },
	{ IMSG_EVENT_FSM, api_on_event_fsm },
	{ IMSG_EVENT_MESSAGE, api_on_event_message },
	{ IMSG_EVENT_OPENS, api_on_event_opens },
	{ IMSG_EVENT_RELOAD, api_on_event_reload },
	{ IMSG_EVENT_RTR, api_on_event_rtr },
	{ IMSG_EVENT_SESSION, api_on_event_session },
	{ IMSG_HANDOVER, api_on_handover },
	{ IMSG_LOG_LEVEL, api_on_log_level },
	{ IMSG_PEER_COUNTERS, api_on_peer_counters },
	{ IMSG_PEER_COUNTERS_END, api_on_peer_counters_end },
	{ IMSG_PEER_CLONE, api_on_peer_clone },
	{ IMSG_PEER_GONE, api_on_peer_gone },
	{ IMSG_PEER_STATUS, api_on_peer_status },
	{ IMSG_PEER_STATUS_END, api_on_peer_status_end },
	{ IMSG_PROGRAM_EXIT, api_on_program_exit },
	{ IMSG_PROGRAM_STDIN, api_on_program_stdin },
	{ IMSG_PROGRAM_STDOUT, api_on_program_stdout },
	{ IMSG_QUIESCE, api_on_quiesce },
	{ IMSG_RESTORE, api_on_restore },
	{ IMSG_RESTORE_FD, api_on_restore },
	{ IMSG_RESULT, api_on_result },
	{ IMSG_RIB_END, api_on_rib_end },
	{ IMSG_RIB_ENTRY, api_on_rib_entry },
	{ IMSG_ROUTE_DONE, api_on_route_done },
	{ IMSG_ROUTE_SYNC_DONE, api_on_sync_done },
	{ IMSG_RTR_STATUS, api_on_rtr_status },
	{ IMSG_RTR_STATUS_END, api_on_rtr_status_end },
	{ IMSG_SHOW_END, api_on_show },
	{ IMSG_SHOW_ENTRY, api_on_show },
	{ IMSG_SHOW_PAUSE, api_on_show },
	{ IMSG_SIGNAL, api_on_signal },
	{ IMSG_STOP, api_on_stop },
};

static void
api_on_message(struct chan *c, struct imsg *m, void *arg)
{
	size_t i, n = sizeof(api_messages) / sizeof(api_messages[0]);

	(void)c;
	for (i = 0; i < n; i++) {
		if (api_messages[i].type == m->type) {
			api_messages[i].handle(arg, m);
			return;
		}
	}
}

struct api *
api_new(struct env *env, int parent_handle)
{
	struct api *api = calloc(1, sizeof(*api));

	if (api == NULL)
		err(1, "api");
	api->env = env;
	api->started = loop_now(env->loop);
	buf_writer_growing(&api->incoming, API_MODEL_MAX);
	buf_writer_growing(&api->batch, IMSG_DATA_MAX);
	text_route_init(&api->parser);
	bmp_init(api);
	env_hostname(api->host, sizeof(api->host));
	api->pid = (uint32_t)getpid();
	api->ppid = (uint32_t)getppid();
	api->parent = api_chan(api, parent_handle, PROC_PARENT);
	chan_send(api->parent, IMSG_READY, 0, NULL, 0);
	return api;
}

void
api_free(struct api *api)
{
	if (api == NULL)
		return;
	control_free(api);
	mrt_drop_all(api);
	bmp_fini(api);
	cli_free(api);
	program_free_all(api);
	select_forget_all(api);
	api_free_peers(api);
	free(api->clones);
	text_route_fini(&api->parser);
	chan_free(api->parent);
	chan_free(api->session);
	chan_free(api->rde);
	buf_free(&api->incoming);
	buf_free(&api->batch);
	config_free(api->config);
	free(api);
}
