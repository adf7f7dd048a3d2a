#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# unpack.sh DIRECTORY PACKAGE FILE...: fetches a Debian package through apt and unpacks these files of it into DIRECTORY, for
# tests of what must not be installed, as it would start a service. What is there already stays. Where the package
# cannot be had, DIRECTORY.log says why, and the tests that want it skip.
set -u
vm_dir=$(cd "${0%/*}/../vm" && pwd)
# shellcheck source=tests/vm/lib.sh
. "$vm_dir/lib.sh"
directory=$(realpath -m "$1")
package=$2
shift 2

[ ! -d "$directory" ] || exit 0
rm -rf "$directory.new"
mkdir -p "$directory.new" && cd "$directory.new" || exit
{
	use_apt "$(own_release)" "$vm_arch" && apt_get download "$package" &&
		dpkg-deb --fsys-tarfile "$package"_*.deb | tar -x --no-same-owner "$@" && rm "$package"_*.deb
} >"$directory.log" 2>&1 && mv "$directory.new" "$directory" && exit
echo "${0##*/}: $package cannot be had: $(grep -m 1 '^E:' "$directory.log")"
rm -rf "$directory.new"
