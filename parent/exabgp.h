/* SPDX-License-Identifier: ISC */
/* ExaBGP's command line: `exabgp [server] conf...`, validate, version ... */
#ifndef PARENT_EXABGP_H
#define PARENT_EXABGP_H

struct config;
struct parent_options;

/*
 * Run a command line of ExaBGP's; returns the exit status. load and serve
 * are the daemon's: read a configuration (errors are printed), and run.
 */
int	exabgp_main(int argc, char **argv,
	    struct config *(*load)(const struct parent_options *),
	    int (*serve)(struct parent_options *, struct config *));

#endif
