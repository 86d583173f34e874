/* SPDX-License-Identifier: ISC */
/*
 * A peer's connections: made, taken or refused, and what they report, put as
 * events to the state machine.
 */
#include "session/peer.h"

#include "common/bgp.h"
#include "common/chan.h"
#include "common/env.h"
#include "common/net.h"
#include "session/engine.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

/*
 * Callbacks of the connection.
 */
static void
peer_conn_open(struct conn *c, int error, void *arg)
{
	struct link *l = arg;

	(void)c;
	if (error == 0) {
		l->peer->n_failures = 0;
		peer_event(l, EVENT_TCP_OPEN);
		return;
	}
	log_debug(&l->peer->session->env->log, "peer %s: connect: %s",
	    l->peer->label, strerror(error));
	peer_event(l, EVENT_TCP_FAIL);
}

static void
peer_conn_message(struct conn *c, uint8_t type, const uint8_t *message,
    size_t len, void *arg)
{
	(void)c;
	peer_on_message(arg, type, message, len);
}

static void
peer_conn_bad(struct conn *c, const struct message_error *e, void *arg)
{
	struct link *l = arg;
	int n;

	(void)c;
	l->error = (struct peer_error){
		.code = e->code, .subcode = e->subcode, .len = e->len,
	};
	memcpy(l->error.data, e->data, e->len);
	if (l->peer->conf->is_isolated && e->code == ERROR_HEADER &&
	    e->subcode == ERROR_HEADER_TYPE) {
		/* Compat: ExaBGP says it in words where RFC 4271 6.1 has the
		 * type's byte. */
		n = snprintf((char *)l->error.data, sizeof(l->error.data),
		    "can not decode update message of type \"%u\"",
		    e->data[0]);
		l->error.subcode = 0;
		l->error.len = (uint8_t)n;
	}
	peer_event(l, EVENT_ERROR);
}

static void
peer_conn_closed(struct conn *c, const char *why, void *arg)
{
	struct link *l = arg;

	(void)c;
	peer_why(l, "connection %s", why);
	peer_event(l, EVENT_TCP_FAIL);
}

static void
peer_conn_turn(struct conn *c, void *arg)
{
	struct link *l = arg;

	if (mono_is_set(c->last_read))
		l->peer->last_read = c->last_read;
	peer_flush_batch(l->peer);
	session_check_flow(l->peer->session);
}

static void
peer_conn_full(struct conn *c, bool is_full, void *arg)
{
	struct link *l = arg;
	struct peer *p = l->peer;

	(void)c;
	if (p->established != l || p->is_xoff == is_full ||
	    p->session->rde == NULL)
		return;
	p->is_xoff = is_full;
	chan_send(p->session->rde, is_full ? IMSG_PEER_XOFF : IMSG_PEER_XON,
	    p->id, NULL, 0);
}

static void
peer_conn_sent(struct conn *c, void *arg)
{
	struct link *l = arg;

	(void)c;
	sync_check(l->peer->session);
}

void
peer_adopt(struct link *l, int handle, bool is_connecting)
{
	struct conn_handler handler = {
		.on_open = peer_conn_open, .on_message = peer_conn_message,
		.on_bad = peer_conn_bad, .on_closed = peer_conn_closed,
		.on_turn = peer_conn_turn, .on_full = peer_conn_full,
		.on_sent = peer_conn_sent, .arg = l,
	};

	l->conn = conn_new(l->peer->session->env, handle, is_connecting,
	    &handler);
	l->has_remote = false;
	l->is_open_sent = false;
	l->why[0] = '\0';
	l->error.code = 0;
}

void
peer_key(const struct conf_peer *c, struct net_key *out)
{
	const struct conf_blob *key = c->ao_key.len != 0 ? &c->ao_key :
	    &c->md5_key;

	*out = (struct net_key){ .kind = NET_KEY_NONE };
	if (key->len == 0 || key->len > sizeof(out->bytes))
		return;
	out->kind = key == &c->ao_key ? NET_KEY_AO : NET_KEY_MD5;
	out->id = c->ao_key_id;
	out->algorithm = c->ao_algorithm;
	out->len = (uint8_t)key->len;
	memcpy(out->bytes, key->bytes, key->len);
}

static void
peer_net_options(const struct peer *p, struct net_options *o)
{
	const struct conf_peer *c = p->conf;
	bool is_v6 = c->remote.addr.family == ADDR_IPV6;

	*o = (struct net_options){ .device = c->source_interface };
	o->local = c->local_address;
	if (is_v6 && c->local_address6.family == ADDR_IPV6)
		o->local = c->local_address6;
	if (o->local.family != c->remote.addr.family)
		o->local.family = ADDR_NONE;
	if (c->ttl_security) {
		o->ttl = 255;
		o->ttl_min = (uint8_t)(256 - c->multihop);
	} else if (!c->is_isolated && c->multihop > 1) {
		o->ttl = c->multihop;
	} else if (!c->is_isolated && config_peer_is_ebgp(c) &&
	    !addr_is_loopback(&c->remote.addr)) {
		o->ttl = 1;
	}
	if (c->ttl_out != 0)
		o->ttl = c->ttl_out;
	if (c->ttl_in_min != 0)
		o->ttl_min = c->ttl_in_min;
	peer_key(c, &o->key);
}

void
peer_connect(struct link *l)
{
	struct peer *p = l->peer;
	struct env *env = p->session->env;
	struct net_options options;
	int handle;

	peer_net_options(p, &options);
	handle = env->net->ops->connect(env->net, &p->conf->remote.addr,
	    p->conf->port, &options);
	explicit_bzero(&options, sizeof(options));
	if (handle < 0) {
		if (p->n_failures == 0)
			log_warn(&env->log, "peer %s: connect: %s", p->label,
			    errno == ENOPROTOOPT ? "the kernel lacks what "
			    "protects this session: it is not started" :
			    strerror(errno));
		/* Not from inside an event: the retry timer tries again. */
		l->state = STATE_ACTIVE;
		return;
	}
	peer_adopt(l, handle, true);
}

/* Say why a connection is not taken, and close it. */
static void
peer_refuse(struct peer *p, int handle, uint8_t subcode)
{
	uint8_t bytes[BGP_HEADER_LEN + 2];
	static const struct conn_handler none;
	struct env *env = p->session->env;
	struct conn *c;
	struct wr w;

	if (!admit_refusal(&p->session->admit, &p->conf->remote.addr,
	    loop_now(env->loop))) {
		env->net->ops->close(env->net, handle);
		return;
	}
	c = conn_new(env, handle, false, &none);
	buf_writer(&w, bytes, sizeof(bytes));
	message_put_notification(&w, ERROR_CEASE, subcode, NULL, 0);
	conn_send(c, w.base, w.len);
	conn_close(c);
}

/*
 * A new connection while a session is established: RFC 4724 4.2 takes it as
 * the sign of a restart, without it the new one is refused.
 */
static bool
peer_make_way(struct peer *p)
{
	struct link *l = p->established;

	if (l == NULL)
		return true;
	if (!l->negotiated.has_graceful_restart ||
	    l->remote.capabilities.gr_family_mask == 0)
		return false;
	peer_why(l, "new connection of a restarting peer");
	peer_event(l, EVENT_TCP_FAIL);
	loop_timer_clear(&p->idle_hold);
	return true;
}

void
peer_accept(struct peer *p, int handle)
{
	struct link *l = &p->links[LINK_INCOMING];
	struct env *env = p->session->env;
	struct net_options options;

	if (p->is_down || p->is_held || p->session->is_stopping) {
		peer_refuse(p, handle, CEASE_REJECTED);
		return;
	}
	if (!peer_make_way(p) || l->state != STATE_IDLE) {
		peer_refuse(p, handle, CEASE_COLLISION);
		return;
	}
	peer_net_options(p, &options);
	env->net->ops->set_options(env->net, handle, &options);
	explicit_bzero(&options, sizeof(options));
	loop_timer_clear(&p->idle_hold);
	peer_adopt(l, handle, false);
	l->state = STATE_ACTIVE;
	peer_event(l, EVENT_TCP_OPEN);
}
