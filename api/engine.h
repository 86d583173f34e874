/* SPDX-License-Identifier: ISC */
/* The broker's own state; inside api/ only. */
#ifndef API_ENGINE_H
#define API_ENGINE_H

#include "common/buf.h"
#include "common/config.h"
#include "common/env.h"
#include "common/imsg.h"
#include "common/loop.h"
#include "common/text/text_route.h"

#include <stdbool.h>
#include <stdint.h>

struct api;
struct chan;
struct client;

/* A peer as programs know it. */
struct api_peer {
	const struct conf_peer	*conf;		/* in the current model */
	uint32_t		 id;
	char			*name;		/* selectors match its words */
	uint8_t			 state;		/* enum bgp_state */
	bool			 was_connected;
	bool			 is_up;
	struct imsg_session_up	 session;	/* while is_up */
	uint64_t		 counter;	/* of events */
};

/* Who is meant by a selector: peers under a number that the RDE knows. */
struct audience {
	uint32_t		 id;
	uint32_t		*peers;
	size_t			 n_peers;
	char			*selector;	/* program and text, the key */
};

/* Output that waits for a pipe or socket. Bounded by its owner. */
struct outq {
	struct wr		 bytes;
	size_t			 sent;
};

#define PROGRAM_LINE_MAX	(1024 * 1024)	/* longest command */
#define PROGRAM_QUEUE_MAX	(64u * 1024 * 1024)
#define PROGRAM_READ_BYTES	(64 * 1024)
#define PROGRAM_TURN_LINES	1024	/* between looks at other work */

/* Why a program's next line has to wait. */
enum program_wait {
	WAIT_NOTHING,
	WAIT_ROUTES,		/* acks of routes come first */
	WAIT_REPLY,		/* a dump or question under way */
};

struct program {
	struct program		*next;
	struct api		*api;
	const struct conf_process *conf;	/* NULL: removed */
	uint32_t		 id;
	pid_t			 pid;
	int			 in_fd, out_fd;	/* we write, we read; -1 */
	struct loop_watch	 in_watch, out_watch;
	struct loop_task	 task;		/* lines are left to do */
	struct wr		 input;		/* not yet commands */
	size_t			 input_pos;
	struct outq		 output;
	enum program_wait	 wait;
	bool			 has_ack;
	bool			 is_sync;
	bool			 is_eof;
	uint8_t			 version;	/* of the API: 4 or 6 */
	uint32_t		 n_unacked;	/* route lines not yet taken */
	/* The selector last used, for the next line's. */
	char			*last_selector;
	size_t			 last_selector_len;
	struct audience		*last_audience;
	/* Statistics. */
	uint64_t		 n_lines, n_errors, n_acks, n_events, n_dropped;
	/* A reply under way. */
	bool			 is_json_reply;
	uint8_t			 reply_kind;
	uint64_t		 n_reply;
	bool			 is_group;	/* group start was said */
	uint32_t		 n_group_announced, n_group_withdrawn;
};

/* A line's routes that the RDE has not taken yet, in order of sending. */
struct api_pending {
	uint64_t		 upto;		/* count of routes sent */
	uint32_t		 program;	/* id */
	bool			 has_ack;
	uint32_t		 sync;		/* request to wait for, or 0 */
};

struct api {
	struct env		*env;
	struct chan		*parent, *session, *rde;
	struct config		*config;
	struct wr		 incoming;	/* model being received */
	struct api_peer		*peers;
	size_t			 n_peers;
	struct program		*programs;
	struct client		*clients;
	struct control		*control;	/* listeners of bgpctl */
	uint32_t		 next_client;
	/* audiences */
	struct audience		**audiences;
	size_t			 n_audiences;
	uint32_t		 next_audience;
	/* routes on their way to the RDE */
	struct text_parser	 parser;
	struct wr		 batch;
	uint32_t		 batch_audience;
	uint64_t		 n_routes_sent, n_routes_done;
	struct api_pending	*pending;	/* ring */
	size_t			 pending_cap, pending_head, n_pending;
	struct mono		 started;
	bool			 is_stopping;
	bool			 is_handing_over, is_given;	/* api_handover.c */
	bool			 is_session_quiet;
	char			 host[65];
};

/* api.c */
struct api_peer	*api_peer(struct api *, uint32_t id);
bool		 api_program_sees(const struct program *,
		    const struct api_peer *);
/* Send the batch of routes that was gathered. */
void		 api_flush_routes(struct api *);
/* Add a route for an audience; goes out with the batch. */
void		 api_add_route(struct api *, const struct audience *,
		    const struct route *);
/* Ack a line when the RDE has all routes that were added so far. */
void		 api_expect(struct program *);
/* Whether the RDE can take more now. */
bool		 api_may_send(const struct api *);

/* select.c */
/*
 * The peers that a selector means, of those that the program (NULL: all)
 * may touch. NULL with *why for a malformed selector, or none matching.
 */
struct audience	*select_audience(struct api *, struct program *,
		    const char *selector, size_t len, const char **why);
/* An audience of given peers. */
struct audience	*select_peers(struct api *, const uint32_t *ids, size_t n);
void		 select_forget_all(struct api *);
/* The name that selectors match, made from conf; to be freed. */
char		*select_name(const struct conf_peer *);

/* program.c */
struct program	*program_get(struct api *, uint32_t id, bool is_new);
void		 program_set_stdin(struct program *, int fd, pid_t pid);
void		 program_set_stdout(struct program *, int fd, pid_t pid);
void		 program_on_exit(struct program *);
void		 program_apply_conf(struct api *);
void		 program_free_all(struct api *);
/* Queue bytes for it; false when its queue is full (counted). */
bool		 program_write(struct program *, const void *, size_t len);
void		 program_print(struct program *, const char *fmt, ...)
		    __attribute__((format(printf, 2, 3)));
/* Answers. */
void		 program_ack(struct program *);
void		 program_error(struct program *, const char *reason);
/* Neither read nor write any more, the descriptors stay open. */
void		 program_stop_io(struct program *);
/* Lines that another broker read. */
void		 program_put_input(struct program *, const void *, size_t len);
/* Go on with lines that waited. */
void		 program_resume(struct program *);
void		 program_resume_all(struct api *);

/* api_handover.c: our place is taken by another broker */
void		 api_handover_begin(struct api *);
/* Give all, if the RDE has taken all routes and the session engine is quiet. */
void		 api_handover_check(struct api *);
struct imsg;
void		 api_handover_restore(struct api *, struct imsg *);

/* command.c */
/* Carry out one line (no newline). */
void		 command_run(struct program *, const char *line, size_t len);


/* notify.c: what happens, to the programs that asked to hear of it */
void		 notify_state(struct api *, struct api_peer *, uint8_t state,
		    const char *reason);
void		 notify_session(struct api *, struct api_peer *);
void		 notify_message(struct api *, struct api_peer *,
		    const uint8_t *, size_t len);
void		 notify_signal(struct api *, int signo);
void		 notify_shutdown(struct api *);

/* reply.c: answers of the RDE and the session engine to programs */
enum reply_kind { REPLY_NONE, REPLY_RIB, REPLY_NEIGHBOR };
void		 reply_rib_entry(struct program *, const uint8_t *, size_t);
void		 reply_peer(struct program *, const uint8_t *, size_t);
void		 reply_end(struct program *, const char *error);
/* An engine is gone: programs that wait for its answer go on. */
void		 reply_lose(struct api *, enum reply_kind);

/* client.c: bgpctl */
void		 control_add(struct api *, int fd, bool is_restricted);
void		 control_free(struct api *);
/* control.c: a reply of an engine to request id; false if no client has that id. */
bool		 control_entries(struct api *, uint32_t id, const char *key,
		    const uint8_t *, size_t);
bool		 control_peer_status(struct api *, uint32_t id,
		    const uint8_t *, size_t);
bool		 control_peer_status_end(struct api *, uint32_t id);
bool		 control_peer_counters(struct api *, uint32_t id,
		    const uint8_t *, size_t);
bool		 control_end(struct api *, uint32_t id, const char *error);
/* An engine is gone: requests that wait for it end. */
void		 control_lose(struct api *, enum imsg_proc);

/* Requests of programs have ids from here, those of clients below. */
#define API_PROGRAM_REQUEST	0x80000000u

#endif
