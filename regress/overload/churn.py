# SPDX-License-Identifier: ISC
"""Sessions that come and go without end."""
import time

from bulk import FEED, SEE, serve
from daemons import ADDRESS, PORT, Peer
from harness import fds, resident, status
from scenarios import Run
from speaker import Closed, Speaker
from world import announce, check, is_sanitized, prefix24, until, worker

ROLES = ('session', 'rde', 'api')


def come(peer, i):
    """A session with a hundred routes; None when it is refused now: the last
    one's end may not have been seen yet (6/7)."""
    s = Speaker(peer.address, ADDRESS, PORT, 20)
    try:
        s.establish(peer.asn, router_id=peer.address, hold=90)
        s.send(announce(peer, [prefix24(i * 100 + k) for k in range(100)],
                        i))
        return s
    except (Closed, OSError, AssertionError):
        s.close()
        return None


def flaps(context, run, peers, seconds, look):
    """All come, all go, again and again: how many came, were refused."""
    came = refused = 0
    end = time.monotonic() + seconds
    rounds = 0
    while time.monotonic() < end or rounds < 9:
        next_round = time.monotonic() + context.size(0, 2)
        up = [come(p, i) for i, p in enumerate(peers)]
        came += sum(s is not None for s in up)
        refused += sum(s is None for s in up)
        for s in up:
            if s:
                s.close()
        rounds += 1
        look(min((seconds - (end - time.monotonic())) / seconds, 1))
        if next_round > time.monotonic():
            time.sleep(next_round - time.monotonic())
    return came, refused, rounds


def o5_updown(context, cls):
    """O5: peers flap; memory and descriptors are those of the beginning."""
    n = context.size(20, 200)
    peers = [Peer('feed', 1 + i) for i in range(n)]
    least = {}
    with Run(context, cls, [FEED, SEE], 'make 10 1', others=peers) as run:
        pids = {r: worker(run.daemon, r) for r in ROLES} \
            if cls.name == 'bgpd' else {'bird': run.daemon.process.pid}
        flaps(context, run, peers, context.size(1, 20), lambda _: None)

        def look(part):
            at = min(int(part * 3), 2)
            for role, pid in pids.items():
                three = least.setdefault(role, [1 << 40] * 3)
                three[at] = min(three[at], resident(pid))

        at_rest = {r: fds(p) for r, p in pids.items()}
        came, refused, rounds = flaps(context, run, peers,
                                      context.size(5, 600), look)
        serve(run, 100)
        for role, pid in pids.items():
            until(lambda: fds(pid) <= at_rest[role],
                  20, 'descriptors of %s: %d, were %d' % (
                      role, fds(pid), at_rest[role]))
        zombies = sum(status(p)['State'][0] == 'Z' for p in run.daemon.pids())
        check(zombies == 0, '%d zombies', zombies)
        for role, (first, second, third) in least.items():
            # A sanitizer keeps what was freed.
            check(cls.name != 'bgpd' or is_sanitized(run.daemon) or
                  second < 1.02 * first or
                  third < 1.02 * second, '%s grows: %d, %d, %d', role, first,
                  second, third)
    return dict({'came': came, 'refused': refused, 'rounds': rounds},
                **{'RSS MB of ' + r: ' '.join('%.1f' % (b / 1e6) for b in v)
                   for r, v in least.items()})
