#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# screenshots.sh [WORD]: pictures of the default screen, in $BUILD/screenshots, for people to look at: in three sizes, with and without
# UTF-8, of one connection and of three hundred, at the moments that matter, in a dark and a light terminal.
# With WORD only those with it in the names of their tests.

# shellcheck disable=SC2119 # functions of live.sh whose arguments are optional
# shellcheck source=tests/lib/live.sh
. "${0%/*}/../lib/live.sh"
# shellcheck source=tests/lib/terminal.sh
. "${0%/*}/../lib/terminal.sh"
looks=$(cd "${0%/*}" && pwd)
live_begin "$@"
pictures=$live_build/screenshots
mkdir -p "$pictures"

# ---- a picture -----------------------------------------------------------------------------------

# draw THEME: the file "pane" as $pictures/$size-$name-$charset-THEME.png; a cell is 8 by 17 pixels
draw() {
	page=$PWD/$1.html
	picture=$pictures/$size-$name-$charset-$1.png
	awk -v theme="$1" -f "$looks/page.awk" pane >"$page"
	timeout 60 chromium --headless --no-sandbox --disable-gpu --disable-quic --no-first-run \
		--disable-background-networking --disable-component-update --disable-sync --user-data-dir="$PWD/browser" \
		--hide-scrollbars --window-size="$((columns * 8 + 16)),$((lines * 17 + 16))" \
		--screenshot="$picture" "file://$page" >said 2>&1 8>&- 9>&-
	[ -s "$picture" ] || show said || fail "no picture"
}

# take NAME: what is on the terminal now
take() {
	name=$1
	terminal capture-pane -e -p >pane
	rm -f "$pictures/$size-$name-$charset"-*.png
	draw dark && draw light
}

# take_when NAME TEXT: as soon as it is there
take_when() {
	wait_until sees "$2" || show screen || fail "$1: there is no '$2'" || return
	take "$1"
}

# ---- what is on it -------------------------------------------------------------------------------

begin() {
	mkfifo ready
	cat >in-terminal <<-EOF
		cd '$PWD'
		export LC_ALL=$locale
		trap : INT
		exec '$trace_program' --port $port --explain-bind --ready-fd 3 3>ready
	EOF
	begin_terminal "$columns" "$lines" || return
	[ "$(timeout 10 head -n 1 ready)" = ready ] || fail "the tracer did not begin"
}

is_there() {
	tcp_has "$1"
}

# A handshake whose SYN,ACK is lost; a connection; its server is killed, and cannot start again; the client quits.
one() {
	begin && half_open 03 && take_when 1-handshake "SYN_RECV 1" || return
	nft delete table ip live
	live_patience=3 collect "$client" || return
	start_client 127.0.0.1 && take_when 2-open "ESTABLISHED 2" || return
	stop "$server" "$interrupt"
	take_when 3-killed "FIN_WAIT2 1" || return
	"$server_program" "$port" >again.out 2>&1 8>&- 9>&-
	take_when 4-bind "in the way" || return
	type_line q
	collect "$client" && take_when 5-closed "time-wait-server (note)" || return
	end_terminal
}

# storm NAME TEXT ARGUMENT...: traffic (tests/live/storm.c), stopped for a picture when TEXT is there
storm() {
	moment=$1 text=$2
	shift 2
	"$live_build/storm" "$port" "$@" >storm.out 2>&1 8>&- 9>&- &
	storm=$!
	keep_pid $storm
	wait_until sees "$text" || show screen || fail "there is no '$text'" || return
	kill -STOP $storm
	take "$moment" || return
	kill -CONT $storm
	live_patience=3 collect $storm
}

# All are opened and then closed, by the client first; then a busy server, whose connections end in every way.
many() {
	begin && storm 6-many-open "ESTABLISHED 60" 400 300 100 && take_when 7-many-closed "TIME_WAIT 400" || return
	storm 8-many-busy "TIME_WAIT 43" 400 20 100 mix && take 9-many-after || return
	end_terminal
}

# ---- all sizes -----------------------------------------------------------------------------------

for size in 80x24 120x40 200x60; do
	columns=${size%x*} lines=${size#*x}
	for charset in utf8 ascii; do
		locale=C.UTF-8
		[ $charset = utf8 ] || locale=C
		live_test "one connection, $size, $charset" one
		live_test "three hundred connections, $size, $charset" many
	done
done
live_end
