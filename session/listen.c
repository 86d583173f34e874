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

static bool	listener_is_unkeyed(const struct listener *,
		    const struct addr *);

static void
listener_take(struct listener *l, int handle, const struct addr *from)
{
	struct session *s = l->session;
	struct peer *p = session_match(s, from);	/* may make one */
	char text[ADDR_TEXT_MAX];

	if (p == NULL) {
		if (admit_refusal(&s->admit, from, loop_now(s->env->loop)))
			log_info(&s->env->log, "connection from %s: no such "
			    "neighbor", addr_print(from, text, sizeof(text)));
		s->env->net->ops->close(s->env->net, handle);
		return;
	}
	if (listener_is_unkeyed(l, from)) {
		/* Rather no session than one without its protection. */
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
			listener_take(l, handle, &from);
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
	free(l->unkeyed);
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
listener_add_unkeyed(struct listener *l, const struct prefix *remote)
{
	l->unkeyed = reallocarray(l->unkeyed, l->n_unkeyed + 1,
	    sizeof(*l->unkeyed));
	if (l->unkeyed == NULL)
		err(1, "listener");
	l->unkeyed[l->n_unkeyed++] = *remote;
}

/* Whether a key was to protect connections from there, and does not. */
static bool
listener_is_unkeyed(const struct listener *l, const struct addr *from)
{
	struct prefix p = {
		.addr = *from, .len_bits = (uint8_t)addr_bits(from->family),
	};
	size_t i;

	for (i = 0; i < l->n_unkeyed; i++)
		if (prefix_covers(&l->unkeyed[i], &p))
			return true;
	return false;
}

static void
listener_set_key(struct listener *l, const struct conf_peer *conf)
{
	struct session *s = l->session;
	char text[PREFIX_TEXT_MAX];
	struct net_key key;
	int r;

	if (l->at.addr.family != conf->remote.addr.family)
		return;
	peer_key(conf, &key);
	r = s->env->net->ops->listener_key(s->env->net, l->handle,
	    &conf->remote, &key, true);
	explicit_bzero(&key, sizeof(key));
	if (r == 0 || (r == ERR_SYSTEM && errno == EEXIST))
		return;
	listener_add_unkeyed(l, &conf->remote);
	log_err(&s->env->log, "neighbor %s: key of a listener: %s; its "
	    "connections are refused", prefix_print(&conf->remote, text,
	    sizeof(text)), r != ERR_SYSTEM ? err_text(r) :
	    errno == ENOPROTOOPT ? "the kernel lacks it" : strerror(errno));
}

static bool
peer_has_key(const struct conf_peer *conf)
{
	return conf->md5_key.len != 0 || conf->ao_key.len != 0;
}

void
listener_set_keys(struct session *s)
{
	struct listener *l;
	size_t i;

	for (l = s->listeners; l != NULL && s->config != NULL; l = l->next) {
		l->n_unkeyed = 0;
		for (i = 0; i < s->config->n_peers; i++)
			if (peer_has_key(&s->config->peers[i]))
				listener_set_key(l, &s->config->peers[i]);
	}
}

void
listener_clear_key(struct session *s, const struct conf_peer *conf)
{
	struct listener *l;
	struct net_key key;

	if (!peer_has_key(conf))
		return;
	peer_key(conf, &key);
	for (l = s->listeners; l != NULL; l = l->next) {
		if (l->at.addr.family == conf->remote.addr.family)
			s->env->net->ops->listener_key(s->env->net,
			    l->handle, &conf->remote, &key, false);
	}
	explicit_bzero(&key, sizeof(key));
}
