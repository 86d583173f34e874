/* SPDX-License-Identifier: ISC */
/* Commands about the daemon and about the program's own session. */
#include "api/command.h"

#include "common/chan.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

static void
cmd_say(struct command *c, const char *text)
{
	program_print(c->program, "%s\n", text);
}

static const char *
cmd_shutdown(struct command *c)
{
	cmd_say(c, "shutdown in progress");
	chan_send(c->api->parent, IMSG_SHUTDOWN, 0, NULL, 0);
	return NULL;
}

static const char *
cmd_reload(struct command *c)
{
	cmd_say(c, "reload in progress");
	api_ask_reload(c->api, API_PROGRAM_REQUEST | c->program->id,
	    RELOAD_NOW, 0, "");
	return NULL;
}

static const char *
cmd_restart(struct command *c)
{
	cmd_say(c, "restart in progress");
	chan_send(c->api->parent, IMSG_RESTART, 0, NULL, 0);
	return NULL;
}

static const char *
cmd_version(struct command *c)
{
	if (c->program->version >= 6)
		program_print(c->program, "{\"version\": \"%s\", "
		    "\"application\": \"exabgp\"}\n", BGPD_VERSION);
	else
		program_print(c->program, "exabgp %s\n", BGPD_VERSION);
	return NULL;
}

static const char *
cmd_help(struct command *c)
{
	static const struct {
		const struct command_row *rows;
		const size_t *n;
	} tables[] = {
		{ command_daemon_rows, &command_daemon_n_rows },
		{ command_change_rows, &command_change_n_rows },
		{ command_group_rows, &command_group_n_rows },
		{ command_peer_rows, &command_peer_n_rows },
		{ command_route_rows, &command_route_n_rows },
		{ command_routes_rows, &command_routes_n_rows },
	};
	size_t t, i;

	for (t = 0; t < sizeof(tables) / sizeof(tables[0]); t++)
		for (i = 0; i < *tables[t].n; i++)
			/* Set in: a bare "shutdown" would end an answer. */
			program_print(c->program, "  %s\n",
			    tables[t].rows[i].words);
	return NULL;
}

static const char *
cmd_status(struct command *c)
{
	struct api *api = c->api;
	long long uptime = (long long)mono_diff_sec(loop_now(api->env->loop),
	    api->started);
	long long now = api->env->wall_usec(api->env) / 1000000;

	if (c->is_json)
		program_print(c->program, "{\"version\": \"%s\", \"pid\": %d, "
		    "\"uptime\": %lld, \"start_time\": %lld, \"peers\": %zu}\n",
		    BGPD_VERSION, (int)getppid(), uptime, now - uptime,
		    api->n_peers);
	else
		program_print(c->program, "version %s pid %d uptime %lld "
		    "start_time %lld peers %zu\n", BGPD_VERSION,
		    (int)getppid(), uptime, now - uptime, api->n_peers);
	return NULL;
}

static const char *
cmd_queue_status(struct command *c)
{
	const struct program *g = c->program;

	program_print(c->program, c->is_json ?
	    "{\"queue\": %zu, \"dropped\": %llu, \"unacked\": %zu, "
	    "\"latest\": %zu, \"coalesced\": %llu}\n" :
	    "queue %zu dropped %llu unacked %zu latest %zu coalesced %llu\n",
	    program_queued(g), (unsigned long long)g->n_dropped,
	    g->n_unacked, latest_count(g),
	    (unsigned long long)g->n_coalesced);
	return NULL;
}

static const char *
cmd_ack_enable(struct command *c)
{
	c->program->has_ack = true;
	return NULL;
}

static const char *
cmd_ack_disable(struct command *c)
{
	program_ack(c->program);
	c->program->has_ack = false;
	return COMMAND_ANSWERED;
}

static const char *
cmd_ack_silence(struct command *c)
{
	c->program->has_ack = false;
	return COMMAND_ANSWERED;
}

static const char *
cmd_sync_enable(struct command *c)
{
	c->program->is_sync = true;
	return NULL;
}

static const char *
cmd_sync_disable(struct command *c)
{
	c->program->is_sync = false;
	return NULL;
}

static const char *
cmd_nothing(struct command *c)
{
	(void)c;
	return NULL;
}

/* ping [UUID START]: the CLI asks whether it is the active client. */
static const char *
cmd_ping(struct command *c)
{
	char uuid[64] = "";

	command_word(c, uuid, sizeof(uuid));
	if (c->program->version >= 6)
		program_print(c->program, "{\"pong\": \"%s\", "
		    "\"active\": true}\n", uuid);
	else
		program_print(c->program, "pong %s\n", uuid);
	return NULL;
}

static const char *
cmd_api_version(struct command *c)
{
	if (command_take(c, "4"))
		c->program->version = 4;
	else if (command_take(c, "6"))
		c->program->version = 6;
	else if (c->rest_len != 0)
		return "expected 4 or 6";
	program_print(c->program, "api version %u\n", c->program->version);
	return NULL;
}

static const char *
cmd_crash(struct command *c)
{
	(void)c;
	return "not here: nobody's command ends the daemon";
}

const struct command_row command_daemon_rows[] = {
	{ "api version", cmd_api_version, COMMAND_ALONE },
	{ "bye", cmd_nothing, COMMAND_ALONE },
	{ "crash", cmd_crash, COMMAND_ALONE },
	{ "daemon reload", cmd_reload, COMMAND_ALONE },
	{ "daemon restart", cmd_restart, COMMAND_ALONE },
	{ "daemon shutdown", cmd_shutdown, COMMAND_ALONE },
	{ "daemon status", cmd_status, COMMAND_ALONE },
	{ "disable-ack", cmd_ack_disable, COMMAND_ALONE },
	{ "disable-sync", cmd_sync_disable, COMMAND_ALONE },
	{ "enable-ack", cmd_ack_enable, COMMAND_ALONE },
	{ "enable-sync", cmd_sync_enable, COMMAND_ALONE },
	{ "help", cmd_help, COMMAND_ALONE },
	{ "ping", cmd_ping, COMMAND_ALONE },
	{ "queue-status", cmd_queue_status, COMMAND_ALONE },
	{ "reload", cmd_reload, COMMAND_ALONE },
	{ "reset", cmd_nothing, COMMAND_ALONE },
	{ "restart", cmd_restart, COMMAND_ALONE },
	{ "session ack disable", cmd_ack_disable, COMMAND_ALONE },
	{ "session ack enable", cmd_ack_enable, COMMAND_ALONE },
	{ "session ack silence", cmd_ack_silence, COMMAND_ALONE },
	{ "session bye", cmd_nothing, COMMAND_ALONE },
	{ "session ping", cmd_ping, COMMAND_ALONE },
	{ "session reset", cmd_nothing, COMMAND_ALONE },
	{ "session sync disable", cmd_sync_disable, COMMAND_ALONE },
	{ "session sync enable", cmd_sync_enable, COMMAND_ALONE },
	{ "shutdown", cmd_shutdown, COMMAND_ALONE },
	{ "silence-ack", cmd_ack_silence, COMMAND_ALONE },
	{ "status", cmd_status, COMMAND_ALONE },
	{ "system api version", cmd_api_version, COMMAND_ALONE },
	{ "system crash", cmd_crash, COMMAND_ALONE },
	{ "system help", cmd_help, COMMAND_ALONE },
	{ "system queue-status", cmd_queue_status, COMMAND_ALONE },
	{ "system version", cmd_version, COMMAND_ALONE },
	{ "version", cmd_version, COMMAND_ALONE },
};
const size_t command_daemon_n_rows =
    sizeof(command_daemon_rows) / sizeof(command_daemon_rows[0]);
