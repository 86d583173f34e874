/* SPDX-License-Identifier: ISC */
/* What is wanted of an MRT file, and whether something is that. */
#include "api/ctl/mrt.h"

#include "common/attr/aspath.h"
#include "common/attr/attr.h"

#include <string.h>

static const char *const as_keys[MRT_N_AS] = {
	[MRT_AS] = "as",
	[MRT_AS_PEER] = "peer-as",
	[MRT_AS_SOURCE] = "source-as",
	[MRT_AS_TRANSIT] = "transit-as",
};

static const struct { const char *word; unsigned id; } family_rows[] = {
	{ "inet", NLRI_IPV4_UNICAST },
	{ "inet6", NLRI_IPV6_UNICAST },
	{ "VPNv4", NLRI_IPV4_VPN },
	{ "VPNv6", NLRI_IPV6_VPN },
};

#define N(rows)	(sizeof(rows) / sizeof(rows[0]))

/* An address is wanted in what covers it: to find the longest one would have
 * to see all first. */
static const char *
read_prefix(struct mrt_filter *f, const char *text, const char *match)
{
	if (prefix_parse(text, &f->prefix) != 0)
		return "invalid prefix";
	prefix_mask(&f->prefix);
	f->has_prefix = true;
	f->match = strchr(text, '/') == NULL ? MRT_SHORTER : MRT_EXACT;
	if (match != NULL)
		f->match = strcmp(match, "or-longer") == 0 ? MRT_LONGER :
		    MRT_SHORTER;
	return NULL;
}

const char *
mrt_filter_read(struct mrt_filter *f, const struct ctl_request *r)
{
	const char *family = ctl_text(r, "family");
	const char *neighbor = ctl_text(r, "neighbor");
	const char *prefix = ctl_text(r, "prefix");
	unsigned i;

	*f = (struct mrt_filter){ .family_mask = UINT32_MAX };
	for (i = 0; family != NULL && i < N(family_rows); i++)
		if (strcmp(family_rows[i].word, family) == 0)
			f->family_mask = 1u << family_rows[i].id;
	for (i = 0; i < MRT_N_AS; i++) {
		if (!ctl_has(r, as_keys[i]))
			continue;
		f->as_mask |= (uint8_t)(1u << i);
		f->as[i] = (uint32_t)ctl_number(r, as_keys[i]);
	}
	f->is_empty_as = ctl_has(r, "empty-as");
	f->has_neighbor = neighbor != NULL;
	if (neighbor != NULL && addr_parse(neighbor, &f->neighbor) != 0)
		return "neighbor: an address is needed, files have no names";
	return prefix == NULL ? NULL : read_prefix(f, prefix,
	    ctl_text(r, "match"));
}

bool
mrt_filter_has_nlri(const struct mrt_filter *f, const struct nlri *n)
{
	struct prefix p;

	if ((f->family_mask >> n->family->id & 1) == 0)
		return false;
	if (!f->has_prefix)
		return true;
	if (nlri_to_prefix(n, &p) != 0)
		return false;
	prefix_mask(&p);
	switch ((enum mrt_match)f->match) {
	case MRT_LONGER:
		return prefix_covers(&f->prefix, &p);
	case MRT_SHORTER:
		return prefix_covers(&p, &f->prefix);
	case MRT_EXACT:
		break;
	}
	return prefix_compare(&f->prefix, &p) == 0;
}

bool
mrt_filter_has_neighbor(const struct mrt_filter *f, const struct addr *a)
{
	return !f->has_neighbor || addr_is_equal(&f->neighbor, a);
}

/* Any AS but the last. */
static bool
is_transit(struct rd path, uint32_t as)
{
	unsigned left = aspath_n_asns(path), n;

	while (buf_left(&path) > 0) {
		buf_get_u8(&path);
		for (n = buf_get_u8(&path); n > 0; n--) {
			if (buf_get_u32(&path) == as && left > 1)
				return true;
			left--;
		}
	}
	return false;
}

static bool
as_matches(enum mrt_as kind, struct rd path, uint32_t as)
{
	switch (kind) {
	case MRT_AS_PEER:
		return aspath_neighbor(path) == as;
	case MRT_AS_SOURCE:
		return aspath_origin(path) == as;
	case MRT_AS_TRANSIT:
		return is_transit(path, as);
	default:
		return aspath_contains(path, as);
	}
}

bool
mrt_filter_has_path(const struct mrt_filter *f, struct rd block)
{
	struct rd path = buf_reader(NULL, 0);
	struct attr a;
	unsigned i;

	if (attr_get(block, ATTR_AS_PATH, &a))
		path = a.value;
	if (f->is_empty_as && aspath_n_asns(path) != 0)
		return false;
	for (i = 0; i < MRT_N_AS; i++) {
		if ((f->as_mask >> i & 1) != 0 &&
		    !as_matches((enum mrt_as)i, path, f->as[i]))
			return false;
	}
	return true;
}

bool
mrt_filter_is_of_routes(const struct mrt_filter *f)
{
	return f->has_prefix || f->is_empty_as || f->as_mask != 0 ||
	    f->family_mask != UINT32_MAX;
}
