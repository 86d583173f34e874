/* SPDX-License-Identifier: ISC */
/*
 * The kernel's tables that we fill: Loc-RIB's and those of other RIBs. Changes
 * of the RDE are carried out in batches while a table is coupled; what is ours
 * in a table goes when it is decoupled, leaves the model or becomes another
 * RIB's. One table is filled by one RIB (the configuration sees to it).
 */
#include "parent/kroute.h"

#include "common/chan.h"
#include "common/config.h"
#include "parent/parent.h"

#include <err.h>
#include <errno.h>
#include <linux/rtnetlink.h>
#include <stdlib.h>
#include <string.h>

#define KROUTE_PROTOCOL		RTPROT_BGP

static struct ktable *
table_find(const struct kroute *k, uint32_t table)
{
	size_t i;

	for (i = 0; i < k->n_tables; i++)
		if (k->tables[i].table == table)
			return &k->tables[i];
	return NULL;
}

/*
 * Changes.
 */
void
kroute_apply(struct kroute *k, const struct netlink_route *routes, size_t n)
{
	const struct log *log = &k->parent->env->log;
	size_t n_refused;
	int error;

	n_refused = netlink_change(k->change_fd, routes, n, &error);
	if (n_refused == 0)
		return;
	if (!k->is_failing)
		log_warn(log, "kernel routes: %zu of %zu changes refused: %s",
		    n_refused, n, strerror(error));
	else
		log_debug(log, "kernel routes: %zu of %zu changes refused: "
		    "%s", n_refused, n, strerror(error));
	k->is_failing = true;
}

/* Carry them out, in a table that still wants them; their number. */
static uint32_t
change_all(struct kroute *k, const struct ktable *t, struct rd *r)
{
	struct netlink_route batch[NETLINK_BATCH_MAX];
	static const uint8_t types[] = {
		[KROUTE_NONE] = RTN_UNSPEC, [KROUTE_GATEWAY] = RTN_UNICAST,
		[KROUTE_BLACKHOLE] = RTN_BLACKHOLE,
		[KROUTE_REJECT] = RTN_UNREACHABLE,
	};
	struct kroute_change c;
	uint32_t done = 0;
	size_t n = 0;

	while (buf_left(r) > 0 && kroute_get_change(r, &c) == 0) {
		done++;
		if (t == NULL)
			continue;
		batch[n++] = (struct netlink_route){
			.is_delete = c.kind == KROUTE_NONE,
			.type = types[c.kind], .protocol = KROUTE_PROTOCOL,
			.table = t->table,
			.metric = k->metric, .prefix = c.prefix,
			.gateway = c.gateway, .ifindex = c.ifindex,
		};
		kroute_stale_told(k, t->table, &c.prefix);
		if (n < NETLINK_BATCH_MAX)
			continue;
		if (t->is_coupled)
			kroute_apply(k, batch, n);
		n = 0;
	}
	if (n != 0 && t->is_coupled)
		kroute_apply(k, batch, n);
	return done;
}

/* What was said by an older model is of a table that was another RIB's. */
void
kroute_change(struct worker *w, const struct imsg *m)
{
	struct kroute *k = w->parent->kroute;
	struct rd r = buf_reader(m->data, m->len);
	uint32_t table = buf_get_u32(&r);
	struct ktable *t = k == NULL ? NULL : table_find(k, table);
	uint8_t bytes[4];
	struct wr out;

	if (t != NULL && (!t->is_on || (int32_t)(m->id - t->serial) < 0))
		t = NULL;
	buf_writer(&out, bytes, sizeof(bytes));
	buf_put_u32(&out, change_all(k, t, &r));
	chan_send(w->chan, IMSG_KROUTE_DONE, 0, out.base, out.len);
}

/*
 * Flushing.
 */
struct flush {
	struct kroute		*kroute;
	const struct ktable	*only;	/* NULL: all that are filled */
	struct netlink_route	*routes;
	size_t			 n, cap;
};

static void
flush_route(const struct netlink_event *e, void *arg)
{
	struct flush *f = arg;
	const struct ktable *t;

	if (e->kind != NETLINK_ROUTES || e->protocol != KROUTE_PROTOCOL ||
	    e->metric != f->kroute->metric)
		return;
	t = table_find(f->kroute, e->table);
	if (t == NULL || !t->is_on || (f->only != NULL && f->only != t))
		return;
	f->routes = kroute_grow(f->routes, f->n, &f->cap, sizeof(*f->routes));
	f->routes[f->n++] = (struct netlink_route){
		.is_delete = true, .protocol = KROUTE_PROTOCOL,
		.table = e->table, .metric = e->metric, .prefix = e->prefix,
	};
}

struct netlink_route *
kroute_list(struct kroute *k, const struct ktable *only, size_t *n)
{
	struct flush f = { .kroute = k, .only = only };

	if (netlink_dump(k->change_fd, NETLINK_ROUTES, flush_route, &f) != 0)
		log_warn(&k->parent->env->log, "kernel routes: cannot be "
		    "read: %s", strerror(errno));
	*n = f.n;
	return f.routes;
}

void
kroute_flush(struct kroute *k, const struct ktable *only)
{
	size_t i, n, n_routes;
	struct netlink_route *routes = kroute_list(k, only, &n_routes);

	for (i = 0; i < n_routes; i += n) {
		n = n_routes - i < NETLINK_BATCH_MAX ? n_routes - i :
		    NETLINK_BATCH_MAX;
		kroute_apply(k, routes + i, n);
	}
	free(routes);
	if (n_routes != 0)
		log_info(&k->parent->env->log, "kernel routes: %zu removed",
		    n_routes);
}

void
kroute_resend(struct kroute *k, uint32_t table)
{
	struct chan *c = k->parent->workers[PROC_RDE].chan;

	if (c != NULL)
		chan_send(c, IMSG_KROUTE_RESEND, table, NULL, 0);
}

/*
 * Which there are.
 */
struct ktables {
	struct ktable	*all;
	size_t		 n;
};

/* One row a table: who fills it counts before who does not. */
static void
tables_put(struct ktables *s, const char *name, uint32_t rtable, bool is_on)
{
	struct ktable t = { .table = config_kernel_table(rtable),
	    .is_on = is_on, .is_coupled = true };
	size_t i;

	for (i = 0; i < s->n && s->all[i].table != t.table; i++)
		;
	if (i < s->n && (s->all[i].is_on || !is_on))
		return;
	t.name = strdup(name);
	if (i == s->n)
		s->all = reallocarray(s->all, ++s->n, sizeof(*s->all));
	else
		free(s->all[i].name);
	if (s->all == NULL || t.name == NULL)
		err(1, "kroute");
	s->all[i] = t;
}

static void
tables_free(struct ktable *all, size_t n)
{
	size_t i;

	for (i = 0; i < n; i++)
		free(all[i].name);
	free(all);
}

static struct ktables
tables_of(const struct config *c)
{
	struct ktables s = { 0 };
	size_t i;

	tables_put(&s, "Loc-RIB", c->table, c->fib_update);
	for (i = 0; i < c->n_ribs; i++)
		if (c->ribs[i].has_table)
			tables_put(&s, c->ribs[i].name, c->ribs[i].table,
			    config_rib_fills(&c->ribs[i]));
	return s;
}

/* The one of some tables that goes on being filled as it was. */
static struct ktable *
table_same(const struct ktables *s, const struct ktable *t)
{
	size_t i;

	for (i = 0; t->is_on && i < s->n; i++)
		if (s->all[i].table == t->table && s->all[i].is_on &&
		    strcmp(s->all[i].name, t->name) == 0)
			return &s->all[i];
	return NULL;
}

/* Take over what goes on; true for those that begin, which are in doubt. */
static bool
table_begin(struct kroute *k, const struct ktables *old, struct ktable *t)
{
	const struct ktable *same = table_same(old, t);

	if (same != NULL) {
		t->is_coupled = same->is_coupled;
		t->serial = same->serial;
		return false;
	}
	t->serial = k->parent->conf_serial;
	return t->is_on;
}

void
kroute_tables_configure(struct kroute *k, const struct config *c)
{
	struct ktables old = { k->tables, k->n_tables };
	struct ktables new = tables_of(c);
	bool is_metric_new = k->metric != c->fib_priority;
	size_t i;

	for (i = 0; i < old.n; i++)
		if (old.all[i].is_on && (is_metric_new ||
		    table_same(&new, &old.all[i]) == NULL))
			kroute_flush(k, &old.all[i]);
	k->tables = new.all;
	k->n_tables = new.n;
	k->table = config_kernel_table(c->table);
	k->metric = c->fib_priority;
	for (i = 0; i < new.n; i++) {
		/* What another run left behind; or another RIB, a moment ago. */
		if (!table_begin(k, &old, &new.all[i]) && !is_metric_new)
			continue;
		if (old.n != 0 || !k->parent->handover.is_reload_due)
			kroute_flush(k, &new.all[i]);
		kroute_resend(k, new.all[i].table);
	}
	if (old.n == 0 && k->parent->handover.is_reload_due)
		kroute_stale_begin(k);
	tables_free(old.all, old.n);
}

void
kroute_tables_fini(struct kroute *k)
{
	tables_free(k->tables, k->n_tables);
}

bool
kroute_tables_fill(const struct config *c)
{
	size_t i;

	for (i = 0; i < c->n_ribs; i++)
		if (config_rib_fills(&c->ribs[i]))
			return true;
	return c->fib_update;
}

/*
 * bgpctl fib [table n] couple|decouple: id client; is_coupled 1, table 4
 */
static const char *
couple(struct kroute *k, uint32_t table, bool is_coupled)
{
	struct ktable *t;

	if (k == NULL)
		return "no kernel routes are configured";
	t = table_find(k, table == 0 ? k->table : table);
	if (t == NULL || !t->is_on)
		return "no routes are installed in this table";
	if (t->is_coupled == is_coupled)
		return "";
	t->is_coupled = is_coupled;
	log_info(&k->parent->env->log, "kernel routes: table %u (%s): %s",
	    t->table, t->name, is_coupled ? "coupled" : "decoupled");
	if (is_coupled)
		kroute_resend(k, t->table);
	else
		kroute_flush(k, t);
	return "";
}

void
kroute_couple(struct worker *w, const struct imsg *m)
{
	struct rd r = buf_reader(m->data, m->len);
	bool is_coupled = buf_get_u8(&r) != 0;
	const char *why = couple(w->parent->kroute, buf_get_u32(&r),
	    is_coupled);

	chan_send(w->chan, IMSG_RESULT, m->id, why, strlen(why));
}
