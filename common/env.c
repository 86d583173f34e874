/* SPDX-License-Identifier: ISC */
/* The kernel's world, and the log sinks that need it. */
#include "common/env.h"

#include "common/chan.h"
#include "common/loop.h"
#include "common/net.h"

#include <err.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <syslog.h>
#include <time.h>
#include <unistd.h>

static uint32_t
env_random(struct env *env)
{
	(void)env;
	return arc4random();
}

static int64_t
env_wall_usec(struct env *env)
{
	struct timespec ts;

	(void)env;
	clock_gettime(CLOCK_REALTIME, &ts);
	return (int64_t)ts.tv_sec * 1000000 + ts.tv_nsec / 1000;
}

struct env *
env_new(void)
{
	struct env *env = calloc(1, sizeof(*env));

	if (env == NULL)
		err(1, "env");
	env->loop = loop_event_new();
	env->net = net_sock_new();
	env->chan_ops = chan_sock_ops();
	env->random = env_random;
	env->wall_usec = env_wall_usec;
	return env;
}

void
env_free(struct env *env)
{
	if (env == NULL)
		return;
	loop_event_free(env->loop);
	net_sock_free(env->net);
	free(env);
}

uint32_t
env_random_below(struct env *env, uint32_t bound)
{
	return (uint32_t)((uint64_t)env->random(env) * bound >> 32);
}

void
env_hostname(char *buf, size_t buf_len)
{
	if (gethostname(buf, buf_len) != 0)
		strlcpy(buf, "localhost", buf_len);
	buf[buf_len - 1] = '\0';
}

static const char *const env_log_levels[] = {
	"error: ", "warning: ", "", "debug: ",
};

static void
env_log_print(FILE *out, enum log_level level, const char *line)
{
	struct timespec ts;
	struct tm tm;
	char stamp[32];

	clock_gettime(CLOCK_REALTIME, &ts);
	localtime_r(&ts.tv_sec, &tm);
	strftime(stamp, sizeof(stamp), "%H:%M:%S", &tm);
	fprintf(out, "%s.%03ld bgpd: %s%s\n", stamp, ts.tv_nsec / 1000000,
	    env_log_levels[level], line);
	fflush(out);
}

void
env_log_stderr(enum log_level level, const char *line, void *arg)
{
	(void)arg;
	env_log_print(stderr, level, line);
}

void
env_log_file(enum log_level level, const char *line, void *arg)
{
	if (arg != NULL)
		env_log_print(arg, level, line);
}

void
env_log_file_short(enum log_level level, const char *line, void *arg)
{
	if (arg == NULL)
		return;
	fprintf(arg, "bgpd: %s%s\n", env_log_levels[level], line);
	fflush(arg);
}

void
env_log_syslog(enum log_level level, const char *line, void *arg)
{
	static const int priorities[] = {
		LOG_ERR, LOG_WARNING, LOG_INFO, LOG_DEBUG,
	};

	syslog(priorities[level] | LOG_DAEMON, "%s: %s", (const char *)arg,
	    line);
}
