/* SPDX-License-Identifier: ISC */
/* VRPs and ASPA records of all caches. */
#include "session/rtr_set.h"

#include "common/chan.h"
#include "common/err.h"
#include "common/rtr_delta.h"

#include <err.h>
#include <stdlib.h>
#include <string.h>

#define NONE		UINT32_MAX
#define HEADS_MIN	1024
#define MUL		UINT64_C(0x9e3779b97f4a7c15)

void
rtr_set_init(struct rtr_set *s, uint64_t seed)
{
	memset(s, 0, sizeof(*s));
	s->seed = seed;
	s->free_vrp = NONE;
	buf_writer_growing(&s->batch, IMSG_DATA_MAX);
}

static void
aspa_free(struct rtr_aspa *a)
{
	struct rtr_part *p;

	while ((p = a->parts) != NULL) {
		a->parts = p->next;
		free(p->have);
		free(p->staged);
		free(p);
	}
}

void
rtr_set_fini(struct rtr_set *s)
{
	uint32_t i;

	for (i = 0; i < s->n_aspas; i++)
		aspa_free(&s->aspas[i]);
	free(s->vrps);
	free(s->vrp_heads);
	free(s->aspas);
	free(s->aspa_heads);
	buf_free(&s->batch);
	memset(s, 0, sizeof(*s));
}

/* Seeded, so that a cache cannot choose what collides. */
static uint64_t
set_mix(uint64_t h, uint64_t v)
{
	h = (h ^ v) * MUL;
	return h ^ h >> 29;
}

static uint32_t
vrp_hash(const struct rtr_set *s, const struct rtr_vrp *v)
{
	uint64_t a, b;

	memcpy(&a, v->bytes, 8);
	memcpy(&b, v->bytes + 8, 8);
	a = set_mix(s->seed, a);
	a = set_mix(a, b);
	a = set_mix(a, (uint64_t)v->asn << 32 | (uint32_t)v->family << 16 |
	    (uint32_t)v->len_bits << 8 | v->max_len);
	return (uint32_t)(set_mix(a, 1) >> 32);
}

static uint32_t
aspa_hash(const struct rtr_set *s, uint32_t customer)
{
	return (uint32_t)(set_mix(set_mix(s->seed, customer), 1) >> 32);
}

static void *
set_grow(void *p, uint32_t *cap, size_t size)
{
	*cap = *cap == 0 ? HEADS_MIN : *cap * 2;
	p = reallocarray(p, *cap, size);
	if (p == NULL)
		err(1, "rtr");
	return p;
}

static uint32_t *
set_heads(uint32_t n)
{
	uint32_t *heads = reallocarray(NULL, n, sizeof(*heads));

	if (heads == NULL)
		err(1, "rtr");
	memset(heads, 0xff, n * sizeof(*heads));
	return heads;
}

static void
vrp_rehash(struct rtr_set *s)
{
	uint32_t i, *head;

	free(s->vrp_heads);
	s->n_vrp_heads = s->cap_vrps;
	s->vrp_heads = set_heads(s->n_vrp_heads);
	for (i = 0; i < s->n_vrps; i++) {
		if (s->vrps[i].family == ADDR_NONE)
			continue;
		head = &s->vrp_heads[vrp_hash(s, &s->vrps[i]) &
		    (s->n_vrp_heads - 1)];
		s->vrps[i].chain = *head;
		*head = i;
	}
}

static uint32_t
vrp_find(const struct rtr_set *s, const struct rtr_vrp *key)
{
	const struct rtr_vrp *v;
	uint32_t i;

	if (s->n_vrp_heads == 0)
		return NONE;
	i = s->vrp_heads[vrp_hash(s, key) & (s->n_vrp_heads - 1)];
	for (; i != NONE; i = v->chain) {
		v = &s->vrps[i];
		if (v->asn == key->asn && v->len_bits == key->len_bits &&
		    v->max_len == key->max_len && v->family == key->family &&
		    memcmp(v->bytes, key->bytes, sizeof(v->bytes)) == 0)
			return i;
	}
	return NONE;
}

static uint32_t
vrp_add(struct rtr_set *s, const struct rtr_vrp *key)
{
	uint32_t i = s->free_vrp, *head;

	if (i != NONE) {
		s->free_vrp = s->vrps[i].chain;
	} else {
		if (s->n_vrps >= RTR_VRPS_MAX)
			return NONE;
		if (s->n_vrps == s->cap_vrps) {
			s->vrps = set_grow(s->vrps, &s->cap_vrps,
			    sizeof(*s->vrps));
			vrp_rehash(s);
		}
		i = s->n_vrps++;
	}
	s->vrps[i] = *key;
	head = &s->vrp_heads[vrp_hash(s, key) & (s->n_vrp_heads - 1)];
	s->vrps[i].chain = *head;
	*head = i;
	return i;
}

static void
vrp_del(struct rtr_set *s, uint32_t i)
{
	uint32_t *link = &s->vrp_heads[vrp_hash(s, &s->vrps[i]) &
	    (s->n_vrp_heads - 1)];

	while (*link != i)
		link = &s->vrps[*link].chain;
	*link = s->vrps[i].chain;
	s->vrps[i].family = ADDR_NONE;
	s->vrps[i].chain = s->free_vrp;
	s->free_vrp = i;
}

int
rtr_set_vrp(struct rtr_set *s, unsigned cache, const struct prefix *p,
    uint8_t max_len, uint32_t asn, bool is_announce, bool is_full)
{
	struct rtr_vrp key = {
		.family = p->addr.family, .len_bits = p->len_bits,
		.max_len = max_len, .asn = asn,
	};
	uint32_t bit = 1u << cache, i;
	struct rtr_vrp *v;
	bool has = false;

	memcpy(key.bytes, p->addr.bytes, sizeof(key.bytes));
	i = vrp_find(s, &key);
	if (i != NONE) {
		v = &s->vrps[i];
		has = v->touched & bit ? (v->next & bit) != 0 :
		    !is_full && (v->have & bit) != 0;
	}
	if (has == is_announce)
		return is_announce ? ERR_EXISTS : ERR_ABSENT;
	if (i == NONE && (i = vrp_add(s, &key)) == NONE)
		return ERR_FULL;
	v = &s->vrps[i];
	v->touched |= bit;
	v->next = is_announce ? v->next | bit : v->next & ~bit;
	return 0;
}

static struct rtr_aspa *
aspa_find(const struct rtr_set *s, uint32_t customer)
{
	uint32_t i;

	if (s->n_aspa_heads == 0)
		return NULL;
	i = s->aspa_heads[aspa_hash(s, customer) & (s->n_aspa_heads - 1)];
	while (i != NONE && s->aspas[i].customer != customer)
		i = s->aspas[i].chain;
	return i == NONE ? NULL : &s->aspas[i];
}

static void
aspa_link(struct rtr_set *s, uint32_t i)
{
	uint32_t *head = &s->aspa_heads[aspa_hash(s, s->aspas[i].customer) &
	    (s->n_aspa_heads - 1)];

	s->aspas[i].chain = *head;
	*head = i;
}

/* Customers stay once they were met: there are as many as AS numbers. */
static struct rtr_aspa *
aspa_add(struct rtr_set *s, uint32_t customer)
{
	uint32_t i;

	if (s->n_aspas >= RTR_ASPAS_MAX)
		return NULL;
	if (s->n_aspas == s->cap_aspas) {
		s->aspas = set_grow(s->aspas, &s->cap_aspas,
		    sizeof(*s->aspas));
		free(s->aspa_heads);
		s->n_aspa_heads = s->cap_aspas;
		s->aspa_heads = set_heads(s->n_aspa_heads);
		for (i = 0; i < s->n_aspas; i++)
			aspa_link(s, i);
	}
	i = s->n_aspas++;
	s->aspas[i] = (struct rtr_aspa){ .customer = customer };
	aspa_link(s, i);
	return &s->aspas[i];
}

static struct rtr_part *
aspa_part(struct rtr_aspa *a, unsigned cache, bool is_made)
{
	struct rtr_part *p;

	for (p = a->parts; p != NULL && p->cache != cache; p = p->next)
		;
	if (p != NULL || !is_made)
		return p;
	p = calloc(1, sizeof(*p));
	if (p == NULL)
		err(1, "rtr");
	p->cache = (uint8_t)cache;
	p->next = a->parts;
	a->parts = p;
	return p;
}

int
rtr_set_aspa(struct rtr_set *s, unsigned cache, uint32_t customer,
    struct rd providers, bool is_announce, bool is_full)
{
	struct rtr_aspa *a = aspa_find(s, customer);
	struct rtr_part *p = a == NULL ? NULL : aspa_part(a, cache, false);
	bool has = p != NULL && (p->is_staged ? p->staged != NULL :
	    !is_full && p->have != NULL);
	uint32_t n = (uint32_t)(buf_left(&providers) / 4), i;

	if (!is_announce && !has)
		return ERR_ABSENT;
	if (a == NULL && (a = aspa_add(s, customer)) == NULL)
		return ERR_FULL;
	p = aspa_part(a, cache, true);
	free(p->staged);
	p->staged = NULL;
	p->n_staged = 0;
	p->is_staged = true;
	if (!is_announce)
		return 0;
	p->staged = reallocarray(NULL, n + 1, sizeof(*p->staged));
	if (p->staged == NULL)
		err(1, "rtr");
	for (i = 0; i < n; i++)
		p->staged[i] = buf_get_u32(&providers);
	p->n_staged = rtr_asn_unique(p->staged, n);
	return 0;
}

/*
 * Telling the RDE.
 */
static void
set_flush(struct rtr_set *s, struct chan *rde, enum imsg_type type)
{
	if (s->batch.len != 0 && rde != NULL)
		chan_send(rde, type, 0, s->batch.base, s->batch.len);
	buf_reset(&s->batch);
}

static void
vrp_tell(struct rtr_set *s, const struct rtr_vrp *v, struct chan *rde)
{
	struct rtr_delta_vrp d = {
		.is_announce = v->have != 0, .max_len = v->max_len,
		.asn = v->asn, .prefix = {
			.addr.family = v->family, .len_bits = v->len_bits,
		},
	};

	memcpy(d.prefix.addr.bytes, v->bytes, sizeof(v->bytes));
	rtr_delta_put_vrp(&s->batch, &d);
	if (s->batch.len > IMSG_BATCH_BYTES)
		set_flush(s, rde, IMSG_VRP_DELTA);
}

/* The providers that any cache says. */
static void
aspa_tell(struct rtr_set *s, const struct rtr_aspa *a, struct chan *rde)
{
	const struct rtr_part *p;
	uint32_t *all, n = 0;

	for (p = a->parts; p != NULL; p = p->next)
		n += p->n_have;
	all = reallocarray(NULL, n + 1, sizeof(*all));
	if (all == NULL)
		err(1, "rtr");
	n = 0;
	for (p = a->parts; p != NULL; p = p->next) {
		if (p->n_have != 0)
			memcpy(all + n, p->have, p->n_have * sizeof(*all));
		n += p->n_have;
	}
	n = rtr_asn_unique(all, n);
	if (n > RTR_DELTA_PROVIDERS_MAX)
		n = RTR_DELTA_PROVIDERS_MAX;
	rtr_delta_put_aspa(&s->batch, a->customer, all, n);
	if (s->batch.len > IMSG_BATCH_BYTES)
		set_flush(s, rde, IMSG_ASPA_DELTA);
	free(all);
}

/*
 * The walk.
 */
static void
vrp_work(struct rtr_set *s, uint32_t i, const struct rtr_walk *w,
    struct chan *rde)
{
	struct rtr_vrp *v = &s->vrps[i];
	uint32_t bit = 1u << w->cache;
	bool had = v->have != 0;

	if (v->family == ADDR_NONE)
		return;
	if (w->work == RTR_FORGET || (w->work == RTR_COMMIT_FULL &&
	    (v->touched & bit) == 0))
		v->have &= ~bit;
	else if (w->work != RTR_ABORT && (v->touched & bit))
		v->have = (v->have & ~bit) | (v->next & bit);
	v->touched &= ~bit;
	v->next &= ~bit;
	if (had != (v->have != 0))
		vrp_tell(s, v, rde);
	if (v->have == 0 && v->touched == 0)
		vrp_del(s, i);
}

static void
part_set(struct rtr_part *p, uint32_t *list, uint32_t n)
{
	free(p->have);
	p->have = list;
	p->n_have = n;
}

static void
aspa_work(struct rtr_set *s, uint32_t i, const struct rtr_walk *w,
    struct chan *rde)
{
	struct rtr_aspa *a = &s->aspas[i];
	struct rtr_part *p = aspa_part(a, w->cache, false), **link;
	bool is_told = false;

	if (p == NULL)
		return;
	if (w->work == RTR_FORGET || (w->work == RTR_COMMIT_FULL &&
	    !p->is_staged)) {
		is_told = p->have != NULL;
		part_set(p, NULL, 0);
	} else if (w->work != RTR_ABORT && p->is_staged) {
		is_told = p->n_have != p->n_staged || (p->n_have != 0 &&
		    memcmp(p->have, p->staged,
		    p->n_have * sizeof(*p->have)) != 0);
		part_set(p, p->staged, p->n_staged);
		p->staged = NULL;
	}
	free(p->staged);
	p->staged = NULL;
	p->n_staged = 0;
	p->is_staged = false;
	if (is_told)
		aspa_tell(s, a, rde);
	if (p->have != NULL)
		return;
	for (link = &a->parts; *link != p; link = &(*link)->next)
		;
	*link = p->next;
	free(p);
}

bool
rtr_set_walk(struct rtr_set *s, struct rtr_walk *w, struct chan *rde,
    unsigned n)
{
	if (w->work == RTR_IDLE)
		return true;
	if (rde != NULL && chan_is_full(rde))
		return false;
	for (; n > 0 && w->vrp < s->n_vrps; n--)
		vrp_work(s, w->vrp++, w, rde);
	set_flush(s, rde, IMSG_VRP_DELTA);
	for (; n > 0 && w->aspa < s->n_aspas; n--)
		aspa_work(s, w->aspa++, w, rde);
	set_flush(s, rde, IMSG_ASPA_DELTA);
	if (w->vrp < s->n_vrps || w->aspa < s->n_aspas)
		return false;
	w->work = RTR_IDLE;
	return true;
}

static bool
aspa_is_told(const struct rtr_aspa *a)
{
	const struct rtr_part *p;

	for (p = a->parts; p != NULL; p = p->next)
		if (p->have != NULL)
			return true;
	return false;
}

bool
rtr_set_tell(struct rtr_set *s, struct rtr_walk *w, struct chan *rde,
    unsigned n)
{
	if (w->work == RTR_IDLE || rde == NULL)
		return true;
	if (chan_is_full(rde))
		return false;
	for (; n > 0 && w->vrp < s->n_vrps; n--, w->vrp++)
		if (s->vrps[w->vrp].family != ADDR_NONE &&
		    s->vrps[w->vrp].have != 0)
			vrp_tell(s, &s->vrps[w->vrp], rde);
	set_flush(s, rde, IMSG_VRP_DELTA);
	for (; n > 0 && w->aspa < s->n_aspas; n--, w->aspa++)
		if (aspa_is_told(&s->aspas[w->aspa]))
			aspa_tell(s, &s->aspas[w->aspa], rde);
	set_flush(s, rde, IMSG_ASPA_DELTA);
	if (w->vrp < s->n_vrps || w->aspa < s->n_aspas)
		return false;
	w->work = RTR_IDLE;
	return true;
}

void
rtr_set_count(const struct rtr_set *s, unsigned cache, uint32_t *n_vrps,
    uint32_t *n_aspas)
{
	const struct rtr_part *p;
	uint32_t i;

	*n_vrps = *n_aspas = 0;
	for (i = 0; i < s->n_vrps; i++)
		if (s->vrps[i].family != ADDR_NONE)
			*n_vrps += s->vrps[i].have >> cache & 1;
	for (i = 0; i < s->n_aspas; i++)
		for (p = s->aspas[i].parts; p != NULL; p = p->next)
			*n_aspas += p->cache == cache && p->have != NULL;
}
