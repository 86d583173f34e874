/* SPDX-License-Identifier: ISC */
/*
 * ExaBGP's configuration language: statements, sections, and the top of a
 * file. Sections are tables of words; a fault in a statement is reported and
 * the statement skipped, so that all faults of a file are found at once.
 *
 * Templates are kept as text: `inherit` reads the template's statements once
 * more, after those of the neighbor. That gives ExaBGP's rules: lists are
 * appended to the neighbor's, sections are merged word by word, and a value
 * in the template overrides the neighbor's own.
 */
#include "parent/conf_exabgp.h"

#include "common/arena.h"
#include "common/text/scalars.h"

#include <stdarg.h>
#include <stdio.h>

#define FOUND_MAX	64	/* characters of the word that are shown */
#define TEXT_MAX	1024

/* Sorted by word, as are all tables of sections. */
static const struct exa_row top_rows[] = {
	{ "neighbor", exa_neighbor },
	{ "process", exa_process },
	{ "template", exa_template },
};

static void
exa_report_va(struct exa *x, uint32_t line, const char *found,
    const char *fmt, va_list ap)
{
	char text[TEXT_MAX];

	vsnprintf(text, sizeof(text), fmt, ap);
	if (x->is_replay)
		return;
	conf_error(x->errors, x->source->path, line, "%s: %s%s", x->section,
	    text, found);
}

int
exa_fail(struct exa *x, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	exa_report_va(x, x->line, "", fmt, ap);
	va_end(ap);
	return ERR_SYNTAX;
}

int
exa_fail_at(struct exa *x, uint32_t line, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	exa_report_va(x, line, "", fmt, ap);
	va_end(ap);
	return ERR_SYNTAX;
}

static const char *
exa_found(const struct exa *x, char *buf, size_t buf_len)
{
	const struct word *word = &x->w.word;
	int len = word->len > FOUND_MAX ? FOUND_MAX : (int)word->len;

	if (x->w.is_open_quote)
		snprintf(buf, buf_len, "a quote that is not closed");
	else if (words_at_end(&x->w))
		snprintf(buf, buf_len, "the end of the file");
	else
		snprintf(buf, buf_len, "\"%.*s\"", len, word->at);
	return buf;
}

int
exa_expected(struct exa *x, const char *fmt, ...)
{
	char found[FOUND_MAX + 32], what[TEXT_MAX];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(what, sizeof(what), fmt, ap);
	va_end(ap);
	exa_found(x, found, sizeof(found));
	if (x->keyword == NULL)
		return exa_fail(x, "expected %s, found %s", what, found);
	return exa_fail(x, "%s: expected %s, found %s", x->keyword, what,
	    found);
}

static int
exa_unknown(struct exa *x, const struct exa_row *rows, size_t n_rows)
{
	char found[FOUND_MAX + 32], list[TEXT_MAX];
	struct wr out;
	size_t i;

	buf_writer(&out, list, sizeof(list));
	for (i = 0; i < n_rows; i++) {
		buf_put_text(&out, " ");
		buf_put_text(&out, rows[i].word);
	}
	return exa_fail(x, "unknown word %s, expected one of%.*s",
	    exa_found(x, found, sizeof(found)), (int)out.len, list);
}

/* Skip the statement that begins at x->statement, whatever it is. */
static void
exa_skip(struct exa *x)
{
	unsigned depth = 0;

	x->w = x->statement;
	for (; !words_at_end(&x->w); words_next(&x->w)) {
		if (words_is_char(&x->w, '{')) {
			depth++;
		} else if (words_is_char(&x->w, '}')) {
			if (depth == 0)
				return;
			if (--depth == 0) {
				words_next(&x->w);
				return;
			}
		} else if (words_is_char(&x->w, ';') && depth == 0) {
			words_next(&x->w);
			return;
		}
	}
}

/* One statement of a section, with its semicolon. */
static void
exa_statement(struct exa *x, const struct exa_row *rows, size_t n_rows)
{
	const struct exa_row *row;
	struct words start = x->w;
	bool is_block;
	int e;

	x->statement = start;
	x->line = start.word.line;
	row = words_find(&x->w.word, rows, n_rows, sizeof(*rows));
	if (row == NULL) {
		exa_unknown(x, rows, n_rows);
		exa_skip(x);
		return;
	}
	x->keyword = row->word;
	words_next(&x->w);
	x->w.is_glued = false;
	x->is_block = false;
	e = row->parse(x);
	is_block = x->is_block;
	x->is_block = false;
	if (e == 0 && (is_block || words_take_char(&x->w, ';')))
		return;
	if (e == 0) {
		x->keyword = row->word;
		x->line = start.word.line;
		exa_expected(x, "\";\"");
	}
	x->statement = start;
	exa_skip(x);
}

int
exa_section(struct exa *x, const char *name, const struct exa_row *rows,
    size_t n_rows)
{
	const char *outer = x->section, *outer_word = x->keyword;
	uint32_t line = x->line;

	if (!words_take_char(&x->w, '{'))
		return exa_expected(x, "\"{\"");
	x->section = name;
	while (!words_is_char(&x->w, '}') && !words_at_end(&x->w)) {
		x->keyword = NULL;
		if (!words_take_char(&x->w, ';'))
			exa_statement(x, rows, n_rows);
	}
	/* Compat: ExaBGP closes at the end of the file what is open. */
	if (words_at_end(&x->w) && !x->is_replay)
		conf_warning(x->errors, x->source->path, line, "%s: the "
		    "section that begins here is not closed by \"}\"", name);
	words_next(&x->w);
	x->section = outer;
	x->keyword = outer_word;
	x->line = line;
	x->is_block = true;
	return 0;
}

int
exa_number(struct exa *x, uint64_t min, uint64_t max, uint64_t *out)
{
	uint64_t n;

	if (!words_is_value(&x->w) ||
	    !scalars_number(&x->w.word, max, &n) || n < min)
		return exa_expected(x, "a number %llu..%llu",
		    (unsigned long long)min, (unsigned long long)max);
	*out = n;
	words_next(&x->w);
	return 0;
}

int
exa_boolean(struct exa *x, bool *out)
{
	if (words_is_char(&x->w, ';')) {
		*out = true;
		return 0;
	}
	if (!words_is_value(&x->w) || !scalars_boolean(&x->w.word, out))
		return exa_expected(x, "true or false");
	words_next(&x->w);
	return 0;
}

int
exa_addr(struct exa *x, struct addr *out)
{
	if (!words_is_value(&x->w) || !scalars_addr(&x->w.word, out))
		return exa_expected(x, "an IP address");
	words_next(&x->w);
	return 0;
}

int
exa_asn(struct exa *x, uint32_t *out)
{
	if (!words_is_value(&x->w) ||
	    !scalars_asn(x->w.word.at, x->w.word.len, out) || *out == 0)
		return exa_expected(x, "an AS number or auto");
	words_next(&x->w);
	return 0;
}

int
exa_word(struct exa *x, struct word *out)
{
	if (words_at_stop(&x->w))
		return exa_expected(x, "a word");
	*out = words_glued(&x->w);
	return 0;
}

int
exa_item(struct exa *x, struct word *out)
{
	if (!words_is_value(&x->w))
		return exa_expected(x, "a word");
	*out = x->w.word;
	words_next(&x->w);
	return 0;
}

char *
exa_strdup(struct exa *x, const struct word *word)
{
	return arena_strndup(x->config->arena, word->at, word->len);
}

int
exa_string(struct exa *x, char **out)
{
	struct word word;
	int e = exa_word(x, &word);

	if (e == 0)
		*out = exa_strdup(x, &word);
	return e;
}

bool
exa_take(struct exa *x, const char *word)
{
	if (words_at_end(&x->w) ||
	    !words_equal(&x->w.word, word, strlen(word)))
		return false;
	words_next(&x->w);
	return true;
}

int
exa_list(struct exa *x, int (*fn)(struct exa *))
{
	int e;

	if (!words_take_char(&x->w, '['))
		return fn(x);
	for (;;) {
		while (words_take_char(&x->w, ','))
			;
		if (words_take_char(&x->w, ']'))
			return 0;
		if ((e = fn(x)) != 0)
			return e;
	}
}

/* neighbor NAME { ... } inside template: read on trial, and kept as text. */
static int
template_neighbor(struct exa *x)
{
	struct exa_template *t;
	struct exa_neighbor neighbor = { .line = x->line };
	struct word name;
	size_t n_listeners = x->n_listeners;
	int e;

	if ((e = exa_word(x, &name)) != 0)
		return e;
	t = arena_append(x->config->arena, &x->templates, &x->n_templates,
	    sizeof(*t));
	*t = (struct exa_template){ .name = name, .body = x->w };
	x->peer = config_add_peer(x->config);
	x->neighbor = &neighbor;
	x->is_trial = true;
	e = exa_section(x, "neighbor", exa_neighbor_rows, exa_neighbor_n_rows);
	x->is_trial = false;
	x->neighbor = NULL;
	x->peer = NULL;
	x->config->n_peers--;
	x->n_listeners = n_listeners;
	return e;
}

int
exa_template(struct exa *x)
{
	static const struct exa_row rows[] = {
		{ "neighbor", template_neighbor },
	};

	/* Compat: a name before the brace is passed over. */
	if (words_is_value(&x->w))
		words_next(&x->w);
	return exa_section(x, "template", EXA_ROWS(rows));
}

void
conf_exabgp_parse(const struct conf_source *source, char *text, size_t len,
    struct config *config, struct conf_errors *errors)
{
	struct exa x = { .config = config, .source = source,
	    .errors = errors, .section = "configuration" };
	uint32_t line;

	config->is_exabgp = true;
	config->fib_update = false;
	config->reject_as_set = false;
	conf_env_load(source, config, errors);
	if (words_unescape(text, &len, &line) != 0) {
		conf_error(errors, source->path, line,
		    "expected four hex digits after \\u");
		return;
	}
	text_route_init(&x.text);
	words_init(&x.w, text, len, true);
	while (!words_at_end(&x.w)) {
		x.keyword = NULL;
		if (words_is_char(&x.w, '}')) {
			x.line = x.w.word.line;
			exa_fail(&x, "\"}\" closes nothing");
			words_next(&x.w);
		} else if (!words_take_char(&x.w, ';')) {
			exa_statement(&x, EXA_ROWS(top_rows));
		}
	}
	if (x.w.is_open_quote)
		conf_error(errors, source->path, x.w.line,
		    "a quote is not closed");
	exa_finish_apis(&x);
	exa_finish_names(&x);
	if (config->n_peers == 0 && config->n_processes == 0)
		conf_error(errors, source->path, 0, "no neighbor and no "
		    "process");
	text_route_fini(&x.text);
}
