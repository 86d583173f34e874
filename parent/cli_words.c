/* SPDX-License-Identifier: ISC */
/*
 * A command's words may be shortened as long as only one command begins so.
 * Where several do, show, announce and withdraw take the first one of the
 * table (`a r` is announce route), others are left as they were typed. What
 * is no command's word (addresses, attributes) stays as it is.
 */
#include "parent/cli_words.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#define CLI_WORDS_MAX	64	/* of a line that are looked at */
#define CLI_PHRASE_MAX	6

/* Commands in both orders; an earlier one is preferred. */
static const char *const cli_phrases[] = {
	"show neighbor summary", "show neighbor extensive",
	"show neighbor configuration", "show adj-rib in extensive",
	"show adj-rib out extensive",
	"announce route", "announce attributes", "announce eor",
	"announce flow route", "announce ipv4", "announce ipv6",
	"announce operational", "announce route-refresh", "announce vpls",
	"announce l2vpn", "announce watchdog",
	"withdraw route", "withdraw attributes", "withdraw flow route",
	"withdraw ipv4", "withdraw ipv6", "withdraw vpls", "withdraw l2vpn",
	"withdraw watchdog",
	"teardown", "flush adj-rib out", "clear adj-rib in",
	"clear adj-rib out", "help", "version", "reload", "restart",
	"shutdown", "status", "reset", "ping", "bye", "queue-status",
	"enable-ack", "disable-ack", "silence-ack", "enable-sync",
	"disable-sync", "create neighbor", "delete neighbor",
	"group start", "group end", "api version",
	"peer list", "peer show summary", "peer show extensive",
	"peer show configuration", "peer create", "peer delete",
	"rib show in extensive", "rib show out extensive", "rib flush out",
	"rib clear in", "rib clear out",
	"daemon reload", "daemon restart", "daemon shutdown",
	"daemon status", "session ack enable", "session ack disable",
	"session ack silence", "session sync enable",
	"session sync disable", "session ping", "session bye",
	"session reset", "system help", "system version",
	"system queue-status", "system api version", "routes list",
	"routes add", "routes remove",
};

#define CLI_N_PHRASES	(sizeof(cli_phrases) / sizeof(cli_phrases[0]))

/* Spellings and short forms that are no beginnings. */
static const struct { const char *from, *to; } cli_aliases[] = {
	{ "neighbour", "neighbor" }, { "neigbour", "neighbor" },
	{ "neigbor", "neighbor" }, { "rr", "route-refresh" },
	{ "neighbors", "neighbor" },
};

struct cli_line {
	char	words[CLI_WORDS_MAX][128];
	size_t	n;
	const char *rest;	/* beyond that many words */
};

/* The i-th word of a phrase; false behind its end. */
static bool
phrase_word(const char *phrase, size_t i, char *word, size_t word_len)
{
	size_t n;

	for (;; phrase += n + 1) {
		n = strcspn(phrase, " ");
		if (i-- == 0)
			break;
		if (phrase[n] == '\0')
			return false;
	}
	snprintf(word, word_len, "%.*s", (int)n, phrase);
	return n != 0;
}

/*
 * How many words of the phrase the line's words from `from` on begin; *exact
 * of them are spelled out. 0 if the first does not.
 */
static size_t
phrase_match(const char *phrase, const struct cli_line *l, size_t from,
    size_t *exact)
{
	char word[64];
	size_t i;

	*exact = 0;
	for (i = 0; from + i < l->n && i < CLI_PHRASE_MAX; i++) {
		if (!phrase_word(phrase, i, word, sizeof(word)))
			break;
		if (strncmp(word, l->words[from + i],
		    strlen(l->words[from + i])) != 0)
			break;
		*exact += strcmp(word, l->words[from + i]) == 0;
	}
	return i;
}

/* Whether another word than the phrase's i-th could be meant. */
static bool
is_ambiguous(const char *phrase, const struct cli_line *l, size_t from,
    size_t i)
{
	const char *token = l->words[from + i];
	char word[64], other[64];
	size_t k, j;

	phrase_word(phrase, i, word, sizeof(word));
	if (strcmp(word, token) == 0)
		return false;
	for (k = 0; k < CLI_N_PHRASES; k++) {
		for (j = 0; j < i; j++) {
			phrase_word(phrase, j, word, sizeof(word));
			if (!phrase_word(cli_phrases[k], j, other,
			    sizeof(other)) || strcmp(word, other) != 0)
				break;
		}
		phrase_word(phrase, i, word, sizeof(word));
		if (j == i && phrase_word(cli_phrases[k], i, other,
		    sizeof(other)) && strcmp(word, other) != 0 &&
		    strncmp(other, token, strlen(token)) == 0)
			return true;
	}
	return false;
}

/* Commands of which the likeliest may be taken: no harm is done. */
static bool
is_forgiving(const char *phrase)
{
	return strncmp(phrase, "show ", 5) == 0 ||
	    strncmp(phrase, "announce ", 9) == 0 ||
	    strncmp(phrase, "withdraw ", 9) == 0;
}

/* Spell out the command that begins at this word. */
static void
line_expand(struct cli_line *l, size_t from)
{
	const char *best = NULL;
	size_t i, n, exact, best_n = 0, best_exact = 0;

	for (i = 0; i < CLI_N_PHRASES; i++) {
		n = phrase_match(cli_phrases[i], l, from, &exact);
		if (n > best_n || (n == best_n && n != 0 &&
		    exact > best_exact)) {
			best = cli_phrases[i];
			best_n = n;
			best_exact = exact;
		}
	}
	for (i = 0; best != NULL && i < best_n && (is_forgiving(best) ||
	    !is_ambiguous(best, l, from, i)); i++)
		phrase_word(best, i, l->words[from + i],
		    sizeof(l->words[0]));
}

static bool
is_address(const char *word)
{
	return strchr(word, '.') != NULL || strchr(word, ':') != NULL ||
	    word[0] == '*' || word[0] == '[';
}

/* Behind `neighbor ADDRESS [key value]... ,`: the index of the verb. */
static size_t
line_verb(struct cli_line *l)
{
	static const char *const keys[] = {
		"local-ip", "local-as", "peer-as", "router-id",
		"family-allowed",
	};
	size_t i, k, n = strlen(l->words[0]);
	const char *name = strncmp("neighbor", l->words[0], n) == 0 ?
	    "neighbor" : strncmp("peer", l->words[0], n) == 0 ? "peer" : NULL;

	if (name == NULL || l->n < 2 || !is_address(l->words[1]))
		return 0;
	snprintf(l->words[0], sizeof(l->words[0]), "%s", name);
	for (i = 1; i < l->n; i++) {
		if (is_address(l->words[i]) || l->words[i][0] == ']' ||
		    l->words[i][0] == ',' ||
		    strcmp(l->words[i], "neighbor") == 0)
			continue;
		for (k = 0; k < 5; k++)
			if (strcmp(l->words[i], keys[k]) == 0)
				break;
		if (k == 5)
			return i;
		i++;
	}
	return l->n;
}

static void
line_read(struct cli_line *l, const char *line)
{
	size_t n, i;

	l->n = 0;
	line += strspn(line, " \t");
	while (*line != '\0' && l->n < CLI_WORDS_MAX) {
		n = strcspn(line, " \t");
		if (n >= sizeof(l->words[0]))
			break;
		snprintf(l->words[l->n], sizeof(l->words[0]), "%.*s", (int)n,
		    line);
		for (i = 0; i < sizeof(cli_aliases) / sizeof(cli_aliases[0]);
		    i++)
			if (strcmp(l->words[l->n], cli_aliases[i].from) == 0)
				snprintf(l->words[l->n], sizeof(l->words[0]),
				    "%s", cli_aliases[i].to);
		l->n++;
		line += n;
		line += strspn(line, " \t");
	}
	l->rest = line;
}

void
cli_words_expand(const char *line, char *out, size_t out_len)
{
	struct cli_line l;
	size_t i, n = 0;

	line_read(&l, line);
	if (l.n != 0)
		line_expand(&l, line_verb(&l));
	out[0] = '\0';
	for (i = 0; i < l.n && n < out_len; i++)
		n += (size_t)snprintf(out + n, out_len - n, "%s%s",
		    i == 0 ? "" : " ", l.words[i]);
	if (l.rest[0] != '\0' && n < out_len)
		snprintf(out + n, out_len - n, "%s%s", l.n == 0 ? "" : " ",
		    l.rest);
}
