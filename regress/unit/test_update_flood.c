/* SPDX-License-Identifier: ISC */
/*
 * One attribute of every code, with every kind of flags, many lengths, zero
 * and random values, in an UPDATE that is good otherwise: only what its row
 * says may reset the session, and the block that comes out is canonical.
 */
#include "common/bgp.h"
#include "common/emit.h"
#include "common/wire/update.h"

#include <criterion/criterion.h>

#include <stdlib.h>

static const uint8_t flag_kinds[] = {
	0x00, 0x40, 0x80, 0x90, 0xc0, 0xd0, 0xe0, 0xf0,
};
static const size_t lengths[] = { 0, 1, 2, 3, 4, 5, 8, 255, 4000 };

static const struct update_context ebgp = {
	.attr = { .has_as4 = true, .is_ebgp = true },
	.family_mask = (1u << NLRI_N_FAMILIES) - 1,
};

struct flood {
	uint8_t		code, flags;
	size_t		len;
	bool		is_random;
	uint32_t	seed;
};

static uint32_t
next_random(struct flood *f)
{
	f->seed = f->seed * 1664525 + 1013904223;
	return f->seed >> 24;
}

static void
put_attr(struct flood *f, struct wr *w)
{
	size_t i;

	buf_put_u8(w, f->flags);
	buf_put_u8(w, f->code);
	if ((f->flags & ATTR_FLAG_EXTENDED) != 0)
		buf_put_u16(w, (uint32_t)f->len);
	else
		buf_put_u8(w, (uint32_t)f->len & 0xff);
	for (i = 0; i < f->len; i++)
		buf_put_u8(w, f->is_random ? next_random(f) : 0);
}

/* The attribute under test last, so that its length can lie. */
static void
make_body(struct flood *f, struct wr *w)
{
	static const uint8_t must[] = {
		0x40, 1, 1, 0, 0x40, 2, 6, 2, 1, 0, 0, 0xfd, 0xe9,
		0x40, 3, 4, 10, 0, 0, 1,
	};
	size_t mark;

	buf_reset(w);
	buf_put_u16(w, 0);
	mark = buf_mark_u16(w);
	buf_put_bytes(w, must, sizeof(must));
	put_attr(f, w);
	buf_patch_u16(w, mark);
	buf_put_u32(w, 0x180a0001);
}

static bool
may_reset(const struct flood *f)
{
	if (f->code == ATTR_MP_REACH || f->code == ATTR_MP_UNREACH)
		return true;
	/*
	 * A length of 8 bits that lies makes the rest of the value look like
	 * attributes, well-known unknown ones among them.
	 */
	if ((f->flags & ATTR_FLAG_EXTENDED) == 0 && f->len > 255)
		return true;
	return attr_find(f->code) == NULL &&
	    (f->flags & ATTR_FLAG_OPTIONAL) == 0;
}

static void
check_canonical(struct rd block, const struct flood *f)
{
	struct attr a;
	int last = -1;

	while (buf_left(&block) > 0) {
		cr_assert_eq(attr_next(&block, &a), 0);
		cr_assert_gt(a.code, last, "%u %02x %zu", f->code, f->flags,
		    f->len);
		last = a.code;
		cr_assert_neq(a.code, ATTR_NEXT_HOP);
		cr_assert_neq(a.code, ATTR_AS4_PATH);
	}
}

static void
describe(const struct update *u, struct wr *out)
{
	struct emit e;

	buf_reset(out);
	emit_json_init(&e, out, false);
	emit_begin_object(&e);
	update_emit(u, &ebgp, NLRI_JSON_V6, &e);
	emit_end_object(&e);
	update_text(u, &ebgp, "", out);
	cr_assert_eq(out->err, 0);
}

static unsigned
run_one(struct flood *f, struct wr *body, struct wr *scratch, struct wr *out)
{
	struct update u;

	make_body(f, body);
	cr_assert_eq(update_decode(buf_written(body), &ebgp, scratch, &u), 0);
	check_canonical(u.attrs, f);
	if (u.verdict == ATTR_RESET)
		return !may_reset(f);
	describe(&u, out);
	return 0;
}

Test(update_flood, no_unexpected_reset)
{
	struct flood f = { .seed = 1 };
	struct wr body, scratch, out;
	unsigned code, n = 0, n_unexpected = 0;
	size_t i, k;

	buf_writer_growing(&body, 65536);
	buf_writer_growing(&scratch, 65536);
	buf_writer_growing(&out, 1 << 22);
	for (code = 0; code < 256; code++) {
		for (i = 0; i < sizeof(flag_kinds); i++) {
			for (k = 0; k < 2 * sizeof(lengths) /
			    sizeof(lengths[0]); k++) {
				f.code = (uint8_t)code;
				f.flags = flag_kinds[i];
				f.len = lengths[k / 2];
				f.is_random = k & 1;
				n_unexpected += run_one(&f, &body, &scratch,
				    &out);
				n++;
			}
		}
	}
	cr_expect_eq(n, 36864);
	cr_expect_eq(n_unexpected, 0, "%u of %u", n_unexpected, n);
	buf_free(&body);
	buf_free(&scratch);
	buf_free(&out);
}
