# SPDX-License-Identifier: GPL-2.0-only
"""blind.py FROM TO: the recording as a trace has it that sees no minisocks."""
import sys

import recording

MINI, HOOKS = 4, 67

head, records = recording.read(sys.argv[1])
recording.write(sys.argv[2], head, [r for r in records if recording.kind_of(r) not in (MINI, HOOKS)])
