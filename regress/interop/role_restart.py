#!/usr/bin/env python3
# SPDX-License-Identifier: ISC
"""We as helper: a neighbor is killed, and its routes stay as stale until its
restart time is over (RFC 4724); then, with long-lived graceful restart, they
bear LLGR_STALE (RFC 9494). When it is back they are fresh.

usage: role_restart.py BIN bird|frr
"""
import sys

import role

CONF = '''AS 65001
neighbor %s {
	remote-as 65004
	announce restart yes llgr 3600
}
allow from any
allow to any
''' % role.at(4)
STALE = '65535:6'


def bird(ns, folder):
    return role.Bird(ns.b, folder, 4, role.Bird.protocol(
        4, 65004, 65001, '\tgraceful restart yes;\n'
        '\tgraceful restart time 5;\n\tlong lived graceful restart yes;\n'
        '\tlong lived stale time 3600;\n'), origin=True)


def frr(ns, folder):
    return role.Frr(ns.b, folder, 4, (
        'router bgp 65004\n bgp router-id 10.99.0.4\n'
        ' bgp graceful-restart\n bgp graceful-restart restart-time 5\n'
        ' bgp graceful-restart preserve-fw-state\n'
        ' bgp long-lived-graceful-restart stale-time 3600\n'
        ' no bgp ebgp-requires-policy\n no bgp network import-check\n'
        ' neighbor %s remote-as 65001\n neighbor %s timers connect 2\n'
        ' neighbor %s update-source %s\n address-family ipv4 unicast\n'
        '  network %s\n exit-address-family\n' % (
            (role.OURS,) * 3 + (role.at(4), role.PREFIX))))


PEERS = {'bird': (bird, role.Bird), 'frr': (frr, role.Frr)}


def story(ns, folder, bin_folder):
    ours = role.Ours(ns.a, folder, bin_folder, CONF)
    peer = PEERS[sys.argv[2]][0](ns, folder)

    def route():
        rib = ours.rib('detail', role.PREFIX)
        return rib[0] if rib else {}
    ours.start()
    peer.start()
    role.wait(lambda: route().get('best'), 30, 'a route')
    assert not route().get('stale'), route()
    peer.process.kill()
    peer.process.wait()
    role.wait(lambda: route().get('stale'), 30, 'a stale route')
    assert STALE not in route().get('communities', []), route()
    role.wait(lambda: STALE in route().get('communities', []), 30,
              lambda: 'LLGR_STALE; there is %r' % route())
    peer.start()
    role.wait(lambda: route().get('best') and not route().get('stale') and
              STALE not in route().get('communities', []), 90,
              lambda: 'a fresh route; there is %r' % route())


if __name__ == '__main__':
    sys.exit(role.play(story, [PEERS[sys.argv[2]][1].needs]))
