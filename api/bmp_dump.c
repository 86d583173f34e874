/* SPDX-License-Identifier: ISC */
/*
 * The tables, for a station that is new: UPDATEs made of what the RDE tells
 * of each that the station asked for, and End-of-RIB for each family. The
 * walk begins behind a barrier that goes the way of the UPDATEs, through
 * session engine and RDE: what came before it is in the tables. What came
 * after is kept and told behind the dump, so that no older state comes last.
 */
#include "api/bmp_engine.h"

#include "api/bmp_update.h"
#include "common/arena.h"
#include "common/chan.h"
#include "common/emit.h"
#include "common/env.h"
#include "common/err.h"
#include "common/nlri/nlri.h"
#include "common/value.h"

#include <err.h>
#include <stdlib.h>
#include <string.h>

#define USEC_PER_SEC	1000000u
#define BARRIER_ANSWERS	2		/* of session engine and RDE */

enum dump_step { DUMP_BARRIER, DUMP_IN, DUMP_POST, DUMP_OUT, DUMP_LOC,
	DUMP_DRAIN };

/* What each step tells, and how the RDE is asked for it. */
static const struct {
	uint8_t		 bit;		/* CONF_BMP_ */
	const char	*direction;	/* NULL: Loc-RIB */
	bool		 is_best;
} dump_steps[] = {
	[DUMP_IN] = { CONF_BMP_PRE_POLICY, "in", false },
	[DUMP_POST] = { CONF_BMP_POST_POLICY, NULL, false },
	[DUMP_OUT] = { CONF_BMP_ADJ_RIB_OUT, "out", false },
	[DUMP_LOC] = { CONF_BMP_LOC_RIB, NULL, true },
};

/* A session that was up when the dump began, and its UPDATE being made. */
struct dump_peer {
	uint32_t		 id;		/* 0: Loc-RIB */
	struct bmp_session	 session;	/* facts only */
	struct bmp_update	 update;
};

struct bmp_dump {
	uint32_t		 request;
	enum dump_step		 step;
	unsigned		 n_answers;	/* to the barrier */
	bool			 is_paused;
	uint64_t		 n_routes;
	struct dump_peer	*peers;		/* by id */
	size_t			 n_peers;
};

static bool
dump_is_walking(const struct bmp_dump *d)
{
	return d->step != DUMP_BARRIER && d->step != DUMP_DRAIN;
}

/* A message stands at the end of out. */
static void
dump_put(struct bmp_station *st, size_t start)
{
	bmp_end(&st->out.bytes, start);
	st->n_messages++;
	bmp_station_write(st);
}

static struct bmp_peer
dump_header(const struct bmp_station *st, const struct dump_peer *p,
    uint64_t time_usec)
{
	if (st->dump->step == DUMP_LOC)
		return bmp_loc_header(st->bmp, time_usec);
	return bmp_header(&p->session, bmp_update_flags(&p->session,
	    dump_steps[st->dump->step].bit), time_usec);
}

static void
dump_put_update(struct bmp_station *st, const struct dump_peer *p,
    uint64_t time_usec, struct rd message)
{
	struct bmp_peer peer = dump_header(st, p, time_usec);
	size_t start = bmp_begin(&st->out.bytes, BMP_ROUTE_MONITORING, &peer);

	buf_put_bytes(&st->out.bytes, message.pos, buf_left(&message));
	dump_put(st, start);
}

/* The UPDATE that was being made is whole. */
static void
dump_flush(struct bmp_station *st, struct dump_peer *p)
{
	struct env *env = st->bmp->api->env;
	struct rd message = bmp_update_end(&p->update);

	if (buf_left(&message) != 0)
		dump_put_update(st, p, (uint64_t)env->wall_usec(env) -
		    (uint64_t)p->update.age_sec * USEC_PER_SEC, message);
}

static void
dump_flush_all(struct bmp_station *st)
{
	size_t i;

	for (i = 0; i < st->dump->n_peers; i++)
		dump_flush(st, &st->dump->peers[i]);
}

/* RFC 4724's markers, of each family that the session has. */
static void
dump_put_ends(struct bmp_station *st)
{
	struct env *env = st->bmp->api->env;
	uint64_t now = (uint64_t)env->wall_usec(env);
	uint32_t mask;
	struct dump_peer *p;
	uint8_t bytes[64];
	struct wr w;
	size_t i;
	unsigned id;

	for (i = 0; i < st->dump->n_peers; i++) {
		p = &st->dump->peers[i];
		if ((st->dump->step == DUMP_LOC) != (p->id == 0))
			continue;
		mask = p->id == 0 ? bmp_loc_families(st->bmp) :
		    p->session.facts.negotiated.family_mask;
		for (id = 0; id < NLRI_N_FAMILIES; id++) {
			if ((mask >> id & 1) == 0)
				continue;
			buf_writer(&w, bytes, sizeof(bytes));
			update_put_eor(&w, nlri_by_id(id));
			dump_put_update(st, p, now, buf_written(&w));
		}
	}
}

static int
dump_compare(const void *a, const void *b)
{
	uint32_t x = ((const struct dump_peer *)a)->id;
	uint32_t y = ((const struct dump_peer *)b)->id;

	return x < y ? -1 : x > y;
}

static struct dump_peer *
dump_peer(struct bmp_dump *d, uint32_t id)
{
	struct dump_peer key = { .id = id };

	return d->n_peers == 0 ? NULL : bsearch(&key, d->peers, d->n_peers,
	    sizeof(*d->peers), dump_compare);
}

static struct dump_peer *
dump_add_peer(struct bmp_dump *d, uint32_t id)
{
	struct dump_peer *p;

	d->peers = reallocarray(d->peers, d->n_peers + 1, sizeof(*d->peers));
	if (d->peers == NULL)
		err(1, "bmp");
	p = &d->peers[d->n_peers++];
	memset(p, 0, sizeof(*p));
	p->id = id;
	bmp_update_init(&p->update);
	return p;
}

bool
bmp_dump_take(struct bmp_station *st, const struct bmp_session *s)
{
	struct bmp_dump *d = st->dump;
	size_t i;

	if (d == NULL || d->step != DUMP_BARRIER)
		return false;
	for (i = 0; i < d->n_peers; i++)
		if (d->peers[i].id == s->id)
			return false;
	dump_add_peer(d, s->id)->session.facts = s->facts;
	return true;
}

void
bmp_dump_try(struct bmp_station *st)
{
	struct api *api = st->bmp->api;

	if (st->dump == NULL || st->dump->step != DUMP_BARRIER ||
	    api->session == NULL || api->rde == NULL)
		return;
	st->dump->request = bmp_new_request(st->bmp);
	st->dump->n_answers = 0;
	chan_send(api->session, IMSG_BARRIER, st->dump->request, NULL, 0);
}

void
bmp_dump_begin(struct bmp_station *st)
{
	st->dump = calloc(1, sizeof(*st->dump));
	if (st->dump == NULL)
		err(1, "bmp");
	dump_add_peer(st->dump, 0);	/* Loc-RIB */
	bmp_dump_try(st);
}

void
bmp_dump_free(struct bmp_station *st)
{
	struct bmp_dump *d = st->dump;
	struct chan *rde = st->bmp->api->rde;
	size_t i;

	if (d == NULL)
		return;
	if (rde != NULL && dump_is_walking(d))
		chan_send(rde, IMSG_RIB_CANCEL, d->request, NULL, 0);
	for (i = 0; i < d->n_peers; i++)
		bmp_update_fini(&d->peers[i].update);
	free(d->peers);
	free(d);
	st->dump = NULL;
}

static void
dump_set_formats(struct bmp_dump *d)
{
	size_t i;

	for (i = 0; i < d->n_peers; i++)
		d->peers[i].update.format = d->peers[i].id == 0 ?
		    bmp_loc_format() : bmp_format(&d->peers[i].session,
		    d->step == DUMP_OUT);
}

static void
dump_ask(struct bmp_station *st)
{
	struct bmp_dump *d = st->dump;
	struct emit e;
	struct wr w;

	dump_set_formats(d);
	d->is_paused = false;
	d->request = bmp_new_request(st->bmp);
	buf_writer_growing(&w, IMSG_DATA_MAX);
	emit_msgpack_init(&e, &w);
	emit_begin_object(&e);
	if (dump_steps[d->step].direction != NULL)
		emit_key_string(&e, "direction",
		    dump_steps[d->step].direction);
	if (dump_steps[d->step].is_best)
		emit_key_boolean(&e, "best", true);
	emit_key_boolean(&e, "raw", true);
	emit_key_boolean(&e, "bare", true);
	emit_end_object(&e);
	chan_send_wr(st->bmp->api->rde, IMSG_RIB_REQUEST, d->request, &w);
	buf_free(&w);
}

/* What was kept while the tables were told follows. */
static void
dump_end(struct bmp_station *st)
{
	struct outq *q = &st->out;

	log_debug(&st->bmp->api->env->log, "bmp %s: %llu routes told",
	    st->conf->name, (unsigned long long)st->dump->n_routes);
	bmp_dump_free(st);
	buf_put_bytes(&q->bytes, st->later.base, st->later.len);
	buf_reset(&st->later);
	bmp_station_write(st);
}

/* The step that follows, of those that the station asked for. */
static void
dump_next(struct bmp_station *st)
{
	struct bmp_dump *d = st->dump;

	while (++d->step < DUMP_DRAIN) {
		if ((st->conf->monitor & dump_steps[d->step].bit) == 0)
			continue;
		dump_ask(st);
		return;
	}
	bmp_dump_resume(st);
}

void
bmp_dump_resume(struct bmp_station *st)
{
	struct bmp_dump *d = st->dump;
	struct chan *rde = st->bmp->api->rde;

	if (d == NULL || st->out.bytes.len - st->out.sent > BMP_DUMP_LOW)
		return;
	if (d->step == DUMP_DRAIN) {
		dump_end(st);
	} else if (d->is_paused && rde != NULL) {
		d->is_paused = false;
		chan_send(rde, IMSG_RIB_XON, d->request, NULL, 0);
		chan_flush(rde);
	}
}

static void
dump_check_room(struct bmp_station *st)
{
	struct bmp_dump *d = st->dump;
	struct chan *rde = st->bmp->api->rde;

	if (d->is_paused || rde == NULL ||
	    st->out.bytes.len - st->out.sent < BMP_DUMP_HIGH)
		return;
	d->is_paused = true;
	chan_send(rde, IMSG_RIB_XOFF, d->request, NULL, 0);
	chan_flush(rde);
}

/*
 * Entries.
 */
static struct rd
value_bytes(const struct value *v, const char *key)
{
	const struct value *b = value_get(v, key);

	return b == NULL || b->kind != VALUE_STRING ? buf_reader(NULL, 0) :
	    buf_reader(b->string, b->len);
}

static const struct nlri_family *
family_of(const struct value *v)
{
	uint64_t id = value_get_number(v, "family", NLRI_N_FAMILIES);

	return id < NLRI_N_FAMILIES ? nlri_by_id((unsigned)id) : NULL;
}

static void
dump_add(struct bmp_station *st, const struct value *v)
{
	struct dump_peer *p = dump_peer(st->dump, (uint32_t)value_get_number(
	    v, "peer", 0));
	struct rd bytes = value_bytes(v, "nlri");
	struct bmp_route r = {
		.nlri = {
			.family = family_of(v), .bytes = bytes.pos,
			.len = buf_left(&bytes), .has_path_id = true,
			.path_id = (uint32_t)value_get_number(v, "path_id",
			    0),
		},
		.attrs = value_bytes(v, "attrs"),
		.nexthop = value_bytes(v, "nexthop"),
		.age_sec = (uint32_t)value_get_number(v, "last_update_sec",
		    0),
	};

	/* Routes of our own are nobody's, but in Loc-RIB. */
	if (p == NULL || r.nlri.family == NULL || r.nlri.len == 0 ||
	    (p->id == 0) != (st->dump->step == DUMP_LOC))
		return;
	st->dump->n_routes++;
	if (bmp_update_add(&p->update, &r))
		return;
	dump_flush(st, p);
	bmp_update_add(&p->update, &r);
}

static struct bmp_station *
dump_asking(struct api *api, uint32_t request)
{
	struct bmp_station *st;

	for (st = api->bmp->stations; st != NULL; st = st->next)
		if (st->dump != NULL && st->dump->request == request)
			return st;
	return NULL;
}

void
bmp_barrier(struct api *api, uint32_t request)
{
	struct bmp_station *st = dump_asking(api, request);

	if (st == NULL || st->dump->step != DUMP_BARRIER ||
	    ++st->dump->n_answers < BARRIER_ANSWERS)
		return;
	qsort(st->dump->peers, st->dump->n_peers, sizeof(*st->dump->peers),
	    dump_compare);
	dump_next(st);
}

void
bmp_entries(struct api *api, uint32_t request, const uint8_t *bytes,
    size_t len)
{
	struct bmp_station *st = dump_asking(api, request);
	struct arena *arena;
	const struct value *v;
	size_t used;

	if (st == NULL || !dump_is_walking(st->dump))
		return;
	arena = arena_new(16 * 1024);
	while (len > 0 &&
	    (v = value_parse_front(arena, bytes, len, &used)) != NULL) {
		dump_add(st, v);
		bytes += used;
		len -= used;
		arena_reset(arena);
	}
	arena_free(arena);
	dump_check_room(st);
}

void
bmp_entries_end(struct api *api, uint32_t request, const char *why)
{
	struct bmp_station *st = dump_asking(api, request);

	if (st == NULL || !dump_is_walking(st->dump))
		return;
	if (why[0] != '\0') {
		bmp_station_close(st, why);
		return;
	}
	dump_flush_all(st);
	dump_put_ends(st);
	dump_next(st);
}
