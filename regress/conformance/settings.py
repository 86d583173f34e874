#!/usr/bin/env python3
# SPDX-License-Identifier: ISC
"""Settings of ExaBGP's environment that the recorded cases do not touch:
log.destination, log.enable, log.level, bgp.openwait, api.compact, daemon.pid
and umask, and tcp.delay.

usage: settings.py EXABGP
"""
import os
import pathlib
import signal
import socket
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))
import speaker as bgp  # noqa: E402

CONF = '''neighbor 127.0.0.1 {
	router-id 192.0.2.1;
	local-address 127.0.0.1;
	local-as 65000;
	peer-as 65000;
}
'''


# A program that writes down what it is told.
PROGRAM = CONF.replace('\n}', '''
	family { ipv4 unicast; }
	api {
		processes [ listen ];
		receive { parsed; update; }
	}
}''') + '''process listen {
	run /bin/sh %s/listen.sh;
	encoder json;
}
'''


def exact(sock, n):
    data = b''
    while len(data) < n:
        piece = sock.recv(n - len(data))
        if not piece:
            return data
        data += piece
    return data


def read(sock):
    header = exact(sock, 19)
    if len(header) < 19:
        return b''
    return header[18:] + exact(sock, int.from_bytes(header[16:18],
                                                    'big') - 19)


def silent_peer(exabgp, **settings):
    """What the daemon says to a peer that says nothing, and what it logs."""
    with tempfile.TemporaryDirectory(prefix='bgpd-set.') as temp, \
            socket.create_server(('127.0.0.1', 0)) as listener:
        (pathlib.Path(temp) / 'conf').write_text(CONF)
        env = dict(os.environ, exabgp_tcp_bind='', exabgp_api_cli='false',
                   exabgp_tcp_port=str(listener.getsockname()[1]),
                   exabgp_bgp_openwait='1', EXABGP_ENVFILE=os.devnull,
                   **settings)
        daemon = subprocess.Popen([exabgp, 'conf'], cwd=temp, env=env,
                                  stdin=subprocess.DEVNULL, text=True,
                                  stdout=subprocess.PIPE,
                                  stderr=subprocess.PIPE)
        try:
            listener.settimeout(10)
            sock, _ = listener.accept()
            with sock:
                sock.settimeout(10)
                said = [read(sock), read(sock)]
        finally:
            daemon.terminate()
            out, err = daemon.communicate(timeout=10)
        log = pathlib.Path(temp) / 'log'
        return said, out, err, log.read_text() if log.exists() else ''


def compact(exabgp):
    """The event of an UPDATE with one prefix, and the pid file's mode."""
    with tempfile.TemporaryDirectory(prefix='bgpd-set.') as temp, \
            socket.create_server(('127.0.0.1', 0)) as listener:
        folder = pathlib.Path(temp)
        folder.chmod(0o777)
        (folder / 'conf').write_text(PROGRAM % temp)
        (folder / 'listen.sh').write_text(
            'while read -r line; do echo "$line" >>%s/seen; done\n' % temp)
        daemon = subprocess.Popen(
            [exabgp, 'conf'], cwd=temp, stdin=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL, env=dict(
                os.environ, exabgp_tcp_bind='', exabgp_api_cli='false',
                exabgp_tcp_port=str(listener.getsockname()[1]),
                exabgp_api_compact='true', exabgp_daemon_umask='0177',
                exabgp_daemon_pid=temp + '/pid', EXABGP_ENVFILE=os.devnull))
        try:
            listener.settimeout(10)
            sock, _ = listener.accept()
            with sock:
                sock.settimeout(10)
                read(sock)
                sock.sendall(bgp.message(bgp.OPEN, bgp.open_body(65000)) +
                             bgp.message(bgp.KEEPALIVE) + bgp.update(
                    bgp.attribute(0x40, 1, b'\0') +
                    bgp.attribute(0x40, 2, b'') +
                    bgp.attribute(0x40, 3, bytes((192, 0, 2, 9))) +
                    bgp.attribute(0x40, 5, b'\0\0\0\x64'),
                    bgp.prefix('10.0.0.0/8')))
                seen = folder / 'seen'
                limit = time.monotonic() + 10
                while not seen.exists() or '10.0' not in seen.read_text():
                    if time.monotonic() > limit:
                        return '', 0
                    time.sleep(0.05)
                return seen.read_text(), (folder / 'pid').stat().st_mode
        finally:
            daemon.terminate()
            daemon.wait(10)


def delayed(exabgp):
    """What is logged when the next multiple of 600,000 minutes is awaited,
    and whether a connection came."""
    with tempfile.TemporaryDirectory(prefix='bgpd-set.') as temp, \
            socket.create_server(('127.0.0.1', 0)) as listener:
        (pathlib.Path(temp) / 'conf').write_text(CONF)
        daemon = subprocess.Popen(
            [exabgp, 'conf'], cwd=temp, stdin=subprocess.DEVNULL,
            stderr=subprocess.PIPE, text=True, env=dict(
                os.environ, exabgp_tcp_bind='', exabgp_api_cli='false',
                exabgp_tcp_port=str(listener.getsockname()[1]),
                exabgp_tcp_delay='600000', EXABGP_ENVFILE=os.devnull))
        try:
            for line in daemon.stderr:
                if 'before connecting' in line:
                    break
            listener.settimeout(0.5)
            try:
                listener.accept()[0].close()
                return line, True
            except OSError:
                return line, False
        finally:
            daemon.terminate()
            daemon.communicate(timeout=10)


# In an empty chroot leaks cannot be looked for, and saying so is output.
os.environ.setdefault('ASAN_OPTIONS', 'detect_leaks=0')


def main():
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    exabgp = os.path.abspath(sys.argv[1])
    failed = []

    def check(what, is_good, seen):
        if not is_good:
            failed.append(what)
            print('FAIL', what, repr(seen))

    said, out, err, log = silent_peer(exabgp)
    check('an OPEN is sent', said[0][:1] == bytes((bgp.OPEN,)), said)
    check('openwait ends in 5/1', said[1][:3] == b'\3\5\1', said)
    check('the log is on standard error', 'running' in err and not out, err)
    _, out, err, _ = silent_peer(exabgp, exabgp_log_destination='stdout')
    check('stdout', 'running' in out and not err, (out, err))
    _, out, err, log = silent_peer(exabgp, exabgp_log_destination='log')
    check('a file', 'running' in log and not out and not err, (log, err))
    _, out, err, _ = silent_peer(exabgp, exabgp_log_enable='false')
    check('enable', not out and not err, (out, err))
    _, out, err, _ = silent_peer(exabgp, exabgp_log_level='CRIT')
    check('level', 'running' not in err, err)
    seen, mode = compact(exabgp)
    check('compact', '"192.0.2.9": [ "10.0.0.0/8" ]' in seen, seen)
    check('umask', mode & 0o777 == 0o600, oct(mode))
    line, is_connected = delayed(exabgp)
    check('delay', 'waiting for' in line and not is_connected, line)
    print('%d failed' % len(failed))
    return 1 if failed else 0


if __name__ == '__main__':
    sys.exit(main())
