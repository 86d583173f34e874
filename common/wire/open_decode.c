/* SPDX-License-Identifier: ISC */
/*
 * Reading OPEN messages. Each capability is bounded by its own length; one
 * whose fixed part does not fit is a malformed parameter (2/0), one that we
 * do not know is passed over. RFC 4271 6.2, RFC 5492 5.
 */
#include "common/wire/open.h"

#include "common/bgp.h"
#include "common/err.h"

#define PARAMETER_CAPABILITY	2
#define PARAMETER_EXTENDED	255	/* RFC 9072 */

#define GR_FLAG_RESTART		0x8000
#define GR_FLAG_NOTIFICATION	0x4000
#define GR_TIME_MASK		0x0fff
#define GR_FAMILY_FORWARDING	0x80

static int
fail(struct open *out, uint8_t subcode)
{
	out->error_subcode = subcode;
	out->error_len = 0;
	return ERR_PROTO;
}

static const struct nlri_family *
get_family(struct rd *r)
{
	uint16_t afi = buf_get_u16(r);

	return nlri_find(afi, buf_get_u8(r));
}

/* AFI 2, reserved 1, SAFI 1. */
static int
read_multiprotocol(struct rd value, struct open_capabilities *c)
{
	const struct nlri_family *f;
	uint16_t afi;

	if (buf_left(&value) != 4)
		return ERR_RANGE;
	afi = buf_get_u16(&value);
	buf_get_u8(&value);
	f = nlri_find(afi, buf_get_u8(&value));
	c->has_multiprotocol = true;
	if (f == NULL || (c->family_mask >> f->id & 1) != 0)
		return 0;
	c->family_mask |= 1u << f->id;
	c->family_order[c->n_families++] = f->id;
	return 0;
}

static int
read_refresh(struct rd value, struct open_capabilities *c)
{
	c->has_refresh = true;
	return buf_left(&value) == 0 ? 0 : ERR_RANGE;
}

static int
read_enhanced_refresh(struct rd value, struct open_capabilities *c)
{
	c->has_enhanced_refresh = true;
	return buf_left(&value) == 0 ? 0 : ERR_RANGE;
}

/* Tuples: AFI 2, SAFI 2, next hop AFI 2. */
static int
read_extended_nexthop(struct rd value, struct open_capabilities *c)
{
	const struct nlri_family *f;
	uint16_t afi, safi, nexthop_afi;

	if (buf_left(&value) % 6 != 0)
		return ERR_RANGE;
	c->has_extended_nexthop = true;
	while (buf_left(&value) > 0) {
		afi = buf_get_u16(&value);
		safi = buf_get_u16(&value);
		nexthop_afi = buf_get_u16(&value);
		f = safi > UINT8_MAX ? NULL : nlri_find(afi, (uint8_t)safi);
		if (f != NULL && afi == AFI_IPV4 && nexthop_afi == AFI_IPV6)
			c->extended_nexthop_mask |= 1u << f->id;
	}
	return 0;
}

static int
read_extended_message(struct rd value, struct open_capabilities *c)
{
	c->has_extended_message = true;
	return buf_left(&value) == 0 ? 0 : ERR_RANGE;
}

/* RFC 9234 4.2: several different roles are refused by the session. */
static int
read_role(struct rd value, struct open_capabilities *c)
{
	uint8_t role;

	if (buf_left(&value) != 1)
		return ERR_RANGE;
	role = buf_get_u8(&value);
	if (c->role != ROLE_NONE && c->role != role)
		c->has_two_roles = true;
	c->role = role;
	return 0;
}

/* Flags and time 2, then AFI 2, SAFI 1, flags 1 each. */
static int
read_graceful_restart(struct rd value, struct open_capabilities *c)
{
	const struct nlri_family *f;
	unsigned head, flags;

	if (buf_left(&value) < 2 || (buf_left(&value) - 2) % 4 != 0)
		return ERR_RANGE;
	head = buf_get_u16(&value);
	c->has_graceful_restart = true;
	c->gr_restarting = (head & GR_FLAG_RESTART) != 0;
	c->gr_notification = (head & GR_FLAG_NOTIFICATION) != 0;
	c->gr_time_sec = head & GR_TIME_MASK;
	c->gr_family_mask = c->gr_forwarding_mask = 0;
	while (buf_left(&value) > 0) {
		f = get_family(&value);
		flags = buf_get_u8(&value);
		if (f == NULL)
			continue;
		c->gr_family_mask |= 1u << f->id;
		if ((flags & GR_FAMILY_FORWARDING) != 0)
			c->gr_forwarding_mask |= 1u << f->id;
	}
	return 0;
}

/* Tuples: AFI 2, SAFI 1, flags 1, stale time 3. RFC 9494 3.1. */
static int
read_long_lived(struct rd value, struct open_capabilities *c)
{
	const struct nlri_family *f;
	uint32_t flags, sec;

	/* Nothing depends on it: one of a wrong length is as good as none. */
	if (buf_left(&value) % 7 != 0)
		return 0;
	c->has_llgr = true;
	while (buf_left(&value) > 0) {
		f = get_family(&value);
		flags = buf_get_u8(&value);
		sec = buf_get_u24(&value);
		if (f == NULL)
			continue;
		c->llgr_family_mask |= 1u << f->id;
		c->llgr_sec[f->id] = sec;
		if ((flags & GR_FAMILY_FORWARDING) != 0)
			c->llgr_forwarding_mask |= 1u << f->id;
	}
	return 0;
}

static int
read_as4(struct rd value, struct open_capabilities *c)
{
	if (buf_left(&value) != 4)
		return ERR_RANGE;
	c->has_as4 = true;
	c->as4 = buf_get_u32(&value);
	return 0;
}

static int
read_multisession(struct rd value, struct open_capabilities *c)
{
	(void)value;
	c->has_multisession = true;
	return 0;
}

/* Tuples: AFI 2, SAFI 1, send/receive 1; other values are ignored. */
static int
read_add_path(struct rd value, struct open_capabilities *c)
{
	const struct nlri_family *f;
	uint8_t mode;

	if (buf_left(&value) % 4 != 0)
		return ERR_RANGE;
	while (buf_left(&value) > 0) {
		f = get_family(&value);
		mode = buf_get_u8(&value);
		if (f != NULL && mode >= ADD_PATH_RECEIVE &&
		    mode <= ADD_PATH_BOTH)
			c->add_path[f->id] = mode;
	}
	return 0;
}

/* Tuples: AFI 2, SAFI 1, limit 2. */
static int
read_paths_limit(struct rd value, struct open_capabilities *c)
{
	const struct nlri_family *f;
	uint16_t limit;

	if (buf_left(&value) % 5 != 0)
		return ERR_RANGE;
	while (buf_left(&value) > 0) {
		f = get_family(&value);
		limit = buf_get_u16(&value);
		if (f != NULL)
			c->paths_limit[f->id] = limit;
	}
	return 0;
}

/* Length 1, text; cut to what we keep. Names are shown, never trusted. */
static int
read_name(struct rd *value, char *name)
{
	struct rd text = buf_get_sub(value, buf_get_u8(value));
	size_t n = buf_left(&text);

	if (value->is_short)
		return ERR_SHORT;
	if (n > OPEN_NAME_MAX - 1)
		n = OPEN_NAME_MAX - 1;
	buf_get_copy(&text, name, n);
	name[n] = '\0';
	return 0;
}

static int
read_hostname(struct rd value, struct open_capabilities *c)
{
	int err;

	err = read_name(&value, c->hostname);
	if (err == 0)
		err = read_name(&value, c->domain);
	c->has_hostname = err == 0;
	return 0;		/* not worth a session */
}

static int
read_software(struct rd value, struct open_capabilities *c)
{
	(void)read_name(&value, c->software);
	return 0;
}

static int
read_link_local(struct rd value, struct open_capabilities *c)
{
	(void)value;
	c->has_link_local_nexthop = true;
	return 0;
}

static int
read_operational(struct rd value, struct open_capabilities *c)
{
	(void)value;
	c->has_operational = true;
	return 0;
}

static int (*const readers[UINT8_MAX + 1])(struct rd,
    struct open_capabilities *) = {
	[CAPABILITY_MULTIPROTOCOL] = read_multiprotocol,
	[CAPABILITY_ROUTE_REFRESH] = read_refresh,
	[CAPABILITY_EXTENDED_NEXTHOP] = read_extended_nexthop,
	[CAPABILITY_EXTENDED_MESSAGE] = read_extended_message,
	[CAPABILITY_ROLE] = read_role,
	[CAPABILITY_GRACEFUL_RESTART] = read_graceful_restart,
	[CAPABILITY_AS4] = read_as4,
	[CAPABILITY_MULTISESSION] = read_multisession,
	[CAPABILITY_ADD_PATH] = read_add_path,
	[CAPABILITY_ENHANCED_REFRESH] = read_enhanced_refresh,
	[CAPABILITY_LONG_LIVED_GR] = read_long_lived,
	[CAPABILITY_HOSTNAME] = read_hostname,
	[CAPABILITY_SOFTWARE_VERSION] = read_software,
	[CAPABILITY_PATHS_LIMIT] = read_paths_limit,
	[CAPABILITY_LINK_LOCAL_NEXTHOP] = read_link_local,
	[CAPABILITY_OPERATIONAL] = read_operational,
};

/* One parameter's capabilities: code 1, length 1, value. */
static int
read_capabilities(struct rd r, struct open *out)
{
	struct rd value;
	uint8_t code;

	while (buf_left(&r) > 0) {
		code = buf_get_u8(&r);
		value = buf_get_sub(&r, buf_get_u8(&r));
		if (r.is_short)
			return fail(out, ERROR_OPEN_UNSPECIFIC);
		if (readers[code] != NULL &&
		    readers[code](value, &out->capabilities) != 0)
			return fail(out, ERROR_OPEN_UNSPECIFIC);
	}
	return 0;
}

int
open_next_parameter(struct open_parameters *p, uint8_t *type,
    struct rd *value)
{
	*type = buf_get_u8(&p->left);
	*value = buf_get_sub(&p->left, p->is_extended ?
	    buf_get_u16(&p->left) : buf_get_u8(&p->left));
	return p->left.is_short ? ERR_SHORT : 0;
}

/*
 * length 1, parameters; or, when the first type would be 255: length 1 (any
 * but 0), 255, length 2, parameters with 2-byte lengths (RFC 9072 2).
 */
int
open_parameters(struct rd *body, struct open_parameters *out)
{
	size_t len = buf_get_u8(body);
	struct rd peek = *body;

	out->is_extended = len != 0 &&
	    buf_get_u8(&peek) == PARAMETER_EXTENDED;
	if (out->is_extended) {
		*body = peek;
		len = buf_get_u16(body);
	}
	out->left = buf_get_sub(body, len);
	if (body->is_short)
		return ERR_SHORT;
	return buf_left(body) == 0 ? 0 : ERR_TRAILING;
}

int
open_decode(struct rd body, struct open *out)
{
	struct open_parameters parameters;
	struct rd value;
	uint8_t type;
	int err;

	*out = (struct open){ .capabilities.role = ROLE_NONE };
	out->version = buf_get_u8(&body);
	if (body.is_short)
		return fail(out, ERROR_OPEN_UNSPECIFIC);
	if (out->version != BGP_VERSION) {
		fail(out, ERROR_OPEN_VERSION);
		out->error_len = 2;
		out->error_data[1] = BGP_VERSION;
		return ERR_PROTO;
	}
	out->as = buf_get_u16(&body);
	out->hold_time_sec = buf_get_u16(&body);
	out->router_id = buf_get_u32(&body);
	if (open_parameters(&body, &parameters) != 0)
		return fail(out, ERROR_OPEN_UNSPECIFIC);
	while (buf_left(&parameters.left) > 0) {
		if (open_next_parameter(&parameters, &type, &value) != 0)
			return fail(out, ERROR_OPEN_UNSPECIFIC);
		if (type != PARAMETER_CAPABILITY)
			return fail(out, ERROR_OPEN_PARAMETER);
		err = read_capabilities(value, out);
		if (err != 0)
			return err;
	}
	return 0;
}
