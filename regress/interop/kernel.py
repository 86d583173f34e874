#!/usr/bin/env python3
# SPDX-License-Identifier: ISC
"""Kernel routes, in two network namespaces made and removed here: BIRD's
routes are installed, follow next hops and links, and disappear with
whatever they came from.

usage: kernel.py BIN [NAME...]
Exit status 77 when BIRD or the right to make namespaces is not there.
"""
import contextlib
import json
import os
import pathlib
import shutil
import signal
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, os.path.dirname(__file__))
from interop import (OURS4, OURS6, OUR_AS, THEIRS4, THEIRS6,  # noqa: E402
                     THEIR_AS, Namespaces, Skip)

BIN = ''


def wait(test, what, seconds=20):
    limit = time.monotonic() + seconds
    while True:
        value = test()
        if value:
            return value
        if time.monotonic() > limit:
            raise AssertionError('not within %s s: %s' % (seconds, what))
        time.sleep(0.1)


def ip(ns, *words):
    return subprocess.run(['ip', '-n', ns] + list(words), check=True,
                          capture_output=True, text=True).stdout


@contextlib.contextmanager
def told(ns, path):
    """What the kernel tells of its routes while the block runs: yields a
    function that reads it so far. The block begins when `ip monitor` is
    known to listen: a route of ours comes and goes until it tells of it (to
    set again what is there already tells nobody anything)."""
    with open(path, 'w') as out:
        monitor = subprocess.Popen(
            ['ip', 'netns', 'exec', ns, 'ip', '-o', 'monitor', 'route'],
            stdin=subprocess.DEVNULL, stdout=out, stderr=out)
        try:
            def tells():
                ip(ns, 'route', 'add', 'blackhole', PROBE)
                ip(ns, 'route', 'del', 'blackhole', PROBE)
                return 'Deleted blackhole ' + PROBE in path.read_text()
            wait(tells, 'the monitor')
            yield path.read_text
        finally:
            monitor.terminate()
            monitor.wait()


class World:
    def __init__(self, ns, folder, extra='', options='', statics=(),
                 fib='fib-update yes', nexthop=''):
        self.ns, self.folder = ns, folder
        self.extra, self.options, self.fib = extra, options, fib
        self.sock = str(folder / 'sock')
        self.log = open(folder / 'log', 'a+')
        self.bird_log = open(folder / 'bird.log', 'a+')
        self.nexthop = nexthop
        self.write()
        self.bird_routes(*statics)
        self.bird = self.spawn(ns.b, ['bird', '-f', '-c', str(folder / 'bird'),
                                      '-s', str(folder / 'ctl')],
                               self.bird_log)
        self.process = None
        self.start()

    def spawn(self, ns, command, log):
        return subprocess.Popen(['ip', 'netns', 'exec', ns] + command,
                                stdin=subprocess.DEVNULL, stdout=log,
                                stderr=log)

    def write(self):
        conf = self.folder / 'conf'
        conf.write_text('''AS %d
router-id 192.0.2.1
%s
connect-retry 1
holdtime 90
listen on %s
socket "%s"
%s
neighbor %s {
	remote-as %d
	local-address %s
	announce IPv4 unicast
	announce IPv6 unicast
%s}
allow from any
allow to any
''' % (OUR_AS, self.fib, OURS4, self.sock, self.extra, THEIRS4, THEIR_AS,
            OURS4, self.options))
        conf.chmod(0o600)

    def bird_routes(self, *statics, v6=()):
        (self.folder / 'bird').write_text('''router id 192.0.2.2;
protocol device {}
protocol static s4 {
	ipv4;
%s}
protocol static s6 {
	ipv6;
%s}
protocol bgp ours {
	local %s as %d;
	neighbor %s as %d;
	connect retry time 1;
	error wait time 1, 2;
	ipv4 { import all; export filter {
		if source != RTS_STATIC then reject;
		%s accept; }; };
	ipv6 { import all; next hop address %s;
		export where source = RTS_STATIC; };
}
''' % (''.join('\troute %s blackhole;\n' % p for p in statics),
            ''.join('\troute %s blackhole;\n' % p for p in v6),
            THEIRS4, THEIR_AS, OURS4, OUR_AS, self.nexthop, THEIRS6))

    def bird_reconfigure(self, *statics, v6=()):
        self.bird_routes(*statics, v6=v6)
        subprocess.run(['ip', 'netns', 'exec', self.ns.b, 'birdc', '-s',
                        str(self.folder / 'ctl'), 'configure'], check=True,
                       capture_output=True)

    def start(self):
        user = [] if subprocess.run(['id', '_bgpd'], capture_output=True
                                    ).returncode == 0 else ['-u', 'nobody']
        self.process = self.spawn(self.ns.a, [
            BIN + '/bgpd', '-dv', '-f', str(self.folder / 'conf')] + user,
            self.log)

    def routes(self, *words):
        """Ours: {prefix: (gateway or type, device)}"""
        found = {}
        for family in ('-4', '-6'):
            out = subprocess.run(
                ['ip', '-n', self.ns.a, '-j', family, 'route', 'show',
                 'proto', 'bgp'] + list(words), capture_output=True,
                text=True)
            # A table without routes is none.
            for r in json.loads(out.stdout or '[]'
                                if out.returncode == 0 else '[]'):
                found[r['dst']] = r.get('gateway', r.get('type')), r.get('dev')
                assert r.get('metric') == 48, r
        return found

    def wait_routes(self, want, what='routes'):
        try:
            wait(lambda: self.routes() == want, what)
        except AssertionError:
            raise AssertionError('%s: expected %r, found %r' %
                                 (what, want, self.routes()))

    def ask(self, *words):
        return subprocess.run([BIN + '/bgpctl', '-s', self.sock] +
                              list(words), capture_output=True, text=True,
                              timeout=20).stdout

    def json(self, *words):
        try:
            return json.loads(self.ask('-j', *words))
        except ValueError:
            return {}

    def worker(self, role):
        got = subprocess.run(['pgrep', '-P', str(self.process.pid), '-f',
                              ' -R %s' % role], capture_output=True, text=True)
        return int(got.stdout.split()[0])

    def log_says(self, text, n):
        return (self.folder / 'log').read_text().count(text) >= n

    def stop(self):
        for process in (self.process, self.bird):
            if process is None or process.poll() is not None:
                continue
            process.send_signal(signal.SIGTERM)
            try:
                process.wait(30)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


P, Q, R = '198.51.100.0/24', '203.0.113.0/24', '2001:db8:7::/48'
# Nobody's but the test's own.
PROBE = '192.0.2.240/28'
VIA = (THEIRS4, 'eth0')


def net_admin(status):
    """Whether the process may change routes."""
    return int(status.split('CapEff:')[1].split()[0], 16) >> 12 & 1


def test_install(ns, folder):
    """Come, go, both families, and all gone at the end."""
    w = World(ns, folder, statics=(P, Q))
    try:
        w.wait_routes({P: VIA, Q: VIA})
        w.bird_reconfigure(Q, v6=(R,))
        w.wait_routes({Q: VIA, R: (THEIRS6, 'eth0')}, 'others')
        # Reload: nothing happens; without fib-update: they go; and back.
        w.ask('reload')
        w.wait_routes({Q: VIA, R: (THEIRS6, 'eth0')}, 'a reload')
        capabilities = pathlib.Path('/proc/%d/status' % w.process.pid)
        assert net_admin(capabilities.read_text())
        w.fib = 'fib-update no'
        w.write()
        w.ask('reload')
        w.wait_routes({}, 'fib-update no')
        assert len(w.json('show', 'rib', 'best')['rib']) == 2
        w.fib = 'fib-update yes'
        w.write()
        w.ask('reload')
        w.wait_routes({Q: VIA, R: (THEIRS6, 'eth0')}, 'fib-update yes')
        w.process.send_signal(signal.SIGTERM)
        w.process.wait(30)
        w.wait_routes({}, 'the end')
    finally:
        w.stop()


def test_link(ns, folder):
    """The link is lost: next hops cannot be reached, routes go."""
    w = World(ns, folder, statics=(P,))
    try:
        w.wait_routes({P: VIA})
        ip(ns.b, 'link', 'set', 'eth0', 'down')
        w.wait_routes({}, 'carrier is lost')
        hop = wait(lambda: [n for n in w.json('show', 'nexthop')['nexthops']
                            if not n['valid']], 'the next hop is invalid')
        assert hop[0]['address'] == THEIRS4, hop
        ip(ns.b, 'link', 'set', 'eth0', 'up')
        w.wait_routes({P: VIA}, 'carrier is back')
        ip(ns.a, 'link', 'set', 'eth0', 'down')
        w.wait_routes({}, 'set down')
        ip(ns.a, 'link', 'set', 'eth0', 'up')
        w.wait_routes({P: VIA}, 'set up')
        hop = w.json('show', 'nexthop')['nexthops']
        assert hop[0]['valid'] and hop[0]['connected'] and \
            hop[0]['interface']['name'] == 'eth0', hop
    finally:
        w.stop()


def test_deaths(ns, folder):
    w = World(ns, folder, statics=(P,))
    try:
        w.wait_routes({P: VIA})
        for role in ('rde', 'session'):
            # They may be back before one has looked.
            with told(ns.a, folder / role) as seen:
                os.kill(w.worker(role), signal.SIGKILL)
                wait(lambda: 'Deleted ' + P in seen(),
                     role + ' died: routes go')
                w.wait_routes({P: VIA}, role + ' is back')
        # The parent's death leaves them; the next one removes them.
        w.process.kill()
        w.process.wait()
        assert w.routes() == {P: VIA}
        w.bird_reconfigure(Q)
        w.start()
        w.wait_routes({Q: VIA}, 'what was left is removed')
    finally:
        w.stop()


def test_nexthop(ns, folder):
    """A next hop behind a static route, and default routes."""
    far = '192.0.2.77'
    w = World(ns, folder, statics=(P,), options='\tmultihop 2\n',
              nexthop='bgp_next_hop = %s;' % far)
    try:
        wait(lambda: w.json('show', 'rib', 'in').get('rib'), 'the path')
        row = w.json('show', 'rib', 'in')['rib'][0]
        assert not row['valid'] and not w.routes(), row
        ip(ns.a, 'route', 'add', 'default', 'via', THEIRS4)
        ip(ns.a, 'route', 'add', '192.0.2.0/24', 'via', THEIRS4)
        w.wait_routes({P: VIA}, 'behind a static route')
        row = w.json('show', 'rib', 'in')['rib'][0]
        assert (row['exit_nexthop'], row['true_nexthop']) == (far, THEIRS4)
        hop = w.json('show', 'nexthop')['nexthops'][0]
        assert (hop['address'], hop['prefix'], hop['nexthop']) == (
            far, '192.0.2.0/24', THEIRS4), hop
        ip(ns.a, 'route', 'replace', 'blackhole', '192.0.2.64/26')
        w.wait_routes({}, 'a black hole in front of it')
        ip(ns.a, 'route', 'del', '192.0.2.64/26')
        w.wait_routes({P: VIA}, 'no black hole')
        ip(ns.a, 'route', 'del', '192.0.2.0/24')
        w.wait_routes({}, 'the default does not qualify')
        w.extra = 'nexthop qualify via default'
        w.write()
        w.ask('reload')
        w.wait_routes({P: VIA}, 'it does')
    finally:
        w.stop()


def test_kinds(ns, folder):
    """Another table and priority; blackhole and reject."""
    w = World(ns, folder, statics=(P, Q),
              fib='fib-update yes\nrtable 77')
    try:
        wait(lambda: w.routes('table', '77') == {P: VIA, Q: VIA}, 'table 77')
        assert w.routes() == {}
        w.fib = 'fib-update yes'
        w.write()
        conf = folder / 'conf'
        conf.write_text(conf.read_text() +
                        'match from any prefix %s set nexthop blackhole\n'
                        'match from any prefix %s set nexthop reject\n' %
                        (P, Q))
        w.ask('reload')
        wait(lambda: {k: v[0] for k, v in w.routes().items()} ==
             {P: 'blackhole', Q: 'unreachable'}, 'the kinds')
        assert w.routes('table', '77') == {}
    finally:
        w.stop()


def table_routes(w, table):
    return w.routes('table', str(table))


def wait_tables(w, what, **tables):
    """Each table has just these: t254={...}, t88={...}."""
    want = {int(t[1:]): routes for t, routes in tables.items()}
    try:
        wait(lambda: {t: table_routes(w, t) for t in want} == want, what)
    except AssertionError:
        raise AssertionError('%s: expected %r, found %r' % (
            what, want, {t: table_routes(w, t) for t in want}))


def reload_with(w, extra):
    w.extra = extra
    w.write()
    w.ask('reload')


DENY_Q = 'deny rib second from any prefix %s\n' % Q


class Tables(World):
    """Rules are below the neighbor."""
    def __init__(self, ns, folder, extra, rules='', **more):
        self.rules = rules
        super().__init__(ns, folder, extra=extra, statics=(P, Q), **more)

    def write(self):
        super().write()
        with open(self.folder / 'conf', 'a') as conf:
            conf.write(self.rules)


SECOND = 'rde rib second rtable 88'


def test_tables(ns, folder):
    """A RIB has a table of its own: filled by its rules, coupled apart."""
    w = Tables(ns, folder, SECOND + '\nrde rib third rtable 99 fib-update no',
               DENY_Q)
    try:
        both = {P: VIA, Q: VIA}
        wait_tables(w, 'filled', t254=both, t88={P: VIA}, t99={})
        got = [r['prefix'] for r in
               w.json('show', 'fib', 'bgp', 'table', '88')['fib']]
        assert got == [P], got
        assert [(t['rtableid'], t['description'], t['coupled']) for t in
                w.json('show', 'tables')['fibtables']] == [
            (254, 'Loc-RIB', True), (88, 'second', True),
            (99, 'third', False)], w.ask('show', 'tables')
        w.bird_reconfigure(Q)
        wait_tables(w, 'a withdrawal', t254={Q: VIA}, t88={})
        w.bird_reconfigure(P, Q)
        wait_tables(w, 'and back', t254=both, t88={P: VIA})
        # Another kind there, nothing else here.
        w.rules = DENY_Q + ('match rib second from any prefix %s '
                            'set nexthop blackhole\n' % P)
        reload_with(w, w.extra)
        wait_tables(w, 'a black hole', t254=both, t88={P: ('blackhole', None)})
        w.rules = DENY_Q
        reload_with(w, w.extra)
        wait_tables(w, 'none', t254=both, t88={P: VIA})
        w.ask('fib', 'table', '88', 'decouple')
        wait_tables(w, 'decoupled', t254=both, t88={})
        assert '   88 second               decoupled*\n' in w.ask(
            'show', 'tables')
        w.ask('fib', 'decouple')
        wait_tables(w, 'both decoupled', t254={}, t88={})
        w.ask('fib', 'table', '88', 'couple')
        wait_tables(w, 'coupled', t254={}, t88={P: VIA})
        w.ask('fib', 'couple')
        wait_tables(w, 'both coupled', t254=both, t88={P: VIA})
        for table in ('99', '100'):
            got = subprocess.run(
                [BIN + '/bgpctl', '-s', w.sock, 'fib', 'table', table,
                 'couple'], capture_output=True, text=True, timeout=20)
            assert got.returncode == 1 and 'no routes are installed in this ' \
                'table' in got.stdout + got.stderr, got
        # Carrier is lost, and is back: next hops are those of all.
        ip(ns.b, 'link', 'set', 'eth0', 'down')
        wait_tables(w, 'carrier is lost', t254={}, t88={})
        ip(ns.b, 'link', 'set', 'eth0', 'up')
        wait_tables(w, 'carrier is back', t254=both, t88={P: VIA})
        w.process.send_signal(signal.SIGTERM)
        w.process.wait(10)
        wait_tables(w, 'the end', t254={}, t88={})
    finally:
        w.stop()


def test_tables_reload(ns, folder):
    """Tables of RIBs that change, come and go with the configuration."""
    w = Tables(ns, folder, SECOND, DENY_Q)
    both = {P: VIA, Q: VIA}
    try:
        wait_tables(w, 'filled', t254=both, t88={P: VIA})
        reload_with(w, 'rde rib second rtable 89')
        wait_tables(w, 'another table', t254=both, t88={}, t89={P: VIA})
        reload_with(w, 'rde rib second rtable 89 fib-update no')
        wait_tables(w, 'no', t254=both, t89={})
        reload_with(w, 'rde rib second rtable 89\nrde rib third rtable 90')
        wait_tables(w, 'yes', t254=both, t89={P: VIA}, t90=both)
        # What one had is the other's now.
        for _ in range(5):
            reload_with(w, 'rde rib second rtable 90\n'
                        'rde rib third rtable 89')
            wait_tables(w, 'exchanged', t254=both, t89=both, t90={P: VIA})
            reload_with(w, 'rde rib second rtable 89\n'
                        'rde rib third rtable 90')
            wait_tables(w, 'again', t254=both, t89={P: VIA}, t90=both)
        # Loc-RIB's table, which it leaves to another.
        reload_with(w, 'rde rib Loc-RIB fib-update no\n'
                    'rde rib second fib-update yes')
        wait_tables(w, 'the main one', t254={P: VIA}, t89={}, t90={})
        assert [(t['rtableid'], t['description']) for t in
                w.json('show', 'tables')['fibtables']] == [(254, 'second')]
        w.rules = ''
        reload_with(w, '')
        wait_tables(w, 'no RIB any more', t254=both)
    finally:
        w.stop()


def test_tables_deaths(ns, folder):
    """Workers die, the binary is replaced, and a parent that left routes."""
    w = Tables(ns, folder, SECOND, DENY_Q)
    both = {P: VIA, Q: VIA}
    gone = 'Deleted %s via %s dev eth0 table 88 ' % (P, THEIRS4)
    try:
        wait_tables(w, 'filled', t254=both, t88={P: VIA})
        with told(ns.a, folder / 'rde') as seen:
            os.kill(w.worker('rde'), signal.SIGKILL)
            wait(lambda: gone in seen(), 'the RDE died: routes go')
            wait_tables(w, 'it is back', t254=both, t88={P: VIA})
        with told(ns.a, folder / 'restart') as seen:
            ip(ns.a, 'route', 'add', '198.18.0.0/24', 'via', THEIRS4,
               'proto', 'bgp', 'metric', '48', 'table', '88')
            w.ask('restart')
            wait(lambda: w.log_says('running, 1 neighbors', 2),
                 'the new one runs')
            wait_tables(w, 'what is stale goes', t254=both, t88={P: VIA})
            assert 'Deleted ' + P not in seen(), seen()
            assert 'Deleted 198.18.0.0/24' in seen(), seen()
        w.process.kill()
        w.process.wait()
        assert table_routes(w, 88) == {P: VIA}
        w.bird_reconfigure(Q)
        w.start()
        wait_tables(w, 'what was left is removed', t254={Q: VIA}, t88={})
    finally:
        w.stop()


def test_restart(ns, folder):
    """A new binary takes over: forwarding goes on all the time."""
    w = World(ns, folder, statics=(P, Q))
    try:
        w.wait_routes({P: VIA, Q: VIA})
        before = (w.worker('rde'), w.worker('session'))
        with told(ns.a, folder / 'seen') as seen:
            # What nobody tells again goes when the tables are filled.
            ip(ns.a, 'route', 'add', '198.18.0.0/24', 'via', THEIRS4,
               'proto', 'bgp', 'metric', '48')
            w.ask('restart')
            wait(lambda: w.log_says('running, 1 neighbors', 2),
                 'the new one runs')
            w.bird_reconfigure(Q)
            w.wait_routes({Q: VIA}, 'a withdrawal behind it')
            assert before != (w.worker('rde'), w.worker('session'))
            wait(lambda: 'Deleted ' + P in seen(), 'it is told')
            assert seen().count('Deleted ' + P) == 1, seen()
            assert 'Deleted ' + Q not in seen(), seen()
    finally:
        w.stop()


def test_show(ns, folder):
    """bgpctl fib, show fib, interfaces, nexthop and tables."""
    w = World(ns, folder, statics=(P, Q))
    try:
        w.wait_routes({P: VIA, Q: VIA})
        ip(ns.a, 'route', 'add', 'blackhole', '192.0.2.128/25')
        fib = {r['prefix']: r for r in w.json('show', 'fib')['fib']}
        assert fib[P] == {'prefix': P, 'priority': 48, 'origin': 'bgp',
                          'nexthop': THEIRS4}, fib[P]
        assert fib['10.99.0.0/24']['origin'] == 'connected', fib
        assert fib['10.99.0.0/24']['used_by_nexthop'], fib
        assert fib['192.0.2.128/25']['blackhole'], fib
        got = [r['prefix'] for r in w.json('show', 'fib', 'bgp')['fib']]
        assert got == [P, Q], got
        got = [r['prefix'] for r in w.json('show', 'fib', 'connected',
                                           'inet')['fib']]
        assert got == ['10.99.0.0/24'], got
        got = [r['prefix'] for r in w.json('show', 'fib',
                                           '198.51.100.9')['fib']]
        assert got == [P], got
        text = w.ask('show', 'fib', 'nexthop')
        assert ('CN       0 10.99.0.0/24                     link#' in text
                ), text
        names = {i['name']: i for i in
                 w.json('show', 'interfaces')['interfaces']}
        assert names['eth0']['is_up'] and names['eth0']['nh_reachable'], names
        text = w.ask('show', 'nexthop')
        assert ('* %-15s %-19s%4d %-15s eth0 (UP)\n' %
                (THEIRS4, '10.99.0.0/24', 0, 'connected')) in text, text
        assert w.json('show', 'tables')['fibtables'] == [{
            'rtableid': 254, 'description': 'Loc-RIB', 'coupled': True,
            'admin_change': False}]
        w.ask('fib', 'decouple')
        w.wait_routes({}, 'decoupled')
        assert '  254 Loc-RIB              decoupled*\n' in w.ask(
            'show', 'tables')
        w.bird_reconfigure(Q)
        wait(lambda: len(w.json('show', 'rib')['rib']) == 1, 'one is left')
        assert w.routes() == {}
        w.ask('fib', 'couple')
        w.wait_routes({Q: VIA}, 'coupled')
    finally:
        w.stop()


def pair(ns):
    """dummy0, whose carrier is there when it is up."""
    ip(ns.a, 'link', 'add', 'dummy0', 'type', 'veth', 'peer', 'name', 'dummy1')
    ip(ns.a, 'link', 'set', 'dummy1', 'up')


def test_networks(ns, folder):
    """network connected and static follow the kernel."""
    w = World(ns, folder, extra='network inet connected\n'
              'network inet static set localpref 50\n'
              'network inet6 connected')
    try:
        def told():
            out = subprocess.run(
                ['ip', 'netns', 'exec', ns.b, 'birdc', '-s',
                 str(folder / 'ctl'), 'show', 'route', 'protocol', 'ours'],
                capture_output=True, text=True).stdout.split()
            return sorted(x for x in out if '/' in x and x[0].isalnum())
        wait(lambda: '10.99.0.0/24' in told(), 'the connected one')
        pair(ns)
        ip(ns.a, 'link', 'set', 'dummy0', 'up')
        ip(ns.a, 'addr', 'add', '192.0.2.1/26', 'dev', 'dummy0')
        ip(ns.a, 'route', 'add', P, 'via', THEIRS4)
        wait(lambda: {P, '10.99.0.0/24', '192.0.2.0/26'} <= set(told()),
             'all three')
        shown = {r['prefix']: r['localpref'] for r in
                 w.json('show', 'network')['rib']}
        assert shown == {P: 50, '10.99.0.0/24': 100, '192.0.2.0/26': 100,
                         'fd00:99::/64': 100}, shown
        ip(ns.a, 'route', 'del', P)
        ip(ns.a, 'link', 'del', 'dummy0')
        wait(lambda: not {P, '192.0.2.0/26'} & set(told()), 'they went')
        w.ask('reload')
        wait(lambda: '10.99.0.0/24' in told(), 'a reload')
        assert w.routes() == {}, 'our own networks are not installed'
    finally:
        w.stop()


def test_depend(ns, folder):
    """A session that waits for an interface, loses it, and has it again."""
    pair(ns)
    w = World(ns, folder, options='\tdepend on dummy0\n')
    try:
        def state():
            rows = w.json('show', 'summary').get('neighbors') or [{}]
            return rows[0].get('state')
        wait(lambda: state() == 'Idle', 'it answers')
        ip(ns.a, 'link', 'set', 'dummy0', 'up')
        wait(lambda: state() == 'Established', 'the interface is up')
        log = (folder / 'log').read_text()
        assert 0 < log.index('it depends on is up') < log.index('Connect')
        ip(ns.a, 'link', 'set', 'dummy0', 'down')
        wait(lambda: state() == 'Idle', 'the interface is down')
        w.ask('neighbor', THEIRS4, 'down')
        ip(ns.a, 'link', 'set', 'dummy0', 'up')
        wait(lambda: any(i['name'] == 'dummy0' and i['nh_reachable']
                         for i in w.json('show', 'interfaces')['interfaces']),
             'the interface is seen')
        # A session that was taken down by hand stays down.
        w.ask('neighbor', THEIRS4, 'up')
        wait(lambda: state() == 'Established', 'up again')
        log = (folder / 'log').read_text()
        assert log.count('it depends on is up') == 1
    finally:
        w.stop()


def test_flap(ns, folder):
    """Down and up before anybody has looked: the kernel forgot a route."""
    pair(ns)
    far = '192.0.2.77'
    ip(ns.a, 'link', 'set', 'dummy0', 'up')
    ip(ns.a, 'addr', 'add', '192.0.2.1/24', 'dev', 'dummy0')
    w = World(ns, folder, statics=(P,), options='\tmultihop 2\n',
              nexthop='bgp_next_hop = %s;' % far)
    try:
        w.wait_routes({P: (far, 'dummy0')})
        subprocess.run(['ip', '-n', ns.a, '-batch', '-'], check=True,
                       text=True, input='link set dummy0 down\n'
                       'link set dummy0 up\n')
        w.wait_routes({P: (far, 'dummy0')}, 'a flap')
    finally:
        w.stop()


def test_many(ns, folder):
    """20,000 routes in, listed, and out again."""
    n = 20000
    all_of = ['20.%d.%d.0/24' % (i >> 8, i & 255) for i in range(n)]
    w = World(ns, folder, statics=all_of)
    try:
        begin = time.monotonic()
        wait(lambda: len(w.routes()) == n, 'all of them', 60)
        print('%d routes: %.1f s' % (n, time.monotonic() - begin))
        assert len(w.json('show', 'fib', 'bgp')['fib']) == n
        ip(ns.b, 'link', 'set', 'eth0', 'down')
        wait(lambda: not w.routes(), 'none', 60)
    finally:
        w.stop()


def main():
    global BIN
    BIN = os.path.abspath(sys.argv[1])
    names = sys.argv[2:]
    if shutil.which('bird') is None:
        print('bird is not there')
        sys.exit(77)
    failed = 0
    for name, test in sorted(globals().items()):
        if not name.startswith('test_') or (names and name[5:] not in names):
            continue
        try:
            ns = Namespaces()
        except Skip as e:
            print(e)
            sys.exit(77)
        with tempfile.TemporaryDirectory() as folder:
            path = pathlib.Path(folder)
            path.chmod(0o755)
            begin = time.monotonic()
            try:
                test(ns, path)
                print('%s: good, %.1f s' % (name, time.monotonic() - begin),
                      flush=True)
            except Exception as e:  # noqa: B902 - told, and counted
                failed += 1
                print('%s: %s: %s' % (name, type(e).__name__, e))
                log = path / 'log'
                if log.exists():
                    print(log.read_text(errors='replace')[-3000:], flush=True)
            finally:
                ns.remove()
    sys.exit(failed != 0)


if __name__ == '__main__':
    main()
