/* SPDX-License-Identifier: ISC */
/* bgpd.conf: the order of flows. RFC 8955 5.1. */
#include "parent/conf_bgpd.h"

#include "common/bgp.h"

#include <stdlib.h>
#include <string.h>

#define FLOW_SOURCE	2	/* the last component that is a prefix */

/* The flow behind its length. */
static struct rd
flow_body(const struct conf_route *r)
{
	struct rd body = buf_reader(r->nlri.bytes, r->nlri.len);

	if (buf_get_u8(&body) >= 0xf0)
		buf_get_u8(&body);
	return body;
}

/* A prefix component's bytes behind the type. */
static struct rd
flow_prefix(struct rd *body, uint16_t afi)
{
	struct rd copy = *body;
	uint8_t len_bits = buf_get_u8(&copy);

	return buf_get_sub(body, 1u + (afi == AFI_IPV6) + (len_bits + 7u) / 8);
}

/* RFC 8955 5.1: the lower address, of nested ones the longer prefix. */
static int
compare_prefixes(struct rd a, struct rd b)
{
	uint8_t len_a = buf_get_u8(&a), len_b = buf_get_u8(&b);
	size_t n = buf_left(&a) < buf_left(&b) ? buf_left(&a) : buf_left(&b);
	int r = n == 0 ? 0 : memcmp(a.pos, b.pos, n);

	return r != 0 ? r : (int)len_b - (int)len_a;
}

static int
flow_compare(const void *va, const void *vb)
{
	const struct conf_route *a = va, *b = vb;
	struct rd x = flow_body(a), y = flow_body(b);
	size_t n;
	int r;

	if (a->afi != b->afi)
		return a->afi < b->afi ? -1 : 1;
	while (buf_left(&x) > 0 && buf_left(&y) > 0) {
		if (*x.pos != *y.pos)
			return *x.pos < *y.pos ? -1 : 1;
		if (*x.pos > FLOW_SOURCE)
			break;
		buf_get_u8(&x);
		buf_get_u8(&y);
		r = compare_prefixes(flow_prefix(&x, a->afi),
		    flow_prefix(&y, b->afi));
		if (r != 0)
			return r;
	}
	n = buf_left(&x) < buf_left(&y) ? buf_left(&x) : buf_left(&y);
	r = n == 0 ? 0 : memcmp(x.pos, y.pos, n);
	if (r != 0)
		return r;
	/* What goes on is the more specific. */
	return (buf_left(&x) < buf_left(&y)) - (buf_left(&x) > buf_left(&y));
}

void
bgpd_sort_flows(struct config *c)
{
	if (c->n_flowspecs != 0)
		qsort(c->flowspecs, c->n_flowspecs, sizeof(*c->flowspecs),
		    flow_compare);
}
