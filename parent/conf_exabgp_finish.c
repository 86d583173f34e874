/* SPDX-License-Identifier: ISC */
/*
 * Completing ExaBGP's neighbors: templates, families, what follows from
 * other values, and the checks that need all of a neighbor.
 */
#include "parent/conf_exabgp.h"

#include "common/addr.h"
#include "common/arena.h"
#include "common/bgp.h"

#include <stdlib.h>

#define MD5_KEY_MAX		80	/* TCP_MD5SIG_MAXKEYLEN */
#define GRACEFUL_RESTART_MAX	4095
#define NAME_MAX_LEN		1024

static const struct exa_template *
template_find(const struct exa *x, const struct word *name)
{
	size_t i;

	for (i = 0; i < x->n_templates; i++)
		if (x->templates[i].name.len == name->len &&
		    memcmp(x->templates[i].name.at, name->at, name->len) == 0)
			return &x->templates[i];
	return NULL;
}

/* Whether name i was there before: templates may name each other. */
static bool
is_inherited(const struct exa_neighbor *n, size_t i)
{
	const struct word *name = &n->inherits[i];
	size_t k;

	for (k = 0; k < i; k++)
		if (n->inherits[k].len == name->len &&
		    memcmp(n->inherits[k].at, name->at, name->len) == 0)
			return true;
	return false;
}

/* Read the templates' statements once each; they may name more of them. */
static void
finish_inherit(struct exa *x)
{
	struct exa_neighbor *n = x->neighbor;
	const struct exa_template *t;
	struct words here = x->w;
	struct word name;
	size_t i;

	for (i = 0; i < n->n_inherits; i++) {
		name = n->inherits[i];
		if (is_inherited(n, i))
			continue;
		t = template_find(x, &name);
		if (t == NULL) {
			/* Compat: ExaBGP says nothing of it. */
			conf_warning(x->errors, x->source->path, n->line,
			    "neighbor: inherit: there is no template %.*s",
			    (int)name.len, name.at);
			continue;
		}
		x->w = t->body;
		x->is_replay = true;
		exa_section(x, "neighbor", exa_neighbor_rows,
		    exa_neighbor_n_rows);
		x->is_replay = false;
	}
	x->w = here;
	x->line = n->line;
	x->section = "neighbor";
}

/* Families that take path ids when none are named, as ExaBGP's. */
static uint32_t
add_path_default(void)
{
	static const uint8_t ids[] = {
		NLRI_IPV4_UNICAST, NLRI_IPV6_UNICAST, NLRI_IPV4_MPLS,
		NLRI_IPV6_MPLS, NLRI_IPV4_VPN, NLRI_IPV6_VPN, NLRI_IPV4_MUP,
		NLRI_IPV6_MUP,
	};
	uint32_t mask = 0;
	size_t i;

	for (i = 0; i < sizeof(ids) / sizeof(ids[0]); i++)
		mask |= UINT32_C(1) << ids[i];
	return mask;
}

static int
family_compare(const void *va, const void *vb)
{
	const struct conf_family *a = va, *b = vb;

	if (a->afi != b->afi)
		return a->afi < b->afi ? -1 : 1;
	return (int)a->safi - (int)b->safi;
}

/*
 * add_path is kept by family only: the peer's own add_path_receive and
 * add_path_send would mean every family.
 */
static void
finish_families(struct exa *x)
{
	const uint32_t all = (UINT32_C(1) << NLRI_N_FAMILIES) - 1;
	struct exa_neighbor *n = x->neighbor;
	struct conf_peer *p = x->peer;
	uint32_t add_path = n->has_add_path_families ? n->add_path_mask :
	    add_path_default();
	struct conf_family *f;
	const struct nlri_family *row;
	unsigned id;

	if (!n->has_family)
		n->family_mask = all & ~(UINT32_C(1) << NLRI_IPV6_MULTICAST);
	for (id = 0; id < NLRI_N_FAMILIES; id++) {
		if ((n->family_mask >> id & 1) == 0)
			continue;
		row = nlri_by_id(id);
		f = arena_append(x->config->arena, &p->families,
		    &p->n_families, sizeof(*f));
		f->afi = row->afi;
		f->safi = row->safi;
		f->enforce = CONF_YES;
		if (add_path >> id & 1)
			f->add_path = n->add_path;
		if (f->add_path != ADD_PATH_NONE)
			f->paths_limit = n->paths_limit[id];
		f->extended_nexthop = n->nexthop != 1 &&
		    (n->nexthop_mask >> id & 1) != 0;
		if (f->extended_nexthop)
			p->extended_nexthop = CONF_YES;
	}
	if (p->n_families > 1)
		qsort(p->families, p->n_families, sizeof(*f), family_compare);
}

static int
base64_digit(char c)
{
	static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
	    "abcdefghijklmnopqrstuvwxyz0123456789+/";
	const char *at = c == '\0' ? NULL : strchr(digits, c);

	return at == NULL ? -1 : (int)(at - digits);
}

/* Padding may be left out. */
static bool
base64_decode(const struct word *w, struct wr *out)
{
	uint32_t bits = 0, n_bits = 0, i, len = w->len;
	int digit;

	while (len > 0 && w->at[len - 1] == '=')
		len--;
	if (len % 4 == 1 || w->len - len > 2)
		return false;
	for (i = 0; i < len; i++) {
		digit = base64_digit(w->at[i]);
		if (digit < 0)
			return false;
		bits = bits << 6 | (uint32_t)digit;
		n_bits += 6;
		if (n_bits < 8)
			continue;
		n_bits -= 8;
		buf_put_u8(out, bits >> n_bits & 0xff);
	}
	return true;
}

/*
 * Compat: "auto" means base64 in ExaBGP only if the password has no
 * character but 0-9 and a-f.
 */
static bool
md5_is_base64(const struct exa_neighbor *n)
{
	uint32_t i;

	if (n->md5_base64 != 2)
		return n->md5_base64 == 1;
	for (i = 0; i < n->md5_password.len; i++)
		if (strchr("0123456789abcdef", n->md5_password.at[i]) == NULL)
			return false;
	return n->md5_password.len % 4 != 1;
}

static void
finish_key(struct exa *x, const char *word, const struct word *password,
    bool is_base64, struct conf_blob *out)
{
	uint8_t bytes[MD5_KEY_MAX];
	struct rd key;
	struct wr w;

	if (password->at == NULL)
		return;
	buf_writer(&w, bytes, sizeof(bytes));
	if (!is_base64) {
		buf_put_bytes(&w, password->at, password->len);
	} else if (!base64_decode(password, &w)) {
		exa_fail(x, "%s: the password is not base64", word);
		return;
	}
	if (w.err != 0 || w.len == 0) {
		exa_fail(x, "%s: the password must have 1..%d bytes", word,
		    MD5_KEY_MAX);
		return;
	}
	key = buf_written(&w);
	out->bytes = arena_copy(x->config->arena, key.pos, buf_left(&key));
	out->len = (uint32_t)buf_left(&key);
}

/* Values that follow from others. */
static void
finish_derived(struct exa *x)
{
	const struct exa_neighbor *n = x->neighbor;
	struct conf_peer *p = x->peer;
	struct conf_listen *listen;

	if (p->router_id == 0)
		p->router_id = addr_to_ipv4(&p->local_address);
	if (p->graceful_restart == CONF_YES && p->graceful_restart_sec == 0)
		p->graceful_restart_sec =
		    p->hold_time_sec > GRACEFUL_RESTART_MAX ?
		    GRACEFUL_RESTART_MAX : p->hold_time_sec;
	if (p->refresh != CONF_NO)
		p->adj_rib_out = true;
	if (p->md5_address.family == ADDR_NONE)
		p->md5_address = p->local_address;
	finish_key(x, "md5-password", &n->md5_password, md5_is_base64(n),
	    &p->md5_key);
	finish_key(x, "tcp-ao", &n->ao_password, n->ao_base64, &p->ao_key);
	if (p->listen_port == 0 || p->local_address.family == ADDR_NONE)
		return;
	listen = arena_append(x->config->arena, &x->config->listens,
	    &x->config->n_listens, sizeof(*listen));
	/* Compat: that is what ExaBGP takes md5-ip for. */
	listen->addr = p->md5_address;
	listen->port = p->listen_port;
}

static void
check_addresses(struct exa *x)
{
	const struct conf_peer *p = x->peer;
	bool is_range = config_peer_is_template(p);

	if (p->local_address.family != ADDR_NONE &&
	    p->local_address.family != p->remote.addr.family)
		exa_fail(x, "local-address and peer-address are of different "
		    "address families");
	if (p->listen_port != 0 && p->local_address.family == ADDR_NONE)
		exa_fail(x, "listen needs a local-address");
	if (is_range && !p->passive)
		exa_fail(x, "a range of addresses needs passive");
	if (is_range && prefix_has_host_bits(&p->remote))
		exa_fail(x, "the range has bits beyond /%u",
		    p->remote.len_bits);
	if (p->router_id == 0)
		exa_fail(x, "router-id is missing, and local-address is no "
		    "IPv4 address to take it from");
}

static void
check_routes(struct exa *x)
{
	const struct exa_neighbor *n = x->neighbor;
	uint32_t bad = n->routes_mask & ~n->family_mask;
	unsigned id;

	if (!n->has_family)
		return;
	for (id = 0; id < NLRI_N_FAMILIES; id++)
		if (bad >> id & 1)
			exa_fail_at(x, n->route_line[id], "a route is of "
			    "family %s, which family does not name",
			    nlri_by_id(id)->name);
}

/* neighbor PEER local-ip L local-as A peer-as B router-id R family-allowed F */
static void
finish_name(struct exa *x)
{
	char text[PREFIX_TEXT_MAX], name[NAME_MAX_LEN], afi[16], safi[16];
	struct conf_peer *p = x->peer;
	struct addr router_id = addr_from_ipv4(p->router_id);
	struct wr w;
	size_t i;

	buf_writer(&w, name, sizeof(name));
	buf_put_format(&w, "neighbor %s", config_peer_is_template(p) ?
	    prefix_print(&p->remote, text, sizeof(text)) :
	    addr_print(&p->remote.addr, text, sizeof(text)));
	buf_put_format(&w, " local-ip %s", p->local_address.family ==
	    ADDR_NONE ? "auto" :
	    addr_print(&p->local_address, text, sizeof(text)));
	if (p->local_as_auto)
		buf_put_text(&w, " local-as auto");
	else
		buf_put_format(&w, " local-as %u", p->local_as);
	if (p->remote_as == 0)
		buf_put_text(&w, " peer-as auto");
	else
		buf_put_format(&w, " peer-as %u", p->remote_as);
	buf_put_format(&w, " router-id %s family-allowed ",
	    addr_print(&router_id, text, sizeof(text)));
	if (!p->multisession)
		buf_put_text(&w, "in-open");
	for (i = 0; p->multisession && i < p->n_families; i++)
		buf_put_format(&w, "%s%s-%s", i == 0 ? "" : "/",
		    nlri_afi_name(p->families[i].afi, afi, sizeof(afi)),
		    nlri_safi_name(p->families[i].safi, safi, sizeof(safi)));
	p->name = arena_strndup(x->config->arena, name, w.len);
}

void
exa_finish_neighbor(struct exa *x, bool has_faults)
{
	const struct exa_neighbor *n = x->neighbor;

	finish_inherit(x);
	if (!n->has_local_as)
		exa_fail(x, "local-as is missing");
	if (!n->has_peer_as)
		exa_fail(x, "peer-as is missing");
	if (n->md5_password.at != NULL && n->ao_password.at != NULL)
		exa_fail(x, "md5-password and tcp-ao cannot stand together");
	finish_families(x);
	finish_derived(x);
	if (has_faults)
		return;
	check_addresses(x);
	check_routes(x);
	finish_name(x);
}

static int
name_compare(const void *va, const void *vb)
{
	const struct conf_peer *const *a = va, *const *b = vb;
	int r;

	if ((*a)->name == NULL || (*b)->name == NULL)
		return ((*a)->name != NULL) - ((*b)->name != NULL);
	r = strcmp((*a)->name, (*b)->name);
	if (r != 0)
		return r;
	return (int)(*a)->listen_port - (int)(*b)->listen_port;
}

void
exa_finish_names(struct exa *x)
{
	size_t i, n = x->config->n_peers;
	const struct conf_peer **sorted = arena_alloc(x->config->arena,
	    (n + 1) * sizeof(*sorted));

	for (i = 0; i < n; i++)
		sorted[i] = &x->config->peers[i];
	qsort(sorted, n, sizeof(*sorted), name_compare);
	for (i = 1; i < n; i++)
		if (sorted[i]->name != NULL &&
		    name_compare(&sorted[i - 1], &sorted[i]) == 0)
			conf_error(x->errors, x->source->path, 0,
			    "%s is there twice", sorted[i]->name);
}
