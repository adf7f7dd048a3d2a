#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# run.sh [SUITE...]: runs the suites of tests (all of them by default), each line of theirs as it comes:
#
#	ok - NAME		not ok - NAME: REASON		skip - NAME: REASON
#
# and ends in the seconds that the suites took, beside their budgets, and one line that counts.
# Each suite is a function below. What needs no rights runs as the user who called sudo.
set -u
cd "$(dirname "$0")/.." || exit
export LC_ALL=C.UTF-8

# seconds:suites that may take them together, as tests/README.md has it; "rest" is all that `make check` did
# before, from $BEGAN on
budgets='120:lint,unit,golden 10:property 30:fuzz 30:faults 20:cost 60:valgrind 220:sanitize 130:live 780:vm 100:rest'
whole_budget=1500
began=$(date +%s)

as_user() {
	if [ "$(id -u)" = 0 ] && [ -n "${SUDO_USER:-}" ] && [ "$SUDO_USER" != root ]; then
		runuser -u "$SUDO_USER" -- "$@"
	else
		"$@"
	fi
}

log=$(mktemp)
times=$(mktemp)
trap 'rm -f "$log" "$times"' EXIT

# step NAME COMMAND...: one test that is a command; what it prints is shown when it fails
step() {
	name=$1
	shift
	if said=$("$@" 2>&1); then
		echo "ok - $name"
	else
		printf '%s\n' "$said" | tail -40
		echo "not ok - $name: exit status is not 0"
	fi
}

# program NAME COMMAND...: a program that prints lines as above, or cmocka's TAP; a program that ends
# badly without having said why is one failure more
program() {
	name=$1
	shift
	said=$(mktemp)
	{
		"$@" 2>&1
		echo $? >"$said.status"
	} | tee "$said" | sed -u -e 's/^ok [0-9]* - /ok - /' -e 's/^not ok [0-9]* - /not ok - /' |
		grep --line-buffered -v -e '^TAP version' -e '^[0-9]*\.\.[0-9]*$' -e '^# ok' -e '^[0-9]* passed, '
	status=$(cat "$said.status")
	if [ "$status" != 0 ] && ! grep -q '^not ok' "$said"; then
		echo "not ok - $name: ended with status $status"
	fi
	rm -f "$said" "$said.status"
}

# Each code of a finding has its paragraph in the man page.
findings_are_explained() {
	codes=$(sed -n 's/^\tX([A-Z0-9_]*, "\(.*\)").*/\1/p' user/core/finding.h)
	[ -n "$codes" ] || return
	for code in $codes; do
		grep -qxF ".It Cm $(echo "$code" | sed 's/-/\\-/g')" user/man/tcpstate-trace.8 ||
			{ echo "user/man/tcpstate-trace.8 says nothing of $code" && return 1; }
	done
}

# The man page has the fields of JSON and CSV, as they were printed from their lists.
fields_are_explained() {
	[ -s build/fields.mdoc ] && sed '1,/^\.\\" fields: /d' build/tcpstate-trace.8 | sed '/^\.Sh /,$d' | diff build/fields.mdoc -
}

# The page of scenarios has each of them, in their order, and nothing else.
scenarios_are_explained() {
	sed -n '/^\.Sh SCENARIOS$/,/^\.Sh SEE ALSO$/s/^\.Ss //p' build/tcpstate-trace-scenarios.7 | sed 's/\\//g' |
		diff user/demo/scenarios/order -
}

# mandoc finds nothing amiss but that other pages are not installed, and FIELDS, which it takes for FILES.
pages_are_clean() {
	amiss=$(mandoc -T lint user/man/*.[0-9] build/*.[0-9] 2>/dev/null |
		grep -v -e ' STYLE: referenced manual not found' -e ' STYLE: input text line longer' \
			-e 'Sh FIELDS instead of FILES')
	[ -z "$amiss" ] || { echo "$amiss" && return 1; }
}

suite_lint() {
	step "findings are in the man page" findings_are_explained
	step "fields are in the man page" fields_are_explained
	step "scenarios are in their man page" scenarios_are_explained
	step "mandoc warns of nothing" pages_are_clean
	program options.sh as_user tests/package/options.sh
	step "clang-format" as_user make -s format-check
	step "clang-tidy" as_user make -s tidy
	step "clang warns of nothing" as_user make -s clang-check
	step "gcc -fanalyzer" as_user make -s analyze
	step "cppcheck" as_user make -s cppcheck
	step "sparse: byte order" as_user tests/lint/byte-order.sh
	step "the programs are hardened" as_user tests/lint/hardened.sh build/tcpstate-trace build/echo-server build/echo-client
	step "codespell" as_user codespell -q 3 -L nd,clos,whats --skip=build,.git,LICENSE,tests/golden
	step "shellcheck" shellcheck .ci/run user/*/*.sh user/completion/* tests/*.sh tests/*/*.sh
	program check.sh as_user tests/package/check.sh
}

# units TEST...: unit tests
units() {
	for test; do
		[ -x "$test" ] || continue
		program "${test##*/}" as_user env CMOCKA_MESSAGE_OUTPUT=TAP "$test"
	done
}

suite_unit() {
	units build/test_*
}

suite_property() {
	program property as_user env CMOCKA_MESSAGE_OUTPUT=TAP build/property
}

# Each fuzzer once over its corpus, and for a few seconds beyond it.
suite_fuzz() {
	program fuzz as_user tests/fuzz/check.sh 5
}

suite_golden() {
	program golden as_user env BUILD=build tests/golden/check.sh
	program forms as_user env BUILD=build tests/golden/forms.py
	program widths as_user env BUILD=build tests/golden/widths.sh
	program pictures as_user tests/golden/pictures.sh
}

# What the core costs, where it is counted and not timed.
suite_cost() {
	program cost as_user env BUILD=build tests/cost/check.sh
}

# Each allocation and each system call fails in turn; of what traces each 16th.
suite_faults() {
	program faults env BUILD=build tests/faults/check.sh 16
}

# The same tests, with every address and every shift checked.
suite_sanitize() {
	units build/san/test_*
	program golden as_user env BUILD=build/san tests/golden/check.sh
	program forms as_user env BUILD=build/san tests/golden/forms.py
	# What other programs make of ours is seen without. STARTS is of snapshot.sh: what is slow need not be slow fifty times.
	STARTS=5 lives build/san 2 'bench\|picture\|prometheus'
}

# unit tests and replays once more, as valgrind sees them: what was never written is not read either.
suite_valgrind() {
	mkdir -p build/valgrind
	for program in build/tcpstate-trace build/test_*; do
		case ${program##*/} in
		test_confine) continue ;; # it forbids calls that valgrind makes
		test_screen | test_nasty) continue ;; # draw so much that it takes a minute: AddressSanitizer has them
		esac
		if [ ! -f "$program" ] || [ ! -x "$program" ]; then continue; fi
		cat >"build/valgrind/${program##*/}" <<-END
			#!/bin/sh
			# What it says goes to a file, as of calls that it does not know it says that they are unknown.
			log=\$(mktemp)
			valgrind -q --error-exitcode=9 --leak-check=full --log-file="\$log" $program "\$@"
			status=\$?
			[ "\$status" != 9 ] || cat "\$log" >&2
			rm "\$log"
			exit "\$status"
		END
	done
	chmod +x build/valgrind/*
	find build/valgrind -name 'test_*' -print0 | sort -z |
		xargs -0 -P "$(nproc)" -n 4 tests/run.sh --units
	program golden as_user env BUILD=build/valgrind FORMS='ladder json' tests/golden/check.sh
}

# lives BUILD LANES [PATTERN]: the live tests but those of PATTERN, with the programs that were built there. They wait more
# than they work: so LANES at a time, 3 at most, the longest first, and what fills the machine by itself.
lives() {
	{
		printf '%s\n' scenarios snapshot trace
		for test in tests/live/*.sh; do
			basename "$test" .sh
		done | grep -vx -e load -e overload -e scenarios -e snapshot -e trace ${3:+-e $3}
	} | xargs -P "$2" -I TEST --process-slot-var=LIVE_LANE tests/run.sh --live "$1" TEST
	for test in load overload; do
		program $test.sh env BUILD="$1" tests/live/$test.sh
	done
}

# live BUILD TEST: one of them, shown when it is over
live() {
	program "$2.sh" env BUILD="$1" "tests/live/$2.sh" >"$log"
	cat "$log"
}

suite_live() {
	if [ "$(id -u)" != 0 ]; then
		echo "skip - live tests: tracing needs root: run sudo make check"
		return
	fi
	lives build 3
}

# On other kernels: nothing else runs meanwhile, as their guests take all CPUs.
suite_vm() {
	program check.sh as_user tests/vm/check.sh build
}

case ${1-} in
--live)
	live "$2" "$3"
	exit
	;;
--units)
	shift
	units "$@" >"$log"
	cat "$log"
	exit
	;;
esac

timed() {
	start=$(date +%s)
	echo "# $1"
	"suite_$1" | sed -u "s/^\(ok\|not ok\|skip\) - /&$1: /"
	echo "$1 $(($(date +%s) - start))" >>"$times"
}

if [ $# -eq 0 ]; then
	set -- lint unit property golden fuzz faults cost valgrind sanitize live vm
fi
for suite in "$@"; do
	timed "$suite"
done | tee "$log"

# took SUITES SECONDS: what these suites took, if all of them ran, beside the seconds that they may take
took() {
	awk -v suites="$1" -v budget="$2" '
		BEGIN { wanted = split(suites, suite, ",") }
		{ for (i = 1; i <= wanted; i++) if ($1 == suite[i]) { seconds += $2; found++ } }
		END { if (found == wanted) print "# " suites ": " seconds + 0 " s of " budget " s" }' "$times"
}

echo
echo "rest $((began - ${BEGAN:-$began}))" >>"$times"
for budget in $budgets; do
	took "${budget#*:}" "${budget%%:*}"
done
echo "# the whole: $(($(date +%s) - ${BEGAN:-$began})) s of $whole_budget s"
grep '^not ok' "$log"
failed=$(grep -c '^not ok' "$log")
skipped=$(grep -c '^skip' "$log")
echo "$(grep -c '^ok' "$log") passed, $failed failed$([ "$skipped" = 0 ] || echo ", $skipped skipped")"
[ "$failed" = 0 ]
