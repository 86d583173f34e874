/* SPDX-License-Identifier: ISC */
/* Which of several paths is best. */
#include "rde/decide.h"

#include "common/addr.h"
#include "rde/attrset.h"

#include <stdlib.h>

static int
number_compare(uint32_t a, uint32_t b)
{
	return a < b ? -1 : a > b;
}

/* Steps before MED: a total order. */
static int
compare_head(const struct decide_path *a, const struct decide_path *b)
{
	unsigned stale = (a->attr->flags ^ b->attr->flags) &
	    ATTRSET_LLGR_STALE;
	int r;

	/* RFC 9494 4.3: a last resort. */
	if (stale != 0)
		return a->attr->flags & ATTRSET_LLGR_STALE ? 1 : -1;
	if ((r = number_compare(b->attr->local_pref, a->attr->local_pref)))
		return r;
	if ((r = number_compare(a->attr->path_len, b->attr->path_len)))
		return r;
	return number_compare(a->attr->origin, b->attr->origin);
}

static uint32_t
path_router_id(const struct decide_path *p)
{
	return p->attr->flags & ATTRSET_HAS_ORIGINATOR ?
	    attrset_originator(p->attr) : p->router_id;
}

/* Steps after MED: a total order, too. */
static int
compare_tail(const struct decide_path *a, const struct decide_path *b,
    const struct decide_options *o)
{
	int r;

	if (a->is_ebgp != b->is_ebgp)
		return a->is_ebgp ? -1 : 1;
	if ((r = number_compare(b->attr->weight, a->attr->weight)))
		return r;
	if (o->evaluates_age && (r = number_compare(a->age, b->age)))
		return r;
	if ((r = number_compare(path_router_id(a), path_router_id(b))))
		return r;
	if ((r = number_compare(a->attr->cluster_len, b->attr->cluster_len)))
		return r;
	if ((r = addr_compare(a->peer_addr, b->peer_addr)))
		return r;
	return number_compare(a->path_id, b->path_id);
}

static bool
is_med_comparable(const struct decide_path *a, const struct decide_path *b,
    const struct decide_options *o)
{
	return o->med_always ||
	    (a->attr->neighbor_as == b->attr->neighbor_as);
}

int
decide_compare(const struct decide_path *a, const struct decide_path *b,
    const struct decide_options *o)
{
	int r;

	if ((r = compare_head(a, b)))
		return r;
	if (is_med_comparable(a, b, o) &&
	    (r = number_compare(a->attr->med, b->attr->med)))
		return r;
	return compare_tail(a, b, o);
}

/* Whether some path that is as good so far beats path i by its MED. */
static bool
is_beaten_by_med(const struct decide_path *p, size_t n, size_t i,
    const struct decide_options *o)
{
	size_t j;

	for (j = 0; j < n; j++) {
		if (j != i && p[j].attr->med < p[i].attr->med &&
		    is_med_comparable(&p[j], &p[i], o) &&
		    compare_head(&p[j], &p[i]) == 0)
			return true;
	}
	return false;
}

size_t
decide_best(const struct decide_path *p, size_t n,
    const struct decide_options *o)
{
	size_t first = 0, best, i;
	bool has_best = false;

	for (i = 1; i < n; i++) {
		if (compare_head(&p[i], &p[first]) < 0)
			first = i;
	}
	best = first;
	for (i = 0; i < n; i++) {
		if (compare_head(&p[i], &p[first]) != 0 ||
		    is_beaten_by_med(p, n, i, o))
			continue;
		if (!has_best || compare_tail(&p[i], &p[best], o) < 0)
			best = i;
		has_best = true;
	}
	return best;
}

/* Those that MED is compared between become neighbors in this order. */
static int
compare_layers(const void *va, const void *vb)
{
	const struct decide_rank *a = va, *b = vb;
	int r;

	if ((r = compare_head(a->path, b->path)))
		return r;
	if (!a->options->med_always &&
	    (r = number_compare(a->path->attr->neighbor_as,
	    b->path->attr->neighbor_as)))
		return r;
	return number_compare(a->path->attr->med, b->path->attr->med);
}

static int
compare_ranks(const void *va, const void *vb)
{
	const struct decide_rank *a = va, *b = vb;
	int r;

	if ((r = compare_head(a->path, b->path)))
		return r;
	if ((r = number_compare(a->layer, b->layer)))
		return r;
	if ((r = compare_tail(a->path, b->path, a->options)))
		return r;
	return number_compare(a->index, b->index);
}

static uint8_t
rank_class(const struct decide_rank *r, const struct decide_rank *best)
{
	const struct decide_path *a = r->path, *b = best->path;

	if (r == best)
		return DECIDE_BEST;
	if (r->layer != 0 || compare_head(a, b) != 0)
		return DECIDE_VALID;
	return a->is_ebgp == b->is_ebgp && a->attr->weight == b->attr->weight ?
	    DECIDE_ECMP : DECIDE_AS_WIDE;
}

void
decide_rank(const struct decide_path *p, size_t n,
    const struct decide_options *o, struct decide_rank *out)
{
	size_t i;

	for (i = 0; i < n; i++)
		out[i] = (struct decide_rank){ .path = &p[i], .options = o,
		    .index = (uint32_t)i };
	if (n > 1)
		qsort(out, n, sizeof(*out), compare_layers);
	for (i = 1; i < n; i++) {
		if (compare_head(out[i - 1].path, out[i].path) != 0 ||
		    !is_med_comparable(out[i - 1].path, out[i].path, o))
			continue;
		out[i].layer = out[i - 1].layer +
		    (out[i - 1].path->attr->med != out[i].path->attr->med);
	}
	if (n > 1)
		qsort(out, n, sizeof(*out), compare_ranks);
	for (i = 0; i < n; i++)
		out[i].class = rank_class(&out[i], &out[0]);
}
