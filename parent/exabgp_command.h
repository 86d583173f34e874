/* SPDX-License-Identifier: ISC */
/*
 * Subcommands of exabgp that are programs of their own: each has the command
 * line from its own name on, and returns the exit status.
 */
#ifndef PARENT_EXABGP_COMMAND_H
#define PARENT_EXABGP_COMMAND_H

struct config;

/* `cli [options] [COMMAND]`: ask a running daemon. */
int	exabgp_cli(int argc, char **argv);
/* `decode [options] [HEX]`: a message's bytes to JSON lines. */
int	exabgp_decode(int argc, char **argv);
/* `encode [options] SENTENCE`: a route to its UPDATEs in hexadecimal. */
int	exabgp_encode(int argc, char **argv);
/* `env [-d|-f]`: ExaBGP's settings as they hold. */
int	exabgp_env(int argc, char **argv);
/* `healthcheck [options]`: see parent/healthcheck.h. */
int	exabgp_healthcheck(int argc, char **argv);

/*
 * A model with nothing but ExaBGP's settings (environment and INI file; a
 * NULL env_file: its usual place). Faults are printed. To be freed.
 */
struct config	*exabgp_settings(const char *env_file);

#endif
