/* SPDX-License-Identifier: ISC */
/* bgpd.conf: MRT dumps, of the daemon or of a neighbor or group. */
#include "parent/conf_bgpd.h"

#include "common/arena.h"

#include <string.h>

#define RIB_MAX		63
#define PATH_LEN_MAX	511

/* all|updates in|out, or (not in a neighbor) table... */
static bool
dump_kind(struct bgpd_parser *p, uint8_t *kind)
{
	bool is_all = bgpd_is(p, "all");

	if (bgpd_take(p, "all") || bgpd_take(p, "updates")) {
		if (bgpd_take(p, "in"))
			*kind = is_all ? DUMP_ALL_IN : DUMP_UPDATES_IN;
		else if (bgpd_take(p, "out"))
			*kind = is_all ? DUMP_ALL_OUT : DUMP_UPDATES_OUT;
		else
			return bgpd_expected(p, "in or out");
		return true;
	}
	if (p->peer != NULL)
		return bgpd_expected(p, "all or updates");
	if (bgpd_take(p, "table"))
		*kind = DUMP_TABLE;
	else if (bgpd_take(p, "table-mp"))
		*kind = DUMP_TABLE_MP;
	else if (bgpd_take(p, "table-v2"))
		*kind = DUMP_TABLE_V2;
	else
		return bgpd_expected(p,
		    "rib, table-v2, table-mp, table, all or updates");
	return true;
}

static bool
dump_is_there(const struct conf_dump *dumps, size_t n,
    const struct conf_dump *d)
{
	size_t i;

	for (i = 0; i < n; i++)
		if (dumps[i].kind == d->kind &&
		    (dumps[i].rib == NULL) == (d->rib == NULL) &&
		    (d->rib == NULL || strcmp(dumps[i].rib, d->rib) == 0))
			return true;
	return false;
}

bool
bgpd_parse_dump(struct bgpd_parser *p)
{
	struct conf_dump **dumps = p->peer == NULL ? &p->config->dumps :
	    &p->peer->conf->dumps, d = { 0 }, *slot;
	size_t *n_dumps = p->peer == NULL ? &p->config->n_dumps :
	    &p->peer->conf->n_dumps;
	int64_t n = 0;

	if (p->peer == NULL && bgpd_take(p, "rib") &&
	    !bgpd_string(p, RIB_MAX, "the name of a rib", &d.rib))
		return false;
	if (d.rib != NULL && !bgpd_has_rib(p->config, d.rib))
		return bgpd_fail(p, "rib \"%s\" is not defined", d.rib);
	if (!dump_kind(p, &d.kind) ||
	    !bgpd_string(p, PATH_LEN_MAX, "the name of a file", &d.path))
		return false;
	if (!bgpd_is_end_of_statement(p) &&
	    !bgpd_number(p, 0, INT32_MAX, "seconds", &n))
		return false;
	d.interval_sec = (uint32_t)n;
	if (dump_is_there(*dumps, *n_dumps, &d))
		return bgpd_fail(p, "there is such a dump already");
	if (d.kind == DUMP_TABLE || d.kind == DUMP_TABLE_MP)
		bgpd_warn(p, "dump: the table is written as table-v2");
	slot = arena_append(p->config->arena, dumps, n_dumps, sizeof(*slot));
	*slot = d;
	return true;
}
