/* SPDX-License-Identifier: ISC */
/*
 * The control socket: bgpctl's connections, one request at a time each, and
 * their bounded queues: when a client does not read, the RDE's walk for it
 * pauses.
 */
#include "api/client.h"

#include "api/opevent.h"
#include "common/arena.h"
#include "common/chan.h"
#include "common/control.h"
#include "common/emit.h"
#include "common/value.h"

#include <err.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define CLIENTS_MAX	64
#define CLIENTS_MAX_RESTRICTED 32	/* of them on the restricted socket */
#define CLIENT_PAUSE_USEC MONO_USEC_PER_SEC	/* out of descriptors */
#define CLIENT_HIGH	(512 * 1024)	/* pause the walk above this */
#define CLIENT_LOW	(64 * 1024)
#define CLIENT_QUEUE_MAX (8 * 1024 * 1024)

struct control_listener {
	struct control_listener	*next;
	struct api		*api;
	struct loop_watch	 watch;
	struct loop_timer	 pause;
	int			 fd;
	bool			 is_restricted;
};

struct control {
	struct control_listener	*listeners;
};

struct client *
client_find(struct api *api, uint32_t id)
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
	if (c->is_parent_waiting)
		chan_send(c->api->parent, IMSG_SHOW_MORE, c->id,
		    (const uint8_t[]){ 0 }, 1);
	if (c->is_walking && c->api->rde != NULL)
		chan_send(c->api->rde, IMSG_RIB_CANCEL, c->id, NULL, 0);
	while ((p = c->peers) != NULL) {
		c->peers = p->next;
		free(p->status);
		free(p);
	}
	opevent_fini(c);
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

	if (c->is_parent_waiting && queued <= CLIENT_LOW) {
		c->is_parent_waiting = false;
		control_parent_pause(c->api, c->id);
	}
	if (!c->is_walking || is_full == c->is_paused || c->api->rde == NULL)
		return;
	c->is_paused = is_full;
	chan_send(c->api->rde, is_full ? IMSG_RIB_XOFF : IMSG_RIB_XON, c->id,
	    NULL, 0);
	/* At once: the walk is faster than our turn's end is near. */
	chan_flush(c->api->rde);
}

void
control_parent_pause(struct api *api, uint32_t id)
{
	struct client *c = client_find(api, id);
	uint8_t go_on = c != NULL;

	if (c != NULL && c->out.bytes.len - c->out.sent > CLIENT_LOW) {
		c->is_parent_waiting = true;	/* until it has read */
		return;
	}
	chan_send(api->parent, IMSG_SHOW_MORE, id, &go_on, 1);
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
	if (c->is_listening)
		opevent_resume(c);
	loop_watch_want(&c->watch, LOOP_WRITE, q->bytes.len != 0);
	client_flow(c);
	return true;
}

void
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

void
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

static bool
control_has_room(const struct api *api, bool is_restricted)
{
	const struct client *c;
	unsigned n = 0, n_restricted = 0;

	for (c = api->clients; c != NULL; c = c->next) {
		n++;
		n_restricted += c->is_restricted;
	}
	/* Looking glasses cannot shut the operator out. */
	return n < CLIENTS_MAX &&
	    (!is_restricted || n_restricted < CLIENTS_MAX_RESTRICTED);
}

/* Who is at the other end, for the log of changes. */
static void
client_get_credentials(struct client *c)
{
	struct ucred cred = { .uid = (uid_t)-1 };
	socklen_t len = sizeof(cred);

	getsockopt(c->fd, SOL_SOCKET, SO_PEERCRED, &cred, &len);
	c->uid = cred.uid;
	c->pid = cred.pid;
}

static void
client_new(struct control_listener *l, int fd)
{
	struct api *api = l->api;
	struct client *c = calloc(1, sizeof(*c));

	if (c == NULL)
		err(1, "client");
	c->api = api;
	/* Program requests have the high bit. */
	c->id = ++api->next_client & (API_BMP_REQUEST - 1);
	c->fd = fd;
	c->is_restricted = l->is_restricted;
	c->peers_tail = &c->peers;
	client_get_credentials(c);
	buf_writer_growing(&c->in, CONTROL_REQUEST_MAX + 4096);
	buf_writer_growing(&c->out.bytes, CLIENT_QUEUE_MAX);
	loop_watch_init(&c->watch, api->env->loop, fd, client_on_ready, c);
	loop_watch_set(&c->watch, LOOP_READ);
	c->next = api->clients;
	api->clients = c;
}

static void
control_on_pause_end(void *arg)
{
	struct control_listener *l = arg;

	loop_watch_set(&l->watch, LOOP_READ);
}

static void
control_on_ready(int ready, void *arg)
{
	struct control_listener *l = arg;
	int fd;

	(void)ready;
	fd = accept4(l->fd, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
	if (fd == -1 && (errno == EMFILE || errno == ENFILE)) {
		loop_watch_set(&l->watch, 0);
		loop_timer_set_after_usec(&l->pause, CLIENT_PAUSE_USEC);
	}
	if (fd == -1)
		return;
	if (control_has_room(l->api, l->is_restricted))
		client_new(l, fd);
	else
		close(fd);
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
	loop_timer_init(&l->pause, api->env->loop, control_on_pause_end, l);
	loop_watch_init(&l->watch, api->env->loop, fd, control_on_ready, l);
	loop_watch_set(&l->watch, LOOP_READ);
}

void
control_free(struct api *api)
{
	struct control_listener *l;
	struct client *c, *next;

	/* Last words: the answer to who asked for this. */
	for (c = api->clients; c != NULL; c = next) {
		next = c->next;
		client_flush(c);
	}
	while (api->clients != NULL)
		client_free(api->clients);
	while (api->control != NULL && (l = api->control->listeners) != NULL) {
		api->control->listeners = l->next;
		loop_watch_fini(&l->watch);
		loop_timer_fini(&l->pause);
		close(l->fd);
		free(l);
	}
	free(api->control);
	api->control = NULL;
}
