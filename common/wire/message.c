/* SPDX-License-Identifier: ISC */
/*
 * Message header and the small messages: what the session engine frames
 * with, and what it sends without thinking. Pure functions.
 */
#include "common/wire/message.h"

#include "common/err.h"

#include <stdio.h>

#define LENGTH_OFFSET	BGP_MARKER_LEN

struct length_rule {
	const char	*name;
	uint16_t	 min_len;
	bool		 is_exact;	/* no other length */
	bool		 is_small;	/* never over 4096, RFC 8654 4 */
};

/* RFC 4271 4 and 6.1, RFC 2918 3. */
static const struct length_rule rules[] = {
	[BGP_OPEN] = { "open", 29, false, true },
	[BGP_UPDATE] = { "update", 23, false, false },
	[BGP_NOTIFICATION] = { "notification", 21, false, false },
	[BGP_KEEPALIVE] = { "keepalive", 19, true, true },
	/* Its length is judged by the session: 7/1, not 1/2 (RFC 7313 5). */
	[BGP_ROUTE_REFRESH] = { "refresh", 19, false, false },
	[BGP_OPERATIONAL] = { "operational", 23, false, false },
};

static const struct length_rule *
find_rule(uint8_t type, int is_extra_allowed)
{
	if (type == 0 || type >= sizeof(rules) / sizeof(rules[0]))
		return NULL;
	if (type == BGP_OPERATIONAL && !is_extra_allowed)
		return NULL;
	return &rules[type];
}

static int
fail(struct message_error *e, uint8_t subcode, uint8_t len, unsigned value)
{
	*e = (struct message_error){ .code = ERROR_HEADER,
	    .subcode = subcode, .len = len };
	if (len == 2) {
		e->data[0] = (uint8_t)(value >> 8);
		e->data[1] = (uint8_t)value;
	} else {
		e->data[0] = (uint8_t)value;
	}
	return ERR_PROTO;
}

int
message_check_header(const uint8_t *bytes, uint32_t max_len,
    int is_extra_allowed, uint8_t *type, uint16_t *len,
    struct message_error *error)
{
	struct rd r = buf_reader(bytes, BGP_HEADER_LEN);
	const struct length_rule *rule;
	uint8_t t;
	uint16_t n;

	if (buf_get_u64(&r) != UINT64_MAX || buf_get_u64(&r) != UINT64_MAX)
		return fail(error, ERROR_HEADER_MARKER, 0, 0);
	n = buf_get_u16(&r);
	t = buf_get_u8(&r);
	if (n < BGP_HEADER_LEN || n > max_len)
		return fail(error, ERROR_HEADER_LENGTH, 2, n);
	rule = find_rule(t, is_extra_allowed);
	if (rule == NULL)
		return fail(error, ERROR_HEADER_TYPE, 1, t);
	if (n < rule->min_len || (rule->is_exact && n != rule->min_len) ||
	    (rule->is_small && n > BGP_MESSAGE_MAX))
		return fail(error, ERROR_HEADER_LENGTH, 2, n);
	*type = t;
	*len = n;
	return 0;
}

size_t
message_begin(struct wr *out, uint8_t type)
{
	size_t start = out->len;

	buf_put_u64(out, UINT64_MAX);
	buf_put_u64(out, UINT64_MAX);
	buf_put_u16(out, 0);
	buf_put_u8(out, type);
	return start;
}

void
message_end(struct wr *out, size_t start)
{
	size_t len;

	if (out->err != 0)
		return;
	len = out->len - start;
	buf_set_u16(out, start + LENGTH_OFFSET,
	    len > UINT16_MAX ? UINT32_MAX : (uint32_t)len);
}

void
message_put_keepalive(struct wr *out)
{
	message_end(out, message_begin(out, BGP_KEEPALIVE));
}

void
message_put_notification(struct wr *out, uint8_t code, uint8_t subcode,
    const void *data, size_t len)
{
	size_t start = message_begin(out, BGP_NOTIFICATION);

	buf_put_u8(out, code);
	buf_put_u8(out, subcode);
	buf_put_bytes(out, data, len);
	message_end(out, start);
}

void
message_put_refresh(struct wr *out, uint16_t afi, uint8_t subtype,
    uint8_t safi)
{
	size_t start = message_begin(out, BGP_ROUTE_REFRESH);

	buf_put_u16(out, afi);
	buf_put_u8(out, subtype);
	buf_put_u8(out, safi);
	message_end(out, start);
}

struct error_text {
	uint8_t		 code;
	uint8_t		 subcode;	/* 0: the code by itself */
	const char	*text;
};

static const struct error_text error_texts[] = {
	{ ERROR_HEADER, 0, "message header error" },
	{ ERROR_HEADER, ERROR_HEADER_MARKER, "synchronization error" },
	{ ERROR_HEADER, ERROR_HEADER_LENGTH, "wrong length" },
	{ ERROR_HEADER, ERROR_HEADER_TYPE, "unknown message type" },
	{ ERROR_OPEN, 0, "error in OPEN message" },
	{ ERROR_OPEN, ERROR_OPEN_VERSION, "version mismatch" },
	{ ERROR_OPEN, ERROR_OPEN_AS, "AS unacceptable" },
	{ ERROR_OPEN, ERROR_OPEN_ROUTER_ID, "BGP identifier conflict" },
	{ ERROR_OPEN, ERROR_OPEN_PARAMETER,
	    "unsupported optional parameter" },
	{ ERROR_OPEN, 5, "authentication failure" },
	{ ERROR_OPEN, ERROR_OPEN_HOLD_TIME, "unacceptable hold time" },
	{ ERROR_OPEN, ERROR_OPEN_CAPABILITY, "unsupported capability" },
	{ ERROR_OPEN, 8, "grouping conflict" },
	{ ERROR_OPEN, 9, "grouping required" },
	{ ERROR_OPEN, ERROR_OPEN_ROLE, "role mismatch" },
	{ ERROR_UPDATE, 0, "error in UPDATE message" },
	{ ERROR_UPDATE, ERROR_UPDATE_ATTR_LIST, "attribute list error" },
	{ ERROR_UPDATE, ERROR_UPDATE_UNKNOWN_WELL_KNOWN,
	    "unknown well-known attribute" },
	{ ERROR_UPDATE, ERROR_UPDATE_MISSING,
	    "missing well-known attribute" },
	{ ERROR_UPDATE, ERROR_UPDATE_FLAGS, "attribute flags error" },
	{ ERROR_UPDATE, ERROR_UPDATE_LENGTH, "attribute length wrong" },
	{ ERROR_UPDATE, ERROR_UPDATE_ORIGIN, "origin unacceptable" },
	{ ERROR_UPDATE, 7, "loop detected" },
	{ ERROR_UPDATE, ERROR_UPDATE_NEXT_HOP, "nexthop unacceptable" },
	{ ERROR_UPDATE, ERROR_UPDATE_OPTIONAL, "optional attribute error" },
	{ ERROR_UPDATE, ERROR_UPDATE_NETWORK, "network unacceptable" },
	{ ERROR_UPDATE, ERROR_UPDATE_AS_PATH, "AS path unacceptable" },
	{ ERROR_HOLD_TIMER, 0, "HoldTimer expired" },
	{ ERROR_FSM, 0, "Finite State Machine error" },
	{ ERROR_FSM, ERROR_FSM_OPENSENT,
	    "received unexpected message in OpenSent" },
	{ ERROR_FSM, ERROR_FSM_OPENCONFIRM,
	    "received unexpected message in OpenConfirm" },
	{ ERROR_FSM, ERROR_FSM_ESTABLISHED,
	    "received unexpected message in Established" },
	{ ERROR_CEASE, 0, "Cease" },
	{ ERROR_CEASE, CEASE_MAX_PREFIXES, "max-prefix exceeded" },
	{ ERROR_CEASE, CEASE_ADMIN_SHUTDOWN,
	    "administratively down" },
	{ ERROR_CEASE, CEASE_PEER_DECONFIGURED, "peer unconfigured" },
	{ ERROR_CEASE, CEASE_ADMIN_RESET, "administrative reset" },
	{ ERROR_CEASE, CEASE_REJECTED, "connection rejected" },
	{ ERROR_CEASE, CEASE_CONFIG_CHANGE, "other config change" },
	{ ERROR_CEASE, CEASE_COLLISION, "collision" },
	{ ERROR_CEASE, CEASE_OUT_OF_RESOURCES, "resource exhaustion" },
	{ ERROR_CEASE, CEASE_HARD_RESET, "hard reset" },
	{ ERROR_CEASE, 10, "BFD down" },
	{ ERROR_REFRESH, 0, "route refresh error" },
	{ ERROR_REFRESH, 1, "invalid message length" },
	{ ERROR_SEND_HOLD_TIMER, 0, "SendHoldTimer expired" },
};

static const char *
find_error_text(uint8_t code, uint8_t subcode)
{
	size_t i;

	for (i = 0; i < sizeof(error_texts) / sizeof(error_texts[0]); i++) {
		if (error_texts[i].code == code &&
		    error_texts[i].subcode == subcode)
			return error_texts[i].text;
	}
	return NULL;
}

const char *
message_error_text(uint8_t code, uint8_t subcode, char *buf, size_t buf_len)
{
	const char *c = find_error_text(code, 0);
	const char *s = subcode == 0 ? NULL : find_error_text(code, subcode);

	if (c == NULL)
		snprintf(buf, buf_len, "unknown error code %u subcode %u",
		    code, subcode);
	else if (subcode == 0)
		snprintf(buf, buf_len, "%s", c);
	else if (s == NULL)
		snprintf(buf, buf_len, "%s, unknown subcode %u", c, subcode);
	else
		snprintf(buf, buf_len, "%s, %s", c, s);
	return buf;
}

const char *
message_name(uint8_t type)
{
	const struct length_rule *rule = find_rule(type, 1);

	return rule == NULL ? "unknown" : rule->name;
}

void
message_shutdown_text(const void *data, size_t len, char *buf, size_t buf_len)
{
	struct rd r = buf_reader(data, len), text;
	struct wr out;
	unsigned c;

	if (buf_len == 0)
		return;
	text = buf_get_sub(&r, buf_get_u8(&r));
	buf_writer(&out, buf, buf_len - 1);
	while (buf_left(&text) > 0 && out.err == 0) {
		c = buf_get_u8(&text);
		if (c >= 0x20 && c != 0x7f && c != '\\')
			buf_put_u8(&out, c);	/* UTF-8 stays as it is */
		else
			buf_put_format(&out, "\\x%02x", c);
	}
	buf[out.len] = '\0';
}
