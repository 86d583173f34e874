#!/usr/bin/env python3
# SPDX-License-Identifier: ISC
"""Roles and OTC (RFC 9234): what a provider announces is not for a peer; a
customer has it, marked with the provider's AS; and a neighbor that has no role
that goes with ours has no session.

usage: role_otc.py BIN bird|frr|openbgpd

GoBGP has neither roles nor OTC.
"""
import sys

import role

CONF = '''AS 65001
network 198.51.100.0/24
neighbor %s {
	remote-as 65002
	role customer
}
neighbor %s {
	remote-as 65004
	role %s
	announce policy enforce
}
allow from any
allow to any
'''


def bird(ns, folder, theirs):
    return role.Bird(ns.b, folder, 4, role.Bird.protocol(
        4, 65004, 65001, '\tlocal role %s;\n' % theirs))


def frr(ns, folder, theirs):
    return role.Frr(ns.b, folder, 4, (
        'router bgp 65004\n bgp router-id 10.99.0.4\n'
        ' no bgp ebgp-requires-policy\n neighbor %s remote-as 65001\n'
        ' neighbor %s timers connect 2\n neighbor %s local-role %s\n'
        ' neighbor %s update-source %s\n' % (
            role.OURS, role.OURS, role.OURS, theirs, role.OURS, role.at(4))))


def openbgpd(ns, folder, theirs):
    return role.Openbgpd(ns.b, folder, 4, 65004,
                         '\tannounce policy %s enforce\n' % theirs)


PEERS = {
    'bird': (bird, role.Bird, lambda p: 'otc: 65002' in p),
    'frr': (frr, role.Frr, lambda p: p.get('otc') == 65002),
    'openbgpd': (openbgpd, role.Openbgpd, lambda p: any(
        (a['type'], a.get('as')) == ('OTC', 65002) for a in p['attributes'])),
}


def story(ns, folder, bin_folder):
    make, _, is_right = PEERS[sys.argv[2]]
    ours = role.Ours(ns.a, folder, bin_folder, CONF % (
        role.at(2), role.at(4), 'peer'))
    provider = role.Bird(ns.b, folder, 2, role.Bird.protocol(
        2, 65002, 65001, '\tlocal role provider;\n'), origin=True)
    peer = make(ns, folder, 'peer')

    def told():
        return [r['prefix'] for r in ours.rib('out', 'neighbor', role.at(4))]

    def be(our_role):
        ours.write('ours.conf', open(ours.conf).read().replace(
            'role ' + be.role, 'role ' + our_role))
        be.role = our_role
        ours.ask(ours.bin + '/bgpctl', '-s', ours.socket, 'reload')
    be.role = 'peer\n'
    for d in (ours, provider):
        d.start()
    role.wait(lambda: ours.rib(role.PREFIX), 30, 'the provider\'s route')
    peer.start()
    role.wait(lambda: told() == ['198.51.100.0/24'], 30,
              lambda: 'our network alone; told %r' % told())
    assert not peer.routes(), peer.routes()
    peer.stop()
    be('provider\n')
    peer = make(ns, folder, 'customer')
    peer.start()
    role.wait(lambda: any(is_right(p) for p in peer.routes()), 30,
              lambda: 'a path with OTC; there are %r' % peer.routes())
    be('rs-client\n')
    role.wait(lambda: not peer.routes(), 30, 'no route')
    log = folder / 'Ours.log'
    role.wait(lambda: 'role mismatch' in log.read_text().lower(), 30,
              'a role mismatch')


if __name__ == '__main__':
    sys.exit(role.play(story, ['bird', PEERS[sys.argv[2]][1].needs]))
