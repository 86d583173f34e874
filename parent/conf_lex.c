/* SPDX-License-Identifier: ISC */
/* Tokens of bgpd.conf, with macros and include files. */
#include "parent/conf_lex.h"

#include "common/arena.h"
#include "common/err.h"
#include "parent/conf.h"

#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define LEX_EOF	(-1)

static struct lex_input *
lex_top(struct lex *l)
{
	return &l->inputs[l->n_inputs - 1];
}

/* The innermost file, for messages. */
static const struct lex_input *
lex_file(const struct lex *l)
{
	unsigned i = l->n_inputs;

	while (i > 1 && l->inputs[i - 1].macro != NULL)
		i--;
	return &l->inputs[i - 1];
}

int
lex_include(struct lex *l, const char *path)
{
	size_t len;
	char *text;

	if (l->n_inputs > LEX_INCLUDE_MAX)
		return ERR_FULL;
	text = conf_read_file(path, l->errors, &len);
	if (text == NULL)
		return ERR_ABSENT;
	l->inputs[l->n_inputs++] = (struct lex_input){
		.path = arena_strdup(l->arena, path),
		.pos = arena_strndup(l->arena, text, len), .line = 1,
	};
	lex_top(l)->end = lex_top(l)->pos + len;
	free(text);
	return 0;
}

void
lex_define(struct lex *l, const char *name, const char *value,
    const struct lex_token *at)
{
	const bool is_persistent = at == NULL;
	struct lex_macro *m;

	for (m = l->macros; m != NULL; m = m->next)
		if (strcmp(m->name, name) == 0)
			break;
	if (m == NULL) {
		m = arena_alloc(l->arena, sizeof(*m));
		m->name = arena_strdup(l->arena, name);
		*l->macros_tail = m;
		l->macros_tail = &m->next;
	} else if (m->is_persistent && !is_persistent) {
		return;
	}
	m->value = arena_strdup(l->arena, value);
	m->is_persistent = is_persistent;
	if (at != NULL) {
		m->path = at->path;
		m->line = at->line;
	}
}

/* Next character; a backslash at the end of a line joins it to the next. */
static int
lex_get(struct lex *l, bool is_in_quotes)
{
	struct lex_input *in = lex_top(l);

	while (in->pos == in->end) {
		if (in->macro == NULL && !in->is_eof_told) {
			in->is_eof_told = true;
			return '\n';
		}
		if (l->n_inputs == 1)
			return LEX_EOF;
		l->n_inputs--;
		in = lex_top(l);
	}
	if (!is_in_quotes && in->end - in->pos >= 2 && in->pos[0] == '\\' &&
	    in->pos[1] == '\n') {
		in->pos += 2;
		in->line++;
		return lex_get(l, is_in_quotes);
	}
	if (!is_in_quotes && in->end - in->pos >= 2 && in->pos[0] == '\\')
		in->pos++;
	if (*in->pos == '\n' && in->macro == NULL)
		in->line++;
	return (unsigned char)*in->pos++;
}

/* What lex_get would give from the innermost input, or LEX_EOF. */
static int
lex_peek(struct lex *l)
{
	struct lex_input *in = lex_top(l);

	while (in->end - in->pos >= 2 && in->pos[0] == '\\' &&
	    in->pos[1] == '\n') {
		in->pos += 2;
		in->line++;
	}
	return in->pos == in->end ? LEX_EOF : (unsigned char)*in->pos;
}

static bool
lex_is_word_start(int c)
{
	return c != LEX_EOF && (isalnum(c) || c == ':' || c == '_' ||
	    c == '*');
}

static bool
lex_is_word(int c)
{
	return c != LEX_EOF && (isalnum(c) ||
	    (ispunct(c) && strchr("(){}<>!=/#,", c) == NULL));
}

void
lex_init(struct lex *l, struct arena *arena, struct conf_errors *errors,
    const char *path, const char *text, size_t len)
{
	int c;

	memset(l, 0, sizeof(*l));
	for (c = 0; c < 256; c++)
		l->is_plain[c] = lex_is_word(c) && c != '$' && c != '\\';
	l->arena = arena;
	l->errors = errors;
	l->macros_tail = &l->macros;
	l->inputs[0] = (struct lex_input){
		.path = path, .pos = text, .end = text + len, .line = 1,
	};
	l->n_inputs = 1;
}

/* Reported where the token began. */
static void
lex_error(struct lex *l, struct lex_token *t, const char *what)
{
	conf_error(l->errors, t->path, t->line, "%s", what);
	t->kind = LEX_ERROR;
}

/* A macro's text takes the place of its name. */
static bool
lex_expand(struct lex *l, struct lex_token *t)
{
	char name[128];
	struct lex_macro *m;
	size_t n = 0;
	int c;

	while ((c = lex_peek(l)) != LEX_EOF && (isalnum(c) || c == '_') &&
	    n + 1 < sizeof(name))
		name[n++] = (char)lex_get(l, false);
	name[n] = '\0';
	for (m = l->macros; m != NULL; m = m->next)
		if (strcmp(m->name, name) == 0)
			break;
	if (m == NULL || l->n_inputs > LEX_INCLUDE_MAX) {
		const struct lex_input *f = lex_file(l);

		conf_error(l->errors, f->path, f->line,
		    "macro \"%s\" is not defined", name);
		t->kind = LEX_ERROR;
		return false;
	}
	m->is_used = true;
	l->inputs[l->n_inputs++] = (struct lex_input){
		.path = lex_file(l)->path, .pos = m->value,
		.end = m->value + strlen(m->value),
		.line = lex_file(l)->line, .macro = m,
	};
	return true;
}

static void
lex_quoted(struct lex *l, struct lex_token *t, int quote)
{
	size_t n = 0;
	int c, next;

	for (;;) {
		c = lex_get(l, true);
		if (c == LEX_EOF) {
			lex_error(l, t, "a quote is not closed");
			return;
		}
		if (c == quote)
			break;
		if (c == '\n')
			continue;
		if (c == '\\') {
			next = lex_peek(l);
			if (next == quote || next == ' ' || next == '\t')
				c = lex_get(l, true);
			else if (next == '\n') {
				lex_get(l, true);
				continue;
			}
		}
		if (n == LEX_STRING_MAX) {
			lex_error(l, t, "string too long");
			return;
		}
		l->word[n++] = (char)c;
	}
	t->kind = LEX_STRING;
	t->is_quoted = true;
	t->text = arena_strndup(l->arena, l->word, n);
}

/* Whether a number may end before this character. */
static bool
lex_ends_number(int c)
{
	return c == LEX_EOF || isspace(c) || c == ')' || c == ',' ||
	    c == '/' || c == '}' || c == '=';
}

/* "12", "-12": digits and nothing else. */
static bool
lex_to_number(const char *s, int64_t *out)
{
	size_t digits;

	digits = strspn(s + (*s == '-'), "0123456789");
	if (digits == 0 || s[digits + (*s == '-')] != '\0')
		return false;
	errno = 0;
	*out = strtoll(s, NULL, 10);
	return errno == 0;
}

/* What the input has in one piece of a word; neither '$' nor '\\'. */
static size_t
lex_plain(struct lex *l, char *out, size_t max)
{
	struct lex_input *in = lex_top(l);
	size_t n = 0;

	while (n < max && in->pos < in->end && l->is_plain[(uint8_t)*in->pos])
		out[n++] = *in->pos++;
	return n;
}

static void
lex_word(struct lex *l, struct lex_token *t, int c)
{
	size_t n = 0;

	l->word[n++] = (char)c;
	for (;;) {
		n += lex_plain(l, l->word + n, LEX_STRING_MAX - n);
		c = lex_peek(l);
		if (c == LEX_EOF && lex_top(l)->macro != NULL) {
			/* A word may go on behind the macro. */
			l->n_inputs--;
			continue;
		}
		if (c == '$' && lex_top(l)->macro == NULL) {
			lex_get(l, false);
			if (!lex_expand(l, t))
				return;
			t->macro = lex_top(l)->macro;
			continue;
		}
		if (!lex_is_word(c))
			break;
		if (n == LEX_STRING_MAX) {
			lex_error(l, t, "string too long");
			return;
		}
		l->word[n++] = (char)lex_get(l, false);
	}
	l->word[n] = '\0';
	t->text = arena_strndup(l->arena, l->word, n);
	t->kind = LEX_STRING;
	if (lex_ends_number(c) && lex_to_number(l->word, &t->number))
		t->kind = LEX_NUMBER;
}

static void
lex_operator(struct lex *l, struct lex_token *t, int c)
{
	static const struct { char a, b; enum lex_kind kind; } rows[] = {
		{ '!', '=', LEX_NE }, { '<', '=', LEX_LE },
		{ '>', '=', LEX_GE }, { '>', '<', LEX_XRANGE },
	};
	size_t i;

	t->kind = LEX_CHAR;
	t->c = (char)c;
	if (l->chars[(uint8_t)c] == NULL)
		l->chars[(uint8_t)c] = arena_strndup(l->arena, &t->c, 1);
	t->text = l->chars[(uint8_t)c];
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		if (rows[i].a != c || rows[i].b != lex_peek(l))
			continue;
		lex_get(l, false);
		t->kind = rows[i].kind;
		t->text = arena_format(l->arena, "%c%c", rows[i].a, rows[i].b);
	}
}

/* To the end of the line; one that ends in a backslash takes the next too. */
static void
lex_skip_comment(struct lex *l)
{
	int c;

	while ((c = lex_peek(l)) != '\n' && c != LEX_EOF)
		lex_get(l, false);
}

/* The first character of a token; blanks and comments are skipped. */
static int
lex_first(struct lex *l, struct lex_token *t)
{
	int c;

	for (;;) {
		t->path = lex_file(l)->path;
		t->line = lex_file(l)->line;
		c = lex_get(l, false);
		if (c == '#') {
			lex_skip_comment(l);
			continue;
		}
		if (c != ' ' && c != '\t' && c != '\r')
			return c;
		t->has_space = true;
	}
}

void
lex_next(struct lex *l, struct lex_token *t)
{
	bool has_space;
	int c;

	memset(t, 0, sizeof(*t));
	t->text = "";
	c = lex_first(l, t);
	t->macro = lex_top(l)->macro;
	if (c == '\n') {
		t->kind = LEX_NEWLINE;
	} else if (c == LEX_EOF) {
		t->kind = LEX_END;
	} else if (c == '"' || c == '\'') {
		lex_quoted(l, t, c);
	} else if (c == '$' && lex_top(l)->macro == NULL) {
		has_space = t->has_space;
		if (!lex_expand(l, t))
			return;
		lex_next(l, t);
		t->has_space = t->has_space || has_space;
	} else if (lex_is_word_start(c) ||
	    (c == '-' && isdigit(lex_peek(l)))) {
		lex_word(l, t, c);
	} else {
		lex_operator(l, t, c);
	}
}
