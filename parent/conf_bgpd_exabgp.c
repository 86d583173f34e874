/* SPDX-License-Identifier: ISC */
/*
 * bgpd.conf: what `bgpd -nv` prints of a model that was read from ExaBGP's
 * language (common/config_print.h).
 */
#include "parent/conf_bgpd_peer.h"

#include "common/arena.h"
#include "common/config_extra.h"
#include "common/err.h"
#include "common/nlri/nlri.h"
#include "common/route.h"

#include <string.h>

#define HEX_MAX		(TEXT_BYTES_MAX * 2 + 2)
#define FLAGS_MAX	63

static int
hex_digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* 0xHEX. Empty is 0x. */
static bool
take_hex(struct bgpd_parser *p, struct conf_blob *out)
{
	const char *s = p->token.text;
	size_t n = strlen(s), i;

	if ((p->token.kind != LEX_STRING && p->token.kind != LEX_NUMBER) ||
	    n < 2 || n % 2 != 0 || strncmp(s, "0x", 2) != 0)
		return bgpd_expected(p, "bytes in hexadecimal");
	out->len = (uint32_t)(n / 2 - 1);
	out->bytes = arena_alloc(p->config->arena, out->len + 1);
	for (i = 0; i < out->len; i++) {
		if (hex_digit(s[2 * i + 2]) < 0 || hex_digit(s[2 * i + 3]) < 0)
			return bgpd_expected(p, "bytes in hexadecimal");
		out->bytes[i] = (uint8_t)(hex_digit(s[2 * i + 2]) << 4 |
		    hex_digit(s[2 * i + 3]));
	}
	bgpd_next(p);
	return true;
}

/* One "field value". */
static bool
take_field(struct bgpd_parser *p, const struct config_extra *e, void *base,
    const struct conf_field *field)
{
	bgpd_next(p);
	(void)e;
	if ((p->token.kind != LEX_STRING && p->token.kind != LEX_NUMBER) ||
	    config_extra_set(p->config->arena, base, field,
	    p->token.text) != 0)
		return bgpd_expected(p, "a value of the field");
	bgpd_next(p);
	return true;
}

/* family "ipv4 mup" [enforce] [add-path n] [limit n] [nexthop] */
static bool
take_family(struct bgpd_parser *p)
{
	struct conf_peer *c = p->peer->conf;
	const struct nlri_family *row = NULL;
	struct conf_family *f = NULL;
	int64_t add_path = 0, limit = 0;
	bool is_enforced;
	unsigned id;
	size_t i;

	for (id = 0; id < NLRI_N_FAMILIES && row == NULL; id++)
		if (strcmp(nlri_by_id(id)->name, p->token.text) == 0)
			row = nlri_by_id(id);
	if (row == NULL)
		return bgpd_expected(p, "the name of a family");
	bgpd_next(p);
	is_enforced = bgpd_take(p, "enforce");
	bgpd_peer_add_family(p, row->afi, row->safi, is_enforced);
	if (bgpd_take(p, "add-path") &&
	    !bgpd_number(p, 0, ADD_PATH_BOTH, "add-path", &add_path))
		return false;
	if (bgpd_take(p, "limit") &&
	    !bgpd_number(p, 0, UINT16_MAX, "a limit", &limit))
		return false;
	for (i = 0; i < c->n_families; i++)
		if (c->families[i].afi == row->afi &&
		    c->families[i].safi == row->safi)
			f = &c->families[i];
	f->add_path = (uint8_t)add_path;
	f->paths_limit = (uint16_t)limit;
	f->extended_nexthop = bgpd_take(p, "nexthop");
	return true;
}

static bool
take_operational(struct bgpd_parser *p)
{
	struct conf_peer *c = p->peer->conf;
	struct conf_blob bytes, *slot;

	if (!take_hex(p, &bytes))
		return false;
	slot = arena_append(p->config->arena, &c->operational_messages,
	    &c->n_operational_messages, sizeof(*slot));
	*slot = bytes;
	return true;
}

static bool
take_one(struct bgpd_parser *p)
{
	struct config *c = p->config;
	const struct config_extra *e = p->peer == NULL ?
	    &config_extra_global : &config_extra_peer;
	void *base = p->peer == NULL ? (void *)c : (void *)p->peer->conf;
	const struct conf_field *field = NULL;

	if (p->token.kind == LEX_STRING && !p->token.is_quoted)
		field = config_extra_find(e, p->token.text);
	if (field == NULL && p->peer == NULL && p->token.kind == LEX_STRING) {
		e = &config_extra_environment;
		base = &c->environment;
		field = config_extra_find(e, p->token.text);
	}
	if (field != NULL)
		return take_field(p, e, base, field);
	if (p->peer != NULL && bgpd_take(p, "family"))
		return take_family(p);
	if (p->peer != NULL && bgpd_take(p, "operational"))
		return take_operational(p);
	return bgpd_expected(p, "a field of exabgp");
}

bool
bgpd_parse_exabgp(struct bgpd_parser *p)
{
	if (!bgpd_take_char(p, '{'))
		return bgpd_expected(p, "\"{\"");
	while (bgpd_list_goes_on(p))
		if (!take_one(p))
			return false;
	return true;
}

static bool
raw_is_sound(const struct conf_route *r)
{
	const struct nlri_family *family = nlri_find(r->afi, r->safi);
	struct rd run = buf_reader(r->nlri.bytes, r->nlri.len);
	struct nlri nlri;

	if (family == NULL || r->nexthop.len > UPDATE_NEXTHOP_MAX)
		return false;
	if (r->flags & ROUTE_NO_NLRI)
		return r->nlri.len == 0;
	return nlri_next(family, false, &run, &nlri) == 0 &&
	    buf_left(&run) == 0;
}

bool
bgpd_parse_raw_route(struct bgpd_parser *p, struct conf_route *r)
{
	int64_t afi = 0, safi = 0, flags = 0, path_id = 0;

	if (!bgpd_number(p, 0, UINT16_MAX, "an AFI", &afi) ||
	    !bgpd_number(p, 0, UINT8_MAX, "a SAFI", &safi))
		return false;
	if (bgpd_take(p, "flags") &&
	    !bgpd_number(p, 0, FLAGS_MAX, "flags", &flags))
		return false;
	if (bgpd_take(p, "path-id") &&
	    !bgpd_number(p, 0, UINT32_MAX, "a path id", &path_id))
		return false;
	if (bgpd_take(p, "nlri") && !take_hex(p, &r->nlri))
		return false;
	if (bgpd_take(p, "nexthop") && !take_hex(p, &r->nexthop))
		return false;
	if (bgpd_take(p, "attributes") && !take_hex(p, &r->attrs))
		return false;
	if (bgpd_take(p, "watchdog") &&
	    !bgpd_string(p, 255, "a watchdog", &r->watchdog))
		return false;
	if (bgpd_take(p, "name") && !bgpd_string(p, 255, "a name", &r->name))
		return false;
	r->afi = (uint16_t)afi;
	r->safi = (uint8_t)safi;
	r->flags = (uint16_t)flags & (uint16_t)~ROUTE_FROM_NETWORK;
	r->path_id = (uint32_t)path_id;
	return raw_is_sound(r) || bgpd_fail(p, "these bytes are no route");
}
