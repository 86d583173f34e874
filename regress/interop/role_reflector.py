#!/usr/bin/env python3
# SPDX-License-Identifier: ISC
"""A route reflector: a client hears what another announces, with ORIGINATOR_ID
and CLUSTER_LIST, the next hop as it was (RFC 4456).

usage: role_reflector.py BIN bird|frr|openbgpd
"""
import sys

import role
from role_addpath import frr as external_frr

CONF = '''AS 65001
neighbor %s { remote-as 65001; route-reflector 192.0.2.99 }
neighbor %s { remote-as 65001; route-reflector 192.0.2.99 }
allow from any
allow to any
'''.replace('; ', '\n\t').replace('{ ', '{\n\t').replace(' }', '\n}') % (
    role.at(2), role.at(4))


def bird(ns, folder):
    return role.Bird(ns.b, folder, 4, role.Bird.protocol(4, 65001, 65001))


def frr(ns, folder):
    peer = external_frr(ns, folder)
    peer.write('frr4.conf', open(peer.conf).read().replace('65004', '65001'))
    return peer


def openbgpd(ns, folder):
    return role.Openbgpd(ns.b, folder, 4, 65001)


PEERS = {
    'bird': (bird, role.Bird, lambda p: 'originator_id: ' + role.at(2) in p
             and 'cluster_list: 192.0.2.99' in p and role.at(2) in p),
    'frr': (frr, role.Frr, lambda p: p.get('originatorId') == role.at(2) and
            p['clusterList']['list'] == ['192.0.2.99'] and
            p['nexthops'][0]['ip'] == role.at(2)),
    'openbgpd': (openbgpd, role.Openbgpd, lambda p: [
        a.get('originator', a.get('cluster_list')) for a in p['attributes']
        ] == [role.at(2), ['192.0.2.99']] and
        p['exit_nexthop'] == role.at(2)),
}


def story(ns, folder, bin_folder):
    make, _, is_right = PEERS[sys.argv[2]]
    ours = role.Ours(ns.a, folder, bin_folder, CONF)
    client = role.Bird(ns.b, folder, 2, role.Bird.protocol(
        2, 65001, 65001, channel='\t\tnext hop self;\n'), origin=True)
    peer = make(ns, folder)
    for d in (ours, client, peer):
        d.start()
    role.wait(lambda: any(is_right(p) for p in peer.routes()), 30,
              lambda: 'a reflected path; there are %r' % peer.routes())
    client.stop()
    role.wait(lambda: not peer.routes(), 30, 'it goes with its client')


if __name__ == '__main__':
    sys.exit(role.play(story, ['bird', PEERS[sys.argv[2]][1].needs]))
