#!/usr/bin/env python3
# SPDX-License-Identifier: ISC
"""Another test with the shim preloaded into every daemon that it starts:
shimmed.py SHIM BIN SEED TEST [ARGUMENTS]. TEST gets a folder in the place of
BIN whose bgpd and exabgp are BIN's behind the shim."""
import os
import pathlib
import subprocess
import sys
import tempfile

shim, binaries, seed, test = sys.argv[1:5]
binaries = os.path.abspath(binaries)
with tempfile.TemporaryDirectory(prefix='bgpd-shim.') as folder:
    folder = pathlib.Path(folder)
    folder.chmod(0o755)
    for name in os.listdir(binaries):
        (folder / name).symlink_to(os.path.join(binaries, name))
    for name in ('bgpd', 'exabgp'):
        (folder / name).unlink()
        (folder / name).write_text(
            '#!/bin/sh\nexport LD_PRELOAD=%s BGPD_SHIM_SEED=%s\n'
            'exec %s/%s "$@"\n' % (os.path.abspath(shim), seed, binaries,
                                   name))
        (folder / name).chmod(0o755)
    code = subprocess.run([sys.executable, test, str(folder)] +
                          sys.argv[5:]).returncode
print('interrupted and short calls, seed %s: %s' % (
    seed, 'passed' if code == 0 else 'FAILED'))
sys.exit(code)
