/* SPDX-License-Identifier: ISC */
/*
 * `exabgp healthcheck`: the machine. A check that succeeds `rise` times in a
 * row is UP, one that fails `fall` times is DOWN, a service whose disabling
 * file exists is DISABLED. On each change, and again after each interval,
 * the addresses are announced with the state's metric, or withdrawn.
 */
#include "parent/healthcheck.h"

#include "parent/exabgp_command.h"

#include <err.h>
#include <grp.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <syslog.h>
#include <unistd.h>

#define HEALTHCHECK_LINE_MAX	(64 * 1024)

const char *
healthcheck_state_name(enum healthcheck_state state)
{
	static const char *const names[HEALTH_N] = { "INIT", "RISING", "UP",
	    "FALLING", "DOWN", "DISABLED", "EXIT", "END" };

	return names[state];
}

/*
 * Announcing.
 */
static bool
healthcheck_is_withdrawal(const struct healthcheck *h,
    enum healthcheck_state state)
{
	return state == HEALTH_EXIT ||
	    (h->o.is_withdrawn_when_down && state != HEALTH_UP);
}

static void
healthcheck_list(struct wr *w, const char *word, const char *value)
{
	if (value != NULL && *value != '\0')
		buf_put_format(w, " %s [ %s ]", word, value);
}

static void
healthcheck_attributes(const struct healthcheck *h,
    enum healthcheck_state state, uint32_t metric, struct wr *w)
{
	const struct healthcheck_options *o = &h->o;
	const char *community = o->community;

	if (state != HEALTH_UP && o->disabled_community != NULL)
		community = o->disabled_community;
	buf_put_format(w, " med %u", metric);
	if (o->local_preference != NULL)
		buf_put_format(w, " local-preference %s",
		    o->local_preference);
	healthcheck_list(w, "community", community);
	healthcheck_list(w, "extended-community", o->extended_community);
	healthcheck_list(w, "large-community", o->large_community);
	healthcheck_list(w, "as-path", o->state_as_path[state] != NULL ?
	    o->state_as_path[state] : o->as_path);
}

static void
healthcheck_announce(struct healthcheck *h, enum healthcheck_state state)
{
	bool is_withdrawal = healthcheck_is_withdrawal(h, state);
	uint32_t metric = h->o.metric[state];
	char prefix[PREFIX_TEXT_MAX];
	struct wr w;
	size_t i;

	buf_writer_growing(&w, HEALTHCHECK_LINE_MAX);
	for (i = 0; i < h->n_ips && !h->is_output_closed; i++) {
		buf_reset(&w);
		buf_put_format(&w, "neighbor %s %s route %s next-hop %s",
		    h->o.neighbor, is_withdrawal ? "withdraw" : "announce",
		    prefix_print(&h->ips[i], prefix, sizeof(prefix)),
		    h->o.next_hop);
		if (h->o.path_id != NULL)
			buf_put_format(&w, " path-information %s",
			    h->o.path_id);
		if (!is_withdrawal)
			healthcheck_attributes(h, state, metric, &w);
		buf_put_u8(&w, 0);
		if (w.err == 0)
			healthcheck_say(h, (const char *)w.base);
		metric += h->o.increase;
	}
	buf_free(&w);
}

/*
 * The machine.
 */
static void
healthcheck_enter(struct healthcheck *h, enum healthcheck_state state)
{
	if (state != h->state)
		healthcheck_log(h, LOG_INFO, "%s -> %s",
		    healthcheck_state_name(h->state),
		    healthcheck_state_name(state));
	h->state = state;
	h->n_checks = 1;
	if (state == HEALTH_RISING || state == HEALTH_FALLING ||
	    state == HEALTH_INIT)
		return;
	if (h->o.is_dynamic_ip && state == HEALTH_UP)
		healthcheck_ip_setup(h);
	healthcheck_announce(h, state);
	healthcheck_hooks(h, state);
	if (h->o.is_dynamic_ip && state != HEALTH_UP && state != HEALTH_END)
		healthcheck_ip_remove(h);
}

/* A check came out the other way than the state has it. */
static void
healthcheck_turn(struct healthcheck *h, bool is_good)
{
	if (is_good)
		healthcheck_enter(h, h->o.rise <= 1 ? HEALTH_UP :
		    HEALTH_RISING);
	else
		healthcheck_enter(h, h->o.fall <= 1 ? HEALTH_DOWN :
		    HEALTH_FALLING);
}

static bool
healthcheck_is_disabled(const struct healthcheck *h)
{
	return h->o.disable_file != NULL &&
	    access(h->o.disable_file, F_OK) == 0;
}

/* One check, and what follows from it. */
static void
healthcheck_step(struct healthcheck *h)
{
	bool is_rising, is_good;

	if (healthcheck_is_disabled(h)) {
		if (h->state != HEALTH_DISABLED)
			healthcheck_enter(h, HEALTH_DISABLED);
		else if (!h->o.is_debounced)
			healthcheck_announce(h, h->state);
		return;
	}
	if (h->state == HEALTH_DISABLED)
		healthcheck_enter(h, HEALTH_INIT);
	is_good = healthcheck_check(h);
	if (h->is_told_to_end)
		return;
	is_rising = h->state == HEALTH_RISING || h->state == HEALTH_UP;
	if (h->state == HEALTH_INIT || is_rising != is_good) {
		healthcheck_turn(h, is_good);
		return;
	}
	h->n_checks++;
	if (h->state == HEALTH_RISING && h->n_checks >= h->o.rise)
		healthcheck_enter(h, HEALTH_UP);
	else if (h->state == HEALTH_FALLING && h->n_checks >= h->o.fall)
		healthcheck_enter(h, HEALTH_DOWN);
	else if ((h->state == HEALTH_UP || h->state == HEALTH_DOWN) &&
	    !h->o.is_debounced)
		healthcheck_announce(h, h->state);
}

static bool
healthcheck_is_settled(const struct healthcheck *h)
{
	return h->state == HEALTH_UP || h->state == HEALTH_DOWN ||
	    h->state == HEALTH_DISABLED;
}

static int
healthcheck_loop(struct healthcheck *h)
{
	int64_t pause;

	do {
		healthcheck_step(h);
		if (h->is_told_to_end)
			break;
		if (h->o.interval_usec == 0 && healthcheck_is_settled(h)) {
			healthcheck_enter(h, HEALTH_END);
			return 0;
		}
		pause = healthcheck_is_settled(h) ? h->o.interval_usec :
		    h->o.fast_interval_usec;
	} while (healthcheck_wait(h, pause, NULL));
	healthcheck_enter(h, HEALTH_EXIT);
	return 0;
}

/*
 * Start.
 */
static void
healthcheck_write_pid(const struct healthcheck *h)
{
	FILE *f;

	if (h->o.pid_file == NULL)
		return;
	f = fopen(h->o.pid_file, "w");
	if (f == NULL)
		err(1, "%s", h->o.pid_file);
	fprintf(f, "%d\n", (int)getpid());
	fclose(f);
}

/* After the addresses are set up, which may need root. */
static void
healthcheck_become(const struct healthcheck *h)
{
	const struct passwd *pw = NULL;
	const struct group *gr = NULL;

	if (h->o.user != NULL && (pw = getpwnam(h->o.user)) == NULL)
		errx(1, "%s: no such user", h->o.user);
	if (h->o.group != NULL && (gr = getgrnam(h->o.group)) == NULL)
		errx(1, "%s: no such group", h->o.group);
	if (geteuid() == 0 && (pw != NULL || gr != NULL) &&
	    setgroups(0, NULL) != 0)
		err(1, "setgroups");
	if (gr != NULL && setresgid(gr->gr_gid, gr->gr_gid, gr->gr_gid) != 0)
		err(1, "%s", h->o.group);
	if (gr == NULL && pw != NULL &&
	    setresgid(pw->pw_gid, pw->pw_gid, pw->pw_gid) != 0)
		err(1, "%s", h->o.user);
	if (pw != NULL && setresuid(pw->pw_uid, pw->pw_uid, pw->pw_uid) != 0)
		err(1, "%s", h->o.user);
}

int
exabgp_healthcheck(int argc, char **argv)
{
	struct healthcheck h = { .state = HEALTH_INIT };
	int status;

	healthcheck_options(&h.o, argc, argv);
	healthcheck_io_init(&h);
	healthcheck_ips(&h);
	if (!h.o.has_no_ip_setup)
		healthcheck_ip_setup(&h);
	healthcheck_write_pid(&h);
	healthcheck_become(&h);
	healthcheck_log(&h, LOG_INFO, "%zu addresses, checked by %s",
	    h.n_ips, h.o.command == NULL ? "nothing" : h.o.command);
	status = healthcheck_loop(&h);
	if (h.o.pid_file != NULL)
		unlink(h.o.pid_file);
	buf_free(&h.input);
	free(h.ips);
	free(h.is_there);
	free(h.o.ips);
	healthcheck_options_fini(&h.o);
	return status;
}
