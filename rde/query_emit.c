/* SPDX-License-Identifier: ISC */
/* Answers of queries: the keys of OpenBGPD's bgpctl -j, and bytes. */
#include "rde/query.h"

#include "common/attr/aspath.h"
#include "common/attr/attr.h"
#include "common/bgp.h"
#include "common/emit.h"
#include "common/env.h"
#include "rde/group.h"
#include "rde/monitor.h"
#include "rde/rib.h"

#include <stdio.h>
#include <string.h>

static const char *const ovs_words[] = { "not-found", "invalid", "valid" };
static const char *const avs_words[] = { "unknown", "invalid", "valid" };
static const char *const origin_words[] = { "IGP", "EGP", "incomplete" };

/* OpenBGPD's times: 00:01:02, 1d02h03m, 01w2d03h. */
static void
emit_age(struct emit *e, const char *key, uint32_t sec)
{
	uint32_t min = sec / 60, hours = min / 60, days = hours / 24;

	emit_key(e, key);
	if (days >= 7)
		emit_format(e, "%02uw%ud%02uh", days / 7, days % 7,
		    hours % 24);
	else if (days > 0)
		emit_format(e, "%ud%02uh%02um", days, hours % 24, min % 60);
	else
		emit_format(e, "%02u:%02u:%02u", hours, min % 60, sec % 60);
}

static void
emit_key_addr(struct emit *e, const char *key, const struct addr *a)
{
	char text[ADDR_TEXT_MAX];

	emit_key_string(e, key, addr_print(a, text, sizeof(text)));
}

static void
emit_neighbor(struct emit *e, const struct rpeer *p)
{
	struct addr none = addr_from_ipv4(0), id = addr_from_ipv4(p->remote_id);

	emit_key_object(e, "neighbor");
	if (p->conf != NULL && p->conf->descr != NULL)
		emit_key_string(e, "description", p->conf->descr);
	emit_key_addr(e, "remote_addr", p->remote.family == ADDR_NONE ?
	    &none : &p->remote);
	emit_key_addr(e, "bgp_id", &id);
	emit_end_object(e);
}

static void
emit_prefix(struct emit *e, const struct nlri *n)
{
	char text[PREFIX_TEXT_MAX];
	struct prefix p;
	struct wr w;

	if (nlri_to_prefix(n, &p) == 0) {
		emit_key_string(e, "prefix", prefix_print(&p, text,
		    sizeof(text)));
		return;
	}
	buf_writer_growing(&w, 65536);
	nlri_text(n, &w);
	emit_key(e, "prefix");
	emit_string_len(e, (const char *)w.base, w.len);
	buf_free(&w);
}

static void
emit_aspath(struct emit *e, const struct attrset *a)
{
	struct attr attr;
	struct wr w;

	buf_writer_growing(&w, 65536);
	if (attr_get(attrset_block(a), ATTR_AS_PATH, &attr))
		aspath_text_plain(attr.value, &w);
	emit_key(e, "aspath");
	emit_string_len(e, w.len == 0 ? "" : (const char *)w.base, w.len);
	buf_free(&w);
}

static void
emit_flags(struct emit *e, const struct query_entry *q)
{
	uint16_t flags = q->path == NULL ? 0 : q->path->flags;
	bool is_local = q->path != NULL && q->path->peer == RDE_PEER_LOCAL;

	emit_key_boolean(e, "valid", q->is_eligible);
	if (flags & PATH_FILTERED)
		emit_key_boolean(e, "filtered", true);
	if (flags & PATH_LOOP)
		emit_key_boolean(e, "error", true);
	if (flags & PATH_LEAK)
		emit_key_boolean(e, "leaked", true);
	if (q->is_best)
		emit_key_boolean(e, "best", true);
	if (q->class == DECIDE_ECMP)
		emit_key_boolean(e, "ecmp", true);
	if (q->class == DECIDE_AS_WIDE)
		emit_key_boolean(e, "as-wide", true);
	emit_key_string(e, "source", q->peer->is_ebgp ? "external" :
	    "internal");
	if (q->is_stale)
		emit_key_boolean(e, "stale", true);
	if (is_local)
		emit_key_boolean(e, "announced", true);
	emit_key_string(e, "ovs",
	    ovs_words[(flags >> PATH_OVS_SHIFT & 3) % 3]);
	emit_key_string(e, "avs",
	    avs_words[(flags >> PATH_AVS_SHIFT & 3) % 3]);
}

/* Communities as strings; parts of them are size bytes wide. */
static void
emit_communities(struct emit *e, const char *key, struct rd value,
    unsigned n_parts)
{
	uint32_t v[3];

	emit_key_array(e, key);
	while (buf_left(&value) >= (n_parts == 3 ? 12u : 4u)) {
		if (n_parts == 3) {
			v[0] = buf_get_u32(&value);
			v[1] = buf_get_u32(&value);
			v[2] = buf_get_u32(&value);
			emit_format(e, "%u:%u:%u", v[0], v[1], v[2]);
		} else {
			v[0] = buf_get_u16(&value);
			v[1] = buf_get_u16(&value);
			emit_format(e, "%u:%u", v[0], v[1]);
		}
	}
	emit_end_array(e);
}

static void
emit_one_extended(struct emit *e, struct rd *value)
{
	uint16_t type = buf_get_u16(value);
	uint64_t v = (uint64_t)buf_get_u16(value) << 32;
	const char *word = (type & 0xff) == 2 ? "rt" :
	    (type & 0xff) == 3 ? "soo" : NULL;
	char text[ADDR_TEXT_MAX];
	struct addr a;

	v |= buf_get_u32(value);
	a = addr_from_ipv4((uint32_t)(v >> 16));
	if (word != NULL && type >> 8 == 0)
		emit_format(e, "%s %u:%u", word, (unsigned)(v >> 32),
		    (unsigned)v);
	else if (word != NULL && type >> 8 == 1)
		emit_format(e, "%s %s:%u", word,
		    addr_print(&a, text, sizeof(text)), (unsigned)v & 0xffff);
	else if (word != NULL && type >> 8 == 2)
		emit_format(e, "%s %u:%u", word, (unsigned)(v >> 16),
		    (unsigned)v & 0xffff);
	else
		emit_format(e, "0x%04x 0x%012llx", type,
		    (unsigned long long)v);
}

static void
emit_other(struct emit *e, const struct attr *a)
{
	const struct attr_row *row = attr_find(a->code);

	emit_begin_object(e);
	if (row != NULL)
		emit_key_string(e, "type", row->name);
	emit_key_number(e, "code", a->code);
	emit_key_number(e, "flags", a->flags);
	emit_key(e, "data");
	emit_hex(e, "", a->value.pos, buf_left(&a->value));
	emit_end_object(e);
}

static bool
is_shown_elsewhere(uint8_t code)
{
	switch (code) {
	case ATTR_ORIGIN:
	case ATTR_AS_PATH:
	case ATTR_MED:
	case ATTR_LOCAL_PREF:
	case ATTR_COMMUNITY:
	case ATTR_EXT_COMMUNITY:
	case ATTR_LARGE_COMMUNITY:
		return true;
	default:
		return false;
	}
}

static void
emit_detail(struct emit *e, const struct attrset *as)
{
	struct rd block = attrset_block(as);
	struct attr a;

	if (attr_get(block, ATTR_COMMUNITY, &a))
		emit_communities(e, "communities", a.value, 2);
	if (attr_get(block, ATTR_LARGE_COMMUNITY, &a))
		emit_communities(e, "large_communities", a.value, 3);
	if (attr_get(block, ATTR_EXT_COMMUNITY, &a)) {
		emit_key_array(e, "extended_communities");
		while (buf_left(&a.value) >= 8)
			emit_one_extended(e, &a.value);
		emit_end_array(e);
	}
	emit_key_array(e, "attributes");
	while (buf_left(&block) > 0 && attr_next(&block, &a) == 0) {
		if (!is_shown_elsewhere(a.code))
			emit_other(e, &a);
	}
	emit_end_array(e);
}

/* The next hop; what is told with our own address has that. */
static void
emit_nexthop(struct rde *rde, struct emit *e, const struct query_entry *q,
    bool is_told)
{
	struct update_nexthop nh;

	emit_key(e, "nexthop");
	if (is_told) {
		monitor_nexthop(rde, q->attr, q->peer, q->nlri->family, &nh);
		emit_string_len(e, (const char *)nh.bytes, nh.len);
		return;
	}
	emit_string_len(e, (const char *)q->attr->bytes,
	    q->attr->nexthop_len);
}

static void
emit_raw(struct rde *rde, struct emit *e, const struct query_filter *f,
    const struct query_entry *q)
{
	struct rd block = attrset_block(q->attr);

	emit_key(e, "nlri");
	emit_string_len(e, (const char *)q->nlri->bytes, q->nlri->len);
	emit_key(e, "attrs");
	emit_string_len(e, buf_left(&block) == 0 ? "" :
	    (const char *)block.pos, buf_left(&block));
	emit_nexthop(rde, e, q, f->is_bare);
	if (q->attr->flags & ATTRSET_NEXTHOP_SELF)
		emit_key_boolean(e, "self", true);
}

/* For machines only. */
static void
emit_bare(struct rde *rde, const struct query_filter *f,
    const struct query_entry *q, struct wr *out)
{
	struct emit e;

	emit_msgpack_init(&e, out);
	emit_begin_object(&e);
	emit_key_number(&e, "peer", q->peer->id);
	emit_key_number(&e, "family", q->nlri->family->id);
	if (q->path_id != 0)
		emit_key_number(&e, "path_id", q->path_id);
	emit_key_number(&e, "last_update_sec", q->age);
	emit_raw(rde, &e, f, q);
	emit_end_object(&e);
}

void
query_emit_entry(struct rde *rde, const struct query_filter *f,
    const struct query_entry *q, struct wr *out)
{
	struct addr nexthop = addr_from_ipv4(0);
	const struct nexthop *told;
	struct emit e;

	if (f->is_raw && f->is_bare) {
		emit_bare(rde, f, q, out);
		return;
	}
	emit_msgpack_init(&e, out);
	emit_begin_object(&e);
	emit_prefix(&e, q->nlri);
	emit_key_string(&e, "family", q->nlri->family->name);
	emit_aspath(&e, q->attr);
	attrset_nexthop_addr(q->attr, &nexthop);
	emit_key_addr(&e, "exit_nexthop", &nexthop);
	told = nexthop_find(rde, q->attr);
	if (told != NULL && told->told.gateway.family != ADDR_NONE)
		nexthop = told->told.gateway;
	emit_key_addr(&e, "true_nexthop", &nexthop);
	emit_neighbor(&e, q->peer);
	if (q->path_id != 0)
		emit_key_number(&e, "path_id", q->path_id);
	emit_flags(&e, q);
	emit_key_string(&e, "origin", origin_words[q->attr->origin % 3]);
	emit_key_number(&e, "metric", q->attr->med);
	emit_key_number(&e, "localpref", q->attr->local_pref);
	emit_key_number(&e, "weight", q->attr->weight);
	emit_key_number(&e, "dmetric", q->class != 0 ? q->class :
	    q->path != NULL && !q->is_eligible ? 1 : 0);
	emit_age(&e, "last_update", q->age);
	emit_key_number(&e, "last_update_sec", q->age);
	if (f->is_detail)
		emit_detail(&e, q->attr);
	if (f->is_raw)
		emit_raw(rde, &e, f, q);
	emit_end_object(&e);
}

/* What a set is made of; a count of UINT64_MAX is none of it. */
struct set_counts {
	uint64_t	v4, v6, asns;
};

static void
emit_set(struct rde *rde, struct wr *out, const char *type, const char *name,
    const struct set_counts *n, struct mono changed)
{
	struct mono now = loop_now(rde->env->loop);
	uint32_t age = (uint32_t)mono_diff_sec(now, mono_is_set(changed) ?
	    changed : rde->start);
	struct emit e;

	emit_msgpack_init(&e, out);
	emit_begin_object(&e);
	emit_key_string(&e, "name", name);
	emit_key_string(&e, "type", type);
	emit_age(&e, "last_change", age);
	emit_key_number(&e, "last_change_sec", age);
	if (n->asns != UINT64_MAX)
		emit_key_number(&e, "num_ASnum", n->asns);
	if (n->v4 != UINT64_MAX)
		emit_key_number(&e, "num_IPv4", n->v4);
	if (n->v6 != UINT64_MAX)
		emit_key_number(&e, "num_IPv6", n->v6);
	emit_end_object(&e);
}

static struct set_counts
count_prefixes(const struct conf_prefix_set *s)
{
	struct set_counts n = { 0, 0, UINT64_MAX };
	size_t i;

	for (i = 0; i < s->n_prefixes; i++)
		*(s->prefixes[i].prefix.addr.family == ADDR_IPV6 ? &n.v6 :
		    &n.v4) += 1;
	return n;
}

static struct set_counts
count_roas(const struct conf_roa_set *s)
{
	struct set_counts n = { 0, 0, UINT64_MAX };
	size_t i;

	for (i = 0; i < s->n_roas; i++)
		*(s->roas[i].prefix.addr.family == ADDR_IPV6 ? &n.v6 :
		    &n.v4) += 1;
	return n;
}

void
query_emit_sets(struct rde *rde, struct wr *out)
{
	const struct validate *v = &rde->rib->validate;
	const struct config *c = rde->conf;
	const struct mono never = { 0 };
	struct set_counts n;
	size_t i;

	if (c == NULL)
		return;
	n = (struct set_counts){ v->rov.n_true[0], v->rov.n_true[1],
	    UINT64_MAX };
	emit_set(rde, out, "ROA", "RPKI ROA", &n, v->rov_changed);
	n = (struct set_counts){ UINT64_MAX, UINT64_MAX, v->aspa.n_true };
	emit_set(rde, out, "ASPA", "RPKI ASPA", &n, v->aspa_changed);
	for (i = 0; i < c->n_as_sets; i++) {
		n.asns = c->as_sets[i].n_asns;
		emit_set(rde, out, "ASNUM", c->as_sets[i].name, &n, never);
	}
	for (i = 0; i < c->n_prefix_sets; i++) {
		n = count_prefixes(&c->prefix_sets[i]);
		emit_set(rde, out, "PREFIX", c->prefix_sets[i].name, &n,
		    never);
	}
	for (i = 0; i < c->n_origin_sets; i++) {
		n = count_roas(&c->origin_sets[i]);
		emit_set(rde, out, "ORIGIN", c->origin_sets[i].name, &n,
		    never);
	}
}

void
query_emit_counters(struct rde *rde, const struct rpeer *p, struct wr *out)
{
	const struct rpeer_counters *c = &p->counters;
	uint64_t sent = p->stream == NULL ? 0 : p->stream->n_sent;
	uint64_t pending = p->stream == NULL ? 0 : p->stream->n_entries;
	struct emit e;

	(void)rde;
	if (p->orig != NULL) {
		sent = p->orig->n_entries - p->orig->n_announces;
		pending = p->orig->n_announces;
	}
	emit_msgpack_init(&e, out);
	emit_begin_object(&e);
	emit_key_number(&e, "id", p->id);
	emit_key_number(&e, "prefixes_received", c->prefixes_in);
	emit_key_number(&e, "prefixes_accepted", c->prefixes_accepted);
	emit_key_number(&e, "prefixes_rejected", c->rejected);
	emit_key_number(&e, "prefixes_sent", p->is_up ? sent : 0);
	emit_key_number(&e, "updates_received", c->updates_in);
	emit_key_number(&e, "updates_sent", c->updates_out);
	emit_key_number(&e, "withdraws_received", c->withdraws_in);
	emit_key_number(&e, "withdraws_sent", c->withdraws_out);
	emit_key_number(&e, "eor_received", c->eor_in);
	emit_key_number(&e, "eor_sent", c->eor_out);
	emit_key_number(&e, "pending_updates", pending);
	emit_key_number(&e, "pending_withdraws",
	    p->orig == NULL ? 0 : p->orig->n_withdraws);
	emit_key_boolean(&e, "is_lagging",
	    p->stream != NULL && p->stream->is_lagging);
	emit_end_object(&e);
}
