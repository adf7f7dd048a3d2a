#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""Each recording of this directory in all forms: they must tell the same.

JSON is held against the schema that the program prints, by a validator that is not ours (python3-jsonschema), and CSV is
read by Python's csv. Run from the top of the tree; $BUILD is the directory of the programs.
"""
import collections
import csv
import copy
import glob
import io
import json
import os
import re
import subprocess
import sys

import jsonschema

PROGRAM = os.path.join(os.environ.get("BUILD", "build"), "tcpstate-trace")
OUTSIDE = ("comm", "cgroup", "container", "cmdline")  # fields of bytes that came from outside
failed = False


def run(*arguments):
    environment = dict(os.environ, LC_ALL="C.UTF-8", COLUMNS="100", TZ="UTC")
    return subprocess.run([PROGRAM, *arguments], check=True, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
                          env=environment).stdout.decode("utf-8")


def replay(form, recording, *options):
    return run("replay", "-o", form, "-w", "-t", "--close-wait-warn", "1", *options, recording)


def check(name, wrong):
    """WRONG: what differs, or nothing."""
    global failed
    if wrong:
        failed = True
        print(f"not ok - {name}: {wrong}")
    else:
        print(f"ok - {name}")


def differ(ours, theirs):
    for i, (one, other) in enumerate(zip(ours, theirs)):
        if one != other:
            return f"item {i + 1}: {one} is not {other}"
    return f"{len(ours)} are not {len(theirs)}" if len(ours) != len(theirs) else None


# ---- JSON against its schema ---------------------------------------------------------------------

def refused(validator, lines):
    for number, line in enumerate(lines, 1):
        for error in validator.iter_errors(line):
            return f"line {number}: {error.message[:300]}"
    return None


def breakages(line):
    """LINE with one thing wrong, in each place and each way."""
    for key, value in line.items():
        for wrong in ({}, [], -1, "no such thing" if value is None or not isinstance(value, str) else 7):
            if wrong == [] and isinstance(value, list):
                continue
            broken = copy.deepcopy(line)
            broken[key] = wrong
            yield f"{key} = {wrong!r}", broken
        broken = copy.deepcopy(line)
        del broken[key]
        yield f"no {key}", broken
    yield "one field more", dict(line, more=1)


def accepted(validator, lines):
    """What is wrong with the first line of each kind, and is not noticed."""
    kinds = {line["type"]: line for line in reversed(lines)}
    for kind, line in kinds.items():
        for what, broken in breakages(line):
            strings = ("sk", "error", "signal", "words", "advice")
            if validator.is_valid(broken) and not what.startswith(
                    tuple(f"{name} = 'no" for name in strings + OUTSIDE)):
                return f"a {kind} with {what} is accepted"
    return None


# ---- CSV against JSON ----------------------------------------------------------------------------

def bytes_of(cell):
    """Those from outside that a cell was made of."""
    def unescape(match):
        return b"\\" if match[0] == b"\\\\" else bytes([int(match[1], 16)])
    return re.sub(rb"\\x([0-9a-f]{2})|\\\\", unescape, cell.encode("utf-8"))


def text_of(raw):
    """Per byte that is no UTF-8 one U+FFFD, as JSON has it."""
    text = ""
    while raw:
        for size in range(1, 5):
            try:
                text, raw = text + raw[:size].decode("utf-8"), raw[size:]
                break
            except UnicodeDecodeError:
                continue
        else:
            text, raw = text + "\ufffd", raw[1:]
    return text


def flatten(line, prefix=""):
    for key, value in line.items():
        if isinstance(value, dict):
            yield from flatten(value, f"{prefix}{key}_")
        else:
            yield prefix + key, value


def same_cell(name, cell, value):
    if value is None:
        return cell == ""
    if isinstance(value, bool):
        return cell == str(value).lower()
    if isinstance(value, list):
        return json.loads(cell) == value
    if name.endswith(OUTSIDE):
        return text_of(bytes_of(cell)) == value
    return cell == str(value)


def csv_differs(text, lines):
    if any(not line.endswith("\r") for line in text.split("\n")[:-1]):
        return "a line does not end in CR LF"
    header, *rows = csv.reader(io.StringIO(text, newline=""), strict=True)
    if len(set(header)) != len(header):
        return "two columns have the same name"
    if len(rows) != len(lines):
        return f"{len(rows)} rows are not {len(lines)} lines"
    for number, (row, line) in enumerate(zip(rows, lines), 2):
        cells = dict(zip(header, row))
        if len(row) != len(header):
            return f"row {number} has {len(row)} of {len(header)} cells"
        for name, value in flatten(line):
            if not same_cell(name, cells.pop(name, ""), value):
                return f"row {number}: {name} is not {value!r}"
        left = {name for name, cell in cells.items() if cell}
        if left:
            return f"row {number}: JSON says nothing of {left}"
    return None


# ---- table and ladder against JSON ---------------------------------------------------------------

def row_of_table(row):
    words = row.split()
    uid, how, netns, local, local_port, remote, remote_port, before, arrow, after = words[-11:-1]
    return (words[1], words[2], uid, how, netns, local, local_port, remote, remote_port, before, arrow, after)


def row_of_json(line):
    def shown(value, unknown="-"):
        return unknown if value is None else str(value)

    def at(address, any_address):
        return address["addr"] or any_address, shown(address["port"], "0")

    any_address = "::" if ":" in (line["local"]["addr"] or line["remote"]["addr"] or "") else "0.0.0.0"
    sk = f"sk:{line['sk']}" if line["sk"] else "-"
    return (sk, shown(line["pid"]), shown(line["uid"]), shown(line["owner_source"]), str(line["netns"]),
            *at(line["local"], any_address), *at(line["remote"], any_address), shown(line["from"], "?"),
            "~>" if line["minisock"] else "->", line["to"])


def times_differ(table, transitions):
    """Seconds since the trace began, and milliseconds, with the digits that the table has."""
    starts = []
    for row, line in zip(table, transitions):
        time, ms = float(row.split()[0]), row.split()[-1]
        starts.append(line["mono_ns"] / 1e9 - time)
        if abs(starts[-1] - starts[0]) > 2e-6:
            return f"{row}: not as long after the first one"
        if (ms == "-") != (line["in_state_ns"] is None):
            return f"{row}: {line['in_state_ns']}"
        if ms != "-" and abs(float(ms) - line["in_state_ns"] / 1e6) > 10 ** -len(ms.partition(".")[2]):
            return f"{row}: {line['in_state_ns']}"
    return None


def table_differs(table, lines):
    rows = [row for row in table.splitlines() if re.search(r" [-~]> ", row) and row[0] not in "!#"][1:]
    transitions = [line for line in lines if line["type"] == "transition"]
    return (differ([row_of_table(row) for row in rows], [row_of_json(line) for line in transitions])
            or times_differ(rows, transitions))


def findings_differ(table, lines):
    told = [re.sub(r"^! +[0-9.]+ ", "", row) for row in table.splitlines() if re.match(r"! +[0-9.]+ ", row)]
    return differ(told, [f"{line['code']} ({line['severity']}): {line['words']}"
                         for line in lines if line["type"] == "finding"])


def verdicts_differ(ladder, lines):
    joined = " ".join(ladder.split())
    told = collections.Counter(re.findall(r"\[([a-z-]+)\] ", joined))
    verdicts = [line for line in lines if line["type"] == "connection"]
    if told != collections.Counter(line["verdict"] for line in verdicts):
        return f"the ladder has {dict(told)}"
    for line in verdicts:
        if f"[{line['verdict']}] {line['words']}" not in joined:
            return f"the ladder does not say: {line['words']}"
    return None


def totals_differ(lines):
    summary = lines[-1]
    seen = sum(line.get("seen") in ("edge", "jumped") for line in lines)
    over = sum(line["type"] == "connection" and line["over"] for line in lines)
    lost = sum(line["lost"] for line in lines[:-1] if line["type"] == "lost")
    if summary["type"] != "summary":
        return "the last line is no summary"
    return differ([summary["transitions"], summary["connections"], summary["lost"]], [seen, over, lost])


def numbers_differ(lines):
    """What an end waited is what its transitions say, where all of them were seen."""
    waited = collections.defaultdict(int)
    for line in lines:
        if line["type"] == "transition" and line["in_state_ns"] is not None and not line["minisock"]:
            waited[line["sk"], line["from"]] += line["in_state_ns"]
        if line["type"] == "connection":
            for end in (line["client"], line["server"]):
                told = (end["waits_ns"] or {}).get("CLOSE_WAIT")
                if told is not None and told != waited[end["sk"], "CLOSE_WAIT"]:
                    return f"conn {line['conn']}: CLOSE_WAIT {told}"
    return None


def main():
    schema = json.loads(run("schema"))
    jsonschema.Draft202012Validator.check_schema(schema)
    validator = jsonschema.Draft202012Validator(schema)
    every = []
    for recording in sorted(glob.glob("tests/golden/*.rec")):
        name = os.path.basename(recording)[:-len(".rec")]
        lines = [json.loads(line) for line in replay("json", recording).splitlines()]
        table = replay("table", recording)
        every += lines
        check(f"{name}: JSON is as the schema has it", refused(validator, lines))
        check(f"{name}: CSV says what JSON does", csv_differs(replay("csv", recording), lines))
        check(f"{name}: the table has the same transitions", table_differs(table, lines))
        check(f"{name}: the table has the same findings", findings_differ(table, lines))
        check(f"{name}: the ladder has the same verdicts", verdicts_differ(replay("ladder", recording), lines))
        check(f"{name}: the summary counts what was told", totals_differ(lines))
        check(f"{name}: an end's waits are its transitions'", numbers_differ(lines))
    check("the schema refuses what is wrong", accepted(validator, every))
    return failed


sys.exit(main())
