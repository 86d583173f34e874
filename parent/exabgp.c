/* SPDX-License-Identifier: ISC */
/*
 * ExaBGP's command line. Subcommands are a table; a first word that is none
 * of them is a configuration file, as ExaBGP takes it.
 */
#include "parent/exabgp.h"

#include "common/config.h"
#include "parent/conf.h"
#include "parent/conf_exabgp.h"
#include "parent/exabgp_command.h"
#include "parent/parent.h"

#include <err.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>
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
	/* A program of its own, that reads its options itself. */
	int		(*main)(int argc, char **argv);
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

static void
exabgp_print_error(const char *line, bool is_warning, void *arg)
{
	(void)arg;
	fprintf(stderr, "%s%s\n", is_warning ? "warning: " : "", line);
}

/* `exabgp env [-d|-f]`: -d what is no default, -f as a file. */
int
exabgp_env(int argc, char **argv)
{
	const char *env_file = NULL;
	struct config *now, *defaults;
	bool is_diff = false, is_file = strcmp(argv[0], "--fi") == 0 ||
	    strcmp(argv[0], "--full-ini") == 0;
	struct conf_errors errors = { .report = exabgp_print_error };
	int i;

	for (i = 1; i < argc; i++) {
		if (strcmp(argv[i], "-d") == 0 ||
		    strcmp(argv[i], "--diff") == 0)
			is_diff = true;
		else if (strcmp(argv[i], "-f") == 0 ||
		    strcmp(argv[i], "--full") == 0)
			is_file = true;
		else if (strcmp(argv[i], "--env-file") == 0 && i + 1 < argc)
			env_file = argv[++i];
		else
			errx(1, "usage: exabgp env [-d] [-f] "
			    "[--env-file FILE]");
	}
	now = exabgp_settings(env_file);
	defaults = config_new();
	conf_env_load(&(struct conf_source){ 0 }, defaults, &errors);
	conf_env_print(now, is_diff ? defaults : NULL, is_file, stdout);
	config_free(now);
	config_free(defaults);
	return 0;
}

static int
exabgp_version(struct exabgp_context *x)
{
	struct config *settings = exabgp_settings(x->options.env_file);
	struct utsname u;

	/* Compat: the lines that scripts look for, in ExaBGP's order. */
	printf("ExaBGP : %s\n", settings->environment.version != NULL ?
	    settings->environment.version : BGPD_VERSION);
	printf("bgpd   : %s\n", BGPD_VERSION);
	if (uname(&u) == 0)
		printf("Uname  : %s %s %s %s %s\n", u.sysname, u.nodename,
		    u.release, u.version, u.machine);
	config_free(settings);
	return 0;
}

static const struct exabgp_command exabgp_commands[] = {
	{ "cli", "give commands to a running daemon", NULL, exabgp_cli },
	{ "run", "give one command to a running daemon", NULL, exabgp_cli },
	{ "configuration", "validate configuration files",
	    exabgp_configuration, NULL },
	{ "decode", "bytes of a message to JSON", NULL, exabgp_decode },
	{ "encode", "a route to the bytes of its messages", NULL,
	    exabgp_encode },
	{ "env", "print the settings", NULL, exabgp_env },
	{ "healthcheck", "announce addresses as a check says", NULL,
	    exabgp_healthcheck },
	{ "run", "run the daemon", exabgp_serve, NULL },
	{ "server", "run the daemon", exabgp_serve, NULL },
	{ "validate", "validate configuration files", exabgp_validate, NULL },
	{ "version", "print the version", exabgp_version, NULL },
	/* The spellings of 4.2. */
	{ "--decode", NULL, NULL, exabgp_decode },
	{ "--env", NULL, NULL, exabgp_env },
	{ "--fi", NULL, NULL, exabgp_env },
	{ "--full-ini", NULL, NULL, exabgp_env },
	{ "--test", NULL, exabgp_validate, NULL },
	{ "--validate", NULL, exabgp_validate, NULL },
	{ "--version", NULL, exabgp_version, NULL },
	{ "-t", NULL, exabgp_validate, NULL },
};

#define N_COMMANDS	(sizeof(exabgp_commands) / sizeof(exabgp_commands[0]))

static _Noreturn void
exabgp_usage(void)
{
	size_t i;

	fprintf(stderr, "usage: exabgp [command] [-1dSv] [-e file] file ...\n"
	    "       -1  end after one session (--once)\n"
	    "       -d  log more (--debug, --verbose, -v)\n"
	    "       -e  settings in INI form (--env-file)\n"
	    "       -S  all engines in one process\n"
	    "commands:\n");
	for (i = 0; i < N_COMMANDS; i++)
		if (exabgp_commands[i].help != NULL)
			fprintf(stderr, "  %-14s %s\n",
			    exabgp_commands[i].name, exabgp_commands[i].help);
	exit(1);
}

/*
 * ExaBGP's options come before and after the files. Those that set up its
 * own debugging (-p, -P, -m, -t) are taken and have no effect here.
 */
static int
exabgp_option(struct exabgp_context *x, char **args, int left,
    int (**run)(struct exabgp_context *))
{
	static const char *const ignored[] = {
		"-p", "--pdb", "-P", "--passive", "-m", "--memory",
		"-n", "--neighbor", "-r", "--route", "-nrv", "--full-ini",
	};
	size_t i;

	if (strcmp(args[0], "-d") == 0 || strcmp(args[0], "--debug") == 0) {
		if (setenv("exabgp_log_all", "true", 1) != 0 ||
		    setenv("exabgp_log_level", "DEBUG", 1) != 0)
			err(1, NULL);
		x->options.is_verbose = true;
		return 1;
	}
	if (strcmp(args[0], "-v") == 0 || strcmp(args[0], "--verbose") == 0) {
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
	if (strcmp(args[0], "-t") == 0 || strcmp(args[0], "--test") == 0 ||
	    strcmp(args[0], "--validate") == 0) {
		*run = exabgp_validate;
		return 1;
	}
	if (left > 1 && (strcmp(args[0], "-s") == 0 ||
	    strcmp(args[0], "--signal") == 0))
		return 2;
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

static const struct exabgp_command *
exabgp_find(const char *name)
{
	size_t i;

	for (i = 0; i < N_COMMANDS; i++)
		if (strcmp(name, exabgp_commands[i].name) == 0)
			return &exabgp_commands[i];
	return NULL;
}

struct config *
exabgp_settings(const char *env_file)
{
	struct conf_errors errors = { .report = exabgp_print_error };
	struct config *config = config_new();

	conf_env_load(&(struct conf_source){ .environment = environ,
	    .env_file = env_file }, config, &errors);
	return config;
}

int
exabgp_main(int argc, char **argv,
    struct config *(*load)(const struct parent_options *),
    int (*serve)(struct parent_options *, struct config *))
{
	char **args;
	struct exabgp_context x = {
		.options = { .is_exabgp = true, .argv = argv }, .load = load, .serve = serve,
	};
	const struct exabgp_command *command;
	int (*run)(struct exabgp_context *) = exabgp_serve;
	int i = 1;

	command = argc > 1 ? exabgp_find(argv[1]) : NULL;
	if (command != NULL && command->main != NULL)
		return command->main(argc - 1, argv + 1);
	if (command != NULL) {
		run = command->run;
		i = 2;
	}
	x.args = calloc((size_t)argc + 1, sizeof(*x.args));
	if (x.args == NULL)
		err(1, NULL);
	while (i < argc) {
		if (argv[i][0] == '-' && argv[i][1] != '\0')
			i += exabgp_option(&x, argv + i, argc - i, &run);
		else
			x.args[x.n_args++] = argv[i++];
	}
	args = x.args;
	i = run(&x);
	free(args);
	return i;
}
