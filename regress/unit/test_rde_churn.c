/* SPDX-License-Identifier: ISC */
/*
 * Random life: peers announce, withdraw, come and go, stop reading and ask
 * for refresh, rules change; then every peer's view must be what a plain
 * model says. A failure prints its seed.
 */
#include "regress/unit/rde_world.h"

#include "common/arena.h"
#include "common/bgp.h"

#include <criterion/criterion.h>

#include <stdlib.h>
#include <string.h>

#define N_PEERS		5
#define N_PREFIXES	40
#define N_STEPS		1500
#define N_SEEDS		10
#define IPV4		(1u << NLRI_IPV4_UNICAST)

struct churn {
	struct world	w;
	struct config	*c;
	uint64_t	 state;		/* of the generator */
	bool		 is_up[N_PEERS], is_xoff[N_PEERS];
	/* path length that a peer announces, 0: none */
	uint8_t		 said[N_PEERS][N_PREFIXES];
	/* first AS of the path that a peer was told, 0: none */
	uint32_t	 told[N_PEERS][N_PREFIXES];
	uint8_t		 told_len[N_PEERS][N_PREFIXES];
	bool		 is_denied;	/* odd prefixes, by the rules */
};

static uint32_t
below(struct churn *t, uint32_t bound)
{
	t->state = t->state * 6364136223846793005u + 1442695040888963407u;
	return (uint32_t)(t->state >> 33) % bound;
}

/* Prefix i is 10.i.0.0/16. */
static void
take_nlri(struct churn *t, struct rd r, unsigned peer, uint32_t asn,
    uint8_t len)
{
	uint8_t i;

	while (buf_left(&r) > 0) {
		cr_assert_eq(buf_get_u8(&r), 16);
		cr_assert_eq(buf_get_u8(&r), 10);
		i = buf_get_u8(&r);
		cr_assert_lt(i, N_PREFIXES);
		t->told[peer][i] = asn;
		t->told_len[peer][i] = len;
	}
}

static void
take_message(struct churn *t, const struct world_output *o, unsigned peer)
{
	struct rd r = buf_reader(o->bytes, o->len), attrs;
	uint32_t asn = 0;
	uint8_t code, len, n = 0;

	buf_get_bytes(&r, 18);
	if (buf_get_u8(&r) != BGP_UPDATE)
		return;
	take_nlri(t, buf_get_sub(&r, buf_get_u16(&r)), peer, 0, 0);
	attrs = buf_get_sub(&r, buf_get_u16(&r));
	while (buf_left(&attrs) > 0) {
		buf_get_u8(&attrs);
		code = buf_get_u8(&attrs);
		len = buf_get_u8(&attrs);
		if (code == ATTR_AS_PATH) {
			struct rd path = buf_get_sub(&attrs, len);

			buf_get_u8(&path);
			n = buf_get_u8(&path);
			cr_assert_eq(buf_get_u32(&path), 65000);
			asn = buf_get_u32(&path);
		} else {
			buf_get_sub(&attrs, len);
		}
	}
	take_nlri(t, r, peer, asn, n);
}

static void
take_outputs(struct churn *t)
{
	struct world_output *o;
	size_t i, k;

	for (i = 0; i < t->w.n_outputs; i++) {
		o = &t->w.outputs[i];
		for (k = 0; k < o->n_peers; k++)
			take_message(t, o, o->peers[k] - 1);
		free(o->bytes);
	}
	t->w.n_outputs = t->w.n_taken = 0;
}

static void
say(struct churn *t, unsigned peer, unsigned prefix, uint8_t len)
{
	uint8_t bytes[64];
	struct wr w;
	unsigned i;

	memset(bytes, 0xff, 16);
	buf_writer(&w, bytes, sizeof(bytes));
	buf_put_room(&w, 16);
	buf_put_u16(&w, len == 0 ? 26u : 44u + 4 * len);
	buf_put_u8(&w, BGP_UPDATE);
	buf_put_u16(&w, len == 0 ? 3 : 0);
	if (len != 0) {
		buf_put_u16(&w, 4 + 3 + 2 + 4u * len + 7);
		buf_put_u32(&w, 0x40010100);
		buf_put_u16(&w, 0x4002);
		buf_put_u8(&w, 2 + 4u * len);
		buf_put_u8(&w, AS_SEQUENCE);
		buf_put_u8(&w, len);
		buf_put_u32(&w, 65001 + peer);
		for (i = 1; i < len; i++)
			buf_put_u32(&w, 100 + i);
		buf_put_u24(&w, 0x400304);
		buf_put_u32(&w, 0x7f000009);
	}
	buf_put_u8(&w, 16);
	buf_put_u8(&w, 10);
	buf_put_u8(&w, prefix);
	if (len == 0)
		buf_put_u16(&w, 0);
	bytes[16] = (uint8_t)(w.len >> 8);
	bytes[17] = (uint8_t)w.len;
	cr_assert_eq(w.err, 0);
	chan_send(t->w.sess, IMSG_UPDATES, peer + 1, bytes, w.len);
	t->said[peer][prefix] = len;
}

static void
toggle_session(struct churn *t, unsigned p)
{
	/* What was on the way belongs to the old session. */
	world_settle(&t->w);
	take_outputs(t);
	if (t->is_up[p]) {
		world_down(&t->w, p + 1);
		memset(t->said[p], 0, sizeof(t->said[p]));
		memset(t->told[p], 0, sizeof(t->told[p]));
	} else {
		memset(t->told[p], 0, sizeof(t->told[p]));
		world_up(&t->w, &t->c->peers[p], IPV4);
	}
	t->is_up[p] = !t->is_up[p];
	t->is_xoff[p] = false;
	if (below(t, 2)) {
		world_settle(&t->w);
		take_outputs(t);
	}
}

/* Rules: all is allowed, but perhaps not to tell 10.1.0.0/16. */
static void
set_rules(struct churn *t)
{
	struct conf_rule *r = t->c->rules;

	t->c->n_rules = t->is_denied ? 3 : 2;
	memset(r, 0, 3 * sizeof(*r));
	for (unsigned i = 0; i < 3; i++) {
		memset(r[i].max_communities, 0xff,
		    sizeof(r[i].max_communities));
		r[i].direction = i == 0 ? RULE_FROM : RULE_TO;
		r[i].action = i == 2 ? RULE_DENY : RULE_ALLOW;
	}
	r[2].has_prefix = true;
	cr_assert_eq(prefix_parse("10.1.0.0/16", &r[2].prefix.prefix), 0);
	world_config(&t->w, t->c);
}

static void
step(struct churn *t)
{
	unsigned p = below(t, N_PEERS), what = below(t, 100);

	if (what < 3) {
		toggle_session(t, p);
	} else if (what < 4) {
		t->is_denied = !t->is_denied;
		set_rules(t);
	} else if (what < 10 && t->is_up[p]) {
		t->is_xoff[p] = !t->is_xoff[p];
		chan_send(t->w.sess, t->is_xoff[p] ? IMSG_PEER_XOFF :
		    IMSG_PEER_XON, p + 1, NULL, 0);
	} else if (what < 13 && t->is_up[p]) {
		chan_send(t->w.sess, IMSG_REFRESH, p + 1, "\0\1\0\1", 4);
	} else if (what < 16) {
		world_settle(&t->w);
		take_outputs(t);
	} else if (t->is_up[p]) {
		say(t, p, below(t, N_PREFIXES),
		    below(t, 3) == 0 ? 0 : (uint8_t)(1 + below(t, 3)));
	}
}

/* The best path's peer: the shortest, then the lowest router id. */
static int
model_best(const struct churn *t, unsigned prefix)
{
	int best = -1;

	for (int p = 0; p < N_PEERS; p++) {
		if (t->said[p][prefix] != 0 && (best < 0 ||
		    t->said[p][prefix] < t->said[best][prefix]))
			best = p;
	}
	return best;
}

static void
check(struct churn *t, uint64_t seed)
{
	unsigned p, i;
	uint32_t want;
	int best;

	for (p = 0; p < N_PEERS; p++) {
		if (t->is_up[p] && t->is_xoff[p])
			chan_send(t->w.sess, IMSG_PEER_XON, p + 1, NULL, 0);
	}
	world_settle(&t->w);
	take_outputs(t);
	for (p = 0; p < N_PEERS; p++) {
		for (i = 0; i < N_PREFIXES && t->is_up[p]; i++) {
			best = model_best(t, i);
			want = best < 0 || best == (int)p ||
			    (t->is_denied && i == 1) ? 0 :
			    65001 + (uint32_t)best;
			cr_assert_eq(t->told[p][i], want,
			    "seed %llu: peer %u prefix %u: told %u, want %u",
			    (unsigned long long)seed, p + 1, i,
			    t->told[p][i], want);
			if (want != 0)
				cr_assert_eq(t->told_len[p][i],
				    t->said[best][i] + 1);
		}
	}
}

static void
run_seed(uint64_t seed)
{
	struct churn *t = calloc(1, sizeof(*t));
	struct conf_peer *p;
	unsigned i;

	t->state = seed;
	t->c = config_new();
	t->c->as = 65000;
	world_start(&t->w);
	for (i = 0; i < N_PEERS; i++) {
		p = config_add_peer(t->c);
		p->id = i + 1;
		p->remote.addr = addr_from_ipv4(0x7f000001 + i);
		p->remote.len_bits = 32;
		p->local_as = 65000;
		p->remote_as = 65001 + i;
	}
	t->c->rules = arena_alloc(t->c->arena, 3 * sizeof(*t->c->rules));
	set_rules(t);
	for (i = 0; i < N_PEERS; i++)
		toggle_session(t, i);
	for (i = 0; i < N_STEPS; i++)
		step(t);
	check(t, seed);
	take_outputs(t);
	config_free(t->c);
	world_stop(&t->w);
	free(t);
}

Test(rde_churn, views_agree_with_a_model, .timeout = 100)
{
	for (uint64_t seed = 1; seed <= N_SEEDS; seed++)
		run_seed(seed);
}
