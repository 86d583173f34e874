/* SPDX-License-Identifier: ISC */
/*
 * Answers that come from the RDE and the session engine, told to a program
 * as ExaBGP words them.
 */
#include "api/engine.h"

#include "common/arena.h"
#include "common/attr/attr.h"
#include "common/emit.h"
#include "common/nlri/nlri.h"
#include "common/value.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define REPLY_LINE_MAX	(64 * 1024)

/* "AFI SAFI" to the row. */
static const struct nlri_family *
reply_family(const char *name)
{
	unsigned id;

	for (id = 0; id < NLRI_N_FAMILIES; id++)
		if (strcmp(nlri_by_id(id)->name, name) == 0)
			return nlri_by_id(id);
	return NULL;
}

static struct rd
reply_bytes(const struct value *v, const char *key)
{
	const struct value *b = value_get(v, key);

	if (b == NULL || b->kind != VALUE_STRING)
		return buf_reader(NULL, 0);
	return buf_reader(b->string, b->len);
}

static bool
reply_nlri(const struct value *v, struct nlri *n)
{
	struct rd run = reply_bytes(v, "nlri");
	const struct nlri_family *f = reply_family(
	    value_get_string(v, "family", ""));

	if (f == NULL || nlri_next(f, false, &run, n) != 0)
		return false;
	n->path_id = (uint32_t)value_get_number(v, "path_id", 0);
	n->has_path_id = n->path_id != 0;
	return true;
}

static const char *
reply_neighbor(const struct value *v)
{
	return value_get_string(value_get(v, "neighbor"), "remote_addr", "");
}

static void
reply_nexthop(const struct value *v, char *text, size_t len)
{
	struct rd r = reply_bytes(v, "nexthop");
	struct addr a;
	size_t n = buf_left(&r);

	text[0] = '\0';
	if (value_get_boolean(v, "self", false)) {
		strlcpy(text, "self", len);
		return;
	}
	if (n == 32)
		n = 16;
	if (addr_from_bytes(r.pos, n, &a) == 0)
		addr_print(&a, text, len);
}

/* The whole name of the neighbor that an entry is of. */
static const char *
reply_name(const struct program *g, const struct value *v)
{
	const char *text = reply_neighbor(v);
	struct addr a;
	size_t i;

	for (i = 0; addr_parse(text, &a) == 0 && i < g->api->n_peers; i++)
		if (addr_is_equal(&g->api->peers[i].conf->remote.addr, &a))
			return g->api->peers[i].name;
	return NULL;
}

/*
 * "neighbor 10.0.0.1 ipv4 unicast 10.0.0.0/8 next-hop 10.0.0.1"; extensive
 * with the neighbor's whole name and the attributes.
 */
static void
reply_rib_text(struct program *g, const struct value *v,
    const struct nlri *n, struct wr *w)
{
	const char *name = g->is_extensive ? reply_name(g, v) : NULL;
	char nexthop[ADDR_TEXT_MAX];

	reply_nexthop(v, nexthop, sizeof(nexthop));
	if (name != NULL)
		buf_put_format(w, "%s %s ", name, n->family->name);
	else
		buf_put_format(w, "neighbor %s %s ", reply_neighbor(v),
		    n->family->name);
	nlri_text(n, w);
	if (nexthop[0] != '\0')
		buf_put_format(w, " next-hop %s", nexthop);
	if (g->is_extensive)
		attr_text_block(reply_bytes(v, "attrs"), w);
	buf_put_text(w, "\n");
}

static void
reply_rib_json(const struct value *v, const struct nlri *n, struct wr *w)
{
	char nexthop[ADDR_TEXT_MAX];
	struct emit e;

	emit_json_init(&e, w, false);
	emit_begin_object(&e);
	emit_key_object(&e, reply_neighbor(v));
	emit_key_array(&e, "routes");
	emit_begin_object(&e);
	emit_key_string(&e, "family", n->family->name);
	emit_key(&e, n->family->is_prefix ? "prefix" : "nlri");
	nlri_emit(n, NLRI_JSON_V6, &e);
	reply_nexthop(v, nexthop, sizeof(nexthop));
	if (nexthop[0] != '\0')
		emit_key_string(&e, "next-hop", nexthop);
	emit_key_object(&e, "attributes");
	attr_emit_block(reply_bytes(v, "attrs"), ATTR_JSON_V6, &e);
	emit_end_object(&e);
	emit_end_object(&e);
	emit_end_array(&e);
	emit_end_object(&e);
	emit_end_object(&e);
	buf_put_text(w, "\n");
}

/* One of `routes list`: its index, and the route as text. */
static void
reply_route(struct program *g, const struct value *v, const struct nlri *n,
    struct wr *w)
{
	char nexthop[ADDR_TEXT_MAX];
	struct wr index, text;
	struct emit e;

	buf_writer_growing(&index, REPLY_LINE_MAX);
	buf_writer_growing(&text, REPLY_LINE_MAX);
	routes_put_index(n, &index);
	nlri_text(n, &text);
	reply_nexthop(v, nexthop, sizeof(nexthop));
	if (nexthop[0] != '\0')
		buf_put_format(&text, " next-hop %s", nexthop);
	attr_text_block(reply_bytes(v, "attrs"), &text);
	if (g->is_json_reply) {
		emit_json_init(&e, w, false);
		emit_begin_object(&e);
		emit_key(&e, "index");
		emit_string_len(&e, (char *)index.base, index.len);
		emit_key(&e, "route");
		emit_string_len(&e, (char *)text.base, text.len);
		emit_key_string(&e, "neighbor", reply_neighbor(v));
		emit_end_object(&e);
	} else {
		buf_put_format(w, "neighbor %s index %.*s route %.*s",
		    reply_neighbor(v), (int)index.len, (char *)index.base,
		    (int)text.len, (char *)text.base);
	}
	buf_put_text(w, "\n");
	buf_free(&index);
	buf_free(&text);
}

static void
reply_one(struct program *g, const struct value *v, struct wr *w)
{
	struct nlri n;

	if (!reply_nlri(v, &n) || (g->family_mask >> n.family->id & 1) == 0)
		return;
	if (g->reply_kind == REPLY_ROUTES)
		reply_route(g, v, &n, w);
	else if (g->is_json_reply)
		reply_rib_json(v, &n, w);
	else
		reply_rib_text(g, v, &n, w);
	if (w->err == 0)
		program_tell(g, w->base, w->len);
	buf_reset(w);
}

void
reply_rib_entry(struct program *g, const uint8_t *bytes, size_t len)
{
	struct arena *arena = arena_new(16 * 1024);
	const struct value *v;
	struct wr w;
	size_t used;

	if (g->wait != WAIT_REPLY)
		len = 0;
	buf_writer_growing(&w, 4 * REPLY_LINE_MAX);
	while (len > 0) {
		v = value_parse_front(arena, bytes, len, &used);
		if (v == NULL)
			break;
		bytes += used;
		len -= used;
		reply_one(g, v, &w);
		arena_reset(arena);
	}
	buf_free(&w);
	arena_free(arena);
}

/* "0:01:40", "1 day, 0:00:00", "2 days, ..." or "down". */
static void
reply_duration(bool is_up, unsigned long long sec, char *text, size_t len)
{
	unsigned long long days = sec / 86400;
	int n = 0;

	if (!is_up) {
		strlcpy(text, "down", len);
		return;
	}
	text[0] = '\0';
	if (days != 0)
		n = snprintf(text, len, "%llu day%s, ", days,
		    days == 1 ? "" : "s");
	snprintf(text + n, len - (size_t)n, "%llu:%02llu:%02llu",
	    sec / 3600 % 24, sec / 60 % 60, sec % 60);
}

static char *
reply_lower(const char *from, char *text, size_t len)
{
	size_t i;

	for (i = 0; i + 1 < len && from[i] != '\0'; i++)
		text[i] = from[i] >= 'A' && from[i] <= 'Z' ?
		    (char)(from[i] - 'A' + 'a') : from[i];
	text[i] = '\0';
	return text;
}

void
reply_peer(struct program *g, const uint8_t *bytes, size_t len)
{
	struct arena *arena = arena_new(16 * 1024);
	const struct value *v = value_parse(arena, bytes, len);
	const struct value *m = value_get(value_get(v, "stats"), "message");
	const char *state = value_get_string(v, "state", "");
	unsigned long long age = value_get_number(v, "last_updown_sec", 0);
	const struct api_peer *p;
	char text[32], lower[32];
	struct emit e;
	struct wr w;

	buf_writer_growing(&w, REPLY_LINE_MAX);
	if (g->wait != WAIT_REPLY || v == NULL) {
		arena_free(arena);
		return;
	}
	if (g->is_json_reply) {
		emit_json_init(&e, &w, false);
		value_emit(v, &e);
		buf_put_text(&w, "\n");
	} else if (g->is_extensive && (p = api_peer(g->api, (uint32_t)
	    value_get_number(v, "id", 0))) != NULL) {
		show_neighbor_extensive(p, v, &w);
	} else {
		reply_duration(strcmp(state, "Established") == 0, age, text,
		    sizeof(text));
		/* Compat: it counts updates, not messages. */
		buf_put_format(&w, "%-15s %-7s %9s %-12s %10llu %10llu\n",
		    value_get_string(v, "remote_addr", ""),
		    value_get_string(v, "remote_as", ""), text,
		    reply_lower(state, lower, sizeof(lower)),
		    (unsigned long long)
		    value_get_number(value_get(m, "sent"), "updates", 0),
		    (unsigned long long)
		    value_get_number(value_get(m, "received"), "updates", 0));
	}
	if (w.err == 0)
		program_tell(g, w.base, w.len);
	buf_free(&w);
	arena_free(arena);
}

void
reply_end(struct program *g, const char *error)
{
	if (g->wait != WAIT_REPLY)
		return;
	g->wait = WAIT_NOTHING;
	g->reply_kind = REPLY_NONE;
	if (error[0] == '\0')
		program_ack(g);
	else
		program_error(g, error);
	program_resume(g);
}

void
reply_lose(struct api *api, enum reply_kind kind)
{
	struct program *g;

	for (g = api->programs; g != NULL; g = g->next)
		if (g->reply_kind == kind)
			reply_end(g, "what was asked ended before it answered");
}
