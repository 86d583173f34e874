/* SPDX-License-Identifier: ISC */
/* One RPKI cache: what rtr.c and rtr_conn.c share. */
#ifndef SESSION_RTR_CACHE_H
#define SESSION_RTR_CACHE_H

#include "common/buf.h"
#include "common/config.h"
#include "common/loop.h"
#include "common/wire/rtr.h"
#include "session/rtr_set.h"

#include <stdbool.h>
#include <stdint.h>

struct session;

#define RTR_REFRESH_SEC		3600	/* RFC 8210 6 */
#define RTR_RETRY_SEC		600
#define RTR_EXPIRE_SEC		7200
#define RTR_ANSWER_SEC		60	/* a query's answer may pause so long */
#define RTR_FIRST_RETRY_SEC	2	/* doubled up to the retry interval */
#define RTR_CLOSING_SEC		2	/* for the Error Report to get through */
#define RTR_MESSAGE_MAX		128	/* kept of a report's text */

enum rtr_state {
	RTR_CLOSED,		/* the retry timer runs */
	RTR_ERROR,		/* closing behind an Error Report */
	RTR_ESTABLISHED,	/* connected, nothing asked */
	RTR_EXCHANGE,		/* asked, or being told */
	RTR_NEGOTIATION,	/* connecting, or no answer yet */
};

struct rtr_cache {
	struct rtr_cache	*next;
	struct session		*session;
	const struct conf_rtr	*conf;		/* of the model in force */
	char			 label[ADDR_TEXT_MAX + 16];
	unsigned		 bit;		/* in the records */
	bool			 is_removed;	/* freed when forgotten */
	bool			 is_up;		/* operators were told so */
	/* transport */
	int			 handle;	/* -1: none */
	bool			 is_connecting;
	struct loop_watch	 watch;
	struct wr		 out;
	size_t			 out_sent;
	uint8_t			*in;		/* RTR_PDU_MAX */
	size_t			 in_len;
	/* protocol */
	enum rtr_state		 state;
	uint8_t			 version;	/* tried, or agreed on */
	bool			 is_negotiated;
	bool			 has_session;
	uint16_t		 session_id;
	uint32_t		 serial;
	bool			 is_reset;	/* the query asked for all */
	bool			 is_answering;	/* after Cache Response */
	uint32_t		 refresh_sec, retry_sec, expire_sec;
	unsigned		 n_failures;
	struct loop_timer	 query_timer;	/* refresh, or reconnect */
	struct loop_timer	 expire_timer;
	struct loop_timer	 answer_timer;	/* of a query, or of closing */
	struct rtr_walk		 walk;
	uint16_t		 sent_error, recv_error; /* RTR_NO_ERROR */
	char			 sent_text[RTR_MESSAGE_MAX];
	char			 recv_text[RTR_MESSAGE_MAX];
};

/* The caches, and what they say. */
struct rtr {
	struct rtr_cache	*caches;
	struct rtr_set		 set;
	struct rtr_walk		 tell;		/* to a new RDE */
	struct loop_task	 task;
	struct loop_timer	 timer;		/* the RDE's channel was full */
	uint32_t		 used_bits;
	bool			 is_stopping;
};

/*
 * rtr_status.c: tell operators who listen that the cache answers, or why it
 * no longer does; not twice.
 */
void	rtr_tell_event(struct rtr_cache *, bool is_up, const char *why);

/* rtr_conn.c: connect; rtr_on_open, rtr_on_pdu and rtr_on_lost follow. */
void	rtr_conn_open(struct rtr_cache *);
void	rtr_conn_send(struct rtr_cache *, const struct rtr_pdu *);
/* Close at once. */
void	rtr_conn_close(struct rtr_cache *);
/* Send what is queued and FIN; input is thrown away from now on. */
void	rtr_conn_finish(struct rtr_cache *);
/* Stop reading while a walk works on what was read, or go on. */
void	rtr_conn_pause(struct rtr_cache *, bool is_paused);

/* rtr.c */
void	rtr_on_open(struct rtr_cache *);
/* One PDU, with a good header; it may close the connection. */
void	rtr_on_pdu(struct rtr_cache *, struct rd);
/* A header that is none; nothing more is read. */
void	rtr_on_bad(struct rtr_cache *, struct rd);
void	rtr_on_lost(struct rtr_cache *, const char *why);

#endif
