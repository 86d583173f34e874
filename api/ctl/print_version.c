/* SPDX-License-Identifier: ISC */
/* bgpctl show version. */
#include "api/ctl/ctl.h"

#include <stdio.h>

static void
print_libraries(const struct value *v)
{
	size_t i;

	printf("  Libraries:");
	for (i = 0; v != NULL && v->kind == VALUE_OBJECT && i < v->len; i++)
		printf("%s %s %s", i == 0 ? "" : ",",
		    value_string(&v->items[2 * i], ""),
		    value_string(&v->items[2 * i + 1], ""));
	printf("\n");
}

/* A feature is true, a version, or why it is not there. */
static void
print_feature(const char *name, const struct value *v)
{
	if (v->kind == VALUE_NUMBER)
		printf("  %-14s %llu\n", name, (unsigned long long)v->number);
	else if (v->kind == VALUE_STRING)
		printf("  %-14s no: %s\n", name, v->string);
	else
		printf("  %-14s yes\n", name);
}

void
print_version(const struct value *v)
{
	const struct value *f = value_get(v, "features");
	size_t i;

	printf("bgpd %s, Linux %s\n", value_get_string(v, "version", ""),
	    value_get_string(v, "kernel", ""));
	print_libraries(value_get(v, "libraries"));
	for (i = 0; f != NULL && f->kind == VALUE_OBJECT && i < f->len; i++)
		print_feature(value_string(&f->items[2 * i], ""),
		    &f->items[2 * i + 1]);
}
