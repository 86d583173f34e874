/* SPDX-License-Identifier: ISC */
/*
 * What the RPKI caches' union gained and lost, as the session engine tells
 * the RDE: records of IMSG_VRP_DELTA and IMSG_ASPA_DELTA.
 */
#ifndef COMMON_RTR_DELTA_H
#define COMMON_RTR_DELTA_H

#include "common/addr.h"
#include "common/buf.h"

#include <stdbool.h>
#include <stdint.h>

#define RTR_DELTA_PROVIDERS_MAX	16000	/* of one customer, in one record */

/* is_announce 1, family 1, length 1, max length 1, AS 4, address 4 or 16 */
struct rtr_delta_vrp {
	bool		is_announce;
	uint8_t		max_len;
	uint32_t	asn;
	struct prefix	prefix;
};

/* customer 4, n 2, providers of 4 each; n 0: the customer has no record. */
struct rtr_delta_aspa {
	uint32_t	customer;
	uint32_t	n_providers;
	struct rd	providers;	/* borrowed */
};

void	rtr_delta_put_vrp(struct wr *, const struct rtr_delta_vrp *);
void	rtr_delta_put_aspa(struct wr *, uint32_t customer,
	    const uint32_t *providers, uint32_t n);
/* Take one record off the front: 0, or an error and *out is zero. */
int	rtr_delta_get_vrp(struct rd *, struct rtr_delta_vrp *out);
int	rtr_delta_get_aspa(struct rd *, struct rtr_delta_aspa *out);
/* For qsort and bsearch: two uint32_t. */
int	rtr_asn_compare(const void *, const void *);
/* Sort, drop doubles; the count that is left. */
uint32_t rtr_asn_unique(uint32_t *asns, uint32_t n);

#endif
