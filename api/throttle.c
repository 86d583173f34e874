/* SPDX-License-Identifier: ISC */
/*
 * The overflow policy `throttle`: while a program is behind, the neighbors
 * that it listens to are not read, so that TCP slows them down; others are
 * not touched. The session engine reads on at the end of the hold time
 * whatever we say: a session is never lost by it, and what then does not fit
 * is dropped and counted.
 */
#include "api/engine.h"

#include "common/chan.h"

#include <string.h>

/* Whether some program that is behind listens to what the peer sends. */
static bool
throttle_is_wanted(const struct api *api, const struct api_peer *p)
{
	const struct conf_api *a;
	const struct program *g;
	size_t i;

	for (g = api->programs; g != NULL; g = g->next) {
		if (!g->is_throttling || g->conf == NULL)
			continue;
		for (i = 0; i < p->conf->n_apis; i++) {
			a = &p->conf->apis[i];
			if (a->receive_mask != 0 &&
			    strcmp(a->process, g->conf->name) == 0)
				return true;
		}
	}
	return false;
}

void
throttle_update(struct api *api)
{
	struct api_peer *p;
	bool is_any = false;
	uint8_t byte;
	size_t i;

	for (i = 0; i < api->n_peers; i++) {
		p = &api->peers[i];
		byte = throttle_is_wanted(api, p);
		if (byte == p->is_throttled || api->session == NULL)
			continue;
		p->is_throttled = byte != 0;
		chan_send(api->session, IMSG_PEER_FLOW, p->id, &byte, 1);
		is_any = true;
	}
	/* Now: as long as input floods in, queues are not written. */
	if (is_any)
		chan_flush(api->session);
}

void
throttle_set(struct program *g, bool is_behind)
{
	if (g->conf == NULL || g->conf->overflow != OVERFLOW_THROTTLE)
		is_behind = false;
	if (g->is_throttling == is_behind)
		return;
	g->is_throttling = is_behind;
	throttle_update(g->api);
}
