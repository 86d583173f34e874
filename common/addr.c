/* SPDX-License-Identifier: ISC */
/* IP addresses and prefixes as values. */
#include "common/addr.h"

#include "common/buf.h"
#include "common/err.h"

#include <arpa/inet.h>
#include <endian.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

/*
 * A zone is a number here: workers write and read addresses, too, and may not
 * ask the kernel for the name of an interface.
 */
static int
addr_parse_zone(const char *zone, uint32_t *scope_id)
{
	char *end;
	unsigned long n = strtoul(zone, &end, 10);

	if (*zone < '0' || *zone > '9' || *end != '\0')
		return ERR_SYNTAX;
	if (n == 0 || n > UINT32_MAX)
		return ERR_SYNTAX;
	*scope_id = (uint32_t)n;
	return 0;
}

int
addr_parse(const char *text, struct addr *out)
{
	struct addr a = { 0 };
	char copy[ADDR_TEXT_MAX];
	const char *zone;

	if (inet_pton(AF_INET, text, a.bytes) == 1) {
		a.family = ADDR_IPV4;
		*out = a;
		return 0;
	}
	zone = strchr(text, '%');
	if (zone != NULL) {
		size_t len = (size_t)(zone - text);

		if (len >= sizeof(copy) ||
		    addr_parse_zone(zone + 1, &a.scope_id) != 0)
			return ERR_SYNTAX;
		memcpy(copy, text, len);
		copy[len] = '\0';
		text = copy;
	}
	if (inet_pton(AF_INET6, text, a.bytes) != 1)
		return ERR_SYNTAX;
	a.family = ADDR_IPV6;
	*out = a;
	return 0;
}

/* The usual case, without what printf costs; false when it is not that. */
static bool
print_ipv4(const struct addr *a, struct wr *out)
{
	unsigned i;

	if (a->family != ADDR_IPV4 || a->scope_id != 0)
		return false;
	for (i = 0; i < 4; i++) {
		if (i > 0)
			buf_put_u8(out, '.');
		buf_put_decimal(out, a->bytes[i]);
	}
	return true;
}

char *
addr_print(const struct addr *a, char *buf, size_t buf_len)
{
	char ip[INET6_ADDRSTRLEN] = "?";
	struct wr w;

	buf_writer(&w, buf, buf_len);
	if (print_ipv4(a, &w)) {
		buf_put_u8(&w, '\0');
		if (w.err == 0)
			return buf;
	}
	if (a->family == ADDR_IPV4)
		inet_ntop(AF_INET, a->bytes, ip, sizeof(ip));
	else if (a->family == ADDR_IPV6)
		inet_ntop(AF_INET6, a->bytes, ip, sizeof(ip));
	if (a->scope_id == 0)
		snprintf(buf, buf_len, "%s", ip);
	else
		snprintf(buf, buf_len, "%s%%%u", ip, a->scope_id);
	return buf;
}

static uint64_t
addr_half(const uint8_t *bytes)
{
	uint64_t v;

	memcpy(&v, bytes, sizeof(v));
	return be64toh(v);
}

int
addr_compare(const struct addr *a, const struct addr *b)
{
	uint64_t va = addr_half(a->bytes), vb = addr_half(b->bytes);

	if (a->family != b->family)
		return a->family < b->family ? -1 : 1;
	if (va == vb) {
		va = addr_half(a->bytes + 8);
		vb = addr_half(b->bytes + 8);
	}
	if (va != vb)
		return va < vb ? -1 : 1;
	if (a->scope_id != b->scope_id)
		return a->scope_id < b->scope_id ? -1 : 1;
	return 0;
}

bool
addr_is_equal(const struct addr *a, const struct addr *b)
{
	return addr_compare(a, b) == 0;
}

size_t
addr_len(uint8_t family)
{
	return family == ADDR_IPV4 ? 4 : family == ADDR_IPV6 ? 16 : 0;
}

unsigned
addr_bits(uint8_t family)
{
	return (unsigned)addr_len(family) * 8;
}

struct addr
addr_from_ipv4(uint32_t host_order)
{
	struct addr a = { .family = ADDR_IPV4 };
	uint32_t net = htonl(host_order);

	memcpy(a.bytes, &net, sizeof(net));
	return a;
}

uint32_t
addr_to_ipv4(const struct addr *a)
{
	uint32_t net;

	if (a->family != ADDR_IPV4)
		return 0;
	memcpy(&net, a->bytes, sizeof(net));
	return ntohl(net);
}

int
addr_from_bytes(const void *bytes, size_t len_bytes, struct addr *out)
{
	if (len_bytes != 4 && len_bytes != 16)
		return ERR_RANGE;
	*out = (struct addr){
		.family = len_bytes == 4 ? ADDR_IPV4 : ADDR_IPV6,
	};
	memcpy(out->bytes, bytes, len_bytes);
	return 0;
}

bool
addr_is_unspecified(const struct addr *a)
{
	static const uint8_t zero[16];

	return memcmp(a->bytes, zero, sizeof(zero)) == 0;
}

bool
addr_is_loopback(const struct addr *a)
{
	static const uint8_t one[16] = { [15] = 1 };

	if (a->family == ADDR_IPV4)
		return a->bytes[0] == 127;
	return a->family == ADDR_IPV6 && memcmp(a->bytes, one, 16) == 0;
}

bool
addr_is_link_local(const struct addr *a)
{
	if (a->family == ADDR_IPV4)
		return a->bytes[0] == 169 && a->bytes[1] == 254;
	return a->family == ADDR_IPV6 && a->bytes[0] == 0xfe &&
	    (a->bytes[1] & 0xc0) == 0x80;
}

bool
addr_is_multicast(const struct addr *a)
{
	if (a->family == ADDR_IPV4)
		return (a->bytes[0] & 0xf0) == 0xe0;
	return a->family == ADDR_IPV6 && a->bytes[0] == 0xff;
}

bool
addr_is_martian(const struct addr *a)
{
	if (addr_is_unspecified(a) || addr_is_loopback(a) ||
	    addr_is_multicast(a))
		return true;
	return a->family == ADDR_IPV4 &&
	    (a->bytes[0] == 0 || a->bytes[0] >= 240);
}

int
addr_from_sockaddr(const struct sockaddr *sa, struct addr *out, uint16_t *port)
{
	struct sockaddr_in sin;
	struct sockaddr_in6 sin6;

	*out = (struct addr){ 0 };
	if (sa->sa_family == AF_INET) {
		memcpy(&sin, sa, sizeof(sin));
		out->family = ADDR_IPV4;
		memcpy(out->bytes, &sin.sin_addr, 4);
		*port = ntohs(sin.sin_port);
		return 0;
	}
	if (sa->sa_family != AF_INET6)
		return ERR_UNSUPPORTED;
	memcpy(&sin6, sa, sizeof(sin6));
	*port = ntohs(sin6.sin6_port);
	if (IN6_IS_ADDR_V4MAPPED(&sin6.sin6_addr)) {
		out->family = ADDR_IPV4;
		memcpy(out->bytes, (const uint8_t *)&sin6.sin6_addr + 12, 4);
		return 0;
	}
	out->family = ADDR_IPV6;
	memcpy(out->bytes, &sin6.sin6_addr, 16);
	if (addr_is_link_local(out))
		out->scope_id = sin6.sin6_scope_id;
	return 0;
}

size_t
addr_to_sockaddr(const struct addr *a, uint16_t port,
    struct sockaddr_storage *out)
{
	struct sockaddr_in sin = { .sin_family = AF_INET };
	struct sockaddr_in6 sin6 = { .sin6_family = AF_INET6 };

	memset(out, 0, sizeof(*out));
	if (a->family == ADDR_IPV4) {
		sin.sin_port = htons(port);
		memcpy(&sin.sin_addr, a->bytes, 4);
		memcpy(out, &sin, sizeof(sin));
		return sizeof(sin);
	}
	sin6.sin6_port = htons(port);
	memcpy(&sin6.sin6_addr, a->bytes, 16);
	sin6.sin6_scope_id = a->scope_id;
	memcpy(out, &sin6, sizeof(sin6));
	return sizeof(sin6);
}

int
prefix_parse(const char *text, struct prefix *out)
{
	const char *slash = strchr(text, '/');
	char copy[ADDR_TEXT_MAX], *end;
	struct prefix p = { 0 };
	unsigned long len;
	size_t n = slash == NULL ? strlen(text) : (size_t)(slash - text);

	if (n >= sizeof(copy))
		return ERR_SYNTAX;
	memcpy(copy, text, n);
	copy[n] = '\0';
	if (addr_parse(copy, &p.addr) != 0)
		return ERR_SYNTAX;
	len = addr_bits(p.addr.family);
	if (slash != NULL) {
		if (slash[1] < '0' || slash[1] > '9')
			return ERR_SYNTAX;
		len = strtoul(slash + 1, &end, 10);
		if (*end != '\0' || len > addr_bits(p.addr.family))
			return ERR_SYNTAX;
	}
	p.len_bits = (uint8_t)len;
	*out = p;
	return 0;
}

char *
prefix_print(const struct prefix *p, char *buf, size_t buf_len)
{
	char a[ADDR_TEXT_MAX];
	struct wr w;

	buf_writer(&w, buf, buf_len);
	if (print_ipv4(&p->addr, &w)) {
		buf_put_u8(&w, '/');
		buf_put_decimal(&w, p->len_bits);
		buf_put_u8(&w, '\0');
		if (w.err == 0)
			return buf;
	}
	snprintf(buf, buf_len, "%s/%u", addr_print(&p->addr, a, sizeof(a)),
	    p->len_bits);
	return buf;
}

void
prefix_mask(struct prefix *p)
{
	size_t i, n = addr_len(p->addr.family), whole = p->len_bits / 8;

	if (whole < n && p->len_bits % 8 != 0) {
		p->addr.bytes[whole] &= (uint8_t)(0xff00 >> p->len_bits % 8);
		whole++;
	}
	for (i = whole; i < n; i++)
		p->addr.bytes[i] = 0;
}

bool
prefix_has_host_bits(const struct prefix *p)
{
	struct prefix masked = *p;

	prefix_mask(&masked);
	return memcmp(masked.addr.bytes, p->addr.bytes, 16) != 0;
}

int
prefix_compare(const struct prefix *a, const struct prefix *b)
{
	int r = addr_compare(&a->addr, &b->addr);

	if (r != 0)
		return r;
	return (int)a->len_bits - (int)b->len_bits;
}

bool
prefix_contains(const struct prefix *p, const struct addr *a)
{
	size_t whole = p->len_bits / 8;
	unsigned rest = p->len_bits % 8;

	if (p->addr.family != a->family ||
	    memcmp(p->addr.bytes, a->bytes, whole) != 0)
		return false;
	if (rest == 0)
		return true;
	return ((p->addr.bytes[whole] ^ a->bytes[whole]) &
	    (0xff00 >> rest) & 0xff) == 0;
}

bool
prefix_covers(const struct prefix *p, const struct prefix *inner)
{
	return inner->len_bits >= p->len_bits &&
	    prefix_contains(p, &inner->addr);
}
