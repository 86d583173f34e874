/* SPDX-License-Identifier: ISC */
/*
 * Listeners: bound here, with the privilege to do so, and handed to the
 * session engine (BGP) and the broker (control socket). Over a reload those
 * that stay are not touched.
 */
#include "parent/parent.h"

#include "common/buf.h"
#include "common/bgp.h"
#include "common/chan.h"
#include "common/err.h"
#include "common/net.h"

#include <err.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#define LISTEN_BACKLOG	16
#define MODE_FULL	0660
#define MODE_RESTRICTED	0666

static struct parent_listener *
listen_find(struct parent *p, const struct addr *addr, uint16_t port)
{
	struct parent_listener *l;

	for (l = p->listeners; l != NULL; l = l->next)
		if (l->at.port == port && addr_is_equal(&l->at.addr, addr))
			return l;
	return NULL;
}

static void
listen_tell(struct parent *p, struct parent_listener *l, bool is_new)
{
	struct chan *session = p->workers[PROC_SESSION].chan;
	uint8_t bytes[32];
	struct wr w;
	int fd;

	if (session == NULL)
		return;
	buf_writer(&w, bytes, sizeof(bytes));
	imsg_put_listener(&w, &l->at);
	if (!is_new) {
		chan_send(session, IMSG_LISTENER_GONE, 0, w.base, w.len);
		return;
	}
	fd = dup(l->fd);
	if (fd != -1)
		chan_send_fd(session, IMSG_LISTENER, 0, w.base, w.len, fd);
}

static void
listen_want(struct parent *p, const struct addr *addr, uint16_t port)
{
	struct parent_listener *l = listen_find(p, addr, port);
	char text[ADDR_TEXT_MAX];
	int fd;

	if (l != NULL) {
		l->is_wanted = true;
		return;
	}
	fd = net_sock_listen(addr, port);
	if (fd < 0) {
		log_err(&p->env->log, "listen on %s port %u: %s",
		    addr_print(addr, text, sizeof(text)), port,
		    strerror(errno));
		return;
	}
	l = calloc(1, sizeof(*l));
	if (l == NULL)
		err(1, "listen");
	*l = (struct parent_listener){
		.next = p->listeners, .at = { *addr, port }, .fd = fd,
		.is_wanted = true,
	};
	p->listeners = l;
	listen_tell(p, l, true);
}

static void
listen_want_configured(struct parent *p)
{
	const struct config *c = p->config;
	size_t i;

	for (i = 0; i < c->n_listens; i++)
		listen_want(p, &c->listens[i].addr, c->listens[i].port);
	for (i = 0; i < c->n_peers; i++)
		if (c->peers[i].listen_port != 0)
			listen_want(p, &c->peers[i].local_address,
			    c->peers[i].listen_port);
	/* OpenBGPD listens everywhere unless told where; ExaBGP nowhere. */
	if (c->n_listens == 0 && !c->is_exabgp) {
		struct addr any4 = { .family = ADDR_IPV4 };
		struct addr any6 = { .family = ADDR_IPV6 };

		listen_want(p, &any4, BGP_PORT);
		listen_want(p, &any6, BGP_PORT);
	}
}

void
listen_apply(struct parent *p)
{
	struct parent_listener **link, *l;

	for (l = p->listeners; l != NULL; l = l->next)
		l->is_wanted = false;
	listen_want_configured(p);
	for (link = &p->listeners; (l = *link) != NULL;) {
		if (l->is_wanted) {
			link = &l->next;
			continue;
		}
		listen_tell(p, l, false);
		*link = l->next;
		close(l->fd);
		free(l);
	}
}

void
listen_send_all(struct parent *p)
{
	struct parent_listener *l;

	for (l = p->listeners; l != NULL; l = l->next)
		listen_tell(p, l, true);
}

/* Whether some daemon answers there. */
static bool
listen_is_alive(const struct sockaddr_un *sun)
{
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	bool is_alive;

	if (fd == -1)
		return false;
	is_alive = connect(fd, (const struct sockaddr *)sun,
	    sizeof(*sun)) == 0;
	close(fd);
	return is_alive;
}

int
listen_unix(struct parent *p, const char *path, mode_t mode)
{
	struct sockaddr_un sun = { .sun_family = AF_UNIX };
	mode_t old;
	int fd;

	if (strlcpy(sun.sun_path, path, sizeof(sun.sun_path)) >=
	    sizeof(sun.sun_path)) {
		log_err(&p->env->log, "control socket %s: name too long", path);
		return ERR_RANGE;
	}
	if (listen_is_alive(&sun)) {
		log_err(&p->env->log, "control socket %s: a daemon answers "
		    "there already", path);
		return ERR_EXISTS;
	}
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (fd == -1)
		return ERR_SYSTEM;
	unlink(path);
	old = umask(0777 & ~mode);
	if (bind(fd, (struct sockaddr *)&sun, sizeof(sun)) != 0 ||
	    chmod(path, mode) != 0 || listen(fd, LISTEN_BACKLOG) != 0) {
		log_err(&p->env->log, "control socket %s: %s", path,
		    strerror(errno));
		umask(old);
		close(fd);
		return ERR_SYSTEM;
	}
	umask(old);
	return fd;
}

int
listen_control(struct parent *p)
{
	const struct conf_socket *s;
	size_t i;
	int fd;

	for (i = 0; i < p->config->n_sockets; i++) {
		s = &p->config->sockets[i];
		fd = listen_unix(p, s->path, s->is_restricted ?
		    MODE_RESTRICTED : MODE_FULL);
		if (fd == ERR_EXISTS)
			return fd;
		if (fd < 0)
			continue;
		if (s->is_restricted) {
			p->restricted_fd = fd;
			p->restricted_path = strdup(s->path);
		} else {
			p->control_fd = fd;
			p->control_path = strdup(s->path);
		}
	}
	return 0;
}

void
listen_send_control(struct parent *p)
{
	struct chan *api = p->workers[PROC_API].chan;
	const int fds[] = { p->control_fd, p->restricted_fd };
	uint32_t i;
	int fd;

	for (i = 0; i < 2; i++) {
		if (fds[i] == -1 || api == NULL)
			continue;
		fd = dup(fds[i]);
		if (fd != -1)
			chan_send_fd(api, IMSG_CONTROL, i, NULL, 0, fd);
	}
}

static void
listen_close_unix(int *fd, char **path)
{
	if (*fd != -1)
		close(*fd);
	if (*path != NULL)
		unlink(*path);
	free(*path);
	*fd = -1;
	*path = NULL;
}

void
listen_fini(struct parent *p)
{
	struct parent_listener *l;

	while ((l = p->listeners) != NULL) {
		p->listeners = l->next;
		close(l->fd);
		free(l);
	}
	listen_close_unix(&p->control_fd, &p->control_path);
	listen_close_unix(&p->restricted_fd, &p->restricted_path);
}
