#!/usr/bin/env python3
# SPDX-License-Identifier: ISC
"""Every family of the codec through the RDE: what one router announces, the
others hear byte for byte, as filters and the decision have it.

usage: relay.py BIN
"""
import os
import pathlib
import re
import select
import socket
import struct
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, os.path.join(os.path.dirname(__file__), '..'))
from relay_routes import FAMILIES  # noqa: E402
from speaker import (NOTIFICATION, UPDATE, Speaker, as4, attribute,  # noqa: E402
                     free_port, multiprotocol, update)

US, OUTSIDE, FURTHER = 65001, 65002, 65005
# The families that have a word of their own in bgpd.conf.
WORDS = {(1, 1): 'IPv4 unicast', (2, 1): 'IPv6 unicast', (1, 128): 'IPv4 vpn',
         (2, 128): 'IPv6 vpn', (1, 133): 'IPv4 flowspec',
         (2, 133): 'IPv6 flowspec', (25, 70): 'EVPN'}
CONF = '''AS 65001
router-id 192.0.2.1
fib-update no
listen on 127.0.0.1 port %d
socket "%s"
%sallow from any
allow to any
deny quick from any community 65000:1
deny quick to 127.0.0.5 community 65000:2
deny quick from 127.0.0.2 large-community 65000:3:3
deny quick to 127.0.0.4 ext-community rt 65000:4
'''
NEIGHBOR = '''neighbor %s {
	remote-as %d
	local-address 127.0.0.1
	local-address 2001:db8::1
	passive
%s}
'''
ORIGIN, AS_PATH, NEXT_HOP, MED, LOCAL_PREF = 1, 2, 3, 4, 5
COMMUNITY, ORIGINATOR, CLUSTERS, REACH, UNREACH = 8, 9, 10, 14, 15
EXT_COMMUNITY, PMSI, TUNNEL, BGP_LS, PREFIX_SID, LARGE = 16, 22, 23, 29, 40, 32
UNKNOWN, UNKNOWN_LOCAL = 213, 214
OPTIONAL, TRANSITIVE, PARTIAL = 0x80, 0x40, 0x20
BASE = {
    ORIGIN: (0x40, b'\2'),
    MED: (0x80, struct.pack('!I', 77)),
    COMMUNITY: (0xc0, struct.pack('!HHHH', 65002, 100, 65002, 101)),
    EXT_COMMUNITY: (0xc0, bytes.fromhex('0002fdea00000001030c000000000008'
                                        '800600004974240080770000deadbeef')),
    LARGE: (0xc0, struct.pack('!III', 65002, 1, 2)),
    UNKNOWN: (0xc0, bytes(range(256)) + b'long'),
    UNKNOWN_LOCAL: (0x80, b'goes no further'),
}
# Attributes that come with the routes of a SAFI.
MORE = {
    4: {PREFIX_SID: (0xc0, bytes.fromhex('01000700000000000064'))},
    5: {PMSI: (0xc0, bytes.fromhex('0006003e81c0000202'))},
    70: {PMSI: (0xc0, bytes.fromhex('0006003e81c0000202'))},
    71: {BGP_LS: (0x80, bytes.fromhex('04830004000000640492000100'
                                      'fff00003010203'))},
    72: {BGP_LS: (0x80, bytes.fromhex('0483000400000064'))},
    73: {TUNNEL: (0xc0, bytes.fromhex(
        '000f00240c060000000000640d06100005dc01008000110009060000000000010106'
        '000003e81100'))},
}


def asn_path(*numbers):
    return (0x40, bytes((2, len(numbers))) + struct.pack(
        '!%dI' % len(numbers), *numbers) if numbers else b'')


def attributes(block):
    """{code: (flags, value)}; nothing twice."""
    found, i = {}, 0
    while i < len(block):
        flags, code = block[i], block[i + 1]
        if flags & 0x10:
            n = struct.unpack_from('!H', block, i + 2)[0]
            i += 4
        else:
            n = block[i + 2]
            i += 3
        assert code not in found and i + n <= len(block), block.hex()
        found[code] = (flags & 0xe0, block[i:i + n])
        i += n
    return found


def in_bits(run):
    return 1 + (run[0] + 7) // 8


def behind(at, size):
    """Length of an NLRI whose length field is there and counts the rest."""
    return lambda run: at + size + int.from_bytes(run[at:at + size], 'big')


def flow(run):
    return 1 + run[0] if run[0] < 0xf0 else \
        2 + (struct.unpack_from('!H', run)[0] & 0xfff)


LENGTH = {1: in_bits, 2: in_bits, 4: in_bits, 128: in_bits, 73: in_bits,
          132: in_bits, 5: behind(1, 1), 70: behind(1, 1), 65: behind(0, 2),
          71: behind(2, 2), 72: behind(2, 2), 85: behind(3, 1), 133: flow,
          134: flow}


def cut(safi, run):
    while run:
        n = LENGTH[safi](run)
        assert n <= len(run), (safi, run.hex())
        yield run[:n]
        run = run[n:]


def next_hop(afi, safi, last):
    """The next hop of a family: of AFI 2, IPv6; others, IPv4."""
    if safi in (133, 134):
        return b''
    ip = socket.inet_pton(socket.AF_INET6, '2001:db8::%d' % last) \
        if afi == 2 else bytes((192, 0, 2, last))
    return bytes(8) + ip if safi == 128 else ip


class Router:
    """A raw neighbor that keeps what it hears."""

    def __init__(self, last, asn, port):
        self.asn, self.last = asn, last
        self.speaker = Speaker('127.0.0.%d' % last, '127.0.0.1', port)
        self.heard = {}        # (afi, safi, NLRI) -> attributes
        self.gone = []         # (afi, safi, NLRI) as withdrawn
        theirs = self.speaker.establish(
            asn, router_id='192.0.2.%d' % last, params=as4(asn) + b''.join(
                multiprotocol(*f[:2]) for f in FAMILIES))
        for f in FAMILIES:
            assert struct.pack('!BBHBB', 1, 4, f[0], 0, f[1]) in theirs, f[2]

    def take(self, kind, body):
        assert kind != NOTIFICATION, (self.last, 'NOTIFICATION', body.hex())
        if kind != UPDATE:
            return
        n = struct.unpack_from('!H', body)[0]
        withdrawn, rest = body[2:2 + n], body[2 + n:]
        n = struct.unpack_from('!H', rest)[0]
        found, run = attributes(rest[2:2 + n]), rest[2 + n:]
        self.withdraw(1, 1, withdrawn)
        if UNREACH in found:
            afi, safi = struct.unpack_from('!HB', found[UNREACH][1])
            self.withdraw(afi, safi, found[UNREACH][1][3:])
        for nlri in cut(1, run):
            hop = {'hop': found[NEXT_HOP][1]}
            self.heard[1, 1, nlri] = {**found, **hop}
        if REACH in found:
            value = found.pop(REACH)[1]
            afi, safi, n = struct.unpack_from('!HBB', value)
            for nlri in cut(safi, value[5 + n:]):
                self.heard[afi, safi, nlri] = {**found,
                                               'hop': value[4:4 + n]}

    def withdraw(self, afi, safi, run):
        self.gone += [(afi, safi, nlri) for nlri in cut(safi, run)]

    def say(self, afi, safi, nlri, own):
        """Announce with these attributes: {code: (flags, value)}."""
        own, hop = dict(own), next_hop(afi, safi, self.last)
        if (afi, safi) == (1, 1):
            own[NEXT_HOP] = (0x40, hop)
        else:
            own[REACH] = (0x80, struct.pack('!HBB', afi, safi, len(hop)) +
                          hop + b'\0' + b''.join(nlri))
        self.speaker.send(update(
            b''.join(attribute(flags, code, value)
                     for code, (flags, value) in sorted(own.items())),
            b''.join(nlri) if (afi, safi) == (1, 1) else b''))

    def unsay(self, afi, safi, nlri):
        if (afi, safi) == (1, 1):
            self.speaker.send(update(withdrawn=b''.join(nlri)))
        else:
            self.speaker.send(update(attribute(
                0x80, UNREACH, struct.pack('!HB', afi, safi) +
                b''.join(nlri))))


class Net:
    def __init__(self, port):
        self.outside = Router(2, OUTSIDE, port)
        self.inside = Router(3, US, port)
        self.client = Router(4, US, port)
        self.further = Router(5, FURTHER, port)
        self.all = {}
        for router in (self.outside, self.inside, self.client, self.further):
            self.add(router)

    def add(self, router):
        self.all[router.speaker.sock] = router
        return router

    def drop(self, router):
        del self.all[router.speaker.sock]
        router.speaker.close()

    def wait(self, test, what):
        """Take what comes until the test holds."""
        limit = time.monotonic() + 30
        while not test():
            left = limit - time.monotonic()
            assert left > 0, what() if callable(what) else what
            for sock in select.select(list(self.all), [], [], left)[0]:
                router = self.all[sock]
                got = router.speaker.read(0.05)
                while got is not None:
                    router.take(*got)
                    got = router.speaker.read(0)

    def hears(self, router, family, nlri, wanted):
        """These NLRI with exactly these attributes."""
        def test():
            return all(router.heard.get((*family[:2], n)) == wanted
                       for n in nlri)

        def what():
            lines = ['%s: 127.0.0.%d does not hear' % (family[2],
                                                       router.last)]
            for n in nlri:
                found = router.heard.get((*family[:2], n))
                if found == wanted:
                    continue
                lines.append(n.hex())
                for code in (wanted if found is None else
                             {**wanted, **found}):
                    if found is None or found.get(code) != wanted.get(code):
                        lines.append('  %s: %s, wanted %s' % (
                            code, found and found.get(code),
                            wanted.get(code)))
            lines += ['also heard: ' + k[2].hex() for k in router.heard
                      if k[:2] == family[:2] and k[2] not in nlri]
            return '\n'.join(lines)
        self.wait(test, what)

    def loses(self, router, family, routes):
        """Withdrawals of these, each once, in the form that they have."""
        wanted = sorted((*family[:2], r.withdrawn) for r in routes)
        self.wait(lambda: len(router.gone) >= len(wanted), lambda:
                  '%s: 127.0.0.%d heard withdrawals %s, not %s' % (
                      family[2], router.last, [g[2].hex() for g in router.gone],
                      [w[2].hex() for w in wanted]))
        found = sorted(router.gone)
        assert found == wanted, '%s: 127.0.0.%d: %s\n%s' % (
            family[2], router.last, [g[2].hex() for g in found],
            [w[2].hex() for w in wanted])
        router.gone = []
        for r in routes:
            for n in (r.nlri, r.again):
                router.heard.pop((*family[:2], n), None)


def sent(family, router, extra=None):
    """What a router of ours announces its routes with."""
    own = {**BASE, **MORE.get(family[1], {})}
    if router.asn == US:
        own[AS_PATH] = asn_path()
        own[LOCAL_PREF] = (0x40, struct.pack('!I', 200))
    else:
        own[AS_PATH] = asn_path(router.asn, 65099)
    for code, value in (extra or {}).items():
        own[code] = (own[code][0], own[code][1] + value)
    return own


def relayed(family, source, to, own):
    """The same as a router must hear them: RFC 4271 5, RFC 4456 8."""
    out = {code: (flags | (PARTIAL if code == UNKNOWN else 0), value)
           for code, (flags, value) in own.items() if code != UNKNOWN_LOCAL}
    afi, safi = family[:2]
    if source.asn != US:
        out.pop(PREFIX_SID, None)      # RFC 8669 4
    if to.asn == US:
        out['hop'] = next_hop(afi, safi, source.last)
        if source.asn == US:
            out[ORIGINATOR] = (0x80, bytes((192, 0, 2, source.last)))
            out[CLUSTERS] = (0x80, bytes((192, 0, 2, 1)))
        else:
            out[LOCAL_PREF] = (0x40, struct.pack('!I', 100))
    else:
        ours = next_hop(afi, safi, 1)
        out['hop'] = ours if afi == 2 or not ours else \
            ours[:-4] + bytes((127, 0, 0, 1))
        out.pop(LOCAL_PREF, None)
        del out[MED]
        out[AS_PATH] = asn_path(US) if source.asn == US else \
            asn_path(US, source.asn, 65099)
    if (afi, safi) == (1, 1):
        out[NEXT_HOP] = (0x40, out['hop'])
    return out


def announce(net, family, source, nlri, hearers, extra=None):
    """Say it, and see it with those who must hear it."""
    own = sent(family, source, extra)
    source.say(*family[:2], nlri, own)
    for to in hearers:
        net.hears(to, family, nlri, relayed(family, source, to, own))


def relay(net, family):
    """As it came; decided between two; changed; withdrawn."""
    afi, safi, _, routes = family
    hearers = (net.client, net.further)
    nlri = [r.nlri for r in routes]
    announce(net, family, net.outside, nlri, hearers)
    for to in hearers:
        to.heard.clear()
    announce(net, family, net.inside, nlri, hearers)
    for to in hearers:
        to.heard.clear()
    net.inside.unsay(afi, safi, [r.withdrawn for r in routes])
    own = sent(family, net.outside)
    for to in hearers:
        net.hears(to, family, nlri, relayed(family, net.outside, to, own))
    again = [r.again for r in routes if r.again]
    if again:
        announce(net, family, net.outside, again, hearers)
    for to in hearers:
        assert to.gone == [], (family[2], to.gone)
    net.outside.unsay(afi, safi, [r.withdrawn for r in routes])
    for to in hearers:
        net.loses(to, family, routes)


def filters(net, family):
    """The rules of CONF, one after the other, on the first route."""
    afi, safi, _, routes = family
    first, other = routes[0], routes[1]
    client, further = net.client, net.further
    denied = {COMMUNITY: struct.pack('!HH', 65000, 1)}
    for source in (net.outside, net.inside):
        announce(net, family, source, [first.nlri], (client, further))
        source.say(afi, safi, [first.nlri], sent(family, source, denied))
        for to in (client, further):
            net.loses(to, family, [first])
        announce(net, family, source, [first.nlri], (client, further))
        announce(net, family, source, [first.nlri], (client,),
                 {COMMUNITY: struct.pack('!HH', 65000, 2)})
        net.loses(further, family, [first])
        extra = {LARGE: struct.pack('!III', 65000, 3, 3)}
        if source is net.inside:
            announce(net, family, source, [first.nlri], (client, further),
                     extra)
        else:
            source.say(afi, safi, [first.nlri], sent(family, source, extra))
            net.loses(client, family, [first])
        announce(net, family, source, [first.nlri], (further,),
                 {EXT_COMMUNITY: bytes.fromhex('0002fde800000004')})
        if source is net.inside:
            net.loses(client, family, [first])
        announce(net, family, source, [other.nlri], (client, further))
        assert (afi, safi, first.nlri) not in client.heard, family[2]
        source.unsay(afi, safi, [first.withdrawn, other.withdrawn])
        net.loses(client, family, [other])
        net.loses(further, family, [first, other])


def all_at_once(net, port):
    """Routes of all families together: heard, by a router that comes later,
    too; and gone with the session that they came by."""
    source = net.outside
    for family in FAMILIES:
        announce(net, family, source, [r.nlri for r in family[3]],
                 (net.client, net.further))
    late = net.add(Router(6, US, port))
    hearers = (late, net.client, net.further)
    for family in FAMILIES:
        net.hears(late, family, [r.nlri for r in family[3]],
                  relayed(family, source, late, sent(family, source)))
    assert late.gone == [], late.gone
    net.drop(source)
    wanted = sorted((*f[:2], r.withdrawn) for f in FAMILIES for r in f[3])
    for to in hearers:
        net.wait(lambda: len(to.gone) >= len(wanted), lambda:
                 '127.0.0.%d does not hear all withdrawals' % to.last)
        assert sorted(to.gone) == wanted, to.last
    return len(wanted)


def is_whole():
    """Whether there are routes of all rows of the codec's table."""
    table = pathlib.Path(__file__).parents[2] / 'common/nlri/nlri.c'
    names = re.findall(r'^\t    "([a-z0-9-]+ [a-z-]+)", "', table.read_text(),
                       re.MULTILINE)
    assert [f[2] for f in FAMILIES] == names, names


def families():
    """The families' lines of a neighbor."""
    out = ''
    for afi, safi, name, _ in FAMILIES:
        out += '\tannounce %s\n' % WORDS[afi, safi] if (afi, safi) in WORDS \
            else '\texabgp {\n\t\tfamily "%s"\n\t}\n' % name
    return out


def config(port, sock):
    rows = (('127.0.0.2', OUTSIDE, '\tenforce flowspec no\n'),
            ('127.0.0.3', US, ''), ('127.0.0.4', US, '\troute-reflector\n'),
            ('127.0.0.5', FURTHER, ''), ('127.0.0.6', US, ''))
    return CONF % (port, sock, ''.join(
        NEIGHBOR % (address, asn, words + families())
        for address, asn, words in rows))


def main():
    is_whole()
    with tempfile.TemporaryDirectory(prefix='bgpd-relay.') as temp:
        folder = pathlib.Path(temp)
        folder.chmod(0o755)
        port = free_port()
        conf = folder / 'bgpd.conf'
        conf.write_text(config(port, folder / 'sock'))
        user = ['-u', 'nobody'] if os.geteuid() == 0 else []
        daemon = subprocess.Popen([sys.argv[1] + '/bgpd', '-d', '-f',
                                   str(conf)] + user)
        try:
            net = Net(port)
            for family in FAMILIES:
                relay(net, family)
                filters(net, family)
                print('%s: %d routes' % (family[2], len(family[3])),
                      flush=True)
            print('together: %d routes' % all_at_once(net, port))
        finally:
            daemon.terminate()
            daemon.wait(20)
    return 0


if __name__ == '__main__':
    sys.exit(main())
