#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# features.sh: what `tcpstate-trace features` says of this kernel, and of one that gives less.

# shellcheck source=tests/lib/live.sh
. "${0%/*}/../lib/live.sh"
live_begin "$@"

names='btf ring_buffer tracepoint cookies current_task probe_read fentry timer_start timer_cancel timer_expire
	kfree_skb kallsyms iter_tcp timewait_cast iter_task_file lockdown unprivileged_bpf kptr_restrict
	hooks'

# list_features [COMMAND...]: what is printed is in list and list.err, how it ended in $status. The
# command stands before timeout(1), as busybox's would run its own setpriv.
list_features() {
	"$@" timeout 30 "$trace_program" features >list 2>list.err
	status=$?
}

# list_once: the same for all tests that look at this kernel as it is, as a slow machine takes seconds for it
list_once() {
	if [ -e "$live_dir/list" ]; then
		cp "$live_dir/list" list
	else
		list_features env
		cp list "$live_dir/list"
	fi
}

# value_of NAME: the second word of its line
value_of() {
	awk -v name="$1" '$1 == name { print $2 }' list
}

each_feature_has_a_line() {
	list_once
	[ "$status" = 0 ] || show list.err || fail "it ended with status $status" || return
	! [ -s list.err ] || show list.err || fail "it wrote to stderr" || return
	# shellcheck disable=SC2086 # words
	printf '%s\n' kernel architecture $names >wanted
	awk '{ print $1 }' list >found
	cmp -s wanted found || show list || fail "these are not the features" || return
	[ "$(value_of kernel)" = "$(uname -r)" ] || show list || fail "another kernel" || return
	[ "$(value_of architecture)" = "$(uname -m)" ] || show list || fail "another machine" || return
	awk 'NR > 2 && !/^[a-z_]+ +(yes|no ) +[^ ]/ && !/^(lockdown|unprivileged_bpf|kptr_restrict|hooks) /' list >odd
	! [ -s odd ] || show odd || fail "neither yes nor no" || return
	awk '$2 == "no" && !/ \([^()]+\)$/' list >odd
	! [ -s odd ] || show odd || fail "a no without its reason" || return
	awk '$2 ~ /^(yes|no)$/ && substr($0, 24) !~ /^[^ ]/' list >odd
	! [ -s odd ] || show odd || fail "the columns are not aligned"
}

# The tracer works here: the other live tests show it.
what_tracing_takes_is_there() {
	list_once
	for name in btf ring_buffer tracepoint; do
		[ "$(value_of $name)" = yes ] || show list || fail "$name is not said to be there" || return
	done
	[ "$(value_of current_task)" = yes ] || [ "$(value_of probe_read)" = yes ] || show list ||
		fail "nothing tells who did it" || return
	for name in unprivileged_bpf kptr_restrict; do
		path=/proc/sys/kernel/$name
		[ -e "$path" ] || path=${path}_disabled
		[ "$(value_of $name)" = "$(cat "$path")" ] || show list ||
			fail "$name is not what $path has" || return
	done
}

# What JSON has, as lines of the list.
json_agrees_with_the_list() {
	list_once
	timeout 30 "$trace_program" features -o json >object 2>err ||
		show err || fail "-o json failed" || return
	! [ -s err ] || show err || fail "-o json wrote to stderr" || return
	has_lines 1 object || show object || fail "it is not one line" || return
	grep -q '^{"type":"features","v":1,"kernel":"[^"]*","arch":"[^"]*","features":\[{.*}\]}$' object ||
		show object || fail "it is not the object that was promised" || return
	{
		sed 's/.*"kernel":"\([^"]*\)".*/kernel \1/' object
		sed 's/.*"arch":"\([^"]*\)".*/architecture \1/' object
		sed -e 's/.*"features":\[{//' -e 's/}\]}$//' -e 's/},{/\n/g' object | sed \
			-e 's/^"name":"\([^"]*\)","value":"*\([^",]*\)"*,"used_for":"\([^"]*\)","reason":"*\([^"]*\)"*$/\1 \2 [\3|\4]/' \
			-e 's/ true \[\(.*\)|null\]$/ yes \1/' -e 's/ false \[.*|\(.*\)\]$/ no \1/' \
			-e 's/ \[\(.*\)|null\]$/ \1/' -e 's/ unknown \[.*|\(.*\)\]$/ unknown \1/'
	} >from_json
	tr -s ' ' <list | cmp -s - from_json || show list || show from_json ||
		fail "JSON and the list differ"
}

# kallsyms_agree COMMAND...: does the list say what /proc/kallsyms shows through COMMAND?
kallsyms_agree() {
	line=$("$@" grep -F ' tw_timer_handler' /proc/kallsyms)
	case ${line%% *} in
	*[!0]*) there=yes ;;
	*) there=no ;;
	esac
	[ "$(value_of kallsyms)" = $there ] || show list || fail "kallsyms is said to be $(value_of kallsyms)"
}

# Who lacks CAP_SYSLOG reads zeros there, as everybody does with kptr_restrict=2; tracing does not mind.
kallsyms_shown_and_hidden() {
	list_once
	kallsyms_agree env || return
	set -- setpriv --bounding-set=-syslog --inh-caps=-syslog --
	"$@" true || skip "setpriv cannot take CAP_SYSLOG away" || return
	list_features "$@"
	[ "$status" = 0 ] || show list.err || fail "it ended with status $status" || return
	kallsyms_agree "$@"
}

lockdown_is_the_kernels() {
	show_it='{ [ -e /sys/kernel/security/lockdown ] || mount -t securityfs none /sys/kernel/security; }'
	unshare --mount sh -c "$show_it" 2>unshare.err || skip "$(tail -n 1 unshare.err)" || return
	mode=$(unshare --mount sh -c "$show_it && cat /sys/kernel/security/lockdown" 2>unshare.err |
		sed 's/.*\[\(.*\)\].*/\1/')
	[ -n "$mode" ] || skip "$(tail -n 1 unshare.err)" || return
	list_features unshare --mount sh -c "$show_it && exec \"\$@\"" sh
	[ "$(value_of lockdown)" = "$mode" ] || show list || fail "it is not $mode"
}

# With no types, nothing can be traced; the list is printed all the same, and says so in its last line.
without_btf() {
	hide='mount -t tmpfs none /sys/kernel/btf'
	unshare --mount sh -c "$hide" 2>unshare.err || skip "$(tail -n 1 unshare.err)" || return
	list_features unshare --mount sh -c "$hide && exec \"\$@\"" sh
	[ "$status" = 1 ] || show list || fail "it ended with status $status, not 1" || return
	for name in btf tracepoint cookies fentry; do
		[ "$(value_of $name)" = no ] || show list || fail "$name is said to be there" || return
	done
	sentence="tcpstate-trace: this kernel tells no types (/sys/kernel/btf/vmlinux: No such file or directory): \
it must be built with CONFIG_DEBUG_INFO_BTF, as Debian's are from 5.10 on"
	[ "$(cat list.err)" = "$sentence" ] || show list.err || fail "another sentence" || return
	says 1 "$sentence" unshare --mount sh -c "$hide && exec \"\$@\"" sh "$trace_program" -P "$port"
}

# Root of a user namespace, as in a container: the kernel gives it no BPF.
in_a_container() {
	unshare --user --map-root-user true 2>unshare.err || skip "$(cat unshare.err)" || return
	sentence="tcpstate-trace: BPF programs are refused to root here (Operation not permitted): by the container's \
lack of CAP_BPF and CAP_PERFMON, a seccomp filter or a security module"
	list_features unshare --user --map-root-user
	[ "$status" = 1 ] || fail "it ended with status $status, not 1" || return
	[ "$(value_of tracepoint)" = no ] || show list || fail "it is said to work" || return
	[ "$(cat list.err)" = "$sentence" ] || show list.err || fail "another sentence" || return
	says 1 "$sentence" unshare --user --map-root-user "$trace_program" -P "$port"
}

not_root() {
	set -- "$(command -v setpriv)" --reuid 65534 --regid 65534 --clear-groups --
	"$@" true 2>/dev/null || skip "setpriv cannot change the user here" || return
	cp "$trace_program" ./tracer
	chmod 755 . .. ./tracer
	"$@" ./tracer --version >/dev/null 2>&1 || skip "nobody cannot run the tracer here" || return
	says 1 "tcpstate-trace: tracing needs root: run it with sudo" "$@" ./tracer features || return
	says 1 "tcpstate-trace: tracing needs root: run it with sudo" "$@" ./tracer features -o json
}

wrong_usage() {
	says 2 "features takes no argument: leave out 'extra'" "$trace_program" features extra || return
	says 2 "features takes no argument: leave out '\\x1b'" "$trace_program" features "$(printf '\033')" || return
	says 2 "features runs no command" "$trace_program" features -- true || return
	says 2 "features traces nothing" "$trace_program" features -P 80 || return
	says 2 "features traces nothing" "$trace_program" -H features || return
	says 2 "features prints a list, or JSON" "$trace_program" features -o table
}

full_disk() {
	[ -c /dev/full ] || skip "there is no /dev/full" || return
	"$trace_program" features >/dev/full 2>full.err
	status=$?
	[ "$status" = 1 ] || fail "it ended with status $status, not 1" || return
	has full.err "cannot write to stdout" || show full.err || fail "it did not say so"
}

live_test "each feature has a line" each_feature_has_a_line
live_test "what tracing takes is there" what_tracing_takes_is_there
live_test "JSON agrees with the list" json_agrees_with_the_list
live_test "kallsyms, shown and hidden" kallsyms_shown_and_hidden
live_test "lockdown is the kernel's" lockdown_is_the_kernels
live_test "without BTF" without_btf
live_test "in a container" in_a_container
live_test "not as root" not_root
live_test "wrong usage" wrong_usage
live_test "a full disk" full_disk
live_end
