/* SPDX-License-Identifier: ISC */
/*
 * What differs between two models: walks over the field tables, where each
 * member says what a change of it asks for. The session engine resets by it,
 * and `bgpctl config diff` tells by it what would be reset.
 */
#include "common/config.h"

#include "common/addr.h"
#include "common/config_table.h"

#include <stddef.h>
#include <stdio.h>
#include <string.h>

static bool	config_struct_is_equal(const struct conf_table *,
		    const uint8_t *, const uint8_t *);

static bool
config_text_is_equal(const char *a, const char *b)
{
	if (a == NULL || b == NULL)
		return a == b;
	return strcmp(a, b) == 0;
}

static bool
config_list_is_equal(const struct conf_field *f, const uint8_t *a,
    const uint8_t *b)
{
	size_t i, n_a, n_b, size = config_item_size(f);
	const uint8_t *items_a = config_list(a, f, &n_a);
	const uint8_t *items_b = config_list(b, f, &n_b);

	if (n_a != n_b)
		return false;
	for (i = 0; i < n_a; i++) {
		const uint8_t *x = items_a + i * size, *y = items_b + i * size;
		bool is_equal;

		if (f->kind == FIELD_TEXTS)
			is_equal = config_text_is_equal(config_text(x),
			    config_text(y));
		else if (f->kind == FIELD_NUMBERS)
			is_equal = memcmp(x, y, size) == 0;
		else
			is_equal = config_struct_is_equal(f->table, x, y);
		if (!is_equal)
			return false;
	}
	return true;
}

static bool
config_field_is_equal(const struct conf_field *f, const uint8_t *a,
    const uint8_t *b)
{
	const uint8_t *at_a = a + f->offset, *at_b = b + f->offset;
	struct conf_blob blob_a, blob_b;
	struct addr addr_a, addr_b;

	switch ((enum conf_field_kind)f->kind) {
	case FIELD_NUMBER:
	case FIELD_SIGNED:
		return memcmp(at_a, at_b, (size_t)f->size * f->n) == 0;
	case FIELD_TEXT:
		return config_text_is_equal(config_text(at_a),
		    config_text(at_b));
	case FIELD_PREFIX:
		if (at_a[offsetof(struct prefix, len_bits)] !=
		    at_b[offsetof(struct prefix, len_bits)])
			return false;
		/* FALLTHROUGH - the address comes first in struct prefix */
	case FIELD_ADDR:
		memcpy(&addr_a, at_a, sizeof(addr_a));
		memcpy(&addr_b, at_b, sizeof(addr_b));
		return addr_is_equal(&addr_a, &addr_b);
	case FIELD_BLOB:
		memcpy(&blob_a, at_a, sizeof(blob_a));
		memcpy(&blob_b, at_b, sizeof(blob_b));
		return blob_a.len == blob_b.len && (blob_a.len == 0 ||
		    memcmp(blob_a.bytes, blob_b.bytes, blob_a.len) == 0);
	case FIELD_STRUCT:
		return config_struct_is_equal(f->table, at_a, at_b);
	default:
		return config_list_is_equal(f, a, b);
	}
}

static bool
config_struct_is_equal(const struct conf_table *t, const uint8_t *a,
    const uint8_t *b)
{
	size_t i;

	for (i = 0; i < t->n_fields; i++)
		if (!config_field_is_equal(&t->fields[i], a, b))
			return false;
	return true;
}

/* The fields that differ and matter, one by one. */
static void
config_struct_each_change(const struct conf_table *t, const void *a,
    const void *b, config_change_fn *tell, void *arg)
{
	size_t i;

	for (i = 0; i < t->n_fields; i++)
		if (t->fields[i].changes != 0 &&
		    !config_field_is_equal(&t->fields[i], a, b))
			tell(&t->fields[i], t->fields[i].changes, arg);
}

static void
config_add_bits(const struct conf_field *f, unsigned changes, void *arg)
{
	unsigned *bits = arg;

	(void)f;
	*bits |= changes;
}

/* Bits of the fields that differ. */
static unsigned
config_struct_changes(const struct conf_table *t, const void *a, const void *b)
{
	unsigned bits = 0;

	config_struct_each_change(t, a, b, config_add_bits, &bits);
	return bits;
}

unsigned
config_peer_changes(const struct conf_peer *a, const struct conf_peer *b)
{
	return config_struct_changes(&config_peer_table, a, b);
}

void
config_peer_each_change(const struct conf_peer *a, const struct conf_peer *b,
    config_change_fn *tell, void *arg)
{
	config_struct_each_change(&config_peer_table, a, b, tell, arg);
}

enum config_effect
config_peer_effect(const struct conf_peer *a, const struct conf_peer *b)
{
	unsigned changes = config_peer_changes(a, b);

	if ((changes & CONFIG_CHANGE_SESSION) != 0)
		return EFFECT_RESET;
	if (config_peer_is_off(a) != config_peer_is_off(b))
		return config_peer_is_off(b) ? EFFECT_STOP : EFFECT_START;
	return changes != 0 ? EFFECT_CHANGE : EFFECT_NONE;
}

bool
config_rtr_key_is_equal(const struct conf_rtr *a, const struct conf_rtr *b)
{
	return a->md5_key.len == b->md5_key.len && (a->md5_key.len == 0 ||
	    memcmp(a->md5_key.bytes, b->md5_key.bytes, a->md5_key.len) == 0);
}

/* The member's name in words, and what was told about its unit. */
static void
change_name(const char *name, char *buf, size_t buf_len)
{
	size_t len;
	char *at;

	strlcpy(buf, strncmp(name, "is_", 3) == 0 ? name + 3 : name, buf_len);
	len = strlen(buf);
	if (len > 4 && strcmp(buf + len - 4, "_sec") == 0)
		buf[len - 4] = '\0';
	for (at = buf; *at != '\0'; at++)
		if (*at == '_')
			*at = ' ';
}

/* A value that one word says; false for lists, and for secrets. */
static bool
change_value(const struct conf_field *f, const void *base, char *buf,
    size_t buf_len)
{
	const uint8_t *at = (const uint8_t *)base + f->offset;
	const char *text;
	struct addr a;
	uint64_t n;

	if (f->kind == FIELD_ADDR) {
		memcpy(&a, at, sizeof(a));
		if (a.family == ADDR_NONE)
			strlcpy(buf, "none", buf_len);
		else
			addr_print(&a, buf, buf_len);
		return true;
	}
	if (f->kind == FIELD_TEXT) {
		text = config_text(at);
		if (text == NULL)
			strlcpy(buf, "none", buf_len);
		else
			snprintf(buf, buf_len, "\"%s\"", text);
		return true;
	}
	if (f->kind != FIELD_NUMBER || f->n != 1)
		return false;
	n = config_load_number(at, f->size);
	if (strcmp(f->name, "router_id") == 0) {
		a = addr_from_ipv4((uint32_t)n);
		addr_print(&a, buf, buf_len);
	} else if (f->words != NULL && n < f->n_words)
		strlcpy(buf, f->words[n], buf_len);
	else if (f->words != NULL)
		strlcpy(buf, "none", buf_len);
	else
		snprintf(buf, buf_len, "%llu", (unsigned long long)n);
	return true;
}

void
config_change_print(const struct conf_field *f, const struct conf_peer *a,
    const struct conf_peer *b, char *buf, size_t buf_len)
{
	char name[64], was[256], is[256];

	change_name(f->name, name, sizeof(name));
	if (change_value(f, a, was, sizeof(was)) &&
	    change_value(f, b, is, sizeof(is)))
		snprintf(buf, buf_len, "%s %s -> %s", name, was, is);
	else
		snprintf(buf, buf_len, "%s changed", name);
}

bool
config_dump_is_equal(const struct conf_dump *a, const struct conf_dump *b)
{
	return config_struct_is_equal(&config_dump_table, (const void *)a,
	    (const void *)b);
}

bool
config_bmp_is_equal(const struct conf_bmp *a, const struct conf_bmp *b)
{
	return config_struct_is_equal(&config_bmp_table, (const void *)a,
	    (const void *)b);
}

bool
config_rule_is_equal(const struct conf_rule *a, const struct conf_rule *b)
{
	return config_struct_is_equal(&config_rule_table, (const uint8_t *)a,
	    (const uint8_t *)b);
}

bool
config_process_is_equal(const struct conf_process *a,
    const struct conf_process *b)
{
	return config_struct_changes(&config_process_table, a, b) == 0;
}

bool
config_rules_are_equal(const struct config *a, const struct config *b)
{
	return config_struct_changes(&config_table, a, b) == 0;
}
