/* SPDX-License-Identifier: ISC */
/*
 * A worker's sandbox, tried from inside: each row is attempted in a child
 * that has entered the sandbox as the worker does. What a role may do is in
 * the row; everything else has to fail, by an error or by the end of the
 * process. Rows that could harm are harmless if they succeed here.
 */
#include "parent/self_test.h"

#include "common/sandbox.h"
#include "parent/parent.h"

#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#define COUNT(a)	(sizeof(a) / sizeof((a)[0]))

enum self_role { S = 1, R = 2, A = 4 };	/* session, rde, api */

/* What the attempts find ready, made before the sandbox. */
struct self_world {
	int		 tcp;		/* a new socket, for each row */
	int		 listener;	/* on loopback */
	uint16_t	 port;		/* of it; it may be connected to */
	uint16_t	 other_port;	/* likewise; it may not */
	void		*page;		/* writable memory */
	pid_t		 parent;
};

struct self_row {
	const char	*name;
	/* >= 0: it could be done; -1: refused with errno. */
	long		(*attempt)(const struct self_world *);
	unsigned	 allowed;	/* enum self_role bits */
};

static long
try_open_read(const struct self_world *w)
{
	(void)w;
	return open("/etc/passwd", O_RDONLY);
}

static long
try_open_proc(const struct self_world *w)
{
	(void)w;
	return open("/proc/self/mem", O_RDWR);
}

static long
try_create(const struct self_world *w)
{
	(void)w;
	return open("/x", O_CREAT | O_WRONLY, 0600);
}

static long
try_unlink(const struct self_world *w)
{
	(void)w;
	return unlink("/nothing");
}

static long
try_chroot(const struct self_world *w)
{
	(void)w;
	return chroot("/");
}

static long
try_socket(int family, int type)
{
	return socket(family, type, 0);
}

static long
try_socket_tcp(const struct self_world *w)
{
	(void)w;
	return try_socket(AF_INET, SOCK_STREAM);
}

static long
try_socket_tcp6(const struct self_world *w)
{
	(void)w;
	return try_socket(AF_INET6, SOCK_STREAM);
}

static long
try_socket_udp(const struct self_world *w)
{
	(void)w;
	return try_socket(AF_INET, SOCK_DGRAM);
}

static long
try_socket_raw(const struct self_world *w)
{
	(void)w;
	return try_socket(AF_INET, SOCK_RAW);
}

static long
try_socket_unix(const struct self_world *w)
{
	(void)w;
	return try_socket(AF_UNIX, SOCK_STREAM);
}

static long
try_socket_netlink(const struct self_world *w)
{
	(void)w;
	return try_socket(AF_NETLINK, SOCK_RAW);
}

static long
try_socket_packet(const struct self_world *w)
{
	(void)w;
	return try_socket(AF_PACKET, SOCK_RAW);
}

static long
try_socketpair(const struct self_world *w)
{
	int fds[2];

	(void)w;
	return socketpair(AF_UNIX, SOCK_STREAM, 0, fds);
}

static struct sockaddr_in
self_loopback(uint16_t port)
{
	return (struct sockaddr_in){
		.sin_family = AF_INET, .sin_port = htons(port),
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK),
	};
}

static long
try_connect(const struct self_world *w)
{
	struct sockaddr_in sin = self_loopback(w->port);

	return connect(w->tcp, (struct sockaddr *)&sin, sizeof(sin));
}

static long
try_connect_other(const struct self_world *w)
{
	struct sockaddr_in sin = self_loopback(w->other_port);

	return connect(w->tcp, (struct sockaddr *)&sin, sizeof(sin));
}

static long
try_fast_open(const struct self_world *w)
{
	struct sockaddr_in sin = self_loopback(w->other_port);

	return sendto(w->tcp, "x", 1, MSG_FASTOPEN, (struct sockaddr *)&sin,
	    sizeof(sin));
}

static long
try_bind_any(const struct self_world *w)
{
	struct sockaddr_in sin = self_loopback(0);

	return bind(w->tcp, (struct sockaddr *)&sin, sizeof(sin));
}

static long
try_bind_port(const struct self_world *w)
{
	struct sockaddr_in sin = self_loopback(17900);

	return bind(w->tcp, (struct sockaddr *)&sin, sizeof(sin));
}

static long
try_listen(const struct self_world *w)
{
	return listen(w->tcp, 1);
}

static long
try_accept(const struct self_world *w)
{
	long r = accept4(w->listener, NULL, NULL, SOCK_NONBLOCK);

	return r == -1 && errno == EAGAIN ? 0 : r;
}

static long
try_execve(const struct self_world *w)
{
	char name[] = "true", *argv[] = { name, NULL };

	(void)w;
	return execve("/proc/self/exe", argv, environ);
}

static long
try_fork(const struct self_world *w)
{
	pid_t pid = fork();

	(void)w;
	if (pid == 0)
		_exit(0);
	return pid;
}

static long
try_clone3(const struct self_world *w)
{
	(void)w;
	return syscall(SYS_clone3, NULL, 0);
}

static long
try_ptrace(const struct self_world *w)
{
	return ptrace(PTRACE_ATTACH, w->parent, NULL, NULL);
}

static long
try_process_vm(const struct self_world *w)
{
	struct iovec iov = { .iov_base = w->page, .iov_len = 1 };

	return process_vm_readv(w->parent, &iov, 1, &iov, 1, 0);
}

static long
try_mount(const struct self_world *w)
{
	(void)w;
	return mount("none", "/", "tmpfs", 0, NULL);
}

static long
try_mmap_exec(const struct self_world *w)
{
	(void)w;
	return mmap(NULL, 4096, PROT_READ | PROT_EXEC,
	    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0) == MAP_FAILED ? -1 : 0;
}

static long
try_mprotect_exec(const struct self_world *w)
{
	return mprotect(w->page, 4096, PROT_READ | PROT_EXEC);
}

static long
try_unshare(const struct self_world *w)
{
	(void)w;
	return unshare(CLONE_NEWUSER);
}

static long
try_setns(const struct self_world *w)
{
	return setns(w->tcp, 0);
}

static long
try_setuid(const struct self_world *w)
{
	(void)w;
	return setresuid(0, 0, 0);
}

static long
try_kill_parent(const struct self_world *w)
{
	return kill(w->parent, 0);
}

static long
try_tgkill_parent(const struct self_world *w)
{
	return syscall(SYS_tgkill, w->parent, w->parent, 0);
}

static long
try_own_signals(const struct self_world *w)
{
	return fcntl(w->tcp, F_SETOWN, w->parent);
}

static long
try_ignore_sigsys(const struct self_world *w)
{
	struct sigaction ignore = { .sa_handler = SIG_IGN };

	(void)w;
	return sigaction(SIGSYS, &ignore, NULL);
}

static long
try_dumpable(const struct self_world *w)
{
	(void)w;
	return prctl(PR_SET_DUMPABLE, 1, 0, 0, 0);
}

static long
try_rlimit(const struct self_world *w)
{
	struct rlimit one = { 1, 1 };

	(void)w;
	return setrlimit(RLIMIT_CORE, &one);
}

static long
try_bpf(const struct self_world *w)
{
	(void)w;
	return syscall(SYS_bpf, 0, NULL, 0);
}

static long
try_io_uring(const struct self_world *w)
{
	(void)w;
	return syscall(SYS_io_uring_setup, 1, NULL);
}

static long
try_keyctl(const struct self_world *w)
{
	(void)w;
	return syscall(SYS_keyctl, 0, 0, 0, 0, 0);
}

static long
try_memfd(const struct self_world *w)
{
	(void)w;
	return memfd_create("x", 0);
}

static const struct self_row self_rows[] = {
	{ "open a file", try_open_read, 0 },
	{ "open own memory", try_open_proc, 0 },
	{ "create a file", try_create, 0 },
	{ "unlink", try_unlink, 0 },
	{ "chroot", try_chroot, 0 },
	{ "socket inet stream", try_socket_tcp, S },
	{ "socket inet6 stream", try_socket_tcp6, S },
	{ "socket inet dgram", try_socket_udp, 0 },
	{ "socket inet raw", try_socket_raw, 0 },
	{ "socket unix", try_socket_unix, 0 },
	{ "socket netlink", try_socket_netlink, 0 },
	{ "socket packet", try_socket_packet, 0 },
	{ "socketpair", try_socketpair, 0 },
	{ "connect to a configured port", try_connect, S },
	{ "connect to another port", try_connect_other, 0 },
	{ "connect by fast open", try_fast_open, 0 },
	{ "bind to an address", try_bind_any, S },
	{ "bind to a port", try_bind_port, 0 },
	{ "listen", try_listen, 0 },
	{ "accept", try_accept, S | A },
	{ "execve", try_execve, 0 },
	{ "fork", try_fork, 0 },
	{ "clone3", try_clone3, 0 },
	{ "ptrace the parent", try_ptrace, 0 },
	{ "read the parent's memory", try_process_vm, 0 },
	{ "mount", try_mount, 0 },
	{ "mmap executable", try_mmap_exec, 0 },
	{ "mprotect executable", try_mprotect_exec, 0 },
	{ "unshare", try_unshare, 0 },
	{ "setns", try_setns, 0 },
	{ "setresuid", try_setuid, 0 },
	{ "kill the parent", try_kill_parent, 0 },
	{ "tgkill the parent", try_tgkill_parent, 0 },
	{ "own a socket's signals", try_own_signals, 0 },
	{ "ignore SIGSYS", try_ignore_sigsys, 0 },
	{ "become dumpable", try_dumpable, 0 },
	{ "raise a limit", try_rlimit, 0 },
	{ "bpf", try_bpf, 0 },
	{ "io_uring", try_io_uring, 0 },
	{ "keyctl", try_keyctl, 0 },
	{ "memfd_create", try_memfd, 0 },
};

static int
self_listen(uint16_t *port)
{
	struct sockaddr_in sin = self_loopback(0);
	socklen_t len = sizeof(sin);
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);

	if (fd == -1 || bind(fd, (struct sockaddr *)&sin, len) != 0 ||
	    listen(fd, 64) != 0 ||
	    getsockname(fd, (struct sockaddr *)&sin, &len) != 0)
		err(1, "self test: loopback");
	*port = ntohs(sin.sin_port);
	return fd;
}

/* In a child: exit status 0 done, 1 refused, 2 no sandbox to try. */
static _Noreturn void
self_attempt(const struct self_row *row, const struct worker_options *o,
    const char *role, const struct self_world *w)
{
	char report[SANDBOX_REPORT_MAX];

	worker_enter(role, o, report, sizeof(report));
	if (strstr(report, "built without") != NULL)
		_exit(2);
	_exit(row->attempt(w) == -1 ? 1 : 0);
}

/* Run a row; 0 when it ended as it should, 1 when not, 77: no sandbox. */
static int
self_run(const struct self_row *row, const struct worker_options *o,
    const char *role, struct self_world *w)
{
	bool is_allowed = (row->allowed & (role[0] == 's' ? S :
	    role[0] == 'r' ? R : A)) != 0, was_done;
	char call[64] = "";
	int status, fault[2];
	int32_t number;
	pid_t pid;

	w->tcp = socket(AF_INET, SOCK_STREAM, 0);
	if (w->tcp == -1 || pipe2(fault, O_NONBLOCK) != 0 ||
	    (pid = fork()) == -1)
		err(1, "self test");
	if (pid == 0) {
		if (dup2(fault[1], SANDBOX_FAULT_FD) == -1)
			_exit(2);
		self_attempt(row, o, role, w);
	}
	waitpid(pid, &status, 0);
	if (read(fault[0], &number, sizeof(number)) == sizeof(number))
		sandbox_call_name(number, call, sizeof(call));
	close(fault[0]);
	close(fault[1]);
	close(w->tcp);
	if (WIFEXITED(status) && WEXITSTATUS(status) == 2)
		return 77;
	was_done = WIFEXITED(status) && WEXITSTATUS(status) == 0;
	printf("%s\t%s\t%s\n", was_done == is_allowed ? "ok" : "WRONG",
	    row->name, was_done ? "done" : WIFEXITED(status) ? "refused" :
	    WTERMSIG(status) != SIGSYS ? "died" :
	    call[0] == '\0' ? "killed" : call);
	return was_done == is_allowed ? 0 : 1;
}

int
self_test(const char *role, const char *user)
{
	struct worker_options o = { .user = user };
	struct self_world w = { .parent = getpid() };
	char ports[16];
	size_t i, n_ok = 0;
	int other, r;

	if (sandbox_profile(role) == NULL)
		errx(1, "no such role: %s", role);
	setvbuf(stdout, NULL, _IOLBF, 0);
	/* Leave the number of the fault pipe free. */
	while (w.tcp < SANDBOX_FAULT_FD)
		w.tcp = dup(STDERR_FILENO);
	w.listener = self_listen(&w.port);
	other = self_listen(&w.other_port);
	w.page = mmap(NULL, 4096, PROT_READ | PROT_WRITE,
	    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	snprintf(ports, sizeof(ports), "%u", w.port);
	if (role[0] == 's')
		o.ports = ports;
	for (i = 0; i < COUNT(self_rows); i++) {
		r = self_run(&self_rows[i], &o, role, &w);
		if (r == 77) {
			puts("this build has no sandbox");
			return 77;
		}
		n_ok += r == 0;
	}
	printf("%zu of %zu\n", n_ok, COUNT(self_rows));
	close(w.listener);
	close(other);
	return n_ok == COUNT(self_rows) ? 0 : 1;
}
