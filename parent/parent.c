/* SPDX-License-Identifier: ISC */
/*
 * The parent's life: start, signals, reload, stop in order.
 */
#include "parent/parent.h"

#include "common/chan.h"
#include "common/err.h"
#include "common/sandbox.h"
#include "parent/kroute.h"
#include "parent/notify.h"
#include "parent/show.h"

#include <err.h>
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#define PARENT_MODEL_MAX	(1u << 30)	/* bytes of a model */

static unsigned
parent_reader(enum imsg_proc role)
{
	return role == PROC_SESSION ? CONFIG_FOR_SESSION :
	    role == PROC_RDE ? CONFIG_FOR_RDE : CONFIG_FOR_API;
}

/* All of a model but the end: IMSG_CONF_BEGIN or IMSG_IMPACT_BEGIN first. */
static void
parent_send_model(struct worker *w, const struct config *c,
    enum imsg_type first, uint32_t id)
{
	const enum imsg_type data = first == IMSG_CONF_BEGIN ?
	    IMSG_CONF_DATA : IMSG_IMPACT_DATA;
	uint8_t head[4];
	struct wr model, h;
	size_t pos, n;

	buf_writer_growing(&model, PARENT_MODEL_MAX);
	config_encode(c, &model, parent_reader(w->engine->role));
	if (model.err != 0)
		errx(1, "configuration: %s", err_text(model.err));
	buf_writer(&h, head, sizeof(head));
	buf_put_u32(&h, (uint32_t)model.len);
	chan_send(w->chan, first, id, head, sizeof(head));
	for (pos = 0; pos < model.len; pos += n) {
		n = model.len - pos;
		if (n > IMSG_DATA_MAX)
			n = IMSG_DATA_MAX;
		chan_send(w->chan, data, id, model.base + pos, n);
	}
	explicit_bzero(model.base, model.len);
	buf_free(&model);
}

void
parent_send_config(struct parent *p, struct worker *w)
{
	if (w->chan == NULL)
		return;
	parent_send_model(w, p->config, IMSG_CONF_BEGIN, 0);
	if (w->engine->role == PROC_RDE)
		ifaddr_send(w);
	chan_send(w->chan, IMSG_CONF_END, p->conf_serial, NULL, 0);
	if (w->engine->role == PROC_API)
		reload_tell_pending(p);
}

bool
parent_send_impact(struct parent *p, const struct config *c, uint32_t client)
{
	struct worker *w = &p->workers[PROC_RDE];

	if (w->chan == NULL)
		return false;
	parent_send_model(w, c, IMSG_IMPACT_BEGIN, client);
	chan_send(w->chan, IMSG_IMPACT_END, client, NULL, 0);
	return true;
}

/* Programs and dumps begin before the sessions that they are to hear of. */
void
parent_apply_config(struct parent *p)
{
	p->conf_serial++;
	p->env->log.topics = p->config->environment.log_topics;
	kroute_configure(p);
	parent_send_config(p, &p->workers[PROC_RDE]);
	parent_send_config(p, &p->workers[PROC_API]);
	program_apply(p);
	mrt_apply(p);
	parent_send_config(p, &p->workers[PROC_SESSION]);
	listen_apply(p);
	/* What a worker may connect to cannot grow: others take its place. */
	if (worker_lacks_ports(p)) {
		log_info(&p->env->log, "new ports: workers will be renewed");
		handover_renew_soon(p);
	}
}

static void
parent_reload_by_signal(struct parent *p)
{
	char why[256];

	parent_reload(p, why, sizeof(why));
}

/*
 * Stopping: workers and programs are told; when the engines have said their
 * goodbyes, or time is up, channels are closed and all is reaped.
 */
static void
parent_on_stop_timer(void *arg)
{
	struct parent *p = arg;

	if (!worker_are_all_gone(p) || !program_are_all_gone(p)) {
		worker_kill_all(p, SIGKILL);
		loop_timer_set_after_usec(&p->stop_timer,
		    PARENT_STOP_SEC * MONO_USEC_PER_SEC);
		return;
	}
	loop_stop(p->env->loop);
}

void
parent_stop(struct parent *p, int status)
{
	if (p->is_stopping)
		return;
	log_info(&p->env->log, "stopping");
	notify_manager("STOPPING=1");
	p->is_stopping = true;
	p->status = status;
	worker_stop_all(p);
	program_stop_all(p);
	loop_timer_set_after_usec(&p->stop_timer,
	    (PARENT_STOP_SEC + 1) * MONO_USEC_PER_SEC);
}

void
parent_check_stopped(struct parent *p)
{
	bool is_quiet = true;
	unsigned i;

	if (!p->is_stopping)
		return;
	for (i = PROC_SESSION; i < PROC_N; i++)
		if (p->workers[i].chan != NULL && !p->workers[i].is_stopped)
			is_quiet = false;
	if (!is_quiet || !program_are_all_gone(p))
		return;
	if (worker_are_all_gone(p)) {
		loop_stop(p->env->loop);
		return;
	}
	/* End of file on its channel ends a worker. */
	for (i = PROC_SESSION; i < PROC_N; i++) {
		chan_free(p->workers[i].chan);
		p->workers[i].chan = NULL;
	}
}

static void
parent_on_child(int signo, void *arg)
{
	struct parent *p = arg;
	int status;
	pid_t pid;

	(void)signo;
	while ((pid = waitpid(-1, &status, WNOHANG)) > 0)
		if (!worker_reap(p, pid, status) &&
		    !handover_reap(p, pid, status))
			program_reap(p, pid, status);
	parent_check_stopped(p);
}

static void
parent_tell_signal(struct parent *p, int signo)
{
	if (p->workers[PROC_API].chan != NULL)
		chan_send(p->workers[PROC_API].chan, IMSG_SIGNAL,
		    (uint32_t)signo, NULL, 0);
}

/* ExaBGP: TERM and HUP end it, USR1 and USR2 reload, ALRM restarts. */
static void
parent_on_exabgp_signal(int signo, void *arg)
{
	struct parent *p = arg;

	log_info(&p->env->log, "signal %d", signo);
	parent_tell_signal(p, signo);
	switch (signo) {
	case SIGUSR1:
		parent_reload_by_signal(p);
		break;
	case SIGUSR2:
		parent_reload_by_signal(p);
		program_restart_all(p);
		break;
	case SIGALRM:
		program_restart_all(p);
		if (p->workers[PROC_SESSION].pid != 0)
			kill(p->workers[PROC_SESSION].pid, SIGTERM);
		break;
	default:
		parent_stop(p, 0);
	}
}

static void
parent_upgrade_by_signal(struct parent *p)
{
	const char *why = handover_upgrade(p, 0);

	if (why != NULL)
		log_err(&p->env->log, "restart: %s", why);
}

static void
parent_on_signal(int signo, void *arg)
{
	struct parent *p = arg;

	parent_tell_signal(p, signo);
	if (signo == SIGHUP)
		parent_reload_by_signal(p);
	else if (signo == SIGUSR2)
		parent_upgrade_by_signal(p);
	else
		parent_stop(p, 0);
}

static void
parent_set_signals(struct parent *p)
{
	static const int exabgp[] = {
		SIGTERM, SIGINT, SIGHUP, SIGUSR1, SIGUSR2, SIGALRM,
	};
	static const int bgpd[] = { SIGTERM, SIGINT, SIGHUP, SIGUSR2 };
	size_t i;

	signal(SIGPIPE, SIG_IGN);
	loop_event_signal(p->env->loop, SIGCHLD, parent_on_child, p);
	if (p->options->is_exabgp) {
		for (i = 0; i < sizeof(exabgp) / sizeof(exabgp[0]); i++)
			loop_event_signal(p->env->loop, exabgp[i],
			    parent_on_exabgp_signal, p);
		return;
	}
	for (i = 0; i < sizeof(bgpd) / sizeof(bgpd[0]); i++)
		loop_event_signal(p->env->loop, bgpd[i], parent_on_signal, p);
}

static void
parent_write_pid(const struct parent *p)
{
	const char *path = p->config->environment.pid_file;
	mode_t before;
	bool is_bad;
	FILE *f;

	if (path == NULL || path[0] == '\0')
		return;
	before = umask(p->config->environment.file_mask);
	f = fopen(path, "we");
	umask(before);
	is_bad = f == NULL || fprintf(f, "%d\n", (int)getpid()) < 0;
	if (f != NULL && fclose(f) != 0)
		is_bad = true;
	if (is_bad)
		log_warn(&p->env->log, "%s: cannot be written: %s", path,
		    strerror(errno));
}

int
parent_run(struct env *env, const struct parent_options *options,
    struct config *config)
{
	struct parent p = {
		.env = env, .options = options, .config = config,
		.control_fd = -1, .restricted_fd = -1,
	};
	char report[SANDBOX_REPORT_MAX];
	bool is_taking_over;
	unsigned i;

	loop_timer_init(&p.stop_timer, env->loop, parent_on_stop_timer, &p);
	handover_init(&p);
	dynamic_init(&p);
	reload_init(&p);
	parent_set_signals(&p);
	is_taking_over = handover_load(&p);
	if (!is_taking_over)
		config_keep_ids(NULL, config);
	if (!is_taking_over && listen_control(&p) != 0) {
		listen_fini(&p);
		return 1;
	}
	cli_listen(&p);
	parent_write_pid(&p);
	listen_apply(&p);
	worker_init_all(&p);
	p.handover.is_reload_due = is_taking_over;
	kroute_configure(&p);
	worker_start_over(&p);
	parent_on_child(SIGCHLD, &p);
	if (sandbox_limit_parent(kroute_is_wanted(p.config), report,
	    sizeof(report)) == 0)
		log_info(&env->log, "parent: %s", report);
	log_info(&env->log, "bgpd %s: running, %zu neighbors", BGPD_VERSION,
	    p.config->n_peers);
	notify_manager("READY=1");
	loop_event_run(env->loop);
	kroute_stop(&p);
	for (i = PROC_SESSION; i < PROC_N; i++)
		worker_fini(&p.workers[i]);
	program_fini(&p);
	listen_fini(&p);
	handover_fini(&p);
	cli_listen_fini(&p);
	loop_timer_fini(&p.stop_timer);
	dynamic_fini(&p);
	reload_fini(&p);
	show_drop(&p);
	mrt_fini(&p);
	config_free(p.config);
	log_info(&env->log, "stopped");
	return p.status;
}
