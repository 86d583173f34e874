/* SPDX-License-Identifier: ISC */
/* Where ExaBGP's command line client and the daemon meet. */
#ifndef PARENT_CLI_PATH_H
#define PARENT_CLI_PATH_H

#include <stdbool.h>
#include <stddef.h>

struct conf_environment;

#define CLI_PATH_MAX	256	/* with terminator */

/*
 * The i-th place of an existing directory where the socket may be, or
 * where both FIFOs are (without .in and .out); false behind the last one.
 */
bool	cli_path_socket(const struct conf_environment *, unsigned i,
	    char path[CLI_PATH_MAX]);
bool	cli_path_fifo(const struct conf_environment *,
	    char path[CLI_PATH_MAX]);

#endif
