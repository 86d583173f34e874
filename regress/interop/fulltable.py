#!/usr/bin/env python3
# SPDX-License-Identifier: ISC
"""A real full table goes in at one peer and comes out at another, complete:
every prefix, with the AS path it came with behind our own AS.

usage: fulltable.py BIN TABLE.bgp.gz
Exit status 77 without the table.
"""
import gzip
import os
import pathlib
import signal
import struct
import subprocess
import sys
import tempfile
import threading
import time

sys.path.insert(0, os.path.join(os.path.dirname(__file__), '..'))
from speaker import (KEEPALIVE, UPDATE, Speaker, free_port,  # noqa: E402
                     message, routes)

PORT = free_port()
CONF = '''AS 3856
router-id 192.0.2.1
fib-update no
listen on 127.0.0.1 port %d
socket "%s"
neighbor 127.0.0.2 {
	remote-as 3856
	passive
	announce IPv4 unicast
	holdtime 60
}
neighbor 127.0.0.3 {
	remote-as 65003
	passive
	announce IPv4 unicast
	holdtime 60
}
allow from any
allow to any
'''


def table(data):
    """prefix -> AS path of the last announcement; order does not matter."""
    found = {}
    i = 0
    while i < len(data):
        length, kind = struct.unpack_from('!HB', data, i + 16)
        if kind == UPDATE:
            apply(found, data[i + 19:i + length], 0)
        i += length
    return found


def apply(found, body, skip):
    new, gone, attributes = routes(body)
    for p in gone:
        found.pop(p, None)
    if new:
        path = attributes.get(2, b'')
        for p in new:
            found[p] = path


def main():
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    path = pathlib.Path(sys.argv[2])
    if not path.exists():
        print('no table at', path)
        return 77
    data = gzip.decompress(path.read_bytes())
    wanted = table(data)
    # Paths with an AS_SET (RFC 9774) or with AS 0 (RFC 7607) are refused.
    with_set = [p for p, v in wanted.items() if is_refused(v)]
    for p in with_set:
        del wanted[p]
    with tempfile.TemporaryDirectory(prefix='bgpd-table.') as temp:
        folder = pathlib.Path(temp)
        folder.chmod(0o755)
        conf = folder / 'bgpd.conf'
        conf.write_text(CONF % (PORT, folder / 'sock'))
        has = subprocess.run(['id', '_bgpd'], capture_output=True)
        user = [] if has.returncode == 0 else ['-u', 'nobody']
        daemon = subprocess.Popen([sys.argv[1] + '/bgpd', '-d', '-f',
                                   str(conf)] + user)
        try:
            return run(data, wanted, len(with_set))
        finally:
            daemon.terminate()
            daemon.wait(15)


def is_refused(path):
    i = 0
    while i < len(path):
        n = path[i + 1]
        if path[i] in (1, 4) or 0 in struct.unpack_from('!%dI' % n, path,
                                                         i + 2):
            return True
        i += 2 + 4 * n
    return False


def run(data, wanted, n_sets):
    receiver = Speaker('127.0.0.3', '127.0.0.1', PORT)
    receiver.establish(65003, router_id='192.0.2.3')
    sender = Speaker('127.0.0.2', '127.0.0.1', PORT)
    sender.establish(3856, router_id='192.0.2.2')
    start = time.monotonic()
    feeder = threading.Thread(target=sender.send, args=(data,))
    feeder.start()
    found = {}
    limit = time.monotonic() + 60
    beat = time.monotonic()
    seconds = 0
    while time.monotonic() < limit:
        is_whole = len(found) == len(wanted)
        if is_whole and seconds == 0:
            seconds = time.monotonic() - start
        # Some prefixes come twice in the table: their last word counts.
        got = receiver.read(0.5 if is_whole else 5)
        if got is None and is_whole and not feeder.is_alive():
            break
        if got is not None and got[0] == UPDATE:
            apply(found, got[1], 0)
        if time.monotonic() > beat + 5:
            beat = time.monotonic()
            receiver.send(message(KEEPALIVE))
            if not feeder.is_alive():
                sender.send(message(KEEPALIVE))
    feeder.join()
    wrong = 0
    for p, path in wanted.items():
        ours = found.get(p)
        # Our own AS is prepended to the first sequence.
        if ours is None or ours[2:6] != struct.pack('!I', 3856) or \
                ours[6:] != path[2:]:
            wrong += 1
    for p in list(wanted.keys() - found.keys())[:8]:
        print('missing', p.hex(), 'path', wanted[p].hex())
    print('%d of %d prefixes out, %d with a wrong or no path, %d with an '
          'AS_SET or AS 0 refused, %.1f s' % (len(found), len(wanted), wrong, n_sets,
                                      seconds))
    receiver.close()
    sender.close()
    return 0 if len(found) == len(wanted) and wrong == 0 else 1


if __name__ == '__main__':
    sys.exit(main())
