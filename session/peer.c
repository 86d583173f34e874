/* SPDX-License-Identifier: ISC */
/*
 * A peer's sessions: carries out the state machine's actions, keeps timers,
 * resolves collisions (RFC 4271 6.8, RFC 6286) and decides when to try
 * again. What messages mean is in peer_message.c, what OPENs say in
 * peer_open.c.
 */
#include "session/peer.h"

#include "common/bgp.h"
#include "common/chan.h"
#include "common/env.h"
#include "common/err.h"
#include "common/net.h"
#include "session/depend.h"
#include "session/engine.h"

#include <err.h>
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void
peer_why(struct link *l, const char *fmt, ...)
{
	va_list ap;

	if (l->why[0] != '\0')
		return;
	va_start(ap, fmt);
	vsnprintf(l->why, sizeof(l->why), fmt, ap);
	va_end(ap);
}

static void
peer_init_link(struct peer *p, struct link *l, bool is_incoming)
{
	l->peer = p;
	l->is_incoming = is_incoming;
}

struct peer *
peer_new(struct session *s, const struct conf_peer *conf, uint32_t id)
{
	struct peer *p = calloc(1, sizeof(*p));

	if (p == NULL)
		err(1, "peer");
	p->session = s;
	p->id = id;
	p->conf_id = conf->id;
	p->idle_hold_sec = PEER_IDLE_HOLD_SEC;
	p->is_down = config_peer_is_off(conf);
	buf_writer_growing(&p->batch, IMSG_DATA_MAX);
	peer_set_conf(p, conf);
	if (config_peer_is_off(conf) && conf->down_reason != NULL)
		strlcpy(p->down_reason, conf->down_reason,
		    sizeof(p->down_reason));
	peer_init_link(p, &p->links[LINK_OUTGOING], false);
	peer_init_link(p, &p->links[LINK_INCOMING], true);
	peer_init_timers(p);
	return p;
}

void
peer_set_conf(struct peer *p, const struct conf_peer *conf)
{
	p->conf = conf;
	p->is_listened_to = conf->n_apis != 0;
	config_peer_label(conf, p->label, sizeof(p->label));
}

static void
peer_fini_link(struct link *l)
{
	loop_timer_fini(&l->retry);
	loop_timer_fini(&l->hold);
	loop_timer_fini(&l->keepalive);
	loop_timer_fini(&l->send_hold);
	conn_free(l->conn);
	l->conn = NULL;
	free(l->remote_open);
}

void
peer_free(struct peer *p)
{
	if (p == NULL)
		return;
	peer_fini_link(&p->links[LINK_OUTGOING]);
	peer_fini_link(&p->links[LINK_INCOMING]);
	loop_timer_fini(&p->idle_hold);
	loop_timer_fini(&p->stale);
	buf_free(&p->batch);
	free(p->clone);
	free(p);
}

static struct link *
peer_other_link(struct link *l)
{
	return &l->peer->links[l->is_incoming ? LINK_OUTGOING : LINK_INCOMING];
}

/* The further of the two runs is the peer's state. */
static void
peer_update_state(struct peer *p, const char *reason)
{
	enum bgp_state a = p->links[LINK_OUTGOING].state;
	enum bgp_state b = p->links[LINK_INCOMING].state;
	enum bgp_state now = a > b ? a : b;

	if (now == p->state)
		return;
	log_debug(&p->session->env->log, "peer %s: %s -> %s", p->label,
	    fsm_state_name(p->state), fsm_state_name(now));
	p->state = now;
	session_tell_state(p, now == STATE_IDLE ? reason : "");
}

void
peer_tell_down(struct peer *p, enum imsg_down kind)
{
	uint8_t byte = (uint8_t)kind;

	if (p->session->rde != NULL)
		chan_send(p->session->rde, IMSG_SESSION_DOWN, p->id, &byte, 1);
}

/*
 * Actions.
 */
static void
peer_send_message(struct link *l, struct wr *w)
{
	if (l->conn == NULL || w->err != 0)
		return;
	peer_note_sent(l->peer, w->base, w->len);
	conn_send(l->conn, w->base, w->len);
}

static void
peer_send_open(struct link *l)
{
	uint8_t bytes[BGP_MESSAGE_MAX];
	struct wr w;

	/* To mirror the peer's AS we must hear it first. */
	if (l->is_open_sent || (l->peer->conf->local_as_auto &&
	    !l->has_remote))
		return;
	buf_writer(&w, bytes, sizeof(bytes));
	peer_local_open(l->peer, l, &l->local);
	open_encode(&l->local, &w);
	peer_send_message(l, &w);
	l->is_open_sent = true;
}

static void
peer_send_keepalive(struct link *l)
{
	uint8_t bytes[BGP_HEADER_LEN];
	struct wr w;

	buf_writer(&w, bytes, sizeof(bytes));
	message_put_keepalive(&w);
	peer_send_message(l, &w);
}

/* RFC 8538: NOTIFICATIONs do not end graceful restart. */
static bool
peer_has_soft_notification(const struct link *l)
{
	return l->negotiated.has_graceful_restart &&
	    l->local.capabilities.gr_notification &&
	    l->remote.capabilities.gr_notification;
}

/*
 * RFC 8538 3.1: the session is to end for good, which is said by a hard
 * reset that has the true NOTIFICATION inside.
 */
static bool
peer_harden(const struct link *l, const struct peer_error *e,
    struct peer_error *out)
{
	if (e->code != ERROR_CEASE || !l->peer->is_down ||
	    !peer_has_soft_notification(l) ||
	    e->len + 2 > PEER_ERROR_DATA_MAX)
		return false;
	*out = (struct peer_error){ .code = ERROR_CEASE,
	    .subcode = CEASE_HARD_RESET, .len = (uint8_t)(e->len + 2) };
	out->data[0] = e->code;
	out->data[1] = e->subcode;
	memcpy(out->data + 2, e->data, e->len);
	return true;
}

static void
peer_send_notification(struct link *l, const struct peer_error *e)
{
	uint8_t bytes[BGP_HEADER_LEN + 2 + PEER_ERROR_DATA_MAX];
	struct peer *p = l->peer;
	struct peer_error hard;
	struct wr w;

	if (e->code == 0 || l->conn == NULL)
		return;
	if (peer_harden(l, e, &hard))
		e = &hard;
	buf_writer(&w, bytes, sizeof(bytes));
	message_put_notification(&w, e->code, e->subcode, e->data, e->len);
	message_error_text(e->code, e->subcode, p->last_error_sent,
	    sizeof(p->last_error_sent));
	peer_why(l, "sent NOTIFICATION %u/%u: %s", e->code, e->subcode,
	    p->last_error_sent);
	log_info(&p->session->env->log, "peer %s: sent NOTIFICATION %u/%u: %s",
	    p->label, e->code, e->subcode, p->last_error_sent);
	peer_send_message(l, &w);
}

static void
peer_notify(struct link *l, uint32_t actions, enum bgp_state state)
{
	struct peer_error e = { 0 };

	if (actions & DO_NOTIFY_GIVEN)
		e = l->error;
	else if ((actions & DO_NOTIFY_HOLD) && state == STATE_OPENSENT &&
	    l->peer->conf->is_isolated)
		/* Compat: ExaBGP's word for an OPEN that does not come. */
		e = (struct peer_error){
			.code = ERROR_FSM, .subcode = ERROR_FSM_OPENSENT,
		};
	else if (actions & DO_NOTIFY_HOLD)
		e.code = ERROR_HOLD_TIMER;
	else if (actions & DO_NOTIFY_SEND_HOLD)
		e.code = ERROR_SEND_HOLD_TIMER;
	else if (actions & DO_NOTIFY_COLLISION)
		e = (struct peer_error){
			.code = ERROR_CEASE, .subcode = CEASE_COLLISION,
		};
	else if (actions & DO_NOTIFY_FSM) {
		e = l->error;	/* data: the type of the message */
		e.code = ERROR_FSM;
		e.subcode = state == STATE_OPENSENT ? ERROR_FSM_OPENSENT :
		    state == STATE_OPENCONFIRM ? ERROR_FSM_OPENCONFIRM :
		    ERROR_FSM_ESTABLISHED;
	}
	peer_send_notification(l, &e);
}

void
peer_session_up(const struct peer *p, struct imsg_session_up *up)
{
	const struct link *l = p->established;
	const struct open_capabilities *c = &l->remote.capabilities;

	*up = (struct imsg_session_up){
		.local = l->conn->local, .remote = l->conn->remote,
		.local_port = l->conn->local_port,
		.remote_port = l->conn->remote_port,
		.local_as = l->local.capabilities.as4,
		.remote_as = c->has_as4 ? c->as4 : l->remote.as,
		.local_id = l->local.router_id,
		.remote_id = l->remote.router_id,
		.negotiated = l->negotiated,
		.is_restarted = c->gr_restarting,
		.gr_family_mask = c->gr_family_mask,
		.gr_forwarding_mask = c->gr_forwarding_mask,
		.gr_time_sec = c->gr_time_sec,
		.has_llgr = c->has_llgr,
		.llgr_family_mask = c->llgr_family_mask,
		.llgr_forwarding_mask = c->llgr_forwarding_mask,
		.remote_role = c->role,
		.conf_id = p->conf_id,
		/* Monotonic, also over engines that follow each other. */
		.serial = (uint64_t)p->changed_at.usec,
	};
	memcpy(up->llgr_sec, c->llgr_sec, sizeof(up->llgr_sec));
}

void
peer_keep_open(struct link *l, const uint8_t *message, size_t len)
{
	free(l->remote_open);
	l->remote_open = malloc(len);
	if (l->remote_open == NULL)
		err(1, "peer");
	memcpy(l->remote_open, message, len);
	l->remote_open_len = len;
}

void
peer_tell_opens(const struct peer *p)
{
	const struct link *l = p->established;
	uint8_t bytes[2 * BGP_MESSAGE_MAX];
	struct wr w;

	if (p->session->api == NULL)
		return;
	buf_writer(&w, bytes, sizeof(bytes));
	open_encode(&l->local, &w);
	buf_put_bytes(&w, l->remote_open, l->remote_open_len);
	chan_send_wr(p->session->api, IMSG_EVENT_OPENS, p->id, &w);
}

static void
peer_tell_up(struct peer *p, bool is_resumed)
{
	struct session *s = p->session;
	struct imsg_session_up up;
	uint8_t bytes[512];
	struct wr w;

	peer_tell_opens(p);
	peer_session_up(p, &up);
	up.is_resumed = is_resumed;
	buf_writer(&w, bytes, sizeof(bytes));
	imsg_put_session_up(&w, &up);
	if (s->api != NULL)
		chan_send(s->api, IMSG_EVENT_SESSION, p->id, w.base, w.len);
	if (s->rde != NULL)
		chan_send(s->rde, IMSG_SESSION_UP, p->id, w.base, w.len);
}

/* What an established session's connection and timers are. */
static void
peer_establish(struct link *l)
{
	l->peer->established = l;
	l->peer->is_xoff = false;
	l->conn->max_len = l->negotiated.has_extended_message ?
	    BGP_MESSAGE_MAX_EXTENDED : BGP_MESSAGE_MAX;
	l->conn->has_operational = l->negotiated.has_operational;
	peer_start_send_hold(l);
}

void
peer_resume(struct link *l, int handle)
{
	struct peer *p = l->peer;

	peer_adopt(l, handle, false);
	conn_pause(l->conn, true);
	l->has_remote = l->is_open_sent = true;
	l->state = p->state = STATE_ESTABLISHED;
	peer_establish(l);
}

void
peer_resume_end(struct peer *p)
{
	struct link *l = p->established;

	peer_tell_up(p, true);
	peer_send_keepalive(l);
	peer_start_keepalive(l);
	peer_start_hold(l, l->negotiated.hold_time_sec);
	/* Who cannot be asked for its routes again has to begin anew. */
	if (!peer_can_refill(p)) {
		l->error = (struct peer_error){
			.code = ERROR_CEASE, .subcode = CEASE_CONFIG_CHANGE,
		};
		peer_event(l, EVENT_ERROR);
		return;
	}
	peer_refresh(p);
	conn_pause(l->conn, !session_may_read(p->session));
}

/* The messages of ExaBGP's section operational: once a session. */
static void
peer_send_operational(struct peer *p, const struct link *l)
{
	const struct conf_blob *m = p->conf->operational_messages;
	size_t i;

	if (!l->negotiated.has_operational)
		return;
	for (i = 0; i < p->conf->n_operational_messages; i++)
		peer_send(p, m[i].bytes, m[i].len);
}

static void
peer_up(struct link *l)
{
	struct peer *p = l->peer;
	struct link *other = peer_other_link(l);

	loop_timer_clear(&p->stale);
	p->is_long_stale = false;
	peer_establish(l);
	p->n_sessions++;
	p->idle_hold_sec = PEER_IDLE_HOLD_SEC;
	p->n_tries = 0;
	p->changed_at = loop_now(p->session->env->loop);
	log_info(&p->session->env->log, "peer %s: session established",
	    p->label);
	/* This one won: the other run ends, with a word if it has come far. */
	if (other->state == STATE_CONNECT || other->state == STATE_ACTIVE)
		peer_event(other, EVENT_STOP);
	else if (other->state != STATE_IDLE)
		peer_event(other, EVENT_COLLISION);
	peer_update_state(p, "");
	peer_tell_up(p, false);
	peer_send_operational(p, l);
	if (!session_may_read(p->session) || p->is_throttled)
		peer_pause(p, true);
}

/*
 * RFC 4724 4.2, RFC 8538 3: what the loss means for the peer's routes. A
 * NOTIFICATION, sent or received, ends their use, unless both sides said
 * otherwise and it is no hard reset.
 */
static enum imsg_down
peer_down_kind(const struct link *l, uint32_t actions)
{
	const struct open_capabilities *c = &l->remote.capabilities;
	const struct peer_error *e = &l->error;
	bool is_notified = (actions & DO_NOTIFY_ANY) != 0 || e->code != 0;
	bool is_hard = e->code == ERROR_CEASE &&
	    e->subcode == CEASE_HARD_RESET;

	if (!l->negotiated.has_graceful_restart || l->peer->is_down ||
	    c->gr_family_mask == 0)
		return DOWN_FLUSH;
	if (is_notified && (is_hard || !peer_has_soft_notification(l)))
		return DOWN_FLUSH;
	return DOWN_STALE;
}

static uint16_t
peer_stale_sec(const struct peer *p)
{
	return p->conf->stale_time_sec != 0 ? p->conf->stale_time_sec :
	    p->session->config->stale_time_sec;
}

static void
peer_down(struct link *l, uint32_t actions)
{
	struct peer *p = l->peer;
	enum imsg_down kind = peer_down_kind(l, actions);
	uint16_t sec = l->remote.capabilities.gr_time_sec;

	peer_flush_batch(p);
	p->established = NULL;
	p->changed_at = loop_now(p->session->env->loop);
	log_info(&p->session->env->log, "peer %s: session down: %s", p->label,
	    l->why[0] == '\0' ? "unknown" : l->why);
	log_debug(&p->session->env->log, "statistics: peer %s: received %llu "
	    "updates, %llu bytes, sent %llu updates, %llu bytes", p->label,
	    (unsigned long long)p->received.messages[BGP_UPDATE],
	    (unsigned long long)p->received.bytes,
	    (unsigned long long)p->sent.messages[BGP_UPDATE],
	    (unsigned long long)p->sent.bytes);
	peer_tell_down(p, kind);
	sync_check(p->session);
	if (kind == DOWN_STALE) {
		/* No longer than we are ready to trust them. */
		if (sec > peer_stale_sec(p))
			sec = peer_stale_sec(p);
		loop_timer_set_after_usec(&p->stale, sec * MONO_USEC_PER_SEC);
		p->has_llgr = l->remote.capabilities.has_llgr &&
		    p->conf->llgr_sec != 0 && p->clone == NULL;
	}
}

/* Nothing runs any more: wait, then start again, unless it is to be down. */
static void
peer_all_idle(struct peer *p)
{
	uint32_t limit = p->session->config->environment.tcp_attempts;

	if (p->is_down || p->is_held || p->session->is_stopping ||
	    p->idle_hold.is_set)
		return;
	if (p->clone != NULL) {
		session_peer_done(p);
		return;
	}
	if (p->conf->is_isolated) {
		p->n_attempts++;
		if (limit != 0 && p->n_attempts >= limit) {
			p->is_down = true;
			session_peer_done(p);
			return;
		}
		/* ExaBGP: at once, then after 1, 2 s and so on to a minute. */
		loop_timer_set_after_usec(&p->idle_hold, p->n_tries == 0 ?
		    MONO_USEC_PER_SEC / 20 : p->n_tries * MONO_USEC_PER_SEC);
		if (p->n_tries < PEER_RETRY_MAX_SEC)
			p->n_tries++;
		return;
	}
	loop_timer_set_after_usec(&p->idle_hold,
	    p->idle_hold_sec * MONO_USEC_PER_SEC);
	p->idle_hold_sec *= 2;
	if (p->idle_hold_sec > PEER_IDLE_HOLD_MAX_SEC)
		p->idle_hold_sec = PEER_IDLE_HOLD_MAX_SEC;
}

static void
peer_release(struct link *l)
{
	struct peer *p = l->peer;
	char why[PEER_REASON_MAX];

	peer_stop_timers(l);
	strlcpy(why, l->why, sizeof(why));
	peer_update_state(p, why);
	if (peer_other_link(l)->state == STATE_IDLE)
		peer_all_idle(p);
}

static void
peer_act(struct link *l, uint32_t actions, enum bgp_state from)
{
	struct conn *closing = NULL;

	peer_notify(l, actions, from);
	if (actions & DO_DOWN)
		peer_down(l, actions);
	if (actions & DO_CLOSE) {
		closing = l->conn;
		l->conn = NULL;
		conn_close(closing);
		loop_timer_clear(&l->hold);
		loop_timer_clear(&l->keepalive);
	}
	if (actions & DO_RETRY_STOP)
		loop_timer_clear(&l->retry);
	if (actions & DO_CONNECT)
		peer_connect(l);
	if (actions & DO_RETRY_START)
		peer_start_retry(l);
	if (actions & DO_SEND_OPEN)
		peer_send_open(l);
	if (actions & DO_HOLD_INITIAL)
		peer_start_hold(l, peer_open_wait_sec(l->peer));
	if (actions & DO_SEND_KEEPALIVE)
		peer_send_keepalive(l);
	if (actions & DO_KEEPALIVE_START)
		peer_start_keepalive(l);
	if (actions & DO_HOLD_START)
		peer_start_hold(l, l->negotiated.hold_time_sec);
	if (actions & DO_UP)
		peer_up(l);
	else if (actions & DO_RELEASE)
		peer_release(l);
}

void
peer_event(struct link *l, enum fsm_event event)
{
	enum bgp_state from = l->state;
	const struct fsm_step *step = fsm_next(from, event);

	/* The incoming run ends where the outgoing one would try again. */
	if (l->is_incoming && (step->actions & DO_RETRY_START)) {
		l->state = STATE_IDLE;
		peer_act(l, DO_CLOSE | DO_RELEASE, from);
		return;
	}
	l->state = step->next;
	if (step->actions & DO_DOWN)
		l->peer->ended_by = fsm_event_number(event);
	peer_act(l, step->actions, from);
	/* A passive peer waits, it does not retry. */
	if (!l->is_incoming && l->peer->conf->passive)
		loop_timer_clear(&l->retry);
	peer_update_state(l->peer, l->why);
}

void
peer_start(struct peer *p)
{
	struct link *l = &p->links[LINK_OUTGOING];

	p->is_waiting = !depend_is_met(p);
	p->is_down = p->is_waiting;
	p->is_held = false;
	loop_timer_clear(&p->idle_hold);
	if (p->is_waiting || config_peer_is_template(p->conf) || p->clone != NULL)
		return;
	if (l->state != STATE_IDLE || p->links[LINK_INCOMING].state != STATE_IDLE)
		return;
	l->why[0] = '\0';
	peer_event(l, p->conf->passive ? EVENT_START_PASSIVE : EVENT_START);
}

static void
peer_set_cease(struct peer_error *e, uint8_t subcode, const char *reason)
{
	size_t len = reason == NULL ? 0 : strlen(reason);

	*e = (struct peer_error){ .code = ERROR_CEASE, .subcode = subcode };
	if (len == 0 || len > PEER_ERROR_DATA_MAX - 1)
		return;
	/* RFC 9003: length and UTF-8 text; other subcodes have no form. */
	if (subcode == CEASE_ADMIN_SHUTDOWN || subcode == CEASE_ADMIN_RESET)
		e->data[e->len++] = (uint8_t)len;
	memcpy(e->data + e->len, reason, len);
	e->len = (uint8_t)(e->len + len);
}

void
peer_teardown(struct peer *p, uint8_t subcode)
{
	/* Compat: ExaBGP says what the subcode means. */
	static const char *const texts[] = {
		[CEASE_MAX_PREFIXES] = "Maximum Number of Prefixes Reached",
		[CEASE_ADMIN_SHUTDOWN] = "Administrative Shutdown",
		[CEASE_PEER_DECONFIGURED] = "Peer De-configured",
		[CEASE_ADMIN_RESET] = "Administrative Reset",
		[CEASE_REJECTED] = "Connection Rejected",
		[CEASE_CONFIG_CHANGE] = "Other Configuration Change",
		[CEASE_COLLISION] = "Connection Collision Resolution",
		[CEASE_OUT_OF_RESOURCES] = "Out of Resources",
	};
	const char *text = "unknown notification type";

	if (!p->conf->is_isolated)
		text = NULL;
	else if (subcode != 0 && subcode < sizeof(texts) / sizeof(texts[0]))
		text = texts[subcode];
	peer_stop(p, subcode, text, true);
}

void
peer_stop(struct peer *p, uint8_t subcode, const char *reason,
    bool is_restarting)
{
	unsigned i;

	p->is_waiting = false;
	p->is_down = true;	/* no idle hold while the links end */
	/* What the RDE keeps may be from before this engine. */
	if (p->stale.is_set || p->is_long_stale || p->n_sessions == 0) {
		loop_timer_clear(&p->stale);
		p->is_long_stale = false;
		peer_tell_down(p, DOWN_FLUSH);
	}
	for (i = 0; i < 2; i++) {
		peer_set_cease(&p->links[i].error, subcode, reason);
		peer_event(&p->links[i], EVENT_STOP);
	}
	loop_timer_clear(&p->idle_hold);
	if (!is_restarting)
		return;
	p->is_down = false;
	if (p->clone != NULL)
		session_peer_done(p);
	else
		loop_timer_set_after_usec(&p->idle_hold,
		    PEER_CLEAR_DELAY_SEC * MONO_USEC_PER_SEC);
}

/*
 * Too many prefixes: the session stays down for as long as `restart` says,
 * or until somebody lets it up again.
 */
static void
peer_hold_prefixes(struct peer *p, bool is_out)
{
	uint32_t min = is_out ? p->conf->max_prefix_out_restart_min :
	    p->conf->max_prefix_restart_min;

	if (p->conf->is_isolated || p->clone != NULL)
		return;
	p->is_held = true;
	if (min != 0)
		loop_timer_set_after_usec(&p->idle_hold,
		    min * 60 * MONO_USEC_PER_SEC);
}

void
peer_reset(struct peer *p, const struct peer_error *e)
{
	struct link *l = p->established;

	if (l == NULL)
		return;
	l->error = *e;
	if (e->code == ERROR_CEASE && e->subcode == CEASE_MAX_PREFIXES)
		peer_hold_prefixes(p, e->len == 0);
	peer_event(l, EVENT_ERROR);
}

void
peer_send_block(struct peer *p, struct conn_block *b)
{
	if (p->established == NULL || p->established->conn == NULL)
		return;
	peer_note_sent(p, b->bytes, b->len);
	conn_send_block(p->established->conn, b);
}

void
peer_send(struct peer *p, const void *bytes, size_t len)
{
	struct conn_block *b = conn_block_new(bytes, len);

	peer_send_block(p, b);
	conn_block_unref(b);
}

int
peer_refresh(struct peer *p)
{
	const struct link *l = p->established;
	const struct nlri_family *f;
	uint8_t bytes[BGP_HEADER_LEN + 4];
	struct wr w;
	unsigned i;

	if (l == NULL || !l->negotiated.has_refresh)
		return ERR_UNSUPPORTED;
	for (i = 0; i < l->negotiated.n_families; i++) {
		f = nlri_by_id(l->negotiated.family_order[i]);
		buf_writer(&w, bytes, sizeof(bytes));
		message_put_refresh(&w, f->afi, REFRESH_REQUEST, f->safi);
		peer_send(p, w.base, w.len);
	}
	return 0;
}

bool
peer_can_refill(const struct peer *p)
{
	return p->established->negotiated.has_refresh ||
	    (p->conf->is_isolated && !p->conf->adj_rib_in);
}

void
peer_flush_batch(struct peer *p)
{
	if (p->batch.len == 0)
		return;
	if (p->session->rde == NULL) {
		buf_reset(&p->batch);
		return;
	}
	chan_send_wr(p->session->rde, IMSG_UPDATES, p->id, &p->batch);
}

void
peer_pause(struct peer *p, bool is_paused)
{
	if (p->established != NULL && p->established->conn != NULL)
		conn_pause(p->established->conn, is_paused);
}
