/* SPDX-License-Identifier: ISC */
/*
 * A stream of MessagePack commands as a program writes it: measured, made
 * into values and lines. The scanner must move on, agree with the parser
 * about what is whole, and name no more bytes than there are.
 */
#include "api/engine.h"
#include "common/arena.h"
#include "common/value.h"

#include <stdlib.h>

#define MAX_LEN	4096

int	LLVMFuzzerTestOneInput(const uint8_t *, size_t);

static void
make_line(struct arena *arena, const uint8_t *bytes, size_t len)
{
	const struct value *v = value_parse(arena, bytes, len), *routes;
	const char *why;
	struct wr line;
	size_t i;

	if (v == NULL)
		abort();	/* it was whole and not too deep */
	buf_writer_growing(&line, 1 << 16);
	why = pack_line(v, &line, &routes);
	if (why == NULL && line.err != 0)
		abort();
	/* A line break inside would be a second command. */
	for (i = 0; why == NULL && i < line.len; i++)
		if (line.base[i] == '\n')
			abort();
	buf_free(&line);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	struct arena *arena = arena_new(16 * 1024);
	enum value_scan scan;
	size_t used, pos;

	for (pos = 0; pos < len; pos += used) {
		scan = value_scan(data + pos, len - pos, MAX_LEN, &used);
		if (scan == VALUE_NEEDS_MORE)
			break;
		if (used == 0 || used > len - pos)
			abort();
		if (scan == VALUE_TOO_DEEP &&
		    value_parse(arena, data + pos, used) != NULL)
			abort();
		if (scan == VALUE_WHOLE)
			make_line(arena, data + pos, used);
		arena_reset(arena);
	}
	arena_free(arena);
	return 0;
}
