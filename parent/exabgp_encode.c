/* SPDX-License-Identifier: ISC */
/*
 * `exabgp encode`: a route sentence to the UPDATEs that announce it, in
 * hexadecimal, one a line. As in a session of ExaBGP's what is not said of
 * ORIGIN, AS_PATH and LOCAL_PREF gets its default.
 */
#include "parent/exabgp_command.h"

#include "common/attr/aspath.h"
#include "common/attr/attr.h"
#include "common/config.h"
#include "common/err.h"
#include "common/text/text_route.h"
#include "common/wire/update.h"

#include <err.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define ENCODE_AS		65533	/* of ExaBGP's encoder */
#define ENCODE_LOCAL_PREF	100
#define ENCODE_OUT_MAX		(64 * 1024 * 1024)
#define ENCODE_HEADER_LEN	19

struct encode_run {
	struct text_parser	parser;
	struct update_format	format;
	uint32_t		local_as, peer_as;
	bool			is_nlri_only, has_no_header, has_path_id;
	bool			is_withdraw;
	char			family[40];	/* put before the sentence */
	struct wr		attrs, out;
};

static _Noreturn void
encode_usage(void)
{
	fprintf(stderr, "usage: exabgp encode [-in] [--no-header] "
	    "[-a LOCAL-AS] [-z PEER-AS] [-f \"AFI SAFI\"] SENTENCE\n"
	    "  -a, --local-as          default %u\n"
	    "  -z, --peer-as           default %u\n"
	    "  -f, --family            of a sentence without family\n"
	    "  -i, --path-information  write path identifiers\n"
	    "  -n, --nlri-only         the NLRI alone\n"
	    "      --no-header         without the message's header\n"
	    "SENTENCE is a route as programs announce it:\n"
	    "  \"route 10.0.0.0/8 next-hop 192.0.2.1 med 5\"\n",
	    ENCODE_AS, ENCODE_AS);
	exit(1);
}

static uint32_t
encode_as(const char *text)
{
	char *end;
	unsigned long n = strtoul(text, &end, 10);

	if (*text < '0' || *text > '9' || *end != '\0' || n == 0 ||
	    n > UINT32_MAX)
		errx(1, "%s: no AS number", text);
	return (uint32_t)n;
}

static void
encode_options(struct encode_run *e, int argc, char **argv)
{
	static const struct option options[] = {
		{ "configuration", no_argument, NULL, 'c' },
		{ "debug", no_argument, NULL, 'c' },
		{ "family", required_argument, NULL, 'f' },
		{ "local-as", required_argument, NULL, 'a' },
		{ "nlri-only", no_argument, NULL, 'n' },
		{ "no-header", no_argument, NULL, 'H' },
		{ "path-information", no_argument, NULL, 'i' },
		{ "peer-as", required_argument, NULL, 'z' },
		{ NULL, 0, NULL, 0 },
	};
	int c;

	while ((c = getopt_long(argc, argv, "+a:cdf:inz:", options,
	    NULL)) != -1) {
		if (c == 'a')
			e->local_as = encode_as(optarg);
		else if (c == 'z')
			e->peer_as = encode_as(optarg);
		else if (c == 'f')
			strlcpy(e->family, optarg, sizeof(e->family));
		else if (c == 'i')
			e->has_path_id = true;
		else if (c == 'n')
			e->is_nlri_only = true;
		else if (c == 'H')
			e->has_no_header = true;
		else if (c == '?')
			encode_usage();
	}
	if (optind == argc)
		encode_usage();
}

static void
encode_print(const struct encode_run *e, struct rd bytes)
{
	(void)e;
	while (buf_left(&bytes) > 0)
		printf("%02X", buf_get_u8(&bytes));
	putchar('\n');
}

/* Messages of out, a line each. */
static void
encode_print_messages(const struct encode_run *e)
{
	struct rd all = buf_written(&e->out), peek, message;
	uint16_t len;

	while (buf_left(&all) >= ENCODE_HEADER_LEN) {
		peek = all;
		buf_get_bytes(&peek, 16);
		len = buf_get_u16(&peek);
		message = buf_get_sub(&all, len);
		if (e->has_no_header)
			buf_get_bytes(&message, ENCODE_HEADER_LEN);
		encode_print(e, message);
	}
}

static void
encode_default(struct encode_run *e, uint8_t code)
{
	const uint8_t igp = ORIGIN_IGP;
	bool is_ebgp = e->local_as != e->peer_as;
	size_t mark;

	if (code == ATTR_ORIGIN)
		attr_put_known(&e->attrs, code, &igp, 1);
	if (code == ATTR_AS_PATH) {
		mark = attr_begin(&e->attrs, ATTR_FLAG_TRANSITIVE, code);
		if (is_ebgp)
			aspath_prepend(buf_reader(NULL, 0), AS_SEQUENCE,
			    e->local_as, 1, &e->attrs);
		attr_end(&e->attrs, mark);
	}
	if (code == ATTR_LOCAL_PREF && !is_ebgp) {
		mark = attr_begin(&e->attrs, ATTR_FLAG_TRANSITIVE, code);
		buf_put_u32(&e->attrs, ENCODE_LOCAL_PREF);
		attr_end(&e->attrs, mark);
	}
}

/* The route's attributes with the defaults in their places. */
static void
encode_attrs(struct encode_run *e, struct rd block)
{
	static const uint8_t codes[] = { ATTR_ORIGIN, ATTR_AS_PATH,
	    ATTR_LOCAL_PREF };
	struct attr a;
	size_t next = 0;

	buf_reset(&e->attrs);
	while (buf_left(&block) > 0 && attr_next(&block, &a) == 0) {
		while (next < sizeof(codes) && codes[next] < a.code)
			encode_default(e, codes[next++]);
		if (next < sizeof(codes) && codes[next] == a.code)
			next++;
		if (a.code == ATTR_LOCAL_PREF && e->local_as != e->peer_as)
			continue;
		attr_put(&e->attrs, a.flags, a.code, a.value.pos,
		    buf_left(&a.value));
	}
	while (next < sizeof(codes))
		encode_default(e, codes[next++]);
}

/* `next-hop self` has no session to take it from: the loopback address. */
static void
encode_nexthop(struct update_nexthop *nexthop, const struct route *r)
{
	static const uint8_t self4[] = { 127, 0, 0, 1 };
	static const uint8_t self6[16] = { [15] = 1 };

	*nexthop = r->nexthop;
	if (!(r->flags & ROUTE_NEXTHOP_SELF) || nexthop->len != 0)
		return;
	nexthop->len = r->family->afi == 2 ? sizeof(self6) : sizeof(self4);
	memcpy(nexthop->bytes, r->family->afi == 2 ? self6 : self4,
	    nexthop->len);
}

static int
encode_route(const struct text_route *t, void *arg)
{
	struct encode_run *e = arg;
	const struct route *r = &t->route;
	struct update_nexthop nexthop;
	struct update_builder b;
	struct nlri n;
	int error;

	route_nlri(r, &n);
	buf_reset(&e->out);
	e->format.add_path_mask = e->has_path_id ? UINT32_MAX : 0;
	if (e->is_nlri_only) {
		nlri_put(&n, e->has_path_id, e->is_withdraw, &e->out);
		encode_print(e, buf_written(&e->out));
		return e->out.err;
	}
	if (e->is_withdraw) {
		error = update_begin_withdraw(&b, &e->out, &e->format,
		    r->family, buf_reader(NULL, 0));
	} else {
		encode_nexthop(&nexthop, r);
		encode_attrs(e, r->attrs);
		error = update_begin(&b, &e->out, &e->format, r->family,
		    buf_written(&e->attrs), &nexthop);
	}
	if (error == 0)
		error = update_add(&b, &n);
	if (error == 0)
		update_end(&b);
	if (error == 0 && e->out.err == 0)
		encode_print_messages(e);
	return error != 0 ? error : e->out.err;
}

static bool
encode_take(const char **text, const char *word)
{
	size_t n = strlen(word);

	if (strncmp(*text, word, n) != 0)
		return false;
	*text += n;
	return true;
}

/* One sentence; an announce or withdraw in front may be there. */
static int
encode_sentence(struct encode_run *e, const char *text)
{
	char *line;
	int error;

	text += strspn(text, " \t");
	if (encode_take(&text, "withdraw "))
		e->is_withdraw = true;
	else
		encode_take(&text, "announce ");
	if (asprintf(&line, "%s%s%s", e->family,
	    e->family[0] == '\0' ? "" : " ", text) == -1)
		err(1, NULL);
	error = text_route_parse_line(&e->parser, line, strlen(line),
	    e->is_withdraw, encode_route, e);
	if (error == ERR_SYNTAX)
		warnx("%s", e->parser.error);
	else if (error != 0)
		warnx("the route does not fit into a message");
	free(line);
	return error == 0 ? 0 : 1;
}

int
exabgp_encode(int argc, char **argv)
{
	struct encode_run e = {
		.local_as = ENCODE_AS, .peer_as = ENCODE_AS,
		.format = { .max_len = 4096, .has_as4 = true,
		    .is_exabgp_packing = true },
	};
	int i, status = 0;
	struct wr text;

	encode_options(&e, argc, argv);
	text_route_init(&e.parser);
	buf_writer_growing(&e.attrs, ENCODE_OUT_MAX);
	buf_writer_growing(&e.out, ENCODE_OUT_MAX);
	buf_writer_growing(&text, ENCODE_OUT_MAX);
	for (i = optind; i < argc; i++)
		buf_put_format(&text, "%s%s", i == optind ? "" : " ", argv[i]);
	buf_put_u8(&text, 0);
	status = encode_sentence(&e, (const char *)text.base);
	buf_free(&text);
	buf_free(&e.attrs);
	buf_free(&e.out);
	text_route_fini(&e.parser);
	return status;
}
