#!/usr/bin/env python3
# SPDX-License-Identifier: ISC
"""P10: MRT files, PID file and log on a file system of 1 MB that is full,
then not, then full again. Sessions stay, nothing spins, one line tells of it,
and what was cut off is whole in the end.

usage: full_disk.py BIN
Exit status 77 where nothing can be mounted.
"""
import os
import pathlib
import signal
import struct
import subprocess
import sys
import tempfile
import time

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [os.path.join(HERE, '..', n) for n in ('proc', 'bench')]
from harness import (BIN, N, Daemon, World, children, flap,  # noqa: E402
                     free_port, wait)
from measure import cpu_seconds  # noqa: E402


class Disk:
    def __init__(self, path):
        self.path = path
        path.mkdir()
        subprocess.run(['mount', '-t', 'tmpfs', '-o', 'size=1m,mode=777',
                        'none', path], check=True)

    def fill(self):
        with open(self.path / 'filler', 'ab', buffering=0) as f:
            try:
                while True:
                    f.write(bytes(4096))
            except OSError:
                pass

    def empty(self):
        (self.path / 'filler').unlink()


def start_b(world, **more):
    world.b.stop()
    world.b = Daemon(world.folder, 'b', [
        BIN + '/exabgp', str(world.folder / 'b.conf')], dict({
            'exabgp_tcp_bind': '', 'exabgp_api_cli': 'false',
            'exabgp_api_version': '4', 'exabgp_daemon_user': 'nobody'},
            **more))
    world.ready()


def rest(world):
    """Nothing but timers: neither daemon spins."""
    pids = [p for d in (world.a, world.b) for p in
            [d.pid] + list(children(d.pid))]
    before = cpu_seconds(pids)
    time.sleep(3)
    spent = cpu_seconds(pids) - before
    assert spent < 0.9, 'it spins: %.2f s of 3' % spent
    return spent


def records(path):
    """How many whole records; what is behind the last one."""
    data, at, n = path.read_bytes(), 0, 0
    while len(data) - at >= 12:
        length = struct.unpack_from('!I', data, at + 8)[0]
        if len(data) - at < 12 + length:
            break
        assert struct.unpack_from('!H', data, at + 4)[0] in (13, 17)
        at += 12 + length
        n += 1
    return n, len(data) - at


def dumps(world, disk):
    """Full from the start, then room, then full in the middle of a file."""
    there = disk.path / 'in'
    lines = 0
    for i in range(3):
        if i > 0:
            disk.fill()
        start_b(world)
        # The file's last page takes some more.
        limit = time.monotonic() + 20
        while not world.a.said('in: No space left', i + 1):
            assert time.monotonic() < limit, 'no line in the log'
            flap(world)
        world.ready()
        spent = rest(world)
        assert world.is_up()
        lines = world.a.log_path.read_text().count('in: No space left')
        assert lines == i + 1, '%d lines' % lines
        was = there.stat().st_size
        disk.empty()
        wait(lambda: world.a.said('in: goes on', i + 1), 20, 'it goes on')
        flap(world)
        world.ready()
        wait(lambda: there.stat().st_size > was and records(there)[1] == 0,
             20, 'whole records')
    return '%d records, none torn, %d lines, %.2f s of CPU in 3 s' % (
        records(there)[0], lines, spent)


def tables(world, disk):
    """A table that has no room waits for the next file."""
    table = world.folder / 'tables' / 'table'
    assert world.a.said('table: No space left'), 'no word about the table'
    (world.folder / 'tables' / 'filler').unlink()
    wait(lambda: records(table) == (N + 1, 0), 20, 'a whole table')
    assert world.is_up()
    return '%d records' % (N + 1)


def pid_file(world, disk):
    pid = disk.path / 'b.pid'
    disk.fill()
    start_b(world, exabgp_daemon_pid=str(pid))
    wait(lambda: world.b.said('b.pid: cannot be written: No space'), 10,
         'a line')
    assert pid.read_text() == ''
    disk.empty()
    start_b(world, exabgp_daemon_pid=str(pid))
    assert pid.read_text() == '%d\n' % world.b.pid
    return 'told, then written'


def log_file(world, disk):
    log = disk.path / 'b.log'
    start_b(world, exabgp_log_destination=str(log), exabgp_log_level='DEBUG')
    wait(lambda: log.exists() and log.stat().st_size > 0, 10, 'a log')
    disk.fill()

    def is_full():
        before = log.stat().st_size
        flap_b(world)
        return log.stat().st_size == before
    wait(is_full, 20, 'the log is full')
    spent = rest(world)
    assert world.is_up()
    disk.empty()
    full = log.stat().st_size
    flap_b(world)
    wait(lambda: log.stat().st_size > full, 20, 'the log goes on')
    return '%d bytes, then on; %.2f s of CPU in 3 s' % (full, spent)


def flap_b(world):
    """Lines for b's log, whose place harness's flap does not know."""
    for n in (1, N):
        world.write_b(n)
        world.b.process.send_signal(signal.SIGUSR1)
        world.ready(n)


def main():
    if os.geteuid() != 0:
        print('needs to mount: root')
        return 77
    if 'FULL_DISK_INSIDE' not in os.environ:
        os.environ['FULL_DISK_INSIDE'] = '1'
        os.execvp('unshare', ['unshare', '--mount', sys.executable] +
                  sys.argv)
    with tempfile.TemporaryDirectory(prefix='bgpd-disk.') as name:
        folder = pathlib.Path(name)
        disk, other = Disk(folder / 'disk'), Disk(folder / 'tables')
        disk.fill()
        other.fill()
        world = World(folder, free_port(), extra='dump all in "%s/in"\n'
                      'dump table-v2 "%s/table" 2\n' % (disk.path, other.path))
        cases = (dumps, tables, pid_file, log_file)
        try:
            world.ready()
            for case in cases:
                print('%s: %s' % (case.__name__, case(world, disk)),
                      flush=True)
        except BaseException:
            for d in (world.a, world.b):
                print(d.log_path.read_text(errors='replace')[-3000:])
            raise
        finally:
            world.stop()
            for d in (disk, other):
                subprocess.run(['umount', d.path], check=True)
    print('%d of %d' % (len(cases), len(cases)))
    return 0


if __name__ == '__main__':
    sys.exit(main())
