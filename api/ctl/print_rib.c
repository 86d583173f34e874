/* SPDX-License-Identifier: ISC */
/* Routes, and what else the RDE tells, as OpenBGPD's bgpctl shows them. */
#include "api/ctl/ctl.h"

#include <stdio.h>
#include <string.h>

/* Flags in their fixed order: letter, member, and its value if a text. */
static const struct { char letter; const char *key, *text; } rib_flags[] = {
	{ 'F', "filtered", NULL }, { 'E', "error", NULL },
	{ 'L', "leaked", NULL }, { 'A', "announced", NULL },
	{ 'I', "source", "internal" }, { 'S', "stale", NULL },
	{ '*', "valid", NULL }, { '>', "best", NULL }, { 'm', "ecmp", NULL },
	{ 'w', "as-wide", NULL },
};

#define N_FLAGS	(sizeof(rib_flags) / sizeof(rib_flags[0]))

static bool
rib_has_flag(const struct value *v, size_t i)
{
	if (rib_flags[i].text != NULL)
		return strcmp(value_get_string(v, rib_flags[i].key, ""),
		    rib_flags[i].text) == 0;
	return value_get_boolean(v, rib_flags[i].key, false);
}

static char
rib_validation(const char *state)
{
	return strcmp(state, "valid") == 0 ? 'V' :
	    strcmp(state, "invalid") == 0 ? '!' :
	    strcmp(state, "not-found") == 0 ? 'N' : '?';
}

void
print_rib_head(void)
{
	printf("flags: * = Valid, > = Selected, I = via IBGP, A = Announced,\n"
	    "       S = Stale, E = Error, F = Filtered, L = Leaked,\n"
	    "       m = Multipath, w = AS-wide best\n"
	    "origin validation state: N = not-found, V = valid, ! = invalid\n"
	    "aspa validation state: ? = unknown, V = valid, ! = invalid\n"
	    "origin: i = IGP, e = EGP, ? = Incomplete\n\n");
	printf("%-5s %3s %-20s %-15s  %5s %5s %s\n", "flags", "vs",
	    "destination", "gateway", "lpref", "med", "aspath origin");
}

static const char *
rib_origin(const struct value *v)
{
	const char *origin = value_get_string(v, "origin", "");

	return strcmp(origin, "IGP") == 0 ? "i" :
	    strcmp(origin, "EGP") == 0 ? "e" : "?";
}

void
print_rib(const struct value *v)
{
	const char *aspath = value_get_string(v, "aspath", "");
	char flags[N_FLAGS + 1];
	size_t i, n = 0;

	for (i = 0; i < N_FLAGS; i++)
		if (rib_has_flag(v, i))
			flags[n++] = rib_flags[i].letter;
	flags[n] = '\0';
	printf("%-5s %c-%c %-20s %-15s %5llu %5llu %s%s%s\n", flags,
	    rib_validation(value_get_string(v, "ovs", "not-found")),
	    rib_validation(value_get_string(v, "avs", "unknown")),
	    value_get_string(v, "prefix", ""),
	    value_get_string(v, "exit_nexthop", ""),
	    (unsigned long long)value_get_number(v, "localpref", 0),
	    (unsigned long long)value_get_number(v, "metric", 0), aspath,
	    *aspath == '\0' ? "" : " ", rib_origin(v));
}

static void
rib_print_list(const struct value *v, const char *key, const char *label,
    char end)
{
	const struct value *list = value_get(v, key);
	size_t i;

	if (list == NULL || list->len == 0)
		return;
	printf("    %s:", label);
	for (i = 0; i < list->len; i++)
		printf(" %s", value_string(value_at(list, i), ""));
	printf("%c", end);
}

static void
rib_print_attributes(const struct value *v, char end)
{
	const struct value *list = value_get(v, "attributes"), *a;
	size_t i;

	for (i = 0; (a = value_at(list, i)) != NULL; i++)
		printf("    %s (%llu) flags %#llx: %s%c",
		    value_get_string(a, "type", "Unknown"),
		    (unsigned long long)value_get_number(a, "code", 0),
		    (unsigned long long)value_get_number(a, "flags", 0),
		    value_get_string(a, "data", ""), end);
}

static void
rib_print_states(const struct value *v)
{
	static const struct { const char *key, *text; } rows[] = {
		{ "filtered", ", filtered" }, { "error", ", invalid" },
		{ "leaked", ", otc leak" }, { "stale", ", stale" },
		{ "valid", ", valid" }, { "best", ", best" },
		{ "ecmp", ", ecmp" }, { "as-wide", ", as-wide" },
		{ "announced", ", announced" },
	};
	size_t i;

	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		if (value_get_boolean(v, rows[i].key, false))
			printf("%s", rows[i].text);
}

void
print_rib_detail(const struct value *v, bool is_ssv)
{
	const struct value *n = value_get(v, "neighbor");
	const char *name = value_get_string(n, "description",
	    value_get_string(n, "remote_addr", ""));
	char end = is_ssv ? ';' : '\n';

	if (!is_ssv)
		printf("\n");
	printf("BGP routing table entry for %s%c    %s%c",
	    value_get_string(v, "prefix", ""), end,
	    value_get_string(v, "aspath", ""), end);
	printf("    Nexthop %s (via %s) Neighbor %s (%s)",
	    value_get_string(v, "exit_nexthop", ""),
	    value_get_string(v, "true_nexthop", ""), name,
	    value_get_string(n, "bgp_id", ""));
	if (value_get(v, "path_id") != NULL)
		printf(" Path-Id: %llu", (unsigned long long)
		    value_get_number(v, "path_id", 0));
	printf("%c    Origin %s, metric %llu, localpref %llu, weight %llu, "
	    "ovs %s, avs %s%s%s", end, value_get_string(v, "origin", ""),
	    (unsigned long long)value_get_number(v, "metric", 0),
	    (unsigned long long)value_get_number(v, "localpref", 0),
	    (unsigned long long)value_get_number(v, "weight", 0),
	    value_get_string(v, "ovs", "not-found"),
	    value_get_string(v, "avs", "unknown"),
	    value_get(v, "source") == NULL ? "" : ", ",
	    value_get_string(v, "source", ""));
	rib_print_states(v);
	/* Files tell when, the daemon how long ago. */
	printf("%c    Last update: %s%s%c", end,
	    value_get_string(v, "last_update", ""),
	    value_get(v, "last_update_sec") == NULL ? "" : " ago", end);
	rib_print_list(v, "communities", "Communities", end);
	rib_print_list(v, "extended_communities", "Ext. Communities", end);
	rib_print_list(v, "large_communities", "Large Communities", end);
	rib_print_attributes(v, end);
	if (is_ssv)
		printf("\n");
}

void
print_memory(const struct value *v)
{
	const struct value *use;
	size_t i;

	printf("RDE memory statistics\n");
	for (i = 0; v->kind == VALUE_OBJECT && i < v->len; i++) {
		use = &v->items[2 * i + 1];
		if (use->kind != VALUE_OBJECT)
			continue;
		printf("%10llu %s using %llu bytes of memory\n",
		    (unsigned long long)value_get_number(use, "count", 0),
		    value_string(&v->items[2 * i], ""),
		    (unsigned long long)value_get_number(use, "size", 0));
	}
}

void
print_program(const struct value *v)
{
	printf("%-20s %-8s %7llu %10llu %8llu %10llu %8llu\n",
	    value_get_string(v, "name", ""), value_get_string(v, "state", ""),
	    (unsigned long long)value_get_number(v, "pid", 0),
	    (unsigned long long)value_get_number(v, "lines", 0),
	    (unsigned long long)value_get_number(v, "errors", 0),
	    (unsigned long long)value_get_number(v, "events", 0),
	    (unsigned long long)value_get_number(v, "drops", 0));
}

void
print_network(const struct value *v)
{
	printf("%-5s %-20s %s\n", "S", value_get_string(v, "prefix", ""),
	    value_get_string(v, "exit_nexthop", ""));
}
