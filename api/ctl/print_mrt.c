/* SPDX-License-Identifier: ISC */
/* Messages, states and peers of MRT files, a line each. */
#include "api/ctl/mrt.h"

#include <stdio.h>
#include <string.h>

void
print_mrt_peer_head(void)
{
	printf("%-5s %-39s %10s %s\n", "Index", "Neighbor", "AS", "BGP ID");
}

void
print_mrt_peer(const struct value *v)
{
	printf("%5llu %-39s %10s %s\n",
	    (unsigned long long)value_get_number(v, "index", 0),
	    value_get_string(v, "remote_addr", ""),
	    value_get_string(v, "remote_as", ""),
	    value_get_string(v, "bgp_id", ""));
}

static void
print_runs(const struct value *v, const char *key)
{
	const struct value *runs = value_get(v, key), *run, *list, *p;
	const char *nexthop;
	size_t i, k;

	for (i = 0; (run = value_at(runs, i)) != NULL; i++) {
		printf(" %s", key);
		list = value_get(run, "prefixes");
		for (k = 0; (p = value_at(list, k)) != NULL; k++) {
			printf(" %s", value_get_string(p, "prefix", ""));
			if (value_get(p, "path_id") != NULL)
				printf(" path-id %llu", (unsigned long long)
				    value_get_number(p, "path_id", 0));
		}
		nexthop = value_get_string(run, "exit_nexthop", NULL);
		if (nexthop != NULL)
			printf(" nexthop %s", nexthop);
	}
}

static void
print_words(const struct value *v, const char *key, const char *label)
{
	const struct value *list = value_get(v, key);
	size_t i;

	if (list == NULL || list->len == 0)
		return;
	printf(" %s", label);
	for (i = 0; i < list->len; i++)
		printf(" %s", value_string(value_at(list, i), ""));
}

static void
print_attrs(const struct value *v)
{
	const char *path = value_get_string(v, "aspath", NULL);

	if (path == NULL)
		return;
	printf(" aspath %s%sorigin %s med %llu localpref %llu", path,
	    *path == '\0' ? "" : " ", value_get_string(v, "origin", ""),
	    (unsigned long long)value_get_number(v, "metric", 0),
	    (unsigned long long)value_get_number(v, "localpref", 0));
	print_words(v, "communities", "communities");
	print_words(v, "extended_communities", "ext-communities");
	print_words(v, "large_communities", "large-communities");
}

void
print_mrt_message(const struct value *v)
{
	bool is_sent = strcmp(value_get_string(v, "direction", ""),
	    "sent") == 0;
	const char *reason = value_get_string(v, "reason", NULL);
	const char *eor = value_get_string(v, "eor", NULL);

	printf("%s %s[%s] %s %s[%s]: ", value_get_string(v, "time", ""),
	    value_get_string(v, "remote_addr", ""),
	    value_get_string(v, "remote_as", ""), is_sent ? "<-" : "->",
	    value_get_string(v, "local_addr", ""),
	    value_get_string(v, "local_as", ""));
	printf("%s", value_get_string(v, "type", ""));
	if (value_get(v, "old_state") != NULL)
		printf(" %s -> %s", value_get_string(v, "old_state", ""),
		    value_get_string(v, "new_state", ""));
	if (reason != NULL)
		printf(" %s", reason);
	if (value_get_boolean(v, "error", false))
		printf(" malformed");
	print_runs(v, "withdrawn");
	print_runs(v, "announced");
	if (eor != NULL)
		printf(" eor %s", eor);
	print_attrs(v);
	printf("\n");
}
