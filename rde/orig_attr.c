/* SPDX-License-Identifier: ISC */
/* Defaults of originated attributes, inserted in the order of their codes. */
#include "rde/orig_attr.h"

#include "common/attr/aspath.h"
#include "common/attr/attr.h"
#include "common/bgp.h"
#include "common/config.h"
#include "rde/engine.h"

#define DEFAULT_LOCAL_PREF	100

/* A default: written by put when the block has no attribute of this code. */
struct default_row {
	uint8_t	code;
	void	(*put)(struct wr *, const struct rpeer *);
};

static void
default_origin(struct wr *w, const struct rpeer *p)
{
	const uint8_t igp = ORIGIN_IGP;

	(void)p;
	attr_put_known(w, ATTR_ORIGIN, &igp, 1);
}

static void
default_as_path(struct wr *w, const struct rpeer *p)
{
	size_t mark = attr_begin(w, ATTR_FLAG_TRANSITIVE, ATTR_AS_PATH);

	if (p->is_ebgp)
		aspath_prepend(buf_reader(NULL, 0), AS_SEQUENCE, p->local_as,
		    1, w);
	attr_end(w, mark);
}

static void
default_local_pref(struct wr *w, const struct rpeer *p)
{
	size_t mark;

	if (p->is_ebgp)
		return;
	mark = attr_begin(w, ATTR_FLAG_TRANSITIVE, ATTR_LOCAL_PREF);
	buf_put_u32(w, DEFAULT_LOCAL_PREF);
	attr_end(w, mark);
}

static const struct default_row default_rows[] = {
	{ ATTR_ORIGIN,		default_origin },
	{ ATTR_AS_PATH,		default_as_path },
	{ ATTR_LOCAL_PREF,	default_local_pref },
};

#define N_ROWS	(sizeof(default_rows) / sizeof(default_rows[0]))

static bool
attr_is_sent(const struct rpeer *p, uint8_t code)
{
	if (code == ATTR_LOCAL_PREF)
		return !p->is_ebgp;
	if (code == ATTR_AIGP)
		return !p->is_ebgp || p->conf->aigp;
	return true;
}

bool
orig_attr_build(struct rde *rde, const struct rpeer *p,
    const struct attrset *a, const struct nlri_family *family,
    struct orig_attr_out *out)
{
	struct wr *w = &rde->block;
	struct rd block = attrset_block(a);
	struct attr attr;
	size_t next = 0;

	buf_reset(w);
	while (buf_left(&block) > 0 && attr_next(&block, &attr) == 0) {
		for (; next < N_ROWS && default_rows[next].code < attr.code;
		    next++)
			default_rows[next].put(w, p);
		if (next < N_ROWS && default_rows[next].code == attr.code)
			next++;
		if (attr_is_sent(p, attr.code))
			attr_put(w, attr.flags, attr.code, attr.value.pos,
			    buf_left(&attr.value));
	}
	for (; next < N_ROWS; next++)
		default_rows[next].put(w, p);
	if (w->err != 0)
		return false;
	out->block = buf_written(w);
	if (a->flags & ATTRSET_NEXTHOP_SELF)
		return rpeer_nexthop_self(rde, p, family, &out->nexthop);
	attrset_nexthop(a, &out->nexthop);
	return true;
}

struct rd
orig_attr_with_nexthop(struct rde *rde, struct rd block,
    const struct update_nexthop *nh)
{
	struct wr *w = &rde->reply;
	struct rd in = block;
	struct attr attr;
	bool is_put = false;

	if (nh->len != 4 && nh->len != 12)
		return block;
	buf_reset(w);
	while (buf_left(&in) > 0 && attr_next(&in, &attr) == 0) {
		if (!is_put && attr.code > ATTR_NEXT_HOP) {
			attr_put_known(w, ATTR_NEXT_HOP,
			    nh->bytes + nh->len - 4, 4);
			is_put = true;
		}
		attr_put(w, attr.flags, attr.code, attr.value.pos,
		    buf_left(&attr.value));
	}
	if (!is_put)
		attr_put_known(w, ATTR_NEXT_HOP, nh->bytes + nh->len - 4, 4);
	return buf_written(w);
}
