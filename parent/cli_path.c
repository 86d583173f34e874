/* SPDX-License-Identifier: ISC */
/*
 * Places of the CLI's socket and FIFOs, ExaBGP's: /run/exabgp/, /run/UID/,
 * /run/ and the same in /var/run. The names, and the socket's whole path,
 * can be set.
 */
#include "parent/cli_path.h"

#include "common/config.h"

#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define CLI_NAME	"exabgp"

/* The i-th directory with its slash; false behind the last one. */
static bool
cli_path_folder(unsigned i, char path[CLI_PATH_MAX])
{
	const char *run = i / 3 == 0 ? "/run" : "/var/run";

	if (i >= 6)
		return false;
	if (i % 3 == 0)
		snprintf(path, CLI_PATH_MAX, "%s/exabgp/", run);
	else if (i % 3 == 1)
		snprintf(path, CLI_PATH_MAX, "%s/%u/", run,
		    (unsigned)getuid());
	else
		snprintf(path, CLI_PATH_MAX, "%s/", run);
	return true;
}

static const char *
cli_path_name(const char *name)
{
	return name == NULL || name[0] == '\0' ? CLI_NAME : name;
}

static bool
cli_path_is(const char *path, const char *suffix, mode_t type)
{
	char whole[CLI_PATH_MAX + 8];
	struct stat st;

	snprintf(whole, sizeof(whole), "%s%s", path, suffix);
	return stat(whole, &st) == 0 && (st.st_mode & S_IFMT) == type;
}

bool
cli_path_socket(const struct conf_environment *e, unsigned i,
    char path[CLI_PATH_MAX])
{
	char folder[CLI_PATH_MAX];
	unsigned k;

	if (e->api_socket_path != NULL && e->api_socket_path[0] != '\0') {
		snprintf(path, CLI_PATH_MAX, "%s", e->api_socket_path);
		return i == 0;
	}
	for (k = 0; cli_path_folder(k, folder); k++) {
		if (!cli_path_is(folder, "", S_IFDIR) || i-- != 0)
			continue;
		return snprintf(path, CLI_PATH_MAX, "%s%s.sock", folder,
		    cli_path_name(e->api_socket_name)) < CLI_PATH_MAX;
	}
	return false;
}

bool
cli_path_fifo(const struct conf_environment *e, char path[CLI_PATH_MAX])
{
	char folder[CLI_PATH_MAX];
	unsigned k;

	for (k = 0; cli_path_folder(k, folder); k++)
		if (snprintf(path, CLI_PATH_MAX, "%s%s", folder,
		    cli_path_name(e->api_pipe_name)) < CLI_PATH_MAX &&
		    cli_path_is(path, ".in", S_IFIFO) &&
		    cli_path_is(path, ".out", S_IFIFO))
			return true;
	/* Compat: a pipename with a path is taken as it is. */
	if (e->api_pipe_name == NULL || e->api_pipe_name[0] != '/')
		return false;
	snprintf(path, CLI_PATH_MAX, "%s", e->api_pipe_name);
	return cli_path_is(path, ".in", S_IFIFO) &&
	    cli_path_is(path, ".out", S_IFIFO);
}
