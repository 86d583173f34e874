/* SPDX-License-Identifier: ISC */
/*
 * bgpd.conf: values of communities. RFC 1997, RFC 4360, RFC 8092.
 *
 * Of an extended community, part[0] and part[1] are what stands before and
 * behind the colon; ext_value is both as on the wire where they are numbers.
 */
#include "parent/conf_bgpd.h"

#include "common/extname.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define WELLKNOWN	0xffff
#define OPAQUE_MAX	UINT64_C(0xffffffffffff)

static const struct { const char *name; uint16_t low; } well_known[] = {
	{ "GRACEFUL_SHUTDOWN", 0 },		/* RFC 8326 */
	{ "BLACKHOLE", 666 },			/* RFC 7999 */
	{ "NO_EXPORT", 0xff01 },
	{ "NO_ADVERTISE", 0xff02 },
	{ "NO_EXPORT_SUBCONFED", 0xff03 },
	{ "NO_PEER", 0xff04 },			/* RFC 3765 */
};

static const struct { const char *name; uint64_t value; } ovs_names[] = {
	{ "valid", 0 }, { "not-found", 1 }, { "invalid", 2 },
};

static bool
to_number(const char *s, size_t len, uint64_t max, uint64_t *out)
{
	uint64_t v = 0;
	size_t i;

	for (i = 0; i < len; i++) {
		if (s[i] < '0' || s[i] > '9' || v > max)
			return false;
		v = v * 10 + (uint64_t)(s[i] - '0');
	}
	*out = v;
	return len > 0 && v <= max;
}

/* One part between colons: a number or one of the words. */
static bool
to_part(const char *s, size_t len, uint64_t max, struct conf_community *c,
    unsigned i)
{
	static const struct { const char *word; uint8_t field; } words[] = {
		{ "*", COMMUNITY_ANY }, { "neighbor-as", COMMUNITY_NEIGHBOR_AS },
		{ "local-as", COMMUNITY_LOCAL_AS },
	};
	uint64_t v;
	size_t k;

	for (k = 0; k < sizeof(words) / sizeof(words[0]); k++) {
		if (strlen(words[k].word) == len &&
		    memcmp(words[k].word, s, len) == 0) {
			c->field[i] = words[k].field;
			return true;
		}
	}
	if (!to_number(s, len, max, &v))
		return false;
	c->part[i] = (uint32_t)v;
	return true;
}

/* "a:b" or "a:b:c" into parts that go up to max. */
static bool
to_parts(const char *s, unsigned n, uint64_t max, struct conf_community *c)
{
	const char *colon;
	unsigned i;

	for (i = 0; i + 1 < n; i++) {
		colon = strchr(s, ':');
		if (colon == NULL ||
		    !to_part(s, (size_t)(colon - s), max, c, i))
			return false;
		s = colon + 1;
	}
	return to_part(s, strlen(s), max, c, i);
}

static bool
community_standard(const char *s, struct conf_community *c)
{
	size_t i;

	for (i = 0; i < sizeof(well_known) / sizeof(well_known[0]); i++) {
		if (strcasecmp(well_known[i].name, s) == 0) {
			c->part[0] = WELLKNOWN;
			c->part[1] = well_known[i].low;
			return true;
		}
	}
	return to_parts(s, 2, UINT16_MAX, c);
}

/* "65001", "1.10" or an address before the colon: which type is it? */
static bool
ext_global(const char *s, size_t len, struct conf_community *c, uint8_t *type)
{
	char text[32];
	struct addr a;
	char *dot;
	uint64_t high, low;

	*type = EXTNAME_TWO_AS;
	if (len >= sizeof(text))
		return false;
	memcpy(text, s, len);
	text[len] = '\0';
	if (addr_parse(text, &a) == 0 && a.family == ADDR_IPV4) {
		*type = EXTNAME_IPV4;
		c->part[0] = addr_to_ipv4(&a);
		return true;
	}
	dot = strchr(text, '.');
	if (dot != NULL) {
		*type = EXTNAME_FOUR_AS;
		if (!to_number(text, (size_t)(dot - text), UINT16_MAX, &high) ||
		    !to_number(dot + 1, strlen(dot + 1), UINT16_MAX, &low))
			return false;
		c->part[0] = (uint32_t)(high << 16 | low);
		return true;
	}
	if (!to_part(text, len, UINT32_MAX, c, 0) ||
	    c->field[0] == COMMUNITY_ANY)
		return false;
	if (c->part[0] > UINT16_MAX)
		*type = EXTNAME_FOUR_AS;
	return true;
}

/* global:local */
static bool
ext_pair(const char *s, const struct extname *name, struct conf_community *c)
{
	const char *colon = strchr(s, ':');
	uint8_t type;

	if (colon == NULL || !ext_global(s, (size_t)(colon - s), c, &type))
		return false;
	if (name->type >= EXTNAME_GENERIC)
		type |= EXTNAME_GENERIC;
	if (!to_part(colon + 1, strlen(colon + 1),
	    (type & 0x3f) == EXTNAME_TWO_AS ? UINT32_MAX : UINT16_MAX, c, 1))
		return false;
	c->ext_type = (uint16_t)(type << 8 | name->subtype);
	c->ext_value = (type & 0x3f) == EXTNAME_TWO_AS ?
	    (uint64_t)(c->part[0] & UINT16_MAX) << 32 | c->part[1] :
	    (uint64_t)c->part[0] << 16 | c->part[1];
	return extname_find(type, name->subtype) != NULL;
}

static bool
ext_opaque(const char *s, const struct extname *name, struct conf_community *c)
{
	char *end;
	size_t i;

	c->ext_type = (uint16_t)(name->type << 8 | name->subtype);
	if (name->type == EXTNAME_OVS) {
		for (i = 0; i < 3; i++) {
			if (strcmp(ovs_names[i].name, s) == 0) {
				c->ext_value = ovs_names[i].value;
				return true;
			}
		}
		return false;
	}
	if (*s < '0' || *s > '9')
		return false;
	c->ext_value = strtoull(s, &end, 0);
	return *end == '\0' && c->ext_value <= OPAQUE_MAX;
}

/* SUBTYPE VALUE */
static bool
community_extended(struct bgpd_parser *p, struct conf_community *c)
{
	const struct extname *name = extname_by_name(p->token.text);
	bool is_any = strcmp(p->token.text, "*") == 0, is_good;
	const char *s;

	if (p->token.kind != LEX_STRING || (name == NULL && !is_any))
		return bgpd_expected(p, "a kind of extended community");
	bgpd_next(p);
	s = p->token.text;
	if (p->token.kind != LEX_STRING && p->token.kind != LEX_NUMBER)
		return bgpd_expected(p, "a value of the community");
	c->ext_is_any = strcmp(s, "*") == 0;
	if (is_any) {
		c->field[2] = COMMUNITY_ANY;
		if (!c->ext_is_any)
			return bgpd_expected(p, "\"*\"");
	} else if (c->ext_is_any) {
		c->ext_type = (uint16_t)(extname_is_one_type(name) ?
		    name->type << 8 | name->subtype :
		    EXTNAME_ANY << 8 | name->subtype);
	} else {
		is_good = extname_is_opaque(name->type) ?
		    ext_opaque(s, name, c) : ext_pair(s, name, c);
		if (!is_good)
			return bgpd_expected(p, "a value of the community");
	}
	bgpd_next(p);
	return true;
}

bool
bgpd_community(struct bgpd_parser *p, uint8_t kind, bool is_match,
    struct conf_community *c)
{
	const struct lex_token first = p->token;
	bool is_good;

	memset(c, 0, sizeof(*c));
	c->kind = kind;
	if (kind == COMMUNITY_EXTENDED) {
		if (!community_extended(p, c))
			return false;
	} else {
		if (p->token.kind != LEX_STRING)
			return bgpd_expected(p, "a community");
		is_good = kind == COMMUNITY_STANDARD ?
		    community_standard(p->token.text, c) :
		    to_parts(p->token.text, 3, UINT32_MAX, c);
		if (!is_good)
			return bgpd_expected(p, "a community");
		bgpd_next(p);
	}
	if (!is_match && (c->ext_is_any || c->field[0] == COMMUNITY_ANY ||
	    c->field[1] == COMMUNITY_ANY || c->field[2] == COMMUNITY_ANY))
		return bgpd_fail_at(p, &first,
		    "\"*\" cannot be set as a community");
	return true;
}
