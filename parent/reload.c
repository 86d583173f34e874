/* SPDX-License-Identifier: ISC */
/*
 * Reading the configuration again: for a reload, and for looking at what one
 * would change.
 */
#include "parent/reload.h"

#include "common/buf.h"
#include "common/chan.h"
#include "common/err.h"
#include "parent/conf.h"
#include "parent/notify.h"
#include "parent/parent.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define RELOAD_TEXT_MAX	256

static uint32_t	reload_seconds_left(const struct parent *);

size_t
reload_next_file(const struct parent *p)
{
	return p->config->environment.rotate ?
	    (p->file + 1) % p->options->n_files : p->file;
}

struct config *
reload_read(const struct parent *p, const char *path,
    struct conf_errors *errors)
{
	return conf_load(&(struct conf_source){
		.path = path,
		.macros = p->options->macros,
		.n_macros = p->options->n_macros,
		.env_file = p->options->env_file,
		.environment = environ,
		.language = p->options->is_exabgp ? CONF_LANGUAGE_EXABGP :
		    CONF_LANGUAGE_GUESS,
	}, errors);
}

/* Errors of a file go to the log; the first one also to who asked. */
struct reload_errors {
	struct parent	*parent;
	char		*why;
	size_t		 why_len;
};

static void
reload_on_error(const char *line, bool is_warning, void *arg)
{
	struct reload_errors *e = arg;

	if (is_warning) {
		log_warn(&e->parent->env->log, "%s", line);
		return;
	}
	log_err(&e->parent->env->log, "%s", line);
	if (e->why[0] == '\0')
		strlcpy(e->why, line, e->why_len);
}

/* The model takes the place of the one in force, which is returned. */
static struct config *
reload_apply(struct parent *p, struct config *new)
{
	struct config *old = p->config;

	config_keep_ids(old, new);
	p->config = new;
	notify_manager("RELOADING=1");
	parent_apply_config(p);
	return old;
}

/* The broker tells those who listen to events. */
static void
reload_tell(struct parent *p, enum imsg_reload_event event, const char *text)
{
	struct chan *api = p->workers[PROC_API].chan;
	uint8_t bytes[1 + 4 + RELOAD_TEXT_MAX];
	struct wr w;

	if (api == NULL)
		return;
	buf_writer(&w, bytes, sizeof(bytes));
	buf_put_u8(&w, event);
	buf_put_u32(&w, reload_seconds_left(p));
	buf_put_bytes(&w, text, strnlen(text, RELOAD_TEXT_MAX));
	chan_send(api, IMSG_EVENT_RELOAD, 0, w.base, w.len);
}

void
reload_tell_pending(struct parent *p)
{
	if (reload_is_pending(p))
		reload_tell(p, RELOAD_PENDING, "");
}

/* Read the file that is next; NULL with why in the log and told. */
static struct config *
reload_load(struct parent *p, size_t file, char *why, size_t why_len)
{
	struct reload_errors state = { p, why, why_len };
	struct conf_errors errors = {
		.report = reload_on_error, .arg = &state,
	};
	struct config *new;

	why[0] = '\0';
	new = reload_read(p, p->options->files[file], &errors);
	if (new == NULL) {
		log_err(&p->env->log, "configuration not changed: %s has errors",
		    p->options->files[file]);
		reload_tell(p, RELOAD_FAILED, why);
	}
	return new;
}

int
parent_reload(struct parent *p, char *why, size_t why_len)
{
	size_t file = reload_next_file(p);
	struct config *new;

	if (reload_is_pending(p)) {
		strlcpy(why, "a configuration is on trial: confirm or undo it "
		    "first", why_len);
		log_err(&p->env->log, "configuration not reloaded: %s", why);
		return ERR_DENIED;
	}
	new = reload_load(p, file, why, why_len);
	if (new == NULL)
		return ERR_SYNTAX;
	config_free(reload_apply(p, new));
	p->file = file;
	log_info(&p->env->log, "configuration reloaded");
	reload_tell(p, RELOAD_DONE, "");
	notify_manager("READY=1");
	return 0;
}

/*
 * On trial.
 */
bool
reload_is_pending(const struct parent *p)
{
	return p->trial.before != NULL;
}

static uint32_t
reload_seconds_left(const struct parent *p)
{
	int64_t usec;

	if (!reload_is_pending(p))
		return 0;
	usec = mono_diff_usec(p->trial.timer.deadline,
	    loop_now(p->env->loop));
	return usec <= 0 ? 1 : (uint32_t)(usec / MONO_USEC_PER_SEC + 1);
}

static void
reload_try(struct parent *p, uint32_t seconds, char *why, size_t why_len)
{
	struct reload_trial *t = &p->trial;
	size_t file = reload_next_file(p);
	struct config *new, *old;

	if (seconds == 0 || seconds > RELOAD_TRIAL_MAX) {
		snprintf(why, why_len, "expected 1 to %d seconds",
		    RELOAD_TRIAL_MAX);
		return;
	}
	if (handover_is_resting(p)) {
		strlcpy(why, "a restart is under way", why_len);
		return;
	}
	/* Once more: the same file, not the one behind it. */
	if (reload_is_pending(p))
		file = p->file;
	new = reload_load(p, file, why, why_len);
	if (new == NULL)
		return;
	old = reload_apply(p, new);
	if (reload_is_pending(p)) {
		config_free(old);
	} else {
		t->before = old;
		t->file = p->file;
	}
	p->file = file;
	loop_timer_set_after_usec(&t->timer, seconds * MONO_USEC_PER_SEC);
	log_info(&p->env->log, "configuration reloaded on trial: the one "
	    "before is put back in %u s unless it is confirmed", seconds);
	reload_tell(p, RELOAD_TRIED, "");
	notify_manager("READY=1");
}

static void
reload_confirm(struct parent *p)
{
	loop_timer_clear(&p->trial.timer);
	config_free(p->trial.before);
	p->trial.before = NULL;
	log_info(&p->env->log, "configuration confirmed");
	reload_tell(p, RELOAD_CONFIRMED, "");
}

static void
reload_undo(struct parent *p, const char *reason)
{
	struct config *before = p->trial.before;

	loop_timer_clear(&p->trial.timer);
	p->trial.before = NULL;
	config_free(reload_apply(p, before));
	p->file = p->trial.file;
	log_warn(&p->env->log, "configuration %s: the one before is put back",
	    reason);
	reload_tell(p, RELOAD_UNDONE, reason);
	notify_manager("READY=1");
}

static void
reload_on_timer(void *arg)
{
	struct parent *p = arg;

	if (reload_is_pending(p) && !p->is_stopping)
		reload_undo(p, "not confirmed in time");
}

void
reload_init(struct parent *p)
{
	loop_timer_init(&p->trial.timer, p->env->loop, reload_on_timer, p);
}

void
reload_fini(struct parent *p)
{
	if (reload_is_pending(p))
		log_warn(&p->env->log, "the configuration was not confirmed: "
		    "at the next start it is what the file says");
	loop_timer_fini(&p->trial.timer);
	config_free(p->trial.before);
	p->trial.before = NULL;
}

void
reload_request(struct worker *w, const struct imsg *m)
{
	struct parent *p = w->parent;
	struct rd r = buf_reader(m->data, m->len);
	uint8_t what = buf_get_u8(&r);		/* enum imsg_reload */
	uint32_t seconds = buf_get_u32(&r);
	char why[RELOAD_TEXT_MAX] = "";

	if (p->is_stopping)
		strlcpy(why, "the daemon is stopping", sizeof(why));
	else if (what == RELOAD_NOW)
		parent_reload(p, why, sizeof(why));
	else if (what == RELOAD_TRIAL)
		reload_try(p, seconds, why, sizeof(why));
	else if (!reload_is_pending(p))
		strlcpy(why, "no configuration is on trial", sizeof(why));
	else if (what == RELOAD_CONFIRM)
		reload_confirm(p);
	else if (what == RELOAD_UNDO)
		reload_undo(p, "undone");
	else
		strlcpy(why, "malformed request", sizeof(why));
	if (w->chan != NULL)
		chan_send(w->chan, IMSG_RESULT, m->id, why, strlen(why));
}
