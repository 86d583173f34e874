/* SPDX-License-Identifier: ISC */
/* AS paths: measures, changes, texts. */
#include "common/attr/aspath.h"
#include "common/bgp.h"
#include "regress/unit/hex.h"

struct measure {
	const char	*path;
	unsigned	 length, n_asns;
	uint32_t	 neighbor, origin;
	const char	*text, *plain;
};

static const struct measure measures[] = {
	{ "", 0, 0, 0, 0, "", "" },
	{ "0202 00000001 00000002", 2, 2, 1, 2, "( 1 2 )", "1 2" },
	{ "0202 00000001 00000002 0102 00000003 00000004", 3, 4, 1, 0,
	    "( 1 2 ) [ 3 4 ]", "1 2 { 3 4 }" },
	{ "0301 0000FDE8 0201 00000007", 1, 2, 7, 7, "{( 65000 )} ( 7 )",
	    "(65000) 7" },
	{ "0401 0000FDE8", 0, 1, 0, 0, "{[ 65000 ]}", "[65000]" },
	{ "0101 00000003", 1, 1, 0, 0, "[ 3 ]", "{ 3 }" },
};

static void
expect_text(struct wr *w, const char *want)
{
	buf_put_u8(w, 0);
	cr_expect_str_eq((char *)w->base, want);
	buf_reset(w);
}

Test(aspath, measures_and_texts)
{
	const struct measure *m;
	uint8_t bytes[64];
	struct wr w;
	struct rd path;
	size_t i;

	buf_writer_growing(&w, 4096);
	for (i = 0; i < sizeof(measures) / sizeof(measures[0]); i++) {
		m = &measures[i];
		path = buf_reader(bytes, hex_decode(m->path, bytes,
		    sizeof(bytes)));
		cr_expect_eq(aspath_check(path, 4), 0);
		cr_expect_eq(aspath_length(path), m->length, "%s", m->path);
		cr_expect_eq(aspath_n_asns(path), m->n_asns, "%s", m->path);
		cr_expect_eq(aspath_neighbor(path), m->neighbor, "%s",
		    m->path);
		cr_expect_eq(aspath_origin(path), m->origin, "%s", m->path);
		aspath_text(path, &w);
		expect_text(&w, m->text);
		aspath_text_plain(path, &w);
		expect_text(&w, m->plain);
	}
	buf_free(&w);
}

Test(aspath, prepend_splits_segments_at_255)
{
	struct wr path, out;
	struct rd r;
	unsigned i;

	buf_writer_growing(&path, 65536);
	buf_writer_growing(&out, 65536);
	buf_put_u8(&path, AS_SEQUENCE);
	buf_put_u8(&path, 254);
	for (i = 1; i <= 254; i++)
		buf_put_u32(&path, i);
	aspath_prepend(buf_written(&path), AS_SEQUENCE, 65000, 3, &out);
	r = buf_written(&out);
	cr_expect_eq(aspath_check(r, 4), 0);
	cr_expect_eq(aspath_length(r), 257);
	cr_expect_eq(aspath_count(r, 65000), 3);
	cr_expect_eq(buf_get_u8(&r), AS_SEQUENCE);
	cr_expect_eq(buf_get_u8(&r), 2);
	buf_reset(&out);
	aspath_prepend(buf_reader(NULL, 0), AS_SEQUENCE, 1, 600, &out);
	cr_expect_eq(aspath_length(buf_written(&out)), 600);
	cr_expect_eq(aspath_check(buf_written(&out), 4), 0);
	buf_free(&path);
	buf_free(&out);
}

struct change {
	const char	*path, *as4_path, *merged;
};

static const struct change merges[] = {
	{ "0203 00000001 00005BA0 00000003", "0202 00011170 00000003",
	    "02030000000100011170" "00000003" },
	{ "0301 0000FDE8 0202 00000001 00005BA0", "0201 00011170",
	    "03010000FDE8" "02020000000100011170" },
	{ "0202 00000001 00000002 0101 00000003", "0201 00011170",
	    "0203000000010000000200011170" },
	{ "0201 00005BA0", "0201 00011170", "020100011170" },
	{ "0201 00005BA0", "0101 00011170", "010100011170" },
	{ "0201 00005BA0", "0202 00011170 00000001", "020100005BA0" },
};

Test(aspath, merge_as4)
{
	uint8_t path[64], as4[64];
	char text[256];
	struct wr out;
	size_t i, n, n4;

	buf_writer_growing(&out, 4096);
	for (i = 0; i < sizeof(merges) / sizeof(merges[0]); i++) {
		n = hex_decode(merges[i].path, path, sizeof(path));
		n4 = hex_decode(merges[i].as4_path, as4, sizeof(as4));
		buf_reset(&out);
		aspath_merge_as4(buf_reader(path, n), buf_reader(as4, n4),
		    &out);
		cr_expect_str_eq(hex_encode(out.base, out.len, text),
		    merges[i].merged, "%zu: %s", i, text);
	}
	buf_free(&out);
}

Test(aspath, as2_and_confederation)
{
	uint8_t bytes[64];
	char text[256];
	struct wr out;
	struct rd path;

	buf_writer_growing(&out, 4096);
	path = buf_reader(bytes, hex_decode(
	    "0301 0000FDE8 0202 00011170 00000003", bytes, sizeof(bytes)));
	cr_expect(aspath_has_confed(path));
	cr_expect(!aspath_has_set(path));
	cr_expect(aspath_to_as2(path, &out));
	cr_expect_str_eq(hex_encode(out.base, out.len, text),
	    "0301FDE802025BA00003");
	buf_reset(&out);
	aspath_strip_confed(path, &out);
	cr_expect_str_eq(hex_encode(out.base, out.len, text),
	    "02020001117000000003");
	buf_reset(&out);
	path = buf_reader("\x02\x02\xfd\xe8\x00\x03", 6);
	aspath_from_as2(path, &out);
	cr_expect_str_eq(hex_encode(out.base, out.len, text),
	    "02020000FDE800000003");
	buf_free(&out);
}
