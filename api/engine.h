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
struct arena;
struct bmp;
struct bmp_session;
struct chan;
struct cli;
struct client;
struct group;
struct latest;
struct nlri;
struct update;
struct value;

/* A peer as programs know it. */
struct api_peer {
	const struct conf_peer	*conf;		/* in the current model */
	uint32_t		 id;
	char			*name;		/* selectors match its words */
	uint8_t			 state;		/* enum bgp_state */
	bool			 was_connected;
	bool			 is_up;
	bool			 is_throttled;	/* the session engine was told */
	struct imsg_session_up	 session;	/* while is_up */
	uint64_t		 counter;	/* of events */
	struct conf_peer	*clone_conf;	/* own conf of a clone */
	struct bmp_session	*monitored;	/* bmp.c's, or NULL */
};

/* A neighbor of a range, as the session engine told of it. */
struct api_clone {
	uint32_t		 id;
	struct imsg_clone	 clone;
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
#define PROGRAM_QUEUE_MAX	(64u * 1024 * 1024)	/* then events go */
#define PROGRAM_ANSWERS_MAX	(96u * 1024 * 1024)	/* then answers, too */
#define PROGRAM_HIGH		(1024u * 1024)	/* queued: it is behind */
#define PROGRAM_LOW		(256u * 1024)	/* it has caught up */
#define PROGRAM_LATEST		(8u * 1024 * 1024) /* keep state only */
#define PROGRAM_READ_BYTES	(64 * 1024)
#define PROGRAM_TURN_LINES	1024	/* between looks at other work */

/* What comes before a late answer's `done`. */
enum ack_kind {
	ACK_LINE,		/* nothing */
	ACK_GROUP,		/* a group's figures */
	ACK_ROUTES,		/* indexes of routes */
};

/* An answer that waits for the RDE, or for the neighbors' sockets. */
struct ack {
	uint64_t		 upto;		/* count of routes sent */
	uint32_t		 sync;		/* awaited from RDE; 0: none */
	uint8_t			 kind;		/* enum ack_kind */
	bool			 is_packed;	/* answer as MessagePack */
};

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
	size_t			 input_mark;	/* the command being run */
	struct outq		 output;
	enum program_wait	 wait;
	bool			 has_ack;
	bool			 is_sync;
	bool			 is_eof;
	bool			 is_gone;	/* and does not read, either */
	bool			 is_cli;	/* a client: sees all neighbors */
	uint8_t			 version;	/* of the API: 4 or 6 */
	/* Answers that wait: a ring. */
	struct ack		*acks;
	size_t			 acks_cap, acks_head, n_unacked;
	/* The selector last used, for the next line's. */
	char			*last_selector;
	size_t			 last_selector_len;
	struct audience		*last_audience;
	/* Statistics. */
	uint64_t		 n_lines, n_errors, n_acks, n_events, n_dropped;
	uint64_t		 n_coalesced;	/* overtaken while it slept */
	struct latest		*latest;	/* routes to tell, or NULL */
	bool			 is_behind;	/* queue above the high mark */
	bool			 is_throttling;
	/* A reply under way. */
	bool			 is_json_reply;
	bool			 is_extensive;	/* all that there is to tell */
	uint8_t			 reply_kind;
	uint64_t		 n_reply;
	uint32_t		 family_mask;	/* what it is about */
	struct group		*group;		/* open or running, or NULL */
	struct wr		 routes;	/* answer of a routes command */
	uint32_t		 routes_audience;
	uint64_t		 n_routes_hit;	/* withdrawals that met a route */
	bool			 is_packed;	/* command in MessagePack */
	struct arena		*arena;		/* of such a command */
};

struct api {
	struct env		*env;
	struct chan		*parent, *session, *rde;
	struct config		*config;
	struct wr		 incoming;	/* model being received */
	struct api_peer		*peers;
	size_t			 n_peers;
	struct api_clone	*clones;
	size_t			 n_clones;
	uint32_t		 conf_serial;
	struct program		*programs;
	struct client		*clients;
	struct mrt_file		*mrt_files;
	struct bmp		*bmp;
	struct control		*control;	/* listeners of bgpctl */
	struct cli		*cli;		/* of ExaBGP's, or NULL */
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
	uint32_t		 next_sync;
	struct mono		 started;
	struct mono		 confirm_by;	/* a reload; unset: none */
	bool			 is_stopping;
	bool			 is_handing_over, is_given;	/* api_handover.c */
	bool			 is_session_quiet;
	char			 host[65];
	uint32_t		 pid, ppid;	/* ours, as events tell */
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
/* IMSG_RELOAD with these. */
void		 api_ask_reload(struct api *, uint32_t id, enum imsg_reload,
		    uint32_t seconds, const char *reason);
/* Whether the RDE can take more now. */
bool		 api_may_send(const struct api *);

/* ack.c */
/* Answer when the RDE has all routes that were added so far. */
void		 ack_expect(struct program *, enum ack_kind);
/* The same, and when what this audience was told is in its sockets. */
void		 ack_expect_sync(struct program *, enum ack_kind,
		    const struct audience *);
/* More routes were taken; a sync (0: all) is through. */
void		 ack_routes_done(struct api *);
void		 ack_sync_done(struct api *, uint32_t sync);
/* A new program behind the pipes: nothing is owed to it. */
void		 ack_forget(struct program *);

/* cmd_group.c */
bool		 group_is_open(const struct program *);
bool		 group_is_running(const struct program *);
/* Keep a line for the end of the open group; NULL, or why not. */
const char	*group_add(struct program *, const char *line, size_t len);
/* Next line of a running group, borrowed until the next call. */
bool		 group_next(struct program *, const char **line, size_t *);
/* What a line of it gave. */
void		 group_count(struct program *, bool is_withdraw, uint32_t n);
void		 group_fault(struct program *, const char *why);
/* Attributes that its lines share, or NULL. */
const char	*group_shared(const struct program *);
void		 group_finish(struct program *);
void		 group_answer(struct program *);
void		 group_free(struct program *);

/* cmd_routes.c */
/* A route's index in hexadecimal. */
void		 routes_put_index(const struct nlri *, struct wr *hex);
/* The answer to routes add and remove. */
void		 routes_answer(struct program *);

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
/*
 * Queue bytes of an answer for it, or of an event; false when its queue is
 * full (counted), which it is for events first: a program that is told too
 * much still gets its answers.
 */
bool		 program_write(struct program *, const void *, size_t len);
bool		 program_write_event(struct program *, const void *,
		    size_t len);
void		 program_print(struct program *, const char *fmt, ...)
		    __attribute__((format(printf, 2, 3)));
/* The same without a limit to the length. */
void		 program_say(struct program *, const char *fmt, ...)
		    __attribute__((format(printf, 2, 3)));
/* Lines of an answer; a program that speaks MessagePack gets them so. */
void		 program_tell(struct program *, const void *, size_t len);
/* Bytes that wait for it. */
size_t		 program_queued(const struct program *);
/* Something that it should have heard is lost: count and log. */
void		 program_note_drop(struct program *);
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
/* One line of a running group: no answer of its own. */
void		 command_run_grouped(struct program *, const char *line,
		    size_t len);
/* [SELECTOR] announce or withdraw, of routes that have no text. */
void		 command_run_routes(struct program *, const char *line,
		    size_t len, const struct value *routes);
/* An answer of a command that was carried out (NULL) or not. */
void		 command_answer_plain(struct program *, const char *why);
/* Answers keep their order: read the command again when others are out. */
void		 command_wait(struct program *);

/* pack.c: commands in MessagePack */
/* Carry out the one at the front of the input; false when it is not whole. */
bool		 pack_run(struct program *);
/*
 * The line that a value stands for, appended to line; NULL, or why it is
 * none. Maps with routes in bytes have no line: *routes is set to them.
 */
const char	*pack_line(const struct value *, struct wr *line,
		    const struct value **routes);

/* notify.c: what happens, to the programs that asked to hear of it */
void		 notify_state(struct api *, struct api_peer *, uint8_t state,
		    const char *reason);
void		 notify_session(struct api *, struct api_peer *);
void		 notify_message(struct api *, struct api_peer *,
		    const uint8_t *, size_t len);
/* The same to one program alone, later. */
void		 notify_again(struct program *, struct api_peer *,
		    bool is_sent, const uint8_t *, size_t len);
void		 notify_signal(struct api *, int signo);
void		 notify_shutdown(struct api *);

/* latest.c */
/*
 * Keep an UPDATE's routes for a program that is behind. False for families
 * without a row: tell it at once.
 */
bool		 latest_take(struct program *, const struct api_peer *,
		    bool is_sent, const struct update *,
		    uint32_t add_path_mask);
/* Tell what is kept, as far as it goes now. */
void		 latest_run(struct program *);
/* Its session ended. */
void		 latest_forget_peer(struct program *, uint32_t peer);
size_t		 latest_count(const struct program *);
void		 latest_free(struct program *);

/* throttle.c */
/* A program fell behind or caught up. */
void		 throttle_set(struct program *, bool is_behind);
/* Peers or programs changed. */
void		 throttle_update(struct api *);

/* reply.c: answers of the RDE and the session engine to programs */
enum reply_kind { REPLY_NONE, REPLY_RIB, REPLY_ROUTES, REPLY_NEIGHBOR,
	REPLY_CHANGE };
void		 reply_rib_entry(struct program *, const uint8_t *, size_t);
void		 reply_peer(struct program *, const uint8_t *, size_t);
void		 reply_end(struct program *, const char *error);
/* An engine is gone: programs that wait for its answer go on. */
void		 reply_lose(struct api *, enum reply_kind);

/* show_neighbor.c: text of one neighbor, appended to w. */
void		 show_neighbor_extensive(const struct api_peer *,
		    const struct value *status, struct wr *w);
void		 show_neighbor_configuration(const struct conf_peer *,
		    struct wr *w);

/* cli.c: take what the parent opened for ExaBGP's CLI. */
void		 cli_add(struct api *, enum imsg_cli, int fd);
/*
 * Whoever is at the other end of a socket says lines as a program does and is
 * answered each, until it hangs up. fd stays the caller's. False: there are
 * too many already.
 */
bool		 cli_take_socket(struct api *, int fd);
void		 cli_free(struct api *);

/* client.c: bgpctl */
void		 control_add(struct api *, int fd, bool is_restricted);
void		 control_free(struct api *);
/* control.c: a reply of an engine to request id; false if no client has that id. */
bool		 control_entries(struct api *, uint32_t id, const uint8_t *,
		    size_t);
bool		 control_peer_status(struct api *, uint32_t id,
		    const uint8_t *, size_t);
bool		 control_peer_status_end(struct api *, uint32_t id);
/* The parent waits before it tells more of what it was asked. */
void		 control_parent_pause(struct api *, uint32_t id);
bool		 control_peer_counters(struct api *, uint32_t id,
		    const uint8_t *, size_t);
bool		 control_end(struct api *, uint32_t id, const char *error);
/* An engine is gone: requests that wait for it end. */
void		 control_lose(struct api *, enum imsg_proc);

/* Requests of programs have ids from here, those of clients below. */
#define API_PROGRAM_REQUEST	0x80000000u
/* Those of programs to the parent, to change peers, have both bits. */
#define API_CHANGE_REQUEST	0xc0000000u
/* Those of MRT files to the RDE have this one alone. */
#define API_MRT_REQUEST		0x40000000u
/* Those of BMP stations this one. */
#define API_BMP_REQUEST		0x20000000u

#endif
