/* SPDX-License-Identifier: ISC */
/* Printing the configuration: what only ExaBGP's language has words for. */
#include "common/config_print_parts.h"

#include "common/bgp.h"
#include "common/config.h"
#include "common/config_extra.h"
#include "common/nlri/nlri.h"

void
print_exabgp(FILE *f, const struct config *c)
{
	struct config *usual = config_new();

	if (config_extra_count(&config_extra_global, c, usual) +
	    config_extra_count(&config_extra_environment, &c->environment,
	    &usual->environment) != 0) {
		fprintf(f, "exabgp {\n");
		config_extra_print(f, &config_extra_global, c, usual, "\t");
		config_extra_print(f, &config_extra_environment,
		    &c->environment, &usual->environment, "\t");
		fprintf(f, "}\n");
	}
	config_free(usual);
}

/* Whether `announce` has a word for it. */
static bool
family_is_plain(const struct conf_family *f)
{
	if (f->add_path != 0 || f->paths_limit != 0)
		return false;
	if (f->afi == AFI_L2VPN)
		return f->safi == SAFI_EVPN && !f->extended_nexthop;
	return (f->afi == AFI_IPV4 || f->afi == AFI_IPV6) &&
	    (f->safi == SAFI_UNICAST || f->safi == SAFI_MPLS_VPN ||
	    f->safi == SAFI_FLOW);
}

/* `announce extended nexthop` sets it for these. */
static bool
family_has_odd_nexthop(const struct conf_peer *p, const struct conf_family *f)
{
	bool is_usual = p->extended_nexthop != CONF_NO &&
	    f->afi == AFI_IPV4 && (f->safi == SAFI_UNICAST ||
	    f->safi == SAFI_MPLS_VPN);

	return f->extended_nexthop != is_usual;
}

static bool
family_is_shown(const struct conf_peer *p, const struct conf_family *f)
{
	return nlri_find(f->afi, f->safi) != NULL &&
	    (!family_is_plain(f) || family_has_odd_nexthop(p, f));
}

static void
print_family(FILE *f, const struct conf_family *family, const char *indent)
{
	fprintf(f, "%s\tfamily \"%s\"", indent,
	    nlri_find(family->afi, family->safi)->name);
	if (family->enforce == CONF_ENFORCE)
		fprintf(f, " enforce");
	if (family->add_path != 0)
		fprintf(f, " add-path %u", family->add_path);
	if (family->paths_limit != 0)
		fprintf(f, " limit %u", family->paths_limit);
	if (family->extended_nexthop)
		fprintf(f, " nexthop");
	fputc('\n', f);
}

void
print_exabgp_peer(FILE *f, const struct conf_peer *p, const char *indent)
{
	struct config *scratch = config_new();
	const struct conf_peer *usual = config_add_peer(scratch);
	size_t n = config_extra_count(&config_extra_peer, p, usual) +
	    p->n_operational_messages, i;
	char inner[8];

	for (i = 0; i < p->n_families; i++)
		n += family_is_shown(p, &p->families[i]);
	if (n != 0) {
		snprintf(inner, sizeof(inner), "%s\t", indent);
		fprintf(f, "%sexabgp {\n", indent);
		config_extra_print(f, &config_extra_peer, p, usual, inner);
		for (i = 0; i < p->n_families; i++)
			if (family_is_shown(p, &p->families[i]))
				print_family(f, &p->families[i], indent);
		for (i = 0; i < p->n_operational_messages; i++) {
			fprintf(f, "%s\toperational ", indent);
			print_hex(f, p->operational_messages[i].bytes,
			    p->operational_messages[i].len);
			fputc('\n', f);
		}
		fprintf(f, "%s}\n", indent);
	}
	config_free(scratch);
}
