/* SPDX-License-Identifier: ISC */
/*
 * RPKI caches over hours (RFC 8210 6): refresh, retry and expire intervals,
 * and several caches, whose data are united: there is no preference among
 * them, as there is none in OpenBGPD. The router denies what is invalid, so
 * that its table shows what it validates by.
 */
#include "common/value.h"
#include "parent/conf.h"
#include "regress/sim/cache.h"
#include "regress/sim/sim.h"

#include <criterion/criterion.h>
#include <string.h>

#define SEC	MONO_USEC_PER_SEC

static const char peer_text[] =
    "AS 65001\nrouter-id 10.0.0.1\nfib-update no\n"
    "network 10.0.0.0/24\nnetwork 10.0.1.0/24\nnetwork 10.9.0.0/24\n"
    "neighbor 192.0.2.2 {\n\tremote-as 65002\n}\n"
    "allow from any\nallow to any\n";
static const char router_text[] =
    "AS 65002\nrouter-id 10.0.0.2\nfib-update no\n"
    "rtr 192.0.2.10 {\n\tport 323\n}\n%s"
    "neighbor 192.0.2.1 {\n\tremote-as 65001\n\tpassive\n}\n"
    "allow from any\nallow to any\ndeny from any ovs invalid\n";
static const char second_text[] = "rtr 192.0.2.11 {\n\tport 323\n}\n";

struct world {
	struct sim		*sim;
	struct sim_host		*peer, *router;
	struct sim_cache	 caches[2];
};

static void
on_error(const char *line, bool is_warning, void *arg)
{
	(void)arg;
	cr_assert(is_warning, "%s", line);
}

static struct config *
model(const char *text)
{
	struct conf_errors errors = { .report = on_error };

	return conf_load(&(struct conf_source){
		.path = "sim.conf", .text = text, .len = strlen(text),
		.language = CONF_LANGUAGE_BGPD,
	}, &errors);
}

/* Of three routes, 10.0.0/24 is valid, 10.0.1/24 invalid, 10.9.0/24 not
 * found. */
static void
set_up(struct world *w, unsigned n_caches)
{
	char text[1024];
	unsigned i;

	w->sim = sim_new(1);
	snprintf(text, sizeof(text), router_text,
	    n_caches == 2 ? second_text : "");
	for (i = 0; i < n_caches; i++) {
		sim_cache_init(&w->caches[i], w->sim, i == 0 ? "192.0.2.10" :
		    "192.0.2.11");
		w->caches[i].vrps[0] = (struct sim_vrp){ "10.0.0.0/16", 16,
		    65001 };
		w->caches[i].vrps[1] = (struct sim_vrp){ "10.0.0.0/24", 24,
		    65001 };
		w->caches[i].n_vrps = 2;
		w->caches[i].refresh_sec = 300;
		w->caches[i].retry_sec = 60;
		w->caches[i].expire_sec = 900;
		sim_cache_up(&w->caches[i]);
	}
	w->peer = sim_host_new(w->sim, "peer", "192.0.2.1", model(peer_text));
	w->router = sim_host_new(w->sim, "router", "192.0.2.2", model(text));
}

static void
end(struct world *w)
{
	sim_cache_down(&w->caches[0]);
	if (w->caches[1].host.sim != NULL)
		sim_cache_down(&w->caches[1]);
	sim_free(w->sim);
}

/* Routes in Loc-RIB, a letter of each one's state: V, I, or n. */
struct states {
	char	text[16];
	size_t	n;
};

static void
note_state(const struct value *v, void *arg)
{
	struct states *s = arg;
	const char *ovs = value_get_string(v, "ovs", "?");

	if (s->n < sizeof(s->text) - 1)
		s->text[s->n++] = strcmp(ovs, "valid") == 0 ? 'V' :
		    strcmp(ovs, "invalid") == 0 ? 'I' :
		    strcmp(ovs, "not-found") == 0 ? 'n' : '?';
}

#define expect(w, want) do { \
	struct states got = { 0 }; \
	\
	sim_host_query((w)->router, &(struct sim_query){ \
	    .is_best = true, .on_entry = note_state, .arg = &got }); \
	cr_assert_str_eq(got.text, want, "at %lld s: %s, not %s\n%.*s", \
	    (long long)((w)->sim->now.usec / SEC), got.text, want, \
	    (int)(w)->sim->trace.len, (char *)(w)->sim->trace.base); \
} while (0)

static void
run_to(struct world *w, struct mono from, int64_t sec)
{
	sim_run_until(w->sim, from.usec + sec * SEC);
}

static void
run_for(struct world *w, int64_t sec)
{
	run_to(w, w->sim->now, sec);
}

Test(sim_rtr, data_of_a_cache_that_stays_away_expires)
{
	struct world w = { 0 };
	struct mono told;

	set_up(&w, 1);
	expect(&w, "");
	run_for(&w, 400);
	expect(&w, "Vn");
	told = w.caches[0].told;
	sim_cache_down(&w.caches[0]);
	run_to(&w, told, 899);
	expect(&w, "Vn");
	run_to(&w, told, 901);
	expect(&w, "nnn");
	/* It comes back: within the retry interval all is as it was. */
	run_to(&w, told, 5000);
	expect(&w, "nnn");
	sim_cache_up(&w.caches[0]);
	run_for(&w, 61);
	expect(&w, "Vn");
	cr_assert_eq(w.caches[0].queries[w.caches[0].n_queries - 1].type,
	    RTR_RESET_QUERY);
	end(&w);
}

/* Away for less than that: nothing changes, and the data are new again. */
Test(sim_rtr, a_cache_that_is_back_in_time_is_asked_for_the_difference)
{
	struct world w = { 0 };
	struct mono told;
	unsigned n;

	set_up(&w, 1);
	run_for(&w, 100);
	told = w.caches[0].told;
	n = w.caches[0].n_queries;
	sim_cache_down(&w.caches[0]);
	run_to(&w, told, 800);
	expect(&w, "Vn");
	sim_cache_up(&w.caches[0]);
	run_to(&w, told, 861);
	cr_assert_eq(w.caches[0].n_queries, n + 1);
	cr_assert_eq(w.caches[0].queries[n].type, RTR_SERIAL_QUERY);
	run_to(&w, told, 2000);
	expect(&w, "Vn");
	end(&w);
}

Test(sim_rtr, a_cache_is_asked_at_its_refresh_interval)
{
	struct world w = { 0 };
	struct sim_cache *c = &w.caches[0];
	unsigned i, n;

	set_up(&w, 1);
	run_for(&w, 10);
	n = c->n_queries;
	run_for(&w, 3000);
	cr_assert_eq(c->n_queries, n + 10, "%u", c->n_queries - n);
	for (i = n; i < c->n_queries; i++) {
		cr_assert_eq(c->queries[i].type, RTR_SERIAL_QUERY);
		cr_assert_eq(mono_diff_usec(c->queries[i].at,
		    c->queries[i - 1].at) / SEC, 300);
	}
	expect(&w, "Vn");
	/* News that it did not notify of are known at the next query. */
	c->vrps[0].max_len = 24;
	c->serial++;
	run_for(&w, 301);
	expect(&w, "VVn");
	end(&w);
}

/* Attempts come at growing distances, up to the retry interval. */
Test(sim_rtr, a_cache_that_is_gone_is_tried_at_its_retry_interval)
{
	struct world w = { 0 };
	struct sim_cache *c = &w.caches[0];
	struct mono down;

	set_up(&w, 1);
	run_for(&w, 10);
	c->has_no_data = true;
	sim_cache_down(c);
	down = w.sim->now;
	run_to(&w, down, 400);
	cr_assert_eq(c->n_connections, 1);
	sim_cache_up(c);
	run_for(&w, 61);
	cr_assert_eq(c->n_connections, 2);
	/* Connected, but without data: asked again as often. */
	c->n_queries = 0;
	run_for(&w, 299);
	cr_assert(c->n_queries == 4 || c->n_queries == 5, "%u",
	    c->n_queries);
	/* And what it said before expires all the same. */
	run_to(&w, c->told, 899);
	expect(&w, "Vn");
	run_to(&w, c->told, 902);
	expect(&w, "nnn");
	end(&w);
}

/* Out of range: expire at least 600 s, and longer than the others. */
Test(sim_rtr, intervals_are_kept_in_their_ranges)
{
	struct world w = { 0 };
	struct sim_cache *c = &w.caches[0];
	struct mono told;

	set_up(&w, 1);
	c->refresh_sec = 86400;
	c->retry_sec = 7200;
	c->expire_sec = 1;
	run_for(&w, 10);
	expect(&w, "Vn");
	run_for(&w, 5000);
	expect(&w, "Vn");
	cr_assert_eq(memmem(w.sim->trace.base, w.sim->trace.len, "expired", 7),
	    NULL, "%.*s", (int)w.sim->trace.len,
	    (char *)w.sim->trace.base);
	told = c->told;
	sim_cache_down(c);
	run_to(&w, told, 599);
	expect(&w, "Vn");
	run_to(&w, told, 601);
	expect(&w, "nnn");
	end(&w);
}

Test(sim_rtr, what_several_caches_say_is_united)
{
	struct world w = { 0 };
	struct mono told;

	set_up(&w, 2);
	/* The second has the third route, too, by another AS. */
	w.caches[1].vrps[2] = (struct sim_vrp){ "10.9.0.0/24", 24, 65009 };
	w.caches[1].n_vrps = 3;
	w.caches[1].serial = 2;
	run_for(&w, 400);
	expect(&w, "V");
	told = w.caches[1].told;
	sim_cache_down(&w.caches[1]);
	run_to(&w, told, 899);
	expect(&w, "V");
	/* What only the second said is gone, what both said is not. */
	run_to(&w, told, 901);
	expect(&w, "Vn");
	sim_cache_up(&w.caches[1]);
	run_for(&w, 61);
	expect(&w, "V");
	told = w.caches[0].told;
	sim_cache_down(&w.caches[0]);
	run_to(&w, told, 1000);
	expect(&w, "V");
	end(&w);
}
