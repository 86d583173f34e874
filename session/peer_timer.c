/* SPDX-License-Identifier: ISC */
/*
 * A peer's timers: connect retry, hold, keepalive, send hold (RFC 9687),
 * idle hold, and how long a restarting peer's routes are kept.
 */
#include "session/peer.h"

#include "common/bgp.h"
#include "common/env.h"
#include "session/engine.h"

#include <string.h>

#define PEER_RETRY_FIRST_USEC	(MONO_USEC_PER_SEC / 10)

static void	peer_on_retry(void *);
static void	peer_on_hold(void *);
static void	peer_on_keepalive(void *);
static void	peer_on_send_hold(void *);
static void	peer_on_idle_hold(void *);
static void	peer_on_stale(void *);

void
peer_init_timers(struct peer *p)
{
	struct loop *loop = p->session->env->loop;
	unsigned i;

	for (i = 0; i < 2; i++) {
		struct link *l = &p->links[i];

		loop_timer_init(&l->retry, loop, peer_on_retry, l);
		loop_timer_init(&l->hold, loop, peer_on_hold, l);
		loop_timer_init(&l->keepalive, loop, peer_on_keepalive, l);
		loop_timer_init(&l->send_hold, loop, peer_on_send_hold, l);
	}
	loop_timer_init(&p->idle_hold, loop, peer_on_idle_hold, p);
	loop_timer_init(&p->stale, loop, peer_on_stale, p);
}

/* RFC 9687: the larger of 8 minutes and twice the hold time. */
static int64_t
peer_send_hold_usec(const struct link *l)
{
	int64_t sec = 2 * l->negotiated.hold_time_sec;

	return (sec > 480 ? sec : 480) * MONO_USEC_PER_SEC;
}

/* ExaBGP's log.timers. */
static void
peer_log_timer(const struct link *l, const char *name, int64_t usec)
{
	const struct log *log = &l->peer->session->env->log;

	if (log_shows(log, LOG_TOPIC_TIMERS))
		log_debug(log, "timers: peer %s: %s in %lld ms",
		    l->peer->label, name, (long long)(usec / 1000));
}

void
peer_start_send_hold(struct link *l)
{
	/* RFC 9687: it is stopped where the hold time is zero. */
	if (l->negotiated.hold_time_sec == 0)
		return;
	loop_timer_set_after_usec(&l->send_hold, peer_send_hold_usec(l) / 8);
}

/*
 * Timers.
 */
static uint32_t
peer_connect_retry_sec(const struct peer *p)
{
	if (p->conf->connect_retry_sec != 0)
		return p->conf->connect_retry_sec;
	return p->conf->is_isolated ? PEER_RETRY_MAX_SEC :
	    p->session->config->connect_retry_sec;
}

/* Doubles from a tenth of a second to connect-retry, less up to a quarter. */
void
peer_start_retry(struct link *l)
{
	struct peer *p = l->peer;
	int64_t max = peer_connect_retry_sec(p) * MONO_USEC_PER_SEC;
	int64_t usec = PEER_RETRY_FIRST_USEC;
	uint32_t i;

	for (i = 0; i < p->n_failures && usec < max; i++)
		usec *= 2;
	/* A connection attempt itself is given longer. */
	if (l->conn != NULL && usec < 5 * MONO_USEC_PER_SEC)
		usec = 5 * MONO_USEC_PER_SEC;
	if (usec > max)
		usec = max;
	usec -= env_random_below(p->session->env, (uint32_t)(usec / 4) + 1);
	p->n_failures++;
	peer_log_timer(l, "connect retry", usec);
	loop_timer_set_after_usec(&l->retry, usec);
}

static void
peer_on_retry(void *arg)
{
	peer_event(arg, EVENT_RETRY_TIMER);
}

uint32_t
peer_open_wait_sec(const struct peer *p)
{
	uint32_t sec = p->session->config->environment.open_wait_sec;

	return p->conf->is_isolated && sec != 0 ? sec :
	    PEER_HOLD_INITIAL_SEC;
}

void
peer_start_hold(struct link *l, uint32_t sec)
{
	if (sec == 0) {
		loop_timer_clear(&l->hold);
		return;
	}
	peer_log_timer(l, "hold", sec * MONO_USEC_PER_SEC);
	loop_timer_set_after_usec(&l->hold, sec * MONO_USEC_PER_SEC);
}

/*
 * The time is up; but if the machine was busy, the message may be waiting in
 * the socket: look once more. While the RDE does not keep up, nothing is
 * taken from the peer; what waits shows that it is there.
 */
static void
peer_on_hold(void *arg)
{
	struct link *l = arg;
	struct conn *c = l->conn;

	/* No program's slowness costs a session. */
	if (l->peer->is_throttled) {
		l->peer->is_throttled = false;
		peer_pause(l->peer, !session_may_read(l->peer->session));
	}
	if (c != NULL && l->conn == c)
		conn_poll(c);
	if (l->conn != c || l->hold.is_set || l->state < STATE_OPENSENT)
		return;
	if (c != NULL && conn_is_held_up(c)) {
		peer_start_hold(l, l->negotiated.hold_time_sec);
		return;
	}
	peer_why(l, "hold timer expired");
	peer_event(l, EVENT_HOLD_TIMER);
}

/* A third of the hold time, less up to a quarter of that. RFC 4271 10. */
void
peer_start_keepalive(struct link *l)
{
	int64_t usec = l->negotiated.hold_time_sec * MONO_USEC_PER_SEC / 3;

	if (usec == 0)
		return;
	usec -= env_random_below(l->peer->session->env,
	    (uint32_t)(usec / 4));
	peer_log_timer(l, "keepalive", usec);
	loop_timer_set_after_usec(&l->keepalive, usec);
}

static void
peer_on_keepalive(void *arg)
{
	peer_event(arg, EVENT_KEEPALIVE_TIMER);
}

/* Looked at now and then, and at the very end of the time. */
static void
peer_on_send_hold(void *arg)
{
	struct link *l = arg;
	int64_t limit = peer_send_hold_usec(l), left = limit;

	if (l->conn == NULL)
		return;
	if (mono_is_set(l->conn->stuck_since))
		left -= mono_diff_usec(loop_now(l->peer->session->env->loop),
		    l->conn->stuck_since);
	if (left <= 0) {
		peer_why(l, "send hold timer expired");
		peer_event(l, EVENT_SEND_HOLD_TIMER);
		return;
	}
	loop_timer_set_after_usec(&l->send_hold, left < limit / 8 ? left :
	    limit / 8);
}

static void
peer_on_idle_hold(void *arg)
{
	peer_start(arg);
}

/* It did not come back in its restart time, RFC 4724 4.2. */
static void
peer_on_stale(void *arg)
{
	struct peer *p = arg;

	log_info(&p->session->env->log, "peer %s: restart time is over, its "
	    "routes are %s", p->label, p->has_llgr ? "used as a last resort" :
	    "forgotten");
	p->is_long_stale = p->has_llgr;
	peer_tell_down(p, p->has_llgr ? DOWN_LONG_STALE : DOWN_FLUSH);
}

void
peer_stop_timers(struct link *l)
{
	loop_timer_clear(&l->retry);
	loop_timer_clear(&l->hold);
	loop_timer_clear(&l->keepalive);
	loop_timer_clear(&l->send_hold);
}
