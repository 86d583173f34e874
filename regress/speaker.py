# SPDX-License-Identifier: ISC
"""A raw BGP speaker for tests: it sends whatever bytes it is told to."""
import random
import select
import socket
import struct
import time

MARKER = b'\xff' * 16
OPEN, UPDATE, NOTIFICATION, KEEPALIVE, REFRESH = 1, 2, 3, 4, 5

_marks = []		# of the ports that this process has


def free_port():
    """A TCP port that is this process's until it ends: one below those that
    the kernel gives to connections, marked as taken for other tests by an
    abstract socket, and that nobody uses."""
    while True:
        port = random.randrange(20000, 32768)
        mark = socket.socket(socket.AF_UNIX)
        try:
            mark.bind('\0bgpd-regress-port-%d' % port)
            with socket.socket() as s:
                s.bind(('', port))
        except OSError:
            mark.close()
            continue
        _marks.append(mark)
        return port


def message(kind, body=b''):
    return MARKER + struct.pack('!HB', 19 + len(body), kind) + body


def capability(code, value=b''):
    body = bytes((code, len(value))) + value
    return bytes((2, len(body))) + body


def multiprotocol(afi, safi):
    return capability(1, struct.pack('!HBB', afi, 0, safi))


def as4(asn):
    return capability(65, struct.pack('!I', asn))


def open_body(asn, router_id='192.0.2.9', hold=90, params=None, version=4):
    if params is None:
        params = multiprotocol(1, 1) + as4(asn)
    return (struct.pack('!BHH', version, asn if asn < 65536 else 23456, hold)
            + socket.inet_aton(router_id) + bytes((len(params),)) + params)


def attribute(flags, code, value):
    if flags & 0x10 or len(value) > 255:
        return struct.pack('!BBH', flags | 0x10, code, len(value)) + value
    return bytes((flags, code, len(value))) + value


def prefix(text):
    address, _, bits = text.partition('/')
    bits = int(bits)
    return bytes((bits,)) + socket.inet_aton(address)[:(bits + 7) // 8]


def update(attributes=b'', nlri=b'', withdrawn=b''):
    return message(UPDATE, struct.pack('!H', len(withdrawn)) + withdrawn +
                   struct.pack('!H', len(attributes)) + attributes + nlri)


class Closed(Exception):
    """The other side ended the connection; .reset is true for an RST."""

    def __init__(self, reset):
        super().__init__('reset' if reset else 'closed')
        self.reset = reset


class Speaker:
    def __init__(self, local, remote, port, seconds=30, room=0):
        """Connect from local to remote:port, trying until it is there.
        room: bytes of the receive buffer, 0 for the system's."""
        limit = time.monotonic() + seconds
        while True:
            self.sock = socket.socket()
            self.sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            self.sock.bind((local, 0))
            if room:
                self.sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF,
                                     room)
            try:
                self.sock.connect((remote, port))
                break
            except OSError:
                self.sock.close()
                if time.monotonic() > limit:
                    raise
                time.sleep(0.05)
        self.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.data = b''

    def send(self, data):
        self.sock.sendall(data)

    def read(self, seconds=30):
        """The next whole message as (type, body), or None in time."""
        limit = time.monotonic() + seconds
        while True:
            if len(self.data) >= 19:
                length = struct.unpack('!H', self.data[16:18])[0]
                if len(self.data) >= length:
                    whole = self.data[:length]
                    self.data = self.data[length:]
                    return whole[18], whole[19:]
            left = limit - time.monotonic()
            if left <= 0 or not select.select([self.sock], [], [], left)[0]:
                return None
            try:
                piece = self.sock.recv(1 << 18)
            except ConnectionResetError:
                raise Closed(True)
            if not piece:
                raise Closed(False)
            self.data += piece

    def expect(self, kind, seconds=30, others=(KEEPALIVE,)):
        """Body of the next message of this type; others pass by."""
        limit = time.monotonic() + seconds
        while time.monotonic() < limit:
            got = self.read(limit - time.monotonic())
            if got is None:
                break
            if got[0] == kind:
                return got[1]
            if got[0] not in others:
                raise AssertionError('expected type %d, found %d: %s' %
                                     (kind, got[0], got[1].hex()))
        raise AssertionError('no message of type %d came' % kind)

    def establish(self, asn, **options):
        """OPEN and KEEPALIVE both ways; the body of their OPEN."""
        theirs = self.expect(OPEN)
        self.send(message(OPEN, open_body(asn, **options)))
        self.send(message(KEEPALIVE))
        got = self.read()
        if got is None or got[0] != KEEPALIVE:
            raise AssertionError('not established: %r' % (got,))
        return theirs

    def end(self, seconds=30):
        """Read to the end: True when it ended with FIN, False with RST."""
        try:
            while True:
                if self.read(seconds) is None:
                    raise AssertionError('the connection stays open')
        except Closed as e:
            return not e.reset

    def close(self):
        self.sock.close()


def routes(body):
    """(announced prefixes, withdrawn prefixes, {code: value}) of an IPv4
    unicast UPDATE's body."""
    n = struct.unpack_from('!H', body)[0]
    withdrawn = cut(body[2:2 + n])
    at = 2 + n
    n = struct.unpack_from('!H', body, at)[0]
    block, nlri = body[at + 2:at + 2 + n], body[at + 2 + n:]
    attributes = {}
    i = 0
    while i < len(block):
        flags, code = block[i], block[i + 1]
        if flags & 0x10:
            length = struct.unpack_from('!H', block, i + 2)[0]
            i += 4
        else:
            length = block[i + 2]
            i += 3
        attributes[code] = block[i:i + length]
        i += length
    return cut(nlri), withdrawn, attributes


def cut(run):
    found = []
    i = 0
    while i < len(run):
        n = 1 + (run[i] + 7) // 8
        found.append(run[i:i + n])
        i += n
    return found
