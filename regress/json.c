/* SPDX-License-Identifier: ISC */
/* A small strict JSON reader for tests. Recursive, for trusted files. */
#include "regress/json.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define DEPTH_MAX	64

struct reader {
	const char	*pos;
	unsigned	 depth;
	bool		 is_bad;
};

static struct json	*read_value(struct reader *);

static void
skip_space(struct reader *r)
{
	while (*r->pos == ' ' || *r->pos == '\t' || *r->pos == '\n' ||
	    *r->pos == '\r')
		r->pos++;
}

static bool
take(struct reader *r, const char *word)
{
	size_t len = strlen(word);

	if (strncmp(r->pos, word, len) != 0)
		return false;
	r->pos += len;
	return true;
}

static struct json *
new_node(enum json_type type)
{
	struct json *j = calloc(1, sizeof(*j));

	if (j == NULL)
		abort();
	j->type = type;
	return j;
}

void
json_free(struct json *j)
{
	struct json *next;

	for (; j != NULL; j = next) {
		next = j->next;
		json_free(j->child);
		free(j->key);
		free(j->text);
		free(j);
	}
}

/* Append a code point as UTF-8. */
static size_t
put_utf8(char *to, unsigned c)
{
	if (c < 0x80) {
		to[0] = (char)c;
		return 1;
	}
	if (c < 0x800) {
		to[0] = (char)(0xc0 | c >> 6);
		to[1] = (char)(0x80 | (c & 0x3f));
		return 2;
	}
	to[0] = (char)(0xe0 | c >> 12);
	to[1] = (char)(0x80 | (c >> 6 & 0x3f));
	to[2] = (char)(0x80 | (c & 0x3f));
	return 3;
}

static size_t
read_escape(struct reader *r, char *to)
{
	static const char plain[] = "\"\"\\\\//b\bf\fn\nr\rt\t";
	unsigned c;
	size_t i;
	int used = 0;

	if (*r->pos == 'u') {
		if (sscanf(r->pos + 1, "%4x%n", &c, &used) != 1 || used != 4)
			r->is_bad = true;
		r->pos += 5;
		return r->is_bad ? 0 : put_utf8(to, c);
	}
	for (i = 0; i + 1 < sizeof(plain); i += 2) {
		if (plain[i] == *r->pos) {
			r->pos++;
			to[0] = plain[i + 1];
			return 1;
		}
	}
	r->is_bad = true;
	return 0;
}

static char *
read_string(struct reader *r)
{
	char *text;
	size_t n = 0;

	if (!take(r, "\"")) {
		r->is_bad = true;
		return NULL;
	}
	text = malloc(strlen(r->pos) + 1);
	if (text == NULL)
		abort();
	while (!r->is_bad && *r->pos != '"') {
		if ((unsigned char)*r->pos < 0x20)
			r->is_bad = true;
		else if (take(r, "\\"))
			n += read_escape(r, &text[n]);
		else
			text[n++] = *r->pos++;
	}
	text[n] = '\0';
	take(r, "\"");
	return text;
}

static size_t
skip_digits(struct reader *r)
{
	size_t n = 0;

	while (isdigit((unsigned char)*r->pos)) {
		r->pos++;
		n++;
	}
	return n;
}

static struct json *
read_number(struct reader *r)
{
	struct json *j = new_node(JSON_NUMBER);
	const char *start = r->pos;

	take(r, "-");
	if (!take(r, "0") && skip_digits(r) == 0)
		r->is_bad = true;
	if (take(r, ".") && skip_digits(r) == 0)
		r->is_bad = true;
	if (take(r, "e") || take(r, "E")) {
		if (!take(r, "+"))
			take(r, "-");
		if (skip_digits(r) == 0)
			r->is_bad = true;
	}
	j->text = strndup(start, (size_t)(r->pos - start));
	return j;
}

/* One member: a value, behind its key in an object. */
static struct json *
read_member(struct reader *r, bool is_object)
{
	struct json *j;
	char *key = NULL;

	skip_space(r);
	if (is_object) {
		key = read_string(r);
		skip_space(r);
		if (!take(r, ":"))
			r->is_bad = true;
	}
	j = read_value(r);
	j->key = key;
	return j;
}

static struct json *
read_container(struct reader *r, bool is_object)
{
	struct json *j = new_node(is_object ? JSON_OBJECT : JSON_ARRAY);
	struct json **last = &j->child;
	const char *close = is_object ? "}" : "]";

	r->pos++;
	if (++r->depth > DEPTH_MAX)
		r->is_bad = true;
	skip_space(r);
	if (take(r, close)) {
		r->depth--;
		return j;
	}
	while (!r->is_bad) {
		*last = read_member(r, is_object);
		if (is_object && !r->is_bad &&
		    json_get(j, (*last)->key) != *last)
			r->is_bad = true;
		last = &(*last)->next;
		skip_space(r);
		if (take(r, close))
			break;
		if (!take(r, ","))
			r->is_bad = true;
	}
	r->depth--;
	return j;
}

static struct json *
read_value(struct reader *r)
{
	struct json *j;

	skip_space(r);
	if (*r->pos == '{' || *r->pos == '[')
		return read_container(r, *r->pos == '{');
	if (*r->pos == '"') {
		j = new_node(JSON_STRING);
		j->text = read_string(r);
		return j;
	}
	if (take(r, "true"))
		return new_node(JSON_TRUE);
	if (take(r, "false"))
		return new_node(JSON_FALSE);
	if (take(r, "null"))
		return new_node(JSON_NULL);
	return read_number(r);
}

struct json *
json_parse(const char *text)
{
	struct reader r = { .pos = text };
	struct json *j = read_value(&r);

	skip_space(&r);
	if (!r.is_bad && *r.pos == '\0')
		return j;
	json_free(j);
	return NULL;
}

struct json *
json_parse_file(const char *path)
{
	FILE *f = fopen(path, "r");
	struct json *j = NULL;
	char *text = NULL;
	size_t cap = 0;

	if (f == NULL)
		return NULL;
	if (getdelim(&text, &cap, '\0', f) >= 0)
		j = json_parse(text);
	free(text);
	fclose(f);
	return j;
}

const struct json *
json_get(const struct json *j, const char *key)
{
	const struct json *c;

	if (j == NULL || j->type != JSON_OBJECT)
		return NULL;
	for (c = j->child; c != NULL; c = c->next) {
		if (strcmp(c->key, key) == 0)
			return c;
	}
	return NULL;
}

const char *
json_text(const struct json *j, const char *key, const char *fallback)
{
	const struct json *c = json_get(j, key);

	return c == NULL || c->text == NULL ? fallback : c->text;
}

static bool
is_ignored(const char *const *ignored, const char *key)
{
	for (; ignored != NULL && *ignored != NULL; ignored++) {
		if (strcmp(*ignored, key) == 0)
			return true;
	}
	return false;
}

static bool
is_number_equal(const char *a, const char *b)
{
	return strcmp(a, b) == 0 ||
	    (strpbrk(a, ".eE") != NULL && strtod(a, NULL) == strtod(b, NULL));
}

/* Every member of a is in b, equal. */
static bool
has_members(const struct json *a, const struct json *b,
    const char *const *ignored, char *where, size_t where_len)
{
	const struct json *c, *other;

	for (c = a->child; c != NULL; c = c->next) {
		if (is_ignored(ignored, c->key))
			continue;
		other = json_get(b, c->key);
		snprintf(where, where_len, "%s", c->key);
		if (other == NULL ||
		    !json_is_equal(c, other, NULL, where, where_len))
			return false;
	}
	return true;
}

static bool
is_array_equal(const struct json *a, const struct json *b, char *where,
    size_t where_len)
{
	const struct json *x = a->child, *y = b->child;

	for (; x != NULL && y != NULL; x = x->next, y = y->next) {
		if (!json_is_equal(x, y, NULL, where, where_len))
			return false;
	}
	return x == NULL && y == NULL;
}

bool
json_is_equal(const struct json *a, const struct json *b,
    const char *const *ignored, char *where, size_t where_len)
{
	if (a->type != b->type)
		return false;
	switch (a->type) {
	case JSON_NUMBER:
		return is_number_equal(a->text, b->text);
	case JSON_STRING:
		return strcmp(a->text, b->text) == 0;
	case JSON_ARRAY:
		return is_array_equal(a, b, where, where_len);
	case JSON_OBJECT:
		return has_members(a, b, ignored, where, where_len) &&
		    has_members(b, a, ignored, where, where_len);
	default:
		return true;
	}
}
