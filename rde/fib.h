/* SPDX-License-Identifier: ISC */
/*
 * The best unicast routes of Loc-RIB, and of RIBs beside it that have a table
 * of the kernel's own, for the kernel. The parent is told only while it
 * follows the kernel (IMSG_KROUTE_STATE), in batches of which few are under
 * way at a time.
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

/* What the parent was told of a RIB. */
struct fib {
	unsigned	 rib;		/* 0: Loc-RIB */
	bool		 is_on;
	uint32_t	 table;		/* the kernel's, of the model */
	struct fib_entry *entries;
	uint32_t	 n_entries, cap_entries, free;
	struct map	 map;
	uint32_t	*queue;		/* ring of entries */
	uint32_t	 head, n_queue, cap_queue;
	/* a pass over everything, at the beginning */
	bool		 is_passing;
	unsigned	 family;
	uint32_t	 id;
};

void	fib_init(struct fib *, unsigned rib);
void	fib_fini(struct fib *);
/* IMSG_KROUTE_STATE: whether the parent follows the kernel. */
void	fib_follow(struct rde *, bool is_followed);
/* Which RIBs fill which tables, by the model in force; those that begin to
 * are told whole. */
void	fib_configure(struct rde *);
/* IMSG_KROUTE_RESEND: what was told of a table (0: of all) may be lost, it is
 * told again. */
void	fib_resend(struct rde *, uint32_t table);
/* IMSG_KROUTE_DONE */
void	fib_done(struct rde *, const struct imsg *);
/* A record was decided. */
void	fib_changed(struct rde *, struct table *, uint32_t id);
/* Step of the work task. */
bool	fib_run(struct rde *, struct budget *);

#endif
