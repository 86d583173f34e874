/* SPDX-License-Identifier: ISC */
/*
 * A message that is too long for one turn: what is left of it is kept, and
 * its channel pauses until that is done, so that order is not disturbed.
 */
#ifndef RDE_JOB_H
#define RDE_JOB_H

#include "common/chan.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct job {
	bool		 is_active;
	enum imsg_type	 type;
	uint32_t	 id;
	uint8_t		*data;
	size_t		 len, pos, cap;
	uint32_t	 n_done;	/* the handler's count */
	uint32_t	 n_hit;		/* withdrawals that met a route */
	size_t		 n_peers;	/* done of the record at pos */
};

/* Keep a message (copied) and pause its channel. */
void	job_begin(struct job *, struct chan *, const struct imsg *);
/* It is done: let the channel go on. */
void	job_end(struct job *, struct chan *);
void	job_fini(struct job *);

#endif
