/* SPDX-License-Identifier: ISC */
/* Route distinguishers as text. RFC 4364 4.2. */
#ifndef COMMON_NLRI_RDIST_H
#define COMMON_NLRI_RDIST_H

#include "common/buf.h"

#define RDIST_LEN		8
#define RDIST_TEXT_MAX		32	/* longest text with terminator */

/*
 * Read 8 bytes and print them as "65000:1", "10.0.0.1:1" or, for types
 * that we do not know, in hexadecimal. Returns text, empty on short input.
 */
char	*rdist_print(struct rd *, char *text, size_t text_len);

#endif
