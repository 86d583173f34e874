/* SPDX-License-Identifier: ISC */
/* bgpd.conf: the options of neighbors and groups, a row for each. */
#include "parent/conf_bgpd_peer.h"

#include "common/arena.h"
#include "common/bgp.h"

#include <string.h>

#define TEXT_MAX	63	/* descr, rib */
#define REASON_MAX	255	/* RFC 9003 */
#define INTERFACE_MAX	15

static struct conf_peer *
current(struct bgpd_parser *p)
{
	return p->peer->conf;
}

static bool
seconds(struct bgpd_parser *p, int64_t min, int64_t max, uint16_t *out)
{
	int64_t n = 0;

	if (!bgpd_number(p, min, max, "seconds", &n))
		return false;
	*out = (uint16_t)n;
	return true;
}

static bool
option_as_override(struct bgpd_parser *p)
{
	const struct conf_set s = { .kind = SET_AS_OVERRIDE };
	bool is_on = false;

	return bgpd_yesno(p, &is_on) && (!is_on || bgpd_peer_set(p, &s));
}

static bool
option_connect_retry(struct bgpd_parser *p)
{
	uint16_t sec;

	if (!seconds(p, 1, UINT16_MAX, &sec))
		return false;
	current(p)->connect_retry_sec = sec;
	return true;
}

static bool
option_demote(struct bgpd_parser *p)
{
	bgpd_warn(p, "demote has no effect on this system");
	return bgpd_string(p, INTERFACE_MAX, "the name of a group",
	    &current(p)->demote_group);
}

static bool
option_depend(struct bgpd_parser *p)
{
	if (!bgpd_take(p, "on"))
		return bgpd_expected(p, "on");
	return bgpd_string(p, INTERFACE_MAX, "the name of an interface",
	    &current(p)->depend_on);
}

static bool
option_descr(struct bgpd_parser *p)
{
	return bgpd_strings(p, TEXT_MAX, "a description", &current(p)->descr);
}

static bool
option_down(struct bgpd_parser *p)
{
	current(p)->is_down = true;
	current(p)->down_reason = NULL;
	return bgpd_is_end_of_statement(p) ||
	    bgpd_string(p, REASON_MAX, "a reason", &current(p)->down_reason);
}

static bool
option_enforce(struct bgpd_parser *p)
{
	if (bgpd_take(p, "local-as"))
		return bgpd_yesno(p, &current(p)->enforce_local_as);
	/* Ours: whether flows must be of whom we reach the addresses by. */
	if (bgpd_take(p, "flowspec")) {
		p->peer->has_enforce_flow = true;
		return bgpd_yesno(p, &current(p)->enforce_flow);
	}
	if (!bgpd_take(p, "neighbor-as"))
		return bgpd_expected(p, "neighbor-as or local-as");
	p->peer->has_enforce_as = true;
	return bgpd_yesno(p, &current(p)->enforce_neighbor_as);
}

static bool
option_export(struct bgpd_parser *p)
{
	if (bgpd_take(p, "none"))
		current(p)->export = EXPORT_NONE;
	else if (bgpd_take(p, "default-route"))
		current(p)->export = EXPORT_DEFAULT_ROUTE;
	else
		return bgpd_expected(p, "none or default-route");
	return true;
}

static bool
option_holdtime(struct bgpd_parser *p)
{
	return seconds(p, 3, UINT16_MAX, bgpd_take(p, "min") ?
	    &current(p)->hold_time_min_sec : &current(p)->hold_time_sec);
}

static bool
option_local_address(struct bgpd_parser *p)
{
	struct addr a;

	if (!bgpd_addr(p, &a))
		return false;
	if (a.family == ADDR_IPV6)
		current(p)->local_address6 = a;
	else
		current(p)->local_address = a;
	return true;
}

/* no local-address */
static bool
option_no(struct bgpd_parser *p)
{
	if (!bgpd_take(p, "local-address"))
		return bgpd_expected(p, "local-address");
	current(p)->local_address = current(p)->local_address6 =
	    (struct addr){ .family = ADDR_NONE };
	return true;
}

static bool
option_local_as(struct bgpd_parser *p)
{
	struct conf_peer *c = current(p);
	uint32_t as;

	if (!bgpd_asn(p, false, &c->local_as))
		return false;
	c->local_as_short = c->local_as > UINT16_MAX ? BGP_AS_TRANS :
	    (uint16_t)c->local_as;
	if (bgpd_is_end_of_statement(p))
		return true;
	if (!bgpd_asn(p, true, &as))
		return false;
	if (as == 0 || as > UINT16_MAX)
		return bgpd_fail(p, "expected an AS number 1..65535");
	c->local_as_short = (uint16_t)as;
	return true;
}

static bool
option_log(struct bgpd_parser *p)
{
	current(p)->log_updates = bgpd_is(p, "updates");
	return bgpd_take(p, "updates") || bgpd_take(p, "no") ||
	    bgpd_expected(p, "no or updates");
}

static bool
option_bmp(struct bgpd_parser *p)
{
	bool is_told;

	if (!bgpd_yesno(p, &is_told))
		return false;
	current(p)->no_bmp = !is_told;
	return true;
}

/* max-prefix n [out] [restart minutes] */
static bool
option_max_prefix(struct bgpd_parser *p)
{
	struct conf_peer *c = current(p);
	int64_t n = 0, minutes = 0;
	bool is_out;

	if (!bgpd_number(p, 0, UINT32_MAX, "how many prefixes", &n))
		return false;
	is_out = bgpd_take(p, "out");
	if (bgpd_take(p, "restart") &&
	    !bgpd_number(p, 1, UINT16_MAX, "minutes", &minutes))
		return false;
	if (is_out) {
		c->max_prefix_out = (uint32_t)n;
		c->max_prefix_out_restart_min = (uint32_t)minutes;
	} else {
		c->max_prefix = (uint32_t)n;
		c->max_prefix_restart_min = (uint32_t)minutes;
	}
	return true;
}

static bool
option_multihop(struct bgpd_parser *p)
{
	int64_t n = 0;

	if (!bgpd_number(p, 2, 255, "a distance", &n))
		return false;
	current(p)->multihop = (uint8_t)n;
	return true;
}

static bool
option_passive(struct bgpd_parser *p)
{
	current(p)->passive = true;
	return true;
}

static bool
option_port(struct bgpd_parser *p)
{
	return bgpd_port(p, &current(p)->port);
}

static bool
option_rde(struct bgpd_parser *p)
{
	if (!bgpd_take(p, "evaluate"))
		return bgpd_expected(p, "evaluate");
	current(p)->evaluate_all = bgpd_is(p, "all");
	return bgpd_take(p, "all") || bgpd_take(p, "default") ||
	    bgpd_expected(p, "default or all");
}

/* More of a list of codes, to the end of the statement; kept in order. */
static bool
attribute_codes(struct bgpd_parser *p, struct conf_blob *codes)
{
	uint8_t bytes[256];
	int64_t n = 0;

	do {
		if (!bgpd_number(p, 0, 255, "an attribute's code", &n))
			return false;
		if (n <= ATTR_NEXT_HOP || n == ATTR_MP_REACH ||
		    n == ATTR_MP_UNREACH)
			return bgpd_fail(p, "no route is without attribute "
			    "%d", (int)n);
		if (codes->len != 0 && memchr(codes->bytes, (int)n,
		    codes->len) != NULL)
			continue;
		if (codes->len != 0)
			memcpy(bytes, codes->bytes, codes->len);
		bytes[codes->len++] = (uint8_t)n;
		codes->bytes = arena_copy(p->config->arena, bytes, codes->len);
	} while (!bgpd_is_end_of_statement(p));
	return true;
}

static bool
option_discard(struct bgpd_parser *p)
{
	return bgpd_take(p, "attribute") ? attribute_codes(p,
	    &current(p)->discard_attributes) : bgpd_expected(p, "attribute");
}

static bool
option_max_as_path(struct bgpd_parser *p)
{
	int64_t n = 0;

	if (!bgpd_number(p, 0, UINT16_MAX, "how many AS numbers", &n))
		return false;
	current(p)->max_as_path = (uint16_t)n;
	return true;
}

static bool
option_max_communities(struct bgpd_parser *p)
{
	int64_t n = 0;

	if (!bgpd_number(p, 0, UINT16_MAX, "how many communities", &n))
		return false;
	current(p)->max_communities = (uint16_t)n;
	return true;
}

static bool
option_reject(struct bgpd_parser *p)
{
	if (bgpd_take(p, "attribute"))
		return attribute_codes(p, &current(p)->reject_attributes);
	if (!bgpd_take(p, "as-set"))
		return bgpd_expected(p, "as-set or attribute");
	return bgpd_yesno(p, &current(p)->reject_as_set);
}

static bool
option_remote_as(struct bgpd_parser *p)
{
	return bgpd_asn(p, false, &current(p)->remote_as);
}

static bool
option_rib(struct bgpd_parser *p)
{
	if (p->token.kind == LEX_STRING &&
	    !bgpd_has_rib(p->config, p->token.text))
		return bgpd_fail(p, "rib \"%s\" is not defined",
		    p->token.text);
	return bgpd_string(p, TEXT_MAX, "the name of a rib",
	    &current(p)->rib);
}

static bool
option_role(struct bgpd_parser *p)
{
	static const struct { const char *word; uint8_t role; } words[] = {
		{ "none", ROLE_NONE }, { "provider", ROLE_PROVIDER },
		{ "customer", ROLE_CUSTOMER }, { "rs", ROLE_RS },
		{ "rs-client", ROLE_RS_CLIENT }, { "peer", ROLE_PEER },
	};
	size_t i;

	for (i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
		if (bgpd_take(p, words[i].word)) {
			current(p)->role = words[i].role;
			return true;
		}
	}
	return bgpd_expected(p,
	    "none, provider, customer, rs, rs-client or peer");
}

static bool
option_route_reflector(struct bgpd_parser *p)
{
	struct config *c = p->config;
	struct addr a;

	current(p)->is_reflector_client = true;
	c->is_reflector = true;
	if (bgpd_is_end_of_statement(p))
		return true;
	if (!bgpd_addr(p, &a))
		return false;
	if (a.family != ADDR_IPV4 || addr_to_ipv4(&a) == 0)
		return bgpd_fail(p, "a cluster id is an IPv4 address");
	if (c->cluster_id != 0 && c->cluster_id != addr_to_ipv4(&a))
		return bgpd_fail(p, "there is another cluster id already");
	c->cluster_id = addr_to_ipv4(&a);
	return true;
}

/* Ours: another identifier in this session. */
static bool
option_router_id(struct bgpd_parser *p)
{
	struct addr a;

	if (!bgpd_addr(p, &a))
		return false;
	if (a.family != ADDR_IPV4 || addr_to_ipv4(&a) == 0)
		return bgpd_fail(p, "router-id must be an IPv4 address");
	current(p)->router_id = addr_to_ipv4(&a);
	return true;
}

static bool
option_set(struct bgpd_parser *p)
{
	struct conf_set *sets = NULL;
	size_t n = 0, i;

	if (!bgpd_parse_sets(p, &sets, &n))
		return false;
	for (i = 0; i < n; i++)
		if (!bgpd_peer_set(p, &sets[i]))
			return false;
	return true;
}

static bool
option_staletime(struct bgpd_parser *p)
{
	return seconds(p, 3, 4095, &current(p)->stale_time_sec);
}

static bool
option_transparent_as(struct bgpd_parser *p)
{
	return bgpd_yesno(p, &current(p)->transparent_as);
}

static bool
option_ttl_security(struct bgpd_parser *p)
{
	return bgpd_yesno(p, &current(p)->ttl_security);
}

#define OPTION_ROWS \
	{ "announce", bgpd_peer_announce }, \
	{ "api", bgpd_parse_api }, \
	{ "as-override", option_as_override }, \
	{ "bmp", option_bmp }, \
	{ "connect-retry", option_connect_retry }, \
	{ "demote", option_demote }, \
	{ "depend", option_depend }, \
	{ "descr", option_descr }, \
	{ "discard", option_discard }, \
	{ "down", option_down }, \
	{ "dump", bgpd_parse_dump }, \
	{ "enforce", option_enforce }, \
	{ "exabgp", bgpd_parse_exabgp }, \
	{ "export", option_export }, \
	{ "holdtime", option_holdtime }, \
	{ "ipsec", bgpd_peer_ipsec }, \
	{ "local-address", option_local_address }, \
	{ "local-as", option_local_as }, \
	{ "log", option_log }, \
	{ "max-as-path", option_max_as_path }, \
	{ "max-communities", option_max_communities }, \
	{ "max-prefix", option_max_prefix }, \
	{ "multihop", option_multihop }, \
	{ "no", option_no }, \
	{ "originate", bgpd_parse_originate }, \
	{ "passive", option_passive }, \
	{ "port", option_port }, \
	{ "rde", option_rde }, \
	{ "reject", option_reject }, \
	{ "remote-as", option_remote_as }, \
	{ "rib", option_rib }, \
	{ "role", option_role }, \
	{ "route-reflector", option_route_reflector }, \
	{ "router-id", option_router_id }, \
	{ "set", option_set }, \
	{ "staletime", option_staletime }, \
	{ "tcp", bgpd_peer_tcp }, \
	{ "transparent-as", option_transparent_as }, \
	{ "ttl-security", option_ttl_security }

const struct bgpd_row bgpd_peer_rows[] = { OPTION_ROWS };
const size_t bgpd_peer_n_rows =
    sizeof(bgpd_peer_rows) / sizeof(bgpd_peer_rows[0]);

const struct bgpd_row bgpd_group_rows[] = {
	OPTION_ROWS,
	{ "neighbor", bgpd_parse_neighbor },
};
const size_t bgpd_group_n_rows =
    sizeof(bgpd_group_rows) / sizeof(bgpd_group_rows[0]);
