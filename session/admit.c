/* SPDX-License-Identifier: ISC */
/* Counting what is refused. */
#include "session/admit.h"

static bool
is_over(struct mono since, struct mono now)
{
	return !mono_is_set(since) ||
	    mono_diff_sec(now, since) >= ADMIT_WINDOW_SEC;
}

/* Its entry, or that of the one that was seen first. */
static struct admit_source *
find_source(struct admit *a, const struct addr *from, struct mono now)
{
	struct admit_source *oldest = &a->sources[0], *s;
	unsigned i;

	for (i = 0; i < ADMIT_SOURCES; i++) {
		s = &a->sources[i];
		if (mono_is_set(s->since) && addr_is_equal(&s->addr, from))
			return s;
		if (!mono_is_set(oldest->since))
			continue;
		if (!mono_is_set(s->since) ||
		    mono_diff_usec(s->since, oldest->since) < 0)
			oldest = s;
	}
	*oldest = (struct admit_source){ .addr = *from, .since = now };
	return oldest;
}

bool
admit_refusal(struct admit *a, const struct addr *from, struct mono now)
{
	struct admit_source *s = find_source(a, from, now);

	if (is_over(s->since, now)) {
		s->since = now;
		s->n = 0;
	}
	if (is_over(a->since, now)) {
		a->since = now;
		a->n = 0;
	}
	if (s->n >= ADMIT_SOURCE_REFUSALS || a->n >= ADMIT_REFUSALS) {
		a->n_silent++;
		return false;
	}
	s->n++;
	a->n++;
	return true;
}
