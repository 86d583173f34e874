/* SPDX-License-Identifier: ISC */
/*
 * Routes as people write them, in configurations, on API lines and to
 * bgpctl, to struct route. Pure: no input or output, no log, no state beside
 * the parser, whose memory is reused from one sentence to the next.
 *
 * A sentence (what follows `announce` or `withdraw`):
 *
 *   route PREFIX words            family by rd, label and the address
 *   attributes words [nlri PREFIX...]
 *   ipv4|ipv6 SAFI ...            unicast multicast nlri-mpls (or
 *                                 labeled-unicast) mpls-vpn: PREFIX words;
 *                                 flow flow-vpn mcast-vpn mup sr-policy rtc:
 *                                 see their files
 *   l2vpn vpls|evpn ...
 *   flow route ..., vpls ..., sr-policy ..., evpn ...
 *   raw AFI SAFI 0xNLRI words     any family, by its bytes
 *
 * Words stand on the line in any order, or in a block, `{ word; word; }`.
 * They are the same in every family: aggregator aigp as-path
 * atomic-aggregate attribute bgp-prefix-sid bgp-prefix-sid-srv6 cluster-list
 * community extended-community label large-community local-preference med
 * name next-hop origin originator-id path-information rd split watchdog
 * withdraw; each family adds its own (see the text_*.c of the family).
 *
 * No default is added: a route without origin has no ORIGIN. Communities of
 * each kind are sorted, large ones also made unique.
 */
#ifndef COMMON_TEXT_TEXT_ROUTE_H
#define COMMON_TEXT_TEXT_ROUTE_H

#include "common/addr.h"
#include "common/buf.h"
#include "common/route.h"
#include "common/text/words.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define TEXT_ERROR_MAX	1200		/* error text with terminator */
#define TEXT_ATTRS_MAX	64		/* different attributes of a route */
#define TEXT_TERMS_MAX	32		/* components of a flow, sub-TLVs */
#define TEXT_LABELS_MAX	16		/* labels of a route */
#define TEXT_SPLIT_MAX	(1u << 20)	/* routes that `split` may give */
#define TEXT_BYTES_MAX	(256 * 1024)	/* of attributes, before the check */

/* A route and what does not go on the wire; borrowed from the parser. */
struct text_route {
	struct route	 route;
	struct word	 name, watchdog;	/* at NULL: none */
};

/*
 * Called for each route of a sentence (`split`, `nlri P1 P2`). An error
 * returned ends the sentence and is handed on.
 */
typedef int text_route_fn(const struct text_route *, void *arg);

/* One component of a flow, or sub-TLV, in the parser's values. */
struct text_term {
	uint8_t		component;
	uint32_t	at, len;
};

/* One attribute in the parser's values. */
struct text_attr {
	uint8_t		code, flags;
	uint32_t	at, len;
};

struct text_parser {
	/*
	 * Compat: ExaBGP writes route targets and origins of 4-octet AS
	 * numbers as type 0x01 (IPv4 address). With this set they are type
	 * 0x02, as RFC 5668 has it. `target:70000L:1` is 0x02 always.
	 */
	bool		 has_as4_types;
	/* Set on failure: one line, no newline; and the line of the text. */
	char		 error[TEXT_ERROR_MAX];
	uint32_t	 error_line;
	/* The sentence was a block and ended with its brace. */
	bool		 is_block;
	/* The value of a word in a block ended with a brace of its own. */
	bool		 is_inner_block;

	/* The rest is the parser's own. */
	struct wr	 values, attrs, nlri;
	const char	*keyword;	/* begins error texts */
	bool		 is_withdraw;
	text_route_fn	*fn;
	void		*fn_arg;
	struct text_attr items[TEXT_ATTRS_MAX];
	size_t		 n_items;
	uint16_t	 afi;		/* 0: by the prefix */
	uint8_t		 safi;		/* 0: by rd, label and prefix */
	uint16_t	 flags;		/* enum route_flag */
	uint32_t	 path_id;
	bool		 has_nexthop, has_rd;
	struct addr	 nexthop;
	uint8_t		 rd[8];
	uint32_t	 labels[TEXT_LABELS_MAX];
	size_t		 n_labels;
	uint8_t		 split_len;	/* 0: no split */
	struct word	 name, watchdog;
	/* Values of the family's own words; which is what, it says itself. */
	struct addr	 addrs[4];
	uint64_t	 number[4];
	unsigned	 number_mask;	/* bit for each number that was said */
	struct text_term terms[TEXT_TERMS_MAX];
	unsigned	 n_terms;
	struct text_route out;
};

/* Make a parser ready, and free its memory. */
void	text_route_init(struct text_parser *);
void	text_route_fini(struct text_parser *);

/*
 * Read one sentence at the cursor and call fn for each of its routes; all of
 * the sentence is checked before the first call. The cursor is left at the
 * `;` or the end, or behind the closing brace of a block (is_block).
 * Returns 0, ERR_SYNTAX (error and error_line are set), or fn's error.
 */
int	text_route_parse(struct text_parser *, struct words *,
	    bool is_withdraw, text_route_fn *fn, void *arg);
/* The same from the SAFI word on, the AFI being known. */
int	text_route_parse_afi(struct text_parser *, struct words *,
	    uint16_t afi, text_route_fn *fn, void *arg);
/* The same from the word `route` of a flow on. */
int	text_route_parse_flow(struct text_parser *, struct words *,
	    text_route_fn *fn, void *arg);
/* A whole API line: nothing may follow the sentence but one `;`. */
int	text_route_parse_line(struct text_parser *, const char *text,
	    size_t len, bool is_withdraw, text_route_fn *fn, void *arg);

/*
 * "ipv4 unicast", as for eor and route-refresh, at the cursor, which goes
 * behind it. NULL when the words are no family; the cursor has not moved.
 */
const struct nlri_family *text_route_family(struct words *);

/*
 * An operational message (draft-ietf-idr-operational-message), appended to
 * out as a whole BGP message:
 *   asm|adm afi AFI safi SAFI advisory "text"
 *   rpcq|apcq|lpcq afi AFI safi SAFI sequence N
 *   rpcp|apcp|lpcp afi AFI safi SAFI [router-id IP] sequence N counter N
 * ERR_SYNTAX: error and error_line of the parser are set.
 */
int	text_operational_parse(struct text_parser *, struct words *,
	    struct wr *out);

#endif
