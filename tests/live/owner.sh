#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# owner.sh: whose an end is said to be, and how that was learnt, while it goes from process to process. build/owners
# does one deed at a time and says who owned what.

# shellcheck disable=SC2119 # functions whose arguments are optional
# shellcheck source=tests/lib/live.sh
. "${0%/*}/../lib/live.sh"
live_unshare='--net --mount'
live_begin "$@"
export COLUMNS=300
owners=$live_build/owners
escape=$(printf '\033')

# ---- deeds ---------------------------------------------------------------------------------------

# begin OPTION...: the trace, of the ports from $port on
begin() {
	at=$port
	port=$((port + 20))
	start_trace seen --port "$at-$port" "$@"
}

# deed NAME [RUNNER...]: is done on a port of its own, $at; who owned its ends is in $client and $server. Status 77 if
# it cannot be done here.
deed() {
	at=$((at + 1))
	deed=$1
	shift
	timeout 60 "$@" "$owners" $at "$deed" >told 2>deed.err
	case $? in
	0) ;;
	77) return 77 ;;
	*) show deed.err || fail "$deed: it failed" || return ;;
	esac
	client=$(sed -n 's/^client //p' told)
	server=$(sed -n 's/^server //p' told)
}

# rows SIDE: "SOCKET PID HOW" of each row of that side of the last deed's connections; of a listener there are none
rows() {
	awk -v side="$1" -v port="$at" '
		$8 == 0 || $10 == 0 { next }
		$(side == "server" ? 8 : 10) == port { print $1, $2, $5 }' seen.out
}

# belongs SIDE PID HOW: at its end, to this process, learnt like that (a pattern)
belongs() {
	rows "$1" | tail -n 1 >last
	grep -qE "^[^ ]+ $2 ($3)$" last || show seen.out ||
		fail "$deed: the $1's end belongs to $(cat last), not to $2 by $3"
}

# ---- tests ---------------------------------------------------------------------------------------

# What is learnt of a server that uses its connection, in $used: accept() is seen by fentry alone.

# owns DEED HOW HOW: how the client's end was learnt, and the server's. The deeds are done first, and looked at when
# the trace has ended.
owns() {
	deed "$1" || return
	echo "$1 $at $client $2 $server $3" >>wanted
}

all_are_right() {
	end_trace || return
	while read -r deed at client client_how server server_how; do
		belongs client "$client" "$client_how" || return
		belongs server "$server" "$server_how" || return
	done <wanted
}

processes() {
	begin --hooks="$hooks" -o table -w || return
	owns alone connect "$used" || return
	owns prefork connect "$used" || return
	owns inetd connect first-read || return
	owns inetd-exec connect first-read || return
	owns parent-waits connect first-read || return
	owns pass first-read "$used|close" || return
	owns gone connect "$used" || return
	owns not-accepted connect listener || return
	all_are_right
}

io_uring() {
	begin -o table -w || return
	owns uring connect "$used"
	[ $? != 77 ] || skip "there is no io_uring here" || return
	all_are_right
}

# Every row, and not the last alone: the ends of a connection run on one CPU, in whose softirqs anybody may be.
one_cpu() {
	begin -o table -w || return
	deed busy || return
	end_trace || return
	rows client >client.rows
	rows server >server.rows
	[ "$(wc -l <client.rows)" -ge 400 ] || show seen.out || fail "there are too few rows" || return
	! grep -vE "^[^ ]+ $client connect$" client.rows >bad || show bad ||
		fail "a client's end is not the client's, $client" || return
	! grep -vE "^[^ ]+ $server ($used|listener)$" server.rows >bad || show bad ||
		fail "a server's end is not the server's, $server"
}

# It is there until its command line has been seen: that is gone with it.
nasty_names() {
	begin -o ladder -w --cmdline || return
	mkfifo stdin
	"$owners" "$at" nasty-name <stdin >told 2>deed.err 8>&- 9>&- &
	server=$!
	keep_pid "$server"
	exec 9>stdin
	wait_until has seen.out "$owners $at nasty-name" || show seen.out ||
		fail "there is no command line" || return
	exec 9>&-
	collect "$server" || return
	end_trace || return
	! grep -q "$escape" seen.out || fail "an escape reached the terminal" || return
	has seen.out "\\x1b[31mr\\xffd[$server]" || show seen.out || fail "the name is not there" || return
	grep -qE "uid 0, .*learnt by (accept|first read|listener)" seen.out || show seen.out ||
		fail "it is not told how the owner was learnt"
}

# A worker is named in the heading, where its master listens, or below it, if the machine is slow.
heading() {
	begin -o ladder || return
	deed prefork || return
	end_trace || return
	grep -qE -e "^ +owners\[$client\] +owners\[$server\]$" -e "server is owners\[$server\] \(first" seen.out || show seen.out ||
		fail "the heading does not name $client and $server"
}

# held COMMAND...: it waits before it begins; its pid in $held. let_go lets it
held() {
	rm -f gate
	mkfifo gate
	# shellcheck disable=SC2016
	sh -c 'read -r go <gate && exec "$@"' sh "$@" >told 2>deed.err 8>&- 9>&- &
	held=$!
	keep_pid "$held"
}

let_go() {
	echo go >gate
	collect "$held" || return
	[ "$status" = 0 ] || show deed.err || fail "the deed failed"
}

# Of one who listens, and has no connection; and of one who has.
pids() {
	at=$port
	held "$owners" "$at" prefork
	start_trace seen -o table -w --pid "1,$held" || return
	let_go || return
	end_trace || return
	rows server >got
	[ ! -s got ] || show seen.out || fail "a worker's connection is taken for its master's" || return
	has seen.out " $held " || show seen.out || fail "the master's listener is not shown" || return
	at=$((at + 1))
	held "$owners" "$at" alone
	start_trace seen -o table -w --pid 1 --pid "$held" || return
	let_go || return
	end_trace || return
	deed=alone
	belongs server "$held" "$used"
}

# ---- cgroups -------------------------------------------------------------------------------------

group=
tidy() {
	for live_group in "$group/docker-$id.scope" "$group"; do
		[ -z "$group" ] || [ ! -d "$live_group" ] || rmdir "$live_group"
	done
	group=
}
trap 'tidy; live_tidy' EXIT

mounted() {
	awk '$3 == "cgroup2" { print $2; exit }' /proc/self/mounts
}

# make_group: a cgroup in $group, $name below the mount, with a container in it; false if there can be none
make_group() {
	[ -n "$(mounted)" ] || mount -t cgroup2 none /sys/fs/cgroup 2>mount.err || return
	name=tcpstate-trace-live-$$
	mkdir "$(mounted)/$name" 2>mount.err || return
	group=$(mounted)/$name
	id=$(printf '%064d' 0 | tr 0 a)
	mkdir "$group/docker-$id.scope"
}

cgroups() {
	make_group || skip "no cgroup can be made: $(head -n 1 mount.err)" || return
	says 2 "--cgroup: there is no 'nonesuch' below" "$trace_program" --cgroup nonesuch || return
	begin -o ladder -w --record seen.rec --cgroup "$group" || return
	deed alone || return
	outside=$at
	inside=$((at + 1))
	# shellcheck disable=SC2016
	deed alone sh -c 'echo $$ >"$0/cgroup.procs" && exec "$@"' "$group/docker-$id.scope" || return
	end_trace || return
	tidy
	! has seen.out ":$outside" || show seen.out || fail "a process elsewhere is shown" || return
	has seen.out "owners[$server], container aaaaaaaaaaaa" || show seen.out ||
		fail "no container is told" || return
	has seen.out "uid 0, /$name/docker-$id.scope, learnt by " || show seen.out ||
		fail "no cgroup is told" || return
	replayed "/$name/docker-$id.scope" && replayed "$name/" &&
		not_replayed "/$name/docker" && not_replayed "/elsewhere"
}

replay() {
	"$trace_program" replay -o table --cgroup "$1" seen.rec >replayed 2>&1
}

replayed() {
	replay "$1"
	has replayed " $inside " || show replayed || fail "no replay with --cgroup $1"
}

not_replayed() {
	replay "$1"
	! has replayed " $inside " || show replayed || fail "it is replayed with --cgroup $1"
}

for hooks in tracepoint fentry; do
	if ! can_use $hooks; then
		echo "skip - $hooks: $(head -n 1 "$live_dir/can.out")"
		continue
	fi
	used=first-read
	[ $hooks = tracepoint ] || used=accept
	live_test "$hooks: accepted, inherited, passed on, given up, never accepted" processes
done
used='accept|first-read'
live_test "accepted, read and closed by io_uring" io_uring
live_test "two processes and a busy one on one CPU are told apart" one_cpu
live_test "names and command lines come escaped" nasty_names
live_test "the heading names the worker, not its master" heading
live_test "--pid acts on the owner" pids
live_test "--cgroup acts on the owner, live and in a replay; its container is told" cgroups
live_end
