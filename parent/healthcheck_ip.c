/* SPDX-License-Identifier: ISC */
/*
 * `exabgp healthcheck`: which addresses are announced, and that the
 * interface has them. They are set up by ip(8), with sudo if asked for.
 */
#include "parent/healthcheck.h"

#include <err.h>
#include <ifaddrs.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <syslog.h>
#include <unistd.h>

#define IP_EXEC_USEC	(10 * 1000000LL)
#define IP_LABEL_MAX	16		/* of the kernel: IFNAMSIZ */

static void
ip_add(struct healthcheck *h, const struct prefix *p)
{
	if (h->n_ips == HEALTHCHECK_IPS_MAX)
		errx(1, "over %d addresses", HEALTHCHECK_IPS_MAX);
	h->ips = reallocarray(h->ips, h->n_ips + 1, sizeof(*h->ips));
	if (h->ips == NULL)
		err(1, NULL);
	h->ips[h->n_ips++] = *p;
}

/* Count up the address, as a number of many digits. */
static void
ip_next(struct addr *a)
{
	size_t i = a->family == ADDR_IPV6 ? 16 : 4;

	while (i-- > 0)
		if (++a->bytes[i] != 0)
			return;
}

static void
ip_add_network(struct healthcheck *h, const struct prefix *p)
{
	unsigned bits = p->addr.family == ADDR_IPV6 ? 128 : 32;
	struct prefix one = { .addr = p->addr, .len_bits = (uint8_t)bits };
	uint32_t n;

	if (!h->o.has_deaggregation || p->len_bits == bits) {
		ip_add(h, p);
		return;
	}
	if (bits - p->len_bits > 16)
		errx(1, "--deaggregate-networks: a network of over %d "
		    "addresses", HEALTHCHECK_IPS_MAX);
	for (n = 0; n < 1u << (bits - p->len_bits); n++) {
		ip_add(h, &one);
		ip_next(&one.addr);
	}
}

static bool
ip_from_sockaddr(const struct sockaddr *sa, struct addr *a)
{
	uint16_t port;

	return sa != NULL && (sa->sa_family == AF_INET ||
	    sa->sa_family == AF_INET6) &&
	    addr_from_sockaddr(sa, a, &port) == 0;
}

/* Without the host's own: 127.0.0.0/8, ::1 and link-local ones. */
static bool
ip_is_for_us(const struct addr *a)
{
	return !addr_is_loopback(a) && !addr_is_link_local(a);
}

/* Names of IPv4 addresses are their labels: "lo:haproxy1". */
static bool
ip_has_label(const struct healthcheck *h, const char *name)
{
	const char *colon = strchr(name, ':');

	if (h->o.label == NULL)
		return true;
	if (colon == NULL)
		return false;
	return h->o.is_label_exact ? strcmp(colon + 1, h->o.label) == 0 :
	    strncmp(colon + 1, h->o.label, strlen(h->o.label)) == 0;
}

static bool
ip_is_on(const struct healthcheck *h, const char *name)
{
	size_t n = strlen(h->o.interface);

	return strncmp(name, h->o.interface, n) == 0 &&
	    (name[n] == '\0' || name[n] == ':');
}

/* Call for each address of the interface. */
static void
ip_each(struct healthcheck *h, void (*fn)(struct healthcheck *,
    const struct ifaddrs *, const struct addr *))
{
	struct ifaddrs *all, *i;
	struct addr a;

	if (getifaddrs(&all) != 0)
		err(1, "getifaddrs");
	for (i = all; i != NULL; i = i->ifa_next)
		if (ip_is_on(h, i->ifa_name) &&
		    ip_from_sockaddr(i->ifa_addr, &a))
			fn(h, i, &a);
	freeifaddrs(all);
}

static void
ip_take_found(struct healthcheck *h, const struct ifaddrs *i,
    const struct addr *a)
{
	struct prefix p = { .addr = *a,
	    .len_bits = a->family == ADDR_IPV6 ? 128 : 32 };

	if (ip_is_for_us(a) && ip_has_label(h, i->ifa_name))
		ip_add(h, &p);
}

/* --start-ip: the list begins there and goes round. */
static void
ip_rotate(struct healthcheck *h)
{
	struct prefix *turned;
	size_t i;

	turned = calloc(h->n_ips, sizeof(*turned));
	if (turned == NULL)
		err(1, NULL);
	for (i = 0; i < h->n_ips; i++)
		turned[i] = h->ips[(i + h->o.start_ip) % h->n_ips];
	free(h->ips);
	h->ips = turned;
}

void
healthcheck_ips(struct healthcheck *h)
{
	size_t i;

	for (i = 0; i < h->o.n_ips; i++)
		ip_add_network(h, &h->o.ips[i]);
	if (h->n_ips == 0)
		ip_each(h, ip_take_found);
	if (h->n_ips == 0)
		errx(1, "no address to announce: none by --ip, and none on "
		    "%s%s%s", h->o.interface, h->o.label == NULL ? "" :
		    " with label ", h->o.label == NULL ? "" : h->o.label);
	ip_rotate(h);
	h->is_there = calloc(h->n_ips, sizeof(*h->is_there));
	if (h->is_there == NULL)
		err(1, NULL);
}

static void
ip_mark(struct healthcheck *h, const struct ifaddrs *found,
    const struct addr *a)
{
	struct addr bare = *a;
	size_t i;

	(void)found;
	bare.scope_id = 0;
	for (i = 0; i < h->n_ips; i++)
		if (addr_is_equal(&h->ips[i].addr, &bare))
			h->is_there[i] = true;
}

static void
ip_run(struct healthcheck *h, const char *verb, const struct prefix *p)
{
	char prefix[PREFIX_TEXT_MAX], label[IP_LABEL_MAX];
	const char *const base[] = { "sudo", "ip", "address", verb, prefix,
	    "dev", h->o.interface, "label", label };
	size_t i, n = 0, n_base = sizeof(base) / sizeof(base[0]);
	char *argv[sizeof(base) / sizeof(base[0]) + 1];

	prefix_print(p, prefix, sizeof(prefix));
	snprintf(label, sizeof(label), "%s:%s", h->o.interface,
	    h->o.label == NULL ? "" : h->o.label);
	if (h->o.label == NULL || p->addr.family != ADDR_IPV4)
		n_base -= 2;
	for (i = h->o.has_sudo ? 0 : 1; i < n_base; i++)
		if ((argv[n++] = strdup(base[i])) == NULL)
			err(1, NULL);
	argv[n] = NULL;
	if (healthcheck_exec(h, argv, healthcheck_state_name(h->state),
	    IP_EXEC_USEC) != 0)
		healthcheck_log(h, LOG_WARNING, "ip address %s %s dev %s "
		    "failed", verb, prefix, h->o.interface);
	for (i = 0; i < n; i++)
		free(argv[i]);
}

/* Set up those that are missing, or remove those that are there. */
static void
ip_change(struct healthcheck *h, bool is_setup)
{
	size_t i;

	memset(h->is_there, 0, h->n_ips * sizeof(*h->is_there));
	ip_each(h, ip_mark);
	for (i = 0; i < h->n_ips; i++)
		if (h->is_there[i] != is_setup)
			ip_run(h, is_setup ? "add" : "delete", &h->ips[i]);
}

void
healthcheck_ip_setup(struct healthcheck *h)
{
	ip_change(h, true);
}

void
healthcheck_ip_remove(struct healthcheck *h)
{
	ip_change(h, false);
}
