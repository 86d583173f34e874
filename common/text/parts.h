/* SPDX-License-Identifier: ISC */
/*
 * What the files of common/text share: reading values with errors, the
 * attributes of the route at hand, and the entries of the families. Only
 * common/text includes this. Every parse function takes the cursor behind
 * its keyword, leaves it behind its value, and returns 0 or, with the
 * parser's error set, ERR_SYNTAX.
 */
#ifndef COMMON_TEXT_PARTS_H
#define COMMON_TEXT_PARTS_H

#include "common/bgp.h"
#include "common/err.h"
#include "common/text/scalars.h"
#include "common/text/text_route.h"
#include "common/text/words.h"

typedef int text_part_fn(struct text_parser *, struct words *);

/* A row of a keyword table: first the word, for words_find. */
struct text_part {
	const char	*word;
	text_part_fn	*parse;
};

/* The words that every route may carry (attributes.c), sorted. */
extern const struct text_part attributes_rows[];
extern const size_t attributes_n_rows;

#define PARTS(rows)	(rows), sizeof(rows) / sizeof((rows)[0])

/* Record "keyword: expected WHAT, found WORD" (printf); ERR_SYNTAX. */
int	parts_expected(struct text_parser *, const struct words *,
	    const char *what, ...) __attribute__((format(printf, 3, 4)));
/* Record an error text as it is (printf); ERR_SYNTAX. */
int	parts_fail(struct text_parser *, const struct words *,
	    const char *fmt, ...) __attribute__((format(printf, 3, 4)));

/*
 * Record "keyword: unknown word X, expected one of LIST" and the common
 * words; list has len characters, each word with a space before it.
 */
int	parts_unknown(struct text_parser *, const struct words *,
	    const char *list, size_t len);

/* One value, described in errors by its range. */
int	parts_number(struct text_parser *, struct words *, uint64_t max,
	    uint64_t *out);
int	parts_ipv4(struct text_parser *, struct words *, uint32_t *out);
int	parts_addr(struct text_parser *, struct words *, struct addr *);
int	parts_prefix(struct text_parser *, struct words *,
	    struct prefix *);
int	parts_rd(struct text_parser *, struct words *);
/* This constant word and nothing else. */
int	parts_word(struct text_parser *, struct words *,
	    const char *word);
/* `item` or `[ item item ]`, commas allowed: fn for each. */
int	parts_list(struct text_parser *, struct words *,
	    text_part_fn *fn);

/*
 * The value of one attribute is what is written to p->values between these.
 * begin with is_kept starts with the value that the attribute already has
 * (communities from several actions); else an earlier value is replaced.
 */
size_t	block_begin(struct text_parser *, uint8_t code, bool is_kept);
int	block_end(struct text_parser *, const struct words *,
	    uint8_t code, uint8_t flags, size_t start);
/* The same for lists: an empty one is no attribute (RFC 7606 7.8 and so on). */
int	block_end_list(struct text_parser *, const struct words *,
	    uint8_t code, uint8_t flags, size_t start);
/* Sort the items of item_len bytes from start on; drop equal ones. */
void	block_sort(struct text_parser *, size_t start, size_t item_len,
	    bool is_unique);

/*
 * Read words of the family's rows, then of the common ones, up to the end of
 * the line, or of a block if one begins here.
 */
int	parts_words(struct text_parser *, struct words *,
	    const struct text_part *rows, size_t n_rows);
/* Read one such word and its value. */
int	parts_one(struct text_parser *, struct words *,
	    const struct text_part *rows, size_t n_rows);
/* Whether the word is one of the common ones. */
bool	parts_is_common(const struct word *);
/* The line must end here. */
int	parts_stop(struct text_parser *, const struct words *);
/*
 * Give the route whose NLRI is in p->nlri to the callback, with the family
 * and everything said so far.
 */
int	block_finish(struct text_parser *, const struct words *,
	    uint16_t afi, uint8_t safi);

/* Values of attributes. */
text_part_fn	communities_standard, communities_large, communities_extended;
text_part_fn	sid_prefix, sid_srv6;
/* Append one extended community of these 8 bytes. */
int	communities_add_extended(struct text_parser *, const struct words *,
	    uint64_t value);
/* "ASN:N" or "IP:N" as a redirect community; false if it is neither. */
bool	communities_redirect(const struct word *, uint64_t *out);
/* The same as a route target, 4-octet AS numbers as RFC 5668 has them. */
bool	communities_target(const struct word *, uint64_t *out);
/* Append one of 20 bytes: type 2, address, 2 more. */
int	communities_add_ipv6(struct text_parser *, const struct words *,
	    unsigned type, const struct addr *, unsigned low);

/* Sentences of families; p->afi and p->safi say which is meant. */
text_part_fn	text_inet_route, text_inet_family, text_inet_attributes;
text_part_fn	text_flow_parse, text_vpls_parse, text_mvpn_parse,
		text_mup_parse, text_srpolicy_parse, text_evpn_parse,
		text_rtc_parse, text_raw_parse;

#endif
