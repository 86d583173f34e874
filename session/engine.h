/* SPDX-License-Identifier: ISC */
/* The session engine's own state; inside session/ only. */
#ifndef SESSION_ENGINE_H
#define SESSION_ENGINE_H

#include "common/config.h"
#include "common/env.h"
#include "common/imsg.h"
#include "common/loop.h"
#include "session/admit.h"

#include <stdbool.h>

#define SESSION_BUCKETS	1024	/* of peers by id */

struct chan;
struct peer;
struct rtr;
struct sync;

struct listener {
	struct listener		*next;
	struct session		*session;
	struct imsg_listener	 at;
	int			 handle;
	struct loop_watch	 watch;
	struct loop_timer	 pause;		/* out of descriptors */
	/* Peers whose key could not be set: they would not be protected. */
	struct prefix		*unkeyed;
	size_t			 n_unkeyed;
};

struct session {
	struct env		*env;
	struct chan		*parent, *rde, *api;	/* NULL: not there */
	struct config		*config;	/* current model, or NULL */
	struct wr		 incoming;	/* model being received */
	struct peer		*peers;
	struct peer		*by_id[SESSION_BUCKETS];
	struct listener		*listeners;
	struct admit		admit;
	uint32_t		 next_clone_id;
	struct handover_record	*kept, **kept_tail;	/* session_handover.c */
	struct loop_timer	 quiet_timer;
	bool			 is_frozen, is_given;
	bool			 is_stopping;
	uint8_t			 monitor;	/* CONF_BMP_ bits, of all */
	bool			 is_reading_paused;
	struct loop_timer	 stop_timer;
	struct loop_task	 reap_task;	/* frees peers that are done */
	struct sync		*syncs;		/* the broker waits for */
	struct loop_task	 sync_task;	/* looks at them */
	struct rtr		*rtr;		/* RPKI caches */
	char			**up_ifaces;	/* names, for depend on */
	size_t			 n_up_ifaces;
};

/* listen.c */
void	listener_add(struct session *, const struct imsg_listener *,
	    int handle);
void	listener_del(struct session *, const struct imsg_listener *);
void	listener_free_all(struct session *);
/* Set the keys of all peers on all listeners. */
void	listener_set_keys(struct session *);
/* A key is no longer wanted. */
void	listener_clear_key(struct session *, const struct conf_peer *);

/* peers.c */
struct peer *session_peer(struct session *, uint32_t id);
/* The peer that a connection from this address belongs to; clones. */
struct peer *session_match(struct session *, const struct addr *);
/* A peer as another engine had it: of this conf, or cloned from it. */
struct peer *session_restore_peer(struct session *, const struct conf_peer *,
	    uint32_t id, const struct addr *from);
/* Programs reach a clone, and its routes are kept, from now on. */
void	session_tell_clone(struct chan *to, const struct peer *);
/* It has ended: freed later if it was cloned. */
void	session_peer_done(struct peer *);
/* End and forget a range's; nothing happens to others. p is gone. */
void	session_destroy_clone(struct peer *p);
/* Free cloned peers that ended; when every peer gave up, so do we. */
void	session_on_reap(void *session);
/* Take a new model, which is ours from now on. */
void	session_apply(struct session *, struct config *);

/* session.c */
/* Tell the broker of a state change. */
void	session_tell_state(struct peer *, const char *reason);
/* Whether input may be read now. */
bool	session_may_read(const struct session *);
/* Stop or resume reading, by how full the channels are. */
void	session_check_flow(struct session *);

/* sync.c */
void	sync_init(struct session *);
void	sync_fini(struct session *);
/* Tell the broker (request id) when what is queued for peers is written. */
void	sync_add(struct session *, uint32_t id, struct rd peers);
/* Something was written, or a session ended: look at them soon. */
void	sync_check(struct session *);

#define SESSION_CLONE_ID	0x80000000u	/* first id of cloned peers */

#endif
