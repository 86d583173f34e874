/* SPDX-License-Identifier: ISC */
/*
 * Configuration files to the model: which of the two languages a file is
 * in, reading it, and reporting what is wrong with it, all of it in one go.
 *
 * A file is in ExaBGP's language if the caller says so (started as exabgp),
 * or if it has a semicolon outside quotes and comments: ExaBGP ends its
 * statements so, bgpd.conf knows no semicolon.
 */
#ifndef PARENT_CONF_H
#define PARENT_CONF_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct config;

enum conf_language {
	CONF_LANGUAGE_GUESS,
	CONF_LANGUAGE_BGPD,
	CONF_LANGUAGE_EXABGP,
};

struct conf_source {
	/*
	 * Names the file in errors; relative programs and includes are looked
	 * for beside it.
	 */
	const char		*path;
	/* Its content, if it was read already; NULL: path is read. */
	const char		*text;
	size_t			 len;
	enum conf_language	 language;
	/*
	 * ExaBGP's settings: the process's environment (NULL: none is looked
	 * at, nor any file), and the INI file named on the command line.
	 */
	char			*const *environment;
	const char		*env_file;
	/* bgpd.conf's -D name=value. */
	char			*const *macros;
	size_t			 n_macros;
	/* Programs need not exist; their names stay as written. */
	bool			 is_program_unchecked;
};

/*
 * Where faults go. line is one text without newline, "path:7: what is
 * wrong", borrowed; a warning does not make conf_load fail.
 */
struct conf_errors {
	void		(*report)(const char *line, bool is_warning,
			    void *arg);
	void		*arg;
	unsigned	 n_errors, n_warnings;
	/* Tell of harmless things, too (macros that are not used). */
	bool		is_verbose;
};

#define CONF_ERRORS_MAX	100	/* more are counted, not reported */

/*
 * The model of a file, to be freed by config_free; or NULL if there was any
 * error, which was then reported. Peers and processes have no ids yet
 * (config_keep_ids gives them).
 */
struct config	*conf_load(const struct conf_source *, struct conf_errors *);

/* Report; line 0: the file as a whole. */
void		 conf_error(struct conf_errors *, const char *path,
		    uint32_t line, const char *fmt, ...)
		    __attribute__((format(printf, 4, 5)));
void		 conf_warning(struct conf_errors *, const char *path,
		    uint32_t line, const char *fmt, ...)
		    __attribute__((format(printf, 4, 5)));

/* A warning that is given only when errors are verbose. */
void		 conf_notice(struct conf_errors *, const char *path,
		    uint32_t line, const char *fmt, ...)
		    __attribute__((format(printf, 4, 5)));

/*
 * A whole file in memory, terminated beyond its length; free it. NULL, with
 * an error reported, when it cannot be read.
 */
char		*conf_read_file(const char *path, struct conf_errors *,
		    size_t *len);

/*
 * The front ends. text is the content of the source's file and may be
 * changed. They fill a model that is new; faults are only reported.
 */
void		 conf_exabgp_parse(const struct conf_source *, char *text,
		    size_t len, struct config *, struct conf_errors *);
void		 conf_bgpd_parse(const struct conf_source *, char *text,
		    size_t len, struct config *, struct conf_errors *);

#endif
