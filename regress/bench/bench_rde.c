/* SPDX-License-Identifier: ISC */
/*
 * One peer sends a full table, others are told: how long the engine takes
 * and what it holds. All of it in one process on one loop.
 *
 *	bench_rde [routes [receivers]]
 */
#include "common/arena.h"
#include "common/buf.h"
#include "common/chan.h"
#include "common/config.h"
#include "common/env.h"
#include "common/loop.h"
#include "common/wire/message.h"
#include "common/wire/update.h"
#include "rde/rde.h"

#include <err.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>

#define ROUTES_PER_SET	6	/* as in a full table of today */

struct bench {
	struct env	*env;
	struct rde	*rde;
	struct chan	*parent, *sess;
	struct config	*conf;
	uint32_t	 n_routes, n_sent;
	uint32_t	 n_receivers;
	uint64_t	 n_received, n_messages, n_bytes;
	uint64_t	 n_eors;
	bool		 is_ready;
};

/* A 24-bit prefix that follows no order. */
static uint32_t
route_addr(uint32_t i)
{
	return (i * 2654435761u >> 8) << 8;
}

static void
put_update(struct bench *b, struct wr *out)
{
	size_t start = message_begin(out, BGP_UPDATE), mark;
	uint32_t set = b->n_sent / ROUTES_PER_SET, i;

	buf_put_u16(out, 0);
	mark = buf_mark_u16(out);
	buf_put_u32(out, 0x40010100);
	/* AS_PATH of four */
	buf_put_u24(out, 0x400212);
	buf_put_u16(out, 0x0204);
	buf_put_u32(out, 65001);
	buf_put_u32(out, 1000 + set % 5000);
	buf_put_u32(out, 100000 + set / 3);
	buf_put_u32(out, 200000 + set);
	buf_put_u24(out, 0x400304);
	buf_put_u32(out, 0x7f000009);
	buf_put_u24(out, 0xc00808);
	buf_put_u32(out, 0xfde90001);
	buf_put_u32(out, 0xfde90000 | set % 100);
	buf_patch_u16(out, mark);
	for (i = 0; i < ROUTES_PER_SET && b->n_sent < b->n_routes; i++) {
		buf_put_u8(out, 24);
		buf_put_u24(out, route_addr(b->n_sent++) >> 8);
	}
	message_end(out, start);
}

static void
feed(struct bench *b)
{
	struct wr w;

	buf_writer_growing(&w, IMSG_DATA_MAX);
	while (b->n_sent < b->n_routes && !chan_is_full(b->sess)) {
		while (b->n_sent < b->n_routes && w.len < IMSG_BATCH_BYTES)
			put_update(b, &w);
		chan_send_wr(b->sess, IMSG_UPDATES, 1, &w);
	}
	buf_free(&w);
}

/* Count the NLRI of a classic UPDATE. */
static uint64_t
count_nlri(struct rd m)
{
	uint64_t n = 0;

	buf_get_bytes(&m, 19);
	buf_get_sub(&m, buf_get_u16(&m));
	buf_get_sub(&m, buf_get_u16(&m));
	while (buf_left(&m) > 0) {
		buf_get_sub(&m, (buf_get_u8(&m) + 7u) / 8);
		n++;
	}
	return n;
}

static void
take_output(struct bench *b, struct imsg *m)
{
	struct rd r = buf_reader(m->data, m->len), ids, peek;
	size_t n_peers, len;

	if (imsg_get_peers(&r, &ids) != 0)
		errx(1, "malformed output");
	n_peers = buf_left(&ids) / 4;
	while (buf_left(&r) > 0) {
		peek = r;
		buf_get_bytes(&peek, 16);
		len = buf_get_u16(&peek);
		b->n_eors += len == 23 ? n_peers : 0;
		b->n_received += count_nlri(buf_get_sub(&r, len)) * n_peers;
		b->n_messages++;
		b->n_bytes += len;
	}
}

static void
on_message(struct chan *c, struct imsg *m, void *arg)
{
	struct bench *b = arg;

	(void)c;
	if (m->type == IMSG_OUTPUT)
		take_output(b, m);
	if (b->n_eors == 1 + b->n_receivers && !b->is_ready) {
		b->is_ready = true;
		loop_stop(b->env->loop);
	}
	if (b->n_received == (uint64_t)b->n_routes * b->n_receivers)
		loop_stop(b->env->loop);
}

static void
on_closed(struct chan *c, const char *why, void *arg)
{
	(void)c;
	(void)arg;
	errx(1, "channel: %s", why);
}

static void
on_drained(struct chan *c, void *arg)
{
	struct bench *b = arg;

	if (c == b->sess && b->is_ready)
		feed(b);
}

static struct chan *
bench_chan(struct bench *b, enum imsg_proc self, int *handle)
{
	struct chan_handler h = { on_message, on_closed, on_drained, b };
	int pair[2];

	if (chan_sock_pair(pair) != 0)
		err(1, "socketpair");
	*handle = pair[1];
	return chan_new(b->env, pair[0], self, PROC_RDE, &h);
}

static void
make_config(struct bench *b)
{
	struct config *c = b->conf = config_new();
	struct conf_peer *p;
	uint32_t i;

	c->as = 65000;
	c->rules = arena_alloc(c->arena, 2 * sizeof(*c->rules));
	c->n_rules = 2;
	for (i = 0; i < 2; i++) {
		c->rules[i].action = RULE_ALLOW;
		c->rules[i].direction = (uint8_t)i;
		memset(c->rules[i].max_communities, 0xff,
		    sizeof(c->rules[i].max_communities));
	}
	for (i = 1; i <= 1 + b->n_receivers; i++) {
		p = config_add_peer(c);
		p->id = i;
		p->remote.addr = addr_from_ipv4(0x7f000000 + i);
		p->remote.len_bits = 32;
		p->local_as = 65000;
		p->remote_as = 65000 + i;
	}
}

static void
send_config(struct bench *b)
{
	struct wr bytes, head;
	size_t at, n;

	buf_writer_growing(&bytes, 1u << 28);
	buf_writer_growing(&head, 64);
	config_encode(b->conf, &bytes, CONFIG_FOR_RDE);
	buf_put_u32(&head, (uint32_t)bytes.len);
	chan_send_wr(b->parent, IMSG_CONF_BEGIN, 0, &head);
	for (at = 0; at < bytes.len; at += n) {
		n = bytes.len - at < 65536 ? bytes.len - at : 65536;
		chan_send(b->parent, IMSG_CONF_DATA, 0, bytes.base + at, n);
	}
	chan_send(b->parent, IMSG_CONF_END, 0, NULL, 0);
	chan_flush(b->parent);
	buf_free(&bytes);
	buf_free(&head);
}

static void
sessions_up(void *arg)
{
	struct bench *b = arg;
	struct imsg_session_up up = {
		.local = addr_from_ipv4(0x7f000001), .local_as = 65000,
		.local_id = 1,
	};
	struct wr w;
	uint32_t i;

	buf_writer_growing(&w, 4096);
	up.negotiated.family_mask = 1u << NLRI_IPV4_UNICAST;
	up.negotiated.family_order[0] = NLRI_IPV4_UNICAST;
	up.negotiated.n_families = 1;
	up.negotiated.has_as4 = true;
	for (i = 1; i <= 1 + b->n_receivers; i++) {
		up.remote = addr_from_ipv4(0x7f000000 + i);
		up.remote_as = 65000 + i;
		up.remote_id = i;
		imsg_put_session_up(&w, &up);
		chan_send_wr(b->sess, IMSG_SESSION_UP, i, &w);
	}
	buf_free(&w);
}

static double
now(clockid_t id)
{
	struct timespec ts;

	clock_gettime(id, &ts);
	return (double)ts.tv_sec + (double)ts.tv_nsec / 1e9;
}

int
main(int argc, char **argv)
{
	struct bench b = { .n_routes = 1000000, .n_receivers = 1 };
	struct loop_timer timer;
	struct rusage before, after;
	double wall, cpu;
	int handle;

	if (argc > 1)
		b.n_routes = (uint32_t)strtoul(argv[1], NULL, 10);
	if (argc > 2)
		b.n_receivers = (uint32_t)strtoul(argv[2], NULL, 10);
	b.env = env_new();
	b.env->log.max_level = LOG_LEVEL_WARN;
	b.parent = bench_chan(&b, PROC_PARENT, &handle);
	b.rde = rde_new(b.env, handle);
	b.sess = bench_chan(&b, PROC_SESSION, &handle);
	chan_send_fd(b.parent, IMSG_CHAN, PROC_SESSION, NULL, 0, handle);
	make_config(&b);
	send_config(&b);
	loop_timer_init(&timer, b.env->loop, sessions_up, &b);
	loop_timer_set_after_usec(&timer, 200000);
	loop_event_run(b.env->loop);
	getrusage(RUSAGE_SELF, &before);
	wall = now(CLOCK_MONOTONIC);
	cpu = now(CLOCK_PROCESS_CPUTIME_ID);
	feed(&b);
	loop_event_run(b.env->loop);
	wall = now(CLOCK_MONOTONIC) - wall;
	cpu = now(CLOCK_PROCESS_CPUTIME_ID) - cpu;
	getrusage(RUSAGE_SELF, &after);
	printf("%u routes to %u peers: %.3f s wall, %.3f s cpu, "
	    "%llu messages, %.1f MB out, rss +%.1f MB\n", b.n_routes,
	    b.n_receivers, wall, cpu, (unsigned long long)b.n_messages,
	    (double)b.n_bytes / 1e6,
	    (double)(after.ru_maxrss - before.ru_maxrss) / 1024);
	loop_timer_fini(&timer);
	rde_free(b.rde);
	chan_free(b.parent);
	chan_free(b.sess);
	config_free(b.conf);
	env_free(b.env);
	return 0;
}
