#!/usr/bin/env python3
# SPDX-License-Identifier: ISC
"""bgplgd, the looking glass: what its paths show, what it refuses, that it
asks the restricted socket only, clients that leave, and, where Chromium is,
its page.

usage: lg.py BIN
"""
import concurrent.futures
import http.client
import itertools
import json
import os
import pathlib
import shutil
import signal
import socket
import struct
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, os.path.dirname(__file__))
sys.path.insert(0, os.path.join(os.path.dirname(__file__), '..'))
from metrics import lint  # noqa: E402
from speaker import (Speaker, attribute, free_port, prefix,  # noqa: E402
                     update)

CONF = '''AS 65001
router-id 192.0.2.1
fib-update no
listen on 127.0.0.1 port %d
socket "%s/sock"
socket "%s/rsock" restricted
neighbor 127.0.0.2 {
	descr "first"
	remote-as 65002
	passive
}
allow from any
'''


def get(port, path, method='GET'):
    c = http.client.HTTPConnection('127.0.0.1', port, timeout=15)
    try:
        c.request(method, path)
        r = c.getresponse()
        return r.status, r.read().decode()
    finally:
        c.close()


def wait(test, what):
    limit = time.monotonic() + 15
    while True:
        try:
            value = test()
            if value:
                return value
        except (OSError, ValueError):
            pass
        if time.monotonic() > limit:
            raise AssertionError(what)
        time.sleep(0.05)


def insist(port):
    """Ask until it is answered; how often that was."""
    for n in itertools.count(1):
        status, text = get(port, '/rib')
        if status == 200:
            assert len(json.loads(text)['rib']) == 50, text
            return n
        assert status == 503 and n < 2000, (status, n)
        time.sleep(0.01)


def children(pid):
    text = pathlib.Path('/proc/%d/task/%d/children' % (pid, pid)).read_text()
    return text.split()


def main():
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    binary = sys.argv[1]
    with tempfile.TemporaryDirectory(prefix='bgpd-lg.') as temp:
        folder = pathlib.Path(temp)
        folder.chmod(0o755)
        bgp, port = free_port(), free_port()
        (folder / 'bgpd.conf').write_text(CONF % (bgp, temp, temp))
        user = ['-u', 'nobody'] if os.geteuid() == 0 else []
        daemon = subprocess.Popen([binary + '/bgpd', '-d', '-f',
                                   temp + '/bgpd.conf'] + user)
        glass = subprocess.Popen(
            [binary + '/bgplgd', '-p', str(port), '-b', binary + '/bgpctl',
             '-s', temp + '/rsock'] + user)
        try:
            return run(folder, glass, bgp, port)
        finally:
            for process in (glass, daemon):
                process.terminate()
            for process in (glass, daemon):
                process.wait(20)


def run(folder, glass, bgp, port):
    speaker = Speaker('127.0.0.2', '127.0.0.1', bgp)
    speaker.establish(65002, router_id='192.0.2.2')
    speaker.send(update(
        attribute(0x40, 1, b'\0') +
        attribute(0x40, 2, b'\x02\x01' + struct.pack('!I', 65002)) +
        attribute(0x40, 3, bytes((192, 0, 2, 2))) +
        attribute(0xc0, 8, b'\0\1\0\2'),
        b''.join(prefix('10.%d.0.0/16' % i) for i in range(50))))
    rib = wait(lambda: json.loads(get(port, '/rib?prefix=10.7.0.0/16')[1])
               ['rib'], 'a route')
    assert rib[0]['prefix'] == '10.7.0.0/16', rib
    assert rib[0]['communities'] == ['1:2'], rib
    assert len(json.loads(get(
        port, '/rib?prefix=10.0.0.0/8&all=1')[1])['rib']) == 50
    assert len(json.loads(get(port, '/rib?source_as=65002')[1])['rib']) == 50
    assert json.loads(get(port, '/rib?neighbor=192.0.2.99')[1])['rib'] == []
    neighbors = json.loads(get(port, '/neighbors')[1])['neighbors']
    assert neighbors[0]['description'] == 'first', neighbors
    assert len(json.loads(get(port, '/neighbors?neighbor=127.0.0.2')[1])[
        'neighbors']) == 1
    assert json.loads(get(port, '/summary')[1])['neighbors'][0][
        'state'] == 'Established'
    for path in ('/memory', '/nexthops', '/sets'):
        json.loads(get(port, path)[1])
    lint(get(port, '/metrics')[1])
    for path, status in (
            ('/nothing', 404), ('/rib?prefix=10.7.0.0/16;id', 400),
            ('/rib?prefix=-s', 400), ('/rib?what=1', 400),
            ('/summary?neighbor=127.0.0.2', 400), ('/rib?best=yes', 400),
            ('/rib?prefix=' + 'a' * 200, 400), ('/..%2f', 404)):
        assert get(port, path)[0] == status, (path, get(port, path))
    assert get(port, '/summary', 'POST')[0] in (405, 501)
    assert get(port, '/' + 'a' * 20000)[0] >= 400
    page = get(port, '/')
    assert page[0] == 200 and 'Looking glass' in page[1]
    # Many at once are answered or told to come again; none is lost.
    with concurrent.futures.ThreadPoolExecutor(40) as pool:
        asked = list(pool.map(lambda _: insist(port), range(120)))
    # Clients that leave in the middle leave nothing behind.
    for _ in range(20):
        s = socket.create_connection(('127.0.0.1', port))
        s.sendall(b'GET /rib HTTP/1.1\r\nHost: x\r\n\r\n')
        s.close()
    wait(lambda: not children(glass.pid), 'children are gone')
    browser = shutil.which('chromium')
    if browser:
        look(folder, browser, port)
    print('120 of 120 asked at once answered, %d at once, %s' % (
        asked.count(1), 'page seen in Chromium' if browser else
        'no Chromium'))
    return 0


def look(folder, browser, port):
    """The page as the browser makes it."""
    flags = ['--headless', '--no-sandbox', '--disable-gpu', '--disable-quic',
             '--no-first-run', '--disable-background-networking',
             '--disable-component-update', '--disable-sync',
             '--user-data-dir=%s/chromium' % folder,
             '--virtual-time-budget=5000']
    shot = os.environ.get('LG_SCREENSHOT')
    url = 'http://127.0.0.1:%d/' % port
    if shot:
        subprocess.run([browser] + flags + ['--screenshot=' + shot,
                                            '--window-size=1000,700', url],
                       capture_output=True, timeout=60)
    dom = subprocess.run([browser] + flags + ['--dump-dom', url],
                         capture_output=True, text=True, timeout=60).stdout
    assert '<td>first</td>' in dom and 'Established' in dom, dom[-2000:]
    assert '<td class="n">50</td>' in dom, dom[-2000:]


if __name__ == '__main__':
    sys.exit(main())
