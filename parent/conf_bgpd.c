/* SPDX-License-Identifier: ISC */
/*
 * bgpd.conf's language: the cursor, values, and the statements that stand
 * alone. A fault is reported, the rest of its line skipped, and parsing goes
 * on, so that all faults of a file come out in one go.
 */
#include "parent/conf_bgpd.h"

#include "common/arena.h"
#include "common/bgp.h"
#include "common/control.h"
#include "common/err.h"

#include <ctype.h>
#include <ifaddrs.h>
#include <netdb.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define MACRO_MAX	127
#define COUNT(a)	(sizeof(a) / sizeof((a)[0]))

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
	    addr_parse(p->token.text, out) != 0)
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

	if (addr_parse(s, out) == 0)
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

/* Lengths min..max of the prefix; a set of them that is no range is refused. */
static bool
bgpd_set_lengths(struct bgpd_parser *p, struct conf_prefix *c, int64_t min,
    int64_t max)
{
	if (min < c->prefix.len_bits)
		min = c->prefix.len_bits;
	if (min > max)
		return bgpd_fail(p, "no prefix length is left");
	c->op = CONF_OP_RANGE;
	c->len_min = (uint8_t)min;
	c->len_max = (uint8_t)max;
	return true;
}

static bool
bgpd_prefixlen(struct bgpd_parser *p, struct conf_prefix *c)
{
	int64_t bits = addr_bits(c->prefix.addr.family), n = 0, high = 0;
	uint8_t op = bgpd_unary(p);

	if (!bgpd_number(p, 0, bits, "a prefix length", &n))
		return false;
	switch (op) {
	case CONF_OP_EQ:
		return bgpd_set_lengths(p, c, n, n);
	case CONF_OP_LT:
		return bgpd_set_lengths(p, c, 0, n - 1);
	case CONF_OP_LE:
		return bgpd_set_lengths(p, c, 0, n);
	case CONF_OP_GT:
		return bgpd_set_lengths(p, c, n + 1, bits);
	case CONF_OP_GE:
		return bgpd_set_lengths(p, c, n, bits);
	case CONF_OP_NE:
		c->op = CONF_OP_XRANGE;
		c->len_min = c->len_max = (uint8_t)n;
		return true;
	default:
		break;
	}
	if (p->token.kind == LEX_XRANGE) {
		bgpd_next(p);
		if (!bgpd_number(p, n + 1, bits, "a prefix length", &high))
			return false;
		c->op = CONF_OP_XRANGE;
		c->len_min = (uint8_t)n;
		c->len_max = (uint8_t)high;
		return true;
	}
	if (!bgpd_take_char(p, '-'))
		return bgpd_expected(p, "\"-\" or \"><\"");
	if (!bgpd_number(p, n + 1, bits, "a prefix length", &high))
		return false;
	return bgpd_set_lengths(p, c, n, high);
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

/*
 * Globals.
 */
static bool
bgpd_parse_as(struct bgpd_parser *p)
{
	uint32_t short_as;

	if (!bgpd_asn(p, false, &p->config->as))
		return false;
	p->config->as_short = p->config->as > UINT16_MAX ? BGP_AS_TRANS :
	    (uint16_t)p->config->as;
	if (bgpd_is_end_of_statement(p))
		return true;
	if (!bgpd_asn(p, true, &short_as))
		return false;
	if (short_as == 0 || short_as > UINT16_MAX)
		return bgpd_fail(p, "expected an AS number 1..65535");
	p->config->as_short = (uint16_t)short_as;
	return true;
}

static bool
bgpd_parse_router_id(struct bgpd_parser *p)
{
	struct addr a;

	if (!bgpd_addr(p, &a))
		return false;
	if (a.family != ADDR_IPV4 || addr_to_ipv4(&a) == 0)
		return bgpd_fail(p, "router-id must be an IPv4 address");
	p->config->router_id = addr_to_ipv4(&a);
	return true;
}

static bool
bgpd_seconds(struct bgpd_parser *p, int64_t min, int64_t max, uint16_t *out)
{
	int64_t n = 0;

	if (!bgpd_number(p, min, max, "seconds", &n))
		return false;
	*out = (uint16_t)n;
	return true;
}

static bool
bgpd_parse_holdtime(struct bgpd_parser *p)
{
	if (bgpd_take(p, "min"))
		return bgpd_seconds(p, 3, UINT16_MAX,
		    &p->config->hold_time_min_sec);
	return bgpd_seconds(p, 3, UINT16_MAX, &p->config->hold_time_sec);
}

static bool
bgpd_parse_connect_retry(struct bgpd_parser *p)
{
	uint16_t sec;

	if (!bgpd_seconds(p, 1, UINT16_MAX, &sec))
		return false;
	p->config->connect_retry_sec = sec;
	return true;
}

static bool
bgpd_parse_staletime(struct bgpd_parser *p)
{
	return bgpd_seconds(p, 3, 4095, &p->config->stale_time_sec);
}

static bool
bgpd_parse_listen(struct bgpd_parser *p)
{
	struct conf_listen *l;
	struct addr a;

	if (!bgpd_take(p, "on"))
		return bgpd_expected(p, "on");
	if (!bgpd_addr(p, &a))
		return false;
	l = arena_append(p->config->arena, &p->config->listens,
	    &p->config->n_listens, sizeof(*l));
	l->addr = a;
	l->port = BGP_PORT;
	return bgpd_take(p, "port") ? bgpd_port(p, &l->port) : true;
}

static bool
bgpd_parse_socket(struct bgpd_parser *p)
{
	struct conf_socket *s;
	char *path;

	if (!bgpd_string(p, 107, "the path of a socket", &path))
		return false;
	s = arena_append(p->config->arena, &p->config->sockets,
	    &p->config->n_sockets, sizeof(*s));
	s->path = path;
	s->is_restricted = bgpd_take(p, "restricted");
	return true;
}

static bool
bgpd_parse_fib_update(struct bgpd_parser *p)
{
	return bgpd_yesno(p, &p->config->fib_update);
}

static bool
bgpd_parse_fib_priority(struct bgpd_parser *p)
{
	int64_t n = 0;

	if (!bgpd_number(p, 1, 255, "a priority", &n))
		return false;
	p->config->fib_priority = (uint8_t)n;
	return true;
}

static bool
bgpd_parse_rtable(struct bgpd_parser *p)
{
	int64_t n = 0;

	if (!bgpd_number(p, 0, UINT32_MAX, "a routing table", &n))
		return false;
	p->config->table = (uint32_t)n;
	return true;
}

static bool
bgpd_parse_nexthop(struct bgpd_parser *p)
{
	if (!bgpd_take(p, "qualify") || !bgpd_take(p, "via"))
		return bgpd_expected(p, "qualify via bgp or default");
	if (bgpd_take(p, "bgp"))
		p->config->nexthop_via_bgp = true;
	else if (bgpd_take(p, "default"))
		p->config->nexthop_via_default = true;
	else
		return bgpd_expected(p, "bgp or default");
	return true;
}

static bool
bgpd_parse_log(struct bgpd_parser *p)
{
	if (!bgpd_take(p, "updates"))
		return bgpd_expected(p, "updates");
	p->config->log_updates = true;
	return true;
}

static bool
bgpd_parse_transparent_as(struct bgpd_parser *p)
{
	return bgpd_yesno(p, &p->config->transparent_as);
}

static bool
bgpd_parse_reject(struct bgpd_parser *p)
{
	if (!bgpd_take(p, "as-set"))
		return bgpd_expected(p, "as-set");
	return bgpd_yesno(p, &p->config->reject_as_set);
}

/* no evaluate | [rtable n] [fib-update yesno] */
static bool
bgpd_parse_rib_options(struct bgpd_parser *p, struct conf_rib *rib)
{
	int64_t table = 0;

	if (bgpd_take(p, "no")) {
		rib->no_evaluate = true;
		return bgpd_take(p, "evaluate") ||
		    bgpd_expected(p, "evaluate");
	}
	rib->no_evaluate = false;
	if (bgpd_take(p, "rtable")) {
		if (!bgpd_number(p, 0, UINT32_MAX, "a routing table", &table))
			return false;
		rib->has_table = rib->fib_update = true;
		rib->table = (uint32_t)table;
	}
	if (!bgpd_take(p, "fib-update"))
		return true;
	rib->has_table = true;
	return bgpd_yesno(p, &rib->fib_update);
}

/* The RIB of this name, made if there is none. */
static struct conf_rib *
bgpd_get_rib(struct bgpd_parser *p, char *name)
{
	struct config *c = p->config;
	struct conf_rib *rib;
	size_t i;

	for (i = 0; i < c->n_ribs; i++)
		if (strcmp(c->ribs[i].name, name) == 0)
			return &c->ribs[i];
	rib = arena_append(c->arena, &c->ribs, &c->n_ribs, sizeof(*rib));
	rib->name = name;
	return rib;
}

static bool
bgpd_parse_rib(struct bgpd_parser *p)
{
	struct config *c = p->config;
	struct conf_rib fixed = { .fib_update = c->fib_update,
	    .table = c->table };
	char *name;

	if (!bgpd_string(p, 63, "the name of a RIB", &name))
		return false;
	if (strcmp(name, "Adj-RIB-In") == 0)
		return bgpd_parse_rib_options(p, &fixed);
	if (strcmp(name, "Loc-RIB") != 0)
		return bgpd_parse_rib_options(p, bgpd_get_rib(p, name));
	if (bgpd_take(p, "include")) {
		c->include_filtered = true;
		return bgpd_take(p, "filtered") ||
		    bgpd_expected(p, "filtered");
	}
	if (!bgpd_parse_rib_options(p, &fixed))
		return false;
	c->fib_update = fixed.fib_update;
	c->table = fixed.table;
	return true;
}

static bool
bgpd_parse_rde(struct bgpd_parser *p)
{
	struct config *c = p->config;

	if (bgpd_take(p, "rib"))
		return bgpd_parse_rib(p);
	if (bgpd_take(p, "med")) {
		if (!bgpd_take(p, "compare"))
			return bgpd_expected(p, "compare");
		c->med_always = bgpd_is(p, "always");
		return bgpd_take(p, "always") || bgpd_take(p, "strict") ||
		    bgpd_expected(p, "always or strict");
	}
	if (bgpd_take(p, "route-age")) {
		c->route_age_evaluate = bgpd_is(p, "evaluate");
		return bgpd_take(p, "evaluate") || bgpd_take(p, "ignore") ||
		    bgpd_expected(p, "ignore or evaluate");
	}
	if (bgpd_take(p, "evaluate")) {
		c->evaluate_all = bgpd_is(p, "all");
		return bgpd_take(p, "all") || bgpd_take(p, "default") ||
		    bgpd_expected(p, "default or all");
	}
	return bgpd_expected(p, "rib, med, route-age or evaluate");
}

/* Beside the file that names it, or as it is. */
static const char *
bgpd_include_path(struct bgpd_parser *p, const char *name)
{
	const char *slash = p->token.path == NULL ? NULL :
	    strrchr(p->token.path, '/');
	const char *path;

	if (*name == '/' || slash == NULL)
		return name;
	path = arena_format(p->config->arena, "%.*s/%s",
	    (int)(slash - p->token.path), p->token.path, name);
	return access(path, R_OK) == 0 ? path : name;
}

static bool
bgpd_parse_include(struct bgpd_parser *p)
{
	const char *path;

	if (p->token.kind != LEX_STRING)
		return bgpd_expected(p, "the name of a file");
	path = bgpd_include_path(p, p->token.text);
	/* The file's tokens come before the one behind its name. */
	switch (lex_include(&p->lex, path)) {
	case 0:
		p->token.kind = LEX_NEWLINE;
		return true;
	case ERR_FULL:
		return bgpd_fail(p, "files are included too deeply");
	default:
		return false;
	}
}

static const struct bgpd_row bgpd_statements[] = {
	{ "AS", bgpd_parse_as },
	{ "allow", NULL },	/* see bgpd_statement */
	{ "as-set", bgpd_parse_as_set },
	{ "aspa-set", bgpd_parse_aspa_set },
	{ "connect-retry", bgpd_parse_connect_retry },
	{ "deny", NULL },
	{ "dump", bgpd_parse_dump },
	{ "exabgp", bgpd_parse_exabgp },
	{ "fib-priority", bgpd_parse_fib_priority },
	{ "fib-update", bgpd_parse_fib_update },
	{ "flowspec", bgpd_parse_flowspec },
	{ "group", bgpd_parse_group },
	{ "holdtime", bgpd_parse_holdtime },
	{ "include", bgpd_parse_include },
	{ "listen", bgpd_parse_listen },
	{ "log", bgpd_parse_log },
	{ "match", NULL },
	{ "neighbor", bgpd_parse_neighbor },
	{ "network", bgpd_parse_network },
	{ "nexthop", bgpd_parse_nexthop },
	{ "origin-set", bgpd_parse_origin_set },
	{ "originate", bgpd_parse_originate },
	{ "prefix-set", bgpd_parse_prefix_set },
	{ "process", bgpd_parse_process },
	{ "rde", bgpd_parse_rde },
	{ "reject", bgpd_parse_reject },
	{ "roa-set", bgpd_parse_roa_set },
	{ "router-id", bgpd_parse_router_id },
	{ "rtable", bgpd_parse_rtable },
	{ "rtr", bgpd_parse_rtr },
	{ "socket", bgpd_parse_socket },
	{ "staletime", bgpd_parse_staletime },
	{ "transparent-as", bgpd_parse_transparent_as },
	{ "vpn", bgpd_parse_vpn },
};

/* name = string...: the only statement whose first word is free. */
static bool
bgpd_parse_macro(struct bgpd_parser *p, const struct lex_token *name)
{
	const char *s;
	char *value;

	for (s = name->text; *s != '\0'; s++)
		if (!isalnum((unsigned char)*s) && *s != '_')
			return bgpd_fail(p, "the name of a macro has letters, "
			    "digits and \"_\" only");
	if (s - name->text > MACRO_MAX)
		return bgpd_fail(p, "the name of the macro is longer than "
		    "%d characters", MACRO_MAX);
	bgpd_next(p);
	if (!bgpd_strings(p, LEX_STRING_MAX, "the macro's value", &value))
		return false;
	lex_define(&p->lex, name->text, value, name);
	return true;
}

static bool
bgpd_statement(struct bgpd_parser *p)
{
	struct lex_token first = p->token;

	if (bgpd_is(p, "allow") || bgpd_is(p, "deny") || bgpd_is(p, "match"))
		return bgpd_parse_rule(p);
	if (first.kind == LEX_STRING && !first.is_quoted) {
		size_t i;

		for (i = 0; i < COUNT(bgpd_statements); i++)
			if (strcmp(bgpd_statements[i].word, first.text) == 0)
				break;
		bgpd_next(p);
		if (i < COUNT(bgpd_statements))
			return bgpd_statements[i].parse(p);
		if (bgpd_is_char(p, '='))
			return bgpd_parse_macro(p, &first);
		p->token = first;
	}
	return bgpd_expected(p, "a statement");
}

/* Rules of groups, then of neighbors, stand in front of the file's. */
static void
bgpd_put_implicit_first(struct bgpd_parser *p)
{
	struct config *c = p->config;
	const struct bgpd_rules parts[] = {
		p->of_groups, p->of_peers, { c->rules, c->n_rules },
	};
	struct conf_rule *all;
	size_t i, n = 0;

	if (p->of_groups.n + p->of_peers.n == 0)
		return;
	all = arena_alloc(c->arena,
	    (parts[0].n + parts[1].n + parts[2].n) * sizeof(*all));
	for (i = 0; i < 3; i++) {
		if (parts[i].n != 0)
			memcpy(all + n, parts[i].rules,
			    parts[i].n * sizeof(*all));
		n += parts[i].n;
	}
	c->rules = all;
	c->n_rules = n;
}

static void
bgpd_default_socket(struct bgpd_parser *p)
{
	struct config *c = p->config;
	struct conf_socket *s;
	size_t i;

	if (c->is_exabgp)
		return;
	for (i = 0; i < c->n_sockets; i++)
		if (!c->sockets[i].is_restricted)
			return;
	s = arena_append(c->arena, &c->sockets, &c->n_sockets, sizeof(*s));
	s->path = arena_strdup(c->arena, CONTROL_PATH);
}

/* The highest IPv4 address of an interface that is no loopback; or 0. */
static uint32_t
bgpd_default_router_id(void)
{
	struct ifaddrs *list, *i;
	struct addr a;
	uint16_t port;
	uint32_t best = 0;

	if (getifaddrs(&list) != 0)
		return 0;
	for (i = list; i != NULL; i = i->ifa_next) {
		if (i->ifa_addr == NULL ||
		    addr_from_sockaddr(i->ifa_addr, &a, &port) != 0 ||
		    a.family != ADDR_IPV4 || addr_is_loopback(&a))
			continue;
		if (addr_to_ipv4(&a) > best)
			best = addr_to_ipv4(&a);
	}
	freeifaddrs(list);
	return best;
}

static void
bgpd_keep_macros(struct bgpd_parser *p)
{
	struct config *c = p->config;
	struct conf_macro *out;
	struct lex_macro *m;

	for (m = p->lex.macros; m != NULL; m = m->next) {
		if (!m->is_used && m->path != NULL)
			conf_notice(p->errors, m->path, m->line,
			    "macro \"%s\" is not used", m->name);
		if (m->path == NULL)
			continue;
		out = arena_append(c->arena, &c->macros, &c->n_macros,
		    sizeof(*out));
		out->name = arena_strdup(c->arena, m->name);
		out->value = arena_strdup(c->arena, m->value);
		out->is_secret = m->is_secret;
	}
}

/* Networks of our own routes' priority would announce what we learned. */
static void
bgpd_check_priorities(struct bgpd_parser *p)
{
	struct config *c = p->config;
	char own[32];
	size_t i;

	snprintf(own, sizeof(own), "priority %u", c->fib_priority);
	for (i = 0; i < c->n_networks; i++)
		if (c->networks[i].source != NULL &&
		    strcmp(c->networks[i].source, own) == 0)
			conf_error(p->errors, p->source->path, 0,
			    "network %s is fib-priority", own);
}

/* What can only be judged when everything was read. */
static void
bgpd_finish(struct bgpd_parser *p)
{
	struct config *c = p->config;

	if (c->as == 0)
		conf_error(p->errors, p->source->path, 0, "AS is not given");
	if (c->router_id == 0)
		c->router_id = bgpd_default_router_id();
	if (c->is_reflector && c->cluster_id == 0)
		c->cluster_id = c->router_id;
	bgpd_default_socket(p);
	bgpd_finish_sets(c);
	bgpd_sort_flows(c);
	bgpd_check_priorities(p);
	bgpd_put_implicit_first(p);
	bgpd_fold_rules(c);
	bgpd_keep_macros(p);
}

/* -D name=value */
static void
bgpd_define_macros(struct bgpd_parser *p)
{
	char *name, *value;
	size_t i;

	for (i = 0; i < p->source->n_macros; i++) {
		name = arena_strdup(p->config->arena, p->source->macros[i]);
		value = strchr(name, '=');
		if (value == NULL)
			continue;
		*value++ = '\0';
		lex_define(&p->lex, name, value, NULL);
	}
}

void
conf_bgpd_parse(const struct conf_source *source, char *text, size_t len,
    struct config *config, struct conf_errors *errors)
{
	struct bgpd_parser p = {
		.config = config, .errors = errors, .source = source,
	};

	lex_init(&p.lex, config->arena, errors, source->path, text, len);
	text_route_init(&p.text);
	p.text.has_as4_types = true;
	bgpd_define_macros(&p);
	bgpd_next(&p);
	for (;;) {
		bgpd_skip_newlines(&p);
		if (p.token.kind == LEX_END)
			break;
		p.depth = 0;
		if (!bgpd_statement(&p)) {
			bgpd_skip_line(&p, 0);
		} else if (p.token.kind != LEX_NEWLINE &&
		    p.token.kind != LEX_END) {
			bgpd_expected(&p, "the end of the line");
			bgpd_skip_line(&p, 0);
		}
	}
	bgpd_finish(&p);
	text_route_fini(&p.text);
}
