#!/usr/bin/env python3
# SPDX-License-Identifier: ISC
"""Settings of ExaBGP's environment that the recorded cases do not touch:
those of log, bgp.openwait, api.compact, daemon.pid and umask, and tcp.delay.

usage: settings.py EXABGP
"""
import os
import pathlib
import re
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
	run /bin/sh FOLDER/listen.sh;
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


class Daemon:
    """exabgp in a folder of its own, its neighbor a listener of ours."""

    def __init__(self, exabgp, conf=CONF, files=(), **settings):
        self.temp = tempfile.TemporaryDirectory(prefix='bgpd-set.')
        self.folder = pathlib.Path(self.temp.name)
        self.folder.chmod(0o777)
        (self.folder / 'conf').write_text(conf.replace('FOLDER',
                                                       self.temp.name))
        for name, text in files:
            (self.folder / name).write_text(text)
        self.listener = socket.create_server(('127.0.0.1', 0))
        self.listener.settimeout(20)
        port = self.listener.getsockname()[1]
        self.process = subprocess.Popen(
            [exabgp, 'conf'], cwd=self.temp.name, stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
            env=dict(os.environ, exabgp_tcp_bind='', exabgp_api_cli='false',
                     exabgp_tcp_port=str(port), EXABGP_ENVFILE=os.devnull,
                     **settings))
        self.out = self.err = ''

    def __enter__(self):
        return self

    def accept(self):
        sock = self.listener.accept()[0]
        sock.settimeout(20)
        return sock

    def establish(self):
        """A session on which the peer has announced 10.0.0.0/8."""
        sock = self.accept()
        read(sock)
        sock.sendall(bgp.message(bgp.OPEN, bgp.open_body(65000)) +
                     bgp.message(bgp.KEEPALIVE) + bgp.update(
            bgp.attribute(0x40, 1, b'\0') + bgp.attribute(0x40, 2, b'') +
            bgp.attribute(0x40, 3, bytes((192, 0, 2, 9))) +
            bgp.attribute(0x40, 5, b'\0\0\0\x64'),
            bgp.prefix('10.0.0.0/8')))
        return sock

    def wait_file(self, name, *words):
        """The file's text once it holds all words."""
        path = self.folder / name
        limit = time.monotonic() + 20
        while True:
            text = path.read_text() if path.exists() else ''
            if all(word in text for word in words) or \
                    time.monotonic() > limit:
                return text
            time.sleep(0.05)

    def __exit__(self, *_):
        self.process.terminate()
        self.out, self.err = self.process.communicate(timeout=20)
        log = self.folder / 'log'
        self.log = log.read_text() if log.exists() else ''
        self.listener.close()
        self.temp.cleanup()


def silent_peer(exabgp, **settings):
    """What the daemon says to a peer that says nothing, and what it logs."""
    with Daemon(exabgp, exabgp_bgp_openwait='1', **settings) as d, \
            d.accept() as sock:
        said = [read(sock), read(sock)]
    return said, d.out, d.err, d.log


def compact(exabgp):
    """The event of an UPDATE with one prefix, and the pid file's mode."""
    listen = 'while read -r line; do echo "$line" >>seen; done\n'
    with Daemon(exabgp, PROGRAM, [('listen.sh', listen)],
                exabgp_api_compact='true', exabgp_daemon_umask='0177',
                exabgp_daemon_pid='pid') as d, d.establish():
        return (d.wait_file('seen', '10.0'),
                (d.folder / 'pid').stat().st_mode)


def delayed(exabgp):
    """What is logged when the next multiple of 600,000 minutes is awaited,
    and whether a connection came."""
    with Daemon(exabgp, exabgp_tcp_delay='600000') as d:
        for line in d.process.stdout:
            if 'before connecting' in line:
                break
        d.listener.settimeout(0.5)
        try:
            d.accept().close()
            return line, True
        except OSError:
            return line, False


# A line of each of ExaBGP's topics.
TOPICS = (
    ('reactor', 'stopping'),
    ('daemon', 'running, 1 neighbors'),
    ('configuration', 'configuration applied'),
    ('processes', 'program listen: started'),
    ('network', 'peer 127.0.0.1 (AS65000): session established'),
    ('statistics', 'statistics: peer 127.0.0.1 (AS65000): received 1 '
     'updates'),
    ('message', 'message: peer 127.0.0.1 (AS65000): received update, '),
    ('packets', 'packets: peer 127.0.0.1 (AS65000): sent 19 bytes ' +
     'ff' * 16 + '001304'),
    ('timers', 'timers: peer 127.0.0.1 (AS65000): hold in '),
    ('parser', 'parser: peer 127.0.0.1 (AS65000): attribute local-preference,'
     ' code 5, flags 0x40, 4 bytes 00000064'),
    ('parser', 'parser: peer 127.0.0.1 (AS65000): ipv4 unicast NLRI 080a'),
    ('routes', 'routes: peer 127.0.0.1 (AS65000): update 10.0.0.0/8 via '
     '192.0.2.9'),
    ('rib', 'rib: peer 127.0.0.1 (AS65000): update 192.0.2.0/24'),
)


def topics(exabgp, shown, at_end, **settings):
    """The log of a session with routes both ways, which goes on until all of
    shown is logged, and then until at_end is."""
    conf = PROGRAM.replace('\n}', '''
	static { route 192.0.2.0/24 next-hop 192.0.2.1; }
}''', 1)
    listen = 'while read -r line; do :; done\n'
    with Daemon(exabgp, conf, [('listen.sh', listen)],
                exabgp_log_destination='log', **settings) as d:
        with d.establish() as sock:
            while read(sock)[:1] != bytes((bgp.UPDATE,)):
                pass
            d.wait_file('log', *shown)
        d.wait_file('log', at_end)
    return d.log


def check_topics(exabgp, check):
    lines = [line for _, line in TOPICS]
    # What is said only when it ends can't be waited for while it runs.
    early = [line for topic, line in TOPICS
             if topic not in ('reactor', 'statistics')]
    log = topics(exabgp, early, 'statistics:', exabgp_log_all='true',
                 exabgp_log_level='DEBUG', exabgp_log_short='false')
    check('all topics', [x for x in lines if x not in log] == [],
          [x for x in lines if x not in log])
    check('not short', all(re.match(r'\d\d:\d\d:\d\d\.\d{3} bgpd: ', x)
                           for x in log.splitlines()), log)
    usual = [line for topic, line in TOPICS[:6]]
    log = topics(exabgp, usual[1:5], 'statistics:', exabgp_log_level='DEBUG')
    check('usual topics', [x for x in lines if x in log] == usual, log)
    check('short', all(x.startswith('bgpd: ') for x in log.splitlines()),
          log)
    off = {'exabgp_log_' + topic: 'false' for topic, _ in TOPICS[:6]}
    log = topics(exabgp, ['timers:'], 'timers:', exabgp_log_level='DEBUG',
                 **dict(off, exabgp_log_timers='true'))
    check('one topic', log and all(': timers:' in x
                                   for x in log.splitlines()), log)


def check_host(exabgp, check):
    """log.destination host:NAME; the port is 514, for root alone."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sink:
        try:
            sink.bind(('127.0.0.7', 514))
        except OSError as e:
            print('host: not tested,', e)
            return
        sink.settimeout(20)
        _, out, err, _ = silent_peer(exabgp,
                                     exabgp_log_destination='host: 127.0.0.7')
        lines = []
        while not lines or 'stopped' not in lines[-1]:
            lines.append(sink.recv(2048).decode())
        check('host', not out and not err and all(
            re.fullmatch(r'<(27|28|30)>bgpd\[\d+\]: .+', x)
            for x in lines), (lines, out, err))


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
    check('the log is on standard output', 'running' in out and not err, err)
    _, out, err, _ = silent_peer(exabgp, exabgp_log_destination='stderr')
    check('stderr', 'running' in err and not out, (out, err))
    _, out, err, log = silent_peer(exabgp, exabgp_log_destination='log')
    check('a file', 'running' in log and not out and not err, (log, err))
    _, out, err, _ = silent_peer(exabgp, exabgp_log_enable='false')
    check('enable', not out and not err, (out, err))
    _, out, err, _ = silent_peer(exabgp, exabgp_log_level='CRIT')
    check('level', 'running' not in out, out)
    seen, mode = compact(exabgp)
    check('compact', '"192.0.2.9": [ "10.0.0.0/8" ]' in seen, seen)
    check('umask', mode & 0o777 == 0o600, oct(mode))
    line, is_connected = delayed(exabgp)
    check('delay', 'waiting for' in line and not is_connected, line)
    check_topics(exabgp, check)
    check_host(exabgp, check)
    print('%d failed' % len(failed))
    return 1 if failed else 0


if __name__ == '__main__':
    sys.exit(main())
