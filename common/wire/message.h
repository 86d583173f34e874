/* SPDX-License-Identifier: ISC */
/*
 * The message header, and the small messages: NOTIFICATION, KEEPALIVE,
 * ROUTE-REFRESH. RFC 4271 4.1, 4.4, 4.5, RFC 2918, RFC 7313.
 */
#ifndef COMMON_WIRE_MESSAGE_H
#define COMMON_WIRE_MESSAGE_H

#include "common/buf.h"
#include "common/bgp.h"

#include <stdint.h>

/* What is wrong with a header: the NOTIFICATION to send. */
struct message_error {
	uint8_t	code, subcode;
	uint8_t	len;		/* of data */
	uint8_t	data[2];
};

/*
 * Read the header at the front of bytes (at least 19) and check marker,
 * type and length against the type's minimum and max_len (4096, or 65535
 * once negotiated; OPEN and KEEPALIVE never over 4096). A ROUTE-REFRESH of
 * another length than 23 passes: whether it is 1/2 or 7/1 (RFC 7313 5) is
 * for the session to say, which knows what was negotiated. is_extra_allowed:
 * OPERATIONAL was negotiated. Returns 0 with type and whole length, or
 * ERR_PROTO with *error (RFC 4271 6.1).
 */
int	message_check_header(const uint8_t *bytes, uint32_t max_len,
	    int is_extra_allowed, uint8_t *type, uint16_t *len,
	    struct message_error *error);

/* Start a message: marker, length to be patched, type. Gives its offset. */
size_t	message_begin(struct wr *out, uint8_t type);
/* Patch the length of the message begun at start; ERR_RANGE over 65535. */
void	message_end(struct wr *out, size_t start);

void	message_put_keepalive(struct wr *out);
void	message_put_notification(struct wr *out, uint8_t code,
	    uint8_t subcode, const void *data, size_t len);
void	message_put_refresh(struct wr *out, uint16_t afi, uint8_t subtype,
	    uint8_t safi);

/* "Cease, administrative shutdown"; any numbers give a text. */
const char *message_error_text(uint8_t code, uint8_t subcode, char *buf,
	    size_t buf_len);
/* Name as in ExaBGP's events: "update"; "unknown" for others. */
const char *message_name(uint8_t type);
/*
 * RFC 9003 shutdown communication of a Cease 6/2 or 6/4 NOTIFICATION's data:
 * printable text with other bytes escaped, "" if none.
 */
void	message_shutdown_text(const void *data, size_t len, char *buf,
	    size_t buf_len);

#endif
