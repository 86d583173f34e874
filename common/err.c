/* SPDX-License-Identifier: ISC */
/* Texts of the error codes. */
#include "common/err.h"

#include <stddef.h>

const char *
err_text(int err)
{
	static const char *const texts[] = {
		"no error", "out of memory", "input too short",
		"value out of range", "syntax error", "trailing bytes",
		"unknown", "already exists", "does not exist", "full",
		"would block", "closed", "system error", "permission denied",
		"not supported", "protocol error",
	};
	size_t n = sizeof(texts) / sizeof(texts[0]);

	if (err > 0 || (size_t)-err >= n)
		return "unknown error";
	return texts[-err];
}
