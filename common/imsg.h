/* SPDX-License-Identifier: ISC */
/*
 * The messages between the processes, one table row each: who may send it to
 * whom, and how large it may be. Payloads are wire bytes behind small fixed
 * records on the hot paths, written with struct wr; what is cold is
 * MessagePack. The receiver trusts nothing in them.
 */
#ifndef COMMON_IMSG_H
#define COMMON_IMSG_H

#include "common/addr.h"
#include "common/buf.h"
#include "common/wire/open.h"

#include <stdbool.h>
#include <stdint.h>

enum imsg_proc {
	PROC_PARENT,
	PROC_SESSION,
	PROC_RDE,
	PROC_API,
	PROC_N
};

#define IMSG_HEADER_LEN	12		/* length 4, type 2, flags 2, id 4 */
#define IMSG_DATA_MAX	(256 * 1024)	/* payload */
#define IMSG_BATCH_BYTES (60 * 1024)	/* senders of batches stop about here */

enum imsg_type {
	IMSG_NONE,
	/* between parent and workers */
	IMSG_READY,		/* worker: sandboxed and in its loop */
	IMSG_LOG,		/* worker: level 1, text */
	IMSG_LOG_LEVEL,		/* parent: is_verbose 1 */
	IMSG_LOG_VERBOSE,	/* broker: the same, for all */
	IMSG_CONF_BEGIN,	/* parent: length 4 of the model that follows */
	IMSG_CONF_DATA,		/* a piece of the model (MessagePack) */
	IMSG_CONF_END,		/* id serial: apply it */
	IMSG_CHAN,		/* fd of a channel; id: enum imsg_proc */
	IMSG_STOP,		/* parent: end in order */
	IMSG_STOPPED,		/* worker: done, goodbyes are sent */
	IMSG_PING,		/* parent: id number; chan.c answers */
	IMSG_PONG,		/* worker: the same id */
	/* a worker's state, for one that takes its place; opaque to others */
	IMSG_HANDOVER,		/* parent: come to rest, give it, and end */
	IMSG_QUIESCE,		/* session, broker: nothing follows from me */
	IMSG_QUIET,		/* RDE to session: nor from me */
	IMSG_STATE,		/* worker: id of what, bytes */
	IMSG_STATE_FD,		/* the same with a descriptor */
	IMSG_RESTORE,		/* parent: what another worker gave */
	IMSG_RESTORE_FD,
	IMSG_SETTLED,		/* RDE: tables are filled after a handover */
	IMSG_UPGRADE,		/* broker: id client; execute the binary anew */
	IMSG_LISTENER,		/* fd of a BGP listener: struct imsg_listener */
	IMSG_LISTENER_GONE,	/* the same without fd: close it */
	IMSG_CONTROL,		/* fd of the control listener; id 1: restricted */
	IMSG_CLI,		/* fd of ExaBGP's CLI; id: enum imsg_cli */
	IMSG_BMP_CONNECT,	/* broker: id request; a station's name */
	IMSG_BMP_SOCKET,	/* parent: fd, that connects; id request */
	IMSG_BMP_FAILED,	/* parent: id request; why */
	IMSG_MRT_FILE,		/* fd: written; id peer or 0; dump's number 2 */
	IMSG_PROGRAM_STDIN,	/* fd: we write; id program; pid 4 */
	IMSG_PROGRAM_STDOUT,	/* fd: we read; id program; pid 4 */
	IMSG_PROGRAM_EXIT,	/* id program; status 4 */
	IMSG_PROGRAM_KILL,	/* broker: end and restart program id */
	IMSG_SIGNAL,		/* parent to broker: id signal number */
	IMSG_RELOAD,		/* broker: id client; enum imsg_reload 1,
				 * seconds 4, reason text */
	IMSG_SHUTDOWN,		/* broker: stop the daemon */
	IMSG_RESTART,		/* broker: restart sessions and programs */
	IMSG_RESULT,		/* parent: id client, error text or empty */
	IMSG_EVENT_RELOAD,	/* parent to broker: enum imsg_reload_event 1,
				 * seconds left to confirm 4, text */
	IMSG_LOCAL_ADDRS,	/* parent to RDE: interface 4, address; each */
	IMSG_LOCAL_ADDRS_REQUEST, /* RDE: tell them again */
	IMSG_PEER_CREATE,	/* broker: id request, peer (MessagePack) */
	IMSG_PEER_DELETE,	/* broker: id request: n 2, peers of 4 */
	/* kernel routes (kroute_msg.h), between parent and RDE */
	IMSG_KROUTE_STATE,	/* parent: is_on 1: tell routes, ask next hops */
	IMSG_KROUTE_RESEND,	/* parent: tell all routes again; id: table, or 0 */
	IMSG_KROUTE_CHANGE,	/* RDE: table 4, struct kroute_change, several;
				 * id: serial of the model that they are by */
	IMSG_KROUTE_DONE,	/* parent: so many of them 4 are carried out */
	IMSG_KROUTE_NETWORK,	/* parent: struct kroute_prefix */
	IMSG_NEXTHOP_ADD,	/* RDE: address: tell about it */
	IMSG_NEXTHOP_DEL,	/* RDE: address: no more */
	IMSG_NEXTHOP_UPDATE,	/* parent: struct kroute_nexthop */
	IMSG_IFACE_STATE,	/* parent to session engine: is_up 1, name */
	IMSG_KROUTE_COUPLE,	/* broker: id client; is_coupled 1,
				 * table 4 (0: Loc-RIB's) */
	/* parent to RDE: evaluate a model; id client, RIB_ENTRY and RIB_END
	 * answer to the broker */
	IMSG_IMPACT_BEGIN,	/* length 4 */
	IMSG_IMPACT_DATA,	/* a piece of it */
	IMSG_IMPACT_END,
	/* what bgpctl asks the parent, by way of the broker; id: client */
	IMSG_SHOW_REQUEST,	/* broker: what to show (MessagePack) */
	IMSG_SHOW_MORE,		/* broker: 1: go on; 0: cancel */
	IMSG_SHOW_ENTRY,	/* parent: entries (MessagePack, maps) */
	IMSG_SHOW_PAUSE,	/* parent: waits for IMSG_SHOW_MORE */
	IMSG_SHOW_END,		/* parent: error text or empty */
	/* session engine to RDE; id: peer */
	IMSG_SESSION_UP,	/* struct imsg_session_up */
	IMSG_SESSION_DOWN,	/* kind 1: enum imsg_down */
	IMSG_UPDATES,		/* whole messages, one after another */
	IMSG_REFRESH,		/* received: afi 2, subtype 1, safi 1 */
	IMSG_PEER_XOFF,		/* this peer's socket is full */
	IMSG_PEER_XON,
	/* RDE to session engine */
	IMSG_OUTPUT,		/* n 2, n peers of 4, then whole messages */
	IMSG_SESSION_RESET,	/* id peer: code 1, subcode 1, data */
	IMSG_REFRESH_SEND,	/* id peer: afi 2, subtype 1, safi 1 */
	IMSG_OUTPUT_SYNC,	/* id request, of the broker: n 2, peers of 4 */
	/* session engine to RDE and broker; id: a clone */
	IMSG_PEER_CLONE,	/* template's id 4, address: it came */
	IMSG_PEER_GONE,
	/* session engine to broker; id: peer */
	IMSG_EVENT_FSM,		/* new state 1, RFC 4271's number 1 of the
				 * event that ended it, down reason text */
	IMSG_EVENT_OPENS,	/* before EVENT_SESSION: our OPEN, then
				 * theirs, as whole messages */
	IMSG_EVENT_SESSION,	/* struct imsg_session_up, on Established */
	IMSG_EVENT_MESSAGE,	/* direction 1 (0 receive, 1 send), message */
	IMSG_EVENT_RTR,		/* a cache: is_up 1, address, port 2, reason */
	IMSG_PEER_STATUS,	/* id client: one peer (MessagePack) */
	IMSG_PEER_STATUS_END,	/* id client */
	IMSG_RTR_STATUS,	/* id client: one RPKI cache (MessagePack) */
	IMSG_RTR_STATUS_END,	/* id client */
	/* session engine to RDE: what RPKI caches say (rtr_delta.h) */
	IMSG_VRP_DELTA,
	IMSG_ASPA_DELTA,
	/* broker to session engine */
	IMSG_RTR_STATUS_REQUEST, /* id client */
	IMSG_PEER_STATUS_REQUEST, /* id client: n 2, n peers of 4; 0: all */
	IMSG_PEER_ACTION,	/* id peer: enum imsg_action 1, code 1, text */
	IMSG_PEER_FLOW,		/* id peer: is_paused 1: do not read it */
	IMSG_SEND,		/* id peer: a whole message to send as it is */
	/* broker to RDE */
	IMSG_CONF_WAIT,		/* id serial: first apply that model */
	IMSG_AUDIENCE,		/* id audience: n 2, n peers of 4; 0: none */
	IMSG_ROUTE,		/* id audience: route records (route.h) */
	IMSG_ROUTE_SYNC,	/* id request: n 2, peers: answer when sent */
	IMSG_EOR,		/* id audience: afi 2, safi 1 */
	IMSG_RIB_FLUSH,		/* id audience: send Adj-RIB-Out again */
	IMSG_RIB_CLEAR,		/* id audience: enum imsg_clear 1 */
	IMSG_WATCHDOG,		/* id audience: is_withdraw 1, name text */
	IMSG_RIB_REQUEST,	/* id client: query (MessagePack) */
	IMSG_RIB_CANCEL,	/* id client */
	IMSG_RIB_XOFF,		/* id client: slow reader */
	IMSG_RIB_XON,
	IMSG_PEER_COUNTERS_REQUEST, /* id client */
	IMSG_BARRIER,		/* id request: broker to session engine, to
				 * broker and RDE, to broker; behind what each
				 * has queued */
	/* RDE to broker */
	IMSG_ROUTE_DONE,	/* id audience: records taken 4, withdrawals
				 * among them that met a route 4 */
	IMSG_ROUTE_SYNC_DONE,	/* id request; of RDE or session engine */
	IMSG_MONITOR,		/* what changed in tables (monitor.h) */
	IMSG_RIB_ENTRY,		/* id client: entries (MessagePack, maps) */
	IMSG_RIB_END,		/* id client: error text or empty */
	IMSG_PEER_COUNTERS,	/* id client: one peer (MessagePack) */
	IMSG_PEER_COUNTERS_END,	/* id client */
	IMSG_N
};

enum imsg_reload {		/* what IMSG_RELOAD asks for */
	RELOAD_NOW,
	RELOAD_TRIAL,		/* for so many seconds, unless confirmed */
	RELOAD_CONFIRM,
	RELOAD_UNDO,
};

enum imsg_reload_event {	/* what became of it */
	RELOAD_DONE,
	RELOAD_TRIED,
	RELOAD_CONFIRMED,
	RELOAD_UNDONE,		/* text: why */
	RELOAD_FAILED,		/* text: why */
	RELOAD_PENDING,		/* nothing new: for a broker that is */
};

enum imsg_down {
	DOWN_FLUSH,		/* forget its routes */
	DOWN_STALE,		/* graceful restart: keep them as stale */
	DOWN_LONG_STALE,	/* they are kept on as RFC 9494 says */
};

enum imsg_cli {			/* what the fd of IMSG_CLI is */
	CLI_LISTENER,
	CLI_FIFO_IN,		/* we read; its other half follows */
	CLI_FIFO_OUT,
};

enum imsg_clear {		/* what IMSG_RIB_CLEAR forgets */
	CLEAR_IN,
	CLEAR_OUT,
	CLEAR_NETWORKS,		/* those of bgpctl; for no audience */
	CLEAR_FLOWS,		/* likewise: its flows */
};

enum imsg_action {
	ACTION_UP,
	ACTION_DOWN,		/* until ACTION_UP; text: shutdown reason */
	ACTION_CLEAR,		/* reset; text: reason */
	ACTION_REFRESH,		/* ask the peer for its routes */
	ACTION_DESTROY,		/* end and forget: only of a range's */
	ACTION_TEARDOWN,	/* Cease with subcode code, then reconnect */
};

#define IMSG_FROM(proc)	(1u << (proc))

struct imsg_row {
	const char	*name;
	uint8_t		 from;		/* IMSG_FROM bits */
	uint8_t		 to;
	bool		 has_fd;
	uint32_t	 min_len;
	uint32_t	 max_len;
};

/* The row of a type, or NULL for a number that is none. */
const struct imsg_row *imsg_row(unsigned type);
const char *imsg_proc_name(enum imsg_proc);

/* A neighbor of a range that the session engine met. */
struct imsg_clone {
	uint32_t	conf_id;	/* the range in the model */
	struct addr	addr;
};

/* A session that came up, for RDE and broker. */
struct imsg_session_up {
	struct addr		local, remote;
	uint16_t		local_port, remote_port;
	uint32_t		local_as, remote_as;
	uint32_t		local_id, remote_id;	/* router ids */
	struct open_negotiated	negotiated;
	bool			is_restarted;	/* peer keeps our routes (GR) */
	uint32_t		gr_family_mask;	/* peer's */
	uint32_t		gr_forwarding_mask; /* of them with F bit */
	bool			has_llgr;	/* peer sent RFC 9494's */
	uint32_t		llgr_family_mask, llgr_forwarding_mask;
	uint32_t		llgr_sec[NLRI_N_FAMILIES];
	uint16_t		gr_time_sec;
	uint8_t			remote_role;
	uint32_t		conf_id;	/* model's peer: a clone's template */
	bool			is_resumed;	/* it is older than the receiver */
	uint64_t		serial;		/* grows with a peer's sessions */
};

struct imsg_listener {
	struct addr	addr;
	uint16_t	port;
};

/* encode appends; decode returns 0, or an error and *out is zero. */
void	imsg_put_session_up(struct wr *, const struct imsg_session_up *);
int	imsg_get_session_up(struct rd, struct imsg_session_up *out);
void	imsg_put_listener(struct wr *, const struct imsg_listener *);
int	imsg_get_listener(struct rd, struct imsg_listener *out);
void	imsg_put_clone(struct wr *, const struct imsg_clone *);
int	imsg_get_clone(struct rd, struct imsg_clone *out);
void	imsg_put_addr(struct wr *, const struct addr *);
int	imsg_get_addr(struct rd *, struct addr *out);
/* Lists of peers: n 2, then n of 4. Returns a sub-reader over the ids. */
void	imsg_put_peers(struct wr *, const uint32_t *ids, size_t n);
int	imsg_get_peers(struct rd *, struct rd *ids);

#endif
