/* SPDX-License-Identifier: ISC */
/* The course of a handover; how it crosses exec is in handover_file.c. */
#include "parent/handover.h"

#include "common/chan.h"
#include "common/env.h"
#include "parent/parent.h"

#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#define HANDOVER_CHECK_USEC	(20 * MONO_USEC_PER_SEC)
#define HANDOVER_REST_USEC	(8 * MONO_USEC_PER_SEC)
#define HANDOVER_BYTES_MAX	((size_t)1 << 30)	/* of records */
/* The RDE tells when it is settled; if it does not, we do not wait longer. */
#define HANDOVER_SETTLE_USEC	(40 * MONO_USEC_PER_SEC)

static void	handover_on_timer(void *);
static void	handover_on_settled(void *);

void
handover_init(struct parent *p)
{
	struct handover *h = &p->handover;
	unsigned i;

	h->check_fd = -1;
	loop_timer_init(&h->timer, p->env->loop, handover_on_timer, p);
	loop_timer_init(&h->settle, p->env->loop, handover_on_settled, p);
	for (i = 0; i < PROC_N; i++)
		h->tails[i] = &h->states[i];
}

static void
handover_forget(struct handover *h, enum imsg_proc role)
{
	struct handover_state *s;

	while ((s = h->states[role]) != NULL) {
		h->states[role] = s->next;
		h->n_bytes -= s->len;
		if (s->fd != -1)
			close(s->fd);
		free(s);
	}
	h->tails[role] = &h->states[role];
	h->is_given[role] = false;
}

void
handover_fini(struct parent *p)
{
	unsigned i;

	for (i = 0; i < PROC_N; i++)
		handover_forget(&p->handover, i);
	loop_timer_fini(&p->handover.timer);
	loop_timer_fini(&p->handover.settle);
}

bool
handover_is_resting(const struct parent *p)
{
	return p->handover.phase == HANDOVER_REST;
}

static void
handover_answer(struct parent *p, const char *why)
{
	struct chan *api = p->workers[PROC_API].chan;

	if (why[0] != '\0')
		log_err(&p->env->log, "restart: %s", why);
	if (p->handover.client != 0 && api != NULL)
		chan_send(api, IMSG_RESULT, p->handover.client, why,
		    strlen(why));
	p->handover.client = 0;
}

/* Connections pass through our hands: as many as workers may have. */
static void
handover_raise_limit(void)
{
	struct rlimit files;

	if (getrlimit(RLIMIT_NOFILE, &files) == 0) {
		files.rlim_cur = files.rlim_max;
		setrlimit(RLIMIT_NOFILE, &files);
	}
}

/* From here on there is no way back, but always one onward. */
static void
handover_rest(struct parent *p)
{
	struct handover *h = &p->handover;
	unsigned i;

	handover_raise_limit();
	h->phase = HANDOVER_REST;
	handover_answer(p, "");
	for (i = PROC_SESSION; i < PROC_N; i++) {
		handover_forget(h, i);
		p->workers[i].is_stopped = false;
		chan_send(p->workers[i].chan, IMSG_HANDOVER, 0, NULL, 0);
	}
	loop_timer_set_after_usec(&h->timer, HANDOVER_REST_USEC);
}

static const char *
handover_why_not(const struct parent *p)
{
	unsigned i;

	if (p->options->is_solo)
		return "not in solo mode";
	if (p->is_stopping)
		return "the daemon is stopping";
	if (p->handover.phase != HANDOVER_NONE)
		return "a restart is under way";
	if (p->handover.settle.is_set)
		return "tables are being filled after the last one, try later";
	for (i = PROC_SESSION; i < PROC_N; i++)
		if (p->workers[i].pid == 0 || p->workers[i].chan == NULL)
			return "a worker is being replaced, try again";
	return NULL;
}

/* Beside that: what is not handed over. */
static const char *
handover_why_not_upgrade(const struct parent *p)
{
	if (reload_is_pending(p))
		return "a configuration is on trial: confirm or undo it first";
	return handover_why_not(p);
}

static _Noreturn void
handover_exec_check(const struct parent *p, int out)
{
	if (dup2(out, STDOUT_FILENO) == -1)
		_exit(1);
	closefrom(STDERR_FILENO + 1);
	setenv("BGPD_HANDOVER_CHECK", "1", 1);
	execv(p->options->path, p->options->argv);
	_exit(127);
}

const char *
handover_upgrade(struct parent *p, uint32_t client)
{
	struct handover *h = &p->handover;
	const char *why = handover_why_not_upgrade(p);
	int out[2];

	if (why != NULL)
		return why;
	if (p->options->path == NULL || pipe2(out, O_CLOEXEC) != 0)
		return "cannot check the binary";
	h->check_pid = fork();
	if (h->check_pid == 0)
		handover_exec_check(p, out[1]);
	close(out[1]);
	if (h->check_pid == -1) {
		h->check_pid = 0;
		close(out[0]);
		return "cannot check the binary";
	}
	log_info(&p->env->log, "restart: checking %s", p->options->path);
	h->check_fd = out[0];
	h->client = client;
	h->is_upgrade = true;
	h->phase = HANDOVER_CHECK;
	loop_timer_set_after_usec(&h->timer, HANDOVER_CHECK_USEC);
	return NULL;
}

void
handover_renew_soon(struct parent *p)
{
	if (!p->handover.settle.is_set)
		loop_timer_set_after_usec(&p->handover.settle, 0);
}

/* New workers from the same binary. */
static void
handover_renew(struct parent *p)
{
	const char *why = handover_why_not(p);

	if (why != NULL) {
		log_warn(&p->env->log, "workers are not renewed: %s", why);
		return;
	}
	p->handover.is_upgrade = false;
	handover_rest(p);
}

bool
handover_reap(struct parent *p, pid_t pid, int status)
{
	struct handover *h = &p->handover;
	char said[64];
	size_t len = 0;
	ssize_t n;

	if (h->check_pid == 0 || pid != h->check_pid)
		return false;
	h->check_pid = 0;
	/* It has ended: the rest is there, or will never be. */
	while ((n = read(h->check_fd, said + len,
	    sizeof(said) - 1 - len)) > 0 || (n == -1 && errno == EINTR))
		len += n > 0 ? (size_t)n : 0;
	close(h->check_fd);
	h->check_fd = -1;
	said[len] = '\0';
	loop_timer_clear(&h->timer);
	h->phase = HANDOVER_NONE;
	if (!WIFEXITED(status) || WEXITSTATUS(status) != 0 ||
	    strcmp(said, HANDOVER_CHECKED) != 0)
		handover_answer(p, "the installed binary does not pass its "
		    "check, the running one stays");
	else if (handover_why_not_upgrade(p) != NULL)
		handover_answer(p, handover_why_not_upgrade(p));
	else
		handover_rest(p);
	return true;
}

void
handover_on_state(struct parent *p, struct worker *w, struct imsg *m)
{
	struct handover *h = &p->handover;
	enum imsg_proc role = w->engine->role;
	struct handover_state *s;

	if (h->phase != HANDOVER_REST || w->is_stopped ||
	    h->n_bytes + m->len > HANDOVER_BYTES_MAX)
		return;
	s = malloc(sizeof(*s) + m->len);
	if (s == NULL)
		err(1, "handover");
	s->next = NULL;
	s->id = m->id;
	s->fd = m->fd;
	m->fd = -1;
	s->len = m->len;
	memcpy(s->bytes, m->data, m->len);
	*h->tails[role] = s;
	h->tails[role] = &s->next;
	h->n_bytes += m->len;
}

void
handover_supply(struct parent *p, struct worker *w)
{
	struct handover *h = &p->handover;
	enum imsg_proc role = w->engine->role;
	struct handover_state *s;

	for (s = h->states[role]; s != NULL; s = s->next) {
		if (s->fd == -1)
			chan_send(w->chan, IMSG_RESTORE, s->id, s->bytes,
			    s->len);
		else
			chan_send_fd(w->chan, IMSG_RESTORE_FD, s->id, s->bytes,
			    s->len, s->fd);
		s->fd = -1;
	}
	handover_forget(h, role);
}

/* All are gone: who comes next? */
static void
handover_go_on(struct parent *p)
{
	struct handover *h = &p->handover;

	loop_timer_clear(&h->timer);
	if (h->is_upgrade)
		handover_execute(p);
	h->phase = HANDOVER_NONE;
	worker_start_over(p);
	log_info(&p->env->log, "workers are renewed");
}

void
handover_progress(struct parent *p)
{
	struct handover *h = &p->handover;
	bool is_gone = true;
	struct worker *w;
	unsigned i;

	if (h->phase != HANDOVER_REST)
		return;
	if (p->is_stopping) {
		h->phase = HANDOVER_NONE;
		return;
	}
	for (i = PROC_SESSION; i < PROC_N; i++) {
		w = &p->workers[i];
		if (w->pid != 0)
			is_gone = false;
		if (w->chan != NULL && !w->is_stopped)
			return;
		if (w->is_stopped)
			h->is_given[i] = true;
	}
	/* End of file on its channel ends a worker. */
	for (i = PROC_SESSION; i < PROC_N; i++) {
		chan_free(p->workers[i].chan);
		p->workers[i].chan = NULL;
	}
	if (is_gone)
		handover_go_on(p);
}

/* Whoever takes too long is gone without having given all. */
static void
handover_on_timer(void *arg)
{
	struct parent *p = arg;
	struct handover *h = &p->handover;
	struct worker *w;
	unsigned i;

	if (h->phase == HANDOVER_CHECK) {
		kill(h->check_pid, SIGKILL);
		return;
	}
	for (i = PROC_SESSION; i < PROC_N; i++) {
		w = &p->workers[i];
		if (w->pid == 0)
			continue;
		if (!w->is_stopped) {
			log_err(&p->env->log, "restart: worker %s does not "
			    "come to rest", w->engine->name);
			handover_forget(h, i);
		}
		kill(w->pid, SIGKILL);
	}
}

void
handover_settled(struct parent *p)
{
	if (p->handover.settle.is_set)
		loop_timer_set_after_usec(&p->handover.settle, 0);
}

/* Neighbors that programs made, which a reload would end. */
static bool
handover_has_dynamic(const struct parent *p)
{
	size_t i;

	for (i = 0; i < p->config->n_peers; i++)
		if (p->config->peers[i].is_dynamic)
			return true;
	return false;
}

/*
 * The new binary began with the model that was in force, so that what the
 * files say now is a difference like at any reload. A reload meanwhile may
 * have asked for ports that workers cannot have.
 */
static void
handover_on_settled(void *arg)
{
	struct parent *p = arg;
	char why[256];

	if (p->handover.is_reload_due && !handover_has_dynamic(p))
		parent_reload(p, why, sizeof(why));
	else if (worker_lacks_ports(p))
		handover_renew(p);
	p->handover.is_reload_due = false;
}

void
handover_expect(struct parent *p)
{
	const struct handover_state *s = p->handover.states[PROC_SESSION];

	while (s != NULL && s->fd == -1)
		s = s->next;
	if (s != NULL)
		loop_timer_set_after_usec(&p->handover.settle,
		    HANDOVER_SETTLE_USEC);
	else if (p->handover.is_reload_due)
		loop_timer_set_after_usec(&p->handover.settle, 0);
}
