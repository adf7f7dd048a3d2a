#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# kernel.sh NAME: sees to it that a kernel of the list `kernels` is in the cache, and prints the path of
# its vmlinuz. Beside that are modules.cpio (an initramfs with the modules of the list `modules`) and
# version. A kernel that cannot be had: one sentence, status 1.
set -u
vm_dir=$(cd "$(dirname "$0")" && pwd)
# shellcheck source=tests/vm/lib.sh
. "$vm_dir/lib.sh"

name=${1-}
line=$(listed kernels | awk -v name="$name" '$1 "" == name')
[ -n "$line" ] || give_up "'$name' is not in tests/vm/kernels"
read -r _ arch suite prefix _ <<END
$line
END
kernel=$vm_cache/kernels/$name

print_and_end() {
	echo "$kernel/vmlinuz"
	exit 0
}

# otherwise SENTENCE: the cache has to do
otherwise() {
	rm -rf "$kernel.new"
	[ -e "$kernel/vmlinuz" ] || give_up "kernel $name cannot be had: $1"
	echo "${0##*/}: kernel $name is that of the cache: $1" >&2
	print_and_end
}

# kernel_packages PACKAGE: those that a meta package of $version stands for
kernel_packages() {
	apt_cache show "$1=$version" | sed -n 's/^Depends: //p' | tr , '\n' |
		sed -nE 's/^ *(linux-(image|binary|modules)-[^ ]*).*/\1/p' |
		while read -r package; do
			echo "$package=$version"
			kernel_packages "$package"
		done
}

# fetch: the packages of $version into $kernel.new
fetch() {
	rm -rf "$kernel.new"
	mkdir -p "$kernel.new/unpacked" || return
	packages=$(kernel_packages "linux-image-cloud-$arch" | sort -u)
	# shellcheck disable=SC2086 # package names
	(cd "$kernel.new" && apt_get download $packages) >"$kernel.new/log" 2>&1 && return
	why=$(grep -m 1 '^E:' "$kernel.new/log")
	return 1
}

# with_modules DIRECTORY: an initramfs with the modules of the packages unpacked there
with_modules() {
	mkdir -p "$1/root/modules"
	: >"$1/root/modules/order"
	listed modules | while read -r module; do
		found=$(find "$1/unpacked" -name "$module.ko*" | head -n 1)
		case $found in
		'') continue ;;
		*.xz) xz -dc "$found" ;;
		*) cat "$found" ;;
		esac >"$1/root/modules/$module.ko" || return
		echo "$module" >>"$1/root/modules/order"
	done
	(cd "$1/root" && find modules | cpio -o -H newc -R 0:0 --quiet) >"$1/modules.cpio"
}

# What is kept holds the modules of that day's list.
has_all() {
	[ -e "$kernel/vmlinuz" ] && listed modules | cmp -s - "$kernel/modules"
}

if is_fresh "$kernel/version" && has_all; then
	print_and_end
fi
use_apt "$suite" "$arch" || otherwise "the lists of $suite cannot be fetched ($(grep -m 1 '^[EW]:' "$apt_dir/log"))"
versions=$(apt_cache madison "linux-image-cloud-$arch" |
	awk -F ' *[|] *' -v prefix="$prefix." 'index($2, prefix) == 1 { print $2 }' | uniq)
[ -n "$versions" ] || otherwise "$suite has no linux-image-cloud-$arch $prefix"
# The newest; what the lists have but the mirror not, or not yet, is passed over.
for version in $versions; do
	if [ "$(cat "$kernel/version" 2>/dev/null)" = "$version" ] && has_all; then
		touch "$kernel/version"
		print_and_end
	fi
	why=
	fetch && break
done
[ -z "$why" ] || otherwise "$why"
for deb in "$kernel.new"/*.deb; do
	dpkg-deb -x "$deb" "$kernel.new/unpacked" || otherwise "${deb##*/} cannot be unpacked"
done
image=$(find "$kernel.new/unpacked" -name 'vmlinuz*' -type f | head -n 1)
[ -n "$image" ] || otherwise "no package of $version has a vmlinuz"
cp "$image" "$kernel.new/vmlinuz"
with_modules "$kernel.new" || otherwise "its modules cannot be unpacked"
listed modules >"$kernel.new/modules"
echo "$version" >"$kernel.new/version"
rm -rf "$kernel.new/unpacked" "$kernel.new/root" "$kernel.new"/*.deb "$kernel.new/log" "$kernel"
mv "$kernel.new" "$kernel"
print_and_end
