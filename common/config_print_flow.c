/* SPDX-License-Identifier: ISC */
/*
 * Printing the configuration: flowspec, from the bytes of the flow. RFC 8955
 * 4.2. The parts stand in OpenBGPD's order, not in that of their numbers.
 */
#include "common/config_print_parts.h"

#include "common/addr.h"
#include "common/bgp.h"
#include "common/buf.h"
#include "common/config.h"

#include <string.h>

#define OP_END		0x80
#define OP_AND		0x40
#define OP_COMPARE	0x07
#define OP_LE		0x05
#define OP_GE		0x03
#define OP_BITS		0x03
#define OP_NOT		0x02
#define OP_MATCH	0x01
#define COMPONENT_N	14

/* The values of each component; a NULL pos: it is not there. */
struct flow {
	struct rd	parts[COMPONENT_N];
	bool		is_ipv6;
};

struct flow_term {
	uint8_t		op;
	uint64_t	value;
};

static void
get_term(struct rd *r, struct flow_term *t)
{
	unsigned n;

	t->op = buf_get_u8(r);
	t->value = 0;
	for (n = 1u << (t->op >> 4 & 3); n > 0; n--)
		t->value = t->value << 8 | buf_get_u8(r);
}

static void
flow_split(const struct conf_route *r, struct flow *out)
{
	struct rd body = buf_reader(r->nlri.bytes, r->nlri.len), start;
	struct flow_term t;
	uint8_t type, len_bits;

	memset(out, 0, sizeof(*out));
	out->is_ipv6 = r->afi == AFI_IPV6;
	if (buf_get_u8(&body) >= 0xf0)
		buf_get_u8(&body);
	while (buf_left(&body) > 0) {
		type = buf_get_u8(&body);
		if (type >= COMPONENT_N)
			return;
		start = body;
		if (type <= 2) {
			len_bits = buf_get_u8(&body);
			if (out->is_ipv6)
				buf_get_u8(&body);
			buf_get_sub(&body, (len_bits + 7u) / 8);
		} else {
			do
				get_term(&body, &t);
			while ((t.op & OP_END) == 0 && buf_left(&body) > 0);
		}
		out->parts[type] = buf_get_sub(&start,
		    buf_left(&start) - buf_left(&body));
	}
}

static void
print_number(FILE *f, struct rd *r)
{
	static const char *const words[] = {
		"false ", "", "> ", ">= ", "< ", "<= ", "!= ", "true ",
	};
	struct flow_term t, next = { 0 };
	struct rd copy;

	get_term(r, &t);
	copy = *r;
	if ((t.op & OP_END) == 0 && buf_left(&copy) > 0)
		get_term(&copy, &next);
	if ((t.op & OP_COMPARE) == OP_GE && (next.op & OP_AND) &&
	    (next.op & OP_COMPARE) == OP_LE) {
		fprintf(f, "%llu - %llu ", (unsigned long long)t.value,
		    (unsigned long long)next.value);
		*r = copy;
		return;
	}
	fprintf(f, "%s%s%llu ", t.op & OP_AND ? "&& " : "",
	    words[t.op & OP_COMPARE], (unsigned long long)t.value);
}

static unsigned
count_terms(struct rd r)
{
	struct flow_term t;
	unsigned n = 0;

	while (buf_left(&r) > 0) {
		get_term(&r, &t);
		n++;
	}
	return n;
}

static bool
is_single_range(struct rd r)
{
	struct flow_term a, b;

	if (count_terms(r) != 2)
		return false;
	get_term(&r, &a);
	get_term(&r, &b);
	return (a.op & OP_COMPARE) == OP_GE && (b.op & OP_AND) &&
	    (b.op & OP_COMPARE) == OP_LE;
}

static void
print_numbers(FILE *f, const struct flow *flow, const char *word,
    unsigned type)
{
	struct rd r = flow->parts[type];
	bool is_list = count_terms(r) > 1 && !is_single_range(r);

	if (buf_left(&r) == 0)
		return;
	fprintf(f, "%s %s", word, is_list ? "{ " : "");
	while (buf_left(&r) > 0)
		print_number(f, &r);
	if (is_list)
		fprintf(f, "} ");
}

static void
print_letters(FILE *f, uint64_t bits, const char *names)
{
	for (; bits != 0 && *names != '\0'; bits >>= 1, names++)
		if (bits & 1)
			fputc(*names, f);
}

static void
print_bits(FILE *f, const struct flow *flow, const char *word, unsigned type,
    const char *names)
{
	struct rd r = flow->parts[type];
	struct flow_term t, more = { 0 };

	if (buf_left(&r) == 0)
		return;
	fprintf(f, "%s ", word);
	get_term(&r, &t);
	if (buf_left(&r) > 0)
		get_term(&r, &more);
	if ((t.op & OP_BITS) != OP_NOT)
		print_letters(f, t.value, names);
	if ((t.op & OP_BITS) == OP_MATCH) {
		fprintf(f, " / ");
		print_letters(f, t.value | more.value, names);
	} else if ((t.op & OP_BITS) == OP_NOT) {
		fprintf(f, "/ ");
		print_letters(f, t.value, names);
	}
	fputc(' ', f);
}

static void
print_address(FILE *f, const struct flow *flow, const char *word,
    unsigned type)
{
	struct rd r = flow->parts[type];
	struct prefix p = { .addr.family = flow->is_ipv6 ? ADDR_IPV6 :
	    ADDR_IPV4 };
	char text[PREFIX_TEXT_MAX];
	size_t i;

	p.len_bits = buf_left(&r) == 0 ? 0 : buf_get_u8(&r);
	if (p.len_bits == 0) {
		fprintf(f, "%s any ", word);
		return;
	}
	if (flow->is_ipv6)
		buf_get_u8(&r);
	for (i = 0; i < addr_len(p.addr.family) && buf_left(&r) > 0; i++)
		p.addr.bytes[i] = buf_get_u8(&r);
	fprintf(f, "%s %s ", word, prefix_print(&p, text, sizeof(text)));
}

void
print_flowspec(FILE *f, const struct conf_route *r)
{
	struct flow flow;

	flow_split(r, &flow);
	fprintf(f, "flowspec %s ", flow.is_ipv6 ? "inet6" : "inet");
	print_numbers(f, &flow, "proto", 3);
	print_address(f, &flow, "from", 2);
	print_numbers(f, &flow, "port", 6);
	print_address(f, &flow, "to", 1);
	print_numbers(f, &flow, "port", 5);
	/* Compat: the six bits of DSCP, though the word takes the byte. */
	print_numbers(f, &flow, "tos", 11);
	print_numbers(f, &flow, "length", 10);
	print_bits(f, &flow, "flags", 9, "FSRPAUEW");
	print_bits(f, &flow, "fragment", 12, flow.is_ipv6 ? " IFL" : "DIFL");
	print_numbers(f, &flow, "icmp-type", 7);
	print_numbers(f, &flow, "icmp-code", 8);
	print_sets(f, r->sets, r->n_sets);
	fputc('\n', f);
}
