/* SPDX-License-Identifier: ISC */
/*
 * The walk of bgpctl config impact. For each destination the in rules of the
 * other model are evaluated for its paths, the best of what they let in is
 * found, and each peer's out rules of the other model say what it would be
 * told of that; beside what stands now. Sets and rules count, and neighbors
 * that the other model lacks; networks, RPKI data and what else makes a
 * session are those in force.
 */
#include "rde/impact.h"

#include "common/config.h"
#include "common/emit.h"
#include "common/env.h"
#include "common/nlri/nlri.h"
#include "rde/engine.h"
#include "rde/group.h"
#include "rde/rib.h"
#include "rde/stale.h"

#include <err.h>
#include <stdlib.h>
#include <string.h>

#define IMPACT_EXAMPLES	3
#define IMPACT_TEXT_MAX	64		/* of an example; longer are cut */
#define IMPACT_ROWS	(32 * 1024)	/* sent at once */
#define IMPACT_SPEND	4		/* of a look at a destination */

enum impact_kind {
	IMPACT_ACCEPTED,
	IMPACT_REJECTED,
	IMPACT_IN_CHANGED,
	IMPACT_ANNOUNCED,
	IMPACT_WITHDRAWN,
	IMPACT_OUT_CHANGED,
	IMPACT_N
};

struct impact_examples {
	char	text[IMPACT_EXAMPLES][IMPACT_TEXT_MAX];
};

/* One of the peers that were there at the beginning. */
struct impact_peer {
	uint32_t	 id;		/* of the configuration; 0: none */
	struct policy	*in, *out;	/* of the other model; NULL: it lacks
					 * the peer */
	bool		 is_in_changed, is_out_changed;
	uint32_t	 group_id;	/* which its memo is of; 0: not told */
	uint32_t	 leader;	/* index of who would be told the same */
	struct export_memo *memo;
	/* of the destination at hand, if it leads */
	uint32_t	 was, is;	/* referenced */
	uint16_t	 was_source, is_source;
	uint64_t	 n[IMPACT_N];
	struct impact_examples *examples[IMPACT_N];
};

struct impact {
	uint32_t	 client;
	struct wr	 bytes;		/* of the model, while it comes */
	struct config	*conf;		/* NULL: it has not come yet */
	struct filter_sets sets;
	struct policy	*policies;
	struct decide_options options;
	struct impact_peer *peers;	/* by index */
	uint32_t	 n_peers;
	bool		 has_out_changed;	/* of some peer */
	bool		 redecides;	/* by other options */
	struct rib_walk	 walk;
	uint64_t	 n_paths;	/* looked at */
	bool		 is_walked;
	uint32_t	 row;		/* peer to be told of next */
	/* of the destination at hand, by place of the path */
	uint32_t	*attrs;		/* referenced */
	struct decide_path *paths;
	uint16_t	*places;
	size_t		 cap;
};

static void
impact_free(struct rde *rde)
{
	struct impact *x = rde->impact;
	struct impact_peer *p;
	unsigned k;
	uint32_t i;

	rde->impact = NULL;
	for (i = 0; i < x->n_peers; i++) {
		p = &x->peers[i];
		filter_unref(&x->policies, p->in);
		filter_unref(&x->policies, p->out);
		free(p->memo);
		for (k = 0; k < IMPACT_N; k++)
			free(p->examples[k]);
	}
	free(x->peers);
	free(x->attrs);
	free(x->paths);
	free(x->places);
	if (x->conf != NULL)
		filter_sets_fini(&x->sets);
	config_free(x->conf);
	buf_free(&x->bytes);
	free(x);
}

static void
impact_say_end(struct rde *rde, uint32_t client, const char *why)
{
	if (rde->api != NULL)
		chan_send(rde->api, IMSG_RIB_END, client, why, strlen(why));
}

void
impact_drop(struct rde *rde, const char *why)
{
	if (rde->impact == NULL)
		return;
	if (why != NULL)
		impact_say_end(rde, rde->impact->client, why);
	impact_free(rde);
}

void
impact_cancel(struct rde *rde, uint32_t client)
{
	if (rde->impact != NULL && rde->impact->client == client)
		impact_free(rde);
}

/*
 * The beginning.
 */
/* A peer that is led by none leads those that would be told the same. */
static void
impact_find_leader(struct rde *rde, struct impact *x, uint32_t index)
{
	struct impact_peer *p = &x->peers[index];
	uint32_t i;

	p->leader = index;
	if (p->out == NULL || p->out->uses_neighbor)
		return;
	for (i = 1; i < index; i++) {
		if (x->peers[i].leader == i && x->peers[i].out == p->out &&
		    x->peers[i].group_id == p->group_id &&
		    rde->peers[i] != NULL) {
			p->leader = i;
			return;
		}
	}
}

static void
impact_add_peer(struct rde *rde, struct impact *x, const struct rpeer *p)
{
	struct impact_peer *ip = &x->peers[p->index];
	const struct conf_peer *c = p->is_clone ?
	    rpeer_template(x->conf, &p->remote) : config_peer(x->conf, p->id);

	if (p->is_retired || rpeer_is_isolated(p) || p->conf == NULL)
		return;
	ip->id = p->id;
	if (c != NULL) {
		ip->in = filter_policy(&x->policies, &x->sets, c,
		    p->remote_as, RULE_FROM, "Loc-RIB");
		ip->out = filter_policy(&x->policies, &x->sets, c,
		    p->remote_as, RULE_TO, "Loc-RIB");
	}
	ip->is_in_changed = ip->in == NULL || p->in == NULL ||
	    !filter_policy_is_equal(p->in, ip->in);
	ip->is_out_changed = ip->out == NULL || p->out == NULL ||
	    !filter_policy_is_equal(p->out, ip->out);
	x->has_out_changed |= ip->is_out_changed;
	if (p->group != NULL && p->stream != NULL && p->group->key.rib == 0)
		ip->group_id = p->group->id;
	impact_find_leader(rde, x, p->index);
}

static void
impact_start(struct rde *rde, struct impact *x)
{
	const char *why = "the model is too large";
	uint32_t i;

	x->conf = x->bytes.err != 0 ? NULL :
	    config_decode(x->bytes.base, x->bytes.len, &why);
	buf_free(&x->bytes);
	if (x->conf == NULL || rde->conf == NULL) {
		impact_drop(rde, x->conf == NULL ? why :
		    "no configuration yet");
		return;
	}
	filter_sets_init(&x->sets, x->conf);
	x->options.med_always = x->conf->med_always;
	x->options.evaluates_age = x->conf->route_age_evaluate;
	x->redecides = x->options.med_always != rde->rib->options.med_always ||
	    x->options.evaluates_age != rde->rib->options.evaluates_age;
	x->n_peers = rde->n_peers;
	x->peers = calloc(x->n_peers + 1, sizeof(*x->peers));
	if (x->peers == NULL)
		err(1, "impact");
	for (i = 1; i < x->n_peers; i++)
		if (rde->peers[i] != NULL)
			impact_add_peer(rde, x, rde->peers[i]);
	rib_walk_ask(&x->walk, RDE_ALL_FAMILIES);
	rde_schedule(rde);
}

static void
impact_begin(struct rde *rde, uint32_t client)
{
	if (rde->impact != NULL) {
		impact_say_end(rde, client, "another file is being evaluated, "
		    "try later");
		return;
	}
	rde->impact = calloc(1, sizeof(*rde->impact));
	if (rde->impact == NULL)
		err(1, "impact");
	rde->impact->client = client;
	buf_writer_growing(&rde->impact->bytes, 1u << 30);
}

void
impact_message(struct rde *rde, const struct imsg *m)
{
	struct impact *x = rde->impact;

	if (m->type == IMSG_IMPACT_BEGIN) {
		impact_begin(rde, m->id);
		return;
	}
	/* Of one that was refused, or cancelled meanwhile. */
	if (x == NULL || x->client != m->id || x->conf != NULL)
		return;
	if (m->type == IMSG_IMPACT_DATA)
		buf_put_bytes(&x->bytes, m->data, m->len);
	else
		impact_start(rde, x);
}

/*
 * A destination.
 */
static void
impact_note(struct impact_peer *p, enum impact_kind kind,
    const struct table *t, uint32_t id)
{
	uint64_t i = p->n[kind]++;
	uint8_t bytes[17];
	struct nlri nlri;
	struct wr w;
	char *text;

	if (i >= IMPACT_EXAMPLES)
		return;
	if (p->examples[kind] == NULL)
		p->examples[kind] = calloc(1, sizeof(*p->examples[kind]));
	if (p->examples[kind] == NULL)
		err(1, "impact");
	text = p->examples[kind]->text[i];
	table_nlri(t, id, -1, bytes, &nlri);
	buf_writer_growing(&w, 65536);
	nlri_text(&nlri, &w);
	if (w.err == 0 && w.len != 0)
		memcpy(text, w.base, w.len < IMPACT_TEXT_MAX ? w.len :
		    IMPACT_TEXT_MAX - 1);
	buf_free(&w);
}

/* The peer of a path, if the other model has a say in it; or NULL. */
static struct impact_peer *
impact_peer_of(struct rde *rde, struct impact *x, const struct path *p)
{
	const struct rpeer *peer = rde->peers[p->peer];

	if (p->peer == RDE_PEER_LOCAL || (p->flags & PATH_PRIVATE) ||
	    p->peer >= x->n_peers || peer->in == NULL ||
	    x->peers[p->peer].id == 0 || x->peers[p->peer].id != peer->id)
		return NULL;
	return &x->peers[p->peer];
}

/* What the other model's in rules make of a path; with a reference. */
static uint32_t
impact_filter(struct rde *rde, struct impact_peer *ip, struct table *t,
    const struct record *r, const struct path *p)
{
	const struct rpeer *peer = rde->peers[p->peer];
	struct filter_route route = { .attr = p->attr_in };
	struct filter_peer fp = rpeer_filter(rde, peer);
	uint32_t out = ATTRSET_NONE;

	if (ip->in == NULL)
		return ATTRSET_NONE;
	rib_record_prefix(t, r, &route);
	if (t->addr_len != 0) {
		route.ovs = p->flags >> PATH_OVS_SHIFT & 3;
		route.avs = p->flags >> PATH_AVS_SHIFT & 3;
	}
	if (!filter_run(ip->in, &rde->attrsets, &fp, &route, &rde->block,
	    &out))
		return ATTRSET_NONE;
	if (peer->long_mask != 0 && stale_is_long_lived(peer, t->family->id,
	    p))
		out = rib_path_long_lived(rde, out);
	return out;
}

static void
impact_make_room(struct impact *x, size_t n)
{
	if (n <= x->cap)
		return;
	x->cap = n * 2;
	x->attrs = reallocarray(x->attrs, x->cap, sizeof(*x->attrs));
	x->paths = reallocarray(x->paths, x->cap, sizeof(*x->paths));
	x->places = reallocarray(x->places, x->cap, sizeof(*x->places));
	if (x->attrs == NULL || x->paths == NULL || x->places == NULL)
		err(1, "impact");
}

/* In rules, path by path. Whether any comes out otherwise. */
static bool
impact_in(struct rde *rde, struct impact *x, struct table *t, uint32_t id)
{
	const struct record *r = table_at(t, id);
	struct impact_peer *ip;
	const struct path *p;
	bool is_changed = false;
	unsigned i;

	impact_make_room(x, r->n_paths);
	for (i = 0; i < r->n_paths; i++) {
		p = table_path(t, r, i);
		x->attrs[i] = p->attr;
		ip = rib_path_is_alive(rde, t, p) ?
		    impact_peer_of(rde, x, p) : NULL;
		x->n_paths += ip != NULL;
		if (ip == NULL || !ip->is_in_changed) {
			attrset_ref(&rde->attrsets, x->attrs[i]);
			continue;
		}
		x->attrs[i] = impact_filter(rde, ip, t, r, p);
		if (x->attrs[i] == p->attr)
			continue;
		is_changed = true;
		if ((p->flags & t->blocked & ~PATH_FILTERED) == 0)
			impact_note(ip, p->attr == ATTRSET_NONE ?
			    IMPACT_ACCEPTED : x->attrs[i] == ATTRSET_NONE ?
			    IMPACT_REJECTED : IMPACT_IN_CHANGED, t, id);
	}
	return is_changed;
}

/* A path as it would be. */
static struct path
impact_path(const struct impact *x, const struct table *t,
    const struct record *r, unsigned i)
{
	struct path p = *table_path(t, r, i);

	p.attr = x->attrs[i];
	p.flags &= (uint16_t)~PATH_FILTERED;
	return p;
}

/* The best of what comes out of them. False: there is none. */
static bool
impact_decide(struct rde *rde, struct impact *x, struct table *t,
    uint32_t id, struct path *best)
{
	const struct record *r = table_at(t, id);
	const struct rpeer *peer;
	struct path p;
	size_t n = 0, k;
	unsigned i;

	for (i = 0; i < r->n_paths; i++) {
		p = impact_path(x, t, r, i);
		if ((p.flags & PATH_PRIVATE) ||
		    !rib_path_is_eligible(rde, t, &p))
			continue;
		peer = rde->peers[p.peer];
		x->paths[n] = (struct decide_path){
			.attr = attrset_at(&rde->attrsets, p.attr),
			.peer_addr = &peer->remote,
			.router_id = peer->remote_id,
			.path_id = table_path_id(t, r, i),
			.age = p.age, .is_ebgp = peer->is_ebgp,
		};
		x->places[n++] = (uint16_t)i;
	}
	if (n == 0)
		return false;
	k = n == 1 ? 0 : decide_best(x->paths, n, &x->options);
	*best = impact_path(x, t, r, x->places[k]);
	return true;
}

/* What a leader is told, and would be; both with a reference. */
static void
impact_lead(struct rde *rde, struct impact_peer *ip, const struct rpeer *p,
    struct table *t, uint32_t id, const struct path *best)
{
	const struct record *r = table_at(t, id);
	int private = r->flags & RECORD_HAS_PRIVATE ?
	    export_private(rde, p->group, t, r) : -1;
	struct group g = *p->group;

	ip->was_source = ip->is_source = RDE_PEER_LOCAL;
	ip->is = ATTRSET_NONE;
	ip->was = export_route(rde, p->group, t, id, &ip->was_source);
	if (private >= 0)
		best = table_path(t, r, (unsigned)private);
	else if (g.key.export != EXPORT_NORMAL)
		best = NULL;
	else if (best != NULL)
		ip->is_source = best->peer;
	if (best == NULL || ip->out == NULL)
		return;
	g.key.out = ip->out;
	g.memo = ip->memo;
	if (ip->out->uses_neighbor) {
		g.key.peer_addr = p->remote;
		g.key.remote_as = p->remote_as;
	}
	/* Memos of out rules are of a peer: this is none that has one. */
	g.id = p->index | 0x40000000u;
	ip->is = export_path(rde, &g, t, r, best);
	ip->memo = g.memo;
}

/* Whether the leader of a peer is still there, and told the same. */
static bool
impact_leads(const struct rde *rde, const struct impact_peer *lead,
    const struct rpeer *p)
{
	const struct rpeer *l = rpeer_find(rde, lead->id);

	return l != NULL && l->group == p->group && l->stream != NULL &&
	    (size_t)(lead - rde->impact->peers) == l->index;
}

/* Whether it is told of this family, as it was at the beginning. */
static bool
impact_is_told(const struct impact_peer *ip, const struct rpeer *p,
    const struct table *t)
{
	return ip->group_id != 0 && p != NULL && p->id == ip->id &&
	    p->group != NULL && p->stream != NULL &&
	    p->group->id == ip->group_id && rpeer_has_family(p, t->family);
}

/* best is NULL if there is none; if it is the same, only rules count. */
static void
impact_out(struct rde *rde, struct impact *x, struct table *t, uint32_t id,
    const struct path *best, bool is_same)
{
	struct impact_peer *ip, *lead;
	const struct rpeer *p;
	uint32_t i, was, is;

	for (i = 1; i < x->n_peers; i++) {
		ip = &x->peers[i];
		p = rde->peers[i];
		lead = &x->peers[ip->leader];
		ip->was = ip->is = ATTRSET_NONE;
		if ((is_same && !ip->is_out_changed) ||
		    !impact_is_told(ip, p, t))
			continue;
		if (lead != ip && !impact_leads(rde, lead, p))
			lead = ip;
		if (lead == ip)
			impact_lead(rde, ip, p, t, id, best);
		was = lead->was_source == i ? ATTRSET_NONE : lead->was;
		is = lead->is_source == i ? ATTRSET_NONE : lead->is;
		if (was != is)
			impact_note(ip, was == ATTRSET_NONE ?
			    IMPACT_ANNOUNCED : is == ATTRSET_NONE ?
			    IMPACT_WITHDRAWN : IMPACT_OUT_CHANGED, t, id);
	}
	for (i = 1; i < x->n_peers; i++) {
		attrset_unref(&rde->attrsets, x->peers[i].was);
		attrset_unref(&rde->attrsets, x->peers[i].is);
		x->peers[i].was = x->peers[i].is = ATTRSET_NONE;
	}
}

static void
impact_record(struct rde *rde, struct impact *x, struct table *t, uint32_t id)
{
	bool is_changed = impact_in(rde, x, t, id) || x->redecides, has_best;
	unsigned i, n = table_at(t, id)->n_paths;
	struct path best;

	if (is_changed || x->has_out_changed) {
		has_best = impact_decide(rde, x, t, id, &best);
		impact_out(rde, x, t, id, has_best ? &best : NULL,
		    !is_changed);
	}
	for (i = 0; i < n; i++)
		attrset_unref(&rde->attrsets, x->attrs[i]);
}

/*
 * The end: a row for each peer that is concerned.
 */
static void
emit_side(struct emit *e, const struct impact_peer *p, const char *key,
    const char *const *words, unsigned from)
{
	unsigned i, k;

	emit_key_object(e, key);
	for (i = 0; i < 3; i++)
		emit_key_number(e, words[i], p->n[from + i]);
	emit_key_object(e, "examples");
	for (i = 0; i < 3; i++) {
		if (p->n[from + i] == 0)
			continue;
		emit_key_array(e, words[i]);
		for (k = 0; k < IMPACT_EXAMPLES && k < p->n[from + i]; k++)
			emit_string(e, p->examples[from + i]->text[k]);
		emit_end_array(e);
	}
	emit_end_object(e);
	emit_end_object(e);
}

static void
impact_emit_peer(const struct impact_peer *ip, const struct rpeer *p,
    struct wr *w)
{
	static const char *const received[] = {
		"accepted", "rejected", "changed",
	};
	static const char *const sent[] = {
		"announced", "withdrawn", "changed",
	};
	char text[ADDR_TEXT_MAX];
	struct emit e;

	emit_msgpack_init(&e, w);
	emit_begin_object(&e);
	emit_key_object(&e, "neighbor");
	emit_key_string(&e, "remote_addr", addr_print(&p->remote, text,
	    sizeof(text)));
	if (p->conf != NULL && p->conf->descr != NULL)
		emit_key_string(&e, "description", p->conf->descr);
	emit_side(&e, ip, "received", received, IMPACT_ACCEPTED);
	emit_side(&e, ip, "sent", sent, IMPACT_ANNOUNCED);
	emit_end_object(&e);
	emit_end_object(&e);
}

static bool
impact_concerns(const struct impact_peer *p)
{
	unsigned k;

	for (k = 0; k < IMPACT_N; k++)
		if (p->n[k] != 0)
			return true;
	return false;
}

/* True when all is told. */
static bool
impact_tell(struct rde *rde, struct impact *x)
{
	const struct rpeer *p;
	struct wr w;

	buf_writer_growing(&w, 2 * IMPACT_ROWS);
	while (x->row < x->n_peers && !chan_is_full(rde->api)) {
		p = rde->peers[x->row];
		if (p != NULL && x->peers[x->row].id == p->id &&
		    impact_concerns(&x->peers[x->row]))
			impact_emit_peer(&x->peers[x->row], p, &w);
		x->row++;
		if (w.len > IMPACT_ROWS || x->row == x->n_peers) {
			if (w.len != 0 && w.err == 0)
				chan_send(rde->api, IMSG_RIB_ENTRY, x->client,
				    w.base, w.len);
			buf_reset(&w);
		}
	}
	if (w.len != 0 && w.err == 0)
		chan_send(rde->api, IMSG_RIB_ENTRY, x->client, w.base, w.len);
	buf_free(&w);
	return x->row >= x->n_peers;
}

bool
impact_run(struct rde *rde, struct budget *b)
{
	struct impact *x = rde->impact;
	struct table *t;
	uint32_t id;

	if (x == NULL || x->conf == NULL || rde->api == NULL)
		return true;
	while (!x->is_walked) {
		id = rib_walk_next(rde, &x->walk);
		x->is_walked = id == TABLE_ID_NONE;
		t = rde->tables[x->walk.family];
		if (!x->is_walked && table_is_used(t, id))
			impact_record(rde, x, t, id);
		if (!budget_spend(b, IMPACT_SPEND + x->n_peers))
			return false;
	}
	if (!impact_tell(rde, x))
		return true;	/* on_drained goes on */
	log_debug(&rde->env->log, "impact: %llu paths were looked at",
	    (unsigned long long)x->n_paths);
	impact_drop(rde, "");
	return true;
}
