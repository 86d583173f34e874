/* SPDX-License-Identifier: ISC */
/*
 * The route decision engine: it holds all routes, decides which are best,
 * and says what each peer is told. Its world is struct env and the channels
 * to parent, session engine and API broker.
 */
#ifndef RDE_RDE_H
#define RDE_RDE_H

struct env;
struct rde;

/*
 * A new engine that talks to the parent over parent_handle (owned from now
 * on); the other channels come as IMSG_CHAN. When the parent is gone it
 * stops the loop.
 */
struct rde	*rde_new(struct env *, int parent_handle);
void		 rde_free(struct rde *);

#endif
