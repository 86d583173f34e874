/* SPDX-License-Identifier: ISC */
/*
 * The finite state machine of RFC 4271 8 as a table: state and event give
 * the next state and what is to be done. Pure; peer.c carries it out, for
 * each of a peer's two possible connections on its own.
 */
#ifndef SESSION_FSM_H
#define SESSION_FSM_H

#include "common/bgp.h"

#include <stdint.h>

enum fsm_event {
	EVENT_START,		/* 8.1.2 events 1, 3 */
	EVENT_START_PASSIVE,	/* 4, 5 */
	EVENT_STOP,		/* 2, 8: administrative, error is given */
	EVENT_RETRY_TIMER,	/* 9 */
	EVENT_HOLD_TIMER,	/* 10 */
	EVENT_KEEPALIVE_TIMER,	/* 11 */
	EVENT_SEND_HOLD_TIMER,	/* 29, RFC 9687 */
	EVENT_TCP_OPEN,		/* 16, 17 */
	EVENT_TCP_FAIL,		/* 18 */
	EVENT_OPEN,		/* 19: acceptable OPEN */
	EVENT_COLLISION,	/* 23: this connection is to go */
	EVENT_ERROR,		/* 21, 22, 28: error is given */
	EVENT_NOTIFICATION,	/* 24, 25 */
	EVENT_KEEPALIVE,	/* 26 */
	EVENT_UPDATE,		/* 27 */
	EVENT_REFRESH,		/* ROUTE-REFRESH, RFC 2918 */
	EVENT_N
};

enum fsm_action {
	DO_NOTHING = 0,
	DO_CONNECT = 1 << 0,		/* start a TCP connection */
	DO_CLOSE = 1 << 1,		/* close TCP; sent bytes still go out */
	DO_SEND_OPEN = 1 << 2,
	DO_SEND_KEEPALIVE = 1 << 3,
	DO_RETRY_START = 1 << 4,	/* connect-retry timer, backed off */
	DO_RETRY_STOP = 1 << 5,
	DO_HOLD_INITIAL = 1 << 6,	/* the large hold time of 8.2.2 */
	DO_HOLD_START = 1 << 7,		/* the negotiated hold time */
	DO_KEEPALIVE_START = 1 << 8,
	DO_NOTIFY_GIVEN = 1 << 9,	/* NOTIFICATION that came with the event */
	DO_NOTIFY_HOLD = 1 << 10,	/* 4/0 */
	DO_NOTIFY_FSM = 1 << 11,	/* 5/x by state, RFC 6608 */
	DO_NOTIFY_COLLISION = 1 << 12,	/* 6/7 */
	DO_NOTIFY_SEND_HOLD = 1 << 13,	/* 8/0 */
	DO_NOTIFY_ANY = DO_NOTIFY_GIVEN | DO_NOTIFY_HOLD | DO_NOTIFY_FSM |
	    DO_NOTIFY_COLLISION | DO_NOTIFY_SEND_HOLD,
	DO_UP = 1 << 14,		/* the session is established */
	DO_DOWN = 1 << 15,		/* it was, and is no more */
	DO_DELIVER = 1 << 16,		/* hand the message on */
	DO_RELEASE = 1 << 17,		/* this connection's run is over */
};

struct fsm_step {
	uint8_t		next;		/* enum bgp_state */
	uint32_t	actions;	/* enum fsm_action bits */
};

/* The row of a pair. Every pair has one; illegal ones end the session. */
const struct fsm_step *fsm_next(enum bgp_state, enum fsm_event);
/* "Established", as OpenBGPD prints it; "ESTABLISHED" as ExaBGP does. */
const char *fsm_state_name(enum bgp_state);
const char *fsm_event_name(enum fsm_event);
/* The number that RFC 4271 8.1 has for it; 0: none. */
uint8_t fsm_event_number(enum fsm_event);

#endif
