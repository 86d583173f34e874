#!/usr/bin/env python3
# SPDX-License-Identifier: ISC
"""Sessions with another daemon that outlive ours: under churn from both sides
and from a program, the running binary is replaced ten times, or workers are
killed at random. After each round both tables are what a control says.

usage: upgrade.py BIN PEER [--kills N]    PEER: bird frr
Exit status 77 when the peer or the right to make namespaces is not there.
"""
import argparse
import ipaddress
import json
import os
import pathlib
import random
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time

import interop
from interop import (Bird, Bgpd, Frr, Namespaces, Skip, wait, OURS4, OURS6,
                     THEIRS4, THEIRS6, THEIR_AS, OUR_AS)

ROUNDS = 10
M = 50          # routes that come and go, on each side
CHURN4 = ['71.0.%d.0/24' % i for i in range(M)]
OUR_CHURN = ['70.0.%d.0/24' % i for i in range(M)]

PROGRAM = '''#!/usr/bin/env python3
# Announces and withdraws at random; when told to stop, it announces all.
import os, random, sys, threading, time
routes = %r
threading.Thread(target=sys.stdin.read, daemon=True).start()
while not os.path.exists(%r):
    r = random.choice(routes)
    print(random.choice(('announce route %%s next-hop self', 'withdraw route '
          '%%s next-hop self')) %% r, flush=True)
    time.sleep(0.005)
for r in routes:
    print('announce route %%s next-hop self' %% r, flush=True)
while os.path.exists(%r):
    time.sleep(0.05)
os.execv(sys.argv[0], sys.argv)
'''


class Ours(Bgpd):
    """Run from a copy of the binary, with a program."""

    def __init__(self, ns, folder, bin_folder):
        super().__init__(ns, folder, False, bin_folder, False)
        folder.chmod(0o755)
        self.binary = folder / 'bgpd'
        shutil.copy(bin_folder + '/bgpd', self.binary)
        self.quiet = folder / 'quiet'
        program = folder / 'churn.py'
        program.write_text(PROGRAM % (OUR_CHURN, str(self.quiet),
                                      str(self.quiet)))
        program.chmod(0o755)
        path = pathlib.Path(self.conf)
        text = path.read_text().replace(
            'remote-as', 'api { process "churn" }\n\tremote-as')
        text = text.replace('neighbor ', 'process "churn" {\n\trun "%s"\n'
                            '\tuser root\n}\nneighbor ' % program, 1)
        path.write_text(text)

    def command(self):
        return [str(self.binary)] + super().command()[1:]

    def ctl(self, *words):
        return self.ask(self.bin + '/bgpctl', '-s', self.socket, *words)

    def pid(self):
        """Of the daemon: `ip netns exec` becomes it."""
        return self.process.pid

    def table(self):
        found = set()
        for peer in (THEIRS4, THEIRS6):
            try:
                rows = json.loads(self.ctl('-j', 'show', 'rib', 'neighbor',
                                           peer))['rib']
            except (ValueError, KeyError):
                return None
            # FRR sends our own routes back: those are looped.
            found.update(r['prefix'] for r in rows if r['valid'])
        return found

    def said(self, text):
        self.log.flush()
        return pathlib.Path(self.log.name).read_text(
            errors='replace').count(text)


class TheirBird(Bird):
    def __init__(self, ns, folder):
        super().__init__(ns, folder, False)
        path = pathlib.Path(self.conf)
        text = path.read_text()
        for i, p in enumerate(CHURN4):
            text += 'protocol static c%d {\n\tipv4;\n\troute %s blackhole;\n}\n' % (
                i, p)
        path.write_text(text)

    def toggle(self, i, is_on):
        self.ask('birdc', '-s', self.sock, 'enable' if is_on else 'disable',
                 'c%d' % i)

    def table(self):
        found = set()
        for p in ('ours4', 'ours6'):
            out = self.ask('birdc', '-s', self.sock, 'show', 'route',
                           'protocol', p)
            found.update(re.findall(r'^([0-9a-f:.]+/\d+)\s', out, re.M))
        return found

    def sessions(self):
        """What changes when a session goes down."""
        out = self.ask('birdc', '-s', self.sock, 'show', 'protocols')
        return [[Since(word) if re.match(r'\d\d:\d\d:', word) else word
                 for word in line.split()] for line in out.splitlines()
                if line.startswith('ours')]


class Since(str):
    """A time of BIRD's, whose last digit is not the same each time."""
    __hash__ = None

    def seconds(self):
        h, m, s = self.split(':')
        return 3600 * int(h) + 60 * int(m) + float(s)

    def __eq__(self, other):
        return isinstance(other, Since) and abs(self.seconds() -
                                                other.seconds()) < 0.05


class TheirFrr(Frr):
    def __init__(self, ns, folder):
        super().__init__(ns, folder, False)

    def vtysh(self, *commands):
        words = []
        for c in commands:
            words += ['-c', c]
        return self.ask('vtysh', '--vty_socket', str(self.folder), *words)

    def toggle(self, i, is_on):
        self.vtysh('configure terminal', 'router bgp %d' % THEIR_AS,
                   'address-family ipv4 unicast', '%snetwork %s' % (
                       '' if is_on else 'no ', CHURN4[i]))

    def table(self):
        found = set()
        for family, peer in (('ipv4', OURS4), ('ipv6', OURS6)):
            try:
                out = json.loads(self.vtysh('show bgp %s unicast neighbors %s '
                                            'routes json' % (family, peer)))
            except ValueError:
                return None
            found.update(out.get('routes', {}))
        return found

    def sessions(self):
        found = []
        for peer in (OURS4, OURS6):
            try:
                n = json.loads(self.vtysh('show bgp neighbors %s json' % peer)
                               )[peer]
            except (ValueError, KeyError):
                return None
            found.append([n.get('connectionsEstablished'),
                          n.get('connectionsDropped'), n.get('bgpState')])
        return found


class Churn(threading.Thread):
    """Their side's routes come and go until it is told to rest."""

    def __init__(self, theirs):
        super().__init__(daemon=True)
        self.theirs, self.is_over = theirs, False
        self.random = random.Random(1)
        self.n = 0

    def run(self):
        while not self.is_over:
            self.theirs.toggle(self.random.randrange(M),
                               self.random.random() < 0.5)
            self.n += 1

    def rest(self):
        self.is_over = True
        self.join()
        for i in range(M):
            self.theirs.toggle(i, True)


def children(pid):
    found = {}
    for entry in pathlib.Path('/proc').iterdir():
        try:
            stat = (entry / 'stat').read_text().rpartition(')')[2].split()
            if int(stat[1]) == pid:
                found[int(entry.name)] = (stat[0], (
                    entry / 'cmdline').read_text().replace('\0', ' '))
        except (OSError, ValueError, IndexError):
            pass
    return found


def worker(ours, role):
    for pid, (state, line) in children(ours.pid()).items():
        if ' -R %s' % role in line and state != 'Z':
            return pid
    return None


def program(ours):
    """Its pid, or None."""
    return next((p for p, (state, line) in children(ours.pid()).items()
                 if 'churn.py' in line and state != 'Z'), None)


def tree(pid):
    found = {pid}
    for child in children(pid):
        found |= tree(child)
    return found


def fds(pid):
    return len(os.listdir('/proc/%d/fd' % pid))


def descriptors(ours):
    """How many each of the four processes has, by role."""
    found = {'parent': fds(ours.pid())}
    for role in ('session', 'rde', 'api'):
        found[role] = fds(worker(ours, role))
    return found


def difference(have, want):
    return 'missing %s, too many %s' % (sorted(want - have)[:5],
                                        sorted(have - want)[:5])


def one_spelling(prefixes):
    return {str(ipaddress.ip_network(p)) for p in prefixes}


CONTROL = (one_spelling(interop.OUR4 + interop.OUR6 + OUR_CHURN),
           one_spelling(interop.THEIR4 + interop.THEIR6 + CHURN4))


def settle(ours, theirs, churn):
    """Everybody rests; both tables are the control's."""
    churn.rest()
    ours.quiet.write_text('')
    wait(lambda: ours.table() == CONTROL[1], 60, lambda: 'ours: ' +
         difference(ours.table() or set(), CONTROL[1]))
    wait(lambda: theirs.table() == CONTROL[0], 60, lambda: 'theirs: ' +
         difference(theirs.table() or set(), CONTROL[0]))


def go_on(ours, theirs):
    ours.quiet.unlink()
    churn = Churn(theirs)
    churn.start()
    return churn


def start(ours, theirs):
    ours.start()
    theirs.start()
    churn = Churn(theirs)
    settle(ours, theirs, churn.start() or churn)
    return go_on(ours, theirs)


def upgrades(ours, theirs):
    churn = start(ours, theirs)
    before, begun = theirs.sessions(), time.monotonic()
    churner = program(ours)
    for i in range(ROUNDS):
        if i % 2 == 0:
            # A new file in the old one's place, as a package brings it.
            fresh = ours.folder / 'bgpd.new'
            shutil.copy(ours.bin + '/bgpd', fresh)
            fresh.rename(ours.binary)
        running, done = ours.said('running, '), ours.said('tables are filled')
        if i % 3 == 0:
            os.kill(ours.pid(), signal.SIGUSR2)
        else:
            ours.ctl('restart')
        wait(lambda: ours.said('running, ') > running, 20, 'a new binary')
        if i == 1:
            assert 'try later' in ours.ctl('restart')
        wait(lambda: ours.said('tables are filled') > done, 40, 'tables')
    settle(ours, theirs, churn)
    after = theirs.sessions()
    assert before == after, (before, after)
    assert program(ours) == churner, 'the program was started again'
    print('%d restarts, %d changes: sessions %s for %d s' % (
        ROUNDS, churn.n, after, time.monotonic() - begun))
    n_fds = descriptors(ours)
    done = ours.said('tables are filled')
    ours.ctl('restart')
    wait(lambda: ours.said('tables are filled') > done, 20, 'a new binary')
    wait(lambda: worker(ours, 'api') and descriptors(ours) == n_fds, 20,
         lambda: 'descriptors: %s, %s' % (n_fds, descriptors(ours)))
    failures(ours, theirs, after)


def failures(ours, theirs, before):
    """A binary that cannot take over: the old one goes on."""
    pid, running = ours.pid(), ours.said('running, ')
    ours.binary.unlink()
    shutil.copy('/bin/true', ours.binary)
    out = ours.ctl('restart')
    assert 'does not pass its check' in out, out
    # One that passes, and is gone when it is wanted.
    ours.binary.unlink()
    ours.binary.write_text('#!/bin/sh\nrm "$0"\nexec %s/bgpd "$@"\n' %
                           ours.bin)
    ours.binary.chmod(0o755)
    ours.ctl('restart')
    wait(lambda: ours.said('the running binary stays'), 20, 'its failure')
    wait(lambda: ours.table() == CONTROL[1], 60, 'the table')
    assert ours.said('running, ') == running
    assert theirs.sessions() == before, 'the sessions'
    assert ours.pid() == pid and len(children(pid)) == 4
    print('2 binaries that fail: the running one stays')


def kills(ours, theirs, rounds):
    """Workers and the program die at random under traffic."""
    seed = int(os.environ.get('BGPD_SEED', time.time()))
    print('seed %d' % seed, flush=True)
    chance = random.Random(seed)
    churn = start(ours, theirs)
    n_fds = descriptors(ours)
    n_kills, deaths = {}, {}
    for i in range(rounds):
        # Never five of one in a minute: that ends the daemon, on purpose.
        def spared():
            since = time.monotonic() - 64
            return [w for w in ('session', 'rde', 'api', 'program')
                    if len([t for t in deaths.get(w, ()) if t > since]) < 4]
        wait(spared, 70, 'a minute')
        who = chance.choice(spared())
        deaths.setdefault(who, []).append(time.monotonic())
        pid = program(ours) if who == 'program' else worker(ours, who)
        n = churn.n
        wait(lambda: churn.n > n + chance.randrange(10), 20, 'churn')
        os.kill(pid, chance.choice((signal.SIGKILL, signal.SIGSEGV,
                                    signal.SIGABRT)))
        n_kills[who] = n_kills.get(who, 0) + 1
        if who != 'program':
            wait(lambda: worker(ours, who) not in (None, pid), 10, who)
        settle(ours, theirs, churn)
        kids = children(ours.pid())
        zombies = [k for k, (state, _) in kids.items() if state == 'Z']
        assert not zombies, zombies
        wait(lambda: len(children(ours.pid())) == 4, 5, lambda: kids)
        wait(lambda: descriptors(ours) == n_fds, 10, lambda: (
            'descriptors', who, n_fds, descriptors(ours)))
        if i + 1 < rounds:
            churn = go_on(ours, theirs)
    everybody = tree(ours.pid())
    ours.stop()
    left = [p for p in everybody if os.path.exists('/proc/%d' % p)]
    assert not left, 'orphans: %s' % left
    print('%d rounds, %s: 0 zombies, 0 orphans, 0 descriptors leaked, tables '
          'equal to the control after each' % (rounds, n_kills))


def run(args, folder, ns):
    ours = Ours(ns.a, folder, args.bin)
    theirs = (TheirBird if args.peer == 'bird' else TheirFrr)(ns.b, folder)
    try:
        if args.kills:
            kills(ours, theirs, int(os.environ.get('BGPD_KILLS',
                                                   args.kills)))
        else:
            upgrades(ours, theirs)
    except BaseException:
        for d in (ours, theirs):
            d.log.seek(0)
            print('--- %s\n%s' % (type(d).__name__, d.log.read()[-6000:]))
        raise
    finally:
        theirs.stop()
        ours.stop()


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument('bin')
    parser.add_argument('peer', choices=('bird', 'frr'))
    parser.add_argument('--kills', type=int, default=0)
    args = parser.parse_args()
    args.bin = os.path.abspath(args.bin)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    if shutil.which(interop.PEERS[args.peer][1]) is None:
        print('skipped: no %s here' % args.peer)
        return 77
    try:
        ns = Namespaces()
    except Skip as e:
        print('skipped: %s' % e)
        return 77
    with tempfile.TemporaryDirectory(prefix='bgpd-upgrade.') as temp:
        try:
            run(args, pathlib.Path(temp), ns)
        except AssertionError as e:
            print('FAIL %s' % (e,))
            return 1
        finally:
            ns.remove()
    return 0


if __name__ == '__main__':
    sys.exit(main())
