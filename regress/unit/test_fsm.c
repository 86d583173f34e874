/* SPDX-License-Identifier: ISC */
/*
 * Every pair of state and event against RFC 4271 8.2.2, written out here
 * anew: a row is a state, a list of events, the next state, and what is
 * done, in letters. RFC 6608 says what illegal messages are answered with,
 * RFC 9687 what the send hold timer does.
 *
 *   c  connect                    x  close the connection
 *   o  send OPEN                  k  send KEEPALIVE
 *   r  start ConnectRetryTimer    s  stop it
 *   H  hold timer, large          h  hold timer, negotiated
 *   t  keepalive timer            g  NOTIFICATION that was given
 *   4  NOTIFICATION 4/0           5  NOTIFICATION 5/x
 *   6  NOTIFICATION 6/7           8  NOTIFICATION 8/0
 *   u  session is up              d  session is down
 *   m  message goes on            e  this run is over
 */
#include "session/fsm.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

#define E(x)	(1u << EVENT_##x)
#define STARTS	(E(START) | E(START_PASSIVE))
#define TIMERS	(E(HOLD_TIMER) | E(KEEPALIVE_TIMER) | E(SEND_HOLD_TIMER))
#define MESSAGES (E(OPEN) | E(NOTIFICATION) | E(KEEPALIVE) | E(UPDATE) | \
		    E(REFRESH))

struct fsm_row {
	enum bgp_state	state;
	unsigned	events;
	enum bgp_state	next;
	const char	*done;
};

static const struct fsm_row rows[] = {
	/* Idle refuses connections, and heeds only the starts. */
	{ STATE_IDLE, E(START), STATE_CONNECT, "cr" },
	{ STATE_IDLE, E(START_PASSIVE), STATE_ACTIVE, "" },
	{ STATE_IDLE, E(TCP_OPEN), STATE_IDLE, "x" },
	{ STATE_IDLE, E(STOP) | E(RETRY_TIMER) | TIMERS | E(TCP_FAIL) |
	    E(COLLISION) | E(ERROR) | MESSAGES, STATE_IDLE, "" },

	/* Connect: starts are ignored; anything unforeseen leads to Idle. */
	{ STATE_CONNECT, STARTS, STATE_CONNECT, "" },
	{ STATE_CONNECT, E(STOP), STATE_IDLE, "sxe" },
	{ STATE_CONNECT, E(RETRY_TIMER), STATE_CONNECT, "xcr" },
	{ STATE_CONNECT, E(TCP_OPEN), STATE_OPENSENT, "soH" },
	{ STATE_CONNECT, E(TCP_FAIL) | E(COLLISION), STATE_ACTIVE, "xr" },
	{ STATE_CONNECT, TIMERS | E(ERROR) | MESSAGES, STATE_IDLE, "xe" },

	/* Active: the same, but that no connection is under way. */
	{ STATE_ACTIVE, STARTS | E(COLLISION), STATE_ACTIVE, "" },
	{ STATE_ACTIVE, E(STOP), STATE_IDLE, "sxe" },
	{ STATE_ACTIVE, E(RETRY_TIMER), STATE_CONNECT, "cr" },
	{ STATE_ACTIVE, E(TCP_OPEN), STATE_OPENSENT, "soH" },
	{ STATE_ACTIVE, E(TCP_FAIL), STATE_ACTIVE, "xr" },
	{ STATE_ACTIVE, TIMERS | E(ERROR) | MESSAGES, STATE_IDLE, "xe" },

	/* OpenSent waits for an OPEN; other messages are 5/1. */
	{ STATE_OPENSENT, STARTS, STATE_OPENSENT, "" },
	{ STATE_OPENSENT, E(STOP) | E(ERROR), STATE_IDLE, "gxe" },
	{ STATE_OPENSENT, E(HOLD_TIMER), STATE_IDLE, "4xe" },
	{ STATE_OPENSENT, E(SEND_HOLD_TIMER), STATE_IDLE, "8xe" },
	{ STATE_OPENSENT, E(TCP_FAIL), STATE_ACTIVE, "xr" },
	{ STATE_OPENSENT, E(OPEN), STATE_OPENCONFIRM, "hkt" },
	{ STATE_OPENSENT, E(COLLISION), STATE_IDLE, "6xe" },
	{ STATE_OPENSENT, E(NOTIFICATION), STATE_IDLE, "xe" },
	{ STATE_OPENSENT, E(RETRY_TIMER) | E(KEEPALIVE_TIMER) | E(TCP_OPEN) |
	    E(KEEPALIVE) | E(UPDATE) | E(REFRESH), STATE_IDLE, "5xe" },

	/* OpenConfirm waits for a KEEPALIVE; others are 5/2. */
	{ STATE_OPENCONFIRM, STARTS, STATE_OPENCONFIRM, "" },
	{ STATE_OPENCONFIRM, E(STOP) | E(ERROR), STATE_IDLE, "gxe" },
	{ STATE_OPENCONFIRM, E(HOLD_TIMER), STATE_IDLE, "4xe" },
	{ STATE_OPENCONFIRM, E(SEND_HOLD_TIMER), STATE_IDLE, "8xe" },
	{ STATE_OPENCONFIRM, E(KEEPALIVE_TIMER), STATE_OPENCONFIRM, "kt" },
	{ STATE_OPENCONFIRM, E(TCP_FAIL) | E(NOTIFICATION), STATE_IDLE,
	    "xe" },
	{ STATE_OPENCONFIRM, E(COLLISION), STATE_IDLE, "6xe" },
	{ STATE_OPENCONFIRM, E(KEEPALIVE), STATE_ESTABLISHED, "hu" },
	{ STATE_OPENCONFIRM, E(RETRY_TIMER) | E(TCP_OPEN) | E(OPEN) |
	    E(UPDATE) | E(REFRESH), STATE_IDLE, "5xe" },

	/* Established: what ends it tells the RDE so; OPEN is 5/3. */
	{ STATE_ESTABLISHED, STARTS, STATE_ESTABLISHED, "" },
	{ STATE_ESTABLISHED, E(STOP) | E(ERROR), STATE_IDLE, "gdxe" },
	{ STATE_ESTABLISHED, E(HOLD_TIMER), STATE_IDLE, "4dxe" },
	{ STATE_ESTABLISHED, E(SEND_HOLD_TIMER), STATE_IDLE, "8dxe" },
	{ STATE_ESTABLISHED, E(KEEPALIVE_TIMER), STATE_ESTABLISHED, "kt" },
	{ STATE_ESTABLISHED, E(TCP_FAIL) | E(NOTIFICATION), STATE_IDLE,
	    "dxe" },
	{ STATE_ESTABLISHED, E(COLLISION), STATE_IDLE, "6dxe" },
	{ STATE_ESTABLISHED, E(KEEPALIVE), STATE_ESTABLISHED, "h" },
	{ STATE_ESTABLISHED, E(UPDATE) | E(REFRESH), STATE_ESTABLISHED,
	    "hm" },
	{ STATE_ESTABLISHED, E(RETRY_TIMER) | E(TCP_OPEN) | E(OPEN),
	    STATE_IDLE, "5dxe" },
};

static const struct { char letter; uint32_t action; } letters[] = {
	{ 'c', DO_CONNECT }, { 'x', DO_CLOSE }, { 'o', DO_SEND_OPEN },
	{ 'k', DO_SEND_KEEPALIVE }, { 'r', DO_RETRY_START },
	{ 's', DO_RETRY_STOP }, { 'H', DO_HOLD_INITIAL },
	{ 'h', DO_HOLD_START }, { 't', DO_KEEPALIVE_START },
	{ 'g', DO_NOTIFY_GIVEN }, { '4', DO_NOTIFY_HOLD },
	{ '5', DO_NOTIFY_FSM }, { '6', DO_NOTIFY_COLLISION },
	{ '8', DO_NOTIFY_SEND_HOLD }, { 'u', DO_UP }, { 'd', DO_DOWN },
	{ 'm', DO_DELIVER }, { 'e', DO_RELEASE },
};

#define N(a)	(sizeof(a) / sizeof((a)[0]))

static uint32_t
actions_of(const char *done)
{
	uint32_t actions = 0;
	size_t i;

	for (; *done != '\0'; done++) {
		for (i = 0; letters[i].letter != *done; i++)
			cr_assert_lt(i + 1, N(letters));
		actions |= letters[i].action;
	}
	return actions;
}

/* The one row of a pair. */
static const struct fsm_row *
row_of(unsigned state, unsigned event)
{
	const struct fsm_row *found = NULL;
	size_t i;

	for (i = 0; i < N(rows); i++) {
		if (rows[i].state != state || !(rows[i].events >> event & 1))
			continue;
		cr_assert_null(found, "two rows for one pair");
		found = &rows[i];
	}
	cr_assert_not_null(found, "no row for %s, %s", fsm_state_name(state),
	    fsm_event_name(event));
	return found;
}

Test(fsm, every_state_and_event)
{
	unsigned state, event, n_good = 0, n = 0;
	const struct fsm_step *step;
	const struct fsm_row *row;

	for (state = 0; state < STATE_N; state++) {
		for (event = 0; event < EVENT_N; event++, n++) {
			row = row_of(state, event);
			step = fsm_next(state, event);
			cr_expect_eq(step->next, row->next, "%s, %s: to %s",
			    fsm_state_name(state), fsm_event_name(event),
			    fsm_state_name(step->next));
			cr_expect_eq(step->actions, actions_of(row->done),
			    "%s, %s: actions %#x", fsm_state_name(state),
			    fsm_event_name(event), step->actions);
			n_good += step->next == row->next &&
			    step->actions == actions_of(row->done);
		}
	}
	fprintf(stderr, "fsm: %u of %u pairs\n", n_good, n);
}

/* What leaves OpenSent and beyond closes; what was up is told. */
Test(fsm, leaving_closes_and_tells)
{
	unsigned state, event;
	const struct fsm_step *step;

	for (state = STATE_OPENSENT; state < STATE_N; state++) {
		for (event = 0; event < EVENT_N; event++) {
			step = fsm_next(state, event);
			if (step->next >= state)
				continue;
			cr_expect(step->actions & DO_CLOSE);
			cr_expect_eq(!!(step->actions & DO_DOWN),
			    state == STATE_ESTABLISHED);
		}
	}
}
