/* SPDX-License-Identifier: ISC */
/*
 * What bgpctl and the daemon say to each other over the control socket: each
 * way a sequence of frames, a length of 4 bytes in network order and that
 * many bytes of MessagePack, one map.
 *
 * A client sends one request, {"request": WORD, ...}, and reads replies
 * until one that has the key "end", whose value is empty or an error text:
 *
 *   neighbors    [peer] [group] [notes]    {"neighbor": {...}} each; with
 *                notes {"note": TEXT} before, if there is any
 *   neighbor     action up|down|clear|refresh|destroy, peer or
 *                group, [reason]
 *   rib          filters (rde/query.h)     {"rib": {...}} each
 *   memory, nexthops, sets                 {"memory": {...}} and so on
 *   network      action add|delete|flush, prefix, [set]
 *   networks                               {"rib": {...}} each
 *   reload       [reason], or seconds (on trial), or action confirm|undo
 *   log          level verbose|brief
 *   programs                               {"program": {...}} each
 *   fib          [table] [origin bgp|connected|static|nexthop] [family]
 *                [prefix: an address]      {"kroute": {...}} each
 *   interfaces, tables                     {"kroute": {...}} each
 *   couple       action couple|decouple, [table]
 *   rtrs                                   {"rtr": {...}} each
 *   api          behind the end lines as of a program, and their answers
 *   config-impact [file]                   {"message": {...}}, or
 *                {"neighbor": {...}} each that is concerned
 *   events       [peer] [group]            {"event": {...}} each, no end
 *   config-diff  [file: a path]            {"message": {...}}, then
 *                {"statement": {...}}, {"neighbor": {...}}, {"rtr": {...}}
 */
#ifndef COMMON_CONTROL_H
#define COMMON_CONTROL_H

#define CONTROL_PATH		"/run/bgpd.sock.0"
#define CONTROL_HEAD_LEN	4
#define CONTROL_REQUEST_MAX	(16 * 1024)
#define CONTROL_REPLY_MAX	(256 * 1024)

#endif
