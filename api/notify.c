/* SPDX-License-Identifier: ISC */
/*
 * Events to programs. What happened is decoded once, and encoded once for
 * each form that some program wants, however many programs hear of it.
 */
#include "api/engine.h"

#include "api/opevent.h"
#include "common/bgp.h"
#include "common/emit.h"
#include "common/wire/event.h"
#include "common/wire/message.h"
#include "common/wire/update.h"

#include <signal.h>
#include <stdio.h>
#include <string.h>

#define NOTIFY_EVENT_MAX	(4 * 1024 * 1024)	/* one event's text */
#define NOTIFY_FORMS		8	/* encodings of one event kept */

/* What an event looks like to one program. */
struct notify_form {
	uint8_t	encoder, version;
	bool	is_parsed, is_packet, is_raw_shown, has_negotiated;
};

/* What happened. */
struct notify {
	struct api		*api;
	struct api_peer		*peer;		/* NULL: of the daemon */
	struct event		 event;
	struct event_session	 session;
	/* One of: */
	const char		*state, *reason;
	const char		*fsm;
	int			 signo;
	bool			 is_negotiated, is_shutdown;
	uint8_t			 type;		/* of a message, or 0 */
	struct rd		 body;
	struct open		 open;
	struct update		 update;
	struct update_context	 context;
	bool			 is_bad;	/* the message is no sound one */
	/* Encodings made so far. */
	struct {
		struct notify_form form;
		size_t		 at, len;
	} made[NOTIFY_FORMS];
	unsigned		 n_made;
	struct wr		 bytes, scratch;
};

static void
notify_fill_session(struct notify *n)
{
	const struct api_peer *p = n->peer;
	struct event_session *s = &n->session;

	*s = (struct event_session){
		.host = n->api->host, .pid = n->api->pid,
		.ppid = n->api->ppid,
	};
	if (p == NULL)
		return;
	s->peer = p->conf->remote.addr;
	s->local = p->conf->local_address;
	s->local_as = p->conf->local_as;
	s->peer_as = p->conf->remote_as;
	s->router_id = p->conf->router_id;
	if (!p->is_up && p->session.remote_as == 0)
		return;
	s->local = p->session.local;
	s->local_as = p->session.local_as;
	s->peer_as = p->session.remote_as;
	s->router_id = p->session.local_id;
}

static void
notify_init(struct notify *n, struct api *api, struct api_peer *p)
{
	memset(n, 0, sizeof(*n));
	n->api = api;
	n->peer = p;
	notify_fill_session(n);
	n->event.session = &n->session;
	n->event.time_usec = (uint64_t)api->env->wall_usec(api->env);
	if (p != NULL)
		n->event.counter = ++p->counter;
	buf_writer_growing(&n->bytes, NOTIFY_EVENT_MAX);
	buf_writer_growing(&n->scratch, 128 * 1024);
}

static void
notify_fini(struct notify *n)
{
	buf_free(&n->bytes);
	buf_free(&n->scratch);
}

static const struct open_negotiated *
notify_negotiated(const struct notify *n, const struct notify_form *f)
{
	return f->has_negotiated && n->peer != NULL && n->peer->is_up ?
	    &n->peer->session.negotiated : NULL;
}

static void
notify_message_object(struct notify *n, const struct notify_form *f,
    struct emit *e)
{
	if (f->is_packet || n->is_bad) {
		event_packet(&n->event, n->type, notify_negotiated(n, f), e);
		return;
	}
	switch (n->type) {
	case BGP_OPEN:
		event_open(&n->event, &n->open, n->body, e);
		break;
	case BGP_UPDATE:
		event_update(&n->event, &n->update, &n->context,
		    notify_negotiated(n, f), e);
		break;
	case BGP_NOTIFICATION:
		event_notification(&n->event, n->body, e);
		break;
	case BGP_KEEPALIVE:
		event_keepalive(&n->event, e);
		break;
	case BGP_ROUTE_REFRESH:
		event_refresh(&n->event, n->body, e);
		break;
	default:
		event_operational(&n->event, n->body, e);
	}
}

static void
notify_object(struct notify *n, const struct notify_form *f, struct emit *e)
{
	if (n->state != NULL)
		event_state(&n->event, n->state, n->reason, e);
	else if (n->fsm != NULL)
		event_fsm(&n->event, n->fsm, e);
	else if (n->signo != 0)
		event_signal(&n->event, (unsigned)n->signo,
		    n->signo == SIGUSR1 ? "SIGUSR1" :
		    n->signo == SIGUSR2 ? "SIGUSR2" :
		    n->signo == SIGALRM ? "SIGALRM" :
		    n->signo == SIGHUP ? "SIGHUP" :
		    n->signo == SIGINT ? "SIGINT" : "SIGTERM", e);
	else if (n->is_negotiated)
		event_negotiated(&n->event, &n->peer->session.negotiated, e);
	else if (n->is_shutdown)
		event_shutdown(&n->event, e);
	else
		notify_message_object(n, f, e);
}

static void
notify_message_text(struct notify *n, const struct notify_form *f,
    struct wr *w)
{
	if (f->is_packet || n->is_bad) {
		event_text_packet(&n->event, n->type, w);
		return;
	}
	switch (n->type) {
	case BGP_OPEN:
		event_text_open(&n->event, &n->open, n->body, w);
		break;
	case BGP_UPDATE:
		event_text_update(&n->event, &n->update, &n->context, w);
		break;
	case BGP_NOTIFICATION:
		event_text_notification(&n->event, n->body, w);
		break;
	case BGP_KEEPALIVE:
		event_text_keepalive(&n->event, w);
		break;
	case BGP_ROUTE_REFRESH:
		event_text_refresh(&n->event, n->body, w);
		break;
	default:
		event_text_operational(&n->event, n->body, w);
	}
}

/* negotiated, fsm and signal have no text form. */
static void
notify_text(struct notify *n, const struct notify_form *f, struct wr *w)
{
	if (n->state != NULL)
		event_text_state(&n->event, n->state, n->reason, w);
	else if (n->is_shutdown)
		event_text_shutdown(&n->event, w);
	else if (n->type != 0)
		notify_message_text(n, f, w);
}

static void
notify_encode(struct notify *n, const struct notify_form *f)
{
	struct emit e;

	n->session.version = f->version >= 6 ? "6.0.0" : "4.0.1";
	n->session.shape = f->version >= 6 ? NLRI_JSON_V6 : NLRI_JSON_V4;
	if (n->api->config != NULL &&
	    n->api->config->environment.api_compact)
		n->session.shape |= NLRI_JSON_COMPACT;
	n->event.is_raw_shown = f->is_raw_shown;
	if (f->encoder == ENCODER_TEXT) {
		notify_text(n, f, &n->bytes);
		return;
	}
	if (f->encoder == ENCODER_JSON)
		emit_json_init(&e, &n->bytes, false);
	else
		emit_msgpack_init(&e, &n->bytes);
	notify_object(n, f, &e);
	if (f->encoder == ENCODER_JSON)
		buf_put_text(&n->bytes, "\n");
}

static void
notify_tell(struct notify *n, struct program *g, struct notify_form f)
{
	size_t at;
	unsigned i;

	f.encoder = g->conf->encoder;
	f.version = g->version;
	for (i = 0; i < n->n_made; i++)
		if (memcmp(&n->made[i].form, &f, sizeof(f)) == 0)
			break;
	if (i == n->n_made) {
		if (n->n_made == NOTIFY_FORMS) {
			n->n_made = i = 0;
			buf_reset(&n->bytes);
		}
		at = n->bytes.len;
		notify_encode(n, &f);
		if (n->bytes.err != 0)
			return;
		n->made[i].form = f;
		n->made[i].at = at;
		n->made[i].len = n->bytes.len - at;
		n->n_made++;
	}
	if (n->made[i].len == 0)
		return;
	g->n_events++;
	program_write_event(g, n->bytes.base + n->made[i].at, n->made[i].len);
}

static struct program *
notify_program(struct api *api, const char *name)
{
	struct program *g;

	for (g = api->programs; g != NULL; g = g->next)
		if (g->conf != NULL && g->in_fd != -1 &&
		    strcmp(g->conf->name, name) == 0)
			return g;
	return NULL;
}

/* Call tell for each api block that the test picks. */
static void
notify_each(struct notify *n, bool (*is_wanted)(const struct conf_api *))
{
	const struct conf_peer *c = n->peer->conf;
	struct notify_form none = { 0 };
	struct program *g;
	size_t i;

	for (i = 0; i < c->n_apis; i++) {
		if (!is_wanted(&c->apis[i]))
			continue;
		g = notify_program(n->api, c->apis[i].process);
		if (g != NULL)
			notify_tell(n, g, none);
	}
}

static bool
notify_wants_changes(const struct conf_api *a)
{
	return a->neighbor_changes;
}

static bool
notify_wants_fsm(const struct conf_api *a)
{
	return a->fsm;
}

static bool
notify_wants_negotiated(const struct conf_api *a)
{
	return a->negotiated;
}

static void
notify_change(struct api *api, struct api_peer *p, const char *state,
    const char *reason)
{
	struct notify n;

	notify_init(&n, api, p);
	n.state = state;
	n.reason = reason;
	notify_each(&n, notify_wants_changes);
	notify_fini(&n);
}

void
notify_state(struct api *api, struct api_peer *p, uint8_t state,
    const char *reason)
{
	static const char *const names[] = {
		"IDLE", "CONNECT", "ACTIVE", "OPENSENT", "OPENCONFIRM",
		"ESTABLISHED",
	};
	struct program *g;
	struct notify n;

	if (state >= STATE_N || state == p->state)
		return;
	opevent_state(api, p, p->state, state, reason);
	p->state = state;
	if (!p->was_connected && state >= STATE_OPENSENT) {
		p->was_connected = true;
		notify_change(api, p, "connected", NULL);
	}
	notify_init(&n, api, p);
	n.fsm = names[state];
	notify_each(&n, notify_wants_fsm);
	notify_fini(&n);
	if (state == STATE_ESTABLISHED) {
		notify_change(api, p, "up", NULL);
	} else if (state < STATE_OPENSENT && p->was_connected) {
		p->was_connected = false;
		p->is_up = false;
		for (g = api->programs; g != NULL; g = g->next)
			latest_forget_peer(g, p->id);
		notify_change(api, p, "down", reason[0] == '\0' ?
		    "peer reset" : reason);
	}
}

void
notify_session(struct api *api, struct api_peer *p)
{
	struct notify n;

	p->is_up = true;
	notify_init(&n, api, p);
	n.is_negotiated = true;
	notify_each(&n, notify_wants_negotiated);
	notify_fini(&n);
}

static uint8_t
notify_bit(uint8_t type)
{
	static const uint8_t bits[] = {
		[BGP_OPEN] = API_OPEN, [BGP_UPDATE] = API_UPDATE,
		[BGP_NOTIFICATION] = API_NOTIFICATION,
		[BGP_KEEPALIVE] = API_KEEPALIVE,
		[BGP_ROUTE_REFRESH] = API_REFRESH,
		[BGP_OPERATIONAL] = API_OPERATIONAL,
	};

	return type < sizeof(bits) ? bits[type] : 0;
}

/*
 * Decode what some form will need. Messages that we sent are read as the
 * peer reads them: its side of add-path and of AS numbers is ours here.
 */
static void
notify_decode(struct notify *n, bool is_sent)
{
	const struct imsg_session_up *up = &n->peer->session;

	if (n->type == BGP_OPEN) {
		n->is_bad = open_decode(n->body, &n->open) != 0;
		return;
	}
	if (n->type != BGP_UPDATE)
		return;
	n->context = (struct update_context){
		.attr = {
			.is_ebgp = up->local_as != up->remote_as,
			.has_as4 = up->negotiated.has_as4,
		},
		.has_loopback_peer = true,
		.add_path_mask = is_sent ? up->negotiated.add_path_send_mask :
		    up->negotiated.add_path_receive_mask,
		.family_mask = up->negotiated.family_mask,
		.extended_nexthop_mask = up->negotiated.extended_nexthop_mask,
		.max_asns = UINT16_MAX,
	};
	n->is_bad = update_decode(n->body, &n->context, &n->scratch,
	    &n->update) != 0 || n->update.verdict == ATTR_RESET;
}

/* Tell one program, in each of the forms that its block asks for. */
static void
notify_tell_message(struct notify *n, const struct conf_api *a, uint8_t forms)
{
	struct program *g = notify_program(n->api, a->process);
	struct notify_form f = { .has_negotiated = a->negotiated };

	if (g == NULL)
		return;
	if (forms & API_CONSOLIDATE) {
		f.is_parsed = f.is_raw_shown = true;
		notify_tell(n, g, f);
		return;
	}
	if (forms & API_PARSED) {
		f.is_parsed = true;
		notify_tell(n, g, f);
	}
	if (forms & API_PACKETS) {
		f.is_parsed = false;
		f.is_packet = true;
		notify_tell(n, g, f);
	}
}

/* Header, direction and content of a message; false when it is none. */
static bool
notify_begin_message(struct notify *n, bool is_sent, struct rd message)
{
	struct rd r;

	n->event.direction = is_sent ? "send" : "receive";
	n->event.header = buf_get_sub(&message, BGP_HEADER_LEN);
	n->event.body = n->body = message;
	r = n->event.header;
	buf_get_bytes(&r, BGP_HEADER_LEN - 1);
	n->type = buf_get_u8(&r);
	if (n->event.header.is_short || n->type == 0)
		return false;
	notify_decode(n, is_sent);
	return true;
}

/* An UPDATE for a program that is behind and wants the latest only. */
static bool
notify_keep(struct notify *n, const struct conf_api *a, bool is_sent)
{
	struct program *g = notify_program(n->api, a->process);

	if (n->type != BGP_UPDATE || n->is_bad || g == NULL ||
	    g->conf->overflow != OVERFLOW_LATEST ||
	    (latest_count(g) == 0 && program_queued(g) < PROGRAM_LATEST))
		return false;
	return latest_take(g, n->peer, is_sent, &n->update,
	    n->context.add_path_mask);
}

/* Whether some program is to hear of a message. */
static bool
notify_is_wanted(const struct conf_peer *conf, struct rd message, bool is_sent)
{
	uint8_t bit;
	size_t i;

	buf_get_bytes(&message, BGP_HEADER_LEN - 1);
	bit = notify_bit(buf_get_u8(&message));
	for (i = 0; i < conf->n_apis; i++)
		if ((is_sent ? conf->apis[i].send_mask :
		    conf->apis[i].receive_mask) & bit)
			return true;
	return false;
}

void
notify_message(struct api *api, struct api_peer *p, const uint8_t *bytes,
    size_t len)
{
	struct rd r = buf_reader(bytes, len);
	bool is_sent = buf_get_u8(&r) != 0;
	const struct conf_api *a;
	struct notify n;
	size_t i;

	opevent_message(api, p, is_sent, r);
	if (!notify_is_wanted(p->conf, r, is_sent))
		return;
	notify_init(&n, api, p);
	if (!notify_begin_message(&n, is_sent, r)) {
		notify_fini(&n);
		return;
	}
	for (i = 0; i < p->conf->n_apis; i++) {
		a = &p->conf->apis[i];
		if (((is_sent ? a->send_mask : a->receive_mask) &
		    notify_bit(n.type)) != 0 && !notify_keep(&n, a, is_sent))
			notify_tell_message(&n, a, is_sent ? a->send_form :
			    a->receive_form);
	}
	notify_fini(&n);
}

void
notify_again(struct program *g, struct api_peer *p, bool is_sent,
    const uint8_t *message, size_t len)
{
	const struct conf_api *a;
	struct notify n;
	size_t i;

	notify_init(&n, g->api, p);
	if (notify_begin_message(&n, is_sent, buf_reader(message, len))) {
		for (i = 0; i < p->conf->n_apis; i++) {
			a = &p->conf->apis[i];
			if (notify_program(g->api, a->process) == g)
				notify_tell_message(&n, a, is_sent ?
				    a->send_form : a->receive_form);
		}
	}
	notify_fini(&n);
}

void
notify_signal(struct api *api, int signo)
{
	const struct conf_api *a;
	struct notify_form none = { 0 };
	struct notify n;
	struct program *g;
	size_t i, k;

	for (i = 0; i < api->n_peers; i++) {
		for (k = 0; k < api->peers[i].conf->n_apis; k++) {
			a = &api->peers[i].conf->apis[k];
			g = a->signal ? notify_program(api, a->process) : NULL;
			if (g == NULL)
				continue;
			notify_init(&n, api, &api->peers[i]);
			n.signo = signo;
			notify_tell(&n, g, none);
			notify_fini(&n);
		}
	}
}

void
notify_shutdown(struct api *api)
{
	struct notify_form none = { 0 };
	struct program *g;
	struct notify n;

	notify_init(&n, api, NULL);
	n.is_shutdown = true;
	for (g = api->programs; g != NULL; g = g->next)
		if (g->conf != NULL && g->in_fd != -1)
			notify_tell(&n, g, none);
	notify_fini(&n);
}
