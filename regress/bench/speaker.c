/* SPDX-License-Identifier: ISC */
/*
 * Sessions of a benchmark: connect, OPEN, KEEPALIVE, and bytes in and out.
 */
#include "regress/bench/speaker.h"

#include "common/bgp.h"
#include "common/wire/message.h"
#include "common/wire/open.h"

#include <arpa/inet.h>
#include <err.h>
#include <errno.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define RETRY_USEC	50000
#define OPENING_MAX	8	/* connections under way */
#define WRITE_MAX	(256u << 10)

int64_t
speaker_now(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec * INT64_C(1000000) + ts.tv_nsec / 1000;
}

static void
speaker_close(struct bench *b, struct speaker *s)
{
	if (s->state == SPEAKER_ESTABLISHED) {
		warnx("%s: session is down", s->name);
		b->has_failed = true;
		b->n_up--;
	}
	close(s->fd);
	s->fd = -1;
	s->state = SPEAKER_CLOSED;
	s->retry_usec = speaker_now() + RETRY_USEC;
	buf_reset(&s->rest);
}

static void
speaker_poll(struct bench *b, struct speaker *s, int op)
{
	struct epoll_event e = {
		.events = EPOLLIN | (s->wants_write ? EPOLLOUT : 0),
		.data.ptr = s,
	};

	if (epoll_ctl(b->epoll, op, s->fd, &e) == -1)
		err(1, "epoll");
}

void
speaker_connect(struct bench *b, struct speaker *s)
{
	struct sockaddr_in from = {
		.sin_family = AF_INET, .sin_addr = s->local,
	};
	int on = 1;

	s->fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (s->fd == -1)
		err(1, "socket");
	setsockopt(s->fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
	setsockopt(s->fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
	if (bind(s->fd, (struct sockaddr *)&from, sizeof(from)) == -1)
		err(1, "%s: bind", s->name);
	s->state = SPEAKER_CONNECTING;
	s->wants_write = true;
	speaker_poll(b, s, EPOLL_CTL_ADD);
	if (connect(s->fd, (struct sockaddr *)&b->daemon,
	    sizeof(b->daemon)) == -1 && errno != EINPROGRESS)
		speaker_close(b, s);
}

/* Small messages of the session itself go straight into the socket. */
static void
speaker_say(struct bench *b, struct speaker *s, const struct wr *w)
{
	if (write(s->fd, w->base, w->len) != (ssize_t)w->len)
		speaker_close(b, s);
}

static void
send_open(struct bench *b, struct speaker *s)
{
	struct open open = {
		.version = BGP_VERSION,
		.as = s->as > 65535 ? BGP_AS_TRANS : (uint16_t)s->as,
		.hold_time_sec = s->hold_sec,
		.router_id = ntohl(s->local.s_addr),
		.capabilities = {
			.has_multiprotocol = true, .has_refresh = true,
			.has_as4 = true, .as4 = s->as, .role = ROLE_NONE,
			.n_families = 2,
			.family_mask = 1u << NLRI_IPV4_UNICAST |
			    1u << NLRI_IPV6_UNICAST,
			.family_order = { NLRI_IPV4_UNICAST,
			    NLRI_IPV6_UNICAST },
		},
	};
	uint8_t array[256];
	struct wr w;

	buf_writer(&w, array, sizeof(array));
	open_encode(&open, &w);
	s->state = SPEAKER_OPENSENT;
	speaker_say(b, s, &w);
}

static void
send_keepalive(struct bench *b, struct speaker *s)
{
	uint8_t array[BGP_HEADER_LEN];
	struct wr w;

	buf_writer(&w, array, sizeof(array));
	message_put_keepalive(&w);
	s->keepalive_usec = speaker_now() + s->hold_sec * INT64_C(1000000) / 3;
	if (s->out_pos < s->out.len && s->is_sending)
		return;		/* updates are as good, and are under way */
	speaker_say(b, s, &w);
}

/* How much later than a third of the hold time a KEEPALIVE came. */
static void
heard_keepalive(struct speaker *s)
{
	int64_t now = speaker_now(), late;

	late = (now - s->heard_usec) / 1000 - s->hold_sec * 1000 / 3;
	s->heard_usec = now;
	if (s->lates == NULL)
		return;
	if (late < 0)
		late = 0;
	if (late >= SPEAKER_LATE_MAX)
		late = SPEAKER_LATE_MAX - 1;
	s->lates[late]++;
}

static void
speaker_message(struct bench *b, struct speaker *s, uint8_t type,
    struct rd body, size_t len)
{
	switch (type) {
	case BGP_OPEN:
		s->state = SPEAKER_OPENCONFIRM;
		send_keepalive(b, s);
		break;
	case BGP_KEEPALIVE:
		if (s->state == SPEAKER_OPENCONFIRM) {
			s->state = SPEAKER_ESTABLISHED;
			s->heard_usec = speaker_now();
			b->n_up++;
		} else {
			heard_keepalive(s);
		}
		break;
	case BGP_UPDATE:
		s->counters.messages++;
		s->counters.bytes += len;
		if (s->counters.first_usec == 0 && buf_left(&body) > 4)
			s->counters.first_usec = speaker_now();
		update_receive(b, s, body);
		break;
	case BGP_NOTIFICATION:
		warnx("%s: notification %u/%u", s->name,
		    buf_get_u8(&body), buf_get_u8(&body));
		break;
	}
}

/* Whole messages at the front of n bytes; how many bytes they are. */
static size_t
speaker_messages(struct bench *b, struct speaker *s, const uint8_t *bytes,
    size_t n)
{
	size_t at = 0, len;
	struct rd r;
	uint8_t type;

	while (n - at >= BGP_HEADER_LEN && s->fd != -1) {
		r = buf_reader(bytes + at + BGP_MARKER_LEN, 3);
		len = buf_get_u16(&r);
		type = buf_get_u8(&r);
		if (len < BGP_HEADER_LEN)
			errx(1, "%s: message of %zu bytes", s->name, len);
		if (n - at < len)
			break;
		speaker_message(b, s, type, buf_reader(bytes + at +
		    BGP_HEADER_LEN, len - BGP_HEADER_LEN), len);
		at += len;
	}
	return at;
}

static void
speaker_read(struct bench *b, struct speaker *s)
{
	size_t n = s->rest.len, done;
	ssize_t got;

	memcpy(b->scratch, s->rest.base == NULL ? b->scratch : s->rest.base,
	    n);
	got = read(s->fd, b->scratch + n, SPEAKER_READ_MAX - n);
	if (got == -1 && (errno == EAGAIN || errno == EINTR))
		return;
	if (got <= 0) {
		speaker_close(b, s);
		return;
	}
	n += (size_t)got;
	done = speaker_messages(b, s, b->scratch, n);
	buf_reset(&s->rest);
	if (s->fd != -1)
		buf_put_bytes(&s->rest, b->scratch + done, n - done);
}

static void
speaker_write(struct bench *b, struct speaker *s)
{
	size_t left = s->out.len - s->out_pos;
	ssize_t n;

	if (s->is_sending && left > 0) {
		n = write(s->fd, s->out.base + s->out_pos,
		    left < WRITE_MAX ? left : WRITE_MAX);
		if (n == -1 && errno != EAGAIN) {
			speaker_close(b, s);
			return;
		}
		if (n > 0)
			s->out_pos += (size_t)n;
	}
	if (!s->is_sending || s->out_pos == s->out.len) {
		s->wants_write = false;
		speaker_poll(b, s, EPOLL_CTL_MOD);
	}
}

void
speaker_ready(struct bench *b, struct speaker *s, uint32_t events)
{
	int error = 0;
	socklen_t len = sizeof(error);

	if (s->state == SPEAKER_CONNECTING) {
		getsockopt(s->fd, SOL_SOCKET, SO_ERROR, &error, &len);
		if (error != 0) {
			speaker_close(b, s);
			return;
		}
		s->wants_write = false;
		speaker_poll(b, s, EPOLL_CTL_MOD);
		send_open(b, s);
		return;
	}
	if (events & (EPOLLIN | EPOLLHUP | EPOLLERR))
		speaker_read(b, s);
	if (s->fd != -1 && events & EPOLLOUT)
		speaker_write(b, s);
}

void
speaker_tick(struct bench *b, struct speaker *s, int64_t now)
{
	if (s->state == SPEAKER_CLOSED && now >= s->retry_usec &&
	    b->n_opening < OPENING_MAX) {
		b->n_opening++;
		speaker_connect(b, s);
	} else if (s->state == SPEAKER_ESTABLISHED && s->hold_sec != 0 &&
	    now >= s->keepalive_usec) {
		send_keepalive(b, s);
	}
}

void
speaker_send(struct bench *b, struct speaker *s)
{
	s->is_sending = true;
	if (s->fd == -1 || s->wants_write || speaker_is_sent(s))
		return;
	s->wants_write = true;
	speaker_poll(b, s, EPOLL_CTL_MOD);
}

void
speaker_forget(struct speaker *s)
{
	s->counters = (struct speaker_counters){ .announced = 0 };
}

bool
speaker_is_sent(const struct speaker *s)
{
	return s->out_pos == s->out.len;
}
