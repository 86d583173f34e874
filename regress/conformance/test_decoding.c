/* SPDX-License-Identifier: ISC */
/*
 * The recorded cases of the reference implementation: bytes in, JSON out.
 * The argument is the folder that holds conformance/; BGPD_SHARED in the
 * environment overrides it. Without the folder the test is skipped.
 */
#include "common/buf.h"
#include "common/wire/decode.h"
#include "regress/json.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define EXIT_SKIP	77
#define WHERE_MAX	128

static const char *const ignored[] = {
	"exabgp", "host", "pid", "ppid", "time", "version", "counter", NULL,
};

struct tally {
	unsigned	n_passed, n_cases;
};

static uint32_t
number(const struct json *j, const char *key)
{
	return (uint32_t)strtoul(json_text(j, key, "0"), NULL, 10);
}

/* The frame that the expected event says it has. */
static void
fill_event(const struct json *want, struct event_session *s,
    struct event *ev)
{
	const struct json *neighbor = json_get(want, "neighbor");
	const struct json *address = json_get(neighbor, "address");
	const struct json *asn = json_get(neighbor, "asn");
	struct addr id;

	memset(s, 0, sizeof(*s));
	s->version = json_text(want, "exabgp", "5.0.0");
	s->shape = s->version[0] == '6' ? NLRI_JSON_V6 : NLRI_JSON_V4;
	s->host = "localhost";
	addr_parse(json_text(address, "local", "127.0.0.1"), &s->local);
	addr_parse(json_text(address, "peer", "127.0.0.1"), &s->peer);
	s->local_as = number(asn, "local");
	s->peer_as = number(asn, "peer");
	if (addr_parse(json_text(neighbor, "router-id", "0.0.0.0"), &id) == 0)
		s->router_id = addr_to_ipv4(&id);
	*ev = (struct event){ .session = s, .counter = 1,
	    .direction = json_text(neighbor, "direction", "in") };
}

/* "update ipv4 unicast", "nlri bgp-ls bgp-ls", "open" */
static struct decode_request
parse_what(const char *what)
{
	struct decode_request request = { .kind = DECODE_UPDATE };
	char kind[16] = "", afi[16] = "", safi[16] = "";

	sscanf(what, "%15s %15s %15s", kind, afi, safi);
	if (strcmp(kind, "open") == 0)
		request.kind = DECODE_OPEN;
	else if (strcmp(kind, "nlri") == 0)
		request.kind = DECODE_NLRI;
	request.family = nlri_by_words(afi, safi);
	return request;
}

/* Decode and compare; the first line is what counts. */
static bool
is_as_recorded(const char *hex, const struct decode_request *request,
    const struct json *want, char *where)
{
	struct event_session session;
	struct event ev;
	struct json *got = NULL;
	struct wr bytes, out;
	char *line_end;
	bool is_equal = false;

	snprintf(where, WHERE_MAX, "not decoded");
	fill_event(want, &session, &ev);
	buf_writer_growing(&bytes, 1 << 17);
	buf_writer_growing(&out, 1 << 22);
	if (decode_hex(hex, &bytes) == 0 && decode_message(&ev, request,
	    buf_written(&bytes), &out) == 0) {
		buf_put_u8(&out, 0);
		line_end = strchr((char *)out.base, '\n');
		if (line_end != NULL)
			*line_end = '\0';
		got = json_parse((char *)out.base);
		snprintf(where, WHERE_MAX, "not JSON");
	}
	if (got != NULL)
		is_equal = json_is_equal(want, got, ignored, where,
		    WHERE_MAX);
	if (!is_equal && out.len > 0 && getenv("VERBOSE") != NULL)
		printf("%s\n", (char *)out.base);
	json_free(got);
	buf_free(&bytes);
	buf_free(&out);
	return is_equal;
}

static void
count(struct tally *t, bool is_passed, const char *name, const char *where)
{
	t->n_cases++;
	if (is_passed)
		t->n_passed++;
	else
		printf("FAIL %s: at %s\n", name, where);
}

static void
run_decoding(const struct json *file, const char *name, struct tally *t)
{
	struct decode_request request =
	    parse_what(json_text(file, "what", ""));
	const struct json *want = json_get(file, "json");
	char where[WHERE_MAX];

	if (want == NULL)
		return;
	count(t, is_as_recorded(json_text(file, "hex", ""), &request, want,
	    where), name, where);
}

/* Sessions: a raw message followed by the events that its receiver sees. */
static void
run_session(const struct json *file, const char *name, struct tally *t)
{
	struct decode_request request = { .kind = DECODE_AUTO };
	const struct json *step = json_get(file, "expect"), *want;
	const char *raw = NULL, *kind;
	char where[WHERE_MAX];

	for (step = step == NULL ? NULL : step->child; step != NULL;
	    step = step->next) {
		kind = json_text(step, "kind", "");
		if (strcmp(kind, "raw") == 0)
			raw = json_text(step, "value", NULL);
		want = json_get(step, "value");
		if (strncmp(kind, "js", 2) != 0 || raw == NULL)
			continue;
		/* Whether path ids were negotiated shows in the event. */
		request.has_path_id = false;
		if (!is_as_recorded(raw, &request, want, where))
			request.has_path_id = true;
		count(t, is_as_recorded(raw, &request, want, where), name,
		    where);
	}
}

static bool
run_folder(const char *shared, const char *folder,
    void (*run)(const struct json *, const char *, struct tally *))
{
	struct dirent **entries;
	struct tally t = { 0, 0 };
	struct json *file;
	char path[4096];
	int n, i;

	snprintf(path, sizeof(path), "%s/conformance/wire/%s", shared,
	    folder);
	n = scandir(path, &entries, NULL, alphasort);
	for (i = 0; i < n; i++) {
		snprintf(path, sizeof(path), "%s/conformance/wire/%s/%s",
		    shared, folder, entries[i]->d_name);
		file = strstr(path, ".json") == NULL ? NULL :
		    json_parse_file(path);
		if (file != NULL)
			run(file, entries[i]->d_name, &t);
		json_free(file);
		free(entries[i]);
	}
	if (n >= 0)
		free(entries);
	printf("%s: %u of %u\n", folder, t.n_passed, t.n_cases);
	return t.n_passed == t.n_cases && t.n_cases > 0;
}

int
main(int argc, char **argv)
{
	const char *shared = getenv("BGPD_SHARED");
	char path[4096];
	bool is_good;
	DIR *dir;

	if (shared == NULL && argc > 1)
		shared = argv[1];
	snprintf(path, sizeof(path), "%s/conformance/wire/decoding",
	    shared == NULL ? "." : shared);
	dir = opendir(path);
	if (dir == NULL) {
		printf("skipped: no recorded cases\n");
		return EXIT_SKIP;
	}
	closedir(dir);
	is_good = run_folder(shared, "decoding", run_decoding);
	is_good = run_folder(shared, "encoding", run_session) && is_good;
	is_good = run_folder(shared, "api", run_session) && is_good;
	return is_good ? 0 : 1;
}
