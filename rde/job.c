/* SPDX-License-Identifier: ISC */
/* Long messages, kept while they are worked on. */
#include "rde/job.h"

#include <err.h>
#include <stdlib.h>
#include <string.h>

void
job_begin(struct job *j, struct chan *c, const struct imsg *m)
{
	if (m->len > j->cap) {
		free(j->data);
		j->data = malloc(m->len);
		if (j->data == NULL)
			err(1, "job");
		j->cap = m->len;
	}
	memcpy(j->data, m->data, m->len);
	j->is_active = true;
	j->type = m->type;
	j->id = m->id;
	j->len = m->len;
	j->pos = 0;
	j->n_done = 0;
	j->n_hit = 0;
	j->n_peers = 0;
	chan_pause(c, true);
}

void
job_end(struct job *j, struct chan *c)
{
	j->is_active = false;
	if (c != NULL)
		chan_pause(c, false);
}

void
job_fini(struct job *j)
{
	free(j->data);
	memset(j, 0, sizeof(*j));
}
