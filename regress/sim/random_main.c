/* SPDX-License-Identifier: ISC */
/*
 * Random worlds: sim_random [-v] [-j N] FIRST [COUNT]. Each seed is a world
 * that lives through a few dozen events, is asked after each whether it is
 * sound, must settle to the model's answer now and then and at the end, and
 * be empty when all is withdrawn. A seed that fails prints its trace and the
 * command that runs it again. -v: print the trace anyway.
 */
#include "regress/sim/random.h"

#include <err.h>
#include <malloc.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#define EVENTS_MIN	6
#define EVENTS_MORE	12
#define LEFT_MAX	256
#define END_USEC	(400 * MONO_USEC_PER_SEC)

static const char *program;
static volatile uint64_t seed_now;

static void
print_trace(const struct world *w)
{
	fwrite(w->sim->trace.base, 1, w->sim->trace.len, stdout);
}

/* What befalls it, and the end. */
static void
live(struct world *w)
{
	unsigned n = EVENTS_MIN + world_below(w, EVENTS_MORE);

	world_settle(w);
	while (n-- > 0 && w->error[0] == '\0') {
		world_event(w);
		sim_run_until(w->sim, w->sim->now.usec);
		world_check_now(w);
		sim_run_until(w->sim, w->sim->now.usec +
		    world_below(w, 20 * MONO_USEC_PER_SEC));
		world_check_now(w);
		if (world_below(w, 3) == 0)
			world_settle(w);
	}
	world_heal(w);
	world_settle(w);
	world_withdraw_all(w);
	world_settle(w);
	if (w->error[0] == '\0')
		world_check_empty(w);
	/* Closed connections have gone by then. */
	sim_run_until(w->sim, w->sim->now.usec + END_USEC);
}

static bool
run_seed(uint64_t seed, bool is_verbose, uint64_t *n_checks)
{
	struct world *w;
	bool is_good;

	seed_now = seed;
	w = world_new(seed);
	live(w);
	is_good = w->error[0] == '\0';
	if (is_verbose || !is_good)
		print_trace(w);
	if (!is_good)
		printf("seed %llu FAILED after %llu events: %s\n"
		    "again: %s -v %llu\n", (unsigned long long)seed,
		    (unsigned long long)w->n_events, w->error, program,
		    (unsigned long long)seed);
	*n_checks += w->n_checks;
	world_free(w);
	return is_good;
}

/* Memory is where it was, give or take what the library keeps. */
static bool
is_at_base(size_t base, uint64_t seed)
{
	size_t now = mallinfo2().uordblks;

	if (base == 0 || now <= base + LEFT_MAX)
		return true;
	printf("seed %llu FAILED: %zu bytes are left behind\nagain: %s %llu "
	    "2\n", (unsigned long long)seed, now - base, program,
	    (unsigned long long)seed);
	return false;
}

static unsigned
run_range(uint64_t first, uint64_t count, uint64_t step, bool is_verbose)
{
	uint64_t seed, n = 0, n_good = 0, n_checks = 0;
	size_t base = 0;

	for (seed = first; seed < first + count; seed += step, n++) {
		n_good += run_seed(seed, is_verbose, &n_checks) &&
		    is_at_base(base, seed);
		base = mallinfo2().uordblks;
	}
	printf("seeds %llu..%llu by %llu: %llu of %llu, %llu checks\n",
	    (unsigned long long)first, (unsigned long long)(first + count - 1),
	    (unsigned long long)step, (unsigned long long)n_good,
	    (unsigned long long)n, (unsigned long long)n_checks);
	fflush(stdout);
	return (unsigned)(n - n_good);
}

/* Which seed it was, for one that does not come back. */
static void
on_crash(int signo)
{
	char line[256];
	int n = snprintf(line, sizeof(line), "seed %llu FAILED: signal %d\n"
	    "again: %s -v %llu\n", (unsigned long long)seed_now, signo,
	    program, (unsigned long long)seed_now);

	if (write(STDOUT_FILENO, line, (size_t)n) < 0)
		_exit(2);
	signal(signo, SIG_DFL);
	raise(signo);
}

static int
run_jobs(unsigned n_jobs, uint64_t first, uint64_t count, bool is_verbose)
{
	int status, failed = 0;
	unsigned i;

	for (i = 0; i < n_jobs && i < count; i++) {
		switch (fork()) {
		case -1:
			err(1, "fork");
		case 0:
			_exit(run_range(first + i, count - i, n_jobs,
			    is_verbose) != 0);
		}
	}
	while (wait(&status) > 0)
		failed |= status != 0;
	return failed;
}

int
main(int argc, char **argv)
{
	bool is_verbose = false;
	unsigned n_jobs = 1;
	uint64_t first, count;
	int c;

	program = argv[0];
	/* Freed memory that the library keeps at hand is not in use. */
	if (getenv("GLIBC_TUNABLES") == NULL) {
		setenv("GLIBC_TUNABLES", "glibc.malloc.tcache_count=0", 1);
		execv("/proc/self/exe", argv);
	}
	while ((c = getopt(argc, argv, "j:v")) != -1) {
		if (c == 'j')
			n_jobs = (unsigned)atoi(optarg);
		else if (c == 'v')
			is_verbose = true;
		else
			return 2;
	}
	if (optind >= argc || n_jobs == 0)
		errx(2, "usage: sim_random [-v] [-j N] FIRST [COUNT]");
	first = strtoull(argv[optind], NULL, 10);
	count = optind + 1 < argc ? strtoull(argv[optind + 1], NULL, 10) : 1;
	signal(SIGSEGV, on_crash);
	signal(SIGABRT, on_crash);
	signal(SIGALRM, on_crash);
	return n_jobs == 1 ? run_range(first, count, 1, is_verbose) != 0 :
	    run_jobs(n_jobs, first, count, is_verbose);
}
