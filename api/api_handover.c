/* SPDX-License-Identifier: ISC */
/*
 * Giving the programs' pipes to a broker that takes our place, and taking
 * them, so that programs go on as if nothing had been. id: the program;
 * data: kind 1, then
 *   STDIN, STDOUT: a MessagePack map of what the program asked for (STDIN
 *     only), with the descriptor
 *   INPUT: lines that were read and not carried out
 *   OUTPUT: what it has still to read
 */
#include "api/bmp.h"
#include "api/engine.h"

#include "common/arena.h"
#include "common/chan.h"
#include "common/emit.h"
#include "common/env.h"
#include "common/value.h"

#include <unistd.h>

#define HANDOVER_STDIN	1
#define HANDOVER_STDOUT	2
#define HANDOVER_INPUT	3
#define HANDOVER_OUTPUT	4

static void
emit_program(struct emit *e, const struct program *g)
{
	emit_begin_object(e);
	emit_key_number(e, "pid", (uint64_t)g->pid);
	emit_key_boolean(e, "ack", g->has_ack);
	emit_key_boolean(e, "sync", g->is_sync);
	emit_key_number(e, "version", g->version);
	emit_key_number(e, "lines", g->n_lines);
	emit_key_number(e, "errors", g->n_errors);
	emit_key_number(e, "acks", g->n_acks);
	emit_key_number(e, "events", g->n_events);
	emit_key_number(e, "drops", g->n_dropped);
	emit_end_object(e);
}

static void
give_program(struct api *api, struct program *g)
{
	struct emit e;
	struct wr w;

	if (g->is_cli || g->in_fd == -1 || g->out_fd == -1)
		return;
	buf_writer_growing(&w, IMSG_DATA_MAX);
	buf_put_u8(&w, HANDOVER_STDIN);
	emit_msgpack_init(&e, &w);
	emit_program(&e, g);
	program_stop_io(g);
	chan_send_fd(api->parent, IMSG_STATE_FD, g->id, w.base, w.len,
	    g->in_fd);
	buf_reset(&w);
	buf_put_u8(&w, HANDOVER_STDOUT);
	chan_send_fd(api->parent, IMSG_STATE_FD, g->id, w.base, w.len,
	    g->out_fd);
	buf_free(&w);
	g->in_fd = g->out_fd = -1;
	chan_send_state(api->parent, g->id, HANDOVER_INPUT,
	    g->input.base + g->input_pos, g->input.len - g->input_pos);
	chan_send_state(api->parent, g->id, HANDOVER_OUTPUT,
	    g->output.bytes.base + g->output.sent,
	    g->output.bytes.len - g->output.sent);
}

void
api_handover_check(struct api *api)
{
	struct program *g;

	if (!api->is_handing_over || api->is_given ||
	    (api->session != NULL && !api->is_session_quiet) ||
	    (api->rde != NULL && api->n_routes_done < api->n_routes_sent))
		return;
	api->is_given = true;
	if (api->rde != NULL)
		chan_send(api->rde, IMSG_QUIESCE, 0, NULL, 0);
	bmp_stop(api);
	for (g = api->programs; g != NULL; g = g->next)
		give_program(api, g);
	chan_send(api->parent, IMSG_STOPPED, 0, NULL, 0);
}

void
api_handover_begin(struct api *api)
{
	api->is_handing_over = true;
	/* Answers under way end with the engines that gave them. */
	control_lose(api, PROC_SESSION);
	control_lose(api, PROC_RDE);
	reply_lose(api, REPLY_RIB);
	reply_lose(api, REPLY_NEIGHBOR);
	/* What is written to neighbors is no longer told of. */
	ack_sync_done(api, 0);
	control_free(api);
	cli_free(api);
	api_flush_routes(api);
	api_handover_check(api);
}

/*
 * Taking.
 */
static void
take_program(struct program *g, const struct value *v)
{
	g->has_ack = value_get_boolean(v, "ack", g->has_ack);
	g->is_sync = value_get_boolean(v, "sync", false);
	g->version = value_get_number(v, "version", g->version) == 4 ? 4 : 6;
	g->n_lines = value_get_number(v, "lines", 0);
	g->n_errors = value_get_number(v, "errors", 0);
	g->n_acks = value_get_number(v, "acks", 0);
	g->n_events = value_get_number(v, "events", 0);
	g->n_dropped = value_get_number(v, "drops", 0);
}

static void
take_stdin(struct program *g, struct imsg *m)
{
	struct arena *arena = arena_new(4096);
	const struct value *v = value_parse(arena, m->data + 1, m->len - 1);

	program_set_stdin(g, m->fd, (pid_t)value_get_number(v, "pid", 0));
	m->fd = -1;
	take_program(g, v);
	arena_free(arena);
}

void
api_handover_restore(struct api *api, struct imsg *m)
{
	struct program *g = program_get(api, m->id, true);

	if (g == NULL)
		return;
	if (m->data[0] == HANDOVER_STDIN && m->fd != -1) {
		take_stdin(g, m);
	} else if (m->data[0] == HANDOVER_STDOUT && m->fd != -1) {
		program_set_stdout(g, m->fd, g->pid);
		m->fd = -1;
	} else if (m->data[0] == HANDOVER_INPUT) {
		program_put_input(g, m->data + 1, m->len - 1);
	} else if (m->data[0] == HANDOVER_OUTPUT) {
		program_write(g, m->data + 1, m->len - 1);
	}
}
