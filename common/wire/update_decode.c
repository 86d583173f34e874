/* SPDX-License-Identifier: ISC */
/*
 * Reading an UPDATE. Each fault is judged by RFC 7606 and the strongest one
 * stands; whatever it is, the rest is still read, because withdrawals count
 * and a treat-as-withdraw needs the routes. Only lengths that overrun the
 * message end the reading.
 */
#include "common/wire/update_internal.h"

#include "common/addr.h"
#include "common/attr/aspath.h"
#include "common/err.h"

/* Keep the strongest fault, of equal ones the first. */
static void
fault(struct update *out, enum attr_verdict verdict, uint8_t subcode,
    const struct attr *a)
{
	struct wr data;

	if (verdict <= out->verdict)
		return;
	out->verdict = verdict;
	out->error_code = ERROR_UPDATE;
	out->error_subcode = subcode;
	out->error_attr = a == NULL ? 0 : a->code;
	out->error_len = 0;
	if (a == NULL)
		return;
	/* The attribute as received; cut to what fits. */
	buf_writer(&data, out->error_data, sizeof(out->error_data));
	buf_put_u8(&data, a->flags);
	buf_put_u8(&data, a->code);
	if ((a->flags & ATTR_FLAG_EXTENDED) != 0)
		buf_put_u16(&data, (uint32_t)buf_left(&a->value));
	else
		buf_put_u8(&data, (uint32_t)buf_left(&a->value));
	buf_put_bytes(&data, a->value.pos,
	    buf_left(&a->value) < sizeof(out->error_data) - data.len ?
	    buf_left(&a->value) : sizeof(out->error_data) - data.len);
	out->error_len = (uint8_t)data.len;
}

/* The family's row if it was negotiated; others are as good as unknown. */
static const struct nlri_family *
find_family(const struct update_context *ctx, uint16_t afi, uint8_t safi)
{
	const struct nlri_family *f = nlri_find(afi, safi);

	if (f == NULL || (ctx->family_mask >> f->id & 1) == 0)
		return NULL;
	return f;
}

/* Walk a run to its end. */
static int
check_run(const struct update_context *ctx, const struct update_run *run)
{
	struct rd r = run->run;
	struct nlri n;
	bool has_path_id;
	int err;

	if (run->family == NULL)
		return 0;
	has_path_id = (ctx->add_path_mask >> run->family->id & 1) != 0;
	while (buf_left(&r) > 0) {
		err = nlri_next(run->family, has_path_id, &r, &n);
		if (err != 0)
			return err;
	}
	return 0;
}

/* Lengths of a next hop as bits. */
enum {
	LEN_0 = 1, LEN_4 = 2, LEN_12 = 4, LEN_16 = 8, LEN_24 = 16,
	LEN_32 = 32, LEN_48 = 64,
};

struct nexthop_rule {
	uint8_t	lens;		/* always good */
	uint8_t	extended;	/* good when RFC 8950 was negotiated */
};

#define ANY_PLAIN	(LEN_4 | LEN_16 | LEN_32)

static const struct nexthop_rule nexthop_rules[NLRI_N_FAMILIES] = {
	[NLRI_IPV4_UNICAST] = { LEN_4, LEN_16 | LEN_32 },
	[NLRI_IPV4_MULTICAST] = { LEN_4, LEN_16 | LEN_32 },
	[NLRI_IPV4_MPLS] = { LEN_4, LEN_16 | LEN_32 },
	[NLRI_IPV4_VPN] = { LEN_12, LEN_16 | LEN_24 | LEN_32 | LEN_48 },
	[NLRI_IPV4_MCAST_VPN] = { ANY_PLAIN, 0 },
	[NLRI_IPV4_FLOW] = { LEN_0 | ANY_PLAIN, 0 },
	[NLRI_IPV4_FLOW_VPN] = { LEN_0 | LEN_12 | LEN_24 | ANY_PLAIN, 0 },
	[NLRI_IPV4_MUP] = { ANY_PLAIN, 0 },
	[NLRI_IPV4_SR_POLICY] = { ANY_PLAIN, 0 },
	[NLRI_IPV4_RTC] = { ANY_PLAIN, 0 },
	[NLRI_IPV6_UNICAST] = { LEN_16 | LEN_32, LEN_4 },
	[NLRI_IPV6_MULTICAST] = { LEN_16 | LEN_32, LEN_4 },
	[NLRI_IPV6_MPLS] = { LEN_16 | LEN_32, LEN_4 },
	[NLRI_IPV6_VPN] = { LEN_24 | LEN_48, LEN_12 },
	[NLRI_IPV6_MCAST_VPN] = { ANY_PLAIN, 0 },
	[NLRI_IPV6_FLOW] = { LEN_0 | ANY_PLAIN, 0 },
	[NLRI_IPV6_FLOW_VPN] = { LEN_0 | LEN_12 | LEN_24 | ANY_PLAIN, 0 },
	[NLRI_IPV6_MUP] = { ANY_PLAIN, 0 },
	[NLRI_IPV6_SR_POLICY] = { ANY_PLAIN, 0 },
	[NLRI_L2VPN_VPLS] = { ANY_PLAIN, 0 },
	[NLRI_L2VPN_EVPN] = { ANY_PLAIN, 0 },
	[NLRI_BGP_LS] = { ANY_PLAIN, 0 },
	[NLRI_BGP_LS_VPN] = { LEN_12 | LEN_24 | ANY_PLAIN, 0 },
};

static bool
is_nexthop_len_good(const struct update_context *ctx,
    const struct nlri_family *f, size_t len)
{
	static const uint8_t bits[UPDATE_NEXTHOP_MAX + 1] = {
		[0] = LEN_0, [4] = LEN_4, [12] = LEN_12, [16] = LEN_16,
		[24] = LEN_24, [32] = LEN_32, [48] = LEN_48,
	};
	unsigned good = nexthop_rules[f->id].lens;

	if ((ctx->extended_nexthop_mask >> f->id & 1) != 0)
		good |= nexthop_rules[f->id].extended;
	return len <= UPDATE_NEXTHOP_MAX && (bits[len] & good) != 0;
}

/* An IPv4 next hop that nobody can use, whatever stands before it. */
static bool
is_martian(const struct update_context *ctx, const struct update_nexthop *nh)
{
	struct rd r = buf_reader(nh->bytes, nh->len);
	struct addr a;

	if (nh->len == 12)
		buf_get_u64(&r);
	else if (nh->len != 4)
		return false;
	a = addr_from_ipv4(buf_get_u32(&r));
	if (addr_is_loopback(&a) && ctx->has_loopback_peer)
		return false;
	return addr_is_martian(&a);
}

/* AFI 2, SAFI 1, next hop length 1, next hop, reserved 1, NLRI. */
static void
read_mp_reach(struct update_scan *s, const struct attr *a)
{
	struct update_run *run = &s->out->mp_reach;
	struct update_nexthop *nh = &s->out->mp_nexthop;
	struct rd r = a->value, bytes;

	run->afi = buf_get_u16(&r);
	run->safi = buf_get_u8(&r);
	bytes = buf_get_sub(&r, buf_get_u8(&r));
	buf_get_u8(&r);
	if (r.is_short) {
		fault(s->out, ATTR_RESET, ERROR_UPDATE_OPTIONAL, a);
		return;
	}
	run->is_present = true;
	run->family = find_family(s->ctx, run->afi, run->safi);
	run->run = r;
	if (run->family == NULL)
		return;
	if (!is_nexthop_len_good(s->ctx, run->family, buf_left(&bytes))) {
		fault(s->out, ATTR_RESET, ERROR_UPDATE_OPTIONAL, a);
		return;
	}
	nh->len = (uint8_t)buf_left(&bytes);
	buf_get_copy(&bytes, nh->bytes, nh->len);
	if (is_martian(s->ctx, nh))
		fault(s->out, ATTR_WITHDRAW, ERROR_UPDATE_NEXT_HOP, a);
	if (check_run(s->ctx, run) != 0)
		fault(s->out, ATTR_RESET, ERROR_UPDATE_OPTIONAL, a);
}

/* AFI 2, SAFI 1, NLRI. */
static void
read_mp_unreach(struct update_scan *s, const struct attr *a)
{
	struct update_run *run = &s->out->mp_unreach;
	struct rd r = a->value;

	run->afi = buf_get_u16(&r);
	run->safi = buf_get_u8(&r);
	if (r.is_short) {
		fault(s->out, ATTR_RESET, ERROR_UPDATE_OPTIONAL, a);
		return;
	}
	run->is_present = true;
	run->family = find_family(s->ctx, run->afi, run->safi);
	run->run = r;
	if (check_run(s->ctx, run) != 0)
		fault(s->out, ATTR_RESET, ERROR_UPDATE_OPTIONAL, a);
}

/* The subcode that RFC 4271 6.3 gave to a fault in this attribute. */
static uint8_t
subcode_of(const struct attr *a)
{
	const struct attr_row *row = attr_find(a->code);

	if (row == NULL)
		return ERROR_UPDATE_UNKNOWN_WELL_KNOWN;
	if (((row->flags ^ a->flags) &
	    (ATTR_FLAG_OPTIONAL | ATTR_FLAG_TRANSITIVE)) != 0)
		return ERROR_UPDATE_FLAGS;
	switch (a->code) {
	case ATTR_ORIGIN:
		return ERROR_UPDATE_ORIGIN;
	case ATTR_AS_PATH:
		return ERROR_UPDATE_AS_PATH;
	case ATTR_NEXT_HOP:
		return ERROR_UPDATE_NEXT_HOP;
	default:
		return (row->flags & ATTR_FLAG_OPTIONAL) != 0 ?
		    ERROR_UPDATE_OPTIONAL : ERROR_UPDATE_LENGTH;
	}
}

/* What the operator has said of attributes, RFC 7606 or not. */
static bool
is_listed(const uint64_t codes[4], uint8_t code)
{
	return (codes[code / 64] >> (code % 64) & 1) != 0;
}

static void
read_attr(struct update_scan *s, const struct attr *a)
{
	enum attr_verdict verdict;
	bool is_mp = a->code == ATTR_MP_REACH || a->code == ATTR_MP_UNREACH;

	if (update_codes_has(&s->seen, a->code)) {
		/* RFC 7606 3 g: the first counts. */
		if (is_mp)
			fault(s->out, ATTR_RESET, ERROR_UPDATE_ATTR_LIST,
			    NULL);
		else
			s->out->n_discarded++;
		return;
	}
	update_codes_add(&s->seen, a->code);
	if (is_listed(s->ctx->withdraw_codes, a->code)) {
		fault(s->out, ATTR_WITHDRAW, ERROR_UPDATE_OPTIONAL, a);
		return;
	}
	if (is_listed(s->ctx->discard_codes, a->code)) {
		s->out->n_discarded++;
		return;
	}
	verdict = attr_judge(a, &s->ctx->attr);
	if (verdict == ATTR_DISCARD) {
		s->out->n_discarded++;
		return;
	}
	if (verdict != ATTR_ACCEPT)
		fault(s->out, verdict, subcode_of(a), a);
	if (verdict == ATTR_WITHDRAW && !is_mp)
		return;
	s->attrs[a->code] = *a;
	update_codes_add(&s->kept, a->code);
	if (a->code == ATTR_MP_REACH)
		read_mp_reach(s, a);
	else if (a->code == ATTR_MP_UNREACH)
		read_mp_unreach(s, a);
}

static void
read_attrs(struct update_scan *s, struct rd block)
{
	struct attr a;

	while (buf_left(&block) > 0) {
		if (attr_next(&block, &a) != 0) {
			fault(s->out, ATTR_WITHDRAW, ERROR_UPDATE_ATTR_LIST,
			    NULL);
			return;
		}
		read_attr(s, &a);
	}
}

static void
require(struct update_scan *s, uint8_t code)
{
	struct update *out = s->out;

	if (update_codes_has(&s->kept, code) || out->verdict >= ATTR_WITHDRAW)
		return;
	fault(out, ATTR_WITHDRAW, ERROR_UPDATE_MISSING, NULL);
	out->error_attr = code;
	out->error_data[0] = code;
	out->error_len = 1;
}

/* RFC 4271 5 and 6.3, RFC 7606 3 d. */
static void
check_mandatory(struct update_scan *s)
{
	const struct attr_context *ctx = &s->ctx->attr;
	bool has_nlri = buf_left(&s->out->nlri.run) > 0;

	if (!has_nlri && s->out->mp_reach.family == NULL)
		return;
	require(s, ATTR_ORIGIN);
	require(s, ATTR_AS_PATH);
	if (has_nlri)
		require(s, ATTR_NEXT_HOP);
	if (!ctx->is_ebgp && !ctx->is_confed)
		require(s, ATTR_LOCAL_PREF);
}

static void
read_nexthop(struct update_scan *s)
{
	struct update_nexthop *nh = &s->out->nexthop;
	struct attr *a = &s->attrs[ATTR_NEXT_HOP];
	struct rd value;

	if (!update_codes_has(&s->kept, ATTR_NEXT_HOP))
		return;
	value = a->value;
	nh->len = 4;
	buf_get_copy(&value, nh->bytes, nh->len);
	/* Beside MP_REACH_NLRI alone it is ignored, RFC 4760 3. */
	if (buf_left(&s->out->nlri.run) > 0 && is_martian(s->ctx, nh))
		fault(s->out, ATTR_WITHDRAW, ERROR_UPDATE_NEXT_HOP, a);
}

static void
check_path_length(struct update_scan *s)
{
	struct attr path;

	if (s->ctx->max_asns == 0 ||
	    !attr_get(s->out->attrs, ATTR_AS_PATH, &path))
		return;
	if (aspath_n_asns(path.value) > s->ctx->max_asns)
		fault(s->out, ATTR_WITHDRAW, ERROR_UPDATE_AS_PATH, &path);
}

static void
check_communities(struct update_scan *s)
{
	static const struct { uint8_t code, len; } kinds[] = {
		{ ATTR_COMMUNITY, 4 }, { ATTR_EXT_COMMUNITY, 8 },
		{ ATTR_IPV6_EXT_COMMUNITY, 20 }, { ATTR_LARGE_COMMUNITY, 12 },
	};
	struct attr *a = NULL;
	size_t i, n = 0;

	for (i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
		if (!update_codes_has(&s->kept, kinds[i].code))
			continue;
		a = &s->attrs[kinds[i].code];
		n += buf_left(&a->value) / kinds[i].len;
	}
	if (s->ctx->max_communities != 0 && n > s->ctx->max_communities)
		fault(s->out, ATTR_WITHDRAW, ERROR_UPDATE_OPTIONAL, a);
}

/* The two fields for IPv4 unicast. */
static void
set_classic(struct update_scan *s, struct rd withdrawn, struct rd nlri)
{
	struct update *out = s->out;
	struct update_run run = { .afi = AFI_IPV4, .safi = SAFI_UNICAST,
	    .family = find_family(s->ctx, AFI_IPV4, SAFI_UNICAST) };

	run.run = withdrawn;
	run.is_present = buf_left(&withdrawn) > 0;
	out->withdrawn = run;
	run.run = nlri;
	run.is_present = buf_left(&nlri) > 0;
	out->nlri = run;
	if (check_run(s->ctx, &out->withdrawn) != 0 ||
	    check_run(s->ctx, &out->nlri) != 0)
		fault(out, ATTR_RESET, ERROR_UPDATE_NETWORK, NULL);
}

/* RFC 4724 2: nothing at all, or an MP_UNREACH_NLRI without NLRI alone. */
static const struct nlri_family *
find_eor(const struct update_scan *s, struct rd attrs)
{
	const struct update *out = s->out;
	struct attr a;

	if (out->withdrawn.is_present || out->nlri.is_present ||
	    out->verdict != ATTR_ACCEPT)
		return NULL;
	if (buf_left(&attrs) == 0)
		return out->nlri.family;
	if (!out->mp_unreach.is_present || buf_left(&out->mp_unreach.run) > 0)
		return NULL;
	if (attr_next(&attrs, &a) != 0 || buf_left(&attrs) > 0)
		return NULL;
	return out->mp_unreach.family;
}

int
update_decode(struct rd body, const struct update_context *ctx,
    struct wr *scratch, struct update *out)
{
	struct update_scan s;
	struct rd withdrawn, attrs;

	*out = (struct update){ .verdict = ATTR_ACCEPT };
	buf_reset(scratch);
	s.ctx = ctx;
	s.out = out;
	s.seen = s.kept = (struct update_codes){ .words = { 0 } };
	withdrawn = buf_get_sub(&body, buf_get_u16(&body));
	attrs = buf_get_sub(&body, buf_get_u16(&body));
	if (body.is_short) {
		fault(out, ATTR_RESET, ERROR_UPDATE_ATTR_LIST, NULL);
		return 0;
	}
	set_classic(&s, withdrawn, body);
	read_attrs(&s, attrs);
	read_nexthop(&s);
	check_mandatory(&s);
	update_canon_write(&s, scratch);
	if (scratch->err == ERR_FULL || scratch->err == ERR_RANGE) {
		/* A 2-octet path that is too long once it is widened. */
		fault(out, ATTR_WITHDRAW, ERROR_UPDATE_AS_PATH, NULL);
		buf_reset(scratch);
		out->attrs = buf_reader(NULL, 0);
	}
	check_path_length(&s);
	check_communities(&s);
	out->eor = find_eor(&s, attrs);
	return scratch->err == 0 ? 0 : ERR_NOMEM;
}
