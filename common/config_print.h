/* SPDX-License-Identifier: ISC */
/*
 * The model as a bgpd.conf, in the form that OpenBGPD's `bgpd -nv` has. What
 * is printed reads back to the same model, but for keys: they are never
 * printed (`tcp md5sig` stands alone, and such a session is not started).
 *
 * Beside the statements of DESIGN 9 there are two that only serve models
 * which were read from ExaBGP's language:
 *
 *   exabgp { field value ... }       at the top and in a neighbor: members of
 *                                    the model that bgpd.conf has no word for,
 *                                    by their names ("-" for "_"); in a
 *                                    neighbor `family "ipv4 mup" [enforce]
 *                                    [add-path n] [limit n] [nexthop]` and
 *                                    `operational HEX`, too
 *   originate raw AFI SAFI flags N [path-id N] nlri HEX [nexthop HEX]
 *       [attributes HEX] [watchdog NAME] [name NAME]
 *                                    a route by its bytes on the wire
 */
#ifndef COMMON_CONFIG_PRINT_H
#define COMMON_CONFIG_PRINT_H

#include <stdio.h>

struct config;

/* Errors of the stream stay with it: ask ferror. */
void	config_print(const struct config *, FILE *);

#endif
