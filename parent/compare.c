/* SPDX-License-Identifier: ISC */
/*
 * bgpctl config diff: what a reload of a file would change, without doing
 * it. What it would do to sessions is decided by the functions that decide
 * at a reload; what it would do to routes is the RDE's to find out.
 */
#include "parent/show.h"

#include "common/addr.h"
#include "common/buf.h"
#include "common/config.h"
#include "common/config_diff.h"
#include "common/emit.h"
#include "common/value.h"
#include "parent/conf.h"
#include "parent/parent.h"
#include "parent/reload.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#define COMPARE_LINE_MAX	65536	/* of a statement; longer are cut */

/* Rows are maps of one member: its name and what is told. */
static void
row_begin(struct emit *e, struct wr *rows, const char *name)
{
	emit_msgpack_init(e, rows);
	emit_begin_object(e);
	emit_key_object(e, name);
}

static void
row_end(struct emit *e)
{
	emit_end_object(e);
	emit_end_object(e);
}

static void
tell_message(const char *line, bool is_warning, void *arg)
{
	struct emit e;

	row_begin(&e, arg, "message");
	emit_key_string(&e, "severity", is_warning ? "warning" : "error");
	emit_key_string(&e, "text", line);
	row_end(&e);
}

static void
tell_statement(enum config_diff_op op, const char *line, void *arg)
{
	static const char *const words[] = {
		[DIFF_CONTEXT] = "context", [DIFF_DELETE] = "delete",
		[DIFF_ADD] = "add",
	};
	struct emit e;

	row_begin(&e, arg, "statement");
	emit_key_string(&e, "op", words[op]);
	emit_key(&e, "text");
	emit_string_len(&e, line, strnlen(line, COMPARE_LINE_MAX));
	row_end(&e);
}

/*
 * Neighbors.
 */
struct compare_peer {
	struct emit		*emit;
	const struct conf_peer	*old, *new;
	unsigned		 wanted;	/* CONFIG_CHANGE_ bits */
};

static void
tell_reason(const struct conf_field *f, unsigned changes, void *arg)
{
	const struct compare_peer *c = arg;
	char text[768];

	if ((changes & c->wanted) == 0)
		return;
	config_change_print(f, c->old, c->new, text, sizeof(text));
	emit_string(c->emit, text);
}

/* old or new is NULL: it comes or goes. */
static void
tell_peer(struct wr *rows, const struct conf_peer *old,
    const struct conf_peer *new, const char *effect, unsigned wanted)
{
	const struct conf_peer *p = new != NULL ? new : old;
	char text[PREFIX_TEXT_MAX];
	struct emit e;
	struct compare_peer c = { &e, old, new, wanted };

	row_begin(&e, rows, "neighbor");
	emit_key_string(&e, "remote_addr", config_peer_is_template(p) ?
	    prefix_print(&p->remote, text, sizeof(text)) :
	    addr_print(&p->remote.addr, text, sizeof(text)));
	if (p->descr != NULL)
		emit_key_string(&e, "description", p->descr);
	emit_key_string(&e, "effect", effect);
	if (wanted != 0) {
		emit_key_array(&e, "reasons");
		config_peer_each_change(old, new, tell_reason, &c);
		emit_end_array(&e);
	}
	row_end(&e);
}

static void
compare_peer(struct wr *rows, const struct conf_peer *old,
    const struct conf_peer *new)
{
	static const char *const words[] = {
		[EFFECT_CHANGE] = "change", [EFFECT_RESET] = "reset",
		[EFFECT_STOP] = "stop", [EFFECT_START] = "start",
	};
	enum config_effect effect = config_peer_effect(old, new);

	if (effect != EFFECT_NONE)
		tell_peer(rows, old, new, words[effect],
		    effect == EFFECT_RESET ? CONFIG_CHANGE_SESSION : ~0u);
}

static int
compare_ids(const void *va, const void *vb)
{
	const struct conf_peer *const *a = va, *const *b = vb;

	return (*a)->id < (*b)->id ? -1 : (*a)->id > (*b)->id;
}

/* A model's peers by id, to be freed; NULL without memory. */
static const struct conf_peer **
peers_by_id(const struct config *c)
{
	const struct conf_peer **all = calloc(c->n_peers + 1, sizeof(*all));
	size_t i;

	for (i = 0; all != NULL && i < c->n_peers; i++)
		all[i] = &c->peers[i];
	if (all != NULL)
		qsort(all, c->n_peers, sizeof(*all), compare_ids);
	return all;
}

static const struct conf_peer *
peers_find(const struct conf_peer **all, size_t n, const struct conf_peer *key)
{
	const struct conf_peer **found = bsearch(&key, all, n, sizeof(*all),
	    compare_ids);

	return found == NULL ? NULL : *found;
}

/* Ids say who is who. Those that go stand first, then the file's order. */
static const char *
compare_peers(struct wr *rows, const struct config *old,
    const struct config *new)
{
	const struct conf_peer **before = peers_by_id(old);
	const struct conf_peer **after = peers_by_id(new), *was;
	const char *why = before == NULL || after == NULL ? "no memory" : NULL;
	size_t i;

	for (i = 0; why == NULL && i < old->n_peers; i++)
		if (peers_find(after, new->n_peers, &old->peers[i]) == NULL)
			tell_peer(rows, &old->peers[i], NULL, "remove", 0);
	for (i = 0; why == NULL && i < new->n_peers; i++) {
		was = peers_find(before, old->n_peers, &new->peers[i]);
		if (was == NULL)
			tell_peer(rows, NULL, &new->peers[i], "add", 0);
		else
			compare_peer(rows, was, &new->peers[i]);
	}
	free(before);
	free(after);
	return why;
}

/* A cache's key is not in what is printed. */
static void
compare_rtr_keys(struct wr *rows, const struct config *old,
    const struct config *new)
{
	char text[ADDR_TEXT_MAX];
	struct emit e;
	size_t i, k;

	for (i = 0; i < old->n_rtrs; i++) {
		for (k = 0; k < new->n_rtrs; k++) {
			if (!addr_is_equal(&old->rtrs[i].addr,
			    &new->rtrs[k].addr) || old->rtrs[i].port !=
			    new->rtrs[k].port || config_rtr_key_is_equal(
			    &old->rtrs[i], &new->rtrs[k]))
				continue;
			row_begin(&e, rows, "rtr");
			emit_key_string(&e, "remote_addr", addr_print(
			    &new->rtrs[k].addr, text, sizeof(text)));
			emit_key_array(&e, "reasons");
			emit_string(&e, "md5 key changed");
			emit_end_array(&e);
			row_end(&e);
		}
	}
}

/* What is only there for printing counts if both have it. */
static const char *
compare_statements(struct wr *rows, const struct config *old,
    const struct config *new)
{
	struct config *a = NULL, *b = NULL;
	int e = -1;

	if (old->is_as_written && new->is_as_written)
		return config_diff(old, new, tell_statement, rows) == 0 ?
		    NULL : "no memory";
	a = config_copy(old);
	b = config_copy(new);
	if (a != NULL && b != NULL)
		e = config_diff(a, b, tell_statement, rows);
	config_free(a);
	config_free(b);
	return e == 0 ? NULL : "no memory";
}

/*
 * Whether the broker may let us read it: what is wrong with a file is told by
 * words out of it, so that only configurations are taken, regular files
 * beside the daemon's that are called *.conf or begin with its file's name.
 */
static const char *
compare_refusal(const struct parent *p, const char *path)
{
	const char *own = p->options->files[reload_next_file(p)], *name;
	char real[PATH_MAX], real_own[PATH_MAX];
	struct stat st;
	size_t len;

	if (realpath(own, real_own) == NULL || realpath(path, real) == NULL ||
	    stat(real, &st) != 0)
		return "there is no such file";
	name = strrchr(real, '/') + 1;
	len = strlen(name);
	own = strrchr(real_own, '/') + 1;
	if (!S_ISREG(st.st_mode) ||
	    (size_t)(name - real) != (size_t)(own - real_own) ||
	    strncmp(real, real_own, (size_t)(name - real)) != 0 ||
	    (strncmp(name, own, strlen(own)) != 0 &&
	    (len < 5 || strcmp(name + len - 5, ".conf") != 0)))
		return "not a configuration: only files in the folder of the "
		    "daemon's are read, called *.conf or with its name in "
		    "front";
	return NULL;
}

/* The file that is asked for, read; NULL with why. */
static struct config *
compare_read(const struct show_request *r, const char **why)
{
	const char *path = value_get_string(r->map, "file", NULL);
	struct conf_errors errors = { .report = tell_message, .arg = r->rows };
	const struct parent *p = r->parent;
	struct config *new;

	if (path != NULL && (*why = compare_refusal(p, path)) != NULL)
		return NULL;
	if (path == NULL)
		path = p->options->files[reload_next_file(p)];
	new = reload_read(p, path, &errors);
	if (new == NULL)
		*why = "the configuration has errors";
	else
		config_keep_ids(p->config, new);
	return new;
}

const char *
compare_file(const struct show_request *r)
{
	const struct config *old = r->parent->config;
	const char *why = NULL;
	struct config *new = compare_read(r, &why);

	if (new == NULL)
		return why;
	why = compare_statements(r->rows, old, new);
	if (why == NULL)
		why = compare_peers(r->rows, old, new);
	compare_rtr_keys(r->rows, old, new);
	config_free(new);
	return why;
}

const char *
compare_impact(const struct show_request *r)
{
	const char *why = NULL;
	struct config *new = compare_read(r, &why);

	if (new != NULL && !parent_send_impact(r->parent, new, r->client))
		why = "the route decision engine is restarting";
	config_free(new);
	return why;
}
