/* SPDX-License-Identifier: ISC */
/*
 * A peer: its two possible connections (the one we make, the one it makes),
 * a run of the state machine for each, timers, statistics. Inside the
 * session engine only.
 */
#ifndef SESSION_PEER_H
#define SESSION_PEER_H

#include "common/config.h"
#include "common/imsg.h"
#include "common/loop.h"
#include "common/wire/open.h"
#include "session/conn.h"
#include "session/fsm.h"

#include <stdbool.h>
#include <stdint.h>

struct net_key;
struct emit;
struct session;
struct peer;

#define PEER_ERROR_DATA_MAX	255
#define PEER_HOLD_INITIAL_SEC	240	/* RFC 4271 8.2.2: "a large value" */
#define PEER_IDLE_HOLD_SEC	30	/* doubles up to the maximum */
#define PEER_IDLE_HOLD_MAX_SEC	3600
#define PEER_CLEAR_DELAY_SEC	1	/* after an administrative clear */
#define PEER_REASON_MAX		256

#define PEER_RETRY_MAX_SEC	60	/* ExaBGP's longest pause */

#define LINK_OUTGOING		0	/* index of a peer's links */
#define LINK_INCOMING		1

struct peer_error {
	uint8_t	code, subcode;
	uint8_t	len;
	uint8_t	data[PEER_ERROR_DATA_MAX];
};

/* One connection's run of the state machine. */
struct link {
	struct peer		*peer;
	struct conn		*conn;		/* NULL: none */
	enum bgp_state		 state;
	struct loop_timer	 retry, hold, keepalive, send_hold;
	struct open		 local, remote;
	bool			 is_open_sent, has_remote;
	uint8_t			*remote_open;	/* the whole message, owned */
	size_t			 remote_open_len;
	bool			 is_incoming;
	struct open_negotiated	 negotiated;
	struct peer_error	 error;		/* for DO_NOTIFY_GIVEN */
	char			 why[PEER_REASON_MAX];	/* it ended */
};

/* Messages a second, over windows of PEER_RATE_SEC. */
#define PEER_RATE_SEC	10

struct peer_rate {
	struct mono		 since;
	uint32_t		 n;		/* in this window */
	uint32_t		 last, most;	/* in a whole one */
};

struct peer_counters {
	uint64_t	messages[8];	/* by type; 0: other */
	uint64_t	bytes;
};

struct peer {
	struct peer		*next;
	struct peer		*next_by_id;
	struct session		*session;
	const struct conf_peer	*conf;
	struct conf_peer	*clone;		/* own conf of a cloned peer */
	uint32_t		 id, conf_id;
	char			 label[96];	/* "192.0.2.1 (AS65001)" */
	struct link		 links[2];	/* 0 outgoing, 1 incoming */
	struct link		*established;	/* NULL: none */
	enum bgp_state		 state;		/* as last told */
	struct loop_timer	 idle_hold;
	struct loop_timer	 stale;		/* RFC 4724: forget its routes */
	uint32_t		 idle_hold_sec;
	uint32_t		 n_failures;	/* of connecting, in a row */
	uint32_t		 n_attempts;	/* sessions tried (ExaBGP) */
	uint32_t		 n_tries;	/* of them in a row in vain */
	bool			 is_down;	/* administratively */
	bool			 is_held;	/* too many prefixes */
	bool			 has_llgr;	/* when stale is over: RFC 9494 */
	bool			 is_long_stale;	/* the RDE keeps its routes */
	bool			 is_waiting;	/* down until depend is met */
	char			 down_reason[PEER_REASON_MAX];
	struct wr		 batch;		/* UPDATEs for the RDE */
	bool			 is_xoff;	/* RDE was told to stop */
	uint32_t		 n_sessions;	/* established so far */
	struct mono		 changed_at;	/* up or down since */
	uint8_t			 ended_by;	/* fsm_event_number, last */
	struct peer_counters	 sent, received;
	struct peer_rate	 rate;		/* received */
	uint64_t		 n_refresh_sent[3], n_refresh_received[3];
	char			 last_error_sent[128], last_error_received[128];
	char			 last_reason[PEER_REASON_MAX]; /* received */
	struct mono		 last_read, last_write;
	bool			 is_throttled;	/* a program is behind */
	bool			 is_listened_to;	/* some program does */
	bool			 is_done;	/* to be freed by the engine */
};

/* Make a peer of the model; it does nothing until peer_start. */
struct peer	*peer_new(struct session *, const struct conf_peer *,
		    uint32_t id);
/* Close what is open, without a word, and free. */
void		 peer_free(struct peer *);
/* The model changed under it: same session, new conf. */
void		 peer_set_conf(struct peer *, const struct conf_peer *);

void		 peer_start(struct peer *);
/*
 * End the session with a Cease of this subcode and reason (may be NULL).
 * It stays down until peer_start, unless is_restarting: after a delay.
 */
void		 peer_stop(struct peer *, uint8_t subcode, const char *reason,
		    bool is_restarting);
/*
 * A program's `teardown`: end the session with this Cease subcode and begin a
 * new one after a delay. The text of the subcode is sent along to neighbors
 * of an ExaBGP configuration.
 */
void		 peer_teardown(struct peer *, uint8_t subcode);
/* An accepted connection; taken over or refused. */
void		 peer_accept(struct peer *, int handle);
/* End the session with this NOTIFICATION. */
void		 peer_reset(struct peer *, const struct peer_error *);
/* Give a link an event. */
void		 peer_event(struct link *, enum fsm_event);

/* Messages received a second: on average of late, and at the most. */
void		 peer_rate_get(const struct peer *, uint32_t *now,
		    uint32_t *most);

/* Queue whole messages on the established connection. */
void		 peer_send_block(struct peer *, struct conn_block *);
void		 peer_send(struct peer *, const void *bytes, size_t len);
/* Ask for the peer's routes; ERR_UNSUPPORTED without the capability. */
int		 peer_refresh(struct peer *);
/* Whether a new RDE can have its routes; or has no use for them. */
bool		 peer_can_refill(const struct peer *);
/* Pass the batch of UPDATEs on to the RDE. */
void		 peer_flush_batch(struct peer *);
/* Stop or resume reading: the RDE or broker is behind. */
void		 peer_pause(struct peer *, bool is_paused);
/* Facts of the established session. */
void		 peer_session_up(const struct peer *, struct imsg_session_up *);
/* Both OPENs of the established session, to the broker. */
void		 peer_tell_opens(const struct peer *);
/* Keep their OPEN, a whole message (copied). */
void		 peer_keep_open(struct link *, const uint8_t *, size_t len);
/* One peer of `show neighbor`, with OpenBGPD's keys: an object. */
void		 peer_emit_status(const struct peer *, struct emit *);

/*
 * A session that another engine had, over its connection (owned from now
 * on): nothing is read before peer_resume_end, which tells RDE and broker.
 */
void		 peer_resume(struct link *, int handle);
void		 peer_resume_end(struct peer *);

/* Why a link ends: the first thing said counts. */
void		 peer_why(struct link *, const char *fmt, ...)
		    __attribute__((format(printf, 2, 3)));
/* What its routes shall become, to the RDE. */
void		 peer_tell_down(struct peer *, enum imsg_down);

/* peer_conn.c: take over a connection; start connecting. */
void		 peer_adopt(struct link *, int handle, bool is_connecting);
void		 peer_connect(struct link *);
/* A copy of what protects a peer's connections; wipe it after use. */
void		 peer_key(const struct conf_peer *, struct net_key *out);

/* peer_timer.c */
void		 peer_init_timers(struct peer *);
/* Connect retry, backed off and jittered. */
void		 peer_start_retry(struct link *);
/* How long an OPEN is waited for: ExaBGP's bgp.openwait, or RFC 4271's. */
uint32_t	 peer_open_wait_sec(const struct peer *);
/* 0: no hold timer. */
void		 peer_start_hold(struct link *, uint32_t sec);
void		 peer_start_keepalive(struct link *);
void		 peer_start_send_hold(struct link *);
void		 peer_stop_timers(struct link *);

/* peer_message.c: what an incoming message means. */
void		 peer_on_message(struct link *, uint8_t type,
		    const uint8_t *message, size_t len);
/* Count, and tell the broker of, messages that were queued for sending. */
void		 peer_note_sent(struct peer *, const uint8_t *, size_t len);

/* peer_open.c: build our OPEN; judge theirs. */
void		 peer_local_open(const struct peer *, const struct link *,
		    struct open *);
/* 0, or ERR_PROTO with link->error set (robustness 3.1). */
int		 peer_judge_open(struct link *, const struct open *);

#endif
