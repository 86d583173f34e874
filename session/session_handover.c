/* SPDX-License-Identifier: ISC */
/*
 * Records of state, session engine to session engine by way of the parent,
 * which does not look inside. id: the peer; data: kind 1, then
 *   PEER: a MessagePack map, with the connection when there is a session
 *   INPUT: bytes that were read and are no whole message yet
 *   OUTPUT: bytes that were not written yet
 * A PEER comes before what else there is of it. What both OPENs said is kept
 * as these messages, and negotiated again from them.
 */
#include "session/session_handover.h"

#include "common/arena.h"
#include "common/bgp.h"
#include "common/chan.h"
#include "common/emit.h"
#include "common/env.h"
#include "common/err.h"
#include "common/net.h"
#include "common/value.h"
#include "session/engine.h"
#include "session/peer.h"

#include <err.h>
#include <stdlib.h>
#include <string.h>

#define HANDOVER_PEER	1
#define HANDOVER_INPUT	2
#define HANDOVER_OUTPUT	3
/* The RDE is not waited for longer than this. */
#define HANDOVER_QUIET_USEC	(3 * MONO_USEC_PER_SEC)

struct handover_record {
	struct handover_record	*next;
	uint32_t		 id;
	int			 fd;	/* -1: none */
	size_t			 len;
	uint8_t			 bytes[];
};

/*
 * Coming to rest.
 */
static void
handover_freeze_peer(struct peer *p)
{
	struct link *l;
	unsigned i;

	peer_flush_batch(p);
	loop_timer_clear(&p->idle_hold);
	for (i = 0; i < 2; i++) {
		l = &p->links[i];
		peer_stop_timers(l);
		if (l == p->established) {
			conn_pause(l->conn, true);
			continue;
		}
		/* Sessions that are not there yet begin anew. */
		conn_free(l->conn);
		l->conn = NULL;
		l->state = STATE_IDLE;
	}
}

static void
handover_on_timer(void *arg)
{
	session_handover_give(arg);
}

void
session_handover_begin(struct session *s)
{
	struct listener *l;
	struct peer *p;

	if (s->is_frozen)
		return;
	s->is_frozen = true;
	for (l = s->listeners; l != NULL; l = l->next) {
		loop_watch_set(&l->watch, 0);
		loop_timer_clear(&l->pause);
	}
	for (p = s->peers; p != NULL; p = p->next)
		handover_freeze_peer(p);
	if (s->api != NULL)
		chan_send(s->api, IMSG_QUIESCE, 0, NULL, 0);
	loop_timer_init(&s->quiet_timer, s->env->loop, handover_on_timer, s);
	if (s->rde == NULL) {
		session_handover_give(s);
		return;
	}
	chan_send(s->rde, IMSG_QUIESCE, 0, NULL, 0);
	loop_timer_set_after_usec(&s->quiet_timer, HANDOVER_QUIET_USEC);
}

/*
 * Giving.
 */
static void
emit_open(struct emit *e, const char *key, const struct open *o)
{
	uint8_t bytes[BGP_MESSAGE_MAX];
	struct wr w;

	buf_writer(&w, bytes, sizeof(bytes));
	open_encode(o, &w);
	emit_key(e, key);
	emit_string_len(e, (const char *)w.base, w.err != 0 ? 0 : w.len);
}

static void
emit_numbers(struct emit *e, const char *key, const uint64_t *v, size_t n)
{
	size_t i;

	emit_key_array(e, key);
	for (i = 0; i < n; i++)
		emit_number(e, v[i]);
	emit_end_array(e);
}

static void
emit_peer(struct emit *e, const struct peer *p)
{
	const struct link *l = p->established;

	emit_begin_object(e);
	emit_key_number(e, "conf", p->conf_id);
	emit_key_boolean(e, "clone", p->clone != NULL);
	emit_key_boolean(e, "down", p->is_down);
	emit_key_string(e, "down_reason", p->down_reason);
	emit_key_number(e, "changed", (uint64_t)p->changed_at.usec);
	emit_numbers(e, "sent", p->sent.messages, 8);
	emit_numbers(e, "received", p->received.messages, 8);
	emit_key_number(e, "sent_bytes", p->sent.bytes);
	emit_key_number(e, "received_bytes", p->received.bytes);
	emit_numbers(e, "refresh_sent", p->n_refresh_sent, 3);
	emit_numbers(e, "refresh_received", p->n_refresh_received, 3);
	emit_key_string(e, "error_sent", p->last_error_sent);
	emit_key_string(e, "error_received", p->last_error_received);
	emit_key_string(e, "reason", p->last_reason);
	if (l != NULL) {
		emit_key_boolean(e, "incoming", l->is_incoming);
		emit_open(e, "open", &l->local);
		emit_key(e, "remote_open");
		emit_string_len(e, (const char *)l->remote_open,
		    l->remote_open_len);
	}
	emit_end_object(e);
}

static void
give_connection(struct session *s, const struct peer *p)
{
	const struct conn *c = p->established->conn;
	const struct conn_segment *seg;

	chan_send_state(s->parent, p->id, HANDOVER_INPUT, c->in, c->in_len);
	for (seg = c->first; seg != NULL; seg = seg->next)
		chan_send_state(s->parent, p->id, HANDOVER_OUTPUT,
		    seg->block->bytes + seg->sent,
		    seg->block->len - seg->sent);
}

static void
give_peer(struct session *s, struct peer *p)
{
	struct link *l = p->established;
	struct emit e;
	struct wr w;

	buf_writer_growing(&w, IMSG_DATA_MAX);
	buf_put_u8(&w, HANDOVER_PEER);
	emit_msgpack_init(&e, &w);
	emit_peer(&e, p);
	if (l == NULL) {
		chan_send_wr(s->parent, IMSG_STATE, p->id, &w);
	} else {
		chan_send_fd(s->parent, IMSG_STATE_FD, p->id, w.base, w.len,
		    conn_detach(l->conn));
		give_connection(s, p);
	}
	buf_free(&w);
}

void
session_handover_give(struct session *s)
{
	struct peer *p;

	if (!s->is_frozen || s->is_given)
		return;
	s->is_given = true;
	loop_timer_clear(&s->quiet_timer);
	for (p = s->peers; p != NULL; p = p->next)
		if (!p->is_done)
			give_peer(s, p);
	chan_send(s->parent, IMSG_STOPPED, 0, NULL, 0);
}

/*
 * Taking.
 */
void
session_handover_keep(struct session *s, struct imsg *m)
{
	struct handover_record *r = malloc(sizeof(*r) + m->len), **link;

	if (r == NULL)
		err(1, "handover");
	r->next = NULL;
	r->id = m->id;
	r->fd = m->fd;
	m->fd = -1;
	r->len = m->len;
	memcpy(r->bytes, m->data, m->len);
	link = s->kept_tail == NULL ? &s->kept : s->kept_tail;
	*link = r;
	s->kept_tail = &r->next;
}

static void
take_numbers(const struct value *v, const char *key, uint64_t *out, size_t n)
{
	size_t i;

	for (i = 0; i < n; i++)
		out[i] = value_number(value_at(value_get(v, key), i), 0);
}

static void
take_text(const struct value *v, const char *key, char *out, size_t out_len)
{
	strlcpy(out, value_get_string(v, key, ""), out_len);
}

static void
take_facts(struct peer *p, const struct value *v)
{
	int64_t now = loop_now(p->session->env->loop).usec;

	p->is_down = value_get_boolean(v, "down", false);
	take_text(v, "down_reason", p->down_reason, sizeof(p->down_reason));
	p->changed_at.usec = (int64_t)value_get_number(v, "changed", 0);
	if (p->changed_at.usec < 0 || p->changed_at.usec > now)
		p->changed_at.usec = now;
	take_numbers(v, "sent", p->sent.messages, 8);
	take_numbers(v, "received", p->received.messages, 8);
	p->sent.bytes = value_get_number(v, "sent_bytes", 0);
	p->received.bytes = value_get_number(v, "received_bytes", 0);
	take_numbers(v, "refresh_sent", p->n_refresh_sent, 3);
	take_numbers(v, "refresh_received", p->n_refresh_received, 3);
	take_text(v, "error_sent", p->last_error_sent,
	    sizeof(p->last_error_sent));
	take_text(v, "error_received", p->last_error_received,
	    sizeof(p->last_error_received));
	take_text(v, "reason", p->last_reason, sizeof(p->last_reason));
}

static int
take_open(const struct value *v, const char *key, struct open *out)
{
	const struct value *bytes = value_get(v, key);
	struct rd r;

	if (bytes == NULL || bytes->kind != VALUE_STRING)
		return ERR_ABSENT;
	r = buf_reader(bytes->string, bytes->len);
	buf_get_bytes(&r, BGP_HEADER_LEN);
	return r.is_short ? ERR_SHORT : open_decode(r, out);
}

/* The connection becomes the session that it was; false if it cannot. */
static bool
take_session(struct peer *p, const struct value *v, int fd)
{
	bool is_incoming = value_get_boolean(v, "incoming", false);
	struct link *l = &p->links[is_incoming ? LINK_INCOMING :
	    LINK_OUTGOING];
	const struct value *remote;

	if (p->is_down || config_peer_is_off(p->conf) ||
	    take_open(v, "open", &l->local) != 0 ||
	    take_open(v, "remote_open", &l->remote) != 0)
		return false;
	remote = value_get(v, "remote_open");
	if (remote->len > BGP_MESSAGE_MAX)
		return false;
	peer_keep_open(l, (const uint8_t *)remote->string, remote->len);
	open_negotiate(&l->local, &l->remote, &l->negotiated);
	peer_resume(l, fd);
	return true;
}

static struct peer *
take_peer(struct session *s, uint32_t id, const struct value *v, int fd)
{
	const struct conf_peer *conf = config_peer(s->config,
	    (uint32_t)value_get_number(v, "conf", 0));
	bool is_clone = value_get_boolean(v, "clone", false);
	struct addr local, from = { 0 };
	uint16_t port;

	if (conf == NULL || session_peer(s, id) != NULL ||
	    is_clone != config_peer_is_template(conf) ||
	    (is_clone ? id < SESSION_CLONE_ID : id != conf->id))
		return NULL;
	/* A clone is its address; without a connection it has none. */
	if (is_clone && (fd == -1 || s->env->net->ops->names(s->env->net, fd,
	    &local, &port, &from, &port) != 0))
		return NULL;
	return session_restore_peer(s, conf, id, &from);
}

static void
restore_peer(struct session *s, struct handover_record *r)
{
	struct arena *arena = arena_new(16 * 1024);
	const struct value *v = value_parse(arena, r->bytes + 1, r->len - 1);
	struct peer *p = v == NULL ? NULL : take_peer(s, r->id, v,
	    r->fd);

	if (p == NULL)
		goto out;
	take_facts(p, v);
	if (r->fd != -1 && take_session(p, v, r->fd))
		r->fd = -1;
	else if (p->clone != NULL)
		session_peer_done(p);
	else if (!p->is_down && !config_peer_is_off(p->conf))
		peer_start(p);
out:
	arena_free(arena);
}

static void
restore_bytes(struct session *s, const struct handover_record *r)
{
	struct peer *p = session_peer(s, r->id);

	if (p == NULL || p->established == NULL)
		return;
	if (r->bytes[0] == HANDOVER_INPUT)
		conn_put_input(p->established->conn, r->bytes + 1, r->len - 1);
	else
		conn_send(p->established->conn, r->bytes + 1, r->len - 1);
}

void
session_handover_restore(struct session *s)
{
	struct handover_record *r;
	struct peer *p, *next;

	if (s->kept == NULL)
		return;
	for (r = s->kept; r != NULL; r = r->next) {
		if (r->bytes[0] == HANDOVER_PEER)
			restore_peer(s, r);
		else
			restore_bytes(s, r);
	}
	session_handover_fini(s);
	/* Now that each has all its bytes, they may speak and be heard. */
	for (p = s->peers; p != NULL; p = next) {
		next = p->next;
		if (p->established != NULL)
			peer_resume_end(p);
	}
}

void
session_handover_fini(struct session *s)
{
	struct handover_record *r;

	while ((r = s->kept) != NULL) {
		s->kept = r->next;
		if (r->fd != -1)
			s->env->net->ops->close(s->env->net, r->fd);
		free(r);
	}
	s->kept_tail = NULL;
}
