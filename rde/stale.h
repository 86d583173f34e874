/* SPDX-License-Identifier: ISC */
/*
 * Paths that a peer told in an earlier session, or before it began to tell a
 * family again: how long they still count. RFC 4724 4.2 (as helper), RFC
 * 7313 4.1, RFC 9494.
 *
 * A path carries the number of its generation; a peer has a current one for
 * each family, and the number of older ones that are kept.
 */
#ifndef RDE_STALE_H
#define RDE_STALE_H

#include "common/buf.h"
#include "common/imsg.h"
#include "common/mono.h"
#include "common/nlri/nlri.h"

#include <stdbool.h>
#include <stdint.h>

struct nlri_family;
struct path;
struct rde;
struct rpeer;
struct table;

/* Whether the peer still stands by a path of this generation. */
bool	stale_is_kept(const struct rpeer *, unsigned family,
	    uint8_t generation);
/* The path is to be used only where there is no other (RFC 9494). */
bool	stale_is_long_lived(const struct rpeer *, unsigned family,
	    const struct path *);
/* The session ended; its session facts still stand in the peer. */
void	stale_session_down(struct rde *, struct rpeer *, enum imsg_down);
/* A new one is there; its facts do. */
void	stale_session_up(struct rde *, struct rpeer *);
/* The restart time is over: what can is kept as a last resort. */
void	stale_long_lived(struct rde *, struct rpeer *);
/*
 * The session engine is another one, which knows of no session before it:
 * one that was up is lost, and the restart times of those that are down,
 * which the engine before it counted, are counted here.
 */
void	stale_new_session_engine(struct rde *);
/* The peer begins to tell a family again, and has ended. */
void	stale_begin(struct rde *, struct rpeer *, const struct nlri_family *);
void	stale_end(struct rde *, struct rpeer *, const struct nlri_family *);

/*
 * Routes of a peer that is down go from RDE to RDE (stale_handover.c), with
 * what is known of its session and when they end: afterwards it is as if its
 * session had been lost under this engine.
 */
struct stale_times {
	uint32_t	keep_mask, long_mask;
	struct mono	restart_until;
	struct mono	keep_until[NLRI_N_FAMILIES];
};

void	stale_take(struct rde *, struct rpeer *, const struct stale_times *);
/* What it is given from now on is as old as that, or new again. */
void	stale_taking(struct rpeer *, bool is_begin);
/* Records of a peer's stale routes, each led by enum stale_record. */
enum stale_record { STALE_PEER = 16, STALE_ROUTES };
void	stale_give(struct rde *, struct rpeer *);
void	stale_restore(struct rde *, struct rpeer *, enum stale_record,
	    struct rd);

void	stale_init(struct rde *);
void	stale_fini(struct rde *);

#endif
