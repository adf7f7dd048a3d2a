# SPDX-License-Identifier: GPL-2.0-only
"""What was measured, as a table, and the ratios that are asked for."""

import os


def spread(row):
    if "rate_ratios" not in row:
        return None
    return f"{min(row['rate_ratios']):.2f}-{max(row['rate_ratios']):.2f}"


COLUMNS = (
    # heading, how a row has it, None: not measured
    ("RUN", lambda row: row["run"]),
    ("TOOL", lambda row: row["tool"]),
    ("MADE", lambda row: str(row["made"])),
    ("DUE", lambda row: str(row["due"])),
    ("DELIVERED", lambda row: row.get("delivered")),
    ("LOST", lambda row: row["lost"]),
    ("SILENT", lambda row: row.get("silent")),
    ("BPF-NS", lambda row: f"{row['bpf_ns']:.0f}"),
    ("CPU-NS", lambda row: f"{row['cpu_ns']:.0f}" if "cpu_ns" in row else None),
    ("CONN/S", lambda row: f"{row['rate_ratio']:.3f}" if "rate_ratio" in row else None),
    ("SPREAD", spread),
    ("PEAK-MB", lambda row: f"{row['peak_bytes'] / 1e6:.1f}"),
    ("MAPS-MB", lambda row: f"{row['map_bytes'] / 1e6:.1f}"),
    ("START-MS", lambda row: f"{row['start_s'] * 1e3:.0f}"),
    ("P50-US", lambda row: row.get("p50_us")),
    ("P99-US", lambda row: row.get("p99_us")),
)
LEFT = 2  # columns of words

LEGEND = """
MADE      transitions of the storm; DUE: those that the tool's filter lets through
LOST      events that the tool says it has lost; SILENT: due, not delivered, and not told
BPF-NS    time of all its BPF programs, for each transition on the machine, the kernel's own counting included
CPU-NS    time of its process, for each transition made; output to /dev/null
CONN/S    with the tool, divided by without it: the median of pairs, and the SPREAD of them
PEAK-MB   of its process, MAPS-MB: of its BPF maps, which the process may have mapped
START-MS  until it tells that it is ready, or its program has run; P50, P99: from the event to its line"""


def machine():
    name = os.uname()
    return {"kernel": name.release, "architecture": name.machine, "cpus": os.cpu_count()}


def show_table(rows):
    cells = [[heading for heading, _ in COLUMNS]]
    for row in rows:
        values = [value(row) for _, value in COLUMNS]
        cells.append(["-" if value is None else str(value) for value in values])
    widths = [max(len(line[i]) for line in cells) for i in range(len(COLUMNS))]
    for line in cells:
        print("  ".join(cell.ljust(width) if i < LEFT else cell.rjust(width)
                        for i, (cell, width) in enumerate(zip(line, widths))).rstrip())


def show_ratios(rows):
    alone = {row["tool"]: row for row in rows if row["run"] == "alone"}

    def compare(what, tool, peer, key):
        if key in alone.get(tool, {}) and alone.get(peer, {}).get(key):
            print(f"{what}: {alone[tool][key] / alone[peer][key]:.2f} of {peer}")

    print()
    compare("BPF time, ours -L --hooks=none", "ours -L --hooks=none", "tcpstates -L", "bpf_ns")
    compare("BPF time, ours -L", "ours -L", "tcpstates -L", "bpf_ns")
    compare("BPF time, ours", "ours", "tcpstates", "bpf_ns")
    compare("CPU time, ours", "ours", "tcpstates", "cpu_ns")
    compare("CPU time, ours -L --summary", "ours -L --summary", "tcpstates", "cpu_ns")
    unseen = sum(row["unseen"] for row in rows)
    made = sum(row["made"] for row in rows)
    print(f"of {made} transitions the kernel ran no BPF program for {unseen}, the counting one included")


def show(rows):
    show_table(rows)
    print(LEGEND)
    show_ratios(rows)
