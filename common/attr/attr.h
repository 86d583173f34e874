/* SPDX-License-Identifier: ISC */
/*
 * Path attributes: one table row each, with the flags it must have, what RFC
 * 7606 says of errors in it, its check and its description. Nothing here
 * allocates or keeps state.
 *
 * A canonical attribute block, the form in which attributes are kept, sent
 * between workers and compared, is a sequence of wire attributes (flags,
 * code, 1- or 2-byte length, value):
 *   - ascending by code, each code once;
 *   - 4-octet AS_PATH and AGGREGATOR (RFC 6793), never 17 or 18;
 *   - without NEXT_HOP, MP_REACH_NLRI and MP_UNREACH_NLRI: the next hop is
 *     kept beside the block;
 *   - the extended-length flag set exactly when the value is over 255 bytes
 *     (unknown attributes may carry it besides, as they came);
 *   - communities sorted only if they were written so.
 */
#ifndef COMMON_ATTR_ATTR_H
#define COMMON_ATTR_ATTR_H

#include "common/buf.h"
#include "common/bgp.h"

#include <stdbool.h>
#include <stdint.h>

struct emit;

/* What a fault in an attribute asks for, weakest first (RFC 7606 2). */
enum attr_verdict {
	ATTR_ACCEPT,
	ATTR_DISCARD,		/* the attribute is dropped */
	ATTR_WITHDRAW,		/* the UPDATE's routes are withdrawn */
	ATTR_RESET,		/* NOTIFICATION */
};

struct attr {
	uint8_t		 flags;
	uint8_t		 code;
	struct rd	 value;		/* borrowed */
};

/* How the session colours checks. */
struct attr_context {
	bool	is_ebgp;	/* external, not confederation */
	bool	is_confed;	/* external, inside the confederation */
	bool	has_as4;	/* both sides are 4-octet: AS numbers are 4 bytes */
};

enum attr_json {		/* shapes of ExaBGP's JSON */
	ATTR_JSON_V4,
	ATTR_JSON_V6,
};

struct attr_row {
	uint8_t		 code;
	uint8_t		 flags;		/* optional and transitive bits */
	const char	*name;		/* ExaBGP's word: "as-path" */
	uint8_t		 verdict_ebgp;	/* on a failed check */
	uint8_t		 verdict_ibgp;
	bool		 ibgp_only;	/* from an eBGP peer: discarded */
	/* 0, or an error code. value is the attribute's value alone. */
	int	(*check)(struct rd value, const struct attr_context *);
	/* ExaBGP's JSON value of the canonical form; the key is row->name. */
	void	(*emit)(struct rd value, enum attr_json, struct emit *);
	/* Human text as ExaBGP's: "[ 65000:1 65000:2 ]". */
	void	(*text)(struct rd value, struct wr *out);
};

/* The row of a code, or NULL for one that we do not know. */
const struct attr_row *attr_find(uint8_t code);

/* Next attribute of a block. 0, or ERR_SHORT when it is cut. */
int	attr_next(struct rd *block, struct attr *out);
/* The attribute of this code in a block; false when absent. */
bool	attr_get(struct rd block, uint8_t code, struct attr *out);
/*
 * Write one attribute; the extended-length bit is set as needed, and kept
 * when given.
 */
void	attr_put(struct wr *out, uint8_t flags, uint8_t code,
	    const void *value, size_t len);
/*
 * Write one whose length is not known yet: begin gives a mark, the value is
 * written, end sets length and extended-length bit. (The 2-byte length is
 * at the mark plus 2.)
 */
size_t	attr_begin(struct wr *out, uint8_t flags, uint8_t code);
void	attr_end(struct wr *out, size_t mark);
/* Write one with the flags of its row. code must have a row. */
void	attr_put_known(struct wr *out, uint8_t code, const void *value,
	    size_t len);

/*
 * Judge one attribute by its row: flags, then check. For an unknown code:
 * well-known is ATTR_RESET (RFC 4271 6.3), optional non-transitive
 * ATTR_DISCARD, optional transitive ATTR_ACCEPT.
 */
enum attr_verdict attr_judge(const struct attr *, const struct attr_context *);

/*
 * Describe a canonical block: for each attribute, key and value into an
 * object that is already open, or ExaBGP's text (" origin igp med 5").
 */
void	attr_emit_block(struct rd block, enum attr_json, struct emit *);
void	attr_text_block(struct rd block, struct wr *out);

#endif
