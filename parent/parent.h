/* SPDX-License-Identifier: ISC */
/*
 * The parent: reads the configuration, binds listeners, starts and watches
 * workers and programs, reloads, and stops all in order. The only process
 * that forks. It parses nothing that came from the network. Inside parent/
 * only.
 */
#ifndef PARENT_PARENT_H
#define PARENT_PARENT_H

#include "common/config.h"
#include "common/env.h"
#include "common/imsg.h"
#include "common/loop.h"
#include "common/mono.h"
#include "common/sandbox.h"
#include "parent/handover.h"
#include "parent/reload.h"

#include <stdbool.h>
#include <sys/types.h>

struct chan;
struct dynamic_change;
struct kroute;
struct imsg;
struct parent;
struct show_job;

#define PARENT_DEATHS_MAX	5	/* of a worker in this time: give up */
#define PARENT_DEATHS_SEC	60
#define PARENT_PING_SEC		1	/* workers are asked whether they live */
#define PARENT_WATCHDOG_SEC	10	/* and killed when silent for so long */
#define WORKER_FD		3	/* a worker's channel to the parent */
#define PARENT_STOP_SEC		2	/* workers may take to say goodbye */

/* How an engine is made: the table is in main.c. */
struct parent_engine {
	enum imsg_proc	 role;
	const char	*name;		/* its row in the privilege table */
	void		*(*start)(struct env *, int parent_handle);
	void		 (*stop)(void *engine);
};

/* What the command line said. */
struct parent_options {
	char		*path;		/* of the binary, for a restart */
	char		**argv;		/* as we were called */
	const struct parent_engine *engines;	/* by enum imsg_proc */
	char		**files;	/* configuration files */
	size_t		 n_files;
	char		**macros;	/* -D name=value */
	size_t		 n_macros;
	const char	*user;		/* -u */
	const char	*env_file;	/* ExaBGP's */
	bool		 is_exabgp;
	bool		 is_solo;
	bool		 is_verbose;
	bool		 is_foreground;
	bool		 is_once;	/* ExaBGP's -1 */
};

struct worker {
	struct parent	*parent;
	const struct parent_engine *engine;
	struct chan	*chan;		/* NULL: not running */
	pid_t		 pid;		/* 0: none, or solo */
	int		 fault_fd;	/* its forbidden call; -1: none */
	unsigned	 n_starts;
	struct loop_timer ping;
	struct mono	 heard_at;	/* a sign of life */
	void		*solo;		/* the engine itself, in solo mode */
	struct env	 solo_env;
	struct loop_timer restart;
	struct mono	 deaths[PARENT_DEATHS_MAX];
	unsigned	 n_deaths;
	bool		 is_stopped;	/* said so */
	bool		 is_restarting;	/* was asked to end, to begin anew */
};

struct program {
	struct program		*next;
	struct parent		*parent;
	uint32_t		 id;
	char			*name;
	pid_t			 pid;		/* 0: not running */
	struct loop_timer	 timer;		/* to respawn, or to kill */
	int64_t			 bucket;	/* of 64 s, for the limit */
	unsigned		 n_starts;	/* in it */
	bool			 is_stopping;
	bool			 is_ours;	/* the next start is our doing */
	bool			 is_broken;	/* respawned too often */
	bool			 is_removed;	/* no longer configured */
};

struct parent_listener {
	struct parent_listener	*next;
	struct imsg_listener	 at;
	int			 fd;
	bool			 is_wanted;
};

struct parent {
	struct env		*env;
	const struct parent_options *options;
	struct config		*config;
	size_t			 file;		/* of options->files, in use */
	struct worker		 workers[PROC_N];	/* PROC_PARENT unused */
	struct program		*programs;
	struct parent_listener	*listeners;
	int			 control_fd, restricted_fd;	/* -1: none */
	char			*control_path, *restricted_path;
	int			 cli_fds[3];	/* by enum imsg_cli; -1: none */
	char			*cli_path;	/* of the socket */
	struct loop_timer	 stop_timer;
	struct handover		 handover;
	uint16_t		 ports[SANDBOX_PORTS_MAX];
	size_t			 n_ports;	/* session may connect to; 0: any */
	uint32_t		 conf_serial;	/* of models sent */
	struct mrt_dump		*dumps;
	struct dynamic_change	*changes;	/* of peers, asked for */
	struct loop_task	 change_task;	/* carries them out */
	struct reload_trial	 trial;
	struct kroute		*kroute;	/* NULL: not asked for */
	struct show_job		*shows;		/* for clients of the broker */
	bool			 is_stopping;
	int			 status;	/* exit */
};

/* parent.c: run until stopped; the exit status. config is owned. */
int	parent_run(struct env *, const struct parent_options *,
	    struct config *);
/* Stop in order: peers hear of it, programs end, workers end. */
void	parent_stop(struct parent *, int status);
void	parent_check_stopped(struct parent *);
/*
 * reload.c: read the configuration again. 0, or an error; why is set (size
 * 256).
 */
int	parent_reload(struct parent *, char *why, size_t why_len);
/* Send the model to one worker (keys only to the session engine). */
void	parent_send_config(struct parent *, struct worker *);

/* A model that the RDE is to look at for a client; false: there is no RDE. */
bool	parent_send_impact(struct parent *, const struct config *,
	    uint32_t client);

/* A model is in p->config: let everybody apply it. */
void	parent_apply_config(struct parent *);

/* dynamic.c: peers that programs make and delete */
void	dynamic_init(struct parent *);
void	dynamic_fini(struct parent *);
/* IMSG_PEER_CREATE or IMSG_PEER_DELETE; answered by IMSG_RESULT. */
void	dynamic_request(struct parent *, const struct imsg *);

/* ifaddr.c: tell the RDE the addresses of this machine. */
void	ifaddr_send(struct worker *);

/* worker.c */
int	worker_start(struct worker *);
void	worker_init_all(struct parent *);
/* Launch all, and make those that listen to sessions ready. */
void	worker_start_all(struct parent *);
/* Launch all again after a handover, programs that lost their pipes too. */
void	worker_start_over(struct parent *);
/* Whether the session engine may not connect to all ports of the model. */
bool	worker_lacks_ports(const struct parent *);
/* Let sessions begin: programs have their pipes, and miss none of it. */
void	worker_start_session(struct parent *);
/* A child ended; false if it is none of ours. */
bool	worker_reap(struct parent *, pid_t, int status);
void	worker_stop_all(struct parent *);
void	worker_kill_all(struct parent *, int signo);
void	worker_fini(struct worker *);
bool	worker_are_all_gone(const struct parent *);

/* worker_main.c: what a re-executed worker is told by its command line. */
struct worker_options {
	const char	*user;		/* to become, when root */
	const char	*ports;		/* "179,1179": may connect to; or NULL */
	bool		 is_verbose;
	bool		 is_again;	/* its limits were logged before */
};

/* The other side: a re-executed worker's life. Returns its exit status. */
int	worker_main(const struct parent_engine *,
	    const struct worker_options *);
/* Enter the sandbox of a worker; exits when it cannot. */
void	worker_enter(const char *name, const struct worker_options *,
	    char *report, size_t report_len);

/* program.c */
void	program_apply(struct parent *);
bool	program_reap(struct parent *, pid_t, int status);
/* A new broker: programs lost their pipes, start them again. */
void	program_restart_all(struct parent *);
void	program_kill(struct parent *, uint32_t id);
/* One that another binary started; id, pid and starts of it count. */
void	program_adopt(struct parent *, const struct program *,
	    const char *name);
void	program_stop_all(struct parent *);
bool	program_are_all_gone(const struct parent *);
void	program_fini(struct parent *);

/* listen.c */
void	listen_apply(struct parent *);
void	listen_send_all(struct parent *);
void	listen_fini(struct parent *);
/* The control sockets of the model. 0 or ERR_EXISTS (someone answers). */
int	listen_control(struct parent *);
void	listen_send_control(struct parent *);
/* A unix socket of this mode: its descriptor, ERR_EXISTS, ERR_SYSTEM. */
int	listen_unix(struct parent *, const char *path, mode_t);

/* cli_listen.c: the socket and FIFOs of `exabgp cli` */
void	cli_listen(struct parent *);
void	cli_listen_send(struct parent *);
void	cli_listen_fini(struct parent *);

/* bmp.c: IMSG_BMP_CONNECT; answered by IMSG_BMP_SOCKET or _FAILED. */
void	bmp_connect(struct worker *, const struct imsg *);

/* mrt.c: open the dumps that are new in the model; forget all. */
void	mrt_apply(struct parent *);
/* The broker is another: open all for it. */
void	mrt_reopen(struct parent *);
void	mrt_fini(struct parent *);

#endif
