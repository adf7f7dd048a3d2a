# shellcheck shell=sh
# SPDX-License-Identifier: GPL-2.0-only
#
# lib.sh: where Debian packages come from, for the scripts beside it, which set $vm_dir to their directory.
#
# Through apt with lists and state of its own, one directory per suite and architecture, so that nothing
# of the machine's is touched and no rights are needed. The addresses are those of the machine's own
# sources; what is fetched is checked by Debian's keys. All is kept in $vm_cache, and used from there for a
# day without asking, then asked for again (VM_UPDATE=1: at once); without a network it is used as it is.

# Under sudo -u and runuser, HOME may be somebody else's.
if [ -z "${XDG_CACHE_HOME-}" ] && ! [ -O "${HOME:-/nowhere}" ]; then
	HOME=$(getent passwd "$(id -u)" | cut -d : -f 6)
fi
vm_cache=${XDG_CACHE_HOME:-$HOME/.cache}/tcpstate-trace
vm_keyring=/usr/share/keyrings/debian-archive-keyring.gpg
# shellcheck disable=SC2034 # for the scripts
vm_arch=$(dpkg --print-architecture)

# give_up SENTENCE
give_up() {
	echo "${0##*/}: $1" >&2
	exit 1
}

# listed FILE: the lines of a list beside this file, without its comments
listed() {
	# shellcheck disable=SC2154 # set by who reads this file
	sed -e 's/#.*//' -e '/^[[:space:]]*$/d' "$vm_dir/$1"
}

# is_fresh FILE: was it written within a day, and is nothing newer wanted?
is_fresh() {
	[ "${VM_UPDATE:-}" != 1 ] && [ -n "$(find "$1" -mmin -1440 2>/dev/null)" ]
}

own_release() {
	sed -n 's/^VERSION_CODENAME=//p' /etc/os-release
}

# address_of RELEASE: where this machine has a release of Debian from
address_of() {
	# shellcheck disable=SC2016 # apt fills them in
	apt-get indextargets --format '$(RELEASE) $(REPO_URI)' 'Created-By: Packages' 2>/dev/null |
		awk -v release="$1" '$1 == release && $2 ~ /\/debian(-security)?\/?$/ { print $2; exit }'
}

# use_apt SUITE ARCH: what apt_get and apt_cache work on from here; false: nothing is known of that suite
use_apt() {
	apt_dir=$vm_cache/apt/$1-$2
	apt_arch=$2
	mkdir -p "$apt_dir/state/lists/partial" "$apt_dir/cache/archives/partial" || return
	exec 9>"$apt_dir/lock" && flock 9 || return # until the script ends
	: >>"$apt_dir/status"
	is_fresh "$apt_dir/updated" && return
	main=$(address_of "$(own_release)")
	security=$(address_of "$(own_release)-security")
	[ -n "$main" ] || give_up "the sources of apt here have no Debian: its kernels cannot be had"
	{
		echo "deb [signed-by=$vm_keyring arch=$2] $main $1 main"
		case $1 in
		sid | testing | *-*) ;;
		*) [ -z "$security" ] || echo "deb [signed-by=$vm_keyring arch=$2] $security $1-security main" ;;
		esac
	} >"$apt_dir/sources.list"
	if apt_get update >"$apt_dir/log" 2>&1; then
		: >"$apt_dir/updated"
	else
		[ -e "$apt_dir/updated" ]
	fi
}

private_apt() {
	apt_tool=$1
	shift
	"$apt_tool" -q -o APT::Architecture="$apt_arch" -o APT::Architectures="$apt_arch" \
		-o Dir::State="$apt_dir/state" -o Dir::State::status="$apt_dir/status" \
		-o Dir::Cache="$apt_dir/cache" -o Dir::Cache::pkgcache=pkgcache.bin \
		-o Dir::Cache::srcpkgcache=srcpkgcache.bin \
		-o Dir::Etc::sourcelist="$apt_dir/sources.list" -o Dir::Etc::sourceparts=/dev/null \
		-o Dir::Etc::preferences=/dev/null -o Dir::Etc::preferencesparts=/dev/null \
		-o APT::Sandbox::User="$(id -un)" -o Acquire::Languages=none -o Acquire::Retries=1 \
		-o Acquire::http::Timeout=20 -o APT::Update::Error-Mode=any "$@"
}

apt_get() {
	private_apt apt-get "$@"
}

apt_cache() {
	private_apt apt-cache "$@"
}

# merged_root DIRECTORY: made anew, with /usr merged as Debian has it
merged_root() {
	rm -rf "$1"
	mkdir -p "$1/usr/bin" "$1/usr/sbin" "$1/usr/lib" "$1/usr/lib64"
	for vm_link in bin sbin lib lib64; do
		ln -s "usr/$vm_link" "$1/$vm_link"
	done
}
