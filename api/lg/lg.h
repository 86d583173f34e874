/* SPDX-License-Identifier: ISC */
/*
 * bgplgd: an HTTP server that shows what bgpctl shows on the restricted
 * socket. Inside api/lg only.
 */
#ifndef API_LG_LG_H
#define API_LG_LG_H

#include <stddef.h>

struct evkeyvalq;

#define LG_WORDS_MAX	40

/* The words of a bgpctl command, from a request. Owned: lg_words_free. */
struct lg_words {
	char	*words[LG_WORDS_MAX + 1];	/* ends in NULL */
	size_t	 n;
};

/* What a path shows. */
struct lg_endpoint {
	const char	*path;
	const char	*type;		/* of the content */
	const char	*command;	/* bgpctl's words, apart by blanks */
	const char	*params;	/* names that are taken, in blanks */
};

/* The row of a path, or NULL. */
const struct lg_endpoint *lg_endpoint(const char *path);
/*
 * The command of an endpoint with what the query asks for. 0, or -1 when
 * the query has a name or a value that cannot be; *out is then empty.
 */
int	lg_words_make(const struct lg_endpoint *, const struct evkeyvalq *,
	    struct lg_words *out);
void	lg_words_free(struct lg_words *);

/* The page at /. */
extern const char lg_page[];

#endif
