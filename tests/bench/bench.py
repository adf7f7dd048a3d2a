#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""What tcpstate-trace costs and loses, beside libbpf's tcpstates and bpftrace: `sudo make bench`.

Storms of short connections in a network namespace of its own, with each tool alone, with all of them attached to the same
events, and beside busy loops. Prints one table, and the ratios that follow from it; --json has all that was measured.

How many events there were is known in two ways: each connection of a storm makes 10 transitions, or 6 when it is reset, and
a bare counting program counts. Some sandboxes run no BPF program while a thread of PID 1 is current (tests/lib/unseen.sh): what
all programs miss is the difference of the two. It is printed, and is part of what each tool loses in silence.
"""

import argparse
import json
import os
import signal
import statistics
import subprocess
import sys
import time

import report
from tools import PORT, Meter, Tool, enter_netns, kinds, start

PROBE_PORT = 20000  # the first of so many ports
PROBE_RATE = 1000  # connections in a second beside them
SOURCES = 250

WAYS = ("client", "server", "client-resets", "server-resets", "mix")


def events_of(way, connections, whole):
    """Transitions, or those of the sockets that have the storm's port as their own."""
    resets = {"client-resets": connections, "server-resets": connections, "mix": connections // 2}.get(way, 0)
    both = 10 * (connections - resets) + 6 * resets
    return (both if whole else both // 2) + 2  # of the listener


class Bench:
    def __init__(self, args):
        self.args = args
        self.build = args.build
        self.meter = None
        self.rows = []
        self.kinds = {name: kind for name, kind in self.wanted().items() if kind.is_there()}

    def begin_afresh(self):
        if self.meter:
            self.meter.close()
        enter_netns()
        self.meter = Meter(self.build)

    def wanted(self):
        known = kinds(self.build)
        names = self.args.tools.split(",") if self.args.tools else known
        for name in names:
            if name not in known:
                raise SystemExit(f"bench: --tools: '{name}' is none of: {', '.join(known)}")
        return {name: known[name] for name in names}

    def has(self, *names):
        return [self.kinds[name] for name in names if name in self.kinds]

    def storm(self, connections, way="mix", sources=SOURCES, rate=0):
        """Returns the seconds that it took."""
        began = time.monotonic()
        command = [f"{self.build}/storm", PORT, connections, 1, rate, way, sources]
        storm = start([str(word) for word in command], stdout=subprocess.DEVNULL)
        if storm.wait() != 0:
            raise SystemExit("bench: the storm ended badly")
        return time.monotonic() - began

    def lines(self, *probes):
        command = [f"{self.build}/lines", str(PORT), *map(str, probes)]
        return start(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE)

    def begin(self, kind, *probes):
        """The tool, and who reads its lines."""
        lines = self.lines(*probes)
        tool = Tool(kind, self.meter, out=lines.stdin, linewise=bool(probes))
        lines.stdin.close()
        return tool, lines

    @staticmethod
    def finish(tool, lines):
        told = tool.end()
        answer = json.loads(lines.stdout.read())
        lines.wait()
        answer["lost"] += told
        return answer

    def counted(self, run, names, way, sources, loops=0):
        """What each delivers, loses and costs in one storm that all of them see."""
        connections = self.args.connections
        self.begin_afresh()
        began = [self.begin(kind) for kind in self.has(*names)]
        if not began:
            return []
        print(f"# {run}: {', '.join(tool.kind.name for tool, _ in began)}", file=sys.stderr)
        self.meter.ask("stats")
        before = self.meter.ask("read")
        bpf = [tool.bpf(before)[0] for tool, _ in began]
        busy = [start(["sh", "-c", "while :; do :; done"]) for _ in range(loops)]
        seconds = self.storm(connections, way, sources)
        for tool, _ in began:
            tool.settle()
        for loop in busy:
            loop.kill()
            loop.wait()
        after = self.meter.ask("read")
        self.meter.ask("quiet")
        everywhere = after["everywhere"] - before["everywhere"] + after["missed"] - before["missed"]
        seen = after["here"] - before["here"] + after["missed"] - before["missed"]
        for (tool, lines), ns in zip(began, bpf):
            due = events_of(way, connections, tool.kind.whole)
            row = {
                "run": run,
                "tool": tool.kind.name,
                "connections": connections,
                "made": events_of(way, connections, True),
                "unseen": events_of(way, connections, True) - seen,
                "due": due,
                "bpf_ns": (tool.bpf(after)[0] - ns) / everywhere,
                "peak_bytes": tool.peak_bytes(),
                "map_bytes": tool.map_bytes(),
                "start_s": tool.start_s,
                "storm_s": seconds,
            }
            answer = self.finish(tool, lines)
            row["delivered"] = answer["delivered"]
            row["lost"] = answer["lost"]
            row["silent"] = max(0, due - row["delivered"] - row["lost"])
            self.rows.append(row)
        return self.rows[-len(began) :]

    def paired(self, kind, row):
        """Connections in a second with and without it, in turns, and the CPU time that it takes."""
        connections, ratios, cpu_ns = self.args.connections, [], 0

        def without_it():
            self.begin_afresh()
            return self.storm(connections)

        def with_it():
            self.begin_afresh()
            tool = Tool(kind, self.meter)
            before = tool.cpu_ns()
            seconds = self.storm(connections)
            tool.settle()
            spent = tool.cpu_ns() - before
            tool.end()
            return seconds, spent

        for pair in range(self.args.pairs):
            if pair % 2:
                without = without_it()
                seconds, spent = with_it()
            else:
                seconds, spent = with_it()
                without = without_it()
            ratios.append(without / seconds)
            cpu_ns += spent
        row["cpu_ns"] = cpu_ns / self.args.pairs / events_of("mix", connections, True)
        row["rate_ratio"] = statistics.median(ratios)
        row["rate_ratios"] = ratios

    def latency(self, kind, row):
        """Event to line, of listeners that come beside a storm that leaves the machine time."""
        self.begin_afresh()
        tool, lines = self.begin(kind, self.args.probes, PROBE_PORT)
        self.storm(PROBE_RATE * self.args.probes // 80, "client", 1, PROBE_RATE)
        tool.settle()
        latencies = sorted(self.finish(tool, lines)["latencies_us"])
        row["latencies"] = len(latencies)
        if latencies:
            row["p50_us"] = latencies[len(latencies) // 2]
            row["p99_us"] = latencies[len(latencies) * 99 // 100]

    def alone(self, name):
        for kind in self.has(name):
            row = self.counted("alone", [name], "mix", SOURCES)[0]
            self.paired(kind, row)
            if " -L" not in name:
                self.latency(kind, row)

    def together(self):
        names = ("tcpstates -L", "bpftrace -L", "ours -L")
        self.counted("together, mix", names, "mix", SOURCES)
        for way in () if self.args.quick else WAYS:
            self.counted(f"together, {way}, 1 source", names, way, 1)

    def crowded(self):
        loops = os.cpu_count() or 1
        for name in ("tcpstates -L", "ours -L", "ours -L --summary")[self.args.quick :]:
            self.counted(f"beside {loops} busy loops", [name], "mix", SOURCES, loops)

    def run(self):
        for name in self.kinds:
            if not self.args.quick or " -L" not in name:
                self.alone(name)
        self.together()
        self.crowded()


def in_namespaces():
    """This program once more, in a mount namespace of its own: nothing of it is left on the machine."""
    if os.geteuid() != 0:
        raise SystemExit("bench: tracing needs root: run sudo make bench")
    os.environ["BENCH_INSIDE"] = "1"
    os.execvp("unshare", ["unshare", "--mount", sys.executable, *sys.argv])


def prepare():
    for kind, where in (("tracefs", "/sys/kernel/tracing"), ("debugfs", "/sys/kernel/debug")):
        subprocess.run(["mount", "-t", kind, kind, where], stderr=subprocess.DEVNULL, check=False)
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, lambda *_: sys.exit(1))


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--build", default="build", help="directory of the programs")
    parser.add_argument("--json", default="", help="file for all that was measured")
    parser.add_argument("--connections", type=int, default=20000, help="of each storm (default 20000)")
    parser.add_argument("--pairs", type=int, default=5, help="storms with and without each tool (default 5)")
    parser.add_argument("--probes", type=int, default=200, help="of latency, 10 ms apart (default 200)")
    parser.add_argument("--tools", default="", help="only these, as the table names them: 'tcpstates -L,ours -L'")
    parser.add_argument("--quick", action="store_true", help="few of each, to see whether it works")
    args = parser.parse_args()
    if args.quick:
        args.connections, args.pairs, args.probes = 400, 1, 40
    if args.connections < 4 or args.connections % 4 or args.pairs < 1 or not 0 < args.probes <= 1000:
        parser.error("--connections is a multiple of 4, and --pairs is at least 1, --probes 1 to 1000")
    if "BENCH_INSIDE" not in os.environ:
        in_namespaces()
    prepare()
    bench = Bench(args)
    for name in sorted(bench.wanted().keys() - bench.kinds.keys()):
        print(f"skip - {name}: {name.split()[0]} is not installed")
    try:
        bench.run()
    finally:  # when it is interrupted, what there is
        report.show(bench.rows)
        if args.json:
            with open(args.json, "w") as file:
                json.dump({"machine": report.machine(), "rows": bench.rows}, file, indent=1)


if __name__ == "__main__":
    try:
        main()
    except KeyboardInterrupt:
        sys.exit(130)
