/* SPDX-License-Identifier: ISC */
/*
 * Groups: lines that announce and withdraw are kept until `group end`, or
 * stand on one line behind `group`, and are then carried out as one, with
 * nothing of the program's in between. One answer tells how many there were;
 * what was wrong with some does not stop the others.
 */
#include "api/command.h"

#include "common/emit.h"

#include <err.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define GROUP_LINES_MAX		100000
#define GROUP_BYTES_MAX		(100u * 1024 * 1024)
#define GROUP_ERRORS_SHOWN	100	/* reasons told; the rest is counted */

struct group {
	struct wr	 lines;		/* each with its newline */
	size_t		 pos;		/* next to be carried out */
	uint32_t	 n_lines;
	bool		 is_running;
	bool		 is_json;
	bool		 is_sync;
	char		*shared;	/* attributes for those that follow */
	uint32_t	 n_announced, n_withdrawn, n_errors;
	struct wr	 errors;	/* the reasons as a JSON array */
	struct emit	 emit;
};

static struct group *
group_new(const struct command *c)
{
	struct group *u = calloc(1, sizeof(*u));

	if (u == NULL)
		err(1, "group");
	buf_writer_growing(&u->lines, GROUP_BYTES_MAX + PROGRAM_LINE_MAX);
	buf_writer_growing(&u->errors, 4 * 1024 * 1024);
	emit_json_init(&u->emit, &u->errors, false);
	emit_begin_array(&u->emit);
	u->is_json = c->is_json;
	u->is_sync = c->is_sync;
	return u;
}

void
group_free(struct program *g)
{
	struct group *u = g->group;

	if (u == NULL)
		return;
	buf_free(&u->lines);
	buf_free(&u->errors);
	free(u->shared);
	free(u);
	g->group = NULL;
}

bool
group_is_open(const struct program *g)
{
	return g->group != NULL && !g->group->is_running;
}

bool
group_is_running(const struct program *g)
{
	return g->group != NULL && g->group->is_running;
}

static bool
group_put(struct group *u, const char *line, size_t len)
{
	if (u->n_lines >= GROUP_LINES_MAX ||
	    u->lines.len + len + 1 > GROUP_BYTES_MAX)
		return false;
	buf_put_bytes(&u->lines, line, len);
	buf_put_u8(&u->lines, '\n');
	u->n_lines++;
	return true;
}

const char *
group_add(struct program *g, const char *line, size_t len)
{
	return group_put(g->group, line, len) ? NULL :
	    "the group is too large";
}

bool
group_next(struct program *g, const char **line, size_t *len)
{
	struct group *u = g->group;
	const char *at = (const char *)u->lines.base + u->pos, *end;

	if (u->pos == u->lines.len)
		return false;
	end = memchr(at, '\n', u->lines.len - u->pos);
	*line = at;
	*len = (size_t)(end - at);
	u->pos += *len + 1;
	return true;
}

void
group_count(struct program *g, bool is_withdraw, uint32_t n)
{
	if (is_withdraw)
		g->group->n_withdrawn += n;
	else
		g->group->n_announced += n;
}

void
group_fault(struct program *g, const char *why)
{
	struct group *u = g->group;

	g->n_errors++;
	if (u->n_errors++ < GROUP_ERRORS_SHOWN)
		emit_string(&u->emit, why);
}

const char *
group_shared(const struct program *g)
{
	return group_is_running(g) ? g->group->shared : NULL;
}

/* Every line was carried out: the answer follows when the RDE has all. */
void
group_finish(struct program *g)
{
	struct group *u = g->group;
	const struct audience *all;
	const char *why;

	g->wait = WAIT_ROUTES;
	all = u->is_sync ? select_audience(g->api, g, "", 0, &why) : NULL;
	if (all != NULL)
		ack_expect_sync(g, ACK_GROUP, all);
	else
		ack_expect(g, ACK_GROUP);
	u->is_running = false;
	if (g->api->n_routes_done == g->api->n_routes_sent)
		ack_routes_done(g->api);
}

static void
group_answer_json(struct program *g)
{
	struct group *u = g->group;

	emit_end_array(&u->emit);
	if (u->n_errors == 0 || u->errors.err != 0)
		program_print(g, "{\"status\": \"group processed\", "
		    "\"announced\": %u, \"withdrawn\": %u}\n",
		    u->n_announced, u->n_withdrawn);
	else
		program_say(g, "{\"status\": \"group processed\", "
		    "\"announced\": %u, \"withdrawn\": %u, \"errors\": %.*s}\n",
		    u->n_announced, u->n_withdrawn, (int)u->errors.len,
		    (const char *)u->errors.base);
}

void
group_answer(struct program *g)
{
	struct group *u = g->group;
	char errors[32] = "";

	if (u == NULL)
		return;
	if (u->n_errors != 0)
		snprintf(errors, sizeof(errors), ", %u errors", u->n_errors);
	if (u->is_json)
		group_answer_json(g);
	else
		program_print(g, "group processed: %u announced, "
		    "%u withdrawn%s\n", u->n_announced, u->n_withdrawn,
		    errors);
	group_free(g);
}

static const char *
cmd_group_start(struct command *c)
{
	struct program *g = c->program;

	if (g->group != NULL)
		return "already in group block (nested groups not allowed)";
	g->group = group_new(c);
	program_print(g, c->is_json ? "{\"status\": \"group started\"}\n" :
	    "group started\n");
	return NULL;
}

static const char *
cmd_group_end(struct command *c)
{
	struct program *g = c->program;

	if (!group_is_open(g))
		return "not in group block";
	if (g->group->n_lines == 0) {
		program_print(g, c->is_json ? "{\"status\": \"group ended\", "
		    "\"commands\": 0}\n" : "group ended (0 commands)\n");
		group_free(g);
		return NULL;
	}
	g->group->is_json = c->is_json;
	g->group->is_sync |= c->is_sync;
	g->group->is_running = true;
	return COMMAND_ANSWERED;
}

/* Length up to the next `;` that is not inside braces or quotes. */
static size_t
group_part(const char *at, size_t len)
{
	size_t i;
	int depth = 0;
	bool is_quoted = false;

	for (i = 0; i < len; i++) {
		if (at[i] == '"')
			is_quoted = !is_quoted;
		else if (!is_quoted && at[i] == '{')
			depth++;
		else if (!is_quoted && at[i] == '}')
			depth--;
		else if (!is_quoted && depth <= 0 && at[i] == ';')
			break;
	}
	return i;
}

/* [SELECTOR] group CMD ; CMD ... : each with the selector before it. */
static const char *
cmd_group(struct command *c)
{
	struct program *g = c->program;
	const char *why = NULL;
	struct wr line;
	size_t n;

	if (g->group != NULL)
		return "already in group block (nested groups not allowed)";
	if (command_audience(c, &why) == NULL)
		return why;
	g->group = group_new(c);
	buf_writer_growing(&line, 2 * PROGRAM_LINE_MAX);
	for (; c->rest_len > 0 && why == NULL; c->rest += n,
	    c->rest_len -= n) {
		n = group_part(c->rest, c->rest_len);
		buf_reset(&line);
		buf_put_bytes(&line, c->selector, c->selector_len);
		buf_put_u8(&line, ' ');
		buf_put_bytes(&line, c->rest, n);
		if (n > 0 && c->rest[strspn(c->rest, " \t")] != ';' &&
		    (line.err != 0 || !group_put(g->group,
		    (const char *)line.base, line.len)))
			why = "the group is too large";
		n += n < c->rest_len;
	}
	buf_free(&line);
	if (why == NULL && g->group->n_lines == 0)
		why = "empty group";
	if (why != NULL) {
		group_free(g);
		return why;
	}
	g->group->is_running = true;
	return COMMAND_ANSWERED;
}

/* attributes ... in a group: for the lines that follow. */
static const char *
cmd_group_attributes(struct command *c)
{
	struct program *g = c->program;

	if (!group_is_running(g))
		return "attributes stand alone only in a group";
	free(g->group->shared);
	g->group->shared = strndup(c->rest, c->rest_len);
	if (g->group->shared == NULL)
		err(1, "group");
	return NULL;
}

const struct command_row command_group_rows[] = {
	{ "attribute", cmd_group_attributes, COMMAND_GROUPED },
	{ "attributes", cmd_group_attributes, COMMAND_GROUPED },
	{ "group", cmd_group, COMMAND_ALONE },
	{ "group end", cmd_group_end, COMMAND_ALONE },
	{ "group start", cmd_group_start, COMMAND_ALONE },
};
const size_t command_group_n_rows =
    sizeof(command_group_rows) / sizeof(command_group_rows[0]);
