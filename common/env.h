/* SPDX-License-Identifier: ISC */
/*
 * What an engine is given of the outside world: time and events, TCP,
 * channels, randomness, wall-clock time, a log. The kernel's (env_new), or
 * the simulator's.
 */
#ifndef COMMON_ENV_H
#define COMMON_ENV_H

#include "common/log.h"

#include <stddef.h>
#include <stdint.h>

struct chan_ops;
struct loop;
struct net;

struct env {
	struct loop		*loop;
	struct net		*net;
	const struct chan_ops	*chan_ops;
	struct log		 log;
	/* 32 random bits, not predictable outside the simulator. */
	uint32_t		(*random)(struct env *);
	/* Microseconds since 1970. */
	int64_t			(*wall_usec)(struct env *);
	void			*arg;		/* of the back end */
};

/* The kernel's world: libevent, sockets, socketpairs. Lives until exit. */
struct env	*env_new(void);
/* Free it; channels, timers and watches must be gone. */
void		 env_free(struct env *);

/* A number below bound (> 0), unbiased enough for jitter. */
uint32_t	 env_random_below(struct env *, uint32_t bound);

/* The name of this host, as it was when the process was sandboxed. */
void		 env_hostname(char *buf, size_t buf_len);

/* Log sinks; arg is the name of the process. */
void		 env_log_stderr(enum log_level, const char *line, void *arg);
void		 env_log_syslog(enum log_level, const char *line, void *arg);
/* arg is a FILE *, written line by line; NULL: nothing is logged. */
void		 env_log_file(enum log_level, const char *line, void *arg);
/* The same without the time. */
void		 env_log_file_short(enum log_level, const char *line,
		    void *arg);

#endif
