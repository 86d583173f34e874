# SPDX-License-Identifier: ISC
"""Those who do not read: neighbors, and clients of the control socket."""
import socket
import statistics
import subprocess
import time

from bulk import FEED, SEE, serve, table_of
from daemons import Ours, Peer
from harness import request
from measure import cpu_seconds, pss_bytes
from scenarios import Run
from world import Neighbor, announce, check, is_sanitized, prefix24, said

SLOW = Peer('count', 100)
ROOM = 4096
N_OTHERS = 9


def to_nine(context, cls, is_stuck):
    """The figures of nine that take a table, beside one that does not."""
    peers = [FEED, SEE] + [Peer('count', i) for i in range(1, N_OTHERS)]
    with Run(context, cls, peers, table_of(context, 40000),
             others=[SLOW]) as run:
        slow = Neighbor(SLOW, ROOM) if is_stuck else None
        try:
            run.load.say('announce feed0 0 %d 1 1' % run.n)
            figures = run.measured(run.n)
            figures['sanitized'] = is_sanitized(run.daemon)
            if slow is None:
                return figures
            # It reads at last, and is told all of it.
            slow.room(1 << 20)
            slow.read_until(lambda: len(slow.view) == run.n, 60,
                            lambda: '%d routes' % run.n)
            serve(run, 100)
            return figures
        finally:
            if slow:
                slow.close()


def o2_stuck(context, cls):
    """O2: one of ten does not read."""
    runs = context.size(1, 3)
    free, held = [], []
    for _ in range(runs):
        free.append(to_nine(context, cls, False))
        held.append(to_nine(context, cls, True))

    def of(figures, key):
        return statistics.median(f[key] for f in figures)

    grown = of(held, 'peak') - of(free, 'peak')
    ratio = of(held, 'wall') / of(free, 'wall')
    if not free[0]['sanitized']:
        check(grown < 64 << 20, 'grown by %d bytes', grown)
        check(context.is_full or grown < 16 << 20, 'grown by %d bytes', grown)
    check(not context.is_full or ratio <= 1.1, 'the others take %.2f times '
          'as long', ratio)
    return {'routes': free[0]['routes'], 'nine alone s': of(free, 'wall'),
            'beside one stuck s': of(held, 'wall'), 'ratio': ratio,
            'peak MB': of(free, 'peak') / 1e6, 'more MB': grown / 1e6}


def o2_send_hold(context, cls):
    """O2: RFC 9687, after eight minutes."""
    with Run(context, cls, [FEED, SEE], 'make 1000000 6',
             others=[SLOW]) as run:
        with Neighbor(SLOW, ROOM):
            start = time.monotonic()
            run.load.say('announce feed0 0 %d 1 1' % run.n)
            run.go()
            if cls is Ours:
                while not said(run.daemon, 'send hold timer expired'):
                    serve(run, 1000)
                    check(time.monotonic() < start + 560,
                          'it is still there')
            spent = time.monotonic() - start
            # From the last byte that its socket took, some time later.
            check(cls is not Ours or spent > 470, 'after %.0f s', spent)
        return {'dropped after s': spent}


def drip(neighbor, seconds, bytes_a_second):
    """Read this slowly."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        neighbor.read_some(bytes_a_second // 10, 0.1)
        time.sleep(0.1)


def o3_flap(context, cls):
    """O3: routes change far faster than a neighbor reads."""
    n, own = context.size(300, 1000), Peer('feed', 100)
    seconds = context.size(5, 60)
    with Run(context, cls, [FEED, SEE], 'make 10 1', others=[SLOW, own]) \
            as run, Neighbor(SLOW, ROOM) as slow, Neighbor(own) as fast:
        base = pss_bytes(run.daemon.pids())
        start = time.monotonic()
        change = peak = 0
        while time.monotonic() < start + seconds:
            change += 1
            # A different community each: no two share a message.
            fast.send(b''.join(announce(own, [prefix24(i)], change * n + i)
                               for i in range(n)))
            slow.read_some(1000, 0.05)
            if change % 10 == 0:
                peak = max(peak, pss_bytes(run.daemon.pids()))
        read = slow.n_bytes
        slow.room(1 << 20)

        def is_last():
            return len(slow.view) == n and all(
                slow.view[prefix24(i)].get(8) ==
                (change * n + i).to_bytes(4, 'big') for i in range(n))

        slow.read_until(is_last, 60, lambda: 'the last of each route: %d, '
                        '%d bytes more' % (len(slow.view),
                                           slow.n_bytes - read))
        left = slow.n_bytes - read
        serve(run, 100)
        told = n * change
        if cls is Ours:
            # The socket, the session engine's 512 KB, the channel's 1 MB,
            # and then each prefix once.
            check(left < socket_room() + (3 << 20),
                  '%d bytes were queued', left)
            check(slow.n_updates < told / 2 or told < 20000,
                  '%d of %d changes were told', slow.n_updates, told)
            check(is_sanitized(run.daemon) or peak - base < 16 << 20,
                  'grown by %d bytes', peak - base)
        return {'routes': n, 'changes': told, 'changes a second': told /
                seconds, 'told to the slow one': slow.n_updates,
                'queued KB at the end': left / 1024,
                'grown MB': (peak - base) / 1e6}


def ask_for_all(daemon):
    """A client of the control socket that asked for the table."""
    s = socket.socket(socket.AF_UNIX)
    s.settimeout(20)
    s.connect(daemon.socket)
    s.sendall(request(request='rib') if daemon.name == 'bgpd' else
              b'show route\n')
    return s


def socket_room():
    """What the kernel may hold for one connection, in bytes."""
    with open('/proc/sys/net/ipv4/tcp_wmem') as f:
        return int(f.read().split()[2])


SHOWS = ('summary', 'summary terse', 'neighbor', 'neighbor timers',
         'neighbor terse', 'rib', 'rib detail', 'rib ssv', 'rib best count',
         'rib in', 'rib out', 'rib memory', 'nexthop',
         'sets', 'rtr', 'network', 'flowspec', 'program', 'bmp',
         'metrics', 'version')


def show_all_forms(run):
    """All of bgpctl show, as text and JSON, with the table in place; but
    what tells of kernel routes, of which there are none here."""
    for words in SHOWS:
        for options in ([], ['-j']):
            with subprocess.Popen(
                    run.daemon.ctl(*options, 'show', *words.split()),
                    stdout=subprocess.DEVNULL) as asked:
                while asked.poll() is None:
                    serve(run, 50)
            check(asked.returncode == 0, 'show %s: %d', words,
                  asked.returncode)


def o8_show(context, cls):
    """O8: ten ask for the table; five stop reading, five go away."""
    with Run(context, cls, [FEED, SEE],
             'make %d 6' % context.size(40000, 1000000)) as run:
        run.load.say('announce feed0 0 %d 1 1' % run.n)
        run.measured()
        pids = run.daemon.pids()
        base = pss_bytes(pids)
        clients = [ask_for_all(run.daemon) for _ in range(10)]
        for s in clients:
            check(s.recv(1000), 'no answer')
        serve(run, 1000)
        for s in clients[:5]:
            s.close()
        serve(run, 1500)
        grown = pss_bytes(pids) - base
        before = cpu_seconds(pids)
        serve(run, 2000)
        spent = cpu_seconds(pids) - before
        for s in clients[5:]:
            s.close()
        serve(run, 1500)
        late = run.load.ask('late')
        if cls is Ours:
            check(is_sanitized(run.daemon) or grown < 10 << 20,
                  '%d bytes for ten clients', grown)
            check(spent < 0.6, 'walks go on: %.2f s of CPU in 2', spent)
        if cls is Ours:
            done = subprocess.run(run.daemon.show_one('79.1.1.0/24'),
                                  stdout=subprocess.DEVNULL, timeout=20)
            check(done.returncode == 0, 'no answer after')
            show_all_forms(run)
            serve(run, 1500)
        return {'routes': run.n, 'grown KB a client': grown / 10240,
                'CPU of 2 s, five waiting': spent,
                'late p99 ms': late['p99_ms'], 'lost of 52': 0}
