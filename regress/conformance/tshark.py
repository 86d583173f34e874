#!/usr/bin/env python3
# SPDX-License-Identifier: ISC
"""Our decoder against tshark's: real UPDATEs, each in a TCP segment of its
own; prefixes announced and withdrawn, and AS paths, must be the same.

usage: tshark.py DECODE_LINES STREAM.bgp.gz... (77: not there)
"""
import gzip
import ipaddress
import os
import shutil
import struct
import subprocess
import sys
import tempfile

LIMIT = int(os.environ.get('BGPD_MESSAGES', '20000'))
FIELDS = ['bgp.update.path_attributes', 'bgp.nlri_prefix',
          'bgp.mp_reach_nlri_ipv6_prefix', 'bgp.prefix_length',
          'bgp.withdrawn_prefix', 'bgp.update.path_attribute.as_path_segment'
          '.as4', 'bgp.mp_reach_nlri.prefix']


def messages(path):
    """Whole messages; of a stream longer than LIMIT, evenly spread ones."""
    data = gzip.open(path).read()
    found, at = [], 0
    while at + 19 <= len(data):
        n = struct.unpack_from('!H', data, at + 16)[0]
        if data[at + 18] == 2:
            found.append(data[at:at + n])
        at += n
    step = max(1, len(found) // LIMIT)
    return found[::step]


def pcap(path, all_messages):
    with open(path, 'wb') as f:
        f.write(struct.pack('!IHHiIII', 0xa1b2c3d4, 2, 4, 0, 0, 262144, 101))
        seq = 1
        for i, m in enumerate(all_messages):
            tcp = struct.pack('!HHIIBBHHH', 30000, 179, seq, 1, 0x50, 0x18,
                              65535, 0, 0) + m
            ip = struct.pack('!BBHHHBBH4s4s', 0x45, 0, 20 + len(tcp), i &
                             0xffff, 0, 64, 6, 0, b'\xc0\0\2\1',
                             b'\xc0\0\2\2') + tcp
            f.write(struct.pack('!IIII', i, 0, len(ip), len(ip)) + ip)
            seq = (seq + len(m)) & 0xffffffff


def theirs(path):
    """A line a packet: prefixes, sorted, and the path's AS numbers."""
    out = subprocess.run(
        ['tshark', '-r', path, '-o', 'bgp.asn_len:4 octet', '-o',
         'tcp.check_checksum:FALSE', '-T', 'pdml', '-J', 'bgp'],
        capture_output=True)
    import xml.etree.ElementTree as ET
    import io
    for event, e in ET.iterparse(io.BytesIO(out.stdout)):
        if e.tag != 'packet':
            continue
        prefixes, path_list = [], []
        for proto in e.findall('proto'):
            if proto.get('name') != 'bgp':
                continue
            lengths = None
            for field in proto.iter('field'):
                name, show = field.get('name'), field.get('show')
                if name == 'bgp.prefix_length':
                    lengths = show
                elif name in ('bgp.nlri_prefix', 'bgp.withdrawn_prefix',
                              'bgp.mp_reach_nlri_ipv6_prefix',
                              'bgp.mp_reach_nlri_ipv4_prefix',
                              'bgp.mp_unreach_nlri_ipv6_prefix'):
                    prefixes.append('%s/%s' % (show, lengths))
                elif name == ('bgp.update.path_attribute.as_path_segment'
                              '.as4'):
                    path_list.append(show)
        e.clear()
        yield normal(prefixes), ' '.join(path_list)


def normal(prefixes):
    return sorted(str(ipaddress.ip_network(p, strict=False))
                  for p in prefixes)


def ours(program, all_messages):
    out = subprocess.run([program], input=b''.join(all_messages),
                         capture_output=True, check=True)
    for line in out.stdout.decode().splitlines():
        nlri, withdrawn, mp, path = line.split('|')
        yield (normal(' '.join((nlri, withdrawn, mp)).split()),
               path.replace('{', '').replace('}', '').replace(',', ' '))


def main():
    files = [f for f in sys.argv[2:] if os.path.exists(f)]
    if shutil.which('tshark') is None or not files:
        print('skipped: no tshark, or no data')
        sys.exit(77)
    failed = False
    for path in files:
        all_messages = messages(path)
        with tempfile.TemporaryDirectory(prefix='bgpd-tshark.') as folder:
            name = os.path.join(folder, 'x.pcap')
            pcap(name, all_messages)
            a, b = list(ours(sys.argv[1], all_messages)), list(theirs(name))
        assert len(a) == len(b) == len(all_messages), (len(a), len(b))
        good = n_prefixes = 0
        for i, (x, y) in enumerate(zip(a, b)):
            # AS 0 is no path to us: RFC 7607 has the route withdrawn.
            same = x[0] == y[0] and (x[1].split() == y[1].split() or
                                     (not x[1] and '0' in y[1].split()))
            good += same
            n_prefixes += len(x[0])
            if not same and good > i - 5:
                print('differs:', all_messages[i].hex()[:200], x, y)
        failed |= good != len(a)
        print('%s: %d of %d UPDATEs, %d prefixes' % (
            os.path.basename(path), good, len(a), n_prefixes))
    sys.exit(failed)


main()
