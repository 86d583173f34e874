#!/usr/bin/env python3
# SPDX-License-Identifier: ISC
"""Processes: privileges as /proc shows them, deaths of workers and parent,
programs that misbehave, reload. Two of our daemons on loopback.

usage: proc.py BIN [NAME...]
"""
import json
import os
import pathlib
import signal
import socket
import subprocess
import sys
import tempfile
import time
import traceback

from handover import STEADY, meanwhile, ports, renew, upgrade
from harness import (BIN, Daemon, IS_ROOT, N, SEED, World, await_said,
                     children, connect, exists, flap, flap_to, free_port, is_closed, request,
                     resident, sanitized, status, wait)


def privileges(world):
    """The table of who may what, read from /proc."""
    world.ready()
    a = world.a
    rows = 0
    for role in ('session', 'rde', 'api'):
        pid = a.worker(role)
        s = status(pid)
        assert s['NoNewPrivs'] == '1', role
        assert s.get('Seccomp') == '2' or sanitized(a), role
        assert s['CapEff'] == s['CapPrm'] == '0' * 16, role
        rows += 3
        if IS_ROOT:
            assert '0' not in s['Uid'].split(), role
            assert '0' not in s['Gid'].split(), role
            root = os.readlink('/proc/%d/root' % pid)
            assert root.endswith('(deleted)'), (role, root)
            rows += 3
        kinds = {}
        for fd in os.listdir('/proc/%d/fd' % pid):
            link = os.readlink('/proc/%d/fd/%s' % (pid, fd))
            kinds[link.split(':')[0]] = kinds.get(link.split(':')[0], 0) + 1
        files = [k for k in kinds if k.startswith('/') and
                 not k.startswith('/dev/') and not k.endswith('.log')]
        assert not files, (role, files)
        rows += 1
        rows += limits(world, role, pid)
    parent = status(a.pid)
    assert int(parent['CapEff'], 16) & ~0x424e3 == 0, parent['CapEff']
    rows += 1
    print('  %d of %d rows of the table' % (rows, rows))


LIMITS = {       # of open files; none may start processes
    'session': 65536, 'rde': 64, 'api': 16384,
}


def namespace(pid, name):
    return os.readlink('/proc/%d/ns/%s' % (pid, name))


def limits(world, role, pid):
    """Resource limits and network namespace of a worker."""
    found = {}
    for line in pathlib.Path('/proc/%d/limits' % pid).read_text().splitlines():
        found[line[:25].strip()] = line[25:].split()[:2]
    assert found['Max core file size'] == ['0', '0'], role
    assert int(found['Max open files'][1]) <= LIMITS[role], role
    if not sanitized(world.a):
        assert found['Max processes'] == ['0', '0'], role
        # The broker writes to MRT files that it was handed.
        assert found['Max file size'] == (['unlimited'] * 2 if role == 'api'
                                          else ['0', '0']), role
    if not IS_ROOT:
        return 4
    is_alone = namespace(pid, 'net') != namespace(world.a.pid, 'net')
    wanted = role == 'rde' or (role == 'api' and 'no_admin' not in
                               world.folder.name)
    assert is_alone == wanted, (role, 'network namespace')
    return 5


def forbidden(world):
    """Each attempt from inside each worker's sandbox ends as the table says,
    as root and as somebody else."""
    world.ready()
    as_user = [['setpriv', '--reuid=65534', '--clear-groups']] \
        if IS_ROOT else []
    for prefix in [[]] + as_user:
        for role in ('session', 'rde', 'api'):
            r = subprocess.run(prefix + [BIN + '/bgpd'] + world.user() +
                               ['-X', role], text=True, capture_output=True,
                               timeout=60)
            if r.returncode == 77:
                print('  no sandbox in this build')
                return
            assert r.returncode == 0, r.stdout + r.stderr
            print('  %s%s: %s' % (role, ', not root' if prefix else '',
                                  r.stdout.splitlines()[-1]))


def hostile(world):
    """Each worker in turn is somebody else's, and sends 100,000 messages to
    each other process: all others live on, and can still be stopped."""
    if world.b.process.poll() is None:
        world.b.stop()
    world.a.stop()
    for role in ('session', 'rde', 'api'):
        daemon = Daemon(world.folder, 'hostile-' + role, [
            BIN + '/bgpd', '-d', '-f', str(world.folder / 'a.conf')] +
            world.user(), {'BGPD_HOSTILE': role + ':' + str(SEED)})
        others = [r for r in ('session', 'rde', 'api') if r != role]
        try:
            pids = {r: wait(lambda: daemon.worker(r), 5, r) for r in others}
            for r in others + ['parent']:
                wait(lambda: daemon.said('hostile: all said to ' + r), 60,
                     '%s to %s' % (role, r))
            for r in others:
                assert daemon.worker(r) == pids[r], '%s ended %s' % (role, r)
            assert daemon.process.poll() is None, role
            assert not daemon.said('no sign of life'), role
            time.sleep(1)      # they answer the parent, or are killed
            for r in others:
                assert daemon.worker(r) == pids[r], '%s ended %s' % (role, r)
        except AssertionError:
            print('--- %s, seed %d\n%s' % (role, SEED, daemon.log_path.read_text(
                errors='replace')[-3000:]))
            raise
        finally:
            daemon.stop()
        print('  %s to parent, %s, %s: 100,000 each' % (role, *others),
              flush=True)
    assert not os.path.exists(world.sock), 'control socket left behind'


KEYS = ('kEy-Of-Md5-15-here', 'kEy-Of-Ao-15-here', '6b45792d4f662d4865782d68657265aa')


def memory_has(pid, needles):
    """Which of some bytes are in a process's writable memory."""
    found = set()
    with open('/proc/%d/maps' % pid) as maps, \
            open('/proc/%d/mem' % pid, 'rb', 0) as mem:
        for line in maps:
            span, mode = line.split()[:2]
            if 'w' not in mode or '[vvar' in line:
                continue
            begin, end = (int(x, 16) for x in span.split('-'))
            try:
                mem.seek(begin)
                data = mem.read(end - begin)
            except (OSError, ValueError, OverflowError):
                continue
            found |= {n for n in needles if n in data}
    return found


def keys(world):
    """Keys are with the parent and the session engine, and nowhere else:
    not in the other workers, a log, what is printed, or a core file."""
    world.ready()
    world.write_a('''secret = "%s"
neighbor 127.0.0.51 {
	remote-as 65051
	passive
	tcp md5sig password $secret
}
neighbor 127.0.0.52 {
	remote-as 65052
	passive
	tcp ao id 5 password "%s"
}
neighbor 127.0.0.53 {
	remote-as 65053
	passive
	tcp md5sig key %s
}
''' % KEYS)
    assert world.ctl('log', 'verbose').returncode == 0
    r = world.ctl('reload')
    assert r.returncode == 0, r.stdout
    wait(lambda: '127.0.0.53' in world.ctl('show').stdout, 5, 'neighbors')
    needles = {k.encode() for k in KEYS[:2]} | {bytes.fromhex(KEYS[2])}
    everywhere = needles | {KEYS[2].encode()}
    if IS_ROOT and not sanitized(world.a):
        for role in ('rde', 'api'):
            has = memory_has(world.a.worker(role), everywhere)
            assert not has, (role, has)
        # That the search finds what is there:
        has = memory_has(world.a.worker('session'), needles)
        assert needles - {KEYS[1].encode()} <= has, has
    texts = {
        'the log': world.a.log_path.read_text(errors='replace'),
        '-nv': ''.join(subprocess.run(
            [BIN + '/bgpd', '-nv', '-f', str(world.folder / 'a.conf')],
            text=True, capture_output=True, timeout=20).stdout.splitlines()),
    }
    assert 'tcp md5sig' in texts['-nv'] and 'tcp ao' in texts['-nv']
    for words in (('show', 'neighbor'), ('-j', 'show', 'neighbor'),
                  ('show', 'rib', 'memory')):
        texts[' '.join(words)] = world.ctl(*words).stdout
    for where, text in texts.items():
        for k in KEYS:
            assert k not in text, '%s is in %s' % (k, where)
    if not sanitized(world.a):
        for pid in [world.a.pid] + list(children(world.a.pid)):
            soft = [line.split()[4] for line in pathlib.Path(
                '/proc/%d/limits' % pid).read_text().splitlines()
                if line.startswith('Max core')][0]
            assert soft == '0', pid


def kill_broker(world):
    """No session resets; bgpctl works again within two seconds."""
    world.ready()
    pid = world.a.worker('api')
    up = world.uptime()
    os.kill(pid, signal.SIGKILL)
    wait(lambda: world.a.worker('api') not in (None, pid), 2, 'a new broker')
    wait(world.is_up, 2, 'bgpctl answers')
    assert world.uptime() >= up, 'the session was reset'
    assert world.count() == N


def kill_rde(world):
    """The session stays; the new RDE is filled by ROUTE-REFRESH."""
    world.ready()
    time.sleep(1.1)      # so that an uptime that starts again can be seen
    up = world.uptime()
    pid = world.a.worker('rde')
    os.kill(pid, signal.SIGKILL)
    wait(lambda: world.a.worker('rde') not in (None, pid), 2, 'a new RDE')
    world.ready()
    assert world.uptime() >= up, 'the session was reset'


def kill_session(world):
    """Sessions come back by themselves."""
    world.ready()
    pid = world.a.worker('session')
    os.kill(pid, signal.SIGKILL)
    wait(lambda: world.a.worker('session') not in (None, pid), 2,
         'a new session engine')
    world.ready()


def kill_parent(world):
    """Workers and programs end with it."""
    world.ready()
    left = list(children(world.b.pid))
    assert len(left) == 4, left
    os.kill(world.b.pid, signal.SIGKILL)
    world.b.process.wait()
    wait(lambda: not any(exists(p) for p in left), 2, 'no orphan')


def random_kills(world):
    """Worker after worker dies under way; the table is whole each time."""
    rounds = 9
    world.ready()
    for i in range(rounds):
        role = ('api', 'rde', 'session')[i % 3]
        pid = world.b.worker(role)
        os.kill(pid, signal.SIGKILL)
        wait(lambda: world.b.worker(role) not in (None, pid), 10, role)
        world.ready()
        zombies = [p for p in children(world.b.pid) if not exists(p)]
        assert not zombies, zombies
        if i % 3 == 2 and i + 1 < rounds:
            world.b.stop()
            world.b = Daemon(world.folder, 'b', [
                BIN + '/exabgp', str(world.folder / 'b.conf')],
                {'exabgp_tcp_bind': '', 'exabgp_api_cli': 'false',
                 'exabgp_daemon_user': 'nobody'})
            world.ready()
    print('  %d of %d rounds' % (rounds, rounds))


def die(world, role, how):
    """The worker ends in some way and is replaced. Returns the new one."""
    pid = wait(lambda: world.a.worker(role), 5, role)
    how(world, pid)
    return wait(lambda: world.a.worker(role) not in (None, pid) and
                world.a.worker(role), 15, 'a new %s' % role)


def stop_signal(_, pid):
    os.kill(pid, signal.SIGSTOP)


def segfault(_, pid):
    os.kill(pid, signal.SIGSEGV)


def deaths(world):
    """Each worker by each kind of death: what stays, stays."""
    for role in ('api', 'rde', 'session'):
        for how in (segfault, stop_signal):
            world.ready()
            up = world.uptime()
            die(world, role, how)
            world.ready()
            if role != 'session':
                assert world.uptime() >= up, 'the session was reset'
            zombies = [p for p in children(world.a.pid) if not exists(p)]
            assert not zombies, zombies
            print('  %s: %s' % (role, how.__name__), flush=True)
    await_said(world.a, 'no sign of life for 1', 3)


def memory(world):
    """More routes than its memory holds end the RDE, and nothing else."""
    world.ready()
    up = world.uptime()
    world.write_b(150000)
    world.b.process.send_signal(signal.SIGUSR1)
    wait(lambda: world.a.said('worker rde: ended'), 40, 'its end')
    world.write_b(N)
    world.b.process.send_signal(signal.SIGUSR1)
    wait(lambda: world.count() == N, 60, 'the table as it was')
    assert world.uptime() >= up, 'the session was reset'


def stopped_program(world):
    """A program that is stopped is nobody's business until the end."""
    world.ready()
    pid = wait(world.b.programs, 3, 'the program')[0]
    os.kill(pid, signal.SIGSTOP)
    flap(world)
    world.ready()
    assert world.is_up()
    world.b.stop()
    assert not exists(pid)


def gives_up(world):
    """A worker that dies again and again ends the daemon, with status 1."""
    world.ready()
    for _ in range(5):
        pid = wait(lambda: world.b.worker('api'), 5, 'a broker')
        os.kill(pid, signal.SIGKILL)
        wait(lambda: world.b.process.poll() is not None or
             world.b.worker('api') not in (None, pid), 10, 'what follows')
        if world.b.process.poll() is not None:
            break
    wait(lambda: world.b.process.poll() is not None, 5, 'the end')
    assert world.b.process.returncode == 1
    await_said(world.b, 'giving up')


DEAF = '#!/bin/sh\nyes "show neighbor" | head -n 20000\nsleep 60\n'
GARBAGE = '''#!/usr/bin/env python3
import os, sys, time
os.write(1, bytes(range(1, 256)) * 40 + b'\\n')
os.write(1, b'x' * 3000000 + b'\\n')
os.write(1, b'announce route 30.0.0.0/33 next-hop 1.2.3.4\\n' * 100)
os.write(1, b'announce route 30.0.0.0/24 next-hop self\\n')
answers = b''
while b'done' not in answers:
    answers += os.read(0, 65536)
    if answers.count(b'error') >= 100 and b'done' in answers:
        break
os.write(1, b'announce route 30.0.1.0/24 next-hop self\\n')
time.sleep(60)
'''
DIES = '#!/bin/sh\nexit 3\n'
STUBBORN = '#!/bin/sh\ntrap "" TERM\nwhile :; do sleep 1; done\n'


FLOOD = '''#!/usr/bin/env python3
import os, sys, threading
def drain():
    while os.read(0, 65536):
        pass
    os._exit(0)
threading.Thread(target=drain, daemon=True).start()
sys.stdout.write(''.join('announce route 40.%d.%d.0/24 next-hop self\\n' %
                         (i // 256, i % 256) for i in range(50000)))
sys.stdout.flush()
threading.Event().wait(60)
'''


def flood_program(world):
    """50,000 lines in one breath: not one is lost."""
    def received():
        return world.neighbor().get('stats', {}).get('prefixes', {}).get(
            'received')
    wait(lambda: received() == N + 50000, 30, 'all routes')
    assert not world.b.said('dropped')


def deaf_program(world):
    """It never reads: nobody else is harmed."""
    world.ready()
    up = world.uptime()
    time.sleep(3)
    assert world.is_up() and world.uptime() >= up + 2
    assert world.count() == N


def garbage_program(world):
    """An error for each bad line, and the good ones work."""
    world.ready(N + 2)
    assert world.is_up()


def dying_program(world):
    """Respawned up to the limit, then left alone."""
    world.ready()
    wait(lambda: world.b.said('giving up until a reload'), 10, 'the limit')
    assert world.is_up()


def stubborn_program(world):
    """Ignores SIGTERM: killed, and the daemon ends in time."""
    world.ready()
    wait(world.b.programs, 3, 'the program')
    start = time.monotonic()
    world.b.stop()
    assert time.monotonic() - start < 5


def reload_bad(world):
    """A bad file changes nothing, and says where it is bad."""
    world.ready()
    world.write_a('nonsense here\nneighbor 10.0.0.1 {\n\tremote-as x\n}\n')
    r = world.ctl('reload')
    assert r.returncode == 1, r
    assert 'a.conf:' in r.stdout, r.stdout
    world.a.process.send_signal(signal.SIGHUP)
    wait(lambda: world.a.said('configuration not changed', 2), 5, 'the log')
    assert world.is_up() and world.count() == N


def reload_difference(world):
    """Only what changed is touched: the session stays, a rule applies."""
    world.ready()
    time.sleep(1.1)
    up = world.uptime()
    world.write_a('neighbor 10.99.99.99 {\n\tremote-as 65009\n\tpassive\n}\n')
    text = (world.folder / 'a.conf').read_text()
    (world.folder / 'a.conf').write_text(
        text + 'deny from any prefix 20.0.0.0/24\n')
    r = world.ctl('reload')
    assert r.returncode == 0, r
    wait(lambda: world.count() == N - 1, 10, 'one route denied')
    assert world.uptime() >= up, 'the session was reset'
    assert '10.99.99.99' in world.ctl('show').stdout
    world.write_b(N // 2)
    world.b.process.send_signal(signal.SIGUSR1)
    wait(lambda: world.count() == N // 2 - 1, 10, 'routes withdrawn')
    assert world.uptime() >= up, 'the session was reset'


def control(world):
    """bgpctl's actions, their effect and exit status."""
    world.ready()
    assert world.ctl('neighbor', 'b', 'down', 'for', 'a', 'test'
                     ).returncode == 0
    wait(lambda: world.neighbor().get('state') == 'Idle', 5, 'down')
    await_said(world.b, 'for a test')
    assert world.ctl('neighbor', 'b', 'up').returncode == 0
    world.ready()
    assert world.ctl('neighbor', 'b', 'clear').returncode == 0
    wait(lambda: world.b.said('received NOTIFICATION 6/4'), 5, 'reset')
    world.ready()
    assert world.ctl('neighbor', 'nobody', 'clear').returncode == 1
    assert world.ctl('neighbor', 'b', 'refresh').returncode == 0
    assert world.ctl('network', 'add', '50.0.0.0/8').returncode == 0
    wait(lambda: world.count() == N + 1, 5, 'the network')
    assert world.ctl('network', 'delete', '50.0.0.0/8').returncode == 0
    world.ready()
    for net in ('51.0.0.0/8', '2001:db8::/32'):
        assert world.ctl('network', 'add', net).returncode == 0
    wait(lambda: world.count() == N + 2, 5, 'networks')
    assert len(world.ctl('show', 'network').stdout.splitlines()) == 4
    assert world.ctl('network', 'flush').returncode == 0
    world.ready()
    nets = ['52.%d.%d.0/24' % (i // 250, i % 250) for i in range(600)]
    assert world.ctl('network', 'bulk', 'add', 'localpref', '200',
                     text='# six hundred\n' + '\n'.join(nets)
                     ).returncode == 0
    wait(lambda: world.count() == N + 600, 5, 'networks in bulk')
    r = world.ctl('network', 'bulk', 'add', text='53.0.0.0/8 nonsense')
    assert r.returncode == 1 and 'nonsense' in r.stdout + r.stderr, r
    assert world.ctl('network', 'bulk', 'delete',
                     text=' '.join(nets + ['53.0.0.0/8'])).returncode == 0
    world.ready()
    flow = 'inet proto tcp from any to 192.0.2.0/24 port 80'.split()
    assert world.ctl('flowspec', 'add', *flow).returncode == 0
    shown = world.ctl('flowspec', 'show').stdout
    assert 'destination-ipv4 192.0.2.0/24 protocol =tcp destination-port =80' \
        in shown, shown
    assert world.ctl('flowspec', 'delete', *flow).returncode == 0
    assert '192.0.2.0/24' not in world.ctl('flowspec', 'show', 'inet'
                                           ).stdout
    assert world.ctl('flowspec', 'add', *flow).returncode == 0
    assert world.ctl('flowspec', 'flush').returncode == 0
    assert '192.0.2.0/24' not in world.ctl('flowspec', 'show').stdout
    assert world.ctl('log', 'verbose').returncode == 0
    assert world.ctl('sho', 'sum', 'terse').stdout.strip() == \
        'b 65002 Established'
    assert world.ctl('show', 'x').returncode == 1
    rows = json.loads(world.ctl('-j', 'show', 'rib', '20.0.0.0/16',
                                'or-longer').stdout)['rib']
    assert len(rows) == 250, len(rows)
    hops = json.loads(world.ctl('-j', 'show', 'nexthop').stdout)['nexthops']
    assert {'address': '127.0.0.2', 'valid': True} in hops, hops


def clients(world):
    """Slow, silent, vanished and hostile clients cost nothing; who changes
    something is in the log."""
    looking = str(world.folder / 'glass.sock')
    world.ready()
    flap_to(world, 40000)
    api = world.a.worker('api')
    before = resident(api)
    slow = [connect(world.sock) for _ in range(10)]
    for s in slow:
        s.send(request(request='rib'))
    for _ in range(100):     # ask and go
        s = connect(world.sock)
        s.send(request(request='rib'))
        s.close()
    start = time.monotonic()
    assert world.is_up()
    assert time.monotonic() - start < 2
    grown = resident(api) - before
    assert grown < 40 << 20, '%d bytes' % grown
    print('  10 that do not read, 100 that vanish: %d KiB' % (grown // 1024))
    for s in slow:
        s.close()
    for bad in (b'\xff\xff\xff\xff', b'\0\0\0\x05\xdd\xff\xff\xff\xff',
                b'\0\0\0\0', b'\0\0\0\x01\xc1', os.urandom(4096)):
        s = connect(world.sock)
        s.send(bad)
        s.shutdown(socket.SHUT_WR)
        while not is_closed(s):
            pass
    assert world.a.worker('api') == api, 'the broker died'
    rde = world.a.worker('rde')
    for name in ('fe80::1%lo', 'fe80::1%nothing', 'fe80::1%1'):
        s = connect(looking)
        s.send(request(request='rib', prefix=name))
        s.recv(4096)
        s.close()
    assert world.is_up() and world.a.worker('rde') == rde, 'the RDE died'
    idle = [connect(looking) for _ in range(100)]
    assert world.is_up(), 'looking glasses shut the operator out'
    for s in idle:
        s.close()
    for words in (dict(request='neighbor', action='clear', peer='b'),
                  dict(request='network', action='add', route='1.0.0.0/8'),
                  dict(request='reload'),
                  dict(request='log', level='verbose')):
        s = connect(looking)
        s.send(request(**words))
        assert b'permission denied' in s.recv(4096), words
        s.close()
    for name in ('neighbors', 'rib', 'nexthops', 'sets', 'memory', 'networks'):
        s = connect(looking)
        s.send(request(request=name))
        assert b'permission denied' not in s.recv(4096), name
        s.close()
    assert not world.a.said('too slow')
    assert world.ctl('log', 'brief').returncode == 0
    await_said(world.a, '(uid %d, pid ' % os.getuid())
    log = world.a.log_path.read_text().split('): log')[-2]
    first = int(log.rpartition('control client ')[2].split()[0])
    assert world.ctl('log', 'brief').returncode == 0
    wait(lambda: world.a.said('control client %d ' % (first + 1)), 5, 'its id')
    assert world.a.worker('api') == api, 'the broker died'


def not_root(world):
    """Everything runs, without changes of privilege, and it says so."""
    world.ready()
    await_said(world.a, 'not root: workers keep this user')
    for role in ('session', 'rde', 'api'):
        s = status(world.a.worker(role))
        assert s['NoNewPrivs'] == '1'
        assert s.get('Seccomp') == '2' or sanitized(world.a), role
    await_said(world.a, 'not root: no change of user', 3)
    control(world)


def second_daemon(world):
    """The control socket of a living daemon is not taken over."""
    world.ready()
    r = subprocess.run([BIN + '/bgpd', '-d', '-f', str(world.folder /
                        'a.conf')] + world.user(), text=True,
                       capture_output=True, timeout=20)
    assert r.returncode == 1
    assert 'a daemon answers there already' in r.stderr, r.stderr
    assert world.is_up()


if IS_ROOT:
    NOBODY = {'user': 'nobody'}
else:
    NOBODY = {}

# As in a container that withholds CAP_SYS_ADMIN.
NO_ADMIN = {'prefix': ['setpriv', '--bounding-set=-sys_admin']} \
    if IS_ROOT else {}

SMALL = {'prefix': ['prlimit', '--as=%d' % (12 << 20)]}

TESTS = {
    'not_root': (not_root, NOBODY),
    'hostile': (hostile, {}),
    'keys': (keys, {}),
    'privileges': (privileges, {}),
    'privileges_no_admin': (privileges, NO_ADMIN),
    'forbidden': (forbidden, {}),
    'kill_broker': (kill_broker, {}),
    'kill_rde': (kill_rde, {}),
    'kill_session': (kill_session, {}),
    'kill_parent': (kill_parent, {'program': STUBBORN}),
    'random_kills': (random_kills, {}),
    'deaths': (deaths, {}),
    'memory': (memory, SMALL),
    'upgrade': (upgrade, {}),
    'meanwhile': (meanwhile, {}),
    'ports': (ports, {}),
    'renew': (renew, {'program': STEADY}),
    'gives_up': (gives_up, {}),
    'stopped_program': (stopped_program, {'program': STUBBORN}),
    'deaf_program': (deaf_program, {'program': DEAF}),
    'flood_program': (flood_program, {'program': FLOOD}),
    'garbage_program': (garbage_program, {'program': GARBAGE}),
    'dying_program': (dying_program, {'program': DIES}),
    'stubborn_program': (stubborn_program, {'program': STUBBORN}),
    'reload_bad': (reload_bad, {}),
    'reload_difference': (reload_difference, {}),
    'control': (control, {}),
    'control_solo': (control, {'is_solo': True}),
    'reload_bad_solo': (reload_bad, {'is_solo': True}),
    'reload_difference_solo': (reload_difference, {'is_solo': True}),
    'clients': (clients, {}),
    'second_daemon': (second_daemon, {}),
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
            print('FAIL %s: %s\n%s' % (name, e, traceback.format_exc()))
            for d in (world.a, world.b):
                print('--- %s\n%s' % (d.name, d.log_path.read_text(
                    errors='replace')[-4000:]))
            return False
        finally:
            for d in (world.a, world.b):
                left = list(children(d.pid))
                if d.process.poll() is None:
                    d.process.kill()
                    d.process.wait()
                for pid in left:
                    try:
                        os.kill(pid, signal.SIGKILL)
                    except OSError:
                        pass


def main():
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    names = sys.argv[2:] or list(TESTS)
    # An address sanitizer wants terabytes.
    if subprocess.run([BIN + '/bgpd'] + World.user() + ['-X', 'rde'],
                      capture_output=True
                      ).returncode == 77 and 'memory' in names:
        names.remove('memory')
    passed = 0
    for name in names:
        ok = run(name, free_port())
        passed += ok
        print('%s %s' % ('ok' if ok else 'FAIL', name), flush=True)
    print('%d of %d' % (passed, len(names)))
    return 0 if passed == len(names) else 1


if __name__ == '__main__':
    sys.exit(main())
