/* SPDX-License-Identifier: ISC */
/*
 * The configuration model as MessagePack: walks over the field tables. A
 * struct is an array of its fields' values in table order, long lists of
 * plain structs are packed (config_pack.h); both ends are always the same
 * build.
 */
#include "common/config.h"

#include "common/arena.h"
#include "common/config_pack.h"
#include "common/config_table.h"
#include "common/emit.h"
#include "common/buf.h"
#include "common/err.h"
#include "common/value.h"

#include <stdlib.h>
#include <string.h>

#define CONFIG_COPY_MAX	(1u << 30)	/* bytes of a model */

struct config_reader {
	struct arena	*arena;
	const char	*why;	/* first fault, or NULL */
};

uint64_t
config_load_number(const uint8_t *at, unsigned size)
{
	uint8_t v8;
	uint16_t v16;
	uint32_t v32;
	uint64_t v64;

	switch (size) {
	case 1:
		memcpy(&v8, at, 1);
		return v8;
	case 2:
		memcpy(&v16, at, 2);
		return v16;
	case 4:
		memcpy(&v32, at, 4);
		return v32;
	default:
		memcpy(&v64, at, 8);
		return v64;
	}
}

static int64_t
config_load_signed(const uint8_t *at, unsigned size)
{
	int32_t v32;
	int64_t v64;

	if (size == 4) {
		memcpy(&v32, at, 4);
		return v32;
	}
	memcpy(&v64, at, 8);
	return v64;
}

/* False when v does not fit the member. */
static bool
config_store_number(uint8_t *at, unsigned size, uint64_t v)
{
	uint8_t v8 = (uint8_t)v;
	uint16_t v16 = (uint16_t)v;
	uint32_t v32 = (uint32_t)v;

	if (size < 8 && v >> (8 * size) != 0)
		return false;
	switch (size) {
	case 1:
		memcpy(at, &v8, 1);
		break;
	case 2:
		memcpy(at, &v16, 2);
		break;
	case 4:
		memcpy(at, &v32, 4);
		break;
	default:
		memcpy(at, &v, 8);
	}
	return true;
}

const uint8_t *
config_list(const uint8_t *at, const struct conf_field *f, size_t *n)
{
	const uint8_t *items;

	memcpy(&items, at + f->offset, sizeof(items));
	memcpy(n, at + f->n_offset, sizeof(*n));
	return items;
}

static void
config_set_list(uint8_t *at, const struct conf_field *f, void *items, size_t n)
{
	memcpy(at + f->offset, &items, sizeof(items));
	memcpy(at + f->n_offset, &n, sizeof(n));
}

const char *
config_text(const uint8_t *at)
{
	const char *s;

	memcpy(&s, at, sizeof(s));
	return s;
}

static void	config_emit_struct(const struct conf_table *, const void *,
		    unsigned, struct emit *);

static bool
config_is_for(const struct conf_field *f, unsigned readers)
{
	return f->readers == 0 || (f->readers & readers) != 0;
}

static void
config_emit_addr(const uint8_t *at, struct emit *e)
{
	struct addr a;

	memcpy(&a, at, sizeof(a));
	emit_begin_array(e);
	emit_string_len(e, (const char *)a.bytes, addr_len(a.family));
	emit_number(e, a.scope_id);
	emit_end_array(e);
}

static void
config_emit_text(const char *s, struct emit *e)
{
	if (s == NULL)
		emit_null(e);
	else
		emit_string(e, s);
}

static void
config_emit_packed(const struct conf_table *t, const uint8_t *items, size_t n,
    struct emit *e)
{
	struct wr w;

	buf_writer_growing(&w, UINT32_MAX);
	config_pack(t, items, n, &w);
	emit_string_len(e, (const char *)w.base, w.len);
	buf_free(&w);
}

static void
config_emit_list(const struct conf_field *f, const uint8_t *at, unsigned readers,
    struct emit *e)
{
	size_t i, n;
	const uint8_t *items = config_list(at, f, &n);

	if (!config_is_for(f, readers))
		n = 0;
	if (f->kind == FIELD_LIST && config_pack_is_for(f->table)) {
		config_emit_packed(f->table, items, n, e);
		return;
	}
	emit_begin_array(e);
	for (i = 0; i < n; i++) {
		if (f->kind == FIELD_TEXTS)
			config_emit_text(config_text(items +
			    i * sizeof(char *)), e);
		else if (f->kind == FIELD_NUMBERS)
			emit_number(e, config_load_number(items +
			    i * sizeof(uint32_t), sizeof(uint32_t)));
		else
			config_emit_struct(f->table,
			    items + i * f->table->size, readers, e);
	}
	emit_end_array(e);
}

static void
config_emit_field(const struct conf_field *f, const uint8_t *base,
    unsigned readers, struct emit *e)
{
	const uint8_t *at = base + f->offset;
	struct conf_blob blob;
	unsigned i;

	switch ((enum conf_field_kind)f->kind) {
	case FIELD_NUMBER:
		for (i = 0; i < f->n; i++)
			emit_number(e, config_load_number(at + i * f->size,
			    f->size));
		break;
	case FIELD_SIGNED:
		for (i = 0; i < f->n; i++)
			emit_signed(e, config_load_signed(at + i * f->size,
			    f->size));
		break;
	case FIELD_TEXT:
		config_emit_text(config_text(at), e);
		break;
	case FIELD_ADDR:
		config_emit_addr(at, e);
		break;
	case FIELD_PREFIX:
		config_emit_addr(at + offsetof(struct prefix, addr), e);
		emit_number(e, at[offsetof(struct prefix, len_bits)]);
		break;
	case FIELD_BLOB:
		memcpy(&blob, at, sizeof(blob));
		if (!config_is_for(f, readers))
			blob.len = 0;
		emit_string_len(e, (const char *)blob.bytes, blob.len);
		break;
	case FIELD_STRUCT:
		config_emit_struct(f->table, at, readers, e);
		break;
	case FIELD_LIST:
	case FIELD_TEXTS:
	case FIELD_NUMBERS:
		config_emit_list(f, base, readers, e);
		break;
	}
}

static void
config_emit_struct(const struct conf_table *t, const void *at, unsigned readers,
    struct emit *e)
{
	size_t i;

	emit_begin_array(e);
	for (i = 0; i < t->n_fields; i++)
		config_emit_field(&t->fields[i], at, readers, e);
	emit_end_array(e);
}

static void	config_read_struct(struct config_reader *,
		    const struct conf_table *, const struct value *, void *);

static void
config_fail(struct config_reader *c, const char *why)
{
	if (c->why == NULL)
		c->why = why;
}

/* Next value of a struct's array. Absent ones are a fault. */
static const struct value *
config_next(struct config_reader *c, const struct value *v, size_t *i)
{
	const struct value *item = value_at(v, (*i)++);

	if (item == NULL)
		config_fail(c, "a field is missing");
	return item;
}

static char *
config_read_text(struct config_reader *c, const struct value *v)
{
	if (v == NULL || v->kind == VALUE_NULL)
		return NULL;
	if (v->kind != VALUE_STRING || memchr(v->string, 0, v->len) != NULL) {
		config_fail(c, "a text was expected");
		return NULL;
	}
	return arena_strndup(c->arena, v->string, v->len);
}

static void
config_read_addr(struct config_reader *c, const struct value *v, uint8_t *at)
{
	const struct value *bytes = value_at(v, 0);
	struct addr a = { 0 };

	if (bytes == NULL || bytes->kind != VALUE_STRING ||
	    (bytes->len != 0 &&
	    addr_from_bytes(bytes->string, bytes->len, &a) != 0)) {
		config_fail(c, "an address was expected");
		return;
	}
	a.scope_id = (uint32_t)value_number(value_at(v, 1), 0);
	memcpy(at, &a, sizeof(a));
}

static void
config_read_blob(struct config_reader *c, const struct value *v, uint8_t *at)
{
	struct conf_blob blob = { 0 };

	if (v == NULL || v->kind != VALUE_STRING || v->len > UINT32_MAX) {
		config_fail(c, "bytes were expected");
		return;
	}
	blob.bytes = arena_copy(c->arena, v->string, v->len);
	blob.len = (uint32_t)v->len;
	memcpy(at, &blob, sizeof(blob));
}

size_t
config_item_size(const struct conf_field *f)
{
	return f->kind == FIELD_TEXTS ? sizeof(char *) :
	    f->kind == FIELD_NUMBERS ? sizeof(uint32_t) : f->table->size;
}

static void
config_read_packed(struct config_reader *c, const struct conf_field *f,
    const struct value *v, uint8_t *base)
{
	const char *why = NULL;
	void *items;
	size_t n;

	if (v == NULL || v->kind != VALUE_STRING) {
		config_fail(c, "a packed list was expected");
		return;
	}
	items = config_unpack(f->table, buf_reader(v->string, v->len),
	    c->arena, &n, &why);
	if (why != NULL)
		config_fail(c, why);
	else if (n != 0)
		config_set_list(base, f, items, n);
}

static void
config_read_list(struct config_reader *c, const struct conf_field *f,
    const struct value *v, uint8_t *base)
{
	size_t i, size = config_item_size(f);
	uint8_t *items;
	char *text;

	if (f->kind == FIELD_LIST && config_pack_is_for(f->table)) {
		config_read_packed(c, f, v, base);
		return;
	}
	if (v == NULL || v->kind != VALUE_ARRAY) {
		config_fail(c, "a list was expected");
		return;
	}
	if (v->len == 0)
		return;
	items = arena_alloc(c->arena, v->len * size);
	for (i = 0; i < v->len && c->why == NULL; i++) {
		if (f->kind == FIELD_TEXTS) {
			text = config_read_text(c, &v->items[i]);
			memcpy(items + i * size, &text, sizeof(text));
		} else if (f->kind == FIELD_NUMBERS) {
			if (!config_store_number(items + i * size, 4,
			    value_number(&v->items[i], UINT64_MAX)))
				config_fail(c, "a number was expected");
		} else {
			config_read_struct(c, f->table, &v->items[i],
			    items + i * size);
		}
	}
	config_set_list(base, f, items, v->len);
}

static void
config_read_number(struct config_reader *c, const struct conf_field *f,
    const struct value *v, uint8_t *at)
{
	int64_t n;

	if (v == NULL || v->kind != VALUE_NUMBER) {
		config_fail(c, "a number was expected");
		return;
	}
	if (f->kind == FIELD_NUMBER) {
		if (v->is_negative ||
		    !config_store_number(at, f->size, v->number))
			config_fail(c, "a number is out of range");
		return;
	}
	n = value_signed(v, 0);
	if (f->size == 4 && (n < INT32_MIN || n > INT32_MAX))
		config_fail(c, "a number is out of range");
	else
		config_store_number(at, f->size, f->size == 4 ?
		    (uint32_t)(int32_t)n : (uint64_t)n);
}

static void
config_read_field(struct config_reader *c, const struct conf_field *f,
    const struct value *v, size_t *i, uint8_t *base)
{
	uint8_t *at = base + f->offset;
	const struct value *len;
	char *text;
	unsigned k;

	switch ((enum conf_field_kind)f->kind) {
	case FIELD_NUMBER:
	case FIELD_SIGNED:
		for (k = 0; k < f->n; k++)
			config_read_number(c, f, config_next(c, v, i),
			    at + k * f->size);
		break;
	case FIELD_TEXT:
		text = config_read_text(c, config_next(c, v, i));
		memcpy(at, &text, sizeof(text));
		break;
	case FIELD_ADDR:
		config_read_addr(c, config_next(c, v, i), at);
		break;
	case FIELD_PREFIX:
		config_read_addr(c, config_next(c, v, i),
		    at + offsetof(struct prefix, addr));
		len = config_next(c, v, i);
		at[offsetof(struct prefix, len_bits)] =
		    (uint8_t)value_number(len, 0);
		if (value_number(len, 0) > addr_bits(
		    at[offsetof(struct prefix, addr.family)]))
			config_fail(c, "a prefix is too long");
		break;
	case FIELD_BLOB:
		config_read_blob(c, config_next(c, v, i), at);
		break;
	case FIELD_STRUCT:
		config_read_struct(c, f->table, config_next(c, v, i), at);
		break;
	case FIELD_LIST:
	case FIELD_TEXTS:
	case FIELD_NUMBERS:
		config_read_list(c, f, config_next(c, v, i), base);
		break;
	}
}

static void
config_read_struct(struct config_reader *c, const struct conf_table *t,
    const struct value *v, void *out)
{
	size_t i = 0, k;

	for (k = 0; k < t->n_fields && c->why == NULL; k++)
		config_read_field(c, &t->fields[k], v, &i, out);
}

void
config_encode(const struct config *c, struct wr *w, unsigned readers)
{
	struct emit e;

	emit_msgpack_init(&e, w);
	config_emit_struct(&config_table, c, readers, &e);
}

void
config_peer_encode(const struct conf_peer *p, struct wr *w, unsigned readers)
{
	struct emit e;

	emit_msgpack_init(&e, w);
	config_emit_struct(&config_peer_table, p, readers, &e);
}

struct config *
config_decode(const void *bytes, size_t len, const char **why)
{
	struct config *c = config_new();
	struct arena *scratch = arena_new(64 * 1024);
	struct config_reader reader = { .arena = c->arena };
	const struct value *v = value_parse(scratch, bytes, len);

	if (v == NULL)
		config_fail(&reader, "not MessagePack");
	else
		config_read_struct(&reader, &config_table, v, c);
	arena_free(scratch);
	*why = reader.why;
	if (reader.why == NULL)
		return c;
	config_free(c);
	return NULL;
}

struct config *
config_copy(const struct config *c)
{
	struct config *copy;
	const char *why;
	struct wr w;

	buf_writer_growing(&w, CONFIG_COPY_MAX);
	config_encode(c, &w, CONFIG_FOR_ALL);
	copy = w.err != 0 ? NULL : config_decode(w.base, w.len, &why);
	/* Keys are in it. */
	if (w.len != 0)
		explicit_bzero(w.base, w.len);
	buf_free(&w);
	return copy;
}

int
config_peer_decode(struct arena *arena, const void *bytes, size_t len,
    struct conf_peer *out)
{
	struct arena *scratch = arena_new(4096);
	struct config_reader reader = { .arena = arena };
	const struct value *v = value_parse(scratch, bytes, len);

	memset(out, 0, sizeof(*out));
	if (v == NULL)
		config_fail(&reader, "not MessagePack");
	else
		config_read_struct(&reader, &config_peer_table, v, out);
	arena_free(scratch);
	if (reader.why == NULL)
		return 0;
	memset(out, 0, sizeof(*out));
	return ERR_SYNTAX;
}
