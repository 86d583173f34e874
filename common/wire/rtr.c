/* SPDX-License-Identifier: ISC */
/* RTR PDUs: a table row each, with its lengths, parser and writer. */
#include "common/wire/rtr.h"

#include "common/err.h"

#include <stddef.h>
#include <string.h>

#define FLAG_ANNOUNCE	1
#define SKI_LEN		20

struct rtr_row {
	const char	*name;
	uint8_t		 min_version;
	uint32_t	 min_len, max_len;	/* of the body */
	/* False: *error says why. */
	bool		(*decode)(struct rd *, struct rtr_pdu *,
			    uint16_t *error);
	void		(*encode)(struct wr *, const struct rtr_pdu *);
};

static bool
serial_decode(struct rd *r, struct rtr_pdu *p, uint16_t *error)
{
	(void)error;
	p->serial = buf_get_u32(r);
	return true;
}

static void
serial_encode(struct wr *w, const struct rtr_pdu *p)
{
	buf_put_u32(w, p->serial);
}

static bool
none_decode(struct rd *r, struct rtr_pdu *p, uint16_t *error)
{
	(void)r;
	(void)p;
	(void)error;
	return true;
}

static void
none_encode(struct wr *w, const struct rtr_pdu *p)
{
	(void)w;
	(void)p;
}

/*
 * flags 1, length 1, max length 1, zero 1, address 4 or 16, AS 4.
 * RFC 8210 5.6
 */
static bool
prefix_decode(struct rd *r, struct rtr_pdu *p, uint16_t *error)
{
	size_t n = p->type == RTR_IPV4_PREFIX ? 4 : 16;
	uint8_t bytes[16];

	p->is_announce = buf_get_u8(r) & FLAG_ANNOUNCE;
	p->prefix.len_bits = buf_get_u8(r);
	p->max_len = buf_get_u8(r);
	buf_get_u8(r);
	buf_get_copy(r, bytes, n);
	p->asn = buf_get_u32(r);
	if (addr_from_bytes(bytes, n, &p->prefix.addr) != 0 ||
	    p->prefix.len_bits > p->max_len || p->max_len > 8 * n) {
		*error = RTR_CORRUPT_DATA;
		return false;
	}
	prefix_mask(&p->prefix);
	return true;
}

static void
prefix_encode(struct wr *w, const struct rtr_pdu *p)
{
	buf_put_u8(w, p->is_announce ? FLAG_ANNOUNCE : 0);
	buf_put_u8(w, p->prefix.len_bits);
	buf_put_u8(w, p->max_len);
	buf_put_u8(w, 0);
	buf_put_bytes(w, p->prefix.addr.bytes,
	    p->type == RTR_IPV4_PREFIX ? 4 : 16);
	buf_put_u32(w, p->asn);
}

/* serial 4; from version 1 on refresh 4, retry 4, expire 4. RFC 8210 5.8 */
static bool
end_decode(struct rd *r, struct rtr_pdu *p, uint16_t *error)
{
	p->serial = buf_get_u32(r);
	if (buf_left(r) != (p->version == 0 ? 0 : 12)) {
		*error = RTR_CORRUPT_DATA;
		return false;
	}
	if (p->version == 0)
		return true;
	p->refresh_sec = buf_get_u32(r);
	p->retry_sec = buf_get_u32(r);
	p->expire_sec = buf_get_u32(r);
	return true;
}

static void
end_encode(struct wr *w, const struct rtr_pdu *p)
{
	buf_put_u32(w, p->serial);
	if (p->version == 0)
		return;
	buf_put_u32(w, p->refresh_sec);
	buf_put_u32(w, p->retry_sec);
	buf_put_u32(w, p->expire_sec);
}

/* SKI 20, AS 4, SPKI. RFC 8210 5.10; the flags are in the header. */
static bool
key_decode(struct rd *r, struct rtr_pdu *p, uint16_t *error)
{
	(void)error;
	p->key = *r;
	buf_get_bytes(r, SKI_LEN);
	p->asn = buf_get_u32(r);
	buf_get_bytes(r, buf_left(r));
	return true;
}

static void
key_encode(struct wr *w, const struct rtr_pdu *p)
{
	buf_put_bytes(w, p->key.pos, buf_left(&p->key));
}

/* PDU length 4, PDU, text length 4, text. RFC 8210 5.11 */
static bool
error_decode(struct rd *r, struct rtr_pdu *p, uint16_t *error)
{
	p->error_pdu = buf_get_sub(r, buf_get_u32(r));
	p->error_text = buf_get_sub(r, buf_get_u32(r));
	if (!r->is_short && buf_left(r) == 0)
		return true;
	*error = RTR_CORRUPT_DATA;
	return false;
}

static void
error_encode(struct wr *w, const struct rtr_pdu *p)
{
	buf_put_u32(w, (uint32_t)buf_left(&p->error_pdu));
	buf_put_bytes(w, p->error_pdu.pos, buf_left(&p->error_pdu));
	buf_put_u32(w, (uint32_t)buf_left(&p->error_text));
	buf_put_bytes(w, p->error_text.pos, buf_left(&p->error_text));
}

/*
 * customer 4, providers of 4 each; the flags are in the header. Announced
 * with one provider at least, withdrawn with none (older drafts: whatever).
 * draft-ietf-sidrops-8210bis 5.12
 */
static bool
aspa_decode(struct rd *r, struct rtr_pdu *p, uint16_t *error)
{
	struct rd all;

	p->asn = buf_get_u32(r);
	p->providers = all = *r;
	if (buf_left(r) % 4 != 0 || buf_left(r) / 4 > RTR_PROVIDERS_MAX) {
		*error = RTR_CORRUPT_DATA;
		return false;
	}
	*error = RTR_PROVIDER_LIST;
	if (p->is_announce && buf_left(r) == 0)
		return false;
	while (buf_left(&all) > 0)
		if (buf_get_u32(&all) == p->asn)
			return false;
	buf_get_bytes(r, buf_left(r));
	return true;
}

static void
aspa_encode(struct wr *w, const struct rtr_pdu *p)
{
	buf_put_u32(w, p->asn);
	buf_put_bytes(w, p->providers.pos, buf_left(&p->providers));
}

#define ANY	(RTR_PDU_MAX - RTR_HEADER_LEN)

static const struct rtr_row rtr_rows[] = {
	[RTR_SERIAL_NOTIFY] = { "Serial Notify", 0, 4, 4, serial_decode,
	    serial_encode },
	[RTR_SERIAL_QUERY] = { "Serial Query", 0, 4, 4, serial_decode,
	    serial_encode },
	[RTR_RESET_QUERY] = { "Reset Query", 0, 0, 0, none_decode,
	    none_encode },
	[RTR_CACHE_RESPONSE] = { "Cache Response", 0, 0, 0, none_decode,
	    none_encode },
	[RTR_IPV4_PREFIX] = { "IPv4 Prefix", 0, 12, 12, prefix_decode,
	    prefix_encode },
	[RTR_IPV6_PREFIX] = { "IPv6 Prefix", 0, 24, 24, prefix_decode,
	    prefix_encode },
	[RTR_END_OF_DATA] = { "End of Data", 0, 4, 16, end_decode,
	    end_encode },
	[RTR_CACHE_RESET] = { "Cache Reset", 0, 0, 0, none_decode,
	    none_encode },
	[RTR_ROUTER_KEY] = { "Router Key", 1, SKI_LEN + 4, ANY, key_decode,
	    key_encode },
	[RTR_ERROR_REPORT] = { "Error Report", 0, 8, ANY, error_decode,
	    error_encode },
	[RTR_ASPA] = { "ASPA", 2, 4, ANY, aspa_decode, aspa_encode },
};

#define N_ROWS	(sizeof(rtr_rows) / sizeof(rtr_rows[0]))

static const struct rtr_row *
rtr_row(uint8_t type)
{
	return type < N_ROWS && rtr_rows[type].name != NULL ?
	    &rtr_rows[type] : NULL;
}

/* version 1, type 1, session id, flags or code 2, length 4 */
int
rtr_header(struct rd r, struct rtr_header *out)
{
	out->version = buf_get_u8(&r);
	out->type = buf_get_u8(&r);
	out->session_id = buf_get_u16(&r);
	out->len = buf_get_u32(&r);
	if (r.is_short)
		return ERR_SHORT;
	return out->len < RTR_HEADER_LEN || out->len > RTR_PDU_MAX ?
	    ERR_RANGE : 0;
}

int
rtr_decode(struct rd r, struct rtr_pdu *out, uint16_t *error)
{
	size_t len = buf_left(&r);
	const struct rtr_row *row;
	struct rtr_header h;

	memset(out, 0, sizeof(*out));
	*error = RTR_CORRUPT_DATA;
	if (rtr_header(r, &h) != 0 || h.len != len)
		return ERR_PROTO;
	buf_get_bytes(&r, RTR_HEADER_LEN);
	row = rtr_row(h.type);
	if (h.version > RTR_VERSION_MAX) {
		*error = RTR_UNSUPPORTED_VERSION;
		return ERR_PROTO;
	}
	if (row == NULL || h.version < row->min_version) {
		*error = RTR_UNSUPPORTED_TYPE;
		return ERR_PROTO;
	}
	if (buf_left(&r) < row->min_len || buf_left(&r) > row->max_len)
		return ERR_PROTO;
	out->version = h.version;
	out->type = h.type;
	if (h.type == RTR_ERROR_REPORT)
		out->error = h.session_id;
	else if (h.type == RTR_ROUTER_KEY || h.type == RTR_ASPA)
		out->is_announce = h.session_id >> 8 & FLAG_ANNOUNCE;
	else
		out->session_id = h.session_id;
	if (!row->decode(&r, out, error))
		return ERR_PROTO;
	if (!r.is_short && buf_left(&r) == 0)
		return 0;
	*error = RTR_CORRUPT_DATA;
	return ERR_PROTO;
}

void
rtr_encode(struct wr *w, const struct rtr_pdu *p)
{
	const struct rtr_row *row = rtr_row(p->type);
	uint32_t head = p->session_id;
	size_t at = w->len;
	size_t len_at;

	if (row == NULL) {
		w->err = w->err != 0 ? w->err : ERR_RANGE;
		return;
	}
	if (p->type == RTR_ERROR_REPORT)
		head = p->error;
	else if (p->type == RTR_ROUTER_KEY || p->type == RTR_ASPA)
		head = p->is_announce ? FLAG_ANNOUNCE << 8 : 0;
	buf_put_u8(w, p->version);
	buf_put_u8(w, p->type);
	buf_put_u16(w, head);
	buf_put_u16(w, 0);
	len_at = w->len;
	buf_put_u16(w, 0);
	row->encode(w, p);
	if (w->err != 0)
		return;
	if (w->len - at > UINT16_MAX)
		w->err = ERR_RANGE;
	else
		buf_set_u16(w, len_at, (uint32_t)(w->len - at));
}

const char *
rtr_error_text(uint16_t error)
{
	static const char *const texts[] = {
		"Corrupt Data", "Internal Error", "No Data Available",
		"Invalid Request", "Unsupported Protocol Version",
		"Unsupported PDU Type", "Withdrawal of Unknown Record",
		"Duplicate Announcement Received",
		"Unexpected Protocol Version", "ASPA Provider List Error",
	};

	return error < sizeof(texts) / sizeof(texts[0]) ? texts[error] :
	    "unknown";
}

const char *
rtr_type_text(uint8_t type)
{
	const struct rtr_row *row = rtr_row(type);

	return row == NULL ? "unknown" : row->name;
}
