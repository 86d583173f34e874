#!/usr/bin/env python3
# SPDX-License-Identifier: ISC
"""How many instructions three fixed runs take, against the counts that are
kept beside this file: a change that costs over 5 % has to say so, by
changing the file. valgrind counts, so another load on the machine does not
matter; another compiler does, and then there is nothing to compare.

usage: guard.py [--write] BIN
Exit status 77 without valgrind, or with another compiler or processor.
"""
import os
import pathlib
import platform
import re
import shutil
import subprocess
import sys
import tempfile

COUNTS = pathlib.Path(__file__).with_name('instructions.txt')
MORE = 1.05


def configuration(folder):
    path = pathlib.Path(folder) / 'exabgp.conf'
    routes = ''.join('\t\troute 10.%d.%d.0/24 next-hop 192.0.2.1 med %d;\n' %
                     (i >> 8, i & 255, i) for i in range(5000))
    path.write_text('neighbor 192.0.2.2 {\n\trouter-id 192.0.2.1;\n'
                    '\tlocal-address 192.0.2.1;\n\tlocal-as 65001;\n'
                    '\tpeer-as 65002;\n\tstatic {\n%s\t}\n}\n' % routes)
    return str(path)


def count(command):
    done = subprocess.run(
        ['valgrind', '--tool=callgrind', '--callgrind-out-file=/dev/null'] +
        command, capture_output=True, text=True, env={
            'PATH': os.environ['PATH'], 'LC_ALL': 'C'})
    found = re.search(r'Collected : (\d+)', done.stderr)
    if done.returncode != 0 or found is None:
        raise SystemExit('%s: %s' % (' '.join(command), done.stderr[-500:]))
    return int(found.group(1))


def toolchain():
    compiler = subprocess.run(['cc', '--version'], capture_output=True,
                              text=True).stdout.split('\n')[0]
    return '%s %s' % (platform.machine(), compiler)


def main():
    binary = sys.argv[-1]
    if shutil.which('valgrind') is None:
        print('no valgrind')
        return 77
    with tempfile.TemporaryDirectory() as folder:
        runs = {
            'routes': [binary + '/bench_rde', '20000', '10'],
            'lines': [binary + '/bench_text', '5000'],
            'configuration': [binary + '/exabgp', 'validate',
                              configuration(folder)],
        }
        found = {name: count(command) for name, command in runs.items()}
    if '--write' in sys.argv:
        COUNTS.write_text('# Instructions of the runs in guard.py; written '
                          'by guard.py --write.\n# %s\n' % toolchain() +
                          ''.join('%s %d\n' % item
                                  for item in found.items()))
        return 0
    lines = COUNTS.read_text().splitlines()
    if lines[1] != '# ' + toolchain():
        print('counted with another compiler:', lines[1])
        return 77
    status = 0
    for name, kept in (line.split() for line in lines[2:]):
        ratio = found[name] / int(kept)
        print('%s: %d instructions, %.3f of what is kept' %
              (name, found[name], ratio))
        if ratio > MORE:
            status = 1
    return status


if __name__ == '__main__':
    sys.exit(main())
