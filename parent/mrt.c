/* SPDX-License-Identifier: ISC */
/*
 * Files of the configuration's dumps: opened here, under names that
 * strftime makes, and handed to the broker, which writes them; again at
 * each dump's interval.
 */
#include "parent/parent.h"

#include "common/buf.h"
#include "common/chan.h"

#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define MRT_PATH_MAX	1024

struct mrt_dump {
	struct parent		*parent;
	struct mrt_dump		*next;
	const struct conf_dump	*conf;
	uint32_t		 peer_id;	/* 0: the daemon's */
	uint16_t		 index;
	struct loop_timer	 timer;
};

/* A table is written anew, messages go behind what is there. */
static void
dump_open(struct mrt_dump *d)
{
	struct parent *p = d->parent;
	time_t now = (time_t)(p->env->wall_usec(p->env) / 1000000);
	struct chan *api = p->workers[PROC_API].chan;
	char path[MRT_PATH_MAX];
	uint8_t array[2];
	struct wr w;
	struct tm tm;
	int fd;

	if (api == NULL)
		return;
	if (localtime_r(&now, &tm) == NULL ||
	    strftime(path, sizeof(path), d->conf->path, &tm) == 0) {
		log_err(&p->env->log, "dump %s: no name of a file",
		    d->conf->path);
		return;
	}
	fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC | O_NOFOLLOW |
	    (d->conf->kind <= DUMP_TABLE_V2 ? O_TRUNC : O_APPEND), 0644);
	if (fd == -1) {
		log_err(&p->env->log, "dump %s: %s", path, strerror(errno));
		return;
	}
	buf_writer(&w, array, sizeof(array));
	buf_put_u16(&w, d->index);
	chan_send_fd(api, IMSG_MRT_FILE, d->peer_id, w.base, w.len, fd);
}

static void
dump_on_timer(void *arg)
{
	struct mrt_dump *d = arg;

	dump_open(d);
	loop_timer_set_after_usec(&d->timer, d->conf->interval_sec *
	    MONO_USEC_PER_SEC);
}

static void
dump_add(struct parent *p, uint32_t peer_id, const struct conf_dump *conf,
    size_t index)
{
	struct mrt_dump *d = calloc(1, sizeof(*d));

	if (d == NULL)
		err(1, "mrt");
	*d = (struct mrt_dump){
		.parent = p, .next = p->dumps, .conf = conf,
		.peer_id = peer_id, .index = (uint16_t)index,
	};
	p->dumps = d;
	loop_timer_init(&d->timer, p->env->loop, dump_on_timer, d);
	dump_open(d);
	if (conf->interval_sec != 0)
		loop_timer_set_after_usec(&d->timer, conf->interval_sec *
		    MONO_USEC_PER_SEC);
}

static void
dump_free(struct mrt_dump *d)
{
	loop_timer_fini(&d->timer);
	free(d);
}

void
mrt_fini(struct parent *p)
{
	struct mrt_dump *d;

	while ((d = p->dumps) != NULL) {
		p->dumps = d->next;
		dump_free(d);
	}
}

/* Take the dump of the last model off the list, if it is this one. */
static struct mrt_dump *
dump_take(struct mrt_dump **list, uint32_t peer_id,
    const struct conf_dump *conf, size_t index)
{
	struct mrt_dump **link, *d;

	for (link = list; (d = *link) != NULL; link = &d->next) {
		if (d->peer_id != peer_id || d->index != index ||
		    !config_dump_is_equal(d->conf, conf))
			continue;
		*link = d->next;
		return d;
	}
	return NULL;
}

static void
dump_apply(struct parent *p, struct mrt_dump **old, uint32_t peer_id,
    const struct conf_dump *conf, size_t index)
{
	struct mrt_dump *d = dump_take(old, peer_id, conf, index);

	if (d == NULL) {
		dump_add(p, peer_id, conf, index);
		return;
	}
	d->conf = conf;
	d->next = p->dumps;
	p->dumps = d;
}

void
mrt_apply(struct parent *p)
{
	const struct config *c = p->config;
	struct mrt_dump *old = p->dumps, *d;
	size_t i, k;

	p->dumps = NULL;
	for (i = 0; i < c->n_dumps; i++)
		dump_apply(p, &old, 0, &c->dumps[i], i);
	for (i = 0; i < c->n_peers; i++)
		for (k = 0; k < c->peers[i].n_dumps; k++)
			dump_apply(p, &old, c->peers[i].id,
			    &c->peers[i].dumps[k], k);
	while ((d = old) != NULL) {
		old = d->next;
		dump_free(d);
	}
}

void
mrt_reopen(struct parent *p)
{
	struct mrt_dump *d;

	for (d = p->dumps; d != NULL; d = d->next)
		dump_open(d);
}
