# shellcheck shell=sh
# SPDX-License-Identifier: GPL-2.0-only
#
# unseen.sh: what this machine keeps from the tracer.
#
# Some sandboxes run no BPF program while a thread of their PID 1 is current. What a softirq does that interrupts such a
# thread is then not seen, and not counted as missed either; most often a timer brought it: a delayed ACK, a time-out. Of
# 8000 connections whose FIN is acknowledged by a timer, ten were not seen to go from FIN_WAIT1 to FIN_WAIT2: ftrace, which
# is no BPF program, had them, in such threads, and the kernel's run_cnt of our programs lacked just these.
#
# So ftrace keeps what happens to the ports of a test in these threads alone. A test that fails while there was something
# says so and is made again; one that fails while there was nothing has failed.
#
#	unseen_open DIRECTORY		once; what it needs it makes there
#	unseen_begin PORT		from now on
#	unseen_found			was there something, or in the file $unseen_before? $unseen says what; $live_dir/unseen has it
#	unseen_close
#
# shellcheck disable=SC2154,SC2034 # what live.sh sets, and uses

unseen_instance='' unseen_mounted='' unseen_before=''

unseen_open() {
	[ -z "${LIVE_GUEST-}" ] || return 0 # no sandbox
	unseen_tracing=/sys/kernel/tracing
	if ! [ -e "$unseen_tracing/instances" ]; then
		unseen_tracing=$1/tracing
		mkdir "$unseen_tracing" && mount -t tracefs tracefs "$unseen_tracing" 2>/dev/null || return 0
		unseen_mounted=$unseen_tracing
	fi
	mkdir "$unseen_tracing/instances/live-$$" 2>/dev/null || return 0
	unseen_instance=$unseen_tracing/instances/live-$$
	echo 64 >"$unseen_instance/buffer_size_kb"
	unseen_timers=$(awk '$3 == "tw_timer_handler" || $3 == "reqsk_timer_handler" {
			printf "%sfunction==0x%s", all++ ? "||" : "", $1 }' /proc/kallsyms)
}

unseen_close() {
	[ -z "$unseen_instance" ] || {
		echo 0 >"$unseen_instance/events/enable"
		rmdir "$unseen_instance"
	}
	[ -z "$unseen_mounted" ] || umount "$unseen_mounted"
	unseen_instance='' unseen_mounted=''
}

# unseen_watch EVENT FILTER: the event may be one that this kernel lacks
unseen_watch() {
	[ -n "$2" ] && [ -e "$unseen_instance/events/$1" ] || return 0
	echo "($2)&&($unseen_threads)" >"$unseen_instance/events/$1/filter" &&
		echo 1 >"$unseen_instance/events/$1/enable"
} 2>/dev/null

unseen_begin() {
	[ -n "$unseen_instance" ] || return 0
	unseen_threads=
	for unseen_thread in /proc/1/task/*; do
		unseen_threads="$unseen_threads${unseen_threads:+||}common_pid==${unseen_thread##*/}"
	done
	for unseen_event in sock/inet_sock_set_state tcp/tcp_send_reset tcp/tcp_retransmit_skb; do
		unseen_watch "$unseen_event" "sport==$1||dport==$1"
	done
	unseen_watch timer/timer_expire_entry "$unseen_timers"
	: >"$unseen_instance/trace"
}

unseen_found() {
	[ -n "$unseen_instance" ] || return
	cat "$unseen_instance/trace" ${unseen_before:+"$unseen_before"} | grep -v '^#' >"$live_dir/unseen" || return
	unseen="$(wc -l <"$live_dir/unseen") events in threads of PID 1, where no BPF program runs here"
}
