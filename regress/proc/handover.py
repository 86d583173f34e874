# SPDX-License-Identifier: ISC
"""Workers and the binary are replaced while sessions and programs go on."""
import json
import os
import signal
import socket
import subprocess
import time

from harness import (BIN, Daemon, N, await_said, children, fds, free_port, sanitized,
                     wait)


STEADY = '''#!/usr/bin/env python3
import os, sys, threading, time
def say(line):      # in one piece: two threads do
    os.write(1, (line + ' next-hop self\\n').encode())
def listen():
    for line in sys.stdin:
        if ' up' in line or ' down' in line or 'connected' in line:
            say('announce route 61.0.0.0/24')
threading.Thread(target=listen, daemon=True).start()
say('announce route 60.0.0.0/24')
for i in range(100000):
    os.write(1, b'announce route 60.0.1.0/24 next-hop self med %d\\n' % i)
    time.sleep(0.02)
'''


class Transit:
    """c, a bgpd behind a: what b says, it hears from a."""

    def __init__(self, world):
        self.world = world
        self.sock = str(world.folder / 'c.sock')
        world.write_a('neighbor 127.0.0.3 {\n\tdescr "c"\n\tremote-as 65003\n'
                      '\tlocal-address 127.0.0.1\n\tpassive\n}\n'
                      'allow to any\n')
        assert world.ctl('reload').returncode == 0
        (world.folder / 'c.conf').write_text('''AS 65003
router-id 192.0.2.3
fib-update no
connect-retry 1
listen on 127.0.0.3 port %d
socket "%s"
neighbor 127.0.0.1 {
	remote-as 65001
	local-address 127.0.0.3
	port %d
}
allow from any
''' % (free_port(), self.sock, world.port))
        self.daemon = Daemon(world.folder, 'c', [
            BIN + '/bgpd', '-d', '-f', str(world.folder / 'c.conf')] +
            world.user())

    def prefixes(self):
        r = subprocess.run([BIN + '/bgpctl', '-s', self.sock, '-j', 'show',
                            'rib'], text=True, capture_output=True, timeout=20)
        try:
            return {row['prefix'] for row in json.loads(r.stdout)['rib']}
        except (ValueError, KeyError):
            return None

    def has(self, n):
        wait(lambda: len(self.prefixes() or ()) == n, 20,
             lambda: 'c has %d, not %d' % (len(self.prefixes() or ()), n))


def renew(world):
    """New workers for a program's neighbors: neither it nor they notice."""
    world.ready(N + 3)     # it heard that the session is up, and said so
    time.sleep(1.1)
    up, pids = world.uptime(), world.b.programs()

    def med():
        rows = json.loads(world.ctl('-j', 'show', 'rib', '60.0.1.0/24').stdout
                          )['rib']
        assert rows, 'the route is gone'
        return rows[0]['metric']
    path = world.folder / 'b.conf'
    path.write_text(path.read_text() + '''neighbor 127.0.0.77 {
	router-id 192.0.2.2;
	local-address 127.0.0.2;
	local-as 65002;
	peer-as 65077;
	connect 1799;
}
''')
    world.b.process.send_signal(signal.SIGUSR1)
    wait(lambda: world.b.said('workers are renewed'), 10, 'new workers')
    before = med()
    wait(lambda: med() > before + 10, 10, 'the program is heard')
    world.ready(N + 3)
    assert world.uptime() >= up, 'the session was reset'
    assert world.b.programs() == pids, 'the program was started again'
    assert not world.b.said('session down')


def meanwhile(world):
    """What one peer withdraws while a new RDE or a new binary takes over is
    withdrawn from the others, without enhanced refresh; their sessions stay."""
    world.ready()
    c = Transit(world)
    try:
        c.has(N)
        for i, (n, how) in enumerate(((N // 2, 'restart'), (N, 'restart'),
                                      (N // 5, 'rde'), (N, 'rde'))):
            if how == 'restart':
                wait(lambda: world.ctl('restart').returncode == 0, 10, how)
            else:
                os.kill(world.a.worker('rde'), signal.SIGKILL)
                # What is on its way into the dying one is lost with it.
                wait(lambda: world.a.said('worker rde: ended', i - 1), 5, how)
            world.write_b(n)
            world.b.process.send_signal(signal.SIGUSR1)
            wait(lambda: world.a.said('tables are filled', i + 1), 15, 'tables')
            world.ready(n)
            c.has(n)
            print('  %s, then %d routes' % (how, n), flush=True)
        for d in (world.b, c.daemon):
            await_said(d, 'session established')
            assert not d.said('session down'), d.name
    except AssertionError:
        print('--- c\n' + c.daemon.log_path.read_text()[-2000:])
        raise
    finally:
        c.daemon.stop()


def ports(world):
    """A port that the session engine may not connect to comes by a reload:
    others take the workers' place, and no session is reset."""
    world.ready()
    time.sleep(1.1)
    up = world.uptime()
    listener = socket.socket()
    listener.bind(('127.0.0.1', 0))
    listener.listen()
    listener.settimeout(15)
    world.write_a('neighbor 127.0.0.1 {\n\tremote-as 65009\n\tport %d\n}\n' %
                  listener.getsockname()[1])
    assert world.ctl('reload').returncode == 0
    connection, _ = listener.accept()
    while connection.recv(19)[18:] != b'\1':    # of the engine that went
        connection.close()
        connection, _ = listener.accept()
    wait(world.is_up, 5, 'bgpctl answers')
    assert world.uptime() >= up, 'the session was reset'
    if not sanitized(world.a):
        await_said(world.a, 'workers are renewed')
    world.ready()
    connection.close()
    listener.close()


def upgrade(world):
    """The binary is executed anew three times: sessions and programs stay."""
    world.ready()
    time.sleep(1.1)
    up, before = world.uptime(), None
    for i in range(3):
        r = world.ctl('restart')
        assert r.returncode == 0, r
        wait(lambda: world.a.said('running, ', i + 2), 15, 'restart %d' % i)
        wait(lambda: world.a.said('tables are filled', i + 1), 15, 'tables')
        world.ready()
        assert world.uptime() >= up, 'the session was reset'
        up = world.uptime()
        count = fds(world.a.pid)
        assert before in (None, count), 'descriptors: %d, %s' % (count, before)
        before = count
    assert len(children(world.a.pid)) == 3
    assert not world.b.said('session down')
    # What bgpctl said stays said.
    assert world.ctl('network', 'add', '50.0.0.0/8').returncode == 0
    assert world.ctl('neighbor', 'b', 'down', 'for', 'now').returncode == 0
    wait(lambda: world.neighbor().get('state') == 'Idle', 5, 'down')
    assert world.ctl('restart').returncode == 0
    wait(lambda: world.a.said('running, ', 5), 15, 'restart')
    wait(lambda: world.count() == 1, 5, 'the network')
    assert world.neighbor()['state'] == 'Idle', world.neighbor()
    assert world.ctl('neighbor', 'b', 'up').returncode == 0
    world.ready(N + 1)
    print('  3 restarts, the session is up for %d s' % world.uptime())
