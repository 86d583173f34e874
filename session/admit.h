/* SPDX-License-Identifier: ISC */
/*
 * What strangers may cost: connections that are refused with a word, lines
 * in the log, and sessions of ranges that never open. Counted in windows of
 * time, as a whole and for each source.
 */
#ifndef SESSION_ADMIT_H
#define SESSION_ADMIT_H

#include "common/addr.h"
#include "common/mono.h"

#include <stdbool.h>
#include <stdint.h>

#define ADMIT_SOURCES		64	/* remembered; the oldest is dropped */
#define ADMIT_WINDOW_SEC	10
/* A refused connection lives 5 seconds at the most, to read our word. */
#define ADMIT_REFUSALS		64	/* of all, in a window */
#define ADMIT_SOURCE_REFUSALS	16	/* of one source, in a window */
#define ADMIT_CLONES		64	/* of ranges, not established */

struct admit_source {
	struct addr	addr;
	struct mono	since;		/* of its window; unset: free */
	uint32_t	n;		/* refused in it */
};

struct admit {
	struct admit_source sources[ADMIT_SOURCES];
	struct mono	since;
	uint32_t	n;
	uint64_t	n_silent;	/* closed without a word, ever */
};

/*
 * A connection from there is about to be refused: whether it may be told so
 * (and the log, too), or is to be closed at once.
 */
bool	admit_refusal(struct admit *, const struct addr *, struct mono now);

#endif
