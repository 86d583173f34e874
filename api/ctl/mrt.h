/* SPDX-License-Identifier: ISC */
/*
 * bgpctl's commands about MRT files, which need no daemon to read them.
 * Files may be of any length and come from anywhere: one record at a time is
 * in memory, and reading is done inside the sandbox.
 */
#ifndef API_CTL_MRT_H
#define API_CTL_MRT_H

#include "api/ctl/ctl.h"
#include "common/wire/mrt_read.h"

/* What is wanted of a file. */
struct mrt_filter {
	bool		has_prefix, has_neighbor, is_empty_as;
	uint8_t		match;		/* enum mrt_match */
	uint8_t		as_mask;	/* bits of enum mrt_as */
	uint32_t	as[4];
	uint32_t	family_mask;	/* bits of enum nlri_id */
	struct prefix	prefix;
	struct addr	neighbor;
};

enum mrt_match { MRT_EXACT, MRT_LONGER, MRT_SHORTER };
enum mrt_as { MRT_AS, MRT_AS_PEER, MRT_AS_SOURCE, MRT_AS_TRANSIT, MRT_N_AS };

/* mrt_filter.c: NULL, or what is wrong with the words. */
const char *mrt_filter_read(struct mrt_filter *, const struct ctl_request *);
bool	mrt_filter_has_nlri(const struct mrt_filter *, const struct nlri *);
bool	mrt_filter_has_neighbor(const struct mrt_filter *,
	    const struct addr *);
/* block is canonical. */
bool	mrt_filter_has_path(const struct mrt_filter *, struct rd block);
/* Whether anything about routes is asked for. */
bool	mrt_filter_is_of_routes(const struct mrt_filter *);

/* mrt_file.c: a file being read. */
struct mrt_file {
	int		 fd;
	uint8_t		*bytes;
	size_t		 cap, start, len;
	uint64_t	 offset;	/* in the file, of the record told last */
	uint64_t	 next_offset;
	struct mrt_peer	*peers;		/* of the index table, or NULL */
	size_t		 n_peers;
	bool		 is_stopped;	/* set by a reader: no more is wanted */
	uint64_t	 n_records, n_skipped, n_broken;
	struct mrt_scratch scratch;
};

/* Whoever walks through a file: NULL for what is of no interest. */
struct mrt_reader {
	void	(*index)(void *arg, const struct mrt_index *);
	void	(*rib)(void *arg, struct mrt_file *, struct mrt_rib *);
	void	(*message)(void *arg, struct mrt_file *,
		    const struct mrt_record *, const struct mrt_message *);
	void	*arg;
};

/*
 * Open a file for reading, NULL: standard input; then enter the sandbox. On
 * failure the program ends.
 */
void	mrt_file_open(struct mrt_file *, const char *path);
/*
 * Read it to its end. What is broken is told on standard error with its
 * offset, and counted; behind a record whose own length is wrong nothing can
 * be read. False when something was broken.
 */
bool	mrt_file_walk(struct mrt_file *, const struct mrt_reader *);
void	mrt_file_close(struct mrt_file *);
/* The peer of a path; NULL if the file does not say. */
const struct mrt_peer *mrt_file_peer(const struct mrt_file *,
	    const struct mrt_rib *, const struct mrt_path *);

/* mrt_show.c: show mrt. Error text, or "". */
const char *mrt_show(const struct ctl_request *, struct ctl_output *);

/* Send the routes of a request, which is then empty; false: they were refused. */
typedef bool mrt_flush_fn(struct ctl_request *, void *arg);
/*
 * mrt_network.c: network mrt. Fills request with routes and has it sent until
 * it is refused or the file ends. Error text, or "", of the file and the
 * words; n_sent is how many networks were put into requests.
 */
const char *mrt_network(const struct ctl_request *words,
	    struct ctl_request *request, mrt_flush_fn *, void *arg,
	    uint64_t *n_sent);

/* print_mrt.c */
void	print_mrt_peer_head(void);
void	print_mrt_peer(const struct value *);
void	print_mrt_message(const struct value *);

#endif
