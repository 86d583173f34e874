/* SPDX-License-Identifier: ISC */
/*
 * Message channels: framing, queues, flow control and the checks of the
 * message table, over a back end that moves bytes and descriptors.
 *
 * The queue is a list of blocks. Messages are appended to the last block
 * while it has room; a message with a descriptor starts a block of its own,
 * so that the descriptor travels with the first byte of that block.
 */
#include "common/chan.h"

#include "common/buf.h"
#include "common/env.h"
#include "common/err.h"
#include "common/loop.h"

#include <err.h>
#include <stdlib.h>
#include <string.h>
#include <sys/uio.h>

#define CHAN_BLOCK_BYTES	(64 * 1024)
#define CHAN_STATE_PIECE	(128 * 1024)
#define CHAN_READ_BYTES		(64 * 1024)
#define CHAN_IOV_MAX		16	/* blocks in one write */
#define CHAN_TURN_BYTES		(256 * 1024)	/* read in one turn */
#define CHAN_TURN_USEC		5000	/* messages delivered in one turn */
#define CHAN_FDS_MAX		64	/* received, not yet claimed */
#define CHAN_FLAG_FD		1	/* header flag: a descriptor belongs */

struct chan_block {
	struct chan_block	*next;
	size_t			 cap, len, sent;
	int			 fd;	/* goes with the first byte, or -1 */
	uint8_t			 bytes[];
};

struct chan {
	struct env		*env;
	struct chan_handler	 handler;
	struct loop_watch	 watch;
	struct loop_task	 flush_task;
	struct loop_task	 deliver_task;	/* after a pause or cut */
	bool			 is_cut;	/* more to deliver next turn */
	struct chan_block	*first, *last;
	size_t			 queued;
	uint8_t			*in;		/* bytes not delivered yet */
	size_t			 in_len, in_cap;
	int			 fds[CHAN_FDS_MAX];
	unsigned		 n_fds;
	int			 handle;
	enum imsg_proc		 self, other;
	bool			 was_full;
	bool			 is_paused;
	bool			 is_closed;
	bool			 is_delivering;
	bool			 is_freed;	/* by its handler */
};

static void chan_on_ready(int, void *);
static void chan_on_flush(void *);
static void chan_on_deliver(void *);

/* A line of a worker's log, for the parent to write. */
static void
chan_log_sink(enum log_level level, const char *line, void *arg)
{
	uint8_t bytes[1 + LOG_LINE_MAX];
	size_t len = strnlen(line, LOG_LINE_MAX);

	bytes[0] = (uint8_t)level;
	memcpy(bytes + 1, line, len);
	chan_send(arg, IMSG_LOG, 0, bytes, len + 1);
}

struct chan *
chan_new(struct env *env, int handle, enum imsg_proc self,
    enum imsg_proc other, const struct chan_handler *handler)
{
	struct chan *c = calloc(1, sizeof(*c));

	if (c == NULL)
		err(1, "chan");
	c->env = env;
	c->handler = *handler;
	c->handle = handle;
	c->self = self;
	c->other = other;
	loop_watch_init(&c->watch, env->loop, handle, chan_on_ready, c);
	loop_watch_set(&c->watch, LOOP_READ);
	loop_task_init(&c->flush_task, env->loop, chan_on_flush, c);
	loop_task_init(&c->deliver_task, env->loop, chan_on_deliver, c);
	if (other == PROC_PARENT && env->log.sink == NULL)
		log_init(&env->log, chan_log_sink, c);
	return c;
}

static void
chan_drop_first(struct chan *c)
{
	struct chan_block *b = c->first;

	c->first = b->next;
	if (c->first == NULL)
		c->last = NULL;
	if (b->fd != -1)
		c->env->chan_ops->close_fd(c->env, b->fd);
	free(b);
}

void
chan_free(struct chan *c)
{
	unsigned i;

	if (c == NULL || c->is_freed)
		return;
	if (c->env->log.arg == c)
		c->env->log.sink = NULL;
	loop_watch_fini(&c->watch);
	loop_task_fini(&c->flush_task);
	loop_task_fini(&c->deliver_task);
	c->env->chan_ops->close(c->env, c->handle);
	while (c->first != NULL)
		chan_drop_first(c);
	for (i = 0; i < c->n_fds; i++)
		c->env->chan_ops->close_fd(c->env, c->fds[i]);
	c->is_freed = true;
	/* A handler freed it: chan_deliver ends it when it is back. */
	if (c->is_delivering)
		return;
	free(c->in);
	free(c);
}

enum imsg_proc
chan_other(const struct chan *c)
{
	return c->other;
}

static struct chan_block *
chan_add_block(struct chan *c, size_t need, int fd)
{
	size_t cap = need > CHAN_BLOCK_BYTES ? need : CHAN_BLOCK_BYTES;
	struct chan_block *b;

	if (fd != -1)
		cap = need;
	b = malloc(sizeof(*b) + cap);
	if (b == NULL)
		err(1, "chan");
	*b = (struct chan_block){ .cap = cap, .fd = fd };
	if (c->last == NULL)
		c->first = b;
	else
		c->last->next = b;
	c->last = b;
	return b;
}

void
chan_send_fd(struct chan *c, enum imsg_type type, uint32_t id,
    const void *data, size_t len, int fd)
{
	struct chan_block *b = c->last;
	size_t need = IMSG_HEADER_LEN + len;
	struct wr w;

	if (len > IMSG_DATA_MAX)
		errx(1, "chan: message %s of %zu bytes",
		    imsg_row(type)->name, len);
	if (c->is_closed) {
		if (fd != -1)
			c->env->chan_ops->close_fd(c->env, fd);
		return;
	}
	if (b == NULL || fd != -1 || b->cap - b->len < need)
		b = chan_add_block(c, need, fd);
	buf_writer(&w, b->bytes + b->len, need);
	buf_put_u32(&w, (uint32_t)len);
	buf_put_u16(&w, type);
	buf_put_u16(&w, fd == -1 ? 0 : CHAN_FLAG_FD);
	buf_put_u32(&w, id);
	buf_put_bytes(&w, data, len);
	b->len += need;
	c->queued += need;
	if (c->queued > CHAN_HIGH_BYTES)
		c->was_full = true;
	loop_task_schedule(&c->flush_task);
}

void
chan_send(struct chan *c, enum imsg_type type, uint32_t id, const void *data,
    size_t len)
{
	chan_send_fd(c, type, id, data, len, -1);
}

void
chan_send_wr(struct chan *c, enum imsg_type type, uint32_t id, struct wr *w)
{
	if (w->err != 0)
		errx(1, "chan: message %s: %s", imsg_row(type)->name,
		    err_text(w->err));
	chan_send_fd(c, type, id, w->base, w->len, -1);
	buf_reset(w);
}

void
chan_send_state(struct chan *c, uint32_t id, uint8_t kind,
    const uint8_t *bytes, size_t len)
{
	struct wr w;
	size_t n;

	buf_writer_growing(&w, IMSG_DATA_MAX);
	for (; len > 0; bytes += n, len -= n) {
		n = len < CHAN_STATE_PIECE ? len : CHAN_STATE_PIECE;
		buf_put_u8(&w, kind);
		buf_put_bytes(&w, bytes, n);
		chan_send_wr(c, IMSG_STATE, id, &w);
	}
	buf_free(&w);
}

bool
chan_is_full(const struct chan *c)
{
	return c->queued > CHAN_HIGH_BYTES;
}

size_t
chan_queued_bytes(const struct chan *c)
{
	return c->queued;
}

/* The channel is over: tell the handler once, which may free it. */
static void
chan_fail(struct chan *c, const char *why)
{
	if (c->is_closed)
		return;
	c->is_closed = true;
	loop_watch_set(&c->watch, 0);
	loop_task_cancel(&c->flush_task);
	while (c->first != NULL)
		chan_drop_first(c);
	c->queued = 0;
	c->handler.on_closed(c, why, c->handler.arg);
}

static unsigned
chan_gather(struct chan *c, struct iovec *iov, int *fd)
{
	struct chan_block *b;
	unsigned n = 0;

	*fd = -1;
	for (b = c->first; b != NULL && n < CHAN_IOV_MAX; b = b->next) {
		if (b->fd != -1 && n != 0)
			break;
		iov[n].iov_base = b->bytes + b->sent;
		iov[n].iov_len = b->len - b->sent;
		n++;
		if (b->fd != -1) {
			*fd = b->fd;
			break;
		}
	}
	return n;
}

static void
chan_sent(struct chan *c, size_t n, int fd)
{
	if (fd != -1 && n > 0) {
		c->env->chan_ops->close_fd(c->env, c->first->fd);
		c->first->fd = -1;
	}
	c->queued -= n;
	while (n > 0) {
		size_t left = c->first->len - c->first->sent;

		if (n < left) {
			c->first->sent += n;
			return;
		}
		n -= left;
		chan_drop_first(c);
	}
}

void
chan_flush(struct chan *c)
{
	struct iovec iov[CHAN_IOV_MAX];
	ssize_t n;
	unsigned n_iov;
	int fd;

	while (c->first != NULL && !c->is_closed) {
		n_iov = chan_gather(c, iov, &fd);
		n = c->env->chan_ops->writev(c->env, c->handle, iov,
		    (int)n_iov, fd);
		if (n == ERR_AGAIN)
			break;
		if (n <= 0) {
			/* The reader learns of it, and calls chan_fail. */
			break;
		}
		chan_sent(c, (size_t)n, fd);
	}
	if (!c->is_closed)
		loop_watch_want(&c->watch, LOOP_WRITE, c->first != NULL);
}

static void
chan_after_flush(struct chan *c)
{
	if (!c->was_full || c->is_closed || c->queued >= CHAN_LOW_BYTES)
		return;
	c->was_full = false;
	if (c->handler.on_drained != NULL)
		c->handler.on_drained(c, c->handler.arg);
}

static void
chan_on_flush(void *arg)
{
	struct chan *c = arg;

	chan_flush(c);
	chan_after_flush(c);
}

/* Check a header against the table: NULL if sound, else what is wrong. */
static const char *
chan_check(const struct chan *c, unsigned type, size_t len, bool has_fd)
{
	const struct imsg_row *row = imsg_row(type);

	if (row == NULL)
		return "unknown message";
	if ((row->from & IMSG_FROM(c->other)) == 0 ||
	    (row->to & IMSG_FROM(c->self)) == 0)
		return "message from a wrong sender";
	if (len < row->min_len || len > row->max_len)
		return "message of a wrong size";
	if (row->has_fd != has_fd || (has_fd && c->n_fds == 0))
		return "message without its descriptor";
	return NULL;
}

static int
chan_take_fd(struct chan *c, bool has_fd)
{
	int fd;

	if (!has_fd)
		return -1;
	fd = c->fds[0];
	c->n_fds--;
	memmove(c->fds, c->fds + 1, c->n_fds * sizeof(c->fds[0]));
	return fd;
}

/*
 * Deliver the message at the front of r. 0, ERR_AGAIN when it is not whole
 * yet, ERR_PROTO after the channel was failed.
 */
static int
chan_deliver_one(struct chan *c, struct rd *r)
{
	struct rd peek = *r;
	struct imsg m;
	const char *why;
	size_t len = buf_get_u32(&peek);
	unsigned type = buf_get_u16(&peek);
	bool has_fd = (buf_get_u16(&peek) & CHAN_FLAG_FD) != 0;

	m.id = buf_get_u32(&peek);
	if (peek.is_short)
		return ERR_AGAIN;
	why = chan_check(c, type, len, has_fd);
	if (why != NULL) {
		log_warn(&c->env->log, "channel to %s: %s (type %u, %zu bytes)",
		    imsg_proc_name(c->other), why, type, len);
		chan_fail(c, why);
		return ERR_PROTO;
	}
	m.data = buf_get_bytes(&peek, len);
	if (peek.is_short)
		return ERR_AGAIN;
	*r = peek;
	m.type = type;
	m.len = len;
	m.fd = chan_take_fd(c, has_fd);
	/* That the loop gets here is all that the parent wants to know. */
	if (m.type == IMSG_PING)
		chan_send(c, IMSG_PONG, m.id, NULL, 0);
	else
		c->handler.on_message(c, &m, c->handler.arg);
	if (m.fd != -1)
		c->env->chan_ops->close_fd(c->env, m.fd);
	return 0;
}

static bool
chan_turn_is_over(const struct chan *c, struct mono start)
{
	return mono_diff_usec(loop_now(c->env->loop), start) > CHAN_TURN_USEC;
}

/*
 * Deliver what is whole, unless paused; what a turn has no time for comes in
 * the next. The chan may be gone: false.
 */
static bool
chan_deliver(struct chan *c)
{
	struct mono start = loop_now(c->env->loop);
	struct rd r = buf_reader(c->in, c->in_len);
	bool is_cut = false;

	c->is_delivering = true;
	while (!c->is_paused && !c->is_closed && !c->is_freed && !is_cut) {
		if (chan_deliver_one(c, &r) != 0)
			break;
		is_cut = chan_turn_is_over(c, start);
	}
	c->is_delivering = false;
	if (c->is_freed) {
		free(c->in);
		free(c);
		return false;
	}
	memmove(c->in, r.pos, buf_left(&r));
	c->in_len = buf_left(&r);
	if (is_cut && !c->is_closed) {
		loop_watch_want(&c->watch, LOOP_READ, false);
		loop_task_schedule(&c->deliver_task);
	}
	c->is_cut = is_cut;
	return true;
}

static void
chan_on_deliver(void *arg)
{
	struct chan *c = arg;

	if (!chan_deliver(c) || c->is_closed || c->is_cut)
		return;
	loop_watch_want(&c->watch, LOOP_READ, !c->is_paused);
}

static void
chan_make_room(struct chan *c)
{
	size_t cap = c->in_len + CHAN_READ_BYTES;

	if (c->in_cap >= cap)
		return;
	c->in = realloc(c->in, cap);
	if (c->in == NULL)
		err(1, "chan");
	c->in_cap = cap;
}

/* Read once. Bytes read; 0 when there is no more for now, or never. */
static size_t
chan_read(struct chan *c)
{
	ssize_t n;
	int fd;

	chan_make_room(c);
	n = c->env->chan_ops->read(c->env, c->handle, c->in + c->in_len,
	    CHAN_READ_BYTES, &fd);
	if (fd != -1) {
		if (c->n_fds == CHAN_FDS_MAX)
			c->env->chan_ops->close_fd(c->env, fd);
		else
			c->fds[c->n_fds++] = fd;
	}
	if (n == ERR_AGAIN)
		return 0;
	if (n <= 0) {
		chan_fail(c, n == 0 ? "closed" : "read error");
		return 0;
	}
	c->in_len += (size_t)n;
	return (size_t)n;
}

static void
chan_on_ready(int ready, void *arg)
{
	struct chan *c = arg;
	size_t n, total = 0;

	if (ready & LOOP_WRITE)
		chan_on_flush(c);
	if ((ready & LOOP_READ) == 0 || c->is_paused)
		return;
	c->is_delivering = true;	/* a handler may free it in chan_read */
	do {
		n = chan_read(c);
		if (c->is_freed || c->is_closed)
			break;
		if (!chan_deliver(c))
			return;
		c->is_delivering = true;
		total += n;
	} while (n == CHAN_READ_BYTES && total < CHAN_TURN_BYTES &&
	    !c->is_paused && !c->is_closed && !c->is_cut);
	c->is_delivering = false;
	if (c->is_freed) {
		free(c->in);
		free(c);
	}
}

void
chan_pause(struct chan *c, bool is_paused)
{
	if (c->is_paused == is_paused || c->is_closed)
		return;
	c->is_paused = is_paused;
	if (is_paused)
		loop_watch_want(&c->watch, LOOP_READ, false);
	else
		loop_task_schedule(&c->deliver_task);
}
