#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# netns.sh: connections between network namespaces of this host.

# shellcheck disable=SC2119 # functions of live.sh whose arguments are optional
# shellcheck source=tests/lib/live.sh
. "${0%/*}/../lib/live.sh"
# shellcheck source=tests/lib/netns.sh
. "${0%/*}/../lib/netns.sh"
live_unshare='--net --mount'
live_begin "$@"
export COLUMNS=300

# with_netns FILE: a ladder with the namespaces by their names
with_netns() {
	drawn "$1" | without_waits | sed -E -e "s/netns $(inode_of left)( +|$)/netns LEFT  /" \
		-e "s/netns $(inode_of right)( +|$)/netns RIGHT  /" -e 's/ +$//'
}

# between CLIENT SERVER: the expected ladders of a client in "left" and a server in "right", by their
# addresses; as in trace.sh, the FIN may be acknowledged with the other FIN or by itself
between() {
	in_glyphs >together <<-EOF
		              client $1:51322  server $2:19999
		              echo-client[CLIENT]  echo-server[SERVER]
		              netns LEFT  netns RIGHT
		    0.000000  SYN_SENT     ──────── SYN ────────▶ SYN_RECV
		    0.000000  ESTABLISHED  ◀────── SYN,ACK ──────
		    0.000000               ──────── ACK ────────▶ ESTABLISHED
		    0.000000  FIN_WAIT1    ──────── FIN ────────▶ CLOSE_WAIT   close() by echo-client[CLIENT]
		    0.000000  TIME_WAIT    ◀────── FIN,ACK ────── LAST_ACK     through FIN_WAIT2; close() by echo-server[SERVER]; TIME_WAIT 60 s
		    0.000000               ──────── ACK ────────▶ CLOSE
		      closed by client first · FIN both ways · TIME_WAIT 60 s at client
	EOF
	in_glyphs >apart <<-EOF
		              client $1:51322  server $2:19999
		              echo-client[CLIENT]  echo-server[SERVER]
		              netns LEFT  netns RIGHT
		    0.000000  SYN_SENT     ──────── SYN ────────▶ SYN_RECV
		    0.000000  ESTABLISHED  ◀────── SYN,ACK ──────
		    0.000000               ──────── ACK ────────▶ ESTABLISHED
		    0.000000  FIN_WAIT1    ──────── FIN ────────▶ CLOSE_WAIT   close() by echo-client[CLIENT]
		    0.000000  FIN_WAIT2    ◀──────── ACK ────────              orphan: up to 60 s for the peer's FIN
		    0.000000  TIME_WAIT    ◀──────── FIN ──────── LAST_ACK     close() by echo-server[SERVER]; TIME_WAIT 60 s
		    0.000000               ──────── ACK ────────▶ CLOSE
		      closed by client first · FIN both ways · TIME_WAIT 60 s at client
	EOF
}

# ---- tests ---------------------------------------------------------------------------------------

over_veth() {
	make_netns left && make_netns right || return
	join left 10.9.0.1/24 right 10.9.0.2/24 || return
	start_trace seen --port "$port" -o ladder -c 1 || return
	run_in right
	start_server || return
	run_in left
	talk 10.9.0.2 || return
	trace_ends || return
	with_netns seen.out >got
	between 10.9.0.1 10.9.0.2
	matches got together apart
}

# heading CLIENT SERVER NAME NAME: both pids and both namespaces are in the same heading
heading() {
	has pairs "echo-client[$1] echo-server[$2] netns $(inode_of "$3") netns $(inode_of "$4")" ||
		show seen.out || fail "client $1 and server $2 are not paired"
}

# Four sockets that no address tells apart: the client ports are made the same, too.
same_tuple_twice() {
	for pair in 1 2; do
		make_netns left$pair && make_netns right$pair || return
		join left$pair 10.9.0.1/24 right$pair 10.9.0.2/24 || return
		in_netns left$pair sh -c \
			'echo 40000 40000 >/proc/sys/net/ipv4/ip_local_port_range' || return
	done
	start_trace seen --port "$port" -o ladder -c 2 || return
	run_in right1
	start_server || return
	server1=$server
	run_in right2
	start_server || return
	server2=$server
	for pair in 1 2; do
		mkfifo keyboard$pair
		nsenter --net=/run/netns/left$pair "$client_program" 10.9.0.2 "$port" <keyboard$pair \
			>client.out 2>client$pair.err &
		eval "client$pair=$!"
		keep_pid $!
	done
	exec 8>keyboard1 9>keyboard2
	for pair in 1 2; do
		wait_until has client$pair.err "connected to 10.9.0.2 port $port from port 40000" ||
			show client$pair.err || fail "no connection from port 40000" || return
	done
	exec 8>&-
	# shellcheck disable=SC2154 # set by eval
	collect "$client1" || return
	wait_until has seen.out "FIN both ways" || fail "the first verdict is missing" || return
	exec 9>&-
	# shellcheck disable=SC2154
	collect "$client2" || return
	trace_ends || return
	# A SYN that was answered late stands below a heading without a server.
	awk '/^ +echo-client\[/ && !/not seen here/ { owners = $0; getline; print owners, $0 }' seen.out |
		sed -E 's/ +/ /g' | sort -u >pairs
	has_lines 2 pairs || show seen.out || fail "not two connections" || return
	heading "$client1" "$server1" left1 right1 || return
	heading "$client2" "$server2" left2 right2 || return
	counts 2 seen.out "closed by client first" || show seen.out || fail "not two verdicts" || return
	! has seen.out "by address alone" || show seen.out || fail "an end was paired by its address"
}

# A router that changes the destination and the source: no address or port of the one end is known to the
# other.
make_nat() {
	make_netns left && make_netns right && make_netns router || return
	join left 10.9.1.2/24 router 10.9.1.1/24 || return
	join router 10.9.2.1/24 right 10.9.2.2/24 || return
	in_netns router sh -c 'echo 1 >/proc/sys/net/ipv4/ip_forward'
	command -v nft >/dev/null || skip "there is no nft" || return
	in_netns router nft -f - 2>nft.err <<-EOF || skip "nft: $(head -n 1 nft.err)"
		table ip nat {
			chain before {
				type nat hook prerouting priority -100;
				ip daddr 10.9.1.1 tcp dport $((port + 1000)) dnat to 10.9.2.2:$port
			}
			chain after {
				type nat hook postrouting priority 100;
				ip daddr 10.9.2.2 masquerade
			}
		}
	EOF
}

through_nat() {
	make_nat || return
	start_trace seen --port "$port,$((port + 1000))" -o ladder -c 1 || return
	run_in right
	start_server || return
	run_in left
	talk 10.9.1.1 $((port + 1000)) || return
	trace_ends || return
	with_netns seen.out >got
	between 10.9.1.2 10.9.2.2
	matches got together apart
}

# On one host and in one namespace: the client connects to a port where nobody listens.
redirected() {
	command -v nft >/dev/null || skip "there is no nft" || return
	nft -f - 2>nft.err <<-EOF || skip "nft: $(head -n 1 nft.err)" || return
		table ip live {
			chain out {
				type nat hook output priority -100;
				tcp dport $((port + 1000)) dnat to 127.0.0.1:$port
			}
		}
	EOF
	start_trace seen --port "$port,$((port + 1000))" -o ladder -c 1 || return
	start_server || return
	talk 127.0.0.1 $((port + 1000)) || return
	trace_ends || return
	nft delete table ip live
	drawn seen.out | without_waits >got
	between 127.0.0.1 127.0.0.1
	for want in together apart; do
		sed '/netns LEFT/d' $want >$want.here
	done
	matches got together.here apart.here
}

# ask_for NAME WORD: a trace with -N WORD, in NUMBER.out
ask_for() {
	number=$((number + 1))
	start_trace $number --port "$port" -o ladder -N "$2" || return
	echo "$1 $tracer" >>asked
}

# meet_all: a connection between "left" and "right", and one within "third", before all traces
meet_all() {
	start_trace all --port "$port" -o ladder || return
	run_in third
	start_server || return
	talk 127.0.0.1 || return
	run_in right
	start_server || return
	run_in left
	talk 10.9.0.2 || return
	live_runner=
	wait_until counts 2 all.out "FIN both ways" || show all.out ||
		fail "not all connections were seen" || return
	end_trace
}

# shows_an_end NAME: in seen.out, the connection of "left" and "right" with both its ends, and the listeners
# of NAME; nothing else
shows_an_end() {
	with_netns seen.out >got
	between 10.9.0.1 10.9.0.2
	matches got together apart || return
	listeners=0
	[ "$1" = left ] || listeners=2
	counts $listeners seen.out "listener" || show seen.out ||
		fail "-N of $1: not $listeners listeners are shown"
}

shows_third_alone() {
	counts 1 seen.out "FIN both ways" && has seen.out "client 127.0.0.1:" || show seen.out ||
		fail "-N third does not show its connection alone"
}

# The kernel ends what it keeps when a namespace goes, some time after its last user.
time_wait_goes_with_its_namespace() {
	make_netns left || return
	start_trace seen --port "$port" -o ladder || return
	run_in left
	start_server --once || return
	talk 127.0.0.1 || return
	collect "$server" || return
	wait_until has seen.out "TIME_WAIT 60 s at client" || show seen.out || fail "there is no TIME_WAIT" || return
	remove_netns
	live_patience=3 wait_until has seen.out "its network namespace is gone after" ||
		show seen.out || fail "its end is not told" || return
	end_trace
}

asked_for_each() {
	make_netns left && make_netns right && make_netns third || return
	join left 10.9.0.1/24 right 10.9.0.2/24 || return
	number=0
	ask_for left left && ask_for right /run/netns/right && ask_for third "$(inode_of third)" || return
	# The kernel is given inodes, whatever the words are.
	[ -n "${LIVE_GUEST-}" ] || {
		ask_for left /run/netns/left && ask_for left "$(inode_of left)" && ask_for right right &&
			ask_for right "$(inode_of right)"
	} || return
	meet_all || return
	number=0
	while read -r name tracer; do
		number=$((number + 1))
		live_trace=$number
		end_trace || return
		cp $number.out seen.out
		case $name in
		third) shows_third_alone ;;
		*) shows_an_end "$name" ;;
		esac || return
	done <asked
}

wrong_names() {
	says 2 "--netns: 'nobody' is no network namespace: No such file or directory" \
		"$trace_program" -P "$port" -N nobody || return
	says 2 "--netns: '/run/netns/nobody' is no network namespace" \
		"$trace_program" -P "$port" -N /run/netns/nobody || return
	says 2 "is no network namespace" "$trace_program" -P "$port" -N "$trace_program" || return
	says 2 "is no network namespace" "$trace_program" -P "$port" -N / || return
	says 2 "--netns" "$trace_program" -P "$port" -N '' || return
	says 2 "--netns" "$trace_program" -P "$port" -N 0
}

netns_test "one connection between two namespaces" over_veth
netns_test "the same addresses and ports in two pairs of namespaces" same_tuple_twice
netns_test "through NAT" through_nat
live_test "a redirected port" redirected
netns_test "a TIME_WAIT goes with its namespace" time_wait_goes_with_its_namespace
netns_test "-N by name, path and inode, at both ends" asked_for_each
live_test "-N with a wrong name" wrong_names
live_end
