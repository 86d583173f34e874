#!/usr/bin/env python3
# SPDX-License-Identifier: ISC
"""Run the recorded cases of ../shared/conformance/wire against exabgp.

For each case a fake peer is played (it answers an OPEN with the same OPEN,
the last byte of the router id plus one, and each message with a KEEPALIVE)
and what the daemon sends must be what was recorded: groups of one step in
any order, steps in order.

usage: recorded.py EXABGP CASES [--mode split|solo] [--jobs N] [NAME...]
Exit status 0 when all pass, 77 when there are no cases.
"""
import argparse
import concurrent.futures
import json
import os
import pathlib
import signal
import socket
import struct
import subprocess
import sys
import tempfile
import threading
import time

MARKER = b'\xff' * 16
OPEN, UPDATE, NOTIFICATION, KEEPALIVE, REFRESH = 1, 2, 3, 4, 5

# 0.0.0.0/32 next-hop 127.0.0.1 origin igp local-preference 100
DEFAULT_ROUTE = bytes.fromhex('00000015' '40010100' '400200'
                              '4003047F000001' '40050400000064' '2000000000')

# Times between lines are longer than recorded, for busy machines.
SLOWER = 2.5

# Says the recorded lines, those of one instant in one write, and the next
# ones some time after they were read; then, when it has heard something or
# waited in vain, what the case expects beyond them.
PROGRAM = '''#!/usr/bin/env python3
import fcntl, os, struct, sys, termios, threading, time
batches = {batches!r}
rest = {rest!r}
heard = threading.Event()
start = time.monotonic()
def drain():
    while os.read(0, 65536):
        heard.set()
    os._exit(0)
threading.Thread(target=drain, daemon=True).start()
def unread():
    return struct.unpack('i', fcntl.ioctl(1, termios.FIONREAD, bytes(4)))[0]
for at, text in batches:
    time.sleep(max(0, start + {delay} + at * {slower} - time.monotonic()))
    sys.stdout.write(text)
    sys.stdout.flush()
    late = time.monotonic()
    while unread():
        time.sleep(0.01)
    start += time.monotonic() - late
if rest:
    heard.wait(3)
    time.sleep(0.5)
for text in rest:
    sys.stdout.write(text + '\\n')
    sys.stdout.flush()
    time.sleep(0.2)
threading.Event().wait({timeout})
'''


# These programs are a shell script each: our own health checker. The check
# succeeds once and then fails.
HEALTHCHECK = {
    './run/api-healthcheck-module.run': """#!/bin/sh
seen=$(mktemp -u)
exec "{exabgp}" healthcheck --name case --no-syslog --no-ip-setup \\
    --ip 10.0.0.1/32 --interval 0.3 --fast-interval 0.1 --rise 1 --fall 1 \\
    --withdraw-on-down --debounce --command "mkdir $seen"
""",
}


class Mismatch(Exception):
    pass


def message(kind, body=b''):
    return MARKER + struct.pack('!HB', 19 + len(body), kind) + body


class Peer:
    """The fake peer of one case."""

    def __init__(self, case, family):
        self.case = case
        self.options = case['options']
        self.failure = None
        self.done = threading.Event()
        self.daemon = None
        self.lock = threading.Lock()
        self.seen = []
        self.sessions = self.expectations()
        self.next_session = 0
        self.sock = socket.socket(family, socket.SOCK_STREAM)
        self.sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        host = '::1' if family == socket.AF_INET6 else '127.0.0.1'
        self.sock.bind((host, 0))
        self.port = self.sock.getsockname()[1]
        self.sock.listen(8)
        threading.Thread(target=self.accept, daemon=True).start()

    def expectations(self):
        """Connection letter -> ordered list of groups of (kind, value)."""
        letters = {}
        for e in self.case['expect']:
            if e['kind'] not in ('raw', 'notification', 'signal'):
                continue
            steps = letters.setdefault(e['connection'], {})
            value = e['value']
            if e['kind'] == 'raw':
                value = value.replace(':', '').upper()
                if not value.startswith('FF' * 16):
                    value = 'FF' * 16 + value
            steps.setdefault(e['step'], []).append((e['kind'], value))
        return [[steps[s] for s in sorted(steps)]
                for _, steps in sorted(letters.items())]

    def fail(self, text):
        if self.failure is None and not self.done.is_set():
            self.failure = text
        self.done.set()

    def accept(self):
        while not self.done.is_set():
            try:
                conn, _ = self.sock.accept()
            except OSError:
                return
            threading.Thread(target=self.guard, args=(conn,),
                             daemon=True).start()

    def guard(self, conn):
        try:
            self.session(conn)
        except (OSError, EOFError):
            pass
        except Mismatch as e:
            self.fail(str(e))
        finally:
            conn.close()

    def read(self, conn):
        header = self.exact(conn, 19)
        length, kind = struct.unpack('!HB', header[16:])
        return kind, header + self.exact(conn, length - 19)

    @staticmethod
    def exact(conn, n):
        data = b''
        while len(data) < n:
            piece = conn.recv(n - len(data))
            if not piece:
                raise EOFError
            data += piece
        return data

    def our_open(self, theirs):
        body = bytearray(theirs[19:])
        body[8] = (body[8] + 1) & 0xff
        asn = self.options.get('asn')
        if asn:
            n = int(asn[0])
            struct.pack_into('!H', body, 1, n if n < 65536 else 23456)
            at = bytes(body).find(b'\x41\x04')
            if at >= 0:
                struct.pack_into('!I', body, at + 2, n)
        if 'send-unknown-capability' in self.options.get('open', []):
            extra = b'\x02\x06\x66\x04\xde\xad\xbe\xef'
            body += extra
            body[9] += len(extra)
        return message(OPEN, bytes(body))

    def session(self, conn):
        with self.lock:
            index = self.next_session
            self.next_session += 1
        groups = self.sessions[index] if index < len(self.sessions) else []
        kind, theirs = self.read(conn)
        if kind != OPEN:
            raise Mismatch('first message is no OPEN')
        first = groups[0] if groups else []
        if any(k == 'raw' and bytes.fromhex(v)[18] == OPEN for k, v in first):
            self.match(groups, theirs)
        if 'send-unknown-message' in self.options.get('open', []):
            conn.sendall(message(255))
        conn.sendall(self.our_open(theirs) + message(KEEPALIVE))
        if 'send-default-route' in self.options.get('update', []):
            conn.sendall(message(UPDATE, DEFAULT_ROUTE))
        updates = []
        self.perform(conn, groups)
        while True:
            kind, data = self.read(conn)
            if kind == KEEPALIVE:
                self.finish()
                continue
            if kind == UPDATE:
                updates.append(data)
            self.match(groups, data)
            conn.sendall(message(KEEPALIVE))
            if kind == REFRESH:
                conn.sendall(b''.join(updates))
            self.perform(conn, groups)
            self.finish()

    def match(self, groups, data):
        text = data.hex().upper()
        self.seen.append(text)
        if not groups:
            if data[18] == UPDATE and len(data) in (23, 30):
                return
            raise Mismatch('not expected: %s' % text)
        for item in groups[0]:
            if item == ('raw', text):
                groups[0].remove(item)
                break
        else:
            raise Mismatch('expected one of %s\n  found %s' %
                           ([v for _, v in groups[0]], text))
        while groups and not groups[0]:
            groups.pop(0)

    def perform(self, conn, groups):
        """Carry out what the peer itself is to do now."""
        while groups:
            for item in [i for i in groups[0] if i[0] != 'raw']:
                groups[0].remove(item)
                kind, value = item
                if kind == 'notification':
                    data = value.encode()
                    conn.sendall(message(NOTIFICATION, bytes((6, 2, len(
                        data))) + data))
                else:
                    os.kill(self.daemon.pid, getattr(signal, value))
            if groups[0]:
                return
            groups.pop(0)

    def finish(self):
        if all(not g for g in self.sessions):
            self.done.set()


def write_programs(case, folder, exabgp):
    names = dict(case['transcripts'])
    for conf in case['configs']:
        for word in (folder / conf).read_text().split():
            word = word.rstrip(';')
            if word.endswith('.run'):
                names.setdefault(word, [])
    said = ' '.join(e['line'] for lines in names.values() for e in lines)
    rest = [e['value'] for e in case['expect'] if e['kind'] == 'cmd' and
            e['value'].startswith(('announce route ', 'announce ipv'))]
    configured = ' '.join((folder / c).read_text() for c in case['configs'])
    rest = [r for r in rest
            if r.split()[2 + ('route' not in r.split()[1])]
            not in said + ' ' + configured]
    for name, lines in names.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        if name in HEALTHCHECK:
            path.write_text(HEALTHCHECK[name].format(exabgp=exabgp))
            path.chmod(0o755)
            continue
        batches = {}
        for e in lines:
            batches[e['at']] = batches.get(e['at'], '') + e['line'] + '\n'
        path.write_text(PROGRAM.format(
            batches=sorted(batches.items()), rest=rest, delay=0.2,
            slower=SLOWER,
            timeout=60))
        path.chmod(0o755)
        rest = []


def run_case(args, name):
    cases = pathlib.Path(args.cases)
    case = json.loads((cases / (name + '.json')).read_text())
    v6 = 'ipv6' in case['options'].get('bind', [])
    with tempfile.TemporaryDirectory(prefix='bgpd-case.') as temp:
        folder = pathlib.Path(temp)
        folder.chmod(0o755)
        for conf in case['configs']:
            (folder / conf).write_text((cases / conf).read_text())
        write_programs(case, folder, args.exabgp)
        peer = Peer(case, socket.AF_INET6 if v6 else socket.AF_INET)
        env = dict(os.environ, exabgp_tcp_port=str(peer.port),
                   exabgp_api_version='4', exabgp_tcp_bind='',
                   exabgp_api_cli='false', exabgp_debug_rotate='true',
                   exabgp_tcp_attempts='0',
                   exabgp_version='5.0.0-0+test')
        command = [args.exabgp] + (['-S'] if args.mode == 'solo' else []) + [
            '-d', '-p'] + case['configs']
        with open(folder / 'log', 'w+') as log:
            peer.daemon = subprocess.Popen(
                command, cwd=folder, env=env, stdout=log, stderr=log)
            limit = 20 + sum(1 for e in case['expect'] if e['kind'] == 'raw')
            peer.done.wait(min(limit, 60))
            if not peer.done.is_set():
                rest = [g for s in peer.sessions for g in s]
                peer.fail('time is up, not seen: %s' % rest[:1])
            peer.daemon.terminate()
            try:
                peer.daemon.wait(30)
            except subprocess.TimeoutExpired:
                peer.daemon.kill()
                peer.daemon.wait()
                peer.failure = 'the daemon did not end'
            peer.sock.close()
            log.seek(0)
            return name, peer.failure, log.read()


def main():
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    parser = argparse.ArgumentParser()
    parser.add_argument('exabgp')
    parser.add_argument('cases')
    parser.add_argument('--mode', default='split', choices=('split', 'solo'))
    parser.add_argument('--jobs', type=int, default=4)
    parser.add_argument('--skip', action='append', default=[])
    parser.add_argument('-v', action='store_true')
    parser.add_argument('names', nargs='*')
    args = parser.parse_args()
    args.exabgp = os.path.abspath(args.exabgp)
    folder = pathlib.Path(args.cases)
    names = args.names or sorted(p.stem for p in folder.glob('*.json'))
    names = [n for n in names if n not in args.skip]
    if not names:
        print('no recorded cases in', folder)
        return 77
    passed = 0
    with concurrent.futures.ThreadPoolExecutor(args.jobs) as pool:
        jobs = [pool.submit(run_case, args, name) for name in names]
        for job in jobs:
            name, failure, log = job.result()
            passed += failure is None
            if failure is not None:
                print('FAIL', name, '\n ', failure)
            if args.v:
                print(log)
    print('%d of %d recorded cases pass (%s)' %
          (passed, len(names), args.mode))
    return 0 if passed == len(names) else 1


if __name__ == '__main__':
    sys.exit(main())
