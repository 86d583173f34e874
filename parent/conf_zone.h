/* SPDX-License-Identifier: ISC */
/* Addresses as people write them in configurations, with interfaces' names. */
#ifndef PARENT_CONF_ZONE_H
#define PARENT_CONF_ZONE_H

struct addr;

/*
 * As addr_parse, but the zone may be the name of an interface of this
 * machine ("fe80::1%eth0"). It asks the kernel: not for workers.
 */
int	conf_zone_parse(const char *text, struct addr *out);

#endif
