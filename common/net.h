/* SPDX-License-Identifier: ISC */
/*
 * TCP for engines, as a table of calls: the kernel's sockets (net_sock.c) or
 * the simulator's in-memory network. Handles are small non-negative numbers
 * that loop_watch accepts; all calls are non-blocking.
 */
#ifndef COMMON_NET_H
#define COMMON_NET_H

#include "common/addr.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

struct iovec;
struct net;

#define NET_KEY_MAX	80	/* TCP_MD5SIG_MAXKEYLEN, TCP_AO_MAXKEYLEN */

enum net_key_kind {
	NET_KEY_NONE,
	NET_KEY_MD5,		/* RFC 2385 */
	NET_KEY_AO,		/* RFC 5925 */
};

/* What protects a connection. Secret: to be wiped by who made a copy. */
struct net_key {
	uint8_t		kind;		/* enum net_key_kind */
	uint8_t		id;		/* AO: SendID and RecvID */
	uint8_t		len;
	uint8_t		bytes[NET_KEY_MAX];
	const char	*algorithm;	/* AO: see net_ao.h */
};

/* How a connection is made. Zeroed fields mean the system's choice. */
struct net_options {
	struct addr	local;		/* bind to it; family 0: any */
	uint8_t		ttl;		/* IP_TTL; 0: system's */
	uint8_t		ttl_min;	/* RFC 5082: IP_MINTTL; 0: off */
	struct net_key	key;
	const char	*device;	/* SO_BINDTODEVICE, or NULL */
};

struct net_ops {
	/* Start connecting. Handle >= 0, or enum err (errno kept). */
	int	(*connect)(struct net *, const struct addr *to, uint16_t port,
		    const struct net_options *);
	/* Result of a connect whose handle became writable: 0 or errno. */
	int	(*connect_result)(struct net *, int handle);
	/* Next waiting connection on a listener, ERR_AGAIN, or an error. */
	int	(*accept)(struct net *, int listener, struct addr *from,
		    uint16_t *port);
	/* Apply ttl, ttl_min to an accepted connection. */
	int	(*set_options)(struct net *, int handle,
		    const struct net_options *);
	/*
	 * Set or remove the key for connections from a prefix on a listener.
	 * ERR_SYSTEM with errno ENOPROTOOPT when the kernel lacks its kind.
	 */
	int	(*listener_key)(struct net *, int listener,
		    const struct prefix *from, const struct net_key *,
		    bool is_set);
	/* Bytes, 0 at end of stream, ERR_AGAIN, or ERR_SYSTEM. */
	ssize_t	(*read)(struct net *, int handle, void *, size_t len);
	ssize_t	(*writev)(struct net *, int handle, const struct iovec *,
		    int n);
	/* Addresses of both ends. */
	int	(*names)(struct net *, int handle, struct addr *local,
		    uint16_t *local_port, struct addr *remote,
		    uint16_t *remote_port);
	/* Send what is queued, then FIN; reading goes on until close. */
	void	(*shutdown_write)(struct net *, int handle);
	void	(*close)(struct net *, int handle);
};

struct net {
	const struct net_ops	*ops;
};

/* The kernel's sockets. One object serves a whole process. */
struct net	*net_sock_new(void);
void		 net_sock_free(struct net *);

/*
 * A listening socket bound to addr:port, non-blocking; enum err with errno
 * kept. Used by the parent, which hands it to the session engine.
 */
int	net_sock_listen(const struct addr *, uint16_t port);

#endif
