/* SPDX-License-Identifier: ISC */
/* The words of flow specifications, as ExaBGP writes and reads them. */
#include "common/nlri/flow_words.h"

#include <inttypes.h>
#include <stddef.h>

struct word {
	uint64_t	 value;
	const char	*name;
};

static const struct word protocols[] = {
	{ 1, "icmp" }, { 2, "igmp" }, { 4, "ipip" }, { 6, "tcp" },
	{ 8, "egp" }, { 17, "udp" }, { 46, "rsvp" }, { 47, "gre" },
	{ 50, "esp" }, { 51, "ah" }, { 89, "ospf" }, { 103, "pim" },
	{ 132, "sctp" }, { 0, NULL },
};

static const struct word icmp_types[] = {
	{ 0, "echo-reply" }, { 3, "unreachable" }, { 5, "redirect" },
	{ 8, "echo-request" }, { 9, "router-advertisement" },
	{ 10, "router-solicit" }, { 11, "time-exceeded" },
	{ 12, "parameter-problem" }, { 13, "timestamp" },
	{ 14, "timestamp-reply" }, { 40, "photuris" },
	{ 42, "extended-echo-request" }, { 43, "extended-echo-reply" },
	{ 0, NULL },
};

static const struct word tcp_flags[] = {
	{ 0x01, "fin" }, { 0x02, "syn" }, { 0x04, "rst" }, { 0x08, "push" },
	{ 0x10, "ack" }, { 0x20, "urgent" }, { 0x40, "ece" },
	{ 0x80, "cwr" }, { 0x100, "ns" }, { 0, NULL },
};

static const struct word fragments[] = {
	{ 0x01, "dont-fragment" }, { 0x02, "is-fragment" },
	{ 0x04, "first-fragment" }, { 0x08, "last-fragment" }, { 0, NULL },
};

struct component {
	const char		*name;		/* IPv4 */
	const char		*name_ipv6;
	bool			 is_bitmask;
	const struct word	*words;		/* NULL: plain numbers */
};

static const struct component components[FLOW_TYPE_MAX + 1] = {
	[FLOW_DESTINATION] = { "destination-ipv4", "destination-ipv6", false,
	    NULL },
	[FLOW_SOURCE] = { "source-ipv4", "source-ipv6", false, NULL },
	[FLOW_PROTOCOL] = { "protocol", "next-header", false, protocols },
	[FLOW_PORT] = { "port", "port", false, NULL },
	[FLOW_DESTINATION_PORT] = { "destination-port", "destination-port",
	    false, NULL },
	[FLOW_SOURCE_PORT] = { "source-port", "source-port", false, NULL },
	[FLOW_ICMP_TYPE] = { "icmp-type", "icmp-type", false, icmp_types },
	[FLOW_ICMP_CODE] = { "icmp-code", "icmp-code", false, NULL },
	[FLOW_TCP_FLAGS] = { "tcp-flags", "tcp-flags", true, tcp_flags },
	[FLOW_PACKET_LENGTH] = { "packet-length", "packet-length", false,
	    NULL },
	[FLOW_DSCP] = { "dscp", "traffic-class", false, NULL },
	[FLOW_FRAGMENT] = { "fragment", "fragment", true, fragments },
	[FLOW_LABEL] = { "flow-label", "flow-label", false, NULL },
};

const char *
flow_words_name(unsigned type, bool is_ipv6)
{
	if (type == 0 || type > FLOW_TYPE_MAX)
		return "unknown";
	return is_ipv6 ? components[type].name_ipv6 : components[type].name;
}

bool
flow_words_is_bitmask(unsigned type)
{
	return type <= FLOW_TYPE_MAX && components[type].is_bitmask;
}

static void
put_bits(const struct word *words, uint64_t value, struct wr *out)
{
	uint64_t left = value;
	bool is_first = true;

	for (; words->name != NULL; words++) {
		if ((left & words->value) == 0)
			continue;
		left &= ~words->value;
		buf_put_format(out, "%s%s", is_first ? "" : "+", words->name);
		is_first = false;
	}
	if (left != 0 || is_first)
		buf_put_format(out, "%s%" PRIu64, is_first ? "" : "+", left);
}

static void
put_number(const struct word *words, uint64_t value, struct wr *out)
{
	for (; words != NULL && words->name != NULL; words++) {
		if (words->value == value) {
			buf_put_text(out, words->name);
			return;
		}
	}
	buf_put_format(out, "%" PRIu64, value);
}

void
flow_words_put(unsigned type, unsigned op, uint64_t value, struct wr *out)
{
	static const char *const compares[] = {
		"false ", "=", ">", ">=", "<", "<=", "!=", "true ",
	};
	static const char *const matches[] = { "", "=", "!", "!=" };
	const struct component *c = &components[type];

	if (c->is_bitmask) {
		buf_put_text(out, matches[op & 3]);
		put_bits(c->words, value, out);
	} else {
		buf_put_text(out, compares[op & 7]);
		put_number(c->words, value, out);
	}
}
