# shellcheck shell=bash
# SPDX-License-Identifier: LGPL-2.1-or-later
#: needs=project
#: cost=60
#
# Proves that verify sees what the kernel has: a profile that is loaded as it is
# on disk, one that was changed on disk since, one that is not loaded, each with
# a remedy that helps; that a step that fails leaves the files and the kernel as
# they were; and that a dry run changes nothing.

launcher_profile=/etc/apparmor.d/virt-aa-virtiofsd
local_profile=/etc/apparmor.d/local/virt-aa-virtiofsd
finds() { # STATUS PATTERN
	local status=0
	virt-aa-ctl verify > "$state/verify" || status=$?
	cat "$state/verify"
	[ $status -eq "$1" ] && grep -qE "$2" "$state/verify"
}
sums() {
	find /etc/apparmor.d /etc/qemu "$libexec" -type f ! -path "$policy/libvirt-*" -exec sha256sum {} + | sort -k 2
}
mend() {
	rm -f "$local_profile"
	[ ! -e "$state/local.saved" ] || cp -p "$state/local.saved" "$local_profile"
	virt-aa-ctl enable
}
[ ! -e "$local_profile" ] || cp -p "$local_profile" "$state/local.saved"
at_end mend

check "all is good" finds 0 '^good .*libvirt-virtiofsd-launcher is loaded'
check "a profile is compared, where the kernel shows it" \
	sh -c "[ -z \"\$(ls /sys/kernel/security/apparmor/policy/raw_data 2> /dev/null)\" ] ||
		grep -q 'libvirtd is loaded as it is on disk' $state/verify"
if grep -q 'loaded as it is on disk' "$state/verify"; then
	echo '  /etc/hostname r,' >> "$local_profile"
	check "another policy is loaded" finds 3 '^stale .*libvirt-virtiofsd-launcher is loaded as another policy'
	virt-aa-ctl update > /dev/null
	check "the remedy helps" finds 0 '^good .*libvirt-virtiofsd-launcher is loaded as it is on disk'
fi
apparmor_parser --remove "$launcher_profile"
check "it is not loaded" finds 4 '^unconfined .*launcher .*is not loaded'
virt-aa-ctl update > /dev/null
check "it is loaded again" finds 0 '^good .*libvirt-virtiofsd-launcher is loaded'

note "a step that fails"
virt-aa-ctl disable > /dev/null
sums > "$state/before"
sort "$loaded" > "$state/loaded-before"
sed -i.saved 's,^\(.*/virtiofsd PUx.*\)$,\1\n  no rule at all,' /etc/apparmor.d/usr.sbin.libvirtd
at_end sh -c '[ ! -e /etc/apparmor.d/usr.sbin.libvirtd.saved ] || mv /etc/apparmor.d/usr.sbin.libvirtd.saved /etc/apparmor.d/usr.sbin.libvirtd'
refuse "it is enabled with a profile that does not load" virt-aa-ctl enable
mv /etc/apparmor.d/usr.sbin.libvirtd.saved /etc/apparmor.d/usr.sbin.libvirtd
sums > "$state/after"
diff "$state/before" "$state/after" || fail "files have changed"
sort "$loaded" | diff "$state/loaded-before" - || fail "other profiles are loaded"
virt-aa-ctl enable --dry-run
sums | diff "$state/before" - || fail "a dry run has changed files"
virt-aa-ctl enable > /dev/null
check "all is good again" finds 0 '^good .*switched on'
