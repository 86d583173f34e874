/* SPDX-License-Identifier: ISC */
/*
 * Monotonic time as a type of its own, so that a point in time and a number
 * of seconds cannot be mixed up. Microseconds since an arbitrary start.
 */
#ifndef COMMON_MONO_H
#define COMMON_MONO_H

#include <stdbool.h>
#include <stdint.h>

struct mono {
	int64_t usec;
};

#define MONO_USEC_PER_SEC	INT64_C(1000000)

static inline struct mono
mono_add_usec(struct mono m, int64_t usec)
{
	return (struct mono){ .usec = m.usec + usec };
}

static inline struct mono
mono_add_sec(struct mono m, int64_t sec)
{
	return mono_add_usec(m, sec * MONO_USEC_PER_SEC);
}

/* later - earlier, in microseconds. */
static inline int64_t
mono_diff_usec(struct mono later, struct mono earlier)
{
	return later.usec - earlier.usec;
}

/* Whole seconds from earlier to later, 0 if earlier is unset or ahead. */
static inline int64_t
mono_diff_sec(struct mono later, struct mono earlier)
{
	if (later.usec <= earlier.usec)
		return 0;
	return (later.usec - earlier.usec) / MONO_USEC_PER_SEC;
}

static inline bool
mono_is_set(struct mono m)
{
	return m.usec != 0;
}

#endif
