/* SPDX-License-Identifier: ISC */
/* Events: whole JSON lines, parsed again, and lines of text. */
#include "common/emit.h"
#include "common/err.h"
#include "common/wire/decode.h"
#include "common/wire/event.h"
#include "regress/json.h"
#include "regress/unit/hex.h"

#include <string.h>

#define FRAME	"{ \"exabgp\": \"6.0.0\", \"time\": 1.500000, \"host\": " \
	"\"h\", \"pid\": 10, \"ppid\": 1, \"counter\": 7, \"type\": "
#define NEIGHBOR	"\"neighbor\": { \"address\": { \"local\": " \
	"\"10.0.0.1\", \"peer\": \"10.0.0.2\" }, \"asn\": { \"local\": 1, " \
	"\"peer\": 2 }, \"router-id\": \"10.0.0.9\""

struct fixture {
	struct event_session	session;
	struct event		event;
	struct emit		emit;
	struct wr		out;
};

static void
setup(struct fixture *f)
{
	memset(f, 0, sizeof(*f));
	f->session = (struct event_session){ .version = "6.0.0", .host = "h",
	    .pid = 10, .ppid = 1, .local_as = 1, .peer_as = 2,
	    .router_id = 0x0a000009, .shape = NLRI_JSON_V6 };
	addr_parse("10.0.0.1", &f->session.local);
	addr_parse("10.0.0.2", &f->session.peer);
	f->event = (struct event){ .session = &f->session,
	    .time_usec = 1500000, .counter = 7 };
	buf_writer_growing(&f->out, 65536);
	emit_json_init(&f->emit, &f->out, false);
}

static void
expect(struct fixture *f, const char *want)
{
	struct json *j;

	buf_put_u8(&f->out, 0);
	cr_expect_str_eq((char *)f->out.base, want);
	if (want[0] == '{') {
		j = json_parse((char *)f->out.base);
		cr_expect_not_null(j, "not JSON: %s", want);
		json_free(j);
	}
	buf_reset(&f->out);
	emit_json_init(&f->emit, &f->out, false);
}

Test(event, states_and_small_messages)
{
	struct fixture f;

	setup(&f);
	event_state(&f.event, "down", "peer reset", &f.emit);
	expect(&f, FRAME "\"state\", " NEIGHBOR ", \"state\": \"down\", "
	    "\"reason\": \"peer reset\" } }");
	event_fsm(&f.event, "IDLE", &f.emit);
	expect(&f, FRAME "\"fsm\", " NEIGHBOR ", \"state\": \"IDLE\" } }");
	event_signal(&f.event, 10, "SIGUSR1", &f.emit);
	expect(&f, FRAME "\"signal\", " NEIGHBOR ", \"code\": \"10\", "
	    "\"name\": \"SIGUSR1\" } }");
	event_shutdown(&f.event, &f.emit);
	expect(&f, "{ \"exabgp\": \"6.0.0\", \"time\": 1.500000, \"host\": "
	    "\"h\", \"pid\": 10, \"ppid\": 1, \"type\": \"notification\", "
	    "\"notification\": \"shutdown\" }");
	f.event.direction = "receive";
	event_keepalive(&f.event, &f.emit);
	expect(&f, FRAME "\"keepalive\", " NEIGHBOR ", \"direction\": "
	    "\"receive\" } }");
	event_notification(&f.event, buf_reader("\x06\x02\x01x", 4),
	    &f.emit);
	expect(&f, FRAME "\"notification\", " NEIGHBOR ", \"direction\": "
	    "\"receive\", \"notification\": { \"code\": 6, \"subcode\": 2, "
	    "\"data\": \"0178\", \"message\": "
	    "\"Cease, administratively down: x\" } } }");
	event_refresh(&f.event, buf_reader("\0\1\0\1", 4), &f.emit);
	expect(&f, FRAME "\"refresh\", " NEIGHBOR ", \"direction\": "
	    "\"receive\", \"route-refresh\": { \"afi\": \"ipv4\", \"safi\": "
	    "\"unicast\", \"subtype\": \"query\" } } }");
	event_operational(&f.event, buf_reader("\0\1\0\5\0\1\1hi", 9),
	    &f.emit);
	expect(&f, FRAME "\"operational\", " NEIGHBOR ", \"direction\": "
	    "\"receive\", \"operational\": { \"name\": \"ADM\", \"afi\": "
	    "\"ipv4\", \"safi\": \"unicast\", \"advisory\": \"hi\" } } }");
	buf_free(&f.out);
}

Test(event, raw_bytes_and_negotiated)
{
	struct open_negotiated n = { .family_mask = 1, .n_families = 1,
	    .has_as4 = true, .has_refresh = true, .hold_time_sec = 90,
	    .add_path_send_mask = 1, .extended_nexthop_mask = 1 };
	struct fixture f;

	setup(&f);
	event_negotiated(&f.event, &n, &f.emit);
	expect(&f, FRAME "\"negotiated\", " NEIGHBOR ", \"negotiated\": { "
	    "\"message_size\": 4096, \"hold_time\": 90, \"asn4\": true, "
	    "\"multisession\": false, \"operational\": false, \"refresh\": "
	    "\"normal\", \"families\": [ \"ipv4 unicast\" ], \"nexthop\": [ "
	    "\"ipv4 unicast ipv6\" ], \"add_path\": { \"send\": [ "
	    "\"ipv4 unicast\" ], \"receive\": [ ] } } } }");
	f.event.direction = "send";
	f.event.header = buf_reader("\xff\x04", 2);
	f.event.body = buf_reader("\xab", 1);
	f.event.is_raw_shown = true;
	event_keepalive(&f.event, &f.emit);
	expect(&f, FRAME "\"keepalive\", \"header\": \"FF04\", \"body\": "
	    "\"AB\", " NEIGHBOR ", \"direction\": \"send\" } }");
	event_packet(&f.event, 4, NULL, &f.emit);
	expect(&f, FRAME "\"keepalive\", " NEIGHBOR ", \"direction\": "
	    "\"send\", \"message\": { \"category\": 4, \"header\": \"FF04\", "
	    "\"body\": \"AB\" } } }");
	event_text_packet(&f.event, 4, &f.out);
	expect(&f, "neighbor 10.0.0.2 send 4 header FF04 body AB\n");
	buf_free(&f.out);
}

static const struct update_context context = {
	.attr = { .has_as4 = true },
	.family_mask = (1u << NLRI_N_FAMILIES) - 1,
	.has_loopback_peer = true,
};

struct line {
	const char	*body, *text;
};

#define R	"neighbor 10.0.0.2 receive update "

static const struct line lines[] = {
	{ "00000000", R "start\n" R "route eor 1/1 (ipv4 unicast)\n"
	    R "end\n" },
	{ "0000 0006 800F03 000201",
	    R "start\n" R "route eor 2/1 (ipv6 unicast)\n" R "end\n" },
	{ "0000 0031 40010100 40020A0202 00000001 00000002 400304 0A000001"
	    "800404 00000064 400504 00000064 C00808 00010002 00030004"
	    "180A0001 00",
	    R "start\n"
	    R "announced 10.0.1.0/24 next-hop 10.0.0.1 origin igp as-path "
	    "( 1 2 ) med 100 local-preference 100 community [ 1:2 3:4 ]\n"
	    R "announced 0.0.0.0/0 next-hop 10.0.0.1 origin igp as-path "
	    "( 1 2 ) med 100 local-preference 100 community [ 1:2 3:4 ]\n"
	    R "end\n" },
	{ "0004 180A0001 0000",
	    R "start\n" R "withdrawn 10.0.1.0/24\n" R "end\n" },
	{ "0000 0033 40010100 400200 40050400000064 C00804 FFFFFF01"
	    "C01008 80060000 46160000"
	    "800E10 000185 04 01020304 00 06 02080A 038106",
	    R "start\n" R "announced flow source-ipv4 10.0.0.0/8 protocol =tcp "
	    "next-hop 1.2.3.4 origin igp local-preference 100 community "
	    "no-export extended-community rate-limit:9600\n" R "end\n" },
};

Test(event, update_lines)
{
	uint8_t bytes[256];
	struct fixture f;
	struct update u;
	struct wr scratch;
	size_t i, n;

	setup(&f);
	f.event.direction = "receive";
	buf_writer_growing(&scratch, 65536);
	for (i = 0; i < sizeof(lines) / sizeof(lines[0]); i++) {
		n = hex_decode(lines[i].body, bytes, sizeof(bytes));
		cr_assert_eq(update_decode(buf_reader(bytes, n), &context,
		    &scratch, &u), 0);
		event_text_update(&f.event, &u, &context, &f.out);
		expect(&f, lines[i].text);
	}
	buf_free(&scratch);
	buf_free(&f.out);
}

Test(event, other_lines)
{
	struct fixture f;

	setup(&f);
	event_text_state(&f.event, "up", NULL, &f.out);
	event_text_state(&f.event, "down", "bad\nline", &f.out);
	event_text_shutdown(&f.event, &f.out);
	expect(&f, "neighbor 10.0.0.2 up\nneighbor 10.0.0.2 down - "
	    "bad\\x0aline\nshutdown 10 1\n");
	f.event.direction = "receive";
	event_text_keepalive(&f.event, &f.out);
	event_text_notification(&f.event, buf_reader("\x06\x02\xab", 3),
	    &f.out);
	event_text_refresh(&f.event, buf_reader("\0\2\1\1", 4), &f.out);
	event_text_operational(&f.event, buf_reader("\0\4\0\x0f\0\1\1"
	    "\x0a\0\0\1\0\0\0\2\0\0\0\3", 19), &f.out);
	expect(&f, "neighbor 10.0.0.2 receive keepalive\n"
	    "neighbor 10.0.0.2 receive notification code 6 subcode 2 data "
	    "AB\n"
	    "neighbor 10.0.0.2 receive route-refresh afi ipv6 safi unicast "
	    "begin\n"
	    "neighbor 10.0.0.2 receive operational RPCP afi ipv4 safi "
	    "unicast router-id 10.0.0.1 sequence 2 counter 3\n");
	buf_free(&f.out);
}

Test(event, treat_as_withdraw_is_shown_withdrawn)
{
	uint8_t bytes[64];
	struct fixture f;
	struct update u;
	struct wr scratch;
	size_t n;

	setup(&f);
	buf_writer_growing(&scratch, 65536);
	n = hex_decode("0000 0004 40010109 180A0001", bytes, sizeof(bytes));
	update_decode(buf_reader(bytes, n), &context, &scratch, &u);
	cr_expect_eq(u.verdict, ATTR_WITHDRAW);
	emit_begin_object(&f.emit);
	update_emit(&u, &context, NLRI_JSON_V6, &f.emit);
	emit_end_object(&f.emit);
	expect(&f, "{ \"update\": { \"withdraw\": { \"ipv4 unicast\": [ { "
	    "\"nlri\": \"10.0.1.0/24\" } ] } } }");
	buf_free(&scratch);
	buf_free(&f.out);
}

Test(event, decode_hex_and_bad_messages)
{
	static const struct {
		const char *hex;
		int err;
	} cases[] = {
		{ "00000000", 0 }, { "0000:00 00", 0 }, { "0", ERR_SYNTAX },
		{ "0g", ERR_SYNTAX }, { "0000", ERR_PROTO },
		{ "FFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFF001902 00000000",
		    ERR_PROTO },
		{ "FFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFF001304",
		    ERR_UNSUPPORTED },
	};
	struct decode_request request = { .kind = DECODE_AUTO };
	struct fixture f;
	struct wr bytes;
	size_t i;
	int err;

	setup(&f);
	buf_writer_growing(&bytes, 65536);
	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		buf_reset(&bytes);
		buf_reset(&f.out);
		err = decode_hex(cases[i].hex, &bytes);
		if (err == 0)
			err = decode_message(&f.event, &request,
			    buf_written(&bytes), &f.out);
		cr_expect_eq(err, cases[i].err, "%s: %d", cases[i].hex, err);
	}
	buf_free(&bytes);
	buf_free(&f.out);
}
