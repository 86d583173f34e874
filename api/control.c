/* SPDX-License-Identifier: ISC */
/*
 * Replies of the engines to bgpctl's requests (common/control.h), passed on
 * to the client that asked; a peer's two halves are put together.
 */
#include "api/client.h"

#include "common/arena.h"
#include "common/chan.h"
#include "common/control.h"
#include "common/emit.h"
#include "common/value.h"

#include <err.h>
#include <stdlib.h>
#include <string.h>

#define CONTROL_PEERS_MAX	(64 * 1024 * 1024)	/* bytes of status */

/* {key: value}, value being MessagePack already; NULL: it is all of it. */
static void
client_send_packed(struct client *c, const char *key, const uint8_t *bytes,
    size_t len)
{
	struct emit e;
	struct wr w;

	buf_writer_growing(&w, CONTROL_REPLY_MAX);
	emit_msgpack_init(&e, &w);
	if (key != NULL) {
		emit_begin_object(&e);
		emit_key(&e, key);
	}
	emit_msgpack_packed(&e, bytes, len);
	if (key != NULL)
		emit_end_object(&e);
	client_send(c, &w);
	buf_free(&w);
}

bool
control_entries(struct api *api, uint32_t id, const uint8_t *bytes,
    size_t len)
{
	struct client *c = client_find(api, id);
	size_t used;

	if (c == NULL)
		return false;
	while (len > 0 && value_scan(bytes, len, CONTROL_REPLY_MAX, &used) ==
	    VALUE_WHOLE) {
		client_send_packed(c, c->key, bytes, used);
		bytes += used;
		len -= used;
	}
	return true;
}

bool
control_peer_status(struct api *api, uint32_t id, const uint8_t *bytes,
    size_t len)
{
	struct client *c = client_find(api, id);
	struct arena *arena;
	struct client_peer *p;

	if (c == NULL)
		return false;
	if (c->peers_bytes + len > CONTROL_PEERS_MAX)
		return true;	/* none has so many: do not believe it */
	arena = arena_new(4096);
	p = calloc(1, sizeof(*p));
	if (p == NULL || (p->status = malloc(len)) == NULL)
		err(1, "control");
	c->peers_bytes += len;
	memcpy(p->status, bytes, len);
	p->status_len = len;
	p->id = (uint32_t)value_get_number(value_parse(arena, bytes, len),
	    "id", 0);
	*c->peers_tail = p;
	c->peers_tail = &p->next;
	arena_free(arena);
	return true;
}

bool
control_peer_status_end(struct api *api, uint32_t id)
{
	struct client *c = client_find(api, id);

	if (c == NULL)
		return false;
	if (api->rde == NULL)
		control_end(api, id, "");
	else {
		c->waits_for = PROC_RDE;
		chan_send(api->rde, IMSG_PEER_COUNTERS_REQUEST, id, NULL, 0);
	}
	return true;
}

/* One object of both: the session engine's members, then "rde". */
static void
client_send_peer(struct client *c, const struct client_peer *p,
    const struct value *counters)
{
	struct arena *arena = arena_new(16 * 1024);
	const struct value *v = value_parse(arena, p->status, p->status_len);
	struct emit e;
	struct wr w;
	size_t i;

	buf_writer_growing(&w, CONTROL_REPLY_MAX);
	emit_msgpack_init(&e, &w);
	emit_begin_object(&e);
	emit_key_object(&e, "neighbor");
	for (i = 0; v != NULL && v->kind == VALUE_OBJECT && i < v->len; i++) {
		emit_key(&e, value_string(&v->items[2 * i], "?"));
		value_emit(&v->items[2 * i + 1], &e);
	}
	if (counters != NULL) {
		emit_key(&e, "rde");
		value_emit(counters, &e);
	}
	emit_end_object(&e);
	emit_end_object(&e);
	client_send(c, &w);
	buf_free(&w);
	arena_free(arena);
}

bool
control_peer_counters(struct api *api, uint32_t id, const uint8_t *bytes,
    size_t len)
{
	struct client *c = client_find(api, id);
	struct arena *arena;
	const struct value *v;
	struct client_peer *p;

	if (c == NULL)
		return false;
	arena = arena_new(4096);
	v = value_parse(arena, bytes, len);
	for (p = c->peers; p != NULL && v != NULL; p = p->next) {
		if (p->status == NULL ||
		    p->id != value_get_number(v, "id", 0))
			continue;
		client_send_peer(c, p, v);
		free(p->status);
		p->status = NULL;
	}
	arena_free(arena);
	return true;
}

bool
control_end(struct api *api, uint32_t id, const char *error)
{
	struct client *c = client_find(api, id);
	struct client_peer *p;

	if (c == NULL)
		return false;
	/* Peers that the RDE does not know of. */
	while ((p = c->peers) != NULL) {
		c->peers = p->next;
		if (p->status != NULL)
			client_send_peer(c, p, NULL);
		free(p->status);
		free(p);
	}
	c->peers_tail = &c->peers;
	c->peers_bytes = 0;
	client_end(c, error);
	return true;
}

void
control_lose(struct api *api, enum imsg_proc proc)
{
	struct client *c, *next;

	for (c = api->clients; c != NULL; c = next) {
		next = c->next;
		if (c->is_busy && c->waits_for == proc)
			control_end(api, c->id, "what was asked ended before "
			    "it answered: ask again");
	}
}
