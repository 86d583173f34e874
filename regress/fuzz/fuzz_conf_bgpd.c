/* SPDX-License-Identifier: ISC */
/*
 * A configuration file in OpenBGPD's language. A model that comes out must
 * survive as MessagePack, and what is printed of it must read back; if none
 * does, there was an error.
 */
#include "common/buf.h"
#include "common/config.h"
#include "common/config_print.h"
#include "parent/conf.h"

#include <stdio.h>
#include <stdlib.h>

#define MODEL_MAX	(1 << 26)
#define RULES_MAX	4096	/* more would only be slow */

int	LLVMFuzzerTestOneInput(const uint8_t *, size_t);

static struct config *
load(const char *text, size_t len, struct conf_errors *errors)
{
	return conf_load(&(struct conf_source){
		.path = "fuzz", .text = text, .len = len,
		.language = CONF_LANGUAGE_BGPD, .is_program_unchecked = true,
	}, errors);
}

static void
check_message(const struct config *c)
{
	struct config *back;
	const char *why = NULL;
	struct wr w;

	buf_writer_growing(&w, MODEL_MAX);
	config_encode(c, &w, CONFIG_FOR_ALL);
	if (w.err == 0) {
		back = config_decode(w.base, w.len, &why);
		if (back == NULL || back->n_peers != c->n_peers ||
		    back->n_rules != c->n_rules)
			abort();
		config_free(back);
	}
	buf_free(&w);
}

static void
check_print(const struct config *c)
{
	struct conf_errors errors = { 0 };
	struct config *back;
	char *text = NULL;
	size_t len = 0;
	FILE *f = open_memstream(&text, &len);

	if (f == NULL)
		return;
	config_print(c, f);
	fclose(f);
	back = load(text, len, &errors);
	if (back == NULL)
		abort();
	config_free(back);
	free(text);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	struct conf_errors errors = { 0 };
	struct config *c = load((const char *)data, len, &errors);

	if ((c == NULL) != (errors.n_errors > 0))
		abort();
	if (c == NULL)
		return 0;
	if (c->n_rules <= RULES_MAX) {
		check_message(c);
		check_print(c);
	}
	config_free(c);
	return 0;
}
