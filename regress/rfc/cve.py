#!/usr/bin/env python3
# SPDX-License-Identifier: ISC
"""What has crashed BGP daemons, one row each: as given, and then a byte
shorter, a byte longer and cut at every offset. As given the outcome is what
the RFCs ask for; of the variants only that the connection goes on or ends in
a NOTIFICATION. Another session stays up all the time and no worker dies.

  R code/subcode   reset with this NOTIFICATION (None: any subcode)
  W                treat as withdraw: not seen downstream
  K                kept: seen downstream
  D                seen downstream without the attribute
  E                the session ends, with nothing to say
  I                nothing, the session goes on

usage: cve.py BIN
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
from speaker import (KEEPALIVE, NOTIFICATION, OPEN, REFRESH,  # noqa: E402
                     UPDATE, Closed, Speaker, as4, attribute, capability,
                     free_port, message, multiprotocol, open_body, prefix,
                     routes, update)

CONF = '''AS 65001
router-id 192.0.2.1
fib-update no
listen on 127.0.0.1 port %d
socket "%s"
neighbor 127.0.0.3 {
	remote-as 65003
	passive
	holdtime 300
}
neighbor 127.64.0.0/10 {
	remote-as 65002
	passive
	announce IPv4 unicast
	announce IPv6 unicast
	announce IPv4 vpn
	announce IPv4 flowspec
	announce EVPN
}
allow from any
allow to any
'''
FAMILIES = ((1, 1), (2, 1), (1, 128), (1, 133), (25, 70))
PEER, ASN = '127.0.0.1', 65002
ORIGIN = attribute(0x40, 1, b'\0')
PATH = attribute(0x40, 2, b'\x02\x01' + struct.pack('!I', ASN))
HOP = attribute(0x40, 3, bytes((192, 0, 2, 2)))
GOOD = ORIGIN + PATH + HOP
H = bytes.fromhex


def asns(n):
    """An AS_PATH of n numbers, ours first."""
    numbers = [ASN] + [100000 + i for i in range(n - 1)]
    value = b''
    while numbers:
        part, numbers = numbers[:255], numbers[255:]
        value += bytes((2, len(part))) + struct.pack('!%dI' % len(part),
                                                     *part)
    return attribute(0x40, 2, value)


def params(*capabilities):
    return b''.join((multiprotocol(1, 1), as4(ASN)) + capabilities)


def reach(afi, safi, hop, nlri):
    return attribute(0x80, 14, struct.pack('!HBB', afi, safi, len(hop)) +
                     hop + b'\0' + nlri)


def o(*capabilities, tail=b''):
    return OPEN, open_body(ASN, params=params(*capabilities)) + tail


def raw_open(optional):
    """optional: from the parameters' length on."""
    return OPEN, open_body(ASN, params=b'')[:-1] + optional


def u(extra=b'', base=GOOD, withdrawn=b''):
    """An UPDATE of the row's prefix, behind these attributes."""
    return lambda nlri: (UPDATE, update(base + extra, nlri, withdrawn)[19:])


def m(attributes):
    """One without other routes than those in its attributes."""
    return UPDATE, update(attributes)[19:]


NLRI_FLOW = H('0120c0000201')       # destination 192.0.2.1/32
V6 = H('20010db8000000000000000000000002')

# name, message, outcomes that are right
ROWS = (
    ('CVE-2012-0255 AS4 capability of 3 bytes',
     raw_open(b'\x07\x02\x05\x41\x03\0\0\0'), ('R 2/0', 'R 2/4')),
    ('CVE-2012-1820 ORF entries past the capability',
     o(capability(3, H('000100010580'))), ('I', 'R 2/0')),
    ('CVE-2018-5381 capability of no length', o(capability(1)),
     ('I', 'R 2/0')),
    ('CVE-2022-36440 more parameters promised than there',
     raw_open(b'\x20\x02\x06\x41\x04' + struct.pack('!I', ASN)),
     ('R 2/0',)),
    ('CVE-2022-40302 extended parameters past the end',
     raw_open(H('ffff1000') + params()), ('R 2/0',)),
    ('CVE-2022-40318 extended parameter past the end',
     raw_open(H('ffff0006024141') + b'\x04\0\0'), ('R 2/0',)),
    ('CVE-2022-43681 extended parameters, and nothing', raw_open(b'\xff'),
     ('R 2/0',)),
    ('CVE-2023-31489 LLGR capability of 3 bytes',
     o(capability(71, H('000101'))), ('I', 'R 2/0')),
    ('CVE-2023-41361 software version of 200 bytes',
     o(capability(75, b'\xc8' + b'v' * 200)), ('I', 'R 2/0')),
    ('CVE-2025-43971 software version of no length',
     o(capability(75, b'\0')), ('I',)),
    ('CVE-2026-49837 AS4 capability of no length',
     raw_open(b'\x04\x02\x02\x41\x00'), ('R 2/0', 'R 2/4')),
    ('FRR b685ab5e1b host name past the capability',
     o(capability(73, b'\xffab')), ('I', 'R 2/0')),
    ('OpenBGPD 71823dbe parameters do not fill the rest',
     o(tail=b'\0\0\0'), ('R 2/0',)),
    ('OpenBGPD bae9b7bd add-path of an unknown family',
     o(capability(69, H('ffffff03 4004fe03'))), ('I',)),
    ('CVE-2022-37032 CAPABILITY message', (6, H('00')), ('R 1/3',)),
    ('CVE-2024-31949 CAPABILITY message without action',
     (6, H('0001000000')), ('R 1/3',)),

    ('CVE-2017-15865 attributes of 65535 bytes', (UPDATE, H('0000ffff')),
     ('R 3/1',)),
    ('CVE-2018-5378 withdrawn routes of 65535 bytes',
     (UPDATE, H('ffff0000')), ('R 3/1',)),
    ('CVE-2018-5380 NOTIFICATION that nobody knows',
     (NOTIFICATION, H('fffe')), ('E',)),
    ('CVE-2019-16159 shutdown text past the message',
     (NOTIFICATION, H('0602ff41')), ('E',)),
    ('CVE-2019-16159 shutdown text with control bytes',
     (NOTIFICATION, H('060205000a1bfffe')), ('E',)),
    ('CVE-2025-59688 NOTIFICATION in the middle',
     (NOTIFICATION, H('0304')), ('E',)),
    ('CVE-2023-41360 ROUTE-REFRESH with a filter', (REFRESH,
     H('00010001018000ff05')), ('R 7/1', 'R 1/2')),
    ('CVE-2026-37462 a /32 withdrawn in 2 bytes',
     (UPDATE, H('0002200a0000')), ('R 3/1', 'R 3/10')),
    ('CVE-2026-37462 an attribute longer than the section',
     lambda nlri: (UPDATE, H('0000') + struct.pack('!H', len(GOOD) + 4) +
                   GOOD + H('c010ff00') + nlri), ('W',)),

    ('CVE-2010-1674 extended communities of 7 bytes',
     u(attribute(0xc0, 16, bytes(7))), ('W',)),
    ('CVE-2011-3327 extended community of an unknown type',
     u(attribute(0xc0, 16, H('ffee000000000001'))), ('K',)),
    ('CVE-2010-1675 AS_PATHLIMIT', u(attribute(0xc0, 21, bytes(5))),
     ('K', 'D')),
    ('CVE-2010-2949 AS_PATH with an unknown segment',
     u(base=ORIGIN + attribute(0x40, 2, b'\x09\x01\0\0\xfd\xea') + HOP),
     ('W',)),
    ('CVE-2013-6051 unknown attribute of 3000 bytes',
     u(attribute(0xd0, 99, bytes(3000))), ('K',)),
    ('CVE-2016-2342 VPN prefix of 87 bits',
     m(ORIGIN + PATH + reach(1, 128, bytes(12), b'\x57' + bytes(11))),
     ('R 3/9',)),
    ('CVE-2017-16227 300 AS numbers', u(base=ORIGIN + asns(300) + HOP),
     ('K',)),
    ('CVE-2018-5379 an attribute twice',
     u(attribute(0xc0, 99, b'a') + attribute(0xc0, 99, b'b')), ('K',)),
    ('CVE-2019-5892 attribute 255', u(attribute(0xc0, 255, b'\0')),
     ('K',)),
    ('CVE-2023-31490 PREFIX_SID TLV past the end',
     u(attribute(0xc0, 40, H('01ffff00'))), ('D',)),
    ('CVE-2024-31948 SRv6 service with a short sub-TLV',
     u(attribute(0xc0, 40, H('05000400010001'))), ('D',)),
    ('2025-05-20 PREFIX_SID of zeroes', u(attribute(0xc0, 40, bytes(12))),
     ('D',)),
    ('CVE-2026-7734 SRv6 service with an unknown sub-TLV',
     u(attribute(0xc0, 40, H('05000700ff0003010203'))), ('K', 'D')),
    ('CVE-2023-38802 TUNNEL_ENCAP of 2 bytes',
     u(attribute(0xc0, 23, H('0001'))), ('W',)),
    ('CVE-2024-44070 tunnel longer than the attribute',
     u(attribute(0xc0, 23, H('000800ff0102'))), ('W',)),
    ('CVE-2023-41358 no attributes', u(base=b''), ('W',)),
    ('CVE-2023-46753 only an unknown attribute',
     u(base=attribute(0xc0, 99, b'a')), ('W',)),
    ('CVE-2023-46752 MP_REACH with a next hop of 3 bytes',
     m(ORIGIN + PATH + reach(2, 1, bytes(3), b'\x20\x20\x01\x0d\xb8')),
     ('R 3/9',)),
    ('CVE-2023-47234 MP_UNREACH and routes, nothing else',
     u(base=attribute(0x80, 15, H('000201'))), ('W',)),
    ('CVE-2023-47235 End-of-RIB with routes',
     u(base=attribute(0x80, 15, H('000201')) + attribute(0xc0, 99, b'')),
     ('W',)),
    ('CVE-2023-41909 flow specification without attributes',
     m(reach(1, 133, b'', bytes((len(NLRI_FLOW),)) + NLRI_FLOW)), ('I',)),
    ('CVE-2023-41359 AIGP of 2 bytes', u(attribute(0x80, 26, H('0100'))),
     ('D',)),
    ('CVE-2023-38406 flow specification of no length',
     m(ORIGIN + PATH + reach(1, 133, b'', b'\0')), ('R 3/9',)),
    ('CVE-2026-37457 flow operators without an end',
     m(ORIGIN + PATH + reach(1, 133, b'', b'\x13\x03' + b'\x01\x06' * 9)),
     ('I', 'R 3/10')),
    ('CVE-2026-37457 forty flow operators',
     m(ORIGIN + PATH + reach(1, 133, b'', b'\x51\x03' + b'\x01\x06' * 39 +
                             b'\x81\x06')), ('I',)),
    ('CVE-2023-38407 labels without a bottom',
     m(ORIGIN + PATH + reach(1, 4, bytes((192, 0, 2, 2)),
                             b'\x30\0\0\0\0\0\0')), ('I',)),
    ('CVE-2026-5107 EVPN MAC with an address of 17 bits',
     m(ORIGIN + PATH + reach(25, 70, bytes((192, 0, 2, 2)), b'\x02\x1e' +
                             bytes(22) + b'\x30' + bytes(6)[:0] +
                             b'\0' * 7)), ('I', 'R 3/10')),
    ('CVE-2026-37458 next hop 224.0.0.1',
     u(base=ORIGIN + PATH + attribute(0x40, 3, bytes((224, 0, 0, 1)))),
     ('W',)),
    ('CVE-2026-37458 next hop 0.0.0.0',
     u(base=ORIGIN + PATH + attribute(0x40, 3, bytes(4))), ('W',)),
    ('CVE-2023-38283 AS4_AGGREGATOR of 3 bytes, then a good one',
     u(attribute(0xc0, 18, bytes(3)) + attribute(0xc0, 99, b'a')),
     ('K', 'D')),
    ('CVE-2026-30405 next hop of 2 bytes',
     u(base=ORIGIN + PATH + attribute(0x40, 3, H('0102'))), ('W',)),
    ('CVE-2026-41642 unknown well-known attribute',
     u(attribute(0x40, 200, b'a')), ('R 3/2', 'W')),
    ('CVE-2026-41643 AS4_PATH with an unknown segment',
     u(attribute(0xc0, 17, b'\x09\x01\0\0\0\1')), ('K', 'D')),
    ('CVE-2026-42285 family that is not there',
     m(ORIGIN + PATH + reach(16388, 71, bytes(4), H('00010004aabbccdd'))),
     ('I',)),
    ('CVE-2026-49838 AS_PATH of no length',
     u(base=ORIGIN + attribute(0x40, 2, b'') + HOP), ('W',)),
    ('GoBGP 3392 ORIGIN that is not transitive',
     u(base=attribute(0x00, 1, b'\0') + PATH + HOP), ('W',)),
    ('CVE-2025-43972 IPv6 extended community of 12 bytes',
     u(attribute(0xc0, 25, bytes(12))), ('W',)),
    ('CVE-2026-37461 redirect to IPv6 of 8 bytes',
     u(attribute(0xc0, 25, H('000c000000000000'))), ('W',)),
    ('CVE-2026-49943 900 AS numbers', u(base=ORIGIN + asns(900) + HOP),
     ('W',)),
    ('2025-10-24 ONLY_TO_CUSTOMER of 4 bytes',
     u(attribute(0xc0, 35, struct.pack('!I', ASN))), ('K',)),
    ('2009 255 AS numbers, and we are put in front',
     u(base=ORIGIN + asns(255) + HOP), ('K',)),
    ('OpenBGPD 68bcde75f 200 unknown attributes',
     u(b''.join(attribute(0xc0, code, b'a') for code in range(55, 255)
                if code != 128)), ('K',)),
    ('2023-06-02 entropy label of 1 byte', u(attribute(0xc0, 28, b'\x01')),
     ('K', 'D')),
)
# The attribute that D and K are about.
CODES = {'PREFIX_SID': 40, 'SRv6': 40, 'AIGP': 26, 'ONLY_TO_CUSTOMER': 35,
         'unknown attribute of': 99, 'attribute 255': 255}


class World:
    def __init__(self, port, folder):
        self.port, self.folder = port, folder
        self.n = 0              # addresses used, and sentinels sent
        self.seen = {}          # prefix -> attributes, downstream
        self.receiver = Speaker('127.0.0.3', PEER, port)
        self.receiver.establish(65003, router_id='192.0.2.3', hold=300)

    def connect(self):
        self.n += 1
        address = '127.%d.%d.%d' % (64 + (self.n >> 16), self.n >> 8 & 255,
                                    self.n & 255 or 1)
        speaker = Speaker(address, PEER, self.port)
        speaker.expect(OPEN)
        return speaker

    def established(self):
        speaker = self.connect()
        capabilities = b''.join(multiprotocol(*f) for f in FAMILIES)
        speaker.send(message(OPEN, open_body(
            ASN, params=capabilities + as4(ASN))) + message(KEEPALIVE))
        speaker.expect(KEEPALIVE)
        return speaker

    def sentinel(self):
        self.n += 1
        return bytes((32, 100, self.n >> 16, self.n >> 8 & 255,
                      self.n & 255))

    def downstream(self, seconds):
        """Take one message in; False when none comes."""
        got = self.receiver.read(seconds)
        if got is None:
            return False
        if got[0] == UPDATE:
            announced, withdrawn, attributes = routes(got[1])
            for p in withdrawn:
                self.seen.pop(p, None)
            self.seen.update(dict.fromkeys(announced, attributes))
        return True


def reset_of(got):
    return 'R %d/%d' % (got[1][0], got[1][1])


def answer(world, speaker):
    """What came of what was sent: a reset, E, or None if the sentinel that
    is sent now arrives downstream."""
    mark = world.sentinel()
    limit = time.monotonic() + 30
    try:
        speaker.send(update(GOOD, mark))
    except OSError:
        pass
    while time.monotonic() < limit:
        try:
            got = speaker.read(0.001)
            if got is not None and got[0] == NOTIFICATION:
                return reset_of(got)
        except (Closed, OSError):
            return 'E'
        while world.downstream(0.001):
            pass
        if mark in world.seen:
            return None
    raise AssertionError('neither an answer nor the sentinel')


def try_open(world, body):
    speaker = world.connect()
    speaker.send(message(OPEN, body))
    try:
        got = speaker.read(10)
        if got is not None and got[0] == KEEPALIVE:
            speaker.send(message(KEEPALIVE))
            return 'I', speaker
        return (reset_of(got) if got is not None and
                got[0] == NOTIFICATION else 'nothing'), speaker
    except Closed:
        return 'E', speaker


def outcome(world, name, kind, body, nlri):
    """Of a row as it is given."""
    if kind == OPEN:
        found, speaker = try_open(world, body)
        speaker.close()
        return found
    speaker = world.established()
    speaker.send(message(kind, body))
    found = answer(world, speaker)
    codes = [CODES[word] for word in CODES if word in name]
    if found is None and nlri not in body:
        found = 'I'
    elif found is None and nlri not in world.seen:
        found = 'W'
    elif found is None:
        found = 'D' if codes and codes[0] not in world.seen[nlri] else 'K'
    speaker.close()
    return found


def vary(world, kind, body):
    """The row a byte shorter and longer, and cut everywhere."""
    variants = [body + b'\0', body + b'\xff'] + [body[:i] for i in
                                                range(len(body))]
    if len(variants) > 700:         # thin the long ones out, ends stay
        variants = variants[:300] + variants[300:-300:17] + variants[-300:]
    speaker = None
    for variant in variants:
        if kind == OPEN:
            _, other = try_open(world, variant)
            other.close()
            continue
        if speaker is None:
            speaker = world.established()
        try:
            speaker.send(message(kind, variant))
        except OSError:
            pass
        if answer(world, speaker) is not None:
            speaker.close()
            speaker = None
    if speaker is not None:
        speaker.close()
    return len(variants)


def main():
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    with tempfile.TemporaryDirectory(prefix='bgpd-cve.') as temp:
        folder = pathlib.Path(temp)
        folder.chmod(0o755)
        port = free_port()
        (folder / 'bgpd.conf').write_text(CONF % (port, folder / 'sock'))
        user = ['-u', 'nobody'] if os.geteuid() == 0 else []
        with open(folder / 'log', 'w') as log:
            daemon = subprocess.Popen(
                [sys.argv[1] + '/bgpd', '-d', '-f',
                 str(folder / 'bgpd.conf')] + user, stderr=log)
        try:
            return run(World(port, folder))
        finally:
            daemon.terminate()
            daemon.wait(30)


def run(world):
    failed = variants = 0
    for n, (name, row, wanted) in enumerate(ROWS):
        nlri = prefix('10.%d.0.0/16' % n)
        kind, body = row(nlri) if callable(row) else row
        found = outcome(world, name, kind, body, nlri)
        if found not in wanted:
            failed += 1
            print('FAIL %s: %s, not %s' % (name, found, ' or '.join(wanted)))
        variants += vary(world, kind, body)
    log = (world.folder / 'log').read_text()
    if 'ended' in log.replace('is ended', '') and 'signal' in log:
        failed += 1
        print('FAIL a worker died:\n' + log[-2000:])
    world.receiver.send(message(KEEPALIVE))
    last = world.established()
    assert answer(world, last) is None
    last.close()
    print('%d of %d rows, %d variants' % (len(ROWS) - failed, len(ROWS),
                                          variants))
    return failed != 0


if __name__ == '__main__':
    sys.exit(main())
