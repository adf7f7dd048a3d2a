#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# Each option that --help lists is in the manual page of its program and in its completion, and nothing else is.
set -u
cd "$(dirname "$0")/../.." || exit
build=${BUILD:-build}
failed=0

# argp begins the lines of options with at most six spaces
helped() {
	"$build/$1" --help | sed -n -e 's/^ \{2,6\}\(-.\), \(--[a-z0-9-]*\).*/\1\n\2/p' \
		-e 's/^ \{6\}\(--[a-z0-9-]*\).*/\1/p'
}

# .It Fl P , \-port Ar LIST
in_page() {
	sed -n -e 's/\\//g' -e 's/^\.It Fl \([^-].*\|-[^ ].*\)/\1/p' "$1" |
		awk '{ for (i = 1; i <= NF && $i !~ /^(Ar|Ns)$/; i++) if ($i != ",") print "-" $i }'
}

# What bash would offer behind "-", without a verb and with each
completed() {
	bash -s "$1" <<-'END'
		. "user/completion/$1"
		for verb in '' replay snapshot demo why features schema; do
			COMP_WORDS=("$1" $verb -)
			COMP_CWORD=$((${#COMP_WORDS[@]} - 1))
			"_${1//-/_}" "$1" - "${COMP_WORDS[COMP_CWORD - 1]}"
			printf '%s\n' "${COMPREPLY[@]}"
		done | grep -vxe --
	END
}

# same WHAT PROGRAM: the options on stdin are those of the program's help
same() {
	if difference=$(sort -u | diff "$help" -) && [ -s "$help" ]; then
		echo "ok - options of $2: $1"
	else
		printf '%s\n' "$difference" | sed -n -e "s/^</--help alone has/p" -e "s/^>/$1 alone has/p"
		echo "not ok - options of $2: $1 and --help differ"
		failed=1
	fi
}

help=$(mktemp)
trap 'rm -f "$help"' EXIT
for page in "$build"/tcpstate-trace.8 user/man/echo-server.1 user/man/echo-client.1; do
	program=${page##*/}
	program=${program%.*}
	helped "$program" | sort -u >"$help"
	in_page "$page" | same "manual page" "$program"
	completed "$program" | same completion "$program"
done
[ "$failed" = 0 ]
