/* SPDX-License-Identifier: ISC */
/*
 * A decoded UPDATE in ExaBGP's words: JSON groups routes by family and next
 * hop, text has a line a route.
 */
#include "common/addr.h"
#include "common/emit.h"
#include "common/wire/update.h"

#include <stdio.h>
#include <string.h>

#define NEXTHOP_TEXT_MAX	ADDR_TEXT_MAX
#define N_RUNS			4
#define RDIST_LEN		8	/* zero, before a VPN next hop */

/* Runs of one kind, announced or withdrawn, with their next hops. */
struct runs {
	const struct update_run	*run[N_RUNS];
	const char		*nexthop[N_RUNS];
	unsigned		 n;
};

struct view {
	const struct update_context *ctx;
	struct runs	announced;
	struct runs	withdrawn;
	char		classic[NEXTHOP_TEXT_MAX];
	char		mp[NEXTHOP_TEXT_MAX];
};

char *
update_nexthop_text(const struct update_nexthop *nh, char *buf,
    size_t buf_len)
{
	struct rd r = buf_reader(nh->bytes, nh->len);
	const uint8_t *bytes;
	struct addr a;
	size_t len;

	snprintf(buf, buf_len, "no-nexthop");
	if (nh->len == 12 || nh->len == 24 || nh->len == 48)
		buf_get_bytes(&r, RDIST_LEN);
	len = nh->len == 4 || nh->len == 12 ? 4 : 16;
	bytes = buf_get_bytes(&r, len);
	if (bytes != NULL && addr_from_bytes(bytes, len, &a) == 0)
		addr_print(&a, buf, buf_len);
	return buf;
}

static void
add_run(struct runs *to, const struct update_run *run, const char *nexthop)
{
	if (!run->is_present || run->family == NULL ||
	    buf_left(&run->run) == 0)
		return;
	to->run[to->n] = run;
	to->nexthop[to->n++] = nexthop;
}

static void
make_view(const struct update *u, const struct update_context *ctx,
    struct view *v)
{
	struct runs *to;

	memset(v, 0, sizeof(*v));
	v->ctx = ctx;
	update_nexthop_text(&u->nexthop, v->classic, sizeof(v->classic));
	update_nexthop_text(&u->mp_nexthop, v->mp, sizeof(v->mp));
	to = u->verdict >= ATTR_WITHDRAW ? &v->withdrawn : &v->announced;
	add_run(to, &u->nlri, v->classic);
	add_run(to, &u->mp_reach, v->mp);
	add_run(&v->withdrawn, &u->withdrawn, NULL);
	add_run(&v->withdrawn, &u->mp_unreach, NULL);
}

static bool
next_nlri(const struct view *v, const struct runs *runs, unsigned i,
    struct rd *left, struct nlri *out)
{
	const struct nlri_family *f = runs->run[i]->family;
	bool has_path_id = (v->ctx->add_path_mask >> f->id & 1) != 0;

	if (buf_left(left) == 0 || nlri_next(f, has_path_id, left, out) != 0)
		return false;
	out->nexthop = runs->nexthop[i];
	return true;
}

static void
emit_run(const struct view *v, const struct runs *runs, unsigned i,
    enum nlri_json shape, struct emit *e)
{
	struct rd left = runs->run[i]->run;
	struct nlri n;

	while (next_nlri(v, runs, i, &left, &n)) {
		if (strcmp(n.nexthop == NULL ? "" : n.nexthop,
		    "no-nexthop") == 0)
			n.nexthop = NULL;
		nlri_emit(&n, shape, e);
	}
}

/* Whether run i is the first of its family, and of its next hop, too. */
static bool
is_first(const struct runs *runs, unsigned i, bool by_nexthop)
{
	unsigned k;

	for (k = 0; k < i; k++) {
		if (runs->run[k]->family == runs->run[i]->family &&
		    (!by_nexthop || strcmp(runs->nexthop[k],
		    runs->nexthop[i]) == 0))
			return false;
	}
	return true;
}

static void
emit_announced_family(const struct view *v, unsigned first,
    enum nlri_json shape, struct emit *e)
{
	const struct runs *runs = &v->announced;
	unsigned i, k;

	emit_key_object(e, runs->run[first]->family->name);
	for (i = first; i < runs->n; i++) {
		if (runs->run[i]->family != runs->run[first]->family ||
		    !is_first(runs, i, true))
			continue;
		emit_key_array(e, runs->nexthop[i]);
		for (k = i; k < runs->n; k++) {
			if (runs->run[k]->family == runs->run[i]->family &&
			    strcmp(runs->nexthop[k], runs->nexthop[i]) == 0)
				emit_run(v, runs, k, shape, e);
		}
		emit_end_array(e);
	}
	emit_end_object(e);
}

static void
emit_withdrawn_family(const struct view *v, unsigned first,
    enum nlri_json shape, struct emit *e)
{
	const struct runs *runs = &v->withdrawn;
	unsigned i;

	emit_key_array(e, runs->run[first]->family->name);
	for (i = first; i < runs->n; i++) {
		if (runs->run[i]->family == runs->run[first]->family)
			emit_run(v, runs, i, shape, e);
	}
	emit_end_array(e);
}

/*
 * An empty AS_PATH is not shown. Compat: the next hop is, where routes are
 * withdrawn and none is announced.
 */
static void
emit_attributes(const struct update *u, const struct view *v,
    enum nlri_json shape, struct emit *e)
{
	bool has_nexthop = u->nexthop.len != 0 && v->announced.n == 0 &&
	    v->withdrawn.n != 0;

	if (buf_left(&u->attrs) == 0 && !has_nexthop)
		return;
	emit_key_object(e, "attribute");
	if (has_nexthop)
		emit_key_string(e, "next-hop", v->classic);
	attr_emit_block(u->attrs, shape & NLRI_JSON_V6 ? ATTR_JSON_V6 :
	    ATTR_JSON_V4, e);
	emit_end_object(e);
}

static void
emit_eor(const struct nlri_family *f, struct emit *e)
{
	char afi[16], safi[16];

	emit_key_object(e, "eor");
	emit_key_string(e, "afi", nlri_afi_name(f->afi, afi, sizeof(afi)));
	emit_key_string(e, "safi", nlri_safi_name(f->safi, safi,
	    sizeof(safi)));
	emit_end_object(e);
}

void
update_emit(const struct update *u, const struct update_context *ctx,
    enum nlri_json shape, struct emit *e)
{
	struct view v;
	unsigned i;

	if (u->eor != NULL) {
		emit_eor(u->eor, e);
		return;
	}
	make_view(u, ctx, &v);
	emit_key_object(e, "update");
	emit_attributes(u, &v, shape, e);
	if (v.announced.n > 0)
		emit_key_object(e, "announce");
	for (i = 0; i < v.announced.n; i++) {
		if (is_first(&v.announced, i, false))
			emit_announced_family(&v, i, shape, e);
	}
	if (v.announced.n > 0)
		emit_end_object(e);
	if (v.withdrawn.n > 0)
		emit_key_object(e, "withdraw");
	for (i = 0; i < v.withdrawn.n; i++) {
		if (is_first(&v.withdrawn, i, false))
			emit_withdrawn_family(&v, i, shape, e);
	}
	if (v.withdrawn.n > 0)
		emit_end_object(e);
	emit_end_object(e);
}

static void
text_runs(const struct update *u, const struct view *v, bool is_announced,
    const char *line_prefix, struct wr *out)
{
	const struct runs *runs = is_announced ? &v->announced :
	    &v->withdrawn;
	struct rd left;
	struct nlri n;
	unsigned i;

	for (i = 0; i < runs->n; i++) {
		left = runs->run[i]->run;
		while (next_nlri(v, runs, i, &left, &n)) {
			buf_put_format(out, "%s %s ", line_prefix,
			    is_announced ? "announced" : "withdrawn");
			nlri_text(&n, out);
			if (is_announced &&
			    strcmp(n.nexthop, "no-nexthop") != 0)
				buf_put_format(out, " next-hop %s",
				    n.nexthop);
			if (is_announced)
				attr_text_block(u->attrs, out);
			buf_put_text(out, "\n");
		}
	}
}

void
update_text(const struct update *u, const struct update_context *ctx,
    const char *line_prefix, struct wr *out)
{
	struct view v;

	if (u->eor != NULL) {
		buf_put_format(out, "%s route eor %u/%u (%s)\n", line_prefix,
		    u->eor->afi, u->eor->safi, u->eor->name);
		return;
	}
	make_view(u, ctx, &v);
	text_runs(u, &v, true, line_prefix, out);
	text_runs(u, &v, false, line_prefix, out);
}
