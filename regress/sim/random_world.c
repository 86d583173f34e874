/* SPDX-License-Identifier: ISC */
/*
 * A world out of a seed. Half of them are flat, with every session alike, so
 * that the shortest path wins; half have providers, customers and peers,
 * with the preferences and rules by which that is stable (Gao, Rexford). In
 * half of the flat ones several nodes are one AS, in a full mesh or with
 * route reflectors: all prefer alike what comes from inside, so that this is
 * stable, too.
 */
#include "regress/sim/random.h"

#include "common/arena.h"
#include "common/attr/attr.h"
#include "common/bgp.h"
#include "common/nlri/nlri.h"
#include "common/route.h"
#include "parent/conf.h"

#include <err.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define TAG	1	/* community AS:TAG: ours or a customer's */

uint32_t
world_below(struct world *w, uint32_t bound)
{
	return sim_random(w->sim) % bound;
}

void
world_say(struct world *w, const char *fmt, ...)
{
	char line[512];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(line, sizeof(line), fmt, ap);
	va_end(ap);
	sim_trace(w->sim, "WORLD", line);
}

void
world_fail(struct world *w, const char *fmt, ...)
{
	va_list ap;

	if (w->error[0] != '\0')
		return;
	va_start(ap, fmt);
	vsnprintf(w->error, sizeof(w->error), fmt, ap);
	va_end(ap);
	sim_trace(w->sim, "FAILURE", w->error);
}

void
world_prefix(const struct world *w, unsigned prefix, struct prefix *out)
{
	unsigned shared = w->n_nodes * WORLD_OWN;
	uint32_t a = prefix >= shared ? 0x0ac80000 + ((prefix - shared) << 8) :
	    0x0a000000 + (prefix / WORLD_OWN << 16) +
	    (prefix % WORLD_OWN << 8);

	*out = (struct prefix){ .addr = addr_from_ipv4(a), .len_bits = 24 };
}

int
world_prefix_number(const struct world *w, const char *text)
{
	unsigned i, k;

	if (sscanf(text, "10.%u.%u.0/24", &i, &k) != 2)
		return -1;
	if (i == 200 && k < WORLD_SHARED)
		return (int)(w->n_nodes * WORLD_OWN + k);
	return i < w->n_nodes && k < WORLD_OWN ? (int)(i * WORLD_OWN + k) : -1;
}

int
world_node_number(const struct world *w, const char *addr)
{
	unsigned i;

	if (sscanf(addr, "192.0.2.%u", &i) != 1 || i == 0 || i > w->n_nodes)
		return -1;
	return (int)i - 1;
}

static int
node_of(const struct addr *a)
{
	return a->bytes[3] - 1;
}

static const struct sim_path *
path_of(struct sim *s, const struct addr *a, const struct addr *b)
{
	struct world *w = s->arg;
	int from = node_of(a), to = node_of(b);

	/* A listener has no other end. */
	return from < 0 || to < 0 ? NULL : &w->path[from][to];
}

uint8_t
world_as_index(const struct world *w, unsigned node)
{
	return node < w->n_internal ? 0 : (uint8_t)node;
}

uint32_t
world_as(const struct world *w, unsigned node)
{
	return 64512u + world_as_index(w, node);
}

bool
world_is_internal(const struct world *w, unsigned a, unsigned b)
{
	return a < w->n_internal && b < w->n_internal;
}

bool
world_is_client(const struct world *w, unsigned a, unsigned b)
{
	return a < w->n_reflectors && b >= w->n_reflectors &&
	    b < w->n_internal;
}

bool
world_is_linked(const struct world *w, unsigned a, unsigned b)
{
	return w->node[a].policy[b].relation != REL_NONE;
}

bool
world_is_up(const struct world *w, unsigned a, unsigned b)
{
	return w->node[a].is_alive && w->node[b].is_alive &&
	    !w->path[a][b].is_cut && !w->path[b][a].is_cut;
}

static void
draw_policy(struct world *w, struct world_policy *p, uint8_t relation)
{
	p->relation = relation;
	p->deny_in = p->deny_out = -1;
	if (world_below(w, 5) == 0)
		p->deny_in = (int16_t)world_below(w, w->n_nodes);
	if (world_below(w, 5) == 0)
		p->deny_out = (int16_t)world_below(w, w->n_nodes);
	p->has_enhanced_refresh = world_below(w, 2);
	p->has_restart = world_below(w, 2);
	p->prepend = world_below(w, 4) == 0 ?
	    (uint8_t)(1 + world_below(w, 3)) : 0;
}

/* The inside of an AS has no rules: all of it knows the same. */
static void
policy_clear(struct world_policy *p)
{
	p->prepend = 0;
	p->deny_in = p->deny_out = -1;
}

/* Lower numbers are higher up. */
static void
link_nodes(struct world *w, unsigned a, unsigned b)
{
	struct world_node *high = &w->node[a < b ? a : b];
	struct world_node *low = &w->node[a < b ? b : a];
	unsigned h = a < b ? a : b, l = a < b ? b : a;
	bool is_peering = !w->is_hierarchy || world_below(w, 4) == 0;
	struct sim_path path = {
		.delay_usec = 100 + world_below(w, 20000),
		.window_bytes = world_below(w, 3) == 0 ?
		    1024 + world_below(w, 4096) : SIM_WINDOW_BYTES,
	};

	if (a == b || world_is_linked(w, a, b))
		return;
	draw_policy(w, &high->policy[l], is_peering ? REL_PEER : REL_CUSTOMER);
	draw_policy(w, &low->policy[h], is_peering ? REL_PEER : REL_PROVIDER);
	if (world_is_internal(w, a, b)) {
		policy_clear(&high->policy[l]);
		policy_clear(&low->policy[h]);
	}
	high->policy[l].is_passive = world_below(w, 3) == 0;
	low->policy[h].is_passive = !high->policy[l].is_passive &&
	    world_below(w, 3) == 0;
	w->path[a][b] = w->path[b][a] = path;
}

/* Most worlds are small; a few have fifty daemons. */
static unsigned
draw_size(struct world *w)
{
	unsigned r = world_below(w, 1000);

	if (r < 400)
		return 2 + world_below(w, 4);
	if (r < 800)
		return 4 + world_below(w, 11);
	if (r < 975)
		return 10 + world_below(w, 16);
	return r < 990 ? 26 + world_below(w, 15) :
	    41 + world_below(w, WORLD_NODES_MAX - 40);
}

static void
draw_node(struct world *w, unsigned i)
{
	struct world_node *n = &w->node[i];
	char text[ADDR_TEXT_MAX];
	unsigned k, shared = w->n_nodes * WORLD_OWN;

	snprintf(n->name, sizeof(n->name), "n%u", i);
	snprintf(text, sizeof(text), "192.0.2.%u", i + 1);
	addr_parse(text, &n->addr);
	n->hold_sec = 9 + world_below(w, 30);
	n->configured[i * WORLD_OWN] = true;
	for (k = 0; k < WORLD_SHARED; k++)
		n->configured[shared + k] = world_below(w, w->n_nodes) == 0;
}

/* The first nodes in one AS: a full mesh, or reflectors and clients. */
static void
draw_internal(struct world *w)
{
	unsigned most = w->n_nodes < WORLD_INTERNAL_MAX ? w->n_nodes :
	    WORLD_INTERNAL_MAX, i, k;

	w->n_internal = 2 + world_below(w, most - 1);
	w->n_reflectors = world_below(w, 2) == 0 ? w->n_internal :
	    1 + world_below(w, (w->n_internal + 1) / 2);
	for (i = 1; i < w->n_reflectors; i++)
		for (k = 0; k < i; k++)
			link_nodes(w, i, k);
	/* Some clients are of two clusters. */
	for (; i < w->n_internal; i++)
		for (k = 0; k < 1 + world_below(w, 2); k++)
			link_nodes(w, i, world_below(w, w->n_reflectors));
}

static void
draw_links(struct world *w)
{
	unsigned i, n_more = w->n_nodes / 2 + world_below(w, w->n_nodes + 1);
	unsigned a, b;

	for (i = w->n_internal == 0 ? 1 : w->n_internal; i < w->n_nodes; i++)
		link_nodes(w, i, world_below(w, i));
	for (i = 0; i < n_more; i++) {
		a = world_below(w, w->n_nodes);
		b = world_below(w, w->n_nodes);
		if (!world_is_internal(w, a, b))
			link_nodes(w, a, b);
	}
}

struct world *
world_new(uint64_t seed)
{
	struct world *w = calloc(1, sizeof(*w));
	char text[ADDR_TEXT_MAX];
	unsigned i;

	if (w == NULL)
		err(1, "world");
	w->seed = seed;
	w->sim = sim_new(seed);
	w->sim->arg = w;
	w->sim->path_of = path_of;
	w->is_hierarchy = world_below(w, 2);
	w->n_nodes = draw_size(w);
	w->n_prefixes = w->n_nodes * WORLD_OWN + WORLD_SHARED;
	for (i = 0; i < w->n_nodes; i++)
		draw_node(w, i);
	if (!w->is_hierarchy && world_below(w, 2) == 0)
		draw_internal(w);
	draw_links(w);
	world_say(w, "seed %llu: %u nodes, %s, %u in one AS, %u of them "
	    "reflectors", (unsigned long long)seed, w->n_nodes,
	    w->is_hierarchy ? "hierarchy" : "flat", w->n_internal,
	    w->n_reflectors);
	for (i = 0; i < w->n_nodes; i++) {
		struct world_node *n = &w->node[i];

		n->is_alive = true;
		n->host = sim_host_new(w->sim, n->name, addr_print(&n->addr,
		    text, sizeof(text)), world_config(w, i));
	}
	return w;
}

void
world_free(struct world *w)
{
	sim_free(w->sim);
	free(w);
}

/*
 * The configuration of a node, as somebody would write it.
 */
static void
write_networks(struct world *w, const struct world_node *n, unsigned as,
    FILE *f)
{
	char text[PREFIX_TEXT_MAX];
	struct prefix p;
	unsigned i;

	for (i = 0; i < w->n_prefixes; i++) {
		if (!n->configured[i])
			continue;
		world_prefix(w, i, &p);
		fprintf(f, "network %s set { localpref 300 community %u:%u }\n",
		    prefix_print(&p, text, sizeof(text)), as, TAG);
	}
}

static const unsigned preference[] = {
	[REL_CUSTOMER] = 200, [REL_PEER] = 150, [REL_PROVIDER] = 120,
};

static void
write_rules(struct world *w, const struct world_policy *p, unsigned to,
    unsigned as, FILE *f)
{
	char addr[ADDR_TEXT_MAX];

	addr_print(&w->node[to].addr, addr, sizeof(addr));
	if (w->is_hierarchy)
		fprintf(f, "match from %s set { localpref %u%s }\n", addr,
		    preference[p->relation], "");
	if (w->is_hierarchy && p->relation == REL_CUSTOMER)
		fprintf(f, "match from %s set community %u:%u\n", addr, as,
		    TAG);
	else if (w->is_hierarchy)
		fprintf(f, "deny to %s\nallow to %s community %u:%u\n", addr,
		    addr, as, TAG);
	if (p->prepend != 0)
		fprintf(f, "match to %s set prepend-self %u\n", addr,
		    p->prepend);
	if (p->deny_in >= 0)
		fprintf(f, "deny quick from %s prefix 10.%d.0.0/16 or-longer"
		    "\n", addr, p->deny_in);
	if (p->deny_out >= 0)
		fprintf(f, "deny quick to %s prefix 10.%d.0.0/16 or-longer\n",
		    addr, p->deny_out);
}

static void
write_config(struct world *w, unsigned node, FILE *f)
{
	const struct world_node *n = &w->node[node];
	char addr[ADDR_TEXT_MAX];
	unsigned i, as = world_as(w, node);

	fprintf(f, "AS %u\nrouter-id 10.255.0.%u\nholdtime %u\n"
	    "fib-update no\n", as, node + 1, n->hold_sec);
	write_networks(w, n, as, f);
	for (i = 0; i < w->n_nodes; i++) {
		if (!world_is_linked(w, node, i))
			continue;
		fprintf(f, "neighbor %s {\n\tremote-as %u\n%s%s%s%s}\n",
		    addr_print(&w->node[i].addr, addr, sizeof(addr)),
		    world_as(w, i), world_is_client(w, node, i) ?
		    "\troute-reflector\n" : "",
		    n->policy[i].is_passive ? "\tpassive\n" : "",
		    n->policy[i].has_enhanced_refresh ?
		    "\tannounce enhanced refresh yes\n" : "",
		    n->policy[i].has_restart ? "" : "\tannounce restart no\n");
	}
	fprintf(f, "allow from any\nallow to any\n");
	for (i = 0; i < w->n_nodes; i++)
		if (world_is_linked(w, node, i))
			write_rules(w, &n->policy[i], i, as, f);
}

static void
on_conf_error(const char *line, bool is_warning, void *arg)
{
	if (!is_warning)
		world_fail(arg, "configuration: %s", line);
}

struct config *
world_config(struct world *w, unsigned node)
{
	struct conf_errors errors = { .report = on_conf_error, .arg = w };
	struct config *c;
	char *text = NULL;
	size_t len = 0;
	FILE *f = open_memstream(&text, &len);

	if (f == NULL)
		err(1, "world");
	write_config(w, node, f);
	fclose(f);
	sim_trace(w->sim, w->node[node].name, text);
	c = conf_load(&(struct conf_source){
		.path = w->node[node].name, .text = text, .len = len,
		.language = CONF_LANGUAGE_BGPD,
	}, &errors);
	if (c == NULL)
		errx(1, "seed %llu: %s\n%s", (unsigned long long)w->seed,
		    w->error, text);
	free(text);
	return c;
}

void
world_tell(struct world *w, unsigned node, unsigned prefix, bool is_withdraw)
{
	struct world_node *n = &w->node[node];
	struct route r = {
		.family = nlri_by_id(NLRI_IPV4_UNICAST),
		.flags = (uint16_t)(ROUTE_FROM_NETWORK |
		    (is_withdraw ? ROUTE_WITHDRAW : 0)),
	};
	uint8_t nlri_bytes[8], attr_bytes[64], value[4] = { 0 };
	struct wr nlri, attrs, out, who;
	struct prefix p;

	n->told[prefix] = !is_withdraw;
	world_prefix(w, prefix, &p);
	buf_writer(&nlri, nlri_bytes, sizeof(nlri_bytes));
	nlri_put_prefix(&p, &nlri);
	buf_writer(&attrs, attr_bytes, sizeof(attr_bytes));
	attr_put_known(&attrs, ATTR_ORIGIN, value, 1);
	value[2] = 300 >> 8;
	value[3] = 300 & 0xff;
	attr_put_known(&attrs, ATTR_LOCAL_PREF, value, 4);
	value[0] = (uint8_t)(world_as(w, node) >> 8);
	value[1] = (uint8_t)world_as(w, node);
	value[2] = 0;
	value[3] = TAG;
	attr_put_known(&attrs, ATTR_COMMUNITY, value, 4);
	r.nlri = buf_written(&nlri);
	r.attrs = buf_written(&attrs);
	buf_writer_growing(&who, 64);
	imsg_put_peers(&who, NULL, 0);
	chan_send_wr(n->host->to_rde_as_api, IMSG_AUDIENCE, 1, &who);
	buf_free(&who);
	buf_writer_growing(&out, 4096);
	route_put(&out, &r);
	chan_send_wr(n->host->to_rde_as_api, IMSG_ROUTE, 1, &out);
	buf_free(&out);
}
