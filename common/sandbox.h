/* SPDX-License-Identifier: ISC */
/*
 * What a process gives up before it looks at anything from outside: user,
 * file names, descriptors' and processes' number, system calls. Layers that
 * this machine or user cannot have are named in a report, once.
 */
#ifndef COMMON_SANDBOX_H
#define COMMON_SANDBOX_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* System calls a role may make, beyond memory, time and its descriptors. */
enum sandbox_grant {
	SANDBOX_CONNECT = 1,	/* make and take TCP connections */
	SANDBOX_ACCEPT = 2,	/* take connections on listeners it was handed */
};

struct sandbox_profile {
	const char	*name;		/* of the process, for the report */
	unsigned	 grants;	/* enum sandbox_grant bits */
	const char	*user;		/* to become, when root */
};

#define SANDBOX_REPORT_MAX	512

/*
 * Enter: must be called before any loop or thread exists. Returns 0 with
 * report naming the layers in force and those that could not be had, or
 * ERR_DENIED / ERR_SYSTEM / ERR_ABSENT (no such user) with report saying
 * what failed: the process must then not go on.
 */
int	sandbox_enter(const struct sandbox_profile *, char *report,
	    size_t report_len);

/*
 * Parent: drop all capabilities but those that supervision needs (binding
 * ports, becoming other users, killing, chroot; kernel routes if it has
 * them).
 */
int	sandbox_limit_parent(bool has_kernel_routes, char *report,
	    size_t report_len);

#endif
