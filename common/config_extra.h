/* SPDX-License-Identifier: ISC */
/*
 * Members of the model that only ExaBGP's language has words for. bgpd.conf
 * names them after the members, in `exabgp { }` blocks; printer and parser
 * share these lists.
 */
#ifndef COMMON_CONFIG_EXTRA_H
#define COMMON_CONFIG_EXTRA_H

#include <stddef.h>
#include <stdio.h>

struct arena;
struct conf_field;
struct conf_table;

struct config_extra {
	const struct conf_table	*table;
	const char		*const *names;	/* of fields */
	size_t			 n_names;
};

extern const struct config_extra config_extra_peer;
extern const struct config_extra config_extra_global;
extern const struct config_extra config_extra_environment;

/* The field whose name is word ("-" stands for "_"); NULL: none. */
const struct conf_field *config_extra_find(const struct config_extra *,
	    const char *word);
/*
 * Set the field of the struct at base. 0; ERR_RANGE when the number does not
 * fit, ERR_SYNTAX when the text is no such value.
 */
int	config_extra_set(struct arena *, void *base,
	    const struct conf_field *, const char *text);
/* Lines of the fields that differ from those of usual. Returns how many. */
size_t	config_extra_print(FILE *, const struct config_extra *,
	    const void *base, const void *usual, const char *indent);
/* How many there would be. */
size_t	config_extra_count(const struct config_extra *, const void *base,
	    const void *usual);

#endif
