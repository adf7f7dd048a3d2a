#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# `make install` and `make deb`: what they install, that it works from there, and that nothing of it stays. Nothing of
# the machine is touched; tests/package/bare.sh installs the package for real.
set -u
cd "$(dirname "$0")/../.." || exit
build=${BUILD:-build}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
failed=0

# test_that NAME COMMAND...
test_that() {
	name=$1
	shift
	if "$@" >"$work/said" 2>&1; then
		echo "ok - $name"
	else
		cat "$work/said"
		echo "not ok - $name: exit status is not 0"
		failed=1
	fi
}

files_in() {
	(cd "$1" && find . -type f | sort)
}

expected() {
	cat <<-'END'
		./bin/echo-client
		./bin/echo-server
		./lib/systemd/system/tcpstate-trace.service
		./sbin/tcpstate-trace
		./share/bash-completion/completions/echo-client
		./share/bash-completion/completions/echo-server
		./share/bash-completion/completions/tcpstate-trace
		./share/doc/tcpstate-trace/LICENSE
		./share/doc/tcpstate-trace/README.md
		./share/man/man1/echo-client.1
		./share/man/man1/echo-server.1
		./share/man/man7/tcpstate-trace-scenarios.7
		./share/man/man8/tcpstate-trace.8
	END
}

installs() {
	make -s install DESTDIR="$work/root" PREFIX=/opt/tcp || return
	files_in "$work/root/opt/tcp" >"$work/installed"
	expected | diff - "$work/installed"
}

# A replay of what is installed is that of what was built.
replays() {
	"$build/tcpstate-trace" replay -o json tests/golden/client-quits.rec >"$work/built.json" &&
		"$work/root/opt/tcp/sbin/tcpstate-trace" replay -o json tests/golden/client-quits.rec |
		cmp "$work/built.json" -
}

# ... and it leaves what others have put there.
uninstalls() {
	echo other >"$work/root/opt/tcp/bin/other"
	make -s uninstall DESTDIR="$work/root" PREFIX=/opt/tcp && [ "$(files_in "$work/root")" = ./opt/tcp/bin/other ]
}

# The version is the program's own, and stands in the package's name.
makes_package() {
	make -s deb || return
	set -- "$build/tcpstate-trace_$("$build/tcpstate-trace" --version | cut -d ' ' -f 2)"_*.deb
	[ $# = 1 ] && [ -f "$1" ] && package=$1
}

# As installed, but Debian has the licence elsewhere, what its policy wants beside it, and the manuals compressed.
package_is_whole() {
	{
		expected | grep -v LICENSE | sed 's/\.[178]$/&.gz/'
		echo ./share/doc/tcpstate-trace/changelog.gz
		echo ./share/doc/tcpstate-trace/copyright
	} | sort >"$work/wanted"
	dpkg-deb -x "$package" "$work/package" && files_in "$work/package/usr" |
		diff "$work/wanted" - &&
		[ "$(ls "$work/package")" = usr ] &&
		dpkg-deb -f "$package" Depends | grep libbpf1 | grep zlib1g
}

# With the program where it was installed; nothing else is amiss.
unit_is_sound() {
	sed "s|^ExecStart=|&$work/root/opt/tcp/sbin/|" user/package/tcpstate-trace.service >"$work/tcpstate-trace.service"
	systemd-analyze verify --man=no "$work/tcpstate-trace.service" >"$work/verified" 2>&1
	status=$?
	cat "$work/verified"
	[ $status = 0 ] && ! [ -s "$work/verified" ]
}

# Its comment has the figure of this systemd; others may weigh otherwise.
unit_is_sandboxed() {
	exposure=$(systemd-analyze security --offline=yes user/package/tcpstate-trace.service |
		sed -n 's/.*Overall exposure level.*: \([0-9.]*\) .*/\1/p')
	echo "exposure $exposure"
	grep -qF "says $exposure:" user/package/tcpstate-trace.service
}

lintian_has_no_errors() {
	lintian --fail-on error "$package"
}

test_that "make install installs what is expected" installs
test_that "what is installed replays" replays
if command -v systemd-analyze >/dev/null; then
	test_that "systemd finds nothing amiss with the unit" unit_is_sound
	test_that "the unit is as sandboxed as it says" unit_is_sandboxed
else
	echo "skip - the unit: there is no systemd-analyze"
fi
test_that "make uninstall leaves nothing" uninstalls
test_that "make deb makes a package of this version" makes_package
if [ -n "${package-}" ]; then
	test_that "the package holds what is installed" package_is_whole
	if command -v lintian >/dev/null; then
		test_that "lintian finds no error" lintian_has_no_errors
	else
		echo "skip - lintian finds no error: lintian is not installed"
	fi
fi
[ "$failed" = 0 ]
