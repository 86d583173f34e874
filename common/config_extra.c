/* SPDX-License-Identifier: ISC */
/* Members of the model by name. */
#include "common/config_extra.h"

#include "common/addr.h"
#include "common/arena.h"
#include "common/config.h"
#include "common/config_print_parts.h"
#include "common/config_table.h"
#include "common/err.h"

#include <stdlib.h>
#include <string.h>

#define COUNT(a)	(sizeof(a) / sizeof((a)[0]))

static const char *const peer_names[] = {
	"name", "local_as_auto", "local_link_local", "listen_port",
	"ttl_out", "ttl_in_min", "source_interface",
	"md5_address", "graceful_restart_sec", "multisession", "operational",
	"aigp", "software_version", "link_local_nexthop", "link_local_prefer",
	"host_name", "domain_name", "is_nexthop_self", "is_isolated",
	"packing", "group_updates", "auto_flush", "adj_rib_in", "adj_rib_out",
	"manual_eor", "rate_limit",
};

static const char *const global_names[] = { "is_exabgp", "user" };

static const char *const environment_names[] = {
	"api_version", "api_ack", "api_respawn", "api_terminate", "api_cli",
	"api_pipe_name", "api_socket_name", "api_socket_path", "tcp_attempts",
	"open_wait_sec", "is_passive", "rotate", "pid_file", "drop",
	"daemonize", "file_mask", "tcp_port", "tcp_bind", "tcp_once",
	"tcp_delay_min", "api_encoder", "api_compact", "log_enable",
	"log_level", "log_destination", "log_topics", "log_short",
};

const struct config_extra config_extra_peer = {
	&config_peer_table, peer_names, COUNT(peer_names),
};
const struct config_extra config_extra_global = {
	&config_table, global_names, COUNT(global_names),
};
const struct config_extra config_extra_environment = {
	&config_environment_table, environment_names,
	COUNT(environment_names),
};

static const struct conf_field *
extra_field(const struct conf_table *t, const char *name)
{
	size_t i;

	for (i = 0; i < t->n_fields; i++)
		if (strcmp(t->fields[i].name, name) == 0)
			return &t->fields[i];
	return NULL;
}

/* Whether word is the name, with dashes for underscores. */
static bool
extra_is_name(const char *word, const char *name)
{
	for (; *word != '\0' && *name != '\0'; word++, name++)
		if (*word != (*name == '_' ? '-' : *name))
			return false;
	return *word == *name;
}

const struct conf_field *
config_extra_find(const struct config_extra *e, const char *word)
{
	size_t i;

	for (i = 0; i < e->n_names; i++)
		if (extra_is_name(word, e->names[i]))
			return extra_field(e->table, e->names[i]);
	return NULL;
}

/* The member's bytes. Field tables hold offsets that the compiler made. */
static const uint8_t *
extra_member(const void *base, const struct conf_field *f)
{
	return (const uint8_t *)base + f->offset;
}

static uint64_t
extra_number(const void *base, const struct conf_field *f)
{
	const uint8_t *at = extra_member(base, f);
	uint64_t v8;
	uint32_t v4;
	uint16_t v2;

	switch (f->size) {
	case 2:
		memcpy(&v2, at, 2);
		return v2;
	case 4:
		memcpy(&v4, at, 4);
		return v4;
	case 8:
		memcpy(&v8, at, 8);
		return v8;
	default:
		return *at;
	}
}

static const char *
extra_text(const void *base, const struct conf_field *f)
{
	const char *s;

	memcpy(&s, extra_member(base, f), sizeof(s));
	return s;
}

static struct addr
extra_addr(const void *base, const struct conf_field *f)
{
	struct addr a;

	memcpy(&a, extra_member(base, f), sizeof(a));
	return a;
}

static int
extra_set_number(uint8_t *at, uint8_t size, const char *text)
{
	char *end;
	uint64_t v8 = strtoull(text, &end, 10);
	uint32_t v4 = (uint32_t)v8;
	uint16_t v2 = (uint16_t)v8;
	uint8_t v1 = (uint8_t)v8;

	if (*text < '0' || *text > '9' || *end != '\0')
		return ERR_SYNTAX;
	if (size < 8 && v8 >> 8 * size != 0)
		return ERR_RANGE;
	memcpy(at, size == 8 ? (void *)&v8 : size == 4 ? (void *)&v4 :
	    size == 2 ? (void *)&v2 : (void *)&v1, size);
	return 0;
}

int
config_extra_set(struct arena *arena, void *base, const struct conf_field *f,
    const char *text)
{
	uint8_t *at = (uint8_t *)base + f->offset;
	struct addr a;
	char *copy;

	if (f->kind == FIELD_NUMBER)
		return extra_set_number(at, f->size, text);
	if (f->kind == FIELD_TEXT) {
		copy = arena_strdup(arena, text);
		memcpy(at, &copy, sizeof(copy));
		return 0;
	}
	if (f->kind != FIELD_ADDR || addr_parse(text, &a) != 0)
		return ERR_SYNTAX;
	memcpy(at, &a, sizeof(a));
	return 0;
}

static bool
extra_is_usual(const struct conf_field *f, const void *base, const void *usual)
{
	const char *s, *t;
	struct addr a, b;

	switch (f->kind) {
	case FIELD_NUMBER:
		return extra_number(base, f) == extra_number(usual, f);
	case FIELD_TEXT:
		s = extra_text(base, f);
		t = extra_text(usual, f);
		return s == NULL || (t != NULL && strcmp(s, t) == 0);
	default:
		a = extra_addr(base, f);
		b = extra_addr(usual, f);
		return addr_is_equal(&a, &b);
	}
}

static void
extra_print_one(FILE *out, const struct conf_field *f, const void *base,
    const char *indent)
{
	const char *s;
	struct addr a;

	fputs(indent, out);
	for (s = f->name; *s != '\0'; s++)
		fputc(*s == '_' ? '-' : *s, out);
	fputc(' ', out);
	if (f->kind == FIELD_NUMBER) {
		fprintf(out, "%llu",
		    (unsigned long long)extra_number(base, f));
	} else if (f->kind == FIELD_TEXT) {
		print_quoted(out, extra_text(base, f));
	} else {
		a = extra_addr(base, f);
		print_addr(out, &a);
	}
	fputc('\n', out);
}

size_t
config_extra_count(const struct config_extra *e, const void *base,
    const void *usual)
{
	size_t i, n = 0;

	for (i = 0; i < e->n_names; i++)
		n += !extra_is_usual(extra_field(e->table, e->names[i]),
		    base, usual);
	return n;
}

size_t
config_extra_print(FILE *out, const struct config_extra *e, const void *base,
    const void *usual, const char *indent)
{
	const struct conf_field *f;
	size_t i, n = 0;

	for (i = 0; i < e->n_names; i++) {
		f = extra_field(e->table, e->names[i]);
		if (extra_is_usual(f, base, usual))
			continue;
		extra_print_one(out, f, base, indent);
		n++;
	}
	return n;
}
