/* SPDX-License-Identifier: ISC */
/*
 * Every UPDATE of the recorded sessions, decoded and built again in ExaBGP's
 * packing, must be the same bytes. Skipped without the recorded cases.
 */
#include "common/buf.h"
#include "common/wire/decode.h"
#include "common/wire/message.h"
#include "common/wire/update.h"
#include "regress/json.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define EXIT_SKIP	77

struct tally {
	unsigned	n_passed, n_cases;
};

struct session {
	bool	has_as4, has_path_id;
};

static void
add_all(struct update_builder *b, const struct update_run *run,
    const struct session *s)
{
	struct rd left = run->run;
	struct nlri n;

	while (buf_left(&left) > 0 && nlri_next(run->family, s->has_path_id,
	    &left, &n) == 0) {
		if (update_add(b, &n) != 0)
			return;
	}
}

/* The attributes with NEXT_HOP, as a withdrawal may carry it. */
static void
put_with_nexthop(const struct update *u, struct wr *out)
{
	struct rd block = u->attrs;
	bool is_put = u->nexthop.len == 0;
	struct attr a;

	while (buf_left(&block) > 0 && attr_next(&block, &a) == 0) {
		if (!is_put && a.code > ATTR_NEXT_HOP)
			attr_put_known(out, ATTR_NEXT_HOP, u->nexthop.bytes,
			    u->nexthop.len);
		is_put = is_put || a.code > ATTR_NEXT_HOP;
		attr_put(out, a.flags, a.code, a.value.pos,
		    buf_left(&a.value));
	}
}

static void
build(const struct update *u, const struct session *s, struct wr *attrs,
    struct wr *out)
{
	const struct update_format format = { .max_len = 65535,
	    .has_as4 = s->has_as4, .is_exabgp_packing = true,
	    .add_path_mask = s->has_path_id ? UINT32_MAX : 0 };
	const struct update_run *run = u->mp_unreach.is_present ?
	    &u->mp_unreach : &u->withdrawn;
	struct update_builder b;

	if (u->eor != NULL) {
		update_put_eor(out, u->eor);
		return;
	}
	put_with_nexthop(u, attrs);
	if (u->mp_reach.is_present && update_begin(&b, out, &format,
	    u->mp_reach.family, u->attrs, &u->mp_nexthop) == 0)
		add_all(&b, &u->mp_reach, s);
	else if (u->nlri.is_present && update_begin(&b, out, &format,
	    u->nlri.family, u->attrs, &u->nexthop) == 0)
		add_all(&b, &u->nlri, s);
	else if (run->is_present && update_begin_withdraw(&b, out, &format,
	    run->family, buf_written(attrs)) == 0)
		add_all(&b, run, s);
	else
		return;
	update_end(&b);
}

static bool
is_same(struct rd message, const struct session *s)
{
	const struct update_context ctx = { .family_mask = UINT32_MAX,
	    .attr = { .has_as4 = s->has_as4 }, .has_loopback_peer = true,
	    .add_path_mask = s->has_path_id ? UINT32_MAX : 0 };
	struct wr scratch, attrs, out;
	struct rd body = message;
	struct update u;
	bool is_equal;

	buf_writer_growing(&scratch, 1 << 17);
	buf_writer_growing(&attrs, 1 << 17);
	buf_writer_growing(&out, 1 << 17);
	buf_get_bytes(&body, BGP_HEADER_LEN);
	update_decode(body, &ctx, &scratch, &u);
	/* A session would not take it, but a configuration may send it. */
	if (u.verdict != ATTR_RESET ||
	    u.error_subcode == ERROR_UPDATE_UNKNOWN_WELL_KNOWN)
		build(&u, s, &attrs, &out);
	is_equal = out.len == buf_left(&message) &&
	    memcmp(out.base, message.pos, out.len) == 0;
	buf_free(&scratch);
	buf_free(&attrs);
	buf_free(&out);
	return is_equal;
}

/* Updates that are outside the builder's business. */
static bool
is_case(struct rd message)
{
	struct rd r = message;
	unsigned withdrawn_len, attrs_len;

	buf_get_bytes(&r, BGP_HEADER_LEN - 1);
	if (buf_get_u8(&r) != BGP_UPDATE)
		return false;
	withdrawn_len = buf_get_u16(&r);
	buf_get_bytes(&r, withdrawn_len);
	attrs_len = buf_get_u16(&r);
	/* Attributes without any route. */
	return !(withdrawn_len == 0 && attrs_len == 14 &&
	    buf_left(&r) == 14);
}

static void
run_message(const char *hex, const char *name, struct tally *t)
{
	static const struct session sessions[] = {
		{ true, false }, { true, true }, { false, false },
	};
	struct wr bytes;
	size_t i;
	bool is_good = false;

	buf_writer_growing(&bytes, 1 << 17);
	if (decode_hex(hex, &bytes) == 0 && bytes.len >= BGP_HEADER_LEN &&
	    is_case(buf_written(&bytes))) {
		for (i = 0; i < 3 && !is_good; i++)
			is_good = is_same(buf_written(&bytes), &sessions[i]);
		t->n_cases++;
		t->n_passed += is_good;
		if (!is_good)
			printf("FAIL %s: %s\n", name, hex);
	}
	buf_free(&bytes);
}

static void
run_file(const char *path, struct tally *t)
{
	struct json *file = json_parse_file(path);
	const struct json *step = json_get(file, "expect");

	for (step = step == NULL ? NULL : step->child; step != NULL;
	    step = step->next) {
		if (strcmp(json_text(step, "kind", ""), "raw") == 0)
			run_message(json_text(step, "value", ""), path, t);
	}
	json_free(file);
}

static void
run_folder(const char *shared, const char *folder, struct tally *t)
{
	struct dirent **entries;
	char path[4096];
	int n, i;

	snprintf(path, sizeof(path), "%s/conformance/wire/%s", shared,
	    folder);
	n = scandir(path, &entries, NULL, alphasort);
	for (i = 0; i < n; i++) {
		snprintf(path, sizeof(path), "%s/conformance/wire/%s/%s",
		    shared, folder, entries[i]->d_name);
		if (strstr(path, ".json") != NULL)
			run_file(path, t);
		free(entries[i]);
	}
	if (n >= 0)
		free(entries);
}

int
main(int argc, char **argv)
{
	const char *shared = getenv("BGPD_SHARED");
	struct tally t = { 0, 0 };

	if (shared == NULL && argc > 1)
		shared = argv[1];
	run_folder(shared == NULL ? "." : shared, "encoding", &t);
	run_folder(shared == NULL ? "." : shared, "api", &t);
	if (t.n_cases == 0) {
		printf("skipped: no recorded cases\n");
		return EXIT_SKIP;
	}
	printf("round trip: %u of %u\n", t.n_passed, t.n_cases);
	return t.n_passed == t.n_cases ? 0 : 1;
}
