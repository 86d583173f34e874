/* SPDX-License-Identifier: ISC */
/*
 * The API broker: reads commands from programs and bgpctl, has the RDE and
 * the session engine carry them out, and tells programs what peers say. It
 * opens nothing itself: pipes, control listener and channels are handed to
 * it by the parent.
 */
#ifndef API_API_H
#define API_API_H

struct api;
struct env;

/* An engine that speaks to the parent over parent_handle, owned from now. */
struct api	*api_new(struct env *, int parent_handle);
void		 api_free(struct api *);

#endif
