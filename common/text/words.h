/* SPDX-License-Identifier: ISC */
/*
 * Words of an API line or of a configuration file in ExaBGP's manner: a
 * cursor that shows one word at a time as a slice of the text. Nothing is
 * copied; the text must outlive the words.
 *
 *   - space, tab and newline separate words;
 *   - [ ] ( ) , ; { } are words of one character wherever they stand;
 *   - "..." and '...' are one word, without the quotes, possibly empty;
 *   - # outside quotes begins a comment (files only).
 *
 * Compat: in ExaBGP's files parentheses are ordinary characters and must be
 * set off by spaces, and a statement ends with its line unless that ends in
 * a backslash. Both are accepted here, and more. Where a string is asked for
 * (passwords, descriptions, arguments of programs), words_glued joins what
 * was written without space between.
 */
#ifndef COMMON_TEXT_WORDS_H
#define COMMON_TEXT_WORDS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

struct word {
	const char	*at;		/* not terminated */
	uint32_t	 len;
	uint32_t	 line;		/* 1.. */
	bool		 is_quoted;
};

struct words {
	const char	*pos, *end;	/* what was not read yet */
	struct word	 word;		/* current; at is NULL at the end */
	uint32_t	 line;
	bool		 is_file;	/* comments, and lines are counted */
	bool		 is_glued;	/* no space before the current word */
	bool		 is_open_quote;	/* a quote was not closed */
};

/* Start at the first word of the len bytes at text. */
void	words_init(struct words *, const char *text, size_t len, bool is_file);
/* Go on to the next word; stays at the end. */
void	words_next(struct words *);

/* Whether a word is this text, unquoted. */
static inline bool
words_equal(const struct word *w, const char *text, size_t len)
{
	return w->len == len && !w->is_quoted &&
	    memcmp(w->at, text, len) == 0;
}

/* Whether the current word is the constant text. */
#define words_is(w, text) \
	((w)->word.at != NULL && \
	words_equal(&(w)->word, (text), sizeof(text) - 1))

/* The same for one character of punctuation. */
static inline bool
words_is_char(const struct words *w, char c)
{
	return w->word.len == 1 && !w->word.is_quoted && *w->word.at == c;
}

/* Skip the current word if it is this character. */
static inline bool
words_take_char(struct words *w, char c)
{
	if (!words_is_char(w, c))
		return false;
	words_next(w);
	return true;
}

/* No word is left. */
static inline bool
words_at_end(const struct words *w)
{
	return w->word.at == NULL;
}

/* The statement is over: no word is left, or the word is ; { or }. */
bool	words_at_stop(const struct words *);
/* The current word is none of [ ] ( ) , ; { } nor the end. */
bool	words_is_value(const struct words *);

/*
 * The current word together with those that follow it without a space, as
 * one slice (for values that may hold any punctuation but ; { }). Goes on
 * behind it. A quoted word stands alone.
 */
struct word words_glued(struct words *);

/*
 * Row of the table whose word is w, or NULL. Each row begins with a const
 * char * and rows are sorted by it (strcmp). row_size is in bytes.
 */
const void *words_find(const struct word *w, const void *rows, size_t n_rows,
	    size_t row_size);

/*
 * Resolve backslashes of a file in place, as ExaBGP does before it looks at
 * quotes: \ at the end of a line joins it to the next (the newline stays,
 * for counting), \b \f \n \r \t, \uXXXX as UTF-8, \other is other. *len is
 * updated. Returns 0, or ERR_SYNTAX with *line for a malformed \u.
 */
int	words_unescape(char *text, size_t *len, uint32_t *line);

#endif
