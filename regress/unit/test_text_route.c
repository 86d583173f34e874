/* SPDX-License-Identifier: ISC */
/* Sentences to families, NLRI, next hops and attribute blocks; errors. */
#include "common/bgp.h"
#include "common/err.h"
#include "common/nlri/nlri.h"
#include "common/text/text_route.h"
#include "regress/unit/hex.h"

#include <string.h>

#define HEX_MAX	8192

/* What a sentence gave, as text: one line a route. */
struct seen {
	char		text[HEX_MAX * 4];
	unsigned	n;
};

static int
on_route(const struct text_route *t, void *arg)
{
	struct seen *s = arg;
	char nlri[HEX_MAX], attrs[HEX_MAX], nexthop[128];
	const struct route *r = &t->route;
	struct rd run = r->nlri;
	struct nlri n;
	size_t len = strlen(s->text);

	hex_encode(r->nlri.pos, buf_left(&r->nlri), nlri);
	hex_encode(r->attrs.pos, buf_left(&r->attrs), attrs);
	hex_encode(r->nexthop.bytes, r->nexthop.len, nexthop);
	snprintf(s->text + len, sizeof(s->text) - len, "%s|%s|%s|%s",
	    r->family->name, nlri, nexthop, attrs);
	s->n++;
	/* Whatever is made must be cut again, whole. */
	if ((r->flags & ROUTE_NO_NLRI) == 0) {
		cr_expect_eq(nlri_next(r->family, false, &run, &n), 0);
		cr_expect_eq(buf_left(&run), 0);
	}
	return 0;
}

static int
parse(const char *sentence, struct seen *seen, char *error)
{
	bool is_withdraw = strncmp(sentence, "withdraw ", 9) == 0;
	struct text_parser p;
	int e;

	if (is_withdraw)
		sentence += 9;
	*seen = (struct seen){ .n = 0 };
	text_route_init(&p);
	e = text_route_parse_line(&p, sentence, strlen(sentence), is_withdraw,
	    on_route, seen);
	snprintf(error, TEXT_ERROR_MAX, "%s", p.error);
	text_route_fini(&p);
	return e;
}

#define R "route 10.0.0.0/8 next-hop 1.2.3.4 "
#define U "ipv4 unicast|080A|01020304|"

/* sentence, "family|nlri|next hop|attributes" */
static const struct {
	const char	*sentence, *seen;
} good_rows[] = {
	{ R, U },
	{ "  " R " ; ", U },
	{ "route\t10.0.0.0/8 { next-hop 1.2.3.4; }", U },
	{ R "origin egp med 5", U "40010101" "80040400000005" },
	{ R "med 5 origin incomplete med 6", U "40010102" "80040400000006" },
	{ R "med 0x10", U "80040400000010" },
	{ R "local-preference 4294967295", U "400504FFFFFFFF" },
	{ R "as-path 65000", U "4002060201" "0000FDE8" },
	{ R "as-path [ 1 2 (3,4) 1.10 ]", U "40021A" "0202" "00000001"
	  "00000002" "0102" "00000003" "00000004" "0201" "0001000A" },
	{ R "as-path ( 1 2 )", U "40020A" "0202" "00000001" "00000002" },
	{ R "as-path [ ]", U "400200" },
	{ R "atomic-aggregate aggregator 65000:1.1.1.1",
	  U "400600" "C007080000FDE801010101" },
	{ R "originator-id 1.1.1.1 cluster-list [ 2.2.2.2 3.3.3.3 ]",
	  U "80090401010101" "800A080202020203030303" },
	{ R "cluster-list 2.2.2.2", U "800A0402020202" },
	{ R "community 1:2 med 1 community [ ]", U "80040400000001" },
	{ R "community [ 3:4 1:2 no-export no_advertise nopeer blackhole ]",
	  U "C00818" "00010002" "00030004" "FFFF029A" "FFFFFF01" "FFFFFF02"
	  "FFFFFF04" },
	{ R "community 0xFFFFFF01 ", U "C00804FFFFFF01" },
	{ R "large-community [ 1:2:3 1:2:3 0:0:1 0x0A 7 ]", U "C02030"
	  "000000000000000000000001" "000000000000000000000007"
	  "00000000000000000000000A" "000000010000000200000003" },
	{ R "extended-community [ target:65000:1 65000:2 origin:1.2.3.4:5 ]",
	  U "C01018" "0002FDE800000001" "0002FDE800000002"
	  "0103010203040005" },
	{ R "extended-community target:70000:3", U "C01008"
	  "0102000111700003" },
	{ R "extended-community target:70000L:3", U "C01008"
	  "0202000111700003" },
	{ R "extended-community [ bandwidth:65000:1.5 mup:1:2 mark 7 ]",
	  U "C01018" "0C00000100000002" "4004FDE83FC00000"
	  "8009000000000007" },
	{ R "extended-community redirect:70000:3", U "C01008"
	  "8208000111700003" },
	{ R "aigp 0x10", U "801A0B01000B0000000000000010" },
	{ R "attribute [ 0x99 0xc0 0x0102 ] attribute [ 0x98 0xc0 0x ]",
	  U "C09800" "C099020102" },
	{ R "attribute [ 0x98 0xc0 0x ]", U "C09800" },
	{ R "attribute [0x04 0x90 0x00000064]", U "80040400000064" },
	{ R "bgp-prefix-sid-srv6 ( l2-service fc00::1 )", U "C0281C"
	  "06001900" "01001500" "FC000000000000000000000000000001"
	  "00FFFF00" },
	{ "route 224.0.0.0/4 next-hop 1.2.3.4",
	  "ipv4 multicast|04E0|01020304|" },
	{ "route 10.0.0.1 next-hop ::1", "ipv4 unicast|200A000001|"
	  "00000000000000000000000000000001|" },
	{ "ipv6 unicast ::/0 next-hop 1.2.3.4", "ipv6 unicast|00|01020304|" },
	{ R "label [ 1 1048575 ]", "ipv4 nlri-mpls|38" "000010" "FFFFF1" "0A|"
	  "01020304|" },
	{ "ipv4 labeled-unicast 10.0.0.0/8 next-hop 1.2.3.4 label 3",
	  "ipv4 nlri-mpls|20" "000031" "0A|01020304|" },
	{ R "label 3 rd 1.2.3.4:5", "ipv4 mpls-vpn|60" "000031"
	  "0001010203040005" "0A|" "000000000000000001020304|" },
	{ R "label 3 rd 70000:5", "ipv4 mpls-vpn|60" "000031"
	  "0002000111700005" "0A|" "000000000000000001020304|" },
	{ "withdraw route 10.0.0.0/8 rd 1:2", "ipv4 mpls-vpn|60" "800000"
	  "0000000100000002" "0A||" },
	{ "withdraw route 10.0.0.0/8", "ipv4 unicast|080A||" },
	{ "attributes next-hop 1.2.3.4 med 1", "ipv4 unicast||01020304|"
	  "80040400000001" },
	{ "attributes next-hop 1.2.3.4 nlri 1.0.0.0/8 2.0.0.0/8",
	  "ipv4 unicast|0801|01020304|" "ipv4 unicast|0802|01020304|" },
	{ "route 10.0.0.0/23 next-hop 1.2.3.4 split /24",
	  "ipv4 unicast|180A0000|01020304|" "ipv4 unicast|180A0001|01020304|" },
	{ "route 255.255.255.254/31 next-hop 1.2.3.4 split 32",
	  "ipv4 unicast|20FFFFFFFE|01020304|"
	  "ipv4 unicast|20FFFFFFFF|01020304|" },
	{ "flow route destination 10.0.0.0/8 protocol [ tcp udp ] "
	  "tcp-flags [ =syn+ack !rst ] discard",
	  "ipv4 flow|0D" "01080A" "030106" "8111" "090112" "8204"
	  "||C0100880060000" "00000000" },
	{ "flow route { match { source-port >=1024&<=70 ; } then { "
	  "redirect 1.2.3.4:5; mark 3; } }",
	  "ipv4 flow|06" "06130400" "C546" "||C01010" "8009000000000003"
	  "8108010203040005" },
	{ "flow route next-header tcp redirect [2001:db8::1]:7",
	  "ipv6 flow|03" "038106" "||C01914" "000D"
	  "20010DB8000000000000000000000001" "0007" },
	{ "flow route destination 10.0.0.0/8 interface-set "
	  "[ input:65000:5 non-transitive:input-output:1:2 ]",
	  "ipv4 flow|03" "01080A" "||C01010" "07020000FDE84005"
	  "470200000001C002" },
	{ "ipv4 flow-vpn rd 1:2 port =http extended-community rate-limit:0",
	  "ipv4 flow-vpn|0B" "0000000100000002" "048150" "||C01008"
	  "8006000000000000" },
	{ "flow route port [ =SSH xmpp-server ] accept",
	  "ipv4 flow|06" "040116" "911495" "||" },
	{ "flow route port true redirect-to-nexthop-ietf 1.2.3.4",
	  "ipv4 flow|03" "048700" "||C01008" "010C010203040000" },
	{ "evpn mac-ip rd 1:2 mac 00:11:22:33:44:55 ip 10.0.0.1 label [ 3 4 ] "
	  "ethernet-tag 9 next-hop 1.2.3.4",
	  "l2vpn evpn|0228" "0000000100000002" "00000000000000000000"
	  "00000009" "30" "001122334455" "20" "0A000001" "000031" "000041"
	  "|01020304|" },
	{ "evpn multicast rd 1:2 ip 10.0.0.1 next-hop self",
	  "l2vpn evpn|0311" "0000000100000002" "00000000" "20" "0A000001"
	  "||" },
	{ "evpn ip-prefix 10.0.0.0/8 rd 1:2 label 3 next-hop 1.2.3.4 "
	  "esi 00:01:02:03:04:05:06:07:08:09 gateway 9.9.9.9",
	  "l2vpn evpn|0522" "0000000100000002" "00010203040506070809"
	  "00000000" "08" "0A000000" "09090909" "000031" "|01020304|" },
	{ "ipv4 rtc origin-as 65533 route-target 70000:3 next-hop 1.2.3.4",
	  "ipv4 rtc|60" "0000FFFD" "0202000111700003" "|01020304|" },
	{ "ipv4 rtc default next-hop 1.2.3.4", "ipv4 rtc|00|01020304|" },
	{ "raw ipv4 unicast 0x080A next-hop 1.2.3.4 med 1",
	  U "80040400000001" },
	{ "sr-policy distinguisher 0 color 100 endpoint 10.0.0.1 next-hop "
	  "192.0.2.1 preference 100 binding-sid mpls 24000 segment-list "
	  "weight 1 segment type-a mpls 16001",
	  "ipv4 sr-policy|60" "00000000" "00000064" "0A000001" "|C0000201|"
	  "C01728" "000F0024" "0C06000000000064" "0D06100005DC0100" "800011"
	  "00" "0906000000000001" "0106000003E81100" },
	{ "sr-policy distinguisher 0 color 1 endpoint 10.0.0.1 next-hop "
	  "192.0.2.1 priority 3 policy-name a candidate-path-name b "
	  "preference 2",
	  "ipv4 sr-policy|60" "00000000" "00000001" "0A000001" "|C0000201|"
	  "C0171A" "000F0016" "0F020300" "8200020061" "8100020062"
	  "0C06000000000002" },
	{ "sr-policy distinguisher 0 color 1 endpoint 10.0.0.1 { next-hop "
	  "192.0.2.1; segment-list weight 1 { segment type-a mpls 16001; } "
	  "preference 2; }",
	  "ipv4 sr-policy|60" "00000000" "00000001" "0A000001" "|C0000201|"
	  "C01720" "000F001C" "80001100" "0906000000000001"
	  "0106000003E81100" "0C06000000000002" },
	{ "ipv6 sr-policy distinguisher 1 color 2 endpoint ::1 next-hop ::2 "
	  "segment-list weight 7 segment type-j local-if-id 1 local-ipv6 ::3 "
	  "remote-if-id 2 remote-ipv6 ::4 algorithm 9 sid ::5 "
	  "endpoint-behavior 6 1 2 3 4 policy-name \"a b\"",
	  "ipv6 sr-policy|C0" "00000001" "00000002"
	  "00000000000000000000000000000001"
	  "|00000000000000000000000000000002|"
	  "C0175B" "000F0057" "80004D" "00" "0906000000000007"
	  "0F42" "5009" "00000001" "00000000000000000000000000000003"
	  "00000002" "00000000000000000000000000000004"
	  "00000000000000000000000000000005" "0006000001020304"
	  "820004" "00612062" },
};

Test(text_route, sentences_make_routes)
{
	struct seen seen;
	char error[TEXT_ERROR_MAX];
	size_t i;

	for (i = 0; i < sizeof(good_rows) / sizeof(good_rows[0]); i++) {
		cr_expect_eq(parse(good_rows[i].sentence, &seen, error), 0,
		    "%s: %s", good_rows[i].sentence, error);
		cr_expect_str_eq(seen.text, good_rows[i].seen,
		    "%s:\n got %s\nwant %s", good_rows[i].sentence, seen.text,
		    good_rows[i].seen);
	}
}

static const struct {
	const char	*sentence, *error;
} bad_rows[] = {
	{ "", "announce: expected one of attribute attributes evpn flow ipv4 "
	  "ipv6 l2vpn raw route sr-policy vpls, found the end" },
	{ "raw ipv4 unicast 0x18 next-hop 1.1.1.1",
	  "raw: expected one NLRI of ipv4 unicast, found \"0x18\"" },
	{ "ipv4 rtc origin-as 1 next-hop 1.1.1.1",
	  "rtc: origin-as or route-target is missing" },
	{ "route", "route: expected a prefix, found the end" },
	{ "sr-policy distinguisher 0 color 1 endpoint 10.0.0.1 { next-hop "
	  "192.0.2.1; segment-list weight 1 { segment type-a mpls 1; med 2; } "
	  "}", "segment-list: expected segment or \"}\", found \"med\"" },
	{ "route 10.0.0.0/33 next-hop 1.1.1.1",
	  "route: expected a prefix, found \"10.0.0.0/33\"" },
	{ "route 10.0.0.1/8 next-hop 1.1.1.1", "route: expected a prefix "
	  "without bits beyond /8, found \"10.0.0.1/8\"" },
	{ "route 10.0.0.0/8", "route: next-hop is missing" },
	{ "route 10.0.0.0/8 next-hop a", "next-hop: expected an IP address or "
	  "self, found \"a\"" },
	{ R "local-preference abc", "local-preference: expected a number "
	  "0..4294967295, found \"abc\"" },
	{ R "local-preference", "local-preference: expected a number "
	  "0..4294967295, found the end" },
	{ R "med 4294967296", "med: expected a number 0..4294967295, found "
	  "\"4294967296\"" },
	{ R "origin any", "origin: expected igp, egp or incomplete, found "
	  "\"any\"" },
	{ R "as-path [ 1 0 ]", "as-path: expected an AS number, found \"0\"" },
	{ R "as-path [ 1 2", "as-path: expected an AS number, found the end" },
	{ R "community [ 1:65536 ]", "community: expected a community, "
	  "0..65535:0..65535, a number or a name, found \"1:65536\"" },
	{ R "community [ 1:2", "community: expected a community, found the "
	  "end" },
	{ R "large-community 1:2", "large-community: expected a large "
	  "community, N:N:N, found \"1:2\"" },
	{ R "extended-community [ target:65000 ]", "extended-community: "
	  "expected target:ASN:N or target:IP:N, found \"target:65000\"" },
	{ R "label 1048576", "label: expected a number 0..1048575, found "
	  "\"1048576\"" },
	{ R "rd 1:2", "route: label is missing" },
	{ R "label [ 0 1 ]", "label: 0 can only be last" },
	{ R "aggregator 0:1.1.1.1", "aggregator: expected ASN:IP, found "
	  "\"0:1.1.1.1\"" },
	{ "ipv4 unicast 10.0.0.0/8 next-hop 1.1.1.1 rd 1:2",
	  "unicast: rd is not for this family" },
	{ "ipv4 mpls-vpn 10.0.0.0/8 next-hop 1.1.1.1 label 1",
	  "mpls-vpn: rd is missing" },
	{ "ipv6 unicast 10.0.0.0/8 next-hop 1.1.1.1",
	  "unicast: the prefix is of the other address family" },
	{ R "split /7", "split: /7 is no part of a /8" },
	{ "route 0.0.0.0/0 next-hop 1.1.1.1 split /32",
	  "split: more than 1048576 routes" },
	{ R "attribute [ 0x0e 0x80 0x00 ]", "attribute: code 14 has a word of "
	  "its own or is made by the daemon" },
	{ R "attribute [ 0x01 0x40 0x0000 ]",
	  "attribute: the data is no origin" },
	{ R "attribute [ 0x99 0xc0 0x123 ]", "attribute: expected 0x and pairs "
	  "of hex digits, found \"0x123\"" },
	{ R "]", "route: unknown word \"]\", expected one of aggregator aigp "
	  "as-path atomic-aggregate attribute bgp-prefix-sid "
	  "bgp-prefix-sid-srv6 cluster-list community extended-community label "
	  "large-community local-preference med name next-hop origin "
	  "originator-id path-information rd route-distinguisher split "
	  "watchdog withdraw" },
	{ R "{ med 5; }", "route: expected the end, found \"{\"" },
	{ "route 10.0.0.0/8 { next-hop 1.1.1.1; } x",
	  "announce: expected the end, found \"x\"" },
	{ R "; " R, "announce: expected the end, found \"route\"" },
	{ R "name \"x", "announce: expected the end, found a quote that is not "
	  "closed" },
	{ "attributes next-hop 1.1.1.1 nlri 1.0.0.0/8 x",
	  "attributes: expected a prefix, found \"x\"" },
	{ "attributes next-hop 1.1.1.1 nlri",
	  "attributes: expected a prefix, found the end" },
	{ "flow route a { match { colour 1; } }", "flow: unknown word "
	  "\"colour\", expected one of destination destination-ipv4 "
	  "destination-ipv6 destination-port dscp flow-label fragment "
	  "icmp-code icmp-type next-header packet-length port protocol source "
	  "source-ipv4 source-ipv6 source-port tcp-flags traffic-class accept "
	  "action copy discard interface-set mark rate-limit redirect "
	  "redirect-to-nexthop redirect-to-nexthop-ietf aggregator aigp "
	  "as-path atomic-aggregate attribute bgp-prefix-sid "
	  "bgp-prefix-sid-srv6 cluster-list community extended-community label "
	  "large-community local-preference med name next-hop origin "
	  "originator-id path-information rd route-distinguisher split "
	  "watchdog withdraw" },
	{ "flow route discard", "flow: nothing to match" },
	{ "flow route protocol tcp next-header tcp",
	  "next-header: not for ipv4 flows" },
	{ "flow route port [ ]", "port: expected a value, found the end" },
	{ "flow route dscp 64", "dscp: expected a number 0..63 or a name, "
	  "after = ! > <, found \"64\"" },
	{ "vpls rd 1:1 endpoint 1 base 1 offset 1",
	  "vpls: size is missing" },
	{ "ipv4 mup mup-t2st 10.0.0.1 rd 1:1 teid 5/2 next-hop 1.1.1.1",
	  "teid: expected a number of 2 bits, found \"5/2\"" },
	{ "ipv4 mcast-vpn source-ad source 1.1.1.1 group ff0e::1 rd 1:1",
	  "group: the address is of the other address family" },
	{ "evpn mac-ip rd 1:2 label 3", "mac-ip: mac is missing" },
	{ "sr-policy color 1 endpoint 1.1.1.1", "sr-policy: distinguisher, "
	  "color or endpoint is missing" },
};

Test(text_route, errors_say_what_was_expected_and_found)
{
	struct seen seen;
	char error[TEXT_ERROR_MAX];
	size_t i;

	for (i = 0; i < sizeof(bad_rows) / sizeof(bad_rows[0]); i++) {
		cr_expect_eq(parse(bad_rows[i].sentence, &seen, error),
		    ERR_SYNTAX, "%s", bad_rows[i].sentence);
		cr_expect_str_eq(error, bad_rows[i].error,
		    "%s:\n got %s\nwant %s", bad_rows[i].sentence, error,
		    bad_rows[i].error);
		cr_expect_eq(seen.n, 0, "%s", bad_rows[i].sentence);
	}
}

static int
on_flags(const struct text_route *t, void *arg)
{
	struct text_route *out = arg;

	*out = *t;
	return 0;
}

Test(text_route, path_id_name_and_watchdog_go_beside_the_route)
{
	static const char line[] = "route 10.0.0.0/8 next-hop self name a-b.c "
	    "watchdog dog withdraw path-information 0.0.1.2";
	struct text_parser p;
	struct text_route t;

	text_route_init(&p);
	cr_assert_eq(text_route_parse_line(&p, line, strlen(line), false,
	    on_flags, &t), 0);
	cr_expect_eq(t.route.flags, ROUTE_NEXTHOP_SELF | ROUTE_HAS_PATH_ID |
	    ROUTE_WITHDRAWN_AT_START);
	cr_expect_eq(t.route.path_id, 0x102);
	cr_expect_eq(t.name.len, 5);
	cr_expect_arr_eq(t.name.at, "a-b.c", 5);
	cr_expect_arr_eq(t.watchdog.at, "dog", 3);
	text_route_fini(&p);
}

Test(text_route, long_as_path_is_split_in_segments)
{
	char line[4096] = R "as-path [";
	struct seen seen;
	char error[TEXT_ERROR_MAX];
	size_t i, len = strlen(line);

	for (i = 0; i < 256; i++)
		len += (size_t)sprintf(line + len, " %zu", i + 1);
	sprintf(line + len, " ]");
	cr_assert_eq(parse(line, &seen, error), 0, "%s", error);
	/* flags with extended length, 255 in the first segment */
	cr_expect_not_null(strstr(seen.text, "|5002040402FF00000001"));
	cr_expect_not_null(strstr(seen.text, "000000FF" "0201" "00000100"));
}

Test(text_route, a_family_is_two_words)
{
	struct words w;

	words_init(&w, "ipv4 unicast rest", 17, false);
	cr_assert_not_null(text_route_family(&w));
	cr_expect(words_is(&w, "rest"));
	words_init(&w, "ipv4 rest", 9, false);
	cr_assert_null(text_route_family(&w));
	cr_expect(words_is(&w, "ipv4"));
}

Test(text_route, operational_messages_are_whole)
{
	static const char line[] =
	    "rpcp afi ipv6 safi unicast sequence 7 counter 8";
	uint8_t bytes[64];
	char hex[160];
	struct text_parser p;
	struct words w;
	struct wr out;

	text_route_init(&p);
	buf_writer(&out, bytes, sizeof(bytes));
	words_init(&w, line, strlen(line), false);
	cr_assert_eq(text_operational_parse(&p, &w, &out), 0, "%s", p.error);
	cr_expect_str_eq(hex_encode(bytes, out.len, hex),
	    "FFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFF" "0026" "06" "0004" "000F"
	    "0002" "01" "00000000" "00000007" "00000008");
	text_route_fini(&p);
}
