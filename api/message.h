/* SPDX-License-Identifier: ISC */
/* Handlers of messages to the broker, for its table in api.c. */
#ifndef API_MESSAGE_H
#define API_MESSAGE_H

struct api;
struct imsg;

#define API_MODEL_MAX	(1u << 30)	/* bytes */

/* model.c */
void	api_on_peer_clone(struct api *, struct imsg *);
void	api_on_peer_gone(struct api *, struct imsg *);
void	api_on_conf_begin(struct api *, struct imsg *);
void	api_on_conf_data(struct api *, struct imsg *);
void	api_on_conf_end(struct api *, struct imsg *);
/* The RDE has to know the model's peers before it hears of them. */
void	api_tell_serial(struct api *);
/* Peers from ranges came or went. */
void	api_change_clones(struct api *);
void	api_free_peers(struct api *);

/* answer.c */
void	api_on_peer_status(struct api *, struct imsg *);
void	api_on_peer_status_end(struct api *, struct imsg *);
void	api_on_rtr_status(struct api *, struct imsg *);
void	api_on_rtr_status_end(struct api *, struct imsg *);
void	api_on_rib_entry(struct api *, struct imsg *);
void	api_on_rib_end(struct api *, struct imsg *);
void	api_on_monitor(struct api *, struct imsg *);
void	api_on_barrier(struct api *, struct imsg *);
void	api_on_peer_counters(struct api *, struct imsg *);
void	api_on_peer_counters_end(struct api *, struct imsg *);

#endif
