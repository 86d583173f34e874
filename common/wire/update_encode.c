/* SPDX-License-Identifier: ISC */
/*
 * Writing UPDATEs. The builder keeps the message open at its end, where the
 * NLRI grow; attributes that must come behind an MP attribute are written
 * last, their room being set aside from the beginning.
 */
#include "common/attr/aspath.h"
#include "common/err.h"
#include "common/wire/message.h"
#include "common/wire/update.h"

#define NEXTHOP_IPV4_LEN	4
#define NEXTHOP_VPN_IPV4_LEN	12

/* Attributes while they are written: what has to be put in between. */
struct attr_writer {
	struct wr	*out;
	bool		 has_as4;
	const uint8_t	*nexthop;	/* 4 bytes, until written */
	struct rd	 as4_path;	/* to be sent as AS4_PATH, or empty */
	struct rd	 as4_aggregator;
};

/* Put what comes before code and waits. */
static void
put_waiting(struct attr_writer *w, unsigned code)
{
	size_t mark;

	if (w->nexthop != NULL && code > ATTR_NEXT_HOP) {
		attr_put_known(w->out, ATTR_NEXT_HOP, w->nexthop,
		    NEXTHOP_IPV4_LEN);
		w->nexthop = NULL;
	}
	if (buf_left(&w->as4_path) > 0 && code > ATTR_AS4_PATH) {
		mark = attr_begin(w->out, attr_find(ATTR_AS4_PATH)->flags,
		    ATTR_AS4_PATH);
		aspath_strip_confed(w->as4_path, w->out);
		attr_end(w->out, mark);
		w->as4_path = buf_reader(NULL, 0);
	}
	if (buf_left(&w->as4_aggregator) > 0 && code > ATTR_AS4_AGGREGATOR) {
		attr_put_known(w->out, ATTR_AS4_AGGREGATOR,
		    w->as4_aggregator.pos, buf_left(&w->as4_aggregator));
		w->as4_aggregator = buf_reader(NULL, 0);
	}
}

static void
put_narrow_path(struct attr_writer *w, const struct attr *a)
{
	size_t mark = attr_begin(w->out, a->flags, a->code);

	if (aspath_to_as2(a->value, w->out))
		w->as4_path = a->value;
	attr_end(w->out, mark);
}

static void
put_narrow_aggregator(struct attr_writer *w, const struct attr *a)
{
	struct rd value = a->value;
	uint32_t asn = buf_get_u32(&value);
	size_t mark = attr_begin(w->out, a->flags, a->code);

	if (asn > UINT16_MAX) {
		w->as4_aggregator = a->value;
		asn = BGP_AS_TRANS;
	}
	buf_put_u16(w->out, asn);
	buf_put_u32(w->out, buf_get_u32(&value));
	attr_end(w->out, mark);
}

static void
put_attrs(struct wr *out, struct rd attrs, bool has_as4,
    const uint8_t *nexthop)
{
	struct attr_writer w = { .out = out, .has_as4 = has_as4,
	    .nexthop = nexthop };
	struct attr a;

	while (buf_left(&attrs) > 0 && attr_next(&attrs, &a) == 0) {
		put_waiting(&w, a.code);
		if (!has_as4 && a.code == ATTR_AS_PATH)
			put_narrow_path(&w, &a);
		else if (!has_as4 && a.code == ATTR_AGGREGATOR)
			put_narrow_aggregator(&w, &a);
		else
			attr_put(out, a.flags, a.code, a.value.pos,
			    buf_left(&a.value));
	}
	put_waiting(&w, UINT8_MAX + 1);
}

bool
update_has_exabgp_nexthop(const struct nlri_family *f)
{
	switch (f->safi) {
	case SAFI_UNICAST:
	case SAFI_MULTICAST:
	case SAFI_NLRI_MPLS:
	case SAFI_MCAST_VPN:
	case SAFI_MUP:
	case SAFI_MPLS_VPN:
		return true;
	default:
		return false;
	}
}

static const uint8_t *
exabgp_nexthop(const struct nlri_family *f, const struct update_nexthop *nh)
{
	if (!update_has_exabgp_nexthop(f))
		return NULL;
	if (nh->len == NEXTHOP_IPV4_LEN)
		return nh->bytes;
	if (nh->len == NEXTHOP_VPN_IPV4_LEN)
		return &nh->bytes[NEXTHOP_VPN_IPV4_LEN - NEXTHOP_IPV4_LEN];
	return NULL;
}

static bool
is_classic(const struct update_format *format, const struct nlri_family *f)
{
	if (f->id == NLRI_IPV4_UNICAST)
		return true;
	/* Compat: ExaBGP; elsewhere this would announce unicast routes. */
	return format->is_exabgp_packing && f->id == NLRI_IPV4_MULTICAST;
}

static bool
fits(const struct update_builder *b)
{
	return b->out->len - b->start + b->tail_len <= b->format->max_len;
}

static void
start_message(struct update_builder *b, struct wr *out,
    const struct update_format *format, const struct nlri_family *family)
{
	*b = (struct update_builder){ .out = out, .format = format,
	    .family = family, .is_open = true };
	b->start = message_begin(out, BGP_UPDATE);
}

/* Error, or the message taken out again because it is too long. */
static int
finish_start(struct update_builder *b)
{
	if (b->out->err == 0 && fits(b))
		return 0;
	buf_truncate(b->out, b->start);
	b->is_open = false;
	return b->out->err != 0 ? b->out->err : ERR_FULL;
}

/* Set attrs aside for the end; their length is found by writing them once. */
static void
defer_attrs(struct update_builder *b, struct rd attrs)
{
	size_t before = b->out->len;

	put_attrs(b->out, attrs, b->format->has_as4, NULL);
	b->tail_len = b->out->len - before;
	b->attrs = attrs;
	buf_truncate(b->out, before);
}

static void
put_family(struct update_builder *b, uint8_t code)
{
	b->is_mp = true;
	b->mp_mark = attr_begin(b->out, attr_find(code)->flags, code);
	buf_put_u16(b->out, b->family->afi);
	buf_put_u8(b->out, b->family->safi);
}

int
update_begin(struct update_builder *b, struct wr *out,
    const struct update_format *format, const struct nlri_family *family,
    struct rd attrs, const struct update_nexthop *nexthop)
{
	start_message(b, out, format, family);
	buf_put_u16(out, 0);
	b->attr_mark = buf_mark_u16(out);
	if (is_classic(format, family) && nexthop->len == NEXTHOP_IPV4_LEN) {
		put_attrs(out, attrs, format->has_as4, nexthop->bytes);
		buf_patch_u16(out, b->attr_mark);
		return finish_start(b);
	}
	if (format->is_exabgp_packing)
		put_attrs(out, attrs, format->has_as4,
		    exabgp_nexthop(family, nexthop));
	else
		defer_attrs(b, attrs);
	put_family(b, ATTR_MP_REACH);
	buf_put_u8(out, nexthop->len);
	buf_put_bytes(out, nexthop->bytes, nexthop->len);
	buf_put_u8(out, 0);
	return finish_start(b);
}

int
update_begin_withdraw(struct update_builder *b, struct wr *out,
    const struct update_format *format, const struct nlri_family *family,
    struct rd attrs)
{
	start_message(b, out, format, family);
	b->is_withdraw = true;
	if (is_classic(format, family)) {
		b->attr_mark = buf_mark_u16(out);
		b->tail_len = 2;	/* the length of no attributes */
		return finish_start(b);
	}
	buf_put_u16(out, 0);
	b->attr_mark = buf_mark_u16(out);
	defer_attrs(b, attrs);
	put_family(b, ATTR_MP_UNREACH);
	return finish_start(b);
}

int
update_add(struct update_builder *b, const struct nlri *n)
{
	size_t before = b->out->len;
	bool with_path_id =
	    (b->format->add_path_mask >> b->family->id & 1) != 0;

	/* Compat: ExaBGP withdraws with the labels announced. */
	nlri_put(n, with_path_id,
	    b->is_withdraw && !b->format->is_exabgp_packing, b->out);
	if (b->out->err != 0)
		return b->out->err;
	if (!fits(b)) {
		buf_truncate(b->out, before);
		return ERR_FULL;
	}
	b->n_nlri++;
	return 0;
}

void
update_end(struct update_builder *b)
{
	if (!b->is_open)
		return;
	b->is_open = false;
	if (b->n_nlri == 0) {
		buf_truncate(b->out, b->start);
		return;
	}
	if (b->is_mp) {
		attr_end(b->out, b->mp_mark);
		put_attrs(b->out, b->attrs, b->format->has_as4, NULL);
		buf_patch_u16(b->out, b->attr_mark);
	} else if (b->is_withdraw) {
		buf_patch_u16(b->out, b->attr_mark);
		buf_put_u16(b->out, 0);
	}
	message_end(b->out, b->start);
}

void
update_put_eor(struct wr *out, const struct nlri_family *family)
{
	size_t start = message_begin(out, BGP_UPDATE), mark, mp;

	buf_put_u16(out, 0);
	mark = buf_mark_u16(out);
	if (family->id != NLRI_IPV4_UNICAST) {
		/* Compat: others send the extended length here, too. */
		mp = attr_begin(out, attr_find(ATTR_MP_UNREACH)->flags,
		    ATTR_MP_UNREACH);
		buf_put_u16(out, family->afi);
		buf_put_u8(out, family->safi);
		buf_patch_u16(out, mp + 2);
		buf_patch_u16(out, mark);
	}
	message_end(out, start);
}
