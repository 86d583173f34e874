/* SPDX-License-Identifier: ISC */
/* An OPEN in ExaBGP's words: JSON by capability number, and one text line. */
#include "common/wire/open.h"

#include "common/addr.h"
#include "common/bgp.h"
#include "common/emit.h"

#include <stdio.h>

#define PARAMETER_CAPABILITY	2

static void
family_key(const struct nlri_family *f, char *text, size_t text_len)
{
	char afi[16], safi[16];

	snprintf(text, text_len, "%s/%s",
	    nlri_afi_name(f->afi, afi, sizeof(afi)),
	    nlri_safi_name(f->safi, safi, sizeof(safi)));
}

static void
emit_multiprotocol(const struct open_capabilities *c, struct emit *e)
{
	char text[32];
	unsigned i;

	emit_key_array(e, "families");
	for (i = 0; i < c->n_families; i++) {
		family_key(nlri_by_id(c->family_order[i]), text,
		    sizeof(text));
		emit_string(e, text);
	}
	emit_end_array(e);
}

static void
emit_refresh(const struct open_capabilities *c, struct emit *e)
{
	(void)c;
	emit_key_string(e, "variant", "RFC");
}

static void
emit_nexthop(const struct open_capabilities *c, struct emit *e)
{
	char text[32];
	unsigned id;

	emit_key_array(e, "conversion");
	for (id = 0; id < NLRI_N_FAMILIES; id++) {
		if ((c->extended_nexthop_mask >> id & 1) == 0)
			continue;
		family_key(nlri_by_id(id), text, sizeof(text));
		emit_format(e, "%s/ipv6", text);
	}
	emit_end_array(e);
}

static void
emit_size(const struct open_capabilities *c, struct emit *e)
{
	(void)c;
	emit_key_number(e, "size", BGP_MESSAGE_MAX_EXTENDED);
}

static void
emit_role(const struct open_capabilities *c, struct emit *e)
{
	static const char *const names[] = {
		"provider", "rs", "rs-client", "customer", "peer",
	};

	if (c->role <= ROLE_PEER)
		emit_key_string(e, "role", names[c->role]);
	else
		emit_key_number(e, "role", c->role);
}

/* Compat: ExaBGP calls the family's bit "restart", the other "forwarding". */
static void
emit_graceful(const struct open_capabilities *c, struct emit *e)
{
	char text[32];
	unsigned id;

	emit_key_number(e, "time", c->gr_time_sec);
	emit_key_object(e, "address-family-flags");
	for (id = 0; id < NLRI_N_FAMILIES; id++) {
		if ((c->gr_family_mask >> id & 1) == 0)
			continue;
		family_key(nlri_by_id(id), text, sizeof(text));
		emit_key_array(e, text);
		if ((c->gr_forwarding_mask >> id & 1) != 0)
			emit_string(e, "restart");
		emit_end_array(e);
	}
	emit_end_object(e);
	emit_key_array(e, "restart-flags");
	if (c->gr_restarting)
		emit_string(e, "forwarding");
	if (c->gr_notification)
		emit_string(e, "notification");
	emit_end_array(e);
}

static void
emit_as4(const struct open_capabilities *c, struct emit *e)
{
	emit_key_number(e, "asn4", c->as4);
}

static void
emit_multisession(const struct open_capabilities *c, struct emit *e)
{
	(void)c;
	emit_key_string(e, "variant", "RFC");
	emit_key_array(e, "capabilities");
	emit_end_array(e);
}

static void
emit_add_path(const struct open_capabilities *c, struct emit *e)
{
	static const char *const modes[] = {
		[ADD_PATH_RECEIVE] = "receive", [ADD_PATH_SEND] = "send",
		[ADD_PATH_BOTH] = "send/receive",
	};
	char text[32];
	unsigned id;

	for (id = 0; id < NLRI_N_FAMILIES; id++) {
		if (c->add_path[id] == ADD_PATH_NONE ||
		    c->add_path[id] > ADD_PATH_BOTH)
			continue;
		family_key(nlri_by_id(id), text, sizeof(text));
		emit_key_string(e, text, modes[c->add_path[id]]);
	}
}

static void
emit_hostname(const struct open_capabilities *c, struct emit *e)
{
	emit_key_string(e, "host-name", c->hostname);
	emit_key_string(e, "domain-name", c->domain);
}

static void
emit_software(const struct open_capabilities *c, struct emit *e)
{
	emit_key_string(e, "software", c->software);
}

static void
emit_paths_limit(const struct open_capabilities *c, struct emit *e)
{
	char text[32];
	unsigned id;

	for (id = 0; id < NLRI_N_FAMILIES; id++) {
		if (c->paths_limit[id] == 0)
			continue;
		family_key(nlri_by_id(id), text, sizeof(text));
		emit_key_number(e, text, c->paths_limit[id]);
	}
}

struct capability_row {
	const char	*name;		/* NULL: it has none in JSON */
	const char	*words;		/* in the text form */
	void		(*emit)(const struct open_capabilities *,
			    struct emit *);
};

static const struct capability_row rows[UINT8_MAX + 1] = {
	[CAPABILITY_MULTIPROTOCOL] = { "multiprotocol", "multiprotocol",
	    emit_multiprotocol },
	[CAPABILITY_ROUTE_REFRESH] = { "route-refresh", "route-refresh",
	    emit_refresh },
	[CAPABILITY_EXTENDED_NEXTHOP] = { "nexthop", "nexthop",
	    emit_nexthop },
	[CAPABILITY_EXTENDED_MESSAGE] = { "extended-message",
	    "extended-message(65535)", emit_size },
	[CAPABILITY_ROLE] = { "role", "role", emit_role },
	[CAPABILITY_GRACEFUL_RESTART] = { "graceful restart",
	    "graceful restart", emit_graceful },
	[CAPABILITY_AS4] = { "asn4", "asn4", emit_as4 },
	[CAPABILITY_MULTISESSION] = { "multisession", "multisession",
	    emit_multisession },
	[CAPABILITY_ADD_PATH] = { "addpath", "addpath", emit_add_path },
	[CAPABILITY_ENHANCED_REFRESH] = { "enhanced-route-refresh",
	    "enhanced route-refresh", NULL },
	[CAPABILITY_HOSTNAME] = { NULL, "hostname", emit_hostname },
	[CAPABILITY_SOFTWARE_VERSION] = { NULL, "software version",
	    emit_software },
	[CAPABILITY_PATHS_LIMIT] = { "paths-limit", "paths-limit",
	    emit_paths_limit },
	[CAPABILITY_LINK_LOCAL_NEXTHOP] = { "link-local-nexthop",
	    "link-local nexthop", NULL },
	[CAPABILITY_OPERATIONAL] = { "operational", "operational", NULL },
};

/* Where each capability first stands in the message. */
struct values {
	bool		is_present[UINT8_MAX + 1];
	struct rd	value[UINT8_MAX + 1];
};

static void
collect(struct rd capabilities, struct values *v)
{
	struct rd value;
	uint8_t code;

	while (buf_left(&capabilities) > 0) {
		code = buf_get_u8(&capabilities);
		value = buf_get_sub(&capabilities,
		    buf_get_u8(&capabilities));
		if (v->is_present[code] || capabilities.is_short)
			continue;
		v->is_present[code] = true;
		v->value[code] = value;
	}
}

static void
collect_body(struct rd body, struct values *v)
{
	struct open_parameters parameters;
	struct rd value;
	uint8_t type;

	*v = (struct values){ .is_present = { false } };
	buf_get_bytes(&body, 9);	/* version to router id */
	if (open_parameters(&body, &parameters) != 0)
		return;
	while (buf_left(&parameters.left) > 0) {
		if (open_next_parameter(&parameters, &type, &value) != 0)
			return;
		if (type == PARAMETER_CAPABILITY)
			collect(value, v);
	}
}

static void
emit_capability(const struct open *o, unsigned code, const struct rd *value,
    struct emit *e)
{
	const struct capability_row *row = &rows[code];
	char key[8];

	snprintf(key, sizeof(key), "%u", code);
	emit_key_object(e, key);
	if (row->words == NULL) {
		emit_key_string(e, "name", "unknown");
		emit_key_string(e, "iana", code >= 128 && code != 255 ?
		    "reserved" : "unknown");
		emit_key_number(e, "value", code);
		emit_key(e, "raw");
		emit_hex(e, NULL, value->pos, buf_left(value));
	}
	if (row->name != NULL)
		emit_key_string(e, "name", row->name);
	if (row->emit != NULL)
		row->emit(&o->capabilities, e);
	emit_end_object(e);
}

void
open_emit(const struct open *o, struct rd body, struct emit *e)
{
	struct addr id = addr_from_ipv4(o->router_id);
	char text[ADDR_TEXT_MAX];
	struct values v;
	unsigned code;

	collect_body(body, &v);
	emit_key_number(e, "version", o->version);
	emit_key_number(e, "asn", o->as);
	emit_key_number(e, "hold_time", o->hold_time_sec);
	emit_key_string(e, "router_id", addr_print(&id, text, sizeof(text)));
	emit_key_object(e, "capabilities");
	for (code = 0; code <= UINT8_MAX; code++) {
		if (v.is_present[code])
			emit_capability(o, code, &v.value[code], e);
	}
	emit_end_object(e);
}

void
open_text(const struct open *o, struct rd body, struct wr *out)
{
	struct addr id = addr_from_ipv4(o->router_id);
	char text[ADDR_TEXT_MAX];
	bool is_first = true;
	struct values v;
	unsigned code, i;

	collect_body(body, &v);
	buf_put_format(out, "version %u asn %u hold_time %u router_id %s"
	    " capabilities [", o->version, o->as, o->hold_time_sec,
	    addr_print(&id, text, sizeof(text)));
	for (code = 0; code <= UINT8_MAX; code++) {
		if (!v.is_present[code])
			continue;
		buf_put_text(out, is_first ? "" : ", ");
		is_first = false;
		if (rows[code].words == NULL)
			buf_put_format(out, "unknown %u", code);
		else
			buf_put_text(out, rows[code].words);
		for (i = 0; code == CAPABILITY_MULTIPROTOCOL &&
		    i < o->capabilities.n_families; i++)
			buf_put_format(out, "%s%s", i == 0 ? "(" : ",",
			    nlri_by_id(o->capabilities.family_order[i])->name);
		if (code == CAPABILITY_MULTIPROTOCOL && i > 0)
			buf_put_text(out, ")");
		if (code == CAPABILITY_AS4)
			buf_put_format(out, "(%u)", o->capabilities.as4);
	}
	buf_put_text(out, "]");
}
