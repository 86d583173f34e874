/* SPDX-License-Identifier: ISC */
/* TCP by the kernel's sockets. */
#include "common/net.h"

#include "common/err.h"
#include "common/net_ao.h"

#include <arpa/inet.h>
#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

#define NET_BACKLOG	200
/* DSCP CS6, network control: what routers give to routing protocols. */
#define NET_TOS		0xc0

static int
net_sock_option(int fd, int level, int name, int value)
{
	return setsockopt(fd, level, name, &value, sizeof(value));
}

static int
net_sock_md5(int fd, const struct prefix *from, const void *key, size_t len)
{
	struct tcp_md5sig sig = { .tcpm_keylen = (uint16_t)len };
	bool is_host = from->len_bits == addr_bits(from->addr.family);

	if (len > sizeof(sig.tcpm_key))
		return ERR_RANGE;
	addr_to_sockaddr(&from->addr, 0, &sig.tcpm_addr);
	if (len != 0)
		memcpy(sig.tcpm_key, key, len);
	if (!is_host) {
		sig.tcpm_flags = TCP_MD5SIG_FLAG_PREFIX;
		sig.tcpm_prefixlen = from->len_bits;
	}
	if (setsockopt(fd, IPPROTO_TCP,
	    is_host ? TCP_MD5SIG : TCP_MD5SIG_EXT, &sig, sizeof(sig)) != 0)
		return ERR_SYSTEM;
	return 0;
}

static int
net_sock_key(int fd, const struct prefix *from, const struct net_key *key,
    bool is_set)
{
	switch ((enum net_key_kind)key->kind) {
	case NET_KEY_MD5:
		return net_sock_md5(fd, from, key->bytes,
		    is_set ? key->len : 0);
	case NET_KEY_AO:
		return is_set ? net_ao_add(fd, from, key) :
		    net_ao_del(fd, from, key);
	case NET_KEY_NONE:
		break;
	}
	return 0;
}

static int
net_sock_ttl(int fd, uint8_t family, const struct net_options *o)
{
	bool is_v4 = family == ADDR_IPV4;
	int level = is_v4 ? IPPROTO_IP : IPPROTO_IPV6;

	if (o->ttl != 0 && net_sock_option(fd, level,
	    is_v4 ? IP_TTL : IPV6_UNICAST_HOPS, o->ttl) != 0)
		return ERR_SYSTEM;
	if (o->ttl_min != 0 && net_sock_option(fd, level,
	    is_v4 ? IP_MINTTL : IPV6_MINHOPCOUNT, o->ttl_min) != 0)
		return ERR_SYSTEM;
	return 0;
}

/* Marks that are nice to have: failing to set them is no error. */
static void
net_sock_mark(int fd, uint8_t family)
{
	net_sock_option(fd, IPPROTO_TCP, TCP_NODELAY, 1);
	if (family == ADDR_IPV4)
		net_sock_option(fd, IPPROTO_IP, IP_TOS, NET_TOS);
	else
		net_sock_option(fd, IPPROTO_IPV6, IPV6_TCLASS, NET_TOS);
}

static int
net_sock_prepare(int fd, const struct addr *to, const struct net_options *o)
{
	struct prefix peer = {
		.addr = *to, .len_bits = (uint8_t)addr_bits(to->family),
	};
	struct sockaddr_storage ss;
	size_t len;

	if (net_sock_key(fd, &peer, &o->key, true) != 0)
		return ERR_SYSTEM;
	if (net_sock_ttl(fd, to->family, o) != 0)
		return ERR_SYSTEM;
	if (o->device != NULL && setsockopt(fd, SOL_SOCKET, SO_BINDTODEVICE,
	    o->device, (socklen_t)strlen(o->device) + 1) != 0)
		return ERR_SYSTEM;
	if (o->local.family == ADDR_NONE)
		return 0;
	len = addr_to_sockaddr(&o->local, 0, &ss);
	net_sock_option(fd, SOL_SOCKET, SO_REUSEADDR, 1);
	net_sock_option(fd, IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, 1);
	if (bind(fd, (struct sockaddr *)&ss, (socklen_t)len) != 0)
		return ERR_SYSTEM;
	return 0;
}

static int
net_sock_connect(struct net *net, const struct addr *to, uint16_t port,
    const struct net_options *o)
{
	struct sockaddr_storage ss;
	size_t len = addr_to_sockaddr(to, port, &ss);
	int fd, saved;

	(void)net;
	fd = socket(ss.ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC,
	    IPPROTO_TCP);
	if (fd == -1)
		return ERR_SYSTEM;
	net_sock_mark(fd, to->family);
	if (net_sock_prepare(fd, to, o) != 0)
		goto fail;
	if (connect(fd, (struct sockaddr *)&ss, (socklen_t)len) != 0 &&
	    errno != EINPROGRESS)
		goto fail;
	return fd;
fail:
	saved = errno;
	close(fd);
	errno = saved;
	return ERR_SYSTEM;
}

static int
net_sock_connect_result(struct net *net, int fd)
{
	int error = 0;
	socklen_t len = sizeof(error);

	(void)net;
	if (getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &len) != 0)
		return errno;
	return error;
}

static int
net_sock_accept(struct net *net, int listener, struct addr *from,
    uint16_t *port)
{
	struct sockaddr_storage ss;
	socklen_t len = sizeof(ss);
	int fd, r;

	(void)net;
	fd = accept4(listener, (struct sockaddr *)&ss, &len,
	    SOCK_NONBLOCK | SOCK_CLOEXEC);
	if (fd == -1) {
		if (errno == EAGAIN || errno == EINTR ||
		    errno == ECONNABORTED)
			return ERR_AGAIN;
		return ERR_SYSTEM;
	}
	r = addr_from_sockaddr((struct sockaddr *)&ss, from, port);
	if (r != 0) {
		close(fd);
		return r;
	}
	net_sock_mark(fd, from->family);
	return fd;
}

static int
net_sock_set_options(struct net *net, int fd, const struct net_options *o)
{
	struct addr local, remote;
	uint16_t lport, rport;
	int r;

	r = net->ops->names(net, fd, &local, &lport, &remote, &rport);
	if (r != 0)
		return r;
	return net_sock_ttl(fd, remote.family, o);
}

static int
net_sock_listener_key(struct net *net, int listener,
    const struct prefix *from, const struct net_key *key, bool is_set)
{
	(void)net;
	return net_sock_key(listener, from, key, is_set);
}

static ssize_t
net_sock_io_result(ssize_t n)
{
	if (n != -1)
		return n;
	if (errno == EAGAIN || errno == ENOBUFS)
		return ERR_AGAIN;
	return ERR_SYSTEM;
}

static ssize_t
net_sock_read(struct net *net, int fd, void *buf, size_t len)
{
	ssize_t n;

	(void)net;
	/* Nothing to read and not having looked are two things. */
	do
		n = read(fd, buf, len);
	while (n == -1 && errno == EINTR);
	return net_sock_io_result(n);
}

static ssize_t
net_sock_writev(struct net *net, int fd, const struct iovec *iov, int n)
{
	ssize_t done;

	(void)net;
	do
		done = writev(fd, iov, n);
	while (done == -1 && errno == EINTR);
	return net_sock_io_result(done);
}

static int
net_sock_names(struct net *net, int fd, struct addr *local,
    uint16_t *local_port, struct addr *remote, uint16_t *remote_port)
{
	struct sockaddr_storage ss;
	socklen_t len = sizeof(ss);
	int r;

	(void)net;
	if (getsockname(fd, (struct sockaddr *)&ss, &len) != 0)
		return ERR_SYSTEM;
	r = addr_from_sockaddr((struct sockaddr *)&ss, local, local_port);
	if (r != 0)
		return r;
	len = sizeof(ss);
	if (getpeername(fd, (struct sockaddr *)&ss, &len) != 0)
		return ERR_SYSTEM;
	return addr_from_sockaddr((struct sockaddr *)&ss, remote, remote_port);
}

static void
net_sock_shutdown_write(struct net *net, int fd)
{
	(void)net;
	shutdown(fd, SHUT_WR);
}

static void
net_sock_close(struct net *net, int fd)
{
	(void)net;
	close(fd);
}

static const struct net_ops net_sock_ops = {
	.connect = net_sock_connect,
	.connect_result = net_sock_connect_result,
	.accept = net_sock_accept,
	.set_options = net_sock_set_options,
	.listener_key = net_sock_listener_key,
	.read = net_sock_read,
	.writev = net_sock_writev,
	.names = net_sock_names,
	.shutdown_write = net_sock_shutdown_write,
	.close = net_sock_close,
};

struct net *
net_sock_new(void)
{
	struct net *net = calloc(1, sizeof(*net));

	if (net == NULL)
		err(1, "net");
	net->ops = &net_sock_ops;
	return net;
}

void
net_sock_free(struct net *net)
{
	free(net);
}

int
net_sock_listen(const struct addr *addr, uint16_t port)
{
	struct sockaddr_storage ss;
	size_t len = addr_to_sockaddr(addr, port, &ss);
	int fd, saved;

	fd = socket(ss.ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC,
	    IPPROTO_TCP);
	if (fd == -1)
		return ERR_SYSTEM;
	if (net_sock_option(fd, SOL_SOCKET, SO_REUSEADDR, 1) != 0 ||
	    (addr->family == ADDR_IPV6 &&
	    net_sock_option(fd, IPPROTO_IPV6, IPV6_V6ONLY, 1) != 0) ||
	    bind(fd, (struct sockaddr *)&ss, (socklen_t)len) != 0 ||
	    listen(fd, NET_BACKLOG) != 0) {
		saved = errno;
		close(fd);
		errno = saved;
		return ERR_SYSTEM;
	}
	return fd;
}
