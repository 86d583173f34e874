/* SPDX-License-Identifier: ISC */
/*
 * bgpctl's questions to the parent. What is found at once, but may be long,
 * is kept here and told at the pace of the client; what the kernel knows is
 * in kroute_show.c.
 */
#include "parent/show.h"

#include "common/arena.h"
#include "common/buf.h"
#include "common/chan.h"
#include "common/value.h"
#include "parent/kroute.h"
#include "parent/parent.h"

#include <err.h>
#include <stdlib.h>
#include <string.h>

#define SHOW_JOBS_MAX	4		/* at a time */
#define SHOW_PIECE	(64 * 1024)	/* told at once */
#define SHOW_ROWS_MAX	((size_t)1 << 30)

/* Rows that wait for one client. */
struct show_job {
	struct show_job	*next;
	struct worker	*worker;	/* the broker */
	uint32_t	 client;
	struct wr	 rows;
	size_t		 told;
	const char	*why;		/* the end */
};

struct show_row {
	const char	*request;
	const char	*(*find)(const struct show_request *);
	bool		 is_handed_on;	/* if it succeeds, somebody else ends */
};

static const struct show_row show_rows[] = {
	{ "config-diff", compare_file, false },
	{ "config-impact", compare_impact, true },
	{ "version", version_find, false },
};

static void
show_end(struct worker *w, uint32_t client, const char *why)
{
	chan_send(w->chan, IMSG_SHOW_END, client, why, strlen(why));
}

static void
show_free(struct parent *p, struct show_job *j)
{
	struct show_job **link;

	for (link = &p->shows; *link != j; link = &(*link)->next)
		continue;
	*link = j->next;
	buf_free(&j->rows);
	free(j);
}

void
show_drop(struct parent *p)
{
	while (p->shows != NULL)
		show_free(p, p->shows);
}

/* Whole rows up to a piece; one alone may be longer. */
static size_t
show_piece(const struct show_job *j)
{
	size_t n = 0, used;

	while (j->told + n < j->rows.len && value_scan(j->rows.base + j->told +
	    n, j->rows.len - j->told - n, IMSG_DATA_MAX, &used) ==
	    VALUE_WHOLE && (n == 0 || n + used <= SHOW_PIECE))
		n += used;
	return n;
}

static void
show_go_on(struct parent *p, struct show_job *j)
{
	size_t n = show_piece(j);

	if (n == 0) {
		show_end(j->worker, j->client, j->why);
		show_free(p, j);
		return;
	}
	chan_send(j->worker->chan, IMSG_SHOW_ENTRY, j->client,
	    j->rows.base + j->told, n);
	j->told += n;
	chan_send(j->worker->chan, IMSG_SHOW_PAUSE, j->client, NULL, 0);
}

static void
show_begin(struct worker *w, uint32_t client, const struct show_row *row,
    const struct value *v)
{
	struct parent *p = w->parent;
	struct show_job *j;
	unsigned n = 0;

	for (j = p->shows; j != NULL; j = j->next)
		n++;
	if (n >= SHOW_JOBS_MAX) {
		show_end(w, client, "too many requests");
		return;
	}
	j = calloc(1, sizeof(*j));
	if (j == NULL)
		err(1, "show");
	j->worker = w;
	j->client = client;
	buf_writer_growing(&j->rows, SHOW_ROWS_MAX);
	j->why = row->find(&(struct show_request){ p, client, v, &j->rows });
	if (j->why == NULL && row->is_handed_on) {
		buf_free(&j->rows);
		free(j);
		return;
	}
	if (j->why == NULL)
		j->why = j->rows.err == 0 ? "" : "too much to tell";
	j->next = p->shows;
	p->shows = j;
	show_go_on(p, j);
}

static void
show_request(struct worker *w, const struct imsg *m)
{
	struct arena *arena = arena_new(4096);
	const struct value *v = value_parse(arena, m->data, m->len);
	const char *what = value_get_string(v, "request", "");
	size_t i, n = sizeof(show_rows) / sizeof(show_rows[0]);

	for (i = 0; i < n; i++)
		if (strcmp(show_rows[i].request, what) == 0)
			break;
	if (i < n)
		show_begin(w, m->id, &show_rows[i], v);
	else
		kroute_show(w, m);
	arena_free(arena);
}

static void
show_more(struct worker *w, const struct imsg *m)
{
	struct show_job *j = w->parent->shows;

	while (j != NULL && j->client != m->id)
		j = j->next;
	if (j == NULL)
		kroute_show_more(w, m);
	else if (m->data[0] != 0)
		show_go_on(w->parent, j);
	else
		show_free(w->parent, j);
}

bool
show_message(struct worker *w, const struct imsg *m)
{
	if (m->type == IMSG_SHOW_REQUEST)
		show_request(w, m);
	else if (m->type == IMSG_SHOW_MORE)
		show_more(w, m);
	else
		return false;
	return true;
}
