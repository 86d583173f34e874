/* SPDX-License-Identifier: ISC */
/*
 * Replacing all workers, and with them the running binary, while sessions
 * and programs go on. Inside parent/ only.
 *
 * The workers come to rest one after another and give their state as records
 * that mean nothing to us, with connections and pipes as descriptors. The
 * parent then executes the installed binary in its own place, with what it
 * holds in a memory file, and new workers take the records. If the new
 * binary does not pass its check, nothing begins; if it cannot be executed,
 * new workers of the old one take the records.
 */
#ifndef PARENT_HANDOVER_H
#define PARENT_HANDOVER_H

#include "common/imsg.h"
#include "common/loop.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

struct imsg;
struct parent;
struct worker;

#define HANDOVER_VERSION	2	/* of the memory file and the records */
#define HANDOVER_CHECKED	"bgpd handover 1\n"	/* and of what a check says */

enum handover_phase {
	HANDOVER_NONE,
	HANDOVER_CHECK,		/* the new binary looks at the configuration */
	HANDOVER_REST,		/* workers come to rest and give */
};

struct handover_state {
	struct handover_state	*next;
	uint32_t		 id;
	int			 fd;		/* -1: none */
	size_t			 len;
	uint8_t			 bytes[];
};

struct handover {
	enum handover_phase	 phase;
	bool			 is_upgrade;	/* execute the binary anew */
	uint32_t		 client;	/* who asked, 0: a signal */
	pid_t			 check_pid;	/* 0: not running */
	int			 check_fd;	/* its standard output */
	struct loop_timer	 timer;
	struct handover_state	*states[PROC_N], **tails[PROC_N];
	bool			 is_given[PROC_N];	/* all of it */
	size_t			 n_bytes;
	/* Set while a new RDE fills its tables: not the time for another. */
	struct loop_timer	 settle;
	bool			 is_reload_due;	/* a new binary took over */
};

void	handover_init(struct parent *);
void	handover_fini(struct parent *);
/* Whether no worker is to be started or missed now. */
bool	handover_is_resting(const struct parent *);
/* Execute the binary anew; the reason why not, or NULL. */
const char *handover_upgrade(struct parent *, uint32_t client);
/* New workers from the same binary, once whoever asked has an answer. */
void	handover_renew_soon(struct parent *);
/* A child ended: true if it was the check. */
bool	handover_reap(struct parent *, pid_t, int status);
/* A worker's record; its fd is taken. */
void	handover_on_state(struct parent *, struct worker *, struct imsg *);
/* A worker gave all, or is gone. */
void	handover_progress(struct parent *);
/* Send a new worker what was given for it. */
void	handover_supply(struct parent *, struct worker *);
/* Tables are filled again: what the files say now may be applied. */
void	handover_settled(struct parent *);

/* Workers are about to be started: wait for what they were given to settle. */
void	handover_expect(struct parent *);

/* handover_file.c */
/* Whether we were executed to take over, or only to be checked. */
bool	handover_is_pending(void);
bool	handover_is_check(void);
/* What a check says when all is well. */
void	handover_say_checked(void);
/* Execute the binary with all that we hold. Returns only when it fails. */
void	handover_execute(struct parent *);
/*
 * Take what the binary before us held: the model in force, listeners,
 * programs, records. False if there is nothing, or nothing of use.
 */
bool	handover_load(struct parent *);

#endif
