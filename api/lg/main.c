/* SPDX-License-Identifier: ISC */
/*
 * bgplgd: the looking glass. Each request is answered by a bgpctl of its
 * own on the restricted socket, whose output is passed on as it comes; a
 * client that does not read stops it. Numbers of clients and seconds are
 * bounded, nothing of a request is kept.
 */
#include "api/lg/lg.h"

#include <event2/buffer.h>
#include <event2/bufferevent.h>
#include <event2/event.h>
#include <event2/http.h>
#include <event2/keyvalq_struct.h>

#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <pwd.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#define ANSWERS_MAX	16		/* commands at once */
#define ANSWER_SEC	30		/* the longest */
#define IDLE_SEC	20		/* a connection without a request */
#define HEADERS_MAX	8192
#define READ_MAX	65536
#define QUEUE_HIGH	(1024u * 1024)	/* to a client that is slow */
#define RETRY_USEC	50000

struct lg {
	struct event_base	*base;
	struct evhttp		*http;
	const char		*bgpctl, *socket;
	unsigned		 n_answers;
};

/* A command that runs for a request. */
struct answer {
	struct lg		*lg;
	struct evhttp_request	*request;	/* NULL: the client left */
	const struct lg_endpoint *endpoint;
	pid_t			 pid;
	int			 fd;
	struct event		*readable, *limit;
	struct event		*retry;		/* of a slow client's answer */
	bool			 has_begun;
};

static void
answer_free(struct answer *a)
{
	event_free(a->readable);
	event_free(a->limit);
	event_free(a->retry);
	close(a->fd);
	/* It has ended, or is to. */
	kill(a->pid, SIGKILL);
	while (waitpid(a->pid, NULL, 0) == -1 && errno == EINTR)
		;
	a->lg->n_answers--;
	free(a);
}

static void
answer_begin(struct answer *a)
{
	struct evkeyvalq *headers = evhttp_request_get_output_headers(
	    a->request);

	evhttp_add_header(headers, "Content-Type", a->endpoint->type);
	evhttp_add_header(headers, "Access-Control-Allow-Origin", "*");
	evhttp_add_header(headers, "Cache-Control", "no-store");
	evhttp_send_reply_start(a->request, HTTP_OK, "OK");
	a->has_begun = true;
}

static void
answer_end(struct answer *a)
{
	struct evhttp_connection *c;

	if (a->request != NULL) {
		c = evhttp_request_get_connection(a->request);
		evhttp_connection_set_closecb(c, NULL, NULL);
		if (a->has_begun)
			evhttp_send_reply_end(a->request);
		else
			evhttp_send_error(a->request, HTTP_SERVUNAVAIL,
			    "the daemon does not answer");
	}
	answer_free(a);
}

static size_t
answer_queued(const struct answer *a)
{
	struct bufferevent *b = evhttp_connection_get_bufferevent(
	    evhttp_request_get_connection(a->request));

	return evbuffer_get_length(bufferevent_get_output(b));
}

static void
answer_on_readable(evutil_socket_t fd, short what, void *arg)
{
	static const struct timeval retry = { 0, RETRY_USEC };
	struct answer *a = arg;
	struct evbuffer *piece;
	int n;

	(void)what;
	if (answer_queued(a) > QUEUE_HIGH) {
		event_del(a->readable);
		event_add(a->retry, &retry);
		return;
	}
	piece = evbuffer_new();
	if (piece == NULL)
		err(1, NULL);
	n = evbuffer_read(piece, fd, READ_MAX);
	if (n > 0) {
		if (!a->has_begun)
			answer_begin(a);
		evhttp_send_reply_chunk(a->request, piece);
	}
	evbuffer_free(piece);
	if (n == 0 || (n == -1 && errno != EAGAIN && errno != EINTR))
		answer_end(a);
}

static void
answer_on_retry(evutil_socket_t fd, short what, void *arg)
{
	struct answer *a = arg;

	(void)fd;
	(void)what;
	event_add(a->readable, NULL);
}

static void
answer_on_limit(evutil_socket_t fd, short what, void *arg)
{
	(void)fd;
	(void)what;
	answer_end(arg);
}

/* The client is gone: the request with it. */
static void
answer_on_close(struct evhttp_connection *c, void *arg)
{
	struct answer *a = arg;

	(void)c;
	a->request = NULL;
	answer_free(a);
}

static _Noreturn void
run_bgpctl(const struct lg *lg, struct lg_words *w, int out)
{
	char *argv[LG_WORDS_MAX + 4] = { strdup("bgpctl"), strdup("-s"),
	    strdup(lg->socket) };
	int null = open("/dev/null", O_RDWR);

	memcpy(argv + 3, w->words, (w->n + 1) * sizeof(char *));
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (null == -1 || dup2(null, STDIN_FILENO) == -1 ||
	    dup2(out, STDOUT_FILENO) == -1 ||
	    dup2(null, STDERR_FILENO) == -1)
		_exit(1);
	execv(lg->bgpctl, argv);
	_exit(1);
}

static int
answer_start(struct lg *lg, struct evhttp_request *request,
    const struct lg_endpoint *e, struct lg_words *w)
{
	static const struct timeval limit = { ANSWER_SEC, 0 };
	struct answer *a = calloc(1, sizeof(*a));
	int fds[2];

	if (a == NULL || pipe2(fds, O_CLOEXEC) != 0) {
		free(a);
		return -1;
	}
	*a = (struct answer){
		.lg = lg, .request = request, .endpoint = e, .fd = fds[0],
	};
	a->pid = fork();
	if (a->pid == 0)
		run_bgpctl(lg, w, fds[1]);
	close(fds[1]);
	if (a->pid == -1) {
		close(fds[0]);
		free(a);
		return -1;
	}
	fcntl(fds[0], F_SETFL, O_NONBLOCK);
	lg->n_answers++;
	a->readable = event_new(lg->base, fds[0], EV_READ | EV_PERSIST,
	    answer_on_readable, a);
	a->limit = evtimer_new(lg->base, answer_on_limit, a);
	a->retry = evtimer_new(lg->base, answer_on_retry, a);
	if (a->readable == NULL || a->limit == NULL || a->retry == NULL)
		err(1, NULL);
	event_add(a->readable, NULL);
	event_add(a->limit, &limit);
	evhttp_connection_set_closecb(evhttp_request_get_connection(request),
	    answer_on_close, a);
	return 0;
}

static void
send_page(struct evhttp_request *request)
{
	struct evkeyvalq *headers = evhttp_request_get_output_headers(
	    request);
	struct evbuffer *b = evbuffer_new();

	if (b == NULL)
		err(1, NULL);
	evbuffer_add(b, lg_page, strlen(lg_page));
	evhttp_add_header(headers, "Content-Type",
	    "text/html; charset=utf-8");
	evhttp_add_header(headers, "Content-Security-Policy",
	    "default-src 'none'; style-src 'unsafe-inline'; "
	    "script-src 'unsafe-inline'; connect-src 'self'");
	evhttp_add_header(headers, "X-Content-Type-Options", "nosniff");
	evhttp_send_reply(request, HTTP_OK, "OK", b);
	evbuffer_free(b);
}

static void
on_request(struct evhttp_request *request, void *arg)
{
	const struct evhttp_uri *uri = evhttp_request_get_evhttp_uri(request);
	const char *path = evhttp_uri_get_path(uri);
	const char *query = evhttp_uri_get_query(uri);
	const struct lg_endpoint *e;
	struct evkeyvalq params = { 0 };
	struct lg *lg = arg;
	struct lg_words w;

	if (path == NULL || strcmp(path, "/") == 0) {
		send_page(request);
		return;
	}
	e = lg_endpoint(path);
	if (e == NULL) {
		evhttp_send_error(request, HTTP_NOTFOUND, NULL);
		return;
	}
	if (evhttp_parse_query_str(query == NULL ? "" : query, &params) != 0 ||
	    lg_words_make(e, &params, &w) != 0) {
		evhttp_clear_headers(&params);
		evhttp_send_error(request, HTTP_BADREQUEST, NULL);
		return;
	}
	evhttp_clear_headers(&params);
	if (lg->n_answers >= ANSWERS_MAX ||
	    answer_start(lg, request, e, &w) != 0)
		evhttp_send_error(request, HTTP_SERVUNAVAIL, "busy");
	lg_words_free(&w);
}

static void
on_signal(evutil_socket_t signo, short what, void *arg)
{
	(void)signo;
	(void)what;
	event_base_loopbreak(arg);
}

/* Become a user without rights, if root started us. */
static void
drop_rights(const char *user)
{
	const struct rlimit none = { 0, 0 };
	struct passwd *pw;

	setrlimit(RLIMIT_FSIZE, &none);
	setrlimit(RLIMIT_CORE, &none);
	if (geteuid() == 0) {
		pw = getpwnam(user);
		if (pw == NULL)
			errx(1, "no user %s", user);
		if (setgroups(0, NULL) != 0 ||
		    setresgid(pw->pw_gid, pw->pw_gid, pw->pw_gid) != 0 ||
		    setresuid(pw->pw_uid, pw->pw_uid, pw->pw_uid) != 0)
			err(1, "user %s", user);
	}
	if (chdir("/") != 0 || prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0)
		err(1, "no_new_privs");
}

static _Noreturn void
usage(void)
{
	fprintf(stderr, "usage: bgplgd [-a address] [-b bgpctl] [-p port] "
	    "[-s socket] [-u user]\n");
	exit(1);
}

int
main(int argc, char **argv)
{
	struct lg lg = {
		.bgpctl = LG_BGPCTL, .socket = "/run/bgpd.rsock",
	};
	const char *address = "127.0.0.1", *user = BGPD_USER;
	struct event *term, *intr;
	int c, port = 8179;

	while ((c = getopt(argc, argv, "a:b:p:s:u:")) != -1) {
		switch (c) {
		case 'a':
			address = optarg;
			break;
		case 'b':
			/* We will stand elsewhere. */
			lg.bgpctl = realpath(optarg, NULL);
			if (lg.bgpctl == NULL)
				err(1, "%s", optarg);
			break;
		case 'p':
			port = atoi(optarg);
			break;
		case 's':
			lg.socket = optarg;
			break;
		case 'u':
			user = optarg;
			break;
		default:
			usage();
		}
	}
	if (argc != optind || port <= 0 || port > 65535)
		usage();
	signal(SIGPIPE, SIG_IGN);
	lg.base = event_base_new();
	lg.http = lg.base == NULL ? NULL : evhttp_new(lg.base);
	if (lg.http == NULL)
		errx(1, "libevent gives no server");
	evhttp_set_allowed_methods(lg.http, EVHTTP_REQ_GET | EVHTTP_REQ_HEAD);
	evhttp_set_max_headers_size(lg.http, HEADERS_MAX);
	evhttp_set_max_body_size(lg.http, 0);
	evhttp_set_timeout(lg.http, IDLE_SEC);
	evhttp_set_gencb(lg.http, on_request, &lg);
	if (evhttp_bind_socket(lg.http, address, (uint16_t)port) != 0)
		err(1, "%s port %d", address, port);
	drop_rights(user);
	term = evsignal_new(lg.base, SIGTERM, on_signal, lg.base);
	intr = evsignal_new(lg.base, SIGINT, on_signal, lg.base);
	if (term == NULL || intr == NULL || event_add(term, NULL) != 0 ||
	    event_add(intr, NULL) != 0)
		errx(1, "signals");
	event_base_dispatch(lg.base);
	evhttp_free(lg.http);
	event_free(term);
	event_free(intr);
	event_base_free(lg.base);
	return 0;
}
