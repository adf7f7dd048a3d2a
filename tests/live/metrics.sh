#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# metrics.sh: what --metrics serves, and that nobody who comes for it is in the way of the trace.

# shellcheck disable=SC2119 # functions of live.sh whose arguments are optional
# shellcheck source=tests/lib/live.sh
. "${0%/*}/../lib/live.sh"
live_begin "$@"
visitor_program=$live_build/visitor
storm_program=$live_build/storm

# start_metrics OPTION...: a trace of $port, whose counts are at $at
start_metrics() {
	at=$((port + 1000))
	start_trace seen --port "$port" --metrics "$at" "$@"
}

# get METHOD PATH [ACCEPT]: the answer is in "answer", what is below its headers in "page"
get() {
	timeout 20 "$visitor_program" "$at" get "$@" >answer 2>get.err 8>&- 9>&- || show get.err ||
		fail "no answer" || return
	sed '1,/^\r*$/d' answer >page
}

# answers STATUS: the last one
answers() {
	head -n 1 answer | grep -q "^HTTP/1.1 $1 " || show answer || fail "the answer is not $1"
}

# stands LINE...: in the page
stands() {
	for line; do
		grep -qxF -e "$line" page && continue
		grep -F -e "${line% *} " -e "_events_total " page >instead
		show instead || fail "it does not say: $line" || return
	done
}

# tells LINE...: as above, asked now; without an answer there is nothing to wait for
tells() {
	get GET /metrics || return 0
	(stands "$@")
}

# is_told LINE...: sooner or later
is_told() {
	wait_until tells "$@" && [ -z "$live_why" ] && return
	rm -f "$live_dir/shown"
	stands "$@"
}

closed() {
	echo "tcpstate_closes_total{verdict=\"closed\",first=\"$1\"} $2"
}

moved() {
	echo "tcpstate_transitions_total{from=\"$1\",to=\"$2\",kind=\"$3\"} $4"
}

are_in() {
	echo "tcpstate_endpoints{state=\"$1\",kind=\"$2\"} $3"
}

# storm N: so many connections are made, and all of them are counted
storm() {
	timeout 60 "$storm_program" "$port" "$1" 1 2000 >storm.out 2>&1 8>&- 9>&- ||
		show storm.out || fail "the storm broke off" || return
	is_told "$(closed client "$1")" "$(moved SYN_SENT ESTABLISHED full "$1")" \
		"$(moved LAST_ACK CLOSE full "$1")" "tcpstate_lost_events_total 0"
}

# ---- what is served ------------------------------------------------------------------------------

counts_connections() {
	start_metrics && start_server && talk 127.0.0.1 && talk 127.0.0.1 && talk 127.0.0.1 || return
	is_told "$(closed client 3)" "$(closed server 0)" "$(moved ESTABLISHED CLOSE_WAIT full 3)" \
		"$(moved FIN_WAIT2 TIME_WAIT minisock 3)" "$(are_in TIME_WAIT minisock 3)" \
		"$(are_in LISTEN full 2)" "$(are_in ESTABLISHED full 0)" \
		'tcpstate_state_seconds_count{state="ESTABLISHED",kind="full"} 6' \
		'tcpstate_state_seconds_bucket{state="ESTABLISHED",kind="full",le="86400.0"} 6' \
		'tcpstate_tracked_connections_limit 65536' || return
	start_client 127.0.0.1 || return
	is_told "$(are_in ESTABLISHED full 2)" || return
	exec 8>&-
	stop "$client" KILL
	is_told "$(are_in ESTABLISHED full 0)" "$(closed client 4)" || return
	end_trace || return
	! [ -s seen.out ] || show seen.out || fail "it printed"
}

serves_two_forms() {
	start_metrics || return
	get GET /metrics && answers 200 && stands '# TYPE tcpstate_closes_total counter' || return
	has answer 'Content-Type: text/plain; version=0.0.4; charset=utf-8' || show answer ||
		fail "the type is another" || return
	get GET /metrics 'application/openmetrics-text;version=1.0.0,text/plain;q=0.5' && answers 200 &&
		stands '# TYPE tcpstate_closes counter' '# UNIT tcpstate_state_seconds seconds' || return
	has answer 'Content-Type: application/openmetrics-text; version=1.0.0; charset=utf-8' || show answer ||
		fail "the type of OpenMetrics is another" || return
	[ "$(tail -n 1 page)" = '# EOF' ] || fail "it does not end in EOF"
}

serves_nothing_else() {
	start_metrics || return
	for path in / /metrics/ /metric /../etc/passwd "/%6detrics/x" /metricsx; do
		get GET "$path" && answers 404 || return
	done
	for method in POST PUT DELETE OPTIONS TRACE NONSENSE; do
		get "$method" /metrics && answers 405 && has answer 'Allow: GET, HEAD' || fail "$method is allowed" || return
	done
	get HEAD /metrics && answers 200 && ! [ -s page ] || show answer || fail "HEAD has a page" || return
	get GET '/metrics?name=x' && answers 200
}

counts_runs() {
	rm -f keyboard && mkfifo keyboard && exec 8<>keyboard
	"$visitor_program" 1 stats <keyboard >stats.out 2>stats.err 8>&- 9>&- &
	keep_pid $!
	wait_until has stats.out ready || skip "the kernel does not count: $(cat stats.err)" || return
	start_metrics && start_server && talk 127.0.0.1 && is_told "$(closed client 1)" || return
	awk '/^tcpstate_bpf_runs_total.program="trace_state". / { runs = $2 }
		/^tcpstate_bpf_run_seconds_total.program="trace_state". / { seconds = $2 }
		END { exit !(runs >= 10 && seconds > 0 && seconds < 1) }' page ||
		fail "the program has not run, or for too long"
}

prints_if_asked() {
	start_metrics -o json && start_server && talk 127.0.0.1 && is_told "$(closed client 1)" || return
	end_trace && has seen.out '"type":"connection"' || show seen.out || fail "there are no lines"
}

# The bounding set of the unit, as setpriv(1) has it: CAP_BPF CAP_PERFMON is -all,+bpf,+perfmon.
serves_as_a_service() {
	unit=${live_lib%/*/*}/user/package/tcpstate-trace.service
	capabilities=-all$(sed -n 's/^CapabilityBoundingSet=//p' "$unit" | tr '[:upper:]' '[:lower:]' | sed 's/\(^\| \)cap_/,+/g')
	tracer_alone=$trace_program trace_program=$PWD/as-service
	cat >as-service <<-END
		#!/bin/sh
		exec setpriv --no-new-privs --inh-caps=$capabilities --bounding-set=$capabilities "$tracer_alone" "\$@"
	END
	chmod +x as-service
	start_metrics -o json
	trace_program=$tracer_alone
	[ -z "$live_why" ] && ! [ -s seen.err ] || show seen.err || fail "something is missing" || return
	start_server && talk 127.0.0.1 && is_told "$(closed client 1)" "$(are_in TIME_WAIT minisock 1)" && end_trace
}

# ---- where ---------------------------------------------------------------------------------------

says_what_is_wrong() {
	start_metrics || return
	says 2 "--metrics: 127.0.0.1:$at is in use: see tcpstate-trace why 127.0.0.1:$at" \
		"$trace_program" --metrics "$at" || return
	says 2 "--metrics: 192.0.2.1:$at is at no address of this host" \
		"$trace_program" --metrics "192.0.2.1:$at" || return
	says 2 "--metrics: [2001:db8::1]:$at is at no address of this host" \
		"$trace_program" --metrics "[2001:db8::1]:$at"
}

serves_again_at_once() {
	start_metrics && get GET /metrics && answers 200 && end_trace || return
	start_metrics && get GET /metrics && answers 200
}

# ---- who is in the way ---------------------------------------------------------------------------

# visit DEED [NUMBER]: somebody comes, and is there, or is done
visit() {
	rm -f visitors && mkfifo visitors && exec 8<>visitors
	"$visitor_program" "$at" "$@" <visitors >visit.out 2>visit.err 8>&- 9>&- &
	guest=$!
	keep_pid "$guest"
	wait_until has visit.out ready || show visit.err || fail "the visitor did not come"
}

# What comes with the end of the client's side is answered, and then nobody waits for more.
serves_who_ends() {
	start_metrics || return
	timeout 20 "$visitor_program" "$at" ends >answer 2>get.err 8>&- 9>&- || show get.err ||
		fail "the connection stays" || return
	answers 200 && end_trace
}

bears_slow_clients() {
	start_metrics && visit slow && visit slow && storm 500 || return
	live_patience=2
	collect "$guest" && [ "$status" = 0 ] || fail "it is not thrown out" || return
	live_patience=1
	get GET /metrics && answers 200 && end_trace
}

bears_deaf_clients() {
	start_metrics && visit deaf && visit deaf && storm 500 && is_running "$guest" &&
		get GET /metrics && answers 200 && end_trace
}

bears_many_clients() {
	start_metrics && visit many 1000 && storm 500 || return
	[ "$(find "/proc/$tracer/fd" -type l | wc -l)" -lt 200 ] || fail "it keeps too many connections" || return
	get GET /metrics && answers 200 && end_trace
}

bears_garbage() {
	start_metrics || return
	timeout 30 "$visitor_program" "$at" garbage 2>visit.err 8>&- 9>&- || show visit.err || fail "garbage" || return
	storm 500 && end_trace
}

bears_huge_headers() {
	start_metrics || return
	timeout 30 "$visitor_program" "$at" huge 2>visit.err 8>&- 9>&- || show visit.err || fail "huge" || return
	storm 500 && end_trace
}

live_test "counts are those of the connections" counts_connections
live_test "the kernel's count of what programs run" counts_runs
user_test "text, or OpenMetrics by Accept" serves_two_forms
user_test "nothing else is served" serves_nothing_else
user_test "lines as well, if they are asked for" prints_if_asked
user_test "with the capabilities of the service alone" serves_as_a_service
user_test "a port that is taken, an address that is not ours" says_what_is_wrong
user_test "the port can be had again at once" serves_again_at_once
user_test "clients that end with their request" serves_who_ends
user_test "clients that send a byte now and then" bears_slow_clients
user_test "clients that do not read" bears_deaf_clients
user_test "a thousand clients" bears_many_clients
user_test "clients that send garbage" bears_garbage
user_test "headers without end" bears_huge_headers
live_end
