/* SPDX-License-Identifier: ISC */
/* Printing the configuration: what its files share. */
#ifndef COMMON_CONFIG_PRINT_PARTS_H
#define COMMON_CONFIG_PRINT_PARTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

struct addr;
struct conf_blob;
struct conf_community;
struct conf_dump;
struct conf_peer;
struct conf_prefix;
struct conf_route;
struct conf_rule;
struct conf_set;
struct config;

/* A string in quotes, as the lexer reads it back. */
void	print_quoted(FILE *, const char *);
void	print_addr(FILE *, const struct addr *);
void	print_hex(FILE *, const void *bytes, size_t len);
/* "10.0.0.0/8 or-longer" */
void	print_prefix(FILE *, const struct conf_prefix *);
/* The value behind the kind's word, and a blank. */
void	print_community(FILE *, const struct conf_community *);
/* "set { ... }", nothing when there are none. */
void	print_sets(FILE *, const struct conf_set *, size_t n);
void	print_rule(FILE *, const struct conf_rule *);
/* network statements */
void	print_network(FILE *, const struct conf_route *, const char *indent);
void	print_originate(FILE *, const struct conf_route *,
	    const char *indent);
void	print_flowspec(FILE *, const struct conf_route *);
/* dump statements, the last first, as OpenBGPD keeps them. */
void	print_dumps(FILE *, const struct conf_dump *, size_t n,
	    const char *indent);
bool	print_has_dumps(const struct config *);
void	print_peer(FILE *, const struct config *, const struct conf_peer *,
	    const char *indent);
/* What `tcp` and `ipsec` show of a protection. */
void	print_ipsec(FILE *, char *const *ipsec, size_t n, const char *indent);
/* ExaBGP's members of the model and of a peer. */
void	print_exabgp(FILE *, const struct config *);
void	print_exabgp_peer(FILE *, const struct conf_peer *,
	    const char *indent);

#endif
