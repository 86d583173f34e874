/* SPDX-License-Identifier: ISC */
/* UPDATEs made of routes. */
#include "api/bmp_update.h"

#include "common/bgp.h"

#include <string.h>

void
bmp_update_init(struct bmp_update *u)
{
	buf_writer_growing(&u->message, BGP_MESSAGE_MAX_EXTENDED);
	buf_writer_growing(&u->attrs, BGP_MESSAGE_MAX_EXTENDED);
}

void
bmp_update_fini(struct bmp_update *u)
{
	buf_free(&u->message);
	buf_free(&u->attrs);
}

static bool
is_same(struct rd a, const void *bytes, size_t len)
{
	return buf_left(&a) == len &&
	    (len == 0 || memcmp(a.pos, bytes, len) == 0);
}

static bool
update_is_of(const struct bmp_update *u, const struct bmp_route *r)
{
	return u->family == r->nlri.family && u->age_sec == r->age_sec &&
	    u->is_withdraw == r->is_withdraw && (r->is_withdraw ||
	    (is_same(r->attrs, u->attrs.base, u->attrs.len) &&
	    is_same(r->nexthop, u->nexthop.bytes, u->nexthop.len)));
}

/* Begin a message for routes like this one; false when it cannot be made. */
static bool
update_open(struct bmp_update *u, const struct bmp_route *r)
{
	int e;

	if (buf_left(&r->nexthop) > sizeof(u->nexthop.bytes))
		return false;
	u->family = r->nlri.family;
	u->age_sec = r->age_sec;
	u->is_withdraw = r->is_withdraw;
	buf_reset(&u->message);
	buf_reset(&u->attrs);
	u->nexthop.len = (uint8_t)buf_left(&r->nexthop);
	if (u->nexthop.len != 0)
		memcpy(u->nexthop.bytes, r->nexthop.pos, u->nexthop.len);
	buf_put_bytes(&u->attrs, r->attrs.pos, buf_left(&r->attrs));
	if (r->is_withdraw)
		e = update_begin_withdraw(&u->builder, &u->message,
		    &u->format, u->family, buf_reader(NULL, 0));
	else
		e = update_begin(&u->builder, &u->message, &u->format,
		    u->family, buf_written(&u->attrs), &u->nexthop);
	u->is_open = e == 0;
	return u->is_open;
}

bool
bmp_update_add(struct bmp_update *u, const struct bmp_route *r)
{
	if (u->is_open)
		return update_is_of(u, r) &&
		    update_add(&u->builder, &r->nlri) == 0;
	if (update_open(u, r))
		update_add(&u->builder, &r->nlri);
	return true;
}

struct rd
bmp_update_end(struct bmp_update *u)
{
	if (!u->is_open)
		return buf_reader(NULL, 0);
	u->is_open = false;
	update_end(&u->builder);
	return u->message.err != 0 ? buf_reader(NULL, 0) :
	    buf_written(&u->message);
}
