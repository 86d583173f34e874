/* SPDX-License-Identifier: ISC */
/*
 * BMP: sessions as stations are told of them, and every UPDATE as it passes.
 * A station that is new hears of the sessions that are up, then of the
 * tables (bmp_dump.c), then of what happens.
 */
#include "api/bmp_engine.h"

#include "api/client.h"
#include "common/arena.h"
#include "common/bgp.h"
#include "common/chan.h"
#include "common/emit.h"
#include "common/env.h"
#include "common/value.h"

#include <err.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define EVENT_TCP_FAILS	18	/* RFC 4271 8.1.4 */
#define SHOW_MAX	(64u * 1024)

uint64_t
bmp_now(const struct bmp *bmp)
{
	return (uint64_t)bmp->api->env->wall_usec(bmp->api->env);
}

uint32_t
bmp_new_request(struct bmp *bmp)
{
	return API_BMP_REQUEST | (++bmp->api->next_client &
	    (API_BMP_REQUEST - 1));
}

bool
bmp_session_is_told(const struct bmp_session *s)
{
	return s->is_up && !s->is_hidden;
}

struct bmp_peer
bmp_header(const struct bmp_session *s, uint8_t flags, uint64_t time_usec)
{
	return (struct bmp_peer){
		.type = BMP_PEER_GLOBAL, .flags = flags,
		.addr = s->facts.remote, .as = s->facts.remote_as,
		.id = s->facts.remote_id, .time_usec = time_usec,
	};
}

uint8_t
bmp_update_flags(const struct bmp_session *s, uint8_t what)
{
	uint8_t flags = s->facts.negotiated.has_as4 ? 0 : BMP_FLAG_AS2;

	/* What is sent has been through the filters: RFC 8671 4. */
	if (what == CONF_BMP_ADJ_RIB_OUT)
		flags |= BMP_FLAG_OUT | BMP_FLAG_POST_POLICY;
	else if (what == CONF_BMP_POST_POLICY)
		flags |= BMP_FLAG_POST_POLICY;
	return flags;
}

struct update_format
bmp_format(const struct bmp_session *s, bool is_sent)
{
	const struct open_negotiated *n = &s->facts.negotiated;

	return (struct update_format){
		.max_len = n->has_extended_message ?
		    BGP_MESSAGE_MAX_EXTENDED : BGP_MESSAGE_MAX,
		.has_as4 = n->has_as4,
		.add_path_mask = is_sent ? n->add_path_send_mask :
		    n->add_path_receive_mask,
	};
}

/*
 * Messages.
 */
static void
put_up(struct bmp_station *st, const struct bmp_session *s)
{
	struct bmp_peer peer = bmp_header(s, bmp_update_flags(s, 0),
	    bmp_now(st->bmp));
	struct rd opens = buf_reader(s->opens, s->opens_len), head = opens;
	struct bmp_up up = {
		.local = s->facts.local, .local_port = s->facts.local_port,
		.remote_port = s->facts.remote_port,
	};
	struct wr *w = bmp_dump_take(st, s) ? &st->out.bytes :
	    bmp_station_out(st);
	size_t start;

	buf_get_bytes(&head, BGP_MARKER_LEN);
	up.sent = buf_get_sub(&opens, buf_get_u16(&head));
	up.received = opens;
	start = bmp_begin(w, BMP_PEER_UP, &peer);
	bmp_put_up(w, &up);
	bmp_station_put(st, w, start);
}

static void
put_down(struct bmp_station *st, const struct bmp_session *s,
    enum bmp_down reason, uint8_t event)
{
	struct bmp_peer peer = bmp_header(s, bmp_update_flags(s, 0),
	    bmp_now(st->bmp));
	struct wr *w = bmp_station_out(st);
	size_t start = bmp_begin(w, BMP_PEER_DOWN, &peer);

	buf_put_u8(w, reason);
	if (reason == BMP_DOWN_LOCAL)
		buf_put_u16(w, event);
	else if (reason == BMP_DOWN_LOCAL_NOTIFICATION ||
	    reason == BMP_DOWN_REMOTE_NOTIFICATION)
		buf_put_bytes(w, s->notification, s->notification_len);
	bmp_station_put(st, w, start);
}

static void
tell_up(struct bmp *bmp, const struct bmp_session *s)
{
	struct bmp_station *st;

	for (st = bmp->stations; st != NULL; st = st->next)
		if (st->state == BMP_UP)
			put_up(st, s);
}

static void
tell_down(struct bmp *bmp, const struct bmp_session *s, enum bmp_down reason,
    uint8_t event)
{
	struct bmp_station *st;

	for (st = bmp->stations; st != NULL; st = st->next)
		if (st->state == BMP_UP)
			put_down(st, s, reason, event);
}

void
bmp_tell_update(struct bmp *bmp, const struct bmp_peer *peer, uint8_t what,
    struct rd message)
{
	struct bmp_station *st;
	struct wr *w;
	size_t start;

	for (st = bmp->stations; st != NULL; st = st->next) {
		if (st->state != BMP_UP || (st->conf->monitor & what) == 0)
			continue;
		w = bmp_station_out(st);
		start = bmp_begin(w, BMP_ROUTE_MONITORING, peer);
		buf_put_bytes(w, message.pos, buf_left(&message));
		bmp_station_put(st, w, start);
	}
}

static void
tell_update(struct bmp *bmp, const struct bmp_session *s, bool is_sent,
    struct rd message)
{
	uint8_t what = is_sent ? CONF_BMP_ADJ_RIB_OUT : CONF_BMP_PRE_POLICY;
	struct bmp_peer peer = bmp_header(s, bmp_update_flags(s, what),
	    bmp_now(bmp));

	bmp_tell_update(bmp, &peer, what, message);
}

void
bmp_greet(struct bmp_station *st)
{
	struct bmp *bmp = st->bmp;
	struct wr *w = &st->out.bytes;
	size_t start = bmp_begin(w, BMP_INITIATION, NULL);
	const char *descr = "bgpd " BGPD_VERSION;
	struct bmp_session *s;

	bmp_put_tlv(w, BMP_INFO_DESCR, descr, strlen(descr));
	bmp_put_tlv(w, BMP_INFO_NAME, bmp->api->host,
	    strlen(bmp->api->host));
	bmp_station_put(st, w, start);
	bmp_loc_greet(st);
	for (s = bmp->sessions; s != NULL && st->state == BMP_UP; s = s->next)
		if (bmp_session_is_told(s))
			put_up(st, s);
}

/*
 * Sessions.
 */
static struct bmp_session *
session_of(struct api *api, struct api_peer *p)
{
	struct bmp_session *s = p->monitored;

	if (s != NULL)
		return s;
	s = calloc(1, sizeof(*s));
	if (s == NULL)
		err(1, "bmp");
	s->id = p->id;
	s->is_hidden = p->conf->no_bmp;
	s->next = api->bmp->sessions;
	api->bmp->sessions = s;
	p->monitored = s;
	return s;
}

static uint8_t *
keep_bytes(const void *bytes, size_t len)
{
	uint8_t *copy = malloc(len);

	if (copy == NULL)
		err(1, "bmp");
	memcpy(copy, bytes, len);
	return copy;
}

static void
session_set_down(struct bmp *bmp, struct bmp_session *s, enum bmp_down reason,
    uint8_t event)
{
	if (bmp_session_is_told(s))
		tell_down(bmp, s, reason, event);
	s->is_up = false;
	free(s->notification);
	s->notification = NULL;
}

static void
session_free(struct bmp_session *s)
{
	free(s->opens);
	free(s->notification);
	free(s);
}

/* Two whole messages, the first of which says how long it is. */
static bool
opens_are_sound(const uint8_t *bytes, size_t len)
{
	struct rd r = buf_reader(bytes, len);
	uint16_t first;

	buf_get_bytes(&r, BGP_MARKER_LEN);
	first = buf_get_u16(&r);
	return first >= BGP_HEADER_LEN &&
	    (size_t)first + BGP_HEADER_LEN <= len;
}

void
bmp_opens(struct api *api, struct api_peer *p, const uint8_t *bytes,
    size_t len)
{
	struct bmp_session *s = session_of(api, p);

	if (!opens_are_sound(bytes, len))
		return;
	free(s->opens);
	s->opens = keep_bytes(bytes, len);
	s->opens_len = len;
}

void
bmp_session_up(struct api *api, struct api_peer *p)
{
	struct bmp_session *s = session_of(api, p);
	bool was_up = s->is_up;

	if (s->opens == NULL)
		return;
	/* Another engine has the same session: nothing happened. */
	if (was_up && !p->session.is_resumed)
		session_set_down(api->bmp, s, BMP_DOWN_LOCAL, 0);
	s->facts = p->session;
	s->is_up = true;
	if (bmp_session_is_told(s) && !(was_up && p->session.is_resumed))
		tell_up(api->bmp, s);
	bmp_monitor_resume(api->bmp);
}

void
bmp_session_down(struct api *api, struct api_peer *p, uint8_t event)
{
	struct bmp_session *s = p->monitored;
	enum bmp_down reason = BMP_DOWN_LOCAL;

	if (s == NULL || !s->is_up)
		return;
	if (s->notification != NULL)
		reason = s->is_notification_sent ?
		    BMP_DOWN_LOCAL_NOTIFICATION :
		    BMP_DOWN_REMOTE_NOTIFICATION;
	else if (event == EVENT_TCP_FAILS)
		reason = BMP_DOWN_REMOTE;
	session_set_down(api->bmp, s, reason, event);
}

void
bmp_message(struct api *api, struct api_peer *p, const uint8_t *bytes,
    size_t len)
{
	struct rd r = buf_reader(bytes, len), head;
	struct bmp_session *s = p->monitored;
	bool is_sent = buf_get_u8(&r) != 0;
	uint8_t type;

	if (s == NULL || !s->is_up)
		return;
	head = r;
	buf_get_bytes(&head, BGP_HEADER_LEN - 1);
	type = buf_get_u8(&head);
	if (head.is_short)
		return;
	if (type == BGP_UPDATE && !s->is_hidden) {
		tell_update(api->bmp, s, is_sent, r);
	} else if (type == BGP_NOTIFICATION) {
		free(s->notification);
		s->notification = keep_bytes(r.pos, buf_left(&r));
		s->notification_len = buf_left(&r);
		s->is_notification_sent = is_sent;
	}
}

/* Stations have to be told of the routes of one that they did not know of. */
static void
session_set_hidden(struct bmp *bmp, struct bmp_session *s, bool is_hidden)
{
	if (s->is_hidden == is_hidden)
		return;
	if (s->is_up && is_hidden)
		tell_down(bmp, s, BMP_DOWN_UNMONITORED, 0);
	else if (s->is_up)
		bmp->is_outdated = true;
	s->is_hidden = is_hidden;
}

void
bmp_peers_changed(struct api *api)
{
	struct bmp_session **link = &api->bmp->sessions, *s;
	const struct api_peer *p;

	while ((s = *link) != NULL) {
		p = api_peer(api, s->id);
		if (p != NULL) {
			session_set_hidden(api->bmp, s, p->conf->no_bmp);
			link = &s->next;
			continue;
		}
		*link = s->next;
		session_set_down(api->bmp, s, BMP_DOWN_UNMONITORED, 0);
		session_free(s);
	}
}

/*
 * Statistics.
 */
void
bmp_ask_statistics(struct bmp_station *st)
{
	struct api *api = st->bmp->api;

	if (api->rde == NULL)
		return;
	st->counters_request = bmp_new_request(st->bmp);
	chan_send(api->rde, IMSG_PEER_COUNTERS_REQUEST, st->counters_request,
	    NULL, 0);
}

static void
put_statistics(struct bmp_station *st, const struct bmp_session *s,
    const struct value *v)
{
	struct bmp_peer peer = bmp_header(s, bmp_update_flags(s, 0),
	    bmp_now(st->bmp));
	struct wr *w = bmp_station_out(st);
	size_t start = bmp_begin(w, BMP_STATISTICS, &peer);
	size_t mark = bmp_begin_statistics(w);

	bmp_put_counter(w, BMP_STAT_REJECTED, (uint32_t)value_get_number(v,
	    "prefixes_rejected", 0));
	bmp_put_gauge(w, BMP_STAT_ADJ_RIB_IN,
	    value_get_number(v, "prefixes_received", 0));
	bmp_end_statistics(w, mark, 2);
	bmp_station_put(st, w, start);
}

void
bmp_counters(struct api *api, uint32_t request, const uint8_t *bytes,
    size_t len)
{
	struct arena *arena = arena_new(4096);
	const struct value *v = value_parse(arena, bytes, len);
	struct bmp_station *st;
	const struct api_peer *p;

	p = api_peer(api, (uint32_t)value_get_number(v, "id", 0));
	for (st = api->bmp->stations; st != NULL; st = st->next)
		if (st->state == BMP_UP && st->counters_request == request)
			break;
	if (st != NULL && p != NULL && p->monitored != NULL &&
	    bmp_session_is_told(p->monitored))
		put_statistics(st, p->monitored, v);
	arena_free(arena);
}

/*
 * Stations.
 */
static struct bmp_station *
station_asking(struct api *api, uint32_t request)
{
	struct bmp_station *st;

	for (st = api->bmp->stations; st != NULL; st = st->next)
		if (st->state == BMP_CONNECTING && st->request == request &&
		    st->fd == -1)
			return st;
	return NULL;
}

void
bmp_take_socket(struct api *api, struct imsg *m)
{
	struct bmp_station *st = station_asking(api, m->id);

	if (st == NULL)
		return;
	bmp_station_connect(st, m->fd);
	m->fd = -1;
}

void
bmp_connect_failed(struct api *api, struct imsg *m)
{
	struct bmp_station *st = station_asking(api, m->id);
	char why[96];

	log_escape(m->data, m->len, why, sizeof(why));
	if (st != NULL)
		bmp_station_close(st, why);
}

void
bmp_apply(struct api *api)
{
	const struct config *c = api->config;
	struct bmp *bmp = api->bmp;
	struct bmp_station *st, *next;
	const struct conf_bmp *conf;
	bool is_loc_changed = bmp_loc_configure(bmp);
	size_t i;

	for (st = bmp->stations; st != NULL; st = next) {
		next = st->next;
		conf = config_bmp(c, st->conf->name);
		if (conf != NULL && config_bmp_is_equal(conf, st->conf) &&
		    !(st->state == BMP_UP && (bmp->is_outdated ||
		    (is_loc_changed && (conf->monitor & CONF_BMP_LOC_RIB)))))
			st->conf = conf;
		else
			bmp_station_free(st);
	}
	bmp->is_outdated = false;
	for (i = 0; i < c->n_bmps && !bmp->is_stopping; i++) {
		for (st = bmp->stations; st != NULL; st = st->next)
			if (st->conf == &c->bmps[i])
				break;
		if (st == NULL)
			bmp_station_new(bmp, &c->bmps[i]);
	}
}

void
bmp_lose_engine(struct api *api, enum imsg_proc which)
{
	const uint8_t mask = CONF_BMP_POST_POLICY | CONF_BMP_LOC_RIB;
	struct bmp_station *st;

	bmp_monitor_forget(api->bmp);
	for (st = api->bmp->stations; st != NULL; st = st->next)
		if (st->dump != NULL || (st->state == BMP_UP &&
		    which == PROC_RDE && (st->conf->monitor & mask) != 0))
			bmp_station_close(st, "an engine was replaced: all "
			    "is told again");
}

void
bmp_take_engine(struct api *api)
{
	struct bmp_station *st;

	for (st = api->bmp->stations; st != NULL; st = st->next)
		bmp_dump_try(st);
}

void
bmp_stop(struct api *api)
{
	api->bmp->is_stopping = true;
	while (api->bmp->stations != NULL)
		bmp_station_free(api->bmp->stations);
}

void
bmp_init(struct api *api)
{
	api->bmp = calloc(1, sizeof(*api->bmp));
	if (api->bmp == NULL)
		err(1, "bmp");
	api->bmp->api = api;
	bmp_monitor_init(api->bmp);
}

void
bmp_fini(struct api *api)
{
	struct bmp_session *s;

	bmp_stop(api);
	while ((s = api->bmp->sessions) != NULL) {
		api->bmp->sessions = s->next;
		session_free(s);
	}
	bmp_monitor_fini(api->bmp);
	free(api->bmp);
}

static void
show_station(const struct bmp_station *st, struct emit *e)
{
	static const char *const states[] = {
		[BMP_WAITING] = "waiting", [BMP_CONNECTING] = "connecting",
		[BMP_UP] = "up",
	};
	struct loop *loop = st->bmp->api->env->loop;
	char text[ADDR_TEXT_MAX];

	emit_begin_object(e);
	emit_key_object(e, "bmp");
	emit_key_string(e, "name", st->conf->name);
	emit_key_string(e, "station_addr", addr_print(&st->conf->addr, text,
	    sizeof(text)));
	emit_key_number(e, "station_port", st->conf->port);
	emit_key_string(e, "state", st->dump != NULL ? "telling tables" :
	    states[st->state]);
	emit_key_boolean(e, "up", st->state == BMP_UP);
	emit_key_number(e, "since_sec", (uint64_t)mono_diff_sec(
	    loop_now(loop), st->since));
	emit_key_number(e, "messages", st->n_messages);
	emit_key_number(e, "bytes", st->n_bytes);
	emit_key_number(e, "queued", bmp_station_queued(st));
	emit_key_number(e, "buffer", st->conf->buffer);
	emit_key_number(e, "restarts", st->n_restarts);
	if (st->last_error[0] != '\0')
		emit_key_string(e, "last_error", st->last_error);
	emit_end_object(e);
	emit_end_object(e);
}

void
bmp_show(struct api *api, struct client *c)
{
	const struct bmp_station *st;
	struct emit e;
	struct wr w;

	buf_writer_growing(&w, SHOW_MAX);
	for (st = api->bmp->stations; st != NULL; st = st->next) {
		emit_msgpack_init(&e, &w);
		show_station(st, &e);
		client_send(c, &w);
		buf_reset(&w);
	}
	buf_free(&w);
	client_end(c, "");
}
