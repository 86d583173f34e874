/* SPDX-License-Identifier: ISC */
/* The words of flow specifications: components, operators, values. */
#ifndef COMMON_NLRI_FLOW_WORDS_H
#define COMMON_NLRI_FLOW_WORDS_H

#include "common/buf.h"

#include <stdbool.h>
#include <stdint.h>

enum flow_type {			/* RFC 8955 4.2.2, RFC 8956 3 */
	FLOW_DESTINATION = 1,
	FLOW_SOURCE = 2,
	FLOW_PROTOCOL = 3,
	FLOW_PORT = 4,
	FLOW_DESTINATION_PORT = 5,
	FLOW_SOURCE_PORT = 6,
	FLOW_ICMP_TYPE = 7,
	FLOW_ICMP_CODE = 8,
	FLOW_TCP_FLAGS = 9,
	FLOW_PACKET_LENGTH = 10,
	FLOW_DSCP = 11,
	FLOW_FRAGMENT = 12,
	FLOW_LABEL = 13,
	FLOW_TYPE_MAX = 13,
};

enum flow_op {				/* RFC 8955 4.2.1 */
	FLOW_OP_END = 0x80,
	FLOW_OP_AND = 0x40,
	FLOW_OP_LEN = 0x30,		/* value of 1, 2, 4, 8 bytes */
	FLOW_OP_LT = 0x04,		/* numeric */
	FLOW_OP_GT = 0x02,
	FLOW_OP_EQ = 0x01,
	FLOW_OP_NOT = 0x02,		/* bitmask */
	FLOW_OP_MATCH = 0x01,
};

/* ExaBGP's name of a component of 1..FLOW_TYPE_MAX: "source-ipv6". */
const char *flow_words_name(unsigned type, bool is_ipv6);
/* Write operator and value: "=tcp", ">1024", "!fin", "=syn+ack". */
void	flow_words_put(unsigned type, unsigned op, uint64_t value,
	    struct wr *out);
/* Whether values of this component are bits, not numbers. */
bool	flow_words_is_bitmask(unsigned type);

#endif
