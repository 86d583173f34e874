#!/usr/bin/env python3
# SPDX-License-Identifier: ISC
"""TCP-AO between two of our daemons. Where the kernel has it, equal keys make
a session and others do not; where it has not, there is no session, in or out,
and the log says why. An unprotected connection is never taken.

usage: ao.py BIN
"""
import errno
import os
import pathlib
import socket
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, os.path.join(os.path.dirname(__file__), '..'))
from speaker import Closed, Speaker, free_port  # noqa: E402

TCP_AO_ADD_KEY = 38
CONF = '''AS %(asn)d
router-id 192.0.2.%(n)d
fib-update no
connect-retry 1
listen on 127.0.0.%(n)d port %(port)d
socket "%(folder)s/%(n)d.sock"
neighbor 127.0.0.%(other)d {
	remote-as %(other_as)d
	local-address 127.0.0.%(n)d
	port %(port)d
	tcp ao id 7 algorithm "hmac-sha-256" password "%(key)s"
}
'''


def kernel_has_ao():
    with socket.socket() as s:
        try:
            s.setsockopt(socket.IPPROTO_TCP, TCP_AO_ADD_KEY, bytes(288))
        except OSError as fault:
            return fault.errno != errno.ENOPROTOOPT
    return True


def states(binary, folder):
    done = subprocess.run([binary + '/bgpctl', '-s', folder + '/1.sock',
                           'show'], capture_output=True, text=True)
    return done.stdout


def wait(test, seconds):
    limit = time.monotonic() + seconds
    while not test():
        if time.monotonic() > limit:
            return False
        time.sleep(0.05)
    return True


def refuses_unprotected(port):
    try:
        speaker = Speaker('127.0.0.2', '127.0.0.1', port, 2)
        try:
            return speaker.read(2) is None
        finally:
            speaker.close()
    except (Closed, OSError):
        return True


def run(binary, keys, has_ao):
    user = ['-u', 'nobody'] if os.geteuid() == 0 else []
    with tempfile.TemporaryDirectory(prefix='bgpd-ao.') as folder:
        os.chmod(folder, 0o755)
        port = free_port()
        daemons = []
        try:
            for n, key in enumerate(keys, 1):
                conf = pathlib.Path(folder) / ('%d.conf' % n)
                conf.write_text(CONF % {
                    'n': n, 'other': 3 - n, 'asn': 65000 + n, 'port': port,
                    'other_as': 65003 - n, 'folder': folder, 'key': key})
                conf.chmod(0o600)
                with open(folder + '/%d.log' % n, 'wb') as log:
                    daemons.append(subprocess.Popen(
                        [binary + '/bgpd', '-d', '-f', str(conf)] + user,
                        stderr=log))
            is_up = wait(lambda: 'Active' not in states(binary, folder) and
                         ' 0\n' in states(binary, folder),
                         5 if has_ao and keys[0] == keys[1] else 2)
            text = pathlib.Path(folder + '/1.log').read_text()
            return is_up, refuses_unprotected(port), text
        finally:
            for daemon in daemons:
                daemon.terminate()
            for daemon in daemons:
                daemon.wait(20)


def main():
    binary, has_ao, failed = sys.argv[1], kernel_has_ao(), 0
    for keys in (('one', 'one'), ('one', 'two')):
        is_up, is_refused, log = run(binary, keys, has_ao)
        is_good = is_up == (has_ao and keys[0] == keys[1]) and is_refused
        if not has_ao:
            is_good &= 'the kernel lacks it; its connections are refused' \
                in log and 'it is not started' in log
        if not is_good:
            failed += 1
            print('FAIL', keys, is_up, is_refused, log)
    print('the kernel has %sTCP-AO, %d failed' % ('' if has_ao else 'no ',
                                                  failed))
    return failed != 0


if __name__ == '__main__':
    sys.exit(main())
