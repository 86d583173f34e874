/* SPDX-License-Identifier: ISC */
/*
 * bgpd.conf: what is ours of the language: programs, what they hear, and
 * routes that the configuration originates.
 */
#include "parent/conf_bgpd.h"

#include "common/arena.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define COUNT(a)	(sizeof(a) / sizeof((a)[0]))
#define NAME_MAX_LEN	63
#define TEXT_MAX	4095

/* Arguments in one string are separated by blanks. */
static void
split_arguments(struct bgpd_parser *p, const char *text)
{
	struct conf_process *c = p->process;
	char **slot;
	size_t n;

	for (;; text += n) {
		text += strspn(text, " \t");
		n = strcspn(text, " \t");
		if (n == 0)
			return;
		slot = arena_append(p->config->arena, &c->argv, &c->n_argv,
		    sizeof(*slot));
		*slot = arena_strndup(p->config->arena, text, n);
	}
}

/* A relative program stands beside the file. */
static void
find_program(struct bgpd_parser *p)
{
	char *name = p->process->argv[0], real[PATH_MAX];
	const char *slash;

	if (*name == '/' || p->source->is_program_unchecked ||
	    p->token.path == NULL || realpath(p->token.path, real) == NULL)
		return;
	slash = strrchr(real, '/');
	p->process->argv[0] = arena_format(p->config->arena, "%.*s/%s",
	    (int)(slash - real), real, name);
}

static bool
check_program(struct bgpd_parser *p, const struct lex_token *at)
{
	const char *path = p->process->argv[0];
	struct stat st;

	if (p->source->is_program_unchecked)
		return true;
	if (stat(path, &st) != 0)
		return bgpd_fail_at(p, at, "program %s does not exist", path);
	if (!S_ISREG(st.st_mode) || access(path, X_OK) != 0)
		return bgpd_fail_at(p, at, "program %s is not executable",
		    path);
	return true;
}

/* run "program arguments", or a string for each of them */
static bool
process_run(struct bgpd_parser *p)
{
	struct conf_process *c = p->process;
	const struct lex_token first = p->token;
	char *text, *more, **slot;

	c->n_argv = 0;
	if (!bgpd_string(p, TEXT_MAX, "a program", &text))
		return false;
	if (bgpd_is_end_of_statement(p)) {
		split_arguments(p, text);
	} else {
		slot = arena_append(p->config->arena, &c->argv, &c->n_argv,
		    sizeof(*slot));
		*slot = text;
	}
	while (!bgpd_is_end_of_statement(p)) {
		if (!bgpd_string(p, TEXT_MAX, "an argument", &more))
			return false;
		slot = arena_append(p->config->arena, &c->argv, &c->n_argv,
		    sizeof(*slot));
		*slot = more;
	}
	if (c->n_argv == 0 || c->argv[0][0] == '\0')
		return bgpd_fail(p, "expected a program");
	find_program(p);
	return check_program(p, &first);
}

/* One of the words; its index in *out. */
static bool
take_word(struct bgpd_parser *p, const char *const *words, size_t n,
    const char *what, uint8_t *out)
{
	size_t i;

	for (i = 0; i < n; i++) {
		if (bgpd_take(p, words[i])) {
			*out = (uint8_t)i;
			return true;
		}
	}
	return bgpd_expected(p, what);
}

static bool
process_encoder(struct bgpd_parser *p)
{
	static const char *const words[] = {
		[ENCODER_TEXT] = "text", [ENCODER_JSON] = "json",
		[ENCODER_MSGPACK] = "msgpack",
	};

	return take_word(p, words, COUNT(words), "text, json or msgpack",
	    &p->process->encoder);
}

static bool
process_overflow(struct bgpd_parser *p)
{
	static const char *const words[] = {
		[OVERFLOW_THROTTLE] = "throttle", [OVERFLOW_LATEST] = "latest",
		[OVERFLOW_DROP] = "drop", [OVERFLOW_KILL] = "kill",
	};

	return take_word(p, words, COUNT(words),
	    "throttle, latest, drop or kill", &p->process->overflow);
}

static bool
process_version(struct bgpd_parser *p)
{
	int64_t n = p->token.number;

	if (p->token.kind != LEX_NUMBER || (n != 4 && n != 6))
		return bgpd_expected(p, "4 or 6");
	p->process->version = (uint8_t)n;
	bgpd_next(p);
	return true;
}

static bool
process_user(struct bgpd_parser *p)
{
	return bgpd_string(p, NAME_MAX_LEN, "a user", &p->process->user);
}

static bool
process_respawn(struct bgpd_parser *p)
{
	return bgpd_yesno(p, &p->process->respawn);
}

static bool
process_ack(struct bgpd_parser *p)
{
	return bgpd_yesno(p, &p->process->ack);
}

bool
bgpd_parse_process(struct bgpd_parser *p)
{
	static const struct bgpd_row rows[] = {
		{ "ack", process_ack },
		{ "encoder", process_encoder },
		{ "overflow", process_overflow },
		{ "respawn", process_respawn },
		{ "run", process_run },
		{ "user", process_user },
		{ "version", process_version },
	};
	struct config *c = p->config;
	bool is_good;
	char *name;

	if (p->token.kind == LEX_STRING &&
	    config_process(c, p->token.text) != NULL)
		return bgpd_fail(p, "process \"%s\" is there already",
		    p->token.text);
	if (!bgpd_string(p, NAME_MAX_LEN, "the name of the process", &name))
		return false;
	if (!bgpd_take_char(p, '{'))
		return bgpd_expected(p, "\"{\"");
	p->process = arena_append(c->arena, &c->processes, &c->n_processes,
	    sizeof(*p->process));
	*p->process = (struct conf_process){
		.name = name, .encoder = ENCODER_TEXT, .version = 6,
		.overflow = OVERFLOW_LATEST, .respawn = true, .ack = true,
	};
	is_good = bgpd_block(p, rows, COUNT(rows), "an option of a process");
	if (is_good && p->process->n_argv == 0)
		is_good = bgpd_fail(p, "process \"%s\" has nothing to run",
		    name);
	p->process = NULL;
	return is_good;
}

static bool
api_process(struct bgpd_parser *p)
{
	struct conf_peer *c = p->peer->conf;
	size_t i;

	if (p->token.kind == LEX_STRING &&
	    config_process(p->config, p->token.text) == NULL)
		return bgpd_fail(p, "process \"%s\" is not defined",
		    p->token.text);
	for (i = 0; i < c->n_apis; i++)
		if (strcmp(c->apis[i].process, p->token.text) == 0)
			return bgpd_fail(p, "process \"%s\" has an api block "
			    "already", p->token.text);
	return bgpd_string(p, NAME_MAX_LEN, "the name of a process",
	    &p->api->process);
}

static const struct { const char *word; uint8_t bit; } message_words[] = {
	{ "open", API_OPEN }, { "update", API_UPDATE },
	{ "notification", API_NOTIFICATION }, { "keepalive", API_KEEPALIVE },
	{ "refresh", API_REFRESH }, { "operational", API_OPERATIONAL },
};

static const struct { const char *word; uint8_t bit; } form_words[] = {
	{ "parsed", API_PARSED }, { "packets", API_PACKETS },
	{ "consolidate", API_CONSOLIDATE },
};

static bool
api_message(struct bgpd_parser *p, uint8_t *mask, uint8_t *form)
{
	size_t i;

	for (i = 0; i < COUNT(message_words); i++) {
		if (bgpd_take(p, message_words[i].word)) {
			*mask |= message_words[i].bit;
			return true;
		}
	}
	for (i = 0; i < COUNT(form_words); i++) {
		if (bgpd_take(p, form_words[i].word)) {
			*form |= form_words[i].bit;
			return true;
		}
	}
	return bgpd_expected(p, "a kind of message, parsed, packets or "
	    "consolidate");
}

static bool
api_messages(struct bgpd_parser *p, uint8_t *mask, uint8_t *form)
{
	*mask = *form = 0;
	if (!bgpd_take_char(p, '{'))
		return bgpd_expected(p, "\"{\"");
	while (bgpd_list_goes_on(p))
		if (!api_message(p, mask, form))
			return false;
	if (*form == 0)
		*form = API_PARSED;
	return true;
}

static bool
api_receive(struct bgpd_parser *p)
{
	return api_messages(p, &p->api->receive_mask, &p->api->receive_form);
}

static bool
api_send(struct bgpd_parser *p)
{
	return api_messages(p, &p->api->send_mask, &p->api->send_form);
}

static bool
api_changes(struct bgpd_parser *p)
{
	return bgpd_yesno(p, &p->api->neighbor_changes);
}

static bool
api_negotiated(struct bgpd_parser *p)
{
	return bgpd_yesno(p, &p->api->negotiated);
}

static bool
api_fsm(struct bgpd_parser *p)
{
	return bgpd_yesno(p, &p->api->fsm);
}

static bool
api_signal(struct bgpd_parser *p)
{
	return bgpd_yesno(p, &p->api->signal);
}

bool
bgpd_parse_api(struct bgpd_parser *p)
{
	static const struct bgpd_row rows[] = {
		{ "changes", api_changes },
		{ "fsm", api_fsm },
		{ "negotiated", api_negotiated },
		{ "process", api_process },
		{ "receive", api_receive },
		{ "send", api_send },
		{ "signal", api_signal },
	};
	struct conf_peer *c = p->peer->conf;
	struct conf_api api = { 0 }, *slot;
	bool is_good;

	if (!bgpd_take_char(p, '{'))
		return bgpd_expected(p, "\"{\"");
	p->api = &api;
	is_good = bgpd_block(p, rows, COUNT(rows), "an option of api");
	p->api = NULL;
	if (!is_good)
		return false;
	/* A bad name was reported and there is none: say no more. */
	if (api.process == NULL)
		return p->errors->n_errors != 0 ||
		    bgpd_fail(p, "the api block names no process");
	slot = arena_append(p->config->arena, &c->apis, &c->n_apis,
	    sizeof(*slot));
	*slot = api;
	return true;
}

/* The rest of the line as text; quotes are put back. */
static char *
take_sentence(struct bgpd_parser *p)
{
	const struct lex_token *t = &p->token;
	char quote;
	struct wr w;
	char *text;

	buf_writer_growing(&w, TEXT_BYTES_MAX);
	while (t->kind != LEX_NEWLINE && t->kind != LEX_END &&
	    t->kind != LEX_ERROR && (!bgpd_is_char(p, '}') ||
	    p->depth > p->sentence_depth)) {
		if (w.len != 0 && t->has_space)
			buf_put_u8(&w, ' ');
		quote = strchr(t->text, '"') != NULL ? '\'' : '"';
		if (t->is_quoted)
			buf_put_u8(&w, (uint8_t)quote);
		buf_put_bytes(&w, t->text, strlen(t->text));
		if (t->is_quoted)
			buf_put_u8(&w, (uint8_t)quote);
		bgpd_next(p);
	}
	text = w.err != 0 || w.len == 0 ? NULL :
	    arena_strndup(p->config->arena, (const char *)w.base, w.len);
	buf_free(&w);
	return text;
}

static struct conf_blob
keep_bytes(struct bgpd_parser *p, const void *bytes, size_t len)
{
	return (struct conf_blob){
		.bytes = arena_copy(p->config->arena, bytes, len),
		.len = (uint32_t)len,
	};
}

static char *
keep_word(struct bgpd_parser *p, const struct word *w)
{
	return w->at == NULL ? NULL :
	    arena_strndup(p->config->arena, w->at, w->len);
}

static struct conf_route *
add_route(struct bgpd_parser *p)
{
	struct conf_peer *peer = p->peer == NULL ? NULL : p->peer->conf;
	struct config *c = p->config;

	return peer == NULL ? arena_append(c->arena, &c->networks,
	    &c->n_networks, sizeof(*c->networks)) :
	    arena_append(c->arena, &peer->routes, &peer->n_routes,
	    sizeof(*peer->routes));
}

static int
on_route(const struct text_route *t, void *arg)
{
	struct bgpd_parser *p = arg;
	const struct route *r = &t->route;
	struct conf_route *out = add_route(p);

	out->afi = r->family->afi;
	out->safi = r->family->safi;
	out->flags = r->flags;
	out->path_id = r->path_id;
	out->nlri = keep_bytes(p, r->nlri.pos, buf_left(&r->nlri));
	out->attrs = keep_bytes(p, r->attrs.pos, buf_left(&r->attrs));
	out->nexthop = keep_bytes(p, r->nexthop.bytes, r->nexthop.len);
	out->watchdog = keep_word(p, &t->watchdog);
	out->name = keep_word(p, &t->name);
	/* Of several routes that it makes, the first prints the sentence. */
	out->text = p->sentence;
	out->is_said = p->is_sentence_said;
	p->is_sentence_said = true;
	return 0;
}

bool
bgpd_parse_originate(struct bgpd_parser *p)
{
	const struct lex_token first = p->token;
	struct conf_route raw = { 0 };
	int e;

	if (bgpd_take(p, "raw")) {
		if (!bgpd_parse_raw_route(p, &raw))
			return false;
		*add_route(p) = raw;
		return true;
	}
	p->sentence_depth = p->depth;
	p->is_sentence_said = false;
	p->sentence = take_sentence(p);
	if (p->token.kind == LEX_ERROR)
		return false;
	if (p->sentence == NULL)
		return bgpd_fail_at(p, &first,
		    "the sentence is empty or too long");
	e = text_route_parse_line(&p->text, p->sentence, strlen(p->sentence),
	    false, on_route, p);
	return e == 0 || bgpd_fail_at(p, &first, "%s", p->text.error);
}
