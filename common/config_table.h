/* SPDX-License-Identifier: ISC */
/*
 * Field tables of the configuration model: for each struct, where its
 * members are and what they hold. Encoding, decoding and comparing walk
 * these tables, so that no member is forgotten in one of them.
 */
#ifndef COMMON_CONFIG_TABLE_H
#define COMMON_CONFIG_TABLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct conf_table;

enum conf_field_kind {
	FIELD_NUMBER,		/* unsigned or bool, or a fixed array of them */
	FIELD_SIGNED,
	FIELD_TEXT,		/* char *, NULL when unset */
	FIELD_ADDR,
	FIELD_PREFIX,
	FIELD_BLOB,
	FIELD_STRUCT,		/* table */
	FIELD_LIST,		/* pointer and count of table's struct */
	FIELD_TEXTS,		/* pointer and count of char * */
	FIELD_NUMBERS,		/* pointer and count of uint32_t */
};

struct conf_field {
	const char		*name;
	uint8_t			 kind;		/* enum conf_field_kind */
	uint8_t			 changes;	/* CONFIG_CHANGE_ bits */
	uint8_t			 readers;	/* CONFIG_FOR_ bits; 0: all */
	uint16_t		 offset;
	uint16_t		 n_offset;	/* of the count */
	uint8_t			 size;		/* bytes of one number */
	uint8_t			 n;		/* numbers in a fixed array */
	const struct conf_table	*table;
	const char		*const *words;	/* of a number's values */
	size_t			 n_words;	/* others are "none" */
};

struct conf_table {
	size_t			 size;		/* of the struct */
	const struct conf_field	*fields;
	size_t			 n_fields;
};

extern const struct conf_table config_table;	/* struct config */
extern const struct conf_table config_peer_table;
extern const struct conf_table config_process_table;
extern const struct conf_table config_bmp_table;
extern const struct conf_table config_dump_table;
extern const struct conf_table config_rule_table;
extern const struct conf_table config_environment_table;

/* config_msg.c: looks at a member, at its place in the struct. */
uint64_t	 config_load_number(const uint8_t *at, unsigned size);
const char	*config_text(const uint8_t *at);
/* The pointer and count of a list member of the struct at base. */
const uint8_t	*config_list(const uint8_t *base, const struct conf_field *,
		    size_t *n);
size_t		 config_item_size(const struct conf_field *);

#endif
