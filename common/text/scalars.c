/* SPDX-License-Identifier: ISC */
/* Single values as people write them. */
#include "common/text/scalars.h"

#include "common/addr.h"

#include <arpa/inet.h>
#include <stdlib.h>

bool
scalars_decimal(const char *at, size_t len, uint64_t max, uint64_t *out)
{
	uint64_t n = 0;
	size_t i;

	if (len == 0 || len > 20)
		return false;
	for (i = 0; i < len; i++) {
		unsigned digit = (unsigned char)at[i] - '0';

		if (digit > 9 || n > (UINT64_MAX - digit) / 10)
			return false;
		n = n * 10 + digit;
	}
	if (n > max)
		return false;
	*out = n;
	return true;
}

static int
scalars_hex_digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	c |= 0x20;
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

static bool
scalars_has_0x(const char *at, size_t len)
{
	return len > 2 && at[0] == '0' && (at[1] | 0x20) == 'x';
}

bool
scalars_number(const struct word *w, uint64_t max, uint64_t *out)
{
	uint64_t n = 0;
	size_t i;
	int digit;

	if (w->at == NULL)
		return false;
	if (!scalars_has_0x(w->at, w->len))
		return scalars_decimal(w->at, w->len, max, out);
	for (i = 2; i < w->len; i++) {
		digit = scalars_hex_digit(w->at[i]);
		if (digit < 0 || n >> 60 != 0)
			return false;
		n = n << 4 | (unsigned)digit;
	}
	if (n > max)
		return false;
	*out = n;
	return true;
}

bool
scalars_real(const char *at, size_t len, double *out)
{
	char copy[32], *end;
	double d;
	size_t i;

	if (len == 0 || len >= sizeof(copy))
		return false;
	for (i = 0; i < len; i++)
		if (strchr("0123456789.", at[i]) == NULL || at[i] == '\0')
			return false;
	memcpy(copy, at, len);
	copy[len] = '\0';
	d = strtod(copy, &end);
	if (*end != '\0')
		return false;
	*out = d;
	return true;
}

bool
scalars_asn(const char *at, size_t len, uint32_t *out)
{
	const char *dot = len == 0 ? NULL : memchr(at, '.', len);
	uint64_t high = 0, low;
	size_t n;

	if (dot == NULL) {
		if (!scalars_decimal(at, len, UINT32_MAX, &low))
			return false;
		*out = (uint32_t)low;
		return true;
	}
	n = (size_t)(dot - at);
	if (!scalars_decimal(at, n, UINT16_MAX, &high) ||
	    !scalars_decimal(dot + 1, len - n - 1, UINT16_MAX, &low))
		return false;
	*out = (uint32_t)(high << 16 | low);
	return true;
}

bool
scalars_ipv4(const char *at, size_t len, uint32_t *out)
{
	uint32_t address = 0, part = 0;
	unsigned n_parts = 1, n_digits = 0;
	size_t i;

	for (i = 0; i < len; i++) {
		unsigned digit = (unsigned char)at[i] - '0';

		if (at[i] == '.' && n_digits > 0 && n_parts < 4) {
			address = address << 8 | part;
			n_parts++;
			part = n_digits = 0;
		} else if (digit <= 9 && ++n_digits <= 3) {
			part = part * 10 + digit;
			if (part > 255)
				return false;
		} else {
			return false;
		}
	}
	if (n_parts != 4 || n_digits == 0)
		return false;
	*out = address << 8 | part;
	return true;
}

static bool
scalars_addr_slice(const char *at, size_t len, struct addr *out)
{
	char copy[INET6_ADDRSTRLEN];
	struct addr a = { .family = ADDR_IPV6 };
	uint32_t ipv4;

	if (scalars_ipv4(at, len, &ipv4)) {
		*out = addr_from_ipv4(ipv4);
		return true;
	}
	if (len < 2 || len >= sizeof(copy))
		return false;
	memcpy(copy, at, len);
	copy[len] = '\0';
	if (inet_pton(AF_INET6, copy, a.bytes) != 1)
		return false;
	*out = a;
	return true;
}

bool
scalars_addr(const struct word *w, struct addr *out)
{
	return w->at != NULL && scalars_addr_slice(w->at, w->len, out);
}

bool
scalars_prefix(const struct word *w, struct prefix *out)
{
	const char *slash;
	struct prefix p = { 0 };
	uint64_t bits;
	size_t n = w->len;

	if (n == 0)
		return false;
	slash = memchr(w->at, '/', n);
	if (slash != NULL)
		n = (size_t)(slash - w->at);
	if (!scalars_addr_slice(w->at, n, &p.addr))
		return false;
	bits = addr_bits(p.addr.family);
	if (slash != NULL &&
	    !scalars_decimal(slash + 1, w->len - n - 1, bits, &bits))
		return false;
	p.len_bits = (uint8_t)bits;
	*out = p;
	return true;
}

bool
scalars_rd(const struct word *w, uint8_t out[SCALARS_RD_LEN])
{
	const char *colon = w->len == 0 ? NULL : memchr(w->at, ':', w->len);
	uint32_t admin;
	uint64_t number;
	unsigned type = 0;
	size_t n;

	if (colon == NULL)
		return false;
	n = (size_t)(colon - w->at);
	if (scalars_ipv4(w->at, n, &admin))
		type = 1;
	else if (!scalars_asn(w->at, n, &admin))
		return false;
	else if (admin > UINT16_MAX || memchr(w->at, '.', n) != NULL)
		type = 2;
	if (!scalars_decimal(colon + 1, w->len - n - 1,
	    type == 0 ? UINT32_MAX : UINT16_MAX, &number))
		return false;
	if (type == 0)
		number |= (uint64_t)admin << 32;
	else
		number |= (uint64_t)admin << 16;
	number |= (uint64_t)type << 48;
	for (n = 0; n < SCALARS_RD_LEN; n++)
		out[n] = (uint8_t)(number >> (56 - 8 * n));
	return true;
}

bool
scalars_boolean(const struct word *w, bool *out)
{
	static const struct {
		const char	*word;
		bool		 value;
	} rows[] = {
		{ "0", false }, { "1", true }, { "disable", false },
		{ "disabled", false }, { "enable", true }, { "enabled", true },
		{ "false", false }, { "no", false }, { "off", false },
		{ "on", true }, { "true", true }, { "yes", true },
	};
	char lower[10];
	struct word copy = { .at = lower, .len = w->len };
	size_t i;

	if (w->at == NULL || w->len >= sizeof(lower))
		return false;
	for (i = 0; i < w->len; i++)
		lower[i] = (char)(w->at[i] >= 'A' && w->at[i] <= 'Z' ?
		    w->at[i] | 0x20 : w->at[i]);
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		if (!words_equal(&copy, rows[i].word, strlen(rows[i].word)))
			continue;
		*out = rows[i].value;
		return true;
	}
	return false;
}

bool
scalars_hex(const struct word *w, uint8_t *out, size_t max_len,
    size_t *out_len)
{
	size_t i, n = w->len / 2 - 1;
	int high, low;

	if (w->at == NULL || w->len % 2 != 0 ||
	    !scalars_has_0x(w->at, w->len) || n > max_len)
		return false;
	for (i = 0; i < n; i++) {
		high = scalars_hex_digit(w->at[2 * i + 2]);
		low = scalars_hex_digit(w->at[2 * i + 3]);
		if (high < 0 || low < 0)
			return false;
		out[i] = (uint8_t)(high << 4 | low);
	}
	*out_len = n;
	return true;
}
