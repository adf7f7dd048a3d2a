#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# deb.sh BUILD: BUILD/tcpstate-trace_VERSION_ARCH.deb, of what `make install` installs. All that Debian wants beside
# that is written here, into BUILD/deb/.
set -eu
cd "$(dirname "$0")/../.."
build=$(realpath -m "$1")
top=$PWD
work=$build/deb
tree=$work/tree
doc=$tree/usr/share/doc/tcpstate-trace
version=$(sed -n 's/^#define USAGE_VERSION[[:space:]]*"\(.*\)"$/\1/p' user/base/usage.h)
maintainer='The tcpstate-trace authors <tcpstate-trace@example.org>'

# The time of the last change, for a package that is the same each time it is made.
SOURCE_DATE_EPOCH=${SOURCE_DATE_EPOCH:-$(git log -1 --format=%ct 2>/dev/null || stat -c %Y user/base/usage.h)}
export SOURCE_DATE_EPOCH

# user/http.c loads it, so dpkg-shlibdeps does not see it. Its package has another name on another Debian.
served_by=$(dpkg-query -S '*/libmicrohttpd.so.12' | sed -n '1s/:.*//p')

write_source() {
	cat >debian/control <<END
Source: tcpstate-trace
Section: net
Priority: optional
Maintainer: $maintainer
Standards-Version: 4.6.2

Package: tcpstate-trace
Architecture: linux-any
Depends: \${shlibs:Depends}, $served_by
Description: trace TCP state transitions, and draw how connections close
 tcpstate-trace shows every TCP state transition of this host as it happens,
 each connection drawn as a ladder of its two ends: who closed first, by which
 call, who waits for what, and for how long.
 .
 It sees TIME_WAIT and half-done handshakes as well, says who is in the way of
 a bind() that fails, records and replays, and plays scenarios that explain how
 connections open, close and fail. It is an eBPF program; the kernel must be
 Linux 5.10 or newer, with BTF.
END
	cat >debian/changelog <<END
tcpstate-trace ($version) stable; urgency=medium

  * Version $version.

 -- $maintainer  $(LC_ALL=C date -u -R -d "@$SOURCE_DATE_EPOCH")
END
	cat >debian/copyright <<END
Format: https://www.debian.org/doc/packaging-manuals/copyright-format/1.0/
Upstream-Name: tcpstate-trace

Files: *
Copyright: 2026 The tcpstate-trace authors
License: GPL-2

Files: bpf/* include/* vmlinux/*
Copyright: 2026 The tcpstate-trace authors
License: GPL-2 or BSD-2-clause

License: GPL-2
 This program is free software; you can redistribute it and/or modify it under
 the terms of version 2 of the GNU General Public License as published by the
 Free Software Foundation.
 .
 On Debian systems, the full text of that version is in
 /usr/share/common-licenses/GPL-2.

License: BSD-2-clause
END
	sed -n '/^Redistribution/,/^SUCH DAMAGE\|POSSIBILITY OF SUCH DAMAGE\./p' "$top/LICENSE" |
		sed -e 's/^$/./' -e 's/^/ /' >>debian/copyright
}

rm -rf "$work"
mkdir -p "$work/debian" "$tree/DEBIAN"
make -s install B="${build#"$top"/}" DESTDIR="$tree" PREFIX=/usr
cd "$work"
write_source

strip --remove-section=.comment --remove-section=.note "$tree"/usr/*bin/*
gzip -9n "$tree"/usr/share/man/*/*
mv "$doc/LICENSE" "$work/LICENSE" # Debian has its text, and debian/copyright the rest
cp debian/copyright "$doc/copyright"
gzip -9nc debian/changelog >"$doc/changelog.gz"
chmod 644 "$doc"/*

dpkg-shlibdeps -Tdebian/substvars "$tree"/usr/*bin/*
dpkg-gencontrol -Tdebian/substvars -P"$tree"
(cd "$tree" && find usr -type f -print0 | LC_ALL=C sort -z | xargs -0 md5sum >DEBIAN/md5sums)
find "$tree" -type d -exec chmod 755 {} +
dpkg-deb --root-owner-group --build "$tree" "$build"
