/* SPDX-License-Identifier: ISC */
/*
 * Long lists of the model in few bytes: structs of numbers, addresses and
 * prefixes only, such as the members of a prefix set, one after the other.
 * Numbers are as in memory, for both ends are the same build on the same
 * machine; an address is its length (0, 4 or 16; 128 more if a scope
 * follows), its bytes, its scope.
 */
#ifndef COMMON_CONFIG_PACK_H
#define COMMON_CONFIG_PACK_H

#include "common/buf.h"

#include <stdbool.h>
#include <stddef.h>

struct arena;
struct conf_table;

/* Whether lists of this table's struct can be packed. */
bool	 config_pack_is_for(const struct conf_table *);
/* Write n structs. */
void	 config_pack(const struct conf_table *, const void *items, size_t n,
	    struct wr *);
/*
 * Read all structs there are, *n of them, into the arena. NULL, with *n 0,
 * when there are none or the bytes are wrong; then *why says what is.
 */
void	*config_unpack(const struct conf_table *, struct rd, struct arena *,
	    size_t *n, const char **why);

#endif
