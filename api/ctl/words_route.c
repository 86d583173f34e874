/* SPDX-License-Identifier: ISC */
/*
 * network add and flowspec add: OpenBGPD's words of routes to sentences of
 * common/text.
 */
#include "api/ctl/ctl.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct word_change {
	const char	*from, *to;
};

static const char *
words_change(const struct word_change *rows, size_t n, const char *word)
{
	size_t i;

	for (i = 0; i < n; i++)
		if (strcmp(word, rows[i].from) == 0)
			return rows[i].to;
	return word;
}

/* bgpctl's "set" words are OpenBGPD's; those of common/text are ExaBGP's. */
static void
words_put_attributes(char *out, size_t len, const char *set)
{
	static const struct word_change rows[] = {
		{ "localpref", "local-preference" }, { "metric", "med" },
		{ "nexthop", "next-hop" }, { "ext-community",
		    "extended-community" },
	};
	char *copy = set == NULL ? NULL : strdup(set), *word, *save;

	for (word = copy == NULL ? NULL : strtok_r(copy, " ", &save);
	    word != NULL; word = strtok_r(NULL, " ", &save)) {
		strlcat(out, " ", len);
		strlcat(out, words_change(rows, sizeof(rows) /
		    sizeof(rows[0]), word), len);
	}
	free(copy);
}

bool
ctl_put_route(struct ctl_request *r, const char *sentence)
{
	size_t len = strlen(sentence);

	if (r->route_len + 1 + len >= sizeof(r->route))
		return false;
	if (r->route_len > 0)
		r->route[r->route_len++] = '\n';
	memcpy(r->route + r->route_len, sentence, len + 1);
	r->route_len += len;
	return true;
}

bool
ctl_add_route(struct ctl_request *r, const char *prefix)
{
	char line[1024];

	snprintf(line, sizeof(line), "route %s", prefix);
	words_put_attributes(line, sizeof(line), ctl_text(r, "set"));
	if (strstr(line, " next-hop ") == NULL)
		strlcat(line, " next-hop self", sizeof(line));
	return ctl_put_route(r, line);
}

/* OpenBGPD's words of a flow to common/text's, up to "set". */
static void
words_make_flow(struct ctl_request *r, const char *flow)
{
	static const struct word_change rows[] = {
		{ "from", "source" }, { "to", "destination" },
		{ "proto", "protocol" }, { "flags", "tcp-flags" },
		{ "length", "packet-length" }, { "tos", "dscp" },
	};
	static const struct word_change rows6[] = {
		{ "proto", "next-header" }, { "tos", "traffic-class" },
	};
	bool is_ipv6 = strcmp(ctl_text(r, "family"), "ipv6") == 0;
	char *copy = strdup(flow), *word, *save;
	const char *side = "port", *to;

	snprintf(r->route, sizeof(r->route), "%s flow",
	    ctl_text(r, "family"));
	for (word = copy == NULL ? NULL : strtok_r(copy, " ", &save);
	    word != NULL; word = strtok_r(NULL, " ", &save)) {
		if (strcmp(word, "set") == 0) {
			words_put_attributes(r->route, sizeof(r->route),
			    save);
			break;
		}
		if (strcmp(word, "any") == 0)
			continue;
		/* A port is of the side before it. */
		if (strcmp(word, "from") == 0)
			side = "source-port";
		else if (strcmp(word, "to") == 0)
			side = "destination-port";
		if ((strcmp(word, "from") == 0 || strcmp(word, "to") == 0) &&
		    (strncmp(save, "any", 3) == 0 ||
		    strncmp(save, "port", 4) == 0))
			continue;
		to = strcmp(word, "port") == 0 ? side : is_ipv6 ?
		    words_change(rows6, sizeof(rows6) / sizeof(rows6[0]),
		    word) : word;
		strlcat(r->route, " ", sizeof(r->route));
		strlcat(r->route, words_change(rows, sizeof(rows) /
		    sizeof(rows[0]), to), sizeof(r->route));
	}
	free(copy);
}

void
ctl_make_route(struct ctl_request *r)
{
	const char *prefix = ctl_text(r, "prefix");
	const char *flow = ctl_text(r, "flow");

	r->is_mrt = ctl_has(r, "mrt");
	r->is_bulk = ctl_has(r, "bulk") || r->is_mrt;
	if (r->is_mrt)
		return;
	if (flow != NULL)
		words_make_flow(r, flow);
	else if (prefix != NULL)
		ctl_add_route(r, prefix);
}
