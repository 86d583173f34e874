/* SPDX-License-Identifier: ISC */
/*
 * Events as structured output. Every event is the same frame around a few
 * members; key order follows ExaBGP, although programs parse.
 */
#include "common/wire/event.h"

#include "common/bgp.h"
#include "common/emit.h"
#include "common/wire/message.h"
#include "common/wire/operational.h"

#define USEC_PER_SEC	1000000.0
#define TEXT_MAX	512	/* of an error text */

static void
emit_ip(struct emit *e, const char *key, const struct addr *a)
{
	char text[ADDR_TEXT_MAX];

	emit_key_string(e, key, addr_print(a, text, sizeof(text)));
}

static void
emit_raw(const struct event *ev, struct emit *e)
{
	emit_key(e, "header");
	emit_hex(e, NULL, ev->header.pos, buf_left(&ev->header));
	emit_key(e, "body");
	emit_hex(e, NULL, ev->body.pos, buf_left(&ev->body));
}

static void
begin_frame(const struct event *ev, const char *type, bool has_counter,
    struct emit *e)
{
	const struct event_session *s = ev->session;

	emit_begin_object(e);
	emit_key_string(e, "exabgp", s->version);
	emit_key(e, "time");
	emit_real(e, (double)ev->time_usec / USEC_PER_SEC, 6);
	emit_key_string(e, "host", s->host);
	emit_key_number(e, "pid", s->pid);
	emit_key_number(e, "ppid", s->ppid);
	if (has_counter)
		emit_key_number(e, "counter", ev->counter);
	emit_key_string(e, "type", type);
}

/* Open the event and its neighbor. */
static void
begin(const struct event *ev, const char *type, struct emit *e)
{
	const struct event_session *s = ev->session;
	struct addr id;

	begin_frame(ev, type, true, e);
	if (ev->is_raw_shown)
		emit_raw(ev, e);
	emit_key_object(e, "neighbor");
	emit_key_object(e, "address");
	emit_ip(e, "local", &s->local);
	emit_ip(e, "peer", &s->peer);
	emit_end_object(e);
	emit_key_object(e, "asn");
	emit_key_number(e, "local", s->local_as);
	emit_key_number(e, "peer", s->peer_as);
	emit_end_object(e);
	if (s->router_id != 0) {
		id = addr_from_ipv4(s->router_id);
		emit_ip(e, "router-id", &id);
	}
	if (ev->direction != NULL)
		emit_key_string(e, "direction", ev->direction);
}

static void
end(struct emit *e)
{
	emit_end_object(e);
	emit_end_object(e);
}

void
event_state(const struct event *ev, const char *state, const char *reason,
    struct emit *e)
{
	begin(ev, "state", e);
	emit_key_string(e, "state", state);
	if (reason != NULL)
		emit_key_string(e, "reason", reason);
	end(e);
}

void
event_fsm(const struct event *ev, const char *state, struct emit *e)
{
	begin(ev, "fsm", e);
	emit_key_string(e, "state", state);
	end(e);
}

void
event_signal(const struct event *ev, unsigned code, const char *name,
    struct emit *e)
{
	begin(ev, "signal", e);
	emit_key(e, "code");
	emit_format(e, "%u", code);
	emit_key_string(e, "name", name);
	end(e);
}

static void
emit_mask(struct emit *e, const char *key, uint32_t mask, const char *suffix)
{
	unsigned id;

	emit_key_array(e, key);
	for (id = 0; id < NLRI_N_FAMILIES; id++) {
		if ((mask >> id & 1) != 0)
			emit_format(e, "%s%s", nlri_by_id(id)->name, suffix);
	}
	emit_end_array(e);
}

void
event_emit_negotiated(const struct open_negotiated *n, struct emit *e)
{
	unsigned i;

	emit_key_number(e, "message_size", n->has_extended_message ?
	    BGP_MESSAGE_MAX_EXTENDED : BGP_MESSAGE_MAX);
	emit_key_number(e, "hold_time", n->hold_time_sec);
	emit_key_boolean(e, "asn4", n->has_as4);
	emit_key_boolean(e, "multisession", n->has_multisession);
	emit_key_boolean(e, "operational", n->has_operational);
	emit_key_string(e, "refresh", n->has_enhanced_refresh ? "enhanced" :
	    n->has_refresh ? "normal" : "absent");
	emit_key_array(e, "families");
	for (i = 0; i < n->n_families; i++)
		emit_string(e, nlri_by_id(n->family_order[i])->name);
	emit_end_array(e);
	emit_mask(e, "nexthop", n->extended_nexthop_mask, " ipv6");
	emit_key_object(e, "add_path");
	emit_mask(e, "send", n->add_path_send_mask, "");
	emit_mask(e, "receive", n->add_path_receive_mask, "");
	emit_end_object(e);
}

static void
emit_negotiated_member(const struct open_negotiated *n, struct emit *e)
{
	if (n == NULL)
		return;
	emit_key_object(e, "negotiated");
	event_emit_negotiated(n, e);
	emit_end_object(e);
}

void
event_negotiated(const struct event *ev, const struct open_negotiated *n,
    struct emit *e)
{
	begin(ev, "negotiated", e);
	emit_negotiated_member(n, e);
	end(e);
}

void
event_notification(const struct event *ev, struct rd body, struct emit *e)
{
	uint8_t code = buf_get_u8(&body), subcode = buf_get_u8(&body);
	char text[TEXT_MAX], reason[TEXT_MAX];

	reason[0] = '\0';
	if (code == ERROR_CEASE && (subcode == CEASE_ADMIN_SHUTDOWN ||
	    subcode == CEASE_ADMIN_RESET))
		message_shutdown_text(body.pos, buf_left(&body), reason,
		    sizeof(reason));
	message_error_text(code, subcode, text, sizeof(text));
	begin(ev, "notification", e);
	emit_key_object(e, "notification");
	emit_key_number(e, "code", code);
	emit_key_number(e, "subcode", subcode);
	emit_key(e, "data");
	emit_hex(e, NULL, body.pos, buf_left(&body));
	emit_key(e, "message");
	if (reason[0] != '\0')
		emit_format(e, "%s: %s", text, reason);
	else
		emit_string(e, text);
	emit_end_object(e);
	end(e);
}

void
event_keepalive(const struct event *ev, struct emit *e)
{
	begin(ev, "keepalive", e);
	end(e);
}

void
event_open(const struct event *ev, const struct open *o, struct rd body,
    struct emit *e)
{
	begin(ev, "open", e);
	emit_key_object(e, "open");
	open_emit(o, body, e);
	emit_end_object(e);
	end(e);
}

void
event_update(const struct event *ev, const struct update *u,
    const struct update_context *ctx, const struct open_negotiated *n,
    struct emit *e)
{
	begin(ev, "update", e);
	emit_key_object(e, "message");
	update_emit(u, ctx, ev->session->shape, e);
	emit_end_object(e);
	emit_negotiated_member(n, e);
	end(e);
}

static void
emit_family(struct emit *e, uint16_t afi, uint8_t safi)
{
	char text[16];

	emit_key_string(e, "afi", nlri_afi_name(afi, text, sizeof(text)));
	emit_key_string(e, "safi", nlri_safi_name(safi, text, sizeof(text)));
}

void
event_refresh(const struct event *ev, struct rd body, struct emit *e)
{
	static const char *const subtypes[] = { "query", "begin", "end" };
	uint16_t afi = buf_get_u16(&body);
	unsigned subtype = buf_get_u8(&body);

	begin(ev, "refresh", e);
	emit_key_object(e, "route-refresh");
	emit_family(e, afi, buf_get_u8(&body));
	emit_key_string(e, "subtype", subtype > REFRESH_END ? "invalid" :
	    subtypes[subtype]);
	emit_end_object(e);
	end(e);
}

static void
emit_operational(const struct operational *o, struct emit *e)
{
	struct addr id;

	emit_key_string(e, "name", o->name == NULL ? "unknown" : o->name);
	if (o->name == NULL) {
		emit_key_number(e, "type", o->type);
		emit_key(e, "data");
		emit_hex(e, NULL, o->value.pos, buf_left(&o->value));
		return;
	}
	emit_family(e, o->afi, o->safi);
	if (o->is_advisory) {
		emit_key(e, "advisory");
		emit_string_len(e, (const char *)o->value.pos,
		    buf_left(&o->value));
		return;
	}
	id = addr_from_ipv4(o->router_id);
	emit_ip(e, "router-id", &id);
	emit_key_number(e, "sequence", o->sequence);
	if (o->has_counter)
		emit_key_number(e, "counter", o->counter);
}

void
event_operational(const struct event *ev, struct rd body, struct emit *e)
{
	struct operational o;

	if (operational_decode(body, &o) != 0)
		o = (struct operational){ .value = body };
	begin(ev, "operational", e);
	emit_key_object(e, "operational");
	emit_operational(&o, e);
	emit_end_object(e);
	end(e);
}

void
event_packet(const struct event *ev, uint8_t type,
    const struct open_negotiated *n, struct emit *e)
{
	struct event frame = *ev;

	frame.is_raw_shown = false;
	begin(&frame, message_name(type), e);
	emit_key_object(e, "message");
	emit_key_number(e, "category", type);
	emit_raw(ev, e);
	emit_end_object(e);
	emit_negotiated_member(n, e);
	end(e);
}

void
event_shutdown(const struct event *ev, struct emit *e)
{
	begin_frame(ev, "notification", false, e);
	emit_key_string(e, "notification", "shutdown");
	emit_end_object(e);
}
