/* SPDX-License-Identifier: ISC */
/*
 * Update groups: peers that are told the same, since policy, kind of session
 * and form of messages are the same. A group's members are on streams: one
 * that follows every decision at once, and others that lag behind (a session
 * that just came up, a slow reader, a refresh) and work off a bitmap of
 * destinations until they have caught up and join the first.
 *
 * What a stream has announced (Adj-RIB-Out) is a bit for each destination.
 */
#ifndef RDE_GROUP_H
#define RDE_GROUP_H

#include "common/addr.h"
#include "common/nlri/nlri.h"
#include "common/wire/update.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct budget;
struct policy;
struct rde;
struct rpeer;
struct table;

/* All that makes what a peer is told; compared as bytes, padding zeroed. */
struct group_key {
	struct policy	*out;
	struct addr	 local_addr;	/* for next hop self */
	struct addr	 peer_addr;	/* if rules ask for the neighbor */
	uint32_t	 remote_as;	/* likewise */
	uint32_t	 local_as;
	uint32_t	 local_id;
	uint32_t	 family_mask;
	uint32_t	 add_path_mask;
	uint32_t	 extended_nexthop_mask;
	uint32_t	 private_peer;	/* index + 1 of who has private paths */
	uint32_t	 max_prefix_out;
	uint32_t	 rich_mask;	/* families of which more than the
					 * best path counts */
	uint16_t	 max_len;
	uint8_t		 rib;		/* 0: Loc-RIB; else 1 + index */
	uint8_t		 add_path_mode;	/* enum conf_add_path_send */
	uint8_t		 add_path_plus, add_path_max;
	uint8_t		 role;
	uint8_t		 export;
	uint8_t		is_ebgp, is_confed, is_client, is_transparent, is_nexthop_self;
	uint8_t		has_as4, is_exabgp_packing, has_llgr;
};

/* A remembered result of export. */
struct export_memo {
	uint32_t	in_serial, out_serial;
	uint32_t	out;
	uint16_t	source;
	uint16_t	is_set;
};

#define EXPORT_MEMO	512

/* A path that was told, see told.c. */
struct stream_told {
	uint32_t	id;
	uint32_t	attr;		/* referenced; NONE: not known */
};

struct stream_family {
	uint64_t	*sent;		/* bits by id */
	uint32_t	*told;		/* blocks of lists; NULL unless rich */
	size_t		 n_told;	/* of them */
	uint64_t	*dirty;		/* to be looked at; lagging ones only */
	size_t		 n_words;	/* of each */
	size_t		 cursor;	/* word of dirty that is next */
	bool		 is_lagging;
};

/* A route on its way out. attr NONE: withdrawal. */
struct stream_entry {
	uint32_t	id;
	uint32_t	attr;		/* referenced */
	uint32_t	next;		/* of the same attributes */
	uint16_t	peer;		/* source, not told; or only told */
	uint8_t		family;
	bool		is_for_one;	/* for that peer alone */
	uint32_t	path_id;	/* told with it */
	uint16_t	path;		/* 1 + index of the path; 0: the best */
};

struct stream {
	struct stream	*next;
	struct group	*group;
	struct rpeer	**members;
	size_t		 n_members;
	bool		 is_lagging;
	bool		 is_started;	/* nobody may join any more */
	struct stream_family families[NLRI_N_FAMILIES];
	struct stream_entry *entries;
	size_t		 n_entries, cap_entries;
	uint64_t	 n_sent;	/* bits set in sent */
};

struct group {
	struct group	*next;
	struct group_key key;
	struct update_format format;
	struct stream	*streams;
	uint32_t	 id;
	struct export_memo *memo;
};

/* The peer's session is up, or its policy changed: (re)place it. */
void	group_join(struct rde *, struct rpeer *);
/* It is down or gone. */
void	group_leave(struct rde *, struct rpeer *);
/*
 * Peers have new policies. What a group told is looked at again if its rules
 * changed, or if is_all.
 */
void	group_reconfigure(struct rde *, bool is_all);
/* Tell the peer a family again; refresh: between marks where negotiated. */
void	group_restart(struct rde *, struct rpeer *,
	    const struct nlri_family *);
void	group_refresh(struct rde *, struct rpeer *,
	    const struct nlri_family *);
/* It cannot take more for now, or can again. */
void	group_xoff(struct rde *, struct rpeer *);
void	group_xon(struct rde *, struct rpeer *);
/* Paths of a destination changed; perhaps the best is the same. */
void	group_changed(struct rde *, struct table *, uint32_t id,
	    bool is_best_changed);
/* Write out what streams gathered. */
void	group_flush(struct rde *);
/* Let lagging streams work; a step of the work task. */
bool	group_run(struct rde *, struct budget *);
void	group_fini(struct rde *);
/* Whether the peer has been told all there is. */
bool	group_is_done(const struct rpeer *);

/* stream.c */
struct stream *stream_new(struct rde *, struct group *, bool is_lagging);
void	stream_free(struct rde *, struct stream *);
void	stream_add(struct stream *, struct rpeer *);
void	stream_remove(struct stream *, struct rpeer *);
/* What one has announced, another takes over. */
void	stream_copy_sent(struct rde *, struct stream *to,
	    const struct stream *from);
/*
 * Members of one join another: what either was told counts as told, since a
 * lagging stream may have been ahead of a decision. False when the turn ended
 * before; until it is called again, both may go on as they are.
 */
bool	stream_merge_sent(struct rde *, struct stream *to, struct stream *from,
	    struct budget *);
/* Look at all destinations of a family again. */
void	stream_restart(struct rde *, struct stream *, unsigned family);
/* A destination changed: export it, or mark it when lagging. */
void	stream_changed(struct rde *, struct stream *, struct table *,
	    uint32_t id);
void	stream_flush(struct rde *, struct stream *);
/* Work of a lagging stream; true when it has caught up. */
bool	stream_run(struct rde *, struct stream *, struct budget *);
/* Take destinations, a bit an id, as told and look at them again. */
void	stream_mark_told(struct rde *, struct stream *, unsigned family,
	    const uint64_t *ids, size_t n_words);
bool	stream_has_sent(const struct stream *, unsigned family, uint32_t id);

/* For stream_paths.c. */
void	stream_push(struct stream *, const struct stream_entry *);
void	stream_set_sent(struct stream *, unsigned family, uint32_t id,
	    bool is_sent);
/* One destination more would be over the limit: the session ends. */
bool	stream_is_over_limit(struct rde *, const struct stream *);

/* stream_paths.c */
static inline bool
stream_is_rich(const struct stream *s, unsigned family)
{
	return (s->group->key.rich_mask >> family & 1) != 0;
}

/* Put what changed of a destination's paths on the way out. */
void	stream_export_paths(struct rde *, struct stream *, struct table *,
	    uint32_t id);
/* told.c */
void	stream_copy_told(struct rde *, struct stream *to,
	    const struct stream *from);
bool	stream_merge_told(struct rde *, struct stream *to, struct stream *from,
	    struct budget *);
/* What was told of a family is to be told again, though it be the same. */
void	stream_forget_told(struct rde *, struct stream *, unsigned family);
void	stream_free_told(struct rde *, struct stream *);

/* A path as a group is told it. */
struct export_item {
	uint32_t	attr;		/* referenced */
	uint16_t	source;		/* from whom; 0: ours */
	uint16_t	path;		/* 1 + index */
	uint32_t	path_id;	/* table_told_id */
};

/* export_paths.c */
/*
 * With add-path: all paths that a group is told of a destination; else the
 * first and, if its source is a member of the stream, the one that this peer
 * hears instead. In rib.items; their number. Drop them with export_drop.
 */
size_t	export_paths(struct rde *, const struct stream *, struct table *,
	    uint32_t id);
void	export_drop(struct rde *, size_t n);

/* export.c */
struct path;
struct record;
/* What a group is told of one path; likewise. */
uint32_t export_path(struct rde *, struct group *, struct table *,
	    const struct record *, const struct path *);
/* Index of the private path that a group hears before all others, or -1. */
int	 export_private(const struct rde *, const struct group *,
	    const struct table *, const struct record *);
/* Index of the path that a group hears if its rules allow it, or -1. */
int	 export_choice(const struct rde *, const struct group *,
	    const struct table *, const struct record *);
/*
 * What a group is told of a destination: attributes with a reference, or
 * ATTRSET_NONE; *source is the peer from whom it is. Pure but for interning.
 */
uint32_t export_route(struct rde *, struct group *, struct table *,
	    uint32_t id, uint16_t *source);

#endif
