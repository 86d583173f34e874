/* SPDX-License-Identifier: ISC */
/* Printing the configuration: network and originate. */
#include "common/config_print_parts.h"

#include "common/addr.h"
#include "common/bgp.h"
#include "common/config.h"
#include "common/nlri/nlri.h"

#include <string.h>

#define NLRI_TEXT_MAX	65536

static struct nlri
route_nlri_of(const struct conf_route *r, const struct nlri_family *family)
{
	return (struct nlri){
		.family = family, .bytes = r->nlri.bytes, .len = r->nlri.len,
	};
}

void
print_network(FILE *f, const struct conf_route *r, const char *indent)
{
	const struct nlri_family *family = nlri_find(r->afi, r->safi);
	const char *inet = r->afi == AFI_IPV6 ? "inet6" : "inet";
	char text[PREFIX_TEXT_MAX];
	struct prefix prefix;
	struct nlri nlri;

	fprintf(f, "%snetwork ", indent);
	if (r->prefix_set != NULL) {
		fprintf(f, "prefix-set %s", r->prefix_set);
	} else if (r->source != NULL && r->name != NULL) {
		fprintf(f, "%s %s ", inet, r->source);
		print_quoted(f, r->name);
	} else if (r->source != NULL) {
		fprintf(f, "%s %s", inet, r->source);
	} else if (family != NULL) {
		nlri = route_nlri_of(r, family);
		if (nlri_to_prefix(&nlri, &prefix) == 0)
			fputs(prefix_print(&prefix, text, sizeof(text)), f);
	}
	if (r->n_sets != 0)
		fputc(' ', f);
	print_sets(f, r->sets, r->n_sets);
	fputc('\n', f);
}

/* What people see of the bytes: a comment. */
static void
print_comment(FILE *f, const struct conf_route *r,
    const struct nlri_family *family, const char *indent)
{
	struct nlri nlri = route_nlri_of(r, family);
	struct wr w;

	buf_writer_growing(&w, NLRI_TEXT_MAX);
	if (r->nlri.len != 0)
		nlri_text(&nlri, &w);
	fprintf(f, "%s# %s ", indent, family->name);
	if (w.err == 0 && w.len != 0)
		fwrite(w.base, 1, w.len, f);
	fputc('\n', f);
	buf_free(&w);
}

static void
print_bytes(FILE *f, const char *word, const struct conf_blob *b)
{
	if (b->len == 0)
		return;
	fprintf(f, " %s ", word);
	print_hex(f, b->bytes, b->len);
}

void
print_originate(FILE *f, const struct conf_route *r, const char *indent)
{
	const struct nlri_family *family = nlri_find(r->afi, r->safi);

	if (r->is_said)
		return;
	if (r->text != NULL) {
		fprintf(f, "%soriginate %s\n", indent, r->text);
		return;
	}
	if (family != NULL)
		print_comment(f, r, family, indent);
	fprintf(f, "%soriginate raw %u %u flags %u", indent, r->afi, r->safi,
	    r->flags);
	if (r->path_id != 0)
		fprintf(f, " path-id %u", r->path_id);
	print_bytes(f, "nlri", &r->nlri);
	print_bytes(f, "nexthop", &r->nexthop);
	print_bytes(f, "attributes", &r->attrs);
	if (r->watchdog != NULL) {
		fprintf(f, " watchdog ");
		print_quoted(f, r->watchdog);
	}
	if (r->name != NULL) {
		fprintf(f, " name ");
		print_quoted(f, r->name);
	}
	fputc('\n', f);
}
