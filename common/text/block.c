/* SPDX-License-Identifier: ISC */
/*
 * The route at hand: its attribute values are collected as they are written
 * and put into a canonical block, in the order of codes, at the end.
 */
#include "common/text/parts.h"

#include <stdlib.h>

static struct text_attr *
item_find(struct text_parser *p, uint8_t code)
{
	size_t i;

	for (i = 0; i < p->n_items; i++)
		if (p->items[i].code == code)
			return &p->items[i];
	return NULL;
}

size_t
block_begin(struct text_parser *p, uint8_t code, bool is_kept)
{
	const struct text_attr *old = is_kept ? item_find(p, code) : NULL;
	size_t start = p->values.len;

	/* Room first: the old value moves when the writer grows. */
	if (old != NULL && buf_put_room(&p->values, old->len) != NULL)
		memcpy(p->values.base + start, p->values.base + old->at,
		    old->len);
	return start;
}

int
block_end(struct text_parser *p, const struct words *w, uint8_t code,
    uint8_t flags, size_t start)
{
	struct text_attr *item = item_find(p, code);

	if (p->values.err == 0 && p->values.len - start > UINT16_MAX)
		p->values.err = ERR_RANGE;
	if (p->values.err != 0)
		return parts_fail(p, w, "%s: too long", p->keyword);
	if (item == NULL && p->n_items == TEXT_ATTRS_MAX)
		return parts_fail(p, w, "%s: more than %d attributes",
		    p->keyword, TEXT_ATTRS_MAX);
	if (item == NULL)
		item = &p->items[p->n_items++];
	*item = (struct text_attr){ .code = code, .flags = flags,
	    .at = (uint32_t)start, .len = (uint32_t)(p->values.len - start) };
	return 0;
}

int
block_end_list(struct text_parser *p, const struct words *w, uint8_t code,
    uint8_t flags, size_t start)
{
	struct text_attr *item = item_find(p, code);

	if (p->values.len != start)
		return block_end(p, w, code, flags, start);
	if (item != NULL)
		*item = p->items[--p->n_items];
	return 0;
}

static int
compare4(const void *a, const void *b)
{
	return memcmp(a, b, 4);
}

static int
compare8(const void *a, const void *b)
{
	return memcmp(a, b, 8);
}

static int
compare12(const void *a, const void *b)
{
	return memcmp(a, b, 12);
}

static int
compare20(const void *a, const void *b)
{
	return memcmp(a, b, 20);
}

void
block_sort(struct text_parser *p, size_t start, size_t item_len,
    bool is_unique)
{
	size_t n, i, kept = 1;
	uint8_t *items;

	if (p->values.err != 0 || p->values.len - start <= item_len)
		return;
	n = (p->values.len - start) / item_len;
	items = p->values.base + start;
	qsort(items, n, item_len, item_len == 4 ? compare4 :
	    item_len == 8 ? compare8 : item_len == 12 ? compare12 : compare20);
	for (i = 1; is_unique && i < n; i++) {
		if (memcmp(items + i * item_len,
		    items + (kept - 1) * item_len, item_len) == 0)
			continue;
		memmove(items + kept * item_len, items + i * item_len,
		    item_len);
		kept++;
	}
	if (is_unique)
		p->values.len = start + kept * item_len;
}

/* Next hop as on the wire, by family. */
static void
finish_nexthop(const struct text_parser *p, uint16_t afi, uint8_t safi,
    struct update_nexthop *out)
{
	struct wr w;
	bool is_mapped;

	out->len = 0;
	if (!p->has_nexthop)
		return;
	buf_writer(&w, out->bytes, sizeof(out->bytes));
	if (safi == SAFI_MPLS_VPN)
		buf_put_zero(&w, 8);	/* RFC 4364 4.3.2: RD of zero */
	/* Compat: ExaBGP maps an IPv4 next hop in this family alone. */
	is_mapped = afi == AFI_IPV6 && safi == SAFI_MUP &&
	    p->nexthop.family == ADDR_IPV4;
	if (is_mapped) {
		buf_put_zero(&w, 10);
		buf_put_u16(&w, 0xffff);
	}
	buf_put_bytes(&w, p->nexthop.bytes, addr_len(p->nexthop.family));
	out->len = (uint8_t)w.len;
}

/* Insertion sort: there are few, and mostly they are in order. */
static void
finish_order(struct text_parser *p)
{
	struct text_attr item;
	size_t i, j;

	for (i = 1; i < p->n_items; i++) {
		item = p->items[i];
		for (j = i; j > 0 && p->items[j - 1].code > item.code; j--)
			p->items[j] = p->items[j - 1];
		p->items[j] = item;
	}
}

static int
finish_attrs(struct text_parser *p, const struct words *w)
{
	const struct text_attr *a;
	uint8_t flags;
	size_t i;

	finish_order(p);
	buf_reset(&p->attrs);
	for (i = 0; i < p->n_items; i++) {
		a = &p->items[i];
		flags = a->flags;
		if (a->len > UINT8_MAX)
			flags |= ATTR_FLAG_EXTENDED;
		buf_put_u8(&p->attrs, flags);
		buf_put_u8(&p->attrs, a->code);
		if (flags & ATTR_FLAG_EXTENDED)
			buf_put_u16(&p->attrs, a->len);
		else
			buf_put_u8(&p->attrs, a->len);
		buf_put_bytes(&p->attrs, p->values.base + a->at, a->len);
	}
	if (p->attrs.err != 0)
		return parts_fail(p, w, "attributes: longer than %d "
		    "bytes together", UINT16_MAX);
	return 0;
}

int
block_finish(struct text_parser *p, const struct words *w, uint16_t afi,
    uint8_t safi)
{
	struct text_route *t = &p->out;
	bool is_flow = safi == SAFI_FLOW || safi == SAFI_FLOW_VPN;
	int e;

	t->route.family = nlri_find(afi, safi);
	if (t->route.family == NULL)
		return parts_fail(p, w, "family %u/%u is not known",
		    afi, safi);
	if (p->nlri.err != 0)
		return parts_fail(p, w, "%s: too long", p->keyword);
	t->route.flags = p->flags | (p->is_withdraw ? ROUTE_WITHDRAW : 0);
	if (!p->has_nexthop && !is_flow &&
	    (t->route.flags & (ROUTE_WITHDRAW | ROUTE_NEXTHOP_SELF |
	    ROUTE_NO_NLRI)) == 0)
		return parts_fail(p, w, "%s: next-hop is missing",
		    p->keyword);
	if (p->attrs.len == 0 && (e = finish_attrs(p, w)) != 0)
		return e;
	t->route.path_id = p->path_id;
	finish_nexthop(p, afi, safi, &t->route.nexthop);
	t->route.nlri = buf_written(&p->nlri);
	t->route.attrs = buf_written(&p->attrs);
	t->name = p->name;
	t->watchdog = p->watchdog;
	e = p->fn(t, p->fn_arg);
	if (e != 0)
		parts_fail(p, w, "%s: %s", p->keyword, err_text(e));
	return e;
}
