/* SPDX-License-Identifier: ISC */
/* show events: a line each, as they come. */
#include "api/ctl/ctl.h"

#include "common/buf.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

/* Who it is about. */
static void
print_subject(const struct value *v)
{
	const char *descr = value_get_string(v, "description", NULL);
	const char *peer = value_get_string(v, "neighbor", NULL);
	const char *program = value_get_string(v, "program", NULL);
	const char *cache = value_get_string(v, "cache", NULL);

	if (peer != NULL && descr != NULL)
		printf(" neighbor %s (%s)", peer, descr);
	else if (peer != NULL)
		printf(" neighbor %s", peer);
	else if (program != NULL)
		printf(" program %s pid %" PRIu64, program,
		    value_get_number(v, "pid", 0));
	else if (cache != NULL)
		printf(" rtr %s", cache);
}

static void
print_number(const struct value *v, const char *key)
{
	if (value_get(v, key) != NULL)
		printf(" %s %" PRIu64, key, value_get_number(v, key, 0));
}

void
print_event(const struct value *v)
{
	const char *what = value_get_string(v, "event", "");
	const char *reason = value_get_string(v, "reason", NULL);

	printf("%s", value_get_string(v, "time", ""));
	if (strcmp(what, "lost") == 0) {
		printf(" %" PRIu64 " events lost\n",
		    value_get_number(v, "count", 0));
		return;
	}
	print_subject(v);
	printf(" %s", what);
	if (strcmp(what, "state") == 0)
		printf(" %s -> %s", value_get_string(v, "from", ""),
		    value_get_string(v, "to", ""));
	if (value_get(v, "code") != NULL)
		printf(" %" PRIu64 "/%" PRIu64 " %s",
		    value_get_number(v, "code", 0),
		    value_get_number(v, "subcode", 0),
		    value_get_string(v, "text", ""));
	if (strcmp(what, "max-prefix") == 0)
		printf(" of %s", value_get_string(v, "of", ""));
	print_number(v, "seconds");
	print_number(v, "status");
	print_number(v, "signal");
	if (reason != NULL)
		printf(": %s", reason);
	printf("\n");
}

void
json_event(struct ctl_output *o, const struct value *v)
{
	emit_json_init(&o->emit, o->out, false);
	value_emit(v, &o->emit);
	ctl_flush(o);
	printf("\n");
}
