/* SPDX-License-Identifier: ISC */
/*
 * The B+-tree. Each entry of an inner node repeats the least entry below the
 * child; deletion keeps these true, since a separator's id is compared with.
 * Nodes are split when full and removed when empty; sparse ones are merged
 * into a neighbour under the same parent.
 */
#include "rde/index.h"

#include <stdbool.h>
#include <string.h>

#define INDEX_SPARSE	(INDEX_LEAF / 4)

/* A leaf, or (with children) an inner node. */
struct index_node {
	uint64_t	head[INDEX_LEAF];
	uint32_t	id[INDEX_LEAF];
	uint32_t	n;
	uint32_t	next, prev;	/* leaves: in order */
	uint32_t	child[];	/* inner: INDEX_FANOUT */
};

#define LEAF_BYTES	sizeof(struct index_node)
#define INNER_BYTES	(sizeof(struct index_node) + \
			    INDEX_FANOUT * sizeof(uint32_t))

/* What is searched. */
struct index_key {
	uint64_t	 head;
	uint32_t	 id;
	const void	*key;
};


static struct index_node *
index_node(const struct index *x, uint32_t node)
{
	return heap_at(&x->heap, node);
}

void
index_init(struct index *x, index_compare compare, const void *owner)
{
	memset(x, 0, sizeof(*x));
	heap_init(&x->heap);
	x->compare = compare;
	x->owner = owner;
}

void
index_fini(struct index *x)
{
	heap_fini(&x->heap);
	x->root = HEAP_NONE;
}

/* Number of heads below head; no branch depends on the comparisons. */
static unsigned
heads_below(const struct index_node *n, uint64_t head)
{
	unsigned low = 0, left = n->n, half;

	while (left > 1) {
		half = left / 2;
		low += n->head[low + half - 1] < head ? half : 0;
		left -= half;
	}
	return low + (left == 1 && n->head[low] < head);
}

/* Number of entries that are before the key (or equal to it). */
static unsigned
index_rank(const struct index *x, const struct index_node *n,
    const struct index_key *k, bool or_equal)
{
	unsigned low = heads_below(n, k->head), high, mid;
	int order;

	if (low == n->n || n->head[low] != k->head || k->key == NULL)
		return low;
	high = k->head == UINT64_MAX ? n->n : heads_below(n, k->head + 1);
	while (low < high) {
		mid = (low + high) / 2;
		order = x->compare(x->owner, n->id[mid], k->key);
		if (order < 0 || (or_equal && order == 0))
			low = mid + 1;
		else
			high = mid;
	}
	return low;
}

static void
index_open(struct index_node *n, unsigned i, bool is_inner)
{
	unsigned tail = n->n - i;

	memmove(&n->head[i + 1], &n->head[i], tail * sizeof(n->head[0]));
	memmove(&n->id[i + 1], &n->id[i], tail * sizeof(n->id[0]));
	if (is_inner) {
		memmove(&n->child[i + 1], &n->child[i],
		    tail * sizeof(n->child[0]));
	}
	n->n++;
}

static void
index_close(struct index_node *n, unsigned i, bool is_inner)
{
	unsigned tail;

	n->n--;
	tail = n->n - i;
	memmove(&n->head[i], &n->head[i + 1], tail * sizeof(n->head[0]));
	memmove(&n->id[i], &n->id[i + 1], tail * sizeof(n->id[0]));
	if (is_inner) {
		memmove(&n->child[i], &n->child[i + 1],
		    tail * sizeof(n->child[0]));
	}
}

static uint32_t
index_node_new(struct index *x, bool is_inner)
{
	uint32_t node = heap_alloc(&x->heap, is_inner ? INNER_BYTES :
	    LEAF_BYTES);

	memset(index_node(x, node), 0, is_inner ? INNER_BYTES : LEAF_BYTES);
	return node;
}

/* Move entries from i on of node to the end of another. */
static void
index_move(struct index_node *to, struct index_node *from, unsigned i,
    bool is_inner)
{
	unsigned n = from->n - i;

	memcpy(&to->head[to->n], &from->head[i], n * sizeof(to->head[0]));
	memcpy(&to->id[to->n], &from->id[i], n * sizeof(to->id[0]));
	if (is_inner) {
		memcpy(&to->child[to->n], &from->child[i],
		    n * sizeof(to->child[0]));
	}
	to->n += n;
	from->n = i;
}

/*
 * Split a full node, moving entries from i on to a new right sibling. In
 * order input is split at the end, which leaves full nodes behind.
 */
static uint32_t
index_split(struct index *x, uint32_t node, unsigned i, bool is_inner)
{
	uint32_t right = index_node_new(x, is_inner);
	struct index_node *n = index_node(x, node), *r = index_node(x, right);
	unsigned from = i == n->n && n->next == HEAP_NONE ? n->n - 1 : n->n / 2;

	index_move(r, n, from, is_inner);
	if (is_inner)
		return right;
	r->next = n->next;
	r->prev = node;
	if (r->next != HEAP_NONE)
		index_node(x, r->next)->prev = right;
	n->next = right;
	return right;
}

/* Put an entry into a node that may be full. Returns the split-off part. */
static uint32_t
index_put(struct index *x, uint32_t node, unsigned i,
    const struct index_key *k, uint32_t child)
{
	struct index_node *n = index_node(x, node);
	bool is_inner = child != HEAP_NONE;
	uint32_t right = HEAP_NONE;

	if (n->n == INDEX_LEAF) {
		right = index_split(x, node, i, is_inner);
		if (i > n->n) {
			i -= n->n;
			n = index_node(x, right);
		}
	}
	index_open(n, i, is_inner);
	n->head[i] = k->head;
	n->id[i] = k->id;
	if (is_inner)
		n->child[i] = child;
	return right;
}

static uint32_t
index_insert(struct index *x, uint32_t node, unsigned depth,
    const struct index_key *k)
{
	struct index_node *n = index_node(x, node), *r;
	struct index_key up;
	uint32_t right;
	unsigned i = index_rank(x, n, k, true);

	if (depth == 0)
		return index_put(x, node, i, k, HEAP_NONE);
	if (i == 0) {
		/* A new least entry. */
		n->head[0] = k->head;
		n->id[0] = k->id;
		i = 1;
	}
	right = index_insert(x, n->child[i - 1], depth - 1, k);
	if (right == HEAP_NONE)
		return HEAP_NONE;
	r = index_node(x, right);
	up = (struct index_key){ .head = r->head[0], .id = r->id[0] };
	return index_put(x, node, i, &up, right);
}

void
index_add(struct index *x, uint64_t head, uint32_t id, const void *key)
{
	struct index_key k = { .head = head, .id = id, .key = key };
	struct index_node *root, *n;
	uint32_t right, old;

	if (x->root == HEAP_NONE)
		x->root = index_node_new(x, false);
	right = index_insert(x, x->root, x->depth, &k);
	x->n_entries++;
	if (right == HEAP_NONE)
		return;
	old = x->root;
	x->root = index_node_new(x, true);
	root = index_node(x, x->root);
	n = index_node(x, old);
	root->head[0] = n->head[0];
	root->id[0] = n->id[0];
	root->child[0] = old;
	n = index_node(x, right);
	root->head[1] = n->head[0];
	root->id[1] = n->id[0];
	root->child[1] = right;
	root->n = 2;
	x->depth++;
}

static void
index_node_free(struct index *x, uint32_t node, bool is_inner)
{
	struct index_node *n = index_node(x, node);

	if (!is_inner && n->prev != HEAP_NONE)
		index_node(x, n->prev)->next = n->next;
	if (!is_inner && n->next != HEAP_NONE)
		index_node(x, n->next)->prev = n->prev;
	heap_free(&x->heap, node, is_inner ? INNER_BYTES : LEAF_BYTES);
}

/* Merge child i with its right neighbour when both are sparse. */
static void
index_merge(struct index *x, struct index_node *n, unsigned i, unsigned depth)
{
	struct index_node *left, *right;

	if (i + 1 >= n->n)
		return;
	left = index_node(x, n->child[i]);
	right = index_node(x, n->child[i + 1]);
	if (left->n + right->n > INDEX_LEAF - INDEX_SPARSE)
		return;
	index_move(left, right, 0, depth > 1);
	index_node_free(x, n->child[i + 1], depth > 1);
	index_close(n, i + 1, true);
}

/* Remove below node; true if the entry was there. */
static bool
index_remove(struct index *x, uint32_t node, unsigned depth,
    const struct index_key *k)
{
	struct index_node *n = index_node(x, node), *c;
	unsigned i;

	i = index_rank(x, n, k, depth != 0);
	if (depth == 0) {
		if (i == n->n || n->head[i] != k->head ||
		    x->compare(x->owner, n->id[i], k->key) != 0)
			return false;
		index_close(n, i, false);
		return true;
	}
	if (i == 0 || !index_remove(x, n->child[i - 1], depth - 1, k))
		return false;
	i--;
	c = index_node(x, n->child[i]);
	if (c->n == 0) {
		index_node_free(x, n->child[i], depth > 1);
		index_close(n, i, true);
		return true;
	}
	n->head[i] = c->head[0];
	n->id[i] = c->id[0];
	if (c->n < INDEX_SPARSE) {
		index_merge(x, n, i, depth);
		if (i > 0)
			index_merge(x, n, i - 1, depth);
	}
	return true;
}

void
index_del(struct index *x, uint64_t head, const void *key)
{
	struct index_key k = { .head = head, .key = key };
	struct index_node *root;
	uint32_t old;

	if (x->root == HEAP_NONE || !index_remove(x, x->root, x->depth, &k))
		return;
	x->n_entries--;
	root = index_node(x, x->root);
	while (x->depth > 0 && root->n == 1) {
		old = x->root;
		x->root = root->child[0];
		index_node_free(x, old, true);
		x->depth--;
		root = index_node(x, x->root);
	}
	if (root->n == 0) {
		index_node_free(x, x->root, x->depth > 0);
		x->root = HEAP_NONE;
		x->depth = 0;
	}
}

static uint32_t
index_here(const struct index *x, struct index_pos *p)
{
	const struct index_node *n;

	while (p->leaf != HEAP_NONE) {
		n = index_node(x, p->leaf);
		if (p->i < n->n)
			return n->id[p->i];
		p->leaf = n->next;
		p->i = 0;
	}
	return INDEX_ID_NONE;
}

uint32_t
index_seek(const struct index *x, uint64_t head, const void *key,
    struct index_pos *p)
{
	struct index_key k = { .head = head, .key = key };
	const struct index_node *n;
	unsigned depth, i;

	p->leaf = x->root;
	p->i = 0;
	if (x->root == HEAP_NONE)
		return INDEX_ID_NONE;
	for (depth = x->depth; depth > 0; depth--) {
		n = index_node(x, p->leaf);
		i = index_rank(x, n, &k, true);
		p->leaf = n->child[i == 0 ? 0 : i - 1];
	}
	p->i = index_rank(x, index_node(x, p->leaf), &k, false);
	return index_here(x, p);
}

uint32_t
index_first(const struct index *x, struct index_pos *p)
{
	return index_seek(x, 0, NULL, p);
}

uint32_t
index_next(const struct index *x, struct index_pos *p)
{
	p->i++;
	return index_here(x, p);
}
