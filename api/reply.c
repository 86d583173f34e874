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
	if (n == 32)
		n = 16;
	if (addr_from_bytes(r.pos, n, &a) == 0)
		addr_print(&a, text, len);
}

/* "neighbor 10.0.0.1 ipv4 unicast 10.0.0.0/8 next-hop 10.0.0.1 ..." */
static void
reply_rib_text(struct program *g, const struct value *v,
    const struct nlri *n, struct wr *w)
{
	char nexthop[ADDR_TEXT_MAX];

	(void)g;
	reply_nexthop(v, nexthop, sizeof(nexthop));
	buf_put_format(w, "neighbor %s %s ", reply_neighbor(v),
	    n->family->name);
	nlri_text(n, w);
	if (nexthop[0] != '\0')
		buf_put_format(w, " next-hop %s", nexthop);
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

void
reply_rib_entry(struct program *g, const uint8_t *bytes, size_t len)
{
	struct arena *arena = arena_new(16 * 1024);
	const struct value *v;
	struct nlri n;
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
		if (reply_nlri(v, &n)) {
			if (g->is_json_reply)
				reply_rib_json(v, &n, &w);
			else
				reply_rib_text(g, v, &n, &w);
			if (w.err == 0)
				program_write(g, w.base, w.len);
			buf_reset(&w);
		}
		arena_reset(arena);
	}
	buf_free(&w);
	arena_free(arena);
}

void
reply_peer(struct program *g, const uint8_t *bytes, size_t len)
{
	struct arena *arena = arena_new(16 * 1024);
	const struct value *v = value_parse(arena, bytes, len);
	const struct value *m = value_get(value_get(v, "stats"), "message");
	const char *state = value_get_string(v, "state", "");
	unsigned long long age = value_get_number(v, "last_updown_sec", 0);
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
	} else {
		buf_put_format(&w, "%-15s %-9s ",
		    value_get_string(v, "remote_addr", ""),
		    value_get_string(v, "remote_as", ""));
		if (strcmp(state, "Established") == 0)
			buf_put_format(&w, "%3llu:%02llu:%02llu %-6s",
			    age / 3600, age / 60 % 60, age % 60, "");
		else
			buf_put_format(&w, "%-16s", "down");
		buf_put_format(&w, "| %9llu %9llu %9llu\n", (unsigned long long)
		    value_get_number(value_get(m, "sent"), "total", 0),
		    (unsigned long long)
		    value_get_number(value_get(m, "received"), "total", 0),
		    (unsigned long long)value_get_number(
		    value_get(m, "received"), "updates", 0));
	}
	if (w.err == 0)
		program_write(g, w.base, w.len);
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
