#!/usr/bin/env python3
# SPDX-License-Identifier: ISC
"""etc/Dockerfile against the rest of the house, without an engine that would
build it: what it copies is there, its packages are Debian's and those of
./quickstart, the programs and users that it names are the ones that are
installed.

usage: container.py SOURCE BUILD
Exit status 77 after the rest where Debian 12's packages are not known.
"""
import json
import pathlib
import re
import shlex
import subprocess
import sys
import tempfile

SOURCE, BUILD = pathlib.Path(sys.argv[1]), pathlib.Path(sys.argv[2])


def instructions(text):
    """(word, rest) of each, continued lines joined."""
    text = re.sub(r'^\s*#.*\n', '', text, flags=re.M)
    for line in re.sub(r'\\\n\s*', ' ', text).splitlines():
        if line.strip():
            word, _, rest = line.strip().partition(' ')
            yield word, rest


def shell_words(rest):
    return [shlex.split(part) for part in re.split(r'&&|\|\||;', rest)]


def installed_files():
    """Where `cmake --install` puts what, by its own word."""
    found = set()
    for script in BUILD.rglob('cmake_install.cmake'):
        text = script.read_text()
        found.update(re.findall(
            r'DESTINATION "\$\{CMAKE_INSTALL_PREFIX\}/([^"]+)".*?FILES'
            r'((?: "[^"]+")+)', text))
    return {'/usr/%s/%s' % (folder, pathlib.Path(name).name)
            for folder, names in found
            for name in re.findall(r'"([^"]+)"', names)}


def check_copies(lines):
    for word, rest in lines:
        parts = rest.split()
        if word != 'COPY' or parts[0].startswith('--from='):
            continue
        for name in parts[:-1]:
            assert (SOURCE / name).exists(), name
    copied = {p for w, r in lines if w == 'COPY' for p in r.split()[:-1]}
    used = set(re.findall(r'^add_subdirectory\((\w+)\)',
                          (SOURCE / 'CMakeLists.txt').read_text(), re.M))
    assert used <= copied, used - copied


def check_packages(lines):
    """Those of the build are taken from where quickstart takes them."""
    build = [r for w, r in lines if w == 'RUN' and 'BUILD_PACKAGES' in r]
    assert build == ['. etc/packages.sh && need $BUILD_PACKAGES'], build
    quick = (SOURCE / 'quickstart').read_text()
    assert '. etc/packages.sh' in quick and 'need $BUILD_PACKAGES' in quick
    names = []
    for _, rest in (x for x in lines if x[0] == 'RUN'):
        for command in shell_words(rest):
            if command[:2] == ['apt-get', 'install']:
                names += [n for n in command[2:] if not n.startswith('-')]
    assert names, 'no packages'
    libraries = needed_libraries()
    owner = subprocess.run(['dpkg', '-S'] + ['*/' + n for n in libraries],
                           text=True, capture_output=True)
    owners = {}
    for line in owner.stdout.splitlines():
        package, _, path = line.partition(': ')
        owners.setdefault(pathlib.Path(path).name, set()).add(
            package.split(':')[0])
    for library in libraries & set(owners):
        assert owners[library] & set(names + ['libc6']), (
            library, owners[library])
    return names


def needed_libraries():
    """What our programs are linked with themselves."""
    found = set()
    for name in ('bgpd', 'bgpctl', 'bgplgd'):
        done = subprocess.run(['objdump', '-p', BUILD / 'bin' / name],
                              text=True, capture_output=True)
        found.update(re.findall(r'NEEDED\s+(\S+)', done.stdout))
    return {n for n in found if 'san' not in n}


def check_programs(lines):
    installed = installed_files()
    values = {w: r for w, r in lines}
    named = [json.loads(values['ENTRYPOINT'])[0],
             json.loads(values['HEALTHCHECK'].partition('CMD ')[2])[0]]
    for path in named:
        assert path in installed, (path, sorted(installed))
    words = json.loads(values['HEALTHCHECK'].partition('CMD ')[2])[1:]
    r = subprocess.run([BUILD / 'bin/bgpctl', '-s', '/nonexistent'] + words,
                       text=True, capture_output=True)
    assert 'connect: ' in r.stderr, r       # the words are understood
    with tempfile.TemporaryDirectory() as folder:
        conf = pathlib.Path(folder) / 'bgpd.conf'
        conf.write_text('AS 65001\nrouter-id 192.0.2.1\n')
        options = json.loads(values['CMD'])
        assert options[-2] == '-f', options
        subprocess.run([BUILD / 'bin/bgpd', '-n'] + options[:-1] + [conf],
                       check=True, capture_output=True)
    assert values['STOPSIGNAL'] == 'SIGTERM'


def check_users(lines):
    text = ' '.join(r for w, r in lines if w == 'RUN')
    made = re.search(r'for user in ([^;]*);', text).group(1).split()
    wanted = re.findall(r'^u (\S+)', (SOURCE / 'etc/bgpd.sysusers.in')
                        .read_text().replace('@BGPD_USER@', '_bgpd'), re.M)
    assert made == wanted, (made, wanted)


def check_debian(names, text):
    """Whether the release that it begins with has the packages."""
    assert set(re.findall(r'^FROM (\S+)', text, re.M)) == {
        'debian:bookworm-slim'}, text
    release = pathlib.Path('/etc/os-release').read_text()
    done = subprocess.run('. etc/packages.sh; echo $BUILD_PACKAGES',
                          shell=True, cwd=SOURCE, text=True, check=True,
                          capture_output=True)
    names += done.stdout.split()
    if 'VERSION_CODENAME=bookworm' not in release:
        return False
    r = subprocess.run(['apt-cache', 'policy'] + names, text=True,
                       capture_output=True)
    known = set(re.findall(r'^(\S+):\n.*\n  Candidate: \d', r.stdout, re.M))
    for name in set(names) - known:
        there = subprocess.run(['dpkg-query', '-W', name],
                               capture_output=True)
        assert there.returncode == 0, '%s: no such package' % name
    return True


def main():
    text = (SOURCE / 'etc/Dockerfile').read_text()
    lines = list(instructions(text))
    check_copies(lines)
    names = check_packages(lines)
    check_programs(lines)
    check_users(lines)
    if not check_debian(names, text):
        print('not Debian 12: names of packages were not looked up')
        return 77
    print('%d packages' % len(names))
    return 0


if __name__ == '__main__':
    sys.exit(main())
