/* SPDX-License-Identifier: ISC */
/*
 * The system calls of a worker: those that it needs, with their arguments
 * where these tell good from bad. Any other is not made; its number is
 * written for the parent to name, and the process is ended by SIGSYS.
 */
#include "common/sandbox.h"

#include "common/err.h"

#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <seccomp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

/* SYS_SECCOMP of the kernel's siginfo.h, which glibc's does not have. */
#define SI_CODE_SECCOMP	1
#define COUNT(a)	(sizeof(a) / sizeof((a)[0]))

static const int sandbox_base[] = {
	SCMP_SYS(read), SCMP_SYS(readv), SCMP_SYS(write), SCMP_SYS(writev),
	SCMP_SYS(close), SCMP_SYS(exit), SCMP_SYS(exit_group),
	SCMP_SYS(epoll_create1), SCMP_SYS(epoll_wait), SCMP_SYS(epoll_pwait),
	SCMP_SYS(epoll_pwait2), SCMP_SYS(epoll_ctl), SCMP_SYS(poll),
	SCMP_SYS(ppoll), SCMP_SYS(clock_gettime), SCMP_SYS(gettimeofday),
	SCMP_SYS(time), SCMP_SYS(restart_syscall), SCMP_SYS(rt_sigreturn),
	SCMP_SYS(rt_sigprocmask), SCMP_SYS(getpid), SCMP_SYS(getppid),
	SCMP_SYS(getuid), SCMP_SYS(geteuid), SCMP_SYS(getgid),
	SCMP_SYS(getegid),
	SCMP_SYS(gettid), SCMP_SYS(futex),
	SCMP_SYS(brk), SCMP_SYS(munmap), SCMP_SYS(mremap),
	SCMP_SYS(madvise), SCMP_SYS(getrandom),
	SCMP_SYS(recvmsg), SCMP_SYS(recvfrom),
	SCMP_SYS(fstat), SCMP_SYS(newfstatat),
	SCMP_SYS(pipe2), SCMP_SYS(nanosleep), SCMP_SYS(clock_nanosleep),
	SCMP_SYS(sysinfo), SCMP_SYS(uname), SCMP_SYS(getrusage),
};

static const int sandbox_accept[] = {
	SCMP_SYS(accept4), SCMP_SYS(getsockname), SCMP_SYS(getpeername),
	SCMP_SYS(getsockopt), SCMP_SYS(shutdown),
};

static int
sandbox_allow(scmp_filter_ctx ctx, const int *calls, size_t n)
{
	size_t i;

	for (i = 0; i < n; i++)
		if (seccomp_rule_add(ctx, SCMP_ACT_ALLOW, calls[i], 0) != 0)
			return ERR_SYSTEM;
	return 0;
}

/* Memory may be mapped, but never executable. */
static int
sandbox_allow_memory(scmp_filter_ctx ctx)
{
	if (seccomp_rule_add(ctx, SCMP_ACT_ALLOW, SCMP_SYS(mmap), 1,
	    SCMP_A2(SCMP_CMP_MASKED_EQ, PROT_EXEC, 0)) != 0 ||
	    seccomp_rule_add(ctx, SCMP_ACT_ALLOW, SCMP_SYS(mprotect), 1,
	    SCMP_A2(SCMP_CMP_MASKED_EQ, PROT_EXEC, 0)) != 0)
		return ERR_SYSTEM;
	return 0;
}

static int
sandbox_allow_connect(scmp_filter_ctx ctx)
{
	static const int families[] = { AF_INET, AF_INET6 };
	static const int levels[] = {
		IPPROTO_IP, IPPROTO_IPV6, IPPROTO_TCP, SOL_SOCKET,
	};
	static const int calls[] = { SCMP_SYS(connect), SCMP_SYS(bind) };
	size_t i;

	for (i = 0; i < COUNT(families); i++)
		if (seccomp_rule_add(ctx, SCMP_ACT_ALLOW, SCMP_SYS(socket), 2,
		    SCMP_A0(SCMP_CMP_EQ, (scmp_datum_t)families[i]),
		    SCMP_A1(SCMP_CMP_MASKED_EQ, 0xf, SOCK_STREAM)) != 0)
			return ERR_SYSTEM;
	for (i = 0; i < COUNT(levels); i++)
		if (seccomp_rule_add(ctx, SCMP_ACT_ALLOW,
		    SCMP_SYS(setsockopt), 1, SCMP_A1(SCMP_CMP_EQ,
		    (scmp_datum_t)levels[i])) != 0)
			return ERR_SYSTEM;
	return sandbox_allow(ctx, calls, COUNT(calls));
}

/* Descriptors' flags, but not who gets their signals (F_SETOWN). */
static int
sandbox_allow_fcntl(scmp_filter_ctx ctx)
{
	static const int commands[] = {
		F_GETFL, F_SETFL, F_GETFD, F_SETFD, F_DUPFD_CLOEXEC,
	};
	size_t i;

	for (i = 0; i < COUNT(commands); i++)
		if (seccomp_rule_add(ctx, SCMP_ACT_ALLOW, SCMP_SYS(fcntl), 1,
		    SCMP_A1(SCMP_CMP_EQ, (scmp_datum_t)commands[i])) != 0)
			return ERR_SYSTEM;
	return 0;
}

/* Sending, but not as a way round connect (TCP Fast Open). */
static int
sandbox_allow_send(scmp_filter_ctx ctx)
{
	if (seccomp_rule_add(ctx, SCMP_ACT_ALLOW, SCMP_SYS(sendto), 1,
	    SCMP_A3(SCMP_CMP_MASKED_EQ, MSG_FASTOPEN, 0)) != 0 ||
	    seccomp_rule_add(ctx, SCMP_ACT_ALLOW, SCMP_SYS(sendmsg), 1,
	    SCMP_A2(SCMP_CMP_MASKED_EQ, MSG_FASTOPEN, 0)) != 0)
		return ERR_SYSTEM;
	return 0;
}

/*
 * Signals: to itself (abort), and handlers for all but SIGSYS, whose change
 * is the one call that ends the process on the spot.
 */
static int
sandbox_allow_signals(scmp_filter_ctx ctx)
{
	if (seccomp_rule_add(ctx, SCMP_ACT_ALLOW, SCMP_SYS(tgkill), 1,
	    SCMP_A0(SCMP_CMP_EQ, (scmp_datum_t)getpid())) != 0 ||
	    seccomp_rule_add(ctx, SCMP_ACT_ALLOW, SCMP_SYS(rt_sigaction), 1,
	    SCMP_A0(SCMP_CMP_NE, SIGSYS)) != 0 ||
	    seccomp_rule_add(ctx, SCMP_ACT_KILL_PROCESS,
	    SCMP_SYS(rt_sigaction), 1, SCMP_A0(SCMP_CMP_EQ, SIGSYS)) != 0)
		return ERR_SYSTEM;
	return 0;
}

/* Runs instead of the forbidden call. */
static void
sandbox_on_forbidden(int signo, siginfo_t *info, void *context)
{
	int32_t number = info->si_syscall;
	struct sigaction ignored;

	(void)context;
	if (info->si_code == SI_CODE_SECCOMP &&
	    write(SANDBOX_FAULT_FD, &number, sizeof(number)) == -1)
		number = 0;	/* nobody to tell */
	sigaction(signo, NULL, &ignored);	/* ends us by SIGSYS */
	_exit(1);
}

static int
sandbox_filter_rules(scmp_filter_ctx ctx, const struct sandbox_profile *p)
{
	static int (*const parts[])(scmp_filter_ctx) = {
		sandbox_allow_memory, sandbox_allow_fcntl, sandbox_allow_send,
		sandbox_allow_signals,
	};
	size_t i;

	/* glibc asks whether stdout is a terminal, or opens time zones. */
	if (seccomp_rule_add(ctx, SCMP_ACT_ERRNO(ENOTTY),
	    SCMP_SYS(ioctl), 0) != 0 ||
	    sandbox_allow(ctx, sandbox_base, COUNT(sandbox_base)) != 0)
		return ERR_SYSTEM;
	for (i = 0; i < COUNT(parts); i++)
		if (parts[i](ctx) != 0)
			return ERR_SYSTEM;
	if ((p->grants & (SANDBOX_ACCEPT | SANDBOX_CONNECT)) &&
	    sandbox_allow(ctx, sandbox_accept, COUNT(sandbox_accept)) != 0)
		return ERR_SYSTEM;
	if ((p->grants & SANDBOX_CONNECT) && sandbox_allow_connect(ctx) != 0)
		return ERR_SYSTEM;
	return 0;
}

int
sandbox_filter_load(const struct sandbox_profile *p)
{
	const struct sigaction forbidden = {
		.sa_sigaction = sandbox_on_forbidden, .sa_flags = SA_SIGINFO,
	};
	scmp_filter_ctx ctx = seccomp_init(SCMP_ACT_TRAP);
	int r = ERR_SYSTEM;

	if (ctx == NULL)
		return ERR_NOMEM;
	seccomp_attr_set(ctx, SCMP_FLTATR_CTL_LOG, 1);
	seccomp_attr_set(ctx, SCMP_FLTATR_ACT_BADARCH, SCMP_ACT_KILL_PROCESS);
	if (sandbox_filter_rules(ctx, p) == 0 &&
	    sigaction(SIGSYS, &forbidden, NULL) == 0 && seccomp_load(ctx) == 0)
		r = 0;
	seccomp_release(ctx);
	return r;
}

void
sandbox_call_name(int number, char *out, size_t out_len)
{
	char *name = seccomp_syscall_resolve_num_arch(SCMP_ARCH_NATIVE,
	    number);

	if (name == NULL)
		snprintf(out, out_len, "call %d", number);
	else
		snprintf(out, out_len, "%s", name);
	free(name);
}

char *
sandbox_seccomp_version(char *out, size_t out_len)
{
	const struct scmp_version *v = seccomp_version();

	snprintf(out, out_len, "%u.%u.%u", v->major, v->minor, v->micro);
	return out;
}
