#!/usr/bin/env python3
# SPDX-License-Identifier: ISC
"""Our encodings as FRR shows them: (sentence, (kind, command or name), what
must be in the JSON).

usage: encoding_frr.py BIN
"""
import json
import re
import sys

import role
from encoding import HOP, HOP6, check, lines_of

# Ours and FRR's; labelled ones on a session of their own, as FRR has it.
FAMILIES = {
    'ipv4 unicast': 'ipv4 unicast', 'ipv6 unicast': 'ipv6 unicast',
    'ipv4 mpls-vpn': 'ipv4 vpn', 'ipv6 mpls-vpn': 'ipv6 vpn',
    'ipv4 multicast': 'ipv4 multicast', 'ipv6 multicast': 'ipv6 multicast',
    'l2vpn evpn': 'l2vpn evpn', 'ipv4 flow': 'ipv4 flowspec',
    'ipv6 flow': 'ipv6 flowspec',
}
LABELLED = {'ipv4 nlri-mpls': 'ipv4 labeled-unicast',
            'ipv6 nlri-mpls': 'ipv6 labeled-unicast'}
CONF = '''log stdout informational
router bgp 65001
 bgp router-id 192.0.2.2
 no bgp default ipv4-unicast
 no bgp network import-check
 neighbor 10.99.0.1 remote-as 65001
 neighbor 10.99.0.1 timers connect 2
 neighbor 10.99.0.1 disable-connected-check
 neighbor 10.99.0.1 capability extended-nexthop
'''
ESI = '00:11:22:33:44:55:66:77:88:99'
USUAL = {'origin': 'IGP', 'locPrf': 100, 'valid': True,
         'aspath': {'string': 'Local'}}


def hop(address):
    return {'nexthops': [{'ip': address}]}


def row(sentence, family, prefix, address, rd=None, shown=None, **wanted):
    found = {'prefix': prefix, 'paths': [{**USUAL, **hop(shown or address),
                                          **wanted}]}
    return ('%s next-hop %s' % (sentence, address),
            ('show', 'show bgp %s %s json' % (family, prefix)),
            {rd: found} if rd else found)


def v4(prefix, words, **wanted):
    return row('route %s %s' % (prefix, words), 'ipv4 unicast', prefix, HOP,
               **wanted)


def evpn(words, rd, name, address=HOP, kind=0, **wanted):
    """Of the list of all."""
    prefix = {k: wanted.pop(k) for k in ('ethTag', 'mac', 'ip', 'ipLen')
              if k in wanted}
    return ('evpn %s next-hop %s' % (words, address), ('evpn', rd, name),
            {'routeType': kind, **prefix, 'paths': [[
                {**USUAL, **hop(address), **wanted}]]})


def flow(words, community, **match):
    """Found by all of what it matches; from and to are words of Python."""
    match = {k.rstrip('_'): v for k, v in match.items()}
    return words, ('flow', json.dumps(match, sort_keys=True)), community


DISCARD = 'FS:rate 0.000000'
ROWS = [
    v4('20.0.1.0/24', 'origin egp as-path [ 65010 65011 70000 ] med 77 '
       'local-preference 250 community [ 65000:1 no-export ] '
       'large-community [ 65000:1:2 4294967295:3:4 ] '
       'originator-id 192.0.2.77 cluster-list [ 192.0.2.88 192.0.2.89 ]',
       origin='EGP', metric=77, locPrf=250,
       aspath={'string': '65010 65011 70000'},
       community={'string': '65000:1 no-export'},
       largeCommunity={'string': '65000:1:2 4294967295:3:4'},
       originatorId='192.0.2.77',
       clusterList={'list': ['192.0.2.88', '192.0.2.89']}),
    v4('20.0.2.0/24', 'atomic-aggregate aggregator 70000:192.0.2.3 aigp 1234 '
       'as-path [ 65010 (65011,65012) ]',
       aspath={'string': '65010 {65011,65012}'}, atomicAggregate=True,
       aggregatorAs=70000, aggregatorId='192.0.2.3'),
    v4('20.0.3.0/24', 'extended-community [ target:65000:1 target:70000L:3 '
       'target:192.0.2.1:4 origin:192.0.2.1:5 bandwidth:65000:1000000 '
       '0x4300000000000001 ]', extendedCommunity={
           'string': 'RT:65000:1 RT:192.0.2.1:4 SoO:192.0.2.1:5 RT:70000:3 '
           'LB:65000:1000000 (8.000 Mbps) OVS:not-found'}),
    v4('20.0.4.0/24', 'attribute [ 0x99 0xc0 0x0102 ]'),
    v4('20.0.5.0/24', 'as-path [ %s ]' % ' '.join(['65010'] * 80),
       aspath={'string': ' '.join(['65010'] * 80)}),
    v4('0.0.0.0/0', 'origin incomplete', origin='incomplete'),
    v4('20.0.6.1/32', ''),
    ('route 20.0.7.0/25 next-hop ' + HOP6,
     'it agrees to IPv6 next hops over IPv6 only; BIRD and GoBGP show it'),
    row('ipv6 unicast 2001:db8:1::/48 med 5', 'ipv6 unicast',
        '2001:db8:1::/48', HOP6, metric=5),
    row('ipv6 unicast ::/0', 'ipv6 unicast', '::/0', HOP6),
    row('ipv4 multicast 20.0.8.0/24', 'ipv4 multicast', '20.0.8.0/24', HOP),
    row('ipv6 multicast 2001:db8:2::/48', 'ipv6 multicast',
        '2001:db8:2::/48', HOP6),
    row('ipv4 mpls-vpn 20.2.1.0/24 label 1000 rd 65000:1 extended-community '
        'target:65000:1', 'ipv4 vpn', '20.2.1.0/24', HOP, '65000:1',
        remoteLabel=1000, extendedCommunity={'string': 'RT:65000:1'}),
    row('ipv4 mpls-vpn 20.2.2.1/32 label 1001 rd 192.0.2.1:2', 'ipv4 vpn',
        '20.2.2.1/32', HOP, '192.0.2.1:2', remoteLabel=1001),
    row('ipv4 mpls-vpn 0.0.0.0/0 label 1002 rd 70000:2', 'ipv4 vpn',
        '0.0.0.0/0', HOP, '70000:2', remoteLabel=1002),
    row('ipv6 mpls-vpn 2001:db8:4::/48 label 1003 rd 65000:1', 'ipv6 vpn',
        '2001:db8:4::/48', HOP6, '65000:1', remoteLabel=1003),
    row('ipv6 mpls-vpn 2001:db8:5::/48 label 1004 rd 65000:1 '
        'bgp-prefix-sid-srv6 ( l3-service fc00::1 0x12 [64,24,16,0,0,0] )',
        'ipv6 vpn', '2001:db8:5::/48', HOP6, '65000:1', remoteLabel=1004,
        remoteSid='fc00::1'),
    row('ipv6 mpls-vpn 2001:db8:6::/48 label 1005 rd 65000:1', 'ipv6 vpn',
        '2001:db8:6::/48', HOP, '65000:1', '::ffff:a63:9',
        remoteLabel=1005),
    # It shows labels of EVPN as the 24 bits of the field.
    evpn('mac-ip rd 192.0.2.1:1 mac 00:11:22:33:44:55 ip 10.0.0.1 label '
         '[ 100 200 ] ethernet-tag 9 esi %s extended-community target:65000:1'
         % ESI, '192.0.2.1:1',
         '[2]:[9]:[48]:[00:11:22:33:44:55]:[32]:[10.0.0.1]', kind=2, ethTag=9,
         mac='00:11:22:33:44:55', ip='10.0.0.1', vni='1601/3201', esi=ESI,
         extendedCommunity={'string': 'RT:65000:1'}),
    evpn('mac-ip rd 65000:1 mac 00:11:22:33:44:66 label 100', '65000:1',
         '[2]:[0]:[48]:[00:11:22:33:44:66]', kind=2, ethTag=0,
         mac='00:11:22:33:44:66', vni='1601'),
    evpn('mac-ip rd 65000:1 mac 00:11:22:33:44:77 ip 2001:db8::1 label 100',
         '65000:1', '[2]:[0]:[48]:[00:11:22:33:44:77]:[128]:[2001:db8::1]',
         kind=2, ethTag=0, mac='00:11:22:33:44:77', ip='2001:db8::1',
         vni='1601'),
    evpn('multicast rd 65000:1 ip 10.0.0.1 ethernet-tag 5', '65000:1',
         '[3]:[5]:[32]:[10.0.0.1]', kind=3, ethTag=5, ip='10.0.0.1'),
    ('evpn multicast rd 65000:1 ip 2001:db8::1 next-hop ' + HOP6,
     'it has IPv4 only ("unsupported IP address length 128"); RFC 7432 7.3 '
     'has both, and GoBGP shows it'),
    evpn('ethernet-ad rd 65000:1 esi %s ethernet-tag 7 label 300' % ESI,
         '65000:1', '[1]:[7]:[%s]:[32]:[0.0.0.0]:[0]' % ESI, kind=1),
    evpn('ethernet-segment rd 65000:1 esi %s ip 10.0.0.1' % ESI, '65000:1',
         '[4]:[%s]:[32]:[10.0.0.1]' % ESI, kind=4),
    # It shows the gateway or not, by what else the UPDATE has; GoBGP does.
    evpn('ip-prefix 10.1.0.0/16 rd 65000:1 label 400 gateway 10.0.0.9',
         '65000:1', '[5]:[0]:[16]:[10.1.0.0]', kind=5, ip='10.1.0.0',
         ipLen=16, vni='6401'),
    evpn('ip-prefix 2001:db8:7::/48 rd 65000:1 label 401', '65000:1',
         '[5]:[0]:[48]:[2001:db8:7::]', kind=5, ip='2001:db8:7::', ipLen=48,
         vni='6417'),
    flow('flow route destination 20.3.1.0/24 source 20.4.0.0/16 protocol '
         '[ tcp udp ] destination-port [ =80 >=8080&<=8088 ] source-port '
         '>1024 rate-limit 9600', 'FS:rate 9600.000000', to='20.3.1.0/24',
         from_='20.4.0.0/16', proto='= 6 , = 17 ',
         dstp='= 80 , >= 8080 , <= 8088 ', srcp='> 1024 '),
    flow('flow route destination 20.3.2.0/24 port =53 icmp-type echo-request '
         'icmp-code 0 tcp-flags [ =syn !rst ] packet-length >1000 dscp 46 '
         'fragment [ is-fragment ] discard', DISCARD, to='20.3.2.0/24',
         port='= 53 ', type='= 8 ', code='= 0 ', tcp='= 2,|\u220b ! 4',
         pktlen='> 1000 ', dscp='= 46 ', pktfrag='\u220b 2'),
    flow('flow route destination 20.3.3.0/24 redirect 65000:99 mark 10 action '
         'sample-terminal', 'FS:action eval stops FS:redirect VRF RT:65000:99 '
         'FS:marking 10', to='20.3.3.0/24'),
    flow('flow route destination 20.3.4.0/24 redirect 192.0.2.1:99',
         'FS:redirect VRF RT:192.0.2.1:99', to='20.3.4.0/24'),
    flow('flow route destination 20.3.5.0/24 redirect 70000:99',
         'FS:redirect VRF RT:70000:99', to='20.3.5.0/24'),
    flow('flow route destination 20.3.6.0/24 redirect-to-nexthop-ietf '
         '192.0.2.7', 'NH:192.0.2.7:0', to='20.3.6.0/24'),
    flow('flow route destination 20.3.7.0/24 next-hop 192.0.2.8 '
         'redirect-to-nexthop', 'FS:redirect IP 0x0', to='20.3.7.0/24'),
    flow('ipv6 flow destination 2001:db8:8::/48/0 next-header tcp '
         'destination-port =443 flow-label 5 discard', DISCARD,
         to='2001:db8:8::/48/off 0', proto='= 6 ', dstp='= 443 ',
         flwlbl='= 5 '),
    flow('ipv6 flow destination 2001:db8:9:100::/64/48 discard', DISCARD,
         to='2001:db8:9:100::/64/off 48'),
    flow('ipv6 flow source 2001:db8:10::/44 traffic-class 8 fragment '
         'first-fragment discard', DISCARD, from_='2001:db8:10::/44/off 0',
         dscp='= 8 ', pktfrag='\u220b 4'),
]
LABELLED_ROWS = [
    row('ipv4 nlri-mpls 20.1.1.0/24 label 100', 'ipv4 labeled-unicast',
        '20.1.1.0/24', HOP, remoteLabel=100),
    row('ipv4 nlri-mpls 20.1.3.0/24 label 102 bgp-prefix-sid [ 300, '
        '[ ( 800000,4096 ) ] ]', 'ipv4 labeled-unicast', '20.1.3.0/24', HOP,
        remoteLabel=102, labelIndex=300),
    row('ipv6 nlri-mpls 2001:db8:3::/48 label 101', 'ipv6 labeled-unicast',
        '2001:db8:3::/48', HOP6, remoteLabel=101),
]


class Frr(role.Frr):
    def complaints(self):
        # No zebra is there, nor a label manager.
        return lines_of(self.folder / 'Frr.log', lambda s: re.search(
            r'\[EC |[Ee]rror|withdraw', s) and 'zclient_send' not in s and
            'manager' not in s)

    def show(self, command):
        return self.ask('vtysh', '--vty_socket', str(self.folder), '-c',
                        command)

    def json(self, command):
        try:
            return json.loads(self.show(command))
        except ValueError:
            return {}


def flows(text):
    """Lists, one behind the other: the match, communities, and the time."""
    found, decoder = {}, json.JSONDecoder()
    while text.strip():
        (match, *rest), end = decoder.raw_decode(text.strip())
        text = text.strip()[end:]
        found['flow', json.dumps(match, sort_keys=True)] = rest[0].get(
            'ecomlist')
    return found


def find(peer, rows):
    found = {('show', c): peer.json(c) for kind, c, *_ in (
        r[1] for r in rows if not isinstance(r[1], str)) if kind == 'show'}
    for rd, routes in peer.json(
            'show bgp l2vpn evpn route detail json').items():
        if isinstance(routes, dict):
            found.update({('evpn', rd, name): route
                          for name, route in routes.items()})
    for family in ('ipv4', 'ipv6'):
        found.update(flows(peer.show('show bgp %s flowspec detail json' %
                                     family)))
    return found


def story(ns, folder, bin_folder):
    folder.chmod(0o755)
    n = 0
    for families, rows in ((FAMILIES, ROWS), (LABELLED, LABELLED_ROWS)):
        here = folder / ('round%d' % n)
        here.mkdir()
        peer = Frr(ns.b, here, 2, CONF + ''.join(
            ' address-family %s\n  neighbor 10.99.0.1 activate\n'
            ' exit-address-family\n' % f for f in families.values()))
        n += check(ns, here, bin_folder, peer, list(families), rows,
                   lambda p, r=rows: find(p, r))
    print('%d of %d' % (n, n))


if __name__ == '__main__':
    sys.exit(role.play(story, [role.Frr.needs]))
