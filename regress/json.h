/* SPDX-License-Identifier: ISC */
/*
 * A small strict JSON reader (RFC 8259) for tests: a tree, and comparison.
 * Keys that come twice in an object are an error.
 */
#ifndef REGRESS_JSON_H
#define REGRESS_JSON_H

#include <stdbool.h>
#include <stddef.h>

enum json_type {
	JSON_NULL, JSON_FALSE, JSON_TRUE, JSON_NUMBER, JSON_STRING,
	JSON_ARRAY, JSON_OBJECT,
};

struct json {
	enum json_type	 type;
	char		*key;		/* in an object */
	char		*text;		/* of a number or string, decoded */
	struct json	*child;		/* first of an array or object */
	struct json	*next;
};

/* Parse a whole text; NULL when it is not JSON. Free with json_free. */
struct json	*json_parse(const char *text);
/* Parse a file; NULL when it cannot be read or is not JSON. */
struct json	*json_parse_file(const char *path);
void		 json_free(struct json *);
/* Member of an object, NULL when absent or j is no object. */
const struct json *json_get(const struct json *j, const char *key);
/* Member's text, or fallback. */
const char	*json_text(const struct json *j, const char *key,
		    const char *fallback);
/*
 * Whether values are equal, whatever the order of keys. Members of the
 * outermost object named in ignored (NULL-terminated) do not count. Where
 * they first differ is written into where.
 */
bool		 json_is_equal(const struct json *, const struct json *,
		    const char *const *ignored, char *where,
		    size_t where_len);

#endif
