/* SPDX-License-Identifier: ISC */
/*
 * Reading the configuration again: for a reload, and for looking at what one
 * would change.
 */
#include "parent/reload.h"

#include "common/err.h"
#include "parent/conf.h"
#include "parent/notify.h"
#include "parent/parent.h"

#include <string.h>
#include <unistd.h>

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

int
parent_reload(struct parent *p, char *why, size_t why_len)
{
	struct reload_errors state = { p, why, why_len };
	struct conf_errors errors = {
		.report = reload_on_error, .arg = &state,
	};
	size_t file = reload_next_file(p);
	struct config *new;

	why[0] = '\0';
	new = reload_read(p, p->options->files[file], &errors);
	if (new == NULL) {
		log_err(&p->env->log, "configuration not changed: %s has errors",
		    p->options->files[file]);
		return ERR_SYNTAX;
	}
	config_free(reload_apply(p, new));
	p->file = file;
	log_info(&p->env->log, "configuration reloaded");
	notify_manager("READY=1");
	return 0;
}
