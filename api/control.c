/* SPDX-License-Identifier: ISC */
/*
 * The control socket: bgpctl's requests, carried out by the engines, and
 * their replies (common/control.h). A client has one request at a time and a
 * bounded queue: when it does not read, the RDE's walk for it pauses.
 */
#include "api/engine.h"

#include "common/arena.h"
#include "common/chan.h"
#include "common/control.h"
#include "common/emit.h"
#include "common/err.h"
#include "common/route.h"
#include "common/value.h"

#include <err.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define CLIENTS_MAX	64
#define CLIENT_HIGH	(512 * 1024)	/* pause the walk above this */
#define CLIENT_LOW	(64 * 1024)
#define CLIENT_QUEUE_MAX (8 * 1024 * 1024)

struct control_listener {
	struct control_listener	*next;
	struct api		*api;
	struct loop_watch	 watch;
	int			 fd;
	bool			 is_restricted;
};

struct control {
	struct control_listener	*listeners;
};

/* The two engines' views of a peer, until both are there. */
struct client_peer {
	struct client_peer	*next;
	uint32_t		 id;
	uint8_t			*status;
	size_t			 status_len;
};

struct client {
	struct client		*next;
	struct api		*api;
	uint32_t		 id;	/* ours; what it is called inside */
	int			 fd;
	struct loop_watch	 watch;
	struct wr		 in;
	struct outq		 out;
	struct client_peer	*peers, **peers_tail;
	bool			 is_restricted;
	bool			 is_memory;	/* asked for it: the key of replies */
	bool			 is_busy;	/* a request is under way */
	bool			 is_walking;	/* in the RDE */
	bool			 is_paused;
	bool			 is_kernel_waiting;	/* for room */
	bool			 is_done;	/* close when written */
};

struct control_request {
	struct client		*client;
	const struct value	*map;
	struct arena		*arena;
};

struct control_row {
	const char	*request;
	bool		 is_read_only;	/* the restricted socket may */
	/* NULL: answered or under way; else why not. */
	const char	*(*handle)(struct control_request *);
};

static struct client *
control_client(struct api *api, uint32_t id)
{
	struct client *c;

	for (c = api->clients; c != NULL; c = c->next)
		if (c->id == id)
			return c;
	return NULL;
}

static void
client_free(struct client *c)
{
	struct client **link;
	struct client_peer *p;

	for (link = &c->api->clients; *link != NULL; link = &(*link)->next) {
		if (*link == c) {
			*link = c->next;
			break;
		}
	}
	if (c->is_kernel_waiting)
		chan_send(c->api->parent, IMSG_KROUTE_MORE, c->id,
		    (const uint8_t[]){ 0 }, 1);
	if (c->is_walking && c->api->rde != NULL)
		chan_send(c->api->rde, IMSG_RIB_CANCEL, c->id, NULL, 0);
	while ((p = c->peers) != NULL) {
		c->peers = p->next;
		free(p->status);
		free(p);
	}
	loop_watch_fini(&c->watch);
	close(c->fd);
	buf_free(&c->in);
	buf_free(&c->out.bytes);
	free(c);
}

static void
client_flow(struct client *c)
{
	size_t queued = c->out.bytes.len - c->out.sent;
	bool is_full = c->is_paused ? queued > CLIENT_LOW :
	    queued > CLIENT_HIGH;

	if (c->is_kernel_waiting && queued <= CLIENT_LOW) {
		c->is_kernel_waiting = false;
		control_kernel_pause(c->api, c->id);
	}
	if (!c->is_walking || is_full == c->is_paused || c->api->rde == NULL)
		return;
	c->is_paused = is_full;
	chan_send(c->api->rde, is_full ? IMSG_RIB_XOFF : IMSG_RIB_XON, c->id,
	    NULL, 0);
}

/* Write what goes; false when the client is gone (freed). */
static bool
client_flush(struct client *c)
{
	struct outq *q = &c->out;
	ssize_t n;

	while (q->sent < q->bytes.len) {
		n = send(c->fd, q->bytes.base + q->sent,
		    q->bytes.len - q->sent, MSG_NOSIGNAL);
		if (n == -1 && (errno == EAGAIN || errno == EINTR))
			break;
		if (n == -1) {
			client_free(c);
			return false;
		}
		q->sent += (size_t)n;
	}
	if (q->sent == q->bytes.len) {
		buf_reset(&q->bytes);
		q->sent = 0;
		if (c->is_done) {
			client_free(c);
			return false;
		}
	} else if (q->sent > q->bytes.len / 2) {
		memmove(q->bytes.base, q->bytes.base + q->sent,
		    q->bytes.len - q->sent);
		q->bytes.len -= q->sent;
		q->sent = 0;
	}
	loop_watch_want(&c->watch, LOOP_WRITE, q->bytes.len != 0);
	client_flow(c);
	return true;
}

static void
client_send(struct client *c, const struct wr *map)
{
	struct wr *w = &c->out.bytes;

	buf_put_u32(w, (uint32_t)map->len);
	buf_put_bytes(w, map->base, map->len);
	if (w->err != 0 || map->err != 0) {
		log_warn(&c->api->env->log, "control client %u: too slow, "
		    "closed", c->id);
		c->is_done = true;
		buf_reset(w);
		c->out.sent = 0;
	}
	loop_watch_want(&c->watch, LOOP_WRITE, true);
	client_flow(c);
}

static void
client_end(struct client *c, const char *error)
{
	struct emit e;
	struct wr w;

	buf_writer_growing(&w, CONTROL_REPLY_MAX);
	emit_msgpack_init(&e, &w);
	emit_begin_object(&e);
	emit_key_string(&e, "end", error);
	emit_end_object(&e);
	client_send(c, &w);
	buf_free(&w);
	c->is_busy = false;
	c->is_walking = false;
	c->is_paused = false;
}

/* {key: value}, value being MessagePack already. */
static void
client_send_packed(struct client *c, const char *key, struct arena *arena,
    const uint8_t *bytes, size_t len)
{
	const struct value *v = value_parse(arena, bytes, len);
	struct emit e;
	struct wr w;

	if (v == NULL)
		return;
	buf_writer_growing(&w, CONTROL_REPLY_MAX);
	emit_msgpack_init(&e, &w);
	emit_begin_object(&e);
	emit_key(&e, key);
	value_emit(v, &e);
	emit_end_object(&e);
	client_send(c, &w);
	buf_free(&w);
}

/*
 * Replies of the engines.
 */
bool
control_entries(struct api *api, uint32_t id, const char *key,
    const uint8_t *bytes, size_t len)
{
	struct client *c = control_client(api, id);
	struct arena *arena;
	size_t used;

	if (c == NULL)
		return false;
	arena = arena_new(16 * 1024);
	while (len > 0 && value_parse_front(arena, bytes, len, &used) != NULL) {
		client_send_packed(c, c->is_memory ? "memory" : key, arena,
		    bytes, used);
		bytes += used;
		len -= used;
		arena_reset(arena);
	}
	arena_free(arena);
	return true;
}

bool
control_peer_status(struct api *api, uint32_t id, const uint8_t *bytes,
    size_t len)
{
	struct client *c = control_client(api, id);
	struct arena *arena;
	struct client_peer *p;

	if (c == NULL)
		return false;
	arena = arena_new(4096);
	p = calloc(1, sizeof(*p));
	if (p == NULL || (p->status = malloc(len)) == NULL)
		err(1, "control");
	memcpy(p->status, bytes, len);
	p->status_len = len;
	p->id = (uint32_t)value_get_number(value_parse(arena, bytes, len),
	    "id", 0);
	*c->peers_tail = p;
	c->peers_tail = &p->next;
	arena_free(arena);
	return true;
}

bool
control_peer_status_end(struct api *api, uint32_t id)
{
	struct client *c = control_client(api, id);

	if (c == NULL)
		return false;
	if (api->rde == NULL)
		control_end(api, id, "");
	else
		chan_send(api->rde, IMSG_PEER_COUNTERS_REQUEST, id, NULL, 0);
	return true;
}

/* One object of both: the session engine's members, then "rde". */
static void
client_send_peer(struct client *c, const struct client_peer *p,
    const struct value *counters)
{
	struct arena *arena = arena_new(16 * 1024);
	const struct value *v = value_parse(arena, p->status, p->status_len);
	struct emit e;
	struct wr w;
	size_t i;

	buf_writer_growing(&w, CONTROL_REPLY_MAX);
	emit_msgpack_init(&e, &w);
	emit_begin_object(&e);
	emit_key_object(&e, "neighbor");
	for (i = 0; v != NULL && v->kind == VALUE_OBJECT && i < v->len; i++) {
		emit_key(&e, value_string(&v->items[2 * i], "?"));
		value_emit(&v->items[2 * i + 1], &e);
	}
	if (counters != NULL) {
		emit_key(&e, "rde");
		value_emit(counters, &e);
	}
	emit_end_object(&e);
	emit_end_object(&e);
	client_send(c, &w);
	buf_free(&w);
	arena_free(arena);
}

bool
control_peer_counters(struct api *api, uint32_t id, const uint8_t *bytes,
    size_t len)
{
	struct client *c = control_client(api, id);
	struct arena *arena;
	const struct value *v;
	struct client_peer *p;

	if (c == NULL)
		return false;
	arena = arena_new(4096);
	v = value_parse(arena, bytes, len);
	for (p = c->peers; p != NULL && v != NULL; p = p->next) {
		if (p->status == NULL ||
		    p->id != value_get_number(v, "id", 0))
			continue;
		client_send_peer(c, p, v);
		free(p->status);
		p->status = NULL;
	}
	arena_free(arena);
	return true;
}

bool
control_end(struct api *api, uint32_t id, const char *error)
{
	struct client *c = control_client(api, id);
	struct client_peer *p;

	if (c == NULL)
		return false;
	/* Peers that the RDE does not know of. */
	while ((p = c->peers) != NULL) {
		c->peers = p->next;
		if (p->status != NULL)
			client_send_peer(c, p, NULL);
		free(p->status);
		free(p);
	}
	c->peers_tail = &c->peers;
	client_end(c, error);
	return true;
}

void
control_lose_rde(struct api *api)
{
	struct client *c;

	for (c = api->clients; c != NULL; c = c->next)
		if (c->is_walking)
			client_end(c, "the route decision engine is "
			    "restarting");
}

/*
 * Requests.
 */
static bool
control_matches(const struct api_peer *p, const char *peer, const char *group)
{
	char text[PREFIX_TEXT_MAX];

	if (group != NULL)
		return p->conf->group != NULL &&
		    strcmp(p->conf->group, group) == 0;
	if (peer == NULL)
		return true;
	if (strcmp(config_peer_is_template(p->conf) ?
	    prefix_print(&p->conf->remote, text, sizeof(text)) :
	    addr_print(&p->conf->remote.addr, text, sizeof(text)), peer) == 0)
		return true;
	return p->conf->descr != NULL && strcmp(p->conf->descr, peer) == 0;
}

/* Ids of the peers meant; n is 0 when all are. */
static const char *
control_peers(struct control_request *r, uint32_t **ids, size_t *n)
{
	struct api *api = r->client->api;
	const char *peer = value_get_string(r->map, "peer", NULL);
	const char *group = value_get_string(r->map, "group", NULL);
	struct addr addr;
	char text[ADDR_TEXT_MAX];
	size_t i;

	*n = 0;
	*ids = arena_alloc(r->arena, (api->n_peers + 1) * sizeof(**ids));
	if (peer == NULL && group == NULL)
		return NULL;
	/* One spelling of an address. */
	if (peer != NULL && addr_parse(peer, &addr) == 0)
		peer = addr_print(&addr, text, sizeof(text));
	for (i = 0; i < api->n_peers; i++)
		if (control_matches(&api->peers[i], peer, group))
			(*ids)[(*n)++] = api->peers[i].id;
	return *n == 0 ? "no such neighbor" : NULL;
}

static const char *
control_neighbors(struct control_request *r)
{
	struct api *api = r->client->api;
	const char *why;
	uint32_t *ids;
	struct wr w;
	size_t n;

	if ((why = control_peers(r, &ids, &n)) != NULL)
		return why;
	if (api->session == NULL)
		return "the session engine is restarting";
	buf_writer_growing(&w, IMSG_DATA_MAX);
	imsg_put_peers(&w, ids, n);
	chan_send_wr(api->session, IMSG_PEER_STATUS_REQUEST, r->client->id,
	    &w);
	buf_free(&w);
	return NULL;
}

static const char *
control_neighbor(struct control_request *r)
{
	static const struct { const char *word; uint8_t action; } rows[] = {
		{ "up", ACTION_UP }, { "down", ACTION_DOWN },
		{ "clear", ACTION_CLEAR }, { "refresh", ACTION_REFRESH },
	};
	struct api *api = r->client->api;
	const char *word = value_get_string(r->map, "action", "");
	const char *reason = value_get_string(r->map, "reason", "");
	uint8_t bytes[2 + 256];
	size_t i, n, len = strnlen(reason, 255);
	const char *why;
	uint32_t *ids;

	if (value_get(r->map, "peer") == NULL &&
	    value_get(r->map, "group") == NULL)
		return "no such neighbor";
	if ((why = control_peers(r, &ids, &n)) != NULL)
		return why;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		if (strcmp(rows[i].word, word) == 0)
			break;
	if (i == sizeof(rows) / sizeof(rows[0]))
		return "operation not supported";
	if (api->session == NULL)
		return "the session engine is restarting";
	bytes[0] = rows[i].action;
	bytes[1] = 0;
	memcpy(bytes + 2, reason, len);
	for (i = 0; i < n; i++) {
		struct api_peer *p = api_peer(api, ids[i]);

		if (bytes[0] == ACTION_REFRESH && p->is_up &&
		    !p->session.negotiated.has_refresh)
			return "neighbor does not have this capability";
		chan_send(api->session, IMSG_PEER_ACTION, ids[i], bytes,
		    2 + len);
	}
	client_end(r->client, "");
	return NULL;
}

/* The request goes to the RDE with the peers as numbers. */
static const char *
control_query(struct control_request *r)
{
	struct client *c = r->client;
	const struct value *m = r->map;
	const char *why;
	uint32_t *ids;
	struct emit e;
	struct wr w;
	size_t i, n;

	if ((why = control_peers(r, &ids, &n)) != NULL)
		return why;
	if (c->api->rde == NULL)
		return "the route decision engine is restarting";
	buf_writer_growing(&w, IMSG_DATA_MAX);
	emit_msgpack_init(&e, &w);
	emit_begin_object(&e);
	for (i = 0; i < m->len; i++) {
		const char *key = value_string(&m->items[2 * i], "");

		if (strcmp(key, "peer") == 0 || strcmp(key, "group") == 0 ||
		    strcmp(key, "peers") == 0 || strcmp(key, "raw") == 0)
			continue;
		emit_key(&e, key);
		value_emit(&m->items[2 * i + 1], &e);
	}
	if (n != 0) {
		emit_key_array(&e, "peers");
		for (i = 0; i < n; i++)
			emit_number(&e, ids[i]);
		emit_end_array(&e);
	}
	emit_end_object(&e);
	c->is_walking = true;
	chan_send_wr(c->api->rde, IMSG_RIB_REQUEST, c->id, &w);
	buf_free(&w);
	return NULL;
}

struct control_network {
	struct api	*api;
	uint32_t	 audience;
	struct wr	 w;
};

static int
control_network_add(const struct text_route *t, void *arg)
{
	struct control_network *n = arg;
	struct route route = t->route;

	route.flags |= ROUTE_FROM_NETWORK;
	route_put(&n->w, &route);
	return 0;
}

/*
 * network add|delete PREFIX words: the words of common/text. The answer does
 * not wait for the RDE, as OpenBGPD's does not.
 */
static const char *
control_network(struct control_request *r)
{
	struct api *api = r->client->api;
	const char *action = value_get_string(r->map, "action", "");
	const char *sentence = value_get_string(r->map, "route", "");
	struct control_network n = { .api = api };
	struct audience *a;
	bool is_delete = strcmp(action, "delete") == 0;
	uint8_t what;
	int e;

	if (api->rde == NULL)
		return "the route decision engine is restarting";
	if (strcmp(action, "flush") == 0) {
		what = CLEAR_NETWORKS;
		chan_send(api->rde, IMSG_RIB_CLEAR, 0, &what, 1);
		client_end(r->client, "");
		return NULL;
	}
	if (!is_delete && strcmp(action, "add") != 0)
		return "operation not supported";
	buf_writer_growing(&n.w, IMSG_DATA_MAX);
	e = text_route_parse_line(&api->parser, sentence, strlen(sentence),
	    is_delete, control_network_add, &n);
	if (e != 0) {
		buf_free(&n.w);
		return api->parser.error;
	}
	api_flush_routes(api);
	a = select_peers(api, NULL, 0);
	api->n_routes_sent++;
	chan_send_wr(api->rde, IMSG_ROUTE, a->id, &n.w);
	buf_free(&n.w);
	client_end(r->client, "");
	return NULL;
}

static const char *
control_reload(struct control_request *r)
{
	const char *reason = value_get_string(r->map, "reason", "");

	chan_send(r->client->api->parent, IMSG_RELOAD, r->client->id, reason,
	    strnlen(reason, 255));
	return NULL;
}

static const char *
control_log(struct control_request *r)
{
	const char *level = value_get_string(r->map, "level", "");
	uint8_t is_verbose = strcmp(level, "verbose") == 0;

	if (!is_verbose && strcmp(level, "brief") != 0)
		return "operation not supported";
	chan_send(r->client->api->parent, IMSG_LOG_LEVEL, 0, &is_verbose, 1);
	client_end(r->client, "");
	return NULL;
}

static const char *
control_programs(struct control_request *r)
{
	struct program *g;
	struct emit e;
	struct wr w;

	buf_writer_growing(&w, CONTROL_REPLY_MAX);
	for (g = r->client->api->programs; g != NULL; g = g->next) {
		emit_msgpack_init(&e, &w);
		emit_begin_object(&e);
		emit_key_object(&e, "program");
		emit_key_string(&e, "name", g->conf != NULL ?
		    g->conf->name : g->is_cli ? "cli" : "");
		emit_key_number(&e, "pid", (uint64_t)g->pid);
		emit_key_string(&e, "state", g->in_fd == -1 ? "stopped" :
		    "running");
		emit_key_number(&e, "queue", g->output.bytes.len -
		    g->output.sent);
		emit_key_number(&e, "lines", g->n_lines);
		emit_key_number(&e, "errors", g->n_errors);
		emit_key_number(&e, "acks", g->n_acks);
		emit_key_number(&e, "events", g->n_events);
		emit_key_number(&e, "drops", g->n_dropped);
		emit_end_object(&e);
		emit_end_object(&e);
		client_send(r->client, &w);
		buf_reset(&w);
	}
	buf_free(&w);
	client_end(r->client, "");
	return NULL;
}

static const char *
control_rtrs(struct control_request *r)
{
	struct api *api = r->client->api;

	if (api->session == NULL)
		return "the session engine is restarting";
	chan_send(api->session, IMSG_RTR_STATUS_REQUEST, r->client->id, NULL,
	    0);
	return NULL;
}

/*
 * What the parent knows of the kernel: fib, interfaces, tables.
 */
static const char *
control_kernel(struct control_request *r)
{
	struct emit e;
	struct wr w;

	buf_writer_growing(&w, 2048);
	emit_msgpack_init(&e, &w);
	value_emit(r->map, &e);
	if (w.err != 0) {
		buf_free(&w);
		return "malformed request";
	}
	chan_send_wr(r->client->api->parent, IMSG_KROUTE_REQUEST,
	    r->client->id, &w);
	buf_free(&w);
	return NULL;
}

/* fib couple, decouple */
static const char *
control_couple(struct control_request *r)
{
	const char *action = value_get_string(r->map, "action", "");
	uint8_t is_coupled = strcmp(action, "couple") == 0;

	chan_send(r->client->api->parent, IMSG_KROUTE_COUPLE, r->client->id,
	    &is_coupled, 1);
	return NULL;
}

void
control_kernel_pause(struct api *api, uint32_t id)
{
	struct client *c = control_client(api, id);
	uint8_t go_on = c != NULL;

	if (c != NULL && c->out.bytes.len - c->out.sent > CLIENT_LOW) {
		c->is_kernel_waiting = true;	/* until it has read */
		return;
	}
	chan_send(api->parent, IMSG_KROUTE_MORE, id, &go_on, 1);
}

static const struct control_row control_rows[] = {
	{ "couple", false, control_couple },
	{ "fib", false, control_kernel },
	{ "interfaces", true, control_kernel },
	{ "log", false, control_log },
	{ "memory", true, control_query },
	{ "neighbor", false, control_neighbor },
	{ "neighbors", true, control_neighbors },
	{ "network", false, control_network },
	{ "networks", true, control_query },
	{ "nexthops", true, control_query },
	{ "programs", true, control_programs },
	{ "reload", false, control_reload },
	{ "rib", true, control_query },
	{ "rtrs", true, control_rtrs },
	{ "sets", true, control_query },
	{ "tables", false, control_kernel },
};

static void
control_dispatch(struct control_request *r)
{
	struct client *c = r->client;
	const char *word = value_get_string(r->map, "request", "");
	const char *why = "operation not supported";
	size_t i, n = sizeof(control_rows) / sizeof(control_rows[0]);

	for (i = 0; i < n; i++)
		if (strcmp(control_rows[i].request, word) == 0)
			break;
	c->is_busy = true;
	c->is_memory = strcmp(word, "memory") == 0;
	if (i < n) {
		if (!control_rows[i].is_read_only && c->is_restricted)
			why = "permission denied";
		else
			why = control_rows[i].handle(r);
		if (!control_rows[i].is_read_only)
			log_info(&c->api->env->log, "control client %u: %s%s%s",
			    c->id, word, why == NULL ? "" : ": ",
			    why == NULL ? "" : why);
	}
	if (why != NULL)
		client_end(c, why);
}

/* Carry out the request at the front of the input, if it is whole. */
static bool
client_next(struct client *c)
{
	struct rd r = buf_written(&c->in);
	struct control_request request = { .client = c };
	uint32_t len = buf_get_u32(&r);
	const uint8_t *bytes;

	if (r.is_short || c->is_busy)
		return true;
	if (len > CONTROL_REQUEST_MAX)
		return false;
	bytes = buf_get_bytes(&r, len);
	if (bytes == NULL)
		return true;
	request.arena = arena_new(16 * 1024);
	request.map = value_parse(request.arena, bytes, len);
	if (request.map != NULL && request.map->kind == VALUE_OBJECT)
		control_dispatch(&request);
	else
		client_end(c, "malformed request");
	arena_free(request.arena);
	memmove(c->in.base, c->in.base + CONTROL_HEAD_LEN + len,
	    c->in.len - CONTROL_HEAD_LEN - len);
	c->in.len -= CONTROL_HEAD_LEN + len;
	return true;
}

static void
client_on_ready(int ready, void *arg)
{
	struct client *c = arg;
	uint8_t bytes[4096];
	ssize_t n;

	if ((ready & LOOP_WRITE) && !client_flush(c))
		return;
	if ((ready & LOOP_READ) == 0)
		return;
	n = read(c->fd, bytes, sizeof(bytes));
	if (n == -1 && (errno == EAGAIN || errno == EINTR))
		return;
	if (n <= 0) {
		client_free(c);
		return;
	}
	buf_put_bytes(&c->in, bytes, (size_t)n);
	if (c->in.err != 0 || !client_next(c))
		client_free(c);
}

static void
control_on_ready(int ready, void *arg)
{
	struct control_listener *l = arg;
	struct api *api = l->api;
	struct client *c, *other;
	unsigned n = 0;
	int fd;

	(void)ready;
	fd = accept4(l->fd, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
	if (fd == -1)
		return;
	for (other = api->clients; other != NULL; other = other->next)
		n++;
	c = n < CLIENTS_MAX ? calloc(1, sizeof(*c)) : NULL;
	if (c == NULL) {
		close(fd);
		return;
	}
	c->api = api;
	/* Program requests have the high bit. */
	c->id = ++api->next_client & ~API_PROGRAM_REQUEST;
	c->fd = fd;
	c->is_restricted = l->is_restricted;
	c->peers_tail = &c->peers;
	buf_writer_growing(&c->in, CONTROL_REQUEST_MAX + 4096);
	buf_writer_growing(&c->out.bytes, CLIENT_QUEUE_MAX);
	loop_watch_init(&c->watch, api->env->loop, fd, client_on_ready, c);
	loop_watch_set(&c->watch, LOOP_READ);
	c->next = api->clients;
	api->clients = c;
}

void
control_add(struct api *api, int fd, bool is_restricted)
{
	struct control_listener *l = calloc(1, sizeof(*l));

	if (api->control == NULL)
		api->control = calloc(1, sizeof(*api->control));
	if (l == NULL || api->control == NULL)
		err(1, "control");
	l->api = api;
	l->fd = fd;
	l->is_restricted = is_restricted;
	l->next = api->control->listeners;
	api->control->listeners = l;
	loop_watch_init(&l->watch, api->env->loop, fd, control_on_ready, l);
	loop_watch_set(&l->watch, LOOP_READ);
}

void
control_free(struct api *api)
{
	struct control_listener *l;

	while (api->clients != NULL)
		client_free(api->clients);
	while (api->control != NULL && (l = api->control->listeners) != NULL) {
		api->control->listeners = l->next;
		loop_watch_fini(&l->watch);
		close(l->fd);
		free(l);
	}
	free(api->control);
	api->control = NULL;
}
