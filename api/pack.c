/* SPDX-License-Identifier: ISC */
/*
 * Commands in MessagePack, of programs whose encoder is msgpack:
 *
 *   "LINE"                      a command as text
 *   [WORD, ...]                 its words; arrays within are [ a b ]
 *   { "command": LINE | [...],  or "announce", "withdraw": a sentence
 *     "peer": SEL | [SEL, ...], the neighbors; all if absent
 *     "sync": BOOL }
 *
 * and, for many routes at once, a sentence as
 *
 *   { "family": "ipv4 unicast", "nlri": BYTES | [PREFIX, ...],
 *     "attributes": "next-hop self med 5", "path-ids": BOOL }
 *
 * where BYTES are NLRI as on the wire: they are cut and checked, not parsed
 * as text. What comes is hostile until shown otherwise.
 */
#include "api/command.h"

#include "common/arena.h"
#include "common/emit.h"
#include "common/nlri/nlri.h"
#include "common/value.h"

#include <stdlib.h>
#include <string.h>

#define PACK_ARENA_BYTES	(64 * 1024)
#define PACK_PREFIX_MAX		64

/* Routes that differ in their destination only. */
struct pack_routes {
	struct command		*command;
	struct route		 like;		/* attributes and next hop */
	struct wr		 attrs;
	const struct nlri_family *family;
	struct rd		 run;		/* wire NLRI */
	struct wr		 made;		/* run of prefixes in text */
	bool			 has_path_ids;
};

/*
 * Values to lines.
 */
static bool
pack_is_text(const struct value *v)
{
	return v->kind == VALUE_STRING &&
	    memchr(v->string, '\n', v->len) == NULL &&
	    memchr(v->string, '\0', v->len) == NULL;
}

static const char *
pack_words(const struct value *v, unsigned depth, struct wr *line)
{
	const struct value *item;
	const char *why;
	size_t i;

	for (i = 0; i < v->len; i++) {
		item = &v->items[i];
		if (line->len != 0)
			buf_put_u8(line, ' ');
		if (item->kind == VALUE_ARRAY && depth == 0) {
			buf_put_text(line, "[");
			why = pack_words(item, depth + 1, line);
			if (why != NULL)
				return why;
			buf_put_text(line, " ]");
		} else if (item->kind == VALUE_NUMBER) {
			buf_put_format(line, "%s%llu", item->is_negative ?
			    "-" : "", (unsigned long long)item->number);
		} else if (pack_is_text(item)) {
			buf_put_bytes(line, item->string, item->len);
		} else {
			return "a word is text, a number or a list of them";
		}
	}
	return NULL;
}

static const char *
pack_text(const struct value *v, struct wr *line)
{
	if (v->kind == VALUE_ARRAY)
		return pack_words(v, 0, line);
	if (!pack_is_text(v))
		return "a command is text or an array of words";
	buf_put_bytes(line, v->string, v->len);
	return NULL;
}

/* "peer SEL", "peer [ SEL, SEL ]" */
static const char *
pack_selector(const struct value *v, struct wr *line)
{
	size_t i;

	if (v == NULL)
		return NULL;
	buf_put_text(line, "peer ");
	if (pack_is_text(v)) {
		buf_put_bytes(line, v->string, v->len);
		buf_put_text(line, " ");
		return NULL;
	}
	if (v->kind != VALUE_ARRAY || v->len == 0)
		return "peer is text or an array of it";
	for (i = 0; i < v->len; i++) {
		if (!pack_is_text(&v->items[i]))
			return "peer is text or an array of it";
		buf_put_text(line, i == 0 ? "[ " : ", ");
		buf_put_bytes(line, v->items[i].string, v->items[i].len);
	}
	buf_put_text(line, " ] ");
	return NULL;
}

static const char *
pack_check_keys(const struct value *v, const char *const *keys, size_t n)
{
	size_t i, k;

	for (i = 0; i < v->len; i++) {
		for (k = 0; k < n; k++)
			if (v->items[2 * i].kind == VALUE_STRING &&
			    strcmp(v->items[2 * i].string, keys[k]) == 0)
				break;
		if (k == n)
			return "unknown key";
	}
	return NULL;
}

static const char *
pack_map(const struct value *v, struct wr *line, const struct value **routes)
{
	static const char *const keys[] = {
		"command", "announce", "withdraw", "peer", "sync",
	};
	const struct value *said = NULL, *sync = value_get(v, "sync");
	const char *why = pack_check_keys(v, keys, 5), *verb = NULL;
	unsigned i;

	for (i = 0; i < 3 && why == NULL; i++) {
		if (value_get(v, keys[i]) == NULL)
			continue;
		if (said != NULL)
			why = "one of command, announce and withdraw";
		said = value_get(v, keys[i]);
		verb = keys[i];
	}
	if (why == NULL && said == NULL)
		why = "command, announce or withdraw is needed";
	if (why == NULL && sync != NULL && sync->kind != VALUE_BOOLEAN)
		why = "sync is true or false";
	if (why == NULL)
		why = pack_selector(value_get(v, "peer"), line);
	if (why != NULL)
		return why;
	if (strcmp(verb, "command") != 0)
		buf_put_format(line, "%s ", verb);
	else if (said->kind == VALUE_OBJECT)
		return "a command is text or an array of words";
	if (said->kind == VALUE_OBJECT)
		*routes = said;
	else
		why = pack_text(said, line);
	if (why == NULL && sync != NULL)
		buf_put_text(line, sync->boolean ? " sync" : " async");
	return why;
}

const char *
pack_line(const struct value *v, struct wr *line, const struct value **routes)
{
	const char *why;

	*routes = NULL;
	why = v->kind == VALUE_OBJECT ? pack_map(v, line, routes) :
	    pack_text(v, line);
	return why == NULL && line->err != 0 ? "the command is too long" : why;
}

/*
 * Routes by their bytes.
 */
static int
pack_take_like(const struct text_route *t, void *arg)
{
	struct pack_routes *p = arg;
	struct rd attrs = t->route.attrs;

	p->like = t->route;
	buf_put_bytes(&p->attrs, attrs.pos, buf_left(&attrs));
	p->like.attrs = buf_reader(p->attrs.base, p->attrs.len);
	return p->attrs.err;
}

static const char *
pack_attributes(struct pack_routes *p, const struct value *v, bool is_withdraw)
{
	struct text_parser *parser = &p->command->api->parser;
	struct wr w;
	int e;

	p->like = (struct route){ .flags = is_withdraw ? ROUTE_WITHDRAW : 0 };
	if (v == NULL)
		return is_withdraw ? NULL : "attributes are needed";
	if (!pack_is_text(v))
		return "attributes are text";
	buf_writer_growing(&w, 2 * PROGRAM_LINE_MAX);
	buf_put_text(&w, "attributes ");
	buf_put_bytes(&w, v->string, v->len);
	e = text_route_parse_line(parser, (char *)w.base, w.len, is_withdraw,
	    pack_take_like, p);
	buf_free(&w);
	if (e != 0)
		return parser->error;
	return p->like.flags & ROUTE_NO_NLRI ? NULL :
	    "attributes name no destinations";
}

static const char *
pack_prefixes(struct pack_routes *p, const struct value *v)
{
	struct prefix prefix;
	size_t i;

	if (p->has_path_ids || !p->family->is_prefix)
		return "nlri of this family are bytes";
	for (i = 0; i < v->len; i++) {
		if (!pack_is_text(&v->items[i]) ||
		    prefix_parse(v->items[i].string, &prefix) != 0 ||
		    (prefix.addr.family == ADDR_IPV4) !=
		    (p->family->afi == 1))
			return "invalid prefix";
		prefix_mask(&prefix);
		nlri_put_prefix(&prefix, &p->made);
	}
	if (p->made.err != 0)
		return "too many prefixes";
	p->run = buf_reader(p->made.base, p->made.len);
	return NULL;
}

static const char *
pack_destinations(struct pack_routes *p, const struct value *v)
{
	struct rd run;
	struct nlri n;

	if (v == NULL || (v->kind != VALUE_STRING && v->kind != VALUE_ARRAY))
		return "nlri are bytes or an array of prefixes";
	if (v->kind == VALUE_ARRAY)
		return pack_prefixes(p, v);
	/* All of them are sound before the first one counts. */
	p->run = run = buf_reader(v->string, v->len);
	while (buf_left(&run) > 0)
		if (nlri_next(p->family, p->has_path_ids, &run, &n) != 0)
			return "malformed nlri";
	return NULL;
}

static const char *
pack_family(struct pack_routes *p, const struct value *v)
{
	const char *name = value_string(v, "");
	unsigned id;

	for (id = 0; id < NLRI_N_FAMILIES; id++)
		if (strcmp(nlri_by_id(id)->name, name) == 0)
			p->family = nlri_by_id(id);
	return p->family == NULL ? "unknown family" : NULL;
}

static void
pack_add(struct pack_routes *p)
{
	struct command *c = p->command;
	struct route r = p->like;
	struct nlri n;

	r.family = p->family;
	r.flags &= (uint16_t)~(ROUTE_NO_NLRI | ROUTE_HAS_PATH_ID);
	if (p->has_path_ids)
		r.flags |= ROUTE_HAS_PATH_ID;
	while (buf_left(&p->run) > 0 && nlri_next(p->family, p->has_path_ids,
	    &p->run, &n) == 0) {
		r.path_id = n.path_id;
		r.nlri = buf_reader(n.bytes, n.len);
		api_add_route(c->api, c->audience, &r);
		c->n_routes++;
	}
}

const char *
pack_announce(struct command *c, const struct value *v, bool is_withdraw)
{
	static const char *const keys[] = {
		"family", "nlri", "attributes", "path-ids",
	};
	struct pack_routes p = { .command = c };
	const char *why = pack_check_keys(v, keys, 4);

	if (why == NULL && command_audience(c, &why) == NULL)
		return why;
	if (why == NULL && c->api->rde == NULL)
		why = "the route decision engine is restarting";
	buf_writer_growing(&p.attrs, UINT16_MAX);
	buf_writer_growing(&p.made, PROGRAM_LINE_MAX);
	p.has_path_ids = value_get_boolean(v, "path-ids", false);
	if (why == NULL)
		why = pack_family(&p, value_get(v, "family"));
	if (why == NULL)
		why = pack_attributes(&p, value_get(v, "attributes"),
		    is_withdraw);
	if (why == NULL)
		why = pack_destinations(&p, value_get(v, "nlri"));
	if (why == NULL && !is_withdraw && p.family->is_prefix &&
	    p.like.nexthop.len == 0 &&
	    (p.like.flags & ROUTE_NEXTHOP_SELF) == 0)
		why = "next-hop is missing";
	if (why == NULL)
		pack_add(&p);
	buf_free(&p.attrs);
	buf_free(&p.made);
	return why;
}

/*
 * The stream.
 */
static void
pack_run_value(struct program *g, const struct value *v)
{
	const struct value *routes;
	const char *why;
	struct wr line;

	buf_writer_growing(&line, PROGRAM_LINE_MAX);
	why = pack_line(v, &line, &routes);
	if (why != NULL)
		command_answer_plain(g, why);
	else if (routes != NULL)
		command_run_routes(g, (char *)line.base, line.len, routes);
	else
		command_run(g, (char *)line.base, line.len);
	buf_free(&line);
}

static const char *
pack_fault(enum value_scan scan)
{
	return scan == VALUE_TOO_DEEP ? "nested too deep" :
	    scan == VALUE_TOO_LARGE ? "too large" : "not MessagePack";
}

bool
pack_run(struct program *g)
{
	const uint8_t *start = g->input.base + g->input_pos;
	size_t left = g->input.len - g->input_pos, used;
	const struct value *v = NULL;
	enum value_scan scan;

	scan = value_scan(start, left, PROGRAM_LINE_MAX, &used);
	if (scan == VALUE_NEEDS_MORE)
		return false;
	g->is_packed = true;
	g->input_mark = g->input_pos;
	g->input_pos += used;
	g->n_lines++;
	if (g->arena == NULL)
		g->arena = arena_new(PACK_ARENA_BYTES);
	if (scan == VALUE_WHOLE)
		v = value_parse(g->arena, start, used);
	if (v == NULL)
		command_answer_plain(g, pack_fault(scan));
	else
		pack_run_value(g, v);
	arena_reset(g->arena);
	return true;
}
