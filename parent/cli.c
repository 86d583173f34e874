/* SPDX-License-Identifier: ISC */
/*
 * `exabgp cli`: gives commands to a running daemon and prints its answers,
 * over its unix socket or, where there is none, ExaBGP's FIFOs. With words
 * on the command line it is done after these; else it reads lines.
 */
#include "common/config.h"
#include "parent/cli_path.h"
#include "parent/cli_words.h"
#include "parent/exabgp_command.h"

#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#define CLI_LINE_MAX	(64 * 1024)
#define CLI_WAIT_MSEC	10000		/* for the next line of an answer */

struct cli_link {
	int	in, out;		/* we read, we write */
	bool	is_socket;
	char	data[CLI_LINE_MAX];
	size_t	len;
};

static _Noreturn void
cli_usage(void)
{
	fprintf(stderr,
	    "usage: exabgp cli [--socket PATH | --pipe PATH] "
	    "[--env-file FILE] [command ...]\n"
	    "       --pipe     FIFOs PATH.in and PATH.out (--pipename)\n"
	    "       --socket   the daemon's socket\n"
	    "Commands may be shortened: s n is show neighbor.\n");
	exit(1);
}

static bool
cli_connect(struct cli_link *l, const char *path)
{
	struct sockaddr_un sun = { .sun_family = AF_UNIX };
	int fd;

	if (strlcpy(sun.sun_path, path, sizeof(sun.sun_path)) >=
	    sizeof(sun.sun_path))
		errx(1, "%s: name too long", path);
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (fd == -1)
		err(1, "socket");
	if (connect(fd, (struct sockaddr *)&sun, sizeof(sun)) != 0) {
		close(fd);
		return false;
	}
	l->in = l->out = fd;
	l->is_socket = true;
	return true;
}

/* What an earlier client did not read is no answer to us. */
static void
cli_drain(struct cli_link *l)
{
	struct pollfd p = { .fd = l->in, .events = POLLIN };

	while (poll(&p, 1, 50) == 1 && (p.revents & POLLIN) &&
	    read(l->in, l->data, sizeof(l->data)) > 0)
		continue;
}

static bool
cli_open_fifos(struct cli_link *l, const char *path)
{
	char name[CLI_PATH_MAX + 8];

	snprintf(name, sizeof(name), "%s.out", path);
	l->in = open(name, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
	if (l->in == -1)
		return false;
	snprintf(name, sizeof(name), "%s.in", path);
	/* Nobody reads it: no daemon. */
	l->out = open(name, O_WRONLY | O_NONBLOCK | O_CLOEXEC);
	if (l->out == -1) {
		close(l->in);
		return false;
	}
	cli_drain(l);
	return true;
}

static void
cli_find(struct cli_link *l, const struct conf_environment *e)
{
	char path[CLI_PATH_MAX];
	unsigned i;

	for (i = 0; cli_path_socket(e, i, path); i++)
		if (cli_connect(l, path))
			return;
	if (cli_path_fifo(e, path) && cli_open_fifos(l, path))
		return;
	errx(1, "no daemon answers: neither a socket nor FIFOs were found in "
	    "/run/exabgp, /run/%u and /run", (unsigned)getuid());
}

static void
cli_send(struct cli_link *l, const char *line)
{
	struct pollfd p = { .fd = l->out, .events = POLLOUT };
	size_t len = strlen(line), done = 0;
	char *copy;
	ssize_t n;

	if (asprintf(&copy, "%s\n", line) == -1)
		err(1, NULL);
	while (done <= len) {
		n = write(l->out, copy + done, len + 1 - done);
		if (n == -1 && errno == EINTR)
			continue;
		if (n == -1 && errno != EAGAIN)
			err(1, "the daemon");
		if (n > 0)
			done += (size_t)n;
		else if (poll(&p, 1, CLI_WAIT_MSEC) != 1)
			errx(1, "the daemon does not read");
	}
	free(copy);
}

/* The next line of an answer, borrowed until the next call. */
static char *
cli_line(struct cli_link *l, size_t *used)
{
	struct pollfd p = { .fd = l->in, .events = POLLIN };
	char *end;
	ssize_t n;

	memmove(l->data, l->data + *used, l->len - *used);
	l->len -= *used;
	*used = 0;
	while ((end = memchr(l->data, '\n', l->len)) == NULL) {
		if (l->len == sizeof(l->data))
			errx(1, "a line of the answer is too long");
		if (poll(&p, 1, CLI_WAIT_MSEC) != 1)
			errx(1, "the daemon does not answer (is "
			    "exabgp.api.ack off?)");
		n = read(l->in, l->data + l->len, sizeof(l->data) - l->len);
		if (n == -1 && (errno == EAGAIN || errno == EINTR))
			continue;
		if (n <= 0)
			errx(1, "the daemon hung up");
		l->len += (size_t)n;
	}
	*end = '\0';
	*used = (size_t)(end - l->data) + 1;
	return l->data;
}

/* One command: its answer's lines; 0 when it was carried out. */
static int
cli_ask(struct cli_link *l, const char *line, FILE *out)
{
	size_t used = 0;
	char *answer;
	int status = -1;

	cli_send(l, line);
	while (status == -1) {
		answer = cli_line(l, &used);
		if (strcmp(answer, "done") == 0) {
			status = 0;
		} else if (strcmp(answer, "error") == 0) {
			fprintf(stderr, "the daemon returns an error\n");
			status = 1;
		} else if (strcmp(answer, "shutdown") == 0) {
			fprintf(stderr, "the daemon is shutting down\n");
			status = 1;
		} else if (out != NULL) {
			fprintf(out, "%s\n", answer);
		}
	}
	memmove(l->data, l->data + used, l->len - used);
	l->len -= used;
	if (out != NULL)
		fflush(out);
	return status;
}

static int
cli_command(struct cli_link *l, const char *line)
{
	static char expanded[CLI_LINE_MAX];

	cli_words_expand(line, expanded, sizeof(expanded));
	if (expanded[0] == '\0')
		return 0;
	if (strcmp(expanded, line) != 0)
		fprintf(stderr, "command: %s\n", expanded);
	return cli_ask(l, expanded, stdout);
}

static int
cli_interact(struct cli_link *l)
{
	bool is_tty = isatty(STDIN_FILENO);
	char *line = NULL;
	size_t cap = 0;
	ssize_t n;
	int status = 0;

	for (;;) {
		if (is_tty) {
			printf("exabgp> ");
			fflush(stdout);
		}
		n = getline(&line, &cap, stdin);
		if (n == -1)
			break;
		if (n > 0 && line[n - 1] == '\n')
			line[n - 1] = '\0';
		if (strcmp(line, "exit") == 0 || strcmp(line, "quit") == 0)
			break;
		status |= cli_command(l, line);
	}
	if (is_tty)
		printf("\n");
	free(line);
	return status;
}

static char *
cli_join(int argc, char **argv)
{
	size_t len = 1;
	char *line;
	int i;

	for (i = 0; i < argc; i++)
		len += strlen(argv[i]) + 1;
	line = calloc(1, len);
	if (line == NULL)
		err(1, NULL);
	for (i = 0; i < argc; i++) {
		strlcat(line, argv[i], len);
		if (i + 1 < argc)
			strlcat(line, " ", len);
	}
	return line;
}

static void
cli_begin(struct cli_link *l, const char *socket_path, const char *pipe_path,
    const char *env_file)
{
	struct config *settings;

	if (socket_path != NULL && !cli_connect(l, socket_path))
		err(1, "%s", socket_path);
	if (pipe_path != NULL && !cli_open_fifos(l, pipe_path))
		err(1, "%s.in and .out", pipe_path);
	if (socket_path == NULL && pipe_path == NULL) {
		settings = exabgp_settings(env_file);
		cli_find(l, &settings->environment);
		config_free(settings);
	}
	cli_ask(l, "session ack enable", NULL);
}

int
exabgp_cli(int argc, char **argv)
{
	static struct cli_link link;
	const char *socket_path = NULL, *pipe_path = NULL, *env_file = NULL;
	char *line;
	int i, status;

	for (i = 1; i < argc && argv[i][0] == '-'; i += 2) {
		if (i + 1 >= argc)
			cli_usage();
		if (strcmp(argv[i], "--socket") == 0)
			socket_path = argv[i + 1];
		else if (strcmp(argv[i], "--pipe") == 0 ||
		    strcmp(argv[i], "--pipename") == 0)
			pipe_path = argv[i + 1];
		else if (strcmp(argv[i], "--env-file") == 0 ||
		    strcmp(argv[i], "-e") == 0 ||
		    strcmp(argv[i], "--env") == 0)
			env_file = argv[i + 1];
		else
			cli_usage();
	}
	if (i == argc && strcmp(argv[0], "run") == 0)
		cli_usage();
	signal(SIGPIPE, SIG_IGN);
	cli_begin(&link, socket_path, pipe_path, env_file);
	if (i == argc) {
		status = cli_interact(&link);
	} else {
		line = cli_join(argc - i, argv + i);
		status = cli_command(&link, line);
		free(line);
	}
	if (status == 0)
		cli_ask(&link, "session bye", NULL);
	return status;
}
