/* SPDX-License-Identifier: ISC */
/*
 * Routes that are originated for one peer: by its configuration, by API
 * programs. The table says what the peer shall have; two queues say what it
 * has not been told yet. The last word on a destination wins: what is queued
 * and overtaken by a later word is not sent, but a withdrawal is sent even
 * for a destination that was never announced.
 */
#ifndef RDE_ORIG_H
#define RDE_ORIG_H

#include "common/buf.h"
#include "rde/heap.h"
#include "rde/map.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct attrsets;
struct nlri;
struct wr;

enum orig_flag {
	ORIG_CONF = 1,		/* said by the configuration */
	ORIG_API = 2,		/* said by a program */
	ORIG_HAS_PATH_ID = 4,
	ORIG_NO_NLRI = 8,	/* attributes alone, sent once */
	ORIG_SENT = 16,		/* the peer has it, or may have it */
	ORIG_ANNOUNCE = 32,	/* to be announced */
	ORIG_WITHDRAW = 64,	/* to be withdrawn, then forgotten */
	ORIG_IN_ANNOUNCES = 128, /* has a place in that queue */
	ORIG_IN_WITHDRAWS = 256,
	ORIG_IS_SEEN = 512,	/* met while a configuration is applied */
	ORIG_HELD = 1024,	/* waits for a flush */
	ORIG_LIMITED = 2048,	/* more paths than the peer takes */
};

struct orig_entry {
	uint32_t	attr;		/* referenced */
	uint32_t	path_id;
	uint32_t	prev, next;	/* in the order of insertion */
	uint16_t	nlri_len;
	uint16_t	key_len;	/* 0: the NLRI is the key */
	uint16_t	flags;		/* enum orig_flag */
	uint8_t		family;		/* enum nlri_id */
	uint8_t		spare;
	uint8_t		bytes[];	/* NLRI, then key */
};

/* A queue of entries in order; some may have lost their reason. */
struct orig_queue {
	uint32_t	*entries;
	size_t		 head, n, cap;
};

struct orig {
	struct attrsets	*attrsets;
	struct heap	 heap;
	struct map	 map;
	uint64_t	 seed;
	uint32_t	 first, last;
	uint32_t	 n_entries;
	size_t		 n_announces;	/* entries with ORIG_ANNOUNCE */
	size_t		 n_withdraws;
	struct orig_queue announces, withdraws;
	uint32_t	 cursor;	/* next to be told again, or none */
	uint32_t	 cursor_families; /* mask of what is told again */
	struct map	 told;		/* entries sent, of limited families */
	bool		 has_places;	/* a limited path may have room now */
	uint32_t	 walk;		/* where a query stands, or none */
	const void	*walker;	/* the query */
};

/* What is said of a destination. */
struct orig_route {
	const struct nlri *nlri;
	uint32_t	attr;		/* borrowed reference */
	uint16_t	flags;		/* CONF or API, NO_NLRI, HELD */
	struct rd	key;		/* by orig_prepare */
	uint32_t	hash;
};

void	 orig_init(struct orig *, struct attrsets *, uint64_t seed);
void	 orig_fini(struct orig *);
/*
 * Set the route's key and hash, which are the same for all tables of a seed;
 * the key lives in scratch (growing).
 */
void	 orig_prepare(struct orig_route *, uint64_t seed,
	    struct wr *scratch);
/* Bring the route's place in a table near the processor. */
void	 orig_prefetch(const struct orig *, const struct orig_route *);
/*
 * Announce a prepared route. Returns true when there is
 * something to send: an equal route that stands already is dropped.
 */
bool	 orig_announce(struct orig *, const struct orig_route *);
/*
 * Withdraw; attr is what the message carries along where the format wants
 * that. Always to be sent. Returns whether it stood as announced.
 */
bool	 orig_withdraw(struct orig *, const struct orig_route *);
/*
 * Whether a word on this destination waits that an announcement of the route
 * would replace without its being sent: a withdrawal, or other attributes.
 */
bool	 orig_would_replace(const struct orig *, const struct orig_route *);
/* Whether an announcement waits that a withdrawal would take back. */
bool	 orig_would_take_back(const struct orig *, const struct orig_route *);
/* Whether it stands, and the peer never had it. */
bool	 orig_is_unsent(const struct orig *, const struct orig_route *);
/* Withdraw an entry that stands; forgotten at once if the peer never had it. */
void	 orig_withdraw_entry(struct orig *, uint32_t entry, bool is_up);
/* The entry of a destination, or HEAP_NONE. */
uint32_t orig_find(const struct orig *, const struct nlri *,
	    struct wr *scratch);
/* Announce entries that were held for a flush. */
void	 orig_release(struct orig *);
/* The session ended: nothing is pending; keep entries or only unsent ones. */
void	 orig_session_down(struct orig *, bool is_kept);
/* A session begins: whatever stands in these families is to be told. */
void	 orig_session_up(struct orig *, uint32_t family_mask);
/* Tell the families in mask again, from the first entry on. */
void	 orig_restart(struct orig *, uint32_t family_mask);
/* Queue up to n entries of a restart; true when it is complete. */
bool	 orig_continue(struct orig *, unsigned n);
/*
 * Next entry in the queue of withdrawals or announcements, or HEAP_NONE. It
 * stays alive until orig_claim, which is true if it is still to be sent: the
 * caller sends it then and says orig_sent.
 */
uint32_t orig_next_withdraw(struct orig *);
uint32_t orig_next_announce(struct orig *);
bool	 orig_claim(struct orig *, uint32_t entry, bool is_withdraw);
void	 orig_sent(struct orig *, uint32_t entry);
/*
 * For a family of which the peer takes at most limit paths of a prefix
 * (PATHS-LIMIT): true if the entry, which was claimed, is one of these. If
 * not it waits until one of the others is withdrawn and orig_retry comes.
 */
bool	 orig_take_place(struct orig *, uint32_t entry, unsigned limit);
/* Announce what waits for a place, if one became free. */
void	 orig_retry(struct orig *);
/* It cannot be sent (family not negotiated, too long): no longer pending. */
void	 orig_skip(struct orig *, uint32_t entry);
/* Whether anything is queued or to be told again. */
bool	 orig_is_pending(const struct orig *);

static inline struct orig_entry *
orig_at(const struct orig *o, uint32_t entry)
{
	return heap_at(&o->heap, entry);
}

/* The NLRI of an entry; borrows from it. */
void	 orig_nlri(const struct orig *, uint32_t entry, struct nlri *out);

#endif
