# SPDX-License-Identifier: ISC
"""What the cases of overload share: a network namespace of their own, a
neighbor that reads slowly or not at all, looks at single workers."""
import os
import pathlib
import socket
import struct
import subprocess
import sys
import threading
import time

HERE = pathlib.Path(__file__).parent
for _folder in ('bench', 'proc', '.'):
    sys.path.insert(0, str(HERE.parent / _folder))

from daemons import ADDRESS, PORT  # noqa: E402
from harness import children  # noqa: E402
from speaker import (KEEPALIVE, UPDATE, Speaker, attribute,  # noqa: E402
                     message, routes, update)


class Missed(AssertionError):
    """A figure that is not as promised."""


def check(is_right, text, *args):
    if not is_right:
        raise Missed(text % args)


def enter_namespaces():
    """Run this program again where 10.99/16 is local. What is made there,
    and mounted, ends with it."""
    os.environ['OVERLOAD_INSIDE'] = '1'
    os.execvp('unshare', ['unshare', '--net', '--mount', sys.executable] +
              sys.argv)


def make_network():
    for words in (('link', 'set', 'lo', 'up'),
                  ('link', 'add', 'b0', 'type', 'veth', 'peer', 'name', 'b1'),
                  ('addr', 'add', ADDRESS + '/16', 'dev', 'b0'),
                  ('link', 'set', 'b0', 'up'), ('link', 'set', 'b1', 'up'),
                  ('route', 'add', 'local', '10.99.0.0/16', 'dev', 'lo')):
        subprocess.run(('ip',) + words, check=True)


def worker(daemon, role):
    """Pid of a worker; of a daemon that has none, its own."""
    for pid, line in children(daemon.process.pid).items():
        if ' -R %s' % role in line:
            return pid
    return daemon.process.pid


def cpu(pid):
    """Seconds of CPU time, finer than ticks of the clock."""
    with open('/proc/%d/schedstat' % pid) as f:
        return int(f.read().split()[0]) / 1e9


def said(daemon, text):
    return (daemon.folder / 'log').read_text(errors='replace').count(text)


def is_sanitized(daemon):
    return said(daemon, 'without landlock and seccomp') > 0


def until(test, seconds, what):
    limit = time.monotonic() + seconds
    while not test():
        check(time.monotonic() < limit, 'not within %d s: %s', seconds, what)
        time.sleep(0.05)


class Neighbor(Speaker):
    """A peer of the daemon, spoken by this program; keeps its session by
    KEEPALIVEs from a thread and reads when told to."""

    def __init__(self, peer, room=0, **options):
        super().__init__(peer.address, ADDRESS, PORT, 20, room)
        self.establish(peer.asn, router_id=peer.address, hold=peer.hold,
                       **options)
        self.view = {}      # prefix -> attributes
        self.n_updates = self.n_bytes = 0
        self.lock = threading.Lock()
        self.ends = threading.Event()
        self.thread = threading.Thread(target=self.keep, args=(peer.hold / 3,))
        self.thread.start()

    def keep(self, seconds):
        while not self.ends.wait(seconds):
            try:
                self.send(message(KEEPALIVE))
            except OSError:
                return

    def send(self, data):
        """Whole messages: those of the thread do not come between."""
        with self.lock if hasattr(self, 'lock') else threading.Lock():
            super().send(data)

    def room(self, n_bytes):
        self.sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, n_bytes)

    def take(self, data):
        """Bytes of the stream, into the view."""
        self.data += data
        at = 0
        while len(self.data) - at >= 19:
            length, kind = struct.unpack_from('!HB', self.data, at + 16)
            if len(self.data) - at < length:
                break
            if kind == UPDATE:
                self.n_updates += 1
                news, gone, attributes = routes(
                    self.data[at + 19:at + length])
                for prefix in gone:
                    self.view.pop(prefix, None)
                for prefix in news:
                    self.view[prefix] = attributes
            at += length
        self.data = self.data[at:]
        self.n_bytes += len(data)

    def read_some(self, n=1 << 18, seconds=1.0):
        """False when nothing came."""
        self.sock.settimeout(seconds)
        try:
            data = self.sock.recv(n)
        except socket.timeout:
            return False
        finally:
            self.sock.settimeout(None)
        check(data, 'the session has ended')
        self.take(data)
        return True

    def read_until(self, test, seconds, what):
        limit = time.monotonic() + seconds
        while not test():
            check(time.monotonic() < limit, 'not within %d s: %s', seconds,
                  what() if callable(what) and
                  time.monotonic() >= limit else what)
            self.read_some()

    def close(self):
        self.ends.set()
        self.thread.join()
        super().close()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()


def path_of(peer, *asns):
    """ORIGIN, AS_PATH and NEXT_HOP."""
    asns = (peer.asn,) + asns
    path = b''
    for i in range(0, len(asns), 250):
        part = asns[i:i + 250]
        path += struct.pack('!BB%dI' % len(part), 2, len(part), *part)
    return (attribute(0x40, 1, b'\0') + attribute(0x40, 2, path) +
            attribute(0x40, 3, socket.inet_aton(peer.address)))


def announce(peer, prefixes, community=1):
    return update(path_of(peer) + attribute(0xc0, 8, struct.pack(
        '!I', community)), b''.join(prefixes))


def prefix24(i):
    return bytes((24, 20 + (i >> 16), i >> 8 & 255, i & 255))
