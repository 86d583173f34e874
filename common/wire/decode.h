/* SPDX-License-Identifier: ISC */
/*
 * Messages that come as bytes alone, without a session: what both sides
 * would see with every family and 4-octet AS numbers negotiated. For
 * "exabgp decode".
 */
#ifndef COMMON_WIRE_DECODE_H
#define COMMON_WIRE_DECODE_H

#include "common/buf.h"
#include "common/nlri/nlri.h"
#include "common/wire/event.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum decode_kind {
	DECODE_AUTO,		/* by the header; without one an UPDATE */
	DECODE_OPEN,
	DECODE_UPDATE,
	DECODE_NLRI,
};

struct decode_request {
	enum decode_kind kind;
	const struct nlri_family *family;	/* of NLRI */
	bool		 has_path_id;		/* RFC 7911 */
};

/*
 * Hexadecimal text (spaces and colons allowed between bytes) to bytes,
 * appended to out. ERR_SYNTAX on anything else.
 */
int	decode_hex(const char *text, struct wr *out);

/*
 * Append the JSON of the message as one line (of NLRI one line each). event
 * gives the frame; its header and body are set here. A header in front is
 * recognised by its marker. ERR_PROTO or ERR_SHORT when the bytes are not
 * what they should be.
 */
int	decode_message(const struct event *event,
	    const struct decode_request *, struct rd bytes, struct wr *out);

#endif
