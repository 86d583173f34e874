#!/usr/bin/env python3
# SPDX-License-Identifier: ISC
"""More than the daemon can take at once: what is asked of it, and what it
must keep doing meanwhile. A case prints its figures and "N of N".

usage: overload.py BIN NAME [--full [--data FOLDER]]

Without --full loads are small and only what does not depend on the machine's
speed is asked for: counts, bounds of memory, sessions kept. With it the loads
are those of the figures that are promised, times are, too, and BIRD, where it
is installed, has the same run.
"""
import argparse
import os
import pathlib
import sys
import tempfile
import traceback

from world import Missed, enter_namespaces, make_network
import bulk
import churn
import readers
from daemons import Bird, Ours
from scenarios import Failed

CASES = {
    'import': bulk.o1_import, 'stuck': readers.o2_stuck,
    'sendhold': readers.o2_send_hold, 'flap': readers.o3_flap,
    'input': bulk.o4_input, 'updown': churn.o5_updown,
    'show': readers.o8_show, 'burst': bulk.o9_burst, 'large': bulk.o10_large,
}
FULL_ONLY = ('sendhold',)


class Context:
    """Sizes, folders, and where things are."""

    def __init__(self, args, temp):
        self.is_full, self.data = args.full, args.data
        self.load = os.path.abspath(args.bin) + '/bench_load'
        self.temp, self.n = temp, 0

    def size(self, small, full):
        return full if self.is_full else small

    def folder(self):
        self.n += 1
        path = self.temp / str(self.n)
        path.mkdir()
        path.chmod(0o755)
        return path

    def table(self, name):
        import gzip
        path = self.temp / name
        if not path.exists():
            path.write_bytes(gzip.decompress(
                (self.data / (name + '.bgp.gz')).read_bytes()))
        return str(path)

    def logs(self):
        for path in sorted(self.temp.glob('*/*/log')):
            print('--- %s\n%s' % (path, path.read_text(
                errors='replace')[-3000:]))


def shown(figures):
    return ', '.join('%s %s' % (k, ('%.3f' % v).rstrip('0').rstrip('.')
                                if isinstance(v, float) else v)
                     for k, v in figures.items())


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument('bin')
    parser.add_argument('name', choices=list(CASES) + ['all'])
    parser.add_argument('--full', action='store_true')
    parser.add_argument('--data', type=pathlib.Path,
                        default='../shared/data/derived')
    args = parser.parse_args()
    if os.geteuid() != 0:
        print('needs a network namespace: root')
        return 77
    if 'OVERLOAD_INSIDE' not in os.environ:
        enter_namespaces()
    make_network()
    Ours.binary = os.path.abspath(args.bin)
    names = [args.name] if args.name != 'all' else [
        n for n in CASES if args.full or n not in FULL_ONLY]
    n_right = n = 0
    for name in names:
        for cls in (Ours, Bird) if args.full and Bird.is_here() else (Ours,):
            with tempfile.TemporaryDirectory(prefix='overload.') as temp:
                os.chmod(temp, 0o755)
                context = Context(args, pathlib.Path(temp))
                n += cls is Ours
                try:
                    print('%s %s: %s' % (name, cls.name, shown(
                        CASES[name](context, cls))), flush=True)
                    n_right += cls is Ours
                except (Missed, Failed) as fault:
                    print('%s %s: MISSED: %s' % (name, cls.name, fault),
                          flush=True)
                    if cls is Ours:
                        context.logs()
                except Exception:
                    print('%s %s: FAILED' % (name, cls.name), flush=True)
                    traceback.print_exc()
                    context.logs()
    print('%d of %d' % (n_right, n))
    return n_right != n


if __name__ == '__main__':
    sys.exit(main())
