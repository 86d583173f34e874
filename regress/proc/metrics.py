#!/usr/bin/env python3
# SPDX-License-Identifier: ISC
"""bgpctl show metrics: OpenMetrics, read as strictly as its text says, and
the numbers of a session that is up.

usage: metrics.py BIN
"""
import os
import pathlib
import re
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, os.path.join(os.path.dirname(__file__), '..'))
from speaker import (Speaker, attribute, free_port,  # noqa: E402
                     prefix, update)

CONF = '''AS 65001
router-id 192.0.2.1
fib-update no
listen on 127.0.0.1 port %d
socket "%s"
neighbor 127.0.0.2 {
	descr "first"
	remote-as 65002
	passive
	announce IPv4 unicast
}
group "others" {
	neighbor 127.0.0.3 {
		remote-as 65003
		passive
	}
}
allow from any
'''
SAMPLE = re.compile(r'([a-zA-Z_:][a-zA-Z0-9_:]*)'
                    r'(?:\{((?:[a-zA-Z_]\w*="(?:[^"\\\n]|\\["\\n])*"'
                    r'(?:,(?=[a-zA-Z]))?)*)\})? (\d+)')
SUFFIX = {'gauge': '', 'counter': '_total', 'info': '_info', 'stateset': ''}


def lint(text):
    """{sample with labels: value}; an AssertionError where it is not
    OpenMetrics."""
    assert text.endswith('# EOF\n'), text[-40:]
    found, families, family, kind = {}, set(), None, None
    for line in text.splitlines()[:-1]:
        if line.startswith('# HELP '):
            family = line.split(' ')[2]
            assert family not in families, 'twice: ' + family
            families.add(family)
            continue
        if line.startswith('# TYPE '):
            _, _, name, kind = line.split(' ')
            assert name == family and kind in SUFFIX, line
            continue
        m = SAMPLE.fullmatch(line)
        assert m, line
        assert m.group(1) == family + SUFFIX[kind], line
        key = m.group(1) + '{' + (m.group(2) or '') + '}'
        assert key not in found, 'twice: ' + key
        found[key] = int(m.group(3))
    return found


def main():
    binary = sys.argv[1]
    with tempfile.TemporaryDirectory(prefix='bgpd-metrics.') as temp:
        folder = pathlib.Path(temp)
        folder.chmod(0o755)
        port = free_port()
        conf = folder / 'bgpd.conf'
        conf.write_text(CONF % (port, folder / 'sock'))
        user = ['-u', 'nobody'] if os.geteuid() == 0 else []
        daemon = subprocess.Popen([binary + '/bgpd', '-d', '-f', str(conf)] +
                                  user)
        try:
            return run(binary, folder, port)
        finally:
            daemon.terminate()
            daemon.wait(20)


def run(binary, folder, port):
    speaker = Speaker('127.0.0.2', '127.0.0.1', port)
    speaker.establish(65002, router_id='192.0.2.2')
    speaker.send(update(
        attribute(0x40, 1, b'\0') +
        attribute(0x40, 2, b'\x02\x01' + (65002).to_bytes(4, 'big')) +
        attribute(0x40, 3, bytes((192, 0, 2, 2))),
        prefix('10.0.0.0/8') + prefix('11.0.0.0/8')))
    first = '{remote_addr="127.0.0.2",remote_as="65002",description="first"'
    limit = time.monotonic() + 30
    while True:
        done = subprocess.run(
            [binary + '/bgpctl', '-s', str(folder / 'sock'), 'show',
             'metrics'], capture_output=True, text=True)
        found = lint(done.stdout)
        if found.get('bgpd_peer_prefixes_receive%s}' % first) == 2:
            break
        assert time.monotonic() < limit, done.stdout
        time.sleep(0.05)
    assert done.returncode == 0
    assert found['bgpd_peer_message_receive_total%s,messages="open"}' %
                 first] == 1
    assert found['bgpd_peer_update_receive_total%s}' % first] == 2
    assert found['bgpd_peer_state%s,bgpd_peer_state="Established"}' %
                 first] == 1
    other = '{remote_addr="127.0.0.3",remote_as="65003",group="others"}'
    assert found['bgpd_peer_info' + other] == 1
    assert found['bgpd_rde_memory_usage_objects{type="prefix"}'] == 2
    speaker.close()
    print('%d samples' % len(found))
    return 0


if __name__ == '__main__':
    sys.exit(main())
