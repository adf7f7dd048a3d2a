# SPDX-License-Identifier: GPL-2.0-only
"""lose.py FROM TO: copies a recording without its fourth and ninth state record, as if they were lost."""
import struct
import sys

data = open(sys.argv[1], "rb").read()
at = struct.unpack_from("<I", data, 16)[0]
out = bytearray(data[:at])
states = 0
while at < len(data):
    size, kind = struct.unpack_from("<HB", data, at)
    is_state = kind in (1, 7)
    states += is_state
    if not is_state or states not in (4, 9):
        out += data[at : at + size]
    at += size
open(sys.argv[2], "wb").write(out)
