/* SPDX-License-Identifier: ISC */
/*
 * What happens, told to operators who listen (bgpctl show events): one map
 * each, {"event": {...}}. Inside api/ only.
 */
#ifndef API_OPEVENT_H
#define API_OPEVENT_H

#include "common/buf.h"
#include "common/imsg.h"

#include <stdbool.h>
#include <stdint.h>

struct api;
struct api_peer;
struct client;
struct program;

/*
 * The client hears from now on, until it hangs up: of all, or only of the
 * peers that these words mean (either may be NULL).
 */
void	opevent_listen(struct client *, const char *peer, const char *group);
/* It is gone. */
void	opevent_fini(struct client *);
/* It has read: tell how many it missed, if any. */
void	opevent_resume(struct client *);

/* A peer's state changes; reason may be empty. */
void	opevent_state(struct api *, const struct api_peer *, uint8_t old,
	    uint8_t state, const char *reason);
/* A whole message; only NOTIFICATIONs are told. */
void	opevent_message(struct api *, const struct api_peer *, bool is_sent,
	    struct rd message);
/* A program began (status NULL), or ended. */
void	opevent_program(struct api *, const struct program *,
	    const uint32_t *status);
void	opevent_reload(struct api *, enum imsg_reload_event, uint32_t seconds,
	    const char *text);
void	opevent_rtr(struct api *, bool is_up, const char *cache,
	    const char *reason);

#endif
