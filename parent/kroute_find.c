/* SPDX-License-Identifier: ISC */
/* What the kernel has, sorted, and which route an address is reached by. */
#include "parent/kroute.h"

#include "common/config.h"
#include "parent/parent.h"

#include <err.h>
#include <linux/rtnetlink.h>
#include <net/if.h>
#include <stdlib.h>
#include <string.h>

static int
iface_compare(const void *va, const void *vb)
{
	const struct kiface *a = va, *b = vb;

	return a->index < b->index ? -1 : a->index > b->index;
}

static int
prefix_number_compare(const void *va, const void *vb)
{
	const struct kroute_prefix *a = va, *b = vb;
	int r = prefix_compare(&a->prefix, &b->prefix);

	return r != 0 ? r : a->number < b->number ? -1 :
	    a->number > b->number;
}

static int
route_compare(const void *va, const void *vb)
{
	const struct netlink_event *a = va, *b = vb;
	int r = prefix_compare(&a->prefix, &b->prefix);

	return r != 0 ? r : a->metric < b->metric ? -1 :
	    a->metric > b->metric;
}

static void
sort(void *items, size_t n, size_t size, int (*compare)(const void *,
    const void *))
{
	if (n > 1)
		qsort(items, n, size, compare);
}

static void
ksnapshot_sort(struct ksnapshot *s)
{
	size_t i, k = 0;

	sort(s->ifaces, s->n_ifaces, sizeof(*s->ifaces), iface_compare);
	sort(s->addrs, s->n_addrs, sizeof(*s->addrs), prefix_number_compare);
	sort(s->routes, s->n_routes, sizeof(*s->routes), route_compare);
	sort(s->networks, s->n_networks, sizeof(*s->networks),
	    prefix_number_compare);
	for (i = 0; i < s->n_networks; i++)	/* once each */
		if (k == 0 || prefix_number_compare(&s->networks[k - 1],
		    &s->networks[i]) != 0)
			s->networks[k++] = s->networks[i];
	s->n_networks = k;
}

void *
kroute_grow(void *items, size_t n, size_t *cap, size_t size)
{
	if (n < *cap)
		return items;
	*cap = *cap == 0 ? 256 : *cap * 2;
	items = reallocarray(items, *cap, size);
	if (items == NULL)
		err(1, "kroute");
	return items;
}

/*
 * Reading what the kernel has.
 */
struct reading {
	struct kroute	*kroute;
	struct ksnapshot *snapshot;
	size_t		 cap_ifaces, cap_addrs, cap_routes, cap_networks;
};

static void
read_link(const struct netlink_event *e, void *arg)
{
	struct reading *r = arg;
	struct ksnapshot *s = r->snapshot;
	struct kiface *i;

	if (e->kind != NETLINK_LINK)
		return;
	s->ifaces = kroute_grow(s->ifaces, s->n_ifaces, &r->cap_ifaces,
	    sizeof(*s->ifaces));
	i = &s->ifaces[s->n_ifaces++];
	*i = (struct kiface){ .index = e->ifindex, .flags = e->flags };
	strlcpy(i->name, e->name, sizeof(i->name));
}

static void
read_addr(const struct netlink_event *e, void *arg)
{
	struct reading *r = arg;
	struct ksnapshot *s = r->snapshot;

	if (e->kind != NETLINK_ADDR || e->prefix.addr.family == ADDR_NONE)
		return;
	s->addrs = kroute_grow(s->addrs, s->n_addrs, &r->cap_addrs,
	    sizeof(*s->addrs));
	s->addrs[s->n_addrs++] = (struct kroute_prefix){
		.number = e->ifindex, .prefix = e->prefix,
	};
}

static void
read_network(struct reading *r, const struct netlink_event *e)
{
	struct ksnapshot *s = r->snapshot;
	bool is_connected = e->protocol == RTPROT_KERNEL &&
	    e->gateway.family == ADDR_NONE;

	if (e->type != RTN_UNICAST || e->is_linkdown ||
	    addr_is_link_local(&e->prefix.addr) ||
	    addr_is_multicast(&e->prefix.addr) || (!is_connected &&
	    e->protocol != RTPROT_STATIC && e->protocol != RTPROT_BOOT))
		return;
	s->networks = kroute_grow(s->networks, s->n_networks, &r->cap_networks,
	    sizeof(*s->networks));
	s->networks[s->n_networks++] = (struct kroute_prefix){
		.number = is_connected ? KROUTE_CONNECTED : KROUTE_STATIC,
		.prefix = e->prefix,
	};
}

static void
read_route(const struct netlink_event *e, void *arg)
{
	struct reading *r = arg;
	struct ksnapshot *s = r->snapshot;
	bool is_via_bgp = r->kroute->parent->config->nexthop_via_bgp;

	if (e->kind != NETLINK_ROUTES || e->table != r->kroute->table ||
	    (e->protocol == RTPROT_BGP && !is_via_bgp))
		return;
	s->routes = kroute_grow(s->routes, s->n_routes, &r->cap_routes,
	    sizeof(*s->routes));
	s->routes[s->n_routes++] = *e;
	read_network(r, e);
}

int
ksnapshot_read(struct kroute *k, struct ksnapshot *out)
{
	struct reading r = { .kroute = k, .snapshot = out };
	int e;

	memset(out, 0, sizeof(*out));
	if ((e = netlink_dump(k->change_fd, NETLINK_LINK, read_link,
	    &r)) == 0 &&
	    (e = netlink_dump(k->change_fd, NETLINK_ADDR, read_addr,
	    &r)) == 0)
		e = netlink_dump(k->change_fd, NETLINK_ROUTES, read_route,
		    &r);
	if (e != 0)
		ksnapshot_free(out);
	else
		ksnapshot_sort(out);
	return e;
}

void
ksnapshot_free(struct ksnapshot *s)
{
	free(s->ifaces);
	free(s->addrs);
	free(s->routes);
	free(s->networks);
	memset(s, 0, sizeof(*s));
}

const struct kiface *
kroute_iface(const struct ksnapshot *s, uint32_t index)
{
	const struct kiface key = { .index = index };

	return s->n_ifaces == 0 ? NULL : bsearch(&key, s->ifaces, s->n_ifaces,
	    sizeof(key), iface_compare);
}

bool
kroute_iface_is_up(const struct kiface *i)
{
	return i != NULL && (i->flags & IFF_UP) && (i->flags & IFF_RUNNING);
}

/* The first route of a prefix; they are in order of their metric. */
static const struct netlink_event *
routes_at(const struct ksnapshot *s, const struct prefix *p, size_t *n)
{
	size_t low = 0, high = s->n_routes, mid, end;

	while (low < high) {
		mid = low + (high - low) / 2;
		if (prefix_compare(&s->routes[mid].prefix, p) < 0)
			low = mid + 1;
		else
			high = mid;
	}
	for (end = low; end < s->n_routes &&
	    prefix_compare(&s->routes[end].prefix, p) == 0; end++)
		;
	*n = end - low;
	return s->routes + low;
}

static bool
connected_at(const struct ksnapshot *s, const struct prefix *p,
    struct kroute_nexthop *n)
{
	const struct kiface *iface;
	size_t i;

	for (i = 0; i < s->n_addrs; i++) {
		if (s->addrs[i].prefix.len_bits != p->len_bits ||
		    !prefix_contains(&s->addrs[i].prefix, &n->addr))
			continue;
		iface = kroute_iface(s, s->addrs[i].number);
		if (!kroute_iface_is_up(iface))
			continue;
		n->is_valid = n->is_connected = n->is_up = true;
		n->ifindex = iface->index;
		n->prefix = *p;
		strlcpy(n->ifname, iface->name, sizeof(n->ifname));
		return true;
	}
	return false;
}

static bool
route_qualifies(const struct kroute *k, const struct config *c,
    const struct netlink_event *r)
{
	if (r->prefix.len_bits == 0 && !c->nexthop_via_default)
		return false;
	if (r->protocol == RTPROT_BGP && !c->nexthop_via_bgp)
		return false;
	return r->type != RTN_UNICAST ||
	    (kroute_iface_is_up(kroute_iface(&k->snapshot, r->ifindex)) &&
	    !r->is_linkdown);
}

static void
route_take(const struct kroute *k, const struct netlink_event *r,
    struct kroute_nexthop *n)
{
	const struct kiface *iface = kroute_iface(&k->snapshot, r->ifindex);

	n->prefix = r->prefix;
	n->metric = r->metric;
	n->is_valid = r->type == RTN_UNICAST;
	n->gateway = r->gateway;
	n->is_connected = r->gateway.family == ADDR_NONE;
	n->ifindex = r->ifindex;
	n->is_up = kroute_iface_is_up(iface);
	if (iface != NULL)
		strlcpy(n->ifname, iface->name, sizeof(n->ifname));
}

void
kroute_resolve(const struct kroute *k, const struct config *c,
    struct kroute_nexthop *n)
{
	const struct netlink_event *r;
	struct prefix p = {
		.addr = n->addr,
		.len_bits = (uint8_t)addr_bits(n->addr.family),
	};
	size_t i, n_routes;

	*n = (struct kroute_nexthop){ .addr = n->addr };
	p.addr.scope_id = 0;
	for (;; p.len_bits--) {
		prefix_mask(&p);
		if (connected_at(&k->snapshot, &p, n))
			return;
		r = routes_at(&k->snapshot, &p, &n_routes);
		for (i = 0; i < n_routes; i++) {
			if (!route_qualifies(k, c, &r[i]))
				continue;
			route_take(k, &r[i], n);
			return;
		}
		if (p.len_bits == 0)
			return;
	}
}
