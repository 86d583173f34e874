/* SPDX-License-Identifier: ISC */
/* rtnetlink messages, RFC 3549 and rtnetlink(7), through libmnl. */
#include "parent/netlink.h"

#include "common/err.h"

#include <errno.h>
#include <libmnl/libmnl.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <net/if.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define READ_BYTES	(64 * 1024)
#define RECEIVE_BYTES	(4 * 1024 * 1024)
#define DUMP_WAIT_MSEC	3000
#define MESSAGE_MAX	160		/* of one route */

struct netlink_reader {
	netlink_handler	 handler;
	void		*arg;
	bool		 is_done;
	int		 error;		/* first errno of an NLMSG_ERROR */
	size_t		 n_errors;
};

int
netlink_open(bool is_listening)
{
	struct sockaddr_nl nl = { .nl_family = AF_NETLINK };
	int fd, bytes = RECEIVE_BYTES;

	if (is_listening)
		nl.nl_groups = RTMGRP_LINK | RTMGRP_IPV4_IFADDR |
		    RTMGRP_IPV6_IFADDR | RTMGRP_IPV4_ROUTE |
		    RTMGRP_IPV6_ROUTE;
	fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK,
	    NETLINK_ROUTE);
	if (fd == -1)
		return ERR_SYSTEM;
	if (setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &bytes,
	    sizeof(bytes)) != 0)
		setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &bytes, sizeof(bytes));
	if (bind(fd, (struct sockaddr *)&nl, sizeof(nl)) != 0) {
		close(fd);
		return ERR_SYSTEM;
	}
	return fd;
}

static uint32_t
attr_u32(const struct nlattr *a)
{
	return mnl_attr_validate(a, MNL_TYPE_U32) < 0 ? 0 :
	    mnl_attr_get_u32(a);
}

static void
attr_addr(const struct nlattr *a, struct addr *out)
{
	struct addr found;

	if (addr_from_bytes(mnl_attr_get_payload(a),
	    mnl_attr_get_payload_len(a), &found) == 0)
		*out = found;
}

static void
read_link(const struct nlmsghdr *h, struct netlink_event *e)
{
	const struct ifinfomsg *m = mnl_nlmsg_get_payload(h);
	const struct nlattr *a;

	e->kind = NETLINK_LINK;
	e->ifindex = (uint32_t)m->ifi_index;
	e->flags = m->ifi_flags;
	mnl_attr_for_each(a, h, sizeof(*m))
		if (mnl_attr_get_type(a) == IFLA_IFNAME &&
		    mnl_attr_validate(a, MNL_TYPE_NUL_STRING) >= 0)
			strlcpy(e->name, mnl_attr_get_str(a),
			    sizeof(e->name));
}

static void
read_addr(const struct nlmsghdr *h, struct netlink_event *e)
{
	const struct ifaddrmsg *m = mnl_nlmsg_get_payload(h);
	const struct nlattr *a;
	struct addr local = { 0 };

	e->kind = NETLINK_ADDR;
	e->ifindex = m->ifa_index;
	e->prefix.len_bits = m->ifa_prefixlen;
	mnl_attr_for_each(a, h, sizeof(*m)) {
		if (mnl_attr_get_type(a) == IFA_ADDRESS)
			attr_addr(a, &e->prefix.addr);
		else if (mnl_attr_get_type(a) == IFA_LOCAL)
			attr_addr(a, &local);
	}
	/* Point-to-point: the address is the peer's, the local one apart. */
	if (local.family != ADDR_NONE && e->prefix.len_bits !=
	    addr_bits(local.family))
		e->prefix.addr = local;
}

/* The first next hop of several stands for all. */
static void
read_multipath(const struct nlattr *list, struct netlink_event *e)
{
	const struct rtnexthop *n = mnl_attr_get_payload(list);
	const struct nlattr *attr;
	const void *inner = n + 1;

	if (!RTNH_OK(n, (int)mnl_attr_get_payload_len(list)))
		return;
	e->ifindex = (uint32_t)n->rtnh_ifindex;
	e->is_linkdown = (n->rtnh_flags & RTNH_F_LINKDOWN) != 0;
	mnl_attr_for_each_payload(inner, n->rtnh_len - sizeof(*n))
		if (mnl_attr_get_type(attr) == RTA_GATEWAY)
			attr_addr(attr, &e->gateway);
}

static bool
read_route(const struct nlmsghdr *h, struct netlink_event *e)
{
	const struct rtmsg *m = mnl_nlmsg_get_payload(h);
	const struct nlattr *a;

	if ((m->rtm_family != AF_INET && m->rtm_family != AF_INET6) ||
	    (m->rtm_flags & RTM_F_CLONED))
		return false;
	e->kind = NETLINK_ROUTES;
	e->table = m->rtm_table;
	e->type = m->rtm_type;
	e->protocol = m->rtm_protocol;
	e->is_linkdown = (m->rtm_flags & RTNH_F_LINKDOWN) != 0;
	e->prefix.addr.family = m->rtm_family == AF_INET ? ADDR_IPV4 :
	    ADDR_IPV6;
	e->prefix.len_bits = m->rtm_dst_len;
	mnl_attr_for_each(a, h, sizeof(*m)) {
		switch (mnl_attr_get_type(a)) {
		case RTA_DST:
			attr_addr(a, &e->prefix.addr);
			break;
		case RTA_GATEWAY:
			attr_addr(a, &e->gateway);
			break;
		case RTA_OIF:
			e->ifindex = attr_u32(a);
			break;
		case RTA_PRIORITY:
			e->metric = attr_u32(a);
			break;
		case RTA_TABLE:
			e->table = attr_u32(a);
			break;
		case RTA_MULTIPATH:
			read_multipath(a, e);
			break;
		}
	}
	return e->prefix.len_bits <= addr_bits(e->prefix.addr.family);
}

static void
read_message(struct netlink_reader *r, const struct nlmsghdr *h)
{
	struct netlink_event e = { 0 };

	switch (h->nlmsg_type) {
	case RTM_NEWLINK:
	case RTM_DELLINK:
		if (mnl_nlmsg_get_payload_len(h) < sizeof(struct ifinfomsg))
			return;
		read_link(h, &e);
		e.is_gone = h->nlmsg_type == RTM_DELLINK;
		break;
	case RTM_NEWADDR:
	case RTM_DELADDR:
		if (mnl_nlmsg_get_payload_len(h) < sizeof(struct ifaddrmsg))
			return;
		read_addr(h, &e);
		e.is_gone = h->nlmsg_type == RTM_DELADDR;
		break;
	case RTM_NEWROUTE:
	case RTM_DELROUTE:
		if (mnl_nlmsg_get_payload_len(h) < sizeof(struct rtmsg) ||
		    !read_route(h, &e))
			return;
		e.is_gone = h->nlmsg_type == RTM_DELROUTE;
		break;
	default:
		return;
	}
	if (r->handler != NULL)
		r->handler(&e, r->arg);
}

static void
read_error(struct netlink_reader *r, const struct nlmsghdr *h)
{
	const struct nlmsgerr *m = mnl_nlmsg_get_payload(h);

	if (mnl_nlmsg_get_payload_len(h) < sizeof(*m))
		return;
	if (m->error == 0) {
		r->is_done = true;	/* the acknowledgement of the last */
		return;
	}
	/* To delete what is not there: the kernel was faster. */
	if (m->msg.nlmsg_type == RTM_DELROUTE &&
	    (m->error == -ESRCH || m->error == -ENODEV)) {
		r->is_done |= (m->msg.nlmsg_flags & NLM_F_ACK) != 0;
		return;
	}
	if (r->n_errors++ == 0)
		r->error = -m->error;
	r->is_done |= (m->msg.nlmsg_flags & NLM_F_ACK) != 0;
}

/* One datagram. 0, ERR_AGAIN, ERR_FULL, ERR_SYSTEM. */
static int
read_datagram(int fd, struct netlink_reader *r)
{
	static _Alignas(struct nlmsghdr) char bytes[READ_BYTES];
	struct sockaddr_nl from;
	struct iovec iov = { bytes, sizeof(bytes) };
	struct msghdr msg = {
		.msg_name = &from, .msg_namelen = sizeof(from),
		.msg_iov = &iov, .msg_iovlen = 1,
	};
	const struct nlmsghdr *h = (const struct nlmsghdr *)(void *)bytes;
	ssize_t n = recvmsg(fd, &msg, 0);
	int left;

	if (n == -1)
		return errno == EAGAIN || errno == EINTR ? ERR_AGAIN :
		    errno == ENOBUFS ? ERR_FULL : ERR_SYSTEM;
	if (from.nl_pid != 0)	/* only the kernel is listened to */
		return 0;
	for (left = (int)n; mnl_nlmsg_ok(h, left);
	    h = mnl_nlmsg_next(h, &left)) {
		if (h->nlmsg_type == NLMSG_DONE)
			r->is_done = true;
		else if (h->nlmsg_type == NLMSG_ERROR)
			read_error(r, h);
		else
			read_message(r, h);
	}
	return 0;
}

/* Until something says that it is done. */
static int
read_until_done(int fd, struct netlink_reader *r)
{
	struct pollfd p = { .fd = fd, .events = POLLIN };
	int e;

	while (!r->is_done) {
		e = read_datagram(fd, r);
		if (e == ERR_AGAIN && poll(&p, 1, DUMP_WAIT_MSEC) <= 0)
			return ERR_AGAIN;
		if (e != 0 && e != ERR_AGAIN)
			return e;
	}
	return 0;
}

static int
request_all(int fd, enum netlink_kind kind)
{
	static const uint16_t types[] = {
		[NETLINK_LINK] = RTM_GETLINK, [NETLINK_ADDR] = RTM_GETADDR,
		[NETLINK_ROUTES] = RTM_GETROUTE,
	};
	_Alignas(struct nlmsghdr) char bytes[MESSAGE_MAX];
	struct nlmsghdr *h = mnl_nlmsg_put_header(bytes);
	struct rtmsg *m;

	h->nlmsg_type = types[kind];
	h->nlmsg_flags = NLM_F_REQUEST | NLM_F_DUMP;
	m = mnl_nlmsg_put_extra_header(h, sizeof(*m));
	m->rtm_family = AF_UNSPEC;	/* it is first in all three bodies */
	return send(fd, h, h->nlmsg_len, 0) == -1 ? ERR_SYSTEM : 0;
}

int
netlink_request_routes(int fd)
{
	return request_all(fd, NETLINK_ROUTES);
}

int
netlink_read_dump(int fd, netlink_handler handler, void *arg)
{
	struct netlink_reader r = { .handler = handler, .arg = arg };
	int e = read_datagram(fd, &r);

	if (e != 0)
		return e;
	if (r.n_errors != 0)
		return ERR_SYSTEM;
	return r.is_done ? ERR_CLOSED : 0;
}

int
netlink_dump(int fd, enum netlink_kind kind, netlink_handler handler,
    void *arg)
{
	struct netlink_reader r = { .handler = handler, .arg = arg };
	int e = request_all(fd, kind);

	if (e != 0)
		return e;
	e = read_until_done(fd, &r);
	if (e == 0 && r.n_errors != 0) {
		errno = r.error;
		return ERR_SYSTEM;
	}
	return e;
}

int
netlink_read(int fd, netlink_handler handler, void *arg)
{
	struct netlink_reader r = { .handler = handler, .arg = arg };
	unsigned i;
	int e;

	/* A turn's worth; the loop calls again. */
	for (i = 0; i < 64; i++)
		if ((e = read_datagram(fd, &r)) != 0)
			return e;
	return 0;
}

/* One route at bytes, which has room for MESSAGE_MAX. Its length. */
static size_t
put_route(char *bytes, const struct netlink_route *r, bool is_last)
{
	struct nlmsghdr *h = mnl_nlmsg_put_header(bytes);
	struct rtmsg *m = mnl_nlmsg_put_extra_header(h, sizeof(*m));
	const struct prefix *p = &r->prefix;

	h->nlmsg_type = r->is_delete ? RTM_DELROUTE : RTM_NEWROUTE;
	h->nlmsg_flags = (uint16_t)(NLM_F_REQUEST |
	    (r->is_delete ? 0 : NLM_F_CREATE | NLM_F_REPLACE) |
	    (is_last ? NLM_F_ACK : 0));
	m->rtm_family = p->addr.family == ADDR_IPV4 ? AF_INET : AF_INET6;
	m->rtm_dst_len = p->len_bits;
	m->rtm_table = r->table < 256 ? (uint8_t)r->table : RT_TABLE_UNSPEC;
	m->rtm_protocol = r->protocol;
	m->rtm_scope = RT_SCOPE_UNIVERSE;
	m->rtm_type = r->is_delete ? RTN_UNSPEC : r->type;
	mnl_attr_put(h, RTA_DST, addr_len(p->addr.family), p->addr.bytes);
	mnl_attr_put_u32(h, RTA_TABLE, r->table);
	mnl_attr_put_u32(h, RTA_PRIORITY, r->metric);
	if (!r->is_delete && r->type == RTN_UNICAST &&
	    r->gateway.family != ADDR_NONE)
		mnl_attr_put(h, RTA_GATEWAY, addr_len(r->gateway.family),
		    r->gateway.bytes);
	if (!r->is_delete && r->type == RTN_UNICAST && r->ifindex != 0)
		mnl_attr_put_u32(h, RTA_OIF, r->ifindex);
	return MNL_ALIGN(h->nlmsg_len);
}

size_t
netlink_change(int fd, const struct netlink_route *routes, size_t n,
    int *error)
{
	static _Alignas(struct nlmsghdr) char
	    bytes[NETLINK_BATCH_MAX * MESSAGE_MAX];
	struct netlink_reader r = { .handler = NULL };
	size_t i, len = 0;

	*error = 0;
	if (n > NETLINK_BATCH_MAX)
		n = NETLINK_BATCH_MAX;
	for (i = 0; i < n; i++)
		len += put_route(bytes + len, &routes[i], i + 1 == n);
	if (n == 0)
		return 0;
	if (send(fd, bytes, len, 0) == -1) {
		*error = errno;
		return n;
	}
	if (read_until_done(fd, &r) != 0 && r.n_errors == 0)
		r.error = EIO;
	*error = r.error;
	return r.n_errors;
}
