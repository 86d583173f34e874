/* SPDX-License-Identifier: ISC */
/*
 * bgpctl show fib, interfaces and tables: read from the kernel when asked,
 * a datagram at a time, at the pace of the client.
 */
#include "parent/kroute.h"

#include "common/chan.h"
#include "parent/parent.h"

void
kroute_show(struct worker *w, const struct imsg *m)
{
	static const char why[] = "operation not supported";

	chan_send(w->chan, IMSG_KROUTE_END, m->id, why, sizeof(why) - 1);
}
