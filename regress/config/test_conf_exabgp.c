/* SPDX-License-Identifier: ISC */
/*
 * ExaBGP's configuration language: good snippets by what is in the model,
 * bad ones by the whole text of their errors, and the recorded files.
 */
#include "common/addr.h"
#include "common/bgp.h"
#include "common/config.h"
#include "common/route.h"
#include "common/wire/update.h"
#include "parent/conf.h"
#include "regress/unit/hex.h"

#include <criterion/criterion.h>

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define MINIMAL	"router-id 1.2.3.4; local-address 127.0.0.1; " \
		"local-as 1; peer-as 2; "
#define NEIGHBOR(more) "neighbor 127.0.0.2 { " MINIMAL more " }\n"

struct lines {
	char	text[8192];
};

static void
on_error(const char *line, bool is_warning, void *arg)
{
	struct lines *l = arg;
	size_t n = strlen(l->text);

	snprintf(l->text + n, sizeof(l->text) - n, "%s%s\n",
	    is_warning ? "warning: " : "", line);
}

static struct config *
load(const char *text, struct lines *lines)
{
	struct conf_errors errors = { .report = on_error, .arg = lines };
	struct conf_source source = { .path = "x.conf", .text = text,
	    .len = strlen(text), .language = CONF_LANGUAGE_EXABGP,
	    .is_program_unchecked = true };

	lines->text[0] = '\0';
	return conf_load(&source, &errors);
}

static struct config *
load_good(const char *text)
{
	struct lines lines;
	struct config *c = load(text, &lines);

	cr_assert_not_null(c, "%s\n%s", text, lines.text);
	cr_expect_str_eq(lines.text, "", "%s\n%s", text, lines.text);
	return c;
}

static const struct {
	const char	*text, *errors;
} bad_rows[] = {
	{ "", "x.conf: no neighbor and no process\n" },
	{ "group { }\n" NEIGHBOR(""),
	  "x.conf:1: configuration: unknown word \"group\", expected one of "
	  "neighbor process template\n" },
	{ "neighbor host { }\n" NEIGHBOR(""),
	  "x.conf:1: configuration: neighbor: expected an IP address or a "
	  "prefix, found \"host\"\n" },
	{ "neighbor 10.0.0.1 {\n router-id 1.2.3.4;\n}\n",
	  "x.conf:1: neighbor: local-as is missing\n"
	  "x.conf:1: neighbor: peer-as is missing\n" },
	{ "neighbor 10.0.0.1 {\n local-as 1;\n peer-as 2;\n}\n",
	  "x.conf:1: neighbor: router-id is missing, and local-address is no "
	  "IPv4 address to take it from\n" },
	{ NEIGHBOR("hold-time 2;"),
	  "x.conf:1: neighbor: hold-time: expected 0 or a number 3..65535, "
	  "found \"2\"\n" },
	{ NEIGHBOR("\nhold-time x;\npassive maybe;\n"),
	  "x.conf:2: neighbor: hold-time: expected a number 0..65535, found "
	  "\"x\"\n"
	  "x.conf:3: neighbor: passive: expected true or false, found "
	  "\"maybe\"\n" },
	{ NEIGHBOR("family { ipv4 unicast; ipv4 unicast; ipv4 evpn; all }"),
	  "x.conf:1: family: ipv4 unicast is there twice\n"
	  "x.conf:1: family: ipv4: expected the second word of a family, "
	  "found \"evpn\"\n"
	  "x.conf:1: family: all: expected \";\", found \"}\"\n" },
	{ NEIGHBOR("capability { colour; }"),
	  "x.conf:1: capability: unknown word \"colour\", expected one of "
	  "add-path aigp asn4 extended-message graceful-restart "
	  "link-local-nexthop link-local-prefer multi-session nexthop "
	  "operational route-refresh software-version\n" },
	{ NEIGHBOR("capability { add-path both; graceful-restart 5000; }"),
	  "x.conf:1: capability: add-path: expected disable, receive, send or "
	  "send/receive, found \"both\"\n"
	  "x.conf:1: capability: graceful-restart: expected a number 0..4095, "
	  "found \"5000\"\n" },
	{ NEIGHBOR("static {\nroute 10.0.0.0/8 next-hop 1.2.3.4 "
	  "local-preference abc;\nroute 10.0.0.1/8 next-hop 1.2.3.4;\n"
	  "route 10.0.0.0/8;\n}"),
	  "x.conf:2: static: local-preference: expected a number "
	  "0..4294967295, found \"abc\"\n"
	  "x.conf:3: static: route: expected a prefix without bits beyond /8, "
	  "found \"10.0.0.1/8\"\n"
	  "x.conf:4: static: route: next-hop is missing\n" },
	{ NEIGHBOR("family { ipv6 unicast; }\n"
	  "static { route 10.0.0.0/8 next-hop 1.2.3.4; }"),
	  "x.conf:2: neighbor: a route is of family ipv4 unicast, which family "
	  "does not name\n" },
	{ NEIGHBOR("flow {\n route a {\n  match {\n   protocol tpc;\n  }\n }\n}"),
	  "x.conf:4: flow: protocol: expected a number 0..255 or a name, after "
	  "= ! > <, found \"tpc\"\n" },
	{ NEIGHBOR("api { processes [ a ]; }"),
	  "x.conf:1: api: there is no process a\n" },
	{ "process a { run /bin/a; }\nprocess a { run /bin/a; }\n",
	  "x.conf:2: configuration: process a is there twice\n" },
	{ "process a { encoder xml; }\n",
	  "x.conf:1: process: encoder: expected text, json or msgpack, found "
	  "\"xml\"\n" },
	{ "process a { encoder json; }\n",
	  "x.conf:1: process: a: run is missing\n" },
	{ NEIGHBOR("listen 0;"),
	  "x.conf:1: neighbor: listen: expected a number 1..65535, found "
	  "\"0\"\n" },
	{ "neighbor ::1 { " MINIMAL "}",
	  "x.conf:1: neighbor: local-address and peer-address are of different "
	  "address families\n" },
	{ "neighbor 10.0.0.0/8 { " MINIMAL "}",
	  "x.conf:1: neighbor: a range of addresses needs passive\n" },
	{ NEIGHBOR("") NEIGHBOR(""),
	  "x.conf: neighbor 127.0.0.2 local-ip 127.0.0.1 local-as 1 peer-as 2 "
	  "router-id 1.2.3.4 family-allowed in-open is there twice\n" },
	{ NEIGHBOR("description \"open;"),
	  "x.conf:1: neighbor: description: expected \";\", found a quote that "
	  "is not closed\n"
	  "warning: x.conf:1: neighbor: the section that begins here is not "
	  "closed by \"}\"\n"
	  "x.conf:2: a quote is not closed\n" },
	{ NEIGHBOR("description a\\u12;"),
	  "x.conf:1: expected four hex digits after \\u\n" },
	{ NEIGHBOR("") "}\n",
	  "x.conf:2: configuration: \"}\" closes nothing\n" },
	{ NEIGHBOR("md5-password \"x?\"; md5-base64 true;"),
	  "x.conf:1: neighbor: md5-password: the password is not base64\n" },
	{ NEIGHBOR("nexthop { ipv4 flow ipv6; ipv4 unicast ipv4; }"),
	  "x.conf:1: nexthop: ipv4 flow has no next hop of the other address "
	  "family\n"
	  "x.conf:1: nexthop: ipv4: expected ipv6, found \"ipv4\"\n" },
};

Test(conf_exabgp, errors_name_place_expectation_and_finding)
{
	struct lines lines;
	struct config *c;
	size_t i;

	for (i = 0; i < sizeof(bad_rows) / sizeof(bad_rows[0]); i++) {
		c = load(bad_rows[i].text, &lines);
		cr_expect_null(c, "%s", bad_rows[i].text);
		cr_expect_str_eq(lines.text, bad_rows[i].errors,
		    "%s\n got %s\nwant %s", bad_rows[i].text, lines.text,
		    bad_rows[i].errors);
		config_free(c);
	}
}

Test(conf_exabgp, end_of_file_closes_what_is_open)
{
	struct lines lines;
	struct config *c = load("neighbor 127.0.0.2 {\n" MINIMAL
	    "static {\nroute 10.0.0.0/8 next-hop 1.2.3.4;\n", &lines);

	cr_assert_not_null(c);
	cr_expect_eq(c->peers[0].n_routes, 1);
	cr_expect_str_eq(lines.text, "warning: x.conf:2: static: the section "
	    "that begins here is not closed by \"}\"\n"
	    "warning: x.conf:1: neighbor: the section that begins here is "
	    "not closed by \"}\"\n");
	config_free(c);
}

Test(conf_exabgp, defaults_are_exabgps)
{
	struct config *c = load_good(NEIGHBOR(""));
	const struct conf_peer *p = &c->peers[0];

	cr_expect(c->is_exabgp);
	cr_expect(!c->fib_update);
	cr_expect_eq(c->n_peers, 1);
	cr_expect_eq(p->hold_time_sec, 180);
	cr_expect_eq(p->port, 179);
	cr_expect_eq(p->router_id, 0x01020304);
	cr_expect_eq(p->as4, CONF_YES);
	cr_expect_eq(p->extended_message, CONF_YES);
	cr_expect_eq(p->refresh, CONF_NO);
	cr_expect_eq(p->graceful_restart, CONF_NO);
	cr_expect_eq(p->packing, PACKING_EXABGP);
	cr_expect(p->is_isolated);
	cr_expect(p->group_updates && p->auto_flush && p->adj_rib_in &&
	    p->adj_rib_out);
	cr_expect_eq(p->n_families, NLRI_N_FAMILIES - 1);
	cr_expect_eq(p->families[0].safi, SAFI_UNICAST);
	config_free(c);
}

Test(conf_exabgp, words_of_a_neighbor_fill_the_model)
{
	struct config *c = load_good(
	    "neighbor 2001:db8::2 {\n"
	    "  description two words;\n"
	    "  router-id 1.2.3.4; local-address 2001:db8::1;\n"
	    "  local-as 1.10; peer-as auto; hold-time 30; passive;\n"
	    "  listen 1790; connect 1791; source-interface eth0;\n"
	    "  outgoing-ttl 3; ttl-security 254; rate-limit 50;\n"
	    "  host-name a; domain-name b.c; manual-eor; adj-rib-in;\n"
	    "  md5-password \"se;cret\"; group-updates no;\n"
	    "  capability { route-refresh; graceful-restart; asn4 disable;\n"
	    "    add-path send; multi-session enable; software-version; }\n"
	    "  family { ipv6 unicast; ipv4 unicast; l2vpn evpn; }\n"
	    "  add-path { ipv4 unicast limit 4; }\n"
	    "  nexthop { ipv4 unicast ipv6; }\n"
	    "}\n");
	const struct conf_peer *p = &c->peers[0];

	cr_expect_str_eq(p->descr, "two words");
	cr_expect_eq(p->local_as, 65546);
	cr_expect_eq(p->remote_as, 0);
	cr_expect_eq(p->hold_time_sec, 30);
	cr_expect(p->passive && p->manual_eor && p->adj_rib_in);
	cr_expect_eq(p->listen_port, 1790);
	cr_expect_eq(p->port, 1791);
	cr_expect_eq(p->ttl_out, 3);
	cr_expect_eq(p->ttl_in_min, 254);
	cr_expect_eq(p->rate_limit, 50);
	cr_expect_str_eq(p->host_name, "a");
	cr_expect_eq(p->md5_key.len, 7);
	cr_expect_arr_eq(p->md5_key.bytes, "se;cret", 7);
	cr_expect(!p->group_updates);
	cr_expect_eq(p->refresh, CONF_YES);
	cr_expect_eq(p->enhanced_refresh, CONF_YES);
	cr_expect_eq(p->graceful_restart_sec, 30);
	cr_expect_eq(p->as4, CONF_NO);
	cr_expect(p->multisession && p->software_version);
	cr_expect_eq(p->n_families, 3);
	cr_expect_eq(p->families[0].afi, AFI_IPV4);
	cr_expect_eq(p->families[0].add_path, ADD_PATH_SEND);
	cr_expect_eq(p->families[0].paths_limit, 4);
	cr_expect(p->families[0].extended_nexthop);
	cr_expect_eq(p->families[1].afi, AFI_IPV6);
	cr_expect_eq(p->families[1].add_path, ADD_PATH_NONE);
	cr_expect_eq(p->families[2].afi, AFI_L2VPN);
	cr_expect_str_eq(p->name, "neighbor 2001:db8::2 local-ip 2001:db8::1 "
	    "local-as 65546 peer-as auto router-id 1.2.3.4 family-allowed "
	    "ipv4-unicast/ipv6-unicast/l2vpn-evpn");
	cr_expect_eq(c->n_listens, 1);
	cr_expect_eq(c->listens[0].port, 1790);
	config_free(c);
}

Test(conf_exabgp, templates_append_lists_and_override_values)
{
	struct config *c = load_good(
	    "template { neighbor t { hold-time 180; local-as 7;\n"
	    "  family { ipv4 unicast; } capability { asn4 disable; }\n"
	    "  static { route 10.0.0.0/8 next-hop 1.1.1.1; } }\n"
	    "  neighbor u { inherit t; peer-as 8; } }\n"
	    "neighbor 10.0.0.1 { inherit u; router-id 1.2.3.4;\n"
	    "  hold-time 30; capability { route-refresh; }\n"
	    "  family { ipv6 unicast; }\n"
	    "  static { route 11.0.0.0/8 next-hop 1.1.1.1; } }\n");
	const struct conf_peer *p = &c->peers[0];

	cr_expect_eq(c->n_peers, 1);
	cr_expect_eq(p->hold_time_sec, 180);
	cr_expect_eq(p->local_as, 7);
	cr_expect_eq(p->remote_as, 8);
	cr_expect_eq(p->as4, CONF_NO);
	cr_expect_eq(p->refresh, CONF_YES);
	cr_expect_eq(p->n_families, 2);
	cr_expect_eq(p->n_routes, 2);
	cr_expect_arr_eq(p->routes[0].nlri.bytes, "\x08\x0b", 2);
	cr_expect_arr_eq(p->routes[1].nlri.bytes, "\x08\x0a", 2);
	config_free(c);
}

Test(conf_exabgp, templates_apply_once_and_unknown_ones_are_warned_of)
{
	struct lines lines;
	struct config *c = load("template { neighbor t { inherit [ t nobody "
	    "]; } }\n" NEIGHBOR("inherit [ t t ];"), &lines);

	cr_assert_not_null(c);
	cr_expect_str_eq(lines.text, "warning: x.conf:2: neighbor: inherit: "
	    "there is no template nobody\n");
	config_free(c);
}

Test(conf_exabgp, api_blocks_are_merged_by_program)
{
	struct config *c = load_good(
	    "process one { run /bin/one -a \"b c\"; encoder json; }\n"
	    "process two { run ./two; respawn false; }\n"
	    NEIGHBOR("api { processes [ one, two ]; neighbor-changes;\n"
	    "  receive { parsed; update; } }\n"
	    "api x { processes-match [ \"^o\" ];\n"
	    "  send { packets; consolidate; open; } receive { refresh; } }"));
	const struct conf_peer *p = &c->peers[0];

	cr_expect_eq(c->n_processes, 2);
	cr_expect_eq(c->processes[0].n_argv, 3);
	cr_expect_str_eq(c->processes[0].argv[2], "b c");
	cr_expect_eq(c->processes[0].encoder, ENCODER_JSON);
	cr_expect(!c->processes[1].respawn);
	cr_expect_eq(c->processes[1].encoder, ENCODER_TEXT);
	cr_expect_eq(p->n_apis, 2);
	cr_expect_str_eq(p->apis[0].process, "one");
	cr_expect_eq(p->apis[0].receive_mask, API_UPDATE | API_REFRESH);
	cr_expect_eq(p->apis[0].send_mask, API_OPEN);
	cr_expect_eq(p->apis[0].send_form, API_PACKETS | API_CONSOLIDATE);
	cr_expect(p->apis[0].neighbor_changes);
	cr_expect_eq(p->apis[1].receive_mask, API_UPDATE);
	cr_expect_eq(p->apis[1].send_mask, 0);
	config_free(c);
}

Test(conf_exabgp, routes_of_all_kinds)
{
	struct config *c = load_good(NEIGHBOR(
	    "static {\n"
	    "  route 10.0.0.0/8 { next-hop self; watchdog dog; withdraw; }\n"
	    "  route 10.0.0.0/24 next-hop 1.1.1.1 split /26 name n;\n"
	    "  attributes next-hop 1.1.1.1 med 5 nlri 1.0.0.0/8 2.0.0.0/8;\n"
	    "}\n"
	    "announce { ipv6 { unicast 2001:db8::/32 next-hop ::1; }\n"
	    "  l2vpn { vpls rd 1:1 endpoint 1 base 2 offset 3 size 4\n"
	    "    next-hop 1.1.1.1; } }\n"
	    "flow { route f { match { protocol udp; } then { discard; } }\n"
	    "  route destination 10.0.0.0/24 rate-limit 9600; }\n"
	    "operational { asm afi ipv4 safi unicast advisory \"hi; there\"; }"
	    ));
	const struct conf_peer *p = &c->peers[0];

	cr_expect_eq(p->n_routes, 1 + 4 + 2 + 1 + 1 + 2);
	cr_expect_eq(p->routes[0].flags,
	    ROUTE_NEXTHOP_SELF | ROUTE_WITHDRAWN_AT_START);
	cr_expect_str_eq(p->routes[0].watchdog, "dog");
	cr_expect_str_eq(p->routes[1].name, "n");
	cr_expect_arr_eq(p->routes[4].nlri.bytes, "\x1a\x0a\x00\x00\xc0", 5);
	cr_expect_eq(p->routes[5].attrs.bytes, p->routes[6].attrs.bytes);
	cr_expect_eq(p->routes[8].safi, SAFI_VPLS);
	cr_expect_eq(p->routes[9].safi, SAFI_FLOW);
	cr_expect_eq(p->n_operational_messages, 1);
	cr_expect_eq(p->operational_messages[0].len, 19 + 4 + 3 + 9);
	config_free(c);
}

Test(conf_exabgp, environment_and_escapes)
{
	static char *env[] = { "exabgp_tcp_port=1790",
	    "exabgp.api.version=4", "exabgp_api_version=6",
	    "exabgp_tcp_bind=127.0.0.1 ::1", "exabgp_bgp_passive=true",
	    "exabgp_log_level=DEBUG", "exabgp_tcp_once=1",
	    "exabgp_api_ack=maybe", "exabgp.daemon.umask='0o22'",
	    "EXABGP_ROOT=/nonexistent", NULL };
	struct lines lines = { "" };
	struct conf_errors errors = { .report = on_error, .arg = &lines };
	const char text[] = NEIGHBOR("description \"a\\u00e9\\tb\";\\\n");
	struct conf_source source = { .path = "x.conf", .text = text,
	    .len = sizeof(text) - 1, .environment = env };
	struct config *c = conf_load(&source, &errors);

	cr_assert_not_null(c, "%s", lines.text);
	cr_expect_str_eq(lines.text,
	    "warning: exabgp_api_ack: cannot be \"maybe\"\n");
	cr_expect(c->is_exabgp);
	cr_expect_eq(c->environment.api_version, 4);
	cr_expect_eq(c->environment.tcp_attempts, 1);
	cr_expect_eq(c->environment.file_mask, 022);
	cr_expect_eq(c->n_listens, 2);
	cr_expect_eq(c->listens[1].port, 1790);
	cr_expect_eq(c->peers[0].port, 1790);
	cr_expect(c->peers[0].passive);
	cr_expect_str_eq(c->peers[0].descr, "a\xc3\xa9\tb");
	config_free(c);
}

/* A program beside the configuration is found; what is none is refused. */
Test(conf_exabgp, programs_are_looked_up)
{
	char dir[] = "/tmp/bgpd-conf-XXXXXX", conf[64], run[64], want[1024];
	static const char good[] = "process a { run ./run -x; }\n"
	    "process b { run etc/exabgp/run; }\n"
	    "process c { run /bin/sh; }\nprocess d { run sh; }\n";
	static const char bad[] = "process a { run ./conf; }\n"
	    "process b { run ./none; }\nprocess c { run /tmp; }\n";
	struct lines lines = { "" };
	struct conf_errors errors = { .report = on_error, .arg = &lines };
	struct conf_source source = { .path = conf, .text = good,
	    .len = sizeof(good) - 1, .language = CONF_LANGUAGE_EXABGP };
	struct config *c;
	FILE *f;

	cr_assert_not_null(mkdtemp(dir));
	snprintf(conf, sizeof(conf), "%s/conf", dir);
	snprintf(run, sizeof(run), "%s/run", dir);
	f = fopen(conf, "w");
	fclose(f);
	f = fopen(run, "w");
	fclose(f);
	chmod(run, 0755);
	c = conf_load(&source, &errors);
	cr_assert_not_null(c, "%s", lines.text);
	cr_expect_str_eq(c->processes[1].argv[0], run);
	cr_expect_eq(c->processes[3].argv[0][0], '/');
	config_free(c);
	source.text = bad;
	source.len = sizeof(bad) - 1;
	cr_expect_null(conf_load(&source, &errors));
	snprintf(want, sizeof(want),
	    "%s:1: process: a: program %s/./conf is not executable\n"
	    "%s:2: process: b: program ./none is neither beside the "
	    "configuration nor in /etc/exabgp nor in PATH\n"
	    "%s:3: process: c: program /tmp is a directory\n",
	    conf, dir, conf, conf);
	cr_expect_str_eq(lines.text, want, "%s", lines.text);
	unlink(conf);
	unlink(run);
	rmdir(dir);
}

Test(conf_exabgp, a_file_without_semicolons_is_bgpd_conf)
{
	const char text[] = "AS 65000\nneighbor 10.0.0.1 { remote-as 1 }\n"
	    "# a comment; with one\n";
	struct lines lines = { "" };
	struct conf_errors errors = { .report = on_error, .arg = &lines };
	struct conf_source source = { .path = "x.conf", .text = text,
	    .len = sizeof(text) - 1 };
	struct config *c = conf_load(&source, &errors);

	cr_expect(c == NULL || !c->is_exabgp);
	config_free(c);
}

/* Every recorded file is accepted. */
static unsigned
load_folder(const char *root, const char *folder)
{
	char dir[4096], path[8192];
	const struct dirent *e;
	unsigned n = 0;
	DIR *d;

	snprintf(dir, sizeof(dir), "%s/conformance/wire/%s", root, folder);
	d = opendir(dir);
	if (d == NULL)
		return 0;
	while ((e = readdir(d)) != NULL) {
		struct lines lines = { "" };
		struct conf_errors errors = { .report = on_error,
		    .arg = &lines };
		struct conf_source source = { .path = path,
		    .is_program_unchecked = true };
		struct config *c;

		if (strstr(e->d_name, ".conf") == NULL)
			continue;
		snprintf(path, sizeof(path), "%s/%s", dir, e->d_name);
		c = conf_load(&source, &errors);
		cr_expect_not_null(c, "%s", lines.text);
		cr_expect_str_eq(lines.text, "");
		cr_expect(c == NULL || c->is_exabgp);
		config_free(c);
		n++;
	}
	closedir(d);
	return n;
}

Test(conf_exabgp, recorded_files_are_accepted)
{
	const char *root = getenv("BGPD_SHARED");

	if (root == NULL)
		root = BGPD_SHARED_DEFAULT;
	if (load_folder(root, "encoding") + load_folder(root, "api") == 0)
		cr_skip_test("the recorded cases are not here");
}

#define MESSAGE_MAX	4096

/* The canonical block with what is added at sending. */
static void
add_defaults(struct rd block, bool is_ibgp, struct wr *out)
{
	struct attr a;
	unsigned code;

	for (code = 1; code < 256; code++) {
		if (code == ATTR_LOCAL_PREF && !is_ibgp)
			continue;
		if (attr_get(block, (uint8_t)code, &a))
			attr_put(out, a.flags, a.code, a.value.pos,
			    buf_left(&a.value));
		else if (code == ATTR_ORIGIN)
			attr_put_known(out, ATTR_ORIGIN, "\0", 1);
		else if (code == ATTR_AS_PATH && is_ibgp)
			attr_put_known(out, ATTR_AS_PATH, NULL, 0);
		else if (code == ATTR_AS_PATH)
			attr_put_known(out, ATTR_AS_PATH,
			    "\2\1\0\0\xff\xfd", 6);
		else if (code == ATTR_LOCAL_PREF)
			attr_put_known(out, ATTR_LOCAL_PREF, "\0\0\0\x64", 4);
	}
}

/* A route of the configuration as a message of its own, in hex. */
static void
route_message(const struct conf_peer *p, const struct conf_route *r,
    char *hex)
{
	uint8_t attr_bytes[MESSAGE_MAX], bytes[MESSAGE_MAX];
	struct update_nexthop nexthop = { .len = (uint8_t)r->nexthop.len };
	struct nlri nlri = { .family = nlri_find(r->afi, r->safi),
	    .bytes = r->nlri.bytes, .len = r->nlri.len,
	    .path_id = r->path_id };
	struct update_format format = { .max_len = MESSAGE_MAX,
	    .has_as4 = p->as4 != CONF_NO, .is_exabgp_packing = true };
	struct update_builder b;
	struct wr attrs, out;

	if (r->flags & ROUTE_HAS_PATH_ID)
		format.add_path_mask = 1u << nlri.family->id;
	if (r->nexthop.len > 0)
		memcpy(nexthop.bytes, r->nexthop.bytes, r->nexthop.len);
	if (r->flags & ROUTE_NEXTHOP_SELF) {
		nexthop.len = 4;
		memcpy(nexthop.bytes, p->local_address.bytes, 4);
	}
	buf_writer(&attrs, attr_bytes, sizeof(attr_bytes));
	buf_writer(&out, bytes, sizeof(bytes));
	add_defaults(buf_reader(r->attrs.bytes, r->attrs.len),
	    !config_peer_is_ebgp(p), &attrs);
	cr_assert_eq(update_begin(&b, &out, &format, nlri.family,
	    buf_written(&attrs), &nexthop), 0);
	cr_assert_eq(update_add(&b, &nlri), 0);
	update_end(&b);
	hex_encode(bytes, out.len, hex);
}

/* Families whose routes share messages when group-updates is on. */
static bool
is_grouped(const struct conf_peer *p, const struct conf_route *r)
{
	return p->group_updates && (r->safi == SAFI_MCAST_VPN ||
	    (r->afi == AFI_IPV4 && r->safi == SAFI_UNICAST));
}

static unsigned
check_routes(const char *path, const struct config *c)
{
	struct conf_errors errors = { 0 };
	char json[8192], hex[MESSAGE_MAX * 2 + 1], *recorded;
	const struct conf_peer *p = &c->peers[0];
	unsigned n = 0;
	size_t i, len;

	snprintf(json, sizeof(json), "%.*s.json", (int)(strlen(path) - 5),
	    path);
	recorded = conf_read_file(json, &errors, &len);
	if (recorded == NULL)
		return 0;
	for (i = 0; i < p->n_routes; i++) {
		if (is_grouped(p, &p->routes[i]))
			continue;
		route_message(p, &p->routes[i], hex);
		cr_expect_not_null(strstr(recorded, hex), "%s: route %zu: %s",
		    path, i, hex);
		n++;
	}
	free(recorded);
	return n;
}

Test(conf_exabgp, recorded_routes_make_recorded_messages)
{
	const char *root = getenv("BGPD_SHARED");
	char dir[4096], path[8192];
	struct conf_errors errors = { 0 };
	struct conf_source source = { .path = path };
	const struct dirent *e;
	struct config *c;
	unsigned n = 0;
	DIR *d;

	snprintf(dir, sizeof(dir), "%s/conformance/wire/encoding",
	    root == NULL ? BGPD_SHARED_DEFAULT : root);
	d = opendir(dir);
	if (d == NULL)
		cr_skip_test("the recorded cases are not here");
	while ((e = readdir(d)) != NULL) {
		if (strstr(e->d_name, ".conf") == NULL)
			continue;
		snprintf(path, sizeof(path), "%s/%s", dir, e->d_name);
		c = conf_load(&source, &errors);
		cr_assert_not_null(c, "%s", path);
		n += check_routes(path, c);
		config_free(c);
	}
	closedir(d);
	cr_expect_gt(n, 50);
}

/* 100,000 routes: no step may grow with those before it. */
Test(conf_exabgp, many_routes_are_read, .timeout = 20)
{
	const size_t n = 100000;
	char *text = malloc(n * 80 + 256);
	struct config *c;
	size_t i, len;

	len = (size_t)sprintf(text, "neighbor 127.0.0.2 { %s static {\n",
	    MINIMAL);
	for (i = 0; i < n; i++)
		len += (size_t)sprintf(text + len, "route 10.%zu.%zu.%zu/32 "
		    "next-hop 1.2.3.4 community [ 1:2 3:4 ];\n",
		    i >> 16 & 255, i >> 8 & 255, i & 255);
	sprintf(text + len, "} }\n");
	c = load_good(text);
	cr_expect_eq(c->peers[0].n_routes, n);
	config_free(c);
	free(text);
}
