/* SPDX-License-Identifier: ISC */
/* bgpd.conf: BMP stations. */
#include "parent/conf_bgpd.h"

#include "common/arena.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define COUNT(a)	(sizeof(a) / sizeof((a)[0]))
#define BMP_PORT	1790		/* what collectors listen on */
#define BMPS_MAX	16
#define NAME_MAX_LEN	63
#define STATISTICS_MAX	86400
#define BUFFER_DEFAULT	(16u << 20)
#define BUFFER_MIN	(64u << 10)
#define BUFFER_MAX	(1u << 30)

static const struct { const char *word; uint8_t bit; } monitor_words[] = {
	{ "adj-rib-out", CONF_BMP_ADJ_RIB_OUT },
	{ "loc-rib", CONF_BMP_LOC_RIB },
	{ "post-policy", CONF_BMP_POST_POLICY },
	{ "pre-policy", CONF_BMP_PRE_POLICY },
};

/* address A [port N] */
static bool
bmp_address(struct bgpd_parser *p)
{
	return bgpd_addr(p, &p->bmp->addr) &&
	    (!bgpd_take(p, "port") || bgpd_port(p, &p->bmp->port));
}

static bool
bmp_local_address(struct bgpd_parser *p)
{
	return bgpd_addr(p, &p->bmp->local_address);
}

static bool
bmp_monitor_word(struct bgpd_parser *p)
{
	size_t i;

	for (i = 0; i < COUNT(monitor_words); i++) {
		if (!bgpd_take(p, monitor_words[i].word))
			continue;
		p->bmp->monitor |= monitor_words[i].bit;
		return true;
	}
	return bgpd_expected(p, "pre-policy, post-policy, "
	    "adj-rib-out or loc-rib");
}

/* One or several with commas between; a second line adds to the first. */
static bool
bmp_monitor(struct bgpd_parser *p)
{
	do {
		if (!bmp_monitor_word(p))
			return false;
	} while (bgpd_take_char(p, ','));
	return true;
}

static bool
bmp_statistics(struct bgpd_parser *p)
{
	int64_t n = 0;

	if (!bgpd_number(p, 0, STATISTICS_MAX, "seconds", &n))
		return false;
	p->bmp->statistics_sec = (uint32_t)n;
	return true;
}

/* Bytes, with K, M or G behind them if wanted. */
static bool
bmp_buffer(struct bgpd_parser *p)
{
	static const char units[] = "KMG";
	const char *unit;
	unsigned long long n;
	char *end;

	if (p->token.kind != LEX_STRING && p->token.kind != LEX_NUMBER)
		return bgpd_expected(p, "a number of bytes");
	errno = 0;
	n = strtoull(p->token.text, &end, 10);
	if (end == p->token.text || p->token.text[0] == '-' || errno != 0)
		return bgpd_expected(p, "a number of bytes");
	if (*end != '\0') {
		unit = strchr(units, *end);
		if (unit == NULL || end[1] != '\0')
			return bgpd_expected(p, "a number of bytes");
		n = n > BUFFER_MAX ? n : n << 10 * (unit - units + 1);
	}
	if (n < BUFFER_MIN || n > BUFFER_MAX)
		return bgpd_fail(p, "buffer is not 64K to 1G");
	p->bmp->buffer = (uint32_t)n;
	bgpd_next(p);
	return true;
}

static bool
bmp_check(struct bgpd_parser *p, const struct conf_bmp *b)
{
	if (b->addr.family == ADDR_NONE)
		return bgpd_fail(p, "bmp \"%s\" has no address", b->name);
	if (b->local_address.family != ADDR_NONE &&
	    b->local_address.family != b->addr.family)
		return bgpd_fail(p, "local-address of bmp \"%s\" is of "
		    "another family than the station", b->name);
	return true;
}

/* bmp "name" { } */
bool
bgpd_parse_bmp(struct bgpd_parser *p)
{
	static const struct bgpd_row rows[] = {
		{ "address", bmp_address },
		{ "buffer", bmp_buffer },
		{ "local-address", bmp_local_address },
		{ "monitor", bmp_monitor },
		{ "statistics", bmp_statistics },
	};
	struct config *c = p->config;
	struct conf_bmp bmp = {
		.port = BMP_PORT, .buffer = BUFFER_DEFAULT,
	}, *slot;
	bool is_good;

	if (p->token.kind == LEX_STRING &&
	    config_bmp(c, p->token.text) != NULL)
		return bgpd_fail(p, "bmp \"%s\" is there already",
		    p->token.text);
	if (c->n_bmps >= BMPS_MAX)
		return bgpd_fail(p, "too many bmp");
	if (!bgpd_string(p, NAME_MAX_LEN, "the name of the station",
	    &bmp.name))
		return false;
	if (!bgpd_take_char(p, '{'))
		return bgpd_expected(p, "\"{\"");
	p->bmp = &bmp;
	is_good = bgpd_block(p, rows, COUNT(rows), "an option of bmp") &&
	    bmp_check(p, &bmp);
	p->bmp = NULL;
	if (!is_good)
		return false;
	if (bmp.monitor == 0)
		bmp.monitor = CONF_BMP_PRE_POLICY;
	slot = arena_append(c->arena, &c->bmps, &c->n_bmps, sizeof(*slot));
	*slot = bmp;
	return true;
}
