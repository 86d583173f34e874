/* SPDX-License-Identifier: ISC */
/*
 * Route target membership. RFC 4684 4.
 *
 *   rtc origin-as ASN route-target TARGET words
 *   rtc default words
 *
 *   length in bits 1 (0 or 96) | origin AS 4 | route target 8
 */
#include "common/text/parts.h"

#include "common/nlri/nlri.h"

#define RTC_BITS	96

enum rtc_number {
	RTC_ORIGIN_AS,
	RTC_TARGET,
};

static text_part_fn rtc_default, rtc_origin_as, rtc_target;

static const struct text_part rtc_rows[] = {
	{ "default", rtc_default },
	{ "origin-as", rtc_origin_as },
	{ "route-target", rtc_target },
};

static int
rtc_default(struct text_parser *p, struct words *w)
{
	(void)w;
	p->number_mask = 0;
	return 0;
}

static int
rtc_origin_as(struct text_parser *p, struct words *w)
{
	uint32_t asn;

	if (!words_is_value(w) ||
	    !scalars_asn(w->word.at, w->word.len, &asn))
		return parts_expected(p, w, "an AS number");
	p->number[RTC_ORIGIN_AS] = asn;
	p->number_mask |= 1u << RTC_ORIGIN_AS;
	words_next(w);
	return 0;
}

static int
rtc_target(struct text_parser *p, struct words *w)
{
	if (!words_is_value(w) ||
	    !communities_target(&w->word, &p->number[RTC_TARGET]))
		return parts_expected(p, w, "ASN:N or IP:N");
	p->number_mask |= 1u << RTC_TARGET;
	words_next(w);
	return 0;
}

int
text_rtc_parse(struct text_parser *p, struct words *w)
{
	int e;

	if (p->afi != AFI_IPV4)
		return parts_fail(p, w, "rtc: only ipv4 has it");
	if ((e = parts_words(p, w, PARTS(rtc_rows))) != 0)
		return e;
	if (p->number_mask != 0 &&
	    p->number_mask != (1u << RTC_ORIGIN_AS | 1u << RTC_TARGET))
		return parts_fail(p, w, "rtc: origin-as or route-target is "
		    "missing");
	if (p->number_mask == 0) {
		buf_put_u8(&p->nlri, 0);
		return block_finish(p, w, AFI_IPV4, SAFI_RTC);
	}
	buf_put_u8(&p->nlri, RTC_BITS);
	buf_put_u32(&p->nlri, (uint32_t)p->number[RTC_ORIGIN_AS]);
	buf_put_u64(&p->nlri, p->number[RTC_TARGET]);
	return block_finish(p, w, AFI_IPV4, SAFI_RTC);
}
