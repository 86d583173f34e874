/* SPDX-License-Identifier: ISC */
/* Clients of the control socket; inside api/ only. */
#ifndef API_CLIENT_H
#define API_CLIENT_H

#include "api/engine.h"

#include <sys/types.h>

struct arena;
struct value;

/* The two engines' views of a peer, until both are there. */
struct client_peer {
	struct client_peer	*next;
	uint32_t		 id;
	uint8_t			*status;
	size_t			 status_len;
};

struct client {
	struct client		*next;
	struct api		*api;
	uint32_t		 id;	/* ours; what it is called inside */
	int			 fd;
	struct loop_watch	 watch;
	struct wr		 in;
	struct outq		 out;
	struct client_peer	*peers, **peers_tail;
	size_t			 peers_bytes;	/* of their status */
	uid_t			 uid;	/* of who connected; and */
	pid_t			 pid;
	enum imsg_proc		 waits_for;	/* while busy: who answers */
	bool			 is_restricted;
	const char		*key;		/* of rows; NULL: in them */
	bool			 is_busy;	/* a request is under way */
	bool			 is_parent_waiting;	/* for room */
	bool			 is_walking;	/* in the RDE */
	bool			 is_paused;
	bool			 is_done;	/* close when written */
	/* opevent.c */
	bool			 is_listening;
	char			*event_peer, *event_group;	/* or NULL */
	uint64_t		 n_lost;	/* events, since it was told */
};

struct control_request {
	struct client		*client;
	const struct value	*map;
	struct arena		*arena;
};

/* client.c */
/* The client with this id, or NULL: it may be gone. */
struct client	*client_find(struct api *, uint32_t id);
/* Queue a reply, a MessagePack map. */
void		 client_send(struct client *, const struct wr *map);
/* The last reply of a request: an error's text, or "". */
void		 client_end(struct client *, const char *error);

/* control_request.c: carry a request out; its end may come later. */
void		 control_dispatch(struct control_request *);
/* Whether words of a request mean this peer; both NULL: all are meant. */
bool		 control_matches(const struct api_peer *, const char *peer,
		    const char *group);

#endif
