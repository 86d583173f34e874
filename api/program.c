/* SPDX-License-Identifier: ISC */
/*
 * Programs' pipes: lines in, answers and events out. Nothing here waits for
 * a program: what it does not read is queued up to a limit and then dropped
 * with a counter; what it writes is read as fast as it can be carried out.
 */
#include "api/engine.h"

#include "common/chan.h"
#include "common/err.h"

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

static void
program_reset(struct program *g)
{
	const struct conf_environment *e = &g->api->config->environment;

	g->has_ack = e->api_ack;
	g->version = e->api_version;
	if (g->conf != NULL && g->conf->version != 0)
		g->version = g->conf->version;
	g->is_sync = false;
	g->is_eof = false;
	g->is_group = false;
	g->wait = WAIT_NOTHING;
	g->n_unacked = 0;
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
	buf_writer_growing(&g->output.bytes, 2 * (size_t)PROGRAM_QUEUE_MAX);
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
}

void
program_free_all(struct api *api)
{
	struct program *g;

	while ((g = api->programs) != NULL) {
		api->programs = g->next;
		program_close(g, &g->in_fd, &g->in_watch);
		program_close(g, &g->out_fd, &g->out_watch);
		loop_task_fini(&g->task);
		buf_free(&g->input);
		buf_free(&g->output.bytes);
		free(g->last_selector);
		free(g);
	}
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

static void
program_on_writable(int ready, void *arg)
{
	(void)ready;
	program_flush(arg);
}

bool
program_write(struct program *g, const void *bytes, size_t len)
{
	struct outq *q = &g->output;

	if (g->in_fd == -1)
		return false;
	if (q->bytes.len - q->sent + len > PROGRAM_QUEUE_MAX) {
		if (g->n_dropped++ == 0)
			log_warn(&g->api->env->log, "program %s: does not "
			    "read, dropping what it is told",
			    g->conf == NULL ? "?" : g->conf->name);
		if (g->conf != NULL && g->conf->overflow == OVERFLOW_KILL &&
		    g->api->parent != NULL)
			chan_send(g->api->parent, IMSG_PROGRAM_KILL, g->id,
			    NULL, 0);
		return false;
	}
	buf_put_bytes(&q->bytes, bytes, len);
	loop_watch_set(&g->in_watch, LOOP_WRITE);
	return true;
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
		program_write(g, line, (size_t)n < sizeof(line) ?
		    (size_t)n : sizeof(line) - 1);
}

void
program_ack(struct program *g)
{
	if (!g->has_ack)
		return;
	g->n_acks++;
	program_write(g, "done\n", 5);
}

void
program_error(struct program *g, const char *reason)
{
	g->n_errors++;
	log_info(&g->api->env->log, "program %s: error: %s",
	    g->conf == NULL ? "?" : g->conf->name, reason);
	if (!g->has_ack)
		return;
	/* Compat: version 4 says only "error"; the reason comes first in 6. */
	if (g->version >= 6)
		program_print(g, "error: %s\n", reason);
	program_write(g, "error\n", 6);
}

/*
 * Input.
 */
static void
program_next_lines(struct program *g)
{
	unsigned n = 0;
	uint8_t *start, *end;
	size_t left;

	while (g->wait == WAIT_NOTHING && !g->api->is_handing_over &&
	    api_may_send(g->api) &&
	    n++ < PROGRAM_TURN_LINES) {
		start = g->input.base + g->input_pos;
		left = g->input.len - g->input_pos;
		end = left == 0 ? NULL : memchr(start, '\n', left);
		if (end == NULL)
			break;
		g->input_pos += (size_t)(end - start) + 1;
		g->n_lines++;
		if (end > start && end[-1] == '\r')
			end--;
		command_run(g, (const char *)start, (size_t)(end - start));
		/* A command that had to wait put its line back. */
	}
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
	return g->input_pos < g->input.len && memchr(g->input.base +
	    g->input_pos, '\n', g->input.len - g->input_pos) != NULL;
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
	    "dropped", g->conf == NULL ? "?" : g->conf->name,
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
		if (g->pid == 0)
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

static void
program_on_task(void *arg)
{
	struct program *g = arg;

	program_next_lines(g);
	program_set_reading(g);
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
