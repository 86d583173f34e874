/* SPDX-License-Identifier: ISC */
/*
 * Events as ExaBGP's programs read them: the frame of each JSON (or
 * MessagePack) event, and the lines of the text form. What happened is given
 * decoded; nothing is looked up here.
 */
#ifndef COMMON_WIRE_EVENT_H
#define COMMON_WIRE_EVENT_H

#include "common/addr.h"
#include "common/buf.h"
#include "common/nlri/nlri.h"
#include "common/wire/open.h"
#include "common/wire/update.h"

#include <stdbool.h>
#include <stdint.h>

struct emit;

/* What all events of a neighbor share. Strings are borrowed. */
struct event_session {
	const char	*version;	/* "6.0.0", "4.0.1" */
	const char	*host;
	uint32_t	 pid, ppid;
	struct addr	 local, peer;
	uint32_t	 local_as, peer_as;
	uint32_t	 router_id;	/* host order; 0: not shown */
	enum nlri_json	 shape;		/* of the API's version */
};

struct event {
	const struct event_session *session;
	uint64_t	 time_usec;	/* since 1970 */
	uint64_t	 counter;	/* of the neighbor; from 1 */
	const char	*direction;	/* "receive", "send"; NULL: none */
	/* The message as it was, for consolidated and packet events. */
	struct rd	 header, body;
	bool		 is_raw_shown;	/* add header and body */
};

/*
 * Each writes one whole event, as one object. The frame is on the left of
 * what the function's name says.
 */
void	event_state(const struct event *, const char *state,
	    const char *reason, struct emit *);	/* reason may be NULL */
void	event_fsm(const struct event *, const char *state, struct emit *);
void	event_signal(const struct event *, unsigned code, const char *name,
	    struct emit *);
void	event_negotiated(const struct event *,
	    const struct open_negotiated *, struct emit *);
void	event_notification(const struct event *, struct rd body,
	    struct emit *);
void	event_keepalive(const struct event *, struct emit *);
void	event_open(const struct event *, const struct open *, struct rd body,
	    struct emit *);
/* negotiated may be NULL: the program did not ask for it. */
void	event_update(const struct event *, const struct update *,
	    const struct update_context *, const struct open_negotiated *,
	    struct emit *);
void	event_refresh(const struct event *, struct rd body, struct emit *);
void	event_operational(const struct event *, struct rd body,
	    struct emit *);
/* A message undecoded; its header and body are the event's. */
void	event_packet(const struct event *, uint8_t type,
	    const struct open_negotiated *, struct emit *);
/* The daemon ends: no neighbor, no counter. */
void	event_shutdown(const struct event *, struct emit *);

/* The members of a negotiated object, into one that is open. */
void	event_emit_negotiated(const struct open_negotiated *, struct emit *);

/*
 * The same as lines of text, newline-terminated. State changes but up,
 * connected and down, and negotiated, fsm and signal have none.
 */
void	event_text_state(const struct event *, const char *state,
	    const char *reason, struct wr *);
void	event_text_notification(const struct event *, struct rd body,
	    struct wr *);
void	event_text_keepalive(const struct event *, struct wr *);
void	event_text_open(const struct event *, const struct open *,
	    struct rd body, struct wr *);
void	event_text_update(const struct event *, const struct update *,
	    const struct update_context *, struct wr *);
void	event_text_refresh(const struct event *, struct rd body, struct wr *);
void	event_text_operational(const struct event *, struct rd body,
	    struct wr *);
void	event_text_packet(const struct event *, uint8_t type, struct wr *);
void	event_text_shutdown(const struct event *, struct wr *);

#endif
