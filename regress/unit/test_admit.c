/* SPDX-License-Identifier: ISC */
/* Refusals: so many a source, so many in all, and again in a new window. */
#include "session/admit.h"

#include <criterion/criterion.h>

static const struct mono start = { .usec = 5 * MONO_USEC_PER_SEC };

static unsigned
refuse(struct admit *a, uint32_t from, unsigned n, struct mono now)
{
	struct addr addr = addr_from_ipv4(from);
	unsigned i, n_told = 0;

	for (i = 0; i < n; i++)
		n_told += admit_refusal(a, &addr, now);
	return n_told;
}

Test(admit, one_source_is_told_so_often)
{
	struct admit a = { 0 };

	cr_assert_eq(refuse(&a, 1, 1000, start), ADMIT_SOURCE_REFUSALS);
	cr_assert_eq(a.n_silent, 1000 - ADMIT_SOURCE_REFUSALS);
	cr_assert_eq(refuse(&a, 2, 1, start), 1, "another one is not told");
}

Test(admit, all_together_are_told_so_often)
{
	struct admit a = { 0 };
	unsigned i, n = 0;

	for (i = 0; i < 10000; i++)
		n += refuse(&a, 1000 + i, 1, start);
	cr_assert_eq(n, ADMIT_REFUSALS);
}

Test(admit, a_window_ends)
{
	struct mono later = mono_add_sec(start, ADMIT_WINDOW_SEC);
	struct admit a = { 0 };
	unsigned i;

	for (i = 0; i < 10; i++)
		refuse(&a, i, 100, start);
	cr_assert_eq(refuse(&a, 3, 100, mono_add_sec(start, 9)), 0);
	cr_assert_eq(refuse(&a, 3, 100, later), ADMIT_SOURCE_REFUSALS);
}
