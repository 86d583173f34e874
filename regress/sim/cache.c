/* SPDX-License-Identifier: ISC */
/* An RPKI cache in the simulator. */
#include "regress/sim/cache.h"

#include <err.h>
#include <string.h>
#include <sys/uio.h>

#define CACHE_SESSION	7

static struct net *
net_of(struct sim_cache *c)
{
	return &c->host.net;
}

static void
cache_hang_up(struct sim_cache *c)
{
	if (c->conn == -1)
		return;
	loop_watch_fini(&c->watch);
	sim_net_ops.close(net_of(c), c->conn);
	c->conn = -1;
}

static void
put_vrp(struct wr *w, const struct sim_vrp *v)
{
	struct rtr_pdu p = {
		.version = 1, .type = RTR_IPV4_PREFIX, .is_announce = true,
		.max_len = v->max_len, .asn = v->asn,
	};

	if (prefix_parse(v->prefix, &p.prefix) != 0)
		errx(1, "sim: %s", v->prefix);
	rtr_encode(w, &p);
}

/* A serial query of the serial we have gets nothing, others all or a reset. */
static void
cache_answer(struct sim_cache *c, const struct rtr_pdu *query)
{
	bool is_all = query->type == RTR_RESET_QUERY;
	struct rtr_pdu response = { .version = 1, .type = RTR_CACHE_RESPONSE,
	    .session_id = CACHE_SESSION };
	struct rtr_pdu end = { .version = 1, .type = RTR_END_OF_DATA,
	    .session_id = CACHE_SESSION, .serial = c->serial,
	    .refresh_sec = c->refresh_sec, .retry_sec = c->retry_sec,
	    .expire_sec = c->expire_sec };
	struct rtr_pdu reset = { .version = 1, .type = RTR_CACHE_RESET };
	struct rtr_pdu none = { .version = 1, .type = RTR_ERROR_REPORT,
	    .error = RTR_NO_DATA };
	struct iovec iov;
	struct wr w;
	unsigned i;

	buf_writer_growing(&w, 4096);
	if (c->has_no_data) {
		rtr_encode(&w, &none);
	} else if (!is_all && query->serial != c->serial) {
		rtr_encode(&w, &reset);
	} else {
		rtr_encode(&w, &response);
		for (i = 0; is_all && i < c->n_vrps; i++)
			put_vrp(&w, &c->vrps[i]);
		rtr_encode(&w, &end);
		c->told = loop_now(&c->host.sim->loop);
	}
	iov = (struct iovec){ .iov_base = w.base, .iov_len = w.len };
	sim_net_ops.writev(net_of(c), c->conn, &iov, 1);
	buf_free(&w);
}

static void
cache_on_ready(int ready, void *arg)
{
	struct sim_cache *c = arg;
	ssize_t n = sim_net_ops.read(net_of(c), c->conn, c->in + c->in_len,
	    sizeof(c->in) - c->in_len);
	struct rtr_header h;
	struct rtr_pdu p;
	uint16_t error;
	struct rd r;

	(void)ready;
	if (n <= 0) {
		cache_hang_up(c);
		return;
	}
	c->in_len += (size_t)n;
	r = buf_reader(c->in, c->in_len);
	while (rtr_header(r, &h) == 0 && h.len <= buf_left(&r)) {
		if (rtr_decode(buf_get_sub(&r, h.len), &p, &error) != 0)
			errx(1, "sim: cache: PDU of type %u", h.type);
		/* Its first try is version 2: the answer says 1. */
		if (p.type != RTR_SERIAL_QUERY && p.type != RTR_RESET_QUERY)
			continue;
		if (c->n_queries < SIM_QUERIES_MAX)
			c->queries[c->n_queries++] = (struct sim_query_seen){
				.at = loop_now(&c->host.sim->loop),
				.type = p.type,
			};
		cache_answer(c, &p);
	}
	c->in_len = buf_left(&r);
	memmove(c->in, r.pos, c->in_len);
}

static void
cache_on_connection(int ready, void *arg)
{
	struct sim_cache *c = arg;
	struct addr from;
	uint16_t port;
	int h = sim_net_ops.accept(net_of(c), c->listener, &from, &port);

	(void)ready;
	if (h < 0)
		return;
	cache_hang_up(c);
	c->conn = h;
	c->in_len = 0;
	c->n_connections++;
	loop_watch_init(&c->watch, &c->host.sim->loop, h, cache_on_ready, c);
	loop_watch_set(&c->watch, LOOP_READ);
}

void
sim_cache_init(struct sim_cache *c, struct sim *s, const char *addr)
{
	memset(c, 0, sizeof(*c));
	c->host.sim = s;
	c->host.net.ops = &sim_net_ops;
	c->listener = c->conn = -1;
	c->serial = 1;
	if (addr_parse(addr, &c->host.addr) != 0)
		errx(1, "sim: cache %s", addr);
}

void
sim_cache_up(struct sim_cache *c)
{
	c->listener = sim_listen(&c->host, &c->host.addr, RTR_PORT);
	loop_watch_init(&c->listen_watch, &c->host.sim->loop, c->listener,
	    cache_on_connection, c);
	loop_watch_set(&c->listen_watch, LOOP_READ);
}

void
sim_cache_down(struct sim_cache *c)
{
	cache_hang_up(c);
	if (c->listener == -1)
		return;
	loop_watch_fini(&c->listen_watch);
	sim_net_ops.close(net_of(c), c->listener);
	c->listener = -1;
}
