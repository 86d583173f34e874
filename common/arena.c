/* SPDX-License-Identifier: ISC */
/* Memory that is freed all at once. */
#include "common/arena.h"

#include <err.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define ARENA_ALIGN	8

struct arena_chunk {
	struct arena_chunk	*next;
	size_t			 cap;
	size_t			 used;
	uint64_t		 bytes[];	/* aligned for anything */
};

struct arena {
	struct arena_chunk	*chunks;	/* newest first */
	size_t			 chunk_bytes;
	size_t			 total;
};

struct arena *
arena_new(size_t chunk_bytes)
{
	struct arena *a = calloc(1, sizeof(*a));

	if (a == NULL)
		err(1, "arena");
	a->chunk_bytes = chunk_bytes;
	return a;
}

void
arena_free(struct arena *a)
{
	struct arena_chunk *c, *next;

	if (a == NULL)
		return;
	for (c = a->chunks; c != NULL; c = next) {
		next = c->next;
		free(c);
	}
	free(a);
}

void
arena_reset(struct arena *a)
{
	struct arena_chunk *c, *next, *kept = NULL;

	for (c = a->chunks; c != NULL; c = next) {
		next = c->next;
		if (next == NULL && c->cap <= a->chunk_bytes) {
			kept = c;
		} else {
			a->total -= c->cap;
			free(c);
		}
	}
	if (kept != NULL) {
		memset(kept->bytes, 0, kept->used);
		kept->used = 0;
		kept->next = NULL;
	}
	a->chunks = kept;
}

static struct arena_chunk *
arena_add_chunk(struct arena *a, size_t need)
{
	size_t cap = need > a->chunk_bytes ? need : a->chunk_bytes;
	struct arena_chunk *c = calloc(1, sizeof(*c) + cap);

	if (c == NULL)
		err(1, "arena");
	c->cap = cap;
	c->next = a->chunks;
	a->chunks = c;
	a->total += cap;
	return c;
}

void *
arena_alloc(struct arena *a, size_t size)
{
	struct arena_chunk *c = a->chunks;
	void *p;

	if (size > SIZE_MAX / 2)
		errx(1, "arena: allocation of %zu bytes", size);
	size = (size + ARENA_ALIGN - 1) & ~(size_t)(ARENA_ALIGN - 1);
	if (c == NULL || c->cap - c->used < size)
		c = arena_add_chunk(a, size);
	p = (uint8_t *)c->bytes + c->used;
	c->used += size;
	return p;
}

void *
arena_copy(struct arena *a, const void *data, size_t len_bytes)
{
	if (len_bytes == 0)
		return NULL;
	return memcpy(arena_alloc(a, len_bytes), data, len_bytes);
}

char *
arena_strndup(struct arena *a, const char *s, size_t len)
{
	char *p = arena_alloc(a, len + 1);

	memcpy(p, s, len);
	return p;
}

char *
arena_strdup(struct arena *a, const char *s)
{
	return arena_strndup(a, s, strlen(s));
}

char *
arena_format(struct arena *a, const char *fmt, ...)
{
	va_list ap;
	char *p;
	int n;

	va_start(ap, fmt);
	n = vsnprintf(NULL, 0, fmt, ap);
	va_end(ap);
	if (n < 0)
		return arena_strdup(a, "");
	p = arena_alloc(a, (size_t)n + 1);
	va_start(ap, fmt);
	vsnprintf(p, (size_t)n + 1, fmt, ap);
	va_end(ap);
	return p;
}

void *
arena_append(struct arena *a, void *items, size_t *n, size_t size)
{
	uint8_t *old, *grown;

	/* items is the address of a pointer to the element type. */
	memcpy(&old, items, sizeof(old));
	if ((*n & (*n - 1)) == 0) {
		size_t cap = *n == 0 ? 1 : *n * 2;

		grown = arena_alloc(a, cap * size);
		if (*n != 0)
			memcpy(grown, old, *n * size);
		memcpy(items, &grown, sizeof(grown));
		old = grown;
	}
	return memset(old + size * (*n)++, 0, size);
}

size_t
arena_bytes(const struct arena *a)
{
	return a->total;
}
