/* SPDX-License-Identifier: ISC */
/*
 * An engine with the other three processes played by the test: channels over
 * socketpairs, all on one loop. What the engine sends is collected.
 */
#ifndef REGRESS_RDE_WORLD_H
#define REGRESS_RDE_WORLD_H

#include "common/buf.h"
#include "common/chan.h"
#include "common/config.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct env;
struct rde;

#define WORLD_OUTPUTS_MAX	4096

/* One BGP message, and the peers that get it. */
struct world_output {
	uint32_t	peers[8];
	size_t		n_peers;
	uint8_t		*bytes;
	size_t		len;
};

struct world {
	struct env	*env;
	struct rde	*rde;
	struct chan	*parent, *sess, *api;
	struct world_output outputs[WORLD_OUTPUTS_MAX];
	size_t		 n_outputs, n_taken;
	struct wr	 answers;	/* payloads of answers to the broker */
	uint32_t	 n_done;	/* IMSG_ROUTE_DONE */
	uint32_t	 n_ends;	/* IMSG_RIB_END and the like */
	uint32_t	 n_syncs;
	struct wr	 states;	/* IMSG_STATE: id 4, length 4, bytes */
	bool		 is_stopped;
	uint8_t		 reset[2];	/* last IMSG_SESSION_RESET */
	uint32_t	 n_resets;
	bool		 is_late;
	/* restart facts of sessions that come up */
	uint32_t	 gr_family_mask, gr_forwarding_mask;
	uint32_t	 llgr_sec;	/* of IPv4 unicast; 0: no capability */
	uint16_t	 gr_time_sec;
};

void	world_start(struct world *);
void	world_stop(struct world *);
void	world_config(struct world *, const struct config *);
/*
 * A session of a peer: families by mask, addresses 127.0.0.1 and .id; the
 * other side agrees to what the peer's families are configured with.
 */
void	world_up(struct world *, const struct conf_peer *,
	    uint32_t family_mask);
void	world_down(struct world *, uint32_t peer);
/* kind: enum imsg_down */
void	world_down_as(struct world *, uint32_t peer, uint8_t kind);
/* Another session engine takes the place of the one that is there. */
void	world_replace_session(struct world *);
/* Let it give its state, and give that to another one. */
void	world_hand_over(struct world *);
void	world_take_over(struct world *, const struct world *from);
void	world_send_hex(struct world *, uint32_t peer, const char *hex);
/* Let the loop run until done says so; a test fails after seconds. */
void	world_run(struct world *, bool (*done)(struct world *, uint32_t),
	    uint32_t arg);
/* Run until n more outputs than were taken have come. */
void	world_run_outputs(struct world *, uint32_t n);
/* Run until everything said so far has been worked on. */
void	world_settle(struct world *);
/* The next output must go to peer and be this hex (after the marker). */
void	world_expect(struct world *, uint32_t peer, const char *hex);
void	world_expect_none(struct world *);
/* The last output for peer must be this hex; it may be no new one. */
void	world_expect_for(struct world *, uint32_t peer, const char *hex);
/*
 * A unicast route for an audience: prefix text, next hop text; the path
 * identifier stands above the flags (<< 16).
 */
void	world_route(struct world *, uint32_t audience, unsigned flags,
	    const char *prefix, const char *nexthop, const char *attrs_hex);
void	world_audience(struct world *, uint32_t id, uint32_t peer1,
	    uint32_t peer2);
size_t	world_unhex(const char *hex, uint8_t *out, size_t max);

#endif
