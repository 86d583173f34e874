/* SPDX-License-Identifier: ISC */
/*
 * Programs' pipes: lines in, answers and events out. Nothing here waits for
 * a program: what it does not read is queued up to a limit and then dropped
 * with a counter; what it writes is read as fast as it can be carried out.
 */
#include "api/engine.h"

#include "common/arena.h"
#include "common/chan.h"
#include "common/emit.h"
#include "common/err.h"
#include "common/value.h"

#include <err.h>
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static void	program_on_readable(int, void *);
static void	program_on_writable(int, void *);
static void	program_on_task(void *);

static const struct conf_process *
program_find_conf(const struct api *api, uint32_t id)
{
	size_t i;

	for (i = 0; api->config != NULL && i < api->config->n_processes; i++)
		if (api->config->processes[i].id == id)
			return &api->config->processes[i];
	return NULL;
}

static const char *
program_name(const struct program *g)
{
	return g->conf != NULL ? g->conf->name : g->is_cli ? "cli" : "?";
}

static void
program_reset(struct program *g)
{
	const struct conf_environment *e = &g->api->config->environment;

	g->has_ack = e->api_ack;
	g->version = e->api_version;
	if (g->conf != NULL && g->conf->version != 0)
		g->version = g->conf->version;
	g->is_sync = false;
	g->is_eof = g->is_gone = false;
	g->is_packed = false;
	group_free(g);
	latest_free(g);
	ack_forget(g);
	g->is_behind = false;
	throttle_set(g, false);
	g->wait = WAIT_NOTHING;
	g->routes_audience = 0;
	buf_reset(&g->routes);
	buf_reset(&g->input);
	g->input_pos = 0;
	buf_reset(&g->output.bytes);
	g->output.sent = 0;
}

struct program *
program_get(struct api *api, uint32_t id, bool is_new)
{
	struct program *g;

	for (g = api->programs; g != NULL; g = g->next)
		if (g->id == id)
			return g;
	if (!is_new || api->config == NULL)
		return NULL;
	g = calloc(1, sizeof(*g));
	if (g == NULL)
		err(1, "program");
	g->api = api;
	g->id = id;
	g->in_fd = g->out_fd = -1;
	g->conf = program_find_conf(api, id);
	buf_writer_growing(&g->input, PROGRAM_LINE_MAX + PROGRAM_READ_BYTES);
	/* What has been written may stand before as much that has not. */
	buf_writer_growing(&g->output.bytes, 2 * (size_t)PROGRAM_ANSWERS_MAX);
	buf_writer_growing(&g->routes, 4 * PROGRAM_LINE_MAX);
	loop_task_init(&g->task, api->env->loop, program_on_task, g);
	g->next = api->programs;
	api->programs = g;
	return g;
}

static void
program_close(struct program *g, int *fd, struct loop_watch *watch)
{
	(void)g;
	if (*fd == -1)
		return;
	loop_watch_fini(watch);
	close(*fd);
	*fd = -1;
}

void
program_set_stdin(struct program *g, int fd, pid_t pid)
{
	program_close(g, &g->in_fd, &g->in_watch);
	program_close(g, &g->out_fd, &g->out_watch);
	program_reset(g);
	g->pid = pid;
	g->in_fd = fd;
	loop_watch_init(&g->in_watch, g->api->env->loop, fd,
	    program_on_writable, g);
}

void
program_set_stdout(struct program *g, int fd, pid_t pid)
{
	program_close(g, &g->out_fd, &g->out_watch);
	g->pid = pid;
	g->out_fd = fd;
	loop_watch_init(&g->out_watch, g->api->env->loop, fd,
	    program_on_readable, g);
	loop_watch_set(&g->out_watch, LOOP_READ);
}

void
program_stop_io(struct program *g)
{
	loop_watch_fini(&g->in_watch);
	loop_watch_fini(&g->out_watch);
	loop_task_cancel(&g->task);
}

void
program_put_input(struct program *g, const void *bytes, size_t len)
{
	buf_put_bytes(&g->input, bytes, len);
	loop_task_schedule(&g->task);
}

void
program_on_exit(struct program *g)
{
	/* What it wrote before it ended still counts. */
	if (g->out_fd != -1)
		program_on_readable(LOOP_READ, g);
	program_close(g, &g->in_fd, &g->in_watch);
	latest_free(g);
	throttle_set(g, false);
	if (g->is_eof || g->out_fd == -1)
		program_close(g, &g->out_fd, &g->out_watch);
	g->pid = 0;
}

void
program_apply_conf(struct api *api)
{
	struct program *g;

	for (g = api->programs; g != NULL; g = g->next)
		g->conf = program_find_conf(api, g->id);
	throttle_update(api);
}

static void
program_free(struct program *g)
{
	struct program **link;

	for (link = &g->api->programs; *link != g; link = &(*link)->next)
		continue;
	*link = g->next;
	if (g->wait == WAIT_REPLY && g->api->rde != NULL)
		chan_send(g->api->rde, IMSG_RIB_CANCEL,
		    API_PROGRAM_REQUEST | g->id, NULL, 0);
	program_close(g, &g->in_fd, &g->in_watch);
	program_close(g, &g->out_fd, &g->out_watch);
	loop_task_fini(&g->task);
	buf_free(&g->input);
	buf_free(&g->output.bytes);
	buf_free(&g->routes);
	group_free(g);
	latest_free(g);
	free(g->acks);
	arena_free(g->arena);
	free(g->last_selector);
	free(g);
}

void
program_free_all(struct api *api)
{
	while (api->programs != NULL)
		program_free(api->programs);
}

/*
 * Output.
 */
static void
program_flush(struct program *g)
{
	struct outq *q = &g->output;
	ssize_t n;

	while (g->in_fd != -1 && q->sent < q->bytes.len) {
		n = write(g->in_fd, q->bytes.base + q->sent,
		    q->bytes.len - q->sent);
		if (n == -1 && (errno == EAGAIN || errno == EINTR))
			break;
		if (n == -1) {
			/* It closed its end: its exit is on the way. */
			g->is_gone = true;
			loop_task_schedule(&g->task);
			loop_watch_set(&g->in_watch, 0);
			buf_reset(&q->bytes);
			q->sent = 0;
			return;
		}
		q->sent += (size_t)n;
	}
	if (q->sent == q->bytes.len) {
		buf_reset(&q->bytes);
		q->sent = 0;
	} else if (q->sent > q->bytes.len / 2) {
		memmove(q->bytes.base, q->bytes.base + q->sent,
		    q->bytes.len - q->sent);
		q->bytes.len -= q->sent;
		q->sent = 0;
	}
	if (g->in_fd != -1)
		loop_watch_set(&g->in_watch,
		    q->bytes.len == 0 ? 0 : LOOP_WRITE);
}

size_t
program_queued(const struct program *g)
{
	return g->output.bytes.len - g->output.sent;
}

/* Whether it is behind, between two marks: who fills its queue is told. */
static void
program_check_flow(struct program *g)
{
	size_t queued = program_queued(g);
	bool is_behind = g->is_behind ? queued > PROGRAM_LOW :
	    queued > PROGRAM_HIGH;

	if (is_behind == g->is_behind)
		return;
	g->is_behind = is_behind;
	throttle_set(g, is_behind);
	if (g->wait == WAIT_REPLY && g->api->rde != NULL &&
	    (g->reply_kind == REPLY_RIB || g->reply_kind == REPLY_ROUTES))
		chan_send(g->api->rde, is_behind ? IMSG_RIB_XOFF :
		    IMSG_RIB_XON, API_PROGRAM_REQUEST | g->id, NULL, 0);
}

static void
program_on_writable(int ready, void *arg)
{
	struct program *g = arg;

	(void)ready;
	program_flush(g);
	latest_run(g);
	program_check_flow(g);
	if (g->is_cli && g->is_eof)
		loop_task_schedule(&g->task);
}

void
program_note_drop(struct program *g)
{
	if (g->n_dropped++ == 0)
		log_warn(&g->api->env->log, "program %s: does not read, "
		    "dropping what it is told",
		    program_name(g));
}

static bool
program_queue(struct program *g, const void *bytes, size_t len, size_t max)
{
	struct outq *q = &g->output;

	if (g->in_fd == -1)
		return false;
	if (program_queued(g) + len > max) {
		program_note_drop(g);
		if (g->conf != NULL && g->conf->overflow == OVERFLOW_KILL &&
		    g->api->parent != NULL)
			chan_send(g->api->parent, IMSG_PROGRAM_KILL, g->id,
			    NULL, 0);
		return false;
	}
	buf_put_bytes(&q->bytes, bytes, len);
	loop_watch_set(&g->in_watch, LOOP_WRITE);
	program_check_flow(g);
	return true;
}

bool
program_write_event(struct program *g, const void *bytes, size_t len)
{
	return program_queue(g, bytes, len, PROGRAM_QUEUE_MAX);
}

bool
program_write(struct program *g, const void *bytes, size_t len)
{
	return program_queue(g, bytes, len, PROGRAM_ANSWERS_MAX);
}

/* {"data": LINE} */
static void
program_tell_packed(struct program *g, const char *line, size_t len)
{
	struct emit e;
	struct wr w;

	buf_writer_growing(&w, len + 64);
	emit_msgpack_init(&e, &w);
	emit_begin_object(&e);
	emit_key(&e, "data");
	emit_string_len(&e, line, len);
	emit_end_object(&e);
	program_write(g, w.base, w.len);
	buf_free(&w);
}

void
program_tell(struct program *g, const void *bytes, size_t len)
{
	const char *at = bytes, *end;

	if (!g->is_packed) {
		program_write(g, bytes, len);
		return;
	}
	for (; len > 0; at = end + 1) {
		end = memchr(at, '\n', len);
		if (end == NULL)
			end = at + len;
		program_tell_packed(g, at, (size_t)(end - at));
		len -= (size_t)(end - at) + (len > (size_t)(end - at));
	}
}

void
program_print(struct program *g, const char *fmt, ...)
{
	char line[4096];
	va_list ap;
	int n;

	va_start(ap, fmt);
	n = vsnprintf(line, sizeof(line), fmt, ap);
	va_end(ap);
	if (n > 0)
		program_tell(g, line, (size_t)n < sizeof(line) ?
		    (size_t)n : sizeof(line) - 1);
}

void
program_say(struct program *g, const char *fmt, ...)
{
	char *line;
	va_list ap;
	int n;

	va_start(ap, fmt);
	n = vasprintf(&line, fmt, ap);
	va_end(ap);
	if (n == -1)
		err(1, "program");
	program_tell(g, line, (size_t)n);
	free(line);
}

/* {"answer": WORD}, with {"message": REASON} for an error. */
static void
program_answer_packed(struct program *g, const char *word, const char *why)
{
	struct emit e;
	struct wr w;

	buf_writer_growing(&w, PROGRAM_LINE_MAX);
	emit_msgpack_init(&e, &w);
	emit_begin_object(&e);
	emit_key_string(&e, "answer", word);
	if (why != NULL)
		emit_key_string(&e, "message", why);
	emit_end_object(&e);
	if (w.err == 0)
		program_write(g, w.base, w.len);
	buf_free(&w);
}

void
program_ack(struct program *g)
{
	if (!g->has_ack)
		return;
	g->n_acks++;
	if (g->is_packed)
		program_answer_packed(g, "done", NULL);
	else
		program_write(g, "done\n", 5);
}

void
program_error(struct program *g, const char *reason)
{
	g->n_errors++;
	log_info(&g->api->env->log, "program %s: error: %s",
	    program_name(g), reason);
	if (!g->has_ack)
		return;
	if (g->is_packed) {
		program_answer_packed(g, "error", reason);
		return;
	}
	/* Compat: version 4 says only "error"; the reason comes first in 6. */
	if (g->version >= 6)
		program_print(g, "error: %s\n", reason);
	program_write(g, "error\n", 6);
}

/*
 * Input.
 */
/* In MessagePack text begins with a byte of its own, lines with ASCII. */
static bool
program_is_packed(const struct program *g)
{
	return g->conf != NULL && g->conf->encoder == ENCODER_MSGPACK &&
	    g->input.base[g->input_pos] >= 0x80;
}

static bool
program_next_line(struct program *g)
{
	size_t left = g->input.len - g->input_pos, len;
	const char *line;
	uint8_t *start, *end;

	if (group_is_running(g)) {
		if (group_next(g, &line, &len))
			command_run_grouped(g, line, len);
		else
			group_finish(g);
		return true;
	}
	start = g->input.base + g->input_pos;
	if (left > 0 && program_is_packed(g))
		return pack_run(g);
	g->is_packed = false;
	end = left == 0 ? NULL : memchr(start, '\n', left);
	if (end == NULL)
		return false;
	g->input_mark = g->input_pos;
	g->input_pos += (size_t)(end - start) + 1;
	g->n_lines++;
	if (end > start && end[-1] == '\r')
		end--;
	/* A command that has to wait puts its line back. */
	command_run(g, (const char *)start, (size_t)(end - start));
	return true;
}

static void
program_next_lines(struct program *g)
{
	unsigned n = 0;

	while (g->wait == WAIT_NOTHING && !g->api->is_handing_over &&
	    api_may_send(g->api) && n++ < PROGRAM_TURN_LINES)
		if (!program_next_line(g))
			break;
	if (g->input_pos == g->input.len) {
		buf_reset(&g->input);
		g->input_pos = 0;
	}
	if (n > PROGRAM_TURN_LINES && !g->api->is_handing_over)
		loop_task_schedule(&g->task);
	api_flush_routes(g->api);
}

static void
program_compact(struct program *g)
{
	if (g->input_pos == 0)
		return;
	memmove(g->input.base, g->input.base + g->input_pos,
	    g->input.len - g->input_pos);
	g->input.len -= g->input_pos;
	g->input_pos = 0;
}

/* Whether a whole line is waiting to be carried out. */
static bool
program_has_line(const struct program *g)
{
	const uint8_t *start = g->input.base + g->input_pos;
	size_t left = g->input.len - g->input_pos, used;

	if (group_is_running(g))
		return true;
	if (left > 0 && program_is_packed(g))
		return value_scan(start, left, PROGRAM_LINE_MAX, &used) !=
		    VALUE_NEEDS_MORE;
	return left > 0 && memchr(start, '\n', left) != NULL;
}

/*
 * Reading goes on while little is waiting; only a line that is not whole yet
 * may fill the buffer.
 */
static void
program_set_reading(struct program *g)
{
	bool has_room = g->input.len - g->input_pos < PROGRAM_READ_BYTES ||
	    !program_has_line(g);

	if (g->out_fd != -1 && !g->is_eof)
		loop_watch_set(&g->out_watch, has_room ? LOOP_READ : 0);
}

static void
program_too_long(struct program *g)
{
	log_warn(&g->api->env->log, "program %s: a line of over %d bytes, "
	    "dropped", program_name(g),
	    PROGRAM_LINE_MAX);
	buf_reset(&g->input);
	g->input_pos = 0;
	program_error(g, "the line is too long");
}

static void
program_on_readable(int ready, void *arg)
{
	struct program *g = arg;
	uint8_t *room;
	ssize_t n;

	(void)ready;
	program_compact(g);
	room = buf_put_room(&g->input, PROGRAM_READ_BYTES);
	if (room == NULL) {
		buf_reset(&g->input);
		program_too_long(g);
		return;
	}
	g->input.len -= PROGRAM_READ_BYTES;
	n = read(g->out_fd, room, PROGRAM_READ_BYTES);
	if (n == -1 && (errno == EAGAIN || errno == EINTR))
		return;
	if (n <= 0) {
		g->is_eof = true;
		loop_watch_set(&g->out_watch, 0);
		loop_task_schedule(&g->task);
		if (g->pid == 0 && !g->is_cli)
			program_close(g, &g->out_fd, &g->out_watch);
		return;
	}
	g->input.len += (size_t)n;
	program_next_lines(g);
	if (g->input.len - g->input_pos > PROGRAM_LINE_MAX &&
	    !program_has_line(g))
		program_too_long(g);
	program_set_reading(g);
}

/* A client that hung up, and has been answered as far as that goes. */
static bool
program_is_over(const struct program *g)
{
	return g->is_cli && (g->is_gone || (g->is_eof && g->n_unacked == 0 &&
	    g->wait == WAIT_NOTHING && !program_has_line(g) &&
	    program_queued(g) == 0));
}

static void
program_on_task(void *arg)
{
	struct program *g = arg;

	program_next_lines(g);
	program_set_reading(g);
	if (program_is_over(g))
		program_free(g);
}

void
program_resume(struct program *g)
{
	loop_task_schedule(&g->task);
}

void
program_resume_all(struct api *api)
{
	struct program *g;

	for (g = api->programs; g != NULL; g = g->next)
		program_resume(g);
}
