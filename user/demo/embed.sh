#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# embed.sh DIR: the scenarios in DIR as entries of a table in C, in the order that DIR/order gives: a name a line.
set -eu
cd "$1"

for name in $(sed 's/#.*//' order) -; do
	[ "$name" != - ] || break
	[ -e "$name.scenario" ] || {
		echo "$1/order: there is no $name.scenario" >&2
		exit 1
	}
	echo "{\"$name\","
	sed -e 's/[\\"]/\\&/g' -e 's/.*/"&\\n"/' "$name.scenario"
	echo '},'
done

for file in *.scenario; do
	grep -qx "${file%.scenario}" order || {
		echo "$1/order: $file has no line there" >&2
		exit 1
	}
done
