# SPDX-License-Identifier: ISC
"""Much at once: a full table beside short hold times, a RDE that is slower
than its peers, a hundred sessions at the same moment, large messages."""
import os
import signal
import struct
import time

from daemons import Bird, Ours, Peer
from measure import cpu_seconds
from scenarios import Run
from speaker import as4, attribute, capability, multiprotocol, update
from world import Neighbor, check, cpu, path_of, prefix24, worker

FEED, SEE = Peer('feed', 0), Peer('check', 0)


def serve(run, milliseconds):
    """Sessions that are up after a while; none may have gone."""
    up = run.load.ask('serve %d' % milliseconds)['up']
    of = len(run.peers)
    check(up == of, '%d of %d sessions are up', up, of)
    return up


def table_of(context, small, name='fulltable-2015-as3856'):
    return 'read ' + context.table(name) if context.is_full else \
        'make %d 6' % small


def o1_import(context, cls):
    """O1: a full table comes and goes, 50 others have 3 s hold time."""
    with Run(context, cls, [FEED, SEE], table_of(context, 40000)) as run:
        end = time.monotonic() + context.size(5, 40)
        rounds = 0
        while time.monotonic() < end or rounds < 2:
            run.load.say('announce feed0 0 %d 1 1' % run.n)
            run.go()
            run.load.say('withdraw feed0 0 %d' % run.n)
            run.go()
            rounds += 1
        late = run.load.ask('late')
        serve(run, 100)
        check(late['keepalives'] >= 50, '%d keepalives', late['keepalives'])
        if context.is_full:
            check(late['p99_ms'] < 500, 'p99 %d ms late', late['p99_ms'])
        return {'routes': run.n, 'rounds': rounds, 'lost of 50': 0,
                'keepalives': late['keepalives'],
                'late p99 ms': late['p99_ms'], 'max ms': late['max_ms']}


class Filtering(Ours):
    """With rules that each route is held against, all in vain."""

    def configure(self):
        super().configure()
        with open(self.conf, 'a') as f:
            for i in range(1000):
                f.write('deny from group "give" AS %d\n' % (4100000000 + i))


def n_reads(pid):
    """Calls of read: the session engine's of connections."""
    with open('/proc/%d/io' % pid) as f:
        return int(dict(line.split(': ') for line in f)['syscr'])


def session_cost(context, cls, n):
    """CPU and reads of the session engine, and the time that it took."""
    with Run(context, cls, [FEED, SEE], 'make %d 1' % n,
             has_idle=False) as run:
        session = worker(run.daemon, 'session')
        before, reads = cpu(session), n_reads(session)
        run.load.say('announce feed0 0 %d 1 1' % n)
        figures = run.measured()
        return (cpu(session) - before, n_reads(session) - reads,
                figures['wall'])


def o4_input(context, cls):
    """O4: the RDE is slow, then stands still; the session engine waits and
    does not spin: it reads as often as else. What it needs beyond that is
    for what the RDE tells meanwhile, in more pieces than else."""
    if cls is not Ours:
        return {'': 'one process, nothing to compare'}
    n = context.size(30000, 500000)
    free, free_reads, free_wall = session_cost(context, Ours, n)
    held, held_reads, held_wall = session_cost(context, Filtering, n)
    check(held_reads <= 2 * free_reads + 20, '%d reads held up, %d else',
          held_reads, free_reads)
    check(held <= 1.2 * free + 0.05 + 0.02 * held_wall, 'session engine: '
          '%.3f s of CPU in %.1f s held up, %.3f s else', held, held_wall,
          free)
    with Run(context, Ours, [FEED, SEE], 'make %d 1' % n) as run:
        rde, session = (worker(run.daemon, r) for r in ('rde', 'session'))
        os.kill(rde, signal.SIGSTOP)
        try:
            run.load.say('announce feed0 0 %d 1 1' % n)
            run.load.say('go 0 100')
            time.sleep(1)       # the queues fill
            before = cpu(session)
            time.sleep(5)       # longer than the hold time of the idle
            still = cpu(session) - before
        finally:
            os.kill(rde, signal.SIGCONT)
        answer = run.load.process.stdout.readline()
        check('"complete": true' in answer, 'not complete: %s', answer)
        serve(run, 100)
    check(still < 0.6, 'session engine spins: %.3f s of 5', still)
    return {'routes': n, 'CPU s': free, 'held up': held,
            'reads': free_reads, 'held up reads': held_reads,
            'wall s': free_wall, 'wall held up': held_wall,
            'CPU of 5 s while the RDE stands': still}


def o9_burst(context, cls):
    """O9: 100 sessions come up at once, with a table each."""
    n, n_peers = context.size(200, 10000), 100
    peers = [Peer('feed', i) for i in range(n_peers)] + [SEE]
    with Run(context, cls, peers, 'make %d 6' % (n * n_peers)) as run:
        for i in range(n_peers):
            run.load.say('announce feed%d %d %d 1 1' % (i, i * n, n))
        figures = run.measured()
        serve(run, 100)
        if context.is_full:
            check(run.open_sec < 10, 'Established after %.1f s',
                  run.open_sec)
        return {'sessions': len(run.peers), 'routes': run.n,
                'established s': run.open_sec, 'wall s': figures['wall'],
                'peak MB': figures['peak'] / 1e6, 'lost': 0}


class Extended(Ours):
    def configure(self):
        super().configure()
        edit(self.conf, 'announce IPv6 unicast', 'announce IPv6 unicast\n'
             '\tannounce extended message yes')


class ExtendedBird(Bird):
    def configure(self):
        super().configure()
        edit(self.conf, 'passive on;',
             'passive on;\n\tenable extended messages on;')


def edit(path, old, new):
    with open(path) as f:
        text = f.read()
    with open(path, 'w') as f:
        f.write(text.replace(old, new))


def large_updates(peer):
    """Messages of up to 64 KB: (what, one such, how many routes)."""
    few = attribute(0xc0, 8, struct.pack('!255I', *range(255)))
    many = attribute(0xc0, 8, struct.pack('!16000I', *range(16000)))
    prefixes = b''.join(prefix24(i) for i in range(14000))
    return (('255 communities, 14,000 prefixes',
             update(path_of(peer) + few, prefixes)),
            ('path of 1,000', update(path_of(peer, *range(1, 1000)) + few,
                                     prefixes)),
            ('16,000 communities', update(path_of(peer) + many,
                                          prefix24(0))))


def o10_large(context, cls):
    """O10: extended messages, full; the last of each kind is a sentinel."""
    kind = Extended if cls is Ours else ExtendedBird
    other, far = Peer('feed', 100), Peer('count', 100)
    params = (multiprotocol(1, 1) + as4(other.asn) + capability(6),
              multiprotocol(1, 1) + as4(far.asn) + capability(6))
    figures = {}
    total = context.size(4, 100) << 20
    with Run(context, kind, [FEED, SEE], 'make 10 1', others=[other, far]) \
            as run, Neighbor(other, params=params[0]) as a, \
            Neighbor(far, params=params[1]) as b:
        pids = run.daemon.pids()
        for k, (what, one) in enumerate(large_updates(other)):
            sentinel = bytes((32, 9, 9, 9, k))
            before, start = cpu_seconds(pids), time.monotonic()
            for _ in range(total // len(one)):
                a.send(one)
            a.send(update(path_of(other), sentinel))
            b.read_until(lambda: sentinel in b.view, 120, what)
            wall = time.monotonic() - start
            figures[what + ' MB/s'] = total / 1e6 / wall
            figures[what + ' CPU s'] = cpu_seconds(pids) - before
            figures[what + ' prefixes'] = len(b.view)
        up = run.load.ask('serve 3500')['up']
        check(up == len(run.peers), '%d sessions of %d', up, len(run.peers))
        late = run.load.ask('late')
        figures.update({'late p99 ms': late['p99_ms'], 'lost of 52': 0})
    return figures
