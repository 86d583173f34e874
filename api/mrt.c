/* SPDX-License-Identifier: ISC */
/*
 * MRT files: messages of neighbors as they pass, and tables as the RDE tells
 * them. The parent opens the files, one for each dump of the configuration
 * and again at each interval; a newer one takes an older one's place. When a
 * disk is full, messages are lost, with a word in the log, until there is room
 * again; a record that was cut off is continued then. A table is lost until
 * the next file.
 */
#include "api/mrt.h"

#include "common/arena.h"
#include "common/bgp.h"
#include "common/chan.h"
#include "common/emit.h"
#include "common/env.h"
#include "common/nlri/nlri.h"
#include "common/value.h"
#include "common/wire/mrt.h"

#include <err.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define FILE_HIGH	(256u * 1024)	/* written at once above this */
#define FILE_MAX	(16u << 20)
#define RETRY_SEC	5		/* after a failure */
#define NLRI_KEPT	300		/* longest NLRI of a table dump */

struct mrt_file {
	struct mrt_file	*next;
	struct api	*api;
	uint32_t	 peer_id;	/* 0: the daemon's dump */
	uint16_t	 index;		/* among its owner's dumps */
	int		 fd;
	struct wr	 out;
	struct loop_task task;		/* writes */
	bool		 is_failed;
	struct loop_timer retry;	/* when it is */
	uint64_t	 n_lost;	/* records, meanwhile */
	/* a table that is being told */
	uint32_t	 request;	/* 0: none */
	uint32_t	 sequence;
	char		 (*peers)[ADDR_TEXT_MAX];	/* of the index table */
	size_t		 n_peers;
	/* the record that is open */
	uint8_t		 nlri[NLRI_KEPT];
	size_t		 nlri_len;
	uint8_t		 family;
	bool		 has_path_id;
	size_t		 start, mark;
	uint16_t	 n_paths;
};

static void	file_close(struct mrt_file *);

static const struct conf_dump *
file_conf(const struct mrt_file *f)
{
	const struct config *c = f->api->config;
	const struct api_peer *p;

	if (c == NULL)
		return NULL;
	if (f->peer_id == 0)
		return f->index < c->n_dumps ? &c->dumps[f->index] : NULL;
	p = api_peer(f->api, f->peer_id);
	return p != NULL && f->index < p->conf->n_dumps ?
	    &p->conf->dumps[f->index] : NULL;
}

static void
file_free(struct mrt_file *f)
{
	struct mrt_file **link = &f->api->mrt_files;

	while (*link != f)
		link = &(*link)->next;
	*link = f->next;
	if (f->request != 0 && f->api->rde != NULL)
		chan_send(f->api->rde, IMSG_RIB_CANCEL, f->request, NULL, 0);
	loop_task_fini(&f->task);
	loop_timer_fini(&f->retry);
	close(f->fd);
	free(f->peers);
	buf_free(&f->out);
	free(f);
}

static bool
file_is_table(const struct mrt_file *f)
{
	const struct conf_dump *d = file_conf(f);

	return d == NULL || d->kind <= DUMP_TABLE_V2;
}

static void
file_fail(struct mrt_file *f, int error)
{
	const struct conf_dump *d = file_conf(f);

	if (!f->is_failed)
		log_err(&f->api->env->log, "dump %s: %s; it is tried again "
		    "%s", d == NULL ? "" : d->path, strerror(error),
		    file_is_table(f) ? "with the next file" :
		    "until there is room");
	f->is_failed = true;
	if (!file_is_table(f))
		loop_timer_set_after_usec(&f->retry,
		    RETRY_SEC * MONO_USEC_PER_SEC);
}

/*
 * Files take what they are given, or fail: then what is left waits, for the
 * first record of it may be written in part.
 */
static void
file_write(struct mrt_file *f)
{
	size_t at = 0;
	ssize_t n;

	while (at < f->out.len) {
		n = write(f->fd, f->out.base + at, f->out.len - at);
		if (n == -1 && errno == EINTR)
			continue;
		if (n <= 0) {
			file_fail(f, n == 0 ? ENOSPC : errno);
			break;
		}
		at += (size_t)n;
	}
	if (f->is_failed && file_is_table(f))
		at = f->out.len;
	if (at == f->out.len) {
		buf_reset(&f->out);
	} else if (at > 0) {
		memmove(f->out.base, f->out.base + at, f->out.len - at);
		f->out.len -= at;
	}
}

static void
file_on_retry(void *arg)
{
	struct mrt_file *f = arg;
	const struct conf_dump *d = file_conf(f);

	file_write(f);
	if (f->out.len != 0)
		return;
	f->is_failed = false;
	log_warn(&f->api->env->log, "dump %s: goes on; %llu records were not "
	    "written", d == NULL ? "" : d->path,
	    (unsigned long long)f->n_lost);
	f->n_lost = 0;
}

static void
file_on_task(void *arg)
{
	struct mrt_file *f = arg;

	if (f->request == 0 && !f->is_failed)
		file_write(f);
}

/* A record is whole. */
static void
file_note(struct mrt_file *f)
{
	if (f->out.err != 0 || f->out.len >= FILE_HIGH)
		file_write(f);
	else
		loop_task_schedule(&f->task);
}

static uint64_t
mrt_now(const struct api *api)
{
	return (uint64_t)api->env->wall_usec(api->env);
}

/*
 * Messages and states.
 */
static void
peer_ends(const struct api_peer *p, struct mrt_peer *remote,
    struct mrt_peer *local)
{
	const struct imsg_session_up *s = &p->session;

	*remote = (struct mrt_peer){
		.addr = p->conf->remote.addr, .as = p->is_up ? s->remote_as :
		    p->conf->remote_as,
	};
	*local = (struct mrt_peer){
		.addr = p->is_up ? s->local : p->conf->local_address,
		.as = p->is_up ? s->local_as : p->conf->local_as,
	};
	local->addr.family = remote->addr.family;
}

static bool
file_wants(const struct mrt_file *f, const struct api_peer *p, bool is_sent,
    bool is_update)
{
	const struct conf_dump *d = file_conf(f);

	if (d == NULL ||
	    (f->peer_id != 0 && f->peer_id != p->id))
		return false;
	switch ((enum conf_dump_kind)d->kind) {
	case DUMP_ALL_IN:
		return !is_sent;
	case DUMP_ALL_OUT:
		return is_sent;
	case DUMP_UPDATES_IN:
		return !is_sent && is_update;
	case DUMP_UPDATES_OUT:
		return is_sent && is_update;
	default:
		return false;
	}
}

/* Whether to write a record; those that it would take and cannot count. */
static bool
file_takes(struct mrt_file *f, const struct api_peer *p, bool is_sent,
    bool is_update)
{
	if (!file_wants(f, p, is_sent, is_update))
		return false;
	f->n_lost += f->is_failed;
	return !f->is_failed;
}

static uint16_t
message_subtype(const struct api_peer *p, bool is_sent, bool has_as4)
{
	const struct open_negotiated *n = &p->session.negotiated;
	bool has_ids = p->is_up && (is_sent ? n->add_path_send_mask :
	    n->add_path_receive_mask) != 0;

	if (has_ids)
		return is_sent ? has_as4 ? MRT_MESSAGE_AS4_LOCAL_ADDPATH :
		    MRT_MESSAGE_LOCAL_ADDPATH : has_as4 ?
		    MRT_MESSAGE_AS4_ADDPATH : MRT_MESSAGE_ADDPATH;
	return is_sent ? has_as4 ? MRT_MESSAGE_AS4_LOCAL :
	    MRT_MESSAGE_LOCAL : has_as4 ? MRT_MESSAGE_AS4 : MRT_MESSAGE;
}

void
mrt_message(struct api *api, const struct api_peer *p, const uint8_t *bytes,
    size_t len)
{
	struct rd r = buf_reader(bytes, len), head;
	bool is_sent = buf_get_u8(&r) != 0, has_as4;
	struct mrt_peer remote, local;
	struct mrt_file *f;
	uint8_t type;
	size_t start;

	head = r;
	buf_get_bytes(&head, BGP_HEADER_LEN - 1);
	type = buf_get_u8(&head);
	if (head.is_short)
		return;
	has_as4 = !p->is_up || p->session.negotiated.has_as4;
	peer_ends(p, &remote, &local);
	for (f = api->mrt_files; f != NULL; f = f->next) {
		if (!file_takes(f, p, is_sent, type == BGP_UPDATE))
			continue;
		start = mrt_begin(&f->out, mrt_now(api), MRT_BGP4MP_ET,
		    message_subtype(p, is_sent, has_as4));
		mrt_put_session(&f->out, &remote, &local, has_as4);
		buf_put_bytes(&f->out, r.pos, buf_left(&r));
		mrt_end(&f->out, start);
		file_note(f);
	}
}

void
mrt_state(struct api *api, const struct api_peer *p, uint8_t old,
    uint8_t new)
{
	struct mrt_peer remote, local;
	struct mrt_file *f;
	size_t start;

	peer_ends(p, &remote, &local);
	for (f = api->mrt_files; f != NULL; f = f->next) {
		if (!file_takes(f, p, false, false))
			continue;
		start = mrt_begin(&f->out, mrt_now(api), MRT_BGP4MP_ET,
		    MRT_STATE_CHANGE_AS4);
		mrt_put_session(&f->out, &remote, &local, true);
		/* RFC 6396 counts Idle as 1. */
		buf_put_u16(&f->out, old + 1u);
		buf_put_u16(&f->out, new + 1u);
		mrt_end(&f->out, start);
		file_note(f);
	}
}

/*
 * Tables.
 */
static void
table_put_index(struct mrt_file *f)
{
	struct api *api = f->api;
	struct mrt_peer *peers = calloc(api->n_peers + 1, sizeof(*peers));
	struct mrt_peer local;
	size_t start, i;

	f->peers = calloc(api->n_peers + 1, sizeof(*f->peers));
	if (peers == NULL || f->peers == NULL)
		err(1, "mrt");
	/* What is our own comes from peer 0. */
	peers[0] = (struct mrt_peer){
		.addr = { .family = ADDR_IPV4 }, .as = api->config->as,
		.id = api->config->router_id,
	};
	f->n_peers = api->n_peers + 1;
	for (i = 1; i < f->n_peers; i++) {
		peer_ends(&api->peers[i - 1], &peers[i], &local);
		if (api->peers[i - 1].is_up)
			peers[i].id = api->peers[i - 1].session.remote_id;
		addr_print(&peers[i].addr, f->peers[i],
		    sizeof(f->peers[i]));
	}
	start = mrt_begin(&f->out, mrt_now(api), MRT_TABLE_DUMP_V2,
	    MRT_PEER_INDEX_TABLE);
	mrt_put_peers(&f->out, api->config->router_id, peers, f->n_peers);
	mrt_end(&f->out, start);
	free(peers);
}

static void
table_ask(struct mrt_file *f, const struct conf_dump *d)
{
	struct api *api = f->api;
	struct emit e;
	struct wr w;

	buf_writer_growing(&w, IMSG_DATA_MAX);
	emit_msgpack_init(&e, &w);
	emit_begin_object(&e);
	if (d->rib != NULL && strcmp(d->rib, "Adj-RIB-In") == 0)
		emit_key_string(&e, "direction", "in");
	else if (d->rib != NULL)
		emit_key_string(&e, "table", d->rib);
	emit_key_boolean(&e, "raw", true);
	emit_end_object(&e);
	f->request = API_MRT_REQUEST | (++api->next_client &
	    (API_BMP_REQUEST - 1));
	chan_send_wr(api->rde, IMSG_RIB_REQUEST, f->request, &w);
	buf_free(&w);
}

static void
table_end_record(struct mrt_file *f)
{
	if (f->n_paths == 0)
		return;
	mrt_end_paths(&f->out, f->mark, f->n_paths);
	mrt_end(&f->out, f->start);
	f->n_paths = 0;
	if (f->out.len >= FILE_HIGH || f->out.err != 0)
		file_write(f);
}

static uint16_t
table_subtype(const struct nlri_family *f, bool has_path_id)
{
	uint16_t subtype = MRT_RIB_GENERIC;

	if (f->safi == SAFI_UNICAST || f->safi == SAFI_MULTICAST)
		subtype = (uint16_t)(MRT_RIB_IPV4_UNICAST +
		    (f->safi == SAFI_MULTICAST) + 2 * (f->afi == AFI_IPV6));
	return has_path_id ? (uint16_t)(subtype + MRT_RIB_ADDPATH) : subtype;
}

static void
table_begin_record(struct mrt_file *f, const struct nlri_family *family,
    struct rd nlri)
{
	uint16_t subtype = table_subtype(family, f->has_path_id);
	uint8_t array[3 + NLRI_KEPT];
	struct wr w;

	f->family = family->id;
	f->nlri_len = buf_left(&nlri);
	memcpy(f->nlri, nlri.pos, f->nlri_len);
	f->start = mrt_begin(&f->out, mrt_now(f->api), MRT_TABLE_DUMP_V2,
	    subtype);
	if (table_subtype(family, false) == MRT_RIB_GENERIC) {
		buf_writer(&w, array, sizeof(array));
		buf_put_u16(&w, family->afi);
		buf_put_u8(&w, family->safi);
		buf_put_bytes(&w, nlri.pos, buf_left(&nlri));
		nlri = buf_written(&w);
	}
	f->mark = mrt_begin_paths(&f->out, f->sequence++, nlri);
}

static struct rd
value_bytes(const struct value *v, const char *key)
{
	const struct value *b = value_get(v, key);

	return b == NULL || b->kind != VALUE_STRING ? buf_reader(NULL, 0) :
	    buf_reader(b->string, b->len);
}

static uint16_t
table_peer(const struct mrt_file *f, const struct value *v)
{
	const char *addr = value_get_string(value_get(v, "neighbor"),
	    "remote_addr", "");
	size_t i;

	for (i = 1; i < f->n_peers && i <= UINT16_MAX; i++)
		if (strcmp(f->peers[i], addr) == 0)
			return (uint16_t)i;
	return 0;
}

static void
table_add(struct mrt_file *f, const struct value *v)
{
	const char *name = value_get_string(v, "family", "");
	struct rd nlri = value_bytes(v, "nlri");
	static const uint8_t no_address[16];
	const struct nlri_family *family = NULL;
	struct mrt_path path = {
		.attrs = value_bytes(v, "attrs"),
		.nexthop = value_bytes(v, "nexthop"),
		.path_id = (uint32_t)value_get_number(v, "path_id", 0),
	};
	unsigned id;

	for (id = 0; id < NLRI_N_FAMILIES && family == NULL; id++)
		if (strcmp(nlri_by_id(id)->name, name) == 0)
			family = nlri_by_id(id);
	if (family == NULL || buf_left(&nlri) == 0 ||
	    buf_left(&nlri) > NLRI_KEPT)
		return;
	/* What is announced with our own address has none here. */
	if (buf_left(&path.nexthop) == 0)
		path.nexthop = buf_reader(no_address, family->afi ==
		    AFI_IPV6 ? 16 : 4);
	path.has_path_id = value_get(v, "path_id") != NULL;
	path.peer = table_peer(f, v);
	path.time_sec = (uint32_t)(mrt_now(f->api) / 1000000 -
	    value_get_number(v, "last_update_sec", 0));
	if (f->n_paths == 0 || f->n_paths == UINT16_MAX ||
	    f->family != family->id || f->has_path_id != path.has_path_id ||
	    f->nlri_len != buf_left(&nlri) ||
	    memcmp(f->nlri, nlri.pos, f->nlri_len) != 0) {
		table_end_record(f);
		f->has_path_id = path.has_path_id;
		table_begin_record(f, family, nlri);
	}
	mrt_put_path(&f->out, &path);
	f->n_paths++;
}

static struct mrt_file *
file_asking(struct api *api, uint32_t request)
{
	struct mrt_file *f;

	for (f = api->mrt_files; f != NULL && f->request != request;
	    f = f->next)
		;
	return f;
}

void
mrt_entries(struct api *api, uint32_t request, const uint8_t *bytes,
    size_t len)
{
	struct mrt_file *f = file_asking(api, request);
	struct arena *arena = arena_new(16 * 1024);
	const struct value *v;
	size_t used;

	while (f != NULL && len > 0 &&
	    (v = value_parse_front(arena, bytes, len, &used)) != NULL) {
		table_add(f, v);
		bytes += used;
		len -= used;
		arena_reset(arena);
	}
	arena_free(arena);
}

void
mrt_entries_end(struct api *api, uint32_t request)
{
	struct mrt_file *f = file_asking(api, request);

	if (f == NULL)
		return;
	table_end_record(f);
	f->request = 0;
	file_write(f);
	log_debug(&api->env->log, "dump %s: %u records", file_conf(f) == NULL ?
	    "" : file_conf(f)->path, f->sequence);
	file_free(f);
}

void
mrt_take_file(struct api *api, struct imsg *m)
{
	struct rd r = buf_reader(m->data, m->len);
	struct mrt_file *f, *old;
	const struct conf_dump *d;

	f = calloc(1, sizeof(*f));
	if (f == NULL)
		err(1, "mrt");
	*f = (struct mrt_file){
		.api = api, .peer_id = m->id, .index = buf_get_u16(&r),
		.fd = m->fd,
	};
	m->fd = -1;
	for (old = api->mrt_files; old != NULL; old = old->next) {
		if (old->peer_id != f->peer_id || old->index != f->index)
			continue;
		file_close(old);
		break;
	}
	buf_writer_growing(&f->out, FILE_MAX);
	loop_task_init(&f->task, api->env->loop, file_on_task, f);
	loop_timer_init(&f->retry, api->env->loop, file_on_retry, f);
	f->next = api->mrt_files;
	api->mrt_files = f;
	d = file_conf(f);
	if (d == NULL || (d->kind <= DUMP_TABLE_V2 && api->rde == NULL)) {
		file_free(f);
	} else if (d->kind <= DUMP_TABLE_V2) {
		table_put_index(f);
		table_ask(f, d);
	}
}

static void
file_close(struct mrt_file *f)
{
	if (f->request == 0)
		file_write(f);
	file_free(f);
}

void
mrt_forget_changed(struct api *api, const struct config *new)
{
	const struct conf_dump *was, *is;
	const struct conf_peer *p;
	struct mrt_file *f, *next;

	for (f = api->mrt_files; f != NULL; f = next) {
		next = f->next;
		was = file_conf(f);
		p = config_peer(new, f->peer_id);
		if (f->peer_id == 0)
			is = f->index < new->n_dumps ?
			    &new->dumps[f->index] : NULL;
		else
			is = p != NULL && f->index < p->n_dumps ?
			    &p->dumps[f->index] : NULL;
		if (was == NULL || is == NULL ||
		    !config_dump_is_equal(was, is))
			file_close(f);
	}
}

void
mrt_drop_all(struct api *api)
{
	while (api->mrt_files != NULL)
		file_close(api->mrt_files);
}
