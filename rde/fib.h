/* SPDX-License-Identifier: ISC */
/*
 * Loc-RIB's best unicast routes for the kernel. The parent is told only
 * while it wants to be (IMSG_KROUTE_STATE), in batches of which few are
 * under way at a time.
 */
#ifndef RDE_FIB_H
#define RDE_FIB_H

#include "rde/map.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct budget;
struct imsg;
struct rde;
struct table;

/* A prefix that was told, or is to be. */
struct fib_entry {
	uint8_t		bytes[16];
	uint8_t		len_bits;
	uint8_t		is_ipv6;
	uint8_t		is_queued;
	uint32_t	told;		/* fingerprint; 0: nothing */
	uint32_t	next_free;
};

struct fib {
	bool		 is_on;
	struct fib_entry *entries;
	uint32_t	 n_entries, cap_entries, free;
	struct map	 map;
	uint32_t	*queue;		/* ring of entries */
	uint32_t	 head, n_queue, cap_queue;
	uint32_t	 n_waiting;	/* told, not yet carried out */
	/* a pass over everything, at the beginning */
	bool		 is_passing;
	unsigned	 family;
	uint32_t	 id;
};

void	fib_init(struct rde *);
void	fib_fini(struct rde *);
/* IMSG_KROUTE_STATE */
void	fib_enable(struct rde *, bool is_on);
/* IMSG_KROUTE_RESEND: what was told may be lost, all of it is told again. */
void	fib_resend(struct rde *);
/* IMSG_KROUTE_DONE */
void	fib_done(struct rde *, const struct imsg *);
/* A record was decided. */
void	fib_changed(struct rde *, struct table *, uint32_t id);
/* Step of the work task. */
bool	fib_run(struct rde *, struct budget *);

#endif
