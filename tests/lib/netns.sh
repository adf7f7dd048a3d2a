# shellcheck shell=sh
# shellcheck disable=SC2034,SC2317 # live.sh uses what is set here, and runs what is defined
# SPDX-License-Identifier: GPL-2.0-only
#
# netns.sh: network namespaces for the live tests, joined by cables. A script reads it behind live.sh, sets
# live_unshare='--net --mount' before live_begin, and runs by netns_test what needs them.
#
# The namespaces have names, as `ip netns` gives them, in a /run that only this script sees: they are gone
# with it.

possible=

has_namespaces() {
	mount -t tmpfs tmpfs /run && mkdir /run/netns && ip link add probe0 type veth peer name probe1 &&
		ip link set probe1 up && ip link del probe0 # busybox gives no name to the peer
}

# make_netns NAME
make_netns() {
	: >"/run/netns/$1"
	unshare --net="/run/netns/$1" ip link set lo up ||
		fail "cannot make a network namespace"
}

# in_netns NAME COMMAND...
in_netns() {
	live_netns=$1
	shift
	nsenter --net="/run/netns/$live_netns" -- "$@"
}

# inode_of NAME
inode_of() {
	# shellcheck disable=SC2012 # the inode number of one file
	ls -id "/run/netns/$1" | awk '{print $1}'
}

# is_in_netns PID NAME
is_in_netns() {
	# shellcheck disable=SC2012 # the inode number of one file
	[ "$(ls -Lid "/proc/$1/ns/net" | awk '{print $1}')" = "$(inode_of "$2")" ]
}

# give ADDRESS DEVICE NAME: an end of a cable to a namespace. Every ip(8) knows a namespace by a process.
give() {
	nsenter --net="/run/netns/$3" -- sleep 60 &
	holder=$!
	keep_pid $holder
	wait_until is_in_netns $holder "$3" && ip link set "$2" netns $holder &&
		in_netns "$3" ip address add "$1" dev "$2" && in_netns "$3" ip link set "$2" up || return
	stop $holder
}

# join NAME ADDRESS NAME ADDRESS: two namespaces by a cable of its own
join() {
	cables=$((${cables:-0} + 1))
	if ! ip link add "a$cables" type veth peer name "b$cables" ||
		! give "$2" "a$cables" "$1" || ! give "$4" "b$cables" "$3"; then
		fail "cannot join $1 and $3"
	fi
}

remove_netns() {
	for live_netns in /run/netns/*; do
		[ -e "$live_netns" ] || continue
		umount "$live_netns"
		rm "$live_netns"
	done
}

# run_in NAME: what start_server, start_client and talk start runs there
run_in() {
	live_runner="nsenter --net=/run/netns/$1 --"
}

not_possible() {
	skip "there are no namespaces or no veth devices to be had"
}

tidy_netns() {
	live_runner=
	remove_netns
}

# netns_test NAME FUNCTION: as live_test, but skipped where there are none to be had
netns_test() {
	[ "$possible" ] || {
		possible=no
		has_namespaces 2>/dev/null && possible=yes
	}
	if [ "$possible" != yes ]; then
		live_test "$1" not_possible
		return
	fi
	live_after=tidy_netns
	live_test "$1" "$2"
	live_after=:
}
