/* SPDX-License-Identifier: ISC */
/* bgpctl show bmp: a line a station. */
#include "api/ctl/ctl.h"

#include <stdio.h>

void
print_bmp_head(void)
{
	printf("%-16s %-24s %-14s %8s %10s %12s %10s %8s\n", "Station",
	    "Address", "State", "Since", "Messages", "Bytes", "Queued",
	    "Restarts");
}

static unsigned long long
bmp_number(const struct value *v, const char *key)
{
	return (unsigned long long)value_get_number(v, key, 0);
}

void
print_bmp(const struct value *v)
{
	const char *error = value_get_string(v, "last_error", "");
	char at[80];

	snprintf(at, sizeof(at), "%s:%llu", value_get_string(v,
	    "station_addr", ""), bmp_number(v, "station_port"));
	printf("%-16s %-24s %-14s %7llus %10llu %12llu %10llu %8llu\n",
	    value_get_string(v, "name", ""), at,
	    value_get_string(v, "state", ""), bmp_number(v, "since_sec"),
	    bmp_number(v, "messages"), bmp_number(v, "bytes"),
	    bmp_number(v, "queued"), bmp_number(v, "restarts"));
	if (*error != '\0')
		printf("  %s\n", error);
}
