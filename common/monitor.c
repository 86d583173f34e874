/* SPDX-License-Identifier: ISC */
/* Heads of the records of IMSG_MONITOR. */
#include "common/monitor.h"

#include "common/err.h"

void
monitor_put_head(struct wr *w, const struct monitor_head *h)
{
	buf_put_u8(w, h->what);
	buf_put_u32(w, h->peer);
	buf_put_u64(w, h->serial);
}

int
monitor_get_head(struct rd *r, struct monitor_head *out)
{
	*out = (struct monitor_head){ .what = buf_get_u8(r) };
	out->peer = buf_get_u32(r);
	out->serial = buf_get_u64(r);
	if (r->is_short)
		return ERR_SHORT;
	return out->what <= MONITOR_POST_POLICY ? 0 : ERR_RANGE;
}
