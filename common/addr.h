/* SPDX-License-Identifier: ISC */
/* IP addresses and prefixes as values: parse, print, compare, mask. */
#ifndef COMMON_ADDR_H
#define COMMON_ADDR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct sockaddr;
struct sockaddr_storage;

enum addr_family {
	ADDR_NONE = 0,
	ADDR_IPV4 = 4,
	ADDR_IPV6 = 6,
};

/* bytes in network order, the first 4 or 16 used, the rest zero. */
struct addr {
	uint8_t		family;		/* enum addr_family */
	uint8_t		bytes[16];
	uint32_t	scope_id;	/* interface of a link-local address */
};

/* Host bits may be set; prefix_mask clears them. */
struct prefix {
	struct addr	addr;
	uint8_t		len_bits;	/* 0..32 or 0..128 */
};

#define ADDR_TEXT_MAX	64	/* longest text with terminator */
#define PREFIX_TEXT_MAX	68

/* Text to address ("%number" allowed on IPv6: a zone). ERR_SYNTAX; out untouched. */
int	addr_parse(const char *text, struct addr *out);
/* Address to text in buf, RFC 5952 for IPv6; returns buf. */
char	*addr_print(const struct addr *, char *buf, size_t buf_len);
/* Order by family, then bytes, then scope: <0, 0, >0. */
int	addr_compare(const struct addr *, const struct addr *);
bool	addr_is_equal(const struct addr *, const struct addr *);
/* Length in bytes (4, 16, or 0) and bits of an address of this family. */
size_t	addr_len(uint8_t family);
unsigned addr_bits(uint8_t family);
struct addr addr_from_ipv4(uint32_t host_order);
/* The IPv4 address as a host-order number, 0 for other families. */
uint32_t addr_to_ipv4(const struct addr *);
/* len_bytes is 4 or 16, else ERR_RANGE. */
int	addr_from_bytes(const void *bytes, size_t len_bytes, struct addr *out);
bool	addr_is_unspecified(const struct addr *);
bool	addr_is_loopback(const struct addr *);
bool	addr_is_link_local(const struct addr *);
bool	addr_is_multicast(const struct addr *);
/* Unusable as a next hop: unspecified, loopback, multicast, 0/8, 240/4. */
bool	addr_is_martian(const struct addr *);

/* An IPv4-mapped IPv6 socket address becomes IPv4. port in host order. */
int	addr_from_sockaddr(const struct sockaddr *, struct addr *,
	    uint16_t *port);
/* Returns the length of the socket address. */
size_t	addr_to_sockaddr(const struct addr *, uint16_t port,
	    struct sockaddr_storage *);

/* "address" or "address/len"; host bits are kept as written. */
int	prefix_parse(const char *text, struct prefix *out);
char	*prefix_print(const struct prefix *, char *buf, size_t buf_len);
void	prefix_mask(struct prefix *);
bool	prefix_has_host_bits(const struct prefix *);
int	prefix_compare(const struct prefix *, const struct prefix *);
/* Whether addr lies in p. */
bool	prefix_contains(const struct prefix *p, const struct addr *);
/* Whether inner equals p or lies inside it. */
bool	prefix_covers(const struct prefix *p, const struct prefix *inner);

#endif
