/* SPDX-License-Identifier: ISC */
/*
 * API programs: children of the parent, their pipe ends handed to the
 * broker. Started as another user than root, in a process group and with
 * nothing open but their pipes; ended with the daemon. The respawn limit is
 * ExaBGP's: more than five starts in one 64-second bucket and it is given up.
 */
#include "parent/parent.h"

#include "common/buf.h"
#include "common/chan.h"
#include "common/err.h"

#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <pwd.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#define PROGRAM_BUCKET_USEC	(64 * MONO_USEC_PER_SEC)
#define PROGRAM_STARTS_MAX	5
#define PROGRAM_RESPAWN_USEC	(MONO_USEC_PER_SEC / 10)
/* After its shutdown line a program has this long before SIGTERM. */
#define PROGRAM_TERM_USEC	(MONO_USEC_PER_SEC / 10)
#define PROGRAM_KILL_USEC	(2 * MONO_USEC_PER_SEC)
#define PROGRAM_FILES		1024	/* as select(2) likes it; they may ask for more */
#define PROGRAM_PIPE_BYTES	(1024 * 1024)

static void	program_start(struct program *);
static void	program_on_timer(void *);

static const struct conf_process *
program_conf(const struct program *g)
{
	size_t i;

	for (i = 0; i < g->parent->config->n_processes; i++)
		if (g->parent->config->processes[i].id == g->id)
			return &g->parent->config->processes[i];
	return NULL;
}

/*
 * The user a program runs as when we are root: its own, else the model's,
 * else ExaBGP's nobody, else the workers'. Never root unless written so.
 */
static const char *
program_user(const struct parent *p, const struct conf_process *conf)
{
	if (conf->user != NULL)
		return conf->user;
	if (p->config->is_exabgp && p->config->environment.user != NULL)
		return p->config->environment.drop ?
		    p->config->environment.user : "root";
	if (p->config->user != NULL)
		return p->config->user;
	return p->options->user != NULL ? p->options->user : BGPD_USER;
}

static void
program_become(const char *user)
{
	const struct passwd *pw;

	if (geteuid() != 0 || strcmp(user, "root") == 0)
		return;
	pw = getpwnam(user);
	if (pw == NULL)
		errx(1, "%s: no such user", user);
	if (initgroups(user, pw->pw_gid) != 0 ||
	    setresgid(pw->pw_gid, pw->pw_gid, pw->pw_gid) != 0 ||
	    setresuid(pw->pw_uid, pw->pw_uid, pw->pw_uid) != 0)
		err(1, "%s", user);
}

static _Noreturn void
program_exec(const struct program *g, const struct conf_process *conf,
    int in, int out)
{
	const struct rlimit no_core = { 0, 0 };
	struct rlimit files;
	sigset_t none;

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	setpgid(0, 0);
	if (dup2(in, STDIN_FILENO) == -1 || dup2(out, STDOUT_FILENO) == -1)
		_exit(1);
	closefrom(STDERR_FILENO + 1);
	setrlimit(RLIMIT_CORE, &no_core);
	if (getrlimit(RLIMIT_NOFILE, &files) == 0 &&
	    files.rlim_cur > PROGRAM_FILES) {
		files.rlim_cur = PROGRAM_FILES;
		setrlimit(RLIMIT_NOFILE, &files);
	}
	signal(SIGPIPE, SIG_DFL);
	signal(SIGINT, SIG_DFL);
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	setenv("TERM", "dumb", 1);
	program_become(program_user(g->parent, conf));
	prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
	/* Changing user clears it. */
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	execv(conf->argv[0], conf->argv);
	err(127, "%s", conf->argv[0]);
}

/* argv in the model has n_argv entries and no NULL behind them. */
static char **
program_argv(const struct conf_process *conf)
{
	char **argv = calloc(conf->n_argv + 1, sizeof(*argv));

	if (argv == NULL)
		err(1, "program");
	memcpy(argv, conf->argv, conf->n_argv * sizeof(*argv));
	return argv;
}

static int
program_pipes(int in[2], int out[2])
{
	if (pipe2(in, O_CLOEXEC) != 0)
		return ERR_SYSTEM;
	if (pipe2(out, O_CLOEXEC) != 0) {
		close(in[0]);
		close(in[1]);
		return ERR_SYSTEM;
	}
	/* Our ends; the program's stay blocking, as programs expect. */
	fcntl(in[1], F_SETFL, O_NONBLOCK);
	fcntl(out[0], F_SETFL, O_NONBLOCK);
	fcntl(in[1], F_SETPIPE_SZ, PROGRAM_PIPE_BYTES);
	fcntl(out[0], F_SETPIPE_SZ, PROGRAM_PIPE_BYTES);
	return 0;
}

static int
program_fork(struct program *g, const struct conf_process *conf, int in[2],
    int out[2])
{
	struct conf_process copy = *conf;

	copy.argv = program_argv(conf);
	g->pid = fork();
	if (g->pid == 0)
		program_exec(g, &copy, in[0], out[1]);
	free(copy.argv);
	close(in[0]);
	close(out[1]);
	if (g->pid != -1)
		return 0;
	g->pid = 0;
	close(in[1]);
	close(out[0]);
	return ERR_SYSTEM;
}

/*
 * Count starts by bucket; false when there were too many. One that follows
 * the death of a worker is not the program's fault.
 */
static bool
program_may_start(struct program *g)
{
	int64_t bucket = g->parent->env->wall_usec(g->parent->env) /
	    PROGRAM_BUCKET_USEC;

	if (g->is_ours) {
		g->is_ours = false;
		return true;
	}
	if (bucket != g->bucket) {
		g->bucket = bucket;
		g->n_starts = 0;
	}
	return ++g->n_starts <= PROGRAM_STARTS_MAX;
}

static void
program_start(struct program *g)
{
	struct parent *p = g->parent;
	struct chan *api = p->workers[PROC_API].chan;
	const struct conf_process *conf = program_conf(g);
	uint8_t bytes[4];
	struct wr w;
	int in[2], out[2];

	if (conf == NULL || conf->n_argv == 0 || api == NULL ||
	    p->is_stopping || handover_is_resting(p))
		return;
	if (!program_may_start(g)) {
		log_err(&p->env->log, "program %s: started too often, giving "
		    "up until a reload", g->name);
		g->is_broken = true;
		return;
	}
	if (program_pipes(in, out) != 0 ||
	    program_fork(g, conf, in, out) != 0) {
		log_err(&p->env->log, "program %s: %s", g->name,
		    strerror(errno));
		loop_timer_set_after_usec(&g->timer, MONO_USEC_PER_SEC);
		return;
	}
	log_info(&p->env->log, "program %s: started, pid %d", g->name,
	    (int)g->pid);
	buf_writer(&w, bytes, sizeof(bytes));
	buf_put_u32(&w, (uint32_t)g->pid);
	chan_send_fd(api, IMSG_PROGRAM_STDIN, g->id, bytes, 4, in[1]);
	chan_send_fd(api, IMSG_PROGRAM_STDOUT, g->id, bytes, 4, out[0]);
}

/* A timer means: start, if it is gone; else TERM, then KILL. */
static void
program_on_timer(void *arg)
{
	struct program *g = arg;

	if (g->pid == 0) {
		program_start(g);
		return;
	}
	if (!g->is_stopping) {
		g->is_stopping = true;
		kill(-g->pid, SIGTERM);
		loop_timer_set_after_usec(&g->timer, PROGRAM_KILL_USEC);
		return;
	}
	kill(-g->pid, SIGKILL);
}

static void
program_end(struct program *g, int64_t after_usec)
{
	if (g->pid == 0)
		loop_timer_clear(&g->timer);
	else if (!g->is_stopping)
		loop_timer_set_after_usec(&g->timer, after_usec);
}

static struct program *
program_find(struct parent *p, uint32_t id)
{
	struct program *g;

	for (g = p->programs; g != NULL; g = g->next)
		if (g->id == id)
			return g;
	return NULL;
}

static void
program_free(struct parent *p, struct program *g)
{
	struct program **link;

	for (link = &p->programs; *link != NULL; link = &(*link)->next) {
		if (*link == g) {
			*link = g->next;
			break;
		}
	}
	loop_timer_fini(&g->timer);
	free(g->name);
	free(g);
}

static struct program *
program_new(struct parent *p, const struct conf_process *conf)
{
	struct program *g = calloc(1, sizeof(*g)), **link;

	if (g == NULL || (g->name = strdup(conf->name)) == NULL)
		err(1, "program");
	g->parent = p;
	g->id = conf->id;
	loop_timer_init(&g->timer, p->env->loop, program_on_timer, g);
	for (link = &p->programs; *link != NULL; link = &(*link)->next)
		continue;
	*link = g;
	return g;
}

void
program_adopt(struct parent *p, const struct program *facts, const char *name)
{
	struct conf_process conf = { .id = facts->id };
	struct program *g;

	conf.name = strdup(name);
	if (conf.name == NULL)
		err(1, "program");
	g = program_new(p, &conf);
	g->pid = facts->pid;
	g->n_starts = facts->n_starts;
	g->bucket = facts->bucket;
	free(conf.name);
}

/* Whether some neighbor uses it: only those run. */
static bool
program_is_used(const struct config *c, const char *name)
{
	bool has_peers = false;
	size_t i, k;

	for (i = 0; i < c->n_peers; i++) {
		has_peers |= !c->peers[i].is_dynamic;
		for (k = 0; k < c->peers[i].n_apis; k++)
			if (strcmp(c->peers[i].apis[k].process, name) == 0)
				return true;
	}
	/* Without neighbors a program may create them. */
	return !has_peers;
}

void
program_apply(struct parent *p)
{
	const struct conf_process *conf;
	struct program *g, *next;
	size_t i;

	for (g = p->programs; g != NULL; g = next) {
		next = g->next;
		conf = program_conf(g);
		if (conf != NULL && program_is_used(p->config, conf->name))
			continue;
		g->is_removed = true;
		if (g->pid == 0)
			program_free(p, g);
		else
			program_end(g, PROGRAM_TERM_USEC);
	}
	for (i = 0; i < p->config->n_processes; i++) {
		conf = &p->config->processes[i];
		if (!program_is_used(p->config, conf->name))
			continue;
		g = program_find(p, conf->id);
		if (g == NULL)
			g = program_new(p, conf);
		g->is_removed = false;
		if (g->is_broken) {
			g->is_broken = false;
			g->n_starts = 0;
		}
		if (g->pid == 0 && !g->timer.is_set)
			program_start(g);
	}
}

static void
program_tell_exit(struct program *g, int status)
{
	struct chan *api = g->parent->workers[PROC_API].chan;
	uint8_t bytes[4];
	struct wr w;

	if (api == NULL)
		return;
	buf_writer(&w, bytes, sizeof(bytes));
	buf_put_u32(&w, (uint32_t)status);
	chan_send(api, IMSG_PROGRAM_EXIT, g->id, bytes, sizeof(bytes));
}

bool
program_reap(struct parent *p, pid_t pid, int status)
{
	const struct conf_process *conf;
	struct program *g;

	for (g = p->programs; g != NULL && g->pid != pid; g = g->next)
		continue;
	if (g == NULL)
		return false;
	/* What it started in its group ends with it. */
	kill(-pid, SIGKILL);
	g->pid = 0;
	g->is_stopping = false;
	loop_timer_clear(&g->timer);
	program_tell_exit(g, status);
	if (p->is_stopping)
		return true;
	log_info(&p->env->log, "program %s: ended, %s %d", g->name,
	    WIFSIGNALED(status) ? "signal" : "status",
	    WIFSIGNALED(status) ? WTERMSIG(status) : WEXITSTATUS(status));
	conf = program_conf(g);
	if (g->is_removed || conf == NULL) {
		program_free(p, g);
		return true;
	}
	if (conf->respawn && p->config->environment.api_respawn)
		loop_timer_set_after_usec(&g->timer, PROGRAM_RESPAWN_USEC);
	else if (p->config->environment.api_terminate)
		parent_stop(p, 0);
	return true;
}

void
program_restart_all(struct parent *p)
{
	struct program *g;

	for (g = p->programs; g != NULL; g = g->next) {
		g->is_ours = true;
		if (g->pid != 0)
			program_end(g, 0);
		else if (!g->is_broken)
			loop_timer_set_after_usec(&g->timer, 0);
	}
}

void
program_kill(struct parent *p, uint32_t id)
{
	struct program *g = program_find(p, id);

	if (g != NULL && g->pid != 0)
		program_end(g, 0);
}

void
program_stop_all(struct parent *p)
{
	struct program *g;

	for (g = p->programs; g != NULL; g = g->next)
		program_end(g, PROGRAM_TERM_USEC);
}

bool
program_are_all_gone(const struct parent *p)
{
	const struct program *g;

	for (g = p->programs; g != NULL; g = g->next)
		if (g->pid != 0)
			return false;
	return true;
}

void
program_fini(struct parent *p)
{
	while (p->programs != NULL)
		program_free(p, p->programs);
}
