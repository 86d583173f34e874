/* SPDX-License-Identifier: ISC */
/* Bytes alone to ExaBGP's JSON lines. */
#include "common/wire/decode.h"

#include "common/bgp.h"
#include "common/emit.h"
#include "common/err.h"
#include "common/wire/message.h"

#include <ctype.h>

#define SCRATCH_MAX	(1 << 18)

/* Nobody's session: everything is negotiated, nothing is refused. */
static const struct update_context anything = {
	.attr = { .has_as4 = true },
	.family_mask = UINT32_MAX,
	.extended_nexthop_mask = UINT32_MAX,
	.has_loopback_peer = true,
};

static int
digit(int c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	c = tolower(c);
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

int
decode_hex(const char *text, struct wr *out)
{
	int high, low;

	for (; *text != '\0'; text++) {
		if (isspace((unsigned char)*text) || *text == ':')
			continue;
		high = digit((unsigned char)*text++);
		low = high < 0 ? -1 : digit((unsigned char)*text);
		if (low < 0)
			return ERR_SYNTAX;
		buf_put_u8(out, (uint32_t)(high << 4 | low));
	}
	return out->err;
}

static int
decode_open(const struct event *ev, struct rd body, struct wr *out)
{
	struct open o;
	struct emit e;
	int err;

	err = open_decode(body, &o);
	if (err != 0)
		return err;
	emit_json_init(&e, out, false);
	event_open(ev, &o, body, &e);
	buf_put_text(out, "\n");
	return out->err;
}

static int
decode_update(const struct event *ev, const struct decode_request *request,
    struct rd body, struct wr *out)
{
	struct update_context ctx = anything;
	struct update u;
	struct wr scratch;
	struct emit e;
	int err;

	if (request->has_path_id)
		ctx.add_path_mask = UINT32_MAX;
	buf_writer_growing(&scratch, SCRATCH_MAX);
	err = update_decode(body, &ctx, &scratch, &u);
	if (err == 0 && u.verdict == ATTR_RESET &&
	    u.error_subcode != ERROR_UPDATE_UNKNOWN_WELL_KNOWN)
		err = ERR_PROTO;
	if (err == 0) {
		/* Show what was sent, not what a session would make of it. */
		u.verdict = ATTR_ACCEPT;
		emit_json_init(&e, out, false);
		event_update(ev, &u, &ctx, NULL, &e);
		buf_put_text(out, "\n");
		err = out->err;
	}
	buf_free(&scratch);
	return err;
}

static int
decode_nlri(const struct event *ev, const struct decode_request *request,
    struct rd run, struct wr *out)
{
	struct emit e;
	struct nlri n;
	int err;

	if (request->family == NULL)
		return ERR_UNKNOWN;
	while (buf_left(&run) > 0) {
		err = nlri_next(request->family, request->has_path_id, &run,
		    &n);
		if (err != 0)
			return err;
		emit_json_init(&e, out, false);
		nlri_emit(&n, ev->session->shape, &e);
		buf_put_text(out, "\n");
	}
	return out->err;
}

/* Take a header off the front if there is one; false if it is a bad one. */
static bool
take_header(struct rd *bytes, struct rd *header, uint8_t *type)
{
	struct rd peek = *bytes;
	struct message_error error;
	uint16_t len;

	if (buf_left(bytes) < BGP_HEADER_LEN ||
	    buf_get_u64(&peek) != UINT64_MAX ||
	    buf_get_u64(&peek) != UINT64_MAX)
		return true;
	if (message_check_header(bytes->pos, BGP_MESSAGE_MAX_EXTENDED, 1,
	    type, &len, &error) != 0 || len != buf_left(bytes))
		return false;
	*header = buf_get_sub(bytes, BGP_HEADER_LEN);
	return true;
}

int
decode_message(const struct event *event,
    const struct decode_request *request, struct rd bytes, struct wr *out)
{
	struct event ev = *event;
	enum decode_kind kind = request->kind;
	uint8_t type = BGP_UPDATE;

	if (kind == DECODE_NLRI)
		return decode_nlri(&ev, request, bytes, out);
	if (kind == DECODE_OPEN)
		type = BGP_OPEN;
	ev.header = buf_reader(NULL, 0);
	if (!take_header(&bytes, &ev.header, &type))
		return ERR_PROTO;
	ev.body = bytes;
	if (type == BGP_OPEN && kind != DECODE_UPDATE)
		return decode_open(&ev, bytes, out);
	if (type == BGP_UPDATE && kind != DECODE_OPEN)
		return decode_update(&ev, request, bytes, out);
	return ERR_UNSUPPORTED;
}
