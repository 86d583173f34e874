#!/usr/bin/env python3
# SPDX-License-Identifier: ISC
"""Our encodings as BIRD shows them: (sentence, (table, route), attributes
without "BGP." in front; origin, path and preference if they differ).

usage: encoding_bird.py BIN
"""
import re
import sys

import role
from encoding import HOP, HOP6, check, lines_of

FAMILIES = ['ipv4 unicast', 'ipv6 unicast', 'ipv4 nlri-mpls',
            'ipv6 nlri-mpls', 'ipv4 mpls-vpn', 'ipv6 mpls-vpn',
            'ipv4 multicast', 'ipv6 multicast', 'ipv4 flow', 'ipv6 flow']
# Names of its channels, and of our tables in it.
CHANNELS = (('ipv4', 'ipv4', 'u4'), ('ipv6', 'ipv6', 'u6'),
            ('ipv4 mpls', 'ipv4', 'l4'), ('ipv6 mpls', 'ipv6', 'l6'),
            ('vpn4 mpls', 'vpn4', 'v4'), ('vpn6 mpls', 'vpn6', 'v6'),
            ('ipv4 multicast', 'ipv4', 'm4'),
            ('ipv6 multicast', 'ipv6', 'm6'), ('flow4', 'flow4', 'f4'),
            ('flow6', 'flow6', 'f6'))
CONF = 'log stderr all;\n' + ''.join(
    '%s table %s;\n' % (kind, table) for _, kind, table in CHANNELS) + (
    'protocol static { ipv4; route %s/32 via "eth0"; }\n'
    'protocol static { ipv6; route %s/128 via "eth0"; }\n'
    'protocol bgp ours {\n\tlocal 10.99.0.2 as 65001;\n'
    '\tneighbor 10.99.0.1 as 65001;\n\tconnect retry time 2;\n'
    '\terror wait time 1, 2;\n\tstrict bind on;\n%s}\n' % (HOP, HOP6, ''.join(
        '\t%s { table %s; import all; export none;%s };\n' % (
            channel, table, '' if table[0] == 'f' else ' igp table master4; '
            'igp table master6; extended next hop on;' if table in (
                'u4', 'v6') else ' igp table master%s;' % table[1])
        for channel, _, table in CHANNELS)))
USUAL = {'origin': 'IGP', 'as_path': '', 'local_pref': '100'}
DISCARD = '(generic, 0x80060000, 0x0)'


def row(sentence, table, route, **attributes):
    return sentence, (table, route), {**USUAL, **attributes}


def v4(prefix, words, **attributes):
    return row('route %s next-hop %s %s' % (prefix, HOP, words), 'u4', prefix,
               **{'next_hop': HOP, **attributes})


def v6(family, table, nlri, route, **attributes):
    return row('ipv6 %s %s next-hop %s' % (family, nlri, HOP6), table, route,
               next_hop=HOP6, **attributes)


def labelled(nlri, table, route, stack, hop=HOP, **attributes):
    return row('%s next-hop %s' % (nlri, hop), table, route,
               next_hop=hop, mpls_label_stack=stack, **attributes)


def flow(words, route, community=DISCARD, **attributes):
    return row(words, 'f6' if words.startswith('ipv6') else 'f4', route,
               ext_community=community, **attributes)


ROWS = [
    v4('20.0.1.0/24', 'origin egp as-path [ 65010 65011 70000 ] med 77 '
       'local-preference 250 community [ 65000:1 no-export ] '
       'large-community [ 65000:1:2 4294967295:3:4 ] '
       'originator-id 192.0.2.77 cluster-list [ 192.0.2.88 192.0.2.89 ]',
       origin='EGP', as_path='65010 65011 70000', med='77', local_pref='250',
       community='(65000,1) (65535,65281)', originator_id='192.0.2.77',
       cluster_list='192.0.2.88 192.0.2.89',
       large_community='(65000, 1, 2) (4294967295, 3, 4)'),
    v4('20.0.2.0/24', 'atomic-aggregate aggregator 70000:192.0.2.3 aigp 1234 '
       'as-path [ 65010 (65011,65012) ]', as_path='65010 {65011 65012}',
       atomic_aggr='', aggregator='192.0.2.3 AS70000', aigp='1234'),
    v4('20.0.3.0/24', 'extended-community [ target:65000:1 target:70000L:3 '
       'target:192.0.2.1:4 origin:192.0.2.1:5 bandwidth:65000:1000000 '
       '0x4300000000000001 ]',
       ext_community='(rt, 65000, 1) (rt, 192.0.2.1, 4) (ro, 192.0.2.1, 5) '
       '(rt, 70000, 3) (unknown 0x4004, 65000, 1232348160) '
       '(generic, 0x43000000, 0x1)'),
    v4('20.0.4.0/24', 'attribute [ 0x99 0xc0 0x0102 ]', **{'99 [t]': '01 02'}),
    v4('20.0.5.0/24', 'as-path [ %s ]' % ' '.join(['65010'] * 80),
       as_path=' '.join(['65010'] * 80)),
    v4('0.0.0.0/0', 'origin incomplete', origin='Incomplete'),
    v4('20.0.6.1/32', ''),
    row('route 20.0.7.0/25 next-hop ' + HOP6, 'u4', '20.0.7.0/25',
        next_hop=HOP6),
    v6('unicast', 'u6', '2001:db8:1::/48 med 5', '2001:db8:1::/48', med='5'),
    v6('unicast', 'u6', '::/0', '::/0'),
    v6('multicast', 'm6', '2001:db8:2::/48', '2001:db8:2::/48'),
    row('ipv4 multicast 20.0.8.0/24 next-hop ' + HOP, 'm4', '20.0.8.0/24',
        next_hop=HOP),
    labelled('ipv4 nlri-mpls 20.1.1.0/24 label 100 bgp-prefix-sid [ 300, '
             '[ ( 800000,4096 ), ( 1000000,5000 ) ] ]', 'l4', '20.1.1.0/24',
             '100', **{'28 [t]': '01 00 07 00 00 00 00 00 01 2c 03 00 0e 00 00'
                       ' 0c 35 00 00 10 00 0f 42 40 00 13 88'}),
    labelled('ipv4 nlri-mpls 20.1.2.0/24 label [ 100 200 ]', 'l4',
             '20.1.2.0/24', '100/200'),
    labelled('ipv6 nlri-mpls 2001:db8:3::/48 label 101', 'l6',
             '2001:db8:3::/48', '101', HOP6),
    labelled('ipv4 mpls-vpn 20.2.1.0/24 label 1000 rd 65000:1 '
             'extended-community target:65000:1', 'v4', '65000:1 20.2.1.0/24',
             '1000', ext_community='(rt, 65000, 1)'),
    labelled('ipv4 mpls-vpn 20.2.2.1/32 label 1001 rd 192.0.2.1:2', 'v4',
             '192.0.2.1:2 20.2.2.1/32', '1001'),
    labelled('ipv4 mpls-vpn 0.0.0.0/0 label 1002 rd 70000:2', 'v4',
             '70000:2 0.0.0.0/0', '1002'),
    labelled('ipv6 mpls-vpn 2001:db8:4::/48 label 1003 rd 65000:1', 'v6',
             '65000:1 2001:db8:4::/48', '1003', HOP6),
    row('ipv6 mpls-vpn 2001:db8:5::/48 label 1003 rd 65000:1 next-hop ' + HOP,
        'v6', '65000:1 2001:db8:5::/48', mpls_label_stack='1003',
        next_hop=HOP),
    flow('flow route destination 20.3.1.0/24 source 20.4.0.0/16 protocol '
         '[ tcp udp ] destination-port [ =80 >=8080&<=8088 ] source-port '
         '>1024 rate-limit 9600', 'flow4 { dst 20.3.1.0/24; src 20.4.0.0/16; '
         'proto 6,17; dport 80,8080..8088; sport > 1024; }',
         '(generic, 0x80060000, 0x46160000)'),
    flow('flow route destination 20.3.2.0/24 port =53 icmp-type echo-request '
         'icmp-code 0 tcp-flags [ =syn !rst ] packet-length >1000 dscp 46 '
         'fragment [ is-fragment ] discard', 'flow4 { dst 20.3.2.0/24; '
         'port 53; icmp type 8; icmp code 0; tcp flags 0x2/0x2 || 0x0/0x4; '
         'length > 1000; dscp 46; fragment !!is_fragment; }'),
    flow('flow route destination 20.3.3.0/24 redirect 65000:99 mark 10 action '
         'sample-terminal', 'flow4 { dst 20.3.3.0/24; }',
         '(generic, 0x80070000, 0x3) (generic, 0x8008fde8, 0x63) '
         '(generic, 0x80090000, 0xa)'),
    flow('flow route destination 20.3.4.0/24 redirect 192.0.2.1:99',
         'flow4 { dst 20.3.4.0/24; }', '(generic, 0x8108c000, 0x2010063)'),
    flow('flow route destination 20.3.5.0/24 redirect 70000:99',
         'flow4 { dst 20.3.5.0/24; }', '(generic, 0x82080001, 0x11700063)'),
    flow('flow route destination 20.3.6.0/24 redirect-to-nexthop-ietf '
         '192.0.2.7', 'flow4 { dst 20.3.6.0/24; }',
         '(unknown 0x10c, 192.0.2.7, 0)'),
    flow('ipv6 flow destination 2001:db8:8::/48/0 next-header tcp '
         'destination-port =443 flow-label 5 discard',
         'flow6 { dst 2001:db8:8::/48; next header 6; dport 443; label 5; }'),
    flow('ipv6 flow source 2001:db8:10::/44 traffic-class 8 fragment '
         'first-fragment discard', 'flow6 { src 2001:db8:10::/44; dscp 8; '
         'fragment !!first_fragment; }'),
    flow('ipv6 flow destination 2001:db8:11::/48 fragment [ !is-fragment '
         'last-fragment ] icmp-type 128 discard', 'flow6 { '
         'dst 2001:db8:11::/48; icmp type 128; fragment !is_fragment || '
         '!!last_fragment; }'),
    ('ipv6 flow destination 2001:db8:9:100::/64/48 discard',
     'it takes another number of bytes for the pattern than RFC 8956 3.1 has '
     '("the Zero-bit should be unset"); GoBGP and FRR show it'),
]


class Bird(role.Bird):
    def complaints(self):
        return lines_of(self.folder / 'Bird.log', lambda s: re.search(
            '<(RMT|ERR|BUG|WARN|AUTH)>', s))


def find(peer):
    """{(table, route): attributes} of all tables."""
    found, table, here = {}, None, None
    for line in peer.ask('birdc', '-s', peer.sock, 'show', 'route', 'all',
                         'table', 'all').splitlines():
        route = re.match(r'(\S.*?) +(unicast |unreachable )?\[ours ', line)
        if line.startswith('Table '):
            table = line[6:].rstrip(':')
        elif route:
            here = found.setdefault((table, route.group(1)), {})
        elif line.startswith('\tBGP.') and here is not None:
            name, value = line[5:].split(':', 1)
            here[name] = value.strip()
    return found


def story(ns, folder, bin_folder):
    peer = Bird(ns.b, folder, 2, CONF)
    n = check(ns, folder, bin_folder, peer, FAMILIES, ROWS, find,
              lambda found, wanted: found == wanted)
    print('%d of %d' % (n, n))


if __name__ == '__main__':
    sys.exit(role.play(story, ['bird']))
