/* SPDX-License-Identifier: ISC */
/*
 * What the files of ExaBGP's front end share: the state of the parser, and
 * its sections as tables. Only parent/conf_exabgp*.c and conf_env.c include
 * this.
 */
#ifndef PARENT_CONF_EXABGP_H
#define PARENT_CONF_EXABGP_H

#include "common/config.h"
#include "common/err.h"
#include "common/nlri/nlri.h"
#include "common/text/text_route.h"
#include "common/text/words.h"
#include "parent/conf.h"

#include <stdio.h>

struct exa;

/*
 * A statement: parse stands behind the word. A leaf leaves the cursor at the
 * semicolon; a section, and what may be one, behind its brace or at the
 * semicolon. Returns 0, or ERR_SYNTAX when the fault was reported: the
 * statement is then skipped.
 */
struct exa_row {
	const char	*word;
	int		(*parse)(struct exa *);
};

/* What is known of the neighbor being read and is not in the model. */
struct exa_neighbor {
	uint32_t	line;
	bool		has_local_as, has_peer_as, has_local_address;
	bool		has_family;
	uint32_t	block_mask;	/* of the family section at hand */
	struct word	md5_password;
	uint8_t		md5_base64;	/* 0 no, 1 yes, 2 auto */
	struct word	ao_password;
	bool		ao_base64;
	uint8_t		add_path;	/* enum open_add_path */
	bool		has_add_path_families;
	uint32_t	add_path_mask;	/* bits of enum nlri_id */
	uint16_t	paths_limit[NLRI_N_FAMILIES];
	uint8_t		nexthop;	/* capability: 0 unset, 1 no, 2 yes */
	uint32_t	nexthop_mask;
	uint32_t	family_mask;
	uint32_t	routes_mask;	/* families of its routes */
	uint32_t	route_line[NLRI_N_FAMILIES];	/* of the first one */
	struct word	*inherits;	/* templates' names */
	size_t		 n_inherits;
};

struct exa_template {
	struct word	name;
	struct words	body;		/* at its opening brace */
};

/* Programs that an api block names; resolved when all of them are known. */
struct exa_listener {
	size_t		peer;		/* index into config->peers */
	uint32_t	line;
	bool		is_regex;
	char		*program;
	struct conf_api	api;
};

struct exa {
	struct words	w;
	struct config	*config;
	const struct conf_source *source;
	struct conf_errors *errors;
	struct text_parser text;
	const char	*section;	/* names of what is read, for errors */
	const char	*keyword;
	uint32_t	line;		/* of the keyword */
	struct words	statement;	/* the cursor at the keyword */
	bool		is_block;	/* the statement ended with a brace */
	bool		is_replay;	/* of a template: faults are known */
	bool		is_trial;	/* of a template: keep no routes */
	struct conf_peer *peer;
	struct exa_neighbor *neighbor;
	struct conf_process *process;
	struct conf_api	api;		/* of the api block */
	struct exa_listener *block;	/* programs named in it */
	size_t		 n_block;
	uint8_t		*api_mask, *api_form;	/* of send or receive */
	uint16_t	 announce_afi;
	struct exa_template *templates;
	size_t		 n_templates;
	struct exa_listener *listeners;
	size_t		 n_listeners;
};

#define EXA_ROWS(rows)	(rows), sizeof(rows) / sizeof((rows)[0])

/* Reports; each returns ERR_SYNTAX. */
int	exa_fail(struct exa *, const char *fmt, ...)
	    __attribute__((format(printf, 2, 3)));
int	exa_fail_at(struct exa *, uint32_t line, const char *fmt, ...)
	    __attribute__((format(printf, 3, 4)));
int	exa_expected(struct exa *, const char *fmt, ...)
	    __attribute__((format(printf, 2, 3)));

/* { statements }: name is for errors. Faults inside are dealt with inside. */
int	exa_section(struct exa *, const char *name, const struct exa_row *,
	    size_t n_rows);

/* Values. A boolean that is missing is true. */
int	exa_number(struct exa *, uint64_t min, uint64_t max, uint64_t *out);
int	exa_boolean(struct exa *, bool *out);
int	exa_addr(struct exa *, struct addr *out);
int	exa_asn(struct exa *, uint32_t *out);
/* A string, quoted or up to the next space, in the model's arena. */
int	exa_string(struct exa *, char **out);
int	exa_word(struct exa *, struct word *out);
/* A word of a list, which ends at a comma or bracket, too. */
int	exa_item(struct exa *, struct word *out);
/* Whether the current word is this one, which is then passed. */
bool	exa_take(struct exa *, const char *word);
/* A word or [ a b ]: fn takes each word at the cursor. */
int	exa_list(struct exa *, int (*fn)(struct exa *));
char	*exa_strdup(struct exa *, const struct word *);

/* The words of a neighbor, of a template's neighbor, too. */
extern const struct exa_row exa_neighbor_rows[];
extern const size_t exa_neighbor_n_rows;

/* Entries of sections, by the file that has them. */
int	exa_process(struct exa *);
int	exa_neighbor(struct exa *);
int	exa_template(struct exa *);
int	exa_api(struct exa *);
int	exa_static(struct exa *);
int	exa_announce(struct exa *);
int	exa_flow(struct exa *);
int	exa_l2vpn(struct exa *);
int	exa_operational(struct exa *);
int	exa_families(struct exa *);
int	exa_capability(struct exa *);
int	exa_add_path(struct exa *);
int	exa_nexthop(struct exa *);
int	exa_tcp_ao(struct exa *);
/*
 * Complete the neighbor that was read and check it, unless there were faults
 * in it already.
 */
void	exa_finish_neighbor(struct exa *, bool has_faults);
/* At the end of the file: programs of api blocks, equal neighbors. */
void	exa_finish_apis(struct exa *);
void	exa_finish_names(struct exa *);

/*
 * ExaBGP's settings, from the environment and its INI file, into
 * config->environment (see conf_source). Faults are warnings.
 */
void	conf_env_load(const struct conf_source *, struct config *,
	    struct conf_errors *);
/*
 * Write the settings, a line each, as variables or (is_file) as the INI
 * file; with defaults only those that differ from them.
 */
void	conf_env_print(const struct config *, const struct config *defaults,
	    bool is_file, FILE *out);

/* ExaBGP's defaults for a peer that bgpd.conf's were given to. */
void	exa_neighbor_defaults(struct config *, struct conf_peer *);

#endif
