/* SPDX-License-Identifier: ISC */
/*
 * Structured output as MessagePack. How many items a container has is known
 * only at its end, so containers are written in their 32-bit form and the
 * count is patched. Strings are str; the bytes in them are the caller's.
 */
#include "common/emit.h"

#include "common/buf.h"
#include "common/err.h"

#include <msgpack.h>
#include <string.h>

#define FORMAT_ARRAY32	0xdd
#define FORMAT_MAP32	0xdf

static int
write_to_buf(void *arg, const char *data, size_t len)
{
	struct wr *out = arg;

	buf_put_bytes(out, data, len);
	return out->err == 0 ? 0 : -1;
}

static msgpack_packer
packer(struct emit *e)
{
	msgpack_packer pk;

	msgpack_packer_init(&pk, e->out, write_to_buf);
	return pk;
}

/* Count the value that begins here, unless its key was counted. */
static void
count(struct emit *e)
{
	if (e->has_key)
		e->has_key = false;
	else if (e->depth > 0)
		e->n_items[e->depth - 1]++;
}

static void
mp_begin(struct emit *e, bool is_object)
{
	count(e);
	buf_put_u8(e->out, is_object ? FORMAT_MAP32 : FORMAT_ARRAY32);
	if (e->depth == EMIT_DEPTH_MAX) {
		if (e->out->err == 0)
			e->out->err = ERR_FULL;
		return;
	}
	e->count_mark[e->depth] = e->out->len;
	e->n_items[e->depth++] = 0;
	buf_put_u32(e->out, 0);
}

static void
mp_end(struct emit *e, bool is_object)
{
	uint32_t n;

	(void)is_object;
	if (e->depth == 0)
		return;
	e->depth--;
	n = e->n_items[e->depth];
	buf_set_u16(e->out, e->count_mark[e->depth], n >> 16);
	buf_set_u16(e->out, e->count_mark[e->depth] + 2, n & 0xffff);
}

static void
mp_string(struct emit *e, const char *s, size_t len)
{
	msgpack_packer pk = packer(e);

	count(e);
	msgpack_pack_str(&pk, len);
	if (len != 0)
		msgpack_pack_str_body(&pk, s, len);
}

static void
mp_key(struct emit *e, const char *key)
{
	mp_string(e, key, strlen(key));
	e->has_key = true;
}

static void
mp_number(struct emit *e, uint64_t magnitude, bool is_negative)
{
	msgpack_packer pk = packer(e);

	count(e);
	if (is_negative)
		msgpack_pack_int64(&pk, (int64_t)(0 - magnitude));
	else
		msgpack_pack_uint64(&pk, magnitude);
}

static void
mp_real(struct emit *e, double v, unsigned decimals)
{
	msgpack_packer pk = packer(e);

	(void)decimals;
	count(e);
	msgpack_pack_double(&pk, v);
}

static void
mp_boolean(struct emit *e, bool b)
{
	msgpack_packer pk = packer(e);

	count(e);
	if (b)
		msgpack_pack_true(&pk);
	else
		msgpack_pack_false(&pk);
}

static void
mp_null(struct emit *e)
{
	msgpack_packer pk = packer(e);

	count(e);
	msgpack_pack_nil(&pk);
}

void
emit_msgpack_packed(struct emit *e, const void *bytes, size_t len)
{
	count(e);
	buf_put_bytes(e->out, bytes, len);
}

static const struct emit_ops mp_ops = {
	.begin = mp_begin,
	.end = mp_end,
	.key = mp_key,
	.string = mp_string,
	.number = mp_number,
	.real = mp_real,
	.boolean = mp_boolean,
	.null = mp_null,
};

void
emit_msgpack_init(struct emit *e, struct wr *out)
{
	*e = (struct emit){ .ops = &mp_ops, .out = out };
}

const char *
emit_msgpack_version(void)
{
	return msgpack_version();
}
