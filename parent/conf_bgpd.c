/* SPDX-License-Identifier: ISC */
/* The front end of bgpd.conf: the place where it goes. */
#include "parent/conf.h"

void
conf_bgpd_parse(const struct conf_source *source, char *text, size_t len,
    struct config *config, struct conf_errors *errors)
{
	(void)text;
	(void)len;
	(void)config;
	conf_error(errors, source->path, 0,
	    "bgpd.conf's language is not had yet");
}
