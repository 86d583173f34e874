/* SPDX-License-Identifier: ISC */
/*
 * The reactor: time, timers, file descriptors and deferred work. Engines know
 * only this; behind it is libevent (loop_event.c) or the simulator's virtual
 * time (regress/sim). Callbacks may free their own timer, watch or task, and
 * any other.
 */
#ifndef COMMON_LOOP_H
#define COMMON_LOOP_H

#include "common/mono.h"

#include <stdbool.h>

struct loop;

typedef void (*loop_callback)(void *arg);
typedef void (*loop_ready)(int ready, void *arg);	/* LOOP_READ|LOOP_WRITE */

#define LOOP_READ	1
#define LOOP_WRITE	2

/* Caller-owned; init once, fini before its memory goes away. */
struct loop_timer {
	struct loop	*loop;
	loop_callback	 callback;
	void		*arg;
	void		*impl;
	struct mono	 deadline;	/* meaningful while is_set */
	bool		 is_set;
};

struct loop_watch {
	struct loop	*loop;
	loop_ready	 callback;
	void		*arg;
	void		*impl;
	int		 fd;
	int		 wanted;	/* LOOP_READ|LOOP_WRITE */
};

/* Work to be done in a later turn, once for each schedule. */
struct loop_task {
	struct loop	*loop;
	loop_callback	 callback;
	void		*arg;
	void		*impl;
	bool		 is_scheduled;
};

struct loop_ops {
	struct mono (*now)(struct loop *);
	int	(*timer_init)(struct loop_timer *);
	void	(*timer_set)(struct loop_timer *, struct mono deadline);
	void	(*timer_clear)(struct loop_timer *);
	void	(*timer_fini)(struct loop_timer *);
	int	(*watch_init)(struct loop_watch *);
	void	(*watch_set)(struct loop_watch *, int wanted);
	void	(*watch_fini)(struct loop_watch *);
	int	(*task_init)(struct loop_task *);
	void	(*task_schedule)(struct loop_task *);
	void	(*task_cancel)(struct loop_task *);
	void	(*task_fini)(struct loop_task *);
	void	(*stop)(struct loop *);
};

struct loop {
	const struct loop_ops	*ops;
};

/* Time of this turn; constant until the turn's next callback. */
struct mono	loop_now(struct loop *);

void	loop_timer_init(struct loop_timer *, struct loop *, loop_callback,
	    void *arg);
/* Fire once at the deadline, replacing an earlier setting. */
void	loop_timer_set(struct loop_timer *, struct mono deadline);
void	loop_timer_set_after_usec(struct loop_timer *, int64_t usec);
void	loop_timer_clear(struct loop_timer *);
/* Harmless on a zeroed timer. */
void	loop_timer_fini(struct loop_timer *);

/* Level-triggered; nothing is wanted until loop_watch_set. */
void	loop_watch_init(struct loop_watch *, struct loop *, int fd,
	    loop_ready, void *arg);
void	loop_watch_set(struct loop_watch *, int wanted);
/* Add or remove one bit of what is wanted. */
void	loop_watch_want(struct loop_watch *, int bit, bool is_wanted);
/* Does not close the fd. Harmless on a zeroed watch. */
void	loop_watch_fini(struct loop_watch *);

/* Tasks run after I/O of the turn in which they were scheduled. */
void	loop_task_init(struct loop_task *, struct loop *, loop_callback,
	    void *arg);
void	loop_task_schedule(struct loop_task *);
void	loop_task_cancel(struct loop_task *);
void	loop_task_fini(struct loop_task *);

/* Leave loop_event_run after this callback. */
void	loop_stop(struct loop *);

/*
 * The libevent back end. Signals are delivered as callbacks in the loop.
 * loop_event_run returns after loop_stop.
 */
struct loop	*loop_event_new(void);
void		 loop_event_free(struct loop *);
/* libevent's, as it is found at run time. */
const char	*loop_event_version(void);
void		 loop_event_run(struct loop *);
/* callback gets the signal's number. Lives until the loop is freed. */
void		 loop_event_signal(struct loop *, int signo,
		    void (*callback)(int signo, void *arg), void *arg);

#endif
