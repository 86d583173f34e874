/* SPDX-License-Identifier: ISC */
/*
 * Logging: one line, one fact, lower case, beginning with its subject. Each
 * daemon has a struct log, so that a simulation can hold many; where lines go
 * is the sink's affair (stderr, syslog, or a message to the parent).
 */
#ifndef COMMON_LOG_H
#define COMMON_LOG_H

#include <stdbool.h>
#include <stddef.h>

enum log_level {
	LOG_LEVEL_ERR,		/* operator must act */
	LOG_LEVEL_WARN,		/* peer or system misbehaves */
	LOG_LEVEL_INFO,		/* state changes */
	LOG_LEVEL_DEBUG,	/* per message */
};

struct log {
	/* line has no newline and no control characters. */
	void	(*sink)(enum log_level, const char *line, void *arg);
	void	*arg;
	enum log_level max_level;	/* more detailed lines are dropped */
};

#define LOG_LINE_MAX	1024	/* longer lines are cut */

void	log_init(struct log *, void (*sink)(enum log_level, const char *,
	    void *), void *arg);

void	log_err(const struct log *, const char *fmt, ...)
	    __attribute__((format(printf, 2, 3)));
void	log_warn(const struct log *, const char *fmt, ...)
	    __attribute__((format(printf, 2, 3)));
void	log_info(const struct log *, const char *fmt, ...)
	    __attribute__((format(printf, 2, 3)));
void	log_debug(const struct log *, const char *fmt, ...)
	    __attribute__((format(printf, 2, 3)));

/* Bytes from outside, made printable: others become \xNN. Returns out. */
char	*log_escape(const void *bytes, size_t len, char *out, size_t out_len);

#endif
