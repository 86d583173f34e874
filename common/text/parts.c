/* SPDX-License-Identifier: ISC */
/*
 * Reading the words of a sentence by tables: which word comes, single values
 * after it, lists and blocks, and the texts of errors.
 */
#include "common/text/parts.h"

#include <stdarg.h>
#include <stdio.h>

static int
error_va(struct text_parser *p, const struct words *w, const char *fmt,
    va_list ap)
{
	vsnprintf(p->error, sizeof(p->error), fmt, ap);
	p->error_line = w->word.line;
	return ERR_SYNTAX;
}

int
parts_fail(struct text_parser *p, const struct words *w, const char *fmt,
    ...)
{
	va_list ap;

	va_start(ap, fmt);
	error_va(p, w, fmt, ap);
	va_end(ap);
	return ERR_SYNTAX;
}

/* Append printf text to the error. */
static void __attribute__((format(printf, 2, 3)))
error_add(struct text_parser *p, const char *fmt, ...)
{
	size_t len = strlen(p->error);
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(p->error + len, sizeof(p->error) - len, fmt, ap);
	va_end(ap);
}

#define FOUND_MAX	64	/* characters of the word that are shown */

static void
error_add_found(struct text_parser *p, const struct words *w)
{
	int len = w->word.len > FOUND_MAX ? FOUND_MAX : (int)w->word.len;

	if (w->is_open_quote)
		error_add(p, "a quote that is not closed");
	else if (words_at_end(w))
		error_add(p, "the end");
	else
		error_add(p, "\"%.*s\"", len, w->word.at);
}

int
parts_expected(struct text_parser *p, const struct words *w,
    const char *what, ...)
{
	va_list ap;
	char text[256];

	va_start(ap, what);
	vsnprintf(text, sizeof(text), what, ap);
	va_end(ap);
	parts_fail(p, w, "%s: expected %s, found ", p->keyword, text);
	error_add_found(p, w);
	return ERR_SYNTAX;
}

int
parts_unknown(struct text_parser *p, const struct words *w, const char *list,
    size_t len)
{
	size_t i;

	parts_fail(p, w, "%s: unknown word ", p->keyword);
	error_add_found(p, w);
	error_add(p, ", expected one of%.*s", (int)len, list);
	for (i = 0; i < attributes_n_rows; i++)
		error_add(p, " %s", attributes_rows[i].word);
	return ERR_SYNTAX;
}

/* A word that is neither of the family's rows nor a common one. */
static int
error_unknown(struct text_parser *p, const struct words *w,
    const struct text_part *rows, size_t n_rows)
{
	char list[256];
	struct wr out;
	size_t i;

	buf_writer(&out, list, sizeof(list));
	for (i = 0; i < n_rows; i++)
		buf_put_format(&out, " %s", rows[i].word);
	return parts_unknown(p, w, list, out.len);
}

int
parts_number(struct text_parser *p, struct words *w, uint64_t max,
    uint64_t *out)
{
	if (!words_is_value(w) || !scalars_number(&w->word, max, out))
		return parts_expected(p, w, "a number 0..%llu",
		    (unsigned long long)max);
	words_next(w);
	return 0;
}

int
parts_ipv4(struct text_parser *p, struct words *w, uint32_t *out)
{
	if (!words_is_value(w) ||
	    !scalars_ipv4(w->word.at, w->word.len, out))
		return parts_expected(p, w, "an IPv4 address");
	words_next(w);
	return 0;
}

int
parts_addr(struct text_parser *p, struct words *w, struct addr *out)
{
	if (!words_is_value(w) || !scalars_addr(&w->word, out))
		return parts_expected(p, w, "an IP address");
	words_next(w);
	return 0;
}

int
parts_prefix(struct text_parser *p, struct words *w, struct prefix *out)
{
	if (!words_is_value(w) || !scalars_prefix(&w->word, out))
		return parts_expected(p, w, "a prefix");
	if (prefix_has_host_bits(out))
		return parts_expected(p, w,
		    "a prefix without bits beyond /%u", out->len_bits);
	words_next(w);
	return 0;
}

int
parts_rd(struct text_parser *p, struct words *w)
{
	if (!words_is_value(w) || !scalars_rd(&w->word, p->rd))
		return parts_expected(p, w,
		    "a route distinguisher, ASN:N or IP:N");
	p->has_rd = true;
	words_next(w);
	return 0;
}

int
parts_word(struct text_parser *p, struct words *w, const char *word)
{
	if (words_at_end(w) || !words_equal(&w->word, word, strlen(word)))
		return parts_expected(p, w, "\"%s\"", word);
	words_next(w);
	return 0;
}

int
parts_list(struct text_parser *p, struct words *w, text_part_fn *fn)
{
	int e;

	if (!words_take_char(w, '['))
		return fn(p, w);
	for (;;) {
		while (words_take_char(w, ','))
			;
		if (words_take_char(w, ']'))
			return 0;
		if ((e = fn(p, w)) != 0)
			return e;
	}
}

bool
parts_is_common(const struct word *word)
{
	return words_find(word, attributes_rows, attributes_n_rows,
	    sizeof(attributes_rows[0])) != NULL;
}

int
parts_one(struct text_parser *p, struct words *w,
    const struct text_part *rows, size_t n_rows)
{
	const struct text_part *row;
	const char *outer = p->keyword;
	int e;

	row = words_find(&w->word, rows, n_rows, sizeof(*rows));
	if (row == NULL)
		row = words_find(&w->word, attributes_rows, attributes_n_rows,
		    sizeof(*row));
	if (row == NULL)
		return error_unknown(p, w, rows, n_rows);
	p->keyword = row->word;
	words_next(w);
	e = row->parse(p, w);
	if (e == 0)
		p->keyword = outer;
	return e;
}

/* { word value; word value; } */
static int
words_block(struct text_parser *p, struct words *w,
    const struct text_part *rows, size_t n_rows)
{
	int e;

	p->is_block = true;
	words_next(w);
	for (;;) {
		while (words_take_char(w, ';'))
			;
		if (words_take_char(w, '}'))
			return 0;
		p->is_inner_block = false;
		if ((e = parts_one(p, w, rows, n_rows)) != 0)
			return e;
		if (!p->is_inner_block && !words_is_char(w, ';') &&
		    !words_is_char(w, '}'))
			return parts_expected(p, w, "\";\"");
	}
}

int
parts_words(struct text_parser *p, struct words *w,
    const struct text_part *rows, size_t n_rows)
{
	int e;

	if (words_is_char(w, '{'))
		return words_block(p, w, rows, n_rows);
	while (!words_at_stop(w))
		if ((e = parts_one(p, w, rows, n_rows)) != 0)
			return e;
	return parts_stop(p, w);
}

int
parts_stop(struct text_parser *p, const struct words *w)
{
	if (words_at_end(w) || words_is_char(w, ';') || p->is_block)
		return 0;
	return parts_expected(p, w, "the end");
}
