/* SPDX-License-Identifier: ISC */
/* A program's routes to neighbors of bgpd.conf: labels, flags, next hops. */
#include "regress/unit/rde_world.h"

#include "common/arena.h"
#include "common/bgp.h"
#include "common/route.h"

#include <criterion/criterion.h>

#include <string.h>

/* Peers 1 and 2 external, 3 internal; everything allowed. */
static struct config *
start(struct world *w)
{
	static const uint32_t as[] = { 65001, 65002, 65000 };
	struct config *c = config_new();
	struct conf_peer *p;
	unsigned i;

	world_start(w);
	c->as = 65000;
	c->router_id = 0x01020304;
	for (i = 0; i < 3; i++) {
		p = config_add_peer(c);
		p->id = i + 1;
		p->remote.addr = addr_from_ipv4(0x7f000001 + i);
		p->remote.len_bits = 32;
		p->local_as = 65000;
		p->remote_as = as[i];
	}
	c->rules = arena_alloc(c->arena, 2 * sizeof(*c->rules));
	for (i = 0; i < 2; i++) {
		c->rules[i].action = RULE_ALLOW;
		c->rules[i].direction = i == 0 ? RULE_FROM : RULE_TO;
		memset(c->rules[i].max_communities, 0xff,
		    sizeof(c->rules[i].max_communities));
	}
	c->n_rules = 2;
	world_config(w, c);
	return c;
}

/* Up with these families alone. */
static void
up(struct world *w, struct config *c, unsigned i, uint32_t families)
{
	unsigned n = 0, k;

	for (k = 0; k < NLRI_N_FAMILIES; k++)
		n += families >> k & 1;
	world_up(w, &c->peers[i], families);
	world_run_outputs(w, n);
	w->n_taken = w->n_outputs;
}

static void
stop(struct world *w, struct config *c)
{
	config_free(c);
	world_stop(w);
}

/* A route for the peers of audience 1. */
static void
say(struct world *w, enum nlri_id family, const char *nlri_hex,
    const char *nexthop_hex, const char *attrs_hex)
{
	uint8_t nlri[64], attrs[64];
	struct route route = {
		.family = nlri_by_id(family),
		.nlri = buf_reader(nlri, world_unhex(nlri_hex, nlri,
		    sizeof(nlri))),
		.attrs = buf_reader(attrs, world_unhex(attrs_hex, attrs,
		    sizeof(attrs))),
	};
	struct wr out;

	route.nexthop.len = (uint8_t)world_unhex(nexthop_hex,
	    route.nexthop.bytes, sizeof(route.nexthop.bytes));
	buf_writer_growing(&out, 4096);
	route_put(&out, &route);
	chan_send_wr(w->api, IMSG_ROUTE, 1, &out);
	buf_free(&out);
}

Test(rde_program, routes_have_their_labels_and_flags)
{
	struct world w;
	struct config *c = start(&w);
	uint32_t mpls = 1u << NLRI_IPV4_MPLS;

	up(&w, c, 0, mpls);
	up(&w, c, 1, mpls);
	world_audience(&w, 1, 2, 0);
	/* An attribute of no meaning to us is not partial: it is ours. */
	say(&w, NLRI_IPV4_MPLS, "20" "000641" "0a", "0a000001", "c0990142");
	world_expect(&w, 2, "0200000022" "800e0e" "000104" "04" "7f000001"
	    "00" "20" "000641" "0a" "40010100" "4002060201" "0000fde8"
	    "c0990142");
	/* Nor do the labels of a route that others hear take their place. */
	world_send_hex(&w, 1, "020000001e" "800e0e" "000104" "04" "7f000009"
	    "00" "20" "000c81" "0a" "40010100" "4002060201" "0000fde9");
	world_settle(&w);
	say(&w, NLRI_IPV4_MPLS, "20" "000651" "0a", "0a000001", "c0990142");
	world_settle(&w);
	world_expect_for(&w, 2, "0200000022" "800e0e" "000104" "04" "7f000001"
	    "00" "20" "000651" "0a" "40010100" "4002060201" "0000fde8"
	    "c0990142");
	stop(&w, c);
}

#define PATH	"40010100" "400200" "40050400000064"
#define MAPPED	"00000000000000000000ffff0a000001"
#define IPV6	"20010db8000000000000000000000001"

Test(rde_program, ipv4_next_hops_of_ipv6_routes_are_mapped)
{
	struct world w;
	struct config *c = start(&w);

	up(&w, c, 2, 1u << NLRI_IPV6_UNICAST | 1u << NLRI_IPV6_VPN);
	world_audience(&w, 1, 3, 0);
	say(&w, NLRI_IPV6_UNICAST, "10" "2001", "0a000001", "");
	world_expect(&w, 3, "0200000029" "800e18" "000201" "10" MAPPED "00"
	    "10" "2001" PATH);
	say(&w, NLRI_IPV6_VPN, "68" "003e81" "0000fde800000001" "2001",
	    "0000000000000000" "0a000001", "");
	world_expect(&w, 3, "020000003c" "800e2b" "000280" "18"
	    "0000000000000000" MAPPED "00" "68" "003e81" "0000fde800000001"
	    "2001" PATH);
	stop(&w, c);
}

Test(rde_program, ipv6_next_hops_of_ipv4_routes_need_agreement)
{
	static struct conf_family agreed = { .afi = AFI_IPV4,
	    .safi = SAFI_UNICAST, .extended_nexthop = true };
	struct world w;
	struct config *c = start(&w);

	up(&w, c, 2, 1u << NLRI_IPV4_UNICAST);
	world_audience(&w, 1, 3, 0);
	say(&w, NLRI_IPV4_UNICAST, "08" "0a", IPV6, "");
	world_expect_none(&w);
	world_down(&w, 3);
	c->peers[2].families = &agreed;
	c->peers[2].n_families = 1;
	world_up(&w, &c->peers[2], 1u << NLRI_IPV4_UNICAST);
	world_expect(&w, 3, "0200000028" "800e17" "000101" "10" IPV6 "00"
	    "08" "0a" PATH);
	stop(&w, c);
}
