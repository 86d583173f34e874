/* SPDX-License-Identifier: ISC */
/* Printing the configuration: globals, sets, and what stands where. */
#include "common/config_print.h"

#include "common/addr.h"
#include "common/bgp.h"
#include "common/config.h"
#include "common/config_print_parts.h"
#include "common/route.h"

#include <string.h>

/* The defaults of config_new. */
#define HOLD_TIME	90
#define HOLD_TIME_MIN	3
#define CONNECT_RETRY	120
#define STALE_TIME	180
#define FIB_PRIORITY	48
#define ROUTER_ID	0x7f000001	/* when there is no address at all */
#define AS_NONE		65535		/* a model without neighbors */

#define SET_COLUMN_MAX	72		/* as-sets go on in the next line */
#define SET_COLUMN	8

void
print_quoted(FILE *f, const char *s)
{
	char quote = strchr(s, '"') != NULL && strchr(s, '\'') == NULL ?
	    '\'' : '"';
	char last = '\0';

	fputc(quote, f);
	for (; *s != '\0'; s++) {
		/* A backslash is taken away from before a quote or blank. */
		if (*s == quote ||
		    (last == '\\' && (*s == ' ' || *s == '\t')))
			fputc('\\', f);
		fputc(*s, f);
		last = *s;
	}
	fputc(quote, f);
}

void
print_addr(FILE *f, const struct addr *a)
{
	char text[ADDR_TEXT_MAX];

	fputs(addr_print(a, text, sizeof(text)), f);
}

void
print_hex(FILE *f, const void *bytes, size_t len)
{
	const uint8_t *p = bytes;
	size_t i;

	fprintf(f, "0x");
	for (i = 0; i < len; i++)
		fprintf(f, "%02x", p[i]);
}

/* The AS of a model that was read from ExaBGP's language is a neighbor's. */
static uint32_t
print_as(const struct config *c)
{
	size_t i;

	if (c->as != 0)
		return c->as;
	for (i = 0; i < c->n_peers; i++)
		if (c->peers[i].local_as != 0)
			return c->peers[i].local_as;
	return AS_NONE;
}

static void
print_macros(FILE *f, const struct config *c)
{
	size_t i;

	for (i = 0; i < c->n_macros; i++) {
		if (c->macros[i].is_secret)
			fprintf(f, "%s = \"XXXXXX\"\n", c->macros[i].name);
		else {
			fprintf(f, "%s = ", c->macros[i].name);
			print_quoted(f, c->macros[i].value);
			fputc('\n', f);
		}
	}
}

static void
print_listens(FILE *f, const struct config *c)
{
	size_t i;

	if (c->n_listens == 0 && !c->is_exabgp)
		fprintf(f, "listen on 0.0.0.0\nlisten on ::\n");
	for (i = 0; i < c->n_listens; i++) {
		fprintf(f, "listen on ");
		print_addr(f, &c->listens[i].addr);
		if (c->listens[i].port != BGP_PORT)
			fprintf(f, " port %u", c->listens[i].port);
		fputc('\n', f);
	}
}

static void
print_sockets(FILE *f, const struct config *c)
{
	size_t i;

	for (i = 0; i < c->n_sockets; i++) {
		fprintf(f, "socket ");
		print_quoted(f, c->sockets[i].path);
		fprintf(f, "%s\n", c->sockets[i].is_restricted ?
		    " restricted" : "");
	}
}

static void
print_unless(FILE *f, const char *word, unsigned value, unsigned usual)
{
	if (value != usual)
		fprintf(f, "%s %u\n", word, value);
}

static void
print_globals(FILE *f, const struct config *c)
{
	struct addr id = addr_from_ipv4(c->router_id != 0 ? c->router_id :
	    ROUTER_ID);
	size_t i;

	fprintf(f, "AS %u", print_as(c));
	if (c->as > UINT16_MAX && c->as_short != 0 &&
	    c->as_short != BGP_AS_TRANS)
		fprintf(f, " %u", c->as_short);
	if (c->confed_as != 0) {
		fprintf(f, "\nconfederation %u members {", c->confed_as);
		for (i = 0; i < c->n_confed_members; i++)
			fprintf(f, " %u", c->confed_members[i]);
		fprintf(f, " }");
	}
	fprintf(f, "\nrouter-id ");
	print_addr(f, &id);
	fputc('\n', f);
	print_sockets(f, c);
	print_unless(f, "holdtime", c->hold_time_sec, HOLD_TIME);
	print_unless(f, "holdtime min", c->hold_time_min_sec, HOLD_TIME_MIN);
	print_unless(f, "connect-retry", c->connect_retry_sec, CONNECT_RETRY);
	print_unless(f, "staletime", c->stale_time_sec, STALE_TIME);
	if (c->route_age_evaluate)
		fprintf(f, "rde route-age evaluate\n");
	if (c->med_always)
		fprintf(f, "rde med compare always\n");
	if (c->evaluate_all)
		fprintf(f, "rde evaluate all\n");
	if (!c->reject_as_set)
		fprintf(f, "reject as-set no\n");
	if (c->log_updates)
		fprintf(f, "log updates\n");
	print_listens(f, c);
	if (c->nexthop_via_bgp)
		fprintf(f, "nexthop qualify via bgp\n");
	if (c->nexthop_via_default)
		fprintf(f, "nexthop qualify via default\n");
	print_unless(f, "fib-priority", c->fib_priority, FIB_PRIORITY);
	print_exabgp(f, c);
	fputc('\n', f);
}

static void
print_rtrs(FILE *f, const struct config *c)
{
	const struct conf_rtr *r;
	size_t i;

	for (i = 0; i < c->n_rtrs; i++) {
		r = &c->rtrs[i];
		fprintf(f, "rtr ");
		print_addr(f, &r->addr);
		fprintf(f, " {\n\tdescr ");
		print_quoted(f, r->descr == NULL ? "" : r->descr);
		fprintf(f, "\n\tport %u\n", r->port);
		if (r->min_version != 0)
			fprintf(f, "\tmin-version %u\n", r->min_version);
		if (r->local_address.family != ADDR_NONE) {
			fprintf(f, "\tlocal-address ");
			print_addr(f, &r->local_address);
			fputc('\n', f);
		}
		if (r->md5_key.len != 0 || (r->refused != NULL &&
		    strcmp(r->refused, "tcp md5sig") == 0))
			fprintf(f, "\ttcp md5sig\n");
		print_ipsec(f, r->ipsec, r->n_ipsec, "");
		fprintf(f, "}\n\n");
	}
}

static void
print_monitor(FILE *f, uint8_t monitor)
{
	static const struct { uint8_t bit; const char *word; } rows[] = {
		{ CONF_BMP_PRE_POLICY, "pre-policy" },
		{ CONF_BMP_POST_POLICY, "post-policy" },
		{ CONF_BMP_ADJ_RIB_OUT, "adj-rib-out" },
		{ CONF_BMP_LOC_RIB, "loc-rib" },
	};
	const char *between = "\tmonitor ";
	size_t i;

	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		if ((monitor & rows[i].bit) == 0)
			continue;
		fprintf(f, "%s%s", between, rows[i].word);
		between = ", ";
	}
	fputc('\n', f);
}

static void
print_bmps(FILE *f, const struct config *c)
{
	const struct conf_bmp *b;
	size_t i;

	for (i = 0; i < c->n_bmps; i++) {
		b = &c->bmps[i];
		fprintf(f, "bmp ");
		print_quoted(f, b->name);
		fprintf(f, " {\n\taddress ");
		print_addr(f, &b->addr);
		fprintf(f, " port %u\n", b->port);
		if (b->local_address.family != ADDR_NONE) {
			fprintf(f, "\tlocal-address ");
			print_addr(f, &b->local_address);
			fputc('\n', f);
		}
		print_monitor(f, b->monitor);
		fprintf(f, "\tstatistics %u\n\tbuffer %u\n}\n\n",
		    b->statistics_sec, b->buffer);
	}
}

static void
print_expires(FILE *f, int64_t expires)
{
	if (expires != 0)
		fprintf(f, " expires %lld", (long long)expires);
}

static void
print_roas(FILE *f, const struct conf_roa *roas, size_t n)
{
	char text[PREFIX_TEXT_MAX];
	size_t i;

	for (i = 0; i < n; i++) {
		fprintf(f, "\n\t%s", prefix_print(&roas[i].prefix, text,
		    sizeof(text)));
		if (roas[i].max_len != roas[i].prefix.len_bits)
			fprintf(f, " maxlen %u", roas[i].max_len);
		fprintf(f, " source-as %u", roas[i].asn);
		print_expires(f, roas[i].expires);
	}
	fprintf(f, "\n}\n\n");
}

static void
print_aspas(FILE *f, const struct config *c)
{
	const struct conf_aspa *a;
	size_t i, k;

	if (c->n_aspas == 0)
		return;
	fprintf(f, "aspa-set {");
	for (i = 0; i < c->n_aspas; i++) {
		a = &c->aspas[i];
		fprintf(f, "\n\tcustomer-as %u", a->customer);
		print_expires(f, a->expires);
		fprintf(f, " provider-as { ");
		for (k = 0; k < a->n_providers; k++)
			fprintf(f, "%u ", a->providers[k]);
		fputc('}', f);
	}
	fprintf(f, "\n}\n\n");
}

static void
print_as_set(FILE *f, const struct conf_as_set *s)
{
	/* How it was written is not known of a model that was handed over. */
	const uint32_t *asns = s->n_listed != 0 ? s->listed : s->asns;
	size_t n = s->n_listed != 0 ? s->n_listed : s->n_asns;
	int column = SET_COLUMN;
	size_t i;

	fprintf(f, "as-set ");
	print_quoted(f, s->name);
	fprintf(f, " {\n\t");
	for (i = 0; i < n; i++) {
		if (column > SET_COLUMN_MAX) {
			fprintf(f, "\n\t");
			column = SET_COLUMN;
		}
		column += fprintf(f, "%u ", asns[i]);
	}
	fprintf(f, "\n}\n\n");
}

static void
print_prefix_set(FILE *f, const struct conf_prefix_set *s)
{
	size_t i;

	fprintf(f, "prefix-set ");
	print_quoted(f, s->name);
	fprintf(f, " {");
	for (i = 0; i < s->n_prefixes; i++) {
		fprintf(f, "%s", i % 2 == 0 ? "\n\t" : ", ");
		print_prefix(f, &s->prefixes[i]);
	}
	fprintf(f, "\n}\n\n");
}

static void
print_named_sets(FILE *f, const struct config *c)
{
	size_t i;

	if (c->n_roas != 0) {
		fprintf(f, "roa-set {");
		print_roas(f, c->roas, c->n_roas);
	}
	print_aspas(f, c);
	for (i = 0; i < c->n_as_sets; i++)
		print_as_set(f, &c->as_sets[i]);
	for (i = 0; i < c->n_prefix_sets; i++)
		print_prefix_set(f, &c->prefix_sets[i]);
	for (i = 0; i < c->n_origin_sets; i++) {
		fprintf(f, "origin-set ");
		print_quoted(f, c->origin_sets[i].name);
		fprintf(f, " {");
		print_roas(f, c->origin_sets[i].roas,
		    c->origin_sets[i].n_roas);
	}
}

static void
print_targets(FILE *f, const char *word, const struct conf_community *list,
    size_t n)
{
	size_t i;

	for (i = 0; i < n; i++) {
		fprintf(f, "\t%s ", word);
		print_community(f, &list[i]);
		fputc('\n', f);
	}
}

/* RFC 4364 4.2: type 2, then number and number by the type. */
static void
print_rd(FILE *f, uint64_t rd)
{
	struct addr a = addr_from_ipv4((uint32_t)(rd >> 16));

	fprintf(f, "\trd ");
	if (rd >> 48 == 1) {
		print_addr(f, &a);
		fprintf(f, ":%u\n", (unsigned)(rd & UINT16_MAX));
	} else if (rd >> 48 == 2) {
		fprintf(f, "%u:%u\n", (unsigned)(rd >> 16 & UINT32_MAX),
		    (unsigned)(rd & UINT16_MAX));
	} else {
		fprintf(f, "%u:%u\n", (unsigned)(rd >> 32 & UINT16_MAX),
		    (unsigned)(rd & UINT32_MAX));
	}
}

static void
print_vpn(FILE *f, const struct conf_vpn *v)
{
	size_t i;

	fprintf(f, "vpn ");
	print_quoted(f, v->descr);
	fprintf(f, " on %s {\n", v->interface);
	print_rd(f, v->rd);
	print_targets(f, "export-target", v->exports, v->n_exports);
	print_targets(f, "import-target", v->imports, v->n_imports);
	fprintf(f, "\tfib-update %s\n", v->fib_update ? "yes" : "no");
	for (i = 0; i < v->n_networks; i++)
		print_network(f, &v->networks[i], "\t");
	fprintf(f, "}\n");
}

static void
print_ribs(FILE *f, const struct config *c)
{
	const struct conf_rib *r;
	size_t i;

	if (c->include_filtered)
		fprintf(f, "rde rib Loc-RIB include filtered\n");
	fprintf(f, "rde rib Adj-RIB-In no evaluate\n");
	fprintf(f, "rde rib Loc-RIB rtable %u fib-update %s\n", c->table,
	    c->fib_update ? "yes" : "no");
	for (i = 0; i < c->n_ribs; i++) {
		r = &c->ribs[i];
		fprintf(f, "rde rib %s", r->name);
		if (r->no_evaluate)
			fprintf(f, " no evaluate");
		else if (r->has_table)
			fprintf(f, " rtable %u fib-update %s", r->table,
			    r->fib_update ? "yes" : "no");
		fputc('\n', f);
	}
	fputc('\n', f);
}

static void
print_processes(FILE *f, const struct config *c)
{
	static const char *const encoders[] = {
		[ENCODER_TEXT] = "text", [ENCODER_JSON] = "json",
		[ENCODER_MSGPACK] = "msgpack",
	};
	static const char *const overflows[] = {
		[OVERFLOW_THROTTLE] = "throttle", [OVERFLOW_LATEST] = "latest",
		[OVERFLOW_DROP] = "drop", [OVERFLOW_KILL] = "kill",
	};
	const struct conf_process *p;
	size_t i, k;

	for (i = 0; i < c->n_processes; i++) {
		p = &c->processes[i];
		fprintf(f, "process ");
		print_quoted(f, p->name);
		fprintf(f, " {\n\trun");
		for (k = 0; k < p->n_argv; k++) {
			fputc(' ', f);
			print_quoted(f, p->argv[k]);
		}
		fprintf(f, "\n\tencoder %s\n\tversion %u\n",
		    encoders[p->encoder], p->version);
		if (p->user != NULL)
			fprintf(f, "\tuser %s\n", p->user);
		fprintf(f, "\trespawn %s\n\tack %s\n\toverflow %s\n}\n\n",
		    p->respawn ? "yes" : "no", p->ack ? "yes" : "no",
		    overflows[p->overflow]);
	}
}

/* One group's neighbors together; NULL: those of none. */
static void
print_group(FILE *f, const struct config *c, const char *group)
{
	size_t i;

	if (group != NULL) {
		fprintf(f, "group ");
		print_quoted(f, group);
		fprintf(f, " {\n");
	}
	for (i = 0; i < c->n_peers; i++) {
		if (group == NULL ? c->peers[i].group == NULL :
		    c->peers[i].group != NULL &&
		    strcmp(c->peers[i].group, group) == 0)
			print_peer(f, c, &c->peers[i],
			    group == NULL ? "" : "\t");
	}
	if (group != NULL)
		fprintf(f, "}\n\n");
}

static void
print_peers(FILE *f, const struct config *c)
{
	size_t i, k;

	print_group(f, c, NULL);
	for (i = 0; i < c->n_peers; i++) {
		if (c->peers[i].group == NULL)
			continue;
		for (k = 0; k < i; k++)
			if (c->peers[k].group != NULL &&
			    strcmp(c->peers[k].group, c->peers[i].group) == 0)
				break;
		if (k == i)
			print_group(f, c, c->peers[i].group);
	}
}

bool
print_has_dumps(const struct config *c)
{
	size_t i;

	for (i = 0; i < c->n_peers; i++)
		if (c->peers[i].n_dumps != 0)
			return true;
	return c->n_dumps != 0;
}

void
print_dumps(FILE *f, const struct conf_dump *dumps, size_t n,
    const char *indent)
{
	static const char *const kinds[] = {
		[DUMP_TABLE] = "table", [DUMP_TABLE_MP] = "table-mp",
		[DUMP_TABLE_V2] = "table-v2", [DUMP_ALL_IN] = "all in",
		[DUMP_ALL_OUT] = "all out", [DUMP_UPDATES_IN] = "updates in",
		[DUMP_UPDATES_OUT] = "updates out",
	};
	size_t i;

	for (i = n; i-- > 0;) {
		fprintf(f, "%sdump ", indent);
		if (dumps[i].rib != NULL)
			fprintf(f, "rib %s ", dumps[i].rib);
		fprintf(f, "%s ", kinds[dumps[i].kind]);
		print_quoted(f, dumps[i].path);
		if (dumps[i].interval_sec != 0)
			fprintf(f, " %u", dumps[i].interval_sec);
		fputc('\n', f);
	}
}

void
config_print(const struct config *model, FILE *f)
{
	struct config c = *model;
	size_t i;

	if (c.as == 0)
		c.as = print_as(model);
	print_macros(f, &c);
	print_globals(f, &c);
	print_rtrs(f, &c);
	print_bmps(f, &c);
	print_named_sets(f, &c);
	for (i = 0; i < c.n_networks; i++)
		if (c.networks[i].flags & ROUTE_FROM_NETWORK)
			print_network(f, &c.networks[i], "");
	for (i = 0; i < c.n_networks; i++)
		if ((c.networks[i].flags & ROUTE_FROM_NETWORK) == 0)
			print_originate(f, &c.networks[i], "");
	for (i = 0; i < c.n_flowspecs; i++)
		print_flowspec(f, &c.flowspecs[i]);
	if (c.n_vpns != 0)
		fputc('\n', f);
	for (i = 0; i < c.n_vpns; i++)
		print_vpn(f, &c.vpns[i]);
	fputc('\n', f);
	print_ribs(f, &c);
	if (print_has_dumps(&c)) {
		print_dumps(f, c.dumps, c.n_dumps, "");
		fputc('\n', f);
	}
	print_processes(f, &c);
	print_peers(f, &c);
	for (i = 0; i < c.n_rules; i++)
		print_rule(f, &c.rules[i]);
}
