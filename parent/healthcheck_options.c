/* SPDX-License-Identifier: ISC */
/*
 * `exabgp healthcheck`: its options, those of ExaBGP's program of that name.
 * A --config file has a line `option = value` or `option` for each; what
 * stands on the command line comes after it and so prevails.
 */
#include "parent/healthcheck.h"

#include <err.h>
#include <getopt.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define OPTIONS_ARGS_MAX	4096
#define OPTIONS_FIRST		256	/* getopt's value of row 0 */

enum option_kind {
	OPTION_FLAG,
	OPTION_TEXT,
	OPTION_SECONDS,
	OPTION_COUNT,
	OPTION_NUMBER,
	OPTION_IP,
	OPTION_FACILITY,	/* its value may be missing */
	OPTION_HELP,
};

struct option_row {
	const char	*name;
	char		 letter;	/* or 0 */
	uint8_t		 kind;
	uint16_t	 offset;
	const char	*help;
};

#define AT(m)	offsetof(struct healthcheck_options, m)

static const struct option_row option_rows[] = {
	{ "help", 'h', OPTION_HELP, 0, "print this" },
	{ "silent", 's', OPTION_FLAG, AT(is_silent), "no log to the console" },
	{ "syslog-facility", 0, OPTION_FACILITY, AT(facility),
	    "log to syslog as FACILITY (daemon)" },
	{ "no-syslog", 0, OPTION_FLAG, AT(has_no_syslog), "no syslog" },
	{ "no-ack", 'a', OPTION_FLAG, AT(has_no_ack),
	    "do not wait for answers (exabgp.api.ack=false)" },
	{ "sudo", 0, OPTION_FLAG, AT(has_sudo), "set up addresses with sudo" },
	{ "debug", 'd', OPTION_FLAG, AT(is_debug), "say what is done" },
	{ "name", 'n', OPTION_TEXT, AT(name), "of this check, in the log" },
	{ "config", 'F', OPTION_TEXT, AT(config), "a file of options" },
	{ "pid", 'p', OPTION_TEXT, AT(pid_file), "write the PID to a file" },
	{ "user", 0, OPTION_TEXT, AT(user), "become, after address setup" },
	{ "group", 0, OPTION_TEXT, AT(group), "become, after address setup" },
	{ "interval", 'i', OPTION_SECONDS, AT(interval_usec),
	    "seconds between checks (5); 0: end after the first announcement" },
	{ "fast-interval", 'f', OPTION_SECONDS, AT(fast_interval_usec),
	    "seconds between checks when the state may change (1)" },
	{ "timeout", 't', OPTION_SECONDS, AT(timeout_usec),
	    "seconds for the check to end (5)" },
	{ "rise", 0, OPTION_COUNT, AT(rise), "checks until it is up (3)" },
	{ "fall", 0, OPTION_COUNT, AT(fall), "checks until it is down (3)" },
	{ "disable", 0, OPTION_TEXT, AT(disable_file),
	    "while this file exists the service is disabled" },
	{ "command", 'c', OPTION_TEXT, AT(command), "the check, for sh(1)" },
	{ "cmd", 0, OPTION_TEXT, AT(command), "the same" },
	{ "debounce", 0, OPTION_FLAG, AT(is_debounced),
	    "announce on changes only, not after each interval" },
	{ "next-hop", 'N', OPTION_TEXT, AT(next_hop), "next hop (self)" },
	{ "ip", 0, OPTION_IP, 0, "address or network to announce" },
	{ "local-preference", 0, OPTION_TEXT, AT(local_preference), "" },
	{ "deaggregate-networks", 0, OPTION_FLAG, AT(has_deaggregation),
	    "announce each address of the networks" },
	{ "no-ip-setup", 0, OPTION_FLAG, AT(has_no_ip_setup),
	    "do not set up missing addresses" },
	{ "dynamic-ip-setup", 0, OPTION_FLAG, AT(is_dynamic_ip),
	    "remove the addresses while down or disabled" },
	{ "ip-ifname", 0, OPTION_TEXT, AT(interface),
	    "the interface with the addresses (lo)" },
	{ "label", 0, OPTION_TEXT, AT(label),
	    "take addresses whose label begins so" },
	{ "label-exact-match", 0, OPTION_FLAG, AT(is_label_exact),
	    "the label is whole" },
	{ "start-ip", 0, OPTION_COUNT, AT(start_ip),
	    "index of the first address (0)" },
	{ "up-metric", 0, OPTION_NUMBER, AT(metric[HEALTH_UP]), "(100)" },
	{ "down-metric", 0, OPTION_NUMBER, AT(metric[HEALTH_DOWN]), "(1000)" },
	{ "disabled-metric", 0, OPTION_NUMBER, AT(metric[HEALTH_DISABLED]),
	    "(500)" },
	{ "increase", 0, OPTION_NUMBER, AT(increase),
	    "of the metric from address to address (1)" },
	{ "community", 0, OPTION_TEXT, AT(community), "" },
	{ "extended-community", 0, OPTION_TEXT, AT(extended_community), "" },
	{ "large-community", 0, OPTION_TEXT, AT(large_community), "" },
	{ "disabled-community", 0, OPTION_TEXT, AT(disabled_community),
	    "instead of --community when not up" },
	{ "as-path", 0, OPTION_TEXT, AT(as_path), "" },
	{ "up-as-path", 0, OPTION_TEXT, AT(state_as_path[HEALTH_UP]), "" },
	{ "down-as-path", 0, OPTION_TEXT, AT(state_as_path[HEALTH_DOWN]), "" },
	{ "disabled-as-path", 0, OPTION_TEXT,
	    AT(state_as_path[HEALTH_DISABLED]), "" },
	{ "withdraw-on-down", 0, OPTION_FLAG, AT(is_withdrawn_when_down),
	    "withdraw instead of a higher metric" },
	{ "path-id", 0, OPTION_TEXT, AT(path_id), "path identifier" },
	{ "neighbor", 0, OPTION_TEXT, AT(neighbor), "selector (*)" },
	{ "execute", 0, OPTION_TEXT, AT(execute),
	    "command on each change, with STATE in its environment" },
	{ "up-execute", 0, OPTION_TEXT, AT(state_execute[HEALTH_UP]), "" },
	{ "down-execute", 0, OPTION_TEXT, AT(state_execute[HEALTH_DOWN]),
	    "" },
	{ "disabled-execute", 0, OPTION_TEXT,
	    AT(state_execute[HEALTH_DISABLED]), "" },
};

#define N_ROWS	(sizeof(option_rows) / sizeof(option_rows[0]))

static bool
options_has_value(const struct option_row *row)
{
	return row->kind != OPTION_FLAG && row->kind != OPTION_HELP &&
	    row->kind != OPTION_FACILITY;
}

static _Noreturn void
options_help(void)
{
	size_t i;

	printf("usage: exabgp healthcheck [options]\n");
	for (i = 0; i < N_ROWS; i++)
		printf("  %c%c --%-22s %s\n", option_rows[i].letter == 0 ?
		    ' ' : '-', option_rows[i].letter == 0 ? ' ' :
		    option_rows[i].letter, option_rows[i].name,
		    option_rows[i].help);
	exit(0);
}

static void
options_number(const struct option_row *row, const char *value, void *at)
{
	unsigned long long n;
	uint32_t n32;
	double seconds;
	int64_t usec;
	char *end;

	if (row->kind == OPTION_SECONDS) {
		seconds = strtod(value, &end);
		if (*value == '\0' || *end != '\0' ||
		    !(seconds >= 0 && seconds < 1e6))
			errx(1, "--%s %s: no number of seconds", row->name,
			    value);
		usec = (int64_t)(seconds * 1000000);
		memcpy(at, &usec, sizeof(usec));
		return;
	}
	n = strtoull(value, &end, 10);
	if (*value < '0' || *value > '9' || *end != '\0' || n > UINT32_MAX)
		errx(1, "--%s %s: no number", row->name, value);
	n32 = (uint32_t)n;
	memcpy(at, &n32, sizeof(n32));
}

static void
options_ip(struct healthcheck_options *o, const char *value)
{
	o->ips = reallocarray(o->ips, o->n_ips + 1, sizeof(*o->ips));
	if (o->ips == NULL)
		err(1, NULL);
	if (prefix_parse(value, &o->ips[o->n_ips]) != 0)
		errx(1, "--ip %s: no address or network", value);
	prefix_mask(&o->ips[o->n_ips++]);
}

static void
options_set(struct healthcheck_options *o, const struct option_row *row,
    const char *value)
{
	void *at = (char *)o + row->offset;
	bool yes = true;

	if (row->kind == OPTION_HELP)
		options_help();
	else if (row->kind == OPTION_FLAG)
		memcpy(at, &yes, sizeof(yes));
	else if (row->kind == OPTION_IP)
		options_ip(o, value);
	else if (row->kind == OPTION_TEXT)
		memcpy(at, &value, sizeof(value));
	else if (row->kind != OPTION_FACILITY)
		options_number(row, value, at);
	else if (value != NULL)
		memcpy(at, &value, sizeof(value));
}

/* getopt's tables, made from ours. */
static void
options_parse(struct healthcheck_options *o, int argc, char **argv)
{
	struct option longs[N_ROWS + 1] = { 0 };
	char shorts[2 * N_ROWS + 1];
	size_t i, n = 0;
	int c;

	for (i = 0; i < N_ROWS; i++) {
		longs[i].name = option_rows[i].name;
		longs[i].has_arg = options_has_value(&option_rows[i]) ?
		    required_argument : option_rows[i].kind ==
		    OPTION_FACILITY ? optional_argument : no_argument;
		longs[i].val = (int)i + OPTIONS_FIRST;
		if (option_rows[i].letter == 0)
			continue;
		shorts[n++] = option_rows[i].letter;
		if (options_has_value(&option_rows[i]))
			shorts[n++] = ':';
	}
	shorts[n] = '\0';
	optind = 0;
	while ((c = getopt_long(argc, argv, shorts, longs, NULL)) != -1) {
		if (c == '?')
			exit(1);
		for (i = 0; i < N_ROWS; i++)
			if (c == (int)i + OPTIONS_FIRST ||
			    (c == option_rows[i].letter && c != 0))
				break;
		if (i == N_ROWS)
			continue;
		/* "--syslog-facility local0": the value as its own word. */
		if (option_rows[i].kind == OPTION_FACILITY && optarg == NULL &&
		    optind < argc && argv[optind][0] != '-')
			optarg = argv[optind++];
		options_set(o, &option_rows[i], optarg);
	}
	if (optind != argc)
		errx(1, "%s: not expected", argv[optind]);
}

static char *
options_trim(char *s)
{
	size_t n;

	s += strspn(s, " \t\r\n");
	n = strlen(s);
	while (n > 0 && strchr(" \t\r\n", s[n - 1]) != NULL)
		n--;
	s[n] = '\0';
	return s;
}

/* One line of the file as words of a command line. */
static void
options_line(char **args, int *n_args, char *line)
{
	char *equal, *value;

	line = options_trim(line);
	if (*line == '\0' || *line == '#')
		return;
	if (*n_args + 3 >= OPTIONS_ARGS_MAX)
		errx(1, "the file of options is too long");
	equal = strchr(line, '=');
	if (equal != NULL)
		*equal = '\0';
	if (asprintf(&args[(*n_args)++], "--%s", options_trim(line)) == -1)
		err(1, NULL);
	if (equal == NULL)
		return;
	value = strdup(options_trim(equal + 1));
	if (value == NULL)
		err(1, NULL);
	args[(*n_args)++] = value;
}

/* The file's options; its words live until healthcheck_options_fini. */
static void
options_file(struct healthcheck_options *o, char *name)
{
	char **args = calloc(OPTIONS_ARGS_MAX, sizeof(*args)), *line = NULL;
	FILE *f = fopen(o->config, "r");
	size_t cap = 0;
	int n = 1;

	if (f == NULL)
		err(1, "%s", o->config);
	if (args == NULL)
		err(1, NULL);
	args[0] = name;
	while (getline(&line, &cap, f) != -1)
		options_line(args, &n, line);
	free(line);
	fclose(f);
	o->config = NULL;
	o->words = args;
	options_parse(o, n, args);
}

void
healthcheck_options_fini(struct healthcheck_options *o)
{
	int i;

	for (i = 1; o->words != NULL && o->words[i] != NULL; i++)
		free(o->words[i]);
	free(o->words);
	o->words = NULL;
}

/* ExaBGP's letters of two: getopt has no such. */
static void
options_rename(int argc, char **argv)
{
	int i;

	for (i = 1; i < argc; i++)
		if (strcmp(argv[i], "-sF") == 0 &&
		    (argv[i] = strdup("--syslog-facility")) == NULL)
			err(1, NULL);
}

static void
options_defaults(struct healthcheck_options *o)
{
	*o = (struct healthcheck_options){
		.facility = "daemon", .interface = "lo", .next_hop = "self",
		.neighbor = "*", .interval_usec = 5000000,
		.fast_interval_usec = 1000000, .timeout_usec = 5000000,
		.rise = 3, .fall = 3, .increase = 1,
		.metric = { [HEALTH_UP] = 100, [HEALTH_DOWN] = 1000,
		    [HEALTH_DISABLED] = 500 },
	};
}

void
healthcheck_options(struct healthcheck_options *o, int argc, char **argv)
{
	struct healthcheck_options said;

	options_rename(argc, argv);
	options_defaults(&said);
	options_parse(&said, argc, argv);
	if (said.config == NULL) {
		*o = said;
		return;
	}
	options_defaults(o);
	o->config = said.config;
	free(said.ips);
	options_file(o, argv[0]);
	options_parse(o, argc, argv);
}
