/* SPDX-License-Identifier: ISC */
/* Words of an API line or of a configuration file. */
#include "common/text/words.h"

#include "common/err.h"

enum word_class {
	CLASS_ORDINARY,
	CLASS_SPACE,
	CLASS_SINGLE,
	CLASS_QUOTE,
	CLASS_COMMENT,
};

static const uint8_t word_classes[256] = {
	[' '] = CLASS_SPACE, ['\t'] = CLASS_SPACE, ['\n'] = CLASS_SPACE,
	['\r'] = CLASS_SPACE, ['\0'] = CLASS_SPACE,
	['['] = CLASS_SINGLE, [']'] = CLASS_SINGLE, ['('] = CLASS_SINGLE,
	[')'] = CLASS_SINGLE, [','] = CLASS_SINGLE, [';'] = CLASS_SINGLE,
	['{'] = CLASS_SINGLE, ['}'] = CLASS_SINGLE,
	['"'] = CLASS_QUOTE, ['\''] = CLASS_QUOTE,
	['#'] = CLASS_COMMENT,
};

static inline uint8_t
word_class(char c)
{
	return word_classes[(unsigned char)c];
}

void
words_init(struct words *w, const char *text, size_t len, bool is_file)
{
	*w = (struct words){
		.pos = text, .end = len == 0 ? text : text + len,
		.line = 1, .is_file = is_file,
	};
	words_next(w);
	w->is_glued = false;
}

/* Pass over spaces and comments; true when there were none. */
static bool
words_skip(struct words *w)
{
	const char *p = w->pos, *end = w->end;

	for (; p < end; p++) {
		if (*p == '\n') {
			w->line++;
		} else if (*p == '#' && w->is_file) {
			p = memchr(p, '\n', (size_t)(end - p));
			if (p == NULL)
				p = end;
			p--;
		} else if (word_class(*p) != CLASS_SPACE) {
			break;
		}
	}
	if (p == w->pos)
		return true;
	w->pos = p;
	return false;
}

/* The word in quotes that begins at pos; only the same quote closes it. */
static void
words_quoted(struct words *w)
{
	const char *p = w->pos + 1, *close;
	const char *at;

	close = memchr(p, *w->pos, (size_t)(w->end - p));
	if (close == NULL) {
		w->is_open_quote = true;
		close = w->end;
	}
	w->word = (struct word){ .at = p, .len = (uint32_t)(close - p),
	    .line = w->line, .is_quoted = true };
	for (at = p; at < close; at++)
		if (*at == '\n')
			w->line++;
	w->pos = close < w->end ? close + 1 : close;
}

void
words_next(struct words *w)
{
	const char *p;
	uint8_t class;

	w->is_glued = words_skip(w);
	p = w->pos;
	if (p >= w->end) {
		w->word = (struct word){ .line = w->line };
		return;
	}
	class = word_class(*p);
	if (class == CLASS_QUOTE) {
		words_quoted(w);
		return;
	}
	p++;
	if (class != CLASS_SINGLE)
		while (p < w->end && (word_class(*p) == CLASS_ORDINARY ||
		    (*p == '#' && !w->is_file)))
			p++;
	w->word = (struct word){ .at = w->pos, .len = (uint32_t)(p - w->pos),
	    .line = w->line };
	w->pos = p;
}

bool
words_at_stop(const struct words *w)
{
	return words_at_end(w) || words_is_char(w, ';') ||
	    words_is_char(w, '{') || words_is_char(w, '}');
}

bool
words_is_value(const struct words *w)
{
	if (words_at_end(w))
		return false;
	return w->word.is_quoted || w->word.len != 1 ||
	    word_class(*w->word.at) != CLASS_SINGLE;
}

struct word
words_glued(struct words *w)
{
	struct word whole = w->word;

	words_next(w);
	while (!whole.is_quoted && w->is_glued && !w->word.is_quoted &&
	    !words_at_stop(w)) {
		whole.len = (uint32_t)(w->word.at + w->word.len - whole.at);
		words_next(w);
	}
	return whole;
}

const void *
words_find(const struct word *w, const void *rows, size_t n_rows,
    size_t row_size)
{
	size_t low = 0, high = n_rows, middle;
	const char *name;
	const uint8_t *row;
	int r;

	if (w->at == NULL || w->is_quoted)
		return NULL;
	while (low < high) {
		middle = (low + high) / 2;
		row = (const uint8_t *)rows + middle * row_size;
		memcpy(&name, row, sizeof(name));
		r = strncmp(w->at, name, w->len);
		if (r == 0 && name[w->len] == '\0')
			return row;
		if (r > 0)
			low = middle + 1;
		else
			high = middle;
	}
	return NULL;
}

static int
word_hex_digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	c |= 0x20;
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* The four hex digits at p[0..3], or -1. */
static int
word_hex4(const char *p, const char *end)
{
	int i, digit, value = 0;

	if (end - p < 4)
		return -1;
	for (i = 0; i < 4; i++) {
		digit = word_hex_digit(p[i]);
		if (digit < 0)
			return -1;
		value = value << 4 | digit;
	}
	return value;
}

/* Write a code point below 0x10000; at most three bytes. */
static char *
word_put_utf8(char *out, int c)
{
	if (c < 0x80) {
		*out++ = (char)c;
	} else if (c < 0x800) {
		*out++ = (char)(0xc0 | c >> 6);
		*out++ = (char)(0x80 | (c & 0x3f));
	} else {
		*out++ = (char)(0xe0 | c >> 12);
		*out++ = (char)(0x80 | (c >> 6 & 0x3f));
		*out++ = (char)(0x80 | (c & 0x3f));
	}
	return out;
}

static char
word_control(char c)
{
	switch (c) {
	case 'b':
		return '\b';
	case 'f':
		return '\f';
	case 'n':
		return '\n';
	case 'r':
		return '\r';
	case 't':
		return '\t';
	default:
		return c;
	}
}

int
words_unescape(char *text, size_t *len, uint32_t *line)
{
	const char *end = text + *len, *in;
	char *out = memchr(text, '\\', *len);
	int c;

	*line = 1;
	if (out == NULL)
		return 0;
	for (in = text; in < out; in++)
		*line += *in == '\n';
	for (in = out; in < end; in++) {
		*line += *in == '\n';
		if (*in != '\\' || in + 1 == end) {
			*out++ = *in;
			continue;
		}
		in++;
		if (*in == '\r' && in + 1 < end && in[1] == '\n')
			in++;
		*line += *in == '\n';
		if (*in != 'u') {
			*out++ = word_control(*in);
			continue;
		}
		c = word_hex4(in + 1, end);
		if (c < 0)
			return ERR_SYNTAX;
		out = word_put_utf8(out, c);
		in += 4;
	}
	*len = (size_t)(out - text);
	return 0;
}
