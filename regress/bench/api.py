# SPDX-License-Identifier: ISC
"""The loads of programs: lines that announce, events that tell, and a
configuration with many routes; ours beside ExaBGP, with the same files."""
import os
import pathlib
import subprocess
import time

from daemons import ADDRESS, AS, PORT, Daemon, Ours, Peer, package
from measure import Load, Meter, pss_bytes
from scenarios import Failed

# Waits for the session, then says N lines and reads what is answered.
ANNOUNCE = '''#!/usr/bin/env python3
import os, sys, threading, time
n, folder = %d, %r
while True:
    line = sys.stdin.readline()
    if not line or '"up"' in line:
        break
def swallow():
    while os.read(0, 65536):
        pass
threading.Thread(target=swallow, daemon=True).start()
lines = ['announce route %%d.%%d.%%d.0/24 next-hop 10.99.0.1\\n' %%
         (16 + (i >> 16), i >> 8 & 255, i & 255) for i in range(n)]
with open(folder + '/start.new', 'w') as f:
    f.write(repr(time.monotonic()))
os.rename(folder + '/start.new', folder + '/start')
data = ''.join(lines).encode()
at = 0
while at < len(data):
    at += os.write(1, data[at:at + 65536])
time.sleep(3600)
'''

# Counts routes of JSON events until there are N.
LISTEN = '''#!/usr/bin/env python3
import os, sys, time
n, folder = %d, %r
seen, rest = 0, b''
while seen < n:
    data = os.read(0, 1 << 20)
    if not data:
        sys.exit(1)
    data = rest + data
    seen += data.count(b'"nlri"')
    rest = data[-5:]
    if rest.count(b'"nlri"'):
        rest = b''
with open(folder + '/end.new', 'w') as f:
    f.write(repr(time.monotonic()))
os.rename(folder + '/end.new', folder + '/end')
while os.read(0, 65536):
    pass
'''


def command_line(pid):
    try:
        return pathlib.Path('/proc/%d/cmdline' % pid).read_bytes()
    except OSError:
        return b''


class Exa(Daemon):
    """ExaBGP's configuration, with its daemon or ours."""
    n_routes, script, static = 0, ANNOUNCE, 0

    def configure(self):
        self.folder.chmod(0o777)
        text = ''
        api = ''
        if self.script:
            program = self.folder / 'program.py'
            program.write_text(self.script % (self.n_routes,
                                              str(self.folder)))
            program.chmod(0o755)
            text = ('process say {\n\trun %s;\n\tencoder json;\n}\n' %
                    program)
            api = ('\tapi {\n\t\tprocesses [ say ];\n'
                   '\t\tneighbor-changes;\n%s\t}\n' %
                   ('\t\treceive {\n\t\t\tparsed;\n\t\t\tupdate;\n\t\t}\n'
                    if self.script is LISTEN else ''))
        routes = ''.join('\t\troute %d.%d.%d.0/24 next-hop %s;\n' %
                         (16 + (i >> 16), i >> 8 & 255, i & 255, ADDRESS)
                         for i in range(self.static))
        for p in self.peers:
            text += ('neighbor %s {\n\trouter-id %s;\n\tlocal-address %s;\n'
                     '\tlocal-as %d;\n\tpeer-as %d;\n\thold-time %d;\n'
                     '\tpassive true;\n\tfamily {\n\t\tipv4 unicast;\n\t}\n'
                     '%s\tstatic {\n%s\t}\n}\n' %
                     (p.address, ADDRESS, ADDRESS, AS, p.asn, p.hold,
                      '' if p.role == 'idle' else api, routes))
        self.conf = self.write('exabgp.conf', text)
        os.chmod(self.conf, 0o644)

    def environment(self):
        return {'exabgp_tcp_bind': ADDRESS, 'exabgp_tcp_port': str(PORT),
                'exabgp_daemon_user': 'root', 'exabgp_api_cli': 'false',
                'exabgp_log_level': 'CRIT'}

    def command(self):
        return [self.program, self.conf]

    def pids(self):
        """Without the program: what it costs is not the daemon's."""
        return [p for p in super().pids()
                if b'program.py' not in command_line(p)]

    def mark(self, name, seconds):
        """The time that the program wrote down."""
        path = self.folder / name
        end = time.monotonic() + seconds
        while not path.exists():
            if time.monotonic() > end:
                raise Failed('%s: the program never came to its %s' %
                             (self.name, name))
            time.sleep(0.01)
        return float(path.read_text())


class Exabgp(Exa):
    name, program = 'exabgp', '/usr/sbin/exabgp'

    @classmethod
    def version(cls):
        return package('exabgp')

    def validate(self):
        return [self.program, '--test', self.conf]


class OursExa(Exa):
    name = 'bgpd'

    @classmethod
    def is_here(cls):
        return True

    @classmethod
    def version(cls):
        return Ours.version()

    def environment(self):
        # Our programs never run as root unless it is asked for.
        return dict(super().environment(), exabgp_daemon_user='nobody')

    @property
    def program(self):
        return Ours.binary + '/exabgp'

    def validate(self):
        return [self.program, 'validate', self.conf]


def named(cls, **what):
    return type(cls.__name__, (cls,), what)


def connect(context, daemon, peers, table='make 10 1'):
    daemon.start()
    load = Load(context.load, ADDRESS, PORT, AS)
    load.ask(table)
    load.add(peers)
    up = load.ask('open 60')
    if up['up'] != up['of']:
        load.close()
        raise Failed('%(up)d of %(of)d sessions came up' % up)
    return load


def e1(context, cls, n=100000):
    """n lines of a program, to the last route at the peer; 50 other
    sessions."""
    peers = [Peer('count', 0)] + [Peer('idle', i, 9) for i in range(50)]
    daemon = named(cls, n_routes=n)(context.folder(), peers)
    load = None
    try:
        load = connect(context, daemon, peers)
        base = pss_bytes(daemon.pids())
        with Meter(daemon) as meter:
            result = load.ask('wait %d 400' % n)
            if not result['complete']:
                raise Failed('not complete: %r' % result)
        late = load.ask('late')
        return {'wall': result['end'] - daemon.mark('start', 1),
                'cpu': meter.cpu, 'peak': meter.peak,
                'settled': meter.settled, 'bytes': result['bytes'],
                'messages': result['messages'], 'routes': n,
                'bytes_per_route': (meter.settled - base) / n,
                'late_p99_ms': late['p99_ms'],
                'late_max_ms': late['max_ms']}
    finally:
        if load is not None:
            load.close()
        daemon.stop()


def e2(context, cls, n=100000):
    """n routes of a peer, as JSON at a program."""
    peers = [Peer('feed', 0)]
    daemon = named(cls, n_routes=n, script=LISTEN)(context.folder(), peers)
    load = None
    try:
        load = connect(context, daemon, peers, 'make %d 6' % n)
        load.say('announce feed0 0 %d 1 1' % n)
        with Meter(daemon) as meter:
            result = load.ask('go 0 200')
            end = daemon.mark('end', 200)
        return {'wall': end - result['start'], 'cpu': meter.cpu,
                'peak': meter.peak, 'settled': meter.settled, 'routes': n}
    finally:
        if load is not None:
            load.close()
        daemon.stop()


def e3(context, cls, n=100000):
    """A configuration with n routes, checked."""
    daemon = named(cls, static=n, script=None)(context.folder(),
                                               [Peer('count', 0)])
    start = time.monotonic()
    before = os.times()
    done = subprocess.run(daemon.validate(), capture_output=True,
                          env=dict(os.environ, **daemon.environment()))
    after = os.times()
    if done.returncode != 0:
        raise Failed('%s: %s' % (daemon.name, done.stderr[-300:]))
    return {'wall': time.monotonic() - start,
            'cpu': after.children_user - before.children_user +
            after.children_system - before.children_system, 'routes': n}


def bulk(context, cls, n=100000):
    """n prefixes by bgpctl network bulk add, to the last one at the peer."""
    peers = [Peer('count', 0)]
    daemon = cls(context.folder(), peers)
    load = None
    try:
        load = connect(context, daemon, peers)
        path = pathlib.Path(daemon.folder) / 'prefixes'
        path.write_text(''.join('%d.%d.%d.0/24\n' % (16 + (i >> 16),
                                                     i >> 8 & 255, i & 255)
                                for i in range(n)))
        with Meter(daemon) as meter, open(path, encoding='ascii') as prefixes:
            start = time.monotonic()
            add = subprocess.Popen(daemon.ctl('network', 'bulk', 'add'),
                                   stdin=prefixes, stdout=subprocess.DEVNULL)
            result = load.ask('wait %d 200' % n)
            add.wait()
            if not result['complete']:
                raise Failed('not complete: %r' % result)
        return {'wall': result['end'] - start, 'cpu': meter.cpu,
                'peak': meter.peak, 'settled': meter.settled, 'routes': n}
    finally:
        if load is not None:
            load.close()
        daemon.stop()


EXA = (OursExa, Exabgp)
