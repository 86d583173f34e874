/* SPDX-License-Identifier: ISC */
/* What bgpctl asks the route decision engine for, as MessagePack. */
#include "rde/query.h"

#include <stdlib.h>

int	LLVMFuzzerTestOneInput(const uint8_t *, size_t);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	struct query_filter f = { 0 };

	if (query_filter_read(&f, data, len) == NULL &&
	    (f.request > QUERY_NEXTHOPS || f.direction > QUERY_OUT ||
	    f.match > QUERY_SHORTER))
		abort();
	free(f.peers);
	return 0;
}
