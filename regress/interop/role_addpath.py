#!/usr/bin/env python3
# SPDX-License-Identifier: ISC
"""Two neighbors announce one prefix; a third that takes several paths has
both from us, and one when the other goes (RFC 7911).

usage: role_addpath.py BIN bird|frr|gobgp|openbgpd
"""
import sys

import role

CONF = '''AS 65001
neighbor %s { remote-as 65002 }
neighbor %s { remote-as 65003 }
neighbor %s {
	remote-as 65004
	announce add-path send all
}
allow from any
allow to any
''' % (role.at(2), role.at(3), role.at(4))


def bird(ns, folder):
    return role.Bird(ns.b, folder, 4, role.Bird.protocol(
        4, 65004, 65001, channel='\t\tadd paths rx;\n'))


def frr(ns, folder):
    return role.Frr(ns.b, folder, 4, (
        'router bgp 65004\n bgp router-id 10.99.0.4\n'
        ' no bgp ebgp-requires-policy\n neighbor %s remote-as 65001\n'
        ' neighbor %s timers connect 2\n'
        ' neighbor %s update-source %s\n' % (
            (role.OURS,) * 3 + (role.at(4),))))


def gobgp(ns, folder):
    return role.Gobgp(ns.b, folder, 4, (
        '[global.config]\n as = 65004\n router-id = "10.99.0.4"\n'
        ' port = -1\n[[neighbors]]\n [neighbors.config]\n'
        '  neighbor-address = "%s"\n  peer-as = 65001\n'
        ' [neighbors.transport.config]\n  local-address = "%s"\n'
        ' [neighbors.timers.config]\n  connect-retry = 5\n'
        ' [[neighbors.afi-safis]]\n  [neighbors.afi-safis.config]\n'
        '   afi-safi-name = "ipv4-unicast"\n'
        '  [neighbors.afi-safis.add-paths.config]\n   receive = true\n'
        % (role.OURS, role.at(4))))


def openbgpd(ns, folder):
    return role.Openbgpd(ns.b, folder, 4, 65004,
                         '\tannounce add-path recv yes\n')


PEERS = {'bird': (bird, role.Bird), 'frr': (frr, role.Frr),
         'gobgp': (gobgp, role.Gobgp), 'openbgpd': (openbgpd, role.Openbgpd)}


def story(ns, folder, bin_folder):
    ours = role.Ours(ns.a, folder, bin_folder, CONF)
    one, two = (role.Bird(ns.b, folder, n, role.Bird.protocol(
        n, 65000 + n, 65001), origin=True) for n in (2, 3))
    peer = PEERS[sys.argv[2]][0](ns, folder)
    for d in (ours, one, two, peer):
        d.start()
    role.wait(lambda: len(peer.routes()) == 2, 30,
              lambda: 'two paths; there are %r' % peer.routes())
    told = ours.rib('out', 'neighbor', role.at(4))
    assert len({r['path_id'] for r in told}) == 2, told
    two.stop()
    role.wait(lambda: len(peer.routes()) == 1, 30,
              lambda: 'one path; there are %r' % peer.routes())
    two.start()
    role.wait(lambda: len(peer.routes()) == 2, 30, 'two paths again')


if __name__ == '__main__':
    sys.exit(role.play(story, ['bird', PEERS[sys.argv[2]][1].needs]))
