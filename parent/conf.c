/* SPDX-License-Identifier: ISC */
/* Loading configurations: the language, the file, the errors. */
#include "parent/conf.h"

#include "common/config.h"
#include "common/text/words.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define CONF_FILE_MAX	((size_t)1 << 30)
#define CONF_READ_BYTES	((size_t)1 << 16)
#define CONF_LINE_MAX	2048

static void
conf_report(struct conf_errors *e, bool is_warning, const char *line)
{
	unsigned *n = is_warning ? &e->n_warnings : &e->n_errors;

	if ((*n)++ < CONF_ERRORS_MAX && e->report != NULL)
		e->report(line, is_warning, e->arg);
}

static void
conf_report_va(struct conf_errors *e, bool is_warning, const char *where,
    const char *fmt, va_list ap)
{
	char line[CONF_LINE_MAX];
	size_t n = (size_t)snprintf(line, sizeof(line), "%s", where);

	if (n >= sizeof(line))
		n = sizeof(line) - 1;
	vsnprintf(line + n, sizeof(line) - n, fmt, ap);
	conf_report(e, is_warning, line);
}

/* "path:line: " or "path: " */
static void
conf_where(const char *path, uint32_t line, char *where, size_t where_len)
{
	if (path == NULL)
		path = "configuration";
	if (line == 0)
		snprintf(where, where_len, "%s: ", path);
	else
		snprintf(where, where_len, "%s:%u: ", path, line);
}

void
conf_error(struct conf_errors *e, const char *path, uint32_t line,
    const char *fmt, ...)
{
	char where[512];
	va_list ap;

	conf_where(path, line, where, sizeof(where));
	va_start(ap, fmt);
	conf_report_va(e, false, where, fmt, ap);
	va_end(ap);
}

void
conf_warning(struct conf_errors *e, const char *path, uint32_t line,
    const char *fmt, ...)
{
	char where[512];
	va_list ap;

	conf_where(path, line, where, sizeof(where));
	va_start(ap, fmt);
	conf_report_va(e, true, where, fmt, ap);
	va_end(ap);
}

void
conf_notice(struct conf_errors *e, const char *path, uint32_t line,
    const char *fmt, ...)
{
	char where[512];
	va_list ap;

	if (!e->is_verbose)
		return;
	conf_where(path, line, where, sizeof(where));
	va_start(ap, fmt);
	conf_report_va(e, true, where, fmt, ap);
	va_end(ap);
}

/* All that is left of an open file. NULL with errno. */
static char *
conf_read_all(FILE *f, size_t *len)
{
	size_t cap = CONF_READ_BYTES, n = 0;
	char *text = malloc(cap + 1), *grown;

	while (text != NULL) {
		n += fread(text + n, 1, cap - n, f);
		if (n < cap)
			break;
		cap *= 2;
		errno = EFBIG;
		grown = cap > CONF_FILE_MAX ? NULL : realloc(text, cap + 1);
		if (grown == NULL)
			free(text);
		text = grown;
	}
	if (text != NULL && ferror(f)) {
		free(text);
		return NULL;
	}
	if (text != NULL)
		text[n] = '\0';
	*len = n;
	return text;
}

char *
conf_read_file(const char *path, struct conf_errors *errors, size_t *len)
{
	FILE *f = fopen(path, "re");
	char *text = NULL;

	*len = 0;
	if (f != NULL) {
		text = conf_read_all(f, len);
		fclose(f);
	}
	if (text == NULL)
		conf_error(errors, path, 0, "cannot be read: %s",
		    strerror(errno));
	return text;
}

/* Whether there is a semicolon outside quotes and comments. */
static bool
conf_has_semicolon(const char *text, size_t len)
{
	struct words w;

	for (words_init(&w, text, len, true); !words_at_end(&w);
	    words_next(&w))
		if (words_is_char(&w, ';'))
			return true;
	return false;
}

static bool
conf_is_exabgp(const struct conf_source *s, const char *text, size_t len)
{
	if (s->language == CONF_LANGUAGE_GUESS)
		return conf_has_semicolon(text, len);
	return s->language == CONF_LANGUAGE_EXABGP;
}

static char *
conf_take_text(const struct conf_source *s, struct conf_errors *errors,
    size_t *len)
{
	char *copy;

	if (s->text == NULL)
		return conf_read_file(s->path, errors, len);
	copy = malloc(s->len + 1);
	if (copy == NULL) {
		conf_error(errors, s->path, 0, "no memory");
		return NULL;
	}
	if (s->len > 0)
		memcpy(copy, s->text, s->len);
	copy[s->len] = '\0';
	*len = s->len;
	return copy;
}

struct config *
conf_load(const struct conf_source *source, struct conf_errors *errors)
{
	struct config *config;
	unsigned before = errors->n_errors;
	size_t len = 0;
	char *text = conf_take_text(source, errors, &len);

	if (text == NULL)
		return NULL;
	config = config_new();
	config->is_as_written = true;
	if (conf_is_exabgp(source, text, len))
		conf_exabgp_parse(source, text, len, config, errors);
	else
		conf_bgpd_parse(source, text, len, config, errors);
	free(text);
	if (errors->n_errors == before)
		return config;
	config_free(config);
	return NULL;
}
