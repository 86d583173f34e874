/* SPDX-License-Identifier: ISC */
/*
 * What the parent holds, written to a memory file that survives exec:
 *
 *   magic 8 | version 4 | pid 4 | records: kind 1, length 4, bytes
 *
 * Descriptors keep their numbers. Keys are in the model: the file has no
 * name, and is gone once it was read.
 */
#include "parent/handover.h"

#include "common/err.h"
#include "parent/parent.h"

#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#define FILE_MAGIC	UINT64_C(0x6267706468616e64)	/* "bgpdhand" */
#define FILE_MAX	((size_t)3 << 30)
#define FILE_ENV	"BGPD_HANDOVER"

enum file_record {
	FILE_CONFIG = 1,	/* the model in force, with keys */
	FILE_LISTENER,		/* fd 4, struct imsg_listener */
	FILE_CONTROL,		/* fd 4, is_restricted 1, path */
	FILE_PROGRAM,		/* id 4, pid 4, starts 4, bucket 8, name */
	FILE_STATE,		/* role 1, fd 4 (all ones: none), id 4, bytes */
	FILE_GIVEN,		/* role 1: its states are whole */
	FILE_VERBOSE,
};

struct file_row {
	enum file_record kind;
	/* 0, or an error: the file is no use. */
	int	(*load)(struct parent *, struct rd);
};

bool
handover_is_pending(void)
{
	return getenv(FILE_ENV) != NULL;
}

bool
handover_is_check(void)
{
	return getenv("BGPD_HANDOVER_CHECK") != NULL;
}

void
handover_say_checked(void)
{
	fputs(HANDOVER_CHECKED, stdout);
	fflush(stdout);
}

/*
 * Writing.
 */
static void
file_put(struct wr *w, enum file_record kind, const struct wr *body)
{
	buf_put_u8(w, kind);
	buf_put_u32(w, (uint32_t)body->len);
	buf_put_bytes(w, body->base, body->len);
	if (body->err != 0)
		w->err = body->err;
}

static void
file_put_sockets(struct wr *w, const struct parent *p, struct wr *b)
{
	const struct { int fd; const char *path; } control[] = {
		{ p->control_fd, p->control_path },
		{ p->restricted_fd, p->restricted_path },
	};
	const struct parent_listener *l;
	unsigned i;

	for (l = p->listeners; l != NULL; l = l->next) {
		buf_reset(b);
		buf_put_u32(b, (uint32_t)l->fd);
		imsg_put_listener(b, &l->at);
		file_put(w, FILE_LISTENER, b);
	}
	for (i = 0; i < 2; i++) {
		if (control[i].fd == -1)
			continue;
		buf_reset(b);
		buf_put_u32(b, (uint32_t)control[i].fd);
		buf_put_u8(b, i);
		buf_put_text(b, control[i].path);
		file_put(w, FILE_CONTROL, b);
	}
}

static void
file_put_programs(struct wr *w, const struct parent *p, struct wr *b)
{
	const struct program *g;

	for (g = p->programs; g != NULL; g = g->next) {
		buf_reset(b);
		buf_put_u32(b, g->id);
		buf_put_u32(b, (uint32_t)g->pid);
		buf_put_u32(b, g->n_starts);
		buf_put_u64(b, (uint64_t)g->bucket);
		buf_put_text(b, g->name);
		file_put(w, FILE_PROGRAM, b);
	}
}

static void
file_put_states(struct wr *w, const struct parent *p, struct wr *b)
{
	const struct handover_state *s;
	unsigned i;

	for (i = PROC_SESSION; i < PROC_N; i++) {
		for (s = p->handover.states[i]; s != NULL; s = s->next) {
			buf_reset(b);
			buf_put_u8(b, i);
			buf_put_u32(b, (uint32_t)s->fd);
			buf_put_u32(b, s->id);
			buf_put_bytes(b, s->bytes, s->len);
			file_put(w, FILE_STATE, b);
		}
		if (!p->handover.is_given[i])
			continue;
		buf_reset(b);
		buf_put_u8(b, i);
		file_put(w, FILE_GIVEN, b);
	}
}

static void
file_put_all(struct wr *w, const struct parent *p)
{
	struct wr b;

	buf_writer_growing(&b, FILE_MAX);
	buf_put_u64(w, FILE_MAGIC);
	buf_put_u32(w, HANDOVER_VERSION);
	buf_put_u32(w, (uint32_t)getpid());
	config_encode(p->config, &b, CONFIG_FOR_ALL);
	file_put(w, FILE_CONFIG, &b);
	explicit_bzero(b.base, b.len);
	file_put_sockets(w, p, &b);
	file_put_programs(w, p, &b);
	file_put_states(w, p, &b);
	buf_reset(&b);
	if (p->env->log.max_level == LOG_LEVEL_DEBUG)
		file_put(w, FILE_VERBOSE, &b);
	buf_free(&b);
}

static int
file_write(const struct parent *p)
{
	struct wr w;
	size_t pos = 0;
	ssize_t n;
	int fd = memfd_create("bgpd handover", MFD_CLOEXEC);

	if (fd == -1)
		return -1;
	buf_writer_growing(&w, FILE_MAX);
	file_put_all(&w, p);
	while (w.err == 0 && pos < w.len) {
		n = write(fd, w.base + pos, w.len - pos);
		if (n == -1 && errno == EINTR)
			continue;
		if (n <= 0)
			break;
		pos += (size_t)n;
	}
	if (w.err != 0 || pos != w.len) {
		close(fd);
		fd = -1;
	}
	explicit_bzero(w.base, w.len);
	buf_free(&w);
	return fd;
}

/* Let what is told in the file live through exec, or not after all. */
static void
file_keep_fds(const struct parent *p, int file, bool is_kept)
{
	int flags = is_kept ? 0 : FD_CLOEXEC;
	const struct parent_listener *l;
	const struct handover_state *s;
	unsigned i;

	fcntl(file, F_SETFD, flags);
	for (l = p->listeners; l != NULL; l = l->next)
		fcntl(l->fd, F_SETFD, flags);
	fcntl(p->control_fd, F_SETFD, flags);
	fcntl(p->restricted_fd, F_SETFD, flags);
	for (i = PROC_SESSION; i < PROC_N; i++)
		for (s = p->handover.states[i]; s != NULL; s = s->next)
			fcntl(s->fd, F_SETFD, flags);
}

void
handover_execute(struct parent *p)
{
	/* Between the two binaries these would end us. */
	static const int ignored[] = { SIGHUP, SIGUSR1, SIGUSR2, SIGALRM };
	struct sigaction old[sizeof(ignored) / sizeof(ignored[0])];
	const struct sigaction ignore = { .sa_handler = SIG_IGN };
	char number[16];
	size_t i, n = p->options->is_exabgp ? 4 : 3;
	int fd = file_write(p);

	if (fd == -1) {
		log_err(&p->env->log, "restart: the state cannot be written");
		return;
	}
	file_keep_fds(p, fd, true);
	snprintf(number, sizeof(number), "%d", fd);
	setenv(FILE_ENV, number, 1);
	for (i = 0; i < n; i++)
		sigaction(ignored[i], &ignore, &old[i]);
	execv(p->options->path, p->options->argv);
	log_err(&p->env->log, "restart: %s: %s, the running binary stays",
	    p->options->path, strerror(errno));
	for (i = 0; i < n; i++)
		sigaction(ignored[i], &old[i], NULL);
	unsetenv(FILE_ENV);
	file_keep_fds(p, fd, false);
	close(fd);
}

/*
 * Reading.
 */
static int
file_get_fd(struct rd *r)
{
	int fd = (int)buf_get_u32(r);

	if (fd < 0 || fcntl(fd, F_SETFD, FD_CLOEXEC) != 0)
		return -1;
	return fd;
}

static char *
file_get_text(struct rd *r)
{
	char *text = strndup((const char *)r->pos, buf_left(r));

	if (text == NULL)
		err(1, "handover");
	return text;
}

static int
load_config(struct parent *p, struct rd r)
{
	const char *why = "";
	struct config *old = config_decode(r.pos, buf_left(&r), &why);

	if (old == NULL) {
		log_err(&p->env->log, "restart: the model: %s", why);
		return ERR_PROTO;
	}
	config_free(p->config);
	p->config = old;
	return 0;
}

static int
load_listener(struct parent *p, struct rd r)
{
	struct parent_listener *l = calloc(1, sizeof(*l));

	if (l == NULL)
		err(1, "handover");
	l->fd = file_get_fd(&r);
	if (l->fd == -1 || imsg_get_listener(r, &l->at) != 0) {
		free(l);
		return ERR_PROTO;
	}
	l->next = p->listeners;
	p->listeners = l;
	return 0;
}

static int
load_control(struct parent *p, struct rd r)
{
	int fd = file_get_fd(&r);
	bool is_restricted = buf_get_u8(&r) != 0;

	if (fd == -1)
		return ERR_PROTO;
	if (is_restricted) {
		p->restricted_fd = fd;
		p->restricted_path = file_get_text(&r);
	} else {
		p->control_fd = fd;
		p->control_path = file_get_text(&r);
	}
	return 0;
}

static int
load_program(struct parent *p, struct rd r)
{
	struct program facts = { .id = buf_get_u32(&r) };
	char *name;

	facts.pid = (pid_t)buf_get_u32(&r);
	facts.n_starts = buf_get_u32(&r);
	facts.bucket = (int64_t)buf_get_u64(&r);
	if (r.is_short)
		return ERR_SHORT;
	name = file_get_text(&r);
	program_adopt(p, &facts, name);
	free(name);
	return 0;
}

static int
load_state(struct parent *p, struct rd r)
{
	uint8_t role = buf_get_u8(&r);
	int fd = (int)buf_get_u32(&r);
	struct handover_state *s;

	if (role < PROC_SESSION || role >= PROC_N || (fd != -1 &&
	    fcntl(fd, F_SETFD, FD_CLOEXEC) != 0))
		return ERR_PROTO;
	s = malloc(sizeof(*s) + buf_left(&r));
	if (s == NULL)
		err(1, "handover");
	s->next = NULL;
	s->fd = fd;
	s->id = buf_get_u32(&r);
	s->len = buf_left(&r);
	buf_get_copy(&r, s->bytes, s->len);
	*p->handover.tails[role] = s;
	p->handover.tails[role] = &s->next;
	p->handover.n_bytes += s->len;
	return 0;
}

static int
load_given(struct parent *p, struct rd r)
{
	uint8_t role = buf_get_u8(&r);

	if (role < PROC_N)
		p->handover.is_given[role] = true;
	return 0;
}

static int
load_verbose(struct parent *p, struct rd r)
{
	(void)r;
	p->env->log.max_level = LOG_LEVEL_DEBUG;
	return 0;
}

static const struct file_row file_rows[] = {
	{ FILE_CONFIG, load_config },
	{ FILE_LISTENER, load_listener },
	{ FILE_CONTROL, load_control },
	{ FILE_PROGRAM, load_program },
	{ FILE_STATE, load_state },
	{ FILE_GIVEN, load_given },
	{ FILE_VERBOSE, load_verbose },
};

static int
file_load(struct parent *p, struct rd r)
{
	uint8_t kind;
	struct rd body;
	size_t i;
	int e;

	if (buf_get_u64(&r) != FILE_MAGIC ||
	    buf_get_u32(&r) != HANDOVER_VERSION ||
	    buf_get_u32(&r) != (uint32_t)getpid())
		return ERR_PROTO;
	while (buf_left(&r) > 0) {
		kind = buf_get_u8(&r);
		body = buf_get_sub(&r, buf_get_u32(&r));
		if (r.is_short)
			return ERR_SHORT;
		for (i = 0; i < sizeof(file_rows) / sizeof(file_rows[0]); i++)
			if (file_rows[i].kind == kind &&
			    (e = file_rows[i].load(p, body)) != 0)
				return e;
	}
	return 0;
}

bool
handover_load(struct parent *p)
{
	const char *number = getenv(FILE_ENV);
	int fd = number == NULL ? -1 : atoi(number), e = ERR_SYSTEM;
	struct stat st;
	void *bytes;

	if (number == NULL)
		return false;
	unsetenv(FILE_ENV);
	if (fd < 0 || fstat(fd, &st) != 0 || st.st_size <= 0)
		return false;
	bytes = mmap(NULL, (size_t)st.st_size, PROT_READ | PROT_WRITE,
	    MAP_PRIVATE, fd, 0);
	close(fd);
	if (bytes != MAP_FAILED) {
		e = file_load(p, buf_reader(bytes, (size_t)st.st_size));
		munmap(bytes, (size_t)st.st_size);
	}
	if (e != 0)
		log_err(&p->env->log, "restart: the state that was handed "
		    "over: %s", err_text(e));
	return e == 0;
}
