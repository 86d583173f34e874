/* SPDX-License-Identifier: ISC */
/*
 * The simulator: the reactor under virtual time, TCP and channels in memory,
 * a seeded random source. Engines run in it as they are; the same seed gives
 * the same trace. Time jumps to the next event when nothing can run.
 */
#ifndef REGRESS_SIM_SIM_H
#define REGRESS_SIM_SIM_H

#include "common/addr.h"
#include "common/buf.h"
#include "common/chan.h"
#include "common/config.h"
#include "common/env.h"
#include "common/loop.h"
#include "common/net.h"

#include <stdbool.h>
#include <stdint.h>


#define SIM_HANDLES_MAX		4096
#define SIM_TIMERS_MAX		8192
#define SIM_WINDOW_BYTES	(256 * 1024)	/* of a connection, each way */

struct value;

/* Bytes under way, readable from a point in time on. */
struct sim_packet {
	struct sim_packet	*next;
	struct mono		 due;
	size_t			 len, pos;
	int			 fd;		/* travels with it, or -1 */
	uint8_t			 bytes[];
};

/* The way between two addresses. Cut: bytes wait until it is whole again. */
struct sim_path {
	int64_t			 delay_usec;	/* one way */
	size_t			 window_bytes;	/* under way at the most */
	bool			 is_cut;
};

enum sim_kind { SIM_FREE, SIM_STREAM, SIM_LISTENER, SIM_CONNECTING };

/* One end of a stream, or a listener. Its index is the handle. */
struct sim_end {
	enum sim_kind		 kind;
	int			 other;		/* -1: gone */
	struct wr		 rx;		/* readable now */
	size_t			 rx_pos;
	struct sim_packet	*first, *last;	/* on their way to us */
	size_t			 n_flying;
	bool			 is_eof;	/* other end closed; after rx */
	struct mono		 eof_due;
	struct loop_watch	*watch;
	struct addr		 local, remote;
	uint16_t		 local_port, remote_port;
	int			 queue[16];	/* listener: to be accepted */
	unsigned		 n_queue;
	struct mono		 ready;		/* connecting: answer comes then */
	int			 error;		/* connecting: the answer */
	bool			 is_tcp;	/* has delay; may be cut */
	struct sim_host		*host;
};

struct sim {
	struct loop		 loop;		/* first: ops of the reactor */
	struct mono		 now;
	int64_t			 wall_ahead_usec; /* of the clock on the wall */
	uint64_t		 rng;
	uint64_t		 seed;
	struct sim_end		 ends[SIM_HANDLES_MAX];
	int			 n_ends;	/* highest ever used, plus 1 */
	/* Something was done to it in this moment: it may be ready. */
	bool			 is_hot[SIM_HANDLES_MAX];
	struct loop_timer	*timers[SIM_TIMERS_MAX];
	uint64_t		 timer_seq[SIM_TIMERS_MAX];
	size_t			 n_timers;
	struct loop_task	*tasks[SIM_TIMERS_MAX];
	size_t			 n_tasks;
	uint64_t		 seq;
	uint16_t		 next_port;
	struct wr		 trace;
	struct sim_host		*hosts;
	bool			 is_partitioned;	/* TCP bytes vanish */
	int64_t			 delay_usec;	/* one way, of TCP */
	/* NULL: one way for all, of delay_usec and is_partitioned. */
	const struct sim_path	*(*path_of)(struct sim *, const struct addr *,
				    const struct addr *);
	void			*arg;		/* of who made it */
	bool			 is_stopped;
};

/* One daemon: its engines, and the test in the place of parent and broker. */
struct sim_host {
	struct sim_host		*next;
	struct sim		*sim;
	const char		*name;
	struct addr		 addr;
	struct env		 env;
	struct net		 net;
	void			*session, *rde;	/* engines */
	struct chan		*to_session, *to_rde, *to_rde_as_api;
	struct config		*config;	/* in force */
	uint64_t		 n_entries;	/* of the last query */
	/* each of them, when set */
	void			(*on_entry)(const struct value *, void *);
	void			*on_entry_arg;
	bool			 is_query_done;
};

/* What is asked of an RDE; NULL and false ask for no less. */
struct sim_query {
	const char		*request;	/* NULL: "rib" */
	const char		*direction;	/* NULL: Loc-RIB; "in", "out" */
	bool			 is_best;
	void			(*on_entry)(const struct value *, void *arg);
	void			*arg;
};

struct sim	*sim_new(uint64_t seed);
void		 sim_free(struct sim *);
/* Run until the time is reached. */
void		 sim_run_until(struct sim *, int64_t usec);
/* Two ends of a stream in memory, as chan_sock_pair gives two sockets. */
void		 sim_pair(struct sim *, int handles[2]);
extern const struct net_ops sim_net_ops;
extern const struct chan_ops sim_chan_ops;
/* The handle of a listener at an address of a host's. */
int		 sim_listen(struct sim_host *, const struct addr *,
		    uint16_t port);
/* A line of the trace, with time and subject. */
void		 sim_trace(struct sim *, const char *subject, const char *line);
uint32_t	 sim_random(struct sim *);

/* A daemon at this address with this model (freed here). */
struct sim_host	*sim_host_new(struct sim *, const char *name,
		    const char *addr, struct config *);
/* Give it another model. */
void		 sim_host_configure(struct sim_host *, struct config *);
/* Routes in its Loc-RIB, or of another direction ("in", "out"). */
uint64_t	 sim_host_count(struct sim_host *, const char *direction);
/* Ask its RDE; false when it did not answer. */
bool		 sim_host_query(struct sim_host *, const struct sim_query *);
/* All of it dies at once; then starts again, with a model (freed here). */
void		 sim_host_kill(struct sim_host *);
void		 sim_host_start(struct sim_host *, struct config *);
/* A worker dies, and another takes its place as the parent would do it. */
void		 sim_host_replace_rde(struct sim_host *);
void		 sim_host_replace_session(struct sim_host *);
/* Cut the connections between two addresses, as a reset would. */
void		 sim_cut_between(struct sim *, const struct addr *,
		    const struct addr *);
/* Cut every TCP connection of the world as if cables were pulled. */
void		 sim_cut_all(struct sim *);

#endif
