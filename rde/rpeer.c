/* SPDX-License-Identifier: ISC */
/* Peers as the engine sees them: found by id, with what was negotiated. */
#include "rde/engine.h"

#include "common/bgp.h"
#include "common/config.h"
#include "common/env.h"
#include "rde/group.h"
#include "rde/hash.h"
#include "rde/rib.h"
#include "rde/stale.h"

#include <err.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct rpeer *
rpeer_find(const struct rde *rde, uint32_t id)
{
	struct map_pos pos;
	uint32_t i;

	for (i = map_first(&rde->peers_by_id, hash_u64(id, rde->seed), &pos);
	    i != MAP_NONE; i = map_next(&rde->peers_by_id, &pos)) {
		if (rde->peers[i]->id == id)
			return rde->peers[i];
	}
	return NULL;
}

static uint16_t
rpeer_slot(struct rde *rde)
{
	struct rpeer **peers;
	uint32_t i;

	for (i = 1; i < rde->n_peers; i++) {
		if (rde->peers[i] == NULL)
			return (uint16_t)i;
	}
	if (rde->n_peers >= UINT16_MAX)
		errx(1, "rde: too many peers");
	peers = reallocarray(rde->peers, rde->n_peers + 1u, sizeof(*peers));
	if (peers == NULL)
		err(1, "rde");
	rde->peers = peers;
	peers[rde->n_peers] = NULL;
	return (uint16_t)rde->n_peers++;
}

struct rpeer *
rpeer_new(struct rde *rde, uint32_t id, const struct conf_peer *conf)
{
	struct rpeer *p = calloc(1, sizeof(*p));

	if (p == NULL)
		err(1, "rde");
	p->index = rpeer_slot(rde);
	p->id = id;
	p->conf = conf;
	p->remote = conf->remote.addr;
	p->remote_as = conf->remote_as;
	p->local_as = conf->local_as;
	p->is_confed = conf->is_confed;
	p->is_ebgp = config_peer_is_ebgp(conf) && !conf->is_confed;
	rde->peers[p->index] = p;
	map_add(&rde->peers_by_id, hash_u64(id, rde->seed), p->index);
	if (conf->is_isolated) {
		p->orig = calloc(1, sizeof(*p->orig));
		if (p->orig == NULL)
			err(1, "rde");
		orig_init(p->orig, &rde->attrsets, rde->seed);
	}
	return p;
}

static void
rpeer_unlist(struct rde *rde, struct rpeer *p)
{
	struct map_pos pos;
	uint32_t i;

	i = map_first(&rde->peers_by_id, hash_u64(p->id, rde->seed), &pos);
	while (i != MAP_NONE && i != p->index)
		i = map_next(&rde->peers_by_id, &pos);
	if (i != MAP_NONE)
		map_del(&rde->peers_by_id, &pos);
}

void
rpeer_retire(struct rde *rde, struct rpeer *p)
{
	rpeer_session_down(rde, p, DOWN_FLUSH);
	rpeer_unlist(rde, p);
	p->is_retired = true;
	p->conf = NULL;
	rde_schedule(rde);
}

void
rpeer_drop_extras(struct rde *rde, struct rpeer *p)
{
	uint32_t i;

	for (i = 0; i < p->n_in_extras; i++)
		filter_unref(&rde->rib->policies, p->in_extras[i]);
	free(p->in_extras);
	p->in_extras = NULL;
	p->n_in_extras = 0;
}

void
rpeer_free(struct rde *rde, struct rpeer *p)
{
	size_t w;

	if (!p->is_retired)
		rpeer_unlist(rde, p);
	rde->peers[p->index] = NULL;
	filter_unref(&rde->rib->policies, p->in);
	filter_unref(&rde->rib->policies, p->out);
	rpeer_drop_extras(rde, p);
	if (p->orig != NULL)
		orig_fini(p->orig);
	free(p->orig);
	free(p->batch.entries);
	for (w = 0; w < p->n_watchdogs; w++)
		free(p->watchdogs[w].name);
	free(p->watchdogs);
	free(p);
}

const struct conf_peer *
rpeer_template(const struct config *conf, const struct addr *a)
{
	const struct conf_peer *c, *best = NULL;
	size_t i;

	for (i = 0; i < conf->n_peers; i++) {
		c = &conf->peers[i];
		if (config_peer_is_template(c) &&
		    prefix_contains(&c->remote, a) && (best == NULL ||
		    c->remote.len_bits > best->remote.len_bits))
			best = c;
	}
	return best;
}

/* In rules of the other RIBs. */
static void
update_extras(struct rde *rde, struct rpeer *p)
{
	struct rib *rib = rde->rib;
	struct policy **now;
	uint32_t i;

	now = calloc(rib->n_extras + 1, sizeof(struct policy *));
	if (now == NULL)
		err(1, "rde");
	for (i = 0; i < rib->n_extras; i++) {
		now[i] = filter_policy(&rib->policies, &rib->sets, p->conf,
		    p->remote_as, RULE_FROM, rib->extras[i]->name);
		p->is_in_changed |= i >= p->n_in_extras ||
		    !filter_policy_is_equal(p->in_extras[i], now[i]);
	}
	rpeer_drop_extras(rde, p);
	p->in_extras = now;
	p->n_in_extras = rib->n_extras;
}

void
rpeer_update_policy(struct rde *rde, struct rpeer *p)
{
	struct policy *in = p->in, *out = p->out;

	if (rpeer_is_isolated(p) || p->conf == NULL)
		return;
	p->in = filter_policy(&rde->rib->policies, &rde->rib->sets, p->conf,
	    p->remote_as, RULE_FROM, "Loc-RIB");
	p->out = filter_policy(&rde->rib->policies, &rde->rib->sets, p->conf,
	    p->remote_as, RULE_TO, "Loc-RIB");
	p->is_in_changed |= !filter_policy_is_equal(in, p->in);
	p->is_out_changed = !filter_policy_is_equal(out, p->out);
	filter_unref(&rde->rib->policies, in);
	filter_unref(&rde->rib->policies, out);
	update_extras(rde, p);
}

struct filter_peer
rpeer_filter(const struct rde *rde,
    const struct rpeer *p)
{
	return (struct filter_peer){
		.addr = &p->remote, .local_addr = &p->session.local,
		.remote_as = p->remote_as,
		/* Members of a confederation put its number into paths. */
		.local_as = rde->conf != NULL && rde->conf->confed_as != 0 ?
		    rde->conf->confed_as : p->local_as,
		.id = p->id,
	};
}

static void
set_codes(uint64_t bits[4], const struct conf_blob *codes)
{
	uint32_t i;

	for (i = 0; i < codes->len; i++)
		bits[codes->bytes[i] / 64] |=
		    UINT64_C(1) << (codes->bytes[i] % 64);
}

void
rpeer_take_facts(struct rpeer *p, const struct imsg_session_up *up)
{
	p->session = *up;
	p->remote = up->remote;
	p->remote_as = up->remote_as;
	p->remote_id = up->remote_id;
	p->local_as = up->local_as;
	p->is_confed = p->conf->is_confed;
	p->is_ebgp = up->remote_as != up->local_as && !p->is_confed;
}

void
rpeer_session_up(struct rde *rde, struct rpeer *p,
    const struct imsg_session_up *up)
{
	const struct open_negotiated *n = &up->negotiated;

	rpeer_take_facts(p, up);
	p->is_up = true;
	p->is_xoff = false;
	p->is_max_prefix_hit = false;
	p->context = (struct update_context){
		.attr = { .is_ebgp = p->is_ebgp, .is_confed = p->is_confed,
		    .has_as4 = n->has_as4 },
		.add_path_mask = n->add_path_receive_mask,
		.family_mask = n->family_mask,
		.extended_nexthop_mask = n->extended_nexthop_mask,
		.max_asns = p->conf->is_isolated ? 0 : p->conf->max_as_path,
		.max_communities = p->conf->max_communities,
		.has_loopback_peer = addr_is_loopback(&up->remote),
	};
	set_codes(p->context.discard_codes, &p->conf->discard_attributes);
	set_codes(p->context.withdraw_codes, &p->conf->reject_attributes);
	p->format = (struct update_format){
		.max_len = n->has_extended_message ?
		    BGP_MESSAGE_MAX_EXTENDED : BGP_MESSAGE_MAX,
		.has_as4 = n->has_as4,
		.add_path_mask = n->add_path_send_mask,
		.is_exabgp_packing = p->conf->packing == PACKING_EXABGP,
	};
	p->counters = (struct rpeer_counters){ 0 };
	p->up_since = loop_now(rde->env->loop);
	stale_session_up(rde, p);
	if (rpeer_is_isolated(p))
		return;
	ifaddr_session_up(rde, p);
	p->eor_mask = n->family_mask;
	rpeer_update_policy(rde, p);
	if (!up->is_resumed)
		group_join(rde, p);
}

void
rpeer_session_down(struct rde *rde, struct rpeer *p, enum imsg_down kind)
{
	group_leave(rde, p);
	p->is_up = false;
	p->is_refilling = false;
	p->is_xoff = false;
	p->eor_mask = p->borr_mask = p->eorr_mask = 0;
	p->batch.n = p->batch.pos = 0;
	if (p->orig != NULL)
		orig_session_down(p->orig, p->conf->adj_rib_out);
	stale_session_down(rde, p, kind);
}

bool
rpeer_has_family(const struct rpeer *p, const struct nlri_family *family)
{
	return p->is_up &&
	    (p->session.negotiated.family_mask >> family->id & 1) != 0;
}

bool
rpeer_is_isolated(const struct rpeer *p)
{
	return p->orig != NULL;
}

char *
rpeer_label(const struct rpeer *p, char *buf, size_t buf_len)
{
	char text[ADDR_TEXT_MAX];

	snprintf(buf, buf_len, "peer %s (AS%u)",
	    addr_print(&p->remote, text, sizeof(text)), p->remote_as);
	return buf;
}

/* The local address that serves as next hop, family 0 if there is none. */
static struct addr
rpeer_self_addr(const struct rde *rde, const struct rpeer *p,
    const struct nlri_family *family)
{
	const struct imsg_session_up *up = &p->session;
	uint8_t want = family->afi == AFI_IPV4 ? ADDR_IPV4 :
	    family->afi == AFI_IPV6 ? ADDR_IPV6 : up->local.family;

	if (up->local.family == want)
		return up->local;
	if (up->negotiated.extended_nexthop_mask >> family->id & 1)
		return up->local;
	if (p->conf->local_address.family == want)
		return p->conf->local_address;
	if (p->conf->local_address6.family == want)
		return p->conf->local_address6;
	if (!rpeer_is_isolated(p))
		return ifaddr_other(&rde->ifaddrs, &up->local, want);
	/* Compat: ExaBGP takes the router id on IPv6 sessions. */
	if (want == ADDR_IPV4)
		return addr_from_ipv4(up->local_id);
	return (struct addr){ 0 };
}

bool
rpeer_nexthop_self(const struct rde *rde, const struct rpeer *p,
    const struct nlri_family *family, struct update_nexthop *out)
{
	struct addr a = rpeer_self_addr(rde, p, family);
	struct wr w;

	memset(out, 0, sizeof(*out));
	if (a.family == ADDR_NONE)
		return false;
	buf_writer(&w, out->bytes, sizeof(out->bytes));
	if (family->safi == SAFI_MPLS_VPN)
		buf_put_zero(&w, 8);
	buf_put_bytes(&w, a.bytes, addr_len(a.family));
	out->len = (uint8_t)w.len;
	return true;
}

void
rpeer_reset(struct rde *rde, struct rpeer *p, uint8_t code, uint8_t subcode,
    const void *data, size_t len)
{
	buf_reset(&rde->reply);
	buf_put_u8(&rde->reply, code);
	buf_put_u8(&rde->reply, subcode);
	buf_put_bytes(&rde->reply, data, len);
	if (rde->sess != NULL)
		chan_send_wr(rde->sess, IMSG_SESSION_RESET, p->id, &rde->reply);
}
