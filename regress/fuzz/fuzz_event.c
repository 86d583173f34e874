/* SPDX-License-Identifier: ISC */
/*
 * What programs are told of a peer's message: the first byte chooses the
 * form, the rest is the message with its header. JSON must be JSON, and each
 * line of text one about the neighbor: nobody speaks through us.
 */
#include "common/emit.h"
#include "common/wire/event.h"
#include "common/wire/message.h"
#include "regress/json.h"

#include <stdlib.h>
#include <string.h>

#define OUT_MAX		(1 << 24)
#define HEAD		"neighbor 10.0.0.2 "

int	LLVMFuzzerTestOneInput(const uint8_t *, size_t);

struct told {
	struct event_session	session;
	struct event		event;
	uint8_t			type;
	struct open		open;
	struct update_context	context;
	struct update		update;
};

static void
tell(const struct told *t, struct emit *e)
{
	struct rd body = t->event.body;

	switch (t->type) {
	case BGP_OPEN:
		event_open(&t->event, &t->open, body, e);
		break;
	case BGP_UPDATE:
		event_update(&t->event, &t->update, &t->context, NULL, e);
		break;
	case BGP_NOTIFICATION:
		event_notification(&t->event, body, e);
		break;
	case BGP_KEEPALIVE:
		event_keepalive(&t->event, e);
		break;
	case BGP_ROUTE_REFRESH:
		event_refresh(&t->event, body, e);
		break;
	default:
		event_operational(&t->event, body, e);
	}
}

static void
tell_text(const struct told *t, struct wr *out)
{
	struct rd body = t->event.body;

	event_text_packet(&t->event, t->type, out);
	switch (t->type) {
	case BGP_OPEN:
		event_text_open(&t->event, &t->open, body, out);
		break;
	case BGP_UPDATE:
		event_text_update(&t->event, &t->update, &t->context, out);
		break;
	case BGP_NOTIFICATION:
		event_text_notification(&t->event, body, out);
		break;
	case BGP_KEEPALIVE:
		event_text_keepalive(&t->event, out);
		break;
	case BGP_ROUTE_REFRESH:
		event_text_refresh(&t->event, body, out);
		break;
	default:
		event_text_operational(&t->event, body, out);
	}
}

static void
check_json(struct wr *out)
{
	struct json *j;

	buf_put_u8(out, 0);
	if (out->err != 0)
		abort();
	j = json_parse((char *)out->base);
	if (j == NULL)
		abort();
	json_free(j);
	buf_reset(out);
}

static void
check_lines(const struct wr *out)
{
	size_t i, start = 0;

	for (i = 0; i < out->len; i++) {
		if (out->base[i] != '\n') {
			if (out->base[i] < ' ')
				abort();
			continue;
		}
		if (i - start < strlen(HEAD) ||
		    memcmp(out->base + start, HEAD, strlen(HEAD)) != 0)
			abort();
		start = i + 1;
	}
	if (start != out->len)
		abort();
}

static void
describe(struct told *t)
{
	struct emit e;
	struct wr out;

	buf_writer_growing(&out, OUT_MAX);
	emit_json_init(&e, &out, false);
	tell(t, &e);
	check_json(&out);
	emit_json_init(&e, &out, false);
	event_packet(&t->event, t->type, NULL, &e);
	check_json(&out);
	emit_msgpack_init(&e, &out);
	tell(t, &e);
	if (out.err != 0)
		abort();
	buf_reset(&out);
	tell_text(t, &out);
	check_lines(&out);
	buf_free(&out);
}

static void
told_init(struct told *t, unsigned flags)
{
	*t = (struct told){
		.session = {
			.version = "6.0.0", .host = "h", .pid = 1, .ppid = 1,
			.local_as = 1, .peer_as = 2, .router_id = 1,
			.shape = (flags & 1) != 0 ? NLRI_JSON_V6 :
			    NLRI_JSON_V4,
		},
		.event = {
			.session = &t->session, .counter = 1,
			.direction = (flags & 2) != 0 ? "send" : "receive",
			.is_raw_shown = (flags & 4) != 0,
		},
		.context = {
			.family_mask = UINT32_MAX, .max_asns = 750,
			.attr.has_as4 = (flags & 8) != 0,
			.add_path_mask = (flags & 16) != 0 ? UINT32_MAX : 0,
		},
	};
	addr_parse("10.0.0.1", &t->session.local);
	addr_parse("10.0.0.2", &t->session.peer);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	struct message_error error;
	struct wr scratch;
	struct told t;
	uint16_t message_len;
	char text[128];

	if (len <= BGP_HEADER_LEN)
		return 0;
	told_init(&t, data[0]);
	if (message_check_header(data + 1, 65535, 1, &t.type, &message_len,
	    &error) != 0 || message_len > len - 1)
		return 0;
	t.event.header = buf_reader(data + 1, BGP_HEADER_LEN);
	t.event.body = buf_reader(data + 1 + BGP_HEADER_LEN,
	    (size_t)message_len - BGP_HEADER_LEN);
	buf_writer_growing(&scratch, 1 << 18);
	if (t.type == BGP_NOTIFICATION)
		message_error_text(data[1 + BGP_HEADER_LEN],
		    data[2 + BGP_HEADER_LEN], text, sizeof(text));
	if (t.type == BGP_OPEN ? open_decode(t.event.body, &t.open) == 0 :
	    t.type != BGP_UPDATE || (update_decode(t.event.body, &t.context,
	    &scratch, &t.update) == 0 && t.update.verdict != ATTR_RESET))
		describe(&t);
	buf_free(&scratch);
	return 0;
}
