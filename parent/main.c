/* SPDX-License-Identifier: ISC */
/*
 * bgpd, and exabgp, its other name: command lines, and the table of engines
 * that the parent starts. The only place that sees all workers' headers.
 */
#include "parent/parent.h"

#include "api/api.h"
#include "common/config.h"
#include "common/config_print.h"
#include "parent/conf.h"
#include "parent/exabgp.h"
#include "parent/hostile.h"
#include "parent/log_to.h"
#include "parent/self_test.h"
#include "rde/rde.h"
#include "session/session.h"

#include <err.h>
#include <pwd.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <syslog.h>
#include <unistd.h>

#define MAIN_CONF	"/etc/bgpd.conf"

static void *
main_start_session(struct env *env, int handle)
{
	return session_new(env, handle);
}

static void
main_stop_session(void *engine)
{
	session_free(engine);
}

static void *
main_start_rde(struct env *env, int handle)
{
	return rde_new(env, handle);
}

static void
main_stop_rde(void *engine)
{
	rde_free(engine);
}

static void *
main_start_api(struct env *env, int handle)
{
	return api_new(env, handle);
}

static void
main_stop_api(void *engine)
{
	api_free(engine);
}

static const struct parent_engine main_engines[PROC_N] = {
	[PROC_SESSION] = {
		PROC_SESSION, "session", main_start_session,
		main_stop_session,
	},
	[PROC_RDE] = { PROC_RDE, "rde", main_start_rde, main_stop_rde },
	[PROC_API] = { PROC_API, "api", main_start_api, main_stop_api },
};

static _Noreturn void
main_usage(void)
{
	fprintf(stderr,
	    "usage: bgpd [-dnSVv] [-D macro=value] [-f file] [-u user]\n"
	    "       -D  define a macro, ahead of those of the file\n"
	    "       -d  stay in the foreground, log to standard error\n"
	    "       -f  the configuration (" MAIN_CONF ")\n"
	    "       -n  check the configuration only; with -v print it\n"
	    "       -S  all engines in one process, for debugging\n"
	    "       -u  user of the workers (" BGPD_USER ")\n"
	    "       -V  print the version\n"
	    "       -v  log more\n");
	exit(1);
}

/* The user that the workers become, when root starts us. */
static const char *
main_user(const struct parent_options *o, const struct config *c)
{
	const char *user = o->user != NULL ? o->user :
	    c->user != NULL ? c->user : BGPD_USER;

	if (geteuid() != 0 || getpwnam(user) != NULL)
		return user;
	if (o->is_exabgp && o->user == NULL && c->user == NULL)
		return c->environment.user != NULL &&
		    c->environment.user[0] != '\0' ?
		    c->environment.user : "nobody";
	errx(1, "user %s does not exist: create it, or name another with -u",
	    user);
}

#ifdef BGPD_SELF_TEST
/*
 * BGPD_HOSTILE=role:seed puts an engine in the role's place that sends what
 * somebody might who has taken it over.
 */
static void *
main_start_hostile(struct env *env, int handle, enum imsg_proc role)
{
	return hostile_start(env, handle, role,
	    strchr(getenv("BGPD_HOSTILE"), ':') + 1);
}

static void *
main_hostile_session(struct env *env, int handle)
{
	return main_start_hostile(env, handle, PROC_SESSION);
}

static void *
main_hostile_rde(struct env *env, int handle)
{
	return main_start_hostile(env, handle, PROC_RDE);
}

static void *
main_hostile_api(struct env *env, int handle)
{
	return main_start_hostile(env, handle, PROC_API);
}

static const struct parent_engine main_hostile_engines[PROC_N] = {
	[PROC_SESSION] = { PROC_SESSION, "session", main_hostile_session,
	    hostile_stop },
	[PROC_RDE] = { PROC_RDE, "rde", main_hostile_rde, hostile_stop },
	[PROC_API] = { PROC_API, "api", main_hostile_api, hostile_stop },
};

static bool
main_is_hostile(const char *role)
{
	const char *hostile = getenv("BGPD_HOSTILE");
	size_t len = strlen(role);

	return hostile != NULL && strncmp(hostile, role, len) == 0 &&
	    hostile[len] == ':';
}
#endif

static int
main_run_worker(const struct worker_options *o, const char *role)
{
	const struct parent_engine *engines = main_engines;
	unsigned i;

#ifdef BGPD_SELF_TEST
	if (main_is_hostile(role))
		engines = main_hostile_engines;
#endif
	for (i = PROC_SESSION; i < PROC_N; i++)
		if (strcmp(role, engines[i].name) == 0)
			return worker_main(&engines[i], o);
	errx(1, "no such role: %s", role);
}

static void
main_print_error(const char *line, bool is_warning, void *arg)
{
	(void)arg;
	fprintf(stderr, "%s%s\n", is_warning ? "warning: " : "", line);
}

static struct config *
main_load(const struct parent_options *o)
{
	struct conf_errors errors = { .report = main_print_error,
	    .is_verbose = o->is_verbose };

	return conf_load(&(struct conf_source){
		.path = o->files[0], .macros = o->macros,
		.n_macros = o->n_macros, .env_file = o->env_file,
		.environment = environ,
		.language = o->is_exabgp ? CONF_LANGUAGE_EXABGP :
		    CONF_LANGUAGE_GUESS,
	}, &errors);
}

static int
main_serve(struct parent_options *o, struct config *config)
{
	static char name[] = "bgpd";
	struct env *env;
	char *user;
	int status;

	o->engines = main_engines;
	/* A model, and the name in it, lives until the next reload. */
	user = strdup(main_user(o, config));
	if (user == NULL)
		err(1, NULL);
	o->user = user;
	if (handover_is_check()) {
		handover_say_checked();
		config_free(config);
		free(user);
		return 0;
	}
	o->path = realpath("/proc/self/exe", NULL);
	if (o->path == NULL && !o->is_solo)
		err(1, "/proc/self/exe, which workers are started from");
	if (!o->is_foreground && !handover_is_pending() && daemon(0, 0) != 0)
		err(1, "daemon");
	env = env_new();
	if (!o->is_foreground)
		openlog(name, LOG_PID | LOG_NDELAY, LOG_DAEMON);
	log_init(&env->log, o->is_foreground ? env_log_stderr :
	    env_log_syslog, name);
	if (o->is_exabgp) {
		log_to_exabgp(&env->log, &config->environment);
		if (config->environment.log_level == LOG_LEVEL_DEBUG)
			o->is_verbose = true;
	}
	if (o->is_verbose)
		env->log.max_level = LOG_LEVEL_DEBUG;
	if (geteuid() != 0)
		log_warn(&env->log, "not root: workers keep this user and no "
		    "chroot; ports below 1024 cannot be had");
	status = parent_run(env, o, config);
	env_free(env);
	free(o->path);
	free(user);
	return status;
}

static void
main_add_macro(struct parent_options *o, char *macro)
{
	if (strchr(macro, '=') == NULL)
		errx(1, "-D %s: expected name=value", macro);
	o->macros = reallocarray(o->macros, o->n_macros + 1,
	    sizeof(*o->macros));
	if (o->macros == NULL)
		err(1, NULL);
	o->macros[o->n_macros++] = macro;
}

static int
main_check(const struct parent_options *o, const struct config *config)
{
	if (o->is_verbose) {
		config_print(config, stdout);
		if (fflush(stdout) != 0 || ferror(stdout))
			err(1, "standard output");
	} else {
		fprintf(stderr, "configuration OK\n");
	}
	return 0;
}

static int
main_bgpd(int argc, char **argv)
{
	static char conf[] = MAIN_CONF;
	char *file = conf, *role = NULL;
	struct parent_options o = { .files = &file, .n_files = 1 };
	struct worker_options worker = { 0 };
	struct config *config;
	bool is_check = false;
	int c, status;

	while ((c = getopt(argc, argv, "acdD:f:hnp:R:Su:vVX:")) != -1) {
		switch (c) {
		case 'a':	/* -a, -p, -R: the parent to its workers */
			worker.is_again = true;
			break;
		case 'c':	/* OpenBGPD: force demotion; nothing here */
			break;
		case 'd':
			o.is_foreground = true;
			break;
		case 'D':
			main_add_macro(&o, optarg);
			break;
		case 'f':
			file = optarg;
			break;
		case 'n':
			is_check = true;
			break;
		case 'p':
			worker.ports = optarg;
			break;
		case 'R':
			role = optarg;
			break;
		case 'S':
			o.is_solo = true;
			o.is_foreground = true;
			break;
		case 'u':
			o.user = optarg;
			break;
		case 'v':
			o.is_verbose = true;
			break;
		case 'V':
			fprintf(stderr, "bgpd %s\n", BGPD_VERSION);
			return 0;
#ifdef BGPD_SELF_TEST
		case 'X':
			return self_test(optarg, o.user != NULL ? o.user :
			    BGPD_USER);
#endif
		default:
			main_usage();
		}
	}
	worker.user = o.user != NULL ? o.user : BGPD_USER;
	worker.is_verbose = o.is_verbose;
	if (role != NULL)
		return main_run_worker(&worker, role);
	if (optind != argc)
		main_usage();
	o.argv = argv;
	config = main_load(&o);
	/* It was good when it was checked; the model in force is handed over. */
	if (config == NULL && handover_is_pending())
		config = config_new();
	if (config == NULL) {
		status = 1;
	} else if (is_check) {
		status = main_check(&o, config);
		config_free(config);
	} else {
		status = main_serve(&o, config);
	}
	free(o.macros);
	return status;
}

int
main(int argc, char **argv)
{
	const char *name = strrchr(argv[0], '/');

	name = name == NULL ? argv[0] : name + 1;
	if (strcmp(name, "exabgp") == 0)
		return exabgp_main(argc, argv, main_load, main_serve);
	return main_bgpd(argc, argv);
}
