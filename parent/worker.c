/* SPDX-License-Identifier: ISC */
/*
 * Workers: the same binary executed again with a role, or, in solo mode, an
 * engine in this process. A worker that dies is replaced, with backoff; one
 * that dies too often ends the daemon.
 */
#include "parent/parent.h"

#include "common/chan.h"
#include "common/err.h"
#include "common/sandbox.h"
#include "parent/kroute.h"
#include "parent/show.h"

#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#define LAST_WORDS_MAX		256	/* of a worker that has died, logged */
#define WORKER_RESTART_USEC	(MONO_USEC_PER_SEC / 10)

static void	worker_on_message(struct chan *, struct imsg *, void *);

/* Kill what is left of it; SIGCHLD does the rest. */
static void
worker_on_closed(struct chan *c, const char *why, void *arg)
{
	struct worker *w = arg;
	struct parent *p = w->parent;

	chan_free(c);
	w->chan = NULL;
	kroute_worker_gone(w);
	if (handover_is_resting(p) && w->is_stopped)
		return;
	if (!p->is_stopping)
		log_warn(&p->env->log, "worker %s: channel %s",
		    w->engine->name, why);
	if (w->pid != 0 && !p->is_stopping)
		kill(w->pid, SIGKILL);
	parent_check_stopped(p);
}

static void
worker_adopt(struct worker *w, int handle)
{
	struct chan_handler handler = {
		.on_message = worker_on_message, .on_closed = worker_on_closed,
		.arg = w,
	};

	w->chan = chan_new(w->parent->env, handle, PROC_PARENT,
	    w->engine->role, &handler);
}

/*
 * The ports that the session engine may connect to, as text. False if any:
 * other workers connect nowhere, and of too many none is singled out.
 */
static bool
worker_ports(const struct worker *w, char *out, size_t out_len)
{
	const struct parent *p = w->parent;
	size_t i, len = 0;

	if (!sandbox_profile(w->engine->name)->has_ports)
		return false;
	for (i = 0; i < p->n_ports; i++)
		len += (size_t)snprintf(out + len, out_len - len, "%s%u",
		    i == 0 ? "" : ",", p->ports[i]);
	return p->n_ports != 0;
}

bool
worker_lacks_ports(const struct parent *p)
{
	uint16_t ports[SANDBOX_PORTS_MAX];
	size_t n = config_ports(p->config, ports, SANDBOX_PORTS_MAX), i, k;

	if (p->n_ports == 0 || p->options->is_solo)
		return false;
	for (i = 0; i < n; i++) {
		for (k = 0; k < p->n_ports && p->ports[k] != ports[i]; k++)
			continue;
		if (k == p->n_ports)
			return true;
	}
	return n == 0;
}

static _Noreturn void
worker_exec(struct worker *w, int handle, int fault)
{
	const struct parent_options *o = w->parent->options;
	const char *user = w->parent->config->user;
	char *argv[10], name[] = "bgpd", ports[6 * SANDBOX_PORTS_MAX + 1];
	size_t n = 0;

	/* The parent's death ends its workers, whatever else happens. */
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	/* Out of the way of the numbers that they are to have. */
	handle = fcntl(handle, F_DUPFD, SANDBOX_FAULT_FD + 1);
	fault = fcntl(fault, F_DUPFD, SANDBOX_FAULT_FD + 1);
	if (dup2(handle, WORKER_FD) == -1 ||
	    dup2(fault, SANDBOX_FAULT_FD) == -1)
		_exit(1);
	closefrom(SANDBOX_FAULT_FD + 1);
	if (user == NULL)
		user = o->user;
	argv[n++] = name;
	argv[n++] = strdup("-R");
	argv[n++] = strdup(w->engine->name);
	if (o->is_verbose)
		argv[n++] = strdup("-v");
	if (w->n_starts > 1)
		argv[n++] = strdup("-a");
	if (worker_ports(w, ports, sizeof(ports))) {
		argv[n++] = strdup("-p");
		argv[n++] = ports;
	}
	if (user != NULL) {
		argv[n++] = strdup("-u");
		argv[n++] = strdup(user);
	}
	argv[n] = NULL;
	execv("/proc/self/exe", argv);
	_exit(127);
}

static int
worker_fork(struct worker *w, int handle)
{
	int fault[2];

	if (pipe2(fault, O_CLOEXEC | O_NONBLOCK) != 0)
		return ERR_SYSTEM;
	w->n_starts++;
	w->pid = fork();
	if (w->pid == 0)
		worker_exec(w, handle, fault[1]);
	close(fault[1]);
	if (w->pid == -1) {
		w->pid = 0;
		close(fault[0]);
		return ERR_SYSTEM;
	}
	w->fault_fd = fault[0];
	close(handle);
	return 0;
}

static void
worker_start_solo(struct worker *w, int handle)
{
	w->solo_env = *w->parent->env;
	w->solo = w->engine->start(&w->solo_env, handle);
}

/*
 * The watchdog: a worker that is stopped, or hangs, does not answer. It is
 * killed, for a new one can do what it does not. Not in solo mode, where we
 * hang together.
 */
static void
worker_on_ping_timer(void *arg)
{
	struct worker *w = arg;
	struct parent *p = w->parent;
	int64_t silent;

	if (w->chan == NULL || w->pid == 0)
		return;
	silent = mono_diff_sec(loop_now(p->env->loop), w->heard_at);
	if (silent >= PARENT_WATCHDOG_SEC) {
		log_err(&p->env->log, "worker %s: no sign of life for %lld s, "
		    "killed", w->engine->name, (long long)silent);
		kill(w->pid, SIGKILL);
		return;
	}
	chan_send(w->chan, IMSG_PING, 0, NULL, 0);
	loop_timer_set_after_usec(&w->ping,
	    PARENT_PING_SEC * MONO_USEC_PER_SEC);
}

/* Make a channel between two running workers. */
static void
worker_join(struct worker *a, struct worker *b)
{
	int handles[2];

	if (a->chan == NULL || b->chan == NULL)
		return;
	if (chan_sock_pair(handles) != 0) {
		log_err(&a->parent->env->log, "socketpair: %s",
		    strerror(errno));
		return;
	}
	chan_send_fd(a->chan, IMSG_CHAN, b->engine->role, NULL, 0, handles[0]);
	chan_send_fd(b->chan, IMSG_CHAN, a->engine->role, NULL, 0, handles[1]);
}

static int
worker_launch(struct worker *w)
{
	int handles[2];

	if (chan_sock_pair(handles) != 0)
		return ERR_SYSTEM;
	w->is_stopped = false;
	if (w->engine->role == PROC_SESSION)
		w->parent->n_ports = config_ports(w->parent->config,
		    w->parent->ports, SANDBOX_PORTS_MAX);
	if (w->parent->options->is_solo) {
		worker_adopt(w, handles[0]);
		worker_start_solo(w, handles[1]);
		return 0;
	}
	if (worker_fork(w, handles[1]) != 0) {
		close(handles[0]);
		close(handles[1]);
		return ERR_SYSTEM;
	}
	worker_adopt(w, handles[0]);
	w->heard_at = loop_now(w->parent->env->loop);
	loop_timer_set_after_usec(&w->ping,
	    PARENT_PING_SEC * MONO_USEC_PER_SEC);
	return 0;
}

void
worker_start_session(struct parent *p)
{
	struct worker *w = &p->workers[PROC_SESSION];

	worker_join(w, &p->workers[PROC_RDE]);
	worker_join(w, &p->workers[PROC_API]);
	handover_supply(p, w);
	kroute_worker_started(w);
	parent_send_config(p, w);
	listen_send_all(p);
}

/* What a worker is told at its start, whether it is the first or a new one. */
static void
worker_supply(struct worker *w)
{
	struct parent *p = w->parent;
	unsigned i;

	if (w->engine->role == PROC_SESSION) {
		worker_start_session(p);
		return;
	}
	kroute_worker_started(w);
	parent_send_config(p, w);
	if (w->engine->role == PROC_API)
		mrt_reopen(p);
	for (i = PROC_SESSION; i < PROC_N; i++)
		if (&p->workers[i] != w)
			worker_join(w, &p->workers[i]);
	if (w->engine->role == PROC_API) {
		listen_send_control(p);
		cli_listen_send(p);
	}
	/* Their pipes, or what they said, went with it. */
	program_restart_all(p);
}

int
worker_start(struct worker *w)
{
	int r = worker_launch(w);

	if (r != 0) {
		log_err(&w->parent->env->log, "worker %s: %s", w->engine->name,
		    strerror(errno));
		return r;
	}
	worker_supply(w);
	return 0;
}

static void
worker_on_restart(void *arg)
{
	struct worker *w = arg;

	if (w->parent->is_stopping || w->pid != 0 ||
	    handover_is_resting(w->parent))
		return;
	log_info(&w->parent->env->log, "worker %s: starting again",
	    w->engine->name);
	if (worker_start(w) != 0)
		loop_timer_set_after_usec(&w->restart, MONO_USEC_PER_SEC);
}

void
worker_init_all(struct parent *p)
{
	unsigned i;

	for (i = PROC_SESSION; i < PROC_N; i++) {
		p->workers[i] = (struct worker){
			.parent = p, .engine = &p->options->engines[i],
			.fault_fd = -1,
		};
		loop_timer_init(&p->workers[i].restart, p->env->loop,
		    worker_on_restart, &p->workers[i]);
		loop_timer_init(&p->workers[i].ping, p->env->loop,
		    worker_on_ping_timer, &p->workers[i]);
	}
}

/*
 * All are launched before any is told of another, so that the first channels
 * find both ends alive.
 */
void
worker_start_all(struct parent *p)
{
	unsigned i;

	for (i = PROC_SESSION; i < PROC_N; i++)
		if (worker_launch(&p->workers[i]) != 0)
			err(1, "worker %s", p->workers[i].engine->name);
	for (i = PROC_RDE; i < PROC_N; i++) {
		kroute_worker_started(&p->workers[i]);
		parent_send_config(p, &p->workers[i]);
		handover_supply(p, &p->workers[i]);
	}
	worker_join(&p->workers[PROC_RDE], &p->workers[PROC_API]);
}

void
worker_start_over(struct parent *p)
{
	bool has_pipes = p->handover.is_given[PROC_API] &&
	    p->handover.is_given[PROC_RDE];

	handover_expect(p);
	worker_start_all(p);
	listen_send_control(p);
	cli_listen_send(p);
	if (!has_pipes)
		program_restart_all(p);
	program_apply(p);
	mrt_apply(p);
	worker_start_session(p);
}

/* Whether it died too often of late: the ring holds the last deaths. */
static bool
worker_is_hopeless(struct worker *w)
{
	struct mono now = loop_now(w->parent->env->loop), oldest;

	w->deaths[w->n_deaths++ % PARENT_DEATHS_MAX] = now;
	oldest = w->deaths[w->n_deaths % PARENT_DEATHS_MAX];
	return w->n_deaths >= PARENT_DEATHS_MAX &&
	    mono_diff_sec(now, oldest) < PARENT_DEATHS_SEC;
}

/* What it wrote before its end. */
static size_t
worker_last_words(const struct worker *w, uint8_t *bytes, size_t room)
{
	ssize_t n = read(w->fault_fd, bytes, room);

	return n > 0 ? (size_t)n : 0;
}

static void
worker_log_death(struct worker *w, int status)
{
	struct log *log = &w->parent->env->log;
	uint8_t bytes[LAST_WORDS_MAX];
	char text[LOG_LINE_MAX], call[64] = "unknown";
	int32_t number;
	size_t n = worker_last_words(w, bytes, sizeof(bytes));

	if (WIFSIGNALED(status) && WTERMSIG(status) == SIGSYS) {
		if (n >= sizeof(number)) {
			memcpy(&number, bytes + n - sizeof(number),
			    sizeof(number));
			sandbox_call_name(number, call, sizeof(call));
		}
		log_err(log, "worker %s: made a forbidden system call: %s",
		    w->engine->name, call);
		return;
	}
	while (n > 0 && bytes[n - 1] == '\n')
		n--;
	log_escape(bytes, n, text, sizeof(text));
	if (WIFSIGNALED(status))
		log_err(log, "worker %s: ended by signal %d%s%s",
		    w->engine->name, WTERMSIG(status), n == 0 ? "" : ": ",
		    text);
	else
		log_err(log, "worker %s: ended with status %d%s%s",
		    w->engine->name, WEXITSTATUS(status), n == 0 ? "" : ": ",
		    text);
}

bool
worker_reap(struct parent *p, pid_t pid, int status)
{
	struct worker *w = NULL;
	unsigned i, shift;

	for (i = PROC_SESSION; i < PROC_N; i++)
		if (p->workers[i].pid == pid)
			w = &p->workers[i];
	if (w == NULL)
		return false;
	w->pid = 0;
	if (w->chan != NULL)
		kroute_worker_gone(w);
	if (w->engine->role == PROC_API)
		show_drop(p);
	chan_free(w->chan);
	w->chan = NULL;
	if (!p->is_stopping && !w->is_restarting &&
	    !(handover_is_resting(p) && w->is_stopped))
		worker_log_death(w, status);
	close(w->fault_fd);
	w->fault_fd = -1;
	if (p->is_stopping)
		return true;
	if (handover_is_resting(p)) {
		handover_progress(p);
		return true;
	}
	if (w->is_restarting) {
		w->is_restarting = false;
		loop_timer_set_after_usec(&w->restart, WORKER_RESTART_USEC);
		return true;
	}
	if (worker_is_hopeless(w)) {
		log_err(&p->env->log, "worker %s: died %d times in %d s, "
		    "giving up", w->engine->name, PARENT_DEATHS_MAX,
		    PARENT_DEATHS_SEC);
		parent_stop(p, 1);
		return true;
	}
	shift = w->n_deaths < 4 ? w->n_deaths - 1 : 3;
	loop_timer_set_after_usec(&w->restart, WORKER_RESTART_USEC << shift);
	return true;
}

void
worker_stop_all(struct parent *p)
{
	unsigned i;

	for (i = PROC_SESSION; i < PROC_N; i++) {
		loop_timer_clear(&p->workers[i].restart);
		if (p->workers[i].chan != NULL)
			chan_send(p->workers[i].chan, IMSG_STOP, 0, NULL, 0);
	}
}

void
worker_kill_all(struct parent *p, int signo)
{
	unsigned i;

	for (i = PROC_SESSION; i < PROC_N; i++)
		if (p->workers[i].pid != 0)
			kill(p->workers[i].pid, signo);
}

/* As asked for: these ends are no deaths. */
static void
worker_restart_all(struct parent *p)
{
	unsigned i;

	for (i = PROC_SESSION; i < PROC_N; i++) {
		if (p->workers[i].pid == 0)
			continue;
		p->workers[i].is_restarting = true;
		kill(p->workers[i].pid, SIGTERM);
	}
}

bool
worker_are_all_gone(const struct parent *p)
{
	unsigned i;

	for (i = PROC_SESSION; i < PROC_N; i++)
		if (p->workers[i].pid != 0)
			return false;
	return true;
}

void
worker_fini(struct worker *w)
{
	if (w->solo != NULL)
		w->engine->stop(w->solo);
	w->solo = NULL;
	chan_free(w->chan);
	w->chan = NULL;
	loop_timer_fini(&w->restart);
	loop_timer_fini(&w->ping);
}

static void
worker_on_log(struct worker *w, struct imsg *m)
{
	static void (*const log_at[])(const struct log *, const char *, ...) = {
		log_err, log_warn, log_info, log_debug,
	};
	char line[LOG_LINE_MAX];
	uint8_t level = m->data[0];

	log_escape(m->data + 1, m->len - 1, line, sizeof(line));
	if (level < sizeof(log_at) / sizeof(log_at[0]))
		log_at[level](&w->parent->env->log, "%s", line);
}

static void
worker_on_upgrade(struct worker *w, struct imsg *m)
{
	const char *why = handover_upgrade(w->parent, m->id);

	if (why != NULL && w->chan != NULL)
		chan_send(w->chan, IMSG_RESULT, m->id, why, strlen(why));
}

static void
worker_on_log_level(struct worker *w, struct imsg *m)
{
	struct parent *p = w->parent;
	unsigned i;

	p->env->log.max_level = m->data[0] ? LOG_LEVEL_DEBUG : LOG_LEVEL_INFO;
	for (i = PROC_SESSION; i < PROC_N; i++)
		if (p->workers[i].chan != NULL)
			chan_send(p->workers[i].chan, IMSG_LOG_LEVEL, 0,
			    m->data, 1);
}

static void
worker_on_message(struct chan *c, struct imsg *m, void *arg)
{
	struct worker *w = arg;

	(void)c;
	w->heard_at = loop_now(w->parent->env->loop);
	switch (m->type) {
	case IMSG_PONG:
		break;
	case IMSG_READY:
		log_debug(&w->parent->env->log, "worker %s: ready",
		    w->engine->name);
		break;
	case IMSG_LOG:
		worker_on_log(w, m);
		break;
	case IMSG_LOG_VERBOSE:
		worker_on_log_level(w, m);
		break;
	case IMSG_STOPPED:
		w->is_stopped = true;
		parent_check_stopped(w->parent);
		handover_progress(w->parent);
		break;
	case IMSG_STATE:
	case IMSG_STATE_FD:
		handover_on_state(w->parent, w, m);
		break;
	case IMSG_SETTLED:
		handover_settled(w->parent);
		kroute_stale_settled(w->parent);
		break;
	case IMSG_UPGRADE:
		worker_on_upgrade(w, m);
		break;
	case IMSG_RELOAD:
		reload_request(w, m);
		break;
	case IMSG_SHUTDOWN:
		parent_stop(w->parent, 0);
		break;
	case IMSG_RESTART:
		worker_restart_all(w->parent);
		break;
	case IMSG_PEER_CREATE:
	case IMSG_PEER_DELETE:
		dynamic_request(w->parent, m);
		break;
	case IMSG_BMP_CONNECT:
		bmp_connect(w, m);
		break;
	case IMSG_LOCAL_ADDRS_REQUEST:
		ifaddr_send(w);
		break;
	case IMSG_PROGRAM_KILL:
		program_kill(w->parent, m->id);
		break;
	default:
		if (kroute_message(w, m) || show_message(w, m))
			break;
		log_warn(&w->parent->env->log, "worker %s: message %s ignored",
		    w->engine->name, imsg_row(m->type)->name);
	}
}
