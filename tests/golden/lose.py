# SPDX-License-Identifier: GPL-2.0-only
"""lose.py FROM TO: copies a recording without its fourth and ninth state record, as if they were lost."""
import sys

import recording

STATE, COUNTED = 1, 7

head, records = recording.read(sys.argv[1])
states = [r for r in records if recording.kind_of(r) in (STATE, COUNTED)]
lost = {id(states[3]), id(states[8])}
recording.write(sys.argv[2], head, [r for r in records if id(r) not in lost])
