/* SPDX-License-Identifier: ISC */
/*
 * network mrt: the unicast prefixes of a table as networks of ours, each with
 * the best of its paths that are wanted. What the daemon is told are the
 * sentences of network add, many to a request, and the next request waits
 * for the answer to the last one.
 */
#include "api/ctl/mrt.h"

#include "common/attr/aspath.h"
#include "common/bgp.h"

#include <err.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define DEFAULT_LOCAL_PREF	100
#define SENTENCE_MAX	(CTL_ROUTE_MAX - 2)
#define PROGRESS_EACH	10000

/* What of a path decides, RFC 4271 9.1; as far as a file has it. */
struct rank {
	uint32_t	local_pref, med, neighbor_as, id;
	unsigned	path_len, origin;
	struct addr	addr;
};

struct mrt_network {
	struct mrt_filter filter;
	struct ctl_request *request;
	mrt_flush_fn	*flush;
	void		*flush_arg;
	/*
	 * The prefix of the last record and the best of its paths. It may have
	 * several records: one for each path (TABLE_DUMP), or others for paths
	 * with identifiers.
	 */
	struct prefix	 prefix;
	bool		 has_best;
	struct mrt_attrs best;
	struct rank	 best_rank;
	struct mrt_scratch scratch[2];	/* of the best, and of another */
	unsigned	 spare;		/* the other one */
	struct wr	 sentence;
	bool		 has_terminal;
	uint64_t	 n_sent;
	uint64_t	 n_others;	/* of families that networks cannot have */
	uint64_t	 n_malformed, n_long;
};

static uint32_t
number_of(struct rd block, uint8_t code, uint32_t fallback)
{
	struct attr a;

	return attr_get(block, code, &a) && buf_left(&a.value) >= 4 ?
	    buf_get_u32(&a.value) : fallback;
}

static struct rank
rank_of(struct rd block, const struct mrt_peer *peer)
{
	struct rd path = buf_reader(NULL, 0);
	struct rank r = {
		.local_pref = number_of(block, ATTR_LOCAL_PREF,
		    DEFAULT_LOCAL_PREF),
		.med = number_of(block, ATTR_MED, 0), .origin = 2,
	};
	struct attr a;

	if (attr_get(block, ATTR_AS_PATH, &a))
		path = a.value;
	r.path_len = aspath_length(path);
	r.neighbor_as = aspath_neighbor(path);
	if (attr_get(block, ATTR_ORIGIN, &a))
		r.origin = buf_get_u8(&a.value);
	if (peer != NULL) {
		r.id = peer->id;
		r.addr = peer->addr;
	}
	return r;
}

static bool
rank_is_better(const struct rank *a, const struct rank *b)
{
	if (a->local_pref != b->local_pref)
		return a->local_pref > b->local_pref;
	if (a->path_len != b->path_len)
		return a->path_len < b->path_len;
	if (a->origin != b->origin)
		return a->origin < b->origin;
	if (a->neighbor_as == b->neighbor_as && a->med != b->med)
		return a->med < b->med;
	if (a->id != b->id)
		return a->id < b->id;
	return addr_compare(&a->addr, &b->addr) < 0;
}

/* A network is ours: what reflectors noted of another's does not go along. */
static void
put_attrs(struct wr *w, struct rd block)
{
	struct attr a;
	const uint8_t *byte;

	while (buf_left(&block) > 0 && attr_next(&block, &a) == 0) {
		if (a.code == ATTR_ORIGINATOR_ID ||
		    a.code == ATTR_CLUSTER_LIST)
			continue;
		buf_put_format(w, " attribute [ 0x%02x 0x%02x 0x", a.code,
		    a.flags);
		while (buf_left(&a.value) > 0) {
			byte = buf_get_bytes(&a.value, 1);
			buf_put_u8(w, "0123456789abcdef"[*byte >> 4]);
			buf_put_u8(w, "0123456789abcdef"[*byte & 15]);
		}
		buf_put_text(w, " ]");
	}
}

/* route PREFIX next-hop ADDRESS attribute [ ... ] ... */
static void
put_sentence(struct wr *w, const struct prefix *prefix,
    const struct mrt_attrs *attrs)
{
	char text[PREFIX_TEXT_MAX];
	struct addr nexthop;

	buf_reset(w);
	buf_put_format(w, "route %s next-hop ", prefix_print(prefix, text,
	    sizeof(text)));
	if (mrt_nexthop_addr(&attrs->nexthop, &nexthop) &&
	    !addr_is_unspecified(&nexthop))
		buf_put_text(w, addr_print(&nexthop, text, sizeof(text)));
	else
		buf_put_text(w, "self");
	put_attrs(w, attrs->block);
}

static bool
network_flush(struct mrt_network *n, struct mrt_file *f)
{
	if (!n->flush(n->request, n->flush_arg))
		f->is_stopped = true;
	return !f->is_stopped;
}

/* The prefix that is held is complete. */
static void
network_send(struct mrt_network *n, struct mrt_file *f)
{
	struct wr *w = &n->sentence;

	if (!n->has_best)
		return;
	n->has_best = false;
	put_sentence(w, &n->prefix, &n->best);
	buf_put_u8(w, '\0');
	if (w->err != 0) {
		n->n_long++;
		return;
	}
	if (!ctl_put_route(n->request, (const char *)w->base) &&
	    (!network_flush(n, f) ||
	    !ctl_put_route(n->request, (const char *)w->base)))
		return;
	n->n_sent++;
	if (n->has_terminal && n->n_sent % PROGRESS_EACH == 0)
		fprintf(stderr, "\r%" PRIu64 " networks", n->n_sent);
}

/* Whether the path is wanted; its attributes are then in the spare scratch. */
static bool
network_read_path(struct mrt_network *n, const struct mrt_rib *rib,
    const struct mrt_path *path, const struct mrt_peer *peer,
    struct mrt_attrs *out)
{
	if (n->filter.has_neighbor && (peer == NULL ||
	    !mrt_filter_has_neighbor(&n->filter, &peer->addr)))
		return false;
	if (mrt_read_attrs(path->attrs, rib->has_as4, &n->scratch[n->spare],
	    out) != 0)
		err(1, NULL);
	if (out->verdict >= ATTR_WITHDRAW) {
		n->n_malformed++;
		return false;
	}
	return mrt_filter_has_path(&n->filter, out->block);
}

static void
network_path(struct mrt_network *n, struct mrt_file *f, struct mrt_rib *rib)
{
	const struct mrt_peer *peer;
	struct mrt_attrs attrs;
	struct mrt_path path;
	struct rank rank;

	mrt_next_path(rib, &path);
	peer = mrt_file_peer(f, rib, &path);
	if (!network_read_path(n, rib, &path, peer, &attrs))
		return;
	rank = rank_of(attrs.block, peer);
	if (n->has_best && !rank_is_better(&rank, &n->best_rank))
		return;
	n->has_best = true;
	n->best = attrs;
	n->best_rank = rank;
	n->spare = 1 - n->spare;
}

static void
network_rib(void *arg, struct mrt_file *f, struct mrt_rib *rib)
{
	struct mrt_network *n = arg;
	struct prefix prefix;
	unsigned i;

	if (!mrt_filter_has_nlri(&n->filter, &rib->nlri))
		return;
	if (rib->nlri.family->safi != SAFI_UNICAST ||
	    nlri_to_prefix(&rib->nlri, &prefix) != 0) {
		n->n_others++;
		return;
	}
	prefix_mask(&prefix);
	if (n->has_best && prefix_compare(&prefix, &n->prefix) != 0)
		network_send(n, f);
	n->prefix = prefix;
	for (i = 0; i < rib->n_paths && !f->is_stopped; i++)
		network_path(n, f, rib);
}

static void
network_tell(const struct mrt_network *n)
{
	if (n->has_terminal && n->n_sent >= PROGRESS_EACH)
		fprintf(stderr, "\r");
	if (n->n_others > 0)
		warnx("%" PRIu64 " destinations of other families than "
		    "unicast", n->n_others);
	if (n->n_malformed > 0)
		warnx("%" PRIu64 " paths with malformed attributes",
		    n->n_malformed);
	if (n->n_long > 0)
		warnx("%" PRIu64 " networks with more attributes than a "
		    "request can have", n->n_long);
}

const char *
mrt_network(const struct ctl_request *words, struct ctl_request *request,
    mrt_flush_fn *flush, void *arg, uint64_t *n_sent)
{
	struct mrt_network n = {
		.request = request, .flush = flush, .flush_arg = arg,
		.has_terminal = isatty(STDERR_FILENO) != 0,
	};
	const struct mrt_reader reader = { .rib = network_rib, .arg = &n };
	const char *why = mrt_filter_read(&n.filter, words);
	struct mrt_file f;
	bool is_good;

	*n_sent = 0;
	if (why != NULL)
		return why;
	mrt_file_open(&f, ctl_text(words, "file"));
	mrt_scratch_init(&n.scratch[0]);
	mrt_scratch_init(&n.scratch[1]);
	buf_writer_growing(&n.sentence, SENTENCE_MAX);
	is_good = mrt_file_walk(&f, &reader);
	if (!f.is_stopped)
		network_send(&n, &f);
	if (!f.is_stopped)
		network_flush(&n, &f);
	network_tell(&n);
	*n_sent = n.n_sent;
	buf_free(&n.sentence);
	mrt_scratch_fini(&n.scratch[0]);
	mrt_scratch_fini(&n.scratch[1]);
	mrt_file_close(&f);
	return is_good ? "" : "the file is broken";
}
