/* SPDX-License-Identifier: ISC */
/*
 * Events for operators. Whoever does not read misses some and is told how
 * many: nothing waits for a listener.
 */
#include "api/opevent.h"

#include "api/client.h"
#include "common/bgp.h"
#include "common/control.h"
#include "common/emit.h"
#include "common/wire/message.h"

#include <err.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>

#define OPEVENT_QUEUE_MAX	(256 * 1024)	/* bytes to one listener */
#define OPEVENT_RESUME	(64 * 1024)	/* it hears again below this */
#define OPEVENT_MAX	4096		/* of one event */

/* One event being made. */
struct opevent_row {
	struct emit	emit;
	struct wr	bytes;
	uint8_t		array[OPEVENT_MAX];
};

static bool
opevent_is_heard(const struct api *api)
{
	const struct client *c;

	for (c = api->clients; c != NULL; c = c->next)
		if (c->is_listening)
			return true;
	return false;
}

static void
opevent_put_time(struct api *api, struct emit *e)
{
	int64_t usec = api->env->wall_usec(api->env);
	time_t sec = (time_t)(usec / 1000000);
	char text[32];
	struct tm tm;

	gmtime_r(&sec, &tm);
	strftime(text, sizeof(text), "%Y-%m-%dT%H:%M:%S", &tm);
	emit_key(e, "time");
	emit_format(e, "%s.%03dZ", text, (int)(usec / 1000 % 1000));
}

/* {"event": {time, event, [neighbor]: the caller goes on */
static void
opevent_begin(struct opevent_row *r, struct api *api, const struct api_peer *p,
    const char *what)
{
	char text[PREFIX_TEXT_MAX];

	buf_writer(&r->bytes, r->array, sizeof(r->array));
	emit_msgpack_init(&r->emit, &r->bytes);
	emit_begin_object(&r->emit);
	emit_key_object(&r->emit, "event");
	opevent_put_time(api, &r->emit);
	emit_key_string(&r->emit, "event", what);
	if (p == NULL)
		return;
	emit_key_string(&r->emit, "neighbor",
	    config_peer_is_template(p->conf) ?
	    prefix_print(&p->conf->remote, text, sizeof(text)) :
	    addr_print(&p->conf->remote.addr, text, sizeof(text)));
	if (p->conf->descr != NULL)
		emit_key_string(&r->emit, "description", p->conf->descr);
}

static void
opevent_close(struct opevent_row *r)
{
	emit_end_object(&r->emit);
	emit_end_object(&r->emit);
}

static size_t
opevent_queued(const struct client *c)
{
	return c->out.bytes.len - c->out.sent;
}

void
opevent_resume(struct client *c)
{
	struct opevent_row r;
	uint64_t n = c->n_lost;

	if (n == 0 || opevent_queued(c) > OPEVENT_RESUME)
		return;
	c->n_lost = 0;
	opevent_begin(&r, c->api, NULL, "lost");
	emit_key_number(&r.emit, "count", n);
	opevent_close(&r);
	client_send(c, &r.bytes);
}

static bool
opevent_is_wanted(const struct client *c, const struct api_peer *p)
{
	if (!c->is_listening || c->is_done)
		return false;
	if (c->event_peer == NULL && c->event_group == NULL)
		return true;
	return p != NULL && control_matches(p, c->event_peer, c->event_group);
}

static void
opevent_end(struct opevent_row *r, struct api *api, const struct api_peer *p)
{
	struct client *c;

	opevent_close(r);
	if (r->bytes.err != 0)
		return;		/* nothing is so long */
	for (c = api->clients; c != NULL; c = c->next) {
		if (!opevent_is_wanted(c, p))
			continue;
		opevent_resume(c);
		if (c->n_lost != 0 || opevent_queued(c) > OPEVENT_QUEUE_MAX)
			c->n_lost++;
		else
			client_send(c, &r->bytes);
	}
}

static char *
opevent_copy(const char *s)
{
	char *copy = s == NULL ? NULL : strdup(s);

	if (s != NULL && copy == NULL)
		err(1, "event");
	return copy;
}

void
opevent_listen(struct client *c, const char *peer, const char *group)
{
	c->is_listening = true;
	c->event_peer = opevent_copy(peer);
	c->event_group = opevent_copy(group);
}

void
opevent_fini(struct client *c)
{
	free(c->event_peer);
	free(c->event_group);
}

void
opevent_state(struct api *api, const struct api_peer *p, uint8_t old,
    uint8_t state, const char *reason)
{
	static const char *const names[] = {
		[STATE_IDLE] = "Idle", [STATE_CONNECT] = "Connect",
		[STATE_ACTIVE] = "Active", [STATE_OPENSENT] = "OpenSent",
		[STATE_OPENCONFIRM] = "OpenConfirm",
		[STATE_ESTABLISHED] = "Established",
	};
	struct opevent_row r;

	if (!opevent_is_heard(api) || old >= STATE_N || state >= STATE_N)
		return;
	opevent_begin(&r, api, p, state == STATE_ESTABLISHED ? "up" :
	    old == STATE_ESTABLISHED ? "down" : "state");
	emit_key_string(&r.emit, "from", names[old]);
	emit_key_string(&r.emit, "to", names[state]);
	if (reason[0] != '\0')
		emit_key_string(&r.emit, "reason", reason);
	opevent_end(&r, api, p);
}

/* Of itself it says why the session ends: told apart for those who count. */
static void
opevent_max_prefix(struct api *api, const struct api_peer *p, bool is_sent)
{
	struct opevent_row r;

	opevent_begin(&r, api, p, "max-prefix");
	emit_key_string(&r.emit, "of", is_sent ? "neighbor" : "us");
	opevent_end(&r, api, p);
}

void
opevent_message(struct api *api, const struct api_peer *p, bool is_sent,
    struct rd message)
{
	char text[128], reason[512];
	struct opevent_row r;
	uint8_t code, subcode;

	if (!opevent_is_heard(api))
		return;
	buf_get_bytes(&message, BGP_HEADER_LEN - 1);
	if (buf_get_u8(&message) != BGP_NOTIFICATION)
		return;
	code = buf_get_u8(&message);
	subcode = buf_get_u8(&message);
	if (message.is_short)
		return;
	message_shutdown_text(message.pos, buf_left(&message), reason,
	    sizeof(reason));
	if (code != ERROR_CEASE || (subcode != CEASE_ADMIN_SHUTDOWN &&
	    subcode != CEASE_ADMIN_RESET))
		reason[0] = '\0';
	if (code == ERROR_CEASE && subcode == CEASE_MAX_PREFIXES)
		opevent_max_prefix(api, p, is_sent);
	opevent_begin(&r, api, p, is_sent ? "notification-sent" :
	    "notification-received");
	emit_key_number(&r.emit, "code", code);
	emit_key_number(&r.emit, "subcode", subcode);
	emit_key_string(&r.emit, "text", message_error_text(code, subcode,
	    text, sizeof(text)));
	if (reason[0] != '\0')
		emit_key_string(&r.emit, "reason", reason);
	opevent_end(&r, api, p);
}

void
opevent_program(struct api *api, const struct program *g,
    const uint32_t *status)
{
	struct opevent_row r;
	int s;

	if (!opevent_is_heard(api))
		return;
	opevent_begin(&r, api, NULL, status == NULL ? "program-start" :
	    "program-end");
	emit_key_string(&r.emit, "program", g->conf == NULL ? "" :
	    g->conf->name);
	emit_key_number(&r.emit, "pid", (uint64_t)g->pid);
	if (status != NULL) {
		s = (int)*status;
		if (WIFSIGNALED(s))
			emit_key_number(&r.emit, "signal",
			    (uint64_t)WTERMSIG(s));
		else
			emit_key_number(&r.emit, "status",
			    (uint64_t)WEXITSTATUS(s));
	}
	opevent_end(&r, api, NULL);
}

void
opevent_reload(struct api *api, enum imsg_reload_event what, uint32_t seconds,
    const char *text)
{
	static const char *const names[] = {
		[RELOAD_DONE] = "reload", [RELOAD_TRIED] = "reload-trial",
		[RELOAD_CONFIRMED] = "reload-confirmed",
		[RELOAD_UNDONE] = "reload-undone",
		[RELOAD_FAILED] = "reload-failed",
	};
	struct opevent_row r;

	if (!opevent_is_heard(api) || what >= RELOAD_PENDING)
		return;
	opevent_begin(&r, api, NULL, names[what]);
	if (seconds != 0)
		emit_key_number(&r.emit, "seconds", seconds);
	if (text[0] != '\0')
		emit_key_string(&r.emit, "reason", text);
	opevent_end(&r, api, NULL);
}

void
opevent_rtr(struct api *api, bool is_up, const char *cache, const char *reason)
{
	struct opevent_row r;

	if (!opevent_is_heard(api))
		return;
	opevent_begin(&r, api, NULL, is_up ? "rtr-up" : "rtr-down");
	emit_key_string(&r.emit, "cache", cache);
	if (reason[0] != '\0')
		emit_key_string(&r.emit, "reason", reason);
	opevent_end(&r, api, NULL);
}
