/* SPDX-License-Identifier: ISC */
/* Long lists of the configuration model, packed. */
#include "common/config_pack.h"

#include "common/addr.h"
#include "common/arena.h"
#include "common/config_table.h"

#include <stdint.h>
#include <string.h>

#define PACK_HAS_SCOPE	0x80

bool
config_pack_is_for(const struct conf_table *t)
{
	size_t i;

	for (i = 0; i < t->n_fields; i++) {
		const struct conf_field *f = &t->fields[i];

		if (f->readers != 0 || (f->kind != FIELD_NUMBER &&
		    f->kind != FIELD_SIGNED && f->kind != FIELD_ADDR &&
		    f->kind != FIELD_PREFIX))
			return false;
	}
	return true;
}

static void
pack_addr(const uint8_t *at, struct wr *w)
{
	struct addr a;
	unsigned len;

	memcpy(&a, at, sizeof(a));
	len = addr_len(a.family);
	buf_put_u8(w, (uint8_t)(len | (a.scope_id != 0 ? PACK_HAS_SCOPE : 0)));
	buf_put_bytes(w, a.bytes, len);
	if (a.scope_id != 0)
		buf_put_u32(w, a.scope_id);
}

static void
pack_struct(const struct conf_table *t, const uint8_t *item, struct wr *w)
{
	size_t i;

	for (i = 0; i < t->n_fields; i++) {
		const struct conf_field *f = &t->fields[i];
		const uint8_t *at = item + f->offset;

		if (f->kind == FIELD_ADDR) {
			pack_addr(at, w);
		} else if (f->kind == FIELD_PREFIX) {
			pack_addr(at + offsetof(struct prefix, addr), w);
			buf_put_u8(w, at[offsetof(struct prefix, len_bits)]);
		} else {
			buf_put_bytes(w, at, (size_t)f->size * f->n);
		}
	}
}

void
config_pack(const struct conf_table *t, const void *items, size_t n,
    struct wr *w)
{
	const uint8_t *item = items;
	size_t i;

	buf_put_u32(w, (uint32_t)n);
	for (i = 0; i < n; i++)
		pack_struct(t, item + i * t->size, w);
}

static bool
unpack_addr(struct rd *r, uint8_t *at)
{
	uint8_t head = buf_get_u8(r), len = head & (PACK_HAS_SCOPE - 1);
	const uint8_t *bytes = buf_get_bytes(r, len);
	struct addr a = { 0 };

	if (len != 0 && (bytes == NULL ||
	    addr_from_bytes(bytes, len, &a) != 0))
		return false;
	if (head & PACK_HAS_SCOPE)
		a.scope_id = buf_get_u32(r);
	memcpy(at, &a, sizeof(a));
	return true;
}

static bool
unpack_prefix(struct rd *r, uint8_t *at)
{
	uint8_t *len_bits = at + offsetof(struct prefix, len_bits);

	if (!unpack_addr(r, at + offsetof(struct prefix, addr)))
		return false;
	*len_bits = buf_get_u8(r);
	return *len_bits <= addr_bits(at[offsetof(struct prefix,
	    addr.family)]);
}

static bool
unpack_struct(const struct conf_table *t, struct rd *r, uint8_t *item)
{
	const uint8_t *numbers;
	bool is_good;
	size_t i, size;

	for (i = 0; i < t->n_fields; i++) {
		const struct conf_field *f = &t->fields[i];
		uint8_t *at = item + f->offset;

		if (f->kind == FIELD_ADDR) {
			is_good = unpack_addr(r, at);
		} else if (f->kind == FIELD_PREFIX) {
			is_good = unpack_prefix(r, at);
		} else {
			size = (size_t)f->size * f->n;
			numbers = buf_get_bytes(r, size);
			is_good = numbers != NULL;
			if (is_good)
				memcpy(at, numbers, size);
		}
		if (!is_good || r->is_short)
			return false;
	}
	return true;
}

void *
config_unpack(const struct conf_table *t, struct rd r, struct arena *arena,
    size_t *n, const char **why)
{
	size_t i, count = buf_get_u32(&r);
	uint8_t *items;

	*n = 0;
	/* None is shorter than a byte: no count makes us take much memory. */
	if (r.is_short || count > buf_left(&r)) {
		*why = "a packed list is cut";
		return NULL;
	}
	if (count == 0)
		return NULL;
	items = arena_alloc(arena, count * t->size);
	for (i = 0; i < count; i++) {
		if (!unpack_struct(t, &r, items + i * t->size)) {
			*why = "a packed list is wrong";
			return NULL;
		}
	}
	*n = count;
	return items;
}
