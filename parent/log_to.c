/* SPDX-License-Identifier: ISC */
/*
 * ExaBGP's log: a stream, a file, syslog here, or syslog of another host by
 * UDP (RFC 3164, RFC 5426 for the port).
 */
#include "parent/log_to.h"

#include "common/config.h"
#include "common/env.h"

#include <err.h>
#include <netdb.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <syslog.h>
#include <unistd.h>

#define LOG_TO_PORT	"514"

/* arg is the socket's number. A line that can't be sent now is lost. */
static void
log_to_host_line(enum log_level level, const char *line, void *arg)
{
	static const int priorities[] = {
		LOG_ERR, LOG_WARNING, LOG_INFO, LOG_DEBUG,
	};
	char text[LOG_LINE_MAX + 64];
	int n;

	n = snprintf(text, sizeof(text), "<%d>bgpd[%d]: %s",
	    LOG_DAEMON | priorities[level], (int)getpid(), line);
	if (n > 0)
		(void)send((int)(intptr_t)arg, text, strlen(text),
		    MSG_DONTWAIT | MSG_NOSIGNAL);
}

static void
log_to_host(struct log *log, const char *name)
{
	struct addrinfo hints = { .ai_socktype = SOCK_DGRAM };
	struct addrinfo *found, *a;
	int fd = -1, e;

	name += strspn(name, " ");
	e = getaddrinfo(name, LOG_TO_PORT, &hints, &found);
	if (e != 0)
		errx(1, "exabgp.log.destination: %s: %s", name,
		    gai_strerror(e));
	for (a = found; a != NULL && fd == -1; a = a->ai_next) {
		fd = socket(a->ai_family, a->ai_socktype | SOCK_CLOEXEC, 0);
		if (fd != -1 && connect(fd, a->ai_addr, a->ai_addrlen) != 0) {
			close(fd);
			fd = -1;
		}
	}
	freeaddrinfo(found);
	if (fd == -1)
		err(1, "exabgp.log.destination: %s", name);
	log_init(log, log_to_host_line, (void *)(intptr_t)fd);
}

static void
log_to_file(struct log *log, const struct conf_environment *e, FILE *file)
{
	log_init(log, e->log_short ? env_log_file_short : env_log_file, file);
}

void
log_to_exabgp(struct log *log, const struct conf_environment *e)
{
	const char *to = e->log_destination;
	FILE *file;

	if (!e->log_enable) {
		log_to_file(log, e, NULL);
	} else if (to == NULL || *to == '\0' || strcmp(to, "stdout") == 0) {
		log_to_file(log, e, stdout);
	} else if (strcmp(to, "stderr") == 0) {
		log_to_file(log, e, stderr);
	} else if (strcmp(to, "syslog") == 0) {
		openlog("bgpd", LOG_PID | LOG_NDELAY, LOG_DAEMON);
		log_init(log, env_log_syslog, log->arg);
	} else if (strncmp(to, "host:", 5) == 0) {
		log_to_host(log, to + 5);
	} else if ((file = fopen(to, "ae")) != NULL) {
		log_to_file(log, e, file);
	} else {
		err(1, "exabgp.log.destination: %s", to);
	}
	log->max_level = e->log_level;
	log->topics = e->log_topics;
}
