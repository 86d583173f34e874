/* SPDX-License-Identifier: ISC */
/* BMP messages. */
#include "common/wire/bmp.h"

#define USEC_PER_SEC	1000000u
#define LENGTH_OFFSET	1

/* 16 bytes; an IPv4 address stands in the last 4. */
static void
put_addr(struct wr *out, const struct addr *a)
{
	if (a->family != ADDR_IPV6)
		buf_put_zero(out, 12);
	buf_put_bytes(out, a->bytes, a->family == ADDR_IPV6 ? 16 : 4);
}

static void
put_peer(struct wr *out, const struct bmp_peer *p)
{
	buf_put_u8(out, p->type);
	buf_put_u8(out, p->flags |
	    (p->addr.family == ADDR_IPV6 ? (uint32_t)BMP_FLAG_IPV6 : 0));
	buf_put_zero(out, 8);
	put_addr(out, &p->addr);
	buf_put_u32(out, p->as);
	buf_put_u32(out, p->id);
	buf_put_u32(out, (uint32_t)(p->time_usec / USEC_PER_SEC));
	buf_put_u32(out, (uint32_t)(p->time_usec % USEC_PER_SEC));
}

size_t
bmp_begin(struct wr *out, enum bmp_type type, const struct bmp_peer *peer)
{
	size_t start = out->len;

	buf_put_u8(out, BMP_VERSION);
	buf_put_u32(out, 0);
	buf_put_u8(out, type);
	if (peer != NULL)
		put_peer(out, peer);
	return start;
}

static void
set_u32(struct wr *out, size_t offset, uint32_t value)
{
	buf_set_u16(out, offset, value >> 16);
	buf_set_u16(out, offset + 2, value & 0xffff);
}

void
bmp_end(struct wr *out, size_t start)
{
	if (out->err == 0)
		set_u32(out, start + LENGTH_OFFSET,
		    (uint32_t)(out->len - start));
}

void
bmp_put_up(struct wr *out, const struct bmp_up *up)
{
	put_addr(out, &up->local);
	buf_put_u16(out, up->local_port);
	buf_put_u16(out, up->remote_port);
	buf_put_bytes(out, up->sent.pos, buf_left(&up->sent));
	buf_put_bytes(out, up->received.pos, buf_left(&up->received));
}

void
bmp_put_tlv(struct wr *out, unsigned type, const void *value, size_t len)
{
	if (len > UINT16_MAX)
		len = UINT16_MAX;
	buf_put_u16(out, type);
	buf_put_u16(out, (uint32_t)len);
	buf_put_bytes(out, value, len);
}

size_t
bmp_begin_statistics(struct wr *out)
{
	size_t mark = out->len;

	buf_put_u32(out, 0);
	return mark;
}

void
bmp_put_counter(struct wr *out, enum bmp_stat type, uint32_t value)
{
	buf_put_u16(out, type);
	buf_put_u16(out, 4);
	buf_put_u32(out, value);
}

void
bmp_put_gauge(struct wr *out, enum bmp_stat type, uint64_t value)
{
	buf_put_u16(out, type);
	buf_put_u16(out, 8);
	buf_put_u64(out, value);
}

void
bmp_end_statistics(struct wr *out, size_t mark, uint32_t n)
{
	if (out->err == 0)
		set_u32(out, mark, n);
}
