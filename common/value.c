/* SPDX-License-Identifier: ISC */
/*
 * Values read from MessagePack. The bytes are walked once before msgpack-c
 * sees them: that bounds its depth, and its allocations by the length of the
 * input (an element takes at least a byte).
 */
#include "common/value.h"

#include "common/arena.h"
#include "common/buf.h"
#include "common/emit.h"

#include <err.h>
#include <msgpack.h>

#include <string.h>

/* Length of a length field, or of a fixed value, by the format's byte. */
struct value_format {
	uint8_t	first, last;	/* format bytes */
	uint8_t	n_fixed;	/* bytes of a fixed-size value */
	uint8_t	n_length;	/* bytes of a length field that follows */
	uint8_t	n_items;	/* what the length counts: 0 bytes, 1, 2 */
};

static const struct value_format value_formats[] = {
	{ 0x00, 0x7f, 0, 0, 0 },	/* positive fixint */
	{ 0xc0, 0xc0, 0, 0, 0 },	/* nil */
	{ 0xc2, 0xc3, 0, 0, 0 },	/* booleans */
	{ 0xc4, 0xc4, 0, 1, 0 },	/* bin 8, 16, 32 */
	{ 0xc5, 0xc5, 0, 2, 0 },
	{ 0xc6, 0xc6, 0, 4, 0 },
	{ 0xca, 0xca, 4, 0, 0 },	/* floats */
	{ 0xcb, 0xcb, 8, 0, 0 },
	{ 0xcc, 0xcc, 1, 0, 0 },	/* unsigned */
	{ 0xcd, 0xcd, 2, 0, 0 },
	{ 0xce, 0xce, 4, 0, 0 },
	{ 0xcf, 0xcf, 8, 0, 0 },
	{ 0xd0, 0xd0, 1, 0, 0 },	/* signed */
	{ 0xd1, 0xd1, 2, 0, 0 },
	{ 0xd2, 0xd2, 4, 0, 0 },
	{ 0xd3, 0xd3, 8, 0, 0 },
	{ 0xd9, 0xd9, 0, 1, 0 },	/* str 8, 16, 32 */
	{ 0xda, 0xda, 0, 2, 0 },
	{ 0xdb, 0xdb, 0, 4, 0 },
	{ 0xdc, 0xdc, 0, 2, 1 },	/* array 16, 32 */
	{ 0xdd, 0xdd, 0, 4, 1 },
	{ 0xde, 0xde, 0, 2, 2 },	/* map 16, 32 */
	{ 0xdf, 0xdf, 0, 4, 2 },
	{ 0xe0, 0xff, 0, 0, 0 },	/* negative fixint */
};

static const struct value_format *
value_format(uint8_t byte)
{
	size_t i, n = sizeof(value_formats) / sizeof(value_formats[0]);

	for (i = 0; i < n; i++)
		if (byte >= value_formats[i].first &&
		    byte <= value_formats[i].last)
			return &value_formats[i];
	return NULL;	/* extension types are not ours */
}

static uint32_t
value_length(struct rd *r, unsigned n_bytes)
{
	return n_bytes == 1 ? buf_get_u8(r) :
	    n_bytes == 2 ? buf_get_u16(r) : buf_get_u32(r);
}

/* The head of a value: bytes and items that follow it. */
static bool
value_head(struct rd *r, uint64_t *n_bytes, uint64_t *n_items)
{
	const struct value_format *f;
	uint8_t byte = buf_get_u8(r);

	*n_items = *n_bytes = 0;
	if (r->is_short)
		return false;
	if (byte >= 0x80 && byte <= 0x8f) {
		*n_items = 2 * (byte & 0x0fu);
	} else if (byte >= 0x90 && byte <= 0x9f) {
		*n_items = byte & 0x0fu;
	} else if (byte >= 0xa0 && byte <= 0xbf) {
		*n_bytes = byte & 0x1fu;
	} else {
		f = value_format(byte);
		if (f == NULL)
			return false;
		*n_bytes = f->n_fixed;
		if (f->n_length != 0 && f->n_items == 0)
			*n_bytes = value_length(r, f->n_length);
		else if (f->n_length != 0)
			*n_items = (uint64_t)f->n_items *
			    value_length(r, f->n_length);
	}
	return true;
}

enum value_scan
value_scan(const void *bytes, size_t len, size_t max_len, size_t *used)
{
	struct rd r = buf_reader(bytes, len);
	uint64_t left[VALUE_DEPTH_MAX + 1] = { 1 }, n_bytes, n_items;
	uint64_t flat = 0;	/* items below the depth that we count */
	unsigned depth = 0;
	bool is_deep = false;

	for (;;) {
		*used = len - buf_left(&r);
		while (flat == 0 && depth > 0 && left[depth] == 0)
			depth--;
		if (flat == 0 && left[depth] == 0)
			return is_deep ? VALUE_TOO_DEEP : VALUE_WHOLE;
		if (flat > 0)
			flat--;
		else
			left[depth]--;
		if (!value_head(&r, &n_bytes, &n_items) && !r.is_short) {
			++*used;
			return VALUE_MALFORMED;
		}
		if (r.is_short)
			return VALUE_NEEDS_MORE;
		*used = len - buf_left(&r);
		if (n_bytes > max_len || n_items > max_len || *used > max_len)
			return VALUE_TOO_LARGE;
		buf_get_bytes(&r, n_bytes);
		if (r.is_short)
			return VALUE_NEEDS_MORE;
		if (n_items != 0 && (flat > 0 || depth == VALUE_DEPTH_MAX)) {
			is_deep = true;
			flat += n_items;
		} else if (n_items != 0) {
			left[++depth] = n_items;
		}
		if (flat > max_len)
			return VALUE_TOO_LARGE;
	}
}

/* Whether one sound value stands at the front of r; r moves behind it. */
static bool
value_walk(struct rd *r, unsigned depth)
{
	uint64_t n_items, n_bytes;

	if (depth > VALUE_DEPTH_MAX || !value_head(r, &n_bytes, &n_items))
		return false;
	buf_get_bytes(r, n_bytes);
	if (n_items > buf_left(r))
		r->is_short = true;
	for (; n_items > 0 && !r->is_short; n_items--)
		if (!value_walk(r, depth + 1))
			return false;
	return !r->is_short;
}

static void	value_convert(struct arena *, const msgpack_object *,
		    struct value *);

static void
value_convert_items(struct arena *a, const msgpack_object *o,
    struct value *v)
{
	size_t i;

	if (o->type == MSGPACK_OBJECT_ARRAY) {
		v->kind = VALUE_ARRAY;
		v->len = o->via.array.size;
		v->items = arena_alloc(a, v->len * sizeof(*v->items));
		for (i = 0; i < v->len; i++)
			value_convert(a, &o->via.array.ptr[i], &v->items[i]);
		return;
	}
	v->kind = VALUE_OBJECT;
	v->len = o->via.map.size;
	v->items = arena_alloc(a, 2 * v->len * sizeof(*v->items));
	for (i = 0; i < v->len; i++) {
		value_convert(a, &o->via.map.ptr[i].key, &v->items[2 * i]);
		value_convert(a, &o->via.map.ptr[i].val,
		    &v->items[2 * i + 1]);
	}
}

static void
value_convert_string(struct arena *a, const char *s, size_t len,
    struct value *v)
{
	v->kind = VALUE_STRING;
	v->len = len;
	v->string = arena_strndup(a, len == 0 ? "" : s, len);
}

static void
value_convert(struct arena *a, const msgpack_object *o, struct value *v)
{
	switch (o->type) {
	case MSGPACK_OBJECT_BOOLEAN:
		v->kind = VALUE_BOOLEAN;
		v->boolean = o->via.boolean;
		break;
	case MSGPACK_OBJECT_POSITIVE_INTEGER:
		v->kind = VALUE_NUMBER;
		v->number = o->via.u64;
		break;
	case MSGPACK_OBJECT_NEGATIVE_INTEGER:
		v->kind = VALUE_NUMBER;
		v->is_negative = true;
		v->number = 0 - (uint64_t)o->via.i64;
		break;
	case MSGPACK_OBJECT_FLOAT32:
	case MSGPACK_OBJECT_FLOAT64:
		v->kind = VALUE_REAL;
		v->real = o->via.f64;
		break;
	case MSGPACK_OBJECT_STR:
		value_convert_string(a, o->via.str.ptr, o->via.str.size, v);
		break;
	case MSGPACK_OBJECT_BIN:
		value_convert_string(a, o->via.bin.ptr, o->via.bin.size, v);
		break;
	case MSGPACK_OBJECT_ARRAY:
	case MSGPACK_OBJECT_MAP:
		value_convert_items(a, o, v);
		break;
	default:
		v->kind = VALUE_NULL;
	}
}

const struct value *
value_parse_front(struct arena *a, const void *bytes, size_t len, size_t *used)
{
	struct rd r = buf_reader(bytes, len);
	msgpack_unpacked unpacked;
	struct value *v = NULL;
	size_t offset = 0;
	int result;

	*used = 0;
	if (!value_walk(&r, 0)) {
		if (r.is_short)
			*used = SIZE_MAX;
		return NULL;
	}
	len -= buf_left(&r);
	msgpack_unpacked_init(&unpacked);
	result = msgpack_unpack_next(&unpacked, bytes, len, &offset);
	if (result == MSGPACK_UNPACK_NOMEM_ERROR)
		err(1, "value");
	if (result == MSGPACK_UNPACK_SUCCESS) {
		v = arena_alloc(a, sizeof(*v));
		value_convert(a, &unpacked.data, v);
		*used = len;
	}
	msgpack_unpacked_destroy(&unpacked);
	return v;
}

const struct value *
value_parse(struct arena *a, const void *bytes, size_t len)
{
	size_t used;
	const struct value *v = value_parse_front(a, bytes, len, &used);

	return v != NULL && used == len ? v : NULL;
}

const struct value *
value_get(const struct value *v, const char *key)
{
	size_t i;

	if (v == NULL || v->kind != VALUE_OBJECT)
		return NULL;
	for (i = 0; i < v->len; i++)
		if (v->items[2 * i].kind == VALUE_STRING &&
		    strcmp(v->items[2 * i].string, key) == 0)
			return &v->items[2 * i + 1];
	return NULL;
}

const struct value *
value_at(const struct value *v, size_t i)
{
	if (v == NULL || v->kind != VALUE_ARRAY || i >= v->len)
		return NULL;
	return &v->items[i];
}

uint64_t
value_number(const struct value *v, uint64_t fallback)
{
	if (v == NULL || v->kind != VALUE_NUMBER || v->is_negative)
		return fallback;
	return v->number;
}

int64_t
value_signed(const struct value *v, int64_t fallback)
{
	if (v == NULL || v->kind != VALUE_NUMBER)
		return fallback;
	if (v->is_negative)
		return (int64_t)(0 - v->number);
	return v->number > INT64_MAX ? fallback : (int64_t)v->number;
}

bool
value_boolean(const struct value *v, bool fallback)
{
	return v == NULL || v->kind != VALUE_BOOLEAN ? fallback : v->boolean;
}

const char *
value_string(const struct value *v, const char *fallback)
{
	return v == NULL || v->kind != VALUE_STRING ? fallback : v->string;
}

uint64_t
value_get_number(const struct value *v, const char *key, uint64_t fallback)
{
	return value_number(value_get(v, key), fallback);
}

const char *
value_get_string(const struct value *v, const char *key, const char *fallback)
{
	return value_string(value_get(v, key), fallback);
}

bool
value_get_boolean(const struct value *v, const char *key, bool fallback)
{
	return value_boolean(value_get(v, key), fallback);
}

static void
value_emit_items(const struct value *v, struct emit *e)
{
	size_t i;

	if (v->kind == VALUE_ARRAY) {
		emit_begin_array(e);
		for (i = 0; i < v->len; i++)
			value_emit(&v->items[i], e);
		emit_end_array(e);
		return;
	}
	emit_begin_object(e);
	for (i = 0; i < v->len; i++) {
		emit_key(e, value_string(&v->items[2 * i], "?"));
		value_emit(&v->items[2 * i + 1], e);
	}
	emit_end_object(e);
}

void
value_emit(const struct value *v, struct emit *e)
{
	switch (v->kind) {
	case VALUE_NULL:
		emit_null(e);
		break;
	case VALUE_BOOLEAN:
		emit_boolean(e, v->boolean);
		break;
	case VALUE_NUMBER:
		e->ops->number(e, v->number, v->is_negative);
		break;
	case VALUE_REAL:
		emit_real(e, v->real, 6);
		break;
	case VALUE_STRING:
		emit_string_len(e, v->string, v->len);
		break;
	case VALUE_ARRAY:
	case VALUE_OBJECT:
		value_emit_items(v, e);
		break;
	}
}
