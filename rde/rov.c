/* SPDX-License-Identifier: ISC */
/* VRPs in a slab, hashed by prefix, probed at each length that occurs. */
#include "rde/rov.h"

#include "common/config.h"
#include "rde/hash.h"

#include <err.h>
#include <stdlib.h>
#include <string.h>

#define ROV_NONE	UINT32_MAX

void
rov_init(struct rov *v, uint64_t seed)
{
	memset(v, 0, sizeof(*v));
	v->seed = seed;
	v->free_vrp = ROV_NONE;
	map_init(&v->map);
}

void
rov_fini(struct rov *v)
{
	map_fini(&v->map);
	free(v->vrps);
	memset(v, 0, sizeof(*v));
}

static unsigned
rov_family(const struct prefix *p)
{
	return p->addr.family == ADDR_IPV6;
}

static uint32_t
rov_hash(const struct rov *v, const struct prefix *p)
{
	return (uint32_t)hash_bytes(p->addr.bytes, 16, v->seed ^
	    ((uint64_t)p->addr.family << 8 | p->len_bits));
}

static bool
rov_is_at(const struct rov_vrp *r, const struct prefix *p)
{
	return r->prefix.len_bits == p->len_bits &&
	    r->prefix.addr.family == p->addr.family &&
	    memcmp(r->prefix.addr.bytes, p->addr.bytes, 16) == 0;
}

static uint32_t
rov_find(const struct rov *v, const struct prefix *p, uint8_t max_len,
    uint32_t asn, struct map_pos *pos)
{
	uint32_t i = map_first(&v->map, rov_hash(v, p), pos);

	while (i != MAP_NONE && (v->vrps[i].asn != asn ||
	    v->vrps[i].max_len != max_len || !rov_is_at(&v->vrps[i], p)))
		i = map_next(&v->map, pos);
	return i;
}

static uint32_t
rov_add(struct rov *v, const struct prefix *p, uint8_t max_len, uint32_t asn)
{
	uint32_t i = v->free_vrp;

	if (i != ROV_NONE) {
		v->free_vrp = v->vrps[i].next_free;
	} else {
		if (v->n_vrps == v->cap_vrps) {
			v->cap_vrps = v->cap_vrps == 0 ? 64 :
			    v->cap_vrps * 2;
			v->vrps = reallocarray(v->vrps, v->cap_vrps,
			    sizeof(*v->vrps));
			if (v->vrps == NULL)
				err(1, "rov");
		}
		i = v->n_vrps++;
	}
	v->vrps[i] = (struct rov_vrp){
		.prefix = *p, .max_len = max_len, .asn = asn,
	};
	map_add(&v->map, rov_hash(v, p), i);
	v->n_by_len[rov_family(p)][p->len_bits]++;
	return i;
}

static void
rov_del(struct rov *v, uint32_t i)
{
	struct rov_vrp *r = &v->vrps[i];
	struct map_pos pos;

	if (rov_find(v, &r->prefix, r->max_len, r->asn, &pos) == i)
		map_del(&v->map, &pos);
	v->n_by_len[rov_family(&r->prefix)][r->prefix.len_bits]--;
	r->sources = 0;
	r->next_free = v->free_vrp;
	v->free_vrp = i;
}

/* Sources of a VRP are these now; true when that makes a difference. */
static bool
rov_set_sources(struct rov *v, uint32_t i, uint8_t sources)
{
	struct rov_vrp *r = &v->vrps[i];
	bool was = (r->sources & ROV_TRUE) != 0;
	bool is = (sources & ROV_TRUE) != 0;

	r->sources = sources;
	if (is != was)
		v->n_true[rov_family(&r->prefix)] += is ? 1u : UINT32_MAX;
	if (sources == 0)
		rov_del(v, i);
	return is != was;
}

bool
rov_set(struct rov *v, const struct prefix *prefix, uint8_t max_len,
    uint32_t asn, enum rov_source source, bool is_present)
{
	struct prefix p = *prefix;
	struct map_pos pos;
	uint32_t i;
	uint8_t old;

	p.addr.scope_id = 0;
	prefix_mask(&p);
	i = rov_find(v, &p, max_len, asn, &pos);
	if (i == MAP_NONE && !is_present)
		return false;
	if (i == MAP_NONE)
		i = rov_add(v, &p, max_len, asn);
	old = v->vrps[i].sources;
	return rov_set_sources(v, i, (uint8_t)(is_present ? old | source :
	    old & ~(unsigned)source));
}

int64_t
rov_configure(struct rov *v, const struct config *c, int64_t now_sec,
    rov_changed changed, void *arg)
{
	const struct conf_roa *roa;
	struct prefix p;
	int64_t next = 0;
	uint8_t sources;
	uint32_t i;
	size_t k;

	for (k = 0; k < c->n_roas; k++) {
		roa = &c->roas[k];
		if (roa->expires != 0 && roa->expires <= now_sec)
			continue;
		rov_set(v, &roa->prefix, roa->max_len, roa->asn, ROV_SEEN,
		    true);
		if (roa->expires != 0 && (next == 0 || roa->expires < next))
			next = roa->expires;
	}
	for (i = 0; i < v->n_vrps; i++) {
		sources = v->vrps[i].sources;
		if (sources == 0)
			continue;
		p = v->vrps[i].prefix;
		if (rov_set_sources(v, i, (uint8_t)((sources & ROV_RTR) |
		    (sources & ROV_SEEN ? ROV_CONF : 0))))
			changed(arg, &p);
	}
	return next;
}

uint8_t
rov_state(const struct rov *v, const struct prefix *prefix,
    uint32_t source_as)
{
	const uint32_t *n_by_len = v->n_by_len[rov_family(prefix)];
	struct prefix p = *prefix;
	uint8_t state = ROV_NOT_FOUND;
	const struct rov_vrp *r;
	struct map_pos pos;
	uint32_t i;

	if (v->n_true[rov_family(prefix)] == 0 ||
	    p.addr.family == ADDR_NONE)
		return ROV_NOT_FOUND;
	p.addr.scope_id = 0;
	for (;; p.len_bits--) {
		if (n_by_len[p.len_bits] != 0) {
			prefix_mask(&p);
			i = map_first(&v->map, rov_hash(v, &p), &pos);
			for (; i != MAP_NONE; i = map_next(&v->map, &pos)) {
				r = &v->vrps[i];
				if ((r->sources & ROV_TRUE) == 0 ||
				    !rov_is_at(r, &p))
					continue;
				if (source_as != 0 && r->asn == source_as &&
				    prefix->len_bits <= r->max_len)
					return ROV_VALID;
				state = ROV_INVALID;
			}
		}
		if (p.len_bits == 0)
			return state;
	}
}
