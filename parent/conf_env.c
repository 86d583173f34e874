/* SPDX-License-Identifier: ISC */
/*
 * ExaBGP's settings. In order of precedence: the environment variables
 * exabgp.SECTION.KEY or exabgp_SECTION_KEY, then the INI file (named by the
 * caller, by EXABGP_ENVFILE, or ROOT/etc/exabgp/exabgp.env with ROOT from
 * EXABGP_ROOT), then what is built in.
 */
#include "parent/conf_exabgp.h"

#include "common/addr.h"
#include "common/arena.h"
#include "common/bgp.h"
#include "common/log.h"
#include "common/text/scalars.h"

#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#define ENV_NAME_MAX	64

enum env_kind {
	ENV_IGNORED,		/* known, without effect here */
	ENV_BOOLEAN,
	ENV_TOPIC,		/* bit of log_topics */
	ENV_U8,
	ENV_U16,
	ENV_U32,
	ENV_TEXT,
	ENV_VERSION,		/* 4 or 6 */
	ENV_ENCODER,
	ENV_LEVEL,
	ENV_OCTAL,
};

struct env_row {
	const char	*section, *key;
	uint8_t		 kind;
	uint16_t	 offset;	/* in struct conf_environment */
	uint16_t	 topic;		/* of an ENV_TOPIC */
};

#define AT(m)		offsetof(struct conf_environment, m)
#define IGNORED(s, k)	{ s, k, ENV_IGNORED, 0, 0 }
#define TOPIC(k, t)	{ "log", k, ENV_TOPIC, AT(log_topics), LOG_TOPIC_ ## t }

static const struct env_row env_rows[] = {
	{ "api", "ack", ENV_BOOLEAN, AT(api_ack), 0 },
	{ "api", "cli", ENV_BOOLEAN, AT(api_cli), 0 },
	{ "api", "compact", ENV_BOOLEAN, AT(api_compact), 0 },
	{ "api", "encoder", ENV_ENCODER, AT(api_encoder), 0 },
	{ "api", "pipename", ENV_TEXT, AT(api_pipe_name), 0 },
	{ "api", "respawn", ENV_BOOLEAN, AT(api_respawn), 0 },
	{ "api", "socketname", ENV_TEXT, AT(api_socket_name), 0 },
	{ "api", "socketpath", ENV_TEXT, AT(api_socket_path), 0 },
	{ "api", "terminate", ENV_BOOLEAN, AT(api_terminate), 0 },
	{ "api", "version", ENV_VERSION, AT(api_version), 0 },
	IGNORED("api", "chunk"), IGNORED("api", "multi_client"),
	IGNORED("api", "max_clients"),
	{ "bgp", "openwait", ENV_U32, AT(open_wait_sec), 0 },
	{ "bgp", "passive", ENV_BOOLEAN, AT(is_passive), 0 },
	IGNORED("bgp", "paths_limit_audit"),
	IGNORED("cache", "attributes"), IGNORED("cache", "nexthops"),
	{ "daemon", "daemonize", ENV_BOOLEAN, AT(daemonize), 0 },
	{ "daemon", "drop", ENV_BOOLEAN, AT(drop), 0 },
	{ "daemon", "pid", ENV_TEXT, AT(pid_file), 0 },
	{ "daemon", "umask", ENV_OCTAL, AT(file_mask), 0 },
	{ "daemon", "user", ENV_TEXT, AT(user), 0 },
	{ "debug", "rotate", ENV_BOOLEAN, AT(rotate), 0 },
	IGNORED("debug", "configuration"), IGNORED("debug", "defensive"),
	IGNORED("debug", "memory"), IGNORED("debug", "pdb"),
	IGNORED("debug", "route"), IGNORED("debug", "selfcheck"),
	IGNORED("debug", "timing"),
	{ "log", "destination", ENV_TEXT, AT(log_destination), 0 },
	{ "log", "enable", ENV_BOOLEAN, AT(log_enable), 0 },
	{ "log", "level", ENV_LEVEL, AT(log_level), 0 },
	{ "log", "short", ENV_BOOLEAN, AT(log_short), 0 },
	TOPIC("all", ALL), TOPIC("configuration", CONFIGURATION),
	TOPIC("daemon", DAEMON), TOPIC("message", MESSAGE),
	TOPIC("network", NETWORK), TOPIC("packets", PACKETS),
	TOPIC("parser", PARSER), TOPIC("processes", PROCESSES),
	TOPIC("reactor", REACTOR), TOPIC("rib", RIB),
	TOPIC("routes", ROUTES), TOPIC("statistics", STATISTICS),
	TOPIC("timers", TIMERS),
	IGNORED("pdb", "enable"), IGNORED("profile", "enable"),
	IGNORED("profile", "file"), IGNORED("reactor", "speed"),
	IGNORED("tcp", "acl"),
	{ "tcp", "attempts", ENV_U32, AT(tcp_attempts), 0 },
	{ "tcp", "bind", ENV_TEXT, AT(tcp_bind), 0 },
	{ "tcp", "connections", ENV_U32, AT(tcp_attempts), 0 },
	{ "tcp", "delay", ENV_U32, AT(tcp_delay_min), 0 },
	{ "tcp", "once", ENV_BOOLEAN, AT(tcp_once), 0 },
	{ "tcp", "port", ENV_U16, AT(tcp_port), 0 },
};

#define ENV_N_ROWS	(sizeof(env_rows) / sizeof(env_rows[0]))

struct env_loader {
	struct config		*config;
	struct conf_errors	*errors;
};

/* A C string as a word, without the quotes that may be around it. */
static struct word
env_word(const char *text)
{
	size_t n = strlen(text);

	if (n >= 2 && (*text == '"' || *text == '\'') &&
	    text[n - 1] == *text) {
		text++;
		n -= 2;
	}
	return (struct word){ .at = text, .len = (uint32_t)n };
}

static bool
env_choice(const struct word *w, const char *const *words, size_t n,
    uint8_t *out)
{
	char upper[16];
	size_t i;

	if (w->len >= sizeof(upper))
		return false;
	for (i = 0; i < w->len; i++)
		upper[i] = (char)(w->at[i] >= 'a' && w->at[i] <= 'z' ?
		    w->at[i] & ~0x20 : w->at[i]);
	upper[i] = '\0';
	for (i = 0; i < n; i++) {
		if (words[i] == NULL || strcmp(words[i], upper) != 0)
			continue;
		*out = (uint8_t)i;
		return true;
	}
	return false;
}

static bool
env_level(const struct word *w, uint8_t *out)
{
	/* Python's names, and those of syslog that 4.2 has. */
	static const char *const words[] = { "CRITICAL", "CRIT", "ALERT",
	    "EMERG", "FATAL", "ERROR", "ERR", "WARNING", "WARN", "NOTICE",
	    "INFO", "DEBUG" };
	uint8_t i;

	if (!env_choice(w, words, sizeof(words) / sizeof(words[0]), &i))
		return false;
	*out = i < 7 ? LOG_LEVEL_ERR : i < 9 ? LOG_LEVEL_WARN : i < 11 ?
	    LOG_LEVEL_INFO : LOG_LEVEL_DEBUG;
	return true;
}

static bool
env_topic(const struct word *w, uint16_t topic, void *topics)
{
	uint16_t all;
	bool is_on;

	if (!scalars_boolean(w, &is_on))
		return false;
	memcpy(&all, topics, sizeof(all));
	all = (uint16_t)(is_on ? all | topic : all & ~topic);
	memcpy(topics, &all, sizeof(all));
	return true;
}

static bool
env_encoder(const struct word *w, uint8_t *out)
{
	static const char *const words[] = { [ENCODER_TEXT] = "TEXT",
	    [ENCODER_JSON] = "JSON", [ENCODER_MSGPACK] = "MSGPACK" };

	return env_choice(w, words, sizeof(words) / sizeof(words[0]), out);
}

static bool
env_octal(const struct word *w, uint16_t *out)
{
	unsigned n = 0;
	uint32_t i;

	/* Python's 0o137 is written by `exabgp env`. */
	i = w->len > 2 && memcmp(w->at, "0o", 2) == 0 ? 2 : 0;
	for (; i < w->len && w->at[i] >= '0' && w->at[i] <= '7'; i++)
		n = (n << 3 | (unsigned)(w->at[i] - '0')) & 0xffff;
	if (i != w->len || i == 0)
		return false;
	*out = (uint16_t)(n & 0777);
	return true;
}

static bool
env_number(const struct word *w, size_t size, void *out)
{
	uint64_t n, max = size == 1 ? UINT8_MAX : size == 2 ? UINT16_MAX :
	    UINT32_MAX;
	uint8_t n8;
	uint16_t n16;
	uint32_t n32;

	if (!scalars_decimal(w->at, w->len, max, &n))
		return false;
	n8 = (uint8_t)n;
	n16 = (uint16_t)n;
	n32 = (uint32_t)n;
	memcpy(out, size == 1 ? (void *)&n8 : size == 2 ? (void *)&n16 :
	    (void *)&n32, size);
	return true;
}

static bool
env_version(const struct word *w, uint8_t *out)
{
	uint8_t version;

	if (!env_number(w, 1, &version) || (version != 4 && version != 6))
		return false;
	*out = version;
	return true;
}

/* Set one; false if the value is not of the row's kind. */
static bool
env_set(struct env_loader *l, const struct env_row *row, const char *text)
{
	struct word w = env_word(text);
	char *at = (char *)&l->config->environment + row->offset;
	char *copy;

	switch (row->kind) {
	case ENV_BOOLEAN:
		return scalars_boolean(&w, (bool *)at);
	case ENV_TOPIC:
		return env_topic(&w, row->topic, at);
	case ENV_U8:
		return env_number(&w, 1, at);
	case ENV_U16:
		return env_number(&w, 2, at);
	case ENV_U32:
		return env_number(&w, 4, at);
	case ENV_TEXT:
		copy = arena_strndup(l->config->arena, w.at, w.len);
		memcpy(at, &copy, sizeof(copy));
		return true;
	case ENV_VERSION:
		return env_version(&w, (uint8_t *)at);
	case ENV_ENCODER:
		return env_encoder(&w, (uint8_t *)at);
	case ENV_LEVEL:
		return env_level(&w, (uint8_t *)at);
	case ENV_OCTAL:
		return env_octal(&w, (uint16_t *)(void *)at);
	default:
		return true;
	}
}

static const struct env_row *
env_find(const char *section, const char *key)
{
	size_t i;

	for (i = 0; i < ENV_N_ROWS; i++)
		if (strcmp(env_rows[i].section, section) == 0 &&
		    strcmp(env_rows[i].key, key) == 0)
			return &env_rows[i];
	return NULL;
}

/* text without the spaces around it, in place. */
static char *
env_trim(char *text)
{
	size_t n;

	text += strspn(text, " \t\r");
	n = strlen(text);
	while (n > 0 && strchr(" \t\r", text[n - 1]) != NULL)
		n--;
	text[n] = '\0';
	return text;
}

/* The section's name of "[exabgp.NAME]"; "" for others. */
static const char *
env_section(char *text)
{
	size_t n = strlen(text);

	if (n < 2 || text[n - 1] != ']')
		return "";
	text[n - 1] = '\0';
	text++;
	return strncmp(text, "exabgp.", 7) == 0 ? text + 7 : "";
}

static void
env_file_line(struct env_loader *l, const char *path, uint32_t number,
    const char **section, char *text)
{
	const struct env_row *row;
	char *equal;

	text = env_trim(text);
	if (*text == '\0' || *text == '#' || *text == ';')
		return;
	if (*text == '[') {
		*section = env_section(text);
		return;
	}
	equal = strchr(text, '=');
	if (equal == NULL) {
		conf_warning(l->errors, path, number, "expected key = value");
		return;
	}
	*equal = '\0';
	text = env_trim(text);
	row = env_find(*section, text);
	if (row == NULL)
		conf_warning(l->errors, path, number, "exabgp.%s.%s is not "
		    "known", *section, text);
	else if (!env_set(l, row, env_trim(equal + 1)))
		conf_warning(l->errors, path, number, "exabgp.%s.%s cannot be "
		    "\"%s\"", *section, text, env_trim(equal + 1));
}

static void
env_file(struct env_loader *l, const char *path)
{
	const char *section = "";
	char *line, *next, *text;
	uint32_t number = 1;
	size_t len;

	text = conf_read_file(path, l->errors, &len);
	for (line = text; line != NULL; line = next, number++) {
		next = strchr(line, '\n');
		if (next != NULL)
			*next++ = '\0';
		env_file_line(l, path, number, &section, line);
	}
	free(text);
}

/* The value of a variable, or NULL. */
static const char *
env_get(char *const *environment, const char *name)
{
	size_t n = strlen(name);

	for (; *environment != NULL; environment++)
		if (strncmp(*environment, name, n) == 0 &&
		    (*environment)[n] == '=')
			return *environment + n + 1;
	return NULL;
}

static void
env_variable(struct env_loader *l, char *const *environment,
    const struct env_row *row)
{
	char name[ENV_NAME_MAX];
	const char *value;

	snprintf(name, sizeof(name), "exabgp.%s.%s", row->section, row->key);
	value = env_get(environment, name);
	if (value == NULL) {
		snprintf(name, sizeof(name), "exabgp_%s_%s", row->section,
		    row->key);
		value = env_get(environment, name);
	}
	if (value != NULL && !env_set(l, row, value))
		conf_warning(l->errors, name, 0, "cannot be \"%s\"", value);
}

static void
env_find_file(struct env_loader *l, const struct conf_source *source)
{
	const char *path = source->env_file, *root;
	char *built;

	if (path == NULL)
		path = env_get(source->environment, "EXABGP_ENVFILE");
	if (path != NULL && *path != '\0') {
		env_file(l, path);
		return;
	}
	root = env_get(source->environment, "EXABGP_ROOT");
	built = arena_format(l->config->arena, "%s/etc/exabgp/exabgp.env",
	    root == NULL ? "" : root);
	if (access(built, R_OK) == 0)
		env_file(l, built);
}

/* Addresses to listen on, separated by spaces. */
static void
env_listens(struct env_loader *l)
{
	const struct conf_environment *env = &l->config->environment;
	struct conf_listen *listen;
	struct addr a;
	struct words w;

	if (env->tcp_bind == NULL)
		return;
	words_init(&w, env->tcp_bind, strlen(env->tcp_bind), false);
	for (; !words_at_end(&w); words_next(&w)) {
		if (!words_is_value(&w))
			continue;
		if (!scalars_addr(&w.word, &a)) {
			conf_warning(l->errors, "exabgp.tcp.bind", 0,
			    "\"%.*s\" is no IP address", (int)w.word.len,
			    w.word.at);
			continue;
		}
		listen = arena_append(l->config->arena, &l->config->listens,
		    &l->config->n_listens, sizeof(*listen));
		listen->addr = a;
		listen->port = env->tcp_port;
	}
}

void
conf_env_load(const struct conf_source *source, struct config *config,
    struct conf_errors *errors)
{
	struct env_loader l = { .config = config, .errors = errors };
	struct conf_environment *env = &config->environment;
	const char *value;
	size_t i;

	env->tcp_port = BGP_PORT;
	env->api_encoder = ENCODER_TEXT;
	env->log_enable = true;
	env->log_level = LOG_LEVEL_INFO;
	env->log_destination = arena_strdup(config->arena, "stdout");
	env->file_mask = 0137;
	if (source->environment == NULL)
		return;
	value = env_get(source->environment, "exabgp_version");
	if (value != NULL)
		env->version = arena_strdup(config->arena, value);
	env_find_file(&l, source);
	for (i = 0; i < ENV_N_ROWS; i++)
		env_variable(&l, source->environment, &env_rows[i]);
	if (env->tcp_once)
		env->tcp_attempts = 1;
	env_listens(&l);
}

/*
 * `exabgp env`: a setting as the INI file has it, appended.
 */
static void
env_put_value(const struct env_row *row, const struct config *config,
    struct wr *w)
{
	static const char *const encoders[] = { [ENCODER_TEXT] = "text",
	    [ENCODER_JSON] = "json", [ENCODER_MSGPACK] = "msgpack" };
	static const char *const levels[] = { [LOG_LEVEL_ERR] = "ERROR",
	    [LOG_LEVEL_WARN] = "WARNING", [LOG_LEVEL_INFO] = "INFO",
	    [LOG_LEVEL_DEBUG] = "DEBUG" };
	const char *at = (const char *)&config->environment + row->offset;
	const char *text;
	uint8_t n8 = (uint8_t)*at;
	uint16_t n16;
	uint32_t n32;

	memcpy(&n16, at, sizeof(n16));
	if (row->kind == ENV_BOOLEAN)
		buf_put_text(w, n8 != 0 ? "true" : "false");
	else if (row->kind == ENV_TOPIC)
		buf_put_text(w, (n16 & row->topic) ? "true" : "false");
	else if (row->kind == ENV_ENCODER)
		buf_put_text(w, encoders[n8]);
	else if (row->kind == ENV_LEVEL)
		buf_put_text(w, levels[n8]);
	else if (row->kind == ENV_OCTAL)
		buf_put_format(w, "0o%o", n16);
	else if (row->kind == ENV_U8 || row->kind == ENV_VERSION)
		buf_put_format(w, "%u", n8);
	else if (row->kind == ENV_U16)
		buf_put_format(w, "%u", n16);
	else if (row->kind == ENV_U32) {
		memcpy(&n32, at, sizeof(n32));
		buf_put_format(w, "%u", n32);
	} else {
		memcpy(&text, at, sizeof(text));
		buf_put_format(w, "'%s'", text == NULL ? "" : text);
	}
	buf_put_u8(w, 0);
}

void
conf_env_print(const struct config *config, const struct config *defaults,
    bool is_file, FILE *out)
{
	const char *section = "";
	struct wr now, old;
	size_t i;

	buf_writer_growing(&now, 1 << 16);
	buf_writer_growing(&old, 1 << 16);
	for (i = 0; i < ENV_N_ROWS; i++) {
		if (env_rows[i].kind == ENV_IGNORED)
			continue;
		buf_reset(&now);
		buf_reset(&old);
		env_put_value(&env_rows[i], config, &now);
		if (defaults != NULL)
			env_put_value(&env_rows[i], defaults, &old);
		if (defaults != NULL && now.len == old.len &&
		    memcmp(now.base, old.base, now.len) == 0)
			continue;
		if (is_file && strcmp(section, env_rows[i].section) != 0)
			fprintf(out, "%s[exabgp.%s]\n", *section == '\0' ? "" :
			    "\n", env_rows[i].section);
		section = env_rows[i].section;
		if (is_file)
			fprintf(out, "%s = %s\n", env_rows[i].key,
			    (char *)now.base);
		else
			fprintf(out, "exabgp.%s.%s=%s\n", section,
			    env_rows[i].key, (char *)now.base);
	}
	buf_free(&now);
	buf_free(&old);
}
