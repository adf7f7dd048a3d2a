#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# bare.sh BUILD: installs the package that `make deb` has made in a bare Debian 12, traces there, and removes it. Root and
# a network are needed. All of it is in a directory and in mount and PID namespaces of its own, and goes with them;
# BARE=DIR keeps what debootstrap has made there, for the next time.
set -u
cd "$(dirname "$0")/../.." || exit
build=$1
failed=0

if [ "$(id -u)" != 0 ]; then
	echo "skip - package in a bare Debian: debootstrap needs root: run sudo make check-deb"
	exit 0
fi
if [ "${BARE_INSIDE-}" != yes ]; then
	work=$(mktemp -d /var/tmp/tcpstate-trace-bare.XXXXXX)
	trap 'rm -rf --one-file-system "$work"' EXIT
	trap 'exit 1' INT TERM
	BARE_INSIDE=yes BARE_WORK=$work unshare --mount --pid --fork --kill-child "$0" "$@"
	exit
fi
root=$BARE_WORK/root

# test_that NAME COMMAND...
test_that() {
	name=$1
	shift
	if "$@" >"$BARE_WORK/said" 2>&1; then
		echo "ok - bare Debian: $name"
	else
		tail -20 "$BARE_WORK/said"
		echo "not ok - bare Debian: $name: exit status is not 0"
		failed=1
	fi
}

# Where this machine has Debian from.
mirror() {
	# shellcheck disable=SC2016 # apt fills it in
	apt-get indextargets --format '$(RELEASE) $(REPO_URI)' 'Created-By: Packages' |
		awk '$1 == "bookworm" { print $2; exit }'
}

makes_bare_debian() {
	if [ -n "${BARE-}" ] && [ -d "$BARE/usr" ]; then
		cp -a "$BARE" "$root"
	else
		debootstrap --variant=minbase bookworm "$root" "$(mirror)" || return
		[ -z "${BARE-}" ] || cp -a "$root" "$BARE" || return
	fi
	cp /etc/resolv.conf "$root/etc/" &&
		mount -t proc proc "$root/proc" && mount -t sysfs sysfs "$root/sys"
}

inside() {
	chroot "$root" env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin LC_ALL=C.UTF-8 DEBIAN_FRONTEND=noninteractive \
		${http_proxy:+http_proxy="$http_proxy"} ${https_proxy:+https_proxy="$https_proxy"} "$@"
}

# What there is, but for what apt and dpkg keep of everything that was ever installed.
everything() {
	find "$root" -xdev \( -path "$root/var/lib/dpkg" -o -path "$root/var/lib/apt" -o -path "$root/var/cache" \
		-o -path "$root/var/log" -o -path "$root/tmp" \) -prune -o -print | sort
}

installs() {
	cp "$package" "$root/tmp/it.deb" && inside apt-get -q update &&
		inside apt-get -q install -y --no-install-recommends /tmp/it.deb
}

same_replay() {
	cp tests/golden/client-quits.rec "$root/tmp/" &&
		inside env TZ=UTC COLUMNS=100 tcpstate-trace replay -o ladder /tmp/client-quits.rec 2>&1 |
		diff tests/golden/client-quits.ladder -
}

has_pages() {
	for page in man1/echo-client.1 man1/echo-server.1 man7/tcpstate-trace-scenarios.7 man8/tcpstate-trace.8; do
		gunzip -c "$root/usr/share/man/$page.gz" | mandoc -T utf8 >/dev/null 2>&1 || return
	done
}

removes() {
	inside apt-get -q purge -y --autoremove tcpstate-trace && everything >"$BARE_WORK/after" &&
		diff "$BARE_WORK/before" "$BARE_WORK/after"
}

set -- "$build"/tcpstate-trace_*.deb
package=$1
test_that "debootstrap makes one" makes_bare_debian
[ "$failed" = 0 ] || exit 1
everything >"$BARE_WORK/before"
test_that "the package installs, with what it depends on" installs
test_that "it says its version" inside tcpstate-trace --version
test_that "it replays as on the machine that built it" same_replay
test_that "a scenario is as expected" inside tcpstate-trace demo -q client-quits
test_that "the manual pages are there" has_pages
test_that "it is purged, and nothing is left" removes
[ "$failed" = 0 ]
