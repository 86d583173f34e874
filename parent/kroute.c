/* SPDX-License-Identifier: ISC */
/*
 * The life of kernel routes: opened when the configuration asks for them,
 * then tables filled (kroute_table.c), and what the kernel has told to the
 * RDE (next hops, networks, addresses) and to the session engine
 * (interfaces). Routes are removed at the end, and when the RDE dies.
 */
#include "parent/kroute.h"

#include "common/chan.h"
#include "common/err.h"
#include "parent/parent.h"

#include <err.h>
#include <errno.h>
#include <linux/rtnetlink.h>
#include <net/if.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define KROUTE_WAIT_USEC	20000	/* changes come in swarms */

static void	kroute_read_all(void *);

static struct chan *
rde_chan(const struct kroute *k)
{
	return k->parent->workers[PROC_RDE].chan;
}

bool
kroute_is_wanted(const struct config *c)
{
	size_t i;

	if (c->is_exabgp)
		return false;
	for (i = 0; i < c->n_networks; i++)
		if (c->networks[i].source != NULL)
			return true;
	for (i = 0; i < c->n_peers; i++)
		if (c->peers[i].depend_on != NULL)
			return true;
	return kroute_tables_fill(c);
}

/*
 * Telling what the kernel has.
 */
static void
tell_network(struct kroute *k, const struct kroute_prefix *p,
    bool is_present)
{
	struct kroute_prefix one = *p;
	uint8_t bytes[64];
	struct wr w;

	if (rde_chan(k) == NULL)
		return;
	one.is_present = is_present;
	buf_writer(&w, bytes, sizeof(bytes));
	kroute_put_prefix(&w, &one);
	chan_send(rde_chan(k), IMSG_KROUTE_NETWORK, 0, w.base, w.len);
}

/* What came and what went between two sorted lists. */
static void
tell_networks(struct kroute *k, const struct ksnapshot *before)
{
	const struct kroute_prefix *old = before->networks;
	const struct kroute_prefix *new = k->snapshot.networks;
	size_t n_old = before->n_networks, n_new = k->snapshot.n_networks;
	size_t i = 0, j = 0;
	int r;

	while (i < n_old || j < n_new) {
		r = i == n_old ? 1 : j == n_new ? -1 :
		    prefix_compare(&old[i].prefix, &new[j].prefix);
		if (r == 0)
			r = old[i].number < new[j].number ? -1 :
			    old[i].number > new[j].number;
		if (r < 0)
			tell_network(k, &old[i], false);
		else if (r > 0)
			tell_network(k, &new[j], true);
		i += r <= 0;
		j += r >= 0;
	}
}

static void
tell_iface(struct kroute *k, const char *name, bool is_up)
{
	struct chan *c = k->parent->workers[PROC_SESSION].chan;
	uint8_t bytes[1 + NETLINK_NAME_MAX];
	size_t len = strnlen(name, NETLINK_NAME_MAX - 1);

	if (c == NULL || len == 0)
		return;
	bytes[0] = is_up;
	memcpy(bytes + 1, name, len);
	chan_send(c, IMSG_IFACE_STATE, 0, bytes, 1 + len);
}

/* A name tells more than a number: who is renamed is another one. */
static bool
name_is_up(const struct ksnapshot *s, const char *name)
{
	size_t i;

	for (i = 0; i < s->n_ifaces; i++)
		if (strcmp(s->ifaces[i].name, name) == 0)
			return kroute_iface_is_up(&s->ifaces[i]);
	return false;
}

static void
tell_ifaces(struct kroute *k, const struct ksnapshot *old)
{
	const struct ksnapshot *new = &k->snapshot;
	size_t i;

	for (i = 0; i < old->n_ifaces; i++)
		if (kroute_iface_is_up(&old->ifaces[i]) &&
		    !name_is_up(new, old->ifaces[i].name))
			tell_iface(k, old->ifaces[i].name, false);
	for (i = 0; i < new->n_ifaces; i++)
		if (kroute_iface_is_up(&new->ifaces[i]) &&
		    !name_is_up(old, new->ifaces[i].name))
			tell_iface(k, new->ifaces[i].name, true);
}

static bool
nexthop_is_same(const struct kroute_nexthop *a,
    const struct kroute_nexthop *b)
{
	return a->is_valid == b->is_valid && a->is_up == b->is_up &&
	    a->is_connected == b->is_connected &&
	    addr_is_equal(&a->gateway, &b->gateway) &&
	    a->ifindex == b->ifindex && a->metric == b->metric &&
	    prefix_compare(&a->prefix, &b->prefix) == 0 &&
	    strcmp(a->ifname, b->ifname) == 0;
}

static void
nexthop_check(struct kroute *k, struct knexthop *n)
{
	struct kroute_nexthop now = { .addr = n->now.addr };
	uint8_t bytes[128];
	struct wr w;

	kroute_resolve(k, k->parent->config, &now);
	if (n->is_told && nexthop_is_same(&now, &n->now))
		return;
	n->now = now;
	n->is_told = true;
	buf_writer(&w, bytes, sizeof(bytes));
	kroute_put_nexthop(&w, &now);
	if (rde_chan(k) != NULL)
		chan_send(rde_chan(k), IMSG_NEXTHOP_UPDATE, 0, w.base, w.len);
}

static void
nexthops_check(struct kroute *k)
{
	struct knexthop *n;
	size_t i;

	for (i = 0; i < sizeof(k->nexthops) / sizeof(k->nexthops[0]); i++)
		for (n = k->nexthops[i]; n != NULL; n = n->next)
			nexthop_check(k, n);
}

/*
 * The kernel drops the routes of an interface that is set down, and says so
 * of IPv6 only. One that is up again when it is looked at has lost them
 * though nothing seems to have changed.
 */
static void
flap_check(struct kroute *k)
{
	const struct kiface *i = kroute_iface(&k->snapshot, k->down_ifindex);

	if (k->down_ifindex == UINT32_MAX || (i != NULL &&
	    (i->flags & IFF_UP)))
		kroute_resend(k, 0);
	k->down_ifindex = 0;
}

static void
kroute_read_all(void *arg)
{
	struct kroute *k = arg;
	struct ksnapshot new, old = k->snapshot;
	struct mono begin = loop_now(k->parent->env->loop);

	if (ksnapshot_read(k, &new) != 0) {
		log_warn(&k->parent->env->log, "kernel routes: cannot be "
		    "read: %s", strerror(errno));
		loop_timer_set_after_usec(&k->timer, MONO_USEC_PER_SEC);
		return;
	}
	k->snapshot = new;
	tell_ifaces(k, &old);
	tell_networks(k, &old);
	ksnapshot_free(&old);
	nexthops_check(k);
	flap_check(k);
	log_debug(&k->parent->env->log, "kernel: %zu interfaces, %zu "
	    "addresses, %zu routes read in %lld us", new.n_ifaces,
	    new.n_addrs, new.n_routes, (long long)mono_diff_usec(
	    loop_now(k->parent->env->loop), begin));
}

/* Our own routes come back to us: they change nothing. */
static void
watch_event(const struct netlink_event *e, void *arg)
{
	struct kroute *k = arg;

	if (e->kind == NETLINK_ROUTES && (e->table != k->table ||
	    (e->protocol == RTPROT_BGP &&
	    !k->parent->config->nexthop_via_bgp)))
		return;
	if (e->kind == NETLINK_LINK && (e->flags & IFF_UP) == 0)
		k->down_ifindex = k->down_ifindex == 0 ||
		    k->down_ifindex == e->ifindex ? e->ifindex : UINT32_MAX;
	if (!k->timer.is_set)
		loop_timer_set_after_usec(&k->timer, KROUTE_WAIT_USEC);
}

static void
watch_on_ready(int ready, void *arg)
{
	struct kroute *k = arg;
	int e = netlink_read(k->watch_fd, watch_event, k);

	(void)ready;
	if (e == ERR_FULL && !k->timer.is_set)
		loop_timer_set_after_usec(&k->timer, KROUTE_WAIT_USEC);
}

/*
 * Next hops of the RDE.
 */
static struct knexthop **
nexthop_bucket(struct kroute *k, const struct addr *a)
{
	uint32_t h = a->family;
	size_t i;

	for (i = 0; i < sizeof(a->bytes); i++)
		h = h * 31 + a->bytes[i];
	h ^= h >> 15;
	return &k->nexthops[h % (sizeof(k->nexthops) /
	    sizeof(k->nexthops[0]))];
}

static void
nexthop_add(struct kroute *k, const struct addr *a)
{
	struct knexthop *n, **bucket = nexthop_bucket(k, a);

	for (n = *bucket; n != NULL; n = n->next)
		if (addr_is_equal(&n->now.addr, a))
			return;
	if (k->n_nexthops >= KROUTE_NEXTHOPS_MAX)
		return;
	n = calloc(1, sizeof(*n));
	if (n == NULL)
		err(1, "kroute");
	n->now.addr = *a;
	n->next = *bucket;
	*bucket = n;
	k->n_nexthops++;
	nexthop_check(k, n);
}

static void
nexthop_del(struct kroute *k, const struct addr *a)
{
	struct knexthop *n, **link = nexthop_bucket(k, a);

	while (*link != NULL && !addr_is_equal(&(*link)->now.addr, a))
		link = &(*link)->next;
	if ((n = *link) == NULL)
		return;
	*link = n->next;
	free(n);
	k->n_nexthops--;
}

static void
nexthops_forget(struct kroute *k)
{
	struct knexthop *n;
	size_t i;

	for (i = 0; i < sizeof(k->nexthops) / sizeof(k->nexthops[0]); i++)
		while ((n = k->nexthops[i]) != NULL) {
			k->nexthops[i] = n->next;
			free(n);
		}
	k->n_nexthops = 0;
}

/*
 * Life.
 */
static void
kroute_close(struct kroute *k)
{
	k->parent->kroute = NULL;
	loop_watch_fini(&k->watch);
	loop_timer_fini(&k->timer);
	close(k->watch_fd);
	close(k->change_fd);
	nexthops_forget(k);
	kroute_stale_fini(k);
	kroute_tables_fini(k);
	kroute_show_drop(k);
	ksnapshot_free(&k->snapshot);
	free(k);
}

static struct kroute *
kroute_open(struct parent *p)
{
	struct kroute *k = calloc(1, sizeof(*k));

	if (k == NULL)
		err(1, "kroute");
	k->parent = p;
	k->watch_fd = netlink_open(true);
	k->change_fd = netlink_open(false);
	if (k->watch_fd < 0 || k->change_fd < 0) {
		log_err(&p->env->log, "kernel routes: netlink: %s",
		    strerror(errno));
		if (k->watch_fd >= 0)
			close(k->watch_fd);
		free(k);
		return NULL;
	}
	p->kroute = k;
	loop_watch_init(&k->watch, p->env->loop, k->watch_fd, watch_on_ready,
	    k);
	loop_watch_set(&k->watch, LOOP_READ);
	loop_timer_init(&k->timer, p->env->loop, kroute_read_all, k);
	kroute_stale_init(k);
	return k;
}

/* is_on 1: the RDE looks next hops up, and tells routes of its RIBs. */
static void
tell_state(struct parent *p)
{
	uint8_t is_on = p->kroute != NULL && kroute_tables_fill(p->config);

	if (p->workers[PROC_RDE].chan != NULL)
		chan_send(p->workers[PROC_RDE].chan, IMSG_KROUTE_STATE, 0,
		    &is_on, 1);
}

void
kroute_configure(struct parent *p)
{
	const struct config *c = p->config;
	struct kroute *k = p->kroute;

	if (!kroute_is_wanted(c) || (k == NULL && (k = kroute_open(p)) == NULL)) {
		if (k != NULL)
			kroute_stop(p);
		tell_state(p);
		return;
	}
	kroute_tables_configure(k, c);
	kroute_read_all(k);
	tell_state(p);
}

void
kroute_stop(struct parent *p)
{
	struct kroute *k = p->kroute;

	if (k == NULL)
		return;
	kroute_flush(k, NULL);
	kroute_close(k);
}

void
kroute_worker_started(struct worker *w)
{
	struct parent *p = w->parent;
	struct kroute *k = p->kroute;
	const struct ksnapshot none = { 0 };

	if (w->engine->role == PROC_RDE)
		tell_state(p);
	if (k == NULL)
		return;
	if (w->engine->role == PROC_RDE) {
		nexthops_forget(k);
		tell_networks(k, &none);
	} else if (w->engine->role == PROC_SESSION) {
		tell_ifaces(k, &none);
	}
}

void
kroute_worker_gone(struct worker *w)
{
	struct kroute *k = w->parent->kroute;

	if (k != NULL && w->engine->role == PROC_API)
		kroute_show_drop(k);
	if (k == NULL || w->engine->role != PROC_RDE ||
	    w->parent->is_stopping)
		return;
	nexthops_forget(k);
	if (handover_is_resting(w->parent))
		kroute_stale_begin(k);
	else
		kroute_flush(k, NULL);
}

bool
kroute_message(struct worker *w, const struct imsg *m)
{
	struct kroute *k = w->parent->kroute;
	struct rd r = buf_reader(m->data, m->len);
	struct addr a;

	switch (m->type) {
	case IMSG_KROUTE_CHANGE:
		kroute_change(w, m);
		return true;
	case IMSG_NEXTHOP_ADD:
	case IMSG_NEXTHOP_DEL:
		if (k == NULL || imsg_get_addr(&r, &a) != 0 ||
		    a.family == ADDR_NONE)
			return true;
		if (m->type == IMSG_NEXTHOP_ADD)
			nexthop_add(k, &a);
		else
			nexthop_del(k, &a);
		return true;
	case IMSG_KROUTE_COUPLE:
		kroute_couple(w, m);
		return true;
	default:
		return false;
	}
}
