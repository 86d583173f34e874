/* SPDX-License-Identifier: ISC */
/* The reactor's calls, dispatched to the back end. */
#include "common/loop.h"

#include <err.h>
#include <string.h>

struct mono
loop_now(struct loop *loop)
{
	return loop->ops->now(loop);
}

void
loop_timer_init(struct loop_timer *t, struct loop *loop, loop_callback callback,
    void *arg)
{
	*t = (struct loop_timer){
		.loop = loop, .callback = callback, .arg = arg,
	};
	if (loop->ops->timer_init(t) != 0)
		errx(1, "loop: no memory for a timer");
}

void
loop_timer_set(struct loop_timer *t, struct mono deadline)
{
	t->deadline = deadline;
	t->is_set = true;
	t->loop->ops->timer_set(t, deadline);
}

void
loop_timer_set_after_usec(struct loop_timer *t, int64_t usec)
{
	loop_timer_set(t, mono_add_usec(loop_now(t->loop), usec));
}

void
loop_timer_clear(struct loop_timer *t)
{
	if (!t->is_set)
		return;
	t->is_set = false;
	t->loop->ops->timer_clear(t);
}

void
loop_timer_fini(struct loop_timer *t)
{
	if (t->loop == NULL)
		return;
	loop_timer_clear(t);
	t->loop->ops->timer_fini(t);
	memset(t, 0, sizeof(*t));
}

void
loop_watch_init(struct loop_watch *w, struct loop *loop, int fd,
    loop_ready callback, void *arg)
{
	*w = (struct loop_watch){
		.loop = loop, .callback = callback, .arg = arg, .fd = fd,
	};
	if (loop->ops->watch_init(w) != 0)
		errx(1, "loop: no memory for a watch");
}

void
loop_watch_set(struct loop_watch *w, int wanted)
{
	if (w->wanted == wanted)
		return;
	w->wanted = wanted;
	w->loop->ops->watch_set(w, wanted);
}

void
loop_watch_want(struct loop_watch *w, int bit, bool is_wanted)
{
	loop_watch_set(w, is_wanted ? w->wanted | bit : w->wanted & ~bit);
}

void
loop_watch_fini(struct loop_watch *w)
{
	if (w->loop == NULL)
		return;
	loop_watch_set(w, 0);
	w->loop->ops->watch_fini(w);
	memset(w, 0, sizeof(*w));
}

void
loop_task_init(struct loop_task *t, struct loop *loop, loop_callback callback,
    void *arg)
{
	*t = (struct loop_task){
		.loop = loop, .callback = callback, .arg = arg,
	};
	if (loop->ops->task_init(t) != 0)
		errx(1, "loop: no memory for a task");
}

void
loop_task_schedule(struct loop_task *t)
{
	if (t->is_scheduled)
		return;
	t->is_scheduled = true;
	t->loop->ops->task_schedule(t);
}

void
loop_task_cancel(struct loop_task *t)
{
	if (!t->is_scheduled)
		return;
	t->is_scheduled = false;
	t->loop->ops->task_cancel(t);
}

void
loop_task_fini(struct loop_task *t)
{
	if (t->loop == NULL)
		return;
	loop_task_cancel(t);
	t->loop->ops->task_fini(t);
	memset(t, 0, sizeof(*t));
}

void
loop_stop(struct loop *loop)
{
	loop->ops->stop(loop);
}
