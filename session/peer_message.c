/* SPDX-License-Identifier: ISC */
/*
 * What an incoming message means: OPEN is judged and collisions resolved,
 * UPDATEs are batched for the RDE, NOTIFICATIONs logged, refreshes passed
 * on; and the broker hears of what some program listens to.
 */
#include "session/peer.h"

#include "common/bgp.h"
#include "common/chan.h"
#include "common/env.h"
#include "common/err.h"
#include "session/engine.h"

#include <stdio.h>
#include <string.h>

static uint8_t
peer_type_bit(uint8_t type)
{
	static const uint8_t bits[] = {
		[BGP_OPEN] = API_OPEN, [BGP_UPDATE] = API_UPDATE,
		[BGP_NOTIFICATION] = API_NOTIFICATION,
		[BGP_KEEPALIVE] = API_KEEPALIVE,
		[BGP_ROUTE_REFRESH] = API_REFRESH,
		[BGP_OPERATIONAL] = API_OPERATIONAL,
	};

	return type < sizeof(bits) ? bits[type] : 0;
}

/* Whether some program wants messages of this type in this direction. */
static bool
peer_is_wanted(const struct conf_peer *conf, uint8_t type, bool is_sent)
{
	uint8_t bit = peer_type_bit(type);
	size_t i;

	for (i = 0; i < conf->n_apis; i++)
		if ((is_sent ? conf->apis[i].send_mask :
		    conf->apis[i].receive_mask) & bit)
			return true;
	return false;
}

/* Whether some dump may: the broker knows which. */
static bool
peer_is_dumped(const struct peer *p)
{
	return p->conf->n_dumps != 0 || (p->session->config != NULL &&
	    p->session->config->n_dumps != 0);
}

/* Whether some BMP station is told of it. */
static bool
peer_is_monitored(const struct peer *p, uint8_t type, bool is_sent)
{
	uint8_t bit = is_sent ? CONF_BMP_ADJ_RIB_OUT : CONF_BMP_PRE_POLICY;

	return type == BGP_UPDATE && !p->conf->no_bmp &&
	    (p->session->monitor & bit) != 0;
}

static void
peer_tell_message(struct peer *p, uint8_t type, const uint8_t *message,
    size_t len, bool is_sent)
{
	struct chan *api = p->session->api;
	uint8_t bytes[1 + BGP_MESSAGE_MAX_EXTENDED];

	/* Operators listen to NOTIFICATIONs of all. */
	if (api == NULL || (type != BGP_NOTIFICATION && !peer_is_dumped(p) &&
	    !peer_is_monitored(p, type, is_sent) &&
	    (!p->is_listened_to || !peer_is_wanted(p->conf, type, is_sent))))
		return;
	bytes[0] = is_sent;
	memcpy(bytes + 1, message, len);
	chan_send(api, IMSG_EVENT_MESSAGE, p->id, bytes, len + 1);
}

/* ExaBGP's log.message and log.packets. */
static void
peer_log_message(const struct peer *p, uint8_t type, const uint8_t *message,
    size_t len, bool is_sent)
{
	const struct log *log = &p->session->env->log;
	const char *verb = is_sent ? "sent" : "received";
	char hex[LOG_HEX_MAX];

	if (log_shows(log, LOG_TOPIC_MESSAGE))
		log_debug(log, "message: peer %s: %s %s, %zu bytes", p->label,
		    verb, message_name(type), len);
	if (log_shows(log, LOG_TOPIC_PACKETS))
		log_debug(log, "packets: peer %s: %s %zu bytes %s", p->label,
		    verb, len, log_hex(message, len, hex, sizeof(hex)));
}

static void
peer_count(struct peer_counters *c, uint8_t type, size_t len)
{
	c->messages[type < 8 ? type : 0]++;
	c->bytes += len;
}

void
peer_note_sent(struct peer *p, const uint8_t *bytes, size_t len)
{
	struct rd r = buf_reader(bytes, len), m;
	uint16_t message_len;
	uint8_t type;

	while (buf_left(&r) >= BGP_HEADER_LEN) {
		m = r;
		buf_get_bytes(&m, BGP_MARKER_LEN);
		message_len = buf_get_u16(&m);
		type = buf_get_u8(&m);
		if (message_len < BGP_HEADER_LEN ||
		    message_len > buf_left(&r))
			return;
		peer_count(&p->sent, type, message_len);
		peer_log_message(p, type, r.pos, message_len, true);
		if (p->is_listened_to || type == BGP_NOTIFICATION ||
		    peer_is_dumped(p) || peer_is_monitored(p, type, true))
			peer_tell_message(p, type, r.pos, message_len, true);
		if (type == BGP_ROUTE_REFRESH && buf_left(&m) >= 4) {
			buf_get_u16(&m);
			p->n_refresh_sent[buf_get_u8(&m) % 3]++;
		}
		buf_get_bytes(&r, message_len);
	}
	p->last_write = loop_now(p->session->env->loop);
}

/*
 * RFC 4271 6.8 and RFC 6286 2.3: of two connections that both have an OPEN
 * the one survives that the side with the higher identifier (then AS) made.
 * False when this link did not survive.
 */
static bool
peer_resolve_collision(struct link *l)
{
	struct peer *p = l->peer;
	struct link *other = &p->links[l->is_incoming ? 0 : 1];
	uint32_t local_id = l->local.router_id;
	uint32_t remote_id = l->remote.router_id;
	bool keep_incoming = local_id < remote_id || (local_id == remote_id &&
	    p->conf->local_as < p->conf->remote_as);

	if (other->state == STATE_ESTABLISHED) {
		peer_event(l, EVENT_COLLISION);
		return false;
	}
	if (other->state != STATE_OPENCONFIRM)
		return true;
	if (keep_incoming == l->is_incoming) {
		peer_event(other, EVENT_COLLISION);
		return true;
	}
	peer_event(l, EVENT_COLLISION);
	return false;
}

static void
peer_on_open(struct link *l, const uint8_t *message, size_t len)
{
	struct rd body = buf_reader(message, len);
	struct peer *p = l->peer;
	struct open remote;

	buf_get_bytes(&body, BGP_HEADER_LEN);
	if (l->state != STATE_OPENSENT) {
		peer_event(l, EVENT_OPEN);
		return;
	}
	if (open_decode(body, &remote) != 0) {
		l->error = (struct peer_error){
			.code = ERROR_OPEN, .subcode = remote.error_subcode,
			.len = remote.error_len,
		};
		memcpy(l->error.data, remote.error_data, remote.error_len);
		peer_event(l, EVENT_ERROR);
		return;
	}
	if (peer_judge_open(l, &remote) != 0) {
		peer_event(l, EVENT_ERROR);
		return;
	}
	l->remote = remote;
	peer_keep_open(l, message, len);
	l->has_remote = true;
	if (!l->is_open_sent) {		/* local-as auto */
		uint8_t bytes[BGP_MESSAGE_MAX];
		struct wr w;

		buf_writer(&w, bytes, sizeof(bytes));
		peer_local_open(p, l, &l->local);
		open_encode(&l->local, &w);
		peer_note_sent(p, w.base, w.len);
		conn_send(l->conn, w.base, w.len);
		l->is_open_sent = true;
	}
	if (!peer_resolve_collision(l))
		return;
	open_negotiate(&l->local, &l->remote, &l->negotiated);
	peer_event(l, EVENT_OPEN);
}

static void
peer_on_update(struct link *l, const uint8_t *message, size_t len)
{
	struct peer *p = l->peer;

	peer_event(l, EVENT_UPDATE);
	if (l->state != STATE_ESTABLISHED || p->session->rde == NULL)
		return;
	buf_put_bytes(&p->batch, message, len);
	if (p->batch.len >= IMSG_BATCH_BYTES)
		peer_flush_batch(p);
}

static void
peer_on_notification(struct link *l, struct rd body)
{
	struct peer *p = l->peer;
	uint8_t code = buf_get_u8(&body), subcode = buf_get_u8(&body);
	char reason[PEER_REASON_MAX];

	message_error_text(code, subcode, p->last_error_received,
	    sizeof(p->last_error_received));
	message_shutdown_text(body.pos, buf_left(&body), reason,
	    sizeof(reason));
	if (code == ERROR_CEASE && (subcode == CEASE_ADMIN_SHUTDOWN ||
	    subcode == CEASE_ADMIN_RESET))
		strlcpy(p->last_reason, reason, sizeof(p->last_reason));
	else
		reason[0] = '\0';
	log_info(&p->session->env->log,
	    "peer %s: received NOTIFICATION %u/%u: %s%s%s", p->label, code,
	    subcode, p->last_error_received, reason[0] == '\0' ? "" : ": ",
	    reason);
	if (l->why[0] == '\0')
		snprintf(l->why, sizeof(l->why),
		    "received NOTIFICATION %u/%u: %s", code, subcode,
		    p->last_error_received);
	l->error.code = code;	/* ended with a word: no graceful restart */
	l->error.subcode = subcode;
	peer_event(l, EVENT_NOTIFICATION);
}

/* RFC 7313 5: a wrong length is 7/1 with the whole message as data. */
static void
peer_on_refresh(struct link *l, const uint8_t *message, size_t len)
{
	struct peer *p = l->peer;
	struct rd body = buf_reader(message, len);
	size_t n;

	buf_get_bytes(&body, BGP_HEADER_LEN);
	if (l->state == STATE_ESTABLISHED && buf_left(&body) != 4) {
		n = len < PEER_ERROR_DATA_MAX ? len : PEER_ERROR_DATA_MAX;
		l->error = (struct peer_error){
			.code = ERROR_REFRESH, .subcode = 1, .len = (uint8_t)n,
		};
		memcpy(l->error.data, message, n);
		peer_event(l, EVENT_ERROR);
		return;
	}
	peer_event(l, EVENT_REFRESH);
	if (l->state != STATE_ESTABLISHED)
		return;
	peer_flush_batch(p);
	if (p->session->rde != NULL)
		chan_send(p->session->rde, IMSG_REFRESH, p->id, body.pos, 4);
	buf_get_u16(&body);
	p->n_refresh_received[buf_get_u8(&body) % 3]++;
}

/* A window that is over says what the rate was. */
static void
peer_rate_turn(struct peer_rate *r, struct mono now)
{
	int64_t sec = mono_diff_sec(now, r->since);

	if (mono_is_set(r->since) && sec < PEER_RATE_SEC)
		return;
	/* Nothing came in the windows between. */
	r->last = sec >= 2 * PEER_RATE_SEC ? 0 : r->n / PEER_RATE_SEC;
	if (r->n / PEER_RATE_SEC > r->most)
		r->most = r->n / PEER_RATE_SEC;
	r->n = 0;
	r->since = now;
}

void
peer_rate_get(const struct peer *p, uint32_t *now, uint32_t *most)
{
	struct peer_rate r = p->rate;

	peer_rate_turn(&r, loop_now(p->session->env->loop));
	*now = r.last;
	*most = r.most;
}

void
peer_on_message(struct link *l, uint8_t type, const uint8_t *message,
    size_t len)
{
	struct peer *p = l->peer;
	struct rd body = buf_reader(message, len);

	buf_get_bytes(&body, BGP_HEADER_LEN);
	peer_count(&p->received, type, len);
	peer_log_message(p, type, message, len, false);
	peer_rate_turn(&p->rate, loop_now(p->session->env->loop));
	p->rate.n++;
	peer_tell_message(p, type, message, len, false);
	/* RFC 6608: data of an FSM error is the type of the message. */
	l->error = (struct peer_error){ .len = 1, .data = { type } };
	switch (type) {
	case BGP_OPEN:
		peer_on_open(l, message, len);
		break;
	case BGP_UPDATE:
		peer_on_update(l, message, len);
		break;
	case BGP_NOTIFICATION:
		peer_on_notification(l, body);
		break;
	case BGP_KEEPALIVE:
		peer_event(l, EVENT_KEEPALIVE);
		break;
	case BGP_ROUTE_REFRESH:
		peer_on_refresh(l, message, len);
		break;
	default:
		/* OPERATIONAL: for programs only. */
		break;
	}
}
