/* SPDX-License-Identifier: ISC */
/*
 * The model as a bgpd.conf, in the form that OpenBGPD's `bgpd -nv` has. What
 * is printed reads back to the same model, but for keys: they are never
 * printed (`tcp md5sig` stands alone, and such a session is not started).
 *
 * Compat: two things of OpenBGPD's form do not read back as they were: dumps
 * come out last first, and `tos` shows the six bits of DSCP though the word
 * takes the whole byte.
 *
 * Beside the statements of DESIGN 9, neighbors have `connect-retry SECONDS`,
 * `router-id A.B.C.D` and `tcp ao id N [algorithm NAME] password|key ...` of
 * their own. Two more statements only serve models that were read from
 * ExaBGP's language:
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
