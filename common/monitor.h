/* SPDX-License-Identifier: ISC */
/*
 * Records of IMSG_MONITOR: what changed in the RDE's tables, for BMP.
 *
 * record: what 1 | peer 4 | serial 8 | a route's record (route.h)
 */
#ifndef COMMON_MONITOR_H
#define COMMON_MONITOR_H

#include "common/buf.h"

#include <stdint.h>

enum monitor_what {
	MONITOR_BEST,		/* Loc-RIB */
	MONITOR_POST_POLICY,	/* a peer's, behind the in rules */
};

struct monitor_head {
	uint8_t		what;		/* enum monitor_what */
	uint32_t	peer;		/* id; 0: Loc-RIB */
	uint64_t	serial;		/* of its session: imsg_session_up */
};

/* Append; read, ERR_SHORT or ERR_RANGE. The route follows. */
void	monitor_put_head(struct wr *, const struct monitor_head *);
int	monitor_get_head(struct rd *, struct monitor_head *out);

#endif
