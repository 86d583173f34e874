/* SPDX-License-Identifier: ISC */
/* The words of ExaBGP's neighbor that take a value. */
#include "parent/conf_exabgp.h"

#include "common/addr.h"
#include "common/arena.h"
#include "common/text/scalars.h"

#define HOLD_TIME_MIN	3
#define HOLD_TIME_DEFAULT	180

static int
leaf_peer_address(struct exa *x)
{
	struct addr a;
	int e = exa_addr(x, &a);

	if (e != 0)
		return e;
	x->peer->remote = (struct prefix){ .addr = a,
	    .len_bits = (uint8_t)addr_bits(a.family) };
	return 0;
}

static int
leaf_local_address(struct exa *x)
{
	x->neighbor->has_local_address = true;
	x->peer->local_address = (struct addr){ 0 };
	if (exa_take(x, "auto"))
		return 0;
	return exa_addr(x, &x->peer->local_address);
}

static int
leaf_local_link_local(struct exa *x)
{
	struct addr a;
	int e = exa_addr(x, &a);

	if (e != 0)
		return e;
	if (a.family != ADDR_IPV6 || !addr_is_link_local(&a))
		return exa_fail(x, "%s: expected an address in fe80::/10",
		    x->keyword);
	x->peer->local_link_local = a;
	return 0;
}

static int
leaf_local_as(struct exa *x)
{
	x->neighbor->has_local_as = true;
	x->peer->local_as_auto = false;
	x->peer->local_as = 0;
	if (exa_take(x, "auto")) {
		x->peer->local_as_auto = true;
		return 0;
	}
	return exa_asn(x, &x->peer->local_as);
}

static int
leaf_peer_as(struct exa *x)
{
	x->neighbor->has_peer_as = true;
	x->peer->remote_as = 0;
	if (exa_take(x, "auto"))
		return 0;
	return exa_asn(x, &x->peer->remote_as);
}

static int
leaf_router_id(struct exa *x)
{
	struct addr a;
	int e = exa_addr(x, &a);

	if (e != 0)
		return e;
	if (a.family != ADDR_IPV4 || addr_is_unspecified(&a))
		return exa_fail(x, "%s: expected an IPv4 address other than "
		    "0.0.0.0", x->keyword);
	x->peer->router_id = addr_to_ipv4(&a);
	return 0;
}

/* A text in quotes, or all words up to the semicolon as they stand. */
static int
leaf_text(struct exa *x, struct word *out)
{
	if (words_at_stop(&x->w))
		return exa_expected(x, "a text");
	*out = x->w.word;
	while (!words_at_stop(&x->w)) {
		out->len = (uint32_t)(x->w.word.at + x->w.word.len - out->at);
		words_next(&x->w);
	}
	return 0;
}

static int
leaf_description(struct exa *x)
{
	struct word text;
	int e = leaf_text(x, &text);

	if (e == 0)
		x->peer->descr = exa_strdup(x, &text);
	return e;
}

static int
leaf_host_name(struct exa *x)
{
	return exa_string(x, &x->peer->host_name);
}

static int
leaf_domain_name(struct exa *x)
{
	return exa_string(x, &x->peer->domain_name);
}

static int
leaf_source_interface(struct exa *x)
{
	return exa_string(x, &x->peer->source_interface);
}

static int
leaf_hold_time(struct exa *x)
{
	uint64_t n;
	int e;

	if (words_is(&x->w, "1") || words_is(&x->w, "2"))
		return exa_expected(x, "0 or a number %d..65535",
		    HOLD_TIME_MIN);
	e = exa_number(x, 0, UINT16_MAX, &n);
	if (e == 0)
		x->peer->hold_time_sec = (uint16_t)n;
	return e;
}

static int
leaf_rate_limit(struct exa *x)
{
	uint64_t n;
	int e;

	x->peer->rate_limit = 0;
	if (exa_take(x, "disable"))
		return 0;
	e = exa_number(x, 0, UINT32_MAX, &n);
	if (e == 0)
		x->peer->rate_limit = (uint32_t)n;
	return e;
}

static int
set_port(struct exa *x, uint16_t *out)
{
	uint64_t n;
	int e = exa_number(x, 1, UINT16_MAX, &n);

	if (e == 0)
		*out = (uint16_t)n;
	return e;
}

static int
leaf_listen(struct exa *x)
{
	return set_port(x, &x->peer->listen_port);
}

static int
leaf_connect(struct exa *x)
{
	return set_port(x, &x->peer->port);
}

static int
set_ttl(struct exa *x, uint8_t *out)
{
	uint64_t n;
	int e;

	*out = 0;
	if (exa_take(x, "disable"))
		return 0;
	e = exa_number(x, 0, UINT8_MAX, &n);
	if (e == 0)
		*out = (uint8_t)n;
	return e;
}

static int
leaf_outgoing_ttl(struct exa *x)
{
	return set_ttl(x, &x->peer->ttl_out);
}

static int
leaf_incoming_ttl(struct exa *x)
{
	return set_ttl(x, &x->peer->ttl_in_min);
}

static int
leaf_md5_password(struct exa *x)
{
	return leaf_text(x, &x->neighbor->md5_password);
}

static int
leaf_md5_base64(struct exa *x)
{
	bool is_base64;
	int e;

	x->neighbor->md5_base64 = 2;
	if (exa_take(x, "auto"))
		return 0;
	e = exa_boolean(x, &is_base64);
	if (e == 0)
		x->neighbor->md5_base64 = is_base64;
	return e;
}

static int
leaf_md5_ip(struct exa *x)
{
	return exa_addr(x, &x->peer->md5_address);
}

static int
leaf_passive(struct exa *x)
{
	return exa_boolean(x, &x->peer->passive);
}

static int
leaf_group_updates(struct exa *x)
{
	return exa_boolean(x, &x->peer->group_updates);
}

static int
leaf_auto_flush(struct exa *x)
{
	return exa_boolean(x, &x->peer->auto_flush);
}

static int
leaf_adj_rib_in(struct exa *x)
{
	return exa_boolean(x, &x->peer->adj_rib_in);
}

static int
leaf_adj_rib_out(struct exa *x)
{
	return exa_boolean(x, &x->peer->adj_rib_out);
}

static int
leaf_manual_eor(struct exa *x)
{
	return exa_boolean(x, &x->peer->manual_eor);
}

static int
inherit_one(struct exa *x)
{
	struct word name;
	struct word *slot;
	int e = exa_item(x, &name);

	if (e != 0)
		return e;
	slot = arena_append(x->config->arena, &x->neighbor->inherits,
	    &x->neighbor->n_inherits, sizeof(*slot));
	*slot = name;
	return 0;
}

static int
leaf_inherit(struct exa *x)
{
	return exa_list(x, inherit_one);
}

/* Sorted by word. */
const struct exa_row exa_neighbor_rows[] = {
	{ "add-path", exa_add_path },
	{ "adj-rib-in", leaf_adj_rib_in },
	{ "adj-rib-out", leaf_adj_rib_out },
	{ "announce", exa_announce },
	{ "api", exa_api },
	{ "auto-flush", leaf_auto_flush },
	{ "capability", exa_capability },
	{ "connect", leaf_connect },
	{ "description", leaf_description },
	{ "domain-name", leaf_domain_name },
	{ "family", exa_families },
	{ "flow", exa_flow },
	{ "group-updates", leaf_group_updates },
	{ "hold-time", leaf_hold_time },
	{ "host-name", leaf_host_name },
	{ "incoming-ttl", leaf_incoming_ttl },
	{ "inherit", leaf_inherit },
	{ "l2vpn", exa_l2vpn },
	{ "listen", leaf_listen },
	{ "local-address", leaf_local_address },
	{ "local-as", leaf_local_as },
	{ "local-link-local", leaf_local_link_local },
	{ "manual-eor", leaf_manual_eor },
	{ "md5-base64", leaf_md5_base64 },
	{ "md5-ip", leaf_md5_ip },
	{ "md5-password", leaf_md5_password },
	{ "nexthop", exa_nexthop },
	{ "operational", exa_operational },
	{ "outgoing-ttl", leaf_outgoing_ttl },
	{ "passive", leaf_passive },
	{ "peer-address", leaf_peer_address },
	{ "peer-as", leaf_peer_as },
	{ "rate-limit", leaf_rate_limit },
	{ "router-id", leaf_router_id },
	{ "source-interface", leaf_source_interface },
	{ "static", exa_static },
	{ "tcp-ao", exa_tcp_ao },
	{ "ttl-security", leaf_incoming_ttl },
};

const size_t exa_neighbor_n_rows =
    sizeof(exa_neighbor_rows) / sizeof(exa_neighbor_rows[0]);

/* What ExaBGP takes when nothing is said. */
static void
neighbor_defaults(struct exa *x, struct conf_peer *p)
{
	const struct conf_environment *env = &x->config->environment;

	p->local_as = 0;
	p->port = env->tcp_port;
	p->passive = env->is_passive;
	p->hold_time_sec = HOLD_TIME_DEFAULT;
	p->refresh = CONF_NO;
	p->enhanced_refresh = CONF_NO;
	p->graceful_restart = CONF_NO;
	p->as4 = CONF_YES;
	p->extended_message = CONF_YES;
	p->reject_as_set = false;
	p->enforce_local_as = false;
	p->is_isolated = true;
	p->packing = PACKING_EXABGP;
}

void
exa_neighbor_defaults(struct config *c, struct conf_peer *p)
{
	struct exa x = { .config = c };

	neighbor_defaults(&x, p);
}

/* neighbor IP[/LEN] { ... } */
int
exa_neighbor(struct exa *x)
{
	struct exa_neighbor neighbor = { .line = x->line, .md5_base64 = 2 };
	unsigned before = x->errors->n_errors;
	struct prefix remote;
	int e;

	if (!words_is_value(&x->w) ||
	    !scalars_prefix(&x->w.word, &remote))
		return exa_expected(x, "an IP address or a prefix");
	words_next(&x->w);
	x->peer = config_add_peer(x->config);
	x->peer->remote = remote;
	x->neighbor = &neighbor;
	neighbor_defaults(x, x->peer);
	e = exa_section(x, "neighbor", exa_neighbor_rows, exa_neighbor_n_rows);
	if (e == 0) {
		x->line = neighbor.line;
		x->section = "neighbor";
		exa_finish_neighbor(x, x->errors->n_errors != before);
		x->section = "configuration";
	}
	x->neighbor = NULL;
	x->peer = NULL;
	return e;
}
