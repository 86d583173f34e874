/* SPDX-License-Identifier: ISC */
/* Events as ExaBGP's lines of text. */
#include "common/bgp.h"
#include "common/wire/event.h"
#include "common/wire/operational.h"

#include <stdio.h>

#define PREFIX_MAX	(ADDR_TEXT_MAX + 64)

static void
put_hex(struct rd r, struct wr *out)
{
	while (buf_left(&r) > 0)
		buf_put_format(out, "%02X", buf_get_u8(&r));
}

static void
put_neighbor(const struct event *ev, struct wr *out)
{
	char text[ADDR_TEXT_MAX];

	buf_put_format(out, "neighbor %s",
	    addr_print(&ev->session->peer, text, sizeof(text)));
	if (ev->direction != NULL)
		buf_put_format(out, " %s", ev->direction);
}

/* Text from outside: what would break the line is escaped. */
static void
put_escaped(struct rd r, struct wr *out)
{
	unsigned c;

	while (buf_left(&r) > 0) {
		c = buf_get_u8(&r);
		if (c >= 0x20 && c != 0x7f)
			buf_put_u8(out, c);
		else
			buf_put_format(out, "\\x%02x", c);
	}
}

static void
put_raw(const struct event *ev, struct wr *out)
{
	buf_put_text(out, " header ");
	put_hex(ev->header, out);
	buf_put_text(out, " body ");
	put_hex(ev->body, out);
}

static void
end_line(const struct event *ev, struct wr *out)
{
	if (ev->is_raw_shown)
		put_raw(ev, out);
	buf_put_text(out, "\n");
}

void
event_text_state(const struct event *ev, const char *state,
    const char *reason, struct wr *out)
{
	put_neighbor(ev, out);
	buf_put_format(out, " %s", state);
	if (reason != NULL) {
		buf_put_text(out, " - ");
		put_escaped(buf_reader(reason, strlen(reason)), out);
	}
	buf_put_text(out, "\n");
}

void
event_text_notification(const struct event *ev, struct rd body,
    struct wr *out)
{
	unsigned code = buf_get_u8(&body), subcode = buf_get_u8(&body);

	put_neighbor(ev, out);
	buf_put_format(out, " notification code %u subcode %u data ", code,
	    subcode);
	put_hex(body, out);
	end_line(ev, out);
}

void
event_text_keepalive(const struct event *ev, struct wr *out)
{
	put_neighbor(ev, out);
	buf_put_text(out, " keepalive");
	end_line(ev, out);
}

void
event_text_open(const struct event *ev, const struct open *o,
    struct rd body, struct wr *out)
{
	put_neighbor(ev, out);
	buf_put_text(out, " open ");
	open_text(o, body, out);
	end_line(ev, out);
}

void
event_text_update(const struct event *ev, const struct update *u,
    const struct update_context *ctx, struct wr *out)
{
	char address[ADDR_TEXT_MAX], prefix[PREFIX_MAX];

	snprintf(prefix, sizeof(prefix), "neighbor %s %s update",
	    addr_print(&ev->session->peer, address, sizeof(address)),
	    ev->direction == NULL ? "receive" : ev->direction);
	buf_put_format(out, "%s start\n", prefix);
	update_text(u, ctx, prefix, out);
	if (ev->is_raw_shown) {
		buf_put_text(out, prefix);
		put_raw(ev, out);
		buf_put_text(out, "\n");
	}
	buf_put_format(out, "%s end\n", prefix);
}

void
event_text_refresh(const struct event *ev, struct rd body, struct wr *out)
{
	static const char *const subtypes[] = { "query", "begin", "end" };
	uint16_t afi = buf_get_u16(&body);
	unsigned subtype = buf_get_u8(&body);
	char a[16], s[16];

	put_neighbor(ev, out);
	buf_put_format(out, " route-refresh afi %s safi %s %s",
	    nlri_afi_name(afi, a, sizeof(a)),
	    nlri_safi_name(buf_get_u8(&body), s, sizeof(s)),
	    subtype > REFRESH_END ? "invalid" : subtypes[subtype]);
	end_line(ev, out);
}

static void
put_operational(const struct operational *o, struct wr *out)
{
	char a[ADDR_TEXT_MAX], s[16];
	struct addr id;

	buf_put_format(out, " operational %s",
	    o->name == NULL ? "unknown" : o->name);
	if (o->name == NULL) {
		buf_put_format(out, " type %u data ", o->type);
		put_hex(o->value, out);
		return;
	}
	buf_put_format(out, " afi %s safi %s",
	    nlri_afi_name(o->afi, a, sizeof(a)),
	    nlri_safi_name(o->safi, s, sizeof(s)));
	if (o->is_advisory) {
		buf_put_text(out, " advisory \"");
		put_escaped(o->value, out);
		buf_put_text(out, "\"");
		return;
	}
	id = addr_from_ipv4(o->router_id);
	buf_put_format(out, " router-id %s sequence %u",
	    addr_print(&id, a, sizeof(a)), o->sequence);
	if (o->has_counter)
		buf_put_format(out, " counter %u", o->counter);
}

void
event_text_operational(const struct event *ev, struct rd body,
    struct wr *out)
{
	struct operational o;

	if (operational_decode(body, &o) != 0)
		o = (struct operational){ .value = body };
	put_neighbor(ev, out);
	put_operational(&o, out);
	end_line(ev, out);
}

void
event_text_packet(const struct event *ev, uint8_t type, struct wr *out)
{
	put_neighbor(ev, out);
	buf_put_format(out, " %u", type);
	put_raw(ev, out);
	buf_put_text(out, "\n");
}

void
event_text_shutdown(const struct event *ev, struct wr *out)
{
	buf_put_format(out, "shutdown %u %u\n", ev->session->pid,
	    ev->session->ppid);
}
