#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# trace.sh: what the tracer shows of real connections.

# shellcheck disable=SC2119 # functions of live.sh whose arguments are optional
# shellcheck source=tests/lib/live.sh
. "${0%/*}/../lib/live.sh"
live_begin "$@"
export COLUMNS=300 # no line of a ladder is wrapped

# ---- whole ladders -------------------------------------------------------------------------------

# client_closes_first HOST SERVER: the expected ladders, with the server's end of the address. A server may
# acknowledge the FIN with its own or by itself: its kernel decides. The client's minisock is in TIME_WAIT
# at once, or in FIN_WAIT2 first.
client_closes_first() {
	in_glyphs >together <<-EOF
		              client $1:51322  server $1:19999
		              echo-client[CLIENT]  echo-server[SERVER]
		    0.000000  SYN_SENT     ──────── SYN ────────▶ SYN_RECV
		    0.000000  ESTABLISHED  ◀────── SYN,ACK ──────
		    0.000000               ──────── ACK ────────▶ ESTABLISHED
		    0.000000  FIN_WAIT1    ──────── FIN ────────▶ CLOSE_WAIT   close() by echo-client[CLIENT]
		    0.000000  TIME_WAIT    ◀────── FIN,ACK ────── LAST_ACK     through FIN_WAIT2; close() by echo-server[SERVER]; TIME_WAIT 60 s
		    0.000000               ──────── ACK ────────▶ CLOSE
		      closed by client first · FIN both ways · TIME_WAIT 60 s at client
	EOF
	in_glyphs >apart <<-EOF
		              client $1:51322  server $1:19999
		              echo-client[CLIENT]  echo-server[SERVER]
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

article() {
	start_trace seen --port "$port" -o ladder -c 1 || return
	start_server || return
	talk 127.0.0.1 || return
	trace_ends || return
	plain seen.out | one_heading | one_syn | without_waits >got
	in_glyphs >listeners <<-'EOF'
		              listener 0.0.0.0:19999: LISTEN by echo-server[SERVER]
		              listener [::]:19999: LISTEN by echo-server[SERVER]

	EOF
	client_closes_first 127.0.0.1
	cat listeners together >want.1
	cat listeners apart >want.2
	matches got want.1 want.2
}

# The client's FIN comes while the server cannot answer: the client waits in FIN_WAIT2, as an orphan.
slow_server() {
	start_trace seen --port "$port" -o ladder -c 1 || return
	start_server || return
	start_client 127.0.0.1 || return
	wait_until has server.out "connected" || fail "no connection" || return
	kill -STOP "$server"
	type_line q
	collect "$client" || return
	wait_until has seen.out "orphan: up to 60 s" || show seen.out || fail "no orphan is shown" ||
		return
	kill -CONT "$server"
	trace_ends || return
	drawn seen.out | without_waits >got
	client_closes_first 127.0.0.1
	matches got apart
}

over_ipv6() {
	start_trace seen --port "$port" -6 -o ladder -c 1 || return
	start_server || return
	talk ::1 || return
	trace_ends || return
	drawn seen.out | without_waits >got
	client_closes_first '[::1]'
	matches got together apart
}

# An IPv6 socket that speaks IPv4, on the client's side; our server keeps the families apart.
v4_mapped() {
	start_trace seen --port "$port" -4 -o ladder -c 1 || return
	start_server || return
	talk ::ffff:127.0.0.1 || return
	trace_ends || return
	drawn seen.out | without_waits >got
	client_closes_first 127.0.0.1
	matches got together apart
}

server_killed() {
	start_trace seen --port "$port" -o ladder -c 1 || return
	start_server || return
	start_client 127.0.0.1 || return
	wait_until has server.out "connected" || fail "no connection" || return
	stop "$server" "$interrupt" || return
	wait_until has seen.out "orphan: up to 60 s" || show seen.out || fail "no orphan is shown" ||
		return
	drawn seen.out >got
	in_glyphs >want <<-EOF
		              client 127.0.0.1:51322  server 127.0.0.1:19999
		              echo-client[CLIENT]  echo-server[SERVER]
		    0.000000  SYN_SENT     ──────── SYN ────────▶ SYN_RECV
		    0.000000  ESTABLISHED  ◀────── SYN,ACK ──────
		    0.000000               ──────── ACK ────────▶ ESTABLISHED
		    0.000000  CLOSE_WAIT   ◀──────── FIN ──────── FIN_WAIT1    killed by SIG$interrupt: the kernel closed for echo-server[SERVER]
		    0.000000               ──────── ACK ────────▶ FIN_WAIT2    orphan: up to 60 s for the peer's FIN
	EOF
	matches got want || return
	is_running "$client" || fail "the client did not stay" || return
	type_line q
	collect "$client" || return
	trace_ends || return
	drawn seen.out >got
	in_glyphs >>want <<-EOF
		    0.000000  LAST_ACK     ──────── FIN ────────▶ TIME_WAIT    close() by echo-client[CLIENT]; TIME_WAIT 60 s
		    0.000000  CLOSE        ◀──────── ACK ────────
		      closed by server first · FIN both ways · CLOSE_WAIT some time at client · FIN_WAIT2 some time at server · TIME_WAIT 60 s at server
	EOF
	matches got want || return
	counts 2 seen.out ": CLOSE, killed by SIG$interrupt: the kernel closed for echo-server[$server]" ||
		show seen.out || fail "not both listeners are said to have closed"
}

refused() {
	start_trace seen --port "$port" -o ladder -c 1 || return
	says 1 "Connection refused" "$client_program" 127.0.0.1 "$port" || return
	trace_ends || return
	sed -E 's/^( *echo-client\[)[0-9]+\].*/\1CLIENT]/' seen.out >seen
	plain seen >got
	in_glyphs >want <<-'EOF'
		              client 127.0.0.1:51322  server 127.0.0.1:19999
		              echo-client[CLIENT]
		    0.000000  SYN_SENT     ──────── SYN ────────▶
		    0.000000  CLOSE        ◀──────── RST ────────              nobody listens there
		      connection refused: nobody listens
	EOF
	# before 6.10 the kernel does not tell of a RST that no socket sends
	sed -e 's/nobody listens there$/or ICMP: port unreachable/' -e 's/: nobody listens$//' want >want.before
	matches got want want.before
}

# What was open before the start is shown at once, with both its ends and their owners, and goes on.
joins_open() {
	start_server || return
	start_client 127.0.0.1 || return
	wait_until has server.out "connected" || fail "no connection" || return
	start_trace seen --port "$port" -o ladder -c 1 || return
	wait_until has seen.out "since before the start" || fail "it is not shown at once" || return
	kill -STOP "$server"
	type_line q
	collect "$client" || return
	wait_until has seen.out "FIN_WAIT2" || show seen.out || fail "the client's ACK is missing" || return
	kill -CONT "$server"
	trace_ends || return
	drawn seen.out | sed '$d' >got
	in_glyphs >want <<-'EOF'
		              client 127.0.0.1:51322  server 127.0.0.1:19999
		              echo-client[CLIENT]  echo-server[SERVER]
		    0.000000  ESTABLISHED                         ESTABLISHED  since before the start
		    0.000000  FIN_WAIT1    ──────── FIN ────────▶ CLOSE_WAIT   close() by echo-client[CLIENT]
		    0.000000  FIN_WAIT2    ◀──────── ACK ────────              orphan: up to 60 s for the peer's FIN
		    0.000000  TIME_WAIT    ◀──────── FIN ──────── LAST_ACK     close() by echo-server[SERVER]; TIME_WAIT 60 s
		    0.000000               ──────── ACK ────────▶ CLOSE
	EOF
	matches got want || return
	tail -n 1 seen.out >verdict
	not has verdict "ends paired by address alone" || show verdict ||
		fail "the sequence numbers of an idle connection are not compared"
}

# Both ends are here, so nothing may be called "this end" without saying which.
joined_verdict() {
	start_server || return
	start_client 127.0.0.1 || return
	wait_until has server.out "connected" || fail "no connection" || return
	start_trace seen --port "$port" -o ladder -c 1 || return
	type_line q
	trace_ends || return
	tail -n 1 seen.out >verdict
	not has verdict "this end" || show verdict ||
		fail "the verdict says 'this end' of a connection whose two ends are shown"
}

# ---- the table -----------------------------------------------------------------------------------

# edges FILE: the transitions of a table, without what differs from run to run, sorted
edges() {
	grep -v -e LPORT -e ' ?  *->' "$1" | sed -E -e "s/^(((sk:[0-9a-f]+|[0-9a-f]{16}|-) )? *)$client /\1CLIENT /" \
		-e "s/^(((sk:[0-9a-f]+|[0-9a-f]{16}|-) )? *)$server /\1SERVER /" -e 's/ [0-9.]+$/ TIME/' \
		-e "s/ $port / 19999 /g" -e 's/ [3-6][0-9]{4} / 51322 /g' -e 's/  +/ /g' | sort
}

# Each end and its ten transitions, as the wide table has them.
ten_transitions() {
	cat <<-EOF
		CLIENT echo-client NETNS $1 0 $1 19999 CLOSE -> SYN_SENT -
		CLIENT echo-client NETNS $1 51322 $1 19999 ESTABLISHED -> FIN_WAIT1 TIME
		CLIENT echo-client NETNS $1 51322 $1 19999 FIN_WAIT1 -> FIN_WAIT2 TIME
		CLIENT echo-client NETNS $1 51322 $1 19999 FIN_WAIT2 -> CLOSE TIME
		CLIENT echo-client NETNS $1 51322 $1 19999 SYN_SENT -> ESTABLISHED TIME
		SERVER echo-server NETNS $1 19999 $1 51322 CLOSE_WAIT -> LAST_ACK TIME
		SERVER echo-server NETNS $1 19999 $1 51322 ESTABLISHED -> CLOSE_WAIT TIME
		SERVER echo-server NETNS $1 19999 $1 51322 LAST_ACK -> CLOSE TIME
		SERVER echo-server NETNS $1 19999 $1 51322 LISTEN -> SYN_RECV -
		SERVER echo-server NETNS $1 19999 $1 51322 SYN_RECV -> ESTABLISHED TIME
	EOF
}

# wide_edges FILE: those of a wide table, without its inferred ones, which depend on the moment; how owners are learnt
# is owner.sh's matter
wide_edges() {
	edges "$1" | grep -v '~>' |
		sed -E -e 's/^(sk:[0-9a-f]+|[0-9a-f]{16}|-) //' -e "s/ ([0-9]+|-) [a-z-]+ $(own_netns) / NETNS /" | sort
}

# connection_edges FILE: the same without those of listeners
connection_edges() {
	wide_edges "$1" | grep -v -e 'CLOSE -> LISTEN' -e 'LISTEN -> CLOSE'
}

own_netns() {
	# shellcheck disable=SC2012 # the inode number of one file
	ls -Lid /proc/self/ns/net | tr -dc '0-9 ' | awk '{print $1}'
}

wide_table() {
	start_trace seen --port "$port" -o table -w || return
	start_server || return
	talk 127.0.0.1 || return
	wait_until has seen.out "LAST_ACK    -> CLOSE" || fail "the last transition is missing" || return
	end_trace || return
	ten_transitions 127.0.0.1 >want
	cat >>want <<-EOF
		SERVER echo-server NETNS 0.0.0.0 19999 0.0.0.0 0 CLOSE -> LISTEN -
		SERVER echo-server NETNS :: 19999 :: 0 CLOSE -> LISTEN -
	EOF
	wide_edges seen.out >got
	sort -o want want
	matches got want || return
	head -n 1 seen.out | sed -E 's/ +/ /g' >got
	echo "SK PID COMM UID HOW NETNS LADDR LPORT RADDR RPORT OLDSTATE -> NEWSTATE MS" >want
	matches got want
}

over_ipv6_in_table() {
	start_trace seen --port "$port" -o table -w || return
	start_server || return
	talk ::1 || return
	wait_until has seen.out "LAST_ACK    -> CLOSE" || fail "the last transition is missing" || return
	end_trace || return
	ten_transitions ::1 >want
	connection_edges seen.out >got
	matches got want
}

# The default form, in a pipe, is what fits 80 columns.
piped_table() {
	start_server || return
	start_trace seen --port "$port" --record seen.rec -c 1 || return
	talk 127.0.0.1 || return
	trace_ends || return
	head -n 1 seen.out | sed -E 's/ +/ /g' >got
	echo "PID COMM LADDR LPORT RADDR RPORT OLDSTATE -> NEWSTATE MS" >want
	matches got want || return
	longest=$(awk '{ if (length > most) most = length } END { print most }' seen.out)
	[ "$longest" -le 80 ] || show seen.out || fail "a line has $longest columns" || return
	sed 1d seen.out >lines
	[ "$(grep -F ' -> ' lines | grep -vc ' ?  *->')" = 10 ] || show seen.out || fail "there are not ten transitions" ||
		return
	grep -qE "^$client +echo-cl[^ ]* +127.0.0.1 +0 +127.0.0.1 +$port +CLOSE +-> SYN_SENT +-$" seen.out ||
		show seen.out || fail "the first transition is missing"
}

# forms_of OPTION...: the recording that piped_table made, in another form; in "form"
forms_of() {
	"$trace_program" replay seen.rec -P "$port" -o table "$@" >form 2>form.err || show form.err ||
		fail "replay $* failed"
}

table_forms() {
	piped_table || return
	forms_of || return
	cmp -s seen.out form || fail "the replay is not the same" || return
	forms_of -H || return
	sed 1d seen.out >want
	matches form want || return
	forms_of -t || return
	head -n 1 form | grep -q '^TIME  *PID' || fail "-t: no TIME in the header" || return
	[ "$(grep -cE '^ +[0-9]+\.[0-9]{6} ' form)" = "$(wc -l <lines)" ] || show form ||
		fail "-t: not every line has seconds" || return
	cut -c 14- form | cmp -s - seen.out || fail "-t: the rest of the line is not the same" || return
	forms_of -T || return
	[ "$(grep -cE '^[0-2][0-9]:[0-5][0-9]:[0-6][0-9]\.[0-9]{3} ' form)" = "$(wc -l <lines)" ] ||
		show form || fail "-T: not every line has the time of day" || return
	cut -c 14- form | cmp -s - seen.out || fail "-T: the rest of the line is not the same" || return
	forms_of -w -H || return
	client_sk=$(sed -n 's/^\(sk:[0-9a-f]*\) .*SYN_SENT .*/\1/p' form | sort -u)
	server_sk=$(sed -n 's/^\(sk:[0-9a-f]*\) .*SYN_RECV  *-> ESTABLISHED .*/\1/p' form | sort -u)
	if grep -q '^sk:' form; then
		grep -F ' -> ' form >transitions
		counts 5 transitions "$client_sk " && counts 4 transitions "$server_sk " || show form ||
			fail "-w: not two sockets of five lines, one of them nameless at first" || return
	fi
	[ "$(awk '{print $6}' form | sort -u)" = "$(own_netns)" ] || show form ||
		fail "-w: the namespace is not $(own_netns)"
}

# ---- when it ends --------------------------------------------------------------------------------

ends_after_count() {
	start_server || return
	start_trace seen --port "$port" -o ladder -c 2 || return
	talk 127.0.0.1 || return
	wait_until has seen.out "FIN both ways" || fail "the first verdict is missing" || return
	is_running "$tracer" || fail "it ended after one connection" || return
	talk 127.0.0.1 || return
	trace_ends || return
	counts 2 seen.out "closed by client first" || show seen.out || fail "not two verdicts"
}

ends_after_duration() {
	start_trace seen --port "$port" -d 0.2 || return
	trace_ends
}

# still_open NUMBER SIGNAL: the signal ends a trace with a connection, the server's NUMBERth
still_open() {
	start_trace seen --port "$port" -o ladder || return
	start_client 127.0.0.1 || return
	wait_until counts "$1" server.out " connected" || fail "no connection" || return
	end_trace "$2" || return
	in_glyphs >want <<-'EOF'
		      still open · ESTABLISHED at client · ESTABLISHED at server
	EOF
	plain seen.out | tail -n 1 >got
	matches got want || return
	type_line q
	collect "$client"
}

ends_on_signals() {
	start_server || return
	still_open 1 INT && still_open 2 TERM && still_open 3 HUP
}

# A reader that goes is no error.
reader_goes() {
	start_server || return
	mkfifo pipe
	timeout 10 head -n 1 pipe >first &
	keep_pid $!
	mkfifo ready
	"$trace_program" --ready-fd 3 -P "$port" -o table 3>ready >pipe 2>seen.err &
	tracer=$!
	keep_pid "$tracer"
	[ "$(timeout 10 head -n 1 ready)" = ready ] || fail "the tracer did not begin" || return
	live_trace=seen
	talk 127.0.0.1 || return
	wait_until test -s first || fail "nothing came" || return
	talk 127.0.0.1 || return
	trace_ends
}

# ---- filters -------------------------------------------------------------------------------------

filter_states() {
	start_trace seen --port "$port" -o table -w -H --state time-wait,CLOSE_WAIT || return
	seen_tracer=$tracer
	start_trace all --port "$port" -o table || return
	start_server || return
	talk 127.0.0.1 || return
	wait_until has all.out "LAST_ACK    -> CLOSE" || fail "the last transition is missing" || return
	end_trace || return
	live_trace=seen tracer=$seen_tracer
	end_trace || return
	wide_edges seen.out >got
	cat >want <<-'EOF'
		CLIENT echo-client NETNS 127.0.0.1 51322 127.0.0.1 19999 FIN_WAIT2 -> CLOSE TIME
		SERVER echo-server NETNS 127.0.0.1 19999 127.0.0.1 51322 CLOSE_WAIT -> LAST_ACK TIME
		SERVER echo-server NETNS 127.0.0.1 19999 127.0.0.1 51322 ESTABLISHED -> CLOSE_WAIT TIME
	EOF
	matches got want
}

# each_shows: a tracer for each line "N OPTION..." of stdin, all at once; of an IPv4 and an IPv6 connection
# each shows so many transitions
each_shows() {
	number=0
	cat >filters
	while read -r _ options; do
		number=$((number + 1))
		# shellcheck disable=SC2086 # words
		start_trace seen$number -o table -H $options || return
		echo "$tracer" >seen$number.pid
	done <filters
	start_trace all --port "$port" -o table || return
	talk 127.0.0.1 || return
	talk ::1 || return
	wait_until counts 2 all.out "LAST_ACK    -> CLOSE" || fail "the last transitions are missing" ||
		return
	end_trace || return
	number=0
	while read -r expected options; do
		number=$((number + 1))
		live_trace=seen$number tracer=$(cat seen$number.pid)
		end_trace || return
		grep -v -e '~>' -e ' ?  *->' seen$number.out >edges
		has_lines "$expected" edges || show seen$number.out ||
			fail "$options: $(wc -l <edges) transitions are shown, not $expected" || return
	done <filters
}

filter_ports() {
	start_server || return
	each_shows <<-EOF
		20 -P $port
		20 -P 1,$((port - 1))-$((port + 1))
		20 -L $port
		20 -D $port
		0 -L $port -D $port
		0 -P $((port + 1))
		0 -L $((port + 1))
		0 -D $((port + 1))
	EOF
}

filter_families() {
	start_server || return
	each_shows <<-EOF
		10 -P $port -4
		10 -P $port -6
	EOF
}

filter_hosts() {
	start_server || return
	each_shows <<-EOF
		10 -P $port --host 127.0.0.1
		10 -P $port --host 127.0.0.0/8
		10 -P $port --host ::1
		20 -P $port --host ::1 --host 127.0.0.1/32
		0 -P $port --host 127.0.0.2 --host 10.0.0.0/8 --host ::2
		0 -P $port -6 --host 127.0.0.1
	EOF
}

filter_pids() {
	start_server || return
	each_shows <<-EOF
		20 -P $port -p $server
		0 -P $port -p 1
		20 -P $port -p 1 -p $server
	EOF
}

# A client whose number is known before it connects.
filter_pid_of_client() {
	mkfifo gate
	# shellcheck disable=SC2016
	sh -c 'read -r _ <gate; exec "$0" --send hello 127.0.0.1 "$1"' "$client_program" "$port" \
		>client.out 2>client.err &
	client=$!
	keep_pid "$client"
	start_trace seen -P "$port" -p "$client" -o table -H -w || return
	start_server || return
	other=$client
	talk 127.0.0.1 || return
	client=$other
	echo >gate
	collect "$client" || return
	wait_until has seen.out "LAST_ACK    -> CLOSE" || fail "the last transition is missing" || return
	end_trace || return
	connection_edges seen.out >got
	ten_transitions 127.0.0.1 >want
	matches got want
}

# ---- the tracer itself ---------------------------------------------------------------------------

switches() {
	sed -n 's/^voluntary_ctxt_switches:[^0-9]*//p' "/proc/$tracer/status"
}

# A connection elsewhere on this machine may wake it, as the first transition of a socket has no port yet;
# that is recorded then, and the time is measured once more.
idle() {
	start_trace seen -6 --port "$port" -o ladder --record seen.rec || return
	start_server || return
	talk ::1 || return
	wait_until has seen.out "FIN both ways" || fail "the verdict is missing" || return
	for _ in 1 2 3 4 5 6 7 8; do
		size=$(wc -c <seen.rec)
		before=$(switches)
		sleep 2 # this is the measurement
		after=$(switches)
		[ "$after" != "$before" ] || return 0
		[ "$(wc -c <seen.rec)" -gt "$size" ] ||
			fail "it woke $((after - before)) times in 2 s, for nothing" || return
	done
	skip "others on this machine do not let it sleep"
}

# The name of a process is the first 15 bytes of its file's, whatever they are.
hostile_names() {
	start_server || return
	start_trace seen --port "$port" -o table -w -H || return
	start_trace drawn --port "$port" -o ladder || return
	# ESC, newline, backslash, a letter of UTF-8 and a byte that is none
	name=$(printf '\033[2J\n\\"\303\274\377;rm')
	cp "$client_program" "./$name"
	for attempt in 1 2; do
		"./$name" --send "$attempt" 127.0.0.1 "$port" >talk.out 2>talk.err || show talk.err ||
			fail "no echo" || return
	done
	wait_until counts 2 drawn.out "FIN both ways" || fail "the verdicts are missing" || return
	end_trace || return
	escaped='\x1b[2J\x0a\\"\xc3\xbc\xff;rm'
	grep -F ' -> ' seen.out >transitions
	counts 10 transitions " $escaped " || show seen.out || fail "the table does not have it as $escaped" ||
		return
	counts 2 drawn.out "              ${escaped}[" || show drawn.out ||
		fail "the heading does not have it as $escaped" || return
	! LC_ALL=C grep -q "$(printf '[\033\377]')" seen.out drawn.out || fail "a byte came out raw"
}

two_at_once() {
	start_trace one --port "$port" -o table -w -H || return
	first=$tracer
	start_trace two --port "$port" -o table -w -H || return
	start_server || return
	talk 127.0.0.1 || return
	for each in one two; do
		wait_until has "$each.out" "LAST_ACK    -> CLOSE" || fail "$each: no last transition" || return
	done
	end_trace || return
	tracer=$first live_trace=one
	end_trace || return
	ten_transitions 127.0.0.1 >want
	for each in one two; do
		connection_edges "$each.out" >got
		matches got want || return
	done
	# the same sockets by the same names
	awk '{print $1}' one.out | sort -u >one.names
	awk '{print $1}' two.out | sort -u >two.names
	matches one.names two.names
}

# bpf_ids KIND: of what the tracer holds, from its descriptors
bpf_ids() {
	cat /proc/"$tracer"/fdinfo/* 2>/dev/null | sed -n "s/^$1_id:[^0-9]*//p" | sort -u
}

is_gone() {
	! "$bpftool" "$1" show id "$2" >/dev/null 2>&1
}

nothing_left() {
	bpftool=
	for path in /usr/sbin/bpftool /usr/local/sbin/bpftool /usr/bin/bpftool; do
		[ ! -x "$path" ] || bpftool=$path
	done
	[ -n "$bpftool" ] || skip "there is no bpftool" || return
	for signal in INT KILL; do
		rm -f seen.*
		start_trace seen --port "$port" || return
		progs=$(bpf_ids prog) maps=$(bpf_ids map) links=$(bpf_ids link)
		[ -n "$progs" ] && [ -n "$maps" ] && [ -n "$links" ] ||
			fail "the tracer holds no programs, maps or links" || return
		! is_gone prog "${progs%%[!0-9]*}" || fail "bpftool shows no program" || return
		stop "$tracer" "$signal"
		for id in $progs; do
			wait_until is_gone prog "$id" || fail "after SIG$signal program $id is left" || return
		done
		for id in $maps; do
			wait_until is_gone map "$id" || fail "after SIG$signal map $id is left" || return
		done
		for id in $links; do
			wait_until is_gone link "$id" || fail "after SIG$signal link $id is left" || return
		done
	done
}

live_test "the article: client quits first" article
live_test "the client quits while the server cannot answer" slow_server
live_test "over IPv6" over_ipv6
live_test "a v4-mapped client" v4_mapped
live_test "the server is killed, the client stays" server_killed
live_test "a refused connection" refused
live_test "a connection that was open before the start" joins_open
live_test "the verdict of such a connection names the ends" joined_verdict
user_test "the wide table has each transition once" wide_table
live_test "the wide table over IPv6" over_ipv6_in_table
user_test "a table in a pipe fits 80 columns" piped_table
user_test "-H, -t, -T and -w" table_forms
user_test "-c ends it after so many connections" ends_after_count
user_test "-d ends it" ends_after_duration
user_test "SIGINT, SIGTERM and SIGHUP end it; what is open is said" ends_on_signals
user_test "a reader that goes ends it quietly" reader_goes
user_test "--state" filter_states
live_test "-P, -L and -D show both ends" filter_ports
live_test "-4 and -6" filter_families
user_test "--host" filter_hosts
user_test "-p of the server, of another" filter_pids
live_test "-p of the client" filter_pid_of_client
live_test "an idle tracer does not wake up" idle
user_test "hostile process names" hostile_names
live_test "two tracers at once" two_at_once
live_test "nothing is left behind" nothing_left
live_end
