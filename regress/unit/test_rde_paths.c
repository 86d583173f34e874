/* SPDX-License-Identifier: ISC */
/* Neighbors that hear more than the best path: add-path, evaluate all. */
#include "regress/unit/rde_world.h"

#include "common/arena.h"
#include "common/bgp.h"
#include "rde/attrset.h"
#include "rde/decide.h"
#include "regress/unit/hex.h"

#include <criterion/criterion.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define IPV4	(1u << NLRI_IPV4_UNICAST)
#define EOR4	"0200000000"

/* UPDATEs of 10.1.0.0/16: AS path, next hop, and what follows. */
#define ANNOUNCE_1	"0200000014" "40010100" "4002060201" "0000fde9" \
			"4003047f000009" "100a01"
#define ANNOUNCE_2	"0200000014" "40010100" "4002060201" "0000fdea" \
			"4003047f000008" "100a01"
#define ANNOUNCE_1_LONG	"0200000018" "40010100" "40020a0202" "0000fde9" \
			"00000007" "4003047f000009" "100a01"
#define WITHDRAW	"020003100a010000"

/* The same as an internal neighbor hears them, with a path identifier. */
#define TOLD_1(id)	"020000001b" "40010100" "4002060201" "0000fde9" \
			"4003047f000009" "40050400000064" id "100a01"
#define TOLD_1_LONG(id)	"020000001f" "40010100" "40020a0202" "0000fde9" \
			"00000007" "4003047f000009" "40050400000064" id \
			"100a01"
#define TOLD_2(id)	"020000001b" "40010100" "4002060201" "0000fdea" \
			"4003047f000008" "40050400000064" id "100a01"
#define TOLD_GONE(id)	"020007" id "100a010000"

/* As a neighbor of a transparent route server hears them. */
#define SERVED(n)	ANNOUNCE_##n

static struct conf_peer *
add_peer(struct config *c, uint32_t id, uint32_t remote_as)
{
	struct conf_peer *p = config_add_peer(c);

	p->id = id;
	p->remote.addr = addr_from_ipv4(0x7f000000 + id);
	p->remote.len_bits = 32;
	p->local_as = 65000;
	p->remote_as = remote_as;
	return p;
}

static struct conf_rule *
add_rule(struct config *c, unsigned direction)
{
	struct conf_rule *r;

	if (c->rules == NULL)
		c->rules = arena_alloc(c->arena, 8 * sizeof(*c->rules));
	r = &c->rules[c->n_rules++];
	r->action = RULE_ALLOW;
	r->direction = (uint8_t)direction;
	r->max_communities[0] = r->max_communities[1] =
	    r->max_communities[2] = -1;
	return r;
}

static void
use_add_path(struct config *c, struct conf_peer *p, uint8_t directions)
{
	p->families = arena_alloc(c->arena, sizeof(*p->families));
	p->families[0] = (struct conf_family){ .afi = AFI_IPV4,
	    .safi = SAFI_UNICAST, .add_path = directions };
	p->n_families = 1;
}

/* Peers 1 and 2 external, 3 internal with add-path in this mode. */
static struct config *
start(struct world *w, uint8_t mode, uint8_t plus)
{
	struct config *c = config_new();
	struct conf_peer *p;

	world_start(w);
	c->as = 65000;
	c->router_id = 0x01020304;
	add_peer(c, 1, 65001);
	add_peer(c, 2, 65002);
	p = add_peer(c, 3, 65000);
	p->add_path_send = mode;
	p->add_path_plus = plus;
	use_add_path(c, p, ADD_PATH_SEND);
	add_rule(c, RULE_FROM);
	add_rule(c, RULE_TO)->peer_kind = RULE_PEER_IBGP;
	world_config(w, c);
	return c;
}

static void
up(struct world *w, struct config *c, unsigned i)
{
	world_up(w, &c->peers[i], IPV4);
	world_expect(w, i + 1, EOR4);
}

static void
stop(struct world *w, struct config *c)
{
	config_free(c);
	world_stop(w);
}

Test(rde_paths, all_paths_are_told_by_their_identifiers)
{
	struct world w;
	struct config *c = start(&w, ADD_PATH_SEND_ALL, 0);

	up(&w, c, 0);
	up(&w, c, 1);
	up(&w, c, 2);
	world_send_hex(&w, 1, ANNOUNCE_1);
	world_expect(&w, 3, TOLD_1("00000002"));
	world_send_hex(&w, 2, ANNOUNCE_2);
	world_expect(&w, 3, TOLD_2("00000003"));
	/* What did not change is not told again. */
	world_send_hex(&w, 1, ANNOUNCE_1_LONG);
	world_expect(&w, 3, TOLD_1_LONG("00000002"));
	world_expect_none(&w);
	world_send_hex(&w, 1, WITHDRAW);
	world_expect(&w, 3, TOLD_GONE("00000002"));
	world_expect_none(&w);
	world_down(&w, 2);
	world_expect(&w, 3, TOLD_GONE("00000003"));
	world_expect_none(&w);
	stop(&w, c);
}

Test(rde_paths, a_late_neighbor_hears_all_paths)
{
	struct world w;
	struct config *c = start(&w, ADD_PATH_SEND_ALL, 0);

	up(&w, c, 0);
	up(&w, c, 1);
	world_send_hex(&w, 1, ANNOUNCE_1);
	world_send_hex(&w, 2, ANNOUNCE_2);
	world_settle(&w);
	world_up(&w, &c->peers[2], IPV4);
	world_expect(&w, 3, TOLD_1("00000002"));
	world_expect(&w, 3, TOLD_2("00000003"));
	world_expect(&w, 3, EOR4);
	world_send_hex(&w, 2, WITHDRAW);
	world_expect(&w, 3, TOLD_GONE("00000003"));
	world_expect_none(&w);
	stop(&w, c);
}

static void
refresh(struct world *w, uint32_t peer)
{
	const uint8_t bytes[4] = { 0, 1, 0, 1 };

	chan_send(w->sess, IMSG_REFRESH, peer, bytes, 4);
}

Test(rde_paths, a_refresh_tells_all_again)
{
	struct world w;
	struct config *c = start(&w, ADD_PATH_SEND_ALL, 0);

	up(&w, c, 0);
	up(&w, c, 1);
	up(&w, c, 2);
	world_send_hex(&w, 1, ANNOUNCE_1);
	world_expect(&w, 3, TOLD_1("00000002"));
	world_send_hex(&w, 2, ANNOUNCE_2);
	world_expect(&w, 3, TOLD_2("00000003"));
	refresh(&w, 3);
	world_expect(&w, 3, "0500010101");
	world_expect(&w, 3, TOLD_1("00000002"));
	world_expect(&w, 3, TOLD_2("00000003"));
	world_expect(&w, 3, "0500010201");
	world_expect_none(&w);
	stop(&w, c);
}

/*
 * Two neighbors with add-path, of which one is slow now and then and takes
 * over from the other what both were told: each knows in the end what there
 * is, whatever changed while it was.
 */
#define N_PREFIXES	48
#define N_SOURCES	2

struct heard {
	/* the version that was told last, by source and prefix; 0: none */
	uint8_t	version[N_SOURCES][N_PREFIXES];
};

/* Destinations with their identifiers, which name the source. */
static void
hear_run(struct heard *h, struct rd r, uint8_t version)
{
	uint32_t id;
	uint8_t len, prefix;

	while (buf_left(&r) > 0) {
		id = buf_get_u32(&r);
		len = buf_get_u8(&r);
		cr_assert_eq(len, 16);
		cr_assert_eq(buf_get_u8(&r), 10);
		prefix = buf_get_u8(&r);
		cr_assert(id == 2 || id == 3);
		cr_assert_lt(prefix, N_PREFIXES);
		h->version[id - 2][prefix] = version;
	}
}

/* The last byte of AS_PATH, after ORIGIN, is the version. */
static void
hear(struct heard *h, const struct world_output *o)
{
	struct rd r = buf_reader(o->bytes, o->len), gone, attrs;

	buf_get_bytes(&r, 18);
	if (buf_get_u8(&r) != 2)
		return;
	gone = buf_get_sub(&r, buf_get_u16(&r));
	attrs = buf_get_sub(&r, buf_get_u16(&r));
	hear_run(h, gone, 0);
	if (buf_left(&r) > 0)
		hear_run(h, r, attrs.pos[4 + 3 + 2 + 4 + 3]);
}

static void
hear_all(struct world *w, struct heard *heard)
{
	const struct world_output *o;
	size_t k;

	for (; w->n_taken < w->n_outputs; w->n_taken++) {
		o = &w->outputs[w->n_taken];
		for (k = 0; k < o->n_peers; k++)
			if (o->peers[k] == 3 || o->peers[k] == 4)
				hear(&heard[o->peers[k] - 3], o);
	}
}

static void
say(struct world *w, unsigned source, unsigned prefix, unsigned version)
{
	char hex[256];

	if (version == 0)
		snprintf(hex, sizeof(hex), "02000310" "0a%02x" "0000",
		    prefix);
	else
		snprintf(hex, sizeof(hex), "0200000018" "40010100"
		    "40020a0202" "0000fd%02x" "000000%02x" "4003047f00000%u"
		    "100a%02x", 0xe9 + source, version, 9 - source, prefix);
	world_send_hex(w, source + 1, hex);
}

Test(rde_paths, slow_and_quick_neighbors_know_the_same_in_the_end)
{
	struct world w;
	struct config *c = config_new();
	struct heard said = { 0 }, heard[2] = { 0 };
	unsigned seed, step, source, prefix, k;
	struct conf_peer *p;
	bool is_slow;

	world_start(&w);
	c->as = 65000;
	c->router_id = 0x01020304;
	for (k = 1; k <= 4; k++)
		add_peer(c, k, k <= 2 ? 65000 + k : 65000);
	for (k = 2; k < 4; k++) {
		p = &c->peers[k];
		p->add_path_send = ADD_PATH_SEND_ALL;
		use_add_path(c, p, ADD_PATH_SEND);
	}
	add_rule(c, RULE_FROM);
	add_rule(c, RULE_TO)->peer_kind = RULE_PEER_IBGP;
	world_config(&w, c);
	for (k = 0; k < 4; k++)
		world_up(&w, &c->peers[k], IPV4);
	for (seed = 1; seed <= 12; seed++) {
		srandom(seed);
		is_slow = false;
		for (step = 0; step < 60; step++) {
			if (random() % 8 == 0) {
				is_slow = !is_slow;
				chan_send(w.sess, is_slow ? IMSG_PEER_XOFF :
				    IMSG_PEER_XON, 4, NULL, 0);
			}
			source = (unsigned)random() % N_SOURCES;
			prefix = (unsigned)random() % N_PREFIXES;
			said.version[source][prefix] = (uint8_t)
			    (random() % 3 == 0 ? 0 : 1 + step);
			say(&w, source, prefix, said.version[source][prefix]);
			if (random() % 2 == 0)
				world_settle(&w);
		}
		chan_send(w.sess, IMSG_PEER_XON, 4, NULL, 0);
		world_settle(&w);
		hear_all(&w, heard);
		for (k = 0; k < 2; k++)
			cr_assert_arr_eq(heard[k].version, said.version,
			    sizeof(said.version), "seed %u: neighbor %u",
			    seed, k + 3);
	}
	stop(&w, c);
}

Test(rde_paths, best_plus_one_has_two)
{
	struct world w;
	struct config *c = start(&w, ADD_PATH_SEND_BEST, 0);

	up(&w, c, 0);
	up(&w, c, 1);
	up(&w, c, 2);
	world_send_hex(&w, 1, ANNOUNCE_1_LONG);
	world_expect(&w, 3, TOLD_1_LONG("00000002"));
	/* The better one replaces it: another identifier, so both change. */
	world_send_hex(&w, 2, ANNOUNCE_2);
	world_expect(&w, 3, TOLD_GONE("00000002"));
	world_expect(&w, 3, TOLD_2("00000003"));
	world_expect_none(&w);
	c->peers[2].add_path_plus = 1;
	world_config(&w, c);
	world_expect(&w, 3, TOLD_1_LONG("00000002"));
	world_expect_none(&w);
	stop(&w, c);
}

Test(rde_paths, ecmp_leaves_worse_ones_out)
{
	struct world w;
	struct config *c = start(&w, ADD_PATH_SEND_ECMP, 0);

	up(&w, c, 0);
	up(&w, c, 1);
	up(&w, c, 2);
	world_send_hex(&w, 1, ANNOUNCE_1);
	world_expect(&w, 3, TOLD_1("00000002"));
	world_send_hex(&w, 2, ANNOUNCE_2);
	world_expect(&w, 3, TOLD_2("00000003"));
	world_send_hex(&w, 1, ANNOUNCE_1_LONG);
	world_expect(&w, 3, TOLD_GONE("00000002"));
	world_expect_none(&w);
	stop(&w, c);
}

Test(rde_paths, received_identifiers_get_our_own)
{
	struct world w;
	struct config *c = start(&w, ADD_PATH_SEND_ALL, 0);

	use_add_path(c, &c->peers[0], ADD_PATH_BOTH);
	world_config(&w, c);
	up(&w, c, 0);
	up(&w, c, 2);
	world_send_hex(&w, 1, "0200000014" "40010100" "4002060201" "0000fde9"
	    "4003047f000009" "00000063" "100a01");
	world_expect(&w, 3, TOLD_1("00000002"));
	world_send_hex(&w, 1, "0200000018" "40010100" "40020a0202" "0000fde9"
	    "00000007" "4003047f000009" "00000064" "100a01");
	world_expect(&w, 3, TOLD_1_LONG("00010002"));
	world_send_hex(&w, 1, "020007" "00000063" "100a010000");
	world_expect(&w, 3, TOLD_GONE("00000002"));
	world_expect_none(&w);
	stop(&w, c);
}

/* Peers 1 to 3 external, of a route server. */
static struct config *
start_server(struct world *w, bool evaluates_all)
{
	struct config *c = config_new();
	struct conf_peer *p;
	unsigned i;

	world_start(w);
	c->as = 65000;
	c->router_id = 0x01020304;
	for (i = 1; i <= 3; i++) {
		p = add_peer(c, i, 65000 + i);
		p->transparent_as = true;
		p->evaluate_all = evaluates_all;
	}
	add_rule(c, RULE_FROM);
	add_rule(c, RULE_TO);
	return c;
}

/* Only the group of peer 3 may not have what is from AS 65001. */
static void
hide_from_third(struct config *c)
{
	struct conf_rule *r = add_rule(c, RULE_TO);

	r->action = RULE_DENY;
	r->peer_kind = RULE_PEER_AS;
	r->peer_as = 65003;
	r->as_kind = RULE_AS_SOURCE;
	r->as_op = CONF_OP_EQ;
	r->as_low = 65001;
}

Test(rde_paths, evaluate_all_goes_on_behind_a_denied_path)
{
	struct world w;
	struct config *c = start_server(&w, true);

	hide_from_third(c);
	world_config(&w, c);
	up(&w, c, 0);
	up(&w, c, 1);
	up(&w, c, 2);
	world_send_hex(&w, 1, ANNOUNCE_1);
	world_expect(&w, 2, SERVED(1));
	world_expect_none(&w);
	world_send_hex(&w, 2, ANNOUNCE_2);
	/* 3 hears the second best; 1, whose own is best, as well. */
	world_settle(&w);
	world_expect_for(&w, 1, SERVED(2));
	world_expect_for(&w, 3, SERVED(2));
	cr_assert_eq(w.n_outputs - w.n_taken, 2);
	stop(&w, c);
}

/* It is turned off and on by reloads. */
Test(rde_paths, evaluate_all_may_change)
{
	struct world w;
	struct config *c = start_server(&w, false);
	unsigned i;

	hide_from_third(c);
	world_config(&w, c);
	up(&w, c, 0);
	up(&w, c, 1);
	up(&w, c, 2);
	world_send_hex(&w, 1, ANNOUNCE_1);
	world_expect(&w, 2, SERVED(1));
	world_send_hex(&w, 2, ANNOUNCE_2);
	world_expect_none(&w);
	for (i = 0; i < 3; i++)
		c->peers[i].evaluate_all = true;
	world_config(&w, c);
	world_settle(&w);
	world_expect_for(&w, 1, SERVED(2));
	world_expect_for(&w, 3, SERVED(2));
	refresh(&w, 1);
	world_settle(&w);
	world_expect_for(&w, 1, "0500010201");
	for (i = 0; i < 3; i++)
		c->peers[i].evaluate_all = false;
	world_config(&w, c);
	world_settle(&w);
	world_expect_for(&w, 1, WITHDRAW);
	world_expect_for(&w, 3, WITHDRAW);
	stop(&w, c);
}

Test(rde_paths, without_it_the_path_is_hidden)
{
	struct world w;
	struct config *c = start_server(&w, false);

	hide_from_third(c);
	world_config(&w, c);
	up(&w, c, 0);
	up(&w, c, 1);
	up(&w, c, 2);
	world_send_hex(&w, 1, ANNOUNCE_1);
	world_expect(&w, 2, SERVED(1));
	world_send_hex(&w, 2, ANNOUNCE_2);
	world_expect_none(&w);
	stop(&w, c);
}

Test(rde_paths, evaluate_all_follows_changes_of_the_source)
{
	struct world w;
	struct config *c = start_server(&w, true);

	world_config(&w, c);
	up(&w, c, 0);
	up(&w, c, 1);
	up(&w, c, 2);
	world_send_hex(&w, 1, ANNOUNCE_1);
	world_run_outputs(&w, 1);
	world_expect(&w, 3, SERVED(1));
	/* 1 is told what is second best, the others nothing new. */
	world_send_hex(&w, 2, ANNOUNCE_2);
	world_expect(&w, 1, SERVED(2));
	world_expect_none(&w);
	/* Now 2's is best: 1 has it already, 2 hears 1's, 3 hears 2's. */
	world_send_hex(&w, 1, ANNOUNCE_1_LONG);
	world_settle(&w);
	world_expect_for(&w, 1, SERVED(2));
	world_expect_for(&w, 2, ANNOUNCE_1_LONG);
	world_expect_for(&w, 3, SERVED(2));
	w.n_taken = w.n_outputs;
	/* 2's goes: all but 1 have 1's, and 1 nothing. */
	world_send_hex(&w, 2, WITHDRAW);
	world_settle(&w);
	world_expect_for(&w, 1, WITHDRAW);
	world_expect_for(&w, 2, ANNOUNCE_1_LONG);
	world_expect_for(&w, 3, ANNOUNCE_1_LONG);
	stop(&w, c);
}

#define AS(n)	"4002060201000000" n
#define MED(n)	"800404000000" n

Test(rde_paths, ranks_have_classes)
{
	static const struct {
		const char	*attrs;
		bool		 is_ebgp;
		uint8_t		 class;
		size_t		 place;
	} rows[] = {
		{ AS("01") MED("09"), true, DECIDE_VALID, 3 },
		{ AS("01") MED("05"), true, DECIDE_BEST, 0 },
		{ AS("02") MED("07"), true, DECIDE_ECMP, 1 },
		{ AS("03"), false, DECIDE_AS_WIDE, 2 },
		{ "40020a02020000000100000002", true, DECIDE_VALID, 4 },
	};
	enum { N = sizeof(rows) / sizeof(rows[0]) };
	struct decide_options o = { 0 };
	struct decide_path p[N];
	struct decide_rank ranks[N];
	struct addr addrs[N];
	struct attrsets s;
	uint8_t bytes[64];
	size_t i;

	attrset_init(&s, 1);
	for (i = 0; i < N; i++) {
		struct attrset_key key = {
			.block = buf_reader(bytes, hex_decode(rows[i].attrs,
			    bytes, sizeof(bytes))),
		};

		addrs[i] = addr_from_ipv4((uint32_t)i);
		p[i] = (struct decide_path){
			.attr = attrset_at(&s, attrset_intern(&s, &key)),
			.peer_addr = &addrs[i], .router_id = (uint32_t)i,
			.is_ebgp = rows[i].is_ebgp,
		};
	}
	decide_rank(p, N, &o, ranks);
	for (i = 0; i < N; i++) {
		cr_expect_eq(rows[ranks[i].index].place, i);
		cr_expect_eq(rows[ranks[i].index].class, ranks[i].class);
	}
	cr_expect_eq(ranks[0].index, decide_best(p, N, &o));
	attrset_fini(&s);
}
