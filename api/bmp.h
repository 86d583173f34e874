/* SPDX-License-Identifier: ISC */
/*
 * BMP: what neighbors tell us, and we them, to monitoring stations. RFC 7854,
 * RFC 8671. Inside api/ only.
 */
#ifndef API_BMP_H
#define API_BMP_H

#include "common/imsg.h"

#include <stddef.h>
#include <stdint.h>

struct api;
struct api_peer;
struct client;
struct imsg;

/* Once, before anything else; and the end. */
void	bmp_init(struct api *);
void	bmp_fini(struct api *);
/* A model is in force, the one before it is still there. */
void	bmp_apply(struct api *);
/* The set of peers is another, or it is told of other ones. */
void	bmp_peers_changed(struct api *);
/* Say Termination to all and close. None connects again. */
void	bmp_stop(struct api *);

/* IMSG_BMP_SOCKET (the descriptor is taken), IMSG_BMP_FAILED. */
void	bmp_take_socket(struct api *, struct imsg *);
void	bmp_connect_failed(struct api *, struct imsg *);

/* IMSG_EVENT_OPENS, then IMSG_EVENT_SESSION (in the peer). */
void	bmp_opens(struct api *, struct api_peer *, const uint8_t *,
	    size_t len);
void	bmp_session_up(struct api *, struct api_peer *);
/* It is up no more; RFC 4271's number of the event that ended it, or 0. */
void	bmp_session_down(struct api *, struct api_peer *, uint8_t event);
/* A message of a peer, as IMSG_EVENT_MESSAGE has it. */
void	bmp_message(struct api *, struct api_peer *, const uint8_t *,
	    size_t len);

/* Answers to requests with API_BMP_REQUEST. */
void	bmp_barrier(struct api *, uint32_t request);
void	bmp_entries(struct api *, uint32_t request, const uint8_t *,
	    size_t len);
void	bmp_entries_end(struct api *, uint32_t request, const char *why);
void	bmp_counters(struct api *, uint32_t request, const uint8_t *,
	    size_t len);
/* IMSG_MONITOR. */
void	bmp_monitor(struct api *, struct imsg *);
/* An engine is gone, and what it was asked for. */
void	bmp_lose_engine(struct api *, enum imsg_proc);
/* One has come. */
void	bmp_take_engine(struct api *);

/* Rows of bgpctl show bmp. */
void	bmp_show(struct api *, struct client *);

#endif
