/* SPDX-License-Identifier: ISC */
/*
 * ExaBGP's programs: process sections, and which of a neighbor's events go
 * to which of them (api sections).
 */
#include "parent/conf_exabgp.h"

#include "common/arena.h"

#include <limits.h>
#include <regex.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#define API_ALL_KINDS	0x3f

static int
process_run(struct exa *x)
{
	struct conf_process *p = x->process;
	char **slot, *arg;
	int e;

	p->argv = NULL;
	p->n_argv = 0;
	if (words_at_stop(&x->w))
		return exa_expected(x, "a program");
	while (!words_at_stop(&x->w)) {
		if ((e = exa_string(x, &arg)) != 0)
			return e;
		slot = arena_append(x->config->arena, &p->argv, &p->n_argv,
		    sizeof(*slot));
		*slot = arg;
	}
	return 0;
}

static int
process_encoder(struct exa *x)
{
	static const char *const words[] = {
		[ENCODER_TEXT] = "text", [ENCODER_JSON] = "json",
		[ENCODER_MSGPACK] = "msgpack",
	};
	unsigned i;

	for (i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
		if (!exa_take(x, words[i]))
			continue;
		x->process->encoder = (uint8_t)i;
		return 0;
	}
	return exa_expected(x, "text, json or msgpack");
}

/* Ours: what happens when it does not read. */
static int
process_overflow(struct exa *x)
{
	static const char *const words[] = {
		[OVERFLOW_THROTTLE] = "throttle", [OVERFLOW_LATEST] = "latest",
		[OVERFLOW_DROP] = "drop", [OVERFLOW_KILL] = "kill",
	};
	unsigned i;

	for (i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
		if (!exa_take(x, words[i]))
			continue;
		x->process->overflow = (uint8_t)i;
		return 0;
	}
	return exa_expected(x, "throttle, latest, drop or kill");
}

static int
process_respawn(struct exa *x)
{
	return exa_boolean(x, &x->process->respawn);
}

/* What keeps a file from being a program; NULL: nothing. */
static const char *
program_fault(const char *path)
{
	struct stat st;

	if (stat(path, &st) != 0)
		return "does not exist";
	if (S_ISDIR(st.st_mode))
		return "is a directory";
	if (!S_ISREG(st.st_mode))
		return "is no regular file";
	if (st.st_mode & (S_ISUID | S_ISGID))
		return "is setuid or setgid";
	if (access(path, X_OK) != 0)
		return "is not executable";
	return NULL;
}

/* dir/name, if that exists. */
static char *
program_in(struct exa *x, const char *dir, size_t dir_len, const char *name)
{
	char *path = arena_format(x->config->arena, "%.*s/%s", (int)dir_len,
	    dir, name);

	return access(path, F_OK) == 0 ? path : NULL;
}

/* Beside the configuration, in /etc/exabgp, or in $PATH. */
static char *
program_find(struct exa *x, const char *name)
{
	const char *list = getenv("PATH"), *slash;
	bool is_prefixed = strncmp(name, "etc/exabgp/", 11) == 0;
	char real[PATH_MAX], *path = NULL;
	size_t n;

	if (x->source->path != NULL &&
	    realpath(x->source->path, real) != NULL) {
		slash = strrchr(real, '/');
		n = (size_t)(slash - real);
		path = program_in(x, real, n, name);
		/* Compat: the prefix stands for the configuration's folder. */
		if (path == NULL && is_prefixed)
			path = program_in(x, real, n, name + 11);
	}
	if (path == NULL)
		path = program_in(x, "/etc/exabgp", strlen("/etc/exabgp"),
		    name);
	if (path == NULL && is_prefixed)
		path = program_in(x, "", 0, name);
	while (path == NULL && list != NULL && *list != '\0') {
		n = strcspn(list, ":");
		if (n > 0)
			path = program_in(x, list, n, name);
		list += n + (list[n] == ':');
	}
	return path;
}

static int
process_resolve(struct exa *x)
{
	struct conf_process *p = x->process;
	const char *fault;
	char *path;

	if (p->n_argv == 0)
		return exa_fail(x, "%s: run is missing", p->name);
	if (x->source->is_program_unchecked)
		return 0;
	path = p->argv[0];
	if (*path != '/')
		path = program_find(x, path);
	if (path == NULL)
		return exa_fail(x, "%s: program %s is neither beside the "
		    "configuration nor in /etc/exabgp nor in PATH", p->name,
		    p->argv[0]);
	fault = program_fault(path);
	if (fault != NULL)
		return exa_fail(x, "%s: program %s %s", p->name, path, fault);
	p->argv[0] = path;
	return 0;
}

/* process NAME { ... } */
int
exa_process(struct exa *x)
{
	static const struct exa_row rows[] = {
		{ "encoder", process_encoder },
		{ "overflow", process_overflow },
		{ "respawn", process_respawn },
		{ "run", process_run },
	};
	const struct conf_environment *env = &x->config->environment;
	unsigned before = x->errors->n_errors;
	const char *outer = x->section;
	char *name;
	int e;

	if ((e = exa_string(x, &name)) != 0)
		return e;
	if (config_process(x->config, name) != NULL)
		return exa_fail(x, "process %s is there twice", name);
	x->process = arena_append(x->config->arena, &x->config->processes,
	    &x->config->n_processes, sizeof(*x->process));
	x->process->name = name;
	x->process->overflow = OVERFLOW_LATEST;
	x->process->encoder = env->api_encoder;
	x->process->version = env->api_version;
	x->process->respawn = env->api_respawn;
	x->process->ack = env->api_ack;
	e = exa_section(x, "process", EXA_ROWS(rows));
	x->section = "process";
	if (e == 0 && x->errors->n_errors == before)
		process_resolve(x);
	x->section = outer;
	x->process = NULL;
	return e;
}

/* One name or pattern: kept until all processes are known. */
static int
block_add(struct exa *x, bool is_regex)
{
	struct exa_listener *l;
	struct word program;
	int e = exa_item(x, &program);

	if (e != 0)
		return e;
	l = arena_append(x->config->arena, &x->block, &x->n_block,
	    sizeof(*l));
	l->line = x->line;
	l->is_regex = is_regex;
	l->program = exa_strdup(x, &program);
	return 0;
}

static int
block_add_name(struct exa *x)
{
	return block_add(x, false);
}

static int
block_add_regex(struct exa *x)
{
	return block_add(x, true);
}

/* What was named already must be of the same kind. */
static int
block_check_kind(struct exa *x, bool is_regex)
{
	if (x->n_block > 0 && x->block[0].is_regex != is_regex)
		return exa_fail(x, "processes and processes-match cannot "
		    "stand together");
	return 0;
}

static int
api_processes(struct exa *x)
{
	int e = block_check_kind(x, false);

	return e != 0 ? e : exa_list(x, block_add_name);
}

static int
api_processes_match(struct exa *x)
{
	int e = block_check_kind(x, true);

	return e != 0 ? e : exa_list(x, block_add_regex);
}

static int
api_neighbor_changes(struct exa *x)
{
	return exa_boolean(x, &x->api.neighbor_changes);
}

static int
api_negotiated(struct exa *x)
{
	return exa_boolean(x, &x->api.negotiated);
}

static int
api_fsm(struct exa *x)
{
	return exa_boolean(x, &x->api.fsm);
}

static int
api_signal(struct exa *x)
{
	return exa_boolean(x, &x->api.signal);
}

/* Words of send and receive: what (a bit of the mask) or how (of the form). */
static const struct {
	const char	*word;
	uint8_t		 kind, form;
} event_bits[] = {
	{ "all", API_ALL_KINDS, 0 },
	{ "consolidate", 0, API_CONSOLIDATE },
	{ "keepalive", API_KEEPALIVE, 0 },
	{ "notification", API_NOTIFICATION, 0 },
	{ "open", API_OPEN, 0 },
	{ "operational", API_OPERATIONAL, 0 },
	{ "packets", 0, API_PACKETS },
	{ "parsed", 0, API_PARSED },
	{ "refresh", API_REFRESH, 0 },
	{ "update", API_UPDATE, 0 },
};

static int
event_word(struct exa *x)
{
	uint8_t kind, form;
	bool is_on;
	size_t i;
	int e = exa_boolean(x, &is_on);

	if (e != 0)
		return e;
	for (i = 0; strcmp(event_bits[i].word, x->keyword) != 0; i++)
		;
	kind = event_bits[i].kind;
	form = event_bits[i].form;
	*x->api_mask = (uint8_t)(is_on ? *x->api_mask | kind :
	    *x->api_mask & ~kind);
	*x->api_form = (uint8_t)(is_on ? *x->api_form | form :
	    *x->api_form & ~form);
	return 0;
}

static int
api_events(struct exa *x, const char *name)
{
	static const struct exa_row rows[] = {
		{ "all", event_word },
		{ "consolidate", event_word },
		{ "keepalive", event_word },
		{ "notification", event_word },
		{ "open", event_word },
		{ "operational", event_word },
		{ "packets", event_word },
		{ "parsed", event_word },
		{ "refresh", event_word },
		{ "update", event_word },
	};

	return exa_section(x, name, EXA_ROWS(rows));
}

static int
api_send(struct exa *x)
{
	x->api_mask = &x->api.send_mask;
	x->api_form = &x->api.send_form;
	return api_events(x, "send");
}

static int
api_receive(struct exa *x)
{
	x->api_mask = &x->api.receive_mask;
	x->api_form = &x->api.receive_form;
	return api_events(x, "receive");
}

/* api [NAME] { ... } */
int
exa_api(struct exa *x)
{
	static const struct exa_row rows[] = {
		{ "fsm", api_fsm },
		{ "negotiated", api_negotiated },
		{ "neighbor-changes", api_neighbor_changes },
		{ "processes", api_processes },
		{ "processes-match", api_processes_match },
		{ "receive", api_receive },
		{ "send", api_send },
		{ "signal", api_signal },
	};
	struct exa_listener *l;
	size_t i;
	int e;

	if (!words_at_stop(&x->w))
		words_glued(&x->w);
	x->api = (struct conf_api){ 0 };
	x->block = NULL;
	x->n_block = 0;
	if ((e = exa_section(x, "api", EXA_ROWS(rows))) != 0)
		return e;
	for (i = 0; i < x->n_block; i++) {
		l = arena_append(x->config->arena, &x->listeners,
		    &x->n_listeners, sizeof(*l));
		*l = x->block[i];
		l->api = x->api;
		l->peer = x->config->n_peers - 1;
	}
	return 0;
}

/* Give the peer what the block says for one program; blocks are merged. */
static void
listener_give(struct exa *x, const struct exa_listener *l, char *process)
{
	struct conf_peer *p = &x->config->peers[l->peer];
	struct conf_api *api = NULL;
	size_t i;

	for (i = 0; i < p->n_apis; i++)
		if (strcmp(p->apis[i].process, process) == 0)
			api = &p->apis[i];
	if (api == NULL)
		api = arena_append(x->config->arena, &p->apis, &p->n_apis,
		    sizeof(*api));
	api->process = process;
	api->neighbor_changes |= l->api.neighbor_changes;
	api->negotiated |= l->api.negotiated;
	api->fsm |= l->api.fsm;
	api->signal |= l->api.signal;
	api->send_mask |= l->api.send_mask;
	api->send_form |= l->api.send_form;
	api->receive_mask |= l->api.receive_mask;
	api->receive_form |= l->api.receive_form;
}

static void
listener_by_name(struct exa *x, const struct exa_listener *l)
{
	const struct conf_process *p = config_process(x->config, l->program);

	if (p != NULL)
		listener_give(x, l, p->name);
	else
		conf_error(x->errors, x->source->path, l->line,
		    "api: there is no process %s", l->program);
}

static void
listener_by_regex(struct exa *x, const struct exa_listener *l)
{
	regex_t regex;
	unsigned n = 0;
	size_t i;

	if (regcomp(&regex, l->program, REG_EXTENDED | REG_NOSUB) != 0) {
		conf_error(x->errors, x->source->path, l->line,
		    "api: processes-match: \"%s\" is no regular expression",
		    l->program);
		return;
	}
	for (i = 0; i < x->config->n_processes; i++) {
		struct conf_process *p = &x->config->processes[i];

		if (regexec(&regex, p->name, 0, NULL, 0) != 0)
			continue;
		listener_give(x, l, p->name);
		n++;
	}
	regfree(&regex);
	if (n == 0)
		conf_error(x->errors, x->source->path, l->line,
		    "api: no process matches \"%s\"", l->program);
}

void
exa_finish_apis(struct exa *x)
{
	size_t i;

	for (i = 0; i < x->n_listeners; i++) {
		if (x->listeners[i].is_regex)
			listener_by_regex(x, &x->listeners[i]);
		else
			listener_by_name(x, &x->listeners[i]);
	}
}
