#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# prometheus.sh: --metrics as a real Prometheus has it. Its programs are Debian's, unpacked by tests/lib/unpack.sh.

# shellcheck disable=SC2119 # functions of live.sh whose arguments are optional
# shellcheck source=tests/lib/live.sh
. "${0%/*}/../lib/live.sh"
live_begin "$@"
programs=${live_lib%/*/*}/build/prometheus/usr/bin
visitor_program=$live_build/visitor
storm_program=$live_build/storm

has_prometheus() {
	[ -x "$programs/prometheus" ] || skip "there is no Prometheus: see build/prometheus.log"
}

# start_metrics: a trace of $port, whose counts are at $at
start_metrics() {
	at=$((port + 1000))
	start_trace seen --port "$port" --metrics "$at"
}

# get_from PORT PATH [ACCEPT]: what is there, in "page"
get_from() {
	timeout 20 "$visitor_program" "$1" get GET "$2" "${3:-*/*}" 2>get.err 8>&- 9>&- |
		sed '1,/^\r*$/d' >page
}

start_prometheus() {
	api=$((port + 2000))
	cat >prometheus.yml <<-END
		global:
		  scrape_interval: 1s
		  scrape_timeout: 1s
		scrape_configs:
		  - job_name: tcpstate
		    static_configs:
		      - targets: ["127.0.0.1:$at"]
	END
	"$programs/promtool" check config prometheus.yml >config.out 2>&1 || show config.out || fail "the config" || return
	"$programs/prometheus" --config.file=prometheus.yml --storage.tsdb.path=data --log.level=warn \
		--web.listen-address="127.0.0.1:$api" >prometheus.out 2>&1 8>&- 9>&- &
	prometheus=$!
	keep_pid "$prometheus"
}

# knows VALUE QUERY: does Prometheus give this one value for it?
knows() {
	get_from "$api" "/api/v1/query?query=$2" && grep -q "\"result\":\[{[^]]*\"value\":\[[0-9.]*,\"$1\"\]}\]" page
}

# learns VALUE QUERY
learns() {
	wait_until knows "$1" "$2" || show page || show prometheus.out || fail "$2 is not $1"
}

is_scraped() {
	has_prometheus && start_metrics && start_prometheus && learns 1 up || return
	timeout 60 "$storm_program" "$port" 345 1 2000 >storm.out 2>&1 8>&- 9>&- || show storm.out || fail "the storm" || return
	learns 345 'tcpstate_closes_total%7Bverdict="closed",first="client"%7D' &&
		learns 345 'tcpstate_transitions_total%7Bfrom="SYN_SENT",to="ESTABLISHED"%7D' &&
		learns 690 'tcpstate_state_seconds_count%7Bstate="ESTABLISHED"%7D' &&
		learns 345 'tcpstate_endpoints%7Bstate="TIME_WAIT"%7D' &&
		learns 0 'sum(tcpstate_lost_events_total)' && learns 1 up || return
	get_from "$api" "/api/v1/targets?state=active" && has page '"lastError":""' || show page ||
		fail "a scrape has failed" || return
	get_from "$api" '/api/v1/metadata?metric=tcpstate_state_seconds' &&
		has page '"type":"histogram"' && has page '"unit":"seconds"' || show page ||
		fail "it does not know the unit: it has not read OpenMetrics" || return
	stop "$prometheus" && end_trace
}

# By hand: promtool does not read OpenMetrics; the parser of Prometheus's own client for Python is the strict one.
is_clean() {
	has_prometheus && start_metrics && get_from "$at" /metrics || return
	"$programs/promtool" check metrics <page >promtool.out 2>&1 && ! [ -s promtool.out ] || show promtool.out ||
		fail "promtool finds something amiss" || return
	get_from "$at" /metrics application/openmetrics-text || return
	/usr/bin/python3 -c 'import prometheus_client' 2>/dev/null || skip "there is no python3-prometheus-client" || return
	/usr/bin/python3 -c '
import sys
from prometheus_client.openmetrics.parser import text_fd_to_metric_families
print(len(list(text_fd_to_metric_families(sys.stdin))))' <page >python.out 2>&1 || show python.out ||
		fail "it is no OpenMetrics" || return
	[ "$(cat python.out)" -gt 15 ] || show python.out || fail "families are missing"
}

live_test "Prometheus scrapes, and a query gives what was made" is_scraped
live_test "promtool, and a strict parser of OpenMetrics" is_clean
live_end
