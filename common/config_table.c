/* SPDX-License-Identifier: ISC */
/* Field tables of the configuration model, a row for each member. */
#include "common/config_table.h"

#include "common/config.h"

#define COUNT(array)	(sizeof(array) / sizeof((array)[0]))
#define AT(m)		.name = #m, .offset = offsetof(struct THIS, m)
#define SIZE(m)		sizeof(((struct THIS *)0)->m)

/* Rows. ch: what a change of the member asks for, CONFIG_CHANGE_ bits. */
#define NUM(m, ch)	{ AT(m), .kind = FIELD_NUMBER, .changes = ch, \
			  .size = SIZE(m), .n = 1 }
/* The same with words for its values. */
#define ENM(m, w, ch)	{ AT(m), .kind = FIELD_NUMBER, .changes = ch, \
			  .size = SIZE(m), .n = 1, .words = w, \
			  .n_words = COUNT(w) }
#define NUM3(m, ch)	{ AT(m), .kind = FIELD_NUMBER, .changes = ch, \
			  .size = SIZE(m[0]), .n = 3 }
#define SGN(m, ch)	{ AT(m), .kind = FIELD_SIGNED, .changes = ch, \
			  .size = SIZE(m), .n = 1 }
#define SGN3(m, ch)	{ AT(m), .kind = FIELD_SIGNED, .changes = ch, \
			  .size = SIZE(m[0]), .n = 3 }
#define TXT(m, ch)	{ AT(m), .kind = FIELD_TEXT, .changes = ch }
#define ADR(m, ch)	{ AT(m), .kind = FIELD_ADDR, .changes = ch }
#define PFX(m, ch)	{ AT(m), .kind = FIELD_PREFIX, .changes = ch }
#define BLB(m, ch)	{ AT(m), .kind = FIELD_BLOB, .changes = ch }
#define KEY(m, ch)	{ AT(m), .kind = FIELD_BLOB, .changes = ch, \
			  .readers = CONFIG_FOR_SESSION }
#define SUB(m, t, ch)	{ AT(m), .kind = FIELD_STRUCT, .changes = ch, \
			  .table = &t }
#define LST(m, t, ch)	{ AT(m), .kind = FIELD_LIST, .changes = ch, \
			  .n_offset = offsetof(struct THIS, n_##m), \
			  .table = &t }
/* What only the RDE reads, and may be long. */
#define RDE(m, t, ch)	{ AT(m), .kind = FIELD_LIST, .changes = ch, \
			  .n_offset = offsetof(struct THIS, n_##m), \
			  .table = &t, .readers = CONFIG_FOR_RDE }
#define TXS(m, ch)	{ AT(m), .kind = FIELD_TEXTS, .changes = ch, \
			  .n_offset = offsetof(struct THIS, n_##m) }
#define NMS(m, ch)	{ AT(m), .kind = FIELD_NUMBERS, .changes = ch, \
			  .n_offset = offsetof(struct THIS, n_##m) }
#define TABLE(name, rows) \
	const struct conf_table name = { \
		.size = sizeof(struct THIS), \
		.fields = rows, .n_fields = COUNT(rows), \
	}

static const char *const flag_words[] = { "no", "yes" };
static const char *const enforce_words[] = {
	[CONF_NO] = "no", [CONF_YES] = "yes", [CONF_ENFORCE] = "enforce",
};
static const char *const role_words[] = {
	[ROLE_PROVIDER] = "provider", [ROLE_RS] = "rs",
	[ROLE_RS_CLIENT] = "rs-client", [ROLE_CUSTOMER] = "customer",
	[ROLE_PEER] = "peer",
};
static const char *const add_path_words[] = {
	[ADD_PATH_SEND_NO] = "no", [ADD_PATH_SEND_ALL] = "all",
	[ADD_PATH_SEND_BEST] = "best", [ADD_PATH_SEND_ECMP] = "ecmp",
	[ADD_PATH_SEND_AS_WIDE] = "as-wide-best",
};
static const char *const export_words[] = {
	[EXPORT_NORMAL] = "normal", [EXPORT_NONE] = "none",
	[EXPORT_DEFAULT_ROUTE] = "default-route",
};
static const char *const packing_words[] = {
	[PACKING_FULL] = "full", [PACKING_EXABGP] = "exabgp",
};

#define S	CONFIG_CHANGE_SESSION
#define P	CONFIG_CHANGE_POLICY
#define R	CONFIG_CHANGE_ROUTES
#define A	CONFIG_CHANGE_API
#define O	CONFIG_CHANGE_OTHER

#define THIS conf_as_set
static const struct conf_field as_set_rows[] = {
	TXT(name, 0), NMS(asns, 0),
};
static TABLE(as_set_table, as_set_rows);
#undef THIS

#define THIS conf_prefix
static const struct conf_field prefix_rows[] = {
	PFX(prefix, 0), NUM(op, 0), NUM(len_min, 0), NUM(len_max, 0),
};
static TABLE(prefix_table, prefix_rows);
#undef THIS

#define THIS conf_prefix_set
static const struct conf_field prefix_set_rows[] = {
	TXT(name, 0), LST(prefixes, prefix_table, 0),
};
static TABLE(prefix_set_table, prefix_set_rows);
#undef THIS

#define THIS conf_roa
static const struct conf_field roa_rows[] = {
	PFX(prefix, 0), NUM(max_len, 0), NUM(asn, 0), SGN(expires, 0),
};
static TABLE(roa_table, roa_rows);
#undef THIS

#define THIS conf_roa_set
static const struct conf_field roa_set_rows[] = {
	TXT(name, 0), LST(roas, roa_table, 0),
};
static TABLE(roa_set_table, roa_set_rows);
#undef THIS

#define THIS conf_aspa
static const struct conf_field aspa_rows[] = {
	NUM(customer, 0), NMS(providers, 0), SGN(expires, 0),
};
static TABLE(aspa_table, aspa_rows);
#undef THIS

#define THIS conf_rib
static const struct conf_field rib_rows[] = {
	TXT(name, 0), NUM(no_evaluate, 0), NUM(fib_update, 0),
	NUM(has_table, 0), NUM(table, 0),
};
static TABLE(rib_table, rib_rows);
#undef THIS

#define THIS conf_listen
static const struct conf_field listen_rows[] = {
	ADR(addr, 0), NUM(port, 0),
};
static TABLE(listen_table, listen_rows);
#undef THIS

#define THIS conf_socket
static const struct conf_field socket_rows[] = {
	TXT(path, 0), NUM(is_restricted, 0),
};
static TABLE(socket_table, socket_rows);
#undef THIS

#define THIS conf_community
static const struct conf_field community_rows[] = {
	NUM(kind, 0), NUM3(field, 0), NUM3(part, 0), NUM(ext_type, 0),
	NUM(ext_value, 0), NUM(ext_is_any, 0),
};
static TABLE(community_table, community_rows);
#undef THIS

#define THIS conf_set
static const struct conf_field set_rows[] = {
	NUM(kind, 0), SGN(number, 0), ADR(addr, 0),
	SUB(community, community_table, 0), TXT(name, 0),
};
static TABLE(set_table, set_rows);
#undef THIS

#define THIS conf_rule
static const struct conf_field rule_rows[] = {
	NUM(action, 0), NUM(direction, 0), NUM(is_quick, 0),
	NUM(peer_kind, 0), ADR(peer_addr, 0), NUM(peer_as, 0),
	TXT(peer_group, 0), TXT(rib, 0), NUM(family, 0), NUM(has_prefix, 0),
	SUB(prefix, prefix_table, 0), TXT(prefix_set, 0),
	NUM(prefix_set_or_longer, 0), TXT(origin_set, 0), NUM(as_kind, 0),
	NUM(as_op, 0), NUM(as_low, 0), NUM(as_high, 0),
	NUM(as_is_neighbor, 0), TXT(as_set, 0), NUM(max_as_len, 0),
	NUM(max_as_seq, 0), LST(communities, community_table, 0),
	SGN3(max_communities, 0), NUM(nexthop_kind, 0), ADR(nexthop, 0),
	NUM(ovs, 0), NUM(avs, 0), LST(sets, set_table, 0),
};
TABLE(config_rule_table, rule_rows);
#undef THIS

#define THIS conf_route
static const struct conf_field route_rows[] = {
	NUM(afi, 0), NUM(safi, 0), NUM(flags, 0), NUM(path_id, 0),
	BLB(nlri, 0), BLB(attrs, 0), BLB(nexthop, 0), TXT(watchdog, 0),
	TXT(name, 0), TXT(prefix_set, 0), TXT(source, 0),
	LST(sets, set_table, 0),
};
static TABLE(route_table, route_rows);
#undef THIS

#define THIS conf_dump
static const struct conf_field dump_rows[] = {
	NUM(kind, 0), TXT(rib, 0), TXT(path, 0), NUM(interval_sec, 0),
};
TABLE(config_dump_table, dump_rows);
#undef THIS

#define THIS conf_bmp
static const struct conf_field bmp_rows[] = {
	TXT(name, 0), ADR(addr, 0), NUM(port, 0), ADR(local_address, 0),
	NUM(monitor, 0), NUM(statistics_sec, 0), NUM(buffer, 0),
};
TABLE(config_bmp_table, bmp_rows);
#undef THIS

#define THIS conf_rtr
static const struct conf_field rtr_rows[] = {
	ADR(addr, 0), ADR(local_address, 0), NUM(port, 0),
	NUM(min_version, 0), TXT(descr, 0), KEY(md5_key, 0), TXS(ipsec, 0),
	TXT(refused, 0),
};
static TABLE(rtr_table, rtr_rows);
#undef THIS

#define THIS conf_vpn
static const struct conf_field vpn_rows[] = {
	TXT(descr, 0), TXT(interface, 0), NUM(rd, 0), NUM(fib_update, 0),
	LST(exports, community_table, 0), LST(imports, community_table, 0),
	LST(networks, route_table, 0),
};
static TABLE(vpn_table, vpn_rows);
#undef THIS

#define THIS conf_process
static const struct conf_field process_rows[] = {
	NUM(id, 0), TXT(name, O), TXS(argv, O), NUM(encoder, O),
	NUM(version, O), NUM(overflow, O), TXT(user, O), NUM(respawn, O),
	NUM(ack, O),
};
TABLE(config_process_table, process_rows);
#undef THIS

#define THIS conf_api
static const struct conf_field api_rows[] = {
	TXT(process, 0), NUM(neighbor_changes, 0), NUM(negotiated, 0),
	NUM(fsm, 0), NUM(signal, 0), NUM(send_mask, 0), NUM(send_form, 0),
	NUM(receive_mask, 0), NUM(receive_form, 0),
};
static TABLE(api_table, api_rows);
#undef THIS

#define THIS conf_family
static const struct conf_field family_rows[] = {
	NUM(afi, 0), NUM(safi, 0), NUM(enforce, 0), NUM(add_path, 0),
	NUM(paths_limit, 0), NUM(extended_nexthop, 0),
};
static TABLE(family_table, family_rows);
#undef THIS

#define THIS conf_blob
static const struct conf_field blob_rows[] = {
	{ .name = "bytes", .kind = FIELD_BLOB, .offset = 0 },
};
static TABLE(blob_table, blob_rows);
#undef THIS

#define THIS conf_peer
static const struct conf_field peer_rows[] = {
	NUM(id, 0), PFX(remote, S), TXT(name, 0), TXT(descr, O), TXT(group, P),
	NUM(local_as, S), NUM(local_as_short, S), NUM(remote_as, S),
	ENM(is_confed, flag_words, S), ENM(local_as_auto, flag_words, S),
	NUM(router_id, S), ADR(local_address, S), ADR(local_address6, S),
	ADR(local_link_local, S), NUM(port, S), NUM(listen_port, S),
	ENM(passive, flag_words, S), ENM(is_dynamic, flag_words, O),
	ENM(is_down, flag_words, O), TXT(down_reason, O), TXT(refused, S),
	NUM(multihop, S), ENM(ttl_security, flag_words, S), NUM(ttl_out, S),
	NUM(ttl_in_min, S), TXT(source_interface, S), KEY(md5_key, S),
	ADR(md5_address, S), KEY(ao_key, S), NUM(ao_key_id, S),
	TXT(ao_algorithm, S), TXS(ipsec, S), TXT(depend_on, O),
	TXT(demote_group, O), NUM(hold_time_sec, S), NUM(hold_time_min_sec, S),
	NUM(connect_retry_sec, O), NUM(stale_time_sec, S),
	LST(families, family_table, S), ENM(refresh, enforce_words, S),
	ENM(enhanced_refresh, enforce_words, S),
	ENM(graceful_restart, enforce_words, S), NUM(graceful_restart_sec, S),
	ENM(graceful_notification, flag_words, S), NUM(llgr_sec, S),
	ENM(as4, enforce_words, S), ENM(add_path_receive, enforce_words, S),
	ENM(add_path_send, add_path_words, S),
	ENM(add_path_send_enforce, enforce_words, S), NUM(add_path_plus, P),
	NUM(add_path_max, P), ENM(policy, enforce_words, S),
	ENM(role, role_words, S), ENM(extended_message, enforce_words, S),
	ENM(extended_nexthop, enforce_words, S),
	ENM(multisession, flag_words, S), ENM(operational, flag_words, S),
	ENM(aigp, flag_words, S), ENM(software_version, flag_words, S),
	ENM(link_local_nexthop, flag_words, S),
	ENM(link_local_prefer, flag_words, S), TXT(host_name, S),
	TXT(domain_name, S), TXT(rib, S), ENM(transparent_as, flag_words, P),
	ENM(evaluate_all, flag_words, P), ENM(reject_as_set, flag_words, P),
	ENM(enforce_neighbor_as, flag_words, P),
	ENM(enforce_local_as, flag_words, P), ENM(enforce_flow, flag_words, P),
	ENM(export, export_words, P), NUM(max_prefix, O),
	BLB(discard_attributes, S), BLB(reject_attributes, S),
	NUM(max_as_path, S), NUM(max_communities, S),
	NUM(max_prefix_restart_min, O), NUM(max_prefix_out, O),
	NUM(max_prefix_out_restart_min, O),
	ENM(is_reflector_client, flag_words, P),
	ENM(is_nexthop_self, flag_words, P), ENM(log_updates, flag_words, O),
	ENM(no_bmp, flag_words, O),
	LST(dumps, config_dump_table, O), LST(sets, set_table, P),
	ENM(is_isolated, flag_words, S), ENM(packing, packing_words, S),
	ENM(group_updates, flag_words, S), ENM(auto_flush, flag_words, O),
	ENM(adj_rib_in, flag_words, S), ENM(adj_rib_out, flag_words, S),
	ENM(manual_eor, flag_words, S), NUM(rate_limit, O),
	LST(apis, api_table, A), RDE(routes, route_table, R),
	LST(operational_messages, blob_table, O),
};
TABLE(config_peer_table, peer_rows);
#undef THIS

#define THIS conf_environment
static const struct conf_field environment_rows[] = {
	TXT(version, 0), NUM(api_version, 0), NUM(api_ack, 0), NUM(api_respawn, 0),
	NUM(api_terminate, 0), NUM(api_cli, 0), TXT(api_pipe_name, 0),
	TXT(api_socket_name, 0), TXT(api_socket_path, 0),
	NUM(tcp_attempts, 0), NUM(open_wait_sec, 0), NUM(is_passive, 0),
	NUM(rotate, 0), TXT(user, 0), TXT(pid_file, 0), NUM(drop, 0),
	NUM(daemonize, 0), NUM(file_mask, 0), NUM(tcp_port, 0),
	TXT(tcp_bind, 0), NUM(tcp_once, 0), NUM(tcp_delay_min, 0),
	NUM(api_encoder, 0), NUM(api_compact, 0), NUM(log_enable, 0),
	NUM(log_level, 0), TXT(log_destination, 0), NUM(log_topics, 0),
	NUM(log_short, 0),
};
TABLE(config_environment_table, environment_rows);
#undef THIS

#define THIS config
static const struct conf_field config_rows[] = {
	NUM(is_exabgp, 0), NUM(as, P), NUM(as_short, 0), NUM(router_id, 0),
	NUM(cluster_id, 0), NUM(confed_as, P), NMS(confed_members, P), NUM(is_reflector, 0), NUM(hold_time_sec, 0), NUM(hold_time_min_sec, 0),
	NUM(connect_retry_sec, 0), NUM(stale_time_sec, 0),
	NUM(fib_update, 0), NUM(fib_priority, 0), NUM(table, 0),
	NUM(nexthop_via_bgp, 0), NUM(nexthop_via_default, 0),
	NUM(log_updates, 0), NUM(transparent_as, P), NUM(reject_as_set, 0),
	NUM(med_always, P), NUM(route_age_evaluate, P),
	NUM(evaluate_all, P), NUM(include_filtered, P), TXT(user, 0),
	LST(listens, listen_table, 0), LST(sockets, socket_table, 0),
	LST(ribs, rib_table, P), RDE(as_sets, as_set_table, P),
	RDE(prefix_sets, prefix_set_table, P),
	RDE(origin_sets, roa_set_table, P), RDE(roas, roa_table, 0),
	RDE(aspas, aspa_table, 0), LST(rtrs, rtr_table, 0),
	LST(dumps, config_dump_table, 0), LST(bmps, config_bmp_table, 0),
	RDE(networks, route_table, 0), RDE(flowspecs, route_table, 0), LST(vpns, vpn_table, 0),
	LST(peers, config_peer_table, 0), RDE(rules, config_rule_table, P),
	LST(processes, config_process_table, 0),
	SUB(environment, config_environment_table, 0),
};
TABLE(config_table, config_rows);
#undef THIS
