/* SPDX-License-Identifier: ISC */
/*
 * show mrt [options] [filter] [file F] and network mrt [filter] [file F], in
 * any order. The filters are the same, but lead back to their own command's
 * table: each table is made by the same macro.
 */
#include "api/ctl/words.h"

#define MRT_FLAG(w, k, t) \
	{ .kind = WORD_KEYWORD, .word = w, .next = t, .key = k, \
	    .is_flag = true }
#define MRT_TEXT(w, k, v, t) \
	{ .kind = WORD_KEYWORD, .word = w, .next = t, .key = k, .text = v }
#define MRT_VIEW(w, v) \
	{ .kind = WORD_KEYWORD, .word = w, .next = words_show_mrt, \
	    .view = v, .key = "detail", .is_flag = true }
#define MRT_VALUE(name, k, v, show, t) \
	static const struct word_row name[] = { \
		{ .kind = v, .word = show, .next = t, .key = k }, \
		LAST, \
	}
/* The values of a command's filters; names end with c, they lead to t. */
#define MRT_VALUES(c, t) \
	MRT_VALUE(words_as_##c, "as", WORD_NUMBER, "<asnum>", t); \
	MRT_VALUE(words_peer_as_##c, "peer-as", WORD_NUMBER, "<asnum>", t); \
	MRT_VALUE(words_source_as_##c, "source-as", WORD_NUMBER, "<asnum>", \
	    t); \
	MRT_VALUE(words_transit_as_##c, "transit-as", WORD_NUMBER, \
	    "<asnum>", t); \
	MRT_VALUE(words_file_##c, "file", WORD_FILE, "<file>", t); \
	MRT_VALUE(words_neighbor_##c, "neighbor", WORD_TEXT, "<address>", t)

#define MRT_WORDS(c, t) \
	END, \
	KEYWORD("as", words_as_##c), \
	MRT_FLAG("empty-as", "empty-as", t), \
	KEYWORD("file", words_file_##c), \
	FAMILY_WORDS(t), \
	KEYWORD("neighbor", words_neighbor_##c), \
	KEYWORD("peer-as", words_peer_as_##c), \
	KEYWORD("source-as", words_source_as_##c), \
	KEYWORD("transit-as", words_transit_as_##c)

#define MRT_MATCHES(t) \
	MRT_TEXT("all", "match", "or-longer", t), \
	MRT_TEXT("longer-prefixes", "match", "or-longer", t), \
	MRT_TEXT("or-longer", "match", "or-longer", t), \
	MRT_TEXT("or-shorter", "match", "or-shorter", t)

#define MRT_SHOW_WORDS \
	MRT_VIEW("detail", VIEW_RIB_DETAIL), \
	{ .kind = WORD_KEYWORD, .word = "peers", .next = words_show_mrt, \
	    .view = VIEW_MRT_PEERS }, \
	MRT_VIEW("ssv", VIEW_RIB_SSV)

MRT_VALUES(show, words_show_mrt);
MRT_VALUES(network, words_network_mrt);

static const struct word_row words_show_prefix[] = {
	MRT_WORDS(show, words_show_mrt),
	MRT_SHOW_WORDS,
	MRT_MATCHES(words_show_mrt),
	LAST,
};

const struct word_row words_show_mrt[] = {
	MRT_WORDS(show, words_show_mrt),
	MRT_SHOW_WORDS,
	{ .kind = WORD_PREFIX, .word = "<prefix>", .next = words_show_prefix,
	    .key = "prefix" },
	LAST,
};

static const struct word_row words_network_prefix[] = {
	MRT_WORDS(network, words_network_mrt),
	MRT_MATCHES(words_network_mrt),
	LAST,
};

const struct word_row words_network_mrt[] = {
	MRT_WORDS(network, words_network_mrt),
	{ .kind = WORD_PREFIX, .word = "<prefix>",
	    .next = words_network_prefix, .key = "prefix" },
	LAST,
};
