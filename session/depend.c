/* SPDX-License-Identifier: ISC */
/* Interfaces that are up, and the peers that depend on them. */
#include "session/depend.h"

#include "common/bgp.h"
#include "common/chan.h"
#include "session/engine.h"
#include "session/peer.h"

#include <err.h>
#include <stdlib.h>
#include <string.h>

#define NAME_MAX_LEN	16	/* IFNAMSIZ */

/* Position of a name among those that are up, or their number. */
static size_t
depend_find(const struct session *s, const char *name)
{
	size_t i;

	for (i = 0; i < s->n_up_ifaces; i++)
		if (strcmp(s->up_ifaces[i], name) == 0)
			break;
	return i;
}

bool
depend_is_met(const struct peer *p)
{
	const struct session *s = p->session;

	return p->conf->depend_on == NULL ||
	    depend_find(s, p->conf->depend_on) < s->n_up_ifaces;
}

static void
depend_check_peer(struct session *s, struct peer *p)
{
	bool is_met = depend_is_met(p);

	if (is_met && p->is_waiting && !config_peer_is_off(p->conf)) {
		log_info(&s->env->log, "peer %s: what it depends on is up",
		    p->label);
		peer_start(p);
	} else if (!is_met && !p->is_down) {
		log_info(&s->env->log, "peer %s: interface %s is down",
		    p->label, p->conf->depend_on);
		peer_stop(p, CEASE_ADMIN_SHUTDOWN, NULL, false);
		p->is_waiting = true;
	}
}

void
depend_check(struct session *s)
{
	struct peer *p;

	for (p = s->peers; p != NULL; p = p->next)
		depend_check_peer(s, p);
}

void
depend_message(struct session *s, struct imsg *m)
{
	char name[NAME_MAX_LEN] = "";
	size_t i, len = m->len - 1;

	if (len >= sizeof(name))
		return;
	memcpy(name, m->data + 1, len);
	i = depend_find(s, name);
	if (m->data[0] == 0) {
		if (i == s->n_up_ifaces)
			return;
		free(s->up_ifaces[i]);
		s->up_ifaces[i] = s->up_ifaces[--s->n_up_ifaces];
	} else if (i == s->n_up_ifaces) {
		s->up_ifaces = reallocarray(s->up_ifaces, i + 1,
		    sizeof(*s->up_ifaces));
		if (s->up_ifaces == NULL ||
		    (s->up_ifaces[i] = strdup(name)) == NULL)
			err(1, "depend");
		s->n_up_ifaces++;
	}
	depend_check(s);
}

void
depend_fini(struct session *s)
{
	while (s->n_up_ifaces > 0)
		free(s->up_ifaces[--s->n_up_ifaces]);
	free(s->up_ifaces);
	s->up_ifaces = NULL;
}
