/* SPDX-License-Identifier: ISC */
/* bgpd.conf: sets of AS numbers, prefixes and origins. */
#include "parent/conf_bgpd.h"

#include "common/arena.h"

#include <stdlib.h>
#include <string.h>

#define SET_NAME_MAX	127

static bool
set_open(struct bgpd_parser *p)
{
	return bgpd_take_char(p, '{') || bgpd_expected(p, "\"{\"");
}

static int
set_compare_asn(const void *a, const void *b)
{
	uint32_t x, y;

	memcpy(&x, a, sizeof(x));
	memcpy(&y, b, sizeof(y));
	return (x > y) - (x < y);
}

/* Sorted and unique, as lookups need it. */
static size_t
set_sort_asns(uint32_t *asns, size_t n)
{
	size_t i, k = 0;

	if (n == 0)
		return 0;
	qsort(asns, n, sizeof(*asns), set_compare_asn);
	for (i = 1; i < n; i++)
		if (asns[i] != asns[k])
			asns[++k] = asns[i];
	return k + 1;
}

bool
bgpd_parse_as_set(struct bgpd_parser *p)
{
	struct config *c = p->config;
	struct conf_as_set *s = NULL;
	uint32_t asn, *slot;
	char *name;
	size_t i;

	if (!bgpd_string(p, SET_NAME_MAX, "the name of the set", &name) ||
	    !set_open(p))
		return false;
	for (i = 0; i < c->n_as_sets; i++)
		if (strcmp(c->as_sets[i].name, name) == 0)
			s = &c->as_sets[i];
	if (s == NULL) {
		s = arena_append(c->arena, &c->as_sets, &c->n_as_sets,
		    sizeof(*s));
		s->name = name;
	}
	while (bgpd_list_goes_on(p)) {
		if (!bgpd_asn(p, true, &asn))
			return false;
		slot = arena_append(c->arena, &s->listed, &s->n_listed,
		    sizeof(*slot));
		*slot = asn;
	}
	s->asns = arena_copy(c->arena, s->listed, s->n_listed * sizeof(asn));
	s->n_asns = set_sort_asns(s->asns, s->n_listed);
	return true;
}

const struct conf_prefix_set *
bgpd_find_prefix_set(const struct config *c, const char *name)
{
	size_t i;

	for (i = 0; i < c->n_prefix_sets; i++)
		if (strcmp(c->prefix_sets[i].name, name) == 0)
			return &c->prefix_sets[i];
	return NULL;
}

static int
set_compare_prefix(const void *va, const void *vb)
{
	const struct conf_prefix *a = va, *b = vb;
	int r = prefix_compare(&a->prefix, &b->prefix);

	if (r == 0)
		r = a->len_min - b->len_min;
	if (r == 0)
		r = a->len_max - b->len_max;
	return r != 0 ? r : a->op - b->op;
}

/* Sorted; what is there twice is dropped with a warning. */
static void
set_sort_prefixes(struct bgpd_parser *p, struct conf_prefix_set *s)
{
	char text[PREFIX_TEXT_MAX];
	size_t i, n = 1, capacity = s->n_prefixes;
	struct conf_prefix *sorted;

	if (capacity == 0)
		return;
	qsort(s->prefixes, capacity, sizeof(*s->prefixes),
	    set_compare_prefix);
	for (i = 1; i < capacity; i++) {
		if (set_compare_prefix(&s->prefixes[n - 1],
		    &s->prefixes[i]) != 0)
			s->prefixes[n++] = s->prefixes[i];
		else
			bgpd_warn(p, "prefix-set \"%s\" has %s twice",
			    s->name, prefix_print(&s->prefixes[i].prefix,
			    text, sizeof(text)));
	}
	if (n == capacity)
		return;
	/* A later append must find the room that its count promises. */
	sorted = s->prefixes;
	s->prefixes = NULL;
	s->n_prefixes = 0;
	for (i = 0; i < n; i++)
		*(struct conf_prefix *)arena_append(p->config->arena,
		    &s->prefixes, &s->n_prefixes, sizeof(*sorted)) =
		    sorted[i];
}

bool
bgpd_parse_prefix_set(struct bgpd_parser *p)
{
	struct config *c = p->config;
	struct conf_prefix_set *s = NULL;
	struct conf_prefix one, *slot;
	char *name;
	bool has_op;
	size_t i;

	if (!bgpd_string(p, SET_NAME_MAX, "the name of the set", &name) ||
	    !set_open(p))
		return false;
	for (i = 0; i < c->n_prefix_sets; i++)
		if (strcmp(c->prefix_sets[i].name, name) == 0)
			s = &c->prefix_sets[i];
	if (s == NULL) {
		s = arena_append(c->arena, &c->prefix_sets,
		    &c->n_prefix_sets, sizeof(*s));
		s->name = name;
	}
	while (bgpd_list_goes_on(p)) {
		memset(&one, 0, sizeof(one));
		if (!bgpd_prefix(p, true, &one.prefix) ||
		    !bgpd_prefix_lengths(p, &one, &has_op))
			return false;
		slot = arena_append(c->arena, &s->prefixes, &s->n_prefixes,
		    sizeof(*slot));
		*slot = one;
	}
	set_sort_prefixes(p, s);
	return true;
}

/* prefix [maxlen n] source-as asn [expires t] */
static bool
set_parse_roa(struct bgpd_parser *p, bool may_expire, struct conf_roa *r)
{
	int64_t n = 0;

	memset(r, 0, sizeof(*r));
	if (!bgpd_prefix(p, true, &r->prefix))
		return false;
	r->max_len = r->prefix.len_bits;
	if (bgpd_take(p, "maxlen")) {
		if (!bgpd_number(p, r->prefix.len_bits,
		    addr_bits(r->prefix.addr.family), "a prefix length", &n))
			return false;
		r->max_len = (uint8_t)n;
	}
	if (!bgpd_take(p, "source-as"))
		return bgpd_expected(p, "source-as");
	if (!bgpd_asn(p, true, &r->asn))
		return false;
	if (!bgpd_is(p, "expires"))
		return true;
	if (!may_expire)
		return bgpd_fail(p, "expires is for roa-set only");
	bgpd_next(p);
	return bgpd_number(p, 0, INT64_MAX, "seconds since 1970",
	    &r->expires);
}

static int
set_compare_roa(const void *va, const void *vb)
{
	const struct conf_roa *a = va, *b = vb;
	int r = prefix_compare(&a->prefix, &b->prefix);

	if (r == 0)
		r = (a->asn > b->asn) - (a->asn < b->asn);
	return r != 0 ? r : a->max_len - b->max_len;
}

/* The later of two expiries; 0 is never. */
static int64_t
set_later(int64_t a, int64_t b)
{
	return a == 0 || b == 0 ? 0 : a > b ? a : b;
}

/* Sorted; of equal ones the one that expires last. */
static size_t
set_sort_roas(struct conf_roa *roas, size_t n_all)
{
	size_t i, n = 1;

	if (n_all == 0)
		return 0;
	qsort(roas, n_all, sizeof(*roas), set_compare_roa);
	for (i = 1; i < n_all; i++) {
		if (set_compare_roa(&roas[n - 1], &roas[i]) != 0)
			roas[n++] = roas[i];
		else
			roas[n - 1].expires = set_later(roas[n - 1].expires,
			    roas[i].expires);
	}
	return n;
}

static bool
set_parse_roas(struct bgpd_parser *p, bool may_expire, struct conf_roa **roas,
    size_t *n)
{
	struct conf_roa one, *slot;

	if (!set_open(p))
		return false;
	while (bgpd_list_goes_on(p)) {
		if (!set_parse_roa(p, may_expire, &one))
			return false;
		slot = arena_append(p->config->arena, roas, n, sizeof(*slot));
		*slot = one;
	}
	return true;
}

bool
bgpd_parse_origin_set(struct bgpd_parser *p)
{
	struct config *c = p->config;
	struct conf_roa_set *s = NULL;
	char *name;
	size_t i;

	if (!bgpd_string(p, SET_NAME_MAX, "the name of the set", &name))
		return false;
	for (i = 0; i < c->n_origin_sets; i++)
		if (strcmp(c->origin_sets[i].name, name) == 0)
			s = &c->origin_sets[i];
	if (s == NULL) {
		s = arena_append(c->arena, &c->origin_sets,
		    &c->n_origin_sets, sizeof(*s));
		s->name = name;
	}
	return set_parse_roas(p, false, &s->roas, &s->n_roas);
}

bool
bgpd_parse_roa_set(struct bgpd_parser *p)
{
	return set_parse_roas(p, true, &p->config->roas, &p->config->n_roas);
}

static int
set_compare_aspa(const void *va, const void *vb)
{
	const struct conf_aspa *a = va, *b = vb;

	return (a->customer > b->customer) - (a->customer < b->customer);
}

/* One record a customer, with all of its providers. */
static void
set_merge_aspas(struct config *c)
{
	struct conf_aspa *a;
	size_t i, k, n = 0;
	uint32_t *slot;

	if (c->n_aspas != 0)
		qsort(c->aspas, c->n_aspas, sizeof(*c->aspas),
		    set_compare_aspa);
	for (i = 0; i < c->n_aspas; i++) {
		a = n == 0 ? NULL : &c->aspas[n - 1];
		if (a == NULL || a->customer != c->aspas[i].customer) {
			c->aspas[n++] = c->aspas[i];
			continue;
		}
		a->expires = set_later(a->expires, c->aspas[i].expires);
		for (k = 0; k < c->aspas[i].n_providers; k++) {
			slot = arena_append(c->arena, &a->providers,
			    &a->n_providers, sizeof(*slot));
			*slot = c->aspas[i].providers[k];
		}
	}
	c->n_aspas = n;
	for (i = 0; i < n; i++)
		c->aspas[i].n_providers = set_sort_asns(c->aspas[i].providers,
		    c->aspas[i].n_providers);
}

void
bgpd_finish_sets(struct config *c)
{
	size_t i;

	c->n_roas = set_sort_roas(c->roas, c->n_roas);
	for (i = 0; i < c->n_origin_sets; i++)
		c->origin_sets[i].n_roas = set_sort_roas(
		    c->origin_sets[i].roas, c->origin_sets[i].n_roas);
	set_merge_aspas(c);
}

/* provider-as { asn [inet|inet6] ... } */
static bool
set_parse_providers(struct bgpd_parser *p, struct conf_aspa *a)
{
	uint32_t asn, *slot;

	if (!bgpd_take(p, "provider-as"))
		return bgpd_expected(p, "provider-as");
	if (!set_open(p))
		return false;
	while (bgpd_list_goes_on(p)) {
		if (!bgpd_asn(p, true, &asn))
			return false;
		slot = arena_append(p->config->arena, &a->providers,
		    &a->n_providers, sizeof(*slot));
		*slot = asn;
		/* The family is of older versions and means nothing. */
		if (!bgpd_take(p, "inet"))
			bgpd_take(p, "inet6");
	}
	return true;
}

bool
bgpd_parse_aspa_set(struct bgpd_parser *p)
{
	struct config *c = p->config;
	struct conf_aspa one, *slot;

	if (!set_open(p))
		return false;
	while (bgpd_list_goes_on(p)) {
		memset(&one, 0, sizeof(one));
		if (!bgpd_take(p, "customer-as"))
			return bgpd_expected(p, "customer-as");
		if (!bgpd_asn(p, true, &one.customer))
			return false;
		if (bgpd_take(p, "expires") && !bgpd_number(p, 0, INT64_MAX,
		    "seconds since 1970", &one.expires))
			return false;
		if (!set_parse_providers(p, &one))
			return false;
		slot = arena_append(c->arena, &c->aspas, &c->n_aspas,
		    sizeof(*slot));
		*slot = one;
	}
	return true;
}
