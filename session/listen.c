/* SPDX-License-Identifier: ISC */
/*
 * Listeners that the parent bound and handed over: accepting, matching to
 * peers, keys. Out of descriptors, accepting pauses for a second.
 */
#include "session/engine.h"

#include "common/bgp.h"
#include "common/err.h"
#include "common/net.h"
#include "session/peer.h"

#include <err.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define LISTEN_PAUSE_USEC	MONO_USEC_PER_SEC
#define LISTEN_TURN		16	/* connections taken in one turn */

static void
listener_take(struct session *s, int handle, const struct addr *from)
{
	struct peer *p = session_match(s, from);
	char text[ADDR_TEXT_MAX];

	if (p == NULL) {
		log_info(&s->env->log, "connection from %s: no such neighbor",
		    addr_print(from, text, sizeof(text)));
		s->env->net->ops->close(s->env->net, handle);
		return;
	}
	peer_accept(p, handle);
}

static void
listener_on_ready(int ready, void *arg)
{
	struct listener *l = arg;
	struct session *s = l->session;
	struct addr from;
	uint16_t port;
	int handle, i;

	(void)ready;
	for (i = 0; i < LISTEN_TURN; i++) {
		handle = s->env->net->ops->accept(s->env->net, l->handle,
		    &from, &port);
		if (handle >= 0) {
			listener_take(s, handle, &from);
			continue;
		}
		if (handle == ERR_AGAIN)
			return;
		log_warn(&s->env->log, "accept: %s", strerror(errno));
		loop_watch_set(&l->watch, 0);
		loop_timer_set_after_usec(&l->pause, LISTEN_PAUSE_USEC);
		return;
	}
}

static void
listener_on_pause_end(void *arg)
{
	struct listener *l = arg;

	loop_watch_set(&l->watch, LOOP_READ);
}

static void
listener_free(struct listener *l)
{
	loop_watch_fini(&l->watch);
	loop_timer_fini(&l->pause);
	l->session->env->net->ops->close(l->session->env->net, l->handle);
	free(l);
}

void
listener_add(struct session *s, const struct imsg_listener *at, int handle)
{
	struct listener *l = calloc(1, sizeof(*l));

	if (l == NULL)
		err(1, "listener");
	l->session = s;
	l->at = *at;
	l->handle = handle;
	l->next = s->listeners;
	s->listeners = l;
	loop_watch_init(&l->watch, s->env->loop, handle, listener_on_ready, l);
	loop_timer_init(&l->pause, s->env->loop, listener_on_pause_end, l);
	loop_watch_set(&l->watch, LOOP_READ);
	listener_set_keys(s);
}

void
listener_del(struct session *s, const struct imsg_listener *at)
{
	struct listener **link, *l;

	for (link = &s->listeners; (l = *link) != NULL; link = &l->next) {
		if (l->at.port != at->port ||
		    !addr_is_equal(&l->at.addr, &at->addr))
			continue;
		*link = l->next;
		listener_free(l);
		return;
	}
}

void
listener_free_all(struct session *s)
{
	struct listener *l;

	while ((l = s->listeners) != NULL) {
		s->listeners = l->next;
		listener_free(l);
	}
}

static void
listener_set_key(struct session *s, const struct conf_peer *conf,
    const void *key, size_t len)
{
	struct listener *l;
	int r;

	for (l = s->listeners; l != NULL; l = l->next) {
		if (l->at.addr.family != conf->remote.addr.family)
			continue;
		r = s->env->net->ops->listener_md5(s->env->net, l->handle,
		    &conf->remote, key, len);
		if (r != 0 && len != 0)
			log_err(&s->env->log, "md5 key of a listener: %s",
			    strerror(errno));
	}
}

void
listener_set_keys(struct session *s)
{
	size_t i;

	if (s->config == NULL)
		return;
	for (i = 0; i < s->config->n_peers; i++)
		if (s->config->peers[i].md5_key.len != 0)
			listener_set_key(s, &s->config->peers[i],
			    s->config->peers[i].md5_key.bytes,
			    s->config->peers[i].md5_key.len);
}

void
listener_clear_key(struct session *s, const struct conf_peer *conf)
{
	if (conf->md5_key.len != 0)
		listener_set_key(s, conf, NULL, 0);
}
