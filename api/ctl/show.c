/* SPDX-License-Identifier: ISC */
/*
 * Rows of replies: JSON as OpenBGPD's, or the text views. JSON is one object
 * with an array that is written row by row, so that memory stays constant.
 */
#include "api/ctl/ctl.h"
#include "api/ctl/mrt.h"

#include "common/buf.h"

#include <err.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define PROGRESS_ROWS	10000	/* between two lines of progress */

/* What each view's array is called in JSON. */
static const char *
show_list(enum ctl_view view)
{
	switch (view) {
	case VIEW_SUMMARY:
	case VIEW_TERSE:
	case VIEW_NEIGHBOR:
	case VIEW_NEIGHBOR_TERSE:
	case VIEW_TIMERS:
		return "neighbors";
	case VIEW_RIB:
	case VIEW_RIB_DETAIL:
	case VIEW_RIB_SSV:
	case VIEW_NETWORKS:
		return "rib";
	case VIEW_NEXTHOPS:
		return "nexthops";
	case VIEW_SETS:
		return "sets";
	case VIEW_PROGRAMS:
		return "programs";
	case VIEW_RTRS:
		return "rtrs";
	case VIEW_BMP:
		return "bmps";
	case VIEW_FIB:
		return "fib";
	case VIEW_IFACES:
		return "interfaces";
	case VIEW_TABLES:
		return "fibtables";
	case VIEW_MRT_PEERS:
		return "peers";
	default:
		return NULL;
	}
}

void
ctl_flush(struct ctl_output *o)
{
	if (o->out->len != 0)
		fwrite(o->out->base, 1, o->out->len, stdout);
	buf_reset(o->out);
}

void
ctl_begin(struct ctl_output *o)
{
	o->list = o->is_mrt ? NULL : show_list(o->view);
	o->has_progress = isatty(STDERR_FILENO) && !isatty(STDOUT_FILENO);
	if (o->view == VIEW_METRICS || o->view == VIEW_EVENTS)
		return;
	if (o->is_json) {
		emit_json_init(&o->emit, o->out, true);
		emit_begin_object(&o->emit);
		if (o->list != NULL)
			emit_key_array(&o->emit, o->list);
		return;
	}
	if (o->view == VIEW_SUMMARY)
		print_summary_head();
	else if (o->view == VIEW_MRT_PEERS)
		print_mrt_peer_head();
	else if (o->view == VIEW_RIB && !o->is_mrt)
		print_rib_head();
	else if (o->view == VIEW_NEXTHOPS)
		print_nexthop_head();
	else if (o->view == VIEW_FIB)
		print_fib_head();
	else if (o->view == VIEW_IFACES)
		print_iface_head();
	else if (o->view == VIEW_TABLES)
		print_table_head();
	else if (o->view == VIEW_BMP)
		print_bmp_head();
	else if (o->view == VIEW_SETS)
		print_set_head();
	else if (o->view == VIEW_PROGRAMS)
		printf("%-20s %-8s %7s %10s %8s %10s %8s\n", "Program",
		    "State", "PID", "Lines", "Errors", "Events", "Drops");
	else if (o->view == VIEW_NETWORKS)
		printf("flags: S = Static\n%-5s %-20s %s\n", "flags",
		    "destination", "gateway");
}

/* Views whose rows are of several kinds have an array for each. */
static const char *
show_list_of(const char *key)
{
	static const struct { const char *key, *list; } rows[] = {
		{ "message", "messages" }, { "neighbor", "neighbors" },
		{ "peer", "peers" }, { "rib", "rib" },
		{ "rtr", "rtrs" }, { "statement", "statements" },
	};
	size_t i;

	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		if (strcmp(rows[i].key, key) == 0)
			return rows[i].list;
	return "others";
}

static void
show_json_kind(struct ctl_output *o, const char *key)
{
	const char *list = show_list_of(key);

	if (o->list != NULL && strcmp(o->list, list) == 0)
		return;
	if (o->list != NULL)
		emit_end_array(&o->emit);
	/* A file has tables or messages: a third list would be one again. */
	if (++o->n_lists > 2 && o->is_mrt)
		errx(1, "tables and messages alternate: JSON cannot be made "
		    "of them in one go");
	emit_key_array(&o->emit, list);
	o->list = list;
}

static void
show_json_row(struct ctl_output *o, const char *key, const struct value *v)
{
	if (o->is_mrt || o->view == VIEW_CONFIG_DIFF ||
	    o->view == VIEW_CONFIG_IMPACT) {
		show_json_kind(o, key);
		value_emit(v, &o->emit);
	} else if (strcmp(key, "neighbor") == 0) {
		json_neighbor(&o->emit, v, o->view == VIEW_NEIGHBOR ||
		    o->view == VIEW_TIMERS);
	} else if (o->view == VIEW_RIB_COUNT) {
		emit_key_number(&o->emit, "count", value_get_number(v,
		    "count", 0));
	} else if (o->list == NULL) {
		emit_key(&o->emit, key);
		value_emit(v, &o->emit);
	} else {
		value_emit(v, &o->emit);
	}
	ctl_flush(o);
}

static void
print_count(const struct value *v)
{
	printf("%llu\n", (unsigned long long)value_get_number(v, "count", 0));
}

/* A row of text, for the views whose printers want no more than it. */
static void	(*const show_printers[])(const struct value *) = {
	[VIEW_NEIGHBOR] = print_neighbor,
	[VIEW_NEIGHBOR_TERSE] = print_neighbor_terse,
	[VIEW_TIMERS] = print_timers,
	[VIEW_RIB] = print_rib,
	[VIEW_RIB_COUNT] = print_count,
	[VIEW_MEMORY] = print_memory,
	[VIEW_NEXTHOPS] = print_nexthop,
	[VIEW_SETS] = print_set,
	[VIEW_RTRS] = print_rtr,
	[VIEW_BMP] = print_bmp,
	[VIEW_FIB] = print_fib,
	[VIEW_IFACES] = print_iface,
	[VIEW_TABLES] = print_table,
	[VIEW_PROGRAMS] = print_program,
	[VIEW_MRT_PEERS] = print_mrt_peer,
	[VIEW_NETWORKS] = print_network,
	[VIEW_VERSION] = print_version,
};

static void
show_text_row(const struct ctl_output *o, const char *key,
    const struct value *v)
{
	size_t n = sizeof(show_printers) / sizeof(show_printers[0]);

	if (o->view == VIEW_SUMMARY)
		print_summary(v, o->is_numeric);
	else if (o->view == VIEW_TERSE)
		print_terse(v, o->is_numeric);
	else if (o->view == VIEW_RIB_DETAIL || o->view == VIEW_RIB_SSV)
		print_rib_detail(v, o->view == VIEW_RIB_SSV);
	else if (o->view == VIEW_CONFIG_DIFF || o->view == VIEW_CONFIG_IMPACT)
		print_config(key, v);
	else if (o->view < n && show_printers[o->view] != NULL)
		show_printers[o->view](v);
}

/* For who waits at a terminal while the rows go elsewhere. */
static void
show_progress(const struct ctl_output *o)
{
	if (o->has_progress && o->n_rows % PROGRESS_ROWS == 0)
		fprintf(stderr, "\r%llu rows ",
		    (unsigned long long)o->n_rows);
}

void
ctl_row(struct ctl_output *o, const char *key, const struct value *v)
{
	if (strcmp(key, "note") == 0) {
		fflush(stdout);
		fprintf(stderr, "%s\n", value_string(v, ""));
		return;
	}
	o->n_rows++;
	show_progress(o);
	if (o->view == VIEW_METRICS) {
		metrics_row(o, v);
		return;
	}
	if (o->view == VIEW_EVENTS) {
		if (o->is_json)
			json_event(o, v);
		else
			print_event(v);
		fflush(stdout);		/* it may be long to the next */
		return;
	}
	if (o->is_json) {
		show_json_row(o, key, v);
		return;
	}
	if (o->is_mrt && strcmp(key, "message") == 0) {
		print_mrt_message(v);
		return;
	}
	if (o->is_mrt && o->view == VIEW_RIB && ++o->n_lists == 1)
		print_rib_head();
	show_text_row(o, key, v);
}

void
ctl_end(struct ctl_output *o, const char *error)
{
	if (o->has_progress && o->n_rows >= PROGRESS_ROWS)
		fprintf(stderr, "\r%llu rows\n",
		    (unsigned long long)o->n_rows);
	if (o->view == VIEW_METRICS) {
		if (error[0] == '\0')
			metrics_print(o);
		else
			warnx("%s", error);
		metrics_fini(o);
		return;
	}
	if (o->view == VIEW_EVENTS && o->is_json) {
		emit_json_init(&o->emit, o->out, false);
		emit_begin_object(&o->emit);
	}
	if (o->is_json) {
		if (o->is_mrt && o->list == NULL)
			show_json_kind(o, o->view == VIEW_MRT_PEERS ? "peer" :
			    "rib");
		if (o->list != NULL)
			emit_end_array(&o->emit);
		if (show_list(o->view) == NULL || error[0] != '\0') {
			emit_key_string(&o->emit, "status",
			    error[0] == '\0' ? "OK" : "FAILED");
			if (error[0] != '\0')
				emit_key_string(&o->emit, "error", error);
		}
		emit_end_object(&o->emit);
		ctl_flush(o);
		printf("\n");
		return;
	}
	if (error[0] != '\0')
		printf("%s\n", error);
	else if (o->view == VIEW_PLAIN)
		printf("request processed\n");
	else if (o->view == VIEW_CONFIG_DIFF && o->n_rows == 0)
		printf("nothing would change\n");
	else if (o->view == VIEW_CONFIG_IMPACT && o->n_rows == 0)
		printf("no route would change\n");
}
