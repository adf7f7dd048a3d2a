#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# rights.sh: what a running form may still do, as /proc tells it; and what comes of it without root. What is forbidden to
# a process that is confined is in tests/unit/test_confine.c.

# shellcheck disable=SC2119 # functions of live.sh whose arguments are optional
# shellcheck source=tests/lib/live.sh
. "${0%/*}/../lib/live.sh"
live_begin "$@"
export COLUMNS=300
storm_program=$live_build/storm

# The bits of the capabilities that a form may keep, in hexadecimal digits as /proc has them
chown=1 override=2 search=4 kill=20 look=280000

# before_5_19: does each use of bpf(2) take CAP_BPF here?
before_5_19() {
	release=$(uname -r)
	major=${release%%.*}
	minor=${release#*.}
	minor=${minor%%[!0-9]*}
	[ "$(cat /proc/sys/kernel/unprivileged_bpf_disabled 2>/dev/null)" != 0 ] &&
		{ [ "$major" -lt 5 ] || { [ "$major" = 5 ] && [ "$minor" -lt 19 ]; }; }
}

# holds PID BIT...: it has these capabilities and no others, and can gain none
holds() {
	pid=$1
	shift
	want=0
	for bit in "$@"; do
		want=$((want | 0x$bit))
	done
	want=$(printf %016x "$want")
	sed -n 's/^\(Cap...\|NoNewPrivs\):[[:space:]]*/\1 /p' "/proc/$pid/status" >status
	printf 'CapInh 0000000000000000\nCapPrm %s\nCapEff %s\nCapBnd %s\nCapAmb 0000000000000000\nNoNewPrivs 1\n' \
		"$want" "$want" "${bounding:-0000000000000000}" >want
	same want status
}

# same WANT GOT
same() {
	diff "$1" "$2" >differ || show differ || fail "the process is not as it should be (< it should, > it is)"
}

# calls_are_filtered PID: ... where the kernel can, and no sanitizer makes calls of its own
calls_are_filtered() {
	case $live_build in
	*/san) return 0 ;;
	esac
	grep -q '^Seccomp:' "/proc/$1/status" || return 0
	grep -q '^Seccomp:[[:space:]]*2$' "/proc/$1/status" || show "/proc/$1/status" || fail "system calls are not filtered"
}

# keeps BITS OPTION...: a trace with these
keeps() {
	bits=$1
	shift
	before_5_19 && bits="$bits 8000000000"
	start_trace seen --port "$port" "$@" || return
	# shellcheck disable=SC2086 # words
	holds "$tracer" $bits || return
	calls_are_filtered "$tracer" && end_trace
}

plain_trace() {
	for form in ladder table; do
		keeps "" -o $form || return
	done
	keeps "" --summary && keeps "" --metrics $((port + 1000))
}

forms_that_name_cgroups() {
	keeps $search -o json && keeps $search -o csv && keeps $search -o ladder -w &&
		keeps $search --record kept.rec || return
	! grep -q ' cgroup2 ' /proc/self/mounts || keeps $search --cgroup /
}

forms_that_make_files() {
	keeps $override --svg kept.svg && keeps "$search $override" --record kept.rec --record-size 64K || return
	SUDO_UID=65534 SUDO_GID=65534
	export SUDO_UID SUDO_GID
	keeps "$search $override $chown" --record kept.rec --record-size 64K
	kept=$?
	unset SUDO_UID SUDO_GID
	return $kept
}

with_a_command() {
	bits=$kill
	before_5_19 && bits="$bits 8000000000"
	rm -f hold
	mkfifo hold
	start_trace seen --port "$port" -- cat hold || return
	# shellcheck disable=SC2086 # words
	holds "$tracer" $bits && calls_are_filtered "$tracer" || return
	: >hold
	trace_ends
}

snapshots_look_again() {
	"$trace_program" snapshot --watch 1000 -P "$port" >seen.out 2>seen.err 8>&- 9>&- &
	keep_pid $!
	looker=$!
	wait_until has seen.out total || show seen.err || fail "nothing is seen" || return
	bits="$search $look"
	before_5_19 && bits="$bits 8000000000"
	# shellcheck disable=SC2086 # words
	holds $looker $bits || return
	stop $looker INT
}

replays_need_nothing() {
	start_trace made --port "$port" --record kept.rec -o table && start_server && talk 127.0.0.1 && end_trace || return
	rm -f pipe
	mkfifo pipe
	"$trace_program" replay -o table - <pipe >seen.out 2>seen.err 8>&- 9>&- &
	keep_pid $!
	reader=$!
	exec 6>pipe
	cat kept.rec >&6
	wait_until grep -q '^NoNewPrivs:.1' "/proc/$reader/status" || show seen.err || fail "it gives nothing up" || return
	holds $reader || return
	exec 6>&-
	collect $reader && [ "$status" = 0 ] || show seen.err || fail "it ended with status $status"
}

# ---- what goes on ---------------------------------------------------------------------------------

# The next file is made in a directory of somebody else's, and is his.
goes_on_to_the_next_file() {
	mkdir -m 700 his && chown 65534:65534 his || return
	SUDO_UID=65534 SUDO_GID=65534
	export SUDO_UID SUDO_GID
	start_trace seen --port "$port" --record his/kept.rec --record-size 64K
	unset SUDO_UID SUDO_GID
	[ -z "$live_why" ] || return
	timeout 60 "$storm_program" "$port" 4000 100 4000 >storm.out 2>&1 8>&- 9>&- || fail "the storm" || return
	end_trace || return
	for file in his/kept.rec his/kept.rec.1; do
		[ "$(stat -c %u:%g $file)" = 65534:65534 ] || fail "$file is not his" || return
		"$trace_program" replay --summary $file >replayed 2>&1 || show replayed || fail "$file is not whole" || return
	done
}

# runs_as OPTION...: who COMMAND is, and which descriptors it has, in who
runs_as() {
	rm -f who
	# shellcheck disable=SC2086 # an option or none
	timeout 20 "$trace_program" $live_hooks -P "$port" -o ladder "$@" -- sh -c "$whoami" >./who 2>seen.err 8>&- 9>&- ||
		show seen.err || fail "it ended with status $?"
}

# It has what the tracer was given, and nothing of the tracer's.
command_is_the_callers() {
	whoami='id -u; echo /proc/self/fd/*'
	sh -c "$whoami" >who.alone 8>&- 9>&-
	runs_as && cmp -s who.alone who || show who || fail "it is not root's" || return
	SUDO_UID=65534 SUDO_GID=65534
	export SUDO_UID SUDO_GID
	runs_as && [ "$(head -n 1 who)" = 65534 ] && [ "$(tail -n 1 who)" = "$(tail -n 1 who.alone)" ] || show who ||
		fail "it is not the caller's"
	root=$(runs_as --user 0 && head -n 1 who)
	unset SUDO_UID SUDO_GID
	[ -z "$live_why" ] || return
	[ "$root" = 0 ] || show who || fail "--user 0 is not heard" || return
	runs_as --user 65534 && [ "$(head -n 1 who)" = 65534 ] || show who || fail "--user 65534 is not heard" || return
	says 2 "--user: there is no user 'nobody-there': write a name or a uid of \`getent passwd\`" \
		"$trace_program" --user nobody-there -- true
}

# without_root CAPABILITIES: traced by nobody with these, as setpriv(1) has them
without_root() {
	setpriv --ambient-caps=-all true 2>/dev/null || skip "setpriv knows no ambient capabilities" || return
	chmod 755 . || return
	cp "$trace_program" . || return
	tracer_alone=$trace_program trace_program=$PWD/without-root
	cat >without-root <<-END
		#!/bin/sh
		exec setpriv --reuid=65534 --regid=65534 --clear-groups --inh-caps=-all,$1 --ambient-caps=-all,$1 \
			--bounding-set=-all,$1 "$PWD/${tracer_alone##*/}" "\$@"
	END
	chmod +x without-root
	start_trace seen --port "$port" -o ladder
	trace_program=$tracer_alone
	[ -z "$live_why" ] || return
	bounding=$2
	holds "$tracer"
	bounding=
	calls_are_filtered "$tracer" && start_server && talk 127.0.0.1 && end_trace || return
	has seen.out "closed by client first" && has seen.out "echo-server[$server]" || show seen.out ||
		fail "the verdict or the owner is missing"
}

bpf_perfmon_syslog() {
	case $(uname -r) in
	5.10.*) skip "before 5.11 what BPF takes counts as locked memory: CAP_SYS_RESOURCE" || return ;;
	esac
	without_root +bpf,+perfmon,+syslog 000000c400000000
}

live_test "a plain trace has no capability" plain_trace
user_test "what names cgroups can look them up" forms_that_name_cgroups
user_test "what makes files can make them" forms_that_make_files
live_test "with -- COMMAND" with_a_command
live_test "snapshot --watch" snapshots_look_again
user_test "replay" replays_need_nothing
user_test "the next file of a recording" goes_on_to_the_next_file
user_test "COMMAND is the caller's, or --user's" command_is_the_callers
live_test "without root: CAP_BPF, CAP_PERFMON, CAP_SYSLOG" bpf_perfmon_syslog
live_end
