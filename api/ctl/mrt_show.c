/* SPDX-License-Identifier: ISC */
/*
 * show mrt: the records of a file as the values that the daemon would tell
 * of its own tables, printed by the same functions.
 */
#include "api/ctl/mrt.h"

#include "common/arena.h"
#include "common/attr/aspath.h"
#include "common/bgp.h"
#include "common/err.h"
#include "common/wire/message.h"
#include "common/wire/route_emit.h"

#include <err.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#define ROW_MAX		(4u << 20)
#define DEFAULT_LOCAL_PREF	100

struct mrt_show {
	struct ctl_output *o;
	struct mrt_filter filter;
	bool		 is_detail;
	struct arena	*arena;
	struct wr	 row;
	uint64_t	 n_lost;	/* rows that were too large */
};

static void
show_begin(struct mrt_show *s, struct emit *e)
{
	buf_reset(&s->row);
	emit_msgpack_init(e, &s->row);
	emit_begin_object(e);
}

static void
show_end(struct mrt_show *s, struct emit *e, const char *key)
{
	const struct value *v = NULL;

	emit_end_object(e);
	if (s->row.err == 0)
		v = value_parse(s->arena, s->row.base, s->row.len);
	if (v == NULL)
		s->n_lost++;
	else
		ctl_row(s->o, key, v);
	arena_reset(s->arena);
}

/* 2002-07-22T23:37:00Z, with microseconds if has_usec. */
static void
emit_time(struct emit *e, const char *key, uint64_t usec, bool has_usec)
{
	time_t sec = (time_t)(usec / 1000000);
	char text[32] = "";
	struct tm tm;

	if (gmtime_r(&sec, &tm) != NULL)
		strftime(text, sizeof(text), "%Y-%m-%dT%H:%M:%S", &tm);
	emit_key(e, key);
	if (has_usec)
		emit_format(e, "%s.%06uZ", text, (unsigned)(usec % 1000000));
	else
		emit_format(e, "%sZ", text);
}

static uint32_t
block_number(struct rd block, uint8_t code, uint32_t fallback)
{
	struct attr a;

	if (!attr_get(block, code, &a) || buf_left(&a.value) < 4)
		return fallback;
	return buf_get_u32(&a.value);
}

static unsigned
block_origin(struct rd block)
{
	struct attr a;

	return attr_get(block, ATTR_ORIGIN, &a) ? buf_get_u8(&a.value) : 2;
}

static void
emit_attrs(struct mrt_show *s, struct emit *e, struct rd block)
{
	emit_key_string(e, "origin",
	    route_emit_origin_word(block_origin(block)));
	emit_key_number(e, "metric", block_number(block, ATTR_MED, 0));
	emit_key_number(e, "localpref", block_number(block, ATTR_LOCAL_PREF,
	    DEFAULT_LOCAL_PREF));
	if (s->is_detail)
		route_emit_detail(e, block);
}

static void
emit_as(struct emit *e, const char *key, uint32_t as)
{
	emit_key(e, key);
	emit_format(e, "%u", as);
}

static void
emit_neighbor(struct emit *e, const struct mrt_peer *p)
{
	struct addr id = addr_from_ipv4(p->id);

	emit_key_object(e, "neighbor");
	route_emit_addr(e, "remote_addr", &p->addr);
	route_emit_addr(e, "bgp_id", &id);
	emit_as(e, "remote_as", p->as);
	emit_end_object(e);
}

static void
show_path(struct mrt_show *s, struct mrt_file *f, const struct mrt_rib *rib,
    const struct mrt_path *path)
{
	const struct mrt_peer unknown = { .addr = addr_from_ipv4(0) };
	const struct mrt_peer *peer = mrt_file_peer(f, rib, path);
	struct addr nexthop = addr_from_ipv4(0);
	struct mrt_attrs attrs;
	struct emit e;

	if (peer == NULL)
		peer = &unknown;
	if (!mrt_filter_has_neighbor(&s->filter, &peer->addr))
		return;
	if (mrt_read_attrs(path->attrs, rib->has_as4, &f->scratch,
	    &attrs) != 0)
		err(1, NULL);
	if (!mrt_filter_has_path(&s->filter, attrs.block))
		return;
	mrt_nexthop_addr(&attrs.nexthop, &nexthop);
	show_begin(s, &e);
	route_emit_prefix(&e, &rib->nlri);
	emit_key_string(&e, "family", rib->nlri.family->name);
	route_emit_aspath(&e, attrs.block);
	route_emit_addr(&e, "exit_nexthop", &nexthop);
	route_emit_addr(&e, "true_nexthop", &nexthop);
	emit_neighbor(&e, peer);
	if (path->has_path_id)
		emit_key_number(&e, "path_id", path->path_id);
	if (attrs.verdict >= ATTR_WITHDRAW)
		emit_key_boolean(&e, "error", true);
	emit_time(&e, "last_update", path->time_sec * UINT64_C(1000000),
	    false);
	emit_attrs(s, &e, attrs.block);
	show_end(s, &e, "rib");
}

static void
show_rib(void *arg, struct mrt_file *f, struct mrt_rib *rib)
{
	struct mrt_show *s = arg;
	struct mrt_path path;
	unsigned i;

	if (!mrt_filter_has_nlri(&s->filter, &rib->nlri))
		return;
	for (i = 0; i < rib->n_paths; i++) {
		mrt_next_path(rib, &path);
		show_path(s, f, rib, &path);
	}
}

static void
show_index(void *arg, const struct mrt_index *index)
{
	struct mrt_show *s = arg;
	struct rd r = index->peers;
	struct mrt_peer peer;
	struct addr id;
	struct emit e;
	unsigned i;

	for (i = 0; i < index->n_peers; i++) {
		mrt_next_peer(&r, &peer);
		if (!mrt_filter_has_neighbor(&s->filter, &peer.addr))
			continue;
		id = addr_from_ipv4(peer.id);
		show_begin(s, &e);
		emit_key_number(&e, "index", i);
		route_emit_addr(&e, "remote_addr", &peer.addr);
		emit_as(&e, "remote_as", peer.as);
		route_emit_addr(&e, "bgp_id", &id);
		show_end(s, &e, "peer");
	}
}

/* Those of a run that are wanted; their number. */
static unsigned
emit_run(struct mrt_show *s, struct emit *e, const struct update_run *run,
    bool has_path_id, const struct update_nexthop *nh)
{
	struct addr nexthop = addr_from_ipv4(0);
	struct rd r = run->run;
	struct nlri n;
	unsigned count = 0;

	while (run->family != NULL && buf_left(&r) > 0 &&
	    nlri_next(run->family, has_path_id, &r, &n) == 0) {
		if (!mrt_filter_has_nlri(&s->filter, &n))
			continue;
		if (count++ == 0) {
			emit_begin_object(e);
			emit_key_string(e, "family", run->family->name);
			if (nh != NULL && mrt_nexthop_addr(nh, &nexthop))
				route_emit_addr(e, "exit_nexthop", &nexthop);
			emit_key_array(e, "prefixes");
		}
		emit_begin_object(e);
		route_emit_prefix(e, &n);
		if (n.has_path_id)
			emit_key_number(e, "path_id", n.path_id);
		emit_end_object(e);
	}
	if (count > 0) {
		emit_end_array(e);
		emit_end_object(e);
	}
	return count;
}

/* False when nothing of it is wanted. */
static bool
emit_update(struct mrt_show *s, struct emit *e, const struct mrt_message *m,
    struct mrt_scratch *scratch)
{
	const struct update_context ctx = {
		.attr = { .has_as4 = m->has_as4,
		    .is_ebgp = m->remote.as != m->local.as },
		.family_mask = UINT32_MAX, .extended_nexthop_mask = UINT32_MAX,
		.add_path_mask = m->has_path_id ? UINT32_MAX : 0,
		.has_loopback_peer = true,
	};
	bool has_ids = m->has_path_id, has_path;
	unsigned n;
	struct update u;

	if (update_decode(m->body, &ctx, &scratch->block, &u) != 0)
		err(1, NULL);
	has_path = buf_left(&u.attrs) > 0;
	if (!mrt_filter_has_path(&s->filter, u.attrs) || (!has_path &&
	    (s->filter.as_mask != 0 || s->filter.is_empty_as)))
		return false;
	if (u.verdict >= ATTR_WITHDRAW)
		emit_key_boolean(e, "error", true);
	emit_key_array(e, "withdrawn");
	n = emit_run(s, e, &u.withdrawn, has_ids, NULL);
	n += emit_run(s, e, &u.mp_unreach, has_ids, NULL);
	emit_end_array(e);
	emit_key_array(e, "announced");
	n += emit_run(s, e, &u.nlri, has_ids, &u.nexthop);
	n += emit_run(s, e, &u.mp_reach, has_ids, &u.mp_nexthop);
	emit_end_array(e);
	if (u.eor != NULL && u.verdict == ATTR_ACCEPT)
		emit_key_string(e, "eor", u.eor->name);
	if (has_path) {
		route_emit_aspath(e, u.attrs);
		emit_attrs(s, e, u.attrs);
	}
	return n > 0 || !mrt_filter_is_of_routes(&s->filter);
}

static const char *
state_word(uint16_t state)
{
	static const char *const words[] = { "Idle", "Connect", "Active",
	    "OpenSent", "OpenConfirm", "Established" };

	return state >= 1 && state <= 6 ? words[state - 1] : "unknown";
}

static void
emit_notification(struct emit *e, struct rd body)
{
	uint8_t code = buf_get_u8(&body), subcode = buf_get_u8(&body);
	char text[256];

	emit_key_string(e, "reason", message_error_text(code, subcode, text,
	    sizeof(text)));
}

static void
show_message(void *arg, struct mrt_file *f, const struct mrt_record *record,
    const struct mrt_message *m)
{
	bool is_state = mrt_kind(record) == MRT_KIND_STATE;
	struct mrt_show *s = arg;
	struct emit e;

	if (!mrt_filter_has_neighbor(&s->filter, &m->remote.addr) ||
	    (m->type != BGP_UPDATE &&
	    mrt_filter_is_of_routes(&s->filter)))
		return;
	show_begin(s, &e);
	emit_time(&e, "time", record->time_usec,
	    record->type == MRT_BGP4MP_ET);
	route_emit_addr(&e, "remote_addr", &m->remote.addr);
	emit_as(&e, "remote_as", m->remote.as);
	route_emit_addr(&e, "local_addr", &m->local.addr);
	emit_as(&e, "local_as", m->local.as);
	if (is_state) {
		emit_key_string(&e, "type", "state");
		emit_key_string(&e, "old_state", state_word(m->old_state));
		emit_key_string(&e, "new_state", state_word(m->new_state));
	} else {
		emit_key_string(&e, "type", message_name(m->type));
		emit_key_string(&e, "direction", m->is_sent ? "sent" :
		    "received");
	}
	if (m->type == BGP_NOTIFICATION)
		emit_notification(&e, m->body);
	if (m->type == BGP_UPDATE && !emit_update(s, &e, m, &f->scratch))
		return;
	show_end(s, &e, "message");
}

const char *
mrt_show(const struct ctl_request *r, struct ctl_output *o)
{
	struct mrt_show s = { .o = o, .is_detail = ctl_has(r, "detail") };
	bool is_peers = r->view == VIEW_MRT_PEERS, is_good;
	const struct mrt_reader reader = {
		.index = is_peers ? show_index : NULL,
		.rib = is_peers ? NULL : show_rib,
		.message = is_peers ? NULL : show_message,
		.arg = &s,
	};
	const char *why = mrt_filter_read(&s.filter, r);
	struct mrt_file f;

	if (why != NULL)
		return why;
	mrt_file_open(&f, ctl_text(r, "file"));
	s.arena = arena_new(64 * 1024);
	buf_writer_growing(&s.row, ROW_MAX);
	is_good = mrt_file_walk(&f, &reader);
	mrt_file_close(&f);
	buf_free(&s.row);
	arena_free(s.arena);
	if (s.n_lost > 0)
		return "some records are too large to be shown";
	return is_good ? "" : "the file is broken";
}
