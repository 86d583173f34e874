#!/usr/bin/env python3
# SPDX-License-Identifier: ISC
"""What bgpctl prints, whole, in text and JSON, against golden.txt beside this:
commands to a daemon with networks and flows, and MRT files, which are the
fuzzer's seeds.

usage: golden.py BIN [write]
write: make golden.txt anew; then look at what is different.
"""
import difflib
import pathlib
import re
import signal
import subprocess
import sys
import tempfile

from harness import BIN, World, free_port, wait

HERE = pathlib.Path(__file__).resolve().parent
CORPUS = HERE.parent / 'fuzz/corpus/mrt'
SET = ('network add 198.51.100.0/24 community 65001:7 ext-community '
       'target:65001:7 large-community 1:2:3 metric 5',
       'network add 2001:db8:7::/48 localpref 200',
       'flowspec add inet proto tcp from any to 192.0.2.0/24 port 80')
BOTH = ('show flowspec', 'show flowspec inet6', 'flowspec show inet',
        'show network', 'show network inet6', 'network show IPv4',
        'show network VPNv4', 'show nexthop', 'show sets', 'show rtr',
        'show program',
        'show rib ext-community rt 65001:7',
        'show rib ext-community rt 1.2.3.4:7',
        'show rib ext-community ovs invalid',
        'show rib 198.51.100.0/24 detail', 'show rib 198.51.100.0/24 ssv',
        'show rib 198.51.100.0/24 large-community 1:2:3 empty-as selected',
        'show rib 198.51.100.0/24 or-longer community 65001:7 limit 1',
        'show rib IPV6', 'show rib vpnv6', 'show ip bgp empty-as inet6',
        'show rib count', 'show rib 198.51.100.0/24 or-longer count best')
# Whose JSON has counters, too; and what is wrong.
TEXT = ('show summary terse',)
FAULTS = ('show f', 'show rib ip', 'show rib ext-community', 'show mrt as',
          'show rib ext-community rt nonsense', 'show mrt file',
          'show rib ext-community nonsense 1', 'network', 'network mrt x',
          'show mrt 10.0.0.0/8 x', 'show flowspec inet6 x')


def ran(command, *options):
    r = subprocess.run([BIN + '/bgpctl'] + list(options) + command.split(),
                       text=True, capture_output=True, timeout=80)
    text = re.sub(r'\b\d\d:\d\d:\d\d\b(?!Z)', 'hh:mm:ss', r.stdout)
    text = re.sub(r'("last_\w+_sec": )\d+', r'\1N', text)
    shown = command.replace(str(CORPUS) + '/', '')
    is_json = '-j' in options
    return '%s$ bgpctl %s%s\n%s%s' % (
        '' if r.returncode == 0 else '(%d) ' % r.returncode,
        '-j ' if is_json else '', shown, text, r.stderr)


def of_files():
    for path in sorted(CORPUS.iterdir()):
        for words in ('', ' detail', ' peers'):
            yield ran('show mrt%s file %s' % (words, path))
        yield ran('show mrt detail file %s' % path, '-j')


def of_daemon(world):
    world.ready()
    for command in SET:
        assert 'processed' in ran(command, '-s', world.sock)
    wait(lambda: '2001:db8:7::/48' in ran('show network', '-s', world.sock)
         and 'flow' in ran('show flowspec', '-s', world.sock), 20, 'networks')
    for command in BOTH:
        yield ran(command, '-s', world.sock)
        yield ran(command, '-s', world.sock, '-j')
    for command in TEXT + FAULTS:
        yield ran(command, '-s', world.sock)


def main():
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    parts = list(of_files())
    with tempfile.TemporaryDirectory(prefix='bgpd-golden.') as temp:
        world = World(pathlib.Path(temp), free_port(),
                      extra='allow to any\n')
        try:
            parts += of_daemon(world)
        finally:
            world.stop()
    found, path = '\n'.join(parts), HERE / 'golden.txt'
    if sys.argv[2:] == ['write']:
        path.write_text(found)
    difference = list(difflib.unified_diff(
        path.read_text().splitlines(), found.splitlines(), 'golden.txt',
        'found', lineterm=''))
    print('\n'.join(difference) or '%d outputs' % len(parts))
    return 1 if difference else 0


if __name__ == '__main__':
    sys.exit(main())
