/* SPDX-License-Identifier: ISC */
/*
 * routes list, add and remove: routes by an index, which stands for family
 * and destination and is opaque to programs.
 *
 * index: AFI 2 | SAFI 1 | has path id 1 | path id 4, if it has | NLRI
 */
#include "api/command.h"

#include "common/attr/attr.h"
#include "common/chan.h"
#include "common/emit.h"
#include "common/nlri/nlri.h"

#include <stdlib.h>
#include <string.h>

#define ROUTES_INDEX_MAX	4096	/* bytes */

void
routes_put_index(const struct nlri *n, struct wr *hex)
{
	uint8_t bytes[ROUTES_INDEX_MAX];
	struct wr w;
	size_t i;

	buf_writer(&w, bytes, sizeof(bytes));
	buf_put_u16(&w, n->family->afi);
	buf_put_u8(&w, n->family->safi);
	buf_put_u8(&w, n->has_path_id);
	if (n->has_path_id)
		buf_put_u32(&w, n->path_id);
	buf_put_bytes(&w, n->bytes, n->len);
	for (i = 0; w.err == 0 && i < w.len; i++)
		buf_put_format(hex, "%02x", w.base[i]);
}

static int
routes_digit(char c)
{
	return c >= '0' && c <= '9' ? c - '0' :
	    c >= 'a' && c <= 'f' ? c - 'a' + 10 :
	    c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

/* The bytes of an index; their number, 0 when it is none. */
static size_t
routes_unhex(const char *text, size_t len, uint8_t *bytes, size_t max)
{
	size_t i;
	int high, low;

	if (len % 2 != 0 || len / 2 > max)
		return 0;
	for (i = 0; i < len / 2; i++) {
		high = routes_digit(text[2 * i]);
		low = routes_digit(text[2 * i + 1]);
		if (high < 0 || low < 0)
			return 0;
		bytes[i] = (uint8_t)(high << 4 | low);
	}
	return len / 2;
}

/* A withdrawal of what an index (bytes, borrowed by out) stands for. */
static bool
routes_from_index(const uint8_t *bytes, size_t len, struct route *out)
{
	struct rd r = buf_reader(bytes, len), run;
	struct nlri n;
	uint16_t afi = buf_get_u16(&r);
	const struct nlri_family *f = nlri_find(afi, buf_get_u8(&r));
	bool has_path_id = buf_get_u8(&r) != 0;

	*out = (struct route){ .family = f, .flags = ROUTE_WITHDRAW };
	if (has_path_id) {
		out->flags |= ROUTE_HAS_PATH_ID;
		out->path_id = buf_get_u32(&r);
	}
	if (r.is_short || f == NULL)
		return false;
	out->nlri = run = r;
	return nlri_next(f, false, &run, &n) == 0 && buf_left(&run) == 0;
}

static void
routes_put_nexthop(const struct route *r, struct wr *w)
{
	char text[2 * ADDR_TEXT_MAX + 8];

	if (r->flags & ROUTE_NEXTHOP_SELF)
		buf_put_text(w, " next-hop self");
	else if (r->nexthop.len != 0)
		buf_put_format(w, " next-hop %s",
		    update_nexthop_text(&r->nexthop, text, sizeof(text)));
}

/* What the answer says of one route. */
static void
routes_tell(struct command *c, const struct route *r, const char *verdict)
{
	struct program *g = c->program;
	struct nlri n;
	struct emit e;
	struct wr index, text;

	buf_writer_growing(&index, 4 * ROUTES_INDEX_MAX);
	buf_writer_growing(&text, PROGRAM_LINE_MAX);
	route_nlri(r, &n);
	n.has_path_id = (r->flags & ROUTE_HAS_PATH_ID) != 0;
	n.path_id = r->path_id;
	routes_put_index(&n, &index);
	nlri_text(&n, &text);
	routes_put_nexthop(r, &text);
	attr_text_block(r->attrs, &text);
	if (c->is_json) {
		emit_json_init(&e, &g->routes, false);
		emit_begin_object(&e);
		emit_key(&e, "index");
		emit_string_len(&e, (char *)index.base, index.len);
		emit_key(&e, "route");
		emit_string_len(&e, (char *)text.base, text.len);
		/* A removal's verdict is known when the RDE has looked. */
		if (verdict != NULL)
			emit_key_boolean(&e, verdict, true);
		emit_end_object(&e);
		buf_put_text(&g->routes, "\n");
	} else {
		buf_put_format(&g->routes, "index %.*s route %.*s\n",
		    (int)index.len, (char *)index.base, (int)text.len,
		    (char *)text.base);
	}
	buf_free(&index);
	buf_free(&text);
}

static int
routes_each(const struct text_route *t, void *arg)
{
	struct command *c = arg;

	api_add_route(c->api, c->audience, &t->route);
	c->n_routes++;
	routes_tell(c, &t->route, t->route.flags & ROUTE_WITHDRAW ? NULL :
	    "success");
	return 0;
}

/* "10.0.0.0/24 next-hop self" is short for a sentence that says route. */
static const char *
routes_parse(struct command *c, bool is_withdraw)
{
	struct api *api = c->api;
	struct wr w;
	int e;

	if (c->rest_len == 0)
		return is_withdraw ? "routes remove requires a route or index" :
		    "routes add requires a route";
	buf_writer_growing(&w, 2 * PROGRAM_LINE_MAX);
	if (c->rest[0] >= '0' && c->rest[0] <= '9')
		buf_put_text(&w, "route ");
	buf_put_bytes(&w, c->rest, c->rest_len);
	e = text_route_parse_line(&api->parser, (const char *)w.base, w.len,
	    is_withdraw, routes_each, c);
	buf_free(&w);
	return e == 0 ? NULL : api->parser.error;
}

/* The answer comes when the RDE has taken the routes. */
static const char *
routes_wait(struct command *c)
{
	struct program *g = c->program;

	api_flush_routes(c->api);
	g->routes_audience = c->audience->id;
	g->n_routes_hit = 0;
	g->wait = WAIT_ROUTES;
	if (c->is_sync)
		ack_expect_sync(g, ACK_ROUTES, c->audience);
	else
		ack_expect(g, ACK_ROUTES);
	return COMMAND_ANSWERED;
}

static const char *
routes_begin(struct command *c)
{
	const char *why = NULL;

	if (command_audience(c, &why) == NULL)
		return why;
	if (c->api->rde == NULL)
		return "the route decision engine is restarting";
	/* Others' routes for this audience are not to be counted. */
	api_flush_routes(c->api);
	buf_reset(&c->program->routes);
	return NULL;
}

static const char *
cmd_routes_add(struct command *c)
{
	const char *why = routes_begin(c);

	if (why == NULL)
		why = routes_parse(c, false);
	return why != NULL ? why : routes_wait(c);
}

static const char *
cmd_routes_remove(struct command *c)
{
	uint8_t bytes[ROUTES_INDEX_MAX];
	const char *why = routes_begin(c);
	struct route r;
	size_t n;

	if (why != NULL)
		return why;
	if (!command_take(c, "index")) {
		why = routes_parse(c, true);
		return why != NULL ? why : routes_wait(c);
	}
	n = routes_unhex(c->rest, c->rest_len, bytes, sizeof(bytes));
	if (n == 0 || !routes_from_index(bytes, n, &r))
		return "invalid index";
	api_add_route(c->api, c->audience, &r);
	routes_tell(c, &r, NULL);
	return routes_wait(c);
}

/*
 * What routes_tell wrote; of a removal the last word: "removed" is true if
 * any neighbor had such a route.
 */
void
routes_answer(struct program *g)
{
	struct wr *w = &g->routes;
	const char *verdict = g->n_routes_hit != 0 ? "true" : "false";
	char *at, *end;
	size_t left = w->err != 0 ? 0 : w->len;

	for (at = (char *)w->base; left > 0; left -= (size_t)(end - at) + 1,
	    at = end + 1) {
		end = memchr(at, '\n', left);
		if (at[0] == '{' && memmem(at, (size_t)(end - at),
		    "\"success\"", 9) == NULL)
			program_say(g, "{ \"removed\": %s,%.*s\n", verdict,
			    (int)(end - at - 1), at + 1);
		else
			program_say(g, "%.*s\n", (int)(end - at), at);
	}
	buf_reset(w);
	g->routes_audience = 0;
}

static const char *
cmd_routes_list(struct command *c)
{
	return rib_show(c, REPLY_ROUTES, true);
}

/* routes [AFI [SAFI]] list, add or remove. */
static const char *
cmd_routes(struct command *c)
{
	static const struct command_row actions[] = {
		{ "add", cmd_routes_add, COMMAND_ALONE },
		{ "list", cmd_routes_list, COMMAND_ALONE },
		{ "remove", cmd_routes_remove, COMMAND_ALONE },
	};
	size_t i, n = sizeof(actions) / sizeof(actions[0]);
	struct command start = *c;
	char word[32];

	c->program->family_mask = UINT32_MAX;
	do {
		for (i = 0; i < n; i++)
			if (command_take(c, actions[i].words))
				return actions[i].handle(c);
	} while (c->rest > start.rest + 64 ? false :
	    command_word(c, word, sizeof(word)) &&
	    rib_family_word(c->program, word));
	return "routes requires action: list, add, or remove";
}

const struct command_row command_routes_rows[] = {
	{ "routes", cmd_routes, COMMAND_ALONE },
};
const size_t command_routes_n_rows =
    sizeof(command_routes_rows) / sizeof(command_routes_rows[0]);
