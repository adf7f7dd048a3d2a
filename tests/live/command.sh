#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# command.sh: tcpstate-trace -- COMMAND.

# shellcheck disable=SC2119,SC2086 # optional arguments of functions of live.sh; $live_hooks, an option or none
# shellcheck source=tests/lib/live.sh
. "${0%/*}/../lib/live.sh"
live_begin "$@"
export COLUMNS=300

# run_command COMMAND...: traced on $port, as a ladder in seen.out; its end in $status
run_command() {
	rm -f seen.*
	"$trace_program" $live_hooks -P "$port" -o ladder -- "$@" </dev/null >seen.out 2>seen.err 8>&- 9>&- &
	tracer=$!
	keep_pid "$tracer"
	collect "$tracer"
}

# ends_with STATUS COMMAND...
ends_with() {
	want=$1
	shift
	run_command "$@" || return
	[ "$status" = "$want" ] || show seen.err || fail "'$*' ended with $status, not $want"
}

exit_status() {
	for number in 0 1 3 255; do
		ends_with $number sh -c "exit $number" || return
		! [ -s seen.err ] || show seen.err || fail "it wrote to stderr" || return
	done
	# shellcheck disable=SC2016
	ends_with 143 sh -c 'kill -TERM $$' || return
	# shellcheck disable=SC2016
	ends_with 137 sh -c 'kill -KILL $$' || return
	ends_with 0 "$client_program" --version || return
	has seen.out "echo-client " || fail "what the command prints is lost"
}

# cannot_run STATUS WORD: one sentence
cannot_run() {
	ends_with "$1" "$2" || return
	has_lines 1 seen.err && has seen.err "cannot run '$2': " || show seen.err ||
		fail "'$2' is not said in one sentence" || return
	! [ -s seen.out ] || show seen.out || fail "something is shown"
}

not_runnable() {
	echo "text" >plain-file
	cannot_run 126 ./plain-file || return
	cannot_run 126 / || return
	cannot_run 127 ./nowhere || return
	cannot_run 127 no-such-program-anywhere
}

# It gets stdin, and its words come where ours do.
talks_through() {
	start_server || return
	printf 'Hello\nq\n' >typed
	"$trace_program" $live_hooks -P "$port" -o ladder -- "$client_program" 127.0.0.1 "$port" <typed >seen.out \
		2>seen.err 8>&- 9>&- &
	keep_pid $!
	collect $! || return
	[ "$status" = 0 ] || show seen.err || fail "it ended with $status" || return
	has seen.out Hello || show seen.out || fail "the echo is missing" || return
	has seen.out "closed by client first" || show seen.out || fail "the verdict is missing"
}

# The command makes two connections by two children, and somebody else one to the same port between them.
only_its_own() {
	start_server || return
	cat >children <<-'EOF'
		"$1" --send one 127.0.0.1 "$2"
		: >first-is-done
		until [ -e go-on ]; do
			sleep 0.02
		done
		"$1" --send two ::1 "$2"
	EOF
	"$trace_program" $live_hooks -P "$port" -o ladder -- sh ./children "$client_program" "$port" </dev/null \
		>seen.out 2>seen.err 8>&- 9>&- &
	tracer=$!
	keep_pid "$tracer"
	wait_until test -e first-is-done || fail "the command does not run" || return
	talk 127.0.0.1 || return
	other=$client
	: >go-on
	collect "$tracer" || return
	[ "$status" = 0 ] || show seen.err || fail "it ended with $status" || return
	counts 2 seen.out "closed by client first" || show seen.out || fail "not two verdicts" || return
	counts 1 seen.out "client 127.0.0.1:" && counts 1 seen.out "client [::1]:" || show seen.out ||
		fail "not two connections" || return
	! has seen.out "[$other]" || show seen.out || fail "a stranger's connection is shown" || return
	! has seen.out "listener" || show seen.out || fail "a stranger's listener is shown"
}

# TIME_WAIT outlives it by a minute; that is not waited for.
not_for_time_wait() {
	start_server || return
	ends_with 0 "$client_program" --send hello 127.0.0.1 "$port" || return
	tcp_has 06 || show seen.out || fail "no socket is in TIME_WAIT" || return
	has seen.out "TIME_WAIT 60 s at client" || show seen.out || fail "the verdict does not say so"
}

# What a child that outlives the command has open keeps the trace going.
child_outlives_it() {
	start_server || return
	cat >leaves <<-'EOF'
		"$1" 127.0.0.1 "$2" <keyboard >child.out 2>child.err &
		echo $! >child.pid
		until grep -q "connected to" child.err; do
			sleep 0.02
		done
	EOF
	mkfifo keyboard
	exec 8<>keyboard
	"$trace_program" $live_hooks -P "$port" -o ladder -- sh ./leaves "$client_program" "$port" </dev/null \
		>seen.out 2>seen.err 8>&- 9>&- &
	tracer=$!
	keep_pid "$tracer"
	wait_until has child.err "connected to" || fail "the child has no connection" || return
	keep_pid "$(cat child.pid)"
	wait_until has_no_child "$tracer" || fail "the command does not end" || return
	wait_until grep -q "ACK .* ESTABLISHED" seen.out || show seen.out || fail "nothing is shown" || return
	is_running "$tracer" || show seen.out || fail "the trace has ended before its connection" || return
	type_line q
	collect "$tracer" || return
	[ "$status" = 0 ] || show seen.err || fail "it ended with $status" || return
	has seen.out "closed by client first" || show seen.out || fail "the verdict is missing"
}

# has_no_child PID: any more
has_no_child() {
	! grep -q "^PPid:[^0-9]*$1\$" /proc/[0-9]*/status 2>/dev/null
}

# A server: its connections are those that it accepts.
command_is_server() {
	"$trace_program" $live_hooks -P "$port" -o ladder -- "$server_program" --once "$port" </dev/null >seen.out \
		2>seen.err 8>&- 9>&- &
	tracer=$!
	keep_pid "$tracer"
	wait_until has seen.out "listening on" || show seen.err || fail "no server" || return
	talk ::1 || return
	collect "$tracer" || return
	[ "$status" = 0 ] || show seen.err || fail "it ended with $status" || return
	counts 2 seen.out ": LISTEN by echo-server[" || show seen.out ||
		fail "its two listeners are not shown" || return
	has seen.out "echo-client[$client]" && has seen.out "closed by client first" || show seen.out ||
		fail "the connection is not shown with both its ends"
}

# With sudo's variables it runs as the user who called sudo.
as_the_caller() {
	export SUDO_UID=65534 SUDO_GID=65533
	run_command sh -c 'id -u; id -g; id -G'
	unset SUDO_UID SUDO_GID
	[ "$status" = 0 ] || show seen.err || fail "it ended with $status" || return
	printf '65534\n65533\n65533\n' >want
	user=$(id -un 65534 2>/dev/null)
	[ "$user" = "" ] || [ "$user" = nobody ] || skip "user 65534 is $user" || return
	sed 's/ 65534$//' seen.out >got # the user's own groups, if he has some
	matches got want || return
	run_command sh -c 'id -u; id -g'
	printf '0\n0\n' >want
	matches seen.out want
}

# It has the descriptors that it would have without us, and default signals.
inherits_nothing() {
	cat >inherited <<-'EOF'
		ls /proc/self/fd
		grep -E '^Sig(Blk|Ign|Cgt):' /proc/self/status
	EOF
	mkfifo ready
	cat ready >said &
	keep_pid $!
	sh ./inherited </dev/null >want 2>/dev/null 3>&- 8>&- 9>&- &
	keep_pid $!
	collect $! || return
	"$trace_program" $live_hooks -P "$port" -o ladder --ready-fd 3 --record seen.rec -- sh ./inherited \
		</dev/null >got 2>/dev/null 3>ready 8>&- 9>&- &
	keep_pid $!
	collect $! || return
	[ "$status" = 0 ] || fail "it ended with $status" || return
	has said ready || fail "the tracer was not ready" || return
	matches got want
}

# A first SIGINT is the command's business, as the terminal gives it to both; a second one is ours.
interrupted_once() {
	mkfifo gate
	exec 8<>gate
	"$trace_program" $live_hooks -P "$port" -o ladder --ready-fd 3 -- sh -c 'echo begun; read -r _; exit 7' \
		<gate >seen.out 2>seen.err 3>/dev/null 8>&- 9>&- &
	tracer=$!
	keep_pid "$tracer"
	wait_until has seen.out begun || fail "the command does not run" || return
	kill -INT "$tracer"
	wait_until no_signal_waits || fail "the signal was not taken" || return
	is_running "$tracer" || fail "it ended before the command" || return
	echo >&8
	collect "$tracer" || return
	[ "$status" = 7 ] || show seen.err || fail "it ended with $status, not 7"
}

# It has taken SIGINT from the signals that wait.
no_signal_waits() {
	[ "$(sed -n 's/^ShdPnd:[^0-9a-f]*//p' "/proc/$tracer/status")" = 0000000000000000 ]
}

interrupted_twice() {
	start_server || return
	mkfifo gate
	exec 8<>gate
	# shellcheck disable=SC2016
	"$trace_program" $live_hooks -P "$port" -o ladder -- sh -c 'echo $$ >command.pid; exec "$@"' sh \
		"$client_program" 127.0.0.1 "$port" <gate >seen.out 2>seen.err 8>&- 9>&- &
	tracer=$!
	keep_pid "$tracer"
	wait_until grep -q "ACK .* ESTABLISHED" seen.out || show seen.out || fail "nothing is shown" || return
	keep_pid "$(cat command.pid)"
	kill -INT "$tracer"
	wait_until no_signal_waits || fail "the signal was not taken" || return
	is_running "$tracer" || fail "it ended at the first SIGINT" || return
	kill -INT "$tracer"
	collect "$tracer" || return
	has seen.out "still open" || show seen.out || fail "the open connection is not said" || return
	[ "$status" = 143 ] || fail "it ended with $status, not with the command's 128 + SIGTERM" || return
	not is_running "$(cat command.pid)" || fail "the command lives on"
}

# SIGTERM is handed on.
terminated() {
	# shellcheck disable=SC2016
	"$trace_program" $live_hooks -P "$port" -o ladder -- sh -c 'echo $$ >command.pid; exec sleep 60' \
		</dev/null >seen.out 2>seen.err 8>&- 9>&- &
	tracer=$!
	keep_pid "$tracer"
	wait_until test -s command.pid || fail "the command does not run" || return
	command=$(cat command.pid)
	keep_pid "$command"
	kill -TERM "$tracer"
	collect "$tracer" || return
	wait_until is_over "$command" || fail "the command was left running"
}

# A tracer that cannot begin does not run the command.
not_without_trace() {
	"$trace_program" -P "$port" --record /nowhere/seen.rec -- sh -c ': >ran' </dev/null >seen.out \
		2>seen.err 8>&- 9>&- &
	keep_pid $!
	collect $! || return
	[ "$status" = 1 ] || show seen.err || fail "it ended with $status, not 1" || return
	has_lines 1 seen.err && has seen.err "cannot write '/nowhere/seen.rec'" || show seen.err ||
		fail "it did not say why" || return
	! [ -e ran ] || fail "the command ran"
}

user_test "the exit status is the command's" exit_status
user_test "a command that cannot be run: 126, not found: 127" not_runnable
user_test "stdin and stdout are the command's" talks_through
live_test "its children's connections, and nobody else's" only_its_own
live_test "TIME_WAIT is not waited for" not_for_time_wait
live_test "a child that outlives the command is waited for" child_outlives_it
live_test "a server as the command" command_is_server
user_test "it runs as the user who called sudo" as_the_caller
user_test "it inherits no descriptor and no signal mask" inherits_nothing
user_test "SIGINT once: the command decides" interrupted_once
user_test "SIGINT twice: the trace ends, and the command with it" interrupted_twice
user_test "SIGTERM ends both" terminated
user_test "without a trace the command does not run" not_without_trace
live_end
