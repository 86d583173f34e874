/* SPDX-License-Identifier: ISC */
/*
 * `exabgp decode`: the bytes of a message, or of NLRI, to the JSON that a
 * program would be told. There is no session: the frame is that of ExaBGP's
 * decoder, which peers with itself on the loopback address.
 */
#include "parent/exabgp_command.h"

#include "common/config.h"
#include "common/err.h"
#include "common/wire/decode.h"
#include "common/wire/message.h"

#include <err.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/time.h>
#include <unistd.h>

#define DECODE_AS	65533		/* of ExaBGP's decoder */
#define DECODE_OUT_MAX	(64 * 1024 * 1024)
#define DECODE_HEX_MAX	(64 * 1024 * 1024)

struct decode_run {
	struct decode_request	request;
	struct event_session	session;
	struct event		event;
	char			host[65];
	const char		*env_file;
};

static _Noreturn void
decode_usage(void)
{
	fprintf(stderr, "usage: exabgp decode [-dijnou] [-f \"AFI SAFI\"] "
	    "[HEX]\n"
	    "  -u, --update  the bytes are an UPDATE (default)\n"
	    "  -n, --nlri    the bytes are NLRI of the family (-f)\n"
	    "  -o, --open    the bytes are an OPEN\n"
	    "  -f, --family  of NLRI, as \"ipv4 unicast\"\n"
	    "  -i, --path-information  NLRI begin with path identifiers\n"
	    "Without HEX each line of standard input is one message.\n");
	exit(1);
}

static void
decode_family(struct decode_run *d, const char *text)
{
	char afi[16], safi[24];

	if (sscanf(text, "%15[^ /] %*[/]%23s", afi, safi) != 2 &&
	    sscanf(text, "%15[^ /]%*[ /]%23s", afi, safi) != 2)
		errx(1, "%s: expected a family, as \"ipv4 unicast\"", text);
	d->request.family = nlri_by_words(afi, safi);
	if (d->request.family == NULL)
		errx(1, "%s: no family that is known", text);
}

static void
decode_options(struct decode_run *d, int argc, char **argv)
{
	static const struct option options[] = {
		{ "command", no_argument, NULL, 'j' },
		{ "configuration", no_argument, NULL, 'j' },
		{ "debug", no_argument, NULL, 'd' },
		{ "env-file", required_argument, NULL, 'e' },
		{ "family", required_argument, NULL, 'f' },
		{ "generic", no_argument, NULL, 'g' },
		{ "json", no_argument, NULL, 'j' },
		{ "nlri", no_argument, NULL, 'n' },
		{ "open", no_argument, NULL, 'o' },
		{ "path-information", no_argument, NULL, 'i' },
		{ "update", no_argument, NULL, 'u' },
		{ NULL, 0, NULL, 0 },
	};
	int c;

	while ((c = getopt_long(argc, argv, "de:f:gijnou", options,
	    NULL)) != -1) {
		if (c == 'f')
			decode_family(d, optarg);
		else if (c == 'e')
			d->env_file = optarg;
		else if (c == 'i')
			d->request.has_path_id = true;
		else if (c == 'n')
			d->request.kind = DECODE_NLRI;
		else if (c == 'o')
			d->request.kind = DECODE_OPEN;
		else if (c == 'u')
			d->request.kind = DECODE_UPDATE;
		else if (c == '?')
			decode_usage();
	}
	if (d->request.kind == DECODE_NLRI && d->request.family == NULL)
		errx(1, "NLRI need a family (-f \"ipv4 unicast\")");
}

/* The frame of the event: nobody's session. */
static void
decode_frame(struct decode_run *d, const struct config *settings)
{
	bool is_v4 = settings->environment.api_version < 6;
	struct timeval now;

	gettimeofday(&now, NULL);
	gethostname(d->host, sizeof(d->host) - 1);
	d->session = (struct event_session){
		.version = is_v4 ? "4.0.1" : "6.0.0",
		.shape = is_v4 ? NLRI_JSON_V4 : NLRI_JSON_V6,
		.host = d->host, .pid = (uint32_t)getpid(),
		.ppid = (uint32_t)getppid(),
		.local = addr_from_ipv4(0x7f000001),
		.peer = addr_from_ipv4(0x7f000001),
		.local_as = DECODE_AS, .peer_as = DECODE_AS,
		.router_id = 0x7f000001,
	};
	d->event = (struct event){
		.session = &d->session, .counter = 1, .direction = "in",
		.time_usec = (uint64_t)now.tv_sec * 1000000 +
		    (uint64_t)now.tv_usec,
	};
}

/* One message; what is wrong with it goes to standard error. */
static int
decode_one(struct decode_run *d, const char *hex)
{
	struct wr bytes, out;
	int error;

	buf_writer_growing(&bytes, DECODE_HEX_MAX);
	buf_writer_growing(&out, DECODE_OUT_MAX);
	if (strncmp(hex, "0x", 2) == 0)
		hex += 2;
	error = decode_hex(hex, &bytes);
	if (error != 0)
		warnx("the input is not hexadecimal");
	else if (bytes.len == 0)
		error = ERR_SHORT;
	else
		error = decode_message(&d->event, &d->request,
		    buf_written(&bytes), &out);
	if (error == 0)
		fwrite(out.base, 1, out.len, stdout);
	else if (error != ERR_SYNTAX)
		warnx("the message is malformed, or of a kind that is not "
		    "decoded");
	d->event.counter++;
	buf_free(&bytes);
	buf_free(&out);
	return error == 0 ? 0 : 1;
}

static int
decode_input(struct decode_run *d)
{
	char *line = NULL;
	size_t cap = 0;
	int status = 0;

	while (getline(&line, &cap, stdin) != -1)
		if (line[strspn(line, " \t\r\n")] != '\0')
			status |= decode_one(d, line);
	free(line);
	return status;
}

/* The words of the command line are one text: hex may have spaces. */
static int
decode_words(struct decode_run *d, int argc, char **argv)
{
	struct wr text;
	int status, i;

	buf_writer_growing(&text, 2 * DECODE_HEX_MAX);
	for (i = 0; i < argc; i++)
		buf_put_format(&text, "%s ", argv[i]);
	buf_put_u8(&text, 0);
	if (text.err != 0)
		errx(1, "the message is too long");
	status = decode_one(d, (const char *)text.base);
	buf_free(&text);
	return status;
}

int
exabgp_decode(int argc, char **argv)
{
	struct decode_run d = { .request = { .kind = DECODE_AUTO } };
	struct config *settings;
	int status;

	decode_options(&d, argc, argv);
	settings = exabgp_settings(d.env_file);
	decode_frame(&d, settings);
	if (optind == argc || strcmp(argv[optind], "-") == 0)
		status = decode_input(&d);
	else
		status = decode_words(&d, argc - optind, argv + optind);
	config_free(settings);
	return status;
}
