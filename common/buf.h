/* SPDX-License-Identifier: ISC */
/*
 * Bounds-checked byte reader and writer: the only way that network bytes are
 * touched. A reader that runs out gives zeros and remembers it (is_short);
 * check before a value is used as a length, index or loop bound, and once at
 * the end. A writer that runs out or is given a value too wide remembers the
 * first error and writes no more.
 */
#ifndef COMMON_BUF_H
#define COMMON_BUF_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

/* A reader borrows its bytes; they must outlive it. */
struct rd {
	const uint8_t	*pos;
	const uint8_t	*end;
	bool		 is_short;	/* a read went past the end */
};

/*
 * A writer either fills a caller's array (fixed) or grows one of its own up
 * to max_len. base is valid until the next write to a growing writer.
 */
struct wr {
	uint8_t	*base;
	size_t	 len;		/* bytes written */
	size_t	 cap;		/* bytes allocated or given */
	size_t	 max_len;	/* growing: never beyond this */
	int	 err;		/* first error, or 0 */
	bool	 is_growing;
};

/* Start reading len_bytes bytes at data (NULL allowed when 0). */
static inline struct rd
buf_reader(const void *data, size_t len_bytes)
{
	const uint8_t *p = data;

	return (struct rd){ .pos = p, .end = p == NULL ? NULL : p + len_bytes };
}

/* Bytes not read yet; 0 after an error. */
static inline size_t
buf_left(const struct rd *r)
{
	return (size_t)(r->end - r->pos);
}

/*
 * Take len_bytes bytes: a borrowed pointer that lives as long as the input,
 * or NULL when fewer are left (the reader is then empty and short).
 */
static inline const uint8_t *
buf_get_bytes(struct rd *r, size_t len_bytes)
{
	const uint8_t *p = r->pos;

	if (buf_left(r) < len_bytes) {
		r->is_short = true;
		r->pos = r->end;
		return NULL;
	}
	if (len_bytes != 0)
		r->pos += len_bytes;
	return p;
}

/* Integers in network order; 0 when too few bytes are left. */
static inline uint8_t
buf_get_u8(struct rd *r)
{
	const uint8_t *p = buf_get_bytes(r, 1);

	return p == NULL ? 0 : p[0];
}

static inline uint16_t
buf_get_u16(struct rd *r)
{
	const uint8_t *p = buf_get_bytes(r, 2);

	return p == NULL ? 0 : (uint16_t)(p[0] << 8 | p[1]);
}

static inline uint32_t
buf_get_u24(struct rd *r)
{
	const uint8_t *p = buf_get_bytes(r, 3);

	return p == NULL ? 0 : (uint32_t)p[0] << 16 | (uint32_t)p[1] << 8 | p[2];
}

static inline uint32_t
buf_get_u32(struct rd *r)
{
	const uint8_t *p = buf_get_bytes(r, 4);

	return p == NULL ? 0 : (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 |
	    (uint32_t)p[2] << 8 | p[3];
}

uint64_t	 buf_get_u64(struct rd *);

/* Copy len_bytes bytes out; on short input dst is zeroed. */
void		 buf_get_copy(struct rd *, void *dst, size_t len_bytes);

/*
 * Cut a sub-reader of exactly len_bytes off the front. When fewer are left
 * the sub-reader is empty and both readers are short.
 */
static inline struct rd
buf_get_sub(struct rd *r, size_t len_bytes)
{
	const uint8_t *p = buf_get_bytes(r, len_bytes);
	struct rd sub = buf_reader(p, p == NULL ? 0 : len_bytes);

	sub.is_short = p == NULL && len_bytes != 0;
	return sub;
}

/* Write into the caller's array of cap bytes. */
void		 buf_writer(struct wr *, void *array, size_t cap);
/* Write into memory of its own that grows up to max_len; see buf_free. */
void		 buf_writer_growing(struct wr *, size_t max_len);
/* Free a growing writer's memory; harmless on a fixed or zeroed one. */
void		 buf_free(struct wr *);
/* Forget what was written (keeping memory) and clear the error. */
void		 buf_reset(struct wr *);

/* buf_put_room where the writer has to grow or fails. */
uint8_t		*buf_put_more(struct wr *, size_t len_bytes);

/*
 * Make room for len_bytes and return where to write them, or NULL (with the
 * error kept) when they do not fit. The bytes are not zeroed.
 */
static inline uint8_t *
buf_put_room(struct wr *w, size_t len_bytes)
{
	uint8_t *p;

	if (w->err != 0 || w->base == NULL || len_bytes > w->cap - w->len)
		return buf_put_more(w, len_bytes);
	p = w->base + w->len;
	w->len += len_bytes;
	return p;
}

static inline void
buf_put_bytes(struct wr *w, const void *data, size_t len_bytes)
{
	uint8_t *p;

	if (len_bytes == 0)
		return;
	p = buf_put_room(w, len_bytes);
	if (p != NULL)
		memcpy(p, data, len_bytes);
}

void		 buf_put_zero(struct wr *, size_t len_bytes);
/* Integers in network order; a value too wide for its field is ERR_RANGE. */
void		 buf_put_u8(struct wr *, uint32_t);
void		 buf_put_u16(struct wr *, uint32_t);
void		 buf_put_u24(struct wr *, uint32_t);
void		 buf_put_u32(struct wr *, uint32_t);
void		 buf_put_u64(struct wr *, uint64_t);
/* The characters of s without its terminator. */
static inline void
buf_put_text(struct wr *w, const char *s)
{
	buf_put_bytes(w, s, strlen(s));
}

/* A number in decimal digits. */
void		 buf_put_decimal(struct wr *, uint64_t);
/* printf into the buffer, without terminator. */
void		 buf_put_format(struct wr *, const char *fmt, ...)
		    __attribute__((format(printf, 2, 3)));

/*
 * Length fields: reserve one with buf_mark_*, write what it counts, then
 * patch it. The patch counts the bytes after the field.
 */
size_t		 buf_mark_u8(struct wr *);
size_t		 buf_mark_u16(struct wr *);
void		 buf_patch_u8(struct wr *, size_t mark);
void		 buf_patch_u16(struct wr *, size_t mark);
/* Overwrite a byte, or two, at an offset already written. */
void		 buf_set_u8(struct wr *, size_t offset, uint32_t value);
void		 buf_set_u16(struct wr *, size_t offset, uint32_t value);

/* Forget what was written from len_bytes on; more than there is: nothing. */
void		 buf_truncate(struct wr *, size_t len_bytes);
/* Take len_bytes bytes at offset out of what was written. */
void		 buf_remove(struct wr *, size_t offset, size_t len_bytes);

/* A reader over what was written; valid until the next write. */
static inline struct rd
buf_written(const struct wr *w)
{
	return buf_reader(w->base, w->len);
}

#endif
