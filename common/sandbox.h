/* SPDX-License-Identifier: ISC */
/*
 * What a process gives up before it looks at anything from outside: user,
 * file names, descriptors' and processes' number, network, system calls. Who
 * has what is a table (sandbox_profile). Layers that this machine or user
 * cannot have are named in a report.
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
	SANDBOX_WRITE = 4,	/* write to files it was handed (MRT) */
};

/* How a process may come by a network without interfaces. */
enum sandbox_isolation {
	SANDBOX_NET_SHARED,	/* it needs the network */
	SANDBOX_NET_NONE,	/* with the right to make a namespace */
	SANDBOX_NET_NONE_USER,	/* or else inside a user namespace */
};

/* A row of the privilege table. */
struct sandbox_profile {
	const char	*name;		/* of the process */
	uint8_t		 grants;	/* enum sandbox_grant bits */
	uint8_t		 isolation;	/* enum sandbox_isolation */
	uint32_t	 max_files;	/* RLIMIT_NOFILE */
	bool		 has_ports;	/* connects to given ports only */
};

/* What is known only at the start. */
struct sandbox_start {
	const struct sandbox_profile *profile;
	const char	*user;		/* to become, when root */
	const uint16_t	*ports;		/* it may connect to */
	size_t		 n_ports;	/* 0: any */
};

#define SANDBOX_REPORT_MAX	512
#define SANDBOX_PORTS_MAX	256
/*
 * Where a forbidden call's number (4 bytes) is written before the end; also a
 * worker's stderr, which the parent reads when it has died.
 */
#define SANDBOX_FAULT_FD	4

/* The row of a process, or NULL. */
const struct sandbox_profile *sandbox_profile(const char *name);

/*
 * The user of a process: "base-name" if there is such a user (one for each
 * worker), else base. out is set to it; size out_len.
 */
void	sandbox_user(const struct sandbox_profile *, const char *base,
	    char *out, size_t out_len);

/*
 * Enter: must be called before any loop or thread exists. Returns 0 with
 * report naming the layers in force and those that could not be had ("no
 * ..."), or ERR_DENIED / ERR_SYSTEM / ERR_ABSENT (no such user) with report
 * saying what failed: the process must then not go on.
 */
int	sandbox_enter(const struct sandbox_start *, char *report,
	    size_t report_len);

/*
 * For a program of an operator that reads what came from anywhere: no new
 * privileges, no files (Landlock), and the system calls of the row of this
 * name, with the descriptors that are open. It stays the user that it is. 0,
 * ERR_ABSENT or ERR_SYSTEM.
 */
int	sandbox_confine(const char *name);

/* The kernel's version of Landlock; 0: none, -1: built without it. */
int	sandbox_landlock_version(void);

/* sandbox_filter.c: libseccomp's version, "2.5.4". Returns out. */
char	*sandbox_seccomp_version(char *out, size_t out_len);
/* sandbox_filter.c: the system calls; 0 or ERR_SYSTEM, ERR_NOMEM. */
int	sandbox_filter_load(const struct sandbox_profile *);
/* The name of a system call, "call 999" if it has none; out_len >= 16. */
void	sandbox_call_name(int number, char *out, size_t out_len);

/*
 * Parent: drop all capabilities but those that supervision needs (binding
 * ports, becoming other users, killing, chroot; kernel routes if it has
 * them). It leaves no core file.
 */
int	sandbox_limit_parent(bool has_kernel_routes, char *report,
	    size_t report_len);

#endif
