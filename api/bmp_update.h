/* SPDX-License-Identifier: ISC */
/*
 * UPDATEs made of routes, for stations: routes that follow each other and are
 * alike but for their destination share a message. Inside api/ only.
 */
#ifndef API_BMP_UPDATE_H
#define API_BMP_UPDATE_H

#include "common/nlri/nlri.h"
#include "common/wire/update.h"

#include <stdbool.h>
#include <stdint.h>

/* A route; the readers borrow. Withdrawn: only the NLRI counts. */
struct bmp_route {
	struct nlri	nlri;
	struct rd	attrs, nexthop;	/* canonical; bytes of an address */
	uint32_t	age_sec;
	bool		is_withdraw;
};

struct bmp_update {
	struct update_format	 format;	/* set by its owner */
	struct update_builder	 builder;
	struct wr		 message, attrs;
	struct update_nexthop	 nexthop;
	const struct nlri_family *family;
	uint32_t		 age_sec;	/* of its routes */
	bool			 is_withdraw;
	bool			 is_open;
};

void	bmp_update_init(struct bmp_update *);
void	bmp_update_fini(struct bmp_update *);
/*
 * Add a route. False when the message at hand has to end first (then, added
 * again, the route begins another); a route for which no message can be made
 * is passed over.
 */
bool	bmp_update_add(struct bmp_update *, const struct bmp_route *);
/* End the message at hand; it lives until the next add. Empty: there is none. */
struct rd bmp_update_end(struct bmp_update *);

#endif
