/* SPDX-License-Identifier: ISC */
/*
 * What the files of the engine share: the engine itself and its peers. One
 * task does all long work in slices (rde.c); messages only mark what there
 * is to do, or begin it.
 */
#ifndef RDE_ENGINE_H
#define RDE_ENGINE_H

#include "common/buf.h"
#include "common/chan.h"
#include "common/imsg.h"
#include "common/loop.h"
#include "common/nlri/nlri.h"
#include "common/wire/update.h"
#include "rde/attrset.h"
#include "rde/filter.h"
#include "rde/ifaddr.h"
#include "rde/job.h"
#include "rde/orig.h"
#include "rde/outbox.h"
#include "rde/rde_handover.h"
#include "rde/refill.h"
#include "rde/table.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct conf_peer;
struct config;
struct env;
struct group;
struct query;
struct rov;
struct stream;

#define RDE_TURN_USEC	5000	/* longest slice of work */
#define RDE_TURN_OPS	20000	/* the same where time stands still */
#define RDE_PEER_LOCAL	0	/* index of ourselves: networks */
#define RDE_ALL_FAMILIES (UINT32_MAX >> (32 - NLRI_N_FAMILIES))
#define RDE_DIRTY_MAX	8192	/* decide at once above this */

/* How much may still be done in this turn. */
struct budget {
	struct loop	*loop;
	struct mono	 deadline;
	unsigned	 ops;
	unsigned	 check;	/* ops left when the clock is read next */
};

struct rpeer_counters {
	uint64_t	prefixes_in;	/* paths in Adj-RIB-In */
	uint64_t	prefixes_accepted;
	uint64_t	prefixes_out;
	uint64_t	rejected;	/* by in rules, ever */
	uint64_t	updates_in, withdraws_in;
	uint64_t	updates_out, withdraws_out;
	uint64_t	eor_in, eor_out;
};

/* A watchdog's state as programs set it. */
struct rpeer_watchdog {
	char		*name;
	bool		 is_withdrawn;
};

/* A batch of originated routes, in the order in which they are sent. */
struct rpeer_batch {
	uint32_t	*entries;
	size_t		 n, pos;
};

struct rpeer {
	uint32_t	 id;		/* of the configuration */
	uint16_t	 index;		/* in rde.peers and in paths */
	const struct conf_peer *conf;	/* of the model in force */
	bool		 is_up;
	bool		 is_ebgp;	/* outside of a confederation, too */
	bool		 is_confed;	/* of another member, RFC 5065 */
	bool		 is_xoff;
	bool		 is_clone;	/* of a template; gone when down */
	bool		 is_first_batch;
	bool		 has_batch;	/* routes were sent in this session */
	bool		 is_seen;	/* while a configuration is applied */
	bool		 is_max_prefix_hit;
	bool		 is_refilling;	/* told when tables are filled */
	bool		 is_resumed;	/* its session is older than we are */
	bool		 is_unheard;	/* and has brought nothing since */
	uint32_t	 refill_mask;	/* families it is still sending again */
	bool		 is_retired;	/* gone from the model; paths remain */
	uint8_t		 generation[NLRI_N_FAMILIES]; /* of its paths */
	uint32_t	 keep_mask;	/* families whose older paths count */
	uint32_t	 counted_mask;	/* and are in the counters */
	uint32_t	 long_mask;	/* and are a last resort (RFC 9494) */
	uint8_t		 keep_depth[NLRI_N_FAMILIES]; /* older generations */
	struct mono	 keep_until[NLRI_N_FAMILIES];
	struct mono	 restart_until;	/* when its restart time is over */
	bool		 is_restart_ours; /* to be counted by us: stale.c */
	struct mono	 up_since;
	uint32_t	 remote_as, remote_id, local_as;
	struct addr	 remote;
	struct imsg_session_up session;
	struct update_context context;
	struct update_format format;
	struct rpeer_counters counters;
	struct rpeer_watchdog *watchdogs;
	size_t		 n_watchdogs;
	/* originated for it alone (isolated peers) */
	struct orig	*orig;
	struct rpeer_batch batch;
	uint32_t	 eor_mask;	/* End-of-RIB to be sent */
	uint32_t	 borr_mask, eorr_mask;	/* refresh answers */
	struct mono	 rate_time;	/* when rate_allowed was filled */
	uint32_t	 rate_allowed;	/* messages that may go now */
	/* policy */
	struct policy	*in, *out;
	struct policy	**in_extras;	/* of each rib_extra */
	uint32_t	 n_in_extras;
	bool		 is_in_changed;		/* since the last walk */
	bool		 is_out_changed;	/* by this model */
	struct group	*group;
	struct stream	*stream;
	bool		 has_private;	/* paths for it alone exist */
};

/* A list of peers that the broker named. */
struct audience {
	uint32_t	 id;
	uint32_t	*peers;		/* ids */
	size_t		 n_peers;
};

/* A program that waits until what it said has left. */
struct sync_request {
	struct sync_request *next;
	uint32_t	 request;
	size_t		 n_peers;
	uint32_t	 peers[];
};

struct rde {
	struct env	*env;
	struct chan	*parent, *sess, *api;
	struct loop_task work;
	struct loop_timer timer;	/* rates, and input that lingers */
	struct config	*conf;
	struct wr	 conf_bytes;	/* model on its way */
	uint32_t	 conf_serial;	/* of the model in force */
	uint32_t	 conf_wanted;	/* the broker waits for */
	bool		 is_api_waiting;
	uint64_t	 seed;
	struct mono	 start;
	uint32_t	 age_sec;	/* of the engine, at this turn */
	struct attrsets	 attrsets;
	struct table	*tables[NLRI_N_FAMILIES];
	struct rpeer	**peers;	/* by index; [0] ourselves */
	uint32_t	 n_peers;	/* slots, some NULL */
	struct map	 peers_by_id;
	struct audience	*audiences;
	size_t		 n_audiences;
	struct job	 sess_job, api_job;
	struct sync_request *syncs;
	struct outbox	 outbox;
	struct {
		uint8_t		mask;	/* CONF_BMP_ bits, of all stations */
		struct wr	batch;	/* records not sent yet */
	} monitor;
	struct wr	 key;		/* scratch for keys */
	struct wr	 block;		/* scratch for attribute blocks */
	struct wr	 decoded;	/* scratch of update_decode */
	struct wr	 reply;		/* scratch for messages */
	uint32_t	 orig_next;	/* whose turn it is to send */
	bool		 had_input;	/* since the work task last ran */
	bool		 had_input_before;	/* and the time before that */
	struct mono	 orig_since;	/* output has waited for more input */
	struct rib	*rib;
	struct ifaddrs_table ifaddrs;
	struct rpeer	 local;		/* peers[0]: our own networks */
	struct query	*queries;
	struct impact	*impact;	/* being evaluated, or NULL */
	struct refill	 refill;
	struct rde_handover handover;
	uint64_t	 n_bad_messages;
};

/* rde.c */
/* Let the work task run soon. */
void	rde_schedule(struct rde *);
/* Seconds of the engine's life. */
uint32_t rde_age(struct rde *);
/* The table of a family, made when first asked for. */
struct table *rde_table(struct rde *, const struct nlri_family *);
void	budget_start(struct budget *, struct loop *);
/* Spend n operations; false when the turn is over. */
bool	budget_spend(struct budget *, unsigned n);

/* rde_conf.c: the model as it comes from the parent. */
void	rde_conf_message(struct rde *, const struct imsg *);

/* rde_session.c, rde_api.c: messages of those workers. */
void	rde_session_message(struct rde *, const struct imsg *);
void	rde_api_message(struct rde *, const struct imsg *);
/* Go on with a message that was cut by the turn's end; true when done. */
bool	rde_session_continue(struct rde *, struct budget *);
bool	rde_api_continue(struct rde *, struct budget *);
/* Answer syncs whose peers have nothing pending. */
void	rde_api_answer_syncs(struct rde *);

/* rpeer.c */
struct rpeer *rpeer_find(const struct rde *, uint32_t id);
struct rpeer *rpeer_new(struct rde *, uint32_t id, const struct conf_peer *);
/* It has left the model: freed once no path names it. */
void	rpeer_retire(struct rde *, struct rpeer *);
void	rpeer_free(struct rde *, struct rpeer *);
/* Forget its rules of other RIBs. */
void	rpeer_drop_extras(struct rde *, struct rpeer *);
/* Rules of the model in force for this peer. */
void	rpeer_update_policy(struct rde *, struct rpeer *);
/* The template that an address falls under, or NULL. */
const struct conf_peer *rpeer_template(const struct config *,
	    const struct addr *);
/* Take over what a session negotiated. */
void	rpeer_session_up(struct rde *, struct rpeer *,
	    const struct imsg_session_up *);
/* The part of it that outlives the session with stale routes. */
void	rpeer_take_facts(struct rpeer *, const struct imsg_session_up *);
void	rpeer_session_down(struct rde *, struct rpeer *, enum imsg_down);
bool	rpeer_has_family(const struct rpeer *, const struct nlri_family *);
bool	rpeer_is_isolated(const struct rpeer *);
char	*rpeer_label(const struct rpeer *, char *buf, size_t buf_len);
/* Our address for a next hop of this AFI on its session; false if none. */
bool	rpeer_nexthop_self(const struct rde *, const struct rpeer *,
	    const struct nlri_family *, struct update_nexthop *out);
/* Send NOTIFICATION code/subcode to it; the session ends. */
void	rpeer_reset(struct rde *, struct rpeer *, uint8_t code,
	    uint8_t subcode, const void *data, size_t len);

/* The peer as rules see it. */
struct filter_peer rpeer_filter(const struct rde *,
	    const struct rpeer *);

/* rde_api.c: a route of the configuration for one peer of bgpd.conf. */
struct route;
void	rde_api_originate(struct rde *, struct rpeer *, const struct route *);
/* A route that a program said to another RDE; no peer: of `network`. */
void	rde_api_restore(struct rde *, struct rpeer *, const struct route *);
/* orig_conf.c: originated routes of configuration and watchdogs. */
/* The difference between what the configuration says now and what stands. */
void	orig_conf_apply(struct rde *, struct rpeer *);
void	orig_conf_watchdog(struct rde *, struct rpeer *, const char *name,
	    bool is_withdraw);

/* orig_out.c: sending them. */
/* Take up to a turn's work; true when nothing is left for now. */
bool	orig_out_run(struct rde *, struct budget *);
void	orig_out_session_up(struct rde *, struct rpeer *);
/* Send what waits for this peer, as far as it takes it now. */
void	orig_out_now(struct rde *, struct rpeer *);
/* ROUTE-REFRESH for a family. */
void	orig_out_refresh(struct rde *, struct rpeer *,
	    const struct nlri_family *);
/* Nothing is pending for it. */
bool	orig_out_is_done(const struct rpeer *);

#endif
