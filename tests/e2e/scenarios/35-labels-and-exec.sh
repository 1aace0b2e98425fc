# shellcheck shell=bash
# SPDX-License-Identifier: LGPL-2.1-or-later
#: needs=project
#: cost=35
#
# Proves that nothing leaves the label, neither by changing it nor by executing
# anything, a program that it wrote into its own share included.

mkdir -p "$shares/mine" "$shares/theirs"
cp "$(command -v busybox)" "$shares/mine/program"
start_vm mine "share=one:$shares/mine"
start_vm theirs "share=one:$shares/theirs"
confined mine 1
confined theirs 1
label=$(fs_label mine)
for target in unconfined libvirtd "libvirt-$(uuid_of mine)" "libvirt-$(uuid_of theirs)" "$(fs_label theirs)"; do
	denied "$label" 'operation="change_profile"|/proc/[0-9]+/' label "$target"
	denied "$label" 'operation="change_onexec"|/proc/[0-9]+/' exec-label "$target"
done
for program in /usr/bin/true /usr/bin/sh "$shares/mine/program" "$(readlink -f "/proc/$(virtiofsd_pids mine | head -n 1)/exe")"; do
	denied "$label" 'operation="exec"' exec "$program"
done
stop_vm mine
stop_vm theirs
