/* SPDX-License-Identifier: ISC */
/*
 * Messages that a worker taken over by somebody might send: those of the
 * table, with contents that are right, nearly right or anything. For tests.
 */
#ifndef PARENT_HOSTILE_H
#define PARENT_HOSTILE_H

#include "common/chan.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define HOSTILE_MAX	(8 * 1024)	/* bytes of a message's data */

struct hostile {
	uint64_t	 state;		/* of the generator; the seed */
	uint32_t	 n_ids;		/* ids of peers and clients are 0..n */
	/* Rows that are not to be sent: what the role may well do. */
	bool		 (*is_spared)(enum imsg_type);
};

struct hostile_message {
	enum imsg_type	 type;
	uint32_t	 id;
	uint8_t		 data[HOSTILE_MAX];
	size_t		 len;
};

uint32_t hostile_random(struct hostile *);
/* The state of an established session of a neighbor, as it is restored. */
struct wr;
void	 hostile_put_session(struct wr *, uint32_t conf);
/* A message that the table lets one send to the other. False: there is none. */
bool	 hostile_message(struct hostile *, enum imsg_proc from,
	    enum imsg_proc to, struct hostile_message *out);
/* One whose type or length the table does not allow. */
void	 hostile_illegal(struct hostile *, enum imsg_proc from,
	    enum imsg_proc to, struct hostile_message *out);

/*
 * An engine that does nothing but this, in the place of a worker: n messages
 * on each channel that it is given, then silence.
 */
void	*hostile_start(struct env *, int parent_handle, enum imsg_proc role,
	    const char *seed);
void	 hostile_stop(void *engine);

#endif
