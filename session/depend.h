/* SPDX-License-Identifier: ISC */
/*
 * `depend on IFNAME`: such a peer's session is only while the interface is
 * up, which the parent tells. Inside session/ only.
 */
#ifndef SESSION_DEPEND_H
#define SESSION_DEPEND_H

#include <stdbool.h>

struct imsg;
struct peer;
struct session;

/* IMSG_IFACE_STATE */
void	depend_message(struct session *, struct imsg *);
/* Whether the peer's session may be. */
bool	depend_is_met(const struct peer *);
/* Start and stop peers by what is up now; after a new model, too. */
void	depend_check(struct session *);
void	depend_fini(struct session *);

#endif
