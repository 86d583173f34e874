/* SPDX-License-Identifier: ISC */
/*
 * Connections to BMP stations: the broker, which has no network, asks for
 * them by name, and gets a descriptor that is about to be connected. Only
 * where the model says does this connect to.
 */
#include "parent/parent.h"

#include "common/chan.h"
#include "common/net.h"

#include <errno.h>
#include <string.h>

#define NAME_MAX_LEN	63

static void
bmp_fail(struct worker *w, uint32_t request, const char *why)
{
	chan_send(w->chan, IMSG_BMP_FAILED, request, why, strlen(why));
}

void
bmp_connect(struct worker *w, const struct imsg *m)
{
	struct parent *p = w->parent;
	struct net_options options = { 0 };
	const struct conf_bmp *b;
	char name[NAME_MAX_LEN + 1];
	int fd;

	if (w->chan == NULL || m->len > NAME_MAX_LEN)
		return;
	memcpy(name, m->data, m->len);
	name[m->len] = '\0';
	b = config_bmp(p->config, name);
	if (b == NULL || p->is_stopping) {
		bmp_fail(w, m->id, "not configured");
		return;
	}
	options.local = b->local_address;
	fd = p->env->net->ops->connect(p->env->net, &b->addr, b->port,
	    &options);
	if (fd < 0)
		bmp_fail(w, m->id, strerror(errno));
	else
		chan_send_fd(w->chan, IMSG_BMP_SOCKET, m->id, NULL, 0, fd);
}
