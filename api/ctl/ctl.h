/* SPDX-License-Identifier: ISC */
/*
 * bgpctl: words to a request, replies to text or JSON. Inside api/ctl only.
 */
#ifndef API_CTL_CTL_H
#define API_CTL_CTL_H

#include "common/emit.h"
#include "common/value.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct arena;
struct wr;

#define CTL_PAIRS_MAX	48
#define CTL_ROUTE_MAX	(12 * 1024)	/* of a request, CONTROL_REQUEST_MAX */

enum ctl_view {			/* how replies are shown */
	VIEW_PLAIN,		/* no rows: the result alone */
	VIEW_SUMMARY,
	VIEW_TERSE,
	VIEW_NEIGHBOR,
	VIEW_TIMERS,
	VIEW_NEIGHBOR_TERSE,
	VIEW_RIB,
	VIEW_RIB_DETAIL,
	VIEW_RIB_SSV,
	VIEW_RIB_COUNT,
	VIEW_MEMORY,
	VIEW_NEXTHOPS,
	VIEW_SETS,
	VIEW_PROGRAMS,
	VIEW_NETWORKS,
	VIEW_RTRS,
	VIEW_FIB,
	VIEW_IFACES,
	VIEW_TABLES,
	VIEW_BMP,
	VIEW_METRICS,
	VIEW_CONFIG_DIFF,
	VIEW_CONFIG_IMPACT,
	VIEW_EVENTS,
	VIEW_API,
	VIEW_MRT_PEERS,
	VIEW_VERSION,
};

/* One member of the request. text NULL: true, or the number. */
struct ctl_pair {
	const char	*key;
	const char	*text;
	uint64_t	 number;
	bool		 is_number;
};

struct ctl_request {
	const char	*request;
	enum ctl_view	 view;
	struct ctl_pair	 pairs[CTL_PAIRS_MAX];
	size_t		 n_pairs;
	char		*rest;		/* words that were joined; to be freed */
	char		 route[CTL_ROUTE_MAX];	/* network add: common/text */
	size_t		 route_len;	/* network add */
	char		 ext[17];	/* ext-community in hexadecimal digits */
	const char	*sent_text;	/* "reload request sent." */
	const char	*done_text;	/* said when it was carried out, or NULL */
	bool		 is_bulk;	/* prefixes come from standard input */
	bool		 is_mrt;	/* or from an MRT file */
};

/*
 * Read the words. 0, or -1 after telling on standard error what is wrong and
 * which words are possible.
 */
int	ctl_parse(struct ctl_request *, int argc, char **argv);
/* A member's text, or NULL; whether there is the member. */
const char *ctl_text(const struct ctl_request *, const char *key);
bool	ctl_has(const struct ctl_request *, const char *key);
/* A member that is a number, else 0. */
uint64_t ctl_number(const struct ctl_request *, const char *key);
/* words_route.c: make the routes of the words that were read. */
void	ctl_make_route(struct ctl_request *);
/* Append a sentence of common/text to the request's routes. */
bool	ctl_put_route(struct ctl_request *, const char *sentence);
/*
 * Append a prefix with the words' attributes. Both: false if there is no room.
 */
bool	ctl_add_route(struct ctl_request *, const char *prefix);
/*
 * Print what may stand for the last of these words, one a line: keywords that
 * begin so, and values in angle brackets. Nothing where a word before it is
 * no word of the language.
 */
void	ctl_complete(int argc, char **argv);
/* Set a member; a later one of the same key replaces it. */
void	ctl_set_text(struct ctl_request *, const char *key, const char *text);
void	ctl_set_flag(struct ctl_request *, const char *key);
void	ctl_set_number(struct ctl_request *, const char *key, uint64_t);
/* Write the request as MessagePack. */
void	ctl_request_emit(const struct ctl_request *, struct wr *);

struct ctl_output {
	enum ctl_view	 view;
	bool		 is_json;
	bool		 is_numeric;	/* -n: addresses, not descriptions */
	struct emit	 emit;
	struct wr	*out;
	bool		 is_mrt;	/* rows of a file, of several kinds */
	unsigned	 n_lists;	/* JSON: of them, begun so far */
	const char	*list;		/* JSON: the array that is open */
	uint64_t	 n_rows;
	bool		 has_progress;	/* somebody waits at a terminal */
	/* metrics: replies until all are there */
	struct arena	*arena;
	const struct value **kept;
	size_t		 n_kept;
};

/* Before the first row, for each row, after the last. */
void	ctl_begin(struct ctl_output *);
void	ctl_row(struct ctl_output *, const char *key, const struct value *);
/* error is empty, or what the daemon said. */
void	ctl_end(struct ctl_output *, const char *error);
void	ctl_flush(struct ctl_output *);

/* print_neighbor.c */
void	print_summary_head(void);
void	print_summary(const struct value *, bool is_numeric);
void	print_terse(const struct value *, bool is_numeric);
void	print_neighbor(const struct value *);
void	print_neighbor_terse(const struct value *);
void	print_timers(const struct value *);
void	json_neighbor(struct emit *, const struct value *, bool is_whole);

/* print_rib.c */
void	print_rib_head(void);
void	print_rib(const struct value *);
void	print_rib_detail(const struct value *, bool is_ssv);
void	print_memory(const struct value *);
void	print_program(const struct value *);
void	print_network(const struct value *);

/* print_kroute.c */
void	print_fib_head(void);
void	print_fib(const struct value *);
void	print_iface_head(void);
void	print_iface(const struct value *);
void	print_table_head(void);
void	print_table(const struct value *);
void	print_nexthop_head(void);
void	print_nexthop(const struct value *);

/* print_rtr.c */
/* print_version.c */
void	print_version(const struct value *);
/* print_bmp.c */
void	print_bmp_head(void);
void	print_bmp(const struct value *);
void	print_rtr(const struct value *);
void	print_set_head(void);
void	print_set(const struct value *);
/* print_config.c */
void	print_config(const char *key, const struct value *);

/* print_event.c: a line each */
void	print_event(const struct value *);
void	json_event(struct ctl_output *, const struct value *);

/* metrics.c: keep a reply; print what was kept; forget it. */
void	metrics_row(struct ctl_output *, const struct value *);
void	metrics_print(const struct ctl_output *);
void	metrics_fini(struct ctl_output *);

/* Seconds as 00:01:02, 1d02h03m, 01w2d03h, into buf. */
const char *print_age(uint64_t sec, char *buf, size_t buf_len);

#endif
