/* SPDX-License-Identifier: ISC */
/*
 * From Loc-RIB to what a group is told: who may hear it (RFC 4271 9.1.3, RFC
 * 4456, RFC 1997, RFC 9234), the out rules, then the attributes as this kind
 * of session has them.
 */
#include "common/attr/aspath.h"
#include "common/attr/attr.h"
#include "common/bgp.h"
#include "common/config.h"
#include "rde/attr_edit.h"
#include "rde/engine.h"
#include "rde/group.h"
#include "rde/rib.h"

#include <err.h>
#include <stdlib.h>
#include <string.h>

#define DEFAULT_LOCAL_PREF	100

/* Only to customers: not to a provider, a peer or a route server. */
static bool
otc_forbids(const struct group_key *k, const struct attrset *a)
{
	return (a->flags & ATTRSET_HAS_OTC) && (k->role == ROLE_CUSTOMER ||
	    k->role == ROLE_PEER || k->role == ROLE_RS_CLIENT);
}

static bool
may_hear(const struct group_key *k, const struct rpeer *source,
    const struct attrset *a, const struct nlri_family *family)
{
	bool is_local = source->index == RDE_PEER_LOCAL;

	if (a->flags & ATTRSET_NO_ADVERTISE)
		return false;
	if (k->is_ebgp && (a->flags & ATTRSET_NO_EXPORT))
		return false;
	if ((k->is_ebgp || k->is_confed) &&
	    (a->flags & ATTRSET_NO_EXPORT_SUBCONFED))
		return false;
	/* RFC 9494 4.4: only where it is known what that means. */
	if ((a->flags & ATTRSET_LLGR_STALE) != 0 && !k->has_llgr)
		return false;
	if (family->safi == SAFI_UNICAST && k->is_ebgp && otc_forbids(k, a))
		return false;
	if (k->is_ebgp || k->is_confed || is_local || source->is_ebgp ||
	    source->is_confed)
		return true;
	/* RFC 4456 6: from a client to all, from others to clients. */
	return k->is_client || source->conf->is_reflector_client;
}

static void
edit_path(struct attr_edit *e, const struct group_key *k)
{
	struct rd path = buf_reader(NULL, 0);
	uint8_t copy[8192];
	struct wr *w, stripped;
	size_t len;

	if (!attr_edit_get(e, ATTR_AS_PATH, &path)) {
		attr_edit_begin(e, ATTR_AS_PATH);
		attr_edit_end(e);
	}
	if (!k->is_ebgp && !k->is_confed)
		return;
	len = buf_left(&path);
	if (len > sizeof(copy))
		return;
	/* RFC 5065 4.1: members are seen inside of the confederation only. */
	if (k->is_ebgp && aspath_has_confed(path)) {
		buf_writer(&stripped, copy, sizeof(copy));
		aspath_strip_confed(path, &stripped);
		len = stripped.len;
	} else {
		memcpy(copy, len == 0 ? copy : path.pos, len);
	}
	w = attr_edit_begin(e, ATTR_AS_PATH);
	if (k->is_ebgp && k->is_transparent)
		buf_put_bytes(w, copy, len);
	else
		aspath_prepend(buf_reader(copy, len), k->is_ebgp ?
		    AS_SEQUENCE : AS_CONFED_SEQUENCE, k->local_as, 1, w);
	attr_edit_end(e);
}

/* Attributes that do not leave our AS. */
static void
edit_external(struct attr_edit *e, const struct group_key *k,
    const struct attrset *a, const struct nlri_family *family)
{
	const uint8_t codes[] = {
		ATTR_LOCAL_PREF, ATTR_ORIGINATOR_ID, ATTR_CLUSTER_LIST,
	};
	struct rd value;
	size_t i;

	for (i = 0; i < sizeof(codes); i++) {
		if (attr_edit_get(e, codes[i], &value))
			attr_edit_delete(e, codes[i]);
	}
	if ((a->flags & ATTRSET_HAS_MED) != 0 &&
	    (a->flags & ATTRSET_MED_SET) == 0 && !k->is_transparent)
		attr_edit_delete(e, ATTR_MED);
	if ((k->role == ROLE_PROVIDER || k->role == ROLE_PEER ||
	    k->role == ROLE_RS) && (a->flags & ATTRSET_HAS_OTC) == 0 &&
	    family->safi == SAFI_UNICAST)
		attr_edit_u32(e, ATTR_ONLY_TO_CUSTOMER, k->local_as);
}

/* RFC 4456 8. */
static void
edit_reflected(struct rde *rde, struct attr_edit *e,
    const struct group_key *k, const struct rpeer *source)
{
	uint32_t cluster = rde->conf->cluster_id != 0 ?
	    rde->conf->cluster_id : k->local_id;
	struct rd value;
	uint8_t copy[1024];
	size_t len = 0;
	struct wr *w;

	if (!attr_edit_get(e, ATTR_ORIGINATOR_ID, &value))
		attr_edit_u32(e, ATTR_ORIGINATOR_ID, source->remote_id);
	if (attr_edit_get(e, ATTR_CLUSTER_LIST, &value)) {
		len = buf_left(&value);
		if (len > sizeof(copy))
			return;
		memcpy(copy, value.pos, len);
	}
	w = attr_edit_begin(e, ATTR_CLUSTER_LIST);
	buf_put_u32(w, cluster);
	buf_put_bytes(w, copy, len);
	attr_edit_end(e);
}

static void
edit_internal(struct rde *rde, struct attr_edit *e,
    const struct group_key *k, const struct rpeer *source)
{
	struct rd value;

	if (!attr_edit_get(e, ATTR_LOCAL_PREF, &value))
		attr_edit_u32(e, ATTR_LOCAL_PREF, DEFAULT_LOCAL_PREF);
	if (source->index != RDE_PEER_LOCAL && !source->is_ebgp &&
	    !source->is_confed && !k->is_confed)
		edit_reflected(rde, e, k, source);
}

/* Some peer of the group: what depends on it is in the key. */
static const struct rpeer *
group_peer(const struct group *g)
{
	const struct stream *s;

	for (s = g->streams; s != NULL; s = s->next) {
		if (s->n_members != 0)
			return s->members[0];
	}
	return NULL;
}

/*
 * Make a next hop one that the family can have: an IPv4 one of IPv6 routes is
 * told IPv4-mapped (RFC 4659 3.2.1.2, RFC 4798 2); an IPv6 one of IPv4 routes
 * only where that was agreed (RFC 8950 4), else false.
 */
static bool
fit_nexthop(const struct group *g, const struct nlri_family *family,
    struct update_nexthop *out)
{
	static const uint8_t mapped[12] = { [10] = 0xff, [11] = 0xff };
	size_t rd_len = family->safi == SAFI_MPLS_VPN ? 8 : 0;
	bool is_ipv4 = out->len == rd_len + 4;

	if (family->safi != SAFI_UNICAST && family->safi != SAFI_MULTICAST &&
	    family->safi != SAFI_NLRI_MPLS && family->safi != SAFI_MPLS_VPN)
		return true;
	if (family->afi == AFI_IPV4)
		return is_ipv4 ||
		    (g->key.extended_nexthop_mask >> family->id & 1) != 0;
	if (!is_ipv4)
		return true;
	memcpy(out->bytes + rd_len + 12, out->bytes + rd_len, 4);
	memcpy(out->bytes + rd_len, mapped, 12);
	out->len += 12;
	return true;
}

/* The next hop as the group gets it; false when there is none. */
static bool
export_nexthop(struct rde *rde, const struct group *g,
    const struct rpeer *source, const struct attrset *a,
    const struct nlri_family *family, struct update_nexthop *out)
{
	const struct rpeer *p = group_peer(g);
	bool is_self = (a->flags & ATTRSET_NEXTHOP_SELF) != 0;

	attrset_nexthop(a, out);
	if (family->safi == SAFI_FLOW || family->safi == SAFI_FLOW_VPN)
		return true;
	if ((a->flags & ATTRSET_NEXTHOP_KEEP) && out->len != 0)
		return fit_nexthop(g, family, out);
	if (out->len == 0 || g->key.is_ebgp ||
	    (g->key.is_nexthop_self && source->is_ebgp))
		is_self = true;
	/* A route server passes next hops on (RFC 7947 2.2.1). */
	if (g->key.is_transparent && out->len != 0 &&
	    (a->flags & ATTRSET_NEXTHOP_SELF) == 0)
		is_self = false;
	if (!is_self)
		return fit_nexthop(g, family, out);
	return p != NULL && rpeer_nexthop_self(rde, p, family, out);
}

static uint32_t
export_build(struct rde *rde, const struct group *g,
    const struct rpeer *source, uint32_t attr,
    const struct nlri_family *family)
{
	const struct attrset *a = attrset_at(&rde->attrsets, attr);
	struct update_nexthop nexthop;
	struct attrset_key key = { 0 };
	struct attr_edit e;
	struct rd value;
	uint32_t out = ATTRSET_NONE;

	if (!export_nexthop(rde, g, source, a, family, &nexthop))
		return ATTRSET_NONE;
	attr_edit_init(&e, attrset_block(a));
	/* Who originates a route knows what is in it (RFC 4271 5). */
	e.marks_partial = (a->flags & ATTRSET_HAS_UNKNOWN) != 0 &&
	    source != &rde->local;
	if (!attr_edit_get(&e, ATTR_ORIGIN, &value)) {
		buf_put_u8(attr_edit_begin(&e, ATTR_ORIGIN), ORIGIN_IGP);
		attr_edit_end(&e);
	}
	edit_path(&e, &g->key);
	if (g->key.is_ebgp)
		edit_external(&e, &g->key, a, family);
	else
		edit_internal(rde, &e, &g->key, source);
	buf_reset(&rde->block);
	attr_edit_finish(&e, &rde->block);
	if (rde->block.err == 0 && e.values.err == 0) {
		key.block = buf_written(&rde->block);
		key.nexthop = nexthop.bytes;
		key.nexthop_len = nexthop.len;
		out = attrset_intern(&rde->attrsets, &key);
	}
	attr_edit_fini(&e);
	return out;
}

static struct filter_peer
export_filter_peer(const struct rde *rde, const struct group *g)
{
	uint32_t confed = rde->conf->confed_as;

	return (struct filter_peer){
		.addr = &g->key.peer_addr, .local_addr = &g->key.local_addr,
		.remote_as = g->key.remote_as,
		.local_as = confed != 0 ? confed : g->key.local_as,
		.id = g->id | 0x80000000u,
	};
}

/* A destination's route as it stands before a group. */
struct export_case {
	struct table		*table;
	const struct record	*record;
	const struct path	*path;
	uint32_t		 attr;
};

static void
case_prefix(const struct export_case *c, struct filter_route *out)
{
	const struct nlri_family *f = c->table->family;

	out->afi = f->afi == AFI_IPV4 ? ADDR_IPV4 :
	    f->afi == AFI_IPV6 ? ADDR_IPV6 : ADDR_NONE;
	if (c->table->addr_len == 0)
		return;
	out->prefix.len_bits = c->record->len_bits;
	addr_from_bytes(c->record->key, c->table->addr_len,
	    &out->prefix.addr);
}

/* Everything that the memo saves. */
static uint32_t
export_evaluate(struct rde *rde, struct group *g, const struct export_case *c)
{
	const struct rpeer *source = c->path->flags & PATH_PRIVATE ?
	    &rde->local : rde->peers[c->path->peer];
	struct filter_route route = {
		.attr = c->attr,
		.ovs = c->path->flags >> PATH_OVS_SHIFT & 3,
		.avs = c->path->flags >> PATH_AVS_SHIFT & 3,
	};
	struct filter_peer fp = export_filter_peer(rde, g);
	uint32_t allowed, out;

	if (g->key.export == EXPORT_NONE || !may_hear(&g->key, source,
	    attrset_at(&rde->attrsets, c->attr), c->table->family))
		return ATTRSET_NONE;
	case_prefix(c, &route);
	if (!filter_run(g->key.out, &rde->attrsets, &fp, &route,
	    &rde->block, &allowed))
		return ATTRSET_NONE;
	out = export_build(rde, g, source, allowed, c->table->family);
	attrset_unref(&rde->attrsets, allowed);
	return out;
}

static struct export_memo *
export_memo(struct rde *rde, struct group *g, const struct export_case *c,
    uint32_t serial)
{
	(void)rde;
	if (g->key.out->uses_prefix || (c->path->flags & PATH_PRIVATE))
		return NULL;
	if (g->memo == NULL) {
		g->memo = calloc(EXPORT_MEMO, sizeof(*g->memo));
		if (g->memo == NULL)
			err(1, "export");
	}
	/* The families differ in their next hops. */
	return &g->memo[(serial * 31 + c->table->family->id) &
	    (EXPORT_MEMO - 1)];
}

static inline uint32_t
export_case(struct rde *rde, struct group *g, const struct export_case *c)
{
	uint32_t serial = attrset_at(&rde->attrsets, c->attr)->serial, out;
	struct export_memo *m = export_memo(rde, g, c, serial);
	uint16_t tag = (uint16_t)(1 + c->table->family->id);

	if (m != NULL && m->is_set == tag && m->in_serial == serial &&
	    m->source == c->path->peer) {
		if (m->out_serial == 0)
			return ATTRSET_NONE;
		if (attrset_at(&rde->attrsets, m->out)->serial ==
		    m->out_serial) {
			attrset_ref(&rde->attrsets, m->out);
			return m->out;
		}
	}
	out = export_evaluate(rde, g, c);
	if (m == NULL)
		return out;
	*m = (struct export_memo){
		.in_serial = serial, .out = out, .source = c->path->peer,
		.is_set = tag, .out_serial = out == ATTRSET_NONE ? 0 :
		    attrset_at(&rde->attrsets, out)->serial,
	};
	return out;
}

int
export_private(const struct rde *rde, const struct group *g,
    const struct table *t, const struct record *r)
{
	uint32_t owner = g->key.private_peer;
	const struct path *p;
	unsigned i;

	/* Our default route, where nothing else is exported. */
	if (g->key.export == EXPORT_DEFAULT_ROUTE)
		owner = RDE_PEER_LOCAL + 1u;
	if (owner == 0 ||
	    (r->flags & RECORD_HAS_PRIVATE) == 0)
		return -1;
	for (i = 0; i < r->n_paths; i++) {
		p = table_path(t, r, i);
		if ((p->flags & PATH_PRIVATE) &&
		    p->peer + 1u == owner &&
		    rib_path_is_alive(rde, t, p))
			return (int)i;
	}
	return -1;
}

int
export_choice(const struct rde *rde, const struct group *g,
    const struct table *t, const struct record *r)
{
	int i = r->flags & RECORD_HAS_PRIVATE ?
	    export_private(rde, g, t, r) : -1;

	if (i < 0 && g->key.export == EXPORT_NORMAL &&
	    (r->flags & RECORD_HAS_BEST))
		return 0;
	return i;
}

static inline uint32_t
path_export(struct rde *rde, struct group *g, struct table *t,
    const struct record *r, const struct path *p)
{
	struct export_case c = { .table = t, .record = r, .path = p };

	/* One that is over, or changed, waits for the next decision. */
	if (p->attr == ATTRSET_NONE || ((p->flags & PATH_PRIVATE) == 0 &&
	    !rib_path_is_eligible(rde, t, p)))
		return ATTRSET_NONE;
	c.attr = p->attr;
	return export_case(rde, g, &c);
}

uint32_t
export_path(struct rde *rde, struct group *g, struct table *t,
    const struct record *r, const struct path *p)
{
	return path_export(rde, g, t, r, p);
}

uint32_t
export_route(struct rde *rde, struct group *g, struct table *t, uint32_t id,
    uint16_t *source)
{
	const struct record *r = table_at(t, id);
	int i = export_choice(rde, g, t, r);
	const struct path *p;

	if (i < 0)
		return ATTRSET_NONE;
	p = table_path(t, r, (unsigned)i);
	*source = p->flags & PATH_PRIVATE ? RDE_PEER_LOCAL : p->peer;
	return path_export(rde, g, t, r, p);
}
