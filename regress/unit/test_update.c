/* SPDX-License-Identifier: ISC */
/* UPDATE messages: RFC 7606 row by row, canonical blocks, packing. */
#include "common/bgp.h"
#include "common/err.h"
#include "common/wire/update.h"
#include "regress/unit/hex.h"

#define ALL_FAMILIES	((1u << NLRI_N_FAMILIES) - 1)
#define MAX_MESSAGE	4096

static const struct update_context ibgp = {
	.attr = { .has_as4 = true },
	.family_mask = ALL_FAMILIES,
};
static const struct update_context ebgp = {
	.attr = { .has_as4 = true, .is_ebgp = true },
	.family_mask = ALL_FAMILIES,
};
static const struct update_context ebgp_as2 = {
	.attr = { .is_ebgp = true },
	.family_mask = ALL_FAMILIES,
};

/* Body of an UPDATE with these attributes and NLRI in hexadecimal. */
static size_t
make_body(const char *attrs, const char *nlri, uint8_t *body)
{
	struct wr w;
	uint8_t bytes[MAX_MESSAGE];
	size_t n, mark;

	buf_writer(&w, body, MAX_MESSAGE);
	buf_put_u16(&w, 0);
	mark = buf_mark_u16(&w);
	n = hex_decode(attrs, bytes, sizeof(bytes));
	buf_put_bytes(&w, bytes, n);
	buf_patch_u16(&w, mark);
	n = hex_decode(nlri, bytes, sizeof(bytes));
	buf_put_bytes(&w, bytes, n);
	cr_assert_eq(w.err, 0);
	return w.len;
}

#define ORIGIN_	"40010100"
#define PATH_	"400206 0201 0000FDE9"
#define NEXT_	"400304 0A000001"
#define PREF_	"400504 00000064"
#define MUST	ORIGIN_ PATH_ NEXT_ PREF_
#define NLRI_	"180A0001"

struct row {
	const char	*name, *attrs, *nlri;
	enum attr_verdict ebgp, ibgp;
	uint8_t		 subcode;
	unsigned	 n_discarded;	/* from an internal peer */
};

#define A	ATTR_ACCEPT
#define D	ATTR_DISCARD
#define W	ATTR_WITHDRAW
#define R	ATTR_RESET

static const struct row rows[] = {
	{ "plain", MUST, NLRI_, A, A, 0, 0 },
	{ "last attribute overruns", MUST "C00804 0001", NLRI_, W, W, 1, 0 },
	{ "head of attribute cut", MUST "C0", NLRI_, W, W, 1, 0 },
	{ "origin flags", "80010100" PATH_ NEXT_ PREF_, NLRI_, W, W, 4, 0 },
	{ "origin transitive missing", "00010100" PATH_ NEXT_ PREF_, NLRI_,
	    W, W, 4, 0 },
	{ "duplicate origin", MUST ORIGIN_, NLRI_, A, A, 0, 1 },
	{ "mp_reach twice", MUST "800E0E 000101040A000001 000000000000"
	    "800E0E 000101040A000001 000000000000", NLRI_, R, R, 1, 0 },
	{ "no attributes with NLRI", "", NLRI_, W, W, 3, 0 },
	{ "no origin", PATH_ NEXT_ PREF_, NLRI_, W, W, 3, 0 },
	{ "no path", ORIGIN_ NEXT_ PREF_, NLRI_, W, W, 3, 0 },
	{ "no next hop", ORIGIN_ PATH_ PREF_, NLRI_, W, W, 3, 0 },
	{ "no local pref", ORIGIN_ PATH_ NEXT_, NLRI_, A, W, 3, 0 },
	{ "origin length", "4001020000" PATH_ NEXT_ PREF_, NLRI_, W, W, 6,
	    0 },
	{ "origin value", "40010103" PATH_ NEXT_ PREF_, NLRI_, W, W, 6, 0 },
	{ "path segment type", ORIGIN_ "400206 0501 0000FDE9" NEXT_ PREF_,
	    NLRI_, W, W, 11, 0 },
	{ "path overrun", ORIGIN_ "400206 0202 0000FDE9" NEXT_ PREF_,
	    NLRI_, W, W, 11, 0 },
	{ "path underrun", ORIGIN_ "400207 0201 0000FDE9 02" NEXT_ PREF_,
	    NLRI_, W, W, 11, 0 },
	{ "path segment empty", ORIGIN_ "400202 0200" NEXT_ PREF_, NLRI_,
	    W, W, 11, 0 },
	{ "path AS 0", ORIGIN_ "400206 0201 00000000" NEXT_ PREF_, NLRI_,
	    W, W, 11, 0 },
	{ "path empty", ORIGIN_ "400200" NEXT_ PREF_, NLRI_, W, A, 11, 0 },
	{ "path with confederation", ORIGIN_ "400206 0301 0000FDE9" NEXT_
	    PREF_, NLRI_, W, A, 11, 0 },
	{ "next hop length", ORIGIN_ PATH_ "400302 0102" PREF_, NLRI_, W, W,
	    8, 0 },
	{ "next hop unspecified", ORIGIN_ PATH_ "400304 00000000" PREF_,
	    NLRI_, W, W, 8, 0 },
	{ "next hop loopback", ORIGIN_ PATH_ "400304 7F000001" PREF_,
	    NLRI_, W, W, 8, 0 },
	{ "next hop multicast", ORIGIN_ PATH_ "400304 E0000001" PREF_,
	    NLRI_, W, W, 8, 0 },
	{ "med length", MUST "800403 000001", NLRI_, W, W, 9, 0 },
	{ "local pref length", ORIGIN_ PATH_ NEXT_ "400503 000001", NLRI_,
	    A, W, 5, 0 },
	{ "atomic length", MUST "400601 00", NLRI_, A, A, 0, 1 },
	{ "aggregator length", MUST "C00706 FDE9 0A000001", NLRI_, A, A, 0,
	    1 },
	{ "aggregator AS 0", MUST "C00708 00000000 0A000001", NLRI_, A, A,
	    0, 1 },
	{ "community empty", MUST "C00800", NLRI_, W, W, 9, 0 },
	{ "community length", MUST "C00805 0000000001", NLRI_, W, W, 9, 0 },
	{ "originator length", MUST "800903 000001", NLRI_, A, W, 9, 0 },
	{ "cluster list empty", MUST "800A00", NLRI_, A, W, 9, 0 },
	{ "cluster list length", MUST "800A05 0000000001", NLRI_, A, W, 9,
	    0 },
	{ "mp_reach too short", MUST "800E04 00010104", "", R, R, 9, 0 },
	{ "mp_reach next hop length", MUST "800E08 00020103 000000 00", "",
	    R, R, 9, 0 },
	{ "mp_reach prefix overruns", ORIGIN_ PATH_ PREF_
	    "800E17 00020110 20010DB8000000000000000000000001 00 80 20", "",
	    R, R, 9, 0 },
	{ "mp_reach prefix too long", ORIGIN_ PATH_ PREF_
	    "800E16 00020110 20010DB8000000000000000000000001 00 81", "",
	    R, R, 9, 0 },
	{ "mp_unreach too short", "800F02 0002", "", R, R, 9, 0 },
	{ "mp_reach unknown family", ORIGIN_ PATH_ PREF_
	    "800E09 00070104 00000000 00", "", A, A, 0, 0 },
	{ "nlri prefix too long", MUST, "21 0A00000000", R, R, 10, 0 },
	{ "nlri prefix overruns", MUST, "18 0A00", R, R, 10, 0 },
	{ "ext community empty", MUST "C01000", NLRI_, W, W, 9, 0 },
	{ "ext community length", MUST "C01007 00020000000100", NLRI_, W, W,
	    9, 0 },
	{ "as4_path from 4-octet peer", MUST "C01106 0201 0000FDE9", NLRI_,
	    A, A, 0, 1 },
	{ "as4_aggregator from 4-octet peer",
	    MUST "C01208 0000FDE9 0A000001", NLRI_, A, A, 0, 1 },
	{ "pmsi short", MUST "C01604 00000000", NLRI_, W, W, 9, 0 },
	{ "tunnel encap short", MUST "C01703 000000", NLRI_, W, W, 9, 0 },
	{ "tunnel encap overruns", MUST "C01706 000F 0005 0C02", NLRI_,
	    W, W, 9, 0 },
	{ "ipv6 ext community length", MUST "C01908 000C000000000000",
	    NLRI_, W, W, 9, 0 },
	{ "aigp head cut", MUST "801A02 0100", NLRI_, A, A, 0, 1 },
	{ "aigp length", MUST "801A0A 01000A 00000000000000", NLRI_, A, A,
	    0, 1 },
	{ "bgp-ls overruns", MUST "801D05 0400 0004 00", NLRI_, A, A, 0, 1 },
	{ "large community empty", MUST "C02000", NLRI_, W, W, 9, 0 },
	{ "large community length", MUST "C0200B 0000000100000002000000",
	    NLRI_, W, W, 9, 0 },
	{ "otc length", MUST "C02302 0001", NLRI_, W, W, 9, 0 },
	{ "otc zero", MUST "C02304 00000000", NLRI_, W, W, 9, 0 },
	{ "prefix sid zeros", MUST "C02806 000000000000", NLRI_, A, A, 0,
	    1 },
	{ "prefix sid overruns", MUST "C02803 010007", NLRI_, A, A, 0, 1 },
	{ "prefix sid empty", MUST "C02800", NLRI_, A, A, 0, 1 },
	{ "attr set short", MUST "C08003 000001", NLRI_, A, A, 0, 1 },
	{ "unknown optional non-transitive", MUST "80C801 00", NLRI_, A, A,
	    0, 1 },
	{ "unknown optional transitive", MUST "C0FF01 00", NLRI_, A, A, 0,
	    0 },
	{ "unknown well-known", MUST "40C801 00", NLRI_, R, R, 2, 0 },
	{ "strongest wins", MUST "C00800 40C801 00", NLRI_, R, R, 2, 0 },
};

static enum attr_verdict
decode_row(const struct row *row, const struct update_context *ctx,
    struct update *u)
{
	uint8_t body[MAX_MESSAGE];
	struct wr scratch;
	size_t n = make_body(row->attrs, row->nlri, body);

	buf_writer_growing(&scratch, 65536);
	cr_assert_eq(update_decode(buf_reader(body, n), ctx, &scratch, u), 0);
	buf_free(&scratch);
	return u->verdict;
}

Test(update, faults_have_the_verdicts_of_rfc_7606)
{
	struct update u;
	size_t i;

	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		cr_expect_eq(decode_row(&rows[i], &ebgp, &u), rows[i].ebgp,
		    "%s: external verdict %d", rows[i].name, u.verdict);
		if (u.verdict != ATTR_ACCEPT)
			cr_expect_eq(u.error_subcode, rows[i].subcode,
			    "%s: subcode %u", rows[i].name, u.error_subcode);
		cr_expect_eq(decode_row(&rows[i], &ibgp, &u), rows[i].ibgp,
		    "%s: internal verdict %d", rows[i].name, u.verdict);
		if (u.verdict != ATTR_ACCEPT)
			cr_expect_eq(u.error_subcode, rows[i].subcode,
			    "%s: subcode %u", rows[i].name, u.error_subcode);
		cr_expect_eq(u.n_discarded, rows[i].n_discarded,
		    "%s: %u discarded", rows[i].name, u.n_discarded);
	}
}

Test(update, lengths_over_the_message_are_3_1)
{
	static const char *const bodies[] = { "", "00", "0005", "00000005",
	    "00010800", "0000 0004 400101" };
	uint8_t bytes[64];
	struct update u;
	struct wr scratch;
	size_t i, n;

	buf_writer_growing(&scratch, 65536);
	for (i = 0; i < sizeof(bodies) / sizeof(bodies[0]); i++) {
		n = hex_decode(bodies[i], bytes, sizeof(bytes));
		update_decode(buf_reader(bytes, n), &ibgp, &scratch, &u);
		cr_expect_eq(u.verdict, ATTR_RESET, "%s", bodies[i]);
		cr_expect_eq(u.error_code, ERROR_UPDATE);
		cr_expect_eq(u.error_subcode, ERROR_UPDATE_ATTR_LIST);
		cr_expect_eq(u.error_len, 0);
	}
	buf_free(&scratch);
}

Test(update, notification_data_of_unknown_well_known_is_the_attribute)
{
	const struct row row = { .attrs = MUST "40C802 AABB", .nlri = NLRI_ };
	struct update u;
	char text[2 * UPDATE_ERROR_MAX + 1];

	cr_assert_eq(decode_row(&row, &ebgp, &u), ATTR_RESET);
	cr_assert_str_eq(hex_encode(u.error_data, u.error_len, text),
	    "40C802AABB");
}

struct canon {
	const char	*name;
	const struct update_context *ctx;
	const char	*attrs, *canonical;
};

static const struct canon canons[] = {
	{ "order, next hop left out", &ibgp, PREF_ NEXT_ PATH_ ORIGIN_,
	    "40010100" "400206" "02010000FDE9" "40050400000064" },
	{ "extended length made short, flags", &ibgp,
	    "5001000100" "50020000" PREF_ "D00800040000FFFF",
	    "40010100" "400200" "40050400000064" "C008040000FFFF" },
	{ "unknown transitive becomes partial", &ibgp,
	    ORIGIN_ "400200" PREF_ "C0FF0155",
	    "40010100" "400200" "40050400000064" "E0FF0155" },
	{ "large duplicates", &ibgp, ORIGIN_ "400200" PREF_
	    "C02024 000000010000000200000003 000000010000000200000003"
	    "000000010000000200000004",
	    "40010100" "400200" "40050400000064"
	    "C02018000000010000000200000003000000010000000200000004" },
	{ "2-octet path widened", &ebgp_as2,
	    ORIGIN_ "400206 0202 FDE95BA0" NEXT_,
	    "40010100" "40020A0202" "0000FDE900005BA0" },
	{ "AS4_PATH merged", &ebgp_as2,
	    ORIGIN_ "400208 0203 FDE95BA05BA0" NEXT_
	    "C0110A 0202 0001000000010001",
	    "40010100" "40020E0203" "0000FDE90001000000010001" },
	{ "AS4_PATH longer is ignored", &ebgp_as2,
	    ORIGIN_ "400204 0201 FDE9" NEXT_ "C0110A 0202 0001000000010001",
	    "40010100" "4002060201" "0000FDE9" },
	{ "AGGREGATOR without AS_TRANS voids AS4", &ebgp_as2,
	    ORIGIN_ "400206 0202 FDE95BA0" NEXT_ "C00706 FDE9 0A000001"
	    "C01106 0201 00010000" "C01208 00010000 0A000002",
	    "40010100" "40020A0202" "0000FDE900005BA0"
	    "C007080000FDE90A000001" },
	{ "AS4_AGGREGATOR", &ebgp_as2,
	    ORIGIN_ "400206 0202 FDE95BA0" NEXT_ "C00706 5BA0 0A000001"
	    "C01106 0201 00010000" "C01208 00010000 0A000002",
	    "40010100" "40020A0202" "0000FDE900010000"
	    "C00708000100000A000002" },
	{ "confederation dropped from AS4_PATH", &ebgp_as2,
	    ORIGIN_ "400206 0202 FDE95BA0" NEXT_
	    "C0110C 0301 00000001 0201 00010000",
	    "40010100" "40020A0202" "0000FDE900010000" },
};

Test(update, canonical_block)
{
	uint8_t body[MAX_MESSAGE];
	char text[2 * MAX_MESSAGE + 1];
	struct wr scratch;
	struct update u;
	size_t i, n;

	buf_writer_growing(&scratch, 65536);
	for (i = 0; i < sizeof(canons) / sizeof(canons[0]); i++) {
		n = make_body(canons[i].attrs, NLRI_, body);
		update_decode(buf_reader(body, n), canons[i].ctx, &scratch,
		    &u);
		cr_expect_str_eq(hex_encode(u.attrs.pos, buf_left(&u.attrs),
		    text), canons[i].canonical, "%s: %s", canons[i].name,
		    text);
	}
	buf_free(&scratch);
}

/* 30,000 2-octet numbers need 120,000 bytes when they are widened. */
Test(update, path_too_long_to_widen_is_withdrawn)
{
	struct wr body, scratch;
	struct update u;
	size_t mark, path;
	unsigned i;

	buf_writer_growing(&body, 1 << 17);
	buf_writer_growing(&scratch, 65536);
	buf_put_u16(&body, 0);
	mark = buf_mark_u16(&body);
	buf_put_u32(&body, 0x40010100);
	path = attr_begin(&body, 0x40, ATTR_AS_PATH);
	for (i = 0; i < 30000; i++) {
		if (i % 250 == 0)
			buf_put_u16(&body, 0x0200 | 250);
		buf_put_u16(&body, 1 + i);
	}
	attr_end(&body, path);
	buf_put_u24(&body, 0x400304);
	buf_put_u32(&body, 0x0a000001);
	buf_patch_u16(&body, mark);
	buf_put_u32(&body, 0x180a0001);
	cr_assert_eq(body.err, 0);
	cr_assert_eq(update_decode(buf_written(&body), &ebgp_as2, &scratch,
	    &u), 0);
	cr_expect_eq(u.verdict, ATTR_WITHDRAW);
	cr_expect_eq(u.error_subcode, ERROR_UPDATE_AS_PATH);
	cr_expect_eq(buf_left(&u.attrs), 0);
	cr_expect_eq(buf_left(&u.nlri.run), 4);
	buf_free(&body);
	buf_free(&scratch);
}

Test(update, end_of_rib_round_trips_for_every_family)
{
	uint8_t bytes[64];
	struct wr w, scratch;
	struct update u;
	unsigned id;

	buf_writer_growing(&scratch, 65536);
	for (id = 0; id < NLRI_N_FAMILIES; id++) {
		buf_writer(&w, bytes, sizeof(bytes));
		update_put_eor(&w, nlri_by_id(id));
		cr_assert_eq(w.err, 0);
		update_decode(buf_reader(&bytes[BGP_HEADER_LEN],
		    w.len - BGP_HEADER_LEN), &ibgp, &scratch, &u);
		cr_expect_eq(u.eor, nlri_by_id(id), "%s",
		    nlri_by_id(id)->name);
		cr_expect_eq(u.verdict, ATTR_ACCEPT);
	}
	buf_free(&scratch);
}

/* Build messages of prefixes 10.x.y.0/24 and count them back. */
static void
build_and_count(const struct update_format *format, unsigned n_prefixes,
    bool is_withdraw, unsigned *n_messages)
{
	static const struct update_nexthop nh = { { 10, 0, 0, 1 }, 4 };
	const struct nlri_family *f = nlri_by_id(NLRI_IPV4_UNICAST);
	uint8_t prefix[4] = { 24, 10, 0, 0 }, attrs[64], whole[64];
	struct update_builder b;
	struct nlri n = { .family = f, .bytes = prefix, .len = 4 };
	struct wr out;
	struct rd block;
	unsigned i;

	buf_writer_growing(&out, 1 << 20);
	block = buf_reader(attrs, hex_decode(ORIGIN_ PATH_ PREF_, attrs,
	    sizeof(attrs)));
	(void)whole;
	*n_messages = 0;
	for (i = 0; i < n_prefixes; i++) {
		prefix[2] = (uint8_t)(i >> 8);
		prefix[3] = (uint8_t)i;
		if (*n_messages != 0 && update_add(&b, &n) == 0)
			continue;
		if (*n_messages != 0)
			update_end(&b);
		(*n_messages)++;
		if (is_withdraw)
			cr_assert_eq(update_begin_withdraw(&b, &out, format,
			    f, buf_reader(NULL, 0)), 0);
		else
			cr_assert_eq(update_begin(&b, &out, format, f, block,
			    &nh), 0);
		cr_assert_eq(update_add(&b, &n), 0);
		cr_assert_leq(out.len - b.start, format->max_len);
	}
	update_end(&b);
	cr_assert_eq(out.err, 0);
	buf_free(&out);
}

Test(update, builder_fills_messages_and_never_overfills)
{
	static const struct update_format small = { .max_len = 4096,
	    .has_as4 = true };
	static const struct update_format big = { .max_len = 65535,
	    .has_as4 = true };
	unsigned n;

	build_and_count(&small, 5000, false, &n);
	cr_expect_eq(n, 5, "%u", n);
	build_and_count(&big, 5000, false, &n);
	cr_expect_eq(n, 1, "%u", n);
	build_and_count(&small, 5000, true, &n);
	cr_expect_eq(n, 5, "%u", n);
}

struct packing {
	const char	*name;
	bool		 is_exabgp, is_withdraw, has_as4;
	unsigned	 family;
	const char	*attrs, *nexthop, *nlri, *message;
};

#define HEAD	"FFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFF"

static const struct packing packings[] = {
	{ "vpn, ExaBGP", true, false, true, NLRI_IPV4_VPN,
	    "40010100400200" PREF_ "C010100002271000000001"
	    "0002FDE800000001", "0000000000000000C80A0065",
	    "71003E810000FDE8000000010A000000",
	    HEAD "0063020000004C40010100400200400304C80A006540050400000064"
	    "C0101000022710000000010002FDE800000001800E210001800C0000000000"
	    "000000C80A00650071003E810000FDE8000000010A000000" },
	{ "vpn withdraw, ExaBGP", true, true, true, NLRI_IPV4_VPN,
	    "40010100400200400304" "65016501" PREF_ "C00804" "00640001"
	    "C010080002FDE900000001", "",
	    "68003E810000FDE8000000010104",
	    HEAD "0052020000003B800F1100018068003E810000FDE800000001010440"
	    "0101004002004003046501650140050400000064C0080400640001C0100800"
	    "02FDE900000001" },
	{ "ipv6, ours", false, false, true, NLRI_IPV6_UNICAST,
	    "40010100400200" PREF_, "20010000000000000000000000000001",
	    "8026050000000000000000000000000002",
	    HEAD "004E0200000037800E260002011020010000000000000000000000000"
	    "00100802605000000000000000000000000000240010100400200" "400504"
	    "00000064" },
	{ "ipv6 withdraw, ours", false, true, true, NLRI_IPV6_UNICAST, "",
	    "", "4020010DB800000001",
	    HEAD "0026" "02" "0000" "000F" "800F0C" "000201"
	    "4020010DB800000001" },
	{ "vpn withdraw, ours", false, true, true, NLRI_IPV4_VPN, "", "",
	    "68003E810000FDE8000000010104",
	    HEAD "002B" "02" "0000" "0014" "800F11" "000180"
	    "688000000000FDE8000000010104" },
	{ "ipv4 to a 2-octet peer", false, false, false, NLRI_IPV4_UNICAST,
	    "40010100" "40020A0202" "0000FDE900010000"
	    "C00708" "000100000A000001", "0A000001", "180A0001",
	    HEAD "0050020000003540010100" "4002060202FDE95BA0" "400304"
	    "0A000001" "C007065BA00A000001" "C0110A0202" "0000FDE900010000"
	    "C01208000100000A000001" "180A0001" },
	{ "ipv4 withdraw", false, true, true, NLRI_IPV4_UNICAST, "", "",
	    "180A0001", HEAD "001B" "02" "0004" "180A0001" "0000" },
};

static void
strip_spaces(const char *from, char *to)
{
	for (; *from != '\0'; from++) {
		if (*from != ' ')
			*to++ = *from;
	}
	*to = '\0';
}

static void
check_packing(const struct packing *p)
{
	const struct update_format format = { .max_len = 4096,
	    .has_as4 = p->has_as4, .is_exabgp_packing = p->is_exabgp };
	uint8_t attrs[256], bytes[256];
	char text[1024], want[1024];
	struct update_nexthop nh = { .len = 0 };
	struct update_builder b;
	struct nlri n = { .family = nlri_by_id(p->family), .bytes = bytes };
	struct wr out;
	struct rd block;

	buf_writer_growing(&out, 65536);
	block = buf_reader(attrs, hex_decode(p->attrs, attrs, sizeof(attrs)));
	nh.len = (uint8_t)hex_decode(p->nexthop, nh.bytes, sizeof(nh.bytes));
	n.len = hex_decode(p->nlri, bytes, sizeof(bytes));
	if (p->is_withdraw)
		cr_assert_eq(update_begin_withdraw(&b, &out, &format,
		    n.family, block), 0);
	else
		cr_assert_eq(update_begin(&b, &out, &format, n.family, block,
		    &nh), 0);
	cr_assert_eq(update_add(&b, &n), 0);
	update_end(&b);
	strip_spaces(p->message, want);
	cr_expect_str_eq(hex_encode(out.base, out.len, text), want, "%s: %s",
	    p->name, text);
	buf_free(&out);
}

Test(update, builder_writes_these_bytes)
{
	size_t i;

	for (i = 0; i < sizeof(packings) / sizeof(packings[0]); i++)
		check_packing(&packings[i]);
}

Test(update, attributes_too_long_are_full_and_leave_nothing)
{
	static const struct update_format format = { .max_len = 4096,
	    .has_as4 = true };
	static const struct update_nexthop nh = { { 10, 0, 0, 1 }, 4 };
	static const uint8_t value[4096];
	struct update_builder b;
	struct wr attrs, out;

	buf_writer_growing(&attrs, 65536);
	buf_writer_growing(&out, 65536);
	attr_put(&attrs, 0xc0, 255, value, sizeof(value));
	cr_expect_eq(update_begin(&b, &out, &format,
	    nlri_by_id(NLRI_IPV4_UNICAST), buf_written(&attrs), &nh),
	    ERR_FULL);
	cr_expect_eq(out.len, 0);
	buf_free(&attrs);
	buf_free(&out);
}
