/* SPDX-License-Identifier: ISC */
/* Where ExaBGP's settings send the log, and what of it. */
#ifndef PARENT_LOG_TO_H
#define PARENT_LOG_TO_H

struct conf_environment;
struct log;

/*
 * Heed log.enable, log.level, log.destination (standard output if not set),
 * log.short and the topics. Ends the process when the destination can't be
 * had. To be called before privileges are given up.
 */
void	log_to_exabgp(struct log *, const struct conf_environment *);

#endif
