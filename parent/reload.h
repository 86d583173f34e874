/* SPDX-License-Identifier: ISC */
/*
 * Reading the configuration again. Inside parent/ only.
 *
 * A reload on trial keeps the model before it in memory, and puts it back
 * unless it is confirmed in time. Until then it can only be confirmed,
 * undone, or tried again with what the file says now: whatever is tried, the
 * model to go back to stays the last one that was not on trial.
 */
#ifndef PARENT_RELOAD_H
#define PARENT_RELOAD_H

#include "common/loop.h"

#include <stdbool.h>
#include <stddef.h>

struct imsg;
struct conf_errors;
struct config;
struct parent;
struct worker;

#define RELOAD_TRIAL_MAX	86400	/* seconds */

struct reload_trial {
	struct config		*before;	/* to go back to; NULL: none */
	size_t			 file;		/* which it was read from */
	struct loop_timer	 timer;		/* when */
};

void		 reload_init(struct parent *);
void		 reload_fini(struct parent *);
/* IMSG_RELOAD; answered by IMSG_RESULT. */
void		 reload_request(struct worker *, const struct imsg *);
/* Whether a model is on trial. */
bool		 reload_is_pending(const struct parent *);
/* A broker that is new learns of it. */
void		 reload_tell_pending(struct parent *);
/* Which of the daemon's files a reload would read. */
size_t		 reload_next_file(const struct parent *);
/* A file as a reload reads it, to be freed; NULL: it has errors, reported. */
struct config	*reload_read(const struct parent *, const char *path,
		    struct conf_errors *);

#endif
