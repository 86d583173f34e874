/* SPDX-License-Identifier: ISC */
/*
 * Preloaded into a daemon: system calls are interrupted and do less than
 * they were asked to, as they may. Drawn from BGPD_SHIM_SEED. One byte alone is
 * written whole: that is libevent's signal handler, on a socket that never
 * blocks, and it takes no error.
 */
#include <dlfcn.h>
#include <errno.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

#define REAL(name)	((__typeof__(&name))(uintptr_t)real(#name, &at_##name))
#define SLOT(name)	static void *at_##name

SLOT(read);
SLOT(write);
SLOT(readv);
SLOT(writev);
SLOT(recvmsg);
SLOT(sendmsg);
SLOT(accept4);

static uint64_t state;

static void *
real(const char *name, void **slot)
{
	if (*slot == NULL)
		*slot = dlsym(RTLD_NEXT, name);
	return *slot;
}

static uint32_t
draw(void)
{
	const char *seed;

	if (state == 0) {
		seed = getenv("BGPD_SHIM_SEED");
		state = (seed == NULL ? 1 : strtoull(seed, NULL, 10)) * 2 + 1;
	}
	state ^= state >> 12;
	state ^= state << 25;
	state ^= state >> 27;
	return (uint32_t)((state * UINT64_C(0x2545F4914F6CDD1D)) >> 32);
}

static int
is_interrupted(void)
{
	if (draw() % 6 != 0)
		return 0;
	errno = EINTR;
	return 1;
}

static size_t
less(size_t len)
{
	return len > 1 && draw() % 3 == 0 ? 1 + draw() % (len - 1) : len;
}

ssize_t
read(int fd, void *buf, size_t len)
{
	return is_interrupted() ? -1 : REAL(read)(fd, buf, less(len));
}

ssize_t
write(int fd, const void *buf, size_t len)
{
	return len > 1 && is_interrupted() ? -1 :
	    REAL(write)(fd, buf, less(len));
}

/* Fewer pieces, the last of them shorter. */
static int
fewer(const struct iovec *iov, int n, struct iovec *out)
{
	int i, n_out = (int)less((size_t)n);

	for (i = 0; i < n_out; i++)
		out[i] = iov[i];
	out[n_out - 1].iov_len = less(out[n_out - 1].iov_len);
	return n_out;
}

ssize_t
readv(int fd, const struct iovec *iov, int n)
{
	struct iovec some[1024];

	if (is_interrupted())
		return -1;
	return n < 1 || n > 1024 ? REAL(readv)(fd, iov, n) :
	    REAL(readv)(fd, some, fewer(iov, n, some));
}

ssize_t
writev(int fd, const struct iovec *iov, int n)
{
	struct iovec some[1024];

	if (is_interrupted())
		return -1;
	return n < 1 || n > 1024 ? REAL(writev)(fd, iov, n) :
	    REAL(writev)(fd, some, fewer(iov, n, some));
}

ssize_t
recvmsg(int fd, struct msghdr *m, int flags)
{
	struct iovec *iov = m->msg_iov, some[64];
	size_t n = m->msg_iovlen;
	ssize_t r;

	if (is_interrupted())
		return -1;
	if (n < 1 || n > 64)
		return REAL(recvmsg)(fd, m, flags);
	m->msg_iov = some;
	m->msg_iovlen = (size_t)fewer(iov, (int)n, some);
	r = REAL(recvmsg)(fd, m, flags);
	m->msg_iov = iov;
	m->msg_iovlen = n;
	return r;
}

ssize_t
sendmsg(int fd, const struct msghdr *m, int flags)
{
	struct iovec some[1024];
	struct msghdr copy = *m;

	if (is_interrupted())
		return -1;
	if (m->msg_iovlen >= 1 && m->msg_iovlen <= 1024) {
		copy.msg_iov = some;
		copy.msg_iovlen = (size_t)fewer(m->msg_iov,
		    (int)m->msg_iovlen, some);
	}
	return REAL(sendmsg)(fd, &copy, flags);
}

int
accept4(int fd, struct sockaddr *sa, socklen_t *len, int flags)
{
	return is_interrupted() ? -1 : REAL(accept4)(fd, sa, len, flags);
}
