/* SPDX-License-Identifier: ISC */
/*
 * Peers that programs make and delete while the daemon runs. The broker asks;
 * the model is the parent's, which takes from the request only what a program
 * may say, makes a new model of the old one and lets all workers apply it, as
 * after a reload. Such peers are gone at the next reload, as ExaBGP's are,
 * and peers of the file that were deleted are there again.
 *
 * What came in one turn is applied at once: a program that makes a thousand
 * peers costs few models.
 */
#include "parent/parent.h"

#include "common/arena.h"
#include "common/buf.h"
#include "common/chan.h"
#include "common/err.h"
#include "common/nlri/nlri.h"
#include "parent/conf_exabgp.h"

#include <err.h>
#include <stdlib.h>
#include <string.h>

#define DYNAMIC_PEERS_MAX	10000
#define DYNAMIC_PENDING_MAX	65536	/* requests in a turn */

struct dynamic_change {
	struct dynamic_change	*next;
	uint32_t		 request;
	bool			 is_delete;
	const char		*why;	/* refused; NULL: done */
	size_t			 len;
	uint8_t			 bytes[];
};

static void	dynamic_on_task(void *);

void
dynamic_init(struct parent *p)
{
	loop_task_init(&p->change_task, p->env->loop, dynamic_on_task, p);
}

void
dynamic_fini(struct parent *p)
{
	struct dynamic_change *d;

	while ((d = p->changes) != NULL) {
		p->changes = d->next;
		free(d);
	}
	loop_task_fini(&p->change_task);
}

void
dynamic_request(struct parent *p, const struct imsg *m)
{
	struct dynamic_change *d, **link;
	unsigned n = 0;

	for (link = &p->changes; *link != NULL; link = &(*link)->next)
		n++;
	if (n >= DYNAMIC_PENDING_MAX || p->is_stopping)
		return;
	d = calloc(1, sizeof(*d) + m->len);
	if (d == NULL)
		err(1, "dynamic");
	d->request = m->id;
	d->is_delete = m->type == IMSG_PEER_DELETE;
	d->len = m->len;
	memcpy(d->bytes, m->data, m->len);
	*link = d;
	loop_task_schedule(&p->change_task);
}

/* Decoded lists have no room: give the peers' what arena_append counts on. */
static void
dynamic_make_room(struct config *c)
{
	struct conf_peer *grown;
	size_t cap = 1;

	while (cap < c->n_peers)
		cap *= 2;
	grown = arena_alloc(c->arena, cap * sizeof(*grown));
	if (c->n_peers != 0)
		memcpy(grown, c->peers, c->n_peers * sizeof(*grown));
	c->peers = grown;
}

/* The model once more, to be changed; NULL when it cannot be had. */
static struct config *
dynamic_copy(const struct config *c)
{
	struct config *copy = config_copy(c);

	if (copy != NULL)
		dynamic_make_room(copy);
	return copy;
}

static bool
dynamic_is_good_family(const struct conf_family *f)
{
	return nlri_find(f->afi, f->safi) != NULL;
}

/* What is wrong with a request, or NULL. */
static const char *
dynamic_fault(const struct config *c, const struct conf_peer *in)
{
	size_t i, n = 0;

	for (i = 0; i < c->n_peers; i++)
		n += c->peers[i].is_dynamic;
	if (n >= DYNAMIC_PEERS_MAX)
		return "too many peers";
	if (addr_len(in->remote.addr.family) == 0 ||
	    config_peer_is_template(in) ||
	    in->local_address.family != in->remote.addr.family)
		return "peer and local address are not of one family";
	if (config_peer_by_addr(c, &in->remote.addr) != NULL)
		return "peer already exists";
	if (in->local_as == 0 || in->remote_as == 0)
		return "local-as and peer-as are needed";
	if (in->router_id == 0 && c->router_id == 0 &&
	    in->local_address.family != ADDR_IPV4)
		return "router-id is needed";
	for (i = 0; i < in->n_families; i++)
		if (!dynamic_is_good_family(&in->families[i]))
			return "unknown family";
	for (i = 0; i < in->n_apis; i++)
		if (in->apis[i].process == NULL ||
		    config_process(c, in->apis[i].process) == NULL)
			return "there is no such process";
	return NULL;
}

static void
dynamic_add_families(struct config *c, struct conf_peer *p,
    const struct conf_peer *in)
{
	struct conf_family *f;
	size_t i;

	for (i = 0; i < in->n_families; i++) {
		f = arena_append(c->arena, &p->families, &p->n_families,
		    sizeof(*f));
		f->afi = in->families[i].afi;
		f->safi = in->families[i].safi;
		f->enforce = CONF_YES;
	}
	if (in->n_families == 0) {
		f = arena_append(c->arena, &p->families, &p->n_families,
		    sizeof(*f));
		f->afi = AFI_IPV4;
		f->safi = SAFI_UNICAST;
		f->enforce = CONF_YES;
	}
}

static void
dynamic_add_apis(struct config *c, struct conf_peer *p,
    const struct conf_peer *in)
{
	struct conf_api *a;
	size_t i;

	for (i = 0; i < in->n_apis; i++) {
		a = arena_append(c->arena, &p->apis, &p->n_apis, sizeof(*a));
		a->process = config_process(c, in->apis[i].process)->name;
		a->neighbor_changes = in->apis[i].neighbor_changes;
	}
}

/* Only what stands here is taken over; the rest is the language's default. */
static const char *
dynamic_create(struct config *c, const struct dynamic_change *d)
{
	struct conf_peer in, *p;
	const char *why;

	if (config_peer_decode(c->arena, d->bytes, d->len, &in) != 0)
		return "malformed request";
	if ((why = dynamic_fault(c, &in)) != NULL)
		return why;
	p = config_add_peer(c);
	if (c->is_exabgp)
		exa_neighbor_defaults(c, p);
	else
		p->policy = CONF_YES;
	p->is_dynamic = true;
	p->remote = in.remote;
	p->local_address = in.local_address;
	p->local_as = in.local_as;
	p->local_as_short = in.local_as > UINT16_MAX ? BGP_AS_TRANS :
	    (uint16_t)in.local_as;
	p->remote_as = in.remote_as;
	/* ExaBGP's default; the check saw that there is one. */
	p->router_id = in.router_id != 0 || in.local_address.family !=
	    ADDR_IPV4 ? in.router_id : addr_to_ipv4(&in.local_address);
	p->group_updates = in.group_updates;
	p->graceful_restart = in.graceful_restart_sec != 0 ? CONF_YES :
	    CONF_NO;
	p->graceful_restart_sec = in.graceful_restart_sec & 0xfff;
	dynamic_add_families(c, p, &in);
	dynamic_add_apis(c, p, &in);
	return NULL;
}

static const char *
dynamic_delete(struct config *c, const struct dynamic_change *d)
{
	struct rd r = buf_reader(d->bytes, d->len), ids;
	const struct conf_peer *p;
	bool is_any = false;
	size_t i;

	if (imsg_get_peers(&r, &ids) != 0)
		return "malformed request";
	while (buf_left(&ids) > 0) {
		p = config_peer(c, buf_get_u32(&ids));
		if (p == NULL)
			continue;
		i = (size_t)(p - c->peers);
		memmove(&c->peers[i], &c->peers[i + 1],
		    (--c->n_peers - i) * sizeof(*p));
		is_any = true;
	}
	return is_any ? NULL : "there is no such peer";
}

static void
dynamic_answer(struct parent *p, const struct dynamic_change *d)
{
	struct chan *api = p->workers[PROC_API].chan;
	const char *why = d->why == NULL ? "" : d->why;

	if (api != NULL)
		chan_send(api, IMSG_RESULT, d->request, why, strlen(why));
}

static void
dynamic_on_task(void *arg)
{
	struct parent *p = arg;
	struct config *old = p->config, *new = dynamic_copy(old);
	struct dynamic_change *d;
	bool is_changed = false;

	for (d = p->changes; d != NULL; d = d->next) {
		d->why = new == NULL ? "the model is too large" :
		    d->is_delete ? dynamic_delete(new, d) :
		    dynamic_create(new, d);
		is_changed |= d->why == NULL;
	}
	if (is_changed) {
		config_keep_ids(old, new);
		p->config = new;
		parent_apply_config(p);
		config_free(old);
		log_info(&p->env->log, "peers changed by a program: %zu now",
		    new->n_peers);
	} else {
		config_free(new);
	}
	while ((d = p->changes) != NULL) {
		dynamic_answer(p, d);
		p->changes = d->next;
		free(d);
	}
}
