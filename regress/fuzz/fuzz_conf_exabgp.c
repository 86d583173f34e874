/* SPDX-License-Identifier: ISC */
/*
 * A configuration file in ExaBGP's language. A model that comes out must
 * survive as MessagePack; if none does, there was an error.
 */
#include "common/buf.h"
#include "common/config.h"
#include "parent/conf.h"

#include <stdlib.h>

#define MODEL_MAX	(1 << 26)

int	LLVMFuzzerTestOneInput(const uint8_t *, size_t);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	struct conf_errors errors = { 0 };
	struct conf_source source = { .path = "fuzz",
	    .text = (const char *)data, .len = len,
	    .language = CONF_LANGUAGE_EXABGP, .is_program_unchecked = true };
	struct config *c = conf_load(&source, &errors), *back;
	const char *why = NULL;
	struct wr w;

	if ((c == NULL) != (errors.n_errors > 0))
		abort();
	if (c == NULL)
		return 0;
	buf_writer_growing(&w, MODEL_MAX);
	config_encode(c, &w, CONFIG_FOR_ALL);
	if (w.err == 0) {
		back = config_decode(w.base, w.len, &why);
		if (back == NULL || back->n_peers != c->n_peers)
			abort();
		config_free(back);
	}
	buf_free(&w);
	config_free(c);
	return 0;
}
