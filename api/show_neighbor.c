/* SPDX-License-Identifier: ISC */
/*
 * show neighbor extensive and configuration, as ExaBGP 4.2 words them. The
 * one is told from a neighbor's status, the other from the model.
 */
#include "api/engine.h"

#include "common/nlri/nlri.h"
#include "common/value.h"
#include "common/wire/open.h"

#include <stdio.h>
#include <string.h>

static const char unknown[] = "n/a";

static void
put_row(struct wr *w, const char *key, const char *local,
    const char *remote)
{
	buf_put_format(w, "   %-20s %15s %15s %15s\n", key, local, remote, "");
}

static void
put_number(struct wr *w, const char *key, uint64_t local,
    const char *remote)
{
	char text[24];

	snprintf(text, sizeof(text), "%llu", (unsigned long long)local);
	put_row(w, key, text, remote);
}

static const char *
enabled(bool is_enabled)
{
	return is_enabled ? "enabled" : "disabled";
}

/* What the neighbor said; of one that is not there nothing is known. */
static const char *
remote_enabled(const struct value *remote, bool is_enabled)
{
	return remote == NULL ? unknown : enabled(is_enabled);
}

static bool
has_add_path(const struct conf_peer *c)
{
	size_t i;

	for (i = 0; i < c->n_families; i++)
		if (c->families[i].add_path != ADD_PATH_NONE)
			return true;
	return false;
}

static bool
is_listed(const struct value *list, const char *key, const char *name)
{
	const struct value *v;
	size_t i;

	for (i = 0; (v = value_at(list, i)) != NULL; i++)
		if (strcmp(key == NULL ? value_string(v, "") :
		    value_get_string(v, key, ""), name) == 0)
			return true;
	return false;
}

static void
put_session(const struct api_peer *p, const struct value *v, struct wr *w)
{
	const char *state = value_get_string(v, "state", "");
	unsigned long long age = value_get_number(v, "last_updown_sec", 0);
	char text[ADDR_TEXT_MAX], upper[32];
	size_t i;

	for (i = 0; state[i] != '\0' && i < sizeof(upper) - 1; i++)
		upper[i] = (char)(state[i] >= 'a' && state[i] <= 'z' ?
		    state[i] - 'a' + 'A' : state[i]);
	upper[i] = '\0';
	buf_put_format(w, "Neighbor %s\n\n  %-20s  %15s\n",
	    value_get_string(v, "remote_addr", ""), "Session", "Local");
	put_row(w, "local", p->conf->local_address.family == ADDR_NONE ?
	    unknown : addr_print(&p->conf->local_address, text,
	    sizeof(text)), "");
	put_row(w, "state", upper, "");
	snprintf(text, sizeof(text), "%llu:%02llu:%02llu", age / 3600,
	    age / 60 % 60, age % 60);
	put_row(w, p->is_up ? "up for" : "down for", text, "");
}

static void
put_setup(const struct api_peer *p, const struct value *v, struct wr *w)
{
	const struct value *session = value_get(v, "session");
	struct addr id = { .family = ADDR_IPV4 };
	char text[ADDR_TEXT_MAX];
	struct wr bytes;

	buf_put_format(w, "\n  %-20s  %15s %15s\n", "Setup", "Local",
	    "Remote");
	put_number(w, "AS", p->conf->local_as,
	    value_get_string(v, "remote_as", ""));
	buf_writer(&bytes, id.bytes, sizeof(id.bytes));
	buf_put_u32(&bytes, p->conf->router_id);
	put_row(w, "ID", addr_print(&id, text, sizeof(text)),
	    value_get_string(v, "bgpid", unknown));
	snprintf(text, sizeof(text), "%llu", (unsigned long long)
	    value_get_number(session, "holdtime", 0));
	put_number(w, "hold-time", p->conf->hold_time_sec,
	    session == NULL ? unknown : text);
}

static void
put_capabilities(const struct api_peer *p, const struct value *remote,
    struct wr *w)
{
	const struct open_negotiated *n = &p->session.negotiated;
	const struct conf_peer *c = p->conf;

	buf_put_format(w, "\n  %-20s  %15s %15s\n", "Capability", "Local",
	    "Remote");
	put_row(w, "asn4:", enabled(c->as4 != CONF_NO), remote_enabled(remote,
	    value_get_boolean(remote, "as4byte", false)));
	put_row(w, "route-refresh:", enabled(c->refresh != CONF_NO),
	    remote_enabled(remote, value_get_boolean(remote, "refresh",
	    false)));
	put_row(w, "multi-session:", enabled(c->multisession),
	    remote_enabled(remote, n->has_multisession));
	put_row(w, "operational:", enabled(c->operational),
	    remote_enabled(remote, n->has_operational));
	put_row(w, "add-path:", enabled(has_add_path(c)),
	    remote_enabled(remote, value_at(value_get(remote, "add-path"), 0)
	    != NULL));
	put_row(w, "extended-message:", enabled(c->extended_message !=
	    CONF_NO), remote_enabled(remote, value_get_boolean(remote,
	    "extended_message", false)));
	put_row(w, "graceful-restart:", enabled(c->graceful_restart !=
	    CONF_NO), remote_enabled(remote, value_get(remote,
	    "graceful_restart") != NULL));
}

static void
put_families(const struct api_peer *p, const struct value *remote,
    struct wr *w)
{
	const struct open_negotiated *n = &p->session.negotiated;
	const struct nlri_family *f;
	const char *add_path;
	char key[64];
	size_t i;

	buf_put_format(w, "\n  %-20s  %15s %15s %15s\n", "Families", "Local",
	    "Remote", "Add-Path");
	for (i = 0; i < p->conf->n_families; i++) {
		f = nlri_find(p->conf->families[i].afi,
		    p->conf->families[i].safi);
		if (f == NULL)
			continue;
		add_path = enabled(((n->add_path_send_mask |
		    n->add_path_receive_mask) >> f->id & 1) != 0);
		snprintf(key, sizeof(key), "%s:", f->name);
		buf_put_format(w, "   %-20s %15s %15s %15s\n", key,
		    enabled(true), remote_enabled(remote, is_listed(
		    value_get(remote, "multiprotocol"), NULL, f->bgpd_name)),
		    remote == NULL ? unknown : add_path);
	}
}

static void
put_messages(const struct value *v, struct wr *w)
{
	static const struct { const char *name, *key; } rows[] = {
		{ "open:", "open" }, { "notification:", "notifications" },
		{ "keepalive:", "keepalives" }, { "update:", "updates" },
		{ "refresh:", "route_refresh" }, { "total:", "total" },
	};
	const struct value *m = value_get(value_get(v, "stats"), "message");
	char text[24];
	size_t i;

	buf_put_format(w, "\n  %-20s  %15s %15s\n", "Message Statistic",
	    "Sent", "Received");
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		snprintf(text, sizeof(text), "%llu", (unsigned long long)
		    value_get_number(value_get(m, "received"), rows[i].key,
		    0));
		put_number(w, rows[i].name, value_get_number(value_get(m,
		    "sent"), rows[i].key, 0), text);
	}
	buf_put_text(w, "\n");
}

void
show_neighbor_extensive(const struct api_peer *p, const struct value *v,
    struct wr *w)
{
	const struct value *remote = value_get(value_get(value_get(v,
	    "session"), "capabilities"), "remote");

	put_session(p, v, w);
	put_setup(p, v, w);
	put_capabilities(p, remote, w);
	put_families(p, remote, w);
	put_messages(v, w);
}

static void
put_address(struct wr *w, const char *word, const struct addr *a)
{
	char text[ADDR_TEXT_MAX];

	if (a->family != ADDR_NONE)
		buf_put_format(w, "  %s %s;\n", word, addr_print(a, text,
		    sizeof(text)));
}

static void
put_boolean(struct wr *w, const char *word, bool is_true)
{
	buf_put_format(w, "  %s %s;\n", word, is_true ? "true" : "false");
}

static void
put_capability(struct wr *w, const char *word, bool is_enabled)
{
	buf_put_format(w, "    %s %s;\n", word,
	    is_enabled ? "enable" : "disable");
}

static void
put_conf_capabilities(const struct conf_peer *c, struct wr *w)
{
	static const char *const modes[] = {
		"disable", "receive", "send", "send/receive",
	};
	uint8_t mode = 0;
	bool has_nexthop = false;
	size_t i;

	for (i = 0; i < c->n_families; i++) {
		mode |= c->families[i].add_path;
		has_nexthop |= c->families[i].extended_nexthop;
	}
	buf_put_text(w, "\n  capability {\n");
	put_capability(w, "asn4", c->as4 != CONF_NO);
	put_capability(w, "route-refresh", c->refresh != CONF_NO);
	if (c->graceful_restart != CONF_NO)
		buf_put_format(w, "    graceful-restart %u;\n",
		    c->graceful_restart_sec);
	else
		put_capability(w, "graceful-restart", false);
	put_capability(w, "nexthop", has_nexthop);
	buf_put_format(w, "    add-path %s;\n", modes[mode & 3]);
	put_capability(w, "multi-session", c->multisession);
	put_capability(w, "operational", c->operational);
	put_capability(w, "aigp", c->aigp);
	buf_put_text(w, "  }\n");
}

/* A section of families: all, or those with a property. */
static void
put_conf_families(const struct conf_peer *c, const char *word, struct wr *w)
{
	const struct conf_family *cf;
	const struct nlri_family *f;
	size_t i;

	buf_put_format(w, "  %s {\n", word);
	for (i = 0; i < c->n_families; i++) {
		cf = &c->families[i];
		f = nlri_find(cf->afi, cf->safi);
		if (f == NULL || (strcmp(word, "nexthop") == 0 &&
		    !cf->extended_nexthop) || (strcmp(word, "add-path") == 0 &&
		    cf->add_path == ADD_PATH_NONE))
			continue;
		buf_put_format(w, "    %s%s;\n", f->name,
		    strcmp(word, "nexthop") != 0 ? "" :
		    f->afi == 1 ? " ipv6" : " ipv4");
	}
	buf_put_text(w, "  }\n");
}

static void
put_conf_session(const struct conf_peer *c, struct wr *w)
{
	struct addr id = { .family = ADDR_IPV4 };
	struct wr bytes;

	buf_put_format(w, "  description \"%s\";\n",
	    c->descr == NULL ? "" : c->descr);
	buf_writer(&bytes, id.bytes, sizeof(id.bytes));
	buf_put_u32(&bytes, c->router_id);
	put_address(w, "router-id", &id);
	if (c->host_name != NULL)
		buf_put_format(w, "  host-name %s;\n", c->host_name);
	if (c->domain_name != NULL)
		buf_put_format(w, "  domain-name %s;\n", c->domain_name);
	put_address(w, "local-address", &c->local_address);
	buf_put_format(w, "  local-as %u;\n", c->local_as);
	if (c->remote_as != 0)
		buf_put_format(w, "  peer-as %u;\n", c->remote_as);
	buf_put_format(w, "  hold-time %u;\n", c->hold_time_sec);
	if (c->rate_limit != 0)
		buf_put_format(w, "  rate-limit %u;\n", c->rate_limit);
	else
		buf_put_text(w, "  rate-limit disable;\n");
	put_boolean(w, "manual-eor", c->manual_eor);
	buf_put_text(w, "\n");
	put_boolean(w, "passive", c->passive);
	buf_put_text(w, "\n");
	if (c->listen_port != 0)
		buf_put_format(w, "  listen %u;\n", c->listen_port);
	if (c->port != 0)
		buf_put_format(w, "  connect %u;\n", c->port);
	put_boolean(w, "group-updates", c->group_updates);
	put_boolean(w, "auto-flush", c->auto_flush);
	put_boolean(w, "adj-rib-in", c->adj_rib_in);
	put_boolean(w, "adj-rib-out", c->adj_rib_out);
}

void
show_neighbor_configuration(const struct conf_peer *c, struct wr *w)
{
	char text[PREFIX_TEXT_MAX];
	size_t i;

	if (config_peer_is_template(c))
		prefix_print(&c->remote, text, sizeof(text));
	else
		addr_print(&c->remote.addr, text, sizeof(text));
	buf_put_format(w, "neighbor %s {\n", text);
	put_conf_session(c, w);
	put_conf_capabilities(c, w);
	put_conf_families(c, "family", w);
	put_conf_families(c, "nexthop", w);
	put_conf_families(c, "add-path", w);
	if (c->n_apis != 0) {
		buf_put_text(w, "  api {\n    processes [");
		for (i = 0; i < c->n_apis; i++)
			buf_put_format(w, " %s", c->apis[i].process);
		buf_put_text(w, " ];\n  }\n");
	}
	buf_put_text(w, "}\n");
}
