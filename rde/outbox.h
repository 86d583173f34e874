/* SPDX-License-Identifier: ISC */
/*
 * BGP messages on their way to the session engine, gathered in batches for
 * the same list of peers.
 */
#ifndef RDE_OUTBOX_H
#define RDE_OUTBOX_H

#include "common/buf.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct chan;

struct outbox {
	struct chan	*chan;		/* borrowed; NULL: not there */
	struct wr	 w;		/* list of peers, then messages */
	uint32_t	*peers;		/* ids that the batch is for */
	size_t		 n_peers, cap_peers;
	size_t		 head_len;	/* of the list in w */
};

void	outbox_init(struct outbox *);
void	outbox_fini(struct outbox *);
/* What comes next is for these peers (at least one). */
void	outbox_to(struct outbox *, const uint32_t *peers, size_t n);
/*
 * Where to append whole messages, after outbox_to; borrowed until the next
 * call here. A batch that is long enough is sent first.
 */
struct wr *outbox_room(struct outbox *);
/* Send what is gathered. */
void	outbox_flush(struct outbox *);
/* The session engine does not keep up, or is not there: produce no more. */
bool	outbox_is_full(const struct outbox *);

#endif
