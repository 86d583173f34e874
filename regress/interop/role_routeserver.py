#!/usr/bin/env python3
# SPDX-License-Identifier: ISC
"""A route server that does not hide paths: one client may not have what the
first announces, and has the second's instead; our AS is not in the path, the
next hop is the second's (RFC 7947).

usage: role_routeserver.py BIN bird|frr|openbgpd
"""
import sys

import role
from role_addpath import frr

CONF = '''AS 65001
transparent-as yes
rde evaluate all
neighbor %s { remote-as 65002 }
neighbor %s { remote-as 65003 }
neighbor %s { remote-as 65004 }
allow from any
match from AS 65003 set localpref 50
allow to any
deny to AS 65004 source-as 65002
''' % (role.at(2), role.at(3), role.at(4))

def bird(ns, folder):
    return role.Bird(ns.b, folder, 4, role.Bird.protocol(
        4, 65004, 65001, channel='\t\tgateway recursive;\n'))


def openbgpd(ns, folder):
    return role.Openbgpd(ns.b, folder, 4, 65004,
                         '\tenforce neighbor-as no\n')


PEERS = {'bird': (bird, role.Bird, lambda p: 'BGP.as_path: 65003\n' in p and
                  role.at(3) in p),
         'frr': (frr, role.Frr, lambda p: p['aspath']['string'] == '65003' and
                 p['nexthops'][0]['ip'] == role.at(3)),
         'openbgpd': (openbgpd, role.Openbgpd, lambda p: p['aspath'] ==
                      '65003' and p['exit_nexthop'] == role.at(3))}


def story(ns, folder, bin_folder):
    make, _, is_right = PEERS[sys.argv[2]]
    ours = role.Ours(ns.a, folder, bin_folder, CONF)
    one, two = (role.Bird(ns.b, folder, n, role.Bird.protocol(
        n, 65000 + n, 65001), origin=True) for n in (2, 3))
    peer = make(ns, folder)
    if isinstance(peer, role.Frr):
        # FRR, too, looks for its neighbor's AS in the path.
        peer.write('frr4.conf', open(peer.conf).read().replace(
            ' no bgp ebgp', ' no bgp enforce-first-as\n no bgp ebgp'))
    for d in (ours, one, two, peer):
        d.start()
    role.wait(lambda: any(is_right(p) for p in peer.routes()), 30,
              lambda: 'the second path; there are %r' % peer.routes())
    # The first client hears the second's, whose own is best: all are served.
    role.wait(lambda: ours.rib('out', 'neighbor', role.at(2)), 30,
              'a path for the first')
    two.stop()
    role.wait(lambda: not peer.routes(), 30, 'nothing without the second')


if __name__ == '__main__':
    sys.exit(role.play(story, ['bird', PEERS[sys.argv[2]][1].needs]))
