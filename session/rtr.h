/* SPDX-License-Identifier: ISC */
/* RPKI caches (RFC 8210) of the session engine; inside session/ only. */
#ifndef SESSION_RTR_H
#define SESSION_RTR_H

struct config;
struct imsg;
struct session;

void	rtr_init(struct session *);
void	rtr_fini(struct session *);
/*
 * A new model: caches that are in it with the same parameters go on, others
 * begin or end. Called before the old model is freed.
 */
void	rtr_configure(struct session *, const struct config *);
/* No more connections. */
void	rtr_stop(struct session *);
/* A new RDE, or room in its channel: tell it, or go on telling. */
void	rtr_new_rde(struct session *);
void	rtr_drained(struct session *);
/* IMSG_RTR_STATUS_REQUEST */
void	rtr_status(struct session *, struct imsg *);

#endif
