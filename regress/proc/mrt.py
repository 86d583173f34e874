#!/usr/bin/env python3
# SPDX-License-Identifier: ISC
"""MRT files of the daemon, read by bgpdump: messages in and out, changes of
state, the table at intervals, for the daemon and for a neighbor; a reload
that changes one dump leaves the other's file alone.

usage: mrt.py BIN
Exit status 77 without bgpdump.
"""
import os
import pathlib
import shutil
import signal
import struct
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, os.path.join(os.path.dirname(__file__), '..'))
from speaker import (Speaker, attribute, free_port, prefix,  # noqa: E402
                     update)

CONF = '''AS 65001
router-id 192.0.2.1
fib-update no
listen on 127.0.0.1 port %(port)d
socket "%(folder)s/sock"
dump table-v2 "%(folder)s/table" 1
dump all in "%(folder)s/in"
%(more)snetwork 203.0.113.0/24
neighbor 127.0.0.2 {
	remote-as 65002
	passive
	announce IPv4 unicast
	announce IPv6 unicast
}
neighbor 127.0.0.3 {
	remote-as 65003
	passive
	dump updates out "%(folder)s/out"
}
allow from any
allow to any
'''
V6 = attribute(0x80, 14, struct.pack('!HBB', 2, 1, 16) + bytes.fromhex(
    '20010db8000000000000000000000002') + b'\0' + bytes.fromhex(
        '2020010db8'))
GOOD = (attribute(0x40, 1, b'\0') +
        attribute(0x40, 2, b'\x02\x01' + struct.pack('!I', 65002)))


def lines(path):
    """What bgpdump makes of a file: fields, without the time."""
    done = subprocess.run(['bgpdump', '-m', str(path)], capture_output=True,
                          text=True)
    found = []
    for line in done.stdout.splitlines():
        fields = line.split('|')
        found.append([fields[0]] + fields[2:])
    return found


def wait(test, what):
    limit = time.monotonic() + 30
    while not test():
        if time.monotonic() > limit:
            raise AssertionError(what)
        time.sleep(0.1)


def has(path, *wanted):
    """Whether some line has these fields, in this order."""
    return any(line[:len(wanted)] == list(wanted) for line in lines(path))


def main():
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    if shutil.which('bgpdump') is None:
        print('no bgpdump')
        return 77
    with tempfile.TemporaryDirectory(prefix='bgpd-mrt.') as temp:
        folder = pathlib.Path(temp)
        folder.chmod(0o755)
        values = {'port': free_port(), 'folder': temp, 'more': ''}
        conf = folder / 'bgpd.conf'
        conf.write_text(CONF % values)
        user = ['-u', 'nobody'] if os.geteuid() == 0 else []
        daemon = subprocess.Popen([sys.argv[1] + '/bgpd', '-d', '-f',
                                   str(conf)] + user)
        try:
            return run(folder, conf, values)
        finally:
            daemon.terminate()
            daemon.wait(20)


def run(folder, conf, values):
    table, there, out = (folder / n for n in ('table', 'in', 'out'))
    a = Speaker('127.0.0.2', '127.0.0.1', values['port'])
    a.establish(65002, router_id='192.0.2.2', params=bytes.fromhex(
        '0206010400010001020601040002000102064104') +
        struct.pack('!I', 65002))
    b = Speaker('127.0.0.3', '127.0.0.1', values['port'])
    b.establish(65003, router_id='192.0.2.3')
    a.send(update(GOOD + attribute(0x40, 3, bytes((192, 0, 2, 2))) +
                  attribute(0xc0, 8, b'\0\1\0\2'), prefix('10.0.0.0/8')) +
           update(GOOD + V6))
    wait(lambda: has(there, 'BGP4MP_ET', 'A', '127.0.0.2', '65002',
                     '10.0.0.0/8', '65002', 'IGP', '192.0.2.2'),
         'an update that came')
    wait(lambda: has(there, 'BGP4MP_ET', 'STATE', '127.0.0.2', '65002', '5',
                     '6'), 'its session')
    wait(lambda: has(there, 'BGP4MP_ET', 'A', '127.0.0.2', '65002',
                     '2001:db8::/32'), 'an IPv6 update that came')
    wait(lambda: has(out, 'BGP4MP_ET_LOCAL', 'A', '127.0.0.3', '65003',
                     '10.0.0.0/8', '65001 65002'), 'an update that went')
    assert not any('127.0.0.2' in line for line in lines(out))
    wait(lambda: has(table, 'TABLE_DUMP2', 'B', '127.0.0.2', '65002',
                     '10.0.0.0/8', '65002', 'IGP', '192.0.2.2', '0', '0',
                     '1:2'), 'a prefix in the table')
    wait(lambda: has(table, 'TABLE_DUMP2', 'B', '127.0.0.2', '65002',
                     '2001:db8::/32', '65002', 'IGP', '2001:db8::2'),
         'an IPv6 prefix in the table')
    wait(lambda: has(table, 'TABLE_DUMP2', 'B', '0.0.0.0', '65001',
                     '203.0.113.0/24', '', 'IGP', '0.0.0.0'), 'our network')
    # Another dump; what is in the first one's file stays, and goes on.
    before = there.stat().st_size
    conf.write_text(CONF % dict(values, more='dump updates in "%s/more"\n' %
                                folder))
    subprocess.run([sys.argv[1] + '/bgpctl', '-s', folder / 'sock', 'reload'],
                   check=True, timeout=20)
    a.send(update(withdrawn=prefix('10.0.0.0/8')))
    wait(lambda: has(folder / 'more', 'BGP4MP_ET', 'W', '127.0.0.2',
                     '65002', '10.0.0.0/8'), 'a withdrawal in the new file')
    wait(lambda: there.stat().st_size > before and has(
        there, 'BGP4MP_ET', 'W', '127.0.0.2', '65002', '10.0.0.0/8'),
        'and in the old one')
    wait(lambda: not has(table, 'TABLE_DUMP2', 'B', '127.0.0.2', '65002',
                         '10.0.0.0/8'), 'a table without it')
    print('%d, %d, %d lines' % tuple(len(lines(p)) for p in
                                     (table, there, out)))
    return 0


if __name__ == '__main__':
    sys.exit(main())
