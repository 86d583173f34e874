/* SPDX-License-Identifier: ISC */
/* A member of a confederation (RFC 5065): 64512, members 65000 and 65100. */
#include "regress/unit/rde_world.h"

#include "common/arena.h"
#include "common/bgp.h"

#include <criterion/criterion.h>

#include <string.h>

#define IPV4	(1u << NLRI_IPV4_UNICAST)
#define EOR4	"0200000000"

/* 10.1.0.0/16 from outside, and as it is told on */
#define FROM_OUTSIDE	"0200000014" "40010100" "4002060201" "0000fde9" \
			"4003047f000009" "100a01"
#define TO_MEMBER	"0200000021" "40010100" "40020c0301" "0000fde8" \
			"0201" "0000fde9" "4003047f000009" "40050400000064" \
			"100a01"
#define TO_INSIDE	"020000001b" "40010100" "4002060201" "0000fde9" \
			"4003047f000009" "40050400000064" "100a01"
#define TO_OUTSIDE	"0200000018" "40010100" "40020a0202" "0000fc00" \
			"0000fde9" "4003047f000001" "100a01"
/* 10.2.0.0/16 from the other member, which has it of AS 65001 */
#define FROM_MEMBER(a)	"0200000021" "40010100" "40020c0301" a \
			"0201" "0000fde9" "4003047f000009" "400504000000c8" \
			"100a02"
#define MEMBER_TO_OUTSIDE "0200000018" "40010100" "40020a0202" "0000fc00" \
			"0000fde9" "4003047f000001" "100a02"

static void
add_peer(struct config *c, uint32_t id, uint32_t remote_as, bool is_confed)
{
	struct conf_peer *p = config_add_peer(c);

	p->id = id;
	p->remote.addr = addr_from_ipv4(0x7f000000 + id);
	p->remote.len_bits = 32;
	p->local_as = remote_as == 65000 || is_confed ? 65000 : 64512;
	p->remote_as = remote_as;
	p->is_confed = is_confed;
	p->enforce_neighbor_as = remote_as != 65000;
}

/* Peers: 1 and 4 outside, 2 of the other member, 3 of ours. */
static struct config *
start(struct world *w)
{
	static uint32_t members[] = { 65000, 65100 };
	struct config *c = config_new();
	unsigned i;

	world_start(w);
	c->as = 65000;
	c->confed_as = 64512;
	c->confed_members = members;
	c->n_confed_members = 2;
	c->router_id = 0x01020304;
	add_peer(c, 1, 65001, false);
	add_peer(c, 2, 65100, true);
	add_peer(c, 3, 65000, false);
	add_peer(c, 4, 65004, false);
	c->rules = arena_alloc(c->arena, 2 * sizeof(*c->rules));
	for (i = 0; i < 2; i++) {
		c->rules[i].action = RULE_ALLOW;
		c->rules[i].direction = i == 0 ? RULE_FROM : RULE_TO;
		memset(c->rules[i].max_communities, 0xff,
		    sizeof(c->rules[i].max_communities));
	}
	c->n_rules = 2;
	world_config(w, c);
	for (i = 0; i < 4; i++) {
		world_up(w, &c->peers[i], IPV4);
		world_expect(w, i + 1, EOR4);
	}
	return c;
}

static void
stop(struct world *w, struct config *c)
{
	config_free(c);
	world_stop(w);
}

Test(rde_confed, paths_have_their_segments)
{
	struct world w;
	struct config *c = start(&w);

	world_send_hex(&w, 1, FROM_OUTSIDE);
	world_settle(&w);
	world_expect_for(&w, 2, TO_MEMBER);
	world_expect_for(&w, 3, TO_INSIDE);
	world_expect_for(&w, 4, TO_OUTSIDE);
	cr_assert_eq(w.n_outputs - w.n_taken, 3u);
	stop(&w, c);
}

Test(rde_confed, members_routes_go_inside_and_out)
{
	struct world w;
	struct config *c = start(&w);

	world_send_hex(&w, 2, FROM_MEMBER("0000fe4c"));
	world_settle(&w);
	world_expect_for(&w, 1, MEMBER_TO_OUTSIDE);
	world_expect_for(&w, 3, FROM_MEMBER("0000fe4c"));
	world_expect_for(&w, 4, MEMBER_TO_OUTSIDE);
	stop(&w, c);
}

/* Our member's number in a confederation segment is a loop. */
Test(rde_confed, loops_and_false_members_are_not_taken)
{
	struct world w;
	struct config *c = start(&w);

	world_send_hex(&w, 2, "0200000025" "40010100" "4002100302" "0000fe4c"
	    "0000fde8" "0201" "0000fde9" "4003047f000009" "400504000000c8"
	    "100a02");
	world_expect_none(&w);
	world_send_hex(&w, 2, FROM_MEMBER("0000fe4d"));
	world_expect_none(&w);
	/* From outside confederation segments are malformed (RFC 7606). */
	world_send_hex(&w, 1, "020000001a" "40010100" "40020c0301" "0000fe4c"
	    "0201" "0000fde9" "4003047f000009" "100a02");
	world_expect_none(&w);
	cr_assert_eq(w.n_resets, 0u);
	stop(&w, c);
}
