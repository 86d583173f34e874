/* SPDX-License-Identifier: ISC */
/*
 * The privilege table of the workers, and the layers, outermost first:
 * resource limits, a network without interfaces, an empty root directory,
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
#include <pwd.h>
#include <sched.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#define COUNT(a)	(sizeof(a) / sizeof((a)[0]))

/*
 * Who may what. All workers have: an empty root, a user of their own, no
 * capabilities, no core file, no processes, no files that grow.
 *
 * The RDE speaks to nobody but its channels: it may be put into a user
 * namespace for the sake of an empty network. The broker must see who
 * connects to its control socket, which such a namespace would hide.
 */
static const struct sandbox_profile sandbox_profiles[] = {
	/* name	     grants	      network		    files  ports */
	{ "session", SANDBOX_CONNECT, SANDBOX_NET_SHARED,    65536, true },
	{ "rde",     0,		      SANDBOX_NET_NONE_USER,    64, false },
	{ "api",     SANDBOX_ACCEPT | SANDBOX_WRITE,
	    SANDBOX_NET_NONE, 16384, false },
	{ "bgpctl", SANDBOX_WRITE, SANDBOX_NET_SHARED, 64, false },
};

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

const struct sandbox_profile *
sandbox_profile(const char *name)
{
	size_t i;

	for (i = 0; i < COUNT(sandbox_profiles); i++)
		if (strcmp(sandbox_profiles[i].name, name) == 0)
			return &sandbox_profiles[i];
	return NULL;
}

void
sandbox_user(const struct sandbox_profile *p, const char *base, char *out,
    size_t out_len)
{
	snprintf(out, out_len, "%s-%s", base, p->name);
	if (getpwnam(out) == NULL)
		snprintf(out, out_len, "%s", base);
}

static int
sandbox_limits(const struct sandbox_profile *p)
{
	const struct rlimit none = { 0, 0 };
	struct rlimit files;

	if (getrlimit(RLIMIT_NOFILE, &files) == 0) {
		if (files.rlim_max > p->max_files)
			files.rlim_max = p->max_files;
		files.rlim_cur = files.rlim_max;
		setrlimit(RLIMIT_NOFILE, &files);
	}
	if (setrlimit(RLIMIT_CORE, &none) != 0)
		return ERR_SYSTEM;
#ifndef BGPD_NO_SANDBOX
	/* Last words to a log file may fail, but must not kill. */
	signal(SIGXFSZ, SIG_IGN);
	if ((p->grants & SANDBOX_WRITE) == 0 &&
	    setrlimit(RLIMIT_FSIZE, &none) != 0)
		return ERR_SYSTEM;
	if (setrlimit(RLIMIT_NPROC, &none) != 0)
		return ERR_SYSTEM;
#endif
	return 0;
}

/*
 * A directory that is removed while we stand in it can be our root: empty,
 * and nothing can ever be made in it.
 */
static int
sandbox_enter_empty(void)
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
		return 0;
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
/* As of ABI 6; older headers lack all but the first. */
struct sandbox_ruleset {
	uint64_t	fs, net, scoped;
};

struct sandbox_net_port {
	uint64_t	access, port;
};

#define SANDBOX_NET_BIND	1
#define SANDBOX_NET_CONNECT	2
#define SANDBOX_NET_ALL		(SANDBOX_NET_BIND | SANDBOX_NET_CONNECT)
#define SANDBOX_RULE_NET_PORT	2
#define SANDBOX_SCOPE_ALL	3	/* abstract sockets, signals */

/* What is denied unless a rule allows it; its size for this kernel. */
static size_t
sandbox_landlock_rules(const struct sandbox_start *s, long abi,
    struct sandbox_ruleset *rules)
{
	bool is_any = (s->profile->grants & SANDBOX_CONNECT) != 0 &&
	    s->n_ports == 0;

	*rules = (struct sandbox_ruleset){ .fs = (UINT64_C(1) << 13) - 1 };
	if (abi >= 2)
		rules->fs |= UINT64_C(1) << 13;
	if (abi >= 3)
		rules->fs |= UINT64_C(1) << 14;
	if (abi >= 4 && !is_any)
		rules->net = SANDBOX_NET_ALL;
	if (abi >= 6)
		rules->scoped = SANDBOX_SCOPE_ALL;
	return abi >= 6 ? sizeof(*rules) : abi >= 4 ?
	    offsetof(struct sandbox_ruleset, scoped) : sizeof(rules->fs);
}

/* Connecting to the ports given, binding to an address without a port. */
static bool
sandbox_landlock_ports(const struct sandbox_start *s, int fd)
{
	struct sandbox_net_port rule = { .access = SANDBOX_NET_BIND };
	size_t i;

	if (syscall(SYS_landlock_add_rule, fd, SANDBOX_RULE_NET_PORT, &rule,
	    0) != 0)
		return false;
	rule.access = SANDBOX_NET_CONNECT;
	for (i = 0; i < s->n_ports; i++) {
		rule.port = s->ports[i];
		if (syscall(SYS_landlock_add_rule, fd, SANDBOX_RULE_NET_PORT,
		    &rule, 0) != 0)
			return false;
	}
	return true;
}

int
sandbox_landlock_version(void)
{
	long abi = syscall(SYS_landlock_create_ruleset, NULL, 0,
	    LANDLOCK_CREATE_RULESET_VERSION);

	return abi < 1 ? 0 : (int)abi;
}

/* Files are denied altogether; TCP but for what was granted. */
static void
sandbox_landlock(const struct sandbox_start *s, struct sandbox_text *t)
{
	struct sandbox_ruleset rules;
	size_t size;
	long abi;
	int fd;

	abi = sandbox_landlock_version();
	if (abi < 1) {
		sandbox_say(t, ", no landlock");
		return;
	}
	size = sandbox_landlock_rules(s, abi, &rules);
	fd = (int)syscall(SYS_landlock_create_ruleset, &rules, size, 0);
	if (fd < 0 || (rules.net != 0 && s->n_ports != 0 &&
	    !sandbox_landlock_ports(s, fd)) ||
	    syscall(SYS_landlock_restrict_self, fd, 0) != 0)
		sandbox_say(t, ", no landlock");
	else if (s->n_ports != 0 && rules.net != 0)
		sandbox_say(t, ", landlock %ld, %zu port%s", abi, s->n_ports,
		    s->n_ports == 1 ? "" : "s");
	else
		sandbox_say(t, ", landlock %ld", abi);
	if (fd >= 0)
		close(fd);
}
#endif

/* Have these of the first 32 capabilities, and no other. */
static int
sandbox_capabilities(uint32_t kept)
{
	struct __user_cap_header_struct header = {
		.version = _LINUX_CAPABILITY_VERSION_3,
	};
	const struct __user_cap_data_struct data[2] = {
		{ kept, kept, 0 }, { 0, 0, 0 },
	};

	return syscall(SYS_capset, &header, data) == 0 ? 0 : ERR_SYSTEM;
}

/*
 * Into a user namespace, for the right to a network and a root of one's own.
 * It must be entered before the change of root. False if it cannot be had.
 */
static bool
sandbox_user_namespace(bool has_empty, struct sandbox_text *t)
{
	if (unshare(CLONE_NEWUSER | CLONE_NEWNET | CLONE_NEWIPC) != 0)
		return false;
	sandbox_say(t, has_empty && chroot(".") == 0 ? "chroot" :
	    "no chroot");
	sandbox_capabilities(0);
	sandbox_say(t, ", no network (in a user namespace)");
	return true;
}

static void
sandbox_change_root(bool has_empty, struct sandbox_text *t)
{
	/* A container may withhold CAP_SYS_CHROOT. */
	if (!has_empty || chroot(".") != 0)
		sandbox_say(t, "no chroot (%s)", strerror(errno));
	else
		sandbox_say(t, "chroot");
}

/* Network, root directory and user, when root starts us. */
static int
sandbox_privileged(const struct sandbox_start *s, struct sandbox_text *t)
{
	const struct passwd *pw = getpwnam(s->user);
	uint8_t isolation = s->profile->isolation;
	bool has_empty, has_net = false;

	if (pw == NULL) {
		sandbox_say(t, "%s: no such user", s->user);
		return ERR_ABSENT;
	}
	has_empty = sandbox_enter_empty() == 0;
	if (isolation != SANDBOX_NET_SHARED)
		has_net = unshare(CLONE_NEWNET | CLONE_NEWIPC) == 0;
	if (has_net || isolation != SANDBOX_NET_NONE_USER)
		sandbox_change_root(has_empty, t);
	else if (prctl(PR_SET_KEEPCAPS, 1, 0, 0, 0) != 0)
		return ERR_SYSTEM;
	if (sandbox_become(pw) != 0) {
		sandbox_say(t, ", becoming %s: %s", s->user, strerror(errno));
		return ERR_DENIED;
	}
	if (has_net)
		sandbox_say(t, ", no network");
	else if (isolation == SANDBOX_NET_NONE)
		sandbox_say(t, ", no network namespace");
	else if (isolation == SANDBOX_NET_NONE_USER &&
	    !sandbox_user_namespace(has_empty, t)) {
		sandbox_capabilities(1u << CAP_SYS_CHROOT);
		sandbox_change_root(has_empty, t);
		sandbox_say(t, ", no network namespace");
	}
	sandbox_say(t, ", user %s", s->user);
	return sandbox_capabilities(0);
}

/* Without root only a user namespace gives these, where it is allowed. */
static void
sandbox_unprivileged(const struct sandbox_start *s, struct sandbox_text *t)
{
	sandbox_say(t, "not root: no change of user, ");
	if (s->profile->isolation != SANDBOX_NET_NONE_USER)
		sandbox_say(t, "no chroot");
	else if (!sandbox_user_namespace(sandbox_enter_empty() == 0, t))
		sandbox_say(t, "no chroot, no network namespace");
}

#ifndef BGPD_NO_SANDBOX
/* The layers that anybody can have. */
static int
sandbox_kernel(const struct sandbox_start *s, struct sandbox_text *t)
{
	if (prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) != 0) {
		sandbox_say(t, ", prctl: %s", strerror(errno));
		return ERR_SYSTEM;
	}
	sandbox_landlock(s, t);
	if (sandbox_filter_load(s->profile) != 0) {
		sandbox_say(t, ", seccomp: %s", strerror(errno));
		return ERR_SYSTEM;
	}
	sandbox_say(t, ", seccomp");
	return 0;
}
#else
static int
sandbox_kernel(const struct sandbox_start *s, struct sandbox_text *t)
{
	(void)s;
	sandbox_say(t, ", built without landlock and seccomp");
	return 0;
}

int
sandbox_landlock_version(void)
{
	return -1;
}
#endif

int
sandbox_enter(const struct sandbox_start *s, char *report, size_t report_len)
{
	struct sandbox_text t = { .buf = report, .cap = report_len };
	int r;

	report[0] = '\0';
	tzset();
	if (sandbox_limits(s->profile) != 0) {
		sandbox_say(&t, "limits: %s", strerror(errno));
		return ERR_SYSTEM;
	}
	if (geteuid() == 0) {
		r = sandbox_privileged(s, &t);
		if (r != 0)
			return r;
	} else {
		sandbox_unprivileged(s, &t);
	}
	/* Becoming another user has undone the bond to the parent's life. */
	if (prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0) != 0 ||
	    prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0) {
		sandbox_say(&t, ", prctl: %s", strerror(errno));
		return ERR_SYSTEM;
	}
	return sandbox_kernel(s, &t);
}

int
sandbox_confine(const char *name)
{
	const struct sandbox_start s = { .profile = sandbox_profile(name) };
	char report[SANDBOX_REPORT_MAX];
	struct sandbox_text t = { .buf = report, .cap = sizeof(report) };

	if (s.profile == NULL)
		return ERR_ABSENT;
	tzset();
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0)
		return ERR_SYSTEM;
	return sandbox_kernel(&s, &t);
}

/* The parent has all keys: nobody looks into it, dead or alive. */
static void
sandbox_no_core(void)
{
#ifndef BGPD_NO_SANDBOX
	struct rlimit core;

	if (getrlimit(RLIMIT_CORE, &core) == 0) {
		core.rlim_cur = 0;
		setrlimit(RLIMIT_CORE, &core);
	}
	prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
#endif
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
	sandbox_no_core();
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
