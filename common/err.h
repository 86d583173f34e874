/* SPDX-License-Identifier: ISC */
/*
 * Error codes shared by every module. A function that can fail returns 0 or
 * one of these negative numbers; nothing else is ever returned as an error.
 */
#ifndef COMMON_ERR_H
#define COMMON_ERR_H

enum err {
	ERR_OK = 0,
	ERR_NOMEM = -1,		/* no memory */
	ERR_SHORT = -2,		/* input ended early */
	ERR_RANGE = -3,		/* value out of its range, or too wide */
	ERR_SYNTAX = -4,	/* not in the expected form */
	ERR_TRAILING = -5,	/* bytes left over */
	ERR_UNKNOWN = -6,	/* type, word or code not known */
	ERR_EXISTS = -7,	/* already there */
	ERR_ABSENT = -8,	/* not there */
	ERR_FULL = -9,		/* no room in a bounded thing */
	ERR_AGAIN = -10,	/* would block: try when ready */
	ERR_CLOSED = -11,	/* the other side is gone */
	ERR_SYSTEM = -12,	/* system call failed, errno says why */
	ERR_DENIED = -13,	/* not allowed */
	ERR_UNSUPPORTED = -14,	/* known, but not had here */
	ERR_PROTO = -15,	/* the other side broke the protocol */
};

/* Text of an error code, a constant lower-case string; never NULL. */
const char	*err_text(int err);

#endif
