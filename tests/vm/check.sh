#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# check.sh [BUILD]: the live tests on each kernel of the list `kernels`, in virtual machines without KVM, as
# many at a time as there are CPUs, as an ordinary user. Prints lines
#
#	ok - KERNEL: SCRIPT: NAME	not ok - ...: REASON	skip - ...: REASON
#
# as each kernel ends, and at the end a table of scripts and kernels.
#
#	VM=NAME...	only these kernels; also by the version that a name stands for: VM=arm64-7.2
#	VM_SHELL=1	a shell in the first of them instead of the tests
#	VM_ONLY=SCRIPT	only this script
#	VM_LIMIT=N	seconds that a guest may take (default: 600)
#	VM_UPDATE=1	asks for newer kernels now, not once a day
#	VM_RECORD=1	writes down what the verifier counted (tests/vm/instructions) and, of all kernels, their
#			features (README.md)
set -u
vm_dir=$(cd "$(dirname "$0")" && pwd)
# shellcheck source=tests/vm/lib.sh
. "$vm_dir/lib.sh"
cd "$vm_dir/../.." || exit
build=${1:-build}
limit=${VM_LIMIT:-600}
work=$(mktemp -d) || exit 1
workers=
# The workers do not hear of Ctrl-C; each ends with its guest.
tidy() {
	: >"$work/over"
	for worker in $workers; do
		while kill -0 "$worker" 2>/dev/null; do
			cat "$work"/*.pid 2>/dev/null | xargs -r kill 2>/dev/null
			sleep 0.1
		done
	done
	rm -rf "$work"
}
trap tidy EXIT
trap 'exit 130' INT TERM HUP

# ---- which kernels -------------------------------------------------------------------------------

# wrong SENTENCE...: what was asked for cannot be
wrong() {
	echo "${0##*/}: $*" >&2
	exit 2
}

# field N NAME: of a kernel of the list; to awk, 5.1 and 5.10 are the same number, not the same text
field() {
	listed kernels | awk -v name="$2" -v n="$1" '$1 "" == name { print $n }'
}

# is_marked NAME WORD: does its line end in this word?
is_marked() {
	listed kernels | awk -v name="$1" -v word="$2" \
		'$1 "" == name { for (i = 5; i <= NF; i++) found = found || $i == word } END { exit !found }'
}

version_of() {
	cat "$vm_cache/kernels/$1/version" 2>/dev/null
}

# meant_by WORD: the names of the kernels that it stands for: its own, or all that have now a version which
# begins with it; "arm64-" goes before those of arm64
meant_by() {
	[ -z "$(field 1 "$1")" ] || {
		echo "$1"
		return
	}
	listed kernels | while read -r name arch _ newest _; do
		prefix=
		[ "$arch" = amd64 ] || prefix=$arch-
		case $1. in
		"$prefix$newest."*) "$vm_dir/kernel.sh" "$name" </dev/null >/dev/null 2>&1 || continue ;;
		*) continue ;;
		esac
		case $prefix$(version_of "$name") in
		"$1" | "$1"[.-]*) echo "$name" ;;
		esac
	done
}

all_names=$(listed kernels | awk '{ print $1 }')
names=
for word in ${VM:-$all_names}; do
	meant=$(meant_by "$word")
	# shellcheck disable=SC2086 # on one line
	[ -n "$meant" ] || wrong "VM: there is no kernel '$word'; tests/vm/kernels has" $all_names
	names="$names $meant"
done
if [ -n "${VM_ONLY-}" ] && ! [ -e "tests/live/$VM_ONLY" ] && ! [ -e "tests/vm/$VM_ONLY" ] &&
	! [ -e "tests/vm/$VM_ONLY.c" ]; then
	wrong "VM_ONLY: there is no script '$VM_ONLY' in tests/live or tests/vm"
fi

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
		"$build/$1/guest-programs"
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
	amd64) # no AVX, which is slow without KVM; and there qemu 7.2 has a bug with cmpxchg16b
		set -- qemu-system-x86_64 -M q35 -cpu qemu64,cx16=off "$@" \
			-device isa-debug-exit,iobase=0xf4,iosize=0x4
		tty=ttyS0
		;;
	arm64) # -cpu max would be four times as slow
		set -- qemu-system-aarch64 -M virt -cpu cortex-a57 "$@" \
			-semihosting-config enable=on,target=native,userspace=on
		tty=ttyAMA0
		;;
	esac
	# What keeps secrets from other guests takes a third of the time, and changes nothing that is tested.
	timeout --foreground -k 5 "$limit" "$@" -accel tcg -smp 1 -m 1024 -nic none -display none \
		-no-reboot -pidfile "$work/$name.pid" -serial "$console" \
		-kernel "$vmlinuz" -initrd "$work/$name.cpio" \
		-append "console=$tty panic=-1 mitigations=off log_buf_len=1M $parameters"
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
	steady=0
	! is_marked "$1" steady || steady=1
	awk -v kernel="$1" -v steady=$steady -v record="${VM_RECORD:-0}" -f "$vm_dir/rows.awk" \
		"$vm_dir/instructions" "$2"
}

# run_guest NAME: its rows are printed when it has ended
run_guest() {
	name=$1
	: >"$work/$name.console"
	if ! vmlinuz=$("$vm_dir/kernel.sh" "$name" 2>"$work/$name.said"); then
		row="not ok"
		! is_marked "$name" optional || row=skip
		echo "$row - $name: guest: $(tail -n 1 "$work/$name.said")" >"$work/$name.rows"
		return
	fi
	arch=$(field 2 "$name")
	if ! [ -e "$work/$arch.cpio" ]; then
		echo "not ok - $name: guest: its initramfs cannot be made" >"$work/$name.rows"
		return
	fi
	cat "$work/$arch.cpio" "${vmlinuz%/*}/modules.cpio" >"$work/$name.cpio"
	parameters=${VM_ONLY:+vm_only=$VM_ONLY}
	! is_marked "$name" brief || parameters="$parameters vm_brief"
	begin=$(date +%s)
	{
		# virtual time, 2 ns an instruction: the guest sees a fast machine, and sleeping takes none
		guest "$name" stdio "$parameters" -icount shift=1,sleep=off </dev/null \
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
	33) # but what the verifier counted is judged here
		grep '^not ok' "$work/$name.rows" | grep -qv "^not ok - $name: verifier: " || return
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

# slowest_first: the names, those that run all scripts first, then those of another architecture, so that the workers end
# at about the same time
slowest_first() {
	for name in $names; do
		rank=3
		[ "$(field 2 "$name")" = "$vm_arch" ] || rank=2
		is_marked "$name" brief || rank=1
		echo "$rank $name"
	done | sort -s -k 1,1 | cut -d ' ' -f 2
}

# worker: takes kernels off the list while there are some
worker() {
	for name in $(slowest_first); do
		mkdir "$work/$name.taken" 2>/dev/null || continue
		run_guest "$name"
		[ ! -e "$work/over" ] || break
		flock "$work" cat "$work/$name.rows"
	done
}

# results: all that table.awk wants to know
results() {
	for name in $names; do
		echo "kernel $name $(version_of "$name" || echo -)"
		sed "s/^/seconds $name /" "$work/$name.times" 2>/dev/null
		cat "$work/$name.rows"
		sed -n "s/^# feature /feature $name /p" "$work/$name.console" 2>/dev/null
	done
}

# record_instructions: of the kernels that ran; those of others stay
record_instructions() {
	for name in $all_names; do
		if grep -q '^# verifier ' "$work/$name.console" 2>/dev/null; then
			sed -n "s/^# verifier /$name /p" "$work/$name.console"
		else
			awk -v name="$name" '$1 "" == name' "$vm_dir/instructions"
		fi
	done >"$work/instructions"
	{
		grep '^#' "$vm_dir/instructions"
		echo
		cat "$work/instructions"
	} >"$work/recorded" && cat "$work/recorded" >"$vm_dir/instructions"
}

# record_features: the table between the two comments in README.md
record_features() {
	results | awk -v want=features -f "$vm_dir/table.awk" >"$work/features"
	[ -s "$work/features" ] || return
	awk -v table="$work/features" '
		/<!-- kernels: end -->/ { inside = 0 }
		!inside { print }
		/<!-- kernels: begin -->/ { inside = 1; while ((getline line <table) > 0) print line }
	' README.md >"$work/readme" && cat "$work/readme" >README.md
}

archs=$(for name in $names; do field 2 "$name"; done | sort -u)
for arch in $archs; do
	prepare "$arch" >"$work/$arch.log" 2>&1 || {
		rm -f "$work/$arch.cpio"
		sed 's/^/# /' "$work/$arch.log"
	}
done

if [ "${VM_SHELL:-}" = 1 ]; then
	# shellcheck disable=SC2086 # words
	set -- $names
	name=$1
	vmlinuz=$("$vm_dir/kernel.sh" "$name") || exit
	cat "$work/$(field 2 "$name").cpio" "${vmlinuz%/*}/modules.cpio" >"$work/$name.cpio" || exit
	limit=0 # none
	guest "$name" mon:stdio vm_shell
	[ $? = 33 ]
	exit
fi

start=$(date +%s)
for _ in $(seq "$(nproc)"); do
	worker &
	workers="$workers $!"
done
wait
workers=
results | awk -v want=scripts -f "$vm_dir/table.awk"
echo "# $(($(date +%s) - start)) s in all"
if [ "${VM_RECORD:-}" = 1 ]; then
	record_instructions
	[ -n "${VM-}" ] || record_features
fi
! cat "$work"/*.rows | grep -q '^not ok'
