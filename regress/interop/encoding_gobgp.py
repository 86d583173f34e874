#!/usr/bin/env python3
# SPDX-License-Identifier: ISC
"""Our encodings as GoBGP shows them: (sentence, (family, its name of the
route), (NLRI, {attribute code: the rest})).

usage: encoding_gobgp.py BIN
"""
import json
import sys

import role
from encoding import HOP, HOP6, PEER, check, has, lines_of

# Ours, GoBGP's in its configuration, and on its command line, if it is there.
FAMILIES = (
    ('ipv4 unicast', 'ipv4-unicast', 'ipv4'),
    ('ipv6 unicast', 'ipv6-unicast', 'ipv6'),
    ('ipv4 nlri-mpls', 'ipv4-labelled-unicast', 'ipv4-labelled'),
    ('ipv6 nlri-mpls', 'ipv6-labelled-unicast', 'ipv6-labelled'),
    ('ipv4 mpls-vpn', 'l3vpn-ipv4-unicast', 'vpnv4'),
    ('ipv6 mpls-vpn', 'l3vpn-ipv6-unicast', 'vpnv6'),
    ('l2vpn evpn', 'l2vpn-evpn', 'evpn'),
    ('l2vpn vpls', 'l2vpn-vpls', None),
    ('ipv4 rtc', 'rtc', 'rtc'),
    ('ipv4 flow', 'ipv4-flowspec', 'ipv4-flowspec'),
    ('ipv6 flow', 'ipv6-flowspec', 'ipv6-flowspec'),
    ('ipv4 flow-vpn', 'l3vpn-ipv4-flowspec', 'ipv4-l3vpn-flowspec'),
    ('ipv6 flow-vpn', 'l3vpn-ipv6-flowspec', 'ipv6-l3vpn-flowspec'),
    ('ipv4 mup', 'ipv4-mup', 'ipv4-mup'),
    ('ipv6 mup', 'ipv6-mup', 'ipv6-mup'),
    ('ipv4 sr-policy', 'ipv4-srpolicy', None),
    ('ipv6 sr-policy', 'ipv6-srpolicy', None),
    ('bgp-ls bgp-ls', 'ls', 'ls'),
)
CONF = '''[global.config]
 as = 65001
 router-id = "192.0.2.2"
 port = 179
 local-address-list = ["%s"]
[[neighbors]]
 [neighbors.config]
  neighbor-address = "%s"
  peer-as = 65001
 [neighbors.transport.config]
  local-address = "%s"
 [neighbors.timers.config]
  connect-retry = 5
  idle-hold-time-after-reset = 1
%s''' % (PEER, role.OURS, PEER, ''.join(
    ' [[neighbors.afi-safis]]\n  [neighbors.afi-safis.config]\n'
    '   afi-safi-name = "%s"\n' % f[1] for f in FAMILIES))
ORIGIN, PATH, NEXT_HOP, MED, PREF, ATOMIC, AGGREGATOR = range(1, 8)
COMMUNITY, ORIGINATOR, CLUSTERS, REACH, EXT, AIGP = 8, 9, 10, 14, 16, 26
LARGE, SID, UNKNOWN = 32, 40, 0x99
USUAL = {ORIGIN: {'value': 0}, PATH: {'as_paths': []}, PREF: {'value': 100}}
RD = {'type': 0, 'admin': 65000, 'assigned': 1}
ESI = '00:11:22:33:44:55:66:77:88:99'
ITS_ESI = 'ESI_ARBITRARY | 11:22:33:44:55:66:77:88:99'


def segment(kind, *numbers):
    return {'segment_type': kind, 'num': len(numbers), 'asns': list(numbers)}


def ext(*communities):
    """Extended communities: type, subtype, and the rest."""
    return {EXT: {'value': [{'type': t, 'subtype': s, **rest}
                            for t, s, rest in communities]}}


def row(sentence, family, name, nlri, hop=HOP, attributes=None):
    """Of a family of MP_REACH_NLRI."""
    return sentence + (' next-hop ' + hop if hop[0] not in ':0' else ''), (
        family, name), (nlri, {**USUAL, REACH: {'nexthop': hop},
                               **(attributes or {})})


def v4(prefix, words, attributes):
    return ('route %s next-hop %s %s' % (prefix, HOP, words),
            ('ipv4', prefix), ({'prefix': prefix}, {
                **USUAL, NEXT_HOP: {'nexthop': HOP}, **attributes}))


def labelled(words, family, name, hop, attributes=None, **nlri):
    return row(words, family, name, nlri, hop, attributes)


def evpn(words, name, kind, hop=HOP, attributes=None, **nlri):
    nlri = {'rd': RD, **nlri}
    return row('evpn ' + words, 'evpn', name, {'type': kind, 'value': nlri},
               hop, attributes)


def numbers(kind, *pairs):
    return {'type': kind, 'value': [{'op': op, 'value': v}
                                    for op, v in pairs]}


def prefix(kind, text, offset=None):
    found = {'type': kind, 'value': {'prefix': text}}
    return found if offset is None else {**found, 'offset': offset}


def flow(words, name, parts, *communities, rd=None):
    family = ('ipv6' if words.startswith('ipv6') else 'ipv4') + (
        '-l3vpn-flowspec' if rd else '-flowspec')
    return row(words, family, name, {'value': parts, **({'rd': rd} if rd else
                                                        {})},
               '::' if family[3] == '6' else '0.0.0.0', ext(*communities))


def mup(words, name, kind, hop=HOP6, attributes=None, **nlri):
    family = words[:4] + '-mup'
    return row(words, family, name, {'arch_type': 1, 'route_type': kind,
                                     'value': {'rd': RD, **nlri}}, hop,
               attributes)


def hidden(sentence, family):
    """Decoded and counted as received, but there is no command to see it."""
    return sentence, (family, None), (None, {})


DISCARD = (0x80, 6, {'as': 0, 'rate': 0})
TARGET = (0, 2, {'value': '65000:1'})
ROWS = [
    v4('20.0.1.0/24', 'origin egp as-path [ 65010 65011 70000 ] med 77 '
       'local-preference 250 community [ 65000:1 no-export ] '
       'large-community [ 65000:1:2 4294967295:3:4 ] '
       'originator-id 192.0.2.77 cluster-list [ 192.0.2.88 192.0.2.89 ]',
       {ORIGIN: {'value': 1}, MED: {'metric': 77}, PREF: {'value': 250},
        PATH: {'as_paths': [segment(2, 65010, 65011, 70000)]},
        COMMUNITY: {'communities': [65000 << 16 | 1, 0xffffff01]},
        ORIGINATOR: {'value': '192.0.2.77'},
        CLUSTERS: {'value': ['192.0.2.88', '192.0.2.89']},
        LARGE: {'value': [
            {'ASN': 65000, 'LocalData1': 1, 'LocalData2': 2},
            {'ASN': 4294967295, 'LocalData1': 3, 'LocalData2': 4}]}}),
    v4('20.0.2.0/24', 'atomic-aggregate aggregator 70000:192.0.2.3 aigp 1234 '
       'as-path [ 65010 (65011,65012) ]',
       {PATH: {'as_paths': [segment(2, 65010), segment(1, 65011, 65012)]},
        ATOMIC: {}, AGGREGATOR: {'as': 70000, 'address': '192.0.2.3'},
        AIGP: {'value': [{'type': 1, 'metric': 1234}]}}),
    v4('20.0.3.0/24', 'extended-community [ target:65000:1 target:70000L:3 '
       'target:192.0.2.1:4 origin:192.0.2.1:5 bandwidth:65000:1000000 '
       '0x4300000000000001 ]',
       ext(TARGET, (1, 2, {'value': '192.0.2.1:4'}),
           (1, 3, {'value': '192.0.2.1:5'}), (2, 2, {'value': '1.4464:3'}),
           (0x40, 4, {'asn': 65000, 'bandwidth': 1000000}),
           (0x43, 0, {'value': 1}))),
    v4('20.0.4.0/24', 'attribute [ 0x99 0xc0 0x0102 ]',
       {UNKNOWN: {'flags': 0xc0, 'value': 'AQI='}}),
    v4('0.0.0.0/0', 'origin incomplete', {ORIGIN: {'value': 2}}),
    v4('20.0.6.1/32', '', {}),
    row('route 20.0.7.0/25', 'ipv4', '20.0.7.0/25',
        {'prefix': '20.0.7.0/25'}, HOP6),
    row('ipv6 unicast 2001:db8:1::/48 med 5', 'ipv6', '2001:db8:1::/48',
        {'prefix': '2001:db8:1::/48'}, HOP6, {MED: {'metric': 5}}),
    row('ipv6 unicast ::/0', 'ipv6', '::/0', {'prefix': '::/0'}, HOP6),
    ('ipv4 multicast 20.0.8.0/24 next-hop ' + HOP,
     'it files multicast under unicast'),
    labelled('ipv4 nlri-mpls 20.1.1.0/24 label 100', 'ipv4-labelled',
             '20.1.1.0/24', HOP, prefix='20.1.1.0/24', labels=[100]),
    labelled('ipv4 nlri-mpls 20.1.2.0/24 label [ 100 200 ]', 'ipv4-labelled',
             '20.1.2.0/24', HOP, prefix='20.1.2.0/24', labels=[100, 200]),
    labelled('ipv6 nlri-mpls 2001:db8:3::/48 label 101', 'ipv6-labelled',
             '2001:db8:3::/48', HOP6, prefix='2001:db8:3::/48', labels=[101]),
    labelled('ipv4 mpls-vpn 20.2.1.0/24 label 1000 rd 65000:1 '
             'extended-community target:65000:1', 'vpnv4',
             '65000:1:20.2.1.0/24', HOP, ext(TARGET), prefix='20.2.1.0/24',
             labels=[1000], rd=RD),
    labelled('ipv4 mpls-vpn 20.2.2.1/32 label 1001 rd 192.0.2.1:2', 'vpnv4',
             '192.0.2.1:2:20.2.2.1/32', HOP, prefix='20.2.2.1/32',
             labels=[1001],
             rd={'type': 1, 'admin': '192.0.2.1', 'assigned': 2}),
    labelled('ipv4 mpls-vpn 0.0.0.0/0 label 1002 rd 70000:2', 'vpnv4',
             '1.4464:2:0.0.0.0/0', HOP, prefix='0.0.0.0/0', labels=[1002],
             rd={'type': 2, 'admin': 70000, 'assigned': 2}),
    labelled('ipv6 mpls-vpn 2001:db8:4::/48 label 1003 rd 65000:1', 'vpnv6',
             '65000:1:2001:db8:4::/48', HOP6, prefix='2001:db8:4::/48',
             labels=[1003], rd=RD),
    labelled('ipv6 mpls-vpn 2001:db8:5::/48 label 1004 rd 65000:1 '
             'bgp-prefix-sid-srv6 ( l3-service fc00::1 0x12 '
             '[64,24,16,0,0,0] )', 'vpnv6', '65000:1:2001:db8:5::/48', HOP6, {
                 SID: {'TLVs': [{'type': 5, 'SubTLVs': [{
                     'type': 1, 'sid': '/AAAAAAAAAAAAAAAAAAAAQ==', 'flags': 0,
                     'endpoint_behavior': 18, 'sub_sub_tlvs': [{
                         'type': 1, 'locator_block_length': 64,
                         'locator_node_length': 24, 'function_length': 16,
                         'argument_length': 0, 'transposition_length': 0,
                         'transposition_offset': 0}]}]}]}},
             prefix='2001:db8:5::/48', labels=[1004], rd=RD),
    # It shows labels of EVPN as the 24 bits of the field.
    evpn('mac-ip rd 192.0.2.1:1 mac 00:11:22:33:44:55 ip 10.0.0.1 label '
         '[ 100 200 ] ethernet-tag 9 esi %s extended-community target:65000:1'
         % ESI, '[type:macadv][rd:192.0.2.1:1][etag:9][mac:00:11:22:33:44:55]'
         '[ip:10.0.0.1]', 2, attributes=ext(TARGET), esi=ITS_ESI, etag=9,
         rd={'type': 1, 'admin': '192.0.2.1', 'assigned': 1},
         mac='00:11:22:33:44:55', ip='10.0.0.1', labels=[1601, 3201]),
    evpn('mac-ip rd 65000:1 mac 00:11:22:33:44:66 label 100',
         '[type:macadv][rd:65000:1][etag:0][mac:00:11:22:33:44:66][ip:<nil>]',
         2, esi='single-homed', etag=0, mac='00:11:22:33:44:66', ip='<nil>',
         labels=[1601]),
    evpn('mac-ip rd 65000:1 mac 00:11:22:33:44:77 ip 2001:db8::1 label 100',
         '[type:macadv][rd:65000:1][etag:0][mac:00:11:22:33:44:77]'
         '[ip:2001:db8::1]', 2, esi='single-homed', etag=0,
         mac='00:11:22:33:44:77', ip='2001:db8::1', labels=[1601]),
    evpn('multicast rd 65000:1 ip 10.0.0.1 ethernet-tag 5',
         '[type:multicast][rd:65000:1][etag:5][ip:10.0.0.1]', 3, etag=5,
         ip='10.0.0.1'),
    evpn('multicast rd 65000:1 ip 2001:db8::1',
         '[type:multicast][rd:65000:1][etag:0][ip:2001:db8::1]', 3, HOP6,
         etag=0, ip='2001:db8::1'),
    evpn('ethernet-ad rd 65000:1 esi %s ethernet-tag 7 label 300' % ESI,
         '[type:A-D][rd:65000:1][esi:%s][etag:7]' % ITS_ESI, 1, esi=ITS_ESI,
         etag=7, label=4801),
    evpn('ethernet-segment rd 65000:1 esi %s ip 10.0.0.1' % ESI,
         '[type:esi][rd:65000:1][esi:%s][ip:10.0.0.1]' % ITS_ESI, 4,
         esi=ITS_ESI, ip='10.0.0.1'),
    evpn('ip-prefix 10.1.0.0/16 rd 65000:1 label 400 gateway 10.0.0.9',
         '[type:Prefix][rd:65000:1][etag:0][prefix:10.1.0.0/16]', 5,
         esi='single-homed', etag=0, prefix='10.1.0.0/16', gateway='10.0.0.9',
         label=6401),
    evpn('ip-prefix 2001:db8:7::/48 rd 65000:1 label 401',
         '[type:Prefix][rd:65000:1][etag:0][prefix:2001:db8:7::/48]', 5, HOP6,
         esi='single-homed', etag=0, prefix='2001:db8:7::/48', gateway='::',
         label=6417),
    hidden('vpls rd 65000:1 endpoint 5 base 262145 offset 1 size 8 next-hop '
           '%s extended-community [ target:65000:1 l2info:19:0:1500:111 ]'
           % HOP, 'vpls'),
    row('ipv4 rtc origin-as 65001 route-target 65000:1', 'rtc',
        '65001:65000:1', {'prefix': '65001:65000:1'}),
    row('ipv4 rtc origin-as 65001 route-target 192.0.2.1:1', 'rtc',
        '65001:192.0.2.1:1', {'prefix': '65001:192.0.2.1:1'}),
    ('ipv4 rtc default next-hop ' + HOP, 'it dies of it: SIGSEGV in '
     'propagateUpdate; RFC 4684 4 has it'),
    flow('flow route destination 20.3.1.0/24 source 20.4.0.0/16 protocol '
         '[ tcp udp ] destination-port [ =80 >=8080&<=8088 ] source-port '
         '>1024 rate-limit 9600', '[destination: 20.3.1.0/24][source: '
         '20.4.0.0/16][protocol: ==tcp ==udp][destination-port: ==80 '
         '>=8080&<=8088][source-port: >1024]',
         [prefix(1, '20.3.1.0/24'), prefix(2, '20.4.0.0/16'),
          numbers(3, (1, 6), (0x81, 17)),
          numbers(5, (1, 80), (0x13, 8080), (0xd5, 8088)),
          numbers(6, (0x92, 1024))], (0x80, 6, {'as': 0, 'rate': 9600})),
    flow('flow route destination 20.3.2.0/24 port =53 icmp-type echo-request '
         'icmp-code 0 tcp-flags [ =syn !rst ] packet-length >1000 dscp 46 '
         'fragment [ is-fragment ] discard', '[destination: 20.3.2.0/24]'
         '[port: ==53][icmp-type: ==8][icmp-code: ==0][tcp-flags: =S !R]'
         '[packet-length: >1000][dscp: ==46][fragment: is-fragment]',
         [prefix(1, '20.3.2.0/24'), numbers(4, (0x81, 53)),
          numbers(7, (0x81, 8)), numbers(8, (0x81, 0)),
          numbers(9, (1, 2), (0x82, 4)), numbers(10, (0x92, 1000)),
          numbers(11, (0x81, 46)), numbers(12, (0x80, 2))], DISCARD),
    flow('flow route destination 20.3.3.0/24 redirect 65000:99 mark 10 action '
         'sample-terminal', '[destination: 20.3.3.0/24]',
         [prefix(1, '20.3.3.0/24')],
         (0x80, 7, {'terminal': True, 'sample': True}),
         (0x80, 8, {'value': '65000:99'}), (0x80, 9, {'value': 10})),
    flow('flow route destination 20.3.4.0/24 redirect 192.0.2.1:99',
         '[destination: 20.3.4.0/24]', [prefix(1, '20.3.4.0/24')],
         (0x81, 8, {'value': '192.0.2.1:99'})),
    flow('flow route destination 20.3.5.0/24 redirect 70000:99',
         '[destination: 20.3.5.0/24]', [prefix(1, '20.3.5.0/24')],
         (0x82, 8, {'value': '1.4464:99'})),
    flow('flow route destination 20.3.6.0/24 redirect-to-nexthop-ietf '
         '192.0.2.7', '[destination: 20.3.6.0/24]',
         [prefix(1, '20.3.6.0/24')], (1, 12, {'value': '192.0.2.7:0'})),
    flow('ipv6 flow destination 2001:db8:8::/48/0 next-header tcp '
         'destination-port =443 flow-label 5 discard',
         '[destination: 2001:db8:8::/48/0][protocol: ==tcp]'
         '[destination-port: ==443][label: ==5]',
         [prefix(1, '2001:db8:8::/48', 0), numbers(3, (0x81, 6)),
          numbers(5, (0x91, 443)), numbers(13, (0x81, 5))], DISCARD),
    flow('ipv6 flow destination 2001:db8:9:100::/64/48 source 2001:db8::/32 '
         'traffic-class 8 fragment first-fragment discard',
         '[destination: 2001:db8:9:100::/64/48][source: 2001:db8::/32/0]'
         '[dscp: ==8][fragment: first-fragment]',
         [prefix(1, '2001:db8:9:100::/64', 48),
          prefix(2, '2001:db8::/32', 0), numbers(11, (0x81, 8)),
          numbers(12, (0x80, 4))], DISCARD),
    flow('ipv4 flow-vpn rd 65000:1 destination 20.5.1.0/24 protocol =udp '
         'discard', '[rd: 65000:1][destination: 20.5.1.0/24][protocol: '
         '==udp]', [prefix(1, '20.5.1.0/24'), numbers(3, (0x81, 17))],
         DISCARD, rd=RD),
    flow('ipv6 flow-vpn rd 65000:1 destination 2001:db8:a::/48/0 discard',
         '[rd: 65000:1][destination: 2001:db8:a::/48/0]',
         [prefix(1, '2001:db8:a::/48', 0)], DISCARD, rd=RD),
    mup('ipv4 mup mup-isd 20.6.1.1/32 rd 65000:1 extended-community mup:10:10',
        '[type:isd][rd:65000:1][prefix:20.6.1.1/32]', 1,
        attributes=ext((12, 0, {'segmend_id': '10:10'})),
        prefix='20.6.1.1/32'),
    ('ipv4 mup mup-isd 20.6.2.0/24 rd 65000:1 next-hop ' + HOP6,
     'it wants four bytes of each prefix, and takes those behind a short one'),
    mup('ipv4 mup mup-dsd 192.0.2.9 rd 65000:1',
        '[type:dsd][rd:65000:1][prefix:192.0.2.9]', 2, address='192.0.2.9'),
    mup('ipv4 mup mup-t1st 192.168.0.2/32 rd 65000:1 teid 12345 qfi 9 '
        'endpoint 10.0.0.1', '[type:t1st][rd:65000:1][prefix:192.168.0.2/32]',
        3, HOP, prefix='192.168.0.2/32', teid=12345, qfi=9,
        endpoint_address='10.0.0.1'),
    mup('ipv4 mup mup-t2st 10.0.0.1 rd 65000:1 teid 12345/32',
        '[type:t2st][rd:65000:1][endpoint:10.0.0.1][teid:12345]', 4, HOP,
        endpoint_address='10.0.0.1', teid=12345),
    mup('ipv6 mup mup-isd 2001:db8:b::1/128 rd 65000:1',
        '[type:isd][rd:65000:1][prefix:2001:db8:b::1/128]', 1,
        prefix='2001:db8:b::1/128'),
    mup('ipv6 mup mup-dsd 2001:db8::b rd 65000:1',
        '[type:dsd][rd:65000:1][prefix:2001:db8::b]', 2,
        address='2001:db8::b'),
    mup('ipv6 mup mup-t1st 2001:db8:1:1::2/128 rd 65000:1 teid 12345 qfi 9 '
        'endpoint 2001::1', '[type:t1st][rd:65000:1]'
        '[prefix:2001:db8:1:1::2/128]', 3, prefix='2001:db8:1:1::2/128',
        teid=12345, qfi=9, endpoint_address='2001::1'),
    mup('ipv6 mup mup-t2st 2001::1 rd 65000:1 teid 12345/32',
        '[type:t2st][rd:65000:1][endpoint:2001::1][teid:12345]', 4,
        endpoint_address='2001::1', teid=12345),
    hidden('sr-policy distinguisher 1 color 100 endpoint 10.0.0.1 next-hop %s '
           'preference 100 binding-sid mpls 24000 segment-list weight 1 '
           'segment type-a mpls 16001 segment type-a mpls 16002' % HOP,
           'sr-policy'),
    hidden('ipv6 sr-policy distinguisher 1 color 101 endpoint 2001:db8::1 '
           'next-hop %s priority 3 policy-name a candidate-path-name b '
           'preference 2 segment-list weight 7 segment type-b srv6 fc00::5'
           % HOP6, 'sr-policy'),
]
# Its JSON has nothing of BGP-LS but a text, the route's name.
ROUTERS = ('0100 0008 0203 0004 0a000001', '0101 0008 0203 0004 0a000002')
ROWS += [('raw bgp-ls bgp-ls 0x%s next-hop %s' % (nlri.replace(' ', ''), HOP),
          ('ls', 'NLRI { %s }' % name), (None, {}))
         for nlri, name in (
             ('0001 0027 02 0000000000000000 0100 001a 0200 0004 00000001 '
              '0201 0004 00000000 0203 0006 000000000001',
              'NODE { AS:1 BGP-LS ID:0 0000.0000.0001 ISIS-L2:0 }'),
             ('0002 0031 03 0000000000000000' + ''.join(ROUTERS) +
              '0103 0004 0a000001 0104 0004 0a000002',
              'LINK { LOCAL_NODE: 10.0.0.1 REMOTE_NODE: 10.0.0.2 LINK: '
              '10.0.0.1->10.0.0.2}'),
             ('0003 0023 03 0000000000000000' + ROUTERS[0] +
              '0108 0001 01 0109 0005 20 0a000001',
              'PREFIXv4 { LOCAL_NODE: 10.0.0.1 PREFIX: [10.0.0.1/32] '
              'OSPF_ROUTE_TYPE:INTRA-AREA }'))]


class Gobgp(role.Gobgp):
    def complaints(self):
        return lines_of(self.folder / 'Gobgp.log', lambda s: any(
            '"level":"%s"' % w in s for w in ('warning', 'error', 'fatal')))

    def json(self, *words):
        try:
            return json.loads(self.ask('gobgp', *words, '-j'))
        except ValueError:
            return {}


def simple(attribute):
    """Without what is in the NLRI, or said by the code."""
    gone = {'type', 'afi', 'safi'}
    if attribute['type'] == REACH:
        gone.add('value')
    if attribute['type'] == SID:
        gone.add('flags')
    return {k: v for k, v in attribute.items() if k not in gone}


def find(peer):
    found = {}
    for _, _, family in FAMILIES:
        if family is None:
            continue
        routes = peer.json('neighbor', role.OURS, 'adj-in', '-a', family)
        for name, paths in routes.items():
            path = paths[0]
            found[family, name] = path['nlri'], {
                a['type']: simple(a) for a in path['attrs'] or []}
    neighbors = peer.json('neighbor')
    states = neighbors[0].get('afi_safis', []) if neighbors else []
    n = sum(s.get('state', {}).get('received', 0) for s in states)
    if n == sum(not isinstance(r[1], str) for r in ROWS):
        found.update({(f, None): (None, {}) for f in ('vpls', 'sr-policy')})
    return found


def story(ns, folder, bin_folder):
    peer = Gobgp(ns.b, folder, 2, CONF)
    n = check(ns, folder, bin_folder, peer, [f[0] for f in FAMILIES], ROWS,
              find, lambda found, wanted: found is not None and
              has(found[0], wanted[0]) and found[1] == wanted[1])
    print('%d of %d' % (n, n))


if __name__ == '__main__':
    sys.exit(role.play(story, ['gobgpd']))
