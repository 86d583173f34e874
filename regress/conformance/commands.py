#!/usr/bin/env python3
# SPDX-License-Identifier: ISC
"""Recorded cases through exabgp's own commands.

  decode   each case of CASES/decoding: JSON as recorded, standard error
           empty, by argument and by standard input
  others   sentences of our own to encode, refusals, settings

usage: commands.py EXABGP CASES        (CASES: .../conformance/wire)
Exit status 0 when all pass; recorded cases may be absent.
"""
import json
import os
import pathlib
import subprocess
import sys

FRAME = ('exabgp', 'host', 'pid', 'ppid', 'time', 'version', 'counter')


def run(exabgp, *args, stdin=None):
    env = dict(os.environ, exabgp_api_version='4')
    return subprocess.run([exabgp, *args], input=stdin, text=True, env=env,
                          capture_output=True, timeout=20)


def without_frame(value):
    return {k: v for k, v in value.items() if k not in FRAME} \
        if isinstance(value, dict) else value


def decode_args(case):
    what = case['what'].split()
    args = ['--' + what[0]]
    if len(what) == 3:
        args = ['-f', ' '.join(what[1:])] + args
    return args


def check_decode(exabgp, case):
    for by_argument in (True, False):
        if by_argument:
            got = run(exabgp, 'decode', *decode_args(case), case['hex'])
        else:
            got = run(exabgp, 'decode', *decode_args(case),
                      stdin=case['hex'] + '\n')
        if got.returncode != 0 or got.stderr:
            return 'exit %d, %s' % (got.returncode, got.stderr)
        first = json.loads(got.stdout.splitlines()[0])
        if without_frame(first) != without_frame(case['json']):
            return 'found %s' % got.stdout
    return None


# Arguments and what must come out, or None for a refusal.
SPOKEN = [
    (['encode', 'route 10.0.0.0/8 next-hop 192.0.2.1'],
     'FF' * 16 + '002E020000001540010100400200400304C00002014005040000'
     '0064080A'.replace(' ', '')),
    (['encode', '-n', 'route 10.0.0.0/8 next-hop 192.0.2.1'], '080A'),
    (['encode', '-n', '-i',
      'route 10.0.0.0/8 path-information 0.0.0.5 next-hop 192.0.2.1'],
     '00000005080A'),
    (['encode', '--no-header', '-a', '65001', '-z', '65002',
      'announce route 10.0.0.0/8 next-hop 192.0.2.1'],
     '0000001440010100400206020100 00FDE9400304C0000201080A'
     .replace(' ', '')),
    (['encode', '--no-header', 'withdraw route 10.0.0.0/8'], '0002080A0000'),
    (['encode', '-n', '-f', 'ipv4 unicast', '10.0.0.0/8 next-hop 192.0.2.1'],
     '080A'),
    (['encode', 'route 10.0.0.0/99 next-hop 192.0.2.1'], None),
    (['encode', '-a', 'x', 'route 10.0.0.0/8 next-hop 192.0.2.1'], None),
    (['decode', 'FFF'], None),
    (['decode', '--nlri', '0A'], None),
    (['decode', '-f', 'ipv4 nonsense', '--nlri', '0A'], None),
]


def check_spoken(exabgp, args, want):
    got = run(exabgp, *args)
    if want is None:
        if got.returncode == 0 or not got.stderr or got.stdout:
            return 'not refused: %s' % got
        return None
    if got.returncode != 0 or got.stderr or got.stdout != want + '\n':
        return 'expected %s, found %s%s' % (want, got.stdout, got.stderr)
    return None


def settings(exabgp):
    env = dict(os.environ, exabgp_tcp_port='1790')
    got = subprocess.run([exabgp, 'env', '-d'], env=env, text=True,
                         capture_output=True).stdout
    if 'exabgp.tcp.port=1790' not in got.splitlines():
        return 'env -d does not show what is set: %s' % got
    if 'exabgp.api.ack' in got:
        return 'env -d shows what is not set'
    got = run(exabgp, 'env', '-f').stdout
    if '[exabgp.api]' not in got or 'ack = true' not in got:
        return 'env -f is no file: %s' % got
    got = run(exabgp, 'version').stdout
    if not got.startswith('ExaBGP : '):
        return 'version: %s' % got
    return None


def main():
    exabgp, cases = os.path.abspath(sys.argv[1]), pathlib.Path(sys.argv[2])
    if 'BGPD_SHARED' in os.environ:
        cases = pathlib.Path(os.environ['BGPD_SHARED'], 'conformance/wire')
    files = sorted((cases / 'decoding').glob('*.json'))
    faults = [(' '.join(a), check_spoken(exabgp, a, w)) for a, w in SPOKEN]
    faults.append(('settings', settings(exabgp)))
    for path in files:
        faults.append((path.stem,
                       check_decode(exabgp, json.loads(path.read_text()))))
    for name, fault in faults:
        if fault:
            print('FAIL', name, '\n ', fault)
    print('%d of %d pass, %d of them recorded' % (
        sum(f is None for _, f in faults), len(faults), len(files)))
    return 1 if any(f for _, f in faults) else 0


if __name__ == '__main__':
    sys.exit(main())
