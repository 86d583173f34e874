/* SPDX-License-Identifier: ISC */
/* The sentences: which of them it is, and of which family. */
#include "common/text/text_route.h"

#include "common/text/parts.h"

#include "common/nlri/nlri.h"

#define NLRI_MAX	(UINT16_MAX)
#define FAMILY_WORD_MAX	16

struct safi_row {
	const char	*word;
	uint8_t		 safi;
	text_part_fn	*parse;
};

static text_part_fn sentence_ipv4, sentence_ipv6, sentence_l2vpn,
    sentence_flow, sentence_srpolicy, sentence_vpls, sentence_evpn;

/* Sorted by word, as are all tables here. */
static const struct text_part sentence_rows[] = {
	{ "attribute", text_inet_attributes },
	{ "attributes", text_inet_attributes },
	{ "evpn", sentence_evpn },
	{ "flow", sentence_flow },
	{ "ipv4", sentence_ipv4 },
	{ "ipv6", sentence_ipv6 },
	{ "l2vpn", sentence_l2vpn },
	{ "raw", text_raw_parse },
	{ "route", text_inet_route },
	{ "sr-policy", sentence_srpolicy },
	{ "vpls", sentence_vpls },
};

static const struct safi_row ip_rows[] = {
	{ "flow", SAFI_FLOW, text_flow_parse },
	{ "flow-vpn", SAFI_FLOW_VPN, text_flow_parse },
	{ "labeled-unicast", SAFI_NLRI_MPLS, text_inet_route },
	{ "mcast-vpn", SAFI_MCAST_VPN, text_mvpn_parse },
	{ "mpls-vpn", SAFI_MPLS_VPN, text_inet_route },
	{ "multicast", SAFI_MULTICAST, text_inet_route },
	{ "mup", SAFI_MUP, text_mup_parse },
	{ "nlri-mpls", SAFI_NLRI_MPLS, text_inet_route },
	{ "rtc", SAFI_RTC, text_rtc_parse },
	{ "sr-policy", SAFI_SR_POLICY, text_srpolicy_parse },
	{ "unicast", SAFI_UNICAST, text_inet_route },
};

static const struct safi_row l2vpn_rows[] = {
	{ "evpn", SAFI_EVPN, text_evpn_parse },
	{ "vpls", SAFI_VPLS, text_vpls_parse },
};

void
text_route_init(struct text_parser *p)
{
	memset(p, 0, sizeof(*p));
	buf_writer_growing(&p->values, TEXT_BYTES_MAX);
	buf_writer_growing(&p->attrs, UINT16_MAX);
	buf_writer_growing(&p->nlri, NLRI_MAX);
}

void
text_route_fini(struct text_parser *p)
{
	buf_free(&p->values);
	buf_free(&p->attrs);
	buf_free(&p->nlri);
}

/* Forget the sentence before. */
static void
text_begin(struct text_parser *p, bool is_withdraw, text_route_fn *fn,
    void *arg)
{
	buf_reset(&p->values);
	buf_put_u8(&p->values, 0);	/* that it has memory to point into */
	buf_reset(&p->attrs);
	buf_reset(&p->nlri);
	p->error[0] = '\0';
	p->error_line = 0;
	p->is_block = false;
	p->keyword = is_withdraw ? "withdraw" : "announce";
	p->is_withdraw = is_withdraw;
	p->fn = fn;
	p->fn_arg = arg;
	p->n_items = p->n_labels = 0;
	p->afi = 0;
	p->safi = 0;
	p->flags = 0;
	p->path_id = 0;
	p->has_nexthop = p->has_rd = false;
	p->split_len = 0;
	p->name = p->watchdog = (struct word){ 0 };
	memset(p->addrs, 0, sizeof(p->addrs));
	p->number_mask = 0;
}

/* "KEYWORD: unknown word X, expected one of ..." */
static int
text_unknown(struct text_parser *p, const struct words *w, const void *rows,
    size_t n_rows, size_t row_size)
{
	char list[256];
	struct wr out;
	const char *word;
	size_t i;

	buf_writer(&out, list, sizeof(list));
	for (i = 0; i < n_rows; i++) {
		memcpy(&word, (const char *)rows + i * row_size, sizeof(word));
		buf_put_text(&out, i == 0 ? "" : " ");
		buf_put_text(&out, word);
	}
	return parts_expected(p, w, "one of %.*s", (int)out.len, list);
}

static int
text_safi(struct text_parser *p, struct words *w, uint16_t afi,
    const struct safi_row *rows, size_t n_rows)
{
	const struct safi_row *row;

	row = words_find(&w->word, rows, n_rows, sizeof(*rows));
	if (row == NULL)
		return text_unknown(p, w, rows, n_rows, sizeof(*rows));
	p->keyword = row->word;
	p->afi = afi;
	p->safi = row->safi;
	words_next(w);
	return row->parse(p, w);
}

static int
sentence_ipv4(struct text_parser *p, struct words *w)
{
	return text_safi(p, w, AFI_IPV4, PARTS(ip_rows));
}

static int
sentence_ipv6(struct text_parser *p, struct words *w)
{
	return text_safi(p, w, AFI_IPV6, PARTS(ip_rows));
}

static int
sentence_l2vpn(struct text_parser *p, struct words *w)
{
	return text_safi(p, w, AFI_L2VPN, PARTS(l2vpn_rows));
}

static int
sentence_vpls(struct text_parser *p, struct words *w)
{
	p->afi = AFI_L2VPN;
	p->safi = SAFI_VPLS;
	return text_vpls_parse(p, w);
}

static int
sentence_evpn(struct text_parser *p, struct words *w)
{
	p->afi = AFI_L2VPN;
	p->safi = SAFI_EVPN;
	return text_evpn_parse(p, w);
}

static int
sentence_srpolicy(struct text_parser *p, struct words *w)
{
	p->safi = SAFI_SR_POLICY;
	return text_srpolicy_parse(p, w);
}

/* flow route ... */
static int
sentence_flow(struct text_parser *p, struct words *w)
{
	int e = parts_word(p, w, "route");

	if (e != 0)
		return e;
	p->safi = SAFI_FLOW;
	return text_flow_parse(p, w);
}

int
text_route_parse(struct text_parser *p, struct words *w, bool is_withdraw,
    text_route_fn *fn, void *arg)
{
	const struct text_part *row;

	text_begin(p, is_withdraw, fn, arg);
	row = words_find(&w->word, PARTS(sentence_rows),
	    sizeof(sentence_rows[0]));
	if (row == NULL)
		return text_unknown(p, w, PARTS(sentence_rows),
		    sizeof(sentence_rows[0]));
	p->keyword = row->word;
	words_next(w);
	return row->parse(p, w);
}

int
text_route_parse_afi(struct text_parser *p, struct words *w, uint16_t afi,
    text_route_fn *fn, void *arg)
{
	text_begin(p, false, fn, arg);
	if (afi == AFI_L2VPN)
		return sentence_l2vpn(p, w);
	return text_safi(p, w, afi, PARTS(ip_rows));
}

int
text_route_parse_flow(struct text_parser *p, struct words *w,
    text_route_fn *fn, void *arg)
{
	text_begin(p, false, fn, arg);
	p->keyword = "flow";
	return sentence_flow(p, w);
}

/* Whether the braces of the text are balanced and nothing follows them. */
static int
text_check_end(struct text_parser *p, struct words w)
{
	unsigned depth = 0;

	for (; !words_at_end(&w); words_next(&w)) {
		if (words_is_char(&w, '{')) {
			depth++;
		} else if (words_is_char(&w, '}')) {
			if (depth == 0 || --depth > 0)
				continue;
			words_next(&w);
			break;
		} else if (words_is_char(&w, ';') && depth == 0) {
			break;
		}
	}
	while (words_take_char(&w, ';'))
		;
	if (w.is_open_quote || !words_at_end(&w))
		return parts_expected(p, &w, "the end");
	return 0;
}

static bool
text_has_special(const char *text, size_t len)
{
	static const char special[] = ";}\"'";
	size_t i;

	for (i = 0; len > 0 && special[i] != '\0'; i++)
		if (memchr(text, special[i], len) != NULL)
			return true;
	return false;
}

int
text_route_parse_line(struct text_parser *p, const char *text, size_t len,
    bool is_withdraw, text_route_fn *fn, void *arg)
{
	struct words w;
	int e;

	words_init(&w, text, len, false);
	/* Only then can there be anything behind the sentence's end. */
	if (text_has_special(text, len)) {
		text_begin(p, is_withdraw, fn, arg);
		if ((e = text_check_end(p, w)) != 0)
			return e;
	}
	return text_route_parse(p, &w, is_withdraw, fn, arg);
}

static bool
text_copy_word(const struct words *w, char copy[FAMILY_WORD_MAX])
{
	if (!words_is_value(w) || w->word.len >= FAMILY_WORD_MAX)
		return false;
	memcpy(copy, w->word.at, w->word.len);
	copy[w->word.len] = '\0';
	return true;
}

const struct nlri_family *
text_route_family(struct words *w)
{
	const struct nlri_family *family;
	char afi[FAMILY_WORD_MAX], safi[FAMILY_WORD_MAX];
	struct words start = *w;

	if (!text_copy_word(w, afi))
		return NULL;
	words_next(w);
	if (text_copy_word(w, safi) &&
	    (family = nlri_by_words(afi, safi)) != NULL) {
		words_next(w);
		return family;
	}
	*w = start;
	return NULL;
}
