/* SPDX-License-Identifier: ISC */
/* Peers of bgpd.conf: decision, rules and export, byte by byte. */
#include "regress/unit/rde_world.h"

#include "common/arena.h"
#include "common/bgp.h"
#include "common/route.h"

#include <criterion/criterion.h>

#include <string.h>

#define IPV4	(1u << NLRI_IPV4_UNICAST)
#define EOR4	"0200000000"

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

/* Peers 1 and 2 external, 3 and 4 internal; everything allowed. */
static struct config *
start(struct world *w, bool is_allowed)
{
	struct config *c = config_new();

	world_start(w);
	c->as = 65000;
	c->router_id = 0x01020304;
	add_peer(c, 1, 65001);
	add_peer(c, 2, 65002);
	add_peer(c, 3, 65000);
	add_peer(c, 4, 65000);
	if (is_allowed) {
		add_rule(c, RULE_FROM);
		add_rule(c, RULE_TO);
	}
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

Test(rde_normal, a_reload_looks_at_what_changed_only)
{
	struct world w;
	struct config *c = start(&w, true);
	struct conf_set set = { .kind = SET_MED, .number = 7 };
	struct conf_rule *r;

	up(&w, c, 0);
	up(&w, c, 1);
	up(&w, c, 2);
	world_send_hex(&w, 1, "0200000014" "40010100" "4002060201" "0000fde9"
	    "4003047f000009" "100a01");
	world_run_outputs(&w, 2);
	w.n_taken = w.n_outputs;
	/* The same once more: nobody hears anything. */
	world_config(&w, c);
	world_expect_none(&w);
	/* A rule for internal neighbors: 3 hears of it, 2 does not. */
	r = add_rule(c, RULE_TO);
	r->peer_kind = RULE_PEER_IBGP;
	r->action = RULE_MATCH;
	r->sets = &set;
	r->n_sets = 1;
	world_config(&w, c);
	world_expect(&w, 3, "0200000022" "40010100" "4002060201" "0000fde9"
	    "4003047f000009" "80040400000007" "40050400000064" "100a01");
	world_expect_none(&w);
	/* Its set changes, then a set of 1's routes. */
	set.number = 8;
	world_config(&w, c);
	world_expect(&w, 3, "0200000022" "40010100" "4002060201" "0000fde9"
	    "4003047f000009" "80040400000008" "40050400000064" "100a01");
	world_expect_none(&w);
	r->direction = RULE_FROM;
	r->peer_kind = RULE_PEER_AS;
	r->peer_as = 65001;
	set = (struct conf_set){ .kind = SET_ORIGIN, .number = 2 };
	world_config(&w, c);
	world_settle(&w);
	world_expect_for(&w, 2, "0200000018" "40010102" "40020a0202"
	    "0000fde80000fde9" "4003047f000001" "100a01");
	world_expect_for(&w, 3, "020000001b" "40010102" "4002060201"
	    "0000fde9" "4003047f000009" "40050400000064" "100a01");
	stop(&w, c);
}

/* One interface has 127.0.0.1 (the sessions' address) and 2001:db8::n. */
static void
tell_addrs(struct world *w, uint8_t n)
{
	struct addr v4 = addr_from_ipv4(0x7f000001), v6, ll;
	struct wr out;

	cr_assert_eq(addr_parse("2001:db8::", &v6), 0);
	cr_assert_eq(addr_parse("fe80::1", &ll), 0);
	v6.bytes[15] = n;
	buf_writer_growing(&out, 4096);
	buf_put_u32(&out, 7);
	imsg_put_addr(&out, &ll);
	buf_put_u32(&out, 7);
	imsg_put_addr(&out, &v4);
	buf_put_u32(&out, 7);
	imsg_put_addr(&out, &v6);
	v6.bytes[15] = 0xff;
	buf_put_u32(&out, 8);
	imsg_put_addr(&out, &v6);
	chan_send_wr(w->parent, IMSG_LOCAL_ADDRS, 0, &out);
	buf_free(&out);
}

#define IPV6	(1u << NLRI_IPV6_UNICAST)
/* 2001:db8:5::/48 by AS 65001, next hop 2001:db8::9; and as 2 hears it */
#define FROM_1_IPV6 "020000002c" "40010100" "4002060201" "0000fde9" \
	    "800e1c" "000201" "10" "20010db8000000000000000000000009" "00" \
	    "3020010db80005"
#define TOLD_IPV6(n) "0200000030" "800e1c" "000201" "10" \
	    "20010db80000000000000000000000" n "00" "3020010db80005" \
	    "40010100" "40020a0202" "0000fde8" "0000fde9"

Test(rde_normal, ipv6_over_ipv4_has_the_interfaces_address)
{
	struct world w;
	struct config *c = start(&w, true);

	world_up(&w, &c->peers[1], IPV4 | IPV6);
	world_run_outputs(&w, 2);
	world_up(&w, &c->peers[0], IPV4 | IPV6);
	world_run_outputs(&w, 4);
	w.n_taken = w.n_outputs;
	/* Our address is not known: nothing can be told. */
	world_send_hex(&w, 1, FROM_1_IPV6);
	world_expect_none(&w);
	tell_addrs(&w, 0x11);
	world_expect(&w, 2, TOLD_IPV6("11"));
	tell_addrs(&w, 0x11);
	world_expect_none(&w);
	tell_addrs(&w, 0x12);
	world_settle(&w);
	world_expect_for(&w, 2, TOLD_IPV6("12"));
	stop(&w, c);
}

/* UPDATE of 10.1.0.0/16 by AS 65001, next hop 127.0.0.9 */
#define FROM_1	"0200000014" "40010100" "4002060201" "0000fde9" \
	    "4003047f000009" "100a01"

Test(rde_normal, route_goes_to_external_and_internal_peers)
{
	struct world w;
	struct config *c = start(&w, true);

	up(&w, c, 0);
	up(&w, c, 1);
	up(&w, c, 2);
	world_send_hex(&w, 1, FROM_1);
	world_run_outputs(&w, 2);
	/* iBGP: next hop kept, LOCAL_PREF added. Order of groups is free. */
	if (w.outputs[w.n_taken].peers[0] == 2) {
		world_expect(&w, 2, "0200000018" "40010100" "400" "20a0202"
		    "0000fde80000fde9" "4003047f000001" "100a01");
		world_expect(&w, 3, "020000001b" "40010100" "4002060201"
		    "0000fde9" "4003047f000009" "40050400000064" "100a01");
	} else {
		world_expect(&w, 3, "020000001b" "40010100" "4002060201"
		    "0000fde9" "4003047f000009" "40050400000064" "100a01");
		world_expect(&w, 2, "0200000018" "40010100" "400" "20a0202"
		    "0000fde80000fde9" "4003047f000001" "100a01");
	}
	world_expect_none(&w);
	/* The session ends: withdrawn everywhere. */
	world_down(&w, 1);
	world_run_outputs(&w, 2);
	cr_assert_eq(w.outputs[w.n_taken].len, 23u + 3u);
	stop(&w, c);
}

Test(rde_normal, nothing_is_allowed_by_default)
{
	struct world w;
	struct config *c = start(&w, false);

	up(&w, c, 0);
	up(&w, c, 1);
	world_send_hex(&w, 1, FROM_1);
	world_expect_none(&w);
	stop(&w, c);
}

Test(rde_normal, internal_routes_are_not_passed_on_without_reflection)
{
	struct world w;
	struct config *c = start(&w, true);

	c->peers[3].is_reflector_client = true;
	world_config(&w, c);
	up(&w, c, 1);
	up(&w, c, 2);
	up(&w, c, 3);
	world_send_hex(&w, 3, "020000001b" "40010100" "4002060201" "0000fde9"
	    "4003047f000009" "40050400000064" "100a01");
	world_run_outputs(&w, 2);
	for (int i = 0; i < 2; i++) {
		if (w.outputs[w.n_taken].peers[0] == 4)
			world_expect(&w, 4, "0200000029" "40010100"
			    "4002060201" "0000fde9" "4003047f000009"
			    "40050400000064" "8009040a000003"
			    "800a0401020304" "100a01");
		else
			world_expect(&w, 2, "0200000018" "40010100" "400"
			    "20a0202" "0000fde80000fde9" "4003047f000001"
			    "100a01");
	}
	/* Peer 3's own is not reflected back; its loop is refused. */
	world_send_hex(&w, 4, "0200000029" "40010100" "4002060201"
	    "0000fde9" "4003047f000009" "40050400000065" "8009040a000003"
	    "800a0401020304" "100a01");
	world_expect_none(&w);
	stop(&w, c);
}

Test(rde_normal, the_better_path_wins_and_the_worse_comes_back)
{
	struct world w;
	struct config *c = start(&w, true);

	up(&w, c, 0);
	up(&w, c, 1);
	up(&w, c, 2);
	/* A longer path from peer 2 first. */
	world_send_hex(&w, 2, "0200000018" "40010100" "400" "20a0202"
	    "0000fdea0000fde9" "4003047f000008" "100a01");
	world_run_outputs(&w, 2);
	w.n_taken = w.n_outputs;
	world_send_hex(&w, 1, FROM_1);
	world_settle(&w);
	/* Peer 1 loses it, 2 and 3 hear the better one. */
	cr_assert_eq(w.n_outputs - w.n_taken, 3);
	w.n_taken = w.n_outputs;
	world_send_hex(&w, 1, "020003" "100a01" "0000");
	world_settle(&w);
	cr_assert_eq(w.n_outputs - w.n_taken, 3);
	stop(&w, c);
}

Test(rde_normal, networks_and_sets_of_rules)
{
	struct world w;
	struct config *c = start(&w, false);
	struct conf_rule *r;
	struct conf_set sets[2] = { { .kind = SET_MED, .number = 7 },
	    { .kind = SET_COMMUNITY, .community = { .kind =
	    COMMUNITY_STANDARD, .part = { 65000, 1 } } } };
	struct prefix p;
	struct conf_route *n;
	struct wr bytes;

	r = add_rule(c, RULE_TO);
	r->peer_kind = RULE_PEER_EBGP;
	r->sets = sets;
	r->n_sets = 2;
	buf_writer_growing(&bytes, 64);
	cr_assert_eq(prefix_parse("192.0.2.0/24", &p), 0);
	nlri_put_prefix(&p, &bytes);
	n = arena_alloc(c->arena, sizeof(*n));
	n->afi = AFI_IPV4;
	n->safi = SAFI_UNICAST;
	n->nlri.bytes = bytes.base;
	n->nlri.len = (uint32_t)bytes.len;
	c->networks = n;
	c->n_networks = 1;
	world_config(&w, c);
	world_up(&w, &c->peers[0], IPV4);
	world_expect(&w, 1, "0200000022" "40010100" "4002060201" "0000fde8"
	    "4003047f000001" "80040400000007" "c00804fde80001" "18c00002");
	world_expect(&w, 1, EOR4);
	world_up(&w, &c->peers[2], IPV4);
	world_expect(&w, 3, EOR4);
	/* A reload with other rules withdraws it. */
	c->n_rules = 0;
	world_config(&w, c);
	world_expect(&w, 1, "020004" "18c00002" "0000");
	world_expect_none(&w);
	buf_free(&bytes);
	stop(&w, c);
}

Test(rde_normal, refresh_tells_again_between_marks)
{
	struct world w;
	struct config *c = start(&w, true);

	up(&w, c, 0);
	up(&w, c, 1);
	world_send_hex(&w, 1, FROM_1);
	world_run_outputs(&w, 1);
	w.n_taken = w.n_outputs;
	chan_send(w.sess, IMSG_REFRESH, 2, "\0\1\0\1", 4);
	world_expect(&w, 2, "0500010101");
	world_expect(&w, 2, "0200000018" "40010100" "400" "20a0202"
	    "0000fde80000fde9" "4003047f000001" "100a01");
	world_expect(&w, 2, "0500010201");
	world_expect_none(&w);
	stop(&w, c);
}

Test(rde_normal, slow_peer_hears_the_last_state_only)
{
	struct world w;
	struct config *c = start(&w, true);

	up(&w, c, 0);
	up(&w, c, 1);
	world_send_hex(&w, 1, FROM_1);
	world_run_outputs(&w, 1);
	w.n_taken = w.n_outputs;
	chan_send(w.sess, IMSG_PEER_XOFF, 2, NULL, 0);
	world_send_hex(&w, 1, "020003" "100a01" "0000");
	world_settle(&w);
	world_send_hex(&w, 1, "0200000014" "40010100" "4002060201"
	    "0000fde9" "4003047f000009" "100a02");
	world_send_hex(&w, 1, "020003" "100a02" "0000");
	world_expect_none(&w);
	chan_send(w.sess, IMSG_PEER_XON, 2, NULL, 0);
	world_expect(&w, 2, "020003" "100a01" "0000");
	world_expect_none(&w);
	stop(&w, c);
}

Test(rde_normal, too_many_prefixes_reset_the_session)
{
	struct world w;
	struct config *c = start(&w, true);

	c->peers[0].max_prefix = 1;
	world_config(&w, c);
	up(&w, c, 0);
	world_send_hex(&w, 1, FROM_1 "100a02");
	world_settle(&w);
	cr_assert_eq(w.n_resets, 1);
	cr_assert_eq(w.reset[0], ERROR_CEASE);
	cr_assert_eq(w.reset[1], CEASE_MAX_PREFIXES);
	stop(&w, c);
}

Test(rde_normal, api_route_for_a_peer_overrides_and_goes)
{
	struct world w;
	struct config *c = start(&w, true);

	up(&w, c, 0);
	up(&w, c, 1);
	world_send_hex(&w, 1, FROM_1);
	world_run_outputs(&w, 1);
	w.n_taken = w.n_outputs;
	world_audience(&w, 1, 2, 0);
	world_route(&w, 1, 0, "10.1.0.0/16", "10.0.0.1", "40010102");
	world_settle(&w);
	cr_assert_gt(w.n_outputs, w.n_taken);
	w.n_taken = w.n_outputs - 1;
	world_expect(&w, 2, "0200000014" "40010102" "4002060201" "0000fde8"
	    "4003047f000001" "100a01");
	world_route(&w, 1, ROUTE_WITHDRAW, "10.1.0.0/16", NULL, "");
	world_expect(&w, 2, "0200000018" "40010100" "400" "20a0202"
	    "0000fde80000fde9" "4003047f000001" "100a01");
	world_expect_none(&w);
	stop(&w, c);
}

Test(rde_normal, export_default_route_tells_nothing_else)
{
	struct world w;
	struct config *c = start(&w, true);

	c->peers[1].export = EXPORT_DEFAULT_ROUTE;
	world_config(&w, c);
	up(&w, c, 0);
	world_send_hex(&w, 1, FROM_1);
	world_settle(&w);
	world_up(&w, &c->peers[1], IPV4);
	world_expect(&w, 2, "0200000014" "40010100" "4002060201" "0000fde8"
	    "4003047f000001" "00");
	world_expect(&w, 2, EOR4);
	world_expect_none(&w);
	stop(&w, c);
}

Test(rde_normal, graceful_restart_keeps_routes_until_end_of_rib)
{
	struct world w;
	struct config *c = start(&w, true);
	struct imsg_session_up up1 = {
		.local = addr_from_ipv4(0x7f000001), .local_as = 65000,
		.remote_as = 65001, .local_id = 0x01020304, .remote_id = 9,
		.gr_family_mask = IPV4, .gr_forwarding_mask = IPV4,
	};
	struct wr out;

	up1.remote = c->peers[0].remote.addr;
	up1.negotiated.family_mask = IPV4;
	up1.negotiated.n_families = 1;
	up1.negotiated.has_as4 = true;
	buf_writer_growing(&out, 4096);
	imsg_put_session_up(&out, &up1);
	chan_send(w.sess, IMSG_SESSION_UP, 1, out.base, out.len);
	world_expect(&w, 1, EOR4);
	up(&w, c, 1);
	world_send_hex(&w, 1, FROM_1 "100a02");
	world_settle(&w);
	w.n_taken = w.n_outputs;
	chan_send(w.sess, IMSG_SESSION_DOWN, 1, "\1", 1);
	world_expect_none(&w);
	chan_send(w.sess, IMSG_SESSION_UP, 1, out.base, out.len);
	world_expect(&w, 1, EOR4);
	/* One of the two is said again; the other goes at End-of-RIB. */
	world_send_hex(&w, 1, FROM_1);
	world_expect_none(&w);
	world_send_hex(&w, 1, EOR4);
	world_expect(&w, 2, "020003" "100a02" "0000");
	world_expect_none(&w);
	buf_free(&out);
	stop(&w, c);
}

Test(rde_normal, telling_too_many_prefixes_ends_the_session)
{
	struct world w;
	struct config *c = start(&w, true);

	c->peers[1].max_prefix_out = 1;
	world_config(&w, c);
	up(&w, c, 0);
	up(&w, c, 1);
	world_send_hex(&w, 1, FROM_1 "100a02");
	world_expect(&w, 2, "0200000018" "40010100" "400" "20a0202"
	    "0000fde80000fde9" "4003047f000001" "100a01");
	world_expect_none(&w);
	cr_assert_eq(w.n_resets, 1);
	cr_assert_eq(w.reset[1], CEASE_MAX_PREFIXES);
	stop(&w, c);
}

/* 65000:1:10.1.0.0/16 with label LLL, next hop 0:0:127.0.0.9 */
#define VPN(label) "020000002f" "800e1f" "000180" "0c" \
	    "0000000000000000" "7f000009" "00" \
	    "68" label "0000fde800000001" "0a01" \
	    "40010100" "4002060201" "0000fde9"

Test(rde_normal, labels_change_and_are_withdrawn)
{
	struct world w;
	struct config *c = start(&w, true);
	uint32_t vpn = 1u << NLRI_IPV4_VPN;

	world_up(&w, &c->peers[0], vpn);
	world_up(&w, &c->peers[1], vpn);
	world_run_outputs(&w, 2);
	w.n_taken = w.n_outputs;
	world_send_hex(&w, 1, "020000002f" "800e1f" "000180" "0c"
	    "0000000000000000" "7f000009" "00" "68" "003e81"
	    "0000fde800000001" "0a01" "40010100" "4002060201" "0000fde9");
	world_expect(&w, 2, "0200000033" "800e1f" "000180" "0c"
	    "0000000000000000" "7f000001" "00" "68" "003e81"
	    "0000fde800000001" "0a01" "40010100" "40020a0202" "0000fde8"
	    "0000fde9");
	/* The same again is not told, another label is. */
	world_send_hex(&w, 1, "020000002f" "800e1f" "000180" "0c"
	    "0000000000000000" "7f000009" "00" "68" "003e81"
	    "0000fde800000001" "0a01" "40010100" "4002060201" "0000fde9");
	world_expect_none(&w);
	world_send_hex(&w, 1, "020000002f" "800e1f" "000180" "0c"
	    "0000000000000000" "7f000009" "00" "68" "003e91"
	    "0000fde800000001" "0a01" "40010100" "4002060201" "0000fde9");
	world_expect(&w, 2, "0200000033" "800e1f" "000180" "0c"
	    "0000000000000000" "7f000001" "00" "68" "003e91"
	    "0000fde800000001" "0a01" "40010100" "40020a0202" "0000fde8"
	    "0000fde9");
	world_send_hex(&w, 1, "0200000014" "800f11" "000180" "68" "800000"
	    "0000fde800000001" "0a01");
	world_expect(&w, 2, "0200000014" "800f11" "000180" "68" "800000"
	    "0000fde800000001" "0a01");
	world_expect_none(&w);
	stop(&w, c);
}

/* Bytes from peers and broker that nobody would send: nothing breaks. */
Test(rde_normal, damaged_messages_do_no_harm, .timeout = 100)
{
	static const char *const hex[] = {
		FROM_1, VPN("003e81"), EOR4, "020003" "100a01" "0000",
		"020000002f" "800e1f" "000180" "0c" "0000000000000000"
		"7f000009" "00" "68" "003e81" "0000fde800000001" "0a01"
		"40010100" "4002060201" "0000fde9",
	};
	struct world w;
	struct config *c = start(&w, true);
	uint64_t rng = 7;
	uint8_t bytes[256];
	size_t n, i, k;

	for (i = 0; i < 4; i++)
		world_up(&w, &c->peers[i], (1u << NLRI_N_FAMILIES) - 1);
	for (i = 0; i < 4000; i++) {
		memset(bytes, 0xff, 16);
		n = 18 + world_unhex(hex[i % 5], bytes + 18, 200);
		for (k = 0; k < 1 + i % 4; k++) {
			rng = rng * 6364136223846793005u + 1;
			bytes[19 + (rng >> 33) % (n - 19)] =
			    (uint8_t)(rng >> 50);
		}
		bytes[16] = 0;
		bytes[17] = (uint8_t)n;
		chan_send(w.sess, IMSG_UPDATES, 1 + i % 4, bytes, n);
		if (i % 3 == 0)
			chan_send(w.api, IMSG_ROUTE, 1, bytes + 16, n - 16);
		if (i % 200 == 0)
			world_settle(&w);
		for (k = 0; i % 200 == 0 && k < w.n_outputs; k++)
			free(w.outputs[k].bytes);
		if (i % 200 == 0)
			w.n_outputs = w.n_taken = 0;
	}
	world_settle(&w);
	stop(&w, c);
}
