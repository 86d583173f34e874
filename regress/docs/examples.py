#!/usr/bin/env python3
# SPDX-License-Identifier: ISC
"""Check every configuration that the manuals and README.md show.

In a manual an example is a literal display: one that begins with AS is
bgpd.conf's, one that begins with the line of a neighbor, process or template
that opens a brace is ExaBGP's.
In README.md it is a block fenced as ```bgpd.conf or ```exabgp.conf. The
programs that an example runs are made up: files beside it that may be
executed.

usage: examples.py SOURCE BIN
"""
import pathlib
import re
import subprocess
import sys
import tempfile

ESCAPES = {r'\e': '\\', r'\-': '-', r'\(dq': '"', r'\&': '',
           r'\(aq': "'"}


def from_manual(path):
    """(line, language, text) of each example."""
    text, start = None, 0
    for number, line in enumerate(path.read_text().splitlines(), 1):
        if line.startswith('.Bd -literal'):
            text, start = [], number + 1
        elif line == '.Ed' and text is not None:
            first = next((x for x in text if x and x[0] != '#'), '')
            if first.startswith('AS '):
                yield start, 'bgpd.conf', text
            elif re.match(r'(neighbor|process|template)\b.*{$', first):
                yield start, 'exabgp.conf', text
            text = None
        elif text is not None:
            for escape, plain in ESCAPES.items():
                line = line.replace(escape, plain)
            text.append(line)


def from_readme(path):
    language, text, start = None, [], 0
    for number, line in enumerate(path.read_text().splitlines(), 1):
        if language is None and line in ('```bgpd.conf', '```exabgp.conf'):
            language, text, start = line[3:], [], number + 1
        elif line.startswith('```') and language is not None:
            yield start, language, text
            language, text = None, []
        else:
            text.append(line)


def make_programs(text, folder):
    """Programs named by `run` into files of the folder; returns the text."""
    def stand_in(match):
        name = pathlib.PurePosixPath(match.group(2)).name
        program = folder / name
        program.write_text('#!/bin/sh\n')
        program.chmod(0o755)
        return match.group(1) + str(program)

    return re.sub(r'(?m)^(\s*run\s+"?)([^\s";]+)', stand_in, text)


def check(name, language, text, binaries):
    with tempfile.TemporaryDirectory() as tmp:
        folder = pathlib.Path(tmp)
        conf = folder / language
        conf.write_text(make_programs('\n'.join(text) + '\n', folder))
        command = [str(binaries / 'bgpd'), '-n', '-f', str(conf)]
        if language == 'exabgp.conf':
            command = [str(binaries / 'exabgp'), 'validate', str(conf)]
        run = subprocess.run(command, text=True, capture_output=True,
                             timeout=60)
        # A warning is a fault: an example shows what is in effect.
        said = [x for x in run.stderr.splitlines()
                if x != 'configuration OK']
        if run.returncode == 0 and not said:
            return True
        print('%s: %s' % (name, language))
        for line in said:
            print('    ' + line.replace(tmp + '/', ''))
        return False


def main():
    root, binaries = pathlib.Path(sys.argv[1]), pathlib.Path(sys.argv[2])
    examples = []
    for path in sorted((root / 'man').glob('*.[1-9]')):
        examples += [(path, e) for e in from_manual(path)]
    readme = root / 'README.md'
    examples += [(readme, e) for e in from_readme(readme)]
    for name in ('bgpd.conf', 'exabgp.conf'):
        path = root / 'etc' / name
        examples.append((path, (1, name, path.read_text().splitlines())))
    n_bad = 0
    for path, (line, language, text) in examples:
        name = '%s:%d' % (path.relative_to(root), line)
        n_bad += not check(name, language, text, binaries)
    print('%d examples, %d faults' % (len(examples), n_bad))
    return 1 if n_bad or len(examples) < 10 else 0


if __name__ == '__main__':
    sys.exit(main())
