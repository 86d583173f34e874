/* SPDX-License-Identifier: ISC */
/*
 * BGP messages from standard input, one after another; for each UPDATE a
 * line: its IPv4 prefixes announced, withdrawn, those of MP_REACH_NLRI, and
 * the AS path, for a comparison with another decoder.
 */
#include "common/addr.h"
#include "common/attr/aspath.h"
#include "common/attr/attr.h"
#include "common/nlri/nlri.h"
#include "common/wire/update.h"

#include <stdio.h>
#include <stdlib.h>

static void
print_run(const struct update_run *run)
{
	char text[PREFIX_TEXT_MAX];
	struct rd r = run->run;
	struct prefix p;
	struct nlri n;
	const char *between = "";

	while (run->family != NULL && buf_left(&r) > 0 &&
	    nlri_next(run->family, false, &r, &n) == 0 &&
	    nlri_to_prefix(&n, &p) == 0) {
		printf("%s%s", between, prefix_print(&p, text, sizeof(text)));
		between = " ";
	}
	putchar('|');
}

static void
print_update(struct rd body, struct wr *scratch)
{
	struct update_context ctx = {
		.attr = { .is_ebgp = true, .has_as4 = true },
		.family_mask = UINT32_MAX,
	};
	struct attr a;
	struct update u;
	struct wr w;

	if (update_decode(body, &ctx, scratch, &u) != 0)
		exit(1);
	print_run(&u.nlri);
	print_run(&u.withdrawn);
	print_run(&u.mp_reach);
	buf_writer_growing(&w, 1 << 20);
	if (attr_get(u.attrs, ATTR_AS_PATH, &a))
		aspath_text_plain(a.value, &w);
	printf("%.*s\n", (int)w.len, w.len == 0 ? "" : (char *)w.base);
	buf_free(&w);
}

int
main(void)
{
	static uint8_t bytes[65536];
	struct wr scratch;
	struct rd r;
	size_t len;

	buf_writer_growing(&scratch, 1 << 18);
	while (fread(bytes, 1, BGP_HEADER_LEN, stdin) == BGP_HEADER_LEN) {
		len = (size_t)bytes[16] << 8 | bytes[17];
		if (len < BGP_HEADER_LEN || fread(bytes + BGP_HEADER_LEN, 1,
		    len - BGP_HEADER_LEN, stdin) != len - BGP_HEADER_LEN)
			return 1;
		r = buf_reader(bytes + BGP_HEADER_LEN, len - BGP_HEADER_LEN);
		if (bytes[18] == BGP_UPDATE)
			print_update(r, &scratch);
	}
	buf_free(&scratch);
	return 0;
}
