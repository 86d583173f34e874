/* SPDX-License-Identifier: ISC */
/*
 * Match terms of flow specifications: words and operators to components.
 *
 *   prefix:  component 1, length in bits 1, (IPv6: offset 1,) prefix
 *   numbers: component 1, then pairs of operator 1 and value 1, 2 or 4;
 *            operator: end 0x80, and 0x40, length 0x30, < 4, > 2, = 1
 *   bits:    the same with operator not 2, exact match 1
 *
 * Compat: with an offset ExaBGP writes all bytes of an IPv6 prefix, not only
 * those behind the offset (RFC 8956 3.1); its decoder reads them so.
 */
#include "common/text/flow.h"

#include "common/addr.h"
#include "common/text/parts.h"

#define OP_END		0x80
#define OP_AND		0x40
#define OP_LEN_SHIFT	4
#define OP_LT		0x04
#define OP_GT		0x02
#define OP_EQ		0x01
#define OP_NOT		0x02	/* bits */
#define OP_MATCH	0x01	/* bits */

enum flow_component {
	FLOW_DESTINATION = 1,
	FLOW_SOURCE,
	FLOW_PROTOCOL,
	FLOW_PORT,
	FLOW_DESTINATION_PORT,
	FLOW_SOURCE_PORT,
	FLOW_ICMP_TYPE,
	FLOW_ICMP_CODE,
	FLOW_TCP_FLAGS,
	FLOW_PACKET_LENGTH,
	FLOW_DSCP,
	FLOW_FRAGMENT,
	FLOW_FLOW_LABEL,
};

/* All sorted by word. */
static const struct flow_name protocol_names[] = {
	{ "ah", 51 }, { "egp", 8 }, { "esp", 50 }, { "gre", 47 },
	{ "icmp", 1 }, { "igmp", 2 }, { "ipip", 94 }, { "ospf", 89 },
	{ "pim", 103 }, { "rsvp", 46 }, { "sctp", 132 }, { "tcp", 6 },
	{ "udp", 17 },
};

static const struct flow_name tcp_names[] = {
	{ "ack", 16 }, { "cwr", 128 }, { "ece", 64 }, { "fin", 1 },
	{ "ns", 256 }, { "psh", 8 }, { "push", 8 }, { "reset", 4 },
	{ "rst", 4 }, { "syn", 2 }, { "urg", 32 }, { "urgent", 32 },
};

static const struct flow_name fragment_names[] = {
	{ "dont-fragment", 1 }, { "first-fragment", 4 },
	{ "is-fragment", 2 }, { "last-fragment", 8 },
};

static const struct flow_name icmp_type_names[] = {
	{ "echo-reply", 0 }, { "echo-request", 8 },
	{ "experimental-mobility", 41 }, { "experimental-one", 253 },
	{ "experimental-two", 254 }, { "extended-echo-reply", 43 },
	{ "extended-echo-request", 42 }, { "parameter-problem", 12 },
	{ "photuris", 40 }, { "redirect", 5 }, { "router-advertisement", 9 },
	{ "router-solicit", 10 }, { "time-exceeded", 11 },
	{ "timestamp", 13 }, { "timestamp-reply", 14 }, { "unreachable", 3 },
};

static const struct flow_name icmp_code_names[] = {
	{ "communication-prohibited-by-filtering", 13 },
	{ "destination-host-prohibited", 10 },
	{ "destination-host-unknown", 7 },
	{ "destination-network-prohibited", 9 },
	{ "destination-network-unknown", 6 }, { "fragmentation-needed", 4 },
	{ "host-precedence-violation", 14 }, { "host-unreachable", 1 },
	{ "host-unreachable-for-tos", 12 }, { "ip-header-bad", 2 },
	{ "network-unreachable", 0 }, { "network-unreachable-for-tos", 11 },
	{ "port-unreachable", 3 }, { "precedence-cutoff-in-effect", 15 },
	{ "protocol-unreachable", 2 }, { "redirect-for-host", 1 },
	{ "redirect-for-network", 0 }, { "redirect-for-tos-and-host", 3 },
	{ "redirect-for-tos-and-net", 2 }, { "required-option-missing", 1 },
	{ "source-host-isolated", 8 }, { "source-route-failed", 5 },
	{ "ttl-eq-zero-during-reassembly", 1 },
	{ "ttl-eq-zero-during-transit", 0 },
};

/*
 * Services of the IANA registry that filters name. Compat: ExaBGP asks the
 * system's table, which a worker without files cannot.
 */
static const struct flow_name port_names[] = {
	{ "auth", 113 }, { "bfd-control", 3784 }, { "bfd-echo", 3785 },
	{ "bgp", 179 }, { "bootpc", 68 }, { "bootps", 67 },
	{ "chargen", 19 }, { "daytime", 13 }, { "discard", 9 },
	{ "domain", 53 }, { "echo", 7 }, { "finger", 79 }, { "ftp", 21 },
	{ "ftp-data", 20 }, { "git", 9418 }, { "gopher", 70 },
	{ "http", 80 }, { "http-alt", 8080 }, { "https", 443 },
	{ "imap", 143 }, { "imap2", 143 }, { "imaps", 993 }, { "ipp", 631 },
	{ "ipsec-nat-t", 4500 }, { "irc", 194 }, { "isakmp", 500 },
	{ "kerberos", 88 }, { "l2tp", 1701 }, { "ldap", 389 },
	{ "ldaps", 636 }, { "ldp", 646 }, { "mdns", 5353 },
	{ "memcached", 11211 }, { "microsoft-ds", 445 },
	{ "ms-sql-m", 1434 }, { "ms-sql-s", 1433 },
	{ "ms-wbt-server", 3389 }, { "msdp", 639 }, { "mysql", 3306 },
	{ "netbios-dgm", 138 }, { "netbios-ns", 137 },
	{ "netbios-ssn", 139 }, { "nfs", 2049 }, { "nntp", 119 },
	{ "ntp", 123 }, { "openvpn", 1194 }, { "pop3", 110 },
	{ "pop3s", 995 }, { "postgresql", 5432 }, { "pptp", 1723 },
	{ "qotd", 17 }, { "radius", 1812 }, { "radius-acct", 1813 },
	{ "redis", 6379 }, { "route", 520 }, { "rsync", 873 },
	{ "rtsp", 554 }, { "sip", 5060 }, { "sip-tls", 5061 },
	{ "smtp", 25 }, { "snmp", 161 }, { "snmp-trap", 162 },
	{ "snmptrap", 162 }, { "socks", 1080 }, { "ssdp", 1900 },
	{ "ssh", 22 }, { "submission", 587 }, { "submissions", 465 },
	{ "sunrpc", 111 }, { "syslog", 514 }, { "tacacs", 49 },
	{ "telnet", 23 }, { "telnets", 992 }, { "tftp", 69 }, { "time", 37 },
	{ "vxlan", 4789 }, { "whois", 43 }, { "www", 80 },
	{ "xmpp-client", 5222 }, { "xmpp-server", 5269 },
};

#define PREFIX(c, f)	(c), FLOW_PREFIX, (f), 0, NULL, 0
#define NUMBER(c, f, m)	(c), FLOW_NUMBER, (f), (m), NULL, 0
#define NAMED(c, f, m, n) (c), FLOW_NUMBER, (f), (m), PARTS(n)
#define PORT(c)		NAMED(c, 0, 0xffff, port_names)
#define BITS(c, m, n)	(c), FLOW_BITS, 0, (m), PARTS(n)

const struct flow_row flow_rows[] = {
	{ "destination", PREFIX(FLOW_DESTINATION, 0) },
	{ "destination-ipv4", PREFIX(FLOW_DESTINATION, AFI_IPV4) },
	{ "destination-ipv6", PREFIX(FLOW_DESTINATION, AFI_IPV6) },
	{ "destination-port", PORT(FLOW_DESTINATION_PORT) },
	{ "dscp", NUMBER(FLOW_DSCP, AFI_IPV4, 63) },
	{ "flow-label", NUMBER(FLOW_FLOW_LABEL, AFI_IPV6, 0xfffff) },
	{ "fragment", BITS(FLOW_FRAGMENT, 0xff, fragment_names) },
	{ "icmp-code", NAMED(FLOW_ICMP_CODE, 0, 255, icmp_code_names) },
	{ "icmp-type", NAMED(FLOW_ICMP_TYPE, 0, 255, icmp_type_names) },
	{ "next-header", NAMED(FLOW_PROTOCOL, AFI_IPV6, 255, protocol_names) },
	{ "packet-length", NUMBER(FLOW_PACKET_LENGTH, 0, 0xffff) },
	{ "port", PORT(FLOW_PORT) },
	{ "protocol", NAMED(FLOW_PROTOCOL, AFI_IPV4, 255, protocol_names) },
	{ "source", PREFIX(FLOW_SOURCE, 0) },
	{ "source-ipv4", PREFIX(FLOW_SOURCE, AFI_IPV4) },
	{ "source-ipv6", PREFIX(FLOW_SOURCE, AFI_IPV6) },
	{ "source-port", PORT(FLOW_SOURCE_PORT) },
	{ "tcp-flags", BITS(FLOW_TCP_FLAGS, 0xffff, tcp_names) },
	{ "traffic-class", NUMBER(FLOW_DSCP, AFI_IPV6, 255) },
};

const size_t flow_n_rows = sizeof(flow_rows) / sizeof(flow_rows[0]);

const struct flow_row *
flow_find(const struct word *word)
{
	return words_find(word, flow_rows, flow_n_rows, sizeof(flow_rows[0]));
}

/* A number, or a name in any case. */
static bool
flow_value(const struct flow_row *row, const struct word *w, uint64_t *out)
{
	char lower[48];
	struct word copy = { .at = lower, .len = w->len };
	const struct flow_name *name;
	uint32_t i;

	if (scalars_number(w, row->max, out))
		return true;
	if (w->len == 0 || w->len >= sizeof(lower))
		return false;
	for (i = 0; i < w->len; i++)
		lower[i] = (char)(w->at[i] >= 'A' && w->at[i] <= 'Z' ?
		    w->at[i] | 0x20 : w->at[i]);
	lower[i] = '\0';
	if (row->names == NULL)
		return false;
	name = words_find(&copy, row->names, row->n_names,
	    sizeof(row->names[0]));
	if (name == NULL)
		return false;
	*out = name->value;
	return true;
}

/* Take what stands at the front of w; false if it does not. */
static bool
take(struct word *w, const char *text)
{
	size_t len = strlen(text);

	if (w->len < len || memcmp(w->at, text, len) != 0)
		return false;
	w->at += len;
	w->len -= (uint32_t)len;
	return true;
}

/* Up to the next character c, which is passed. */
static struct word
cut(struct word *w, char c)
{
	struct word part = *w;
	const char *at = w->len == 0 ? NULL : memchr(w->at, c, w->len);

	if (at == NULL) {
		w->at += w->len;
		w->len = 0;
		return part;
	}
	part.len = (uint32_t)(at - w->at);
	w->at = at + 1;
	w->len -= part.len + 1;
	return part;
}

static uint8_t
number_op(struct word *w)
{
	if (take(w, ">="))
		return OP_GT | OP_EQ;
	if (take(w, "<="))
		return OP_LT | OP_EQ;
	if (take(w, "!="))
		return OP_LT | OP_GT;
	if (take(w, ">"))
		return OP_GT;
	if (take(w, "<"))
		return OP_LT;
	take(w, "=");
	return OP_EQ;
}

static uint8_t
bits_op(struct word *w)
{
	if (take(w, "!="))
		return OP_NOT | OP_MATCH;
	if (take(w, "!"))
		return OP_NOT;
	if (take(w, "="))
		return OP_MATCH;
	return 0;
}

/* Value of a term without its operator: NAME+NAME, or one. */
static bool
flow_term(const struct flow_row *row, struct word w, uint64_t *out)
{
	uint64_t n;

	if (row->kind == FLOW_NUMBER)
		return flow_value(row, &w, out);
	*out = 0;
	do {
		struct word part = cut(&w, '+');

		if (!flow_value(row, &part, &n))
			return false;
		*out |= n;
	} while (w.len > 0);
	return true;
}

static void
put_pair(struct wr *out, uint8_t op, uint64_t value)
{
	if (value > UINT16_MAX) {
		buf_put_u8(out, op | 2u << OP_LEN_SHIFT);
		buf_put_u32(out, (uint32_t)value);
	} else if (value > UINT8_MAX) {
		buf_put_u8(out, op | 1u << OP_LEN_SHIFT);
		buf_put_u16(out, (uint32_t)value);
	} else {
		buf_put_u8(out, op);
		buf_put_u8(out, (uint32_t)value);
	}
}

/*
 * One item, terms joined by "&". *last is the place of the last operator in
 * p->values, which gets the end bit when all is read.
 */
static int
flow_item(struct text_parser *p, struct words *w, const struct flow_row *row,
    size_t *last)
{
	struct word left = w->word, term;
	uint8_t op, and = 0;
	uint64_t value = 0;
	bool is_bits = row->kind == FLOW_BITS;

	if (!words_is_value(w))
		return parts_expected(p, w, "a value");
	do {
		term = cut(&left, '&');
		/* "true" and "false" are operators without a value. */
		if (!is_bits && words_equal(&term, "false", 5)) {
			op = 0;
			value = 0;
		} else if (!is_bits && words_equal(&term, "true", 4)) {
			op = OP_LT | OP_GT | OP_EQ;
			value = 0;
		} else {
			op = is_bits ? bits_op(&term) : number_op(&term);
			if (!flow_term(row, term, &value))
				return parts_expected(p, w,
				    "a number 0..%u or a name, after = ! > <",
				    row->max);
		}
		*last = p->values.len;
		put_pair(&p->values, op | and, value);
		and = OP_AND;
	} while (left.len > 0);
	words_next(w);
	return 0;
}

static int
flow_items(struct text_parser *p, struct words *w, const struct flow_row *row)
{
	bool is_list = words_take_char(w, '[');
	size_t last = p->values.len;
	int e, n = 0;

	do {
		while (is_list && words_take_char(w, ','))
			;
		if (is_list && words_take_char(w, ']'))
			break;
		if ((e = flow_item(p, w, row, &last)) != 0)
			return e;
		n++;
	} while (is_list);
	if (n == 0)
		return parts_expected(p, w, "a value");
	if (p->values.err == 0)
		p->values.base[last] |= OP_END;
	return 0;
}

/* PREFIX, or with IPv6 PREFIX/LEN/OFFSET */
static int
flow_prefix(struct text_parser *p, struct words *w, const struct flow_row *row)
{
	struct word left = w->word, address, bits;
	struct prefix prefix = { 0 };
	uint64_t len, offset = 0;
	bool is_good;

	if (!words_is_value(w))
		return parts_expected(p, w, "a prefix");
	address = cut(&left, '/');
	is_good = scalars_addr(&address, &prefix.addr);
	len = addr_bits(prefix.addr.family);
	bits = cut(&left, '/');
	if (bits.len > 0)
		is_good = is_good && scalars_decimal(bits.at, bits.len, len,
		    &len);
	if (left.len > 0)
		is_good = is_good && prefix.addr.family == ADDR_IPV6 &&
		    scalars_decimal(left.at, left.len, len, &offset);
	if (!is_good)
		return parts_expected(p, w, "a prefix");
	if (row->afi != 0 && row->afi != (prefix.addr.family == ADDR_IPV4 ?
	    AFI_IPV4 : AFI_IPV6))
		return parts_expected(p, w,
		    "a prefix of this address family");
	prefix.len_bits = (uint8_t)len;
	prefix_mask(&prefix);
	buf_put_u8(&p->values, prefix.len_bits);
	if (prefix.addr.family == ADDR_IPV6)
		buf_put_u8(&p->values, (uint32_t)offset);
	buf_put_bytes(&p->values, prefix.addr.bytes,
	    (prefix.len_bits + 7u) / 8);
	p->addrs[0] = prefix.addr;	/* for the family */
	words_next(w);
	return 0;
}

/* The family that follows from the term must be the one known so far. */
static int
flow_check_afi(struct text_parser *p, const struct words *w,
    const struct flow_row *row)
{
	uint16_t afi = row->afi;

	if (row->kind == FLOW_PREFIX)
		afi = p->addrs[0].family == ADDR_IPV4 ? AFI_IPV4 : AFI_IPV6;
	if (afi == 0)
		return 0;
	if (p->afi != 0 && p->afi != afi)
		return parts_fail(p, w, "%s: not for %s flows", row->word,
		    p->afi == AFI_IPV4 ? "ipv4" : "ipv6");
	p->afi = afi;
	return 0;
}

int
flow_parse(struct text_parser *p, struct words *w, const struct flow_row *row)
{
	struct text_term *term = NULL;
	size_t start = p->values.len;
	unsigned i;
	int e;

	if (row->kind == FLOW_PREFIX)
		e = flow_prefix(p, w, row);
	else
		e = flow_items(p, w, row);
	if (e != 0 || (e = flow_check_afi(p, w, row)) != 0)
		return e;
	for (i = 0; i < p->n_terms; i++)
		if (p->terms[i].component == row->component)
			term = &p->terms[i];
	if (term == NULL)
		term = &p->terms[p->n_terms++];
	*term = (struct text_term){ .component = row->component,
	    .at = (uint32_t)start,
	    .len = (uint32_t)(p->values.len - start) };
	return 0;
}

void
flow_put_sorted(struct text_parser *p)
{
	unsigned component, i;

	for (component = 1; component <= FLOW_FLOW_LABEL; component++) {
		for (i = 0; i < p->n_terms; i++) {
			if (p->terms[i].component != component)
				continue;
			buf_put_u8(&p->nlri, component);
			buf_put_bytes(&p->nlri,
			    p->values.base + p->terms[i].at, p->terms[i].len);
		}
	}
}
