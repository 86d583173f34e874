/* SPDX-License-Identifier: ISC */
/*
 * ASPA records and the verification of paths. A path is collapsed (prepends
 * once), then each pair of neighbors is asked about in both directions.
 */
#include "rde/aspa.h"

#include "common/attr/aspath.h"
#include "common/bgp.h"
#include "common/config.h"
#include "common/rtr_delta.h"
#include "rde/hash.h"

#include <err.h>
#include <stdlib.h>
#include <string.h>

#define PATH_MAX_ASNS	1024	/* longer than any that is taken in */

enum hop { HOP_UNKNOWN, HOP_NOT_PROVIDER, HOP_PROVIDER };

void
aspa_init(struct aspa *a, uint64_t seed)
{
	memset(a, 0, sizeof(*a));
	a->seed = seed;
	a->serial = 1;
	map_init(&a->map);
}

void
aspa_fini(struct aspa *a)
{
	uint32_t i, k;

	for (i = 0; i < a->n_records; i++) {
		for (k = 0; k < ASPA_N_SOURCES; k++)
			free(a->records[i].lists[k]);
		free(a->records[i].all);
	}
	free(a->records);
	map_fini(&a->map);
	memset(a, 0, sizeof(*a));
}

static struct aspa_record *
aspa_find(const struct aspa *a, uint32_t customer)
{
	struct map_pos pos;
	uint32_t i;

	if (a->n_records == 0)
		return NULL;
	i = map_first(&a->map, hash_u64(customer, a->seed), &pos);
	while (i != MAP_NONE && a->records[i].customer != customer)
		i = map_next(&a->map, &pos);
	return i == MAP_NONE ? NULL : &a->records[i];
}

static struct aspa_record *
aspa_add(struct aspa *a, uint32_t customer)
{
	uint32_t i = a->n_records++;

	if (i == a->cap_records) {
		a->cap_records = i == 0 ? 64 : i * 2;
		a->records = reallocarray(a->records, a->cap_records,
		    sizeof(*a->records));
		if (a->records == NULL)
			err(1, "aspa");
	}
	a->records[i] = (struct aspa_record){ .customer = customer };
	map_add(&a->map, hash_u64(customer, a->seed), i);
	return &a->records[i];
}

static uint32_t *
asn_list(uint32_t n)
{
	uint32_t *list = reallocarray(NULL, n + 1, sizeof(*list));

	if (list == NULL)
		err(1, "aspa");
	return list;
}

/* The union anew; true when it is another one. */
static bool
record_unite(struct aspa *a, struct aspa_record *r)
{
	uint32_t *all, n = 0, k;
	bool is_changed;

	all = asn_list(r->n_lists[ASPA_CONF] + r->n_lists[ASPA_RTR]);
	for (k = 0; k < ASPA_N_SOURCES; k++) {
		if (r->n_lists[k] != 0)
			memcpy(all + n, r->lists[k],
			    r->n_lists[k] * sizeof(*all));
		n += r->n_lists[k];
	}
	n = rtr_asn_unique(all, n);
	is_changed = n != r->n_all || (n != 0 &&
	    memcmp(all, r->all, n * sizeof(*all)) != 0);
	if (is_changed) {
		a->n_true += (uint32_t)(n != 0) - (uint32_t)(r->n_all != 0);
		a->serial++;
	}
	free(r->all);
	r->all = all;
	r->n_all = n;
	return is_changed;
}

bool
aspa_set(struct aspa *a, uint32_t customer, enum aspa_source source,
    const uint32_t *providers, uint32_t n)
{
	struct aspa_record *r = aspa_find(a, customer);

	if (r == NULL && n == 0)
		return false;
	if (r == NULL)
		r = aspa_add(a, customer);
	free(r->lists[source]);
	r->lists[source] = NULL;
	if (n != 0) {
		r->lists[source] = asn_list(n);
		memcpy(r->lists[source], providers, n * sizeof(*providers));
		n = rtr_asn_unique(r->lists[source], n);
	}
	r->n_lists[source] = n;
	return record_unite(a, r);
}

bool
aspa_configure(struct aspa *a, const struct config *c, int64_t now_sec,
    int64_t *next)
{
	const struct conf_aspa *one;
	struct aspa_record *r;
	bool is_changed = false;
	uint32_t i;
	size_t k;

	*next = 0;
	for (k = 0; k < c->n_aspas; k++) {
		one = &c->aspas[k];
		if (one->expires != 0 && one->expires <= now_sec)
			continue;
		is_changed |= aspa_set(a, one->customer, ASPA_CONF,
		    one->providers, (uint32_t)one->n_providers);
		r = aspa_find(a, one->customer);
		if (r != NULL)
			r->is_seen = true;
		if (one->expires != 0 && (*next == 0 || one->expires < *next))
			*next = one->expires;
	}
	for (i = 0; i < a->n_records; i++) {
		r = &a->records[i];
		if (!r->is_seen && r->n_lists[ASPA_CONF] != 0)
			is_changed |= aspa_set(a, r->customer, ASPA_CONF,
			    NULL, 0);
		r->is_seen = false;
	}
	return is_changed;
}

/* Section 6: whether customer attested provider. */
static enum hop
aspa_hop(const struct aspa *a, uint32_t customer, uint32_t provider)
{
	const struct aspa_record *r = aspa_find(a, customer);

	if (r == NULL || r->n_all == 0)
		return HOP_UNKNOWN;
	return bsearch(&provider, r->all, r->n_all, sizeof(*r->all),
	    rtr_asn_compare) == NULL ? HOP_NOT_PROVIDER : HOP_PROVIDER;
}

/* Distinct ASes, the neighbor's first; 0 for a path that cannot be judged. */
static uint32_t
path_collapse(struct rd path, uint32_t *asns)
{
	uint32_t n = 0, asn;
	unsigned type, k;

	while (buf_left(&path) > 0) {
		type = buf_get_u8(&path);
		k = buf_get_u8(&path);
		if (type != AS_SEQUENCE)
			return 0;
		for (; k > 0; k--) {
			asn = buf_get_u32(&path);
			if (n > 0 && asns[n - 1] == asn)
				continue;
			if (n == PATH_MAX_ASNS)
				return 0;
			asns[n++] = asn;
		}
	}
	return path.is_short ? 0 : n;
}

/* How far pairs go on as attested: certainly, and possibly. */
struct ramp {
	uint32_t	min, max;	/* ASes, 1..n */
};

/* From the origin (the last) towards the neighbor. */
static struct ramp
ramp_up(const struct aspa *a, const uint32_t *asns, uint32_t n)
{
	struct ramp r = { n, n };
	enum hop hop;
	uint32_t i;

	for (i = 1; i < n; i++) {
		hop = aspa_hop(a, asns[n - i], asns[n - i - 1]);
		if (hop != HOP_PROVIDER && r.min == n)
			r.min = i;
		if (hop == HOP_NOT_PROVIDER) {
			r.max = i;
			break;
		}
	}
	return r;
}

/* From the neighbor (the first) towards the origin. */
static struct ramp
ramp_down(const struct aspa *a, const uint32_t *asns, uint32_t n)
{
	struct ramp r = { n, n };
	enum hop hop;
	uint32_t i;

	for (i = 1; i < n; i++) {
		hop = aspa_hop(a, asns[i - 1], asns[i]);
		if (hop != HOP_PROVIDER && r.min == n)
			r.min = i;
		if (hop == HOP_NOT_PROVIDER) {
			r.max = i;
			break;
		}
	}
	return r;
}

static uint8_t
ramp_state(uint32_t max, uint32_t min, uint32_t n)
{
	return max < n ? ROV_INVALID : min < n ? ROV_NOT_FOUND : ROV_VALID;
}

struct aspa_states
aspa_verify(const struct aspa *a, struct rd path)
{
	struct aspa_states s = { ROV_INVALID, ROV_INVALID };
	uint32_t asns[PATH_MAX_ASNS];
	uint32_t n = path_collapse(path, asns);
	struct ramp up, down;

	if (n == 0)
		return s;
	up = ramp_up(a, asns, n);
	s.up = ramp_state(up.max, up.min, n);
	if (n <= 2) {
		s.down = ROV_VALID;
		return s;
	}
	down = ramp_down(a, asns, n);
	s.down = ramp_state(up.max + down.max, up.min + down.min, n);
	return s;
}
