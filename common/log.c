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
	};
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
