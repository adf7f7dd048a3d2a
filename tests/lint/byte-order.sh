#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# byte-order.sh: sparse looks for network order taken as a number, or a number as network order, in both worlds. What else
# it has to say, of libbpf's macros above all, is the compilers' business.
set -u
cd "$(dirname "$0")/../.." || exit
: "${BUILD:=build}"
headers=$(gcc -print-file-name=include)
machine=$(gcc -print-multiarch)

# checked FILE FLAG...
checked() {
	file=$1
	shift
	said=$(sparse -Wbitwise -Wno-decl -D_GNU_SOURCE -isystem "$headers" -Iinclude \
		"-I/usr/include/$machine" "$@" "$file" 2>&1)
	if printf '%s\n' "$said" | grep -A2 'restricted __[bl]e'; then
		wrong=yes
	elif printf '%s\n' "$said" | grep "unable to open"; then
		wrong=yes
	fi
}

wrong=no
for source in user/*.c user/*/*.c; do
	checked "$source" -std=gnu11 -Iuser -isystem "$BUILD"
done
for source in bpf/*.bpf.c; do
	checked "$source" -Ivmlinux -include tests/lint/sparse.h -D__TARGET_ARCH_x86
done
[ "$wrong" = no ]
