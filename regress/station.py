# SPDX-License-Identifier: ISC
"""A BMP station for tests: it listens, keeps every byte, and takes nothing
for granted in what it reads. RFC 7854, RFC 8671, RFC 9069."""
import collections
import select
import socket
import struct
import threading
import time

from speaker import MARKER, OPEN, UPDATE, NOTIFICATION, free_port, routes

MONITORING, STATISTICS, DOWN, UP, INITIATION, TERMINATION = range(6)
LOC = 3     # the type of a peer
V, L, A, O = 0x80, 0x40, 0x20, 0x10

Peer = collections.namedtuple('Peer', 'kind flags addr asn id time')
Message = collections.namedtuple('Message', 'kind peer body')


def check(truth, what):
    if not truth:
        raise AssertionError('BMP: %s' % (what,))


def address(data, is_v6):
    if is_v6:
        return socket.inet_ntop(socket.AF_INET6, data)
    check(data[:12] == bytes(12), 'an IPv4 address has 12 zeros before it')
    return socket.inet_ntoa(data[12:])


def parse_peer(data):
    kind, flags, rd = struct.unpack_from('!BB8s', data)
    asn, router_id, sec, usec = struct.unpack_from('!I4sII', data, 26)
    check(kind in (0, LOC) and rd == bytes(8), 'peer type, distinguisher')
    check(kind == 0 or (data[10:26] == bytes(16) and not flags),
          'address and flags of Loc-RIB')
    check(not flags & 0x0f, 'flags %x' % flags)
    check(usec < 1000000, 'microseconds')
    return Peer(kind, flags & ~V, address(data[10:26], flags & V), asn,
                socket.inet_ntoa(router_id), sec + usec / 1e6)


def pdus(data, *kinds):
    """The BGP messages that data is made of."""
    found = []
    while data:
        check(data[:16] == MARKER and len(data) >= 19, 'a BGP header')
        n, kind = struct.unpack_from('!HB', data, 16)
        check(19 <= n <= len(data) and kind in kinds, 'BGP message %d' % kind)
        found.append(data[:n])
        data = data[n:]
    return found


def tlvs(data):
    found = []
    while data:
        check(len(data) >= 4, 'a TLV')
        kind, n = struct.unpack_from('!HH', data)
        check(len(data) >= 4 + n, 'length of a TLV')
        found.append((kind, data[4:4 + n]))
        data = data[4 + n:]
    return found


def parse(data):
    """(message or None, bytes left)."""
    if len(data) < 6:
        return None, data
    version, n, kind = struct.unpack_from('!BIB', data)
    check(version == 3 and 6 <= n < 1 << 20 and kind <= TERMINATION,
          'header %s' % data[:6].hex())
    if len(data) < n:
        return None, data
    body, peer = data[6:n], None
    if kind < INITIATION:
        check(len(body) >= 42, 'a per-peer header')
        peer, body = parse_peer(body), body[42:]
    return Message(kind, peer, judge(kind, peer, body)), data[n:]


def judge(kind, peer, body):
    """What is in it, if it is sound."""
    if kind == MONITORING:
        found = pdus(body, UPDATE)
        check(len(found) == 1, 'one UPDATE')
        return found[0]
    check(not peer or not peer.flags & O, 'O flag of other than UPDATEs')
    if kind == UP:
        local = address(body[:16], ':' in peer.addr)
        n = 20 + int.from_bytes(body[36:38], 'big')
        n += int.from_bytes(body[n + 16:n + 18], 'big')
        opens, info = pdus(body[20:n], OPEN), tlvs(body[n:])
        check(len(opens) == 2, 'two OPENs')
        check(info == ([(3, b'global')] if peer.kind == LOC else []),
              'information %s' % info)
        return (local,) + struct.unpack_from('!HH', body, 16) + tuple(opens)
    if kind == DOWN:
        reason, rest = body[0], body[1:]
        if reason in (1, 3):
            check(len(pdus(rest, NOTIFICATION)) == 1, 'a NOTIFICATION')
        else:
            check(reason in (2, 4, 5) and len(rest) ==
                  (2 if reason == 2 else 0), 'reason %d' % reason)
        return reason, rest
    if kind == STATISTICS:
        found = tlvs(body[4:])
        check(len(found) == struct.unpack_from('!I', body)[0], 'count')
        for key, value in found:
            check(len(value) == {0: 4, 7: 8}[key],
                  'statistics %d' % key)
        return {key: int.from_bytes(value, 'big') for key, value in found}
    return dict(tlvs(body))


class Station:
    """messages is what the connection of the moment has brought; before it
    there were n_connections - 1. fault is what was wrong, and ends it."""

    def __init__(self, address='127.0.0.1', port=0, reads=True, small=False):
        self.port = port or free_port()
        self.reads = reads
        self.messages, self.n_connections = [], 0
        self.data, self.fault, self.is_open = b'', None, False
        self.sock = None
        self.listener = socket.socket()
        self.listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if small:
            self.listener.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF,
                                     4096)
        self.listener.bind((address, self.port))
        self.listener.listen(5)
        self.is_over = False
        self.thread = threading.Thread(target=self.run, daemon=True)
        self.thread.start()

    def run(self):
        try:
            while not self.is_over:
                if not select.select([self.listener], [], [], 0.1)[0]:
                    continue
                sock = self.listener.accept()[0]
                self.messages, self.data = [], b''
                self.sock, self.is_open = sock, True
                self.n_connections += 1
                self.serve(sock)
                self.is_open = False
                sock.close()
        except Exception as e:
            self.fault = self.fault or e
            if self.sock:
                self.sock.close()

    def serve(self, sock):
        left = b''
        while not self.is_over:
            if not self.reads:
                time.sleep(0.05)
                if not self.is_alive(sock):
                    return
                continue
            if not select.select([sock], [], [], 0.1)[0]:
                continue
            try:
                piece = sock.recv(1 << 18)
            except ConnectionResetError:
                return
            if not piece:
                check(not left, 'the connection ends inside a message')
                return
            self.data += piece
            left += piece
            while True:
                message, left = parse(left)
                if message is None:
                    break
                check(self.messages or message.kind == INITIATION,
                      'begins with an Initiation')
                self.messages.append(message)

    @staticmethod
    def is_alive(sock):
        """TCP_INFO's state: a closed one need not be read to be seen."""
        state = sock.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, 1)[0]
        return state == 1

    def close(self):
        self.is_over = True
        self.thread.join(20)
        self.listener.close()
        if self.sock:
            self.sock.close()
        if self.fault:
            raise self.fault

    def of(self, kind, addr=None):
        if self.fault:
            raise self.fault
        return [m for m in list(self.messages) if m.kind == kind and
                (addr is None or m.peer.addr == addr)]

    def updates(self, addr, flags):
        """UPDATEs with these flags, of O and L."""
        return [m.body for m in self.of(MONITORING, addr)
                if m.peer.flags & (O | L) == flags]

    def rib(self, addr, flags):
        """{prefix: attributes} after all UPDATEs: IPv4 unicast, no ids."""
        table = {}
        for body in self.updates(addr, flags):
            announced, withdrawn, attributes = routes(body[19:])
            for p in withdrawn:
                table.pop(p, None)
            for p in announced:
                table[p] = attributes
        return table

    def ends(self, addr, flags):
        """End-of-RIB of IPv4 unicast."""
        return sum(len(body) == 23 for body in self.updates(addr, flags))
