#!/usr/bin/env python3
# SPDX-License-Identifier: ISC
"""We as helper: a neighbor is killed, and its routes stay as stale until its
restart time is over (RFC 4724); then, with long-lived graceful restart, they
bear LLGR_STALE (RFC 9494). When it is back they are fresh. So it is, too, when
our session engine dies meanwhile, or all of us are replaced; and when that
alone dies, routes stay.

OpenBGPD 7.7 can only be the helper: its capability names no family, so that
nothing of it may be kept, and it does not know RFC 9494. It keeps what we said
while we are away, which is for us ExaBGP's language: in OpenBGPD's we, too,
name no family.

usage: role_restart.py BIN bird|frr|openbgpd
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


def openbgpd(ns, folder):
    return role.Openbgpd(ns.b, folder, 4, 65004)


PEERS = {'bird': (bird, role.Bird), 'frr': (frr, role.Frr),
         'openbgpd': (openbgpd, role.Openbgpd)}


def story(ns, folder, bin_folder):
    ours = role.Ours(ns.a, folder, bin_folder, CONF)
    peer = PEERS[sys.argv[2]][0](ns, folder)

    def route():
        rib = ours.rib('detail', role.PREFIX)
        return rib[0] if rib else {}

    def said(text):
        return (folder / 'Ours.log').read_text().count(text)

    def is_fresh():
        r = route()
        return r.get('best') and not r.get('stale') and \
            STALE not in r.get('communities', [])
    ours.start()
    peer.start()
    role.wait(lambda: route().get('best'), 30, 'a route')
    for happens in ('nothing', 'a death', 'a restart'):
        assert is_fresh(), route()
        peer.process.kill()
        peer.process.wait()
        role.wait(lambda: route().get('stale'), 30, 'a stale route')
        assert STALE not in route().get('communities', []), route()
        if happens == 'a death':
            ours.kill_worker('session')
        elif happens == 'a restart':
            ours.ask(ours.bin + '/bgpctl', '-s', ours.socket, 'restart')
            role.wait(lambda: said('running, 1 neighbors') == 2, 30,
                      'the new one')
            role.wait(route, 30, 'its stale route')
        role.wait(lambda: STALE in route().get('communities', []), 30,
                  lambda: 'LLGR_STALE; there is %r' % route())
        peer.start()
        role.wait(is_fresh, 90, lambda: 'a fresh route; there is %r' % route())
    # It was there all the time: one that comes anew is young.
    role.wait(lambda: route().get('last_update_sec', 0) >= 2, 30, 'its age')
    ours.kill_worker('session')
    role.wait(lambda: said('session established') == 5, 90, 'a new session')
    role.wait(is_fresh, 30, lambda: 'a fresh route; there is %r' % route())
    # BIRD has the forwarding flag only when it has itself restarted: what it
    # said before then goes when it is back (RFC 4724 4.2).
    assert sys.argv[2] == 'bird' or route()['last_update_sec'] >= 2, route()
    assert said('restart time is over') == 3


def story_helped(ns, folder, bin_folder):
    """The other way round: we are killed, and are back."""
    ours = role.Ours(ns.a, folder, bin_folder, '')
    ours.conf = ours.write('exabgp.conf', (
        'neighbor %s {\n\trouter-id 192.0.2.1;\n\tlocal-address %s;\n'
        '\tlocal-as 65001;\n\tpeer-as 65004;\n\tcapability {\n'
        '\t\tgraceful-restart 120;\n\t}\n\tstatic {\n'
        '\t\troute %s next-hop self;\n\t}\n}\n' % (
            role.at(4), role.OURS, role.PREFIX)))
    peer = PEERS[sys.argv[2]][0](ns, folder)

    def routes(is_stale):
        found = peer.routes()
        return found and bool(found[0].get('stale')) == is_stale
    peer.start()
    ours.start()
    role.wait(lambda: routes(False), 30, 'a route')
    ours.process.kill()
    ours.process.wait()
    role.wait(lambda: routes(True), 30,
              lambda: 'a stale route; there are %r' % peer.routes())
    ours.start()
    role.wait(lambda: routes(False), 90,
              lambda: 'a fresh route; there are %r' % peer.routes())


if __name__ == '__main__':
    if sys.argv[2] == 'openbgpd':
        story = story_helped
    sys.exit(role.play(story, [PEERS[sys.argv[2]][1].needs]))
