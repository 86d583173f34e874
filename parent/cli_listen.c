/* SPDX-License-Identifier: ISC */
/*
 * The daemon's side of `exabgp cli`: a unix socket, made where ExaBGP's is
 * looked for, and FIFOs if the administrator made them. Opened here, before
 * privileges are given up, and handed to the broker. A daemon that cannot
 * have them runs without.
 */
#include "parent/parent.h"

#include "common/chan.h"
#include "common/err.h"
#include "parent/cli_path.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define CLI_MODE	0660

static bool
cli_listen_may_write(const char *path)
{
	char folder[CLI_PATH_MAX];
	char *slash;

	strlcpy(folder, path, sizeof(folder));
	slash = strrchr(folder, '/');
	if (slash == NULL)
		return true;
	slash[1] = '\0';
	return access(folder, W_OK) == 0;
}

static void
cli_listen_socket(struct parent *p)
{
	char path[CLI_PATH_MAX];
	unsigned i;
	int fd;

	for (i = 0; cli_path_socket(&p->config->environment, i, path); i++) {
		if (!cli_listen_may_write(path))
			continue;
		fd = listen_unix(p, path, CLI_MODE);
		if (fd < 0)
			continue;
		p->cli_fds[CLI_LISTENER] = fd;
		p->cli_path = strdup(path);
		log_info(&p->env->log, "cli: %s", path);
		return;
	}
}

/* Read and write on both: no end of file between two clients. */
static void
cli_listen_fifos(struct parent *p)
{
	char path[CLI_PATH_MAX], name[CLI_PATH_MAX + 8];
	int in, out;

	if (!cli_path_fifo(&p->config->environment, path))
		return;
	snprintf(name, sizeof(name), "%s.in", path);
	in = open(name, O_RDWR | O_NONBLOCK | O_CLOEXEC | O_NOFOLLOW);
	snprintf(name, sizeof(name), "%s.out", path);
	out = open(name, O_RDWR | O_NONBLOCK | O_CLOEXEC | O_NOFOLLOW);
	if (in == -1 || out == -1) {
		log_warn(&p->env->log, "cli: %s: %s", name, strerror(errno));
		if (in != -1)
			close(in);
		if (out != -1)
			close(out);
		return;
	}
	p->cli_fds[CLI_FIFO_IN] = in;
	p->cli_fds[CLI_FIFO_OUT] = out;
	log_info(&p->env->log, "cli: %s.in and .out", path);
}

void
cli_listen(struct parent *p)
{
	unsigned i;

	for (i = 0; i < 3; i++)
		p->cli_fds[i] = -1;
	if (!p->config->is_exabgp || !p->config->environment.api_cli)
		return;
	cli_listen_socket(p);
	cli_listen_fifos(p);
}

void
cli_listen_send(struct parent *p)
{
	struct chan *api = p->workers[PROC_API].chan;
	uint32_t i;
	int fd;

	for (i = 0; i < 3; i++) {
		if (p->cli_fds[i] == -1 || api == NULL)
			continue;
		fd = fcntl(p->cli_fds[i], F_DUPFD_CLOEXEC, 0);
		if (fd != -1)
			chan_send_fd(api, IMSG_CLI, i, NULL, 0, fd);
	}
}

void
cli_listen_fini(struct parent *p)
{
	unsigned i;

	for (i = 0; i < 3; i++)
		if (p->cli_fds[i] != -1)
			close(p->cli_fds[i]);
	if (p->cli_path != NULL)
		unlink(p->cli_path);
	free(p->cli_path);
}
