/* SPDX-License-Identifier: ISC */
/*
 * The reactor on libevent. Timers have priority over all else, so that a busy
 * peer delays no keepalive; after 10 ms or 16 other callbacks they are looked
 * at again. Tasks are behind the descriptors of their turn, never behind
 * those of the next: what a flood of input asks for is done meanwhile.
 */
#include "common/loop.h"

#include <event2/event.h>

#include <err.h>
#include <stdlib.h>
#include <time.h>

#define PRIORITY_TIMER	0
#define PRIORITY_FD	1
#define PRIORITY_TASK	1
#define N_PRIORITIES	2
#define DISPATCH_USEC	10000	/* look for timers at least this often */
#define DISPATCH_EVENTS	16

struct loop_event_signal_row {
	struct loop_event_signal_row	*next;
	struct event			*event;
	void				(*callback)(int, void *);
	void				*arg;
};

struct loop_event {
	struct loop			 loop;		/* must be first */
	struct event_base		*base;
	struct loop_event_signal_row	*signals;
	bool				 is_stopped;
};

static struct event_base *
loop_event_base(struct loop *loop)
{
	return ((struct loop_event *)loop)->base;
}

static struct mono
loop_event_now(struct loop *loop)
{
	struct timespec ts;

	(void)loop;
	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (struct mono){
		.usec = (int64_t)ts.tv_sec * MONO_USEC_PER_SEC +
		    ts.tv_nsec / 1000,
	};
}

static void
loop_event_on_timer(evutil_socket_t fd, short what, void *arg)
{
	struct loop_timer *t = arg;

	(void)fd;
	(void)what;
	t->is_set = false;
	t->callback(t->arg);
}

static int
loop_event_timer_init(struct loop_timer *t)
{
	struct event *ev = evtimer_new(loop_event_base(t->loop),
	    loop_event_on_timer, t);

	if (ev == NULL)
		return -1;
	event_priority_set(ev, PRIORITY_TIMER);
	t->impl = ev;
	return 0;
}

static void
loop_event_timer_set(struct loop_timer *t, struct mono deadline)
{
	int64_t usec = mono_diff_usec(deadline, loop_event_now(t->loop));
	struct timeval tv;

	if (usec < 0)
		usec = 0;
	tv.tv_sec = usec / MONO_USEC_PER_SEC;
	tv.tv_usec = usec % MONO_USEC_PER_SEC;
	event_add(t->impl, &tv);
}

static void
loop_event_timer_clear(struct loop_timer *t)
{
	event_del(t->impl);
}

static void
loop_event_timer_fini(struct loop_timer *t)
{
	event_free(t->impl);
}

static void
loop_event_on_ready(evutil_socket_t fd, short what, void *arg)
{
	struct loop_watch *w = arg;
	int ready = 0;

	(void)fd;
	if (what & EV_READ)
		ready |= LOOP_READ;
	if (what & EV_WRITE)
		ready |= LOOP_WRITE;
	w->callback(ready & w->wanted, w->arg);
}

static int
loop_event_watch_init(struct loop_watch *w)
{
	w->impl = event_new(loop_event_base(w->loop), w->fd, EV_PERSIST,
	    loop_event_on_ready, w);
	return w->impl == NULL ? -1 : 0;
}

static void
loop_event_watch_set(struct loop_watch *w, int wanted)
{
	short what = EV_PERSIST;

	event_del(w->impl);
	if (wanted == 0)
		return;
	if (wanted & LOOP_READ)
		what |= EV_READ;
	if (wanted & LOOP_WRITE)
		what |= EV_WRITE;
	event_assign(w->impl, loop_event_base(w->loop), w->fd, what,
	    loop_event_on_ready, w);
	event_priority_set(w->impl, PRIORITY_FD);
	event_add(w->impl, NULL);
}

static void
loop_event_watch_fini(struct loop_watch *w)
{
	event_free(w->impl);
}

static void
loop_event_on_task(evutil_socket_t fd, short what, void *arg)
{
	struct loop_task *t = arg;

	(void)fd;
	(void)what;
	t->is_scheduled = false;
	t->callback(t->arg);
}

static int
loop_event_task_init(struct loop_task *t)
{
	struct event *ev = event_new(loop_event_base(t->loop), -1, 0,
	    loop_event_on_task, t);

	if (ev == NULL)
		return -1;
	event_priority_set(ev, PRIORITY_TASK);
	t->impl = ev;
	return 0;
}

/*
 * A zero timeout rather than event_active: libevent then polls descriptors
 * between two runs of a task that schedules itself.
 */
static void
loop_event_task_schedule(struct loop_task *t)
{
	static const struct timeval zero;

	event_add(t->impl, &zero);
}

static void
loop_event_task_cancel(struct loop_task *t)
{
	event_del(t->impl);
}

static void
loop_event_task_fini(struct loop_task *t)
{
	event_free(t->impl);
}

static void
loop_event_stop(struct loop *loop)
{
	((struct loop_event *)loop)->is_stopped = true;
	event_base_loopbreak(loop_event_base(loop));
}

static const struct loop_ops loop_event_ops = {
	.now = loop_event_now,
	.timer_init = loop_event_timer_init,
	.timer_set = loop_event_timer_set,
	.timer_clear = loop_event_timer_clear,
	.timer_fini = loop_event_timer_fini,
	.watch_init = loop_event_watch_init,
	.watch_set = loop_event_watch_set,
	.watch_fini = loop_event_watch_fini,
	.task_init = loop_event_task_init,
	.task_schedule = loop_event_task_schedule,
	.task_cancel = loop_event_task_cancel,
	.task_fini = loop_event_task_fini,
	.stop = loop_event_stop,
};

struct loop *
loop_event_new(void)
{
	static const struct timeval interval = { .tv_usec = DISPATCH_USEC };
	struct loop_event *l = calloc(1, sizeof(*l));
	struct event_config *config = event_config_new();

	if (l == NULL || config == NULL)
		err(1, "loop");
	event_config_set_max_dispatch_interval(config, &interval,
	    DISPATCH_EVENTS, PRIORITY_FD);
	l->loop.ops = &loop_event_ops;
	l->base = event_base_new_with_config(config);
	event_config_free(config);
	if (l->base == NULL ||
	    event_base_priority_init(l->base, N_PRIORITIES) != 0)
		errx(1, "loop: libevent gives no event base");
	return &l->loop;
}

void
loop_event_free(struct loop *loop)
{
	struct loop_event *l = (struct loop_event *)loop;
	struct loop_event_signal_row *s, *next;

	if (l == NULL)
		return;
	for (s = l->signals; s != NULL; s = next) {
		next = s->next;
		event_free(s->event);
		free(s);
	}
	event_base_free(l->base);
	free(l);
}

void
loop_event_run(struct loop *loop)
{
	struct loop_event *l = (struct loop_event *)loop;

	while (!l->is_stopped) {
		if (event_base_loop(l->base, EVLOOP_NO_EXIT_ON_EMPTY) == -1)
			errx(1, "loop: event_base_loop failed");
	}
	/* It may be run again. */
	l->is_stopped = false;
}

static void
loop_event_on_signal(evutil_socket_t signo, short what, void *arg)
{
	struct loop_event_signal_row *s = arg;

	(void)what;
	s->callback((int)signo, s->arg);
}

void
loop_event_signal(struct loop *loop, int signo,
    void (*callback)(int signo, void *arg), void *arg)
{
	struct loop_event *l = (struct loop_event *)loop;
	struct loop_event_signal_row *s = calloc(1, sizeof(*s));

	if (s == NULL)
		err(1, "loop");
	s->callback = callback;
	s->arg = arg;
	s->event = evsignal_new(l->base, signo, loop_event_on_signal, s);
	if (s->event == NULL || evsignal_add(s->event, NULL) != 0)
		errx(1, "loop: no signal event");
	s->next = l->signals;
	l->signals = s;
}

const char *
loop_event_version(void)
{
	return event_get_version();
}
