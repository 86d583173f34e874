/* SPDX-License-Identifier: ISC */
/* Edits kept in slots by code, merged with the old block at the end. */
#include "rde/attr_edit.h"

#include "common/attr/attr.h"
#include "common/bgp.h"

#include <assert.h>
#include <string.h>

#define VALUES_MAX	(512 * 1024)

void
attr_edit_init(struct attr_edit *e, struct rd block)
{
	memset(e, 0, sizeof(*e));
	e->block = block;
	buf_writer_growing(&e->values, VALUES_MAX);
}

void
attr_edit_fini(struct attr_edit *e)
{
	buf_free(&e->values);
}

static const struct attr_edit_slot *
edit_find(const struct attr_edit *e, uint8_t code)
{
	unsigned i;

	for (i = 0; i < e->n_slots; i++) {
		if (e->slots[i].code == code)
			return &e->slots[i];
	}
	return NULL;
}

/* The slot of a code, kept in the order of codes. */
static struct attr_edit_slot *
edit_slot(struct attr_edit *e, uint8_t code)
{
	unsigned i = 0;

	while (i < e->n_slots && e->slots[i].code < code)
		i++;
	if (i < e->n_slots && e->slots[i].code == code)
		return &e->slots[i];
	assert(e->n_slots < ATTR_EDIT_MAX);
	memmove(&e->slots[i + 1], &e->slots[i],
	    (e->n_slots - i) * sizeof(e->slots[0]));
	e->n_slots++;
	memset(&e->slots[i], 0, sizeof(e->slots[i]));
	e->slots[i].code = code;
	return &e->slots[i];
}

bool
attr_edit_get(const struct attr_edit *e, uint8_t code, struct rd *value)
{
	const struct attr_edit_slot *s = edit_find(e, code);
	struct attr a;

	if (s == NULL) {
		if (!attr_get(e->block, code, &a))
			return false;
		*value = a.value;
		return true;
	}
	if (s->is_deleted)
		return false;
	*value = buf_reader(e->values.base + s->offset, s->len);
	return true;
}

struct wr *
attr_edit_begin(struct attr_edit *e, uint8_t code)
{
	struct attr_edit_slot *s = edit_slot(e, code);

	/* Not yet in force: an old value may be read while writing. */
	s->flags = attr_find(code)->flags;
	s->offset = e->values.len;
	s->len = SIZE_MAX;
	s->is_deleted = false;
	return &e->values;
}

void
attr_edit_end(struct attr_edit *e)
{
	unsigned i;

	for (i = 0; i < e->n_slots; i++) {
		if (e->slots[i].len == SIZE_MAX)
			e->slots[i].len = e->values.len - e->slots[i].offset;
	}
}

void
attr_edit_u32(struct attr_edit *e, uint8_t code, uint32_t value)
{
	buf_put_u32(attr_edit_begin(e, code), value);
	attr_edit_end(e);
}

void
attr_edit_delete(struct attr_edit *e, uint8_t code)
{
	edit_slot(e, code)->is_deleted = true;
}

static void
edit_put(const struct attr_edit *e, const struct attr_edit_slot *s,
    struct wr *out)
{
	if (!s->is_deleted)
		attr_put(out, s->flags, s->code, e->values.base + s->offset,
		    s->len);
}

/* RFC 4271 5: who passes on what he does not know says so. */
static uint8_t
edit_flags(const struct attr_edit *e, const struct attr *a)
{
	if (e->marks_partial && attr_find(a->code) == NULL &&
	    (a->flags & ATTR_FLAG_OPTIONAL) &&
	    (a->flags & ATTR_FLAG_TRANSITIVE))
		return a->flags | ATTR_FLAG_PARTIAL;
	return a->flags;
}

void
attr_edit_finish(const struct attr_edit *e, struct wr *out)
{
	struct rd block = e->block;
	struct attr a;
	unsigned next = 0;

	while (buf_left(&block) > 0 && attr_next(&block, &a) == 0) {
		for (; next < e->n_slots && e->slots[next].code < a.code;
		    next++)
			edit_put(e, &e->slots[next], out);
		if (next < e->n_slots && e->slots[next].code == a.code)
			edit_put(e, &e->slots[next++], out);
		else
			attr_put(out, edit_flags(e, &a), a.code, a.value.pos,
			    buf_left(&a.value));
	}
	for (; next < e->n_slots; next++)
		edit_put(e, &e->slots[next], out);
}
