/* SPDX-License-Identifier: ISC */
/*
 * `show rib memory` agrees with what the process uses: 300,000 routes are
 * told to the engine, and both grow alike.
 */
#include "regress/unit/rde_world.h"

#include "common/arena.h"
#include "common/bgp.h"
#include "common/emit.h"
#include "common/value.h"

#include <criterion/criterion.h>

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define IPV4		(1u << NLRI_IPV4_UNICAST)
#define N_MESSAGES	1500
#define N_PREFIXES	200

static uint64_t
resident(void)
{
	unsigned long size = 0, pages = 0;
	FILE *f = fopen("/proc/self/statm", "r");

	cr_assert_not_null(f);
	cr_assert_eq(fscanf(f, "%lu %lu", &size, &pages), 2);
	fclose(f);
	return (uint64_t)pages * (uint64_t)sysconf(_SC_PAGESIZE);
}

static bool
has_ended(struct world *w, uint32_t arg)
{
	(void)arg;
	return w->n_ends > 0;
}

/* Bytes in all; *n: routes of IPv4. */
static uint64_t
told(struct world *w, uint64_t *n)
{
	struct arena *arena = arena_new(4096);
	const struct value *v;
	struct emit e;
	uint64_t total;
	struct wr q;

	buf_writer_growing(&q, 4096);
	emit_msgpack_init(&e, &q);
	emit_begin_object(&e);
	emit_key_string(&e, "request", "memory");
	emit_end_object(&e);
	buf_reset(&w->answers);
	w->n_ends = 0;
	chan_send_wr(w->api, IMSG_RIB_REQUEST, 1, &q);
	world_run(w, has_ended, 0);
	v = value_parse(arena, w->answers.base, w->answers.len);
	total = value_get_number(value_get(v, "total"), "size", 0);
	*n = value_get_number(value_get(v, "IPv4 unicast"), "count", 0);
	buf_free(&q);
	arena_free(arena);
	return total;
}

/* 200 prefixes with attributes of their own. */
static void
send_update(struct world *w, uint32_t n)
{
	uint8_t bytes[2048];
	unsigned i;
	struct wr m;

	buf_writer(&m, bytes, sizeof(bytes));
	memset(bytes, 0xff, 16);
	m.len = 16;
	buf_put_u16(&m, 19 + 4 + 24 + 4 * N_PREFIXES);
	buf_put_u8(&m, BGP_UPDATE);
	buf_put_u16(&m, 0);
	buf_put_u16(&m, 24);
	buf_put_u32(&m, 0x40010100);
	buf_put_u32(&m, 0x40020a02);
	buf_put_u8(&m, 2);
	buf_put_u32(&m, 65001);
	buf_put_u32(&m, 100000 + n);
	buf_put_u24(&m, 0x400304);
	buf_put_u32(&m, 0x7f000009);
	for (i = 0; i < N_PREFIXES; i++)
		buf_put_u32(&m, 24u << 24 | (n * N_PREFIXES + i));
	cr_assert_eq(m.err, 0);
	chan_send(w->sess, IMSG_UPDATES, 1, bytes, m.len);
}

Test(rde_memory, what_is_told_is_what_is_used)
{
	struct config *c;
	struct conf_peer *p;
	uint64_t before, told_before, used, counted, n = 0;
	struct world w;
	uint32_t i;

#ifdef __SANITIZE_ADDRESS__
	cr_skip_test("the sanitizer's memory is another");
#endif
	c = config_new();
	p = config_add_peer(c);
	world_start(&w);
	c->as = 65000;
	c->router_id = 1;
	p->id = 1;
	p->remote.addr = addr_from_ipv4(0x7f000002);
	p->remote.len_bits = 32;
	p->local_as = 65000;
	p->remote_as = 65001;
	c->rules = arena_alloc(c->arena, sizeof(*c->rules));
	c->rules[0].action = RULE_ALLOW;
	memset(c->rules[0].max_communities, 0xff,
	    sizeof(c->rules[0].max_communities));
	c->n_rules = 1;
	world_config(&w, c);
	world_up(&w, p, IPV4);
	world_settle(&w);
	told_before = told(&w, &n);
	before = resident();
	for (i = 0; i < N_MESSAGES; i++)
		send_update(&w, i);
	for (i = 0; n < N_MESSAGES * N_PREFIXES && i < 10000; i++)
		counted = told(&w, &n) - told_before;
	world_settle(&w);
	counted = told(&w, &n) - told_before;
	used = resident() - before;
	cr_assert_eq(n, N_MESSAGES * N_PREFIXES);
	cr_log_info("used %llu, counted %llu", (unsigned long long)used,
	    (unsigned long long)counted);
	cr_expect(counted > used / 10 * 9 && counted < used / 10 * 11,
	    "used %llu, told %llu", (unsigned long long)used,
	    (unsigned long long)counted);
	config_free(c);
	world_stop(&w);
}
