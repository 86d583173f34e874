/* SPDX-License-Identifier: ISC */
/*
 * `exabgp healthcheck`: running the check and the hooks. Each is a group of
 * processes of its own, so that one that takes too long ends whole.
 */
#include "parent/healthcheck.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <syslog.h>
#include <unistd.h>

#define EXEC_POLL_USEC	20000		/* a child's end is looked for */
#define EXEC_HOOK_USEC	(60 * 1000000LL)

static _Noreturn void
exec_child(char *const argv[], const char *state)
{
	sigset_t none;
	int null = open("/dev/null", O_RDWR);

	setpgid(0, 0);
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	signal(SIGPIPE, SIG_DFL);
	/* Standard output is the daemon's: a check must not speak to it. */
	if (null == -1 || dup2(null, STDIN_FILENO) == -1 ||
	    dup2(null, STDOUT_FILENO) == -1 ||
	    dup2(null, STDERR_FILENO) == -1)
		_exit(127);
	if (state != NULL)
		setenv("STATE", state, 1);
	execvp(argv[0], argv);
	_exit(127);
}

int
healthcheck_exec(struct healthcheck *h, char *const argv[],
    const char *state, int64_t timeout_usec)
{
	int64_t deadline = healthcheck_now_usec() + timeout_usec;
	pid_t pid = fork(), ended;
	int status = 0;

	if (pid == -1)
		return -1;
	if (pid == 0)
		exec_child(argv, state);
	setpgid(pid, pid);
	while ((ended = waitpid(pid, &status, WNOHANG)) == 0) {
		if (healthcheck_now_usec() >= deadline ||
		    (!healthcheck_wait(h, EXEC_POLL_USEC, NULL) &&
		    state == NULL))
			break;
		if (h->is_told_to_end)
			/* A hook of the end: wait says so at once. */
			usleep(EXEC_POLL_USEC);
	}
	kill(-pid, SIGKILL);
	if (ended == pid)
		return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
	healthcheck_log(h, LOG_WARNING, "%s took too long", argv[0]);
	waitpid(pid, &status, 0);
	return -1;
}

static int
exec_shell(struct healthcheck *h, const char *command, const char *state,
    int64_t timeout_usec)
{
	char shell[] = "/bin/sh", flag[] = "-c";
	char *copy = strdup(command);
	char *argv[] = { shell, flag, copy, NULL };
	int status;

	if (copy == NULL)
		return -1;
	status = healthcheck_exec(h, argv, state, timeout_usec);
	free(copy);
	return status;
}

bool
healthcheck_check(struct healthcheck *h)
{
	int status;

	if (h->o.command == NULL)
		return true;
	status = exec_shell(h, h->o.command, NULL, h->o.timeout_usec);
	healthcheck_log(h, LOG_DEBUG, "the check's status is %d", status);
	return status == 0;
}

void
healthcheck_hooks(struct healthcheck *h, enum healthcheck_state state)
{
	const char *const commands[] = { h->o.state_execute[state],
	    h->o.execute };
	size_t i;

	for (i = 0; i < 2; i++)
		if (commands[i] != NULL && exec_shell(h, commands[i],
		    healthcheck_state_name(state), EXEC_HOOK_USEC) != 0)
			healthcheck_log(h, LOG_WARNING, "%s failed",
			    commands[i]);
}
