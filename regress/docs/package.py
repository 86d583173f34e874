#!/usr/bin/env python3
# SPDX-License-Identifier: ISC
"""The Debian package in a root of its own, made by debootstrap and removed
here: it installs, starts, is upgraded under the running daemon and purged,
and leaves nothing behind.

usage: package.py SOURCE
Exit status 77 without the right to do so, debootstrap, or Debian's archive.
"""
import os
import pathlib
import shutil
import signal
import subprocess
import sys
import tempfile
import time

CONF = '''AS 65001
router-id 192.0.2.1
fib-update no
listen on 127.0.0.1 port %d
network 192.0.2.0/24
neighbor 127.0.0.2 { remote-as 65002 }
'''
USERS = ('_bgpd', '_bgpd-session', '_bgpd-rde', '_bgpd-api')
PROGRAMS = ('bgpd', 'bgpctl', 'bgplgd', 'exabgp')


def run(*command, **options):
    done = subprocess.run(command, text=True, stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT, **options)
    assert done.returncode == 0, '%s: %s' % (command, done.stdout[-3000:])
    return done.stdout


def skip(why):
    print(why)
    sys.exit(77)


def packages(source, folder, versions):
    """Built as for users, in each of the versions."""
    build = folder / 'build'
    run('cmake', '-S', source, '-B', build, '-G', 'Ninja',
        '-DBUILD_TESTING=OFF', '-DCMAKE_INSTALL_PREFIX=/usr')
    run('ninja', '-C', build)
    found = []
    for version in versions:
        run('cpack', '-D', 'CPACK_PACKAGE_VERSION=' + version, '-B', folder,
            cwd=build)
        found += folder.glob('bgpd_%s_*.deb' % version)
    assert len(found) == len(versions), found
    return found


class Root:
    """A Debian of its own."""

    def __init__(self, path):
        self.path = path
        done = subprocess.run(['debootstrap', '--variant=minbase', 'bookworm',
                               path], capture_output=True, text=True)
        if done.returncode != 0:
            skip('debootstrap: ' + done.stdout[-300:] + done.stderr[-300:])
        run('mount', '-t', 'proc', 'proc', path / 'proc')

    def __enter__(self):
        return self

    def __exit__(self, *_):
        run('umount', self.path / 'proc')

    def do(self, *command):
        return run('chroot', self.path, *command, env=dict(
            os.environ, DEBIAN_FRONTEND='noninteractive',
            PATH='/usr/sbin:/usr/bin:/sbin:/bin'))

    def install(self, package):
        shutil.copy(package, self.path / 'package.deb')
        out = self.do('apt-get', 'install', '-y', '--no-install-recommends',
                      '/package.deb')
        (self.path / 'package.deb').unlink()
        return out

    def files(self):
        """All but what dpkg, apt and the list of users keep of themselves."""
        found = set()
        for top, folders, files in os.walk(self.path):
            name = os.path.normpath('/' + os.path.relpath(top, self.path))
            folders[:] = [f for f in folders if os.path.join(name, f) not in (
                '/proc', '/sys', '/dev', '/var/lib/dpkg', '/var/lib/apt',
                '/var/cache', '/var/log')]
            found.update(os.path.join(name, f) for f in files + folders)
        return found


def wait(test, what, seconds=60):
    limit = time.monotonic() + seconds
    while not test():
        assert time.monotonic() < limit, what
        time.sleep(0.1)


def check(root, old, new, port):
    # What it needs of Debian comes first, so that only it is seen.
    for need in run('dpkg-deb', '-f', old, 'Depends').split(','):
        root.do('apt-get', 'install', '-y', '--no-install-recommends',
                need.split()[0].split('|')[0])
    before = root.files()
    root.install(old)
    passwd = (root.path / 'etc/passwd').read_text()
    assert all('\n%s:' % user in passwd for user in USERS), passwd
    for program in PROGRAMS:
        assert (root.path / 'usr/sbin' / program).exists(), program
    unit = (root.path / 'usr/lib/systemd/system/bgpd.service').read_text()
    assert 'Type=notify' in unit and 'bgpd -n' in unit, unit
    conf = root.path / 'etc/bgpd.conf'
    conf.write_text(CONF % port)
    conf.chmod(0o600)
    root.do('bgpd', '-n')
    daemon = subprocess.Popen(['chroot', root.path, '/usr/sbin/bgpd', '-d'],
                              stdout=subprocess.DEVNULL,
                              stderr=open(root.path / 'log', 'w'))
    try:
        upgrade(root, new, conf, daemon)
    finally:
        daemon.terminate()
        daemon.wait(30)
    root.do('dpkg', '--purge', 'bgpd')
    passwd = (root.path / 'etc/passwd').read_text()
    assert not any('\n%s:' % user in passwd for user in USERS), passwd
    left = root.files() - before
    assert left <= {'/etc/bgpd.conf', '/log', '/run/bgpd.sock.0.lock',
                    '/etc/passwd-', '/etc/shadow-', '/etc/group-',
                    '/etc/gshadow-', '/etc/subuid-', '/etc/subgid-'}, left
    assert conf.exists(), 'the administrator\'s file'


def shows(root):
    """Whether it answers, with its route."""
    done = subprocess.run(['chroot', root.path, '/usr/sbin/bgpctl', 'show',
                           'rib'], capture_output=True, text=True)
    return done.returncode == 0 and '192.0.2.0/24' in done.stdout


def upgrade(root, new, conf, daemon):
    wait(lambda: (root.path / 'run/bgpd.sock.0').exists(), 'it starts')
    wait(lambda: shows(root), 'its network')
    workers = subprocess.run(['ps', '-o', 'user:20=', '--ppid',
                              str(daemon.pid)], capture_output=True,
                             text=True).stdout.split()
    assert len(workers) == 3, workers
    root.install(new)
    assert conf.exists() and daemon.poll() is None
    # No service manager runs there to do it.
    root.do('bgpctl', 'restart')
    wait(lambda: (root.path / 'log').read_text().count('running, ') == 2,
         'the new binary takes over')
    wait(lambda: shows(root), 'and has the route')
    assert root.do('dpkg-query', '-W', '-f', '${Version}', 'bgpd') == '9.9.9'


def main():
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    if os.geteuid() != 0 or shutil.which('debootstrap') is None or \
            shutil.which('cpack') is None:
        skip('no root, or no debootstrap')
    sys.path.insert(0, os.path.join(os.path.dirname(__file__), '..'))
    from speaker import free_port
    with tempfile.TemporaryDirectory(prefix='bgpd-package.') as temp:
        folder = pathlib.Path(temp)
        old, new = packages(sys.argv[1], folder, ('9.9.8', '9.9.9'))
        with Root(folder / 'root') as root:
            check(root, old, new, free_port())
    print('installed, started, upgraded, purged')
    return 0


if __name__ == '__main__':
    sys.exit(main())
