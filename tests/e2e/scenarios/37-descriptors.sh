# shellcheck shell=bash
# SPDX-License-Identifier: LGPL-2.1-or-later
#: needs=project
#: cost=10
#
# Proves that a descriptor which a confined process, such as libvirtd, opened
# before the label changed is worth no more than the label: outside the share it
# cannot be used at all. None can be opened again with more rights. And that the real virtiofsd holds no
# descriptor on anything but its share, /proc and what libvirt gave it.

mkdir -p "$shares/one" "$shares/two"
echo secret > "$shares/two/file"
echo mine > "$shares/one/file"
start_vm fds "share=one:$shares/one"
confined fds 1
label=$(fs_label fds)
cat > "$state/opener" <<P
profile virt-aa-e2e-opener {
  file, capability, change_profile -> libvirt-*,
}
P
apparmor_parser -r -K "$state/opener"
export PROBE_OPENER=virt-aa-e2e-opener
permitted "$label" use "$shares/one/file"
denied "$label" "$(in_record "$shares/two/file")" use "$shares/two/file"
denied "$label" "$(in_record /etc/shadow)" use /etc/shadow
unset PROBE_OPENER
denied "$label" "$(in_record "$shares/two/file")" reopen "$shares/two/file"
denied "$label" "$(in_record /etc/shadow)" reopen /etc/shadow
for pid in $(virtiofsd_pids fds); do
	for fd in "/proc/$pid/fd"/*; do
		target=$(readlink "$fd") || continue
		note "virtiofsd $pid: descriptor ${fd##*/}: $target"
		case $target in
		/dev/null | "$shares/one" | "$shares/one"/* | /proc | /proc/* | / | pipe:* | socket:*) ;;
		anon_inode:* | /memfd:* | /run/libvirt/qemu/*.pid | /var/log/libvirt/qemu/*) ;;
		*) fail "virtiofsd holds $target" ;;
		esac
	done
done
stop_vm fds
apparmor_parser -R "$state/opener"
