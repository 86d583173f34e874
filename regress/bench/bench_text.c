/* SPDX-License-Identifier: ISC */
/*
 * Lines of programs to routes, as the broker does it: how many instructions
 * a line takes. One thread, no clock, the same each time.
 *
 *	bench_text [lines]
 */
#include "common/route.h"
#include "common/text/text_route.h"

#include <err.h>
#include <stdio.h>
#include <stdlib.h>

struct seen {
	struct wr	record;
	unsigned	n;
	size_t		bytes;
};

static int
on_route(const struct text_route *t, void *arg)
{
	struct seen *seen = arg;

	buf_reset(&seen->record);
	route_put(&seen->record, &t->route);
	seen->bytes += seen->record.len;
	seen->n++;
	return 0;
}

static void
line(unsigned i, char *buf, size_t len)
{
	static const char *const forms[] = {
		"route 10.%u.%u.0/24 next-hop 192.0.2.1",
		"route 10.%u.%u.0/24 next-hop self med 100 community "
		    "[65000:1 65000:2] as-path [65001 65002]",
		"ipv6 unicast 2001:db8:%x:%x::/64 next-hop 2001:db8::1 "
		    "large-community 65000:1:2",
		"flow route { match { destination 10.%u.%u.1/32; "
		    "destination-port =80; } then { discard; } }",
	};

	snprintf(buf, len, forms[i % 4], i >> 8 & 255, i & 255);
}

int
main(int argc, char **argv)
{
	unsigned i, n = argc > 1 ? (unsigned)atoi(argv[1]) : 100000;
	struct seen seen = { .n = 0 };
	struct text_parser p;
	char buf[256];

	text_route_init(&p);
	buf_writer_growing(&seen.record, 1 << 16);
	for (i = 0; i < n; i++) {
		line(i, buf, sizeof(buf));
		if (text_route_parse_line(&p, buf, strlen(buf), false,
		    on_route, &seen) != 0)
			errx(1, "%s: %s", buf, p.error);
	}
	printf("%u lines, %u routes, %zu bytes\n", n, seen.n, seen.bytes);
	buf_free(&seen.record);
	text_route_fini(&p);
	return seen.n != n;
}
