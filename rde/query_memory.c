/* SPDX-License-Identifier: ISC */
/*
 * `show rib memory`: bytes by kind. What is measured is what was taken from
 * the system for it, so that the kinds add up to what the process uses; the
 * rest of that is "other".
 */
#include "rde/query.h"

#include "common/config.h"
#include "common/emit.h"
#include "rde/group.h"
#include "rde/rib.h"

#include <malloc.h>

/* One kind: how many there are, and bytes. */
struct use {
	uint64_t	count, size;
};

static void
emit_use(struct emit *e, const char *key, struct use u)
{
	emit_key_object(e, key);
	emit_key_number(e, "count", u.count);
	emit_key_number(e, "size", u.size);
	emit_key_number(e, "references", u.count);
	emit_end_object(e);
}

static void
add_use(struct use *sum, const struct use *u)
{
	sum->count += u->count;
	sum->size += u->size;
}

/* Records, index and paths of the families. */
static struct use
emit_tables(const struct rde *rde, struct emit *e, struct use *paths)
{
	struct use sum = { 0 }, u;
	const struct table *t;
	unsigned i;

	for (i = 0; i < NLRI_N_FAMILIES; i++) {
		t = rde->tables[i];
		if (t == NULL)
			continue;
		u = (struct use){ t->n_records, table_bytes(t) };
		if (t->n_records != 0)
			emit_use(e, t->family->bgpd_name, u);
		add_use(&sum, &u);
		add_use(paths, &(struct use){ t->n_paths,
		    t->heap.used_bytes });
	}
	return sum;
}

static size_t
stream_bytes(const struct stream *s)
{
	const struct stream_family *f;
	size_t n = sizeof(*s) + s->n_members * sizeof(struct rpeer *) +
	    s->cap_entries * sizeof(struct stream_entry);
	unsigned i;

	for (i = 0; i < NLRI_N_FAMILIES; i++) {
		f = &s->families[i];
		n += f->n_words * 2 * sizeof(*f->sent) +
		    f->n_told * sizeof(*f->told);
	}
	return n;
}

/* What groups were told: Adj-RIB-Out. */
static struct use
use_of_streams(const struct rde *rde)
{
	const struct group *g;
	const struct stream *s;
	struct use u = { .size = heap_bytes(&rde->rib->told.heap) };

	for (g = rde->rib->groups; g != NULL; g = g->next) {
		u.size += sizeof(*g) + (g->memo == NULL ? 0 :
		    EXPORT_MEMO * sizeof(*g->memo));
		for (s = g->streams; s != NULL; s = s->next) {
			u.count += s->n_sent;
			u.size += stream_bytes(s);
		}
	}
	return u;
}

static struct use
use_of_policies(const struct rde *rde)
{
	const struct policy *p;
	struct use u = { 0 };

	for (p = rde->rib->policies; p != NULL; p = p->next) {
		u.count += p->n_rules;
		u.size += sizeof(*p) + p->n_rules * sizeof(*p->rules) +
		    (p->memo == NULL ? 0 : FILTER_MEMO * sizeof(*p->memo));
	}
	return u;
}

/* What programs and the configuration originate for single neighbors. */
static struct use
use_of_origs(const struct rde *rde)
{
	const struct orig *o;
	struct use u = { 0 };
	uint32_t i;

	for (i = 1; i < rde->n_peers; i++) {
		if (rde->peers[i] == NULL || rde->peers[i]->orig == NULL)
			continue;
		o = rde->peers[i]->orig;
		u.count += o->n_entries;
		u.size += sizeof(*o) + heap_bytes(&o->heap) +
		    map_bytes(&o->map) + map_bytes(&o->told);
	}
	return u;
}

static struct use
use_of_peers(const struct rde *rde)
{
	struct use u = { .size = rde->n_peers * sizeof(struct rpeer *) };
	uint32_t i;

	for (i = 1; i < rde->n_peers; i++) {
		if (rde->peers[i] != NULL)
			u.count++;
	}
	u.size += u.count * sizeof(struct rpeer);
	return u;
}

void
query_emit_memory(struct rde *rde, struct wr *out)
{
	struct mallinfo2 m = mallinfo2();
	struct use paths = { 0 }, total = { 0 }, tables, rest;
	struct use kinds[] = {
		{ rde->attrsets.n_sets, heap_bytes(&rde->attrsets.heap) +
		    map_bytes(&rde->attrsets.map) },
		use_of_streams(rde), use_of_policies(rde), use_of_origs(rde),
		use_of_peers(rde),
	};
	static const char *const names[] = {
		"rde_aspath", "adj_rib_out", "filter", "originated", "peers",
	};
	struct emit e;
	size_t i;

	emit_msgpack_init(&e, out);
	emit_begin_object(&e);
	tables = emit_tables(rde, &e, &paths);
	emit_use(&e, "rib", tables);
	emit_use(&e, "prefix", paths);	/* of the RIB */
	total.size = tables.size;
	for (i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
		emit_use(&e, names[i], kinds[i]);
		total.size += kinds[i].size;
	}
	rest.count = 1;
	rest.size = m.arena + m.hblkhd > total.size ?
	    m.arena + m.hblkhd - total.size : 0;
	emit_use(&e, "other", rest);
	total.count = tables.count;
	total.size += rest.size;
	emit_use(&e, "total", total);
	emit_key_number(&e, "dirty", rde->rib->n_dirty);
	emit_key_number(&e, "streams", rde->rib->n_streams);
	emit_key_number(&e, "lagging", rde->rib->n_lagging);
	emit_key_number(&e, "refiltered", rde->rib->n_refiltered);
	emit_end_object(&e);
}
