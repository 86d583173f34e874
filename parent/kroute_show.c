/* SPDX-License-Identifier: ISC */
/*
 * bgpctl show fib, interfaces and tables: read from the kernel when asked,
 * a datagram at a time, at the pace of the client.
 */
#include "parent/kroute.h"

#include "common/arena.h"
#include "common/chan.h"
#include "common/emit.h"
#include "common/err.h"
#include "common/value.h"
#include "parent/parent.h"

#include <err.h>
#include <errno.h>
#include <linux/rtnetlink.h>
#include <net/if.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define SHOWS_MAX	8	/* at a time */

enum show_origin { SHOW_OTHER, SHOW_BGP, SHOW_CONNECTED, SHOW_STATIC };

/* A walk for one client. */
struct kshow {
	struct kshow	*next;
	struct worker	*worker;	/* the broker */
	uint32_t	 client;
	int		 fd;
	struct wr	 out;
	/* what is asked for */
	uint8_t		 origin;	/* enum show_origin; OTHER: all */
	bool		 is_nexthop;
	uint8_t		 family;
	bool		 has_address;
	struct addr	 address;
	uint32_t	 table;
};

static const char *const origin_words[] = {
	[SHOW_OTHER] = "unknown", [SHOW_BGP] = "bgp",
	[SHOW_CONNECTED] = "connected", [SHOW_STATIC] = "static",
};

static void
show_end(struct worker *w, uint32_t client, const char *why)
{
	chan_send(w->chan, IMSG_SHOW_END, client, why, strlen(why));
}

static void
show_free(struct kroute *k, struct kshow *s)
{
	struct kshow **link;

	for (link = &k->shows; *link != s; link = &(*link)->next)
		;
	*link = s->next;
	if (s->fd >= 0)
		close(s->fd);
	buf_free(&s->out);
	free(s);
}

void
kroute_show_drop(struct kroute *k)
{
	while (k->shows != NULL)
		show_free(k, k->shows);
}

static enum show_origin
route_origin(const struct netlink_event *e)
{
	if (e->protocol == RTPROT_BGP)
		return SHOW_BGP;
	if (e->protocol == RTPROT_KERNEL)
		return SHOW_CONNECTED;
	return e->protocol == RTPROT_STATIC || e->protocol == RTPROT_BOOT ?
	    SHOW_STATIC : SHOW_OTHER;
}

/* Whether some next hop of ours is reached by this route. */
static bool
route_has_nexthop(const struct kroute *k, const struct netlink_event *e)
{
	const struct knexthop *n;
	size_t i;

	for (i = 0; i < sizeof(k->nexthops) / sizeof(k->nexthops[0]); i++)
		for (n = k->nexthops[i]; n != NULL; n = n->next)
			if (n->now.is_valid &&
			    n->now.ifindex == e->ifindex &&
			    prefix_compare(&n->now.prefix, &e->prefix) == 0)
				return true;
	return false;
}

static void
route_emit(const struct netlink_event *e, bool has_nexthop, struct wr *out)
{
	char text[PREFIX_TEXT_MAX];
	struct emit em;

	emit_msgpack_init(&em, out);
	emit_begin_object(&em);
	emit_key_string(&em, "prefix", prefix_print(&e->prefix, text,
	    sizeof(text)));
	emit_key_number(&em, "priority", e->metric);
	emit_key_string(&em, "origin", origin_words[route_origin(e)]);
	if (has_nexthop)
		emit_key_boolean(&em, "used_by_nexthop", true);
	if (e->type == RTN_BLACKHOLE)
		emit_key_boolean(&em, "blackhole", true);
	else if (e->type == RTN_UNREACHABLE || e->type == RTN_PROHIBIT)
		emit_key_boolean(&em, "reject", true);
	emit_key(&em, "nexthop");
	if (e->gateway.family == ADDR_NONE)
		emit_format(&em, "link#%u", e->ifindex);
	else
		emit_string(&em, addr_print(&e->gateway, text, sizeof(text)));
	emit_end_object(&em);
}

static void
show_route(const struct netlink_event *e, void *arg)
{
	struct kshow *s = arg;
	const struct kroute *k = s->worker->parent->kroute;
	bool has_nexthop;

	if (e->kind != NETLINK_ROUTES || e->table != s->table ||
	    (s->family != ADDR_NONE &&
	    s->family != e->prefix.addr.family) ||
	    (s->origin != SHOW_OTHER && s->origin != route_origin(e)) ||
	    (s->has_address && !prefix_contains(&e->prefix, &s->address)) ||
	    (e->type != RTN_UNICAST && e->type != RTN_BLACKHOLE &&
	    e->type != RTN_UNREACHABLE && e->type != RTN_PROHIBIT))
		return;
	has_nexthop = route_has_nexthop(k, e);
	if (!s->is_nexthop || has_nexthop)
		route_emit(e, has_nexthop, &s->out);
}

static bool
read_request(struct kshow *s, const struct value *v)
{
	const char *origin = value_get_string(v, "origin", "");
	const char *family = value_get_string(v, "family", "");
	const char *address = value_get_string(v, "prefix", NULL);
	size_t i;

	for (i = SHOW_BGP; i <= SHOW_STATIC; i++)
		if (strcmp(origin_words[i], origin) == 0)
			s->origin = (uint8_t)i;
	s->is_nexthop = strcmp(origin, "nexthop") == 0;
	s->family = strcmp(family, "inet") == 0 ? ADDR_IPV4 :
	    strcmp(family, "inet6") == 0 ? ADDR_IPV6 : ADDR_NONE;
	s->table = (uint32_t)value_get_number(v, "table", s->table);
	if (s->table == 0)
		s->table = RT_TABLE_MAIN;
	s->has_address = address != NULL;
	return address == NULL || addr_parse(address, &s->address) == 0;
}

/* What one datagram says; then the client is asked whether it has room. */
static void
show_go_on(struct kroute *k, struct kshow *s)
{
	int e;

	do
		e = netlink_read_dump(s->fd, show_route, s);
	while (e == 0 && s->out.len == 0);
	if (s->out.len != 0 && s->out.err == 0)
		chan_send(s->worker->chan, IMSG_SHOW_ENTRY, s->client,
		    s->out.base, s->out.len);
	buf_reset(&s->out);
	if (e == 0) {
		chan_send(s->worker->chan, IMSG_SHOW_PAUSE, s->client, NULL,
		    0);
		return;
	}
	show_end(s->worker, s->client, e == ERR_CLOSED ? "" :
	    "the kernel's routes cannot be read");
	show_free(k, s);
}

static void
show_fib(struct worker *w, uint32_t client, const struct value *v)
{
	struct kroute *k = w->parent->kroute;
	struct kshow *s, *other;
	unsigned n = 0;

	for (other = k->shows; other != NULL; other = other->next)
		n++;
	if (n >= SHOWS_MAX) {
		show_end(w, client, "too many requests");
		return;
	}
	s = calloc(1, sizeof(*s));
	if (s == NULL)
		err(1, "kroute");
	s->worker = w;
	s->client = client;
	s->table = k->table;
	s->next = k->shows;
	k->shows = s;
	buf_writer_growing(&s->out, IMSG_DATA_MAX);
	s->fd = netlink_open(false);
	if (!read_request(s, v)) {
		show_end(w, client, "invalid address");
		show_free(k, s);
	} else if (s->fd < 0 || netlink_request_routes(s->fd) != 0) {
		show_end(w, client, "the kernel's routes cannot be read");
		show_free(k, s);
	} else {
		show_go_on(k, s);
	}
}

static void
show_ifaces(struct worker *w, uint32_t client)
{
	const struct ksnapshot *s = &w->parent->kroute->snapshot;
	const struct kiface *i;
	struct emit e;
	struct wr out;
	size_t n;

	buf_writer_growing(&out, IMSG_DATA_MAX);
	for (n = 0; n < s->n_ifaces; n++) {
		i = &s->ifaces[n];
		emit_msgpack_init(&e, &out);
		emit_begin_object(&e);
		emit_key_string(&e, "name", i->name);
		emit_key_number(&e, "rdomain", 0);
		emit_key_boolean(&e, "is_up", (i->flags & IFF_UP) != 0);
		emit_key_boolean(&e, "nh_reachable", kroute_iface_is_up(i));
		emit_key_string(&e, "linkstate", i->flags & IFF_RUNNING ?
		    "active" : "no carrier");
		emit_end_object(&e);
		chan_send_wr(w->chan, IMSG_SHOW_ENTRY, client, &out);
	}
	buf_free(&out);
	show_end(w, client, "");
}

static void
show_tables(struct worker *w, uint32_t client)
{
	const struct kroute *k = w->parent->kroute;
	const struct ktable *t;
	struct emit e;
	struct wr out;
	size_t i;

	buf_writer_growing(&out, IMSG_DATA_MAX);
	for (i = 0; i < k->n_tables; i++) {
		t = &k->tables[i];
		emit_msgpack_init(&e, &out);
		emit_begin_object(&e);
		emit_key_number(&e, "rtableid", t->table);
		emit_key_string(&e, "description", t->name);
		emit_key_boolean(&e, "coupled", t->is_on && t->is_coupled);
		emit_key_boolean(&e, "admin_change", t->is_on &&
		    !t->is_coupled);
		emit_end_object(&e);
		chan_send_wr(w->chan, IMSG_SHOW_ENTRY, client, &out);
	}
	buf_free(&out);
	show_end(w, client, "");
}

void
kroute_show(struct worker *w, const struct imsg *m)
{
	struct arena *arena = arena_new(4096);
	const struct value *v = value_parse(arena, m->data, m->len);
	const char *what = value_get_string(v, "request", "");

	if (w->parent->kroute == NULL)
		show_end(w, m->id, "the kernel's routes are not followed");
	else if (v == NULL || v->kind != VALUE_OBJECT)
		show_end(w, m->id, "malformed request");
	else if (strcmp(what, "interfaces") == 0)
		show_ifaces(w, m->id);
	else if (strcmp(what, "tables") == 0)
		show_tables(w, m->id);
	else
		show_fib(w, m->id, v);
	arena_free(arena);
}

void
kroute_show_more(struct worker *w, const struct imsg *m)
{
	struct kroute *k = w->parent->kroute;
	struct kshow *s = k == NULL ? NULL : k->shows;

	while (s != NULL && s->client != m->id)
		s = s->next;
	if (s == NULL)
		return;
	if (m->data[0] != 0)
		show_go_on(k, s);
	else
		show_free(k, s);
}
