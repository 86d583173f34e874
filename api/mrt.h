/* SPDX-License-Identifier: ISC */
/* MRT files that the configuration asks for with dump. */
#ifndef API_MRT_H
#define API_MRT_H

#include "api/engine.h"

/* IMSG_MRT_FILE: takes the descriptor. A table's dump begins. */
void	mrt_take_file(struct api *, struct imsg *);
/* A message of a peer, as IMSG_EVENT_MESSAGE has it. */
void	mrt_message(struct api *, const struct api_peer *, const uint8_t *,
	    size_t len);
/* The state of a peer's session (enum bgp_state) is another. */
void	mrt_state(struct api *, const struct api_peer *, uint8_t old,
	    uint8_t new);
/* Entries of the RDE for a request with API_MRT_REQUEST, and their end. */
void	mrt_entries(struct api *, uint32_t request, const uint8_t *,
	    size_t len);
void	mrt_entries_end(struct api *, uint32_t request);
/* Close the files of dumps that are others in the new model. */
void	mrt_forget_changed(struct api *, const struct config *new);
/* Write what waits and close all. */
void	mrt_drop_all(struct api *);

#endif
