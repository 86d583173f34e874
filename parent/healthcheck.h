/* SPDX-License-Identifier: ISC */
/*
 * `exabgp healthcheck`: a program of its own, started by a daemon as an API
 * program. It runs a check again and again and announces addresses as the
 * check says. Nothing of the daemon is used but text conventions: commands
 * on standard output, answers on standard input. Shared by
 * parent/healthcheck*.c only.
 */
#ifndef PARENT_HEALTHCHECK_H
#define PARENT_HEALTHCHECK_H

#include "common/addr.h"
#include "common/buf.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define HEALTHCHECK_IPS_MAX	65536	/* of deaggregated networks, too */

enum healthcheck_state {
	HEALTH_INIT,
	HEALTH_RISING,
	HEALTH_UP,
	HEALTH_FALLING,
	HEALTH_DOWN,
	HEALTH_DISABLED,
	HEALTH_EXIT,		/* told to end: routes are withdrawn */
	HEALTH_END,		/* interval 0: routes stay */
	HEALTH_N
};

/* What the command line says. Strings are borrowed from it. */
struct healthcheck_options {
	char		**words;	/* of the file of options, or NULL */
	bool		is_silent, is_debug, has_no_ack, has_sudo;
	bool		has_no_syslog, is_debounced;
	bool		has_deaggregation, has_no_ip_setup, is_dynamic_ip;
	bool		is_label_exact, is_withdrawn_when_down;
	const char	*facility, *name, *config, *pid_file, *user, *group;
	const char	*disable_file, *command, *label, *interface;
	int64_t		interval_usec, fast_interval_usec, timeout_usec;
	unsigned	rise, fall, start_ip;
	uint32_t	increase;
	uint32_t	metric[HEALTH_N];
	const char	*local_preference, *next_hop, *path_id, *neighbor;
	const char	*community, *disabled_community;
	const char	*extended_community, *large_community;
	const char	*as_path, *state_as_path[HEALTH_N];
	const char	*execute, *state_execute[HEALTH_N];
	struct prefix	*ips;		/* as given by --ip */
	size_t		 n_ips;
};

struct healthcheck {
	struct healthcheck_options o;
	enum healthcheck_state state;
	unsigned	 n_checks;	/* alike, while rising or falling */
	struct prefix	*ips;		/* to announce, in order */
	size_t		 n_ips;
	bool		*is_there;	/* per address: the interface has it */
	int		 signal_fd;
	struct wr	 input;		/* of lines not whole yet */
	bool		 is_input_closed, is_output_closed;
	bool		 is_told_to_end;
	bool		 has_ack_warned;
	unsigned	 n_acks;	/* answers that came */
};

/*
 * healthcheck_options.c: read the command line and the --config file. Exits
 * with a message when it cannot.
 */
void	healthcheck_options(struct healthcheck_options *, int argc,
	    char **argv);
void	healthcheck_options_fini(struct healthcheck_options *);

/* healthcheck_io.c */
void	healthcheck_io_init(struct healthcheck *);
void	healthcheck_log(const struct healthcheck *, int priority,
	    const char *fmt, ...) __attribute__((format(printf, 3, 4)));
/* Tell the daemon a line (no newline) and wait for its answer. */
void	healthcheck_say(struct healthcheck *, const char *line);
/*
 * Pass the time, reading what the daemon says. Ends early, with false, when
 * a signal or the daemon says to end; true after the time, or when *until
 * (may be NULL) has become more than 0.
 */
bool	healthcheck_wait(struct healthcheck *, int64_t usec,
	    const unsigned *until);
int64_t	healthcheck_now_usec(void);

/* healthcheck_exec.c */
/* The check's command: whether it ended with status 0 in time. */
bool	healthcheck_check(struct healthcheck *);
/* The commands that a state change asks for. */
void	healthcheck_hooks(struct healthcheck *, enum healthcheck_state);
/* Run a program; its exit status, -1 if there is none (killed, absent). */
int	healthcheck_exec(struct healthcheck *, char *const argv[],
	    const char *state, int64_t timeout_usec);

/* healthcheck_ip.c */
/* Fill ips: those of --ip, else those of the loopback interface. */
void	healthcheck_ips(struct healthcheck *);
/* Put addresses that are missing on the interface, or take ours off. */
void	healthcheck_ip_setup(struct healthcheck *);
void	healthcheck_ip_remove(struct healthcheck *);

/* healthcheck.c */
const char *healthcheck_state_name(enum healthcheck_state);

#endif
