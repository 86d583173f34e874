/* SPDX-License-Identifier: ISC */
/*
 * bgpctl: one request to the daemon over its control socket, and its replies
 * as they come. Exit status 1 when the request was refused.
 */
#include "api/ctl/ctl.h"
#include "api/ctl/mrt.h"

#include "common/arena.h"
#include "common/buf.h"
#include "common/control.h"

#include <err.h>
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

static _Noreturn void
main_usage(void)
{
	fprintf(stderr, "usage: bgpctl [-CjnV] [-s socket] command "
	    "[argument ...]\n"
	    "       -C  print what the last of the words may be\n"
	    "       -j  print JSON\n"
	    "       -n  print addresses, not descriptions\n"
	    "       -s  the daemon's socket (" CONTROL_PATH ")\n"
	    "       -V  print the version\n"
	    "commands:\n"
	    "       api command\n"
	    "       config diff|impact [file]\n"
	    "       fib [table n] couple|decouple\n"
	    "       log brief|verbose\n"
	    "       neighbor peer|group name up|down|clear|refresh|destroy "
	    "[reason]\n"
	    "       flowspec add|delete inet|inet6 flow [set attributes]\n"
	    "       flowspec flush|show\n"
	    "       network add|delete prefix [attributes]\n"
	    "       network bulk add|delete [attributes] <prefixes\n"
	    "       network mrt [filter] [file file]\n"
	    "       network flush|show\n"
	    "       reload [reason]\n"
	    "       reload confirm seconds, then reload confirm|undo\n"
	    "       restart\n"
	    "       show [bmp|events|fib|flowspec|interfaces|metrics|mrt|"
	    "neighbor|\n"
	    "             network|nexthop|program|rib|rtr|sets|summary|tables|"
	    "version] ...\n");
	exit(1);
}

static int
main_connect(const char *path)
{
	struct sockaddr_un sun = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	if (fd == -1)
		err(1, "socket");
	if (strlcpy(sun.sun_path, path, sizeof(sun.sun_path)) >=
	    sizeof(sun.sun_path))
		errx(1, "%s: name too long", path);
	if (connect(fd, (struct sockaddr *)&sun, sizeof(sun)) != 0)
		err(1, "connect: %s", path);
	return fd;
}

static void
main_write(int fd, const uint8_t *bytes, size_t len)
{
	ssize_t n;

	while (len > 0) {
		n = write(fd, bytes, len);
		if (n == -1 && errno == EINTR)
			continue;
		if (n <= 0)
			err(1, "write");
		bytes += n;
		len -= (size_t)n;
	}
}

static void
main_send(int fd, const struct ctl_request *r)
{
	struct wr body, head;
	uint8_t bytes[CONTROL_HEAD_LEN];

	buf_writer_growing(&body, CONTROL_REQUEST_MAX);
	ctl_request_emit(r, &body);
	if (body.err != 0)
		errx(1, "the request is too long");
	buf_writer(&head, bytes, sizeof(bytes));
	buf_put_u32(&head, (uint32_t)body.len);
	main_write(fd, head.base, head.len);
	main_write(fd, body.base, body.len);
	buf_free(&body);
}

/* False at the end of the stream. */
static bool
main_read(int fd, uint8_t *bytes, size_t len)
{
	ssize_t n;

	while (len > 0) {
		n = read(fd, bytes, len);
		if (n == -1 && errno == EINTR)
			continue;
		if (n <= 0)
			return false;
		bytes += n;
		len -= (size_t)n;
	}
	return true;
}

/* Replies until the end; its error text goes to buf. */
static void
main_receive(int fd, struct ctl_output *o, char *error, size_t error_len)
{
	uint8_t head[CONTROL_HEAD_LEN], *bytes;
	struct arena *arena = arena_new(64 * 1024);
	const struct value *v;
	struct rd r;
	uint32_t len;

	bytes = malloc(CONTROL_REPLY_MAX);
	if (bytes == NULL)
		err(1, NULL);
	for (;;) {
		if (!main_read(fd, head, sizeof(head)))
			errx(1, "the daemon closed the connection");
		r = buf_reader(head, sizeof(head));
		len = buf_get_u32(&r);
		if (len > CONTROL_REPLY_MAX || !main_read(fd, bytes, len))
			errx(1, "the daemon's reply cannot be read");
		v = value_parse(arena, bytes, len);
		if (v == NULL || v->kind != VALUE_OBJECT || v->len == 0)
			errx(1, "the daemon's reply cannot be read");
		if (value_get(v, "end") != NULL)
			break;
		ctl_row(o, value_string(&v->items[0], ""), &v->items[1]);
		arena_reset(arena);
	}
	strlcpy(error, value_get_string(v, "end", ""), error_len);
	free(bytes);
	arena_free(arena);
}

/* Send the routes that were gathered; false when one was refused. */
static bool
main_flush_bulk(int fd, struct ctl_request *r, struct ctl_output *o,
    char *error, size_t error_len)
{
	error[0] = '\0';
	if (r->route[0] == '\0')
		return true;
	main_send(fd, r);
	r->route[0] = '\0';
	r->route_len = 0;
	main_receive(fd, o, error, error_len);
	return error[0] == '\0';
}

/* network bulk: prefixes from standard input; # begins a comment. */
static void
main_bulk(int fd, struct ctl_request *r, struct ctl_output *o, char *error,
    size_t error_len)
{
	char *line = NULL, *word, *save;
	size_t size = 0;

	error[0] = '\0';
	while (getline(&line, &size, stdin) != -1) {
		line[strcspn(line, "#")] = '\0';
		for (word = strtok_r(line, " \t\r\n", &save); word != NULL;
		    word = strtok_r(NULL, " \t\r\n", &save)) {
			if (ctl_add_route(r, word))
				continue;
			if (!main_flush_bulk(fd, r, o, error, error_len))
				goto out;
			if (!ctl_add_route(r, word))
				errx(1, "%s: too long", word);
		}
	}
	main_flush_bulk(fd, r, o, error, error_len);
out:
	free(line);
}

struct main_bulk {
	int		 fd;
	struct ctl_output *o;
	char		*error;
	size_t		 error_len;
};

static bool
main_flush_mrt(struct ctl_request *r, void *arg)
{
	struct main_bulk *b = arg;

	return main_flush_bulk(b->fd, r, b->o, b->error, b->error_len);
}

/* network mrt: the daemon's refusal counts before what is wrong in the file. */
static void
main_network_mrt(int fd, const struct ctl_request *r, struct ctl_output *o,
    char *error, size_t error_len)
{
	struct ctl_request *out = calloc(1, sizeof(*out));
	struct main_bulk b = { fd, o, error, error_len };
	const char *why;
	uint64_t n_sent;

	if (out == NULL)
		err(1, NULL);
	out->request = "network";
	ctl_set_text(out, "action", "add");
	error[0] = '\0';
	why = mrt_network(r, out, main_flush_mrt, &b, &n_sent);
	if (error[0] == '\0')
		strlcpy(error, why, error_len);
	if (o->is_json)
		emit_key_number(&o->emit, "sent", n_sent);
	else
		printf("%llu networks sent\n", (unsigned long long)n_sent);
	free(out);
}

static void
main_answer_line(struct ctl_output *o, const char *line)
{
	if (o->is_json)
		emit_string(&o->emit, line);
	else
		printf("%s\n", line);
}

/*
 * bgpctl api: one line as a program says it, and its answer up to `done` or
 * `error`; the reason stands on a line of its own before the latter.
 */
static void
main_api(int fd, const char *command, struct ctl_output *o, char *error,
    size_t error_len)
{
	FILE *f = fdopen(dup(fd), "r");
	char *line = NULL;
	size_t size = 0;

	main_write(fd, (const uint8_t *)command, strlen(command));
	main_write(fd, (const uint8_t *)"\n", 1);
	if (f == NULL || shutdown(fd, SHUT_WR) != 0)
		err(1, "connection");
	if (o->is_json)
		emit_key_array(&o->emit, "answer");
	for (;;) {
		if (getline(&line, &size, f) == -1)
			errx(1, "the daemon closed the connection");
		line[strcspn(line, "\n")] = '\0';
		if (strcmp(line, "done") == 0 || strcmp(line, "error") == 0)
			break;
		if (error[0] != '\0')		/* it was none */
			main_answer_line(o, error);
		error[0] = '\0';
		if (strncmp(line, "error: ", 7) == 0)
			strlcpy(error, line, error_len);
		else
			main_answer_line(o, line);
	}
	if (strcmp(line, "done") == 0) {
		if (error[0] != '\0')
			main_answer_line(o, error);
		error[0] = '\0';
	} else if (error[0] == '\0') {
		strlcpy(error, "error", error_len);
	}
	if (o->is_json)
		emit_end_array(&o->emit);
	free(line);
	fclose(f);
}

/* Commands about files alone. The exit status. */
static int
main_show_mrt(const struct ctl_request *r, struct ctl_output *o)
{
	const char *error;

	o->is_mrt = true;
	ctl_begin(o);
	error = mrt_show(r, o);
	ctl_end(o, error);
	return *error == '\0' ? 0 : 1;
}

int
main(int argc, char **argv)
{
	const char *path = CONTROL_PATH;
	struct ctl_request request;
	struct ctl_output o = { .is_json = false };
	char error[512];
	struct wr out;
	int c, fd, status;

	while ((c = getopt(argc, argv, "+Chjns:V")) != -1) {
		switch (c) {
		case 'C':
			ctl_complete(argc - optind, argv + optind);
			return 0;
		case 'j':
			o.is_json = true;
			break;
		case 'n':
			if (o.is_numeric)
				main_usage();
			o.is_numeric = true;
			break;
		case 's':
			path = optarg;
			break;
		case 'V':
			fprintf(stderr, "bgpctl %s\n", BGPD_VERSION);
			return 0;
		default:
			main_usage();
		}
	}
	if (argc == optind)
		main_usage();
	if (ctl_parse(&request, argc - optind, argv + optind) != 0)
		return 1;
	buf_writer_growing(&out, 16 * 1024 * 1024);
	o.out = &out;
	o.view = request.view;
	if (strcmp(request.request, "mrt") == 0) {
		status = main_show_mrt(&request, &o);
		buf_free(&out);
		free(request.rest);
		return status;
	}
	fd = main_connect(path);
	if (!request.is_bulk)
		main_send(fd, &request);
	if (request.sent_text != NULL && !o.is_json)
		printf("%s\n", request.sent_text);
	ctl_begin(&o);
	if (request.is_mrt)
		main_network_mrt(fd, &request, &o, error, sizeof(error));
	else if (request.is_bulk)
		main_bulk(fd, &request, &o, error, sizeof(error));
	else
		main_receive(fd, &o, error, sizeof(error));
	if (request.view == VIEW_API && error[0] == '\0')
		main_api(fd, request.rest, &o, error, sizeof(error));
	if (request.view == VIEW_METRICS && error[0] == '\0') {
		main_send(fd, &(struct ctl_request){ .request = "memory" });
		main_receive(fd, &o, error, sizeof(error));
	}
	if (request.view == VIEW_METRICS && error[0] == '\0') {
		main_send(fd, &(struct ctl_request){ .request = "bmp" });
		main_receive(fd, &o, error, sizeof(error));
	}
	ctl_end(&o, error);
	if (request.done_text != NULL && error[0] == '\0' && !o.is_json)
		printf("%s\n", request.done_text);
	close(fd);
	buf_free(&out);
	free(request.rest);
	return error[0] == '\0' ? 0 : 1;
}
