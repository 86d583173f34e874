/* SPDX-License-Identifier: ISC */
/* The configuration model: making, finding, and ids over reloads. */
#include "common/config.h"

#include "common/arena.h"
#include "common/bgp.h"
#include "common/log.h"

#include <err.h>
#include <linux/rtnetlink.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define CONFIG_ARENA_BYTES	(64 * 1024)

struct config *
config_new(void)
{
	struct arena *arena = arena_new(CONFIG_ARENA_BYTES);
	struct config *c = arena_alloc(arena, sizeof(*c));

	c->arena = arena;
	c->hold_time_sec = 90;
	c->hold_time_min_sec = 3;
	c->connect_retry_sec = 120;
	c->stale_time_sec = 180;
	c->fib_update = true;
	c->fib_priority = 48;
	c->reject_as_set = true;
	c->environment = (struct conf_environment){
		.api_version = 6, .api_ack = true, .api_respawn = true,
		.api_cli = true, .open_wait_sec = 60, .drop = true,
		.log_topics = LOG_TOPICS_USUAL, .log_short = true,
	};
	return c;
}

void
config_free(struct config *c)
{
	if (c != NULL)
		arena_free(c->arena);
}

struct conf_peer *
config_add_peer(struct config *c)
{
	struct conf_peer *p = arena_append(c->arena, &c->peers, &c->n_peers,
	    sizeof(*p));

	p->local_as = c->as;
	p->local_as_short = c->as_short;
	p->port = BGP_PORT;
	p->multihop = 1;
	p->refresh = CONF_YES;
	p->graceful_restart = CONF_YES;
	p->as4 = CONF_ENFORCE;
	p->role = ROLE_NONE;
	p->reject_as_set = c->reject_as_set;
	p->max_as_path = CONFIG_MAX_AS_PATH;
	p->transparent_as = c->transparent_as;
	p->evaluate_all = c->evaluate_all;
	p->enforce_local_as = true;
	p->group_updates = true;
	p->auto_flush = true;
	p->adj_rib_in = true;
	p->adj_rib_out = true;
	return p;
}

struct conf_peer *
config_peer(const struct config *c, uint32_t id)
{
	size_t i;

	for (i = 0; i < c->n_peers; i++)
		if (c->peers[i].id == id)
			return &c->peers[i];
	return NULL;
}

struct conf_peer *
config_peer_by_addr(const struct config *c, const struct addr *a)
{
	size_t i;

	for (i = 0; i < c->n_peers; i++)
		if (!config_peer_is_template(&c->peers[i]) &&
		    addr_is_equal(&c->peers[i].remote.addr, a))
			return &c->peers[i];
	return NULL;
}

const struct conf_bmp *
config_bmp(const struct config *c, const char *name)
{
	size_t i;

	for (i = 0; i < c->n_bmps; i++)
		if (strcmp(c->bmps[i].name, name) == 0)
			return &c->bmps[i];
	return NULL;
}

struct conf_process *
config_process(const struct config *c, const char *name)
{
	size_t i;

	for (i = 0; i < c->n_processes; i++)
		if (strcmp(c->processes[i].name, name) == 0)
			return &c->processes[i];
	return NULL;
}

bool
config_peer_is_template(const struct conf_peer *p)
{
	return p->remote.len_bits != addr_bits(p->remote.addr.family);
}

bool
config_peer_is_ebgp(const struct conf_peer *p)
{
	return p->remote_as != p->local_as;
}

bool
config_rib_fills(const struct conf_rib *r)
{
	return r->has_table && r->fib_update && !r->no_evaluate;
}

uint32_t
config_kernel_table(uint32_t table)
{
	return table == 0 ? RT_TABLE_MAIN : table;
}

bool
config_is_confed_member(const struct config *c, uint32_t as)
{
	size_t i;

	for (i = 0; i < c->n_confed_members; i++) {
		if (c->confed_members[i] == as)
			return as != c->as;
	}
	return false;
}

bool
config_peer_is_off(const struct conf_peer *p)
{
	return p->is_down || p->refused != NULL;
}

char *
config_peer_label(const struct conf_peer *p, char *buf, size_t buf_len)
{
	char text[PREFIX_TEXT_MAX];

	if (config_peer_is_template(p))
		prefix_print(&p->remote, text, sizeof(text));
	else
		addr_print(&p->remote.addr, text, sizeof(text));
	if (p->remote_as == 0)
		snprintf(buf, buf_len, "%s (AS auto)", text);
	else
		snprintf(buf, buf_len, "%s (AS%u)", text, p->remote_as);
	return buf;
}

/* What makes two peers of different models the same one. */
static int
config_peer_identity(const void *va, const void *vb)
{
	const struct conf_peer *const *a = va, *const *b = vb;
	int r = prefix_compare(&(*a)->remote, &(*b)->remote);

	if (r != 0)
		return r;
	/* ExaBGP allows several neighbors to one address: its name decides. */
	if ((*a)->name == NULL || (*b)->name == NULL)
		return ((*a)->name != NULL) - ((*b)->name != NULL);
	return strcmp((*a)->name, (*b)->name);
}

static const struct conf_peer **
config_sorted_peers(const struct config *c)
{
	const struct conf_peer **sorted;
	size_t i;

	sorted = calloc(c->n_peers + 1, sizeof(struct conf_peer *));
	if (sorted == NULL)
		err(1, "config");
	for (i = 0; i < c->n_peers; i++)
		sorted[i] = &c->peers[i];
	qsort(sorted, c->n_peers, sizeof(sorted[0]), config_peer_identity);
	return sorted;
}

static void
config_keep_peer_ids(const struct config *old, struct config *new)
{
	const struct conf_peer **sorted = config_sorted_peers(old);
	const struct conf_peer **found, *key;
	uint32_t next = 1;
	size_t i;

	for (i = 0; i < old->n_peers; i++)
		if (old->peers[i].id >= next)
			next = old->peers[i].id + 1;
	for (i = 0; i < new->n_peers; i++) {
		key = &new->peers[i];
		found = bsearch(&key, sorted, old->n_peers, sizeof(sorted[0]),
		    config_peer_identity);
		new->peers[i].id = found == NULL ? next++ : (*found)->id;
	}
	free(sorted);
}

void
config_keep_ids(const struct config *old, struct config *new)
{
	struct config none = { 0 };
	const struct conf_process *p;
	uint32_t next = 1;
	size_t i;

	if (old == NULL)
		old = &none;
	config_keep_peer_ids(old, new);
	for (i = 0; i < old->n_processes; i++)
		if (old->processes[i].id >= next)
			next = old->processes[i].id + 1;
	for (i = 0; i < new->n_processes; i++) {
		p = config_process(old, new->processes[i].name);
		new->processes[i].id = p == NULL ? next++ : p->id;
	}
}

/* Put a port in its place; false when there is no room. */
static bool
config_add_port(uint16_t port, uint16_t *ports, size_t *n, size_t max)
{
	size_t i;

	for (i = 0; i < *n && ports[i] < port; i++)
		continue;
	if (port == 0 || (i < *n && ports[i] == port))
		return true;
	if (*n == max)
		return false;
	memmove(ports + i + 1, ports + i, (*n - i) * sizeof(*ports));
	ports[i] = port;
	(*n)++;
	return true;
}

size_t
config_ports(const struct config *c, uint16_t *ports, size_t max)
{
	size_t i, n = 0;

	config_add_port(BGP_PORT, ports, &n, max);
	for (i = 0; i < c->n_peers; i++)
		if (!config_add_port(c->peers[i].port, ports, &n, max))
			return 0;
	for (i = 0; i < c->n_rtrs; i++)
		if (!config_add_port(c->rtrs[i].port, ports, &n, max))
			return 0;
	return n;
}
