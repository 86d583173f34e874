/* SPDX-License-Identifier: ISC */
/* The TCP connection to an RPKI cache: PDUs in and out, as bytes. */
#include "session/rtr_cache.h"

#include "common/env.h"
#include "common/err.h"
#include "common/net.h"
#include "session/engine.h"

#include <err.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/uio.h>

#define RTR_OUT_MAX	(256 * 1024)

static void	rtr_on_ready(int, void *);

void
rtr_conn_open(struct rtr_cache *c)
{
	struct env *env = c->session->env;
	struct net_options o = { .local = c->conf->local_address };
	const struct conf_blob *key = &c->conf->md5_key;

	if (key->len != 0 && key->len <= sizeof(o.key.bytes)) {
		o.key.kind = NET_KEY_MD5;
		memcpy(o.key.bytes, key->bytes, key->len);
		o.key.len = (uint8_t)key->len;
	}
	c->handle = env->net->ops->connect(env->net, &c->conf->addr,
	    c->conf->port, &o);
	explicit_bzero(&o, sizeof(o));
	if (c->handle < 0) {
		c->handle = -1;
		rtr_on_lost(c, strerror(errno));
		return;
	}
	if (c->in == NULL && (c->in = malloc(RTR_PDU_MAX)) == NULL)
		err(1, "rtr");
	c->in_len = 0;
	buf_reset(&c->out);
	c->out_sent = 0;
	c->is_connecting = true;
	loop_watch_init(&c->watch, env->loop, c->handle, rtr_on_ready, c);
	loop_watch_set(&c->watch, LOOP_WRITE);
}

void
rtr_conn_close(struct rtr_cache *c)
{
	if (c->handle == -1)
		return;
	loop_watch_fini(&c->watch);
	c->session->env->net->ops->close(c->session->env->net, c->handle);
	c->handle = -1;
	c->is_connecting = false;
	c->in_len = 0;
}

/* Write what goes now; the rest when there is room. */
static void
conn_flush(struct rtr_cache *c)
{
	struct net *net = c->session->env->net;
	struct iovec iov;
	ssize_t n;

	while (c->out_sent < c->out.len) {
		iov.iov_base = c->out.base + c->out_sent;
		iov.iov_len = c->out.len - c->out_sent;
		n = net->ops->writev(net, c->handle, &iov, 1);
		if (n <= 0)
			break;	/* reading tells of a broken connection */
		c->out_sent += (size_t)n;
	}
	if (c->out_sent == c->out.len) {
		buf_reset(&c->out);
		c->out_sent = 0;
	}
	loop_watch_want(&c->watch, LOOP_WRITE, c->out.len != 0);
	if (c->out.len == 0 && c->state == RTR_ERROR)
		net->ops->shutdown_write(net, c->handle);
}

void
rtr_conn_send(struct rtr_cache *c, const struct rtr_pdu *p)
{
	size_t len = c->out.len;

	if (c->handle == -1 || c->is_connecting)
		return;
	rtr_encode(&c->out, p);
	if (c->out.err != 0) {
		/* More than ever waits unsent: it does not read. */
		c->out.err = 0;
		buf_truncate(&c->out, len);
	}
	conn_flush(c);
}

void
rtr_conn_finish(struct rtr_cache *c)
{
	if (c->handle == -1)
		return;
	c->in_len = 0;
	loop_watch_want(&c->watch, LOOP_READ, true);
	conn_flush(c);
}

/* All whole PDUs that were read, unless one of them ends it. */
static void
conn_deliver(struct rtr_cache *c)
{
	struct rd r = buf_reader(c->in, c->in_len);
	struct rtr_header h;
	int e = 0;

	while (c->handle != -1 && c->state != RTR_ERROR &&
	    c->walk.work == RTR_IDLE && (e = rtr_header(r, &h)) == 0 &&
	    h.len <= buf_left(&r))
		rtr_on_pdu(c, buf_get_sub(&r, h.len));
	if (c->handle == -1)
		return;
	if (c->state == RTR_ERROR) {
		c->in_len = 0;
		return;
	}
	if (e == ERR_RANGE && c->walk.work == RTR_IDLE) {
		rtr_on_bad(c, r);
		return;
	}
	c->in_len = buf_left(&r);
	memmove(c->in, r.pos, c->in_len);
}

void
rtr_conn_pause(struct rtr_cache *c, bool is_paused)
{
	if (c->handle == -1 || c->is_connecting)
		return;
	loop_watch_want(&c->watch, LOOP_READ, !is_paused);
	if (!is_paused && c->in_len != 0)
		conn_deliver(c);
}

static void
conn_read(struct rtr_cache *c)
{
	struct net *net = c->session->env->net;
	ssize_t n;

	/* What was read waits for a walk. */
	if (c->walk.work != RTR_IDLE && c->state != RTR_ERROR) {
		rtr_conn_pause(c, true);
		return;
	}
	n = net->ops->read(net, c->handle, c->in + c->in_len,
	    RTR_PDU_MAX - c->in_len);
	if (n == ERR_AGAIN)
		return;
	if (n <= 0) {
		rtr_on_lost(c, n == 0 ? "closed by the cache" :
		    strerror(errno));
		return;
	}
	if (c->state == RTR_ERROR)
		return;
	c->in_len += (size_t)n;
	conn_deliver(c);
}

static void
rtr_on_ready(int ready, void *arg)
{
	struct rtr_cache *c = arg;
	struct net *net = c->session->env->net;
	int error;

	if (c->is_connecting) {
		error = net->ops->connect_result(net, c->handle);
		if (error != 0) {
			rtr_on_lost(c, strerror(error));
			return;
		}
		c->is_connecting = false;
		loop_watch_set(&c->watch, LOOP_READ);
		rtr_on_open(c);
		return;
	}
	if (ready & LOOP_WRITE)
		conn_flush(c);
	if (ready & LOOP_READ)
		conn_read(c);
}
