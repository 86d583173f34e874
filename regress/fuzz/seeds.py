#!/usr/bin/env python3
# SPDX-License-Identifier: ISC
"""Seeds of the fuzzers nlri, attr, update, open and event from recorded cases:
seeds.py SHARED CORPUS. One file for each family or attribute and size class;
real routes of public collectors are taken a few at a time."""
import gzip
import hashlib
import json
import pathlib
import re
import struct
import sys

# enum nlri_id, in order.
FAMILIES = [(1, 1), (1, 2), (1, 4), (1, 128), (1, 5), (1, 133), (1, 134),
            (1, 85), (1, 73), (1, 132), (2, 1), (2, 2), (2, 4), (2, 128),
            (2, 5), (2, 133), (2, 134), (2, 85), (2, 73), (25, 65),
            (25, 70), (16388, 71), (16388, 72)]
PER_CLASS = 1
SEED_MAX = 400         # replay is quadratic in it


class Corpus:
    def __init__(self, folder):
        self.folder, self.count = pathlib.Path(folder), {}

    def add(self, target, label, data):
        size = len(data).bit_length()
        seen = self.count.setdefault((target, label, size), set())
        digest = hashlib.sha1(data).hexdigest()[:8]
        if len(seen) >= PER_CLASS or digest in seen or len(data) > SEED_MAX:
            return
        seen.add(digest)
        where = self.folder / target
        where.mkdir(parents=True, exist_ok=True)
        (where / f"{label}-{digest}.bin").write_bytes(data)


def attributes(block):
    at = 0
    while at + 3 <= len(block):
        flags, code, n = block[at], block[at + 1], block[at + 2]
        at += 3
        if flags & 0x10:
            if at >= len(block):
                return
            n = n << 8 | block[at]
            at += 1
        yield flags, code, block[at:at + n]
        at += n


def nlri(corpus, family, data):
    if family in FAMILIES and data:
        i = FAMILIES.index(family)
        corpus.add("nlri", f"family{i:02d}", bytes([i, 0]) + data)


def update(corpus, body, label):
    if len(body) < 4:
        return
    withdrawn = struct.unpack(">H", body[:2])[0]
    if withdrawn + 4 > len(body):
        return
    at = 2 + withdrawn
    n = struct.unpack(">H", body[at:at + 2])[0]
    block, tail = body[at + 2:at + 2 + n], body[at + 2 + n:]
    nlri(corpus, (1, 1), tail)
    classes = []
    for flags, code, value in attributes(block):
        classes.append(code)
        corpus.add("attr", f"code{code:03d}",
                   bytes([code, flags & 0xf0, 1]) + value)
        if code == 14 and len(value) > 5:
            nlri(corpus, struct.unpack(">HB", value[:3]),
                 value[5 + value[3]:])
        if code == 15 and len(value) > 3:
            nlri(corpus, struct.unpack(">HB", value[:3]), value[3:])
    corpus.add("update", label + "-" + "-".join(map(str, classes))[:20],
               b"\x11" + body)


def message(corpus, data, label):
    if len(data) < 19 or data[:16] != b"\xff" * 16:
        return
    corpus.add("event", "%s-type%d" % (label, data[18]), b"\x09" + data)
    if data[18] == 2:
        update(corpus, data[19:], label)
    elif data[18] == 1:
        corpus.add("open", "open", data)


def recorded(corpus, shared):
    for path in sorted((shared / "conformance/wire").rglob("*.json")):
        text = path.read_text()
        what = json.loads(text).get("what", "")
        for found in re.findall(r'"([0-9A-Fa-f:]{8,})"', text):
            try:
                data = bytes.fromhex(found.replace(":", ""))
            except ValueError:
                continue
            if what.startswith("update"):
                update(corpus, data, "case")
            message(corpus, data, "case")


def real(corpus, shared):
    for path in sorted((shared / "data/derived").glob("*.bgp.gz")):
        data = gzip.open(path).read(4 << 20)
        at = 0
        while at + 19 <= len(data):
            n = struct.unpack(">H", data[at + 16:at + 18])[0]
            if n < 19:
                break
            message(corpus, data[at:at + n], "real")
            at += n


def main():
    shared, corpus = pathlib.Path(sys.argv[1]), Corpus(sys.argv[2])
    recorded(corpus, shared)
    real(corpus, shared)
    for target in ("nlri", "attr", "update", "open", "event"):
        print(target, sum(len(v) for k, v in corpus.count.items()
                          if k[0] == target))


main()
