#!/usr/bin/env python3
# SPDX-License-Identifier: ISC
"""Run the API program of README.md: the daemon must take what it says.

The block fenced as ```python is the program. A daemon with one neighbor,
which is never there, runs it in solo mode; then the daemon is asked what it
answered.

usage: program.py SOURCE BIN
"""
import json
import pathlib
import re
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, str(pathlib.Path(__file__).parent.parent))
from speaker import free_port  # noqa: E402

CONF = '''AS 65010
router-id 192.0.2.53
fib-update no
listen on 127.0.0.1 port %(port)d
socket "%(dir)s/sock"
process "watch" {
	run "%(dir)s/watch"
}
neighbor 127.0.0.3 {
	remote-as 65010
	local-address 127.0.0.1
	passive
	api { process "watch" }
}
allow to any
'''


def asked(binaries, folder):
    """What bgpctl shows of the program, or None."""
    run = subprocess.run([binaries / 'bgpctl', '-s', folder / 'sock', '-j',
                          'show', 'program'], text=True, timeout=30,
                         capture_output=True)
    if run.returncode != 0:
        return None
    programs = json.loads(run.stdout)['programs']
    return programs[0] if programs else None


def main():
    root, binaries = pathlib.Path(sys.argv[1]), pathlib.Path(sys.argv[2])
    match = re.search(r'(?ms)^```python\n(.*?)^```',
                      (root / 'README.md').read_text())
    with tempfile.TemporaryDirectory() as tmp:
        folder = pathlib.Path(tmp)
        folder.chmod(0o755)     # the program runs as another user
        (folder / 'watch').write_text(match.group(1))
        (folder / 'watch').chmod(0o755)
        (folder / 'conf').write_text(CONF % {
            'dir': tmp, 'port': free_port()})
        daemon = subprocess.Popen([binaries / 'bgpd', '-S', '-u', 'nobody',
                                   '-f', folder / 'conf'])
        state, end = None, time.monotonic() + 20
        try:
            while time.monotonic() < end and daemon.poll() is None:
                state = asked(binaries, folder)
                if state is not None and state['acks'] + state['errors']:
                    break
                time.sleep(0.1)
        finally:
            daemon.terminate()
            daemon.wait(20)
    print(state)
    return 0 if state and state['acks'] > 0 and not state['errors'] else 1


if __name__ == '__main__':
    sys.exit(main())
