/* SPDX-License-Identifier: ISC */
/* What all back ends of structured output share: calls made of other calls. */
#include "common/emit.h"

#include "common/buf.h"
#include "common/err.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void
emit_string(struct emit *e, const char *s)
{
	e->ops->string(e, s, strlen(s));
}

void
emit_signed(struct emit *e, int64_t n)
{
	if (n < 0)
		e->ops->number(e, (uint64_t)-(n + 1) + 1, true);
	else
		e->ops->number(e, (uint64_t)n, false);
}

void
emit_format(struct emit *e, const char *fmt, ...)
{
	struct wr text;
	va_list ap;
	char small[256], *big = NULL;
	int n;

	va_start(ap, fmt);
	n = vsnprintf(small, sizeof(small), fmt, ap);
	va_end(ap);
	if (n >= 0 && (size_t)n < sizeof(small)) {
		e->ops->string(e, small, (size_t)n);
		return;
	}
	buf_writer_growing(&text, SIZE_MAX / 2);
	if (n >= 0)
		big = (char *)buf_put_room(&text, (size_t)n + 1);
	if (big == NULL) {
		if (e->out->err == 0)
			e->out->err = ERR_NOMEM;
		return;
	}
	va_start(ap, fmt);
	vsnprintf(big, (size_t)n + 1, fmt, ap);
	va_end(ap);
	e->ops->string(e, big, (size_t)n);
	buf_free(&text);
}

void
emit_hex(struct emit *e, const char *prefix, const void *bytes, size_t len)
{
	static const char digits[] = "0123456789ABCDEF";
	struct rd r = buf_reader(bytes, len);
	struct wr text;
	unsigned b;

	buf_writer_growing(&text, SIZE_MAX / 2);
	if (prefix != NULL)
		buf_put_text(&text, prefix);
	while (buf_left(&r) > 0) {
		b = buf_get_u8(&r);
		buf_put_u8(&text, (uint8_t)digits[b >> 4]);
		buf_put_u8(&text, (uint8_t)digits[b & 15]);
	}
	if (text.err != 0 && e->out->err == 0)
		e->out->err = text.err;
	e->ops->string(e, text.len == 0 ? "" : (const char *)text.base,
	    text.len);
	buf_free(&text);
}

void
emit_key_string(struct emit *e, const char *key, const char *s)
{
	emit_key(e, key);
	emit_string(e, s);
}

void
emit_key_number(struct emit *e, const char *key, uint64_t n)
{
	emit_key(e, key);
	emit_number(e, n);
}

void
emit_key_boolean(struct emit *e, const char *key, bool b)
{
	emit_key(e, key);
	emit_boolean(e, b);
}

void
emit_key_object(struct emit *e, const char *key)
{
	emit_key(e, key);
	emit_begin_object(e);
}

void
emit_key_array(struct emit *e, const char *key)
{
	emit_key(e, key);
	emit_begin_array(e);
}
