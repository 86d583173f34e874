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
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, os.path.join(os.path.dirname(__file__), '..'))
from speaker import free_port  # noqa: E402

BIN = ''
IS_ROOT = os.geteuid() == 0
N = 500


def wait(test, seconds, what):
    limit = time.monotonic() + seconds
    while True:
        value = test()
        if value:
            return value
        if time.monotonic() > limit:
            raise AssertionError('not within %s s: %s' % (seconds, what))
        time.sleep(0.05)


def status(pid):
    fields = {}
    with open('/proc/%d/status' % pid) as f:
        for line in f:
            key, _, value = line.partition(':')
            fields[key] = value.strip()
    return fields


def exists(pid):
    try:
        return status(pid)['State'][0] != 'Z'
    except (OSError, KeyError):
        return False


def children(pid):
    """pid -> command line of each child."""
    found = {}
    for entry in pathlib.Path('/proc').iterdir():
        if not entry.name.isdigit():
            continue
        try:
            stat = (entry / 'stat').read_text()
            if int(stat.rpartition(')')[2].split()[1]) == pid:
                found[int(entry.name)] = (entry / 'cmdline').read_text(
                    errors='replace').replace('\0', ' ').strip()
        except OSError:
            pass
    return found


class Daemon:
    def __init__(self, folder, name, command, env=None, user=None):
        self.folder, self.name = folder, name
        self.log_path = folder / (name + '.log')
        self.log = open(self.log_path, 'w')
        self.process = subprocess.Popen(
            command, stdin=subprocess.DEVNULL, stdout=self.log,
            stderr=self.log, cwd=folder, env=dict(os.environ, **(env or {})),
            user=user)
        self.pid = self.process.pid

    def said(self, text, n=1):
        return self.log_path.read_text(errors='replace').count(text) >= n

    def worker(self, role):
        """Pid of a worker, or None."""
        for pid, line in children(self.pid).items():
            if ' -R %s' % role in line and exists(pid):
                return pid
        return None

    def programs(self):
        return [p for p, line in children(self.pid).items()
                if ' -R ' not in line]

    def stop(self):
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
            try:
                self.process.wait(10)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()
                raise AssertionError('%s did not stop' % self.name)


class World:
    """a speaks bgpd.conf, b ExaBGP's language; b has N routes for a."""

    def __init__(self, folder, port, program=None, extra='', refresh='yes',
                 is_solo=False, user=None):
        self.folder, self.port = folder, port
        folder.chmod(0o777 if user else 0o755)
        self.sock = str(folder / 'a.sock')
        self.extra = extra
        self.refresh = refresh
        self.program = program
        self.write_a()
        self.write_b(N)
        self.a = Daemon(folder, 'a', [
            BIN + '/bgpd', '-S' if is_solo else '-d', '-f',
            str(folder / 'a.conf')] + ([] if user else self.user()),
            user=user)
        self.b = Daemon(folder, 'b', [BIN + '/exabgp',
                                      str(folder / 'b.conf')],
                        {'exabgp_tcp_bind': '', 'exabgp_api_cli': 'false',
                         'exabgp_api_version': '4',
                         'exabgp_daemon_user': 'nobody'})

    @staticmethod
    def user():
        has = subprocess.run(['id', '_bgpd'], capture_output=True)
        return [] if has.returncode == 0 or not IS_ROOT else ['-u', 'nobody']

    def write_a(self, extra=None):
        (self.folder / 'a.conf').write_text('''AS 65001
router-id 192.0.2.1
fib-update no
connect-retry 1
holdtime 9
listen on 127.0.0.1 port %d
socket "%s"
neighbor 127.0.0.2 {
	descr "b"
	remote-as 65002
	local-address 127.0.0.1
	passive
	announce IPv4 unicast
	announce refresh %s
}
%sallow from any
''' % (self.port, self.sock, self.refresh,
            self.extra if extra is None else extra))

    def write_b(self, n):
        program = api = ''
        if self.program:
            path = self.folder / 'program'
            path.write_text(self.program)
            path.chmod(0o755)
            program = 'process p {\n\trun %s;\n\tencoder text;\n}\n' % path
            api = ('\tapi {\n\t\tprocesses [ p ];\n\t\tneighbor-changes;\n'
                   '\t\treceive {\n\t\t\tparsed;\n\t\t\tupdate;\n\t\t}\n'
                   '\t}\n')
        (self.folder / 'b.conf').write_text('''%sneighbor 127.0.0.1 {
	router-id 192.0.2.2;
	local-address 127.0.0.2;
	local-as 65002;
	peer-as 65001;
	hold-time 9;
	connect %d;
	family {
		ipv4 unicast;
	}
	capability {
		route-refresh;
	}
%s	static {
%s	}
}
''' % (program, self.port, api, ''.join(
            '\t\troute 20.%d.%d.0/24 next-hop self;\n' % (i // 250, i % 250)
            for i in range(n))))

    def ctl(self, *args):
        return subprocess.run([BIN + '/bgpctl', '-s', self.sock] + list(args),
                              text=True, capture_output=True, timeout=20)

    def neighbor(self):
        try:
            return json.loads(self.ctl('-j', 'show', 'neighbor').stdout)[
                'neighbors'][0]
        except (ValueError, KeyError, IndexError):
            return {}

    def is_up(self):
        return self.neighbor().get('state') == 'Established'

    def count(self):
        try:
            return len(json.loads(self.ctl('-j', 'show', 'rib').stdout)['rib'])
        except (ValueError, KeyError):
            return -1

    def ready(self, n=N):
        wait(lambda: self.count() == n, 15, '%d routes' % n)

    def uptime(self):
        return self.neighbor().get('last_updown_sec', -1)

    def stop(self):
        left = list(children(self.a.pid)) + list(children(self.b.pid))
        try:
            self.b.stop()
        finally:
            self.a.stop()
        wait(lambda: not any(exists(p) for p in left), 5,
             'children ended with their parents')
        assert not os.path.exists(self.sock), 'control socket left behind'


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
    parent = status(a.pid)
    assert int(parent['CapEff'], 16) & ~0x424e3 == 0, parent['CapEff']
    rows += 1
    print('  %d of %d rows of the table' % (rows, rows))


def sanitized(daemon):
    return daemon.said('without landlock and seccomp')


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
    assert world.b.said('giving up')


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
    assert world.b.said('for a test')
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
    assert world.ctl('log', 'verbose').returncode == 0
    assert world.ctl('sho', 'sum', 'terse').stdout.strip() == \
        'b 65002 Established'
    assert world.ctl('show', 'x').returncode == 1
    rows = json.loads(world.ctl('-j', 'show', 'rib', '20.0.0.0/16',
                                'or-longer').stdout)['rib']
    assert len(rows) == 250, len(rows)
    hops = json.loads(world.ctl('-j', 'show', 'nexthop').stdout)['nexthops']
    assert {'address': '127.0.0.2', 'valid': True} in hops, hops


def not_root(world):
    """Everything runs, without changes of privilege, and it says so."""
    world.ready()
    assert world.a.said('not root: workers keep this user')
    for role in ('session', 'rde', 'api'):
        s = status(world.a.worker(role))
        assert s['NoNewPrivs'] == '1'
        assert s.get('Seccomp') == '2' or sanitized(world.a), role
    assert world.a.said('not root: no chroot', 3)
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

TESTS = {
    'not_root': (not_root, NOBODY),
    'privileges': (privileges, {}),
    'kill_broker': (kill_broker, {}),
    'kill_rde': (kill_rde, {}),
    'kill_session': (kill_session, {}),
    'kill_parent': (kill_parent, {'program': STUBBORN}),
    'random_kills': (random_kills, {}),
    'gives_up': (gives_up, {}),
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
    'second_daemon': (second_daemon, {}),
}


def run(name, port):
    test, options = TESTS[name]
    with tempfile.TemporaryDirectory(prefix='bgpd-proc.') as temp:
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
    global BIN
    BIN = os.path.abspath(sys.argv[1])
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
