# SPDX-License-Identifier: ISC
"""The figures of a bench as a table: medians, spread, and the ratio of ours
to the best of the others."""
import re
import shutil
import statistics
import subprocess

COLUMNS = (('wall', 's', 1), ('cpu', 'CPU s', 1), ('peak', 'peak MB', 1e-6),
           ('settled', 'settled MB', 1e-6), ('messages', 'messages', 1),
           ('late_p99_ms', 'late p99 ms', 1))


def good(runs):
    return [r for r in runs if 'failed' not in r]


def median(runs, key):
    values = [r[key] for r in good(runs) if key in r]
    return statistics.median(values) if values else None


def number(value):
    if value is None:
        return ''
    if value >= 1000:
        return '%d' % value
    return '%.3g' % value


def cell(runs, key, scale):
    values = [r[key] * scale for r in good(runs) if key in r]
    if not values:
        return ''
    text = number(statistics.median(values))
    if min(values) != max(values) and key in ('wall', 'cpu'):
        text += ' (%s-%s)' % (number(min(values)), number(max(values)))
    return text


def ratios(runs, others):
    """Ours over the best of the others, by wall, CPU and settled memory."""
    found = []
    for key in ('wall', 'cpu', 'settled'):
        mine = median(runs, key)
        theirs = [m for m in (median(o, key) for o in others) if m]
        if mine is None or not theirs:
            found.append('')
        else:
            found.append('%.2f' % (mine / min(theirs)))
    return ' / '.join(found)


def table(what):
    lines = ['%s, %s' % (what['date'], what['machine']), '',
             ', '.join('%s %s' % v for v in what['versions'].items()), '',
             '| load | daemon | runs | ' +
             ' | '.join(c[1] for c in COLUMNS) +
             ' | ours / best: wall / CPU / memory |',
             '|' + '---|' * (len(COLUMNS) + 4)]
    for name, daemons in what['results'].items():
        others = [r for d, r in daemons.items() if d not in ('bgpd', 'floor')]
        for daemon, runs in daemons.items():
            fine = good(runs)
            lines.append('| %s | %s | %s | %s | %s |' % (
                name, daemon, len(fine) if len(fine) == len(runs) else
                '%d of %d' % (len(fine), len(runs)),
                ' | '.join(cell(runs, k, f) for k, _, f in COLUMNS),
                ratios(runs, others) if daemon == 'bgpd' else ''))
    return '\n'.join(lines) + '\n'


PLOTS = {   # name: scenarios, what the x axis is, scale of it
    'table': ('table-', 'routes'), 'peers': ('peers-', 'peers'),
}
SCRIPT = '''set terminal svg size 900,360 dynamic background "white"
set output "%(folder)s/%(name)s.svg"
set multiplot layout 1,2
set logscale xy
set key left top
set xlabel "%(label)s"
set ylabel "seconds of CPU"
plot %(cpu)s
set ylabel "MB"
plot %(memory)s
'''


def plot(what, folder):
    """CPU and memory against the size of the table and the number of peers,
    as SVG; without gnuplot or figures there is no plot."""
    if shutil.which('gnuplot') is None:
        return
    for name, (prefix, label) in PLOTS.items():
        series = {}
        for scenario, daemons in what['results'].items():
            size = re.fullmatch(prefix + r'(\d+)', scenario)
            for daemon, runs in daemons.items() if size else ():
                if good(runs):
                    series.setdefault(daemon, []).append(
                        (int(size.group(1)), max(median(runs, 'cpu'), .01),
                         median(runs, 'settled') / 1e6))
        if not series:
            continue
        for daemon, rows in series.items():
            (folder / ('%s-%s.dat' % (name, daemon))).write_text(
                ''.join('%d %f %f\n' % row for row in rows))
        lines = {}
        for column, key in ((2, 'cpu'), (3, 'memory')):
            lines[key] = ', '.join(
                '"%s/%s-%s.dat" using 1:%d with linespoints title "%s"' %
                (folder, name, daemon, column, daemon) for daemon in series)
        subprocess.run(['gnuplot'], input=SCRIPT % dict(
            lines, folder=folder, name=name, label=label), text=True)
