/* SPDX-License-Identifier: ISC */
/*
 * Message channels between the processes: framed, ordered, never blocking.
 * What is sent is queued and written in batches; what comes in is checked
 * against the message table (imsg.h) and given to the handler one by one. A
 * message that its sender may not send, or of a wrong size, closes the
 * channel: the other side is broken or hostile.
 *
 * Flow control: a sender looks at chan_is_full before producing more and
 * goes on at on_drained. A receiver that cannot keep up calls chan_pause;
 * the sender's queue then fills. Small control messages may always be sent.
 */
#ifndef COMMON_CHAN_H
#define COMMON_CHAN_H

#include "common/imsg.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

struct chan;
struct env;
struct iovec;
struct wr;

/* A received message; data is borrowed until the handler returns. */
struct imsg {
	enum imsg_type	 type;
	uint32_t	 id;
	const uint8_t	*data;
	size_t		 len;
	int		 fd;	/* -1: none. The handler takes it by setting -1;
				 * else it is closed afterwards. */
};

struct chan_handler {
	void	(*on_message)(struct chan *, struct imsg *, void *arg);
	/* The other side is gone or broken; the handler may chan_free. */
	void	(*on_closed)(struct chan *, const char *why, void *arg);
	/* The queue fell below the low mark after having been full. */
	void	(*on_drained)(struct chan *, void *arg);
	void	*arg;
};

#define CHAN_HIGH_BYTES	(1024 * 1024)	/* full above this */
#define CHAN_LOW_BYTES	(256 * 1024)	/* drained below this */

/*
 * A channel over handle (a socketpair's end, owned from now on) between
 * self and other. Messages begin to arrive in the next turn. A worker's
 * channel to its parent becomes the sink of env's log if that has none yet.
 */
struct chan	*chan_new(struct env *, int handle, enum imsg_proc self,
		    enum imsg_proc other, const struct chan_handler *);
/* Close and free, from inside a handler too. Unsent messages are lost. */
void		 chan_free(struct chan *);
enum imsg_proc	 chan_other(const struct chan *);

/* Queue a message; data is copied. */
void		 chan_send(struct chan *, enum imsg_type, uint32_t id,
		    const void *data, size_t len);
/* The same with a descriptor, which is closed here once it is sent. */
void		 chan_send_fd(struct chan *, enum imsg_type, uint32_t id,
		    const void *data, size_t len, int fd);
/* Queue what was written to w, which is reset. Errors in w are fatal. */
void		 chan_send_wr(struct chan *, enum imsg_type, uint32_t id,
		    struct wr *w);
/* IMSG_STATE: any number of bytes in pieces, each led by their kind. */
void		 chan_send_state(struct chan *, uint32_t id, uint8_t kind,
		    const uint8_t *bytes, size_t len);

bool		 chan_is_full(const struct chan *);
size_t		 chan_queued_bytes(const struct chan *);
/* Stop or resume delivering messages. */
void		 chan_pause(struct chan *, bool is_paused);
/* Write as much as goes now, without waiting for the loop's turn. */
void		 chan_flush(struct chan *);

/* What a back end gives: byte streams that carry descriptors. */
struct chan_ops {
	/* Like net_ops.read; *fd is a received descriptor or -1. */
	ssize_t	(*read)(struct env *, int handle, void *, size_t len, int *fd);
	ssize_t	(*writev)(struct env *, int handle, const struct iovec *,
		    int n, int fd);
	void	(*close)(struct env *, int handle);
	/* A descriptor that was sent, or that nobody took. */
	void	(*close_fd)(struct env *, int fd);
};

/* The kernel's socketpairs. */
const struct chan_ops *chan_sock_ops(void);
/* A connected, non-blocking pair; ERR_SYSTEM. */
int	chan_sock_pair(int handles[2]);

#endif
