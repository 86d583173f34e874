#!/usr/bin/env python3
# SPDX-License-Identifier: ISC
"""RFC 7606 and its table, seen at a second router downstream: each row is
sent with a prefix that was announced well before; then a sentinel. W: the
prefix is withdrawn there. D: it is there without the attribute. A: it is
there with it. The session to us never ends.

usage: treat.py BIN
"""
import os
import pathlib
import signal
import struct
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, os.path.join(os.path.dirname(__file__), '..'))
from speaker import (KEEPALIVE, UPDATE, Speaker, attribute,  # noqa: E402
                     free_port, message, prefix, routes, update)

PORT = free_port()
CONF = '''AS 65001
router-id 192.0.2.1
fib-update no
listen on 127.0.0.1 port %d
neighbor 127.0.0.2 {
	remote-as 65002
	passive
}
neighbor 127.0.0.4 {
	remote-as 65001
	passive
}
neighbor 127.0.0.3 {
	remote-as 65003
	passive
	originate ipv4 unicast 99.0.0.0/8 next-hop self community [65001:99]
}
socket "%s"
allow from any
allow to any
'''


def sequence(*asns):
    return b'\x02' + bytes((len(asns),)) + struct.pack('!%dI' % len(asns),
                                                       *asns)


ORIGIN = attribute(0x40, 1, b'\0')
NEXT_HOP = attribute(0x40, 3, b'\xc0\0\x02\x02')
LOCAL_PREF = attribute(0x40, 5, b'\0\0\0\x64')
FIRST = {'ebgp': 65002, 'ibgp': 65009}


def path(side, *more):
    return attribute(0x40, 2, sequence(FIRST[side], *more))


def base(side, without=0, extra=b''):
    """All mandatory attributes but one, and more."""
    found = b''
    if without != 1:
        found += ORIGIN
    if without != 2:
        found += path(side)
    if without != 3:
        found += NEXT_HOP
    if side == 'ibgp' and without != 5:
        found += LOCAL_PREF
    return found + extra


def a(flags, code, value=b'', without=0):
    """A row's attributes: the base and this one (in its place)."""
    return lambda side: base(side, without or (
        code if code in (1, 2, 3, 5) else 0), attribute(flags, code, value))


def raw(value):
    return lambda side: base(side, 0, value)


# name, attributes, code looked for, eBGP, iBGP
ROWS = [
    ('ORIGIN of 2', a(0x40, 1, b'\0\0'), 1, 'W', 'W'),
    ('ORIGIN 3', a(0x40, 1, b'\3'), 1, 'W', 'W'),
    ('ORIGIN optional', a(0xc0, 1, b'\0'), 1, 'W', 'W'),
    ('ORIGIN not transitive', a(0x00, 1, b'\0'), 1, 'W', 'W'),
    ('ORIGIN missing', lambda s: base(s, 1), 1, 'W', 'W'),
    ('AS_PATH missing', lambda s: base(s, 2), 2, 'W', 'W'),
    ('AS_PATH segment type 7', a(0x40, 2, b'\7\1\0\0\xfd\xea'), 2, 'W', 'W'),
    ('AS_PATH segment overrun', a(0x40, 2, b'\2\2\0\0\xfd\xea'), 2, 'W',
     'W'),
    ('AS_PATH segment of 0', a(0x40, 2, sequence(65002) + b'\2\0'), 2, 'W',
     'W'),
    ('AS_PATH one byte left', a(0x40, 2, sequence(65002) + b'\2'), 2, 'W',
     'W'),
    ('AS 0 in AS_PATH', a(0x40, 2, sequence(65002, 0)), 2, 'W', 'W'),
    ('AS_SET (RFC 9774)', a(0x40, 2, sequence(65002) +
                            b'\1\1\0\0\xfd\xf0'), 2, 'W', 'W'),
    ('our AS in AS_PATH', a(0x40, 2, sequence(65002, 65001)), 2, 'W', 'W'),
    ('NEXT_HOP missing', lambda s: base(s, 3), 3, 'W', 'W'),
    ('NEXT_HOP of 3', a(0x40, 3, b'\1\2\3'), 3, 'W', 'W'),
    ('NEXT_HOP 0.0.0.0', a(0x40, 3, b'\0\0\0\0'), 3, 'W', 'W'),
    ('NEXT_HOP multicast', a(0x40, 3, b'\xe0\0\0\1'), 3, 'W', 'W'),
    ('MED of 3', a(0x80, 4, b'\0\0\1'), 4, 'W', 'W'),
    ('LOCAL_PREF of 3', a(0x40, 5, b'\0\0\1'), 5, 'D', 'W'),
    ('LOCAL_PREF', a(0x40, 5, b'\0\0\0\5'), 5, 'D', 'D'),
    ('ATOMIC_AGGREGATE of 1', a(0x40, 6, b'\0'), 6, 'D', 'D'),
    ('ATOMIC_AGGREGATE', a(0x40, 6, b''), 6, 'A', 'A'),
    ('AGGREGATOR of 6', a(0xc0, 7, b'\0\1\1\2\3\4'), 7, 'D', 'D'),
    ('AGGREGATOR AS 0', a(0xc0, 7, b'\0\0\0\0\1\2\3\4'), 7, 'D', 'D'),
    ('AGGREGATOR', a(0xc0, 7, b'\0\0\0\1\1\2\3\4'), 7, 'A', 'A'),
    ('COMMUNITIES of 0', a(0xc0, 8, b''), 8, 'W', 'W'),
    ('COMMUNITIES of 5', a(0xc0, 8, b'\0\1\0\1\0'), 8, 'W', 'W'),
    ('COMMUNITIES', a(0xc0, 8, b'\0\1\0\1'), 8, 'A', 'A'),
    ('COMMUNITIES not optional', a(0x40, 8, b'\0\1\0\1'), 8, 'W', 'W'),
    ('ORIGINATOR_ID of 3', a(0x80, 9, b'\1\2\3'), 9, 'D', 'W'),
    ('CLUSTER_LIST of 5', a(0x80, 10, b'\1\2\3\4\5'), 10, 'D', 'W'),
    ('EXT_COMMUNITIES of 0', a(0xc0, 16, b''), 16, 'W', 'W'),
    ('EXT_COMMUNITIES of 7', a(0xc0, 16, b'\0\2\0\1\0\0\0'), 16, 'W', 'W'),
    ('EXT_COMMUNITIES', a(0xc0, 16, b'\0\2\0\1\0\0\0\1'), 16, 'A', 'A'),
    ('AS4_PATH from a 4-octet peer', a(0xc0, 17, sequence(1)), 17, 'D', 'D'),
    ('AS4_AGGREGATOR from one', a(0xc0, 18, b'\0\0\0\1\1\2\3\4'), 18, 'D',
     'D'),
    ('PMSI of 2', a(0xc0, 22, b'\0\0'), 22, 'W', 'W'),
    ('TUNNEL_ENCAP of 3', a(0xc0, 23, b'\0\0\0'), 23, 'W', 'W'),
    ('IPV6_EXT of 19', a(0xc0, 25, b'\0' * 19), 25, 'W', 'W'),
    ('AIGP of 2', a(0x80, 26, b'\1\0'), 26, 'D', 'D'),
    ('BGP-LS of 3', a(0x80, 29, b'\1\2\3'), 29, 'D', 'D'),
    ('LARGE_COMMUNITY of 0', a(0xc0, 32, b''), 32, 'W', 'W'),
    ('LARGE_COMMUNITY of 11', a(0xc0, 32, b'\0' * 11), 32, 'W', 'W'),
    ('LARGE_COMMUNITY', a(0xc0, 32, b'\0' * 11 + b'\1'), 32, 'A', 'A'),
    ('OTC of 3', a(0xc0, 35, b'\0\0\1'), 35, 'W', 'W'),
    ('PREFIX_SID of zeros', a(0xc0, 40, b'\0' * 10), 40, 'D', 'D'),
    ('PREFIX_SID TLV overrun', a(0xc0, 40, b'\1\0\x20\0'), 40, 'D', 'D'),
    ('COMMUNITIES twice', lambda s: base(
        s, 0, attribute(0xc0, 8, b'\0\1\0\1') + attribute(
            0xc0, 8, b'\0\2\0\2')), 8, 'A', 'A'),
    ('last attribute cut', raw(b'\xc0\x08\x08\0\1\0\1'), 8, 'W', 'W'),
    ('two bytes left', raw(b'\xc0\x08'), 8, 'W', 'W'),
    ('unknown transitive', a(0xc0, 99, b'\1\2\3'), 99, 'A', 'A'),
    ('unknown not transitive', a(0x80, 99, b'\1\2\3'), 99, 'D', 'D'),
]


class Receiver:
    def __init__(self):
        self.speaker = Speaker('127.0.0.3', '127.0.0.1', PORT)
        self.speaker.establish(65003, router_id='192.0.2.3')
        self.table = {}

    def until(self, wanted, seconds=30):
        """Read until the prefix is there, and on until all is quiet:
        destinations are told in no order."""
        limit = time.monotonic() + seconds
        while True:
            has = wanted in self.table
            got = self.speaker.read(0.3 if has else limit - time.monotonic())
            if got is None and has:
                return
            if got is None:
                raise AssertionError('the sentinel did not come')
            if got[0] != UPDATE:
                continue
            new, gone, attributes = routes(got[1])
            for p in gone:
                self.table.pop(p, None)
            for p in new:
                self.table[p] = attributes


def run(receiver, side, local, asn):
    s = Speaker(local, '127.0.0.1', PORT)
    s.establish(asn, router_id='192.0.2.2')
    octet = 60 if side == 'ebgp' else 70
    nets = [prefix('%d.%d.0.0/16' % (octet, i)) for i in range(len(ROWS))]
    s.send(update(base(side), b''.join(nets)))
    s.send(update(base(side), prefix('%d.250.0.0/16' % octet)))
    receiver.until(prefix('%d.250.0.0/16' % octet))
    ours = receiver.table.get(prefix('99.0.0.0/8'))
    assert ours is not None and ours[8] == b'\xfd\xe9\0\x63', \
        'the route that the configuration originates for it: %r' % ours
    missing = [n for n in nets if n not in receiver.table]
    assert not missing, 'the positive control fails: %d' % len(missing)
    for (_, make, _, _, _), net in zip(ROWS, nets):
        s.send(update(make(side), net))
    sentinel = prefix('%d.251.0.0/16' % octet)
    s.send(update(base(side), sentinel))
    receiver.until(sentinel)
    passed = 0
    for (name, _, code, ebgp, ibgp), net in zip(ROWS, nets):
        wanted = ebgp if side == 'ebgp' else ibgp
        found = 'W' if net not in receiver.table else \
            'A' if code in receiver.table[net] else 'D'
        if name == 'COMMUNITIES twice' and found == 'A' and \
                receiver.table[net][8] != b'\0\1\0\1':
            found = 'second kept'
        if found == wanted:
            passed += 1
        else:
            print('FAIL %s, %s: expected %s, found %s' % (
                side, name, wanted, found))
    s.send(message(KEEPALIVE))
    s.close()
    receiver.speaker.send(message(KEEPALIVE))
    return passed


def main():
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    with tempfile.TemporaryDirectory(prefix='bgpd-rfc.') as temp:
        folder = pathlib.Path(temp)
        folder.chmod(0o755)
        (folder / 'bgpd.conf').write_text(CONF % (PORT, folder / 'sock'))
        has = subprocess.run(['id', '_bgpd'], capture_output=True)
        user = [] if has.returncode == 0 else ['-u', 'nobody']
        log = open(folder / 'log', 'w+')
        daemon = subprocess.Popen([sys.argv[1] + '/bgpd', '-d', '-f', str(
            folder / 'bgpd.conf')] + user, stdout=log, stderr=log)
        passed = 0
        try:
            receiver = Receiver()
            passed += run(receiver, 'ebgp', '127.0.0.2', 65002)
            passed += run(receiver, 'ibgp', '127.0.0.4', 65001)
        except AssertionError as e:
            print('FAIL', e)
        finally:
            daemon.terminate()
            daemon.wait(15)
            if passed != 2 * len(ROWS):
                log.seek(0)
                print(log.read()[-4000:])
    print('%d of %d' % (passed, 2 * len(ROWS)))
    return 0 if passed == 2 * len(ROWS) else 1


if __name__ == '__main__':
    sys.exit(main())
