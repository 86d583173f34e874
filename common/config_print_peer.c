/* SPDX-License-Identifier: ISC */
/* Printing the configuration: neighbors. */
#include "common/config_print_parts.h"

#include "common/addr.h"
#include "common/bgp.h"
#include "common/config.h"

#include <string.h>

struct out {
	FILE		*f;
	const char	*indent;
};

static void
line(const struct out *o, const char *text)
{
	fprintf(o->f, "%s\t%s\n", o->indent, text);
}

static void
number(const struct out *o, const char *word, uint64_t n)
{
	if (n != 0)
		fprintf(o->f, "%s\t%s %llu\n", o->indent, word,
		    (unsigned long long)n);
}

static void
quoted(const struct out *o, const char *word, const char *text)
{
	if (text == NULL)
		return;
	fprintf(o->f, "%s\t%s ", o->indent, word);
	print_quoted(o->f, text);
	fputc('\n', o->f);
}

static void
address(const struct out *o, const char *word, const struct addr *a)
{
	if (a->family == ADDR_NONE)
		return;
	fprintf(o->f, "%s\t%s ", o->indent, word);
	print_addr(o->f, a);
	fputc('\n', o->f);
}

static void
yesno(const struct out *o, const char *word, bool is_on)
{
	fprintf(o->f, "%s\t%s %s\n", o->indent, word, is_on ? "yes" : "no");
}

/* Unless it is the default. */
static void
capability(const struct out *o, const char *word, uint8_t value,
    uint8_t usual)
{
	static const char *const words[] = {
		[CONF_NO] = "no", [CONF_YES] = "yes",
		[CONF_ENFORCE] = "enforce",
	};

	if (value != usual && value <= CONF_ENFORCE)
		fprintf(o->f, "%s\tannounce %s %s\n", o->indent, word,
		    words[value]);
}

static void
print_max_prefix(const struct out *o, uint32_t n, bool is_out,
    uint32_t minutes)
{
	if (n == 0)
		return;
	fprintf(o->f, "%s\tmax-prefix %u%s", o->indent, n,
	    is_out ? " out" : "");
	if (minutes != 0)
		fprintf(o->f, " restart %u", minutes);
	fputc('\n', o->f);
}

static void
print_session(const struct out *o, const struct config *c,
    const struct conf_peer *p)
{
	struct addr router_id = addr_from_ipv4(p->router_id);

	quoted(o, "descr", p->descr);
	quoted(o, "rib", p->rib);
	number(o, "remote-as", p->remote_as);
	if (p->local_as != c->as && p->local_as != 0 &&
	    p->local_as != c->confed_as) {
		fprintf(o->f, "%s\tlocal-as %u", o->indent, p->local_as);
		if (p->local_as > UINT16_MAX && p->local_as_short != 0 &&
		    p->local_as_short != BGP_AS_TRANS)
			fprintf(o->f, " %u", p->local_as_short);
		fputc('\n', o->f);
	}
	if (p->router_id != 0)
		address(o, "router-id", &router_id);
	if (p->is_down && p->down_reason != NULL)
		quoted(o, "down", p->down_reason);
	else if (p->is_down)
		line(o, "down");
	if (p->multihop > 1)
		number(o, "multihop", p->multihop);
	if (p->passive)
		line(o, "passive");
	address(o, "local-address", &p->local_address);
	address(o, "local-address", &p->local_address6);
	if (p->port != BGP_PORT)
		number(o, "port", p->port);
}

static void
print_codes(const struct out *o, const char *words,
    const struct conf_blob *codes)
{
	uint32_t i;

	if (codes->len == 0)
		return;
	fprintf(o->f, "%s\t%s", o->indent, words);
	for (i = 0; i < codes->len; i++)
		fprintf(o->f, " %u", codes->bytes[i]);
	fputc('\n', o->f);
}

/* What is ours: 0 stands for no limit, so that it is said, too. */
static void
print_limits(const struct out *o, const struct conf_peer *p)
{
	print_codes(o, "discard attribute", &p->discard_attributes);
	print_codes(o, "reject attribute", &p->reject_attributes);
	if (p->max_as_path != CONFIG_MAX_AS_PATH)
		fprintf(o->f, "%s\tmax-as-path %u\n", o->indent,
		    p->max_as_path);
	number(o, "max-communities", p->max_communities);
}

static void
print_policy(const struct out *o, const struct config *c,
    const struct conf_peer *p)
{
	static const char *const roles[] = {
		[ROLE_PROVIDER] = "role provider", [ROLE_RS] = "role rs",
		[ROLE_RS_CLIENT] = "role rs-client",
		[ROLE_CUSTOMER] = "role customer", [ROLE_PEER] = "role peer",
	};
	struct addr cluster = addr_from_ipv4(c->cluster_id);

	if (p->role <= ROLE_PEER)
		line(o, roles[p->role]);
	print_max_prefix(o, p->max_prefix, false, p->max_prefix_restart_min);
	print_max_prefix(o, p->max_prefix_out, true,
	    p->max_prefix_out_restart_min);
	print_limits(o, p);
	number(o, "holdtime", p->hold_time_sec);
	number(o, "holdtime min", p->hold_time_min_sec);
	number(o, "staletime", p->stale_time_sec);
	number(o, "connect-retry", p->connect_retry_sec);
	if (p->export == EXPORT_NONE)
		line(o, "export none");
	else if (p->export == EXPORT_DEFAULT_ROUTE)
		line(o, "export default-route");
	yesno(o, "enforce neighbor-as", p->enforce_neighbor_as);
	yesno(o, "enforce local-as", p->enforce_local_as);
	/* A word of ours: only where it is not what it would be. */
	if (p->enforce_flow != (config_peer_is_ebgp(p) && !p->is_confed))
		yesno(o, "enforce flowspec", p->enforce_flow);
	if (p->is_reflector_client && c->cluster_id != 0)
		address(o, "route-reflector", &cluster);
	else if (p->is_reflector_client)
		line(o, "route-reflector");
}

void
print_ipsec(FILE *f, char *const *ipsec, size_t n, const char *indent)
{
	size_t i;

	for (i = 0; i < n; i++)
		fprintf(f, "%s\tipsec %s\n", indent, ipsec[i]);
}

static void
print_protection(const struct out *o, const struct conf_peer *p)
{
	if (p->md5_key.len != 0 || (p->refused != NULL &&
	    strcmp(p->refused, "tcp md5sig") == 0))
		line(o, "tcp md5sig");
	if (p->ao_key.len != 0 || (p->refused != NULL &&
	    strcmp(p->refused, "tcp ao") == 0)) {
		fprintf(o->f, "%s\ttcp ao id %u", o->indent, p->ao_key_id);
		if (p->ao_algorithm != NULL) {
			fprintf(o->f, " algorithm ");
			print_quoted(o->f, p->ao_algorithm);
		}
		fputc('\n', o->f);
	}
	print_ipsec(o->f, p->ipsec, p->n_ipsec, o->indent);
	if (p->ttl_security)
		yesno(o, "ttl-security", true);
}

static void
print_engine(const struct out *o, const struct config *c,
    const struct conf_peer *p)
{
	if (p->demote_group != NULL)
		fprintf(o->f, "%s\tdemote %s\n", o->indent, p->demote_group);
	quoted(o, "depend on", p->depend_on);
	if (p->transparent_as)
		yesno(o, "transparent-as", true);
	if (p->evaluate_all != c->evaluate_all)
		line(o, p->evaluate_all ? "rde evaluate all" :
		    "rde evaluate default");
	if (p->reject_as_set != c->reject_as_set)
		yesno(o, "reject as-set", p->reject_as_set);
	if (p->log_updates)
		line(o, "log updates");
	if (p->no_bmp)
		line(o, "bmp no");
}

/* OpenBGPD's families, in its order. */
static const struct {
	uint16_t	 afi;
	uint8_t		 safi;
	const char	*name;
} family_names[] = {
	{ AFI_IPV4, SAFI_UNICAST, "IPv4 unicast" },
	{ AFI_IPV6, SAFI_UNICAST, "IPv6 unicast" },
	{ AFI_IPV4, SAFI_MPLS_VPN, "IPv4 vpn" },
	{ AFI_IPV6, SAFI_MPLS_VPN, "IPv6 vpn" },
	{ AFI_L2VPN, SAFI_EVPN, "EVPN" },
	{ AFI_IPV4, SAFI_FLOW, "IPv4 flowspec" },
	{ AFI_IPV6, SAFI_FLOW, "IPv6 flowspec" },
};

static void
print_families(const struct out *o, const struct conf_peer *p)
{
	const struct conf_family *f;
	bool is_any = false;
	size_t i, k;

	for (i = 0; i < sizeof(family_names) / sizeof(family_names[0]); i++) {
		for (k = 0; k < p->n_families; k++) {
			f = &p->families[k];
			if (f->afi != family_names[i].afi ||
			    f->safi != family_names[i].safi)
				continue;
			fprintf(o->f, "%s\tannounce %s%s\n", o->indent,
			    family_names[i].name,
			    f->enforce == CONF_ENFORCE ? " enforce" : "");
			is_any = true;
		}
	}
	if (!is_any) {
		line(o, "announce IPv4 none");
		line(o, "announce IPv6 none");
	}
}

static void
print_add_path_send(const struct out *o, const struct conf_peer *p)
{
	static const char *const words[] = {
		[ADD_PATH_SEND_ALL] = "all", [ADD_PATH_SEND_BEST] = "best",
		[ADD_PATH_SEND_ECMP] = "ecmp",
		[ADD_PATH_SEND_AS_WIDE] = "as-wide-best",
	};

	if (p->add_path_send == ADD_PATH_SEND_NO ||
	    p->add_path_send > ADD_PATH_SEND_AS_WIDE)
		return;
	fprintf(o->f, "%s\tannounce add-path send %s", o->indent,
	    words[p->add_path_send]);
	if (p->add_path_plus != 0)
		fprintf(o->f, " plus %u", p->add_path_plus);
	if (p->add_path_max != 0)
		fprintf(o->f, " max %u", p->add_path_max);
	fprintf(o->f, "%s\n", p->add_path_send_enforce ? " enforce" : "");
}

static void
print_capabilities(const struct out *o, const struct conf_peer *p)
{
	print_families(o, p);
	capability(o, "refresh", p->refresh, CONF_YES);
	capability(o, "enhanced refresh", p->enhanced_refresh, CONF_NO);
	if (p->graceful_restart != CONF_NO && p->llgr_sec != 0)
		fprintf(o->f, "%s\tannounce restart %s llgr %u\n", o->indent,
		    p->graceful_restart == CONF_ENFORCE ? "enforce" : "yes",
		    p->llgr_sec);
	else
		capability(o, "restart", p->graceful_restart, CONF_YES);
	if (p->graceful_restart != CONF_NO && p->graceful_notification)
		line(o, "announce graceful notification yes");
	capability(o, "as-4byte", p->as4, CONF_ENFORCE);
	capability(o, "extended message", p->extended_message, CONF_NO);
	capability(o, "extended nexthop", p->extended_nexthop, CONF_NO);
	capability(o, "add-path recv", p->add_path_receive, CONF_NO);
	print_add_path_send(o, p);
	capability(o, "policy", p->policy, CONF_ENFORCE + 1);
}

static void
print_messages(const struct out *o, const char *word, uint8_t mask,
    uint8_t form)
{
	static const char *const kinds[] = {
		"open", "update", "notification", "keepalive", "refresh",
		"operational",
	};
	static const char *const forms[] = {
		"parsed", "packets", "consolidate",
	};
	unsigned i;

	if (mask == 0 && form == 0)
		return;
	fprintf(o->f, "%s\t\t%s {", o->indent, word);
	for (i = 0; i < 6; i++)
		if (mask >> i & 1)
			fprintf(o->f, " %s", kinds[i]);
	for (i = 0; i < 3; i++)
		if (form >> i & 1 && form != API_PARSED)
			fprintf(o->f, " %s", forms[i]);
	fprintf(o->f, " }\n");
}

static void
print_api(const struct out *o, const struct conf_api *a)
{
	const struct { const char *word; bool is_on; } flags[] = {
		{ "changes", a->neighbor_changes },
		{ "negotiated", a->negotiated }, { "fsm", a->fsm },
		{ "signal", a->signal },
	};
	size_t i;

	line(o, "api {");
	fprintf(o->f, "%s\t\tprocess ", o->indent);
	print_quoted(o->f, a->process);
	fputc('\n', o->f);
	print_messages(o, "receive", a->receive_mask, a->receive_form);
	print_messages(o, "send", a->send_mask, a->send_form);
	for (i = 0; i < sizeof(flags) / sizeof(flags[0]); i++)
		if (flags[i].is_on)
			fprintf(o->f, "%s\t\t%s yes\n", o->indent,
			    flags[i].word);
	line(o, "}");
}

void
print_peer(FILE *f, const struct config *c, const struct conf_peer *p,
    const char *indent)
{
	const struct out o = { f, indent };
	char text[PREFIX_TEXT_MAX], inner[8];
	size_t i;

	snprintf(inner, sizeof(inner), "%s\t", indent);
	if (config_peer_is_template(p))
		prefix_print(&p->remote, text, sizeof(text));
	else
		addr_print(&p->remote.addr, text, sizeof(text));
	fprintf(f, "%sneighbor %s {\n", indent, text);
	print_session(&o, c, p);
	print_policy(&o, c, p);
	print_engine(&o, c, p);
	print_protection(&o, p);
	print_capabilities(&o, p);
	print_exabgp_peer(f, p, inner);
	for (i = 0; i < p->n_apis; i++)
		print_api(&o, &p->apis[i]);
	for (i = 0; i < p->n_routes; i++)
		print_originate(f, &p->routes[i], inner);
	if (print_has_dumps(c)) {
		print_dumps(f, p->dumps, p->n_dumps, inner);
		fputc('\n', f);
	}
	fprintf(f, "%s}\n", indent);
}
