/* SPDX-License-Identifier: ISC */
/*
 * A tree of values read from MessagePack: what cold messages are decoded to.
 * The input may be hostile: depth, and number of elements against bytes, are
 * checked before anything is allocated.
 */
#ifndef COMMON_VALUE_H
#define COMMON_VALUE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct arena;
struct emit;

#define VALUE_DEPTH_MAX	16

enum value_kind {
	VALUE_NULL,
	VALUE_BOOLEAN,
	VALUE_NUMBER,		/* number, and is_negative */
	VALUE_REAL,
	VALUE_STRING,		/* text or bytes, terminated for convenience */
	VALUE_ARRAY,
	VALUE_OBJECT,		/* items are key, value, key, value ... */
};

struct value {
	enum value_kind	 kind;
	bool		 boolean;
	bool		 is_negative;
	uint64_t	 number;	/* magnitude */
	double		 real;
	const char	*string;
	size_t		 len;		/* of string, or count of items */
	struct value	*items;		/* array: len; object: 2 * len */
};

/*
 * Read one value that takes up all of bytes. NULL if it is malformed, too
 * deep or followed by anything. Lives in the arena.
 */
const struct value *value_parse(struct arena *, const void *bytes,
	    size_t len);
/*
 * The same for a value at the front of bytes: *used is its length. Returns
 * NULL with *used 0 if it is malformed, NULL with *used SIZE_MAX if more
 * bytes are needed.
 */
const struct value *value_parse_front(struct arena *, const void *bytes,
	    size_t len, size_t *used);

enum value_scan {
	VALUE_WHOLE,
	VALUE_NEEDS_MORE,	/* it goes on behind the bytes */
	VALUE_TOO_DEEP,		/* whole, but deeper than VALUE_DEPTH_MAX */
	VALUE_TOO_LARGE,	/* says so itself, in a length or count */
	VALUE_MALFORMED,	/* no format, or an extension */
};

/*
 * Measure the value at the front of a stream, without memory and whatever
 * its depth. *used is how many bytes to go on behind: its length, or if it
 * is too large or malformed, up to and with the head that is at fault.
 */
enum value_scan	 value_scan(const void *bytes, size_t len, size_t max_len,
	    size_t *used);

/* Member of an object; NULL if v is no object or has no such key. */
const struct value *value_get(const struct value *v, const char *key);
/* Element of an array; NULL out of range. */
const struct value *value_at(const struct value *v, size_t i);
/* Conversions with a fallback for absent or other kinds. */
uint64_t	 value_number(const struct value *, uint64_t fallback);
int64_t		 value_signed(const struct value *, int64_t fallback);
bool		 value_boolean(const struct value *, bool fallback);
const char	*value_string(const struct value *, const char *fallback);
/* value_get and convert. */
uint64_t	 value_get_number(const struct value *, const char *key,
		    uint64_t fallback);
const char	*value_get_string(const struct value *, const char *key,
		    const char *fallback);
bool		 value_get_boolean(const struct value *, const char *key,
		    bool fallback);
/* Write it again, whole. */
void		 value_emit(const struct value *, struct emit *);

#endif
