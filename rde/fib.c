/* SPDX-License-Identifier: ISC */
/* What the kernel is to route, told as it changes. */
#include "rde/fib.h"

#include "common/config.h"
#include "common/env.h"
#include "common/kroute_msg.h"
#include "rde/engine.h"
#include "rde/hash.h"
#include "rde/rib.h"

#include <err.h>
#include <stdlib.h>
#include <string.h>

#define FIB_NONE	UINT32_MAX
#define FIB_BATCH	256		/* routes of a message */
#define FIB_WAITING_MAX	1024		/* told and not yet carried out */

static const uint8_t fib_families[] = {
	NLRI_IPV4_UNICAST, NLRI_IPV6_UNICAST,
};

/* One after another, from 0 on; NULL at the end. */
static struct fib *
fib_at(const struct rde *rde, uint32_t rib)
{
	if (rib > rde->rib->n_extras)
		return NULL;
	return rib == 0 ? &rde->rib->fib : &rde->rib->extras[rib - 1]->fib;
}

void
fib_init(struct fib *f, unsigned rib)
{
	memset(f, 0, sizeof(*f));
	map_init(&f->map);
	f->rib = rib;
	f->free = FIB_NONE;
}

void
fib_fini(struct fib *f)
{
	map_fini(&f->map);
	free(f->entries);
	free(f->queue);
}

/* What the parent had is gone: begin anew, or end. */
static void
fib_set(struct rde *rde, struct fib *f, bool is_on, uint32_t table)
{
	if (f->is_on == is_on && f->table == table)
		return;
	fib_fini(f);
	fib_init(f, f->rib);
	f->is_on = f->is_passing = is_on;
	f->table = table;
	rde_schedule(rde);
}

/* As the model says of a RIB that is beside Loc-RIB, if it has it at all. */
static const struct conf_rib *
fib_conf(const struct rde *rde, const struct fib *f)
{
	const struct config *c = rde->conf;
	const char *name = rde->rib->extras[f->rib - 1]->name;
	size_t i;

	for (i = 0; i < c->n_ribs; i++) {
		if (strcmp(c->ribs[i].name, name) == 0)
			return &c->ribs[i];
	}
	return NULL;
}

void
fib_configure(struct rde *rde)
{
	bool is_followed = rde->rib->is_kernel_followed;
	const struct config *c = rde->conf;
	const struct conf_rib *r;
	struct fib *f;
	uint32_t i;

	if (c == NULL)
		return;
	fib_set(rde, &rde->rib->fib, is_followed && c->fib_update,
	    config_kernel_table(c->table));
	for (i = 1; (f = fib_at(rde, i)) != NULL; i++) {
		r = fib_conf(rde, f);
		fib_set(rde, f, is_followed && r != NULL &&
		    config_rib_fills(r),
		    r == NULL ? 0 : config_kernel_table(r->table));
	}
}

void
fib_follow(struct rde *rde, bool is_followed)
{
	rde->rib->is_kernel_followed = is_followed;
	fib_configure(rde);
}

void
fib_done(struct rde *rde, const struct imsg *m)
{
	struct rd r = buf_reader(m->data, m->len);
	struct rib *rib = rde->rib;
	uint32_t n = buf_get_u32(&r);

	rib->n_fib_waiting = n < rib->n_fib_waiting ?
	    rib->n_fib_waiting - n : 0;
	rde_schedule(rde);
}

/* What is wanted of the kernel for a record; kind NONE: nothing. */
static void
fib_wanted(struct rde *rde, struct table *t, uint32_t id,
    struct kroute_change *out)
{
	const struct record *r = table_at(t, id);
	const struct attrset *a;
	const struct nexthop *n;
	const struct path *p;

	memset(out, 0, sizeof(*out));
	if ((r->flags & RECORD_HAS_BEST) == 0)
		return;
	p = table_path(t, r, 0);
	if (p->peer == RDE_PEER_LOCAL || p->attr == ATTRSET_NONE ||
	    rpeer_is_isolated(rde->peers[p->peer]))
		return;
	a = attrset_at(&rde->attrsets, p->attr);
	if (a->flags & ATTRSET_NEXTHOP_BLACKHOLE) {
		out->kind = KROUTE_BLACKHOLE;
		return;
	}
	if (a->flags & ATTRSET_NEXTHOP_REJECT) {
		out->kind = KROUTE_REJECT;
		return;
	}
	n = nexthop_find(rde, a);
	if (n == NULL || !n->told.is_valid)
		return;
	out->gateway = n->told.gateway.family == ADDR_NONE ? n->told.addr :
	    n->told.gateway;
	out->ifindex = n->told.ifindex;
	if (out->gateway.family == (t->addr_len == 4 ? ADDR_IPV4 : ADDR_IPV6))
		out->kind = KROUTE_GATEWAY;
}

static uint32_t
fib_fingerprint(const struct rde *rde, const struct kroute_change *c)
{
	uint32_t h;

	if (c->kind == KROUTE_NONE)
		return 0;
	h = (uint32_t)hash_bytes(c->gateway.bytes, sizeof(c->gateway.bytes),
	    rde->seed ^ ((uint64_t)c->ifindex << 8 | c->kind));
	return h == 0 ? 1 : h;
}

static uint32_t
entry_hash(const struct rde *rde, const struct fib_entry *e)
{
	return (uint32_t)hash_bytes(e->bytes, sizeof(e->bytes),
	    rde->seed ^ ((uint64_t)e->is_ipv6 << 8 | e->len_bits));
}

static void
entry_key(const struct table *t, const struct record *r,
    struct fib_entry *out)
{
	memset(out, 0, sizeof(*out));
	memcpy(out->bytes, r->key, t->addr_len);
	out->len_bits = r->len_bits;
	out->is_ipv6 = t->addr_len == 16;
}

static uint32_t
entry_find(const struct rde *rde, const struct fib *f,
    const struct fib_entry *key, struct map_pos *pos)
{
	const struct fib_entry *e;
	uint32_t i = map_first(&f->map, entry_hash(rde, key), pos);

	for (; i != MAP_NONE; i = map_next(&f->map, pos)) {
		e = &f->entries[i];
		if (e->len_bits == key->len_bits &&
		    e->is_ipv6 == key->is_ipv6 &&
		    memcmp(e->bytes, key->bytes, sizeof(e->bytes)) == 0)
			return i;
	}
	return MAP_NONE;
}

static uint32_t
entry_add(const struct rde *rde, struct fib *f, const struct fib_entry *key)
{
	uint32_t i = f->free;

	if (i != FIB_NONE) {
		f->free = f->entries[i].next_free;
	} else {
		if (f->n_entries == f->cap_entries) {
			f->cap_entries = f->cap_entries == 0 ? 256 :
			    f->cap_entries * 2;
			f->entries = reallocarray(f->entries, f->cap_entries,
			    sizeof(*f->entries));
			if (f->entries == NULL)
				err(1, "fib");
		}
		i = f->n_entries++;
	}
	f->entries[i] = *key;
	map_add(&f->map, entry_hash(rde, key), i);
	return i;
}

static void
entry_del(const struct rde *rde, struct fib *f, uint32_t i)
{
	struct map_pos pos;

	if (entry_find(rde, f, &f->entries[i], &pos) != i)
		return;
	map_del(&f->map, &pos);
	f->entries[i].next_free = f->free;
	f->free = i;
}

/* A queued entry is there once: the ring never outgrows the entries. */
static void
queue_push(struct fib *f, uint32_t i)
{
	uint32_t *queue, k;

	if (f->entries[i].is_queued)
		return;
	if (f->n_queue == f->cap_queue) {
		queue = reallocarray(NULL, f->cap_queue * 2 + 256,
		    sizeof(*queue));
		if (queue == NULL)
			err(1, "fib");
		for (k = 0; k < f->n_queue; k++)
			queue[k] = f->queue[(f->head + k) % f->cap_queue];
		free(f->queue);
		f->queue = queue;
		f->head = 0;
		f->cap_queue = f->cap_queue * 2 + 256;
	}
	f->entries[i].is_queued = true;
	f->queue[(f->head + f->n_queue++) % f->cap_queue] = i;
}

static uint32_t
queue_pop(struct fib *f)
{
	uint32_t i = f->queue[f->head];

	f->head = (f->head + 1) % f->cap_queue;
	f->n_queue--;
	f->entries[i].is_queued = false;
	return i;
}

static void
fib_forget_told(struct fib *f)
{
	uint32_t i;

	for (i = 0; i < f->n_entries; i++) {
		if (f->entries[i].told == 0)
			continue;
		/* Unlike what is wanted, but something: a deletion, too. */
		f->entries[i].told = ~f->entries[i].told;
		if (f->entries[i].told == 0)
			f->entries[i].told = 2;
		queue_push(f, i);
	}
}

void
fib_resend(struct rde *rde, uint32_t table)
{
	struct fib *f;
	uint32_t i;

	for (i = 0; (f = fib_at(rde, i)) != NULL; i++)
		if (f->is_on && (table == 0 || f->table == table))
			fib_forget_told(f);
	rde_schedule(rde);
}

static bool
is_fib_family(const struct table *t)
{
	return t->family->id == NLRI_IPV4_UNICAST ||
	    t->family->id == NLRI_IPV6_UNICAST;
}

void
fib_changed(struct rde *rde, struct table *t, uint32_t id)
{
	struct fib *f = fib_at(rde, t->rib);
	struct kroute_change c;
	struct fib_entry key;
	struct map_pos pos;
	uint32_t i, wanted;

	if (!f->is_on || !is_fib_family(t))
		return;
	fib_wanted(rde, t, id, &c);
	wanted = fib_fingerprint(rde, &c);
	entry_key(t, table_at(t, id), &key);
	i = entry_find(rde, f, &key, &pos);
	if (i == MAP_NONE && wanted == 0)
		return;
	if (i == MAP_NONE)
		i = entry_add(rde, f, &key);
	if (f->entries[i].told != wanted) {
		queue_push(f, i);
		rde_schedule(rde);
	}
}

/* Put what an entry needs now to out, if that is anything. */
static bool
entry_tell(struct rde *rde, struct fib *f, uint32_t i, struct wr *out)
{
	struct fib_entry *e = &f->entries[i];
	struct table *t = rib_table(rde, f->rib, e->is_ipv6 ?
	    NLRI_IPV6_UNICAST : NLRI_IPV4_UNICAST);
	struct kroute_change c = { 0 };
	struct nlri nlri = { 0 };
	struct table_key key;
	uint8_t bytes[17];
	uint32_t id, wanted;
	struct prefix p = { .len_bits = e->len_bits };
	struct wr w;

	addr_from_bytes(e->bytes, e->is_ipv6 ? 16 : 4, &p.addr);
	buf_writer(&w, bytes, sizeof(bytes));
	nlri_put_prefix(&p, &w);
	nlri.bytes = bytes;
	nlri.len = w.len;
	if (t != NULL) {
		nlri.family = t->family;
		id = table_key(t, &nlri, &rde->key, &key) ?
		    table_find(t, &key) : TABLE_ID_NONE;
		if (id != TABLE_ID_NONE)
			fib_wanted(rde, t, id, &c);
	}
	wanted = fib_fingerprint(rde, &c);
	if (wanted == e->told) {
		if (wanted == 0)
			entry_del(rde, f, i);
		return false;
	}
	c.prefix = p;
	kroute_put_change(out, &c);
	e->told = wanted;
	if (wanted == 0)
		entry_del(rde, f, i);
	return true;
}

static bool
fib_pass(struct rde *rde, struct fib *f, struct budget *b)
{
	struct table *t;

	for (; f->family < sizeof(fib_families); f->family++, f->id = 0) {
		t = rib_table(rde, f->rib, fib_families[f->family]);
		while (t != NULL && f->id < t->n_ids) {
			if (table_is_used(t, f->id))
				fib_changed(rde, t, f->id);
			f->id++;
			if (!budget_spend(b, 2))
				return false;
		}
	}
	f->is_passing = false;
	f->family = 0;
	f->id = 0;
	return true;
}

/* One message of changes; their number. */
static uint32_t
fib_tell(struct rde *rde, struct fib *f)
{
	uint32_t n = 0;

	buf_reset(&rde->reply);
	buf_put_u32(&rde->reply, f->table);
	while (n < FIB_BATCH && f->n_queue > 0)
		n += entry_tell(rde, f, queue_pop(f), &rde->reply);
	if (n != 0)
		chan_send_wr(rde->parent, IMSG_KROUTE_CHANGE,
		    rde->conf_serial, &rde->reply);
	return n;
}

/* False when the turn is over. */
static bool
fib_run_one(struct rde *rde, struct fib *f, struct budget *b)
{
	struct rib *rib = rde->rib;

	if (!f->is_on)
		return true;
	if (f->is_passing && !fib_pass(rde, f, b))
		return false;
	while (f->n_queue > 0) {
		/* IMSG_KROUTE_DONE goes on. */
		if (rib->n_fib_waiting + FIB_BATCH > FIB_WAITING_MAX)
			return true;
		rib->n_fib_waiting += fib_tell(rde, f);
		if (!budget_spend(b, 4 * FIB_BATCH))
			return f->n_queue == 0;
	}
	return true;
}

/* Each time another RIB is the first: none waits for ever. */
bool
fib_run(struct rde *rde, struct budget *b)
{
	uint32_t n = rde->rib->n_extras + 1, i, first = rde->rib->next_fib++;

	for (i = 0; i < n; i++)
		if (!fib_run_one(rde, fib_at(rde, (first + i) % n), b))
			return false;
	return true;
}
