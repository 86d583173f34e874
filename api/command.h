/* SPDX-License-Identifier: ISC */
/* Commands of programs: what a handler is given. Inside api/ only. */
#ifndef API_COMMAND_H
#define API_COMMAND_H

#include "api/engine.h"

#include <stdbool.h>
#include <stddef.h>

/* One line, cut up. Slices borrow from the line. */
struct command {
	struct program	*program;
	struct api	*api;
	const char	*rest;		/* what follows the command's words */
	size_t		 rest_len;
	const char	*selector;	/* without it: all the program's peers */
	size_t		 selector_len;
	bool		 is_json;	/* answer as JSON */
	bool		 is_sync;	/* ack when it was sent */
	struct audience	*audience;	/* once it was asked for */
	uint32_t	 n_routes;	/* given to the RDE */
};

/*
 * A handler answers by itself, later, or returns: NULL, and the line is
 * acked; or why it is refused. COMMAND_ANSWERED: it has answered or will.
 */
typedef const char *command_handler(struct command *);

extern const char command_answered[];
#define COMMAND_ANSWERED	command_answered

/* How a command stands to routes that are on their way. */
enum command_kind {
	COMMAND_ALONE,		/* waits until they are acked */
	COMMAND_ROUTES,		/* may follow at once; sync has a meaning */
	COMMAND_GROUPED,	/* and in a group waits for its end */
};

struct command_row {
	const char	*words;		/* "show adj-rib in" */
	command_handler	*handle;
	uint8_t		 kind;		/* enum command_kind */
};

/* Tables, sorted by nothing: the longest that matches counts. */
extern const struct command_row command_route_rows[];
extern const size_t command_route_n_rows;
extern const struct command_row command_peer_rows[];
extern const size_t command_peer_n_rows;
extern const struct command_row command_change_rows[];
extern const size_t command_change_n_rows;
extern const struct command_row command_daemon_rows[];
extern const size_t command_daemon_n_rows;
extern const struct command_row command_group_rows[];
extern const size_t command_group_n_rows;
extern const struct command_row command_routes_rows[];
extern const size_t command_routes_n_rows;

/* pack.c: routes of a MessagePack map, for the command's audience. */
struct value;
const char	*pack_announce(struct command *, const struct value *,
		    bool is_withdraw);

/* cmd_peer.c: ask the RDE; the program's family_mask narrows the answer. */
const char	*rib_show(struct command *, enum reply_kind, bool is_out);
bool		 rib_family_word(struct program *, const char *word);

/* The peers that the command is for; NULL with the reason in *why. */
struct audience	*command_audience(struct command *, const char **why);
/* Whether rest begins with this word, which is then taken off. */
bool	command_take(struct command *, const char *word);
/* The next word of rest, taken off; false at the end. */
bool	command_word(struct command *, char *word, size_t word_len);

#endif
