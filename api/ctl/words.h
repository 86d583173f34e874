/* SPDX-License-Identifier: ISC */
/* Rows of the tables of words. Inside api/ctl only. */
#ifndef API_CTL_WORDS_H
#define API_CTL_WORDS_H

#include "api/ctl/ctl.h"

enum word_kind {
	WORD_KEYWORD,		/* the word itself */
	WORD_PEER,		/* address or description; "group NAME" is apart */
	WORD_PREFIX,		/* prefix or address */
	WORD_NUMBER,
	WORD_TEXT,		/* one word, as it is */
	WORD_FILE,		/* a path; the daemon gets a whole one */
	WORD_REST,		/* all that is left */
	WORD_END,		/* the line may end here */
};

struct word_row {
	enum word_kind		 kind;
	const char		*word;		/* or what is shown for a value */
	const struct word_row	*next;
	/* What it does: */
	const char		*request;
	enum ctl_view		 view;
	const char		*key;		/* member to set */
	const char		*text;		/* its value; NULL: the word given */
	bool			 is_flag;	/* the member is true */
};

#define KEYWORD(w, n)		{ .kind = WORD_KEYWORD, .word = w, .next = n }
#define END			{ .kind = WORD_END, .word = "" }
#define LAST			{ .word = NULL }

/* Names of families, with what may follow them. */
#define FAMILY_WORD(w, t, n) \
	{ .kind = WORD_KEYWORD, .word = w, .next = n, .key = "family", \
	    .text = t }
#define FAMILY_WORDS(n) \
	FAMILY_WORD("inet", "inet", n), \
	FAMILY_WORD("inet6", "inet6", n), \
	FAMILY_WORD("IPv4", "inet", n), \
	FAMILY_WORD("IPv6", "inet6", n), \
	FAMILY_WORD("VPNv4", "VPNv4", n), \
	FAMILY_WORD("VPNv6", "VPNv6", n)

/*
 * words_ext.c: make the request's ext-community of its ext-type and ext-value,
 * OpenBGPD's words. False if they are none.
 */
bool	ctl_make_ext(struct ctl_request *);

/* words_mrt.c: what follows show mrt, and network mrt. */
extern const struct word_row words_show_mrt[], words_network_mrt[];

#endif
