/* SPDX-License-Identifier: ISC */
/* A worker's life: the sandbox, then an engine in its loop. */
#include "parent/parent.h"

#include "common/sandbox.h"

#include <err.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <unistd.h>

/* "179,1179" as numbers; what cannot be one ends the worker. */
static size_t
worker_parse_ports(const char *text, uint16_t *ports)
{
	char *end;
	size_t n = 0;
	unsigned long port;

	while (text != NULL && n < SANDBOX_PORTS_MAX) {
		port = strtoul(text, &end, 10);
		if (end == text || port == 0 || port > UINT16_MAX ||
		    (*end != '\0' && *end != ','))
			errx(1, "ports: %s", text);
		ports[n++] = (uint16_t)port;
		text = *end == '\0' ? NULL : end + 1;
	}
	return n;
}

void
worker_enter(const char *name, const struct worker_options *o, char *report,
    size_t report_len)
{
	const struct sandbox_profile *profile = sandbox_profile(name);
	uint16_t ports[SANDBOX_PORTS_MAX];
	char user[64];
	struct sandbox_start start = {
		.profile = profile, .user = user, .ports = ports,
	};

	sandbox_user(profile, o->user, user, sizeof(user));
	start.n_ports = worker_parse_ports(o->ports, ports);
	if (sandbox_enter(&start, report, report_len) != 0)
		errx(1, "%s: sandbox: %s", name, report);
}

int
worker_main(const struct parent_engine *engine,
    const struct worker_options *o)
{
	char report[SANDBOX_REPORT_MAX];
	struct env *env;
	void *state;

#ifndef BGPD_NO_SANDBOX
	/* Last words: stderr may be a file, which it may not write, or gone. */
	if (dup2(SANDBOX_FAULT_FD, STDERR_FILENO) == -1)
		err(1, "worker %s: stderr", engine->name);
#endif
	signal(SIGPIPE, SIG_IGN);
	signal(SIGINT, SIG_IGN);
	signal(SIGHUP, SIG_IGN);
	worker_enter(engine->name, o, report, sizeof(report));
	env = env_new();
	fcntl(WORKER_FD, F_SETFD, FD_CLOEXEC);
	fcntl(WORKER_FD, F_SETFL, O_NONBLOCK);
	state = engine->start(env, WORKER_FD);
	if (o->is_verbose)
		env->log.max_level = LOG_LEVEL_DEBUG;
	if (o->is_again)
		log_debug(&env->log, "worker %s: %s", engine->name, report);
	else
		log_info(&env->log, "worker %s: %s", engine->name, report);
	loop_event_run(env->loop);
	engine->stop(state);
	env_free(env);
	return 0;
}
