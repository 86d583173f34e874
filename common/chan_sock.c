/* SPDX-License-Identifier: ISC */
/* Channels over the kernel's socketpairs; descriptors by SCM_RIGHTS. */
#include "common/chan.h"

#include "common/err.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

#define CHAN_SOCK_BUFFER	(512 * 1024)	/* of the kernel, each way */

union chan_sock_control {
	struct cmsghdr	align;
	char		bytes[CMSG_SPACE(sizeof(int))];
};

static ssize_t
chan_sock_read(struct env *env, int handle, void *buf, size_t len, int *fd)
{
	union chan_sock_control control;
	struct iovec iov = { .iov_base = buf, .iov_len = len };
	struct msghdr msg = {
		.msg_iov = &iov, .msg_iovlen = 1,
		.msg_control = control.bytes,
		.msg_controllen = sizeof(control.bytes),
	};
	struct cmsghdr *c;
	ssize_t n;

	(void)env;
	*fd = -1;
	n = recvmsg(handle, &msg, MSG_CMSG_CLOEXEC);
	if (n == -1)
		return errno == EAGAIN || errno == EINTR ?
		    ERR_AGAIN : ERR_SYSTEM;
	c = CMSG_FIRSTHDR(&msg);
	if (c != NULL && c->cmsg_level == SOL_SOCKET &&
	    c->cmsg_type == SCM_RIGHTS)
		memcpy(fd, CMSG_DATA(c), sizeof(*fd));
	return n;
}

static ssize_t
chan_sock_writev(struct env *env, int handle, const struct iovec *iov, int n,
    int fd)
{
	union chan_sock_control control;
	struct msghdr msg = { .msg_iovlen = (size_t)n };
	struct cmsghdr *c;
	ssize_t r;

	(void)env;
	/* sendmsg does not write through it; msg_iov only lacks the const. */
	memcpy(&msg.msg_iov, &iov, sizeof(iov));
	if (fd != -1) {
		memset(&control, 0, sizeof(control));
		msg.msg_control = control.bytes;
		msg.msg_controllen = sizeof(control.bytes);
		c = CMSG_FIRSTHDR(&msg);
		c->cmsg_level = SOL_SOCKET;
		c->cmsg_type = SCM_RIGHTS;
		c->cmsg_len = CMSG_LEN(sizeof(fd));
		memcpy(CMSG_DATA(c), &fd, sizeof(fd));
	}
	r = sendmsg(handle, &msg, MSG_NOSIGNAL);
	if (r == -1)
		return errno == EAGAIN || errno == EINTR || errno == ENOBUFS ?
		    ERR_AGAIN : ERR_SYSTEM;
	return r;
}

static void
chan_sock_close(struct env *env, int handle)
{
	(void)env;
	close(handle);
}

const struct chan_ops *
chan_sock_ops(void)
{
	static const struct chan_ops ops = {
		.read = chan_sock_read,
		.writev = chan_sock_writev,
		.close = chan_sock_close,
		.close_fd = chan_sock_close,
	};

	return &ops;
}

int
chan_sock_pair(int handles[2])
{
	static const int bytes = CHAN_SOCK_BUFFER;
	unsigned i;

	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0,
	    handles) != 0)
		return ERR_SYSTEM;
	for (i = 0; i < 2; i++) {
		setsockopt(handles[i], SOL_SOCKET, SO_SNDBUF, &bytes,
		    sizeof(bytes));
		setsockopt(handles[i], SOL_SOCKET, SO_RCVBUF, &bytes,
		    sizeof(bytes));
	}
	return 0;
}
