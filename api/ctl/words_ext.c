/* SPDX-License-Identifier: ISC */
/* show rib ext-community TYPE VALUE: OpenBGPD's words to eight bytes. */
#include "api/ctl/words.h"

#include "common/addr.h"
#include "common/extname.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static bool
read_number(const char *s, uint64_t max, uint64_t *out)
{
	char *end;

	if (*s < '0' || *s > '9')
		return false;
	*out = strtoull(s, &end, 0);
	return *end == '\0' && *out <= max;
}

/* "65000:1", "4200000000:1", "192.0.2.1:1": the form tells the type. */
static bool
read_pair(const struct extname *name, const char *s, uint64_t *out)
{
	const char *colon = strrchr(s, ':');
	uint64_t high, low, max = UINT16_MAX;
	uint8_t type = EXTNAME_FOUR_AS;
	struct addr addr;
	char left[32];

	if (colon == NULL || (size_t)(colon - s) >= sizeof(left))
		return false;
	snprintf(left, sizeof(left), "%.*s", (int)(colon - s), s);
	if (addr_parse(left, &addr) == 0 && addr.family == ADDR_IPV4) {
		type = EXTNAME_IPV4;
		high = addr_to_ipv4(&addr);
	} else if (!read_number(left, UINT32_MAX, &high)) {
		return false;
	} else if (high <= UINT16_MAX) {
		type = EXTNAME_TWO_AS;
		max = UINT32_MAX;
	}
	/* Flow actions are of the generic types. */
	type |= name->type & EXTNAME_GENERIC;
	if (!read_number(colon + 1, max, &low) ||
	    extname_find(type, name->subtype) == NULL)
		return false;
	*out = (uint64_t)type << 56 | (uint64_t)name->subtype << 48 |
	    (max == UINT32_MAX ? high << 32 : high << 16) | low;
	return true;
}

static bool
read_ovs(const char *s, uint64_t *out)
{
	static const char *const words[] = { "valid", "not-found",
	    "invalid" };		/* RFC 8097 */
	unsigned i;

	for (i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
		if (strcmp(words[i], s) == 0) {
			*out = (uint64_t)EXTNAME_OVS << 56 | i;
			return true;
		}
	}
	return false;
}

bool
ctl_make_ext(struct ctl_request *r)
{
	const struct extname *name = extname_by_name(ctl_text(r, "ext-type"));
	const char *value = ctl_text(r, "ext-value");
	uint64_t n = 0;
	bool is_good;

	if (name == NULL)
		return false;
	if (name->type == EXTNAME_OVS) {
		is_good = read_ovs(value, &n);
	} else if (extname_is_opaque(name->type)) {
		is_good = read_number(value, UINT64_C(0xffffffffffff), &n);
		n |= (uint64_t)name->type << 56 |
		    (uint64_t)name->subtype << 48;
	} else {
		is_good = read_pair(name, value, &n);
	}
	snprintf(r->ext, sizeof(r->ext), "%016llx", (unsigned long long)n);
	ctl_set_text(r, "ext-community", r->ext);
	return is_good;
}
