/* SPDX-License-Identifier: ISC */
/*
 * The difference of two models. Both are printed; what is printed is cut into
 * statements, blocks within blocks, and compared level by level: the longest
 * common subsequence of siblings stays, blocks with one head on both sides
 * are compared within.
 */
#include "common/config_diff.h"

#include "common/arena.h"
#include "common/config_print.h"
#include "common/err.h"

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define DIFF_TABLE_MAX	(4u << 20)	/* pairs of siblings compared */
#define DIFF_DEPTH_MAX	16		/* blocks in blocks */

struct diff_line {
	char		*text;
	uint64_t	 hash;		/* of it, and of all in its block */
	size_t		 end;		/* after it, and after its block */
};

/* One model's text. */
struct diff_side {
	char			*text;
	struct diff_line	*lines;
	size_t			 n_lines, cap;
};

/* Siblings of one level: indexes of lines. */
struct diff_list {
	const struct diff_side	*side;
	size_t			*items;
	bool			*is_same;	/* in both lists */
	size_t			 n;
};

struct diff {
	config_diff_fn	*tell;
	void		*arg;
};

static uint64_t
hash_text(uint64_t h, const char *s)
{
	for (; *s != '\0'; s++)
		h = (h ^ (uint8_t)*s) * 0x100000001b3u;
	return (h ^ '\n') * 0x100000001b3u;
}

static int
side_add(struct diff_side *s, char *text)
{
	struct diff_line *grown;
	size_t cap;

	if (s->n_lines == s->cap) {
		cap = s->cap == 0 ? 256 : s->cap * 2;
		grown = reallocarray(s->lines, cap, sizeof(*grown));
		if (grown == NULL)
			return ERR_NOMEM;
		s->lines = grown;
		s->cap = cap;
	}
	s->lines[s->n_lines] = (struct diff_line){
		.text = text, .hash = hash_text(0xcbf29ce484222325u, text),
		.end = s->n_lines + 1,
	};
	s->n_lines++;
	return 0;
}

static bool
line_opens(const char *text)
{
	size_t len = strlen(text);

	return len > 0 && text[len - 1] == '{';
}

/*
 * What stands on one line of a set only to make it short is a line each: the
 * members are told apart by ", " or blanks.
 */
static int
side_add_members(struct diff_side *s, char *line, const char *between)
{
	char *at = line, *end;
	int e = 0;

	while (e == 0 && at != NULL) {
		end = strstr(at, between);
		if (end != NULL) {
			*end = '\0';
			end += strlen(between);
		}
		/* Without the indent, which only the first one has. */
		if (at[strspn(at, "\t ")] != '\0')
			e = side_add(s, at + strspn(at, "\t "));
		at = end;
	}
	return e;
}

static const char *
set_separator(const char *head)
{
	if (strncmp(head, "prefix-set ", 11) == 0)
		return ", ";
	return strncmp(head, "as-set ", 7) == 0 ? " " : NULL;
}

/* Ends of blocks, and hashes of all in them. */
static void
side_close(struct diff_side *s, size_t open)
{
	uint64_t h = s->lines[open].hash;
	size_t i;

	s->lines[open].end = s->n_lines;
	for (i = open + 1; i < s->n_lines; i++)
		h = (h ^ s->lines[i].hash) * 0x100000001b3u;
	s->lines[open].hash = h;
}

static int
side_cut(struct diff_side *s)
{
	size_t open[DIFF_DEPTH_MAX], depth = 0;
	const char *between = NULL;
	char *save, *line;
	int e = 0;

	for (line = strtok_r(s->text, "\n", &save); line != NULL && e == 0;
	    line = strtok_r(NULL, "\n", &save)) {
		bool is_end = strcmp(line + strspn(line, "\t "), "}") == 0;

		if (between != NULL && !is_end)
			e = side_add_members(s, line, between);
		else
			e = side_add(s, line);
		if (e != 0)
			break;
		if (is_end && depth > 0) {
			side_close(s, open[--depth]);
			between = NULL;
		} else if (between == NULL && line_opens(line) &&
		    depth < DIFF_DEPTH_MAX) {
			open[depth++] = s->n_lines - 1;
			between = set_separator(line);
		}
	}
	return e;
}

static int
side_make(struct diff_side *s, const struct config *c)
{
	size_t len;
	FILE *f = open_memstream(&s->text, &len);

	if (f == NULL)
		return ERR_NOMEM;
	config_print(c, f);
	if (fclose(f) != 0)
		return ERR_NOMEM;
	return side_cut(s);
}

static void
side_free(struct diff_side *s)
{
	free(s->text);
	free(s->lines);
}

/* The siblings among these lines. */
static int
list_make(struct diff_list *l, const struct diff_side *s, size_t from,
    size_t to)
{
	size_t i;

	*l = (struct diff_list){ .side = s };
	l->items = calloc(to - from + 1, sizeof(*l->items));
	l->is_same = calloc(to - from + 1, sizeof(*l->is_same));
	if (l->items == NULL || l->is_same == NULL)
		return ERR_NOMEM;
	for (i = from; i < to; i = s->lines[i].end)
		l->items[l->n++] = i;
	return 0;
}

static void
list_free(struct diff_list *l)
{
	free(l->items);
	free(l->is_same);
}

static const struct diff_line *
list_line(const struct diff_list *l, size_t i)
{
	return &l->side->lines[l->items[i]];
}

static uint64_t
list_hash(const struct diff_list *l, size_t i)
{
	return list_line(l, i)->hash;
}

/* The longest common subsequence of a[from..] and b[from..], n and m long. */
static int
list_match(struct diff_list *a, struct diff_list *b, size_t from, size_t n,
    size_t m)
{
	uint32_t *table = calloc((n + 1) * (m + 1), sizeof(*table));
	size_t i, k, w = m + 1;

	if (table == NULL)
		return ERR_NOMEM;
	for (i = n; i-- > 0;) {
		for (k = m; k-- > 0;) {
			uint32_t down = table[(i + 1) * w + k];
			uint32_t right = table[i * w + k + 1];

			table[i * w + k] = list_hash(a, from + i) ==
			    list_hash(b, from + k) ?
			    table[(i + 1) * w + k + 1] + 1 :
			    down > right ? down : right;
		}
	}
	for (i = k = 0; i < n && k < m;) {
		if (list_hash(a, from + i) == list_hash(b, from + k)) {
			a->is_same[from + i++] = true;
			b->is_same[from + k++] = true;
		} else if (table[(i + 1) * w + k] >= table[i * w + k + 1]) {
			i++;
		} else {
			k++;
		}
	}
	free(table);
	return 0;
}

struct diff_key {
	uint64_t	hash;
	size_t		i;
};

static int
key_compare(const void *va, const void *vb)
{
	const struct diff_key *a = va, *b = vb;

	if (a->hash != b->hash)
		return a->hash < b->hash ? -1 : 1;
	return a->i < b->i ? -1 : a->i > b->i;
}

static struct diff_key *
list_keys(const struct diff_list *l, size_t from, size_t n)
{
	struct diff_key *keys = calloc(n + 1, sizeof(*keys));
	size_t i;

	for (i = 0; keys != NULL && i < n; i++)
		keys[i] = (struct diff_key){ list_hash(l, from + i),
		    from + i };
	if (keys != NULL)
		qsort(keys, n, sizeof(*keys), key_compare);
	return keys;
}

/* What is in both, wherever. */
static int
list_match_any(struct diff_list *a, struct diff_list *b, size_t from,
    size_t n, size_t m)
{
	struct diff_key *x = list_keys(a, from, n), *y = list_keys(b, from, m);
	size_t i = 0, k = 0;
	int e = x == NULL || y == NULL ? ERR_NOMEM : 0;

	while (e == 0 && i < n && k < m) {
		if (x[i].hash == y[k].hash) {
			a->is_same[x[i++].i] = true;
			b->is_same[y[k++].i] = true;
		} else if (x[i].hash < y[k].hash) {
			i++;
		} else {
			k++;
		}
	}
	free(x);
	free(y);
	return e;
}

static int
list_compare(struct diff_list *a, struct diff_list *b)
{
	size_t from = 0, n = a->n, m = b->n;

	while (from < n && from < m &&
	    list_hash(a, from) == list_hash(b, from)) {
		a->is_same[from] = b->is_same[from] = true;
		from++;
	}
	while (n > from && m > from &&
	    list_hash(a, n - 1) == list_hash(b, m - 1)) {
		a->is_same[--n] = true;
		b->is_same[--m] = true;
	}
	n -= from;
	m -= from;
	if (n == 0 || m == 0)
		return 0;
	return m + 1 <= DIFF_TABLE_MAX / (n + 1) ?
	    list_match(a, b, from, n, m) : list_match_any(a, b, from, n, m);
}

/* A line and all in its block. */
static void
diff_tell_all(const struct diff *d, const struct diff_side *s, size_t i,
    enum config_diff_op op)
{
	size_t end = s->lines[i].end;

	for (; i < end; i++)
		d->tell(op, s->lines[i].text, d->arg);
}

/*
 * The block of b with the head of this one, before what is in both again;
 * SIZE_MAX: none.
 */
static size_t
diff_find_block(const struct diff_list *b, const struct diff_line *line,
    size_t at)
{
	size_t i;

	if (!line_opens(line->text))
		return SIZE_MAX;
	for (i = at; i < b->n && !b->is_same[i]; i++)
		if (strcmp(list_line(b, i)->text, line->text) == 0)
			return i;
	return SIZE_MAX;
}

static int	diff_range(const struct diff *, const struct diff_side *,
		    size_t, size_t, const struct diff_side *, size_t, size_t);

static int
diff_block(const struct diff *d, const struct diff_list *a, size_t i,
    const struct diff_list *b, size_t k)
{
	const struct diff_line *x = list_line(a, i), *y = list_line(b, k);
	int e;

	d->tell(DIFF_CONTEXT, x->text, d->arg);
	e = diff_range(d, a->side, a->items[i] + 1, x->end - 1, b->side,
	    b->items[k] + 1, y->end - 1);
	if (e == 0)
		d->tell(DIFF_CONTEXT, a->side->lines[x->end - 1].text,
		    d->arg);
	return e;
}

/* Both lists in step, at what they have in common. */
static int
diff_lists(const struct diff *d, struct diff_list *a, struct diff_list *b)
{
	size_t i, k = 0, other;
	int e = 0;

	for (i = 0; e == 0 && i < a->n; i++) {
		if (a->is_same[i]) {
			for (; k < b->n && !b->is_same[k]; k++)
				diff_tell_all(d, b->side, b->items[k],
				    DIFF_ADD);
			k++;
			continue;
		}
		other = diff_find_block(b, list_line(a, i), k);
		if (other == SIZE_MAX) {
			diff_tell_all(d, a->side, a->items[i], DIFF_DELETE);
			continue;
		}
		for (; k < other; k++)
			diff_tell_all(d, b->side, b->items[k], DIFF_ADD);
		e = diff_block(d, a, i, b, other);
		k = other + 1;
	}
	for (; e == 0 && k < b->n; k++)
		if (!b->is_same[k])
			diff_tell_all(d, b->side, b->items[k], DIFF_ADD);
	return e;
}

static int
diff_range(const struct diff *d, const struct diff_side *a, size_t a_from,
    size_t a_to, const struct diff_side *b, size_t b_from, size_t b_to)
{
	struct diff_list x = { 0 }, y = { 0 };
	int e = list_make(&x, a, a_from, a_to);

	if (e == 0)
		e = list_make(&y, b, b_from, b_to);
	if (e == 0)
		e = list_compare(&x, &y);
	if (e == 0)
		e = diff_lists(d, &x, &y);
	list_free(&x);
	list_free(&y);
	return e;
}

int
config_diff(const struct config *old, const struct config *new,
    config_diff_fn *tell, void *arg)
{
	const struct diff d = { tell, arg };
	struct diff_side a = { 0 }, b = { 0 };
	int e = side_make(&a, old);

	if (e == 0)
		e = side_make(&b, new);
	if (e == 0)
		e = diff_range(&d, &a, 0, a.n_lines, &b, 0, b.n_lines);
	side_free(&a);
	side_free(&b);
	return e;
}
