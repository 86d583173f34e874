/* SPDX-License-Identifier: ISC */
/*
 * What bgpctl asks the parent, by way of the broker: IMSG_SHOW_REQUEST.
 * Inside parent/ only.
 */
#ifndef PARENT_SHOW_H
#define PARENT_SHOW_H

#include <stdbool.h>
#include <stdint.h>

struct imsg;
struct parent;
struct value;
struct worker;
struct wr;

/* IMSG_SHOW_REQUEST, IMSG_SHOW_MORE; false: another message. */
bool		 show_message(struct worker *, const struct imsg *);
/* Who asked is gone: forget what is left to tell. */
void		 show_drop(struct parent *);

struct show_request {
	struct parent		*parent;
	uint32_t		 client;
	const struct value	*map;
	struct wr		*rows;	/* for the client: whole maps */
};

/*
 * compare.c: config diff. NULL, or an error for the client, a constant text;
 * the rows stand all the same.
 */
const char	*compare_file(const struct show_request *);
/* version.c: show version. Likewise. */
const char	*version_find(const struct show_request *);
/* config impact. Likewise; after NULL the RDE goes on. */
const char	*compare_impact(const struct show_request *);

#endif
