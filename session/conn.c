/* SPDX-License-Identifier: ISC */
/* One TCP connection: framing in, shared blocks out. */
#include "session/conn.h"

#include "common/env.h"
#include "common/err.h"
#include "common/net.h"

#include <err.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/uio.h>

#define CONN_IOV_MAX	64

static void	conn_on_ready(int, void *);
static void	conn_on_flush(void *);
static void	conn_on_close_timer(void *);

struct conn *
conn_new(struct env *env, int handle, bool is_connecting,
    const struct conn_handler *handler)
{
	struct conn *c = calloc(1, sizeof(*c));

	if (c == NULL)
		err(1, "conn");
	c->env = env;
	c->handle = handle;
	c->handler = *handler;
	c->is_connecting = is_connecting;
	c->max_len = BGP_MESSAGE_MAX;
	loop_watch_init(&c->watch, env->loop, handle, conn_on_ready, c);
	loop_task_init(&c->flush, env->loop, conn_on_flush, c);
	loop_timer_init(&c->close_timer, env->loop, conn_on_close_timer, c);
	loop_watch_set(&c->watch, is_connecting ? LOOP_WRITE : LOOP_READ);
	if (!is_connecting)
		env->net->ops->names(env->net, handle, &c->local,
		    &c->local_port, &c->remote, &c->remote_port);
	return c;
}

static void
conn_drop_first(struct conn *c)
{
	struct conn_segment *s = c->first;

	c->first = s->next;
	if (c->first == NULL)
		c->last = NULL;
	conn_block_unref(s->block);
	free(s);
}

int
conn_detach(struct conn *c)
{
	c->is_dead = true;
	loop_watch_fini(&c->watch);
	loop_task_fini(&c->flush);
	loop_timer_fini(&c->close_timer);
	return c->handle;
}

void
conn_free(struct conn *c)
{
	if (c == NULL)
		return;
	if (!c->is_dead)
		c->env->net->ops->close(c->env->net, conn_detach(c));
	if (c->depth != 0)
		return;
	while (c->first != NULL)
		conn_drop_first(c);
	free(c->in);
	free(c);
}

/* Callbacks are bracketed: a connection that they free lives until here. */
static bool
conn_leave(struct conn *c)
{
	c->depth--;
	if (!c->is_dead)
		return true;
	if (c->depth == 0)
		conn_free(c);
	return false;
}

static void
conn_finish(struct conn *c)
{
	c->env->net->ops->shutdown_write(c->env->net, c->handle);
	loop_watch_set(&c->watch, LOOP_READ);
}

void
conn_close(struct conn *c)
{
	if (c == NULL || c->is_dead)
		return;
	if (c->is_connecting) {
		conn_free(c);
		return;
	}
	c->is_closing = true;
	loop_timer_set_after_usec(&c->close_timer,
	    CONN_CLOSING_SEC * MONO_USEC_PER_SEC);
	if (c->first == NULL)
		conn_finish(c);
	else
		loop_watch_set(&c->watch, LOOP_READ | LOOP_WRITE);
}

static void
conn_on_close_timer(void *arg)
{
	conn_free(arg);
}

struct conn_block *
conn_block_new(const void *bytes, size_t len)
{
	struct conn_block *b = malloc(sizeof(*b) + len);

	if (b == NULL)
		err(1, "conn");
	b->refs = 1;
	b->len = (uint32_t)len;
	memcpy(b->bytes, bytes, len);
	return b;
}

void
conn_block_unref(struct conn_block *b)
{
	if (--b->refs == 0)
		free(b);
}

void
conn_send_block(struct conn *c, struct conn_block *b)
{
	struct conn_segment *s;

	if (c->is_dead || c->is_closing || b->len == 0)
		return;
	s = calloc(1, sizeof(*s));
	if (s == NULL)
		err(1, "conn");
	s->block = b;
	b->refs++;
	if (c->last == NULL)
		c->first = s;
	else
		c->last->next = s;
	c->last = s;
	c->queued += b->len;
	if ((c->watch.wanted & LOOP_WRITE) == 0)
		loop_task_schedule(&c->flush);
	if (c->queued > CONN_HIGH_BYTES && !c->was_full) {
		c->was_full = true;
		c->handler.on_full(c, true, c->handler.arg);
	}
}

void
conn_send(struct conn *c, const void *bytes, size_t len)
{
	struct conn_block *b = conn_block_new(bytes, len);

	conn_send_block(c, b);
	conn_block_unref(b);
}

static void
conn_sent(struct conn *c, size_t n)
{
	c->queued -= n;
	c->n_sent += n;
	while (n > 0) {
		size_t left = c->first->block->len - c->first->sent;

		if (n < left) {
			c->first->sent += (uint32_t)n;
			return;
		}
		n -= left;
		conn_drop_first(c);
	}
}

/* Write until done or full. 0, ERR_AGAIN or ERR_SYSTEM. */
static int
conn_write(struct conn *c)
{
	struct iovec iov[CONN_IOV_MAX];
	struct conn_segment *s;
	ssize_t n;
	int n_iov;

	while (c->first != NULL) {
		n_iov = 0;
		for (s = c->first; s != NULL && n_iov < CONN_IOV_MAX;
		    s = s->next) {
			iov[n_iov].iov_base = s->block->bytes + s->sent;
			iov[n_iov].iov_len = s->block->len - s->sent;
			n_iov++;
		}
		n = c->env->net->ops->writev(c->env->net, c->handle, iov,
		    n_iov);
		if (n == ERR_AGAIN) {
			if (!mono_is_set(c->stuck_since))
				c->stuck_since = loop_now(c->env->loop);
			return ERR_AGAIN;
		}
		if (n < 0)
			return ERR_SYSTEM;
		c->last_write = loop_now(c->env->loop);
		c->stuck_since = (struct mono){ 0 };
		conn_sent(c, (size_t)n);
	}
	return 0;
}

static void
conn_on_writable(struct conn *c)
{
	int r = conn_write(c);

	if (r == ERR_SYSTEM) {
		/* Reading tells why, after what the peer said before. */
		loop_watch_want(&c->watch, LOOP_WRITE, false);
		if (c->is_closing)
			conn_free(c);
		return;
	}
	/* The kernel is asked to tell only where it has no room now. */
	loop_watch_want(&c->watch, LOOP_WRITE, c->first != NULL);
	if (c->first == NULL && c->is_closing)
		conn_finish(c);
	if (!c->is_closing)
		c->handler.on_sent(c, c->handler.arg);
	if (c->was_full && c->queued < CONN_LOW_BYTES && !c->is_closing) {
		c->was_full = false;
		c->handler.on_full(c, false, c->handler.arg);
	}
}

static void
conn_on_flush(void *arg)
{
	struct conn *c = arg;

	c->depth++;
	conn_on_writable(c);
	conn_leave(c);
}

/* Deliver the whole messages in the buffer, at most max of them. */
static void
conn_deliver(struct conn *c, unsigned max)
{
	struct message_error error;
	size_t pos = 0;
	uint16_t len;
	uint8_t type;

	while (max-- > 0 && c->in_len - pos >= BGP_HEADER_LEN && !c->is_bad &&
	    !c->is_closing && !c->is_dead && !c->is_paused) {
		if (message_check_header(c->in + pos, c->max_len,
		    c->has_operational, &type, &len, &error) != 0) {
			c->is_bad = true;
			c->handler.on_bad(c, &error, c->handler.arg);
			break;
		}
		if (c->in_len - pos < len)
			break;
		c->handler.on_message(c, type, c->in + pos, len,
		    c->handler.arg);
		pos += len;
	}
	memmove(c->in, c->in + pos, c->in_len - pos);
	c->in_len -= pos;
}

static bool
conn_has_message(const struct conn *c)
{
	struct rd r = buf_reader(c->in, c->in_len);

	if (c->in_len < BGP_HEADER_LEN)
		return false;
	buf_get_bytes(&r, BGP_MARKER_LEN);
	return c->in_len >= buf_get_u16(&r);
}

bool
conn_is_held_up(const struct conn *c)
{
	return c->is_paused && conn_has_message(c);
}

static void
conn_on_end(struct conn *c, ssize_t n)
{
	const char *why = n == 0 ? "closed by the peer" : strerror(errno);

	if (c->is_closing) {
		conn_free(c);
		return;
	}
	c->is_bad = true;
	loop_watch_set(&c->watch, 0);
	c->handler.on_closed(c, why, c->handler.arg);
}

static void
conn_need_input(struct conn *c)
{
	if (c->in != NULL)
		return;
	c->in_cap = CONN_READ_BYTES + BGP_MESSAGE_MAX_EXTENDED;
	c->in = malloc(c->in_cap);
	if (c->in == NULL)
		err(1, "conn");
}

void
conn_put_input(struct conn *c, const void *bytes, size_t len)
{
	conn_need_input(c);
	if (len > c->in_cap - c->in_len)
		len = c->in_cap - c->in_len;
	memcpy(c->in + c->in_len, bytes, len);
	c->in_len += len;
}

static void
conn_on_readable(struct conn *c)
{
	size_t room;
	ssize_t n = ERR_AGAIN;

	conn_need_input(c);
	room = c->in_cap - c->in_len;
	if (room > CONN_READ_BYTES)
		room = CONN_READ_BYTES;
	if (room > 0 && !conn_has_message(c))
		n = c->env->net->ops->read(c->env->net, c->handle,
		    c->in + c->in_len, room);
	if (n > 0) {
		c->last_read = loop_now(c->env->loop);
		c->in_len += (size_t)n;
	}
	if (c->is_closing)
		c->in_len = 0;
	else
		conn_deliver(c, c->in_len);
	if (!c->is_dead && !c->is_closing)
		c->handler.on_turn(c, c->handler.arg);
	if (!c->is_dead && (n == 0 || n == ERR_SYSTEM))
		conn_on_end(c, n);
}

static void
conn_on_connected(struct conn *c)
{
	int error = c->env->net->ops->connect_result(c->env->net, c->handle);

	c->is_connecting = false;
	if (error == 0)
		c->env->net->ops->names(c->env->net, c->handle, &c->local,
		    &c->local_port, &c->remote, &c->remote_port);
	loop_watch_set(&c->watch, error == 0 ? LOOP_READ : 0);
	c->handler.on_open(c, error, c->handler.arg);
}

static void
conn_on_ready(int ready, void *arg)
{
	struct conn *c = arg;

	c->depth++;
	if (c->is_connecting) {
		conn_on_connected(c);
		conn_leave(c);
		return;
	}
	if (ready & LOOP_WRITE)
		conn_on_writable(c);
	if (!c->is_dead && (ready & LOOP_READ))
		conn_on_readable(c);
	conn_leave(c);
}

void
conn_pause(struct conn *c, bool is_paused)
{
	if (c->is_paused == is_paused || c->is_closing || c->is_dead)
		return;
	c->is_paused = is_paused;
	loop_watch_want(&c->watch, LOOP_READ, !is_paused);
	if (!is_paused && conn_has_message(c))
		conn_poll(c);
}

/* What is there, until a message is whole. */
static void
conn_fill(struct conn *c)
{
	ssize_t n = 1;

	conn_need_input(c);
	while (n > 0 && c->in_len < c->in_cap && !conn_has_message(c)) {
		n = c->env->net->ops->read(c->env->net, c->handle,
		    c->in + c->in_len, c->in_cap - c->in_len);
		if (n > 0)
			c->in_len += (size_t)n;
	}
	if (conn_has_message(c))
		c->last_read = loop_now(c->env->loop);
}

void
conn_poll(struct conn *c)
{
	if (c->is_connecting || c->is_dead || c->is_closing || c->is_bad)
		return;
	c->depth++;
	conn_fill(c);
	conn_on_readable(c);
	conn_leave(c);
}
