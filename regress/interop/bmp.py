#!/usr/bin/env python3
# SPDX-License-Identifier: ISC
"""What BMP stations are told, read by others: a run's bytes by tshark, or the
run itself by pmacct's collector, which has to find our routes.

usage: bmp.py BIN tshark | pmbmpd
Exit status 77 without that program.
"""
import collections
import json
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
from speaker import (NOTIFICATION, Speaker, as4, attribute,  # noqa: E402
                     capability, free_port, message, multiprotocol, prefix,
                     update)
from station import DOWN, STATISTICS, TERMINATION, Station  # noqa: E402

BIN, WHO = sys.argv[1:3]
CONF = '''AS 65001
router-id 192.0.2.1
fib-update no
listen on 127.0.0.1 port %(port)d
socket "%(folder)s/sock"
network 203.0.113.0/24
bmp "late" {
	address 127.0.0.1 port %(station)d
	monitor pre-policy, post-policy, adj-rib-out, loc-rib
	statistics 1
}
neighbor 127.0.0.2 {
	remote-as 65002
	passive
	announce IPv4 unicast
	announce IPv6 unicast
	announce add-path recv yes
	export none
}
neighbor 127.0.0.3 {
	remote-as 65003
	passive
}
allow from any
allow to any
match from any set localpref 150
'''
PMACCT = '''bmp_daemon_ip: 127.0.0.1
bmp_daemon_port: %(station)d
bmp_daemon_msglog_output: json
bmp_daemon_msglog_file: %(folder)s/log
'''
BASE = (attribute(0x40, 1, b'\0') +
        attribute(0x40, 2, b'\x02\x01' + struct.pack('!I', 65002)))
V4 = BASE + attribute(0x40, 3, bytes((127, 0, 0, 2))) + attribute(
    0xc0, 8, b'\0\1\0\2')


def wait(test, what, seconds=60):
    limit = time.monotonic() + seconds
    while True:
        value = test()
        if value:
            return value
        assert time.monotonic() < limit, what
        time.sleep(0.1)


def v6(text, path_id):
    return update(BASE + attribute(0x80, 14, struct.pack(
        '!HBB', 2, 1, 16) + bytes.fromhex('20010db8' + 23 * '0' + '2') +
        b'\0' + struct.pack('!I', path_id) + bytes.fromhex(text)))


def talk(port):
    """The neighbors: one with path identifiers and IPv6."""
    one = Speaker('127.0.0.2', '127.0.0.1', port)
    one.establish(65002, router_id='192.0.2.2', params=multiprotocol(
        1, 1) + multiprotocol(2, 1) + as4(65002) + capability(
            69, struct.pack('!HBBHBB', 1, 1, 2, 2, 1, 2)))
    two = Speaker('127.0.0.3', '127.0.0.1', port)
    two.establish(65003, router_id='192.0.2.3')
    one.send(update(V4, struct.pack('!I', 7) + prefix('10.0.0.0/8')) +
             update(V4, struct.pack('!I', 9) + prefix('10.0.0.0/8')) +
             v6('2020010db8', 8))
    return one, two


def more(one):
    """What comes when the station has the tables."""
    one.send(update(V4, struct.pack('!I', 7) + prefix('10.1.0.0/16')))


def goodbye(one, two):
    one.send(message(NOTIFICATION, bytes((6, 2))))
    two.close()


def pcap(path, data):
    """The bytes as TCP segments of one connection, a message each."""
    with open(path, 'wb') as f:
        f.write(struct.pack('!IHHiIII', 0xa1b2c3d4, 2, 4, 0, 0, 262144, 101))
        at = i = 0
        while at < len(data):
            n = struct.unpack_from('!I', data, at + 1)[0]
            tcp = struct.pack('!HHIIBBHHH', 30000, 1790, 1 + at, 1, 0x50,
                              0x18, 65535, 0, 0) + data[at:at + n]
            at, i = at + n, i + 1
            ip = struct.pack('!BBHHHBBH4s4s', 0x45, 0, 20 + len(tcp), i, 0,
                             64, 6, 0, b'\xc0\0\2\1', b'\xc0\0\2\2') + tcp
            f.write(struct.pack('!IIII', i, 0, len(ip), len(ip)) + ip)


def tshark(path, *words):
    return subprocess.run(
        ['tshark', '-r', path, '-d', 'tcp.port==1790,bmp', '-o',
         'tcp.check_checksum:FALSE', '-o', 'bgp.asn_len:4 octet', *words],
        check=True, capture_output=True, text=True, timeout=300).stdout


def check_tshark(folder, messages, data):
    path = str(folder / 'x.pcap')
    pcap(path, data)
    # It takes the information behind Loc-RIB's OPENs (RFC 9069 5.3) for
    # another BGP message.
    bad = tshark(path, '-Y', '(_ws.malformed or _ws.expert.severity == error)'
                 ' and not (bmp.type == 3 and bmp.peer.type == 3)')
    assert not bad, bad
    fields = ('bmp.type', 'bmp.peer.type', 'bmp.peer.down.reason',
              'bmp.peer.asn', 'bgp.nlri_prefix',
              'bgp.mp_reach_nlri_ipv6_prefix')
    words = [w for f in fields for w in ('-e', f)]
    found = [collections.Counter() for _ in fields]
    for line in tshark(path, '-T', 'fields', *words).splitlines():
        for counter, text in zip(found, line.split('\t')):
            counter.update(text.split(',') if text else [])
    kinds = collections.Counter(str(m.kind) for m in messages)
    assert found[0] == kinds, (found[0], kinds)
    assert found[1] == collections.Counter(
        str(m.peer.kind) for m in messages if m.peer), found[1]
    assert found[2] == collections.Counter(('3', '4')), found[2]
    assert set(found[3]) == {'65001', '65002', '65003'}, found[3]
    # Path identifiers of either session and table, and none of Loc-RIB.
    assert {'10.0.0.0', '10.1.0.0', '203.0.113.0'} <= set(found[4]), found[4]
    assert '2001:db8::' in found[5], found[5]
    print('tshark: %d messages, %d bytes' % (len(messages), len(data)))


def run_tshark(folder, values):
    one, two = talk(values['port'])
    station = Station(port=values['station'])
    wait(lambda: station.ends('0.0.0.0', 0), 'the tables')
    more(one)
    wait(lambda: len(station.of(STATISTICS)) > 3, 'statistics')
    goodbye(one, two)
    wait(lambda: len(station.of(DOWN)) == 2, 'Peer Down')
    return station


def lines(folder):
    try:
        text = (folder / 'log').read_text()
    except OSError:
        return []
    return [json.loads(line) for line in text.splitlines()
            if line.endswith('}')]


def has(folder, **wanted):
    """A line of the collector's with these members."""
    return any(all(line.get(k) == v for k, v in wanted.items())
               for line in lines(folder))


def run_pmbmpd(folder, values):
    one, two = talk(values['port'])
    (folder / 'pm.conf').write_text(PMACCT % values)
    collector = subprocess.Popen(['pmbmpd', '-f', str(folder / 'pm.conf')],
                                 stdin=subprocess.DEVNULL)
    try:
        route = {'bmp_msg_type': 'route_monitor', 'log_type': 'update'}
        rows = [
            dict(bmp_msg_type='init', bmp_init_info_sysdescr='bgpd 0.1.0'),
            dict(bmp_msg_type='peer_up', peer_ip='127.0.0.2',
                 peer_asn=65002, bgp_id='192.0.2.2', is_in=1),
            dict(route, peer_ip='127.0.0.2', is_post=0, as_path_id=7,
                 ip_prefix='10.0.0.0/8', as_path='65002', comms='1:2',
                 bgp_nexthop='127.0.0.2'),
            dict(route, peer_ip='127.0.0.2', is_post=0, as_path_id=9,
                 ip_prefix='10.0.0.0/8'),
            dict(route, peer_ip='127.0.0.2', is_post=0, as_path_id=8,
                 ip_prefix='2001:db8::/32', bgp_nexthop='2001:db8::2'),
            dict(route, peer_ip='127.0.0.2', is_post=1, is_in=1,
                 as_path_id=7, ip_prefix='10.0.0.0/8', local_pref=150),
            dict(route, peer_ip='127.0.0.3', is_post=1, is_out=1,
                 ip_prefix='10.0.0.0/8', as_path='65001 65002'),
            dict(route, peer_ip='0.0.0.0', ip_prefix='10.0.0.0/8',
                 local_pref=150, is_loc=1),
            dict(bmp_msg_type='stats', peer_ip='127.0.0.2', counter_type=7),
        ]
        for row in rows:
            wait(lambda: has(folder, **row), row)
        more(one)
        row = dict(route, peer_ip='127.0.0.2', is_post=0, as_path_id=7,
                   ip_prefix='10.1.0.0/16')
        wait(lambda: has(folder, **row), row)
        goodbye(one, two)
        for addr, reason in (('127.0.0.2', 3), ('127.0.0.3', 4)):
            wait(lambda: has(folder, bmp_msg_type='peer_down', peer_ip=addr,
                             reason_type=reason), 'Peer Down of ' + addr)
    except AssertionError:
        print(*lines(folder), sep='\n')
        raise
    finally:
        collector.kill()    # SIGTERM is heeded when something comes
        collector.wait(20)
    print('pmbmpd: %d lines' % len(lines(folder)))


def main():
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    if shutil.which(WHO) is None:
        print('no ' + WHO)
        return 77
    with tempfile.TemporaryDirectory(prefix='bgpd-bmp.') as temp:
        folder = pathlib.Path(temp)
        folder.chmod(0o755)
        values = {'port': free_port(), 'station': free_port(),
                  'folder': temp}
        (folder / 'bgpd.conf').write_text(CONF % values)
        user = ['-u', 'nobody'] if os.geteuid() == 0 else []
        daemon = subprocess.Popen([BIN + '/bgpd', '-d', '-f',
                                   str(folder / 'bgpd.conf')] + user)
        station = None
        try:
            if WHO == 'tshark':
                station = run_tshark(folder, values)
            else:
                run_pmbmpd(folder, values)
        finally:
            daemon.terminate()
            daemon.wait(20)
        if station:
            wait(lambda: station.of(TERMINATION), 'a Termination')
            station.close()
            check_tshark(folder, station.messages, station.data)
    return 0


if __name__ == '__main__':
    sys.exit(main())
