#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# hardened.sh PROGRAM...: what the compiler and the linker were asked for is in the programs.
set -u
wrong=no

# has PROGRAM WHAT PATTERN COMMAND...: its output has PATTERN
has() {
	program=$1 what=$2 pattern=$3
	shift 3
	if ! "$@" "$program" | grep -q "$pattern"; then
		echo "$program: $what: no \`$pattern' in: $*"
		wrong=yes
	fi
}

for program; do
	has "$program" 'position independent' 'Type: *DYN' readelf -Wh
	has "$program" 'read-only relocations' 'GNU_RELRO' readelf -Wl
	has "$program" 'bound before it runs' 'FLAGS.*BIND_NOW\|FLAGS_1.*NOW' readelf -Wd
	has "$program" 'no code on the stack' 'GNU_STACK.* RW  *0x' readelf -Wl
	has "$program" 'stack protector' '__stack_chk_fail' readelf -W --dyn-syms
	has "$program" 'FORTIFY' '_chk@' readelf -W --dyn-syms
done
[ "$wrong" = no ]
