/* SPDX-License-Identifier: ISC */
/*
 * Changing a canonical attribute block: some attributes are replaced, added
 * or taken away, then the block is written anew in the order of codes.
 */
#ifndef RDE_ATTR_EDIT_H
#define RDE_ATTR_EDIT_H

#include "common/buf.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define ATTR_EDIT_MAX	16	/* attributes changed at once */

struct attr_edit_slot {
	uint8_t	code;
	uint8_t	flags;
	bool	is_deleted;
	size_t	offset, len;	/* of the value in values */
};

struct attr_edit {
	struct rd		 block;		/* borrowed */
	struct attr_edit_slot	 slots[ATTR_EDIT_MAX];
	unsigned		 n_slots;
	struct wr		 values;
	bool			 marks_partial;	/* on unknown transitive ones */
};

/* Begin with a block; free with attr_edit_fini. */
void	 attr_edit_init(struct attr_edit *, struct rd block);
void	 attr_edit_fini(struct attr_edit *);
/* The value as it is now; false when absent. Valid until the next change. */
bool	 attr_edit_get(const struct attr_edit *, uint8_t code,
	    struct rd *value);
/*
 * Write the new value of a known attribute: begin, write to the writer that
 * it returns, end.
 */
struct wr *attr_edit_begin(struct attr_edit *, uint8_t code);
void	 attr_edit_end(struct attr_edit *);
void	 attr_edit_u32(struct attr_edit *, uint8_t code, uint32_t value);
void	 attr_edit_delete(struct attr_edit *, uint8_t code);
/* Append the new block to out. */
void	 attr_edit_finish(const struct attr_edit *, struct wr *out);

#endif
