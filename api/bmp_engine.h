/* SPDX-License-Identifier: ISC */
/* What the files of BMP share. */
#ifndef API_BMP_ENGINE_H
#define API_BMP_ENGINE_H

#include "api/bmp.h"
#include "api/engine.h"
#include "common/wire/bmp.h"
#include "common/wire/update.h"

/* A session as stations know it; owned by struct bmp, in the peer, too. */
struct bmp_session {
	struct bmp_session	*next;
	uint32_t		 id;		/* of the peer */
	bool			 is_up;
	bool			 is_hidden;	/* bmp no */
	struct imsg_session_up	 facts;		/* while it is up */
	uint8_t			*opens;		/* ours, then theirs */
	size_t			 opens_len;
	uint8_t			*notification;	/* the last, or NULL */
	size_t			 notification_len;
	bool			 is_notification_sent;
};

enum bmp_state { BMP_WAITING, BMP_CONNECTING, BMP_UP };

struct bmp_station {
	struct bmp_station	*next;
	struct bmp		*bmp;
	const struct conf_bmp	*conf;		/* in the current model */
	enum bmp_state		 state;
	struct mono		 since;
	uint32_t		 request;	/* of a connection; 0: none */
	int			 fd;
	struct loop_watch	 watch;
	struct loop_timer	 timer;		/* to connect, or give up */
	struct loop_timer	 statistics;
	uint32_t		 counters_request;
	uint32_t		 retry_sec;
	struct outq		 out;
	struct wr		 later;		/* behind the dump */
	struct bmp_dump		*dump;		/* NULL: all was told */
	size_t			 n_read;	/* bytes it should not send */
	uint64_t		 n_messages, n_bytes, n_restarts;
	char			 last_error[96];
};

struct bmp_update;

struct bmp {
	struct api		*api;
	struct bmp_station	*stations;
	struct bmp_session	*sessions;
	struct bmp_update	*changes;	/* of one peer or Loc-RIB */
	struct wr		 held;		/* records that wait, see bmp_loc.c */
	struct loop_timer	 held_timer;	/* for no longer than this */
	uint32_t		 loc_as, loc_id, loc_families;
	bool			 is_outdated;	/* stations begin anew */
	bool			 is_stopping;
};

/* Queued above this the walk of the tables pauses, below it goes on. */
#define BMP_DUMP_HIGH	(256u * 1024)
#define BMP_DUMP_LOW	(64u * 1024)

/* bmp.c */
/* The per-peer header; time in microseconds since 1970. */
struct bmp_peer	 bmp_header(const struct bmp_session *, uint8_t flags,
		    uint64_t time_usec);
/* Flags of UPDATEs of one of the CONF_BMP_ kinds. */
uint8_t		 bmp_update_flags(const struct bmp_session *, uint8_t what);
/* How UPDATEs of its routes are made, of those that it is sent or sends. */
struct update_format bmp_format(const struct bmp_session *, bool is_sent);
bool		 bmp_session_is_told(const struct bmp_session *);
/* A number for a request to an engine or the parent. */
uint32_t	 bmp_new_request(struct bmp *);
/* It is connected: say who we are and which sessions are up. */
void		 bmp_greet(struct bmp_station *);
/* Ask for what its Statistics Reports tell. */
void		 bmp_ask_statistics(struct bmp_station *);

/* An UPDATE to all stations that want this CONF_BMP_ kind. */
void		 bmp_tell_update(struct bmp *, const struct bmp_peer *,
		    uint8_t what, struct rd message);
uint64_t	 bmp_now(const struct bmp *);

/* bmp_loc.c: Loc-RIB as a peer, and what the RDE says that changed */
struct bmp_peer	 bmp_loc_header(const struct bmp *, uint64_t time_usec);
struct update_format bmp_loc_format(void);
/* Bits of families that it may have. */
uint32_t	 bmp_loc_families(const struct bmp *);
/* A new model; true when Loc-RIB's Peer Up would be another now. */
bool		 bmp_loc_configure(struct bmp *);
/* Its Peer Up, if the station wants it. */
void		 bmp_loc_greet(struct bmp_station *);
void		 bmp_monitor_init(struct bmp *);
void		 bmp_monitor_fini(struct bmp *);
/* A session is up that records may have waited for. */
void		 bmp_monitor_resume(struct bmp *);
/* Records that wait will never be wanted. */
void		 bmp_monitor_forget(struct bmp *);

/* bmp_station.c */
struct bmp_station *bmp_station_new(struct bmp *, const struct conf_bmp *);
/* Say Termination as far as that goes at once, close and free. */
void		 bmp_station_free(struct bmp_station *);
/* End its connection, and begin anew after a pause. why goes to the log. */
void		 bmp_station_close(struct bmp_station *, const char *why);
/* A descriptor that is about to be connected; taken. */
void		 bmp_station_connect(struct bmp_station *, int fd);
/*
 * Where a message goes that is written now: begin it there with bmp_begin,
 * and end it with bmp_station_put, which may close the station when too much
 * waits. Only for stations that are up.
 */
struct wr	*bmp_station_out(struct bmp_station *);
void		 bmp_station_put(struct bmp_station *, struct wr *,
		    size_t start);
/* Something was put into out past bmp_station_put. */
void		 bmp_station_write(struct bmp_station *);
size_t		 bmp_station_queued(const struct bmp_station *);

/* bmp_dump.c: the tables, for a station that is new */
void		 bmp_dump_begin(struct bmp_station *);
/* An engine is there that was not: it may begin now. */
void		 bmp_dump_try(struct bmp_station *);
/*
 * A session is up. True when the dump, which has not begun yet, will have its
 * routes: its Peer Up goes before it, into out. An engine or we may be
 * younger than the session.
 */
bool		 bmp_dump_take(struct bmp_station *,
		    const struct bmp_session *);
/* The queue is shorter: go on, or end it. */
void		 bmp_dump_resume(struct bmp_station *);
void		 bmp_dump_free(struct bmp_station *);

#endif
