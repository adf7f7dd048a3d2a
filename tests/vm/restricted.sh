#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# restricted.sh: what is still shown where an administrator, or whoever built the kernel, has taken something
# away, and the exact sentence where nothing can be. It leaves the kernel locked down: for guests only.

# shellcheck disable=SC2119 # functions of live.sh whose arguments are optional
# shellcheck source=tests/lib/live.sh
. "${0%/*}/../lib/live.sh"
live_begin "$@"
export COLUMNS=300
lockdown=/sys/kernel/security/lockdown

# sentence STATUS TEXT COMMAND...: the tracer ends like that, and says exactly this
sentence() {
	says "$@" || return
	[ "$(cat says.err)" = "tcpstate-trace: $2" ] || show says.err ||
		fail "it said more than: $2"
}

# trace_one: the ladder of one connection is in got
trace_one() {
	start_trace seen --port "$port" -o ladder -c 1 || return
	start_server || return
	talk 127.0.0.1 || return
	collect "$tracer" || return
	[ "$status" = 0 ] || show seen.err || fail "the tracer ended with status $status" || return
	drawn seen.out | without_waits >got
	has got "client 127.0.0.1:51322  server 127.0.0.1:19999" || show seen.out ||
		fail "the ends are not told" || return
	has got "closed by client first" && has got "TIME_WAIT 60 s at client" ||
		show seen.out || fail "the verdict is missing"
}

# still_traces: as if nothing were taken away
still_traces() {
	trace_one || return
	! [ -s seen.err ] || show seen.err || fail "the tracer wrote to stderr" || return
	has got "echo-client[CLIENT]" && has got "close() by echo-server[SERVER]" ||
		show seen.out || fail "the processes are not named"
}

# Nothing of a kernel without BTF but this directory reaches a program.
without_btf() {
	sentence 1 "this kernel tells no types (/sys/kernel/btf/vmlinux: No such file or directory): it must be \
built with CONFIG_DEBUG_INFO_BTF, as Debian's are from 5.10 on" \
		unshare --mount sh -c 'mount -t tmpfs tmpfs /sys/kernel/btf && exec "$@"' sh \
		"$trace_program" --port "$port" -c 1
}

# arm64 before 6.4
without_fentry() {
	"$trace_program" features >list || fail "tracing does not work here" || return
	grep -q '^fentry  *no ' list || skip "this kernel has fentry" || return
	grep -q '^fentry  *no  *minisocks are seen by tracepoints (not supported by the kernel)$' list || show list ||
		fail "features does not say so" || return
	still_traces
}

# takes SYSCTL VALUE
takes() {
	echo "$2" >"/proc/sys/kernel/$1"
	[ "$(cat "/proc/sys/kernel/$1")" = "$2" ] || fail "kernel.$1 cannot be $2"
}

unprivileged_bpf_disabled() {
	takes unprivileged_bpf_disabled 2 || return
	still_traces
}

kallsyms_hidden() {
	takes kptr_restrict 2 || return
	! grep -qv '^0* ' /proc/kallsyms || fail "the kernel's addresses are still to be seen" || return
	still_traces
}

locked_down() {
	grep -q confidentiality $lockdown 2>/dev/null || skip "this kernel cannot be locked down" || return
	echo confidentiality >$lockdown
	has $lockdown "[confidentiality]" || fail "the kernel cannot be locked down" || return
	trace_one || return
	said="lockdown=confidentiality keeps this kernel from telling of TIME_WAIT, of half-done handshakes, and of \
what was there before"
	case $(uname -r) in
	5.10.*) # before 5.11, who runs is to be had by probing alone
		said="$said; nor does it tell who makes a transition, as 5.11 and newer do"
		! has seen.out "echo-" || show seen.out || fail "a process is named" || return
		;;
	*)
		has got "echo-client[CLIENT]" && has got "close() by echo-server[SERVER]" ||
			show seen.out || fail "the processes are not named" || return
		;;
	esac
	[ "$(cat seen.err)" = "tcpstate-trace: $said" ] || show seen.err || fail "it did not say what is hidden"
}

live_test "no BTF" without_btf
live_test "no fentry" without_fentry
live_test "kernel.unprivileged_bpf_disabled=2" unprivileged_bpf_disabled
live_test "kernel.kptr_restrict=2" kallsyms_hidden
live_test "lockdown=confidentiality" locked_down # it cannot be taken back
live_end
