#!/usr/bin/env python3
# SPDX-License-Identifier: ISC
"""P12: an allocation fails.

check	of `bgpd -n` and `exabgp validate`, each allocation in turn: it ends with
	the same output as ever or with an error and a word, never by a signal.
worker	of a worker under traffic, some: it goes on or ends with a word and is
	replaced; the parent and the other workers stay, routes come back.

usage: alloc.py BIN SHIM check|worker [SAMPLES]
"""
import mmap
import os
import pathlib
import random
import struct
import subprocess
import sys
import tempfile
import time

HERE = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(HERE.parent / 'proc')]
from harness import BIN, N, SEED, World, flap, free_port, wait  # noqa: E402

SHIM = os.path.abspath(sys.argv[2])
ROLES = ('session', 'rde', 'api')
EXABGP = '''neighbor 127.0.0.1 {
	local-address 127.0.0.2;
	local-as 65002;
	peer-as 65001;
	family { ipv4 unicast; ipv4 flow; }
	static {
		route 192.0.2.0/24 next-hop self community [1:2 3:4] as-path [1 2];
	}
	flow {
		route one {
			match { destination 192.0.2.1/32; protocol tcp; }
			then { rate-limit 9600; }
		}
	}
}
'''
MOST_DEATHS = 3     # of a worker; the parent gives up at more


class Counter:
    """The number in a file that the shim counts down."""

    def __init__(self, path):
        path.write_bytes(bytes(8))
        path.chmod(0o666)
        with open(path, 'r+b') as f:
            self.map = mmap.mmap(f.fileno(), 8)

    def set(self, n):
        self.map[:8] = struct.pack('=q', n)

    def get(self):
        return struct.unpack('=q', self.map[:8])[0]


def run(command, path, counter, k):
    counter.set(k)
    done = subprocess.run(command, capture_output=True, timeout=60, env=dict(
        os.environ, LD_PRELOAD=SHIM, BGPD_ALLOC=str(path)))
    said = b''.join(line for line in done.stderr.splitlines(True)
                    if not line.startswith(b'allocation fails'))
    return done.returncode, done.stdout, said


def check_all(folder):
    source = HERE.parent / 'config' / 'bgpd'
    commands = [[BIN + '/bgpd', '-nv', '-f', str(source / name)]
                for name in ('ours.in', 'all.in')]
    exabgp = folder / 'exabgp.conf'
    exabgp.write_text(EXABGP)
    commands.append([BIN + '/exabgp', 'validate', str(exabgp)])
    path = folder / 'count'
    counter = Counter(path)
    n_right = n = n_borne = 0
    for command in commands:
        whole = run(command, path, counter, 0)
        assert whole[0] == 0, whole
        count = -counter.get()
        assert count > 5, 'the shim counts nothing'
        for k in range(1, count + 1):
            got = run(command, path, counter, k)
            n += 1
            n_borne += got[0] == 0
            if got == whole or (got[0] > 0 and got[2].strip()):
                n_right += 1
            else:
                print('%s: allocation %d: %d, %r, %s' % (
                    command[-1], k, got[0], got[2][:200],
                    'output as ever' if got[1] == whole[1] else
                    'OTHER OUTPUT'))
    print('%d of %d allocations; %d were borne' % (n_right, n, n_borne))
    assert n_right == n


def stir(world):
    """Work for all workers, whoever is away for a moment."""
    flap(world)
    world.ctl('show', 'rib')
    world.ctl('show', 'neighbor')


def sample(world, counters, role, k):
    """One failure; what became of the worker."""
    a, b = world.a, world.b
    pids = {r: a.worker(r) for r in ROLES}
    counters[role].set(k)
    limit = time.monotonic() + 20
    while counters[role].get() > 0:
        if time.monotonic() > limit:
            counters[role].set(0)
            return 'not reached'
        stir(world)
    wait(lambda: all(a.worker(r) for r in ROLES), 20, 'all workers')
    wait(lambda: world.count() == N and world.is_up(), 40,
         lambda: '%d routes after %s %d' % (world.count(), role, k))
    assert a.process.poll() is None and b.process.poll() is None
    log = a.log_path.read_text()
    assert 'ended by signal' not in log and 'forbidden' not in log
    for other in ROLES:
        assert other == role or a.worker(other) == pids[other], \
            '%s died of %s' % (other, role)
    if a.worker(role) == pids[role]:
        return 'borne'
    assert 'worker %s: ended with status' % role in log
    assert 'annot allocate memory' in log, 'no word'
    return 'replaced'


def workers(folder, n_samples):
    random.seed(SEED)
    left = [(r, random.choice((random.randint(1, 40),
                               random.randint(1, 1000))))
            for i in range(n_samples) for r in ROLES]
    total, outcomes = len(left), {}
    counters = {}
    for role in ROLES:
        counters[role] = Counter(folder / ('count.' + role))
    shimmed = ['env', 'LD_PRELOAD=' + SHIM,
               'BGPD_ALLOC=%s' % (folder / 'count')]
    place = 0
    while left:
        place += 1
        here = folder / str(place)
        here.mkdir()
        here.chmod(0o755)
        world = World(here, free_port(), prefix=shimmed)
        deaths = dict.fromkeys(ROLES, 0)
        try:
            world.ready()
            while left and max(deaths.values()) < MOST_DEATHS:
                role, k = left.pop()
                what = sample(world, counters, role, k)
                deaths[role] += what == 'replaced'
                key = '%s %s' % (role, what)
                outcomes[key] = outcomes.get(key, 0) + 1
        except BaseException:
            print('%s, allocation %d' % (role, k))
            for d in (world.a, world.b):
                print(d.log_path.read_text(errors='replace')[-3000:])
            raise
        finally:
            for c in counters.values():
                c.set(0)
            world.stop()
    for key in sorted(outcomes):
        print('%s: %d' % (key, outcomes[key]))
    print('%d of %d' % (total, total))


def main():
    with tempfile.TemporaryDirectory(prefix='bgpd-alloc.') as name:
        folder = pathlib.Path(name)
        folder.chmod(0o755)
        if sys.argv[3] == 'check':
            check_all(folder)
        else:
            workers(folder, int(sys.argv[4]) if len(sys.argv) > 4 else 5)


main()
