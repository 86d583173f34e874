/* SPDX-License-Identifier: ISC */
/* RIBs beside Loc-RIB: rules of their own, neighbors that hear them. */
#include "regress/unit/rde_world.h"

#include "common/arena.h"
#include "common/bgp.h"

#include <criterion/criterion.h>

#include <string.h>

#define IPV4	(1u << NLRI_IPV4_UNICAST)
#define EOR4	"0200000000"

/* 10.1.0.0/16 of AS 6500n, and as an internal neighbor hears it */
#define FROM(n)	"0200000014" "40010100" "4002060201" "0000fde" n \
		"4003047f000009" "100a01"
#define TOLD(n, pref) "020000001b" "40010100" "4002060201" "0000fde" n \
		"4003047f000009" "400504000000" pref "100a01"
#define WITHDRAW "020003100a010000"

static void
add_peer(struct config *c, uint32_t id, uint32_t remote_as, char *rib)
{
	struct conf_peer *p = config_add_peer(c);

	p->id = id;
	p->remote.addr = addr_from_ipv4(0x7f000000 + id);
	p->remote.len_bits = 32;
	p->local_as = 65000;
	p->remote_as = remote_as;
	p->rib = rib;
}

static struct conf_rule *
add_rule(struct config *c, unsigned direction, uint8_t action)
{
	struct conf_rule *r = arena_append(c->arena, &c->rules, &c->n_rules,
	    sizeof(*r));

	memset(r, 0, sizeof(*r));
	r->action = action;
	r->direction = (uint8_t)direction;
	memset(r->max_communities, 0xff, sizeof(r->max_communities));
	return r;
}

/*
 * 1 and 2 are outside; 3 inside; 4 inside, of the RIB "other", into which
 * routes of AS 65001 come with a LOCAL_PREF of 50.
 */
static struct config *
start(struct world *w, bool no_evaluate)
{
	static struct conf_rib rib = { .name = "other" };
	static struct conf_set set = { .kind = SET_LOCALPREF, .number = 50 };
	struct config *c = config_new();
	struct conf_rule *r;
	unsigned i;

	world_start(w);
	rib.no_evaluate = no_evaluate;
	c->as = 65000;
	c->router_id = 0x01020304;
	c->ribs = &rib;
	c->n_ribs = 1;
	add_peer(c, 1, 65001, NULL);
	add_peer(c, 2, 65002, NULL);
	add_peer(c, 3, 65000, NULL);
	add_peer(c, 4, 65000, "other");
	add_rule(c, RULE_FROM, RULE_ALLOW);
	r = add_rule(c, RULE_FROM, RULE_MATCH);
	r->rib = "other";
	r->peer_kind = RULE_PEER_AS;
	r->peer_as = 65001;
	r->sets = &set;
	r->n_sets = 1;
	add_rule(c, RULE_TO, RULE_ALLOW)->peer_kind = RULE_PEER_IBGP;
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

Test(rde_ribs, another_rib_decides_for_itself)
{
	struct world w;
	struct config *c = start(&w, false);

	world_send_hex(&w, 1, FROM("9"));
	world_settle(&w);
	world_expect_for(&w, 3, TOLD("9", "64"));
	world_expect_for(&w, 4, TOLD("9", "32"));
	/* In Loc-RIB 1 stays best (router id), in the other 2 is better. */
	world_send_hex(&w, 2, FROM("a"));
	world_settle(&w);
	world_expect_for(&w, 3, TOLD("9", "64"));
	world_expect_for(&w, 4, TOLD("a", "64"));
	world_send_hex(&w, 2, WITHDRAW);
	world_settle(&w);
	world_expect_for(&w, 4, TOLD("9", "32"));
	world_down(&w, 1);
	world_settle(&w);
	world_expect_for(&w, 3, WITHDRAW);
	world_expect_for(&w, 4, WITHDRAW);
	stop(&w, c);
}

Test(rde_ribs, without_evaluation_nothing_is_told)
{
	struct world w;
	struct config *c = start(&w, true);

	world_send_hex(&w, 1, FROM("9"));
	world_expect(&w, 3, TOLD("9", "64"));
	world_expect_none(&w);
	stop(&w, c);
}

Test(rde_ribs, a_new_rib_is_filled)
{
	struct world w;
	struct config *c = start(&w, false);
	struct conf_rib two[2] = { { .name = "other" }, { .name = "third" } };

	world_send_hex(&w, 1, FROM("9"));
	world_settle(&w);
	world_down(&w, 4);
	c->ribs = two;
	c->n_ribs = 2;
	c->peers[3].rib = "third";
	world_config(&w, c);
	w.n_taken = w.n_outputs;
	world_up(&w, &c->peers[3], IPV4);
	world_expect(&w, 4, TOLD("9", "64"));
	world_expect(&w, 4, EOR4);
	stop(&w, c);
}
