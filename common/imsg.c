/* SPDX-License-Identifier: ISC */
/* The message table, and the fixed records in messages. */
#include "common/imsg.h"

#include "common/err.h"

#include <stddef.h>
#include <string.h>

#define PARENT	IMSG_FROM(PROC_PARENT)
#define SESSION	IMSG_FROM(PROC_SESSION)
#define RDE	IMSG_FROM(PROC_RDE)
#define API	IMSG_FROM(PROC_API)
#define WORKERS	(SESSION | RDE | API)
#define ANY	IMSG_DATA_MAX
#define TEXT	2048	/* longest text in a message */

static const struct imsg_row imsg_rows[IMSG_N] = {
	/*			   name  from	   to	    fd     min max */
	[IMSG_READY] =		 { "ready", WORKERS, PARENT, false, 0, 0 },
	[IMSG_LOG] =		 { "log", WORKERS, PARENT, false, 1, TEXT },
	[IMSG_LOG_LEVEL] =	 { "log level", PARENT, WORKERS, false, 1, 1 },
	[IMSG_LOG_VERBOSE] =	 { "log verbose", API, PARENT, false, 1, 1 },
	[IMSG_CONF_BEGIN] =	 { "conf begin", PARENT, WORKERS, false, 4, 4 },
	[IMSG_CONF_DATA] =	 { "conf data", PARENT, WORKERS, false, 1, ANY },
	[IMSG_CONF_END] =	 { "conf end", PARENT, WORKERS, false, 0, 0 },
	[IMSG_CHAN] =		 { "chan", PARENT, WORKERS, true, 0, 0 },
	[IMSG_STOP] =		 { "stop", PARENT, WORKERS, false, 0, 0 },
	[IMSG_STOPPED] =	 { "stopped", WORKERS, PARENT, false, 0, 0 },
	[IMSG_PING] =		 { "ping", PARENT, WORKERS, false, 0, 0 },
	[IMSG_PONG] =		 { "pong", WORKERS, PARENT, false, 0, 0 },
	[IMSG_HANDOVER] =	 { "handover", PARENT, WORKERS, false, 0, 0 },
	[IMSG_QUIESCE] =	 { "quiesce", SESSION | API, RDE | API, false,
				   0, 0 },
	[IMSG_QUIET] =		 { "quiet", RDE, SESSION, false, 0, 0 },
	[IMSG_STATE] =		 { "state", WORKERS, PARENT, false, 1, ANY },
	[IMSG_STATE_FD] =	 { "state fd", SESSION | API, PARENT, true,
				   1, ANY },
	[IMSG_RESTORE] =	 { "restore", PARENT, WORKERS, false, 1, ANY },
	[IMSG_RESTORE_FD] =	 { "restore fd", PARENT, SESSION | API, true,
				   1, ANY },
	[IMSG_SETTLED] =	 { "settled", RDE, PARENT, false, 0, 0 },
	[IMSG_UPGRADE] =	 { "upgrade", API, PARENT, false, 0, 0 },
	[IMSG_LISTENER] =	 { "listener", PARENT, SESSION, true, 3, 32 },
	[IMSG_LISTENER_GONE] =	 { "listener gone", PARENT, SESSION, false,
				   3, 32 },
	[IMSG_CONTROL] =	 { "control", PARENT, API, true, 0, 0 },
	[IMSG_CLI] =		 { "cli", PARENT, API, true, 0, 0 },
	[IMSG_BMP_CONNECT] =	 { "bmp connect", API, PARENT, false, 1, 64 },
	[IMSG_BMP_SOCKET] =	 { "bmp socket", PARENT, API, true, 0, 0 },
	[IMSG_BMP_FAILED] =	 { "bmp failed", PARENT, API, false, 1, TEXT },
	[IMSG_MRT_FILE] =	 { "mrt file", PARENT, API, true, 2, 2 },
	[IMSG_PROGRAM_STDIN] =	 { "program stdin", PARENT, API, true, 4, 4 },
	[IMSG_PROGRAM_STDOUT] =	 { "program stdout", PARENT, API, true, 4, 4 },
	[IMSG_PROGRAM_EXIT] =	 { "program exit", PARENT, API, false, 4, 4 },
	[IMSG_PROGRAM_KILL] =	 { "program kill", API, PARENT, false, 0, 0 },
	[IMSG_SIGNAL] =		 { "signal", PARENT, API, false, 0, 0 },
	[IMSG_RELOAD] =		 { "reload", API, PARENT, false, 1 + 4, TEXT },
	[IMSG_SHUTDOWN] =	 { "shutdown", API | SESSION, PARENT, false, 0, 0 },
	[IMSG_RESTART] =	 { "restart", API, PARENT, false, 0, 0 },
	[IMSG_RESULT] =		 { "result", PARENT, API, false, 0, TEXT },
	[IMSG_EVENT_RELOAD] =	 { "event reload", PARENT, API, false, 1 + 4,
				   TEXT },
	[IMSG_LOCAL_ADDRS] =	 { "local addresses", PARENT, RDE, false,
				   0, ANY },
	[IMSG_LOCAL_ADDRS_REQUEST] = { "local addresses request", RDE, PARENT,
				   false, 0, 0 },
	[IMSG_PEER_CREATE] =	 { "peer create", API, PARENT, false, 1, ANY },
	[IMSG_PEER_DELETE] =	 { "peer delete", API, PARENT, false, 2, ANY },
	[IMSG_KROUTE_STATE] =	 { "kroute state", PARENT, RDE, false, 1, 1 },
	[IMSG_KROUTE_RESEND] =	 { "kroute resend", PARENT, RDE, false, 0, 0 },
	[IMSG_KROUTE_CHANGE] =	 { "kroute change", RDE, PARENT, false, 5,
				   ANY },
	[IMSG_KROUTE_DONE] =	 { "kroute done", PARENT, RDE, false, 4, 4 },
	[IMSG_KROUTE_NETWORK] =	 { "kroute network", PARENT, RDE, false, 1,
				   64 },
	[IMSG_NEXTHOP_ADD] =	 { "nexthop add", RDE, PARENT, false, 5, 32 },
	[IMSG_NEXTHOP_DEL] =	 { "nexthop del", RDE, PARENT, false, 5, 32 },
	[IMSG_NEXTHOP_UPDATE] =	 { "nexthop update", PARENT, RDE, false, 5,
				   128 },
	[IMSG_IFACE_STATE] =	 { "iface state", PARENT, SESSION, false, 2,
				   17 },
	[IMSG_KROUTE_COUPLE] =	 { "kroute couple", API, PARENT, false, 5, 5 },
	[IMSG_IMPACT_BEGIN] =	 { "impact begin", PARENT, RDE, false, 4, 4 },
	[IMSG_IMPACT_DATA] =	 { "impact data", PARENT, RDE, false, 1, ANY },
	[IMSG_IMPACT_END] =	 { "impact end", PARENT, RDE, false, 0, 0 },
	[IMSG_SHOW_REQUEST] =	 { "show request", API, PARENT, false, 1,
				   8192 },
	[IMSG_SHOW_MORE] =	 { "show more", API, PARENT, false, 1, 1 },
	[IMSG_SHOW_ENTRY] =	 { "show entry", PARENT, API, false, 1, ANY },
	[IMSG_SHOW_PAUSE] =	 { "show pause", PARENT, API, false, 0, 0 },
	[IMSG_SHOW_END] =	 { "show end", PARENT, API, false, 0, TEXT },
	[IMSG_SESSION_UP] =	 { "session up", SESSION, RDE, false, 1, 512 },
	[IMSG_SESSION_DOWN] =	 { "session down", SESSION, RDE, false, 1, 1 },
	[IMSG_UPDATES] =	 { "updates", SESSION, RDE, false, 19, ANY },
	[IMSG_REFRESH] =	 { "refresh", SESSION, RDE, false, 4, 4 },
	[IMSG_PEER_XOFF] =	 { "peer xoff", SESSION, RDE, false, 0, 0 },
	[IMSG_PEER_XON] =	 { "peer xon", SESSION, RDE, false, 0, 0 },
	[IMSG_OUTPUT] =		 { "output", RDE, SESSION, false, 2 + 4 + 19,
				   ANY },
	[IMSG_SESSION_RESET] =	 { "session reset", RDE, SESSION, false, 2,
				   TEXT },
	[IMSG_REFRESH_SEND] =	 { "refresh send", RDE, SESSION, false, 4, 4 },
	[IMSG_OUTPUT_SYNC] =	 { "output sync", RDE, SESSION, false, 2, ANY },
	[IMSG_PEER_CLONE] =	 { "peer clone", SESSION, RDE | API, false,
				   4 + 1, 32 },
	[IMSG_PEER_GONE] =	 { "peer gone", SESSION, RDE | API, false,
				   0, 0 },
	[IMSG_EVENT_FSM] =	 { "event fsm", SESSION, API, false, 2, TEXT },
	[IMSG_EVENT_OPENS] =	 { "event opens", SESSION, API, false, 58,
				   2 * 4096 },
	[IMSG_EVENT_SESSION] =	 { "event session", SESSION, API, false, 1,
				   512 },
	[IMSG_EVENT_MESSAGE] =	 { "event message", SESSION, API, false, 20,
				   1 + 65535 },
	[IMSG_EVENT_RTR] =	 { "event rtr", SESSION, API, false, 4, 512 },
	[IMSG_PEER_STATUS] =	 { "peer status", SESSION, API, false, 1, ANY },
	[IMSG_PEER_STATUS_END] = { "peer status end", SESSION, API, false,
				   0, 0 },
	[IMSG_RTR_STATUS] =	 { "rtr status", SESSION, API, false, 1, ANY },
	[IMSG_RTR_STATUS_END] =	 { "rtr status end", SESSION, API, false,
				   0, 0 },
	[IMSG_RTR_STATUS_REQUEST] = { "rtr status request", API, SESSION,
				   false, 0, 0 },
	[IMSG_VRP_DELTA] =	 { "vrp delta", SESSION, RDE, false, 1, ANY },
	[IMSG_ASPA_DELTA] =	 { "aspa delta", SESSION, RDE, false, 1,
				   ANY },
	[IMSG_PEER_STATUS_REQUEST] = { "peer status request", API, SESSION,
				   false, 2, ANY },
	[IMSG_PEER_ACTION] =	 { "peer action", API, SESSION, false, 2, TEXT },
	[IMSG_PEER_FLOW] =	 { "peer flow", API, SESSION, false, 1, 1 },
	[IMSG_SEND] =		 { "send", API, SESSION, false, 19, 65535 },
	[IMSG_CONF_WAIT] =	 { "conf wait", API, RDE, false, 0, 0 },
	[IMSG_AUDIENCE] =	 { "audience", API, RDE, false, 2, ANY },
	[IMSG_ROUTE] =		 { "route", API, RDE, false, 1, ANY },
	[IMSG_ROUTE_SYNC] =	 { "route sync", API, RDE, false, 2, ANY },
	[IMSG_EOR] =		 { "eor", API, RDE, false, 3, 3 },
	[IMSG_RIB_FLUSH] =	 { "rib flush", API, RDE, false, 0, 0 },
	[IMSG_RIB_CLEAR] =	 { "rib clear", API, RDE, false, 1, 1 },
	[IMSG_WATCHDOG] =	 { "watchdog", API, RDE, false, 1, TEXT },
	[IMSG_RIB_REQUEST] =	 { "rib request", API, RDE, false, 1, ANY },
	[IMSG_RIB_CANCEL] =	 { "rib cancel", API, RDE, false, 0, 0 },
	[IMSG_RIB_XOFF] =	 { "rib xoff", API, RDE, false, 0, 0 },
	[IMSG_RIB_XON] =	 { "rib xon", API, RDE, false, 0, 0 },
	[IMSG_PEER_COUNTERS_REQUEST] = { "peer counters request", API, RDE,
				   false, 0, 0 },
	[IMSG_BARRIER] =	 { "barrier", WORKERS, WORKERS, false, 0, 0 },
	[IMSG_ROUTE_DONE] =	 { "route done", RDE, API, false, 8, 8 },
	[IMSG_ROUTE_SYNC_DONE] = { "route sync done", RDE | SESSION, API,
				   false, 0, 0 },
	[IMSG_MONITOR] =	 { "monitor", RDE, API, false, 1, ANY },
	[IMSG_RIB_ENTRY] =	 { "rib entry", RDE, API, false, 1, ANY },
	[IMSG_RIB_END] =	 { "rib end", RDE, API, false, 0, TEXT },
	[IMSG_PEER_COUNTERS] =	 { "peer counters", RDE, API, false, 1, ANY },
	[IMSG_PEER_COUNTERS_END] = { "peer counters end", RDE, API, false,
				   0, 0 },
};

const struct imsg_row *
imsg_row(unsigned type)
{
	if (type >= IMSG_N || imsg_rows[type].name == NULL)
		return NULL;
	return &imsg_rows[type];
}

const char *
imsg_proc_name(enum imsg_proc proc)
{
	static const char *const names[] = {
		"parent", "session", "rde", "api",
	};

	return (unsigned)proc < PROC_N ? names[proc] : "unknown";
}

void
imsg_put_addr(struct wr *w, const struct addr *a)
{
	buf_put_u8(w, a->family);
	buf_put_bytes(w, a->bytes, addr_len(a->family));
	if (a->family == ADDR_IPV6)
		buf_put_u32(w, a->scope_id);
}

int
imsg_get_addr(struct rd *r, struct addr *out)
{
	struct addr a = { .family = buf_get_u8(r) };

	if (a.family != ADDR_NONE && addr_len(a.family) == 0)
		return ERR_RANGE;
	buf_get_copy(r, a.bytes, addr_len(a.family));
	if (a.family == ADDR_IPV6)
		a.scope_id = buf_get_u32(r);
	if (r->is_short)
		return ERR_SHORT;
	*out = a;
	return 0;
}

static void
imsg_put_negotiated(struct wr *w, const struct open_negotiated *n)
{
	unsigned i;

	buf_put_u32(w, n->family_mask);
	buf_put_u8(w, n->n_families);
	buf_put_bytes(w, n->family_order, n->n_families);
	buf_put_u8(w, n->has_as4);
	buf_put_u8(w, n->has_refresh);
	buf_put_u8(w, n->has_enhanced_refresh);
	buf_put_u8(w, n->has_extended_message);
	buf_put_u8(w, n->has_graceful_restart);
	buf_put_u8(w, n->has_operational);
	buf_put_u8(w, n->has_multisession);
	buf_put_u8(w, n->has_link_local_nexthop);
	buf_put_u32(w, n->add_path_receive_mask);
	buf_put_u32(w, n->add_path_send_mask);
	buf_put_u32(w, n->extended_nexthop_mask);
	buf_put_u16(w, n->hold_time_sec);
	for (i = 0; i < NLRI_N_FAMILIES; i++)
		buf_put_u16(w, n->paths_limit[i]);
}

static int
imsg_get_negotiated(struct rd *r, struct open_negotiated *n)
{
	unsigned i;

	n->family_mask = buf_get_u32(r);
	n->n_families = buf_get_u8(r);
	if (n->n_families > NLRI_N_FAMILIES ||
	    n->family_mask >> NLRI_N_FAMILIES != 0)
		return ERR_RANGE;
	buf_get_copy(r, n->family_order, n->n_families);
	for (i = 0; i < n->n_families; i++)
		if (n->family_order[i] >= NLRI_N_FAMILIES)
			return ERR_RANGE;
	n->has_as4 = buf_get_u8(r) != 0;
	n->has_refresh = buf_get_u8(r) != 0;
	n->has_enhanced_refresh = buf_get_u8(r) != 0;
	n->has_extended_message = buf_get_u8(r) != 0;
	n->has_graceful_restart = buf_get_u8(r) != 0;
	n->has_operational = buf_get_u8(r) != 0;
	n->has_multisession = buf_get_u8(r) != 0;
	n->has_link_local_nexthop = buf_get_u8(r) != 0;
	n->add_path_receive_mask = buf_get_u32(r);
	n->add_path_send_mask = buf_get_u32(r);
	n->extended_nexthop_mask = buf_get_u32(r);
	n->hold_time_sec = buf_get_u16(r);
	for (i = 0; i < NLRI_N_FAMILIES; i++)
		n->paths_limit[i] = buf_get_u16(r);
	return r->is_short ? ERR_SHORT : 0;
}

void
imsg_put_session_up(struct wr *w, const struct imsg_session_up *s)
{
	unsigned i;

	imsg_put_addr(w, &s->local);
	imsg_put_addr(w, &s->remote);
	buf_put_u16(w, s->local_port);
	buf_put_u16(w, s->remote_port);
	buf_put_u32(w, s->local_as);
	buf_put_u32(w, s->remote_as);
	buf_put_u32(w, s->local_id);
	buf_put_u32(w, s->remote_id);
	imsg_put_negotiated(w, &s->negotiated);
	buf_put_u8(w, s->is_restarted);
	buf_put_u32(w, s->gr_family_mask);
	buf_put_u32(w, s->gr_forwarding_mask);
	buf_put_u8(w, s->has_llgr);
	buf_put_u32(w, s->llgr_family_mask);
	buf_put_u32(w, s->llgr_forwarding_mask);
	for (i = 0; i < NLRI_N_FAMILIES; i++)
		buf_put_u32(w, s->llgr_sec[i]);
	buf_put_u16(w, s->gr_time_sec);
	buf_put_u8(w, s->remote_role);
	buf_put_u32(w, s->conf_id);
	buf_put_u8(w, s->is_resumed);
	buf_put_u64(w, s->serial);
}

int
imsg_get_session_up(struct rd r, struct imsg_session_up *out)
{
	struct imsg_session_up s = { 0 };
	unsigned i;
	int e;

	memset(out, 0, sizeof(*out));
	if ((e = imsg_get_addr(&r, &s.local)) != 0 ||
	    (e = imsg_get_addr(&r, &s.remote)) != 0)
		return e;
	s.local_port = buf_get_u16(&r);
	s.remote_port = buf_get_u16(&r);
	s.local_as = buf_get_u32(&r);
	s.remote_as = buf_get_u32(&r);
	s.local_id = buf_get_u32(&r);
	s.remote_id = buf_get_u32(&r);
	if ((e = imsg_get_negotiated(&r, &s.negotiated)) != 0)
		return e;
	s.is_restarted = buf_get_u8(&r) != 0;
	s.gr_family_mask = buf_get_u32(&r);
	s.gr_forwarding_mask = buf_get_u32(&r);
	s.has_llgr = buf_get_u8(&r) != 0;
	s.llgr_family_mask = buf_get_u32(&r);
	s.llgr_forwarding_mask = buf_get_u32(&r);
	for (i = 0; i < NLRI_N_FAMILIES; i++)
		s.llgr_sec[i] = buf_get_u32(&r);
	s.gr_time_sec = buf_get_u16(&r);
	s.remote_role = buf_get_u8(&r);
	s.conf_id = buf_get_u32(&r);
	s.is_resumed = buf_get_u8(&r) != 0;
	s.serial = buf_get_u64(&r);
	if (r.is_short)
		return ERR_SHORT;
	if (buf_left(&r) != 0)
		return ERR_TRAILING;
	*out = s;
	return 0;
}

void
imsg_put_listener(struct wr *w, const struct imsg_listener *l)
{
	imsg_put_addr(w, &l->addr);
	buf_put_u16(w, l->port);
}

int
imsg_get_listener(struct rd r, struct imsg_listener *out)
{
	struct imsg_listener l = { 0 };
	int e;

	memset(out, 0, sizeof(*out));
	if ((e = imsg_get_addr(&r, &l.addr)) != 0)
		return e;
	l.port = buf_get_u16(&r);
	if (r.is_short || buf_left(&r) != 0)
		return ERR_SHORT;
	*out = l;
	return 0;
}

void
imsg_put_clone(struct wr *w, const struct imsg_clone *c)
{
	buf_put_u32(w, c->conf_id);
	imsg_put_addr(w, &c->addr);
}

int
imsg_get_clone(struct rd r, struct imsg_clone *out)
{
	struct imsg_clone c = { .conf_id = buf_get_u32(&r) };
	int e;

	memset(out, 0, sizeof(*out));
	if ((e = imsg_get_addr(&r, &c.addr)) != 0)
		return e;
	if (c.addr.family == ADDR_NONE || buf_left(&r) != 0)
		return ERR_RANGE;
	*out = c;
	return 0;
}

void
imsg_put_peers(struct wr *w, const uint32_t *ids, size_t n)
{
	size_t i;

	buf_put_u16(w, (uint32_t)n);
	for (i = 0; i < n; i++)
		buf_put_u32(w, ids[i]);
}

int
imsg_get_peers(struct rd *r, struct rd *ids)
{
	size_t n = buf_get_u16(r);

	*ids = buf_get_sub(r, n * 4);
	return r->is_short ? ERR_SHORT : 0;
}
