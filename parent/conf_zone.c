/* SPDX-License-Identifier: ISC */
/*
 * Names of interfaces are turned into numbers once, where configurations are
 * read: workers may not ask for them.
 */
#include "parent/conf_zone.h"

#include "common/addr.h"
#include "common/err.h"

#include <net/if.h>
#include <stdio.h>
#include <string.h>

int
conf_zone_parse(const char *text, struct addr *out)
{
	const char *zone = strchr(text, '%');
	char numbered[ADDR_TEXT_MAX];
	unsigned index;
	int n;

	if (addr_parse(text, out) == 0)
		return 0;
	index = zone == NULL ? 0 : if_nametoindex(zone + 1);
	if (index == 0)
		return ERR_SYNTAX;
	n = snprintf(numbered, sizeof(numbered), "%.*s%%%u",
	    (int)(zone - text), text, index);
	if (n < 0 || (size_t)n >= sizeof(numbered))
		return ERR_SYNTAX;
	return addr_parse(numbered, out);
}
