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

#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#define WORKER_FD		3	/* channel to the parent */
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

static _Noreturn void
worker_exec(struct worker *w, int handle)
{
	const struct parent_options *o = w->parent->options;
	const char *user = w->parent->config->user;
	char *argv[8], name[] = "bgpd";
	size_t n = 0;

	/* The parent's death ends its workers, whatever else happens. */
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (dup2(handle, WORKER_FD) == -1)
		_exit(1);
	closefrom(WORKER_FD + 1);
	if (user == NULL)
		user = o->user;
	argv[n++] = name;
	argv[n++] = strdup("-R");
	argv[n++] = strdup(w->engine->name);
	if (o->is_verbose)
		argv[n++] = strdup("-v");
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
	w->pid = fork();
	if (w->pid == 0)
		worker_exec(w, handle);
	if (w->pid == -1) {
		w->pid = 0;
		return ERR_SYSTEM;
	}
	close(handle);
	return 0;
}

static void
worker_start_solo(struct worker *w, int handle)
{
	w->solo_env = *w->parent->env;
	w->solo = w->engine->start(&w->solo_env, handle);
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
	return 0;
}

void
worker_start_session(struct parent *p)
{
	struct worker *w = &p->workers[PROC_SESSION];

	worker_join(w, &p->workers[PROC_RDE]);
	worker_join(w, &p->workers[PROC_API]);
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
	for (i = PROC_SESSION; i < PROC_N; i++)
		if (&p->workers[i] != w)
			worker_join(w, &p->workers[i]);
	if (w->engine->role == PROC_API) {
		listen_send_control(p);
		cli_listen_send(p);
		program_restart_all(p);
	}
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

	if (w->parent->is_stopping || w->pid != 0)
		return;
	log_info(&w->parent->env->log, "worker %s: starting again",
	    w->engine->name);
	if (worker_start(w) != 0)
		loop_timer_set_after_usec(&w->restart, MONO_USEC_PER_SEC);
}

/*
 * All are launched before any is told of another, so that the first channels
 * find both ends alive.
 */
void
worker_start_all(struct parent *p)
{
	unsigned i;

	for (i = PROC_SESSION; i < PROC_N; i++) {
		p->workers[i] = (struct worker){
			.parent = p, .engine = &p->options->engines[i],
		};
		loop_timer_init(&p->workers[i].restart, p->env->loop,
		    worker_on_restart, &p->workers[i]);
		if (worker_launch(&p->workers[i]) != 0)
			err(1, "worker %s", p->workers[i].engine->name);
	}
	kroute_worker_started(&p->workers[PROC_RDE]);
	parent_send_config(p, &p->workers[PROC_RDE]);
	parent_send_config(p, &p->workers[PROC_API]);
	worker_join(&p->workers[PROC_RDE], &p->workers[PROC_API]);
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

static void
worker_log_death(struct worker *w, int status)
{
	struct log *log = &w->parent->env->log;

	if (WIFSIGNALED(status) && WTERMSIG(status) == SIGSYS)
		log_err(log, "worker %s: made a forbidden system call",
		    w->engine->name);
	else if (WIFSIGNALED(status))
		log_err(log, "worker %s: ended by signal %d",
		    w->engine->name, WTERMSIG(status));
	else
		log_err(log, "worker %s: ended with status %d",
		    w->engine->name, WEXITSTATUS(status));
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
	chan_free(w->chan);
	w->chan = NULL;
	if (p->is_stopping)
		return true;
	if (w->is_restarting) {
		w->is_restarting = false;
		loop_timer_set_after_usec(&w->restart, WORKER_RESTART_USEC);
		return true;
	}
	worker_log_death(w, status);
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
worker_on_reload(struct worker *w, struct imsg *m)
{
	char why[256] = "";

	parent_reload(w->parent, why, sizeof(why));
	if (w->chan != NULL)
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
	switch (m->type) {
	case IMSG_READY:
		log_debug(&w->parent->env->log, "worker %s: ready",
		    w->engine->name);
		break;
	case IMSG_LOG:
		worker_on_log(w, m);
		break;
	case IMSG_LOG_LEVEL:
		worker_on_log_level(w, m);
		break;
	case IMSG_STOPPED:
		w->is_stopped = true;
		parent_check_stopped(w->parent);
		break;
	case IMSG_RELOAD:
		worker_on_reload(w, m);
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
	case IMSG_PROGRAM_KILL:
		program_kill(w->parent, m->id);
		break;
	default:
		if (kroute_message(w, m))
			break;
		log_warn(&w->parent->env->log, "worker %s: message %s ignored",
		    w->engine->name, imsg_row(m->type)->name);
	}
}

int
worker_main(const struct parent_engine *engine, const char *user,
    bool is_verbose)
{
	struct sandbox_profile profile = {
		.name = engine->name, .grants = engine->grants, .user = user,
	};
	char report[SANDBOX_REPORT_MAX];
	struct env *env;
	void *state;
	int r;

	signal(SIGPIPE, SIG_IGN);
	signal(SIGINT, SIG_IGN);
	signal(SIGHUP, SIG_IGN);
	r = sandbox_enter(&profile, report, sizeof(report));
	if (r != 0)
		errx(1, "%s: sandbox: %s", engine->name, report);
	env = env_new();
	fcntl(WORKER_FD, F_SETFD, FD_CLOEXEC);
	fcntl(WORKER_FD, F_SETFL, O_NONBLOCK);
	state = engine->start(env, WORKER_FD);
	if (is_verbose)
		env->log.max_level = LOG_LEVEL_DEBUG;
	log_info(&env->log, "worker %s: %s", engine->name, report);
	loop_event_run(env->loop);
	engine->stop(state);
	env_free(env);
	return 0;
}
