# SPDX-License-Identifier: GPL-2.0-only
"""A recording (user/source/frame.h) as the bytes of its head and a list of its records, to be edited."""
import struct
import zlib

MAGIC = b"\xf7TSR"
VERSION = 3
HEAD, RECORDS, CHECKPOINT, END = 1, 2, 3, 4
BODY_MAX = 65536


def frames(data):
    """(KIND, BODY) of each; all must be whole."""
    at = 0
    while at < len(data):
        magic, _, kind, deflated, stored, raw, crc = struct.unpack_from("<4sHBBIII", data, at)
        body = data[at + 20:at + 20 + stored]
        assert magic == MAGIC and crc == zlib.crc32(data[at:at + 16] + body)
        body = zlib.decompress(body) if deflated else body
        assert len(body) == raw
        yield kind, body
        at += 20 + stored


def frame(kind, body):
    packed = zlib.compress(body, 9)
    deflated = len(packed) < len(body)
    stored = packed if deflated else body
    header = struct.pack("<4sHBBII", MAGIC, VERSION, kind, deflated, len(stored), len(body))
    return header + struct.pack("<I", zlib.crc32(header + stored)) + stored


def kind_of(record):
    return record[2]


def read(path):
    head, records = None, []
    with open(path, "rb") as file:
        for kind, body in frames(file.read()):
            if kind == HEAD:
                head = body
            at = 0
            while kind == RECORDS and at < len(body):
                size = struct.unpack_from("=H", body, at)[0]
                records.append(body[at:at + size])
                at += size
    return head, records


def write(path, head, records):
    data = frame(HEAD, head) * 2
    body = b""
    for record in records:
        if len(body) + len(record) > BODY_MAX:
            data += frame(RECORDS, body)
            body = b""
        body += record
    with open(path, "wb") as file:
        file.write(data + frame(RECORDS, body) + frame(END, b""))
