/* SPDX-License-Identifier: ISC */
/* Match terms of flow specifications. RFC 8955 4.2, RFC 8956 3. */
#ifndef COMMON_TEXT_FLOW_H
#define COMMON_TEXT_FLOW_H

#include "common/text/words.h"

#include <stddef.h>
#include <stdint.h>

struct text_parser;

struct flow_name {
	const char	*word;
	uint16_t	 value;
};

/* What a term's values look like. */
enum flow_kind {
	FLOW_PREFIX,
	FLOW_NUMBER,		/* operators and numbers or names */
	FLOW_BITS,		/* bitmask operators and names */
};

struct flow_row {
	const char		*word;
	uint8_t			 component;
	uint8_t			 kind;		/* enum flow_kind */
	uint8_t			 afi;		/* 0: both */
	uint32_t		 max;
	const struct flow_name	*names;		/* sorted by word, or NULL */
	size_t			 n_names;
};

/* All terms, sorted by word. */
extern const struct flow_row flow_rows[];
extern const size_t flow_n_rows;

/* The term of this word, or NULL. */
const struct flow_row *flow_find(const struct word *);
/*
 * Read the values behind the word and keep the component in the parser. 0,
 * or ERR_SYNTAX with the parser's error set.
 */
int	flow_parse(struct text_parser *, struct words *,
	    const struct flow_row *);
/* Append the components kept to p->nlri, by ascending number. */
void	flow_put_sorted(struct text_parser *);

#endif
