/* SPDX-License-Identifier: ISC */
/* Reading MRT records: what the writer and others write, and each cut. */
#include "common/wire/mrt_read.h"

#include "common/bgp.h"
#include "common/err.h"
#include "common/wire/message.h"

#include <criterion/criterion.h>
#include <stdlib.h>

static const uint8_t attrs[] = { 0x40, 1, 1, 0, 0x40, 2, 6, 2, 1, 0, 0, 0xfd,
    0xea, 0xc0, 8, 4, 0, 1, 0, 2 };
static const uint8_t hop[] = { 192, 0, 2, 1 };
static const uint8_t hop6[16] = { 0x20, 1, 0xd, 0xb8, [15] = 1 };

static struct mrt_peer
peer_at(const char *text, uint32_t as)
{
	struct mrt_peer p = { .as = as, .id = 0xc0000202 };

	cr_assert_eq(addr_parse(text, &p.addr), 0);
	return p;
}

static void
put_index(struct wr *w)
{
	const struct mrt_peer peers[] = { peer_at("10.0.0.1", 65001),
	    peer_at("2001:db8::1", 4200000000) };
	size_t start = mrt_begin(w, 5000001, MRT_TABLE_DUMP_V2,
	    MRT_PEER_INDEX_TABLE);

	mrt_put_peers(w, 0x01020304, peers, 2);
	mrt_end(w, start);
}

static void
put_rib(struct wr *w, uint16_t subtype, const char *nlri, size_t len)
{
	bool is_v6 = subtype % MRT_RIB_ADDPATH == MRT_RIB_IPV6_UNICAST ||
	    subtype % MRT_RIB_ADDPATH == MRT_RIB_IPV6_MULTICAST;
	struct mrt_path path = {
		.peer = 1, .time_sec = 7, .path_id = 9,
		.has_path_id = subtype > MRT_RIB_GENERIC,
		.attrs = buf_reader(attrs, sizeof(attrs)),
		.nexthop = is_v6 ? buf_reader(hop6, sizeof(hop6)) :
		    buf_reader(hop, sizeof(hop)),
	};
	size_t start, mark;

	start = mrt_begin(w, 5000001, MRT_TABLE_DUMP_V2, subtype);
	mark = mrt_begin_paths(w, 3, buf_reader(nlri, len));
	mrt_put_path(w, &path);
	path.peer = 0;
	mrt_put_path(w, &path);
	mrt_end_paths(w, mark, 2);
	mrt_end(w, start);
}

static void
put_message(struct wr *w, uint16_t type, uint16_t subtype, const char *ip)
{
	const struct mrt_peer a = peer_at(ip, 65001), b = peer_at(ip, 65002);
	bool is_state = subtype == MRT_STATE_CHANGE ||
	    subtype == MRT_STATE_CHANGE_AS4;
	bool has_as4 = subtype == MRT_MESSAGE_AS4 ||
	    subtype == MRT_STATE_CHANGE_AS4 ||
	    subtype == MRT_MESSAGE_AS4_LOCAL || subtype ==
	    MRT_MESSAGE_AS4_ADDPATH || subtype ==
	    MRT_MESSAGE_AS4_LOCAL_ADDPATH;
	size_t start = mrt_begin(w, 5000001, type, subtype);

	mrt_put_session(w, &a, &b, has_as4);
	if (is_state) {
		buf_put_u16(w, 5);
		buf_put_u16(w, 6);
	} else {
		message_put_notification(w, 6, 2, NULL, 0);
	}
	mrt_end(w, start);
}

/* TABLE_DUMP as Zebra wrote it. */
static void
put_old(struct wr *w, uint16_t afi)
{
	static const uint8_t as2[] = { 0x40, 1, 1, 0, 0x40, 2, 4, 2, 1, 0xfd,
	    0xea, 0x40, 3, 4, 192, 0, 2, 1 };
	size_t start = mrt_begin(w, 5000001, MRT_TABLE_DUMP, afi);
	size_t len = afi == AFI_IPV6 ? 16 : 4;

	buf_put_u32(w, 0x00000001);
	buf_put_bytes(w, hop6, len);
	buf_put_u8(w, 32);
	buf_put_u8(w, 1);
	buf_put_u32(w, 7);
	buf_put_bytes(w, hop6, len);
	buf_put_u16(w, 65002);
	buf_put_u16(w, sizeof(as2));
	buf_put_bytes(w, as2, sizeof(as2));
	mrt_end(w, start);
}

static int
read_any(const struct mrt_record *r)
{
	struct mrt_message m;
	struct mrt_index index;
	struct mrt_rib rib;

	switch (mrt_kind(r)) {
	case MRT_KIND_INDEX:
		return mrt_read_index(r->body, &index);
	case MRT_KIND_RIB:
		return mrt_read_rib(r, &rib);
	case MRT_KIND_OTHER:
		return ERR_UNKNOWN;
	default:
		return mrt_read_message(r, &m);
	}
}

static void
put_all(struct wr *w)
{
	unsigned i;

	put_index(w);
	for (i = 0; i <= MRT_RIB_ADDPATH; i += MRT_RIB_ADDPATH) {
		put_rib(w, (uint16_t)(MRT_RIB_IPV4_UNICAST + i), "\x08\x0a",
		    2);
		put_rib(w, (uint16_t)(MRT_RIB_IPV4_MULTICAST + i),
		    "\x18\x0a\1\2", 4);
		put_rib(w, (uint16_t)(MRT_RIB_IPV6_UNICAST + i),
		    "\x10\x20\1", 3);
		put_rib(w, (uint16_t)(MRT_RIB_IPV6_MULTICAST + i),
		    "\x10\x20\1", 3);
		put_rib(w, (uint16_t)(MRT_RIB_GENERIC + i),
		    "\0\1\x80\x70\0\0\x11\0\0\0\1\0\0\0\1\x0a\0\0", 18);
	}
	put_old(w, AFI_IPV4);
	put_old(w, AFI_IPV6);
	for (i = MRT_STATE_CHANGE; i <= MRT_MESSAGE_AS4_LOCAL_ADDPATH; i++) {
		if (i == 2 || i == 3)	/* ENTRY, SNAPSHOT: of the past */
			continue;
		put_message(w, MRT_BGP4MP, (uint16_t)i, "10.0.0.1");
		put_message(w, MRT_BGP4MP_ET, (uint16_t)i, "2001:db8::1");
	}
	cr_assert_eq(w->err, 0);
}

/* A body that ends early is never taken, nor one with more behind. */
Test(mrt_read, every_record_cut_at_every_byte)
{
	struct mrt_record record, cut;
	unsigned n = 0;
	uint8_t *copy;
	struct wr w;
	struct rd r;
	size_t len, i;
	int e;

	buf_writer_growing(&w, 65536);
	put_all(&w);
	r = buf_written(&w);
	while (buf_left(&r) > 0) {
		cr_assert_eq(mrt_next(&r, &record), 0);
		cr_assert_eq(read_any(&record), 0, "record %u", n);
		len = buf_left(&record.body);
		for (i = 0; i < len; i++) {
			/* Of its own, for sanitizers to see its end. */
			copy = malloc(i + 1);
			memcpy(copy, record.body.pos, i);
			cut = record;
			cut.body = buf_reader(copy, i);
			e = read_any(&cut);
			cr_assert(e == ERR_SHORT || e == ERR_RANGE,
			    "record %u cut at %zu: %d", n, i, e);
			free(copy);
		}
		copy = calloc(1, len + 1);
		memcpy(copy, record.body.pos, len);
		cut = record;
		cut.body = buf_reader(copy, len + 1);
		cr_assert_eq(read_any(&cut), ERR_TRAILING, "record %u", n);
		free(copy);
		n++;
	}
	cr_assert_eq(n, 1 + 10 + 2 + 20);
	buf_free(&w);
}

/* The whole file cut at each byte: records before the cut, never one more. */
Test(mrt_read, a_stream_cut_at_every_byte)
{
	struct mrt_record record;
	struct wr w;
	struct rd r;
	size_t i;

	buf_writer_growing(&w, 65536);
	put_all(&w);
	for (i = 0; i < w.len; i++) {
		r = buf_reader(w.base, i);
		while (mrt_next(&r, &record) == 0)
			cr_assert_eq(read_any(&record), 0);
		cr_assert_eq(mrt_next(&r, &record), ERR_AGAIN);
	}
	buf_free(&w);
}

Test(mrt_read, index_gives_its_peers)
{
	struct mrt_record record;
	struct mrt_index index;
	struct mrt_peer p;
	char text[ADDR_TEXT_MAX];
	struct wr w;
	struct rd r;

	buf_writer_growing(&w, 1024);
	put_index(&w);
	r = buf_written(&w);
	cr_assert_eq(mrt_next(&r, &record), 0);
	cr_assert_eq(mrt_kind(&record), MRT_KIND_INDEX);
	cr_assert_eq(mrt_read_index(record.body, &index), 0);
	cr_assert_str_eq(addr_print(&index.collector_id, text, sizeof(text)),
	    "1.2.3.4");
	cr_assert_eq(index.n_peers, 2);
	mrt_next_peer(&index.peers, &p);
	cr_assert_eq(p.as, 65001);
	cr_assert_eq(p.id, 0xc0000202);
	mrt_next_peer(&index.peers, &p);
	cr_assert_eq(p.as, 4200000000);
	cr_assert_str_eq(addr_print(&p.addr, text, sizeof(text)),
	    "2001:db8::1");
	buf_free(&w);
}

static void
check_path(struct mrt_rib *rib, uint16_t peer, bool is_v6,
    struct mrt_scratch *s)
{
	struct mrt_path path;
	struct mrt_attrs a;

	mrt_next_path(rib, &path);
	cr_assert_eq(path.peer, peer);
	cr_assert_eq(path.time_sec, 7);
	cr_assert_eq(path.path_id, rib->has_path_id ? 9 : 0);
	cr_assert_eq(mrt_read_attrs(path.attrs, rib->has_as4, s, &a), 0);
	cr_assert_eq(a.verdict, ATTR_ACCEPT);
	cr_assert_eq(buf_left(&a.block), sizeof(attrs));
	cr_assert_arr_eq(a.block.pos, attrs, sizeof(attrs));
	cr_assert_eq(a.nexthop.len, is_v6 ? 16 : 4);
	cr_assert_arr_eq(a.nexthop.bytes, is_v6 ? hop6 : hop, a.nexthop.len);
}

/* What the writer was given comes back: RFC 6396 4.3.2, RFC 8050 4. */
Test(mrt_read, rib_comes_back_as_written)
{
	struct mrt_record record;
	struct mrt_scratch s;
	struct mrt_rib rib;
	struct prefix p;
	char text[PREFIX_TEXT_MAX];
	unsigned n = 0;
	struct wr w;
	struct rd r;

	buf_writer_growing(&w, 65536);
	mrt_scratch_init(&s);
	put_all(&w);
	r = buf_written(&w);
	while (mrt_next(&r, &record) == 0) {
		if (record.type != MRT_TABLE_DUMP_V2 ||
		    mrt_kind(&record) != MRT_KIND_RIB)
			continue;
		cr_assert_eq(mrt_read_rib(&record, &rib), 0);
		cr_assert_eq(rib.n_paths, 2);
		cr_assert_eq(rib.has_path_id, n >= 5);
		if (rib.nlri.family->id == NLRI_IPV4_UNICAST) {
			cr_assert_eq(nlri_to_prefix(&rib.nlri, &p), 0);
			cr_assert_str_eq(prefix_print(&p, text,
			    sizeof(text)), "10.0.0.0/8");
		}
		check_path(&rib, 1, rib.nlri.family->afi == AFI_IPV6, &s);
		check_path(&rib, 0, rib.nlri.family->afi == AFI_IPV6, &s);
		n++;
	}
	cr_assert_eq(n, 10);
	mrt_scratch_fini(&s);
	buf_free(&w);
}

/* RFC 6396 4.2: AS numbers of 2 octets, which become 4. */
Test(mrt_read, old_table)
{
	static const uint8_t wide[] = { 2, 1, 0, 0, 0xfd, 0xea };
	struct mrt_record record;
	struct mrt_scratch s;
	struct mrt_attrs attrs2;
	struct mrt_path path;
	struct mrt_rib rib;
	struct attr a;
	struct wr w;
	struct rd r;

	buf_writer_growing(&w, 1024);
	mrt_scratch_init(&s);
	put_old(&w, AFI_IPV6);
	r = buf_written(&w);
	cr_assert_eq(mrt_next(&r, &record), 0);
	cr_assert_eq(mrt_read_rib(&record, &rib), 0);
	cr_assert_eq(rib.nlri.family->id, NLRI_IPV6_UNICAST);
	cr_assert_eq(rib.nlri.len, 5);
	mrt_next_path(&rib, &path);
	cr_assert_eq(rib.peer.as, 65002);
	cr_assert_eq(path.time_sec, 7);
	cr_assert_eq(mrt_read_attrs(path.attrs, rib.has_as4, &s, &attrs2), 0);
	cr_assert(attr_get(attrs2.block, ATTR_AS_PATH, &a));
	cr_assert_eq(buf_left(&a.value), sizeof(wide));
	cr_assert_arr_eq(a.value.pos, wide, sizeof(wide));
	cr_assert_eq(attrs2.nexthop.len, 4);
	mrt_scratch_fini(&s);
	buf_free(&w);
}

/* Some write MP_REACH_NLRI whole: AFI 2, SAFI 1, next hop, reserved, NLRI. */
Test(mrt_read, reach_short_and_whole)
{
	static const struct {
		uint8_t bytes[32], len, hop_len;
		enum attr_verdict verdict;
	} rows[] = {
		{ { 0x80, 14, 17, 16, 0x20, 1 }, 20, 16, ATTR_ACCEPT },
		{ { 0x80, 14, 21, 0, 2, 1, 16, 0x20, 1 }, 24, 16,
		    ATTR_ACCEPT },
		{ { 0x80, 14, 1, 0 }, 4, 0, ATTR_ACCEPT },
		{ { 0x80, 14, 0 }, 3, 0, ATTR_WITHDRAW },
		{ { 0x80, 14, 3, 16, 1, 2 }, 6, 0, ATTR_WITHDRAW },
		{ { 0x80, 14, 3, 1, 1, 2 }, 6, 0, ATTR_WITHDRAW },
		{ { 0x80, 14, 3, 0, 2, 1 }, 6, 0, ATTR_WITHDRAW },
		{ { 0x80, 14, 17, 16 }, 4, 0, ATTR_WITHDRAW },
		{ { 0x40, 1, 1, 9 }, 4, 0, ATTR_WITHDRAW },
		{ { 0x40 }, 1, 0, ATTR_WITHDRAW },
		{ { 0 }, 0, 0, ATTR_ACCEPT },
	};
	struct mrt_scratch s;
	struct mrt_attrs a;
	size_t i;

	mrt_scratch_init(&s);
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		cr_assert_eq(mrt_read_attrs(buf_reader(rows[i].bytes,
		    rows[i].len), true, &s, &a), 0);
		cr_assert_eq(a.verdict, rows[i].verdict, "row %zu", i);
		cr_assert(a.verdict != ATTR_ACCEPT ||
		    a.nexthop.len == rows[i].hop_len, "row %zu", i);
	}
	mrt_scratch_fini(&s);
}

/* RFC 6396 4.4, RFC 8050 3: who, which way, in which form. */
Test(mrt_read, messages)
{
	static const struct {
		uint16_t subtype;
		bool has_as4, is_sent, has_path_id;
	} rows[] = {
		{ MRT_MESSAGE, false, false, false },
		{ MRT_MESSAGE_AS4, true, false, false },
		{ MRT_MESSAGE_LOCAL, false, true, false },
		{ MRT_MESSAGE_AS4_LOCAL, true, true, false },
		{ MRT_MESSAGE_ADDPATH, false, false, true },
		{ MRT_MESSAGE_AS4_ADDPATH, true, false, true },
		{ MRT_MESSAGE_LOCAL_ADDPATH, false, true, true },
		{ MRT_MESSAGE_AS4_LOCAL_ADDPATH, true, true, true },
	};
	struct mrt_record record;
	struct mrt_message m;
	struct wr w;
	struct rd r;
	size_t i;

	buf_writer_growing(&w, 1024);
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		buf_reset(&w);
		put_message(&w, MRT_BGP4MP_ET, rows[i].subtype, "10.0.0.1");
		r = buf_written(&w);
		cr_assert_eq(mrt_next(&r, &record), 0);
		cr_assert_eq(mrt_read_message(&record, &m), 0);
		cr_assert_eq(m.has_as4, rows[i].has_as4, "%zu", i);
		cr_assert_eq(m.is_sent, rows[i].is_sent, "%zu", i);
		cr_assert_eq(m.has_path_id, rows[i].has_path_id, "%zu", i);
		cr_assert_eq(m.remote.as, 65001);
		cr_assert_eq(m.local.as, 65002);
		cr_assert_eq(m.type, BGP_NOTIFICATION);
		cr_assert_eq(buf_left(&m.body), 2);
	}
	buf_free(&w);
}

Test(mrt_read, what_cannot_be_is_refused)
{
	static const uint8_t generic[] = { 0, 0, 0, 1, 0xff, 0xff, 1, 0 };
	static const uint8_t wide[] = { 0, 0, 0, 1, 33, 1, 2, 3, 4, 5, 0, 0 };
	struct mrt_record record = { .type = MRT_TABLE_DUMP_V2 };
	struct mrt_message m;
	struct mrt_rib rib;
	struct wr w;
	struct rd r;

	record.subtype = MRT_RIB_GENERIC;
	record.body = buf_reader(generic, sizeof(generic));
	cr_assert_eq(mrt_read_rib(&record, &rib), ERR_UNKNOWN);
	record.subtype = MRT_RIB_IPV4_UNICAST;
	record.body = buf_reader(wide, sizeof(wide));
	cr_assert_eq(mrt_read_rib(&record, &rib), ERR_RANGE);
	record.subtype = 7;
	cr_assert_eq(mrt_kind(&record), MRT_KIND_OTHER);
	record.type = 11;		/* OSPF */
	cr_assert_eq(mrt_kind(&record), MRT_KIND_OTHER);
	buf_writer_growing(&w, 1024);
	put_message(&w, MRT_BGP4MP, MRT_MESSAGE, "10.0.0.1");
	buf_set_u8(&w, 12 + 7, 9);	/* AFI */
	r = buf_written(&w);
	cr_assert_eq(mrt_next(&r, &record), 0);
	cr_assert_eq(mrt_read_message(&record, &m), ERR_RANGE);
	buf_set_u8(&w, 12 + 7, 1);
	buf_set_u8(&w, 12 + 16, 0);	/* marker */
	r = buf_written(&w);
	cr_assert_eq(mrt_next(&r, &record), 0);
	cr_assert_eq(mrt_read_message(&record, &m), ERR_PROTO);
	buf_free(&w);
}
