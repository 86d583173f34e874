/* SPDX-License-Identifier: ISC */
/* Batches of messages: IMSG_OUTPUT. */
#include "rde/outbox.h"

#include "common/chan.h"

#include <err.h>
#include <stdlib.h>
#include <string.h>

#define PEERS_MAX	32000	/* of one batch; its list is 4 bytes each */

void
outbox_init(struct outbox *o)
{
	memset(o, 0, sizeof(*o));
	buf_writer_growing(&o->w, IMSG_DATA_MAX);
}

void
outbox_fini(struct outbox *o)
{
	buf_free(&o->w);
	free(o->peers);
	memset(o, 0, sizeof(*o));
}

void
outbox_flush(struct outbox *o)
{
	if (o->w.len > o->head_len && o->chan != NULL)
		chan_send_wr(o->chan, IMSG_OUTPUT, 0, &o->w);
	buf_reset(&o->w);
	o->head_len = 0;
}

void
outbox_to(struct outbox *o, const uint32_t *peers, size_t n)
{
	if (n > PEERS_MAX)
		errx(1, "outbox: %zu peers", n);
	if (n == o->n_peers &&
	    memcmp(peers, o->peers, n * sizeof(*peers)) == 0)
		return;
	outbox_flush(o);
	if (n > o->cap_peers) {
		o->peers = reallocarray(o->peers, n, sizeof(*peers));
		if (o->peers == NULL)
			err(1, "outbox");
		o->cap_peers = n;
	}
	memcpy(o->peers, peers, n * sizeof(*peers));
	o->n_peers = n;
}

struct wr *
outbox_room(struct outbox *o)
{
	if (o->w.len - o->head_len > IMSG_BATCH_BYTES)
		outbox_flush(o);
	if (o->w.len == 0) {
		imsg_put_peers(&o->w, o->peers, o->n_peers);
		o->head_len = o->w.len;
	}
	return &o->w;
}

bool
outbox_is_full(const struct outbox *o)
{
	return o->chan == NULL || chan_is_full(o->chan);
}
