/* SPDX-License-Identifier: ISC */
/*
 * Next hop self in the other family: the parent tells the addresses of this
 * machine, and ours on the interface that holds a session's local address is
 * taken.
 */
#include "rde/ifaddr.h"

#include "common/env.h"
#include "rde/engine.h"
#include "rde/group.h"

#include <err.h>
#include <stdlib.h>
#include <string.h>

#define IFADDRS_MAX	65536

void
ifaddr_fini(struct ifaddrs_table *t)
{
	free(t->rows);
	memset(t, 0, sizeof(*t));
}

static int
ifaddr_read(struct ifaddrs_table *t, struct rd r)
{
	size_t cap = 0;

	while (buf_left(&r) > 0 && t->n < IFADDRS_MAX) {
		if (t->n == cap) {
			cap = cap == 0 ? 16 : cap * 2;
			t->rows = reallocarray(t->rows, cap, sizeof(*t->rows));
			if (t->rows == NULL)
				err(1, "rde");
		}
		t->rows[t->n].interface = buf_get_u32(&r);
		if (imsg_get_addr(&r, &t->rows[t->n].addr) != 0)
			return -1;
		t->n++;
	}
	return 0;
}

/* Global ones before those of the link. */
static bool
is_better(const struct addr *a, const struct addr *b)
{
	return b->family == ADDR_NONE ||
	    (addr_is_link_local(b) && !addr_is_link_local(a));
}

struct addr
ifaddr_other(const struct ifaddrs_table *t, const struct addr *local,
    uint8_t family)
{
	struct addr best = { 0 };
	size_t i, k;

	for (i = 0; i < t->n; i++) {
		if (!addr_is_equal(&t->rows[i].addr, local))
			continue;
		for (k = 0; k < t->n; k++) {
			if (t->rows[k].interface == t->rows[i].interface &&
			    t->rows[k].addr.family == family &&
			    is_better(&t->rows[k].addr, &best))
				best = t->rows[k].addr;
		}
	}
	/* A link-local one alone is no next hop (RFC 2545 3). */
	if (addr_is_link_local(&best))
		return (struct addr){ 0 };
	best.scope_id = 0;
	return best;
}

/* What the peer was told under another next hop is told again. */
static void
peer_changed(struct rde *rde, struct rpeer *p,
    const struct ifaddrs_table *before)
{
	const struct open_negotiated *n = &p->session.negotiated;
	uint8_t family = p->session.local.family == ADDR_IPV4 ? ADDR_IPV6 :
	    ADDR_IPV4;
	struct addr was = ifaddr_other(before, &p->session.local, family);
	struct addr is = ifaddr_other(&rde->ifaddrs, &p->session.local,
	    family);
	const struct nlri_family *f;
	unsigned i;

	if (addr_is_equal(&was, &is))
		return;
	free(p->group->memo);
	p->group->memo = NULL;
	for (i = 0; i < n->n_families; i++) {
		f = nlri_by_id(n->family_order[i]);
		if (f->afi != (p->session.local.family == ADDR_IPV4 ?
		    AFI_IPV4 : AFI_IPV6))
			group_restart(rde, p, f);
	}
}

static void
ifaddr_ask(struct rde *rde)
{
	struct ifaddrs_table *t = &rde->ifaddrs;

	t->asked_at = loop_now(rde->env->loop);
	t->is_asked = true;
	t->is_outdated = false;
	chan_send(rde->parent, IMSG_LOCAL_ADDRS_REQUEST, 0, NULL, 0);
}

static bool
ifaddr_knows(const struct ifaddrs_table *t, const struct addr *a)
{
	size_t i;

	for (i = 0; i < t->n; i++)
		if (addr_is_equal(&t->rows[i].addr, a))
			return true;
	return false;
}

static bool
is_same(const struct ifaddrs_table *a, const struct ifaddrs_table *b)
{
	size_t i;

	for (i = 0; i < a->n && i < b->n; i++)
		if (a->rows[i].interface != b->rows[i].interface ||
		    !addr_is_equal(&a->rows[i].addr, &b->rows[i].addr))
			return false;
	return a->n == b->n;
}

static void
all_changed(struct rde *rde, const struct ifaddrs_table *before)
{
	struct rpeer *p;
	uint32_t i;

	for (i = 1; i < rde->n_peers; i++) {
		p = rde->peers[i];
		if (p != NULL && p->is_up && p->group != NULL)
			peer_changed(rde, p, before);
	}
}

void
ifaddr_message(struct rde *rde, const struct imsg *m)
{
	struct ifaddrs_table before = rde->ifaddrs;
	struct ifaddrs_table now = { .asked_at = before.asked_at };

	if (ifaddr_read(&now, buf_reader(m->data, m->len)) != 0) {
		log_warn(&rde->env->log, "local addresses: malformed");
		ifaddr_fini(&now);
		return;
	}
	rde->ifaddrs = now;
	if (!is_same(&before, &now))
		all_changed(rde, &before);
	if (before.is_outdated)
		ifaddr_ask(rde);
	ifaddr_fini(&before);
}

/* Hundreds of sessions that come up together ask once. */
static void
ifaddr_need(struct rde *rde, const struct addr *local)
{
	struct ifaddrs_table *t = &rde->ifaddrs;
	bool is_known = ifaddr_knows(t, local);
	bool is_recent = mono_is_set(t->asked_at) && mono_diff_sec(
	    loop_now(rde->env->loop), t->asked_at) < 1;

	if (is_recent && t->is_asked)
		t->is_outdated = t->is_outdated || !is_known;
	else if (!is_recent || !is_known)
		ifaddr_ask(rde);
}

void
ifaddr_session_up(struct rde *rde, const struct rpeer *p)
{
	const struct open_negotiated *n = &p->session.negotiated;
	uint16_t own = p->session.local.family == ADDR_IPV4 ? AFI_IPV4 :
	    AFI_IPV6;
	unsigned i;

	for (i = 0; i < n->n_families; i++) {
		if (nlri_by_id(n->family_order[i])->afi != own &&
		    (n->extended_nexthop_mask >> n->family_order[i] & 1) == 0) {
			ifaddr_need(rde, &p->session.local);
			return;
		}
	}
}
