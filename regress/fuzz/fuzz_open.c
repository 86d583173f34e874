/* SPDX-License-Identifier: ISC */
/* Framing and OPEN: a header, then whatever the header says it is. */
#include "common/emit.h"
#include "common/wire/message.h"
#include "common/wire/open.h"

#include <stdlib.h>

int	LLVMFuzzerTestOneInput(const uint8_t *, size_t);

/* What was understood must be written and understood again. */
static void
encode_again(const struct open *o)
{
	struct open again;
	struct wr out;
	struct rd r;

	buf_writer_growing(&out, 1 << 20);
	open_encode(o, &out);
	if (out.err == 0) {
		r = buf_written(&out);
		buf_get_bytes(&r, BGP_HEADER_LEN);
		if (open_decode(r, &again) != 0)
			abort();
	}
	buf_free(&out);
}

static void
describe(const struct open *o, struct rd body)
{
	struct emit e;
	struct wr out;

	buf_writer_growing(&out, 1 << 20);
	emit_json_init(&e, &out, false);
	emit_begin_object(&e);
	open_emit(o, body, &e);
	emit_end_object(&e);
	open_text(o, body, &out);
	if (out.err != 0 || e.depth != 0)
		abort();
	buf_free(&out);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	struct message_error error;
	struct open_negotiated n;
	struct open o;
	struct rd body;
	uint16_t message_len;
	uint8_t type;
	char text[64];

	if (len < BGP_HEADER_LEN || message_check_header(data, 65535, 1,
	    &type, &message_len, &error) != 0 || message_len > len)
		return 0;
	body = buf_reader(&data[BGP_HEADER_LEN],
	    (size_t)message_len - BGP_HEADER_LEN);
	if (type == BGP_NOTIFICATION)
		message_shutdown_text(body.pos, buf_left(&body), text,
		    sizeof(text));
	if (type != BGP_OPEN || open_decode(body, &o) != 0)
		return 0;
	encode_again(&o);
	describe(&o, body);
	open_negotiate(&o, &o, &n);
	return 0;
}
