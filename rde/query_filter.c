/* SPDX-License-Identifier: ISC */
/* What a query asks for, and whether a route is that. */
#include "rde/query.h"

#include "common/arena.h"
#include "common/value.h"
#include "rde/rib.h"

#include <err.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

struct flag_row {
	const char	*key;
	size_t		 offset;	/* of a bool in struct query_filter */
};

#define FLAG(key, member) { key, offsetof(struct query_filter, member) }

static const struct flag_row flag_rows[] = {
	FLAG("raw", is_raw), FLAG("bare", is_bare),
	FLAG("detail", is_detail),
	FLAG("best", best),
	FLAG("selected", best),
	FLAG("disqualified", disqualified),
	FLAG("error", error),
	FLAG("filtered", filtered),
	FLAG("leaked", leaked),
	FLAG("empty-as", is_empty_as),
};

struct as_row {
	const char	*key;
	uint8_t		 kind;
};

static const struct as_row as_rows[] = {
	{ "as", RULE_AS_ANY },
	{ "peer-as", RULE_AS_PEER },
	{ "source-as", RULE_AS_SOURCE },
	{ "transit-as", RULE_AS_TRANSIT },
};

#define N(rows)	(sizeof(rows) / sizeof(rows[0]))

/* "inet", "IPv4", "ipv4 unicast", "IPv4 unicast" to families. */
static uint32_t
read_families(const char *name)
{
	const struct nlri_family *f;
	uint32_t mask = 0;
	unsigned i;

	if (name == NULL)
		return RDE_ALL_FAMILIES;
	if (strcasecmp(name, "inet") == 0 || strcasecmp(name, "IPv4") == 0)
		return 1u << NLRI_IPV4_UNICAST;
	if (strcasecmp(name, "inet6") == 0 || strcasecmp(name, "IPv6") == 0)
		return 1u << NLRI_IPV6_UNICAST;
	if (strcmp(name, "flowspec") == 0)
		return 1u << NLRI_IPV4_FLOW | 1u << NLRI_IPV6_FLOW;
	if (strcasecmp(name, "VPNv4") == 0)
		return 1u << NLRI_IPV4_VPN;
	if (strcasecmp(name, "VPNv6") == 0)
		return 1u << NLRI_IPV6_VPN;
	for (i = 0; i < NLRI_N_FAMILIES; i++) {
		f = nlri_by_id(i);
		if (strcasecmp(f->name, name) == 0 ||
		    strcasecmp(f->bgpd_name, name) == 0)
			mask |= 1u << i;
	}
	return mask;
}

static const char *
read_prefix(struct query_filter *f, const struct value *v)
{
	const char *text = value_get_string(v, "prefix", NULL);
	const char *match = value_get_string(v, "match", "");

	if (text == NULL)
		return NULL;
	if (prefix_parse(text, &f->prefix) != 0)
		return "invalid prefix";
	prefix_mask(&f->prefix);
	f->match = strchr(text, '/') == NULL ? QUERY_LONGEST : QUERY_EXACT;
	if (strcmp(match, "or-longer") == 0)
		f->match = QUERY_LONGER;
	else if (strcmp(match, "or-shorter") == 0)
		f->match = QUERY_SHORTER;
	f->family_mask &= f->prefix.addr.family == ADDR_IPV4 ?
	    1u << NLRI_IPV4_UNICAST | 1u << NLRI_IPV4_MULTICAST :
	    1u << NLRI_IPV6_UNICAST | 1u << NLRI_IPV6_MULTICAST;
	return NULL;
}

struct name_row {
	const char	*name;
	uint32_t	 value;
};

/* Names of standard communities, as in bgpd.conf(5). */
static const struct name_row name_rows[] = {
	{ "GRACEFUL_SHUTDOWN",	0xffff0000 },
	{ "BLACKHOLE",		0xffff029a },
	{ "NO_EXPORT",		0xffffff01 },
	{ "NO_ADVERTISE",	0xffffff02 },
	{ "NO_EXPORT_SUBCONFED", 0xffffff03 },
	{ "NO_PEER",		0xffffff04 },
};

static bool
read_name(const char *text, struct conf_community *c)
{
	size_t i;

	for (i = 0; i < N(name_rows); i++) {
		if (strcasecmp(name_rows[i].name, text) != 0)
			continue;
		c->part[0] = name_rows[i].value >> 16;
		c->part[1] = name_rows[i].value & 0xffff;
		return true;
	}
	return false;
}

/* "65000:*" or "1:2:3" into n parts. */
static bool
read_parts(const char *text, unsigned n, struct conf_community *c)
{
	unsigned i;
	char *end;

	for (i = 0; i < n; i++) {
		if (*text == '*') {
			c->field[i] = COMMUNITY_ANY;
			text++;
		} else {
			c->part[i] = (uint32_t)strtoul(text, &end, 10);
			if (end == text)
				return false;
			text = end;
		}
		if (i + 1 < n && *text++ != ':')
			return false;
	}
	return *text == '\0';
}

static const char *
read_communities(struct query_filter *f, const struct value *v)
{
	const char *standard = value_get_string(v, "community", NULL);
	const char *large = value_get_string(v, "large-community", NULL);
	const char *extended = value_get_string(v, "ext-community", NULL);
	struct conf_community *c;
	uint64_t n;
	char *end;

	f->rule.communities = f->communities;
	if (standard != NULL) {
		c = &f->communities[f->rule.n_communities++];
		c->kind = COMMUNITY_STANDARD;
		if (!read_name(standard, c) && !read_parts(standard, 2, c))
			return "invalid community";
	}
	if (large != NULL) {
		c = &f->communities[f->rule.n_communities++];
		c->kind = COMMUNITY_LARGE;
		if (!read_parts(large, 3, c))
			return "invalid large-community";
	}
	if (extended != NULL) {
		c = &f->communities[f->rule.n_communities++];
		c->kind = COMMUNITY_EXTENDED;
		n = strtoull(extended, &end, 16);
		if (*end != '\0')
			return "invalid ext-community";
		c->ext_type = (uint16_t)(n >> 48);
		c->ext_value = n & 0xffffffffffffu;
	}
	return NULL;
}

static uint8_t
read_state(const char *word)
{
	if (strcmp(word, "valid") == 0)
		return 1 + ROV_VALID;
	if (strcmp(word, "invalid") == 0)
		return 1 + ROV_INVALID;
	return *word == '\0' ? 0 : 1 + ROV_NOT_FOUND;
}

static void
read_peers(struct query_filter *f, const struct value *v)
{
	const struct value *peers = value_get(v, "peers");
	size_t i;

	if (peers == NULL || peers->kind != VALUE_ARRAY || peers->len == 0)
		return;
	f->peers = calloc(peers->len, sizeof(*f->peers));
	if (f->peers == NULL)
		err(1, "query");
	f->n_peers = peers->len;
	for (i = 0; i < peers->len; i++)
		f->peers[i] = (uint32_t)value_number(value_at(peers, i), 0);
}

static uint8_t
read_request(const char *word)
{
	static const char *const words[] = {
		[QUERY_NETWORKS] = "networks",
		[QUERY_MEMORY] = "memory",
		[QUERY_SETS] = "sets",
		[QUERY_NEXTHOPS] = "nexthops",
	};
	uint8_t i;

	for (i = QUERY_NETWORKS; i < N(words); i++) {
		if (strcmp(words[i], word) == 0)
			return i;
	}
	return QUERY_RIB;
}

static const char *
read_map(struct query_filter *f, const struct value *v)
{
	const char *direction = value_get_string(v, "direction", "");
	const char *why;
	size_t i;

	f->direction = strcmp(direction, "in") == 0 ? QUERY_IN :
	    strcmp(direction, "out") == 0 ? QUERY_OUT : QUERY_LOC;
	strlcpy(f->rib, value_get_string(v, "table", ""), sizeof(f->rib));
	f->request = read_request(value_get_string(v, "request", "rib"));
	for (i = 0; i < N(flag_rows); i++)
		*(bool *)((char *)f + flag_rows[i].offset) |=
		    value_get_boolean(v, flag_rows[i].key, false);
	f->has_path_id = value_get(v, "path-id") != NULL;
	f->path_id = (uint32_t)value_get_number(v, "path-id", 0);
	f->limit = value_get_number(v, "limit", UINT64_MAX);
	f->is_count = value_get_boolean(v, "count", false);
	f->family_mask = read_families(value_get_string(v, "family", NULL));
	for (i = 0; i < N(as_rows); i++) {
		if (value_get(v, as_rows[i].key) == NULL)
			continue;
		f->rule.as_kind = as_rows[i].kind;
		f->rule.as_low = (uint32_t)value_get_number(v,
		    as_rows[i].key, 0);
	}
	f->rule.ovs = read_state(value_get_string(v, "ovs", ""));
	f->rule.avs = read_state(value_get_string(v, "avs", ""));
	if ((why = read_prefix(f, v)) != NULL ||
	    (why = read_communities(f, v)) != NULL)
		return why;
	read_peers(f, v);
	return NULL;
}

const char *
query_filter_read(struct query_filter *f, const void *bytes, size_t len)
{
	struct arena *arena = arena_new(16 * 1024);
	const struct value *v = value_parse(arena, bytes, len);
	const char *why = "malformed request";
	unsigned i;

	memset(f, 0, sizeof(*f));
	for (i = 0; i < 3; i++)
		f->rule.max_communities[i] = -1;
	if (v != NULL && v->kind == VALUE_OBJECT)
		why = read_map(f, v);
	arena_free(arena);
	return why;
}

bool
query_filter_has_peer(const struct query_filter *f, const struct rpeer *p)
{
	size_t i;

	if (f->n_peers == 0)
		return true;
	for (i = 0; i < f->n_peers; i++) {
		if (f->peers[i] == p->id)
			return true;
	}
	return false;
}

bool
query_filter_passes(struct rde *rde, const struct query_filter *f,
    const struct query_entry *e)
{
	const struct filter_peer peer = rpeer_filter(rde, e->peer);
	uint16_t flags = e->path == NULL ? 0 : e->path->flags;
	struct filter_rule rule;

	if ((f->best && !e->is_best) || (f->filtered &&
	    (flags & PATH_FILTERED) == 0) || (f->leaked &&
	    (flags & PATH_LEAK) == 0) || (f->disqualified &&
	    e->is_eligible) || (f->error && (flags & PATH_LOOP) == 0))
		return false;
	if (f->has_path_id && f->path_id != e->path_id)
		return false;
	if (f->is_empty_as && e->attr->n_asns != 0)
		return false;
	if (f->rule.ovs != 0 &&
	    f->rule.ovs != 1 + (flags >> PATH_OVS_SHIFT & 3))
		return false;
	if (f->rule.avs != 0 &&
	    f->rule.avs != 1 + (flags >> PATH_AVS_SHIFT & 3))
		return false;
	filter_rule_init(&rule, &f->rule, &rde->rib->sets);
	return filter_matches_attr(&rule, e->attr, &peer);
}
