/* SPDX-License-Identifier: ISC */
/*
 * TCP-AO (RFC 5925) by the kernel, Linux 6.7 and later if built with it;
 * whether this one is shows when the first key is set.
 */
#ifndef COMMON_NET_AO_H
#define COMMON_NET_AO_H

#include <stdbool.h>

struct net_key;
struct prefix;

/* Whether an algorithm is known, by ExaBGP's names: hmac-sha-1-96 (also
 * meant by NULL), aes-128-cmac-96, hmac-sha-256. RFC 5926. */
bool	net_ao_is_algorithm(const char *name);
/*
 * Set or remove a key for connections with a prefix on a socket, SendID and
 * RecvID the same. 0, ERR_RANGE for a key or algorithm that cannot be, or
 * ERR_SYSTEM with errno: ENOPROTOOPT where the kernel has no TCP-AO.
 */
int	net_ao_add(int fd, const struct prefix *from, const struct net_key *);
int	net_ao_del(int fd, const struct prefix *from, const struct net_key *);

#endif
