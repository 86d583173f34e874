/* SPDX-License-Identifier: ISC */
/* Bounds-checked byte reader and writer. */
#include "common/buf.h"

#include "common/err.h"

#include <err.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#define BUF_FIRST_CAP	256	/* first allocation of a growing writer */

uint64_t
buf_get_u64(struct rd *r)
{
	uint64_t high;

	if (buf_left(r) < 8) {
		buf_get_bytes(r, 8);
		return 0;
	}
	high = buf_get_u32(r);
	return high << 32 | buf_get_u32(r);
}

void
buf_get_copy(struct rd *r, void *dst, size_t len_bytes)
{
	const uint8_t *p = buf_get_bytes(r, len_bytes);

	if (len_bytes == 0)
		return;
	if (p == NULL)
		memset(dst, 0, len_bytes);
	else
		memcpy(dst, p, len_bytes);
}

void
buf_writer(struct wr *w, void *array, size_t cap)
{
	*w = (struct wr){ .base = array, .cap = cap, .max_len = cap };
}

void
buf_writer_growing(struct wr *w, size_t max_len)
{
	*w = (struct wr){ .max_len = max_len, .is_growing = true };
}

void
buf_free(struct wr *w)
{
	if (w->is_growing)
		free(w->base);
	*w = (struct wr){ .max_len = w->max_len, .is_growing = w->is_growing };
}

void
buf_reset(struct wr *w)
{
	w->len = 0;
	w->err = 0;
}

static int
buf_grow(struct wr *w, size_t need)
{
	size_t cap = w->cap == 0 ? BUF_FIRST_CAP : w->cap;
	uint8_t *base;

	if (!w->is_growing || need > w->max_len)
		return ERR_FULL;
	while (cap < need)
		cap *= 2;
	if (cap > w->max_len)
		cap = w->max_len;
	/* What is cut off here would be missing on the wire or in a table. */
	base = realloc(w->base, cap);
	if (base == NULL)
		err(1, "buffer of %zu bytes", cap);
	w->base = base;
	w->cap = cap;
	return 0;
}

uint8_t *
buf_put_more(struct wr *w, size_t len_bytes)
{
	uint8_t *p;

	if (w->err != 0)
		return NULL;
	if (len_bytes > w->cap - w->len) {
		if (len_bytes > SIZE_MAX - w->len)
			w->err = ERR_RANGE;
		else
			w->err = buf_grow(w, w->len + len_bytes);
		if (w->err != 0)
			return NULL;
	}
	p = w->base + w->len;
	w->len += len_bytes;
	return p;
}

void
buf_put_zero(struct wr *w, size_t len_bytes)
{
	uint8_t *p;

	if (len_bytes == 0)
		return;
	p = buf_put_room(w, len_bytes);
	if (p != NULL)
		memset(p, 0, len_bytes);
}

/* Write the low n_bytes bytes of v, refusing a v that needs more. */
static void
buf_put_int(struct wr *w, uint64_t v, unsigned n_bytes)
{
	uint8_t *p;
	unsigned i;

	if (n_bytes < 8 && v >> (8 * n_bytes) != 0) {
		if (w->err == 0)
			w->err = ERR_RANGE;
		return;
	}
	p = buf_put_room(w, n_bytes);
	if (p == NULL)
		return;
	for (i = 0; i < n_bytes; i++)
		p[i] = (uint8_t)(v >> (8 * (n_bytes - 1 - i)));
}

void
buf_put_u8(struct wr *w, uint32_t v)
{
	buf_put_int(w, v, 1);
}

void
buf_put_u16(struct wr *w, uint32_t v)
{
	buf_put_int(w, v, 2);
}

void
buf_put_u24(struct wr *w, uint32_t v)
{
	buf_put_int(w, v, 3);
}

void
buf_put_u32(struct wr *w, uint32_t v)
{
	buf_put_int(w, v, 4);
}

void
buf_put_u64(struct wr *w, uint64_t v)
{
	buf_put_int(w, v, 8);
}

void
buf_put_decimal(struct wr *w, uint64_t v)
{
	char digits[20];
	size_t at = sizeof(digits);

	do {
		digits[--at] = (char)('0' + v % 10);
		v /= 10;
	} while (v != 0);
	buf_put_bytes(w, digits + at, sizeof(digits) - at);
}

void
buf_put_format(struct wr *w, const char *fmt, ...)
{
	char small[256], *big = NULL;
	va_list ap;
	int n;

	va_start(ap, fmt);
	n = vsnprintf(small, sizeof(small), fmt, ap);
	va_end(ap);
	if (n < 0) {
		if (w->err == 0)
			w->err = ERR_RANGE;
		return;
	}
	if ((size_t)n < sizeof(small)) {
		buf_put_bytes(w, small, (size_t)n);
		return;
	}
	big = malloc((size_t)n + 1);
	if (big == NULL)
		err(1, "buffer of %d bytes", n);
	va_start(ap, fmt);
	vsnprintf(big, (size_t)n + 1, fmt, ap);
	va_end(ap);
	buf_put_bytes(w, big, (size_t)n);
	free(big);
}

size_t
buf_mark_u8(struct wr *w)
{
	size_t mark = w->len;

	buf_put_zero(w, 1);
	return mark;
}

size_t
buf_mark_u16(struct wr *w)
{
	size_t mark = w->len;

	buf_put_zero(w, 2);
	return mark;
}

void
buf_patch_u8(struct wr *w, size_t mark)
{
	size_t counted;

	if (w->err != 0)
		return;
	counted = w->len - mark - 1;
	if (counted > UINT8_MAX)
		w->err = ERR_RANGE;
	else
		w->base[mark] = (uint8_t)counted;
}

void
buf_patch_u16(struct wr *w, size_t mark)
{
	size_t counted;

	if (w->err != 0)
		return;
	counted = w->len - mark - 2;
	if (counted > UINT16_MAX)
		w->err = ERR_RANGE;
	else
		buf_set_u16(w, mark, (uint32_t)counted);
}

void
buf_set_u16(struct wr *w, size_t offset, uint32_t value)
{
	if (w->err != 0)
		return;
	if (value > UINT16_MAX || offset + 2 > w->len) {
		w->err = ERR_RANGE;
		return;
	}
	w->base[offset] = (uint8_t)(value >> 8);
	w->base[offset + 1] = (uint8_t)value;
}

void
buf_set_u8(struct wr *w, size_t offset, uint32_t value)
{
	if (w->err != 0)
		return;
	if (value > UINT8_MAX || offset >= w->len) {
		w->err = ERR_RANGE;
		return;
	}
	w->base[offset] = (uint8_t)value;
}

void
buf_truncate(struct wr *w, size_t len_bytes)
{
	if (len_bytes < w->len)
		w->len = len_bytes;
}

void
buf_remove(struct wr *w, size_t offset, size_t len_bytes)
{
	if (w->err != 0)
		return;
	if (offset > w->len || len_bytes > w->len - offset) {
		w->err = ERR_RANGE;
		return;
	}
	memmove(w->base + offset, w->base + offset + len_bytes,
	    w->len - offset - len_bytes);
	w->len -= len_bytes;
}
