/* SPDX-License-Identifier: ISC */
/*
 * The session engine: messages from the parent, RDE and broker. peers.c has
 * the set of peers.
 */
#include "session/session.h"

#include "common/bgp.h"
#include "common/chan.h"
#include "common/emit.h"
#include "common/err.h"
#include "session/depend.h"
#include "session/engine.h"
#include "session/session_handover.h"
#include "session/peer.h"
#include "session/rtr.h"

#include <err.h>
#include <stdlib.h>
#include <string.h>

#define SESSION_MODEL_MAX	(1u << 30)	/* bytes of a model */
/* Goodbyes have this long to get out before the engine says it stopped. */
#define SESSION_STOP_USEC	(MONO_USEC_PER_SEC / 5)

struct session_message_row {
	enum imsg_type	type;
	void		(*handle)(struct session *, struct imsg *);
};

bool
session_may_read(const struct session *s)
{
	return !s->is_reading_paused;
}

void
session_tell_state(struct peer *p, const char *reason)
{
	uint8_t bytes[2 + PEER_REASON_MAX];
	size_t len = strnlen(reason, PEER_REASON_MAX);

	if (p->session->api == NULL)
		return;
	bytes[0] = (uint8_t)p->state;
	bytes[1] = p->state == STATE_ESTABLISHED ? 0 : p->ended_by;
	memcpy(bytes + 2, reason, len);
	chan_send(p->session->api, IMSG_EVENT_FSM, p->id, bytes, len + 2);
}

/*
 * A new model.
 */
static void
session_on_conf_begin(struct session *s, struct imsg *m)
{
	struct rd r = buf_reader(m->data, m->len);

	buf_free(&s->incoming);
	buf_writer_growing(&s->incoming, buf_get_u32(&r) < SESSION_MODEL_MAX ?
	    SESSION_MODEL_MAX : 0);
}

static void
session_on_conf_data(struct session *s, struct imsg *m)
{
	buf_put_bytes(&s->incoming, m->data, m->len);
}

static void
session_on_conf_end(struct session *s, struct imsg *m)
{
	struct config *new;
	const char *why = "too large";

	(void)m;
	new = s->incoming.err != 0 ? NULL :
	    config_decode(s->incoming.base, s->incoming.len, &why);
	if (s->incoming.len != 0)
		explicit_bzero(s->incoming.base, s->incoming.len);
	buf_free(&s->incoming);
	if (new == NULL) {
		log_err(&s->env->log, "configuration from the parent: %s", why);
		return;
	}
	session_apply(s, new);
}

/*
 * From the parent.
 */
static void
session_on_listener(struct session *s, struct imsg *m)
{
	struct imsg_listener at;

	if (imsg_get_listener(buf_reader(m->data, m->len), &at) != 0)
		return;
	if (m->type == IMSG_LISTENER_GONE) {
		listener_del(s, &at);
		return;
	}
	listener_add(s, &at, m->fd);
	m->fd = -1;
}

static void
session_on_log_level(struct session *s, struct imsg *m)
{
	s->env->log.max_level = m->data[0] ? LOG_LEVEL_DEBUG : LOG_LEVEL_INFO;
}

static void
session_on_handover(struct session *s, struct imsg *m)
{
	(void)m;
	session_handover_begin(s);
}

static void
session_on_quiet(struct session *s, struct imsg *m)
{
	(void)m;
	session_handover_give(s);
}

static void
session_on_restore(struct session *s, struct imsg *m)
{
	if (s->config == NULL)
		session_handover_keep(s, m);
}

static void
session_on_stop_timer(void *arg)
{
	struct session *s = arg;

	chan_send(s->parent, IMSG_STOPPED, 0, NULL, 0);
}

static void
session_on_stop(struct session *s, struct imsg *m)
{
	struct peer *p;

	(void)m;
	s->is_stopping = true;
	listener_free_all(s);
	rtr_stop(s);
	for (p = s->peers; p != NULL; p = p->next)
		peer_stop(p, CEASE_ADMIN_SHUTDOWN, NULL, false);
	loop_timer_set_after_usec(&s->stop_timer, SESSION_STOP_USEC);
}

/*
 * From the RDE.
 */
static void
session_on_output(struct session *s, struct imsg *m)
{
	struct rd r = buf_reader(m->data, m->len), ids;
	struct conn_block *b;
	struct peer *p;

	if (imsg_get_peers(&r, &ids) != 0 || buf_left(&r) < BGP_HEADER_LEN)
		return;
	b = conn_block_new(r.pos, buf_left(&r));
	while (buf_left(&ids) > 0) {
		p = session_peer(s, buf_get_u32(&ids));
		if (p != NULL)
			peer_send_block(p, b);
	}
	conn_block_unref(b);
}

static void
session_on_output_sync(struct session *s, struct imsg *m)
{
	struct rd r = buf_reader(m->data, m->len), ids;

	if (imsg_get_peers(&r, &ids) == 0)
		sync_add(s, m->id, ids);
}

static void
session_on_session_reset(struct session *s, struct imsg *m)
{
	struct rd r = buf_reader(m->data, m->len);
	struct peer *p = session_peer(s, m->id);
	struct peer_error e = { .code = buf_get_u8(&r) };
	size_t n = m->len - 2;

	e.subcode = buf_get_u8(&r);
	e.len = (uint8_t)(n < sizeof(e.data) ? n : sizeof(e.data));
	buf_get_copy(&r, e.data, e.len);
	if (p != NULL && e.code != 0)
		peer_reset(p, &e);
}

static void
session_on_refresh_send(struct session *s, struct imsg *m)
{
	struct rd r = buf_reader(m->data, m->len);
	struct peer *p = session_peer(s, m->id);
	uint8_t bytes[BGP_HEADER_LEN + 4];
	uint16_t afi = buf_get_u16(&r);
	uint8_t subtype = buf_get_u8(&r);
	struct wr w;

	if (p == NULL)
		return;
	buf_writer(&w, bytes, sizeof(bytes));
	message_put_refresh(&w, afi, subtype, buf_get_u8(&r));
	peer_send(p, w.base, w.len);
}

/*
 * From the broker.
 */
static void
session_send_status(struct session *s, uint32_t client, const struct peer *p)
{
	struct emit e;
	struct wr w;

	buf_writer_growing(&w, IMSG_DATA_MAX);
	emit_msgpack_init(&e, &w);
	peer_emit_status(p, &e);
	chan_send_wr(s->api, IMSG_PEER_STATUS, client, &w);
	buf_free(&w);
}

static void
session_on_status_request(struct session *s, struct imsg *m)
{
	struct rd r = buf_reader(m->data, m->len), ids;
	struct peer *p;
	size_t i;

	if (imsg_get_peers(&r, &ids) != 0 || s->config == NULL)
		return;
	if (buf_left(&ids) == 0) {
		/* In the order of the configuration, then the cloned ones. */
		for (i = 0; i < s->config->n_peers; i++) {
			p = session_peer(s, s->config->peers[i].id);
			if (p != NULL)
				session_send_status(s, m->id, p);
		}
		for (p = s->peers; p != NULL; p = p->next)
			if (p->clone != NULL)
				session_send_status(s, m->id, p);
	}
	while (buf_left(&ids) > 0) {
		p = session_peer(s, buf_get_u32(&ids));
		if (p != NULL)
			session_send_status(s, m->id, p);
	}
	chan_send(s->api, IMSG_PEER_STATUS_END, m->id, NULL, 0);
}

static void
session_on_action(struct session *s, struct imsg *m)
{
	struct rd r = buf_reader(m->data, m->len);
	struct peer *p = session_peer(s, m->id);
	uint8_t action = buf_get_u8(&r), code = buf_get_u8(&r);
	char reason[PEER_REASON_MAX] = "";
	size_t n = buf_left(&r);

	if (p == NULL)
		return;
	if (n >= sizeof(reason))
		n = sizeof(reason) - 1;
	buf_get_copy(&r, reason, n);
	switch ((enum imsg_action)action) {
	case ACTION_UP:
		peer_start(p);
		break;
	case ACTION_DOWN:
		strlcpy(p->down_reason, reason, sizeof(p->down_reason));
		peer_stop(p, CEASE_ADMIN_SHUTDOWN, reason, false);
		break;
	case ACTION_CLEAR:
		peer_stop(p, CEASE_ADMIN_RESET, reason, true);
		break;
	case ACTION_REFRESH:
		peer_refresh(p);
		break;
	case ACTION_DESTROY:
		session_destroy_clone(p);
		break;
	case ACTION_TEARDOWN:
		peer_teardown(p, code);
		break;
	}
}

static void
session_throttle(struct session *s, struct peer *p, bool is_throttled)
{
	if (p->is_throttled == is_throttled)
		return;
	p->is_throttled = is_throttled;
	peer_pause(p, is_throttled || s->is_reading_paused);
}

static void
session_on_peer_flow(struct session *s, struct imsg *m)
{
	struct peer *p = session_peer(s, m->id);

	if (p != NULL)
		session_throttle(s, p, m->data[0] != 0);
}

/* A new broker, or none: nobody is behind. */
static void
session_lose_api(struct session *s)
{
	struct peer *p;

	s->api = NULL;
	sync_check(s);
	for (p = s->peers; p != NULL; p = p->next)
		session_throttle(s, p, false);
}

static void
session_on_send(struct session *s, struct imsg *m)
{
	struct peer *p = session_peer(s, m->id);
	struct message_error error;
	uint16_t len;
	uint8_t type;

	if (p == NULL || p->established == NULL || message_check_header(
	    m->data, BGP_MESSAGE_MAX_EXTENDED, true, &type, &len,
	    &error) != 0 || len != m->len)
		return;
	peer_send(p, m->data, m->len);
}

/*
 * Channels.
 */
static void	session_on_message(struct chan *, struct imsg *, void *);

/*
 * The RDE or broker is behind: no more input until it has caught up. Without
 * an RDE input waits for the next one, which is asked what is in the tables
 * but must hear what no longer is.
 */
void
session_check_flow(struct session *s)
{
	bool is_full = s->rde == NULL || chan_is_full(s->rde) ||
	    (s->api != NULL && chan_is_full(s->api));
	struct peer *p;

	if (is_full == s->is_reading_paused || s->is_frozen)
		return;
	s->is_reading_paused = is_full;
	for (p = s->peers; p != NULL; p = p->next)
		peer_pause(p, is_full || p->is_throttled);
}

static void
session_on_drained(struct chan *c, void *arg)
{
	(void)c;
	session_check_flow(arg);
	rtr_drained(arg);
}

static void
session_on_closed(struct chan *c, const char *why, void *arg)
{
	struct session *s = arg;

	if (c == s->parent) {
		/* Without a parent there is nothing to work for. */
		loop_stop(s->env->loop);
		return;
	}
	log_warn(&s->env->log, "channel to %s: %s",
	    imsg_proc_name(chan_other(c)), why);
	if (c == s->rde)
		s->rde = NULL;
	if (c == s->api)
		session_lose_api(s);
	chan_free(c);
	session_check_flow(s);
}

static struct chan *
session_chan(struct session *s, int handle, enum imsg_proc other)
{
	struct chan_handler handler = {
		.on_message = session_on_message,
		.on_closed = session_on_closed,
		.on_drained = session_on_drained, .arg = s,
	};

	return chan_new(s->env, handle, PROC_SESSION, other, &handler);
}

/*
 * A new RDE knows nothing: the sessions are told to it, and the peers asked
 * for their routes again. Who cannot be asked is reset. DESIGN 2.
 */
static void
session_refill_rde(struct session *s)
{
	static const struct peer_error reset = {
		.code = ERROR_CEASE, .subcode = CEASE_CONFIG_CHANGE,
	};
	struct imsg_session_up up;
	uint8_t bytes[512];
	struct peer *p;
	struct wr w;

	for (p = s->peers; p != NULL; p = p->next) {
		session_tell_clone(s->rde, p);
		if (p->established == NULL)
			continue;
		if (!peer_can_refill(p)) {
			peer_reset(p, &reset);
			continue;
		}
		peer_session_up(p, &up);
		up.is_resumed = true;
		buf_writer(&w, bytes, sizeof(bytes));
		imsg_put_session_up(&w, &up);
		chan_send(s->rde, IMSG_SESSION_UP, p->id, w.base, w.len);
		p->is_xoff = false;
		peer_refresh(p);
	}
}

static void
session_tell_all(struct session *s)
{
	struct imsg_session_up up;
	uint8_t bytes[512];
	struct peer *p;
	struct wr w;

	for (p = s->peers; p != NULL; p = p->next) {
		session_tell_clone(s->api, p);
		if (p->established != NULL) {
			peer_tell_opens(p);
			peer_session_up(p, &up);
			buf_writer(&w, bytes, sizeof(bytes));
			imsg_put_session_up(&w, &up);
			chan_send(s->api, IMSG_EVENT_SESSION, p->id, w.base,
			    w.len);
		}
		session_tell_state(p, "");
	}
}

static void
session_on_chan(struct session *s, struct imsg *m)
{
	if (m->id == PROC_RDE) {
		chan_free(s->rde);
		s->rde = session_chan(s, m->fd, PROC_RDE);
		session_refill_rde(s);
		session_check_flow(s);
		rtr_new_rde(s);
	} else if (m->id == PROC_API) {
		chan_free(s->api);
		session_lose_api(s);
		s->api = session_chan(s, m->fd, PROC_API);
		session_tell_all(s);
	} else {
		return;
	}
	m->fd = -1;
}

/*
 * What was told before this is with the broker when the first answer is, what
 * was read is with the RDE when the second is.
 */
static void
session_on_barrier(struct session *s, struct imsg *m)
{
	struct peer *p;

	for (p = s->peers; p != NULL; p = p->next)
		peer_flush_batch(p);
	if (s->api == NULL)
		return;
	chan_send(s->api, IMSG_BARRIER, m->id, NULL, 0);
	chan_send(s->rde != NULL ? s->rde : s->api, IMSG_BARRIER, m->id,
	    NULL, 0);
}

static const struct session_message_row session_messages[] = {
	{ IMSG_BARRIER, session_on_barrier },
	{ IMSG_CHAN, session_on_chan },
	{ IMSG_CONF_BEGIN, session_on_conf_begin },
	{ IMSG_CONF_DATA, session_on_conf_data },
	{ IMSG_CONF_END, session_on_conf_end },
	{ IMSG_IFACE_STATE, depend_message },
	{ IMSG_HANDOVER, session_on_handover },
	{ IMSG_LISTENER, session_on_listener },
	{ IMSG_LISTENER_GONE, session_on_listener },
	{ IMSG_LOG_LEVEL, session_on_log_level },
	{ IMSG_OUTPUT, session_on_output },
	{ IMSG_OUTPUT_SYNC, session_on_output_sync },
	{ IMSG_PEER_ACTION, session_on_action },
	{ IMSG_PEER_FLOW, session_on_peer_flow },
	{ IMSG_PEER_STATUS_REQUEST, session_on_status_request },
	{ IMSG_QUIET, session_on_quiet },
	{ IMSG_REFRESH_SEND, session_on_refresh_send },
	{ IMSG_RTR_STATUS_REQUEST, rtr_status },
	{ IMSG_RESTORE, session_on_restore },
	{ IMSG_RESTORE_FD, session_on_restore },
	{ IMSG_SEND, session_on_send },
	{ IMSG_SESSION_RESET, session_on_session_reset },
	{ IMSG_STOP, session_on_stop },
};

static void
session_on_message(struct chan *c, struct imsg *m, void *arg)
{
	struct session *s = arg;
	size_t i, n = sizeof(session_messages) / sizeof(session_messages[0]);

	(void)c;
	for (i = 0; i < n; i++) {
		if (session_messages[i].type == m->type) {
			session_messages[i].handle(s, m);
			break;
		}
	}
	session_check_flow(s);
}

struct session *
session_new(struct env *env, int parent_handle)
{
	struct session *s = calloc(1, sizeof(*s));

	if (s == NULL)
		err(1, "session");
	s->env = env;
	s->next_clone_id = SESSION_CLONE_ID;
	buf_writer_growing(&s->incoming, SESSION_MODEL_MAX);
	loop_timer_init(&s->stop_timer, env->loop, session_on_stop_timer, s);
	loop_task_init(&s->reap_task, env->loop, session_on_reap, s);
	sync_init(s);
	rtr_init(s);
	s->parent = session_chan(s, parent_handle, PROC_PARENT);
	chan_send(s->parent, IMSG_READY, 0, NULL, 0);
	return s;
}

void
session_free(struct session *s)
{
	struct peer *p;

	if (s == NULL)
		return;
	while ((p = s->peers) != NULL) {
		s->peers = p->next;
		peer_free(p);
	}
	listener_free_all(s);
	session_handover_fini(s);
	loop_timer_fini(&s->quiet_timer);
	loop_timer_fini(&s->stop_timer);
	loop_task_fini(&s->reap_task);
	sync_fini(s);
	rtr_fini(s);
	depend_fini(s);
	chan_free(s->parent);
	chan_free(s->rde);
	chan_free(s->api);
	buf_free(&s->incoming);
	config_free(s->config);
	free(s);
}
