/* SPDX-License-Identifier: ISC */
/*
 * Neighbors as OpenBGPD's bgpctl shows them: the summary's columns, the long
 * block, and the JSON object put together from what both engines know.
 */
#include "api/ctl/ctl.h"

#include <stdio.h>
#include <string.h>

#define NAME_AND_AS	28	/* columns that name and AS fill together */

const char *
print_age(uint64_t sec, char *buf, size_t buf_len)
{
	unsigned long long min = sec / 60, hours = min / 60, days = hours / 24;
	unsigned long long weeks = days / 7;

	if (weeks >= 1000)
		snprintf(buf, buf_len, "%02lluw", weeks);
	else if (weeks > 0)
		snprintf(buf, buf_len, "%02lluw%01llud%02lluh", weeks,
		    days % 7, hours % 24);
	else if (days > 0)
		snprintf(buf, buf_len, "%01llud%02lluh%02llum", days,
		    hours % 24, min % 60);
	else
		snprintf(buf, buf_len, "%02llu:%02llu:%02llu", hours,
		    min % 60, (unsigned long long)sec % 60);
	return buf;
}

static const char *
neighbor_age(const struct value *v, const char *key, char *buf, size_t len)
{
	const struct value *age = value_get(v, key);

	return age == NULL ? "Never" : print_age(value_number(age, 0), buf,
	    len);
}

static const char *
neighbor_name(const struct value *v, bool is_numeric)
{
	const char *descr = value_get_string(v, "description", NULL);

	return descr == NULL || is_numeric ?
	    value_get_string(v, "remote_addr", "") : descr;
}

static unsigned long long
neighbor_messages(const struct value *v, const char *direction,
    const char *kind)
{
	return value_get_number(value_get(value_get(value_get(v, "stats"),
	    "message"), direction), kind, 0);
}

static unsigned long long
neighbor_rde(const struct value *v, const char *key)
{
	return value_get_number(value_get(v, "rde"), key, 0);
}

static bool
neighbor_config(const struct value *v, const char *key)
{
	return value_get_boolean(value_get(v, "config"), key, false);
}

static bool
neighbor_is_up(const struct value *v)
{
	return strcmp(value_get_string(v, "state", ""), "Established") == 0;
}

void
print_summary_head(void)
{
	printf("%-20s %8s %10s %10s %5s %-8s %s\n", "Neighbor", "AS",
	    "MsgRcvd", "MsgSent", "OutQ", "Up/Down", "State/PrfRcvd");
}

void
print_summary(const struct value *v, bool is_numeric)
{
	const char *as = value_get_string(v, "remote_as", "");
	int width = NAME_AND_AS - (int)strlen(as);
	char age[32];

	printf("%-*.*s %s %10llu %10llu %5llu %-8s ", width, width,
	    neighbor_name(v, is_numeric), as,
	    neighbor_messages(v, "received", "total"),
	    neighbor_messages(v, "sent", "total"),
	    neighbor_rde(v, "pending_updates") +
	    neighbor_rde(v, "pending_withdraws"),
	    neighbor_age(v, "last_updown_sec", age, sizeof(age)));
	if (neighbor_is_up(v)) {
		printf("%6llu", neighbor_rde(v, "prefixes_received"));
		if (value_get(value_get(v, "config"), "max_prefix") != NULL)
			printf("/%llu", (unsigned long long)value_get_number(
			    value_get(v, "config"), "max_prefix", 0));
		printf("\n");
	} else if (neighbor_config(v, "template")) {
		printf("Template\n");
	} else {
		printf("%s\n", value_get_string(v, "state", "None"));
	}
}

void
print_terse(const struct value *v, bool is_numeric)
{
	printf("%s %s %s\n", neighbor_name(v, is_numeric),
	    value_get_string(v, "remote_as", ""),
	    neighbor_config(v, "template") ? "Template" :
	    value_get_string(v, "state", ""));
}

static void
neighbor_print_families(const struct value *list)
{
	size_t i;

	for (i = 0; list != NULL && i < list->len; i++)
		printf(" %s%s", value_string(value_at(list, i), ""),
		    i + 1 < list->len ? "," : "");
	printf("\n");
}

static void
neighbor_print_capabilities(const struct value *c)
{
	const struct value *gr, *list;
	size_t i;

	if ((list = value_get(c, "multiprotocol")) != NULL) {
		printf("    Multiprotocol extensions:");
		neighbor_print_families(list);
	}
	if (value_get_boolean(c, "as4byte", false))
		printf("    4-byte AS numbers\n");
	if (value_get_boolean(c, "refresh", false))
		printf("    Route Refresh\n");
	if (value_get_boolean(c, "enhanced_refresh", false))
		printf("    Enhanced Route Refresh\n");
	if (value_get_boolean(c, "extended_message", false))
		printf("    Extended message\n");
	if ((list = value_get(c, "extended_nexthop")) != NULL) {
		printf("    Extended nexthop:");
		neighbor_print_families(list);
	}
	if ((gr = value_get(c, "graceful_restart")) != NULL) {
		printf("    Graceful Restart");
		if (value_get_number(gr, "timeout", 0) != 0)
			printf(": Timeout: %llu, ", (unsigned long long)
			    value_get_number(gr, "timeout", 0));
		list = value_get(gr, "protocols");
		for (i = 0; list != NULL && i < list->len; i++)
			printf("%s%s", i == 0 ? "" : ", ", value_get_string(
			    value_at(list, i), "family", ""));
		printf("\n");
	}
	list = value_get(c, "add-path");
	for (i = 0; list != NULL && i < list->len; i++)
		printf("    Add-path: %s: %s\n", value_get_string(
		    value_at(list, i), "family", ""), value_get_string(
		    value_at(list, i), "mode", ""));
	if (value_get(c, "open_policy") != NULL)
		printf("    Open Policy role %s\n",
		    value_get_string(c, "open_policy", ""));
}

static void
neighbor_print_head(const struct value *v)
{
	const struct value *config = value_get(v, "config");

	printf("BGP neighbor is %s, remote AS %s",
	    value_get_string(v, "remote_addr", ""),
	    value_get_string(v, "remote_as", ""));
	if (neighbor_config(v, "template"))
		printf(", Template");
	if (neighbor_config(v, "cloned"))
		printf(", Cloned");
	if (neighbor_config(v, "passive"))
		printf(", Passive");
	if (neighbor_config(v, "multihop"))
		printf(", Multihop (%llu)", (unsigned long long)
		    value_get_number(config, "multihop_distance", 0));
	printf("\n");
	if (value_get(v, "description") != NULL)
		printf(" Description: %s\n",
		    value_get_string(v, "description", ""));
	if (value_get(config, "role") != NULL)
		printf(" Role: %s\n", value_get_string(config, "role", ""));
	if (value_get(config, "max_prefix") != NULL)
		printf(" Max-prefix: %llu\n", (unsigned long long)
		    value_get_number(config, "max_prefix", 0));
}

static void
neighbor_print_state(const struct value *v)
{
	const struct value *stats = value_get(v, "stats");
	const struct value *session = value_get(v, "session");
	char age[32];

	printf("  BGP version 4, remote router-id %s%s%s\n",
	    value_get_string(v, "bgpid", ""),
	    value_get(value_get(v, "config"), "authentication") == NULL ? "" :
	    ", using ", value_get_string(value_get(v, "config"),
	    "authentication", ""));
	printf("  BGP state = %s", value_get_string(v, "state", ""));
	if (neighbor_config(v, "down"))
		printf(", marked down");
	if (value_get(v, "my_shutdown_reason") != NULL)
		printf(" with shutdown reason \"%s\"",
		    value_get_string(v, "my_shutdown_reason", ""));
	if (value_get(v, "last_updown_sec") != NULL)
		printf(", %s for %s", neighbor_is_up(v) ? "up" : "down",
		    neighbor_age(v, "last_updown_sec", age, sizeof(age)));
	printf("\n  Last read %s, holdtime %llus, keepalive interval %llus\n",
	    neighbor_age(stats, "last_read_sec", age, sizeof(age)),
	    (unsigned long long)value_get_number(session, "holdtime", 0),
	    (unsigned long long)value_get_number(session, "keepalive", 0));
	printf("  Last write %s\n",
	    neighbor_age(stats, "last_write_sec", age, sizeof(age)));
}

static void
neighbor_print_messages(const struct value *v)
{
	static const struct { const char *label, *key; } rows[] = {
		{ "Opens", "open" }, { "Notifications", "notifications" },
		{ "Updates", "updates" }, { "Keepalives", "keepalives" },
		{ "Route Refresh", "route_refresh" }, { "Total", "total" },
	};
	size_t i;

	printf("\n  Message statistics:\n  %-15s %-10s %-10s\n", "", "Sent",
	    "Received");
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		printf("  %-15s %10llu %10llu\n", rows[i].label,
		    neighbor_messages(v, "sent", rows[i].key),
		    neighbor_messages(v, "received", rows[i].key));
}

static void
neighbor_print_updates(const struct value *v)
{
	static const char *const kinds[] = { "request", "borr", "eorr" };
	static const char *const labels[] = {
		"Request", "Begin-of-RR", "End-of-RR",
	};
	const struct value *rr = value_get(value_get(v, "stats"),
	    "route-refresh");
	size_t i;

	printf("\n  Update statistics:\n  %-15s %-10s %-10s %-10s\n", "",
	    "Sent", "Received", "Pending");
	printf("  %-15s %10llu %10llu\n", "Prefixes",
	    neighbor_rde(v, "prefixes_sent"),
	    neighbor_rde(v, "prefixes_received"));
	printf("  %-15s %10llu %10llu %10llu\n", "Updates",
	    neighbor_rde(v, "updates_sent"),
	    neighbor_rde(v, "updates_received"),
	    neighbor_rde(v, "pending_updates"));
	printf("  %-15s %10llu %10llu %10llu\n", "Withdraws",
	    neighbor_rde(v, "withdraws_sent"),
	    neighbor_rde(v, "withdraws_received"),
	    neighbor_rde(v, "pending_withdraws"));
	printf("  %-15s %10llu %10llu\n", "End-of-Rib",
	    neighbor_rde(v, "eor_sent"), neighbor_rde(v, "eor_received"));
	printf("\n  Route Refresh statistics:\n");
	for (i = 0; i < 3; i++)
		printf("  %-15s %10llu %10llu\n", labels[i],
		    (unsigned long long)value_get_number(value_get(rr, "sent"),
		    kinds[i], 0), (unsigned long long)value_get_number(
		    value_get(rr, "received"), kinds[i], 0));
}

/* Why nothing is accepted, said where one looks for it. */
static void
neighbor_print_hints(const struct value *v)
{
	if (neighbor_is_up(v) && neighbor_rde(v, "prefixes_received") > 0 &&
	    value_get(value_get(v, "rde"), "prefixes_accepted") != NULL &&
	    neighbor_rde(v, "prefixes_accepted") == 0)
		printf("\n  no allow rule: all routes from %s are denied\n",
		    value_get_string(v, "remote_addr", ""));
}

void
print_neighbor(const struct value *v)
{
	const struct value *session = value_get(v, "session");
	const struct value *caps = value_get(session, "capabilities");
	const struct value *end;

	neighbor_print_head(v);
	neighbor_print_state(v);
	if (value_get(caps, "remote") != NULL) {
		printf("  Neighbor capabilities:\n");
		neighbor_print_capabilities(value_get(caps, "remote"));
		printf("  Negotiated capabilities:\n");
		neighbor_print_capabilities(value_get(caps, "negotiated"));
	}
	neighbor_print_messages(v);
	neighbor_print_updates(v);
	if (value_get(v, "last_error_sent") != NULL)
		printf("\n  Last error sent: %s\n",
		    value_get_string(v, "last_error_sent", ""));
	if (value_get(v, "last_error_received") != NULL)
		printf("\n  Last error received: %s\n",
		    value_get_string(v, "last_error_received", ""));
	if (value_get(v, "last_shutdown_reason") != NULL)
		printf("  Last received shutdown reason: \"%s\"\n",
		    value_get_string(v, "last_shutdown_reason", ""));
	neighbor_print_hints(v);
	if ((end = value_get(session, "local")) != NULL)
		printf("\n  Local host:  %20s, Local port:  %5llu\n",
		    value_get_string(end, "address", ""),
		    (unsigned long long)value_get_number(end, "port", 0));
	if ((end = value_get(session, "remote")) != NULL)
		printf("  Remote host: %20s, Remote port: %5llu\n",
		    value_get_string(end, "address", ""),
		    (unsigned long long)value_get_number(end, "port", 0));
	printf("\n");
}

void
print_neighbor_terse(const struct value *v)
{
	static const char *const kinds[] = {
		"open", "notifications", "updates", "keepalives",
		"route_refresh",
	};
	size_t i;

	for (i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
		printf("%llu %llu ", neighbor_messages(v, "sent", kinds[i]),
		    neighbor_messages(v, "received", kinds[i]));
	printf("%llu %llu %llu %llu %llu %llu %s %s \"%s\"\n",
	    neighbor_rde(v, "prefixes_received"), (unsigned long long)
	    value_get_number(value_get(v, "config"), "max_prefix", 0),
	    neighbor_rde(v, "updates_sent"),
	    neighbor_rde(v, "updates_received"),
	    neighbor_rde(v, "withdraws_sent"),
	    neighbor_rde(v, "withdraws_received"),
	    value_get_string(v, "remote_addr", ""),
	    value_get_string(v, "remote_as", ""),
	    value_get_string(v, "description", ""));
}

void
print_timers(const struct value *v)
{
	const struct value *list = value_get(v, "timers"), *t;
	char age[32];
	size_t i;

	neighbor_print_head(v);
	neighbor_print_state(v);
	printf("\n");
	for (i = 0; (t = value_at(list, i)) != NULL; i++)
		printf("  %-20s due in %s\n", value_get_string(t, "name", ""),
		    print_age(value_get_number(t, "due", 0), age,
		    sizeof(age)));
	printf("\n");
}

/* A pair of numbers of the RDE under OpenBGPD's names. */
static void
json_counts(struct emit *e, const struct value *v, const char *name,
    const char *direction)
{
	static const char *const kinds[] = { "updates", "withdraws", "eor" };
	char key[64];
	size_t i;

	emit_key_object(e, name);
	for (i = 0; i < 3; i++) {
		snprintf(key, sizeof(key), "%s_%s", kinds[i], direction);
		emit_key_number(e, kinds[i], neighbor_rde(v, key));
	}
	emit_end_object(e);
}

static void
json_stats(struct emit *e, const struct value *v, const struct value *stats)
{
	char age[32];
	size_t i;

	emit_key_object(e, "stats");
	emit_key_string(e, "last_read", neighbor_age(stats, "last_read_sec",
	    age, sizeof(age)));
	emit_key_string(e, "last_write", neighbor_age(stats,
	    "last_write_sec", age, sizeof(age)));
	emit_key_object(e, "prefixes");
	emit_key_number(e, "sent", neighbor_rde(v, "prefixes_sent"));
	emit_key_number(e, "received", neighbor_rde(v, "prefixes_received"));
	emit_end_object(e);
	for (i = 0; i < stats->len; i++) {
		emit_key(e, value_string(&stats->items[2 * i], ""));
		value_emit(&stats->items[2 * i + 1], e);
	}
	emit_key_object(e, "update");
	json_counts(e, v, "sent", "sent");
	json_counts(e, v, "received", "received");
	emit_key_object(e, "pending");
	emit_key_number(e, "updates", neighbor_rde(v, "pending_updates"));
	emit_key_number(e, "withdraws", neighbor_rde(v, "pending_withdraws"));
	emit_end_object(e);
	emit_end_object(e);
	emit_end_object(e);
}

void
json_neighbor(struct emit *e, const struct value *v, bool is_whole)
{
	static const char *const brief[] = {
		"remote_as", "description", "group", "remote_addr", "bgpid",
		"state", "last_updown_sec", "stats",
	};
	const char *key;
	char age[32];
	size_t i, k;

	emit_begin_object(e);
	for (i = 0; v->kind == VALUE_OBJECT && i < v->len; i++) {
		key = value_string(&v->items[2 * i], "");
		for (k = 0; !is_whole && k < sizeof(brief) / sizeof(brief[0]);
		    k++)
			if (strcmp(key, brief[k]) == 0)
				break;
		if (strcmp(key, "rde") == 0 || strcmp(key, "id") == 0 ||
		    (!is_whole && k == sizeof(brief) / sizeof(brief[0])))
			continue;
		if (strcmp(key, "stats") == 0) {
			json_stats(e, v, &v->items[2 * i + 1]);
			continue;
		}
		if (strcmp(key, "last_updown_sec") == 0)
			emit_key_string(e, "last_updown", neighbor_age(v, key,
			    age, sizeof(age)));
		emit_key(e, key);
		value_emit(&v->items[2 * i + 1], e);
	}
	emit_end_object(e);
}
