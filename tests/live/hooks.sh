#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# hooks.sh: what the kernel side tells of minisocks, by each of the two sets of hooks, which must tell the
# same. Recordings are read, by build/records: what is made of them is the business of other tests.

# shellcheck disable=SC2119 # functions whose arguments are optional
# shellcheck source=tests/lib/live.sh
. "${0%/*}/../lib/live.sh"
live_begin "$@"
records=$live_build/records
fin_timeout=/proc/sys/net/ipv4/tcp_fin_timeout
buckets=/proc/sys/net/ipv4/tcp_max_tw_buckets

# ---- reading recordings --------------------------------------------------------------------------

# lives: the minisocks of seen.rec by what both sets tell of them, in the order of their births:
#
#	WHAT STATE left=SECONDS segment=FLAGS resent=N
#
# A timer that the tracepoints say to stop may only be about to start anew, or to run out.
lives() {
	"$records" seen.rec 2>records.err | awk '
		function say(line) { life[mini] = life[mini] line "\n" }
		$1 != "MINI" { next }
		{
			for (i = 2; i <= NF; i++) { at = index($i, "="); v[substr($i, 1, at - 1)] = substr($i, at + 1) }
			mini = v["mini"]; what = tolower(v["what"])
			line = sprintf("%s %s left=%d segment=%s resent=%s", what, v["state"],
				(v["left_ms"] + 999) / 1000, v["segment"], v["resent"])
			if (!(mini in life) || what == "born") { order[++n] = life[mini]; life[mini] = "" }
			if (!(mini in seen)) { seen[mini] = 1; minis[++m] = mini }
			if (mini in held && what != "armed" && what != "expired") say(held[mini])
			delete held[mini]
			if (what == "stopped") held[mini] = "stopped " v["state"]
			else if (what != "armed") say(line)
		}
		END {
			for (i = 1; i <= n; i++) printf "%s", order[i]
			for (i = 1; i <= m; i++) {
				mini = minis[i]
				if (mini in held) say(held[mini])
				printf "%s", life[mini]
			}
		}'
}

# tells TEXT: does a line of lives hold this text?
tells() {
	lives >told
	has told "$1"
}

# is_told: after the end of the trace, are the lives those in the file "want"?
is_told() {
	end_trace || return
	lives >got
	matches got want || {
		"$records" seen.rec >all 2>records.err
		show all
	}
}

# begin: the trace and a server
begin() {
	start_trace seen --hooks="$hooks" --record seen.rec --port "$port" && start_server
}

# ---- tests ---------------------------------------------------------------------------------------

# until_kept: the minisock of an orphan in FIN_WAIT2 is told of
until_kept() {
	wait_until tells "born FIN_WAIT2" || show told || fail "no minisock in FIN_WAIT2"
}

# quit_before_server HOST: the client quits while the server cannot answer
quit_before_server() {
	begin && start_client "$1" || return
	kill -STOP "$server"
	type_line q
	collect "$client" && until_kept
}

# half_closed: the handshake, and the client's minisock
half_closed() {
	cat <<-EOF
		born NEW_SYN_RECV left=1 segment= resent=0
		stopped NEW_SYN_RECV
		born FIN_WAIT2 left=${1-60} segment= resent=0
	EOF
}

takes_FIN() {
	quit_before_server "${1-127.0.0.1}" || return
	kill -CONT "$server"
	wait_until tells "segment TIME_WAIT" || show told || fail "no TIME_WAIT"
	{
		half_closed
		echo "segment TIME_WAIT left=60 segment=FA resent=0"
	} >want
	is_told
}

takes_FIN_by_IPv6() {
	takes_FIN ::1
}

expires() {
	echo 2 >"$fin_timeout"
	quit_before_server 127.0.0.1 &&
		{ wait_until tells "expired" || fail "it did not end"; } || return
	{
		half_closed 2
		echo "expired FIN_WAIT2 left=0 segment= resent=0"
	} >want
	is_told
}

# The server is killed while the client lives.
answers_data() {
	begin && start_client 127.0.0.1 || return
	stop "$server" KILL && until_kept || return
	type_line late
	wait_until tells "segment" || fail "the segment was not told of" || return
	{
		half_closed
		printf '%s\n' "stopped FIN_WAIT2" "segment FIN_WAIT2 left=0 segment=PA resent=0"
	} >expected
	sort expected >expected.sorted
	end_trace || return
	lives | sed -E 's/^(segment FIN_WAIT2) left=[0-9]+/\1 left=0/' | sort >got
	matches got expected.sorted
}

# client_holds_data: has it something that it did not read?
client_holds_data() {
	awk -v port="$(printf %04X "$port")" '
		$3 ~ ":" port "$" && $5 !~ /:00000000$/ { found = 1 }
		END { exit !found }' /proc/net/tcp
}

server_holds_data() {
	awk -v port="$(printf %04X "$port")" '
		$2 ~ ":" port "$" && $4 != "0A" && $5 !~ /:00000000$/ { found = 1 }
		END { exit !found }' /proc/net/tcp
}

# A client that dies with an echo unread sends RST.
takes_RST() {
	begin && start_client 127.0.0.1 || return
	kill -STOP "$server"
	type_line unread
	wait_until server_holds_data || fail "nothing came to the server" || return
	kill -STOP "$client"
	kill -CONT "$server"
	wait_until client_holds_data || fail "nothing came to the client" || return
	stop "$server" KILL && until_kept && stop "$client" KILL || return
	{
		half_closed
		printf '%s\n' "stopped FIN_WAIT2" "segment FIN_WAIT2 left=0 segment=RA resent=0"
	} >want
	is_told
}

# The tracepoints cannot tell: where no birth is seen, there was none.
is_refused() {
	echo 0 >"$buckets"
	begin && talk 127.0.0.1 || return
	stop "$server" || return
	{
		half_closed | head -n 2
		[ "$hooks" != fentry ] || echo "refused TIME_WAIT left=0 segment= resent=0"
	} >want
	is_told
}

# lose_SYNACKS: as if none ever reached its client; until find_SYNACKS
lose_SYNACKS() {
	command -v nft >/dev/null || skip "there is no nft" || return
	nft -f - 2>nft.err <<-EOF || skip "nft: $(head -n 1 nft.err)"
		table inet live {
			chain in {
				type filter hook input priority 0
				tcp sport $port tcp flags & (syn | ack) == syn | ack drop
			}
		}
	EOF
}

find_SYNACKS() {
	nft delete table inet live
}

# start_early: a client that is not connected yet
start_early() {
	"$client_program" --send hello 127.0.0.1 "$port" >talk.out 2>&1 &
	client=$!
	keep_pid "$client"
}

request_is_given_up() {
	lose_SYNACKS || return
	echo 1 >/proc/sys/net/ipv4/tcp_synack_retries
	begin && start_early
	live_patience=2 wait_until is_given_up
	given_up=$?
	find_SYNACKS
	stop "$client" KILL
	[ "$given_up" = 0 ] || fail "it was not given up" || return
	end_trace || return
	lives >got
	has got "born NEW_SYN_RECV left=1 " && has got "resent=1" || show got ||
		fail "its life is not told"
}

request_is_resent() {
	lose_SYNACKS || return
	begin && start_early
	wait_until tells "expired NEW_SYN_RECV"
	find_SYNACKS
	live_patience=2 collect "$client" || return
	end_trace || return
	lives >got
	has got "resent NEW_SYN_RECV" && counts 1 got "stopped NEW_SYN_RECV" || show got ||
		fail "its life is not told"
}

is_given_up() {
	lives >told
	[ "$(grep -c "^expired" told)" -ge 2 ]
}

# Without addresses in /proc/kallsyms the handlers are learnt from sockets, and every freed segment is
# looked at. (kernel.kptr_restrict would do that to all of the machine.)
is_learnt() {
	cat >hidden <<-EOF
		#!/bin/sh
		exec unshare --mount -- sh -c 'mount --bind zeros /proc/kallsyms && exec "\$0" "\$@"' $trace_program "\$@"
	EOF
	chmod +x hidden
	echo "0000000000000000 t tw_timer_handler" >zeros
	./hidden --version >why 2>&1 || skip "$(head -n 1 why)" || return
	trace_program=./hidden
	takes_FIN
	told=$?
	trace_program=$live_build/tcpstate-trace
	return $told
}

# ---- both sets -----------------------------------------------------------------------------------

hooks_test() {
	echo 60 >"$fin_timeout"
	echo 5 >/proc/sys/net/ipv4/tcp_synack_retries
	echo 65536 >"$buckets"
	live_test "$hooks: $1" "$2"
}

cd "$live_dir" || exit 1
for hooks in tracepoint fentry; do
	if ! can_use "$hooks"; then
		echo "skip - $hooks: $(head -n 1 can.out)"
		continue
	fi
	hooks_test "an orphan in FIN_WAIT2 goes to TIME_WAIT by the peer's FIN" takes_FIN
	hooks_test "the same by IPv6" takes_FIN_by_IPv6
	hooks_test "its time is over in FIN_WAIT2" expires
	hooks_test "data that come after the close end it" answers_data
	hooks_test "a RST ends it" takes_RST
	hooks_test "there may be too many for a TIME_WAIT" is_refused
	hooks_test "a half-done handshake is given up" request_is_given_up
	hooks_test "a handshake is done when its SYN,ACK comes again" request_is_resent
done
hooks=tracepoint
hooks_test "the kernel's functions are learnt where they are hidden" is_learnt
live_end
