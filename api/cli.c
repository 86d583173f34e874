/* SPDX-License-Identifier: ISC */
/*
 * Command line clients: whoever connects to the socket of ExaBGP's CLI, or
 * writes to its FIFO, or asks for it on the control socket (bgpctl api), is a
 * program that the parent did not start. It sees all neighbors, hears no
 * events, and ends when it hangs up.
 */
#include "api/engine.h"

#include "common/net.h"

#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define CLI_CLIENTS_MAX		16
#define CLI_FIRST_ID		0x20000000u	/* those of programs are below */
#define CLI_IDS			256	/* used in turn */
#define CLI_FIFO_ID		0x1fffffffu

struct cli {
	struct api		*api;
	struct loop_watch	 watch;
	int			 fd;		/* listener, or -1 */
	uint32_t		 next_id;
	int			 fifo_in;	/* until its other half comes */
};

static unsigned
cli_count(const struct api *api)
{
	const struct program *g;
	unsigned n = 0;

	for (g = api->programs; g != NULL; g = g->next)
		n += g->id >= CLI_FIRST_ID;
	return n;
}

/* A program over two descriptors, which are its own from now on. */
static struct program *
cli_open(struct cli *c, uint32_t id, int read_fd, int write_fd)
{
	struct program *g = program_get(c->api, id, true);

	if (g == NULL) {
		close(read_fd);
		close(write_fd);
		return NULL;
	}
	g->is_cli = true;
	program_set_stdin(g, write_fd, 0);
	program_set_stdout(g, read_fd, 0);
	return g;
}

/* Over copies of a socket; NULL: there are too many clients. */
static struct program *
cli_open_socket(struct cli *c, int fd)
{
	int in, out;
	uint32_t id;

	if (cli_count(c->api) >= CLI_CLIENTS_MAX)
		return NULL;
	in = fcntl(fd, F_DUPFD_CLOEXEC, 0);
	out = fcntl(fd, F_DUPFD_CLOEXEC, 0);
	if (in == -1 || out == -1) {
		if (in != -1)
			close(in);
		return NULL;
	}
	/* Not the last one's: answers to that may be on their way. */
	do {
		id = CLI_FIRST_ID + c->next_id++ % CLI_IDS;
	} while (program_get(c->api, id, false) != NULL);
	return cli_open(c, id, in, out);
}

static void
cli_on_ready(int ready, void *arg)
{
	static const char busy[] =
	    "error: another CLI client is already connected\ndone\n";
	struct cli *c = arg;
	int fd;

	(void)ready;
	fd = accept4(c->fd, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
	if (fd == -1)
		return;
	if (cli_open_socket(c, fd) == NULL)
		send(fd, busy, sizeof(busy) - 1, MSG_NOSIGNAL);
	close(fd);
}

static struct cli *
cli_get(struct api *api)
{
	struct cli *c = api->cli;

	if (c != NULL)
		return c;
	c = calloc(1, sizeof(*c));
	if (c == NULL)
		err(1, "cli");
	c->api = api;
	c->fd = c->fifo_in = -1;
	api->cli = c;
	return c;
}

bool
cli_take_socket(struct api *api, int fd)
{
	struct program *g = cli_open_socket(cli_get(api), fd);

	if (g != NULL)
		g->has_ack = true;
	return g != NULL;
}

void
cli_add(struct api *api, enum imsg_cli what, int fd)
{
	struct cli *c = cli_get(api);

	if (what == CLI_LISTENER && c->fd == -1) {
		c->fd = fd;
		loop_watch_init(&c->watch, api->env->loop, fd, cli_on_ready,
		    c);
		loop_watch_set(&c->watch, LOOP_READ);
	} else if (what == CLI_FIFO_IN && c->fifo_in == -1) {
		c->fifo_in = fd;
	} else if (what == CLI_FIFO_OUT && c->fifo_in != -1) {
		cli_open(c, CLI_FIFO_ID, c->fifo_in, fd);
		c->fifo_in = -1;
	} else {
		close(fd);
	}
}

void
cli_free(struct api *api)
{
	struct cli *c = api->cli;

	if (c == NULL)
		return;
	if (c->fd != -1) {
		loop_watch_fini(&c->watch);
		close(c->fd);
	}
	if (c->fifo_in != -1)
		close(c->fifo_in);
	free(c);
	api->cli = NULL;
}
