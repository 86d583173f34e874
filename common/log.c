/* SPDX-License-Identifier: ISC */
/* Logging: lines are made here and given to the sink. */
#include "common/log.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

void
log_init(struct log *log, void (*sink)(enum log_level, const char *, void *),
    void *arg)
{
	*log = (struct log){
		.sink = sink, .arg = arg, .max_level = LOG_LEVEL_INFO,
		.topics = LOG_TOPICS_USUAL,
	};
}

static bool
log_has_topic(const struct log *log, uint16_t topic)
{
	return (log->topics & (topic | LOG_TOPIC_ALL)) != 0;
}

bool
log_shows(const struct log *log, enum log_topic topic)
{
	return log->sink != NULL && log->max_level >= LOG_LEVEL_DEBUG &&
	    log_has_topic(log, topic);
}

/* By the first word of a line. */
static uint16_t
log_subject_topic(const char *line)
{
	static const struct {
		const char	*subject;
		uint16_t	 topic;
	} subjects[] = {
		{ "configuration", LOG_TOPIC_CONFIGURATION },
		{ "channel", LOG_TOPIC_REACTOR },
		{ "signal", LOG_TOPIC_REACTOR },
		{ "waiting", LOG_TOPIC_REACTOR },
		{ "cli", LOG_TOPIC_PROCESSES },
		{ "control", LOG_TOPIC_PROCESSES },
		{ "program", LOG_TOPIC_PROCESSES },
		{ "connection", LOG_TOPIC_NETWORK },
		{ "peer", LOG_TOPIC_NETWORK },
		{ "rtr", LOG_TOPIC_NETWORK },
		{ "statistics:", LOG_TOPIC_STATISTICS },
		{ "packets:", LOG_TOPIC_PACKETS },
		{ "message:", LOG_TOPIC_MESSAGE },
		{ "rib:", LOG_TOPIC_RIB },
		{ "timers:", LOG_TOPIC_TIMERS },
		{ "routes:", LOG_TOPIC_ROUTES },
		{ "parser:", LOG_TOPIC_PARSER },
	};
	size_t i, len = strcspn(line, " ");

	for (i = 0; i < sizeof(subjects) / sizeof(subjects[0]); i++)
		if (strlen(subjects[i].subject) == len &&
		    memcmp(subjects[i].subject, line, len) == 0)
			return subjects[i].topic;
	return LOG_TOPIC_DAEMON;
}

static void
log_line(const struct log *log, enum log_level level, const char *fmt,
    va_list ap)
{
	char line[LOG_LINE_MAX];
	char *p;

	if (log == NULL || log->sink == NULL || level > log->max_level)
		return;
	vsnprintf(line, sizeof(line), fmt, ap);
	if (level != LOG_LEVEL_ERR &&
	    !log_has_topic(log, log_subject_topic(line)))
		return;
	for (p = line; *p != '\0'; p++)
		if ((unsigned char)*p < 0x20 || *p == 0x7f)
			*p = '?';
	log->sink(level, line, log->arg);
}

void
log_err(const struct log *log, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	log_line(log, LOG_LEVEL_ERR, fmt, ap);
	va_end(ap);
}

void
log_warn(const struct log *log, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	log_line(log, LOG_LEVEL_WARN, fmt, ap);
	va_end(ap);
}

void
log_info(const struct log *log, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	log_line(log, LOG_LEVEL_INFO, fmt, ap);
	va_end(ap);
}

void
log_debug(const struct log *log, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	log_line(log, LOG_LEVEL_DEBUG, fmt, ap);
	va_end(ap);
}

char *
log_hex(const void *bytes, size_t len, char *out, size_t out_len)
{
	static const char hex[] = "0123456789abcdef";
	const unsigned char *p = bytes;
	size_t i, n = 0;

	for (i = 0; i < len && n + 6 <= out_len; i++) {
		out[n++] = hex[p[i] >> 4];
		out[n++] = hex[p[i] & 15];
	}
	strlcpy(out + n, i < len ? "..." : "", out_len - n);
	return out;
}

char *
log_escape(const void *bytes, size_t len, char *out, size_t out_len)
{
	static const char hex[] = "0123456789abcdef";
	const unsigned char *p = bytes;
	size_t i, n = 0;

	for (i = 0; i < len && n + 5 < out_len; i++) {
		if (p[i] >= 0x20 && p[i] < 0x7f && p[i] != '\\') {
			out[n++] = (char)p[i];
			continue;
		}
		out[n++] = '\\';
		out[n++] = 'x';
		out[n++] = hex[p[i] >> 4];
		out[n++] = hex[p[i] & 15];
	}
	out[n] = '\0';
	return out;
}
