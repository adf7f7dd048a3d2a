#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# initramfs.sh OUT ARCH BUILD: what a guest of an architecture holds, as an initramfs: the programs of the
# list `programs`, ours from the directory BUILD and its list `guest-programs`, the libraries of both, and
# the tests.
#
# initramfs.sh sysroot ARCH: prints the directory of the foreign packages of an architecture, to build with
set -u
vm_dir=$(cd "$(dirname "$0")" && pwd)
# shellcheck source=tests/vm/lib.sh
. "$vm_dir/lib.sh"
top=$(cd "$vm_dir/../.." && pwd)

# What a cross compiler wants beside the programs' packages.
cross_packages='libbpf-dev libelf-dev zlib1g-dev libmicrohttpd-dev libncurses-dev libcap-ng-dev libseccomp-dev libcmocka-dev'

# packages_of ARCH: those that are fetched
packages_of() {
	if [ "$1" = "$vm_arch" ]; then
		echo busybox-static
	else
		listed programs | awk '{ print $1 }'
		echo "$cross_packages"
	fi
}

# fetch_packages: with all that they depend on if they are foreign
fetch_packages() {
	if [ "$arch" = "$vm_arch" ]; then
		(cd "$sysroot.debs" && apt_get download "$@")
	else
		apt_get install -y -d --no-install-recommends -o Dir::Cache::archives="$sysroot.debs" "$@"
	fi >"$sysroot.log" 2>&1
}

# get_sysroot: $sysroot has the packages, newer ones once a day
get_sysroot() {
	sysroot=$vm_cache/root-$arch
	wanted="$(own_release) $(packages_of "$arch" | tr '\n' ' ')"
	[ "$(cat "$sysroot.has" 2>/dev/null)" = "$wanted" ] && is_fresh "$sysroot.has" && return
	use_apt "$(own_release)" "$arch"
	rm -rf "$sysroot.debs"
	mkdir -p "$sysroot.debs/partial" || exit 1
	# shellcheck disable=SC2086 # package names
	if ! fetch_packages ${wanted#* }; then
		[ "$(cat "$sysroot.has" 2>/dev/null)" = "$wanted" ] && return
		give_up "packages for $arch cannot be had: $(grep -m 1 '^E:' "$sysroot.log")"
	fi
	merged_root "$sysroot"
	for deb in "$sysroot.debs"/*.deb; do
		dpkg-deb --fsys-tarfile "$deb" | tar -C "$sysroot" --keep-directory-symlink -x --no-same-owner \
			--exclude './usr/share' || exit 1
	done
	rm -rf "$sysroot.debs"
	echo "$wanted" >"$sysroot.has"
}

# source_of FILE: where a file of the guest comes from
source_of() {
	if [ "$arch" != "$vm_arch" ] || [ "$1" = /bin/busybox ]; then
		echo "$sysroot$1"
	else
		echo "$1"
	fi
}

# libraries_of FILE: the paths of all that it is linked with
libraries_of() {
	if [ "$arch" = "$vm_arch" ]; then
		ldd "$1" 2>/dev/null | grep -o '/[^ ]*'
		return
	fi
	readelf -l -d "$1" 2>/dev/null | sed -nE -e 's/.*interpreter: (.*)\]/\1/p' \
		-e 's/.*\(NEEDED\).*\[(.*)\]/\1/p' | while read -r library; do
		case $library in
		/*) echo "$library" ;; # the program interpreter
		*) find "$sysroot/usr/lib" -name "$library" | head -n 1 | sed "s|^$sysroot||" ;;
		esac
	done
}

# loaded_later: the path of the library that no program is linked with: see user/http.h
loaded_later() {
	if [ "$arch" = "$vm_arch" ]; then
		find /usr/lib -name libmicrohttpd.so.12 | head -n 1
	else
		find "$sysroot/usr/lib" -name libmicrohttpd.so.12 | head -n 1 | sed "s|^$sysroot||"
	fi
}

# put FILE AT: with the libraries that are not there yet
put() {
	[ -e "$1" ] || give_up "$1 is missing: $3 has it"
	[ ! -e "$root$2" ] || return 0
	mkdir -p "$root${2%/*}" || exit 1
	cp -rL "$1" "$root$2" || exit 1
	[ -f "$1" ] || return 0
	for needed in $(libraries_of "$1"); do
		[ -e "$root$needed" ] || put "$(source_of "$needed")" "$needed" "a library of $1"
	done
}

if [ "${1-}" = sysroot ]; then
	arch=$2
	get_sysroot
	echo "$sysroot"
	exit 0
fi

[ $# = 3 ] || give_up "usage: initramfs.sh OUT ARCH BUILD"
out=$1 arch=$2 build=$3
get_sysroot
root=$(mktemp -d) || exit 1
trap 'rm -rf "$root"' EXIT
merged_root "$root"
listed programs | while read -r package files; do
	for file in $files; do
		put "$(source_of "$file")" "$file" "the package $package"
	done
done || exit 1
mkdir -p "$root/t/build" "$root/t/tests" "$root/t/vmlinux" "$root/proc" "$root/sys" "$root/dev" \
	"$root/tmp" "$root/run" "$root/root" "$root/etc"
while read -r program; do
	put "$build/$program" "/t/build/$program" "make"
done <"$build/guest-programs" || give_up "$build/guest-programs cannot be read: make check-vm makes it"
loaded=$(loaded_later)
put "$(source_of "$loaded")" "$loaded" libmicrohttpd12
put "$build/tcpstate.bpf.o" /t/build/tcpstate.bpf.o make
put "$build/machine-exit" /bin/machine-exit make
cp -r "$top/tests/lib" "$top/tests/live" "$root/t/tests/"
install -D -m 755 "$vm_dir/restricted.sh" "$root/t/tests/vm/restricted.sh"
cp "$top/vmlinux/vmlinux.h" "$root/t/vmlinux/"
ln -s dash "$root/bin/sh"
printf 'root:x:0:0:root:/root:/bin/sh\nnobody:x:65534:65534:nobody:/:/bin/sh\n' >"$root/etc/passwd"
printf 'root:x:0:\nnogroup:x:65534:\n' >"$root/etc/group"
install -m 755 "$vm_dir/init" "$root/init"
(cd "$root" && find . | cpio -o -H newc -R 0:0 --quiet) >"$out"
