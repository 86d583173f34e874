/* SPDX-License-Identifier: ISC */
/*
 * The model in the broker: it comes from the parent in pieces; the peers
 * that it names, and those that came from ranges.
 */
#include "api/message.h"

#include "api/bmp.h"
#include "api/engine.h"
#include "api/mrt.h"
#include "common/chan.h"

#include <err.h>
#include <stdlib.h>
#include <string.h>

static void
api_make_peer(struct api *api, struct api_peer *p, uint32_t id,
    const struct conf_peer *conf)
{
	struct api_peer *old = api_peer(api, id);

	if (old != NULL)
		*p = *old;
	p->conf = conf;
	p->clone_conf = NULL;
	p->id = id;
	p->name = select_name(conf);
}

/* A clone is its range's, at its own address. */
static void
api_make_clone(struct api *api, struct api_peer *p,
    const struct api_clone *clone, const struct conf_peer *range)
{
	struct conf_peer *conf = malloc(sizeof(*conf));

	if (conf == NULL)
		err(1, "api");
	*conf = *range;
	conf->remote.addr = clone->clone.addr;
	conf->remote.len_bits = (uint8_t)addr_bits(clone->clone.addr.family);
	conf->name = NULL;
	api_make_peer(api, p, clone->id, conf);
	p->clone_conf = conf;
}

void
api_free_peers(struct api *api)
{
	size_t i;

	for (i = 0; i < api->n_peers; i++) {
		free(api->peers[i].name);
		free(api->peers[i].clone_conf);
	}
	free(api->peers);
}

/* The model's peers, then the clones of its ranges. */
static void
api_make_peers(struct api *api, const struct config *new)
{
	struct api_peer *peers = calloc(new->n_peers + api->n_clones + 1,
	    sizeof(*peers));
	const struct conf_peer *range;
	size_t i, n = new->n_peers;

	if (peers == NULL)
		err(1, "api");
	for (i = 0; i < new->n_peers; i++)
		api_make_peer(api, &peers[i], new->peers[i].id,
		    &new->peers[i]);
	for (i = 0; i < api->n_clones; i++) {
		range = config_peer(new, api->clones[i].clone.conf_id);
		if (range != NULL)
			api_make_clone(api, &peers[n++], &api->clones[i],
			    range);
	}
	api_free_peers(api);
	api->peers = peers;
	api->n_peers = n;
	bmp_peers_changed(api);
}

/* Clones came or went: selectors may mean others now. */
void
api_change_clones(struct api *api)
{
	api_flush_routes(api);
	select_forget_all(api);
	if (api->config != NULL)
		api_make_peers(api, api->config);
	throttle_update(api);
}

void
api_on_peer_clone(struct api *api, struct imsg *m)
{
	struct api_clone c = { .id = m->id };

	if (imsg_get_clone(buf_reader(m->data, m->len), &c.clone) != 0 ||
	    api_peer(api, m->id) != NULL)
		return;
	api->clones = reallocarray(api->clones, api->n_clones + 1,
	    sizeof(c));
	if (api->clones == NULL)
		err(1, "api");
	api->clones[api->n_clones++] = c;
	api_change_clones(api);
}

void
api_on_peer_gone(struct api *api, struct imsg *m)
{
	size_t i;

	for (i = 0; i < api->n_clones; i++) {
		if (api->clones[i].id != m->id)
			continue;
		api->clones[i] = api->clones[--api->n_clones];
		api_change_clones(api);
		return;
	}
}

void
api_on_conf_begin(struct api *api, struct imsg *m)
{
	(void)m;
	buf_free(&api->incoming);
	buf_writer_growing(&api->incoming, API_MODEL_MAX);
}

void
api_on_conf_data(struct api *api, struct imsg *m)
{
	buf_put_bytes(&api->incoming, m->data, m->len);
}

void
api_tell_serial(struct api *api)
{
	if (api->rde != NULL)
		chan_send(api->rde, IMSG_CONF_WAIT, api->conf_serial, NULL,
		    0);
}

void
api_on_conf_end(struct api *api, struct imsg *m)
{
	struct config *new, *old = api->config;
	const char *why = "too large";

	new = api->incoming.err != 0 ? NULL :
	    config_decode(api->incoming.base, api->incoming.len, &why);
	buf_free(&api->incoming);
	if (new == NULL) {
		log_err(&api->env->log, "configuration from the parent: %s",
		    why);
		return;
	}
	api_flush_routes(api);
	mrt_forget_changed(api, new);
	select_forget_all(api);
	api_make_peers(api, new);
	api->config = new;
	api->env->log.topics = new->environment.log_topics;
	program_apply_conf(api);
	bmp_apply(api);
	config_free(old);
	api->conf_serial = m->id;
	api_tell_serial(api);
}
