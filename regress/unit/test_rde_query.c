/* SPDX-License-Identifier: ISC */
/* Queries of programs and bgpctl against a small table. */
#include "regress/unit/rde_world.h"

#include "common/arena.h"
#include "common/emit.h"
#include "common/route.h"
#include "common/value.h"

#include <criterion/criterion.h>

#include <stdio.h>
#include <string.h>

#define IPV4	(1u << NLRI_IPV4_UNICAST)

static bool
has_end(struct world *w, uint32_t n)
{
	return w->n_ends >= n;
}

/* Ask with up to two string members; returns the number of entries. */
static size_t
ask(struct world *w, const char *const *pairs, char first[64])
{
	struct arena *arena = arena_new(4096);
	const struct value *v;
	struct emit e;
	struct wr out;
	size_t n = 0, at = 0, used;

	buf_reset(&w->answers);
	buf_writer_growing(&out, 4096);
	emit_msgpack_init(&e, &out);
	emit_begin_object(&e);
	for (; *pairs != NULL; pairs += 2)
		emit_key_string(&e, pairs[0], pairs[1]);
	emit_end_object(&e);
	chan_send_wr(w->api, IMSG_RIB_REQUEST, 9, &out);
	buf_free(&out);
	world_run(w, has_end, w->n_ends + 1);
	while (at < w->answers.len) {
		v = value_parse_front(arena, w->answers.base + at,
		    w->answers.len - at, &used);
		cr_assert_not_null(v);
		at += used;
		if (n++ == 0)
			snprintf(first, 64, "%s",
			    value_get_string(v, "prefix", ""));
	}
	arena_free(arena);
	return n;
}

static struct config *
start(struct world *w)
{
	struct config *c = config_new();
	struct conf_peer *p;
	unsigned i;

	world_start(w);
	c->as = 65000;
	c->rules = arena_alloc(c->arena, 2 * sizeof(*c->rules));
	c->n_rules = 2;
	for (i = 0; i < 2; i++) {
		c->rules[i].action = RULE_ALLOW;
		c->rules[i].direction = (uint8_t)i;
		memset(c->rules[i].max_communities, 0xff,
		    sizeof(c->rules[i].max_communities));
		p = config_add_peer(c);
		p->id = i + 1;
		p->remote.addr = addr_from_ipv4(0x7f000001 + i);
		p->remote.len_bits = 32;
		p->local_as = 65000;
		p->remote_as = 65001 + i;
	}
	world_config(w, c);
	for (i = 0; i < 2; i++) {
		world_up(w, &c->peers[i], IPV4);
		world_run_outputs(w, 1);
		w->n_taken = w->n_outputs;
	}
	world_send_hex(w, 1, "020000001b" "40010100" "4002060201" "0000fde9"
	    "4003047f000009" "c00804fde80001"
	    "080a" "100a01" "180a0102" "10c0a8");
	world_settle(w);
	return c;
}

struct query_case {
	const char	*name;
	const char	*pairs[7];
	size_t		 n;
	const char	*first;
};

static const struct query_case cases[] = {
	{ "all, in order", { NULL }, 4, "10.0.0.0/8" },
	{ "exact", { "prefix", "10.1.0.0/16", NULL }, 1, "10.1.0.0/16" },
	{ "absent", { "prefix", "10.9.0.0/16", NULL }, 0, NULL },
	{ "longest match", { "prefix", "10.1.2.3", NULL }, 1, "10.1.2.0/24" },
	{ "or-longer", { "prefix", "10.1.0.0/16", "match", "or-longer",
	    NULL }, 2, "10.1.0.0/16" },
	{ "or-shorter", { "prefix", "10.1.2.0/24", "match", "or-shorter",
	    NULL }, 3, "10.1.2.0/24" },
	{ "community", { "community", "65000:*", NULL }, 4, "10.0.0.0/8" },
	{ "other community", { "community", "65000:2", NULL }, 0, NULL },
	{ "in", { "direction", "in", NULL }, 4, "10.0.0.0/8" },
	{ "out", { "direction", "out", NULL }, 4, "10.0.0.0/8" },
	{ "family", { "family", "inet6", NULL }, 0, NULL },
	{ "networks", { "request", "networks", NULL }, 0, NULL },
	{ "memory", { "request", "memory", NULL }, 1, "" },
};

Test(rde_query, filters_choose_entries)
{
	struct world w;
	struct config *c = start(&w);
	char first[64];
	size_t i, n;

	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		first[0] = '\0';
		n = ask(&w, cases[i].pairs, first);
		cr_expect_eq(n, cases[i].n, "%s: %zu entries", cases[i].name,
		    n);
		if (cases[i].first != NULL)
			cr_expect_str_eq(first, cases[i].first, "%s: %s",
			    cases[i].name, first);
	}
	config_free(c);
	world_stop(&w);
}

Test(rde_query, counters_of_each_peer)
{
	struct world w;
	struct config *c = start(&w);
	struct arena *arena = arena_new(4096);
	const struct value *v;
	size_t used;

	chan_send(w.api, IMSG_PEER_COUNTERS_REQUEST, 5, NULL, 0);
	world_run(&w, has_end, 1);
	v = value_parse_front(arena, w.answers.base, w.answers.len, &used);
	cr_assert_not_null(v);
	cr_assert_eq(value_get_number(v, "id", 0), 1);
	cr_assert_eq(value_get_number(v, "prefixes_received", 0), 4);
	cr_assert_eq(value_get_number(v, "prefixes_accepted", 0), 4);
	v = value_parse_front(arena, w.answers.base + used,
	    w.answers.len - used, &used);
	cr_assert_eq(value_get_number(v, "id", 0), 2);
	cr_assert_eq(value_get_number(v, "prefixes_sent", 0), 4);
	cr_assert_eq(value_get_number(v, "updates_sent", 0), 4);
	arena_free(arena);
	config_free(c);
	world_stop(&w);
}
