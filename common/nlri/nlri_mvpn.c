/* SPDX-License-Identifier: ISC */
/*
 * Multicast VPN routes: type 1, length 1, route distinguisher 8, then
 * (RFC 6514 4.5, 4.6) for type 5: source and group, for 6 and 7: source AS
 * 4, source and group; each address behind its length in bits 1.
 */
#include "common/nlri/families.h"

#include "common/addr.h"
#include "common/emit.h"
#include "common/err.h"
#include "common/nlri/rdist.h"

enum {
	MVPN_SOURCE_ACTIVE = 5,
	MVPN_SHARED_JOIN = 6,
	MVPN_SOURCE_JOIN = 7,
};

struct mvpn {
	uint8_t		type;
	char		rdist[RDIST_TEXT_MAX];
	uint32_t	source_as;
	struct addr	source, group;
};

static const char *const names[] = {
	[MVPN_SOURCE_ACTIVE] = "Source Active A-D Route",
	[MVPN_SHARED_JOIN] = "C-Multicast Shared Tree Join route",
	[MVPN_SOURCE_JOIN] = "C-Multicast Source Tree Join route",
};

static const char *const words[] = {
	[MVPN_SOURCE_ACTIVE] = "source-ad",
	[MVPN_SHARED_JOIN] = "shared-join",
	[MVPN_SOURCE_JOIN] = "source-join",
};

static int
get_ip(struct rd *r, struct addr *out)
{
	unsigned bits = buf_get_u8(r);
	const uint8_t *bytes;

	if (bits != 32 && bits != 128)
		return ERR_RANGE;
	bytes = buf_get_bytes(r, bits / 8);
	return bytes == NULL ? ERR_SHORT :
	    addr_from_bytes(bytes, bits / 8, out);
}

static int
parse(const struct nlri *n, struct mvpn *out)
{
	struct rd r = buf_reader(n->bytes, n->len);

	*out = (struct mvpn){ .type = buf_get_u8(&r) };
	buf_get_u8(&r);
	if (out->type < MVPN_SOURCE_ACTIVE || out->type > MVPN_SOURCE_JOIN)
		return ERR_UNKNOWN;
	rdist_print(&r, out->rdist, sizeof(out->rdist));
	if (out->type != MVPN_SOURCE_ACTIVE)
		out->source_as = buf_get_u32(&r);
	if (get_ip(&r, &out->source) != 0 || get_ip(&r, &out->group) != 0)
		return ERR_RANGE;
	return buf_left(&r) > 0 ? ERR_TRAILING : 0;
}

void
nlri_mvpn_emit(const struct nlri *n, enum nlri_json shape, struct emit *e)
{
	char text[ADDR_TEXT_MAX];
	struct mvpn v;
	bool is_parsed = parse(n, &v) == 0;

	(void)shape;
	emit_key_number(e, "code", v.type);
	emit_key_boolean(e, "parsed", is_parsed);
	emit_key(e, "raw");
	emit_hex(e, NULL, n->bytes, n->len);
	nlri_inet_emit_path(n, e);
	if (!is_parsed)
		return;
	emit_key_string(e, "name", names[v.type]);
	emit_key_string(e, "rd", v.rdist);
	if (v.type != MVPN_SOURCE_ACTIVE) {
		emit_key(e, "source-as");
		emit_format(e, "%u", v.source_as);
	}
	emit_key_string(e, "source",
	    addr_print(&v.source, text, sizeof(text)));
	emit_key_string(e, "group", addr_print(&v.group, text, sizeof(text)));
}

void
nlri_mvpn_text(const struct nlri *n, struct wr *out)
{
	char source[ADDR_TEXT_MAX], group[ADDR_TEXT_MAX];
	struct mvpn v;

	if (parse(n, &v) != 0) {
		nlri_opaque_text(n, out);
		return;
	}
	addr_print(&v.source, source, sizeof(source));
	addr_print(&v.group, group, sizeof(group));
	buf_put_format(out, "%s %s %s group %s rd %s", words[v.type],
	    v.type == MVPN_SHARED_JOIN ? "rp" : "source", source, group,
	    v.rdist);
	if (v.type != MVPN_SOURCE_ACTIVE)
		buf_put_format(out, " source-as %u", v.source_as);
	nlri_inet_text_path(n, out);
}
