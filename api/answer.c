/* SPDX-License-Identifier: ISC */
/*
 * What session engine and RDE answer goes to who asked: bgpctl, a program, a
 * dump, a BMP station.
 */
#include "api/message.h"

#include "api/bmp.h"
#include "api/engine.h"
#include "api/mrt.h"
#include "common/chan.h"

/* Whose request it is: the highest bit that is set says so. */
static bool
api_is_mrt(uint32_t id)
{
	return (id & (API_MRT_REQUEST | API_PROGRAM_REQUEST)) ==
	    API_MRT_REQUEST;
}

static bool
api_is_bmp(uint32_t id)
{
	return id >> 29 == API_BMP_REQUEST >> 29;
}

static struct program *
api_asker(struct api *api, uint32_t id)
{
	if ((id & API_PROGRAM_REQUEST) == 0)
		return NULL;
	return program_get(api, id & ~API_PROGRAM_REQUEST, false);
}

void
api_on_peer_status(struct api *api, struct imsg *m)
{
	struct program *g = api_asker(api, m->id);

	if (g != NULL)
		reply_peer(g, m->data, m->len);
	else
		control_peer_status(api, m->id, m->data, m->len);
}

void
api_on_peer_status_end(struct api *api, struct imsg *m)
{
	struct program *g = api_asker(api, m->id);

	if (g != NULL)
		reply_end(g, "");
	else
		control_peer_status_end(api, m->id);
}

void
api_on_rtr_status(struct api *api, struct imsg *m)
{
	control_entries(api, m->id, m->data, m->len);
}

void
api_on_rtr_status_end(struct api *api, struct imsg *m)
{
	control_end(api, m->id, "");
}

/*
 * From the RDE.
 */
void
api_on_rib_entry(struct api *api, struct imsg *m)
{
	struct program *g = api_asker(api, m->id);

	if (api_is_mrt(m->id))
		mrt_entries(api, m->id, m->data, m->len);
	else if (api_is_bmp(m->id))
		bmp_entries(api, m->id, m->data, m->len);
	else if (g != NULL)
		reply_rib_entry(g, m->data, m->len);
	else
		control_entries(api, m->id, m->data, m->len);
}

void
api_on_rib_end(struct api *api, struct imsg *m)
{
	struct program *g = api_asker(api, m->id);
	char text[256];

	log_escape(m->data, m->len, text, sizeof(text));
	if (api_is_mrt(m->id))
		mrt_entries_end(api, m->id);
	else if (api_is_bmp(m->id))
		bmp_entries_end(api, m->id, text);
	else if (g != NULL)
		reply_end(g, text);
	else
		control_end(api, m->id, text);
}

void
api_on_monitor(struct api *api, struct imsg *m)
{
	bmp_monitor(api, m);
}

void
api_on_barrier(struct api *api, struct imsg *m)
{
	bmp_barrier(api, m->id);
}

void
api_on_peer_counters(struct api *api, struct imsg *m)
{
	if (api_is_bmp(m->id))
		bmp_counters(api, m->id, m->data, m->len);
	else
		control_peer_counters(api, m->id, m->data, m->len);
}

void
api_on_peer_counters_end(struct api *api, struct imsg *m)
{
	control_end(api, m->id, "");
}
