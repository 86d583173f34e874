/* SPDX-License-Identifier: ISC */
/*
 * The parser of bgpd.conf: a cursor over tokens, and functions that take a
 * value or report what was expected. Statements and options are rows of
 * tables. Inside parent/conf_bgpd*.c only.
 */
#ifndef PARENT_CONF_BGPD_H
#define PARENT_CONF_BGPD_H

#include "common/config.h"
#include "common/text/text_route.h"
#include "parent/conf.h"
#include "parent/conf_lex.h"

struct arena;

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* A growing list of rules. */
struct bgpd_rules {
	struct conf_rule	*rules;
	size_t			 n;
};

/* A neighbor or group while it is read: what was said, not only what is. */
struct bgpd_peer {
	struct conf_peer	*conf;
	bool			 has_enforce_as, has_enforce_flow;
	bool			 is_off[2];	/* announce IPv4, IPv6 none */
	/* Its `set`: rules in (0) and out (1); n_sets 0: none. */
	struct conf_rule	 implicit[2];
};

struct bgpd_parser {
	struct lex		 lex;
	struct lex_token	 token;		/* current */
	unsigned		 depth;		/* braces that are open */
	struct config		*config;
	struct conf_errors	*errors;
	const struct conf_source *source;
	struct bgpd_peer	*peer;		/* current neighbor or group */
	struct bgpd_peer	*group;		/* around it; NULL: none */
	struct conf_process	*process;	/* in a process block */
	struct conf_api		*api;		/* in an api block */
	struct conf_rtr		*rtr;		/* in a rtr block */
	struct conf_bmp		*bmp;		/* in a bmp block */
	struct conf_vpn		*vpn;		/* in a vpn block */
	struct text_parser	 text;		/* of originate */
	char			*sentence;	/* what originate says */
	unsigned		 sentence_depth;
	bool			 is_sentence_said;
	/* Rules made of `set` in groups and neighbors come first. */
	struct bgpd_rules	 of_groups, of_peers;
};

/* A word and what it begins. false: reported, skip the line. */
struct bgpd_row {
	const char	*word;
	bool		(*parse)(struct bgpd_parser *);
};

void	bgpd_next(struct bgpd_parser *);
/* Report "expected what, found token"; always false. */
bool	bgpd_expected(struct bgpd_parser *, const char *what);
/* Report a text at the current token; always false. */
bool	bgpd_fail(struct bgpd_parser *, const char *fmt, ...)
	    __attribute__((format(printf, 2, 3)));
/* The same at a token that was passed. */
bool	bgpd_fail_at(struct bgpd_parser *, const struct lex_token *at,
	    const char *fmt, ...) __attribute__((format(printf, 3, 4)));
void	bgpd_warn(struct bgpd_parser *, const char *fmt, ...)
	    __attribute__((format(printf, 2, 3)));

/* Tests of the current token; take goes on behind it. */
bool	bgpd_is(const struct bgpd_parser *, const char *word);
bool	bgpd_is_char(const struct bgpd_parser *, char);
bool	bgpd_take(struct bgpd_parser *, const char *word);
bool	bgpd_take_char(struct bgpd_parser *, char);
void	bgpd_skip_newlines(struct bgpd_parser *);
/* Between elements of a list: an optional comma and newlines. */
void	bgpd_skip_comma(struct bgpd_parser *);
/* "{" then elements until "}"; false ends the loop. */
bool	bgpd_list_goes_on(struct bgpd_parser *);
bool	bgpd_is_end_of_statement(const struct bgpd_parser *);
/* Go to the end of the line at this depth of braces, for recovery. */
void	bgpd_skip_line(struct bgpd_parser *, unsigned depth);
/*
 * Options of rows up to the closing brace, each on its line. Faults are
 * reported and skipped. false: the brace is missing.
 */
struct bgpd_row;
bool	bgpd_block(struct bgpd_parser *, const struct bgpd_row *rows,
	    size_t n_rows, const char *what);

/* Values. They go behind what they took; false: reported. */
bool	bgpd_number(struct bgpd_parser *, int64_t min, int64_t max,
	    const char *what, int64_t *out);
bool	bgpd_string(struct bgpd_parser *, size_t max, const char *what,
	    char **out);
/* One or more strings, joined by blanks. */
bool	bgpd_strings(struct bgpd_parser *, size_t max, const char *what,
	    char **out);
bool	bgpd_asn(struct bgpd_parser *, bool is_any, uint32_t *out);
bool	bgpd_addr(struct bgpd_parser *, struct addr *out);
/* An address, or a prefix when a slash follows; host bits are cleared. */
bool	bgpd_prefix(struct bgpd_parser *, bool needs_len, struct prefix *out);
bool	bgpd_yesno(struct bgpd_parser *, bool *out);
bool	bgpd_yesnoenf(struct bgpd_parser *, uint8_t *out);
bool	bgpd_port(struct bgpd_parser *, uint16_t *out);
/* =, !=, <, <=, >, >=, or ERR: CONF_OP_NONE. */
uint8_t	bgpd_unary(struct bgpd_parser *);
/* or-longer, maxlen, prefixlen: the lengths a prefix stands for. */
bool	bgpd_prefix_lengths(struct bgpd_parser *, struct conf_prefix *,
	    bool *had_operator);

/* Run the row of the current word. false: none, or it failed. */
bool	bgpd_run(struct bgpd_parser *, const struct bgpd_row *rows,
	    size_t n_rows, const char *what);

/* conf_bgpd_global.c */
extern const struct bgpd_row bgpd_global_rows[];
extern const size_t bgpd_global_n_rows;

/* conf_bgpd_set.c */
bool	bgpd_parse_as_set(struct bgpd_parser *);
bool	bgpd_parse_prefix_set(struct bgpd_parser *);
bool	bgpd_parse_origin_set(struct bgpd_parser *);
bool	bgpd_parse_roa_set(struct bgpd_parser *);
bool	bgpd_parse_aspa_set(struct bgpd_parser *);
/* Sort what was read; of equal records the one that expires last. */
void	bgpd_finish_sets(struct config *);
const struct conf_prefix_set *bgpd_find_prefix_set(const struct config *,
	    const char *);

/* conf_bgpd_network.c */
bool	bgpd_parse_network(struct bgpd_parser *);
/* One network statement, behind its word, into a list. */
bool	bgpd_network(struct bgpd_parser *, struct conf_route **, size_t *n);

/* conf_bgpd_peer.c */
bool	bgpd_parse_neighbor(struct bgpd_parser *);
bool	bgpd_parse_group(struct bgpd_parser *);

/* conf_bgpd_rtr.c */
bool	bgpd_parse_rtr(struct bgpd_parser *);
bool	bgpd_parse_vpn(struct bgpd_parser *);

/* conf_bgpd_flow.c */
bool	bgpd_parse_flowspec(struct bgpd_parser *);
/* In the order of RFC 8955 5.1. */
void	bgpd_sort_flows(struct config *);

/* conf_bgpd_exabgp.c */
bool	bgpd_parse_exabgp(struct bgpd_parser *);
/* Behind `originate raw`. */
bool	bgpd_parse_raw_route(struct bgpd_parser *, struct conf_route *);

/* conf_bgpd_bmp.c */
bool	bgpd_parse_bmp(struct bgpd_parser *);

/* conf_bgpd_dump.c */
bool	bgpd_parse_dump(struct bgpd_parser *);

/* conf_bgpd_rule.c */
/* Whether there is such a RIB, the two that are always there included. */
bool	bgpd_has_rib(const struct config *, const char *name);
bool	bgpd_parse_rule(struct bgpd_parser *);
/* Fold neighbours that match alike into one, as OpenBGPD does. */
void	bgpd_fold_rules(struct config *);

/* conf_bgpd_match.c */
struct bgpd_matches;
/* All matches of a rule, up to its sets. */
bool	bgpd_parse_matches(struct bgpd_parser *, struct bgpd_matches *);

/* conf_bgpd_action.c */
/* "set action" or "set { ... }", behind the word set. */
bool	bgpd_parse_sets(struct bgpd_parser *, struct conf_set **, size_t *n);
/*
 * Put an action into a list at its place. Of two that set the same, the later
 * one wins and relative ones add up.
 */
void	bgpd_merge_set(struct arena *, struct conf_set **, size_t *n,
	    const struct conf_set *);
/* Whether an action cannot follow one that is there. */
bool	bgpd_sets_collide(const struct conf_set *later,
	    const struct conf_set *there);

/* conf_bgpd_community.c */
/* A value behind its kind's word. */
bool	bgpd_community(struct bgpd_parser *, uint8_t kind, bool is_match,
	    struct conf_community *);

/* conf_bgpd_api.c */
bool	bgpd_parse_process(struct bgpd_parser *);
bool	bgpd_parse_api(struct bgpd_parser *);
bool	bgpd_parse_originate(struct bgpd_parser *);

#endif
