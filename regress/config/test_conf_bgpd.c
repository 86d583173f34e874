/* SPDX-License-Identifier: ISC */
/*
 * OpenBGPD's configuration language: pairs of files and what `bgpd -nv`
 * prints of them, the recorded ones and those in bgpd/ beside this file; bad
 * snippets by the whole text of their errors; and what is in the model.
 *
 * To make an .ok anew: bgpd -nv -f N.in | sed 's/^router-id .../.../' > N.ok,
 * and read the difference.
 */
#include "common/addr.h"
#include "common/bgp.h"
#include "common/config.h"
#include "common/config_print.h"
#include "parent/conf.h"

#include <criterion/criterion.h>

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define ROUTER_ID	"\nrouter-id "
#define PEERS		"AS 1\nneighbor 192.0.2.2 {\n\tremote-as 2\n}\n"

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
load(const struct conf_source *source, struct lines *lines)
{
	struct conf_errors errors = { .report = on_error, .arg = lines };

	lines->text[0] = '\0';
	return conf_load(source, &errors);
}

static struct config *
load_text(const char *text, struct lines *lines)
{
	return load(&(struct conf_source){
		.path = "x.conf", .text = text, .len = strlen(text),
		.language = CONF_LANGUAGE_BGPD, .is_program_unchecked = true,
	}, lines);
}

static struct config *
load_good(const char *text)
{
	struct lines lines;
	struct config *c = load_text(text, &lines);

	cr_assert_not_null(c, "%s\n%s", text, lines.text);
	return c;
}

/* What is printed, the router id replaced; free it. */
static char *
print(const struct config *c)
{
	char *text = NULL, *out, *at, *end;
	size_t len = 0;
	FILE *f = open_memstream(&text, &len);

	cr_assert_not_null(f);
	config_print(c, f);
	fclose(f);
	at = strstr(text, ROUTER_ID);
	cr_assert_not_null(at);
	at += strlen(ROUTER_ID);
	end = strchr(at, '\n');
	out = malloc(len + 32);
	cr_assert_not_null(out);
	snprintf(out, len + 32, "%.*s127.0.0.1%s", (int)(at - text), text,
	    end);
	free(text);
	return out;
}

/* What was printed must print the same when it was read. */
static void
check_reads_back(const char *path, const char *printed)
{
	struct lines lines;
	struct config *c = load_text(printed, &lines);
	char *again;

	cr_assert_not_null(c, "%s: %s\n%s", path, lines.text, printed);
	again = print(c);
	cr_expect_str_eq(again, printed, "%s read back:\n%s", path, again);
	free(again);
	config_free(c);
}

static char *
read_file(const char *path)
{
	struct conf_errors errors = { 0 };
	size_t len;

	return conf_read_file(path, &errors, &len);
}

static void
check_pair(const char *in, const char *ok)
{
	struct lines lines;
	struct config *c = load(&(struct conf_source){
		.path = in, .language = CONF_LANGUAGE_BGPD,
		.is_program_unchecked = true,
	}, &lines);
	char *expected = read_file(ok), *got;

	cr_assert_not_null(expected, "%s", ok);
	cr_assert_not_null(c, "%s: %s", in, lines.text);
	got = print(c);
	cr_expect_str_eq(got, expected, "%s gives:\n%s", in, got);
	check_reads_back(in, got);
	free(got);
	free(expected);
	config_free(c);
}

/* Every N.in of a folder with its N.ok. Returns how many. */
static unsigned
check_pairs(const char *folder)
{
	char in[4096], ok[4096];
	DIR *d = opendir(folder);
	struct dirent *e;
	unsigned n = 0;
	size_t len;

	while (d != NULL && (e = readdir(d)) != NULL) {
		len = strlen(e->d_name);
		if (len < 4 || strcmp(e->d_name + len - 3, ".in") != 0)
			continue;
		snprintf(in, sizeof(in), "%s/%s", folder, e->d_name);
		snprintf(ok, sizeof(ok), "%s/%.*s.ok", folder, (int)len - 3,
		    e->d_name);
		check_pair(in, ok);
		n++;
	}
	if (d != NULL)
		closedir(d);
	return n;
}

static const char *
shared(void)
{
	const char *folder = getenv("BGPD_SHARED");

	return folder != NULL ? folder : BGPD_SHARED_DEFAULT;
}

Test(conf_bgpd, recorded_pairs)
{
	char folder[4096];

	snprintf(folder, sizeof(folder), "%s/conformance/bgpd-conf",
	    shared());
	if (check_pairs(folder) == 0)
		cr_skip("no recorded pairs");
}

Test(conf_bgpd, own_pairs)
{
	cr_expect(check_pairs(BGPD_PAIRS) > 0);
}

/* A model of ExaBGP's language prints and reads back, too. */
Test(conf_bgpd, exabgp_prints_and_reads_back)
{
	static const char *const folders[] = { "encoding", "api" };
	struct lines lines;
	struct config *c;
	struct dirent *e;
	char folder[2048], path[4096], *text;
	size_t i;
	DIR *d;

	for (i = 0; i < 2; i++) {
		snprintf(folder, sizeof(folder), "%s/conformance/wire/%s",
		    shared(), folders[i]);
		if ((d = opendir(folder)) == NULL)
			cr_skip("no recorded configurations");
		while ((e = readdir(d)) != NULL) {
			if (strstr(e->d_name, ".conf") == NULL)
				continue;
			snprintf(path, sizeof(path), "%s/%s", folder,
			    e->d_name);
			c = load(&(struct conf_source){
				.path = path,
				.language = CONF_LANGUAGE_EXABGP,
				.is_program_unchecked = true,
			}, &lines);
			cr_assert_not_null(c, "%s: %s", path, lines.text);
			text = print(c);
			check_reads_back(path, text);
			free(text);
			config_free(c);
		}
		closedir(d);
	}
}

static const struct {
	const char	*text, *lines;
} error_rows[] = {
	{ "", "x.conf: AS is not given\n" },
	{ "AS 0\n", "x.conf:1: AS 0 is reserved\n"
	    "x.conf: AS is not given\n" },
	{ "AS 1 70000\n",
	    "x.conf:1: expected an AS number 1..65535\n" },
	{ "AS 1\nfoo bar\n",
	    "x.conf:2: expected a statement, found \"foo\"\n" },
	{ "AS 1\nbmp a { monitor post }\nbmp a { address 192.0.2.1\n"
	    "buffer 1\nlocal-address ::1 }\nbmp a { address 192.0.2.1 }\n"
	    "bmp a { address 192.0.2.1 }\n",
	    "x.conf:2: expected pre-policy, post-policy, adj-rib-out or "
	    "loc-rib, found \"post\"\n"
	    "x.conf:2: bmp \"a\" has no address\n"
	    "x.conf:4: buffer is not 64K to 1G\n"
	    "x.conf:5: local-address of bmp \"a\" is of another family than "
	    "the station\n"
	    "x.conf:7: bmp \"a\" is there already\n" },
	/* A fault ends with its line. */
	{ "AS x\nfoo\nbar\nneighbor {\n}\nneighbor 192.0.2.2 {\n"
	    "\tremote-as 2\n}\nallow from 192.0.2.3\nbaz\n"
	    "match to any set community *:*\nqux\n",
	    "x.conf:1: expected an AS number, found \"x\"\n"
	    "x.conf:2: expected a statement, found \"foo\"\n"
	    "x.conf:3: expected a statement, found \"bar\"\n"
	    "x.conf:4: expected an address or prefix, found \"{\"\n"
	    "x.conf:8: AS must be given before neighbors\n"
	    "x.conf:9: neighbor 192.0.2.3 is not defined\n"
	    "x.conf:10: expected a statement, found \"baz\"\n"
	    "x.conf:11: \"*\" cannot be set as a community\n"
	    "x.conf:12: expected a statement, found \"qux\"\n"
	    "x.conf: AS is not given\n" },
	{ "AS 1\nholdtime 2\n", "x.conf:2: expected seconds, a number "
	    "3..65535, found \"2\"\n" },
	{ "AS 1\nlisten 1.2.3.4\n",
	    "x.conf:2: expected on, found \"1.2.3.4\"\n" },
	{ "AS 1\nnetwork 10.0.0.0\n", "x.conf:2: expected \"/\" and a "
	    "length, found the end of the line\n" },
	{ "AS 1\nnetwork 10/8\nnetwork 10.0.0.0/8\n",
	    "x.conf:3: this network is there already\n" },
	{ "AS 1\nnetwork prefix-set x\n",
	    "x.conf:2: prefix-set \"x\" is not defined\n" },
	{ "AS 1\nfib-update yes no\n", "x.conf:2: expected the end of "
	    "the line, found \"no\"\n" },
	{ "AS 1\nneighbor 192.0.2.2 {\n\tremote-as 2\n",
	    "x.conf:4: expected \"}\", found the end of the file\n" },
	{ "neighbor 192.0.2.2 { remote-as 2 }\nAS 1\n",
	    "x.conf:1: AS must be given before neighbors\n" },
	{ "AS 1\nneighbor 192.0.2.2\n",
	    "x.conf:2: the neighbor has no remote-as\n" },
	{ PEERS "neighbor 192.0.2.2 {\n remote-as 3\n}\n",
	    "x.conf:7: this neighbor is there already\n" },
	{ "AS 1\nneighbor 192.0.2.2 {\n\tremote-as 2\n"
	    "\troute-reflector\n}\n", "x.conf:5: route-reflector is "
	    "for neighbors of the same AS\n" },
	/* All of a file's faults in one go. */
	{ "AS 1\nneighbor 192.0.2.2 {\n\tremote-as x\n\tbanana\n"
	    "\tmultihop 1\n\tset { med 1\n\tmed 2 }\n\tpassive\n}\n"
	    "allow from 192.0.2.9\n",
	    "x.conf:3: expected an AS number, found \"x\"\n"
	    "x.conf:4: expected an option of a neighbor, found "
	    "\"banana\"\n"
	    "x.conf:5: expected a distance, a number 2..255, found "
	    "\"1\"\n"
	    "x.conf:7: metric is set twice\n"
	    "x.conf:9: the neighbor has no remote-as\n"
	    "x.conf:10: neighbor 192.0.2.9 is not defined\n" },
	{ PEERS "allow form any\n",
	    "x.conf:5: expected quick, rib, from or to, found "
	    "\"form\"\n" },
	{ PEERS "allow from any prefix { }\n",
	    "x.conf:5: the list of prefixes is empty\n" },
	{ PEERS "allow from any prefix 10/8 prefix 11/8\n",
	    "x.conf:5: the rule has a prefix already\n" },
	{ PEERS "allow from any prefix 10/8 prefixlen 4\n",
	    "x.conf:5: expected \"-\" or \"><\", found the end of the "
	    "line\n" },
	{ PEERS "allow from any prefix 10/8 prefixlen > 3\n",
	    "x.conf:5: a prefix of 8 bits is never 4 bits long\n" },
	{ PEERS "allow from any prefix 10/8 maxlen 33\n",
	    "x.conf:5: expected a prefix length, a number 8..32, "
	    "found \"33\"\n" },
	{ PEERS "allow from any community 1:2:3\n",
	    "x.conf:5: expected a community, found \"1:2:3\"\n" },
	{ PEERS "allow from any community 70000:1\n",
	    "x.conf:5: expected a community, found \"70000:1\"\n" },
	{ PEERS "match from any set community *:1\n",
	    "x.conf:5: \"*\" cannot be set as a community\n" },
	{ PEERS "match from any ext-community nope 1:1\n",
	    "x.conf:5: expected a kind of extended community, found "
	    "\"nope\"\n" },
	{ PEERS "match from any ext-community bdc 1.2.3.4:1\n",
	    "x.conf:5: expected a value of the community, found "
	    "\"1.2.3.4:1\"\n" },
	{ PEERS "match from any community 1:1 community 1:2 "
	    "community 1:3 community 1:4\n",
	    "x.conf:5: more than 3 communities in a rule\n" },
	{ PEERS "match to any AS 5 - 4\n",
	    "x.conf:5: the range of AS numbers goes backwards\n" },
	{ PEERS "match rib x from any\n",
	    "x.conf:5: rib \"x\" is not defined\n" },
	{ PEERS "match rib Loc-RIB to any\n",
	    "x.conf:5: rib goes with from only\n" },
	{ PEERS "match from group x\n",
	    "x.conf:5: group \"x\" has no neighbor\n" },
	{ "AS $as\n", "x.conf:1: macro \"as\" is not defined\n"
	    "x.conf: AS is not given\n" },
	{ "a-b = 1\nAS 1\n", "x.conf:1: the name of a macro has "
	    "letters, digits and \"_\" only\n" },
	{ "AS 1\nsocket \"x\n", "x.conf:2: a quote is not closed\n" },
	{ "AS 1\ninclude \"/nonexistent/x\"\n", "/nonexistent/x: "
	    "cannot be read: No such file or directory\n" },
	{ "AS 1\norigin-set o { 10/8 source-as 1 expires 5 }\n",
	    "x.conf:2: expires is for roa-set only\n" },
	{ "AS 1\nfib-priority 9\nnetwork inet priority 9\n",
	    "warning: x.conf:3: networks by route label or priority are "
	    "not in effect\n"
	    "x.conf: network priority 9 is fib-priority\n" },
	{ "AS 1\nrde rib a rtable 5\nrde rib b rtable 5 fib-update no\n"
	    "rde rib c rtable 5\nrde rib d fib-update yes\n"
	    "rde rib e rtable 254 fib-update no\nrde rib f rtable 5\n"
	    "rde rib f no evaluate\n",
	    "x.conf: RIB \"c\": table 5 is that of RIB \"a\"\n"
	    "x.conf: RIB \"d\": table 254 is that of RIB \"Loc-RIB\"\n" },
	{ "AS 1\nprocess p {\n\tencoder xml\n}\n",
	    "x.conf:3: expected text, json or msgpack, found "
	    "\"xml\"\n"
	    "x.conf:4: process \"p\" has nothing to run\n" },
	{ "AS 1\nneighbor 192.0.2.2 {\n\tremote-as 2\n\tapi {\n"
	    "\t\tprocess p\n\t}\n}\n",
	    "x.conf:5: process \"p\" is not defined\n" },
	{ "AS 1\noriginate ipv4 unicast 10.0.0.0/8 med x\n",
	    "x.conf:2: med: expected a number 0..4294967295, found "
	    "\"x\"\n" },
};

Test(conf_bgpd, errors)
{
	struct lines lines;
	size_t i;

	for (i = 0; i < sizeof(error_rows) / sizeof(error_rows[0]); i++) {
		cr_expect_null(load_text(error_rows[i].text, &lines), "%s",
		    error_rows[i].text);
		cr_expect_str_eq(lines.text, error_rows[i].lines, "%s\n%s",
		    error_rows[i].text, lines.text);
	}
}

Test(conf_bgpd, group_is_copied_where_the_neighbor_stands)
{
	struct config *c = load_good("AS 65000\ngroup g {\n"
	    "\tremote-as 65001\n\tannounce inet unicast\n"
	    "\tneighbor 192.0.2.1 {\n\t\tannounce inet6 unicast\n\t}\n"
	    "\tpassive\n"
	    "\tneighbor 192.0.2.2\n}\n");

	cr_assert_eq(c->n_peers, 2);
	cr_expect_not(c->peers[0].passive);
	cr_expect(c->peers[1].passive);
	cr_expect_eq(c->peers[0].n_families, 2);
	cr_expect_eq(c->peers[1].n_families, 1);
	cr_expect_str_eq(c->peers[1].group, "g");
	cr_expect_eq(c->peers[1].remote_as, 65001);
	cr_expect(c->peers[1].enforce_neighbor_as);
	config_free(c);
}

Test(conf_bgpd, session_without_its_key_is_off)
{
	struct lines lines;
	struct config *c = load_text("AS 1\nneighbor 192.0.2.2 {\n"
	    "\tremote-as 2\n\ttcp md5sig\n}\n", &lines);

	cr_assert_not_null(c);
	cr_expect(config_peer_is_off(&c->peers[0]));
	cr_expect_str_eq(lines.text, "warning: x.conf:4: tcp md5sig has no "
	    "key: the session is not started\n");
	config_free(c);
	c = load_good("AS 1\nneighbor 192.0.2.2 {\n\tremote-as 2\n"
	    "\ttcp md5sig key 00ff\n}\n");
	cr_expect_not(config_peer_is_off(&c->peers[0]));
	cr_expect_eq(c->peers[0].md5_key.len, 2);
	cr_expect_eq(c->peers[0].md5_key.bytes[1], 0xff);
	config_free(c);
}

Test(conf_bgpd, macro_that_holds_a_key_is_not_printed)
{
	struct config *c = load_good("pw = \"sesame\"\nAS 1\n"
	    "neighbor 192.0.2.2 {\n\tremote-as 2\n"
	    "\ttcp md5sig password $pw\n}\n");
	char *text = print(c);

	cr_expect_null(strstr(text, "sesame"), "%s", text);
	free(text);
	config_free(c);
}

Test(conf_bgpd, lexer)
{
	struct config *c = load_good("a = \"192.0.2\"\nAS \\\n 1 # one \\\n"
	    "AS 2\nneighbor $a.7 {\n\tremote-as 2\n"
	    "\tdescr 'a \\' b\\ c' d\n}\n");

	cr_expect_eq(c->as, 1);
	cr_assert_eq(c->n_peers, 1);
	cr_expect_eq(addr_to_ipv4(&c->peers[0].remote.addr), 0xc0000207);
	cr_expect_str_eq(c->peers[0].descr, "a ' b c d");
	config_free(c);
}

Test(conf_bgpd, macro_of_the_command_line_wins)
{
	static char macro[] = "as=7";
	char *macros[] = { macro };
	const char *text = "as = 5\nAS $as\n";
	struct lines lines;
	struct config *c = load(&(struct conf_source){
		.path = "x.conf", .text = text, .len = strlen(text),
		.macros = macros, .n_macros = 1,
	}, &lines);

	cr_assert_not_null(c);
	cr_expect_eq(c->as, 7);
	config_free(c);
}

Test(conf_bgpd, ours)
{
	struct config *c = load_good("AS 1\nprocess p {\n"
	    "\trun \"/bin/x --fast\"\n\tencoder json\n\tversion 4\n"
	    "\toverflow latest\n}\n"
	    "originate ipv6 unicast 2001:db8::/32 next-hop self "
	    "community [1:2]\n"
	    "neighbor 192.0.2.2 {\n\tremote-as 2\n\tapi {\n"
	    "\t\tprocess p\n\t\treceive { update open }\n"
	    "\t\tchanges yes\n\t}\n"
	    "\toriginate ipv4 flow destination 198.51.100.7/32 "
	    "protocol =udp rate-limit 0\n}\n");
	const struct conf_process *p = &c->processes[0];
	const struct conf_peer *peer = &c->peers[0];

	cr_assert_eq(c->n_processes, 1);
	cr_expect_eq(p->n_argv, 2);
	cr_expect_str_eq(p->argv[1], "--fast");
	cr_expect_eq(p->overflow, OVERFLOW_LATEST);
	cr_expect_eq(p->version, 4);
	cr_assert_eq(c->n_networks, 1);
	cr_expect_eq(c->networks[0].afi, AFI_IPV6);
	cr_assert_eq(peer->n_apis, 1);
	cr_expect_eq(peer->apis[0].receive_mask, API_UPDATE | API_OPEN);
	cr_expect_eq(peer->apis[0].receive_form, API_PARSED);
	cr_expect(peer->apis[0].neighbor_changes);
	cr_assert_eq(peer->n_routes, 1);
	cr_expect_eq(peer->routes[0].safi, SAFI_FLOW);
	config_free(c);
}
