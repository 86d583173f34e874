# SPDX-License-Identifier: ISC
"""What the tests of roles share: ours in one namespace, and any number of
other daemons in the other, each at an address of its own. A role's file has a
table of daemons that take part, and what must be seen."""
import json
import os
import pathlib
import signal
import subprocess
import sys
import tempfile

sys.path.insert(0, str(pathlib.Path(__file__).parent))
import interop  # noqa: E402
from interop import Daemon, Namespaces, Skip, wait  # noqa: E402,F401

OURS = '10.99.0.1'
PREFIX = '203.0.113.0/24'


def at(n):
    return '10.99.0.%d' % n


class Ours(Daemon):
    def __init__(self, ns, folder, bin_folder, text):
        super().__init__(ns, folder, False)
        self.bin = bin_folder
        self.socket = str(folder / 'ours.sock')
        self.conf = self.write('ours.conf', (
            'router-id 192.0.2.1\nfib-update no\nconnect-retry 2\n'
            'listen on %s\nsocket "%s"\n' % (OURS, self.socket)) + text)

    command = interop.Bgpd.command

    def kill_worker(self, role):
        pid = subprocess.run(
            ['pgrep', '-P', str(self.process.pid), '-f', ' -R %s' % role],
            capture_output=True, text=True).stdout.split()[0]
        os.kill(int(pid), signal.SIGKILL)

    def rib(self, *words):
        out = self.ask(self.bin + '/bgpctl', '-s', self.socket, '-j', 'show',
                       'rib', *words)
        try:
            return json.loads(out)['rib']
        except (ValueError, KeyError):
            return []


class Bird(Daemon):
    """At an address; text: the protocols. origin: it announces PREFIX."""
    needs = 'bird'

    def __init__(self, ns, folder, n, text, origin=False):
        super().__init__(ns, folder, False)
        self.n, self.sock = n, str(folder / ('bird%d.ctl' % n))
        static = ('protocol static s4 {\n\tipv4;\n\troute %s blackhole;\n}\n'
                  % PREFIX) if origin else ''
        self.conf = self.write('bird%d.conf' % n, 'router id %s;\n'
                               'protocol device {}\n' % at(n) + static + text)

    def command(self):
        return ['bird', '-f', '-c', self.conf, '-s', self.sock]

    @staticmethod
    def protocol(n, asn, remote_as, words='', channel='', name='ours'):
        return ('protocol bgp %s {\n\tlocal %s as %d;\n\tneighbor %s as %d;\n'
                '\tconnect retry time 2;\n\terror wait time 1, 2;\n'
                '\tstrict bind on;\n%s\tipv4 {\n'
                '\t\timport all;\n\t\texport where source = RTS_STATIC;\n%s'
                '\t};\n}\n' % (name, at(n), asn, OURS, remote_as, words,
                               channel))

    def routes(self):
        """The text of `show route all`, a string for each path."""
        out = self.ask('birdc', '-s', self.sock, 'show', 'route', PREFIX,
                       'all')
        paths = out.split(' [ours ')[1:]
        return paths


class Frr(Daemon):
    needs = '/usr/lib/frr/bgpd'

    def __init__(self, ns, folder, n, text):
        super().__init__(ns, folder, False)
        self.n = n
        folder.chmod(0o755)
        self.conf = self.write('frr%d.conf' % n, text)

    def command(self):
        return ['/usr/lib/frr/bgpd', '-S', '-Z', '-n', '-f', self.conf, '-i',
                str(self.folder / 'frr.pid'), '--vty_socket',
                str(self.folder), '-P', '0', '-l', at(self.n)]

    def routes(self):
        out = self.ask('vtysh', '--vty_socket', str(self.folder), '-c',
                       'show bgp ipv4 unicast %s json' % PREFIX)
        try:
            return json.loads(out).get('paths', [])
        except ValueError:
            return []


class Gobgp(Daemon):
    needs = 'gobgpd'

    def __init__(self, ns, folder, n, text):
        super().__init__(ns, folder, False)
        self.conf = self.write('gobgp.conf', text)

    def command(self):
        return ['gobgpd', '-f', self.conf, '--api-hosts', '127.0.0.1:50051']

    def routes(self):
        out = self.ask('gobgp', 'global', 'rib', PREFIX, '-j')
        try:
            return [p for paths in json.loads(out).values() for p in paths]
        except (ValueError, AttributeError):
            return []


class Openbgpd(interop.Openbgpd):
    """At an address, in an AS; options of the neighbor that we are, and text
    below it."""
    needs = '/usr/sbin/bgpctl'

    def __init__(self, ns, folder, n, asn, options='', text='', more=''):
        Daemon.__init__(self, ns, folder, False)
        self.sock = str(folder / 'openbgpd.sock')
        self.conf = self.write('openbgpd.conf', (
            'AS %d\nrouter-id %s\nfib-update no\nconnect-retry 2\n'
            'listen on %s\nsocket "%s"\n%snexthop qualify via default\n'
            'neighbor %s {\n\tremote-as 65001\n\tlocal-address %s\n%s}\n'
            'allow from any\nallow to any\n%s' % (
                asn, at(n), at(n), self.sock, more, OURS, at(n), options,
                text)))

    def routes(self):
        """Valid paths, as `show rib detail` has them."""
        out = self.ask('/usr/sbin/bgpctl', '-s', self.sock, '-j', 'show',
                       'rib', 'detail', PREFIX)
        try:
            return [r for r in json.loads(out)['rib'] if r['valid']]
        except (ValueError, KeyError):
            return []


def play(story, needs):
    """Run story(namespaces, folder, bin); the exit status."""
    import shutil
    for program in needs:
        if shutil.which(program) is None:
            print('skipped: no %s' % program)
            return 77
    started = []
    start = Daemon.start

    def note(self):
        started.append(self)
        start(self)
    Daemon.start = note
    try:
        ns = Namespaces()
    except Skip as e:
        print('skipped: %s' % e)
        return 77
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        try:
            for n in range(3, 6):
                ns.ip('-n', ns.b, 'addr', 'add', at(n) + '/24', 'dev', 'eth0')
            story(ns, folder, sys.argv[1])
        except AssertionError as e:
            print('failed: %s' % e)
            for log in sorted(folder.rglob('*.log')):
                print('--- %s\n%s' % (log.name, log.read_text()[-3000:]))
            return 1
        finally:
            for d in started:
                d.stop()
            ns.remove()
            interop.Openbgpd.clear()
    return 0
