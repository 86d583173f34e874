/* SPDX-License-Identifier: ISC */
/*
 * ExaBGP's command line. Subcommands are a table; a first word that is none
 * of them is a configuration file, as ExaBGP takes it.
 */
#include "parent/exabgp.h"

#include "common/config.h"
#include "parent/parent.h"

#include <err.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct exabgp_context {
	struct parent_options	options;
	struct config		*(*load)(const struct parent_options *);
	int			(*serve)(struct parent_options *,
				    struct config *);
	char			**args;		/* what is no option */
	int			 n_args;
	bool			 is_daemon;
};

struct exabgp_command {
	const char	*name;
	const char	*help;
	int		(*run)(struct exabgp_context *);
};

static int
exabgp_serve(struct exabgp_context *x)
{
	struct config *config;

	if (x->n_args == 0)
		errx(1, "a configuration file is needed");
	x->options.files = x->args;
	x->options.n_files = (size_t)x->n_args;
	config = x->load(&x->options);
	if (config == NULL)
		return 1;
	if (x->options.is_once)
		config->environment.tcp_attempts = 1;
	x->options.is_foreground = !config->environment.daemonize;
	return x->serve(&x->options, config);
}

static int
exabgp_validate(struct exabgp_context *x)
{
	struct config *config;
	int i, status = 0;

	if (x->n_args == 0)
		errx(1, "a configuration file is needed");
	for (i = 0; i < x->n_args; i++) {
		x->options.files = &x->args[i];
		x->options.n_files = 1;
		config = x->load(&x->options);
		if (config == NULL)
			status = 1;
		else if (x->options.is_verbose)
			printf("%s: valid, %zu neighbors\n", x->args[i],
			    config->n_peers);
		config_free(config);
	}
	return status;
}

/* `exabgp configuration validate FILE`. */
static int
exabgp_configuration(struct exabgp_context *x)
{
	if (x->n_args == 0 || strcmp(x->args[0], "validate") != 0)
		errx(1, "usage: exabgp configuration validate FILE...");
	x->args++;
	x->n_args--;
	return exabgp_validate(x);
}

static int
exabgp_version(struct exabgp_context *x)
{
	(void)x;
	printf("ExaBGP-compatible bgpd : %s\n", BGPD_VERSION);
	return 0;
}

static const struct exabgp_command exabgp_commands[] = {
	{ "configuration", "validate configuration files",
	    exabgp_configuration },
	{ "run", "run the daemon", exabgp_serve },
	{ "server", "run the daemon", exabgp_serve },
	{ "validate", "validate configuration files", exabgp_validate },
	{ "version", "print the version", exabgp_version },
};

#define N_COMMANDS	(sizeof(exabgp_commands) / sizeof(exabgp_commands[0]))

static _Noreturn void
exabgp_usage(void)
{
	size_t i;

	fprintf(stderr, "usage: exabgp [command] [-1dSv] [-e file] file ...\n"
	    "       -1  end after one connection attempt (--once)\n"
	    "       -d  log more (--debug, --verbose, -v)\n"
	    "       -e  settings in INI form (--env-file)\n"
	    "       -S  all engines in one process\n"
	    "commands:\n");
	for (i = 0; i < N_COMMANDS; i++)
		fprintf(stderr, "  %-14s %s\n", exabgp_commands[i].name,
		    exabgp_commands[i].help);
	exit(1);
}

/*
 * ExaBGP's options come before and after the files. Those that set up its
 * own debugging (-p, -P, -m, -t) are taken and have no effect here.
 */
static int
exabgp_option(struct exabgp_context *x, char **args, int left)
{
	static const char *const ignored[] = {
		"-p", "--pdb", "-P", "--passive", "-m", "--memory", "-t",
		"-n", "--neighbor", "-r", "--route", "-nrv", "--full-ini",
	};
	size_t i;

	if (strcmp(args[0], "-d") == 0 || strcmp(args[0], "--debug") == 0 ||
	    strcmp(args[0], "-v") == 0 || strcmp(args[0], "--verbose") == 0) {
		x->options.is_verbose = true;
		return 1;
	}
	if (strcmp(args[0], "-1") == 0 || strcmp(args[0], "--once") == 0) {
		x->options.is_once = true;
		return 1;
	}
	if (strcmp(args[0], "-S") == 0) {
		x->options.is_solo = true;
		return 1;
	}
	if (left > 1 && (strcmp(args[0], "--env-file") == 0 ||
	    strcmp(args[0], "-e") == 0)) {
		x->options.env_file = args[1];
		return 2;
	}
	for (i = 0; i < sizeof(ignored) / sizeof(ignored[0]); i++)
		if (strcmp(args[0], ignored[i]) == 0)
			return 1;
	exabgp_usage();
}

int
exabgp_main(int argc, char **argv,
    struct config *(*load)(const struct parent_options *),
    int (*serve)(struct parent_options *, struct config *))
{
	struct exabgp_context x = {
		.options = { .is_exabgp = true }, .load = load, .serve = serve,
	};
	int (*run)(struct exabgp_context *) = exabgp_serve;
	int i = 1;
	size_t k;

	x.args = calloc((size_t)argc + 1, sizeof(*x.args));
	if (x.args == NULL)
		err(1, NULL);
	for (k = 0; argc > 1 && k < N_COMMANDS; k++) {
		if (strcmp(argv[1], exabgp_commands[k].name) == 0) {
			run = exabgp_commands[k].run;
			i = 2;
		}
	}
	while (i < argc) {
		if (argv[i][0] == '-' && argv[i][1] != '\0')
			i += exabgp_option(&x, argv + i, argc - i);
		else
			x.args[x.n_args++] = argv[i++];
	}
	return run(&x);
}
