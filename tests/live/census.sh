#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# census.sh: `tcpstate-trace snapshot` against the kernel's own word, which is that of ss.

# shellcheck disable=SC2119 # functions of live.sh whose arguments are optional
# shellcheck source=tests/lib/live.sh
. "${0%/*}/../lib/live.sh"
live_begin "$@"
own=/proc/self/ns/net

# ---- asking --------------------------------------------------------------------------------------

# snap OPTION...: what there is in this namespace, in "out"
snap() {
	timeout 20 "$trace_program" snapshot -N "$own" "$@" >out 2>err 8>&- 9>&-
	status=$?
	[ $status = 0 ] || show err || fail "snapshot $*: status $status" || return
	! [ -s err ] || show err || fail "snapshot $*: it wrote to stderr"
}

# endpoints: "STATE LOCAL REMOTE" of each in "out", below the counts of the table
endpoints() {
	awk 'seen { print $1, $2, $3 } /^STATE +LOCAL/ { seen = 1 }' out | sort
}

# counts_of FILE: "STATE COUNT" by the table
counts_of() {
	awk '/^total / { exit } FNR > 1 { n[$1] += $2 } END { for (s in n) print s, n[s] }' "$1" | sort
}

# there_is: the same as endpoints, by ss
there_is() {
	ss -tanH | awk '
		BEGIN {
			n = split("ESTAB ESTABLISHED SYN-RECV NEW_SYN_RECV FIN-WAIT-1 FIN_WAIT1 " \
				"FIN-WAIT-2 FIN_WAIT2", words, " ")
			for (i = 1; i < n; i += 2) name[words[i]] = words[i + 1]
		}
		$1 == "UNCONN" { next }
		{
			state = name[$1] ? name[$1] : $1
			gsub(/-/, "_", state)
			gsub(/\[::ffff:/, "", $0)
			for (i = 4; i <= 5; i++) {
				if ($i !~ /^\[/) sub(/\]/, "", $i)
				sub(/^\*:/, "[::]:", $i)
			}
			print state, $4, $5
		}' | sort
}

is_there() {
	there_is | grep -q "^$1 "
}

# agrees: what is shown is what ss says, and the counts count it
agrees() {
	there_is >want
	snap || return
	there_is | cmp -s - want || fail "it has changed meanwhile" || return
	endpoints >got
	matches got want || return
	counts_of out >got.counts
	awk '{ n[$1]++ } END { for (s in n) print s, n[s] }' want | sort >want.counts
	matches got.counts want.counts || return
	grep -q "^total  *$(wc -l <want)\$" out || show out || fail "the total is another one"
}

# shows TEXT...: a line of the last table begins with each, blanks aside
shows() {
	for text; do
		sed -E 's/ +/ /g' out | grep -q "^$text" || show out || fail "it does not show: $text" || return
	done
}

# rows N: so many endpoints are shown
rows() {
	[ "$(endpoints | wc -l)" = "$1" ] || show out || fail "there are not $1 endpoints"
}

# ---- what there may be ---------------------------------------------------------------------------

# A client in CLOSE_WAIT whose server was killed, an open pair over IPv6, TIME_WAITs
some_of_each() {
	start_server && start_client 127.0.0.1 || return
	stop "$server" KILL
	wait_until is_there CLOSE_WAIT || fail "there is no CLOSE_WAIT" || return
	waiting=$client waits_for=$port
	port=$((port + 1))
	start_server || return
	mkfifo hold
	exec 9<>hold
	"$client_program" ::1 "$port" <hold >held.out 2>held.err 8>&- 9>&- &
	client=$!
	keep_pid $client
	wait_until has held.err "connected to" || show held.err || fail "no connection" || return
	held=$client
	talk 127.0.0.1 && talk 127.0.0.1 || return
	client=$held
}

every_state() {
	command -v ss >/dev/null || skip "there is no ss" || return
	some_of_each || return
	agrees || return
	for state in LISTEN ESTABLISHED CLOSE_WAIT FIN_WAIT2 TIME_WAIT; do
		grep -q "^$state " got || show got || fail "there is no $state" || return
	done
	shows "TIME_WAIT 2 minisock" "FIN_WAIT2 1 minisock" "ESTABLISHED 2 full"
}

# SYN_SENT here, a request there.
half_done() {
	half_open NEW_SYN_RECV || return
	agrees || return
	nft delete table ip live
	shows "NEW_SYN_RECV 1 request" "SYN_SENT 1 full" \
		"NEW_SYN_RECV 127.0.0.1:$port 127.0.0.1:[0-9]* echo-server.$server. [0-9.]*s echo-client.$client.\$" \
		"SYN_SENT 127.0.0.1:[0-9]* 127.0.0.1:$port echo-client.$client. - echo-server.$server.\$"
}

owners() {
	some_of_each || return
	snap || return
	shows "LISTEN .*:$port [^ ]* echo-server.$server. - -\$" \
		"ESTABLISHED .::1.:$port .::1.:[0-9]* echo-server.$server. - echo-client.$client.\$" \
		"ESTABLISHED .::1.:[0-9]* .::1.:$port echo-client.$client. - echo-server.$server.\$" \
		"CLOSE_WAIT 127.0.0.1:[0-9]* 127.0.0.1:$waits_for echo-client.$waiting. - here\$" \
		"FIN_WAIT2 127.0.0.1:$waits_for 127.0.0.1:[0-9]* - [0-9.]*s echo-client.$waiting.\$" \
		"TIME_WAIT 127.0.0.1:[0-9]* 127.0.0.1:$port - [0-9.]*s -\$" || return
	# The two ends of a connection stand together, behind the listeners of their port.
	awk '/:'"$port"' / { print $1 }' out | head -n 5 | uniq | tr '\n' ' ' >order
	has order "LISTEN ESTABLISHED TIME_WAIT" || show out || fail "they stand in another order"
}

# A child that nobody has accepted yet is its listener's, and so said.
unaccepted() {
	start_server || return
	kill -STOP "$server"
	wait_until is_stopped "$server"
	start_client 127.0.0.1 || return
	snap --wide || return
	kill -CONT "$server"
	sed -E 's/ +/ /g' out | grep "^ESTABLISHED 127.0.0.1:$port " >child
	has child "echo-server[$server]" && has child " listener " || show out || fail "its owner is another one"
}

# left: of the one TIME_WAIT of this port, by ss, in seconds
left() {
	ss -tanoH state time-wait dport = ":$port" | sed -n 's/.*timer:(timewait,\([0-9.]*\)\(sec\|ms\|min\).*/\1 \2/p' |
		awk '{ print $2 == "min" ? $1 * 60 : $2 == "ms" ? 0 : int($1) }'
}

left_some() {
	[ -n "$(left)" ]
}

time_left() {
	command -v ss >/dev/null || skip "there is no ss" || return
	start_server && talk 127.0.0.1 || return
	wait_until left_some || fail "there is no TIME_WAIT" || return
	most=$(left)
	snap --port "$port" --state time-wait || return
	least=$(left)
	mine=$(awk '/^TIME_WAIT .*s / { sub(/s$/, "", $5); print $5 }' out)
	awk "BEGIN { exit !($mine >= $least - 0.2 && $mine <= $most + 1.2) }" || show out ||
		fail "$mine s are left, by ss from $least to $most"
}

# ---- filters -------------------------------------------------------------------------------------

filters() {
	some_of_each || return
	snap --port "$port" && rows 6 || return # two listeners, a pair, two TIME_WAITs
	snap --port "$waits_for" && rows 2 || return
	snap -L "$port" --state established && rows 1 && shows "ESTABLISHED .::1.:$port " || return
	snap -D "$port" --state established && rows 1 && shows "ESTABLISHED .::1.:[0-9]* " || return
	snap --port "$waits_for,$port" --state time-wait,close-wait && rows 3 && shows "total 3\$" || return
	snap -6 --state established && rows 2 || return
	snap -4 --state established && rows 0 && shows "total 0\$" || return
	snap --host ::1 --port "$port" && rows 2 || return
	snap --pid "$client" && rows 1 && shows "ESTABLISHED .::1.:[0-9]* .::1.:$port echo-client" || return
	snap --pid "$waiting,$server" && rows 4
}

other_namespace() {
	start_server || return
	timeout 20 unshare --net "$trace_program" snapshot -N "/proc/$server/ns/net" --port "$port" >out 2>err ||
		show err || fail "no snapshot" || return
	shows "LISTEN .*:$port [^ ]* echo-server.$server. " || return
	timeout 20 unshare --net "$trace_program" snapshot -N "$own" >out 2>err ||
		show err || fail "no snapshot" || return
	shows "total 0\$"
}

# ---- too many ------------------------------------------------------------------------------------

more_than_it_may_keep() {
	start_server --bind 127.0.0.1 || return
	both=$port,$((port + 1000))
	"$live_build/storm" $((port + 1000)) 50 >storm.out 2>storm.err || show storm.err || fail "no storm" || return
	timeout 20 "$trace_program" snapshot -N "$own" --port "$both" --max-connections 16 >out 2>err || show err ||
		fail "the status is that of a failure" || return
	has err "35 endpoints are counted, but not shown" || show err || fail "what is missing is not said" || return
	shows "TIME_WAIT 50 minisock" "total 51\$" "LISTEN 127.0.0.1:$port " || return
	rows 16 || return
	timeout 20 "$trace_program" snapshot -N "$own" --port "$both" --max-connections 16 -o json >out 2>err
	has out '"whole":false' || show out || fail "the JSON is silent about it"
}

# ---- watching ------------------------------------------------------------------------------------

# begin_watch OPTION...: what it shows is in "watched"
begin_watch() {
	"$trace_program" snapshot -N "$own" --watch 0.2 --port "$port" "$@" >watched 2>err 8>&- 9>&- &
	tracer=$!
	keep_pid $tracer
	wait_until [ -s watched ] || show err || fail "it does not begin"
}

marked() {
	sed -E 's/ +/ /g' watched >out
	grep -q "^$1" out
}

# marks TEXT...: in time
marks() {
	for text; do
		wait_until marked "$text" || show out || fail "it does not show: $text" || return
	done
}

end_watch() {
	kill "-$1" "$tracer"
	collect "$tracer" || return
	[ "$status" = 0 ] || show err || fail "it ended with status $status" || return
	! [ -s err ] || show err || fail "it wrote to stderr"
}

watch() {
	begin_watch || return
	marks "total 0\$" || return
	start_server --bind 127.0.0.1 || return
	marks "LISTEN 1 (+1) full" "+ LISTEN 127.0.0.1:$port 0.0.0.0:. echo-server.$server. - - -\$" || return
	start_client 127.0.0.1 || return
	marks "+ ESTABLISHED 127.0.0.1:$port .* echo-client.$client.\$" || return
	stop "$server" KILL
	marks "LISTEN 0 (-1) full" "- LISTEN 127.0.0.1:$port " \
		". \(ESTABLISHED\|FIN_WAIT1\) ~> FIN_WAIT2 127.0.0.1:$port [^ ]* echo-server.$server. [0-9.]*s >[0-9.]*s echo-client" \
		". ESTABLISHED -> CLOSE_WAIT 127.0.0.1:[0-9]* 127.0.0.1:$port echo-client" || return
	type_line q
	collect "$client"
	marks "TIME_WAIT 1 (+1) minisock" ". FIN_WAIT2 ~> TIME_WAIT 127.0.0.1:$port [^ ]* echo-server.$server. " \
		"- CLOSE_WAIT " || return
	end_watch INT || return
	[ "$(grep -c '^# ' out)" -gt 3 ] && [ "$(grep -c '^- LISTEN' out)" = 1 ] || show out ||
		fail "there are no rounds, or one change is told twice"
}

# rounds N: there have been so many
rounds() {
	[ "$(grep -c '^snapshot,' watched)" -ge "$1" ]
}

watch_data() {
	start_server --bind 127.0.0.1 || return
	begin_watch -o csv || return
	wait_until grep -q "endpoint,.*LISTEN,full,.*,127.0.0.1,$port," watched || show watched || fail "no listener" || return
	wait_until rounds 4 || show watched || fail "it does not go on" || return
	stop "$server"
	wait_until grep -q "endpoint,.*,gone,.*LISTEN,full,.*,127.0.0.1,$port," watched || show watched || fail "it is not gone" ||
		return
	end_watch TERM || return
	counts 2 watched ",LISTEN,full," || show watched || fail "what does not change is told again" || return
	[ "$(sed 's/"[^"]*\(""[^"]*\)*"//g' watched | awk -F, '{ print NF }' | uniq | wc -l)" = 1 ] || show watched || fail "its columns vary" || return
	timeout 20 "$trace_program" snapshot --watch 0.1 -d 1.5 -N "$own" -o json >out 2>err || show err ||
		fail "with -d it ended with a failure" || return
	has out '"type":"snapshot"' && has out '"round":2' || show out || fail "there are no rounds"
}

# ---- forms ---------------------------------------------------------------------------------------

json() {
	command -v jq >/dev/null || skip "there is no jq" || return
	some_of_each || return
	snap -o json --port "$waits_for,$port" || return
	jq -es '.[0].total == (map(select(.type == "endpoint")) | length) and all(.[]; .v == 1) and
		(map(select(.pid == '"$client"' and .peer.pid == '"$server"' and .left_ns == null)) | length) == 1 and
		(map(select(.state == "TIME_WAIT" and .left_ns > 0 and .pid == null)) | length) == 2' out >jq.out 2>&1 ||
		show jq.out || fail "it says something else"
}

wrong_usage() {
	says 2 "snapshot traces nothing" "$trace_program" snapshot --record x || return
	says 2 "snapshot only looks" "$trace_program" snapshot --hooks none || return
	says 2 "snapshot looks once" "$trace_program" snapshot -d 1 || return
	says 2 "snapshot has no ladder" "$trace_program" snapshot -o ladder || return
	says 2 "snapshot takes no argument" "$trace_program" snapshot 80 || return
	says 2 "--watch goes with snapshot" "$trace_program" --watch 1
}

live_test "what it shows is what ss shows, with minisocks" every_state
live_test "... half-done handshakes as well" half_done
live_test "owners, and the other end" owners
live_test "a connection that nobody has accepted" unaccepted
live_test "the time left is that of ss" time_left
live_test "filters" filters
live_test "another network namespace" other_namespace
live_test "more than --max-connections: counted all the same" more_than_it_may_keep
live_test "--watch marks what has changed" watch
live_test "--watch as data tells changes alone" watch_data
user_test "JSON" json
user_test "wrong command lines" wrong_usage
live_end
