#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# snapshot.sh: what was there before the trace began, by its records.
#
#	STARTS	how many tracers start in a storm (default: 50)

# shellcheck disable=SC2119 # functions of live.sh whose arguments are optional
# shellcheck source=tests/lib/live.sh
. "${0%/*}/../lib/live.sh"
live_unshare='--net --mount'
live_begin "$@"
export COLUMNS=300

# ---- records -------------------------------------------------------------------------------------

# take OPTION...: a tracer that begins and ends, its records in "records"
take() {
	start_trace seen -o table --record seen.rec "$@" || return
	end_trace || return
	read_records
}

read_records() {
	"$live_build/records" seen.rec >records 2>records.err || show records.err ||
		fail "the recording cannot be read"
}

# pick PROGRAM: runs awk on the records, with their values in v["key"]; their type is v["type"]
pick() {
	awk '{
		split("", v)
		v["type"] = $1
		for (i = 2; i <= NF; i++) {
			split($i, pair, "=") # what looks like a number is one
			v[pair[1]] = pair[2]
		}
		port = v["local"]; sub(/.*:/, "", port)
		peer = v["remote"]; sub(/.*:/, "", peer)
	}
	'"$1" records
}

own_netns() {
	# shellcheck disable=SC2012 # the inode number of one file
	ls -Lid /proc/self/ns/net | awk '{ print $1 }'
}

# found NETNS: "STATE FAMILY PORT PEER" of all that was found there
found() {
	pick '
		v["netns"] != '"$1"' { next }
		v["type"] == "FOUND" { print v["to"], v["family"], port, peer }
		v["type"] == "MINI" && v["what"] == "FOUND" {
			sub(/NEW_/, "", v["state"])
			print v["state"], v["family"], port, peer
		}' | sort
}

# there_is: the same of this namespace, by the kernel's own word
there_is() {
	for live_file in tcp tcp6; do
		awk -v family="${live_file#tcp}" '
			function port_of(at, n, i) {
				sub(/.*:/, "", at)
				for (i = 1; i <= 4; i++)
					n = n * 16 + index("0123456789ABCDEF", substr(at, i, 1)) - 1
				return n
			}
			BEGIN {
				split("ESTABLISHED SYN_SENT SYN_RECV FIN_WAIT1 FIN_WAIT2 TIME_WAIT CLOSE " \
					"CLOSE_WAIT LAST_ACK LISTEN CLOSING", states, " ")
				split("01 02 03 04 05 06 07 08 09 0A 0B", numbers, " ")
				for (i in numbers) name[numbers[i]] = states[i]
			}
			FNR > 1 { print name[$4], family ? 10 : 2, port_of($2), port_of($3) }' \
			"/proc/net/$live_file"
	done | sort
}

# ---- what there may be ---------------------------------------------------------------------------

# storm PORT N [HELD [RATE]]
storm() {
	"$live_build/storm" "$@" >storm.out 2>storm.err 8>&- 9>&- &
	storm=$!
	keep_pid "$storm"
}

# some_time_waits PORT N
some_time_waits() {
	storm "$1" "$2" && collect "$storm" || return
	[ "$status" = 0 ] || show storm.err || fail "the storm ended with status $status"
}

is_there() {
	there_is | grep -q "^$1 "
}

# ---- tests ---------------------------------------------------------------------------------------

# A client in CLOSE_WAIT whose server was killed, a pair in ESTABLISHED over IPv6, and what a storm leaves.
every_state() {
	start_server || return
	start_client 127.0.0.1 || return
	stop "$server" KILL
	wait_until is_there CLOSE_WAIT || fail "there is no CLOSE_WAIT" || return
	port=$((port + 1))
	start_server || return
	mkfifo hold
	exec 9<>hold
	"$client_program" ::1 "$port" <hold >held.out 2>held.err 8>&- 9>&- &
	client=$!
	keep_pid $client
	wait_until has held.err "connected to" || show held.err || fail "no connection" || return
	some_time_waits $((port + 1000)) 20 || return
	take_all || return
	for state in LISTEN ESTABLISHED CLOSE_WAIT FIN_WAIT2 TIME_WAIT; do
		grep -q "^$state " got || show got || fail "there is no $state" || return
	done
	pick 'v["netns"] == '"$(own_netns)"' && v["type"] == "MINI" && (v["left_ms"] == 0 || v["left_ms"] > 60000)' >bad
	[ ! -s bad ] || show bad || fail "a minisock has no sensible time left" || return
	every_file_has_a_holder
}

# take_all: what is found of this namespace is what the kernel says is there
take_all() {
	there_is >want
	take || return
	there_is | cmp -s - want || fail "it has changed meanwhile" || return
	found "$(own_netns)" >got
	matches got want
}

# SYN_SENT here, a request there.
half_done() {
	half_open SYN_RECV || return
	take_all || return
	nft delete table ip live
	grep -q "^SYN_SENT 2 [0-9]* $port$" got || show got || fail "there is no SYN_SENT" || return
	pick 'v["what"] == "FOUND" && v["state"] == "NEW_SYN_RECV" && port == '"$port"' &&
		v["left_ms"] > 0 && v["left_ms"] <= 64000' >request
	has_lines 1 request || show records || fail "there is no request with some time left"
}

# holders_of PORT: "PID COMM" of each process that holds a socket with this local port
holders_of() {
	pick '
		v["type"] == "FOUND" && port == '"$1"' { mine[v["sk"]] = 1 }
		v["type"] == "HOLDER" && mine[v["sk"]] { print v["pid"], v["comm"] }' | sort -u
}

every_file_has_a_holder() {
	echo "$server echo-server" >want
	holders_of "$port" >got
	matches got want || return
	peer_port=$(pick 'v["to"] == "ESTABLISHED" && peer == '"$port"' { print port }')
	echo "$client echo-client" >want
	holders_of "$peer_port" >got
	matches got want
}

only_the_port() {
	start_server || return
	start_client 127.0.0.1 || return
	some_time_waits $((port + 1000)) 20 || return
	take --port "$port" || return
	[ "$(pick 'v["type"] == "FOUND"' | wc -l)" = 4 ] || show records || # two listeners, two ends
		fail "the port was not found" || return
	pick 'v["local"] && port != '"$port"' && peer != '"$port" >bad
	[ ! -s bad ] || show bad || fail "other ports were found" || return
	[ "$(pick 'v["type"] == "HOLDER"' | wc -l)" = 4 ] || show records || fail "not four holders"
}

only_the_family() {
	start_server || return
	start_client ::1 || return
	for family in 4 6; do
		take "-$family" --port "$port" || return
		pick 'v["type"] == "FOUND" { print v["family"], v["to"] }' | sort >"got.$family"
	done
	# the listener on [::] may serve both
	printf '%s\n' "10 LISTEN" "2 LISTEN" >want
	matches got.4 want || return
	printf '%s\n' "10 ESTABLISHED" "10 ESTABLISHED" "10 LISTEN" >want
	matches got.6 want
}

two_holders() {
	mkfifo hold
	exec 9<>hold
	: >share.out
	"$live_build/share" "$port" <hold >share.out 2>share.err 8>&- 9>&- &
	keep_pid $!
	wait_until has_lines 1 share.out || show share.err || fail "nothing is shared" || return
	take --port "$port" || return
	tr ' ' '\n' <share.out | sed 's/$/ share/' | sort >want
	holders_of "$port" >got
	matches got want
}

# One namespace where a process lives, and one that has but a name and what is left of a storm.
other_netns() {
	mount -t tmpfs tmpfs /run && mkdir /run/netns && : >/run/netns/named ||
		skip "no mount namespace" || return
	unshare --net=/run/netns/named sh -c 'ip link set lo up && exec "$@"' sh \
		"$live_build/storm" "$port" 20 >storm.out 2>&1 || show storm.out ||
		fail "no storm in a namespace" || return
	unshare --net sh -c 'ip link set lo up && exec "$@"' sh "$server_program" "$port" \
		>server.out 2>server.err 8>&- 9>&- &
	server=$!
	keep_pid $server
	wait_until has server.out "listening on" || show server.err || fail "no server" || return
	take --port "$port" || return
	umount /run/netns/named
	named=$(pick 'v["type"] == "MINI" { print v["netns"] }' | sort -u)
	[ "$(pick 'v["state"] == "TIME_WAIT" && v["netns"] == "'"$named"'"' | wc -l)" = 20 ] ||
		show records || fail "what the named namespace holds was not found" || return
	# shellcheck disable=SC2012 # the inode number of one file
	there=$(ls -Lid "/proc/$server/ns/net" | awk '{ print $1 }')
	[ "$(pick 'v["to"] == "LISTEN" && v["netns"] == "'"$there"'"' | wc -l)" = 2 ] || show records ||
		fail "the listeners of the other namespace were not found" || return
	echo "$server echo-server" >want
	holders_of "$port" >got
	matches got want
}

# ---- a storm -------------------------------------------------------------------------------------

# From 5.15 on the kernel locks a socket while it is found (bpf/snapshot.bpf.h).
is_locked() {
	uname -r | awk -F . '{ exit !($1 > 5 || ($1 == 5 && $2 >= 15)) }'
}

# chains LOCKED: complains of every find that does not go on from what was told of the same socket before, and
# of every edge that does not go on from a find, and says last how many sockets were found first, and how many
# of those had an edge later. A socket that an edge has told of may be found as well; not locked, in the state
# that it is just leaving. (Whether each edge goes on from the edge before it is load.sh's business.)
chains() {
	sort -s -t = -k 2n records >sorted
	mv sorted records
	# shellcheck disable=SC2016 # the program is for awk
	pick '
		function complain(why) { print why ": " $0 }
		function forget(sk) {
			delete state[sk]; delete before[sk]; delete found[sk]; delete cookie[sk]; first[sk] = 0
		}
		function other_cookie(sk) {
			if (v["cookie"] == 0) return 0
			if (!(sk in cookie)) cookie[sk] = v["cookie"]
			return cookie[sk] != v["cookie"]
		}
		v["type"] !~ /^(STATE|COUNTED|FOUND|MINI)$/ { next }
		v["what"] == "FOUND" && finds[v["mini"], v["local"], v["remote"]]++ { complain("found twice") }
		v["type"] == "MINI" { end = v["at"]; next }
		{ sk = v["sk"] }
		v["from"] == "CLOSE" || v["from"] == "LISTEN" { forget(sk) }
		found[sk] && other_cookie(sk) { complain("another cookie, " cookie[sk]) }
		v["type"] == "FOUND" {
			end = v["at"]
			if (found[sk]++) complain("found twice")
			if (!(sk in state)) {
				state[sk] = v["to"]; first[sk] = 1; all++
			} else if (v["to"] != state[sk] && ('"$1"' || v["to"] != before[sk]))
				complain("found, but it is in " state[sk])
			next
		}
		first[sk] && v["from"] != state[sk] { complain("an edge, but it is in " state[sk]) }
		!(sk in state) && v["from"] != "CLOSE" && v["from"] != "LISTEN" { unknown[v["at"]] = $0 }
		{ state[sk] = v["to"]; before[sk] = v["from"]; went_on += first[sk]; first[sk] = 0 }
		v["to"] == "CLOSE" { forget(sk) }
		END {
			for (at in unknown) if (at + 0 > end + 0) print "not found: " unknown[at]
			print "in all", all + 0, went_on + 0
		}'
}

# Hundreds of connections are there at each start, and close as new ones come: some 20 000 records a second, so
# that the ring buffer (load.sh has its size) outlasts even a start under the sanitizers.
in_a_storm() {
	echo 1000 >/proc/sys/net/ipv4/tcp_max_tw_buckets # or they would be most of what is found
	storm "$port" 10000000 400 1000
	live_pause=0.02 # it never sleeps
	locked=0
	! is_locked || locked=1
	number=0 all=0 went_on=0
	while [ "$number" -lt "${STARTS:-50}" ]; do
		number=$((number + 1))
		start_trace seen -o table --record seen.rec --port "$port" -d 0.1 || return
		trace_ends || return
		read_records || return
		chains $locked >said
		sed '$d' said | head -n 20 >bad
		[ ! -s bad ] || show bad || fail "start $number: $(sed '$d' said | wc -l) complaints" || return
		all=$((all + $(awk 'END { print $3 }' said)))
		went_on=$((went_on + $(awk 'END { print $4 }' said)))
	done
	is_running "$storm" || show storm.err || fail "the storm has ended" || return
	echo "# $number starts: $all sockets found, $went_on of them went on"
	# A connection lives 40 ms. Where the tracer takes longer to start, the listener alone is older than it.
	[ "$went_on" -ge "$number" ] || [ "$all" = "$number" ] ||
		fail "only $went_on of $all sockets that were found went on"
}

live_test "what is found is what there is: every state but those of the handshake" every_state
live_test "what is found is what there is: SYN_SENT and a request" half_done
live_test "--port is respected" only_the_port
live_test "-4 and -6 are respected" only_the_family
live_test "a socket that two processes hold" two_holders
live_test "other network namespaces" other_netns
live_test "in a storm: nothing is doubled, nothing is lost" in_a_storm
live_end
