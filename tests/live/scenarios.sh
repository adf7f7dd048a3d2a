#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# scenarios.sh: every scenario of user/demo/scenarios/, played before the tracer with each set of hooks: one
# test each, of its name; and "edges", whether each edge that can be walked was.
#
#	SCENARIO_SECONDS	leaves out those that take longer (default: 100)

# shellcheck source=tests/lib/live.sh
. "${0%/*}/../lib/live.sh"
live_begin "$@"

# In virtual time nothing takes long: there the waits have the kernel's own length.
pace=--fast
[ -z "${LIVE_GUEST-}" ] || pace=

# shellcheck disable=SC2086
"$trace_program" demo $pace >"$live_dir/list" || exit 1

# takes NAME: the seconds that cannot be shortened, 0 for a moment
takes() {
	seconds=$(sed -n "s/^$1 .*(takes \([0-9]*\) s)\$/\1/p" "$live_dir/list")
	echo "${seconds:-0}"
}

# is_chosen SCENARIO: is it among those that are asked for?
is_chosen() {
	case $1 in
	*"$live_only"*) ;;
	*) false ;;
	esac
}

is_short_enough() {
	[ "$(takes "$scenario")" -le "$limit" ] ||
		skip "it takes $(takes "$scenario") s: make check-vm plays it in virtual time"
}

# judge FILE STATUS: what the play of $scenario has said, and how it ended
judge() {
	said=$(sed -n '1s/^[a-z ]* - [^:]*: //p' "$1")
	case $2 in
	0) ;;
	77) skip "$said" ;;
	*) show "$1" || fail "$said" ;;
	esac
}

# play_alone SCENARIO
play_alone() {
	# shellcheck disable=SC2086
	"$trace_program" demo $pace --quiet --hooks="$hooks" "$1"
}

# play_set HOOKS SUFFIX: all that are asked for, in few tracers, for starting one takes long. They wait more than they
# work, each in a namespace of its own; in a guest nothing takes long.
play_set() {
	hooks=$1 suffix=$2
	set --
	for scenario in $names; do
		is_chosen "$scenario$suffix" || is_chosen "edges$suffix" || continue
		[ "$(takes "$scenario")" -gt "$limit" ] || set -- "$@" "$scenario"
	done
	[ $# != 0 ] || return 0
	unseen_begin "$live_port"
	# shellcheck disable=SC2086
	"$trace_program" demo $pace --quiet --edges --jobs "$jobs" --hooks="$hooks" "$@" >"$live_dir/set" 2>&1 &
	keep_pid $!
	wait $!
	live_pids=
	unseen_found
	mv "$live_dir/unseen" "$live_dir/unseen.set" 2>/dev/null || : >"$live_dir/unseen.set"
}

# What was kept from the tracer may have been this one's: it is played once more, alone.
play_again() {
	case $scenario in
	edges) play_set "$hooks" "$suffix" ;;
	*) play_alone "$scenario" >"$live_dir/again" 2>&1 ;;
	esac
}

# What is expected does not depend on the hooks.
as_expected() {
	is_short_enough || return
	played=$live_dir/set
	if [ "$live_attempt" = 1 ]; then
		unseen_before=$live_dir/unseen.set
	else
		play_again
		[ "$scenario" = edges ] || played=$live_dir/again
	fi
	sed -n -e "/^[a-z ]* - $scenario\(:.*\)\{0,1\}\$/{p;:more" -e 'n;/^#/!q;p;b more' -e '}' "$played" >lines
	case $(cat lines) in
	"ok - "*) judge lines 0 ;;
	"skip - "*) judge lines 77 ;;
	"not ok - "*) judge lines 1 ;;
	*) show "$played" || fail "it was not played" ;;
	esac
}

# ---- the verb itself -----------------------------------------------------------------------------

write_slow() {
	cat >slow.scenario <<-'EOT'
		title  Slow
		about  Nothing happens for a minute.
		takes  60 s
		echo runs echo-server 19999
		client reuse-addr
		server bind 20000
		server listen
		client waits 60000
		expect client
		  CLOSE -> SYN_SENT
	EOT
}

# slow_play: one that goes on for a minute; the tracer is $tracer, what it has started is in $cast
slow_play() {
	write_slow
	: >seen.out # not what the one before has said
	$live_interruptible "$trace_program" demo ./slow.scenario >seen.out 2>seen.err 8>&- 9>&- &
	tracer=$!
	keep_pid "$tracer"
	wait_until counts 3 seen.out ": LISTEN by" || show seen.out || fail "the play did not begin" || return
	stage=$(children_of "$tracer")
	cast="$stage $(children_of "$stage")"
	[ "$(echo "$cast" | wc -w)" = 4 ] || fail "the stage holds $cast"
}

# children_of PID
children_of() {
	grep -ls "^PPid:[^0-9]*$1\$" /proc/[0-9]*/status | sed 's|/proc/\([0-9]*\)/status|\1|'
}

all_are_over() {
	for pid in $cast; do
		is_over "$pid" || return
	done
}

any_exists() {
	for pid in $cast; do
		! [ -e "/proc/$pid" ] || return 0
	done
	return 1
}

# Whatever ends the tracer ends the stage, and all who are on it.
nothing_left() {
	for signal in $interrupt TERM KILL; do
		slow_play || return
		stop "$tracer" "$signal" || return
		[ "$signal" = KILL ] || ! any_exists ||
			fail "SIG$signal: of $cast some outlived the tracer" || return
		wait_until all_are_over || fail "SIG$signal: of $cast some are left" || return
		[ "$signal" = KILL ] || has seen.out "not as expected: broken off" || show seen.out ||
			fail "SIG$signal: it does not say that it was broken off" || return
	done
}

# has_cast COUNT: has the tracer so many descendants?
has_cast() {
	cast='' parents=$tracer
	while [ -n "$parents" ]; do
		children=
		for pid in $parents; do
			children="$children $(children_of "$pid")"
		done
		parents=$(echo "$children" | xargs)
		cast="$cast $parents"
	done
	[ "$(echo "$cast" | wc -w)" = "$1" ]
}

# The same of plays side by side: two who play, each with a stage and three roles.
nothing_left_of_two() {
	write_slow
	for signal in TERM KILL; do
		"$trace_program" demo --quiet --jobs 2 ./slow.scenario ./slow.scenario >seen.out 2>seen.err 8>&- 9>&- &
		tracer=$!
		keep_pid "$tracer"
		wait_until has_cast 10 || fail "there are $cast, not ten" || return
		stop "$tracer" "$signal" || return
		[ "$signal" = KILL ] || ! any_exists ||
			fail "SIG$signal: of $cast some outlived the tracer" || return
		wait_until all_are_over || fail "SIG$signal: of $cast some are left" || return
	done
}

# A play that goes wrong says where, and what was seen until then.
wrong_act() {
	cat >mine.scenario <<-'EOT'
		title  Mine
		about  Somebody should listen.
		client connect
		expect client
		  CLOSE -> SYN_SENT
		  SYN_SENT -> ESTABLISHED
	EOT
	"$trace_program" demo -q ./mine.scenario >seen.out 2>&1
	status=$?
	[ "$status" = 1 ] || show seen.out || fail "it ended with status $status, not 1" || return
	# the kernel's own word for it (6.10)
	sed -E -e 's/ : (nobody listens there|or ICMP: port unreachable)$//' seen.out >got
	cat >want <<-'EOT'
		not ok - ./mine.scenario: line 3, client connect: ECONNREFUSED (Connection refused), expected was success
		#   - client SYN_SENT -> ESTABLISHED
		#   + client SYN_SENT -> CLOSE
	EOT
	matches got want
}

# What this kernel lacks is a skip, with a status of its own.
lacks_something() {
	cat >mine.scenario <<-'EOT'
		title  Mine
		about  It needs what nobody has.
		needs  sysctl net.ipv4.tcp_luck
		client connect
		expect client
		  CLOSE -> SYN_SENT
	EOT
	says_so 77 "skip - ./mine.scenario: this kernel has no sysctl net.ipv4.tcp_luck" demo -q ./mine.scenario
}

# says_so STATUS LINE ARGUMENT...: on stdout or stderr, and nothing else
says_so() {
	want=$1
	echo "$2" >want
	shift 2
	timeout 20 "$trace_program" "$@" >seen.out 2>&1
	status=$?
	[ "$status" = "$want" ] || show seen.out || fail "'$*' ended with status $status, not $want" || return
	matches seen.out want
}

wrong_usage() {
	printf 'title t\nclient sings\n' >wrong.scenario
	says 2 "there is no scenario 'nowhere'" "$trace_program" demo nowhere || return
	says 2 "cannot read './nowhere'" "$trace_program" demo ./nowhere || return
	says 2 "'./wrong.scenario' line 2: client 'sings': is no verb" "$trace_program" demo client-quits \
		./wrong.scenario || return
	says 2 "demo shows connections of its own" "$trace_program" -P 80 demo client-quits || return
	says 2 "demo plays scenarios to their end" "$trace_program" -c 1 demo client-quits || return
	says 2 "demo plays scenarios to their end" "$trace_program" demo client-quits -- true || return
	says 2 "--quiet, --fast, --edges and --jobs go with demo" "$trace_program" --quiet || return
	says 2 "--quiet, --fast, --edges and --jobs go with demo" "$trace_program" --fast || return
	says 2 "--quiet, --fast, --edges and --jobs go with demo" "$trace_program" --fast replay file || return
	says 2 "--jobs goes with --quiet" "$trace_program" demo --jobs 2 client-quits
}

# The namespace's settings are not those of the machine.
sets_only_its_own() {
	before=$(cat /proc/sys/net/ipv4/tcp_fin_timeout)
	"$trace_program" demo --quiet fin-wait2-timeout >seen.out 2>&1 || show seen.out || fail "the play failed" || return
	[ "$(cat /proc/sys/net/ipv4/tcp_fin_timeout)" = "$before" ] || fail "tcp_fin_timeout was changed"
}

live_port=19999
limit=${SCENARIO_SECONDS:-100}
jobs=10
[ -z "${LIVE_GUEST-}" ] || jobs=1
names=$(sed 's/ .*//' "$live_dir/list")

# play_and_judge HOOKS SUFFIX
play_and_judge() {
	play_set "$1" "$2"
	for scenario in $names edges; do
		live_test "$scenario$2" as_expected
	done
}

play_and_judge tracepoint ""
if can_use fentry; then
	play_and_judge fentry ", by fentry"
else
	echo "skip - by fentry: $(head -n 1 "$live_dir/can.out")"
fi
user_test "a play that is broken off leaves nothing behind" nothing_left
user_test "nor do plays side by side" nothing_left_of_two
user_test "a play that goes wrong" wrong_act
user_test "a scenario that needs what is not there" lacks_something
user_test "wrong usage of demo" wrong_usage
live_test "sysctls are set in the namespace alone" sets_only_its_own
live_end
