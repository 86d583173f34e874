/* SPDX-License-Identifier: ISC */
/* Messages of the session engine: sessions, what they bring, their pace. */
#include "rde/engine.h"

#include "common/bgp.h"
#include "common/config.h"
#include "common/env.h"

/*
 * The peer of a session that came up. A template's clone has an id that the
 * model does not know: it takes the template's configuration.
 */
static struct rpeer *
session_peer(struct rde *rde, uint32_t id, const struct addr *remote)
{
	struct rpeer *p = rpeer_find(rde, id);
	const struct conf_peer *c, *best = NULL;
	size_t i;

	if (p != NULL || rde->conf == NULL)
		return p;
	for (i = 0; i < rde->conf->n_peers; i++) {
		c = &rde->conf->peers[i];
		if (config_peer_is_template(c) &&
		    prefix_contains(&c->remote, remote) && (best == NULL ||
		    c->remote.len_bits > best->remote.len_bits))
			best = c;
	}
	if (best == NULL)
		return NULL;
	p = rpeer_new(rde, id, best);
	p->is_clone = true;
	if (rpeer_is_isolated(p))
		orig_conf_apply(rde, p);
	return p;
}

static void
session_up(struct rde *rde, struct rpeer *p, const struct imsg *m)
{
	struct imsg_session_up up;

	(void)p;
	if (imsg_get_session_up(buf_reader(m->data, m->len), &up) != 0) {
		log_warn(&rde->env->log, "session up: malformed");
		return;
	}
	p = session_peer(rde, m->id, &up.remote);
	if (p == NULL) {
		log_warn(&rde->env->log, "session up: unknown peer %u", m->id);
		return;
	}
	if (p->is_up)
		rpeer_session_down(rde, p, DOWN_FLUSH);
	rpeer_session_up(rde, p, &up);
	if (rpeer_is_isolated(p))
		orig_out_session_up(rde, p);
}

static void
session_down(struct rde *rde, struct rpeer *p, const struct imsg *m)
{
	if (p->is_up)
		rpeer_session_down(rde, p,
		    m->data[0] == DOWN_STALE ? DOWN_STALE : DOWN_FLUSH);
}

static void
session_refresh(struct rde *rde, struct rpeer *p, const struct imsg *m)
{
	struct rd r = buf_reader(m->data, m->len);
	uint16_t afi = buf_get_u16(&r);
	uint8_t subtype = buf_get_u8(&r);
	const struct nlri_family *family = nlri_find(afi, buf_get_u8(&r));

	if (family == NULL || !rpeer_has_family(p, family))
		return;
	if (subtype == REFRESH_REQUEST && rpeer_is_isolated(p))
		orig_out_refresh(rde, p, family);
}

static void
session_xoff(struct rde *rde, struct rpeer *p, const struct imsg *m)
{
	(void)rde;
	(void)m;
	p->is_xoff = true;
}

static void
session_xon(struct rde *rde, struct rpeer *p, const struct imsg *m)
{
	(void)rde;
	(void)m;
	p->is_xoff = false;
}

static void
session_updates(struct rde *rde, struct rpeer *p, const struct imsg *m)
{
	if (p->is_up)
		job_begin(&rde->sess_job, rde->sess, m);
}

struct session_row {
	enum imsg_type	type;
	bool		needs_peer;
	void		(*handle)(struct rde *, struct rpeer *,
			    const struct imsg *);
};

static const struct session_row session_rows[] = {
	{ IMSG_UPDATES,		true,	session_updates },
	{ IMSG_SESSION_UP,	false,	session_up },
	{ IMSG_SESSION_DOWN,	true,	session_down },
	{ IMSG_REFRESH,		true,	session_refresh },
	{ IMSG_PEER_XOFF,	true,	session_xoff },
	{ IMSG_PEER_XON,	true,	session_xon },
};

#define N_ROWS	(sizeof(session_rows) / sizeof(session_rows[0]))

void
rde_session_message(struct rde *rde, const struct imsg *m)
{
	struct rpeer *p = rpeer_find(rde, m->id);
	size_t i;

	for (i = 0; i < N_ROWS; i++) {
		if (session_rows[i].type != m->type)
			continue;
		if (p != NULL || !session_rows[i].needs_peer)
			session_rows[i].handle(rde, p, m);
		return;
	}
}

bool
rde_session_continue(struct rde *rde, struct budget *b)
{
	struct job *j = &rde->sess_job;

	(void)b;
	if (!j->is_active)
		return true;
	job_end(j, rde->sess);
	return true;
}
