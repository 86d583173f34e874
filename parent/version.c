/* SPDX-License-Identifier: ISC */
/* bgpctl show version: what this build has, and what this machine lets it. */
#include "parent/show.h"

#include "common/config.h"
#include "common/emit.h"
#include "common/env.h"
#include "common/loop.h"
#include "common/net.h"
#include "common/sandbox.h"
#include "parent/parent.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/utsname.h>
#include <unistd.h>

/* Whether the kernel takes a key of this kind: NULL, or why not. */
static const char *
version_key(struct env *env, enum net_key_kind kind)
{
	struct net_key key = { .kind = kind, .id = 1, .len = 1,
	    .bytes = "x" };
	struct prefix from = { .addr = addr_from_ipv4(0x7f000001),
	    .len_bits = 32 };
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), e;

	if (fd == -1)
		return strerror(errno);
	e = env->net->ops->listener_key(env->net, fd, &from, &key, true) == 0 ?
	    0 : errno;
	close(fd);
	return e == 0 ? NULL : e == ENOPROTOOPT ? "the kernel lacks it" :
	    strerror(e);
}

/* A feature: true, or the text why not. */
static void
version_feature(struct emit *e, const char *name, const char *why_not)
{
	if (why_not == NULL)
		emit_key_boolean(e, name, true);
	else
		emit_key_string(e, name, why_not);
}

static void
version_landlock(struct emit *e)
{
	int version = sandbox_landlock_version();

	if (version > 0)
		emit_key_number(e, "landlock", (uint64_t)version);
	else
		version_feature(e, "landlock", version == 0 ?
		    "the kernel lacks it" : "built without it");
}

const char *
version_find(const struct show_request *r)
{
	const struct parent *p = r->parent;
	struct utsname u;
	struct emit e;
	char text[32];

	emit_msgpack_init(&e, r->rows);
	emit_begin_object(&e);
	emit_key_string(&e, "version", BGPD_VERSION);
	if (uname(&u) == 0)
		emit_key_string(&e, "kernel", u.release);
	emit_key_object(&e, "libraries");
	emit_key_string(&e, "libevent", loop_event_version());
	emit_key_string(&e, "msgpack-c", emit_msgpack_version());
	emit_key_string(&e, "libseccomp", sandbox_seccomp_version(text,
	    sizeof(text)));
	emit_end_object(&e);
	emit_key_object(&e, "features");
	version_landlock(&e);
	version_feature(&e, "seccomp", sandbox_landlock_version() == -1 ?
	    "built without it" : NULL);
	version_feature(&e, "processes", p->options->is_solo ?
	    "one process, without a sandbox (-S)" : NULL);
	version_feature(&e, "tcp-md5", version_key(p->env, NET_KEY_MD5));
	version_feature(&e, "tcp-ao", version_key(p->env, NET_KEY_AO));
	version_feature(&e, "kernel-routes", p->config->fib_update ?
	    NULL : "fib-update no");
	emit_end_object(&e);
	emit_end_object(&e);
	return NULL;
}
