/* SPDX-License-Identifier: ISC */
/* The set of peers, and what a new model changes in it. */
#include "common/bgp.h"
#include "common/chan.h"
#include "session/depend.h"
#include "session/engine.h"
#include "session/peer.h"
#include "session/rtr.h"
#include "session/session_handover.h"

#include <err.h>
#include <stdlib.h>

struct peer *
session_peer(struct session *s, uint32_t id)
{
	struct peer *p = s->by_id[id % SESSION_BUCKETS];

	while (p != NULL && p->id != id)
		p = p->next_by_id;
	return p;
}

static void
session_add_peer(struct session *s, struct peer *p)
{
	struct peer **bucket = &s->by_id[p->id % SESSION_BUCKETS];

	p->next = s->peers;
	s->peers = p;
	p->next_by_id = *bucket;
	*bucket = p;
}

static void
session_unlink_peer(struct session *s, struct peer *p)
{
	struct peer **link = &s->peers;

	while (*link != p)
		link = &(*link)->next;
	*link = p->next;
	link = &s->by_id[p->id % SESSION_BUCKETS];
	while (*link != p)
		link = &(*link)->next_by_id;
	*link = p->next_by_id;
}

void
session_tell_clone(struct chan *to, const struct peer *p)
{
	struct imsg_clone clone;
	uint8_t bytes[32];
	struct wr w;

	if (to == NULL || p->clone == NULL)
		return;
	clone = (struct imsg_clone){ p->conf_id, p->conf->remote.addr };
	buf_writer(&w, bytes, sizeof(bytes));
	imsg_put_clone(&w, &clone);
	chan_send(to, IMSG_PEER_CLONE, p->id, w.base, w.len);
}

static void
session_free_peer(struct session *s, struct peer *p)
{
	if (p->clone != NULL && s->rde != NULL)
		chan_send(s->rde, IMSG_PEER_GONE, p->id, NULL, 0);
	if (p->clone != NULL && s->api != NULL)
		chan_send(s->api, IMSG_PEER_GONE, p->id, NULL, 0);
	session_unlink_peer(s, p);
	peer_free(p);
}

/* A peer of a template, for a connection from this address. */
static struct peer *
session_clone(struct session *s, const struct conf_peer *template,
    const struct addr *from, uint32_t id)
{
	struct conf_peer *conf = malloc(sizeof(*conf));
	struct peer *p;

	if (conf == NULL)
		err(1, "session");
	*conf = *template;
	conf->remote.addr = *from;
	conf->remote.len_bits = (uint8_t)addr_bits(from->family);
	conf->passive = true;
	if (id >= s->next_clone_id)
		s->next_clone_id = id + 1;
	p = peer_new(s, conf, id);
	p->clone = conf;
	session_add_peer(s, p);
	session_tell_clone(s->rde, p);
	session_tell_clone(s->api, p);
	return p;
}

struct peer *
session_restore_peer(struct session *s, const struct conf_peer *conf,
    uint32_t id, const struct addr *from)
{
	struct peer *p;

	if (config_peer_is_template(conf))
		return session_clone(s, conf, from, id);
	p = peer_new(s, conf, id);
	session_add_peer(s, p);
	return p;
}

/* Neighbors of ranges that came and have not opened a session. */
static unsigned
session_half_open_clones(const struct session *s)
{
	const struct peer *p;
	unsigned n = 0;

	for (p = s->peers; p != NULL; p = p->next)
		n += p->clone != NULL && p->established == NULL &&
		    !p->stale.is_set;
	return n;
}

struct peer *
session_match(struct session *s, const struct addr *from)
{
	const struct conf_peer *best = NULL, *c;
	struct peer *p, *found = NULL;
	size_t i;

	/* Of several neighbors at one address, one that has no session. */
	for (p = s->peers; p != NULL; p = p->next)
		if (!config_peer_is_template(p->conf) && !p->is_done &&
		    addr_is_equal(&p->conf->remote.addr, from) &&
		    (found == NULL || found->established != NULL))
			found = p;
	if (found != NULL || s->config == NULL)
		return found;
	for (i = 0; i < s->config->n_peers; i++) {
		c = &s->config->peers[i];
		if (config_peer_is_template(c) && !config_peer_is_off(c) &&
		    prefix_contains(&c->remote, from) && (best == NULL ||
		    c->remote.len_bits > best->remote.len_bits))
			best = c;
	}
	return best == NULL || session_half_open_clones(s) >= ADMIT_CLONES ?
	    NULL : session_clone(s, best, from, s->next_clone_id);
}

void
session_peer_done(struct peer *p)
{
	if (p->clone != NULL)
		p->is_done = true;
	loop_task_schedule(&p->session->reap_task);
}

void
session_on_reap(void *arg)
{
	struct session *s = arg;
	struct peer *p, *next;
	bool has_hope = false;

	for (p = s->peers; p != NULL; p = next) {
		next = p->next;
		if (p->is_done) {
			session_free_peer(s, p);
		} else if (!p->is_down || p->n_attempts == 0) {
			has_hope = true;
		}
	}
	if (s->config != NULL && s->config->environment.tcp_attempts != 0 &&
	    s->peers != NULL && !has_hope) {
		log_info(&s->env->log, "all connection attempts are used up");
		chan_send(s->parent, IMSG_SHUTDOWN, 0, NULL, 0);
	}
}

/*
 * A new model.
 */
static void
session_drop_peer(struct session *s, struct peer *p)
{
	listener_clear_key(s, p->conf);
	peer_stop(p, CEASE_PEER_DECONFIGURED, NULL, false);
	session_free_peer(s, p);
}

void
session_destroy_clone(struct peer *p)
{
	if (p->clone != NULL)
		session_drop_peer(p->session, p);
}

static void
session_change_peer(struct session *s, struct peer *p,
    const struct conf_peer *conf)
{
	enum config_effect effect = config_peer_effect(p->conf, conf);

	if (effect != EFFECT_RESET) {
		peer_set_conf(p, conf);
		if (effect == EFFECT_STOP)
			peer_stop(p, CEASE_ADMIN_SHUTDOWN, conf->down_reason,
			    false);
		else if (effect == EFFECT_START)
			peer_start(p);
		return;
	}
	log_info(&s->env->log, "peer %s: configuration changed, session reset",
	    p->label);
	listener_clear_key(s, p->conf);
	peer_stop(p, CEASE_CONFIG_CHANGE, NULL, false);
	peer_set_conf(p, conf);
	p->is_down = config_peer_is_off(conf);
	p->n_failures = 0;
	p->n_tries = 0;
	if (!config_peer_is_off(conf))
		peer_start(p);
}

/* Peers that are no more, or cloned from a template that changed. */
static void
session_drop_old(struct session *s, const struct config *new)
{
	const struct conf_peer *conf, *old;
	struct peer *p, *next;

	for (p = s->peers; p != NULL; p = next) {
		next = p->next;
		conf = config_peer(new, p->conf_id);
		if (conf == NULL) {
			session_drop_peer(s, p);
			continue;
		}
		if (p->clone == NULL)
			continue;
		old = config_peer(s->config, p->conf_id);
		if (old == NULL ||
		    config_peer_effect(old, conf) == EFFECT_RESET) {
			session_drop_peer(s, p);
			continue;
		}
		*p->clone = *conf;
		p->clone->remote.addr = p->links[1].conn == NULL ?
		    conf->remote.addr : p->links[1].conn->remote;
		p->clone->remote.len_bits =
		    (uint8_t)addr_bits(p->clone->remote.addr.family);
		p->clone->passive = true;
	}
}

/*
 * ExaBGP's tcp.delay: the first connections wait for a minute of the clock
 * that is a multiple of it. Microseconds to wait, 0 for none.
 */
static int64_t
session_delay(struct session *s, const struct config *c)
{
	int64_t every = c->environment.tcp_delay_min * 60 * MONO_USEC_PER_SEC;
	int64_t wait;

	if (every == 0)
		return 0;
	wait = every - s->env->wall_usec(s->env) % every;
	log_info(&s->env->log, "waiting for %lld seconds before connecting",
	    (long long)(wait / MONO_USEC_PER_SEC));
	return wait;
}

void
session_apply(struct session *s, struct config *new)
{
	struct config *old = s->config;
	int64_t delay_usec = old == NULL ? session_delay(s, new) : 0;
	const struct conf_peer *conf;
	struct peer *p;
	size_t i;

	if (old != NULL)
		session_drop_old(s, new);
	s->config = new;
	s->env->log.topics = new->environment.log_topics;
	s->monitor = 0;
	for (i = 0; i < new->n_bmps; i++)
		s->monitor |= new->bmps[i].monitor;
	rtr_configure(s, new);
	session_handover_restore(s);
	for (i = 0; i < new->n_peers; i++) {
		conf = &new->peers[i];
		if (config_peer_is_template(conf))
			continue;
		p = session_peer(s, conf->id);
		if (p != NULL) {
			session_change_peer(s, p, conf);
			continue;
		}
		p = peer_new(s, conf, conf->id);
		session_add_peer(s, p);
		if (config_peer_is_off(conf))
			continue;
		if (delay_usec > 0)
			loop_timer_set_after_usec(&p->idle_hold, delay_usec);
		else
			peer_start(p);
	}
	config_free(old);
	depend_check(s);
	listener_set_keys(s);
}
