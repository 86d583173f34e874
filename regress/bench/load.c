/* SPDX-License-Identifier: ISC */
/*
 * The load of a benchmark: many BGP speakers in one process, told by lines
 * on standard input what to announce and to expect, answering with a line of
 * JSON each. Time is taken here, from the first byte sent to the last route
 * at the last receiver.
 *
 *	daemon ADDRESS PORT AS [transparent]	before all else
 *	make N PER_SET | read FILE		the table
 *	speaker NAME ADDRESS AS HOLD ROLE	feed, check, count or idle
 *	open SECONDS				until all are established
 *	announce NAME FIRST N PREPEND WANTED	WANTED 1: receivers are to
 *	withdraw NAME FIRST N			  see this feeder's routes
 *	forget FIRST N				they are to see no route
 *	rotate NAME FIRST N K OF		as announce; shortest path for
 *						  one set in OF
 *	go EXPECTED SECONDS			send; until receivers that
 *						  check have all, and those
 *						  that count EXPECTED each
 *	wait EXPECTED SECONDS			the same without sending
 *	serve MILLISECONDS			keep sessions for a while
 *	late					lateness of keepalives
 *	quit
 */
#include "regress/bench/speaker.h"

#include <arpa/inet.h>
#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <unistd.h>

#define OUT_MAX		(512u << 20)
#define TICK_MS		20
#define N_EVENTS	64

struct go {
	int64_t		start, end;	/* microseconds */
};

/* One round of events, waiting for at most timeout_ms. */
static void
turn(struct bench *b, int timeout_ms)
{
	struct epoll_event events[N_EVENTS];
	int i, n = epoll_wait(b->epoll, events, N_EVENTS, timeout_ms);
	int64_t now;
	size_t k;

	for (i = 0; i < n; i++)
		speaker_ready(b, events[i].data.ptr, events[i].events);
	now = speaker_now();
	if (now - b->tick_usec < (b->n_up < b->n_speakers ? 1 : TICK_MS) *
	    INT64_C(1000))
		return;
	b->tick_usec = now;
	/* Listeners' queues are short: not all connect at once. */
	for (k = b->n_opening = 0; k < b->n_speakers; k++)
		b->n_opening += b->speakers[k]->state != SPEAKER_CLOSED &&
		    b->speakers[k]->state != SPEAKER_ESTABLISHED;
	for (k = 0; k < b->n_speakers; k++)
		speaker_tick(b, b->speakers[k], now);
}

static struct speaker *
speaker_named(struct bench *b, const char *name)
{
	size_t i;

	for (i = 0; i < b->n_speakers; i++)
		if (strcmp(b->speakers[i]->name, name) == 0)
			return b->speakers[i];
	errx(1, "no speaker %s", name);
}

static enum speaker_role
role_named(const char *name)
{
	static const char *const names[] = {
		[SPEAKER_FEED] = "feed", [SPEAKER_CHECK] = "check",
		[SPEAKER_COUNT] = "count", [SPEAKER_IDLE] = "idle",
	};
	unsigned i;

	for (i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (strcmp(names[i], name) == 0)
			return (enum speaker_role)i;
	errx(1, "no role %s", name);
}

static void *
zeroes(size_t n, size_t size)
{
	void *p = calloc(n, size);

	if (p == NULL)
		err(1, "load");
	return p;
}

static void
run_daemon(struct bench *b, const char *args)
{
	char address[32], how[16] = "";
	unsigned port;

	if (sscanf(args, "%31s %u %u %15s", address, &port, &b->daemon_as,
	    how) < 3 || inet_pton(AF_INET, address,
	    &b->daemon.sin_addr) != 1)
		errx(1, "daemon %s", args);
	b->daemon.sin_family = AF_INET;
	b->daemon.sin_port = htons((uint16_t)port);
	b->is_transparent = strcmp(how, "transparent") == 0;
}

static void
table_ready(struct bench *b)
{
	b->wanted = zeroes(b->table.n, sizeof(*b->wanted));
	printf("{\"routes\": %u, \"sets\": %u}\n", b->table.n,
	    b->table.n_sets);
}

static void
run_make(struct bench *b, const char *args)
{
	unsigned n, per_set;

	if (sscanf(args, "%u %u", &n, &per_set) != 2 || per_set == 0)
		errx(1, "make %s", args);
	table_make(&b->table, n, per_set);
	table_ready(b);
}

static void
run_read(struct bench *b, const char *args)
{
	if (table_read(&b->table, args) != 0)
		errx(1, "%s: no table", args);
	table_ready(b);
}

static void
run_speaker(struct bench *b, const char *args)
{
	char address[32], role[8];
	struct speaker *s = zeroes(1, sizeof(*s));
	unsigned hold;

	if (sscanf(args, "%31s %31s %u %u %7s", s->name, address, &s->as,
	    &hold, role) != 5 || inet_pton(AF_INET, address, &s->local) != 1)
		errx(1, "speaker %s", args);
	s->hold_sec = (uint16_t)hold;
	s->role = role_named(role);
	s->fd = -1;
	s->index = (uint16_t)b->n_speakers;
	buf_writer_growing(&s->rest, SPEAKER_READ_MAX);
	buf_writer_growing(&s->out, OUT_MAX);
	if (s->role == SPEAKER_CHECK)
		s->have = zeroes(b->table.n, sizeof(*s->have));
	if (s->role == SPEAKER_IDLE)
		s->lates = zeroes(SPEAKER_LATE_MAX, sizeof(*s->lates));
	b->speakers = reallocarray(b->speakers, b->n_speakers + 1,
	    sizeof(s));
	if (b->speakers == NULL)
		err(1, "load");
	b->speakers[b->n_speakers++] = s;
}

static void
run_open(struct bench *b, const char *args)
{
	int64_t start = speaker_now();
	int64_t end = start + atoi(args) * INT64_C(1000000);

	while (b->n_up < b->n_speakers && speaker_now() < end)
		turn(b, 1);
	b->has_failed = false;
	printf("{\"up\": %zu, \"of\": %zu, \"sec\": %.4f}\n", b->n_up,
	    b->n_speakers, (double)(speaker_now() - start) / 1e6);
}

/* The range of a line, within the table. */
static struct speaker *
range(struct bench *b, const char *args, uint32_t n[4], int n_wanted)
{
	char name[32];

	if (sscanf(args, "%31s %u %u %u %u", name, &n[0], &n[1], &n[2],
	    &n[3]) != n_wanted || n[0] > b->table.n ||
	    n[1] > b->table.n - n[0])
		errx(1, "range %s", args);
	return speaker_named(b, name);
}

static void
run_announce(struct bench *b, const char *args)
{
	uint32_t n[4], i;
	struct speaker *s = range(b, args, n, 5);

	update_announce(b, s, n[0], n[1], n[2]);
	for (i = n[0]; n[3] != 0 && i < n[0] + n[1]; i++)
		b->wanted[i] = update_seen(&b->table, i, s->as, n[2]);
}

/* Feeder k of n: its path is the shortest one for each n-th set. */
static void
run_rotate(struct bench *b, const char *args)
{
	uint32_t n[4], i, end, next;
	struct speaker *s = range(b, args, n, 5);
	unsigned n_prepend;

	end = n[0] + n[1];
	for (i = n[0]; i < end; i = next) {
		for (next = i; next < end && b->table.routes[next].set ==
		    b->table.routes[i].set; next++)
			;
		n_prepend = b->table.routes[i].set % n[3] == n[2] ? 1 : 2;
		update_announce(b, s, i, next - i, n_prepend);
		for (; n_prepend == 1 && i < next; i++)
			b->wanted[i] = update_seen(&b->table, i, s->as, 1);
	}
}

static void
run_withdraw(struct bench *b, const char *args)
{
	uint32_t n[4];
	struct speaker *s = range(b, args, n, 3);

	update_withdraw(b, s, n[0], n[1]);
	memset(b->wanted + n[0], 0, n[1] * sizeof(*b->wanted));
}

static void
run_forget(struct bench *b, const char *args)
{
	uint32_t first, n;

	if (sscanf(args, "%u %u", &first, &n) != 2 || first > b->table.n ||
	    n > b->table.n - first)
		errx(1, "forget %s", args);
	memset(b->wanted + first, 0, n * sizeof(*b->wanted));
}

static void
count_wrong(const struct bench *b, struct speaker *s)
{
	uint32_t i;

	s->n_wrong = 0;
	for (i = 0; i < b->table.n; i++)
		s->n_wrong += s->have[i] != b->wanted[i];
}

static bool
speaker_is_done(const struct speaker *s, uint64_t expected)
{
	switch (s->role) {
	case SPEAKER_CHECK:
		return s->n_wrong == 0;
	case SPEAKER_COUNT:
		return speaker_is_sent(s) && s->counters.announced +
		    s->counters.withdrawn >= expected;
	case SPEAKER_FEED:
		return speaker_is_sent(s);
	case SPEAKER_IDLE:
		break;
	}
	return true;
}

static bool
is_done(const struct bench *b, uint64_t expected)
{
	size_t i;

	for (i = 0; i < b->n_speakers; i++)
		if (!speaker_is_done(b->speakers[i], expected))
			return false;
	return true;
}

static void
print_result(const struct bench *b, const struct go *go, bool is_whole)
{
	struct speaker_counters c = { .announced = 0 };
	const struct speaker *s;
	uint64_t wrong = 0;
	size_t i;

	for (i = 0; i < b->n_speakers; i++) {
		s = b->speakers[i];
		if (s->role != SPEAKER_CHECK && s->role != SPEAKER_COUNT)
			continue;
		c.announced += s->counters.announced;
		c.withdrawn += s->counters.withdrawn;
		c.messages += s->counters.messages;
		c.bytes += s->counters.bytes;
		c.unknown += s->counters.unknown;
		wrong += s->n_wrong;
		if (c.first_usec == 0 || (s->counters.first_usec != 0 &&
		    s->counters.first_usec < c.first_usec))
			c.first_usec = s->counters.first_usec;
	}
	printf("{\"complete\": %s, \"start\": %.6f, \"end\": %.6f, "
	    "\"sec\": %.4f, \"first_sec\": %.4f, \"announced\": %llu, "
	    "\"withdrawn\": %llu, \"messages\": %llu, \"bytes\": %llu, "
	    "\"wrong\": %llu, \"unknown\": %llu}\n",
	    is_whole && !b->has_failed ? "true" : "false",
	    (double)go->start / 1e6, (double)go->end / 1e6,
	    (double)(go->end - go->start) / 1e6,
	    c.first_usec == 0 ? 0. : (double)(c.first_usec - go->start) / 1e6,
	    (unsigned long long)c.announced, (unsigned long long)c.withdrawn,
	    (unsigned long long)c.messages, (unsigned long long)c.bytes,
	    (unsigned long long)wrong, (unsigned long long)c.unknown);
}

/* Some of the routes that are not as wanted. */
static void
print_wrong(const struct bench *b)
{
	const struct table_route *r;
	const struct speaker *s;
	unsigned n = 0;
	uint32_t i;
	size_t k;

	for (k = 0; k < b->n_speakers; k++) {
		s = b->speakers[k];
		for (i = 0; s->have != NULL && i < b->table.n && n < 5; i++) {
			r = &b->table.routes[i];
			if (s->have[i] == b->wanted[i])
				continue;
			warnx("%s: %u.%u.%u.%u/%u%s: %s", s->name, r->addr[0],
			    r->addr[1], r->addr[2], r->addr[3], r->len_bits,
			    r->is_v6 ? " (IPv6)" : "", s->have[i] == 0 ?
			    "missing" : b->wanted[i] == 0 ? "not withdrawn" :
			    "other attributes");
			n++;
		}
	}
}

static void
go(struct bench *b, const char *args, bool is_sending)
{
	unsigned long long expected;
	struct go run = { 0 };
	unsigned seconds;
	bool is_whole;
	size_t i;

	if (sscanf(args, "%llu %u", &expected, &seconds) != 2)
		errx(1, "go %s", args);
	for (i = 0; i < b->n_speakers; i++) {
		if (is_sending)
			speaker_forget(b->speakers[i]);
		if (b->speakers[i]->role == SPEAKER_CHECK)
			count_wrong(b, b->speakers[i]);
	}
	run.start = speaker_now();
	for (i = 0; is_sending && i < b->n_speakers; i++)
		speaker_send(b, b->speakers[i]);
	while (!(is_whole = is_done(b, expected)) && !b->has_failed &&
	    speaker_now() - run.start < seconds * INT64_C(1000000))
		turn(b, TICK_MS);
	run.end = speaker_now();
	for (i = 0; i < b->n_speakers; i++) {
		b->speakers[i]->is_sending = false;
		b->speakers[i]->out_pos = 0;
		buf_reset(&b->speakers[i]->out);
	}
	print_result(b, &run, is_whole);
	if (!is_whole)
		print_wrong(b);
}

static void
run_go(struct bench *b, const char *args)
{
	go(b, args, true);
}

static void
run_wait(struct bench *b, const char *args)
{
	go(b, args, false);
}

static void
run_serve(struct bench *b, const char *args)
{
	int64_t end = speaker_now() + atoi(args) * INT64_C(1000);

	while (speaker_now() < end)
		turn(b, TICK_MS);
	printf("{\"up\": %zu}\n", b->n_up);
}

static void
run_late(struct bench *b, const char *args)
{
	uint64_t n = 0, seen = 0, lates[SPEAKER_LATE_MAX] = { 0 };
	unsigned i, p99 = 0, max = 0;
	size_t k;

	(void)args;
	for (k = 0; k < b->n_speakers; k++) {
		for (i = 0; b->speakers[k]->lates != NULL &&
		    i < SPEAKER_LATE_MAX; i++) {
			lates[i] += b->speakers[k]->lates[i];
			n += b->speakers[k]->lates[i];
			b->speakers[k]->lates[i] = 0;
		}
	}
	for (i = 0; i < SPEAKER_LATE_MAX; i++) {
		seen += lates[i];
		if (lates[i] != 0)
			max = i;
		if (seen * 100 < n * 99)
			p99 = i + 1;
	}
	printf("{\"keepalives\": %llu, \"p99_ms\": %u, \"max_ms\": %u}\n",
	    (unsigned long long)n, p99, max);
}

static const struct {
	const char	*word;
	void		(*run)(struct bench *, const char *args);
} commands[] = {
	{ "announce", run_announce },
	{ "daemon", run_daemon },
	{ "forget", run_forget },
	{ "go", run_go },
	{ "late", run_late },
	{ "make", run_make },
	{ "open", run_open },
	{ "read", run_read },
	{ "rotate", run_rotate },
	{ "serve", run_serve },
	{ "speaker", run_speaker },
	{ "wait", run_wait },
	{ "withdraw", run_withdraw },
};

static void
run_line(struct bench *b, char *line)
{
	char *args;
	size_t i, len;

	line[strcspn(line, "\n")] = '\0';
	len = strcspn(line, " ");
	args = line + len + (line[len] != '\0');
	for (i = 0; i < sizeof(commands) / sizeof(commands[0]); i++) {
		if (strlen(commands[i].word) == len &&
		    memcmp(commands[i].word, line, len) == 0) {
			commands[i].run(b, args);
			fflush(stdout);
			return;
		}
	}
	errx(1, "no command %s", line);
}

/* Commands come as lines; between them sessions are kept. */
static void
read_commands(struct bench *b)
{
	char buf[4096], *line, *end;
	size_t len = 0;
	ssize_t n;

	fcntl(STDIN_FILENO, F_SETFL, O_NONBLOCK);
	for (;;) {
		n = read(STDIN_FILENO, buf + len, sizeof(buf) - 1 - len);
		if (n == 0 || (n == -1 && errno != EAGAIN))
			return;
		if (n == -1) {
			turn(b, 1);
			continue;
		}
		len += (size_t)n;
		buf[len] = '\0';
		for (line = buf; (end = strchr(line, '\n')) != NULL;
		    line = end + 1) {
			*end = '\0';
			if (strcmp(line, "quit") == 0)
				return;
			run_line(b, line);
		}
		len -= (size_t)(line - buf);
		memmove(buf, line, len);
	}
}

int
main(void)
{
	struct rlimit files = { 4096, 4096 };
	struct bench b = { .epoll = epoll_create1(EPOLL_CLOEXEC) };

	setrlimit(RLIMIT_NOFILE, &files);
	signal(SIGPIPE, SIG_IGN);
	b.scratch = malloc(SPEAKER_READ_MAX);
	if (b.epoll == -1 || b.scratch == NULL)
		err(1, "load");
	read_commands(&b);
	return b.has_failed;
}
