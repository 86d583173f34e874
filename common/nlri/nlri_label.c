/* SPDX-License-Identifier: ISC */
/*
 * Labelled unicast and VPN routes, IPv4 and IPv6. RFC 8277 2, RFC 4364 4.3.
 *
 *   length in bits 1 | labels 3 each, the last with the bottom bit |
 *   (route distinguisher 8) | prefix
 *
 * A withdrawal may carry 0x800000 or 0x000000 as its only label.
 */
#include "common/nlri/families.h"

#include "common/addr.h"
#include "common/bgp.h"
#include "common/emit.h"
#include "common/err.h"
#include "common/nlri/rdist.h"

#define LABEL_BITS		24
#define LABEL_BOTTOM		0x000001
#define LABEL_WITHDRAWN		0x800000
#define LABEL_NONE		0x000000

struct label_parts {
	struct rd	labels;
	struct rd	rdist;		/* empty when the family has none */
	struct prefix	prefix;
};

static bool
is_last_label(uint32_t label)
{
	return (label & LABEL_BOTTOM) != 0 || label == LABEL_WITHDRAWN ||
	    label == LABEL_NONE;
}

static bool
has_rdist(const struct nlri_family *f)
{
	return f->safi == SAFI_MPLS_VPN;
}

/* Split what begins at the length byte; 0 or an error. */
static int
split(struct rd *r, const struct nlri_family *f, struct label_parts *out)
{
	struct rd start;
	unsigned left = buf_get_u8(r);
	uint32_t label = LABEL_BOTTOM;
	size_t n = 0;

	start = *r;
	do {
		if (left < LABEL_BITS)
			return ERR_RANGE;
		left -= LABEL_BITS;
		label = buf_get_u24(r);
		n += LABEL_BITS / 8;
	} while (!r->is_short && !is_last_label(label));
	out->labels = buf_get_sub(&start, n);
	out->rdist = buf_reader(NULL, 0);
	if (has_rdist(f)) {
		if (left < RDIST_LEN * 8)
			return ERR_RANGE;
		left -= RDIST_LEN * 8;
		out->rdist = buf_get_sub(r, RDIST_LEN);
	}
	return nlri_inet_get_prefix(r, f->afi, left, &out->prefix);
}

int
nlri_label_cut(struct rd *run, struct nlri *out)
{
	struct rd start = *run;
	struct label_parts parts;
	int err;

	err = split(run, out->family, &parts);
	if (err != 0)
		return err;
	return nlri_opaque_span(start, run, out);
}

static int
split_nlri(const struct nlri *n, struct label_parts *out)
{
	struct rd r = buf_reader(n->bytes, n->len);

	return split(&r, n->family, out);
}

/* The route distinguisher and the prefix: labels change freely. */
void
nlri_label_key(const struct nlri *n, struct wr *key)
{
	struct label_parts parts;

	if (split_nlri(n, &parts) != 0)
		return;
	prefix_mask(&parts.prefix);
	buf_put_bytes(key, parts.rdist.pos, buf_left(&parts.rdist));
	nlri_put_prefix(&parts.prefix, key);
}

void
nlri_label_emit(const struct nlri *n, enum nlri_json shape, struct emit *e)
{
	char text[PREFIX_TEXT_MAX];
	struct label_parts parts;
	uint32_t label;

	(void)shape;
	if (split_nlri(n, &parts) != 0)
		return;
	prefix_mask(&parts.prefix);
	emit_key_string(e, "nlri",
	    prefix_print(&parts.prefix, text, sizeof(text)));
	nlri_inet_emit_path(n, e);
	emit_key_array(e, "label");
	while (buf_left(&parts.labels) > 0) {
		label = buf_get_u24(&parts.labels);
		emit_begin_array(e);
		emit_number(e, label >> 4);
		if (label != 0)
			emit_number(e, label);
		emit_end_array(e);
	}
	emit_end_array(e);
	if (buf_left(&parts.rdist) > 0)
		emit_key_string(e, "rd",
		    rdist_print(&parts.rdist, text, sizeof(text)));
}

static void
text_labels(struct rd labels, struct wr *out)
{
	bool is_many = buf_left(&labels) > LABEL_BITS / 8;
	uint32_t label;

	buf_put_text(out, is_many ? " label [" : " label");
	while (buf_left(&labels) > 0) {
		label = buf_get_u24(&labels);
		buf_put_format(out, " %u", label >> 4);
		if (label != 0)
			buf_put_format(out, " (%u)", label);
	}
	if (is_many)
		buf_put_text(out, " ]");
}

void
nlri_label_text(const struct nlri *n, struct wr *out)
{
	char text[PREFIX_TEXT_MAX];
	struct label_parts parts;

	if (split_nlri(n, &parts) != 0)
		return;
	prefix_mask(&parts.prefix);
	buf_put_text(out, prefix_print(&parts.prefix, text, sizeof(text)));
	nlri_inet_text_path(n, out);
	text_labels(parts.labels, out);
	if (buf_left(&parts.rdist) > 0)
		buf_put_format(out, " rd %s",
		    rdist_print(&parts.rdist, text, sizeof(text)));
}

/* RFC 8277 2.4: one label, 0x800000. */
void
nlri_label_withdraw(const struct nlri *n, struct wr *out)
{
	struct label_parts parts;
	size_t rdist_len;

	if (split_nlri(n, &parts) != 0)
		return;
	rdist_len = buf_left(&parts.rdist);
	buf_put_u8(out, (uint32_t)(LABEL_BITS + rdist_len * 8 +
	    parts.prefix.len_bits));
	buf_put_u24(out, LABEL_WITHDRAWN);
	buf_put_bytes(out, parts.rdist.pos, rdist_len);
	buf_put_bytes(out, parts.prefix.addr.bytes,
	    (parts.prefix.len_bits + 7u) / 8);
}
