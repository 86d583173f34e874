/* SPDX-License-Identifier: ISC */
/*
 * ASPA: which providers a customer AS has attested, and what that says of an
 * AS path. draft-ietf-sidrops-aspa-verification.
 */
#ifndef RDE_ASPA_H
#define RDE_ASPA_H

#include "common/buf.h"
#include "rde/map.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct config;

enum aspa_source { ASPA_CONF, ASPA_RTR, ASPA_N_SOURCES };

/* Lists are sorted and unique; an empty one is no record. */
struct aspa_record {
	uint32_t	 customer;
	uint32_t	*lists[ASPA_N_SOURCES];
	uint32_t	 n_lists[ASPA_N_SOURCES];
	uint32_t	*all;		/* the union */
	uint32_t	 n_all;
	bool		 is_seen;	/* while a configuration is applied */
};

struct aspa {
	uint64_t	 seed;
	struct aspa_record *records;	/* customers ever met */
	uint32_t	 n_records, cap_records;
	uint32_t	 n_true;	/* with providers */
	uint32_t	 serial;	/* of the union; 1.. */
	struct map	 map;
};

/* Both answers about one path, enum rov_state each. */
struct aspa_states {
	uint8_t	up;		/* from customers and peers */
	uint8_t	down;		/* from providers */
};

void	aspa_init(struct aspa *, uint64_t seed);
void	aspa_fini(struct aspa *);
/* What a source says of a customer; n 0: nothing. True: the union changed. */
bool	aspa_set(struct aspa *, uint32_t customer, enum aspa_source,
	    const uint32_t *providers, uint32_t n);
/*
 * The records of the configuration are these now, but for expired ones. True
 * when the union changed; *next: when the next expires, 0 for never.
 */
bool	aspa_configure(struct aspa *, const struct config *, int64_t now_sec,
	    int64_t *next);
/* Verify an AS_PATH (canonical): sections 7.2 (up) and 7.3 (down). */
struct aspa_states aspa_verify(const struct aspa *, struct rd path);

#endif
