/* SPDX-License-Identifier: ISC */
/*
 * Structured output, described once and written as JSON, MessagePack or
 * text. Whoever describes a value calls these; which form comes out is the
 * back end's affair (emit_json.c, emit_msgpack.c, emit_text.c). Output goes
 * to the struct wr given at init; its err is the only error.
 */
#ifndef COMMON_EMIT_H
#define COMMON_EMIT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct wr;
struct emit;

struct emit_ops {
	void	(*begin)(struct emit *, bool is_object);
	void	(*end)(struct emit *, bool is_object);
	void	(*key)(struct emit *, const char *);
	void	(*string)(struct emit *, const char *, size_t len);
	void	(*number)(struct emit *, uint64_t magnitude, bool is_negative);
	void	(*real)(struct emit *, double, unsigned decimals);
	void	(*boolean)(struct emit *, bool);
	void	(*null)(struct emit *);
};

#define EMIT_DEPTH_MAX	32	/* nesting of objects and arrays */

struct emit {
	const struct emit_ops	*ops;
	struct wr		*out;		/* borrowed */
	unsigned		 depth;
	bool			 is_pretty;	/* JSON: tabs and newlines */
	bool			 has_key;	/* a key waits for its value */
	uint32_t		 n_items[EMIT_DEPTH_MAX];
	size_t			 count_mark[EMIT_DEPTH_MAX];
};

/* Start writing to out, which is borrowed until the last call. */
void	emit_json_init(struct emit *, struct wr *out, bool is_pretty);
void	emit_msgpack_init(struct emit *, struct wr *out);
/* msgpack-c's, as it is found at run time. */
const char *emit_msgpack_version(void);
void	emit_text_init(struct emit *, struct wr *out);
/* A value that is MessagePack already, checked by the caller, to an emitter
 * of MessagePack. */
void	emit_msgpack_packed(struct emit *, const void *bytes, size_t len);

/*
 * Containers. Calls must balance; key comes before each value in an object.
 * Strings are UTF-8 or bytes from outside: the JSON back end escapes control
 * characters and replaces what is not UTF-8.
 */
static inline void
emit_begin_object(struct emit *e)
{
	e->ops->begin(e, true);
}

static inline void
emit_end_object(struct emit *e)
{
	e->ops->end(e, true);
}

static inline void
emit_begin_array(struct emit *e)
{
	e->ops->begin(e, false);
}

static inline void
emit_end_array(struct emit *e)
{
	e->ops->end(e, false);
}

static inline void
emit_key(struct emit *e, const char *key)
{
	e->ops->key(e, key);
}

static inline void
emit_string_len(struct emit *e, const char *s, size_t len)
{
	e->ops->string(e, s, len);
}

static inline void
emit_number(struct emit *e, uint64_t n)
{
	e->ops->number(e, n, false);
}

static inline void
emit_boolean(struct emit *e, bool b)
{
	e->ops->boolean(e, b);
}

static inline void
emit_null(struct emit *e)
{
	e->ops->null(e);
}

static inline void
emit_real(struct emit *e, double v, unsigned decimals)
{
	e->ops->real(e, v, decimals);
}

void	emit_string(struct emit *, const char *);
void	emit_signed(struct emit *, int64_t);
/* printf to a string value. */
void	emit_format(struct emit *, const char *fmt, ...)
	    __attribute__((format(printf, 2, 3)));
/* Bytes as upper-case hexadecimal digits, with an optional prefix ("0x"). */
void	emit_hex(struct emit *, const char *prefix, const void *, size_t len);

/* key and value in one call. */
void	emit_key_string(struct emit *, const char *key, const char *);
void	emit_key_number(struct emit *, const char *key, uint64_t);
void	emit_key_boolean(struct emit *, const char *key, bool);
void	emit_key_object(struct emit *, const char *key);
void	emit_key_array(struct emit *, const char *key);

#endif
