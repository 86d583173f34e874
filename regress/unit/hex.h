/* SPDX-License-Identifier: ISC */
/* Hexadecimal text to bytes, for tables of test cases. */
#ifndef REGRESS_UNIT_HEX_H
#define REGRESS_UNIT_HEX_H

#include <criterion/criterion.h>

#include <ctype.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

/* Decode hex (spaces allowed) into bytes of cap; returns the length. */
static inline size_t
hex_decode(const char *hex, uint8_t *bytes, size_t cap)
{
	size_t n = 0;
	unsigned value;

	while (*hex != '\0') {
		if (isspace((unsigned char)*hex)) {
			hex++;
			continue;
		}
		cr_assert_eq(sscanf(hex, "%2x", &value), 1);
		cr_assert_lt(n, cap);
		bytes[n++] = (uint8_t)value;
		hex += 2;
	}
	return n;
}

/* Encode into text of at least 2 * len + 1. */
static inline char *
hex_encode(const uint8_t *bytes, size_t len, char *text)
{
	size_t i;

	text[0] = '\0';
	for (i = 0; i < len; i++)
		snprintf(&text[2 * i], 3, "%02X", bytes[i]);
	return text;
}

#endif
