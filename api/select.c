/* SPDX-License-Identifier: ISC */
/*
 * Selectors: which peers a command is for. A selector is one or more terms,
 * `neighbor IP [key value]...` (version 4) or `peer IP [key value]...`
 * (version 6), with `*` for all; each term's words must appear in the peer's
 * name. The result is an audience, known to the RDE by number, and kept for
 * the next line that says the same.
 */
#include "api/engine.h"

#include "common/chan.h"

#include <err.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SELECT_TERM_MAX	512	/* characters of one term */

char *
select_name(const struct conf_peer *c)
{
	char peer[PREFIX_TEXT_MAX], local[ADDR_TEXT_MAX], id[ADDR_TEXT_MAX];
	struct addr router_id = addr_from_ipv4(c->router_id);
	char *name;

	if (c->name != NULL)
		return strdup(c->name);
	if (c->router_id == 0)
		router_id = c->local_address;
	if (asprintf(&name, "neighbor %s local-ip %s local-as %u peer-as %u "
	    "router-id %s family-allowed in-open",
	    config_peer_is_template(c) ?
	    prefix_print(&c->remote, peer, sizeof(peer)) :
	    addr_print(&c->remote.addr, peer, sizeof(peer)),
	    c->local_address.family == ADDR_NONE ? "auto" :
	    addr_print(&c->local_address, local, sizeof(local)),
	    c->local_as, c->remote_as,
	    addr_print(&router_id, id, sizeof(id))) == -1)
		err(1, "select");
	return name;
}

/* Whether "key value", as whole words, stands in the name. */
static bool
select_has_pair(const char *name, const char *pair)
{
	size_t len = strlen(pair);
	const char *at = name;

	while ((at = strstr(at, pair)) != NULL) {
		if ((at == name || at[-1] == ' ') &&
		    (at[len] == '\0' || at[len] == ' '))
			return true;
		at++;
	}
	return false;
}

/* One term: an address or *, then key value pairs. */
static bool
select_term_matches(const char *name, const char *term)
{
	char copy[SELECT_TERM_MAX], pair[SELECT_TERM_MAX];
	char *save, *word, *value;

	strlcpy(copy, term, sizeof(copy));
	word = strtok_r(copy, " ", &save);
	if (word == NULL)
		return false;
	if (strcmp(word, "*") != 0) {
		snprintf(pair, sizeof(pair), "neighbor %s", word);
		if (!select_has_pair(name, pair))
			return false;
	}
	while ((word = strtok_r(NULL, " ", &save)) != NULL) {
		value = strtok_r(NULL, " ", &save);
		if (value == NULL)
			return false;
		snprintf(pair, sizeof(pair), "%s %s", word, value);
		if (!select_has_pair(name, pair))
			return false;
	}
	return true;
}

/*
 * The next term of the selector: without "neighbor" or "peer", brackets and
 * the comma. NULL at the end; an empty one is malformed.
 */
static char *
select_next_term(char **rest)
{
	char *term = *rest, *comma;

	while (*term == ' ' || *term == '[')
		term++;
	if (*term == '\0')
		return NULL;
	comma = strpbrk(term, ",]");
	if (comma != NULL) {
		*comma = '\0';
		*rest = comma + 1;
	} else {
		*rest = term + strlen(term);
	}
	if (strncmp(term, "neighbor ", 9) == 0)
		term += 9;
	else if (strncmp(term, "peer ", 5) == 0)
		term += 5;
	return term + strspn(term, " [");
}

/* Mark the peers that the selector means. False when it is malformed. */
static bool
select_mark(struct api *api, struct program *g, char *selector, bool *marks)
{
	char *rest = selector, *term;
	size_t i;

	if (*selector == '\0') {
		for (i = 0; i < api->n_peers; i++)
			marks[i] = true;
	}
	while ((term = select_next_term(&rest)) != NULL) {
		if (*term == '\0' || strlen(term) >= SELECT_TERM_MAX)
			return false;
		for (i = 0; i < api->n_peers; i++)
			if (select_term_matches(api->peers[i].name, term))
				marks[i] = true;
	}
	for (i = 0; g != NULL && i < api->n_peers; i++)
		marks[i] = marks[i] && api_program_sees(g, &api->peers[i]);
	return true;
}

static struct audience *
select_new(struct api *api, uint32_t *peers, size_t n)
{
	struct audience *a = calloc(1, sizeof(*a));
	struct wr w;

	api->audiences = reallocarray(api->audiences, api->n_audiences + 1,
	    sizeof(struct audience *));
	if (a == NULL || api->audiences == NULL)
		err(1, "select");
	api->audiences[api->n_audiences++] = a;
	a->id = ++api->next_audience;
	a->peers = peers;
	a->n_peers = n;
	if (api->rde == NULL)
		return a;
	buf_writer_growing(&w, IMSG_DATA_MAX);
	imsg_put_peers(&w, peers, n);
	/* Routes gathered for others must not be taken for this one's. */
	api_flush_routes(api);
	chan_send_wr(api->rde, IMSG_AUDIENCE, a->id, &w);
	buf_free(&w);
	return a;
}

struct audience *
select_peers(struct api *api, const uint32_t *ids, size_t n)
{
	uint32_t *copy = calloc(n + 1, sizeof(*copy));

	if (copy == NULL)
		err(1, "select");
	memcpy(copy, ids, n * sizeof(*copy));
	return select_new(api, copy, n);
}

static struct audience *
select_resolve(struct api *api, struct program *g, char *selector,
    const char **why)
{
	bool *marks = calloc(api->n_peers + 1, sizeof(*marks));
	uint32_t *ids = calloc(api->n_peers + 1, sizeof(*ids));
	size_t i, n = 0;

	if (marks == NULL || ids == NULL)
		err(1, "select");
	*why = NULL;
	if (!select_mark(api, g, selector, marks))
		*why = "malformed neighbor selector";
	for (i = 0; i < api->n_peers; i++)
		if (marks[i])
			ids[n++] = api->peers[i].id;
	free(marks);
	if (*why == NULL && n == 0)
		*why = "no neighbor matches the command";
	if (*why != NULL) {
		free(ids);
		return NULL;
	}
	return select_new(api, ids, n);
}

struct audience *
select_audience(struct api *api, struct program *g, const char *selector,
    size_t len, const char **why)
{
	struct audience *a;
	char *key, *copy;
	size_t i;

	if (g != NULL && g->last_audience != NULL &&
	    g->last_selector_len == len &&
	    memcmp(g->last_selector, selector, len) == 0)
		return g->last_audience;
	if (asprintf(&key, "%u %.*s", g == NULL ? 0 : g->id, (int)len,
	    selector) == -1)
		err(1, "select");
	a = NULL;
	for (i = 0; i < api->n_audiences && a == NULL; i++)
		if (api->audiences[i]->selector != NULL &&
		    strcmp(api->audiences[i]->selector, key) == 0)
			a = api->audiences[i];
	if (a == NULL) {
		copy = strndup(selector, len);
		if (copy == NULL)
			err(1, "select");
		a = select_resolve(api, g, copy, why);
		free(copy);
		if (a == NULL) {
			free(key);
			return NULL;
		}
		a->selector = key;
	} else {
		free(key);
	}
	if (g != NULL) {
		free(g->last_selector);
		g->last_selector = strndup(selector, len);
		g->last_selector_len = len;
		g->last_audience = g->last_selector == NULL ? NULL : a;
	}
	return a;
}

void
select_forget_all(struct api *api)
{
	static const uint8_t none[2];
	struct program *g;
	size_t i;

	for (g = api->programs; g != NULL; g = g->next)
		g->last_audience = NULL;
	for (i = 0; i < api->n_audiences; i++) {
		if (api->rde != NULL)
			chan_send(api->rde, IMSG_AUDIENCE,
			    api->audiences[i]->id, none, sizeof(none));
		free(api->audiences[i]->peers);
		free(api->audiences[i]->selector);
		free(api->audiences[i]);
	}
	free(api->audiences);
	api->audiences = NULL;
	api->n_audiences = 0;
}
