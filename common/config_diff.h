/* SPDX-License-Identifier: ISC */
/*
 * Two models as bgpd.conf's statements, and what is in only one of them.
 */
#ifndef COMMON_CONFIG_DIFF_H
#define COMMON_CONFIG_DIFF_H

struct config;

enum config_diff_op {
	DIFF_CONTEXT,		/* the head or end of a block with changes */
	DIFF_DELETE,		/* only in the old one */
	DIFF_ADD,		/* only in the new one */
};

/* line is borrowed, without newline, set in by tabs. */
typedef void config_diff_fn(enum config_diff_op, const char *line, void *arg);

/*
 * Tell the lines that differ, in the order of the file: a block of which a
 * part differs is told by its head, the lines that differ, and its end.
 * Order counts, but not in lists so long that it would take too long to
 * compare them. Keys are in neither text. 0, or ERR_NOMEM without memory.
 */
int	config_diff(const struct config *old, const struct config *new,
	    config_diff_fn *, void *arg);

#endif
