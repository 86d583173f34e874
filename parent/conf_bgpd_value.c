/* SPDX-License-Identifier: ISC */
/*
 * bgpd.conf's language: the cursor over tokens, blocks and lists, and values,
 * each of which is taken or reported as missing.
 */
#include "parent/conf_bgpd.h"
#include "parent/conf_zone.h"

#include "common/arena.h"
#include "common/bgp.h"

#include <ctype.h>
#include <netdb.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void
bgpd_next(struct bgpd_parser *p)
{
	if (bgpd_is_char(p, '{'))
		p->depth++;
	else if (bgpd_is_char(p, '}') && p->depth > 0)
		p->depth--;
	lex_next(&p->lex, &p->token);
}

bool
bgpd_fail(struct bgpd_parser *p, const char *fmt, ...)
{
	char text[512];
	va_list ap;

	if (p->token.kind == LEX_ERROR)
		return false;
	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	conf_error(p->errors, p->token.path, p->token.line, "%s", text);
	return false;
}

bool
bgpd_fail_at(struct bgpd_parser *p, const struct lex_token *at,
    const char *fmt, ...)
{
	char text[TEXT_ERROR_MAX];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	conf_error(p->errors, at->path, at->line, "%s", text);
	return false;
}

void
bgpd_warn(struct bgpd_parser *p, const char *fmt, ...)
{
	char text[512];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	conf_warning(p->errors, p->token.path, p->token.line, "%s", text);
}

bool
bgpd_expected(struct bgpd_parser *p, const char *what)
{
	if (p->token.kind == LEX_NEWLINE)
		return bgpd_fail(p, "expected %s, found the end of the line",
		    what);
	if (p->token.kind == LEX_END)
		return bgpd_fail(p, "expected %s, found the end of the file",
		    what);
	return bgpd_fail(p, "expected %s, found \"%s\"", what, p->token.text);
}

bool
bgpd_is(const struct bgpd_parser *p, const char *word)
{
	return p->token.kind == LEX_STRING && !p->token.is_quoted &&
	    strcmp(p->token.text, word) == 0;
}

bool
bgpd_is_char(const struct bgpd_parser *p, char c)
{
	return p->token.kind == LEX_CHAR && p->token.c == c;
}

bool
bgpd_take(struct bgpd_parser *p, const char *word)
{
	if (!bgpd_is(p, word))
		return false;
	bgpd_next(p);
	return true;
}

bool
bgpd_take_char(struct bgpd_parser *p, char c)
{
	if (!bgpd_is_char(p, c))
		return false;
	bgpd_next(p);
	return true;
}

void
bgpd_skip_newlines(struct bgpd_parser *p)
{
	while (p->token.kind == LEX_NEWLINE)
		bgpd_next(p);
}

void
bgpd_skip_comma(struct bgpd_parser *p)
{
	bgpd_skip_newlines(p);
	if (bgpd_take_char(p, ','))
		bgpd_skip_newlines(p);
}

bool
bgpd_list_goes_on(struct bgpd_parser *p)
{
	bgpd_skip_comma(p);
	if (bgpd_take_char(p, '}'))
		return false;
	if (p->token.kind == LEX_END) {
		bgpd_expected(p, "\"}\"");
		return false;
	}
	return true;
}

bool
bgpd_is_end_of_statement(const struct bgpd_parser *p)
{
	return p->token.kind == LEX_NEWLINE || p->token.kind == LEX_END ||
	    bgpd_is_char(p, '}');
}

void
bgpd_skip_line(struct bgpd_parser *p, unsigned depth)
{
	while (p->token.kind != LEX_END &&
	    (p->token.kind != LEX_NEWLINE || p->depth > depth) &&
	    (!bgpd_is_char(p, '}') || p->depth != depth || depth == 0))
		bgpd_next(p);
}

bool
bgpd_block(struct bgpd_parser *p, const struct bgpd_row *rows, size_t n_rows,
    const char *what)
{
	const unsigned depth = p->depth;

	for (;;) {
		bgpd_skip_newlines(p);
		if (p->token.kind == LEX_END)
			return bgpd_expected(p, "\"}\"");
		if (bgpd_take_char(p, '}'))
			return true;
		if (!bgpd_run(p, rows, n_rows, what)) {
			bgpd_skip_line(p, depth);
		} else if (!bgpd_is_end_of_statement(p)) {
			bgpd_expected(p, "the end of the line");
			bgpd_skip_line(p, depth);
		}
	}
}

bool
bgpd_number(struct bgpd_parser *p, int64_t min, int64_t max, const char *what,
    int64_t *out)
{
	char text[160];

	if (p->token.kind == LEX_NUMBER && p->token.number >= min &&
	    p->token.number <= max) {
		*out = p->token.number;
		bgpd_next(p);
		return true;
	}
	snprintf(text, sizeof(text), "%s, a number %lld..%lld", what,
	    (long long)min, (long long)max);
	return bgpd_expected(p, text);
}

bool
bgpd_string(struct bgpd_parser *p, size_t max, const char *what, char **out)
{
	if (p->token.kind != LEX_STRING && p->token.kind != LEX_NUMBER)
		return bgpd_expected(p, what);
	if (strlen(p->token.text) > max)
		return bgpd_fail(p, "%s is longer than %zu characters", what,
		    max);
	*out = arena_strdup(p->config->arena, p->token.text);
	bgpd_next(p);
	return true;
}

bool
bgpd_strings(struct bgpd_parser *p, size_t max, const char *what, char **out)
{
	char *more;

	if (!bgpd_string(p, max, what, out))
		return false;
	while (p->token.kind == LEX_STRING || p->token.kind == LEX_NUMBER) {
		if (!bgpd_string(p, max, what, &more))
			return false;
		*out = arena_format(p->config->arena, "%s %s", *out, more);
		if (strlen(*out) > max)
			return bgpd_fail(p, "%s is longer than %zu characters",
			    what, max);
	}
	return true;
}

/* "65001" or "1.10"; a quoted number is taken too (macros). */
static bool
bgpd_to_asn(const char *s, uint64_t *out)
{
	unsigned long high, low;
	char *end;

	if (!isdigit((unsigned char)*s))
		return false;
	high = strtoul(s, &end, 10);
	if (*end == '\0') {
		*out = high;
		return high <= UINT32_MAX;
	}
	if (*end != '.' || !isdigit((unsigned char)end[1]))
		return false;
	low = strtoul(end + 1, &end, 10);
	if (*end != '\0' || high > UINT16_MAX || low > UINT16_MAX)
		return false;
	*out = high << 16 | low;
	return true;
}

bool
bgpd_asn(struct bgpd_parser *p, bool is_any, uint32_t *out)
{
	uint64_t asn;

	if ((p->token.kind != LEX_NUMBER && p->token.kind != LEX_STRING) ||
	    !bgpd_to_asn(p->token.text, &asn))
		return bgpd_expected(p, "an AS number");
	if (!is_any && (asn == 0 || asn == BGP_AS_TRANS))
		return bgpd_fail(p, "AS %s is reserved", p->token.text);
	*out = (uint32_t)asn;
	bgpd_next(p);
	return true;
}

bool
bgpd_addr(struct bgpd_parser *p, struct addr *out)
{
	if (p->token.kind != LEX_STRING ||
	    conf_zone_parse(p->token.text, out) != 0)
		return bgpd_expected(p, "an address");
	bgpd_next(p);
	return true;
}

/* IPv4 may be cut short: 10/8, 192.168.1/24. */
static bool
bgpd_to_network(const char *s, struct addr *out)
{
	unsigned long part;
	uint32_t v4 = 0;
	unsigned n = 0;
	char *end;

	if (conf_zone_parse(s, out) == 0)
		return true;
	do {
		if (!isdigit((unsigned char)*s) || n == 4)
			return false;
		part = strtoul(s, &end, 10);
		if (part > 255 || (*end != '.' && *end != '\0'))
			return false;
		v4 |= (uint32_t)part << (24 - 8 * n++);
		s = end + 1;
	} while (*end != '\0');
	*out = addr_from_ipv4(v4);
	return true;
}

bool
bgpd_prefix(struct bgpd_parser *p, bool needs_len, struct prefix *out)
{
	int64_t len = 0;

	if ((p->token.kind != LEX_STRING && p->token.kind != LEX_NUMBER) ||
	    !bgpd_to_network(p->token.text, &out->addr))
		return bgpd_expected(p, needs_len ? "a prefix" :
		    "an address or prefix");
	out->len_bits = (uint8_t)addr_bits(out->addr.family);
	bgpd_next(p);
	if (!bgpd_take_char(p, '/'))
		return needs_len ? bgpd_expected(p, "\"/\" and a length") :
		    true;
	if (!bgpd_number(p, 0, out->len_bits, "a prefix length", &len))
		return false;
	out->len_bits = (uint8_t)len;
	prefix_mask(out);
	return true;
}

bool
bgpd_yesno(struct bgpd_parser *p, bool *out)
{
	if (bgpd_take(p, "yes"))
		*out = true;
	else if (bgpd_take(p, "no"))
		*out = false;
	else
		return bgpd_expected(p, "yes or no");
	return true;
}

bool
bgpd_yesnoenf(struct bgpd_parser *p, uint8_t *out)
{
	if (bgpd_take(p, "yes"))
		*out = CONF_YES;
	else if (bgpd_take(p, "no"))
		*out = CONF_NO;
	else if (bgpd_take(p, "enforce"))
		*out = CONF_ENFORCE;
	else
		return bgpd_expected(p, "yes, no or enforce");
	return true;
}

bool
bgpd_port(struct bgpd_parser *p, uint16_t *out)
{
	const struct servent *s;
	int64_t n = 0;

	if (p->token.kind == LEX_STRING &&
	    (s = getservbyname(p->token.text, "tcp")) != NULL) {
		*out = (uint16_t)(((uint16_t)s->s_port & 0xff) << 8 |
		    (uint16_t)s->s_port >> 8);
		bgpd_next(p);
		return true;
	}
	if (!bgpd_number(p, 1, UINT16_MAX, "a port", &n))
		return false;
	*out = (uint16_t)n;
	return true;
}

uint8_t
bgpd_unary(struct bgpd_parser *p)
{
	uint8_t op;

	if (p->token.kind == LEX_NE)
		op = CONF_OP_NE;
	else if (p->token.kind == LEX_LE)
		op = CONF_OP_LE;
	else if (p->token.kind == LEX_GE)
		op = CONF_OP_GE;
	else if (bgpd_is_char(p, '='))
		op = CONF_OP_EQ;
	else if (bgpd_is_char(p, '<'))
		op = CONF_OP_LT;
	else if (bgpd_is_char(p, '>'))
		op = CONF_OP_GT;
	else
		return CONF_OP_NONE;
	bgpd_next(p);
	return op;
}

/*
 * Lengths min (-1: the prefix's own) to max. Compat: lengths that the prefix
 * cannot have are refused, not passed over.
 */
static bool
bgpd_set_lengths(struct bgpd_parser *p, struct conf_prefix *c, int64_t min,
    int64_t max)
{
	if (min < 0)
		min = c->prefix.len_bits;
	if (min < c->prefix.len_bits)
		return bgpd_fail(p, "a prefix of %u bits is never %d bits "
		    "long", c->prefix.len_bits, (int)min);
	if (min > max)
		return bgpd_fail(p, "no prefix length is left");
	c->op = CONF_OP_RANGE;
	c->len_min = (uint8_t)min;
	c->len_max = (uint8_t)max;
	return true;
}

static bool
bgpd_set_lengths_outside(struct bgpd_parser *p, struct conf_prefix *c,
    int64_t min, int64_t max)
{
	if (!bgpd_set_lengths(p, c, min, max))
		return false;
	c->op = CONF_OP_XRANGE;
	return true;
}

/* n - m, n >< m */
static bool
bgpd_prefixlen_range(struct bgpd_parser *p, struct conf_prefix *c, int64_t n)
{
	int64_t bits = addr_bits(c->prefix.addr.family), high = 0;
	bool is_outside = p->token.kind == LEX_XRANGE;

	if (!is_outside && !bgpd_is_char(p, '-'))
		return bgpd_expected(p, "\"-\" or \"><\"");
	bgpd_next(p);
	if (!bgpd_number(p, n + 1, bits, "a prefix length", &high))
		return false;
	return is_outside ? bgpd_set_lengths_outside(p, c, n, high) :
	    bgpd_set_lengths(p, c, n, high);
}

static bool
bgpd_prefixlen(struct bgpd_parser *p, struct conf_prefix *c)
{
	int64_t bits = addr_bits(c->prefix.addr.family), n = 0;
	uint8_t op = bgpd_unary(p);

	if (!bgpd_number(p, 0, bits, "a prefix length", &n))
		return false;
	switch (op) {
	case CONF_OP_EQ:
		return bgpd_set_lengths(p, c, n, n);
	case CONF_OP_NE:
		return bgpd_set_lengths_outside(p, c, n, n);
	case CONF_OP_LT:
		return bgpd_set_lengths(p, c, -1, n - 1);
	case CONF_OP_LE:
		return bgpd_set_lengths(p, c, -1, n);
	case CONF_OP_GT:
		return bgpd_set_lengths(p, c, n + 1, bits);
	case CONF_OP_GE:
		return bgpd_set_lengths(p, c, n, bits);
	default:
		return bgpd_prefixlen_range(p, c, n);
	}
}

bool
bgpd_prefix_lengths(struct bgpd_parser *p, struct conf_prefix *c,
    bool *had_operator)
{
	int64_t bits = addr_bits(c->prefix.addr.family), n = 0;

	*had_operator = true;
	if (bgpd_take(p, "or-longer"))
		return bgpd_set_lengths(p, c, c->prefix.len_bits, bits);
	if (bgpd_take(p, "maxlen"))
		return bgpd_number(p, c->prefix.len_bits, bits,
		    "a prefix length", &n) &&
		    bgpd_set_lengths(p, c, c->prefix.len_bits, n);
	if (bgpd_take(p, "prefixlen"))
		return bgpd_prefixlen(p, c);
	*had_operator = false;
	return true;
}

bool
bgpd_run(struct bgpd_parser *p, const struct bgpd_row *rows, size_t n_rows,
    const char *what)
{
	size_t i;

	if (p->token.kind == LEX_STRING && !p->token.is_quoted) {
		for (i = 0; i < n_rows; i++) {
			if (strcmp(rows[i].word, p->token.text) != 0)
				continue;
			bgpd_next(p);
			return rows[i].parse(p);
		}
	}
	return bgpd_expected(p, what);
}
