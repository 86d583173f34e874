/* SPDX-License-Identifier: ISC */
/*
 * The layers, outermost first: resource limits, an empty root directory,
 * another user, no new privileges, not dumpable, Landlock, seccomp. The
 * order is the one in which each still may be set up.
 */
#include "common/sandbox.h"

#include "common/err.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <linux/capability.h>
#include <linux/landlock.h>
#include <netinet/in.h>
#include <pwd.h>
#include <seccomp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#define COUNT(a)	(sizeof(a) / sizeof((a)[0]))
#define SANDBOX_NOFILE	65536

struct sandbox_text {
	char	*buf;
	size_t	 len, cap;
};

static void
sandbox_say(struct sandbox_text *t, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));

static void
sandbox_say(struct sandbox_text *t, const char *fmt, ...)
{
	va_list ap;
	int n;

	va_start(ap, fmt);
	n = vsnprintf(t->buf + t->len, t->cap - t->len, fmt, ap);
	va_end(ap);
	if (n > 0)
		t->len += (size_t)n < t->cap - t->len ? (size_t)n :
		    t->cap - t->len - 1;
}

static int
sandbox_limits(void)
{
	const struct rlimit none = { 0, 0 };
	struct rlimit files;

	if (getrlimit(RLIMIT_NOFILE, &files) == 0) {
		files.rlim_cur = files.rlim_max < SANDBOX_NOFILE ?
		    files.rlim_max : SANDBOX_NOFILE;
		setrlimit(RLIMIT_NOFILE, &files);
	}
	if (setrlimit(RLIMIT_CORE, &none) != 0)
		return ERR_SYSTEM;
#ifndef BGPD_NO_SANDBOX
	/* Last words to a log file may fail, but must not kill. */
	signal(SIGXFSZ, SIG_IGN);
	if (setrlimit(RLIMIT_FSIZE, &none) != 0)
		return ERR_SYSTEM;
#endif
	return 0;
}

/*
 * A directory that is removed while we stand in it stays our root: empty,
 * and nothing can ever be made in it.
 */
static int
sandbox_empty_root(void)
{
	static const char *const places[] = {
		"/run/bgpd.root.XXXXXX", "/tmp/bgpd.root.XXXXXX",
	};
	char path[64];
	size_t i;

	for (i = 0; i < COUNT(places); i++) {
		snprintf(path, sizeof(path), "%s", places[i]);
		if (mkdtemp(path) == NULL)
			continue;
		if (chmod(path, 0755) != 0 || chdir(path) != 0) {
			rmdir(path);
			continue;
		}
		rmdir(path);
		return chroot(".") == 0 ? 0 : ERR_SYSTEM;
	}
	return ERR_SYSTEM;
}

static int
sandbox_become(const struct passwd *pw)
{
	if (setgroups(1, &pw->pw_gid) != 0 ||
	    setresgid(pw->pw_gid, pw->pw_gid, pw->pw_gid) != 0 ||
	    setresuid(pw->pw_uid, pw->pw_uid, pw->pw_uid) != 0)
		return ERR_SYSTEM;
	return 0;
}

#ifndef BGPD_NO_SANDBOX
/* As of ABI 4; older headers lack the second member. */
struct sandbox_ruleset {
	uint64_t	fs, net;
};

#define SANDBOX_NET_ALL	3	/* TCP bind and connect */

/* Files are denied altogether; TCP to whom it was not granted. */
static void
sandbox_landlock(const struct sandbox_profile *p, struct sandbox_text *t)
{
	struct sandbox_ruleset rules = { .fs = (UINT64_C(1) << 13) - 1 };
	size_t size = sizeof(rules.fs);
	long abi, fd;

	abi = syscall(SYS_landlock_create_ruleset, NULL, 0,
	    LANDLOCK_CREATE_RULESET_VERSION);
	if (abi < 1) {
		sandbox_say(t, ", no landlock");
		return;
	}
	if (abi >= 2)
		rules.fs |= UINT64_C(1) << 13;
	if (abi >= 3)
		rules.fs |= UINT64_C(1) << 14;
	if (abi >= 4 && (p->grants & SANDBOX_CONNECT) == 0) {
		rules.net = SANDBOX_NET_ALL;
		size = sizeof(rules);
	}
	fd = syscall(SYS_landlock_create_ruleset, &rules, size, 0);
	if (fd < 0 || syscall(SYS_landlock_restrict_self, fd, 0) != 0)
		sandbox_say(t, ", no landlock");
	else
		sandbox_say(t, ", landlock %ld", abi);
	if (fd >= 0)
		close((int)fd);
}

static const int sandbox_base[] = {
	SCMP_SYS(read), SCMP_SYS(readv), SCMP_SYS(write), SCMP_SYS(writev),
	SCMP_SYS(close), SCMP_SYS(exit), SCMP_SYS(exit_group),
	SCMP_SYS(epoll_create1), SCMP_SYS(epoll_wait), SCMP_SYS(epoll_pwait),
	SCMP_SYS(epoll_pwait2), SCMP_SYS(epoll_ctl), SCMP_SYS(poll),
	SCMP_SYS(ppoll), SCMP_SYS(clock_gettime), SCMP_SYS(gettimeofday),
	SCMP_SYS(time), SCMP_SYS(restart_syscall), SCMP_SYS(rt_sigreturn),
	SCMP_SYS(rt_sigprocmask), SCMP_SYS(rt_sigaction), SCMP_SYS(getpid), SCMP_SYS(getppid),
	SCMP_SYS(getuid), SCMP_SYS(geteuid), SCMP_SYS(getgid),
	SCMP_SYS(getegid),
	SCMP_SYS(gettid), SCMP_SYS(tgkill), SCMP_SYS(futex),
	SCMP_SYS(fcntl), SCMP_SYS(brk), SCMP_SYS(munmap), SCMP_SYS(mremap),
	SCMP_SYS(madvise), SCMP_SYS(getrandom), SCMP_SYS(sendmsg),
	SCMP_SYS(recvmsg), SCMP_SYS(sendto), SCMP_SYS(recvfrom),
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

static int
sandbox_seccomp(const struct sandbox_profile *p)
{
	scmp_filter_ctx ctx = seccomp_init(SCMP_ACT_KILL_PROCESS);
	int r = ERR_SYSTEM;

	if (ctx == NULL)
		return ERR_NOMEM;
	seccomp_attr_set(ctx, SCMP_FLTATR_CTL_LOG, 1);
	/* glibc asks whether stdout is a terminal, or opens time zones. */
	if (seccomp_rule_add(ctx, SCMP_ACT_ERRNO(ENOTTY),
	    SCMP_SYS(ioctl), 0) != 0 ||
	    sandbox_allow(ctx, sandbox_base, COUNT(sandbox_base)) != 0 ||
	    sandbox_allow_memory(ctx) != 0)
		goto out;
	if ((p->grants & (SANDBOX_ACCEPT | SANDBOX_CONNECT)) &&
	    sandbox_allow(ctx, sandbox_accept, COUNT(sandbox_accept)) != 0)
		goto out;
	if ((p->grants & SANDBOX_CONNECT) && sandbox_allow_connect(ctx) != 0)
		goto out;
	if (seccomp_load(ctx) == 0)
		r = 0;
out:
	seccomp_release(ctx);
	return r;
}
#endif

/* The parts that only root can have. */
static int
sandbox_privileged(const struct sandbox_profile *p, struct sandbox_text *t)
{
	const struct passwd *pw = getpwnam(p->user);

	if (pw == NULL) {
		sandbox_say(t, "%s: no such user", p->user);
		return ERR_ABSENT;
	}
	if (sandbox_empty_root() != 0) {
		/* A container may withhold CAP_SYS_CHROOT. */
		sandbox_say(t, "no chroot (%s), ", strerror(errno));
	} else {
		sandbox_say(t, "chroot, ");
	}
	if (sandbox_become(pw) != 0) {
		sandbox_say(t, "becoming %s: %s", p->user, strerror(errno));
		return ERR_DENIED;
	}
	sandbox_say(t, "user %s", p->user);
	return 0;
}

int
sandbox_enter(const struct sandbox_profile *p, char *report,
    size_t report_len)
{
	struct sandbox_text t = { .buf = report, .cap = report_len };
	int r;

	report[0] = '\0';
	tzset();
	if (sandbox_limits() != 0) {
		sandbox_say(&t, "limits: %s", strerror(errno));
		return ERR_SYSTEM;
	}
	if (geteuid() == 0) {
		r = sandbox_privileged(p, &t);
		if (r != 0)
			return r;
	} else {
		sandbox_say(&t, "not root: no chroot, no change of user");
	}
	/* Becoming another user has undone the bond to the parent's life. */
	if (prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0) != 0 ||
	    prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0) {
		sandbox_say(&t, ", prctl: %s", strerror(errno));
		return ERR_SYSTEM;
	}
#ifdef BGPD_NO_SANDBOX
	sandbox_say(&t, ", built without landlock and seccomp");
#else
	if (prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) != 0) {
		sandbox_say(&t, ", prctl: %s", strerror(errno));
		return ERR_SYSTEM;
	}
	sandbox_landlock(p, &t);
	if (sandbox_seccomp(p) != 0) {
		sandbox_say(&t, ", seccomp: %s", strerror(errno));
		return ERR_SYSTEM;
	}
	sandbox_say(&t, ", seccomp");
#endif
	return 0;
}

int
sandbox_limit_parent(bool has_kernel_routes, char *report, size_t report_len)
{
	struct sandbox_text t = { .buf = report, .cap = report_len };
	const uint32_t kept = 1u << CAP_NET_BIND_SERVICE |
	    (has_kernel_routes ? 1u << CAP_NET_ADMIN : 0) | 1u << CAP_SETUID | 1u << CAP_SETGID |
	    1u << CAP_KILL | 1u << CAP_SYS_CHROOT | 1u << CAP_CHOWN |
	    1u << CAP_DAC_OVERRIDE;
	struct __user_cap_header_struct header = {
		.version = _LINUX_CAPABILITY_VERSION_3,
	};
	struct __user_cap_data_struct data[2] = { { 0, 0, 0 }, { 0, 0, 0 } };
	int cap;

	report[0] = '\0';
	if (geteuid() != 0) {
		sandbox_say(&t, "not root: no capabilities to drop");
		return 0;
	}
	if (syscall(SYS_capget, &header, data) != 0)
		return ERR_SYSTEM;
	for (cap = 0; cap <= CAP_LAST_CAP; cap++)
		if (cap >= 32 || (kept & 1u << cap) == 0)
			prctl(PR_CAPBSET_DROP, cap, 0, 0, 0);
	data[0].permitted &= kept;
	data[0].effective = data[0].permitted;
	data[0].inheritable = 0;
	data[1].permitted = data[1].effective = data[1].inheritable = 0;
	if (syscall(SYS_capset, &header, data) != 0) {
		sandbox_say(&t, "capset: %s", strerror(errno));
		return ERR_SYSTEM;
	}
	sandbox_say(&t, "kept capabilities %#x", data[0].permitted);
	return 0;
}
