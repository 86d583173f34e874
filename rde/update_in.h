/* SPDX-License-Identifier: ISC */
/* UPDATE messages from peers into Adj-RIB-In. */
#ifndef RDE_UPDATE_IN_H
#define RDE_UPDATE_IN_H

#include "common/buf.h"

struct nlri_family;
struct rde;
struct rpeer;

/*
 * Take one whole UPDATE message (header included, length checked). What is
 * wrong with it follows RFC 7606; a fault that asks for NOTIFICATION resets
 * the peer.
 */
void	update_in(struct rde *, struct rpeer *, struct rd message);
/* The peer has sent all it has of a family: what it did not repeat goes. */
void	update_in_end(struct rde *, struct rpeer *,
	    const struct nlri_family *);
/* It begins to send all of a family again (RFC 7313). */
void	update_in_begin(struct rde *, struct rpeer *,
	    const struct nlri_family *);

#endif
