/* SPDX-License-Identifier: ISC */
/* Text of what a configuration file would change. */
#include "api/ctl/ctl.h"

#include <stdio.h>
#include <string.h>

static void
print_message(const struct value *v)
{
	bool is_warning = strcmp(value_get_string(v, "severity", ""),
	    "warning") == 0;

	fprintf(stderr, "%s%s\n", is_warning ? "warning: " : "",
	    value_get_string(v, "text", ""));
}

static void
print_statement(const struct value *v)
{
	const char *op = value_get_string(v, "op", "");

	printf("%c%s\n", strcmp(op, "add") == 0 ? '+' :
	    strcmp(op, "delete") == 0 ? '-' : ' ',
	    value_get_string(v, "text", ""));
}

static void
print_reasons(const struct value *v)
{
	const struct value *reasons = value_get(v, "reasons");
	size_t i;

	if (reasons == NULL || reasons->kind != VALUE_ARRAY)
		return;
	for (i = 0; i < reasons->len; i++)
		printf("%s%s", i == 0 ? ": " : ", ",
		    value_string(&reasons->items[i], ""));
}

/* How many routes of each kind, then a few of them. */
static void
print_side(const struct value *v, const char *key)
{
	const struct value *side = value_get(v, key), *examples, *list;
	size_t i, k;

	if (side == NULL || side->kind != VALUE_OBJECT)
		return;
	printf("    %s:", key);
	for (i = 0, k = 0; i < side->len; i++)
		if (side->items[2 * i + 1].kind == VALUE_NUMBER)
			printf("%s %llu %s", k++ == 0 ? "" : ",",
			    (unsigned long long)value_number(
			    &side->items[2 * i + 1], 0),
			    value_string(&side->items[2 * i], ""));
	printf("\n");
	examples = value_get(side, "examples");
	for (i = 0; examples != NULL && examples->kind == VALUE_OBJECT &&
	    i < examples->len; i++) {
		list = &examples->items[2 * i + 1];
		printf("        %s:", value_string(&examples->items[2 * i],
		    ""));
		for (k = 0; list->kind == VALUE_ARRAY && k < list->len; k++)
			printf(" %s", value_string(&list->items[k], ""));
		printf("\n");
	}
}

static void
print_peer(const struct value *v)
{
	const char *descr = value_get_string(v, "description", NULL);

	printf("neighbor %s", value_get_string(v, "remote_addr", ""));
	if (descr != NULL)
		printf(" (%s)", descr);
	if (value_get(v, "received") != NULL) {
		printf(":\n");
		print_side(v, "received");
		print_side(v, "sent");
		return;
	}
	printf(": %s", value_get_string(v, "effect", ""));
	print_reasons(v);
	printf("\n");
}

void
print_config(const char *key, const struct value *v)
{
	if (strcmp(key, "message") == 0) {
		print_message(v);
	} else if (strcmp(key, "statement") == 0) {
		print_statement(v);
	} else if (strcmp(key, "neighbor") == 0) {
		print_peer(v);
	} else if (strcmp(key, "rtr") == 0) {
		printf("rtr %s", value_get_string(v, "remote_addr", ""));
		print_reasons(v);
		printf("\n");
	}
}
