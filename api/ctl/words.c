/* SPDX-License-Identifier: ISC */
/*
 * The command line of bgpctl: tables of words, each with what it means and
 * the table of the words that may follow. A keyword may be cut short as long
 * as it is the only one so.
 */
#include "api/ctl/ctl.h"
#include "api/ctl/words.h"

#include "common/addr.h"
#include "common/buf.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

static const struct word_row words_end[] = { END, LAST };

#define SHOW_FLOWS(w) \
	{ .kind = WORD_KEYWORD, .word = w, .next = words_flow_show, \
	    .request = "networks", .view = VIEW_NETWORKS }

static const struct word_row words_reason[] = {
	END,
	{ .kind = WORD_REST, .word = "<reason>", .next = words_end,
	    .key = "reason" },
	LAST,
};

/* neighbor PEER action */
static const struct word_row words_neighbor_action[] = {
	{ .kind = WORD_KEYWORD, .word = "up", .next = words_end,
	    .key = "action", .text = "up" },
	{ .kind = WORD_KEYWORD, .word = "down", .next = words_reason,
	    .key = "action", .text = "down" },
	{ .kind = WORD_KEYWORD, .word = "clear", .next = words_reason,
	    .key = "action", .text = "clear" },
	{ .kind = WORD_KEYWORD, .word = "refresh", .next = words_end,
	    .key = "action", .text = "refresh" },
	{ .kind = WORD_KEYWORD, .word = "destroy", .next = words_end,
	    .key = "action", .text = "destroy" },
	LAST,
};

static const struct word_row words_neighbor_group[] = {
	{ .kind = WORD_TEXT, .word = "<group>", .next = words_neighbor_action,
	    .key = "group" },
	LAST,
};

static const struct word_row words_neighbor[] = {
	KEYWORD("group", words_neighbor_group),
	{ .kind = WORD_PEER, .word = "<peer>", .next = words_neighbor_action,
	    .key = "peer" },
	LAST,
};

/* show neighbor [PEER] [modifier] */
static const struct word_row words_show_modifier[] = {
	END,
	{ .kind = WORD_KEYWORD, .word = "messages", .next = words_end,
	    .view = VIEW_NEIGHBOR },
	{ .kind = WORD_KEYWORD, .word = "timers", .next = words_end,
	    .view = VIEW_TIMERS },
	{ .kind = WORD_KEYWORD, .word = "terse", .next = words_end,
	    .view = VIEW_NEIGHBOR_TERSE },
	LAST,
};

static const struct word_row words_show_group[] = {
	{ .kind = WORD_TEXT, .word = "<group>", .next = words_show_modifier,
	    .key = "group" },
	LAST,
};

static const struct word_row words_show_neighbor[] = {
	END,
	{ .kind = WORD_KEYWORD, .word = "messages", .next = words_end,
	    .view = VIEW_NEIGHBOR },
	{ .kind = WORD_KEYWORD, .word = "timers", .next = words_end,
	    .view = VIEW_TIMERS },
	{ .kind = WORD_KEYWORD, .word = "terse", .next = words_end,
	    .view = VIEW_NEIGHBOR_TERSE },
	KEYWORD("group", words_show_group),
	{ .kind = WORD_PEER, .word = "<peer>", .next = words_show_modifier,
	    .key = "peer" },
	LAST,
};

static const struct word_row words_show_summary[] = {
	{ .kind = WORD_END, .word = "", .key = "notes", .is_flag = true },
	{ .kind = WORD_KEYWORD, .word = "terse", .next = words_end,
	    .view = VIEW_TERSE },
	LAST,
};

/* show rib: options in any order */
static const struct word_row words_rib[];

#define RIB_FLAG(w, k) \
	{ .kind = WORD_KEYWORD, .word = w, .next = words_rib, .key = k, \
	    .is_flag = true }
#define RIB_TEXT(w, k, t) \
	{ .kind = WORD_KEYWORD, .word = w, .next = words_rib, .key = k, \
	    .text = t }
#define RIB_VALUE(name, k, v, show) \
	static const struct word_row name[] = { \
		{ .kind = v, .word = show, .next = words_rib, .key = k }, \
		LAST, \
	}

RIB_VALUE(words_rib_as, "as", WORD_NUMBER, "<asnum>");
RIB_VALUE(words_rib_peer_as, "peer-as", WORD_NUMBER, "<asnum>");
RIB_VALUE(words_rib_source_as, "source-as", WORD_NUMBER, "<asnum>");
RIB_VALUE(words_rib_transit_as, "transit-as", WORD_NUMBER, "<asnum>");
RIB_VALUE(words_rib_community, "community", WORD_TEXT, "<community>");
RIB_VALUE(words_rib_large, "large-community", WORD_TEXT,
    "<large-community>");
RIB_VALUE(words_rib_ext_value, "ext-value", WORD_TEXT, "<value>");
RIB_VALUE(words_rib_path_id, "path-id", WORD_NUMBER, "<path-id>");
RIB_VALUE(words_rib_limit, "limit", WORD_NUMBER, "<number>");
RIB_VALUE(words_rib_group, "group", WORD_TEXT, "<group>");
RIB_VALUE(words_rib_table, "table", WORD_TEXT, "<rib>");

static const struct word_row words_rib_neighbor[] = {
	KEYWORD("group", words_rib_group),
	{ .kind = WORD_PEER, .word = "<peer>", .next = words_rib,
	    .key = "peer" },
	LAST,
};

static const struct word_row words_rib_ovs[] = {
	RIB_TEXT("valid", "ovs", "valid"),
	RIB_TEXT("not-found", "ovs", "not-found"),
	RIB_TEXT("invalid", "ovs", "invalid"),
	LAST,
};

static const struct word_row words_rib_avs[] = {
	RIB_TEXT("valid", "avs", "valid"),
	RIB_TEXT("unknown", "avs", "unknown"),
	RIB_TEXT("invalid", "avs", "invalid"),
	LAST,
};

static const struct word_row words_rib_ext[] = {
	{ .kind = WORD_TEXT, .word = "<ext-community-type>",
	    .next = words_rib_ext_value, .key = "ext-type" },
	LAST,
};

/* What may stand anywhere, behind a prefix, too. */
#define RIB_WORDS \
	END, \
	KEYWORD("as", words_rib_as), \
	KEYWORD("avs", words_rib_avs), \
	RIB_FLAG("best", "best"), \
	KEYWORD("community", words_rib_community), \
	{ .kind = WORD_KEYWORD, .word = "count", .next = words_rib, \
	    .view = VIEW_RIB_COUNT, .key = "count", .is_flag = true }, \
	{ .kind = WORD_KEYWORD, .word = "detail", .next = words_rib, \
	    .view = VIEW_RIB_DETAIL, .key = "detail", .is_flag = true }, \
	RIB_FLAG("disqualified", "disqualified"), \
	RIB_FLAG("empty-as", "empty-as"), \
	RIB_FLAG("error", "error"), \
	KEYWORD("ext-community", words_rib_ext), \
	RIB_FLAG("filtered", "filtered"), \
	RIB_TEXT("in", "direction", "in"), \
	KEYWORD("large-community", words_rib_large), \
	RIB_FLAG("leaked", "leaked"), \
	KEYWORD("limit", words_rib_limit), \
	KEYWORD("neighbor", words_rib_neighbor), \
	RIB_TEXT("out", "direction", "out"), \
	KEYWORD("ovs", words_rib_ovs), \
	KEYWORD("path-id", words_rib_path_id), \
	KEYWORD("peer-as", words_rib_peer_as), \
	RIB_FLAG("selected", "best"), \
	KEYWORD("source-as", words_rib_source_as), \
	{ .kind = WORD_KEYWORD, .word = "ssv", .next = words_rib, \
	    .view = VIEW_RIB_SSV, .key = "detail", .is_flag = true }, \
	KEYWORD("table", words_rib_table), \
	KEYWORD("transit-as", words_rib_transit_as)

static const struct word_row words_rib_prefix[] = {
	RIB_WORDS,
	RIB_TEXT("all", "match", "or-longer"),
	RIB_TEXT("longer-prefixes", "match", "or-longer"),
	RIB_TEXT("or-longer", "match", "or-longer"),
	RIB_TEXT("or-shorter", "match", "or-shorter"),
	LAST,
};

static const struct word_row words_rib[] = {
	RIB_WORDS,
	FAMILY_WORDS(words_rib),
	{ .kind = WORD_KEYWORD, .word = "memory", .next = words_end,
	    .request = "memory", .view = VIEW_MEMORY },
	{ .kind = WORD_KEYWORD, .word = "summary", .next = words_show_summary,
	    .request = "neighbors", .view = VIEW_SUMMARY },
	{ .kind = WORD_PREFIX, .word = "<prefix>", .next = words_rib_prefix,
	    .key = "prefix" },
	LAST,
};

static const struct word_row words_show_network[] = {
	END,
	FAMILY_WORDS(words_end),
	LAST,
};

/* show fib: filters in any order */
static const struct word_row words_fib[];

static const struct word_row words_fib_table[] = {
	{ .kind = WORD_NUMBER, .word = "<table>", .next = words_fib,
	    .key = "table" },
	LAST,
};

#define FIB_WORD(w, k) \
	{ .kind = WORD_KEYWORD, .word = w, .next = words_fib, .key = k, \
	    .text = w }

static const struct word_row words_fib[] = {
	END,
	FIB_WORD("bgp", "origin"),
	FIB_WORD("connected", "origin"),
	FIB_WORD("inet", "family"),
	FIB_WORD("inet6", "family"),
	FIB_WORD("nexthop", "origin"),
	FIB_WORD("static", "origin"),
	KEYWORD("table", words_fib_table),
	{ .kind = WORD_PREFIX, .word = "<address>", .next = words_fib,
	    .key = "prefix" },
	LAST,
};

#define SHOW_RIB \
	{ .kind = WORD_KEYWORD, .word = "rib", .next = words_rib, \
	    .request = "rib", .view = VIEW_RIB }

static const struct word_row words_show_ip[] = {
	{ .kind = WORD_KEYWORD, .word = "bgp", .next = words_rib,
	    .request = "rib", .view = VIEW_RIB },
	LAST,
};

static const struct word_row words_events_group[] = {
	{ .kind = WORD_TEXT, .word = "<group>", .next = words_end,
	    .key = "group" },
	LAST,
};

static const struct word_row words_events_neighbor[] = {
	KEYWORD("group", words_events_group),
	{ .kind = WORD_PEER, .word = "<peer>", .next = words_end,
	    .key = "peer" },
	LAST,
};

static const struct word_row words_events[] = {
	END,
	KEYWORD("neighbor", words_events_neighbor),
	LAST,
};

static const struct word_row words_flow_show[] = {
	{ .kind = WORD_END, .word = "", .key = "family",
	    .text = "flowspec" },
	{ .kind = WORD_KEYWORD, .word = "inet", .next = words_end,
	    .key = "family", .text = "ipv4 flow" },
	{ .kind = WORD_KEYWORD, .word = "inet6", .next = words_end,
	    .key = "family", .text = "ipv6 flow" },
	LAST,
};

static const struct word_row words_show[] = {
	{ .kind = WORD_END, .word = "", .request = "neighbors",
	    .view = VIEW_SUMMARY, .key = "notes", .is_flag = true },
	{ .kind = WORD_KEYWORD, .word = "bmp", .next = words_end,
	    .request = "bmp", .view = VIEW_BMP },
	{ .kind = WORD_KEYWORD, .word = "events", .next = words_events,
	    .request = "events", .view = VIEW_EVENTS },
	{ .kind = WORD_KEYWORD, .word = "fib", .next = words_fib,
	    .request = "fib", .view = VIEW_FIB },
	SHOW_FLOWS("flowspec"),
	{ .kind = WORD_KEYWORD, .word = "interfaces", .next = words_end,
	    .request = "interfaces", .view = VIEW_IFACES },
	KEYWORD("ip", words_show_ip),
	{ .kind = WORD_KEYWORD, .word = "neighbor",
	    .next = words_show_neighbor, .request = "neighbors",
	    .view = VIEW_NEIGHBOR },
	{ .kind = WORD_KEYWORD, .word = "network", .next = words_show_network,
	    .request = "networks", .view = VIEW_NETWORKS },
	{ .kind = WORD_KEYWORD, .word = "metrics", .next = words_end,
	    .request = "neighbors", .view = VIEW_METRICS },
	{ .kind = WORD_KEYWORD, .word = "mrt", .next = words_show_mrt,
	    .request = "mrt", .view = VIEW_RIB },
	{ .kind = WORD_KEYWORD, .word = "nexthop", .next = words_end,
	    .request = "nexthops", .view = VIEW_NEXTHOPS },
	{ .kind = WORD_KEYWORD, .word = "program", .next = words_end,
	    .request = "programs", .view = VIEW_PROGRAMS },
	SHOW_RIB,
	{ .kind = WORD_KEYWORD, .word = "rtr", .next = words_end,
	    .request = "rtrs", .view = VIEW_RTRS },
	{ .kind = WORD_KEYWORD, .word = "sets", .next = words_end,
	    .request = "sets", .view = VIEW_SETS },
	{ .kind = WORD_KEYWORD, .word = "summary", .next = words_show_summary,
	    .request = "neighbors", .view = VIEW_SUMMARY },
	{ .kind = WORD_KEYWORD, .word = "tables", .next = words_end,
	    .request = "tables", .view = VIEW_TABLES },
	{ .kind = WORD_KEYWORD, .word = "version", .next = words_end,
	    .request = "version", .view = VIEW_VERSION },
	LAST,
};

static const struct word_row words_couple[];

/* Of one table; else of Loc-RIB's. */
static const struct word_row words_couple_table[] = {
	{ .kind = WORD_NUMBER, .word = "<table>", .next = words_couple,
	    .key = "table" },
	LAST,
};

static const struct word_row words_couple[] = {
	{ .kind = WORD_KEYWORD, .word = "couple", .next = words_end,
	    .key = "action", .text = "couple" },
	{ .kind = WORD_KEYWORD, .word = "decouple", .next = words_end,
	    .key = "action", .text = "decouple" },
	KEYWORD("table", words_couple_table),
	LAST,
};

/* network add PREFIX words: what follows is common/text's grammar. */
static const struct word_row words_network_set[] = {
	END,
	{ .kind = WORD_REST, .word = "<attributes>", .next = words_end,
	    .key = "set" },
	LAST,
};

static const struct word_row words_network_add[] = {
	{ .kind = WORD_PREFIX, .word = "<prefix>", .next = words_network_set,
	    .key = "prefix" },
	LAST,
};

/* network bulk add|delete [words], prefixes on standard input */
static const struct word_row words_network_bulk[] = {
	{ .kind = WORD_KEYWORD, .word = "add", .next = words_network_set,
	    .key = "action", .text = "add" },
	{ .kind = WORD_KEYWORD, .word = "delete", .next = words_network_set,
	    .key = "action", .text = "delete" },
	LAST,
};

static const struct word_row words_network[] = {
	{ .kind = WORD_KEYWORD, .word = "bulk", .next = words_network_bulk,
	    .key = "bulk", .is_flag = true },
	{ .kind = WORD_KEYWORD, .word = "add", .next = words_network_add,
	    .key = "action", .text = "add" },
	{ .kind = WORD_KEYWORD, .word = "delete", .next = words_network_add,
	    .key = "action", .text = "delete" },
	{ .kind = WORD_KEYWORD, .word = "flush", .next = words_end,
	    .key = "action", .text = "flush" },
	{ .kind = WORD_KEYWORD, .word = "mrt", .next = words_network_mrt,
	    .key = "mrt", .is_flag = true },
	{ .kind = WORD_KEYWORD, .word = "show", .next = words_show_network,
	    .request = "networks", .view = VIEW_NETWORKS },
	LAST,
};

/* flowspec add|delete inet|inet6 words of a flow [set attributes] */
static const struct word_row words_flow_rest[] = {
	{ .kind = WORD_REST, .word = "<flow>", .next = words_end,
	    .key = "flow" },
	LAST,
};

static const struct word_row words_flow_family[] = {
	{ .kind = WORD_KEYWORD, .word = "inet", .next = words_flow_rest,
	    .key = "family", .text = "ipv4" },
	{ .kind = WORD_KEYWORD, .word = "inet6", .next = words_flow_rest,
	    .key = "family", .text = "ipv6" },
	LAST,
};

static const struct word_row words_flowspec[] = {
	{ .kind = WORD_KEYWORD, .word = "add", .next = words_flow_family,
	    .key = "action", .text = "add" },
	{ .kind = WORD_KEYWORD, .word = "delete", .next = words_flow_family,
	    .key = "action", .text = "delete" },
	{ .kind = WORD_KEYWORD, .word = "flush", .next = words_end,
	    .key = "action", .text = "flush-flows" },
	SHOW_FLOWS("show"),
	LAST,
};

static const struct word_row words_log[] = {
	{ .kind = WORD_KEYWORD, .word = "verbose", .next = words_end,
	    .key = "level", .text = "verbose" },
	{ .kind = WORD_KEYWORD, .word = "brief", .next = words_end,
	    .key = "level", .text = "brief" },
	LAST,
};

/* reload confirm SECONDS tries, reload confirm alone confirms. */
static const struct word_row words_reload_confirm[] = {
	{ .kind = WORD_END, .word = "", .key = "action", .text = "confirm" },
	{ .kind = WORD_NUMBER, .word = "<seconds>", .next = words_end,
	    .key = "seconds" },
	LAST,
};

static const struct word_row words_reload[] = {
	END,
	KEYWORD("confirm", words_reload_confirm),
	{ .kind = WORD_KEYWORD, .word = "undo", .next = words_end,
	    .key = "action", .text = "undo" },
	{ .kind = WORD_REST, .word = "<reason>", .next = words_end,
	    .key = "reason" },
	LAST,
};

static const struct word_row words_config_file[] = {
	END,
	{ .kind = WORD_FILE, .word = "<file>", .next = words_end,
	    .key = "file" },
	LAST,
};

static const struct word_row words_config[] = {
	{ .kind = WORD_KEYWORD, .word = "diff", .next = words_config_file,
	    .request = "config-diff", .view = VIEW_CONFIG_DIFF },
	{ .kind = WORD_KEYWORD, .word = "impact", .next = words_config_file,
	    .request = "config-impact", .view = VIEW_CONFIG_IMPACT },
	LAST,
};

static const struct word_row words_api[] = {
	{ .kind = WORD_REST, .word = "<command>", .next = words_end },
	LAST,
};

static const struct word_row words_main[] = {
	{ .kind = WORD_KEYWORD, .word = "api", .next = words_api,
	    .request = "api", .view = VIEW_API },
	KEYWORD("config", words_config),
	{ .kind = WORD_KEYWORD, .word = "fib", .next = words_couple,
	    .request = "couple" },
	{ .kind = WORD_KEYWORD, .word = "flowspec", .next = words_flowspec,
	    .request = "network" },
	{ .kind = WORD_KEYWORD, .word = "log", .next = words_log,
	    .request = "log" },
	{ .kind = WORD_KEYWORD, .word = "neighbor", .next = words_neighbor,
	    .request = "neighbor" },
	{ .kind = WORD_KEYWORD, .word = "network", .next = words_network,
	    .request = "network" },
	{ .kind = WORD_KEYWORD, .word = "reload", .next = words_reload,
	    .request = "reload" },
	{ .kind = WORD_KEYWORD, .word = "restart", .next = words_end,
	    .request = "restart" },
	KEYWORD("show", words_show),
	LAST,
};

static struct ctl_pair *
words_pair(struct ctl_request *r, const char *key)
{
	size_t i;

	for (i = 0; i < r->n_pairs; i++)
		if (strcmp(r->pairs[i].key, key) == 0)
			break;
	if (i == CTL_PAIRS_MAX)
		i--;
	else if (i == r->n_pairs)
		r->n_pairs++;
	r->pairs[i] = (struct ctl_pair){ .key = key };
	return &r->pairs[i];
}

void
ctl_set_text(struct ctl_request *r, const char *key, const char *text)
{
	words_pair(r, key)->text = text;
}

void
ctl_set_flag(struct ctl_request *r, const char *key)
{
	words_pair(r, key);
}

void
ctl_set_number(struct ctl_request *r, const char *key, uint64_t number)
{
	struct ctl_pair *p = words_pair(r, key);

	p->number = number;
	p->is_number = true;
}

void
ctl_request_emit(const struct ctl_request *r, struct wr *w)
{
	struct emit e;
	size_t i;

	emit_msgpack_init(&e, w);
	emit_begin_object(&e);
	emit_key_string(&e, "request", r->request);
	if (r->route[0] != '\0')
		emit_key_string(&e, "route", r->route);
	for (i = 0; i < r->n_pairs; i++) {
		if (r->pairs[i].is_number)
			emit_key_number(&e, r->pairs[i].key,
			    r->pairs[i].number);
		else if (r->pairs[i].text != NULL)
			emit_key_string(&e, r->pairs[i].key,
			    r->pairs[i].text);
		else
			emit_key_boolean(&e, r->pairs[i].key, true);
	}
	emit_end_object(&e);
}

/* "65001" or "1.10". */
static bool
words_to_number(const char *s, uint64_t *out)
{
	unsigned long high, low;
	char *end;

	if (*s < '0' || *s > '9')
		return false;
	high = strtoul(s, &end, 10);
	if (*end == '\0') {
		*out = high;
		return high <= UINT32_MAX;
	}
	if (*end != '.' || high > UINT16_MAX)
		return false;
	low = strtoul(end + 1, &end, 10);
	*out = high << 16 | low;
	return *end == '\0' && low <= UINT16_MAX;
}

static bool
words_value_fits(const struct word_row *row, const char *word)
{
	struct prefix prefix;
	uint64_t number;

	switch (row->kind) {
	case WORD_PREFIX:
		return prefix_parse(word, &prefix) == 0;
	case WORD_NUMBER:
		return words_to_number(word, &number);
	case WORD_PEER:
	case WORD_TEXT:
	case WORD_FILE:
	case WORD_REST:
		return true;
	default:
		return false;
	}
}

/* Names of families, which have capitals, may be written without. */
static bool
words_begins(const char *keyword, const char *word)
{
	return keyword[0] >= 'A' && keyword[0] <= 'Z' ?
	    strncasecmp(keyword, word, strlen(word)) == 0 :
	    strncmp(keyword, word, strlen(word)) == 0;
}

/*
 * The row of a word: a keyword exactly, else the only one that begins so,
 * else a value. *is_ambiguous when several keywords begin so.
 */
static const struct word_row *
words_match(const struct word_row *table, const char *word,
    bool *is_ambiguous)
{
	const struct word_row *row, *found = NULL;
	unsigned n = 0;

	*is_ambiguous = false;
	for (row = table; row->word != NULL; row++) {
		if (row->kind != WORD_KEYWORD ||
		    !words_begins(row->word, word))
			continue;
		if (row->word[strlen(word)] == '\0')
			return row;
		found = row;
		n++;
	}
	if (n == 1)
		return found;
	for (row = table; row->word != NULL; row++)
		if (words_value_fits(row, word))
			return row;
	*is_ambiguous = n > 1;
	return NULL;
}

static int
words_complain(const struct word_row *table, const char *what,
    const char *word)
{
	const struct word_row *row;

	fprintf(stderr, "%s%s%s\n", what, *word == '\0' ? "" : " ", word);
	fprintf(stderr, "valid commands/args:\n");
	for (row = table; row->word != NULL; row++)
		if (row->kind != WORD_END)
			fprintf(stderr, "  %s\n", row->word);
	return -1;
}

static char *
words_join(int argc, char **argv)
{
	size_t len = 1;
	char *all;
	int i;

	for (i = 0; i < argc; i++)
		len += strlen(argv[i]) + 1;
	all = calloc(1, len);
	if (all == NULL)
		abort();
	for (i = 0; i < argc; i++) {
		if (i > 0)
			strlcat(all, " ", len);
		strlcat(all, argv[i], len);
	}
	return all;
}

/* The daemon is elsewhere: a path from here is made one from the root. */
static char *
words_path(const char *path)
{
	char *here = path[0] == '/' ? NULL : getcwd(NULL, 0), *all;

	if (asprintf(&all, "%s%s%s", here == NULL ? "" : here,
	    here == NULL ? "" : "/", path) == -1)
		abort();
	free(here);
	return all;
}

static void
words_apply(struct ctl_request *r, const struct word_row *row,
    const char *word)
{
	uint64_t number;

	if (row->request != NULL)
		r->request = row->request;
	if (row->view != VIEW_PLAIN)
		r->view = row->view;
	if (row->key == NULL)
		return;
	if (row->is_flag)
		ctl_set_flag(r, row->key);
	else if (row->text != NULL)
		ctl_set_text(r, row->key, row->text);
	else if (row->kind == WORD_NUMBER && words_to_number(word, &number))
		ctl_set_number(r, row->key, number);
	else
		ctl_set_text(r, row->key, word);
}

const char *
ctl_text(const struct ctl_request *r, const char *key)
{
	size_t i;

	for (i = 0; i < r->n_pairs; i++)
		if (strcmp(r->pairs[i].key, key) == 0)
			return r->pairs[i].text;
	return NULL;
}

uint64_t
ctl_number(const struct ctl_request *r, const char *key)
{
	size_t i;

	for (i = 0; i < r->n_pairs; i++)
		if (strcmp(r->pairs[i].key, key) == 0)
			return r->pairs[i].number;
	return 0;
}

bool
ctl_has(const struct ctl_request *r, const char *key)
{
	size_t i;

	for (i = 0; i < r->n_pairs; i++)
		if (strcmp(r->pairs[i].key, key) == 0)
			return true;
	return false;
}

int
ctl_parse(struct ctl_request *r, int argc, char **argv)
{
	const struct word_row *table = words_main, *row;
	bool is_ambiguous;
	int i;

	*r = (struct ctl_request){ .view = VIEW_PLAIN };
	for (i = 0; i < argc; i++) {
		if (table == words_end) {
			fprintf(stderr, "superfluous argument: %s\n", argv[i]);
			return -1;
		}
		row = words_match(table, argv[i], &is_ambiguous);
		if (row == NULL)
			return words_complain(table, is_ambiguous ?
			    "ambiguous argument:" : "unknown argument:",
			    argv[i]);
		if (row->kind == WORD_REST) {
			r->rest = words_join(argc - i, argv + i);
			words_apply(r, row, r->rest);
			i = argc;
		} else if (row->kind == WORD_FILE) {
			r->rest = words_path(argv[i]);
			words_apply(r, row, r->rest);
		} else {
			words_apply(r, row, argv[i]);
		}
		table = row->next;
	}
	if (table[0].kind != WORD_END)
		return words_complain(table, "missing argument:", "");
	words_apply(r, &table[0], "");
	if (strcmp(r->request, "network") == 0)
		ctl_make_route(r);
	if (ctl_has(r, "ext-type") && !ctl_make_ext(r)) {
		fprintf(stderr, "invalid ext-community: %s %s\n",
		    ctl_text(r, "ext-type"), ctl_text(r, "ext-value"));
		return -1;
	}
	if (strcmp(r->request, "reload") == 0 && ctl_has(r, "seconds"))
		r->done_text = "to be kept it has to be confirmed in time: "
		    "bgpctl reload confirm";
	r->sent_text = r->view != VIEW_PLAIN ? NULL :
	    strcmp(r->request, "reload") == 0 ? "reload request sent." :
	    strcmp(r->request, "restart") == 0 ? "restart request sent." :
	    strcmp(r->request, "log") == 0 ? "logging request sent." :
	    strcmp(r->request, "network") == 0 && !r->is_mrt ?
	    "request sent." : NULL;
	return 0;
}

void
ctl_complete(int argc, char **argv)
{
	const struct word_row *table = words_main, *row;
	const char *last = argc == 0 ? "" : argv[argc - 1];
	bool is_ambiguous;
	int i;

	for (i = 0; i + 1 < argc; i++) {
		row = words_match(table, argv[i], &is_ambiguous);
		if (row == NULL || row->kind == WORD_REST)
			return;
		table = row->next;
	}
	for (row = table; row->word != NULL; row++) {
		if (row->kind != WORD_END && (row->kind != WORD_KEYWORD ||
		    words_begins(row->word, last)))
			printf("%s\n", row->word);
	}
}
