#!/usr/bin/env python3
# SPDX-License-Identifier: ISC
"""bgpctl reads MRT files: what the daemon wrote of its table is what it says
of it itself, bgpdump sees the same in the same file, networks of a dump are
announced by another daemon, and broken files are told as such.

usage: mrt_read.py BIN [KEEP]
KEEP: a folder that the daemon's files are copied to (seeds of the fuzzer).
Parts that need bgpdump, or real tables in BGPD_SHARED, are left out without.
"""
import gzip
import json
import os
import pathlib
import shutil
import signal
import struct
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, os.path.join(os.path.dirname(__file__), '..'))
from speaker import (Speaker, attribute, free_port, prefix,  # noqa: E402
                     update)

BIN = os.path.abspath(sys.argv[1])
ROOT = pathlib.Path(__file__).resolve().parents[2]
SHARED = pathlib.Path(os.environ.get('BGPD_SHARED', ROOT.parent / 'shared'))
DATA = SHARED / 'data'
CONF = '''AS 65001
router-id 192.0.2.1
fib-update no
listen on 127.0.0.1 port %(port)d
socket "%(folder)s/sock"
dump all in "%(folder)s/in"
dump all out "%(folder)s/out"
dump rib Adj-RIB-In table-v2 "%(folder)s/in-table" 1
dump table-v2 "%(folder)s/table" 1
network 203.0.113.0/24
network 2001:db8:ffff::/48
neighbor 127.0.0.2 {
	remote-as 65002
	passive
	announce IPv4 unicast
	announce IPv6 unicast
}
neighbor 127.0.0.3 {
	remote-as 65003
	passive
	announce add-path recv yes
}
allow from any
allow to any
'''
OTHER = '''AS 65009
router-id 192.0.2.9
fib-update no
listen on 127.0.0.1 port %(port)d
socket "%(folder)s/other"
neighbor 127.0.0.4 {
	remote-as 65004
	passive
}
'''


def wait(test, what, seconds=40):
    limit = time.monotonic() + seconds
    while True:
        value = test()
        if value:
            return value
        if time.monotonic() > limit:
            raise AssertionError('not in time: ' + what)
        time.sleep(0.1)


def ctl(*words, **more):
    return subprocess.run([BIN + '/bgpctl'] + [str(w) for w in words],
                          capture_output=True, timeout=60,
                          **dict({'text': True}, **more))


def good(*words, **more):
    r = ctl(*words, **more)
    assert r.returncode == 0 and not r.stderr, (words, r)
    return r.stdout


def rib(*words, sock=None):
    return json.loads(good(*(['-s', sock] if sock else []), '-j',
                           *words))['rib']


def path(*numbers):
    return attribute(0x40, 2, bytes((2, len(numbers))) + struct.pack(
        '!%dI' % len(numbers), *numbers))


def routes(a, b):
    """Of two neighbors; the second sends path identifiers."""
    origin = attribute(0x40, 1, b'\0')
    hop = attribute(0x40, 3, bytes((192, 0, 2, 2)))
    reach = attribute(0x80, 14, struct.pack('!HBB', 2, 1, 16) + bytes.fromhex(
        '20010db8000000000000000000000002') + b'\0' + bytes.fromhex(
            '2020010db8') + bytes.fromhex('3020010db80001'))
    a.send(update(origin + path(65002, 3356) + hop +
                  attribute(0x80, 4, struct.pack('!I', 5)) +
                  attribute(0xc0, 8, b'\0\1\0\2\xff\xff\xff\1') +
                  attribute(0xc0, 16, bytes.fromhex('0002fde800000007')) +
                  attribute(0xc0, 32, struct.pack('!III', 65002, 1, 2)) +
                  attribute(0xc0, 99, b'\1\2\3'),
                  prefix('10.0.0.0/8') + prefix('10.1.0.0/16')) +
           update(origin + path(65002) + reach) +
           update(origin + path(65002, 174, 3356) + hop,
                  prefix('10.2.0.0/16')) +
           update(withdrawn=prefix('10.3.0.0/16')))
    for number, via in ((7, 3356), (8, 174)):
        b.send(update(origin + path(65003, via) + attribute(
            0x40, 3, bytes((192, 0, 2, number))),
            struct.pack('!I', number) + prefix('10.2.0.0/16')))


def shown(entry):
    """What a file has of a route, too: not ages, flags, validation."""
    kept = {k: entry.get(k) for k in (
        'prefix', 'family', 'aspath', 'exit_nexthop', 'origin', 'metric',
        'localpref', 'communities', 'large_communities',
        'extended_communities', 'attributes')}
    # In a dump our own address is the unspecified one of the family.
    if kept['exit_nexthop'] == '::':
        kept['exit_nexthop'] = '0.0.0.0'
    kept['neighbor'] = {k: entry['neighbor'][k] for k in
                        ('remote_addr', 'bgp_id')}
    if not is_own(entry):
        return kept
    kept['neighbor'] = None
    return kept


def is_own(entry):
    return entry['neighbor']['remote_addr'] == '0.0.0.0'


def ordered(entries):
    return sorted((shown(e) for e in entries), key=json.dumps)


def round_trip(folder, keep):
    """Loc-RIB and Adj-RIB-In, from the daemon and from its files."""
    sock = folder / 'sock'
    for name, words in (('table', ()), ('in-table', ('in',))):
        told = ordered(rib('show', 'rib', 'detail', *words, sock=sock))
        found = []

        def is_same():
            shutil.copy(folder / name, folder / (name + '.kept'))
            r = ctl('-j', 'show', 'mrt', 'detail', 'file',
                    folder / (name + '.kept'))
            if r.returncode != 0:       # it is being written
                return False
            found[:] = [ordered(json.loads(r.stdout)['rib'])]
            return found[0] == told
        try:
            wait(is_same, name)
        except AssertionError:
            print(json.dumps(told, indent=1), json.dumps(found, indent=1))
            raise
        assert len(told) >= 5, told
        if keep:
            shutil.copy(folder / (name + '.kept'), keep)
    entries = rib('show', 'mrt', 'file', folder / 'in-table.kept')
    assert sorted(e['path_id'] for e in entries if 'path_id' in e) == [7, 8]
    assert all('last_update_sec' not in e and
               e['last_update'].endswith('Z') for e in entries), entries


def filters(folder):
    """As those of show rib, in the daemon's own dumps."""
    table = folder / 'table.kept'
    for words, wanted in (
            (('as', '3356'), 4), (('as', '1'), 0), (('peer-as', '65002'), 5),
            (('source-as', '3356'), 4), (('transit-as', '65002'), 3),
            (('transit-as', '3356'), 0), (('empty-as',), 2),
            (('neighbor', '127.0.0.2'), 5), (('inet',), 6), (('IPv6',), 3),
            (('10.1.0.0/16',), 1), (('10.0.0.0/8', 'or-longer'), 5),
            (('10.0.0.0/8', 'all', 'as', '174'), 2),
            (('10.1.1.0/24', 'or-shorter'), 2), (('10.1.1.1',), 2),
            (('10.0.0.0/8', 'or-longer', 'neighbor', '127.0.0.3'), 2),
            (('2001:db8::/32', 'longer-prefixes'), 3)):
        found = rib('show', 'mrt', *words, 'file', table)
        named = [(e['prefix'], e['aspath'], e['neighbor']) for e in found]
        assert len(found) == wanted, (words, named)
        assert found == rib('show', 'mrt', 'file', table, *words)
    # Standard input, text, and what a terminal shows.
    with open(table, 'rb') as f:
        text = good('show', 'mrt', '10.1.0.0/16', stdin=f)
    assert text == good('show', 'mrt', '10.1.0.0/16', 'file', table)
    line = text.splitlines()[-1]
    assert line == '      N-? 10.1.0.0/16          192.0.2.2         100' \
        '     5 65002 3356 i', line
    text = good('show', 'mrt', '10.1.0.0/16', 'ssv', 'file', table)
    assert text.count('\n') == 1 and 'Communities: 1:2 65535:65281;' in text
    peers = json.loads(good('-j', 'show', 'mrt', 'peers', 'file', table))
    assert [p['remote_addr'] for p in peers['peers']] == [
        '0.0.0.0', '127.0.0.2', '127.0.0.3'], peers
    assert peers['peers'][1] == {
        'index': 1, 'remote_addr': '127.0.0.2', 'remote_as': '65002',
        'bgp_id': '192.0.2.2'}, peers
    lines = good('show', 'mrt', 'peers', 'file', table).splitlines()
    assert lines[2].split() == ['1', '127.0.0.2', '65002', '192.0.2.2']


def messages(folder, keep):
    """UPDATEs, a line each, with UTC. What was sent may be written later."""
    there, out = folder / 'in.kept', folder / 'out.kept'

    def has(kept, text):
        shutil.copy(kept.with_suffix(''), kept)
        return text in ctl('show', 'mrt', 'file', kept).stdout
    wait(lambda: has(there, 'path-id 8') and has(there, '2001:db8:1::/48') and
         has(there, '10.3.0.0/16'), 'what came')
    wait(lambda: has(out, '203.0.113.0/24'), 'what went')
    if keep:
        shutil.copy(there, keep)
        shutil.copy(out, keep)
    text = good('show', 'mrt', 'file', there)
    lines = [line.partition(' ') for line in text.splitlines()]
    for when, _, _ in lines:
        time.strptime(when, '%Y-%m-%dT%H:%M:%S.' + when[20:26] + 'Z')
    said = [what for _, _, what in lines]
    two = '127.0.0.2[65002] -> 127.0.0.1[65001]: '
    for what in (
            two + 'update announced 10.0.0.0/8 10.1.0.0/16 nexthop 192.0.2.2 '
            'aspath 65002 3356 origin IGP med 5 localpref 100',
            two + 'update announced 2001:db8::/32 2001:db8:1::/48 nexthop '
            '2001:db8::2 aspath 65002 origin IGP med 0 localpref 100',
            two + 'update withdrawn 10.3.0.0/16',
            # Before a session is up its own address is not known.
            '127.0.0.2[65002] -> 0.0.0.0[65001]: open',
            '127.0.0.2[65002] -> 0.0.0.0[65001]: keepalive',
            '127.0.0.3[65003] -> 127.0.0.1[65001]: update announced '
            '10.2.0.0/16 path-id 7 nexthop 192.0.2.7 aspath 65003 3356 '
            'origin IGP med 0 localpref 100'):
        assert what in said, (what, said)
    assert any('state OpenConfirm -> Established' in w for w in said), said
    sent = good('show', 'mrt', 'file', out, '203.0.113.0/24')
    assert '127.0.0.2[65002] <- 127.0.0.1[65001]: update announced ' \
        '203.0.113.0/24 nexthop 127.0.0.1 aspath 65001 origin IGP' in sent, \
        sent
    # A filter about routes leaves other messages, and other routes, out.
    found = json.loads(good('-j', 'show', 'mrt', 'file', there,
                            '10.1.0.0/16'))
    assert list(found) == ['messages'], found
    for message in found['messages']:
        assert message['type'] == 'update', message
        assert message['announced'] == [{
            'family': 'ipv4 unicast', 'exit_nexthop': '192.0.2.2',
            'prefixes': [{'prefix': '10.1.0.0/16'}]}], message
    assert len(found['messages']) == 1
    assert json.loads(good('-j', 'show', 'mrt', 'file', there,
                           'as', '4711')) == {'rib': []}
    # Both at once: two arrays, but not in turns.
    one = (folder / 'table.kept').read_bytes() + there.read_bytes()
    both = json.loads(good('-j', 'show', 'mrt', input=one, text=False))
    assert both['rib'] and both['messages'], both
    r = ctl('-j', 'show', 'mrt', input=one + one, text=False)
    assert r.returncode == 1 and b'alternate' in r.stderr, r


def dump_lines(data):
    """bgpdump -m: peer, AS, prefix, path, origin, next hop, pref, med, comm."""
    found = []
    done = subprocess.run(['bgpdump', '-m', '-'], input=data,
                          capture_output=True, check=True, timeout=300)
    for line in done.stdout.decode(errors='replace').splitlines():
        f = line.split('|')
        if f[0] == 'TABLE_DUMP2_AP':
            f.pop(6)
        found.append((f[3], f[4], f[5], f[6], f[7], f[8], f[9], f[10],
                      f[11]))
    return found


def our_lines(data):
    found = []
    r = ctl('-j', 'show', 'mrt', 'detail', input=data, text=False)
    assert r.returncode == 0, r.stderr
    for e in json.loads(r.stdout)['rib']:
        found.append((
            e['neighbor']['remote_addr'], e['neighbor']['remote_as'],
            e['prefix'], e['aspath'],
            e['origin'].upper(), e['exit_nexthop'], str(e['localpref']),
            str(e['metric']), ' '.join(e.get('communities', ()))))
    return found


NAMES = {'65535:65281': 'no-export', '65535:65282': 'no-advertise',
         '65535:65283': 'local-AS'}


def compare(data, label):
    """Entry by entry what bgpdump makes of it, in the same order."""
    theirs, ours = dump_lines(data), our_lines(data)
    assert len(theirs) == len(ours), (label, len(theirs), len(ours))
    for a, b in zip(theirs, ours):
        b = list(b)
        if a[6] == '0':             # none: we show what counts then
            b[6] = '0'
        b[8] = ' '.join(NAMES.get(c, c) for c in b[8].split())
        sets = str.maketrans({'{': None, '}': None, ',': ' '})
        a = [' '.join(x.translate(sets).split()) for x in a]
        b = [' '.join(x.translate(sets).split()) for x in b]
        if a[5] in ('255.255.255.255', ''):     # none in the file
            a[5] = b[5] = ''
        assert a == b, (label, a, b)
    print('%s: %d entries as bgpdump has them' % (label, len(ours)))


def beside_bgpdump(folder):
    if shutil.which('bgpdump') is None:
        print('no bgpdump')
        return
    compare((folder / 'table.kept').read_bytes(), 'table')
    compare((folder / 'in-table.kept').read_bytes(), 'in-table')
    names = [DATA / 'bgpdump' / n for n in (
        'bview.20020722.2337.gz', 'bview.ipv4_unicast_add_path.gz',
        'bview.ipv6_unicast_add_path.gz', 'bview.64k_stream_overflow.gz')]
    for name in names + [DATA / 'mrtparse/quagga_rib']:
        if name.exists():
            is_packed = name.suffix == '.gz'
            compare(gzip.open(name).read() if is_packed else
                    name.read_bytes(), name.name)


def broken(folder):
    """Broken files: an error with the offset, and what was good is shown."""
    data = (folder / 'table.kept').read_bytes()
    sizes, at = [], 0
    while at < len(data):
        sizes.append(12 + struct.unpack('!I', data[at + 8:at + 12])[0])
        at += sizes[-1]
    last = len(data) - sizes[-1]
    whole = len(json.loads(ctl('-j', 'show', 'mrt', input=data,
                               text=False).stdout)['rib'])

    def say(changed, *wanted):
        r = ctl('-j', 'show', 'mrt', input=changed, text=False)
        for text in wanted:
            assert text in r.stderr.decode(), (wanted, r.stderr)
        assert r.returncode == 1, r
        j = json.loads(r.stdout)
        assert j['status'] == 'FAILED' and j['error'], j
        return len(j['rib'])
    for cut in (1, 11, 12, 13, sizes[-1] - 1):
        n = say(data[:last + cut], 'offset %d: the record is cut short' %
                last)
        assert 0 < n < whole, n
    # Too long, too short for its content, longer than its content.
    assert say(data[:last + 8] + b'\xff' * 4 + data[last + 12:],
               'offset %d: this is no MRT record' % last) < whole
    size = sizes[-1] - 12
    assert say(data[:last + 8] + struct.pack('!I', size - 1) +
               data[last + 12:-1], 'offset %d: the record is too short' %
               last) < whole
    assert say(data[:last + 8] + struct.pack('!I', size + 1) +
               data[last + 12:] + b'\0', 'offset %d: the record is longer' %
               last) < whole
    # What follows a broken record is read, and floods are counted.
    odd = struct.pack('!IHHI', 0, 13, 2, 3) + b'abc'
    assert say(odd * 50 + data, 'offset 0: ', 'offset 15: ',
               '50 broken records') == whole
    # Other types are skipped and counted.
    r = ctl('-j', 'show', 'mrt', text=False, input=data + struct.pack(
        '!IHHI', 0, 48, 1, 3) + b'abc')
    assert r.returncode == 0 and b'1 of %d records are of types' % (
        len(sizes) + 1) in r.stderr, r
    assert len(json.loads(r.stdout)['rib']) == whole
    assert json.loads(good('-j', 'show', 'mrt', stdin=subprocess.DEVNULL)) \
        == {'rib': []}
    r = ctl('show', 'mrt', 'file', folder / 'none')
    assert r.returncode == 1 and 'No such file' in r.stderr, r
    r = ctl('show', 'mrt', 'neighbor', 'name', 'file', folder / 'table.kept')
    assert r.returncode == 1 and 'an address' in r.stdout, r


def networks(folder):
    """The prefixes of a dump as networks of another daemon, and attributes of
    the best paths."""
    conf = folder / 'other.conf'
    conf.write_text(OTHER % {'port': free_port(), 'folder': folder})
    user = ['-u', 'nobody'] if os.geteuid() == 0 else []
    daemon = subprocess.Popen([BIN + '/bgpd', '-d', '-f', str(conf)] + user,
                              stderr=subprocess.DEVNULL)
    try:
        announce(folder, folder / 'other')
    finally:
        daemon.terminate()
        daemon.wait(60)


def announced(entries):
    """Without what a network of ours has not, or has of its own."""
    return {e['prefix']: {k: e.get(k) for k in (
        'aspath', 'origin', 'metric', 'localpref', 'communities',
        'large_communities', 'extended_communities', 'attributes')}
            for e in entries}


def announce(folder, sock):
    wait(sock.exists, 'the other daemon')
    table = folder / 'table.kept'

    def count():
        return len(rib('show', 'rib', sock=sock))
    text = good('-s', sock, 'network', 'mrt', 'file', table)
    assert text == '7 networks sent\nrequest processed\n', text
    wait(lambda: count() == 7, 'networks')
    ours = rib('show', 'rib', 'best', 'detail', sock=folder / 'sock')
    there = rib('show', 'rib', 'detail', sock=sock)
    assert announced(there) == announced(ours), (there, ours)
    hops = {e['prefix']: e['exit_nexthop'] for e in there}
    assert hops['10.2.0.0/16'] == '192.0.2.7' and \
        hops['2001:db8::/32'] == '2001:db8::2', hops
    good('-s', sock, 'network', 'flush')
    wait(lambda: count() == 0, 'none')
    # Some of it, from standard input; the second neighbor's path.
    with open(table, 'rb') as f:
        j = json.loads(good('-j', '-s', sock, 'network', 'mrt', '10.0.0.0/8',
                            'or-longer', 'as', '174', 'neighbor',
                            '127.0.0.3', stdin=f))
    assert j == {'sent': 1, 'status': 'OK'}, j
    wait(lambda: count() == 1, 'one')
    assert rib('show', 'rib', sock=sock)[0]['aspath'] == '65003 174'
    # Nothing of it, and what is broken behind what is good.
    r = ctl('-s', sock, 'network', 'mrt', 'file', table, 'as', '4711')
    assert r.stdout == '0 networks sent\nrequest processed\n', r
    r = ctl('-s', sock, 'network', 'mrt', text=False,
            input=table.read_bytes() + b'abc')
    assert r.returncode == 1 and b'7 networks sent' in r.stdout and \
        b'cut short' in r.stderr, r
    good('-s', sock, 'network', 'flush')
    real = DATA / 'bgpdump/bview.20020722.2337.gz'
    if real.exists():
        data = gzip.open(real).read()
        wanted = {line[2] for line in our_lines(data)}
        began = time.monotonic()
        r = ctl('-s', sock, 'network', 'mrt', input=data, text=False)
        assert r.returncode == 0 and b'%d networks sent' % len(wanted) in \
            r.stdout, r
        wait(lambda: count() == len(wanted), 'a real table', 120)
        print('%s: %d networks in %.1f s' % (real.name, len(wanted),
                                            time.monotonic() - began))


def sandbox(folder):
    """Another user can read, too, and what reads is confined."""
    read, write = os.pipe()
    child = subprocess.Popen(
        [BIN + '/bgpctl', 'show', 'mrt'], stdin=read, text=True,
        stdout=subprocess.PIPE, user='nobody' if os.geteuid() == 0 else None)
    os.close(read)
    status = pathlib.Path('/proc/%d/status' % child.pid)

    def mode():
        fields = dict(line.split(':\t', 1) for line in
                      status.read_text().splitlines() if ':\t' in line)
        return fields['Seccomp'], fields['NoNewPrivs']
    is_built = 'without landlock and seccomp' not in (
        folder / 'log').read_text()
    wait(lambda: mode() == ('2', '1') or not is_built, 'the sandbox')
    with os.fdopen(write, 'wb') as f:
        f.write((folder / 'table.kept').read_bytes())
    out, _ = child.communicate(timeout=40)
    assert child.returncode == 0 and '10.1.0.0/16' in out, out


def main():
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    keep = sys.argv[2] if len(sys.argv) > 2 else None
    user = ['-u', 'nobody'] if os.geteuid() == 0 else []
    with tempfile.TemporaryDirectory(prefix='bgpd-mrt.') as temp:
        folder = pathlib.Path(temp)
        folder.chmod(0o755)
        port = free_port()
        conf = folder / 'bgpd.conf'
        conf.write_text(CONF % {'port': port, 'folder': temp})
        with open(folder / 'log', 'w') as log:
            daemon = subprocess.Popen([BIN + '/bgpd', '-d', '-f', str(conf)] +
                                      user, stderr=log)
        try:
            run(folder, port, keep)
        finally:
            daemon.terminate()
            daemon.wait(60)
    return 0


def run(folder, port, keep):
    # What passes before a file is open is not in it: this one is the last.
    table = folder / 'table'
    wait(lambda: table.exists() and table.stat().st_size > 0, 'files')
    a = Speaker('127.0.0.2', '127.0.0.1', port)
    a.establish(65002, router_id='192.0.2.2', params=bytes.fromhex(
        '0206010400010001020601040002000102064104') +
        struct.pack('!I', 65002))
    b = Speaker('127.0.0.3', '127.0.0.1', port)
    b.establish(65003, router_id='192.0.2.3', params=bytes.fromhex(
        '0206010400010001' '0206450400010102' '02064104') +
        struct.pack('!I', 65003))
    routes(a, b)
    wait(lambda: len(rib('show', 'rib', 'in', sock=folder / 'sock')) >= 7,
         'the routes')
    round_trip(folder, keep)
    filters(folder)
    messages(folder, keep)
    broken(folder)
    sandbox(folder)
    networks(folder)
    beside_bgpdump(folder)
    a.close()
    b.close()


if __name__ == '__main__':
    sys.exit(main())
