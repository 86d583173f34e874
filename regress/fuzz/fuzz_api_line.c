/* SPDX-License-Identifier: ISC */
/*
 * A line of an API program: the first byte says announce or withdraw, the
 * rest is the sentence. Each route that comes out must survive as a record,
 * and its attributes must be sound, since the RDE believes them.
 */
#include "common/attr/attr.h"
#include "common/err.h"
#include "common/nlri/nlri.h"
#include "common/text/text_route.h"

#include <stdlib.h>

#define ROUTES_MAX	64

int	LLVMFuzzerTestOneInput(const uint8_t *, size_t);

static void
check_attrs(struct rd block)
{
	const struct attr_context as_ours = { .has_as4 = true };
	const struct attr_row *row;
	struct attr a;
	int last = 0;

	while (buf_left(&block) > 0) {
		if (attr_next(&block, &a) != 0 || a.code <= last)
			abort();
		last = a.code;
		row = attr_find(a.code);
		if (row != NULL && row->check(a.value, &as_ours) != 0)
			abort();
	}
}

static int
on_route(const struct text_route *t, void *arg)
{
	unsigned *n = arg;
	struct wr record, text;
	struct route back;
	struct nlri nlri;
	struct rd r;

	check_attrs(t->route.attrs);
	buf_writer_growing(&record, 1 << 20);
	buf_writer_growing(&text, 1 << 20);
	route_put(&record, &t->route);
	r = buf_written(&record);
	if (record.err != 0 || route_get(&r, &back) != 0)
		abort();
	if ((back.flags & ROUTE_NO_NLRI) == 0) {
		route_nlri(&back, &nlri);
		nlri_text(&nlri, &text);
		nlri_key(&nlri, &text);
	}
	attr_text_block(back.attrs, &text);
	buf_free(&record);
	buf_free(&text);
	return ++*n < ROUTES_MAX ? 0 : ERR_FULL;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	struct rd r = buf_reader(data, len);
	bool is_withdraw = (buf_get_u8(&r) & 1) != 0;
	struct text_parser p;
	struct words w;
	struct wr message;
	unsigned n = 0;

	text_route_init(&p);
	if (text_route_parse_line(&p, (const char *)r.pos, buf_left(&r),
	    is_withdraw, on_route, &n) != 0 && p.error[0] == '\0')
		abort();
	buf_writer_growing(&message, 1 << 16);
	words_init(&w, (const char *)r.pos, buf_left(&r), false);
	if (text_operational_parse(&p, &w, &message) != 0 &&
	    message.len != 0)
		abort();
	buf_free(&message);
	text_route_fini(&p);
	return 0;
}
