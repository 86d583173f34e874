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
#include <stdint.h>

enum log_level {
	LOG_LEVEL_ERR,		/* operator must act */
	LOG_LEVEL_WARN,		/* peer or system misbehaves */
	LOG_LEVEL_INFO,		/* state changes */
	LOG_LEVEL_DEBUG,	/* per message */
};

/*
 * What lines are about: ExaBGP's topics. A line's topic is told by its
 * subject; a subject without one of its own is the daemon's affair. Errors
 * are logged whatever their topic.
 */
enum log_topic {
	LOG_TOPIC_ALL = 1 << 0,
	LOG_TOPIC_CONFIGURATION = 1 << 1,
	LOG_TOPIC_REACTOR = 1 << 2,
	LOG_TOPIC_DAEMON = 1 << 3,
	LOG_TOPIC_PROCESSES = 1 << 4,
	LOG_TOPIC_NETWORK = 1 << 5,
	LOG_TOPIC_STATISTICS = 1 << 6,
	/* Details, at LOG_LEVEL_DEBUG; ask log_shows before making the line. */
	LOG_TOPIC_PACKETS = 1 << 7,
	LOG_TOPIC_MESSAGE = 1 << 8,
	LOG_TOPIC_RIB = 1 << 9,
	LOG_TOPIC_TIMERS = 1 << 10,
	LOG_TOPIC_ROUTES = 1 << 11,
	LOG_TOPIC_PARSER = 1 << 12,
};

#define LOG_TOPICS_USUAL	(LOG_TOPIC_CONFIGURATION | LOG_TOPIC_REACTOR | \
				LOG_TOPIC_DAEMON | LOG_TOPIC_PROCESSES | \
				LOG_TOPIC_NETWORK | LOG_TOPIC_STATISTICS)

struct log {
	/* line has no newline and no control characters. */
	void	(*sink)(enum log_level, const char *line, void *arg);
	void	*arg;
	enum log_level max_level;	/* more detailed lines are dropped */
	uint16_t topics;		/* enum log_topic that are logged */
};

#define LOG_LINE_MAX	1024	/* longer lines are cut */
#define LOG_HEX_MAX	841	/* for log_hex: 418 bytes in a line */

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

/* Whether details of this topic are logged now. */
bool	log_shows(const struct log *, enum log_topic);

/*
 * Bytes in hexadecimal, as many as a line has room for; "..." stands for the
 * rest. Returns out.
 */
char	*log_hex(const void *bytes, size_t len, char *out, size_t out_len);

/* Bytes from outside, made printable: others become \xNN. Returns out. */
char	*log_escape(const void *bytes, size_t len, char *out, size_t out_len);

#endif
