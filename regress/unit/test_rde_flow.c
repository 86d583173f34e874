/* SPDX-License-Identifier: ISC */
/* Flow specifications: who may say them (RFC 8955 6, RFC 9117), and ours. */
#include "regress/unit/rde_world.h"

#include "common/arena.h"
#include "common/bgp.h"

#include <criterion/criterion.h>

#include <string.h>

#define IPV4	(1u << NLRI_IPV4_UNICAST)
#define FLOW	(1u << NLRI_IPV4_FLOW)
#define EORF	"0200000007" "900f0003" "000185"

/* Flow to 10.1.1.0/24, and as 3 (internal) hears it; its withdrawal */
#define RAW_FLOW	"0501180a0101"
#define FROM(as)	"020000001b" "40010100" "4002060201" "0000" as \
			"800e0b" "0001850000" RAW_FLOW
#define TOLD(as)	"0200000022" "800e0b" "0001850000" RAW_FLOW \
			"40010100" "4002060201" "0000" as "40050400000064"
#define GONE		"020000000c" "800f09" "000185" RAW_FLOW
/* 10.1.0.0/16 and 10.1.1.128/25 */
#define WIDE(as)	"0200000014" "40010100" "4002060201" "0000" as \
			"4003047f000009" "100a01"
#define WIDE_GONE	"02000310" "0a01" "0000"
#define NARROW(as)	"0200000014" "40010100" "4002060201" "0000" as \
			"4003047f000009" "190a010180"
#define NARROW_GONE	"02000519" "0a010180" "0000"

static void
add_peer(struct config *c, uint32_t id, uint32_t remote_as)
{
	struct conf_peer *p = config_add_peer(c);

	p->id = id;
	p->remote.addr = addr_from_ipv4(0x7f000000 + id);
	p->remote.len_bits = 32;
	p->local_as = 65000;
	p->remote_as = remote_as;
	p->enforce_flow = remote_as != 65000;
}

/* Peers 1 and 2 outside, 3 inside, who takes flows only. */
static struct config *
start(struct world *w, bool has_network)
{
	static uint8_t flow[] = { 0x05, 0x01, 0x18, 0x0a, 0x01, 0x01 };
	static struct conf_route ours = { .afi = AFI_IPV4, .safi = SAFI_FLOW,
	    .nlri = { flow, sizeof(flow) } };
	struct config *c = config_new();
	unsigned i;

	world_start(w);
	c->as = 65000;
	c->router_id = 0x01020304;
	add_peer(c, 1, 65001);
	add_peer(c, 2, 65002);
	add_peer(c, 3, 65000);
	c->rules = arena_alloc(c->arena, 2 * sizeof(*c->rules));
	for (i = 0; i < 2; i++) {
		c->rules[i].action = RULE_ALLOW;
		c->rules[i].direction = i == 0 ? RULE_FROM : RULE_TO;
		memset(c->rules[i].max_communities, 0xff,
		    sizeof(c->rules[i].max_communities));
	}
	c->n_rules = 2;
	/* 1 and 2 hear nothing. */
	c->rules[1].peer_kind = RULE_PEER_IBGP;
	c->flowspecs = &ours;
	c->n_flowspecs = has_network;
	world_config(w, c);
	world_up(w, &c->peers[0], IPV4 | FLOW);
	world_up(w, &c->peers[1], IPV4 | FLOW);
	world_run_outputs(w, 4);
	w->n_taken = w->n_outputs;
	world_up(w, &c->peers[2], FLOW);
	if (!has_network)
		world_expect(w, 3, EORF);
	return c;
}

static void
stop(struct world *w, struct config *c)
{
	config_free(c);
	world_stop(w);
}

Test(rde_flow, ours_is_originated)
{
	struct world w;
	struct config *c = start(&w, true);

	world_expect(&w, 3, "020000001c" "800e0b" "0001850000" RAW_FLOW
	    "40010100" "400200" "40050400000064");
	world_expect(&w, 3, EORF);
	stop(&w, c);
}

Test(rde_flow, it_needs_the_best_route_of_its_neighbor)
{
	struct world w;
	struct config *c = start(&w, false);

	world_send_hex(&w, 1, FROM("fde9"));
	world_expect_none(&w);
	world_send_hex(&w, 1, WIDE("fde9"));
	world_expect(&w, 3, TOLD("fde9"));
	/* The other one, whose route is not the best, is not heard. */
	world_send_hex(&w, 2, FROM("fdea"));
	world_expect_none(&w);
	world_send_hex(&w, 1, WIDE_GONE);
	world_expect(&w, 3, GONE);
	world_send_hex(&w, 2, WIDE("fdea"));
	world_expect(&w, 3, TOLD("fdea"));
	stop(&w, c);
}

Test(rde_flow, nobody_else_may_have_a_part_of_it)
{
	struct world w;
	struct config *c = start(&w, false);

	world_send_hex(&w, 1, WIDE("fde9"));
	world_send_hex(&w, 1, FROM("fde9"));
	world_expect(&w, 3, TOLD("fde9"));
	world_send_hex(&w, 2, NARROW("fdea"));
	world_expect(&w, 3, GONE);
	world_send_hex(&w, 2, NARROW_GONE);
	world_expect(&w, 3, TOLD("fde9"));
	stop(&w, c);
}

Test(rde_flow, it_can_be_turned_off)
{
	struct world w;
	struct config *c = start(&w, false);

	c->peers[0].enforce_flow = false;
	world_config(&w, c);
	world_send_hex(&w, 1, FROM("fde9"));
	world_expect(&w, 3, TOLD("fde9"));
	stop(&w, c);
}
