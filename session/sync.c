/* SPDX-License-Identifier: ISC */
/*
 * Syncs: a program wants to know when what it announced has been written to
 * its neighbors. The RDE has handed all of it over; here each established
 * peer's queue is marked, and when every mark is written, or its session
 * gone, the broker hears of it.
 */
#include "session/peer.h"

#include "common/chan.h"
#include "session/engine.h"

#include <err.h>
#include <stdlib.h>

/* How far a peer's queue has to be written. */
struct sync_mark {
	uint32_t	peer;
	uint32_t	session;	/* the peer's n_sessions */
	uint64_t	upto;		/* of the connection's n_sent */
};

struct sync {
	struct sync		*next;
	uint32_t		 id;
	size_t			 n_marks;
	struct sync_mark	 marks[];
};

static void	sync_on_task(void *);

void
sync_init(struct session *s)
{
	loop_task_init(&s->sync_task, s->env->loop, sync_on_task, s);
}

void
sync_fini(struct session *s)
{
	struct sync *y;

	while ((y = s->syncs) != NULL) {
		s->syncs = y->next;
		free(y);
	}
	loop_task_fini(&s->sync_task);
}

void
sync_add(struct session *s, uint32_t id, struct rd peers)
{
	size_t n = buf_left(&peers) / 4;
	struct sync *y = calloc(1, sizeof(*y) + n * sizeof(y->marks[0]));
	const struct peer *p;

	if (y == NULL)
		err(1, "sync");
	y->id = id;
	while (buf_left(&peers) > 0) {
		p = session_peer(s, buf_get_u32(&peers));
		if (p == NULL || p->established == NULL)
			continue;
		y->marks[y->n_marks++] = (struct sync_mark){
			.peer = p->id, .session = p->n_sessions,
			.upto = p->established->conn->n_sent +
			    p->established->conn->queued,
		};
	}
	y->next = s->syncs;
	s->syncs = y;
	sync_check(s);
}

void
sync_check(struct session *s)
{
	if (s->syncs != NULL)
		loop_task_schedule(&s->sync_task);
}

static bool
sync_is_written(struct session *s, const struct sync_mark *m)
{
	const struct peer *p = session_peer(s, m->peer);

	return p == NULL || p->established == NULL ||
	    p->n_sessions != m->session ||
	    p->established->conn->n_sent >= m->upto;
}

static bool
sync_is_done(struct session *s, struct sync *y)
{
	/* Marks are met for good: those at the end need no second look. */
	while (y->n_marks > 0 && sync_is_written(s, &y->marks[y->n_marks - 1]))
		y->n_marks--;
	return y->n_marks == 0;
}

static void
sync_on_task(void *arg)
{
	struct session *s = arg;
	struct sync **link = &s->syncs, *y;

	while ((y = *link) != NULL) {
		if (s->api != NULL && !sync_is_done(s, y)) {
			link = &y->next;
			continue;
		}
		if (s->api != NULL)
			chan_send(s->api, IMSG_ROUTE_SYNC_DONE, y->id, NULL,
			    0);
		*link = y->next;
		free(y);
	}
}
