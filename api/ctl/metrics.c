/* SPDX-License-Identifier: ISC */
/*
 * show metrics: OpenMetrics text under OpenBGPD's names. The format wants
 * all samples of a metric together, so the neighbors' replies are kept until
 * the last one is there; the RDE's memory is asked for after them, then the
 * BMP stations.
 */
#include "api/ctl/ctl.h"

#include "common/arena.h"
#include "common/buf.h"

#include <err.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>

#define LABELS_MAX	1024

enum metric_kind { GAUGE, COUNTER };

/* A number of a neighbor: where it stands in the reply. */
struct metric_row {
	enum metric_kind kind;
	const char	*name, *help;
	const char	*path;		/* members, apart by dots */
	const char	*label;		/* further label, or NULL */
};

#define MESSAGES(dir, what, key, text) \
	{ COUNTER, "bgpd_peer_message_" dir, \
	    "number of messages " what, "stats.message." key "." text, \
	    "messages=\"" text "\"" }
#define MESSAGE_KINDS(dir, what, key) \
	MESSAGES(dir, what, key, "open"), \
	MESSAGES(dir, what, key, "notifications"), \
	MESSAGES(dir, what, key, "updates"), \
	MESSAGES(dir, what, key, "keepalives"), \
	MESSAGES(dir, what, key, "route_refresh"), \
	MESSAGES(dir, what, key, "total")

/* Rows of one name stand together. */
static const struct metric_row metric_rows[] = {
	{ GAUGE, "bgpd_peer_last_change_seconds",
	    "time since the state changed", "last_updown_sec", NULL },
	{ GAUGE, "bgpd_peer_last_read_seconds",
	    "time since something was received", "stats.last_read_sec",
	    NULL },
	{ GAUGE, "bgpd_peer_last_write_seconds",
	    "time since something was sent", "stats.last_write_sec", NULL },
	{ GAUGE, "bgpd_peer_prefixes_transmit", "number of prefixes sent",
	    "rde.prefixes_sent", NULL },
	{ GAUGE, "bgpd_peer_prefixes_receive",
	    "number of prefixes received", "rde.prefixes_received", NULL },
	MESSAGE_KINDS("transmit", "sent", "sent"),
	MESSAGE_KINDS("receive", "received", "received"),
	{ COUNTER, "bgpd_peer_update_transmit",
	    "number of prefixes announced", "rde.updates_sent", NULL },
	/* Compat: a counter there, though it goes down. */
	{ COUNTER, "bgpd_peer_update_pending",
	    "number of prefixes to be announced", "rde.pending_updates",
	    NULL },
	{ COUNTER, "bgpd_peer_update_receive",
	    "number of announced prefixes received", "rde.updates_received",
	    NULL },
	{ COUNTER, "bgpd_peer_withdraw_transmit",
	    "number of prefixes withdrawn", "rde.withdraws_sent", NULL },
	{ COUNTER, "bgpd_peer_withdraw_pending",
	    "number of prefixes to be withdrawn", "rde.pending_withdraws",
	    NULL },
	{ COUNTER, "bgpd_peer_withdraw_receive",
	    "number of withdrawn prefixes received",
	    "rde.withdraws_received", NULL },
	{ COUNTER, "bgpd_peer_route_refresh_req_transmit",
	    "number of route refreshes requested",
	    "stats.route-refresh.sent.request", NULL },
	{ COUNTER, "bgpd_peer_route_refresh_req_receive",
	    "number of route refreshes asked for by the peer",
	    "stats.route-refresh.received.request", NULL },
	{ COUNTER, "bgpd_peer_route_refresh_borr_transmit",
	    "number of begins of a route refresh sent",
	    "stats.route-refresh.sent.borr", NULL },
	{ COUNTER, "bgpd_peer_route_refresh_borr_receive",
	    "number of begins of a route refresh received",
	    "stats.route-refresh.received.borr", NULL },
	{ COUNTER, "bgpd_peer_route_refresh_eorr_transmit",
	    "number of ends of a route refresh sent",
	    "stats.route-refresh.sent.eorr", NULL },
	{ COUNTER, "bgpd_peer_route_refresh_eorr_receive",
	    "number of ends of a route refresh received",
	    "stats.route-refresh.received.eorr", NULL },
	{ GAUGE, "bgpd_peer_queue_memory_usage_bytes",
	    "bytes that wait to be sent", "stats.out_queue", NULL },
};

/* Of the RDE's memory: {kind: {count, size, references}}. */
static const struct metric_row memory_rows[] = {
	{ GAUGE, "bgpd_rde_memory_usage_bytes", "memory of the RDE", "size",
	    NULL },
	{ GAUGE, "bgpd_rde_memory_usage_objects", "objects of the RDE",
	    "count", NULL },
	{ GAUGE, "bgpd_rde_memory_usage_references",
	    "references to objects of the RDE", "references", NULL },
};

/* Of BMP stations. */
static const struct metric_row bmp_rows[] = {
	{ COUNTER, "bgpd_bmp_messages", "number of messages for the station",
	    "messages", NULL },
	{ COUNTER, "bgpd_bmp_transmit_bytes", "bytes sent to the station",
	    "bytes", NULL },
	{ GAUGE, "bgpd_bmp_queue_memory_usage_bytes",
	    "bytes that wait to be sent", "queued", NULL },
	{ COUNTER, "bgpd_bmp_restarts", "number of connections that ended",
	    "restarts", NULL },
};

/* As OpenBGPD numbers them, from 0. */
static const char *const states[] = {
	"None", "Idle", "Connect", "Active", "OpenSent", "OpenConfirm",
	"Established",
};

#define N(array)	(sizeof(array) / sizeof((array)[0]))

void
metrics_row(struct ctl_output *o, const struct value *v)
{
	struct emit e;
	const struct value **grown;

	if (o->n_kept % 64 == 0) {
		grown = reallocarray(o->kept, o->n_kept + 64, sizeof(*grown));
		if (grown == NULL)
			err(1, NULL);
		o->kept = grown;
	}
	if (o->arena == NULL)
		o->arena = arena_new(64 * 1024);
	buf_reset(o->out);
	emit_msgpack_init(&e, o->out);
	value_emit(v, &e);
	o->kept[o->n_kept] = value_parse(o->arena, o->out->base, o->out->len);
	if (o->kept[o->n_kept] != NULL)
		o->n_kept++;
	buf_reset(o->out);
}

static const struct value *
metrics_at(const struct value *v, const char *path)
{
	char key[64];
	size_t len;

	for (; v != NULL && *path != '\0'; path += len + (path[len] == '.')) {
		len = strcspn(path, ".");
		if (len >= sizeof(key))
			return NULL;
		memcpy(key, path, len);
		key[len] = '\0';
		v = value_get(v, key);
	}
	return v;
}

static void
put_label(struct wr *w, const char *name, const char *value)
{
	if (w->len != 0)
		buf_put_text(w, ",");
	buf_put_format(w, "%s=\"", name);
	for (; *value != '\0'; value++) {
		if (*value == '\\' || *value == '"')
			buf_put_text(w, "\\");
		if (*value == '\n')
			buf_put_text(w, "\\n");
		else
			buf_put_bytes(w, value, 1);
	}
	buf_put_text(w, "\"");
}

/* Labels of a neighbor, into an array that ends in NUL. */
static void
peer_labels(const struct value *v, char *array, size_t cap)
{
	static const char *const names[] = {
		"remote_addr", "remote_as", "description", "group",
	};
	struct wr w;
	size_t i;

	buf_writer(&w, array, cap - 1);
	for (i = 0; i < N(names); i++)
		if (value_get(v, names[i]) != NULL)
			put_label(&w, names[i],
			    value_get_string(v, names[i], ""));
	array[w.len] = '\0';
}

static void
print_head(const char *name, const char *type, const char *help)
{
	printf("# HELP %s %s\n# TYPE %s %s\n", name, help, name, type);
}

static bool
is_peer(const struct value *v)
{
	return value_get(v, "remote_addr") != NULL;
}

static void
print_row(const struct ctl_output *o, const struct metric_row *row)
{
	const struct value *number;
	char labels[LABELS_MAX];
	size_t i;

	for (i = 0; i < o->n_kept; i++) {
		number = metrics_at(o->kept[i], row->path);
		if (!is_peer(o->kept[i]) || number == NULL)
			continue;
		peer_labels(o->kept[i], labels, sizeof(labels));
		printf("%s%s{%s%s%s} %llu\n", row->name,
		    row->kind == COUNTER ? "_total" : "", labels,
		    row->label == NULL ? "" : ",",
		    row->label == NULL ? "" : row->label,
		    (unsigned long long)value_number(number, 0));
	}
}

static void
print_states(const struct ctl_output *o)
{
	char labels[LABELS_MAX];
	const char *state;
	size_t i, k;

	print_head("bgpd_peer_state", "stateset", "state of the session");
	for (i = 0; i < o->n_kept; i++) {
		state = value_get_string(o->kept[i], "state", "None");
		peer_labels(o->kept[i], labels, sizeof(labels));
		for (k = 0; is_peer(o->kept[i]) && k < N(states); k++)
			printf("bgpd_peer_state{%s,bgpd_peer_state=\"%s\"} "
			    "%d\n", labels, states[k],
			    strcmp(states[k], state) == 0);
	}
	print_head("bgpd_peer_state_raw", "gauge",
	    "state of the session as a number");
	for (i = 0; i < o->n_kept; i++) {
		state = value_get_string(o->kept[i], "state", "None");
		peer_labels(o->kept[i], labels, sizeof(labels));
		for (k = 0; is_peer(o->kept[i]) && k < N(states); k++)
			if (strcmp(states[k], state) == 0)
				printf("bgpd_peer_state_raw{%s} %zu\n",
				    labels, k);
	}
}

static void
print_memory_rows(const struct value *memory)
{
	const struct value *use, *number;
	size_t i, k;

	for (k = 0; k < N(memory_rows); k++) {
		print_head(memory_rows[k].name, "gauge", memory_rows[k].help);
		for (i = 0; i < memory->len; i++) {
			use = &memory->items[2 * i + 1];
			number = use->kind != VALUE_OBJECT ? NULL :
			    value_get(use, memory_rows[k].path);
			if (number != NULL)
				printf("%s{type=\"%s\"} %llu\n",
				    memory_rows[k].name,
				    value_string(&memory->items[2 * i], ""),
				    (unsigned long long)value_number(number,
				    0));
		}
	}
}

static bool
is_station(const struct value *v)
{
	return value_get(v, "station_addr") != NULL;
}

static void
station_labels(const struct value *v, char *array, size_t cap)
{
	struct wr w;

	buf_writer(&w, array, cap - 1);
	put_label(&w, "name", value_get_string(v, "name", ""));
	put_label(&w, "station_addr", value_get_string(v, "station_addr",
	    ""));
	array[w.len] = '\0';
}

static void
print_station_row(const struct ctl_output *o, const struct metric_row *row)
{
	char labels[LABELS_MAX];
	size_t i;

	print_head(row->name, row->kind == COUNTER ? "counter" : "gauge",
	    row->help);
	for (i = 0; i < o->n_kept; i++) {
		if (!is_station(o->kept[i]))
			continue;
		station_labels(o->kept[i], labels, sizeof(labels));
		printf("%s%s{%s} %llu\n", row->name, row->kind == COUNTER ?
		    "_total" : "", labels, (unsigned long long)
		    value_get_number(o->kept[i], row->path, 0));
	}
}

/* Nothing of them where none is configured. */
static void
print_stations(const struct ctl_output *o)
{
	char labels[LABELS_MAX];
	bool is_any = false;
	size_t i;

	for (i = 0; i < o->n_kept; i++)
		is_any = is_any || is_station(o->kept[i]);
	if (!is_any)
		return;
	print_head("bgpd_bmp_up", "gauge", "whether the station is there");
	for (i = 0; i < o->n_kept; i++) {
		if (!is_station(o->kept[i]))
			continue;
		station_labels(o->kept[i], labels, sizeof(labels));
		printf("bgpd_bmp_up{%s} %d\n", labels,
		    value_get_boolean(o->kept[i], "up", false));
	}
	for (i = 0; i < N(bmp_rows); i++)
		print_station_row(o, &bmp_rows[i]);
}

static void
print_daemon(const struct ctl_output *o)
{
	struct utsname u;
	char labels[LABELS_MAX];
	size_t i;

	if (uname(&u) != 0)
		err(1, "uname");
	print_head("bgpd", "info", "the daemon");
	printf("bgpd_info{nodename=\"%s\",version=\"%s\"} 1\n", u.nodename,
	    BGPD_VERSION);
	print_head("bgpd_peer", "info", "the neighbors");
	for (i = 0; i < o->n_kept; i++) {
		peer_labels(o->kept[i], labels, sizeof(labels));
		if (is_peer(o->kept[i]))
			printf("bgpd_peer_info{%s} 1\n", labels);
	}
}

void
metrics_print(const struct ctl_output *o)
{
	const char *name = "";
	size_t i;

	print_daemon(o);
	print_states(o);
	for (i = 0; i < N(metric_rows); i++) {
		if (strcmp(metric_rows[i].name, name) != 0)
			print_head(metric_rows[i].name, metric_rows[i].kind ==
			    COUNTER ? "counter" : "gauge",
			    metric_rows[i].help);
		name = metric_rows[i].name;
		print_row(o, &metric_rows[i]);
	}
	for (i = 0; i < o->n_kept; i++)
		if (!is_peer(o->kept[i]) && !is_station(o->kept[i]) &&
		    o->kept[i]->kind == VALUE_OBJECT)
			print_memory_rows(o->kept[i]);
	print_stations(o);
	printf("# EOF\n");
}

void
metrics_fini(struct ctl_output *o)
{
	free(o->kept);
	if (o->arena != NULL)
		arena_free(o->arena);
}
