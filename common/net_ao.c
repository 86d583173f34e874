/* SPDX-License-Identifier: ISC */
/* TCP-AO keys on sockets, in the kernel's structs, which headers before
 * Linux 6.7 lack. */
#include "common/net_ao.h"

#include "common/addr.h"
#include "common/err.h"
#include "common/net.h"

#include <netinet/in.h>
#include <stddef.h>
#include <string.h>
#include <sys/socket.h>

#define AO_ADD_KEY	38	/* TCP_AO_ADD_KEY */
#define AO_DEL_KEY	39	/* TCP_AO_DEL_KEY */
#define AO_KEY_MAX	80

/* As in linux/tcp.h. */
struct ao_add {
	struct sockaddr_storage	addr;
	char		alg_name[64];
	int32_t		ifindex;
	uint32_t	flags;		/* set_current, set_rnext */
	uint16_t	reserved;
	uint8_t		prefix;
	uint8_t		sndid, rcvid;
	uint8_t		maclen;
	uint8_t		keyflags;
	uint8_t		keylen;
	uint8_t		key[AO_KEY_MAX];
} __attribute__((aligned(8)));

struct ao_del {
	struct sockaddr_storage	addr;
	int32_t		ifindex;
	uint32_t	flags;
	uint16_t	reserved;
	uint8_t		prefix;
	uint8_t		sndid, rcvid;
	uint8_t		current_key, rnext;
	uint8_t		keyflags;
} __attribute__((aligned(8)));

_Static_assert(offsetof(struct ao_add, key) == 208, "the kernel's layout");
_Static_assert(offsetof(struct ao_del, keyflags) == 143, "and this one's");

struct ao_row {
	const char	*name, *kernel_name;
	uint8_t		 mac_len;
};

static const struct ao_row ao_rows[] = {
	{ "hmac-sha-1-96", "hmac(sha1)", 12 },
	{ "aes-128-cmac-96", "cmac(aes128)", 12 },
	{ "hmac-sha-256", "hmac(sha256)", 16 },
};

static const struct ao_row *
ao_row(const char *name)
{
	size_t i;

	if (name == NULL)
		return &ao_rows[0];
	for (i = 0; i < sizeof(ao_rows) / sizeof(ao_rows[0]); i++)
		if (strcmp(ao_rows[i].name, name) == 0)
			return &ao_rows[i];
	return NULL;
}

bool
net_ao_is_algorithm(const char *name)
{
	return ao_row(name) != NULL;
}

int
net_ao_add(int fd, const struct prefix *from, const struct net_key *key)
{
	const struct ao_row *row = ao_row(key->algorithm);
	struct ao_add add = {
		.prefix = from->len_bits, .sndid = key->id,
		.rcvid = key->id, .keylen = key->len,
	};
	int r;

	if (row == NULL || key->len == 0 || key->len > AO_KEY_MAX)
		return ERR_RANGE;
	addr_to_sockaddr(&from->addr, 0, &add.addr);
	strlcpy(add.alg_name, row->kernel_name, sizeof(add.alg_name));
	add.maclen = row->mac_len;
	memcpy(add.key, key->bytes, key->len);
	r = setsockopt(fd, IPPROTO_TCP, AO_ADD_KEY, &add, sizeof(add));
	explicit_bzero(&add, sizeof(add));
	return r == 0 ? 0 : ERR_SYSTEM;
}

int
net_ao_del(int fd, const struct prefix *from, const struct net_key *key)
{
	struct ao_del del = {
		.prefix = from->len_bits, .sndid = key->id, .rcvid = key->id,
	};

	addr_to_sockaddr(&from->addr, 0, &del.addr);
	return setsockopt(fd, IPPROTO_TCP, AO_DEL_KEY, &del, sizeof(del)) ==
	    0 ? 0 : ERR_SYSTEM;
}
