#!/usr/bin/env python3
# SPDX-License-Identifier: ISC
"""A confederation (RFC 5065): another member announces; a neighbor outside
hears it with the confederation's number alone; and back: the member hears what
is outside behind our member's segment.

usage: role_confederation.py BIN bird|frr     the other member

OpenBGPD cannot be one: it has no confederations, and takes an AS_PATH with
their segments as malformed.
"""
import sys

import role

CONF = '''AS 65001
confederation 64512 members { 65001 65002 }
neighbor %s { remote-as 65002 }
neighbor %s { remote-as 65003 }
allow from any
allow to any
''' % (role.at(4), role.at(3))


def bird(ns, folder):
    return role.Bird(ns.b, folder, 4, role.Bird.protocol(
        4, 65002, 65001, '\tconfederation 64512;\n'
        '\tconfederation member yes;\n',
        channel='\t\tgateway recursive;\n'))


def frr(ns, folder):
    return role.Frr(ns.b, folder, 4, (
        'router bgp 65002\n bgp router-id 10.99.0.4\n'
        ' bgp confederation identifier 64512\n'
        ' bgp confederation peers 65001\n no bgp ebgp-requires-policy\n'
        ' no bgp network import-check\n'
        ' neighbor %s remote-as 65001\n neighbor %s timers connect 2\n'
        ' neighbor %s update-source %s\n address-family ipv4 unicast\n'
        '  network 198.51.100.0/24\n exit-address-family\n' % (
            (role.OURS,) * 3 + (role.at(4),))))


PEERS = {
    'bird': (bird, role.Bird, lambda p: 'as_path: (65001) 65003' in p),
    'frr': (frr, role.Frr, lambda p: p['aspath']['string'] == '(65001) 65003'),
}


def story(ns, folder, bin_folder):
    make, _, is_right = PEERS[sys.argv[2]]
    ours = role.Ours(ns.a, folder, bin_folder, CONF)
    outside = role.Bird(ns.b, folder, 3, role.Bird.protocol(
        3, 65003, 64512), origin=True)
    member = make(ns, folder)
    if isinstance(member, role.Bird):
        with open(member.conf, 'a') as f:
            f.write('protocol static s5 {\n\tipv4;\n'
                    '\troute 198.51.100.0/24 blackhole;\n}\n')
    for d in (ours, outside, member):
        d.start()
    role.wait(lambda: any(is_right(p) for p in member.routes()), 30,
              lambda: 'a path in the member; there are %r, told %r' % (
                  member.routes(), ours.rib('out', 'neighbor', role.at(4))))

    def seen():
        return outside.ask('birdc', '-s', outside.sock, 'show', 'route',
                           '198.51.100.0/24', 'all')
    role.wait(lambda: 'as_path: 64512\n' in seen(), 30,
              lambda: 'the member\'s network outside; there is %s' % seen())


if __name__ == '__main__':
    sys.exit(role.play(story, ['bird', PEERS[sys.argv[2]][1].needs]))
