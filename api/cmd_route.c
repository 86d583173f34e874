/* SPDX-License-Identifier: ISC */
/* announce and withdraw, and what else is sent to peers. */
#include "api/command.h"

#include "common/bgp.h"
#include "common/chan.h"
#include "common/err.h"
#include "common/nlri/nlri.h"
#include "common/wire/message.h"

#include <string.h>

static int
cmd_route_add(const struct text_route *t, void *arg)
{
	struct command *c = arg;

	api_add_route(c->api, c->audience, &t->route);
	c->n_routes++;
	return 0;
}

/* The sentence with the attributes that its group shares behind it. */
static int
cmd_route_parse_shared(struct command *c, const char *shared,
    bool is_withdraw)
{
	struct wr w;
	int e;

	buf_writer_growing(&w, 2 * PROGRAM_LINE_MAX);
	buf_put_bytes(&w, c->rest, c->rest_len);
	buf_put_text(&w, " ");
	buf_put_text(&w, shared);
	e = w.err != 0 ? w.err : text_route_parse_line(&c->api->parser,
	    (const char *)w.base, w.len, is_withdraw, cmd_route_add, c);
	buf_free(&w);
	return e;
}

static const char *
cmd_route_parse(struct command *c, bool is_withdraw)
{
	const char *why = NULL, *shared = group_shared(c->program);
	struct api *api = c->api;
	int e;

	if (command_audience(c, &why) == NULL)
		return why;
	if (api->rde == NULL)
		return "the route decision engine is restarting";
	e = shared != NULL ? cmd_route_parse_shared(c, shared, is_withdraw) :
	    text_route_parse_line(&api->parser, c->rest, c->rest_len,
	    is_withdraw, cmd_route_add, c);
	if (e != 0)
		return api->parser.error;
	if (group_is_running(c->program))
		group_count(c->program, is_withdraw, c->n_routes);
	return NULL;
}

static const char *
cmd_announce(struct command *c)
{
	return cmd_route_parse(c, false);
}

static const char *
cmd_withdraw(struct command *c)
{
	return cmd_route_parse(c, true);
}

/* The family named by rest, ipv4 unicast if none is. */
static const char *
cmd_route_family(struct command *c, const struct nlri_family **family)
{
	struct words w;

	*family = nlri_by_id(NLRI_IPV4_UNICAST);
	if (c->rest_len == 0)
		return NULL;
	words_init(&w, c->rest, c->rest_len, false);
	*family = text_route_family(&w);
	if (*family == NULL || !words_at_end(&w))
		return "expected a family, as \"ipv4 unicast\"";
	return NULL;
}

/* Whether a session is up that may be sent this type of message. */
static bool
cmd_route_may_hear(const struct api_peer *p, uint8_t type)
{
	const struct open_negotiated *n = &p->session.negotiated;

	if (!p->is_up)
		return false;
	return type == BGP_OPERATIONAL ? n->has_operational :
	    type != BGP_ROUTE_REFRESH || n->has_refresh;
}

static bool
cmd_route_is_any_up(struct command *c, const struct audience *a)
{
	size_t i;

	for (i = 0; i < a->n_peers; i++)
		if (api_peer(c->api, a->peers[i])->is_up)
			return true;
	return false;
}

static const char *
cmd_announce_eor(struct command *c)
{
	const struct nlri_family *family;
	struct audience *a;
	const char *why;
	uint8_t bytes[3];
	struct wr w;

	if ((why = cmd_route_family(c, &family)) != NULL)
		return why;
	if ((a = command_audience(c, &why)) == NULL)
		return why;
	if (!cmd_route_is_any_up(c, a) || c->api->rde == NULL)
		return "no session is established";
	api_flush_routes(c->api);
	buf_writer(&w, bytes, sizeof(bytes));
	buf_put_u16(&w, family->afi);
	buf_put_u8(&w, family->safi);
	chan_send(c->api->rde, IMSG_EOR, a->id, bytes, sizeof(bytes));
	return NULL;
}

/* Send a whole message to the peers that are up and speak its type. */
static const char *
cmd_route_send(struct command *c, uint8_t type, const struct wr *message)
{
	struct audience *a;
	const char *why;
	size_t i, n = 0;

	if ((a = command_audience(c, &why)) == NULL)
		return why;
	if (!cmd_route_is_any_up(c, a) || c->api->session == NULL)
		return "no session is established";
	for (i = 0; i < a->n_peers; i++) {
		if (!cmd_route_may_hear(api_peer(c->api, a->peers[i]), type))
			continue;
		chan_send(c->api->session, IMSG_SEND, a->peers[i],
		    message->base, message->len);
		n++;
	}
	return n != 0 ? NULL : "no session has this capability";
}

static const char *
cmd_announce_refresh(struct command *c)
{
	const struct nlri_family *family;
	uint8_t bytes[BGP_HEADER_LEN + 4];
	const char *why;
	struct wr w;

	if (c->rest_len == 0)
		return "expected a family, as \"ipv4 unicast\"";
	if ((why = cmd_route_family(c, &family)) != NULL)
		return why;
	buf_writer(&w, bytes, sizeof(bytes));
	message_put_refresh(&w, family->afi, REFRESH_REQUEST, family->safi);
	return cmd_route_send(c, BGP_ROUTE_REFRESH, &w);
}

static const char *
cmd_announce_operational(struct command *c)
{
	struct words words;
	const char *why;
	struct wr w;

	buf_writer_growing(&w, BGP_MESSAGE_MAX_EXTENDED);
	words_init(&words, c->rest, c->rest_len, false);
	if (text_operational_parse(&c->api->parser, &words, &w) != 0)
		why = c->api->parser.error;
	else
		why = cmd_route_send(c, BGP_OPERATIONAL, &w);
	buf_free(&w);
	return why;
}

static const char *
cmd_watchdog(struct command *c, bool is_withdraw)
{
	uint8_t bytes[1 + 256];
	struct audience *a;
	const char *why, *name = c->rest;
	size_t len = c->rest_len;

	if ((a = command_audience(c, &why)) == NULL)
		return why;
	if (len == 0 && c->program->conf != NULL) {
		name = c->program->conf->name;
		len = strlen(name);
	}
	if (len == 0 || len > 255 || c->api->rde == NULL)
		return "expected the name of a watchdog";
	api_flush_routes(c->api);
	bytes[0] = is_withdraw;
	memcpy(bytes + 1, name, len);
	chan_send(c->api->rde, IMSG_WATCHDOG, a->id, bytes, len + 1);
	return NULL;
}

static const char *
cmd_announce_watchdog(struct command *c)
{
	return cmd_watchdog(c, false);
}

static const char *
cmd_withdraw_watchdog(struct command *c)
{
	return cmd_watchdog(c, true);
}

static const char *
cmd_flush_out(struct command *c)
{
	struct audience *a;
	const char *why;

	if ((a = command_audience(c, &why)) == NULL)
		return why;
	if (c->api->rde == NULL)
		return "the route decision engine is restarting";
	api_flush_routes(c->api);
	chan_send(c->api->rde, IMSG_RIB_FLUSH, a->id, NULL, 0);
	return NULL;
}

static const char *
cmd_clear(struct command *c, uint8_t what)
{
	struct audience *a;
	const char *why;

	if ((a = command_audience(c, &why)) == NULL)
		return why;
	if (c->api->rde == NULL)
		return "the route decision engine is restarting";
	api_flush_routes(c->api);
	chan_send(c->api->rde, IMSG_RIB_CLEAR, a->id, &what, 1);
	return NULL;
}

static const char *
cmd_clear_in(struct command *c)
{
	return cmd_clear(c, CLEAR_IN);
}

static const char *
cmd_clear_out(struct command *c)
{
	return cmd_clear(c, CLEAR_OUT);
}

const struct command_row command_route_rows[] = {
	{ "announce", cmd_announce, COMMAND_GROUPED },
	{ "announce eor", cmd_announce_eor, COMMAND_GROUPED },
	{ "announce operational", cmd_announce_operational, COMMAND_GROUPED },
	{ "announce route-refresh", cmd_announce_refresh, COMMAND_GROUPED },
	{ "announce watchdog", cmd_announce_watchdog, COMMAND_GROUPED },
	{ "clear adj-rib in", cmd_clear_in, COMMAND_ROUTES },
	{ "clear adj-rib out", cmd_clear_out, COMMAND_ROUTES },
	{ "flush adj-rib out", cmd_flush_out, COMMAND_ROUTES },
	{ "rib clear in", cmd_clear_in, COMMAND_ROUTES },
	{ "rib clear out", cmd_clear_out, COMMAND_ROUTES },
	{ "rib flush out", cmd_flush_out, COMMAND_ROUTES },
	{ "withdraw", cmd_withdraw, COMMAND_GROUPED },
	{ "withdraw watchdog", cmd_withdraw_watchdog, COMMAND_GROUPED },
};
const size_t command_route_n_rows =
    sizeof(command_route_rows) / sizeof(command_route_rows[0]);
