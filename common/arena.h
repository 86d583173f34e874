/* SPDX-License-Identifier: ISC */
/*
 * Memory that is freed all at once: what lives as long as a message or a
 * configuration. Allocations are zeroed, 8-byte aligned and never freed
 * singly. Out of memory ends the process (a worker cannot go on without).
 */
#ifndef COMMON_ARENA_H
#define COMMON_ARENA_H

#include <stddef.h>

struct arena;

/* A new, empty arena that takes memory in chunks of about chunk_bytes. */
struct arena	*arena_new(size_t chunk_bytes);
/* Free it and all that it holds; NULL is accepted. */
void		 arena_free(struct arena *);
/* Forget all allocations but keep one chunk for reuse. */
void		 arena_reset(struct arena *);
/* Zeroed memory of size bytes. Never NULL. */
void		*arena_alloc(struct arena *, size_t size);
/* A copy of len_bytes bytes; NULL for a length of 0. */
void		*arena_copy(struct arena *, const void *data, size_t len_bytes);
/* A copy of a string, or of its first len characters, terminated. */
char		*arena_strdup(struct arena *, const char *);
char		*arena_strndup(struct arena *, const char *, size_t len);
/* printf into the arena. */
char		*arena_format(struct arena *, const char *fmt, ...)
		    __attribute__((format(printf, 2, 3)));
/*
 * Make room for one more element in an array that grows by doubling:
 * *items (elements of size bytes) has *n used of a power-of-two capacity.
 * Returns the new, zeroed element and counts it.
 */
void		*arena_append(struct arena *, void *items, size_t *n,
		    size_t size);
/* Bytes taken from the system. */
size_t		 arena_bytes(const struct arena *);

#endif
