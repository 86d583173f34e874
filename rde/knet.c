/* SPDX-License-Identifier: ISC */
/* Networks out of the kernel. */
#include "rde/knet.h"

#include "common/config.h"
#include "common/env.h"
#include "rde/engine.h"
#include "rde/rib.h"

#include <err.h>
#include <stdlib.h>

#define KNETS_MAX	65536

void
knet_message(struct rde *rde, const struct imsg *m)
{
	struct knet *k = &rde->rib->knet;
	struct rd r = buf_reader(m->data, m->len);
	struct kroute_prefix p;
	size_t i;

	if (kroute_get_prefix(&r, &p) != 0 ||
	    p.prefix.addr.family == ADDR_NONE)
		return;
	for (i = 0; i < k->n; i++)
		if (k->all[i].number == p.number &&
		    prefix_compare(&k->all[i].prefix, &p.prefix) == 0)
			break;
	if (p.is_present == (i < k->n))
		return;
	if (!p.is_present) {
		k->all[i] = k->all[--k->n];
	} else if (k->n >= KNETS_MAX) {
		log_warn(&rde->env->log, "more than %d networks of the "
		    "kernel", KNETS_MAX);
		return;
	} else {
		k->all = reallocarray(k->all, k->n + 1, sizeof(*k->all));
		if (k->all == NULL)
			err(1, "knet");
		k->all[k->n++] = p;
	}
	k->is_changed = true;
}

void
knet_fini(struct rde *rde)
{
	free(rde->rib->knet.all);
}

bool
knet_run(struct rde *rde, struct budget *b)
{
	struct knet *k = &rde->rib->knet;
	size_t i;

	(void)b;
	if (!k->is_changed || rde->conf == NULL)
		return true;
	k->is_changed = false;
	for (i = 0; i < rde->conf->n_networks; i++)
		if (rde->conf->networks[i].source != NULL) {
			local_configure(rde);
			break;
		}
	return true;
}
