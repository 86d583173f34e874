/* SPDX-License-Identifier: ISC */
/* The simulator's reactor, network and channels. */
#include "regress/sim/sim.h"

#include "common/bgp.h"
#include "common/err.h"

#include <err.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/uio.h>

static struct sim *
sim_of(struct loop *loop)
{
	return (struct sim *)loop;
}

uint32_t
sim_random(struct sim *s)
{
	/* xorshift64*: small, good enough, the same everywhere. */
	s->rng ^= s->rng >> 12;
	s->rng ^= s->rng << 25;
	s->rng ^= s->rng >> 27;
	return (uint32_t)((s->rng * UINT64_C(0x2545F4914F6CDD1D)) >> 32);
}

void
sim_trace(struct sim *s, const char *subject, const char *line)
{
	buf_put_format(&s->trace, "[%9lld] %s: %s\n",
	    (long long)(s->now.usec / 1000), subject, line);
}

/*
 * Reactor.
 */
static struct mono
sim_now(struct loop *loop)
{
	return sim_of(loop)->now;
}

static int
sim_timer_init(struct loop_timer *t)
{
	(void)t;
	return 0;
}

static void
sim_timer_remove(struct loop_timer *t)
{
	struct sim *s = sim_of(t->loop);
	size_t i;

	for (i = 0; i < s->n_timers; i++) {
		if (s->timers[i] != t)
			continue;
		s->n_timers--;
		s->timers[i] = s->timers[s->n_timers];
		s->timer_seq[i] = s->timer_seq[s->n_timers];
		return;
	}
}

static void
sim_timer_set(struct loop_timer *t, struct mono deadline)
{
	struct sim *s = sim_of(t->loop);

	(void)deadline;
	sim_timer_remove(t);
	if (s->n_timers == SIM_TIMERS_MAX)
		errx(1, "sim: too many timers");
	s->timers[s->n_timers] = t;
	s->timer_seq[s->n_timers++] = s->seq++;
}

static int
sim_watch_init(struct loop_watch *w)
{
	sim_of(w->loop)->ends[w->fd].watch = w;
	return 0;
}

static void
sim_watch_set(struct loop_watch *w, int wanted)
{
	(void)wanted;
	sim_of(w->loop)->is_hot[w->fd] = true;
}

static void
sim_watch_fini(struct loop_watch *w)
{
	if (sim_of(w->loop)->ends[w->fd].watch == w)
		sim_of(w->loop)->ends[w->fd].watch = NULL;
}

static int
sim_task_init(struct loop_task *t)
{
	(void)t;
	return 0;
}

static void
sim_task_schedule(struct loop_task *t)
{
	struct sim *s = sim_of(t->loop);

	if (s->n_tasks == SIM_TIMERS_MAX)
		errx(1, "sim: too many tasks");
	s->tasks[s->n_tasks++] = t;
}

static void
sim_task_cancel(struct loop_task *t)
{
	struct sim *s = sim_of(t->loop);
	size_t i, n = 0;

	for (i = 0; i < s->n_tasks; i++)
		if (s->tasks[i] != t)
			s->tasks[n++] = s->tasks[i];
	s->n_tasks = n;
}

static void
sim_task_fini(struct loop_task *t)
{
	sim_task_cancel(t);
}

static void
sim_stop(struct loop *loop)
{
	sim_of(loop)->is_stopped = true;
}

static const struct loop_ops sim_loop_ops = {
	.now = sim_now,
	.timer_init = sim_timer_init, .timer_set = sim_timer_set,
	.timer_clear = sim_timer_remove, .timer_fini = sim_timer_remove,
	.watch_init = sim_watch_init, .watch_set = sim_watch_set,
	.watch_fini = sim_watch_fini,
	.task_init = sim_task_init, .task_schedule = sim_task_schedule,
	.task_cancel = sim_task_cancel, .task_fini = sim_task_fini,
	.stop = sim_stop,
};

/*
 * Streams.
 */
static const struct sim_path *
sim_path_of(struct sim *s, const struct sim_end *e)
{
	return e->is_tcp && s->path_of != NULL ?
	    s->path_of(s, &e->local, &e->remote) : NULL;
}

static bool
sim_is_cut(struct sim *s, const struct sim_end *e)
{
	const struct sim_path *path = sim_path_of(s, e);

	return path != NULL && path->is_cut;
}

static int64_t
sim_delay_usec(struct sim *s, const struct sim_end *e)
{
	const struct sim_path *path = sim_path_of(s, e);

	if (!e->is_tcp)
		return 0;
	return path != NULL ? path->delay_usec : s->delay_usec;
}

static int
sim_end_new(struct sim *s, enum sim_kind kind)
{
	int i;

	for (i = 0; i < SIM_HANDLES_MAX; i++) {
		if (s->ends[i].kind != SIM_FREE || s->ends[i].watch != NULL)
			continue;
		if (i >= s->n_ends)
			s->n_ends = i + 1;
		memset(&s->ends[i], 0, sizeof(s->ends[i]));
		s->ends[i].kind = kind;
		s->ends[i].other = -1;
		buf_writer_growing(&s->ends[i].rx, 64 * 1024 * 1024);
		return i;
	}
	errx(1, "sim: too many handles");
}

void
sim_pair(struct sim *s, int handles[2])
{
	handles[0] = sim_end_new(s, SIM_STREAM);
	handles[1] = sim_end_new(s, SIM_STREAM);
	s->ends[handles[0]].other = handles[1];
	s->ends[handles[1]].other = handles[0];
}

static void
sim_end_close(struct sim *s, int h)
{
	struct sim_end *e = &s->ends[h], *o;
	struct sim_packet *p;

	if (e->kind == SIM_FREE)
		return;
	if (e->other >= 0) {
		o = &s->ends[e->other];
		s->is_hot[e->other] = true;
		o->other = -1;
		o->is_eof = true;
		o->eof_due = mono_add_usec(s->now, sim_delay_usec(s, e));
	}
	if (e->kind == SIM_LISTENER) {
		while (e->n_queue > 0)
			sim_end_close(s, e->queue[--e->n_queue]);
	}
	while ((p = e->first) != NULL) {
		e->first = p->next;
		free(p);
	}
	buf_free(&e->rx);
	e->kind = SIM_FREE;
}

/* What has arrived by now becomes readable. */
static void
sim_end_arrive(struct sim *s, struct sim_end *e)
{
	struct sim_packet *p;

	if (sim_is_cut(s, e))
		return;
	while ((p = e->first) != NULL &&
	    mono_diff_usec(p->due, s->now) <= 0) {
		e->first = p->next;
		if (e->first == NULL)
			e->last = NULL;
		buf_put_bytes(&e->rx, p->bytes, p->len);
		e->n_flying -= p->len;
		free(p);
	}
}

static bool
sim_end_is_eof(struct sim *s, const struct sim_end *e)
{
	return e->is_eof && e->first == NULL && !sim_is_cut(s, e) &&
	    mono_diff_usec(e->eof_due, s->now) <= 0;
}

static size_t
sim_end_room(struct sim *s, const struct sim_end *e)
{
	const struct sim_path *path = sim_path_of(s, e);
	size_t window = path != NULL ? path->window_bytes : SIM_WINDOW_BYTES;
	const struct sim_end *o;
	size_t used;

	if (e->other < 0)
		return SIM_WINDOW_BYTES;	/* writing tells of the end */
	o = &s->ends[e->other];
	used = o->rx.len - o->rx_pos + o->n_flying;
	return used >= window ? 0 : window - used;
}

static int
sim_end_ready(struct sim *s, struct sim_end *e, int wanted)
{
	int ready = 0;

	if (e->kind == SIM_LISTENER)
		return e->n_queue > 0 ? LOOP_READ & wanted : 0;
	if (e->kind == SIM_CONNECTING)
		return mono_is_set(e->ready) &&
		    mono_diff_usec(e->ready, s->now) <= 0 ?
		    LOOP_WRITE & wanted : 0;
	if (e->kind != SIM_STREAM)
		return 0;
	if (e->is_tcp)
		sim_end_arrive(s, e);
	if (e->rx.len > e->rx_pos || sim_end_is_eof(s, e) ||
	    (!e->is_tcp && e->first != NULL))
		ready |= LOOP_READ;
	if ((wanted & LOOP_WRITE) != 0 && sim_end_room(s, e) > 0)
		ready |= LOOP_WRITE;
	return ready & wanted;
}

static ssize_t
sim_end_read(struct sim *s, int h, void *buf, size_t len)
{
	struct sim_end *e = &s->ends[h];
	size_t n;

	sim_end_arrive(s, e);
	if (e->other >= 0)
		s->is_hot[e->other] = true;	/* it has room again */
	n = e->rx.len - e->rx_pos;
	if (n == 0)
		return sim_end_is_eof(s, e) ? 0 : ERR_AGAIN;
	if (n > len)
		n = len;
	memcpy(buf, e->rx.base + e->rx_pos, n);
	e->rx_pos += n;
	if (e->rx_pos == e->rx.len) {
		buf_reset(&e->rx);
		e->rx_pos = 0;
	}
	return (ssize_t)n;
}

static ssize_t
sim_end_writev(struct sim *s, int h, const struct iovec *iov, int n_iov,
    int fd)
{
	struct sim_end *e = &s->ends[h], *o;
	size_t room = sim_end_room(s, e), total = 0, n;
	struct sim_packet *p;
	int i;

	if (e->other < 0 && sim_is_cut(s, e))
		return (ssize_t)iov[0].iov_len;	/* nobody has told us yet */
	if (e->other < 0) {
		errno = EPIPE;
		return ERR_SYSTEM;
	}
	o = &s->ends[e->other];
	s->is_hot[e->other] = true;
	for (i = 0; i < n_iov && room > 0; i++) {
		n = iov[i].iov_len < room ? iov[i].iov_len : room;
		room -= n;
		total += n;
		if (e->is_tcp && s->is_partitioned)
			continue;
		p = malloc(sizeof(*p) + n);
		if (p == NULL)
			err(1, "sim");
		*p = (struct sim_packet){ .len = n, .due = mono_add_usec(
		    s->now, sim_delay_usec(s, e)),
		    .fd = i == 0 ? fd : -1 };
		/* A way that became faster changes no order. */
		if (o->last != NULL &&
		    mono_diff_usec(o->last->due, p->due) > 0)
			p->due = o->last->due;
		memcpy(p->bytes, iov[i].iov_base, n);
		if (o->last == NULL)
			o->first = p;
		else
			o->last->next = p;
		o->last = p;
		o->n_flying += n;
	}
	return total == 0 ? ERR_AGAIN : (ssize_t)total;
}

/*
 * TCP.
 */
static struct sim_host *
sim_host_of(struct net *net)
{
	return (struct sim_host *)((char *)net -
	    offsetof(struct sim_host, net));
}

int
sim_listen(struct sim_host *h, const struct addr *addr, uint16_t port)
{
	int handle = sim_end_new(h->sim, SIM_LISTENER);
	struct sim_end *e = &h->sim->ends[handle];

	e->is_tcp = true;
	e->host = h;
	e->local = *addr;
	e->local_port = port;
	return handle;
}

static int
sim_find_listener(struct sim *s, const struct addr *to, uint16_t port)
{
	int i;

	for (i = 0; i < s->n_ends; i++)
		if (s->ends[i].kind == SIM_LISTENER &&
		    s->ends[i].local_port == port &&
		    addr_is_equal(&s->ends[i].local, to))
			return i;
	return -1;
}

static int
sim_net_connect(struct net *net, const struct addr *to, uint16_t port,
    const struct net_options *o)
{
	struct sim_host *host = sim_host_of(net);
	struct sim *s = host->sim;
	int h = sim_end_new(s, SIM_CONNECTING);
	struct sim_end *e = &s->ends[h];

	e->is_tcp = true;
	e->host = host;
	e->local = o->local.family != ADDR_NONE ? o->local : host->addr;
	e->local_port = s->next_port++;
	e->remote = *to;
	e->remote_port = port;
	/* There and back; in a partition nothing ever answers. */
	if (!s->is_partitioned && !sim_is_cut(s, e))
		e->ready = mono_add_usec(s->now, 2 * sim_delay_usec(s, e) + 1);
	return h;
}

static int
sim_net_connect_result(struct net *net, int h)
{
	struct sim *s = sim_host_of(net)->sim;
	struct sim_end *e = &s->ends[h], *l, *o;
	int listener = sim_find_listener(s, &e->remote, e->remote_port), oh;

	if (s->is_partitioned || sim_is_cut(s, e))
		return EHOSTUNREACH;
	if (listener < 0)
		return ECONNREFUSED;
	l = &s->ends[listener];
	if (l->n_queue == sizeof(l->queue) / sizeof(l->queue[0]))
		return ECONNREFUSED;
	oh = sim_end_new(s, SIM_STREAM);
	o = &s->ends[oh];
	e->kind = SIM_STREAM;
	e->other = oh;
	o->other = h;
	o->is_tcp = true;
	o->host = l->host;
	o->local = e->remote;
	o->local_port = e->remote_port;
	o->remote = e->local;
	o->remote_port = e->local_port;
	l->queue[l->n_queue++] = oh;
	s->is_hot[listener] = s->is_hot[h] = true;
	return 0;
}

static int
sim_net_accept(struct net *net, int listener, struct addr *from,
    uint16_t *port)
{
	struct sim *s = sim_host_of(net)->sim;
	struct sim_end *l = &s->ends[listener];
	int h;

	if (l->n_queue == 0)
		return ERR_AGAIN;
	h = l->queue[0];
	memmove(l->queue, l->queue + 1, --l->n_queue * sizeof(l->queue[0]));
	*from = s->ends[h].remote;
	*port = s->ends[h].remote_port;
	return h;
}

static int
sim_net_set_options(struct net *net, int h, const struct net_options *o)
{
	(void)net;
	(void)h;
	(void)o;
	return 0;
}

static int
sim_net_listener_key(struct net *net, int h, const struct prefix *from,
    const struct net_key *key, bool is_set)
{
	(void)net;
	(void)h;
	(void)from;
	(void)key;
	(void)is_set;
	return 0;
}

static ssize_t
sim_net_read(struct net *net, int h, void *buf, size_t len)
{
	return sim_end_read(sim_host_of(net)->sim, h, buf, len);
}

static ssize_t
sim_net_writev(struct net *net, int h, const struct iovec *iov, int n)
{
	return sim_end_writev(sim_host_of(net)->sim, h, iov, n, -1);
}

static int
sim_net_names(struct net *net, int h, struct addr *local,
    uint16_t *local_port, struct addr *remote, uint16_t *remote_port)
{
	struct sim_end *e = &sim_host_of(net)->sim->ends[h];

	*local = e->local;
	*local_port = e->local_port;
	*remote = e->remote;
	*remote_port = e->remote_port;
	return 0;
}

static void
sim_net_shutdown_write(struct net *net, int h)
{
	struct sim *s = sim_host_of(net)->sim;
	struct sim_end *e = &s->ends[h];

	if (e->other >= 0 && !s->is_partitioned) {
		s->is_hot[e->other] = true;
		s->ends[e->other].is_eof = true;
		s->ends[e->other].eof_due = mono_add_usec(s->now,
		    sim_delay_usec(s, e));
	}
}

static void
sim_net_close(struct net *net, int h)
{
	sim_end_close(sim_host_of(net)->sim, h);
}

const struct net_ops sim_net_ops = {
	.connect = sim_net_connect, .connect_result = sim_net_connect_result,
	.accept = sim_net_accept, .set_options = sim_net_set_options,
	.listener_key = sim_net_listener_key, .read = sim_net_read,
	.writev = sim_net_writev, .names = sim_net_names,
	.shutdown_write = sim_net_shutdown_write, .close = sim_net_close,
};

/*
 * Channels.
 */
static struct sim *
sim_of_env(struct env *env)
{
	return sim_of(env->loop);
}

/* One packet at the most, as a descriptor ends a read of the kernel's. */
static ssize_t
sim_chan_read(struct env *env, int h, void *buf, size_t len, int *fd)
{
	struct sim *s = sim_of_env(env);
	struct sim_end *e = &s->ends[h];
	struct sim_packet *p = e->first;

	*fd = -1;
	if (e->other >= 0)
		s->is_hot[e->other] = true;
	if (p == NULL)
		return sim_end_is_eof(s, e) ? 0 : ERR_AGAIN;
	*fd = p->fd;
	p->fd = -1;
	if (len > p->len - p->pos)
		len = p->len - p->pos;
	memcpy(buf, p->bytes + p->pos, len);
	p->pos += len;
	e->n_flying -= len;
	if (p->pos == p->len) {
		e->first = p->next;
		if (e->first == NULL)
			e->last = NULL;
		free(p);
	}
	return (ssize_t)len;
}

static ssize_t
sim_chan_writev(struct env *env, int h, const struct iovec *iov, int n, int fd)
{
	return sim_end_writev(sim_of_env(env), h, iov, n, fd);
}

static void
sim_chan_close(struct env *env, int h)
{
	sim_end_close(sim_of_env(env), h);
}

/* A passed handle is the same one on the other side. */
static void
sim_chan_close_fd(struct env *env, int fd)
{
	(void)env;
	(void)fd;
}

const struct chan_ops sim_chan_ops = {
	.read = sim_chan_read, .writev = sim_chan_writev,
	.close = sim_chan_close, .close_fd = sim_chan_close_fd,
};

/*
 * The run.
 */
static bool
sim_run_tasks(struct sim *s)
{
	struct loop_task *task;
	size_t n = s->n_tasks;

	if (n == 0)
		return false;
	while (n-- > 0 && s->n_tasks > 0) {
		task = s->tasks[0];
		memmove(s->tasks, s->tasks + 1,
		    --s->n_tasks * sizeof(s->tasks[0]));
		task->is_scheduled = false;
		task->callback(task->arg);
	}
	return true;
}

static bool
sim_run_watches(struct sim *s)
{
	struct loop_watch *w;
	bool did_run = false;
	int i, ready;

	for (i = 0; i < s->n_ends; i++) {
		if (!s->is_hot[i])
			continue;
		w = s->ends[i].watch;
		ready = w == NULL || w->wanted == 0 ? 0 :
		    sim_end_ready(s, &s->ends[i], w->wanted);
		if (ready == 0) {
			s->is_hot[i] = false;
			continue;
		}
		w->callback(ready, w->arg);
		did_run = true;
	}
	return did_run;
}

/* The earliest timer; ties in the order in which they were set. */
static size_t
sim_next_timer(const struct sim *s)
{
	size_t i, best = s->n_timers;

	for (i = 0; i < s->n_timers; i++) {
		int64_t diff = best == s->n_timers ? -1 : mono_diff_usec(
		    s->timers[i]->deadline, s->timers[best]->deadline);

		if (diff < 0 || (diff == 0 &&
		    s->timer_seq[i] < s->timer_seq[best]))
			best = i;
	}
	return best;
}

/* What is past makes nothing happen any more. */
static void
sim_earlier_arrival(const struct sim *s, struct mono *best, struct mono m)
{
	if (mono_diff_usec(m, s->now) > 0 && m.usec < best->usec)
		*best = m;
}

static void
sim_earlier(struct mono *best, struct mono m)
{
	if (mono_is_set(m) && m.usec < best->usec)
		*best = m;
}

/* When the next bytes, end or answer arrive. */
static struct mono
sim_next_arrival(struct sim *s, struct mono limit)
{
	const struct sim_end *e;
	int i;

	for (i = 0; i < s->n_ends; i++) {
		e = &s->ends[i];
		if (e->kind == SIM_FREE || sim_is_cut(s, e))
			continue;
		if (e->first != NULL)
			sim_earlier_arrival(s, &limit, e->first->due);
		if (e->is_eof)
			sim_earlier_arrival(s, &limit, e->eof_due);
		if (e->kind == SIM_CONNECTING && mono_is_set(e->ready))
			sim_earlier_arrival(s, &limit, e->ready);
	}
	return limit;
}

static bool
sim_fire_timer(struct sim *s)
{
	size_t i = sim_next_timer(s);
	struct loop_timer *t;

	if (i == s->n_timers ||
	    mono_diff_usec(s->timers[i]->deadline, s->now) > 0)
		return false;
	t = s->timers[i];
	sim_timer_remove(t);
	t->is_set = false;
	t->callback(t->arg);
	return true;
}

/* Time, or somebody outside, may have made any of them ready. */
static void
sim_heat_all(struct sim *s)
{
	memset(s->is_hot, true, (size_t)s->n_ends);
}

void
sim_run_until(struct sim *s, int64_t usec)
{
	struct mono end = { .usec = usec }, next;
	size_t i;

	sim_heat_all(s);
	while (!s->is_stopped) {
		if (sim_fire_timer(s) || sim_run_tasks(s) ||
		    sim_run_watches(s))
			continue;
		next = sim_next_arrival(s, end);
		i = sim_next_timer(s);
		if (i < s->n_timers)
			sim_earlier(&next, s->timers[i]->deadline);
		if (next.usec >= end.usec)
			break;
		s->now = next;
		sim_heat_all(s);
	}
	s->now = end;
}

struct sim *
sim_new(uint64_t seed)
{
	struct sim *s = calloc(1, sizeof(*s));

	if (s == NULL)
		err(1, "sim");
	s->loop.ops = &sim_loop_ops;
	s->now.usec = MONO_USEC_PER_SEC;
	s->seed = seed;
	s->rng = seed * 2 + 1;
	s->next_port = 40000;
	s->delay_usec = 1000;
	buf_writer_growing(&s->trace, 64 * 1024 * 1024);
	return s;
}

static void
sim_cut_end(struct sim *s, struct sim_end *e)
{
	s->ends[e->other].other = -1;
	s->ends[e->other].is_eof = true;
	s->ends[e->other].eof_due = s->now;
	e->other = -1;
	e->is_eof = true;
	e->eof_due = s->now;
}

void
sim_cut_between(struct sim *s, const struct addr *a, const struct addr *b)
{
	struct sim_end *e;
	int i;

	for (i = 0; i < s->n_ends; i++) {
		e = &s->ends[i];
		if (e->kind == SIM_STREAM && e->is_tcp && e->other >= 0 &&
		    addr_is_equal(&e->local, a) &&
		    addr_is_equal(&e->remote, b))
			sim_cut_end(s, e);
	}
}

void
sim_cut_all(struct sim *s)
{
	int i;

	for (i = 0; i < s->n_ends; i++) {
		struct sim_end *e = &s->ends[i];

		if (e->kind == SIM_STREAM && e->is_tcp && e->other >= 0)
			sim_cut_end(s, e);
	}
}
