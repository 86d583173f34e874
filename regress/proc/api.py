#!/usr/bin/env python3
# SPDX-License-Identifier: ISC
"""Programs and their commands: a daemon whose program is a relay to this
test, and raw BGP speakers as its neighbors.

usage: api.py BIN [--mode split|solo] [NAME...]
"""
import argparse
import json
import os
import pathlib
import random
import select
import shutil
import signal
import socket
import struct
import subprocess
import sys
import tempfile
import threading
import time

sys.path.insert(0, os.path.join(os.path.dirname(__file__), '..'))
from speaker import (KEEPALIVE, NOTIFICATION, OPEN, UPDATE, Speaker,  # noqa
                     as4, attribute, capability, free_port, message,
                     multiprotocol, open_body, prefix, update)

BIN = ''
MODE = 'split'

RELAY = '''#!/usr/bin/env python3
import os, socket, sys, threading
s = socket.socket(socket.AF_UNIX)
s.connect(sys.argv[1])
def commands():
    while True:
        data = s.recv(65536)
        if not data:
            os._exit(0)
        while data:
            data = data[os.write(1, data):]
threading.Thread(target=commands, daemon=True).start()
while True:
    data = os.read(0, 65536)
    if not data:
        os._exit(0)
    s.sendall(data)
'''


def wait(test, seconds, what):
    limit = time.monotonic() + seconds
    while True:
        value = test()
        if value:
            return value
        if time.monotonic() > limit:
            raise AssertionError('not within %s s: %s' % (seconds, what))
        time.sleep(0.02)


class Program:
    """The test's end of a relay."""

    def __init__(self, path):
        self.path = str(path)
        self.listener = socket.socket(socket.AF_UNIX)
        self.listener.bind(self.path)
        os.chmod(self.path, 0o777)
        self.listener.listen(4)
        self.sock, self.data = None, b''

    def accept(self, seconds=30):
        self.listener.settimeout(seconds)
        if self.sock:
            self.sock.close()
        self.sock, _ = self.listener.accept()
        self.data = b''

    def say(self, *lines):
        self.sock.sendall(''.join(line + '\n' for line in lines).encode())

    def send(self, data):
        self.sock.sendall(data)

    def more(self, limit):
        left = limit - time.monotonic()
        if left <= 0 or not select.select([self.sock], [], [], left)[0]:
            raise AssertionError('nothing more, after %r' %
                                 self.data[-300:])
        piece = self.sock.recv(1 << 18)
        if not piece:
            raise AssertionError('the program ended')
        self.data += piece

    def line(self, seconds=30):
        limit = time.monotonic() + seconds
        while b'\n' not in self.data:
            self.more(limit)
        line, _, self.data = self.data.partition(b'\n')
        return line.decode(errors='replace')

    def answer(self, seconds=30):
        """Lines up to and with done or error."""
        lines = [self.line(seconds)]
        while lines[-1] not in ('done', 'error'):
            lines.append(self.line(seconds))
        return lines

    def ask(self, *lines, seconds=30):
        self.say(*lines)
        return self.answer(seconds)

    def is_quiet(self, seconds):
        return not self.data and not select.select(
            [self.sock], [], [], seconds)[0]

    def close(self):
        self.listener.close()
        if self.sock:
            self.sock.close()


NEIGHBOR = '''neighbor %(remote)s {
	router-id 192.0.2.1;
	local-address 127.0.0.1;
	local-as 65001;
	peer-as 65002;
	hold-time 30;
	passive true;
	listen %(port)d;
	family { ipv4 unicast; ipv4 flow; }
	api { processes [ p ]; %(api)s }
%(extra)s}
'''


class World:
    """An exabgp with a relay for its program."""

    def __init__(self, folder, version=6, api='', process='encoder text;',
                 neighbors=('127.0.0.2',), extra='', env=None, fifo=False):
        self.folder, self.port = folder, free_port()
        folder.chmod(0o777)
        (folder / 'relay').write_text(RELAY)
        (folder / 'relay').chmod(0o755)
        self.program = Program(folder / 'relay.sock')
        self.process = process
        self.api, self.extra = api, extra
        self.write(neighbors)
        if fifo:
            pipe = folder / 'run' / 'exabgp' / 'exabgp'
            pipe.parent.mkdir(parents=True)
            os.mkfifo(str(pipe) + '.in', 0o600)
            os.mkfifo(str(pipe) + '.out', 0o600)
            env = {'exabgp_api_cli': 'true', 'exabgp_api_pipename':
                   str(pipe), 'exabgp_api_socketpath':
                   str(folder / 'cli.sock')}
        self.log = open(folder / 'log', 'w+')
        self.daemon = subprocess.Popen(
            [BIN + '/exabgp'] + (['-S'] if MODE == 'solo' else []) +
            [str(folder / 'conf')], stdin=subprocess.DEVNULL,
            stdout=self.log, stderr=self.log, cwd=folder, env={
                **os.environ, 'exabgp_tcp_bind': '',
                'exabgp_api_cli': 'false', 'exabgp_daemon_user': 'nobody',
                'exabgp_api_version': str(version),
                'exabgp_tcp_port': str(self.port), **(env or {})})
        self.speakers = []
        self.program.accept()

    def write(self, neighbors):
        text = 'process p {\n\trun %s %s;\n\t%s\n}\n' % (
            self.folder / 'relay', self.program.path, self.process)
        for remote in neighbors:
            text += NEIGHBOR % {'remote': remote, 'port': self.port,
                                'api': self.api, 'extra': self.extra}
        (self.folder / 'conf').write_text(text)

    def said(self, text):
        return (self.folder / 'log').read_text(errors='replace').count(text)

    def peer(self, local='127.0.0.2', asn=65002, **options):
        s = Speaker(local, '127.0.0.1', self.port)
        options.setdefault('params', multiprotocol(1, 1) +
                           multiprotocol(1, 133) + as4(asn))
        s.establish(asn, **options)
        self.speakers.append(s)
        return s

    def stop(self):
        for s in self.speakers:
            s.sock.close()
        if self.daemon.poll() is None:
            self.daemon.send_signal(signal.SIGTERM)
            try:
                self.daemon.wait(30)
            except subprocess.TimeoutExpired:
                self.daemon.kill()
                self.daemon.wait()
                raise AssertionError('the daemon did not stop')
        self.program.close()
        assert self.daemon.returncode == 0, self.daemon.returncode
        assert not self.said('AddressSanitizer') and \
            not self.said('runtime error'), 'a sanitizer spoke'


def routes(body):
    """(announced, withdrawn) IPv4 prefixes of an UPDATE's body."""
    def run(data):
        found = []
        while data:
            n = (data[0] + 7) // 8
            found.append('%s/%d' % (socket.inet_ntoa(
                data[1:1 + n].ljust(4, b'\0')), data[0]))
            data = data[1 + n:]
        return found
    n = struct.unpack('!H', body[:2])[0]
    m = struct.unpack('!H', body[2 + n:4 + n])[0]
    return run(body[4 + n + m:]), run(body[2:2 + n])


def hear(speaker, n, seconds=30):
    """UPDATEs until n routes were announced or withdrawn; a list of both."""
    up, down = [], []
    while len(up) + len(down) < n:
        a, w = routes(speaker.expect(UPDATE, seconds))
        up += a
        down += w
    return up, down


def group(w):
    """group start ... end and inline: kept, carried out, counted."""
    p, s = w.program, w.peer()
    assert p.ask('announce route 10.9.5.0/24 next-hop 192.0.2.1') == ['done']
    assert hear(s, 1)[0] == ['10.9.5.0/24']
    assert p.ask('group start') == ['{"status": "group started"}', 'done']
    assert p.ask('group start')[-1] == 'error'
    lines = ['announce route 10.0.%d.0/24 next-hop 192.0.2.1' % i
             for i in range(100)]
    for line in lines:
        assert p.ask(line) == ['done'], line
    assert p.ask('peer 127.0.0.9 announce route 10.9.0.0/24 next-hop self'
                 )[-1] == 'error'
    assert p.ask('peer * withdraw route 10.9.5.0/24') == ['done']
    assert p.ask('announce route 10.0.0.0/33 next-hop self') == ['done']
    assert p.ask('system version')[-1] == 'done'
    p.say('group end')
    text, done = p.answer()
    told = json.loads(text)
    assert done == 'done' and told['status'] == 'group processed', text
    assert (told['announced'], told['withdrawn']) == (100, 1), text
    assert len(told['errors']) == 1, text
    up, down = hear(s, 101)
    assert len(up) == 100 and down == ['10.9.5.0/24'], (len(up), down)
    assert p.ask('group end')[-1] == 'error'
    assert p.ask('group start')[-1] == 'done'
    assert p.ask('group end')[0].startswith('{"status": "group ended"')
    p.say('api version 4')
    p.answer()
    got = p.ask('peer 127.0.0.2 group announce route 10.1.0.0/24 next-hop '
                '192.0.2.1 ; announce flow route { match { destination '
                '10.7.0.0/24; } then { discard; } } ; withdraw route '
                '10.0.6.0/24 ; nonsense')
    assert got == ['group processed: 2 announced, 1 withdrawn, 1 errors',
                   'done'], got
    got = p.ask('group attributes med 7 ; announce route 10.2.0.0/24 '
                'next-hop 192.0.2.1')
    assert got == ['group processed: 1 announced, 0 withdrawn', 'done'], got
    while True:
        body = s.expect(UPDATE)
        if '10.2.0.0/24' in routes(body)[0]:
            break
    assert bytes.fromhex('80040400000007') in body, body.hex()
    assert p.ask('group ;')[-1] == 'error'


def group_limit(w):
    """100,000 lines are kept, no more; all of them arrive."""
    p, s = w.program, w.peer()
    p.say('silence-ack', 'group start')
    p.say(*('announce route 11.%d.%d.%d/32 next-hop 192.0.2.1' %
            (i >> 16, i >> 8 & 255, i & 255) for i in range(100000)))
    p.say('enable-ack')
    # The line that says "group started" comes first.
    assert p.answer(30)[-1] == 'done'
    assert p.ask('announce route 12.0.0.0/8 next-hop self')[0].startswith(
        'error: the group is too large')
    got = p.ask('group end', seconds=30)
    assert json.loads(got[0])['announced'] == 100000, got
    up, _ = hear(s, 100000, 30)
    assert len(up) == 100000


def sync(w):
    """done when it is in the socket: a neighbor that does not read."""
    p, s = w.program, w.peer()
    assert p.ask('announce route 10.0.0.0/24 next-hop self sync') == ['done']
    # It is in the socket by then.
    assert hear(s, 1, 0.5)[0] == ['10.0.0.0/24']
    assert p.ask('session sync enable') == ['done']
    assert p.ask('withdraw route 10.0.0.0/24') == ['done']
    assert hear(s, 1, 0.5)[1] == ['10.0.0.0/24']
    p.say('session ack silence')
    p.say(*('announce route 20.%d.%d.%d/32 next-hop 192.0.2.1 med %d async' %
            (i >> 16, i >> 8 & 255, i & 255, i) for i in range(200000)))
    # The socket's buffers hold a part of these 10 MB at the most.
    p.say('session ack enable', 'announce route 10.1.0.0/24 next-hop self')
    assert p.line(20) == 'done'          # of enable
    assert p.is_quiet(1.5), 'sync was answered too early'
    up, _ = hear(s, 200001, 30)
    assert '10.1.0.0/24' in up
    assert p.line() == 'done'
    assert p.ask('session sync disable') == ['done']
    # A neighbor that goes is waited for no longer.
    p.say('session ack silence')
    p.say(*('announce route 21.%d.%d.%d/32 next-hop 192.0.2.1 med %d' %
            (i >> 16, i >> 8 & 255, i & 255, i) for i in range(200000)))
    p.say('session ack enable', 'announce route 10.2.0.0/24 next-hop self '
          'sync')
    assert p.line(20) == 'done'
    assert p.is_quiet(1)
    s.sock.close()
    assert p.line() == 'done'


def by_index(w):
    """routes add, list and remove."""
    p, s = w.program, w.peer()
    added = json.loads(p.ask('peer * routes add 10.0.0.0/24 next-hop '
                             '192.0.2.9 med 5')[0])
    assert added['success'] is True and '10.0.0.0/24' in added['route']
    flow = json.loads(p.ask('peer * routes add flow route destination '
                            '10.5.0.0/24 discard')[0])
    p.say('peer 127.0.0.2 routes list')
    listed = {r['index']: r for r in map(json.loads, p.answer()[:-1])}
    assert set(listed) == {added['index'], flow['index']}, listed
    assert listed[added['index']]['route'] == added['route'], (listed, added)
    p.say('peer * routes ipv4 flow list')
    listed = [json.loads(r)['index'] for r in p.answer()[:-1]]
    assert listed == [flow['index']], listed
    assert hear(s, 1)[0] == ['10.0.0.0/24']
    got = json.loads(p.ask('peer * routes remove index ' + added['index'])[0])
    assert got['removed'] is True, got
    while '10.0.0.0/24' not in routes(s.expect(UPDATE))[1]:
        pass
    got = json.loads(p.ask('peer * routes remove index ' + added['index'])[0])
    assert got['removed'] is False, got
    got = json.loads(p.ask('peer * routes remove route 10.77.0.0/24')[0])
    assert got['removed'] is False, got
    for bad in ('index xyz', 'index 00', 'index 000101', 'index', '',
                'index 00010100' + '21' + '00' * 5):
        assert p.ask('peer * routes remove ' + bad)[-1] == 'error', bad
    assert p.ask('peer * routes nonsense')[-1] == 'error'
    assert p.ask('peer 127.0.0.9 routes list')[-1] == 'error'


def dynamic(w):
    """Peers made and deleted by a program; a reload forgets them."""
    p = w.program
    old = w.peer()
    words = 'local-address 127.0.0.1 local-as 65001 peer-as 65003'
    for bad in ('', 'x', '127.0.0.3', '127.0.0.3 peer-as 65003',
                '127.0.0.3 %s nonsense 1' % words, '127.0.0.3 %s api' % words,
                '127.0.0.3 %s api nobody' % words,
                '127.0.0.3 %s local-as 1' % words,
                '127.0.0.3 %s family-allowed ipv4-x' % words,
                '::1 %s' % words, '127.0.0.2 %s' % words,
                '127.0.0.3 local-ip 127.0.0.1 local-as 0 peer-as 1',
                '127.0.0.3 local-ip 127.0.0.1 local-as -1 peer-as 1'):
        assert p.ask('create neighbor ' + bad)[-1] == 'error', bad
    p.say('create neighbor 127.0.0.3 %s family-allowed ipv4-unicast/'
          'ipv4-flow api p' % words,
          'peer 127.0.0.3 announce route 10.3.0.0/24 next-hop self', 'peer list')
    assert p.answer() == ['done'] and p.answer() == ['done']
    assert p.answer() == ['"127.0.0.2"', '"127.0.0.3"', 'done']
    assert p.ask('peer create 127.0.0.3 ' + words)[-1] == 'error'
    s = w.peer('127.0.0.3', 65003, router_id='192.0.2.3')
    for text in ('connected', 'up'):
        assert p.line() == 'neighbor 127.0.0.3 ' + text
    assert hear(s, 1)[0] == ['10.3.0.0/24']
    assert p.ask('peer * announce route 10.4.0.0/24 next-hop self'
                 )[-1] == 'done'
    assert hear(s, 1)[0] == hear(old, 1)[0] == ['10.4.0.0/24']
    assert p.ask('delete neighbor 127.0.0.9')[-1] == 'error'
    assert p.ask('delete neighbor 127.0.0.3')[-1] == 'done'
    assert s.expect(NOTIFICATION)[:1] == b'\x06'
    assert p.ask('peer list') == ['"127.0.0.2"', 'done']
    assert p.ask('peer 127.0.0.3 announce route 10.5.0.0/24 next-hop self'
                 )[-1] == 'error'
    # Hundreds at once.
    p.say(*('peer create 127.1.%d.%d %s' % (i >> 8, i & 255, words)
            for i in range(300)))
    for _ in range(300):
        assert p.answer() == ['done']
    assert len(p.ask('peer list')) == 302
    p.say('daemon reload')
    assert p.answer()[-1] == 'done'
    wait(lambda: p.ask('peer list') == ['"127.0.0.2"', 'done'], 5, 'a reload')
    # The session of the one that stayed was never touched.
    assert p.ask('announce route 10.6.0.0/24 next-hop self') == ['done']
    assert hear(old, 1)[0] == ['10.6.0.0/24']


def from_nothing(w):
    """No neighbors in the file: a program makes its own, and runs on."""
    p = w.program
    words = 'local-address 127.0.0.1 local-as 65001 peer-as 65002'
    assert p.ask('announce route 10.0.0.0/24 next-hop self')[-1] == 'error'
    assert p.ask('peer create 127.0.0.2 ' + words) == ['done']
    s = w.peer()
    assert p.ask('announce route 10.0.0.0/24 next-hop self') == ['done']
    assert hear(s, 1)[0] == ['10.0.0.0/24']
    assert p.ask('peer delete *') == ['done']
    assert p.ask('peer list') == ['done']
    assert w.said('started, pid') == 1


def ranges(w):
    """A program reaches and hears the neighbors of a range."""
    p = w.program
    assert p.ask('announce route 10.0.0.0/24 next-hop self') == ['done']
    s = w.peer('127.0.0.77')
    for text in ('connected', 'up'):
        assert p.line() == 'neighbor 127.0.0.77 ' + text
    assert hear(s, 1)[0] == ['10.0.0.0/24'], 'told before it came'
    assert p.ask('neighbor 127.0.0.77 announce route 10.1.0.0/24 next-hop '
                 'self') == ['done']
    assert hear(s, 1)[0] == ['10.1.0.0/24']
    assert p.ask('peer * announce route 10.2.0.0/24 next-hop self') == [
        'done']
    assert hear(s, 1)[0] == ['10.2.0.0/24']
    assert p.ask('peer list') == ['"127.0.0.64/26"', '"127.0.0.77"', 'done']
    s.send(update(attribute(0x40, 1, b'\0') + attribute(
        0x40, 2, b'\x02\x01' + struct.pack('!I', 65002)) + attribute(
        0x40, 3, socket.inet_aton('127.0.0.77')), prefix('10.9.0.0/16')))
    heard = [p.line() for _ in range(3)]
    assert heard[1].startswith(
        'neighbor 127.0.0.77 receive update announced 10.9.0.0/16'), heard
    # The RDE may have it a moment later.
    wait(lambda: '10.9.0.0/16' in p.ask('rib show in')[0], 5, 'the route')
    second = w.peer('127.0.0.78', router_id='192.0.2.78')
    up = sorted(hear(second, 2)[0])
    assert up == ['10.0.0.0/24', '10.2.0.0/24'], up
    for text in ('connected', 'up'):
        assert p.line() == 'neighbor 127.0.0.78 ' + text
    s.sock.close()
    assert p.line().startswith('neighbor 127.0.0.77 down')
    wait(lambda: p.ask('peer list') == [
        '"127.0.0.64/26"', '"127.0.0.78"', 'done'], 5, 'its end')
    assert p.ask('neighbor 127.0.0.77 announce route 10.1.0.0/24 next-hop '
                 'self')[-1] == 'error'


def incoming(prefixes, med, withdrawn=(), padding=0):
    """An UPDATE of AS 65002, with an unknown attribute of that length."""
    if withdrawn:
        return update(b'', b'', b''.join(map(prefix, withdrawn)))
    return update(
        attribute(0x40, 1, b'\0') + attribute(0x40, 2, b'\x02\x01' +
                                              struct.pack('!I', 65002)) +
        attribute(0x40, 3, socket.inet_aton('127.0.0.2')) +
        attribute(0x80, 4, struct.pack('!I', med)) +
        (attribute(0xc0, 200, b'x' * padding) if padding else b''),
        b''.join(map(prefix, prefixes)))


def filler(n):
    for i in range(n):
        yield '60.%d.%d.0/24' % (i >> 8, i & 255)


def queue(p):
    """queue-status, whatever events come before it."""
    p.say('system queue-status')
    while True:
        line = p.line()
        if line.startswith('{"queue"'):
            assert p.line() == 'done'
            return json.loads(line)


def told(p, seconds=20):
    """What a program is told until it hears of 99.0.0.0/8: the events, and
    the last word on each prefix."""
    last, events = {}, []
    while '99.0.0.0/8' not in last:
        line = p.line(seconds)
        if not line.startswith('{') or '"update"' not in line:
            continue
        message = json.loads(line)['neighbor']['message']['update']
        med = message.get('attribute', {}).get('med')
        for group in message.get('announce', {}).values():
            for nlris in group.values():
                for n in nlris:
                    events.append((n['nlri'], med))
                    last[n['nlri']] = med
        for nlris in message.get('withdraw', {}).values():
            for n in nlris:
                events.append((n['nlri'], None))
                last[n['nlri']] = None
    return events, last


def keep_busy(s, p, until):
    """UPDATEs of one route each until the daemon's queue is that long."""
    sent = []
    for name in filler(65536):
        sent.append(name)
        s.send(incoming([name], 1))
        if len(sent) % 500 == 0:
            s.send(message(KEEPALIVE))
        if len(sent) == until:
            break
    return sent


def latest(w):
    """A program that sleeps is told state, not history."""
    p, s, other = w.program, w.peer(), w.peer('127.0.0.3',
                                              router_id='192.0.2.3')
    sent = keep_busy(s, p, 20000)       # 10 MB of JSON
    for i in range(10):
        for k in range(200):
            s.send(incoming(['70.0.%d.0/24' % k], 100 + i))
        s.send(incoming((), 0, ['71.0.0.0/16']))
        s.send(incoming(['71.0.0.0/16'], 200 + i))
        s.send(incoming(['72.0.0.0/16'], 300 + i))
        s.send(incoming((), 0, ['72.0.0.0/16']))
    other.send(incoming(['80.0.0.0/16'], 5))
    time.sleep(0.5)     # let it all arrive: the program sleeps as long
    other.sock.close()
    s.send(incoming(['99.0.0.0/8'], 9))
    events, last = told(p)
    assert all(last.get(name) == 1 for name in sent), 'filler is lost'
    for k in range(200):
        seen = [e for e in events if e[0] == '70.0.%d.0/24' % k]
        assert seen == [('70.0.%d.0/24' % k, 109)], seen
    assert [e for e in events if e[0] == '71.0.0.0/16'] == [
        ('71.0.0.0/16', 209)]
    assert [e for e in events if e[0] == '72.0.0.0/16'] == [
        ('72.0.0.0/16', None)]
    assert last.get('80.0.0.0/16') is None
    state = queue(p)
    assert state['dropped'] == 0 and state['coalesced'] >= 1800, state
    assert state['latest'] == 0, state
    # It is up to date again, and hears things as they come.
    s.send(incoming(['70.0.0.0/24'], 1))
    s.send(incoming(['70.0.0.0/24'], 2))
    s.send(incoming(['99.0.0.0/8'], 10))
    assert told(p)[0] == [('70.0.0.0/24', 1), ('70.0.0.0/24', 2),
                          ('99.0.0.0/8', 10)]


class Sender(threading.Thread):
    """Sends UPDATEs as fast as it can, then KEEPALIVEs."""

    def __init__(self, speaker, names):
        super().__init__(daemon=True)
        self.speaker, self.names = speaker, names
        self.n_sent = 0
        self.is_over = threading.Event()
        self.start()

    def run(self):
        try:
            for name in self.names:
                self.speaker.send(incoming([name], 1, padding=1000))
                self.n_sent += 1
            while not self.is_over.wait(0.3):
                self.speaker.send(message(KEEPALIVE))
        except OSError:
            pass


def throttle(w):
    """Only the neighbor that the program listens to is slowed, for no longer
    than its hold time; nothing is lost, and no session."""
    p, s = w.program, w.peer(hold=3)
    other = w.peer('127.0.0.3', router_id='192.0.2.3')
    s.sock.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 65536)
    names = list(filler(20000))     # 20 MB, and 50 MB of JSON
    sender = Sender(s, names)
    wait(lambda: sender.n_sent > 1000, 5, 'a beginning')

    def is_stuck():
        before = sender.n_sent
        time.sleep(0.2)
        return before == sender.n_sent < len(names)
    wait(is_stuck, 10, 'it was not slowed')
    stuck_at = sender.n_sent
    # The other one goes on.
    p.say('peer 127.0.0.3 announce route 10.0.0.0/24 next-hop self')
    assert hear(other, 1)[0] == ['10.0.0.0/24']
    wait(lambda: sender.n_sent > stuck_at, 5, 'read on in the hold time')
    seen = set()
    while len(seen) < len(names):
        line = p.line(20)
        if '"60.' in line:
            told_ = json.loads(line)['neighbor']['message']['update']
            for group_ in told_['announce'].values():
                for nlris in group_.values():
                    seen.update(n['nlri'] for n in nlris)
    assert queue(p)['dropped'] == 0
    sender.is_over.set()
    assert not w.said('session down')


def resync(w):
    """A dump to a program that does not read loses nothing, and harms
    nobody: that is how one asks for the present state."""
    p, s = w.program, w.peer()
    n = 100000
    names = ['60.%d.%d.%d/32' % (i >> 16, i >> 8 & 255, i & 255)
             for i in range(n)]
    for i in range(0, n, 500):
        s.send(incoming(names[i:i + 500], i))
    wait(lambda: len(p.ask('peer 127.0.0.2 rib show in ipv4')) - 1 == n, 20,
         'all routes')
    p.say('rib show in')
    time.sleep(1)       # its queue fills up meanwhile
    p.say('system queue-status')
    answer = p.answer(20)
    assert len(answer) == n + 1, len(answer)
    state = json.loads(p.answer()[0])
    assert state['dropped'] == 0, state
    assert p.ask('rib show in flow') == ['done']


def pack(v):
    """MessagePack; bytes are bin, text is str."""
    if isinstance(v, bool):
        return b'\xc3' if v else b'\xc2'
    if isinstance(v, int):
        return struct.pack('!Bq', 0xd3, v)
    if isinstance(v, str):
        return struct.pack('!BI', 0xdb, len(v.encode())) + v.encode()
    if isinstance(v, bytes):
        return struct.pack('!BI', 0xc6, len(v)) + v
    if isinstance(v, dict):
        return struct.pack('!BI', 0xdf, len(v)) + b''.join(
            pack(k) + pack(x) for k, x in v.items())
    return struct.pack('!BI', 0xdd, len(v)) + b''.join(map(pack, v))


def unpack(d, i):
    """The answers' kinds of value: (value, next index)."""
    b = d[i]
    if b < 0x80:
        return b, i + 1
    if 0xa0 <= b <= 0xbf:
        n, i = b & 0x1f, i + 1
    elif b in (0xd9, 0xda, 0xdb):
        size = 1 << (b - 0xd9)
        n, i = int.from_bytes(d[i + 1:i + 1 + size], 'big'), i + 1 + size
    elif b in (0xdd, 0xdf):
        n, i = struct.unpack_from('!I', d, i + 1)[0], i + 5
        if len(d) < i + n:
            raise IndexError
        items = []
        for _ in range(n if b == 0xdd else 2 * n):
            v, i = unpack(d, i)
            items.append(v)
        return (items if b == 0xdd else
                dict(zip(items[::2], items[1::2]))), i
    else:
        raise ValueError('%x' % b)
    if len(d) < i + n:
        raise IndexError
    return d[i:i + n].decode(), i + n


def answer(p, seconds=30):
    """The next answer in MessagePack: its data, and the last map."""
    data, limit = [], time.monotonic() + seconds
    while True:
        try:
            v, n = unpack(p.data, 0)
        except (IndexError, struct.error):
            p.more(limit)
            continue
        p.data = p.data[n:]
        if 'answer' in v:
            return data, v
        data.append(v['data'])


def packed(w):
    """Commands as text, words, maps and bytes; hostile ones."""
    p, s = w.program, w.peer()

    def ask(*values):
        p.send(b''.join(map(pack, values)))
        return answer(p)
    done = {'answer': 'done'}
    assert ask('announce route 10.0.0.0/24 next-hop self')[1] == done
    assert ask(['peer', '*', 'announce', 'route', '10.1.0.0/24', 'next-hop',
                '192.0.2.1', 'med', 5, 'community', ['65000:1', '65000:2']]
               )[1] == done
    assert ask({'announce': 'route 10.2.0.0/24 next-hop self', 'peer':
                ['127.0.0.2'], 'sync': True})[1] == done
    assert ask({'command': ['system', 'version']})[0][0].startswith('{"ver')
    assert sorted(hear(s, 3)[0]) == ['10.0.0.0/24', '10.1.0.0/24',
                                     '10.2.0.0/24']
    run = b''.join(prefix('10.3.%d.0/24' % i) for i in range(250))
    assert ask({'announce': {'family': 'ipv4 unicast', 'nlri': run,
                             'attributes': 'next-hop 192.0.2.1 med 9'}}
               )[1] == done
    up, _ = hear(s, 250)
    assert len(up) == 250
    assert ask({'withdraw': {'family': 'ipv4 unicast', 'nlri': [
        '10.3.0.0/24', '10.3.1.0/24']}})[1] == done
    assert sorted(hear(s, 2)[1]) == ['10.3.0.0/24', '10.3.1.0/24']
    p.say('system version')             # lines still work
    assert p.answer()[-1] == 'done'

    good = {'announce': {'family': 'ipv4 unicast', 'nlri': run,
                         'attributes': 'next-hop self'}}
    for key, bad in (('family', 'ipv9 unicast'), ('family', 3),
                     ('nlri', run[:-1]), ('nlri', ['10.0.0.0/33']),
                     ('nlri', ['::/0']), ('nlri', 7), ('attributes', 7),
                     ('attributes', 'nonsense'), ('attributes', 'med 5'),
                     ('attributes', 'next-hop self nlri 10.0.0.0/24'),
                     ('other', 1)):
        value = {'announce': dict(good['announce'], **{key: bad})}
        got = ask(value)
        assert got[1]['answer'] == 'error', (key, bad, got)
        assert got[1]['message']
    deep = [0]
    for _ in range(20):
        deep = [deep]
    hostile = [
        b'\xdd\xff\xff\xff\xff', b'\xdf\xff\xff\xff\xff',
        b'\xdb\xff\xff\xff\xff', b'\xc6\xff\xff\xff\xff',
        b'\x91' * 10000 + b'\x01', b'\xc1', b'\xd4', pack(deep),
        b'\x91\xdd\xff\xff\xff\xff', pack('a\nb'), pack([{}]), pack({}),
        pack({'announce': 'x', 'withdraw': 'y'}), pack({'command': {}}),
        pack({'command': 'system version', 'sync': 1}), pack([[[1]]]),
        pack({'peer': [], 'command': 'system version'}), b'\xca', b'\xff',
        pack({'x': 1}), pack(-5), b'\xc0', pack({5: 'x'}),
    ]
    hostile[17] = pack({'peer': 5, 'command': 'x'})     # not b'\xca'
    for i, bad in enumerate(hostile):
        before = '10.4.%d.0/24' % i
        p.send(pack('announce route %s next-hop self' % before) + bad +
               pack('announce route 10.5.%d.0/24 next-hop self' % i))
        assert answer(p)[1] == done, (i, 'before')
        got = answer(p)[1]
        assert got['answer'] == 'error' and got['message'], (i, got)
        got = answer(p)[1]
        while got != done:              # what followed a head that lied
            assert got['answer'] == 'error', (i, got)
            got = answer(p)[1]
    assert len(hear(s, 2 * len(hostile))[0]) == 2 * len(hostile)


def packed_fast(w):
    """A million routes by their bytes."""
    p, s = w.program, w.peer()
    data = []
    for i in range(0, 1000000, 1000):
        run = b''.join(b'\x20' + struct.pack('!I', 0x20000000 + k)
                       for k in range(i, i + 1000))
        data.append(pack({'announce': {
            'family': 'ipv4 unicast', 'nlri': run,
            'attributes': 'next-hop 192.0.2.1 med %d' % (i // 10000)}}))
    n, limit = 0, time.monotonic() + 60
    start = time.monotonic()
    sender = threading.Thread(target=p.send, args=(b''.join(data),),
                              daemon=True)
    sender.start()
    for _ in data:
        assert answer(p, 30)[1] == {'answer': 'done'}
    taken = time.monotonic() - start
    while n < 1000000 and time.monotonic() < limit:
        body = s.expect(UPDATE)
        skip = struct.unpack('!H', body[:2])[0]
        skip = 4 + skip + struct.unpack('!H', body[2 + skip:4 + skip])[0]
        n += (len(body) - skip) // 5
    whole = time.monotonic() - start
    assert n == 1000000, n
    print('  1,000,000 routes taken in %.2f s, at the peer after %.2f s' %
          (taken, whole))


def cli(w):
    """exabgp cli, by its socket and by FIFOs; shortcuts; several at once."""
    p, s = w.program, w.peer()

    def run(*args, stdin=None, by='socket', where='cli.sock'):
        return subprocess.run(
            [BIN + '/exabgp', 'cli', '--' + by, str(w.folder / where)] +
            list(args), input=stdin, text=True, capture_output=True,
            timeout=20, stdin=None if stdin is not None else
            subprocess.DEVNULL)
    for by, where in (('socket', 'cli.sock'), ('pipe', 'run/exabgp/exabgp')):
        def ask(*args, **more):
            return run(*args, by=by, where=where, **more)
        got = ask('s', 'n', 'summary')
        assert got.returncode == 0 and '127.0.0.2' in got.stdout, got
        assert got.stderr == 'command: show neighbor summary\n', got
        got = ask('a', 'r', '10.0.0.0/24', 'next-hop', 'self')
        assert got.returncode == 0, got
        assert hear(s, 1)[0] == ['10.0.0.0/24']
        got = ask('n', '127.0.0.2', 'w', 'r', '10.0.0.0/24')
        assert got.returncode == 0 and got.stderr == \
            'command: neighbor 127.0.0.2 withdraw route 10.0.0.0/24\n', got
        assert hear(s, 1)[1] == ['10.0.0.0/24']
        got = ask('announce', 'route', '10.0.0.0/33', 'next-hop', 'self')
        assert got.returncode == 1, got
        # Nothing is made of what could be reload, restart or reset.
        got = ask('re')
        assert got.returncode == 1 and 'command:' not in got.stderr, got
        for words in (('ping', 'xyz'), ('status',), ('queue-status',),
                      ('help',), ('session', 'bye'), ('version',)):
            got = ask(*words)
            assert got.returncode == 0, got
        got = ask(stdin='peer list\nnonsense\nversion\nexit\n')
        assert got.returncode == 1 and '127.0.0.2' in got.stdout and \
            'exabgp' in got.stdout, got
    # One that hangs, one that only half closes, many, and too many.
    def connect():
        c = socket.socket(socket.AF_UNIX)
        c.settimeout(30)
        c.connect(str(w.folder / 'cli.sock'))
        return c

    def until_done(c):
        data = b''
        while not data.endswith(b'done\n'):
            piece = c.recv(4096)
            assert piece, data
            data += piece
        return data
    c = connect()
    c.sendall(b'rib show out\npeer list\nsystem version')
    c.shutdown(socket.SHUT_WR)
    data = b''
    while True:
        piece = c.recv(65536)
        if not piece:
            break
        data += piece
    assert data.count(b'done') == 2, data
    many = [connect() for _ in range(16)]
    for c in many:
        c.sendall(b'ping\n')
        until_done(c)
    c = connect()
    assert until_done(c) == \
        b'error: another CLI client is already connected\ndone\n'
    for c in many:
        c.close()
    wait(lambda: run('ping').returncode == 0, 5, 'room again')
    got = run('ping', where='nothing')
    assert got.returncode == 1 and got.stderr, got
    assert p.ask('peer list')[-1] == 'done'


GOOD = '''announce route 10.0.0.0/24 next-hop 192.0.2.1 med 5 community [65000:1]
withdraw route 10.0.0.0/24
announce ipv4 unicast 10.1.0.0/24 next-hop self as-path [ 65001 65002 ]
announce flow route { match { destination 10.2.0.0/24; } then { discard; } }
announce flow route destination 10.2.0.0/24 protocol =udp rate-limit 9600
announce attributes next-hop self med 7 nlri 10.3.0.0/24 10.4.0.0/24
neighbor 127.0.0.2 announce route 10.5.0.0/24 next-hop self
peer [ 127.0.0.2, 127.0.0.3 ] announce eor ipv4 unicast
peer * group announce route 10.6.0.0/24 next-hop self ; withdraw route 10.6.0.0/24
group start
group end
peer 127.0.0.2 routes add 10.7.0.0/24 next-hop self
peer 127.0.0.2 routes list
peer 127.0.0.2 routes remove index 0001010018 0a0700
peer create 127.0.0.9 local-address 127.0.0.1 local-as 65001 peer-as 65009
delete neighbor 127.0.0.9
announce route-refresh ipv4 unicast
announce operational asm afi ipv4 safi unicast advisory "hello"
announce watchdog dog
withdraw watchdog dog
rib show in ipv4
rib show out extensive
show neighbor summary
show adj-rib in 127.0.0.2
clear adj-rib out
flush adj-rib out
system version
system help
system queue-status
session ping 1234 5678
session sync enable
session sync disable
peer list
api version 6
neighbor 127.0.0.2 local-as 65001 teardown 4
announce vpls endpoint 5 base 10 offset 1 size 8 rd 1:2 next-hop 192.0.2.1
announce ipv6 unicast 2001:db8::/32 next-hop 2001:db8::1 origin igp
announce route 10.8.0.0/24 next-hop self split /26 large-community [1:2:3]
# a comment
daemon status'''.split('\n')


def mutate(rng, line):
    line = bytearray(line.encode())
    for _ in range(rng.randint(1, 4)):
        at = rng.randint(0, len(line))
        what = rng.randint(0, 4)
        if what == 0:
            line[at:at + rng.randint(1, 8)] = b''
        elif what == 1:
            line[at:at] = bytes((rng.randint(1, 255),))
        elif what == 2:
            line[at:at] = line[:rng.randint(0, len(line))]
        elif what == 3:
            line[at:at] = rng.choice((b' ', b'[', b']', b'{', b'}', b';',
                                      b'"', b' 99999999999999999999 ',
                                      b'-1', b'/33', b',', b'::', b'index '))
        else:
            words = line.split(b' ')
            rng.shuffle(words)
            line = bytearray(b' '.join(words))
    return bytes(line)


def harmless(line):
    words = line.split()
    return line.strip() and not line.strip().startswith(b'debug ') and \
        not any(w in (b'shutdown', b'reload', b'restart') or b'silence' in w
                or b'disable' in w for w in words)


def random_lines(w):
    """10,000 random lines and 10,000 mutated good ones: each answered once,
    nothing stalls, and then good ones work."""
    rng = random.Random(20261126)
    p = w.program
    lines = [bytes(rng.choice(b' abcdefghinoprstuw019.:/[]{};"\'-*#')
                   if rng.random() < 0.9 else rng.randint(1, 255)
                   for _ in range(rng.randint(1, 80)))
             for _ in range(10000)]
    lines += [mutate(rng, rng.choice(GOOD)) for _ in range(10000)]
    # version 6: no line of an answer says done or error but the last one.
    lines = [x.replace(b'\n', b' ').replace(b'\r', b' ') for x in lines]
    lines = [x for x in lines if harmless(x)]
    n_errors = 0
    for i in range(0, len(lines), 500):
        batch = lines[i:i + 500]
        p.send(b'\n'.join(batch) + b'\n')
        for k in range(len(batch)):
            try:
                n_errors += p.answer(20)[-1] == 'error'
            except AssertionError as e:
                raise AssertionError('no answer around %r: %s' % (
                    batch[max(0, k - 1):k + 2], e))
    assert n_errors > 10000, n_errors
    print('  %d lines, %d errors' % (len(lines), n_errors))
    s = w.peer()
    p.say('group end', 'api version 6', 'session sync disable')
    for _ in range(3):
        p.answer()
    assert p.ask('announce route 99.0.0.0/8 next-hop self') == ['done']
    while '99.0.0.0/8' not in routes(s.expect(UPDATE))[0]:
        pass
    assert p.is_quiet(0.3)


def random_packs(w):
    """Mutated MessagePack commands: no crash, no stall, and what follows in
    a stream of its own works."""
    rng = random.Random(77)
    good = [pack(x) for x in (
        GOOD[0], GOOD[5].split(), {'announce': GOOD[0][9:], 'sync': False},
        {'peer': '*', 'command': 'peer list'},
        {'withdraw': {'family': 'ipv4 unicast', 'nlri': b'\x08\x0a'}})]
    p = w.program
    for _ in range(3000):
        data = bytearray(rng.choice(good))
        for _ in range(rng.randint(1, 6)):
            data[rng.randint(0, len(data) - 1)] = rng.randint(0, 255)
        p.send(bytes(data))
    # Whatever is open now takes these zeros, or is too long.
    p.send(b'\n' + b'\xc0' * 1200000 + b'\n')
    p.send(pack('system version') * 3)
    limit = time.monotonic() + 60
    while b'\xa6answer\xa4done' not in p.data[-200:] or \
            b'bgpd' not in p.data[-2000:] and b'exabgp' not in p.data[-2000:]:
        p.more(limit)
        p.data = p.data[-4000:]


def drop(w):
    """Beyond 64 MiB what is new is lost, and counted."""
    p, s = w.program, w.peer()
    for name in filler(40000):          # 100 MB of JSON
        s.send(incoming([name], 1, padding=1000))
    wait(lambda: w.said('does not read'), 20, 'a drop')
    state = queue(p)
    assert state['dropped'] > 100, state


def kill(w):
    """The program is ended, and started again."""
    s = w.peer()
    Sender(s, list(filler(40000)))
    wait(lambda: w.said('ended, signal'), 20, 'its end')
    w.program.accept()
    w.program.say('peer list')
    while w.program.line() != '"127.0.0.2"':
        pass


def shown(w):
    """What version 4 shows, as exabgp 4.2.21 does."""
    p = w.program
    w.peer()
    for line in ('announce route 10.0.0.0/24 next-hop 192.0.2.1 med 5',
                 'announce route 10.1.0.0/24 next-hop self community '
                 '[65000:1]', 'announce flow route { match { destination '
                 '10.7.0.0/24; } then { discard; } }'):
        assert p.ask(line + ' sync') == ['done'], line
    assert p.ask('show adj-rib out') == [
        'neighbor 127.0.0.2 ipv4 unicast 10.0.0.0/24 next-hop 192.0.2.1',
        'neighbor 127.0.0.2 ipv4 unicast 10.1.0.0/24 next-hop self',
        'neighbor 127.0.0.2 ipv4 flow flow destination-ipv4 10.7.0.0/24',
        'done']
    name = ('neighbor 127.0.0.2 local-ip 127.0.0.1 local-as 65001 peer-as '
            '65002 router-id 192.0.2.1 family-allowed in-open ')
    assert p.ask('show adj-rib out extensive') == [
        name + 'ipv4 unicast 10.0.0.0/24 next-hop 192.0.2.1 med 5',
        name + 'ipv4 unicast 10.1.0.0/24 next-hop self community 65000:1',
        name + 'ipv4 flow flow destination-ipv4 10.7.0.0/24 '
        'extended-community rate-limit:0', 'done']
    got = p.ask('show neighbor extensive')
    for line in (
            'Neighbor 127.0.0.2',
            '   local                      127.0.0.1' + 32 * ' ',
            '   state                    ESTABLISHED' + 32 * ' ',
            '   AS                             65001           65002' +
            16 * ' ',
            '   asn4:                        enabled         enabled' +
            16 * ' ',
            '   ipv4 unicast:                enabled         enabled'
            '        disabled',
            '   open:                              1               1' +
            16 * ' '):
        assert line in got, (line, got)
    got = p.ask('show neighbor configuration')
    for line in ('neighbor 127.0.0.2 {', '  local-as 65001;',
                 '    ipv4 flow;', '    processes [ p ];',
                 '    asn4 enable;', '}'):
        assert line in got, (line, got)
    assert p.ask('show neighbor')[0] == \
        'please specify summary, extensive or configuration'
    got = p.ask('show neighbor 127.0.0.2 summary')
    assert got[0] == ('Peer            AS        up/down state       |     '
                      '#sent     #recvd'), got
    assert got[1].startswith('127.0.0.2       65002     0:00:0') and \
        ' established ' in got[1] and len(got[1]) == 68, got
    assert p.ask('show neighbor 127.0.0.9 summary') == ['error']


def sync_socket(w):
    """What was answered is in the kernel: with the daemon stopped, all of it
    still arrives."""
    p, s = w.program, w.peer()
    words = 'next-hop 192.0.2.1 community [ %s ] sync' % ' '.join(
        '65000:%d' % i for i in range(900))
    n_done, limit = 0, time.monotonic() + 60
    while time.monotonic() < limit:
        p.say('announce route 10.%d.%d.0/24 med %d %s' % (
            n_done >> 8, n_done & 255, n_done, words))
        try:
            assert p.line(1) == 'done'
        except AssertionError:
            break           # the socket is full
        n_done += 1
    assert n_done > 10, n_done
    pids = [w.daemon.pid]
    if MODE == 'split':
        pids = [int(pid) for pid in subprocess.run(
            ['pgrep', '-P', str(w.daemon.pid), '-f', 'R session'], text=True,
            capture_output=True).stdout.split()]
    os.kill(pids[0], signal.SIGSTOP)
    try:
        up, _ = hear(s, n_done, 5)
    finally:
        os.kill(pids[0], signal.SIGCONT)
    assert len(up) >= n_done
    assert p.line() == 'done'
    print('  %d announced with sync' % n_done)


def cli_of_exabgp(w):
    """ExaBGP's own client, where it is installed, over our FIFOs."""
    client = shutil.which('exabgpcli')
    s = w.peer()
    if client is None:
        print('  exabgpcli is not installed')
        return

    def run(*words):
        return subprocess.run([client, '--root', str(w.folder)] + list(words),
                              text=True, capture_output=True, timeout=20)
    assert run('version').stdout.startswith('exabgp ')
    assert '127.0.0.2 ' in run('s', 'n', 's').stdout
    assert not run('announce', 'route', '10.0.0.0/24', 'next-hop',
                   'self').stderr
    assert hear(s, 1)[0] == ['10.0.0.0/24']
    assert run('show', 'adj-rib', 'out').stdout.startswith(
        'neighbor 127.0.0.2 ipv4 unicast 10.0.0.0/24 next-hop self\n')
    assert 'returns an error' in run('nonsense').stderr
    assert 'shutting down' not in run('help').stderr


TESTS = {
    'cli_of_exabgp': (cli_of_exabgp, {'version': 4, 'fifo': True}),
    'sync_socket': (sync_socket, {}),
    'shown': (shown, {'version': 4}),
    'random_lines': (random_lines, {'neighbors': ('127.0.0.2',
                                                  '127.0.0.3')}),
    'random_packs': (random_packs, {'process': 'encoder msgpack;'}),
    'drop': (drop, {'api': 'receive { parsed; update; }', 'process':
                    'encoder json; overflow drop;'}),
    'kill': (kill, {'api': 'receive { parsed; update; }', 'process':
                    'encoder json; overflow kill;'}),
    'cli': (cli, {'version': 4, 'fifo': True}),
    'packed': (packed, {'process': 'encoder msgpack;'}),
    'packed_fast': (packed_fast, {'process': 'encoder msgpack;'}),
    'latest': (latest, {'api': 'receive { parsed; update; }', 'process':
                        'encoder json;', 'neighbors': ('127.0.0.2',
                                                       '127.0.0.3')}),
    'throttle': (throttle, {'api': 'receive { parsed; update; }', 'process':
                            'encoder json; overflow throttle;',
                            'neighbors': ('127.0.0.2', '127.0.0.3')}),
    'resync': (resync, {}),
    'group': (group, {}),
    'group_limit': (group_limit, {}),
    'sync': (sync, {}),
    'by_index': (by_index, {}),
    'dynamic': (dynamic, {}),
    'from_nothing': (from_nothing, {'neighbors': (), 'env': {
        'exabgp_tcp_bind': '127.0.0.1'}}),
    'ranges': (ranges, {'neighbors': ('127.0.0.64/26',), 'api':
                        'neighbor-changes; receive { parsed; update; }'}),
}


def run(name):
    test, options = TESTS[name]
    with tempfile.TemporaryDirectory(prefix='bgpd-api.') as temp:
        world = World(pathlib.Path(temp), **options)
        try:
            test(world)
            world.stop()
            return True
        except (AssertionError, OSError) as e:
            import traceback
            traceback.print_exc(limit=-2)
            print('FAIL %s: %s\n--- log\n%s' % (name, e, (
                world.folder / 'log').read_text(errors='replace')[-3000:]))
            return False
        finally:
            if world.daemon.poll() is None:
                world.daemon.kill()
                world.daemon.wait()


def main():
    global BIN, MODE
    parser = argparse.ArgumentParser()
    parser.add_argument('bin')
    parser.add_argument('--mode', default='split', choices=('split', 'solo'))
    parser.add_argument('names', nargs='*')
    args = parser.parse_args()
    BIN, MODE = os.path.abspath(args.bin), args.mode
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    names = args.names or list(TESTS)
    passed = 0
    for name in names:
        start = time.monotonic()
        ok = run(name)
        passed += ok
        print('%s %s (%.1f s)' % ('ok' if ok else 'FAIL', name,
                                  time.monotonic() - start), flush=True)
    print('%d of %d (%s)' % (passed, len(names), MODE))
    return 0 if passed == len(names) else 1


if __name__ == '__main__':
    sys.exit(main())
