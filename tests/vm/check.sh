#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# check.sh [BUILD]: the live tests on each kernel of the list `kernels`, in virtual machines without KVM, two
# at a time, as an ordinary user. Prints lines
#
#	ok - KERNEL: SCRIPT: NAME	not ok - ...: REASON	skip - ...: REASON
#
# and at the end a table of kernels and scripts.
#
#	VM=NAME...	only these kernels
#	VM_SHELL=1	a shell in the first of them instead of the tests
#	VM_ONLY=SCRIPT	only this script of tests/live
#	VM_LIMIT=N	seconds that a guest may take (default: 600)
#	VM_UPDATE=1	asks for newer kernels now, not once a day
set -u
vm_dir=$(cd "$(dirname "$0")" && pwd)
# shellcheck source=tests/vm/lib.sh
. "$vm_dir/lib.sh"
cd "$vm_dir/../.." || exit
build=${1:-build}
all_kernels=$(listed kernels | awk '{ print $1 }')
names=${VM:-$all_kernels}
limit=${VM_LIMIT:-600}
work=$(mktemp -d) || exit 1
tidy() {
	cat "$work"/*.pid 2>/dev/null | xargs -r kill 2>/dev/null
	rm -rf "$work"
}
trap tidy EXIT
trap 'exit 130' INT TERM HUP

# field N NAME: of a kernel of the list
field() {
	listed kernels | awk -v name="$2" -v n="$1" '$1 == name { print $n }'
}

for name in $names; do
	[ -n "$(field 1 "$name")" ] || give_up "VM: '$name' is not in tests/vm/kernels"
done

[ -e "tests/live/${VM_ONLY:-trace.sh}" ] || give_up "VM_ONLY: there is no tests/live/$VM_ONLY"

# ---- what the guests hold ------------------------------------------------------------------------

# build_of ARCH: the directory of our programs for it
build_of() {
	if [ "$1" = "$vm_arch" ]; then
		echo "$build"
	else
		echo "$build/$1"
	fi
}

# cross_build ARCH TRIPLE: our programs by a cross compiler, which is left in $compiler, with the libraries
# of foreign packages
cross_build() {
	sysroot=$("$vm_dir/initramfs.sh" sysroot "$1") || return
	compiler="$2-gcc --sysroot=$sysroot"
	MAKEFLAGS='' C_INCLUDE_PATH=$sysroot/usr/include/$2 make -s B="$build/$1" CC="$compiler" AR="$2-ar" \
		build "$build/$1/storm" "$build/$1/test_vmlinux"
}

# prepare ARCH: $work/ARCH.cpio
prepare() {
	case $1 in
	"$vm_arch") compiler=cc ;;
	arm64) cross_build arm64 aarch64-linux-gnu ;;
	*) echo "there is no cross compiler for $1" && false ;;
	esac || return
	# shellcheck disable=SC2086 # with an option
	$compiler -O2 -Wall -static -o "$(build_of "$1")/machine-exit" "$vm_dir/machine-exit.c" &&
		"$vm_dir/initramfs.sh" "$work/$1.cpio" "$1" "$(build_of "$1")"
}

# ---- one guest -----------------------------------------------------------------------------------

# guest NAME CONSOLE PARAMETERS OPTION...: runs qemu, for $limit seconds at most; its status is the machine's
guest() {
	name=$1
	console=$2
	parameters=$3
	shift 3
	case $(field 2 "$name") in
	amd64) # qemu 7.2 without KVM has a bug with cmpxchg16b
		set -- qemu-system-x86_64 -M q35 -cpu max,cx16=off "$@" \
			-device isa-debug-exit,iobase=0xf4,iosize=0x4
		tty=ttyS0
		;;
	arm64) # -cpu max would be four times as slow
		set -- qemu-system-aarch64 -M virt -cpu cortex-a57 "$@" \
			-semihosting-config enable=on,target=native,userspace=on
		tty=ttyAMA0
		;;
	esac
	timeout --foreground -k 5 "$limit" "$@" -accel tcg -smp 1 -m 512 -nic none -display none \
		-no-reboot -pidfile "$work/$name.pid" -serial "$console" \
		-kernel "$vmlinuz" -initrd "$work/$name.cpio" \
		-append "console=$tty panic=-1 log_buf_len=1M $parameters"
}

# take_down FILE: each line of a console as it comes; a script's times, in SECONDS SCRIPT lines, on stdout
take_down() {
	return=$(printf '\r')
	while IFS= read -r line; do
		line=${line%"$return"}
		printf '%s\n' "$line" >>"$1"
		case $line in
		"== begin "*) begun=$(date +%s) ;;
		"== end "*)
			line=${line#== end }
			echo "$(($(date +%s) - begun)) ${line% *}"
			;;
		esac
	done
}

# rows_of NAME CONSOLE: the rows of the scripts, with the kernel and the script in their names
rows_of() {
	awk -v kernel="$1" '
		/^== begin / { script = substr($0, 10); rows = 0; bad = 0; next }
		/^== end / {
			if ($NF != 0 && !bad)
				print "not ok - " kernel ": " script ": ended with status " $NF
			else if (!rows)
				print "not ok - " kernel ": " script ": ran no test"
			script = ""; next
		}
		script == "" { next }
		match($0, /^(not ok|ok|skip) ([0-9]+ )?- /) {
			word = $0; sub(/ ([0-9]+ )?- .*/, "", word)
			if ($0 ~ /^ok .* # SKIP/) word = "skip"
			print word " - " kernel ": " script ": " substr($0, RLENGTH + 1)
			rows++; if (word == "not ok") bad = 1
		}
		/^#  / { print }' "$2"
}

# run_guest NAME: its rows are printed when it has ended
run_guest() {
	name=$1
	: >"$work/$name.console"
	if ! vmlinuz=$("$vm_dir/kernel.sh" "$name" 2>"$work/$name.said"); then
		row="not ok"
		[ "$(field 5 "$name")" != optional ] || row=skip
		echo "$row - $name: guest: $(tail -n 1 "$work/$name.said")" >"$work/$name.rows"
		return
	fi
	arch=$(field 2 "$name")
	if ! [ -e "$work/$arch.cpio" ]; then
		echo "not ok - $name: guest: its initramfs cannot be made" >"$work/$name.rows"
		return
	fi
	cp "${vmlinuz%/*}/version" "$work/$name.version"
	cat "$work/$arch.cpio" "${vmlinuz%/*}/modules.cpio" >"$work/$name.cpio"
	begin=$(date +%s)
	{
		# virtual time, 2 ns an instruction: the guest sees a fast machine, and sleeping takes none
		guest "$name" stdio "${VM_ONLY:+vm_only=$VM_ONLY}" -icount shift=1,sleep=off </dev/null \
			2>"$work/$name.said"
		echo $? >"$work/$name.status"
	} | take_down "$work/$name.console" >"$work/$name.times"
	echo "$(($(date +%s) - begin)) all" >>"$work/$name.times"
	rm "$work/$name.cpio"
	rows_of "$name" "$work/$name.console" >"$work/$name.rows"
	how_it_ended >>"$work/$name.rows"
}

# how_it_ended: a row of its own if the machine did not say that all is well, or that a row has failed
how_it_ended() {
	ended=$(cat "$work/$name.status")
	failed=$(grep -c '^not ok' "$work/$name.rows")
	case $ended in
	33)
		[ "$failed" != 0 ] || return
		why="a row has failed, but the machine says that all is well; its console:"
		;;
	35)
		[ "$failed" = 0 ] || return
		why="the machine says that a script has failed, but no row has; its console:"
		;;
	124 | 137) why="it did not end within $limit s; its console:" ;;
	*) why="qemu ended with status $ended; what it said, and the console:" ;;
	esac
	echo "not ok - $name: guest: $why"
	cat "$work/$name.said" "$work/$name.console" | tail -n 60 | sed 's/^/#   /'
}

# ---- all of them ---------------------------------------------------------------------------------

# worker: takes kernels off the list while there are some
worker() {
	for name in $names; do
		mkdir "$work/$name.taken" 2>/dev/null || continue
		run_guest "$name"
		flock "$work" cat "$work/$name.rows"
	done
}

# table: passed/failed/skipped and seconds of each script on each kernel
table() {
	for name in $names; do
		echo "kernel $name $(cat "$work/$name.version" 2>/dev/null || echo -)"
		sed -E -e 's/^/seconds /' "$work/$name.times" 2>/dev/null
		cat "$work/$name.rows"
	done | awk -F ': ' '
		/^kernel / { split($0, part, " "); name = part[2]; names[++n] = name; version[name] = part[3]; next }
		/^seconds / {
			script = $0; sub(/^seconds [0-9]+ /, "", script)
			split($0, part, " "); seconds[name, script] = part[2]
			if (!(script in seen)) { seen[script] = 1; scripts[++m] = script }
			next
		}
		/^ok - / { passed[name, $2]++; passed[name, "all"]++ }
		/^not ok - / { failed[name, $2]++; failed[name, "all"]++ }
		/^skip - / { skipped[name, $2]++; skipped[name, "all"]++ }
		END {
			print "# passed/failed/skipped, seconds"
			printf "# %-12s %-20s", "kernel", "version"
			for (j = 1; j <= m; j++) printf " %-14s", scripts[j]
			print ""
			for (i = 1; i <= n; i++) {
				name = names[i]
				printf "# %-12s %-20s", name, version[name]
				for (j = 1; j <= m; j++) {
					key = name SUBSEP scripts[j]
					if (key in seconds)
						cell = (passed[key] + 0) "/" (failed[key] + 0) "/" (skipped[key] + 0) ", " seconds[key] " s"
					else
						cell = "-"
					printf " %-14s", cell
				}
				print ""
			}
		}' | sed 's/ *$//'
}

archs=$(for name in $names; do field 2 "$name"; done | sort -u)
for arch in $archs; do
	prepare "$arch" >"$work/$arch.log" 2>&1 || {
		rm -f "$work/$arch.cpio"
		sed 's/^/# /' "$work/$arch.log"
	}
done

if [ "${VM_SHELL:-}" = 1 ]; then
	name=${names%% *}
	vmlinuz=$("$vm_dir/kernel.sh" "$name") || exit
	cat "$work/$(field 2 "$name").cpio" "${vmlinuz%/*}/modules.cpio" >"$work/$name.cpio" || exit
	limit=0 # none
	guest "$name" mon:stdio vm_shell
	[ $? = 33 ]
	exit
fi

start=$(date +%s)
worker &
worker &
wait
table
echo "# $(($(date +%s) - start)) s in all"
! cat "$work"/*.rows | grep -q '^not ok'
