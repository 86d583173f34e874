/* SPDX-License-Identifier: ISC */
/* Commands about neighbors, and about what is in their tables. */
#include "api/command.h"

#include "common/bgp.h"
#include "common/chan.h"
#include "common/emit.h"
#include "common/nlri/nlri.h"

#include <stdlib.h>
#include <string.h>

static uint32_t
cmd_peer_request(const struct command *c)
{
	return API_PROGRAM_REQUEST | c->program->id;
}

/* The answer comes in pieces: the program's next line waits for its end. */
static const char *
cmd_peer_await(struct command *c, enum reply_kind kind)
{
	c->program->wait = WAIT_REPLY;
	c->program->reply_kind = kind;
	c->program->is_json_reply = c->is_json;
	c->program->n_reply = 0;
	return COMMAND_ANSWERED;
}

static void
cmd_show_configuration(struct command *c, const struct audience *a)
{
	struct wr w;
	size_t i;

	buf_writer_growing(&w, PROGRAM_QUEUE_MAX);
	for (i = 0; i < a->n_peers; i++)
		show_neighbor_configuration(api_peer(c->api,
		    a->peers[i])->conf, &w);
	if (w.err == 0)
		program_tell(c->program, w.base, w.len);
	buf_free(&w);
}

static const char *
cmd_show_neighbor(struct command *c)
{
	struct audience *a;
	const char *why;
	char word[ADDR_TEXT_MAX], form = '\0';
	struct wr w;

	while (command_word(c, word, sizeof(word))) {
		if (strcmp(word, "summary") == 0 ||
		    strcmp(word, "extensive") == 0 ||
		    strcmp(word, "configuration") == 0) {
			form = word[0];
			continue;
		}
		c->selector = c->rest - strlen(word);
		c->selector_len = strlen(word);
	}
	/* Compat: in text a form is to be named, as ExaBGP wants it. */
	if (form == '\0' && !c->is_json) {
		program_print(c->program, "please specify summary, extensive "
		    "or configuration\nyou can filter by peer ip address "
		    "adding it after the word neighbor\n");
		return NULL;
	}
	if ((a = command_audience(c, &why)) == NULL)
		return why;
	if (form == 'c' && !c->is_json) {
		cmd_show_configuration(c, a);
		return NULL;
	}
	if (c->api->session == NULL)
		return "the session engine is restarting";
	c->program->is_extensive = form == 'e';
	buf_writer_growing(&w, IMSG_DATA_MAX);
	imsg_put_peers(&w, a->peers, a->n_peers);
	chan_send_wr(c->api->session, IMSG_PEER_STATUS_REQUEST,
	    cmd_peer_request(c), &w);
	buf_free(&w);
	cmd_peer_await(c, REPLY_NEIGHBOR);
	if (!c->is_json && form != 'e')
		program_print(c->program, "%-15s %-9s %-19s | %9s %10s\n",
		    "Peer", "AS", "up/down state", "#sent", "#recvd");
	return COMMAND_ANSWERED;
}

static char *
cmd_peer_address(const struct conf_peer *c, char *text, size_t len)
{
	return config_peer_is_template(c) ?
	    prefix_print(&c->remote, text, len) :
	    addr_print(&c->remote.addr, text, len);
}

static const char *
cmd_peer_list(struct command *c)
{
	char text[PREFIX_TEXT_MAX];
	size_t i;

	for (i = 0; i < c->api->n_peers; i++)
		if (api_program_sees(c->program, &c->api->peers[i]))
			program_print(c->program, c->is_json ? "\"%s\"\n" :
			    "%s\n", cmd_peer_address(c->api->peers[i].conf,
			    text, sizeof(text)));
	return NULL;
}

static const char *
cmd_teardown(struct command *c)
{
	struct audience *a;
	const char *why;
	char word[8], *end;
	unsigned long code;
	uint8_t bytes[2] = { ACTION_TEARDOWN };
	bool is_any = false;
	size_t i;

	if (!command_word(c, word, sizeof(word)))
		return "expected a Cease subcode";
	code = strtoul(word, &end, 10);
	if (*end != '\0' || word[0] < '0' || word[0] > '9' || code > 255)
		return "expected a Cease subcode, 0..255";
	if ((a = command_audience(c, &why)) == NULL)
		return why;
	bytes[1] = (uint8_t)code;
	for (i = 0; i < a->n_peers && c->api->session != NULL; i++) {
		if (!api_peer(c->api, a->peers[i])->is_up)
			continue;
		is_any = true;
		chan_send(c->api->session, IMSG_PEER_ACTION, a->peers[i],
		    bytes, sizeof(bytes));
	}
	return is_any ? NULL : "no session is established";
}

/* Families that a word leaves of the mask; false: the word means none. */
bool
rib_family_word(struct program *g, const char *word)
{
	const struct nlri_family *f;
	uint32_t mask = 0;
	const char *safi;
	size_t n = strlen(word);
	unsigned id;

	for (id = 0; id < NLRI_N_FAMILIES; id++) {
		f = nlri_by_id(id);
		safi = strchr(f->name, ' ');
		if ((strncmp(f->name, word, n) == 0 && f->name[n] == ' ') ||
		    (safi != NULL && strcmp(safi + 1, word) == 0) ||
		    (strcmp(word, "inet") == 0 && f->is_prefix) ||
		    (strcmp(word, "flow") == 0 && safi != NULL &&
		    strncmp(safi + 1, "flow", 4) == 0))
			mask |= UINT32_C(1) << id;
	}
	g->family_mask &= mask;
	return mask != 0;
}

/* [extensive|inet|flow|l2vpn|FAMILY]... [NEIGHBOR] */
static const char *
rib_words(struct command *c)
{
	char word[ADDR_TEXT_MAX];
	struct addr a;

	while (c->rest_len != 0) {
		if (!command_word(c, word, sizeof(word)))
			return "expected a family or a neighbor";
		if (strcmp(word, "extensive") == 0)
			c->program->is_extensive = true;
		if (strcmp(word, "extensive") == 0 ||
		    rib_family_word(c->program, word))
			continue;
		if (addr_parse(word, &a) != 0)
			return "expected a family or a neighbor";
		c->selector = c->rest - strlen(word);
		c->selector_len = strlen(word);
	}
	return NULL;
}

/* The query as the RDE takes it: a map. */
const char *
rib_show(struct command *c, enum reply_kind kind, bool is_out)
{
	struct audience *a;
	const char *why;
	struct emit e;
	struct wr w;
	size_t i;

	if ((why = rib_words(c)) != NULL)
		return why;
	if ((a = command_audience(c, &why)) == NULL)
		return why;
	if (c->api->rde == NULL)
		return "the route decision engine is restarting";
	api_flush_routes(c->api);
	buf_writer_growing(&w, IMSG_DATA_MAX);
	emit_msgpack_init(&e, &w);
	emit_begin_object(&e);
	emit_key_string(&e, "direction", is_out ? "out" : "in");
	emit_key_boolean(&e, "raw", true);
	emit_key_array(&e, "peers");
	for (i = 0; i < a->n_peers; i++)
		emit_number(&e, a->peers[i]);
	emit_end_array(&e);
	emit_end_object(&e);
	chan_send_wr(c->api->rde, IMSG_RIB_REQUEST, cmd_peer_request(c), &w);
	buf_free(&w);
	if (c->program->is_behind)
		chan_send(c->api->rde, IMSG_RIB_XOFF, cmd_peer_request(c),
		    NULL, 0);
	return cmd_peer_await(c, kind);
}

static const char *
cmd_show_rib(struct command *c, bool is_out)
{
	c->program->family_mask = UINT32_MAX;
	c->program->is_extensive = false;
	return rib_show(c, REPLY_RIB, is_out);
}

static const char *
cmd_show_in(struct command *c)
{
	return cmd_show_rib(c, false);
}

static const char *
cmd_show_out(struct command *c)
{
	return cmd_show_rib(c, true);
}

const struct command_row command_peer_rows[] = {
	{ "peer list", cmd_peer_list, COMMAND_ALONE },
	{ "peer show", cmd_show_neighbor, COMMAND_ALONE },
	{ "rib show in", cmd_show_in, COMMAND_ALONE },
	{ "rib show out", cmd_show_out, COMMAND_ALONE },
	{ "show", cmd_show_neighbor, COMMAND_ALONE },
	{ "show adj-rib in", cmd_show_in, COMMAND_ALONE },
	{ "show adj-rib out", cmd_show_out, COMMAND_ALONE },
	{ "show neighbor", cmd_show_neighbor, COMMAND_ALONE },
	{ "show neighbors", cmd_show_neighbor, COMMAND_ALONE },
	{ "teardown", cmd_teardown, COMMAND_ALONE },
};
const size_t command_peer_n_rows =
    sizeof(command_peer_rows) / sizeof(command_peer_rows[0]);
