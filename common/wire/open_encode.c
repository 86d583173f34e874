/* SPDX-License-Identifier: ISC */
/*
 * Writing OPEN messages, one capability a parameter, in ExaBGP's order; and
 * what two OPENs make together.
 */
#include "common/wire/open.h"

#include "common/bgp.h"
#include "common/wire/message.h"

#include <string.h>

#define PARAMETER_CAPABILITY	2
#define PARAMETER_EXTENDED	255

/* The order in which ExaBGP names families of capability 69 and 76. */
static const uint8_t add_path_order[] = {
	NLRI_IPV4_UNICAST, NLRI_IPV6_UNICAST, NLRI_IPV4_MPLS, NLRI_IPV6_MPLS,
	NLRI_IPV4_VPN, NLRI_IPV6_VPN, NLRI_IPV4_MUP, NLRI_IPV6_MUP,
};

#define N_ADD_PATH	(sizeof(add_path_order) / sizeof(add_path_order[0]))

/* One capability in its parameter, while it is written. */
struct capability {
	struct wr	*out;
	bool		 is_extended;
	size_t		 parameter;	/* marks of the lengths */
	size_t		 value;
};

static struct capability
begin_capability(struct wr *out, bool is_extended, uint8_t code)
{
	struct capability c = { .out = out, .is_extended = is_extended };

	buf_put_u8(out, PARAMETER_CAPABILITY);
	c.parameter = is_extended ? buf_mark_u16(out) : buf_mark_u8(out);
	buf_put_u8(out, code);
	c.value = buf_mark_u8(out);
	return c;
}

static void
end_capability(struct capability *c)
{
	buf_patch_u8(c->out, c->value);
	if (c->is_extended)
		buf_patch_u16(c->out, c->parameter);
	else
		buf_patch_u8(c->out, c->parameter);
}

static void
put_family(struct wr *out, unsigned id)
{
	buf_put_u16(out, nlri_by_id(id)->afi);
	buf_put_u8(out, nlri_by_id(id)->safi);
}

static void
put_empty(struct wr *out, bool is_extended, uint8_t code)
{
	struct capability c = begin_capability(out, is_extended, code);

	end_capability(&c);
}

static void
put_multiprotocol(const struct open_capabilities *o, struct wr *out, bool x)
{
	const struct nlri_family *f;
	struct capability c;
	unsigned i;

	for (i = 0; i < o->n_families; i++) {
		f = nlri_by_id(o->family_order[i]);
		c = begin_capability(out, x, CAPABILITY_MULTIPROTOCOL);
		buf_put_u16(out, f->afi);
		buf_put_u8(out, 0);
		buf_put_u8(out, f->safi);
		end_capability(&c);
	}
}

static void
put_as4(const struct open_capabilities *o, struct wr *out, bool x)
{
	struct capability c;

	if (!o->has_as4)
		return;
	c = begin_capability(out, x, CAPABILITY_AS4);
	buf_put_u32(out, o->as4);
	end_capability(&c);
}

static void
put_extended_nexthop(const struct open_capabilities *o, struct wr *out,
    bool x)
{
	struct capability c;
	unsigned id;

	if (!o->has_extended_nexthop)
		return;
	c = begin_capability(out, x, CAPABILITY_EXTENDED_NEXTHOP);
	for (id = 0; id < NLRI_N_FAMILIES; id++) {
		if ((o->extended_nexthop_mask >> id & 1) == 0)
			continue;
		buf_put_u16(out, nlri_by_id(id)->afi);
		buf_put_u16(out, nlri_by_id(id)->safi);
		buf_put_u16(out, AFI_IPV6);
	}
	end_capability(&c);
}

/* The n-th family: ExaBGP's order first, then the others by number. */
static bool
add_path_family(unsigned n, unsigned *id)
{
	unsigned i;

	if (n < N_ADD_PATH) {
		*id = add_path_order[n];
		return true;
	}
	*id = n - N_ADD_PATH;
	for (i = 0; i < N_ADD_PATH; i++) {
		if (add_path_order[i] == *id)
			return false;
	}
	return true;
}

static void
put_add_path(const struct open_capabilities *o, struct wr *out, bool x)
{
	static const uint8_t none[NLRI_N_FAMILIES];
	struct capability c;
	unsigned n, id;

	if (memcmp(o->add_path, none, sizeof(none)) == 0)
		return;
	c = begin_capability(out, x, CAPABILITY_ADD_PATH);
	for (n = 0; n < N_ADD_PATH + NLRI_N_FAMILIES; n++) {
		if (!add_path_family(n, &id) || o->add_path[id] == 0)
			continue;
		put_family(out, id);
		buf_put_u8(out, o->add_path[id]);
	}
	end_capability(&c);
}

static void
put_paths_limit(const struct open_capabilities *o, struct wr *out, bool x)
{
	static const uint16_t none[NLRI_N_FAMILIES];
	struct capability c;
	unsigned n, id;

	if (memcmp(o->paths_limit, none, sizeof(none)) == 0)
		return;
	c = begin_capability(out, x, CAPABILITY_PATHS_LIMIT);
	for (n = 0; n < N_ADD_PATH + NLRI_N_FAMILIES; n++) {
		if (!add_path_family(n, &id) || o->paths_limit[id] == 0)
			continue;
		put_family(out, id);
		buf_put_u16(out, o->paths_limit[id]);
	}
	end_capability(&c);
}

static void
put_graceful_restart(const struct open_capabilities *o, struct wr *out,
    bool x)
{
	struct capability c;
	unsigned i, id;

	if (!o->has_graceful_restart)
		return;
	c = begin_capability(out, x, CAPABILITY_GRACEFUL_RESTART);
	buf_put_u16(out, (o->gr_restarting ? 0x8000u : 0) |
	    (o->gr_notification ? 0x4000u : 0) | (o->gr_time_sec & 0xfffu));
	for (i = 0; i < o->n_families; i++) {
		id = o->family_order[i];
		if ((o->gr_family_mask >> id & 1) == 0)
			continue;
		put_family(out, id);
		buf_put_u8(out, (o->gr_forwarding_mask >> id & 1) != 0 ?
		    0x80 : 0);
	}
	end_capability(&c);
}

static void
put_long_lived(const struct open_capabilities *o, struct wr *out, bool x)
{
	struct capability c;
	unsigned i, id;

	if (!o->has_llgr)
		return;
	c = begin_capability(out, x, CAPABILITY_LONG_LIVED_GR);
	for (i = 0; i < o->n_families; i++) {
		id = o->family_order[i];
		if ((o->llgr_family_mask >> id & 1) == 0)
			continue;
		put_family(out, id);
		buf_put_u8(out, (o->llgr_forwarding_mask >> id & 1) != 0 ?
		    0x80 : 0);
		buf_put_u24(out, o->llgr_sec[id]);
	}
	end_capability(&c);
}

static void
put_flags(const struct open_capabilities *o, struct wr *out, bool x)
{
	if (o->has_refresh)
		put_empty(out, x, CAPABILITY_ROUTE_REFRESH);
	if (o->has_enhanced_refresh)
		put_empty(out, x, CAPABILITY_ENHANCED_REFRESH);
	if (o->has_operational)
		put_empty(out, x, CAPABILITY_OPERATIONAL);
	if (o->has_extended_message)
		put_empty(out, x, CAPABILITY_EXTENDED_MESSAGE);
}

static void
put_name(const char *name, struct wr *out)
{
	size_t mark = buf_mark_u8(out);

	buf_put_text(out, name);
	buf_patch_u8(out, mark);
}

static void
put_names(const struct open_capabilities *o, struct wr *out, bool x)
{
	struct capability c;

	if (o->has_hostname) {
		c = begin_capability(out, x, CAPABILITY_HOSTNAME);
		put_name(o->hostname, out);
		put_name(o->domain, out);
		end_capability(&c);
	}
	if (o->software[0] != '\0') {
		c = begin_capability(out, x, CAPABILITY_SOFTWARE_VERSION);
		put_name(o->software, out);
		end_capability(&c);
	}
}

static void
put_others(const struct open_capabilities *o, struct wr *out, bool x)
{
	struct capability c;

	if (o->has_link_local_nexthop)
		put_empty(out, x, CAPABILITY_LINK_LOCAL_NEXTHOP);
	if (o->has_multisession) {
		c = begin_capability(out, x, CAPABILITY_MULTISESSION);
		buf_put_u8(out, 0);	/* flags */
		buf_put_u8(out, CAPABILITY_MULTIPROTOCOL);
		end_capability(&c);
	}
	if (o->role != ROLE_NONE) {
		c = begin_capability(out, x, CAPABILITY_ROLE);
		buf_put_u8(out, o->role);
		end_capability(&c);
	}
}

static void
put_capabilities(const struct open_capabilities *o, struct wr *out, bool x)
{
	put_multiprotocol(o, out, x);
	put_as4(o, out, x);
	put_extended_nexthop(o, out, x);
	put_add_path(o, out, x);
	put_paths_limit(o, out, x);
	put_graceful_restart(o, out, x);
	put_long_lived(o, out, x);
	put_flags(o, out, x);
	put_names(o, out, x);
	put_others(o, out, x);
}

void
open_encode(const struct open *o, struct wr *out)
{
	size_t start = message_begin(out, BGP_OPEN), mark, len;

	buf_put_u8(out, o->version);
	buf_put_u16(out, o->as);
	buf_put_u16(out, o->hold_time_sec);
	buf_put_u32(out, o->router_id);
	mark = out->len;
	buf_put_u8(out, 0);
	put_capabilities(&o->capabilities, out, false);
	len = out->len - mark - 1;
	if (len < UINT8_MAX) {
		buf_patch_u8(out, mark);
	} else {
		buf_truncate(out, mark);
		buf_put_u8(out, UINT8_MAX);
		buf_put_u8(out, PARAMETER_EXTENDED);
		mark = buf_mark_u16(out);
		put_capabilities(&o->capabilities, out, true);
		buf_patch_u16(out, mark);
	}
	message_end(out, start);
}

static void
negotiate_add_path(const struct open_capabilities *l,
    const struct open_capabilities *r, struct open_negotiated *out)
{
	unsigned id;

	for (id = 0; id < NLRI_N_FAMILIES; id++) {
		if ((out->family_mask >> id & 1) == 0)
			continue;
		if ((l->add_path[id] & ADD_PATH_RECEIVE) != 0 &&
		    (r->add_path[id] & ADD_PATH_SEND) != 0)
			out->add_path_receive_mask |= 1u << id;
		if ((l->add_path[id] & ADD_PATH_SEND) != 0 &&
		    (r->add_path[id] & ADD_PATH_RECEIVE) != 0) {
			out->add_path_send_mask |= 1u << id;
			out->paths_limit[id] = r->paths_limit[id];
		}
	}
}

/* Families of both; without capability 1 a side means IPv4 unicast. */
static void
negotiate_families(const struct open_capabilities *l,
    const struct open_capabilities *r, struct open_negotiated *out)
{
	uint32_t classic = 1u << NLRI_IPV4_UNICAST, remote;
	unsigned i, id;

	remote = r->has_multiprotocol ? r->family_mask : classic;
	out->family_mask = remote & (l->has_multiprotocol ?
	    l->family_mask : classic);
	if (!r->has_multiprotocol && out->family_mask != 0)
		out->family_order[out->n_families++] = NLRI_IPV4_UNICAST;
	for (i = 0; i < r->n_families; i++) {
		id = r->family_order[i];
		if ((out->family_mask >> id & 1) != 0)
			out->family_order[out->n_families++] = (uint8_t)id;
	}
}

void
open_negotiate(const struct open *local, const struct open *remote,
    struct open_negotiated *out)
{
	const struct open_capabilities *l = &local->capabilities;
	const struct open_capabilities *r = &remote->capabilities;

	*out = (struct open_negotiated){ .family_mask = 0 };
	negotiate_families(l, r, out);
	negotiate_add_path(l, r, out);
	out->has_as4 = l->has_as4 && r->has_as4;
	out->has_refresh = l->has_refresh && r->has_refresh;
	out->has_enhanced_refresh = l->has_enhanced_refresh &&
	    r->has_enhanced_refresh;
	out->has_extended_message = l->has_extended_message &&
	    r->has_extended_message;
	out->has_graceful_restart = l->has_graceful_restart &&
	    r->has_graceful_restart;
	out->has_operational = l->has_operational && r->has_operational;
	out->has_multisession = l->has_multisession && r->has_multisession;
	out->has_link_local_nexthop = l->has_link_local_nexthop &&
	    r->has_link_local_nexthop;
	out->extended_nexthop_mask = l->extended_nexthop_mask &
	    r->extended_nexthop_mask & out->family_mask;
	out->hold_time_sec = local->hold_time_sec < remote->hold_time_sec ?
	    local->hold_time_sec : remote->hold_time_sec;
}
