/* SPDX-License-Identifier: ISC */
/* ROAs by prefix. */
#include "rde/rov.h"

#include "common/config.h"

#include <string.h>

void
rov_init(struct rov *v, const struct config *c, int64_t now_sec)
{
	size_t i;

	memset(v, 0, sizeof(*v));
	pset_init(&v->set);
	v->roas = c->roas;
	for (i = 0; i < c->n_roas; i++) {
		if (c->roas[i].expires == 0 || c->roas[i].expires > now_sec)
			pset_add(&v->set, &c->roas[i].prefix, (uint32_t)i);
	}
}

void
rov_fini(struct rov *v)
{
	pset_fini(&v->set);
}

uint8_t
rov_state(const struct rov *v, const struct prefix *p, uint32_t source_as)
{
	const struct pset_entry *e;
	const struct conf_roa *roa;
	struct pset_walk w;
	uint8_t state = ROV_NOT_FOUND;

	if (v->set.n == 0 || p->addr.family == ADDR_NONE)
		return ROV_NOT_FOUND;
	pset_cover(&v->set, p, &w);
	while ((e = pset_next(&w)) != NULL) {
		roa = &v->roas[e->value];
		if (source_as != 0 && roa->asn == source_as &&
		    p->len_bits <= roa->max_len)
			return ROV_VALID;
		state = ROV_INVALID;
	}
	return state;
}
