# SPDX-License-Identifier: ISC
"""The loads of the benchmark: each takes a daemon's class, runs it once, and
gives its figures as a dict. A figure counts only when every route arrived
with the right path and communities."""
import os
import subprocess
import time

from daemons import ADDRESS, AS, PORT, Peer
from measure import Load, Meter, cpu_seconds, pss_bytes

PER_SET = 6         # routes that share attributes, as in a full table of today
N_IDLE, IDLE_HOLD = 50, 3


class Failed(Exception):
    """A run whose result is not complete or not right."""


class Run:
    """A daemon and the load generator, connected."""

    def __init__(self, context, cls, peers, table, has_idle=True, sets=None,
                 others=()):
        """others: neighbors that the load generator is not to be."""
        self.peers = list(peers)
        self.has_idle = has_idle and cls.name != 'floor'
        if has_idle and cls.name != 'floor':
            self.peers += [Peer('idle', i, IDLE_HOLD) for i in range(N_IDLE)]
        self.daemon = cls(context.folder(), self.peers + list(others), sets)
        self.load = None
        self.table = table
        self.context = context
        self.lates = []

    def __enter__(self):
        start = time.monotonic()
        self.daemon.start()
        try:
            self.load = Load(self.context.load, ADDRESS, PORT, AS,
                             self.daemon.name == 'floor')
            self.n = self.load.ask(self.table)['routes']
            self.load.add(self.peers)
            up = self.load.ask('open 120')
            if up['up'] != up['of']:
                raise Failed('%(up)d of %(of)d sessions came up' % up)
            self.open_sec = time.monotonic() - start
            self.meter = Meter(self.daemon)
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_):
        if self.load is not None:
            self.load.close()
        self.daemon.stop()

    def go(self, expected=0, seconds=100):
        result = self.load.ask('go %d %d' % (expected, seconds))
        if not result['complete']:
            raise Failed('not complete: %r' % result)
        return result

    def measured(self, expected=0, seconds=100):
        """Send what is prepared; the figures of it."""
        with Meter(self.daemon) as meter:
            load_cpu = self.load.cpu()
            result = self.go(expected, seconds)
            load_cpu = self.load.cpu() - load_cpu
        return {'wall': result['sec'], 'first': result['first_sec'],
                'cpu': meter.cpu, 'peak': meter.peak,
                'settled': meter.settled, 'bytes': result['bytes'],
                'messages': result['messages'], 'load_cpu': load_cpu,
                'routes': self.n}

    def with_lateness(self, figures):
        if self.has_idle:
            late = self.load.ask('late')
            figures.update(late_p99_ms=late['p99_ms'],
                           late_max_ms=late['max_ms'])
        return figures


def s1(context, cls, n=1000000):
    """1 peer x n routes -> 1 receiver."""
    with Run(context, cls, [Peer('feed', 0), Peer('check', 0)],
             'make %d %d' % (n, PER_SET)) as run:
        run.load.say('announce feed0 0 %d 1 1' % run.n)
        return run.with_lateness(run.measured())


def s1r(context, cls, table):
    """A real table -> 1 receiver."""
    with Run(context, cls, [Peer('feed', 0), Peer('check', 0)],
             'read ' + context.table(table)) as run:
        run.load.say('announce feed0 0 %d 1 1' % run.n)
        return run.with_lateness(run.measured())


def s2(context, cls, n=100000, n_peers=10):
    """n_peers x the same n routes -> 1; each best for a part of them."""
    peers = [Peer('feed', i) for i in range(n_peers)] + [Peer('check', 0)]
    with Run(context, cls, peers, 'make %d %d' % (n, PER_SET)) as run:
        for i in range(n_peers):
            run.load.say('rotate feed%d 0 %d %d %d' % (i, n, i, n_peers))
        return run.with_lateness(run.measured())


def s3(context, cls, n=10000, n_peers=100, is_to_all=False):
    """n_peers x n distinct routes -> 1, or all to all."""
    role = 'both' if is_to_all else 'feed'
    peers = [Peer(role, i) for i in range(n_peers)] + [Peer('check', 0)]
    with Run(context, cls, peers, 'make %d %d' % (n * n_peers, PER_SET)) \
            as run:
        for i in range(n_peers):
            run.load.say('announce %s%d %d %d 1 1' % (role, i, i * n, n))
        return run.with_lateness(run.measured(n * (n_peers - 1)))


def s4(context, cls, n=100000, n_receivers=50):
    """1 x n -> n_receivers."""
    peers = [Peer('feed', 0), Peer('check', 0)] + \
        [Peer('count', i) for i in range(1, n_receivers)]
    with Run(context, cls, peers, 'make %d %d' % (n, PER_SET)) as run:
        run.load.say('announce feed0 0 %d 1 1' % n)
        return run.with_lateness(run.measured(n))


def s5(context, cls, n=1000000, rounds=10):
    """After S1, a tenth withdrawn and announced again, ten times; then all
    withdrawn."""
    with Run(context, cls, [Peer('feed', 0), Peer('check', 0)],
             'make %d %d' % (n, PER_SET)) as run:
        run.load.say('announce feed0 0 %d 1 1' % n)
        run.go()
        total = {'wall': 0, 'cpu': 0, 'peak': 0, 'bytes': 0, 'messages': 0}
        settled = []
        part = n // rounds
        with Meter(run.daemon) as meter:
            for i in range(rounds):
                for word in ('withdraw feed0 %d %d', 'announce feed0 %d %d '
                             '1 1'):
                    run.load.say(word % (i * part, part))
                    result = run.go()
                    for key, name in (('wall', 'sec'), ('bytes', 'bytes'),
                                      ('messages', 'messages')):
                        total[key] += result[name]
                settled.append(pss_bytes(run.daemon.pids()))
            run.load.say('withdraw feed0 0 %d' % n)
            total['wall'] += run.go()['sec']
        total.update(cpu=meter.cpu, peak=meter.peak, settled=settled[-1],
                     after_all=meter.settled, routes=n,
                     growth=settled[-1] - settled[1])
        return run.with_lateness(total)


def s6(context, cls, n_peers=500, seconds=10):
    """Idle peers: start to Established, then what they cost."""
    peers = [Peer('idle', i) for i in range(n_peers)]
    with Run(context, cls, peers, 'make 10 1', has_idle=False) as run:
        pids = run.daemon.pids()
        cpu = cpu_seconds(pids)
        run.load.ask('serve %d' % (seconds * 1000))
        return {'wall': run.open_sec, 'cpu': cpu_seconds(pids) - cpu,
                'start_cpu': cpu, 'settled': pss_bytes(pids),
                'peak': pss_bytes(pids), 'routes': 0}


def made_prefix(i):
    """The i-th prefix of bench_load's make."""
    address = (i * 2654435 & (1 << 22) - 1) + 0x100000
    return '%d.%d.%d.0/24' % (address >> 16, address >> 8 & 255,
                              address & 255)


def s7(context, cls, n=400000, n_peers=500, n_set=1000):
    """A reload that takes a tenth out of each peer's own set of prefixes."""
    part = n // n_peers
    peers = [Peer('feed', i) for i in range(n_peers)] + [Peer('check', 0)]

    def sets(n_own):
        # Its own routes, then others' to fill the set.
        return {'feed%d' % i: [
            made_prefix(k % n) for k in
            list(range(i * part, i * part + n_own)) +
            list(range((i + 1) * part, i * part + n_set))]
            for i in range(n_peers)}

    before, after = sets(part), sets(part - part // 10)
    with Run(context, cls, peers, 'make %d %d' % (n, PER_SET),
             sets=before) as run:
        for i in range(n_peers):
            run.load.say('announce feed%d %d %d 1 1' % (i, i * part, part))
        run.go()
        for i in range(n_peers):
            run.load.say('forget %d %d' % ((i + 1) * part - part // 10,
                                           part // 10))
        with Meter(run.daemon) as meter:
            run.daemon.sets = after
            run.daemon.configure()
            start = time.monotonic()
            run.daemon.reload()
            result = run.load.ask('wait 0 200')
            if not result['complete']:
                raise Failed('not complete: %r' % result)
        return run.with_lateness({
            'wall': result['end'] - start, 'cpu': meter.cpu,
            'peak': meter.peak, 'settled': meter.settled, 'routes': n,
            'messages': result['messages']})


def show(command, seconds=120):
    """A command that prints much: first line, all of it, how many bytes."""
    start = time.monotonic()
    first, size = 0, 0
    with subprocess.Popen(command, stdout=subprocess.PIPE) as process:
        fd = process.stdout.fileno()
        while time.monotonic() < start + seconds:
            data = os.read(fd, 1 << 20)
            if not data:
                break
            if size == 0:
                first = time.monotonic() - start
            size += len(data)
    return first, time.monotonic() - start, size


def s8(context, cls, n=1000000):
    """Show a table of n routes, as text and JSON; look one prefix up while
    routes come and go."""
    with Run(context, cls, [Peer('feed', 0), Peer('check', 0)],
             'make %d %d' % (n, PER_SET)) as run:
        run.load.say('announce feed0 0 %d 1 1' % n)
        run.go()
        with Meter(run.daemon):
            pass    # until it is at rest
        text = run.daemon.show_all()
        with Meter(run.daemon) as meter:
            first, wall, size = show(text)
        figures = {'wall': wall, 'first': first, 'cpu': meter.cpu,
                   'peak': meter.peak, 'settled': meter.settled,
                   'bytes': size, 'routes': n}
        json = run.daemon.show_all(is_json=True)
        if json:
            figures['json_first'], figures['json_wall'], _ = show(json)
        # Lookups while a tenth goes and comes.
        times = []
        run.load.say('withdraw feed0 0 %d' % (n // 10))
        run.load.say('go 0 100')
        for _ in range(100):
            times.append(show(run.daemon.show_one('79.1.1.0/24'))[1])
        run.load.process.stdout.readline()
        times.sort()
        figures['lookup_p99_ms'] = times[98] * 1000
        return run.with_lateness(figures)
