/* SPDX-License-Identifier: ISC */
/*
 * Answers that have to wait: until the RDE has taken a line's routes, or
 * until they have been written to the neighbors (sync). Each program has a
 * ring of them, so that its answers keep their order and no program waits
 * for another one's.
 */
#include "api/engine.h"

#include "common/chan.h"

#include <err.h>
#include <stdlib.h>

static void
ack_grow(struct program *g)
{
	size_t cap = g->acks_cap == 0 ? 64 : g->acks_cap * 2, i;
	struct ack *grown = calloc(cap, sizeof(*grown));

	if (grown == NULL)
		err(1, "ack");
	for (i = 0; i < g->n_unacked; i++)
		grown[i] = g->acks[(g->acks_head + i) % g->acks_cap];
	free(g->acks);
	g->acks = grown;
	g->acks_cap = cap;
	g->acks_head = 0;
}

static struct ack *
ack_push(struct program *g, enum ack_kind kind)
{
	struct ack *a;

	if (g->n_unacked == g->acks_cap)
		ack_grow(g);
	a = &g->acks[(g->acks_head + g->n_unacked++) % g->acks_cap];
	*a = (struct ack){
		.upto = g->api->n_routes_sent, .kind = (uint8_t)kind,
		.is_packed = g->is_packed,
	};
	return a;
}

void
ack_expect(struct program *g, enum ack_kind kind)
{
	ack_push(g, kind);
}

void
ack_expect_sync(struct program *g, enum ack_kind kind,
    const struct audience *a)
{
	struct api *api = g->api;
	struct ack *k = ack_push(g, kind);
	struct wr w;

	if (api->rde == NULL || api->session == NULL)
		return;
	api_flush_routes(api);
	/* 0 means none. */
	if (++api->next_sync == 0)
		api->next_sync = 1;
	k->sync = api->next_sync;
	buf_writer_growing(&w, IMSG_DATA_MAX);
	imsg_put_peers(&w, a->peers, a->n_peers);
	chan_send_wr(api->rde, IMSG_ROUTE_SYNC, k->sync, &w);
	buf_free(&w);
	/* One at a time: what follows is not sent together with this. */
	g->wait = WAIT_ROUTES;
}

static void
ack_answer(struct program *g, const struct ack *a)
{
	bool was_packed = g->is_packed;

	g->is_packed = a->is_packed;
	if (a->kind == ACK_GROUP)
		group_answer(g);
	else if (a->kind == ACK_ROUTES)
		routes_answer(g);
	program_ack(g);
	g->is_packed = was_packed;
}

static void
ack_release(struct program *g)
{
	struct ack *a, done;

	if (g->n_unacked == 0)
		return;
	while (g->n_unacked > 0) {
		a = &g->acks[g->acks_head];
		if (a->upto > g->api->n_routes_done || a->sync != 0)
			return;
		done = *a;
		g->acks_head = (g->acks_head + 1) % g->acks_cap;
		g->n_unacked--;
		ack_answer(g, &done);
	}
	if (g->wait == WAIT_ROUTES) {
		g->wait = WAIT_NOTHING;
		program_resume(g);
	}
}

void
ack_routes_done(struct api *api)
{
	struct program *g;

	for (g = api->programs; g != NULL; g = g->next)
		ack_release(g);
}

void
ack_sync_done(struct api *api, uint32_t sync)
{
	struct program *g;
	struct ack *a;
	size_t i;

	for (g = api->programs; g != NULL; g = g->next) {
		for (i = 0; i < g->n_unacked; i++) {
			a = &g->acks[(g->acks_head + i) % g->acks_cap];
			if (a->sync != 0 && (sync == 0 || a->sync == sync))
				a->sync = 0;
		}
	}
	ack_routes_done(api);
}

void
ack_forget(struct program *g)
{
	g->n_unacked = 0;
	g->acks_head = 0;
}
