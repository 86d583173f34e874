/* SPDX-License-Identifier: ISC */
/*
 * Giving the sessions to a session engine that takes our place, connections
 * and all, and taking them. Inside session/ only.
 */
#ifndef SESSION_SESSION_HANDOVER_H
#define SESSION_SESSION_HANDOVER_H

struct imsg;
struct session;

/* The parent wants it: no more input, and what there was goes to the RDE. */
void	session_handover_begin(struct session *);
/* The RDE has said all: give everything and stop. */
void	session_handover_give(struct session *);
/* A record that our predecessor gave, kept until there is a model. */
void	session_handover_keep(struct session *, struct imsg *);
/* There is a model: make the peers that the records tell of. */
void	session_handover_restore(struct session *);
void	session_handover_fini(struct session *);

#endif
