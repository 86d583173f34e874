/* SPDX-License-Identifier: ISC */
/*
 * From a path and its query to a command of bgpctl. Names are those of
 * OpenBGPD's bgplgd. Values become words of a command line without a shell,
 * so they are only looked at for what no value has.
 */
#include "api/lg/lg.h"

#include <event2/keyvalq_struct.h>

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#define VALUE_MAX	128

#define JSON	"application/json"
#define METRICS	"application/openmetrics-text; version=1.0.0; charset=utf-8"

static const struct lg_endpoint endpoints[] = {
	{ "/memory", JSON, "-j show rib memory", "" },
	{ "/metrics", METRICS, "show metrics", "" },
	{ "/neighbors", JSON, "-j show neighbor", " neighbor group " },
	{ "/nexthops", JSON, "-j show nexthop", "" },
	{ "/rib", JSON, "-j show rib detail", " neighbor group as source_as "
	    "peer_as transit_as empty_as community large_community af rib "
	    "ovs avs best error filtered leaked disqualified limit prefix "
	    "all shorter " },
	{ "/sets", JSON, "-j show sets", "" },
	{ "/summary", JSON, "-j show summary", "" },
};

/* How a parameter is said to bgpctl; a prefix and its kin come last. */
struct param_row {
	const char	*name;
	const char	*word;		/* before the value; NULL: none */
	bool		 is_flag;	/* "1" says the word alone */
};

static const struct param_row param_rows[] = {
	{ "neighbor", "neighbor", false },
	{ "group", "neighbor group", false },
	{ "as", "as", false },
	{ "source_as", "source-as", false },
	{ "peer_as", "peer-as", false },
	{ "transit_as", "transit-as", false },
	{ "empty_as", "empty-as", true },
	{ "community", "community", false },
	{ "large_community", "large-community", false },
	{ "rib", "table", false },
	{ "ovs", "ovs", false },
	{ "avs", "avs", false },
	{ "best", "best", true },
	{ "error", "error", true },
	{ "filtered", "filtered", true },
	{ "leaked", "leaked", true },
	{ "disqualified", "disqualified", true },
	{ "limit", "limit", false },
	{ "af", NULL, false },
	{ "prefix", NULL, false },
	{ "all", "all", true },
	{ "shorter", "or-shorter", true },
};

#define N(array)	(sizeof(array) / sizeof((array)[0]))

const struct lg_endpoint *
lg_endpoint(const char *path)
{
	size_t i;

	for (i = 0; i < N(endpoints); i++)
		if (strcmp(endpoints[i].path, path) == 0)
			return &endpoints[i];
	return NULL;
}

static int
words_add(struct lg_words *w, const char *word, size_t len)
{
	if (w->n == LG_WORDS_MAX || len == 0)
		return -1;
	w->words[w->n] = strndup(word, len);
	if (w->words[w->n] == NULL)
		return -1;
	w->n++;
	return 0;
}

static int
words_add_all(struct lg_words *w, const char *text)
{
	size_t len;

	for (; *text != '\0'; text += len + (text[len] == ' ')) {
		len = strcspn(text, " ");
		if (words_add(w, text, len) != 0)
			return -1;
	}
	return 0;
}

/* Nothing that a terminal or an option parser might take amiss. */
static bool
value_is_sound(const char *value)
{
	size_t len = strlen(value);

	return len > 0 && len <= VALUE_MAX && value[0] != '-' &&
	    strspn(value, "abcdefghijklmnopqrstuvwxyz"
	    "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.:/_-*") == len;
}

static bool
endpoint_takes(const struct lg_endpoint *e, const char *name)
{
	const char *at = e->params;
	size_t len = strlen(name);

	for (; (at = strstr(at, name)) != NULL; at += len)
		if (at[-1] == ' ' && at[len] == ' ')
			return true;
	return false;
}

static const char *
query_value(const struct evkeyvalq *query, const char *name)
{
	const struct evkeyval *kv;

	for (kv = query->tqh_first; kv != NULL; kv = kv->next.tqe_next)
		if (strcmp(kv->key, name) == 0)
			return kv->value;
	return NULL;
}

static int
param_add(struct lg_words *w, const struct param_row *row, const char *value)
{
	if (value == NULL || (row->is_flag && strcmp(value, "0") == 0))
		return 0;
	if (!value_is_sound(value) ||
	    (row->is_flag && strcmp(value, "1") != 0))
		return -1;
	/* "group" alone follows a neighbor command too. */
	if (row->word != NULL && words_add_all(w, row->word) != 0)
		return -1;
	return row->is_flag ? 0 : words_add(w, value, strlen(value));
}

static bool
query_is_sound(const struct lg_endpoint *e, const struct evkeyvalq *query)
{
	const struct evkeyval *kv;

	for (kv = query->tqh_first; kv != NULL; kv = kv->next.tqe_next)
		if (!endpoint_takes(e, kv->key))
			return false;
	return true;
}

int
lg_words_make(const struct lg_endpoint *e, const struct evkeyvalq *query,
    struct lg_words *out)
{
	struct param_row row;
	size_t i;

	*out = (struct lg_words){ .n = 0 };
	if (!query_is_sound(e, query) || words_add_all(out, e->command) != 0)
		goto fail;
	for (i = 0; i < N(param_rows); i++) {
		row = param_rows[i];
		/* "show neighbor ADDRESS" has the word already. */
		if (strcmp(e->path, "/neighbors") == 0 && row.word != NULL)
			row.word = strcmp(row.name, "group") == 0 ? "group" :
			    NULL;
		if (param_add(out, &row, query_value(query, row.name)) != 0)
			goto fail;
	}
	return 0;
fail:
	lg_words_free(out);
	return -1;
}

void
lg_words_free(struct lg_words *w)
{
	size_t i;

	for (i = 0; i < w->n; i++)
		free(w->words[i]);
	*w = (struct lg_words){ .n = 0 };
}
