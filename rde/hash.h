/* SPDX-License-Identifier: ISC */
/*
 * Seeded hashing of short keys, for the tables of the RDE. The seed is random
 * for each process, so that peers cannot choose keys that collide.
 */
#ifndef RDE_HASH_H
#define RDE_HASH_H

#include <stddef.h>
#include <stdint.h>
#include <string.h>

#define HASH_MUL_A	UINT64_C(0x9e3779b97f4a7c15)
#define HASH_MUL_B	UINT64_C(0xd6e8feb86659fd93)

/* Fold the 128-bit product of two words into one. */
static inline uint64_t
hash_mix(uint64_t a, uint64_t b)
{
	unsigned __int128 m = (unsigned __int128)a * b;

	return (uint64_t)m ^ (uint64_t)(m >> 64);
}

static inline uint32_t
hash_u64(uint64_t v, uint64_t seed)
{
	return (uint32_t)(hash_mix(v ^ seed, HASH_MUL_A ^ (seed << 1 | 1)) >> 16);
}

/* Hash of len_bytes bytes. */
static inline uint64_t
hash_bytes(const void *data, size_t len_bytes, uint64_t seed)
{
	const uint8_t *p = data;
	uint64_t h = seed ^ len_bytes * HASH_MUL_A, v;

	while (len_bytes >= 8) {
		memcpy(&v, p, 8);
		h = hash_mix(h ^ v, HASH_MUL_B);
		p += 8;
		len_bytes -= 8;
	}
	if (len_bytes != 0) {
		v = 0;
		memcpy(&v, p, len_bytes);
		h = hash_mix(h ^ v, HASH_MUL_A);
	}
	return hash_mix(h, seed | 1);
}

#endif
