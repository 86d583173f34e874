/* SPDX-License-Identifier: ISC */
/*
 * A run of NLRI: the first byte is the family, the second says whether path
 * identifiers are in it. FUZZ_FAMILY in the environment takes the place of
 * the first. What is cut is described in each form, written, and cut again.
 */
#include "common/addr.h"
#include "common/emit.h"
#include "common/nlri/nlri.h"

#include <stdlib.h>
#include <string.h>

#define OUT_MAX		(1 << 22)

int	LLVMFuzzerTestOneInput(const uint8_t *, size_t);

static void
describe(const struct nlri *n)
{
	struct emit e;
	struct wr out;
	unsigned shape;

	buf_writer_growing(&out, OUT_MAX);
	for (shape = 0; shape < 4; shape++) {
		emit_json_init(&e, &out, false);
		emit_begin_object(&e);
		nlri_emit(n, (enum nlri_json)shape, &e);
		emit_end_object(&e);
		if (e.depth != 0)
			abort();
	}
	emit_msgpack_init(&e, &out);
	emit_begin_object(&e);
	nlri_emit(n, NLRI_JSON_V6, &e);
	emit_end_object(&e);
	nlri_text(n, &out);
	if (out.err != 0)
		abort();
	buf_free(&out);
}

/* Written as an announcement it is the same destination. */
static void
write_again(const struct nlri *n)
{
	struct wr out, key, key_again;
	struct nlri again;
	struct rd r;

	buf_writer_growing(&out, OUT_MAX);
	buf_writer_growing(&key, OUT_MAX);
	buf_writer_growing(&key_again, OUT_MAX);
	nlri_put(n, n->has_path_id, false, &out);
	r = buf_written(&out);
	if (nlri_next(n->family, n->has_path_id, &r, &again) != 0 ||
	    buf_left(&r) != 0 || again.path_id != n->path_id)
		abort();
	nlri_key(n, &key);
	nlri_key(&again, &key_again);
	if (key.len != key_again.len ||
	    (key.len != 0 && memcmp(key.base, key_again.base, key.len) != 0))
		abort();
	buf_reset(&out);
	nlri_put(n, n->has_path_id, true, &out);
	r = buf_written(&out);
	if (nlri_next(n->family, n->has_path_id, &r, &again) != 0)
		abort();
	buf_free(&out);
	buf_free(&key);
	buf_free(&key_again);
}

/* A prefix there and back; host bits may have been set. */
static void
convert(const struct nlri *n)
{
	struct prefix p;

	if (nlri_to_prefix(n, &p) == 0 &&
	    p.len_bits > addr_bits(p.addr.family))
		abort();
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	const char *fixed = getenv("FUZZ_FAMILY");
	const struct nlri_family *family;
	struct nlri n;
	size_t before;
	struct rd r;

	if (len < 2)
		return 0;
	family = nlri_by_id((fixed != NULL ? (unsigned)atoi(fixed) :
	    data[0]) % NLRI_N_FAMILIES);
	r = buf_reader(data + 2, len - 2);
	while ((before = buf_left(&r)) > 0) {
		if (nlri_next(family, data[1] & 1, &r, &n) != 0)
			break;
		if (buf_left(&r) >= before)
			abort();
		describe(&n);
		write_again(&n);
		convert(&n);
	}
	return 0;
}
