#!/usr/bin/env python3
# SPDX-License-Identifier: ISC
"""What operators ask of a living daemon beside looking at its tables: what a
file would change, and reloads on trial, events. Two of our daemons on loopback.

usage: operators.py BIN [NAME...]
"""
import json
import os
import pathlib
import signal
import socket
import struct
import subprocess
import sys
import tempfile

from harness import (BIN, N, World, connect, exists, free_port, request,
                     wait)
from speaker import Speaker, attribute, prefix, update

BASE = '''neighbor 127.0.0.51 {
	descr "gone"
	remote-as 65051
	passive
}
neighbor 127.0.0.52 {
	remote-as 65052
	passive
	max-prefix 10
	tcp md5sig password "oNe-secret"
}
neighbor 127.0.0.53 {
	remote-as 65053
	passive
}
neighbor 127.1.0.0/24 {
	remote-as 65054
	passive
}
prefix-set "some" { 10.0.0.0/8, 11.0.0.0/8, 12.0.0.0/8 }
'''
CHANGED = '''key = "aNother-secret"
neighbor 127.0.0.52 {
	remote-as 65052
	passive
	max-prefix 20
	tcp md5sig password $key
}
neighbor 127.0.0.53 {
	remote-as 65053
	passive
	max-prefix 5
}
neighbor 127.1.0.0/24 {
	remote-as 65054
	passive
	holdtime 30
}
neighbor 127.0.0.55 {
	remote-as 65055
	passive
	down "not yet"
}
prefix-set "some" { 9.0.0.0/8, 10.0.0.0/8, 11.0.0.0/8, 12.0.0.0/8 }
deny quick from any prefix 20.0.0.0/24
'''
DIFFERENCE = '''+key = "XXXXXX"
 prefix-set "some" {
+9.0.0.0/8
 }
-neighbor 127.0.0.51 {
-	descr "gone"
-	remote-as 65051
-	passive
-	enforce neighbor-as yes
-	enforce local-as yes
-	announce IPv4 unicast
-	announce policy no
-}
 neighbor 127.0.0.52 {
-	max-prefix 10
+	max-prefix 20
 }
 neighbor 127.0.0.53 {
+	max-prefix 5
 }
 neighbor 127.1.0.0/24 {
+	holdtime 30
 }
+neighbor 127.0.0.55 {
+	remote-as 65055
+	down "not yet"
+	passive
+	enforce neighbor-as yes
+	enforce local-as yes
+	announce IPv4 unicast
+	announce policy no
+}
+deny quick from any prefix 20.0.0.0/24 
neighbor 127.0.0.51 (gone): remove
neighbor 127.0.0.52: reset: md5 key changed
neighbor 127.0.0.53: change: max prefix 0 -> 5
neighbor 127.1.0.0/24: reset: hold time 0 -> 30
neighbor 127.0.0.55: add
'''


def text_of(world, name, extra):
    """A file beside the daemon's own, which stays as it is."""
    own = world.folder / 'a.conf'
    kept = own.read_text()
    world.write_a(extra)
    text = own.read_text()
    own.write_text(kept)
    path = world.folder / name
    path.write_text(text)
    return str(path)


def config_diff(world):
    """What would change, whose session is reset, and nothing of it done."""
    world.ready()
    r = world.ctl('config', 'diff')
    assert r.stdout == 'nothing would change\n' and r.returncode == 0, r
    path = text_of(world, 'a.conf.new', CHANGED)
    r = world.ctl('config', 'diff', path)
    assert r.returncode == 0 and r.stderr == '', r
    assert r.stdout == DIFFERENCE, r.stdout
    j = json.loads(world.ctl('-j', 'config', 'diff', path).stdout)
    assert j['status'] == 'OK', j
    assert {'op': 'add', 'text': '\tmax-prefix 20'} in j['statements'], j
    assert j['neighbors'][1] == {
        'remote_addr': '127.0.0.52', 'effect': 'reset',
        'reasons': ['md5 key changed']}, j
    for said in (r.stdout, json.dumps(j), world.a.log_path.read_text()):
        assert 'secret' not in said
    assert world.ctl('config', 'diff').stdout == 'nothing would change\n'
    assert '127.0.0.55' not in world.ctl('show').stdout
    # What was told is what a reload does.
    world.write_a(CHANGED)
    assert world.ctl('config', 'diff').stdout == DIFFERENCE
    assert world.ctl('reload').returncode == 0
    wait(lambda: world.count() == N - 1, 20, 'the new rule')
    log = world.a.log_path.read_text()
    assert 'peer 127.0.0.52 (AS65052): configuration changed, session reset' \
        in log
    assert log.count('configuration changed, session reset') == 1, log
    assert world.ctl('config', 'diff').stdout == 'nothing would change\n'


def config_diff_errors(world):
    """A bad file: what bgpd -n says of it, status 1."""
    world.ready()
    path = text_of(world, 'bad.conf', 'nonsense here\nneighbor 10.0.0.1 {\n'
                   '\tremote-as x\n}\n')
    r = world.ctl('config', 'diff', path)
    assert r.returncode == 1 and r.stdout == 'the configuration has errors\n'
    check = subprocess.run([BIN + '/bgpd', '-n', '-f', path], text=True,
                           capture_output=True, timeout=20)
    lines = r.stderr.splitlines()
    assert lines == check.stderr.splitlines() and len(lines) == 3, (r, check)
    j = json.loads(world.ctl('-j', 'config', 'diff', path).stdout)
    assert [m['text'] for m in j['messages']] == lines and \
        j['status'] == 'FAILED', j
    # Relative to where one is, and nothing that is no configuration.
    secret = world.folder / 'passwords'
    secret.write_text('root:hunter2\n')
    secret.chmod(0o600)
    for name in (str(secret), '/etc/passwd', str(world.folder),
                 str(world.folder / 'none.conf')):
        r = world.ctl('config', 'diff', name)
        assert r.returncode == 1 and r.stderr == '', r
        assert 'root' not in r.stdout, r
    assert world.is_up() and world.count() == N


def config_diff_large(world):
    """A long list: only what differs, and the daemon goes on meanwhile."""
    def text(a, b):
        return 'prefix-set "long" {\n' + '\n'.join(
            '%d.%d.%d.0/24' % (30 + i // 62500, i // 250 % 250, i % 250)
            for i in range(a, b)) + '\n}\n'
    world.ready()
    world.write_a(text(0, 60000))
    assert world.ctl('reload').returncode == 0
    path = text_of(world, 'a.conf.new', text(5, 60003))
    r = world.ctl('config', 'diff', path)
    lines = r.stdout.splitlines()
    assert len(lines) == 5 + 3 + 2, (len(lines), lines[:9])
    # All other: more than a slow client's queue would take at once.
    path = text_of(world, 'a.conf.new', text(100000, 160000))
    r = world.ctl('config', 'diff', path)
    assert len(r.stdout.splitlines()) == 120000 + 2, len(r.stdout)
    assert r.stderr == '', r.stderr
    # Who waits at a terminal is told how far it is.
    ours, theirs = os.openpty()
    subprocess.run([BIN + '/bgpctl', '-s', world.sock, 'config', 'diff',
                    path], stdout=subprocess.DEVNULL, stderr=theirs,
                   timeout=60)
    os.close(theirs)
    told = os.read(ours, 65536).decode()
    os.close(ours)
    assert '10000 rows' in told and '12000' in told.split('\r')[-2], told
    assert world.is_up()


def descr(world):
    return [n.get('description') for n in json.loads(world.ctl(
        '-j', 'show', 'neighbor').stdout)['neighbors']]


def set_descr(world, name):
    world.write_a('neighbor 127.0.0.61 {\n\tdescr "%s"\n\tremote-as 65061\n'
                  '\tpassive\n}\ndeny quick from any prefix '
                  '20.0.0.0/24\n' % name)


def reload_confirm(world):
    """On trial, confirmed: it stays. Every other thing is refused."""
    world.ready()
    up = world.uptime()
    for words in (('reload', 'confirm'), ('reload', 'undo')):
        r = world.ctl(*words)
        assert r.returncode == 1 and 'no configuration is on trial' in \
            r.stdout, r
    for seconds in ('0', '86401', 'x'):
        assert world.ctl('reload', 'confirm', seconds).returncode == 1
    set_descr(world, 'first')
    assert world.ctl('-j', 'show').stderr == ''
    r = world.ctl('reload', 'confirm', '600')
    assert r.returncode == 0 and 'reload confirm' in r.stdout, r
    assert descr(world) == ['b', 'first'], descr(world)
    wait(lambda: world.count() == N - 1, 20, 'the rule')
    for words in (('show',), ('show', 'summary')):
        assert 'on trial' in world.ctl(*words).stderr
    assert 'on trial' in world.ctl('-j', 'show').stderr
    assert world.ctl('show', 'neighbor').stderr == ''
    set_descr(world, 'second')
    for words in (('reload',), ('restart',)):
        r = world.ctl(*words)
        assert r.returncode == 1 and 'on trial' in r.stdout, r
    world.a.process.send_signal(signal.SIGHUP)
    wait(lambda: world.a.said('not reloaded', 2), 20, 'SIGHUP is refused')
    assert descr(world) == ['b', 'first'], descr(world)
    # A broker that is new knows of it, too.
    pid = world.a.worker('api')
    if pid:
        os.kill(pid, signal.SIGKILL)
        wait(lambda: world.a.worker('api') not in (None, pid), 20, 'a broker')
        wait(lambda: 'on trial' in world.ctl('show').stderr, 20, 'the note')
    assert world.ctl('reload', 'confirm').returncode == 0
    assert world.ctl('show').stderr == ''
    assert descr(world) == ['b', 'first'], descr(world)
    assert world.ctl('reload').returncode == 0
    assert descr(world) == ['b', 'second'], descr(world)
    assert world.a.said('configuration confirmed')
    assert world.uptime() >= up, 'the session was reset'


def reload_undo(world):
    """Not confirmed, or undone: what was before, not what the file says."""
    world.ready()
    set_descr(world, 'first')
    assert world.ctl('reload', 'confirm', '600').returncode == 0
    world.write_a('nonsense')
    assert world.ctl('reload', 'confirm', '600').returncode == 1
    assert descr(world) == ['b', 'first'], descr(world)
    assert 'on trial' in world.ctl('show').stderr
    set_descr(world, 'second')
    assert world.ctl('reload', 'confirm', '600').returncode == 0
    assert descr(world) == ['b', 'second'], descr(world)
    wait(lambda: world.count() == N - 1, 20, 'the rule')
    assert world.ctl('reload', 'undo').returncode == 0
    assert descr(world) == ['b'], descr(world)
    world.ready()
    assert world.ctl('show').stderr == ''
    assert world.ctl('reload', 'confirm', '2').returncode == 0
    wait(lambda: world.a.said('not confirmed in time'), 30, 'the time is up')
    wait(lambda: descr(world) == ['b'], 20, 'the neighbor is gone')
    world.ready()
    assert world.ctl('show').stderr == ''
    # The end while one is on trial.
    assert world.ctl('reload', 'confirm', '600').returncode == 0
    world.a.stop()
    assert world.a.said('was not confirmed')


class Events:
    """bgpctl show events, read as it comes."""

    def __init__(self, world, *words, is_json=True):
        self.path = world.folder / ('events%d' % id(self))
        self.out = open(self.path, 'w')
        said = world.a.log_path.read_text
        n = said().count(': events')
        self.process = subprocess.Popen(
            [BIN + '/bgpctl', '-s', world.sock] + (['-j'] if is_json else [])
            + ['show', 'events'] + list(words), stdout=self.out,
            stderr=subprocess.STDOUT)
        wait(lambda: said().count(': events') > n, 20, 'it listens')

    def lines(self):
        return self.path.read_text().splitlines()

    def rows(self):
        text = self.path.read_text()
        return [json.loads(x) for x in
                text[:text.rfind('\n') + 1].splitlines()]

    def has(self, **wanted):
        """The first event with all of these."""
        for e in self.rows():
            if all(e.get(k) == v for k, v in wanted.items()):
                return e
        return None

    def wait(self, **wanted):
        return wait(lambda: self.has(**wanted), 30,
                    lambda: '%s in %s' % (wanted, self.lines()[-20:]))

    def stop(self):
        self.process.send_signal(signal.SIGINT)
        self.process.wait(20)
        self.out.close()


STEADY = """#!/bin/sh
while read line; do :; done
"""


def events(world):
    """Sessions, notifications, reloads and programs, as they happen."""
    world.ready()
    program = world.folder / 'steady'
    program.write_text(STEADY)
    program.chmod(0o755)
    every, only, text = (Events(world), Events(world, 'neighbor', 'b'),
                         Events(world, is_json=False))
    try:
        assert world.ctl('neighbor', 'b', 'clear', 'a', 'test'
                         ).returncode == 0
        down = every.wait(event='down', neighbor='127.0.0.2')
        assert down['from'] == 'Established' and down['description'] == 'b'
        every.wait(event='notification-sent', code=6, subcode=4,
                   reason='a test')
        every.wait(event='up', neighbor='127.0.0.2')
        every.wait(event='state', to='OpenConfirm')
        # The other side ends it.
        world.ready()
        pid = world.b.worker('session')
        os.kill(pid, signal.SIGKILL)
        world.write_a('process "steady" {\n\trun "%s"\n}\n'
                      'neighbor 127.0.0.62 {\n\tremote-as 65062\n'
                      '\tpassive\n\tapi {\n\t\tprocess "steady"\n\t}\n'
                      '}\n' % program)
        assert world.ctl('reload').returncode == 0
        every.wait(event='reload')
        started = every.wait(event='program-start', program='steady')
        wait(lambda: exists(started['pid']), 20, 'the program')
        os.kill(started['pid'], signal.SIGKILL)
        every.wait(event='program-end', pid=started['pid'], signal=9)
        world.ready()
        world.write_a('neighbor nonsense')
        assert world.ctl('reload').returncode == 1
        assert 'a.conf' in every.wait(event='reload-failed')['reason']
        world.write_a('')
        assert world.ctl('reload', 'confirm', '600').returncode == 0
        assert 590 < every.wait(event='reload-trial')['seconds'] <= 601
        assert world.ctl('reload', 'undo').returncode == 0
        every.wait(event='reload-undone', reason='undone')
        # A limit that what it sends is above.
        world.ready()
        path = world.folder / 'a.conf'
        path.write_text(path.read_text().replace('descr "b"', 'descr "b"\n'
                                                 '\tmax-prefix 10'))
        assert world.ctl('reload').returncode == 0
        assert world.ctl('neighbor', 'b', 'clear').returncode == 0
        every.wait(event='max-prefix', of='neighbor')
        only.wait(event='notification-sent', code=6, subcode=1)
    finally:
        for e in (every, only, text):
            e.stop()
    assert {e.get('neighbor') for e in only.rows()} == {'127.0.0.2'}
    assert any(' neighbor 127.0.0.2 (b) up Idle -> ' in x or
               ' neighbor 127.0.0.2 (b) up OpenConfirm -> ' in x or
               x.endswith(' neighbor 127.0.0.2 (b) up')
               for x in text.lines()), text.lines()
    assert world.ctl('show', 'events', 'neighbor', 'nobody').returncode == 1
    s = connect(str(world.folder / 'glass.sock'))
    s.send(request(request='events'))
    assert b'permission denied' in s.recv(4096)
    s.close()


def events_slow(world):
    """Who does not read loses events, and hears how many; nobody waits."""
    world.ready()
    api = world.a.worker('api')
    s = connect(world.sock)
    s.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    s.send(request(request='events'))
    wait(lambda: ': events' in world.a.log_path.read_text(), 20, 'it listens')
    watcher = Events(world)
    try:
        # Each is an event of some hundred bytes with the reason.
        world.write_a('nonsense-' + 'x' * 150)
        for i in range(2500):
            c = connect(world.sock)
            c.send(request(request='reload'))
            assert b'nonsense' in c.recv(4096)
            c.close()
        wait(lambda: sum(e['event'] == 'reload-failed'
                         for e in watcher.rows()) == 2500, 60, 'all events')
        assert world.is_up()
        data, n = b'', 0
        while b'lost' not in data:
            piece = s.recv(65536)
            assert piece, 'closed'
            data += piece
        n = data.count(b'reload-failed')
        assert 0 < n < 2500, n
        print('  %d of 2500 told, then how many were lost' % n)
        assert world.a.worker('api') == api
    finally:
        watcher.stop()
        s.close()


def api(world):
    """Lines as programs say them, and their answers."""
    world.ready()
    r = world.ctl('api', 'announce', 'route', '60.0.0.0/8', 'next-hop', 'self')
    assert (r.returncode, r.stdout, r.stderr) == (0, '', ''), r
    wait(lambda: '60.0.0.0/8' in world.ctl('show', 'rib', 'out').stdout, 20,
         'the route, which stays')
    shown = world.ctl('api', 'show', 'adj-rib', 'out')
    assert shown.returncode == 0 and '60.0.0.0/8' in shown.stdout, shown
    j = json.loads(world.ctl('-j', 'api', 'show adj-rib out').stdout)
    assert j['answer'] == shown.stdout.splitlines() and \
        j['status'] == 'OK', j
    for line in ('announce route 60.0.0.0/33 next-hop self', 'nonsense',
                 'neighbor 10.9.9.9 announce route 61.0.0.0/8 next-hop self'):
        r = world.ctl('api', line)
        assert r.returncode == 1 and r.stdout.startswith('error: '), r
        j = json.loads(world.ctl('-j', 'api', line).stdout)
        assert j['status'] == 'FAILED' and j['answer'] == [] and \
            j['error'] + '\n' == r.stdout, j
    r = world.ctl('api')
    assert r.returncode == 1 and '<command>' in r.stderr, r
    r = world.ctl('api', 'withdraw', 'route', '60.0.0.0/8')
    assert r.returncode == 0, r
    wait(lambda: '60.0.0.0/8' not in world.ctl('show', 'rib', 'out').stdout,
         20, 'no route')
    # Who goes on to say things, or nothing, costs nothing.
    for _ in range(40):
        assert world.ctl('api', 'version').returncode == 0
    idle = []
    for _ in range(16):
        s = connect(world.sock)
        s.send(request(request='api'))
        assert s.recv(4096).endswith(b'end\xa0'), 'the end'
        idle.append(s)
    r = world.ctl('api', 'version')
    assert r.returncode == 1 and 'too many clients' in r.stdout, r
    idle[0].send(b'version\nversion\n')
    wait(lambda: idle[0].recv(4096).count(b'done') or True, 20, 'an answer')
    for s in idle:
        s.close()
    wait(lambda: world.ctl('api', 'version').returncode == 0, 20, 'room')
    s = connect(str(world.folder / 'glass.sock'))
    s.send(request(request='api'))
    assert b'permission denied' in s.recv(4096)
    s.close()


RANGE = '''neighbor 127.0.3.0/24 {
	descr "guests"
	remote-as 65070
	holdtime 90
	passive
}
'''


def destroy(world):
    """A neighbor that came from a range is forgotten; no other can be."""
    def shown():
        return [n['remote_addr'] for n in json.loads(world.ctl(
            '-j', 'show', 'neighbor').stdout)['neighbors']]
    world.ready()
    for name in ('b', '127.0.3.0/24', 'guests'):
        r = world.ctl('neighbor', name, 'destroy')
        assert r.returncode == 1 and 'not a cloned peer' in r.stdout, r
    listener = Events(world, 'neighbor', 'guests')
    guests = [Speaker('127.0.3.%d' % i, '127.0.0.1', world.port)
              for i in (1, 2, 3)]
    try:
        for g in guests:
            g.establish(65070)
        wait(lambda: len(shown()) == 4, 20, 'three of the range')
        listener.wait(event='up', neighbor='127.0.3.1')
        assert world.ctl('neighbor', '127.0.3.1', 'destroy').returncode == 0
        listener.wait(event='notification-sent', neighbor='127.0.3.1', code=6,
                      subcode=3)
        wait(lambda: '127.0.3.1' not in shown(), 20, 'it is gone')
        assert len(shown()) == 3, shown()
        r = world.ctl('neighbor', '127.0.3.1', 'destroy')
        assert r.returncode == 1 and 'no such neighbor' in r.stdout, r
        # By the description that all of them have.
        assert world.ctl('neighbor', 'guests', 'destroy').returncode == 0
        wait(lambda: len(shown()) == 1, 20, 'all are gone')
        again = Speaker('127.0.3.1', '127.0.0.1', world.port)
        guests.append(again)
        again.establish(65070)
        wait(lambda: '127.0.3.1' in shown(), 20, 'it is new')
    finally:
        for g in guests:
            g.close()
        listener.stop()
    assert world.is_up()


GUESTS = '''neighbor 127.0.3.1 {
	descr "first"
	remote-as 65071
	holdtime 90
	passive
}
neighbor 127.0.3.2 {
	descr "second"
	remote-as 65072
	holdtime 90
	passive
}
'''


def route(asn, net, *more):
    """An UPDATE with one prefix by a path of its sender's AS and more."""
    path = struct.pack('>BB', 2, 1 + len(more)) + b''.join(
        struct.pack('>I', x) for x in (asn,) + more)
    return update(attribute(0x40, 1, b'\0') + attribute(0x40, 2, path) +
                  attribute(0x40, 3, socket.inet_aton('127.0.3.9')),
                  prefix(net))


def impact_of(world, rules):
    """name -> (received, sent) of a file with other rules; each three
    numbers."""
    path = text_of(world, 'a.conf.new', GUESTS + rules)
    r = world.ctl('-j', 'config', 'impact', path)
    assert r.returncode == 0, r
    rows = json.loads(r.stdout).get('neighbors', [])
    return {n['description']: (
        tuple(n['received'][k] for k in ('accepted', 'rejected', 'changed')),
        tuple(n['sent'][k] for k in ('announced', 'withdrawn', 'changed')))
        for n in rows}


def attributes(world):
    return json.loads(world.ctl('-j', 'show', 'rib', 'memory').stdout)[
        'memory']['rde_aspath']['count']


IMPACTS = (
    # Rules before "allow from any", and what each neighbor would see. The
    # table: b has 500, and 60/8 longer; first has 60/8 and 61/8.
    ('allow to any\n', {}),
    ('allow to any\ndeny quick from any prefix 20.0.0.0/24\n',
     {'b': ((0, 1, 0), (0, 0, 0)), 'first': ((0, 0, 0), (0, 1, 0)),
      'second': ((0, 0, 0), (0, 1, 0))}),
    ('allow to any\nmatch to 127.0.3.2 set community 65001:7\n',
     {'second': ((0, 0, 0), (0, 0, N + 2))}),
    ('allow to any\nmatch from 127.0.0.2 set localpref 50\n',
     {'b': ((0, 0, N + 1), (0, 0, 0))}),
    ('allow to any\nmatch from 127.0.0.2 set community 65001:8\n',
     {'b': ((0, 0, N + 1), (0, 0, 0)), 'first': ((0, 0, 0), (0, 0, N)),
      'second': ((0, 0, 0), (0, 0, N))}),
    # The other path is best then: 60/8 is told to first, and is another one
    # to second.
    ('allow to any\ndeny quick from 127.0.3.1\n',
     {'b': ((0, 0, 0), (0, 2, 0)), 'first': ((0, 2, 0), (1, 0, 0)),
      'second': ((0, 0, 0), (0, 1, 1))}),
    ('allow to any\ndeny to 127.0.3.2\n',
     {'second': ((0, 0, 0), (0, N + 2, 0))}),
    ('prefix-set "few" { 20.0.0.0/23 or-longer }\nallow to any\n'
     'deny to 127.0.3.1 prefix-set "few"\n',
     {'first': ((0, 0, 0), (0, 2, 0))}),
)


def config_impact(world):
    """What rules would do to routes is what they then do."""
    world.ready()
    first, second = (Speaker('127.0.3.%d' % i, '127.0.0.1', world.port)
                     for i in (1, 2))
    try:
        first.establish(65071)
        second.establish(65072)
        first.send(route(65071, '60.0.0.0/8') + route(65071, '61.0.0.0/8'))
        b = world.folder / 'b.conf'
        b.write_text(b.read_text().replace(
            'static {', 'static {\n\t\troute 60.0.0.0/8 next-hop self '
            'as-path [ 65002 65099 ];', 1))
        world.b.process.send_signal(signal.SIGUSR1)
        world.ready(N + 3)
        before = world.ctl('show', 'rib').stdout
        r = world.ctl('config', 'impact')
        assert r.stdout == 'no route would change\n', r
        memory = attributes(world)
        for rules, wanted in IMPACTS:
            found = impact_of(world, rules)
            assert found == wanted, (rules, found)
        assert world.ctl('show', 'rib').stdout == before
        assert attributes(world) == memory, (attributes(world), memory)
        text = world.ctl('config', 'impact', text_of(
            world, 'a.conf.new', GUESTS + IMPACTS[1][0])).stdout
        assert text.startswith(
            'neighbor 127.0.0.2 (b):\n'
            '    received: 0 accepted, 1 rejected, 0 changed\n'
            '        rejected: 20.0.0.0/24\n'
            '    sent: 0 announced, 0 withdrawn, 0 changed\n'), text
        # It comes so; and the way back is the other way around.
        world.write_a(GUESTS + IMPACTS[1][0])
        assert world.ctl('reload').returncode == 0
        world.ready(N + 2)
        assert world.ctl('config', 'impact').stdout == \
            'no route would change\n'
        found = impact_of(world, IMPACTS[0][0])
        assert found == {
            'b': ((1, 0, 0), (0, 0, 0)), 'first': ((0, 0, 0), (1, 0, 0)),
            'second': ((0, 0, 0), (1, 0, 0))}, found
        # A neighbor that the file lacks; a file with errors.
        path = text_of(world, 'a.conf.new', 'allow to any\n')
        found = json.loads(world.ctl('-j', 'config', 'impact', path).stdout)
        rows = {n['description']: n for n in found['neighbors']}
        assert rows['first']['received']['rejected'] == 2, rows
        path = text_of(world, 'a.conf.new', 'nonsense')
        r = world.ctl('config', 'impact', path)
        assert r.returncode == 1 and path in r.stderr, r
        # Who asks and goes.
        path = text_of(world, 'a.conf.new', GUESTS + IMPACTS[2][0])
        rde = world.a.worker('rde')
        for _ in range(20):
            s = connect(world.sock)
            s.send(request(request='config-impact', file=path))
            s.close()
        wait(lambda: world.ctl('config', 'impact').returncode == 0, 20,
             'an answer')
        assert world.a.worker('rde') == rde
    finally:
        first.close()
        second.close()


def version(world):
    """What is there, and why the rest is not."""
    world.ready()
    v = json.loads(world.ctl('-j', 'show', 'version').stdout)['version']
    assert v['kernel'] == os.uname().release, v
    assert set(v['libraries']) == {'libevent', 'msgpack-c', 'libseccomp'}, v
    has = v['features']
    assert has['kernel-routes'] == 'fib-update no', has
    assert has['tcp-md5'] is True, has
    assert has['tcp-ao'] in (True, 'the kernel lacks it'), has
    # As the log of the workers has it.
    for line in world.a.log_path.read_text().splitlines():
        if 'built without landlock' in line:
            assert has['landlock'] == 'built without it', has
        elif 'worker session: ' in line and 'landlock ' in line:
            assert 'landlock %s,' % has['landlock'] in line, (line, has)
    text = world.ctl('show', 'version').stdout
    assert text.startswith('bgpd %s, Linux ' % v['version']), text
    assert 'kernel-routes  no: fib-update no' in text, text


TESTS = {
    'version': (version, {}),
    'api': (api, {'extra': 'allow to any\n'}),
    'api_solo': (api, {'extra': 'allow to any\n', 'is_solo': True}),
    'config_diff': (config_diff, {'extra': BASE}),
    'config_diff_solo': (config_diff, {'extra': BASE, 'is_solo': True}),
    'config_diff_errors': (config_diff_errors, {}),
    'config_impact': (config_impact, {'extra': GUESTS + IMPACTS[0][0]}),
    'config_impact_solo': (config_impact, {'extra': GUESTS + IMPACTS[0][0],
                                           'is_solo': True}),
    'config_diff_large': (config_diff_large, {}),
    'destroy': (destroy, {'extra': RANGE}),
    'events': (events, {}),
    'events_solo': (events, {'is_solo': True}),
    'events_slow': (events_slow, {}),
    'reload_confirm': (reload_confirm, {}),
    'reload_confirm_solo': (reload_confirm, {'is_solo': True}),
    'reload_undo': (reload_undo, {}),
    'reload_undo_solo': (reload_undo, {'is_solo': True}),
}


def run(name, port):
    test, options = TESTS[name]
    with tempfile.TemporaryDirectory(prefix='bgpd-%s.' % name) as temp:
        world = World(pathlib.Path(temp), port, **options)
        try:
            test(world)
            world.stop()
            return True
        except AssertionError as e:
            print('FAIL %s: %s' % (name, e))
            for d in (world.a, world.b):
                print('--- %s\n%s' % (d.name, d.log_path.read_text(
                    errors='replace')[-4000:]))
            return False
        finally:
            for d in (world.a, world.b):
                if d.process.poll() is None:
                    d.process.kill()
                    d.process.wait()


def main():
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    names = sys.argv[2:] or list(TESTS)
    passed = 0
    for name in names:
        ok = run(name, free_port())
        passed += ok
        print('%s %s' % ('ok' if ok else 'FAIL', name), flush=True)
    print('%d of %d' % (passed, len(names)))
    return 0 if passed == len(names) else 1


if __name__ == '__main__':
    sys.exit(main())
