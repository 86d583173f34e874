/* SPDX-License-Identifier: ISC */
/*
 * The RTR client: for each configured cache a connection, a version agreed
 * on, and a copy of its data kept current by serial queries; the copies are
 * united in rtr_set.c, whose changes go to the RDE. A cache that is gone
 * counts until its data expires. RFC 6810, RFC 8210, 8210bis.
 */
#include "session/rtr.h"

#include "common/chan.h"
#include "common/env.h"
#include "common/err.h"
#include "session/engine.h"
#include "session/rtr_cache.h"

#include <err.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define RTR_SLICE	8192		/* records of a turn */
#define RTR_FULL_USEC	10000		/* look at a full channel again */
#define SECONDS(n)	((int64_t)(n) * MONO_USEC_PER_SEC)

static void	cache_query(struct rtr_cache *);
static void	rtr_work(void *);

/*
 * Walks.
 */
static void
cache_begin_walk(struct rtr_cache *c, enum rtr_work work)
{
	c->walk = (struct rtr_walk){
		.work = work, .cache = (uint8_t)c->bit,
	};
	rtr_conn_pause(c, true);
	loop_task_schedule(&c->session->rtr->task);
}

static void
cache_free(struct rtr_cache *c)
{
	struct rtr *rtr = c->session->rtr;
	struct rtr_cache **link;

	for (link = &rtr->caches; *link != c; link = &(*link)->next)
		;
	*link = c->next;
	rtr->used_bits &= ~(1u << c->bit);
	rtr_conn_close(c);
	loop_timer_fini(&c->query_timer);
	loop_timer_fini(&c->expire_timer);
	loop_timer_fini(&c->answer_timer);
	buf_free(&c->out);
	free(c->in);
	free(c);
}

/* A slice of each walk; a task, so that sessions get their turns. */
static void
rtr_work(void *arg)
{
	struct session *s = arg;
	struct rtr *rtr = s->rtr;
	struct rtr_cache *c, *next;
	bool is_done = rtr_set_tell(&rtr->set, &rtr->tell, s->rde, RTR_SLICE);

	for (c = rtr->caches; c != NULL; c = next) {
		next = c->next;
		if (c->walk.work == RTR_IDLE)
			continue;
		if (!rtr_set_walk(&rtr->set, &c->walk, s->rde, RTR_SLICE))
			is_done = false;
		else if (c->is_removed)
			cache_free(c);
		else
			rtr_conn_pause(c, false);
	}
	session_check_flow(s);
	if (is_done)
		return;
	if (s->rde != NULL && chan_is_full(s->rde))
		loop_timer_set_after_usec(&rtr->timer, RTR_FULL_USEC);
	else
		loop_task_schedule(&rtr->task);
}

void
rtr_drained(struct session *s)
{
	if (s->rtr != NULL)
		loop_task_schedule(&s->rtr->task);
}

void
rtr_new_rde(struct session *s)
{
	s->rtr->tell = (struct rtr_walk){ .work = RTR_COMMIT };
	loop_task_schedule(&s->rtr->task);
}

/*
 * The end of a connection, and the way to the next.
 */
static void
cache_drop_answer(struct rtr_cache *c)
{
	c->is_answering = false;
	loop_timer_clear(&c->answer_timer);
	/* What was half told is forgotten; a walk at work goes on. */
	if (c->walk.work == RTR_IDLE)
		cache_begin_walk(c, RTR_ABORT);
}

static void
cache_retry(struct rtr_cache *c, uint32_t sec)
{
	c->state = RTR_CLOSED;
	loop_timer_set_after_usec(&c->query_timer, SECONDS(sec));
}

static void
cache_close(struct rtr_cache *c)
{
	uint32_t sec = RTR_FIRST_RETRY_SEC << (c->n_failures < 8 ?
	    c->n_failures : 8);

	rtr_conn_close(c);
	cache_drop_answer(c);
	c->is_negotiated = false;
	c->n_failures++;
	cache_retry(c, sec < c->retry_sec ? sec : c->retry_sec);
}

/* Send an Error Report about a PDU, then close (RFC 8210 5.11, 10). */
static void
cache_fail(struct rtr_cache *c, uint16_t error, struct rd pdu,
    const char *text)
{
	struct rtr_pdu p = {
		.version = c->version, .type = RTR_ERROR_REPORT,
		.error = error, .error_pdu = pdu,
		.error_text = buf_reader(text, strlen(text)),
	};

	/* All of it fits a report only if it is not huge. */
	if (buf_left(&pdu) > 512)
		p.error_pdu = buf_reader(pdu.pos, 512);
	c->sent_error = error;
	strlcpy(c->sent_text, text, sizeof(c->sent_text));
	log_warn(&c->session->env->log, "rtr %s: %s: %s", c->label,
	    rtr_error_text(error), text);
	c->state = RTR_ERROR;
	rtr_tell_event(c, false, text);
	rtr_conn_send(c, &p);
	rtr_conn_finish(c);
	loop_timer_set_after_usec(&c->answer_timer, SECONDS(RTR_CLOSING_SEC));
}

void
rtr_on_bad(struct rtr_cache *c, struct rd bytes)
{
	cache_fail(c, RTR_CORRUPT_DATA,
	    buf_reader(bytes.pos, RTR_HEADER_LEN), "length of a PDU");
}

/* Old caches end the connection when they do not know the version. */
static void
cache_guess_version(struct rtr_cache *c)
{
	c->version = c->version > c->conf->min_version ?
	    (uint8_t)(c->version - 1u) : RTR_VERSION_MAX;
	c->has_session = false;
}

void
rtr_on_lost(struct rtr_cache *c, const char *why)
{
	bool was_asked = c->state == RTR_NEGOTIATION && c->handle != -1 &&
	    !c->is_connecting && c->in_len == 0;

	if (c->state != RTR_ERROR &&
	    (c->n_failures == 0 || c->state == RTR_ESTABLISHED))
		log_warn(&c->session->env->log, "rtr %s: %s", c->label, why);
	if (was_asked)
		cache_guess_version(c);
	rtr_tell_event(c, false, why);
	cache_close(c);
}

static void
cache_on_answer_timer(void *arg)
{
	struct rtr_cache *c = arg;

	if (c->state == RTR_ERROR)
		cache_close(c);
	else
		rtr_on_lost(c, "no answer");
}

static void
cache_on_expire(void *arg)
{
	struct rtr_cache *c = arg;

	log_warn(&c->session->env->log, "rtr %s: data expired", c->label);
	rtr_tell_event(c, false, "data expired");
	if (c->handle != -1)
		cache_close(c);
	c->has_session = false;
	cache_begin_walk(c, RTR_FORGET);
}

static void
cache_on_query_timer(void *arg)
{
	struct rtr_cache *c = arg;

	if (c->session->rtr->is_stopping || c->is_removed)
		return;
	if (c->state == RTR_ESTABLISHED) {
		cache_query(c);
	} else if (c->handle == -1) {
		c->state = RTR_NEGOTIATION;
		rtr_conn_open(c);
		if (c->handle != -1)
			loop_timer_set_after_usec(&c->answer_timer,
			    SECONDS(RTR_ANSWER_SEC));
	}
}

/*
 * Queries and their answers.
 */
static void
cache_query(struct rtr_cache *c)
{
	struct rtr_pdu p = {
		.version = c->version, .type = RTR_RESET_QUERY,
	};

	if (c->has_session) {
		p.type = RTR_SERIAL_QUERY;
		p.session_id = c->session_id;
		p.serial = c->serial;
	}
	c->is_reset = !c->has_session;
	c->is_answering = false;
	if (c->is_negotiated)
		c->state = RTR_EXCHANGE;
	loop_timer_clear(&c->query_timer);
	loop_timer_set_after_usec(&c->answer_timer, SECONDS(RTR_ANSWER_SEC));
	rtr_conn_send(c, &p);
}

void
rtr_on_open(struct rtr_cache *c)
{
	log_debug(&c->session->env->log, "rtr %s: connected, version %u",
	    c->label, c->version);
	cache_query(c);
}

static void
cache_reset(struct rtr_cache *c)
{
	c->has_session = false;
	cache_query(c);
}

static void
pdu_notify(struct rtr_cache *c, const struct rtr_pdu *p, struct rd pdu)
{
	(void)pdu;
	/* RFC 8210 5.2, 7: the query under way gets the news anyway. */
	if (c->state != RTR_ESTABLISHED)
		return;
	if (!c->has_session || p->session_id != c->session_id)
		cache_reset(c);
	else if (p->serial != c->serial)
		cache_query(c);
}

static void
pdu_response(struct rtr_cache *c, const struct rtr_pdu *p, struct rd pdu)
{
	if (c->state != RTR_EXCHANGE || c->is_answering) {
		cache_fail(c, RTR_CORRUPT_DATA, pdu,
		    "Cache Response without a query");
		return;
	}
	if (!c->is_reset && p->session_id != c->session_id) {
		c->has_session = false;
		cache_fail(c, RTR_CORRUPT_DATA, pdu, "another session id");
		return;
	}
	c->session_id = p->session_id;
	c->is_answering = true;
}

/* What the set says of a record, as an Error Report. */
static void
cache_check(struct rtr_cache *c, int e, struct rd pdu)
{
	if (e == ERR_EXISTS)
		cache_fail(c, RTR_DUPLICATE, pdu, "announced twice");
	else if (e == ERR_ABSENT)
		cache_fail(c, RTR_UNKNOWN_WITHDRAWAL, pdu,
		    "withdrawn, but was not announced");
	else if (e != 0)
		cache_fail(c, RTR_INTERNAL_ERROR, pdu, "too many records");
	if (e != 0)
		c->has_session = false;
}

static bool
cache_may_tell(struct rtr_cache *c, struct rd pdu)
{
	if (c->state == RTR_EXCHANGE && c->is_answering)
		return true;
	cache_fail(c, RTR_CORRUPT_DATA, pdu, "data without Cache Response");
	return false;
}

static void
pdu_prefix(struct rtr_cache *c, const struct rtr_pdu *p, struct rd pdu)
{
	if (cache_may_tell(c, pdu))
		cache_check(c, rtr_set_vrp(&c->session->rtr->set, c->bit,
		    &p->prefix, p->max_len, p->asn, p->is_announce,
		    c->is_reset), pdu);
}

static void
pdu_aspa(struct rtr_cache *c, const struct rtr_pdu *p, struct rd pdu)
{
	if (cache_may_tell(c, pdu))
		cache_check(c, rtr_set_aspa(&c->session->rtr->set, c->bit,
		    p->asn, p->providers, p->is_announce, c->is_reset), pdu);
}

/* Keys are for BGPsec, which nobody here speaks. */
static void
pdu_key(struct rtr_cache *c, const struct rtr_pdu *p, struct rd pdu)
{
	(void)p;
	cache_may_tell(c, pdu);
}

static uint32_t
in_range(uint32_t v, uint32_t low, uint32_t high)
{
	return v < low ? low : v > high ? high : v;
}

/*
 * RFC 8210 6. Data must not expire before it is time to ask for them: where a
 * cache says so, it is asked sooner.
 */
static void
cache_set_intervals(struct rtr_cache *c, const struct rtr_pdu *p)
{
	uint32_t expire = in_range(p->expire_sec, 600, 172800);

	c->refresh_sec = in_range(p->refresh_sec, 1, 86400);
	c->retry_sec = in_range(p->retry_sec, 1, 7200);
	c->expire_sec = expire;
	if (c->refresh_sec >= expire)
		c->refresh_sec = expire / 2;
	if (c->retry_sec >= expire)
		c->retry_sec = expire / 2;
}

static void
pdu_end(struct rtr_cache *c, const struct rtr_pdu *p, struct rd pdu)
{
	if (!cache_may_tell(c, pdu))
		return;
	if (p->session_id != c->session_id) {
		c->has_session = false;
		cache_fail(c, RTR_CORRUPT_DATA, pdu, "another session id");
		return;
	}
	if (p->version > 0)
		cache_set_intervals(c, p);
	c->serial = p->serial;
	c->has_session = true;
	c->is_answering = false;
	c->state = RTR_ESTABLISHED;
	c->n_failures = 0;
	rtr_tell_event(c, true, "");
	loop_timer_clear(&c->answer_timer);
	loop_timer_set_after_usec(&c->query_timer, SECONDS(c->refresh_sec));
	loop_timer_set_after_usec(&c->expire_timer, SECONDS(c->expire_sec));
	log_debug(&c->session->env->log, "rtr %s: session %u serial %u",
	    c->label, c->session_id, c->serial);
	cache_begin_walk(c, c->is_reset ? RTR_COMMIT_FULL : RTR_COMMIT);
}

static void
pdu_cache_reset(struct rtr_cache *c, const struct rtr_pdu *p, struct rd pdu)
{
	(void)p;
	if (c->state != RTR_EXCHANGE || c->is_answering || c->is_reset)
		cache_fail(c, RTR_CORRUPT_DATA, pdu,
		    "Cache Reset without a serial query");
	else
		cache_reset(c);
}

/* The cache's version is lower: try that, at once (RFC 8210 7). */
static void
cache_downgrade(struct rtr_cache *c, uint8_t version)
{
	if (version >= c->version)
		version = (uint8_t)(c->version - 1u);
	log_info(&c->session->env->log, "rtr %s: version %u is refused, "
	    "trying %u", c->label, c->version, version);
	c->version = version;
	c->has_session = false;	/* ids are those of a version */
	rtr_conn_close(c);
	cache_drop_answer(c);
	cache_retry(c, 0);
}

static void
pdu_error(struct rtr_cache *c, const struct rtr_pdu *p, struct rd pdu)
{
	char text[RTR_MESSAGE_MAX];

	(void)pdu;
	c->recv_error = p->error;
	log_escape(p->error_text.pos, buf_left(&p->error_text), text,
	    sizeof(text));
	strlcpy(c->recv_text, text, sizeof(c->recv_text));
	if (p->error == RTR_UNSUPPORTED_VERSION && !c->is_negotiated &&
	    c->version > c->conf->min_version &&
	    (p->version >= c->conf->min_version)) {
		cache_downgrade(c, p->version);
		return;
	}
	log_warn(&c->session->env->log, "rtr %s: error report: %s: %s",
	    c->label, rtr_error_text(p->error), text);
	if (p->error != RTR_NO_DATA) {
		c->has_session = c->has_session &&
		    p->error != RTR_CORRUPT_DATA;
		rtr_tell_event(c, false, rtr_error_text(p->error));
		cache_close(c);
		return;
	}
	cache_drop_answer(c);
	c->is_negotiated = true;
	c->state = RTR_ESTABLISHED;
	loop_timer_set_after_usec(&c->query_timer, SECONDS(c->retry_sec));
}

static void
pdu_wrong(struct rtr_cache *c, const struct rtr_pdu *p, struct rd pdu)
{
	(void)p;
	cache_fail(c, RTR_INVALID_REQUEST, pdu, "a router's PDU");
}

/* By type. */
static void (*const pdu_handlers[])(struct rtr_cache *,
    const struct rtr_pdu *, struct rd) = {
	[RTR_SERIAL_NOTIFY] = pdu_notify,
	[RTR_SERIAL_QUERY] = pdu_wrong,
	[RTR_RESET_QUERY] = pdu_wrong,
	[RTR_CACHE_RESPONSE] = pdu_response,
	[RTR_IPV4_PREFIX] = pdu_prefix,
	[RTR_IPV6_PREFIX] = pdu_prefix,
	[RTR_END_OF_DATA] = pdu_end,
	[RTR_CACHE_RESET] = pdu_cache_reset,
	[RTR_ROUTER_KEY] = pdu_key,
	[RTR_ERROR_REPORT] = pdu_error,
	[RTR_ASPA] = pdu_aspa,
};

/*
 * The first PDU that is neither Notify nor Error Report settles the version:
 * ours, or a lower one if that is allowed. False: an error was reported.
 */
static bool
cache_agree(struct rtr_cache *c, const struct rtr_pdu *p, struct rd pdu)
{
	if (p->type == RTR_ERROR_REPORT || p->version == c->version) {
		if (p->type != RTR_ERROR_REPORT &&
		    p->type != RTR_SERIAL_NOTIFY && !c->is_negotiated) {
			c->is_negotiated = true;
			c->state = RTR_EXCHANGE;
		}
		return true;
	}
	if (!c->is_negotiated && p->type == RTR_SERIAL_NOTIFY)
		return true;
	if (c->is_negotiated || p->version > c->version) {
		cache_fail(c, RTR_UNEXPECTED_VERSION, pdu,
		    "not the version agreed on");
		return false;
	}
	if (p->version < c->conf->min_version) {
		cache_fail(c, RTR_UNSUPPORTED_VERSION, pdu,
		    "below the minimal version");
		return false;
	}
	log_info(&c->session->env->log, "rtr %s: version %u", c->label,
	    p->version);
	c->version = p->version;
	if (!c->is_reset) {	/* the session was another version's */
		c->has_session = false;
		cache_close(c);
		return false;
	}
	c->is_negotiated = true;
	c->state = RTR_EXCHANGE;
	return true;
}

void
rtr_on_pdu(struct rtr_cache *c, struct rd pdu)
{
	struct rtr_pdu p;
	uint16_t error;

	if (rtr_decode(pdu, &p, &error) != 0) {
		struct rtr_header h = { 0 };

		rtr_header(pdu, &h);
		if (h.type == RTR_ERROR_REPORT)	/* none about another */
			rtr_on_lost(c, "malformed Error Report");
		else
			cache_fail(c, error, pdu, rtr_type_text(h.type));
		return;
	}
	if (c->answer_timer.is_set)
		loop_timer_set_after_usec(&c->answer_timer,
		    SECONDS(RTR_ANSWER_SEC));
	if (cache_agree(c, &p, pdu))
		pdu_handlers[p.type](c, &p, pdu);
}

/*
 * Configuration.
 */
static bool
cache_is_same(const struct conf_rtr *a, const struct conf_rtr *b)
{
	return addr_is_equal(&a->addr, &b->addr) && a->port == b->port &&
	    addr_is_equal(&a->local_address, &b->local_address) &&
	    a->min_version == b->min_version &&
	    (a->refused == NULL) == (b->refused == NULL) &&
	    config_rtr_key_is_equal(a, b);
}

static void
cache_remove(struct rtr_cache *c)
{
	rtr_tell_event(c, false, "no longer configured");
	c->is_removed = true;
	c->conf = NULL;
	rtr_conn_close(c);
	c->state = RTR_CLOSED;
	loop_timer_clear(&c->query_timer);
	loop_timer_clear(&c->expire_timer);
	loop_timer_clear(&c->answer_timer);
	cache_begin_walk(c, RTR_FORGET);
}

static void
cache_new(struct session *s, const struct conf_rtr *conf)
{
	struct rtr *rtr = s->rtr;
	struct rtr_cache *c, **link;
	char text[ADDR_TEXT_MAX];

	if (rtr->used_bits == UINT32_MAX) {
		log_err(&s->env->log, "rtr %s: more than %d caches",
		    addr_print(&conf->addr, text, sizeof(text)),
		    RTR_CACHES_MAX);
		return;
	}
	c = calloc(1, sizeof(*c));
	if (c == NULL)
		err(1, "rtr");
	c->session = s;
	c->conf = conf;
	c->handle = -1;
	c->bit = (unsigned)__builtin_ctz(~rtr->used_bits);
	rtr->used_bits |= 1u << c->bit;
	c->version = RTR_VERSION_MAX;
	c->refresh_sec = RTR_REFRESH_SEC;
	c->retry_sec = RTR_RETRY_SEC;
	c->expire_sec = RTR_EXPIRE_SEC;
	c->sent_error = c->recv_error = RTR_NO_ERROR;
	snprintf(c->label, sizeof(c->label), "%s port %u",
	    addr_print(&conf->addr, text, sizeof(text)), conf->port);
	buf_writer_growing(&c->out, 64 * 1024);
	loop_timer_init(&c->query_timer, s->env->loop, cache_on_query_timer,
	    c);
	loop_timer_init(&c->expire_timer, s->env->loop, cache_on_expire, c);
	loop_timer_init(&c->answer_timer, s->env->loop, cache_on_answer_timer,
	    c);
	for (link = &rtr->caches; *link != NULL; link = &(*link)->next)
		;
	*link = c;
	if (conf->refused != NULL)
		log_err(&s->env->log, "rtr %s: not started: %s", c->label,
		    conf->refused);
	else
		cache_retry(c, 0);
}

void
rtr_configure(struct session *s, const struct config *new)
{
	struct rtr_cache *c, *next;
	const struct conf_rtr *same;
	bool *is_known = calloc(new->n_rtrs + 1, sizeof(*is_known));
	size_t i;

	if (is_known == NULL)
		err(1, "rtr");
	for (c = s->rtr->caches; c != NULL; c = next) {
		next = c->next;
		if (c->is_removed)
			continue;
		same = NULL;
		for (i = 0; i < new->n_rtrs && same == NULL; i++) {
			if (!cache_is_same(c->conf, &new->rtrs[i]))
				continue;
			same = &new->rtrs[i];
			is_known[i] = true;
		}
		if (same == NULL)
			cache_remove(c);
		else
			c->conf = same;
	}
	for (i = 0; i < new->n_rtrs; i++)
		if (!is_known[i])
			cache_new(s, &new->rtrs[i]);
	free(is_known);
}

static void
rtr_on_timer(void *arg)
{
	rtr_drained(arg);
}

void
rtr_init(struct session *s)
{
	struct rtr *rtr = calloc(1, sizeof(*rtr));

	if (rtr == NULL)
		err(1, "rtr");
	s->rtr = rtr;
	rtr_set_init(&rtr->set, (uint64_t)s->env->random(s->env) << 32 |
	    s->env->random(s->env));
	loop_task_init(&rtr->task, s->env->loop, rtr_work, s);
	loop_timer_init(&rtr->timer, s->env->loop, rtr_on_timer, s);
}

void
rtr_stop(struct session *s)
{
	struct rtr_cache *c;

	s->rtr->is_stopping = true;
	for (c = s->rtr->caches; c != NULL; c = c->next) {
		rtr_conn_close(c);
		loop_timer_clear(&c->query_timer);
		loop_timer_clear(&c->answer_timer);
		loop_timer_clear(&c->expire_timer);
	}
}

void
rtr_fini(struct session *s)
{
	while (s->rtr->caches != NULL)
		cache_free(s->rtr->caches);
	loop_task_fini(&s->rtr->task);
	loop_timer_fini(&s->rtr->timer);
	rtr_set_fini(&s->rtr->set);
	free(s->rtr);
	s->rtr = NULL;
}
