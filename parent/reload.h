/* SPDX-License-Identifier: ISC */
/* Reading the configuration again. Inside parent/ only. */
#ifndef PARENT_RELOAD_H
#define PARENT_RELOAD_H

#include <stddef.h>

struct conf_errors;
struct config;
struct parent;

/* Which of the daemon's files a reload would read. */
size_t		 reload_next_file(const struct parent *);
/* A file as a reload reads it, to be freed; NULL: it has errors, reported. */
struct config	*reload_read(const struct parent *, const char *path,
		    struct conf_errors *);

#endif
