# shellcheck shell=bash
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# What the host needs, and small helpers for the other files.

# Progress, on standard error: standard output is for the results.
say() {
	echo "# $*" >&2
}

die() {
	echo "run: $*" >&2
	exit 1
}

# A named field of a scenario's "#: key=value" lines; empty where there is none.
scenario_field() {
	sed -n "s/^#: $2=//p" "$1" | head -n 1
}

install_host_tools() {
	local missing=() tool
	for tool in mmdebstrap:mmdebstrap qemu-system-x86_64:qemu-system-x86 \
		mke2fs:e2fsprogs unshare:util-linux tar:tar; do
		PATH=$PATH:/usr/sbin:/sbin type "${tool%%:*}" > /dev/null 2>&1 || missing+=("${tool#*:}")
	done
	if [ ${#missing[@]} -gt 0 ]; then
		say "installing ${missing[*]}"
		[ "$(id -u)" -eq 0 ] || die "not root, and these packages are missing: ${missing[*]}"
		apt-get -q update > /dev/null
		DEBIAN_FRONTEND=noninteractive apt-get -q install -y --no-install-recommends \
			"${missing[@]}" > /dev/null
	fi
	[ "$(id -u)" -eq 0 ] || die "building the machine needs root"
	PATH=$PATH:/usr/sbin:/sbin
}

# Where this host's apt takes Debian itself from, so that a mirror which works
# here is used for the machine too. VIRT_AA_E2E_MIRROR goes before.
debian_mirror() {
	local targets mirror
	if [ -n "${VIRT_AA_E2E_MIRROR:-}" ]; then
		echo "$VIRT_AA_E2E_MIRROR"
		return
	fi
	# shellcheck disable=SC2016
	targets=$(apt-get indextargets --format '$(SITE) $(ORIGIN) $(LABEL)' 'Created-By: Packages')
	mirror=$(awk '$2 == "Debian" && $3 == "Debian" { print $1; exit }' <<< "$targets")
	# Before the first apt-get update the origin is not known: the path decides.
	[ -n "$mirror" ] || mirror=$(awk '$1 ~ /\/debian\/?$/ { print $1; exit }' <<< "$targets")
	[ -n "$mirror" ] || die "apt knows no Debian mirror here: set VIRT_AA_E2E_MIRROR"
	echo "$mirror"
}
