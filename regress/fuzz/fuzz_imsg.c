/* SPDX-License-Identifier: ISC */
/*
 * Messages between processes as hostile input: each worker hears from each
 * other process 100,000 messages that are right, nearly right or anything,
 * and some that the table forbids. It must neither crash nor hang; what is
 * forbidden closes the channel that it came by, and no other.
 *
 * usage: fuzz_imsg [MESSAGES [SEED]]
 */
#include "api/api.h"
#include "common/arena.h"
#include "common/chan.h"
#include "common/config.h"
#include "common/env.h"
#include "common/loop.h"
#include "parent/hostile.h"
#include "rde/rde.h"
#include "session/session.h"

#include <err.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define BURST		32
#define STATES		200	/* records for a new worker */
#define HANG_SEC	60	/* for one pair of 1,000 messages */

/* One engine; the test is everybody else. */
struct stage {
	struct env	*env;
	enum imsg_proc	 role;
	void		*engine;
	struct chan	*chans[PROC_N];
	unsigned	 n_closed[PROC_N];
	unsigned	 n_heard;	/* messages that it sent */
	int		 neighbor;	/* other end of a session, or -1 */
	int		 program;	/* other end of its pipes, or -1 */
	struct loop_task task;		/* has its turn after all others */
	unsigned	 turns;
};

static void
on_message(struct chan *c, struct imsg *m, void *arg)
{
	struct stage *s = arg;

	(void)c;
	if (m->type != IMSG_LOG)
		s->n_heard++;
}

/* What the neighbor is sent goes nowhere. */
static void
drain(struct stage *s)
{
	const int fds[] = { s->neighbor, s->program };
	char bytes[65536];
	unsigned i;

	for (i = 0; i < 2; i++)
		while (fds[i] != -1 && read(fds[i], bytes, sizeof(bytes)) > 0)
			s->n_heard++;
}

/* A program that hears all; both its pipes are one socket. */
static void
give_program(struct stage *s)
{
	const uint8_t pid[4] = { 0, 0, 0, 9 };
	int ends[2];

	if (chan_sock_pair(ends) != 0)
		err(1, "socketpair");
	s->program = ends[0];
	chan_send_fd(s->chans[PROC_PARENT], IMSG_PROGRAM_STDIN, 1, pid, 4,
	    dup(ends[1]));
	chan_send_fd(s->chans[PROC_PARENT], IMSG_PROGRAM_STDOUT, 1, pid, 4,
	    ends[1]);
}

static void
on_closed(struct chan *c, const char *why, void *arg)
{
	struct stage *s = arg;
	unsigned i;

	(void)why;
	for (i = 0; i < PROC_N; i++) {
		if (s->chans[i] == c) {
			s->chans[i] = NULL;
			s->n_closed[i]++;
		}
	}
	chan_free(c);
}

static void
on_turn(void *arg)
{
	struct stage *s = arg;

	if (s->turns-- == 0)
		loop_stop(s->env->loop);
	else
		loop_task_schedule(&s->task);
}

static void
run(struct stage *s, unsigned turns)
{
	s->turns = turns;
	loop_task_schedule(&s->task);
	loop_event_run(s->env->loop);
}

static struct chan *
channel(struct stage *s, enum imsg_proc self, int *theirs)
{
	struct chan_handler handler = {
		.on_message = on_message, .on_closed = on_closed, .arg = s,
	};
	int pair[2];

	if (chan_sock_pair(pair) != 0)
		err(1, "socketpair");
	*theirs = pair[1];
	return chan_new(s->env, pair[0], self, s->role, &handler);
}

static void
connect_worker(struct stage *s, enum imsg_proc other)
{
	int theirs;

	if (other == s->role || s->chans[other] != NULL)
		return;
	s->chans[other] = channel(s, other, &theirs);
	chan_send_fd(s->chans[PROC_PARENT], IMSG_CHAN, other, NULL, 0, theirs);
}

/* Two neighbors: one of bgpd.conf, one of ExaBGP's kind; nobody connects. */
static void
send_model(struct stage *s)
{
	static char name[] = "p";
	struct config *c = config_new();
	struct conf_peer *p;
	uint8_t head[4] = { 0 };
	struct wr w;
	unsigned i;

	c->as = 65001;
	c->router_id = 1;
	for (i = 0; i < 2; i++) {
		p = config_add_peer(c);
		p->remote.addr = (struct addr){ .family = ADDR_IPV4,
		    .bytes = { 127, 0, 0, (uint8_t)(2 + i) } };
		p->remote.len_bits = 32;
		p->remote_as = 65002 + i;
		p->local_as = 65001;
		p->passive = true;
		p->is_isolated = i == 1;
		p->apis = arena_alloc(c->arena, sizeof(*p->apis));
		p->n_apis = 1;
		p->apis[0].process = name;
		p->apis[0].receive_mask = p->apis[0].send_mask = 0xff;
		p->apis[0].receive_form = p->apis[0].send_form = API_PARSED;
		p->apis[0].neighbor_changes = p->apis[0].fsm = true;
	}
	c->processes = arena_alloc(c->arena, sizeof(*c->processes));
	c->n_processes = 1;
	c->processes[0].name = name;
	c->processes[0].encoder = ENCODER_JSON;
	config_keep_ids(NULL, c);
	buf_writer_growing(&w, IMSG_DATA_MAX);
	config_encode(c, &w, CONFIG_FOR_ALL);
	chan_send(s->chans[PROC_PARENT], IMSG_CONF_BEGIN, 0, head, 4);
	chan_send(s->chans[PROC_PARENT], IMSG_CONF_DATA, 0, w.base, w.len);
	chan_send(s->chans[PROC_PARENT], IMSG_CONF_END, 0, NULL, 0);
	buf_free(&w);
	config_free(c);
}

/* Its first neighbor has a session, which another engine began. */
static void
give_session(struct stage *s)
{
	uint8_t bytes[1024];
	struct wr w;
	int ends[2];

	if (chan_sock_pair(ends) != 0)
		err(1, "socketpair");
	s->neighbor = ends[0];
	buf_writer(&w, bytes, sizeof(bytes));
	hostile_put_session(&w, 1);
	chan_send_fd(s->chans[PROC_PARENT], IMSG_RESTORE_FD, 1, w.base, w.len,
	    ends[1]);
}

/* Records that a session engine is given before it has a model. */
static void
give_states(struct stage *s, struct hostile *h, unsigned n)
{
	struct hostile_message m;

	while (n-- > 0 && hostile_message(h, PROC_PARENT, s->role, &m))
		chan_send(s->chans[PROC_PARENT], m.type, m.id, m.data, m.len);
}

static void
stage_start(struct stage *s, enum imsg_proc role, struct hostile *states)
{
	int handle;
	unsigned i;

	*s = (struct stage){ .env = env_new(), .role = role,
	    .neighbor = -1, .program = -1 };
	loop_task_init(&s->task, s->env->loop, on_turn, s);
	s->chans[PROC_PARENT] = channel(s, PROC_PARENT, &handle);
	s->engine = role == PROC_SESSION ? (void *)session_new(s->env,
	    handle) : role == PROC_RDE ? (void *)rde_new(s->env, handle) :
	    (void *)api_new(s->env, handle);
	for (i = PROC_SESSION; i < PROC_N; i++)
		connect_worker(s, i);
	if (states != NULL && role == PROC_SESSION)
		give_states(s, states, STATES);
	if (role == PROC_SESSION)
		give_session(s);
	send_model(s);
	if (states != NULL && role != PROC_SESSION)
		give_states(s, states, STATES);
	if (role == PROC_API)
		give_program(s);
	run(s, 20);
}

static void
stage_stop(struct stage *s)
{
	unsigned i;

	/* Connections that are being closed end with their other side. */
	if (s->neighbor != -1)
		close(s->neighbor);
	run(s, 20);
	if (s->role == PROC_SESSION)
		session_free(s->engine);
	else if (s->role == PROC_RDE)
		rde_free(s->engine);
	else
		api_free(s->engine);
	for (i = 0; i < PROC_N; i++)
		chan_free(s->chans[i]);
	loop_task_fini(&s->task);
	env_free(s->env);
	if (s->program != -1)
		close(s->program);
}

/* A forbidden message must cost its sender the channel, and only that. */
static int
forbidden(struct stage *s, struct hostile *h, enum imsg_proc from)
{
	unsigned before = s->n_closed[from], i, limit = 1000;
	struct hostile_message m;

	hostile_illegal(h, from, s->role, &m);
	chan_send(s->chans[from], m.type, m.id, m.data, m.len);
	while (s->n_closed[from] == before && limit-- > 0)
		run(s, 4);
	if (s->n_closed[from] == before) {
		printf("FAIL %s to %s: type %u of %zu bytes was taken\n",
		    imsg_proc_name(from), imsg_proc_name(s->role), m.type,
		    m.len);
		return 1;
	}
	for (i = 0; i < PROC_N; i++)
		if (i != from && i != s->role && s->chans[i] == NULL)
			return 1;
	connect_worker(s, from);
	run(s, 4);
	return 0;
}

/* It stops its own channel until a model comes that never does. */
static bool
is_wait(enum imsg_type type)
{
	return type == IMSG_CONF_WAIT;
}

/* With these, most of what follows would fall on deaf ears. */
static bool
is_end_of_session(enum imsg_type type)
{
	return type == IMSG_SESSION_RESET || type == IMSG_PEER_ACTION ||
	    is_wait(type);
}

static int
pair(enum imsg_proc from, enum imsg_proc to, uint32_t n, uint64_t seed)
{
	struct hostile h = { .state = seed, .n_ids = 4,
	    .is_spared = is_end_of_session };
	struct hostile_message m;
	unsigned n_forbidden = 0;
	struct stage s;
	uint32_t i;
	int bad = 0;

	stage_start(&s, to, NULL);
	for (i = 0; i < n && bad == 0; i++) {
		if (i % 1000 == 0)
			alarm(HANG_SEC);
		if (s.chans[from] == NULL || !hostile_message(&h, from, to,
		    &m)) {
			printf("FAIL %s to %s: the channel was closed\n",
			    imsg_proc_name(from), imsg_proc_name(to));
			bad = 1;
			break;
		}
		chan_send(s.chans[from], m.type, m.id, m.data, m.len);
		if (i % BURST == 0) {
			run(&s, 2);
			drain(&s);
		}
		if (i == n - n / 100)
			h.is_spared = is_wait;
		if (i % 997 == 996) {
			bad = forbidden(&s, &h, from);
			n_forbidden++;
		}
	}
	run(&s, 50);
	alarm(0);
	stage_stop(&s);
	/* Has it taken part? The RDE only answers, and here nobody asked. */
	if (s.n_heard < n / 1000 && (from != PROC_RDE || to != PROC_API))
		bad = 1;
	printf("%s %s to %s: %u messages, %u forbidden, %u answers\n",
	    bad ? "FAIL" : "ok", imsg_proc_name(from), imsg_proc_name(to), i,
	    n_forbidden, s.n_heard);
	return bad;
}

static bool
is_no_state(enum imsg_type type)
{
	return type != IMSG_RESTORE;
}

/* State that a worker which was taken over gave to who takes its place. */
static void
inherit(enum imsg_proc role, uint32_t n, uint64_t seed)
{
	struct hostile h = {
		.state = seed, .n_ids = 4, .is_spared = is_no_state,
	};
	struct stage s;
	uint32_t i;

	for (i = 0; i < n; i += STATES) {
		alarm(HANG_SEC);
		stage_start(&s, role, &h);
		stage_stop(&s);
	}
	alarm(0);
	printf("ok %s takes %u records of state\n", imsg_proc_name(role), i);
}

int
main(int argc, char **argv)
{
	uint32_t n = argc > 1 ? (uint32_t)strtoul(argv[1], NULL, 10) : 100000;
	uint64_t seed = argc > 2 ? strtoull(argv[2], NULL, 10) : 1;
	unsigned from, to;
	int bad = 0;

	setvbuf(stdout, NULL, _IOLBF, 0);
	for (from = PROC_SESSION; from < PROC_N; from++)
		for (to = PROC_SESSION; to < PROC_N; to++)
			if (from != to)
				bad |= pair(from, to, n, seed);
	for (to = PROC_SESSION; to < PROC_N; to++)
		inherit(to, n / 10, seed);
	return bad;
}
