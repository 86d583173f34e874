#!/usr/bin/env python3
# SPDX-License-Identifier: ISC
"""What the service manager is told: READY, RELOADING and READY, STOPPING.

usage: notify.py BIN
"""
import os
import pathlib
import signal
import socket
import subprocess
import sys
import tempfile

sys.path.insert(0, os.path.join(os.path.dirname(__file__), '..'))
from speaker import free_port  # noqa: E402

CONF = 'AS 65001\nrouter-id 192.0.2.1\nfib-update no\nlisten on 127.0.0.1 ' \
    'port %d\nsocket "%s/sock"\n'


def main():
    with tempfile.TemporaryDirectory(prefix='bgpd-notify.') as temp, \
            socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as manager:
        os.chmod(temp, 0o755)
        manager.bind(temp + '/notify')
        manager.settimeout(30)
        port = free_port()
        conf = pathlib.Path(temp) / 'bgpd.conf'
        conf.write_text(CONF % (port, temp))
        user = ['-u', 'nobody'] if os.geteuid() == 0 else []
        daemon = subprocess.Popen(
            [sys.argv[1] + '/bgpd', '-d', '-f', str(conf)] + user,
            env=dict(os.environ, NOTIFY_SOCKET=temp + '/notify'))
        said = []
        try:
            said.append(manager.recv(256))
            daemon.send_signal(signal.SIGHUP)
            said += [manager.recv(256), manager.recv(256)]
        finally:
            daemon.terminate()
            daemon.wait(20)
        said.append(manager.recv(256))
    print(said)
    return said != [b'READY=1', b'RELOADING=1', b'READY=1', b'STOPPING=1']


if __name__ == '__main__':
    sys.exit(main())
