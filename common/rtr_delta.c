/* SPDX-License-Identifier: ISC */
/* Records of what RPKI caches say, between session engine and RDE. */
#include "common/rtr_delta.h"

#include "common/err.h"

#include <stdlib.h>
#include <string.h>

void
rtr_delta_put_vrp(struct wr *w, const struct rtr_delta_vrp *v)
{
	buf_put_u8(w, v->is_announce);
	buf_put_u8(w, v->prefix.addr.family);
	buf_put_u8(w, v->prefix.len_bits);
	buf_put_u8(w, v->max_len);
	buf_put_u32(w, v->asn);
	buf_put_bytes(w, v->prefix.addr.bytes, addr_len(v->prefix.addr.family));
}

void
rtr_delta_put_aspa(struct wr *w, uint32_t customer, const uint32_t *providers,
    uint32_t n)
{
	uint32_t i;

	buf_put_u32(w, customer);
	buf_put_u16(w, n);
	for (i = 0; i < n; i++)
		buf_put_u32(w, providers[i]);
}

int
rtr_delta_get_vrp(struct rd *r, struct rtr_delta_vrp *out)
{
	struct rtr_delta_vrp v = { .is_announce = buf_get_u8(r) != 0 };
	unsigned bits;

	memset(out, 0, sizeof(*out));
	v.prefix.addr.family = buf_get_u8(r);
	v.prefix.len_bits = buf_get_u8(r);
	v.max_len = buf_get_u8(r);
	v.asn = buf_get_u32(r);
	bits = addr_bits(v.prefix.addr.family);
	if (bits == 0 || v.prefix.len_bits > bits || v.max_len > bits)
		return ERR_RANGE;
	buf_get_copy(r, v.prefix.addr.bytes,
	    addr_len(v.prefix.addr.family));
	if (r->is_short)
		return ERR_SHORT;
	*out = v;
	return 0;
}

int
rtr_delta_get_aspa(struct rd *r, struct rtr_delta_aspa *out)
{
	struct rtr_delta_aspa a = { .customer = buf_get_u32(r) };

	memset(out, 0, sizeof(*out));
	a.n_providers = buf_get_u16(r);
	a.providers = buf_get_sub(r, (size_t)a.n_providers * 4);
	if (r->is_short)
		return ERR_SHORT;
	*out = a;
	return 0;
}

int
rtr_asn_compare(const void *va, const void *vb)
{
	const uint32_t *a = va, *b = vb;

	return *a < *b ? -1 : *a > *b;
}

uint32_t
rtr_asn_unique(uint32_t *asns, uint32_t n)
{
	uint32_t i, k = 0;

	if (n == 0)
		return 0;
	qsort(asns, n, sizeof(*asns), rtr_asn_compare);
	for (i = 1; i < n; i++)
		if (asns[i] != asns[k])
			asns[++k] = asns[i];
	return k + 1;
}
