#!/usr/bin/env python3
# SPDX-License-Identifier: ISC
"""NOTIFICATIONs, byte for byte: for each fault of RFC 4271 6 and of its
updates the code, subcode and data that are sent, and that the connection
ends with FIN behind them.

usage: notification.py BIN
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
                     free_port, message, multiprotocol, open_body, prefix, update)

PORT = free_port()
CONF = '''AS 65001
router-id 192.0.2.1
fib-update no
holdtime min 6
listen on 127.0.0.1 port %d
socket "%s"
neighbor 127.0.0.2 {
	remote-as 65002
	passive
	announce IPv4 unicast
	announce IPv6 unicast
}
neighbor 127.0.0.3 {
	remote-as 65001
	passive
}
neighbor 127.0.0.4 {
	remote-as 65004
	passive
	role customer
	announce policy enforce
}
neighbor 127.0.0.5 {
	remote-as 65005
	passive
	max-prefix 2
}
%sallow from any
allow to any
'''
EXTRA = 'neighbor 127.0.0.6 {\n\tremote-as 65006\n\tpassive\n}\n'

GOOD = (attribute(0x40, 1, b'\0') +
        attribute(0x40, 2, b'\x02\x01' + struct.pack('!I', 65002)) +
        attribute(0x40, 3, b'\xc0\x00\x02\x02'))
REACH = struct.pack('!HBB', 2, 1, 16) + bytes.fromhex(
    '20010db8000000000000000000000002') + b'\0' + bytes.fromhex(
        '3020010db80001')


def header(length, kind, body=b''):
    return b'\xff' * 16 + struct.pack('!HB', length, kind) + body


def role(n):
    return capability(9, bytes((n,)))


def params(asn, extra=b''):
    return multiprotocol(1, 1) + as4(asn) + extra


# Rows: name, state, bytes to send, code, subcode, data. A state is "sent"
# (their OPEN was read), "confirm" (ours was sent too) or "up".
OPEN2 = message(OPEN, open_body(65002))
BAD_REACH = struct.pack('!HBB', 2, 1, 5) + b'\1\2\3\4\5\0'
LONG_NLRI = struct.pack('!HBB', 2, 1, 16) + b'\x20\x01' + b'\0' * 14 + \
    b'\0\x81' + b'\0' * 17
REFRESH_SHORT = message(REFRESH, b'\0\1\0')
ROWS = [
    ('marker', 'sent', b'\0' + OPEN2[1:], 1, 1, b''),
    ('length 18', 'sent', header(18, OPEN), 1, 2, b'\0\x12'),
    ('length 4097', 'sent', header(4097, UPDATE), 1, 2, b'\x10\x01'),
    ('OPEN of 28', 'sent', header(28, OPEN, b'\4' * 9), 1, 2, b'\0\x1c'),
    ('UPDATE of 22', 'up', header(22, UPDATE, b'\0' * 3), 1, 2, b'\0\x16'),
    ('KEEPALIVE of 20', 'up', header(20, KEEPALIVE, b'\0'), 1, 2,
     b'\0\x14'),
    ('NOTIFICATION of 20', 'up', header(20, NOTIFICATION, b'\6'), 1, 2,
     b'\0\x14'),
    ('type 0', 'sent', header(19, 0), 1, 3, b'\0'),
    ('type 7', 'up', header(19, 7), 1, 3, b'\7'),
    ('type 255', 'up', header(19, 255), 1, 3, b'\xff'),
    ('version 3', 'sent', message(OPEN, open_body(65002, version=3)), 2, 1,
     b'\0\4'),
    ('AS 0', 'sent', message(OPEN, open_body(0)), 2, 2, b''),
    ('another AS', 'sent', message(OPEN, open_body(65099)), 2, 2, b''),
    ('AS_TRANS in capability', 'sent', message(OPEN, open_body(
        65002, params=params(23456))), 2, 2, b''),
    ('router id 0', 'sent', message(OPEN, open_body(
        65002, router_id='0.0.0.0')), 2, 3, b''),
    ('our router id on iBGP', 'sent', message(OPEN, open_body(
        65001, router_id='192.0.2.1')), 2, 3, b'', '127.0.0.3'),
    ('parameter 1', 'sent', message(OPEN, open_body(
        65002, params=b'\x01\x02\0\0')), 2, 4, b''),
    ('parameters overrun the message', 'sent', message(
        OPEN, open_body(65002)[:9] + b'\x20' + params(65002)), 2, 0, b''),
    ('capability overruns its parameter', 'sent', message(OPEN, open_body(
        65002, params=b'\x02\x02\x41\x04')), 2, 0, b''),
    ('AS capability of 2 bytes', 'sent', message(OPEN, open_body(
        65002, params=capability(65, b'\xfd\xea'))), 2, 0, b''),
    ('ends behind extended marker', 'sent', message(
        OPEN, open_body(65002)[:9] + b'\xff'), 2, 0, b''),
    ('hold time 1', 'sent', message(OPEN, open_body(65002, hold=1)), 2, 6,
     b''),
    ('hold time 2', 'sent', message(OPEN, open_body(65002, hold=2)), 2, 6,
     b''),
    ('hold time below our minimum', 'sent', message(
        OPEN, open_body(65002, hold=5)), 2, 6, b''),
    ('4-octet AS enforced', 'sent', message(OPEN, open_body(
        65002, params=multiprotocol(1, 1))), 2, 7,
     b'\x41\x04' + struct.pack('!I', 65001)),
    ('role missing', 'sent', message(OPEN, open_body(65004)), 2, 11, b'',
     '127.0.0.4'),
    ('roles do not fit', 'sent', message(OPEN, open_body(
        65004, params=params(65004, role(3)))), 2, 11, b'', '127.0.0.4'),
    ('two roles', 'sent', message(OPEN, open_body(
        65004, params=params(65004, role(0) + role(1)))), 2, 11, b'',
     '127.0.0.4'),
    ('KEEPALIVE in OpenSent', 'sent', message(KEEPALIVE), 5, 1, b'\4'),
    ('UPDATE in OpenSent', 'sent', update(), 5, 1, b'\2'),
    ('REFRESH in OpenSent', 'sent', message(REFRESH, b'\0\1\0\1'), 5, 1,
     b'\5'),
    ('OPEN in OpenConfirm', 'confirm', OPEN2, 5, 2, b'\1'),
    ('UPDATE in OpenConfirm', 'confirm', update(), 5, 2, b'\2'),
    ('REFRESH in OpenConfirm', 'confirm', message(REFRESH, b'\0\1\0\1'), 5,
     2, b'\5'),
    ('OPEN in Established', 'up', OPEN2, 5, 3, b'\1'),
    ('withdrawn overrun', 'up', message(UPDATE, b'\0\x20\0\0'), 3, 1, b''),
    ('attributes overrun', 'up', message(UPDATE, b'\0\0\0\x20'), 3, 1, b''),
    ('unknown well-known attribute', 'up', update(
        GOOD + attribute(0x40, 200, b'\1\2'), prefix('10.0.0.0/8')), 3, 2,
     attribute(0x40, 200, b'\1\2')),
    ('MP_REACH twice', 'up', update(
        attribute(0x80, 14, REACH) * 2 + GOOD), 3, 1, b''),
    ('MP_REACH next hop of 5', 'up', update(
        attribute(0x80, 14, BAD_REACH) + GOOD), 3, 9,
     attribute(0x80, 14, BAD_REACH)),
    ('MP NLRI of 129 bits', 'up', update(
        attribute(0x80, 14, LONG_NLRI) + GOOD), 3, 9,
     attribute(0x80, 14, LONG_NLRI)),
    ('NLRI of 33 bits', 'up', update(GOOD, b'\x21\1\2\3\4\5'), 3, 10, b''),
    ('NLRI overrun', 'up', update(GOOD, b'\x18\x0a\1'), 3, 10, b''),
    ('withdrawn of 33 bits', 'up', update(b'', b'', b'\x21\1\2\3\4\5'), 3,
     10, b''),
    ('REFRESH of 22', 'up', REFRESH_SHORT, 7, 1, REFRESH_SHORT),
]
ASNS = {'127.0.0.2': 65002, '127.0.0.3': 65001, '127.0.0.4': 65004,
        '127.0.0.5': 65005, '127.0.0.6': 65006}


def reach(state, local):
    s = Speaker(local, '127.0.0.1', PORT)
    if state == 'up':
        s.establish(ASNS[local], params=params(
            ASNS[local], multiprotocol(2, 1)))
    else:
        s.expect(OPEN)
        if state == 'confirm':
            s.send(message(OPEN, open_body(ASNS[local])))
            s.read()
    return s


def notified(s, code, subcode, data, seconds=30):
    # End-of-RIBs and such may come before.
    body = s.expect(NOTIFICATION, seconds, (KEEPALIVE, UPDATE))
    wanted = bytes((code, subcode)) + data
    if body != wanted:
        raise AssertionError('expected %s, found %s' % (wanted.hex(),
                                                        body.hex()))
    if not s.end():
        raise AssertionError('ended with RST instead of FIN')


def row(name, state, data, code, subcode, expected, local='127.0.0.2'):
    s = reach(state, local)
    try:
        s.send(data)
        notified(s, code, subcode, expected)
    finally:
        s.close()


def hold_timer(world):
    s = Speaker('127.0.0.2', '127.0.0.1', PORT)
    s.establish(65002, hold=6)
    start = time.monotonic()
    while True:
        got = s.read(10)
        if got is None or got[0] == NOTIFICATION:
            break
    assert got is not None and got[1] == b'\4\0', got
    assert 5 < time.monotonic() - start < 8
    assert s.end()


def cease_down(world):
    s = reach('up', '127.0.0.2')
    world.ctl('neighbor', '127.0.0.2', 'down', 'so', 'long')
    notified(s, 6, 2, b'\x07so long')
    world.ctl('neighbor', '127.0.0.2', 'up')


def cease_clear(world):
    s = reach('up', '127.0.0.2')
    world.ctl('neighbor', '127.0.0.2', 'clear')
    notified(s, 6, 4, b'')


def cease_max_prefix(world):
    s = reach('up', '127.0.0.5')
    path = attribute(0x40, 2, b'\x02\x01' + struct.pack('!I', 65005))
    attributes = GOOD.replace(attribute(
        0x40, 2, b'\x02\x01' + struct.pack('!I', 65002)), path)
    s.send(update(attributes, b''.join(
        prefix('10.%d.0.0/16' % i) for i in range(3))))
    notified(s, 6, 1, b'\0\1\1\0\0\0\2')


def cease_deconfigured(world):
    s = reach('up', '127.0.0.6')
    world.write('')
    world.ctl('reload')
    notified(s, 6, 3, b'')


def cease_changed(world):
    world.write(EXTRA)
    world.ctl('reload')
    s = reach('up', '127.0.0.6')
    world.write(EXTRA.replace('passive', 'passive\n\tholdtime 77'))
    world.ctl('reload')
    notified(s, 6, 6, b'')


def cease_collision(world):
    up = reach('up', '127.0.0.2')
    s = Speaker('127.0.0.2', '127.0.0.1', PORT)
    body = s.expect(NOTIFICATION)
    assert body == b'\6\7', body
    up.send(message(KEEPALIVE))
    got = up.read(0.3)
    while got is not None:
        assert got[0] in (KEEPALIVE, UPDATE), 'the established session went'
        got = up.read(0.3)
    up.close()


OTHERS = [hold_timer, cease_down, cease_clear, cease_max_prefix,
          cease_deconfigured, cease_changed, cease_collision]


class World:
    def __init__(self, folder, bin_folder):
        self.folder, self.bin = folder, bin_folder
        self.sock = str(folder / 'sock')
        self.write(EXTRA)
        has = subprocess.run(['id', '_bgpd'], capture_output=True)
        user = [] if has.returncode == 0 else ['-u', 'nobody']
        self.log = open(folder / 'log', 'w+')
        self.daemon = subprocess.Popen(
            [bin_folder + '/bgpd', '-d', '-f', str(folder / 'bgpd.conf')] +
            user, stdout=self.log, stderr=self.log)

    def write(self, extra):
        (self.folder / 'bgpd.conf').write_text(
            CONF % (PORT, self.sock, extra))

    def ctl(self, *args):
        subprocess.run([self.bin + '/bgpctl', '-s', self.sock] + list(args),
                       capture_output=True, timeout=20)


def main():
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    passed = total = 0
    with tempfile.TemporaryDirectory(prefix='bgpd-rfc.') as temp:
        folder = pathlib.Path(temp)
        folder.chmod(0o755)
        world = World(folder, sys.argv[1])
        try:
            for name, run in [(r[0], lambda r=r: row(*r)) for r in ROWS] + [
                    (f.__name__, lambda f=f: f(world)) for f in OTHERS]:
                total += 1
                try:
                    run()
                    passed += 1
                except (AssertionError, Closed, OSError) as e:
                    print('FAIL %s: %s' % (name, e))
        finally:
            world.daemon.terminate()
            world.daemon.wait(15)
            if passed != total:
                world.log.seek(0)
                print(world.log.read()[-6000:])
    print('%d of %d' % (passed, total))
    return 0 if passed == total else 1


if __name__ == '__main__':
    sys.exit(main())
