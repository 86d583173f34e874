#!/usr/bin/env python3
# SPDX-License-Identifier: ISC
"""Our exabgp and Debian's 4.2, side by side: each gets the same
configuration, the same program and the same peer, which plays a recording
speaker. The UPDATEs that come out must be the same (but for the order of
attributes in them, and of messages that one configuration makes), and so
must the events that the program reads, version 4, but for what ExaBGP itself
changed between 4.2 and the version that the recorded cases are of
(plain_event says what that is).

usage: sidebyside.py OURS [--theirs /usr/sbin/exabgp] [--jobs N] [NAME...]
Exit status 77 when the other exabgp is not there or is none of 4.2.
"""
import argparse
import concurrent.futures
import json
import os
import pathlib
import re
import signal
import socket
import struct
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))
import speaker as bgp  # noqa: E402

START_SECONDS = 20	# 4.2 takes a second or two
QUIET_SECONDS = 1.2	# without a message: that was all
STEP_SECONDS = 0.35	# between two lines, or two messages of the peer

# Says its lines when the speaker has made the file "go", one by one, and
# keeps what it reads.
PROGRAM = '''#!/usr/bin/env python3
import os, sys, threading, time
lines = {lines!r}
heard = open({heard!r}, 'ab', buffering=0)
def listen():
    while True:
        data = os.read(0, 65536)
        if not data:
            os._exit(0)
        heard.write(data)
threading.Thread(target=listen, daemon=True).start()
while not os.path.exists({go!r}):
    time.sleep(0.02)
for line in lines:
    print(line, flush=True)
    time.sleep({step})
open({said!r}, 'w').close()
threading.Event().wait()
'''

CONF = '''process p {{
	run {program};
	encoder {encoder};
}}
neighbor 127.0.0.1 {{
	router-id 192.0.2.1;
	local-address 127.0.0.1;
	local-as {local_as};
	peer-as {peer_as};
	{words}
	family {{ {family} }}
	api {{
		processes [ p ];
		{events}
	}}
	{routes}
}}
'''

U4 = 'ipv4 unicast;'
RECEIVE = 'receive { parsed; update; }'


def attrs(*more):
    """The attributes of a route from inside, and more."""
    return (bgp.attribute(0x40, 1, b'\0') + bgp.attribute(0x40, 2, b'') +
            bgp.attribute(0x40, 5, struct.pack('!I', 100)) + b''.join(more))


def next_hop(text='10.0.0.1'):
    return bgp.attribute(0x40, 3, socket.inet_aton(text))


def reach(afi, safi, hop, nlri):
    return bgp.attribute(0x80, 14, struct.pack('!HBB', afi, safi, len(hop)) +
                         hop + b'\0' + bytes.fromhex(nlri.replace(' ', '')))


def unreach(afi, safi, nlri):
    return bgp.attribute(0x80, 15, struct.pack('!HB', afi, safi) +
                         bytes.fromhex(nlri.replace(' ', '')))


HOP4 = socket.inet_aton('10.0.0.1')
PLAIN = bgp.update(attrs(next_hop()), bgp.prefix('192.0.2.0/24') +
                   bgp.prefix('198.51.100.0/25'))
RICH = bgp.update(
    bgp.attribute(0x40, 1, b'\2') +
    bgp.attribute(0x40, 2, bytes.fromhex('02020000fde90000fdea')) +
    next_hop() + bgp.attribute(0x80, 4, struct.pack('!I', 7)) +
    bgp.attribute(0x40, 5, struct.pack('!I', 200)) +
    bgp.attribute(0x40, 6, b'') +
    bgp.attribute(0xc0, 7, bytes.fromhex('0000fde90a090807')) +
    bgp.attribute(0xc0, 8, bytes.fromhex('fde90001fde90002ffffff01')) +
    bgp.attribute(0x80, 9, bytes.fromhex('0a000009')) +
    bgp.attribute(0x80, 10, bytes.fromhex('0a0000080a000007')) +
    bgp.attribute(0xc0, 16, bytes.fromhex('0002fde900000001')) +
    bgp.attribute(0xc0, 32, bytes.fromhex('0000fde90000000100000002')),
    bgp.prefix('203.0.113.0/24'))
EVPN = bgp.update(attrs() + reach(
    25, 70, HOP4, '0221 0001c0a801010001 00000000000000000000 00000064 30 '
    '001122334455 00 000641'))
MULTICAST_EVPN = bgp.update(attrs() + reach(
    25, 70, HOP4, '0311 0001c0a801010001 00000064 20 0a000001'))
VPN = bgp.update(attrs() + reach(
    1, 128, bytes(8) + HOP4, '70 003e81 0000fde800000001 0a0000'))
FLOW = bgp.update(attrs(bgp.attribute(
    0xc0, 16, bytes.fromhex('8006000000000000'))) + reach(
    1, 133, b'', '11 01180a0000 038106 05034f910050 098102'))


class Case:
    def __init__(self, name, family=U4, routes='', lines=(), says=(),
                 events='', encoder='json', words='', peer_as=65000,
                 local_as=65000, is_ordered=True):
        self.__dict__.update(locals())


ROUTE = 'announce route 10.1.0.0/24 next-hop 10.0.0.1 '
SENT = [
    Case('unicast', lines=[ROUTE, ROUTE + 'med 5', ROUTE + 'med 5']),
    Case('grouped', is_ordered=False, routes='static { ' + ''.join(
        'route 10.%d.0.0/16 next-hop 10.0.0.%d; ' % (i, i % 2 + 1)
        for i in range(8)) + '}'),
    Case('ungrouped', is_ordered=False, words='group-updates false;',
         routes='static { route 10.1.0.0/16 next-hop 10.0.0.1; '
         'route 10.2.0.0/16 next-hop 10.0.0.1; }'),
    Case('ebgp', peer_as=65001, lines=[
        ROUTE, 'announce route 10.2.0.0/16 next-hop self as-path [ 1 2 ] '
        'local-preference 5']),
    Case('ipv6', family='ipv6 unicast;', lines=[
        'announce route 2001:db8::/32 next-hop 2001:db8::1 med 3',
        'announce route 2001:db8::/33 next-hop ::ffff:10.0.0.1']),
    Case('multicast', family='ipv4 multicast;', routes='announce { ipv4 { '
         'multicast 10.1.0.0/24 next-hop 10.0.0.1; } }'),
    Case('label', family='ipv4 nlri-mpls; ipv6 nlri-mpls;', lines=[
        ROUTE + 'label 100', 'announce route 10.2.0.0/24 next-hop 10.0.0.1 '
        'label [ 100 200 ]',
        'announce route 2001:db8::/32 next-hop 2001:db8::1 label 7']),
    Case('vpn', family='ipv4 mpls-vpn; ipv6 mpls-vpn;', lines=[
        ROUTE + 'rd 65000:1 label 100', ROUTE + 'rd 10.0.0.9:2 label 100',
        'announce route 2001:db8::/32 next-hop 2001:db8::1 rd 65000:1 '
        'label 7']),
    Case('flow', family='ipv4 flow; ipv6 flow;', is_ordered=False,
         routes='flow { route a { match { source 10.0.0.1/32; '
         'destination 192.0.2.1/32; port [ =80 =8080 ]; '
         'destination-port [ >8080&<8088 =3128 ]; source-port >1024; '
         'protocol [ tcp udp ]; packet-length [ >200&<300 >400&<500 ]; '
         'fragment [ first-fragment last-fragment ]; tcp-flags [ urgent rst '
         ']; dscp [ 10 20 ]; } then { rate-limit 9600; } } '
         'route b { match { source 2001:db8::/32; next-header tcp; '
         'flow-label 5; } then { discard; } } }',
         lines=['announce flow route { match { destination 192.0.2.9/32; '
                'icmp-type echo-request; } then { redirect 65000:12; } }']),
    Case('flow-vpn', family='ipv4 flow-vpn;', is_ordered=False,
         routes='flow { route a { rd 65000:1; match { destination '
         '192.0.2.0/24; } then { mark 5; } } route b { rd 10.0.0.1:7; '
         'match { source 192.0.2.0/24; } then { action sample; } } }'),
    Case('vpls', family='l2vpn vpls;', is_ordered=False,
         routes='l2vpn { vpls site { endpoint 5; base 10702; offset 1; '
         'size 8; rd 192.0.2.1:123; next-hop 192.0.2.1; '
         'extended-community [ target:65000:6 l2info:19:0:1500:111 ]; } }'),
    Case('attributes', lines=[
        ROUTE + 'origin egp as-path [ 1 2 ( 3 4 ) ] med 1 local-preference 9 '
        'atomic-aggregate aggregator ( 65001:10.9.8.7 ) originator-id '
        '10.0.0.9 cluster-list [ 10.0.0.8 10.0.0.7 ]',
        ROUTE + 'attribute [ 0x99 0xc0 0x0102030405 ]', ROUTE + 'aigp 77']),
    Case('communities', lines=[
        ROUTE + 'community [ 1:2 65000:3 no-export ]',
        ROUTE + 'community 0x00010002', ROUTE + 'large-community [ 1:2:3 '
        '4:5:6 ]', ROUTE + 'extended-community [ target:65000:1 ]',
        ROUTE + 'extended-community [ l2info:19:0:1500:111 ]',
        ROUTE + 'extended-community 0x0002fde900000001']),
    Case('sid', family='ipv4 nlri-mpls;', lines=[
        ROUTE + 'label 800001 bgp-prefix-sid [ 300 ]',
        ROUTE + 'label 800001 bgp-prefix-sid [ 300, [ ( 800000,4096 ) ] ]']),
    Case('attributes-of-many', lines=[
        'announce attributes next-hop 10.0.0.1 med 4 nlri 10.1.0.0/24 '
        '10.2.0.0/24', 'withdraw attributes next-hop 10.0.0.1 nlri '
        '10.2.0.0/24']),
    Case('withdraw', lines=[ROUTE, 'withdraw route 10.1.0.0/24 next-hop '
                            '10.0.0.1', ROUTE]),
    Case('watchdog', routes='static { route 10.1.0.0/24 next-hop 10.0.0.1 '
         'watchdog dog withdraw; route 10.2.0.0/24 next-hop 10.0.0.1 '
         'watchdog dog2; }', lines=[
             'announce watchdog dog', 'withdraw watchdog dog',
             'withdraw watchdog dog2', 'announce watchdog dog2']),
    Case('add-path', words='capability { add-path send/receive; }', lines=[
        ROUTE + 'path-information 1', ROUTE + 'path-information 0.0.0.2 '
        'med 3', 'withdraw route 10.1.0.0/24 path-information 1 next-hop '
        '10.0.0.1']),
    Case('split', is_ordered=False, words='group-updates false;',
         routes='static { route 10.0.0.0/22 next-hop 10.0.0.1 split /24; }'),
    Case('eor', words='manual-eor true;', lines=[
        'announce eor ipv4 unicast', 'announce eor']),
    Case('teardown', lines=[ROUTE, 'neighbor 127.0.0.1 teardown 4']),
    Case('teardown-3', lines=['neighbor 127.0.0.1 teardown 3']),
    Case('flush', words='group-updates false;', lines=[
        ROUTE, 'flush adj-rib out', 'clear adj-rib out']),
    Case('refresh', words='group-updates false; '
         'capability { route-refresh; }', lines=[
             ROUTE, 'announce route-refresh ipv4 unicast']),
]
HEARD = [
    Case('events-%s-%s' % (name, encoder), family=family, says=says,
         events=events, encoder=encoder)
    for name, family, events, says in (
        ('unicast', U4, RECEIVE, [PLAIN]),
        ('rich', U4, RECEIVE, [RICH]),
        ('withdraw', U4, RECEIVE, [PLAIN, bgp.update(
            withdrawn=bgp.prefix('192.0.2.0/24'))]),
        ('eor', U4, RECEIVE, [bgp.update()]),
        ('ipv6', 'ipv6 unicast;', RECEIVE, [bgp.update(attrs() + reach(
            2, 1, bytes.fromhex('20010db8') + bytes(12), '2020010db8')),
            bgp.update(unreach(2, 1, '2020010db8'))]),
        ('vpn', 'ipv4 mpls-vpn;', RECEIVE, [VPN]),
        ('evpn', 'l2vpn evpn;', RECEIVE, [EVPN, MULTICAST_EVPN]),
        ('flow', 'ipv4 flow;', RECEIVE, [FLOW]),
        ('refresh', U4, 'receive { parsed; refresh; }',
         [bgp.message(bgp.REFRESH, bytes.fromhex('00010001'))]),
        ('notification', U4, 'receive { parsed; notification; }',
         [bgp.message(bgp.NOTIFICATION, bytes.fromhex('0603') + b'bye')]),
        ('packets', U4, 'receive { packets; update; }', [PLAIN]),
        ('consolidate', U4, 'receive { parsed; packets; consolidate; '
         'update; }', [PLAIN]),
    ) for encoder in ('json', 'text')
    # 4.2 prints no JSON here, no route, another order, half a line.
    if (name, encoder) not in (('refresh', 'json'), ('evpn', 'text'),
                               ('vpn', 'text'), ('consolidate', 'text'))
]
CASES = {case.name: case for case in SENT + HEARD}


class Run:
    """One daemon and its peer, until both have said all."""

    def __init__(self, command, case):
        self.case, self.sent = case, []
        self.go = self.said = None
        self.data = b''
        with tempfile.TemporaryDirectory(prefix='bgpd-side.') as temp:
            self.folder = pathlib.Path(temp)
            self.folder.chmod(0o755)
            self.listener = socket.create_server(('127.0.0.1', 0))
            self.daemon = self.start(command)
            try:
                self.play()
                self.heard = (self.folder / 'heard').read_text()
            finally:
                self.stop()

    def start(self, command):
        case, folder = self.case, self.folder
        self.go, self.said = folder / 'go', folder / 'said'
        (folder / 'heard').touch()
        program = folder / 'program'
        program.write_text(PROGRAM.format(
            lines=list(case.lines), heard=str(folder / 'heard'),
            go=str(self.go), said=str(self.said), step=STEP_SECONDS))
        program.chmod(0o755)
        (folder / 'conf').write_text(CONF.format(
            program=program, encoder=case.encoder, family=case.family,
            words=case.words, events=case.events, routes=case.routes,
            local_as=case.local_as, peer_as=case.peer_as))
        env = dict(os.environ, exabgp_tcp_bind='', exabgp_api_cli='false',
                   exabgp_api_version='4', exabgp_log_level='CRIT',
                   exabgp_log_destination='stderr',
                   exabgp_daemon_user='root', exabgp_daemon_drop='false',
                   exabgp_tcp_port=str(self.listener.getsockname()[1]))
        self.log = open(folder / 'log', 'w+')
        return subprocess.Popen(command + ['conf'], cwd=folder, env=env,
                                stdin=subprocess.DEVNULL, stdout=self.log,
                                stderr=self.log)

    def stop(self):
        self.daemon.terminate()
        try:
            self.daemon.wait(30)
        except subprocess.TimeoutExpired:
            self.daemon.kill()
            self.daemon.wait()
        self.listener.close()
        self.log.close()

    def read(self, sock, seconds):
        """The next message, or None."""
        limit = time.monotonic() + seconds
        while True:
            if len(self.data) >= 19:
                n = struct.unpack('!H', self.data[16:18])[0]
                if len(self.data) >= n:
                    message, self.data = self.data[:n], self.data[n:]
                    return message
            left = limit - time.monotonic()
            if left <= 0:
                return None
            sock.settimeout(left)
            try:
                piece = sock.recv(65536)
            except (socket.timeout, ConnectionResetError):
                return None
            if not piece:
                return None
            self.data += piece

    def open(self, sock):
        """Answer the OPEN with the same, from another router and AS."""
        theirs = self.read(sock, START_SECONDS)
        if theirs is None:
            raise RuntimeError('no OPEN')
        body = bytearray(theirs[19:])
        body[8] = (body[8] + 1) & 0xff
        struct.pack_into('!H', body, 1, self.case.peer_as)
        at = bytes(body).find(b'\x41\x04')
        struct.pack_into('!I', body, at + 2, self.case.peer_as)
        sock.sendall(bgp.message(bgp.OPEN, bytes(body)) +
                     bgp.message(bgp.KEEPALIVE))

    def collect(self, sock, seconds):
        """Keep what comes until nothing has come for so long."""
        while True:
            message = self.read(sock, seconds)
            if message is None:
                return
            if message[18] not in (bgp.KEEPALIVE, bgp.OPEN):
                self.sent.append(message[18:])

    def play(self):
        self.listener.settimeout(START_SECONDS)
        sock, _ = self.listener.accept()
        with sock:
            self.open(sock)
            self.collect(sock, QUIET_SECONDS)
            self.go.touch()
            for message in self.case.says:
                sock.sendall(message)
                self.collect(sock, STEP_SECONDS)
            limit = time.monotonic() + START_SECONDS
            while not self.said.exists() and time.monotonic() < limit:
                self.collect(sock, 0.05)
            self.collect(sock, QUIET_SECONDS)
        self.wait_heard()

    def wait_heard(self):
        """Until the program has read nothing for a while."""
        path, size, since = self.folder / 'heard', -1, time.monotonic()
        while time.monotonic() < since + QUIET_SECONDS:
            if path.stat().st_size != size:
                size, since = path.stat().st_size, time.monotonic()
            time.sleep(0.05)


def sorted_attributes(message):
    """A message's hex, its attributes by code: 4.2 has another order."""
    if message[0] != bgp.UPDATE:
        return message.hex()
    n = struct.unpack('!H', message[1:3])[0]
    at = 3 + n
    length = struct.unpack('!H', message[at:at + 2])[0]
    block, found, i = message[at + 2:at + 2 + length], [], 0
    while i < len(block):
        size = (4 + struct.unpack('!H', block[i + 2:i + 4])[0]
                if block[i] & 0x10 else 3 + block[i + 2])
        found.append(block[i:i + size])
        i += size
    found.sort(key=lambda a: a[1])
    return (message[:at + 2] + b''.join(found) +
            message[at + 2 + length:]).hex()


def plain_value(key, value):
    """4.2 has AS_PATHs as lists, labels without their bytes, and 0x."""
    if key == 'as-path' and isinstance(value, dict):
        return [n for part in value.values() for n in part['value']]
    if key == 'label':
        return [label[:1] for label in value]
    if key in ('header', 'body', 'data'):
        return value.removeprefix('0x')
    return plain_json(value)


def plain_json(value):
    """JSON without what differs from run to run, or between versions."""
    if isinstance(value, list):
        return [plain_json(v) for v in value]
    if not isinstance(value, dict):
        return value
    left_out = ['time', 'host', 'pid', 'ppid', 'counter', 'router-id',
                'confederation-path']
    if 'subcode' in value:
        left_out.append('message')
    return {k: plain_value(k, v) for k, v in value.items()
            if k not in left_out}


def plain_event(line):
    try:
        event = json.loads(line)
    except ValueError:
        return re.sub(r'as-path \( ([0-9 ]*) \)', r'as-path [ \1 ]',
                      re.sub(r'\b0x', '', line))
    return plain_json(event)


def results(run):
    sent = [sorted_attributes(m) for m in run.sent]
    if not run.case.is_ordered:
        sent.sort()
    heard = [plain_event(line) for line in run.heard.splitlines() if line]
    return sent, heard


def show(value):
    return value if isinstance(value, str) else json.dumps(value)


def compare(name, ours, theirs):
    """Print what differs; whether nothing does."""
    is_same = True
    for what, a, b in zip(('sent', 'heard'), ours, theirs):
        if a == b:
            continue
        is_same = False
        print('FAIL %s: what is %s differs' % (name, what))
        for x in a:
            if x not in b:
                print('  ours  ', show(x))
        for x in b:
            if x not in a:
                print('  theirs', show(x))
        if sorted(map(show, a)) == sorted(map(show, b)):
            print('  the order\n  ours  ', a, '\n  theirs', b)
    return is_same


def run_case(args, name):
    case = CASES[name]
    return [results(Run([program], case))
            for program in (args.ours, args.theirs)]


def main():
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    parser = argparse.ArgumentParser()
    parser.add_argument('ours')
    parser.add_argument('--theirs', default='/usr/sbin/exabgp')
    parser.add_argument('--jobs', type=int, default=4)
    parser.add_argument('-v', action='store_true')
    parser.add_argument('names', nargs='*')
    args = parser.parse_args()
    args.ours = os.path.abspath(args.ours)
    try:
        version = subprocess.run([args.theirs, '--version'], text=True,
                                 capture_output=True).stdout
    except OSError:
        version = ''
    if ': 4.2' not in version:
        print('there is no exabgp 4.2 here')
        return 77
    names = args.names or list(CASES)
    n_same = 0
    with concurrent.futures.ThreadPoolExecutor(args.jobs) as pool:
        for name, both in zip(names, pool.map(
                lambda name: run_case(args, name), names)):
            if args.v:
                print(name, both[0])
            if not any(both[0]):
                print('FAIL %s: nothing was sent or heard' % name)
            else:
                n_same += compare(name, *both)
    print('%d of %d cases are the same' % (n_same, len(names)))
    return 0 if n_same == len(names) else 1


if __name__ == '__main__':
    sys.exit(main())
