/* SPDX-License-Identifier: ISC */
/* What bgpctl show rtr tells of each cache. */
#include "session/rtr.h"

#include "common/chan.h"
#include "common/emit.h"
#include "session/engine.h"
#include "session/rtr_cache.h"

#include <string.h>

/* OpenBGPD's keys, and how much there is. */
static void
emit_error(struct emit *e, const char *error_key, const char *text_key,
    uint16_t error, const char *text)
{
	if (error == RTR_NO_ERROR)
		return;
	emit_key_string(e, error_key, rtr_error_text(error));
	if (*text != '\0')
		emit_key_string(e, text_key, text);
}

static void
cache_emit(const struct rtr_cache *c, struct emit *e)
{
	static const char *const states[] = {
		[RTR_CLOSED] = "closed", [RTR_ERROR] = "error",
		[RTR_ESTABLISHED] = "established",
		[RTR_EXCHANGE] = "exchange",
		[RTR_NEGOTIATION] = "negotiation",
	};
	uint32_t n_vrps, n_aspas;
	char text[ADDR_TEXT_MAX];

	emit_begin_object(e);
	if (c->conf->descr != NULL)
		emit_key_string(e, "descr", c->conf->descr);
	emit_key_string(e, "remote_addr", addr_print(&c->conf->addr, text,
	    sizeof(text)));
	emit_key_number(e, "remote_port", c->conf->port);
	if (c->conf->local_address.family != ADDR_NONE)
		emit_key_string(e, "local_addr",
		    addr_print(&c->conf->local_address, text, sizeof(text)));
	emit_key_string(e, "state", states[c->state]);
	if (c->has_session) {
		emit_key_number(e, "version", c->version);
		emit_key_number(e, "minimal_version", c->conf->min_version);
		emit_key_number(e, "session_id", c->session_id);
		emit_key_number(e, "serial", c->serial);
	}
	emit_key_number(e, "refresh", c->refresh_sec);
	emit_key_number(e, "retry", c->retry_sec);
	emit_key_number(e, "expire", c->expire_sec);
	emit_error(e, "last_sent_error", "last_sent_msg", c->sent_error,
	    c->sent_text);
	emit_error(e, "last_recv_error", "last_recv_msg", c->recv_error,
	    c->recv_text);
	rtr_set_count(&c->session->rtr->set, c->bit, &n_vrps, &n_aspas);
	emit_key_number(e, "num_vrps", n_vrps);
	emit_key_number(e, "num_aspas", n_aspas);
	emit_end_object(e);
}

void
rtr_tell_event(struct rtr_cache *c, bool is_up, const char *why)
{
	uint8_t bytes[512];
	struct wr w;

	if (c->is_up == is_up || c->conf == NULL)
		return;
	c->is_up = is_up;
	if (c->session->api == NULL)
		return;
	buf_writer(&w, bytes, sizeof(bytes));
	buf_put_u8(&w, is_up);
	imsg_put_addr(&w, &c->conf->addr);
	buf_put_u16(&w, c->conf->port);
	buf_put_bytes(&w, why, strnlen(why, RTR_MESSAGE_MAX));
	chan_send(c->session->api, IMSG_EVENT_RTR, 0, w.base, w.len);
}

void
rtr_status(struct session *s, struct imsg *m)
{
	struct rtr_cache *c;
	struct emit e;
	struct wr w;

	buf_writer_growing(&w, IMSG_DATA_MAX);
	for (c = s->rtr->caches; c != NULL; c = c->next) {
		if (c->is_removed)
			continue;
		emit_msgpack_init(&e, &w);
		cache_emit(c, &e);
		chan_send_wr(s->api, IMSG_RTR_STATUS, m->id, &w);
	}
	buf_free(&w);
	chan_send(s->api, IMSG_RTR_STATUS_END, m->id, NULL, 0);
}
