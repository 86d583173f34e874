#!/usr/bin/env python3
# SPDX-License-Identifier: ISC
"""Check the rules of the house that a compiler does not.

  include    who may include whom (layers and workers)
  only-here  headers and calls that belong to one file
  globals    no mutable file-scope variables in engines

usage: rules.py SOURCE BUILD
"""
import pathlib
import re
import subprocess
import sys

# Pure layers, each with what it may include. "core" is what is in common/
# itself and knows nothing of the rest.
CORE = {'addr', 'arena', 'bgp', 'buf', 'emit', 'err', 'log', 'mono', 'value'}
LAYERS = {
    'common/attr': {'common/attr'},
    'common/nlri': {'common/nlri'},
    'common/wire': {'common/attr', 'common/nlri', 'common/wire'},
    'common/text': {'common/attr', 'common/nlri', 'common/wire',
                    'common/text'},
}
# Text gives routes, which are a joint.
EXTRA = {'common/text': {'common/route.h'}}
WORKERS = ('session', 'rde', 'api', 'parent')
PUBLIC = {'session/session.h', 'rde/rde.h', 'api/api.h'}

ONLY = [
    (r'#include <event2/', {'common/loop_event.c'}),
    (r'#include <msgpack', {'common/emit_msgpack.c', 'common/value.c'}),
    (r'#include <libmnl/', {'parent/netlink.c'}),
    (r'#include <seccomp', {'common/sandbox_filter.c'}),
    (r'\b(clock_gettime|gettimeofday)\(',
     {'common/loop_event.c', 'common/env.c'}),
    (r'\barc4random(_buf|_uniform)?\(', {'common/env.c'}),
    (r'\bif_(nametoindex|indextoname)\(', set()),
    (r'\b(sleep|usleep|nanosleep)\(', set()),
    (r'\b(sprintf|strcpy|strcat|gets)\(', set()),
]
ENGINES = ('session', 'rde', 'api', 'common')


def sources(root):
    for folder in ('common',) + WORKERS:
        yield from sorted((root / folder).rglob('*.[ch]'))


def check_includes(root, path, text, faults):
    name = str(path.relative_to(root))
    folder = str(path.parent.relative_to(root))
    worker = folder.split('/')[0]
    for include in re.findall(r'#include "([^"]+)"', text):
        target = str(pathlib.PurePosixPath(include).parent)
        if '/' not in include:
            faults.append('%s: "%s" lacks the path from the root' %
                          (name, include))
        elif folder in LAYERS:
            stem = pathlib.PurePosixPath(include).stem
            is_core = target == 'common' and stem in CORE
            if not (is_core or target in LAYERS[folder] or
                    include in EXTRA.get(folder, ())):
                faults.append('%s: %s may not include "%s"' %
                              (name, folder, include))
        elif worker == 'common':
            if not target.startswith('common'):
                faults.append('%s: common may not include "%s"' %
                              (name, include))
            elif path.stem.split('_')[0] in CORE and (
                    target != 'common' or
                    pathlib.PurePosixPath(include).stem not in CORE):
                faults.append('%s: the core may not include "%s"' %
                              (name, include))
        elif not (target.startswith('common') or
                  target.split('/')[0] == worker or
                  (name == 'parent/main.c' and include in PUBLIC)):
            faults.append('%s: %s may not include "%s"' %
                          (name, worker, include))


def check_only(root, path, text, faults):
    name = str(path.relative_to(root))
    code = re.sub(r'/\*.*?\*/', '', text, flags=re.S)
    for pattern, allowed in ONLY:
        if name in allowed or name.startswith('parent/') or \
                path.name == 'main.c':
            if 'include' not in pattern:
                continue
            if name in allowed:
                continue
        if 'event2' in pattern and name.startswith('api/lg/'):
            continue    # a program of its own: libevent's HTTP server
        if re.search(pattern, code):
            faults.append('%s: %s is not for here' % (name, pattern))


def check_globals(build, faults):
    for folder in ENGINES:
        for obj in sorted((build / folder).rglob('*.o')):
            if '/ctl/' in str(obj):
                continue
            out = subprocess.run(['objdump', '-t', str(obj)], text=True,
                                 capture_output=True, check=True).stdout
            for line in out.splitlines():
                m = re.match(r'\S+ .{7} (\.data|\.bss)(\.\S+)?\s+'
                             r'([0-9a-f]+) (\S+)', line)
                if m is None or int(m.group(3), 16) == 0:
                    continue
                if (m.group(2) or '').startswith('.rel.ro'):
                    continue
                faults.append('%s: mutable %s' % (obj.name, m.group(4)))


def main():
    root, build = pathlib.Path(sys.argv[1]), pathlib.Path(sys.argv[2])
    faults, n = [], 0
    for path in sources(root):
        text = path.read_text()
        n += 1
        if not text.startswith('/* SPDX-License-Identifier: ISC */'):
            faults.append('%s: no licence line' % path)
        check_includes(root, path, text, faults)
        check_only(root, path, text, faults)
    check_globals(build, faults)
    for fault in faults:
        print(fault)
    print('%d files, %d faults' % (n, len(faults)))
    return 1 if faults else 0


if __name__ == '__main__':
    sys.exit(main())
