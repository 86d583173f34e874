/* SPDX-License-Identifier: ISC */
/*
 * The least that a BGP daemon can do: answer OPENs, frame what feeders send
 * and write the same bytes to each receiver. What it costs is the floor
 * below which no daemon of one process can be on this machine.
 *
 *	bench_relay ADDRESS PORT AS		feeders are AS 61000 to 61999
 */
#include "common/bgp.h"
#include "common/buf.h"
#include "common/wire/message.h"
#include "common/wire/open.h"

#include <arpa/inet.h>
#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <stdbool.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#define READ_MAX	65536u
#define OUT_MAX		(512u << 20)
#define OUT_HIGH	(4u << 20)	/* feeders wait above this */

struct peer {
	int		 fd;
	bool		 is_feeder, is_up, wants_write;
	struct wr	 rest, out;
	size_t		 out_pos;
	struct peer	*next;
};

struct relay {
	int		 epoll, listener;
	uint32_t	 as;
	struct peer	*peers;
	uint8_t		 scratch[READ_MAX + BGP_MESSAGE_MAX_EXTENDED];
};

static void
poll_peer(const struct relay *r, struct peer *p, int op)
{
	struct epoll_event e = {
		.events = EPOLLIN | (p->wants_write ? EPOLLOUT : 0),
		.data.ptr = p,
	};

	epoll_ctl(r->epoll, op, p->fd, &e);
}

static void
peer_write(const struct relay *r, struct peer *p)
{
	ssize_t n = write(p->fd, p->out.base + p->out_pos,
	    p->out.len - p->out_pos);
	bool wants_write;

	if (n > 0)
		p->out_pos += (size_t)n;
	wants_write = p->out_pos < p->out.len;
	if (!wants_write) {
		buf_reset(&p->out);
		p->out_pos = 0;
	}
	if (wants_write == p->wants_write)
		return;
	p->wants_write = wants_write;
	poll_peer(r, p, EPOLL_CTL_MOD);
}

static void
relay_open(struct relay *r, struct peer *p, struct rd body)
{
	struct open theirs, ours;

	if (open_decode(body, &theirs) != 0)
		errx(1, "OPEN");
	ours = theirs;
	ours.as = r->as > 65535 ? BGP_AS_TRANS : (uint16_t)r->as;
	ours.capabilities.as4 = r->as;
	ours.router_id = 0x0a630001;
	open_encode(&ours, &p->out);
	message_put_keepalive(&p->out);
	p->is_feeder = theirs.capabilities.as4 / 1000 == 61;
	p->is_up = true;
}

/* Handle whole messages; UPDATEs of feeders go to all receivers. */
static size_t
relay_messages(struct relay *r, struct peer *p, const uint8_t *bytes,
    size_t n)
{
	size_t at = 0, len, first = 0;
	struct rd head;
	struct peer *to;
	uint8_t type;

	while (n - at >= BGP_HEADER_LEN) {
		head = buf_reader(bytes + at + BGP_MARKER_LEN, 3);
		len = buf_get_u16(&head);
		type = buf_get_u8(&head);
		if (len < BGP_HEADER_LEN)
			errx(1, "message of %zu bytes", len);
		if (n - at < len)
			break;
		if (type == BGP_OPEN)
			relay_open(r, p, buf_reader(bytes + at +
			    BGP_HEADER_LEN, len - BGP_HEADER_LEN));
		at += len;
		if (type != BGP_UPDATE && first == at - len)
			first = at;
	}
	for (to = r->peers; p->is_feeder && to != NULL; to = to->next) {
		if (!to->is_up || to->is_feeder)
			continue;
		buf_put_bytes(&to->out, bytes + first, at - first);
		peer_write(r, to);
	}
	return at;
}

static bool
must_wait(const struct relay *r, const struct peer *p)
{
	const struct peer *to;

	for (to = r->peers; p->is_feeder && to != NULL; to = to->next)
		if (to->out.len - to->out_pos > OUT_HIGH)
			return true;
	return false;
}

static void
peer_end(struct relay *r, struct peer *p)
{
	struct peer **at = &r->peers;

	while (*at != p)
		at = &(*at)->next;
	*at = p->next;
	close(p->fd);
	buf_free(&p->out);
	buf_free(&p->rest);
	free(p);
}

static void
peer_ready(struct relay *r, struct peer *p, uint32_t events)
{
	size_t n = p->rest.len, done;
	ssize_t got;

	if (events & EPOLLOUT)
		peer_write(r, p);
	if (!(events & (EPOLLIN | EPOLLHUP)) || must_wait(r, p))
		return;
	if (n > 0)
		memcpy(r->scratch, p->rest.base, n);
	got = read(p->fd, r->scratch + n, READ_MAX);
	if (got == -1 && errno == EAGAIN)
		return;
	if (got <= 0) {
		peer_end(r, p);
		return;
	}
	n += (size_t)got;
	done = relay_messages(r, p, r->scratch, n);
	buf_reset(&p->rest);
	buf_put_bytes(&p->rest, r->scratch + done, n - done);
	if (p->out.len > p->out_pos)
		peer_write(r, p);
}

static void
relay_accept(struct relay *r)
{
	struct peer *p = calloc(1, sizeof(*p));
	int on = 1;

	if (p == NULL)
		err(1, "relay");
	p->fd = accept4(r->listener, NULL, NULL, SOCK_NONBLOCK);
	if (p->fd == -1) {
		free(p);
		return;
	}
	setsockopt(p->fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
	buf_writer_growing(&p->rest, sizeof(r->scratch));
	buf_writer_growing(&p->out, OUT_MAX);
	p->next = r->peers;
	r->peers = p;
	poll_peer(r, p, EPOLL_CTL_ADD);
}

static int
relay_listen(const char *address, const char *port)
{
	struct sockaddr_in a = {
		.sin_family = AF_INET, .sin_port = htons((uint16_t)atoi(port)),
	};
	int on = 1, fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);

	inet_pton(AF_INET, address, &a.sin_addr);
	setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
	if (fd == -1 || bind(fd, (struct sockaddr *)&a, sizeof(a)) == -1 ||
	    listen(fd, 1024) == -1)
		err(1, "%s", address);
	return fd;
}

int
main(int argc, char **argv)
{
	static struct relay r;
	struct epoll_event e = { .events = EPOLLIN };
	int i, n;

	if (argc != 4)
		errx(2, "usage: bench_relay address port as");
	signal(SIGPIPE, SIG_IGN);
	r.as = (uint32_t)strtoul(argv[3], NULL, 10);
	r.epoll = epoll_create1(0);
	r.listener = relay_listen(argv[1], argv[2]);
	epoll_ctl(r.epoll, EPOLL_CTL_ADD, r.listener, &e);
	for (;;) {
		n = epoll_wait(r.epoll, &e, 1, -1);
		for (i = 0; i < n; i++) {
			if (e.data.ptr == NULL)
				relay_accept(&r);
			else
				peer_ready(&r, e.data.ptr, e.events);
		}
	}
}
