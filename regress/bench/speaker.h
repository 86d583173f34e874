/* SPDX-License-Identifier: ISC */
/*
 * A BGP speaker that does as little as possible: it opens a session, sends
 * bytes that were made beforehand, and looks at the routes that come.
 */
#ifndef BENCH_SPEAKER_H
#define BENCH_SPEAKER_H

#include "common/buf.h"
#include "regress/bench/table.h"

#include <netinet/in.h>
#include <stdbool.h>
#include <stdint.h>

enum speaker_state {
	SPEAKER_CLOSED,
	SPEAKER_CONNECTING,
	SPEAKER_OPENSENT,
	SPEAKER_OPENCONFIRM,
	SPEAKER_ESTABLISHED,
};

enum speaker_role {
	SPEAKER_FEED,
	SPEAKER_CHECK,		/* every route, whether it is as wanted */
	SPEAKER_COUNT,		/* how many come */
	SPEAKER_IDLE,		/* when keepalives come */
};

/* Counters since speaker_forget. */
struct speaker_counters {
	uint64_t	announced, withdrawn;	/* routes */
	uint64_t	messages, bytes;	/* of UPDATEs */
	uint64_t	unknown;		/* routes not in the table */
	int64_t		first_usec;		/* of the first UPDATE, or 0 */
};

struct speaker {
	char		 name[32];
	enum speaker_role role;
	struct in_addr	 local;
	uint32_t	 as;
	uint16_t	 hold_sec;
	uint16_t	 index;		/* makes its IPv6 next hop */
	enum speaker_state state;
	int		 fd;
	int64_t		 retry_usec;	/* when to connect again */
	int64_t		 keepalive_usec;	/* when to send the next */
	int64_t		 heard_usec;	/* last KEEPALIVE that came */
	uint32_t	*lates;		/* idle: by ms beyond a third of hold */
	struct wr	 rest;		/* part of a message */
	struct wr	 out;		/* prepared, sent from out_pos on */
	size_t		 out_pos;
	bool		 is_sending;	/* what is prepared may go */
	bool		 wants_write;	/* as epoll knows it */
	struct speaker_counters counters;
	uint32_t	*have;		/* check: by route, what was last heard */
	uint32_t	 n_wrong;	/* routes that are not as wanted */
};

/* What all speakers of a run share. */
struct bench {
	struct sockaddr_in daemon;
	uint32_t	 daemon_as;
	bool		 is_transparent;	/* it adds no AS */
	struct table	 table;
	uint32_t	*wanted;	/* by route; 0: no route */
	int		 epoll;
	int64_t		 tick_usec;	/* when timers were looked at */
	uint8_t		*scratch;	/* one read */
	struct speaker	**speakers;
	size_t		 n_speakers, n_up, n_opening;
	bool		 has_failed;	/* a session that was up is down */
};

#define SPEAKER_READ_MAX	(1u << 20)
#define SPEAKER_LATE_MAX	4000	/* ms in the histogram */

int64_t	speaker_now(void);
/* Start or retry connecting; poll state. */
void	speaker_connect(struct bench *, struct speaker *);
/* An event of epoll. */
void	speaker_ready(struct bench *, struct speaker *, uint32_t events);
/* Timers: keepalives and retries. */
void	speaker_tick(struct bench *, struct speaker *, int64_t now);
/* Let what update_* put into out go. */
void	speaker_send(struct bench *, struct speaker *);
/* Begin counting anew. */
void	speaker_forget(struct speaker *);
/* All prepared bytes are out. */
bool	speaker_is_sent(const struct speaker *);

/*
 * Append UPDATEs that announce n routes of the table from first on, with
 * the speaker's AS put in front of each path n_prepend times.
 * update.c, like the next two.
 */
void	update_announce(const struct bench *, struct speaker *,
	    uint32_t first, uint32_t n, unsigned n_prepend);
void	update_withdraw(const struct bench *, struct speaker *,
	    uint32_t first, uint32_t n);
/* What a receiver is to see of a route that as announced in this way. */
uint32_t update_seen(const struct table *, uint32_t route, uint32_t as,
	    unsigned n_prepend);
/* Count, and check if it has "have", the routes of one UPDATE's body. */
void	update_receive(const struct bench *, struct speaker *,
	    struct rd body);

#endif
