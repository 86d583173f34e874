#!/usr/bin/env python3
# SPDX-License-Identifier: ISC
"""Drive `exabgp healthcheck` as a daemon would: read what it announces,
answer, and change what its check finds.

usage: healthcheck.py EXABGP
"""
import os
import pathlib
import queue
import signal
import subprocess
import sys
import tempfile
import threading
import time

FAST = ['--no-syslog', '--no-ip-setup', '--interval', '0.05',
        '--fast-interval', '0.02']


class Checker:
    """The program, its folder, and the daemon's side of its pipes."""

    def __init__(self, exabgp, *options, answer='done', command=None):
        self.temp = tempfile.TemporaryDirectory(prefix='bgpd-health.')
        self.folder = pathlib.Path(self.temp.name)
        self.good = self.folder / 'good'
        self.disabled = self.folder / 'disabled'
        options = [o.replace('FOLDER', str(self.folder)) for o in options]
        if command is None:
            command = ['--command', 'test -e %s' % self.good,
                       '--disable', str(self.disabled)]
        self.answer = answer
        self.lines = queue.Queue()
        self.process = subprocess.Popen(
            [exabgp, 'healthcheck', *FAST, *command, *options],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE,
            stderr=open(self.folder / 'log', 'w'), text=True, bufsize=1)
        threading.Thread(target=self.read, daemon=True).start()

    def read(self):
        for line in self.process.stdout:
            if self.answer:
                try:
                    self.process.stdin.write(self.answer + '\n')
                    self.process.stdin.flush()
                except OSError:
                    pass
            self.lines.put(line.strip())
        self.lines.put(None)

    def next(self, seconds=30):
        return self.lines.get(timeout=seconds)

    def until(self, want, n=40):
        """Read up to the line that is wanted; older repeats may come."""
        seen = []
        for _ in range(n):
            seen.append(self.next())
            if seen[-1] == want:
                return
        raise AssertionError('wanted %r\n  saw %r' % (want, seen[-3:]))

    def log(self):
        return (self.folder / 'log').read_text()

    def end(self):
        if self.process.poll() is None:
            self.process.terminate()
        self.process.wait(30)
        self.temp.cleanup()
        return self.process.returncode


def line(verb, ip, rest='', neighbor='*', nexthop='self'):
    return 'neighbor %s %s route %s next-hop %s%s' % (
        neighbor, verb, ip, nexthop, rest)


def rise_and_fall(exabgp):
    c = Checker(exabgp, '--ip', '10.0.0.1', '--debounce')
    assert c.next() == line('announce', '10.0.0.1/32', ' med 1000')
    c.good.touch()
    assert c.next() == line('announce', '10.0.0.1/32', ' med 100')
    c.disabled.touch()
    assert c.next() == line('announce', '10.0.0.1/32', ' med 500')
    c.disabled.unlink()
    assert c.next() == line('announce', '10.0.0.1/32', ' med 100')
    c.process.send_signal(signal.SIGTERM)
    assert c.next() == line('withdraw', '10.0.0.1/32')
    assert c.next() is None
    log = c.log()
    assert 'INIT -> FALLING' in log and 'RISING -> UP' in log, log
    assert 'UP -> EXIT' in log, log
    assert c.end() == 0


def withdraw_and_repeat(exabgp):
    c = Checker(exabgp, '--ip', '10.0.0.1', '--ip', '2001:db8::1/128',
                '--withdraw-on-down', '--rise', '1', '--fall', '1')
    c.good.touch()
    c.until(line('announce', '10.0.0.1/32', ' med 100'))
    assert c.next() == line('announce', '2001:db8::1/128', ' med 101')
    assert c.next() == line('announce', '10.0.0.1/32', ' med 100')
    c.good.unlink()
    c.until(line('withdraw', '10.0.0.1/32'))
    assert c.next() == line('withdraw', '2001:db8::1/128')
    c.end()


def attributes(exabgp):
    c = Checker(exabgp, '--ip', '10.0.0.0/30', '--deaggregate-networks',
                '--start-ip', '1', '--increase', '5', '--up-metric', '7',
                '--community', '65000:1', '--disabled-community', '65000:2',
                '--large-community', '1:2:3', '--extended-community',
                'target:1:2', '--as-path', '1 2', '--up-as-path', '3',
                '--local-preference', '50', '--path-id', '9', '--neighbor',
                '192.0.2.1', '--next-hop', '192.0.2.9', '--debounce',
                '--rise', '1', '--fall', '1')
    both = ' path-information 9'
    tail = ' extended-community [ target:1:2 ] large-community [ 1:2:3 ]'
    first = c.next()
    assert first == line(
        'announce', '10.0.0.1/32', both + ' med 1000 local-preference 50 '
        'community [ 65000:2 ]' + tail + ' as-path [ 1 2 ]', '192.0.2.1',
        '192.0.2.9'), first
    c.good.touch()
    for i in (2, 3, 0):
        assert ' route 10.0.0.%d/32 ' % i in c.next()
    assert c.next() == line(
        'announce', '10.0.0.1/32', both + ' med 7 local-preference 50 '
        'community [ 65000:1 ]' + tail + ' as-path [ 3 ]', '192.0.2.1',
        '192.0.2.9')
    assert ' med 12 ' in c.next()
    c.end()


def config_and_hooks(exabgp):
    with tempfile.TemporaryDirectory() as folder:
        path = pathlib.Path(folder, 'options')
        path.write_text('# of the check\ndebug\nname = web\n'
                        'ip = 10.0.0.9\ncommand = true\ninterval = 7\n'
                        'up-metric=55\n')
        out = pathlib.Path(folder, 'states')
        c = Checker(exabgp, '--config', str(path), '--interval', '0',
                    '--up-execute', 'echo up $STATE >> %s' % out,
                    '--execute', 'echo $STATE >> %s' % out, command=[])
        c.until(line('announce', '10.0.0.9/32', ' med 55'))
        while c.next() is not None:
            pass
        assert out.read_text().split('\n')[:2] == ['up UP', 'UP']
        log = c.log()
        assert 'healthcheck-web: ' in log, log
        assert c.end() == 0


def slow_check_and_errors(exabgp):
    c = Checker(exabgp, '--ip', '10.0.0.1', '--timeout', '0.1', '--fall', '1',
                '--debounce', answer='error', command=[
                    '--command', 'sleep 100 & sleep 100'])
    assert c.next() == line('announce', '10.0.0.1/32', ' med 1000')
    deadline = time.monotonic() + 30
    while 'refused' not in c.log() and time.monotonic() < deadline:
        time.sleep(0.02)
    assert 'took too long' in c.log() and 'refused' in c.log(), c.log()
    # The daemon has gone: so does the checker.
    c.process.stdin.close()
    c.process.wait(30)
    c.end()


def refusals(exabgp):
    for options in (['--ip', 'nonsense'], ['--rise', 'x'], ['--what'],
                    ['--label', 'nobody-has-this-label']):
        got = subprocess.run([exabgp, 'healthcheck', '--no-syslog', *options],
                             stdin=subprocess.DEVNULL, capture_output=True,
                             timeout=30, text=True)
        assert got.returncode == 1 and got.stderr, options


def main():
    exabgp = os.path.abspath(sys.argv[1])
    for test in (rise_and_fall, withdraw_and_repeat, attributes,
                 config_and_hooks, slow_check_and_errors, refusals):
        test(exabgp)
        print('ok', test.__name__)
    return 0


if __name__ == '__main__':
    sys.exit(main())
