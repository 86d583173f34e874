/* SPDX-License-Identifier: ISC */
/*
 * OPERATIONAL messages (draft-ietf-idr-operational-message): type 2, length
 * 2, then AFI 2, SAFI 1 and an advisory text, or router id 4, sequence 4 and
 * a counter 4.
 */
#ifndef COMMON_WIRE_OPERATIONAL_H
#define COMMON_WIRE_OPERATIONAL_H

#include "common/buf.h"

#include <stdbool.h>
#include <stdint.h>

struct operational {
	uint16_t	type;
	const char	*name;		/* "ADM"; NULL: unknown */
	bool		is_advisory;	/* value is text */
	bool		has_counter;
	uint16_t	afi;
	uint8_t		safi;
	uint32_t	router_id, sequence, counter;
	struct rd	value;		/* text, or of an unknown type all */
};

/* Decode the body of a message. 0, or ERR_SHORT. */
int	operational_decode(struct rd body, struct operational *out);

#endif
