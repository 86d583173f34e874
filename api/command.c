/* SPDX-License-Identifier: ISC */
/*
 * Dispatch of a program's line: an optional selector of neighbors, then the
 * words of a command. Both orders are taken, version 4's verb first and
 * version 6's noun first; rows of both are in the same tables.
 */
#include "api/command.h"

#include <string.h>

const char command_answered[] = "answered";

/* Words at which a selector ends. */
static const char *const command_verbs[] = {
	"announce", "withdraw", "teardown", "show", "routes", "group",
	"flush", "clear", "refresh", "delete", "rib",
};

static bool
command_is_space(char c)
{
	return c == ' ' || c == '\t';
}

static void
command_trim(const char **at, size_t *len)
{
	while (*len > 0 && command_is_space(**at)) {
		(*at)++;
		(*len)--;
	}
	while (*len > 0 && command_is_space((*at)[*len - 1]))
		(*len)--;
}

/* Length of the first word. */
static size_t
command_word_len(const char *at, size_t len)
{
	size_t n = 0;

	while (n < len && !command_is_space(at[n]))
		n++;
	return n;
}

bool
command_word(struct command *c, char *word, size_t word_len)
{
	size_t n;

	command_trim(&c->rest, &c->rest_len);
	n = command_word_len(c->rest, c->rest_len);
	if (n == 0 || n >= word_len)
		return false;
	memcpy(word, c->rest, n);
	word[n] = '\0';
	c->rest += n;
	c->rest_len -= n;
	return true;
}

bool
command_take(struct command *c, const char *word)
{
	size_t n = strlen(word);

	command_trim(&c->rest, &c->rest_len);
	if (command_word_len(c->rest, c->rest_len) != n ||
	    memcmp(c->rest, word, n) != 0)
		return false;
	c->rest += n;
	c->rest_len -= n;
	command_trim(&c->rest, &c->rest_len);
	return true;
}

/* Length of the line's beginning that matches the row's words, or 0. */
static size_t
command_match(const char *words, const char *at, size_t len)
{
	size_t i = 0;

	for (; *words != '\0'; words++) {
		if (*words != ' ') {
			if (i >= len || at[i++] != *words)
				return 0;
			continue;
		}
		if (i >= len || !command_is_space(at[i]))
			return 0;
		while (i < len && command_is_space(at[i]))
			i++;
	}
	return i == len || command_is_space(at[i]) ? i : 0;
}

static const struct command_row *
command_find_in(const struct command_row *rows, size_t n_rows,
    const struct command *c, size_t *best)
{
	const struct command_row *found = NULL;
	size_t i, n;

	for (i = 0; i < n_rows; i++) {
		n = command_match(rows[i].words, c->rest, c->rest_len);
		if (n > *best) {
			*best = n;
			found = &rows[i];
		}
	}
	return found;
}

static const struct command_row *
command_find(struct command *c)
{
	const struct {
		const struct command_row *rows;
		size_t n;
	} tables[] = {
		{ command_route_rows, command_route_n_rows },
		{ command_routes_rows, command_routes_n_rows },
		{ command_group_rows, command_group_n_rows },
		{ command_change_rows, command_change_n_rows },
		{ command_peer_rows, command_peer_n_rows },
		{ command_daemon_rows, command_daemon_n_rows },
	};
	const struct command_row *row, *found = NULL;
	size_t best = 0, i;

	for (i = 0; i < sizeof(tables) / sizeof(tables[0]); i++) {
		row = command_find_in(tables[i].rows, tables[i].n, c, &best);
		if (row != NULL)
			found = row;
	}
	if (found != NULL) {
		c->rest += best;
		c->rest_len -= best;
		command_trim(&c->rest, &c->rest_len);
	}
	return found;
}

static bool
command_is_verb(const char *word, size_t len)
{
	size_t i, n = sizeof(command_verbs) / sizeof(command_verbs[0]);

	for (i = 0; i < n; i++)
		if (strlen(command_verbs[i]) == len &&
		    memcmp(word, command_verbs[i], len) == 0)
			return true;
	return false;
}

/* "neighbor 10.0.0.1 local-as 1 announce ...": cut before the verb. */
static bool
command_cut_selector(struct command *c)
{
	const char *at = c->rest;
	size_t left = c->rest_len, n;

	n = command_word_len(at, left);
	if (!(n == 8 && memcmp(at, "neighbor", 8) == 0) &&
	    !(n == 4 && memcmp(at, "peer", 4) == 0))
		return true;
	while (left > 0) {
		n = command_word_len(at, left);
		if (command_is_verb(at, n)) {
			c->selector = c->rest;
			c->selector_len = (size_t)(at - c->rest);
			command_trim(&c->selector, &c->selector_len);
			c->rest = at;
			c->rest_len = left;
			return true;
		}
		at += n;
		left -= n;
		while (left > 0 && command_is_space(*at)) {
			at++;
			left--;
		}
	}
	return false;
}

/* A trailing word that says how to answer. */
static bool
command_take_last(struct command *c, const char *word)
{
	size_t n = strlen(word);

	if (c->rest_len < n || memcmp(c->rest + c->rest_len - n, word,
	    n) != 0 || (c->rest_len > n &&
	    !command_is_space(c->rest[c->rest_len - n - 1])))
		return false;
	c->rest_len -= n;
	command_trim(&c->rest, &c->rest_len);
	return true;
}

struct audience *
command_audience(struct command *c, const char **why)
{
	c->audience = select_audience(c->api, c->program,
	    c->selector == NULL ? "" : c->selector, c->selector_len, why);
	return c->audience;
}

/*
 * Routes are acked when the RDE has them. Commands that answer with nothing
 * but an ack can queue behind those; others have to wait.
 */
static bool
command_must_wait(const struct program *g, const struct command_row *row)
{
	return g->n_unacked != 0 && row != NULL && row->kind == COMMAND_ALONE;
}

/* Put the line back, newline and all, until the acks are out. */
void
command_wait(struct program *g)
{
	g->wait = WAIT_ROUTES;
	g->input_pos = g->input_mark;
	g->n_lines--;
}

/* An ack that says no more than that, in its turn. */
static void
command_ack(struct program *g)
{
	if (g->n_unacked != 0)
		ack_expect(g, ACK_LINE);
	else
		program_ack(g);
}

/* The row of a line, its words and selector taken off; NULL: none. */
static const struct command_row *
command_parse(struct command *c)
{
	const struct command_row *row;

	/* peer list, peer show ... are commands; peer 1.2.3.4 selects. */
	row = command_find(c);
	if (row == NULL) {
		if (!command_cut_selector(c))
			return NULL;	/* no command follows it */
		row = command_find(c);
	}
	if (row == NULL)
		return NULL;
	if (command_take_last(c, "json"))
		c->is_json = true;
	if (command_take_last(c, "sync"))
		c->is_sync = true;
	else if (command_take_last(c, "async"))
		c->is_sync = false;
	return row;
}

/* In an open group a line is checked for its neighbors only, and kept. */
static const char *
command_keep(struct command *c, const struct command_row *row,
    const char *line, size_t len)
{
	const char *why = NULL;

	if (command_group_rows > row ||
	    row >= command_group_rows + command_group_n_rows)
		if (command_audience(c, &why) == NULL)
			return why;
	return group_add(c->program, line, len);
}

static void
command_answer(struct command *c, const struct command_row *row,
    const char *why)
{
	struct program *g = c->program;

	if (why == COMMAND_ANSWERED)
		return;
	if (why == NULL && c->is_sync && c->audience != NULL &&
	    row->kind != COMMAND_ALONE && !group_is_open(g))
		ack_expect_sync(g, ACK_LINE, c->audience);
	else if (why == NULL && c->n_routes != 0)
		ack_expect(g, ACK_LINE);
	else
		command_answer_plain(g, why);
}

void
command_answer_plain(struct program *g, const char *why)
{
	if (why == NULL)
		command_ack(g);
	else if (g->n_unacked != 0)
		command_wait(g);
	else
		program_error(g, why);
}

void
command_run(struct program *g, const char *line, size_t len)
{
	struct command c = {
		.program = g, .api = g->api, .rest = line, .rest_len = len,
		.is_json = g->version >= 6, .is_sync = g->is_sync,
	};
	const struct command_row *row;
	const char *why = "unknown command";

	command_trim(&c.rest, &c.rest_len);
	if (c.rest_len == 0 || (c.rest_len >= 6 &&
	    memcmp(c.rest, "debug ", 6) == 0))
		return;
	if (*c.rest == '#') {
		command_ack(g);
		return;
	}
	row = command_parse(&c);
	if (command_must_wait(g, row)) {
		command_wait(g);
		return;
	}
	if (row != NULL && row->kind == COMMAND_GROUPED && group_is_open(g))
		why = command_keep(&c, row, line, len);
	else if (row != NULL)
		why = row->handle(&c);
	command_answer(&c, row, why);
}

void
command_run_routes(struct program *g, const char *line, size_t len,
    const struct value *routes)
{
	struct command c = {
		.program = g, .api = g->api, .rest = line, .rest_len = len,
		.is_sync = g->is_sync,
	};
	const struct command_row *row;
	const char *why = "not in a group";

	command_trim(&c.rest, &c.rest_len);
	row = command_parse(&c);
	if (!group_is_open(g) && row != NULL)
		why = pack_announce(&c, routes,
		    strcmp(row->words, "withdraw") == 0);
	command_answer(&c, row, why);
}

void
command_run_grouped(struct program *g, const char *line, size_t len)
{
	struct command c = {
		.program = g, .api = g->api, .rest = line, .rest_len = len,
	};
	const struct command_row *row;
	const char *why = "unknown action in group";

	command_trim(&c.rest, &c.rest_len);
	row = command_parse(&c);
	if (row != NULL && row->kind == COMMAND_GROUPED)
		why = row->handle(&c);
	if (why != NULL && why != COMMAND_ANSWERED)
		group_fault(g, why);
}
