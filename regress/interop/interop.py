#!/usr/bin/env python3
# SPDX-License-Identifier: ISC
"""Sessions with other daemons, in two network namespaces made and removed
here: 1,000 routes of IPv4 and IPv6 each way, a restart of either side, and
the same with TCP MD5 (and, with BIRD, RFC 5082's TTL security).

usage: interop.py BIN PEER [--md5]      PEER: bird frr gobgp openbgpd exabgp
Exit status 77 when the peer or the right to make namespaces is not there.
"""
import argparse
import json
import os
import pathlib
import shutil
import signal
import subprocess
import sys
import tempfile
import time

N = 1000
KEY = 'interop-secret'
OURS4, THEIRS4 = '10.99.0.1', '10.99.0.2'
OURS6, THEIRS6 = 'fd00:99::1', 'fd00:99::2'
OUR_AS, THEIR_AS = 65001, 65002


class Skip(Exception):
    pass


def prefixes(first):
    """N prefixes of each family; first octet tells the sides apart."""
    v4 = ['%d.%d.%d.0/24' % (first, i // 250, i % 250) for i in range(N)]
    v6 = ['2001:db8:%x:%x::/64' % (first, i) for i in range(N)]
    return v4, v6


OUR4, OUR6 = prefixes(20)
THEIR4, THEIR6 = prefixes(30)


class Namespaces:
    def __init__(self):
        self.a, self.b = ('bgpd%d%s' % (os.getpid(), s) for s in 'ab')
        try:
            subprocess.run(['ip', 'netns', 'add', self.a], check=True,
                           capture_output=True)
        except (OSError, subprocess.CalledProcessError):
            raise Skip('no network namespaces here')
        self.ip('netns', 'add', self.b)
        self.ip('link', 'add', 'eth0', 'netns', self.a, 'type', 'veth',
                'peer', 'name', 'eth0', 'netns', self.b)
        for ns, v4, v6 in ((self.a, OURS4, OURS6), (self.b, THEIRS4, THEIRS6)):
            self.ip('-n', ns, 'addr', 'add', v4 + '/24', 'dev', 'eth0')
            self.ip('-n', ns, 'addr', 'add', v6 + '/64', 'dev', 'eth0',
                    'nodad')
            self.ip('-n', ns, 'link', 'set', 'lo', 'up')
            self.ip('-n', ns, 'link', 'set', 'eth0', 'up')

    @staticmethod
    def ip(*args):
        subprocess.run(['ip'] + list(args), check=True, capture_output=True)

    def remove(self):
        for ns in (self.a, self.b):
            subprocess.run(['ip', 'netns', 'del', ns], capture_output=True)


class Daemon:
    """A process in a namespace."""

    def __init__(self, ns, folder, md5):
        self.ns, self.folder, self.md5 = ns, folder, md5
        self.process = None
        self.log = open(folder / (type(self).__name__ + '.log'), 'a+')

    def start(self):
        self.process = subprocess.Popen(
            ['ip', 'netns', 'exec', self.ns] + self.command(),
            stdin=subprocess.DEVNULL, stdout=self.log, stderr=self.log,
            env=dict(os.environ, **self.environment()))

    def environment(self):
        return {}

    def stop(self):
        if self.process is None:
            return
        self.process.send_signal(signal.SIGTERM)
        try:
            self.process.wait(30)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        self.process = None

    def ask(self, *command):
        return subprocess.run(
            ['ip', 'netns', 'exec', self.ns] + list(command), text=True,
            capture_output=True, timeout=20).stdout

    def write(self, name, text):
        path = self.folder / name
        path.write_text(text)
        path.chmod(0o600)
        return str(path)


class Bgpd(Daemon):
    """Ours."""

    def __init__(self, ns, folder, md5, bin_folder, has_gtsm):
        super().__init__(ns, folder, md5)
        self.bin = bin_folder
        key = '\ttcp md5sig password "%s"\n' % KEY if md5 else ''
        if md5 and has_gtsm:
            key += '\tttl-security yes\n'
        self.socket = str(folder / 'ours.sock')
        neighbor = ('neighbor %s {\n\tremote-as %d\n\tlocal-address %s\n'
                    '\tannounce %s unicast\n%s}\n')
        self.conf = self.write('ours.conf', ''.join([
            'AS %d\nrouter-id 192.0.2.1\nfib-update no\n' % OUR_AS,
            'connect-retry 2\nholdtime 30\n',
            'listen on %s\nlisten on %s\n' % (OURS4, OURS6),
            'socket "%s"\n' % self.socket,
            ''.join('network %s\n' % p for p in OUR4 + OUR6),
            neighbor % (THEIRS4, THEIR_AS, OURS4, 'IPv4', key),
            neighbor % (THEIRS6, THEIR_AS, OURS6, 'IPv6', key),
            'allow from any\nallow to any\n']))

    def command(self):
        user = [] if subprocess.run(['id', '_bgpd'], capture_output=True
                                    ).returncode == 0 else ['-u', 'nobody']
        return [self.bin + '/bgpd', '-d', '-f', self.conf] + user

    def count(self):
        n = 0
        for peer in (THEIRS4, THEIRS6):
            out = self.ask(self.bin + '/bgpctl', '-s', self.socket, '-j',
                           'show', 'rib', 'neighbor', peer)
            try:
                # FRR sends our own routes back: those are looped.
                n += sum(r['valid'] for r in json.loads(out)['rib'])
            except (ValueError, KeyError):
                pass
        return n


class Bird(Daemon):
    def __init__(self, ns, folder, md5):
        super().__init__(ns, folder, md5)
        key = '\tpassword "%s";\n\tttl security on;\n' % KEY if md5 else ''
        self.sock = str(folder / 'bird.ctl')
        protocol = ('protocol bgp ours%d {\n\tlocal %s as %d;\n'
                    '\tneighbor %s as %d;\n\tconnect retry time 2;\n'
                    '\terror wait time 1, 2;\n%s\tipv%d {\n'
                    '\t\timport all;\n\t\texport where source = RTS_STATIC;\n'
                    '\t};\n}\n')
        self.conf = self.write('bird.conf', ''.join([
            'router id 192.0.2.2;\nprotocol device {}\n',
            'protocol static s4 {\n\tipv4;\n',
            ''.join('\troute %s blackhole;\n' % p for p in THEIR4),
            '}\nprotocol static s6 {\n\tipv6;\n',
            ''.join('\troute %s blackhole;\n' % p for p in THEIR6), '}\n',
            protocol % (4, THEIRS4, THEIR_AS, OURS4, OUR_AS, key, 4),
            protocol % (6, THEIRS6, THEIR_AS, OURS6, OUR_AS, key, 6)]))

    def command(self):
        return ['bird', '-f', '-c', self.conf, '-s', self.sock]

    def count(self):
        n = 0
        for p in ('ours4', 'ours6'):
            out = self.ask('birdc', '-s', self.sock, 'show', 'route',
                           'protocol', p, 'count')
            for line in out.splitlines():
                if ' of ' in line and 'routes' in line:
                    n += int(line.split()[0])
                    break
        return n


class Frr(Daemon):
    def __init__(self, ns, folder, md5):
        super().__init__(ns, folder, md5)
        key = ''.join(' neighbor %s password %s\n' % (a, KEY)
                      for a in (OURS4, OURS6)) if md5 else ''
        folder.chmod(0o755)
        neighbors = ''.join(
            ' neighbor %s remote-as %d\n neighbor %s timers connect 2\n'
            ' neighbor %s disable-connected-check\n' % (a, OUR_AS, a, a)
            for a in (OURS4, OURS6))
        self.conf = self.write('frr.conf', ''.join([
            'router bgp %d\n bgp router-id 192.0.2.2\n' % THEIR_AS,
            ' no bgp ebgp-requires-policy\n no bgp network import-check\n',
            neighbors, key, ' no neighbor %s activate\n' % OURS6,
            ' address-family ipv4 unicast\n',
            ''.join('  network %s\n' % p for p in THEIR4),
            '  no neighbor %s activate\n' % OURS6,
            ' exit-address-family\n address-family ipv6 unicast\n',
            ''.join('  network %s\n' % p for p in THEIR6),
            '  neighbor %s activate\n' % OURS6,
            ' exit-address-family\n']))

    def command(self):
        return ['/usr/lib/frr/bgpd', '-S', '-Z', '-n', '-f', self.conf, '-i',
                str(self.folder / 'frr.pid'), '--vty_socket',
                str(self.folder), '-P', '0', '-l', '::', '-l', '0.0.0.0']

    def count(self):
        n = 0
        for family, peer in (('ipv4', OURS4), ('ipv6', OURS6)):
            out = self.ask('vtysh', '--vty_socket', str(self.folder), '-c',
                           'show bgp %s unicast neighbors %s prefix-counts '
                           'json' % (family, peer))
            try:
                n += json.loads(out).get('pfxCounter', 0)
            except ValueError:
                pass
        return n


class Gobgp(Daemon):
    def __init__(self, ns, folder, md5):
        super().__init__(ns, folder, md5)
        neighbor = ('[[neighbors]]\n [neighbors.config]\n'
                    '  neighbor-address = "%s"\n  peer-as = %d\n%s'
                    ' [neighbors.transport.config]\n  local-address = "%s"\n'
                    ' [neighbors.timers.config]\n  connect-retry = 5\n'
                    '  idle-hold-time-after-reset = 1\n'
                    ' [[neighbors.afi-safis]]\n'
                    '  [neighbors.afi-safis.config]\n'
                    '   afi-safi-name = "%s-unicast"\n')
        key = '  auth-password = "%s"\n' % KEY if md5 else ''
        self.conf = self.write('gobgp.conf', ''.join([
            '[global.config]\n as = %d\n router-id = "192.0.2.2"\n'
            % THEIR_AS, ' port = 179\n',
            neighbor % (OURS4, OUR_AS, key, THEIRS4, 'ipv4'),
            neighbor % (OURS6, OUR_AS, key, THEIRS6, 'ipv6')]))

    def command(self):
        return ['gobgpd', '-f', self.conf, '--api-hosts', '127.0.0.1:50051']

    def start(self):
        super().start()
        wait(lambda: 'as' in self.ask('gobgp', 'global').lower(), 15,
             'gobgpd answers')
        script = self.write('routes.sh', '#!/bin/sh\n' + ''.join(
            'gobgp global rib add -a ipv4 %s nexthop %s\n' % (p, THEIRS4)
            for p in THEIR4) + ''.join(
            'gobgp global rib add -a ipv6 %s nexthop %s\n' % (p, THEIRS6)
            for p in THEIR6))
        subprocess.run(['ip', 'netns', 'exec', self.ns, 'sh', script],
                       timeout=120, stdout=self.log, stderr=self.log)

    def count(self):
        n = 0
        for family, peer in (('ipv4', OURS4), ('ipv6', OURS6)):
            out = self.ask('gobgp', 'neighbor', peer, 'adj-in', '-a', family,
                           '-j')
            try:
                n += len(json.loads(out))
            except ValueError:
                pass
        return n


class Openbgpd(Daemon):
    made = False

    def __init__(self, ns, folder, md5):
        super().__init__(ns, folder, md5)
        key = '\ttcp md5sig password "%s"\n' % KEY if md5 else ''
        self.sock = str(folder / 'openbgpd.sock')
        neighbor = ('neighbor %s {\n\tremote-as %d\n\tlocal-address %s\n'
                    '\tannounce %s unicast\n%s}\n')
        self.conf = self.write('openbgpd.conf', ''.join([
            'AS %d\nrouter-id 192.0.2.2\nfib-update no\n' % THEIR_AS,
            'connect-retry 2\nholdtime 30\n',
            'listen on %s\nlisten on %s\n' % (THEIRS4, THEIRS6),
            'socket "%s"\n' % self.sock,
            ''.join('network %s\n' % p for p in THEIR4 + THEIR6),
            neighbor % (OURS4, OUR_AS, THEIRS4, 'IPv4', key),
            neighbor % (OURS6, OUR_AS, THEIRS6, 'IPv6', key),
            'nexthop qualify via default\n',
            'allow from any\nallow to any\n']))

    def command(self):
        return ['/usr/sbin/bgpd', '-d', '-f', self.conf]

    def start(self):
        path = pathlib.Path('/run/openbgpd')
        if not path.exists():
            path.mkdir()
            Openbgpd.made = True
        super().start()

    @staticmethod
    def clear():
        """Its empty root, if it was made here."""
        if Openbgpd.made:
            pathlib.Path('/run/openbgpd').rmdir()
            Openbgpd.made = False

    def count(self):
        n = 0
        for peer in (OURS4, OURS6):
            out = self.ask('/usr/sbin/bgpctl', '-s', self.sock, '-j', 'show',
                           'rib', 'in', 'neighbor', peer)
            try:
                n += len(json.loads(out)['rib'])
            except (ValueError, KeyError):
                pass
        return n


class Exabgp(Daemon):
    """ExaBGP's own daemon; what it hears is counted by a program."""

    def __init__(self, ns, folder, md5):
        super().__init__(ns, folder, md5)
        key = '\tmd5-password "%s";\n' % KEY if md5 else ''
        self.seen = folder / 'exabgp.seen'
        program = folder / 'count.py'
        program.write_text(COUNT % str(self.seen))
        program.chmod(0o755)
        folder.chmod(0o777)
        neighbor = ('neighbor %s {\n\trouter-id 192.0.2.2;\n'
                    '\tlocal-address %s;\n\tlocal-as %d;\n\tpeer-as %d;\n%s'
                    '\tfamily {\n\t\t%s unicast;\n\t}\n'
                    '\tapi {\n\t\tprocesses [ count ];\n\t\tneighbor-changes;'
                    '\n\t\treceive {\n\t\t\tparsed;\n\t\t\tupdate;\n\t\t}\n'
                    '\t}\n\tstatic {\n%s\t}\n}\n')
        routes4 = ''.join('\t\troute %s next-hop self;\n' % p for p in THEIR4)
        routes6 = ''.join('\t\troute %s next-hop self;\n' % p for p in THEIR6)
        self.conf = self.write('exabgp.conf', ''.join([
            'process count {\n\trun %s;\n\tencoder json;\n}\n' % program,
            neighbor % (OURS4, THEIRS4, THEIR_AS, OUR_AS, key, 'ipv4',
                        routes4),
            neighbor % (OURS6, THEIRS6, THEIR_AS, OUR_AS, key, 'ipv6',
                        routes6)]))
        os.chmod(self.conf, 0o644)

    def command(self):
        return ['/usr/sbin/exabgp', self.conf]

    def environment(self):
        return {'exabgp_daemon_user': 'root', 'exabgp_api_cli': 'false',
                'exabgp_log_level': 'WARNING'}

    def start(self):
        self.seen.unlink(missing_ok=True)
        super().start()

    def count(self):
        try:
            return int(self.seen.read_text() or 0)
        except (OSError, ValueError):
            return 0


COUNT = '''#!/usr/bin/env python3
import json, os, sys
seen, path = {}, %r
for line in sys.stdin:
    try:
        event = json.loads(line)
    except ValueError:
        continue
    n = event.get('neighbor', {})
    peer = n.get('address', {}).get('peer')
    if n.get('state') == 'down':
        seen.pop(peer, None)
    update = n.get('message', {}).get('update', {})
    table = seen.setdefault(peer, set())
    for family in update.get('announce', {}).values():
        for nlris in family.values():
            table.update(x['nlri'] for x in nlris if 'nlri' in x)
    for nlris in update.get('withdraw', {}).values():
        table.difference_update(x['nlri'] for x in nlris)
    with open(path + '.new', 'w') as f:
        f.write(str(sum(len(t) for t in seen.values())))
    os.rename(path + '.new', path)
'''

PEERS = {
    'bird': (Bird, 'bird'), 'frr': (Frr, '/usr/lib/frr/bgpd'),
    'gobgp': (Gobgp, 'gobgpd'), 'openbgpd': (Openbgpd, '/usr/sbin/bgpctl'),
    'exabgp': (Exabgp, '/usr/sbin/exabgp'),
}


def wait(test, seconds, what):
    limit = time.monotonic() + seconds
    while not test():
        if time.monotonic() > limit:
            raise AssertionError('not within %d s: %s' % (
                seconds, what() if callable(what) else what))
        time.sleep(0.2)


def both_have_all(ours, theirs, what):
    wait(lambda: ours.count() == 2 * N, 60, lambda: '%s: ours has %d of %d' %
         (what, ours.count(), 2 * N))
    wait(lambda: theirs.count() == 2 * N, 60,
         lambda: '%s: peer has %d of %d' % (what, theirs.count(), 2 * N))
    print('%s: %d routes each way' % (what, 2 * N), flush=True)


def run(args, folder, ns):
    cls, _ = PEERS[args.peer]
    ours = Bgpd(ns.a, folder, args.md5, args.bin, args.peer == 'bird')
    theirs = cls(ns.b, folder, args.md5)
    try:
        ours.start()
        theirs.start()
        both_have_all(ours, theirs, 'start')
        theirs.stop()
        wait(lambda: ours.count() == 0, 60, 'routes of a gone peer go')
        theirs.start()
        both_have_all(ours, theirs, 'restart of the peer')
        ours.stop()
        ours.start()
        both_have_all(ours, theirs, 'restart of ours')
    except AssertionError:
        for d in (ours, theirs):
            d.log.flush()
            d.log.seek(0)
            print('--- %s\n%s' % (type(d).__name__, d.log.read()[-3000:]))
        raise
    finally:
        theirs.stop()
        ours.stop()


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument('bin')
    parser.add_argument('peer', choices=sorted(PEERS))
    parser.add_argument('--md5', action='store_true')
    args = parser.parse_args()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    if shutil.which(PEERS[args.peer][1]) is None:
        print('%s is not installed' % args.peer)
        return 77
    try:
        ns = Namespaces()
    except Skip as e:
        print(e)
        return 77
    try:
        with tempfile.TemporaryDirectory(prefix='bgpd-interop.') as temp:
            run(args, pathlib.Path(temp), ns)
    except AssertionError as e:
        print('FAIL', e)
        return 1
    finally:
        ns.remove()
        Openbgpd.clear()
    return 0


if __name__ == '__main__':
    sys.exit(main())
