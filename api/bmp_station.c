/* SPDX-License-Identifier: ISC */
/*
 * A station's connection: made by the parent when asked, with pauses that
 * double, and its queue. What waits is bounded by the configuration's
 * buffer: a station that is too slow loses its connection, never a session
 * its pace.
 */
#include "api/bmp_engine.h"

#include "common/chan.h"
#include "common/env.h"
#include "common/err.h"
#include "common/net.h"

#include <err.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/uio.h>

#define RETRY_MIN_SEC	1
#define RETRY_MAX_SEC	120
#define CONNECT_SEC	30		/* it may take */
#define GOOD_SEC	60		/* up for so long: no long pause */
#define WRITE_MAX	(1u << 20)	/* in a turn */
#define READ_MAX	(64u * 1024)	/* of what it should not send */
#define KEEP_MAX	(1u << 20)	/* memory of an empty queue */
/* Beside what the buffer allows: the walk is cut no sooner. */
#define DUMP_ROOM	(8u << 20)

static void	station_on_ready(int, void *);

static void
station_reset_queue(struct bmp_station *st, struct wr *w)
{
	if (w->cap > KEEP_MAX) {
		buf_free(w);
		buf_writer_growing(w, (size_t)st->conf->buffer + DUMP_ROOM);
	}
	buf_reset(w);
}

static void
station_on_timer(void *arg)
{
	struct bmp_station *st = arg;
	struct api *api = st->bmp->api;

	if (st->state == BMP_CONNECTING) {
		bmp_station_close(st, "no connection in time");
		return;
	}
	st->state = BMP_CONNECTING;
	st->request = bmp_new_request(st->bmp);
	chan_send(api->parent, IMSG_BMP_CONNECT, st->request, st->conf->name,
	    strlen(st->conf->name));
	loop_timer_set_after_usec(&st->timer, CONNECT_SEC *
	    MONO_USEC_PER_SEC);
}

static void
station_on_statistics(void *arg)
{
	struct bmp_station *st = arg;

	bmp_ask_statistics(st);
	loop_timer_set_after_usec(&st->statistics, st->conf->statistics_sec *
	    MONO_USEC_PER_SEC);
}

struct bmp_station *
bmp_station_new(struct bmp *bmp, const struct conf_bmp *conf)
{
	struct bmp_station *st = calloc(1, sizeof(*st)), **link;
	struct loop *loop = bmp->api->env->loop;

	if (st == NULL)
		err(1, "bmp");
	st->bmp = bmp;
	st->conf = conf;
	st->fd = -1;
	st->since = loop_now(loop);
	st->retry_sec = RETRY_MIN_SEC;
	buf_writer_growing(&st->out.bytes, (size_t)conf->buffer + DUMP_ROOM);
	buf_writer_growing(&st->later, (size_t)conf->buffer + DUMP_ROOM);
	loop_timer_init(&st->timer, loop, station_on_timer, st);
	loop_timer_init(&st->statistics, loop, station_on_statistics, st);
	loop_timer_set_after_usec(&st->timer, 0);
	for (link = &bmp->stations; *link != NULL; link = &(*link)->next)
		;
	*link = st;
	return st;
}

/* Close what is there of a connection. */
static void
station_drop(struct bmp_station *st)
{
	struct net *net = st->bmp->api->env->net;

	bmp_dump_free(st);
	loop_timer_clear(&st->statistics);
	loop_watch_fini(&st->watch);
	if (st->fd != -1)
		net->ops->close(net, st->fd);
	st->fd = -1;
	st->request = st->counters_request = 0;
	st->n_read = 0;
	st->out.sent = 0;
	station_reset_queue(st, &st->out.bytes);
	station_reset_queue(st, &st->later);
}

void
bmp_station_close(struct bmp_station *st, const char *why)
{
	struct loop *loop = st->bmp->api->env->loop;
	struct log *log = &st->bmp->api->env->log;
	bool was_up = st->state == BMP_UP;

	if (was_up && mono_diff_sec(loop_now(loop), st->since) >= GOOD_SEC)
		st->retry_sec = RETRY_MIN_SEC;
	/* One that stays away is told of once. */
	if (was_up || strcmp(st->last_error, why) != 0)
		log_warn(log, "bmp %s: %s; next attempt in %u s",
		    st->conf->name, why, st->retry_sec);
	strlcpy(st->last_error, why, sizeof(st->last_error));
	if (was_up)
		st->n_restarts++;
	station_drop(st);
	st->state = BMP_WAITING;
	st->since = loop_now(loop);
	loop_timer_set_after_usec(&st->timer, st->retry_sec *
	    MONO_USEC_PER_SEC);
	st->retry_sec *= 2;
	if (st->retry_sec > RETRY_MAX_SEC)
		st->retry_sec = RETRY_MAX_SEC;
}

size_t
bmp_station_queued(const struct bmp_station *st)
{
	return st->out.bytes.len - st->out.sent + st->later.len;
}

/* What is written leaves the queue. */
static void
station_sent(struct bmp_station *st, size_t n)
{
	struct outq *q = &st->out;

	q->sent += n;
	st->n_bytes += n;
	if (q->sent == q->bytes.len) {
		station_reset_queue(st, &q->bytes);
		q->sent = 0;
	} else if (q->sent > q->bytes.len / 2) {
		buf_remove(&q->bytes, 0, q->sent);
		q->sent = 0;
	}
}

/* Write what goes. The error, or 0. */
static int
station_flush(struct bmp_station *st)
{
	struct net *net = st->bmp->api->env->net;
	struct outq *q = &st->out;
	size_t left = q->bytes.len - q->sent;
	struct iovec v;
	ssize_t n;

	if (left == 0)
		return 0;
	v.iov_base = q->bytes.base + q->sent;
	v.iov_len = left < WRITE_MAX ? left : WRITE_MAX;
	n = net->ops->writev(net, st->fd, &v, 1);
	if (n == ERR_AGAIN)
		return 0;
	if (n < 0)
		return errno != 0 ? errno : EIO;
	station_sent(st, (size_t)n);
	return 0;
}

void
bmp_station_free(struct bmp_station *st)
{
	struct bmp_station **link = &st->bmp->stations;
	struct wr *w = &st->out.bytes;
	size_t start;

	while (*link != st)
		link = &(*link)->next;
	*link = st->next;
	if (st->state == BMP_UP) {
		bmp_dump_free(st);
		start = bmp_begin(w, BMP_TERMINATION, NULL);
		bmp_put_tlv(w, BMP_TERM_REASON,
		    (const uint8_t[]){ 0, BMP_REASON_CLOSED }, 2);
		bmp_end(w, start);
		station_flush(st);
	}
	station_drop(st);
	loop_timer_fini(&st->timer);
	loop_timer_fini(&st->statistics);
	buf_free(&st->out.bytes);
	buf_free(&st->later);
	free(st);
}

void
bmp_station_connect(struct bmp_station *st, int fd)
{
	st->fd = fd;
	loop_watch_init(&st->watch, st->bmp->api->env->loop, fd,
	    station_on_ready, st);
	loop_watch_set(&st->watch, LOOP_WRITE);
}

static void
station_is_connected(struct bmp_station *st)
{
	struct api *api = st->bmp->api;
	int error = api->env->net->ops->connect_result(api->env->net, st->fd);

	if (error != 0) {
		bmp_station_close(st, strerror(error));
		return;
	}
	log_info(&api->env->log, "bmp %s: connected", st->conf->name);
	st->state = BMP_UP;
	st->since = loop_now(api->env->loop);
	st->last_error[0] = '\0';
	loop_timer_clear(&st->timer);
	loop_watch_set(&st->watch, LOOP_READ | LOOP_WRITE);
	bmp_dump_begin(st);
	bmp_greet(st);
	if (st->state == BMP_UP && st->conf->statistics_sec != 0)
		station_on_statistics(st);
}

/* RFC 7854 3.2: it never sends. What it does send is looked at by nobody. */
static bool
station_read(struct bmp_station *st)
{
	struct env *env = st->bmp->api->env;
	uint8_t bytes[4096];
	ssize_t n = env->net->ops->read(env->net, st->fd, bytes,
	    sizeof(bytes));

	if (n == ERR_AGAIN)
		return true;
	if (n <= 0) {
		bmp_station_close(st, n == 0 ? "closed by the station" :
		    strerror(errno));
		return false;
	}
	if (st->n_read == 0)
		log_warn(&env->log, "bmp %s: the station sends bytes, which "
		    "mean nothing in BMP", st->conf->name);
	st->n_read += (size_t)n;
	if (st->n_read <= READ_MAX)
		return true;
	bmp_station_close(st, "the station sends too much");
	return false;
}

static void
station_on_ready(int ready, void *arg)
{
	struct bmp_station *st = arg;
	int error;

	if (st->state == BMP_CONNECTING) {
		station_is_connected(st);
		return;
	}
	if ((ready & LOOP_READ) && !station_read(st))
		return;
	if ((ready & LOOP_WRITE) == 0)
		return;
	error = station_flush(st);
	if (error != 0) {
		bmp_station_close(st, strerror(error));
		return;
	}
	bmp_dump_resume(st);
	loop_watch_want(&st->watch, LOOP_WRITE, st->out.bytes.len != 0);
}

struct wr *
bmp_station_out(struct bmp_station *st)
{
	return st->dump != NULL ? &st->later : &st->out.bytes;
}

void
bmp_station_write(struct bmp_station *st)
{
	loop_watch_want(&st->watch, LOOP_WRITE, true);
}

void
bmp_station_put(struct bmp_station *st, struct wr *w, size_t start)
{
	size_t queued = w->len - (w == &st->out.bytes ? st->out.sent : 0);

	bmp_end(w, start);
	st->n_messages++;
	if (w->err == 0 && queued <= st->conf->buffer) {
		bmp_station_write(st);
		return;
	}
	bmp_station_close(st, "the station does not keep up: what waits is "
	    "more than its buffer");
}
