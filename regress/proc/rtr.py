#!/usr/bin/env python3
# SPDX-License-Identifier: ISC
"""The RTR client against a raw cache: all versions, deltas, resets, faults,
TCP MD5, several caches; and Debian's stayrtr if it is there.

usage: rtr.py BIN [NAME...]
"""
import json
import os
import pathlib
import select
import shutil
import signal
import socket
import struct
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, os.path.join(os.path.dirname(__file__), '..'))
from speaker import (Speaker, attribute, free_port, prefix,  # noqa: E402
                     update)

BIN = ''
NOTIFY, SERIAL, RESET, RESPONSE, V4, V6, END, CACHE_RESET, KEY, ERROR, ASPA = (
    0, 1, 2, 3, 4, 6, 7, 8, 9, 10, 11)
TCP_MD5SIG = 14


def wait(test, what, seconds=15):
    limit = time.monotonic() + seconds
    while True:
        value = test()
        if value:
            return value
        if time.monotonic() > limit:
            raise AssertionError('not within %s s: %s' % (seconds, what))
        time.sleep(0.05)


def pdu(version, kind, session=0, body=b''):
    return struct.pack('!BBHI', version, kind, session, 8 + len(body)) + body


def vrp(version, text, max_len, asn, announce=True):
    address, _, bits = text.partition('/')
    is_v6 = ':' in address
    packed = socket.inet_pton(socket.AF_INET6 if is_v6 else socket.AF_INET,
                              address)
    return pdu(version, V6 if is_v6 else V4, 0, struct.pack(
        '!BBBB', announce, int(bits), max_len, 0) + packed +
        struct.pack('!I', asn))


def aspa(customer, providers):
    return pdu(2, ASPA, 256 if providers else 0, struct.pack(
        '!%dI' % (1 + len(providers)), customer, *providers))


def end(version, session, serial, timers=(3600, 1, 7200)):
    body = struct.pack('!I', serial)
    if version > 0:
        body += struct.pack('!III', *timers)
    return pdu(version, END, session, body)


class Cache:
    """Listens; one connection at a time."""

    def __init__(self, key=None):
        self.listener = socket.socket()
        self.listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if key:
            self.listener.setsockopt(
                socket.IPPROTO_TCP, TCP_MD5SIG,
                struct.pack('<HH4s120s', socket.AF_INET, 0,
                            socket.inet_aton('127.0.0.1'), b'')
                + struct.pack('<BBHI', 0, 0, len(key), 0)
                + key.encode().ljust(80, b'\0'))
        self.listener.bind(('127.0.0.1', 0))
        self.listener.listen()
        self.port = self.listener.getsockname()[1]
        self.sock = None

    def accept(self, seconds=15):
        if self.sock is not None:
            self.sock.close()
        if not select.select([self.listener], [], [], seconds)[0]:
            raise AssertionError('no connection to the cache')
        self.sock, _ = self.listener.accept()
        self.sock.settimeout(15)

    def send(self, *pdus):
        self.sock.sendall(b''.join(pdus))

    def exactly(self, n):
        data = b''
        while len(data) < n:
            piece = self.sock.recv(n - len(data))
            if not piece:
                raise EOFError
            data += piece
        return data

    def read(self):
        """(version, type, session id or code, body)"""
        version, kind, session, length = struct.unpack('!BBHI',
                                                       self.exactly(8))
        return version, kind, session, self.exactly(length - 8)

    def expect(self, version, kind):
        got = self.read()
        if got[:2] != (version, kind):
            raise AssertionError('expected version %d type %d, found %r' %
                                 (version, kind, got))
        return got

    def serve(self, version, session, serial, *records):
        """Answer the query that has come."""
        self.send(pdu(version, RESPONSE, session), *records,
                  end(version, session, serial))

    def close(self):
        if self.sock is not None:
            self.sock.close()
        self.listener.close()


class World:
    def __init__(self, folder, rtr, extra='', role='provider', asn=65002):
        self.folder = folder
        self.sock = str(folder / 'sock')
        self.bgp_port = free_port()
        self.conf = folder / 'bgpd.conf'
        self.role = role
        self.asn = asn
        self.write(rtr, extra)
        user = [] if (os.geteuid() != 0 or subprocess.run(
            ['id', '_bgpd'], capture_output=True).returncode == 0) else [
                '-u', 'nobody']
        self.log = open(folder / 'log', 'w+')
        self.process = subprocess.Popen(
            [BIN + '/bgpd', '-d', '-f', str(self.conf)] + user,
            stdin=subprocess.DEVNULL, stdout=self.log, stderr=self.log)
        self.peer = None

    def write(self, rtr, extra=''):
        self.conf.write_text('''AS 65001
router-id 192.0.2.1
fib-update no
listen on 127.0.0.1 port %d
socket "%s"
%s
neighbor 127.0.0.2 {
	remote-as %d
	passive
	role %s
}
allow from any
match from any ovs valid set localpref 200
match from any avs valid set med 77
deny from any ovs invalid
%s''' % (self.bgp_port, self.sock, rtr, self.asn, self.role, extra))
        self.conf.chmod(0o600)

    def ask(self, *words):
        got = subprocess.run([BIN + '/bgpctl', '-s', self.sock] + list(words),
                             capture_output=True, text=True, timeout=20)
        return got.stdout

    def json(self, *words):
        try:
            return json.loads(self.ask('-j', *words))
        except ValueError:
            return {}

    def announce(self, *routes):
        """(prefix, AS path) from 127.0.0.2; the session is made first."""
        if self.peer is None:
            self.peer = Speaker('127.0.0.2', '127.0.0.1', self.bgp_port)
            self.peer.establish(self.asn)
        for text, path in routes:
            self.peer.send(update(
                attribute(0x40, 1, b'\0') + attribute(
                    0x40, 2, bytes((2, len(path))) +
                    struct.pack('!%dI' % len(path), *path)) +
                attribute(0x40, 3, socket.inet_aton('127.0.0.2')),
                prefix(text)))

    def states(self):
        return {r['prefix']: (r['ovs'], r['avs']) for r in
                self.json('show', 'rib', 'in').get('rib', [])}


    def wait_states(self, want):
        def test():
            got = self.states()
            return all(got.get(k) == v for k, v in want.items())
        try:
            wait(test, 'states')
        except AssertionError:
            raise AssertionError('expected %r, found %r' %
                                 (want, self.states()))

    def rtr(self, i=0):
        rtrs = self.json('show', 'rtr').get('rtrs', [])
        return rtrs[i] if len(rtrs) > i else {}

    def stop(self):
        if self.peer is not None:
            self.peer.close()
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
            try:
                self.process.wait(30)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()
                raise AssertionError('the daemon did not stop')


ROUTES = (('198.51.100.0/24', (65002,)), ('203.0.113.0/24', (65002, 65003)),
          ('192.0.2.0/24', (65002, 65004)))
A, B, C = '198.51.100.0/24', '203.0.113.0/24', '192.0.2.0/24'
N, V, I, U = 'not-found', 'valid', 'invalid', 'unknown'


def run_version(folder, version):
    """Data, then news by notify and serial query, in one version."""
    cache = Cache()
    world = World(folder, 'rtr 127.0.0.1 {\n\tdescr "raw"\n\tport %d\n}' %
                  cache.port)
    try:
        cache.accept()
        cache.expect(2, RESET)
        if version == 1:
            cache.send(pdu(1, ERROR, 4, struct.pack('!I', 8) + pdu(2, RESET)
                           + struct.pack('!I', 0)))
            cache.accept()
            cache.expect(1, RESET)
        # Version 0 answers in its own version at once.
        cache.serve(version, 7, 1, vrp(version, A, 24, 65002),
                    vrp(version, B, 24, 65002),
                    vrp(version, '2001:db8::/32', 48, 65002))
        world.announce(*ROUTES)
        world.wait_states({A: (V, U), B: (I, U), C: (N, U)})
        rows = {r['prefix']: r for r in world.json('show', 'rib', 'in')['rib']}
        assert rows[B].get('filtered'), rows[B]
        valid = world.json('show', 'rib', 'ovs', 'valid')['rib']
        assert [r['prefix'] for r in valid] == [A], valid
        assert valid[0]['localpref'] == 200, valid
        got = world.rtr()
        assert (got['state'], got['version'], got['session_id'],
                got['serial'], got['descr'], got['num_vrps']) == (
                    'established', version, 7, 1, 'raw', 3), got
        cache.send(pdu(version, NOTIFY, 7, struct.pack('!I', 2)))
        got = cache.expect(version, SERIAL)
        assert got[2:] == (7, struct.pack('!I', 1)), got
        cache.serve(version, 7, 2, vrp(version, A, 24, 65002, False),
                    vrp(version, B, 24, 65003),
                    vrp(version, C, 24, 65009))
        world.wait_states({A: (N, U), B: (V, U), C: (I, U)})
        # The same serial again: nothing is asked; another: it is.
        cache.send(pdu(version, NOTIFY, 7, struct.pack('!I', 2)),
                   pdu(version, NOTIFY, 7, struct.pack('!I', 3)))
        cache.expect(version, SERIAL)
        cache.send(pdu(version, CACHE_RESET))
        cache.expect(version, RESET)
        # What the new whole does not say is gone.
        cache.serve(version, 7, 9, vrp(version, C, 24, 65004))
        world.wait_states({A: (N, U), B: (N, U), C: (V, U)})
        text = world.ask('show', 'rtr')
        assert ('RTR neighbor is 127.0.0.1, port %d\n State: established\n '
                'Description: raw\n Version: %d min 0 Session ID: 7 Serial #:'
                ' 9\n' % (cache.port, version)) in text, text
        text = world.ask('show', 'sets')
        assert 'ROA    RPKI ROA' in text, text
        # Gone: it counts until it expires.
        cache.close()
        wait(lambda: world.rtr().get('state') != 'established', 'it is lost')
        world.wait_states({C: (V, U)})
    finally:
        world.stop()


def test_version_0(folder):
    run_version(folder, 0)


def test_version_1(folder):
    run_version(folder, 1)


def test_version_2(folder):
    run_version(folder, 2)


def test_min_version(folder):
    cache = Cache()
    world = World(folder, 'rtr 127.0.0.1 {\n\tport %d\n\tmin-version 1\n}' %
                  cache.port)
    try:
        cache.accept()
        cache.expect(2, RESET)
        cache.serve(0, 7, 1)
        got = cache.expect(2, ERROR)
        assert got[2] == 4, got
        wait(lambda: world.rtr().get('last_sent_error') ==
             'Unsupported Protocol Version', 'the error is shown')
    finally:
        world.stop()
        cache.close()


def test_aspa(folder):
    """Upstream, as the neighbor's provider; then deltas and bgpd.conf's."""
    cache = Cache()
    rtr = 'rtr 127.0.0.1 { port %d }\n' % cache.port
    conf = 'aspa-set { customer-as 65004 provider-as { 65009 } }\n'
    world = World(folder, rtr + conf)
    try:
        cache.accept()
        cache.expect(2, RESET)
        cache.serve(2, 7, 1, aspa(65003, [65002, 65007]))
        world.announce(*ROUTES)
        world.wait_states({A: (N, V), B: (N, V), C: (N, I)})
        rows = world.json('show', 'rib', 'avs', 'valid')['rib']
        assert [(r['prefix'], r['metric']) for r in rows] == [
            (A, 77), (B, 77)], rows
        # Another list replaces the one before; the file's is united with.
        cache.send(pdu(2, NOTIFY, 7, struct.pack('!I', 2)))
        cache.expect(2, SERIAL)
        cache.serve(2, 7, 2, aspa(65003, [65007]), aspa(65004, [65002]))
        world.wait_states({B: (N, I), C: (N, V)})
        world.write(rtr)
        world.ask('reload')
        world.wait_states({B: (N, I), C: (N, V)})
        cache.send(pdu(2, NOTIFY, 7, struct.pack('!I', 3)))
        cache.expect(2, SERIAL)
        cache.serve(2, 7, 3, aspa(65003, []), aspa(65004, []))
        world.wait_states({A: (N, U), B: (N, U), C: (N, U)})
    finally:
        world.stop()
        cache.close()


def test_several(folder):
    """A VRP counts while one of two caches has it."""
    one, two = Cache(), Cache()
    rtr = 'rtr 127.0.0.1 { port %d }\n'
    world = World(folder, rtr % one.port + rtr % two.port)
    try:
        for cache, records in ((one, [vrp(2, A, 24, 65002)]),
                               (two, [vrp(2, A, 24, 65002),
                                      vrp(2, B, 24, 65003)])):
            cache.accept()
            cache.expect(2, RESET)
            cache.serve(2, 7, 1, *records)
        world.announce(*ROUTES)
        world.wait_states({A: (V, U), B: (V, U)})
        one.send(pdu(2, NOTIFY, 7, struct.pack('!I', 2)))
        one.expect(2, SERIAL)
        one.serve(2, 7, 2, vrp(2, A, 24, 65002, False),
                  vrp(2, C, 24, 65004))
        world.wait_states({A: (V, U), B: (V, U), C: (V, U)})
        # Without the second in the file, its records go; one stays up.
        world.write(rtr % one.port)
        world.ask('reload')
        world.wait_states({A: (N, U), B: (N, U), C: (V, U)})
        assert world.rtr()['state'] == 'established'
        # A new RDE is told all again.
        rde = subprocess.run(['pgrep', '-P', str(world.process.pid), '-f',
                              'R rde'], capture_output=True, text=True)
        os.kill(int(rde.stdout.split()[0]), signal.SIGKILL)
        world.peer.end()
        world.peer = None
        world.announce(*ROUTES)
        world.wait_states({C: (V, U)})
    finally:
        world.stop()
        one.close()
        two.close()


def error(code, text=b'no'):
    return pdu(2, ERROR, code, struct.pack('!II', 0, len(text)) + text)


# What is sent in answer to the first query, and the code that comes back.
FAULTS = (
    ('a length below 8', pdu(2, RESPONSE, 7)[:7] + b'\x07', 0),
    ('a huge length', struct.pack('!BBHI', 2, V4, 0, 1 << 24), 0),
    ('data without response', vrp(2, A, 24, 65002), 0),
    ('a short prefix', pdu(2, RESPONSE, 7) + pdu(2, V4, 0, bytes(11)), 0),
    ('maximum below length', pdu(2, RESPONSE, 7) + vrp(2, A, 23, 1), 0),
    ('an unknown type', pdu(2, 99), 5),
    ('a query', pdu(2, RESET), 3),
    ('announced twice', pdu(2, RESPONSE, 7) + 2 * vrp(2, A, 24, 1), 7),
    ('an unknown one withdrawn',
     pdu(2, RESPONSE, 7) + vrp(2, A, 24, 1, False), 6),
    ('another version', pdu(2, RESPONSE, 7) + vrp(1, A, 24, 1), 8),
    ('a customer without providers', pdu(2, RESPONSE, 7) +
     pdu(2, ASPA, 256, struct.pack('!I', 65003)), 9),
    ('another session at the end', pdu(2, RESPONSE, 7) + end(2, 8, 1), 0),
)


def test_faults(folder):
    """Each is reported with its code; what was good before stays."""
    cache = Cache()
    world = World(folder, 'rtr 127.0.0.1 { port %d }' % cache.port)
    try:
        cache.accept()
        cache.expect(2, RESET)
        cache.serve(2, 7, 1, vrp(2, B, 24, 65003))
        world.announce(*ROUTES)
        world.wait_states({B: (V, U)})
        cache.send(pdu(2, NOTIFY, 9, struct.pack('!I', 1)))
        for name, data, code in FAULTS:
            cache.expect(2, RESET)
            cache.send(data)
            got = cache.expect(2, ERROR)
            assert got[2] == code, (name, got)
            try:
                cache.read()
                raise AssertionError('%s: more came' % name)
            except EOFError:
                pass
            cache.accept()
        assert world.states()[B] == (V, U)
        # Reports of the cache: one that ends nothing, and one that does.
        cache.expect(2, RESET)
        cache.send(error(2))
        cache.expect(2, RESET)
        cache.send(error(1, b'\xffout of \n order'))
        cache.accept()
        got = wait(lambda: world.rtr().get('last_recv_msg'), 'its report')
        assert 'out of' in got and '\n' not in got, got
        # Cut in the middle of PDUs, byte by byte; then it is whole.
        whole = (pdu(2, RESPONSE, 7) + vrp(2, A, 24, 65002) +
                 aspa(65003, [65002]) + end(2, 7, 5))
        for cut in (1, 7, 8, 9, 17, 27, 29, 41, len(whole) - 1):
            cache.expect(2, RESET)
            cache.send(whole[:cut])
            cache.sock.close()
            cache.accept()
        assert world.states()[B] == (V, U)
        cache.sock.settimeout(15)
        version = cache.read()[0]
        assert version == 2, version
        for i in range(len(whole)):
            cache.send(whole[i:i + 1])
        world.wait_states({A: (V, V), B: (N, V)})
    finally:
        world.stop()
        cache.close()


def test_md5(folder):
    cache = Cache('secret')
    rtr = 'rtr 127.0.0.1 {\n\tport %d\n\ttcp md5sig password "%s"\n}'
    world = World(folder, rtr % (cache.port, 'secret'))
    try:
        cache.accept()
        cache.expect(2, RESET)
        cache.serve(2, 7, 1, vrp(2, A, 24, 65002))
        wait(lambda: world.rtr().get('num_vrps') == 1, 'its VRP')
        # Another key: another connection, which cannot be made.
        world.write(rtr % (cache.port, 'wrong'))
        world.ask('reload')
        wait(lambda: world.rtr().get('num_vrps') == 0, 'it is forgotten')
        assert world.rtr()['state'] == 'negotiation'
    finally:
        world.stop()
        cache.close()


def test_many(folder):
    """100,000 VRPs; only what is under the changed one is looked at."""
    cache = Cache()
    world = World(folder, 'rtr 127.0.0.1 { port %d }' % cache.port)
    try:
        cache.accept()
        cache.expect(2, RESET)
        world.announce(*ROUTES)
        records = [vrp(2, '10.%d.%d.0/24' % (i >> 8 & 255, i & 255),
                       24 + (i >> 16), 65002) for i in range(100000)]
        cache.serve(2, 7, 1, vrp(2, A, 24, 65002), *records)
        wait(lambda: world.rtr().get('num_vrps') == 100001, 'all of them')
        world.wait_states({A: (V, U), C: (N, U)})
        sets = {s['name']: s for s in world.json('show', 'sets')['sets']}
        assert sets['RPKI ROA']['num_IPv4'] == 100001, sets
        cache.send(pdu(2, NOTIFY, 7, struct.pack('!I', 2)))
        cache.expect(2, SERIAL)
        cache.send(pdu(2, CACHE_RESET))
        cache.expect(2, RESET)
        cache.serve(2, 8, 2, vrp(2, C, 24, 65004))
        wait(lambda: world.rtr().get('num_vrps') == 1, 'the new ones')
        world.wait_states({A: (N, U), C: (V, U)})
    finally:
        world.stop()
        cache.close()


def test_events(folder):
    """bgpctl show events: the cache answers, and no longer does."""
    cache = Cache()
    world = World(folder, 'rtr 127.0.0.1 {\n\tport %d\n}' % cache.port)
    path = folder / 'events'
    out = open(path, 'w')
    listener = None

    def has(what):
        text = path.read_text()
        return [e for e in map(json.loads, text[:text.rfind('\n') + 1]
                               .splitlines()) if e['event'] == what]
    try:
        cache.accept()
        cache.expect(2, RESET)
        listener = subprocess.Popen([BIN + '/bgpctl', '-j', '-s', world.sock,
                                     'show', 'events'], stdout=out)
        # A reload is an event, so that it is known to listen.
        wait(lambda: world.ask('reload') and has('reload'), 'it listens', 30)
        cache.serve(2, 7, 1, vrp(2, A, 24, 65002))
        up = wait(lambda: has('rtr-up'), 'up', 30)
        assert up[0]['cache'] == '127.0.0.1 port %d' % cache.port, up
        cache.sock.close()
        down = wait(lambda: has('rtr-down'), 'down', 30)
        assert down[0]['reason'] == 'closed by the cache', down
        cache.sock = None
        cache.accept(30)
        cache.read()
        assert len(has('rtr-up')) == 1 and len(has('rtr-down')) == 1
    finally:
        if listener is not None:
            listener.send_signal(signal.SIGINT)
            listener.wait(20)
        out.close()
        cache.close()
        world.stop()


def test_stayrtr(folder):
    if shutil.which('stayrtr') is None:
        print('stayrtr is not there', flush=True)
        return
    port = free_port()
    vrps = folder / 'vrps.json'

    def write(*roas):
        vrps.write_text(json.dumps({
            'metadata': {'buildtime': '2026-01-01T00:00:00Z'},
            'roas': [{'prefix': p, 'maxLength': m, 'asn': a}
                     for p, m, a in roas]}))
    write((A, 24, 65002), (B, 24, 65002), ('2001:db8::/32', 48, 65002))
    log = open(folder / 'stayrtr.log', 'w')
    stay = subprocess.Popen(
        ['stayrtr', '-bind', '127.0.0.1:%d' % port, '-cache', str(vrps),
         '-checktime=false', '-metrics.addr', '', '-refresh', '1',
         '-rtr.refresh', '3600', '-rtr.retry', '2'],
        stdin=subprocess.DEVNULL, stdout=log, stderr=log)
    world = World(folder, 'rtr 127.0.0.1 { port %d }' % port)
    try:
        world.announce(*ROUTES)
        world.wait_states({A: (V, U), B: (I, U), C: (N, U)})
        print('stayrtr: version', world.rtr()['version'], flush=True)
        write((A, 24, 65002), (B, 24, 65003), (C, 24, 65009))
        world.wait_states({A: (V, U), B: (V, U), C: (I, U)})
        assert world.rtr()['num_vrps'] == 3
    finally:
        world.stop()
        stay.send_signal(signal.SIGTERM)
        try:
            stay.wait(30)
        except subprocess.TimeoutExpired:
            stay.kill()
            stay.wait()


def main():
    global BIN
    BIN = os.path.abspath(sys.argv[1])
    names = sys.argv[2:]
    failed = 0
    for name, test in sorted(globals().items()):
        if not name.startswith('test_') or (names and name[5:] not in names):
            continue
        with tempfile.TemporaryDirectory() as folder:
            path = pathlib.Path(folder)
            path.chmod(0o755)
            begin = time.monotonic()
            try:
                test(path)
                print('%s: good, %.1f s' % (name, time.monotonic() - begin),
                      flush=True)
            except Exception as e:  # noqa: B902 - told, and counted
                failed += 1
                print('%s: %s: %s' % (name, type(e).__name__, e))
                log = path / 'log'
                if log.exists():
                    print(log.read_text(errors='replace')[-3000:])
    sys.exit(failed != 0)


if __name__ == '__main__':
    main()
