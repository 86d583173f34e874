/* SPDX-License-Identifier: ISC */
/*
 * A peer's state as `bgpctl show neighbor` tells it: one object with the
 * keys of OpenBGPD's JSON. Times are ages in seconds: bgpctl makes the text.
 */
#include "session/peer.h"

#include "common/bgp.h"
#include "common/emit.h"
#include "common/env.h"
#include "common/loop.h"
#include "session/engine.h"

#include <stdio.h>

static void
status_emit_age(struct emit *e, const char *key, struct mono now,
    struct mono then)
{
	if (mono_is_set(then))
		emit_key_number(e, key, (uint64_t)mono_diff_sec(now, then));
}

static void
status_emit_addr(struct emit *e, const char *key, const struct addr *a)
{
	char text[ADDR_TEXT_MAX];

	emit_key_string(e, key, addr_print(a, text, sizeof(text)));
}

static void
status_emit_id(struct emit *e, const char *key, uint32_t id)
{
	struct addr a = addr_from_ipv4(id);

	status_emit_addr(e, key, &a);
}

static void
status_emit_families(struct emit *e, const char *key, uint32_t mask)
{
	unsigned id;

	emit_key_array(e, key);
	for (id = 0; id < NLRI_N_FAMILIES; id++)
		if (mask & 1u << id)
			emit_string(e, nlri_by_id(id)->bgpd_name);
	emit_end_array(e);
}

static void
status_emit_restart(struct emit *e, const struct open_capabilities *c)
{
	unsigned id;

	emit_key_object(e, "graceful_restart");
	emit_key_boolean(e, "eor", true);
	emit_key_boolean(e, "restart", c->gr_restarting);
	emit_key_number(e, "timeout", c->gr_time_sec);
	emit_key_boolean(e, "graceful_notification", c->gr_notification);
	emit_key_array(e, "protocols");
	for (id = 0; id < NLRI_N_FAMILIES; id++) {
		if ((c->gr_family_mask & 1u << id) == 0)
			continue;
		emit_begin_object(e);
		emit_key_string(e, "family", nlri_by_id(id)->bgpd_name);
		emit_key_boolean(e, "preserved",
		    (c->gr_forwarding_mask & 1u << id) != 0);
		emit_end_object(e);
	}
	emit_end_array(e);
	emit_end_object(e);
}

static void
status_emit_add_path(struct emit *e, const uint8_t *modes)
{
	static const char *const names[] = {
		"none", "recv", "send", "bidir",
	};
	bool has_any = false;
	unsigned id;

	for (id = 0; id < NLRI_N_FAMILIES; id++)
		has_any = has_any || modes[id] != ADD_PATH_NONE;
	if (!has_any)
		return;
	emit_key_array(e, "add-path");
	for (id = 0; id < NLRI_N_FAMILIES; id++) {
		if (modes[id] == ADD_PATH_NONE)
			continue;
		emit_begin_object(e);
		emit_key_string(e, "family", nlri_by_id(id)->bgpd_name);
		emit_key_string(e, "mode", names[modes[id] & 3]);
		emit_end_object(e);
	}
	emit_end_array(e);
}

static const char *
status_role_name(uint8_t role)
{
	static const char *const names[] = {
		"provider", "rs", "rs-client", "customer", "peer",
	};

	return role < sizeof(names) / sizeof(names[0]) ? names[role] : "none";
}

static void
status_emit_capabilities(struct emit *e, const char *key,
    const struct open_capabilities *c)
{
	emit_key_object(e, key);
	emit_key_boolean(e, "as4byte", c->has_as4);
	emit_key_boolean(e, "refresh", c->has_refresh);
	emit_key_boolean(e, "enhanced_refresh", c->has_enhanced_refresh);
	emit_key_boolean(e, "extended_message", c->has_extended_message);
	if (c->family_mask != 0)
		status_emit_families(e, "multiprotocol", c->family_mask);
	if (c->extended_nexthop_mask != 0)
		status_emit_families(e, "extended_nexthop",
		    c->extended_nexthop_mask);
	if (c->has_graceful_restart)
		status_emit_restart(e, c);
	status_emit_add_path(e, c->add_path);
	if (c->role != ROLE_NONE)
		emit_key_string(e, "open_policy", status_role_name(c->role));
	emit_end_object(e);
}

static void
status_emit_negotiated(struct emit *e, const struct link *l)
{
	const struct open_negotiated *n = &l->negotiated;
	uint8_t modes[NLRI_N_FAMILIES];
	unsigned id;

	for (id = 0; id < NLRI_N_FAMILIES; id++)
		modes[id] = (uint8_t)(
		    (n->add_path_receive_mask & 1u << id ?
		    ADD_PATH_RECEIVE : 0) |
		    (n->add_path_send_mask & 1u << id ? ADD_PATH_SEND : 0));
	emit_key_object(e, "negotiated");
	emit_key_boolean(e, "as4byte", n->has_as4);
	emit_key_boolean(e, "refresh", n->has_refresh);
	emit_key_boolean(e, "enhanced_refresh", n->has_enhanced_refresh);
	emit_key_boolean(e, "extended_message", n->has_extended_message);
	if (n->family_mask != 0)
		status_emit_families(e, "multiprotocol", n->family_mask);
	if (n->has_graceful_restart)
		status_emit_restart(e, &l->remote.capabilities);
	status_emit_add_path(e, modes);
	emit_end_object(e);
}

static void
status_emit_session(struct emit *e, const struct peer *p,
    const struct link *l)
{
	emit_key_object(e, "session");
	emit_key_number(e, "holdtime", l->negotiated.hold_time_sec);
	emit_key_number(e, "keepalive", l->negotiated.hold_time_sec / 3);
	emit_key_object(e, "local");
	status_emit_addr(e, "address", &l->conn->local);
	emit_key_number(e, "port", l->conn->local_port);
	emit_end_object(e);
	emit_key_object(e, "remote");
	status_emit_addr(e, "address", &l->conn->remote);
	emit_key_number(e, "port", l->conn->remote_port);
	emit_end_object(e);
	if (p->conf->role != ROLE_NONE) {
		emit_key_string(e, "remote_role",
		    status_role_name(l->remote.capabilities.role));
		emit_key_string(e, "local_role",
		    status_role_name(p->conf->role));
	}
	emit_key_object(e, "capabilities");
	status_emit_capabilities(e, "local", &l->local.capabilities);
	status_emit_capabilities(e, "remote", &l->remote.capabilities);
	status_emit_negotiated(e, l);
	emit_end_object(e);
	emit_end_object(e);
}

static void
status_emit_messages(struct emit *e, const char *key,
    const struct peer_counters *c)
{
	static const struct { const char *name; uint8_t type; } rows[] = {
		{ "open", BGP_OPEN }, { "notifications", BGP_NOTIFICATION },
		{ "updates", BGP_UPDATE }, { "keepalives", BGP_KEEPALIVE },
		{ "route_refresh", BGP_ROUTE_REFRESH },
	};
	uint64_t total = 0;
	size_t i;

	emit_key_object(e, key);
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		emit_key_number(e, rows[i].name, c->messages[rows[i].type]);
		total += c->messages[rows[i].type];
	}
	emit_key_number(e, "total", total);
	emit_end_object(e);
}

static void
status_emit_refresh(struct emit *e, const char *key, const uint64_t *n)
{
	emit_key_object(e, key);
	emit_key_number(e, "request", n[REFRESH_REQUEST]);
	emit_key_number(e, "borr", n[REFRESH_BEGIN]);
	emit_key_number(e, "eorr", n[REFRESH_END]);
	emit_end_object(e);
}

static void
status_emit_stats(struct emit *e, const struct peer *p, struct mono now)
{
	uint32_t rate, most;

	peer_rate_get(p, &rate, &most);
	emit_key_object(e, "stats");
	emit_key_number(e, "received_per_sec", rate);
	emit_key_number(e, "received_per_sec_max", most);
	status_emit_age(e, "last_read_sec", now, p->last_read);
	status_emit_age(e, "last_write_sec", now, p->last_write);
	emit_key_object(e, "message");
	status_emit_messages(e, "sent", &p->sent);
	status_emit_messages(e, "received", &p->received);
	emit_end_object(e);
	emit_key_object(e, "route-refresh");
	status_emit_refresh(e, "sent", p->n_refresh_sent);
	status_emit_refresh(e, "received", p->n_refresh_received);
	emit_end_object(e);
	emit_key_number(e, "out_queue", p->established == NULL ? 0 :
	    p->established->conn->queued);
	emit_end_object(e);
}

static void
status_emit_config(struct emit *e, const struct peer *p)
{
	const struct conf_peer *c = p->conf;

	emit_key_object(e, "config");
	emit_key_boolean(e, "template", config_peer_is_template(c));
	emit_key_boolean(e, "cloned", p->clone != NULL);
	emit_key_boolean(e, "passive", c->passive);
	emit_key_boolean(e, "down", p->is_down);
	emit_key_boolean(e, "multihop", c->multihop > 1);
	if (c->multihop > 1)
		emit_key_number(e, "multihop_distance", c->multihop);
	if (c->max_prefix != 0)
		emit_key_number(e, "max_prefix", c->max_prefix);
	if (c->max_prefix_restart_min != 0)
		emit_key_number(e, "max_prefix_restart",
		    c->max_prefix_restart_min);
	if (c->max_prefix_out != 0)
		emit_key_number(e, "max_out_prefix", c->max_prefix_out);
	if (c->md5_key.len != 0)
		emit_key_string(e, "authentication", "tcp md5sig");
	emit_key_boolean(e, "ttl_security", c->ttl_security);
	emit_key_number(e, "holdtime", c->hold_time_sec != 0 ||
	    c->is_isolated ? c->hold_time_sec :
	    p->session->config->hold_time_sec);
	emit_key_number(e, "min_holdtime", c->hold_time_min_sec != 0 ?
	    c->hold_time_min_sec : p->session->config->hold_time_min_sec);
	if (c->role != ROLE_NONE)
		emit_key_string(e, "role", status_role_name(c->role));
	emit_end_object(e);
}

static void
status_emit_timer(struct emit *e, const char *name,
    const struct loop_timer *t, struct mono now)
{
	int64_t usec = mono_diff_usec(t->deadline, now);

	if (!t->is_set)
		return;
	emit_begin_object(e);
	emit_key_string(e, "name", name);
	emit_key_number(e, "due", usec <= 0 ? 0 :
	    (uint64_t)((usec + MONO_USEC_PER_SEC - 1) / MONO_USEC_PER_SEC));
	emit_end_object(e);
}

static void
status_emit_timers(struct emit *e, const struct peer *p, struct mono now)
{
	unsigned i;

	emit_key_array(e, "timers");
	for (i = 0; i < 2; i++) {
		const struct link *l = &p->links[i];

		status_emit_timer(e, "ConnectRetryTimer", &l->retry, now);
		status_emit_timer(e, "HoldTimer", &l->hold, now);
		status_emit_timer(e, "KeepaliveTimer", &l->keepalive, now);
		status_emit_timer(e, "SendHoldTimer", &l->send_hold, now);
	}
	status_emit_timer(e, "IdleHoldTimer", &p->idle_hold, now);
	emit_end_array(e);
}

static void
status_emit_text(struct emit *e, const char *key, const char *text)
{
	if (text != NULL && text[0] != '\0')
		emit_key_string(e, key, text);
}

void
peer_emit_status(const struct peer *p, struct emit *e)
{
	struct mono now = loop_now(p->session->env->loop);
	const struct link *l = p->established;
	char text[PREFIX_TEXT_MAX];

	emit_begin_object(e);
	emit_key_number(e, "id", p->id);
	emit_key(e, "remote_as");
	emit_format(e, "%u", l != NULL && l->remote.capabilities.has_as4 ?
	    l->remote.capabilities.as4 : p->conf->remote_as);
	status_emit_text(e, "description", p->conf->descr);
	status_emit_text(e, "group", p->conf->group);
	status_emit_text(e, "name", p->conf->name);
	emit_key_string(e, "remote_addr", config_peer_is_template(p->conf) ?
	    prefix_print(&p->conf->remote, text, sizeof(text)) :
	    addr_print(&p->conf->remote.addr, text, sizeof(text)));
	emit_key_number(e, "local_as", p->conf->local_as);
	status_emit_addr(e, "local_addr", l != NULL ? &l->conn->local :
	    &p->conf->local_address);
	status_emit_id(e, "bgpid", l != NULL ? l->remote.router_id : 0);
	status_emit_id(e, "local_bgpid", l != NULL ? l->local.router_id :
	    p->conf->router_id);
	emit_key_string(e, "state", fsm_state_name(p->state));
	status_emit_age(e, "last_updown_sec", now, p->changed_at);
	status_emit_config(e, p);
	status_emit_stats(e, p, now);
	status_emit_text(e, "last_error_sent", p->last_error_sent);
	status_emit_text(e, "last_error_received", p->last_error_received);
	if (p->is_down)
		status_emit_text(e, "my_shutdown_reason", p->down_reason);
	status_emit_text(e, "last_shutdown_reason", p->last_reason);
	if (l != NULL)
		status_emit_session(e, p, l);
	status_emit_timers(e, p, now);
	emit_end_object(e);
}
