/* SPDX-License-Identifier: ISC */
/* Printing the configuration: flowspec, from the bytes of the flow. */
#include "common/config_print_parts.h"

#include "common/config.h"

void
print_flowspec(FILE *f, const struct conf_route *r)
{
	(void)f;
	(void)r;
}
