/* SPDX-License-Identifier: ISC */
/* Printing the configuration: rules, attribute sets, communities. */
#include "common/config_print_parts.h"

#include "common/addr.h"
#include "common/bgp.h"
#include "common/config.h"
#include "common/extname.h"

#include <string.h>

static const char *
field_word(uint8_t field)
{
	static const char *const words[] = {
		[COMMUNITY_ANY] = "*", [COMMUNITY_NEIGHBOR_AS] = "neighbor-as",
		[COMMUNITY_LOCAL_AS] = "local-as",
	};

	return field < sizeof(words) / sizeof(words[0]) ? words[field] : NULL;
}

static void
print_part(FILE *f, const struct conf_community *c, unsigned i, char end)
{
	const char *word = field_word(c->field[i]);

	if (word != NULL)
		fprintf(f, "%s%c", word, end);
	else
		fprintf(f, "%u%c", c->part[i], end);
}

static void
print_ovs(FILE *f, uint64_t value)
{
	static const char *const words[] = { "valid", "not-found", "invalid" };

	fprintf(f, "%s ", value < 3 ? words[value] : "???");
}

static void
print_extended(FILE *f, const struct conf_community *c)
{
	uint8_t type = (uint8_t)(c->ext_type >> 8);
	const struct extname *name =
	    extname_find(type, (uint8_t)c->ext_type);
	struct addr a = addr_from_ipv4(c->part[0]);

	if (c->field[2] == COMMUNITY_ANY) {
		fprintf(f, "* * ");
		return;
	}
	fprintf(f, "%s ", name == NULL ? "???" : name->name);
	if (c->ext_is_any) {
		fprintf(f, "* ");
	} else if (type == EXTNAME_OVS) {
		print_ovs(f, c->ext_value);
	} else if (extname_is_opaque(type)) {
		fprintf(f, "0x%x%08x ", (unsigned)(c->ext_value >> 32),
		    (unsigned)c->ext_value);
	} else {
		if ((type & 0x3f) == EXTNAME_IPV4) {
			print_addr(f, &a);
			fputc(':', f);
		} else if ((type & 0x3f) == EXTNAME_FOUR_AS &&
		    c->part[0] <= UINT16_MAX && c->field[0] == 0) {
			/* A plain number would be read as two octets. */
			fprintf(f, "0.%u:", c->part[0]);
		} else {
			print_part(f, c, 0, ':');
		}
		print_part(f, c, 1, ' ');
	}
}

void
print_community(FILE *f, const struct conf_community *c)
{
	if (c->kind == COMMUNITY_EXTENDED) {
		print_extended(f, c);
		return;
	}
	print_part(f, c, 0, ':');
	if (c->kind == COMMUNITY_LARGE)
		print_part(f, c, 1, ':');
	print_part(f, c, c->kind == COMMUNITY_LARGE ? 2 : 1, ' ');
}

static const char *
community_word(const struct conf_community *c)
{
	static const char *const words[] = {
		[COMMUNITY_STANDARD] = "community",
		[COMMUNITY_LARGE] = "large-community",
		[COMMUNITY_EXTENDED] = "ext-community",
	};

	return words[c->kind];
}

static void
print_origin(FILE *f, int64_t origin)
{
	static const char *const words[] = {
		[ORIGIN_IGP] = "igp", [ORIGIN_EGP] = "egp",
		[ORIGIN_INCOMPLETE] = "incomplete",
	};

	fprintf(f, "origin %s ", words[origin >= 0 && origin < 3 ? origin : 2]);
}

/* How the actions look: with what behind the word. */
static const struct {
	const char	*word;
	enum { ARG_NONE, ARG_NUMBER, ARG_SIGNED, ARG_NAME, ARG_OTHER } arg;
} set_words[] = {
	[SET_LOCALPREF] = { "localpref", ARG_NUMBER },
	[SET_LOCALPREF_RELATIVE] = { "localpref", ARG_SIGNED },
	[SET_MED] = { "metric", ARG_NUMBER },
	[SET_MED_RELATIVE] = { "metric", ARG_SIGNED },
	[SET_WEIGHT] = { "weight", ARG_NUMBER },
	[SET_WEIGHT_RELATIVE] = { "weight", ARG_SIGNED },
	[SET_NEXTHOP] = { "nexthop", ARG_OTHER },
	[SET_NEXTHOP_BLACKHOLE] = { "nexthop blackhole", ARG_NONE },
	[SET_NEXTHOP_REJECT] = { "nexthop reject", ARG_NONE },
	[SET_NEXTHOP_SELF] = { "nexthop self", ARG_NONE },
	[SET_NEXTHOP_NOMODIFY] = { "nexthop no-modify", ARG_NONE },
	[SET_PREPEND_SELF] = { "prepend-self", ARG_NUMBER },
	[SET_PREPEND_NEIGHBOR] = { "prepend-neighbor", ARG_NUMBER },
	[SET_COMMUNITY] = { "", ARG_OTHER },
	[SET_COMMUNITY_DELETE] = { "delete", ARG_OTHER },
	[SET_ORIGIN] = { "origin", ARG_OTHER },
	[SET_AS_OVERRIDE] = { "as-override", ARG_NONE },
	[SET_PFTABLE] = { "pftable", ARG_NAME },
	[SET_RTLABEL] = { "rtlabel", ARG_NAME },
};

/* Names go without quotes, unless they would be read as something else. */
static void
print_name(FILE *f, const char *name)
{
	if (name[0] != '\0' && name[strspn(name, "abcdefghijklmnopqrstuvwxyz"
	    "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-.")] == '\0' &&
	    name[0] != '-' && name[0] != '.')
		fputs(name, f);
	else
		print_quoted(f, name);
}

static void
print_set(FILE *f, const struct conf_set *s)
{
	const char *word = set_words[s->kind].word;

	switch (set_words[s->kind].arg) {
	case ARG_NONE:
		fprintf(f, "%s ", word);
		return;
	case ARG_NUMBER:
		fprintf(f, "%s %lld ", word, (long long)s->number);
		return;
	case ARG_SIGNED:
		fprintf(f, "%s %+lld ", word, (long long)s->number);
		return;
	case ARG_NAME:
		fprintf(f, "%s ", word);
		print_name(f, s->name);
		fputc(' ', f);
		return;
	default:
		break;
	}
	if (s->kind == SET_NEXTHOP) {
		fprintf(f, "nexthop ");
		print_addr(f, &s->addr);
		fputc(' ', f);
	} else if (s->kind == SET_ORIGIN) {
		print_origin(f, s->number);
	} else {
		fprintf(f, "%s%s%s ", community_word(&s->community),
		    *word == '\0' ? "" : " ", word);
		print_community(f, &s->community);
	}
}

void
print_sets(FILE *f, const struct conf_set *sets, size_t n)
{
	size_t i;

	if (n == 0)
		return;
	fprintf(f, "set { ");
	for (i = 0; i < n; i++)
		print_set(f, &sets[i]);
	fputc('}', f);
}

void
print_prefix(FILE *f, const struct conf_prefix *p)
{
	unsigned max = addr_bits(p->prefix.addr.family);
	unsigned len = p->prefix.len_bits, low = p->len_min, high = p->len_max;

	print_addr(f, &p->prefix.addr);
	fprintf(f, "/%u", len);
	if (p->op == CONF_OP_NONE)
		return;
	if (p->op == CONF_OP_XRANGE && low == high)
		fprintf(f, " prefixlen != %u", low);
	else if (p->op == CONF_OP_XRANGE)
		fprintf(f, " prefixlen %u >< %u ", low, high);
	else if (low == high && len != low)
		fprintf(f, " prefixlen = %u", low);
	else if (len == low && high == max)
		fprintf(f, " or-longer");
	else if (len == low && len != high)
		fprintf(f, " maxlen %u", high);
	else if (high == max)
		fprintf(f, " prefixlen >= %u", low);
	else if (low == high)
		fprintf(f, " prefixlen = %u", low);
	else
		fprintf(f, " prefixlen %u - %u", low, high);
}

static void
print_rule_peer(FILE *f, const struct conf_rule *r)
{
	switch (r->peer_kind) {
	case RULE_PEER_IBGP:
		fprintf(f, "ibgp ");
		break;
	case RULE_PEER_EBGP:
		fprintf(f, "ebgp ");
		break;
	case RULE_PEER_ADDRESS:
		print_addr(f, &r->peer_addr);
		fputc(' ', f);
		break;
	case RULE_PEER_AS:
		fprintf(f, "AS %u ", r->peer_as);
		break;
	case RULE_PEER_GROUP:
		fprintf(f, "group ");
		print_quoted(f, r->peer_group);
		fputc(' ', f);
		break;
	default:
		fprintf(f, "any ");
		break;
	}
}

/* valid, invalid, or the third word, from 1 + enum rov_state. */
static const char *
validity_word(uint8_t v, const char *none)
{
	return v == 1 + ROV_VALID ? "valid" :
	    v == 1 + ROV_INVALID ? "invalid" : none;
}

static void
print_named(FILE *f, const char *word, const char *name)
{
	if (name == NULL)
		return;
	fprintf(f, "%s ", word);
	print_quoted(f, name);
	fputc(' ', f);
}

static void
print_rule_prefix(FILE *f, const struct conf_rule *r)
{
	if (r->has_prefix) {
		fprintf(f, "prefix ");
		print_prefix(f, &r->prefix);
		fputc(' ', f);
	}
	print_named(f, "prefix-set", r->prefix_set);
	if (r->prefix_set_or_longer)
		fprintf(f, "or-longer ");
	print_named(f, "origin-set", r->origin_set);
	if (r->nexthop_kind == 2) {
		fprintf(f, "nexthop neighbor ");
	} else if (r->nexthop_kind == 1) {
		fprintf(f, "nexthop ");
		print_addr(f, &r->nexthop);
		fputc(' ', f);
	}
}

static void
print_rule_as(FILE *f, const struct conf_rule *r)
{
	static const char *const words[] = {
		[RULE_AS_ANY] = "AS", [RULE_AS_PEER] = "peer-as",
		[RULE_AS_SOURCE] = "source-as",
		[RULE_AS_TRANSIT] = "transit-as",
	};

	if (r->as_kind == RULE_AS_NONE)
		return;
	fprintf(f, "%s ", words[r->as_kind]);
	if (r->as_set != NULL)
		print_named(f, "as-set", r->as_set);
	else if (r->as_is_neighbor)
		fprintf(f, "neighbor-as ");
	else if (r->as_op == CONF_OP_RANGE)
		fprintf(f, "%u - %u ", r->as_low, r->as_high);
	else if (r->as_op == CONF_OP_XRANGE)
		fprintf(f, "%u >< %u ", r->as_low, r->as_high);
	else
		fprintf(f, "%s%u ", r->as_op == CONF_OP_NE ? "!= " : "",
		    r->as_low);
}

static void
print_rule_numbers(FILE *f, const struct conf_rule *r)
{
	static const struct { const char *word; uint8_t kind; } max_words[] = {
		{ "max-communities", COMMUNITY_STANDARD },
		{ "max-ext-communities", COMMUNITY_EXTENDED },
		{ "max-large-communities", COMMUNITY_LARGE },
	};
	size_t i;

	if (r->max_as_len != 0)
		fprintf(f, "max-as-len %u ", r->max_as_len);
	if (r->max_as_seq != 0)
		fprintf(f, "max-as-seq %u ", r->max_as_seq);
	for (i = 0; i < r->n_communities; i++) {
		fprintf(f, "%s ", community_word(&r->communities[i]));
		print_community(f, &r->communities[i]);
	}
	for (i = 0; i < 3; i++)
		if (r->max_communities[max_words[i].kind] >= 0)
			fprintf(f, "%s %d ", max_words[i].word,
			    r->max_communities[max_words[i].kind]);
}

void
print_rule(FILE *f, const struct conf_rule *r)
{
	static const char *const words[] = {
		[RULE_ALLOW] = "allow", [RULE_DENY] = "deny",
		[RULE_MATCH] = "match",
	};

	fprintf(f, "%s ", words[r->action]);
	if (r->is_quick)
		fprintf(f, "quick ");
	if (r->rib != NULL) {
		fprintf(f, "rib ");
		print_name(f, r->rib);
		fputc(' ', f);
	}
	fprintf(f, r->direction == RULE_TO ? "to " : "from ");
	print_rule_peer(f, r);
	if (r->ovs != 0)
		fprintf(f, "ovs %s ", validity_word(r->ovs, "not-found"));
	if (r->avs != 0)
		fprintf(f, "avs %s ", validity_word(r->avs, "unknown"));
	print_rule_prefix(f, r);
	print_rule_as(f, r);
	print_rule_numbers(f, r);
	print_sets(f, r->sets, r->n_sets);
	fputc('\n', f);
}
