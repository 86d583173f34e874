/* SPDX-License-Identifier: ISC */
/* UPDATE messages from peers into Adj-RIB-In. */
#ifndef RDE_UPDATE_IN_H
#define RDE_UPDATE_IN_H

#include "common/buf.h"

struct rde;
struct rpeer;

/*
 * Take one whole UPDATE message (header included, length checked). What is
 * wrong with it follows RFC 7606; a fault that asks for NOTIFICATION resets
 * the peer.
 */
void	update_in(struct rde *, struct rpeer *, struct rd message);

#endif
