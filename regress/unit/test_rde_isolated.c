/* SPDX-License-Identifier: ISC */
/* Peers of an ExaBGP configuration: what each is told, byte by byte. */
#include "regress/unit/rde_world.h"

#include "common/arena.h"
#include "common/bgp.h"
#include "common/route.h"

#include <criterion/criterion.h>

#include <string.h>

#define IPV4	(1u << NLRI_IPV4_UNICAST)
#define IPV6	(1u << NLRI_IPV6_UNICAST)

#define EOR4	"0200000000"
#define EOR6	"0200000007900f0003000201"
/* ORIGIN igp, empty AS_PATH, NEXT_HOP 10.0.0.N, LOCAL_PREF 100 */
#define ROUTE(n, nlri) "02000000154001010040020040030" "40a00000" n \
	    "40050400000064" nlri

static struct conf_peer *
add_peer(struct config *c, uint32_t id, uint32_t local_as, uint32_t remote_as)
{
	struct conf_peer *p = config_add_peer(c);

	p->id = id;
	p->remote.addr = addr_from_ipv4(0x7f000000 + id);
	p->remote.len_bits = 32;
	p->local_as = local_as;
	p->remote_as = remote_as;
	p->is_isolated = true;
	p->packing = PACKING_EXABGP;
	p->group_updates = true;
	p->auto_flush = true;
	p->adj_rib_out = true;
	return p;
}

static void
add_route(struct config *c, struct conf_peer *p, unsigned i,
    const char *prefix)
{
	struct conf_route *r;
	struct prefix pfx;
	struct wr w;

	if (p->routes == NULL)
		p->routes = arena_alloc(c->arena, 8 * sizeof(*p->routes));
	r = &p->routes[i];
	p->n_routes = i + 1;
	cr_assert_eq(prefix_parse(prefix, &pfx), 0);
	buf_writer_growing(&w, 64);
	nlri_put_prefix(&pfx, &w);
	r->afi = AFI_IPV4;
	r->safi = SAFI_UNICAST;
	r->nlri.bytes = arena_copy(c->arena, w.base, w.len);
	r->nlri.len = (uint32_t)w.len;
	r->nexthop.bytes = arena_copy(c->arena, "\x0a\0\0\1", 4);
	r->nexthop.len = 4;
	buf_free(&w);
}

/* A world with peers 1 (iBGP) and 2 (eBGP), neither up. */
static struct config *
start(struct world *w)
{
	struct config *c = config_new();

	world_start(w);
	c->as = 65000;
	add_peer(c, 1, 65000, 65000);
	add_peer(c, 2, 65000, 65001);
	world_config(w, c);
	return c;
}

Test(rde_isolated, announces_then_end_of_rib_in_order)
{
	struct world w;
	struct config *c = start(&w);

	world_audience(&w, 1, 1, 2);
	world_route(&w, 1, 0, "192.168.0.0/24", "10.0.0.1", "");
	world_settle(&w);
	world_up(&w, &c->peers[0], IPV4 | IPV6);
	world_expect(&w, 1, ROUTE("1", "18c0a800"));
	world_expect(&w, 1, EOR4);
	world_expect(&w, 1, EOR6);
	world_expect_none(&w);
	/* eBGP: our AS, no LOCAL_PREF. */
	world_up(&w, &c->peers[1], IPV4);
	world_expect(&w, 2, "0200000014400101004002060201" "0000fde8"
	    "4003040a000001" "18c0a800");
	world_expect(&w, 2, EOR4);
	world_expect_none(&w);
	config_free(c);
	world_stop(&w);
}

Test(rde_isolated, last_word_wins_and_equal_words_are_dropped)
{
	struct world w;
	struct config *c = start(&w);

	world_audience(&w, 1, 1, 0);
	world_up(&w, &c->peers[0], IPV4);
	world_expect(&w, 1, EOR4);
	world_route(&w, 1, 0, "192.168.0.0/24", "10.0.0.1", "");
	world_expect(&w, 1, ROUTE("1", "18c0a800"));
	world_route(&w, 1, 0, "192.168.0.0/24", "10.0.0.1", "");
	world_expect_none(&w);
	world_route(&w, 1, ROUTE_WITHDRAW, "192.168.0.0/24", NULL, "");
	world_expect(&w, 1, "02000418c0a8000000");
	/* Unknown destinations are withdrawn all the same. */
	world_route(&w, 1, ROUTE_WITHDRAW, "192.168.9.0/24", NULL, "");
	world_expect(&w, 1, "02000418c0a8090000");
	world_expect_none(&w);
	cr_assert_eq(w.n_done, 4);
	config_free(c);
	world_stop(&w);
}

Test(rde_isolated, routes_survive_the_session_and_are_grouped)
{
	struct world w;
	struct config *c = start(&w);

	world_audience(&w, 1, 1, 0);
	world_route(&w, 1, 0, "192.168.2.0/24", "10.0.0.1", "");
	world_route(&w, 1, 0, "192.168.3.0/24", "10.0.0.2", "");
	world_route(&w, 1, 0, "192.168.1.0/24", "10.0.0.1", "");
	world_settle(&w);
	world_up(&w, &c->peers[0], IPV4);
	world_expect(&w, 1, ROUTE("1", "18c0a801" "18c0a802"));
	world_expect(&w, 1, ROUTE("2", "18c0a803"));
	world_expect(&w, 1, EOR4);
	world_down(&w, 1);
	world_settle(&w);
	world_up(&w, &c->peers[0], IPV4);
	world_expect(&w, 1, ROUTE("1", "18c0a801" "18c0a802"));
	world_expect(&w, 1, ROUTE("2", "18c0a803"));
	world_expect(&w, 1, EOR4);
	world_expect_none(&w);
	config_free(c);
	world_stop(&w);
}

Test(rde_isolated, refresh_is_answered_between_marks)
{
	struct world w;
	struct config *c = start(&w);

	world_audience(&w, 1, 1, 0);
	world_up(&w, &c->peers[0], IPV4);
	world_expect(&w, 1, EOR4);
	world_route(&w, 1, 0, "192.168.2.0/24", "10.0.0.1", "");
	world_expect(&w, 1, ROUTE("1", "18c0a802"));
	chan_send(w.sess, IMSG_REFRESH, 1, "\0\1\0\1", 4);
	world_expect(&w, 1, "0500010101");
	world_expect(&w, 1, ROUTE("1", "18c0a802"));
	world_expect(&w, 1, "0500010201");
	world_expect_none(&w);
	config_free(c);
	world_stop(&w);
}

Test(rde_isolated, reload_sends_the_difference_and_keeps_api_routes)
{
	struct world w;
	struct config *c = start(&w);

	add_route(c, &c->peers[0], 0, "10.1.0.0/24");
	add_route(c, &c->peers[0], 1, "10.2.0.0/24");
	world_config(&w, c);
	world_audience(&w, 1, 1, 0);
	world_route(&w, 1, 0, "192.168.2.0/24", "10.0.0.2", "");
	world_settle(&w);
	world_up(&w, &c->peers[0], IPV4);
	world_expect(&w, 1, ROUTE("1", "180a0100" "180a0200"));
	world_expect(&w, 1, ROUTE("2", "18c0a802"));
	world_expect(&w, 1, EOR4);
	add_route(c, &c->peers[0], 1, "10.3.0.0/24");
	world_config(&w, c);
	world_expect(&w, 1, "020004180a02000000");
	world_expect(&w, 1, ROUTE("1", "180a0300"));
	world_expect_none(&w);
	/* What is told is withdrawn by a clear. */
	chan_send(w.api, IMSG_RIB_CLEAR, 1, "\1", 1);
	world_expect(&w, 1, "020004180a01000000");
	world_expect(&w, 1, "02000418c0a8020000");
	world_expect(&w, 1, "020004180a03000000");
	world_expect_none(&w);
	config_free(c);
	world_stop(&w);
}

Test(rde_isolated, watchdog_moves_its_routes)
{
	struct world w;
	struct config *c = start(&w);

	add_route(c, &c->peers[0], 0, "10.1.0.0/24");
	c->peers[0].routes[0].watchdog = arena_strdup(c->arena, "dog");
	c->peers[0].routes[0].flags = ROUTE_WITHDRAWN_AT_START;
	world_config(&w, c);
	world_audience(&w, 1, 1, 0);
	world_up(&w, &c->peers[0], IPV4);
	world_expect(&w, 1, EOR4);
	world_expect_none(&w);
	chan_send(w.api, IMSG_WATCHDOG, 1, "\0dog", 4);
	world_expect(&w, 1, ROUTE("1", "180a0100"));
	chan_send(w.api, IMSG_WATCHDOG, 1, "\1dog", 4);
	world_expect(&w, 1, "020004180a01000000");
	world_expect_none(&w);
	config_free(c);
	world_stop(&w);
}

static struct conf_family *
add_family(struct config *c, struct conf_peer *p, uint16_t afi)
{
	struct conf_family *f = arena_append(c->arena, &p->families,
	    &p->n_families, sizeof(*f));

	f->afi = afi;
	f->safi = SAFI_UNICAST;
	return f;
}

Test(rde_isolated, ungrouped_words_are_all_sent)
{
	struct world w;
	struct config *c = start(&w);

	c->peers[0].group_updates = false;
	world_config(&w, c);
	world_audience(&w, 1, 1, 0);
	world_up(&w, &c->peers[0], IPV4);
	world_expect(&w, 1, EOR4);
	/* All in one breath. */
	world_route(&w, 1, 0, "192.168.1.0/24", "10.0.0.1", "");
	world_route(&w, 1, 0, "192.168.1.0/24", "10.0.0.2", "");
	world_route(&w, 1, 0, "192.168.1.0/24", "10.0.0.2", "");
	world_expect(&w, 1, ROUTE("1", "18c0a801"));
	world_expect(&w, 1, ROUTE("2", "18c0a801"));
	world_expect_none(&w);
	world_route(&w, 1, ROUTE_WITHDRAW, "192.168.1.0/24", NULL, "");
	world_route(&w, 1, 0, "192.168.1.0/24", "10.0.0.2", "");
	world_expect(&w, 1, "02000418c0a8010000");
	world_expect(&w, 1, ROUTE("2", "18c0a801"));
	world_expect_none(&w);
	/* What is taken back was not meant. */
	world_route(&w, 1, 0, "192.168.2.0/24", "10.0.0.1", "");
	world_route(&w, 1, ROUTE_WITHDRAW, "192.168.2.0/24", NULL, "");
	world_expect(&w, 1, "02000418c0a8020000");
	world_expect_none(&w);
	config_free(c);
	world_stop(&w);
}

Test(rde_isolated, ungrouped_routes_of_one_prefix_in_the_configuration)
{
	struct world w;
	struct config *c = start(&w);

	add_route(c, &c->peers[0], 0, "10.1.0.0/24");
	add_route(c, &c->peers[0], 1, "10.1.0.0/24");
	c->peers[0].routes[1].nexthop.bytes = arena_copy(c->arena,
	    "\x0a\0\0\2", 4);
	c->peers[0].group_updates = false;
	world_config(&w, c);
	world_config(&w, c);	/* a reload changes nothing */
	world_up(&w, &c->peers[0], IPV4);
	world_expect(&w, 1, ROUTE("1", "180a0100"));
	world_expect(&w, 1, ROUTE("2", "180a0100"));
	world_expect(&w, 1, EOR4);
	world_expect_none(&w);
	config_free(c);
	world_stop(&w);
}

Test(rde_isolated, first_batch_does_not_speak_of_what_was_taken_back)
{
	struct world w;
	struct config *c = start(&w);

	world_audience(&w, 1, 1, 0);
	world_up(&w, &c->peers[0], IPV4);
	world_expect(&w, 1, EOR4);
	world_route(&w, 1, 0, "192.168.1.0/24", "10.0.0.1", "");
	world_route(&w, 1, ROUTE_WITHDRAW, "192.168.1.0/24", NULL, "");
	world_expect_none(&w);
	world_route(&w, 1, 0, "192.168.2.0/24", "10.0.0.1", "");
	world_expect(&w, 1, ROUTE("1", "18c0a802"));
	world_route(&w, 1, 0, "192.168.1.0/24", "10.0.0.1", "");
	world_route(&w, 1, ROUTE_WITHDRAW, "192.168.1.0/24", NULL, "");
	world_expect(&w, 1, "02000418c0a8010000");
	world_expect_none(&w);
	config_free(c);
	world_stop(&w);
}

Test(rde_isolated, flush_is_sent_between_marks)
{
	struct world w;
	struct config *c = start(&w);

	world_audience(&w, 1, 1, 0);
	world_route(&w, 1, 0, "192.168.2.0/24", "10.0.0.1", "");
	world_settle(&w);
	world_up(&w, &c->peers[0], IPV4);
	world_expect(&w, 1, ROUTE("1", "18c0a802"));
	world_expect(&w, 1, EOR4);
	chan_send(w.api, IMSG_RIB_FLUSH, 1, NULL, 0);
	world_expect(&w, 1, "0500010101");
	world_expect(&w, 1, ROUTE("1", "18c0a802"));
	world_expect(&w, 1, "0500010201");
	world_expect_none(&w);
	config_free(c);
	world_stop(&w);
}

Test(rde_isolated, next_hop_of_the_other_family_waits_for_the_capability)
{
	struct world w;
	struct config *c = start(&w);

	world_audience(&w, 1, 1, 0);
	world_route(&w, 1, 0, "192.168.2.0/24", "2001:db8::1", "");
	world_settle(&w);
	world_up(&w, &c->peers[0], IPV4);
	world_expect(&w, 1, EOR4);
	world_expect_none(&w);
	world_down(&w, 1);
	add_family(c, &c->peers[0], AFI_IPV4)->extended_nexthop = true;
	world_up(&w, &c->peers[0], IPV4);
	world_expect(&w, 1, "020000002a" "40010100" "400200" "40050400000064"
	    "800e19" "000101" "10" "20010db8000000000000000000000001" "00"
	    "18c0a802");
	world_expect(&w, 1, EOR4);
	world_expect_none(&w);
	config_free(c);
	world_stop(&w);
}

Test(rde_isolated, link_local_address_goes_behind_the_global_one)
{
	struct world w;
	struct config *c = start(&w);

	cr_assert_eq(addr_parse("fe80::1", &c->peers[0].local_link_local), 0);
	c->peers[0].link_local_nexthop = true;
	world_config(&w, c);
	world_audience(&w, 1, 1, 0);
	world_route(&w, 1, 0, "2001:db8::/32", "2001:db8::1", "");
	world_settle(&w);
	world_up(&w, &c->peers[0], IPV6);
	world_expect(&w, 1, "020000003b" "40010100" "400200" "40050400000064"
	    "800e2a" "000201" "20" "20010db8000000000000000000000001"
	    "fe800000000000000000000000000001" "00" "2020010db8");
	world_expect(&w, 1, EOR6);
	world_expect_none(&w);
	config_free(c);
	world_stop(&w);
}

#define PATH(id, n) ROUTE(n, "0000000" id "18c0a801")

Test(rde_isolated, no_more_paths_than_the_peer_takes)
{
	struct world w;
	struct config *c = start(&w);
	struct conf_family *f = add_family(c, &c->peers[0], AFI_IPV4);
	const unsigned id = 1u << 16, has_id = ROUTE_HAS_PATH_ID;

	f->add_path = 3;
	f->paths_limit = 2;
	world_config(&w, c);
	world_audience(&w, 1, 1, 0);
	world_up(&w, &c->peers[0], IPV4);
	world_expect(&w, 1, EOR4);
	world_route(&w, 1, id | has_id, "192.168.1.0/24", "10.0.0.1", "");
	world_route(&w, 1, 2 * id | has_id, "192.168.1.0/24", "10.0.0.2", "");
	world_route(&w, 1, 3 * id | has_id, "192.168.1.0/24", "10.0.0.3", "");
	world_expect(&w, 1, PATH("1", "1"));
	world_expect(&w, 1, PATH("2", "2"));
	world_expect_none(&w);
	/* A change of one that is there; one that makes room. */
	world_route(&w, 1, 2 * id | has_id, "192.168.1.0/24", "10.0.0.4", "");
	world_expect(&w, 1, PATH("2", "4"));
	world_route(&w, 1, id | has_id | ROUTE_WITHDRAW, "192.168.1.0/24",
	    NULL, "");
	world_expect(&w, 1, "020008" "00000001" "18c0a801" "0000");
	world_expect(&w, 1, PATH("3", "3"));
	world_expect_none(&w);
	config_free(c);
	world_stop(&w);
}

Test(rde_isolated, each_end_of_rib_asked_for_is_sent)
{
	struct world w;
	struct config *c = start(&w);

	c->peers[0].manual_eor = true;
	world_config(&w, c);
	world_audience(&w, 1, 1, 0);
	world_up(&w, &c->peers[0], IPV4);
	world_settle(&w);
	chan_send(w.api, IMSG_EOR, 1, "\0\1\1", 3);
	chan_send(w.api, IMSG_EOR, 1, "\0\1\1", 3);
	world_expect(&w, 1, EOR4);
	world_expect(&w, 1, EOR4);
	world_expect_none(&w);
	config_free(c);
	world_stop(&w);
}
