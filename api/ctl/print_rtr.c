/* SPDX-License-Identifier: ISC */
/* bgpctl show rtr and show sets, as OpenBGPD's. */
#include "api/ctl/ctl.h"

#include <stdio.h>

static unsigned
rtr_number(const struct value *v, const char *key)
{
	return (unsigned)value_get_number(v, key, 0);
}

static void
rtr_print_error(const struct value *v, const char *label,
    const char *error_key, const char *text_key)
{
	const char *error = value_get_string(v, error_key, NULL);
	const char *text = value_get_string(v, text_key, "");

	if (error == NULL)
		return;
	printf(" Last %s error: %s\n", label, error);
	if (*text != '\0')
		printf("   with reason \"%s\"\n", text);
}

void
print_rtr(const struct value *v)
{
	const char *descr = value_get_string(v, "descr", "");
	const char *local = value_get_string(v, "local_addr", "");

	printf("RTR neighbor is %s, port %u\n",
	    value_get_string(v, "remote_addr", ""),
	    rtr_number(v, "remote_port"));
	printf(" State: %s\n", value_get_string(v, "state", ""));
	if (*descr != '\0')
		printf(" Description: %s\n", descr);
	if (*local != '\0')
		printf(" Local Address: %s\n", local);
	if (value_get(v, "session_id") != NULL)
		printf(" Version: %u min %u Session ID: %u Serial #: %u\n",
		    rtr_number(v, "version"),
		    rtr_number(v, "minimal_version"),
		    rtr_number(v, "session_id"), rtr_number(v, "serial"));
	printf(" Refresh: %u, Retry: %u, Expire: %u\n",
	    rtr_number(v, "refresh"), rtr_number(v, "retry"),
	    rtr_number(v, "expire"));
	rtr_print_error(v, "sent", "last_sent_error", "last_sent_msg");
	rtr_print_error(v, "received", "last_recv_error", "last_recv_msg");
	printf("\n");
}

void
print_set_head(void)
{
	printf("%-6s %-34s %7s %7s %6s %11s\n", "Type", "Name", "#IPv4",
	    "#IPv6", "#ASnum", "Last Change");
}

static void
print_count(const struct value *v, const char *key, int width)
{
	if (value_get(v, key) == NULL)
		printf(" %*s", width, "-");
	else
		printf(" %*llu", width, (unsigned long long)
		    value_get_number(v, key, 0));
}

void
print_set(const struct value *v)
{
	printf("%-6s %-34s", value_get_string(v, "type", ""),
	    value_get_string(v, "name", ""));
	print_count(v, "num_IPv4", 7);
	print_count(v, "num_IPv6", 7);
	print_count(v, "num_ASnum", 6);
	printf(" %11s\n", value_get_string(v, "last_change", ""));
}
