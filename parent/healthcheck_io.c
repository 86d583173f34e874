/* SPDX-License-Identifier: ISC */
/*
 * `exabgp healthcheck`: talking with the daemon, waiting, and the log. The
 * daemon's answers are read always, that its pipe to us never fills; one that
 * does not answer (exabgp.api.ack=false) is not waited for twice.
 */
#include "parent/healthcheck.h"

#include <err.h>
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/signalfd.h>
#include <syslog.h>
#include <time.h>
#include <unistd.h>

#define IO_LINE_MAX	(4 * 1024 * 1024)
#define IO_READ_BYTES	(64 * 1024)
#define IO_ACK_USEC	(2 * 1000000)	/* how long for an answer */

struct io_facility {
	const char	*name;
	int		 number;
};

static int
io_facility(const char *name)
{
	static const struct io_facility rows[] = {
		{ "auth", LOG_AUTH }, { "authpriv", LOG_AUTHPRIV },
		{ "cron", LOG_CRON }, { "daemon", LOG_DAEMON },
		{ "kern", LOG_KERN }, { "local0", LOG_LOCAL0 },
		{ "local1", LOG_LOCAL1 }, { "local2", LOG_LOCAL2 },
		{ "local3", LOG_LOCAL3 }, { "local4", LOG_LOCAL4 },
		{ "local5", LOG_LOCAL5 }, { "local6", LOG_LOCAL6 },
		{ "local7", LOG_LOCAL7 }, { "mail", LOG_MAIL },
		{ "news", LOG_NEWS }, { "syslog", LOG_SYSLOG },
		{ "user", LOG_USER }, { "uucp", LOG_UUCP },
	};
	size_t i;

	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		if (strcmp(rows[i].name, name) == 0)
			return rows[i].number;
	errx(1, "--syslog-facility %s: not known", name);
}

void
healthcheck_io_init(struct healthcheck *h)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGTERM);
	sigaddset(&set, SIGINT);
	sigaddset(&set, SIGCHLD);
	sigprocmask(SIG_BLOCK, &set, NULL);
	signal(SIGPIPE, SIG_IGN);
	h->signal_fd = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
	if (h->signal_fd == -1)
		err(1, "signalfd");
	buf_writer_growing(&h->input, IO_LINE_MAX + IO_READ_BYTES);
	if (!h->o.has_no_syslog)
		openlog("healthcheck", LOG_PID, io_facility(h->o.facility));
}

void
healthcheck_log(const struct healthcheck *h, int priority, const char *fmt,
    ...)
{
	char text[1024], name[128] = "";
	va_list ap;

	if (priority == LOG_DEBUG && !h->o.is_debug)
		return;
	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	if (h->o.name != NULL)
		snprintf(name, sizeof(name), "-%s", h->o.name);
	if (!h->o.is_silent)
		fprintf(stderr, "healthcheck%s: %s\n", name, text);
	if (!h->o.has_no_syslog)
		syslog(priority, "healthcheck%s: %s", name, text);
}

int64_t
healthcheck_now_usec(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000000 + t.tv_nsec / 1000;
}

/* A line of the daemon's: an answer, the end, or an event for others. */
static void
io_line(struct healthcheck *h, const char *line)
{
	bool is_json = *line == '{';

	if (strncmp(line, "shutdown", 8) == 0 ||
	    (is_json && (strstr(line, "\"notification\": \"shutdown\"") != NULL ||
	    strstr(line, "\"answer\": \"shutdown\"") != NULL))) {
		h->is_told_to_end = h->is_output_closed = true;
		return;
	}
	if (strcmp(line, "error") == 0 ||
	    (is_json && strstr(line, "\"answer\": \"error\"") != NULL)) {
		healthcheck_log(h, LOG_ERR, "the daemon refused the command");
		h->n_acks++;
	} else if (strcmp(line, "done") == 0 ||
	    (is_json && strstr(line, "\"answer\": \"done\"") != NULL)) {
		h->n_acks++;
	} else if (strncmp(line, "error:", 6) == 0) {
		healthcheck_log(h, LOG_ERR, "%s", line);
	}
}

static void
io_read(struct healthcheck *h)
{
	uint8_t *room = buf_put_room(&h->input, IO_READ_BYTES), *end;
	ssize_t n;

	if (room == NULL) {
		buf_reset(&h->input);
		return;
	}
	h->input.len -= IO_READ_BYTES;
	n = read(STDIN_FILENO, room, IO_READ_BYTES);
	if (n == -1 && (errno == EAGAIN || errno == EINTR))
		return;
	if (n <= 0) {
		h->is_input_closed = true;
		/* From a terminal or /dev/null it is no daemon's end. */
		if (!h->o.has_no_ack)
			h->is_told_to_end = h->is_output_closed = true;
		return;
	}
	h->input.len += (size_t)n;
	while ((end = memchr(h->input.base, '\n', h->input.len)) != NULL) {
		*end = '\0';
		io_line(h, (const char *)h->input.base);
		buf_remove(&h->input, 0, (size_t)(end - h->input.base) + 1);
	}
}

static void
io_signal(struct healthcheck *h)
{
	struct signalfd_siginfo info;

	while (read(h->signal_fd, &info, sizeof(info)) ==
	    (ssize_t)sizeof(info))
		if (info.ssi_signo != SIGCHLD)
			h->is_told_to_end = true;
}

bool
healthcheck_wait(struct healthcheck *h, int64_t usec, const unsigned *until)
{
	int64_t deadline = healthcheck_now_usec() + usec, left;
	struct pollfd p[2] = {
		{ .fd = h->signal_fd, .events = POLLIN },
		{ .fd = STDIN_FILENO, .events = POLLIN },
	};

	for (;;) {
		if (h->is_told_to_end)
			return false;
		if (until != NULL && *until > 0)
			return true;
		left = deadline - healthcheck_now_usec();
		if (left <= 0)
			return true;
		if (h->is_input_closed)
			p[1].fd = -1;
		poll(p, 2, (int)((left + 999) / 1000 > 1000000 ? 1000000 :
		    (left + 999) / 1000));
		if (p[0].revents != 0)
			io_signal(h);
		if (p[1].revents != 0)
			io_read(h);
	}
}

void
healthcheck_say(struct healthcheck *h, const char *line)
{
	bool was_told = h->is_told_to_end;

	healthcheck_log(h, LOG_DEBUG, "says: %s", line);
	h->n_acks = 0;
	printf("%s\n", line);
	if (fflush(stdout) != 0)
		h->is_told_to_end = h->is_output_closed = true;
	if (h->o.has_no_ack || h->has_ack_warned || h->is_input_closed ||
	    h->is_output_closed)
		return;
	/* When ending, too, the answer to the withdrawal is waited for. */
	h->is_told_to_end = false;
	if (healthcheck_wait(h, IO_ACK_USEC, &h->n_acks) && h->n_acks == 0) {
		healthcheck_log(h, LOG_WARNING, "no answer: is "
		    "exabgp.api.ack=false? (--no-ack)");
		h->has_ack_warned = true;
	}
	h->is_told_to_end = h->is_told_to_end || was_told;
}
