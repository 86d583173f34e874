/* SPDX-License-Identifier: ISC */
/*
 * What ExaBGP's neighbor negotiates: family, capability, add-path, nexthop,
 * tcp-ao.
 */
#include "parent/conf_exabgp.h"

#include "common/bgp.h"
#include "common/arena.h"

#define GRACEFUL_RESTART_MAX	4095

/* A bit for each family there is. */
static uint32_t
all_families(void)
{
	uint32_t all = (UINT32_C(1) << NLRI_N_FAMILIES) - 1;

	/* Compat: ExaBGP does not have this one. */
	return all & ~(UINT32_C(1) << NLRI_IPV6_MULTICAST);
}

/* The family of a statement that begins with the AFI, which was read. */
static int
family_statement(struct exa *x, const struct nlri_family **out)
{
	struct words w = x->statement;

	*out = text_route_family(&w);
	if (*out == NULL)
		return exa_expected(x, "the second word of a family");
	x->w = w;
	return 0;
}

static int
families_one(struct exa *x)
{
	const struct nlri_family *f;
	uint32_t bit;
	int e = family_statement(x, &f);

	if (e != 0)
		return e;
	bit = UINT32_C(1) << f->id;
	if (x->neighbor->block_mask & bit)
		return exa_fail(x, "%s is there twice", f->name);
	x->neighbor->block_mask |= bit;
	x->neighbor->family_mask |= bit;
	return 0;
}

static int
families_all(struct exa *x)
{
	x->neighbor->family_mask |= all_families();
	return 0;
}

int
exa_families(struct exa *x)
{
	static const struct exa_row rows[] = {
		{ "all", families_all },
		{ "bgp-ls", families_one },
		{ "ipv4", families_one },
		{ "ipv6", families_one },
		{ "l2vpn", families_one },
	};

	x->neighbor->has_family = true;
	x->neighbor->block_mask = 0;
	return exa_section(x, "family", EXA_ROWS(rows));
}

static int
set_enforce(struct exa *x, uint8_t *out)
{
	bool is_on;
	int e = exa_boolean(x, &is_on);

	if (e == 0)
		*out = is_on ? CONF_YES : CONF_NO;
	return e;
}

static int
cap_asn4(struct exa *x)
{
	return set_enforce(x, &x->peer->as4);
}

static int
cap_extended_message(struct exa *x)
{
	return set_enforce(x, &x->peer->extended_message);
}

/* seconds | disable | nothing or 0: the hold time */
static int
cap_graceful_restart(struct exa *x)
{
	uint64_t n = 0;
	int e = 0;

	x->peer->graceful_restart = CONF_NO;
	if (exa_take(x, "disable") || exa_take(x, "disabled") ||
	    exa_take(x, "false"))
		return 0;
	if (!words_is_char(&x->w, ';') && !exa_take(x, "enable") &&
	    !exa_take(x, "true"))
		e = exa_number(x, 0, GRACEFUL_RESTART_MAX, &n);
	x->peer->graceful_restart = CONF_YES;
	x->peer->graceful_restart_sec = (uint16_t)n;
	return e;
}

static int
cap_route_refresh(struct exa *x)
{
	int e = set_enforce(x, &x->peer->refresh);

	x->peer->enhanced_refresh = x->peer->refresh;
	return e;
}

static int
cap_multi_session(struct exa *x)
{
	return exa_boolean(x, &x->peer->multisession);
}

static int
cap_operational(struct exa *x)
{
	return exa_boolean(x, &x->peer->operational);
}

static int
cap_aigp(struct exa *x)
{
	return exa_boolean(x, &x->peer->aigp);
}

static int
cap_software_version(struct exa *x)
{
	return exa_boolean(x, &x->peer->software_version);
}

static int
cap_link_local_nexthop(struct exa *x)
{
	return exa_boolean(x, &x->peer->link_local_nexthop);
}

static int
cap_link_local_prefer(struct exa *x)
{
	return exa_boolean(x, &x->peer->link_local_prefer);
}

static int
cap_nexthop(struct exa *x)
{
	bool is_on;
	int e = exa_boolean(x, &is_on);

	if (e == 0)
		x->neighbor->nexthop = is_on ? 2 : 1;
	return e;
}

static int
cap_add_path(struct exa *x)
{
	static const struct {
		const char	*word;
		uint8_t		 mode;
	} modes[] = {
		{ "disable", ADD_PATH_NONE }, { "disabled", ADD_PATH_NONE },
		{ "false", ADD_PATH_NONE }, { "0", ADD_PATH_NONE },
		{ "receive", ADD_PATH_RECEIVE }, { "1", ADD_PATH_RECEIVE },
		{ "send", ADD_PATH_SEND }, { "2", ADD_PATH_SEND },
		{ "send/receive", ADD_PATH_BOTH }, { "3", ADD_PATH_BOTH },
		{ "receive/send", ADD_PATH_BOTH }, { "enable", ADD_PATH_BOTH },
		{ "true", ADD_PATH_BOTH },
	};
	size_t i;

	if (words_is_char(&x->w, ';')) {
		x->neighbor->add_path = ADD_PATH_BOTH;
		return 0;
	}
	for (i = 0; i < sizeof(modes) / sizeof(modes[0]); i++) {
		if (!exa_take(x, modes[i].word))
			continue;
		x->neighbor->add_path = modes[i].mode;
		return 0;
	}
	return exa_expected(x, "disable, receive, send or send/receive");
}

int
exa_capability(struct exa *x)
{
	static const struct exa_row rows[] = {
		{ "add-path", cap_add_path },
		{ "aigp", cap_aigp },
		{ "asn4", cap_asn4 },
		{ "extended-message", cap_extended_message },
		{ "graceful-restart", cap_graceful_restart },
		{ "link-local-nexthop", cap_link_local_nexthop },
		{ "link-local-prefer", cap_link_local_prefer },
		{ "multi-session", cap_multi_session },
		{ "nexthop", cap_nexthop },
		{ "operational", cap_operational },
		{ "route-refresh", cap_route_refresh },
		{ "software-version", cap_software_version },
	};

	return exa_section(x, "capability", EXA_ROWS(rows));
}

/* AFI SAFI [limit N] */
static int
add_path_one(struct exa *x)
{
	const struct nlri_family *f;
	uint64_t limit;
	int e = family_statement(x, &f);

	if (e != 0)
		return e;
	x->neighbor->add_path_mask |= UINT32_C(1) << f->id;
	if (!exa_take(x, "limit"))
		return 0;
	e = exa_number(x, 1, UINT16_MAX, &limit);
	if (e == 0)
		x->neighbor->paths_limit[f->id] = (uint16_t)limit;
	return e;
}

static int
add_path_all(struct exa *x)
{
	x->neighbor->add_path_mask |= all_families();
	return 0;
}

int
exa_add_path(struct exa *x)
{
	static const struct exa_row rows[] = {
		{ "all", add_path_all },
		{ "bgp-ls", add_path_one },
		{ "ipv4", add_path_one },
		{ "ipv6", add_path_one },
		{ "l2vpn", add_path_one },
	};

	x->neighbor->has_add_path_families = true;
	return exa_section(x, "add-path", EXA_ROWS(rows));
}

/* ipv4 SAFI ipv6, ipv6 SAFI ipv4: RFC 8950 and its like */
static int
nexthop_one(struct exa *x)
{
	const struct nlri_family *f;
	int e = family_statement(x, &f);
	bool is_ipv4;

	if (e != 0)
		return e;
	is_ipv4 = f->afi == AFI_IPV4;
	if (f->safi != SAFI_UNICAST && f->safi != SAFI_MULTICAST &&
	    f->safi != SAFI_NLRI_MPLS && f->safi != SAFI_MPLS_VPN)
		return exa_fail(x, "%s has no next hop of the other address "
		    "family", f->name);
	if (!exa_take(x, is_ipv4 ? "ipv6" : "ipv4"))
		return exa_expected(x, "%s", is_ipv4 ? "ipv6" : "ipv4");
	x->neighbor->nexthop_mask |= UINT32_C(1) << f->id;
	return 0;
}

int
exa_nexthop(struct exa *x)
{
	static const struct exa_row rows[] = {
		{ "ipv4", nexthop_one },
		{ "ipv6", nexthop_one },
	};

	return exa_section(x, "nexthop", EXA_ROWS(rows));
}

static int
ao_keyid(struct exa *x)
{
	uint64_t n;
	int e = exa_number(x, 0, UINT8_MAX, &n);

	if (e == 0)
		x->peer->ao_key_id = (uint8_t)n;
	return e;
}

static int
ao_algorithm(struct exa *x)
{
	static const char *const words[] = { "hmac-sha-1-96",
	    "aes-128-cmac-96", "hmac-sha-256" };
	size_t i;

	for (i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
		if (!exa_take(x, words[i]))
			continue;
		x->peer->ao_algorithm = arena_strdup(x->config->arena,
		    words[i]);
		return 0;
	}
	return exa_expected(x,
	    "hmac-sha-1-96, aes-128-cmac-96 or hmac-sha-256");
}

static int
ao_password(struct exa *x)
{
	return exa_word(x, &x->neighbor->ao_password);
}

static int
ao_base64(struct exa *x)
{
	return exa_boolean(x, &x->neighbor->ao_base64);
}

int
exa_tcp_ao(struct exa *x)
{
	static const struct exa_row rows[] = {
		{ "algorithm", ao_algorithm },
		{ "base64", ao_base64 },
		{ "keyid", ao_keyid },
		{ "password", ao_password },
	};

	return exa_section(x, "tcp-ao", EXA_ROWS(rows));
}
