/* SPDX-License-Identifier: ISC */
/*
 * bgpd.conf's language: the statements of a file, macros and include, and
 * what is done when all was read. A fault is reported, the rest of its line
 * skipped, and parsing goes on, so that all faults of a file come out in one
 * go.
 */
#include "parent/conf_bgpd.h"

#include "common/arena.h"
#include "common/control.h"
#include "common/err.h"

#include <ctype.h>
#include <ifaddrs.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define MACRO_MAX	127
#define COUNT(a)	(sizeof(a) / sizeof((a)[0]))

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
	{ "as-set", bgpd_parse_as_set },
	{ "aspa-set", bgpd_parse_aspa_set },
	{ "bmp", bgpd_parse_bmp },
	{ "dump", bgpd_parse_dump },
	{ "exabgp", bgpd_parse_exabgp },
	{ "flowspec", bgpd_parse_flowspec },
	{ "group", bgpd_parse_group },
	{ "include", bgpd_parse_include },
	{ "neighbor", bgpd_parse_neighbor },
	{ "network", bgpd_parse_network },
	{ "origin-set", bgpd_parse_origin_set },
	{ "originate", bgpd_parse_originate },
	{ "prefix-set", bgpd_parse_prefix_set },
	{ "process", bgpd_parse_process },
	{ "roa-set", bgpd_parse_roa_set },
	{ "rtr", bgpd_parse_rtr },
	{ "vpn", bgpd_parse_vpn },
};

static const struct bgpd_row *
bgpd_find_row(const struct bgpd_row *rows, size_t n_rows, const char *word)
{
	size_t i;

	for (i = 0; i < n_rows; i++)
		if (strcmp(rows[i].word, word) == 0)
			return &rows[i];
	return NULL;
}

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
	const struct lex_token first = p->token;
	const struct bgpd_row *row;

	if (bgpd_is(p, "allow") || bgpd_is(p, "deny") || bgpd_is(p, "match"))
		return bgpd_parse_rule(p);
	if (first.kind != LEX_STRING || first.is_quoted)
		return bgpd_expected(p, "a statement");
	row = bgpd_find_row(bgpd_statements, COUNT(bgpd_statements),
	    first.text);
	if (row == NULL)
		row = bgpd_find_row(bgpd_global_rows, bgpd_global_n_rows,
		    first.text);
	bgpd_next(p);
	if (row != NULL)
		return row->parse(p);
	if (bgpd_is_char(p, '='))
		return bgpd_parse_macro(p, &first);
	return bgpd_fail_at(p, &first, "expected a statement, found \"%s\"",
	    first.text);
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

/* Two RIBs in one table of the kernel would undo what the other does. */
static void
bgpd_check_tables(struct bgpd_parser *p)
{
	const struct config *c = p->config;
	const struct conf_rib *r;
	const char *other;
	uint32_t table;
	size_t i, k;

	for (i = 0; i < c->n_ribs; i++) {
		r = &c->ribs[i];
		table = config_kernel_table(r->table);
		if (!config_rib_fills(r))
			continue;
		other = c->fib_update && config_kernel_table(c->table) ==
		    table ? "Loc-RIB" : NULL;
		for (k = 0; k < i && other == NULL; k++)
			if (config_rib_fills(&c->ribs[k]) &&
			    config_kernel_table(c->ribs[k].table) == table)
				other = c->ribs[k].name;
		if (other != NULL)
			conf_error(p->errors, p->source->path, 0, "RIB \"%s\""
			    ": table %u is that of RIB \"%s\"", r->name,
			    table, other);
	}
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
	bgpd_check_tables(p);
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
