/* SPDX-License-Identifier: ISC */
/* show mrt [options] [filter] [file F], in any order. */
#include "api/ctl/words.h"

#define MRT_FLAG(w, k) \
	{ .kind = WORD_KEYWORD, .word = w, .next = words_show_mrt, .key = k, \
	    .is_flag = true }
#define MRT_TEXT(w, k, t) \
	{ .kind = WORD_KEYWORD, .word = w, .next = words_show_mrt, .key = k, \
	    .text = t }
#define MRT_VIEW(w, v) \
	{ .kind = WORD_KEYWORD, .word = w, .next = words_show_mrt, \
	    .view = v, .key = "detail", .is_flag = true }
#define MRT_VALUE(name, k, v, show) \
	static const struct word_row name[] = { \
		{ .kind = v, .word = show, .next = words_show_mrt, .key = k }, \
		LAST, \
	}

MRT_VALUE(words_as, "as", WORD_NUMBER, "<asnum>");
MRT_VALUE(words_peer_as, "peer-as", WORD_NUMBER, "<asnum>");
MRT_VALUE(words_source_as, "source-as", WORD_NUMBER, "<asnum>");
MRT_VALUE(words_transit_as, "transit-as", WORD_NUMBER, "<asnum>");
MRT_VALUE(words_file, "file", WORD_FILE, "<file>");
MRT_VALUE(words_neighbor, "neighbor", WORD_TEXT, "<address>");

#define MRT_WORDS \
	END, \
	KEYWORD("as", words_as), \
	MRT_VIEW("detail", VIEW_RIB_DETAIL), \
	MRT_FLAG("empty-as", "empty-as"), \
	KEYWORD("file", words_file), \
	MRT_TEXT("inet", "family", "inet"), \
	MRT_TEXT("inet6", "family", "inet6"), \
	MRT_TEXT("IPv4", "family", "inet"), \
	MRT_TEXT("IPv6", "family", "inet6"), \
	KEYWORD("neighbor", words_neighbor), \
	KEYWORD("peer-as", words_peer_as), \
	{ .kind = WORD_KEYWORD, .word = "peers", .next = words_show_mrt, \
	    .view = VIEW_MRT_PEERS }, \
	KEYWORD("source-as", words_source_as), \
	MRT_VIEW("ssv", VIEW_RIB_SSV), \
	KEYWORD("transit-as", words_transit_as)

static const struct word_row words_prefix[] = {
	MRT_WORDS,
	MRT_TEXT("all", "match", "or-longer"),
	MRT_TEXT("longer-prefixes", "match", "or-longer"),
	MRT_TEXT("or-longer", "match", "or-longer"),
	MRT_TEXT("or-shorter", "match", "or-shorter"),
	LAST,
};

const struct word_row words_show_mrt[] = {
	MRT_WORDS,
	{ .kind = WORD_PREFIX, .word = "<prefix>", .next = words_prefix,
	    .key = "prefix" },
	LAST,
};
