/* SPDX-License-Identifier: ISC */
/*
 * create and delete neighbor: what the program says becomes a request to the
 * parent, which owns the model. The program's next line waits for its word,
 * so that it finds the neighbor there.
 */
#include "api/command.h"

#include "common/chan.h"
#include "common/nlri/nlri.h"

#include <stdlib.h>
#include <string.h>

#define CHANGE_WORD_MAX		256
#define CHANGE_FAMILIES_MAX	NLRI_N_FAMILIES
#define CHANGE_APIS_MAX		64
#define CHANGE_RESTART_MAX	4095	/* seconds, RFC 4724 */

/* The peer that is being described. */
struct change {
	struct command	*command;
	struct conf_peer peer;
	struct conf_family families[CHANGE_FAMILIES_MAX];
	struct conf_api	apis[CHANGE_APIS_MAX];
	char		names[CHANGE_APIS_MAX][CHANGE_WORD_MAX];
	unsigned	seen;		/* bit for each row that was said */
	const char	*value;
};

struct change_row {
	const char	*words[2];	/* spellings */
	const char	*(*read)(struct change *);
	bool		 is_needed;
	bool		 may_repeat;
};

static const char *
change_address(const char *text, struct addr *out)
{
	return addr_parse(text, out) == 0 ? NULL : "invalid IP address";
}

static const char *
change_number(const char *text, uint32_t max, uint32_t *out)
{
	char *end;
	unsigned long long n;

	if (text[0] < '0' || text[0] > '9')
		return "expected a number";
	n = strtoull(text, &end, 10);
	if (*end != '\0' || n > max)
		return "number out of range";
	*out = (uint32_t)n;
	return NULL;
}

static const char *
change_local(struct change *c)
{
	return change_address(c->value, &c->peer.local_address);
}

static const char *
change_local_as(struct change *c)
{
	return change_number(c->value, UINT32_MAX, &c->peer.local_as);
}

static const char *
change_peer_as(struct change *c)
{
	return change_number(c->value, UINT32_MAX, &c->peer.remote_as);
}

static const char *
change_router_id(struct change *c)
{
	struct addr a;

	if (change_address(c->value, &a) != NULL || a.family != ADDR_IPV4)
		return "invalid router-id";
	c->peer.router_id = addr_to_ipv4(&a);
	return NULL;
}

/* "ipv4-unicast". */
static const struct nlri_family *
change_family(const char *text, size_t len)
{
	const struct nlri_family *f;
	size_t afi;
	unsigned id;

	for (id = 0; id < NLRI_N_FAMILIES; id++) {
		f = nlri_by_id(id);
		afi = strcspn(f->name, " ");
		if (strlen(f->name) == len && afi < len &&
		    text[afi] == '-' && memcmp(f->name, text, afi) == 0 &&
		    memcmp(f->name + afi + 1, text + afi + 1,
		    len - afi - 1) == 0)
			return f;
	}
	return NULL;
}

static const char *
change_families(struct change *c)
{
	const struct nlri_family *f;
	const char *at = c->value;
	size_t n;

	if (strcmp(at, "in-open") == 0)
		return NULL;
	for (; *at != '\0'; at += n + (at[n] == '/')) {
		n = strcspn(at, "/");
		f = change_family(at, n);
		if (f == NULL || c->peer.n_families == CHANGE_FAMILIES_MAX)
			return "unknown family, expected as ipv4-unicast";
		c->families[c->peer.n_families++] = (struct conf_family){
			.afi = f->afi, .safi = f->safi, .enforce = CONF_YES,
		};
	}
	return NULL;
}

static const char *
change_graceful_restart(struct change *c)
{
	uint32_t n = 0;
	const char *why = change_number(c->value, CHANGE_RESTART_MAX, &n);

	c->peer.graceful_restart_sec = (uint16_t)n;
	return why;
}

static const char *
change_group_updates(struct change *c)
{
	c->peer.group_updates = strcmp(c->value, "true") == 0;
	return c->peer.group_updates || strcmp(c->value, "false") == 0 ? NULL :
	    "group-updates must be true or false";
}

static const char *
change_api(struct change *c)
{
	size_t n = c->peer.n_apis;

	if (n == CHANGE_APIS_MAX)
		return "too many programs";
	strlcpy(c->names[n], c->value, sizeof(c->names[n]));
	c->apis[n].process = c->names[n];
	c->apis[n].neighbor_changes = true;
	c->peer.n_apis++;
	return NULL;
}

static const struct change_row change_rows[] = {
	{ { "local-address", "local-ip" }, change_local, true, false },
	{ { "local-as", NULL }, change_local_as, true, false },
	{ { "peer-as", NULL }, change_peer_as, true, false },
	{ { "router-id", NULL }, change_router_id, false, false },
	{ { "family-allowed", NULL }, change_families, false, false },
	{ { "graceful-restart", NULL }, change_graceful_restart, false,
	    false },
	{ { "group-updates", NULL }, change_group_updates, false, false },
	{ { "api", NULL }, change_api, false, true },
};

#define CHANGE_N_ROWS	(sizeof(change_rows) / sizeof(change_rows[0]))

static const char *
change_pair(struct change *c, const char *key)
{
	char value[CHANGE_WORD_MAX];
	const struct change_row *row;
	unsigned i;

	for (i = 0; i < CHANGE_N_ROWS; i++) {
		row = &change_rows[i];
		if (strcmp(key, row->words[0]) != 0 && (row->words[1] ==
		    NULL || strcmp(key, row->words[1]) != 0))
			continue;
		if ((c->seen >> i & 1) && !row->may_repeat)
			return "a parameter is said twice";
		if (!command_word(c->command, value, sizeof(value)))
			return "a value is missing";
		c->seen |= 1u << i;
		c->value = value;
		return row->read(c);
	}
	return "unknown parameter";
}

/* A program that names none is to reach what it made. */
static void
change_own_api(struct change *c)
{
	const struct conf_process *own = c->command->program->conf;

	if (c->peer.n_apis != 0 || own == NULL)
		return;
	strlcpy(c->names[0], own->name, sizeof(c->names[0]));
	c->apis[0].process = c->names[0];
	c->peer.n_apis = 1;
}

static const char *
change_read(struct change *c)
{
	char word[CHANGE_WORD_MAX];
	const char *why;
	unsigned i;

	if (!command_word(c->command, word, sizeof(word)))
		return "no neighbor selector";
	if ((why = change_address(word, &c->peer.remote.addr)) != NULL)
		return why;
	c->peer.remote.len_bits =
	    (uint8_t)addr_bits(c->peer.remote.addr.family);
	while (command_word(c->command, word, sizeof(word))) {
		/* Compat: the verb may stand at the end. */
		if (strcmp(word, "create") == 0)
			continue;
		if ((why = change_pair(c, word)) != NULL)
			return why;
	}
	for (i = 0; i < CHANGE_N_ROWS; i++)
		if (change_rows[i].is_needed && (c->seen >> i & 1) == 0)
			return "local-address, local-as and peer-as are "
			    "needed";
	change_own_api(c);
	return NULL;
}

/* Ask the parent; its word ends the wait. */
static const char *
change_ask(struct command *c, enum imsg_type type, struct wr *w)
{
	struct program *g = c->program;

	if (w->err != 0)
		return "the command is too long";
	api_flush_routes(c->api);
	chan_send_wr(c->api->parent, type, API_CHANGE_REQUEST | g->id, w);
	g->wait = WAIT_REPLY;
	g->reply_kind = REPLY_CHANGE;
	return COMMAND_ANSWERED;
}

static const char *
cmd_create(struct command *c)
{
	struct change *change = calloc(1, sizeof(*change));
	const char *why = "out of memory";
	struct wr w;

	if (change == NULL)
		return why;
	change->command = c;
	change->peer.group_updates = true;
	change->peer.families = change->families;
	change->peer.apis = change->apis;
	if (!command_take(c, "neighbor"))
		command_take(c, "peer");
	why = change_read(change);
	if (why == NULL) {
		buf_writer_growing(&w, IMSG_DATA_MAX);
		config_peer_encode(&change->peer, &w, CONFIG_FOR_API);
		why = change_ask(c, IMSG_PEER_CREATE, &w);
		buf_free(&w);
	}
	free(change);
	return why;
}

static const char *
cmd_delete(struct command *c)
{
	struct audience *a;
	const char *why;
	struct wr w;

	if (c->selector == NULL) {
		c->selector = c->rest;
		c->selector_len = c->rest_len;
	}
	if (c->selector_len == 0)
		return "missing neighbor selector";
	if ((a = command_audience(c, &why)) == NULL)
		return why;
	buf_writer_growing(&w, IMSG_DATA_MAX);
	imsg_put_peers(&w, a->peers, a->n_peers);
	why = change_ask(c, IMSG_PEER_DELETE, &w);
	buf_free(&w);
	return why;
}

const struct command_row command_change_rows[] = {
	{ "create", cmd_create, COMMAND_ALONE },
	{ "delete", cmd_delete, COMMAND_ALONE },
	{ "peer create", cmd_create, COMMAND_ALONE },
	{ "peer delete", cmd_delete, COMMAND_ALONE },
};
const size_t command_change_n_rows =
    sizeof(command_change_rows) / sizeof(command_change_rows[0]);
