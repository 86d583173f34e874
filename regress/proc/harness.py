# SPDX-License-Identifier: ISC
"""What tests of processes share: two of our daemons on loopback, and looks
into /proc. The first argument of the program is the folder of the binaries.
"""
import json
import os
import pathlib
import signal
import socket
import struct
import subprocess
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(__file__), '..'))
from speaker import free_port  # noqa: E402

BIN = os.path.abspath(sys.argv[1])
IS_ROOT = os.geteuid() == 0
N = 500
SEED = int(os.environ.get('BGPD_SEED', '1'))


SLOW = 4    # times that a busy machine may take


def wait(test, seconds, what):
    limit = time.monotonic() + SLOW * seconds
    while True:
        value = test()
        if value:
            return value
        if time.monotonic() > limit:
            raise AssertionError('not within %s s: %s' % (
                seconds, what() if callable(what) else what))
        time.sleep(0.05)


def await_said(daemon, text, n=1):
    """A line of the log may come after what it is about."""
    wait(lambda: daemon.said(text, n), 10, '%s: %s' % (daemon.name, text))


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
                self.process.wait(30)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()
                raise AssertionError('%s did not stop' % self.name)


class World:
    """a speaks bgpd.conf, b ExaBGP's language; b has N routes for a."""

    def __init__(self, folder, port, program=None, extra='', refresh='yes',
                 is_solo=False, user=None, prefix=()):
        self.folder, self.port = folder, port
        folder.chmod(0o777 if user else 0o755)
        self.sock = str(folder / 'a.sock')
        self.extra = extra
        self.refresh = refresh
        self.program = program
        self.write_a()
        self.write_b(N)
        self.a = Daemon(folder, 'a', list(prefix) + [
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
socket "%s/glass.sock" restricted
neighbor 127.0.0.2 {
	descr "b"
	remote-as 65002
	local-address 127.0.0.1
	passive
	announce IPv4 unicast
	announce refresh %s
}
%sallow from any
''' % (self.port, self.sock, self.folder, self.refresh,
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
            '\t\troute %d.%d.%d.0/24 next-hop self;\n' % (
                20 + i // 62500, i // 250 % 250, i % 250)
            for i in range(n))))

    def ctl(self, *args, text=None):
        return subprocess.run([BIN + '/bgpctl', '-s', self.sock] + list(args),
                              text=True, capture_output=True, timeout=20,
                              input=text)

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


def sanitized(daemon):
    return daemon.said('without landlock and seccomp')


def connect(path):
    s = socket.socket(socket.AF_UNIX)
    s.connect(path)
    s.settimeout(30)
    return s


def request(**words):
    """A request of bgpctl: a MessagePack map behind its length."""
    body = bytes([0x80 + len(words)])
    for pair in words.items():
        for text in pair:
            body += b'\xd9' + bytes([len(text)]) + text.encode()
    return struct.pack('>I', len(body)) + body


def resident(pid):
    return int(status(pid)['VmRSS'].split()[0]) * 1024


def is_closed(s):
    try:
        return s.recv(1) == b''
    except ConnectionResetError:
        return True


def flap_to(world, n):
    world.write_b(n)
    world.b.process.send_signal(signal.SIGUSR1)
    world.ready(n)


def flap(world):
    """All of b's routes go and come: work, and memory, for every worker."""
    for n in (1, N):
        said = world.b.log_path.read_text().count('reloaded')
        world.write_b(n)
        world.b.process.send_signal(signal.SIGUSR1)
        wait(lambda: world.b.said('reloaded', said + 1), 5, 'a reload')


def fds(pid):
    return len(os.listdir('/proc/%d/fd' % pid))
