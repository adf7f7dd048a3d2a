# SPDX-License-Identifier: GPL-2.0-only
"""blind.py FROM TO: the recording as a trace has it that sees no minisocks."""
import struct
import sys

MINI, HOOKS = 4, 67
HEADER = 40

recording = open(sys.argv[1], "rb").read()
kept = recording[:HEADER]
at = HEADER
while at < len(recording):
    size, kind = struct.unpack_from("=HB", recording, at)
    if kind not in (MINI, HOOKS):
        kept += recording[at:at + size]
    at += size
open(sys.argv[2], "wb").write(kept)
