/* SPDX-License-Identifier: ISC */
/*
 * The configuration model. Both front ends (bgpd.conf and ExaBGP syntax)
 * fill these structs; nothing behind the parser knows which language was
 * used. Everything lives in the model's arena. Field tables (config_table.c)
 * drive encoding, decoding and comparing: a new field is a member here and a
 * row there.
 */
#ifndef COMMON_CONFIG_H
#define COMMON_CONFIG_H

#include "common/addr.h"
#include "common/wire/open.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct arena;
struct conf_field;
struct emit;
struct log;
struct wr;

#define CONFIG_MAX_AS_PATH	750	/* as OpenBGPD */

/* Words that take yes, no or enforce (OpenBGPD). */
enum conf_enforce { CONF_NO, CONF_YES, CONF_ENFORCE };

struct conf_blob {
	uint8_t		*bytes;
	uint32_t	 len;
};

/* A list of numbers that all stand for AS numbers or prefix sets by name. */
struct conf_as_set {
	char		*name;
	uint32_t	*asns;		/* sorted, unique */
	size_t		 n_asns;
	/* As written, for printing; not sent to workers. */
	uint32_t	*listed;
	size_t		 n_listed;
};

enum conf_op {		/* how a number or prefix length is compared */
	CONF_OP_NONE,
	CONF_OP_EQ,
	CONF_OP_NE,
	CONF_OP_LT,
	CONF_OP_LE,
	CONF_OP_GT,
	CONF_OP_GE,
	CONF_OP_RANGE,		/* low - high, inclusive */
	CONF_OP_XRANGE,		/* low >< high, outside */
};

/*
 * A prefix with the lengths it stands for; op NONE: itself alone; RANGE:
 * len_min to len_max; XRANGE: all lengths but those.
 */
struct conf_prefix {
	struct prefix	prefix;
	uint8_t		op;		/* enum conf_op: one of the three */
	uint8_t		len_min, len_max;
};

struct conf_prefix_set {
	char			*name;
	struct conf_prefix	*prefixes;
	size_t			 n_prefixes;
};

/* One ROA: origin-set and roa-set members. */
struct conf_roa {
	struct prefix	prefix;
	uint8_t		max_len;
	uint32_t	asn;
	int64_t		expires;	/* seconds since 1970; 0: never */
};

struct conf_roa_set {		/* origin-set; the roa-set has no name */
	char		*name;
	struct conf_roa	*roas;
	size_t		 n_roas;
};

struct conf_aspa {
	uint32_t	 customer;
	uint32_t	*providers;
	size_t		 n_providers;
	int64_t		 expires;
};

struct conf_rib {
	char		*name;
	bool		 no_evaluate;
	bool		 fib_update;
	bool		 has_table;	/* else none is filled */
	uint32_t	 table;		/* 0: the main one */
};

struct conf_listen {
	struct addr	addr;
	uint16_t	port;
};

struct conf_socket {
	char		*path;
	bool		 is_restricted;
};

/* Community values in matches and sets. */
enum conf_community_kind {
	COMMUNITY_STANDARD,
	COMMUNITY_LARGE,
	COMMUNITY_EXTENDED,
};

enum conf_community_field {	/* what stands in a part */
	COMMUNITY_NUMBER,
	COMMUNITY_ANY,		/* "*" */
	COMMUNITY_NEIGHBOR_AS,
	COMMUNITY_LOCAL_AS,
};

struct conf_community {
	uint8_t		kind;		/* enum conf_community_kind */
	uint8_t		field[3];	/* enum conf_community_field */
	uint32_t	part[3];	/* standard: 2 parts; large: 3 */
	uint16_t	ext_type;	/* type and subtype; type 0xff: any */
	uint64_t	ext_value;	/* extended: low 6 bytes */
	bool		ext_is_any;	/* extended: any value */
};

enum conf_set_kind {		/* actions of a rule, in OpenBGPD's words */
	SET_LOCALPREF,		/* number */
	SET_LOCALPREF_RELATIVE,	/* signed */
	SET_MED,
	SET_MED_RELATIVE,
	SET_WEIGHT,
	SET_WEIGHT_RELATIVE,
	SET_NEXTHOP,		/* addr */
	SET_NEXTHOP_BLACKHOLE,
	SET_NEXTHOP_REJECT,
	SET_NEXTHOP_SELF,
	SET_NEXTHOP_NOMODIFY,
	SET_PREPEND_SELF,	/* number */
	SET_PREPEND_NEIGHBOR,	/* number */
	SET_COMMUNITY,		/* community */
	SET_COMMUNITY_DELETE,
	SET_ORIGIN,		/* number: enum bgp_origin */
	SET_AS_OVERRIDE,
	SET_PFTABLE,		/* name */
	SET_RTLABEL,		/* name */
};

struct conf_set {
	uint8_t			kind;		/* enum conf_set_kind */
	int64_t			number;
	struct addr		addr;
	struct conf_community	community;
	char			*name;
};

enum conf_rule_action { RULE_ALLOW, RULE_DENY, RULE_MATCH };
enum conf_rule_direction { RULE_FROM, RULE_TO };
enum conf_rule_peer {		/* whom a rule is about */
	RULE_PEER_ANY,
	RULE_PEER_IBGP,
	RULE_PEER_EBGP,
	RULE_PEER_ADDRESS,	/* peer_addr */
	RULE_PEER_AS,		/* peer_as */
	RULE_PEER_GROUP,	/* peer_group */
};

enum conf_as_kind {		/* which AS of the path */
	RULE_AS_NONE,
	RULE_AS_ANY,		/* AS: anywhere */
	RULE_AS_PEER,		/* peer-as: first */
	RULE_AS_SOURCE,		/* source-as: last */
	RULE_AS_TRANSIT,	/* transit-as: all but last */
};

/* Origin validation (RFC 6811); ASPA has the same three answers. */
enum rov_state { ROV_NOT_FOUND, ROV_INVALID, ROV_VALID };

/* One rule. Lists in braces were expanded into several by the parser. */
struct conf_rule {
	uint8_t		action, direction;
	bool		is_quick;
	uint8_t		peer_kind;
	struct addr	peer_addr;
	uint32_t	peer_as;
	char		*peer_group;
	char		*rib;		/* NULL: every RIB but Adj-RIB-In */
	/* matches; unset ones match everything */
	uint8_t		family;		/* "inet"/"inet6": enum addr_family */
	bool		has_prefix;
	struct conf_prefix prefix;
	char		*prefix_set;
	bool		prefix_set_or_longer;
	char		*origin_set;
	uint8_t		as_kind;	/* enum conf_as_kind */
	uint8_t		as_op;		/* enum conf_op */
	uint32_t	as_low, as_high;
	bool		as_is_neighbor;	/* neighbor-as */
	char		*as_set;
	uint32_t	max_as_len;	/* 0: unset */
	uint32_t	max_as_seq;
	struct conf_community *communities;	/* all must match */
	size_t		n_communities;
	int32_t		max_communities[3];	/* by kind; -1: unset */
	uint8_t		nexthop_kind;	/* 0 none, 1 address, 2 neighbor */
	struct addr	nexthop;
	uint8_t		ovs;		/* 0 unset, 1 + enum rov_state */
	uint8_t		avs;
	struct conf_set	*sets;
	size_t		n_sets;
};

/* A network statement, originate, static route or watchdog's route. */
struct conf_route {
	uint16_t	afi;
	uint8_t		safi;
	uint16_t	flags;		/* enum route_flag */
	uint32_t	path_id;
	struct conf_blob nlri;
	struct conf_blob attrs;		/* canonical block */
	struct conf_blob nexthop;
	char		*watchdog;	/* NULL: none */
	char		*name;
	char		*prefix_set;	/* network prefix-set NAME */
	char		*source;	/* "connected", "static": kernel routes */
	struct conf_set	*sets;		/* network ... set */
	size_t		n_sets;
	/* For printing, not sent to workers. */
	char		*text;		/* the sentence it came from */
	bool		is_said;	/* another route of it prints it */
};

enum conf_dump_kind {
	DUMP_TABLE,
	DUMP_TABLE_MP,
	DUMP_TABLE_V2,
	DUMP_ALL_IN,
	DUMP_ALL_OUT,
	DUMP_UPDATES_IN,
	DUMP_UPDATES_OUT,
};

struct conf_dump {		/* MRT, RFC 6396 */
	uint8_t		kind;		/* enum conf_dump_kind */
	char		*rib;		/* NULL: Loc-RIB */
	char		*path;		/* for strftime */
	uint32_t	interval_sec;	/* 0: once */
};

/* What a BMP station is told (bits). */
#define CONF_BMP_PRE_POLICY	1	/* Adj-RIB-In as received, RFC 7854 5 */
#define CONF_BMP_ADJ_RIB_OUT	2	/* as sent, RFC 8671 */
#define CONF_BMP_POST_POLICY	4	/* Adj-RIB-In behind the in rules */
#define CONF_BMP_LOC_RIB	8	/* best routes, RFC 9069 */

struct conf_bmp {		/* a monitoring station, RFC 7854 */
	char		*name;
	struct addr	addr;
	uint16_t	port;
	struct addr	local_address;	/* family 0: any */
	uint8_t		monitor;	/* CONF_BMP_ bits */
	uint32_t	statistics_sec;	/* between reports; 0: none */
	uint32_t	buffer;		/* bytes that may wait */
};

struct conf_rtr {		/* RPKI cache, RFC 8210 */
	struct addr	addr, local_address;
	uint16_t	port;
	uint8_t		min_version;
	char		*descr;
	struct conf_blob md5_key;	/* secret */
	char		**ipsec;	/* as written, without keys */
	size_t		n_ipsec;
	char		*refused;	/* as a peer's */
};

struct conf_vpn {		/* RFC 4364 */
	char		*descr, *interface;
	uint64_t	rd;		/* as on the wire */
	bool		fib_update;
	struct conf_community *exports, *imports;
	size_t		n_exports, n_imports;
	struct conf_route *networks;
	size_t		n_networks;
};

/* What `$name` stood for in the file. For printing, not sent to workers. */
struct conf_macro {
	char		*name, *value;
	bool		is_secret;	/* it held a key */
};

enum conf_overflow {		/* a program that does not read */
	OVERFLOW_THROTTLE,
	OVERFLOW_LATEST,
	OVERFLOW_DROP,
	OVERFLOW_KILL,
};

enum conf_encoder { ENCODER_TEXT, ENCODER_JSON, ENCODER_MSGPACK };

struct conf_process {
	uint32_t	id;		/* stable over reloads, by name */
	char		*name;
	char		**argv;		/* absolute program first */
	size_t		n_argv;
	uint8_t		encoder;	/* enum conf_encoder */
	uint8_t		version;	/* of the API: 4 or 6 */
	uint8_t		overflow;	/* enum conf_overflow */
	char		*user;		/* NULL: the daemon's choice */
	bool		respawn;
	bool		ack;
};

/* What a program hears of a peer: ExaBGP's api block. */
enum conf_api_message {		/* bits of send and receive masks */
	API_OPEN = 1,
	API_UPDATE = 2,
	API_NOTIFICATION = 4,
	API_KEEPALIVE = 8,
	API_REFRESH = 16,
	API_OPERATIONAL = 32,
};

enum conf_api_form {
	API_PARSED = 1,
	API_PACKETS = 2,
	API_CONSOLIDATE = 4,
};

struct conf_api {
	char		*process;
	bool		neighbor_changes, negotiated, fsm, signal;
	uint8_t		send_mask, send_form;
	uint8_t		receive_mask, receive_form;
};

struct conf_family {		/* announce statement, family block */
	uint16_t	afi;
	uint8_t		safi;
	uint8_t		enforce;	/* enum conf_enforce, YES or ENFORCE */
	uint8_t		add_path;	/* enum open_add_path */
	uint16_t	paths_limit;
	bool		extended_nexthop;
};

enum conf_add_path_send {
	ADD_PATH_SEND_NO,
	ADD_PATH_SEND_ALL,
	ADD_PATH_SEND_BEST,
	ADD_PATH_SEND_ECMP,
	ADD_PATH_SEND_AS_WIDE,
};

enum conf_export { EXPORT_NORMAL, EXPORT_NONE, EXPORT_DEFAULT_ROUTE };
enum conf_packing { PACKING_FULL, PACKING_EXABGP };

struct conf_peer {
	uint32_t	id;		/* stable over reloads, 1.. */
	struct prefix	remote;		/* shorter than a host: template */
	char		*name;		/* ExaBGP's neighbor name, or NULL */
	char		*descr;
	char		*group;
	uint32_t	local_as;
	uint16_t	local_as_short;	/* 2-octet stand-in */
	uint32_t	remote_as;	/* 0: any, learned from OPEN */
	bool		is_confed;	/* of another member AS, RFC 5065 */
	bool		local_as_auto;	/* mirror the peer's */
	uint32_t	router_id;	/* 0: the model's */
	struct addr	local_address;	/* family 0: system's choice */
	struct addr	local_address6;	/* bgpd.conf has one a family */
	struct addr	local_link_local;
	uint16_t	port;		/* to connect to */
	uint16_t	listen_port;	/* ExaBGP's `listen`; 0: none */
	bool		passive;
	bool		is_dynamic;	/* made by a program; gone at a reload */
	bool		is_down;	/* configured down */
	char		*down_reason;
	/*
	 * The protection that was asked for and cannot be had: the session is
	 * never started. NULL: none.
	 */
	char		*refused;
	uint8_t		multihop;	/* 1: direct */
	bool		ttl_security;
	uint8_t		ttl_out, ttl_in_min;	/* ExaBGP's; 0: none */
	char		*source_interface;
	struct conf_blob md5_key;	/* secret */
	struct addr	md5_address;
	struct conf_blob ao_key;	/* secret; TCP-AO, RFC 5925 */
	uint8_t		ao_key_id;
	char		*ao_algorithm;
	char		**ipsec;	/* as written, without keys */
	size_t		n_ipsec;
	char		*depend_on;	/* interface */
	char		*demote_group;
	uint16_t	hold_time_sec, hold_time_min_sec;
	uint32_t	connect_retry_sec;
	uint16_t	stale_time_sec;
	/* capabilities */
	struct conf_family *families;
	size_t		n_families;
	uint8_t		refresh, enhanced_refresh;	/* enum conf_enforce */
	uint8_t		graceful_restart;
	uint16_t	graceful_restart_sec;
	uint32_t	llgr_sec;	/* RFC 9494; 0: not spoken */
	bool		graceful_notification;
	uint8_t		as4;
	uint8_t		add_path_receive;
	uint8_t		add_path_send;		/* enum conf_add_path_send */
	uint8_t		add_path_send_enforce;
	uint8_t		add_path_plus, add_path_max;
	uint8_t		policy;			/* RFC 9234 */
	uint8_t		role;			/* enum open_role */
	uint8_t		extended_message;
	uint8_t		extended_nexthop;
	bool		multisession, operational, aigp;
	bool		software_version;
	bool		link_local_nexthop, link_local_prefer;
	char		*host_name, *domain_name;
	/* policy and routes */
	char		*rib;
	bool		transparent_as;
	bool		evaluate_all;
	bool		reject_as_set;
	bool		enforce_neighbor_as;
	bool		enforce_local_as;
	bool		enforce_flow;	/* RFC 8955 6, RFC 9117 */
	uint8_t		export;			/* enum conf_export */
	/* Codes: attributes dropped, and those that make us take no route. */
	struct conf_blob discard_attributes, reject_attributes;
	uint16_t	max_as_path;		/* AS numbers; 0: any */
	uint16_t	max_communities;	/* of all kinds; 0: any */
	uint32_t	max_prefix, max_prefix_restart_min;
	uint32_t	max_prefix_out, max_prefix_out_restart_min;
	bool		is_reflector_client;
	bool		is_nexthop_self;
	bool		log_updates;
	bool		no_bmp;		/* stations do not hear of it */
	struct conf_dump *dumps;
	size_t		n_dumps;
	struct conf_set	*sets;		/* neighbor's own, for printing */
	size_t		n_sets;
	/* ExaBGP's behaviour */
	bool		is_isolated;	/* no routes from or to other peers */
	uint8_t		packing;	/* enum conf_packing */
	bool		group_updates;
	bool		auto_flush;
	bool		adj_rib_in, adj_rib_out;
	bool		manual_eor;
	uint32_t	rate_limit;	/* messages a second; 0: none */
	struct conf_api	*apis;
	size_t		n_apis;
	struct conf_route *routes;	/* static and originate, of this peer */
	size_t		n_routes;
	struct conf_blob *operational_messages;	/* whole BGP messages */
	size_t		n_operational_messages;
};

/* ExaBGP's environment, as far as the daemon heeds it. */
struct conf_environment {
	char		*version;	/* of ExaBGP, that we pass for; NULL: ours */
	uint8_t		api_version;	/* 4 or 6 */
	bool		api_ack;
	bool		api_respawn, api_terminate;
	bool		api_cli;
	char		*api_pipe_name, *api_socket_name, *api_socket_path;
	uint32_t	tcp_attempts;	/* end after so many; 0: never */
	uint32_t	open_wait_sec;
	bool		is_passive;
	bool		rotate;		/* next file at each reload */
	char		*user;
	char		*pid_file;
	bool		drop, daemonize;
	uint16_t	file_mask;	/* umask */
	uint16_t	tcp_port;	/* to connect to and listen on */
	char		*tcp_bind;	/* addresses; also in config's listens */
	bool		tcp_once;	/* tcp_attempts is then 1 */
	uint32_t	tcp_delay_min;	/* announce when minute % this is 0 */
	uint8_t		api_encoder;	/* enum conf_encoder, the default */
	bool		api_compact;
	bool		log_enable;
	uint8_t		log_level;	/* enum log_level */
	char		*log_destination; /* stdout, stderr, syslog, host:, file */
	uint16_t	log_topics;	/* enum log_topic */
	bool		log_short;	/* lines without the time */
};

struct config {
	struct arena	*arena;		/* owns all that is below */
	bool		is_exabgp;	/* read from ExaBGP's language */
	/* It has what is only there for printing; not sent to workers. */
	bool		is_as_written;
	uint32_t	as;
	uint16_t	as_short;
	uint32_t	router_id;	/* host order; 0: choose */
	uint32_t	cluster_id;
	uint32_t	confed_as;	/* RFC 5065; 0: none; as: the member's */
	uint32_t	*confed_members;
	size_t		n_confed_members;
	bool		is_reflector;	/* some neighbor is a client */
	uint16_t	hold_time_sec, hold_time_min_sec;
	uint32_t	connect_retry_sec;
	uint16_t	stale_time_sec;
	bool		fib_update;
	uint8_t		fib_priority;
	uint32_t	table;
	bool		nexthop_via_bgp, nexthop_via_default;
	bool		log_updates;
	bool		transparent_as;
	bool		reject_as_set;
	bool		med_always;
	bool		route_age_evaluate;
	bool		evaluate_all;
	bool		include_filtered;
	char		*user;		/* of the workers; NULL: default */
	struct conf_listen *listens;
	size_t		n_listens;
	struct conf_socket *sockets;
	size_t		n_sockets;
	struct conf_rib	*ribs;		/* beside Adj-RIB-In and Loc-RIB */
	size_t		n_ribs;
	struct conf_as_set *as_sets;
	size_t		n_as_sets;
	struct conf_prefix_set *prefix_sets;
	size_t		n_prefix_sets;
	struct conf_roa_set *origin_sets;
	size_t		n_origin_sets;
	struct conf_roa	*roas;
	size_t		n_roas;
	struct conf_aspa *aspas;
	size_t		n_aspas;
	struct conf_rtr	*rtrs;
	size_t		n_rtrs;
	struct conf_dump *dumps;
	size_t		n_dumps;
	struct conf_bmp	*bmps;
	size_t		n_bmps;
	struct conf_route *networks;	/* network and top-level originate */
	size_t		n_networks;
	struct conf_route *flowspecs;
	size_t		n_flowspecs;
	struct conf_vpn	*vpns;
	size_t		n_vpns;
	struct conf_peer *peers;
	size_t		n_peers;
	struct conf_rule *rules;
	size_t		n_rules;
	struct conf_process *processes;
	size_t		n_processes;
	struct conf_environment environment;
	struct conf_macro *macros;
	size_t		n_macros;
};

/* An empty model with the defaults of bgpd.conf(5), section 7. */
struct config	*config_new(void);
void		 config_free(struct config *);
/* A peer with bgpd.conf's defaults, appended to the model. */
struct conf_peer *config_add_peer(struct config *);
/* By id, by address, by process name; NULL when absent. */
struct conf_peer *config_peer(const struct config *, uint32_t id);
struct conf_peer *config_peer_by_addr(const struct config *,
		    const struct addr *);
struct conf_process *config_process(const struct config *, const char *name);
bool		 config_peer_is_template(const struct conf_peer *);
bool		 config_peer_is_ebgp(const struct conf_peer *);
/* Whether the best routes of a RIB beside Loc-RIB are put into its table. */
bool		 config_rib_fills(const struct conf_rib *);
/* The kernel's number of an rtable: 0 is the main one. */
uint32_t	 config_kernel_table(uint32_t table);
/* One of the other members of our confederation. */
bool		 config_is_confed_member(const struct config *, uint32_t as);
/* Configured down, or refused: no session is to be. */
bool		 config_peer_is_off(const struct conf_peer *);
/* "192.0.2.1 (AS65001)", the subject of log lines. Returns buf. */
char		*config_peer_label(const struct conf_peer *, char *buf,
		    size_t buf_len);

/*
 * Give peers and processes of the new model the ids that they have in the
 * old one (matched by name or address), new ones fresh ids. old may be NULL.
 */
void		 config_keep_ids(const struct config *old, struct config *new);
/*
 * The TCP ports that neighbors and caches are connected to, sorted, BGP's
 * among them whatever else. At most max (> 0); 0 when there are more.
 */
size_t		 config_ports(const struct config *, uint16_t *ports,
		    size_t max);

/* What a change of a peer's field asks for (bits). */
#define CONFIG_CHANGE_SESSION	1	/* the session must be reset */
#define CONFIG_CHANGE_POLICY	2	/* the RDE must look again */
#define CONFIG_CHANGE_ROUTES	4	/* its own routes differ */
#define CONFIG_CHANGE_API	8	/* who listens to it differs */
#define CONFIG_CHANGE_OTHER	16
/* Bits of what differs between two states of a peer. */
unsigned	 config_peer_changes(const struct conf_peer *,
		    const struct conf_peer *);
/* Called with each member that differs, and its bits. */
typedef void	 config_change_fn(const struct conf_field *, unsigned changes,
		    void *arg);
void		 config_peer_each_change(const struct conf_peer *old,
		    const struct conf_peer *new, config_change_fn *,
		    void *arg);
/*
 * Such a member in words, "hold time 90 -> 30"; of lists and of keys no more
 * than that they changed.
 */
void		 config_change_print(const struct conf_field *,
		    const struct conf_peer *old, const struct conf_peer *new,
		    char *buf, size_t buf_len);

/* What a reload does to the session of a peer that stays configured. */
enum config_effect {
	EFFECT_NONE,
	EFFECT_CHANGE,		/* it goes on, with other settings */
	EFFECT_RESET,
	EFFECT_STOP,		/* now configured down */
	EFFECT_START,
};
enum config_effect config_peer_effect(const struct conf_peer *old,
		    const struct conf_peer *new);
bool		 config_rtr_key_is_equal(const struct conf_rtr *,
		    const struct conf_rtr *);
bool		 config_dump_is_equal(const struct conf_dump *,
		    const struct conf_dump *);
bool		 config_bmp_is_equal(const struct conf_bmp *,
		    const struct conf_bmp *);
/* The station of this name, or NULL. */
const struct conf_bmp *config_bmp(const struct config *, const char *name);
bool		 config_process_is_equal(const struct conf_process *,
		    const struct conf_process *);
bool		 config_rule_is_equal(const struct conf_rule *,
		    const struct conf_rule *);
/* Rules, sets and the global settings that the RDE's decisions hang on. */
bool		 config_rules_are_equal(const struct config *,
		    const struct config *);

/* Who a model is for: keys and long lists go only where they are needed. */
#define CONFIG_FOR_SESSION	1
#define CONFIG_FOR_RDE		2
#define CONFIG_FOR_API		4
#define CONFIG_FOR_ALL		7

/*
 * The model as MessagePack, without what none of the readers (CONFIG_FOR_
 * bits) is to have: keys are for the session engine alone. Decode gives a new model, or NULL (with *why a constant text) on bytes that are
 * no model: it is hostile-safe.
 */
void		 config_encode(const struct config *, struct wr *,
		    unsigned readers);
struct config	*config_decode(const void *bytes, size_t len,
		    const char **why);
/*
 * The model once more, without what is only there for printing; NULL when it
 * is too large.
 */
struct config	*config_copy(const struct config *);
/* A single peer likewise (for API-created peers). */
void		 config_peer_encode(const struct conf_peer *, struct wr *,
		    unsigned readers);
int		 config_peer_decode(struct arena *, const void *bytes,
		    size_t len, struct conf_peer *out);

#endif
