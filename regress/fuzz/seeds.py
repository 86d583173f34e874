#!/usr/bin/env python3
# SPDX-License-Identifier: ISC
"""Seeds of the fuzzers nlri, attr, update, open and event from recorded cases,
and of mrt from our own dumps: seeds.py SHARED CORPUS [MRT...]. One file for each
family or attribute and size class;
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


def mrt(corpus, path):
    """Records one by one; paths stand behind the index table they need."""
    data, at, index = pathlib.Path(path).read_bytes(), 0, b""
    while at + 12 <= len(data):
        kind, subtype, n = struct.unpack(">HHI", data[at + 4:at + 12])
        record = data[at:at + 12 + n]
        at += 12 + n
        if (kind, subtype) == (13, 1):
            index = record
        corpus.add("mrt", f"type{kind}-{subtype}",
                   (index if kind == 13 and subtype != 1 else b"") + record)


def mrt_made(corpus):
    """What our daemon does not write of itself: RIB_GENERIC of VPN routes, with
    and without path identifiers, and the TABLE_DUMP of the past."""
    attrs = bytes.fromhex("40010100400206020100000001"
                          "800e0d0c0000000000000000c0000201")
    nlri = bytes.fromhex("000180700000110000000100000001"
                         "0a0000")
    for subtype, number in ((6, b""), (12, b"\0\0\0\7")):
        body = (b"\0\0\0\1" + nlri + b"\0\1\0\0\0\0\0\7" + number +
                struct.pack(">H", len(attrs)) + attrs)
        corpus.add("mrt", f"type13-{subtype}", struct.pack(
            ">IHHI", 5, 13, subtype, len(body)) + body)
    old = bytes.fromhex("400101004002040201fdea400304c0000201")
    for afi, address in ((1, b"\x0a\1\0\0"), (2, b"\x20\1" + b"\0" * 14)):
        body = (b"\0\0\0\1" + address + b"\x18\1\0\0\0\7" + address +
                b"\xfd\xea" + struct.pack(">H", len(old)) + old)
        corpus.add("mrt", f"type12-{afi}", struct.pack(
            ">IHHI", 5, 12, afi, len(body)) + body)


def main():
    shared, corpus = pathlib.Path(sys.argv[1]), Corpus(sys.argv[2])
    recorded(corpus, shared)
    real(corpus, shared)
    mrt_made(corpus)
    for path in sys.argv[3:]:
        mrt(corpus, path)
    for target in ("nlri", "attr", "update", "open", "event", "mrt"):
        print(target, sum(len(v) for k, v in corpus.count.items()
                          if k[0] == target))


main()
