/* SPDX-License-Identifier: ISC */
/*
 * What bgpctl asks the parent, by way of the broker: IMSG_SHOW_REQUEST.
 * Inside parent/ only.
 */
#ifndef PARENT_SHOW_H
#define PARENT_SHOW_H

#include <stdbool.h>

struct imsg;
struct parent;
struct value;
struct worker;
struct wr;

/* IMSG_SHOW_REQUEST, IMSG_SHOW_MORE; false: another message. */
bool		 show_message(struct worker *, const struct imsg *);
/* Who asked is gone: forget what is left to tell. */
void		 show_drop(struct parent *);

/*
 * compare.c: config diff. Rows for the client, whole MessagePack maps, are
 * appended to rows. NULL, or an error for the client, a constant text; the
 * rows stand all the same.
 */
const char	*compare_file(struct parent *, const struct value *request,
		    struct wr *rows);

#endif
