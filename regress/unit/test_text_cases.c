/* SPDX-License-Identifier: ISC */
/*
 * Recorded sentences and the messages that they make: each "cmd" of the wire
 * cases is read, given the defaults that are added at sending, packed as
 * ExaBGP does, and compared with the "raw" that follows it.
 */
#include "common/attr/attr.h"
#include "common/text/text_route.h"
#include "common/wire/update.h"
#include "regress/unit/hex.h"

#include <dirent.h>
#include <stdlib.h>
#include <string.h>

#define LINE_MAX_LEN	65536
#define MESSAGE_MAX	4096

struct pending {
	struct update_format	format;
	struct update_builder	builder;
	struct wr		out, attrs;
	bool			is_begun, is_ibgp;
};

/* The canonical block with ORIGIN, AS_PATH and, to iBGP, LOCAL_PREF. */
static void
add_defaults(struct rd block, bool is_ibgp, struct wr *out)
{
	struct attr a;
	unsigned code;

	buf_reset(out);
	for (code = 1; code < 256; code++) {
		if (attr_get(block, (uint8_t)code, &a))
			attr_put(out, a.flags, a.code, a.value.pos,
			    buf_left(&a.value));
		else if (code == ATTR_ORIGIN)
			attr_put_known(out, ATTR_ORIGIN, "\0", 1);
		else if (code == ATTR_AS_PATH)
			attr_put_known(out, ATTR_AS_PATH, NULL, 0);
		else if (code == ATTR_LOCAL_PREF && is_ibgp)
			attr_put_known(out, ATTR_LOCAL_PREF, "\0\0\0\x64", 4);
	}
}

static int
on_route(const struct text_route *t, void *arg)
{
	struct pending *q = arg;
	struct route r = t->route;
	struct nlri n;

	if (r.flags & ROUTE_NEXTHOP_SELF) {
		memcpy(r.nexthop.bytes, "\x7f\0\0\x01", 4);
		r.nexthop.len = 4;
	}
	route_nlri(&r, &n);
	if (!q->is_begun) {
		if (r.flags & ROUTE_HAS_PATH_ID)
			q->format.add_path_mask = 1u << r.family->id;
		add_defaults(r.attrs, q->is_ibgp, &q->attrs);
		if (r.flags & ROUTE_WITHDRAW)
			cr_assert_eq(update_begin_withdraw(&q->builder,
			    &q->out, &q->format, r.family,
			    buf_written(&q->attrs)), 0);
		else
			cr_assert_eq(update_begin(&q->builder, &q->out,
			    &q->format, r.family, buf_written(&q->attrs),
			    &r.nexthop), 0);
		q->is_begun = true;
	}
	return update_add(&q->builder, &n);
}

/* Skip "neighbor X " and "announce " or "withdraw ". */
static const char *
skip_head(const char *cmd, bool *is_withdraw)
{
	if (strncmp(cmd, "neighbor * ", 11) == 0)
		cmd += 11;
	*is_withdraw = strncmp(cmd, "withdraw ", 9) == 0;
	if (*is_withdraw || strncmp(cmd, "announce ", 9) == 0)
		return cmd + 9;
	return NULL;
}

static void
check_pair(const char *file, const char *cmd, const char *raw)
{
	uint8_t attr_bytes[MESSAGE_MAX], bytes[MESSAGE_MAX * 2];
	char got[MESSAGE_MAX * 4];
	struct pending q = { .format = { .max_len = MESSAGE_MAX,
	    .has_as4 = strstr(file, "no-asn4") == NULL,
	    .is_exabgp_packing = true },
	    .is_ibgp = strstr(file, "ebgp") == NULL };
	struct text_parser p;
	bool is_withdraw;
	const char *sentence = skip_head(cmd, &is_withdraw);

	if (sentence == NULL || strncmp(sentence, "eor", 3) == 0)
		return;
	buf_writer(&q.attrs, attr_bytes, sizeof(attr_bytes));
	buf_writer(&q.out, bytes, sizeof(bytes));
	text_route_init(&p);
	cr_expect_eq(text_route_parse_line(&p, sentence, strlen(sentence),
	    is_withdraw, on_route, &q), 0, "%s: %s: %s", file, cmd, p.error);
	if (q.is_begun)
		update_end(&q.builder);
	hex_encode(bytes, q.out.len, got);
	cr_expect_str_eq(got, raw, "%s: %s:\n got %s\nwant %s", file, cmd,
	    got, raw);
	text_route_fini(&p);
}

/* The string value on a line that begins with this key, or NULL. */
static char *
line_value(char *line, const char *key)
{
	char *at = strstr(line, key), *end;

	if (at == NULL)
		return NULL;
	at += strlen(key);
	end = strrchr(at, '"');
	if (end == NULL)
		return NULL;
	*end = '\0';
	return at;
}

static unsigned
check_file(const char *dir, const char *name)
{
	static const char kind_key[] = "\"kind\": \"", key[] = "\"value\": \"";
	char path[8192], *line = malloc(LINE_MAX_LEN), *value;
	char *cmd = calloc(1, LINE_MAX_LEN);
	char kind[32] = "";
	unsigned n = 0;
	FILE *f;

	snprintf(path, sizeof(path), "%s/%s", dir, name);
	f = fopen(path, "r");
	cr_assert_not_null(f);
	while (fgets(line, LINE_MAX_LEN, f) != NULL) {
		value = line_value(line, kind_key);
		if (value != NULL)
			snprintf(kind, sizeof(kind), "%s", value);
		value = line_value(line, key);
		if (value == NULL)
			continue;
		if (strcmp(kind, "cmd") == 0) {
			snprintf(cmd, LINE_MAX_LEN, "%s", value);
		} else if (strcmp(kind, "raw") == 0 && *cmd != '\0') {
			check_pair(name, cmd, value);
			*cmd = '\0';
			n++;
		}
	}
	fclose(f);
	free(line);
	free(cmd);
	return n;
}

static unsigned
check_folder(const char *root, const char *folder)
{
	char dir[4096];
	const struct dirent *e;
	unsigned n = 0;
	DIR *d;

	snprintf(dir, sizeof(dir), "%s/conformance/wire/%s", root, folder);
	d = opendir(dir);
	if (d == NULL)
		return 0;
	while ((e = readdir(d)) != NULL)
		if (strstr(e->d_name, ".json") != NULL)
			n += check_file(dir, e->d_name);
	closedir(d);
	return n;
}

Test(text, recorded_sentences_make_recorded_messages)
{
	const char *root = getenv("BGPD_SHARED");
	unsigned n;

	if (root == NULL)
		root = BGPD_SHARED_DEFAULT;
	n = check_folder(root, "encoding") + check_folder(root, "api");
	if (n == 0)
		cr_skip_test("the recorded cases are not here");
}
