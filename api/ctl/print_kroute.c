/* SPDX-License-Identifier: ISC */
/* bgpctl show fib, interfaces, nexthop and tables, as OpenBGPD's. */
#include "api/ctl/ctl.h"

#include <stdio.h>
#include <string.h>

static unsigned
kroute_number(const struct value *v, const char *key)
{
	return (unsigned)value_get_number(v, key, 0);
}

void
print_fib_head(void)
{
	printf("flags: B = BGP, C = Connected, S = Static\n"
	    "       N = BGP Nexthop reachable via this route\n"
	    "       r = reject route, b = blackhole route\n\n"
	    "%-5s %-4s %-32s %-32s\n", "flags", "prio", "destination",
	    "gateway");
}

void
print_fib(const struct value *v)
{
	const char *origin = value_get_string(v, "origin", "");
	char flags[4] = { ' ', ' ', ' ', '\0' };

	flags[0] = strcmp(origin, "bgp") == 0 ? 'B' :
	    strcmp(origin, "connected") == 0 ? 'C' :
	    strcmp(origin, "static") == 0 ? 'S' : ' ';
	if (value_get_boolean(v, "used_by_nexthop", false))
		flags[1] = 'N';
	if (value_get_boolean(v, "reject", false))
		flags[2] = 'r';
	else if (value_get_boolean(v, "blackhole", false))
		flags[2] = 'b';
	printf("%-5s %4u %-32s %s\n", flags, kroute_number(v, "priority"),
	    value_get_string(v, "prefix", ""),
	    value_get_string(v, "nexthop", ""));
}

void
print_iface_head(void)
{
	printf("%-15s%-9s%-9s%-7s%s\n", "Interface", "rdomain", "Nexthop",
	    "Flags", "Link state");
}

void
print_iface(const struct value *v)
{
	printf("%-15s%-9u%-9s%-7s%s\n", value_get_string(v, "name", ""),
	    kroute_number(v, "rdomain"),
	    value_get_boolean(v, "nh_reachable", false) ? "ok" : "invalid",
	    value_get_boolean(v, "is_up", false) ? "UP" : "",
	    value_get_string(v, "linkstate", ""));
}

void
print_table_head(void)
{
	printf("%-5s %-20s %-8s\n", "Table", "Description", "State");
}

void
print_table(const struct value *v)
{
	printf("%5u %-20s %-8s%s\n", kroute_number(v, "rtableid"),
	    value_get_string(v, "description", ""),
	    value_get_boolean(v, "coupled", false) ? "coupled" : "decoupled",
	    value_get_boolean(v, "admin_change", false) ? "*" : "");
}

void
print_nexthop_head(void)
{
	printf("Flags: * = nexthop valid\n\n  %-15s %-19s%-4s %-15s %s\n",
	    "Nexthop", "Route", "Prio", "Gateway", "Iface");
}

void
print_nexthop(const struct value *v)
{
	const struct value *iface = value_get(v, "interface");

	printf("%s %-15s ", value_get_boolean(v, "valid", false) ? "*" : " ",
	    value_get_string(v, "address", ""));
	if (value_get(v, "prefix") == NULL) {
		printf("\n");
		return;
	}
	printf("%-19s%4u %-15s ", value_get_string(v, "prefix", ""),
	    kroute_number(v, "priority"), value_get_string(v, "nexthop", ""));
	if (iface != NULL)
		printf("%s (%s)", value_get_string(iface, "name", ""),
		    value_get_boolean(iface, "is_up", false) ? "UP" : "DOWN");
	printf("\n");
}
