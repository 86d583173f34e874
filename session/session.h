/* SPDX-License-Identifier: ISC */
/*
 * The session engine: TCP connections to the peers, the state machine, OPEN
 * and capabilities, timers. It checks and frames messages; UPDATEs go to the
 * RDE as they are. RFC 4271, 4760, 5082, 5492, 6286, 6608, 7313, 8654, 9003,
 * 9072, 9687. It never opens files, never parses NLRI or attributes.
 */
#ifndef SESSION_SESSION_H
#define SESSION_SESSION_H

struct env;
struct session;

/*
 * An engine that speaks to the parent over parent_handle (owned from now
 * on) and gets everything else from it: configuration, listeners, channels.
 */
struct session	*session_new(struct env *, int parent_handle);
/* Drop all connections at once, without goodbye, and free. */
void		 session_free(struct session *);

#endif
