# SPDX-License-Identifier: ISC
"""The daemons of a benchmark, each with an equivalent configuration: it takes
routes from feeders and gives them to receivers, over eBGP, with no filter but
that feeders are told nothing."""
import os
import pathlib
import shutil
import signal
import subprocess
import time

ADDRESS, PORT, AS = '10.99.0.1', 1790, 4200000000


class Peer:
    """Of the daemon: a speaker of the load generator."""

    def __init__(self, role, index, hold=90):
        base = {'feed': 1, 'check': 101, 'count': 101, 'idle': 201,
                'both': 1}[role]
        self.role, self.hold = role, hold
        self.name = '%s%d' % (role, index)
        self.address = '10.99.%d.%d' % (base + index // 250, 1 + index % 250)
        self.asn = {'feed': 61000, 'check': 62000, 'count': 62000,
                    'idle': 63000, 'both': 61000}[role] + index

    @property
    def gives(self):
        return self.role in ('feed', 'both')

    @property
    def takes(self):
        return self.role in ('check', 'count', 'both')

    @property
    def group(self):
        """Peers that are configured alike."""
        return {(True, False): 'give', (False, True): 'take',
                (True, True): 'both', (False, False): 'idle'}[
                    self.gives, self.takes]


GROUPS = ('give', 'take', 'both', 'idle')


class Daemon:
    """A daemon under test, in the namespace that the run stands in."""
    name = program = ''

    def __init__(self, folder, peers, sets=None):
        """sets: by name of a peer, the prefixes that are taken from it."""
        self.folder = pathlib.Path(folder) / self.name
        self.folder.mkdir()
        self.folder.chmod(0o755)
        self.peers, self.sets = peers, sets
        self.process = None
        self.configure()

    @classmethod
    def is_here(cls):
        return shutil.which(cls.program) is not None

    @classmethod
    def version(cls):
        return ''

    def write(self, name, text):
        path = self.folder / name
        path.write_text(text)
        path.chmod(0o600)
        return str(path)

    def environment(self):
        return {}

    def start(self):
        with open(self.folder / 'log', 'ab') as log:
            self.process = subprocess.Popen(
                self.command(), stdin=subprocess.DEVNULL, stdout=log,
                stderr=log, env=dict(os.environ, **self.environment()))

    def stop(self):
        if self.process is None:
            return
        pids = self.pids()
        self.process.send_signal(signal.SIGTERM)
        try:
            self.process.wait(30)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        self.process = None
        limit = time.monotonic() + 20
        while any(os.path.exists('/proc/%d' % p) for p in pids):
            if time.monotonic() > limit:
                raise RuntimeError('%s left processes' % self.name)
            time.sleep(0.05)

    def reload(self):
        """Take up the configuration as it is written now."""
        subprocess.run(self.reload_command(), check=True,
                       stdout=subprocess.DEVNULL)

    def show_all(self, is_json=False):
        """Command that prints the table, or None."""
        return None

    def show_one(self, prefix):
        """Command that prints the routes of one prefix."""
        raise NotImplementedError

    def pids(self):
        """The process and all its descendants."""
        parents = {}
        for entry in os.scandir('/proc'):
            if entry.name.isdigit():
                try:
                    stat = pathlib.Path(entry.path, 'stat').read_text()
                except OSError:
                    continue
                parents.setdefault(int(stat.rpartition(')')[2].split()[1]),
                                   []).append(int(entry.name))
        found = [self.process.pid]
        for pid in found:
            found += parents.get(pid, [])
        return found


class Ours(Daemon):
    name = 'bgpd'
    binary = ''

    @classmethod
    def is_here(cls):
        return True

    @classmethod
    def version(cls):
        return output([cls.binary + '/bgpctl', '-V']).split()[-1]

    def configure(self):
        self.socket = str(self.folder / 'sock')
        self.conf = self.write('bgpd.conf', openbgpd_conf(self))

    def command(self):
        has = subprocess.run(['id', '_bgpd'], capture_output=True)
        user = [] if has.returncode == 0 else ['-u', 'nobody']
        return [self.binary + '/bgpd', '-d', '-f', self.conf] + user

    def ctl(self, *words):
        return [self.binary + '/bgpctl', '-s', self.socket] + list(words)

    def reload_command(self):
        return self.ctl('reload')

    def show_all(self, is_json=False):
        return self.ctl(*(['-j'] if is_json else []), 'show', 'rib')

    def show_one(self, prefix):
        return self.ctl('show', 'rib', prefix)


class Openbgpd(Daemon):
    name, program = 'openbgpd', '/usr/sbin/bgpctl'

    @classmethod
    def version(cls):
        return package('openbgpd')

    def configure(self):
        self.socket = str(self.folder / 'sock')
        self.conf = self.write('bgpd.conf', openbgpd_conf(self))

    def command(self):
        os.makedirs('/run/openbgpd', exist_ok=True)
        return ['/usr/sbin/bgpd', '-d', '-f', self.conf]

    def ctl(self, *words):
        return [self.program, '-s', self.socket] + list(words)

    def reload_command(self):
        return self.ctl('reload')

    def show_all(self, is_json=False):
        return self.ctl(*(['-j'] if is_json else []), 'show', 'rib')

    def show_one(self, prefix):
        return self.ctl('show', 'rib', prefix)


def openbgpd_conf(daemon):
    lines = ['AS %d' % AS, 'router-id ' + ADDRESS, 'fib-update no',
             'nexthop qualify via default',
             'listen on %s port %d' % (ADDRESS, PORT),
             'socket "%s"' % daemon.socket]
    for name, prefixes in (daemon.sets or {}).items():
        lines.append('prefix-set %s {\n\t%s\n}' %
                     (name, '\n\t'.join(prefixes)))
    for group in GROUPS:
        peers = [p for p in daemon.peers if p.group == group]
        if not peers:
            continue
        lines += ['group "%s" {' % group, '\tpassive']
        lines += ['\tannounce IPv4 unicast', '\tannounce IPv6 unicast']
        for p in peers:
            lines.append('\tneighbor %s {\n\t\tremote-as %d\n\t\tholdtime %d'
                         '\n\t\tholdtime min 3\n\t\tdescr %s\n\t}' %
                         (p.address, p.asn, p.hold, p.name))
        lines.append('}')
        if peers[0].gives and daemon.sets is None:
            lines.append('allow from group "%s"' % group)
        for p in peers if peers[0].gives and daemon.sets else ():
            lines.append('allow from %s prefix-set %s' % (p.address, p.name))
        if peers[0].takes:
            lines.append('allow to group "%s"' % group)
    return '\n'.join(lines) + '\n'


class Bird(Daemon):
    name, program = 'bird', 'bird'

    @classmethod
    def version(cls):
        return package('bird2')

    def configure(self):
        self.socket = str(self.folder / 'bird.ctl')
        channels = ('\tipv4 { %simport %s; export %s; };\n'
                    '\tipv6 { %simport %s; export %s; };\n')
        text = 'router id %s;\nprotocol device {}\n' % ADDRESS
        for p in self.peers:
            rules = ('all' if p.gives else 'none',
                     'all' if p.takes else 'none')
            # Without a table of what came it would ask for it again.
            keeps = 'import table on; ' if self.sets else ''
            if self.sets and p.name in self.sets:
                text += ('filter from_%s { if net ~ [ %s ] then accept; '
                         'reject; }\n' % (p.name,
                                          ', '.join(self.sets[p.name])))
                rules = ('filter from_' + p.name, rules[1])
            text += ('protocol bgp %s {\n\tlocal %s port %d as %d;\n'
                     '\tneighbor %s as %d;\n\tpassive on;\n\thold time %d;\n'
                     % (p.name, ADDRESS, PORT, AS, p.address, p.asn, p.hold)
                     + channels % (((keeps,) + rules) * 2) + '}\n')
        self.conf = self.write('bird.conf', text)

    def command(self):
        return ['bird', '-f', '-c', self.conf, '-s', self.socket]

    def reload_command(self):
        return ['birdc', '-s', self.socket, 'configure']

    def show_all(self, is_json=False):
        return None if is_json else ['birdc', '-s', self.socket, 'show',
                                     'route']

    def show_one(self, prefix):
        return ['birdc', '-s', self.socket, 'show', 'route', prefix]


class Frr(Daemon):
    name, program = 'frr', '/usr/lib/frr/bgpd'

    @classmethod
    def version(cls):
        return package('frr')

    def configure(self):
        lines = ['router bgp %d' % AS, ' bgp router-id ' + ADDRESS,
                 ' no bgp ebgp-requires-policy',
                 ' no bgp default ipv4-unicast',
                 ' bgp disable-ebgp-connected-route-check']
        used = [g for g in GROUPS if any(p.group == g for p in self.peers)]
        for group in used:
            lines += [' neighbor %s peer-group' % group,
                      ' neighbor %s passive' % group,
                      ' neighbor %s disable-connected-check' % group]
            for p in (p for p in self.peers if p.group == group):
                lines += [' neighbor %s remote-as %d' % (p.address, p.asn),
                          ' neighbor %s peer-group %s' % (p.address, group),
                          ' neighbor %s timers %d %d' %
                          (p.address, max(p.hold // 3, 1), p.hold)]
        for family in ('ipv4', 'ipv6'):
            lines.append(' address-family %s unicast' % family)
            for group in used:
                lines.append('  neighbor %s activate' % group)
                if group in ('give', 'idle'):
                    lines.append('  neighbor %s route-map nothing out' %
                                 group)
                if group in ('take', 'idle'):
                    lines.append('  neighbor %s route-map nothing in' %
                                 group)
            lines.append(' exit-address-family')
        lines += ['route-map nothing deny 10']
        self.folder.chmod(0o777)
        self.conf = self.write('frr.conf', '\n'.join(lines) + '\n')

    def command(self):
        return ['/usr/lib/frr/bgpd', '-S', '-Z', '-n', '-f', self.conf, '-i',
                str(self.folder / 'pid'), '--vty_socket', str(self.folder),
                '-P', '0', '-l', ADDRESS, '-p', str(PORT)]

    def vtysh(self, command):
        return ['vtysh', '--vty_socket', str(self.folder), '-c', command]

    def show_all(self, is_json=False):
        return self.vtysh('show bgp ipv4 unicast' +
                          (' json' if is_json else ''))

    def show_one(self, prefix):
        return self.vtysh('show bgp ipv4 unicast ' + prefix)


class Gobgp(Daemon):
    name, program = 'gobgp', 'gobgpd'

    @classmethod
    def version(cls):
        return package('gobgpd')

    def configure(self):
        families = ('[[neighbors.afi-safis]]\n'
                    '[neighbors.afi-safis.config]\n'
                    'afi-safi-name = "%s-unicast"\n')
        text = ('[global.config]\nas = %d\nrouter-id = "%s"\nport = %d\n'
                'local-address-list = ["%s"]\n' %
                (AS, ADDRESS, PORT, ADDRESS))
        for p in self.peers:
            text += ('[[neighbors]]\n[neighbors.config]\n'
                     'neighbor-address = "%s"\npeer-as = %d\n'
                     '[neighbors.transport.config]\npassive-mode = true\n'
                     '[neighbors.timers.config]\nhold-time = %d\n'
                     'keepalive-interval = %d\n' %
                     (p.address, p.asn, p.hold, max(p.hold // 3, 1)) +
                     families % 'ipv4' + families % 'ipv6')
        self.conf = self.write('gobgp.conf', text)

    def command(self):
        return ['gobgpd', '-f', self.conf, '-l', 'warn', '--api-hosts',
                '127.0.0.1:50099']

    def show_all(self, is_json=False):
        return ['gobgp', '-p', '50099', 'global', 'rib'] + (
            ['-j'] if is_json else [])

    def show_one(self, prefix):
        return self.show_all() + [prefix]


class Relay(Daemon):
    """No daemon: the same bytes, read and written. The floor."""
    name = 'floor'

    @classmethod
    def is_here(cls):
        return True

    @classmethod
    def version(cls):
        return 'relay'

    def configure(self):
        pass

    def command(self):
        return [Ours.binary + '/bench_relay', ADDRESS, str(PORT), str(AS)]


def output(command):
    done = subprocess.run(command, capture_output=True, text=True)
    return (done.stdout + done.stderr).strip() or '?'


def package(name):
    return output(['dpkg-query', '-W', '-f', '${Version}', name])


ROUTERS = (Ours, Bird, Openbgpd, Frr, Gobgp)
WITH_FLOOR = ROUTERS + (Relay,)
