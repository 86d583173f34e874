/* SPDX-License-Identifier: ISC */
/*
 * OPEN: ours from the configuration, and what we think of theirs. RFC 4271
 * 6.2, RFC 5492, RFC 6286, RFC 7607, RFC 9234.
 */
#include "session/peer.h"

#include "common/bgp.h"
#include "common/err.h"
#include "session/engine.h"

#include <stdio.h>
#include <string.h>

static void
peer_add_family(struct open_capabilities *c, const struct conf_family *f)
{
	const struct nlri_family *row = nlri_find(f->afi, f->safi);

	if (row == NULL || (c->family_mask & 1u << row->id) != 0)
		return;
	c->family_mask |= 1u << row->id;
	c->family_order[c->n_families++] = row->id;
	c->add_path[row->id] = f->add_path;
	c->paths_limit[row->id] = f->paths_limit;
	if (f->extended_nexthop) {
		c->extended_nexthop_mask |= 1u << row->id;
		c->has_extended_nexthop = true;
	}
}

static void
peer_add_add_path(const struct conf_peer *conf, struct open_capabilities *c)
{
	unsigned i, id;

	for (i = 0; i < c->n_families; i++) {
		id = c->family_order[i];
		if (conf->add_path_receive != CONF_NO)
			c->add_path[id] |= ADD_PATH_RECEIVE;
		if (conf->add_path_send != ADD_PATH_SEND_NO)
			c->add_path[id] |= ADD_PATH_SEND;
	}
}

static void
peer_add_restart(const struct conf_peer *conf, struct open_capabilities *c)
{
	unsigned i;

	if (conf->graceful_restart == CONF_NO)
		return;
	c->has_graceful_restart = true;
	c->gr_notification = conf->graceful_notification;
	c->gr_time_sec = conf->graceful_restart_sec;
	if (conf->llgr_sec != 0) {
		c->has_llgr = true;
		c->llgr_family_mask = c->family_mask;
		for (i = 0; i < NLRI_N_FAMILIES; i++)
			c->llgr_sec[i] = conf->llgr_sec;
	}
	/*
	 * ExaBGP lists its families with the forwarding flag; OpenBGPD sends
	 * none, as it never keeps forwarding state itself.
	 */
	if (conf->is_isolated) {
		c->gr_family_mask = c->family_mask;
		c->gr_forwarding_mask = c->family_mask;
		c->gr_restarting = true;
	}
}

static void
peer_copy_name(char *out, const char *name)
{
	if (name != NULL)
		strlcpy(out, name, OPEN_NAME_MAX);
}

static void
peer_local_capabilities(const struct conf_peer *conf, struct open *o)
{
	struct open_capabilities *c = &o->capabilities;
	size_t i;

	c->has_multiprotocol = conf->n_families != 0;
	for (i = 0; i < conf->n_families; i++)
		peer_add_family(c, &conf->families[i]);
	peer_add_add_path(conf, c);
	peer_add_restart(conf, c);
	c->has_refresh = conf->refresh != CONF_NO;
	c->has_enhanced_refresh = conf->enhanced_refresh != CONF_NO;
	c->has_extended_message = conf->extended_message != CONF_NO;
	c->has_as4 = conf->as4 != CONF_NO;
	c->role = conf->policy != CONF_NO ? conf->role : ROLE_NONE;
	c->has_operational = conf->operational;
	c->has_multisession = conf->multisession;
	c->has_link_local_nexthop = conf->link_local_nexthop;
	c->has_hostname = conf->host_name != NULL;
	peer_copy_name(c->hostname, conf->host_name);
	peer_copy_name(c->domain, conf->domain_name);
}

/* Compat: a program's neighbor may look for the version it was tested with. */
static void
peer_software(const struct peer *p, struct open_capabilities *c)
{
	const char *version = p->session->config->environment.version;

	if (!p->conf->software_version)
		return;
	if (version == NULL)
		strlcpy(c->software, "bgpd/" BGPD_VERSION,
		    sizeof(c->software));
	else
		snprintf(c->software, sizeof(c->software), "ExaBGP/%s",
		    version);
}

static uint32_t
peer_router_id(const struct peer *p, const struct link *l)
{
	if (p->conf->router_id != 0)
		return p->conf->router_id;
	if (p->session->config->router_id != 0)
		return p->session->config->router_id;
	return addr_to_ipv4(&l->conn->local);
}

void
peer_local_open(const struct peer *p, const struct link *l, struct open *o)
{
	const struct conf_peer *conf = p->conf;
	uint32_t as = conf->local_as;

	memset(o, 0, sizeof(*o));
	o->capabilities.role = ROLE_NONE;
	if (conf->local_as_auto && l->has_remote)
		as = l->remote.capabilities.has_as4 ?
		    l->remote.capabilities.as4 : l->remote.as;
	o->version = BGP_VERSION;
	o->as = as > UINT16_MAX ? BGP_AS_TRANS : (uint16_t)as;
	if (as > UINT16_MAX && conf->local_as_short != 0)
		o->as = conf->local_as_short;
	o->hold_time_sec = conf->hold_time_sec != 0 || conf->is_isolated ?
	    conf->hold_time_sec : p->session->config->hold_time_sec;
	o->router_id = peer_router_id(p, l);
	peer_local_capabilities(conf, o);
	peer_software(p, &o->capabilities);
	o->capabilities.as4 = as;
}

static int
peer_refuse_open(struct link *l, uint8_t subcode, const void *data, size_t len)
{
	l->error = (struct peer_error){
		.code = ERROR_OPEN, .subcode = subcode, .len = (uint8_t)len,
	};
	memcpy(l->error.data, data, len);
	return ERR_PROTO;
}

/* RFC 9234 4.2: which pairs of roles fit. */
static bool
peer_roles_fit(uint8_t local, uint8_t remote)
{
	static const uint8_t partner[] = {
		[ROLE_PROVIDER] = ROLE_CUSTOMER, [ROLE_RS] = ROLE_RS_CLIENT,
		[ROLE_RS_CLIENT] = ROLE_RS, [ROLE_CUSTOMER] = ROLE_PROVIDER,
		[ROLE_PEER] = ROLE_PEER,
	};

	return local < sizeof(partner) && partner[local] == remote;
}

static int
peer_judge_role(struct link *l, const struct open_capabilities *remote)
{
	const struct conf_peer *conf = l->peer->conf;

	if (conf->policy == CONF_NO || conf->role == ROLE_NONE)
		return 0;
	if (remote->has_two_roles)
		return peer_refuse_open(l, ERROR_OPEN_ROLE, "", 0);
	if (remote->role == ROLE_NONE)
		return conf->policy == CONF_ENFORCE ?
		    peer_refuse_open(l, ERROR_OPEN_ROLE, "", 0) : 0;
	if (!peer_roles_fit(conf->role, remote->role))
		return peer_refuse_open(l, ERROR_OPEN_ROLE, "", 0);
	return 0;
}

/* A family with "enforce" that the peer does not speak. */
static int
peer_judge_families(struct link *l, const struct open_capabilities *remote)
{
	const struct conf_peer *conf = l->peer->conf;
	const struct conf_family *f;
	const struct nlri_family *row;
	uint8_t data[6];
	struct wr w;
	size_t i;

	for (i = 0; i < conf->n_families; i++) {
		f = &conf->families[i];
		row = nlri_find(f->afi, f->safi);
		if (f->enforce != CONF_ENFORCE || row == NULL ||
		    (remote->family_mask >> row->id & 1) != 0 ||
		    (!remote->has_multiprotocol &&
		    row->id == NLRI_IPV4_UNICAST))
			continue;
		buf_writer(&w, data, sizeof(data));
		buf_put_u8(&w, CAPABILITY_MULTIPROTOCOL);
		buf_put_u8(&w, 4);
		buf_put_u16(&w, f->afi);
		buf_put_u16(&w, f->safi);
		return peer_refuse_open(l, ERROR_OPEN_CAPABILITY, data, w.len);
	}
	return 0;
}

static bool
has_add_path(const struct open_capabilities *remote, uint8_t direction)
{
	unsigned i;

	for (i = 0; i < NLRI_N_FAMILIES; i++)
		if (remote->add_path[i] & direction)
			return true;
	return false;
}

/* "enforce": RFC 5492's Unsupported Capability when the peer lacks one. */
static int
peer_judge_enforced(struct link *l, const struct open_capabilities *remote)
{
	const struct conf_peer *conf = l->peer->conf;
	const struct { uint8_t wanted; bool is_there; uint8_t code; } rows[] = {
		{ conf->refresh, remote->has_refresh,
		    CAPABILITY_ROUTE_REFRESH },
		{ conf->enhanced_refresh, remote->has_enhanced_refresh,
		    CAPABILITY_ENHANCED_REFRESH },
		{ conf->extended_message, remote->has_extended_message,
		    CAPABILITY_EXTENDED_MESSAGE },
		{ conf->graceful_restart, remote->has_graceful_restart,
		    CAPABILITY_GRACEFUL_RESTART },
		{ conf->extended_nexthop, remote->has_extended_nexthop,
		    CAPABILITY_EXTENDED_NEXTHOP },
		{ conf->add_path_receive,
		    has_add_path(remote, ADD_PATH_SEND),
		    CAPABILITY_ADD_PATH },
		{ conf->add_path_send_enforce ? CONF_ENFORCE : CONF_NO,
		    has_add_path(remote, ADD_PATH_RECEIVE),
		    CAPABILITY_ADD_PATH },
	};
	uint8_t data[6];
	size_t i;

	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		if (rows[i].wanted != CONF_ENFORCE || rows[i].is_there)
			continue;
		data[0] = rows[i].code;
		data[1] = 0;
		return peer_refuse_open(l, ERROR_OPEN_CAPABILITY, data, 2);
	}
	if (conf->as4 == CONF_ENFORCE && !remote->has_as4) {
		data[0] = CAPABILITY_AS4;
		data[1] = 4;
		data[2] = (uint8_t)(conf->local_as >> 24);
		data[3] = (uint8_t)(conf->local_as >> 16);
		data[4] = (uint8_t)(conf->local_as >> 8);
		data[5] = (uint8_t)conf->local_as;
		return peer_refuse_open(l, ERROR_OPEN_CAPABILITY, data, 6);
	}
	return 0;
}

static int
peer_judge_as(struct link *l, const struct open *o)
{
	const struct conf_peer *conf = l->peer->conf;
	uint32_t as = o->capabilities.has_as4 ? o->capabilities.as4 : o->as;

	/* RFC 7607 (AS 0); RFC 6793: AS_TRANS only stands in. */
	if (as == 0 || o->as == 0 || as == BGP_AS_TRANS)
		return peer_refuse_open(l, ERROR_OPEN_AS, "", 0);
	if (conf->remote_as != 0 && conf->remote_as != as)
		return peer_refuse_open(l, ERROR_OPEN_AS, "", 0);
	/* RFC 6286: any identifier but 0; inside an AS not our own. */
	if (o->router_id == 0 || (as == conf->local_as &&
	    o->router_id == peer_router_id(l->peer, l)))
		return peer_refuse_open(l, ERROR_OPEN_ROUTER_ID, "", 0);
	return 0;
}

int
peer_judge_open(struct link *l, const struct open *o)
{
	const struct peer *p = l->peer;
	uint16_t min = p->conf->hold_time_min_sec;
	int r;

	if (min == 0)
		min = p->session->config->hold_time_min_sec;
	if (min < 3)
		min = 3;
	r = peer_judge_as(l, o);
	if (r != 0)
		return r;
	if (o->hold_time_sec != 0 && o->hold_time_sec < min)
		return peer_refuse_open(l, ERROR_OPEN_HOLD_TIME, "", 0);
	r = peer_judge_role(l, &o->capabilities);
	if (r != 0)
		return r;
	r = peer_judge_families(l, &o->capabilities);
	if (r != 0)
		return r;
	return peer_judge_enforced(l, &o->capabilities);
}
