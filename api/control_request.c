/* SPDX-License-Identifier: ISC */
/*
 * What bgpctl may ask for, a table row each: carried out here or by the
 * engines. See common/control.h.
 */
#include "api/bmp.h"
#include "api/client.h"

#include "api/opevent.h"
#include "common/arena.h"
#include "common/chan.h"
#include "common/control.h"
#include "common/emit.h"
#include "common/route.h"
#include "common/value.h"

#include <string.h>

#define CONTROL_PARENT_MAX	8192	/* bytes of a request to it */

struct control_row {
	const char	*request;
	const char	*key;		/* of rows; NULL: none, or in them */
	bool		 is_read_only;	/* the restricted socket may */
	/* NULL: answered or under way; else why not. */
	const char	*(*handle)(struct control_request *);
};

bool
control_matches(const struct api_peer *p, const char *peer, const char *group)
{
	char text[PREFIX_TEXT_MAX];

	if (group != NULL)
		return p->conf->group != NULL &&
		    strcmp(p->conf->group, group) == 0;
	if (peer == NULL)
		return true;
	if (strcmp(config_peer_is_template(p->conf) ?
	    prefix_print(&p->conf->remote, text, sizeof(text)) :
	    addr_print(&p->conf->remote.addr, text, sizeof(text)), peer) == 0)
		return true;
	return p->conf->descr != NULL && strcmp(p->conf->descr, peer) == 0;
}

/* Ids of the peers meant; n is 0 when all are. */
static const char *
control_peers(struct control_request *r, uint32_t **ids, size_t *n)
{
	struct api *api = r->client->api;
	const char *peer = value_get_string(r->map, "peer", NULL);
	const char *group = value_get_string(r->map, "group", NULL);
	struct addr addr;
	char text[ADDR_TEXT_MAX];
	size_t i;

	*n = 0;
	*ids = arena_alloc(r->arena, (api->n_peers + 1) * sizeof(**ids));
	if (peer == NULL && group == NULL)
		return NULL;
	/* One spelling of an address. */
	if (peer != NULL && addr_parse(peer, &addr) == 0)
		peer = addr_print(&addr, text, sizeof(text));
	for (i = 0; i < api->n_peers; i++)
		if (control_matches(&api->peers[i], peer, group))
			(*ids)[(*n)++] = api->peers[i].id;
	return *n == 0 ? "no such neighbor" : NULL;
}

/* What whoever looks at the neighbors should know of. */
static void
control_note(struct client *c)
{
	struct api *api = c->api;
	int64_t usec;
	struct emit e;
	struct wr w;

	if (!mono_is_set(api->confirm_by))
		return;
	usec = mono_diff_usec(api->confirm_by, loop_now(api->env->loop));
	buf_writer_growing(&w, CONTROL_REPLY_MAX);
	emit_msgpack_init(&e, &w);
	emit_begin_object(&e);
	emit_key(&e, "note");
	emit_format(&e, "the configuration is on trial: the one before is put "
	    "back in %lld s unless it is confirmed (bgpctl reload confirm)",
	    usec <= 0 ? 0LL : (long long)(usec / MONO_USEC_PER_SEC));
	emit_end_object(&e);
	client_send(c, &w);
	buf_free(&w);
}

static const char *
control_neighbors(struct control_request *r)
{
	struct api *api = r->client->api;
	const char *why;
	uint32_t *ids;
	struct wr w;
	size_t n;

	if ((why = control_peers(r, &ids, &n)) != NULL)
		return why;
	if (api->session == NULL)
		return "the session engine is restarting";
	if (value_get_boolean(r->map, "notes", false))
		control_note(r->client);
	buf_writer_growing(&w, IMSG_DATA_MAX);
	imsg_put_peers(&w, ids, n);
	r->client->waits_for = PROC_SESSION;
	chan_send_wr(api->session, IMSG_PEER_STATUS_REQUEST, r->client->id,
	    &w);
	buf_free(&w);
	return NULL;
}

/* Those of ids that are a range's, to the front. Returns how many. */
static size_t
control_keep_clones(struct api *api, uint32_t *ids, size_t n)
{
	size_t i, kept = 0;

	for (i = 0; i < n; i++)
		if (api_peer(api, ids[i])->clone_conf != NULL)
			ids[kept++] = ids[i];
	return kept;
}

static const char *
control_neighbor(struct control_request *r)
{
	static const struct { const char *word; uint8_t action; } rows[] = {
		{ "up", ACTION_UP }, { "down", ACTION_DOWN },
		{ "clear", ACTION_CLEAR }, { "refresh", ACTION_REFRESH },
		{ "destroy", ACTION_DESTROY },
	};
	struct api *api = r->client->api;
	const char *word = value_get_string(r->map, "action", "");
	const char *reason = value_get_string(r->map, "reason", "");
	uint8_t bytes[2 + 256];
	size_t i, n, len = strnlen(reason, 255);
	const char *why;
	uint32_t *ids;

	if (value_get(r->map, "peer") == NULL &&
	    value_get(r->map, "group") == NULL)
		return "no such neighbor";
	if ((why = control_peers(r, &ids, &n)) != NULL)
		return why;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		if (strcmp(rows[i].word, word) == 0)
			break;
	if (i == sizeof(rows) / sizeof(rows[0]))
		return "operation not supported";
	if (api->session == NULL)
		return "the session engine is restarting";
	if (rows[i].action == ACTION_DESTROY &&
	    (n = control_keep_clones(api, ids, n)) == 0)
		return "not a cloned peer";
	bytes[0] = rows[i].action;
	bytes[1] = 0;
	memcpy(bytes + 2, reason, len);
	for (i = 0; i < n; i++) {
		struct api_peer *p = api_peer(api, ids[i]);

		if (bytes[0] == ACTION_REFRESH && p->is_up &&
		    !p->session.negotiated.has_refresh)
			return "neighbor does not have this capability";
		chan_send(api->session, IMSG_PEER_ACTION, ids[i], bytes,
		    2 + len);
	}
	client_end(r->client, "");
	return NULL;
}

/* The request goes to the RDE with the peers as numbers. */
static const char *
control_query(struct control_request *r)
{
	struct client *c = r->client;
	const struct value *m = r->map;
	const char *why;
	uint32_t *ids;
	struct emit e;
	struct wr w;
	size_t i, n;

	if ((why = control_peers(r, &ids, &n)) != NULL)
		return why;
	if (c->api->rde == NULL)
		return "the route decision engine is restarting";
	buf_writer_growing(&w, IMSG_DATA_MAX);
	emit_msgpack_init(&e, &w);
	emit_begin_object(&e);
	for (i = 0; i < m->len; i++) {
		const char *key = value_string(&m->items[2 * i], "");

		if (strcmp(key, "peer") == 0 || strcmp(key, "group") == 0 ||
		    strcmp(key, "peers") == 0 || strcmp(key, "raw") == 0)
			continue;
		emit_key(&e, key);
		value_emit(&m->items[2 * i + 1], &e);
	}
	if (n != 0) {
		emit_key_array(&e, "peers");
		for (i = 0; i < n; i++)
			emit_number(&e, ids[i]);
		emit_end_array(&e);
	}
	emit_end_object(&e);
	c->is_walking = true;
	c->waits_for = PROC_RDE;
	chan_send_wr(c->api->rde, IMSG_RIB_REQUEST, c->id, &w);
	buf_free(&w);
	return NULL;
}

struct control_network {
	struct api	*api;
	uint32_t	 audience;
	struct wr	 w;
};

static int
control_network_add(const struct text_route *t, void *arg)
{
	struct control_network *n = arg;
	struct route route = t->route;

	route.flags |= ROUTE_FROM_NETWORK;
	route_put(&n->w, &route);
	return 0;
}

/*
 * network add|delete: sentences of common/text, one a line. The answer does not
 * wait for the RDE, as OpenBGPD's does not. All before a wrong one are taken.
 */
static const char *
control_network(struct control_request *r)
{
	struct api *api = r->client->api;
	const char *action = value_get_string(r->map, "action", "");
	const char *sentence = value_get_string(r->map, "route", "");
	struct control_network n = { .api = api };
	struct audience *a;
	bool is_delete = strcmp(action, "delete") == 0;
	bool is_flows = strcmp(action, "flush-flows") == 0;
	size_t len;
	uint8_t what;
	int e = 0;

	if (api->rde == NULL)
		return "the route decision engine is restarting";
	if (strcmp(action, "flush") == 0 || is_flows) {
		what = is_flows ? CLEAR_FLOWS : CLEAR_NETWORKS;
		chan_send(api->rde, IMSG_RIB_CLEAR, 0, &what, 1);
		client_end(r->client, "");
		return NULL;
	}
	if (!is_delete && strcmp(action, "add") != 0)
		return "operation not supported";
	buf_writer_growing(&n.w, IMSG_DATA_MAX);
	for (; e == 0 && *sentence != '\0'; sentence += len) {
		len = strcspn(sentence, "\n");
		e = text_route_parse_line(&api->parser, sentence, len,
		    is_delete, control_network_add, &n);
		len += strspn(sentence + len, "\n");
	}
	if (n.w.len == 0) {
		buf_free(&n.w);
		return e != 0 ? api->parser.error : "no route";
	}
	api_flush_routes(api);
	a = select_peers(api, NULL, 0);
	api->n_routes_sent++;
	chan_send_wr(api->rde, IMSG_ROUTE, a->id, &n.w);
	buf_free(&n.w);
	client_end(r->client, e != 0 ? api->parser.error : "");
	return NULL;
}

/* At once, on trial for some seconds, and what ends that. */
static const char *
control_reload(struct control_request *r)
{
	const char *action = value_get_string(r->map, "action", "");
	uint64_t seconds = value_get_number(r->map, "seconds", 0);
	enum imsg_reload what = RELOAD_NOW;

	if (strcmp(action, "confirm") == 0)
		what = RELOAD_CONFIRM;
	else if (strcmp(action, "undo") == 0)
		what = RELOAD_UNDO;
	else if (value_get(r->map, "seconds") != NULL)
		what = RELOAD_TRIAL;
	api_ask_reload(r->client->api, r->client->id, what,
	    seconds > UINT32_MAX ? UINT32_MAX : (uint32_t)seconds,
	    value_get_string(r->map, "reason", ""));
	return NULL;
}

static const char *
control_log(struct control_request *r)
{
	const char *level = value_get_string(r->map, "level", "");
	uint8_t is_verbose = strcmp(level, "verbose") == 0;

	if (!is_verbose && strcmp(level, "brief") != 0)
		return "operation not supported";
	chan_send(r->client->api->parent, IMSG_LOG_VERBOSE, 0, &is_verbose, 1);
	client_end(r->client, "");
	return NULL;
}

static const char *
control_programs(struct control_request *r)
{
	struct program *g;
	struct emit e;
	struct wr w;

	buf_writer_growing(&w, CONTROL_REPLY_MAX);
	for (g = r->client->api->programs; g != NULL; g = g->next) {
		emit_msgpack_init(&e, &w);
		emit_begin_object(&e);
		emit_key_object(&e, "program");
		emit_key_string(&e, "name", g->conf != NULL ?
		    g->conf->name : g->is_cli ? "cli" : "");
		emit_key_number(&e, "pid", (uint64_t)g->pid);
		emit_key_string(&e, "state", g->in_fd == -1 ? "stopped" :
		    "running");
		emit_key_number(&e, "queue", g->output.bytes.len -
		    g->output.sent);
		emit_key_number(&e, "lines", g->n_lines);
		emit_key_number(&e, "errors", g->n_errors);
		emit_key_number(&e, "acks", g->n_acks);
		emit_key_number(&e, "events", g->n_events);
		emit_key_number(&e, "drops", g->n_dropped);
		emit_end_object(&e);
		emit_end_object(&e);
		client_send(r->client, &w);
		buf_reset(&w);
	}
	buf_free(&w);
	client_end(r->client, "");
	return NULL;
}

/* Behind the end of this, lines of a program follow, and their answers. */
static const char *
control_api(struct control_request *r)
{
	struct client *c = r->client;

	if (!cli_take_socket(c->api, c->fd))
		return "too many clients";
	loop_watch_want(&c->watch, LOOP_READ, false);
	client_end(c, "");
	c->is_done = true;
	return NULL;
}

/* Events until the client has enough of them. */
static const char *
control_events(struct control_request *r)
{
	const char *peer = value_get_string(r->map, "peer", NULL);
	char text[ADDR_TEXT_MAX];
	const char *why;
	struct addr addr;
	uint32_t *ids;
	size_t n;

	if ((why = control_peers(r, &ids, &n)) != NULL)
		return why;
	if (peer != NULL && addr_parse(peer, &addr) == 0)
		peer = addr_print(&addr, text, sizeof(text));
	opevent_listen(r->client, peer, value_get_string(r->map, "group", NULL));
	return NULL;
}

static const char *
control_upgrade(struct control_request *r)
{
	chan_send(r->client->api->parent, IMSG_UPGRADE, r->client->id, NULL,
	    0);
	return NULL;
}

static const char *
control_rtrs(struct control_request *r)
{
	struct api *api = r->client->api;

	if (api->session == NULL)
		return "the session engine is restarting";
	r->client->waits_for = PROC_SESSION;
	chan_send(api->session, IMSG_RTR_STATUS_REQUEST, r->client->id, NULL,
	    0);
	return NULL;
}

/* What the parent tells: of the kernel, and of configuration files. */
static const char *
control_parent(struct control_request *r)
{
	struct emit e;
	struct wr w;

	buf_writer_growing(&w, CONTROL_PARENT_MAX);
	emit_msgpack_init(&e, &w);
	value_emit(r->map, &e);
	if (w.err != 0) {
		buf_free(&w);
		return "malformed request";
	}
	chan_send_wr(r->client->api->parent, IMSG_SHOW_REQUEST,
	    r->client->id, &w);
	buf_free(&w);
	return NULL;
}

/* The parent reads the file, the RDE answers. */
static const char *
control_impact(struct control_request *r)
{
	struct client *c = r->client;
	const char *why;

	if (c->api->rde == NULL)
		return "the route decision engine is restarting";
	why = control_parent(r);
	c->is_walking = why == NULL;
	c->waits_for = PROC_RDE;
	return why;
}

/* fib couple, decouple */
static const char *
control_couple(struct control_request *r)
{
	const char *action = value_get_string(r->map, "action", "");
	uint64_t table = value_get_number(r->map, "table", UINT64_MAX);
	uint8_t bytes[5];
	struct wr w;

	if (table == UINT64_MAX)
		table = 0;
	else if (table > UINT32_MAX)
		return "no such table";
	else
		table = config_kernel_table((uint32_t)table);
	buf_writer(&w, bytes, sizeof(bytes));
	buf_put_u8(&w, strcmp(action, "couple") == 0);
	buf_put_u32(&w, (uint32_t)table);
	chan_send(r->client->api->parent, IMSG_KROUTE_COUPLE, r->client->id,
	    w.base, w.len);
	return NULL;
}

static const char *
control_bmp(struct control_request *r)
{
	bmp_show(r->client->api, r->client);
	return NULL;
}

static const struct control_row control_rows[] = {
	{ "api", NULL, false, control_api },
	{ "bmp", NULL, true, control_bmp },
	{ "config-diff", NULL, false, control_parent },
	{ "config-impact", NULL, false, control_impact },
	{ "couple", NULL, false, control_couple },
	{ "events", NULL, false, control_events },
	{ "fib", "kroute", false, control_parent },
	{ "interfaces", "kroute", true, control_parent },
	{ "log", NULL, false, control_log },
	{ "memory", "memory", true, control_query },
	{ "neighbor", NULL, false, control_neighbor },
	{ "neighbors", NULL, true, control_neighbors },
	{ "network", NULL, false, control_network },
	{ "networks", "rib", true, control_query },
	{ "nexthops", "rib", true, control_query },
	{ "programs", NULL, true, control_programs },
	{ "reload", NULL, false, control_reload },
	{ "restart", NULL, false, control_upgrade },
	{ "rib", "rib", true, control_query },
	{ "rtrs", "rtr", true, control_rtrs },
	{ "sets", "rib", true, control_query },
	{ "tables", "kroute", false, control_parent },
	{ "version", "version", true, control_parent },
};

void
control_dispatch(struct control_request *r)
{
	struct client *c = r->client;
	const char *word = value_get_string(r->map, "request", "");
	const char *why = "operation not supported";
	size_t i, n = sizeof(control_rows) / sizeof(control_rows[0]);

	for (i = 0; i < n; i++)
		if (strcmp(control_rows[i].request, word) == 0)
			break;
	c->is_busy = true;
	c->waits_for = PROC_PARENT;
	c->key = NULL;
	if (i < n) {
		c->key = control_rows[i].key;
		if (!control_rows[i].is_read_only && c->is_restricted)
			why = "permission denied";
		else
			why = control_rows[i].handle(r);
		if (!control_rows[i].is_read_only)
			log_info(&c->api->env->log, "control client %u (uid "
			    "%u, pid %d): %s%s%s", c->id, (unsigned)c->uid,
			    (int)c->pid, control_rows[i].request,
			    why == NULL ? "" : ": ", why == NULL ? "" : why);
	}
	if (why != NULL)
		client_end(c, why);
}
