# SPDX-License-Identifier: ISC
"""Routes of every family of the codec, as wire bytes, for relay.py."""


class Route:
    """NLRI as announced; the same destination with other labels, if the
    family has parts that do not name it; and as it is withdrawn."""

    def __init__(self, nlri, again=None, withdrawn=None):
        self.nlri = bytes.fromhex(nlri)
        self.again = bytes.fromhex(again) if again else None
        self.withdrawn = bytes.fromhex(withdrawn or nlri)


def long_flow(first):
    """A flow specification behind a length of two bytes."""
    body = bytes.fromhex(first) + b'\5' + b'\1\x50' * 129 + b'\x81\x51'
    return (0xf000 | len(body)).to_bytes(2, 'big').hex() + body.hex()


RD = '0000fde800000001'
RD_IP = '0001c0a801010001'
ESI = '00112233445566778899'
NO_ESI = '00' * 10
MAC = '30 001122334455'
IP6 = '20010db8000000000000000000000001'

NODE = ('0100001a' '0200 0004 00000001' '0201 0004 00000000'
        '0203 0006 000000000001')
ROUTERS = ('0100 0008 0203 0004 0a000001', '0101 0008 0203 0004 0a000002')

MVPN = [
    '010c' + RD + '0a000001', '020c' + RD + '0000fde9',
    '0516' + RD_IP + '20 0a630c04 20 effbffe4 01020304',
    '0512' + RD + '20 0a630c04 20 effbffe4',
    '0616' + RD + '0000fde8 20 0a630c04 20 effbffe4',
    '0716' + RD + '0000fde8 20 0a630c04 20 effbffe4',
    '6303' '010203',
]
MVPN6 = [
    '0118' + RD + IP6, '052a' + RD + '80' + IP6 + '80 ff0e' + '00' * 13 + '01',
    '072e' + RD + '0000fde8 80' + IP6 + '80 ff0e' + '00' * 13 + '01',
]
FLOW = ['0501180a0101', '08 01180a0101 038106', long_flow('01180a0101'),
        '0509 01048109', '06 038106 0b8108']
FLOW6 = ['09 01 30 00 20010db80001', '0e 02 40 00 20010db800010002 038111',
         '280180002a0229b8192500000000000000002e69024000beeff00e00000000'
         '0381060c000400028008', long_flow('01200020010db8')]
EVPN = [
    Route('0228' + RD_IP + ESI + '00000064' + MAC + '20 0a000001 000641 000c81',
          '0225' + RD_IP + NO_ESI + '00000064' + MAC + '20 0a000001 000651',
          '0225' + RD_IP + NO_ESI + '00000064' + MAC + '20 0a000001 000000'),
    Route('0119' + RD_IP + ESI + '00000064 000641',
          '0119' + RD_IP + ESI + '00000064 000651',
          '0119' + RD_IP + ESI + '00000064 000000'),
    Route('0221' + RD_IP + NO_ESI + '00000064' + MAC + '00 000641', None,
          '0221' + RD_IP + NO_ESI + '00000064' + MAC + '00 000000'),
    Route('0231' + RD + ESI + '00000001' + MAC + '80' + IP6 + '000641',
          '0234' + RD + ESI + '00000001' + MAC + '80' + IP6 + '000651 000c81',
          '0231' + RD + NO_ESI + '00000001' + MAC + '80' + IP6 + '000000'),
    Route('0311' + RD_IP + '00000064 20 0a000001'),
    Route('0417' + RD_IP + ESI + '20 0a000001'),
    Route('0522' + RD_IP + ESI + '00000064 18 0a000100 0a000001 000641',
          '0522' + RD_IP + NO_ESI + '00000064 18 0a000100 00000000 000651',
          '0522' + RD_IP + NO_ESI + '00000064 18 0a000100 00000000 000000'),
    Route('053a' + RD + ESI + '00000000 40 20010db8' + '00' * 12 + IP6 +
          '000641', None,
          '053a' + RD + NO_ESI + '00000000 40 20010db8' + '00' * 12 +
          '00' * 16 + '000000'),
    # Of a type that the codec knows, but not in its form; and unknown types.
    Route('0311' + RD_IP + '00000064 21 0a000001'),
    Route('0203 010203'),
    Route('0616' + RD_IP + '00000064 20 0a630c04 20 effbffe4'),
    Route('0826' '0001252c37768ead000002001600000000030000085d0020efffffff20'
          '252c37760000000000'),
    Route('c805 0102030405'),
]
# (AFI, SAFI, the codec's name, routes): two or more of each.
FAMILIES = [
    (1, 1, 'ipv4 unicast', ['180a0001', '00', '20c0000263', '0cac10']),
    (1, 2, 'ipv4 multicast', ['180a0001', '00', '20c0000263']),
    (1, 4, 'ipv4 nlri-mpls', [
        Route('38 000641 0a000000', '38 000651 0a000000',
              '38 800000 0a000000'),
        Route('50 000640 000c81 0a000001', '38 000641 0a000001',
              '38 800000 0a000001')]),
    (1, 128, 'ipv4 mpls-vpn', [
        Route('70 003e81' + RD + '0a0001', '70 003e91' + RD + '0a0001',
              '70 800000' + RD + '0a0001'),
        Route('88 003e80 003e91' + RD_IP + '0a0001', None,
              '70 800000' + RD_IP + '0a0001'),
        Route('58 003e81' + RD, None, '58 800000' + RD)]),
    (1, 5, 'ipv4 mcast-vpn', MVPN),
    (1, 133, 'ipv4 flow', FLOW),
    (1, 134, 'ipv4 flow-vpn', [
        '0d' + RD + '01180a0101', '10' + RD_IP + '01180a0101 038106',
        long_flow(RD + '01180a0101')]),
    (1, 85, 'ipv4 mup', [
        '01 0001 0c' + RD + '18 0a0001', '01 0002 0c' + RD + '0a000001',
        '01 0003 17' + RD + '20 0a000001 00003039 09 20 0a000002',
        '01 0004 11' + RD + '40 0a000001 00003039', '02 0063 02 0102']),
    (1, 73, 'ipv4 sr-policy', ['60 00000001 00000002 0a000001',
                               '60 00000000 00000064 0a000001']),
    (1, 132, 'ipv4 rtc', ['60 0000fde8 0002fde800000001', '00',
                          '40 0000fde9 0002fde9', '20 0000fdea']),
    (2, 1, 'ipv6 unicast', ['2020010db8', '00', '80' + IP6]),
    (2, 2, 'ipv6 multicast', ['2020010db8', '00', '80' + IP6]),
    (2, 4, 'ipv6 nlri-mpls', [
        Route('38 000641 20010db8', '38 000651 20010db8',
              '38 800000 20010db8'),
        Route('b0 000640 000c81' + IP6, None, '98 800000' + IP6)]),
    (2, 128, 'ipv6 mpls-vpn', [
        Route('78 003e81' + RD_IP + '20010db8', '78 003e91' + RD_IP +
              '20010db8', '78 800000' + RD_IP + '20010db8'),
        Route('d8 003e81' + RD + IP6, None, 'd8 800000' + RD + IP6)]),
    (2, 5, 'ipv6 mcast-vpn', MVPN6),
    (2, 133, 'ipv6 flow', FLOW6),
    (2, 134, 'ipv6 flow-vpn', [
        '10' + RD + '01 28 00 20010db800',
        long_flow(RD + '01200020010db8')]),
    (2, 85, 'ipv6 mup', [
        '01 0001 11' + RD + '40 20010db800000001', '01 0002 18' + RD + IP6,
        '01 0003 2f' + RD + '80' + IP6 + '00003039 09 80' + IP6[:-2] + '02',
        '01 0004 1d' + RD + 'a0' + IP6 + '00003039']),
    (2, 73, 'ipv6 sr-policy', ['c0 00000001 00000002' + IP6,
                               'c0 00000000 00000064' + IP6]),
    (25, 65, 'l2vpn vpls', [
        Route('0011' + RD + '0005 0001 0008 029ce1',
              '0011' + RD + '0005 0001 0010 039ce1',
              '0011' + RD + '0005 0001 0000 000000'),
        Route('0011' + RD_IP + '0006 0001 0008 029ce1', None,
              '0011' + RD_IP + '0006 0001 0000 000000'),
        Route('000c' + RD + '0a000001')]),
    (25, 70, 'l2vpn evpn', EVPN),
    (16388, 71, 'bgp-ls bgp-ls', [
        '0001 0027 02 0000000000000000' + NODE,
        '0002 0031 03 0000000000000000' + ''.join(ROUTERS) +
        '0103 0004 0a000001 0104 0004 0a000002',
        '0063 0004 01020304']),
    (16388, 72, 'bgp-ls bgp-ls-vpn', [
        '0003 002b' + RD + '03 0000000000000000' + ROUTERS[0] +
        '0108 0001 01 0109 0005 20 0a000001',
        '0063 000c' + RD + '01020304']),
]
FAMILIES = [(afi, safi, name, [r if isinstance(r, Route) else Route(r)
                               for r in routes])
            for afi, safi, name, routes in FAMILIES]
