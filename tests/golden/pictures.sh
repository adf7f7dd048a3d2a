#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# The pictures of this directory are well-formed XML, and a browser and librsvg draw them in the size that they say.
set -u
cd "$(dirname "$0")/../.." || exit
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
failed=0

# verdict NAME STATUS WHY
verdict() {
	if [ "$2" = 0 ]; then
		echo "ok - $1"
	else
		echo "not ok - $1: $3"
		failed=1
	fi
}

# size_of PNG: its width and height (IHDR, the first chunk of a PNG)
size_of() {
	od -An -j16 -N8 -tu1 "$1" 2>/dev/null | awk '{ print $3 * 256 + $4, $7 * 256 + $8 }'
}

# is_drawn PNG SIZE: it has that size, and something is on it
is_drawn() {
	[ "$(size_of "$1")" = "$2" ] && [ "$(wc -c <"$1")" -gt 20000 ]
}

# in_browser PICTURE WIDTH HEIGHT PNG
in_browser() {
	timeout 60 chromium --headless --no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking \
		--disable-component-update --disable-sync --user-data-dir="$work/browser" --hide-scrollbars \
		--window-size="$2,$3" --screenshot="$4" "file://$PWD/$1" >"$work/said" 2>&1
}

for picture in tests/golden/*.svg; do
	name=${picture##*/}
	size=$(sed -n '1s/.* width="\([0-9]*\)" height="\([0-9]*\)".*/\1 \2/p' "$picture")
	png=$work/${name%.svg}.png

	xmllint --noout "$picture"
	verdict "$name is well-formed" $? "see above"
	rsvg-convert "$picture" -o "$png" && is_drawn "$png" "$size"
	verdict "$name in librsvg" $? "no picture of $size, but of $(size_of "$png")"
done

# A browser takes seconds to start: two pictures will do, of one connection and of many.
for name in server-killed closes; do
	picture=tests/golden/$name.svg
	size=$(sed -n '1s/.* width="\([0-9]*\)" height="\([0-9]*\)".*/\1 \2/p' "$picture")
	png=$work/$name-browser.png

	in_browser "$picture" "${size% *}" "${size#* }" "$png" && is_drawn "$png" "$size"
	verdict "$name.svg in Chromium" $? "no picture of $size, but of $(size_of "$png"): $(tail -n 1 "$work/said")"
done
exit "$failed"
