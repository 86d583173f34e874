/* SPDX-License-Identifier: ISC */
/* Shortcuts of ExaBGP's command line client: `s n` is `show neighbor`. */
#ifndef PARENT_CLI_WORDS_H
#define PARENT_CLI_WORDS_H

#include <stddef.h>

/*
 * Write the line with the words of its command spelled out to out (size
 * out_len, terminated; a line that does not fit is cut). Words that are no
 * unique beginning stay as they are.
 */
void	cli_words_expand(const char *line, char *out, size_t out_len);

#endif
