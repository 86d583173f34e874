/* SPDX-License-Identifier: ISC */
/*
 * The overflow policy `latest`: a program that is behind is told state, not
 * history. Routes of UPDATEs that it should hear of are kept here, the last
 * word on each destination only, in the order of these last words; when it
 * has read what was queued, they are put into messages again and told as if
 * they had just come. What a neighbor said is forgotten when its session
 * ends, for `down` says as much.
 */
#include "api/engine.h"

#include "common/bgp.h"
#include "common/err.h"
#include "common/nlri/nlri.h"
#include "common/wire/update.h"

#include <err.h>
#include <stdlib.h>
#include <string.h>

#define LATEST_BYTES_MAX	(1024u * 1024 * 1024)	/* then routes drop */
#define LATEST_BUCKETS_MIN	1024

/* Attributes of an UPDATE, shared by its routes. Counted. */
struct latest_attrs {
	uint32_t		 refs;
	uint32_t		 len;
	struct update_nexthop	 nexthop;
	uint8_t			 bytes[];
};

struct latest_route {
	struct latest_route	*prev, *next;	/* by age of the last word */
	struct latest_route	*chain;		/* in its bucket */
	struct latest_attrs	*attrs;		/* NULL: withdrawn, or EoR */
	uint32_t		 hash;
	uint32_t		 peer, path_id;
	uint32_t		 nlri_len, key_len;	/* of bytes, in turn */
	uint8_t			 family;	/* enum nlri_id */
	bool			 has_path_id, is_sent, is_eor;
	uint8_t			 bytes[];
};

struct latest {
	struct latest_route	**buckets;
	size_t			 n_buckets, n_routes;
	size_t			 n_bytes;
	struct latest_route	*first, *last;
	uint64_t		 seed;
	struct wr		 key, message;	/* scratch */
};

static struct latest *
latest_get(struct program *g)
{
	struct latest *l = g->latest;

	if (l != NULL)
		return l;
	l = calloc(1, sizeof(*l));
	if (l == NULL)
		err(1, "latest");
	l->n_buckets = LATEST_BUCKETS_MIN;
	l->buckets = calloc(l->n_buckets, sizeof(struct latest_route *));
	if (l->buckets == NULL)
		err(1, "latest");
	l->seed = (uint64_t)env_random_below(g->api->env, UINT32_MAX) << 32 |
	    env_random_below(g->api->env, UINT32_MAX);
	buf_writer_growing(&l->key, BGP_MESSAGE_MAX_EXTENDED * 2);
	buf_writer_growing(&l->message, 4 * BGP_MESSAGE_MAX_EXTENDED);
	g->latest = l;
	return l;
}

static void
latest_attrs_unref(struct latest_attrs *a)
{
	if (a != NULL && --a->refs == 0)
		free(a);
}

static size_t
latest_size(const struct latest_route *r)
{
	return sizeof(*r) + r->nlri_len + r->key_len;
}

static void
latest_del(struct latest *l, struct latest_route *r)
{
	struct latest_route **link;

	link = &l->buckets[r->hash & (l->n_buckets - 1)];
	while (*link != r)
		link = &(*link)->chain;
	*link = r->chain;
	if (r->prev == NULL)
		l->first = r->next;
	else
		r->prev->next = r->next;
	if (r->next == NULL)
		l->last = r->prev;
	else
		r->next->prev = r->prev;
	l->n_routes--;
	l->n_bytes -= latest_size(r);
	latest_attrs_unref(r->attrs);
	free(r);
}

void
latest_free(struct program *g)
{
	struct latest *l = g->latest;

	if (l == NULL)
		return;
	while (l->first != NULL)
		latest_del(l, l->first);
	free(l->buckets);
	buf_free(&l->key);
	buf_free(&l->message);
	free(l);
	g->latest = NULL;
}

size_t
latest_count(const struct program *g)
{
	return g->latest == NULL ? 0 : g->latest->n_routes;
}

/* FNV-1a over the key, from a seed that peers cannot know. */
static uint32_t
latest_hash(const struct latest *l, const struct latest_route *r,
    struct rd key)
{
	uint64_t h = l->seed ^ 0xcbf29ce484222325u;
	uint64_t head = (uint64_t)r->peer << 32 ^ r->path_id ^
	    (uint64_t)r->family << 24 ^ (uint64_t)r->is_sent << 23 ^
	    (uint64_t)r->is_eor << 22;

	h = (h ^ head) * 0x100000001b3u;
	while (buf_left(&key) > 0)
		h = (h ^ buf_get_u8(&key)) * 0x100000001b3u;
	return (uint32_t)(h >> 32 ^ h);
}

static struct latest_route *
latest_find(const struct latest *l, const struct latest_route *like,
    struct rd key)
{
	struct latest_route *r;

	r = l->buckets[like->hash & (l->n_buckets - 1)];
	for (; r != NULL; r = r->chain)
		if (r->hash == like->hash && r->peer == like->peer &&
		    r->path_id == like->path_id &&
		    r->family == like->family && r->is_sent == like->is_sent &&
		    r->is_eor == like->is_eor &&
		    r->key_len == buf_left(&key) && (r->key_len == 0 ||
		    memcmp(r->bytes + r->nlri_len, key.pos, r->key_len) == 0))
			return r;
	return NULL;
}

static void
latest_grow(struct latest *l)
{
	size_t n = l->n_buckets * 2;
	struct latest_route **grown, *r;

	if (l->n_routes < l->n_buckets)
		return;
	grown = calloc(n, sizeof(struct latest_route *));
	if (grown == NULL)
		err(1, "latest");
	for (r = l->first; r != NULL; r = r->next) {
		r->chain = grown[r->hash & (n - 1)];
		grown[r->hash & (n - 1)] = r;
	}
	free(l->buckets);
	l->buckets = grown;
	l->n_buckets = n;
}

/* The last word on a destination: an older one is overtaken. */
static void
latest_put(struct program *g, const struct latest_route *head,
    const struct nlri *n, struct latest_attrs *attrs)
{
	struct latest *l = g->latest;
	struct latest_route *r, *old;
	struct latest_route like = *head;
	struct rd key;

	buf_reset(&l->key);
	if (n != NULL) {
		nlri_key(n, &l->key);
		like.family = n->family->id;
		like.has_path_id = n->has_path_id;
		like.path_id = n->has_path_id ? n->path_id : 0;
		like.nlri_len = (uint32_t)n->len;
	}
	key = buf_reader(l->key.base, l->key.len);
	like.key_len = (uint32_t)l->key.len;
	like.hash = latest_hash(l, &like, key);
	old = latest_find(l, &like, key);
	if (old != NULL) {
		latest_del(l, old);
		g->n_coalesced++;
	}
	if (l->n_bytes + latest_size(&like) > LATEST_BYTES_MAX) {
		program_note_drop(g);
		return;
	}
	r = malloc(latest_size(&like));
	if (r == NULL)
		err(1, "latest");
	*r = like;
	if (n != NULL && n->len != 0)
		memcpy(r->bytes, n->bytes, n->len);
	if (l->key.len != 0)
		memcpy(r->bytes + r->nlri_len, l->key.base, l->key.len);
	r->attrs = attrs;
	if (attrs != NULL)
		attrs->refs++;
	r->prev = l->last;
	r->next = NULL;
	if (l->last == NULL)
		l->first = r;
	else
		l->last->next = r;
	l->last = r;
	r->chain = l->buckets[r->hash & (l->n_buckets - 1)];
	l->buckets[r->hash & (l->n_buckets - 1)] = r;
	l->n_routes++;
	l->n_bytes += latest_size(r);
	latest_grow(l);
}

static struct latest_attrs *
latest_attrs_new(struct rd attrs, const struct update_nexthop *nexthop)
{
	size_t len = buf_left(&attrs);
	struct latest_attrs *a = malloc(sizeof(*a) + len);

	if (a == NULL)
		err(1, "latest");
	a->refs = 1;
	a->len = (uint32_t)len;
	a->nexthop = *nexthop;
	buf_get_copy(&attrs, a->bytes, len);
	return a;
}

static void
latest_put_run(struct program *g, const struct latest_route *head,
    const struct update_run *run, uint32_t add_path_mask,
    struct latest_attrs *attrs)
{
	struct rd r = run->run;
	struct nlri n;

	if (!run->is_present || run->family == NULL)
		return;
	while (buf_left(&r) > 0 && nlri_next(run->family,
	    add_path_mask >> run->family->id & 1, &r, &n) == 0)
		latest_put(g, head, &n, attrs);
}

static bool
latest_is_known(const struct update_run *run)
{
	return !run->is_present || run->family != NULL;
}

bool
latest_take(struct program *g, const struct api_peer *p, bool is_sent,
    const struct update *u, uint32_t add_path_mask)
{
	struct latest_route head = { .peer = p->id, .is_sent = is_sent };
	bool is_withdraw = u->verdict == ATTR_WITHDRAW;
	struct latest_attrs *a;

	if (!latest_is_known(&u->mp_reach) || !latest_is_known(&u->mp_unreach))
		return false;
	latest_get(g);
	if (u->eor != NULL) {
		head.is_eor = true;
		head.family = u->eor->id;
		latest_put(g, &head, NULL, NULL);
		return true;
	}
	latest_put_run(g, &head, &u->withdrawn, add_path_mask, NULL);
	latest_put_run(g, &head, &u->mp_unreach, add_path_mask, NULL);
	a = is_withdraw ? NULL : latest_attrs_new(u->attrs, &u->mp_nexthop);
	latest_put_run(g, &head, &u->mp_reach, add_path_mask, a);
	latest_attrs_unref(a);
	a = is_withdraw ? NULL : latest_attrs_new(u->attrs, &u->nexthop);
	latest_put_run(g, &head, &u->nlri, add_path_mask, a);
	latest_attrs_unref(a);
	return true;
}

void
latest_forget_peer(struct program *g, uint32_t peer)
{
	struct latest_route *r, *next;

	for (r = g->latest == NULL ? NULL : g->latest->first; r != NULL;
	    r = next) {
		next = r->next;
		if (r->peer == peer)
			latest_del(g->latest, r);
	}
}

/* Whether b may stand in one message with a. */
static bool
latest_is_like(const struct latest_route *a, const struct latest_route *b)
{
	return a->peer == b->peer && a->is_sent == b->is_sent &&
	    a->family == b->family && a->attrs == b->attrs && !b->is_eor;
}

static struct nlri
latest_nlri(const struct latest_route *r)
{
	return (struct nlri){
		.family = nlri_by_id(r->family), .bytes = r->bytes,
		.len = r->nlri_len, .path_id = r->path_id,
		.has_path_id = r->has_path_id,
	};
}

static int
latest_begin(struct update_builder *b, struct latest *l,
    const struct update_format *format)
{
	const struct latest_route *r = l->first;
	const struct nlri_family *f = nlri_by_id(r->family);

	if (r->attrs == NULL)
		return update_begin_withdraw(b, &l->message, format, f,
		    buf_reader(NULL, 0));
	return update_begin(b, &l->message, format, f,
	    buf_reader(r->attrs->bytes, r->attrs->len), &r->attrs->nexthop);
}

/* The oldest words, as many as one message holds, into l->message. */
static void
latest_build(struct program *g, const struct update_format *format)
{
	struct latest *l = g->latest;
	struct latest_route head = *l->first;
	struct update_builder b;
	struct nlri n;
	bool is_any = false;

	buf_reset(&l->message);
	if (head.is_eor) {
		update_put_eor(&l->message, nlri_by_id(head.family));
		latest_del(l, l->first);
		return;
	}
	/* Its attributes live until the message is complete. */
	if (head.attrs != NULL)
		head.attrs->refs++;
	if (latest_begin(&b, l, format) == 0) {
		while (l->first != NULL && latest_is_like(&head, l->first)) {
			n = latest_nlri(l->first);
			if (update_add(&b, &n) != 0)
				break;
			latest_del(l, l->first);
			is_any = true;
		}
		update_end(&b);
	}
	if (!is_any) {
		program_note_drop(g);
		latest_del(l, l->first);
	}
	latest_attrs_unref(head.attrs);
}

void
latest_run(struct program *g)
{
	struct latest *l = g->latest;
	struct update_format format;
	struct api_peer *p;
	bool is_sent;

	if (l == NULL || program_queued(g) > PROGRAM_LOW)
		return;
	while (l->first != NULL && program_queued(g) < PROGRAM_HIGH) {
		p = api_peer(g->api, l->first->peer);
		if (p == NULL || !p->is_up) {
			latest_del(l, l->first);
			continue;
		}
		is_sent = l->first->is_sent;
		format = (struct update_format){
			.max_len = BGP_MESSAGE_MAX_EXTENDED,
			.has_as4 = p->session.negotiated.has_as4,
			.add_path_mask = is_sent ?
			    p->session.negotiated.add_path_send_mask :
			    p->session.negotiated.add_path_receive_mask,
		};
		latest_build(g, &format);
		if (l->message.err == 0 && l->message.len != 0)
			notify_again(g, p, is_sent, l->message.base,
			    l->message.len);
	}
	if (l->first == NULL)
		latest_free(g);
}
