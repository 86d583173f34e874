# SPDX-License-Identifier: ISC
"""What a daemon costs: CPU seconds and memory over all its processes, and
the load generator that it is measured with."""
import json
import os
import pathlib
import subprocess
import threading
import time

TICKS = os.sysconf('SC_CLK_TCK')


def cpu_seconds(pids):
    """User and system seconds of living processes, threads included."""
    total = 0
    for pid in pids:
        try:
            stat = pathlib.Path('/proc/%d/stat' % pid).read_text()
        except OSError:
            continue
        fields = stat.rpartition(')')[2].split()
        total += int(fields[11]) + int(fields[12])
    return total / TICKS


def pss_bytes(pids):
    """Memory with shared pages counted in parts."""
    total = 0
    for pid in pids:
        try:
            with open('/proc/%d/smaps_rollup' % pid, encoding='ascii') as f:
                for line in f:
                    if line.startswith('Pss:'):
                        total += int(line.split()[1]) * 1024
        except OSError:
            continue
    return total


class Meter:
    """CPU and memory of a daemon while a piece of work is done."""

    def __init__(self, daemon):
        self.daemon = daemon
        self.base = pss_bytes(daemon.pids())

    def __enter__(self):
        self.pids = self.daemon.pids()
        self.cpu = cpu_seconds(self.pids)
        self.peak = pss_bytes(self.pids)
        self.ends = threading.Event()
        self.thread = threading.Thread(target=self.sample)
        self.thread.start()
        return self

    def sample(self):
        while not self.ends.wait(0.2):
            self.peak = max(self.peak, pss_bytes(self.pids))

    def __exit__(self, *_):
        # What is done after the last route arrived is work, too.
        self.settle()
        self.ends.set()
        self.thread.join()
        self.pids = self.daemon.pids()
        self.cpu = cpu_seconds(self.pids) - self.cpu
        self.settled = pss_bytes(self.pids)
        self.peak = max(self.peak, self.settled)

    def settle(self, quiet=0.3, limit=15):
        """Until no CPU time is used for a while."""
        end = time.monotonic() + limit
        before = -1
        while time.monotonic() < end:
            now = cpu_seconds(self.pids)
            if now == before:
                return
            before = now
            time.sleep(quiet)


class Load:
    """bench_load, driven by lines."""

    def __init__(self, binary, address, port, asn, transparent=False):
        self.process = subprocess.Popen(
            [binary], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
            text=True, bufsize=1)
        self.say('daemon %s %d %d%s' % (address, port, asn,
                                        ' transparent' if transparent
                                        else ''))

    def say(self, line):
        self.process.stdin.write(line + '\n')

    def ask(self, line):
        self.say(line)
        answer = self.process.stdout.readline()
        if not answer:
            raise RuntimeError('the load generator ended at: ' + line)
        return json.loads(answer)

    def add(self, peers):
        for p in peers:
            role = 'count' if p.role == 'both' else p.role
            self.say('speaker %s %s %d %d %s' %
                     (p.name, p.address, p.asn, p.hold, role))

    def cpu(self):
        return cpu_seconds([self.process.pid])

    def close(self):
        try:
            self.say('quit')
            self.process.stdin.close()
        except BrokenPipeError:
            pass
        try:
            self.process.wait(10)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        self.process.stdout.close()
