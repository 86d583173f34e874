/* SPDX-License-Identifier: ISC */
/*
 * A neighbor that says KEEPALIVE in time but does not read: the session ends
 * when nothing was taken for the send hold time (RFC 9687), not before and
 * not later.
 */
#include "common/arena.h"
#include "common/bgp.h"
#include "regress/sim/sim.h"

#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>
#include <sys/uio.h>

#define SEC		MONO_USEC_PER_SEC
#define WINDOW_BYTES	4096
#define N_ROUTES	4000	/* more than the window takes */

/* The neighbor: only what TCP needs of a host. */
struct deaf {
	struct sim_host		 host;
	int			 listener, conn;	/* -1: none */
	struct loop_watch	 watch;
	struct loop_timer	 keepalive;
	uint16_t		 hold_sec;
};

static void
deaf_say(struct deaf *d, uint8_t type, const void *body, size_t len)
{
	uint8_t bytes[64];
	struct iovec iov = { .iov_base = bytes };
	struct wr w;

	buf_writer(&w, bytes, sizeof(bytes));
	buf_put_u64(&w, UINT64_MAX);
	buf_put_u64(&w, UINT64_MAX);
	buf_put_u16(&w, (uint16_t)(19 + len));
	buf_put_u8(&w, type);
	buf_put_bytes(&w, body, len);
	iov.iov_len = w.len;
	sim_net_ops.writev(&d->host.net, d->conn, &iov, 1);
}

static void
deaf_on_keepalive(void *arg)
{
	struct deaf *d = arg;

	deaf_say(d, BGP_KEEPALIVE, "", 0);
	loop_timer_set_after_usec(&d->keepalive, 10 * SEC);
}

static void
deaf_on_connection(int ready, void *arg)
{
	struct deaf *d = arg;
	uint8_t open[] = { 4, 65002 >> 8, 65002 & 0xff,
	    (uint8_t)(d->hold_sec >> 8), (uint8_t)d->hold_sec,
	    192, 0, 2, 2, 14, 2, 12, 1, 4, 0, 1, 0, 1,
	    65, 4, 0, 0, 65002 >> 8, 65002 & 0xff };
	struct addr from;
	uint16_t port;

	(void)ready;
	d->conn = sim_net_ops.accept(&d->host.net, d->listener, &from, &port);
	cr_assert_geq(d->conn, 0);
	loop_watch_set(&d->watch, 0);
	deaf_say(d, BGP_OPEN, open, sizeof(open));
	deaf_on_keepalive(d);
}

/* Take what there is, at most this much; what was taken. */
static size_t
deaf_read(struct deaf *d, size_t most)
{
	uint8_t bytes[WINDOW_BYTES];
	ssize_t n = sim_net_ops.read(&d->host.net, d->conn, bytes, most);

	return n > 0 ? (size_t)n : 0;
}

static const struct sim_path *
path_of(struct sim *s, const struct addr *a, const struct addr *b)
{
	static const struct sim_path narrow = { .delay_usec = 1000,
	    .window_bytes = WINDOW_BYTES };

	(void)s;
	(void)a;
	(void)b;
	return &narrow;
}

static struct config *
new_config(void)
{
	struct config *c = config_new();
	struct conf_peer *p = config_add_peer(c);
	struct conf_family *f;
	struct conf_route *r;
	unsigned i;

	c->as = c->as_short = 65001;
	c->router_id = 0x0a000001;
	c->hold_time_sec = 900;
	c->rules = arena_alloc(c->arena, sizeof(*c->rules));
	*c->rules = (struct conf_rule){ .action = RULE_ALLOW,
	    .direction = RULE_TO, .max_communities = { -1, -1, -1 } };
	c->n_rules = 1;
	addr_parse("192.0.2.2", &p->remote.addr);
	p->remote.len_bits = 32;
	p->remote_as = 65002;
	f = arena_append(c->arena, &p->families, &p->n_families, sizeof(*f));
	f->afi = AFI_IPV4;
	f->safi = SAFI_UNICAST;
	for (i = 0; i < N_ROUTES; i++) {
		uint8_t nlri[] = { 24, 10, (uint8_t)(i >> 8), (uint8_t)i };

		r = arena_append(c->arena, &c->networks, &c->n_networks,
		    sizeof(*r));
		r->afi = AFI_IPV4;
		r->safi = SAFI_UNICAST;
		r->nlri.bytes = arena_copy(c->arena, nlri, sizeof(nlri));
		r->nlri.len = sizeof(nlri);
	}
	return c;
}

/*
 * The second at which the session ends for that reason, 0 if it does not
 * within an hour, when step is called each second.
 */
static unsigned
end_of_session(struct deaf *d, uint16_t hold_sec,
    void (*step)(struct deaf *, unsigned second))
{
	static const char why[] = "send hold timer expired";
	struct sim *s = sim_new(1);
	unsigned second;

	*d = (struct deaf){ .conn = -1, .hold_sec = hold_sec };
	s->path_of = path_of;
	d->host.sim = s;
	d->host.net.ops = &sim_net_ops;
	addr_parse("192.0.2.2", &d->host.addr);
	d->listener = sim_listen(&d->host, &d->host.addr, BGP_PORT);
	loop_watch_init(&d->watch, &s->loop, d->listener, deaf_on_connection,
	    d);
	loop_watch_set(&d->watch, LOOP_READ);
	loop_timer_init(&d->keepalive, &s->loop, deaf_on_keepalive, d);
	sim_host_new(s, "a", "192.0.2.1", new_config());
	for (second = 1; second < 3600; second++) {
		sim_run_until(s, s->now.usec + SEC);
		if (memmem(s->trace.base, s->trace.len, why, strlen(why)))
			break;
		if (d->conn != -1)
			step(d, second);
	}
	loop_timer_fini(&d->keepalive);
	loop_watch_fini(&d->watch);
	sim_free(s);
	return second == 3600 ? 0 : second;
}

static void
step_nothing(struct deaf *d, unsigned second)
{
	(void)d;
	(void)second;
}

/* All that the kernel holds, once. */
static void
step_once(struct deaf *d, unsigned second)
{
	if (second == 200)
		cr_expect_gt(deaf_read(d, WINDOW_BYTES), 1000);
}

/* A little each seven minutes is enough. */
static void
step_slowly(struct deaf *d, unsigned second)
{
	if (second % 420 == 0)
		deaf_read(d, 100);
}

Test(sendhold, ends_eight_minutes_after_the_last_byte)
{
	struct deaf d;
	unsigned second = end_of_session(&d, 90, step_nothing);

	cr_expect(second >= 480 && second <= 490, "at %u s", second);
	second = end_of_session(&d, 90, step_once);
	cr_expect(second >= 680 && second <= 681, "at %u s", second);
	cr_expect_eq(end_of_session(&d, 90, step_slowly), 0);
}

Test(sendhold, twice_the_hold_time_if_that_is_more)
{
	struct deaf d;
	unsigned second = end_of_session(&d, 300, step_nothing);

	cr_expect(second >= 600 && second <= 610, "at %u s", second);
}

Test(sendhold, none_without_a_hold_time)
{
	struct deaf d;

	cr_expect_eq(end_of_session(&d, 0, step_nothing), 0);
}
