#!/usr/bin/env python3
# SPDX-License-Identifier: ISC
"""BMP stations, several at once: sessions and every UPDATE in both
directions, the tables for one that comes late, one that is too slow, one
that talks, one that is not there; a reload, a broker that dies, a restart.

usage: bmp.py BIN
"""
import json
import os
import pathlib
import signal
import socket
import struct
import subprocess
import sys
import tempfile

from harness import BIN, IS_ROOT, Daemon, wait
sys.path.insert(0, os.path.join(os.path.dirname(__file__), '..'))
from speaker import (KEEPALIVE, NOTIFICATION, OPEN,  # noqa: E402
                     Speaker, as4, attribute, capability, free_port,
                     message, multiprotocol, open_body, prefix, update)
from station import (A, DOWN, INITIATION, L, MONITORING, O,  # noqa: E402
                     STATISTICS, TERMINATION, UP, Station)

CONF = '''AS 65001
router-id 192.0.2.1
fib-update no
listen on 127.0.0.1 port %(port)d
socket "%(folder)s/sock"
network 203.0.113.0/24
%(bmps)s
neighbor 127.0.0.2 {
	remote-as 65002
	passive
}
neighbor 127.0.0.3 {
	remote-as 65003
	passive
	announce as-4byte no
}
neighbor 127.0.0.4 {
	remote-as 65004
	passive
	bmp %(fourth)s
}
%(more)sallow from any
allow to any
match from any set community 65001:7
deny from any prefix 10.99.0.0/16
'''
BMP = '''bmp "%s" {
	address 127.0.0.1 port %d
	monitor pre-policy, adj-rib-out, post-policy, loc-rib
	statistics %d
	buffer %s
}
'''
IN, OUT, POST, BEST = 0, O | L, L, 0
LOC = '0.0.0.0'     # the peer that Loc-RIB is


def route(text, asn, *communities):
    path = (attribute(0x40, 1, b'\0') +
            attribute(0x40, 2, b'\x02\x01' + struct.pack('!I', asn)) +
            attribute(0x40, 3, bytes((127, 0, 0, asn % 10))))
    if communities:
        path += attribute(0xc0, 8, struct.pack('!%dI' % len(communities),
                                               *communities))
    return update(path, prefix(text))


class Bmp:
    def __init__(self, folder):
        self.folder = folder
        self.port = free_port()
        self.conf = folder / 'bgpd.conf'
        self.values = {'port': self.port, 'folder': folder, 'bmps': '',
                       'fourth': 'no', 'more': ''}

    def write(self, *bmps, **values):
        self.values.update(values)
        if bmps:
            self.values['bmps'] = ''.join(BMP % b for b in bmps)
        self.conf.write_text(CONF % self.values)

    def start(self):
        user = ['-u', 'nobody'] if IS_ROOT else []
        self.daemon = Daemon(self.folder, 'bmp', [
            BIN + '/bgpd', '-d', '-v', '-f', str(self.conf)] + user)

    def ctl(self, *words):
        return subprocess.run(
            [BIN + '/bgpctl', '-s', str(self.folder / 'sock'), *words],
            check=True, timeout=60, capture_output=True, text=True).stdout

    def show(self, name):
        rows = json.loads(self.ctl('-j', 'show', 'bmp'))['bmps']
        return [r for r in rows if r['name'] == name][0]

    def neighbor(self, n, asn, **options):
        """Establish; the speaker, their OPEN and ours as sent."""
        s = Speaker('127.0.0.%d' % n, '127.0.0.1', self.port)
        theirs = message(OPEN, s.expect(OPEN))
        ours = message(OPEN, open_body(asn, router_id='192.0.2.%d' % n,
                                       **options))
        s.send(ours + message(KEEPALIVE))
        assert s.read()[0] == KEEPALIVE
        return s, theirs, ours


def check_up(station, speaker, theirs, ours, addr, asn):
    got = wait(lambda: station.of(UP, addr), 10, 'Peer Up of ' + addr)[-1]
    local, local_port, remote_port, sent, received = got.body
    assert got.peer.asn == asn and got.peer.id == '192.0.2.' + addr[-1], got
    assert local == '127.0.0.1'
    assert remote_port == speaker.sock.getsockname()[1]
    assert local_port == speaker.sock.getpeername()[1]
    assert (sent, received) == (theirs, ours), got


def check_live(b, early):
    """Sessions come up and say something."""
    # A capability that nobody knows is in the OPEN that stations see.
    params = multiprotocol(1, 1) + as4(65002) + capability(99, b'abc')
    one = b.neighbor(2, 65002, params=params)
    check_up(early, *one, '127.0.0.2', 65002)
    two = b.neighbor(3, 65003, params=multiprotocol(1, 1))
    check_up(early, *two, '127.0.0.3', 65003)
    four = b.neighbor(4, 65004)
    assert [m.peer.flags for m in early.of(UP)] == [0, 0, A]
    loc = early.of(UP, LOC)[0]
    assert loc.peer.kind == 3 and loc.peer.asn == 65001, loc
    assert loc.peer.id == '192.0.2.1' and loc.body[3] == loc.body[4], loc
    first = route('10.0.0.0/8', 65002, 1)
    one[0].send(first + route('10.1.0.0/16', 65002, 2))
    wait(lambda: first in early.updates('127.0.0.2', IN), 10,
         'an UPDATE as it came')
    wait(lambda: len(early.rib('127.0.0.3', OUT)) == 3, 10,
         'what the other was told')
    sent = [m for m in early.of(MONITORING, '127.0.0.3')]
    assert all(m.peer.flags == A | O | L for m in sent), sent
    ten = prefix('10.0.0.0/8')
    wait(lambda: ten in early.rib('127.0.0.2', POST) and
         ten in early.rib(LOC, BEST), 10, 'behind filters, and the best')
    assert early.rib('127.0.0.2', IN)[ten][8] == struct.pack('!I', 1)
    for table in (early.rib('127.0.0.2', POST), early.rib(LOC, BEST)):
        assert table[ten][8] == struct.pack('!II', 1, 0xfde90007), table
    assert early.rib(LOC, BEST)[prefix('203.0.113.0/24')][3] == bytes(4)
    one[0].send(update(withdrawn=prefix('10.1.0.0/16')))
    wait(lambda: len(early.rib('127.0.0.3', OUT)) == 2 and
         len(early.rib('127.0.0.2', IN)) == 1 and
         len(early.rib('127.0.0.2', POST)) == 1 and
         len(early.rib(LOC, BEST)) == 2, 10, 'a withdrawal')
    one[0].send(route('10.99.0.0/16', 65002))
    wait(lambda: any(m.body == {0: 1, 7: 2} for m in
                     early.of(STATISTICS, '127.0.0.2')), 5, lambda: early.of(STATISTICS)[-3:])
    assert prefix('10.99.0.0/16') not in early.rib('127.0.0.2', POST)
    assert not any(m.peer.addr == '127.0.0.4' for m in early.messages
                   if m.peer), 'a neighbor with bmp no'
    return one, two, four


def check_late(b, early, late, one, two):
    """It hears what it missed, and then the same as the other."""
    wait(lambda: late.ends('127.0.0.2', IN) and late.ends(
        '127.0.0.2', POST) and late.ends('127.0.0.3', OUT) and late.ends(
            LOC, BEST), 20, 'End-of-RIB of a dump')
    check_up(late, *one, '127.0.0.2', 65002)
    check_up(late, *two, '127.0.0.3', 65003)
    assert late.messages[0].kind == INITIATION
    assert late.messages[0].body[2] == socket.gethostname().encode()
    for addr in ('127.0.0.2', '127.0.0.3', LOC):
        for flags in (IN, POST, OUT):
            assert late.rib(addr, flags) == early.rib(addr, flags), (
                addr, flags, late.rib(addr, flags), early.rib(addr, flags))
    age = [m.peer.time for m in late.of(MONITORING, '127.0.0.2')]
    assert all(t > 1e9 for t in age)
    more = route('10.2.0.0/16', 65002)
    one[0].send(more)
    wait(lambda: more in late.updates('127.0.0.2', IN), 10,
         'an UPDATE behind the dump')
    wait(lambda: prefix('10.2.0.0/16') in late.rib('127.0.0.2', POST) and
         prefix('10.2.0.0/16') in late.rib(LOC, BEST), 10, 'and its effects')
    row = b.show('late')
    assert row['state'] == 'up' and row['up'] and row['messages'] >= 8, row
    text = b.ctl('show', 'bmp')
    assert 'late' in text and 'up' in text, text
    metrics = b.ctl('show', 'metrics')
    assert 'bgpd_bmp_up{name="late",station_addr="127.0.0.1"} 1' in metrics
    assert 'bgpd_bmp_messages_total{name="early"' in metrics


def check_slow(b, slow, others, one):
    """It is cut off; the others hear all, and no session suffers."""
    wait(lambda: slow.n_connections == 1, 20, 'a slow station')
    n = 0
    while b.show('slow')['restarts'] == 0:
        one[0].send(b''.join(
            route('10.%d.%d.0/24' % (64 + (n + i) // 256 % 64,
                                     (n + i) % 256), 65002,
                  *range(n, n + 200)) for i in range(200)))
        n += 200
        assert n < 100000, 'the slow station is never cut off'
    assert 'more than its buffer' in b.show('slow')['last_error']
    last = route('10.3.0.0/16', 65002)
    one[0].send(last)
    for s in others:
        wait(lambda: last in s.updates('127.0.0.2', IN), 30,
             'the others go on')
        assert s.n_connections == 1 and s.is_open
        assert len(s.updates('127.0.0.2', IN)) >= n
    wait(lambda: slow.n_connections > 1, 30, 'it is connected again')


def check_down(b, early, one, two):
    """Reasons 3, 4 and 1."""
    goodbye = message(NOTIFICATION, bytes((6, 2)))
    one[0].send(goodbye)
    down = wait(lambda: early.of(DOWN, '127.0.0.2'), 10, 'Peer Down')
    assert down[0].body == (3, goodbye), down
    two[0].close()
    down = wait(lambda: early.of(DOWN, '127.0.0.3'), 10, 'Peer Down')
    assert down[0].body[0] == 4, down
    two = b.neighbor(3, 65003)
    wait(lambda: len(early.of(UP, '127.0.0.3')) == 2, 10, 'up again')
    b.ctl('neighbor', '127.0.0.3', 'down', 'work')
    down = wait(lambda: early.of(DOWN, '127.0.0.3')[1:], 10, 'Peer Down')
    assert down[0].body[0] == 1 and b'work' in down[0].body[1], down
    got = two[0].read()
    while got[0] != NOTIFICATION:
        got = two[0].read()
    assert down[0].body[1] == message(*got)
    b.ctl('neighbor', '127.0.0.3', 'up')


def check_reload(b, early, late, ports):
    """One neighbor becomes monitored, one goes; one station goes."""
    n = early.n_connections
    b.write(('early', ports[0], 1, '16M'), fourth='yes')
    b.ctl('reload')
    wait(lambda: early.n_connections == n + 1 and
         early.of(UP, '127.0.0.4'), 20, 'a neighbor that is monitored now')
    wait(lambda: not late.is_open, 20, 'a station that is gone')
    assert late.of(TERMINATION)[-1].body == {1: b'\0\0'}
    b.write(fourth='no')
    b.ctl('reload')
    down = wait(lambda: early.of(DOWN, '127.0.0.4'), 20, 'Peer Down')
    assert down[0].body == (5, b''), down
    assert early.n_connections == n + 1


def check_hostile(early):
    """Words are passed over, a flood ends the connection."""
    n = early.n_connections
    early.sock.sendall(b'GET / HTTP/1.0\r\n\r\n')
    wait(lambda: len(early.of(STATISTICS)) > 2, 20, 'it is not minded')
    assert early.n_connections == n
    try:
        for _ in range(256):
            early.sock.sendall(bytes(65536))
    except OSError:
        pass
    wait(lambda: early.n_connections > n, 30, 'a flood')


def check_death(b, early):
    """A broker that dies is replaced, and what it told is told again."""
    n = early.n_connections
    os.kill(b.daemon.worker('api'), signal.SIGKILL)
    wait(lambda: early.n_connections > n and early.of(UP, '127.0.0.2') and
         early.ends('127.0.0.2', IN), 30, 'another broker')


def check_restart(b, early, one):
    """Another binary: a new connection, and the same OPENs."""
    n = early.n_connections
    b.ctl('restart')
    wait(lambda: early.n_connections > n and early.of(UP, '127.0.0.2') and
         early.ends('127.0.0.2', IN), 30, 'a restart')
    check_up(early, *one, '127.0.0.2', 65002)
    sent = route('10.4.0.0/16', 65002)
    one[0].send(sent)
    wait(lambda: sent in early.updates('127.0.0.2', IN), 20,
         'the session goes on')
    wait(lambda: prefix('10.4.0.0/16') in early.rib('127.0.0.2', POST) and
         prefix('10.4.0.0/16') in early.rib(LOC, BEST), 20,
         'and so do the tables')


def run(folder, stations):
    b = Bmp(folder)
    early = Station()
    slow = Station(reads=False, small=True)
    stations += [early, slow]
    late_port = free_port()
    b.write(('early', early.port, 1, '16M'), ('late', late_port, 0, '4M'),
            ('slow', slow.port, 0, '64K'))
    b.start()
    try:
        wait(lambda: early.of(INITIATION), 20, 'an Initiation')
        one, two, four = check_live(b, early)
        wait(lambda: 'refused' in b.show('late').get('last_error', ''), 20,
             'a station that is not there')
        late = Station(port=late_port)
        stations.append(late)
        check_late(b, early, late, one, two)
        check_slow(b, slow, (early, late), one)
        check_down(b, early, one, two)
        one = b.neighbor(2, 65002, params=multiprotocol(1, 1) + as4(
            65002) + capability(2) + capability(99, b'abc'))
        wait(lambda: len(early.of(UP, '127.0.0.2')) == 2, 20, 'up again')
        check_hostile(early)
        check_reload(b, early, late, (early.port,))
        check_death(b, early)
        four[0].send(message(KEEPALIVE))
        assert not b.daemon.said('hold timer')
        four[0].close()     # it could not send its routes again
        wait(lambda: b.daemon.said('127.0.0.4 (AS65004): session down'), 10,
             'the fourth goes')
        check_restart(b, early, one)
        b.daemon.stop()
        wait(lambda: early.of(TERMINATION), 10, 'a Termination')
    finally:
        b.daemon.stop()
    print('%d messages at the end, %d, %d, %d connections' % (
        len(early.messages), early.n_connections, late.n_connections,
        slow.n_connections))


def main():
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    stations = []
    with tempfile.TemporaryDirectory(prefix='bgpd-bmp.') as temp:
        folder = pathlib.Path(temp)
        folder.chmod(0o755)
        try:
            run(folder, stations)
        except BaseException:
            if (folder / 'bmp.log').exists():
                print((folder / 'bmp.log').read_text()[-9000:])
            raise
        for s in stations:
            s.close()
    return 0


if __name__ == '__main__':
    sys.exit(main())
