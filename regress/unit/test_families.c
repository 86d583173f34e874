/* SPDX-License-Identifier: ISC */
/* Families beyond unicast: members, text and key of one NLRI each. */
#include "common/emit.h"
#include "common/nlri/nlri.h"
#include "regress/unit/hex.h"

#include <string.h>

struct row {
	unsigned	 family;
	const char	*bytes, *json, *text;
	const char	*key;		/* NULL: the bytes */
};

static const struct row rows[] = {
	{ NLRI_L2VPN_EVPN, "0119 0001C0A801010001 00000000000000000001 "
	    "00000064 000641",
	    "{ \"code\": 1, \"parsed\": true, \"raw\": \"01190001C0A801010001"
	    "0000000000000000000100000064000641\", \"name\": \"Ethernet "
	    "Auto-Discovery\", \"rd\": \"192.168.1.1:1\", \"esi\": "
	    "\"00:00:00:00:00:00:00:00:00:01\", \"ethernet-tag\": 100, "
	    "\"label\": [ [ 100, 1601 ] ] }",
	    "evpn:ethernetad:192.168.1.1:1:00:00:00:00:00:00:00:00:00:01:100"
	    ":100",
	    "01190001C0A8010100010000000000000000000100000064000000" },
	{ NLRI_L2VPN_EVPN, "0228 0001C0A801010001 00000000000000000000 "
	    "00000064 30 001122334455 20 0A000001 000641 000C81",
	    "{ \"code\": 2, \"parsed\": true, \"raw\": \"02280001C0A801010001"
	    "000000000000000000000000006430001122334455200A000001000641000C81"
	    "\", \"name\": \"MAC/IP advertisement\", \"rd\": "
	    "\"192.168.1.1:1\", \"esi\": \"-\", \"ethernet-tag\": 100, "
	    "\"mac\": \"00:11:22:33:44:55\", \"label\": [ [ 100, 1601 ], [ "
	    "200, 3201 ] ], \"ip\": \"10.0.0.1\" }",
	    "evpn:macadv:192.168.1.1:1:-:100:00:11:22:33:44:55:10.0.0.1:100"
	    ":200",
	    "02250001C0A8010100010000000000000000000000000064"
	    "30001122334455200A000001000000" },
	{ NLRI_L2VPN_EVPN, "0311 0001C0A801010001 00000064 20 0A000001",
	    "{ \"code\": 3, \"parsed\": true, \"raw\": \"03110001C0A801010001"
	    "00000064200A000001\", \"name\": \"Inclusive Multicast Ethernet "
	    "Tag\", \"rd\": \"192.168.1.1:1\", \"ethernet-tag\": 100, "
	    "\"ip\": \"10.0.0.1\" }",
	    "evpn:multicast:192.168.1.1:1:100:10.0.0.1", NULL },
	{ NLRI_L2VPN_EVPN, "0311 0001C0A801010001 00000064 21 0A000001",
	    "{ \"code\": 3, \"parsed\": false, \"raw\": \"03110001C0A80101000"
	    "100000064210A000001\" }",
	    "evpn:generic-3:0x03110001C0A80101000100000064210A000001", NULL },
	{ NLRI_L2VPN_EVPN, "0522 0001C0A801010001 00000000000000000000 "
	    "00000064 18 0A000100 00000000 000641",
	    "{ \"code\": 5, \"parsed\": true, \"raw\": \"05220001C0A801010001"
	    "0000000000000000000000000064180A00010000000000000641\", "
	    "\"name\": \"IP Prefix Advertisement\", \"rd\": "
	    "\"192.168.1.1:1\", \"esi\": \"-\", \"ethernet-tag\": 100, "
	    "\"label\": [ [ 100, 1601 ] ], \"ip\": \"10.0.1.0\", \"iplen\": "
	    "24, \"gateway\": \"0.0.0.0\" }",
	    "evpn:prefixadv:192.168.1.1:1:-:100:10.0.1.0/24:0.0.0.0:100",
	    "05220001C0A8010100010000000000000000000000000064"
	    "180A00010000000000000000" },
	{ NLRI_L2VPN_VPLS, "0011 0001C0A8C901007B 0005 0001 0008 029CE1",
	    "{ \"rd\": \"192.168.201.1:123\", \"endpoint\": 5, \"base\": "
	    "10702, \"offset\": 1, \"size\": 8 }",
	    "vpls rd 192.168.201.1:123 endpoint 5 base 10702 offset 1 size 8",
	    "00110001C0A8C901007B000500010000000000" },
	{ NLRI_IPV4_RTC, "60 0000FDE8 0002FDE800000001",
	    "{ \"origin\": 65000, \"route-target\": \"target:65000:1\" }",
	    "rtc 65000:target:65000:1", NULL },
	{ NLRI_IPV4_RTC, "00",
	    "{ \"origin\": 0, \"route-target\": null }",
	    "rtc 0:default", NULL },
	{ NLRI_IPV4_RTC, "40 0000FDE9 0002FDE9",
	    "{ \"origin\": 65001, \"route-target\": null, "
	    "\"prefix-length\": 64, \"route-target-prefix\": "
	    "\"0x0002FDE9\" }",
	    "rtc 65001:partial/64", NULL },
	{ NLRI_IPV6_SR_POLICY, "C0 00000001 00000002 "
	    "20010DB8000000000000000000000001",
	    "{ \"distinguisher\": 1, \"color\": 2, \"endpoint\": "
	    "\"2001:db8::1\" }",
	    "sr-policy distinguisher 1 color 2 endpoint 2001:db8::1", NULL },
	{ NLRI_IPV4_MCAST_VPN, "0512 0000FDE80001869F 20 0A630C04 20 "
	    "EFFBFFE4",
	    "{ \"code\": 5, \"parsed\": true, \"raw\": \"05120000FDE80001869F"
	    "200A630C0420EFFBFFE4\", \"name\": \"Source Active A-D Route\", "
	    "\"rd\": \"65000:99999\", \"source\": \"10.99.12.4\", \"group\": "
	    "\"239.251.255.228\" }",
	    "source-ad source 10.99.12.4 group 239.251.255.228 rd "
	    "65000:99999", NULL },
	{ NLRI_IPV4_MUP, "01 0001 0C 0000006400000064 18 0A0001",
	    "{ \"name\": \"InterworkSegmentDiscoveryRoute\", \"arch\": 1, "
	    "\"code\": 1, \"prefix_ip_len\": 24, \"prefix_ip\": "
	    "\"10.0.1.0\", \"rd\": \"100:100\", \"raw\": "
	    "\"0100010C0000006400000064180A0001\" }",
	    "mup-isd 10.0.1.0/24 rd 100:100", NULL },
	{ NLRI_IPV6_FLOW, "08 013020 0DB8 038106",
	    "{ \"destination-ipv6\": [ \"0:0:db8::/48/32\" ], "
	    "\"next-header\": [ \"=tcp\" ], \"string\": \"flow "
	    "destination-ipv6 0:0:db8::/48/32 next-header =tcp\" }",
	    "flow destination-ipv6 0:0:db8::/48/32 next-header =tcp", NULL },
	{ NLRI_IPV4_FLOW, "06 038106 038111",
	    "{ \"parsed\": false, \"raw\": \"06038106038111\" }",
	    "0x06038106038111", NULL },
	{ NLRI_IPV4_FLOW, "08 05 0250 4464 9301BB",
	    "{ \"destination-port\": [ \">80&<100\", \">=443\" ], "
	    "\"string\": \"flow destination-port [ >80&<100 >=443 ]\" }",
	    "flow destination-port [ >80&<100 >=443 ]", NULL },
	{ NLRI_IPV4_FLOW, "05 05 0250 C464",
	    "{ \"destination-port\": [ \">80&<100\" ], "
	    "\"string\": \"flow destination-port [ >80&<100 ]\" }",
	    "flow destination-port [ >80&<100 ]", NULL },
	{ NLRI_BGP_LS, "0001 0027 02 0000000000000000 0100 001A 0200 0004 "
	    "00000001 0201 0004 00000000 0203 0006 000000000001",
	    "{ \"ls-nlri-type\": \"bgpls-node\", \"l3-routing-topology\": 0, "
	    "\"protocol-id\": 2, \"node-descriptors\": [ { "
	    "\"autonomous-system\": 1 }, { \"bgp-ls-identifier\": \"0\" }, { "
	    "\"router-id\": \"000000000001\" } ] }", NULL, NULL },
	{ NLRI_BGP_LS_VPN, "0003 002B 0000FDE800000001 03 0000000000000000 "
	    "0100 0008 0203 0004 0A000001 0108 0001 01 0109 0005 20 0A000001",
	    "{ \"ls-nlri-type\": \"bgpls-prefix-v4\", "
	    "\"l3-routing-topology\": 0, \"protocol-id\": 3, "
	    "\"node-descriptors\": [ { \"router-id\": \"10.0.0.1\" } ], "
	    "\"ospf-route-type\": 1, \"ip-reachability-tlv\": "
	    "\"10.0.0.1/32\", \"ip-reach-prefix\": \"10.0.0.1/32\", \"rd\": "
	    "\"65000:1\" }", NULL, NULL },
	{ NLRI_BGP_LS, "0001 0004 02000000",
	    "{ \"code\": 1, \"parsed\": false, \"raw\": \"0001000402000000\" "
	    "}", NULL, NULL },
};

/* The key is an NLRI whose key it is: a withdrawal may carry it. */
static void
check_key(const struct nlri *n, struct wr *w)
{
	uint8_t bytes[128];
	struct rd run = buf_reader(bytes, w->len);
	struct nlri again;

	cr_assert_leq(w->len, sizeof(bytes));
	memcpy(bytes, w->base, w->len);
	cr_assert_eq(nlri_next(n->family, false, &run, &again), 0);
	cr_expect_eq(buf_left(&run), 0);
	buf_reset(w);
	nlri_key(&again, w);
	cr_expect(w->len == again.len && memcmp(w->base, bytes, w->len) == 0);
}

static void
check(const struct row *row, struct wr *w)
{
	uint8_t bytes[128];
	char all[256], text[256];
	size_t len = hex_decode(row->bytes, bytes, sizeof(bytes));
	struct rd run = buf_reader(bytes, len);
	struct emit e;
	struct nlri n;

	cr_assert_eq(nlri_next(nlri_by_id(row->family), false, &run, &n), 0,
	    "%s", row->bytes);
	cr_expect_eq(buf_left(&run), 0, "%s", row->bytes);
	buf_reset(w);
	emit_json_init(&e, w, false);
	nlri_emit(&n, NLRI_JSON_V6, &e);
	buf_put_u8(w, 0);
	cr_expect_str_eq((char *)w->base, row->json, "%s", (char *)w->base);
	if (row->text != NULL) {
		buf_reset(w);
		nlri_text(&n, w);
		buf_put_u8(w, 0);
		cr_expect_str_eq((char *)w->base, row->text, "%s",
		    (char *)w->base);
	}
	buf_reset(w);
	nlri_key(&n, w);
	hex_encode(bytes, len, all);
	cr_expect_str_eq(hex_encode(w->base, w->len, text),
	    row->key == NULL ? all : row->key, "%s", row->bytes);
	check_key(&n, w);
}

Test(families, members_texts_and_keys)
{
	struct wr w;
	size_t i;

	buf_writer_growing(&w, 1 << 18);
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		check(&rows[i], &w);
	buf_free(&w);
}

/* A component of 1,300 chained operators is long but bounded. */
Test(families, flow_of_4095_bytes)
{
	struct wr bytes, w;
	struct emit e;
	struct nlri n;
	struct rd run;
	unsigned i;

	buf_writer_growing(&bytes, 8192);
	buf_writer_growing(&w, 1 << 20);
	buf_put_u16(&bytes, 0xf000 | 4093);
	buf_put_u8(&bytes, 4);
	for (i = 0; i < 1364; i++) {
		buf_put_u8(&bytes, i == 1363 ? 0xd3 : 0x53);
		buf_put_u16(&bytes, 65535);
	}
	run = buf_written(&bytes);
	cr_assert_eq(nlri_next(nlri_by_id(NLRI_IPV4_FLOW), false, &run, &n),
	    0);
	emit_json_init(&e, &w, false);
	nlri_emit(&n, NLRI_JSON_V6, &e);
	cr_expect_eq(w.err, 0);
	buf_free(&bytes);
	buf_free(&w);
}
