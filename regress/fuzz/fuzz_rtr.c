/* SPDX-License-Identifier: ISC */
/* A stream of RTR PDUs: what was understood is written as the same bytes. */
#include "common/wire/rtr.h"

#include <stdlib.h>
#include <string.h>

int	LLVMFuzzerTestOneInput(const uint8_t *, size_t);

/* Reserved bytes and host bits are not kept: written twice it is the same. */
static void
encode_again(const struct rtr_pdu *p)
{
	struct rtr_pdu again;
	uint16_t error;
	struct wr one, two;

	buf_writer_growing(&one, 1 << 20);
	buf_writer_growing(&two, 1 << 20);
	rtr_encode(&one, p);
	if (one.err == 0) {
		if (rtr_decode(buf_written(&one), &again, &error) != 0)
			abort();
		rtr_encode(&two, &again);
		if (two.len != one.len ||
		    memcmp(one.base, two.base, one.len) != 0)
			abort();
	}
	buf_free(&one);
	buf_free(&two);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	struct rd r = buf_reader(data, len), pdu;
	struct rtr_header h;
	struct rtr_pdu p;
	uint16_t error;

	while (rtr_header(r, &h) == 0 && h.len <= buf_left(&r)) {
		pdu = buf_get_sub(&r, h.len);
		if (rtr_decode(pdu, &p, &error) == 0)
			encode_again(&p);
		else if (rtr_error_text(error) == NULL)
			abort();
	}
	return 0;
}
