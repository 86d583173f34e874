/* SPDX-License-Identifier: ISC */
/*
 * One TCP connection: reads and frames messages, checks their headers,
 * queues and writes. It knows bytes and messages, not the state machine.
 * Output is kept as shared blocks, so that a message for a hundred peers is
 * held once.
 */
#ifndef SESSION_CONN_H
#define SESSION_CONN_H

#include "common/addr.h"
#include "common/loop.h"
#include "common/wire/message.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct env;

#define CONN_READ_BYTES		(64 * 1024)	/* a turn's reading */
#define CONN_TURN_MESSAGES	64
#define CONN_HIGH_BYTES		(512 * 1024)	/* queued: tell the RDE to stop */
#define CONN_LOW_BYTES		(128 * 1024)
#define CONN_CLOSING_SEC	5	/* for the NOTIFICATION to get through */

/* Bytes that several connections may be sending. Counted. */
struct conn_block {
	uint32_t	refs;
	uint32_t	len;
	uint8_t		bytes[];
};

struct conn_segment {
	struct conn_segment	*next;
	struct conn_block	*block;
	uint32_t		 sent;
};

struct conn;

struct conn_handler {
	void	(*on_open)(struct conn *, int error, void *arg);
	/* A whole message with a good header; borrowed for the call. */
	void	(*on_message)(struct conn *, uint8_t type,
		    const uint8_t *message, size_t len, void *arg);
	/* A bad header; nothing more will be read. */
	void	(*on_bad)(struct conn *, const struct message_error *,
		    void *arg);
	/* End of stream or error. */
	void	(*on_closed)(struct conn *, const char *why, void *arg);
	/* A turn's reading is over: pass batches on. */
	void	(*on_turn)(struct conn *, void *arg);
	/* The queue crossed a mark. */
	void	(*on_full)(struct conn *, bool is_full, void *arg);
	/* Some of the queue was written. */
	void	(*on_sent)(struct conn *, void *arg);
	void	*arg;
};

struct conn {
	struct env		*env;
	struct conn_handler	 handler;
	struct loop_watch	 watch;
	struct loop_task	 flush;		/* write what this turn queued */
	struct loop_timer	 close_timer;
	struct conn_segment	*first, *last;
	size_t			 queued;
	uint64_t		 n_sent;	/* bytes written so far */
	uint8_t			*in;
	size_t			 in_len, in_cap;
	uint32_t		 max_len;	/* of a message, negotiated */
	int			 handle;
	bool			 is_connecting;
	bool			 is_closing;	/* owner let go of it */
	bool			 is_paused;	/* not reading */
	bool			 was_full;
	bool			 is_bad;
	bool			 has_operational;
	unsigned		 depth;		/* callbacks running on it */
	bool			 is_dead;	/* free when depth is 0 */
	struct mono		 last_read, last_write;
	struct mono		 stuck_since;	/* queue not moving; unset: fine */
	struct addr		 local, remote;
	uint16_t		 local_port, remote_port;
	struct conn		*next_closing;
};

/*
 * A connection over a handle that is connecting or connected; owned from
 * now on.
 */
struct conn	*conn_new(struct env *, int handle, bool is_connecting,
		    const struct conn_handler *);
/* Close at once and free (after callbacks that run on it are back). */
void		 conn_free(struct conn *);
/*
 * Let go: what is queued is still sent, then FIN, then it frees itself at
 * the peer's FIN or after CONN_CLOSING_SEC. No more callbacks.
 */
void		 conn_close(struct conn *);

/*
 * Let go of the descriptor, which the caller owns from now on; what was read
 * and what waits to be written stay to be looked at until conn_free.
 */
int		 conn_detach(struct conn *);
/* Bytes that somebody read before us; delivered when reading resumes. */
void		 conn_put_input(struct conn *, const void *bytes, size_t len);

struct conn_block *conn_block_new(const void *bytes, size_t len);
void		 conn_block_unref(struct conn_block *);
/* Queue a block (a reference is taken), or bytes of which a copy is made. */
void		 conn_send_block(struct conn *, struct conn_block *);
void		 conn_send(struct conn *, const void *bytes, size_t len);
/* Stop or resume reading. */
void		 conn_pause(struct conn *, bool is_paused);
/* It is paused, and a whole message waits. */
bool		 conn_is_held_up(const struct conn *);
/* Read once more now, whatever the loop says: before a hold timer's verdict. */
void		 conn_poll(struct conn *);

#endif
