/* SPDX-License-Identifier: ISC */
/*
 * Tokens of bgpd.conf, with macros and include files. Newline is a token.
 * See the language reference, section 1, and bgpd.conf(5).
 */
#ifndef PARENT_CONF_LEX_H
#define PARENT_CONF_LEX_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct arena;
struct conf_errors;

enum lex_kind {
	LEX_END,
	LEX_NEWLINE,
	LEX_STRING,		/* words and quoted text */
	LEX_NUMBER,		/* number, and text as written */
	LEX_CHAR,		/* one character of punctuation */
	LEX_NE,			/* != */
	LEX_LE,			/* <= */
	LEX_GE,			/* >= */
	LEX_XRANGE,		/* >< */
	LEX_ERROR,		/* reported already */
};

struct lex_macro {
	struct lex_macro *next;
	const char	*name, *value;
	bool		 is_persistent;	/* -D: beats the file */
	bool		 is_used;
	bool		 is_secret;	/* was used as a key */
	const char	*path;		/* where it was defined; NULL: -D */
	uint32_t	 line;
};

struct lex_token {
	enum lex_kind	 kind;
	const char	*text;		/* in the arena; never NULL */
	int64_t		 number;
	char		 c;
	bool		 is_quoted;
	bool		 has_space;	/* blank before it */
	struct lex_macro *macro;	/* it, or a part, came out of this */
	const char	*path;		/* where it stands */
	uint32_t	 line;
};

#define LEX_STRING_MAX	8095
#define LEX_INCLUDE_MAX	16	/* files within files */

struct lex_input {
	const char	*path;
	const char	*pos, *end;
	uint32_t	 line;
	struct lex_macro *macro;	/* its text: no macros inside; or NULL */
	bool		 is_eof_told;	/* the newline at its end was given */
};

struct lex {
	struct arena		*arena;		/* borrowed: the model's */
	struct conf_errors	*errors;
	struct lex_macro	*macros, **macros_tail;
	struct lex_input	 inputs[LEX_INCLUDE_MAX + 1];
	unsigned		 n_inputs;
	char			 word[LEX_STRING_MAX + 1];
	bool			 is_plain[256];	/* goes on with a word */
	const char		*chars[256];	/* texts of punctuation */
};

/* Start with one file's text, which must outlive the lexer. */
void	lex_init(struct lex *, struct arena *, struct conf_errors *,
	    const char *path, const char *text, size_t len);
void	lex_next(struct lex *, struct lex_token *);
/* Go on in another file, whose text lives in the arena. */
int	lex_include(struct lex *, const char *path);
/*
 * Define a macro; one from the command line is not replaced. at tells where
 * (NULL: the command line).
 */
void	lex_define(struct lex *, const char *name, const char *value,
	    const struct lex_token *at);

#endif
