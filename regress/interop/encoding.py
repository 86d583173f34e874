# SPDX-License-Identifier: ISC
"""What the tests of encodings share: routes that a program announces over an
internal session, and what another daemon shows of them. Prints "N of N" rows;
the session stays up, and the peer has nothing to complain of.

A row is (sentence behind "announce", where, wanted): where the peer shows the
route and with what, in the form of the peer's file. One that the peer cannot
take although it is right has the reason as a string in place of where: it is
not announced and not counted.
"""
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).parent))
import role  # noqa: E402

PROGRAM = '''#!/usr/bin/env python3
import sys
answers = open(%r, 'w')
for line in open(%r):
    print('announce ' + line.strip(), flush=True)
    answer = sys.stdin.readline().strip()
    if answer != 'done':
        sys.stdin.readline()
    answers.write(answer + '\\n')
    answers.flush()
sys.stdin.read()
'''
CONF = '''AS 65001
process "rows" {
	run "%s"
	version 6
}
neighbor %s {
	remote-as 65001
	local-address %s
	local-address fd00:99::1
	api {
		process "rows"
	}
%s}
allow from any
allow to any
'''
PEER, HOP, HOP6 = role.at(2), role.at(9), '2001:db8::9'
# The families that have a word of their own in bgpd.conf.
WORDS = {'ipv4 unicast': 'IPv4 unicast', 'ipv6 unicast': 'IPv6 unicast',
         'ipv4 mpls-vpn': 'IPv4 vpn', 'ipv6 mpls-vpn': 'IPv6 vpn',
         'ipv4 flow': 'IPv4 flowspec', 'ipv6 flow': 'IPv6 flowspec',
         'l2vpn evpn': 'EVPN'}


class Sender(role.Ours):
    """Ours; its program says the sentences when it starts."""

    def __init__(self, ns, folder, bin_folder, families, sentences):
        folder.chmod(0o755)
        self.sentences = sentences
        self.answers, lines = folder / 'answers', folder / 'lines'
        self.answers.touch()
        self.answers.chmod(0o666)
        lines.write_text(''.join(s + '\n' for s in sentences))
        program = folder / 'rows.py'
        program.write_text(PROGRAM % (str(self.answers), str(lines)))
        program.chmod(0o755)
        words = ''.join(
            '\tannounce %s\n' % WORDS[f] if f in WORDS else
            '\texabgp {\n\t\tfamily "%s"\n\t}\n' % f for f in families)
        if 'ipv4 unicast' in families:
            words += '\tannounce extended nexthop yes\n'
        super().__init__(ns, folder, bin_folder, CONF % (
            program, PEER, role.OURS, words))

    def must_have_taken_all(self):
        role.wait(lambda: len(self.answered()) == len(self.sentences), 60,
                  lambda: 'answers: %r' % self.answered())
        for sentence, answer in zip(self.sentences, self.answered()):
            assert answer == 'done', '%s: %s' % (sentence, answer)

    def answered(self):
        return self.answers.read_text().splitlines()

    def must_have_peace(self):
        """One session that nobody ended."""
        text = (self.folder / 'Sender.log').read_text()
        assert text.count('session established') == 1 and \
            'NOTIFICATION' not in text, text


def has(found, wanted):
    """Whether all that is wanted of a JSON value is there."""
    if isinstance(wanted, dict):
        return isinstance(found, dict) and all(
            k in found and has(found[k], v) for k, v in wanted.items())
    if isinstance(wanted, list):
        return isinstance(found, list) and len(found) == len(wanted) and all(
            has(f, w) for f, w in zip(found, wanted))
    return found == wanted


def check(ns, folder, bin_folder, peer, families, rows, find, is_right=has):
    """Announce the rows to the peer, which is not started yet; find(peer)
    gives {where: found}. Returns the number of rows counted."""
    told = [r for r in rows if not isinstance(r[1], str)]
    ours = Sender(ns.a, folder, bin_folder, families, [r[0] for r in told])
    peer.start()
    ours.start()
    ours.must_have_taken_all()
    seen = {}

    def wrong():
        seen.clear()
        seen.update(find(peer))
        return [r for r in told if not is_right(seen.get(r[1]), r[2])]

    role.wait(lambda: not wrong(), 40, lambda: '%d of %d rows:\n%s' % (
        len(wrong()), len(told), '\n'.join(
            '  %s\n    wanted %r\n    found  %r' % (
                r[0], r[2], seen.get(r[1])) for r in wrong())))
    complaints = peer.complaints()
    assert not complaints, 'the peer complains:\n' + '\n'.join(complaints)
    ours.must_have_peace()
    for sentence, why, *_ in rows:
        if isinstance(why, str):
            print('not counted: %s: %s' % (sentence, why))
    ours.stop()
    peer.stop()
    return len(told)


def lines_of(path, is_complaint):
    return [s for s in path.read_text(errors='replace').splitlines()
            if is_complaint(s)]
