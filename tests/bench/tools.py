# SPDX-License-Identifier: GPL-2.0-only
"""What is measured: its command, how it begins and ends, and what the kernel says of its process."""

import ctypes
import glob
import json
import os
import re
import shutil
import signal
import socket
import subprocess
import time

PORT = 30001  # of all storms
PATIENCE = 60  # seconds that anything may take but a storm

BPFTRACE = """tracepoint:sock:inet_sock_set_state /args->protocol == 6 FILTER/ {
    printf("%-6d %-16s %s %d %s %d %d -> %d\\n", pid, comm, ntop(args->saddr), args->sport,
           ntop(args->daddr), args->dport, args->oldstate, args->newstate);
}"""


def until(condition, what, pause=0.01, patience=PATIENCE):
    """Waits for it, and returns what it is."""
    end = time.monotonic() + patience
    while True:
        value = condition()
        if value:
            return value
        if time.monotonic() > end:
            raise SystemExit(f"bench: {what} did not come about in {patience} s")
        time.sleep(pause)


def die_with_us():
    """In a child: SIGINT ends it as usual, and it does not outlive the benchmark."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    ctypes.CDLL(None).prctl(1, signal.SIGKILL)  # PR_SET_PDEATHSIG


def enter_netns():
    """A network namespace without anything: TIME_WAIT of one storm is no matter of the next one."""
    if ctypes.CDLL(None).unshare(0x40000000) != 0:  # CLONE_NEWNET
        raise SystemExit("bench: cannot make a network namespace")
    subprocess.run(["ip", "link", "set", "lo", "up"], check=True)


def start(command, **more):
    return subprocess.Popen(command, preexec_fn=die_with_us, **more)


class Kind:
    """A tool with its options. COMMAND is for output that goes to a pipe, LINEWISE has each line written at once.
    WHOLE: with a port filter it tells both ends of a connection, not those alone that have the port as theirs."""

    def __init__(self, name, command, linewise=(), whole=True, ready=False):
        self.name = name
        self.command = command
        self.linewise = list(linewise)
        self.whole = whole
        self.ready = ready  # has --ready-fd

    def is_there(self):
        return shutil.which(self.command[0]) is not None


def kinds(build):
    """By name. -L is a filter for PORT at the local end, of sockets for the peers, of connections for ours."""
    ours = [f"{build}/tcpstate-trace", "-H"]
    table = ours + ["-o", "table"]
    port = ["-L", str(PORT)]
    filtered = BPFTRACE.replace("FILTER", f"&& args->sport == {PORT}")
    line = ["stdbuf", "-oL"]
    return {
        kind.name: kind
        for kind in (
            Kind("tcpstates", ["tcpstates"], line),
            Kind("tcpstates -L", ["tcpstates"] + port, line, whole=False),
            Kind("bpftrace", ["bpftrace", "-e", BPFTRACE.replace("FILTER", "")], line),
            Kind("bpftrace -L", ["bpftrace", "-e", filtered], line, whole=False),
            Kind("ours", table, ready=True),
            Kind("ours -L", table + port, ready=True),
            Kind("ours -L --hooks=none", table + port + ["--hooks=none"], ready=True),
            Kind("ours -L --summary", ours + port + ["--summary"], ready=True),
        )
    }


class Meter:
    """The kernel's own counts (meter.c)."""

    def __init__(self, build):
        self.process = start([f"{build}/meter"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        if self.ask("read") is None:
            raise SystemExit("bench: the counting program does not attach: BPF and BTF are needed")

    def ask(self, what):
        try:
            self.process.stdin.write(what + "\n")
            self.process.stdin.flush()
        except BrokenPipeError:
            return None
        answer = self.process.stdout.readline()
        return json.loads(answer) if answer else None

    def close(self):
        self.process.stdin.close()
        self.process.wait()


class Tool:
    """One that runs. OUT: where its lines go."""

    def __init__(self, kind, meter, out=subprocess.DEVNULL, linewise=False):
        self.kind = kind
        self.meter = meter
        command = (kind.linewise if linewise else []) + kind.command
        more = {}
        if kind.ready:
            read, write = os.pipe()
            command = command + ["--ready-fd", str(write)]
            more["pass_fds"] = (write,)
        began = time.monotonic()
        self.process = start(command, stdout=out, stderr=subprocess.PIPE, text=True, **more)
        if kind.ready:
            os.close(write)
            with os.fdopen(read) as ready:
                if ready.readline() != "ready\n":
                    raise SystemExit(f"bench: {kind.name}: {self.process.communicate()[1]}")
        else:
            self.wait_until_attached()
        self.start_s = time.monotonic() - began

    def wait_until_attached(self):
        """Until a program of its has run, for an event on another port."""
        self.meter.ask("stats")

        def has_run():
            if self.process.poll() is not None:
                raise SystemExit(f"bench: {self.kind.name}: {self.process.stderr.read()}")
            with socket.socket() as listener:
                listener.bind(("127.0.0.1", PORT + 1))
                listener.listen()
            return self.bpf(self.meter.ask("read"))[1]

        until(has_run, f"{self.kind.name}: an event", pause=0.002)
        self.meter.ask("quiet")

    def fdinfo(self, key):
        """{ID: the lines of /proc/PID/fdinfo with it}"""
        found = {}
        for path in glob.glob(f"/proc/{self.process.pid}/fdinfo/*"):
            try:
                with open(path) as file:
                    fields = dict(line.split(":", 1) for line in file if ":" in line)
            except OSError:  # it is closed meanwhile
                continue
            if key in fields:
                found[int(fields[key])] = fields
        return found

    def bpf(self, counts):
        """Nanoseconds and runs of its programs."""
        own = [counts["programs"].get(str(number)) for number in self.fdinfo("prog_id")]
        own = [program for program in own if program]
        return sum(program["ns"] for program in own), sum(program["runs"] for program in own)

    def map_bytes(self):
        return sum(int(fields.get("memlock", 0)) for fields in self.fdinfo("map_id").values())

    def peak_bytes(self):
        with open(f"/proc/{self.process.pid}/status") as file:
            return int(re.search(r"VmHWM:\s*(\d+)", file.read())[1]) * 1024

    def cpu_ns(self):
        """Of all its threads, from their beginning. Programs that run in others are not in it."""
        total = 0
        for path in glob.glob(f"/proc/{self.process.pid}/task/*/schedstat"):
            with open(path) as file:
                total += int(file.read().split()[0])
        return total

    def settle(self):
        """Until it has read all that there is: it does nothing any more."""
        last = [-1, 0]

        def is_idle():
            now = self.cpu_ns()
            last[1] = last[1] + 1 if now - last[0] < 500_000 else 0
            last[0] = now
            return last[1] >= 4

        until(is_idle, f"{self.kind.name}: its rest", pause=0.05)

    def end(self):
        """Returns how many events it says that it has lost."""
        self.process.send_signal(signal.SIGINT)
        said = self.process.communicate(timeout=PATIENCE)[1]
        told = re.findall(r"(?:[Ll]ost (\d+) events|(\d+) events were lost)", said)
        return sum(int(number) for pair in told for number in pair if number)
